//! Canned replies: texts that are written again and again, found by a short name, with blanks that are filled in when they are used.

use super::text::Safe;

/// A workspace keeps at most so many.
pub const MOST: u32 = 2_000;
/// The longest shortcut, in characters.
const SHORTCUT: usize = 32;
/// The longest text, in bytes.
const TEXT: usize = 16 * 1024;
/// The longest name of a blank, in characters.
const BLANK: usize = 40;
/// The blanks that are filled in by themselves.
pub const VARIABLES: [&str; 5] = ["name", "first_name", "agent", "number", "channel"];

/// One text with its short name.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Canned {
    /// What is typed after `/` to find it.
    pub shortcut: String,
    /// The words, with blanks like `{{first_name}}`.
    pub text: String,
}

/// What is known where a canned reply is used; empty when it is not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The customer's name.
    pub name: String,
    /// Who writes.
    pub agent: String,
    /// The conversation's number.
    pub number: String,
    /// The channel's name.
    pub channel: String,
}

impl Canned {
    /// A canned reply, if its shortcut can be typed after a `/` and both are of a sensible length; else why not.
    pub fn new(shortcut: &str, text: &str) -> Result<Self, String> {
        let shortcut = shortcut.trim().trim_start_matches('/');
        // Spreadsheets end a cell's lines with both signs, and old files with a carriage return.
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let text = text.trim_end();
        if shortcut.is_empty() {
            return Err("the shortcut is missing".to_owned());
        }
        if shortcut.contains(|c: char| c.is_whitespace() || c.is_control() || c == '/') || Safe::line(shortcut).as_str() != shortcut {
            return Err("a shortcut is one word without blanks and slashes".to_owned());
        }
        if shortcut.chars().count() > SHORTCUT {
            return Err(format!("a shortcut has at most {SHORTCUT} characters"));
        }
        if text.trim().is_empty() {
            return Err("the text is missing".to_owned());
        }
        if text.len() > TEXT {
            return Err(format!("a canned reply has at most {} kB", TEXT / 1024));
        }
        Ok(Self { shortcut: shortcut.to_owned(), text: text.to_owned() })
    }

    /// The words with what is known filled in. Blanks that nothing is known for stay as they are, to be filled in by hand.
    pub fn fill(&self, facts: &Facts) -> String {
        fill_in(&self.text, facts)
    }
}

/// A text with what is known in place of its blanks, in one pass; those that nothing is known for stay.
pub fn fill_in(text: &str, facts: &Facts) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((at, len)) = blank(rest) {
        let whole = &rest[at..at + len];
        let name = whole.trim_matches(['{', '}']).trim();
        out.push_str(&rest[..at]);
        match facts.of(name) {
            Some(value) => out.push_str(value),
            None => out.push_str(whole),
        }
        rest = &rest[at + len..];
    }
    out.push_str(rest);
    out
}

impl Facts {
    /// The value of a variable, when it is known.
    pub fn of(&self, name: &str) -> Option<&str> {
        let value = match name.to_ascii_lowercase().as_str() {
            "name" => &self.name,
            // A number is nobody's first name.
            "first_name" => self.name.split_whitespace().next().filter(|word| word.contains(char::is_alphabetic)).unwrap_or_default(),
            "agent" => &self.agent,
            "number" => &self.number,
            "channel" => &self.channel,
            _ => "",
        };
        (!value.is_empty()).then_some(value)
    }
}

/// How well a canned reply answers what is typed, the smallest first: its shortcut begins with it, or contains it, or its words do.
pub fn rank(typed: &str, shortcut: &str, text: &str) -> Option<u8> {
    let (typed, shortcut) = (typed.to_lowercase(), shortcut.trim_start_matches('/').to_lowercase());
    if shortcut.starts_with(&typed) {
        Some(0)
    } else if shortcut.contains(&typed) {
        Some(1)
    } else {
        text.to_lowercase().contains(&typed).then_some(2)
    }
}

/// Where the first blank of a text begins, and how long it is, in bytes.
fn blank(text: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    while let Some(at) = text[from..].find("{{").map(|at| from + at) {
        let inside = &text[at + 2..];
        if let Some(end) = inside.find("}}") {
            let name = &inside[..end];
            if !name.trim().is_empty() && !name.contains(['{', '}', '\n']) && name.chars().count() <= BLANK {
                return Some((at, end + 4));
            }
        }
        from = at + 1;
    }
    None
}

/// The first blank from the `from`-th character on, else the first of all: where it begins and how long it is, in characters.
pub fn next_blank(text: &str, from: usize) -> Option<(usize, usize)> {
    let skipped = text.char_indices().nth(from).map_or(text.len(), |(byte, _)| byte);
    let (at, len) = blank(&text[skipped..]).map(|(at, len)| (skipped + at, len)).or_else(|| blank(text))?;
    Some((text[..at].chars().count(), text[at..at + len].chars().count()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_filled_in_and_the_rest_stays_to_be_seen() {
        let facts = Facts { name: "Andi Pratama".into(), agent: "ayu".into(), number: "14".into(), channel: "Shop".into() };
        let check = |text: &str, want: &str| assert_eq!(Canned::new("x", text).unwrap().fill(&facts), want);
        check("Halo {{first_name}}, ini {{agent}}.", "Halo Andi, ini ayu.");
        check("{{name}} #{{number}} on {{ channel }}", "Andi Pratama #14 on Shop");
        check("Order {{order}} is ready", "Order {{order}} is ready");
        check("a {{b} {{}} {{name", "a {{b} {{}} {{name");
        check("{{{{name}}", "{{Andi Pratama");
        let unknown = Facts { name: "+62 813 1111".into(), ..Facts::default() };
        assert_eq!(Canned::new("x", "Hi {{first_name}}!").unwrap().fill(&unknown), "Hi {{first_name}}!");
    }

    #[test]
    fn a_line_ends_with_a_line_feed_whoever_wrote_it() {
        assert_eq!(Canned::new("x", "a\r\nb\rc\r\n").unwrap().text, "a\nb\nc");
    }

    #[test]
    fn blanks_are_found_one_after_the_other_and_from_the_start_again() {
        let text = "返金 {{order}} to {{where}}.";
        assert_eq!(next_blank(text, 0), Some((3, 9)));
        assert_eq!(next_blank(text, 4), Some((16, 9)));
        assert_eq!(next_blank(text, 20), Some((3, 9)));
        assert_eq!(next_blank("none", 0), None);
    }

    #[test]
    fn a_shortcut_is_one_word_and_its_slash_is_no_part_of_it() {
        assert_eq!(Canned::new("/hello", "hi\n").unwrap(), Canned { shortcut: "hello".into(), text: "hi".into() });
        for (shortcut, text) in [("", "x"), ("two words", "x"), ("a/b", "x"), ("a\u{202e}", "x"), ("ok", "  "), (&"x".repeat(33), "x")] {
            assert!(Canned::new(shortcut, text).is_err(), "{shortcut:?}");
        }
    }

    #[test]
    fn a_shortcut_that_begins_so_comes_before_one_that_contains_it_and_that_before_the_words() {
        assert_eq!(rank("he", "/Hello", "x"), Some(0));
        assert_eq!(rank("ell", "/hello", "x"), Some(1));
        assert_eq!(rank("price", "/hello", "The PRICE is"), Some(2));
        assert_eq!(rank("zzz", "/hello", "x"), None);
    }
}
