//! A stranger's text made safe to show. The original is stored; only what is painted passes here, after all decoding.
//!
//! [`Safe`] is the only thing widgets take. It holds no control character but a line feed (in [`Safe::block`]), no character that changes
//! direction or has no width, and at most eight marks on a letter, so that what a terminal is told can neither command it nor break a row.

use std::borrow::Cow;
use std::fmt;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Text that may be painted. Made only by this module.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Safe(Cow<'static, str>);

/// The most of one text that is ever shown, in bytes; the rest is replaced by a line that says so.
pub const SHOWN_BYTES: usize = 64 * 1024;
/// The most combining marks shown on one letter, and the most characters after the first in one cluster.
const MARKS: usize = 8;
/// How wide a tab is shown.
const TAB: &str = "    ";

impl Safe {
    /// One line: line feeds become `␤`.
    pub fn line(text: &str) -> Self {
        Self(Cow::Owned(clean(text, false)))
    }

    /// Several lines, separated by line feeds.
    pub fn block(text: &str) -> Self {
        Self(Cow::Owned(clean(text, true)))
    }

    /// Words of our own, known when the program is built.
    pub const fn lit(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its width in terminal columns (of a single line): the sum of its clusters', because that is how it is painted. The width of the text as a
    /// whole can be less (Arabic lam and alef, for one, are counted as a ligature).
    pub fn width(&self) -> usize {
        columns(&self.0)
    }

    /// Every character is a cluster of its own and takes one column: most texts, and all rules. Painting and measuring them needs no tables.
    pub fn is_plain(&self) -> bool {
        is_plain(&self.0)
    }

    /// As [`Safe::is_plain`], as far as the first `count` characters go.
    pub fn begins_plain(&self, count: usize) -> bool {
        self.0.chars().take(count).all(is_plain_char)
    }

    /// Nothing to show.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Both texts, one after the other.
    #[must_use]
    pub fn then(mut self, more: &Self) -> Self {
        self.0.to_mut().push_str(&more.0);
        self
    }

    /// At most `columns` wide, cut between grapheme clusters, ending in `…` when something was cut.
    #[must_use]
    pub fn fit(&self, columns: usize) -> Self {
        self.cut(columns).unwrap_or_else(|| self.clone())
    }

    /// As [`Safe::fit`]; nothing when all of it fits. Looks no further than the columns go, because most of a preview is never seen.
    #[must_use]
    pub fn cut(&self, columns: usize) -> Option<Self> {
        let (mut used, mut kept, mut from) = (0, 0, 0);
        let short = |kept: usize| Some(Self(Cow::Owned(if columns == 0 { String::new() } else { format!("{}…", &self.0[..kept]) })));
        // Between two plain characters a cluster ends, always.
        let mut chars = self.0.chars().peekable();
        while let Some(c) = chars.next().filter(|c| is_plain_char(*c)) {
            if chars.peek().is_some_and(|next| !is_plain_char(*next)) {
                break;
            }
            used += 1;
            from += c.len_utf8();
            if used > columns {
                return short(kept);
            }
            // What still fits when the `…` takes a column.
            if used < columns {
                kept = from;
            }
        }
        for (at, cluster) in self.0[from..].grapheme_indices(true) {
            used += cluster.width();
            if used > columns {
                return short(kept);
            }
            if used < columns {
                kept = from + at + cluster.len();
            }
        }
        None
    }

    /// Broken into rows of at most `columns`, where a line may be broken if possible, else between grapheme clusters. Blanks at the end of a row are
    /// dropped. Never empty; a cluster wider than
    /// the row stands alone.
    pub fn wrap(&self, columns: usize) -> Vec<Self> {
        let columns = columns.max(1);
        let mut rows = Vec::new();
        for line in self.0.split('\n') {
            wrap_line(line, columns, &mut rows);
        }
        rows
    }
}

impl fmt::Display for Safe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

fn columns(text: &str) -> usize {
    if is_plain(text) { text.chars().count() } else { text.graphemes(true).map(UnicodeWidthStr::width).sum() }
}

/// Latin, Greek and Cyrillic letters, the lines and blocks of our own marks.
fn is_plain(text: &str) -> bool {
    text.chars().all(is_plain_char)
}

const fn is_plain_char(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{17f}' | '\u{391}'..='\u{3a1}' | '\u{3a3}'..='\u{3c9}'
        | '\u{410}'..='\u{44f}' | '\u{2013}' | '\u{2026}' | '\u{2500}'..='\u{259f}')
}

fn wrap_line(line: &str, columns: usize, rows: &mut Vec<Safe>) {
    let mut finish = |row: &mut String| rows.push(Safe(Cow::Owned(std::mem::take(row).trim_end_matches(' ').to_owned())));
    let mut row = String::new();
    let (mut used, mut start) = (0, 0);
    // Where a line may be broken is Unicode's rule (UAX #14): never before a question mark, anywhere between ideographs.
    for (end, _) in unicode_linebreak::linebreaks(line) {
        let piece = &line[start..end];
        start = end;
        // Blanks at the end of a row hang over it and are not seen.
        let width = self::columns(piece.trim_end_matches(' '));
        if used > 0 && used + width > columns {
            finish(&mut row);
            used = 0;
        }
        if width <= columns {
            row.push_str(piece);
            used += self::columns(piece);
            continue;
        }
        for cluster in piece.graphemes(true) {
            let width = cluster.width();
            if used > 0 && used + width > columns {
                finish(&mut row);
                used = 0;
            }
            row.push_str(cluster);
            used += width;
        }
    }
    finish(&mut row);
}

/// Everything a terminal could obey or stumble over is dropped or replaced by something visible, in one pass.
fn clean(text: &str, lines: bool) -> String {
    let (shown, cut) = if text.len() > SHOWN_BYTES { (&text[..text.floor_char_boundary(SHOWN_BYTES)], true) } else { (text, false) };
    let mut out = String::with_capacity(shown.len());
    let (mut marks, mut rest) = (0, shown);
    loop {
        // Nearly all of most texts, and nothing to look at: the letters of ASCII.
        let letters = rest.bytes().position(|byte| !(b' '..=b'~').contains(&byte)).unwrap_or(rest.len());
        if letters > 0 {
            out.push_str(&rest[..letters]);
            marks = 0;
        }
        let mut chars = rest[letters..].chars();
        let Some(c) = chars.next() else { break };
        rest = chars.as_str();
        if c == '\r' && rest.starts_with('\n') {
            continue;
        }
        match visible(c) {
            // A vowel or final consonant of Hangul has no width only after the letter it joins.
            Shown::AsIs if joins_hangul(c) && !out.ends_with(is_hangul) => out.push('\u{fffd}'),
            Shown::AsIs if c.width() == Some(0) => {
                marks += 1;
                if marks <= MARKS && !out.is_empty() && !out.ends_with([' ', '\n', '␤']) {
                    out.push(c);
                }
                continue;
            }
            Shown::AsIs => out.push(c),
            Shown::Instead(other) => out.push(other),
            Shown::Line if lines => out.push('\n'),
            Shown::Line => out.push('␤'),
            Shown::Tab => out.push_str(TAB),
            Shown::Nothing => continue,
        }
        marks = 0;
    }
    let mut out = short_clusters(out);
    if cut {
        out.push_str(if lines { "\n" } else { " " });
        out.push_str("[too long to show in full]");
    }
    out
}

/// Marks that have a width (the vowel signs of Indic scripts) pile up as well; a cluster is painted into one cell, whole.
fn short_clusters(text: String) -> String {
    // A cluster holds at most one plain character, so one that is too long has half of what it may hold on one side of it.
    let mut run = 0;
    let may_pile = text.chars().any(|c| {
        run = if is_plain_char(c) { 0 } else { run + 1 };
        run > MARKS / 2
    });
    if !may_pile || text.graphemes(true).all(|cluster| cluster.chars().nth(MARKS + 1).is_none()) {
        return text;
    }
    text.graphemes(true).flat_map(|cluster| cluster.chars().take(MARKS + 1)).collect()
}

const fn is_hangul(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{a960}'..='\u{a97c}' | '\u{ac00}'..='\u{d7a3}' | '\u{d7b0}'..='\u{d7fb}')
}

const fn joins_hangul(c: char) -> bool {
    matches!(c, '\u{1161}'..='\u{11ff}' | '\u{d7b0}'..='\u{d7fb}')
}

enum Shown {
    AsIs,
    Instead(char),
    Line,
    Tab,
    Nothing,
}

fn visible(c: char) -> Shown {
    match c {
        '\n' | '\u{2028}' | '\u{2029}' => Shown::Line,
        '\t' => Shown::Tab,
        '\0'..='\u{1f}' => Shown::Instead(char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}')),
        '\u{7f}' => Shown::Instead('␡'),
        '\u{80}'..='\u{9f}' | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' | '\u{fdd0}'..='\u{fdef}' => Shown::Instead('\u{fffd}'),
        // The last two of every plane are no characters.
        _ if c as u32 & 0xfffe == 0xfffe => Shown::Instead('\u{fffd}'),
        // The sound marks that follow halfwidth kana: a column to every terminal, nothing to the Unicode tables.
        '\u{ff9e}' => Shown::Instead('゛'),
        '\u{ff9f}' => Shown::Instead('゜'),
        // Direction controls, zero-width characters, fillers, tags, variation selectors and skin tones: terminals disagree about their
        // width, and some of them make a text read differently from what it is.
        '\u{ad}'
        | '\u{34f}'
        | '\u{600}'..='\u{605}'
        | '\u{61c}'
        | '\u{6dd}'
        | '\u{70f}'
        | '\u{890}'
        | '\u{891}'
        | '\u{8e2}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{110bd}'
        | '\u{110cd}'
        | '\u{13430}'..='\u{1345f}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{1f3fb}'..='\u{1f3ff}'
        | '\u{e0000}'..='\u{e0fff}' => Shown::Nothing,
        _ => Shown::AsIs,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown_instead() {
        let check = |text: &str, want: &str| assert_eq!(Safe::line(text).as_str(), want);
        check("\x1b[2Jhi\x07", "␛[2Jhi␇");
        check("\u{9b}31m", "\u{fffd}31m");
        check("a\u{202e}gpj.exe", "agpj.exe");
        check("a\r\nb\u{2028}c", "a␤b␤c");
        check("a\tb\u{7f}", "a    b␡");
        check("\u{301}\u{301}x", "x");
        check("👍🏽", "👍");
        check("سلام שלום 返金", "سلام שלום 返金");
    }

    #[test]
    fn a_pile_of_marks_is_cut_to_eight() {
        let text = format!("e{}", "\u{301}".repeat(10_000));
        assert_eq!(Safe::line(&text).as_str().chars().count(), 9);
    }

    #[test]
    fn piles_between_plain_words_are_cut_and_nothing_else_is() {
        let pile = "क".to_owned() + &"\u{93e}".repeat(30);
        let text = format!("It was\nfine {pile} and {pile}\r\nso, über 👍 返金をお願いします ok");
        let cut = "क".to_owned() + &"\u{93e}".repeat(8);
        assert_eq!(Safe::block(&text).as_str(), format!("It was\nfine {cut} and {cut}\nso, über 👍 返金をお願いします ok"));
    }

    #[test]
    fn a_pile_of_marks_that_have_a_width_is_cut_too() {
        let text = format!("क{}x", "\u{93e}".repeat(10_000));
        assert_eq!(Safe::line(&text).as_str().chars().count(), 10);
    }

    #[test]
    fn a_width_is_what_the_clusters_take_when_they_are_painted() {
        let check = |text: &str, want: usize| assert_eq!(Safe::line(text).width(), want, "{text}");
        check("hello", 5);
        check("返金", 4);
        check("e\u{301}\u{308}", 1);
        check("\u{644}\u{627}", 2); // lam, alef
        check("\u{1112}\u{1161}\u{11ab}", 2); // 한 in its three letters
        check("\u{1161}x", 2);
        check("ｶ\u{ff9e}", 3);
    }

    #[test]
    fn what_counts_as_plain_joins_nothing_and_takes_one_column() {
        let plain: Vec<char> = ('\0'..=char::MAX).filter(|c| is_plain(c.encode_utf8(&mut [0; 4]))).collect();
        for c in plain {
            assert_eq!(c.width(), Some(1), "{c}");
            for neighbour in ['a', c, '─', '\u{ac}'] {
                assert_eq!(format!("{c}{neighbour}").graphemes(true).count(), 2, "{c}{neighbour}");
            }
        }
    }

    #[test]
    fn no_character_of_unicode_is_shown_as_something_without_a_place() {
        for c in '\0'..=char::MAX {
            let shown = Safe::line(&format!("a{c}b"));
            let hidden = |c: char| c.is_control() || matches!(visible(c), Shown::Nothing);
            assert!(shown.as_str().len() <= 6 && !shown.as_str().contains(hidden), "{:x}", c as u32);
        }
    }

    #[test]
    fn a_giant_text_is_shown_up_to_its_cap_and_says_so() {
        let safe = Safe::block(&"x".repeat(20_000_000));
        assert!(safe.as_str().len() < SHOWN_BYTES + 64);
        assert!(safe.as_str().ends_with("[too long to show in full]"));
    }

    #[test]
    fn a_line_is_cut_where_counting_its_clusters_would_cut_it() {
        let texts =
            ["", "plain words", "e\u{301}te\u{301} a\u{301}", "a返b金", "mañana – ok… 👍🏽 x", "한국 abc", "a\u{200d}b", "ab 👩‍👩‍👧 c", "…………"];
        for (text, columns) in texts.into_iter().flat_map(|text| (0..16).map(move |columns| (Safe::line(text), columns))) {
            let (mut kept, mut used) = (String::new(), 0);
            for cluster in text.as_str().graphemes(true) {
                used += cluster.width();
                kept.push_str(if used < columns { cluster } else { "" });
            }
            let want = match columns {
                _ if used <= columns => text.clone(),
                0 => Safe::default(),
                _ => Safe(Cow::Owned(kept + "…")),
            };
            assert_eq!(text.fit(columns), want, "{columns}");
            assert_eq!(text.cut(columns).is_none(), used <= columns, "{columns}");
        }
    }

    #[test]
    fn a_fitted_line_is_never_wider_than_asked() {
        for columns in 0..12 {
            assert!(Safe::line("返金をお願いします").fit(columns).width() <= columns);
        }
        assert_eq!(Safe::line("hello world").fit(8).as_str(), "hello w…");
    }

    #[test]
    fn wrapped_rows_fit_and_break_at_blanks() {
        let rows: Vec<String> = Safe::line("the tracking page still says in transit").wrap(12).iter().map(ToString::to_string).collect();
        assert_eq!(rows, ["the tracking", "page still", "says in", "transit"]);
        let rows: Vec<String> = Safe::line("Rechnung von letzter Woche schicken? Danke").wrap(34).iter().map(ToString::to_string).collect();
        assert_eq!(rows, ["Rechnung von letzter Woche", "schicken? Danke"], "a question mark stays with its word");
        assert!(Safe::line(&"返".repeat(50)).wrap(7).iter().all(|row| row.width() <= 7));
    }
}
