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
}

/// A colour in the terminal's palette, in the 256 and in 24 bits.
struct Shade(Color, u8, (u8, u8, u8));

const GREY: Shade = Shade(Color::DarkGray, 245, (0x8a, 0x90, 0x9c));
const FAINT: Shade = Shade(Color::DarkGray, 240, (0x50, 0x56, 0x62));
const BLUE: Shade = Shade(Color::Cyan, 80, (0x5f, 0xc9, 0xd6));
const RED: Shade = Shade(Color::LightRed, 203, (0xff, 0x6b, 0x6b));
const YELLOW: Shade = Shade(Color::Yellow, 221, (0xf0, 0xc6, 0x74));
const GREEN: Shade = Shade(Color::Green, 114, (0x8c, 0xc8, 0x7d));
const PINK: Shade = Shade(Color::Magenta, 176, (0xcf, 0x8d, 0xe0));

/// The style of a meaning on a terminal of that depth, on a dark background.
pub(super) fn style(meaning: Meaning, depth: Depth) -> Style {
    let (shade, attributes) = match meaning {
        Meaning::Text => (None, Modifier::empty()),
        Meaning::Muted => (Some(GREY), Modifier::empty()),
        Meaning::Name | Meaning::Unread => (None, Modifier::BOLD),
        Meaning::Accent | Meaning::Own => (Some(BLUE), Modifier::empty()),
        Meaning::Selected => (Some(BLUE), Modifier::BOLD),
        Meaning::Danger => (Some(RED), Modifier::BOLD),
        Meaning::Warn => (Some(YELLOW), Modifier::empty()),
        Meaning::Good => (Some(GREEN), Modifier::empty()),
        Meaning::Note => (Some(PINK), Modifier::empty()),
        Meaning::NoteRule => (Some(PINK), Modifier::REVERSED.union(Modifier::BOLD)),
        Meaning::Rule => (Some(FAINT), Modifier::empty()),
    };
    let bare = match meaning {
        Meaning::Muted | Meaning::Rule => Modifier::DIM,
        Meaning::Note => Modifier::ITALIC,
        Meaning::Warn => Modifier::UNDERLINED,
        _ => Modifier::empty(),
    };
    let style = Style::new().add_modifier(attributes);
    match (shade, depth) {
        (_, Depth::None) => style.add_modifier(bare),
        (None, _) => style,
        (Some(Shade(named, ..)), Depth::Sixteen) => style.fg(named),
        (Some(Shade(_, indexed, _)), Depth::Indexed) => style.fg(Color::Indexed(indexed)),
        (Some(Shade(.., (r, g, b))), Depth::True) => style.fg(Color::Rgb(r, g, b)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colours_nothing_is_coloured() {
        for meaning in [
            Meaning::Text,
            Meaning::Muted,
            Meaning::Name,
            Meaning::Unread,
            Meaning::Accent,
            Meaning::Selected,
            Meaning::Danger,
            Meaning::Warn,
            Meaning::Good,
            Meaning::Note,
            Meaning::NoteRule,
            Meaning::Rule,
            Meaning::Own,
        ] {
            let style = style(meaning, Depth::None);
            assert_eq!((style.fg, style.bg), (None, None), "{meaning:?}");
        }
    }
}
