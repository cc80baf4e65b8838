//! One payload as domain facts: pure, so that a stored one can be read again at any time.
//!
//! A payload is one change of a webhook's body cut down to one message, status or other event, with what it needs to be understood alone:
//! `{"field": …, "value": {"metadata": …, "contacts": [one], "messages": [one]}}`. `read` does the cutting.
//!
//! Ids of messages (wamids) are unique over all chats of a number, and statuses, quotes and reactions name a chat by whichever of its keys
//! they like, so facts about a message name no chat at all.

use serde_json::Value;

use super::chat::{self, Who};
use super::words::{self, Content};
use super::{api, errors};
use crate::channel::json::{self, list, some, text, written};
use crate::domain::delivery::Delivery;
use crate::domain::inbound::{Cause, Chat, InMessage, Inbound, Item};
use crate::domain::message::{Direction, Kind};
use crate::domain::time::Timestamp;

/// In chats with one person there are two who can react, whatever ids they have at the moment.
const CUSTOMER: &str = "customer";
const PHONE: &str = "phone";

/// What a stored payload means.
pub fn map(key: &str, body: &str) -> Item {
    let events =
        json::value(body).map_err(|error| format!("the payload cannot be read as JSON: {error}")).and_then(|payload| facts(&payload));
    Item { key: key.to_owned(), body: body.to_owned(), events }
}

/// What a payload means.
pub(super) fn facts(payload: &Value) -> Result<Vec<Inbound>, String> {
    let value = &payload["value"];
    if !value.is_object() {
        return Err("the payload has no value".to_owned());
    }
    let mut facts = Vec::new();
    for status in list(value, "statuses") {
        facts.push(receipt(status)?);
    }
    for message in list(value, "messages") {
        facts.extend(received(value, message)?);
    }
    for echo in list(value, "message_echoes") {
        facts.extend(echoed(value, echo)?);
    }
    for part in list(value, "history") {
        for thread in list(part, "threads") {
            for message in list(thread, "messages") {
                facts.extend(remembered(value, thread, message)?);
            }
        }
    }
    for preference in list(value, "user_preferences") {
        facts.extend(preferred(value, preference)?);
    }
    for update in list(value, "user_id_update") {
        facts.extend(renamed(update));
    }
    if text(payload, "field").starts_with("message_template_") {
        facts.push(Inbound::TemplatesChanged { at: Timestamp(0) });
    }
    // Errors that ride along with a message are told there; alone they are about the account, and somebody has to see them.
    match list(value, "errors").first().filter(|_| facts.is_empty()) {
        Some(error) => Err(format!("WhatsApp reports: {}", errors::explain(api::code(error), &api::words(error)))),
        None => Ok(facts),
    }
}

fn receipt(status: &Value) -> Result<Inbound, String> {
    let target = written(status, "id");
    if target.is_empty() {
        return Err("the status names no message".to_owned());
    }
    let at = time(status);
    let state = match text(status, "status") {
        "sent" => Delivery::Sent,
        "delivered" => Delivery::Delivered,
        "read" => Delivery::Read,
        "played" => Delivery::Played,
        "failed" => Delivery::Failed,
        "deleted" => return Ok(Inbound::Deleted { chat: String::new(), targets: vec![target], at }),
        other => return Err(format!("this version does not know the status {other:?}")),
    };
    let failed = state == Delivery::Failed;
    let told = list(status, "errors").iter().filter(|_| failed);
    let reasons: Vec<String> = told.map(|error| errors::explain(api::code(error), &api::words(error))).collect();
    let reason =
        if failed && reasons.is_empty() { "WhatsApp did not deliver it and tells no reason".to_owned() } else { reasons.join("; ") };
    let causes = list(status, "errors").iter().filter(|_| failed).map(|error| errors::cause(api::code(error)));
    let cause = causes.into_iter().find(|cause| *cause != Cause::Other).unwrap_or_default();
    let key = written(status, "biz_opaque_callback_data");
    Ok(Inbound::Receipt { chat: String::new(), target, key, state, reason, cause, at })
}

/// Where a message stands and who is behind it.
struct Place {
    chat: Chat,
    direction: Direction,
    author_key: String,
    author: String,
}

/// A message of a customer.
fn received(value: &Value, message: &Value) -> Result<Vec<Inbound>, String> {
    let told = Who::new(&written(message, "from_user_id"), &written(message, "from"));
    let contact = chat::contact(value, &told);
    let who = chat::complete(told, contact);
    if text(message, "type") == "system" {
        return system(message, &who, contact);
    }
    let author_key = who.key().unwrap_or_default();
    let group = written(message, "group_id");
    let chat = if group.is_empty() { who.chat(contact) } else { Some(chat::group(&group)) };
    let chat = chat.ok_or("the message names nobody it could be from")?;
    let place = Place { chat, direction: Direction::In, author_key, author: chat::name(contact) };
    happened(message, place)
}

/// A message that one of us wrote on the telephone the business number also lives on.
fn echoed(value: &Value, message: &Value) -> Result<Vec<Inbound>, String> {
    let told = Who::new(&written(message, "to_user_id"), &written(message, "to"));
    let contact = chat::contact(value, &told);
    let chat = chat::complete(told, contact).chat(contact).ok_or("the message names nobody it could be for")?;
    happened(message, Place { chat, direction: Direction::Out, author_key: PHONE.to_owned(), author: "on the phone".to_owned() })
}

/// A message from before the number was connected.
fn remembered(value: &Value, thread: &Value, message: &Value) -> Result<Vec<Inbound>, String> {
    let who = Who::new(&written(&thread["context"], "user_id"), &written(thread, "id"));
    let contact = chat::contact(value, &who);
    let chat = who.chat(contact).ok_or("the old message names nobody it could be with")?;
    let from = Who::new(&written(message, "from_user_id"), &written(message, "from"));
    // Our own number is spelt in more than one way, and not always told. Whoever is not the customer is one of us: their words open no window.
    let own = message["history_context"]["from_me"].as_bool().unwrap_or_else(|| !from.is(&who));
    let place = if own {
        Place { chat, direction: Direction::Out, author_key: PHONE.to_owned(), author: "on the phone".to_owned() }
    } else {
        Place { author_key: chat.key.clone(), author: chat.name.clone(), chat, direction: Direction::In }
    };
    let mut facts = happened(message, place)?;
    for fact in &mut facts {
        if let Inbound::Message(message) | Inbound::Edited(message) = fact {
            message.past = true;
        }
    }
    Ok(facts)
}

/// What a message means in its place.
fn happened(message: &Value, place: Place) -> Result<Vec<Inbound>, String> {
    let id = written(message, "id");
    if id.is_empty() {
        return Err("the message has no id".to_owned());
    }
    let at = time(message);
    let target = |of: &Value, name: &str| Some(written(of, name)).filter(|id| !id.is_empty());
    match text(message, "type") {
        "reaction" => {
            let reaction = &message["reaction"];
            let target = target(reaction, "message_id").ok_or("the reaction names no message")?;
            let emoji: Vec<String> =
                Some(text(reaction, "emoji")).filter(|emoji| !emoji.is_empty()).map(str::to_owned).into_iter().collect();
            let actor = match place.direction {
                Direction::Out => PHONE.to_owned(),
                // In a group everybody has a reaction of their own.
                _ if place.chat.key != place.author_key => place.author_key,
                _ => CUSTOMER.to_owned(),
            };
            Ok(vec![Inbound::Reacted { chat: String::new(), target, actor, actor_name: place.author, emoji, at }])
        }
        "revoke" => {
            let target = target(&message["revoke"], "original_message_id").ok_or("the deletion names no message")?;
            Ok(vec![Inbound::Deleted { chat: String::new(), targets: vec![target], at }])
        }
        "edit" => {
            let edit = &message["edit"];
            let target = target(edit, "original_message_id").ok_or("the edit names no message")?;
            let new = some(edit, "message").unwrap_or(edit);
            let mut edited = written_down(new, target, at, place);
            edited.edited_at = Some(at);
            Ok(vec![Inbound::Edited(Box::new(edited))])
        }
        _ => Ok(vec![Inbound::Message(Box::new(written_down(message, id, at, place)))]),
    }
}

fn written_down(message: &Value, external_id: String, at: Timestamp, place: Place) -> InMessage {
    let Content { kind, text: said, files } = words::content(message);
    let context = &message["context"];
    let forwarded_from = match (context["frequently_forwarded"] == true, context["forwarded"] == true) {
        (true, _) => "another chat, many times over",
        (false, true) => "another chat",
        (false, false) => "",
    };
    // Edits call it by another name.
    let reply_to = ["id", "message_id"].into_iter().map(|name| written(context, name)).find(|id| !id.is_empty());
    InMessage {
        chat: place.chat,
        external_id,
        direction: place.direction,
        kind,
        author_key: place.author_key,
        author: place.author,
        text: said,
        at,
        seq: 0,
        edited_at: None,
        reply_to,
        quote: String::new(),
        forwarded_from: forwarded_from.to_owned(),
        album: String::new(),
        past: false,
        files,
    }
}

/// Something that happened to a customer: another number, another telephone.
fn system(message: &Value, who: &Who, contact: &Value) -> Result<Vec<Inbound>, String> {
    let system = &message["system"];
    let at = time(message);
    let id = written(message, "id");
    let old = if who.key().is_some() { who.clone() } else { Who::new("", &written(system, "customer")) };
    let told = |names: [&str; 2]| names.into_iter().map(|name| written(system, name)).find(|told| !told.is_empty()).unwrap_or_default();
    let new = Who::new(&written(system, "user_id"), &told(["wa_id", "new_wa_id"]));
    let body = text(system, "body").trim();
    let mut facts = Vec::new();
    let (now, said) = match text(system, "type") {
        "user_changed_number" | "customer_changed_number" | "user_changed_user_id" => {
            let now = if new.key().is_some() { new } else { old.clone() };
            let previous = Who::new(&written(system, "previous_user_id"), "").bsuid;
            facts.extend(moves([previous, old.bsuid.clone(), chat_key_of_phone(&old)], &now, at));
            (now, "the customer changed their number")
        }
        "customer_identity_changed" | "user_identity_changed" => {
            (old, "the customer's security code changed: they use another telephone or installed the app again")
        }
        _ => (old, "something happened in the chat"),
    };
    let said = if body.is_empty() { said.to_owned() } else { body.to_owned() };
    let Some(chat) = now.chat(contact) else {
        return if facts.is_empty() { Err("the system message names nobody it could be about".to_owned()) } else { Ok(facts) };
    };
    if id.is_empty() {
        return Ok(facts);
    }
    let place = Place { author_key: chat.key.clone(), author: chat.name.clone(), chat, direction: Direction::System };
    let mut line = written_down(&Value::Null, id, at, place);
    (line.kind, line.text) = (Kind::Service, said);
    facts.push(Inbound::Message(Box::new(line)));
    Ok(facts)
}

fn chat_key_of_phone(who: &Who) -> String {
    Who::new("", &who.phone).key().unwrap_or_default()
}

/// The chat has the new key instead of any of the old ones.
fn moves(old: impl IntoIterator<Item = String>, now: &Who, at: Timestamp) -> Vec<Inbound> {
    let Some(to) = now.key() else { return Vec::new() };
    let mut gone: Vec<String> = old.into_iter().filter(|key| !key.is_empty() && *key != to && *key != chat_key_of_phone(now)).collect();
    gone.sort();
    gone.dedup();
    gone.into_iter().map(|from| Inbound::Moved { from, to: to.clone(), at }).collect()
}

/// The customer wants advertising no more, or again.
fn preferred(value: &Value, preference: &Value) -> Result<Vec<Inbound>, String> {
    if text(preference, "category") != "marketing_messages" {
        return Ok(Vec::new());
    }
    let told = Who::new(&written(preference, "user_id"), &written(preference, "wa_id"));
    let contact = chat::contact(value, &told);
    let chat = chat::complete(told, contact).chat(contact).ok_or("the preference names nobody it could be of")?;
    let wanted = match text(preference, "value") {
        "stop" => false,
        "resume" => true,
        other => return Err(format!("this version does not know the preference {other:?}")),
    };
    Ok(vec![Inbound::Promotions { chat: Box::new(chat), wanted, at: time(preference) }])
}

/// Meta has another id for a customer.
fn renamed(update: &Value) -> Vec<Inbound> {
    let ids = &update["user_id"];
    let now = Who::new(&written(ids, "current"), &written(update, "wa_id"));
    moves([written(ids, "previous")], &now, time(update))
}

/// When it happened: seconds since 1970, as text or as a number, thousandths of them from some senders. 0 when it does not say.
fn time(of: &Value) -> Timestamp {
    let told = written(of, "timestamp").parse::<i64>().unwrap_or_default();
    match told {
        1..100_000_000_000 => Timestamp::from_secs(told),
        100_000_000_000..100_000_000_000_000 => Timestamp(told.saturating_mul(1_000)),
        _ => Timestamp(0),
    }
}
