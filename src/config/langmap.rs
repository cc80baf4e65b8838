//! Which letters of another keyboard layout stand where the Latin ones do.

use std::collections::BTreeMap;

/// Letters and the Latin ones on the same keys. Commands are found by the Latin ones; text that is typed is never changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Langmap(BTreeMap<char, char>);

/// The layouts known by name: their rows from the key of `q` on, beside the same keys of the US layout (X keyboard extension, symbols/ru,
/// ua, gr, il and ara). Keys that give ASCII are left alone: they mean what they say.
const LAYOUTS: [(&str, &str, &str); 5] = [
    ("russian", "йцукенгшщзхъфывапролджэячсмитьбюё", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"),
    ("ukrainian", "йцукенгшщзхїфівапролджєячсмитьбюґ", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"),
    ("greek", "ςερτυθιοπασδφγηξκλζχψωβνμ", "wertyuiopasdfghjklzxcvbnm"),
    ("hebrew", "קראטוןםפשדגכעיחלךזסבהנמצתץ", "ertyuiopasdfghjklzxcvbnm,."),
    ("arabic", "ضصثقفغعهخحجدشسيبلاتنمكطئءؤرىةوزظ", "qwertyuiop[]asdfghjkl;'zxcvnm,./"),
];

impl Langmap {
    /// From the setting: names of layouts and pairs of a letter and the Latin one on its key, with blanks or commas between them
    /// (`"greek йq цw"`). Nothing when a word is neither.
    pub fn parse(text: &str) -> Option<Self> {
        let mut map = BTreeMap::new();
        let mut add = |from: char, to: char| {
            map.insert(from, to);
            if let (Some(from), true) = (single(from.to_uppercase()), to.is_ascii_lowercase()) {
                map.entry(from).or_insert(to.to_ascii_uppercase());
            }
        };
        for word in text.split([' ', ',']).filter(|word| !word.is_empty()) {
            if let Some((_, letters, latin)) = LAYOUTS.iter().find(|(name, ..)| name.eq_ignore_ascii_case(word)) {
                letters.chars().zip(latin.chars()).for_each(|(from, to)| add(from, to));
                continue;
            }
            let mut chars = word.chars();
            match (chars.next(), chars.next(), chars.next()) {
                (Some(from), Some(to), None) if to.is_ascii_graphic() && from != to => add(from, to),
                _ => return None,
            }
        }
        Some(Self(map))
    }

    /// The names of the layouts that need no pairs.
    pub fn names() -> Vec<&'static str> {
        LAYOUTS.iter().map(|(name, ..)| *name).collect()
    }

    /// The Latin letter on the key of this one.
    pub fn latin(&self, letter: char) -> Option<char> {
        self.0.get(&letter).copied()
    }
}

/// The only one, if it is.
fn single(mut chars: impl Iterator<Item = char>) -> Option<char> {
    let first = chars.next()?;
    chars.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layout_has_a_latin_key_for_each_of_its_letters_and_no_key_twice() {
        for (name, letters, latin) in LAYOUTS {
            assert_eq!(letters.chars().count(), latin.len(), "{name}");
            for row in [letters, latin] {
                let mut keys: Vec<char> = row.chars().collect();
                keys.sort_unstable();
                keys.dedup();
                assert_eq!(keys.len(), latin.len(), "{name}");
            }
            assert!(letters.chars().all(|c| !c.is_ascii()), "{name}");
        }
    }

    #[test]
    fn layouts_and_pairs_stand_together_and_capitals_follow() {
        let map = Langmap::parse("russian, ßs €e").unwrap();
        let check = |letter: char, want: Option<char>| assert_eq!(map.latin(letter), want, "{letter}");
        check('о', Some('j'));
        check('О', Some('J'));
        check('п', Some('g'));
        check('ж', Some(';'));
        check('ß', Some('s'));
        check('€', Some('e'));
        check('j', None);
        assert_eq!(Langmap::parse("").unwrap(), Langmap::default());
    }

    #[test]
    fn a_word_that_is_neither_a_layout_nor_a_pair_is_refused() {
        for text in ["klingon", "ж", "жjk", "aя", "jj"] {
            assert_eq!(Langmap::parse(text), None, "{text}");
        }
    }
}
