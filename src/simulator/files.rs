//! Files: what customers and bots uploaded, under ids that belong to one bot.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::wire::ApiError;
use crate::domain::attachment::FileKind;

/// What a bot can download.
const DOWNLOAD_LIMIT: u64 = 20 * 1024 * 1024;

/// All files, by id.
#[derive(Debug, Default)]
pub(super) struct Files {
    by_id: BTreeMap<String, File>,
}

/// One file.
#[derive(Clone, Debug)]
pub(super) struct File {
    bot: i64,
    unique: String,
    path: String,
    pub(super) kind: FileKind,
    pub(super) name: String,
    pub(super) mime: String,
    pub(super) bytes: Bytes,
    /// What the provider says its size is.
    size: u64,
    seconds: u32,
}

/// A file somebody sends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// The sender's name for it; empty for kinds that have none.
    pub name: String,
    /// Its media type.
    pub mime: String,
    /// Its bytes.
    pub bytes: Bytes,
    /// The size the provider claims, when it is to differ from the bytes (a file too big to download need not be that big here).
    pub claimed: Option<u64>,
    /// The length of sound and film, in seconds.
    pub seconds: u32,
}

impl Files {
    /// Keeps a file for a bot and returns its id.
    pub(super) fn keep(&mut self, bot: i64, kind: FileKind, sample: Sample) -> String {
        let serial = self.by_id.len() + 1;
        let id = format!("AgACAgQ{bot:x}-{serial:x}");
        let (folder, ending) = place(kind, &sample.name);
        let file = File {
            bot,
            unique: format!("AQAD{serial:x}"),
            path: format!("{folder}/file_{serial}{ending}"),
            kind,
            size: sample.claimed.unwrap_or(sample.bytes.len() as u64),
            name: sample.name,
            mime: sample.mime,
            bytes: sample.bytes,
            seconds: sample.seconds,
        };
        self.by_id.insert(id.clone(), file);
        id
    }

    /// A file of that bot's.
    pub(super) fn get(&self, bot: i64, id: &str) -> Option<&File> {
        self.by_id.get(id).filter(|file| file.bot == bot)
    }

    /// The method getFile.
    pub(super) fn describe(&self, bot: i64, id: &str) -> Result<Value, ApiError> {
        let file = self.get(bot, id).ok_or_else(|| ApiError::bad("wrong file_id or the file is temporarily unavailable"))?;
        if file.size > DOWNLOAD_LIMIT {
            return Err(ApiError::bad("file is too big"));
        }
        Ok(json!({"file_id": id, "file_unique_id": file.unique, "file_size": file.size, "file_path": file.path}))
    }

    /// The bytes behind a `file_path`.
    pub(super) fn download(&self, bot: i64, path: &str) -> Option<Bytes> {
        let mut files = self.by_id.values();
        files.find(|file| file.bot == bot && file.path == path && file.size <= DOWNLOAD_LIMIT).map(|file| file.bytes.clone())
    }

    /// The fields of a message that carry this file.
    pub(super) fn fields(&mut self, id: &str) -> Map<String, Value> {
        let mut fields = Map::new();
        let Some(file) = self.by_id.get(id).cloned() else { return fields };
        let mut about = json!({"file_id": id, "file_unique_id": file.unique, "file_size": file.size});
        let mut say = |pairs: &[(&str, Value)]| {
            for (name, value) in pairs {
                about[*name] = value.clone();
            }
        };
        let named = [("file_name", Value::from(file.name.clone())), ("mime_type", file.mime.clone().into())];
        let timed = ("duration", Value::from(file.seconds));
        let field = match file.kind {
            FileKind::Photo => {
                say(&[("width", 1280.into()), ("height", 960.into())]);
                let small = Sample { bytes: file.bytes.slice(..file.bytes.len().min(1_024)), ..Sample::default() };
                let small = self.keep(file.bot, FileKind::Photo, small);
                let thumb = &self.by_id[&small];
                let thumb = json!({"file_id": small, "file_unique_id": thumb.unique, "file_size": thumb.size, "width": 90, "height": 67});
                fields.insert("photo".to_owned(), json!([thumb, about]));
                return fields;
            }
            FileKind::Video => {
                say(&named);
                say(&[timed, ("width", 1280.into()), ("height", 720.into())]);
                "video"
            }
            FileKind::VideoNote => {
                say(&[timed, ("length", 240.into())]);
                "video_note"
            }
            FileKind::Animation => {
                say(&named);
                say(&[timed, ("width", 320.into()), ("height", 240.into())]);
                // Old readers find an animation as a document too, as the provider documents.
                fields.insert("document".to_owned(), about.clone());
                "animation"
            }
            FileKind::Audio => {
                say(&named);
                say(&[timed]);
                "audio"
            }
            FileKind::Voice => {
                say(&[timed, ("mime_type", file.mime.clone().into())]);
                "voice"
            }
            FileKind::Sticker => {
                // A sticker's name holds its emoji here.
                say(&[
                    ("type", "regular".into()),
                    ("emoji", file.name.clone().into()),
                    ("width", 512.into()),
                    ("height", 512.into()),
                    ("is_animated", false.into()),
                    ("is_video", false.into()),
                ]);
                "sticker"
            }
            FileKind::Document => {
                say(&named);
                "document"
            }
        };
        fields.insert(field.to_owned(), about);
        fields
    }
}

/// The folder and the ending of a `file_path`. A stranger's file name gives the ending, if it is a plain one.
fn place(kind: FileKind, name: &str) -> (&'static str, String) {
    let (folder, usual) = match kind {
        FileKind::Photo => ("photos", ".jpg"),
        FileKind::Video => ("videos", ".mp4"),
        FileKind::VideoNote => ("video_notes", ".mp4"),
        FileKind::Animation => ("animations", ".mp4"),
        FileKind::Audio => ("music", ".mp3"),
        FileKind::Voice => ("voice", ".oga"),
        FileKind::Sticker => ("stickers", ".webp"),
        FileKind::Document => ("documents", ""),
    };
    let own = name.rsplit_once('.').map(|(_, ending)| ending);
    match own.filter(|ending| !ending.is_empty() && ending.len() <= 8 && ending.bytes().all(|b| b.is_ascii_alphanumeric())) {
        Some(ending) => (folder, format!(".{ending}")),
        None => (folder, usual.to_owned()),
    }
}
