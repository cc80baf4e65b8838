//! The first row, the tabs, and the rules below them.

use super::canvas::Canvas;
use super::marks::Mark;
use super::theme::Meaning;
use crate::app::App;
use crate::app::field::Field;
use crate::app::layout::{Layout, Rect};
use crate::app::overlay::Overlay;
use crate::app::pane::list::PAGE;
use crate::domain::filter;
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
        canvas.column(column, layout.rule + 1, layout.status.y - layout.rule - 1);
    }
}

/// The tabs with their counts; the shown one has the mark of a selection. A filter stands beside it, what is to be known of the order on the right.
pub(super) fn tabs(app: &App, layout: &Layout, canvas: &mut Canvas<'_>) {
    let row = layout.tabs;
    let width = usize::from(row.w);
    if let Some(Overlay::Filter(line)) = app.overlays.last() {
        return match line.names {
            Some(place) => typed_name(place, &line.field, row, canvas),
            None => typed_filter(app, &line.field, row, canvas),
        };
    }
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
    let mut x = row.x + last_end.unwrap_or(0) as u16;
    let end = row.x + row.w - 1;
    if !app.list.filter.is_empty() {
        let found = found(app);
        let room = usize::from(end.saturating_sub(x)).saturating_sub(found.len() + 6);
        x += 3 + canvas.say(x + 3, row.y, room, &app.list.typed, Meaning::Accent) as u16;
    }
    right(app, x, end, row.y, canvas);
}

/// How many rows a filter lets through, as far as is known.
fn found(app: &App) -> String {
    let list = &app.list;
    let count = list.rows.len();
    if list.goes_on() { format!("{count}+ found") } else { format!("{count} found") }
}

/// What is new above, what a filter found, the order: the first of them that has room between `x` and `end`.
fn right(app: &App, x: u16, end: u16, y: u16, canvas: &mut Canvas<'_>) {
    let list = &app.list;
    let room = usize::from(end.saturating_sub(x + 1));
    let up = canvas.text_of(Mark::Up);
    let number = if list.risen >= PAGE as usize { format!("{PAGE}+") } else { list.risen.to_string() };
    let words: [(bool, String, Meaning); 5] = [
        (list.risen > 0, format!("{number} new {up}"), Meaning::Accent),
        (list.risen > 0, format!("{number}{up}"), Meaning::Accent),
        (!list.filter.is_empty(), found(app), Meaning::Muted),
        (list.is_by_waiting(), "longest waiting first".to_owned(), Meaning::Muted),
        (list.is_by_waiting(), "waiting".to_owned(), Meaning::Muted),
    ];
    if let Some((_, words, meaning)) = words.iter().find(|(said, words, _)| *said && words.chars().count() <= room) {
        canvas.say_right(end, y, room, words, *meaning);
    }
}

/// The line in which a view is named.
fn typed_name(place: i64, field: &Field, row: Rect, canvas: &mut Canvas<'_>) {
    let x = row.x + 1 + canvas.say(row.x + 1, row.y, 18, &format!("name of view {place}: "), Meaning::Accent) as u16;
    let room = usize::from((row.x + row.w).saturating_sub(x + 1)).max(2);
    let view = field.view(room);
    if let Some(text) = view.rows.get(view.cursor.0) {
        canvas.put(x, row.y, room, text, Meaning::Text);
    }
    canvas.cursor = Some((x + view.cursor.1 as u16, row.y));
}

/// The line in which a filter is typed, the rest of what was begun, and what was found.
fn typed_filter(app: &App, field: &Field, row: Rect, canvas: &mut Canvas<'_>) {
    let (x, end) = (row.x + 1, row.x + row.w - 1);
    let found = if app.list.filter.is_empty() { String::new() } else { found(app) };
    let room = usize::from(end.saturating_sub(x)).saturating_sub(found.len() + 3).max(2);
    canvas.say(x, row.y, 2, "\\ ", Meaning::Accent);
    let view = field.view(room);
    let (at, column) = view.cursor;
    let used = view.rows.get(at).map_or(0, |text| canvas.put(x + 2, row.y, room, text, Meaning::Text));
    if let Some(rest) = filter::complete(&field.text()).filter(|_| column == used) {
        canvas.say(x + 2 + used as u16, row.y, room - used, rest, Meaning::Muted);
    } else if field.is_blank() {
        canvas.say(x + 2, row.y, room, "a name or number, is:unread label: channel: priority: assignee:", Meaning::Muted);
    }
    canvas.say_right(end, row.y, found.len(), &found, Meaning::Muted);
    canvas.cursor = Some((x + 2 + column as u16, row.y));
}
