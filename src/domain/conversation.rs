//! A thread with one customer on one channel, and how lists of them are chosen and shown.

use super::delivery::Delivery;
use super::id::{AgentId, ChannelId, ConversationId};
use super::message::Direction;
use super::time::{Span, Timestamp};
use super::window::{self, Window};

/// Whether anything is left to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Status {
    /// Somebody should look at it.
    #[default]
    Open,
    /// Waiting for something outside.
    Pending,
    /// Out of sight until a time or a message.
    Snoozed,
    /// Done. A new message opens it again.
    Resolved,
    /// Unwanted.
    Spam,
}

/// How soon somebody should look at it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Nobody has said.
    #[default]
    None,
    /// When there is time.
    Low,
    /// In its turn.
    Medium,
    /// Before others.
    High,
    /// Now.
    Urgent,
}

/// The lists there are: the tabs, and what is looked at now and then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tab {
    /// Open and assigned to me.
    Mine,
    /// Open and assigned to nobody.
    Unassigned,
    /// Everything open.
    #[default]
    All,
    /// Open, and the customer waits for an answer.
    Unattended,
    /// Out of sight until a time or a message, or with a reply that leaves later.
    Snoozed,
    /// In which I have begun to write.
    Drafts,
    /// Done.
    Resolved,
    /// Unwanted.
    Spam,
}

/// How many conversations each list holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// See [`Tab::Mine`].
    pub mine: u64,
    /// See [`Tab::Unassigned`].
    pub unassigned: u64,
    /// See [`Tab::All`].
    pub all: u64,
    /// See [`Tab::Unattended`].
    pub unattended: u64,
    /// Of everything open, those with unread messages.
    pub unread: u64,
    /// Of those assigned to me, those with unread messages.
    pub unread_mine: u64,
    /// See [`Tab::Snoozed`].
    pub snoozed: u64,
    /// See [`Tab::Resolved`].
    pub resolved: u64,
    /// See [`Tab::Spam`].
    pub spam: u64,
    /// See [`Tab::Drafts`].
    pub drafts: u64,
}

/// One row of the list. Texts are as stored: sanitise before showing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Which.
    pub id: ConversationId,
    /// The workspace's own number for it, for people.
    pub number: i64,
    /// The account it came in on.
    pub channel: ChannelId,
    /// The provider's name (see [`super::channel::Provider::name`]).
    pub provider: String,
    /// The customer's (or the group's) name.
    pub name: String,
    /// The address as people know it (`@leila`, a phone number), may be empty.
    pub handle: String,
    /// Whether anything is left to do.
    pub status: Status,
    /// Who looks after it.
    pub assignee: Option<AgentId>,
    /// Their name, empty without an assignee.
    pub assignee_name: String,
    /// Messages of the customer nobody has looked at.
    pub unread: u32,
    /// The last message's text, already in words for files and the like.
    pub preview: String,
    /// Whose it was.
    pub preview_direction: Direction,
    /// How far the last message of ours got, or the worst that waits for a decision.
    pub mark: Option<Delivery>,
    /// The text of this agent's unsent reply, when there is one.
    pub draft: Option<String>,
    /// When the last message was written.
    pub last_at: Timestamp,
    /// What the list it was read for is ordered by: higher stands first.
    pub rank: i64,
    /// Since when the customer waits for an answer.
    pub waiting_since: Option<Timestamp>,
    /// When the customer last wrote, by the provider's clock.
    pub last_inbound_at: Option<Timestamp>,
    /// How long after that one may write freely; `None` when always.
    pub window: Option<Span>,
    /// When the provider itself said that the window is closed.
    pub window_closed_at: Option<Timestamp>,
    /// The customer has blocked us or left: nothing can be delivered.
    pub unreachable: bool,
    /// How soon somebody should look at it.
    pub priority: Priority,
    /// Names of its labels, by name.
    pub labels: Vec<String>,
    /// When a snoozed one comes back by itself; `None` when only a message brings it back, or when it is not snoozed.
    pub snoozed_until: Option<Timestamp>,
    /// When the next reply leaves that is to be sent later.
    pub scheduled: Option<Timestamp>,
}

/// Where a page of the list begins: after the row with this order key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListKey {
    /// The row's [`Summary::rank`].
    pub rank: i64,
    /// The row's id, which settles ties.
    pub id: ConversationId,
}

impl Summary {
    /// Whether one may write freely now.
    pub fn reply_window(&self, now: Timestamp) -> Window {
        window::policy(self.window, self.last_inbound_at, self.window_closed_at, now)
    }

    /// Its place in the list.
    pub const fn key(&self) -> ListKey {
        ListKey { rank: self.rank, id: self.id }
    }
}

impl ListKey {
    /// The key after which this row comes first.
    #[must_use]
    pub const fn or_above(self) -> Self {
        Self { rank: self.rank, id: ConversationId(self.id.0.saturating_add(1)) }
    }
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 5] = [Self::Open, Self::Pending, Self::Snoozed, Self::Resolved, Self::Spam];

    /// The name in the database and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Pending => "pending",
            Self::Snoozed => "snoozed",
            Self::Resolved => "resolved",
            Self::Spam => "spam",
        }
    }

    /// The status of that name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// Somebody has something to do, so that the lists show it.
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Open | Self::Pending)
    }

    /// A message of the customer opens it again.
    pub const fn reopens(self) -> bool {
        matches!(self, Self::Pending | Self::Snoozed | Self::Resolved)
    }

    /// An address has at most one conversation like this; every other one of it is history.
    pub const fn is_living(self) -> bool {
        matches!(self, Self::Open | Self::Pending | Self::Snoozed)
    }
}

impl Priority {
    /// Every priority, the lowest first.
    pub const ALL: [Self; 5] = [Self::None, Self::Low, Self::Medium, Self::High, Self::Urgent];

    /// The name on the screen and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }

    /// The number in the database: 0 for none, higher is sooner.
    pub const fn rank(self) -> i64 {
        self as i64
    }

    /// The priority of that number; an unknown one is [`Priority::None`].
    pub fn of_rank(rank: i64) -> Self {
        Self::ALL.into_iter().find(|priority| priority.rank() == rank).unwrap_or_default()
    }
}

impl Tab {
    /// Every list.
    pub const ALL: [Self; 8] =
        [Self::Mine, Self::Unassigned, Self::All, Self::Unattended, Self::Snoozed, Self::Drafts, Self::Resolved, Self::Spam];
    /// Those that always have their place in the row of tabs, in its order.
    pub const TABS: [Self; 4] = [Self::Mine, Self::Unassigned, Self::All, Self::Unattended];

    /// What the screen calls it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Mine => "Mine",
            Self::Unassigned => "Unassigned",
            Self::All => "All",
            Self::Unattended => "Unattended",
            Self::Snoozed => "Later",
            Self::Drafts => "Drafts",
            Self::Resolved => "Resolved",
            Self::Spam => "Spam",
        }
    }

    /// The name in the database and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mine => "mine",
            Self::Unassigned => "unassigned",
            Self::All => "all",
            Self::Unattended => "unattended",
            Self::Snoozed => "snoozed",
            Self::Drafts => "drafts",
            Self::Resolved => "resolved",
            Self::Spam => "spam",
        }
    }

    /// The list of that name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tab| tab.name() == name)
    }

    /// Whether a conversation of this status may be in it; `scheduled`: a reply in it leaves later.
    pub const fn holds(self, status: Status, scheduled: bool) -> bool {
        match self {
            Self::Mine | Self::Unassigned | Self::All | Self::Unattended => status.is_active(),
            Self::Snoozed => scheduled || matches!(status, Status::Snoozed),
            Self::Resolved => matches!(status, Status::Resolved),
            Self::Spam => matches!(status, Status::Spam),
            Self::Drafts => true,
        }
    }

    /// Whether it can be sorted; the others have an order of their own.
    pub const fn has_sort(self) -> bool {
        matches!(self, Self::Mine | Self::Unassigned | Self::All | Self::Unattended)
    }
}

impl Counts {
    /// How many the list holds.
    pub const fn of(&self, tab: Tab) -> u64 {
        match tab {
            Tab::Mine => self.mine,
            Tab::Unassigned => self.unassigned,
            Tab::All => self.all,
            Tab::Unattended => self.unattended,
            Tab::Snoozed => self.snoozed,
            Tab::Drafts => self.drafts,
            Tab::Resolved => self.resolved,
            Tab::Spam => self.spam,
        }
    }
}
