//! Files as strangers send them, made into pictures or refused.

use super::*;

const TERMINAL: Pictured = Pictured { way: Way::Kitty, cell: (10, 20) };

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    DynamicImage::new_rgb8(width, height).write_to(&mut out, ImageFormat::Png).unwrap();
    out.into_inner()
}

fn made(bytes: Vec<u8>, terminal: Pictured) -> Option<Picture> {
    of_bytes(bytes, AttachmentId(1), 40, terminal)
}

/// A PNG's first chunk with another size, its checksum right: a file of a few bytes that says it is huge.
fn claims(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = png(1, 1);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let sum = bytes[12..29].iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 })
    });
    bytes[29..33].copy_from_slice(&(!sum).to_be_bytes());
    bytes
}

#[test]
fn a_picture_fits_its_columns_and_ten_rows_and_keeps_its_shape() {
    let check = |width: u32, height: u32, want: (u16, u16)| {
        let picture = made(png(width, height), TERMINAL).unwrap();
        assert_eq!((picture.columns, picture.rows), want, "{width}x{height}");
        let image = image::load_from_memory(&picture.data).unwrap();
        assert_eq!((image.width(), image.height()), (u32::from(want.0) * 10, u32::from(want.1) * 20), "{width}x{height}");
    };
    check(400, 200, (40, 10));
    check(4000, 2000, (40, 10));
    check(4000, 200, (40, 1));
    check(200, 4000, (5, 10));
    check(95, 41, (10, 3));
    check(1, 1, (5, 1));
}

#[test]
fn what_is_no_picture_or_too_large_a_one_is_refused_and_nothing_breaks() {
    let whole = png(300, 300);
    for kept in [0, 1, 8, 20, 40, whole.len() / 2, whole.len() - 13] {
        assert_eq!(made(whole[..kept].to_vec(), TERMINAL), None, "cut after {kept}");
    }
    for (width, height) in [(1, 1_000_000), (1_000_000, 1), (30_000, 30_000), (u32::MAX, u32::MAX), (0, 0)] {
        assert_eq!(made(claims(width, height), TERMINAL), None, "{width}x{height}");
    }
    for bytes in [b"GIF89a\xff\xff\xff\xff".to_vec(), b"\xff\xd8\xff\xe0".to_vec(), b"RIFF\0\0\0\0WEBPVP8 ".to_vec(), b"<svg/>".to_vec()] {
        assert_eq!(made(bytes, TERMINAL), None);
    }
}

#[test]
fn sixels_end_within_the_rows_that_are_kept_for_them() {
    let picture = made(png(400, 200), Pictured { way: Way::Sixel, ..TERMINAL }).unwrap();
    assert!(picture.data.starts_with(b"\x1bP") && picture.data.ends_with(b"\x1b\\"));
    let shown = icy_sixel::SixelImage::decode(&picture.data).unwrap();
    assert!(shown.height <= usize::from(picture.rows) * 20 && shown.width <= usize::from(picture.columns) * 10);
}
