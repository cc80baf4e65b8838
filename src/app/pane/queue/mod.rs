//! The queue as one screen sees it: which console, whose line, which ticket is selected, which counter is ours. The selection stays on its
//! ticket while rows move above and below it.

pub mod place;

use crate::app::effect::{Query, QueuePage};
use crate::app::layout::Rect;
use crate::app::motion::Motion;
use crate::domain::id::{AgentId, CounterId, DepartmentId, ServiceId, TicketId, VenueId};
use crate::domain::queue::look::{Ask, Console, Desk, Line, Waiter};
use crate::domain::queue::{Counter, CounterState, Department, State, Ticket};
use crate::domain::text::Safe;
use crate::domain::time::{Span, Timestamp};

/// A no-show is remembered here for `E`, as many at most.
const NO_SHOWS: usize = 9;

/// From so many columns and rows on, whoever has no counter sees all departments side by side.
pub const WITH_COLUMNS: (u16, u16) = (120, 30);

/// The pane's state.
#[derive(Debug, Default)]
pub struct Queue {
    /// Every venue, by name.
    pub venues: Vec<(VenueId, String)>,
    /// What was read last; nothing before, and where there is no venue.
    pub console: Option<Console>,
    /// It was read at least once.
    pub loaded: bool,
    /// Why it could not be read.
    pub problem: Option<Safe>,
    /// What became of the ticket at our counter that nobody here did.
    pub ended: Option<Safe>,
    /// No-shows made on this screen, the latest last.
    pub no_shows: Vec<Ticket>,
    /// What `z` does, and what it takes back.
    pub undo: Option<Undo>,
    venue: Option<VenueId>,
    mine: Option<CounterId>,
    kind: Option<Kind>,
    scope: Option<Scope>,
    selected: Option<TicketId>,
    /// The column (or group) and the row the selection is in.
    spot: (usize, usize),
    top: usize,
    size: (u16, u16),
    /// The newest ticket that was seen; nothing until the pane was read since it was opened.
    newest: Option<TicketId>,
    /// A console of an earlier version than this one knows less than we do.
    least: i64,
}

/// How an act is taken back.
#[derive(Clone, Debug)]
pub struct Undo {
    /// By what.
    pub ask: Ask,
    /// Until when.
    pub until: Timestamp,
}

/// Which console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One counter and its line.
    Operator,
    /// Every line and every counter.
    Supervisor,
}

/// Whose line is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// What our counter serves.
    Mine,
    /// Everything.
    All,
    /// What a department looks after.
    Department(DepartmentId),
}

/// What came with a page that was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// Somebody came to a line in which nobody was.
    pub rings: bool,
    /// The ticket at our counter came to an end elsewhere.
    pub ended: bool,
    /// What was read is older than what is known: it has to be read again.
    pub stale: bool,
}

impl Queue {
    /// The pane is shown from now on: who waited before is no news.
    pub const fn opened(&mut self) {
        self.newest = None;
    }

    /// Shows another venue.
    pub fn show_venue(&mut self, venue: VenueId) {
        *self = Self { venues: std::mem::take(&mut self.venues), kind: self.kind, venue: Some(venue), size: self.size, ..Self::default() };
    }

    /// What is read for it: all of a venue, whichever line is looked at, because our counter and whoever is there are seen beside every line.
    pub const fn query(&self) -> Query {
        Query::Queue { venue: self.venue, department: None }
    }

    /// Whether a change at this venue is seen here.
    pub fn is_of(&self, venue: VenueId) -> bool {
        self.console.as_ref().is_none_or(|console| console.venue.id == venue)
    }

    /// A page came. `acting` says that something we asked for ourselves is still on its way.
    pub fn take(&mut self, page: QueuePage, me: AgentId, acting: bool) -> News {
        let QueuePage { venues, console } = page;
        if console.as_ref().is_some_and(|console| console.version < std::mem::take(&mut self.least)) {
            return News { stale: true, ..News::default() };
        }
        (self.loaded, self.problem, self.venues) = (true, None, venues);
        let before = std::mem::replace(&mut self.console, console);
        let had = before.as_ref().and_then(|before| before.counters.iter().find(|desk| Some(desk.counter.id) == self.mine));
        let had = had.and_then(|desk| desk.ticket.clone());
        self.find_mine(me);
        let same = before.as_ref().map(|before| before.venue.id) == self.console.as_ref().map(|console| console.venue.id);
        let ended = same && !acting && self.tell_ended(had.as_ref());
        // Whoever is put aside is not in the line.
        let stands = |waiter: &&Waiter| waiter.ticket.state == State::Waiting;
        let alone = before.as_ref().is_some_and(|before| !before.waiting.iter().filter(stands).any(|waiter| self.is_ours(before, waiter)));
        let newest = self.newest_ticket();
        let came = self.newest.is_some() && newest > self.newest && same && alone;
        let rings = came
            && self.console.as_ref().is_some_and(|console| {
                console.waiting.iter().any(|waiter| Some(waiter.ticket.id) > self.newest && self.is_ours(console, waiter))
            });
        self.newest = Some(newest.max(self.newest).unwrap_or(TicketId(0)));
        self.follow();
        News { rings, ended, stale: false }
    }

    /// What an act answered: it is shown before the page comes that holds it.
    pub fn settle_ticket(&mut self, ticket: &Ticket, version: i64) {
        self.least = self.least.max(version);
        let Some(console) = &mut self.console else { return };
        console.waiting.retain(|waiter| waiter.ticket.id != ticket.id || matches!(ticket.state, State::Waiting | State::Parked));
        for waiter in console.waiting.iter_mut().filter(|waiter| waiter.ticket.id == ticket.id) {
            waiter.ticket = ticket.clone();
        }
        let at_counter = matches!(ticket.state, State::Called | State::Serving);
        for desk in &mut console.counters {
            if at_counter && ticket.counter == Some(desk.counter.id) {
                desk.ticket = Some(ticket.clone());
            } else if desk.ticket.as_ref().is_some_and(|there| there.id == ticket.id) {
                desk.ticket = None;
            }
        }
        if at_counter {
            self.selected = Some(ticket.id);
            self.ended = None;
        }
        if ticket.state == State::NoShow {
            self.no_shows.retain(|other| other.id != ticket.id);
            if self.no_shows.len() >= NO_SHOWS {
                self.no_shows.remove(0);
            }
            self.no_shows.push(ticket.clone());
        } else {
            self.no_shows.retain(|other| other.id != ticket.id);
        }
        self.follow();
    }

    /// A counter is another one now.
    pub fn settle_counter(&mut self, counter: &Counter, me: AgentId) {
        let Some(console) = &mut self.console else { return };
        if let Some(desk) = console.counters.iter_mut().find(|desk| desk.counter.id == counter.id) {
            desk.counter = counter.clone();
        }
        if counter.agent == Some(me) && counter.state != CounterState::Closed {
            self.mine = Some(counter.id);
        }
        self.find_mine(me);
        self.follow();
    }

    /// Our counter.
    pub fn desk(&self) -> Option<&Desk> {
        let mine = self.mine?;
        self.console.as_ref()?.counters.iter().find(|desk| desk.counter.id == mine)
    }

    /// Which console is shown: the chosen one, else whichever suits the screen and whoever sits at it.
    pub const fn kind(&self) -> Kind {
        match self.kind {
            Some(kind) => kind,
            None if self.mine.is_none() && self.size.0 >= WITH_COLUMNS.0 && self.size.1 >= WITH_COLUMNS.1 => Kind::Supervisor,
            None => Kind::Operator,
        }
    }

    /// Shows the other console.
    pub fn turn_kind(&mut self) {
        self.kind = Some(if self.kind() == Kind::Operator { Kind::Supervisor } else { Kind::Operator });
        self.top = 0;
        self.follow();
    }

    /// Whose line is shown.
    pub fn scope(&self) -> Scope {
        match self.scope {
            Some(Scope::Mine) | None if self.desk().is_some() && self.kind() == Kind::Operator => Scope::Mine,
            Some(Scope::Mine) | None => Scope::All,
            Some(other) => other,
        }
    }

    /// Shows the next line: our counter's, all, each department's.
    pub fn turn_scope(&mut self, by: isize) {
        let Some(console) = &self.console else { return };
        let mine = (self.desk().is_some() && self.kind() == Kind::Operator).then_some(Scope::Mine);
        let departments = console.departments.iter().map(|department| Scope::Department(department.id));
        let scopes: Vec<Scope> = mine.into_iter().chain([Scope::All]).chain(departments).collect();
        let now = self.scope();
        let at = scopes.iter().position(|scope| *scope == now).unwrap_or(0) as isize;
        self.scope = scopes.get((at + by).rem_euclid(scopes.len() as isize) as usize).copied();
        (self.selected, self.spot, self.top) = (None, (0, 0), 0);
        self.follow();
    }

    /// The departments that are shown, each a column.
    pub fn columns(&self) -> Vec<&Department> {
        let scope = self.scope();
        let shown = |department: &&Department| !matches!(scope, Scope::Department(id) if id != department.id);
        self.console.iter().flat_map(|console| &console.departments).filter(shown).collect()
    }

    /// Who waits in a department's line.
    pub fn line_of(&self, department: DepartmentId) -> Vec<&Waiter> {
        let of = |waiter: &&Waiter| self.line(waiter.ticket.service).is_some_and(|line| line.service.department == department);
        self.console.iter().flat_map(|console| &console.waiting).filter(of).collect()
    }

    /// Who waits in the line that is shown, as they would be called.
    pub fn rows(&self) -> Vec<&Waiter> {
        let scope = self.scope();
        let shown = |waiter: &&Waiter| match scope {
            Scope::Mine => self.console.as_ref().is_some_and(|console| self.is_ours(console, waiter)),
            Scope::All => true,
            Scope::Department(id) => self.line(waiter.ticket.service).is_some_and(|line| line.service.department == id),
        };
        self.console.iter().flat_map(|console| &console.waiting).filter(shown).collect()
    }

    /// A service with its line.
    pub fn line(&self, service: ServiceId) -> Option<&Line> {
        self.console.as_ref()?.lines.iter().find(|line| line.service.id == service)
    }

    /// What a service's numbers begin with.
    pub fn prefix(&self, service: ServiceId) -> &str {
        self.line(service).map_or("", |line| line.service.prefix.as_str())
    }

    /// How many wait everywhere.
    pub fn waiting(&self) -> Option<i64> {
        self.console.as_ref().map(|console| console.lines.iter().map(|line| line.waiting).sum())
    }

    /// A ticket that is shown.
    pub fn ticket(&self, id: TicketId) -> Option<&Ticket> {
        let console = self.console.as_ref()?;
        let waits = console.waiting.iter().map(|waiter| &waiter.ticket);
        let called = console.counters.iter().filter_map(|desk| desk.ticket.as_ref());
        called.chain(waits).find(|ticket| ticket.id == id)
    }

    /// What is known of somebody who waits.
    pub fn waiter(&self, id: TicketId) -> Option<&Waiter> {
        self.console.as_ref()?.waiting.iter().find(|waiter| waiter.ticket.id == id)
    }

    /// The selected ticket.
    pub fn selected(&self) -> Option<&Ticket> {
        self.ticket(self.selected?)
    }

    /// The ticket that is called or served here: the selected one if it is, else our counter's.
    pub fn present(&self) -> Option<&Ticket> {
        let selected = self.selected().filter(|ticket| matches!(ticket.state, State::Called | State::Serving));
        selected.or_else(|| self.desk()?.ticket.as_ref())
    }

    /// Selects a ticket, if it is shown.
    pub fn select(&mut self, id: TicketId) {
        self.selected = Some(id);
        self.follow();
    }

    /// Moves the selection in its column.
    pub fn motion(&mut self, motion: Motion, page: usize) {
        let groups = self.groups();
        let Some(group) = groups.get(self.spot.0).filter(|group| !group.is_empty()) else { return };
        self.selected = group.get(motion.from(self.spot.1, group.len(), page)).copied();
        self.follow();
    }

    /// Moves the selection to the next column that has somebody; says whether there is one.
    pub fn step_column(&mut self, right: bool) -> bool {
        let groups = self.groups();
        let (column, row) = self.spot;
        let has = |at: &usize| groups.get(*at).is_some_and(|group| !group.is_empty());
        let to = if right { (column + 1..groups.len()).find(has) } else { (0..column).rev().find(has) };
        let Some(to) = to else { return false };
        self.selected = groups[to].get(row.min(groups[to].len() - 1)).copied();
        self.top = 0;
        self.follow();
        true
    }

    /// The column the selection is in, and its row.
    pub const fn spot(&self) -> (usize, usize) {
        self.spot
    }

    /// The first row shown of the column the selection is in; of any other it is the first one there is.
    pub const fn top(&self) -> usize {
        self.top
    }

    /// Fits it to the screen.
    pub fn resize(&mut self, size: (u16, u16), place: Rect) {
        if self.size != size {
            self.size = size;
            self.follow();
        }
        let (groups, spot) = (self.groups(), self.spot);
        let (count, room) = match self.kind() {
            Kind::Operator => {
                // The card above the list is the first of the group.
                let card = usize::from(self.desk().is_some_and(|desk| desk.ticket.is_some()));
                let at = spot.1.saturating_sub(card);
                let room = place::operator(place).rows();
                (groups.first().map_or(0, Vec::len) - card.min(groups.first().map_or(0, Vec::len)), (at, room))
            }
            Kind::Supervisor => {
                let places = place::supervisor(place, self.columns().len(), spot.0);
                let room = if spot.0 + 1 < groups.len() { places.column_rows() } else { places.counter_rows() };
                (groups.get(spot.0).map_or(0, Vec::len), (spot.1, room))
            }
        };
        let (at, room) = room;
        if room > 0 {
            self.top = self.top.clamp((at + 1).saturating_sub(room), at).min(count.saturating_sub(room));
        }
    }

    /// The ticket that stands there.
    pub fn ticket_at(&self, place: Rect, column: u16, row: u16) -> Option<TicketId> {
        let groups = self.groups();
        match self.kind() {
            Kind::Operator => {
                let places = place::operator(place);
                let here = self.desk().and_then(|desk| desk.ticket.as_ref()).map(|ticket| ticket.id);
                if places.card.contains(column, row) {
                    return here;
                }
                let at = places.row_at(column, row)? + self.top + usize::from(here.is_some());
                groups.first()?.get(at).copied()
            }
            Kind::Supervisor => {
                let (at, row) = place::supervisor(place, self.columns().len(), self.spot.0).row_at(column, row)?;
                let top = if at == self.spot.0 { self.top } else { 0 };
                // The last group are those at the counters, which are no column.
                groups.get(at).filter(|_| at + 1 < groups.len())?.get(row + top).copied()
            }
        }
    }

    /// When what is shown changes by itself: the clock of whoever is at our counter, and waits with the clock's minute.
    pub fn changes_at(&self, now: Timestamp) -> Option<Timestamp> {
        const SECOND: i64 = 1_000_000;
        let console = self.console.as_ref()?;
        let mine = self.desk().and_then(|desk| desk.ticket.as_ref()).filter(|_| self.kind() == Kind::Operator);
        if let Some(since) = mine.and_then(since) {
            return Some(Timestamp(now.0 + SECOND - (now.0 - since.0).rem_euclid(SECOND)));
        }
        let anybody = !console.waiting.is_empty() || console.counters.iter().any(|desk| desk.ticket.is_some());
        anybody.then(|| Timestamp((now.0.div_euclid(60 * SECOND) + 1) * 60 * SECOND))
    }

    /// The tickets that can be selected, column by column; the last column of a supervisor are those at the counters.
    pub fn groups(&self) -> Vec<Vec<TicketId>> {
        let id = |waiter: &Waiter| waiter.ticket.id;
        match self.kind() {
            Kind::Operator => {
                let here = self.desk().and_then(|desk| desk.ticket.as_ref()).map(|ticket| ticket.id);
                vec![here.into_iter().chain(self.rows().into_iter().map(id)).collect()]
            }
            Kind::Supervisor => {
                let columns = self.columns().into_iter().map(|department| self.line_of(department.id).into_iter().map(id).collect());
                let counters = self.console.iter().flat_map(|console| &console.counters).filter_map(|desk| desk.ticket.as_ref());
                columns.chain([counters.map(|ticket| ticket.id).collect()]).collect()
            }
        }
    }

    /// Our counter serves it; without a counter everything is ours.
    fn is_ours(&self, console: &Console, waiter: &Waiter) -> bool {
        let desk = self.mine.and_then(|mine| console.counters.iter().find(|desk| desk.counter.id == mine));
        desk.is_none_or(|desk| desk.counter.services.contains(&waiter.ticket.service))
    }

    fn newest_ticket(&self) -> Option<TicketId> {
        let console = self.console.as_ref()?;
        let called = console.counters.iter().filter_map(|desk| desk.ticket.as_ref());
        console.waiting.iter().map(|waiter| &waiter.ticket).chain(called).map(|ticket| ticket.id).max()
    }

    /// Our counter is the one that was, while it is ours; else the first that is.
    fn find_mine(&mut self, me: AgentId) {
        let counters = self.console.as_ref().map(|console| console.counters.as_slice()).unwrap_or_default();
        let ours = |desk: &&Desk| desk.counter.agent == Some(me) && desk.counter.state != CounterState::Closed;
        let same = counters.iter().filter(ours).find(|desk| Some(desk.counter.id) == self.mine);
        self.mine = same.or_else(|| counters.iter().find(ours)).map(|desk| desk.counter.id);
    }

    /// Says what became of the ticket that was at our counter, if it is not there any more.
    fn tell_ended(&mut self, had: Option<&Ticket>) -> bool {
        let Some(had) = had else { return false };
        let Some(desk) = self.desk() else { return false };
        // Whoever leaves the counter sent their ticket back themselves.
        if desk.ticket.is_some() || desk.counter.state != CounterState::Open {
            self.ended = None;
            return false;
        }
        let event = self.console.as_ref().and_then(|console| console.events.iter().find(|event| event.label == had.label));
        let by_customer = event.is_some_and(|event| event.detail.starts_with("by the customer"));
        let became = match event.map(|event| event.kind.as_str()) {
            Some("ticket.cancelled") if by_customer => "was cancelled by customer",
            Some("ticket.cancelled") => "was cancelled elsewhere",
            Some("ticket.served") => "was ended elsewhere",
            Some("ticket.transferred") => "was moved to another line",
            Some("ticket.no-show") => "was made a no-show elsewhere",
            Some("ticket.expired") => "ended with the day",
            _ => "was taken from your counter",
        };
        self.ended = Some(Safe::line(&format!("{} {became}", had.label)));
        true
    }

    /// The selection is on its ticket, or where that was.
    fn follow(&mut self) {
        let groups = self.groups();
        let found = groups.iter().enumerate().find_map(|(column, group)| {
            let row = group.iter().position(|id| Some(*id) == self.selected)?;
            Some((column, row))
        });
        let instead = || {
            let (column, row) = self.spot;
            let near = |column: usize| groups.get(column).filter(|group| !group.is_empty()).map(|group| (column, row.min(group.len() - 1)));
            near(column).or_else(|| (0..groups.len()).find_map(near))
        };
        self.spot = found.or_else(instead).unwrap_or((0, 0));
        self.selected = groups.get(self.spot.0).and_then(|group| group.get(self.spot.1)).copied();
    }
}

/// Since when somebody is at a counter: called, or served.
pub const fn since(ticket: &Ticket) -> Option<Timestamp> {
    match ticket.state {
        State::Serving => ticket.serving_at,
        State::Called => ticket.called_at,
        _ => None,
    }
}

/// Somebody is at a counter for much longer than is usual there.
pub fn takes_long(ticket: &Ticket, desk: &Desk, expected: Span, now: Timestamp) -> bool {
    let usual = if desk.mean.0 > 0 { desk.mean } else { expected };
    usual.0 > 0 && since(ticket).is_some_and(|since| now.since(since).0 > usual.0.saturating_mul(2))
}
