//! Carrying out an order, once, and telling exactly what became of it: a wrong "not sent" would double a customer's message.

use std::path::Path;
use std::time::Duration;

use reqwest::RequestBuilder;
use reqwest::multipart::Form;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::api::{Api, CallError, SHORT, SMALL, Told};
use super::chat::Key;
use crate::channel::file;
use crate::channel::http::{ClassifiedError, Sent};
use crate::domain::attachment::FileKind;
use crate::domain::outbound::{Accepted, Action, Order, SendError};
use crate::domain::time::{Span, Timestamp};

/// How long an order without a file may take.
const DEADLINE: Duration = Duration::from_mins(1);
/// Larger pictures must go as documents.
const PHOTO_LIMIT: u64 = 10_000_000;

type Params = Map<String, Value>;

/// How long an order with a file of that many bytes may take before it counts as uncertain; 0 for an order without one. A lease on the
/// order must last more than twice as long.
pub fn send_deadline(bytes: u64) -> Span {
    Span::from_duration(deadline(bytes))
}

fn deadline(bytes: u64) -> Duration {
    file::patience(bytes)
}

/// Carries out an order.
pub(super) async fn send(api: &Api, order: &Order) -> Result<Accepted, SendError> {
    let key = Key::parse(&order.chat).ok_or_else(|| SendError::Refused(format!("{:?} is no chat of Telegram's", order.chat)))?;
    let mut params = Params::new();
    params.insert("chat_id".to_owned(), key.id.into());
    if let Some(connection) = key.business {
        params.insert("business_connection_id".to_owned(), connection.into());
    }
    let method = match &order.action {
        Action::Text { text, reply_to } => {
            params.insert("text".to_owned(), text.as_str().into());
            answer(&mut params, reply_to.as_deref());
            "sendMessage"
        }
        Action::File { kind, path, name, mime, caption, reply_to } => {
            answer(&mut params, reply_to.as_deref());
            let file = Upload { kind: *kind, path, name, mime, caption };
            let (request, deadline) = file.request(api, params).await?;
            let answer = api.exchange(request, deadline, SMALL).await;
            return outcome(api, &key, &order.action, answer).await;
        }
        Action::Edit { target, text, caption } => {
            params.insert("message_id".to_owned(), message_id(target)?);
            params.insert(if *caption { "caption" } else { "text" }.to_owned(), text.as_str().into());
            if *caption { "editMessageCaption" } else { "editMessageText" }
        }
        Action::Delete { target } if key.business.is_some() => {
            params.remove("chat_id");
            params.insert("message_ids".to_owned(), json!([message_id(target)?]));
            "deleteBusinessMessages"
        }
        Action::Delete { target } => {
            params.insert("message_id".to_owned(), message_id(target)?);
            "deleteMessage"
        }
        Action::React { .. } if key.business.is_some() => {
            return Err(SendError::Refused("Telegram lets bots give no reactions in the chats of a business account".to_owned()));
        }
        Action::React { target, emoji } => {
            params.insert("message_id".to_owned(), message_id(target)?);
            let reaction: Vec<Value> = emoji.iter().map(|emoji| json!({ "type": "emoji", "emoji": emoji })).collect();
            params.insert("reaction".to_owned(), reaction.into());
            "setMessageReaction"
        }
        Action::Typing { .. } => {
            params.insert("action".to_owned(), "typing".into());
            "sendChatAction"
        }
        Action::Template(_) | Action::Location(_) | Action::Read { .. } => {
            return Err(SendError::Refused("Telegram bots have no such message".to_owned()));
        }
    };
    let answer = api.call(method, &Value::Object(params), DEADLINE, SMALL).await;
    outcome(api, &key, &order.action, answer).await
}

/// A file as an order names it.
struct Upload<'a> {
    kind: FileKind,
    path: &'a Path,
    name: &'a str,
    mime: &'a str,
    caption: &'a str,
}

impl Upload<'_> {
    /// The request that sends the file's bytes as they are read, and how long it may take.
    async fn request(&self, api: &Api, mut params: Params) -> Result<(RequestBuilder, Duration), SendError> {
        let (part, size) = file::part(self.path, self.name, self.mime).await.map_err(SendError::Refused)?;
        if size > super::CAPABILITIES.upload_limit {
            return Err(SendError::Refused(format!("the file {:?} is larger than the 50 MB Telegram takes from bots", self.name)));
        }
        if !self.caption.is_empty() {
            params.insert("caption".to_owned(), self.caption.into());
        }
        let form = params.into_iter().fold(Form::new(), |form, (name, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            form.text(name, text)
        });
        let (method, field) = method(self.kind, size, !self.caption.is_empty());
        Ok((api.request(method).multipart(form.part(field, part)), deadline(size)))
    }
}

/// The method for a kind of file, and its field. Round films and stickers take no caption, and large pictures are no photos.
fn method(kind: FileKind, size: u64, caption: bool) -> (&'static str, &'static str) {
    match kind {
        FileKind::Photo if size <= PHOTO_LIMIT => ("sendPhoto", "photo"),
        FileKind::Video => ("sendVideo", "video"),
        FileKind::VideoNote if caption => ("sendVideo", "video"),
        FileKind::VideoNote => ("sendVideoNote", "video_note"),
        FileKind::Animation => ("sendAnimation", "animation"),
        FileKind::Audio => ("sendAudio", "audio"),
        FileKind::Voice => ("sendVoice", "voice"),
        FileKind::Sticker if !caption => ("sendSticker", "sticker"),
        FileKind::Photo | FileKind::Sticker | FileKind::Document => ("sendDocument", "document"),
    }
}

/// Makes it an answer; one whose message is gone, or is no message of Telegram's (a line of the system), is still worth sending.
fn answer(params: &mut Params, reply_to: Option<&str>) {
    if let Some(id) = reply_to.and_then(|id| id.parse::<i64>().ok()) {
        params.insert("reply_parameters".to_owned(), json!({ "message_id": id, "allow_sending_without_reply": true }));
    }
}

fn message_id(target: &str) -> Result<Value, SendError> {
    let id: Result<i64, _> = target.parse();
    id.map(Value::from)
        .map_err(|_| SendError::Refused("this line is no message on Telegram, so nothing can be done to it there".to_owned()))
}

async fn outcome(api: &Api, key: &Key<'_>, action: &Action, answer: Result<Box<RawValue>, CallError>) -> Result<Accepted, SendError> {
    let told = match answer {
        Ok(result) => return Ok(accepted(action, &result)),
        Err(CallError::Broken(error)) => return Err(broken(&error)),
        Err(CallError::Told(told)) => told,
    };
    if let Some(id) = told.migrate_to {
        return Err(SendError::Moved { to: key.with_id(id) });
    }
    let Told { code, description, retry_after, genuine, .. } = told;
    match code {
        429 => Err(SendError::Wait { wait: retry_after.unwrap_or(Span::secs(5)), account: false }),
        // The words are the only mark of these two. It already reads as it should.
        400 if matches!(action, Action::Edit { .. }) && description.contains("message is not modified") => {
            Ok(Accepted { external_id: None, at: None })
        }
        // A deletion that is repeated because its answer was lost, or that the customer was faster with.
        400 if matches!(action, Action::Delete { .. }) && description.contains("message to delete not found") => {
            Ok(Accepted { external_id: None, at: None })
        }
        401 => Err(token_refused()),
        404 if genuine => Err(not_found(api, &description).await),
        404 => Err(SendError::Account("no Bot API answers at this address: check the channel's api-base and token".to_owned())),
        403 => Err(SendError::Unreachable(format!("the customer cannot be reached: {description}"))),
        413 => Err(SendError::Refused("the file is larger than the server takes".to_owned())),
        400..500 => Err(SendError::Refused(format!("Telegram refused it: {description}"))),
        _ => Err(SendError::Uncertain(format!("Telegram answered with error {code} ({description}), and may have sent it all the same"))),
    }
}

/// 404 is the answer to a wrong token, and of a server that does not know the method: it is asked who we are to tell them apart.
async fn not_found(api: &Api, description: &str) -> SendError {
    match api.call("getMe", &json!({}), SHORT, SMALL).await {
        Ok(_) => SendError::Refused(format!("the server does not know how to do this: {description}")),
        Err(CallError::Told(Told { code: 401 | 404, .. })) => token_refused(),
        Err(CallError::Told(_) | CallError::Broken(_)) => SendError::NotSent(format!("Telegram did not take it: {description}")),
    }
}

fn token_refused() -> SendError {
    SendError::Account("Telegram does not accept the bot's token: get a new one from @BotFather and put it in its place".to_owned())
}

fn broken(error: &ClassifiedError) -> SendError {
    match error.sent {
        Sent::No => SendError::NotSent(format!("Telegram cannot be reached: {error}")),
        Sent::Perhaps => SendError::Uncertain(format!("{error}; Telegram may have sent it all the same")),
    }
}

fn accepted(action: &Action, result: &RawValue) -> Accepted {
    let result: Value = serde_json::from_str(result.get()).unwrap_or_default();
    let makes_one = matches!(action, Action::Text { .. } | Action::File { .. });
    let id = result["message_id"].as_i64().filter(|_| makes_one);
    Accepted { external_id: id.map(|id| id.to_string()), at: result["date"].as_i64().map(Timestamp::from_secs) }
}
