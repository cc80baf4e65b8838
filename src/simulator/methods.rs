//! The methods of the Bot API by name, and what they have in common: finding the chat, refusing what cannot be reached.

use serde_json::{Value, json};

use super::wire::{ApiError, Params};
use super::world::{Author, Reach, State, business_connection};
use super::{ChatKey, ChatKind, change, polling, send};
use crate::domain::time::{Span, Timestamp};
use crate::simulator::ledger::{Act, Received};

/// One request, ready to be carried out.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) bot: i64,
    /// In lower case: the server takes any case.
    pub(super) method: &'a str,
    pub(super) params: &'a Params,
    /// Whether the bot will get the true answer.
    pub(super) answered: bool,
    pub(super) now: Timestamp,
}

/// Carries out any method but getUpdates.
pub(super) fn carry_out(state: &mut State, call: &Call<'_>) -> Result<Value, ApiError> {
    match call.method {
        "getme" => Ok(get_me(state, call)),
        "getchat" => get_chat(state, call),
        "getfile" => state.files.describe(call.bot, &call.params.text("file_id")),
        "sendmessage" => send::text(state, call),
        "sendlocation" => send::location(state, call),
        "sendmediagroup" => send::album(state, call),
        "editmessagetext" => change::edit(state, call, change::Words::Text),
        "editmessagecaption" => change::edit(state, call, change::Words::Caption),
        "deletemessage" => change::delete(state, call),
        "deletebusinessmessages" => change::delete_business(state, call),
        "getbusinessconnection" => get_business_connection(state, call),
        "setmessagereaction" => change::react(state, call),
        "sendchataction" => send_chat_action(state, call),
        "answercallbackquery" => answer_callback_query(state, call),
        "readbusinessmessage" => read_business_message(state, call),
        "setwebhook" | "deletewebhook" | "getwebhookinfo" => webhook(state, call),
        other => match send::file_kind(other) {
            Some((kind, field)) => send::file(state, call, kind, field),
            None => Err(ApiError::new(404, "Not Found: method not found")),
        },
    }
}

fn webhook(state: &mut State, call: &Call<'_>) -> Result<Value, ApiError> {
    let bot = state.bots.get_mut(&call.bot).ok_or_else(|| ApiError::new(401, "Unauthorized"))?;
    match call.method {
        "setwebhook" => polling::set_webhook(bot, call.params),
        "deletewebhook" => Ok(polling::delete_webhook(bot, call.params)),
        _ => Ok(polling::webhook_info(bot)),
    }
}

fn get_me(state: &State, call: &Call<'_>) -> Value {
    let mut me = state.bot_json(call.bot);
    me["can_join_groups"] = true.into();
    me["can_read_all_group_messages"] = true.into();
    me["supports_inline_queries"] = false.into();
    me["can_connect_to_business"] = true.into();
    me
}

fn get_chat(state: &State, call: &Call<'_>) -> Result<Value, ApiError> {
    let key = find_chat(state, call)?;
    if state.chats.get(&key).is_none_or(|chat| chat.reach == Reach::Unopened) {
        return Err(ApiError::bad("chat not found"));
    }
    let mut chat = state.chat_json(key);
    chat["accent_color_id"] = (key.id.rem_euclid(7)).into();
    chat["max_reaction_count"] = 11.into();
    Ok(chat)
}

fn send_chat_action(state: &mut State, call: &Call<'_>) -> Result<Value, ApiError> {
    const ACTIONS: [&str; 11] = [
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    ];
    let key = reachable(state, call)?;
    if !ACTIONS.contains(&call.params.text("action").as_str()) {
        return Err(ApiError::bad("wrong parameter action in request"));
    }
    let received = received(call, key, Act::Typing, 0, String::new());
    state.note_received(received);
    Ok(true.into())
}

fn answer_callback_query(state: &mut State, call: &Call<'_>) -> Result<Value, ApiError> {
    if state.buttons.remove(&call.params.text("callback_query_id")) {
        Ok(true.into())
    } else {
        Err(ApiError::bad("query is too old and response timeout expired or query ID is invalid"))
    }
}

/// The connection, when it was made.
fn get_business_connection(state: &State, call: &Call<'_>) -> Result<Value, ApiError> {
    let given = call.params.text("business_connection_id");
    let owner = state.bots.get(&call.bot).and_then(|bot| bot.business_of).filter(|_| given == business_connection(call.bot));
    owner.map(|(owner, since)| state.business_json(call.bot, owner, since)).ok_or_else(|| ApiError::bad("business connection not found"))
}

/// Works only for business chats that were active in the last 24 hours.
fn read_business_message(state: &mut State, call: &Call<'_>) -> Result<Value, ApiError> {
    if !call.params.given("business_connection_id") {
        return Err(ApiError::bad("business connection not found"));
    }
    let key = reachable(state, call)?;
    let message = call.params.int("message_id").unwrap_or(0);
    if state.stored(key, message).is_none_or(|stored| stored.by_bot) {
        return Err(ApiError::bad("message not found"));
    }
    let received = received(call, key, Act::Read, message, String::new());
    state.note_received(received);
    Ok(true.into())
}

/// The chat that `chat_id` names: a number, digits, or the `@name` of a supergroup or channel.
pub(super) fn find_chat(state: &State, call: &Call<'_>) -> Result<ChatKey, ApiError> {
    let business = call.params.given("business_connection_id");
    if business && call.params.text("business_connection_id") != business_connection(call.bot) {
        return Err(ApiError::bad("business connection not found"));
    }
    let text = call.params.text("chat_id");
    if text.is_empty() {
        return Err(ApiError::bad("chat_id is empty"));
    }
    if let Some(name) = text.strip_prefix('@') {
        let mut chats = state.chats.values().filter(|chat| chat.key.bot == call.bot && chat.kind != ChatKind::Private);
        let found = chats.find(|chat| chat.username.eq_ignore_ascii_case(name));
        return found.map(|chat| chat.key).ok_or_else(|| ApiError::bad("chat not found"));
    }
    let id = call.params.int("chat_id").ok_or_else(|| ApiError::bad("chat not found"))?;
    let key = ChatKey { bot: call.bot, id, business };
    match state.chats.contains_key(&key) {
        true => Ok(key),
        false if state.people.contains_key(&id) => Err(ApiError::forbidden("bot can't initiate conversation with a user")),
        false => Err(ApiError::bad("chat not found")),
    }
}

/// The chat that `chat_id` names, if the bot may write there now.
pub(super) fn reachable(state: &State, call: &Call<'_>) -> Result<ChatKey, ApiError> {
    let key = find_chat(state, call)?;
    let Some(chat) = state.chats.get(&key) else { return Err(ApiError::bad("chat not found")) };
    match chat.reach {
        Reach::Unopened => Err(ApiError::forbidden("bot can't initiate conversation with a user")),
        Reach::Blocked => Err(ApiError::forbidden("bot was blocked by the user")),
        Reach::Removed => Err(ApiError::forbidden(&format!("bot was kicked from the {} chat", chat.kind.name()))),
        Reach::Deactivated => Err(ApiError::forbidden("user is deactivated")),
        Reach::MovedTo(new) => Err(ApiError::moved(new)),
        Reach::Open if key.business && chat.last_written.is_none_or(|at| call.now.since(at) > Span::hours(24)) => {
            Err(ApiError::bad("BUSINESS_PEER_USAGE_MISSING"))
        }
        Reach::Open => Ok(key),
    }
}

/// The author of what a bot sends there: itself, or the channel.
pub(super) fn author(state: &State, key: ChatKey) -> Author {
    match state.chats.get(&key).map(|chat| chat.kind) {
        Some(ChatKind::Channel) => Author::Channel,
        _ => Author::Bot,
    }
}

/// A ledger entry for that call; file and reply are added by those who have them.
pub(super) fn received(call: &Call<'_>, chat: ChatKey, act: Act, message_id: i64, text: String) -> Received {
    let method = call.method.to_owned();
    let request = call.params.describe();
    Received { chat, act, message_id, method, text, reply_to: None, file: None, request, answered: call.answered, at: call.now }
}

/// Reactions as a list of objects.
pub(super) fn reaction_json(emoji: &[String]) -> Value {
    emoji.iter().map(|emoji| json!({"type": "emoji", "emoji": emoji})).collect()
}
