//! What a session has asked for and not yet got: per slot one read that runs and one that waits, and per lane writes one after the
//! other.

use std::collections::{BTreeMap, HashMap, VecDeque};

use tokio::task::{AbortHandle, Id, JoinSet};

use super::Driver;
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
    writes: BTreeMap<Lane, VecDeque<(u64, Write, Urgency)>>,
}

/// The read that runs in a slot, and the one that waits for its end.
#[derive(Debug)]
struct Running {
    task: AbortHandle,
    waiting: Option<Load>,
}

#[derive(Debug)]
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
        Self { driver, tasks: JoinSet::new(), running: HashMap::new(), loads: BTreeMap::new(), writes: BTreeMap::new() }
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
            Some(running) if slot.stops() => {
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

    /// Waits for the next thing that is finished; `None` when nothing runs. May be dropped and called again without losing anything.
    pub(super) async fn next(&mut self) -> Option<(Msg, Urgency)> {
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
        match job.kind {
            Kind::Load { slot, .. } => {
                if let Some(load) = self.loads.remove(&slot).and_then(|running| running.waiting) {
                    self.start(load);
                }
            }
            Kind::Write { lane, .. } => self.next_write(lane),
            Kind::Refusal { .. } => {}
        }
        Some((result.unwrap_or_else(|()| broken(job.kind)), job.urgency))
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

    fn start(&mut self, load: Load) {
        let slot = load.query.slot();
        let task = self.tasks.spawn(self.driver.load(load.seq, load.query));
        self.running.insert(task.id(), Job { kind: Kind::Load { slot, seq: load.seq }, urgency: load.urgency });
        self.loads.insert(slot, Running { task, waiting: None });
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
