//! One counter and its line.

use super::{clock, estimate, events, flags, happened, name, notified, of_priority, run, served, skills, wait, zone};
use crate::app::layout::Rect;
use crate::app::pane::queue::place::{self, Operator};
use crate::app::pane::queue::{Scope, since, takes_long};
use crate::app::{App, Cx};
use crate::domain::queue::look::{Desk, Waiter};
use crate::domain::queue::{CounterState, Priority, State, Ticket};
use crate::domain::text::Safe;
use crate::domain::time::Span;
use crate::ui::canvas::Canvas;
use crate::ui::marks::{self, Mark};
use crate::ui::theme::Meaning;

pub(super) fn paint(app: &App, cx: &Cx, place: Rect, canvas: &mut Canvas<'_>) {
    let places = place::operator(place);
    if !places.card.is_empty() {
        match app.queue.desk() {
            Some(desk) => card(app, cx, desk, places.card, canvas),
            None => no_counter(app, places.card, canvas),
        }
    }
    if !places.counter.is_empty() {
        counter(app, places.counter, places.day.is_empty(), canvas);
    }
    if !places.day.is_empty() {
        let inside = canvas.frame(places.day, "TODAY");
        for (n, (title, words)) in today(app, cx).into_iter().take(usize::from(inside.h)).enumerate() {
            fact(title, &words, inside, n as u16, canvas);
        }
    }
    list(app, cx, &places, canvas);
    match places.last.h {
        0 => {}
        1 => last(app, cx, places.last, canvas),
        _ => events(app, cx, places.last, canvas),
    }
}

fn fact(title: &str, words: &str, place: Rect, row: u16, canvas: &mut Canvas<'_>) {
    let y = place.y + row;
    canvas.say(place.x, y, 10, title, Meaning::Muted);
    canvas.say(place.x + 10, y, usize::from(place.w.saturating_sub(10)), words, Meaning::Text);
}

/// Whoever is at the counter.
fn card(app: &App, cx: &Cx, desk: &Desk, place: Rect, canvas: &mut Canvas<'_>) {
    let Some(ticket) = &desk.ticket else { return nobody(app, cx, desk, place, canvas) };
    let serving = ticket.state == State::Serving;
    let title = format!("{}  {}", if serving { "SERVING" } else { "CALLED" }, ticket.label);
    let inside = canvas.frame(place, &title);
    let room = usize::from(inside.w);
    if app.queue.selected().is_some_and(|selected| selected.id == ticket.id) {
        for y in inside.y..inside.y + inside.h {
            canvas.mark(inside.x - 1, y, Mark::Cursor, Meaning::Accent);
        }
    }
    let line = app.queue.line(ticket.service);
    let expected = line.map_or(Span::default(), |line| line.mean);
    let long = takes_long(ticket, desk, expected, cx.now);
    let zone = zone(app, cx);
    let service = line.map_or("", |line| line.service.name.as_str());
    let moved =
        if ticket.service == ticket.issued_for { String::new() } else { format!("  moved from {}", app.queue.prefix(ticket.issued_for)) };
    let phone = if ticket.phone.is_empty() { "no phone".to_owned() } else { format!("+{}", ticket.phone) };
    let recalls = app.queue.console.as_ref().map_or(0, |console| console.venue.rules.recalls);
    let at = |at: Option<crate::domain::time::Timestamp>| at.map_or_else(|| "-".to_owned(), |at| at.hhmm(zone));
    let waited = ticket.first_called_at.or(ticket.called_at).unwrap_or(cx.now);
    let timer = since(ticket).map_or_else(String::new, |since| clock(cx.now.since(since)));
    let timer_meaning = if long { Meaning::Warn } else { Meaning::Selected };
    let (told, told_meaning) = notified(ticket).unwrap_or((String::new(), Meaning::Muted));
    let short = inside.h < 7;
    let mut y = inside.y;
    let who = canvas.put(inside.x, y, room, &name(ticket), Meaning::Name);
    run(
        canvas,
        inside.x + who as u16 + 2,
        y,
        room.saturating_sub(who + 2),
        &[(&phone, Meaning::Muted), ("  ", Meaning::Text), (&told, told_meaning)],
    );
    y += 1;
    let urgent = ticket.priority != Priority::Normal;
    run(
        canvas,
        inside.x,
        y,
        room,
        &[
            (service, Meaning::Text),
            (&moved, Meaning::Muted),
            (if urgent { "  " } else { "" }, Meaning::Text),
            (if urgent { ticket.priority.name() } else { "" }, of_priority(ticket.priority)),
        ],
    );
    y += 1;
    let mark = if long { " !" } else { "" };
    let average = format!("   avg {}", served(desk, desk.mean));
    if short {
        let rest = format!("   waited {}   recalls {}/{recalls}", wait(ticket.arrived_at, waited), ticket.recalls);
        run(canvas, inside.x, y, room, &[(&timer, timer_meaning), (mark, Meaning::Warn), (&rest, Meaning::Muted)]);
    } else {
        let history =
            format!("arrived {}  waited {}  called {}", at(Some(ticket.arrived_at)), wait(ticket.arrived_at, waited), at(ticket.called_at));
        canvas.say(inside.x, y, room, &history, Meaning::Muted);
        y += 1;
        let counts =
            format!("recalls {}/{recalls}   transfers {}   priority {}", ticket.recalls, ticket.transfers, ticket.priority.short());
        let spent = if ticket.recalls >= recalls { Meaning::Warn } else { Meaning::Muted };
        canvas.say(inside.x, y, room, &counts, spent);
        y += 1;
        let word = if serving { "serving " } else { "called " };
        run(
            canvas,
            inside.x,
            y,
            room,
            &[(word, Meaning::Muted), (&timer, timer_meaning), (mark, Meaning::Warn), (&average, Meaning::Muted)],
        );
        y += 1;
        if !ticket.note.is_empty() {
            let used = canvas.say(inside.x, y, room, "note: ", Meaning::Muted);
            canvas.put(inside.x + used as u16, y, room - used, &Safe::line(&ticket.note), Meaning::Note);
        }
    }
    if inside.h >= 4 {
        keys(app, ticket, inside, canvas);
    }
}

/// What can be done with whoever is there.
fn keys(app: &App, ticket: &Ticket, place: Rect, canvas: &mut Canvas<'_>) {
    let all = [("queue.start", "start"), ("queue.serve", "served"), ("queue.recall", "recall"), ("queue.no_show", "no-show")];
    let called = ticket.state == State::Called;
    let (mut x, y) = (place.x, place.y + place.h - 1);
    for (command, word) in all.into_iter().filter(|(command, _)| called || *command == "queue.serve") {
        let key = app.keymap.first_key(command);
        let room = usize::from((place.x + place.w).saturating_sub(x));
        if room < key.len() + word.len() + 1 {
            return;
        }
        x += canvas.say(x, y, room, &key, Meaning::Accent) as u16 + 1;
        x += canvas.say(x, y, room, word, Meaning::Muted) as u16 + 2;
    }
}

/// Nobody is at the counter: who is next, and what to do.
fn nobody(app: &App, cx: &Cx, desk: &Desk, place: Rect, canvas: &mut Canvas<'_>) {
    let inside = canvas.frame(place, "NOBODY HERE");
    let room = usize::from(inside.w);
    let mut y = inside.y;
    if let Some(ended) = &app.queue.ended {
        canvas.mark(inside.x, y, Mark::Needs, Meaning::Danger);
        canvas.put(inside.x + 2, y, room.saturating_sub(2), ended, Meaning::Danger);
        y += 1;
    }
    let again = app.keymap.first_key("queue.break");
    let next = app.queue.console.iter().flat_map(|console| &console.waiting);
    let next =
        next.filter(|waiter| waiter.ticket.state == State::Waiting).find(|waiter| desk.counter.services.contains(&waiter.ticket.service));
    let rows = match (desk.counter.state, next) {
        (CounterState::Break, _) => {
            vec![("You are on break.".to_owned(), Meaning::Warn), (format!("{again} opens the counter again."), Meaning::Text)]
        }
        (CounterState::Closed, _) => {
            vec![("Your counter is closed.".to_owned(), Meaning::Warn), (format!("{again} opens it."), Meaning::Text)]
        }
        (CounterState::Open, None) => {
            vec![("Nobody waits.".to_owned(), Meaning::Good), ("Whoever comes appears below by itself.".to_owned(), Meaning::Muted)]
        }
        (CounterState::Open, Some(next)) => {
            let key = app.keymap.first_key("queue.next");
            let who = format!("{}  {}, waits {}", next.ticket.label, name(&next.ticket).fit(20), wait(next.ticket.arrived_at, cx.now));
            vec![(format!("{key} calls the next:"), Meaning::Text), (who, Meaning::Name)]
        }
    };
    for (words, meaning) in rows.into_iter().take(usize::from((inside.y + inside.h).saturating_sub(y))) {
        canvas.say(inside.x, y, room, &words, meaning);
        y += 1;
    }
}

/// No counter is ours.
fn no_counter(app: &App, place: Rect, canvas: &mut Canvas<'_>) {
    let inside = canvas.frame(place, "NO COUNTER");
    let some = app.queue.console.as_ref().is_some_and(|console| !console.counters.is_empty());
    let (take, other) = (app.keymap.first_key("queue.take_counter"), app.keymap.first_key("queue.console"));
    let rows = if some {
        vec![
            ("No counter is yours.".to_owned(), Meaning::Name),
            (format!("{take} takes one, then {} calls to it.", app.keymap.first_key("queue.next")), Meaning::Text),
            (format!("{other} shows all lines and counters."), Meaning::Muted),
        ]
    } else {
        vec![
            ("There is no counter yet. A shell makes one:".to_owned(), Meaning::Name),
            ("frontdesk counter add --name 1 …".to_owned(), Meaning::Accent),
        ]
    };
    for (n, (words, meaning)) in rows.into_iter().take(usize::from(inside.h)).enumerate() {
        canvas.say(inside.x, inside.y + n as u16, usize::from(inside.w), &words, meaning);
    }
}

/// Our counter, and where there is room nowhere else, the day.
fn counter(app: &App, place: Rect, with_day: bool, canvas: &mut Canvas<'_>) {
    let Some(desk) = app.queue.desk() else {
        let inside = canvas.frame(place, "TODAY");
        for (n, (title, words)) in day(app).into_iter().take(usize::from(inside.h)).enumerate() {
            fact(title, &words, inside, n as u16, canvas);
        }
        return;
    };
    let inside = canvas.frame(place, "THIS COUNTER");
    let state = match desk.counter.state {
        CounterState::Open => format!("open   {} break", app.keymap.first_key("queue.break")),
        CounterState::Break => format!("on break   {} back", app.keymap.first_key("queue.break")),
        CounterState::Closed => format!("closed   {} opens", app.keymap.first_key("queue.break")),
    };
    let mut rows = vec![
        ("operator", desk.agent.clone()),
        ("services", skills(&app.queue, desk)),
        ("served", format!("{}   no-show {}", desk.served, desk.no_shows)),
        ("average", format!("{}   longest {}", served(desk, desk.mean), served(desk, desk.longest))),
        ("state", state),
    ];
    if with_day {
        rows.extend(day(app));
    }
    for (n, (title, words)) in rows.into_iter().take(usize::from(inside.h)).enumerate() {
        fact(title, &words, inside, n as u16, canvas);
    }
}

/// The day in two rows.
fn day(app: &App) -> Vec<(&'static str, String)> {
    let Some(console) = &app.queue.console else { return Vec::new() };
    let promised = promised(app);
    vec![
        ("waits", format!("{} avg, {} longest", marks::long(console.day.wait), marks::long(console.day.longest))),
        ("today", format!("{} served, {promised}", console.day.served)),
    ]
}

/// How many were called within what was promised.
fn promised(app: &App) -> String {
    let Some(console) = &app.queue.console else { return String::new() };
    let minutes = console.venue.rules.promise_minutes;
    console.day.promised.map_or_else(|| format!("- in {minutes}m"), |share| format!("{share}% in {minutes}m"))
}

/// The day, with room.
fn today(app: &App, cx: &Cx) -> Vec<(&'static str, String)> {
    let Some(console) = &app.queue.console else { return Vec::new() };
    let open = console.counters.iter().filter(|desk| desk.counter.state == CounterState::Open).count();
    let longest = console.waiting.iter().map(|waiter| &waiter.ticket).min_by_key(|ticket| ticket.arrived_at);
    let longest = longest.map_or_else(|| "nobody".to_owned(), |ticket| format!("{} ({})", wait(ticket.arrived_at, cx.now), ticket.label));
    vec![
        ("issued", format!("{}   served {}   no-show {}", console.day.issued, console.day.served, console.day.no_shows)),
        ("wait", format!("{} on average", marks::long(console.day.wait))),
        ("longest", longest),
        ("promised", promised(app)),
        ("counters", format!("{open} open of {}", console.counters.len())),
    ]
}

/// What happened last, in a row.
fn last(app: &App, cx: &Cx, place: Rect, canvas: &mut Canvas<'_>) {
    let Some(console) = app.queue.console.as_ref().filter(|console| !console.events.is_empty()) else { return };
    let zone = zone(app, cx);
    let words: Vec<String> = console.events.iter().take(4).map(|event| format!("{} {}", event.at.hhmm(zone), happened(event))).collect();
    canvas.say(place.x + 1, place.y, usize::from(place.w.saturating_sub(2)), &format!("last: {}", words.join(" · ")), Meaning::Muted);
}

/// The columns of the list, where each begins.
struct Columns {
    ticket: u16,
    name: (u16, usize),
    arrived: Option<u16>,
    wait: u16,
    estimate: u16,
    priority: u16,
    flags: (u16, usize),
}

impl Columns {
    fn of(place: Rect) -> Self {
        let arrived = if place.w >= 68 { 7 } else { 0 };
        let fixed = 4 + 10 + arrived + 8 + 9 + 5;
        let rest = usize::from(place.w).saturating_sub(usize::from(fixed));
        let name = (rest * 9 / 20).min(36);
        let ticket = place.x + 4;
        let name_at = ticket + 10;
        let arrived_at = name_at + name as u16 + 1;
        let wait = arrived_at + arrived;
        let (estimate, priority) = (wait + 8, wait + 17);
        let flags = priority + 5;
        Self {
            ticket,
            name: (name_at, name),
            arrived: (arrived > 0).then_some(arrived_at),
            wait,
            estimate,
            priority,
            flags: (flags, usize::from((place.x + place.w).saturating_sub(flags))),
        }
    }
}

/// Who waits, as they would be called.
fn list(app: &App, cx: &Cx, places: &Operator, canvas: &mut Canvas<'_>) {
    let inside = canvas.frame(places.list, &title(app));
    if inside.is_empty() {
        return;
    }
    let columns = Columns::of(inside);
    let y = inside.y;
    let heads = [
        (inside.x + 2, "#"),
        (columns.ticket, "ticket"),
        (columns.name.0, "name"),
        (columns.wait, "wait"),
        (columns.estimate, "in about"),
        (columns.priority + 1, "prio"),
    ];
    for (x, head) in heads {
        canvas.say(x, y, 9, head, Meaning::Muted);
    }
    if let Some(x) = columns.arrived {
        canvas.say(x, y, 5, "came", Meaning::Muted);
    }
    let rows = app.queue.rows();
    if rows.is_empty() {
        let words = match app.queue.scope() {
            Scope::Mine => "Nobody waits for this counter.",
            Scope::All => "Nobody waits.",
            Scope::Department(_) => "Nobody waits in this department.",
        };
        canvas.say(inside.x, y + 1, usize::from(inside.w), words, Meaning::Muted);
    }
    for (n, waiter) in rows.iter().skip(app.queue.top()).take(places.rows()).enumerate() {
        row(app, cx, waiter, &columns, Rect::new(inside.x, y + 1 + n as u16, inside.w, 1), canvas);
    }
    let hidden = rows.len().saturating_sub(app.queue.top() + places.rows());
    let more = app.queue.console.as_ref().is_some_and(|console| console.more);
    if hidden > 0 || more {
        let words = format!(" {hidden}{} more {} ", if more { "+" } else { "" }, canvas.text_of(Mark::Down));
        canvas.say_right(inside.x + inside.w, places.list.y + places.list.h - 1, 20, &words, Meaning::Muted);
    }
}

/// How many wait for what, whose line it is, and how long the last one waits.
fn title(app: &App) -> String {
    let queue = &app.queue;
    let Some(console) = &queue.console else { return String::new() };
    let scope = queue.scope();
    let (whose, shown) = match scope {
        Scope::Mine => ("for this counter".to_owned(), queue.desk().map(|desk| desk.counter.services.clone()).unwrap_or_default()),
        Scope::All => ("everywhere".to_owned(), console.lines.iter().map(|line| line.service.id).collect()),
        Scope::Department(id) => {
            let name = console.departments.iter().find(|department| department.id == id).map(|department| department.name.as_str());
            let of = console.lines.iter().filter(|line| line.service.department == id).map(|line| line.service.id).collect();
            (name.unwrap_or_default().to_owned(), of)
        }
    };
    let lines = console.lines.iter().filter(|line| shown.contains(&line.service.id));
    let counts: Vec<String> = lines.map(|line| format!("{} {}", line.service.prefix, line.waiting)).collect();
    let last = queue.rows().iter().rev().find_map(|waiter| waiter.estimate);
    let last = last.map(|range| format!("   {} for the last", estimate(Some(range)))).unwrap_or_default();
    format!("WAITING {whose}   {}{last}", counts.join(" · "))
}

fn row(app: &App, cx: &Cx, waiter: &Waiter, columns: &Columns, place: Rect, canvas: &mut Canvas<'_>) {
    let (ticket, y) = (&waiter.ticket, place.y);
    let zone = zone(app, cx);
    let selected = app.queue.selected().is_some_and(|selected| selected.id == ticket.id);
    if selected {
        canvas.mark(place.x - 1, y, Mark::Cursor, Meaning::Accent);
    }
    let parked = ticket.state == State::Parked;
    let text = if parked { Meaning::Muted } else { Meaning::Text };
    let position = waiter.position.map_or_else(|| "-".to_owned(), |position| position.to_string());
    canvas.say_right(place.x + 3, y, 3, &position, Meaning::Muted);
    canvas.put(columns.ticket, y, 9, &Safe::line(&ticket.label), if selected { Meaning::Selected } else { text });
    canvas.put(columns.name.0, y, columns.name.1, &name(ticket), text);
    if let Some(x) = columns.arrived {
        canvas.say(x, y, 5, &ticket.arrived_at.hhmm(zone), Meaning::Muted);
    }
    let promise = app.queue.console.as_ref().map_or(i64::MAX, |console| console.venue.rules.promise_minutes);
    let late = !parked && cx.now.since(ticket.arrived_at) > Span::minutes(promise);
    canvas.say(columns.wait, y, 7, &wait(ticket.arrived_at, cx.now), if late { Meaning::Warn } else { text });
    canvas.say(columns.estimate, y, 8, &estimate(waiter.estimate), Meaning::Muted);
    canvas.say(columns.priority + 1, y, 4, ticket.priority.short(), of_priority(ticket.priority));
    let (words, meaning) = flags(&app.queue, waiter, zone);
    canvas.put(columns.flags.0 + 1, y, columns.flags.1.saturating_sub(1), &words, meaning);
}
