//! What the screens of a queue show: each is painted from one of these as a whole, and whoever acts says which version they saw.

use super::{Counter, CounterState, Department, Priority, Service, State, Ticket, Venue};
use crate::domain::id::{CounterId, ServiceId, TicketId};
use crate::domain::time::{Span, Timestamp};

/// What a console shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Console {
    /// Where.
    pub venue: Venue,
    /// Its departments, by name.
    pub departments: Vec<Department>,
    /// Its services with how they are doing, by department and name.
    pub lines: Vec<Line>,
    /// Its counters, by name.
    pub counters: Vec<Desk>,
    /// Who waits or is parked, as they would be called; at most [`Console::MOST`] of them.
    pub waiting: Vec<Waiter>,
    /// There are more.
    pub more: bool,
    /// What happened last, the newest first.
    pub events: Vec<Happened>,
    /// Of all services together, today.
    pub day: Day,
    /// Rises with every change at the venue.
    pub version: i64,
}

impl Console {
    /// A screen holds no more of those who wait.
    pub const MOST: u32 = 500;
}

/// A service and its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Which.
    pub service: Service,
    /// How many wait.
    pub waiting: i64,
    /// How many are put aside.
    pub parked: i64,
    /// Counters that serve it and are open.
    pub open: i64,
    /// Of those, how many have nobody.
    pub free: i64,
    /// How long serving one takes, as things go.
    pub mean: Span,
    /// How long somebody waits who comes now; `None` while no counter is open.
    pub estimate: Option<Range>,
    /// Of today.
    pub day: Day,
}

/// How long something takes: a range, both ends included, in whole minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Range {
    /// At least.
    pub from: i64,
    /// At most.
    pub to: i64,
}

/// A day's figures so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Day {
    /// Tickets issued.
    pub issued: i64,
    /// Served.
    pub served: i64,
    /// Nobody came.
    pub no_shows: i64,
    /// The mean wait until the first call.
    pub wait: Span,
    /// The longest present wait.
    pub longest: Span,
    /// Of a hundred calls, how many within what was promised; `None` before the first.
    pub promised: Option<i64>,
    /// By how much the last estimates of a service were wrong; `None` before the first, and of several services together.
    pub error: Option<ErrorOfEstimates>,
}

/// By how much estimates were wrong, too long or too short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorOfEstimates {
    /// In the mean.
    pub mean: Span,
    /// Nine of ten were wrong by no more.
    pub p90: Span,
}

/// A counter and whom it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desk {
    /// Which.
    pub counter: Counter,
    /// Who works there; empty when nobody does.
    pub agent: String,
    /// The ticket it called or serves.
    pub ticket: Option<Ticket>,
    /// Served today.
    pub served: i64,
    /// Nobody came, today.
    pub no_shows: i64,
    /// The mean time of serving one, today.
    pub mean: Span,
    /// The longest, today.
    pub longest: Span,
}

/// Somebody who waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiter {
    /// Their ticket.
    pub ticket: Ticket,
    /// Their place; `None` while they are put aside.
    pub position: Option<i64>,
    /// How long until they are called; `None` while no counter is open, or they are put aside.
    pub estimate: Option<Range>,
    /// What can be used to tell them, in a word or two: `chat`, `chat closed`, `push`; empty for none.
    pub reach: String,
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happened {
    /// When.
    pub at: Timestamp,
    /// What: `ticket.called`, `notice.sent`, ….
    pub kind: String,
    /// To which ticket; empty for none.
    pub label: String,
    /// What else there is to say.
    pub detail: String,
}

/// What the public display shows: tickets and counters, never a name or a number of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Board {
    /// Where.
    pub venue: Venue,
    /// The department it is for; `None` for all.
    pub department: Option<Department>,
    /// The last calls, the newest first; at most [`Board::CALLS`].
    pub calls: Vec<Announcement>,
    /// Who is next, in order; at most [`Board::NEXT`].
    pub next: Vec<NextInLine>,
    /// The services with how long they take.
    pub lines: Vec<Line>,
    /// Rises with every change at the venue.
    pub version: i64,
}

impl Board {
    /// So many calls are kept in sight.
    pub const CALLS: u32 = 20;
    /// So many who are next.
    pub const NEXT: usize = 12;
}

/// A call as it was announced. Each has a number that rises, so that two in one second are both shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// Rises with each.
    pub id: i64,
    /// Whose.
    pub ticket: TicketId,
    /// What is printed on it.
    pub label: String,
    /// To which counter.
    pub counter: String,
    /// Which counter that is.
    pub counter_id: CounterId,
    /// For what.
    pub service: String,
    /// What that is.
    pub service_id: ServiceId,
    /// When.
    pub at: Timestamp,
    /// The how manieth call again; 0 for the first.
    pub recall: i64,
    /// What became of the ticket since.
    pub state: State,
    /// It was called by mistake.
    pub withdrawn: bool,
}

/// Somebody on the display who is soon called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextInLine {
    /// What is printed on their ticket.
    pub label: String,
    /// For what.
    pub service: String,
    /// Their place.
    pub position: i64,
    /// How long until then.
    pub estimate: Option<Range>,
    /// They are called before others for a reason.
    pub priority: Priority,
}

/// What a kiosk offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kiosk {
    /// Where.
    pub venue: Venue,
    /// What one can take a number for, in the order of the keys.
    pub offers: Vec<Offer>,
    /// Where `ANTRI` can be sent to; empty when nowhere.
    pub number: String,
}

/// A service at a kiosk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Its line.
    pub line: Line,
    /// Its department takes nobody.
    pub closed: bool,
}

/// A ticket as its holder is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The ticket.
    pub ticket: Ticket,
    /// What the venue is called.
    pub venue: String,
    /// What it is for.
    pub service: String,
    /// Who looks after that.
    pub department: String,
    /// Its place in the line, while it waits.
    pub position: Option<i64>,
    /// How many wait in it; 0 unless it waits too.
    pub total: i64,
    /// How long it may take.
    pub estimate: Option<Range>,
    /// What is being served there now; empty when nothing was.
    pub serving: String,
    /// To which counter it was called; empty before.
    pub counter: String,
    /// It was there before it was asked for: the same press, or the same phone.
    pub known: bool,
    /// The version of the venue it is true of.
    pub version: i64,
}

/// What somebody asks of the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// A ticket.
    Issue(Issue),
    /// The next one, to this counter.
    Next {
        /// To which.
        counter: CounterId,
        /// Who is still there, as whoever asks saw it: the ticket and its version. Somebody else, or the same one changed since, is asked
        /// about instead: nobody is ended by a screen that did not show them.
        there: Option<(TicketId, i64)>,
        /// What becomes of them; they are asked without, unless the venue's rules say.
        finish: Option<Finish>,
    },
    /// Something done to a ticket.
    Act {
        /// Which.
        ticket: TicketId,
        /// What was seen of it; refused when it has changed since.
        version: Option<i64>,
        /// What.
        act: super::Act,
        /// To which counter, for a call.
        counter: Option<CounterId>,
        /// To which service, for a transfer.
        service: Option<ServiceId>,
    },
    /// Another priority.
    Prefer {
        /// Which.
        ticket: TicketId,
        /// What was seen of it.
        version: Option<i64>,
        /// Which one.
        priority: Priority,
    },
    /// Open, close or leave a counter for a while. Whoever opens it works there.
    Counter {
        /// Which.
        counter: CounterId,
        /// What it is to be.
        state: CounterState,
    },
}

/// A ticket to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Issue {
    /// For what.
    pub service: Option<ServiceId>,
    /// How urgent.
    pub priority: Priority,
    /// A phone number, as typed; empty for none.
    pub phone: String,
    /// The holder's name; empty for none.
    pub name: String,
    /// Their language; empty for the workspace's.
    pub language: String,
    /// The same for every try of the same press; empty for none.
    pub key: String,
    /// Where it was taken: `kiosk`, `desk`, `message`.
    pub source: &'static str,
}

/// What becomes of a ticket that is still at a counter when the next one is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// Done.
    Serve,
    /// Put aside.
    Park,
    /// Nobody came.
    NoShow,
}

/// What the queue answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The ticket as it is now.
    Ticket(Box<Place>),
    /// Nobody waits.
    Nobody,
    /// Somebody is still at the counter: it takes a [`Finish`].
    Busy(Box<Ticket>),
    /// The counter is what it was to be.
    Counter(Counter),
}
