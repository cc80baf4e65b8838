//! Searching in words: how text is compared, what somebody typed, and where it was found. Whatever is typed is words, never a syntax.

mod words;

use std::ops::Range;

pub use words::{Word, beginning, indexed, indexed_person, number, words};

use super::id::{ConversationId, MessageId};
use super::message::Direction;
use super::text::SHOWN_BYTES;
use super::time::Timestamp;

/// As many words of what is typed are looked for.
const TERMS: usize = 16;
/// As much of what is typed is looked at, in letters.
const TYPED: usize = 400;
/// Letters before the first match in an excerpt, when more than [`KEPT`] stand before it.
const BEFORE: usize = 24;
/// So many letters before the first match are not worth cutting.
const KEPT: usize = 32;
/// Letters of an excerpt.
const EXCERPT: usize = 240;

/// What somebody looks for: all of these, in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    terms: Vec<Term>,
    number: Option<String>,
    digits: Option<i64>,
}

/// One of the words that were typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The word as it is compared; of a script without blanks the pairs of its letters, which stand one after the other.
    pub words: Vec<String>,
    /// More letters may follow.
    pub begins: bool,
}

/// In which order messages are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Order {
    /// The newest first.
    #[default]
    Newest,
    /// Those in which the words weigh most first.
    Best,
}

/// A message that was found. Texts are as stored: sanitise before showing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The message.
    pub message: MessageId,
    /// Where it is.
    pub conversation: ConversationId,
    /// The conversation's number, for people.
    pub number: i64,
    /// The provider's name.
    pub provider: String,
    /// The customer's name, or the address without one.
    pub name: String,
    /// Whose it is.
    pub direction: Direction,
    /// Its author's name.
    pub author: String,
    /// The words around the first match.
    pub excerpt: String,
    /// When it was written.
    pub at: Timestamp,
}

impl Query {
    /// Reads what is typed. The last word may be a beginning, unless a blank follows it.
    pub fn of(typed: &str) -> Self {
        let typed: String = typed.chars().take(TYPED).collect();
        let found = words(&typed);
        let ended = found.last().is_none_or(|last| last.to < typed.len());
        let mut terms: Vec<Term> = Vec::new();
        let mut run_end = None;
        for word in found {
            let goes_on = word.pair && run_end.is_some_and(|end| word.from < end);
            run_end = word.pair.then_some(word.to);
            match terms.last_mut().filter(|_| goes_on) {
                // The last letter of a run says nothing that its last pair does not.
                Some(term) if word.head < word.to => term.words.push(word.text),
                Some(_) => {}
                None => terms.push(Term { begins: word.pair && word.head == word.to, words: vec![word.text] }),
            }
        }
        terms.truncate(TERMS);
        // A single letter begins nearly everything: it waits for the next one, or is looked for as the word it is.
        let single = terms.last().is_some_and(|term| term.words.len() == 1 && term.words.iter().all(|word| word.chars().nth(1).is_none()));
        if !ended && run_end.is_none() {
            if !single {
                terms.last_mut().into_iter().for_each(|last| last.begins = true);
            } else if terms.len() > 1 {
                terms.pop();
            }
        }
        let digits = typed.trim().trim_start_matches('#');
        let digits = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten();
        Self { terms, number: number(&typed), digits }
    }

    /// Nothing to look for.
    pub const fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// The words.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// The words as they are looked for among names and addresses: each may be a beginning there; a telephone number is one word, whatever stands between its digits.
    pub fn people_terms(&self) -> Vec<Term> {
        if let Some(number) = &self.number {
            return vec![Term { words: vec![number.clone()], begins: true }];
        }
        let begins = |term: &Term| term.begins || (term.words.len() == 1 && term.words.iter().all(|word| word.chars().nth(1).is_some()));
        self.terms.iter().map(|term| Term { begins: begins(term), words: term.words.clone() }).collect()
    }

    /// The number of a conversation, when that is what is typed.
    pub const fn conversation_number(&self) -> Option<i64> {
        self.digits
    }

    /// Where the words stand in a text: ranges in order that neither touch nor overlap.
    pub fn marks(&self, text: &str) -> Vec<Range<usize>> {
        marks(&self.terms, text)
    }

    /// Where the words stand in a name or an address.
    pub fn people_marks(&self, text: &str) -> Vec<Range<usize>> {
        marks(&self.people_terms(), text)
    }

    /// The words of a text around the first match, in one line; its beginning when nothing in it matches.
    pub fn excerpt(&self, text: &str) -> String {
        let first = self.marks(text).first().map_or(0, |mark| mark.start);
        let before: Vec<usize> = text[..first].char_indices().map(|(at, _)| at).collect();
        let mut from = if before.len() > KEPT { before.get(before.len() - BEFORE).copied().unwrap_or(0) } else { 0 };
        if from > 0 {
            // It begins with a whole word when there is one on the way.
            from = text[from..first].find(char::is_whitespace).map_or(from, |blank| from + blank);
        }
        let mut out = String::from(if from > 0 { "…" } else { "" });
        let rest: String = text[from..].chars().take(EXCERPT).collect();
        for (n, word) in rest.split_whitespace().enumerate() {
            if n > 0 {
                out.push(' ');
            }
            out.push_str(word);
        }
        out
    }
}

/// Ranges in order that neither touch nor overlap.
fn marks(terms: &[Term], text: &str) -> Vec<Range<usize>> {
    if terms.is_empty() {
        return Vec::new();
    }
    let text = text.get(..SHOWN_BYTES).unwrap_or(text);
    let found = words(text);
    let mut marks: Vec<Range<usize>> = Vec::new();
    for at in 0..found.len() {
        marks.extend(terms.iter().filter_map(|term| term.found(&found[at..])));
    }
    marks.sort_by_key(|mark| (mark.start, mark.end));
    let mut out: Vec<Range<usize>> = Vec::new();
    for mark in marks {
        match out.last_mut() {
            Some(last) if mark.start <= last.end => last.end = last.end.max(mark.end),
            _ => out.push(mark),
        }
    }
    out
}

impl Term {
    /// The word of the index that stands for all it may begin, when it is short enough to have one.
    pub fn beginning(&self) -> Option<String> {
        match self.words.as_slice() {
            [word] if self.begins => beginning(word),
            _ => None,
        }
    }

    /// Where it ends when it stands at the beginning of these words.
    fn found(&self, found: &[Word]) -> Option<Range<usize>> {
        let (first, rest) = self.words.split_first()?;
        let start = found.first()?;
        if rest.is_empty() && self.begins {
            let to = if start.pair && first.chars().nth(1).is_none() { start.head } else { start.to };
            return start.text.starts_with(first.as_str()).then_some(start.from..to);
        }
        let mut to = start.to;
        if start.text != *first {
            return None;
        }
        for (n, word) in rest.iter().enumerate() {
            let next = found.get(n + 1).filter(|next| next.text == *word)?;
            to = next.to;
        }
        Some(start.from..to)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check_words(text: &str, want: &str) {
        assert_eq!(bare(&indexed(&[text])), want, "{text}");
    }

    /// What is in the index without the beginnings.
    fn bare(indexed: &str) -> String {
        indexed.split(' ').filter(|word| !word.starts_with('\u{e000}')).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn short_beginnings_are_in_the_index_once_each() {
        assert_eq!(indexed(&["order orders a"]), "order orders a \u{e000}or \u{e000}ord");
        assert_eq!(indexed(&["返金"]), "返金 金 \u{e000}返 \u{e000}金");
        for (typed, word) in
            [("or", Some("\u{e000}or")), ("ord", Some("\u{e000}ord")), ("orde", None), ("or ", None), ("返", Some("\u{e000}返"))]
        {
            assert_eq!(Query::of(typed).terms().last().and_then(Term::beginning).as_deref(), word, "{typed}");
        }
    }

    #[test]
    fn case_diacritics_digits_and_width_do_not_count() {
        check_words("Größe GROSSE grösse", "grosse grosse grosse");
        check_words("Søren Łódź Þór ÆØÅ", "soren lodz thor aeoa");
        check_words("e\u{301}te\u{301} été ETE", "ete ete ete");
        check_words("ＦＤ－４１ ٠١٢ ०१२ ①", "fd 41 012 012 1");
        check_words("it's c++ a_b x@y.com", "it s c a b x y com");
        check_words("İstanbul ISPARTA ıspanak", "istanbul isparta ispanak");
        check_words("ﻫﺬﺍ هٰذَا أحمد احمد ـسـلـام", "هذا هذا احمد احمد سلام");
        check_words("soft\u{ad}ware 👍 na\u{200b}me", "software name");
        check_words("ΟΔΟΣ οδός", "οδοσ οδοσ");
    }

    #[test]
    fn scripts_without_blanks_become_overlapping_pairs() {
        check_words("返金", "返金 金");
        check_words("注文88213です", "注文 文 88213 です す");
        check_words("ｶﾞｽ ガス", "ガス ス ガス ス");
        check_words("한국 \u{1112}\u{1161}\u{11ab}국", "한국 국 한국 국");
    }

    #[test]
    fn a_person_is_indexed_by_the_digits_of_a_number_from_each_place() {
        let indexed = bare(&indexed_person("Andi", &["+62 812-3456"]));
        assert_eq!(indexed, "andi 62 812 3456 628123456 28123456 8123456 123456 23456 3456");
        assert_eq!(bare(&indexed_person("Leila", &["leila@shop.example"])), "leila leila shop example");
    }

    fn terms(typed: &str) -> String {
        let show = |term: &Term| term.words.join("+") + if term.begins { "*" } else { "" };
        Query::of(typed).terms().iter().map(show).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_last_word_is_a_beginning_until_a_blank_follows() {
        assert_eq!(terms("Where ord"), "where ord*");
        assert_eq!(terms("Where order "), "where order");
        assert_eq!(terms("c++ a-b \"x"), "c a b", "a single letter begins nearly everything");
        assert_eq!(terms("x"), "x");
        assert_eq!(terms("\"\" -- *"), "");
        assert_eq!(terms("FD-414"), "fd 414*");
        assert_eq!(terms("注文番号"), "注文+文番+番号");
        assert_eq!(terms("返"), "返*");
        assert_eq!(terms("返 金額"), "返* 金額");
    }

    #[test]
    fn numbers_are_told_from_words() {
        let number = |typed: &str| Query::of(typed).people_terms().first().map(|term| term.words.join("+"));
        assert_eq!(number("0812 3456").as_deref(), Some("8123456"));
        assert_eq!(number("+62 (812) 34").as_deref(), Some("6281234"));
        assert_eq!(number("012").as_deref(), Some("012"));
        assert_eq!(Query::of("#12").conversation_number(), Some(12));
        assert_eq!(Query::of("12").conversation_number(), Some(12));
        assert_eq!(Query::of("12 a").conversation_number(), None);
        assert_eq!(Query::of("99999999999999999999").conversation_number(), None);
    }

    #[test]
    fn marks_are_ranges_of_the_original() {
        let marked = |typed: &str, text: &str| {
            Query::of(typed).marks(text).into_iter().map(|range| text[range].to_owned()).collect::<Vec<_>>().join("|")
        };
        assert_eq!(marked("grosse", "Die Größe, die GRÖSSE"), "Größe|GRÖSSE");
        assert_eq!(marked("ref", "refund, prefund, REFUNDS"), "refund|REFUNDS");
        assert_eq!(marked("番号 ", "注文番号は"), "番号");
        assert_eq!(marked("文番号", "注文番号は"), "文番号");
        assert_eq!(marked("号", "注文番号は号"), "号|号");
        assert_eq!(marked("ete", "l'e\u{301}te\u{301}!"), "e\u{301}te\u{301}");
        assert_eq!(marked("", "anything"), "");
    }

    #[test]
    fn an_excerpt_is_one_line_around_the_first_match() {
        let text = "Dear all,\n\nthis goes on for a while before it says that the   parcel\nis lost";
        assert_eq!(Query::of("parcel").excerpt(text), "…it says that the parcel is lost");
        assert_eq!(Query::of("dear").excerpt("Dear\tall"), "Dear all");
        assert_eq!(Query::of("nothing").excerpt("Dear all"), "Dear all");
    }

    proptest! {
        #[test]
        fn any_text_is_searched_without_a_panic_and_marked_between_letters(typed in "\\PC{0,30}|.{0,30}", text in "\\PC{0,200}|(?s).{0,100}") {
            let query = Query::of(&typed);
            let mut end = 0;
            for mark in query.marks(&text) {
                prop_assert!(text.is_char_boundary(mark.start) && text.is_char_boundary(mark.end));
                prop_assert!(mark.start < mark.end && (end == 0 || mark.start > end));
                end = mark.end;
            }
            query.excerpt(&text);
            query.people_terms();
            indexed_person(&text, &[&typed]);
        }

        #[test]
        fn what_stands_in_a_text_is_found_by_typing_it(text in "[a-zA-ZéßØ日本返金한국ก-ฮ 0-9.,]{1,60}") {
            let found = words(&text);
            for word in &found {
                let query = Query::of(&text[word.from..word.to]);
                prop_assert!(query.is_empty() || !query.marks(&text).is_empty(), "{:?} in {:?}", word, text);
            }
        }

        #[test]
        fn words_are_letters_and_digits_alone(text in "\\PC{0,200}") {
            let plain = indexed(&[&text]);
            prop_assert!(plain.bytes().all(|byte| byte == b' ' || !byte.is_ascii() || byte.is_ascii_alphanumeric()), "{plain}");
            prop_assert!(!plain.contains("  "));
        }
    }
}
