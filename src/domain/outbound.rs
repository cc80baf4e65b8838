//! What a connector is asked to do, and how a reply becomes the messages a provider takes.

use super::attachment::FileKind;
use super::channel::Capabilities;
use super::split;
use super::time::{Span, Timestamp};

/// One request to a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The chat's key.
    pub chat: String,
    /// What to do there.
    pub action: Action,
    /// The same for every attempt at the same thing; providers that can tell repeats apart are given it.
    pub idempotency_key: String,
}

/// What to do in a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// Show that somebody is typing.
    Typing,
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

/// One provider message of a reply: words, or one file with a caption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The words or the caption.
    pub text: String,
    /// Which of the reply's files, by place.
    pub file: Option<usize>,
}

/// The provider messages a reply needs. The text becomes the first file's caption when it fits; otherwise it goes ahead of the files, split
/// at the channel's limit. An empty reply has no parts.
pub fn plan(text: &str, files: usize, caps: &Capabilities) -> Vec<Part> {
    let text = text.trim_end();
    let as_caption = files > 0 && split::units(text) <= caps.caption_limit;
    let mut parts = Vec::new();
    if !as_caption {
        parts.extend(split::split(text, caps.text_limit).into_iter().map(|text| Part { text: text.to_owned(), file: None }));
    }
    for place in 0..files {
        let caption = if as_caption && place == 0 { text } else { "" };
        parts.push(Part { text: caption.to_owned(), file: Some(place) });
    }
    parts
}
