//! Where the parts of a console stand: painting and mouse hits both ask here.

use crate::app::layout::Rect;

/// An operator's console. A part without room is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Operator {
    /// Who is at the counter.
    pub card: Rect,
    /// The counter itself.
    pub counter: Rect,
    /// The day's figures.
    pub day: Rect,
    /// Who waits.
    pub list: Rect,
    /// What happened last: one row, or a frame of several.
    pub last: Rect,
}

/// A supervisor's console. A part without room is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Supervisor {
    /// The day in a row.
    pub summary: Rect,
    /// The columns that are shown.
    pub columns: Vec<Rect>,
    /// The first of them.
    pub first: usize,
    /// The counters.
    pub counters: Rect,
    /// How estimates are made.
    pub model: Rect,
    /// What happened.
    pub events: Rect,
    /// The selected ticket.
    pub selected: Rect,
}

/// Narrower screens show the card alone.
const TWO_CARDS: u16 = 72;
/// Wider ones show the day's figures beside it.
const THREE_CARDS: u16 = 140;
/// A department's column is at least so wide.
const COLUMN: u16 = 28;
/// A column's rows besides its tickets: its frame.
const FRAME: u16 = 2;
/// The list's: its frame and the names of its columns.
const HEADED: u16 = 3;
/// From so many columns on, panels stand side by side.
const SIDE_BY_SIDE: u16 = 110;

/// Where an operator's console is.
pub fn operator(place: Rect) -> Operator {
    let Rect { x, y, w, h } = place;
    let card = match h {
        0..14 => 5,
        14..19 => 6,
        _ => 9,
    };
    let last = match h {
        0..16 => 0,
        16..34 => 1,
        _ => h / 4,
    };
    let mut out = Operator::default();
    if h < card + HEADED + 1 {
        out.list = place;
        return out;
    }
    let widths = match w {
        ..TWO_CARDS => [w, 0, 0],
        TWO_CARDS..THREE_CARDS => [w * 11 / 20, w - w * 11 / 20, 0],
        _ => [w * 2 / 5, w * 3 / 10, w - w * 2 / 5 - w * 3 / 10],
    };
    out.card = Rect::new(x, y, widths[0], card);
    out.counter = Rect::new(x + widths[0], y, widths[1], if widths[1] > 0 { card } else { 0 });
    out.day = Rect::new(x + widths[0] + widths[1], y, widths[2], if widths[2] > 0 { card } else { 0 });
    out.list = Rect::new(x, y + card, w, h - card - last);
    out.last = Rect::new(x, y + h - last, w, last);
    out
}

/// Where a supervisor's console is, with so many columns, of which this one is in view.
pub fn supervisor(place: Rect, columns: usize, current: usize) -> Supervisor {
    let Rect { x, y, w, h } = place;
    let mut out = Supervisor { summary: Rect::new(x, y, w, h.min(1)), ..Supervisor::default() };
    let rest = h.saturating_sub(1);
    let below = if rest >= 28 { rest * 3 / 10 } else { 0 };
    let middle = match rest {
        0..10 => 0,
        10..28 => rest * 2 / 5,
        _ => (rest / 4).max(8),
    };
    let top = rest - below - middle;
    let shown = columns.min(usize::from(w / COLUMN)).max(1);
    // Beyond the columns are the counters: then the first ones are shown.
    out.first = if current < columns { (current + 1).saturating_sub(shown) } else { 0 };
    let each = w / shown as u16;
    out.columns =
        (0..shown as u16).map(|n| Rect::new(x + n * each, y + 1, if n + 1 == shown as u16 { w - n * each } else { each }, top)).collect();
    let left = if w >= SIDE_BY_SIDE { w * 3 / 5 } else { w };
    out.counters = Rect::new(x, y + 1 + top, left, middle);
    out.model = if left < w { Rect::new(x + left, y + 1 + top, w - left, middle) } else { Rect::default() };
    let half = if left < w { w / 2 } else { w };
    out.events = Rect::new(x, y + h - below, half, below);
    out.selected = if half < w { Rect::new(x + half, y + h - below, w - half, below) } else { Rect::default() };
    out
}

impl Operator {
    /// How many who wait are shown.
    pub fn rows(&self) -> usize {
        usize::from(self.list.h.saturating_sub(HEADED))
    }

    /// The row of the list that stands in this row of the screen.
    pub const fn row_at(&self, column: u16, row: u16) -> Option<usize> {
        if self.list.contains(column, row) && row >= self.list.y + 2 && row + 1 < self.list.y + self.list.h {
            Some((row - self.list.y - 2) as usize)
        } else {
            None
        }
    }
}

impl Supervisor {
    /// How many who wait a column shows.
    pub fn column_rows(&self) -> usize {
        self.columns.first().map_or(0, |column| usize::from(column.h.saturating_sub(FRAME)))
    }

    /// How many counters are shown.
    pub fn counter_rows(&self) -> usize {
        usize::from(self.counters.h.saturating_sub(HEADED))
    }

    /// The column and its row that stand there.
    pub fn row_at(&self, column: u16, row: u16) -> Option<(usize, usize)> {
        let at = self.columns.iter().position(|place| place.contains(column, row))?;
        let place = self.columns[at];
        (row > place.y && row + 1 < place.y + place.h).then(|| (self.first + at, usize::from(row - place.y - 1)))
    }
}
