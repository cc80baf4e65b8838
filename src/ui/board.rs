//! Paints the public display: who is called, large; who was; who is next; how long it takes. Tickets and counters, nobody's name.

use super::big::Size;
use super::canvas::Canvas;
use super::code;
use super::empty;
use super::marks::Mark;
use super::theme::Meaning;
use crate::app::Cx;
use crate::app::board::{Display, Shown};
use crate::app::layout::{Rect, SMALLEST};
use crate::domain::queue::Priority;
use crate::domain::queue::look::{Announcement, Board};
use crate::domain::queue::signs::{Words, address, fill};
use crate::domain::text::Safe;

/// From so many columns on there is room for whole sentences.
const WIDE: u16 = 120;
/// Blank columns at the edges.
const EDGE: u16 = 2;

/// Where the parts stand, by rows.
struct Plan {
    w: u16,
    /// The heading of the call.
    call: u16,
    /// How large its letters are; in ordinary ones when nothing fits.
    size: Option<Size>,
    /// The rule above the previous calls.
    middle: u16,
    /// The rule above the services.
    lines: u16,
    /// The last row.
    foot: u16,
}

/// The whole display.
pub(super) fn paint(display: &Display, cx: &Cx, canvas: &mut Canvas<'_>) {
    let (w, h) = display.size();
    if w < SMALLEST.0 || h < SMALLEST.1 {
        return empty::too_small(Rect::new(0, 0, w, h), canvas);
    }
    let words = display.tongue().words();
    head(display, words, cx, canvas);
    let Some(board) = &display.board else {
        let told = display.problem.as_deref().unwrap_or(words.connecting);
        for (n, row) in Safe::line(told).wrap(usize::from(w - 4)).iter().enumerate().take(usize::from(h) - 4) {
            canvas.put(EDGE, h / 3 + n as u16, usize::from(w - 4), row, Meaning::Muted);
        }
        return;
    };
    let plan = plan(board, display.shown.as_ref(), (w, h), canvas.is_ascii());
    call(display, &plan, words, canvas);
    middle(display, board, &plan, words, canvas);
    lines(board, &plan, words, canvas);
    foot(display, &plan, words, canvas);
}

fn plan(board: &Board, shown: Option<&Shown>, (w, h): (u16, u16), ascii: bool) -> Plan {
    let foot = h - 1;
    let rows = (board.lines.len() as u16).div_ceil(columns(w)).clamp(1, (h / 8).max(1));
    // A low screen has no room for a rule above the last row.
    let lines = foot - u16::from(h >= 18) - rows - 1;
    let room = lines.saturating_sub(2);
    let call = 2;
    let size = shown.and_then(|shown| {
        let (label, counter) = letters(&shown.call);
        let most = if h < 30 { room.saturating_sub(6) } else { room * 11 / 20 };
        // What keeps ticket and counter apart takes a letter.
        Size::fitting(label + counter + usize::from(counter > 0), w - 2 * EDGE, most, ascii)
    });
    let tall = size.map_or(1, Size::height);
    let air = u16::from(h >= 22) + u16::from(h >= 36);
    Plan { w, call: call + air / 2, size, middle: call + air / 2 + 1 + tall + air, lines, foot }
}

/// How many services stand side by side.
const fn columns(w: u16) -> u16 {
    match w {
        ..76 => 1,
        76..WIDE => 2,
        _ => w / 60,
    }
}

/// The large letters of a ticket, and of its counter: a long name of one is told in ordinary letters.
fn letters(call: &Announcement) -> (usize, usize) {
    let counter = Safe::line(&call.counter).width();
    (Safe::line(&call.label).width(), if counter > 3 { 0 } else { counter })
}

/// The venue, the day, the time; and what is wrong, where everybody who looks after it sees it.
fn head(display: &Display, words: &Words, cx: &Cx, canvas: &mut Canvas<'_>) {
    let (w, _) = display.size();
    let zone = display.board.as_ref().map_or(cx.zone, |board| board.venue.zone);
    let clock = format!("{}  {}", words.date(cx.now.date(zone)), cx.now.hhmm(zone));
    let used = canvas.say_right(w - EDGE, 0, 30, &clock, Meaning::Name) as u16;
    if let Some(board) = &display.board {
        let mut title = board.venue.name.to_uppercase();
        if let Some(department) = &board.department {
            title.push_str(" · ");
            title.push_str(&department.name);
        }
        canvas.say(EDGE, 0, usize::from(w.saturating_sub(used + 3 * EDGE)), &title, Meaning::Name);
    }
    canvas.rule(0, 1, w, Mark::Double, Meaning::Rule);
    let mut end = w - EDGE;
    if let Some(since) = display.reach.lost {
        end = wrong(&fill(words.lost_since, &since.hhmm(zone)), end, canvas);
    }
    if display.mute {
        wrong(words.no_voice, end, canvas);
    }
}

/// Something that is wrong, in the rule below the head; says where the next one ends.
fn wrong(what: &str, end: u16, canvas: &mut Canvas<'_>) -> u16 {
    let told = Safe::line(&format!(" {} {what} ", canvas.text_of(Mark::Needs)));
    let used = canvas.put_right(end, 1, 40, &told, Meaning::Danger) as u16;
    canvas.reverse(Rect::new(end.saturating_sub(used), 1, used, 1), Meaning::Danger);
    end.saturating_sub(used + 2)
}

/// The call that is shown large.
fn call(display: &Display, plan: &Plan, words: &Words, canvas: &mut Canvas<'_>) {
    let Some(shown) = &display.shown else {
        canvas.say(EDGE + 1, plan.call, usize::from(plan.w - 4), words.now_serving, Meaning::Accent);
        canvas.say(EDGE + 1, plan.call + 1, usize::from(plan.w - 4), words.nobody_called, Meaning::Muted);
        return;
    };
    let call = &shown.call;
    let (label, counter) = (Safe::line(&call.label), Safe::line(&call.counter));
    let (_, big) = letters(call);
    // The counter's letters end at the edge, and its heading stands above them.
    let counter_x = match plan.size.filter(|_| big > 0) {
        Some(size) => plan.w.saturating_sub(EDGE + size.width(big)),
        None => plan.w.saturating_sub(EDGE + (words.counter.len() as u16 + 1 + counter.width() as u16).min(plan.w / 2)),
    };
    let heading_x = counter_x.min(plan.w - EDGE - words.counter.len() as u16);
    let heading = if shown.is_fresh() { words.please_come } else { words.now_serving };
    let mut told = vec![heading.to_owned(), call.service.clone()];
    if call.recall > 0 {
        told.push(fill(words.recalled, &call.recall.to_string()));
    }
    let room = usize::from(heading_x.saturating_sub(EDGE + 3));
    canvas.say(EDGE + 1, plan.call, room, &told.join(" · "), if shown.is_fresh() { Meaning::Selected } else { Meaning::Accent });
    let mut over = words.counter.to_owned();
    if plan.size.is_none() || big == 0 {
        over = format!("{over} {counter}");
    }
    canvas.say(heading_x, plan.call, usize::from(plan.w - EDGE - heading_x), &over, Meaning::Accent);
    match plan.size {
        Some(size) => {
            large(EDGE + 1, plan.call + 1, plan.w, &label, size, canvas);
            if big > 0 {
                large(counter_x, plan.call + 1, plan.w, &counter, size, canvas);
            }
        }
        None => {
            canvas.put(EDGE + 1, plan.call + 1, usize::from(plan.w), &label, Meaning::Selected);
        }
    }
    if shown.reversed {
        canvas.reverse(Rect::new(0, plan.call, plan.w, 1 + plan.size.map_or(1, Size::height)), Meaning::Selected);
    }
}

/// A text in large letters.
pub(super) fn large(x: u16, y: u16, end: u16, text: &Safe, size: Size, canvas: &mut Canvas<'_>) {
    for (row, at) in size.rows(text, canvas.is_ascii()).iter().zip(y..) {
        canvas.put(x, at, usize::from(end.saturating_sub(x)), row, Meaning::Selected);
    }
}

/// Who was called, and who is next.
fn middle(display: &Display, board: &Board, plan: &Plan, words: &Words, canvas: &mut Canvas<'_>) {
    let (w, top) = (plan.w, plan.middle + 1);
    let room = plan.lines.saturating_sub(top);
    if room == 0 {
        return;
    }
    let next_w = if w < WIDE { 20 } else { w * 2 / 5 };
    let split = w - next_w;
    canvas.rule(0, plan.middle, w, Mark::Horizontal, Meaning::Rule);
    canvas.column(split, top, room);
    previous(display, Rect::new(EDGE, top, split - EDGE - 1, room), words, canvas);
    canvas.say(split + 2, top, usize::from(next_w - 2), words.next, Meaning::Accent);
    let bottom = plan.lines - scanned(display, Rect::new(split, top, next_w, room), words, canvas);
    let step = if bottom - top > 24 { 2 } else { 1 };
    for (next, y) in board.next.iter().zip((top + 1..bottom).step_by(step)) {
        let x = split + 2;
        let used = canvas.say(x, y, 10, &next.label, Meaning::Name) as u16;
        if w < WIDE {
            if next.priority != Priority::Normal {
                canvas.mark(x + used + 1, y, Mark::Priority, Meaning::Accent);
            }
            continue;
        }
        let when = if next.position <= 1 { words.is_next.to_owned() } else { words.range(next.estimate) };
        let at = (next_w - 13).clamp(20, 34);
        canvas.say(x + 11, y, usize::from(at - 12), &next.service, Meaning::Text);
        let used = canvas.say(x + at, y, usize::from(next_w.saturating_sub(at + 2)), &when, Meaning::Text) as u16;
        if next.priority != Priority::Normal {
            let from = at + used + 2;
            canvas.say(x + from, y, usize::from(next_w.saturating_sub(from + 2)), words.priority, Meaning::Muted);
        }
    }
}

/// What a camera reads to join the line, where there is room below those who are next; says how many rows it takes.
fn scanned(display: &Display, place: Rect, words: &Words, canvas: &mut Canvas<'_>) -> u16 {
    let address = address(words, None, &display.number).filter(|_| !canvas.is_ascii());
    let rows = address.map(|address| code::rows(&address, display.light)).unwrap_or_default();
    let (wide, tall) = (rows.first().map_or(0, Safe::width) as u16, rows.len() as u16);
    if tall == 0 || place.w < wide + 2 * EDGE || place.h < tall + 8 {
        return 0;
    }
    for (row, y) in rows.iter().zip(place.y + place.h - tall..) {
        canvas.put(place.x + place.w - wide - EDGE, y, usize::from(wide), row, Meaning::Text);
    }
    tall
}

/// The calls before, the newest first; on a large screen the newest of them in letters of middle size.
fn previous(display: &Display, place: Rect, words: &Words, canvas: &mut Canvas<'_>) {
    let calls = display.previous();
    let zone = display.board.as_ref().map(|board| board.venue.zone).unwrap_or_default();
    let w = place.w;
    let (second, third) = if w < 50 { (10, 18) } else { (12, 23) };
    let (counter_x, service_x, when_x) = (place.x + second, place.x + third, place.x + (w - 7).min(60));
    let mut y = place.y;
    for (x, title) in [(place.x, words.ticket), (counter_x, words.counter), (service_x, words.service), (when_x, words.called)] {
        let end = [counter_x, service_x, when_x, place.x + w].into_iter().find(|end| *end > x).unwrap_or(x);
        canvas.say(x, y, usize::from(end - x).saturating_sub(usize::from(end == when_x)), title, Meaning::Accent);
    }
    y += 1;
    let bottom = place.y + place.h;
    let mut rest = calls.as_slice();
    if let Some((first, others)) = calls.split_first().filter(|_| w >= 80 && place.h >= 12 && !canvas.is_ascii()) {
        let label = Safe::line(&first.label);
        large(place.x, y, place.x + w, &label, Size::Quadrant, canvas);
        let x = place.x + Size::Quadrant.width(label.width()) + 3;
        let told = format!("{} {}   {}   {}", words.counter.to_lowercase(), first.counter, first.at.hhmm(zone), first.service);
        canvas.say(x, y + 1, usize::from((place.x + w).saturating_sub(x)), &told, Meaning::Text);
        if first.recall > 0 {
            canvas.say(
                x,
                y + 2,
                usize::from((place.x + w).saturating_sub(x)),
                &fill(words.recalled, &first.recall.to_string()),
                Meaning::Muted,
            );
        }
        rest = others;
        y += 5;
    }
    let step = if bottom.saturating_sub(y) > 16 { 2 } else { 1 };
    for (call, y) in rest.iter().zip((y..bottom).step_by(step)) {
        canvas.say(place.x, y, usize::from(second - 1), &call.label, Meaning::Name);
        canvas.say(counter_x, y, usize::from(third - second - 1), &call.counter, Meaning::Text);
        let again = if call.recall > 0 { fill(words.recalled, &call.recall.to_string()) } else { String::new() };
        let mut room = usize::from(when_x - service_x).saturating_sub(1);
        let after = usize::from((place.x + w).saturating_sub(when_x + 7));
        let beside = !again.is_empty() && again.len() <= after;
        if beside {
            canvas.say(when_x + 7, y, after, &again, Meaning::Muted);
        } else if !again.is_empty() && room > again.len() + 6 {
            let used = canvas.say_right(when_x - 1, y, again.len(), &again, Meaning::Muted);
            room = room.saturating_sub(used + 1);
        }
        canvas.say(service_x, y, room, &call.service, Meaning::Text);
        canvas.say(when_x, y, 6, &call.at.hhmm(zone), Meaning::Text);
    }
}

/// How every service is doing.
fn lines(board: &Board, plan: &Plan, words: &Words, canvas: &mut Canvas<'_>) {
    canvas.rule(0, plan.lines, plan.w, Mark::Horizontal, Meaning::Rule);
    let columns = columns(plan.w);
    let wide = (plan.w - EDGE) / columns;
    let bottom = if plan.foot >= 17 { plan.foot - 1 } else { plan.foot };
    if board.lines.is_empty() {
        canvas.say(EDGE, plan.lines + 1, usize::from(plan.w - 4), words.no_services, Meaning::Muted);
    }
    let shown = usize::from(columns * bottom.saturating_sub(plan.lines + 1));
    for (n, line) in board.lines.iter().enumerate().take(shown) {
        let (column, row) = (n as u16 % columns, n as u16 / columns);
        let (x, y) = (EDGE + column * wide, plan.lines + 1 + row);
        let name_w = wide.saturating_sub(23).clamp(8, 24);
        canvas.say(x, y, usize::from(name_w), &line.service.name, Meaning::Name);
        let at = name_w + 1;
        let used = canvas.say(x + at, y, usize::from(wide.saturating_sub(at + 1)), &words.line(line), Meaning::Text) as u16;
        let open = words.open(line.open);
        let from = (at + 24).max(at + used + 2);
        if from + open.len() as u16 + 1 < wide {
            canvas.say(x + from, y, open.len(), &open, Meaning::Muted);
        }
    }
    // That there are more is told, not hidden.
    if board.lines.len() > shown {
        canvas.say_right(plan.w - EDGE, plan.lines, 6, &format!(" +{} ", board.lines.len() - shown), Meaning::Muted);
    }
}

/// How to get a ticket.
fn foot(display: &Display, plan: &Plan, words: &Words, canvas: &mut Canvas<'_>) {
    if plan.foot >= 17 {
        canvas.rule(0, plan.foot - 1, plan.w, Mark::Double, Meaning::Rule);
    }
    let how = if display.number.is_empty() { words.at_the_door.to_owned() } else { fill(words.by_message, &display.number) };
    canvas.say(EDGE, plan.foot, usize::from(plan.w - 4), &how, Meaning::Text);
}
