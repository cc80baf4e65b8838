//! Asking the gateway, for when its webhook does not reach us (and as a second look when it does): which chats had news, their messages, and
//! what became of ours. Overlaps with earlier looks and with the webhook are harmless.
//!
//! The cursor is the time of the last news of each chat: a phone that was off catches up chat by chat, with messages as old as they are, so
//! what one chat told says nothing of another. A look goes back further than that, because messages may become visible late.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::api::{Api, CallError, broken, trouble};
use super::map::{self, facts};
use super::wire::{address, int, is, list, some, text, written};
use crate::channel::ReceiveError;
use crate::domain::delivery::Delivery;
use crate::domain::inbound::{Batch, Item};
use crate::domain::time::{Span, Timestamp};

/// A chat with news as young as this, in seconds, is asked again: its list of messages may lag behind.
const LAG: i64 = 600;
/// How much further back than a chat's last news its messages are taken, and how far back the first look goes, in seconds.
const OVERLAP: i64 = 24 * 3_600;
/// What is older is forgotten, in seconds: WhatsApp itself keeps for thirty days what it could not hand over.
const MEMORY: i64 = 30 * 24 * 3_600;
/// Messages of a chat asked for at once.
const PAGE: usize = 200;
/// Messages of a chat asked for when so many are new that a page holds no older one; the gateway gives no more.
const MOST: usize = 1_000;
/// Our messages asked for by each state.
const OURS: &str = "100";

/// How far earlier looks came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Cursor {
    /// What was said before is not taken in, in seconds.
    begun: i64,
    /// The time of each chat's last news, in seconds.
    chats: BTreeMap<String, i64>,
}

impl Cursor {
    /// The cursor as it was stored; earlier versions knew one time for all chats.
    fn read(stored: Option<&str>, now: i64) -> Self {
        let stored = stored.unwrap_or_default();
        let mut cursor = match (serde_json::from_str::<Self>(stored), stored.parse::<i64>()) {
            (Ok(cursor), _) => cursor,
            (_, Ok(newest)) if newest > 0 => Self { begun: newest - OVERLAP, ..Self::default() },
            _ => Self { begun: now - OVERLAP, ..Self::default() },
        };
        // Not at every look: the cursor is written down whenever it changes.
        if cursor.begun < now - MEMORY - OVERLAP {
            cursor.begun = now - MEMORY;
            cursor.chats.retain(|_, at| *at >= now - MEMORY);
        }
        cursor
    }

    /// Whether a chat may hold what was not seen yet. Without a time it is looked into every time.
    fn wants(&self, id: &str, at: Option<i64>, now: i64) -> bool {
        let Some(at) = at else { return !id.is_empty() };
        !id.is_empty() && (at >= now - LAG || self.chats.get(id).map_or(at >= self.begun, |known| *known != at))
    }
}

/// What a look brought, and what cut it short.
pub(super) type Seen = (Batch, Option<ReceiveError>);

/// One look. One that is cut short on its way keeps what it has, so that the next one does not begin from the start.
pub(super) async fn look(api: &Api, cursor: Option<&str>, now: Timestamp) -> Result<Seen, ReceiveError> {
    let mut look = Look { api, now: now.secs(), reached: Cursor::read(cursor, now.secs()), items: Vec::new() };
    let short = match look.at_chats().await {
        Ok(()) => look.at_ours().await.err(),
        Err(error) => Some(error),
    };
    let cursor = serde_json::to_string(&look.reached).ok().filter(|reached| Some(reached.as_str()) != cursor);
    match short.map(trouble) {
        Some(error) if look.items.is_empty() => Err(error),
        short => Ok((Batch { items: look.items, cursor, caught_up: short.is_none() }, short)),
    }
}

/// A look under way.
struct Look<'a> {
    api: &'a Api,
    now: i64,
    reached: Cursor,
    items: Vec<Item>,
}

impl Look<'_> {
    async fn at_chats(&mut self) -> Result<(), CallError> {
        let chats = self.api.get("chats", &[]).await?;
        let chats = rows(&chats, "chats").ok_or_else(|| no_list("chats"))?;
        let wanted = chats.iter().filter(|chat| self.reached.wants(&address(text(chat, "id")), last_news(chat), self.now));
        let mut wanted: Vec<&Value> = wanted.collect();
        // What is only looked at once more comes last, should the gateway have enough of us before.
        wanted.sort_by_key(|chat| self.reached.chats.get(&address(text(chat, "id"))).copied() == last_news(chat));
        for chat in wanted {
            match self.at_chat(chat).await {
                // A list of news, somebody who left, a hidden number: its time stays, and the others are none the worse.
                Err(CallError::Refused(problem)) => tracing::warn!(problem, "the gateway does not show a chat"),
                Err(CallError::Unknown) => tracing::warn!("the gateway does not know a chat that it lists"),
                seen => seen?,
            }
        }
        Ok(())
    }

    async fn at_chat(&mut self, chat: &Value) -> Result<(), CallError> {
        let (id, at) = (address(text(chat, "id")), last_news(chat));
        // A clock that runs ahead must not make us skip what comes next.
        let known = self.reached.chats.get(&id).map_or(self.reached.begun, |known| (*known).min(self.now));
        let messages = messages(self.api, &id, known).await?;
        let since = (known - OVERLAP).max(self.reached.begun);
        let newest = at.or_else(|| messages.iter().map(|message| map::time(message).secs()).max().filter(|at| *at > 0));
        let fresh = messages.iter().filter(|message| !(1..since).contains(&map::time(message).secs()));
        self.items.extend(fresh.filter_map(|message| said(message, &id, text(chat, "name"))));
        self.reached.chats.extend(newest.filter(|at| *at >= self.reached.begun).map(|at| (id, at)));
        Ok(())
    }

    async fn at_ours(&mut self) -> Result<(), CallError> {
        for status in ["sent", "unsent", "invalid", "expired"] {
            match self.api.get("messages", &[("status", status), ("page", "1"), ("limit", OURS)]).await {
                Ok(ours) => {
                    let ours = rows(&ours, "messages").ok_or_else(|| no_list("messages"))?;
                    self.items.extend(ours.iter().filter_map(|message| fate(message, status)));
                }
                // What became of ours can wait; the webhook tells it, too.
                Err(CallError::Refused(problem)) => tracing::debug!(problem, "the gateway does not tell what became of our messages"),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn no_list(what: &str) -> CallError {
    broken(format!("the gateway's answer holds no list of {what}"))
}

/// The newest messages of a chat; more of them when a page does not reach back to what is known.
async fn messages(api: &Api, id: &str, known: i64) -> Result<Vec<Value>, CallError> {
    let few = page(api, id, PAGE).await?;
    if reaches(&few, PAGE, known) {
        return Ok(few);
    }
    let many = page(api, id, MOST).await?;
    if !reaches(&many, MOST, known) {
        tracing::warn!("the gateway shows no more than the newest {MOST} messages of a chat, and older ones were not seen yet");
    }
    Ok(many)
}

async fn page(api: &Api, id: &str, limit: usize) -> Result<Vec<Value>, CallError> {
    let answer = api.get("chats/messages", &[("chatId", id), ("limit", &limit.to_string())]).await?;
    Ok(rows(&answer, "messages").ok_or_else(|| no_list("messages"))?.to_vec())
}

/// Whether a chat has no more messages than these, or the oldest of them is known.
fn reaches(messages: &[Value], limit: usize, known: i64) -> bool {
    messages.len() < limit || messages.iter().any(|message| map::time(message).secs() < known)
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
