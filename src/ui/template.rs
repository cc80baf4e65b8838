//! The picker of templates and the form of their values, each with the message below as the customer will read it.

use super::canvas::Canvas;
use super::marks::Mark;
use super::overlay::paint_typed;
use super::theme::Meaning;
use crate::app::layout::Rect;
use crate::app::overlay::{Asks, TemplateForm, TemplatePicker, TemplateRow};
use crate::domain::template::{Fills, Header, SlotPart, Template};
use crate::domain::text::Safe;

/// Columns for a template's language and for what it may be used for.
const LANGUAGE: usize = 7;
const CATEGORY: usize = 15;
/// Columns for what a row of the form asks.
const LABEL: usize = 22;
/// Words on each side of a blank that say what belongs there.
const AROUND: usize = 4;

pub(super) fn pick(picker: &TemplatePicker, place: Rect, height: u16, canvas: &mut Canvas<'_>) {
    if place.h < 4 {
        return;
    }
    let room = usize::from(place.w);
    paint_typed("> ", &picker.field, place, canvas);
    let list = place.y + 2;
    let Some(page) = &picker.page else {
        canvas.say(place.x, list, room, "Reading the templates …", Meaning::Muted);
        return;
    };
    if picker.rows.is_empty() {
        let words = if page.templates.is_empty() {
            "The provider has no template for this channel yet: make one in its console."
        } else {
            "No template has these letters."
        };
        canvas.say(place.x, list, room, words, Meaning::Muted);
        return;
    }
    let shown = TemplatePicker::room(height).min(usize::from(place.h - 3));
    let first = picker.first_shown(height);
    for (n, at) in picker.rows.iter().enumerate().skip(first).take(shown) {
        let Some(template) = page.templates.get(*at) else { continue };
        let y = list + (n - first) as u16;
        let (chosen, refusal) = (n == picker.selected, page.refusal(template));
        if chosen {
            canvas.mark(place.x - 1, y, Mark::Cursor, Meaning::Accent);
        }
        let name = room.saturating_sub(LANGUAGE + CATEGORY) * 2 / 5;
        let meaning = match (&refusal, chosen) {
            (Some(_), _) => Meaning::Muted,
            (None, true) => Meaning::Selected,
            (None, false) => Meaning::Text,
        };
        canvas.put(place.x, y, name - 1, &Safe::line(&template.name), meaning);
        canvas.put(place.x + name as u16, y, LANGUAGE - 1, &Safe::line(&template.language), Meaning::Muted);
        canvas.say(place.x + (name + LANGUAGE) as u16, y, CATEGORY - 1, template.category.words(), Meaning::Muted);
        let left = room.saturating_sub(name + LANGUAGE + CATEGORY);
        let words = refusal.as_deref().unwrap_or("approved");
        canvas.say_right(place.x + place.w, y, left, words, if refusal.is_some() { Meaning::Warn } else { Meaning::Good });
    }
    let y = list + picker.rows.len().min(shown) as u16;
    if let Some(template) = picker.template() {
        let why = picker.refusal().map(|why| Safe::line(&format!("Cannot be sent now: {why}")));
        preview(template, &template.preview(&[]), why.as_ref(), Rect { y, h: (place.y + place.h).saturating_sub(y), ..place }, canvas);
    }
}

pub(super) fn fill(form: &TemplateForm, place: Rect, canvas: &mut Canvas<'_>) {
    if place.h < 6 {
        return;
    }
    let room = usize::from(place.w);
    // A row for each value, one more for what is wrong with it; those before the current one make room for it.
    let most = usize::from(place.h / 2).max(2);
    let first = (form.at + 2).saturating_sub(most);
    let mut y = place.y;
    for (n, row) in form.rows.iter().enumerate().skip(first) {
        if usize::from(y - place.y) >= most {
            break;
        }
        paint_row(form, row, n == form.at, Rect { y, ..place }, canvas);
        y += 1;
        if let Some(problem) = &row.problem {
            canvas.mark(place.x + LABEL as u16 - 2, y, Mark::Needs, Meaning::Danger);
            canvas.put(place.x + LABEL as u16, y, room - LABEL, problem, Meaning::Danger);
            y += 1;
        }
    }
    if form.rows.is_empty() {
        canvas.say(place.x, y, room, "It needs no values.", Meaning::Muted);
        y += 1;
    }
    let bottom = place.y + place.h - 1;
    let values = form.values();
    let shown = Rect { y, h: bottom.saturating_sub(y), ..place };
    preview(&form.template, &form.template.preview(&values), form.problem.as_ref(), shown, canvas);
    let words = "blanks: {{name}} {{first_name}} {{agent}} {{number}} {{channel}}";
    canvas.say(place.x, bottom, room, words, Meaning::Muted);
}

fn paint_row(form: &TemplateForm, row: &TemplateRow, current: bool, place: Rect, canvas: &mut Canvas<'_>) {
    if current {
        canvas.mark(place.x - 1, place.y, Mark::Cursor, Meaning::Accent);
    }
    let meaning = if current { Meaning::Selected } else { Meaning::Name };
    canvas.put(place.x, place.y, LABEL - 1, &Safe::line(&label(form, row)), meaning);
    let (x, room) = (place.x + LABEL as u16, usize::from(place.w).saturating_sub(LABEL + 1));
    let view = row.field.view(room);
    match view.rows.get(view.cursor.0).filter(|text| !text.is_empty()) {
        Some(text) => canvas.put(x, place.y, room, text, Meaning::Text),
        None => canvas.say(x, place.y, room, &help(form, row), Meaning::Muted),
    };
    if current {
        canvas.cursor = Some((x + view.cursor.1.min(room) as u16, place.y));
    }
}

/// What a row is called: the placeholder as it stands in the message, or what it is for.
fn label(form: &TemplateForm, row: &TemplateRow) -> String {
    match &row.asks {
        Asks::File(kind) => kind.title().to_owned(),
        Asks::Place => "place".to_owned(),
        Asks::Value(slot) => match slot.part {
            SlotPart::Body => format!("{{{{{}}}}}", slot.name),
            SlotPart::Header => format!("title {{{{{}}}}}", slot.name),
            SlotPart::Button(at) => {
                let button = form.template.buttons.get(at);
                let text = button.map_or("button", |button| button.text.as_str());
                if button.is_some_and(|button| button.fills == Some(Fills::Code)) {
                    format!("code of {text}")
                } else {
                    format!("link of {text}")
                }
            }
        },
    }
}

/// What belongs there, while nothing is typed: for a value the words around its blank.
fn help(form: &TemplateForm, row: &TemplateRow) -> String {
    match &row.asks {
        Asks::File(_) => "the path of the file over the text".to_owned(),
        Asks::Place => "degrees north, degrees east, name".to_owned(),
        Asks::Value(slot) => match (slot.part, &form.template.header) {
            (SlotPart::Body, _) => around(&form.template.body, &slot.name),
            (SlotPart::Header, Header::Text(text)) => around(text, &slot.name),
            (SlotPart::Header | SlotPart::Button(_), _) => String::new(),
        },
    }
}

/// A few words before and after the first blank of that name, which says nothing by itself (`{{1}}`).
fn around(text: &str, name: &str) -> String {
    let mut rest = text;
    let (before, after) = loop {
        let Some((_, opened)) = rest.split_once("{{") else { return String::new() };
        let Some((found, after)) = opened.split_once("}}") else { return String::new() };
        if found.trim() == name {
            break (&text[..text.len() - opened.len() - 2], after);
        }
        rest = after;
    };
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let (before, after) = (words(before), words(after));
    let first = before.len().saturating_sub(AROUND);
    let left = if first > 0 { "… " } else { "" };
    let right = if after.len() > AROUND { " …" } else { "" };
    let after = after[..after.len().min(AROUND)].join(" ");
    format!("{left}{} ___ {after}{right}", before[first..].join(" ")).trim().to_owned()
}

/// The message below a rule that says what it may be used for, or why it cannot be sent.
fn preview(template: &Template, words: &str, problem: Option<&Safe>, place: Rect, canvas: &mut Canvas<'_>) {
    if place.h < 2 {
        return;
    }
    let room = usize::from(place.w);
    canvas.rule(place.x, place.y, place.w, Mark::Horizontal, Meaning::Rule);
    match problem {
        Some(problem) => canvas.put(place.x + 1, place.y, room - 2, &Safe::lit(" ").then(problem).then(&Safe::lit(" ")), Meaning::Danger),
        None => canvas.say(place.x + 1, place.y, room - 2, " as the customer reads it ", Meaning::Muted),
    };
    let over = match template.header {
        Header::File(kind) => Some(Safe::line(&format!("[{}]", kind.title()))),
        Header::Location => Some(Safe::lit("[a place on the map]")),
        Header::None | Header::Text(_) => None,
    };
    let rows = over.into_iter().chain(Safe::block(words).wrap(room.saturating_sub(2)));
    for (n, row) in rows.enumerate().take(usize::from(place.h - 1)) {
        let y = place.y + 1 + n as u16;
        canvas.mark(place.x, y, Mark::Edge, Meaning::Rule);
        canvas.put(place.x + 1, y, room - 1, &row, Meaning::Text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_is_explained_by_the_words_around_it() {
        let check = |text: &str, name: &str, want: &str| assert_eq!(around(text, name), want, "{text}");
        check("Lapangan {{1}} untuk {{2}} sudah dipesan.", "1", "Lapangan ___ untuk {{2}} sudah dipesan.");
        check("Lapangan {{1}} untuk {{2}} sudah dipesan.", "2", "Lapangan {{1}} untuk ___ sudah dipesan.");
        check("one two three four five {{ 1 }}, six seven eight nine ten", "1", "… two three four five ___ , six seven eight …");
        check("{{1}}", "1", "___");
        check("nothing", "1", "");
    }
}
