//! What a message read before it was edited.

use super::canvas::Canvas;
use super::theme::Meaning;
use crate::app::Cx;
use crate::app::layout::Rect;
use crate::app::overlay::Versions;
use crate::app::pane::item::moment;
use crate::domain::text::Safe;

pub(super) fn paint(cx: &Cx, state: &Versions, place: Rect, canvas: &mut Canvas<'_>) {
    let room = usize::from(place.w);
    let count = state.versions.len();
    let mut rows: Vec<(Safe, Meaning)> = Vec::new();
    let heading = |rows: &mut Vec<(Safe, Meaning)>, words: String| {
        if !rows.is_empty() {
            rows.push((Safe::default(), Meaning::Text));
        }
        rows.push((Safe::line(&words), Meaning::Muted));
    };
    for (n, (at, text)) in state.versions.iter().enumerate() {
        let what = match n {
            0 => "written",
            n if n + 1 == count => "edited; it reads so now",
            _ => "edited",
        };
        heading(&mut rows, format!("{} · {what}", moment(*at, cx.now, cx.zone)));
        rows.extend(text.wrap(room).into_iter().map(|row| (row, Meaning::Text)));
    }
    if let Some(at) = state.deleted_at {
        heading(&mut rows, format!("{} · deleted for the customer", moment(at, cx.now, cx.zone)));
    }
    if rows.is_empty() {
        rows.push((Safe::lit("…"), Meaning::Muted));
    }
    let last = rows.len().saturating_sub(usize::from(place.h));
    for (n, (words, meaning)) in rows.iter().skip(state.top.min(last)).take(usize::from(place.h)).enumerate() {
        canvas.put(place.x, place.y + n as u16, room, words, *meaning);
    }
}
