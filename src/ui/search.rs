//! The search: the line that is typed, people, and messages with the words marked.

use super::canvas::Canvas;
use super::list::{initial, short_age};
use super::marks::Mark;
use super::overlay::paint_typed;
use super::theme::Meaning;
use crate::app::layout::Rect;
use crate::app::search::{Line, Search};
use crate::app::{App, Cx};
use crate::domain::message::Direction;
use crate::domain::search::Order;
use crate::domain::text::Safe;

/// Columns of a name.
const NAME: usize = 22;
/// The column of the words.
const WORDS: u16 = 25;
/// Columns for the age, blank included.
const AGE: u16 = 8;

pub(super) fn paint(app: &App, cx: &Cx, place: Rect, canvas: &mut Canvas<'_>) {
    let Some(search) = app.search.as_ref().filter(|_| !place.is_empty()) else { return };
    let order = match search.order {
        Order::Newest => "newest first",
        Order::Best => "best first",
    };
    let used = canvas.say_right(place.x + place.w, place.y, 14, order, Meaning::Muted) as u16 + 2;
    paint_typed("> ", &search.field, Rect { w: place.w.saturating_sub(used), ..place }, canvas);
    let below = Rect { y: place.y + 2, h: place.h.saturating_sub(2), ..place };
    let lines = search.visible(usize::from(below.h));
    let mut empty = true;
    for (n, (line, selected)) in lines.enumerate() {
        empty = false;
        paint_line(app, cx, search, line, selected, Rect { y: below.y + n as u16, h: 1, ..below }, canvas);
    }
    if empty {
        paint_nothing(search, below, canvas);
    }
}

/// The row of the first line, seen from the top of the frame.
pub(super) fn paint_line(app: &App, cx: &Cx, search: &Search, line: Line, selected: bool, place: Rect, canvas: &mut Canvas<'_>) {
    let (x, y, end) = (place.x, place.y, place.x + place.w);
    let name_meaning = if selected { Meaning::Selected } else { Meaning::Text };
    if selected && search.place(line).is_some() {
        canvas.mark(x - 1, y, Mark::Cursor, Meaning::Accent);
    }
    let room = usize::from(place.w.saturating_sub(WORDS + AGE));
    match line {
        Line::Blank => {}
        Line::Heading(words) => {
            canvas.say(x, y, usize::from(place.w), words, Meaning::Muted);
        }
        Line::Person(at) => {
            let Some(person) = search.people.get(at) else { return };
            paint_channel(app, &person.summary.provider, x, y, canvas);
            let name = canvas.put_marked(x + 2, y, NAME, &person.name, name_meaning, &search.query.people_marks(person.name.as_str()));
            let from = x + WORDS.max(name as u16 + 4);
            let marks = search.query.people_marks(person.handle.as_str());
            let used = canvas.put_marked(from, y, room, &person.handle, Meaning::Muted, &marks) as u16;
            let about = format!("#{} {}", person.summary.number, person.summary.status.name());
            let from = if used == 0 { from } else { from + used + 2 };
            canvas.say(from, y, usize::from(end.saturating_sub(from + AGE)), &about, Meaning::Muted);
            canvas.say_right(end, y, usize::from(AGE), &short_age(person.summary.last_at, cx), Meaning::Muted);
        }
        Line::Hit(at) => {
            let Some(row) = search.hits.get(at) else { return };
            paint_channel(app, &row.hit.provider, x, y, canvas);
            canvas.put(x + 2, y, NAME, &row.name, name_meaning);
            let (whose, meaning) = match row.hit.direction {
                Direction::Out => ("you: ", Meaning::Muted),
                Direction::Note => ("note: ", Meaning::Note),
                Direction::In | Direction::System => ("", Meaning::Muted),
            };
            let used = canvas.put(x + WORDS, y, room, &Safe::lit(whose), meaning);
            let marks = search.query.marks(row.excerpt.as_str());
            canvas.put_marked(x + WORDS + used as u16, y, room.saturating_sub(used), &row.excerpt, Meaning::Text, &marks);
            canvas.say_right(end, y, usize::from(AGE), &short_age(row.hit.at, cx), Meaning::Muted);
        }
    }
}

fn paint_channel(app: &App, provider: &str, x: u16, y: u16, canvas: &mut Canvas<'_>) {
    let letter = app.provider(provider).map_or_else(|| initial(provider), |provider| provider.letter);
    canvas.say(x, y, 1, letter.encode_utf8(&mut [0; 4]), Meaning::Muted);
}

fn paint_nothing(search: &Search, place: Rect, canvas: &mut Canvas<'_>) {
    let words: &[&str] = match (&search.problem, search.query.is_empty(), search.loaded) {
        (Some(problem), ..) => return super::empty::problem(problem, place, canvas),
        (None, true, false) => &[
            "Type words of a message, a name, an address or a number.",
            "All of them must be there, in any order; the last one may be a beginning.",
            "Case and accents do not count. Resolved conversations are found too.",
        ],
        (None, _, true) => &["Nothing holds all of these words.", "Fewer or shorter words find more."],
        (None, false, false) => &[],
    };
    for (n, words) in words.iter().enumerate().take(usize::from(place.h)) {
        canvas.say(place.x, place.y + n as u16, usize::from(place.w), words, Meaning::Muted);
    }
}
