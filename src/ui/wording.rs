//! Our own message templates: the list with a preview, and the form.

use super::canvas::Canvas;
use super::marks::Mark;
use super::theme::Meaning;
use crate::app::App;
use crate::app::layout::Rect;
use crate::app::overlay::{WordingField, WordingForm, WordingList, WordingRow};
use crate::domain::template::Status;
use crate::domain::text::Safe;
use crate::domain::wording::{Facts, Kind, VARIABLES, Wording};

/// Columns for a language, and for what a template is for.
const LANGUAGE: usize = 7;
const KIND: usize = 10;
/// Columns of the form's titles.
const TITLE: usize = 10;
/// Rows for what is wrong, or for the names of the variables.
const HINTS: u16 = 3;
/// Rows of the form's text.
const TEXT: u16 = 5;

pub(super) fn list(app: &App, list: &WordingList, place: Rect, canvas: &mut Canvas<'_>) {
    let room = usize::from(place.w);
    let Some(page) = &list.page else {
        canvas.say(place.x, place.y, room, "Reading the templates …", Meaning::Muted);
        return;
    };
    if list.count() == 0 {
        let words = if page.may_edit {
            format!("No template of our own yet: {} writes one.", app.keymap.first_key("templates.create"))
        } else {
            "No template of our own yet: owners and admins write them.".to_owned()
        };
        canvas.say(place.x, place.y, room, &words, Meaning::Muted);
        return;
    }
    let shown = usize::from(place.h / 2).clamp(1, list.count());
    let first = (list.selected + 1).saturating_sub(shown);
    for n in first..(first + shown).min(list.count()) {
        let y = place.y + (n - first) as u16;
        let chosen = n == list.selected;
        if chosen {
            canvas.mark(place.x - 1, y, Mark::Cursor, Meaning::Accent);
        }
        let (name, language, kind, about) = match list.row(n) {
            Some(WordingRow::Own(wording)) => (&wording.name, &wording.language, wording.kind.title(), "our own".to_owned()),
            Some(WordingRow::Provider(channel, template)) => {
                (&template.name, &template.language, template.category.words(), format!("{} · {channel}", template.status.words()))
            }
            None => continue,
        };
        let usable = !matches!(list.row(n), Some(WordingRow::Provider(_, template)) if template.status != Status::Approved);
        let width = room.saturating_sub(LANGUAGE + KIND + 6) / 2;
        let meaning = match (chosen, usable) {
            (true, _) => Meaning::Selected,
            (false, true) => Meaning::Text,
            (false, false) => Meaning::Muted,
        };
        canvas.put(place.x, y, width - 1, &Safe::line(name), meaning);
        canvas.put(place.x + width as u16, y, LANGUAGE - 1, &Safe::line(language), Meaning::Muted);
        canvas.say(place.x + (width + LANGUAGE) as u16, y, KIND + 4, kind, Meaning::Muted);
        canvas.say_right(place.x + place.w, y, room.saturating_sub(width + LANGUAGE + KIND + 5), &about, Meaning::Muted);
    }
    let below = Rect { y: place.y + shown as u16, h: place.h - shown as u16, ..place };
    match list.chosen() {
        Some(WordingRow::Own(wording)) => {
            let rows = [Safe::block(&wording.text), sample(wording)];
            two(["as it is written", "with sample data"], rows, below, canvas);
            stand_in(wording, below, canvas);
        }
        Some(WordingRow::Provider(_, template)) => {
            let reason = if template.reason.is_empty() { String::new() } else { format!(": {}", template.reason) };
            let title = format!("{} · {}{reason}", template.name, template.status.words());
            block(&title, &Safe::block(&template.preview(&[])), below, canvas);
        }
        None => {}
    }
}

pub(super) fn form(app: &App, form: &WordingForm, place: Rect, canvas: &mut Canvas<'_>) {
    if place.h < TEXT + 8 {
        canvas.say(place.x, place.y, usize::from(place.w), "The window is too low to write a template in.", Meaning::Muted);
        return;
    }
    let room = usize::from(place.w);
    let mut y = place.y;
    for (at, title) in
        [(WordingField::Name, "name"), (WordingField::Language, "language"), (WordingField::Kind, "kind"), (WordingField::Title, "title")]
    {
        if at == WordingField::Title && form.kind != Kind::Push {
            continue;
        }
        let current = form.at == at;
        canvas.say(place.x, y, TITLE, title, if current { Meaning::Selected } else { Meaning::Muted });
        let x = place.x + TITLE as u16;
        let field = match at {
            WordingField::Name => Some(&form.lines[0]),
            WordingField::Language => Some(&form.lines[1]),
            WordingField::Title => Some(&form.lines[2]),
            WordingField::Kind | WordingField::Text => None,
        };
        if let Some(field) = field {
            let view = field.view(room - TITLE - 1);
            if let Some(row) = view.rows.get(view.cursor.0) {
                canvas.put(x, y, room - TITLE, row, Meaning::Text);
            }
            if current {
                canvas.cursor = Some((x + view.cursor.1 as u16, y));
            }
        } else {
            let used = canvas.say(x, y, room - TITLE, form.kind.title(), Meaning::Text);
            if current {
                canvas.say(x + used as u16 + 2, y, room - TITLE - used - 2, "Space chooses the other", Meaning::Muted);
                canvas.cursor = Some((x, y));
            }
        }
        y += 1;
    }
    let view = form.text.view(room - TITLE - 1);
    let first = (view.cursor.0 + 1).saturating_sub(usize::from(TEXT));
    let writing = form.at == WordingField::Text;
    canvas.say(place.x, y, TITLE, "text", if writing { Meaning::Selected } else { Meaning::Muted });
    for n in 0..TEXT {
        let x = place.x + TITLE as u16;
        canvas.mark(x - 1, y + n, Mark::Edge, if writing { Meaning::Accent } else { Meaning::Rule });
        if let Some(row) = view.rows.get(first + usize::from(n)) {
            canvas.put(x, y + n, room - TITLE, row, Meaning::Text);
        }
    }
    if writing {
        canvas.cursor = Some((place.x + (TITLE + view.cursor.1) as u16, y + (view.cursor.0 - first) as u16));
    }
    y += TEXT;
    let bottom = place.y + place.h - 2;
    block("with sample data", &sample(&form.wording()), Rect { y, h: (bottom + 1 - HINTS).saturating_sub(y), ..place }, canvas);
    let (words, meaning) = match &form.problem {
        Some(problem) => (problem.clone(), Meaning::Danger),
        None => (Safe::line(&VARIABLES.map(|(name, _)| format!("{{{{{name}}}}}")).join(" ")), Meaning::Muted),
    };
    for (n, row) in words.wrap(room).iter().take(usize::from(HINTS)).enumerate() {
        canvas.put(place.x, bottom + 1 - HINTS + n as u16, room, row, meaning);
    }
    let keys = &app.keymap;
    let words = format!(
        "{} keeps it · {} the next field · {} leaves it",
        keys.first_key("canned.keep"),
        keys.first_key("canned.field"),
        keys.first_key("canned.leave")
    );
    canvas.say(place.x, bottom + 1, room, &words, Meaning::Muted);
}

/// Title and text as they leave, with made-up values.
fn sample(wording: &Wording) -> Safe {
    let (title, text) = wording.filled(&Facts::sample());
    if title.is_empty() { Safe::block(&text) } else { Safe::block(&format!("{title}\n{text}")) }
}

/// Which template of the provider leaves instead while the window is closed, on the last row.
fn stand_in(wording: &Wording, place: Rect, canvas: &mut Canvas<'_>) {
    let Some(instead) = &wording.stand_in else { return };
    let words = format!("while the window is closed: the template {}", instead.name);
    canvas.say(place.x, place.y + place.h - 1, usize::from(place.w), &words, Meaning::Muted);
}

/// Two texts, one below the other.
fn two(titles: [&str; 2], texts: [Safe; 2], place: Rect, canvas: &mut Canvas<'_>) {
    let half = (place.h.saturating_sub(1)) / 2;
    let upper = Rect { h: half, ..place };
    let lower = Rect { y: place.y + half, h: place.h.saturating_sub(half + 1), ..place };
    for ((title, text), place) in titles.into_iter().zip(texts).zip([upper, lower]) {
        block(title, &text, place, canvas);
    }
}

/// A text below a rule with a title.
fn block(title: &str, text: &Safe, place: Rect, canvas: &mut Canvas<'_>) {
    if place.h == 0 {
        return;
    }
    let room = usize::from(place.w);
    canvas.rule(place.x, place.y, place.w, Mark::Horizontal, Meaning::Rule);
    canvas.say(place.x + 1, place.y, room - 2, &format!(" {title} "), Meaning::Muted);
    for (n, row) in text.wrap(room.saturating_sub(2)).iter().enumerate().take(usize::from(place.h.saturating_sub(1))) {
        let y = place.y + 1 + n as u16;
        canvas.mark(place.x, y, Mark::Edge, Meaning::Rule);
        canvas.put(place.x + 1, y, room - 1, row, Meaning::Text);
    }
}
