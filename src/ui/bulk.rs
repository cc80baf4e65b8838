//! Bulk sends: what will happen, and how each goes on.

use super::canvas::Canvas;
use super::marks::{Mark, long};
use super::theme::Meaning;
use crate::app::effect::BulkProgress;
use crate::app::layout::Rect;
use crate::app::overlay::{BulkAsk, BulkList};
use crate::app::{App, Cx};
use crate::domain::bulk::{Fate, State};
use crate::domain::text::Safe;
use crate::domain::when;

/// Columns of a progress bar.
const BAR: usize = 24;

pub(super) fn ask(app: &App, ask: &BulkAsk, place: Rect, canvas: &mut Canvas<'_>) {
    let room = usize::from(place.w);
    let mut y = place.y;
    let mut say = |words: &str, meaning: Meaning, canvas: &mut Canvas<'_>| {
        for row in Safe::line(words).wrap(room) {
            if y < place.y + place.h - 1 {
                canvas.put(place.x, y, room, &row, meaning);
                y += 1;
            }
        }
    };
    say(&format!("{} · {} · {}", ask.template.name, ask.template.language, ask.template.category.words()), Meaning::Name, canvas);
    match &ask.forecast {
        None => say("Counting who can get it …", Meaning::Muted, canvas),
        Some(forecast) => {
            say(&format!("{} will get it", forecast.will), Meaning::Text, canvas);
            for (why, count) in ask.skipped() {
                say(&format!("{count} will not: {why}"), Meaning::Warn, canvas);
            }
            if let Some(left) = forecast.room {
                let begins = forecast.begins;
                let late = if begins > left { format!("; the other {} wait for tomorrow", begins - left) } else { String::new() };
                say(&format!("{begins} of them outside their window, where {left} are left today{late}"), Meaning::Muted, canvas);
            }
        }
    }
    if let Some(example) = ask.people.first() {
        let slots = ask.template.slots();
        let value = |label: &str| example.values.iter().find(|(name, _)| name == label).map(|(_, value)| value.clone());
        let values: Vec<_> = slots.into_iter().filter_map(|slot| value(&slot.label()).map(|value| (slot, value))).collect();
        say(&format!("the first, to {}:", example.name), Meaning::Muted, canvas);
        for line in ask.template.preview(&values).lines() {
            say(line, Meaning::Text, canvas);
        }
    }
    let key = app.keymap.first_key("confirm.yes");
    canvas.say(place.x, place.y + place.h - 1, room, &format!("{key} begins · every other key does not"), Meaning::Accent);
}

pub(super) fn list(app: &App, cx: &Cx, list: &BulkList, place: Rect, canvas: &mut Canvas<'_>) {
    let room = usize::from(place.w);
    let Some(bulks) = &list.bulks else {
        canvas.say(place.x, place.y, room, "Reading the bulk sends …", Meaning::Muted);
        return;
    };
    if bulks.is_empty() {
        let key = app.keymap.first_key("mark");
        let words = format!("No bulk send yet: mark conversations with {key}, then :bulk picks a template for them.");
        canvas.say(place.x, place.y, room, &words, Meaning::Muted);
        return;
    }
    let shown = usize::from(place.h / 2).clamp(1, bulks.len());
    let first = (list.selected + 1).saturating_sub(shown);
    for (n, one) in bulks.iter().enumerate().skip(first).take(shown) {
        let chosen = n == list.selected;
        paint_row(one, chosen, Rect { y: place.y + (n - first) as u16, h: 1, ..place }, canvas);
    }
    let Some(one) = list.chosen() else { return };
    let mut y = place.y + shown as u16;
    canvas.rule(place.x, y, place.w, Mark::Horizontal, Meaning::Rule);
    for (words, meaning) in about(cx, list, one) {
        for row in Safe::line(&words).wrap(room) {
            y += 1;
            if y < place.y + place.h {
                canvas.put(place.x, y, room, &row, meaning);
            }
        }
    }
}

fn paint_row(one: &BulkProgress, chosen: bool, place: Rect, canvas: &mut Canvas<'_>) {
    let room = usize::from(place.w);
    if chosen {
        canvas.mark(place.x - 1, place.y, Mark::Cursor, Meaning::Accent);
    }
    let (total, done) = (one.counts.total(), one.done());
    let name = room.saturating_sub(BAR + 30);
    canvas.put(place.x, place.y, name, &Safe::line(&one.bulk.name), if chosen { Meaning::Selected } else { Meaning::Name });
    let mut x = place.x + name as u16 + 2;
    let full = if total == 0 { BAR } else { (done.min(total) as usize * BAR) / total as usize };
    x += canvas.say(x, place.y, BAR, &"#".repeat(full), Meaning::Accent) as u16;
    x += canvas.say(x, place.y, BAR - full, &"·".repeat(BAR - full), Meaning::Rule) as u16 + 2;
    canvas.say(x, place.y, 14, &format!("{done}/{total}"), Meaning::Text);
    let (word, meaning) = match one.bulk.state {
        State::Running => ("running", Meaning::Good),
        State::Paused => ("paused", Meaning::Warn),
        State::Done => ("done", Meaning::Muted),
        State::Canceled => ("called off", Meaning::Muted),
    };
    canvas.say_right(place.x + place.w, place.y, 10, word, meaning);
}

/// Everything about one, in words.
fn about(cx: &Cx, list: &BulkList, one: &BulkProgress) -> Vec<(String, Meaning)> {
    let bulk = &one.bulk;
    let began = when::words(bulk.created_at, cx.now, cx.zone);
    let mut out = vec![(format!("{} · {} · begun {began}", bulk.template.name, bulk.template.language), Meaning::Muted)];
    let fates: Vec<String> = one.fates().map(|(fate, count)| format!("{count} {}", fate.name())).collect();
    out.push((fates.join(" · "), Meaning::Text));
    if !bulk.reason.is_empty() {
        out.push((bulk.reason.clone(), Meaning::Warn));
    }
    match (bulk.state, bulk.waits_until.filter(|until| *until > cx.now)) {
        (State::Running, Some(until)) => {
            out.push((
                format!("the rest waits until {}: so many may be begun in a day", when::words(until, cx.now, cx.zone)),
                Meaning::Warn,
            ));
        }
        (State::Running, None) => out.push(match list.pace(one, cx.now) {
            Some((rate, left)) => (format!("{rate} a minute · {} left", long(left)), Meaning::Text),
            None => ("its pace is being measured".to_owned(), Meaning::Muted),
        }),
        _ => {}
    }
    if one.counts.of(Fate::Uncertain) > 0 {
        out.push(("what is uncertain may have arrived: it is never sent again by itself".to_owned(), Meaning::Danger));
    }
    out
}
