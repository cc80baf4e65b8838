//! Colours by meaning. Colour is never the only carrier: every meaning that matters also has a mark, a word or an attribute.

use ratatui::style::{Color, Modifier, Style};

use super::look::Depth;

/// What a piece of text means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Ordinary words.
    Text,
    /// Times, ids, hints, what is done.
    Muted,
    /// Names of people.
    Name,
    /// Names of people with unread messages.
    Unread,
    /// Focus, selection, what a key does.
    Accent,
    /// The name of the selected row.
    Selected,
    /// Needs a person.
    Danger,
    /// May need a person soon.
    Warn,
    /// Went well.
    Good,
    /// Only for colleagues.
    Note,
    /// The composer's rule while a note is written.
    NoteRule,
    /// Lines between things.
    Rule,
    /// One of us.
    Own,
    /// Words that were looked for.
    Match,
}

impl Meaning {
    /// Every meaning with its name in a theme's file.
    pub(super) const ALL: [(Self, &'static str); 14] = [
        (Self::Text, "text"),
        (Self::Muted, "muted"),
        (Self::Name, "name"),
        (Self::Unread, "unread"),
        (Self::Accent, "accent"),
        (Self::Selected, "selected"),
        (Self::Danger, "danger"),
        (Self::Warn, "warn"),
        (Self::Good, "good"),
        (Self::Note, "note"),
        (Self::NoteRule, "note-rule"),
        (Self::Rule, "rule"),
        (Self::Own, "own"),
        (Self::Match, "match"),
    ];
}

/// How every meaning looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    /// What people choose it by.
    pub name: String,
    /// What its colours are meant to be read on.
    pub(super) background: Option<(u8, u8, u8)>,
    /// How each of [`Meaning::ALL`] looks, in that order.
    pub(super) inks: [Ink; Meaning::ALL.len()],
}

/// How one meaning looks: a colour for each kind of terminal, of which any may be missing, and attributes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ink {
    pub(super) color: Option<(u8, u8, u8)>,
    pub(super) indexed: Option<u8>,
    pub(super) named: Option<Color>,
    pub(super) attributes: Modifier,
}

impl Theme {
    /// The style of a meaning on a terminal of that depth.
    pub(super) fn style(&self, meaning: Meaning, depth: Depth) -> Style {
        // The order of a meaning is its place in the list, which a test holds.
        let ink = self.inks.get(meaning as usize).copied().unwrap_or_default();
        let style = Style::new().add_modifier(ink.attributes);
        ink.colour(depth).map_or(style, |colour| style.fg(colour))
    }

    /// No colour, no attribute: what stands in when a theme is missing.
    pub(super) fn plain(name: &str) -> Self {
        Self { name: name.to_owned(), background: None, inks: [Ink::default(); Meaning::ALL.len()] }
    }
}

impl Ink {
    /// The colour that terminals of that depth get; the screen brings one they do not have down to the nearest.
    fn colour(self, depth: Depth) -> Option<Color> {
        let of_24_bits = || self.color.map(|(r, g, b)| Color::Rgb(r, g, b));
        let of_256 = || self.indexed.map(Color::Indexed);
        match depth {
            Depth::None => None,
            Depth::Sixteen => self.named.or_else(of_24_bits).or_else(of_256),
            Depth::Indexed => of_256().or_else(of_24_bits).or(self.named),
            Depth::True => of_24_bits().or_else(of_256).or(self.named),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::look::Look;
    use super::*;

    #[test]
    fn a_meanings_place_in_the_list_is_its_number() {
        for (place, (meaning, name)) in Meaning::ALL.into_iter().enumerate() {
            assert_eq!(meaning as usize, place, "{name}");
        }
    }

    #[test]
    fn without_colours_nothing_is_coloured_whatever_the_theme() {
        for name in ["dark", "light", "mono"] {
            let look = Look::new(Depth::None, false);
            for (meaning, named) in Meaning::ALL {
                let style = look.theme(name).style(meaning, Depth::None);
                assert_eq!((style.fg, style.bg), (None, None), "{named} in {name}");
            }
        }
    }

    #[test]
    fn without_colours_what_matters_still_differs() {
        let look = Look::new(Depth::None, false);
        let style = |meaning| look.theme("dark").style(meaning, Depth::None);
        let pairs = [
            (Meaning::Danger, Meaning::Text),
            (Meaning::Danger, Meaning::Warn),
            (Meaning::Danger, Meaning::Name),
            (Meaning::Warn, Meaning::Text),
            (Meaning::Unread, Meaning::Text),
            (Meaning::Selected, Meaning::Text),
            (Meaning::Muted, Meaning::Text),
            (Meaning::Note, Meaning::Text),
            (Meaning::Name, Meaning::Own),
            (Meaning::NoteRule, Meaning::Rule),
            (Meaning::NoteRule, Meaning::Accent),
            (Meaning::Match, Meaning::Text),
            (Meaning::Match, Meaning::Muted),
        ];
        for (one, other) in pairs {
            assert_ne!(style(one), style(other), "{one:?} and {other:?}");
        }
    }

    /// WCAG 2, "contrast ratio".
    fn contrast(one: (u8, u8, u8), other: (u8, u8, u8)) -> f64 {
        let part = |byte: u8| {
            let share = f64::from(byte) / 255.0;
            if share <= 0.03928 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        let light = |(r, g, b): (u8, u8, u8)| 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
        let (a, b) = (light(one), light(other));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// The colours of xterm's 256 that no terminal lets people change.
    fn fixed(n: u8) -> (u8, u8, u8) {
        const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
        let level = |n: u8| LEVELS[usize::from(n % 6)];
        match n {
            16..=231 => (level((n - 16) / 36), level((n - 16) / 6), level(n - 16)),
            232.. => (8 + 10 * (n - 232), 8 + 10 * (n - 232), 8 + 10 * (n - 232)),
            _ => panic!("the first sixteen are the terminal's own"),
        }
    }

    /// The sixteen colours of a Linux console.
    fn console(colour: Color) -> (u8, u8, u8) {
        const NAMED: [Color; 16] = [
            Color::Black,
            Color::Red,
            Color::Green,
            Color::Yellow,
            Color::Blue,
            Color::Magenta,
            Color::Cyan,
            Color::Gray,
            Color::DarkGray,
            Color::LightRed,
            Color::LightGreen,
            Color::LightYellow,
            Color::LightBlue,
            Color::LightMagenta,
            Color::LightCyan,
            Color::White,
        ];
        let n = NAMED.iter().position(|named| *named == colour).unwrap() as u8;
        let part = |bit: u8| if n & bit == 0 { 0 } else { 170 };
        let [r, g, b] = [part(1), part(2), part(4)];
        // Its yellow is brown.
        let plain = if n == 3 { (170, 85, 0) } else { (r, g, b) };
        if n < 8 { plain } else { (r + 85, g + 85, b + 85) }
    }

    #[test]
    fn every_meaning_can_be_read_in_the_sixteen_colours_of_a_console() {
        let look = Look::new(Depth::Sixteen, false);
        for (meaning, named) in Meaning::ALL {
            let Some(colour) = look.theme("dark").inks[meaning as usize].named else { continue };
            // Lines are no text, and its dark grey is the only colour quieter than words.
            let least = if meaning == Meaning::Rule { 2.5 } else { 4.5 };
            let got = contrast(console(colour), (0, 0, 0));
            assert!(got >= least, "{named}: {colour:?} has {got:.2}");
        }
    }

    #[test]
    fn every_meaning_of_the_built_in_themes_can_be_read_on_its_background() {
        let look = Look::new(Depth::True, false);
        for name in ["dark", "light"] {
            let theme = look.theme(name);
            let background = theme.background.unwrap();
            for (meaning, named) in Meaning::ALL {
                // Lines are no text: WCAG asks 3 of what only has to be seen.
                let least = if meaning == Meaning::Rule { 3.0 } else { 4.5 };
                let ink = theme.inks[meaning as usize];
                for shade in ink.color.into_iter().chain(ink.indexed.map(fixed)) {
                    let got = contrast(shade, background);
                    assert!(got >= least, "{named} in {name}: {shade:?} has {got:.2}");
                }
                let coloured = [ink.color.is_some(), ink.indexed.is_some(), ink.named.is_some()];
                assert!(coloured == [true; 3] || coloured == [false; 3], "{named} in {name}: a kind of terminal is forgotten");
            }
        }
    }
}
