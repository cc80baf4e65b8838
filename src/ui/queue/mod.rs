//! The consoles of the queue.

mod operator;
mod supervisor;
mod ticket;

pub(super) use ticket::{details, form};

use super::canvas::Canvas;
use super::empty;
use super::marks;
use super::theme::Meaning;
use crate::app::layout::Rect;
use crate::app::pane::queue::{Kind, Queue};
use crate::app::{App, Cx};
use crate::domain::queue::look::{Desk, Happened, Range, Waiter};
use crate::domain::queue::{Priority, State, Ticket};
use crate::domain::text::Safe;
use crate::domain::time::{Span, Timestamp};
use chrono_tz::Tz;

/// The console that is shown, or what is missing for one.
pub(super) fn paint(app: &App, cx: &Cx, place: Rect, canvas: &mut Canvas<'_>) {
    let inside = Rect::new(place.x + 2, place.y + 1, place.w.saturating_sub(4), place.h.saturating_sub(1));
    let queue = &app.queue;
    if let Some(problem) = queue.problem.as_ref().filter(|_| queue.console.is_none()) {
        return empty::problem(problem, inside, canvas);
    }
    match &queue.console {
        None if !queue.loaded => {
            canvas.say(inside.x, inside.y, usize::from(inside.w), "…", Meaning::Muted);
        }
        None => set_up("There is no venue yet.", inside, canvas),
        Some(console) if console.lines.is_empty() => set_up("There is nothing here yet that somebody could wait for.", inside, canvas),
        Some(_) => match queue.kind() {
            Kind::Operator => operator::paint(app, cx, place, canvas),
            Kind::Supervisor => supervisor::paint(app, cx, place, canvas),
        },
    }
}

/// How a venue is set up.
fn set_up(missing: &str, place: Rect, canvas: &mut Canvas<'_>) {
    let rows = [
        (missing, Meaning::Name),
        ("", Meaning::Text),
        ("A shell sets it up, once:", Meaning::Text),
        ("frontdesk venue add --name Clinic --zone Asia/Jakarta", Meaning::Accent),
        ("frontdesk department add --venue Clinic --name Service", Meaning::Accent),
        ("frontdesk service add --department Service --name Repair --prefix SER", Meaning::Accent),
        ("frontdesk counter add --venue Clinic --name 1 --services SER", Meaning::Accent),
        ("", Meaning::Text),
        ("Then numbers are taken here, at a kiosk (frontdesk kiosk) and by message,", Meaning::Muted),
        ("and the public sees them on frontdesk board.", Meaning::Muted),
    ];
    for (n, (words, meaning)) in rows.into_iter().take(usize::from(place.h)).enumerate() {
        let indent = if meaning == Meaning::Accent { 2 } else { 0 };
        canvas.say(place.x + indent, place.y + n as u16, usize::from(place.w.saturating_sub(indent)), words, meaning);
    }
}

/// The zone of the venue: its times are told as its clocks show them.
fn zone(app: &App, cx: &Cx) -> Tz {
    app.queue.console.as_ref().map_or(cx.zone, |console| console.venue.zone)
}

/// How long somebody waits, in words: `24m`, `1h 02m`.
fn wait(from: Timestamp, now: Timestamp) -> String {
    marks::long(now.since(from))
}

/// A clock that counts: `01:12`, and `1:02:10` from an hour on.
fn clock(span: Span) -> String {
    let seconds = span.0.max(0) / 1_000_000;
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours == 0 { format!("{minutes:02}:{seconds:02}") } else { format!("{hours}:{minutes:02}:{seconds:02}") }
}

/// A time of serving people at a counter; no figure before anybody was served there.
fn served(desk: &Desk, span: Span) -> String {
    if desk.served == 0 { "-".to_owned() } else { clock(span) }
}

/// A range of minutes: `now`, `~4m`, `8–10m`.
fn estimate(range: Option<Range>) -> String {
    match range {
        None => "-".to_owned(),
        Some(Range { to, .. }) if to <= 0 => "now".to_owned(),
        Some(Range { from, to }) if from == to => format!("~{to}m"),
        Some(Range { from, to }) => format!("{from}–{to}m"),
    }
}

/// The colour of a priority.
const fn of_priority(priority: Priority) -> Meaning {
    match priority {
        Priority::Urgent => Meaning::Danger,
        Priority::Elder | Priority::Disabled | Priority::Pregnant => Meaning::Warn,
        Priority::Normal => Meaning::Muted,
    }
}

/// What a ticket's holder is called; somebody without a name came to the door.
fn name(ticket: &Ticket) -> Safe {
    if ticket.name.trim().is_empty() { Safe::lit("(walk-in)") } else { Safe::line(&ticket.name) }
}

/// Whether its holder was told of it, and by which way if not by a chat that is open; nothing before.
fn notified(ticket: &Ticket) -> Option<(String, Meaning)> {
    match ticket.told.as_str() {
        "" => None,
        "display" => Some(("not notified".to_owned(), Meaning::Warn)),
        "text" => Some(("notified".to_owned(), Meaning::Muted)),
        way => Some((format!("notified by {way}"), Meaning::Muted)),
    }
}

/// What else an operator should know of somebody who waits, the weightiest first.
fn flags(queue: &Queue, waiter: &Waiter, zone: Tz) -> (Safe, Meaning) {
    let ticket = &waiter.ticket;
    let mut meaning = Meaning::Muted;
    let mut words = Vec::new();
    if ticket.state == State::Parked {
        words.push(match ticket.parked_until {
            Some(until) => format!("parked till {}", until.hhmm(zone)),
            None => "parked".to_owned(),
        });
    }
    if ticket.service != ticket.issued_for {
        words.push(format!("moved {} > {}", queue.prefix(ticket.issued_for), queue.prefix(ticket.service)));
    }
    if ticket.carried {
        words.push("yesterday".to_owned());
    }
    if !waiter.reach.is_empty() {
        words.push(waiter.reach.clone());
        if waiter.reach.ends_with("closed") {
            meaning = Meaning::Warn;
        }
    }
    // That nobody was told stands first: it is what somebody has to do something about.
    if let Some((told, how)) = notified(ticket) {
        let at = if how == Meaning::Warn { 0 } else { words.len() };
        words.insert(at, told);
        meaning = if how == Meaning::Warn { how } else { meaning };
    }
    if !ticket.note.is_empty() {
        words.push(ticket.note.clone());
    }
    (Safe::line(&words.join(" · ")), meaning)
}

/// A line of the log, in words.
fn happened(event: &Happened) -> Safe {
    let (label, detail) = (event.label.as_str(), event.detail.as_str());
    let words = match event.kind.split_once('.') {
        Some(("ticket", verb)) => {
            // Most say at which counter; the others say it themselves.
            let at = match verb {
                _ if detail.is_empty() => String::new(),
                "called" | "recalled" => format!("to counter {detail}"),
                "started" | "served" | "no-show" | "undone" => format!("at counter {detail}"),
                "cancelled" if !detail.starts_with("by ") => format!("at counter {detail}"),
                _ => detail.to_owned(),
            };
            format!("{verb} {label} {at}")
        }
        Some(("counter", verb)) => format!("counter {detail} {verb}"),
        Some((subject, verb)) => format!("{subject} {verb} {label} {detail}"),
        None => format!("{} {label} {detail}", event.kind),
    };
    Safe::line(words.trim_end())
}

/// The prefixes of what a counter serves.
fn skills(queue: &Queue, desk: &Desk) -> String {
    let prefixes: Vec<&str> = desk.counter.services.iter().map(|service| queue.prefix(*service)).collect();
    if prefixes.is_empty() { "-".to_owned() } else { prefixes.join(", ") }
}

/// What happened last, in a frame.
fn events(app: &App, cx: &Cx, place: Rect, canvas: &mut Canvas<'_>) {
    if place.is_empty() {
        return;
    }
    let inside = canvas.frame(place, "WHAT HAPPENED");
    let Some(console) = &app.queue.console else { return };
    let zone = zone(app, cx);
    for (n, event) in console.events.iter().take(usize::from(inside.h)).enumerate() {
        let y = inside.y + n as u16;
        canvas.say(inside.x, y, 8, &event.at.local(zone).format("%H:%M:%S").to_string(), Meaning::Muted);
        canvas.put(inside.x + 10, y, usize::from(inside.w.saturating_sub(10)), &happened(event), Meaning::Text);
    }
    if console.events.is_empty() {
        canvas.say(inside.x, inside.y, usize::from(inside.w), "Nothing yet today.", Meaning::Muted);
    }
}

/// Several words with their own meanings, one after the other, as far as there is room.
fn run(canvas: &mut Canvas<'_>, x: u16, y: u16, room: usize, words: &[(&str, Meaning)]) {
    let mut used = 0;
    for (text, meaning) in words {
        used += canvas.say(x + used as u16, y, room.saturating_sub(used), text, *meaning);
    }
}
