//! A field's text as the rows people see.

use unicode_segmentation::UnicodeSegmentation;

use crate::domain::text::Safe;

/// A field's content, wrapped and safe to paint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// The rows, at least one.
    pub rows: Vec<Safe>,
    /// Row and column of the cursor.
    pub cursor: (usize, usize),
    /// What is selected: in which row, from which column to which.
    pub selected: Vec<(usize, usize, usize)>,
}

/// One row: which bytes of which line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RowSpan {
    pub(super) line: usize,
    pub(super) from: usize,
    pub(super) to: usize,
    /// The line ends with it.
    last: bool,
}

impl View {
    pub(super) fn of(lines: &[String], width: usize, (line, at): (usize, usize), chars: usize) -> Self {
        let spans = rows_of(lines, width);
        let text = |row: &RowSpan| lines.get(row.line).map_or("", String::as_str);
        let row = spans.iter().position(|row| row.holds(line, at)).unwrap_or(0);
        let column = spans.get(row).map_or(0, |span| column_of(text(span), span.from, at));
        let rows = spans.iter().map(|row| Safe::line(text(row).get(row.from..row.to).unwrap_or_default())).collect();
        let selected = if chars == 0 { Vec::new() } else { selected(lines, &spans, (line, at), chars) };
        Self { rows, cursor: (row, column.min(width)), selected }
    }
}

/// Where the `chars` characters before a place of a line are seen.
fn selected(lines: &[String], spans: &[RowSpan], (line, at): (usize, usize), chars: usize) -> Vec<(usize, usize, usize)> {
    let text = lines.get(line).map_or("", String::as_str);
    let start = text.get(..at).and_then(|before| before.char_indices().rev().nth(chars - 1)).map_or(0, |(byte, _)| byte);
    let part = |(row, span): (usize, &RowSpan)| {
        let (from, to) = (span.from.max(start), span.to.min(at));
        (span.line == line && from < to).then(|| (row, column_of(text, span.from, from), column_of(text, span.from, to)))
    };
    spans.iter().enumerate().filter_map(part).collect()
}

impl RowSpan {
    /// The cursor shows in this row when it stands there.
    pub(super) const fn holds(&self, line: usize, at: usize) -> bool {
        self.line == line && at >= self.from && (at < self.to || (self.last && at <= self.to))
    }

    /// The last place of the cursor in it.
    pub(super) fn last_place(&self, line: &str) -> usize {
        if self.last {
            return self.to;
        }
        let text = line.get(self.from..self.to).unwrap_or_default();
        text.grapheme_indices(true).next_back().map_or(self.from, |(start, _)| self.from + start)
    }
}

/// The lines broken into rows of at most `width` columns (0: not at all), at blanks where it can be.
pub(super) fn rows_of(lines: &[String], width: usize) -> Vec<RowSpan> {
    let mut rows = Vec::with_capacity(lines.len());
    for (line, text) in lines.iter().enumerate() {
        break_line(text, line, if width == 0 { usize::MAX } else { width }, &mut rows);
    }
    rows
}

fn break_line(text: &str, line: usize, width: usize, rows: &mut Vec<RowSpan>) {
    let (mut from, mut used) = (0, 0);
    // After the last blank of the row, and how many columns stand before that place.
    let mut blank: Option<(usize, usize)> = None;
    // A byte takes at most four columns (a tab), so most lines need no look at their characters.
    if text.len() <= width / 4 {
        rows.push(RowSpan { line, from: 0, to: text.len(), last: true });
        return;
    }
    each_cluster(text, |at, cluster, wide| {
        if used + wide > width && at > from {
            let (cut, before) = blank.take().filter(|(blank, _)| *blank > from).unwrap_or((at, used));
            rows.push(RowSpan { line, from, to: cut, last: false });
            from = cut;
            used -= before;
        }
        used += wide;
        if cluster == " " {
            blank = Some((at + 1, used));
        }
        true
    });
    rows.push(RowSpan { line, from, to: text.len(), last: true });
}

/// The column of byte `at` in a row of the line that begins at byte `from`.
pub(super) fn column_of(line: &str, from: usize, at: usize) -> usize {
    let mut column = 0;
    each_cluster(line.get(from..at).unwrap_or_default(), |_, _, wide| {
        column += wide;
        true
    });
    column
}

/// Where in the row of the line the cursor stands nearest before column `goal`.
pub(super) fn place_at(line: &str, row: &RowSpan, goal: usize) -> usize {
    let text = line.get(row.from..row.to).unwrap_or_default();
    let (mut column, mut place) = (0, row.from);
    each_cluster(text, |at, cluster, wide| {
        if column + wide > goal {
            return false;
        }
        column += wide;
        place = row.from + at + cluster.len();
        true
    });
    place.min(row.last_place(line))
}

/// Every cluster with its byte and its width as it is painted, until told to stop.
fn each_cluster(text: &str, mut see: impl FnMut(usize, &str, usize) -> bool) {
    if text.is_ascii() {
        for (at, byte) in text.bytes().enumerate() {
            if !see(at, &text[at..=at], if byte == b'\t' { 4 } else { 1 }) {
                return;
            }
        }
        return;
    }
    for (at, cluster) in text.grapheme_indices(true) {
        let wide = if cluster.len() == 1 && !cluster.starts_with('\t') { 1 } else { Safe::line(cluster).width() };
        if !see(at, cluster, wide) {
            return;
        }
    }
}
