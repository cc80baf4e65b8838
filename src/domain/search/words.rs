//! Text as it is compared: the same for what is stored, on either engine, and for what is typed.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use unicode_normalization::char::{compose, decompose_compatible, is_combining_mark};

/// Words longer than this many letters are compared by their beginning.
const LONGEST: usize = 64;
/// As much of one text as is indexed, in bytes of its words. PostgreSQL refuses more than a megabyte with its own additions.
const INDEXED_BYTES: usize = 200_000;

/// A word of a text, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// As it is compared.
    pub text: String,
    /// Its first byte in the text.
    pub from: usize,
    /// Where its first letter ends.
    pub head: usize,
    /// Where it ends.
    pub to: usize,
    /// A pair of letters (or the last letter) of a script that puts no blanks between words.
    pub pair: bool,
}

/// The words of a text, in order.
///
/// Case and diacritics do not count; digits of any script are ASCII digits; scripts without blanks between words give overlapping pairs of
/// letters and at last the last letter, so that any run of letters is found; everything else only separates.
pub fn words(text: &str) -> Vec<Word> {
    let mut scan = Scan::default();
    for (from, c) in text.char_indices() {
        scan.take(c, from, from + c.len_utf8());
    }
    scan.flush();
    scan.words
}

/// Stands before a beginning of words in the index; no word holds it.
const BEGINNING: char = '\u{e000}';
/// Beginnings of so many letters are in the index themselves: an engine asked for every word that begins with two letters reads half of it.
const BEGINNINGS: RangeInclusive<usize> = 2..=3;

/// What is put into the index for these texts: their words with blanks between them, then the short beginnings of the words, each once.
pub fn indexed(texts: &[&str]) -> String {
    let mut index = Index::default();
    for text in texts {
        index.add_text(text);
    }
    index.finish()
}

/// What is put into the index of people: the words of names and addresses, and the digits of a number from each of its places on, so that it
/// is found with or without the country's code and by its last digits.
pub fn indexed_person(name: &str, addresses: &[&str]) -> String {
    let mut index = Index::default();
    for text in std::iter::once(name).chain(addresses.iter().copied()) {
        index.add_text(text);
        let Some(digits) = number(text) else { continue };
        for from in 0..=digits.len().saturating_sub(NUMBER_DIGITS) {
            index.add(&digits[from..], false);
        }
    }
    index.finish()
}

/// The word of the index that stands for every word with this beginning; none when the beginning is too long to be kept there.
pub fn beginning(word: &str) -> Option<String> {
    let letters = word.chars().count();
    (letters <= *BEGINNINGS.end()).then(|| format!("{BEGINNING}{word}"))
}

/// Words on their way into the index.
#[derive(Default)]
struct Index {
    words: String,
    beginnings: BTreeSet<String>,
}

impl Index {
    fn add_text(&mut self, text: &str) {
        // No more of a text can matter.
        for word in words(&text[..text.floor_char_boundary(INDEXED_BYTES)]) {
            if self.words.len() + word.text.len() >= INDEXED_BYTES {
                break;
            }
            self.add(&word.text, word.pair);
        }
    }

    /// Adds a word. A pair of letters stands for itself, and its first letter is the only beginning it has.
    fn add(&mut self, word: &str, pair: bool) {
        if !self.words.is_empty() {
            self.words.push(' ');
        }
        self.words.push_str(word);
        let lengths = if pair { 1..=1 } else { BEGINNINGS };
        for length in lengths {
            let Some(end) = word.char_indices().nth(length - 1).map(|(at, c)| at + c.len_utf8()) else { break };
            if !self.beginnings.contains(&word[..end]) {
                self.beginnings.insert(word[..end].to_owned());
            }
        }
    }

    fn finish(self) -> String {
        let mut out = self.words;
        for start in self.beginnings {
            out.push(' ');
            out.push(BEGINNING);
            out.push_str(&start);
        }
        out
    }
}

/// A telephone number has at least so many digits, and so many of its last ones are worth looking for.
const NUMBER_DIGITS: usize = 4;

/// The digits of a text that is a telephone number as people write them, without the zeros that stand for a country or a town.
pub fn number(text: &str) -> Option<String> {
    let mut digits = String::new();
    for c in text.trim().chars() {
        match digit(c) {
            Some(digit) => digits.push(digit),
            None if matches!(c, '+' | '-' | '.' | '(' | ')' | '/' | '\u{a0}' | ' ' | '\u{2010}'..='\u{2015}') => {}
            None => return None,
        }
    }
    let digits = digits.trim_start_matches('0');
    (digits.len() >= NUMBER_DIGITS && digits.len() <= 20).then(|| digits.to_owned())
}

#[derive(Clone, Copy)]
struct Letter {
    c: char,
    from: usize,
    to: usize,
}

#[derive(Default)]
struct Scan {
    run: Vec<Letter>,
    dense: bool,
    words: Vec<Word>,
}

impl Scan {
    fn take(&mut self, c: char, from: usize, to: usize) {
        if c.is_ascii() {
            return self.letter(c.to_ascii_lowercase(), from, to);
        }
        decompose_compatible(c, |part| {
            for lower in part.to_lowercase() {
                match plain(lower) {
                    Plain::Same => self.letter(lower, from, to),
                    Plain::Letters(letters) => letters.chars().for_each(|c| self.letter(c, from, to)),
                    Plain::Digit(c) => self.letter(c, from, to),
                    Plain::Nothing => {
                        if let Some(last) = self.run.last_mut() {
                            last.to = to;
                        }
                    }
                }
            }
        });
    }

    fn letter(&mut self, c: char, from: usize, to: usize) {
        if joins(c)
            && let Some(last) = self.run.last_mut()
            && let Some(whole) = compose(last.c, c)
        {
            (last.c, last.to) = (whole, to);
            return;
        }
        let belongs = c.is_alphanumeric() || (is_combining_mark(c) && !self.run.is_empty());
        if !belongs {
            return self.flush();
        }
        let dense = is_dense(c) || (is_combining_mark(c) && self.dense);
        if dense != self.dense {
            self.flush();
            self.dense = dense;
        }
        self.run.push(Letter { c, from, to });
    }

    fn flush(&mut self) {
        let (Some(first), Some(last)) = (self.run.first(), self.run.last()) else { return };
        if self.dense {
            for at in 0..self.run.len() {
                let pair = &self.run[at..self.run.len().min(at + 2)];
                let (from, head, to) = (pair[0].from, pair[0].to, pair[pair.len() - 1].to);
                self.words.push(Word { text: pair.iter().map(|letter| letter.c).collect(), from, head, to, pair: true });
            }
        } else {
            let text = self.run.iter().take(LONGEST).map(|letter| letter.c).collect();
            self.words.push(Word { text, from: first.from, head: first.to, to: last.to, pair: false });
        }
        self.run.clear();
    }
}

enum Plain {
    Same,
    Letters(&'static str),
    Digit(char),
    Nothing,
}

/// What a letter in lower case, taken apart, is compared as.
fn plain(c: char) -> Plain {
    match c {
        // Diacritics of the scripts that write them or leave them out; the vowel signs of others are letters.
        '\u{300}'..='\u{36f}'
        | '\u{483}'..='\u{489}'
        | '\u{591}'..='\u{5c7}'
        | '\u{610}'..='\u{61a}'
        | '\u{640}'
        | '\u{64b}'..='\u{65f}'
        | '\u{670}'
        | '\u{6d6}'..='\u{6ed}'
        | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}'
        | '\u{fe20}'..='\u{fe2f}' => match digit(c) {
            Some(digit) => Plain::Digit(digit),
            None => Plain::Nothing,
        },
        // What has no width separates nothing.
        '\u{ad}'
        | '\u{61c}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' => Plain::Nothing,
        // Letters with a stroke, and two in one, which Unicode does not take apart.
        'ß' => Plain::Letters("ss"),
        'æ' => Plain::Letters("ae"),
        'œ' => Plain::Letters("oe"),
        'ø' => Plain::Letters("o"),
        'ł' => Plain::Letters("l"),
        'đ' | 'ð' => Plain::Letters("d"),
        'þ' => Plain::Letters("th"),
        'ħ' => Plain::Letters("h"),
        'ı' => Plain::Letters("i"),
        'ς' => Plain::Letters("σ"),
        'ى' | 'ی' => Plain::Letters("ي"),
        'ک' => Plain::Letters("ك"),
        'ة' => Plain::Letters("ه"),
        _ => digit(c).map_or(Plain::Same, Plain::Digit),
    }
}

/// Where the ten digits of each script begin.
const ZEROS: [u32; 62] = [
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0, 0xf20, 0x1040, 0x1090,
    0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0,
    0xff10, 0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950,
    0x11c50, 0x11d50, 0x11da0, 0x11f50, 0x16a60, 0x16ac0, 0x16b50, 0x1e140, 0x1e2f0, 0x1e4f0, 0x1e950,
];

fn digit(c: char) -> Option<char> {
    let at = ZEROS.partition_point(|zero| *zero <= c as u32).checked_sub(1)?;
    let value = c as u32 - ZEROS.get(at)?;
    char::from_digit(value, 10)
}

/// What becomes one with the letter before it: the sound marks of kana, and the later letters of a Hangul syllable.
const fn joins(c: char) -> bool {
    matches!(c, '\u{3099}' | '\u{309a}' | '\u{1161}'..='\u{11c2}')
}

/// Letters of scripts that put no blanks between words, or hang endings on them.
const fn is_dense(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}' | '\u{1780}'..='\u{17ff}' | '\u{3005}'..='\u{3007}'
        | '\u{3021}'..='\u{3029}' | '\u{3031}'..='\u{318f}' | '\u{31a0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7fb}' | '\u{20000}'..='\u{3ffff}')
}
