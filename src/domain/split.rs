//! Cutting a long text into provider messages without cutting what a person sees as one character.

use unicode_segmentation::UnicodeSegmentation;

/// The length of a text in UTF-16 code units, the largest count any provider uses for "characters".
pub fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Cuts `text` into pieces of at most `limit` units each: at the last paragraph end, line end, sentence end or blank in the second half of
/// a piece, else between grapheme clusters. A single cluster longer than the limit (a stranger's pile of combining marks) is cut between
/// characters. Blanks at a cut are dropped, as are pieces of nothing else; no other character is lost or changed.
pub fn split(text: &str, limit: usize) -> Vec<&str> {
    let limit = limit.max(2);
    let mut pieces = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let end = piece_end(rest, limit);
        let (piece, tail) = rest.split_at(end);
        let piece = piece.trim_end();
        if !piece.is_empty() {
            pieces.push(piece);
        }
        rest = tail.trim_start();
    }
    pieces
}

/// Where the first piece of `text` ends, in bytes; more than zero.
fn piece_end(text: &str, limit: usize) -> usize {
    let mut used = 0;
    let mut hard = 0;
    for (at, cluster) in text.grapheme_indices(true) {
        let size = units(cluster);
        if used + size > limit {
            return if hard == 0 { first_chars(text, limit) } else { soft_end(&text[..hard]) };
        }
        used += size;
        hard = at + cluster.len();
    }
    text.len()
}

/// The best place to cut within a piece that is full: not before its middle, so that pieces stay few.
fn soft_end(full: &str) -> usize {
    let from = full.floor_char_boundary(full.len() / 2);
    let tail = &full[from..];
    for mark in ["\n\n", "\n", ". ", "! ", "? ", "。", " "] {
        if let Some(at) = tail.rfind(mark) {
            return from + at + mark.len();
        }
    }
    full.len()
}

fn first_chars(text: &str, limit: usize) -> usize {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.len_utf16();
        if used > limit {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_short_text_is_one_piece_and_nothing_is_none() {
        assert_eq!(split("hello", 4096), ["hello"]);
        assert!(split(" \n ", 4096).is_empty());
    }

    #[test]
    fn a_text_at_the_limit_is_one_piece_and_one_more_makes_two() {
        assert_eq!(split(&"a".repeat(4096), 4096).len(), 1);
        assert_eq!(split(&"a".repeat(4097), 4096).len(), 2);
        assert_eq!(split(&"😀".repeat(2048), 4096).len(), 1, "an emoji counts two units");
        assert_eq!(split(&"😀".repeat(2049), 4096).len(), 2);
    }

    #[test]
    fn a_family_emoji_at_the_cut_stays_whole() {
        let family = "👨‍👩‍👧‍👦";
        let text = format!("{}{family}", "a".repeat(4090));
        assert_eq!(split(&text, 4096), ["a".repeat(4090).as_str(), family]);
    }

    #[test]
    fn a_cut_prefers_the_end_of_a_paragraph() {
        let text = format!("{}\n\n{}", "a".repeat(60), "b b ".repeat(20));
        assert_eq!(split(&text, 100)[0], "a".repeat(60));
    }

    #[test]
    fn ten_thousand_combining_marks_are_cut_rather_than_refused() {
        let text = format!("e{}", "\u{301}".repeat(10_000));
        assert!(split(&text, 4096).iter().all(|piece| units(piece) <= 4096));
    }

    proptest! {
        #[test]
        fn pieces_fit_and_together_are_the_text_but_for_blanks(text in "(\\PC|[ \n]){0,300}", limit in 2_usize..40) {
            let pieces = split(&text, limit);
            prop_assert!(pieces.iter().all(|piece| units(piece) <= limit && !piece.is_empty()));
            let bare = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(bare(&pieces.concat()), bare(&text));
        }
    }
}
