//! The few bytes that turn what a terminal shows into the next frame. Only escape sequences and text are written, never a control
//! character, so that whoever reads the bytes can tell ours from a stranger's: CUP, CUU, CUD, CUF, CUB, EL, ECH, SGR, DECSTBM, IL, DL
//! (ECMA-48 and VT102, understood by everything that calls itself a terminal), and OSC 8 for links where the terminal takes them.

use super::Links;
use super::frame::{Frame, Glyph};
use super::pen::Pen;

/// The state of the terminal between frames, as far as it saves bytes.
#[derive(Clone, Debug, Default)]
pub(super) struct Writer {
    pen: Pen,
    /// Column and row; unknown after the last column was written (the cursor then hangs between two rows) and after a glyph of doubtful width.
    at: Option<(u16, u16)>,
    /// The terminal erases with the current background and knows ECH.
    erase_with_colour: bool,
    /// Where the links of the present frame lead, by their numbers; empty where the terminal takes none.
    pub(super) links: Links,
    /// Rows are not scrolled: pictures stand on them.
    pub(super) still: bool,
    /// The number of the link that is open; 0 outside links.
    link: u32,
    /// What was written.
    pub(super) out: Vec<u8>,
}

/// The longest stretch of unchanged cells that is written again instead of skipped; skipping costs four bytes and more.
const SKIP: usize = 4;

impl Writer {
    /// A terminal in its default pen whose cursor may be anywhere.
    pub(super) fn new(erase_with_colour: bool) -> Self {
        Self { erase_with_colour, ..Self::default() }
    }

    /// Brings a terminal in an unknown state to an erased screen with a hidden cursor.
    pub(super) fn erase_everything(&mut self) {
        self.out.extend_from_slice(b"\x1b[?25l\x1b[r\x1b[m\x1b[H\x1b[2J");
        self.pen = Pen::default();
        self.at = Some((0, 0));
    }

    /// Writes what turns `shown` into `next`. Both have the same size. No link stays open.
    pub(super) fn frame(&mut self, shown: &Frame, next: &Frame) {
        self.difference(shown, next);
        self.set_link(0);
        self.pen.link = 0;
    }

    fn difference(&mut self, shown: &Frame, next: &Frame) {
        let scrolled = if self.still { None } else { best_scroll(shown, next) };
        let Some(scrolled) = scrolled else {
            self.rows(shown, next);
            return;
        };
        let (mut with, mut without) = (self.fork(), self.fork());
        without.rows(shown, next);
        let mut moved = shown.clone();
        with.scroll(&scrolled);
        moved.scroll(scrolled.top..scrolled.bottom, scrolled.by);
        with.rows(&moved, next);
        let best = if with.out.len() < without.out.len() { with } else { without };
        (self.pen, self.at, self.link) = (best.pen, best.at, best.link);
        self.out.extend_from_slice(&best.out);
    }

    /// Puts the cursor at a column and row.
    pub(super) fn move_to(&mut self, column: u16, row: u16) {
        if self.at == Some((column, row)) {
            return;
        }
        let absolute = match (column, row) {
            (0, 0) => "\x1b[H".to_owned(),
            (0, _) => format!("\x1b[{}H", row + 1),
            _ => format!("\x1b[{};{}H", row + 1, column + 1),
        };
        let relative = self.at.and_then(|(x, y)| {
            let step = |from: u16, to: u16, back: char, forth: char| match (to.abs_diff(from), to < from) {
                (1, true) => format!("\x1b[{back}"),
                (1, false) => format!("\x1b[{forth}"),
                (n, true) => format!("\x1b[{n}{back}"),
                (n, false) => format!("\x1b[{n}{forth}"),
            };
            match (x == column, y == row) {
                (false, true) => Some(step(x, column, 'D', 'C')),
                (true, false) => Some(step(y, row, 'A', 'B')),
                _ => None,
            }
        });
        let shortest = relative.filter(|relative| relative.len() < absolute.len()).unwrap_or(absolute);
        self.out.extend_from_slice(shortest.as_bytes());
        self.at = Some((column, row));
    }

    /// Something else was written: the cursor may be anywhere.
    pub(super) const fn lose_cursor(&mut self) {
        self.at = None;
    }

    fn fork(&self) -> Self {
        Self { out: Vec::new(), ..self.clone() }
    }

    /// Opens the link of that number, or closes the one that is open. Where a link leads is checked again at this last door: an address of
    /// another scheme, or with anything in it that is not printable ASCII, is none.
    fn set_link(&mut self, number: u32) {
        let url = self.links.get(&number).filter(|url| {
            let allowed = ["https://", "http://", "mailto:", "tel:"].iter().any(|scheme| url.starts_with(scheme));
            allowed && url.bytes().all(|byte| (0x21..=0x7e).contains(&byte))
        });
        let number = if url.is_some() { number } else { 0 };
        if number != self.link {
            self.out.extend_from_slice(b"\x1b]8;;");
            self.out.extend_from_slice(url.map_or(b"".as_slice(), |url| url.as_bytes()));
            self.out.extend_from_slice(b"\x1b\\");
            self.link = number;
        }
    }

    fn set_pen(&mut self, pen: Pen) {
        self.set_link(pen.link);
        self.pen.change(pen, &mut self.out);
        self.pen = pen;
    }

    /// Picks up the pen of a glyph; a blank that looks the same in the present one leaves it as it is.
    fn pen_for(&mut self, glyph: &Glyph) {
        if !(glyph.is_blank() && self.link == 0 && self.pen.blanks_like(glyph.pen)) {
            self.set_pen(glyph.pen);
        }
    }

    fn scroll(&mut self, scroll: &Scroll) {
        // Lines that come in take the current background on most terminals.
        self.set_pen(Pen::default());
        self.out.extend_from_slice(format!("\x1b[{};{}r", scroll.top + 1, scroll.bottom).as_bytes());
        // Setting the region sends the cursor home, but not every terminal's home is the same.
        self.at = None;
        self.move_to(0, scroll.top);
        let lines = scroll.by.unsigned_abs();
        self.out.extend_from_slice(format!("\x1b[{lines}{}\x1b[r", if scroll.by > 0 { 'M' } else { 'L' }).as_bytes());
        self.at = None;
    }

    fn rows(&mut self, shown: &Frame, next: &Frame) {
        for row in 0..next.rows() {
            if !next.has_same(row, shown, row) {
                self.row(row, shown.row(row), next.row(row));
            }
        }
    }

    fn row(&mut self, row: u16, old: &[Glyph], new: &[Glyph]) {
        let changed = changes(old, new);
        let tail = erasable_tail(new, self.erase_with_colour);
        let mut column = 0;
        while column < new.len() {
            if !changed[column] {
                column += 1;
                continue;
            }
            self.approach(row, column, new);
            if column >= tail && changed[column..].iter().filter(|changed| **changed).count() > 3 {
                self.pen_for(&new[column]);
                self.out.extend_from_slice(b"\x1b[K");
                return;
            }
            self.make_room(&old[column..], &new[column]);
            column += self.run(&new[column..], &changed[column..]);
        }
    }

    /// Goes to `column`, by writing the few unchanged glyphs before it again where that is shorter.
    fn approach(&mut self, row: u16, column: usize, new: &[Glyph]) {
        if let Some((x, y)) = self.at
            && y == row
            && usize::from(x) < column
            && column - usize::from(x) <= SKIP
            && new[usize::from(x)..column].iter().all(|glyph| {
                let same = glyph.pen == self.pen || (glyph.is_blank() && self.link == 0 && self.pen.blanks_like(glyph.pen));
                same && glyph.columns == 1 && glyph.text().len() == 1
            })
        {
            for glyph in &new[usize::from(x)..column] {
                self.out.extend_from_slice(glyph.text().as_bytes());
            }
            self.at = Some((column as u16, row));
        }
        self.move_to(column as u16, row);
    }

    /// Blanks the columns of a wide glyph first, where the terminal may give it fewer than we do: what stood in the second would stay.
    fn make_room(&mut self, old: &[Glyph], glyph: &Glyph) {
        let columns = usize::from(glyph.columns);
        if columns < 2 || !glyph.is_doubtful() || old.iter().take(columns).skip(1).all(Glyph::is_blank) {
            return;
        }
        let Some((x, y)) = self.at else { return };
        self.set_pen(glyph.pen);
        self.out.extend(std::iter::repeat_n(b' ', columns));
        let end = x + glyph.columns;
        self.at = (end < x + old.len() as u16).then_some((end, y));
        self.move_to(x, y);
    }

    /// Writes the glyph at the start of `new`, or erases the run of equal blanks there; answers how many columns are done.
    fn run(&mut self, new: &[Glyph], changed: &[bool]) -> usize {
        let glyph = &new[0];
        self.pen_for(glyph);
        let (x, y) = self.at.unwrap_or_default();
        if glyph.is_blank() && self.erase_with_colour && glyph.pen.erases(true) {
            let blanks = new.iter().take_while(|other| *other == glyph).count();
            let wanted = changed[..blanks].iter().rposition(|changed| *changed).map_or(1, |last| last + 1);
            // ECH leaves the cursor where it is, so it pays only when it saves more than the move after it costs.
            if wanted > 9 {
                self.out.extend_from_slice(format!("\x1b[{wanted}X").as_bytes());
                return wanted;
            }
        }
        self.out.extend_from_slice(glyph.text().as_bytes());
        let columns = usize::from(glyph.columns.max(1));
        let edge = columns >= new.len();
        self.at = (!edge && !glyph.is_doubtful()).then_some((x + columns as u16, y));
        columns
    }
}

/// Which columns have to be written: those that differ; both halves of every wide glyph, old or new, of which one half is written, because a
/// terminal that overwrites one half blanks the other; and what follows a glyph to which the terminal may give more columns than we do.
fn changes(old: &[Glyph], new: &[Glyph]) -> Vec<bool> {
    let mut changed: Vec<bool> = old.iter().zip(new).map(|(old, new)| old != new).collect();
    loop {
        let before = changed.iter().filter(|changed| **changed).count();
        for glyphs in [old, new] {
            let mut column = 0;
            while column < glyphs.len() {
                let end = (column + usize::from(glyphs[column].columns.max(1))).min(glyphs.len());
                if changed[column..end].contains(&true) {
                    changed[column..end].fill(true);
                    if glyphs[column].is_doubtful() && end < glyphs.len() {
                        changed[end] = true;
                    }
                }
                column = end;
            }
        }
        if changed.iter().filter(|changed| **changed).count() == before {
            return changed;
        }
    }
}

/// Where the blanks begin that reach to the end of the row and that erasing would leave just so.
fn erasable_tail(row: &[Glyph], with_colour: bool) -> usize {
    let Some(last) = row.last().filter(|glyph| glyph.is_blank() && glyph.pen.erases(with_colour)) else { return row.len() };
    row.iter().rposition(|glyph| glyph != last).map_or(0, |other| other + 1)
}

/// A block of full rows that moved.
#[derive(Debug, PartialEq, Eq)]
struct Scroll {
    /// First row of the region.
    top: u16,
    /// One past its last row.
    bottom: u16,
    /// How far the rows moved up; negative is down.
    by: i32,
}

/// The scroll after which the most rows, that are not where they were, stand where they belong.
fn best_scroll(shown: &Frame, next: &Frame) -> Option<Scroll> {
    let rows = next.rows();
    let wrong: Vec<u16> = (0..rows).filter(|row| !next.has_same(*row, shown, *row)).collect();
    let (first, last) = (*wrong.first()?, *wrong.last()?);
    if wrong.len() < 3 {
        return None;
    }
    let blank = |row: u16| next.row(row).iter().all(Glyph::is_blank);
    let mut best: Option<(usize, Scroll)> = None;
    let reach = i32::from(last - first);
    for by in -reach..=reach {
        if by == 0 {
            continue;
        }
        // The longest stretch of rows that are `by` rows away in what is shown.
        let mut start = None;
        for row in first..=last + 1 {
            let from = i32::from(row) + by;
            let matches = row <= last && from >= i32::from(first) && from <= i32::from(last) && next.has_same(row, shown, from as u16);
            match (matches, start) {
                (true, None) => start = Some(row),
                (false, Some(begin)) => {
                    start = None;
                    let gain = (begin..row).filter(|row| !blank(*row) && !next.has_same(*row, shown, *row)).count();
                    let scroll = if by > 0 {
                        Scroll { top: begin, bottom: row + by as u16, by }
                    } else {
                        Scroll { top: begin - by.unsigned_abs() as u16, bottom: row, by }
                    };
                    if gain > 1 && best.as_ref().is_none_or(|(most, _)| gain > *most) {
                        best = Some((gain, scroll));
                    }
                }
                _ => {}
            }
        }
    }
    best.map(|(_, scroll)| scroll)
}
