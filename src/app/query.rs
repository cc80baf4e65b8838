//! What the screen may ask the store, and which questions replace each other while they wait.

use crate::domain::id::{AttachmentId, ChannelId, ConversationId, DepartmentId, MessageId, VenueId};
use crate::domain::list::{Listing, Page};
use crate::domain::message::Place;
use crate::domain::picture::Pictured;
use crate::domain::search::Order;

/// Something to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// A page of a list.
    List {
        /// Which list.
        listing: Listing,
        /// Which part of it.
        page: Page,
        /// At most so many rows.
        limit: u32,
    },
    /// A stretch of a thread, and what its header shows.
    Thread {
        /// Which conversation.
        conversation: ConversationId,
        /// Which stretch.
        place: Place,
        /// At most so many messages.
        limit: u32,
    },
    /// People and messages by words; a newer question stops the one that is being answered.
    Search {
        /// What is typed.
        typed: String,
        /// Which messages come first.
        order: Order,
        /// Messages after this one, and no people; both from the beginning without.
        after: Option<MessageId>,
        /// At most so many messages.
        limit: u32,
    },
    /// People by words, wherever their conversation is; a newer question stops the one that is being answered.
    People {
        /// What is typed.
        typed: String,
    },
    /// Channels, outbox, who syncs.
    Status,
    /// Everybody who can be given a conversation.
    Agents,
    /// The workspace's canned replies.
    Canned,
    /// The entries of a folder of the agent's own machine.
    Folder {
        /// As it was typed.
        typed: String,
    },
    /// Which conversation people call by this number.
    Numbered(i64),
    /// The newest conversations, to see whether a customer wrote.
    News,
    /// The saved views.
    Views,
    /// The labels there are.
    Labels,
    /// What is known about a conversation's customer beside its row.
    Details {
        /// Which conversation.
        conversation: ConversationId,
    },
    /// What a message read before it was edited.
    Versions {
        /// Which.
        message: MessageId,
    },
    /// A file as a picture.
    Picture {
        /// Which.
        file: AttachmentId,
        /// The most columns it may take.
        columns: u16,
        /// What it is made ready for.
        terminal: Pictured,
    },
    /// When a message got where.
    Times {
        /// Which.
        message: MessageId,
    },
    /// Our own templates, with the provider's beside them.
    Wordings,
    /// What will happen if these get a template.
    Forecast {
        /// On which account.
        channel: ChannelId,
        /// The template's name.
        name: String,
        /// Its language.
        language: String,
        /// To whom.
        conversations: Vec<ConversationId>,
    },
    /// The bulk sends.
    Bulks,
    /// The queue of a venue.
    Queue {
        /// Which; the first one without.
        venue: Option<VenueId>,
        /// Whose line; all without.
        department: Option<DepartmentId>,
    },
    /// What the public display shows.
    Board {
        /// Of which venue.
        venue: VenueId,
        /// Of which department; all without.
        department: Option<DepartmentId>,
    },
    /// What a kiosk offers.
    Kiosk {
        /// Of which venue.
        venue: VenueId,
    },
    /// The channels, with more than their health.
    Channels,
    /// The templates of a conversation's channel.
    Templates {
        /// Which conversation.
        conversation: ConversationId,
    },
}

/// Which of the [`Query`]s replace each other while they wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// The list from its top.
    List,
    /// A further page of the list.
    MoreList,
    /// Another part of the list, far from what is shown.
    Elsewhere,
    /// What is looked at of the open thread, or gone to.
    Thread,
    /// The next page of the open thread, above or below.
    MoreThread,
    /// What is typed into the search.
    Search,
    /// The next page of what was found.
    MoreSearch,
    /// The people that what is typed into the palette finds.
    People,
    /// The status line.
    Status,
    /// Everybody who can be given a conversation.
    Agents,
    /// The workspace's canned replies.
    Canned,
    /// The entries of a folder.
    Folder,
    /// A conversation by its number.
    Numbered,
    /// Whether a customer wrote.
    News,
    /// The saved views.
    Views,
    /// The labels there are.
    Labels,
    /// What is known about the customer.
    Details,
    /// What a message read before it was edited.
    Versions,
    /// A file as a picture.
    Picture,
    /// The templates of a channel.
    Templates,
    /// The channels.
    Channels,
    /// When a message got where.
    Times,
    /// Our own templates.
    Wordings,
    /// What a bulk send would do.
    Forecast,
    /// The bulk sends.
    Bulks,
    /// A queue.
    Queue,
    /// The public display.
    Board,
    /// A kiosk.
    Kiosk,
}

impl Slot {
    /// A newer question stops the one that is being answered, instead of waiting for its answer.
    pub const fn stops(self) -> bool {
        matches!(self, Self::Search | Self::MoreSearch | Self::People)
    }

    /// Whether a question in slot `next` that follows from an answer in this one reads again what it read: after a change, not to go on with it.
    pub fn asks_again(self, next: Self) -> bool {
        (self == next && self != Self::Picture) || (self, next) == (Self::MoreList, Self::List)
    }
}

impl Query {
    /// Its slot.
    pub const fn slot(&self) -> Slot {
        match self {
            Self::List { page: Page::Top, .. } => Slot::List,
            Self::List { page: Page::End | Page::Unread { .. }, .. } => Slot::Elsewhere,
            Self::List { page: Page::After(_) | Page::Before(_), .. } => Slot::MoreList,
            Self::Thread { place: Place::Before(_) | Place::After(_), .. } => Slot::MoreThread,
            Self::Thread { .. } => Slot::Thread,
            Self::Search { after: None, .. } => Slot::Search,
            Self::Search { .. } => Slot::MoreSearch,
            Self::People { .. } => Slot::People,
            Self::Status => Slot::Status,
            Self::Agents => Slot::Agents,
            Self::Canned => Slot::Canned,
            Self::Folder { .. } => Slot::Folder,
            Self::Numbered(_) => Slot::Numbered,
            Self::News => Slot::News,
            Self::Views => Slot::Views,
            Self::Labels => Slot::Labels,
            Self::Details { .. } => Slot::Details,
            Self::Versions { .. } => Slot::Versions,
            Self::Picture { .. } => Slot::Picture,
            Self::Templates { .. } => Slot::Templates,
            Self::Channels => Slot::Channels,
            Self::Times { .. } => Slot::Times,
            Self::Wordings => Slot::Wordings,
            Self::Forecast { .. } => Slot::Forecast,
            Self::Bulks => Slot::Bulks,
            Self::Queue { .. } => Slot::Queue,
            Self::Board { .. } => Slot::Board,
            Self::Kiosk { .. } => Slot::Kiosk,
        }
    }
}
