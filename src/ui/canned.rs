//! The form of a canned reply.

use super::canvas::Canvas;
use super::marks::Mark;
use super::theme::Meaning;
use crate::app::App;
use crate::app::layout::Rect;
use crate::app::overlay::CannedForm;

/// Rows above the words: the shortcut and a blank one.
const ABOVE: u16 = 2;
/// Rows below them: what is wrong or which blanks there are, and the keys.
const BELOW: u16 = 3;

pub(super) fn paint(app: &App, form: &CannedForm, place: Rect, canvas: &mut Canvas<'_>) {
    if place.h <= ABOVE + BELOW {
        return;
    }
    let room = usize::from(place.w);
    let label = canvas.say(place.x, place.y, room, "shortcut  /", Meaning::Muted) as u16;
    let view = form.shortcut.view(room.saturating_sub(usize::from(label) + 1));
    if let Some(row) = view.rows.first() {
        canvas.put(place.x + label, place.y, room - usize::from(label), row, Meaning::Text);
    }
    if !form.in_text {
        canvas.cursor = Some((place.x + label + view.cursor.1 as u16, place.y));
    }
    let rows = place.h - ABOVE - BELOW;
    let view = form.text.view(room.saturating_sub(2));
    let first = (view.cursor.0 + 1).saturating_sub(usize::from(rows));
    for n in 0..rows {
        let y = place.y + ABOVE + n;
        canvas.mark(place.x, y, Mark::Edge, if form.in_text { Meaning::Accent } else { Meaning::Rule });
        if let Some(row) = view.rows.get(first + usize::from(n)) {
            canvas.put(place.x + 1, y, room - 1, row, Meaning::Text);
        }
    }
    if form.in_text {
        canvas.cursor = Some((place.x + 1 + view.cursor.1 as u16, place.y + ABOVE + (view.cursor.0 - first) as u16));
    }
    let below = place.y + place.h - BELOW + 1;
    match &form.problem {
        Some(problem) => canvas.put(place.x, below, room, problem, Meaning::Danger),
        None => canvas.say(place.x, below, room, "blanks: {{name}} {{first_name}} {{agent}} {{number}} {{channel}}", Meaning::Muted),
    };
    let keys = &app.keymap;
    let words = format!(
        "{} keeps it · {} the other field · {} leaves it",
        keys.first_key("canned.keep"),
        keys.first_key("canned.field"),
        keys.first_key("canned.leave")
    );
    canvas.say(place.x, below + 1, room, &words, Meaning::Muted);
}
