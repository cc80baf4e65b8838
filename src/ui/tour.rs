//! The strip of the first-run tour.

use super::canvas::Canvas;
use super::marks::Mark;
use super::theme::Meaning;
use crate::app::App;
use crate::app::focus::Focus;
use crate::app::layout::Rect;
use crate::app::tour::STEPS;

/// What to try, what was done, and how to be rid of it.
pub(super) fn paint(app: &App, row: Rect, canvas: &mut Canvas<'_>) {
    let Some(tour) = &app.tour else { return };
    let (mut x, y) = (row.x + 1, row.y);
    let end = row.x + row.w - 1;
    x += canvas.say(x, y, 8, "Try:", Meaning::Name) as u16 + 1;
    for (at, step) in STEPS.iter().enumerate() {
        let (done, next) = (tour.done[at], tour.next() == Some(at));
        let keys = if done { String::new() } else { app.keymap.first_key(step.key) + " " };
        let needed = keys.len() + step.word.len() + if done { 2 } else { 0 };
        if x + needed as u16 > end {
            return;
        }
        if done {
            x += canvas.mark(x, y, Mark::Good, Meaning::Good) as u16 + 1;
        }
        x += canvas.say(x, y, keys.len(), &keys, Meaning::Accent) as u16;
        let meaning = if next { Meaning::Selected } else { Meaning::Muted };
        x += canvas.say(x, y, step.word.len(), step.word, meaning) as u16 + 2;
    }
    if app.focus == Focus::List && app.thread.is_none() {
        canvas.say_right(end, y, usize::from(end.saturating_sub(x)), "Esc ends it", Meaning::Muted);
    }
}
