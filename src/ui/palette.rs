//! The palette and the command line.

use super::canvas::Canvas;
use super::marks::{Mark, of_delivery};
use super::overlay::paint_typed;
use super::theme::Meaning;
use crate::app::layout::Rect;
use crate::app::overlay::{DOC_ROWS, Palette, PaletteKind, PaletteLine, PaletteRow};
use crate::domain::delivery::Delivery;
use crate::domain::text::Safe;

/// Columns for the keys of a row.
const KEYS: usize = 20;

pub(super) fn paint(palette: &Palette, place: Rect, canvas: &mut Canvas<'_>) {
    let title = match palette.kind {
        PaletteKind::Find => "find anything",
        PaletteKind::Line => "command line",
        PaletteKind::Keys(_) => "keys that work here",
    };
    let inside = canvas.frame(place, title);
    if inside.is_empty() {
        return;
    }
    let room = usize::from(inside.w);
    let prompt = if palette.kind == PaletteKind::Line { ": " } else { "> " };
    paint_typed(prompt, &palette.field, inside, canvas);
    second_line(palette, inside, canvas);
    if palette.field.is_blank() && palette.kind != PaletteKind::Line {
        let words = if palette.kind == PaletteKind::Find { "a command, a customer, a colleague …" } else { "a few letters" };
        canvas.say(inside.x + 3, inside.y, room.saturating_sub(3), words, Meaning::Muted);
    }
    if let (PaletteKind::Keys(_), Some(row)) = (palette.kind, palette.row()) {
        let rows = Safe::line(row.found.command.doc).wrap(room);
        for (n, row) in rows.iter().take(DOC_ROWS).enumerate() {
            canvas.put(inside.x, inside.y + inside.h.saturating_sub(DOC_ROWS as u16) + n as u16, room, row, Meaning::Muted);
        }
    }
    if palette.rows.is_empty() && palette.kind != PaletteKind::Line {
        canvas.say(inside.x, inside.y + 2, room, "Nothing here has these letters.", Meaning::Muted);
    }
    for (n, line) in palette.seen(palette.room(place.h)).into_iter().enumerate() {
        let y = inside.y + 2 + n as u16;
        match line {
            PaletteLine::Heading(section, count) => {
                let used = canvas.say(inside.x, y, room, section, Meaning::Name) as u16 + 1;
                canvas.say(inside.x + used, y, 8, &count.to_string(), Meaning::Muted);
            }
            PaletteLine::Row(at) => {
                if let Some(row) = palette.rows.get(at) {
                    paint_row(palette, row, at == palette.selected, Rect { y, h: 1, ..inside }, canvas);
                }
            }
        }
    }
}

/// Below what is typed: why it could not run, else what the typed command takes and does.
fn second_line(palette: &Palette, inside: Rect, canvas: &mut Canvas<'_>) {
    let room = usize::from(inside.w);
    if let Some(problem) = &palette.problem {
        let x = inside.x + canvas.mark(inside.x, inside.y + 1, Mark::Needs, Meaning::Danger) as u16 + 1;
        canvas.put(x, inside.y + 1, room.saturating_sub(2), problem, Meaning::Danger);
    } else if let (PaletteKind::Line, Some((command, _))) = (palette.kind, palette.typed_command()) {
        let words = format!("{}: {}", command.usage(), command.doc);
        canvas.say(inside.x + 2, inside.y + 1, room.saturating_sub(2), &words, Meaning::Muted);
    } else if matches!(palette.kind, PaletteKind::Keys(_)) {
        legend(inside, canvas);
    }
}

/// What the marks beside our messages mean.
fn legend(inside: Rect, canvas: &mut Canvas<'_>) {
    let end = inside.x + inside.w;
    let mut x = inside.x;
    for (delivery, word) in [
        (Delivery::Queued, "waits"),
        (Delivery::Sent, "sent"),
        (Delivery::Delivered, "delivered"),
        (Delivery::Read, "read"),
        (Delivery::Played, "played"),
        (Delivery::Uncertain, "uncertain"),
        (Delivery::Failed, "failed"),
    ] {
        let Some((mark, meaning)) = of_delivery(delivery) else { continue };
        let text = canvas.text_of(mark);
        if x + (text.width() + word.len() + 3) as u16 > end {
            break;
        }
        x += canvas.put(x, inside.y + 1, 2, &text, meaning) as u16 + 1;
        x += canvas.say(x, inside.y + 1, word.len(), word, meaning) as u16 + 2;
    }
}

fn paint_row(palette: &Palette, row: &PaletteRow, chosen: bool, place: Rect, canvas: &mut Canvas<'_>) {
    let (room, y) = (usize::from(place.w), place.y);
    if chosen {
        canvas.mark(place.x - 1, y, Mark::Cursor, Meaning::Accent);
    }
    let meaning = match (chosen, &row.refusal) {
        (_, Some(_)) => Meaning::Muted,
        (true, None) => Meaning::Selected,
        (false, None) => Meaning::Text,
    };
    let in_line = palette.kind == PaletteKind::Line;
    let mut used = 0;
    if in_line {
        let word = row.found.word.clone().unwrap_or_else(|| row.found.command.usage());
        used = canvas.say(place.x, y, room / 3, &word, meaning).max(room / 3) + 1;
    }
    if matches!(palette.kind, PaletteKind::Keys(_)) {
        let keys = if row.refusal.is_some() { Meaning::Muted } else { Meaning::Accent };
        used = canvas.say(place.x, y, KEYS - 1, &row.keys, keys).max(KEYS - 1) + 1;
    }
    let title = if in_line { Meaning::Muted } else { meaning };
    used += canvas.put(place.x + used as u16, y, (room / 2).max(room.saturating_sub(used + 30)), &row.title, title);
    let used_by_keys = matches!(palette.kind, PaletteKind::Keys(_));
    let (right, meaning) = match &row.refusal {
        Some(why) => (why.as_str(), Meaning::Muted),
        None if used_by_keys => ("", Meaning::Muted),
        None if !row.about.is_empty() => (row.about.as_str(), Meaning::Muted),
        None if row.keys.is_empty() && row.found.word.is_none() => (row.found.command.name, Meaning::Muted),
        None => (row.keys.as_str(), Meaning::Accent),
    };
    canvas.say_right(place.x + place.w, y, room.saturating_sub(used + 2), right, meaning);
}
