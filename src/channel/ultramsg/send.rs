//! Carrying out an order, once. The gateway queues what it is given, also while its phone is not connected; so that a backlog does not leave
//! all at once hours later, the phone is looked at first and a reply waits here instead.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::api::{Api, SHORT, unsent};
use super::map;
use super::wire::{self, written};
use crate::channel::file;
use crate::domain::attachment::FileKind;
use crate::domain::outbound::{Accepted, Action, Order, SendError};

/// Files are sent as text, of which the gateway takes ten million characters: four for every three bytes.
pub(super) const UPLOAD: u64 = 7_400_000;

/// Carries out an order; the phone is known to be connected.
pub(super) async fn send(api: &Api, order: &Order) -> Result<Accepted, SendError> {
    let (encoded, shown);
    let (latitude, longitude);
    let (path, mut fields, deadline) = match &order.action {
        Action::Text { text, reply_to } => ("messages/chat", answering([("body", text.as_str())], reply_to.as_deref()), SHORT),
        Action::File { kind, path, name, mime, caption, reply_to } => {
            let (method, field) = method(*kind, mime, !caption.is_empty());
            encoded = encode(path, name).await?;
            let mut fields = answering([(field, encoded.as_str())], reply_to.as_deref());
            if field == "document" {
                shown = file::file_name(name);
                fields.push(("filename", shown.as_str()));
            }
            if !caption.is_empty() {
                fields.push(("caption", caption.as_str()));
            }
            (method, fields, file::patience(encoded.len() as u64))
        }
        Action::Location(spot) => {
            (latitude, longitude) = (spot.latitude.to_string(), spot.longitude.to_string());
            // A place must be called something.
            shown = [spot.address.as_str(), spot.name.as_str()]
                .into_iter()
                .find(|words| !words.is_empty())
                .map_or_else(|| format!("{latitude}, {longitude}"), str::to_owned);
            ("messages/location", vec![("address", shown.as_str()), ("lat", latitude.as_str()), ("lng", longitude.as_str())], SHORT)
        }
        Action::React { target, emoji } => {
            let target = map::is_whatsapps(target).then_some(target.as_str()).ok_or_else(|| {
                SendError::Refused("the gateway never tells what WhatsApp calls this message, so nothing can be done to it".to_owned())
            })?;
            let emoji = emoji.as_deref().unwrap_or_default();
            return beside(api, "messages/reaction", &[("msgId", target), ("emoji", emoji)]).await;
        }
        Action::Read { .. } => return beside(api, "chats/read", &[("chatId", order.chat.as_str())]).await,
        Action::Edit { .. } | Action::Delete { .. } | Action::Template(_) | Action::Typing { .. } => {
            return Err(SendError::Refused("the gateway has no such message".to_owned()));
        }
    };
    fields.push(("to", order.chat.as_str()));
    let reference = map::named(&order.idempotency_key);
    if !order.idempotency_key.is_empty() {
        fields.push(("referenceId", reference.as_str()));
    }
    let answer = api.post(path, &fields, deadline).await.map_err(unsent)?;
    if !wire::is(&answer, "sent") {
        return Err(SendError::Uncertain("the gateway's answer does not say whether it took the message; it may have".to_owned()));
    }
    // The number in the gateway's queue is of no use: nothing that comes later names it. Our own reference comes back.
    let ours = if order.idempotency_key.is_empty() { written(&answer, "id") } else { map::reference(&reference) };
    Ok(Accepted { external_id: Some(ours).filter(|id| !id.is_empty()), at: None })
}

/// Something that makes no message. A gateway that does not know it is no reason to pause the account.
async fn beside(api: &Api, path: &str, fields: &[(&str, &str)]) -> Result<Accepted, SendError> {
    match api.post(path, fields, SHORT).await {
        Ok(_) => Ok(Accepted { external_id: None, at: None }),
        Err(error) => Err(match unsent(error) {
            SendError::Account(words) => SendError::Refused(words),
            other => other,
        }),
    }
}

/// The fields, and which message is answered. One that only we have a name for is still worth sending.
fn answering<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>, reply_to: Option<&'a str>) -> Vec<(&'a str, &'a str)> {
    let quoted = reply_to.filter(|id| map::is_whatsapps(id)).map(|id| ("msgId", id));
    fields.into_iter().chain(quoted).collect()
}

async fn encode(path: &Path, name: &str) -> Result<String, SendError> {
    let unreadable = |error: std::io::Error| SendError::Refused(format!("the file {name:?} cannot be read from our own store: {error}"));
    if tokio::fs::metadata(path).await.map_err(unreadable)?.len() > UPLOAD {
        return Err(SendError::Refused(format!("the file {name:?} is larger than the 7.4 MB the gateway takes")));
    }
    Ok(STANDARD.encode(tokio::fs::read(path).await.map_err(unreadable)?))
}

/// The method for a kind of file, and its field. Sound and stickers take no words; as documents none are lost.
fn method(kind: FileKind, mime: &str, caption: bool) -> (&'static str, &'static str) {
    let picture = matches!(mime, "image/jpeg" | "image/png" | "image/gif" | "image/webp");
    match kind {
        FileKind::Photo if picture => ("messages/image", "image"),
        FileKind::Video | FileKind::VideoNote => ("messages/video", "video"),
        FileKind::Animation if mime == "video/mp4" => ("messages/video", "video"),
        FileKind::Audio if !caption => ("messages/audio", "audio"),
        FileKind::Voice if !caption => ("messages/voice", "audio"),
        FileKind::Sticker if !caption => ("messages/sticker", "sticker"),
        _ => ("messages/document", "document"),
    }
}
