//! A webhook's body cut into what can be stored alone: every entry, every change, every message, status and other event in it. What cannot
//! be read is an item of its own and costs none of its neighbours.

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::chat::{Contacts, Who};
use super::map::facts;
use crate::channel::file::hex;
use crate::channel::json::{self, list, text, written};
use crate::domain::inbound::Item;

/// Where a change keeps its events.
const LISTS: [&str; 6] = ["messages", "statuses", "message_echoes", "user_preferences", "user_id_update", "errors"];

/// What a body says.
pub(super) fn read(body: &str) -> Vec<Item> {
    let told = match json::value(body) {
        Ok(told) => told,
        Err(error) => return vec![unreadable(body.to_owned(), format!("the webhook's body cannot be read as JSON: {error}"))],
    };
    let entries = match told["entry"].as_array() {
        Some(entries) if matches!(text(&told, "object"), "" | "whatsapp_business_account") => entries,
        _ => return vec![unreadable(body.to_owned(), "the webhook's body is not of a WhatsApp business account".to_owned())],
    };
    let mut items = Vec::new();
    for entry in entries {
        match entry["changes"].as_array() {
            Some(changes) => changes.iter().for_each(|change| cut(change, &mut items)),
            None => items.push(unreadable(entry.to_string(), "an entry of the webhook holds no changes".to_owned())),
        }
    }
    items
}

fn cut(change: &Value, items: &mut Vec<Item>) {
    let (field, value) = (text(change, "field"), &change["value"]);
    if !value.is_object() {
        items.push(unreadable(change.to_string(), "a change of the webhook holds no value".to_owned()));
        return;
    }
    let before = items.len();
    let contacts = Contacts::of(value);
    for name in LISTS {
        // Errors beside messages are told with those.
        if name == "errors" && items.len() > before {
            continue;
        }
        for event in list(value, name) {
            items.push(item(name, event, &payload(field, value, &contacts, name, event)));
        }
    }
    for part in list(value, "history") {
        for thread in list(part, "threads") {
            for message in list(thread, "messages") {
                // Without its other messages, of which there may be thousands.
                let alone = json!({ "id": thread["id"], "context": thread["context"], "messages": [message] });
                let payload = json!({ "field": field, "value": { "metadata": value["metadata"], "history": [{ "threads": [alone] }] } });
                items.push(item("messages", message, &payload));
            }
        }
    }
    if items.len() == before {
        // News of the account or of a template. It is kept as it came; nobody's chat changes.
        let body = change.to_string();
        items.push(Item { key: format!("u:{field}:{}", short_hash(&body)), body, events: facts(change) });
    }
}

/// One event with what it needs to be understood alone.
fn payload(field: &str, value: &Value, contacts: &Contacts<'_>, list: &str, event: &Value) -> Value {
    let mut alone = Map::new();
    if let Some(metadata) = value.get("metadata") {
        alone.insert("metadata".to_owned(), metadata.clone());
    }
    let who = ["from", "to", "wa_id", "recipient_id"].map(|name| written(event, name));
    let ids = ["from_user_id", "to_user_id", "user_id", "recipient_user_id"].map(|name| written(event, name));
    // An echo is from us and to them.
    let place = usize::from(list == "message_echoes");
    let first = |told: [String; 4]| told.into_iter().skip(place).find(|id| !id.is_empty()).unwrap_or_default();
    let contact = contacts.about(&Who::new(&first(ids), &first(who)));
    if !contact.is_null() {
        alone.insert("contacts".to_owned(), json!([contact]));
    }
    alone.insert(list.to_owned(), json!([event]));
    json!({ "field": field, "value": alone })
}

fn item(list: &str, event: &Value, payload: &Value) -> Item {
    let body = payload.to_string();
    let id = written(event, "id");
    let key = match list {
        _ if !event.is_object() => return unreadable(body, format!("something in {list} is not an object")),
        "statuses" if !id.is_empty() => format!("s:{id}:{}:{}", text(event, "status"), written(event, "timestamp")),
        "messages" | "message_echoes" if !id.is_empty() => format!("m:{id}"),
        _ => format!("u:{list}:{}", short_hash(&body)),
    };
    Item { key, events: facts(payload), body }
}

fn unreadable(body: String, problem: String) -> Item {
    Item { key: format!("x:{}", short_hash(&body)), body, events: Err(problem) }
}

/// Tells payloads without an id apart: sixteen hexadecimal digits of SHA-256.
fn short_hash(body: &str) -> String {
    hex(&Sha256::digest(body.as_bytes())[..8])
}
