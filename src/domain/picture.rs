//! Pictures as they stand in a thread: made ready once for the terminal that shows them.

use std::sync::Arc;

use super::attachment::{Attachment, FileKind, Stored};
use super::id::AttachmentId;

/// The most rows of the screen a picture takes.
pub const ROWS: u16 = 10;
/// The largest file that is looked into.
pub const FILE_BYTES: u64 = 20 * 1024 * 1024;

/// How a terminal takes pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Kitty's graphics: sent once, placed by number.
    Kitty,
    /// iTerm2's inline files.
    Iterm,
    /// DEC's sixels.
    Sixel,
}

/// What a terminal told about pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pictured {
    /// How it takes them.
    pub way: Way,
    /// Width and height of one of its cells, in pixels.
    pub cell: (u16, u16),
}

/// A picture, ready for the terminal.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Tells it apart from all others on a screen: at most 24 bits, never 0.
    pub number: u32,
    /// How many columns of the screen it takes.
    pub columns: u16,
    /// How many rows.
    pub rows: u16,
    /// A PNG file of exactly these cells, or sixels.
    pub data: Arc<[u8]>,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({:x}, {}x{}, {} bytes)", self.number, self.columns, self.rows, self.data.len())
    }
}

impl Picture {
    /// The number of a file's picture at a size.
    pub fn number_of(file: AttachmentId, columns: u16, rows: u16) -> u32 {
        let parts = [file.0.to_be_bytes().as_slice(), &columns.to_be_bytes(), &rows.to_be_bytes()].concat();
        let hash = parts.iter().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
        (((hash >> 24) ^ hash) & 0x00ff_ffff).max(1)
    }
}

/// Whether a file that is kept here may be a picture. What it is its bytes decide.
pub fn may_be_one(file: &Attachment) -> bool {
    let named = || file.mime.starts_with("image/") || FileKind::of_file_name(&file.name).1.starts_with("image/");
    let likely = match file.kind {
        FileKind::Photo => true,
        FileKind::Sticker => file.mime.is_empty() || named(),
        FileKind::Animation | FileKind::Document => named(),
        FileKind::Video | FileKind::VideoNote | FileKind::Audio | FileKind::Voice => false,
    };
    likely && file.stored == Stored::Here && file.hash.is_some() && file.size.is_none_or(|size| size <= FILE_BYTES)
}
