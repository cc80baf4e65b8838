//! What a connector is asked to do, and how a reply becomes the messages a provider takes.

use super::attachment::FileKind;
use super::channel::Capabilities;
use super::id::OutboxId;
use super::split;
use super::template::Filled;
use super::time::{Span, Timestamp};

/// One request to a provider.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// The chat's key.
    pub chat: String,
    /// Its other keys, as [`super::inbound::Chat::aliases`] has them.
    pub aliases: Vec<String>,
    /// What to do there.
    pub action: Action,
    /// The same for every attempt at the same thing; providers that can tell repeats apart are given it.
    pub idempotency_key: String,
}

/// What a part of a reply is called at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartKey {
    /// The order that sends it.
    pub order: OutboxId,
    /// Its place in the reply.
    pub place: i64,
    /// Which attempt; `None` where the provider knows what it was sent before, and is told the same again. Elsewhere each attempt has a name of
    /// its own, so that what is told late of one that failed is not taken for news of the next.
    pub attempt: Option<i64>,
}

impl PartKey {
    /// The part that a key names.
    pub fn parse(key: &str) -> Option<Self> {
        let mut numbers = key.split('.').map(|number| number.parse::<i64>().ok());
        let (order, place) = (numbers.next()??, numbers.next()??);
        let attempt = numbers.next().map(|number| number.ok_or(())).transpose().ok()?;
        numbers.next().is_none().then_some(Self { order: OutboxId(order), place, attempt })
    }
}

impl std::fmt::Display for PartKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.order, self.place)?;
        self.attempt.map_or(Ok(()), |attempt| write!(f, ".{attempt}"))
    }
}

/// What to do in a chat.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Say something.
    Text {
        /// The words, within the text limit.
        text: String,
        /// The provider's id of the message it answers.
        reply_to: Option<String>,
    },
    /// Send a file.
    File {
        /// What sort.
        kind: FileKind,
        /// The bytes, read from our own store.
        path: std::path::PathBuf,
        /// The name the customer sees.
        name: String,
        /// Its media type.
        mime: String,
        /// Words under it, within the caption limit; may be empty.
        caption: String,
        /// The provider's id of the message it answers.
        reply_to: Option<String>,
    },
    /// Replace the words of a message of ours.
    Edit {
        /// Its provider id.
        target: String,
        /// The new words.
        text: String,
        /// The words stand under a file.
        caption: bool,
    },
    /// Delete a message of ours for everyone.
    Delete {
        /// Its provider id.
        target: String,
    },
    /// React to a message, or take the reaction back.
    React {
        /// Its provider id.
        target: String,
        /// The emoji; `None` takes it back.
        emoji: Option<String>,
    },
    /// Send a message made from an approved template.
    Template(Box<Filled>),
    /// Send a place on the map.
    Location(Spot),
    /// Show that we have read everything up to a message.
    Read {
        /// Its provider id.
        target: String,
    },
    /// Show that somebody is typing.
    Typing {
        /// The provider id of the customer's last message, which some providers want to know.
        answering: Option<String>,
    },
}

/// A place on the map.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Spot {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// What it is called; may be empty.
    #[serde(default)]
    pub name: String,
    /// Its address; may be empty.
    #[serde(default)]
    pub address: String,
}

impl Spot {
    /// As a thread shows it.
    pub fn words(&self) -> String {
        let named: Vec<&str> = [self.name.as_str(), self.address.as_str()].into_iter().filter(|words| !words.is_empty()).collect();
        let degrees = format!("{}, {}", self.latitude, self.longitude);
        if named.is_empty() { format!("[location] {degrees}") } else { format!("[location] {} ({degrees})", named.join(", ")) }
    }

    /// Whether there is such a place.
    pub fn is_on_earth(&self) -> bool {
        (-90.0..=90.0).contains(&self.latitude) && (-180.0..=180.0).contains(&self.longitude)
    }
}

/// What a part of a reply is besides words and files; as JSON in `parts.special`.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Special {
    /// A message made from an approved template.
    Template(Filled),
    /// A place on the map.
    Location(Spot),
}

/// The provider took it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The new message's provider id; `None` for actions that make none.
    pub external_id: Option<String>,
    /// The provider's time of the message, when it tells.
    pub at: Option<Timestamp>,
}

/// Why a request was not (or perhaps not) carried out. The difference between the variants decides whether a customer gets a message twice.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It certainly did not reach the provider: try again later.
    #[error("{0}")]
    NotSent(String),
    /// The provider asks to wait, and did not take it.
    #[error("the provider asks to wait {} s", wait.0 / 1_000_000)]
    Wait {
        /// How long.
        wait: Span,
        /// The whole account has to wait, not only this chat.
        account: bool,
    },
    /// The chat has a new key; the provider did not take it under the old one.
    #[error("the chat has moved")]
    Moved {
        /// The new key.
        to: String,
    },
    /// The customer cannot be reached (blocked us, deleted the account). Final.
    #[error("{0}")]
    Unreachable(String),
    /// The provider will never take this message. Final.
    #[error("{0}")]
    Refused(String),
    /// The reply window is closed, whatever we thought. Final for this wording: only a template may leave.
    #[error("{0}")]
    WindowClosed(String),
    /// The customer gets no more advertising for now. Final; not to be tried again within a day.
    #[error("{0}")]
    Capped(String),
    /// The customer has told the provider that they want no advertising from us. Final, until they say otherwise.
    #[error("{0}")]
    OptedOut(String),
    /// The provider no longer accepts our credentials: pause the account, keep the message.
    #[error("{0}")]
    Account(String),
    /// The request left and no usable answer came: it may have been carried out. Never retried by itself.
    #[error("{0}")]
    Uncertain(String),
}

/// A file of a reply, before it is split into parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutFile {
    /// What sort.
    pub kind: FileKind,
    /// The name the customer sees.
    pub name: String,
    /// Its media type.
    pub mime: String,
    /// Its content hash in our store.
    pub hash: String,
    /// Its size in bytes.
    pub size: u64,
}

/// One provider message of a reply: words, one file with a caption, or something special whose words a person reads in `text`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Part {
    /// The words or the caption.
    pub text: String,
    /// Which of the reply's files, by place.
    pub file: Option<usize>,
    /// What it is besides.
    pub special: Option<Special>,
}

/// The provider messages a reply needs. The text becomes the first file's caption when it fits; otherwise it goes ahead of the files, split
/// at the channel's limit. An empty reply has no parts.
pub fn plan(text: &str, files: usize, caps: &Capabilities) -> Vec<Part> {
    let text = text.trim_end();
    let as_caption = files > 0 && split::units(text) <= caps.caption_limit;
    let mut parts = Vec::new();
    if !as_caption {
        parts.extend(split::split(text, caps.text_limit).into_iter().map(|text| Part { text: text.to_owned(), ..Part::default() }));
    }
    for place in 0..files {
        let caption = if as_caption && place == 0 { text } else { "" };
        parts.push(Part { text: caption.to_owned(), file: Some(place), special: None });
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parts_name_is_read_back_as_it_was_written_and_nothing_else_is_one() {
        for attempt in [None, Some(3)] {
            let key = PartKey { order: OutboxId(712_345_678_901_234_567), place: 2, attempt };
            assert_eq!(PartKey::parse(&key.to_string()), Some(key));
        }
        for other in ["", "7", "7.", "7.a", "7.0.", "7.0.1.2", "shop.0.1", "99999999999999999999.0"] {
            assert_eq!(PartKey::parse(other), None, "{other}");
        }
    }
}
