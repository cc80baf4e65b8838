//! What a connector hands in: plain facts about a chat, made by a pure function from the provider's payload.
//!
//! Every fact may come twice, late, early or out of order; `sync::ingest` stores the same result whatever the order.

use super::attachment::FileKind;
use super::delivery::Delivery;
use super::message::{Direction, Kind};
use super::time::{Span, Timestamp};

/// What one look at the provider brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// The payloads, in the provider's order.
    pub items: Vec<Item>,
    /// Where to go on, once everything in `items` is committed; `None` leaves the cursor where it is.
    pub cursor: Option<String>,
    /// The provider had nothing more at that moment.
    pub caught_up: bool,
}

/// One payload with what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The provider's key for this delivery, unique within the channel for different payloads.
    pub key: String,
    /// The payload as it came.
    pub body: String,
    /// What it means, or why it could not be read; then it goes to the dead letters with its body.
    pub events: Result<Vec<Inbound>, String>,
}

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inbound {
    /// A message was written, by the customer or (an echo) by us elsewhere.
    Message(Box<InMessage>),
    /// A message now reads like this; `edited_at` is set. The message itself may not have come yet, or never.
    Edited(Box<InMessage>),
    /// Somebody's reactions to a message are now exactly these; none when taken back.
    Reacted {
        /// The chat's key.
        chat: String,
        /// The message's provider id.
        target: String,
        /// The actor's provider id.
        actor: String,
        /// The actor's name.
        actor_name: String,
        /// The emoji now standing.
        emoji: Vec<String>,
        /// When.
        at: Timestamp,
    },
    /// Messages were deleted for everyone.
    Deleted {
        /// The chat's key.
        chat: String,
        /// The messages' provider ids.
        targets: Vec<String>,
        /// When.
        at: Timestamp,
    },
    /// One of our messages got further, or failed.
    Receipt {
        /// The chat's key.
        chat: String,
        /// The message's provider id.
        target: String,
        /// The name we gave it when we sent it ([`super::outbound::Order::idempotency_key`]), when that came back; else empty.
        key: String,
        /// How far.
        state: Delivery,
        /// Why it failed; else empty.
        reason: String,
        /// What follows from that for more than this message.
        cause: Cause,
        /// When.
        at: Timestamp,
    },
    /// The chat has a new key; the old one is never used again.
    Moved {
        /// The old key.
        from: String,
        /// The new key.
        to: String,
        /// When.
        at: Timestamp,
    },
    /// The customer wants no advertising (any more), or wants it again. What answers them is not meant.
    Promotions {
        /// The chat.
        chat: Box<Chat>,
        /// Whether they may be sent.
        wanted: bool,
        /// When.
        at: Timestamp,
    },
    /// The account's templates are no longer what they were: they are to be fetched.
    TemplatesChanged {
        /// When.
        at: Timestamp,
    },
    /// The customer blocked us (or we were removed), or the opposite.
    Reachable {
        /// The chat.
        chat: Box<Chat>,
        /// Whether we can write to it.
        reachable: bool,
        /// When.
        at: Timestamp,
    },
}

impl Item {
    /// Facts whose payload does not say when they happened get the time of receipt. For whoever reads a payload, the first time or again.
    #[must_use]
    pub fn dated(mut self, received: Timestamp) -> Self {
        for fact in self.events.iter_mut().flatten() {
            let at = fact.at();
            if *at == Timestamp(0) {
                *at = received;
            }
        }
        self
    }
}

impl Chat {
    /// Everything the provider calls it by, its key first, each once.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        let aliases = self.aliases.iter().enumerate();
        let new = aliases.filter(|(at, alias)| **alias != self.key && !self.aliases[..*at].contains(alias)).map(|(_, alias)| alias);
        std::iter::once(&self.key).chain(new).map(String::as_str)
    }

    /// What provider ids of messages are unique within: the key under which they are stored and found.
    pub fn scope(&self) -> &str {
        if self.wide { "" } else { &self.key }
    }
}

impl Inbound {
    const fn at(&mut self) -> &mut Timestamp {
        match self {
            Self::Message(message) | Self::Edited(message) => &mut message.at,
            Self::Reacted { at, .. }
            | Self::Deleted { at, .. }
            | Self::Receipt { at, .. }
            | Self::Moved { at, .. }
            | Self::Promotions { at, .. }
            | Self::TemplatesChanged { at }
            | Self::Reachable { at, .. } => at,
        }
    }
}

/// What a failure says about more than the one message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cause {
    /// Nothing.
    #[default]
    Other,
    /// The reply window is closed, whatever we thought.
    WindowClosed,
    /// The customer gets no more advertising for now; not to be tried again within a day.
    Capped,
    /// The customer wants no advertising from us, and has told the provider so.
    OptedOut,
    /// The customer cannot be reached (not on this channel, too old an app, blocked us).
    Unreachable,
    /// The account may not send (credentials, payment, locked): a person has to act.
    Account,
}

/// The chat something happened in: with one person, or a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chat {
    /// The provider's key for it, within the channel.
    pub key: String,
    /// Other keys the provider has for the same chat, now or before: a telephone number beside a user id, a number written another way.
    pub aliases: Vec<String>,
    /// The provider's ids of messages are unique in the whole account ([`super::channel::Capabilities::wide_ids`]): messages are stored
    /// and named without their chat's key, because receipts and quotes may call the chat by any of its keys.
    pub wide: bool,
    /// The person's or group's name.
    pub name: String,
    /// The address people know (`@leila`, a phone number); may be empty.
    pub handle: String,
    /// The person's language (`id`, `pt-br`); may be empty.
    pub language: String,
    /// How long after the customer's last message we may write freely; `None` when always.
    pub window: Option<Span>,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InMessage {
    /// Where.
    pub chat: Chat,
    /// The provider's id for it, unique within the chat.
    pub external_id: String,
    /// [`Direction::In`] from a customer, [`Direction::Out`] an echo of ours, [`Direction::System`] something that happened.
    pub direction: Direction,
    /// What sort.
    pub kind: Kind,
    /// The author's provider id.
    pub author_key: String,
    /// The author's name.
    pub author: String,
    /// The words; for other kinds what a person would say of it (`[location] 52.5, 13.4`).
    pub text: String,
    /// When it was written.
    pub at: Timestamp,
    /// The provider's own sequence within the chat; 0 when it has none.
    pub seq: i64,
    /// When it was last edited.
    pub edited_at: Option<Timestamp>,
    /// The provider's id of the message it answers.
    pub reply_to: Option<String>,
    /// The part of that message that was quoted, or its text when it came along; may be empty.
    pub quote: String,
    /// Where it was forwarded from; empty when it was not.
    pub forwarded_from: String,
    /// Messages of one album share this; empty outside albums.
    pub album: String,
    /// It was said before the account was connected, and is told now: nobody waits for an answer to it here.
    pub past: bool,
    /// Its files.
    pub files: Vec<InFile>,
}

/// A file at the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InFile {
    /// What sort.
    pub kind: FileKind,
    /// What to ask the provider for.
    pub reference: String,
    /// The sender's name for it; a label, never a path.
    pub name: String,
    /// The claimed media type; may be empty.
    pub mime: String,
    /// The claimed size in bytes.
    pub size: Option<u64>,
    /// Length in seconds of sound and film.
    pub seconds: Option<u32>,
}
