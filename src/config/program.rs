//! A program that is run with what happened as its arguments. No shell takes part: the words are split here, once, and what is put into them
//! later stays one argument each.

/// A program and its arguments, with `{name}` where something is put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program(Vec<String>);

impl Program {
    /// Reads a command as it would be typed: blanks between words, quotes around a word with blanks. `names` are what may stand in `{}`.
    pub fn parse(text: &str, names: &[&str]) -> Option<Self> {
        let mut words = Vec::new();
        let (mut word, mut quote) = (None::<String>, None);
        for c in text.chars() {
            if quote == Some(c) {
                quote = None;
            } else if quote.is_none() && matches!(c, '"' | '\'') {
                quote = Some(c);
                word.get_or_insert_default();
            } else if quote.is_none() && c.is_whitespace() {
                words.extend(word.take());
            } else {
                word.get_or_insert_default().push(c);
            }
        }
        words.extend(word);
        let known = words.iter().all(|word| pieces(word).all(|piece| !piece.in_braces || names.contains(&piece.text)));
        let starts = words.first().is_some_and(|program| !program.is_empty() && !program.contains('{'));
        (quote.is_none() && known && starts).then_some(Self(words))
    }

    /// The program and its arguments with these values in them. What a value says is never looked at again.
    pub fn filled(&self, values: &[(&str, &str)]) -> Vec<String> {
        let value = |name: &str| values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| *value);
        let fill = |word: &String| pieces(word).map(|piece| if piece.in_braces { value(piece.text) } else { piece.text }).collect();
        self.0.iter().map(fill).collect()
    }
}

struct Piece<'a> {
    text: &'a str,
    in_braces: bool,
}

/// A word taken apart: what stands as it is, and the names in braces.
fn pieces(word: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = word;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let close = rest.strip_prefix('{').and_then(|inner| inner.find('}'));
        if let Some(close) = close {
            let text = &rest[1..=close];
            rest = &rest[close + 2..];
            return Some(Piece { text, in_braces: true });
        }
        let end = rest.char_indices().skip(1).find(|(_, c)| *c == '{').map_or(rest.len(), |(at, _)| at);
        let (text, more) = rest.split_at(end);
        rest = more;
        Some(Piece { text, in_braces: false })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_split_once_and_its_values_stay_one_argument_each() {
        let check = |text: &str, want: &[&str]| {
            let program = Program::parse(text, &["ticket", "counter"]).unwrap();
            assert_eq!(program.filled(&[("ticket", "SER 1; rm -rf {counter}"), ("counter", "3")]), want, "{text}");
        };
        check("say-it {ticket} {counter}", &["say-it", "SER 1; rm -rf {counter}", "3"]);
        check("say 'ticket {ticket} to {counter}' \"\"", &["say", "ticket SER 1; rm -rf {counter} to 3", ""]);
        check("  say --to={counter}x  ", &["say", "--to=3x"]);
        check("say a{ b", &["say", "a{", "b"]);
    }

    #[test]
    fn what_is_no_command_is_refused() {
        for text in ["", "  ", "say 'x", "say {name}", "{ticket}", "say {}", "''"] {
            assert_eq!(Program::parse(text, &["ticket"]), None, "{text:?}");
        }
    }
}
