//! What is known of a ticket, and the form in which one is taken.

use super::{estimate, name, notified, of_priority, wait, zone};
use crate::app::layout::Rect;
use crate::app::overlay::{TicketForm, TicketRow};
use crate::app::{App, Cx};
use crate::domain::id::TicketId;
use crate::domain::queue::State;
use crate::domain::text::Safe;
use crate::ui::canvas::Canvas;
use crate::ui::marks::Mark;
use crate::ui::theme::Meaning;

/// Columns of the titles.
const TITLE: usize = 10;

/// What is known of a ticket, a row for each thing.
pub(in crate::ui) fn details(app: &App, cx: &Cx, id: TicketId, place: Rect, canvas: &mut Canvas<'_>) {
    let Some(ticket) = app.queue.ticket(id) else {
        canvas.say(place.x, place.y, usize::from(place.w), "This ticket is not in the queue any more.", Meaning::Muted);
        return;
    };
    let zone = zone(app, cx);
    let waiter = app.queue.waiter(id);
    let line = app.queue.line(ticket.service);
    let phone = if ticket.phone.is_empty() { "no phone".to_owned() } else { format!("+{}", ticket.phone) };
    let reach = waiter.map(|waiter| waiter.reach.as_str()).filter(|reach| !reach.is_empty() && *reach != "no phone");
    let reach = reach.map(|reach| format!("   {reach}")).unwrap_or_default();
    let language = if ticket.language.is_empty() { String::new() } else { format!("   language {}", ticket.language) };
    let counter = ticket.counter.and_then(|counter| {
        let console = app.queue.console.as_ref()?;
        console.counters.iter().find(|desk| desk.counter.id == counter).map(|desk| desk.counter.name.clone())
    });
    let state = match (ticket.state, counter) {
        (State::Called, Some(counter)) => format!("called to counter {counter}"),
        (State::Serving, Some(counter)) => format!("being served at counter {counter}"),
        (State::Parked, _) => ticket.parked_until.map_or_else(|| "parked".to_owned(), |until| format!("parked until {}", until.hhmm(zone))),
        (state, _) => state.name().to_owned(),
    };
    let place_of = waiter
        .and_then(|waiter| Some((waiter.position?, waiter.estimate)))
        .map(|(position, range)| format!("   number {position}, {}", estimate(range)));
    let until = ticket.first_called_at.unwrap_or(cx.now);
    let moved =
        if ticket.service == ticket.issued_for { String::new() } else { format!("   moved from {}", app.queue.prefix(ticket.issued_for)) };
    let called = ticket.called_at.map_or_else(|| "not yet".to_owned(), |at| format!("{}   again {} times", at.hhmm(zone), ticket.recalls));
    let carried = if ticket.carried { "   kept from an earlier day" } else { "" };
    let service = line.map_or_else(String::new, |line| line.service.name.clone());
    let (told, told_meaning) = notified(ticket).unwrap_or_else(|| ("nothing yet".to_owned(), Meaning::Muted));
    let rows = [
        ("name", name(ticket), Meaning::Name),
        ("phone", Safe::line(&format!("{phone}{reach}{language}")), Meaning::Text),
        ("for", Safe::line(&format!("{service}{moved}")), Meaning::Text),
        ("state", Safe::line(&format!("{state}{}", place_of.unwrap_or_default())), Meaning::Text),
        (
            "came",
            Safe::line(&format!("{}   waited {}{carried}", ticket.arrived_at.hhmm(zone), wait(ticket.arrived_at, until))),
            Meaning::Text,
        ),
        ("called", Safe::line(&called), Meaning::Text),
        ("priority", Safe::lit(ticket.priority.name()), of_priority(ticket.priority)),
        ("told", Safe::line(&told), told_meaning),
        ("note", Safe::line(&ticket.note), Meaning::Note),
    ];
    let last = usize::from(place.h).saturating_sub(1);
    for (n, (title, words, meaning)) in rows.iter().filter(|(title, words, _)| *title != "note" || !words.is_empty()).take(last).enumerate()
    {
        let y = place.y + n as u16;
        canvas.say(place.x, y, TITLE, title, Meaning::Muted);
        canvas.put(place.x + TITLE as u16, y, usize::from(place.w).saturating_sub(TITLE), words, *meaning);
    }
    keys(app, cx, place, canvas);
}

/// What can be done with the selected one.
fn keys(app: &App, cx: &Cx, place: Rect, canvas: &mut Canvas<'_>) {
    let all = [
        ("queue.call", "call"),
        ("queue.move", "to another counter"),
        ("queue.transfer", "transfer"),
        ("queue.park", "park"),
        ("queue.priority", "priority"),
        ("queue.cancel", "cancel"),
        ("queue.conversation", "conversation"),
    ];
    let (mut x, y) = (place.x, place.y + place.h.saturating_sub(1));
    // What floats takes the keys, but for the one that opens.
    if !app.overlays.is_empty() {
        if app.can_open_ticket().is_ok() {
            let words = format!("{} opens the conversation", app.keymap.first_key("open"));
            canvas.say(x, y, usize::from(place.w), &words, Meaning::Muted);
        }
        return;
    }
    for (command, word) in all.into_iter().filter(|(command, _)| app.enabled(command, cx).is_ok()) {
        let key = app.keymap.first_key(command);
        let room = usize::from((place.x + place.w).saturating_sub(x));
        if room < key.len() + word.len() + 1 {
            return;
        }
        x += canvas.say(x, y, room, &key, Meaning::Accent) as u16 + 1;
        x += canvas.say(x, y, room, word, Meaning::Muted) as u16 + 2;
    }
}

/// The form in which a ticket is taken.
pub(in crate::ui) fn form(app: &App, form: &TicketForm, place: Rect, canvas: &mut Canvas<'_>) {
    let room = usize::from(place.w).saturating_sub(TITLE + 1);
    let x = place.x + TITLE as u16;
    for (n, row) in TicketRow::ALL.into_iter().enumerate() {
        let y = place.y + n as u16;
        let current = form.at == row;
        let title = match row {
            TicketRow::Service => "service",
            TicketRow::Priority => "priority",
            TicketRow::Phone => "phone",
            TicketRow::Name => "name",
        };
        if current {
            canvas.mark(place.x - 1, y, Mark::Cursor, Meaning::Accent);
        }
        canvas.say(place.x, y, TITLE, title, if current { Meaning::Selected } else { Meaning::Muted });
        let field = match row {
            TicketRow::Service => {
                let service = form.services.get(form.service).map_or(Safe::lit("none takes anybody now"), |(_, name)| name.clone());
                chosen(&service, current && form.services.len() > 1, (x, y), room, canvas);
                continue;
            }
            TicketRow::Priority => {
                chosen(&Safe::lit(form.priority.name()), current, (x, y), room, canvas);
                continue;
            }
            TicketRow::Phone => &form.lines[0],
            TicketRow::Name => &form.lines[1],
        };
        let view = field.view(room);
        if let Some(text) = view.rows.get(view.cursor.0) {
            canvas.put(x, y, room, text, Meaning::Text);
        }
        if current {
            canvas.cursor = Some((x + view.cursor.1 as u16, y));
        }
        if field.is_blank() {
            let words = if row == TicketRow::Phone { "optional: they are told by message" } else { "optional: never on the display" };
            canvas.say(x + 1, y, room.saturating_sub(1), words, Meaning::Muted);
        }
    }
    let y = place.y + place.h - 1;
    let width = usize::from(place.w);
    match (&form.problem, form.ticket) {
        (_, Some(_)) => canvas.say(place.x, y, width, "Taking the number …", Meaning::Accent),
        (Some(problem), None) => {
            canvas.mark(place.x, y, Mark::Needs, Meaning::Danger);
            canvas.put(place.x + 2, y, width.saturating_sub(2), problem, Meaning::Danger)
        }
        (None, None) => {
            let words = format!("{} in the last field takes the number.", app.keymap.first_key("field.accept"));
            canvas.say(place.x, y, width, &words, Meaning::Muted)
        }
    };
}

fn chosen(text: &Safe, turns: bool, (x, y): (u16, u16), room: usize, canvas: &mut Canvas<'_>) {
    let used = canvas.put(x, y, room, text, Meaning::Text);
    if turns {
        canvas.say(x + used as u16 + 2, y, room.saturating_sub(used + 2), "Space: the next one", Meaning::Muted);
        canvas.cursor = Some((x, y));
    }
}
