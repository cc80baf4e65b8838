//! The composer. A reply and a note cannot be mistaken: the rule names the recipient, or says NOTE in its own colour over its whole length.

use super::canvas::Canvas;
use super::marks::Mark;
use super::theme::Meaning;
use crate::app::App;
use crate::app::effect::Mode;
use crate::app::focus::Focus;
use crate::app::layout::Rect;
use crate::app::pane::thread::Thread;
use crate::domain::text::Safe;

pub(super) fn paint(app: &App, place: Rect, canvas: &mut Canvas<'_>) {
    let Some(thread) = app.composer_shown() else { return };
    if place.is_empty() {
        return;
    }
    let composer = &thread.composer;
    let note = composer.mode == Mode::Note && !composer.is_editing();
    let focused = app.focus == Focus::Compose;
    paint_rule(app, thread, note, focused, place, canvas);
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
    }
    if focused && app.overlays.is_empty() {
        let column = (place.x + 2 + view.cursor.1 as u16).min(place.x + place.w - 1);
        canvas.cursor = Some((column, place.y + 1 + (view.cursor.0 - first) as u16));
    }
}

fn paint_rule(app: &App, thread: &Thread, note: bool, focused: bool, place: Rect, canvas: &mut Canvas<'_>) {
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
    let title = match (note, focused) {
        (true, _) => Meaning::NoteRule,
        (false, true) => Meaning::Selected,
        (false, false) => Meaning::Muted,
    };
    let over = composer.is_unsaved() || count.is_some_and(|count| count.messages > 1);
    let right = if state.is_empty() { Safe::default() } else { Safe::line(&format!(" {} ", state.join(" · "))) };
    let used = canvas.put_right(place.x + place.w - 1, place.y, room / 2, &right, if over { Meaning::Warn } else { Meaning::Muted });
    canvas.put(place.x + 1, place.y, room.saturating_sub(used + 1), &words, title);
    if note {
        canvas.restyle(Rect::new(place.x, place.y, place.w, 1), Meaning::NoteRule);
    }
}
