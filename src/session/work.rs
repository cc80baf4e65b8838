//! What a session has asked for and not yet got: per slot one read that runs and one that waits, and per lane writes one after the
//! other.

use std::collections::{BTreeMap, HashMap, VecDeque};

use tokio::task::{AbortHandle, Id, JoinSet};
use tokio::time::{Instant, sleep_until};

use super::Driver;
use super::run::BACKGROUND;
use crate::app::Msg;
use crate::app::effect::{Lane, Query, Slot, Write};

/// Writes that may wait in each lane behind the one that runs.
pub(super) const WRITES: usize = 32;

/// Who will see the result first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Urgency {
    /// The agent did something and looks for what comes of it.
    Own,
    /// The world changed.
    Background,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Work<D> {
    driver: D,
    tasks: JoinSet<Msg>,
    running: HashMap<Id, Job>,
    loads: BTreeMap<Slot, Running>,
    /// When in each slot the last read began.
    begun: BTreeMap<Slot, Instant>,
    writes: BTreeMap<Lane, VecDeque<(u64, Write, Urgency)>>,
}

/// The read that runs in a slot, and the one that waits for its end.
#[derive(Debug)]
struct Running {
    task: AbortHandle,
    load: Load,
    /// When it begins.
    at: Instant,
    waiting: Option<Load>,
    /// Something the agent did was stored while it ran: when it is asked again, that is looked for.
    own: bool,
}

/// What is finished.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) msg: Msg,
    pub(super) urgency: Urgency,
    /// A read in this slot that the answer asks for looks for no more than what the world has changed meanwhile.
    pub(super) again: Option<Slot>,
}

#[derive(Clone, Debug)]
struct Load {
    seq: u64,
    query: Query,
    urgency: Urgency,
}

#[derive(Clone, Copy, Debug)]
struct Job {
    kind: Kind,
    urgency: Urgency,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Load { slot: Slot, seq: u64 },
    Write { lane: Lane, ticket: u64 },
    Refusal { ticket: u64 },
}

impl<D: Driver> Work<D> {
    pub(super) fn new(driver: D) -> Self {
        Self {
            driver,
            tasks: JoinSet::new(),
            running: HashMap::new(),
            loads: BTreeMap::new(),
            begun: BTreeMap::new(),
            writes: BTreeMap::new(),
        }
    }

    /// Nothing runs and nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.tasks.is_empty() && self.writes.values().all(VecDeque::is_empty)
    }

    /// Starts a read, or lets it wait in place of the one that waits in its slot; that one is never answered. Of a slot that stops, the one that
    /// runs is given up.
    pub(super) fn load(&mut self, seq: u64, query: Query, urgency: Urgency) {
        let load = Load { seq, query, urgency };
        let slot = load.query.slot();
        match self.loads.get_mut(&slot) {
            Some(running) if slot.stops() || running.is_put_off() => {
                running.task.abort();
                self.running.remove(&running.task.id());
                self.start(load);
            }
            Some(running) => running.waiting = Some(load),
            None => self.start(load),
        }
    }

    /// Queues a write in its lane. With [`WRITES`] waiting there already it is refused, which is answered like any other.
    pub(super) fn write(&mut self, ticket: u64, write: Write, urgency: Urgency) {
        let lane = write.lane();
        let waiting = self.writes.entry(lane).or_default();
        if waiting.len() < WRITES {
            waiting.push_back((ticket, write, urgency));
            self.next_write(lane);
            return;
        }
        self.refuse(ticket, "Not done: too many changes are still being stored. Wait a moment and try again.", urgency);
    }

    /// Those of these writes that have not begun are not carried out.
    pub(super) fn cancel(&mut self, tickets: &[u64]) {
        let mut off = Vec::new();
        for waiting in self.writes.values_mut() {
            let (gone, on): (VecDeque<_>, VecDeque<_>) =
                std::mem::take(waiting).into_iter().partition(|(ticket, ..)| tickets.contains(ticket));
            *waiting = on;
            off.extend(gone);
        }
        for (ticket, _, urgency) in off {
            self.refuse(ticket, "Called off: what was stored before stays, the rest was not begun", urgency);
        }
    }

    /// Something the agent did is stored: reads that are put off begin now, and those that run already are not all there is to it.
    fn hurry(&mut self) {
        let put_off: Vec<Load> = self.loads.values().filter(|running| running.is_put_off()).map(|running| running.load.clone()).collect();
        for load in put_off {
            self.load(load.seq, load.query, Urgency::Own);
        }
        self.loads.values_mut().for_each(|running| running.own = true);
    }

    /// Waits for the next thing that is finished; `None` when nothing runs. May be dropped and called again without losing anything.
    pub(super) async fn next(&mut self) -> Option<Finished> {
        let (job, result) = loop {
            let (id, result) = match self.tasks.join_next_with_id().await? {
                Ok((id, msg)) => (id, Ok(msg)),
                Err(failed) => (failed.id(), Err(())),
            };
            // What was given up is nobody's any more.
            if let Some(job) = self.running.remove(&id) {
                break (job, result);
            }
        };
        let mut again = None;
        match job.kind {
            Kind::Load { slot, .. } => {
                let running = self.loads.remove(&slot);
                again = running.as_ref().is_some_and(|running| !running.own).then_some(slot);
                if let Some(load) = running.and_then(|running| running.waiting) {
                    self.start(load);
                }
            }
            Kind::Write { lane, .. } => {
                self.next_write(lane);
                if job.urgency == Urgency::Own {
                    self.hurry();
                }
            }
            Kind::Refusal { .. } => {}
        }
        Some(Finished { msg: result.unwrap_or_else(|()| broken(job.kind)), urgency: job.urgency, again })
    }

    /// Carries out the writes that wait and forgets the reads.
    pub(super) async fn finish_writes(&mut self) {
        self.loads.values_mut().for_each(|running| running.waiting = None);
        while self.running.values().any(|job| matches!(job.kind, Kind::Write { .. })) {
            self.next().await;
        }
    }

    fn refuse(&mut self, ticket: u64, reason: &str, urgency: Urgency) {
        let answer = std::future::ready(Msg::Wrote { ticket, result: Err(reason.to_owned()) });
        let id = self.tasks.spawn(answer).id();
        self.running.insert(id, Job { kind: Kind::Refusal { ticket }, urgency });
    }

    fn is_writing(&self, which: Lane) -> bool {
        self.running.values().any(|job| matches!(job.kind, Kind::Write { lane, .. } if lane == which))
    }

    /// Begins a read; one that only the world asks for not before [`BACKGROUND`] after the last in its slot, as it would not be painted
    /// sooner either. What changes until then costs no read of its own.
    fn start(&mut self, load: Load) {
        let slot = load.query.slot();
        let now = Instant::now();
        let at = match (load.urgency, self.loads.get(&slot)) {
            (Urgency::Own, _) => now,
            // What is asked in place of it begins when it would have begun.
            (Urgency::Background, Some(put_off)) => put_off.at.max(now),
            (Urgency::Background, None) => self.begun.get(&slot).map_or(now, |begun| (*begun + BACKGROUND).max(now)),
        };
        self.begun.insert(slot, at);
        let job = Job { kind: Kind::Load { slot, seq: load.seq }, urgency: load.urgency };
        let read = self.driver.load(load.seq, load.query.clone());
        let task = if at > now {
            self.tasks.spawn(async move {
                sleep_until(at).await;
                read.await
            })
        } else {
            self.tasks.spawn(read)
        };
        self.running.insert(task.id(), job);
        self.loads.insert(slot, Running { task, load, at, waiting: None, own: false });
    }

    fn next_write(&mut self, lane: Lane) {
        if self.is_writing(lane) {
            return;
        }
        if let Some((ticket, write, urgency)) = self.writes.get_mut(&lane).and_then(VecDeque::pop_front) {
            let id = self.tasks.spawn(self.driver.write(ticket, write)).id();
            self.running.insert(id, Job { kind: Kind::Write { lane, ticket }, urgency });
        }
    }
}

impl Running {
    fn is_put_off(&self) -> bool {
        self.at > Instant::now()
    }
}

/// The answer to what a fault of ours (a panic) left without one.
fn broken(kind: Kind) -> Msg {
    match kind {
        Kind::Load { seq, .. } => {
            Msg::Loaded { seq, result: Err("Not loaded: frontdesk made a mistake, see its log. Try again.".to_owned()) }
        }
        Kind::Write { ticket, .. } | Kind::Refusal { ticket } => {
            let reason = "It is not certain that this was stored: frontdesk made a mistake, see its log. Look before you repeat it.";
            Msg::Wrote { ticket, result: Err(reason.to_owned()) }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use futures_util::FutureExt;
    use futures_util::future::BoxFuture;
    use tokio::time::{advance, timeout};

    use super::*;
    use crate::app::effect::{Loaded, Wrote};
    use crate::domain::id::ConversationId;

    /// The reads that began, and after how many milliseconds.
    type Begun = Arc<Mutex<Vec<(u64, u128)>>>;

    #[derive(Debug)]
    struct Log {
        made: Instant,
        begun: Begun,
    }

    impl Driver for Log {
        fn load(&self, seq: u64, _: Query) -> BoxFuture<'static, Msg> {
            let (made, begun) = (self.made, Arc::clone(&self.begun));
            async move {
                begun.lock().unwrap().push((seq, made.elapsed().as_millis()));
                Msg::Loaded { seq, result: Ok(Loaded::Labels(Vec::new())) }
            }
            .boxed()
        }

        fn write(&self, ticket: u64, _: Write) -> BoxFuture<'static, Msg> {
            async move { Msg::Wrote { ticket, result: Ok(Wrote::Done) } }.boxed()
        }
    }

    fn work() -> (Work<Log>, Begun) {
        let begun = Begun::default();
        (Work::new(Log { made: Instant::now(), begun: Arc::clone(&begun) }), begun)
    }

    #[tokio::test(start_paused = true)]
    async fn what_only_the_world_asks_for_is_read_once_in_a_while_and_the_last_change_is_not_missed() {
        let (mut work, begun) = work();
        for seq in 1..=100 {
            work.load(seq, Query::Labels, Urgency::Background);
            advance(Duration::from_millis(1)).await;
            while timeout(Duration::ZERO, work.next()).await.is_ok_and(|done| done.is_some()) {}
        }
        while work.next().await.is_some() {}
        let begun = begun.lock().unwrap().clone();
        assert_eq!(begun.last().map(|(seq, _)| *seq), Some(100), "{begun:?}");
        // At 0, 33, 66, 99 and 132 ms, and as soon after that as a task is polled.
        assert!(begun.len() == 5 && begun.windows(2).all(|pair| pair[1].1 - pair[0].1 >= 30), "{begun:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_agent_asks_for_begins_at_once_in_place_of_what_was_put_off() {
        let (mut work, begun) = work();
        work.load(1, Query::Labels, Urgency::Background);
        work.next().await;
        work.load(2, Query::Labels, Urgency::Background);
        work.load(3, Query::Labels, Urgency::Own);
        work.next().await;
        assert!(work.is_empty());
        assert_eq!(*begun.lock().unwrap(), [(1, 0), (3, 0)]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_put_off_is_read_as_soon_as_the_agents_change_is_stored() {
        let (mut work, begun) = work();
        work.load(1, Query::Labels, Urgency::Background);
        work.next().await;
        work.load(2, Query::Labels, Urgency::Background);
        work.write(1, Write::MarkRead { conversation: ConversationId(1) }, Urgency::Own);
        assert!(matches!(work.next().await, Some(Finished { msg: Msg::Wrote { .. }, .. })));
        // Whatever it is asked for again is for the agent's sake, too.
        assert!(matches!(work.next().await, Some(Finished { msg: Msg::Loaded { seq: 2, .. }, again: None, urgency: Urgency::Own })));
        assert_eq!(*begun.lock().unwrap(), [(1, 0), (2, 0)]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_to_the_agent_makes_no_haste_of_what_the_world_asks_for_again() {
        let (mut work, _) = work();
        work.load(1, Query::Labels, Urgency::Own);
        let answer = work.next().await;
        assert!(matches!(answer, Some(Finished { again: Some(slot), .. }) if slot.asks_again(Slot::Labels)), "{answer:?}");
    }
}
