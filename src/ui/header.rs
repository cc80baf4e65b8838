//! The first row, the tabs, and the rules below them.

use super::canvas::Canvas;
use super::marks::Mark;
use super::theme::Meaning;
use crate::app::App;
use crate::app::layout::Layout;
use crate::domain::text::Safe;

/// The first row and the rules. No clock: it would wake an idle screen every minute.
pub(super) fn paint(app: &App, layout: &Layout, canvas: &mut Canvas<'_>) {
    let row = layout.header;
    let width = usize::from(row.w);
    let mut x = 1 + canvas.say(1, row.y, width, "frontdesk", Meaning::Selected) as u16 + 3;
    x += canvas.say(x, row.y, width, "Inbox", Meaning::Name) as u16 + 1;
    if app.list.loaded {
        x += canvas.say(x, row.y, width, &app.list.counts.all.to_string(), Meaning::Muted) as u16;
    }
    let who = Safe::line(&app.setup.agent_name).fit(32);
    canvas.put_right(row.x + row.w - 1, row.y, usize::from(row.w.saturating_sub(x + 2)), &who, Meaning::Muted);
    canvas.rule(0, layout.rule, row.w, Mark::Horizontal, Meaning::Rule);
    for column in layout.columns.into_iter().flatten() {
        canvas.column(column, layout.rule + 1, layout.status.y - layout.tour.h - layout.rule - 1);
    }
}

/// The tabs with their counts; the shown one has the mark of a selection.
pub(super) fn tabs(app: &App, layout: &Layout, canvas: &mut Canvas<'_>) {
    let row = layout.tabs;
    let width = usize::from(row.w);
    let mut last_end = None;
    for title in app.tab_titles(width) {
        let chosen = title.tab == app.list.tab;
        let apart = last_end.replace(title.to).is_some_and(|end| title.from - end > 2);
        if apart {
            canvas.mark(row.x + title.from as u16 - 2, row.y, Mark::Vertical, Meaning::Rule);
        }
        if title.from < width {
            let meaning = if chosen { Meaning::Selected } else { Meaning::Muted };
            canvas.say(row.x + title.from as u16, row.y, width - title.from, &title.text, meaning);
            if chosen {
                canvas.mark(row.x + title.from as u16 - 1, row.y, Mark::Cursor, Meaning::Accent);
            }
        }
    }
}
