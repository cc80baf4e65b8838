//! One update as domain facts: pure, so that a stored payload can be read again at any time.
//!
//! Some updates do not say when they happened (a pressed button, a deletion in a business chat). Their facts have the time
//! `Timestamp(0)` here; whoever reads them puts the time of receipt in its place with `Item::dated`.
//! Updates of known kinds without a chat (inline queries, poll results, payments before checkout) have no thread to stand in and make no
//! facts. An unknown kind stands in the first chat it names; one that names none is an error, so that it is kept for somebody to look at.

use serde_json::Value;

use super::chat::{self, chat};
use super::message::{self, Place};
use super::wire::{self, int, list, name, some, text};
use crate::domain::inbound::{Chat, InMessage, Inbound, Item};
use crate::domain::message::{Direction, Kind};
use crate::domain::time::Timestamp;

/// What a stored update means.
pub fn map(key: &str, body: &str) -> Item {
    Item { key: key.to_owned(), body: body.to_owned(), events: events(key, body) }
}

/// `id` is what facts that are no message of Telegram's are told apart by: the payload's key, the same whenever it is read.
fn events(id: &str, body: &str) -> Result<Vec<Inbound>, String> {
    let update = wire::value(body).map_err(|error| format!("the update cannot be read as JSON: {error}"))?;
    let fields = update.as_object().ok_or("the update is not an object")?;
    let mut events = Vec::new();
    // An update has one kind; should a server send two, neither hides the other.
    for (kind, payload) in fields.iter().filter(|(kind, _)| *kind != "update_id") {
        match payload {
            Value::Object(_) => events.extend(facts(id, kind, payload)?),
            other if !other.is_null() && KINDS.contains(&kind.as_str()) => return Err(format!("the update's {kind} is not an object")),
            // A kind that is not in this update, or a mark beside it, which is no news of a chat.
            _ => {}
        }
    }
    Ok(events)
}

/// The kinds that are about a chat, each with its words in [`facts`].
const KINDS: [&str; 14] = [
    "message",
    "channel_post",
    "business_message",
    "edited_message",
    "edited_channel_post",
    "edited_business_message",
    "deleted_business_messages",
    "message_reaction",
    "message_reaction_count",
    "callback_query",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
    "business_connection",
];

/// The kinds that stand in no chat.
const CHATLESS: [&str; 8] = [
    "inline_query",
    "chosen_inline_result",
    "shipping_query",
    "pre_checkout_query",
    "purchased_paid_media",
    "poll",
    "poll_answer",
    "managed_bot",
];
/// How deep in an unknown kind a chat is looked for.
const DEPTH: usize = 3;

fn facts(id: &str, kind: &str, of: &Value) -> Result<Vec<Inbound>, String> {
    match kind {
        "message" => written(of, Place::Chat),
        "channel_post" => written(of, Place::Channel),
        "business_message" => written(of, Place::Business),
        "edited_message" => edited(of, Place::Chat),
        "edited_channel_post" => edited(of, Place::Channel),
        "edited_business_message" => edited(of, Place::Business),
        "deleted_business_messages" => deleted(of),
        "message_reaction" => reacted(of),
        "message_reaction_count" => reaction_count(of),
        "callback_query" => Ok(button(id, of)),
        "my_chat_member" => membership(id, of),
        "chat_member" => Ok(member(id, of)),
        "chat_join_request" => Ok(line(id, of, &of["from"], &format!("{} asks to join. {}", name(&of["from"]), text(of, "bio")))),
        "business_connection" => Ok(business_connection(id, of)),
        _ => unknown(id, kind, of),
    }
}

fn written(of: &Value, place: Place) -> Result<Vec<Inbound>, String> {
    let at = time(of);
    let moved = |from: i64, to: i64| Inbound::Moved { from: from.to_string(), to: to.to_string(), at };
    let here = of["chat"]["id"].as_i64();
    // Telegram tells a migration twice, in the old group and in the new one. The line about it stands in the new one only: message ids of
    // the two belong to different sequences and would collide in the joined thread.
    if let (Some(from), Some(to)) = (here, of["migrate_to_chat_id"].as_i64()) {
        return Ok(vec![moved(from, to)]);
    }
    let message = Inbound::Message(Box::new(message::message(of, place)?));
    match (of["migrate_from_chat_id"].as_i64(), here) {
        (Some(from), Some(to)) => Ok(vec![moved(from, to), message]),
        _ => Ok(vec![message]),
    }
}

fn edited(of: &Value, place: Place) -> Result<Vec<Inbound>, String> {
    let mut message = message::message(of, place)?;
    let at = some(of, "edit_date").and_then(Value::as_i64).map_or(message.at, Timestamp::from_secs);
    message.edited_at = Some(at);
    Ok(vec![Inbound::Edited(Box::new(message))])
}

fn deleted(of: &Value) -> Result<Vec<Inbound>, String> {
    let chat = chat::of_message(of).ok_or("the deletion names no chat")?;
    let targets = list(of, "message_ids").iter().filter_map(Value::as_i64).map(|id| id.to_string()).collect();
    Ok(vec![Inbound::Deleted { chat: chat.key, targets, at: Timestamp(0) }])
}

fn reacted(of: &Value) -> Result<Vec<Inbound>, String> {
    let actor = some(of, "user").or_else(|| some(of, "actor_chat")).unwrap_or(&Value::Null);
    let emoji = list(of, "new_reaction").iter().map(emoji).collect();
    let actor_key = actor["id"].as_i64().map(|id| id.to_string()).unwrap_or_default();
    reaction(of, actor_key, name(actor), emoji)
}

/// Reactions nobody is named for (in channels): the counts stand as one actor's.
fn reaction_count(of: &Value) -> Result<Vec<Inbound>, String> {
    let counted = |one: &Value| match int(one, "total_count") {
        0 | 1 => emoji(&one["type"]),
        count => format!("{} {count}", emoji(&one["type"])),
    };
    let emoji = list(of, "reactions").iter().map(counted).collect();
    reaction(of, "anonymous".to_owned(), "anonymous".to_owned(), emoji)
}

fn reaction(of: &Value, actor: String, actor_name: String, emoji: Vec<String>) -> Result<Vec<Inbound>, String> {
    let chat = of["chat"]["id"].as_i64().ok_or("the reaction names no chat")?.to_string();
    let target = of["message_id"].as_i64().ok_or("the reaction names no message")?.to_string();
    Ok(vec![Inbound::Reacted { chat, target, actor, actor_name, emoji, at: time(of) }])
}

fn emoji(reaction: &Value) -> String {
    match text(reaction, "type") {
        "custom_emoji" => "custom".to_owned(),
        "paid" => "⭐".to_owned(),
        _ => text(reaction, "emoji").to_owned(),
    }
}

/// A pressed button is the customer's word. Buttons of messages sent in other chats (`inline_message_id`) belong to no thread.
fn button(id: &str, of: &Value) -> Vec<Inbound> {
    let message = &of["message"];
    let Some(chat) = chat(&message["chat"], &of["from"], text(message, "business_connection_id")) else { return Vec::new() };
    let said = format!("pressed \"{}\"", message::pressed(of));
    let mut line = bare(chat, format!("update:{id}"), &of["from"], Timestamp(0), said);
    line.direction = Direction::In;
    line.reply_to = message["message_id"].as_i64().map(|id| id.to_string());
    vec![Inbound::Message(Box::new(line))]
}

/// Our own standing changed: blocked or unblocked by a customer, added to or removed from a group.
fn membership(id: &str, of: &Value) -> Result<Vec<Inbound>, String> {
    let chat = chat(&of["chat"], &of["from"], "").ok_or("the membership names no chat")?;
    let (was, is) = (present(&of["old_chat_member"]), present(&of["new_chat_member"]));
    let reachable = is && of["new_chat_member"]["can_send_messages"] != false;
    let mut events = vec![Inbound::Reachable { chat: Box::new(chat), reachable, at: time(of) }];
    let who = name(&of["from"]);
    let said = match (was, is) {
        (false, true) => format!("{who} added the bot"),
        (true, false) => format!("{who} removed the bot"),
        _ => format!("{who} changed the bot's rights"),
    };
    if text(&of["chat"], "type") != "private" {
        events.extend(line(id, of, &of["from"], &said));
    }
    Ok(events)
}

fn member(id: &str, of: &Value) -> Vec<Inbound> {
    let user = &of["new_chat_member"]["user"];
    let (who, whom) = (name(&of["from"]), name(user));
    let themselves = of["from"]["id"] == user["id"];
    let said = match (present(&of["old_chat_member"]), present(&of["new_chat_member"])) {
        (false, true) if themselves => format!("{whom} joined"),
        (false, true) => format!("{who} added {whom}"),
        (true, false) if themselves => format!("{whom} left"),
        (true, false) => format!("{who} removed {whom}"),
        _ => format!("{who} changed the rights of {whom}"),
    };
    line(id, of, &of["from"], &said)
}

/// Whether a `ChatMember` is in the chat.
fn present(member: &Value) -> bool {
    match text(member, "status") {
        "" | "left" | "kicked" => false,
        "restricted" => member["is_member"] == true,
        _ => true,
    }
}

/// Told in the bot's chat with the owner of the business account.
fn business_connection(id: &str, of: &Value) -> Vec<Inbound> {
    let Some(mut chat) = chat(&of["user"], &of["user"], "") else { return Vec::new() };
    if let Some(id) = of["user_chat_id"].as_i64() {
        chat.key = id.to_string();
    }
    let what = if of["is_enabled"] == true { "connected the bot to" } else { "disconnected the bot from" };
    let said = format!("{} {what} their business account", name(&of["user"]));
    vec![Inbound::Message(Box::new(bare(chat, format!("update:{id}"), &of["user"], time(of), said)))]
}

/// A kind of update this version does not know, shown when there is a chat to show it in. With an author it counts as a customer's
/// message, so that somebody looks.
fn unknown(id: &str, kind: &str, of: &Value) -> Result<Vec<Inbound>, String> {
    if CHATLESS.contains(&kind) {
        return Ok(Vec::new());
    }
    let around = around_chat(of, DEPTH);
    let Some((around, chat)) = around.and_then(|around| Some((around, chat::of_message(around)?))) else {
        return Err(format!("this version does not know updates of the kind {kind:?}, and this one names no chat to show it in"));
    };
    let (user, said) = (&around["from"], text(around, "text"));
    let mut line = bare(chat, format!("update:{id}"), user, time(around), format!("[unsupported: {kind}] {said}").trim_end().to_owned());
    line.kind = Kind::Unsupported;
    if user.is_object() {
        line.direction = Direction::In;
    }
    Ok(vec![Inbound::Message(Box::new(line))])
}

/// The outermost object that has a chat.
fn around_chat(of: &Value, depth: usize) -> Option<&Value> {
    if of["chat"]["id"].is_i64() {
        return Some(of);
    }
    let inner = of.as_object().filter(|_| depth > 0)?;
    inner.values().find_map(|value| around_chat(value, depth - 1))
}

/// A line of the system in the chat an update names; nothing when it names none.
fn line(id: &str, of: &Value, user: &Value, said: &str) -> Vec<Inbound> {
    let Some(chat) = chat(&of["chat"], user, "") else { return Vec::new() };
    vec![Inbound::Message(Box::new(bare(chat, format!("update:{id}"), user, time(of), said.trim_end().to_owned())))]
}

fn bare(chat: Chat, external_id: String, user: &Value, at: Timestamp, text: String) -> InMessage {
    InMessage {
        chat,
        external_id,
        direction: Direction::System,
        kind: Kind::Service,
        author_key: user["id"].as_i64().map(|id| id.to_string()).unwrap_or_default(),
        author: name(user),
        text,
        at,
        seq: 0,
        edited_at: None,
        reply_to: None,
        quote: String::new(),
        forwarded_from: String::new(),
        album: String::new(),
        past: false,
        files: Vec::new(),
    }
}

fn time(of: &Value) -> Timestamp {
    Timestamp::from_secs(int(of, "date"))
}
