//! Letters that are read from the other end of a room, as rows of text.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect as Area;
use ratatui::text::Line;
use ratatui::widgets::Widget;
use tui_big_text::{BigText, PixelSize};

use crate::domain::text::Safe;

/// The side of a letter in points.
const SIDE: u16 = 8;
/// The letters and digits of a ticket leave the lowest row of points free.
const TALL: u16 = 7;

/// How large a letter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Size {
    /// Each point takes so many columns and rows.
    Points(u16, u16),
    /// Each cell takes four points.
    Quadrant,
}

/// The sizes, the largest first.
const SIZES: [Size; 10] = [
    Size::Points(6, 4),
    Size::Points(5, 4),
    Size::Points(4, 4),
    Size::Points(4, 3),
    Size::Points(3, 3),
    Size::Points(3, 2),
    Size::Points(2, 2),
    Size::Points(2, 1),
    Size::Points(1, 1),
    Size::Quadrant,
];

impl Size {
    /// The largest size in which so many letters fit into `width` by `height`. Quarters of a cell are nothing for ASCII.
    pub(super) fn fitting(letters: usize, width: u16, height: u16, ascii: bool) -> Option<Self> {
        let fits = |size: &Self| size.width(letters) <= width && size.height() <= height && !(ascii && *size == Self::Quadrant);
        SIZES.into_iter().find(fits)
    }

    /// The columns that so many letters take.
    pub(super) fn width(self, letters: usize) -> u16 {
        let letters = letters.min(100) as u16;
        match self {
            Self::Points(wide, _) => letters * SIDE * wide,
            Self::Quadrant => letters * SIDE / 2,
        }
    }

    /// The rows they take.
    pub(super) const fn height(self) -> u16 {
        match self {
            Self::Points(_, tall) => TALL * tall,
            Self::Quadrant => SIDE / 2,
        }
    }

    /// The text in that size, row by row.
    pub(super) fn rows(self, text: &Safe, ascii: bool) -> Vec<Safe> {
        let letters = text.width().min(100) as u16;
        let (pixel, side, wide, tall) = match self {
            Self::Points(wide, tall) => (PixelSize::Full, SIDE, wide, tall),
            Self::Quadrant => (PixelSize::Quadrant, SIDE / 2, 1, 1),
        };
        let points = Area::new(0, 0, letters * side, self.height() / tall);
        let mut sheet = Buffer::empty(points);
        BigText::builder().pixel_size(pixel).lines(vec![Line::from(text.as_str())]).build().render(points, &mut sheet);
        let ink = |symbol: &str| if ascii && symbol != " " { "#".to_owned() } else { symbol.to_owned() };
        let row = |y: u16| (0..points.width).map(|x| ink(sheet[(x, y)].symbol()).repeat(usize::from(wide))).collect::<String>();
        (0..points.height).flat_map(|y| std::iter::repeat_n(Safe::line(&row(y)), usize::from(tall))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_as_large_as_there_is_room() {
        let check = |width, height, want| assert_eq!(Size::fitting(8, width, height, false), want, "{width}x{height}");
        check(64, 7, Some(Size::Points(1, 1)));
        check(63, 7, Some(Size::Quadrant));
        check(160, 14, Some(Size::Points(2, 2)));
        check(160, 13, Some(Size::Points(2, 1)));
        check(31, 7, None);
        assert_eq!(Size::fitting(8, 63, 7, true), None);
    }

    #[test]
    fn rows_are_as_many_and_as_wide_as_was_said() {
        for size in SIZES {
            let rows = size.rows(&Safe::lit("SER-042"), false);
            assert_eq!(rows.len(), usize::from(size.height()), "{size:?}");
            assert!(rows.iter().all(|row| row.width() == usize::from(size.width(7))), "{size:?}");
            assert!(rows.iter().any(|row| row.as_str().contains(|c| c != ' ')), "{size:?}");
        }
        assert!(Size::Points(1, 1).rows(&Safe::lit("SER-042"), true).iter().all(|row| row.as_str().is_ascii()));
    }
}
