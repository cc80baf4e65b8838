//! Files that belong to messages: their kinds, and what a name or a first look says about them.

use super::id::AttachmentId;

/// What sort of file it is, as a provider presents it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// A picture shown in the chat.
    Photo,
    /// A film.
    Video,
    /// A short round film.
    VideoNote,
    /// A silent, looping film.
    Animation,
    /// Music or another sound file.
    Audio,
    /// A recorded voice message.
    Voice,
    /// A sticker.
    Sticker,
    /// Any other file.
    Document,
}

/// Where the bytes are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Stored {
    /// At the provider, not fetched yet.
    #[default]
    Remote,
    /// In our files, under their content hash.
    Here,
    /// Larger than the limit: never fetched.
    TooLarge,
    /// Fetching failed for good.
    Failed,
}

/// One file of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Which.
    pub id: AttachmentId,
    /// What sort.
    pub kind: FileKind,
    /// The sender's name for it: a label only, never a path. Sanitise before showing.
    pub name: String,
    /// The media type the sender claims; may be empty.
    pub mime: String,
    /// Its size in bytes, when known.
    pub size: Option<u64>,
    /// Length in seconds of sound and film.
    pub seconds: Option<u32>,
    /// Where the bytes are.
    pub stored: Stored,
    /// The content hash (lower-case hex SHA-256) once stored.
    pub hash: Option<String>,
}

impl FileKind {
    /// Every kind.
    pub const ALL: [Self; 8] =
        [Self::Photo, Self::Video, Self::VideoNote, Self::Animation, Self::Audio, Self::Voice, Self::Sticker, Self::Document];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::Video => "video",
            Self::VideoNote => "video_note",
            Self::Animation => "animation",
            Self::Audio => "audio",
            Self::Voice => "voice",
            Self::Sticker => "sticker",
            Self::Document => "document",
        }
    }

    /// The kind of that name; anything else is a [`FileKind::Document`].
    pub fn of(name: &str) -> Self {
        Self::ALL.into_iter().find(|kind| kind.name() == name).unwrap_or(Self::Document)
    }

    /// What a person calls it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::Video => "video",
            Self::VideoNote => "video message",
            Self::Animation => "animation",
            Self::Audio => "audio",
            Self::Voice => "voice",
            Self::Sticker => "sticker",
            Self::Document => "file",
        }
    }

    /// How a file of that name is best sent, and its media type, judged by the ending alone.
    pub fn of_file_name(name: &str) -> (Self, &'static str) {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
        match ending.as_str() {
            "jpg" | "jpeg" => (Self::Photo, "image/jpeg"),
            "png" => (Self::Photo, "image/png"),
            "webp" => (Self::Photo, "image/webp"),
            "gif" => (Self::Animation, "image/gif"),
            "mp4" => (Self::Video, "video/mp4"),
            "3gp" => (Self::Video, "video/3gpp"),
            "mov" => (Self::Video, "video/quicktime"),
            "mp3" => (Self::Audio, "audio/mpeg"),
            "aac" => (Self::Audio, "audio/aac"),
            "amr" => (Self::Audio, "audio/amr"),
            "m4a" => (Self::Audio, "audio/mp4"),
            "ogg" | "oga" | "opus" => (Self::Voice, "audio/ogg"),
            "pdf" => (Self::Document, "application/pdf"),
            "doc" => (Self::Document, "application/msword"),
            "xls" => (Self::Document, "application/vnd.ms-excel"),
            "ppt" => (Self::Document, "application/vnd.ms-powerpoint"),
            "docx" => (Self::Document, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            "xlsx" => (Self::Document, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            "pptx" => (Self::Document, "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
            "txt" | "log" => (Self::Document, "text/plain"),
            "csv" => (Self::Document, "text/csv"),
            "zip" => (Self::Document, "application/zip"),
            _ => (Self::Document, "application/octet-stream"),
        }
    }
}

impl Stored {
    /// Every place.
    pub const ALL: [Self; 4] = [Self::Remote, Self::Here, Self::TooLarge, Self::Failed];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Remote => "remote",
            Self::Here => "here",
            Self::TooLarge => "too_large",
            Self::Failed => "failed",
        }
    }

    /// The place of that name; an unknown one is [`Stored::Failed`].
    pub fn of(name: &str) -> Self {
        Self::ALL.into_iter().find(|stored| stored.name() == name).unwrap_or(Self::Failed)
    }
}

/// A file in a few words, for where there is no room for more: `[voice 0:42]`, `[photo]`, `[file invoice.pdf]`.
pub fn describe(kind: FileKind, name: &str, seconds: Option<u32>) -> String {
    match (kind, seconds) {
        (FileKind::Document | FileKind::Audio, _) if !name.is_empty() => format!("[{} {name}]", kind.title()),
        (_, Some(seconds)) => format!("[{} {}:{:02}]", kind.title(), seconds / 60, seconds % 60),
        _ => format!("[{}]", kind.title()),
    }
}

/// A size as a person reads it: `812 B`, `4.2 kB`, `17 MB`.
pub fn human_size(bytes: u64) -> String {
    let value = bytes as f64;
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..10_000 => format!("{:.1} kB", value / 1e3),
        10_000..1_000_000 => format!("{:.0} kB", value / 1e3),
        1_000_000..10_000_000 => format!("{:.1} MB", value / 1e6),
        10_000_000..1_000_000_000 => format!("{:.0} MB", value / 1e6),
        _ => format!("{:.1} GB", value / 1e9),
    }
}
