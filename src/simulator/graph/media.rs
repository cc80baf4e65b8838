//! Files: uploaded by businesses or sent by customers, found by id, fetched from an address that lives for five minutes.

use std::fmt::Write as _;

use bytes::Bytes;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::http::ApiError;
use super::world::State;
use crate::domain::time::{Span, Timestamp};

/// How long an address works.
const ADDRESS_LIVES: Span = Span::minutes(5);
/// How long an upload is kept.
const UPLOAD_LIVES: Span = Span::hours(30 * 24);

/// One file.
#[derive(Clone, Debug)]
pub(super) struct Media {
    /// The number it belongs to, by phone number id.
    pub(super) number: String,
    pub(super) mime: String,
    pub(super) bytes: Bytes,
    ends: Timestamp,
}

impl Media {
    /// The hash as webhooks and the API tell it.
    pub(super) fn sha256(&self) -> String {
        let mut hex = String::new();
        for byte in Sha256::digest(&self.bytes) {
            let _ = write!(hex, "{byte:02x}");
        }
        hex
    }
}

impl State {
    /// Keeps a file and returns its id.
    pub(super) fn keep_media(&mut self, number: &str, mime: String, bytes: Bytes, now: Timestamp) -> String {
        let id = format!("{}", 1_000_000_000_000_000 + self.serial() * 7_919);
        let mime = if mime.is_empty() { "application/octet-stream".to_owned() } else { mime };
        self.media.insert(id.clone(), Media { number: number.to_owned(), mime, bytes, ends: now.plus(UPLOAD_LIVES) });
        id
    }

    /// An upload: what the form held.
    pub(super) fn upload(&mut self, number: &str, form: &super::http::Upload, now: Timestamp) -> Result<Value, ApiError> {
        if form.product != "whatsapp" {
            return Err(ApiError::parameter("(#100) The parameter messaging_product is required."));
        }
        let Some(bytes) = form.bytes.clone() else {
            return Err(ApiError::parameter("(#100) The parameter file is required."));
        };
        let mime = if form.kind.is_empty() { form.mime.clone() } else { form.kind.clone() };
        let Some(limit) = limit(&mime) else {
            return Err(ApiError::parameter(&format!(
                "(#100) Param file must be a file with one of the supported types. Received file of type '{mime}'."
            )));
        };
        if bytes.len() > limit {
            return Err(ApiError::parameter(&format!(
                "(#100) Param file is too large: {} bytes, at most {limit} for {mime}.",
                bytes.len()
            )));
        }
        if bytes.is_empty() {
            return Err(ApiError::parameter("(#100) Param file must not be empty."));
        }
        Ok(json!({"id": self.keep_media(number, mime, bytes, now)}))
    }

    /// Where a file can be fetched for the next five minutes.
    pub(super) fn address(&self, id: &str, wanted: Option<&str>, now: Timestamp) -> Result<Value, ApiError> {
        let media = self.media.get(id).filter(|media| media.ends > now && wanted.is_none_or(|number| number == media.number));
        let media = media.ok_or_else(|| ApiError::no_object(id))?;
        let until = now.plus(ADDRESS_LIVES).secs();
        Ok(json!({
            "messaging_product": "whatsapp",
            "url": format!("{}/whatsapp_business/attachments/?mid={id}&ext={until}&hash={}", self.base, proof(id, until)),
            "mime_type": media.mime, "sha256": media.sha256(), "file_size": media.bytes.len(), "id": id,
        }))
    }

    /// The file behind an address, if it still works.
    pub(super) fn fetch(&self, id: &str, until: &str, hash: &str, now: Timestamp) -> Option<Media> {
        let until = until.parse::<i64>().ok().filter(|until| now.secs() < *until && proof(id, *until) == hash)?;
        self.media.get(id).filter(|_| until > 0).cloned()
    }
}

/// What ties an address to its end. Nobody here is kept out by it, but addresses are not to be made up.
fn proof(id: &str, until: i64) -> String {
    let mut hex = String::new();
    for byte in Sha256::digest(format!("{id}/{until}")).iter().take(12) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// The most bytes a file of that type may have; `None` for types that are not taken.
fn limit(mime: &str) -> Option<usize> {
    const MEGABYTE: usize = 1 << 20;
    let bare = mime.split(';').next().unwrap_or_default().trim();
    match bare {
        "image/jpeg" | "image/png" => Some(5 * MEGABYTE),
        "image/webp" => Some(MEGABYTE / 2),
        "video/mp4" | "video/3gpp" | "video/3gp" | "audio/aac" | "audio/mp4" | "audio/mpeg" | "audio/amr" | "audio/ogg" => {
            Some(16 * MEGABYTE)
        }
        "text/plain" | "application/pdf" => Some(100 * MEGABYTE),
        _ if bare.starts_with("application/vnd.openxmlformats")
            || bare.starts_with("application/vnd.ms")
            || bare == "application/msword" =>
        {
            Some(100 * MEGABYTE)
        }
        _ => None,
    }
}

/// Whether a message of that type takes a file of that media type.
pub(super) fn fits(kind: &str, mime: &str) -> bool {
    match kind {
        "image" => matches!(mime, "image/jpeg" | "image/png"),
        "sticker" => mime == "image/webp",
        "audio" => mime.starts_with("audio/"),
        "video" => mime.starts_with("video/"),
        _ => true,
    }
}
