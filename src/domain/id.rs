//! Identifiers of our own: 64 bits, ordered by the time they were made, one type per kind of row.

use std::sync::atomic::{AtomicI64, Ordering};

use super::time::Timestamp;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

ids! {
    /// A tenant: everything belongs to one.
    WorkspaceId,
    /// A person who answers.
    AgentId,
    /// One connected account of a provider.
    ChannelId,
    /// A customer, over all their addresses.
    ContactId,
    /// One address of a contact on one channel.
    IdentityId,
    /// A thread with one identity.
    ConversationId,
    /// A message, note or system line in a conversation.
    MessageId,
    /// A file that belongs to a message.
    AttachmentId,
    /// One order to a provider, waiting or done.
    OutboxId,
    /// One template to many people.
    BulkId,
    /// A place with a door.
    VenueId,
    /// Who looks after services at a venue.
    DepartmentId,
    /// What a ticket can be for.
    ServiceId,
    /// Where people are called to.
    CounterId,
    /// Somebody's place in a queue.
    TicketId,
}

/// Bits of an id that tell processes apart.
const NODE_BITS: u32 = 11;
/// Bits of an id that count within one millisecond.
const COUNT_BITS: u32 = 10;
/// Milliseconds from the Unix epoch to 2024-01-01, where our ids begin; 42 bits last until 2163.
const EPOCH_MS: i64 = 1_704_067_200_000;

/// Makes ids: 42 bits of milliseconds, 10 of count, 11 of a number drawn at start, so that two processes on one database do not meet.
/// Past 1,024 in a millisecond the ids run ahead of the clock; they never repeat and never go back within a source.
#[derive(Debug)]
pub struct IdSource {
    node: i64,
    last: AtomicI64,
}

impl IdSource {
    /// A source whose ids carry the low eleven bits of `node`, which should be drawn at random.
    pub fn new(node: u64) -> Self {
        Self { node: (node & ((1 << NODE_BITS) - 1)) as i64, last: AtomicI64::new(0) }
    }

    /// The next id, above every earlier one of this source.
    pub fn next(&self, now: Timestamp) -> i64 {
        let base = ((now.0.div_euclid(1_000) - EPOCH_MS).max(1)) << COUNT_BITS;
        let step = |last: i64| Some(base.max(last + 1));
        let before = match self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, step) {
            Ok(last) | Err(last) => last,
        };
        (base.max(before + 1) << NODE_BITS) | self.node
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_one_source_rise_even_when_the_clock_goes_back() {
        let source = IdSource::new(77);
        let mut last = 0;
        for n in 0..5_000 {
            let now = Timestamp::from_secs(1_795_168_800 - n % 7);
            let id = source.next(now);
            assert!(id > last);
            last = id;
        }
    }

    #[test]
    fn two_sources_never_make_the_same_id() {
        let (a, b) = (IdSource::new(1), IdSource::new(2));
        let now = Timestamp::from_secs(1_795_168_800);
        let mut seen: Vec<i64> = (0..2_000).flat_map(|_| [a.next(now), b.next(now)]).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 4_000);
    }
}
