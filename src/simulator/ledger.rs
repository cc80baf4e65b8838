//! The ledger: what really happened, whatever the bot was told. The judge of every test about lost and doubled messages.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::ChatKey;
use crate::domain::time::Timestamp;

/// Everything customers wrote and everything customers received.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Ledger {
    /// What customers did, in order.
    pub written: Vec<Written>,
    /// What reached customers, in order.
    pub received: Vec<Received>,
    /// How many requests came, by method name in lower case (downloads are `file`), refused and faulty ones too.
    pub calls: BTreeMap<String, u64>,
}

/// One thing a customer did.
#[derive(Clone, Debug, Serialize)]
pub struct Written {
    /// Where.
    #[serde(flatten)]
    pub chat: ChatKey,
    /// What.
    pub act: Act,
    /// The message's id in its chat; of an edit or a reaction, the id of the message it is about.
    pub message_id: i64,
    /// Who, by user id; 0 for a channel's own post.
    pub from: i64,
    /// The words or the caption, or the emoji of a reaction; empty for what has none.
    pub text: String,
    /// When, by the simulator's clock.
    #[serde(serialize_with = "seconds")]
    pub at: Timestamp,
    /// The update made of it; `None` when the bot did not ask for this kind, or the message was older than a day.
    pub update_id: Option<i64>,
    /// The update outlived its 24 hours unread and was dropped.
    pub expired: bool,
}

/// One thing that reached a customer.
#[derive(Clone, Debug, Serialize)]
pub struct Received {
    /// Where.
    #[serde(flatten)]
    pub chat: ChatKey,
    /// What.
    pub act: Act,
    /// The message's id in its chat; 0 for what has none (typing).
    pub message_id: i64,
    /// The method that did it, in lower case.
    pub method: String,
    /// The words or the caption, or the emoji of a reaction; empty for what has none.
    pub text: String,
    /// The id of the message it answers.
    pub reply_to: Option<i64>,
    /// The file that came with it.
    pub file: Option<Parcel>,
    /// The request's parameters; uploads are described, their bytes are in `file`.
    pub request: Value,
    /// Whether the bot was given the true answer. False when a fault swallowed or garbled it; the customer has the message all the same.
    /// True does not mean that the bot lived to read it.
    pub answered: bool,
    /// When, by the simulator's clock.
    #[serde(serialize_with = "seconds")]
    pub at: Timestamp,
}

/// What somebody did in a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// A new message.
    Message,
    /// New words for an old message.
    Edit,
    /// A message taken away.
    Delete,
    /// Reactions changed.
    Reaction,
    /// A button under a message pressed.
    Button,
    /// Typing, recording and the like.
    Typing,
    /// Messages marked as read.
    Read,
}

/// A file as it arrived.
#[derive(Clone, Debug, Serialize)]
pub struct Parcel {
    /// The name the customer sees.
    pub name: String,
    /// Its media type.
    pub mime: String,
    /// Its bytes.
    #[serde(rename = "size", serialize_with = "length")]
    pub bytes: Bytes,
}

impl Ledger {
    /// The new messages a customer got in that chat, in order.
    pub fn delivered(&self, chat: ChatKey) -> impl Iterator<Item = &Received> {
        self.received.iter().filter(move |received| received.chat == chat && received.act == Act::Message)
    }

    /// The new messages customers wrote in that chat, in order.
    pub fn said(&self, chat: ChatKey) -> impl Iterator<Item = &Written> {
        self.written.iter().filter(move |written| written.chat == chat && written.act == Act::Message)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands fields over by reference")]
pub(super) fn seconds<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(at.secs())
}

fn length<S: Serializer>(bytes: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(bytes.len() as u64)
}
