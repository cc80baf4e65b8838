//! A frame as the terminal shows it: ratatui's buffer with colours the terminal has, wide characters as a head and its followers, and nothing
//! in it that a terminal could obey.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::RangeInclusive;
use std::sync::Arc;

use ratatui::buffer::{Buffer, Cell, CellWidth};

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
        is_doubtful(self.text())
    }
}

/// Whether terminals give a text in a cell different widths.
pub(super) fn is_doubtful(text: &str) -> bool {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(only), None) => !STEADY.iter().any(|range| range.contains(&only)),
        _ => true,
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

/// Every glyph of a screen, row by row. Rows are shared between the frames that have them in common, so that a frame in which one row changed
/// costs one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    columns: u16,
    rows: Vec<Row>,
}

/// One row, and a number that tells nearly all different rows apart.
#[derive(Clone, Debug, Eq)]
struct Row {
    glyphs: Arc<[Glyph]>,
    hash: u64,
}

impl Row {
    fn of(glyphs: Vec<Glyph>) -> Self {
        let mut hasher = DefaultHasher::new();
        for glyph in &glyphs {
            glyph.text().hash(&mut hasher);
            glyph.pen.hash(&mut hasher);
        }
        Self { glyphs: glyphs.into(), hash: hasher.finish() }
    }
}

impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && (Arc::ptr_eq(&self.glyphs, &other.glyphs) || self.glyphs == other.glyphs)
    }
}

/// The cells a frame was made from, kept to see which rows of the next ones are the same.
#[derive(Debug, Default)]
pub(super) struct Source {
    cells: Vec<Cell>,
}

impl Frame {
    /// An erased screen.
    pub(super) fn empty(columns: u16, rows: u16) -> Self {
        let row = Row::of(vec![Glyph::empty(Pen::default()); usize::from(columns)]);
        Self { columns, rows: vec![row; usize::from(rows)] }
    }

    /// What `buffer` looks like on a terminal of `depth`. `before` is the frame made from what `source` holds, if that is known; its rows are used
    /// again where their cells are the same.
    pub(super) fn of(buffer: &Buffer, depth: Depth, source: &mut Source, before: Option<&Self>) -> Self {
        let area = buffer.area;
        let width = usize::from(area.width).max(1);
        let before = before.filter(|before| before.columns == area.width && source.cells.len() == buffer.content.len());
        if source.cells.len() != buffer.content.len() {
            source.cells.clone_from(&buffer.content);
        }
        let cells = buffer.content.chunks(width).zip(source.cells.chunks_mut(width));
        let rows = cells.enumerate().map(|(at, (new, old))| {
            let same = before.and_then(|before| before.rows.get(at)).filter(|_| new.iter().zip(&*old).all(|(new, old)| is_same(new, old)));
            same.cloned().unwrap_or_else(|| {
                old.clone_from_slice(new);
                Row::of(glyphs(new, depth))
            })
        });
        Self { columns: area.width, rows: rows.collect() }
    }

    /// How many columns.
    pub(super) const fn columns(&self) -> u16 {
        self.columns
    }

    /// How many rows.
    pub(super) fn rows(&self) -> u16 {
        self.rows.len() as u16
    }

    /// One row.
    pub(super) fn row(&self, row: u16) -> &[Glyph] {
        self.rows.get(usize::from(row)).map(|row| &*row.glyphs).unwrap_or_default()
    }

    /// Row `row` of this frame is row `there` of another one.
    pub(super) fn has_same(&self, row: u16, other: &Self, there: u16) -> bool {
        self.rows.get(usize::from(row)) == other.rows.get(usize::from(there))
    }

    /// Moves the rows of `region` up by `by` (down when negative); the rows that come in are erased.
    pub(super) fn scroll(&mut self, region: std::ops::Range<u16>, by: i32) {
        let blank = Row::of(vec![Glyph::empty(Pen::default()); usize::from(self.columns)]);
        let block = &mut self.rows[usize::from(region.start)..usize::from(region.end)];
        let moved = by.unsigned_abs() as usize;
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

/// Whether two cells are equal in all that a glyph is made of, in the order in which they are likely to differ. Most hold one byte, for which
/// comparing whole texts is dear: every cell of every frame passes here.
fn is_same(new: &Cell, old: &Cell) -> bool {
    let (text, before) = (new.symbol().as_bytes(), old.symbol().as_bytes());
    let same_text = text.len() == before.len() && text.first() == before.first() && (text.len() == 1 || text == before);
    same_text && new.fg == old.fg && new.bg == old.bg && new.modifier == old.modifier && new.underline_color == old.underline_color
}

/// The glyphs of a row of cells.
fn glyphs(cells: &[Cell], depth: Depth) -> Vec<Glyph> {
    let mut glyphs = Vec::with_capacity(cells.len());
    while let Some(cell) = cells.get(glyphs.len()) {
        let room = cells.len() - glyphs.len();
        push(cell, room as u16, depth, &mut glyphs);
    }
    glyphs
}

/// Appends the glyph of `cell` and its followers.
fn push(cell: &Cell, room: u16, depth: Depth, glyphs: &mut Vec<Glyph>) {
    let text = visible(cell.symbol());
    let columns = text.cell_width();
    // A cell with no width of its own, or one that does not (or perhaps not) fit before the edge, is shown as a blank: a terminal to which it is
    // too wide would put it on the next row.
    let fits = columns > 0 && columns <= room && (columns < room || !is_doubtful(&text));
    let blank = !fits || text == " ";
    let pen = Pen::of(cell, blank, depth);
    if blank {
        glyphs.push(Glyph::empty(pen));
        return;
    }
    let shown = holding(&text);
    glyphs.push(Glyph { cell: shown, pen, columns });
    for _ in 1..columns {
        glyphs.push(Glyph { cell: Cell::EMPTY, pen, columns: 0 });
    }
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
