//! The open conversation.

use super::canvas::Canvas;
use super::empty;
use super::list::window_words;
use super::marks::{Mark, held, of_delivery};
use super::theme::Meaning;
use crate::app::focus::Focus;
use crate::app::layout::{Layout, Rect};
use crate::app::pane::item::{INDENT, Item, Line, hour_of};
use crate::app::pane::thread::{Row, Thread};
use crate::app::{App, Cx};
use crate::domain::conversation::Status;
use crate::domain::delivery::Delivery;
use crate::domain::message::Direction;
use crate::domain::text::Safe;

pub(super) fn paint(app: &App, cx: &Cx, layout: &Layout, canvas: &mut Canvas<'_>) {
    let Some(thread) = &app.thread else { return empty::thread(app, layout.thread, canvas) };
    paint_head(app, cx, thread, layout.head, canvas);
    let place = layout.thread;
    if thread.items.is_empty() {
        return empty::messages(thread, place, canvas);
    }
    // What acts on messages are about; without a selection that is the newest one.
    let selected = thread.current().filter(|_| app.focus == Focus::Thread).map(|item| item.message.id);
    for (n, row) in thread.visible().enumerate() {
        let y = place.y + n as u16;
        match row {
            Row::Between(line) => paint_between(line, place, y, canvas),
            Row::Head(item) => paint_item_head(cx, item, place, y, canvas),
            Row::Body(item, line, marked) => {
                paint_body(app, cx, item, line, Rect { y, ..place }, canvas);
                paint_picture(thread, line, place, y, canvas);
                if marked {
                    paint_mark(cx, item, place, y, canvas);
                }
            }
        }
        let of_selected = matches!(row, Row::Head(item) | Row::Body(item, ..) if selected == Some(item.message.id));
        if of_selected {
            canvas.mark(place.x, y, Mark::Cursor, Meaning::Accent);
        }
    }
    paint_below(thread, place, canvas);
}

fn paint_head(app: &App, cx: &Cx, thread: &Thread, place: Rect, canvas: &mut Canvas<'_>) {
    let (x, y, end) = (place.x + 1, place.y, place.x + place.w - 1);
    let room = usize::from(place.w) - 2;
    let Some(summary) = &thread.summary else {
        canvas.say(x, y, room, "…", Meaning::Muted);
        return;
    };
    let provider = app.provider(&summary.provider).map_or(summary.provider.as_str(), |provider| provider.title);
    let mut about = vec![provider.to_owned()];
    about.extend(Some(window_words(summary, cx)).filter(|words| !words.is_empty()));
    if summary.unreachable {
        about.push("unreachable".to_owned());
    }
    let mut state = Vec::new();
    if summary.status != Status::Open {
        state.push(summary.status.name().to_owned());
    }
    state.push(if summary.assignee.is_none() { "unassigned".to_owned() } else { format!("assigned {}", summary.assignee_name) });
    let (right, below) = if place.h > 1 {
        (about.join(" · "), Some(state.join(" · ")))
    } else {
        (about.into_iter().chain(state).collect::<Vec<_>>().join(" · "), None)
    };
    let used = canvas.put_right(end, y, room / 2, &Safe::line(&right), Meaning::Muted);
    let left = room.saturating_sub(used + 2);
    let name = canvas.put(x, y, left, &thread.title.0, if app.focus == Focus::List { Meaning::Name } else { Meaning::Selected });
    if name + 4 < left {
        canvas.put(x + name as u16 + 2, y, left - name - 2, &thread.title.1, Meaning::Muted);
    }
    if let Some(below) = below {
        canvas.say(x, y + 1, room, &below, Meaning::Muted);
    }
}

fn paint_between(line: &Line, place: Rect, y: u16, canvas: &mut Canvas<'_>) {
    match line {
        Line::Day(day) => paint_centered(day, Meaning::Muted, place, y, canvas),
        Line::Gap(words) => paint_centered(words, Meaning::Warn, place, y, canvas),
        Line::New => {
            canvas.rule(place.x + 1, y, place.w.saturating_sub(7), Mark::Horizontal, Meaning::Accent);
            canvas.put_right(place.x + place.w - 2, y, 4, &Safe::lit("new"), Meaning::Accent);
        }
        _ => {}
    }
}

/// Words between two short rules, in the middle.
fn paint_centered(words: &Safe, meaning: Meaning, place: Rect, y: u16, canvas: &mut Canvas<'_>) {
    let rule = 4;
    let room = usize::from(place.w).saturating_sub(2 * (rule + 1) + 2);
    let width = words.width().min(room);
    let from = place.x + (usize::from(place.w).saturating_sub(width) / 2) as u16;
    canvas.rule(from.saturating_sub(rule as u16 + 1), y, rule as u16, Mark::Horizontal, Meaning::Rule);
    canvas.put(from, y, room, words, meaning);
    canvas.rule(from + width as u16 + 1, y, rule as u16, Mark::Horizontal, Meaning::Rule);
}

fn paint_item_head(cx: &Cx, item: &Item, place: Rect, y: u16, canvas: &mut Canvas<'_>) {
    let message = &item.message;
    let x = place.x + 1;
    let room = usize::from(place.w) - 2;
    let meaning = match message.direction {
        Direction::In | Direction::System => Meaning::Name,
        Direction::Out => Meaning::Own,
        Direction::Note => Meaning::Note,
    };
    let mut at = canvas.put(x, y, room / 2, &item.author, meaning) + 2;
    at += canvas.say(x + at as u16, y, room - at, &message.at.hhmm(cx.zone), Meaning::Muted);
    if item.late {
        let words = format!("came {}", hour_of(message.received_at, message.at, cx.zone));
        at += 2 + canvas.say(x + at as u16 + 2, y, room.saturating_sub(at + 14), &words, Meaning::Warn);
    }
    if message.direction == Direction::Note {
        canvas.say(x + at as u16 + 2, y, room.saturating_sub(at + 12), "note, only for colleagues", Meaning::Note);
    }
    if item.new {
        let dash = canvas.text_of(Mark::Horizontal);
        let words = Safe::line(&format!("new {}", dash.as_str().repeat(4)));
        canvas.put_right(place.x + place.w - 2, y, 8, &words, Meaning::Accent);
        return;
    }
    paint_mark(cx, item, place, y, canvas);
}

fn paint_body(app: &App, cx: &Cx, item: &Item, line: &Line, place: Rect, canvas: &mut Canvas<'_>) {
    let y = place.y;
    let x = place.x + INDENT as u16;
    let room = usize::from(place.w) - INDENT;
    let message = &item.message;
    if message.direction == Direction::Note {
        canvas.mark(place.x + 1, y, Mark::Edge, Meaning::Note);
    }
    match line {
        Line::Text(words) => {
            let meaning = match message.direction {
                _ if message.deleted_at.is_some() => Meaning::Muted,
                Direction::System => Meaning::Muted,
                Direction::Note => Meaning::Note,
                Direction::In | Direction::Out => Meaning::Text,
            };
            canvas.put_marked(x, y, room, words, meaning, &looked_for(app, words));
            if !item.links.is_empty() {
                paint_links(item, line, (x, y), canvas);
            }
        }
        Line::Quote(words) => {
            canvas.mark(x, y, Mark::Quote, Meaning::Rule);
            canvas.put(x + 2, y, room - 2, words, Meaning::Muted);
        }
        Line::File(words) => {
            canvas.put_marked(x, y, room, words, Meaning::Accent, &looked_for(app, words));
        }
        Line::Reactions(words) | Line::About(words) => {
            canvas.put(x, y, room, words, Meaning::Muted);
        }
        Line::Reason(words) => {
            let used = canvas.put(x, y, room, words, Meaning::Danger);
            let keys = &app.keymap;
            let advice = match message.delivery {
                Delivery::Uncertain => {
                    format!("  {} sends again, {} it arrived", keys.first_key("message.resend"), keys.first_key("message.mark_sent"))
                }
                Delivery::Failed => match app.template_key().filter(|_| app.can_reply(cx).is_err()) {
                    Some(key) => format!("  {key} picks a template"),
                    None => format!("  {} sends again", keys.first_key("message.resend")),
                },
                _ => String::new(),
            };
            if used + advice.len() < room {
                canvas.say(x + used as u16, y, room - used, &advice, Meaning::Muted);
            }
        }
        Line::Blank | Line::Day(_) | Line::Gap(_) | Line::New | Line::Picture { .. } => {}
    }
}

/// A picture that is wholly in view, from its first row on.
fn paint_picture(thread: &Thread, line: &Line, place: Rect, y: u16, canvas: &mut Canvas<'_>) {
    let Line::Picture { file, row: 0 } = line else { return };
    let Some(picture) = thread.pictures.at_hand(*file) else { return };
    let room = place.w.saturating_sub(INDENT as u16);
    if y + picture.rows <= place.y + place.h && picture.columns <= room {
        canvas.picture((place.x + INDENT as u16, y), picture);
    }
}

/// The links in a row of a message.
fn paint_links(item: &Item, line: &Line, at: (u16, u16), canvas: &mut Canvas<'_>) {
    let row = item.body.iter().position(|other| std::ptr::eq(other, line));
    for link in item.links.iter().filter(|link| Some(link.row) == row) {
        canvas.link((at.0 + link.from as u16, at.1), link.width as u16, &link.url);
    }
}

/// Where the words of the search stand in a row.
fn looked_for(app: &App, words: &Safe) -> Vec<std::ops::Range<usize>> {
    app.searched().map(|query| query.marks(words.as_str())).unwrap_or_default()
}

/// How far a message got, at the right edge.
fn paint_mark(cx: &Cx, item: &Item, place: Rect, y: u16, canvas: &mut Canvas<'_>) {
    let message = &item.message;
    let mut end = place.x + place.w - 2;
    let delivery = if message.direction == Direction::Out { of_delivery(message.delivery) } else { None };
    if let Some((mark, meaning)) = delivery {
        let text = match held(message, cx.now, cx.zone) {
            Some(left) => canvas.text_of(Mark::Held).then(&Safe::line(&format!(" {left}"))),
            None => canvas.text_of(mark),
        };
        let parts = message.parts;
        let counted = parts.1 > 1 && !matches!(message.delivery, Delivery::Sent | Delivery::Delivered | Delivery::Read | Delivery::Played);
        let text = if counted { Safe::line(&format!("{}/{} ", parts.0, parts.1)).then(&text) } else { text };
        end -= canvas.put_right(end, y, 24, &text, meaning) as u16;
    }
    if message.edited_at.is_some() && message.deleted_at.is_none() {
        canvas.put_right(end.saturating_sub(1), y, 6, &Safe::lit("edited"), Meaning::Muted);
    }
}

/// New messages below the screen.
fn paint_below(thread: &Thread, place: Rect, canvas: &mut Canvas<'_>) {
    if thread.is_at_end() {
        return;
    }
    let y = place.y + place.h.saturating_sub(1);
    let down = canvas.text_of(Mark::Down);
    let (words, meaning) = match thread.unseen() {
        0 => (Safe::lit(" more "), Meaning::Muted),
        n => (Safe::line(&format!(" {n} new ")), Meaning::Selected),
    };
    canvas.put_right(place.x + place.w - 2, y, 16, &words.then(&down).then(&Safe::lit(" ")), meaning);
}
