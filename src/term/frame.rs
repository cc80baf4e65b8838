//! A frame as the terminal shows it: ratatui's buffer with colours the terminal has, wide characters as a head and its followers, and nothing
//! in it that a terminal could obey.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use ratatui::buffer::{Buffer, Cell, CellWidth};
use ratatui::layout::Position;

use super::caps::Depth;
use super::pen::Pen;

/// What one column shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Glyph {
    /// Carries the text alone, which it holds without an allocation.
    cell: Cell,
    /// How it is painted.
    pub(super) pen: Pen,
    /// How many columns it takes; 0 for those that belong to the glyph before.
    pub(super) columns: u16,
}

impl Glyph {
    /// What an erased screen is full of.
    pub(super) const fn empty(pen: Pen) -> Self {
        Self { cell: Cell::EMPTY, pen, columns: 1 }
    }

    /// The text to send.
    pub(super) fn text(&self) -> &str {
        self.cell.symbol()
    }

    /// A blank of one column.
    pub(super) fn is_blank(&self) -> bool {
        self.columns == 1 && self.text() == " "
    }

    /// A terminal may well give it another width than we do (clusters, pictures, marks), so that after it the cursor's column is not known.
    pub(super) fn is_doubtful(&self) -> bool {
        let mut chars = self.text().chars();
        match (chars.next(), chars.next()) {
            (Some(only), None) => !STEADY.iter().any(|range| range.contains(&only)),
            _ => true,
        }
    }
}

/// Characters that every terminal gives the same width: Latin, Greek, Cyrillic, Hebrew; punctuation, arrows, control pictures, lines, blocks and
/// the shapes that are no emoji; kana, Han, Hangul syllables.
const STEADY: [RangeInclusive<char>; 18] = [
    '\u{20}'..='\u{7e}',
    '\u{a1}'..='\u{24f}',
    '\u{370}'..='\u{52f}',
    '\u{5d0}'..='\u{5ea}',
    '\u{2010}'..='\u{2027}',
    '\u{2190}'..='\u{21ff}',
    '\u{2400}'..='\u{2426}',
    '\u{2500}'..='\u{25a9}',
    '\u{25ac}'..='\u{25b5}',
    '\u{25b7}'..='\u{25bf}',
    '\u{25c1}'..='\u{25fa}',
    '\u{2713}'..='\u{2713}',
    '\u{2717}'..='\u{2717}',
    '\u{3041}'..='\u{3096}',
    '\u{30a1}'..='\u{30ff}',
    '\u{3400}'..='\u{4dbf}',
    '\u{4e00}'..='\u{9fff}',
    '\u{ac00}'..='\u{d7a3}',
];

/// Every glyph of a screen, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    columns: u16,
    glyphs: Vec<Glyph>,
}

impl Frame {
    /// An erased screen.
    pub(super) fn empty(columns: u16, rows: u16) -> Self {
        Self { columns, glyphs: vec![Glyph::empty(Pen::default()); usize::from(columns) * usize::from(rows)] }
    }

    /// What `buffer` looks like on a terminal of `depth`.
    pub(super) fn of(buffer: &Buffer, depth: Depth) -> Self {
        let area = buffer.area;
        let mut glyphs = Vec::with_capacity(buffer.content.len());
        for row in area.top()..area.bottom() {
            let mut column = area.left();
            while column < area.right() {
                let Some(cell) = buffer.cell(Position::new(column, row)) else { break };
                let wide = push(cell, area.right() - column, depth, &mut glyphs);
                column += wide;
            }
        }
        Self { columns: area.width, glyphs }
    }

    /// How many columns.
    pub(super) const fn columns(&self) -> u16 {
        self.columns
    }

    /// How many rows.
    pub(super) fn rows(&self) -> u16 {
        if self.columns == 0 { 0 } else { (self.glyphs.len() / usize::from(self.columns)) as u16 }
    }

    /// One row.
    pub(super) fn row(&self, row: u16) -> &[Glyph] {
        let start = usize::from(row) * usize::from(self.columns);
        self.glyphs.get(start..start + usize::from(self.columns)).unwrap_or_default()
    }

    /// Moves the rows of `region` up by `by` (down when negative); the rows that come in are erased.
    pub(super) fn scroll(&mut self, region: std::ops::Range<u16>, by: i32) {
        let columns = usize::from(self.columns);
        let block = &mut self.glyphs[usize::from(region.start) * columns..usize::from(region.end) * columns];
        let moved = by.unsigned_abs() as usize * columns;
        let blank = Glyph::empty(Pen::default());
        if by > 0 {
            block.rotate_left(moved);
            let rest = block.len() - moved;
            block[rest..].fill(blank);
        } else {
            block.rotate_right(moved);
            block[..moved].fill(blank);
        }
    }
}

/// Appends the glyph of `cell` and its followers; answers how many columns that was.
fn push(cell: &Cell, room: u16, depth: Depth, glyphs: &mut Vec<Glyph>) -> u16 {
    let text = visible(cell.symbol());
    let columns = text.cell_width();
    // A cell with no width of its own, or one that does not fit before the edge, is shown as a blank.
    let fits = columns > 0 && columns <= room;
    let blank = !fits || text == " ";
    let pen = Pen::of(cell, blank, depth);
    if blank {
        glyphs.push(Glyph::empty(pen));
        return 1;
    }
    let shown = holding(&text);
    glyphs.push(Glyph { cell: shown, pen, columns });
    for _ in 1..columns {
        glyphs.push(Glyph { cell: Cell::EMPTY, pen, columns: 0 });
    }
    columns
}

#[expect(clippy::disallowed_methods, reason = "the text has just been cleared of control characters")]
fn holding(text: &str) -> Cell {
    let mut cell = Cell::EMPTY;
    cell.set_symbol(text);
    cell
}

/// The last line of defence, behind the sanitiser that every text passes: a control character in a cell never reaches the terminal.
fn visible(text: &str) -> Cow<'_, str> {
    if text.chars().any(char::is_control) {
        Cow::Owned(text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect())
    } else {
        Cow::Borrowed(text)
    }
}
