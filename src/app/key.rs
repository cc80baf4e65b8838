//! Keys as people write and read them: `ctrl-x` in the keymap file, `Ctrl-X` on the screen, `g i` for one after the other.

use super::msg::{Code, Key};

/// Reads a key, or several with blanks between them. The error says which word is not a key.
pub fn parse(text: &str) -> Result<Vec<Key>, String> {
    let keys = text.split_whitespace().map(parse_one).collect::<Result<Vec<_>, _>>()?;
    if keys.is_empty() { Err("no key is named".to_owned()) } else { Ok(keys) }
}

/// How the screen and the documents write keys.
pub fn show(keys: &[Key]) -> String {
    keys.iter().map(|key| show_one(*key)).collect::<Vec<_>>().join(" ")
}

/// The key as one kind of terminal and another would send it: control letters are small, shift is in the character.
#[must_use]
pub fn normal(key: Key) -> Key {
    match key.code {
        Code::Char(c) if key.ctrl => Key { code: Code::Char(c.to_ascii_lowercase()), ..key },
        Code::Char(c) if key.shift => {
            let upper = if c.is_lowercase() { c.to_uppercase().next().unwrap_or(c) } else { c };
            Key { code: Code::Char(upper), shift: false, ..key }
        }
        _ => key,
    }
}

fn parse_one(word: &str) -> Result<Key, String> {
    let mut key = Key { code: Code::Esc, ctrl: false, alt: false, shift: false };
    let mut rest = word;
    while let Some((held, more)) = rest.split_once('-') {
        if more.is_empty() {
            break;
        }
        match held.to_ascii_lowercase().as_str() {
            "ctrl" => key.ctrl = true,
            "alt" => key.alt = true,
            "shift" => key.shift = true,
            _ => return Err(format!("{word:?} is not a key")),
        }
        rest = more;
    }
    let mut chars = rest.chars();
    key.code = match (chars.next(), chars.next()) {
        (Some(c), None) => Code::Char(c),
        _ => NAMES
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(rest))
            .map(|(_, code)| *code)
            .or_else(|| rest.strip_prefix(['f', 'F']).and_then(|n| n.parse().ok()).filter(|n| (1..=24).contains(n)).map(Code::F))
            .ok_or_else(|| format!("{word:?} is not a key"))?,
    };
    Ok(normal(key))
}

const NAMES: [(&str, Code); 15] = [
    ("Enter", Code::Enter),
    ("Esc", Code::Esc),
    ("Tab", Code::Tab),
    ("Backspace", Code::Backspace),
    ("Delete", Code::Delete),
    ("Insert", Code::Insert),
    ("Up", Code::Up),
    ("Down", Code::Down),
    ("Left", Code::Left),
    ("Right", Code::Right),
    ("Home", Code::Home),
    ("End", Code::End),
    ("PgUp", Code::PageUp),
    ("PgDn", Code::PageDown),
    ("Space", Code::Char(' ')),
];

fn show_one(key: Key) -> String {
    let mut out = String::new();
    for (held, name) in [(key.ctrl, "Ctrl-"), (key.alt, "Alt-"), (key.shift, "Shift-")] {
        if held {
            out.push_str(name);
        }
    }
    match key.code {
        Code::F(n) => out.extend(["F", &n.to_string()]),
        Code::Char(c) if c != ' ' => {
            let c = if key.ctrl || key.alt { c.to_ascii_uppercase() } else { c };
            out.push(c);
        }
        code => out.push_str(NAMES.iter().find(|(_, named)| *named == code).map_or("?", |(name, _)| name)),
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_is_written() {
        for text in ["Ctrl-X", "g g", "g i", "Enter", "Shift-Tab", "?", "-", "Space", "Alt-P", "F5", "G", "PgDn", ":"] {
            assert_eq!(show(&parse(text).unwrap()), text);
        }
    }

    #[test]
    fn what_is_no_key_is_named() {
        assert_eq!(parse("ctrl-entr"), Err("\"ctrl-entr\" is not a key".to_owned()));
        assert!(parse(" ").is_err());
        assert!(parse("hyper-x").is_err());
    }

    #[test]
    fn shift_and_a_letter_is_the_capital_letter() {
        assert_eq!(parse("shift-g"), parse("G"));
        assert_eq!(parse("ctrl-X"), parse("ctrl-x"));
    }
}
