//! One `Message` of the Bot API as a domain message: where, who, when, answering what; its words and files come from `words`.

use serde_json::Value;

use super::chat;
use super::wire::{int, list, name, some, text};
use super::words::{self, Content};
use crate::domain::inbound::InMessage;
use crate::domain::message::Direction;
use crate::domain::time::Timestamp;

/// Which of the update's fields a message came in; they differ in who writes there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A private chat or a group the bot is in.
    Chat,
    /// A channel the bot is an administrator of.
    Channel,
    /// A private chat of a business account the bot is connected to.
    Business,
}

/// Reads a message; an error when it does not say where it belongs.
pub(super) fn message(of: &Value, place: Place) -> Result<InMessage, String> {
    let id = of["message_id"].as_i64().ok_or("the message has no message_id")?;
    let chat = chat::of_message(of).ok_or("the message has no chat")?;
    let content = words::content(of);
    let (reply_to, quote) = answered(of);
    Ok(InMessage {
        chat,
        external_id: id.to_string(),
        direction: direction(of, place, &content),
        kind: content.kind,
        author_key: author_key(of),
        author: author(of),
        text: content.text,
        at: Timestamp::from_secs(int(of, "date")),
        seq: id,
        edited_at: None,
        reply_to,
        quote,
        forwarded_from: forwarded_from(of),
        album: text(of, "media_group_id").to_owned(),
        past: false,
        files: content.files,
    })
}

/// In a business chat everybody but the customer is us; in a channel a bot is (the channel's own posts are news from outside).
fn direction(of: &Value, place: Place, content: &Content) -> Direction {
    let from = &of["from"];
    let ours = match place {
        Place::Chat => false,
        Place::Channel => from["is_bot"] == true,
        Place::Business => {
            some(of, "sender_business_bot").is_some() || from["id"].as_i64().is_some_and(|id| Some(id) != of["chat"]["id"].as_i64())
        }
    };
    match (content.event, ours) {
        (true, _) => Direction::System,
        (false, true) => Direction::Out,
        (false, false) => Direction::In,
    }
}

/// Who speaks: a chat (anonymous administrator, channel) before the user that Telegram puts in its place.
fn speaker(of: &Value) -> &Value {
    some(of, "sender_chat").or_else(|| some(of, "from")).unwrap_or(&of["chat"])
}

fn author_key(of: &Value) -> String {
    speaker(of)["id"].as_i64().map(|id| id.to_string()).unwrap_or_default()
}

fn author(of: &Value) -> String {
    let mut author = name(speaker(of));
    let mut add = |note: &str| {
        author.push_str(" (");
        author.push_str(note);
        author.push(')');
    };
    match text(of, "author_signature") {
        "" => {}
        signature => add(signature),
    }
    match text(&of["via_bot"], "username") {
        "" => {}
        bot => add(&format!("via @{bot}")),
    }
    author
}

/// The message this one answers, and the words of it that came along. In a forum every message "answers" the one that opened its topic,
/// which nobody meant.
fn answered(of: &Value) -> (Option<String>, String) {
    let part = text(&of["quote"], "text");
    let quoted = |whole: String| if part.is_empty() { whole } else { part.to_owned() };
    if let Some(target) = some(of, "reply_to_message").filter(|target| some(target, "forum_topic_created").is_none()) {
        let id = target["message_id"].as_i64().map(|id| id.to_string());
        return (id, quoted(if int(target, "date") == 0 { String::new() } else { words::summary(target) }));
    }
    if let Some(elsewhere) = some(of, "external_reply") {
        let from = origin(&elsewhere["origin"]);
        let said = match words::summary(elsewhere) {
            nothing if nothing.starts_with("[unsupported") => String::new(),
            said => said,
        };
        let whole = if said.is_empty() { from } else { format!("{from}: {said}") };
        return (None, quoted(whole));
    }
    if let Some(story) = some(of, "reply_to_story") {
        return (None, format!("[story] {}", name(&story["chat"])));
    }
    (None, part.to_owned())
}

/// Where it was forwarded from, by today's field and by the ones before Bot API 7.0.
fn forwarded_from(of: &Value) -> String {
    if let Some(from) = some(of, "forward_origin") {
        return origin(from);
    }
    let old = ["forward_from_chat", "forward_from"].into_iter().find_map(|field| some(of, field));
    match (old, text(of, "forward_sender_name")) {
        (Some(from), _) => signed(name(from), text(of, "forward_signature")),
        (None, hidden) => hidden.to_owned(),
    }
}

/// A `MessageOrigin` in words.
fn origin(of: &Value) -> String {
    let from = ["sender_user", "sender_chat", "chat"].into_iter().find_map(|field| some(of, field));
    match from {
        Some(from) => signed(name(from), text(of, "author_signature")),
        None => text(of, "sender_user_name").to_owned(),
    }
}

fn signed(name: String, signature: &str) -> String {
    if signature.is_empty() { name } else { format!("{name} ({signature})") }
}

/// What the pressed button said: its label when the message with the keyboard came along, else the data behind it.
pub(super) fn pressed(query: &Value) -> String {
    let data = [text(query, "data"), text(query, "game_short_name")].into_iter().find(|data| !data.is_empty()).unwrap_or_default();
    let rows = list(&query["message"]["reply_markup"], "inline_keyboard");
    let mut buttons = rows.iter().flat_map(|row| row.as_array().into_iter().flatten());
    let label = buttons.find(|button| text(button, "callback_data") == data && !data.is_empty()).map(|button| text(button, "text"));
    label.unwrap_or(data).to_owned()
}
