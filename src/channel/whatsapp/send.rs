//! Carrying out an order, once, and telling exactly what became of it: a wrong "not sent" would double a customer's message.

use std::path::Path;

use reqwest::multipart::Form;
use serde_json::{Map, Value, json};

use super::api::{Api, CallError};
use super::{chat, errors, templates};
use crate::channel::file;
use crate::channel::json::{list, written};
use crate::domain::attachment::FileKind;
use crate::domain::channel::FileTypes;
use crate::domain::outbound::{Accepted, Action, Order, SendError, Spot};

/// What a channel's settings say about sending.
#[derive(Clone, Debug)]
pub(super) struct Sender {
    /// Our number's id at Meta.
    pub number: String,
    /// Customers see that we have read.
    pub read_receipts: bool,
    /// Customers see that we type.
    pub typing: bool,
}

/// The largest document.
pub(super) const DOCUMENT: u64 = 100_000_000;
/// The largest film or sound.
const STREAM: u64 = 16_000_000;
/// What is taken. WhatsApp looks at a file's type when it is handed over, and sending it as a document does not help.
pub(super) const FILES: [FileTypes; 5] = [
    FileTypes { title: "JPEG and PNG pictures", mimes: &["image/jpeg", "image/png"], limit: 5_000_000 },
    FileTypes { title: "MP4 and 3GP film", mimes: &["video/mp4", "video/3gpp"], limit: STREAM },
    FileTypes {
        title: "sound (MP3, M4A, AAC, AMR, OGG)",
        mimes: &["audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"],
        limit: STREAM,
    },
    FileTypes {
        title: "PDF, text, Word, Excel and PowerPoint",
        mimes: &[
            "text/*",
            "application/pdf",
            "application/msword",
            "application/vnd.ms-*",
            "application/vnd.openxmlformats-officedocument.*",
        ],
        limit: DOCUMENT,
    },
    FileTypes { title: "WebP stickers", mimes: &["image/webp"], limit: 500_000 },
];
/// The longest note of our own that comes back with statuses.
const CALLBACK: usize = 512;

/// Carries out an order.
pub(super) async fn send(api: &Api, sender: &Sender, order: &Order) -> Result<Accepted, SendError> {
    let content = match &order.action {
        Action::Text { text, reply_to } => content("text", json!({ "body": text, "preview_url": false }), reply_to.as_deref()),
        Action::File { kind, path, name, mime, caption, reply_to } => {
            let file = File { kind: *kind, path, name, mime, caption };
            let (shape, media) = file.upload(api, sender).await?;
            content(shape, media, reply_to.as_deref())
        }
        Action::Location(spot) => content("location", location(spot), None),
        Action::React { target, emoji } => {
            let reaction = json!({ "message_id": wamid(target)?, "emoji": emoji.as_deref().unwrap_or_default() });
            content("reaction", reaction, None)
        }
        Action::Template(filled) => {
            let media = match &filled.media {
                Some(media) => {
                    let path = media.path.as_deref().ok_or_else(|| SendError::Refused("the template's file is not at hand".to_owned()))?;
                    let file = File { kind: media.kind, path, name: &media.name, mime: &media.mime, caption: "" };
                    Some(file.upload_as(api, sender, template_shape(media.kind)).await?)
                }
                None => None,
            };
            content("template", templates::filled(filled, media, filled.spot.as_ref().map(location)), None)
        }
        Action::Read { target } => return read(api, sender, target, false).await,
        Action::Typing { answering: Some(target) } => return read(api, sender, target, true).await,
        // Without a message to answer WhatsApp shows nobody typing.
        Action::Typing { answering: None } => return Ok(Accepted { external_id: None, at: None }),
        Action::Edit { .. } | Action::Delete { .. } => {
            return Err(SendError::Refused("WhatsApp lets businesses neither change nor delete what they sent".to_owned()));
        }
    };
    let mut request = content;
    request.insert("messaging_product".to_owned(), "whatsapp".into());
    if let Value::Object(recipient) = chat::recipient(order) {
        request.extend(recipient);
    }
    if !order.idempotency_key.is_empty() {
        let note: String = order.idempotency_key.chars().take(CALLBACK).collect();
        request.insert("biz_opaque_callback_data".to_owned(), note.into());
    }
    match api.post(&[&sender.number, "messages"], &Value::Object(request)).await {
        Ok(answer) => accepted(&order.action, &answer),
        Err(error) => Err(errors::unsent(error)),
    }
}

/// A message of that type. One that answers what is no message at WhatsApp (a line of the system, an imported one) is still worth sending.
fn content(kind: &str, content: Value, reply_to: Option<&str>) -> Map<String, Value> {
    let mut message = Map::new();
    message.insert("type".to_owned(), kind.into());
    message.insert(kind.to_owned(), content);
    if let Some(id) = reply_to.filter(|id| id.starts_with("wamid.")) {
        message.insert("context".to_owned(), json!({ "message_id": id }));
    }
    message
}

fn wamid(target: &str) -> Result<&str, SendError> {
    let known = !target.is_empty() && !target.contains(':');
    known
        .then_some(target)
        .ok_or_else(|| SendError::Refused("this line is no message on WhatsApp, so nothing can be done to it there".to_owned()))
}

fn accepted(action: &Action, answer: &Value) -> Result<Accepted, SendError> {
    let id = list(answer, "messages").first().map(|message| written(message, "id")).filter(|id| !id.is_empty());
    match (action, id) {
        // Its own id is of no use: a reaction is known by the message it is about.
        (Action::React { .. }, _) => Ok(Accepted { external_id: None, at: None }),
        (_, Some(id)) => Ok(Accepted { external_id: Some(id), at: None }),
        (_, None) => Err(SendError::Uncertain("WhatsApp's answer names no message; it may have sent it all the same".to_owned())),
    }
}

/// Shows that we have read up to a message, and perhaps that somebody types an answer to it, which always shows the reading too.
async fn read(api: &Api, sender: &Sender, target: &str, typing: bool) -> Result<Accepted, SendError> {
    let nothing = Ok(Accepted { external_id: None, at: None });
    if !sender.read_receipts || (typing && !sender.typing) {
        return nothing;
    }
    let mut request = json!({ "messaging_product": "whatsapp", "status": "read", "message_id": wamid(target)? });
    if typing {
        request["typing_indicator"] = json!({ "type": "text" });
    }
    match api.post(&[&sender.number, "messages"], &request).await {
        Ok(_) => nothing,
        Err(error) => Err(errors::unsent(error)),
    }
}

fn location(spot: &Spot) -> Value {
    let mut place = json!({ "latitude": spot.latitude, "longitude": spot.longitude });
    for (name, value) in [("name", &spot.name), ("address", &spot.address)] {
        if !value.is_empty() {
            place[name] = value.as_str().into();
        }
    }
    place
}

/// A file as an order names it.
struct File<'a> {
    kind: FileKind,
    path: &'a Path,
    name: &'a str,
    mime: &'a str,
    caption: &'a str,
}

impl File<'_> {
    /// Hands the bytes over; the type of message they become, and its content.
    async fn upload(&self, api: &Api, sender: &Sender) -> Result<(&'static str, Value), SendError> {
        let shape = shape(self.kind, self.plain_mime(), !self.caption.is_empty());
        let mut media = self.upload_as(api, sender, shape).await?;
        if !self.caption.is_empty() {
            media["caption"] = self.caption.into();
        }
        if shape == "audio" && self.kind == FileKind::Voice && self.plain_mime() == "audio/ogg" {
            media["voice"] = true.into();
        }
        Ok((shape, media))
    }

    /// Hands the bytes over for a message of that type; what stands for them there. No message leaves by this.
    async fn upload_as(&self, api: &Api, sender: &Sender, shape: &str) -> Result<Value, SendError> {
        let (part, size) = file::part(self.path, self.name, self.plain_mime()).await.map_err(SendError::Refused)?;
        super::PROVIDER.takes_file(self.name, self.plain_mime(), size).map_err(SendError::Refused)?;
        let form = Form::new().text("messaging_product", "whatsapp").text("type", file::media_type(self.plain_mime()).to_owned());
        let request = api.request(&[&sender.number, "media"]).multipart(form.part("file", part));
        let answer = api.exchange(request, file::patience(size)).await.map_err(errors::not_uploaded)?;
        let id = written(&answer, "id");
        if id.is_empty() {
            return Err(errors::not_uploaded(CallError::Broken(crate::channel::http::ClassifiedError {
                sent: crate::channel::http::Sent::Perhaps,
                problem: "the answer to the file names no id".to_owned(),
            })));
        }
        let mut media = json!({ "id": id });
        if shape == "document" {
            media["filename"] = file::file_name(self.name).into();
        }
        Ok(media)
    }

    /// The media type as WhatsApp takes it: without what says more about it, and text of any sort as text.
    fn plain_mime(&self) -> &str {
        let plain = self.mime.split(';').next().unwrap_or_default().trim();
        if plain.starts_with("text/") { "text/plain" } else { plain }
    }
}

/// The type of message for a file: what WhatsApp does not take as a picture, film, sound or sticker goes as a document, and so does sound
/// with words, which would be lost otherwise.
fn shape(kind: FileKind, mime: &str, caption: bool) -> &'static str {
    match (kind, mime) {
        (FileKind::Photo, "image/jpeg" | "image/png") => "image",
        (FileKind::Video | FileKind::VideoNote | FileKind::Animation, "video/mp4" | "video/3gpp") => "video",
        (FileKind::Audio | FileKind::Voice, "audio/aac" | "audio/amr" | "audio/mpeg" | "audio/mp4" | "audio/ogg") if !caption => "audio",
        (FileKind::Sticker, "image/webp") if !caption => "sticker",
        _ => "document",
    }
}

/// A template says itself of what type its file is.
fn template_shape(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Photo | FileKind::Sticker => "image",
        FileKind::Video | FileKind::VideoNote | FileKind::Animation => "video",
        FileKind::Audio | FileKind::Voice | FileKind::Document => "document",
    }
}
