//! Paints a kiosk: few things, large, each with the key that takes it.

use super::big::Size;
use super::board::large;
use super::canvas::Canvas;
use super::code;
use super::empty;
use super::marks::Mark;
use super::theme::Meaning;
use crate::app::Cx;
use crate::app::kiosk::{Details, KINDS, Paper, Press, Stand, Step};
use crate::app::layout::{Rect, SMALLEST};
use crate::domain::queue::look::{Offer, Place};
use crate::domain::queue::signs::{Tongue, Words, address, fill, link};
use crate::domain::text::Safe;

/// Blank columns at the edges.
const EDGE: u16 = 2;

/// The whole kiosk.
pub(super) fn paint(stand: &Stand, cx: &Cx, canvas: &mut Canvas<'_>) {
    let (w, h) = stand.size();
    if w < SMALLEST.0 || h < SMALLEST.1 {
        return empty::too_small(Rect::new(0, 0, w, h), canvas);
    }
    let words = stand.tongue().words();
    head(stand, words, cx, canvas);
    match &stand.step {
        Step::Choose => choose(stand, words, canvas),
        Step::Details(wanted) => details(stand, wanted, words, canvas),
        Step::Issuing(_) => middle(words.moment, h / 2, w, Meaning::Name, canvas),
        Step::Done { place, paper } => done(stand, place, *paper, words, canvas),
        Step::Sorry { why, .. } => {
            middle(words.sorry, h / 3, w, Meaning::Name, canvas);
            middle(words.ask_staff, h / 3 + 2, w, Meaning::Text, canvas);
            paragraph(why, h / 3 + 4, (w, h), Meaning::Muted, canvas);
            keys(&[("Enter", words.again), ("Esc", words.back)], (w, h), words.by_itself, canvas);
        }
    }
}

/// The venue, the languages, the time.
fn head(stand: &Stand, words: &Words, cx: &Cx, canvas: &mut Canvas<'_>) {
    let (w, _) = stand.size();
    let zone = stand.kiosk.as_ref().map_or(cx.zone, |kiosk| kiosk.venue.zone);
    let mut end = w - EDGE;
    end -= canvas.say_right(end, 0, 6, &cx.now.hhmm(zone), Meaning::Name) as u16 + 4;
    for tongue in Tongue::ALL.into_iter().rev() {
        let here = tongue == stand.tongue();
        let code = tongue.code().to_uppercase();
        let code = if here { format!("[{code}]") } else { format!(" {code} ") };
        end -= canvas.say_right(end, 0, 4, &code, if here { Meaning::Selected } else { Meaning::Muted }) as u16;
    }
    if stand.printer_broken {
        end -= 2;
        end -= canvas.say_right(end, 0, 12, words.printer_mark, Meaning::Danger) as u16;
    }
    if let Some(kiosk) = &stand.kiosk {
        canvas.say(EDGE, 0, usize::from(end.saturating_sub(EDGE + 2)), &kiosk.venue.name.to_uppercase(), Meaning::Name);
    }
    canvas.rule(0, 1, w, Mark::Double, Meaning::Rule);
}

/// What there is to choose from.
fn choose(stand: &Stand, words: &Words, canvas: &mut Canvas<'_>) {
    let (w, h) = stand.size();
    if stand.reach.lost.is_some() {
        return middle(words.offline, h / 2, w, Meaning::Danger, canvas);
    }
    let Some(kiosk) = &stand.kiosk else { return middle(words.connecting, h / 2, w, Meaning::Muted, canvas) };
    if kiosk.offers.is_empty() {
        return middle(words.no_services, h / 2, w, Meaning::Muted, canvas);
    }
    canvas.say(EDGE, 2, usize::from(w - 4), words.welcome, Meaning::Name);
    for (n, (place, press)) in stand.buttons().into_iter().enumerate() {
        match press {
            Press::Service(at) => {
                if let Some(offer) = kiosk.offers.get(at) {
                    tile(n + 1, &offer.line.service.name, &doing(offer, words), offer.closed, place, canvas);
                }
            }
            Press::More => tile(n + 1, words.more, "", false, place, canvas),
            _ => {}
        }
    }
    keys(&[("0", words.other_language)], (w, h), "", canvas);
}

/// How a service is doing, in a few words.
fn doing(offer: &Offer, words: &Words) -> String {
    if offer.closed { words.closed.to_owned() } else { words.line(&offer.line) }
}

/// Something with a number.
fn tile(number: usize, name: &str, below: &str, closed: bool, place: Rect, canvas: &mut Canvas<'_>) {
    let key = format!("[{number}]");
    let (strong, weak) = if closed { (Meaning::Muted, Meaning::Muted) } else { (Meaning::Name, Meaning::Text) };
    let inside = if place.h >= 3 { canvas.frame(place, "") } else { place };
    if place.h >= 3 {
        canvas.rule(place.x + 1, place.y, place.w - 2, Mark::Horizontal, Meaning::Rule);
    }
    let y = inside.y + (inside.h.saturating_sub(2)) / 2;
    if inside.h >= Size::Quadrant.height() && !canvas.is_ascii() {
        let (digit, y) = (Safe::line(&number.to_string()), inside.y + (inside.h - Size::Quadrant.height()) / 2);
        for (row, y) in Size::Quadrant.rows(&digit, false).iter().zip(y..) {
            canvas.put(inside.x, y, 4, row, if closed { Meaning::Muted } else { Meaning::Accent });
        }
    } else {
        canvas.say(inside.x, y, 5, &key, if closed { Meaning::Muted } else { Meaning::Accent });
    }
    let room = usize::from(inside.w.saturating_sub(5));
    if inside.h >= 2 {
        canvas.say(inside.x + 5, y, room, &name.to_uppercase(), strong);
        canvas.say(inside.x + 5, y + 1, room, below, weak);
    } else {
        let used = canvas.say(inside.x + 5, y, room, &name.to_uppercase(), strong);
        canvas.say(inside.x + 7 + used as u16, y, room.saturating_sub(used + 2), below, weak);
    }
}

/// What else somebody may want to say.
fn details(stand: &Stand, wanted: &Details, words: &Words, canvas: &mut Canvas<'_>) {
    let (w, h) = stand.size();
    let room = usize::from(w - 2 * EDGE);
    if let Some(offer) = stand.chosen(wanted.service) {
        let used = canvas.say(EDGE, 2, room, words.chosen, Meaning::Text) as u16;
        canvas.say(
            EDGE + used + 1,
            2,
            room.saturating_sub(usize::from(used) + 1),
            &offer.line.service.name.to_uppercase(),
            Meaning::Selected,
        );
        canvas.say(EDGE, 3, room, &doing(offer, words), Meaning::Text);
    }
    let y = if h < 20 { 5 } else { 6 };
    let used = canvas.say(EDGE, y, room, words.phone, Meaning::Text) as u16;
    let x = EDGE + used + 2;
    let typed = canvas.say(x, y, 16, &wanted.phone, Meaning::Name) as u16;
    canvas.say(
        x + typed,
        y,
        usize::from(16_u16.saturating_sub(typed)),
        &"_".repeat(usize::from(16_u16.saturating_sub(typed))),
        Meaning::Muted,
    );
    canvas.cursor = Some((x + typed, y));
    let (help, meaning) = if wanted.wrong { (words.phone_wrong, Meaning::Danger) } else { (words.phone_help, Meaning::Muted) };
    canvas.say(EDGE, y + 1, room, help, meaning);
    let kinds: Vec<Rect> =
        stand.buttons().into_iter().filter(|(_, press)| matches!(press, Press::Priority(_))).map(|(place, _)| place).collect();
    if let Some(first) = kinds.first() {
        canvas.say(EDGE, first.y - 1, room, words.priority_help, Meaning::Text);
    }
    for ((place, kind), (letter, name)) in kinds.into_iter().zip(KINDS).zip(words.kinds) {
        let chosen = kind == wanted.priority;
        let inside = if place.h >= 3 { canvas.frame(place, if chosen { "✓" } else { "" }) } else { place };
        if place.h >= 3 && !chosen {
            canvas.rule(place.x + 1, place.y, place.w - 2, Mark::Horizontal, Meaning::Rule);
        }
        canvas.say(inside.x, inside.y, 4, &format!("[{letter}]"), Meaning::Accent);
        let mark = if chosen { canvas.mark(inside.x + 4, inside.y, Mark::Good, Meaning::Good) as u16 + 1 } else { 0 };
        let room = usize::from(inside.w.saturating_sub(4 + mark));
        canvas.say(inside.x + 4 + mark, inside.y, room, name, if chosen { Meaning::Selected } else { Meaning::Name });
        if chosen {
            canvas.reverse(inside, Meaning::Selected);
        }
    }
    keys(&[("Enter", words.take), ("Esc", words.back)], (w, h), words.by_itself, canvas);
}

/// The ticket.
fn done(stand: &Stand, place: &Place, paper: Paper, words: &Words, canvas: &mut Canvas<'_>) {
    let (whole, h) = stand.size();
    let label = Safe::line(&place.ticket.label);
    let number = stand.kiosk.as_ref().map(|kiosk| kiosk.number.as_str()).filter(|number| !number.is_empty());
    // Without paper the number is what matters.
    let address =
        number.and_then(|number| address(words, Some(label.as_str()), number)).filter(|_| paper != Paper::Failed && !canvas.is_ascii());
    let code = address.map(|address| code::rows(&address, stand.light)).unwrap_or_default();
    let (wide, tall) = (code.first().map_or(0, Safe::width) as u16, code.len() as u16);
    let beside = wide > 0 && whole >= wide + 2 * EDGE + 40 && h >= tall + 6;
    let w = if beside { whole - wide - 2 * EDGE } else { whole };
    if beside {
        for (row, y) in code.iter().zip(3..) {
            canvas.put(w, y, usize::from(wide), row, Meaning::Text);
        }
    }
    middle(if place.known { words.yours_already } else { words.yours }, 2, w, Meaning::Accent, canvas);
    let mut y = 4;
    if let Some(size) = Size::fitting(label.width(), w - 2 * EDGE, h.saturating_sub(12), canvas.is_ascii()) {
        large((w - size.width(label.width())) / 2, y, w, &label, size, canvas);
        y += size.height() + 1;
    } else {
        middle(label.as_str(), y, w, Meaning::Selected, canvas);
        y += 2;
    }
    y += paragraph(&standing(place, words), y, (w, h), Meaning::Name, canvas) - 1;
    let (told, meaning) = match paper {
        Paper::None => (words.keep, Meaning::Text),
        Paper::Printing => (words.printing, Meaning::Text),
        Paper::Printed => (words.printed, Meaning::Good),
        Paper::Failed => (words.no_paper, Meaning::Danger),
    };
    y += 1 + paragraph(told, y + 1, (w, h), meaning, canvas);
    if let Some(number) = number {
        let apart = u16::from(h >= 20);
        paragraph(&link(words, label.as_str(), number), y + apart, (w, h), Meaning::Text, canvas);
    }
    keys(&[("Enter", words.done)], (whole, h), words.by_itself, canvas);
}

/// Where somebody stands: the service, the place, how long, who is served.
fn standing(place: &Place, words: &Words) -> String {
    let estimate = words.range(place.estimate);
    let told = [
        Some(place.service.clone()),
        place.position.map(|position| fill(words.position, &position.to_string())),
        Some(if estimate.is_empty() { words.no_counter.to_owned() } else { fill(words.estimate, &estimate) })
            .filter(|_| place.position.is_some()),
        (!place.serving.is_empty()).then(|| fill(words.serving_now, &place.serving)),
    ];
    told.into_iter().flatten().collect::<Vec<_>>().join("   ")
}

/// The keys of the last row.
fn keys(keys: &[(&str, &str)], (w, h): (u16, u16), more: &str, canvas: &mut Canvas<'_>) {
    canvas.rule(0, h - 2, w, Mark::Horizontal, Meaning::Rule);
    let mut x = EDGE;
    for (n, (key, word)) in keys.iter().enumerate() {
        // The right half is the second one's, for a finger.
        x = if n == 1 { x.max(w / 2) } else { x };
        let room = usize::from(w.saturating_sub(x + EDGE));
        x += canvas.say(x, h - 1, room, &format!("[{key}] "), Meaning::Accent) as u16;
        x += canvas.say(x, h - 1, usize::from(w.saturating_sub(x + EDGE)), word, Meaning::Text) as u16 + 3;
    }
    let room = usize::from(w.saturating_sub(x + EDGE));
    if more.chars().count() <= room {
        canvas.say_right(w - EDGE, h - 1, room, more, Meaning::Muted);
    }
}

fn middle(text: &str, y: u16, w: u16, meaning: Meaning, canvas: &mut Canvas<'_>) {
    let text = Safe::line(text).fit(usize::from(w - 2 * EDGE));
    canvas.put((w - text.width() as u16) / 2, y, usize::from(w), &text, meaning);
}

/// Rows in the middle, as many as it takes; says how many.
fn paragraph(text: &str, y: u16, (w, h): (u16, u16), meaning: Meaning, canvas: &mut Canvas<'_>) -> u16 {
    let rows = Safe::line(text).wrap(usize::from(w - 4 * EDGE));
    for (row, at) in rows.iter().zip(y..h.saturating_sub(2)) {
        canvas.put((w - row.width() as u16) / 2, at, usize::from(w), row, meaning);
    }
    rows.len() as u16
}
