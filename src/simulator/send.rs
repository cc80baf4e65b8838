//! Methods that make messages.

use serde_json::{Map, Value, json};

use super::ChatKey;
use super::files::Sample;
use super::ledger::{Act, Parcel};
use super::methods::{Call, author, reachable, received};
use super::wire::{ApiError, Params, Upload};
use super::world::State;
use crate::domain::attachment::FileKind;

/// The longest text, in characters.
pub(super) const TEXT_LIMIT: usize = 4_096;
/// The longest caption, in characters.
pub(super) const CAPTION_LIMIT: usize = 1_024;
/// The largest upload.
const UPLOAD_LIMIT: usize = 50 * 1024 * 1024;
/// The largest photo.
const PHOTO_LIMIT: usize = 10 * 1024 * 1024;

/// The method sendMessage.
pub(super) fn text(state: &mut State, call: &Call<'_>) -> Result<Value, ApiError> {
    let key = reachable(state, call)?;
    let text = words(call.params, "text", TEXT_LIMIT)?;
    if text.trim().is_empty() {
        return Err(ApiError::bad("message text is empty"));
    }
    let mut fields = Map::new();
    fields.insert("text".to_owned(), text.into());
    copy(call.params, "entities", &mut fields);
    deliver(state, call, key, fields, None)
}

/// The method sendLocation.
pub(super) fn location(state: &mut State, call: &Call<'_>) -> Result<Value, ApiError> {
    let key = reachable(state, call)?;
    let place = call.params.float("latitude").zip(call.params.float("longitude"));
    let Some((latitude, longitude)) = place.filter(|(lat, lon)| lat.abs() <= 90.0 && lon.abs() <= 180.0) else {
        return Err(ApiError::bad("wrong latitude or longitude specified"));
    };
    let mut fields = Map::new();
    fields.insert("location".to_owned(), json!({"latitude": latitude, "longitude": longitude}));
    deliver(state, call, key, fields, None)
}

/// The kind and the field of a method that sends a file.
pub(super) fn file_kind(method: &str) -> Option<(FileKind, &'static str)> {
    let found = match method {
        "sendphoto" => (FileKind::Photo, "photo"),
        "sendvideo" => (FileKind::Video, "video"),
        "sendvideonote" => (FileKind::VideoNote, "video_note"),
        "sendanimation" => (FileKind::Animation, "animation"),
        "sendaudio" => (FileKind::Audio, "audio"),
        "sendvoice" => (FileKind::Voice, "voice"),
        "sendsticker" => (FileKind::Sticker, "sticker"),
        "senddocument" => (FileKind::Document, "document"),
        _ => return None,
    };
    Some(found)
}

/// sendPhoto and its kin.
pub(super) fn file(state: &mut State, call: &Call<'_>, kind: FileKind, field: &str) -> Result<Value, ApiError> {
    let key = reachable(state, call)?;
    let caption = words(call.params, "caption", CAPTION_LIMIT)?;
    let given = match call.params.file(field) {
        Some(upload) => Given::Upload(upload.clone()),
        None => Given::named(call.params, &call.params.text(field))?,
    };
    let id = given.keep(state, call, kind)?;
    let mut fields = state.files.fields(&id);
    put_caption(&mut fields, caption);
    copy(call.params, "caption_entities", &mut fields);
    deliver(state, call, key, fields, Some(&id))
}

/// The method sendMediaGroup: all of it, or nothing.
pub(super) fn album(state: &mut State, call: &Call<'_>) -> Result<Value, ApiError> {
    let key = reachable(state, call)?;
    let Some(Value::Array(media)) = call.params.json("media") else {
        return Err(ApiError::bad("can't parse media JSON object"));
    };
    if !(2..=10).contains(&media.len()) {
        return Err(ApiError::bad("an album must include 2-10 items"));
    }
    let mut ready = Vec::new();
    for item in &media {
        let kind = match item["type"].as_str() {
            Some("photo") => FileKind::Photo,
            Some("video") => FileKind::Video,
            Some("audio") => FileKind::Audio,
            Some("document") => FileKind::Document,
            _ => return Err(ApiError::bad("type of file mismatch")),
        };
        let caption = item["caption"].as_str().unwrap_or_default().to_owned();
        if caption.chars().count() > CAPTION_LIMIT {
            return Err(ApiError::bad("message caption is too long"));
        }
        let given = Given::named(call.params, item["media"].as_str().unwrap_or_default())?;
        ready.push((kind, caption, given));
    }
    room(state, call, key)?;
    let group = format!("{}", 13_000_000_000_000_000 + state.serial());
    let mut sent = Vec::new();
    for (kind, caption, given) in ready {
        let id = given.keep(state, call, kind)?;
        let mut fields = state.files.fields(&id);
        put_caption(&mut fields, caption);
        fields.insert("media_group_id".to_owned(), group.clone().into());
        sent.push(hand_over(state, call, key, fields, Some(&id), None));
    }
    Ok(Value::Array(sent))
}

/// A file as a request gives it.
enum Given {
    Upload(Upload),
    Known(String),
}

impl Given {
    /// From a string parameter: `attach://NAME`, or the id of a file the bot has. An address on the web cannot be fetched from here.
    fn named(params: &Params, text: &str) -> Result<Self, ApiError> {
        if let Some(name) = text.strip_prefix("attach://") {
            return params.file(name).cloned().map(Self::Upload).ok_or_else(|| ApiError::bad("file not found in the request"));
        }
        if text.starts_with("http://") || text.starts_with("https://") {
            return Err(ApiError::bad("failed to get HTTP URL content"));
        }
        if text.is_empty() {
            return Err(ApiError::bad("there is no file in the request"));
        }
        Ok(Self::Known(text.to_owned()))
    }

    fn keep(self, state: &mut State, call: &Call<'_>, kind: FileKind) -> Result<String, ApiError> {
        let upload = match self {
            Self::Upload(upload) => upload,
            Self::Known(id) => {
                let file = state.files.get(call.bot, &id);
                return match file {
                    Some(file) if file.kind == kind => Ok(id),
                    Some(_) => Err(ApiError::bad("type of file mismatch")),
                    None => Err(ApiError::bad("wrong file identifier/HTTP URL specified")),
                };
            }
        };
        if upload.bytes.is_empty() {
            return Err(ApiError::bad("file must be non-empty"));
        }
        let limit = if kind == FileKind::Photo { PHOTO_LIMIT } else { UPLOAD_LIMIT };
        if upload.bytes.len() > limit {
            return Err(ApiError::new(413, "Request Entity Too Large"));
        }
        let seconds = call.params.int("duration").unwrap_or(0).clamp(0, i64::from(u32::MAX)) as u32;
        let sample = Sample { name: upload.name, mime: upload.mime, bytes: upload.bytes, claimed: None, seconds };
        Ok(state.files.keep(call.bot, kind, sample))
    }
}

/// Words of at most `limit` characters. Marked-up text is refused: only plain text with entities is understood here.
pub(super) fn words(params: &Params, name: &str, limit: usize) -> Result<String, ApiError> {
    if params.given("parse_mode") {
        return Err(ApiError::bad("can't parse entities: this server takes plain text with entities only"));
    }
    let text = params.text(name);
    match text.chars().count() > limit {
        true if name == "caption" => Err(ApiError::bad("message caption is too long")),
        true => Err(ApiError::bad("message is too long")),
        false => Ok(text),
    }
}

fn put_caption(fields: &mut Map<String, Value>, caption: String) {
    if !caption.is_empty() {
        fields.insert("caption".to_owned(), caption.into());
    }
}

fn copy(params: &Params, name: &str, fields: &mut Map<String, Value>) {
    if let Some(value @ Value::Array(_)) = params.json(name) {
        fields.insert(name.to_owned(), value);
    }
}

fn deliver(
    state: &mut State,
    call: &Call<'_>,
    key: ChatKey,
    mut fields: Map<String, Value>,
    file: Option<&str>,
) -> Result<Value, ApiError> {
    let mut answers = None;
    if let Some(reply) = call.params.json("reply_parameters") {
        let target = reply["message_id"].as_i64().unwrap_or(0);
        match state.quoted(key, target) {
            Some(message) => {
                fields.insert("reply_to_message".to_owned(), message);
                if let Some(quote) = reply["quote"].as_str() {
                    fields.insert("quote".to_owned(), json!({"text": quote, "position": reply["quote_position"].as_i64().unwrap_or(0)}));
                }
                answers = Some(target);
            }
            None if reply["allow_sending_without_reply"].as_bool().unwrap_or(false) => {}
            None => return Err(ApiError::bad("message to be replied not found")),
        }
    }
    room(state, call, key)?;
    Ok(hand_over(state, call, key, fields, file, answers))
}

/// The rate limits' word on one more message.
fn room(state: &mut State, call: &Call<'_>, key: ChatKey) -> Result<(), ApiError> {
    match &mut state.limits {
        Some(limits) => limits.take(call.bot, key.id).map_err(ApiError::too_many),
        None => Ok(()),
    }
}

/// The customer has it now.
fn hand_over(
    state: &mut State,
    call: &Call<'_>,
    key: ChatKey,
    fields: Map<String, Value>,
    file: Option<&str>,
    reply: Option<i64>,
) -> Value {
    let said = ["text", "caption"].iter().find_map(|field| fields.get(*field)).and_then(Value::as_str).unwrap_or_default().to_owned();
    let message = state.post(key, author(state, key), fields, call.now);
    let id = message["message_id"].as_i64().unwrap_or(0);
    if let Some(stored) = state.stored_mut(key, id) {
        // In a channel the author is the channel, but the bot wrote it.
        stored.by_bot = true;
    }
    let mut entry = received(call, key, Act::Message, id, said);
    entry.reply_to = reply;
    entry.file = file.and_then(|id| state.files.get(call.bot, id)).map(|file| Parcel {
        name: file.name.clone(),
        mime: file.mime.clone(),
        bytes: file.bytes.clone(),
    });
    state.note_received(entry);
    message
}
