//! Methods that change messages: new words, taken away, reacted to.

use serde_json::Value;

use super::ledger::Act;
use super::methods::{Call, reachable, reaction_json, received};
use super::send::{CAPTION_LIMIT, TEXT_LIMIT, words};
use super::wire::ApiError;
use super::world::{Chat, State, business_connection};
use crate::domain::time::{Span, Timestamp};

/// How long a message can be deleted.
const DELETABLE: Span = Span::hours(48);

/// The emoji a reaction may be.
const REACTIONS: [&str; 73] = [
    "❤",
    "👍",
    "👎",
    "🔥",
    "🥰",
    "👏",
    "😁",
    "🤔",
    "🤯",
    "😱",
    "🤬",
    "😢",
    "🎉",
    "🤩",
    "🤮",
    "💩",
    "🙏",
    "👌",
    "🕊",
    "🤡",
    "🥱",
    "🥴",
    "😍",
    "🐳",
    "❤‍🔥",
    "🌚",
    "🌭",
    "💯",
    "🤣",
    "⚡",
    "🍌",
    "🏆",
    "💔",
    "🤨",
    "😐",
    "🍓",
    "🍾",
    "💋",
    "🖕",
    "😈",
    "😴",
    "😭",
    "🤓",
    "👻",
    "👨‍💻",
    "👀",
    "🎃",
    "🙈",
    "😇",
    "😨",
    "🤝",
    "✍",
    "🤗",
    "🫡",
    "🎅",
    "🎄",
    "☃",
    "💅",
    "🤪",
    "🗿",
    "🆒",
    "💘",
    "🙉",
    "🦄",
    "😘",
    "💊",
    "🙊",
    "😎",
    "👾",
    "🤷‍♂",
    "🤷",
    "🤷‍♀",
    "😡",
];

/// What an edit replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Words {
    Text,
    Caption,
}

/// editMessageText and editMessageCaption.
pub(super) fn edit(state: &mut State, call: &Call<'_>, what: Words) -> Result<Value, ApiError> {
    let key = reachable(state, call)?;
    let (field, limit) = match what {
        Words::Text => ("text", TEXT_LIMIT),
        Words::Caption => ("caption", CAPTION_LIMIT),
    };
    let text = words(call.params, field, limit)?;
    let id = call.params.int("message_id").unwrap_or(0);
    let stored = state.stored_mut(key, id).ok_or_else(|| ApiError::bad("message to edit not found"))?;
    if !stored.by_bot {
        return Err(ApiError::bad("message can't be edited"));
    }
    let is_text = stored.json.get("text").is_some();
    match what {
        Words::Text if !is_text => return Err(ApiError::bad("there is no text in the message to edit")),
        Words::Text if text.trim().is_empty() => return Err(ApiError::bad("message text is empty")),
        Words::Caption if is_text => return Err(ApiError::bad("there is no caption in the message to edit")),
        _ => {}
    }
    if stored.json[field].as_str().unwrap_or_default() == text {
        return Err(ApiError::bad(
            "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply \
             markup of the message",
        ));
    }
    stored.json[field] = text.clone().into();
    stored.json["edit_date"] = call.now.secs().into();
    let message = stored.json.clone();
    let entry = received(call, key, Act::Edit, id, text);
    state.note_received(entry);
    Ok(message)
}

/// The method deleteMessage.
pub(super) fn delete(state: &mut State, call: &Call<'_>) -> Result<Value, ApiError> {
    let key = reachable(state, call)?;
    let id = call.params.int("message_id").unwrap_or(0);
    let stored = state.stored(key, id).ok_or_else(|| ApiError::bad("message to delete not found"))?;
    let written = Timestamp::from_secs(stored.json["date"].as_i64().unwrap_or(0));
    if call.now.since(written) > DELETABLE {
        return Err(ApiError::bad("message can't be deleted for everyone"));
    }
    if let Some(chat) = state.chats.get_mut(&key) {
        chat.messages.remove(&id);
    }
    let entry = received(call, key, Act::Delete, id, String::new());
    state.note_received(entry);
    Ok(true.into())
}

/// The method deleteBusinessMessages: up to a hundred messages of one chat, which is found by them.
pub(super) fn delete_business(state: &mut State, call: &Call<'_>) -> Result<Value, ApiError> {
    if call.params.text("business_connection_id") != business_connection(call.bot) {
        return Err(ApiError::bad("business connection not found"));
    }
    let ids: Vec<i64> = match call.params.json("message_ids") {
        Some(Value::Array(ids)) if (1..=100).contains(&ids.len()) => ids.iter().filter_map(Value::as_i64).collect(),
        _ => return Err(ApiError::bad("message identifiers are not specified")),
    };
    let ours = |chat: &&mut Chat| chat.key.business && chat.key.bot == call.bot && ids.iter().all(|id| chat.messages.contains_key(id));
    let Some(chat) = state.chats.values_mut().find(ours) else { return Err(ApiError::bad("message to delete not found")) };
    chat.messages.retain(|id, _| !ids.contains(id));
    let key = chat.key;
    for id in ids {
        let entry = received(call, key, Act::Delete, id, String::new());
        state.note_received(entry);
    }
    Ok(true.into())
}

/// The method setMessageReaction. A bot sets one reaction or none.
pub(super) fn react(state: &mut State, call: &Call<'_>) -> Result<Value, ApiError> {
    let key = reachable(state, call)?;
    let id = call.params.int("message_id").unwrap_or(0);
    if state.stored(key, id).is_none() {
        return Err(ApiError::bad("message to react not found"));
    }
    let wanted = match call.params.json("reaction") {
        Some(Value::Array(list)) => list,
        _ => Vec::new(),
    };
    let emoji: Vec<String> = wanted.iter().filter_map(|reaction| reaction["emoji"].as_str().map(str::to_owned)).collect();
    if emoji.len() != wanted.len() || emoji.iter().any(|emoji| !REACTIONS.contains(&emoji.as_str())) {
        return Err(ApiError::bad("REACTION_INVALID"));
    }
    if emoji.len() > 1 {
        return Err(ApiError::bad("REACTIONS_TOO_MANY"));
    }
    let mut entry = received(call, key, Act::Reaction, id, emoji.concat());
    entry.request["reaction"] = reaction_json(&emoji);
    state.note_received(entry);
    Ok(true.into())
}
