//! All lines side by side, all counters, what happened, and the selected ticket.

use super::{clock, estimate, events, name, of_priority, served, skills, ticket, wait, zone};
use crate::app::layout::Rect;
use crate::app::pane::queue::place::{self, Supervisor};
use crate::app::pane::queue::{Scope, since, takes_long};
use crate::app::{App, Cx};
use crate::domain::queue::look::{Console, Desk, Line, Waiter};
use crate::domain::queue::{CounterState, Department, State};
use crate::domain::text::Safe;
use crate::domain::time::Span;
use crate::ui::canvas::Canvas;
use crate::ui::marks::{self, Mark};
use crate::ui::theme::Meaning;

pub(super) fn paint(app: &App, cx: &Cx, place: Rect, canvas: &mut Canvas<'_>) {
    let Some(console) = &app.queue.console else { return };
    let columns = app.queue.columns();
    let places = place::supervisor(place, columns.len(), app.queue.spot().0);
    summary(app, cx, console, places.summary, canvas);
    for (n, (department, place)) in columns.iter().skip(places.first).zip(&places.columns).enumerate() {
        column(app, cx, console, department, places.first + n, *place, canvas);
    }
    if columns.is_empty() {
        canvas.say(place.x + 2, place.y + 2, usize::from(place.w), "There is no department yet.", Meaning::Muted);
    }
    counters(app, cx, console, places.counters, canvas);
    model(app, console, places.model, canvas);
    events(app, cx, places.events, canvas);
    selected(app, cx, &places, canvas);
}

/// The day in a row.
fn summary(app: &App, cx: &Cx, console: &Console, place: Rect, canvas: &mut Canvas<'_>) {
    let waiting: i64 = console.lines.iter().map(|line| line.waiting).sum();
    let parked: i64 = console.lines.iter().map(|line| line.parked).sum();
    let busy = console.counters.iter().filter(|desk| desk.ticket.is_some()).count();
    let open = console.counters.iter().filter(|desk| desk.counter.state == CounterState::Open).count();
    let whose = match app.queue.scope() {
        Scope::Department(id) => {
            console.departments.iter().find(|department| department.id == id).map_or("", |department| &department.name)
        }
        Scope::All | Scope::Mine => "all departments",
    };
    let longest = console.waiting.iter().map(|waiter| &waiter.ticket).min_by_key(|ticket| ticket.arrived_at);
    let mut words = vec![whose.to_owned(), format!("{waiting} waiting")];
    words.extend((parked > 0).then(|| format!("{parked} parked")));
    words.push(format!("{busy} at counters"));
    words.push(format!("{open} of {} counters open", console.counters.len()));
    words.push(format!("wait {} on average", marks::long(console.day.wait)));
    words.extend(longest.map(|ticket| format!("longest {} ({})", wait(ticket.arrived_at, cx.now), ticket.label)));
    words.extend(console.day.promised.map(|share| format!("{share}% within {}m", console.venue.rules.promise_minutes)));
    canvas.say(place.x + 1, place.y, usize::from(place.w.saturating_sub(2)), &words.join(" · "), Meaning::Text);
}

/// A department with its line.
fn column(app: &App, cx: &Cx, console: &Console, department: &Department, at: usize, place: Rect, canvas: &mut Canvas<'_>) {
    let lines: Vec<&Line> = console.lines.iter().filter(|line| line.service.department == department.id).collect();
    let (waiting, parked) = (lines.iter().map(|line| line.waiting).sum::<i64>(), lines.iter().map(|line| line.parked).sum::<i64>());
    let prefixes: Vec<&str> = lines.iter().map(|line| line.service.prefix.as_str()).collect();
    let parked = if parked > 0 { format!(" + {parked}") } else { String::new() };
    let title = if department.closed {
        format!("{}  closed", department.name)
    } else {
        format!("{} ({})  {waiting}{parked}", Safe::line(&department.name).fit(usize::from(place.w / 2)), prefixes.join(", "))
    };
    let inside = canvas.frame(place, &title);
    let rows = app.queue.line_of(department.id);
    if rows.is_empty() && !inside.is_empty() {
        let words = match lines.iter().any(|line| line.open > 0) {
            _ if department.closed => "takes nobody",
            true => "nobody waits",
            false => "no counter open",
        };
        canvas.say(inside.x, inside.y, usize::from(inside.w), words, Meaning::Muted);
    }
    let top = if app.queue.spot().0 == at { app.queue.top() } else { 0 };
    for (n, waiter) in rows.iter().skip(top).take(usize::from(inside.h)).enumerate() {
        row(app, cx, waiter, Rect::new(inside.x, inside.y + n as u16, inside.w, 1), canvas);
    }
    let hidden = rows.len().saturating_sub(top + usize::from(inside.h));
    if hidden > 0 {
        let words = format!(" {hidden} more {} ", canvas.text_of(Mark::Down));
        canvas.say_right(inside.x + inside.w, place.y + place.h - 1, 16, &words, Meaning::Muted);
    }
}

fn row(app: &App, cx: &Cx, waiter: &Waiter, place: Rect, canvas: &mut Canvas<'_>) {
    let (ticket, y) = (&waiter.ticket, place.y);
    let chosen = app.queue.selected().is_some_and(|selected| selected.id == ticket.id);
    if chosen {
        canvas.mark(place.x - 1, y, Mark::Cursor, Meaning::Accent);
    }
    let parked = ticket.state == State::Parked;
    let position = waiter.position.map_or_else(|| "-".to_owned(), |position| position.to_string());
    canvas.say_right(place.x + 2, y, 3, &position, Meaning::Muted);
    let text = if parked { Meaning::Muted } else { Meaning::Text };
    let label = canvas.put(place.x + 3, y, 9, &Safe::line(&ticket.label), if chosen { Meaning::Selected } else { text }) as u16;
    let mut end = place.x + place.w;
    if parked {
        let until = ticket.parked_until.map_or_else(|| "parked".to_owned(), |until| format!("parked {}", until.hhmm(zone(app, cx))));
        end = end.saturating_sub(canvas.say_right(end, y, 14, &until, Meaning::Muted) as u16 + 1);
    } else {
        end = end.saturating_sub(canvas.say_right(end, y, 7, &estimate(waiter.estimate), Meaning::Muted).max(5) as u16 + 1);
        let promise = app.queue.console.as_ref().map_or(i64::MAX, |console| console.venue.rules.promise_minutes);
        let late = cx.now.since(ticket.arrived_at) > Span::minutes(promise);
        let meaning = if late { Meaning::Warn } else { Meaning::Text };
        end = end.saturating_sub(canvas.say_right(end, y, 7, &wait(ticket.arrived_at, cx.now), meaning).max(3) as u16 + 1);
    }
    let mark = if ticket.priority.class() < crate::domain::queue::Priority::CLASSES - 1 { ticket.priority.short() } else { "" };
    let mark = if mark.is_empty() && ticket.service != ticket.issued_for { "TRF" } else { mark };
    let x = place.x + 3 + label + 1;
    if !mark.is_empty() && end >= x + 4 {
        canvas.say_right(end, y, 3, mark, of_priority(ticket.priority));
        end -= 4;
    }
    canvas.put(x, y, usize::from(end.saturating_sub(x)), &name(ticket), text);
}

/// The counters as a table.
fn counters(app: &App, cx: &Cx, console: &Console, place: Rect, canvas: &mut Canvas<'_>) {
    if place.is_empty() {
        return;
    }
    let inside = canvas.frame(
        place,
        &format!(
            "COUNTERS   {} open, leave or close   {} work at one",
            app.keymap.first_key("queue.counters"),
            app.keymap.first_key("queue.take_counter")
        ),
    );
    if inside.is_empty() {
        return;
    }
    let wide = inside.w >= 76;
    let x = |at: u16| inside.x + at;
    let heads: &[(u16, &str)] = if wide {
        &[(0, "counter"), (10, "serves"), (22, "operator"), (34, "ticket"), (44, "state"), (63, "served"), (71, "none"), (77, "average")]
    } else {
        &[(0, "counter"), (10, "operator"), (22, "ticket"), (32, "state")]
    };
    for (at, head) in heads {
        canvas.say(x(*at), inside.y, usize::from(inside.w.saturating_sub(*at)), head, Meaning::Muted);
    }
    let room = usize::from(inside.h.saturating_sub(1));
    let chosen = app
        .queue
        .selected()
        .and_then(|ticket| console.counters.iter().position(|desk| desk.ticket.as_ref().is_some_and(|there| there.id == ticket.id)));
    let first = chosen.map_or(0, |at| (at + 1).saturating_sub(room.max(1)));
    for (n, desk) in console.counters.iter().enumerate().skip(first).take(room) {
        let y = inside.y + 1 + (n - first) as u16;
        if chosen == Some(n) {
            canvas.mark(inside.x - 1, y, Mark::Cursor, Meaning::Accent);
        }
        let at = |of: &str| heads.iter().find(|(_, head)| *head == of).map(|(at, _)| inside.x + at);
        let mut cell = |of: &str, room: usize, text: &str, meaning: Meaning| {
            if let Some(x) = at(of) {
                canvas.say(x, y, room.min(usize::from((inside.x + inside.w).saturating_sub(x))), text, meaning);
            }
        };
        let mine = app.queue.desk().is_some_and(|mine| mine.counter.id == desk.counter.id);
        cell("counter", 9, &desk.counter.name, if mine { Meaning::Own } else { Meaning::Name });
        cell("serves", 11, &skills(&app.queue, desk), Meaning::Muted);
        cell("operator", 11, if desk.agent.is_empty() { "-" } else { &desk.agent }, Meaning::Text);
        cell("ticket", 9, desk.ticket.as_ref().map_or("-", |ticket| &ticket.label), Meaning::Text);
        let (words, meaning) = state(app, cx, console, desk);
        cell("state", 18, &words, meaning);
        cell("served", 7, &desk.served.to_string(), Meaning::Muted);
        cell("none", 5, &desk.no_shows.to_string(), Meaning::Muted);
        cell("average", 8, &served(desk, desk.mean), Meaning::Muted);
    }
    if console.counters.is_empty() {
        canvas.say(inside.x, inside.y + 1, usize::from(inside.w), "No counter yet: frontdesk counter add", Meaning::Muted);
    }
}

/// What a counter does, and since when: in minutes, so that a screen that only watches is painted once a minute.
fn state(app: &App, cx: &Cx, console: &Console, desk: &Desk) -> (String, Meaning) {
    let Some(ticket) = &desk.ticket else {
        return match desk.counter.state {
            CounterState::Open => ("free".to_owned(), Meaning::Good),
            CounterState::Break => ("on break".to_owned(), Meaning::Warn),
            CounterState::Closed => ("closed".to_owned(), Meaning::Muted),
        };
    };
    let expected = app.queue.line(ticket.service).map_or(Span::default(), |line| line.mean);
    let for_ = since(ticket).map_or_else(String::new, |since| format!("{} ", wait(since, cx.now)));
    let word = if ticket.state == State::Serving {
        "serving".to_owned()
    } else {
        format!("called {}/{}", ticket.recalls, console.venue.rules.recalls)
    };
    if takes_long(ticket, desk, expected, cx.now) {
        (format!("{for_}{word} !"), Meaning::Warn)
    } else {
        (format!("{for_}{word}"), Meaning::Text)
    }
}

/// How long things take in the line of the selected ticket.
fn model(app: &App, console: &Console, place: Rect, canvas: &mut Canvas<'_>) {
    let chosen = app.queue.selected().and_then(|ticket| app.queue.line(ticket.service));
    let Some(line) = chosen.or_else(|| console.lines.first()).filter(|_| !place.is_empty()) else { return };
    let inside = canvas.frame(place, &format!("ESTIMATE ({})", line.service.prefix));
    let now = match line.estimate {
        None => "no counter open: no estimate".to_owned(),
        some => format!("who comes now waits {}", estimate(some)),
    };
    let rows = [
        format!("serving one takes {}   (expected {})", clock(line.mean), clock(line.service.expected)),
        format!("{} counters open   {} of them free", line.open, line.free),
        now,
        format!("today   issued {}   served {}   no-show {}", line.day.issued, line.day.served, line.day.no_shows),
        format!("waited {} on average", marks::long(line.day.wait)),
        line.day.promised.map_or_else(String::new, |share| format!("{share}% within {}m", console.venue.rules.promise_minutes)),
        line.day.error.map_or_else(String::new, |off| {
            format!("estimates off by {} on average, 9 in 10 by at most {}", clock(off.mean), clock(off.p90))
        }),
    ];
    for (n, words) in rows.iter().take(usize::from(inside.h)).enumerate() {
        canvas.say(inside.x, inside.y + n as u16, usize::from(inside.w), words, if n == 2 { Meaning::Text } else { Meaning::Muted });
    }
}

fn selected(app: &App, cx: &Cx, places: &Supervisor, canvas: &mut Canvas<'_>) {
    if places.selected.is_empty() {
        return;
    }
    let Some(chosen) = app.queue.selected() else {
        let inside = canvas.frame(places.selected, "SELECTED");
        canvas.say(inside.x, inside.y, usize::from(inside.w), "No ticket is selected.", Meaning::Muted);
        return;
    };
    let inside = canvas.frame(places.selected, &format!("SELECTED  {}", chosen.label));
    ticket::details(app, cx, chosen.id, inside, canvas);
}
