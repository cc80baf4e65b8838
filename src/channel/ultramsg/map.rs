//! One event of the gateway as domain facts: pure, so that a stored one can be read again at any time.
//!
//! The gateway has two names for a message we sent: the number it has in the gateway's queue, which is all that the answer to sending tells,
//! and WhatsApp's id, which only comes later. Neither tells the other. What both carry is the reference we gave it, so our replies are
//! known by that (`ref:…`). The echo of a reply is a receipt for it: it waits like any other until the reply's reference is written down,
//! so it never stands there twice, however early the gateway calls. A quote of a reply or a reaction to it names it by WhatsApp's id alone
//! and cannot be joined to it. Messages written on the phone or by other programs are known by WhatsApp's id.

use serde_json::Value;

use super::wire::{self, address, int, is, is_group, others, phone, some, text, value, written};
use crate::domain::attachment::FileKind;
use crate::domain::delivery::Delivery;
use crate::domain::inbound::{Cause, Chat, InFile, InMessage, Inbound, Item};
use crate::domain::message::{Direction, Kind};
use crate::domain::time::Timestamp;

/// What stands before our own reference in a message's id.
const REFERENCE: &str = "ref:";
/// What our references begin with.
const NAME: &str = "fd-";
/// What the people of a chat with one person are called among its reactions: their addresses change.
const CUSTOMER: &str = "customer";
const PHONE: &str = "phone";

/// What a stored event means.
pub fn map(key: &str, body: &str) -> Item {
    let events = value(body).map_err(|error| format!("the event cannot be read as JSON: {error}")).and_then(|event| facts(&event));
    Item { key: key.to_owned(), body: body.to_owned(), events }
}

/// The id under which a message with our reference is stored.
pub(super) fn reference(ours: &str) -> String {
    format!("{REFERENCE}{ours}")
}

/// Whether a message's id is WhatsApp's own, which the gateway can be told.
pub(super) fn is_whatsapps(id: &str) -> bool {
    id.starts_with("true_") || id.starts_with("false_")
}

/// What an event means.
pub(super) fn facts(event: &Value) -> Result<Vec<Inbound>, String> {
    let data = &event["data"];
    let kind = text(event, "event_type");
    if !data.is_object() {
        return Err(format!("the event {kind:?} holds no data"));
    }
    match kind {
        // The gateway echoes what it sent for us under either name.
        "message_received" | "message_create" => message(event, data),
        "message_ack" => Ok(acknowledged(event, data)),
        "message_reaction" => reacted(data),
        "" => Err("the event says not of what kind it is".to_owned()),
        other => Err(format!("this version does not know events of the kind {other:?}")),
    }
}

/// Our reference in an event; `None` when it has none, or one that another program gave.
fn our_reference(event: &Value) -> Option<String> {
    [event, &event["data"]].into_iter().map(|of| written(of, "referenceId")).find(|told| is_ours(told))
}

/// The reference that a message of ours is sent with.
pub(super) fn named(key: &str) -> String {
    format!("{NAME}{key}")
}

/// Whether a reference is one that we give. Other programs on the same instance have their own, used once or for many messages.
pub(super) fn is_ours(reference: &str) -> bool {
    let number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    // Those of earlier versions carried no name; a reply's number is long, unlike a shop's `2024.17`.
    let unnamed = || reference.split_once('.').is_some_and(|(reply, part)| reply.len() >= 15 && number(reply) && number(part));
    reference.strip_prefix(NAME).is_some_and(|key| key.split('.').all(number)) || unnamed()
}

fn message(event: &Value, data: &Value) -> Result<Vec<Inbound>, String> {
    let id = written(data, "id");
    if id.is_empty() {
        return Err("the message has no id".to_owned());
    }
    let own = is(data, "fromMe") || id.starts_with("true_");
    let at = time(data);
    if let Some(reference) = our_reference(event).filter(|_| own) {
        return Ok(vec![receipt(self::reference(&reference), Delivery::Sent, "", at)]);
    }
    if text(data, "type") == "revoked" {
        let target = [written(data, "revokedId"), id].into_iter().find(|id| !id.is_empty()).unwrap_or_default();
        return Ok(vec![Inbound::Deleted { chat: String::new(), targets: vec![target], at }]);
    }
    let here = address(text(data, if own { "to" } else { "from" }));
    if here.is_empty() {
        return Err("the message names no chat".to_owned());
    }
    let group = is_group(&here);
    let author = match (own, text(data, "author")) {
        (true, _) => PHONE.to_owned(),
        (false, told) if group && !told.is_empty() => address(told),
        (false, _) => here.clone(),
    };
    let name = text(data, "pushname").trim();
    let (kind, said, files) = content(data);
    let (reply_to, quote) = quoted(data);
    let written = InMessage {
        external_id: id,
        direction: if own { Direction::Out } else { Direction::In },
        kind,
        author: match (own, name) {
            (true, _) => "on the phone".to_owned(),
            (false, "") => phone(&author).map_or_else(String::new, |phone| format!("+{phone}")),
            (false, name) => name.to_owned(),
        },
        author_key: author,
        text: said,
        at,
        seq: 0,
        edited_at: None,
        reply_to,
        quote,
        forwarded_from: if is(data, "isForwarded") { "another chat".to_owned() } else { String::new() },
        album: String::new(),
        past: false,
        files,
        chat: chat(&here, if group || own { text(data, "chatName") } else { name }),
    };
    Ok(vec![Inbound::Message(Box::new(written))])
}

/// The chat at an address.
fn chat(address: &str, name: &str) -> Chat {
    Chat {
        key: address.to_owned(),
        aliases: others(address),
        wide: true,
        name: name.trim().to_owned(),
        handle: phone(address).map_or_else(String::new, |phone| format!("+{phone}")),
        language: String::new(),
        window: None,
    }
}

fn content(data: &Value) -> (Kind, String, Vec<InFile>) {
    let kind = text(data, "type");
    let body = text(data, "body");
    match kind {
        "chat" | "text" | "" => (Kind::Text, body.to_owned(), Vec::new()),
        "image" | "video" | "audio" | "ptt" | "voice" | "document" | "sticker" | "gif" | "ptv" => file(kind, data),
        "location" | "live_location" => (Kind::Location, place(data), Vec::new()),
        "vcard" | "contact" | "multi_vcard" | "contact_card" => (Kind::Contact, cards(body), Vec::new()),
        "e2e_notification" | "notification_template" | "gp2" | "call_log" => {
            (Kind::Service, format!("[{kind}] {body}").trim_end().to_owned(), Vec::new())
        }
        other => (Kind::Unsupported, format!("[unsupported: {other}] {}", readable(body)).trim_end().to_owned(), Vec::new()),
    }
}

fn file(kind: &str, data: &Value) -> (Kind, String, Vec<InFile>) {
    let reference = text(data, "media").trim();
    let caption = [text(data, "caption"), readable(text(data, "body"))].into_iter().find(|words| !words.is_empty()).unwrap_or_default();
    if reference.is_empty() {
        let said = format!("[{kind}] the gateway does not hand files over: switch on \"download media\" in its settings. {caption}");
        return (Kind::Unsupported, said.trim_end().to_owned(), Vec::new());
    }
    let kind = match kind {
        "image" => FileKind::Photo,
        "video" => FileKind::Video,
        "ptv" => FileKind::VideoNote,
        "gif" => FileKind::Animation,
        "audio" => FileKind::Audio,
        "ptt" | "voice" => FileKind::Voice,
        "sticker" => FileKind::Sticker,
        _ => FileKind::Document,
    };
    let name = [text(data, "filename"), text(data, "fileName")].into_iter().find(|name| !name.is_empty()).unwrap_or_default();
    // Documents have their name where others have their words.
    let (name, caption) = if kind == FileKind::Document && name.is_empty() { (caption, "") } else { (name, caption) };
    let file = InFile {
        kind,
        reference: reference.to_owned(),
        name: name.to_owned(),
        mime: [text(data, "mimetype"), text(data, "mime")].into_iter().find(|mime| !mime.is_empty()).unwrap_or_default().to_owned(),
        size: None,
        seconds: None,
    };
    (Kind::File, caption.to_owned(), vec![file])
}

/// A body fit to be read: some kinds have a small picture in it, as text.
fn readable(body: &str) -> &str {
    let picture = body.starts_with("/9j/") || body.starts_with("iVBORw0K") || (body.len() > 4_096 && !body.contains(' '));
    if picture { "" } else { body }
}

fn place(data: &Value) -> String {
    let location = some(data, "location").unwrap_or(data);
    let degrees = |names: [&str; 2]| {
        names.into_iter().map(|name| written(location, name)).find(|told| told.parse::<f64>().is_ok()).unwrap_or_else(|| "?".to_owned())
    };
    let (latitude, longitude) = (degrees(["latitude", "lat"]), degrees(["longitude", "lng"]));
    let named = ["description", "name", "address"].map(|name| text(location, name));
    let named = named.into_iter().find(|words| !words.is_empty()).unwrap_or_else(|| readable(text(data, "body")));
    format!("[location] {latitude}, {longitude} {named}").trim_end().to_owned()
}

/// Contact cards as lines a person reads: the names and numbers of the vCards.
fn cards(vcards: &str) -> String {
    let mut lines = Vec::new();
    for line in vcards.lines().map(str::trim) {
        let Some((field, value)) = line.split_once(':') else { continue };
        let field = field.split(';').next().unwrap_or_default().rsplit('.').next().unwrap_or_default();
        match field.to_ascii_uppercase().as_str() {
            "FN" => lines.push(format!("[contact] {value}")),
            "TEL" | "EMAIL" | "ORG" => match lines.last_mut() {
                Some(line) => *line = format!("{line}, {value}"),
                None => lines.push(format!("[contact] {value}")),
            },
            _ => {}
        }
    }
    if lines.is_empty() { "[contact]".to_owned() } else { lines.join("\n") }
}

/// The message it answers, and its words.
fn quoted(data: &Value) -> (Option<String>, String) {
    let Some(quoted) = some(data, "quotedMsg") else { return (None, String::new()) };
    let id = Some(written(quoted, "id")).filter(|id| !id.is_empty());
    (id, readable(text(quoted, "body")).to_owned())
}

/// How far a message of ours got. One that does not say which message it is about tells nothing.
fn acknowledged(event: &Value, data: &Value) -> Vec<Inbound> {
    let target = our_reference(event).map_or_else(|| written(data, "id"), |reference| self::reference(&reference));
    match state(&written(data, "ack")) {
        Some(state) if !target.is_empty() => vec![receipt(target, state, text(data, "reason"), Timestamp(0))],
        _ => Vec::new(),
    }
}

/// What an acknowledgement says; nothing while the message still waits.
pub(super) fn state(ack: &str) -> Option<Delivery> {
    match ack {
        "server" | "1" | "sent" => Some(Delivery::Sent),
        "device" | "2" | "delivered" => Some(Delivery::Delivered),
        "read" | "3" => Some(Delivery::Read),
        "played" | "4" => Some(Delivery::Played),
        "error" | "-1" => Some(Delivery::Failed),
        _ => None,
    }
}

fn receipt(target: String, state: Delivery, reason: &str, at: Timestamp) -> Inbound {
    let reason = match (state, reason) {
        (Delivery::Failed, "") => "the gateway could not send it and tells no reason".to_owned(),
        (_, reason) => reason.to_owned(),
    };
    // Our reference is the name that we gave it.
    let key = target.strip_prefix(REFERENCE).map_or("", |ours| ours.strip_prefix(NAME).unwrap_or(ours)).to_owned();
    Inbound::Receipt { chat: String::new(), target, key, state, reason, cause: Cause::Other, at }
}

fn reacted(data: &Value) -> Result<Vec<Inbound>, String> {
    let target = ["msgId", "reactionMsgId", "quotedMsgId"].into_iter().map(|name| written(data, name)).find(|id| !id.is_empty());
    let target = target.or_else(|| Some(written(&data["msg"], "id")).filter(|id| !id.is_empty()));
    let target = target.or_else(|| Some(written(data, "id")).filter(|id| !id.is_empty())).ok_or("the reaction names no message")?;
    let emoji = ["reaction", "emoji", "body"].into_iter().map(|name| text(data, name)).find(|emoji| !emoji.is_empty());
    let here = address(text(data, "from"));
    let by = some(data, "author").or_else(|| some(data, "senderId")).and_then(Value::as_str).map(address).filter(|by| !by.is_empty());
    let actor = match by {
        _ if is(data, "fromMe") => PHONE.to_owned(),
        Some(by) if is_group(&here) => by,
        _ => CUSTOMER.to_owned(),
    };
    let actor_name = text(data, "pushname").to_owned();
    let emoji = emoji.map(str::to_owned).into_iter().collect();
    Ok(vec![Inbound::Reacted { chat: String::new(), target, actor, actor_name, emoji, at: time(data) }])
}

/// Seconds since 1970; 0 when it does not say.
pub(super) fn time(data: &Value) -> Timestamp {
    let told = [int(data, "time"), int(data, "timestamp"), wire::written(data, "time").parse().unwrap_or_default()];
    told.into_iter().find(|secs| (1..100_000_000_000).contains(secs)).map_or(Timestamp(0), Timestamp::from_secs)
}
