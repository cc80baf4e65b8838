//! A theme's file: a line per meaning. Every problem is reported with its line.

use ratatui::style::{Color, Modifier};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::theme::{Ink, Meaning, Theme};
use crate::app::keymap::Problem;

/// The themes of the program itself: name and file.
pub(super) const BUILT_IN: [(&str, &str); 3] = [
    ("dark", include_str!("../../assets/themes/dark.toml")),
    ("light", include_str!("../../assets/themes/light.toml")),
    ("mono", include_str!("../../assets/themes/mono.toml")),
];

/// The sixteen, as the file calls them.
const NAMED: [(&str, Color); 16] = [
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("white", Color::Gray),
    ("bright-black", Color::DarkGray),
    ("bright-red", Color::LightRed),
    ("bright-green", Color::LightGreen),
    ("bright-yellow", Color::LightYellow),
    ("bright-blue", Color::LightBlue),
    ("bright-magenta", Color::LightMagenta),
    ("bright-cyan", Color::LightCyan),
    ("bright-white", Color::White),
];

const ATTRIBUTES: [(&str, Modifier); 5] = [
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("italic", Modifier::ITALIC),
    ("underlined", Modifier::UNDERLINED),
    ("reversed", Modifier::REVERSED),
];

impl Theme {
    /// The theme of that name and file, laid over `base`.
    pub(super) fn parse(name: &str, text: &str, base: &Self) -> Result<Self, Vec<Problem>> {
        let line_of = |at: usize| text.get(..at).map_or(1, |before| before.matches('\n').count() + 1);
        let (table, errors) = DeTable::parse_recoverable(text);
        let mut problems: Vec<Problem> = errors
            .iter()
            .map(|error| Problem { line: error.span().map_or(1, |span| line_of(span.start)), text: error.message().replace('\n', ", ") })
            .collect();
        let mut theme = Self { name: name.to_owned(), ..base.clone() };
        for (key, value) in table.get_ref() {
            let line = line_of(key.span().start);
            // What the parser made of a broken line is a guess: only its own word about that line counts.
            if problems.iter().any(|told| told.line == line) {
                continue;
            }
            if let Err(text) = theme.read(key.get_ref(), value.get_ref()) {
                problems.push(Problem { line, text });
            }
        }
        problems.sort_by_key(|problem| problem.line);
        if problems.is_empty() { Ok(theme) } else { Err(problems) }
    }

    fn read(&mut self, key: &str, value: &DeValue<'_>) -> Result<(), String> {
        if key == "background" {
            self.background = Some(shade(key, value)?);
            return Ok(());
        }
        let Some(place) = Meaning::ALL.iter().position(|(_, name)| *name == key) else {
            let names: Vec<&str> = Meaning::ALL.iter().map(|(_, name)| *name).collect();
            return Err(format!("{key} is not a meaning; there are {}, and background", names.join(", ")));
        };
        let DeValue::Table(parts) = value else {
            return Err(format!("{key} needs a colour or an attribute in braces: {{ color = \"#ff6b6b\", bold = true }}"));
        };
        if let Some(ink) = self.inks.get_mut(place) {
            *ink = read_ink(parts)?;
        }
        Ok(())
    }
}

fn read_ink(parts: &DeTable<'_>) -> Result<Ink, String> {
    let mut ink = Ink::default();
    for (part, value) in parts {
        let (part, value) = (part.get_ref().as_ref(), Spanned::get_ref(value));
        if let Some((_, attribute)) = ATTRIBUTES.iter().find(|(name, _)| *name == part) {
            match value {
                DeValue::Boolean(on) => ink.attributes.set(*attribute, *on),
                _ => return Err(format!("{part} is true or false")),
            }
            continue;
        }
        match part {
            "color" => ink.color = Some(shade(part, value)?),
            "indexed" => ink.indexed = Some(index(value).ok_or("indexed is a number from 0 to 255")?),
            "named" => ink.named = Some(named(value)?),
            _ => return Err(format!("{part} says nothing here; there are color, indexed, named, bold, dim, italic, underlined, reversed")),
        }
    }
    Ok(ink)
}

fn shade(part: &str, value: &DeValue<'_>) -> Result<(u8, u8, u8), String> {
    let text = value.as_str().unwrap_or_default();
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let bits = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let [_, r, g, b] = bits.ok_or_else(|| format!("{part} is written \"#rrggbb\", with six digits from 0 to f"))?.to_be_bytes();
    Ok((r, g, b))
}

fn index(value: &DeValue<'_>) -> Option<u8> {
    match value {
        DeValue::Integer(number) => number.as_str().parse().ok(),
        _ => None,
    }
}

fn named(value: &DeValue<'_>) -> Result<Color, String> {
    let text = value.as_str().unwrap_or_default();
    let found = NAMED.iter().find(|(name, _)| *name == text).map(|(_, colour)| *colour);
    found.ok_or_else(|| format!("named is one of {}", NAMED.map(|(name, _)| name).join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Theme, Vec<String>> {
        Theme::parse("mine", text, &Theme::plain("base")).map_err(|problems| problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn the_built_in_themes_name_every_meaning() {
        for (name, text) in BUILT_IN {
            Theme::parse(name, text, &Theme::plain(name)).unwrap();
            for (_, meaning) in Meaning::ALL {
                assert!(text.lines().any(|line| line.starts_with(&format!("{meaning} = "))), "{meaning} in {name}");
            }
        }
    }

    #[test]
    fn a_theme_changes_what_it_names_and_keeps_the_rest() {
        let dark = Theme::parse("dark", BUILT_IN[0].1, &Theme::plain("dark")).unwrap();
        let mine = Theme::parse("mine", "warn = { color = \"#ffffff\", italic = true }\n", &dark).unwrap();
        assert_eq!(mine.inks[Meaning::Warn as usize].attributes, Modifier::ITALIC);
        assert_eq!(mine.inks[Meaning::Warn as usize].color, Some((255, 255, 255)));
        assert_eq!(mine.inks[Meaning::Danger as usize], dark.inks[Meaning::Danger as usize]);
    }

    #[test]
    fn every_problem_of_a_theme_is_reported_with_its_line() {
        let text = "background = \"black\"\nwarm = { bold = true }\n\nwarn = \"#ffffff\"\ndanger = { bold = 1 }\nnote = { color = \"#12\" }\n\
                    good = { indexed = 256 }\nname = { named = \"pink\" }\nrule = { fg = 1 }\n";
        let told = parse(text).unwrap_err();
        let begins = [
            "line 1: background is written \"#rrggbb\"",
            "line 2: warm is not a meaning; there are text, muted,",
            "line 4: warn needs a colour or an attribute in braces",
            "line 5: bold is true or false",
            "line 6: color is written",
            "line 7: indexed is a number from 0 to 255",
            "line 8: named is one of black,",
            "line 9: fg says nothing here",
        ];
        assert_eq!(told.len(), begins.len(), "{told:#?}");
        for (told, begin) in told.iter().zip(begins) {
            assert!(told.starts_with(begin), "{told}");
        }
    }

    #[test]
    fn a_line_that_is_no_toml_is_named_and_the_others_are_still_read() {
        let told = parse("warn = { bold = true\ntexte = {}\n").unwrap_err();
        assert!(told.iter().any(|told| told.starts_with("line 1:")), "{told:?}");
    }
}
