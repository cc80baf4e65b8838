//! Who the customer is, what was said before, and what became of a message, in words. A section is a heading and its rows; those that have
//! nothing to say are left out.

use super::canvas::Canvas;
use super::marks::{Mark, delivery_words, of_health};
use super::theme::Meaning;
use crate::app::layout::Rect;
use crate::app::pane::item::moment;
use crate::app::{App, Cx};
use crate::domain::contact::{Details, Earlier};
use crate::domain::conversation::{Priority, Status, Summary};
use crate::domain::id::ConversationId;
use crate::domain::message::{Direction, Message};
use crate::domain::queue::State;
use crate::domain::queue::look::Place;
use crate::domain::text::Safe;
use crate::domain::time::age;
use crate::domain::when;
use crate::domain::window::Window;

/// Columns of the titles.
const TITLE: usize = 10;
/// Rows of a note's words, at most.
const NOTE_ROWS: usize = 4;

/// A row: what it is about (empty for a heading or what spans the width) and the words.
struct Fact {
    title: &'static str,
    words: Safe,
    meaning: Meaning,
    /// Where it leads.
    link: Option<ConversationId>,
}

/// The panel of wide screens.
pub(super) fn panel(app: &App, cx: &Cx, place: Rect, canvas: &mut Canvas<'_>) {
    paint(app, cx, Rect::new(place.x + 1, place.y, place.w.saturating_sub(2), place.h), 0, None, canvas);
}

/// The facts, from row `top` on, or from where the selected link is in view.
pub(super) fn paint(app: &App, cx: &Cx, place: Rect, top: usize, selected: Option<ConversationId>, canvas: &mut Canvas<'_>) {
    let Some(summary) = app.subject() else { return };
    let rows = rows(app, cx, summary, usize::from(place.w));
    let height = usize::from(place.h);
    let at = selected.and_then(|link| rows.iter().rposition(|row| row.link == Some(link)));
    let first = at.map_or(top, |at| top.max((at + 1).saturating_sub(height)));
    for (n, row) in rows.iter().skip(first).take(height).enumerate() {
        let y = place.y + n as u16;
        let x = if row.title.is_empty() { place.x } else { place.x + TITLE as u16 };
        if row.link.is_some() && row.link == selected {
            canvas.mark(place.x - 1, y, Mark::Cursor, Meaning::Accent);
        }
        canvas.say(place.x, y, TITLE, row.title, Meaning::Muted);
        canvas.put(x, y, usize::from((place.x + place.w).saturating_sub(x)), &row.words, row.meaning);
    }
}

/// Every section's facts, wrapped, with an empty row between two sections.
fn rows(app: &App, cx: &Cx, summary: &Summary, width: usize) -> Vec<Fact> {
    let details = app.details.of(summary.id);
    let mut sections = vec![about_contact(app, summary, details), about_conversation(app, cx, summary)];
    sections.push(details.and_then(|details| details.ticket.as_ref()).map(|ticket| about_ticket(cx, ticket)).unwrap_or_default());
    sections.push(details.map(|details| about_earlier(cx, details)).unwrap_or_default());
    sections.push(details.map(|details| about_notes(cx, details, width)).unwrap_or_default());
    let open = app.thread.as_ref().is_some_and(|thread| thread.id == summary.id);
    sections.push(app.selected_message().filter(|_| open).map(|message| about_message(app, cx, message)).unwrap_or_default());
    let mut rows = Vec::new();
    for section in sections.into_iter().filter(|section| !section.is_empty()) {
        if !rows.is_empty() {
            rows.push(whole("", Meaning::Text));
        }
        for fact in section {
            if fact.title.is_empty() {
                rows.push(fact);
                continue;
            }
            for (n, words) in fact.words.wrap(width.saturating_sub(TITLE)).into_iter().enumerate() {
                rows.push(Fact { title: if n == 0 { fact.title } else { " " }, words, ..fact });
            }
        }
    }
    rows
}

fn fact(title: &'static str, words: &str) -> Fact {
    Fact { title, words: Safe::line(words), meaning: Meaning::Text, link: None }
}

/// A heading, or what spans the width.
fn whole(words: &str, meaning: Meaning) -> Fact {
    Fact { title: "", words: Safe::line(words), meaning, link: None }
}

fn about_contact(app: &App, summary: &Summary, details: Option<&Details>) -> Vec<Fact> {
    let mut facts = vec![whole(&summary.name, Meaning::Name)];
    match details.filter(|details| !details.identities.is_empty()) {
        Some(details) => {
            let several = details.identities.len() > 1;
            for identity in &details.identities {
                let provider = app.provider(&identity.provider).map_or(identity.provider.as_str(), |provider| provider.title);
                let mut words = identity.handle.clone();
                if several {
                    words = format!("{words} · {provider}");
                }
                if !identity.reachable {
                    words.push_str(" · unreachable");
                }
                facts.push(fact("address", &words));
            }
        }
        None if !summary.handle.is_empty() => facts.push(fact("address", &summary.handle)),
        None => {}
    }
    facts
}

fn about_conversation(app: &App, cx: &Cx, summary: &Summary) -> Vec<Fact> {
    let provider = app.provider(&summary.provider).map_or(summary.provider.as_str(), |provider| provider.title);
    let channel = app.status.channels.iter().find(|channel| channel.id == summary.channel);
    let health = channel.map_or("", |channel| of_health(channel.health).2);
    let name = channel.map_or("", |channel| channel.name.as_str());
    let channel = [provider, name, health].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" · ");
    let status = match (summary.status, summary.snoozed_until) {
        (Status::Snoozed, Some(at)) => format!("snoozed until {}", when::words(at, cx.now, cx.zone)),
        (Status::Snoozed, None) => "snoozed until the customer writes".to_owned(),
        (status, _) => status.name().to_owned(),
    };
    let mut facts = vec![
        whole(&format!("conversation #{}", summary.number), Meaning::Name),
        fact("channel", &channel),
        fact("status", &status),
        fact("assigned", if summary.assignee.is_none() { "nobody" } else { &summary.assignee_name }),
    ];
    if summary.priority != Priority::None {
        facts.push(fact("priority", summary.priority.name()));
    }
    if !summary.labels.is_empty() {
        facts.push(fact("labels", &summary.labels.join(" · ")));
    }
    if let Some(since) = summary.waiting_since {
        let long = super::marks::short(cx.now.since(since));
        facts.push(fact("waiting", &format!("for {long}, since {}", when::words(since, cx.now, cx.zone))));
    }
    match summary.reply_window(cx.now) {
        Window::Unlimited => {}
        Window::Open(end) => {
            let left = super::marks::long(end.since(cx.now));
            facts.push(fact("window", &format!("until {}, {left} left", when::words(end, cx.now, cx.zone))));
        }
        Window::Closed(Some(at)) => {
            let templates = app.provider(&summary.provider).is_some_and(|provider| provider.capabilities.templates);
            let then = if templates { "only a template may leave" } else { "the customer has to write first" };
            let words = format!("closed {}: {then}", when::words(at, cx.now, cx.zone));
            facts.push(Fact { meaning: Meaning::Warn, ..fact("window", &words) });
        }
        Window::Closed(None) => facts.push(Fact { meaning: Meaning::Warn, ..fact("window", "closed: the customer has not written yet") }),
    }
    if summary.unreachable {
        facts.push(Fact { meaning: Meaning::Danger, ..fact("reply", "the provider cannot reach them: nothing arrives until they write") });
    }
    facts
}

/// The ticket they hold in a queue.
fn about_ticket(cx: &Cx, place: &Place) -> Vec<Fact> {
    let ticket = &place.ticket;
    let waited = super::marks::short(cx.now.since(ticket.arrived_at));
    let state = match (ticket.state, place.position) {
        (State::Called | State::Serving, _) if !place.counter.is_empty() => format!("{} · counter {}", ticket.state.name(), place.counter),
        (State::Parked, _) => match ticket.parked_until {
            Some(until) => format!("parked until {}", when::words(until, cx.now, cx.zone)),
            None => "parked".to_owned(),
        },
        (State::Waiting, Some(position)) => {
            let wait = place.estimate.map_or_else(|| "no counter open".to_owned(), |range| range.to_string());
            format!("place {position} of {} · {wait}", place.total)
        }
        (state, _) => state.name().to_owned(),
    };
    let mut facts = vec![
        whole(&format!("ticket {}", ticket.label), Meaning::Name),
        fact("for", &format!("{} · {}", place.service, place.department)),
        fact("state", &state),
        fact("came", &format!("{waited} ago, {}", when::words(ticket.arrived_at, cx.now, cx.zone))),
    ];
    if ticket.told == "display" {
        facts.push(Fact { meaning: Meaning::Warn, ..fact("told", "nothing: only the display says it") });
    }
    facts
}

fn about_earlier(cx: &Cx, details: &Details) -> Vec<Fact> {
    if details.earlier.is_empty() {
        return Vec::new();
    }
    let linked = |earlier: &Earlier, words: &str, meaning| Fact { link: Some(earlier.id), ..whole(words, meaning) };
    let mut facts = vec![whole("other conversations", Meaning::Name)];
    for earlier in &details.earlier {
        let status = earlier.status.map_or("merged", Status::name);
        let head = format!("#{} · {status} · {}", earlier.number, age(earlier.last_at, cx.now, cx.zone));
        facts.push(linked(earlier, &head, Meaning::Text));
        if !earlier.preview.is_empty() {
            facts.push(linked(earlier, &format!("  {}", earlier.preview), Meaning::Muted));
        }
    }
    facts
}

fn about_notes(cx: &Cx, details: &Details, width: usize) -> Vec<Fact> {
    if details.notes.is_empty() {
        return Vec::new();
    }
    let mut facts = vec![whole("notes", Meaning::Name)];
    for note in &details.notes {
        facts.push(whole(&format!("{} · {}", note.author, age(note.at, cx.now, cx.zone)), Meaning::Muted));
        let words = Safe::line(&note.text).wrap(width.saturating_sub(2)).into_iter().take(NOTE_ROWS);
        facts.extend(words.map(|words| Fact { words: Safe::lit("  ").then(&words), ..whole("", Meaning::Note) }));
    }
    facts
}

fn about_message(app: &App, cx: &Cx, message: &Message) -> Vec<Fact> {
    let mut facts = vec![whole("selected message", Meaning::Name)];
    let by = match message.direction {
        Direction::In => format!("{}, the customer", message.author),
        Direction::Out => format!("{}, one of us", message.author),
        Direction::Note => format!("{}, a note for colleagues", message.author),
        Direction::System => "nobody: something happened".to_owned(),
    };
    facts.push(fact("by", &by));
    facts.push(fact("written", &moment(message.at, cx.now, cx.zone)));
    let delivery = delivery_words(message, &app.keymap.first_key("undo"), cx.now, cx.zone);
    if message.direction == Direction::Out && !delivery.is_empty() {
        facts.push(fact("delivery", &delivery));
    }
    let times = app.details.times_of(message.id).filter(|_| message.direction == Direction::Out);
    for (title, at) in times.iter().flat_map(|times| times.times) {
        if let Some(at) = at {
            facts.push(fact(title, &moment(at, cx.now, cx.zone)));
        }
    }
    if !message.reason.is_empty() {
        facts.push(Fact { meaning: Meaning::Danger, ..fact("reason", &message.reason) });
    }
    if let Some(edited) = message.edited_at {
        let kept = if message.versions == 1 {
            "1 earlier version is kept".to_owned()
        } else {
            format!("{} earlier versions are kept", message.versions)
        };
        facts.push(fact("edited", &format!("{}; {kept}", moment(edited, cx.now, cx.zone))));
    }
    if let Some(deleted) = message.deleted_at {
        facts.push(fact("deleted", &moment(deleted, cx.now, cx.zone)));
    }
    for reaction in message.reactions.iter().take(5) {
        facts.push(fact("reaction", &format!("{} {}", reaction.emoji, reaction.actor)));
    }
    facts
}
