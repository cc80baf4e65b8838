//! The form that adds a channel or changes its settings.

use super::canvas::Canvas;
use super::marks::Mark;
use super::theme::Meaning;
use crate::app::App;
use crate::app::layout::Rect;
use crate::app::overlay::{Form, FormRow, FormRowKind};
use crate::domain::text::Safe;

pub(super) fn paint(app: &App, form: &Form, place: Rect, canvas: &mut Canvas<'_>) {
    let room = usize::from(place.w);
    // Three rows for each question; those before the current one make room for it.
    let shown = usize::from(place.h.saturating_sub(2) / 3).max(1);
    let first = (form.at + 1).saturating_sub(shown);
    for (n, row) in form.rows.iter().enumerate().skip(first).take(shown) {
        let y = place.y + ((n - first) * 3) as u16;
        let current = n == form.at;
        if current {
            canvas.mark(place.x - 1, y, Mark::Cursor, Meaning::Accent);
        }
        let used = canvas.say(place.x, y, room, row.title(), if current { Meaning::Selected } else { Meaning::Name });
        canvas.say(place.x + used as u16 + 2, y, room.saturating_sub(used + 2), row.help(), Meaning::Muted);
        paint_answer(form, row, current, place, y + 1, canvas);
    }
    let y = place.y + place.h - 1;
    match (&form.ticket, &form.problem) {
        (Some(_), _) => {
            canvas.say(place.x, y, room, "Asking the provider…", Meaning::Accent);
        }
        (None, Some(problem)) => {
            let rows = problem.wrap(room.saturating_sub(2));
            let from = y.saturating_sub(rows.len().min(2) as u16 - 1);
            canvas.mark(place.x, from, Mark::Needs, Meaning::Danger);
            for (n, row) in rows.iter().take(2).enumerate() {
                canvas.put(place.x + 2, from + n as u16, room - 2, row, Meaning::Danger);
            }
        }
        (None, None) => {
            let key = app.keymap.first_key("field.accept");
            let then = if form.was.is_some() { "keeps them" } else { "connects" };
            let words = format!("{key} in the last field tries the settings and {then}.");
            let used = canvas.say(place.x, y, room, &words, Meaning::Muted);
            // What is asked below is not seen: that there is more must be.
            if form.rows.len() > shown {
                let place_of = Safe::line(&format!("{} of {}", form.at + 1, form.rows.len()));
                canvas.put_right(place.x + place.w, y, room.saturating_sub(used + 2), &place_of, Meaning::Muted);
            }
        }
    }
}

fn paint_answer(form: &Form, row: &FormRow, current: bool, place: Rect, y: u16, canvas: &mut Canvas<'_>) {
    let room = usize::from(place.w).saturating_sub(3);
    let x = place.x + 2;
    let (secret, default) = match row.kind {
        FormRowKind::Setting(field) => (field.secret, field.default),
        FormRowKind::Provider | FormRowKind::Name => (false, None),
    };
    canvas.mark(place.x, y, Mark::Edge, if current { Meaning::Accent } else { Meaning::Rule });
    let view = row.field.view(room);
    let (text, column) = match row.kind {
        FormRowKind::Provider => (form.provider().map_or(Safe::default(), |provider| Safe::lit(provider.title)), 0),
        _ if secret => {
            let masked = row.field.masked();
            let column = masked.width();
            (masked, column)
        }
        _ => (view.rows.get(view.cursor.0).cloned().unwrap_or_default(), view.cursor.1),
    };
    let kept = matches!(row.kind, FormRowKind::Setting(field) if form.has_secret(field));
    let unsaid = match (kept, default) {
        (true, Some(_)) => Some("as it is, unless you type another, or - for none"),
        (true, None) => Some("as it is, unless you type another"),
        (false, default) => default,
    };
    match unsaid.filter(|_| text.is_empty()) {
        Some(unsaid) => canvas.say(x, y, room, unsaid, Meaning::Muted),
        None => canvas.put(x, y, room, &text, Meaning::Text),
    };
    if current {
        canvas.cursor = Some((x + column.min(room) as u16, y));
    }
}
