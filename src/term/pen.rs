//! Style of a cell, brought down to the colours a terminal has, and the shortest SGR that changes one style into another.
//! Codes: ECMA-48 §8.3.117 (SGR); 90–97 and 100–107 are aixterm's bright colours; 38/48;5 and ;2 are xterm's.

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

use super::caps::Depth;

/// What the terminal paints with. The default is its own foreground on its own background.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
    /// The number of the link it belongs to; 0 for none. Links are not style: they are opened and closed beside it.
    pub(super) link: u32,
}

/// Attributes, the code that turns each on, and the one that turns it off (some share it).
const ATTRIBUTES: [(Modifier, &str, &str); 9] = [
    (Modifier::BOLD, "1", "22"),
    (Modifier::DIM, "2", "22"),
    (Modifier::ITALIC, "3", "23"),
    (Modifier::UNDERLINED, "4", "24"),
    (Modifier::SLOW_BLINK, "5", "25"),
    (Modifier::RAPID_BLINK, "6", "25"),
    (Modifier::REVERSED, "7", "27"),
    (Modifier::HIDDEN, "8", "28"),
    (Modifier::CROSSED_OUT, "9", "29"),
];

/// Attributes that show on a blank.
const SEEN_ON_BLANK: Modifier = Modifier::UNDERLINED.union(Modifier::REVERSED).union(Modifier::CROSSED_OUT);

impl Pen {
    /// The pen of `cell` at `depth`; on a blank, what cannot be seen is left out, so that blanks of different pens are alike.
    pub(super) fn of(cell: &Cell, blank: bool, depth: Depth) -> Self {
        let mut pen = Self { fg: reduce(cell.fg, depth), bg: reduce(cell.bg, depth), modifier: cell.modifier, link: link_of(cell) };
        if blank {
            pen.modifier &= SEEN_ON_BLANK;
            pen.link = picture_of(cell);
            if pen.modifier.is_empty() {
                pen.fg = Color::Reset;
            }
        }
        pen
    }

    /// A blank in this pen is what erasing leaves (with the background kept when `with_colour`).
    pub(super) fn erases(self, with_colour: bool) -> bool {
        self.modifier.is_empty() && self.link == 0 && (with_colour || self.bg == Color::Reset)
    }

    /// A blank looks the same in both pens.
    pub(super) fn blanks_like(self, other: Self) -> bool {
        self.bg == other.bg && !self.modifier.union(other.modifier).intersects(SEEN_ON_BLANK)
    }

    /// Appends the shortest change from this pen to `to`.
    pub(super) fn change(self, to: Self, out: &mut Vec<u8>) {
        let (this, to) = (Self { link: 0, ..self }, Self { link: 0, ..to });
        if this == to {
            return;
        }
        if to == Self::default() {
            out.extend_from_slice(b"\x1b[m");
            return;
        }
        let mut step = String::new();
        let mut kept = self.modifier;
        for (attribute, _, off) in ATTRIBUTES {
            if kept.contains(attribute) && !to.modifier.contains(attribute) {
                code(&mut step, off);
                kept.remove(ATTRIBUTES.iter().filter(|(_, _, other)| *other == off).map(|(modifier, ..)| *modifier).collect());
            }
        }
        Self { modifier: kept, ..self }.add(to, &mut step);
        let mut anew = "0".to_owned();
        Self::default().add(to, &mut anew);
        out.extend_from_slice(b"\x1b[");
        out.extend_from_slice(if anew.len() < step.len() { anew.as_bytes() } else { step.as_bytes() });
        out.push(b'm');
    }

    fn add(self, to: Self, codes: &mut String) {
        for (attribute, on, _) in ATTRIBUTES {
            if to.modifier.contains(attribute) && !self.modifier.contains(attribute) {
                code(codes, on);
            }
        }
        if self.fg != to.fg {
            colour(codes, to.fg, 30);
        }
        if self.bg != to.bg {
            colour(codes, to.bg, 40);
        }
    }
}

/// The number of the picture a blank lies under, beyond those of links: painters hide such blanks, which nothing else of ours is.
const fn picture_of(cell: &Cell) -> u32 {
    if cell.modifier.contains(Modifier::HIDDEN) { link_of(cell) | 1 << 24 } else { 0 }
}

/// The number of a cell's link: painters keep it where the colour of an underline would be, which no screen of ours uses.
const fn link_of(cell: &Cell) -> u32 {
    match cell.underline_color {
        Color::Rgb(r, g, b) => u32::from_be_bytes([0, r, g, b]),
        _ => 0,
    }
}

fn code(codes: &mut String, code: &str) {
    if !codes.is_empty() {
        codes.push(';');
    }
    codes.push_str(code);
}

fn colour(codes: &mut String, colour: Color, base: u8) {
    let text = match colour {
        Color::Reset => (base + 9).to_string(),
        Color::Rgb(r, g, b) => format!("{};2;{r};{g};{b}", base + 8),
        other => match palette_index(other) {
            n @ 0..=7 => (base + n).to_string(),
            n @ 8..=15 => (base + 60 + n - 8).to_string(),
            n => format!("{};5;{n}", base + 8),
        },
    };
    code(codes, &text);
}

/// The number of a palette colour; 0 for what is none.
const fn palette_index(colour: Color) -> u8 {
    match colour {
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
        Color::Indexed(n) => n,
        Color::Black | Color::Reset | Color::Rgb(..) => 0,
    }
}

/// The nearest colour that a terminal of `depth` has.
fn reduce(colour: Color, depth: Depth) -> Color {
    match (colour, depth) {
        (Color::Reset, _) | (_, Depth::None) => Color::Reset,
        (Color::Rgb(r, g, b), Depth::Indexed) => Color::Indexed(nearest(16..=255, [r, g, b])),
        (Color::Rgb(r, g, b), Depth::Sixteen) => Color::Indexed(nearest(0..=15, [r, g, b])),
        (Color::Indexed(n @ 16..), Depth::Sixteen) => Color::Indexed(nearest(0..=15, xterm(n))),
        (Color::Rgb(..), Depth::True) => colour,
        (other, _) => Color::Indexed(palette_index(other)),
    }
}

fn nearest(range: std::ops::RangeInclusive<u8>, wanted: [u8; 3]) -> u8 {
    /// Near the eye's: green counts most, blue least.
    const WEIGHTS: [u32; 3] = [3, 6, 1];
    let distance = |n: u8| -> u32 {
        let parts = wanted.iter().zip(xterm(n)).zip(WEIGHTS);
        parts.map(|((wanted, has), weight)| weight * u32::from(wanted.abs_diff(has)).pow(2)).sum()
    };
    range.min_by_key(|n| distance(*n)).unwrap_or(0)
}

/// xterm's default palette: 16 names, a 6×6×6 cube, 24 greys.
fn xterm(n: u8) -> [u8; 3] {
    const NAMED: [[u8; 3]; 16] = [
        [0, 0, 0],
        [205, 0, 0],
        [0, 205, 0],
        [205, 205, 0],
        [0, 0, 238],
        [205, 0, 205],
        [0, 205, 205],
        [229, 229, 229],
        [127, 127, 127],
        [255, 0, 0],
        [0, 255, 0],
        [255, 255, 0],
        [92, 92, 255],
        [255, 0, 255],
        [0, 255, 255],
        [255, 255, 255],
    ];
    const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    match n {
        0..=15 => NAMED[usize::from(n)],
        16..=231 => {
            let n = usize::from(n - 16);
            [LEVELS[n / 36], LEVELS[n / 6 % 6], LEVELS[n % 6]]
        }
        232.. => [8 + 10 * (n - 232); 3],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pen(fg: Color, bg: Color, modifier: Modifier) -> Pen {
        Pen { fg, bg, modifier, link: 0 }
    }

    #[test]
    fn only_what_differs_is_said_and_a_reset_when_that_is_shorter() {
        let check = |from: Pen, to: Pen, want: &str| {
            let mut out = Vec::new();
            from.change(to, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), want);
        };
        let none = Modifier::empty();
        let plain = Pen::default();
        let red = pen(Color::Indexed(1), Color::Reset, none);
        check(plain, plain, "");
        check(plain, red, "\x1b[31m");
        check(red, plain, "\x1b[m");
        check(red, pen(Color::Indexed(1), Color::Indexed(12), none), "\x1b[104m");
        check(red, pen(Color::Indexed(1), Color::Reset, Modifier::BOLD), "\x1b[1m");
        check(pen(Color::Reset, Color::Reset, Modifier::BOLD), pen(Color::Reset, Color::Reset, Modifier::DIM), "\x1b[0;2m");
        check(pen(Color::Indexed(200), Color::Rgb(1, 2, 3), Modifier::all()), red, "\x1b[0;31m");
        check(
            pen(Color::Indexed(200), Color::Rgb(1, 2, 3), Modifier::BOLD | Modifier::DIM),
            pen(Color::Indexed(200), Color::Rgb(1, 2, 3), Modifier::BOLD),
            "\x1b[22;1m",
        );
    }

    #[test]
    fn colours_come_down_to_what_the_terminal_has() {
        let check = |colour, depth, want| assert_eq!(reduce(colour, depth), want, "{colour:?} {depth:?}");
        check(Color::Rgb(250, 4, 4), Depth::True, Color::Rgb(250, 4, 4));
        check(Color::Rgb(250, 4, 4), Depth::Indexed, Color::Indexed(196));
        check(Color::Rgb(250, 4, 4), Depth::Sixteen, Color::Indexed(9));
        check(Color::Rgb(8, 8, 8), Depth::Indexed, Color::Indexed(232));
        check(Color::Indexed(46), Depth::Sixteen, Color::Indexed(10));
        check(Color::LightBlue, Depth::Sixteen, Color::Indexed(12));
        check(Color::Red, Depth::None, Color::Reset);
        check(Color::Reset, Depth::True, Color::Reset);
    }
}
