//! A chat's key and what it says: `<chat id>`, or `biz:<business connection>:<chat id>` for a private chat of a connected business account.

use serde_json::Value;

use super::wire::{name, text};
use crate::domain::inbound::Chat;
use crate::domain::time::Span;

/// A bot may write in a business account's chat only while the customer wrote within the last 24 hours.
const BUSINESS_WINDOW: Span = Span::hours(24);

/// A chat's key, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key<'a> {
    /// The business connection to write through.
    pub business: Option<&'a str>,
    /// Telegram's id; up to 52 bits, negative for groups.
    pub id: i64,
}

impl<'a> Key<'a> {
    /// Reads a chat's key; `None` when it is none of ours.
    pub(super) fn parse(key: &'a str) -> Option<Self> {
        match key.strip_prefix("biz:") {
            None => Some(Self { business: None, id: key.parse().ok()? }),
            Some(rest) => {
                let (connection, id) = rest.rsplit_once(':')?;
                Some(Self { business: Some(connection), id: id.parse().ok()? })
            }
        }
    }

    /// The key of the chat with this id on the same connection.
    pub(super) fn with_id(&self, id: i64) -> String {
        key(self.business.unwrap_or_default(), id)
    }
}

/// The chat a `Message` stands in.
pub(super) fn of_message(message: &Value) -> Option<Chat> {
    chat(&message["chat"], &message["from"], text(message, "business_connection_id"))
}

/// A `Chat` of the Bot API. `user` is whoever acted, whose language is the chat's when it is a chat with just that user; `business` is the
/// business connection, or empty.
pub(super) fn chat(of: &Value, user: &Value, business: &str) -> Option<Chat> {
    let id = of["id"].as_i64()?;
    let handle = match text(of, "username") {
        "" => String::new(),
        username => format!("@{username}"),
    };
    let same = user["id"].as_i64() == Some(id);
    Some(Chat {
        key: key(business, id),
        name: name(of),
        handle,
        language: if same { text(user, "language_code").to_owned() } else { String::new() },
        window: (!business.is_empty()).then_some(BUSINESS_WINDOW),
        ..Chat::default()
    })
}

fn key(business: &str, id: i64) -> String {
    if business.is_empty() { id.to_string() } else { format!("biz:{business}:{id}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_back_as_it_was_made() {
        for (business, id) in [("", 77), ("", -100_123_456_789), ("Ab_c-1", 77), ("with:colon", 5)] {
            let made = key(business, id);
            let read = Key::parse(&made).unwrap();
            assert_eq!((read.business.unwrap_or_default(), read.id), (business, id));
            assert_eq!(read.with_id(-9), key(business, -9));
        }
        for bad in ["", "x", "biz:", "biz:a:", "biz:a:x", "1.5"] {
            assert_eq!(Key::parse(bad), None, "{bad}");
        }
    }
}
