//! What a telephone's camera reads, as rows of half blocks.

use qrcodegen::{QrCode, QrCodeEcc};

use crate::domain::text::Safe;

/// The blank points around it, without which a camera does not find it.
const QUIET: i32 = 2;

/// A text as a QR code, two points in each row. On a dark background what is painted is what a camera takes for paper, on a light one for ink.
/// Nothing for a text that is too long.
pub(super) fn rows(text: &str, light: bool) -> Vec<Safe> {
    let Ok(code) = QrCode::encode_text(text, QrCodeEcc::Low) else { return Vec::new() };
    let side = code.size() + 2 * QUIET;
    let painted = |x: i32, y: i32| y < side && code.get_module(x - QUIET, y - QUIET) == light;
    let cell = |x: i32, y: i32| match (painted(x, y), painted(x, y + 1)) {
        (true, true) => '█',
        (true, false) => '▀',
        (false, true) => '▄',
        (false, false) => ' ',
    };
    (0..side).step_by(2).map(|y| Safe::line(&(0..side).map(|x| cell(x, y)).collect::<String>())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_as_wide_as_its_points_and_half_as_high() {
        for light in [false, true] {
            let rows = rows("https://wa.me/6281200001111?text=ANTRI%20SER-051", light);
            assert_eq!((rows.len(), rows[0].width()), (17, 33));
            // The blank edge is paper on either background.
            assert_eq!(rows[0].as_str().starts_with('█'), !light);
            assert!(rows.iter().all(Safe::is_plain));
        }
        assert!(rows(&"x".repeat(10_000), false).is_empty());
    }
}
