//! UltraMsg's words: chats are called by WhatsApp's own addresses (`62812…@c.us` a person, `…@g.us` a group, `…@lid` somebody whose number is
//! hidden), and most things that are numbers or yes and no come as text.

use serde_json::Value;

pub(super) use crate::channel::json::{int, list, some, text, value, written};

use crate::domain::phone::spellings;

/// The ending of a person's address.
pub(super) const PERSON: &str = "@c.us";
/// The ending of a group's address.
const GROUP: &str = "@g.us";

/// An address as the gateway writes it now: older ones end otherwise, and some have the device after a colon.
pub(super) fn address(told: &str) -> String {
    let told = told.trim();
    let (user, host) = told.split_once('@').unwrap_or((told, ""));
    let user = user.split(':').next().unwrap_or_default();
    match host {
        _ if user.is_empty() => String::new(),
        "" | "s.whatsapp.net" => format!("{}{PERSON}", user.trim_start_matches('+')),
        host => format!("{user}@{host}"),
    }
}

/// Whether it is a group's address.
pub(super) fn is_group(address: &str) -> bool {
    address.ends_with(GROUP)
}

/// The number of a person's address; `None` for groups and for people whose number is hidden.
pub(super) fn phone(address: &str) -> Option<&str> {
    address.strip_suffix(PERSON).filter(|user| !user.is_empty() && user.bytes().all(|b| b.is_ascii_digit()))
}

/// The other addresses of the same person.
pub(super) fn others(address: &str) -> Vec<String> {
    let Some(phone) = phone(address) else { return Vec::new() };
    let known = spellings(phone);
    let all = std::iter::once(known.canonical).chain(known.others).map(|phone| format!("{phone}{PERSON}"));
    all.filter(|other| other != address).collect()
}

/// An instance's number, with or without the word before it.
pub(super) fn instance(told: &str) -> &str {
    let told = told.trim();
    told.strip_prefix("instance").unwrap_or(told)
}

/// Whether something is so; the gateway says it as a truth value or in words.
pub(super) fn is(of: &Value, name: &str) -> bool {
    match &of[name] {
        Value::Bool(told) => *told,
        Value::String(told) => matches!(told.trim().to_ascii_lowercase().as_str(), "true" | "1" | "yes"),
        Value::Number(told) => told.as_i64() == Some(1),
        _ => false,
    }
}

/// The words of an error, which come as a text, an object or a list.
pub(super) fn words(error: &Value) -> String {
    match error {
        Value::String(words) => words.trim().to_owned(),
        Value::Array(many) => many.iter().map(words).filter(|words| !words.is_empty()).collect::<Vec<_>>().join("; "),
        Value::Object(named) => {
            let part = |(name, value): (&String, &Value)| match words(value) {
                told if told.is_empty() || name == "message" => told,
                told => format!("{name}: {told}"),
            };
            named.iter().map(part).filter(|words| !words.is_empty()).collect::<Vec<_>>().join("; ")
        }
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
