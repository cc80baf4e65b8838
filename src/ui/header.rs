//! The first row, the tabs, and the rules below them.

use super::canvas::Canvas;
use super::marks::Mark;
use super::theme::Meaning;
use crate::app::App;
use crate::app::field::Field;
use crate::app::focus::Focus;
use crate::app::layout::{Layout, Rect};
use crate::app::overlay::Overlay;
use crate::app::pane::list::PAGE;
use crate::domain::filter;
use crate::domain::queue::CounterState;
use crate::domain::text::Safe;

/// The first row and the rules. No clock: it would wake an idle screen every minute.
pub(super) fn paint(app: &App, layout: &Layout, canvas: &mut Canvas<'_>) {
    let row = layout.header;
    let width = usize::from(row.w);
    let mut x = 1 + canvas.say(1, row.y, width, "frontdesk", Meaning::Selected) as u16 + 3;
    let in_queue = app.focus == Focus::Queue;
    let (inbox, queue) = if in_queue { (Meaning::Muted, Meaning::Name) } else { (Meaning::Name, Meaning::Muted) };
    x += canvas.say(x, row.y, width, "Inbox", inbox) as u16 + 1;
    if app.list.loaded {
        x += canvas.say(x, row.y, width, &app.list.counts.all.to_string(), Meaning::Muted) as u16;
    }
    // Whoever never went to the queue has none to come back to; its count is true only while it is shown.
    if in_queue || app.queue.console.is_some() {
        x += 3 + canvas.say(x + 3, row.y, width, "Queue", queue) as u16;
        if let Some(waiting) = app.queue.waiting().filter(|_| in_queue) {
            x += 1 + canvas.say(x + 1, row.y, width, &waiting.to_string(), Meaning::Muted) as u16;
        }
    }
    if in_queue {
        return queue_right(app, x, row, canvas);
    }
    let who = Safe::line(&app.setup.agent_name).fit(32);
    canvas.put_right(row.x + row.w - 1, row.y, usize::from(row.w.saturating_sub(x + 2)), &who, Meaning::Muted);
    let Some(rule) = layout.rule else { return };
    canvas.rule(0, rule, row.w, Mark::Horizontal, Meaning::Rule);
    for column in layout.columns.into_iter().flatten() {
        canvas.column(column, rule + 1, layout.status.y - layout.tour.h - rule - 1);
    }
}

/// At which venue and counter one is, and who.
fn queue_right(app: &App, x: u16, row: Rect, canvas: &mut Canvas<'_>) {
    let mut end = row.x + row.w - 1;
    let mut room = usize::from(end.saturating_sub(x + 2));
    let mut put = |text: &Safe, meaning: Meaning, most: usize| {
        let text = text.fit(most.min(room));
        let used = canvas.put_right(end, row.y, room, &text, meaning) as u16;
        end = end.saturating_sub(used + 2);
        room = room.saturating_sub(usize::from(used) + 2);
    };
    put(&Safe::line(&app.setup.agent_name), Meaning::Muted, 24);
    if let Some(desk) = app.queue.desk() {
        let (word, meaning) = match desk.counter.state {
            CounterState::Open => ("OPEN", Meaning::Good),
            CounterState::Break => ("ON BREAK", Meaning::Warn),
            CounterState::Closed => ("CLOSED", Meaning::Warn),
        };
        put(&Safe::lit(word), meaning, 8);
        put(&Safe::line(&format!("Counter {}", desk.counter.name)), Meaning::Name, 24);
    }
    if let Some(console) = &app.queue.console {
        put(&Safe::line(&console.venue.name), Meaning::Muted, 40);
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
    // Where list and thread stand side by side, the row below is free.
    let below = row.y + 1 < layout.list.y && layout.columns[0].is_some();
    if below {
        right(app, row.x, end, row.y + 1, canvas);
    } else {
        right(app, x, end, row.y, canvas);
    }
}

/// How many rows a filter lets through, as far as is known.
fn found(app: &App) -> String {
    let list = &app.list;
    let count = list.rows.len();
    if list.goes_on() { format!("{count}+ found") } else { format!("{count} found") }
}

/// What is new above, what a filter found, the order: all of it where there is room between `x` and `end`, else the first that has room.
fn right(app: &App, x: u16, end: u16, y: u16, canvas: &mut Canvas<'_>) {
    let list = &app.list;
    let room = usize::from(end.saturating_sub(x + 1));
    let up = canvas.text_of(Mark::Up);
    let number = if list.risen >= PAGE as usize { format!("{PAGE}+") } else { list.risen.to_string() };
    let told = [
        (list.risen > 0, format!("{number} new {up}"), format!("{number}{up}")),
        (!list.filter.is_empty(), found(app), found(app)),
        (list.is_by_waiting(), "longest waiting first".to_owned(), "waiting".to_owned()),
    ];
    let told: Vec<(String, String)> = told.into_iter().filter(|(said, ..)| *said).map(|(_, long, short)| (long, short)).collect();
    let all = told.iter().map(|(long, _)| long.as_str()).collect::<Vec<_>>().join(" · ");
    let each = told.iter().flat_map(|(long, short)| [long, short]);
    if let Some(words) = std::iter::once(&all).chain(each).find(|words| words.chars().count() <= room) {
        canvas.say_right(end, y, room, words, if list.risen > 0 { Meaning::Accent } else { Meaning::Muted });
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
