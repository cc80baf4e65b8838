//! Asking the gateway, for when its webhook does not reach us (and as a second look when it does): which chats had news, their messages, and
//! what became of ours. Overlaps with earlier looks and with the webhook are harmless.
//!
//! The cursor is the newest time seen in any chat. A look goes back a little further, because messages may become visible late.

use serde_json::{Value, json};

use super::api::{Api, CallError, trouble};
use super::map::{self, facts};
use super::wire::{address, int, is, list, some, text, written};
use crate::channel::ReceiveError;
use crate::domain::delivery::Delivery;
use crate::domain::inbound::{Batch, Item};
use crate::domain::time::{Span, Timestamp};

/// How much further back than the cursor a look goes, in seconds.
const OVERLAP: i64 = 600;
/// How far back the first look goes, in seconds.
const BEGINNING: i64 = 24 * 3_600;
/// Messages of a chat asked for at once. More than so many in one chat between two looks come in later looks only if the webhook brings them.
const PAGE: &str = "200";
/// Our messages asked for by each state.
const OURS: &str = "100";

/// One look.
pub(super) async fn look(api: &Api, cursor: Option<&str>, now: Timestamp) -> Result<Batch, ReceiveError> {
    let newest = cursor.and_then(|cursor| cursor.parse::<i64>().ok()).filter(|secs| *secs > 0);
    let since = newest.map_or(now.secs() - BEGINNING, |newest| newest - OVERLAP);
    let chats = api.get("chats", &[]).await.map_err(trouble)?;
    let Some(chats) = rows(&chats, "chats") else {
        return Err(ReceiveError::Unavailable("the gateway's answer holds no list of chats".to_owned()));
    };
    let (mut items, mut reached) = (Vec::new(), newest.unwrap_or_default());
    for chat in chats {
        let at = last_news(chat);
        let id = address(text(chat, "id"));
        // Without a time a chat is looked into every time.
        if id.is_empty() || at.is_some_and(|at| at < since) {
            continue;
        }
        let messages = api.get("chats/messages", &[("chatId", &id), ("limit", PAGE)]).await.map_err(trouble)?;
        for message in rows(&messages, "messages").unwrap_or_default() {
            let at = map::time(message).secs();
            // A clock that runs ahead must not make us skip what comes next.
            reached = reached.max(at.min(now.secs()));
            if at == 0 || at >= since {
                items.extend(said(message, &id, text(chat, "name")));
            }
        }
    }
    for status in ["sent", "unsent", "invalid", "expired"] {
        match api.get("messages", &[("status", status), ("page", "1"), ("limit", OURS)]).await {
            Ok(ours) => items.extend(rows(&ours, "messages").unwrap_or_default().iter().filter_map(|message| fate(message, status))),
            // What became of ours can wait; the webhook tells it, too.
            Err(CallError::Refused(problem)) => tracing::debug!(problem, "the gateway does not tell what became of our messages"),
            Err(error) => return Err(trouble(error)),
        }
    }
    let cursor = (Some(reached) != newest && reached > 0).then(|| reached.to_string());
    Ok(Batch { items, cursor, caught_up: true })
}

/// A list that comes bare or under a name.
fn rows<'a>(answer: &'a Value, name: &str) -> Option<&'a [Value]> {
    answer.as_array().map(Vec::as_slice).or_else(|| answer[name].as_array().map(|_| list(answer, name)))
}

fn last_news(chat: &Value) -> Option<i64> {
    ["last_time", "timestamp", "time"]
        .into_iter()
        .map(|name| int(chat, name).max(written(chat, name).parse().unwrap_or_default()))
        .find(|at| *at > 0)
}

/// A message of a chat as the webhook would have told it. Our own that carry no reference of ours are left out: whether they are replies of ours
/// or were written on the phone cannot be known from here, and a reply must not stand there twice.
fn said(message: &Value, chat: &str, name: &str) -> Option<Item> {
    let id = written(message, "id");
    let reference = written(message, "referenceId");
    let own = is(message, "fromMe") || id.starts_with("true_");
    if own && !map::is_ours(&reference) {
        return None;
    }
    let mut data = message.clone();
    if some(&data, if own { "to" } else { "from" }).is_none() {
        data[if own { "to" } else { "from" }] = chat.into();
    }
    if super::wire::is_group(chat) && !name.is_empty() {
        data["chatName"] = name.into();
    }
    let kind = if own { "message_create" } else { "message_received" };
    let event = json!({ "event_type": kind, "referenceId": reference, "data": data });
    // How far it got is told otherwise; a message does not become another by it.
    let key = if id.is_empty() { format!("m:{}:{}", written(message, "time"), written(message, "from")) } else { format!("m:{id}") };
    Some(Item { key, events: facts(&event), body: event.to_string() })
}

/// What became of a message of ours. Messages other programs sent through the instance are none of ours.
fn fate(message: &Value, status: &str) -> Option<Item> {
    let reference = written(message, "referenceId");
    if !map::is_ours(&reference) {
        return None;
    }
    let ack = written(message, "ack");
    let (state, reason) = match status {
        "sent" => (map::state(&ack).unwrap_or(Delivery::Sent), ""),
        "unsent" => (Delivery::Failed, "the gateway could not send it"),
        "invalid" => (Delivery::Failed, "the number is wrong or not on WhatsApp"),
        _ => (Delivery::Failed, "the phone was not connected for a day, and the gateway gave up"),
    };
    let told = if state == Delivery::Failed { "error" } else { state.name() };
    let event = json!({ "event_type": "message_ack", "referenceId": reference, "data": { "ack": told, "reason": reason } });
    Some(Item { key: format!("q:{reference}:{status}:{ack}"), body: event.to_string(), events: facts(&event) })
}

/// How long it takes until the next look is due.
pub(super) const PAUSE: Span = Span::secs(30);
