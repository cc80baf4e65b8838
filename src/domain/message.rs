//! What stands in a thread. Texts are as stored: sanitise before showing.

use super::attachment::Attachment;
use super::delivery::Delivery;
use super::id::{AgentId, ConversationId, MessageId};
use super::time::{Span, Timestamp};

/// Who wrote it, and who can read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The customer, to us.
    In,
    /// One of us, to the customer.
    Out,
    /// One of us, to ourselves.
    Note,
    /// Nobody: something that happened (joined, migrated, blocked the bot).
    System,
}

/// What sort of message it is. The text already says it in words; this chooses marks and colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Words.
    #[default]
    Text,
    /// One or more files, perhaps with a caption.
    File,
    /// A place.
    Location,
    /// A contact card.
    Contact,
    /// A poll.
    Poll,
    /// Something that happened in the chat.
    Service,
    /// A kind this version does not know; the raw payload is kept.
    Unsupported,
}

/// What somebody thought of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reaction {
    /// Who.
    pub actor: String,
    /// The emoji, or a word for a custom one.
    pub emoji: String,
}

/// The message another one answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// Which, when we have it.
    pub id: Option<MessageId>,
    /// Who wrote it.
    pub author: String,
    /// Its words, or the part that was quoted.
    pub text: String,
}

/// One message of a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Which.
    pub id: MessageId,
    /// Where.
    pub conversation: ConversationId,
    /// Who wrote it.
    pub direction: Direction,
    /// What sort.
    pub kind: Kind,
    /// The author's name.
    pub author: String,
    /// Which of us wrote it.
    pub agent: Option<AgentId>,
    /// The words.
    pub text: String,
    /// When it was written, by the provider's clock for what came in.
    pub at: Timestamp,
    /// When we stored it.
    pub received_at: Timestamp,
    /// How far it got.
    pub delivery: Delivery,
    /// When a queued message may leave: its undo delay or its appointed time.
    pub due_at: Option<Timestamp>,
    /// Why it failed or is uncertain.
    pub reason: String,
    /// How many of its parts the provider has taken, and how many there are.
    pub parts: (u32, u32),
    /// When it was last edited.
    pub edited_at: Option<Timestamp>,
    /// How many earlier versions are kept.
    pub versions: u32,
    /// When it was deleted for the customer.
    pub deleted_at: Option<Timestamp>,
    /// What it answers.
    pub quote: Option<Quote>,
    /// Where it was forwarded from; empty when it was not.
    pub forwarded_from: String,
    /// Messages of one album share this; empty outside albums.
    pub album: String,
    /// What people thought of it.
    pub reactions: Vec<Reaction>,
    /// Its files.
    pub attachments: Vec<Attachment>,
    /// Its place in the thread.
    pub key: ThreadKey,
}

/// The order of a thread: the provider's time, then the provider's own sequence, then our id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ThreadKey {
    /// When it was written.
    pub at: Timestamp,
    /// The provider's sequence within the chat; 0 when it has none.
    pub seq: i64,
    /// Our id.
    pub id: MessageId,
}

/// Which stretch of a thread to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Its end.
    Newest,
    /// Its beginning.
    Oldest,
    /// What stands right before this.
    Before(ThreadKey),
    /// What stands right after this.
    After(ThreadKey),
    /// This message, what stands before it and what stands after it.
    Around(MessageId),
}

/// A time in which the provider may have thrown messages away because nobody fetched them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The last moment we were connected.
    pub from: Timestamp,
    /// When we came back.
    pub to: Timestamp,
    /// Messages written before this and after `from` may be missing.
    pub lost_before: Timestamp,
}

/// A message that came so long after one that stands below it may have been missed.
const LATE: Span = Span::minutes(1);

impl Message {
    /// Words and nothing else, taken as they are written; whoever has more to tell of it says so.
    pub fn words(id: MessageId, conversation: ConversationId, direction: Direction, text: &str, at: Timestamp) -> Self {
        Self {
            id,
            conversation,
            direction,
            kind: Kind::Text,
            author: String::new(),
            agent: None,
            text: text.to_owned(),
            at,
            received_at: at,
            delivery: Delivery::Received,
            due_at: None,
            reason: String::new(),
            parts: (1, 1),
            edited_at: None,
            versions: 0,
            deleted_at: None,
            quote: None,
            forwarded_from: String::new(),
            album: String::new(),
            reactions: Vec::new(),
            attachments: Vec::new(),
            key: ThreadKey { at, seq: 0, id },
        }
    }

    /// It is a customer's and came late: something that stands below it had been here for a while, since `below`.
    pub fn came_after(&self, below: Timestamp) -> bool {
        self.direction == Direction::In && self.received_at.since(below) >= LATE
    }
}

impl ThreadKey {
    /// Before every message.
    pub const FIRST: Self = Self { at: Timestamp(i64::MIN), seq: i64::MIN, id: MessageId(i64::MIN) };
    /// After every message.
    pub const LAST: Self = Self { at: Timestamp(i64::MAX), seq: i64::MAX, id: MessageId(i64::MAX) };
}

impl Direction {
    /// Every direction.
    pub const ALL: [Self; 4] = [Self::In, Self::Out, Self::Note, Self::System];

    /// The name in the database and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
            Self::Note => "note",
            Self::System => "system",
        }
    }

    /// The direction of that name; an unknown one is [`Direction::System`].
    pub fn of(name: &str) -> Self {
        Self::ALL.into_iter().find(|direction| direction.name() == name).unwrap_or(Self::System)
    }
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 7] = [Self::Text, Self::File, Self::Location, Self::Contact, Self::Poll, Self::Service, Self::Unsupported];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::File => "file",
            Self::Location => "location",
            Self::Contact => "contact",
            Self::Poll => "poll",
            Self::Service => "service",
            Self::Unsupported => "unsupported",
        }
    }

    /// The kind of that name; an unknown one is [`Kind::Unsupported`].
    pub fn of(name: &str) -> Self {
        Self::ALL.into_iter().find(|kind| kind.name() == name).unwrap_or(Self::Unsupported)
    }
}
