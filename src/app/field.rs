//! A text field: `tui-textarea` holds the text and its history; here it moves and deletes by what people see as characters, over the rows
//! they see, with the keys of readline.

mod rows;

use std::fmt;

use tui_textarea::{CursorMove, TextArea};
use unicode_segmentation::UnicodeSegmentation;

use super::msg::{Code, Key};
use crate::domain::text::Safe;
pub use rows::View;
use rows::{RowSpan, column_of, place_at, rows_of};

/// The longest text a field takes, in bytes; a longer paste is cut there.
pub const FIELD_BYTES: usize = 256 * 1024;
/// Edits that can be undone.
const HISTORY: usize = 1_000;

/// A text being typed. Its debug print shows no content: the field may hold a secret.
#[derive(Clone)]
pub struct Field {
    area: TextArea<'static>,
    /// How many of the widget's edits each step of undo takes back; and each step of redo does again.
    undo: Vec<usize>,
    redo: Vec<usize>,
    /// The last edit typed a letter (or, if false, a blank): the next one is of the same step.
    typing: Option<bool>,
    /// The column that moves up and down keep to.
    goal: Option<usize>,
    /// What was deleted by words or lines last.
    killed: String,
    /// So many characters before the cursor are selected: what is typed takes their place.
    selected: usize,
    /// How wide the rows are that people see; 0 where a line is never broken.
    width: usize,
}

impl Default for Field {
    fn default() -> Self {
        let mut area = TextArea::default();
        area.set_max_histories(HISTORY);
        Self { area, undo: Vec::new(), redo: Vec::new(), typing: None, goal: None, killed: String::new(), selected: 0, width: 0 }
    }
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Field").field("lines", &self.area.lines().len()).finish_non_exhaustive()
    }
}

impl Field {
    /// A field that holds `text`, with the cursor at its end.
    pub fn of(text: &str) -> Self {
        let mut field = Self::default();
        field.paste(text);
        field.undo.clear();
        field.area.set_max_histories(HISTORY);
        field
    }

    /// What it holds.
    pub fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    /// Its first line.
    pub fn first_line(&self) -> &str {
        self.area.lines().first().map_or("", String::as_str)
    }

    /// Nothing but blanks.
    pub fn is_blank(&self) -> bool {
        self.area.lines().iter().all(|line| line.trim().is_empty())
    }

    /// The text of the cursor's line up to the cursor.
    pub fn before_cursor(&self) -> &str {
        let (row, at) = self.place();
        self.area.lines().get(row).and_then(|line| line.get(..at)).unwrap_or_default()
    }

    /// Inserts text at the cursor as it is, but for carriage returns (line feeds) and NUL (dropped), as one step of undo. Says whether all of
    /// it found room.
    pub fn paste(&mut self, text: &str) -> bool {
        let room = FIELD_BYTES.saturating_sub(self.bytes());
        let end = text.floor_char_boundary(room);
        let whole = end == text.len();
        let text = text[..end].replace("\r\n", "\n").replace('\r', "\n").replace('\0', "");
        if !text.is_empty() {
            let replaced = self.drop_selected();
            self.area.insert_str(text);
            self.edited(replaced + 1);
        }
        whole
    }

    /// Inserts text in place of the last `erase` characters before the cursor, as one step of undo; answers where it begins. How long it is there
    /// is another matter, see [`Field::paste`].
    pub fn insert_instead(&mut self, erase: usize, text: &str) -> usize {
        let from = self.position() - erase.min(self.cursor().1);
        self.selected = erase;
        if text.is_empty() {
            let erased = self.drop_selected();
            if erased > 0 {
                self.edited(erased);
            }
        } else {
            self.paste(text);
        }
        from
    }

    /// Selects `length` characters from the `from`-th on, and puts the cursor after them.
    pub fn select(&mut self, from: usize, length: usize) {
        self.seek(from + length);
        self.selected = length;
    }

    /// Deletes what is selected; says how many of the widget's edits that was.
    fn drop_selected(&mut self) -> usize {
        let (row, col) = self.cursor();
        let chars = std::mem::take(&mut self.selected).min(col);
        if chars == 0 {
            return 0;
        }
        self.go(row, col - chars);
        usize::from(self.area.delete_str(chars))
    }

    /// Another text instead of this one, as one step of undo; the cursor at its end. As [`Field::paste`], says whether it fits.
    pub fn replace(&mut self, text: &str) -> bool {
        self.go(0, 0);
        let chars = self.text().chars().count();
        let deleted = usize::from(self.area.delete_str(chars));
        let steps = self.undo.len();
        let whole = self.paste(text);
        let pasted = self.undo.len() - steps;
        self.undo.truncate(steps);
        if deleted + pasted > 0 {
            self.edited(deleted + pasted);
        }
        whole
    }

    /// Puts the cursor after the `chars`-th character.
    pub fn seek(&mut self, chars: usize) {
        let mut left = chars;
        for row in 0..self.area.lines().len() {
            let count = self.area.lines()[row].chars().count();
            if left <= count {
                return self.go(row, left);
            }
            left -= count + 1;
        }
        self.area.move_cursor(CursorMove::Bottom);
        self.area.move_cursor(CursorMove::End);
    }

    /// How many characters stand before the cursor.
    pub fn position(&self) -> usize {
        let (row, col) = self.cursor();
        self.area.lines().iter().take(row).map(|line| line.chars().count() + 1).sum::<usize>() + col
    }

    /// A key of the field: a character, or readline's editing keys. Says whether the text changed.
    pub fn key(&mut self, key: Key) -> bool {
        if self.selected > 0 {
            match (key.code, key.ctrl, key.alt) {
                (Code::Char(_), false, false) | (Code::Char('y'), true, false) => {}
                (Code::Backspace | Code::Delete, false, false) => {
                    self.insert_instead(self.selected, "");
                    return true;
                }
                _ => self.selected = 0,
            }
        }
        if !matches!(key.code, Code::Up | Code::Down | Code::Char('p' | 'n')) {
            self.goal = None;
        }
        match (key.code, key.ctrl, key.alt) {
            (Code::Char(c), false, false) => self.type_char(c),
            (Code::Enter, false, _) | (Code::Char('j'), true, false) => {
                self.area.insert_newline();
                self.edited(1)
            }
            (Code::Backspace, false, false) | (Code::Char('h'), true, false) => self.delete_to(Self::left, false),
            (Code::Delete, false, false) | (Code::Char('d'), true, false) => self.delete_to(Self::right, false),
            (Code::Char('w'), true, false) => self.delete_to(Self::blank_left, true),
            (Code::Backspace, ..) => self.delete_to(Self::word_left, true),
            (Code::Char('d'), false, true) | (Code::Delete, ..) => self.delete_to(Self::word_right, true),
            (Code::Char('u'), true, false) => self.delete_to(Self::line_head, true),
            (Code::Char('k'), true, false) => self.delete_to(Self::line_end, true),
            (Code::Char('y'), true, false) => {
                let killed = self.killed.clone();
                self.paste(&killed);
                !killed.is_empty()
            }
            (Code::Char('_'), true, false) | (Code::Char('z'), false, true) => self.undo(),
            (Code::Char('y'), false, true) => self.redo(),
            (code, ctrl, alt) => {
                self.move_by(code, ctrl, alt);
                false
            }
        }
    }

    /// The cursor stands in the first (or last) of the rows people see: Up (or Down) goes no further.
    pub fn is_at_edge(&self, up: bool) -> bool {
        let rows = rows_of(self.area.lines(), self.width);
        let at = self.seen_row(&rows);
        if up { at == 0 } else { at + 1 >= rows.len() }
    }

    /// From now on a line is broken into rows of `width` columns, for moves up and down.
    pub const fn set_width(&mut self, width: usize) {
        self.width = width;
    }

    /// The content as rows of at most `width` columns, with the cursor's place in them.
    pub fn view(&self, width: usize) -> View {
        View::of(self.area.lines(), width.max(2), self.place(), self.selected)
    }

    /// The content with every character hidden, for secrets.
    pub fn masked(&self) -> Safe {
        Safe::line(&"*".repeat(self.area.lines().iter().map(|line| line.chars().count()).sum::<usize>().min(40)))
    }

    fn type_char(&mut self, c: char) -> bool {
        if self.bytes() >= FIELD_BYTES || c.is_control() {
            return false;
        }
        let replaced = self.drop_selected();
        if replaced > 0 {
            self.edited(replaced);
            self.typing = Some(true);
        }
        self.area.insert_char(c);
        let letter = !c.is_whitespace();
        // A word and the blanks after it are one step.
        let same_step = self.typing.is_some_and(|before| before || !letter);
        match self.undo.last_mut().filter(|_| same_step) {
            Some(step) => {
                *step += 1;
                self.redo.clear();
            }
            None => {
                self.edited(1);
            }
        }
        self.typing = Some(letter);
        true
    }

    /// Notes a step of so many of the widget's edits.
    fn edited(&mut self, edits: usize) -> bool {
        self.undo.push(edits);
        self.redo.clear();
        self.typing = None;
        true
    }

    fn undo(&mut self) -> bool {
        let Some(step) = self.undo.pop() else { return false };
        let done = (0..step).take_while(|_| self.area.undo()).count();
        self.typing = None;
        if done > 0 {
            self.redo.push(done);
        }
        done > 0
    }

    fn redo(&mut self) -> bool {
        let Some(step) = self.redo.pop() else { return false };
        let done = (0..step).take_while(|_| self.area.redo()).count();
        self.typing = None;
        if done > 0 {
            self.undo.push(done);
        }
        done > 0
    }

    /// Moves; every key that means nothing does nothing.
    fn move_by(&mut self, code: Code, ctrl: bool, alt: bool) {
        self.typing = None;
        let word = ctrl || alt;
        let (row, at) = match (code, ctrl, alt) {
            (Code::Left, ..) if word => self.word_left(),
            (Code::Right, ..) if word => self.word_right(),
            (Code::Char('b'), false, true) => self.word_left(),
            (Code::Char('f'), false, true) => self.word_right(),
            (Code::Left, ..) | (Code::Char('b'), true, false) => self.left(),
            (Code::Right, ..) | (Code::Char('f'), true, false) => self.right(),
            (Code::Up, false, false) | (Code::Char('p'), true, false) => self.beside(-1),
            (Code::Down, false, false) | (Code::Char('n'), true, false) => self.beside(1),
            (Code::Home, true, _) | (Code::Char('<'), false, true) => (0, 0),
            (Code::End, true, _) | (Code::Char('>'), false, true) => self.text_end(),
            (Code::Home, ..) => self.row_end(true),
            (Code::End, ..) => self.row_end(false),
            (Code::Char('a'), true, false) => self.line_head(),
            (Code::Char('e'), true, false) => self.line_end(),
            _ => return,
        };
        self.go_to(row, at);
    }

    /// Deletes from the cursor to a place; what was killed can be put back.
    fn delete_to(&mut self, target: impl Fn(&Self) -> (usize, usize), kill: bool) -> bool {
        let (here, there) = (self.place(), target(self));
        let (from, to) = if there < here { (there, here) } else { (here, there) };
        let removed = self.between(from, to);
        if removed.is_empty() {
            return false;
        }
        self.go_to(from.0, from.1);
        self.area.delete_str(removed.chars().count());
        if kill {
            self.killed = removed;
        }
        self.edited(1)
    }

    fn between(&self, from: (usize, usize), to: (usize, usize)) -> String {
        let mut out = String::new();
        for (row, line) in self.area.lines().iter().enumerate().take(to.0 + 1).skip(from.0) {
            let start = if row == from.0 { from.1 } else { 0 };
            let end = if row == to.0 { to.1 } else { line.len() };
            out.push_str(line.get(start..end).unwrap_or_default());
            if row < to.0 {
                out.push('\n');
            }
        }
        out
    }

    /// One character back, as people see characters.
    fn left(&self) -> (usize, usize) {
        let (row, at) = self.place();
        match self.before_cursor().grapheme_indices(true).next_back() {
            Some((start, _)) => (row, start),
            None if row > 0 => (row - 1, self.line(row - 1).len()),
            None => (row, at),
        }
    }

    fn right(&self) -> (usize, usize) {
        let (row, at) = self.place();
        match self.line(row).get(at..).unwrap_or_default().graphemes(true).next() {
            Some(cluster) => (row, at + cluster.len()),
            None if row + 1 < self.area.lines().len() => (row + 1, 0),
            None => (row, at),
        }
    }

    fn word_left(&self) -> (usize, usize) {
        let (row, _) = self.place();
        match self.before_cursor().split_word_bound_indices().rev().find(|(_, piece)| is_word(piece)) {
            Some((start, _)) => (row, start),
            None if row > 0 && self.before_cursor().is_empty() => (row - 1, self.line(row - 1).len()),
            None => (row, 0),
        }
    }

    fn word_right(&self) -> (usize, usize) {
        let (row, at) = self.place();
        let rest = self.line(row).get(at..).unwrap_or_default();
        match rest.split_word_bound_indices().find(|(_, piece)| is_word(piece)) {
            Some((start, piece)) => (row, at + start + piece.len()),
            None if rest.is_empty() && row + 1 < self.area.lines().len() => (row + 1, 0),
            None => (row, self.line(row).len()),
        }
    }

    /// Before what stands between blanks, as Ctrl-W deletes it.
    fn blank_left(&self) -> (usize, usize) {
        let (row, at) = self.place();
        let before = self.before_cursor();
        if at == 0 {
            return self.left();
        }
        let bare = before.trim_end();
        (row, bare.char_indices().rev().find(|(_, c)| c.is_whitespace()).map_or(0, |(start, c)| start + c.len_utf8()))
    }

    fn line_head(&self) -> (usize, usize) {
        (self.place().0, 0)
    }

    fn line_end(&self) -> (usize, usize) {
        let row = self.place().0;
        (row, self.line(row).len())
    }

    fn text_end(&self) -> (usize, usize) {
        let row = self.area.lines().len().saturating_sub(1);
        (row, self.line(row).len())
    }

    /// The beginning or the end of the row people see.
    fn row_end(&self, head: bool) -> (usize, usize) {
        let rows = rows_of(self.area.lines(), self.width);
        let Some(row) = rows.get(self.seen_row(&rows)) else { return self.place() };
        (row.line, if head { row.from } else { row.last_place(self.line(row.line)) })
    }

    /// The place in the row above or below, in the column where the moves up and down began.
    fn beside(&mut self, by: isize) -> (usize, usize) {
        let (line, at) = self.place();
        let rows = rows_of(self.area.lines(), self.width);
        let here = self.seen_row(&rows);
        let Some(row) = rows.get(here) else { return (line, at) };
        let goal = self.goal.unwrap_or_else(|| column_of(self.line(line), row.from, at));
        self.goal = Some(goal);
        match here.checked_add_signed(by).and_then(|to| rows.get(to)) {
            Some(row) => (row.line, place_at(self.line(row.line), row, goal)),
            None => (line, at),
        }
    }

    fn seen_row(&self, rows: &[RowSpan]) -> usize {
        let (line, at) = self.place();
        rows.iter().position(|row| row.holds(line, at)).unwrap_or(0)
    }

    fn line(&self, row: usize) -> &str {
        self.area.lines().get(row).map_or("", String::as_str)
    }

    /// Line and character of the cursor.
    fn cursor(&self) -> (usize, usize) {
        let cursor = self.area.cursor();
        (cursor.0, cursor.1)
    }

    /// Line and byte of the cursor.
    fn place(&self) -> (usize, usize) {
        let (row, col) = self.cursor();
        let line = self.line(row);
        (row, line.char_indices().nth(col).map_or(line.len(), |(byte, _)| byte))
    }

    fn go_to(&mut self, row: usize, byte: usize) {
        let col = self.line(row).get(..byte).map_or(0, |before| before.chars().count());
        self.go(row, col);
    }

    fn go(&mut self, row: usize, col: usize) {
        let (at_row, at_col) = self.cursor();
        if (row, col) == (at_row, at_col) {
            return;
        }
        // The widget jumps to the first 65,535 characters of a line only; further ones are walked to.
        let most = usize::from(u16::MAX);
        let near = row == at_row && col > most && at_col > most;
        if !near {
            self.area.move_cursor(CursorMove::Jump(row.min(most) as u16, col.min(most) as u16));
        }
        if col > most && col == self.line(row).chars().count() {
            return self.area.move_cursor(CursorMove::End);
        }
        let (_, at_col) = self.cursor();
        let step = if at_col < col { CursorMove::Forward } else { CursorMove::Back };
        for _ in 0..at_col.abs_diff(col) {
            self.area.move_cursor(step);
        }
    }

    fn bytes(&self) -> usize {
        self.area.lines().iter().map(|line| line.len() + 1).sum()
    }
}

/// Something to stop at when moving by words: not blanks, not punctuation.
fn is_word(piece: &str) -> bool {
    piece.chars().any(|c| !c.is_whitespace() && !c.is_ascii_punctuation())
}

#[cfg(test)]
mod tests;
