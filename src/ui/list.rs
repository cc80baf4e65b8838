//! The list of conversations.

use super::canvas::Canvas;
use super::marks::{Mark, of_delivery, short};
use super::theme::Meaning;
use super::{empty, marks};
use crate::app::focus::Focus;
use crate::app::layout::{Layout, Rect};
use crate::app::pane::list::Row;
use crate::app::{App, Cx};
use crate::domain::conversation::{Priority, Status, Tab};
use crate::domain::delivery::Delivery;
use crate::domain::message::Direction;
use crate::domain::text::Safe;
use crate::domain::time::{Span, Timestamp, age};
use crate::domain::window::Window;

/// The column of names.
const NAME: u16 = 5;
/// Columns for the age, blank included.
const AGE: u16 = 8;
/// Columns for the flag.
const FLAG: u16 = 8;
/// Columns for what became of our last words, blank included.
const TICK: usize = 3;
/// From so many columns on, rows of one line have labels and assignee.
const WITH_LABELS: u16 = 76;
/// From so many columns on, they have more room.
const ROOMY: u16 = 100;
/// An open window is mentioned when less than this is left.
const WINDOW_SHOWN: Span = Span::hours(4);

pub(super) fn paint(app: &App, cx: &Cx, layout: &Layout, canvas: &mut Canvas<'_>) {
    let place = layout.list;
    if app.list.rows.is_empty() {
        return empty::list(app, place, canvas);
    }
    let selected = app.list.cursor();
    let shown = usize::from(place.h / layout.row_height);
    for (n, row) in app.list.rows.iter().enumerate().skip(app.list.top).take(shown) {
        let y = place.y + (n - app.list.top) as u16 * layout.row_height;
        let cell = Rect::new(place.x, y, place.w, layout.row_height);
        paint_row(app, cx, row, cell, selected == Some(n), canvas);
    }
}

fn paint_row(app: &App, cx: &Cx, row: &Row, place: Rect, selected: bool, canvas: &mut Canvas<'_>) {
    let (x, y) = (place.x, place.y);
    let summary = &row.summary;
    let focused = app.focus == Focus::List;
    if selected {
        for y in y..y + place.h {
            let (mark, meaning) = if focused { (Mark::Cursor, Meaning::Accent) } else { (Mark::Edge, Meaning::Muted) };
            canvas.mark(x, y, mark, meaning);
        }
    }
    // What comes while it is watched is no news: it is marked as read in a moment.
    let unread = summary.unread > 0 && !app.is_watched(summary.id);
    if unread {
        canvas.mark(x + 1, y, Mark::Unread, Meaning::Accent);
    }
    if app.marked.contains(summary.id) {
        canvas.mark(x + 2, y, Mark::Marked, Meaning::Accent);
    }
    let letter = app.provider(&summary.provider).map_or_else(|| initial(&summary.provider), |provider| provider.letter);
    canvas.say(x + 3, y, 1, letter.encode_utf8(&mut [0; 4]), Meaning::Muted);
    let right = x + place.w - 1;
    let waits = app.list.is_by_waiting() && summary.waiting_since.is_some();
    let age_meaning = if waits { Meaning::Text } else { Meaning::Muted };
    canvas.say_right(right, y, usize::from(AGE), &short_age(app.list.instant(row), cx), age_meaning);
    let flag_end = right - AGE + 1;
    let tick = paint_flags(app, row, cx, flag_end, y, canvas);
    // Moving the selection restyles its mark alone: on a bad line every byte counts.
    let name_meaning = if unread { Meaning::Unread } else { Meaning::Text };
    let text_end = flag_end - FLAG;
    if place.h > 1 {
        canvas.put(x + NAME, y, usize::from(text_end.saturating_sub(x + NAME)), &row.name, name_meaning);
        let end = paint_beside(row, cx, usize::from(place.w / 4), right, y + 1, canvas);
        paint_preview(app, row, unread, tick, (x + NAME, y + 1), end, canvas);
    } else {
        let name = (place.w / 4).clamp(16, 28);
        canvas.put(x + NAME, y, usize::from(name), &row.name, name_meaning);
        let room = place.w / if place.w >= ROOMY { 5 } else { 6 };
        let end = if place.w >= WITH_LABELS { paint_beside(row, cx, usize::from(room), text_end, y, canvas) } else { text_end };
        paint_preview(app, row, unread, tick, (x + NAME + name + 2, y), end, canvas);
    }
}

/// Whose it is, when it is somebody else's, and its labels, before column `end`; answers where the words before them end.
fn paint_beside(row: &Row, cx: &Cx, room: usize, end: u16, y: u16, canvas: &mut Canvas<'_>) -> u16 {
    let summary = &row.summary;
    let labels = summary.labels.iter().map(|name| format!("#{name}"));
    let other = summary.assignee.filter(|agent| *agent != cx.agent).map(|_| summary.assignee_name.clone());
    let words: Vec<String> = labels.chain(other).collect();
    if words.is_empty() {
        return end;
    }
    let used = canvas.put_right(end, y, room, &Safe::line(&words.join(" ")), Meaning::Muted);
    end.saturating_sub(used as u16 + 1)
}

/// The priority, and the one thing that most needs to be known; answers what became of our last words when there was no room for that.
fn paint_flags(app: &App, row: &Row, cx: &Cx, end: u16, y: u16, canvas: &mut Canvas<'_>) -> Option<(Mark, Meaning)> {
    let mut end = end;
    let tick = tick(row);
    let flag = flag(app, row, cx, canvas);
    let left = tick.filter(|_| flag.is_some());
    if let Some((flag, meaning)) = flag.or_else(|| tick.map(|(mark, meaning)| (canvas.text_of(mark), meaning))) {
        end -= canvas.put_right(end, y, usize::from(FLAG) - 1, &flag, meaning) as u16 + 1;
    }
    let priority = match row.summary.priority {
        Priority::Urgent => Meaning::Danger,
        Priority::High => Meaning::Warn,
        Priority::Medium => Meaning::Muted,
        Priority::Low | Priority::None => return left,
    };
    canvas.put_right(end, y, 1, &canvas.text_of(Mark::Priority), priority);
    left
}

/// Its thread is on the screen. The row need not say what stands beside it: it would be painted twice, whenever somebody writes.
fn is_beside(app: &App, row: &Row) -> bool {
    app.thread.as_ref().is_some_and(|thread| thread.id == row.summary.id && thread.loaded)
}

/// The conversation is being written in. Its row says only that: the words stand beside it, and would be painted twice.
fn is_written_in(app: &App, row: &Row) -> bool {
    app.focus == Focus::Compose && app.thread.as_ref().is_some_and(|thread| thread.id == row.summary.id)
}

/// The last words, and what became of them when they are ours and the flags say something else.
fn paint_preview(app: &App, row: &Row, unread: bool, tick: Option<(Mark, Meaning)>, (x, y): (u16, u16), end: u16, canvas: &mut Canvas<'_>) {
    if is_written_in(app, row) {
        canvas.say(x, y, usize::from(end.saturating_sub(x)), "you are writing", Meaning::Warn);
        return;
    }
    if is_beside(app, row) && row.summary.draft.is_none() {
        canvas.say(x, y, usize::from(end.saturating_sub(x)), "open beside", Meaning::Muted);
        return;
    }
    let summary = &row.summary;
    let (before, meaning) = match (&summary.draft, summary.preview_direction) {
        (Some(_), _) => ("draft: ", Meaning::Warn),
        (None, Direction::Out) => ("you: ", Meaning::Muted),
        (None, Direction::Note) => ("note: ", Meaning::Note),
        (None, Direction::System | Direction::In) => ("", Meaning::Muted),
    };
    let mut room = usize::from(end.saturating_sub(x));
    if let Some((mark, meaning)) = tick.filter(|_| summary.draft.is_none() && room > TICK) {
        canvas.put_right(end, y, 2, &canvas.text_of(mark), meaning);
        room -= TICK;
    }
    let used = canvas.put(x, y, room, &Safe::lit(before), meaning);
    let meaning = if unread { Meaning::Text } else { Meaning::Muted };
    canvas.put(x + used as u16, y, room - used, &row.preview, meaning);
}

/// The one thing about a conversation that most needs to be known.
fn flag(app: &App, row: &Row, cx: &Cx, canvas: &Canvas<'_>) -> Option<(Safe, Meaning)> {
    let summary = &row.summary;
    let mark = |mark: Mark| canvas.text_of(mark);
    match summary.mark {
        Some(Delivery::Failed | Delivery::Uncertain) => return Some((mark(Mark::Needs), Meaning::Danger)),
        _ if summary.unreachable => return Some((mark(Mark::Closed), Meaning::Danger)),
        _ => {}
    }
    match summary.reply_window(cx.now) {
        Window::Closed(_) => return Some((mark(Mark::WindowClosed), Meaning::Warn)),
        Window::Open(end) if end.since(cx.now) < WINDOW_SHOWN => {
            let left = Safe::line(&format!(" {}", short(end.since(cx.now))));
            return Some((mark(Mark::Window).then(&left), Meaning::Warn));
        }
        Window::Open(_) | Window::Unlimited => {}
    }
    if let Some(at) = summary.scheduled.filter(|_| summary.status != Status::Snoozed) {
        return Some((mark(Mark::Held).then(&Safe::line(&until(Some(at), cx))), Meaning::Muted));
    }
    // A list of one kind does not say that kind in every row.
    match summary.status {
        Status::Snoozed => return Some((mark(Mark::Snoozed).then(&Safe::line(&until(summary.snoozed_until, cx))), Meaning::Muted)),
        Status::Resolved if app.list.tab != Tab::Resolved => return Some((Safe::lit("done"), Meaning::Muted)),
        Status::Spam if app.list.tab != Tab::Spam => return Some((Safe::lit("spam"), Meaning::Muted)),
        _ => {}
    }
    if (summary.draft.is_some() && app.list.tab != Tab::Drafts) || is_written_in(app, row) {
        return Some((mark(Mark::Draft), Meaning::Warn));
    }
    None
}

/// What became of the last words, when they are ours.
fn tick(row: &Row) -> Option<(Mark, Meaning)> {
    let ours = row.summary.preview_direction == Direction::Out;
    // What failed needs somebody, and is a flag.
    let fine = row.summary.mark.filter(|mark| ours && !matches!(mark, Delivery::Failed | Delivery::Uncertain));
    fine.and_then(of_delivery)
}

/// When a snoozed one comes back, in six columns at most: an hour of today, a day of the week to come, a date; nothing when only a message
/// brings it back.
fn until(at: Option<Timestamp>, cx: &Cx) -> String {
    let Some(at) = at else { return String::new() };
    let days = at.date(cx.zone).signed_duration_since(cx.now.date(cx.zone)).num_days();
    match days {
        ..=0 => format!(" {}", at.hhmm(cx.zone)),
        1..7 => at.local(cx.zone).format(" %a").to_string(),
        _ => at.local(cx.zone).format("%-d %b").to_string(),
    }
}

/// An age that fits its column: a date of another year is its month.
pub(super) fn short_age(at: Timestamp, cx: &Cx) -> String {
    let text = age(at, cx.now, cx.zone);
    if text.len() < usize::from(AGE) { text } else { at.local(cx.zone).format("%b %Y").to_string() }
}

/// What a row's marks mean, for the info panel.
pub(super) fn window_words(summary: &crate::domain::conversation::Summary, cx: &Cx) -> String {
    match summary.reply_window(cx.now) {
        Window::Unlimited => String::new(),
        Window::Open(end) => format!("window {}", marks::long(end.since(cx.now))),
        Window::Closed(Some(at)) => format!("window closed {}", age(at, cx.now, cx.zone)),
        Window::Closed(None) => "window closed".to_owned(),
    }
}

/// The mark of imported history, whose channel is no provider we know.
pub(super) fn initial(channel: &str) -> char {
    channel.chars().next().filter(char::is_ascii_alphanumeric).map_or('?', |c| c.to_ascii_uppercase())
}
