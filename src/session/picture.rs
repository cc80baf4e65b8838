//! A customer's file made into a picture for a terminal. Whatever the file is, the answer is a picture or nothing: sizes and memory are
//! bounded before a pixel is read, and a fault in a decoder ends there.

use std::io::Cursor;
use std::path::Path;

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbaImage};

use crate::domain::id::AttachmentId;
use crate::domain::picture::{FILE_BYTES, Picture, Pictured, ROWS, Way};

/// The most pixels a file may have, in all and along an edge.
const PIXELS: u64 = 40_000_000;
const EDGE: u32 = 30_000;
/// The most memory a decoder may take.
const MEMORY: u64 = 200 * 1024 * 1024;
/// Larger ones would hold up the screen on a bad line.
const SENT: usize = 1024 * 1024;

/// Reads a file and makes it ready, on a thread that may block.
pub(super) async fn of_file(path: &Path, file: AttachmentId, columns: u16, terminal: Pictured) -> Option<Picture> {
    let size = tokio::fs::metadata(path).await.ok()?.len();
    if size > FILE_BYTES {
        return None;
    }
    let bytes = tokio::fs::read(path).await.ok()?;
    tokio::task::spawn_blocking(move || of_bytes(bytes, file, columns, terminal)).await.ok()?
}

fn of_bytes(bytes: Vec<u8>, file: AttachmentId, columns: u16, terminal: Pictured) -> Option<Picture> {
    let image = decoded(bytes)?;
    let (cell_w, cell_h) = (u32::from(terminal.cell.0.max(1)), u32::from(terminal.cell.1.max(1)));
    let (width, height) = (u64::from(image.width().max(1)), u64::from(image.height().max(1)));
    let (most_w, most_h) = (u64::from(columns.max(1)) * u64::from(cell_w), u64::from(ROWS) * u64::from(cell_h));
    // The larger of the two reductions; nothing is made larger than it is.
    let (num, den) = [(1, 1), (most_w, width), (most_h, height)].into_iter().min_by_key(|(num, den)| num * 1_000_000 / den)?;
    let fitted = |edge: u64| ((edge * num / den).max(1)) as u32;
    let small = image.thumbnail_exact(fitted(width), fitted(height)).into_rgba8();
    let (across, down) = (small.width().div_ceil(cell_w), small.height().div_ceil(cell_h));
    // Where text next to it is written again, a few cells more are written than changed: a picture is never as narrow as that.
    let across = across.max(5);
    // The rest of the last cells is left clear.
    let mut whole = RgbaImage::new(across * cell_w, down * cell_h);
    image::imageops::replace(&mut whole, &small, 0, 0);
    let (columns, rows) = (across as u16, down as u16);
    let data = match terminal.way {
        Way::Kitty | Way::Iterm => {
            let mut out = Cursor::new(Vec::new());
            DynamicImage::ImageRgba8(whole).write_to(&mut out, ImageFormat::Png).ok()?;
            out.into_inner()
        }
        Way::Sixel => {
            // A sixel is six pixels high: the last ones must not hang into the row below.
            let height = (whole.height() / 6 * 6).max(6) as usize;
            let width = whole.width() as usize;
            let mut pixels = whole.into_raw();
            pixels.resize(width * height * 4, 0);
            icy_sixel::SixelImage::try_from_rgba(pixels, width, height).ok()?.encode().ok()?.into_bytes()
        }
    };
    let number = Picture::number_of(file, columns, rows);
    (data.len() <= SENT).then(|| Picture { number, columns, rows, data: data.into() })
}

/// The image in a file, of a kind that is judged by its bytes, upright; of several the first.
fn decoded(bytes: Vec<u8>) -> Option<DynamicImage> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    if !matches!(reader.format()?, ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::Gif | ImageFormat::WebP) {
        return None;
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(EDGE);
    limits.max_image_height = Some(EDGE);
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PIXELS || decoder.total_bytes() > MEMORY {
        return None;
    }
    let orientation = decoder.orientation().ok();
    let mut image = DynamicImage::from_decoder(decoder).ok()?;
    if let Some(orientation) = orientation {
        image.apply_orientation(orientation);
    }
    Some(image)
}

#[cfg(test)]
#[path = "picture_tests.rs"]
mod tests;
