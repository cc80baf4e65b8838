//! Work at a clinic's counters: people come and take numbers, operators call them, serve them, wait in vain for some, put some aside and send
//! some on. What happens is planned ahead on one time line, so that a morning can be played in a moment and goes on as it was.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::domain::id::{AgentId, CounterId, ServiceId, TicketId, VenueId, WorkspaceId};
use crate::domain::queue::look::{Answer, Ask, Issue, Place as Standing};
use crate::domain::queue::{Act, CounterState, Place, Priority, State};
use crate::domain::time::{Span, Timestamp};
use crate::store::{Result, Store, Tx};

/// What people come for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trade {
    pub service: ServiceId,
    /// Seconds between two who come for it.
    pub comes: f64,
    /// Seconds that serving one takes.
    pub takes: f64,
    /// Whoever sees so many waiting comes later.
    pub crowd: i64,
    /// Where some are sent on to.
    pub then: Option<ServiceId>,
}

/// A counter and who works there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Post {
    pub counter: CounterId,
    pub agent: AgentId,
}

/// What somebody will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Deed {
    /// Somebody comes for this.
    Arrive(usize),
    /// The operator is free.
    Ready(usize),
    /// Whoever was called is there, or is not.
    Come(usize, TicketId),
    /// Nobody came after the second call either.
    GiveUp(usize, TicketId),
    /// All is said.
    Done(usize, TicketId),
    /// Somebody who was put aside is back.
    Back(TicketId),
}

/// People and operators, and what they will do.
pub(super) struct Shift {
    pub workspace: WorkspaceId,
    pub venue: VenueId,
    trades: Vec<Trade>,
    posts: Vec<Post>,
    rng: fastrand::Rng,
    pace: f64,
    /// Soonest first; what is planned for the same instant is done in the order of planning.
    plans: BinaryHeap<Reverse<(Timestamp, u64, Deed)>>,
    planned: u64,
}

impl Shift {
    /// It begins at `from`: operators are at their counters, and people begin to come.
    pub(super) fn new(
        (workspace, venue): (WorkspaceId, VenueId),
        (trades, posts): (Vec<Trade>, Vec<Post>),
        (seed, pace): (u64, f64),
        from: Timestamp,
    ) -> Self {
        let rng = fastrand::Rng::with_seed(seed ^ 0xc11c);
        let mut shift = Self { workspace, venue, trades, posts, rng, pace, plans: BinaryHeap::new(), planned: 0 };
        for trade in 0..shift.trades.len() {
            shift.plan(from, 5.0 + 10.0 * trade as f64, Deed::Arrive(trade));
        }
        for post in 0..shift.posts.len() {
            shift.plan(from, 20.0 + 7.0 * post as f64, Deed::Ready(post));
        }
        shift
    }

    /// When something happens next.
    pub(super) fn next_at(&self) -> Option<Timestamp> {
        self.plans.peek().map(|Reverse((at, ..))| *at)
    }

    /// Does what is next. What is refused, because somebody else was there before, is left alone.
    pub(super) async fn step(&mut self, store: &Store, tx: &mut Tx) -> Result<()> {
        let Some(Reverse((_, _, deed))) = self.plans.pop() else { return Ok(()) };
        let now = store.now();
        let done = match deed {
            Deed::Arrive(trade) => self.arrive(store, tx, trade, now).await,
            Deed::Ready(post) => self.ready(store, tx, post, now).await,
            Deed::Come(post, ticket) => self.come(store, tx, (post, ticket), now).await,
            Deed::GiveUp(post, ticket) => self.end(store, tx, (post, ticket), Act::NoShow, now).await,
            Deed::Done(post, ticket) => self.part(store, tx, (post, ticket), now).await,
            Deed::Back(ticket) => self.act(store, tx, (None, ticket), Act::Return(Place::Arrival), None).await.map(drop),
        };
        if done.is_err() {
            match deed {
                Deed::Arrive(trade) => self.plan(now, 60.0, Deed::Arrive(trade)),
                Deed::Ready(post) | Deed::Come(post, _) | Deed::GiveUp(post, _) | Deed::Done(post, _) => {
                    self.plan(now, 30.0, Deed::Ready(post));
                }
                Deed::Back(_) => {}
            }
        }
        done
    }

    fn plan(&mut self, from: Timestamp, seconds: f64, deed: Deed) {
        self.planned += 1;
        let wait = Span::millis((seconds * 1_000.0 / self.pace) as i64);
        self.plans.push(Reverse((from.plus(wait), self.planned, deed)));
    }

    /// About so many.
    fn about(&mut self, seconds: f64) -> f64 {
        seconds * (0.6 + self.rng.f64() * 0.8)
    }

    async fn arrive(&mut self, store: &Store, tx: &mut Tx, trade: usize, now: Timestamp) -> Result<()> {
        let priority = match self.rng.u8(0..30) {
            0..3 => Priority::Elder,
            3 => Priority::Pregnant,
            _ => Priority::Normal,
        };
        let Trade { service, comes, crowd, .. } = self.trades[trade];
        let issue = Issue { service: Some(service), priority, source: "kiosk", ..Issue::default() };
        let total = match store.queue_ask_in(tx, self.workspace, None, &Ask::Issue(issue)).await? {
            Answer::Ticket(place) => place.total,
            _ => 0,
        };
        let wait = self.about(comes);
        self.plan(now, if total >= crowd { wait * 4.0 } else { wait }, Deed::Arrive(trade));
        Ok(())
    }

    async fn ready(&mut self, store: &Store, tx: &mut Tx, at: usize, now: Timestamp) -> Result<()> {
        let post = self.posts[at];
        let counters = store.counters(tx, self.workspace, self.venue).await?;
        // Somebody else may have sat down there, or closed it.
        if !counters.iter().any(|it| it.id == post.counter && it.state == CounterState::Open && it.agent == Some(post.agent)) {
            self.plan(now, 30.0, Deed::Ready(at));
            return Ok(());
        }
        let next = Ask::Next { counter: post.counter, there: None, finish: None };
        let (ticket, wait) = match store.queue_ask_in(tx, self.workspace, Some(post.agent), &next).await? {
            Answer::Ticket(place) => (Some((place.ticket.id, State::Called)), 25.0),
            Answer::Busy(ticket) => (Some((ticket.id, ticket.state)), 40.0),
            Answer::Nobody | Answer::Counter(_) => (None, 20.0),
        };
        let wait = self.about(wait);
        let deed = match ticket {
            Some((ticket, State::Called)) => Deed::Come(at, ticket),
            Some((ticket, _)) => Deed::Done(at, ticket),
            None => Deed::Ready(at),
        };
        self.plan(now, wait, deed);
        Ok(())
    }

    async fn come(&mut self, store: &Store, tx: &mut Tx, (at, ticket): (usize, TicketId), now: Timestamp) -> Result<()> {
        if self.rng.u8(0..12) == 0 {
            self.act(store, tx, (Some(at), ticket), Act::Recall, None).await?;
            // The second call finds most of them.
            let (wait, deed) = if self.rng.bool() { (40.0, Deed::GiveUp(at, ticket)) } else { (15.0, Deed::Come(at, ticket)) };
            self.plan(now, wait, deed);
            return Ok(());
        }
        let place = self.act(store, tx, (Some(at), ticket), Act::Start, None).await?;
        let takes = place.and_then(|place| self.trade(place.ticket.service)).map_or(240.0, |trade| trade.takes);
        let takes = self.about(takes);
        self.plan(now, takes, Deed::Done(at, ticket));
        Ok(())
    }

    /// Most are done; some are sent on, some have to fetch something first.
    async fn part(&mut self, store: &Store, tx: &mut Tx, (at, ticket): (usize, TicketId), now: Timestamp) -> Result<()> {
        let seen = store.ticket(tx, self.workspace, ticket).await?;
        let then = self.trade(seen.service).and_then(|trade| trade.then).filter(|_| seen.transfers == 0);
        match (self.rng.u8(0..20), then) {
            (0, _) => {
                let away = 8.0 * 60.0 + self.rng.f64() * 600.0;
                let until = now.plus(Span::millis((away * 1_000.0 / self.pace) as i64));
                self.end(store, tx, (at, ticket), Act::Park(Some(until)), now).await?;
                self.plan(now, away + 1.0, Deed::Back(ticket));
                Ok(())
            }
            (1..6, Some(then)) => {
                self.act(store, tx, (Some(at), ticket), Act::Transfer, Some(then)).await?;
                self.plan(now, 12.0, Deed::Ready(at));
                Ok(())
            }
            _ => self.end(store, tx, (at, ticket), Act::Serve, now).await,
        }
    }

    async fn end(&mut self, store: &Store, tx: &mut Tx, (at, ticket): (usize, TicketId), act: Act, now: Timestamp) -> Result<()> {
        self.act(store, tx, (Some(at), ticket), act, None).await?;
        let pause = self.about(20.0);
        self.plan(now, pause, Deed::Ready(at));
        Ok(())
    }

    async fn act(
        &self,
        store: &Store,
        tx: &mut Tx,
        (at, ticket): (Option<usize>, TicketId),
        act: Act,
        service: Option<ServiceId>,
    ) -> Result<Option<Box<Standing>>> {
        let agent = at.map(|at| self.posts[at].agent);
        let ask = Ask::Act { ticket, version: None, act, counter: None, service };
        Ok(match store.queue_ask_in(tx, self.workspace, agent, &ask).await? {
            Answer::Ticket(place) => Some(place),
            _ => None,
        })
    }

    fn trade(&self, service: ServiceId) -> Option<&Trade> {
        self.trades.iter().find(|trade| trade.service == service)
    }
}
