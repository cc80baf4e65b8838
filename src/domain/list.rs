//! Which conversations a list shows, in which order, and which part of them.

use super::conversation::{ListKey, Tab};
use super::filter::Filter;

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sort {
    /// The latest message first.
    #[default]
    Latest,
    /// Who waits longest for an answer first; those who do not wait follow.
    Waiting,
}

/// What a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Which conversations.
    pub tab: Tab,
    /// In which order.
    pub sort: Sort,
    /// Which of them.
    pub filter: Filter,
}

/// What is seen again under a number: for everybody in the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// Its number, 1 to 9.
    pub place: i64,
    /// What people call it.
    pub name: String,
    /// Which list.
    pub tab: Tab,
    /// In which order.
    pub sort: Sort,
    /// The filter, as it is typed.
    pub filter: String,
}

/// Which part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// From its top.
    Top,
    /// To its end.
    End,
    /// The rows after this one.
    After(ListKey),
    /// The rows before this one.
    Before(ListKey),
    /// From the next row after this one with unread messages (or from the one before it that is nearest).
    Unread {
        /// Seen from here.
        from: ListKey,
        /// Looking down.
        down: bool,
    },
}

impl Sort {
    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Latest => Self::Waiting,
            Self::Waiting => Self::Latest,
        }
    }

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Latest => "latest",
            Self::Waiting => "waiting",
        }
    }

    /// The order of that name; an unknown one is [`Sort::Latest`].
    pub fn of(name: &str) -> Self {
        if name == Self::Waiting.name() { Self::Waiting } else { Self::Latest }
    }
}
