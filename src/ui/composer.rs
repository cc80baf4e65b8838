//! The composer. A reply and a note cannot be mistaken: the rule names the recipient, or says NOTE in its own colour over its whole length.

use super::canvas::Canvas;
use super::marks::{Mark, long};
use super::theme::Meaning;
use crate::app::attach::Attached;
use crate::app::focus::Focus;
use crate::app::layout::Rect;
use crate::app::pane::thread::Thread;
use crate::app::{App, Cx};
use crate::domain::attachment::human_size;
use crate::domain::conversation::Summary;
use crate::domain::delivery::Delivery;
use crate::domain::message::{Direction, Message};
use crate::domain::text::Safe;
use crate::domain::time::Span;
use crate::domain::window::Window;

/// From so little on, what is left of a window is a warning.
const SOON: Span = Span::hours(1);

pub(super) fn paint(app: &App, cx: &Cx, place: Rect, canvas: &mut Canvas<'_>) {
    let Some(thread) = app.composer_shown() else { return };
    if place.is_empty() {
        return;
    }
    let composer = &thread.composer;
    let note = composer.is_note();
    let focused = app.focus == Focus::Compose;
    paint_rule(app, cx, thread, note, focused, place, canvas);
    let mut place = place;
    if composer.shows_files() && place.h > 2 {
        paint_files(&composer.files, place, canvas);
        (place.y, place.h) = (place.y + 1, place.h - 1);
    }
    let rows = usize::from(place.h) - 1;
    let view = &composer.view;
    let first = (view.cursor.0 + 1).saturating_sub(rows);
    for n in 0..rows {
        let y = place.y + 1 + n as u16;
        let edge = match (note, focused) {
            (true, _) => Meaning::Note,
            (false, true) => Meaning::Accent,
            (false, false) => Meaning::Rule,
        };
        canvas.mark(place.x + 1, y, Mark::Edge, edge);
        if let Some(row) = view.rows.get(first + n) {
            canvas.put(place.x + 2, y, usize::from(place.w) - 2, row, if note { Meaning::Note } else { Meaning::Text });
        }
        for (_, from, to) in view.selected.iter().filter(|(row, ..)| *row == first + n) {
            canvas.restyle(Rect::new(place.x + 2 + *from as u16, y, (to - from) as u16, 1), Meaning::Selected);
        }
    }
    if focused && app.overlays.is_empty() {
        let column = (place.x + 2 + view.cursor.1 as u16).min(place.x + place.w - 1);
        canvas.cursor = Some((column, place.y + 1 + (view.cursor.0 - first) as u16));
    }
}

/// How long one may still write freely.
fn left(summary: &Summary, cx: &Cx) -> Option<Span> {
    match summary.reply_window(cx.now) {
        Window::Open(end) => Some(end.since(cx.now)),
        Window::Closed(_) | Window::Unlimited => None,
    }
}

/// What the writer should know before sending: the reply cannot leave any more, or a colleague answered meanwhile.
fn happened(app: &App, cx: &Cx, thread: &Thread, note: bool) -> Option<String> {
    if !note && app.can_reply(cx).is_err() {
        return Some(match app.template_key() {
            Some(key) => format!("window closed: {key} picks a template"),
            None => "the reply window has closed".to_owned(),
        });
    }
    let since = thread.composer.since?;
    let theirs = |message: &&Message| {
        message.direction == Direction::Out
            && message.at > since
            && message.agent != Some(cx.agent)
            && message.delivery != Delivery::Canceled
    };
    let reply = thread.items.iter().rev().map(|item| &item.message).take_while(|message| message.at > since).find(theirs)?;
    let who = if reply.author.is_empty() { "somebody" } else { &reply.author };
    Some(format!("{who} replied at {}", reply.at.hhmm(cx.zone)))
}

/// The attached files below the rule, each with its size.
fn paint_files(files: &[Attached], place: Rect, canvas: &mut Canvas<'_>) {
    let (mut x, y, end) = (place.x + 2, place.y + 1, place.x + place.w - 1);
    for file in files {
        let room = usize::from(end.saturating_sub(x));
        if room < 8 {
            canvas.say(x, y, room, "…", Meaning::Muted);
            break;
        }
        let chip = Safe::lit("[").then(&Safe::line(&file.name).fit(28)).then(&Safe::line(&format!(" {}]", human_size(file.size))));
        x += canvas.put(x, y, room, &chip, Meaning::Accent) as u16 + 1;
    }
}

fn paint_rule(app: &App, cx: &Cx, thread: &Thread, note: bool, focused: bool, place: Rect, canvas: &mut Canvas<'_>) {
    let composer = &thread.composer;
    let (mark, meaning) = if note { (Mark::Double, Meaning::Note) } else { (Mark::Horizontal, Meaning::Rule) };
    canvas.rule(place.x, place.y, place.w, mark, meaning);
    let provider = thread.summary.as_ref().and_then(|summary| app.provider(&summary.provider));
    let on = provider.map_or("", |provider| provider.title);
    let name = thread.title.0.fit(28);
    let words = match (composer.is_editing(), note, &composer.quote) {
        (true, ..) => Safe::line(&format!(" change the sent message, for {name} on {on} too ")),
        (false, true, _) => Safe::lit(" NOTE: only colleagues see this "),
        (false, false, Some((_, quote))) => Safe::line(&format!(" reply to {name} on {on}, to \"{}\" ", quote.fit(24))),
        (false, false, None) => Safe::line(&format!(" reply to {name} on {on} ")),
    };
    let room = usize::from(place.w) - 2;
    let count = composer.count.filter(|count| count.matters());
    let mut state = Vec::new();
    let meanwhile = if focused && !composer.is_editing() { happened(app, cx, thread, note) } else { None };
    state.extend(meanwhile.clone());
    if let Some(count) = count {
        state.push(if count.messages > 1 {
            format!("{}/{}: needs {} messages", count.used, count.limit, count.messages)
        } else {
            format!("{}/{}", count.used, count.limit)
        });
    }
    if composer.is_unsaved() {
        state.push("draft not saved".to_owned());
    }
    let left = thread.summary.as_ref().filter(|_| !note && !composer.is_editing()).and_then(|summary| left(summary, cx));
    state.extend(left.map(|left| format!("window {}", long(left))));
    let title = match (note, focused) {
        (true, _) => Meaning::NoteRule,
        (false, true) => Meaning::Selected,
        (false, false) => Meaning::Muted,
    };
    let over = left.is_some_and(|left| left < SOON)
        || meanwhile.is_some()
        || composer.is_unsaved()
        || count.is_some_and(|count| count.messages > 1);
    let right = if state.is_empty() { Safe::default() } else { Safe::line(&format!(" {} ", state.join(" · "))) };
    let used = canvas.put_right(place.x + place.w - 1, place.y, room / 2, &right, if over { Meaning::Warn } else { Meaning::Muted });
    canvas.put(place.x + 1, place.y, room.saturating_sub(used + 1), &words, title);
    if note {
        canvas.restyle(Rect::new(place.x, place.y, place.w, 1), Meaning::NoteRule);
    }
}
