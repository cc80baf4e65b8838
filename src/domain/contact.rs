//! What is known about a customer beside the conversation that is looked at. Texts are as stored: sanitise before showing.

use super::conversation::Status;
use super::id::{ChannelId, ConversationId};
use super::queue::look::Place;
use super::time::Timestamp;

/// What the details of a conversation show beside its row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// Of which conversation.
    pub conversation: ConversationId,
    /// All addresses of the contact, the oldest first.
    pub identities: Vec<Identity>,
    /// The contact's other conversations, the latest first.
    pub earlier: Vec<Earlier>,
    /// The latest notes, the newest first.
    pub notes: Vec<Remark>,
    /// The open ticket they hold in a queue, and how it stands.
    pub ticket: Option<Place>,
}

/// One address of the contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The account it writes to.
    pub channel: ChannelId,
    /// The provider's name.
    pub provider: String,
    /// The address as people know it, or the provider's own key where it has none.
    pub handle: String,
    /// It can be written to, as far as is known.
    pub reachable: bool,
}

/// Another conversation of the contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// Which.
    pub id: ConversationId,
    /// Its number, for people.
    pub number: i64,
    /// Whether anything is left to do; without one it was merged into another.
    pub status: Option<Status>,
    /// When the last message was written.
    pub last_at: Timestamp,
    /// Its last line.
    pub preview: String,
}

/// A note for colleagues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Who wrote it.
    pub author: String,
    /// Its words.
    pub text: String,
    /// When.
    pub at: Timestamp,
}
