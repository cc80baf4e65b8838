//! Who the customer is and what became of a message, in words.

use super::canvas::Canvas;
use super::list::window_words;
use super::marks::{delivery_words, of_health};
use super::theme::Meaning;
use crate::app::layout::Rect;
use crate::app::pane::item::moment;
use crate::app::{App, Cx};
use crate::domain::conversation::Summary;
use crate::domain::message::{Direction, Message};
use crate::domain::text::Safe;
use crate::domain::time::age;

/// A row: what it is about (empty for a heading or a continuation) and the words.
struct Fact {
    title: &'static str,
    words: Safe,
    meaning: Meaning,
}

/// The panel of wide screens.
pub(super) fn panel(app: &App, cx: &Cx, place: Rect, canvas: &mut Canvas<'_>) {
    paint(app, cx, Rect::new(place.x + 1, place.y, place.w.saturating_sub(2), place.h), 0, canvas);
}

/// The facts, from row `top` on.
pub(super) fn paint(app: &App, cx: &Cx, place: Rect, top: usize, canvas: &mut Canvas<'_>) {
    let Some(summary) = app.subject() else { return };
    let mut facts = about_conversation(app, cx, summary);
    let open = app.thread.as_ref().is_some_and(|thread| thread.id == summary.id);
    if let Some(message) = app.selected_message().filter(|_| open) {
        facts.push(Fact { title: "", words: Safe::default(), meaning: Meaning::Text });
        facts.extend(about_message(app, cx, message));
    }
    let title_width = 10;
    let room = usize::from(place.w).saturating_sub(title_width);
    let mut rows = Vec::new();
    for fact in &facts {
        if fact.title.is_empty() {
            rows.push(("", fact.words.clone(), fact.meaning));
            continue;
        }
        for (n, words) in fact.words.wrap(room).into_iter().enumerate() {
            rows.push((if n == 0 { fact.title } else { " " }, words, fact.meaning));
        }
    }
    for (n, (title, words, meaning)) in rows.iter().skip(top).take(usize::from(place.h)).enumerate() {
        let y = place.y + n as u16;
        let x = if title.is_empty() { place.x } else { place.x + title_width as u16 };
        canvas.say(place.x, y, title_width, title, Meaning::Muted);
        canvas.put(x, y, usize::from((place.x + place.w).saturating_sub(x)), words, *meaning);
    }
}

fn about_conversation(app: &App, cx: &Cx, summary: &Summary) -> Vec<Fact> {
    let fact = |title, words: &str| Fact { title, words: Safe::line(words), meaning: Meaning::Text };
    let mut facts = vec![Fact { title: "", words: Safe::line(&summary.name), meaning: Meaning::Name }];
    if !summary.handle.is_empty() {
        facts.push(fact("address", &summary.handle));
    }
    let provider = app.provider(&summary.provider).map_or(summary.provider.as_str(), |provider| provider.title);
    let channel = app.status.channels.iter().find(|channel| channel.id == summary.channel);
    let health = channel.map_or("", |channel| of_health(channel.health).2);
    let name = channel.map_or("", |channel| channel.name.as_str());
    facts.push(fact("channel", &[provider, name, health].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" · ")));
    facts.push(fact("number", &format!("#{}", summary.number)));
    facts.push(fact("status", summary.status.name()));
    facts.push(fact("assigned", if summary.assignee.is_none() { "nobody" } else { &summary.assignee_name }));
    if let Some(since) = summary.waiting_since {
        facts.push(fact("waiting", &format!("for {}", age(since, cx.now, cx.zone))));
    }
    let window = window_words(summary, cx);
    if !window.is_empty() {
        facts.push(fact("reply", &window));
    }
    if summary.unreachable {
        facts.push(Fact { meaning: Meaning::Danger, ..fact("reply", "blocked us or left: nothing can be delivered") });
    }
    facts
}

fn about_message(app: &App, cx: &Cx, message: &Message) -> Vec<Fact> {
    let fact = |title, words: &str| Fact { title, words: Safe::line(words), meaning: Meaning::Text };
    let mut facts = vec![Fact { title: "", words: Safe::lit("selected message"), meaning: Meaning::Name }];
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
