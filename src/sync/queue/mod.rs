//! What the queue does by itself: holders are told what is due ([`tell`], in the words of [`say`], by chat or by [`push`]), what customers ask
//! by message is answered ([`asks`]), who was put aside comes back at their time, and a day ends.
//!
//! One task, in the process that syncs. It is woken by hints and by its own deadlines, and looks only at the venues that changed.

mod asks;
pub mod push;
mod say;
mod tell;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio_util::sync::CancellationToken;

use self::push::Push;
use super::nap;
use crate::domain::hint::Hint;
use crate::domain::id::{ConversationId, TicketId, VenueId};
use crate::domain::time::{Span, Timestamp};
use crate::store::{Result, Store};

/// Hints come in swarms; so long it rests between two looks.
const BREATH: Duration = Duration::from_millis(20);
/// How long it rests when the database cannot be asked.
const REST: Duration = Duration::from_secs(5);
/// How long a venue that cannot be understood is left alone.
const BLIND: Span = Span::minutes(1);
/// More conversations than these are looked up all at once.
const ONE_BY_ONE: usize = 50;

/// Tells holders of tickets, and answers them.
pub struct Teller {
    store: Store,
    push: Option<Arc<dyn Push>>,
    news: News,
    /// When to look at a venue again, though nothing happens there.
    again: BTreeMap<VenueId, Timestamp>,
    /// When the clock does something to a queue next.
    day: Option<Timestamp>,
    /// Until when a push notice rests, by its row.
    resting: BTreeMap<i64, Timestamp>,
    /// Since when something has been true that settles first, by venue and ticket.
    since: BTreeMap<VenueId, BTreeMap<TicketId, Timestamp>>,
}

/// What may have changed.
#[derive(Debug)]
struct News {
    all: bool,
    venues: BTreeSet<VenueId>,
    conversations: BTreeSet<ConversationId>,
}

impl std::fmt::Debug for Teller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Teller").field("news", &self.news).finish_non_exhaustive()
    }
}

impl News {
    fn take(&mut self, hint: Hint) -> bool {
        match hint {
            Hint::Everything => self.all = true,
            Hint::Queue(venue) => drop(self.venues.insert(venue)),
            Hint::Conversation(conversation) => drop(self.conversations.insert(conversation)),
            Hint::Status | Hint::Journal => return false,
        }
        self.all |= self.conversations.len() > ONE_BY_ONE;
        true
    }
}

/// Tells, pushes and answers until cancelled. Pushes have a loop of their own: a push service that does not answer holds up nobody else.
pub async fn run(store: Store, push: Option<Arc<dyn Push>>, cancel: CancellationToken) {
    let (teller, pusher) = (Teller::new(store.clone(), push.clone()), Teller::new(store, push));
    tokio::select! {
        () = cancel.cancelled() => {}
        () = async { tokio::join!(tell_on(teller), push_on(pusher)); } => {}
    }
}

async fn push_on(mut pusher: Teller) {
    let mut hints = pusher.store.changes();
    loop {
        let sleep = match pusher.push_all().await {
            Ok(next) => next.map(|at| nap(at, pusher.store.now())),
            Err(error) => {
                tracing::warn!(%error, "cannot push notices; trying again");
                Some(REST)
            }
        };
        tokio::select! {
            () = rung(&mut hints, &mut pusher.news) => tokio::time::sleep(BREATH).await,
            () = tokio::time::sleep(sleep.unwrap_or_default()), if sleep.is_some() => {}
        }
        gather(&mut hints, &mut pusher.news);
    }
}

async fn tell_on(mut teller: Teller) {
    let mut hints = teller.store.changes();
    loop {
        let sleep = match teller.turn().await {
            Ok(next) => next.map(|at| nap(at, teller.store.now())),
            Err(error) => {
                tracing::warn!(%error, "cannot look after the queue; trying again");
                Some(REST)
            }
        };
        tokio::select! {
            () = rung(&mut hints, &mut teller.news) => tokio::time::sleep(BREATH).await,
            () = tokio::time::sleep(sleep.unwrap_or_default()), if sleep.is_some() => {}
        }
        gather(&mut hints, &mut teller.news);
    }
}

/// Waits for a hint that concerns a queue or a conversation.
async fn rung(hints: &mut Receiver<Hint>, news: &mut News) {
    loop {
        match hints.recv().await {
            Ok(hint) if news.take(hint) => return,
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => {
                news.all = true;
                return;
            }
            // The store is going away; the cancel is on its way.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

/// Takes whatever else was hinted meanwhile.
fn gather(hints: &mut Receiver<Hint>, news: &mut News) {
    loop {
        match hints.try_recv() {
            Ok(hint) => drop(news.take(hint)),
            Err(TryRecvError::Lagged(_)) => news.all = true,
            Err(TryRecvError::Empty | TryRecvError::Closed) => return,
        }
    }
}

impl Teller {
    /// Somebody who has not looked at anything yet.
    pub fn new(store: Store, push: Option<Arc<dyn Push>>) -> Self {
        let news = News { all: true, venues: BTreeSet::new(), conversations: BTreeSet::new() };
        let (again, resting, since) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { store, push, news, again, day: None, resting, since }
    }

    /// Looks at everything, whatever was hinted, and pushes what is to be pushed.
    pub async fn look(&mut self) -> Result<Option<Timestamp>> {
        self.news.all = true;
        let next = self.turn().await?;
        Ok(next.into_iter().chain(self.push_all().await?).min())
    }

    /// Does what is due; when to come again without being called.
    async fn turn(&mut self) -> Result<Option<Timestamp>> {
        let news = std::mem::replace(&mut self.news, News { all: false, venues: BTreeSet::new(), conversations: BTreeSet::new() });
        let done = self.follow(&news).await;
        if done.is_err() {
            // Some of it may have been done; all of it may be done again.
            self.news.all = true;
        }
        done
    }

    async fn follow(&mut self, news: &News) -> Result<Option<Timestamp>> {
        let due = |at: Option<Timestamp>, now: Timestamp| at.is_some_and(|at| at <= now);
        let now = self.store.now();
        if news.all || !news.venues.is_empty() || due(self.day, now) {
            self.day = self.store.queue_due().await?;
        }
        if news.all || !news.conversations.is_empty() {
            while self.answer_asks().await? {}
            if news.all {
                self.store.follow_notices(None).await?;
            } else {
                for conversation in &news.conversations {
                    self.store.follow_notices(Some(*conversation)).await?;
                }
            }
        }
        let mut conn = self.store.read().await?;
        let all = self.store.all_venues(&mut conn).await?;
        drop(conn);
        self.again.retain(|venue, _| all.iter().any(|(_, known)| known == venue));
        self.since.retain(|venue, _| all.iter().any(|(_, known)| known == venue));
        for (workspace, venue) in all {
            if news.all || news.venues.contains(&venue) || due(self.again.get(&venue).copied(), now) {
                let next = match self.tell_venue(workspace, venue).await {
                    // A venue that cannot be understood (a newer program wrote its rules) keeps nobody at another one waiting.
                    Err(error) if !error.is_passing() => {
                        tracing::warn!(%error, %venue, "a venue's tickets are not told of; looking again in a minute");
                        Some(now.plus(BLIND))
                    }
                    next => next?,
                };
                match next {
                    Some(at) => drop(self.again.insert(venue, at)),
                    None => drop(self.again.remove(&venue)),
                }
            }
        }
        Ok(self.again.values().copied().chain(self.day).min())
    }
}
