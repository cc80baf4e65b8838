//! The ledger: what really happened, whatever the business was told. The judge of every test about lost and doubled messages.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::Who;
use crate::domain::time::Timestamp;
use crate::simulator::ledger::{Act, Parcel, seconds};

/// Everything customers wrote, everything they received, every request and every webhook.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Ledger {
    /// What customers did, in order.
    pub written: Vec<Written>,
    /// What reached customers, in order.
    pub received: Vec<Received>,
    /// Every request to the API, in order, accepted or refused.
    pub requests: Vec<Request>,
    /// Every attempt to post a webhook, in order.
    pub posted: Vec<Posted>,
    /// How many requests came, by method.
    pub calls: BTreeMap<String, u64>,
}

/// One thing a customer did.
#[derive(Clone, Debug, Serialize)]
pub struct Written {
    /// To which number, by phone number id.
    pub number: String,
    /// Who.
    pub who: Who,
    /// What.
    pub act: Act,
    /// The message's id.
    pub id: String,
    /// The id of the message it is about, of an edit, a reaction, a message taken back or read; else empty.
    pub about: String,
    /// The words or the caption, or the emoji of a reaction; empty for what has none.
    pub text: String,
    /// When, by the simulator's clock.
    #[serde(serialize_with = "seconds")]
    pub at: Timestamp,
}

/// One thing that reached a customer.
#[derive(Clone, Debug, Serialize)]
pub struct Received {
    /// From which number, by phone number id.
    pub number: String,
    /// Who got it.
    pub who: Who,
    /// What.
    pub act: Act,
    /// The message's id; of typing and read receipts, the id of the message it is about.
    pub id: String,
    /// Its type, as the request named it.
    pub kind: String,
    /// The words or the caption (of a template: filled in), or the emoji of a reaction; empty for what has none.
    pub text: String,
    /// The id of the message it answers or reacts to.
    pub reply_to: Option<String>,
    /// The file that came with it.
    pub file: Option<Parcel>,
    /// The request's body.
    pub request: Value,
    /// Whether the business was given the true answer. False when a fault swallowed or garbled it; the customer has the message all the
    /// same. True does not mean that the business lived to read it.
    pub answered: bool,
    /// When, by the simulator's clock.
    #[serde(serialize_with = "seconds")]
    pub at: Timestamp,
}

/// One request to the API.
#[derive(Clone, Debug, Serialize)]
pub struct Request {
    /// Which, in the words faults use.
    pub method: String,
    /// The address after the host.
    pub path: String,
    /// The body, when it is JSON; uploads are described.
    pub body: Value,
    /// The error code it was refused with; `None` when it was accepted.
    pub refused: Option<i64>,
    /// The answer, whether or not the business was given it.
    pub answer: Value,
    /// When, by the simulator's clock.
    #[serde(serialize_with = "seconds")]
    pub at: Timestamp,
}

/// One attempt to post a webhook.
#[derive(Clone, Debug, Serialize)]
pub struct Posted {
    /// The bytes.
    #[serde(serialize_with = "words")]
    pub body: Bytes,
    /// The status it was answered with; `None` when it was not answered.
    pub status: Option<u16>,
    /// How often it was posted before and not taken.
    pub tries: u32,
}

impl Ledger {
    /// The new messages that customer got, in order.
    pub fn delivered(&self, who: Who) -> impl Iterator<Item = &Received> {
        self.received.iter().filter(move |received| received.who == who && received.act == Act::Message)
    }

    /// The new messages that customer wrote, in order.
    pub fn said(&self, who: Who) -> impl Iterator<Item = &Written> {
        self.written.iter().filter(move |written| written.who == who && written.act == Act::Message)
    }
}

fn words<S: Serializer>(bytes: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&String::from_utf8_lossy(bytes))
}
