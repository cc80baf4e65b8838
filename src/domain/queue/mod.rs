//! The walk-in queue: people take a number, wait where they like, and are called to a counter.
//!
//! Reading order: the things of a queue here, [`state`] (what may become of a ticket), [`order`] (who is next), [`number`] (what is printed on
//! a ticket), [`estimate`] (how long it takes), [`look`] (what screens show), [`signs`] (what they say to the public), [`tell`] (what holders
//! are told), [`said`] (in which words), [`words`] (what they may write), [`report`] (how it went).

pub mod estimate;
pub mod look;
pub mod number;
pub mod order;
pub mod report;
pub mod said;
pub mod signs;
pub mod state;
pub mod tell;
pub mod words;

use chrono_tz::Tz;

use super::id::{AgentId, ContactId, ConversationId, CounterId, DepartmentId, ServiceId, TicketId, VenueId};
use super::time::{Span, Timestamp};
pub use state::{Act, State};

/// A place with a door: its zone decides what day it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Venue {
    /// Its id.
    pub id: VenueId,
    /// What it is called.
    pub name: String,
    /// Its zone.
    pub zone: Tz,
    /// When a business day begins, after local midnight: a night clinic's begins at four.
    pub day_starts: Span,
    /// How its queue is run.
    pub rules: Rules,
}

/// Who looks after services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Department {
    /// Its id.
    pub id: DepartmentId,
    /// Where.
    pub venue: VenueId,
    /// What it is called.
    pub name: String,
    /// It takes nobody: no ticket is issued for it and none is moved to it.
    pub closed: bool,
}

/// What a ticket can be for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its id.
    pub id: ServiceId,
    /// Whose.
    pub department: DepartmentId,
    /// What it is called.
    pub name: String,
    /// What its numbers begin with: two to four letters and digits, no other service of the workspace has it.
    pub prefix: String,
    /// How long serving somebody takes, until there is a history.
    pub expected: Span,
}

/// Where people are called to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counter {
    /// Its id.
    pub id: CounterId,
    /// Where.
    pub venue: VenueId,
    /// What stands over it: `3`, `Window B`.
    pub name: String,
    /// What it serves.
    pub services: Vec<ServiceId>,
    /// Whether somebody works there.
    pub state: CounterState,
    /// Who.
    pub agent: Option<AgentId>,
    /// Rises with every change.
    pub version: i64,
}

/// Whether somebody works at a counter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CounterState {
    /// Nobody.
    #[default]
    Closed,
    /// Somebody.
    Open,
    /// Somebody who will be back.
    Break,
}

/// How urgent somebody is. The order is that of the calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Cannot wait.
    Urgent,
    /// Old.
    Elder,
    /// Disabled.
    Disabled,
    /// Pregnant.
    Pregnant,
    /// Like everybody.
    #[default]
    Normal,
}

/// Somebody's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Its id.
    pub id: TicketId,
    /// Where.
    pub venue: VenueId,
    /// What it is for now.
    pub service: ServiceId,
    /// What it was issued for: its number is of that service.
    pub issued_for: ServiceId,
    /// What is printed on it: `SER-042`. Renaming a service changes no ticket.
    pub label: String,
    /// The number in it.
    pub number: i64,
    /// The venue's business day it was issued on, in days since 1970-01-01.
    pub day: i64,
    /// It was kept from an earlier day.
    pub carried: bool,
    /// What became of it.
    pub state: State,
    /// How urgent.
    pub priority: Priority,
    /// When its holder came; never changes.
    pub arrived_at: Timestamp,
    /// What it is ordered by within its class.
    pub order_at: Timestamp,
    /// When it was called first, and last.
    pub first_called_at: Option<Timestamp>,
    /// When it was called last.
    pub called_at: Option<Timestamp>,
    /// How often it was called again.
    pub recalls: i64,
    /// Since when its holder is being served.
    pub serving_at: Option<Timestamp>,
    /// When it came to its end.
    pub ended_at: Option<Timestamp>,
    /// To which counter it was called last.
    pub counter: Option<CounterId>,
    /// Until when it is put aside.
    pub parked_until: Option<Timestamp>,
    /// How often it was moved to another service.
    pub transfers: i64,
    /// A phone number (E.164, without +), empty without one.
    pub phone: String,
    /// What the holder is called; empty when they did not say. A stranger's words.
    pub name: String,
    /// Something an operator should know.
    pub note: String,
    /// The language the holder is told in; empty for the workspace's.
    pub language: String,
    /// Who holds it, when we know them.
    pub contact: Option<ContactId>,
    /// Where we can write to them.
    pub conversation: Option<ConversationId>,
    /// By which way they were told last; empty before.
    pub told: String,
    /// Rises with every change; who acts says which one they saw.
    pub version: i64,
}

/// How a venue runs its queue. Kept as JSON; what is missing in it is as in [`Rules::default`].
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// How often somebody may be called again.
    pub recalls: i64,
    /// After so many urgent people in a row one who is not is called; 0 for never.
    pub streak: i64,
    /// After so many minutes of waiting somebody counts as one class more urgent; 0 for never.
    pub promote_minutes: i64,
    /// How long a no-show may be taken back, in minutes.
    pub reinstate_minutes: i64,
    /// Calling the next one ends serving the present one, without asking.
    pub next_ends: bool,
    /// Where a transferred ticket stands.
    pub transfer: Place,
    /// Tickets that nobody called are kept for the next day instead of ended.
    pub carry: bool,
    /// A place in the line at which its holder is told that it is soon; 0 for never.
    pub soon: i64,
    /// Waiting no longer than so many minutes is what was promised.
    pub promise_minutes: i64,
    /// The calling code of telephone numbers that are typed without one (`62`); empty when there is none.
    pub country: String,
}

/// Where in the line somebody is put.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// Where they stood: by when they came.
    #[default]
    Arrival,
    /// Before everybody of their class.
    First,
    /// After everybody of their class.
    Last,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            recalls: 3,
            streak: 3,
            promote_minutes: 45,
            reinstate_minutes: 15,
            next_ends: false,
            transfer: Place::Arrival,
            carry: false,
            soon: 3,
            promise_minutes: 20,
            country: String::new(),
        }
    }
}

impl CounterState {
    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::Break => "break",
        }
    }

    /// The state of that name.
    pub fn of(name: &str) -> Option<Self> {
        [Self::Closed, Self::Open, Self::Break].into_iter().find(|state| state.name() == name)
    }
}

impl Priority {
    /// Every priority, the most urgent first.
    pub const ALL: [Self; 5] = [Self::Urgent, Self::Elder, Self::Disabled, Self::Pregnant, Self::Normal];
    /// How many classes there are.
    pub const CLASSES: i64 = 3;

    /// The name in the database and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Urgent => "urgent",
            Self::Elder => "elder",
            Self::Disabled => "disabled",
            Self::Pregnant => "pregnant",
            Self::Normal => "normal",
        }
    }

    /// The priority of that name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|priority| priority.name() == name)
    }

    /// Its class; a lower one is called first, and within one nobody is preferred.
    pub const fn class(self) -> i64 {
        match self {
            Self::Urgent => 0,
            Self::Elder | Self::Disabled | Self::Pregnant => 1,
            Self::Normal => 2,
        }
    }

    /// As a narrow column shows it.
    pub const fn short(self) -> &'static str {
        match self {
            Self::Urgent => "URG",
            Self::Elder => "ELD",
            Self::Disabled => "DIS",
            Self::Pregnant => "PRG",
            Self::Normal => "-",
        }
    }
}
