//! One bot's queue of updates, by the Bot API's rules of numbering, confirming, forgetting and expiring. Pure: time and chance come in.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::domain::time::{Span, Timestamp};

/// How far above the end of the queue an `offset` may be before the server thinks it belongs to another queue and starts at the head.
const FUTURE: i64 = 10;
/// After this long without updates the numbering starts anew at a random number, perhaps a lower one.
const RENUMBER_AFTER: Span = Span::hours(7 * 24);
const NEVER: Timestamp = Timestamp(i64::MAX);

/// Updates waiting for one bot, oldest first.
#[derive(Debug)]
pub(super) struct Queue {
    waiting: BTreeMap<i64, Waiting>,
    next: i64,
    last_push: Option<Timestamp>,
    /// Nothing that waits expires before this.
    soonest: Timestamp,
}

#[derive(Debug)]
struct Waiting {
    body: Bytes,
    until: Timestamp,
}

impl Queue {
    pub(super) fn new(rng: &mut fastrand::Rng) -> Self {
        Self { waiting: BTreeMap::new(), next: first_id(rng), last_push: None, soonest: NEVER }
    }

    /// Queues an update that lives until `until`; `render` is told its number. Returns the number.
    pub(super) fn push(&mut self, now: Timestamp, until: Timestamp, rng: &mut fastrand::Rng, render: impl FnOnce(i64) -> Bytes) -> i64 {
        if self.last_push.is_some_and(|last| now.since(last) >= RENUMBER_AFTER) {
            self.next = first_id(rng);
        }
        self.last_push = Some(now);
        let id = self.next;
        self.next += 1;
        self.soonest = self.soonest.min(until);
        self.waiting.insert(id, Waiting { body: render(id), until });
        id
    }

    /// What a getUpdates with this offset answers. Confirms (forgets) what lies below the offset. `limit` is what the caller clamped.
    pub(super) fn read(&mut self, offset: i64, limit: usize) -> Vec<Bytes> {
        let mut from = offset;
        if offset < 0 {
            let keep = offset.unsigned_abs() as usize;
            while self.waiting.len() > keep {
                self.waiting.pop_first();
            }
        }
        if offset <= 0 || offset > self.next + FUTURE {
            from = self.waiting.keys().next().copied().unwrap_or(self.next);
        }
        while self.waiting.first_key_value().is_some_and(|(id, _)| *id < from) {
            self.waiting.pop_first();
        }
        self.waiting.values().take(limit).map(|waiting| waiting.body.clone()).collect()
    }

    /// The oldest updates, with nothing confirmed.
    pub(super) fn peek(&self, limit: usize) -> Vec<Bytes> {
        self.waiting.values().take(limit).map(|waiting| waiting.body.clone()).collect()
    }

    /// Drops what has outlived its day, and says which.
    pub(super) fn expire(&mut self, now: Timestamp) -> Vec<i64> {
        if now < self.soonest {
            return Vec::new();
        }
        let gone: Vec<i64> = self.waiting.iter().filter(|(_, waiting)| waiting.until <= now).map(|(id, _)| *id).collect();
        for id in &gone {
            self.waiting.remove(id);
        }
        self.soonest = self.waiting.values().map(|waiting| waiting.until).min().unwrap_or(NEVER);
        gone
    }

    pub(super) fn clear(&mut self) {
        self.waiting.clear();
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }
}

/// Nine digits, as real queues begin.
fn first_id(rng: &mut fastrand::Rng) -> i64 {
    rng.i64(100_000_000..1_000_000_000)
}
