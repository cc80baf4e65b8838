//! What came in, as it came. Payloads that were asked for are journalled in the transaction that stores what they mean; bodies of webhooks
//! are written down first, answered, and processed from here. All are kept for a while, to be read again.

use std::borrow::Cow;
use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::Store;
use super::blobs::hex;
use super::channels::Channel;
use super::db::{Tx, Value, args};
use super::error::Result;
use super::inbound::stored_of;
use crate::domain::hint::Hint;
use crate::domain::id::{ChannelId, WorkspaceId};
use crate::domain::time::Timestamp;

/// A webhook's body to be written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Where it came in.
    pub channel: ChannelId,
    /// Whose channel that is.
    pub workspace: WorkspaceId,
    /// What tells a repeated delivery: made of the body alone.
    pub key: String,
    /// The body as it came.
    pub body: String,
}

/// A payload as it was written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Which row.
    pub id: i64,
    /// What tells it from others of its channel.
    pub key: String,
    /// As it came.
    pub body: String,
    /// When it came.
    pub received_at: Timestamp,
}

/// What waits to be processed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// How many payloads.
    pub waiting: u64,
    /// When the oldest of them came.
    pub oldest: Option<Timestamp>,
}

/// The longest key that is stored as it is, in bytes.
const LONGEST_KEY: usize = 256;

const ADD: &str = "INSERT INTO journal (id, workspace_id, channel_id, transport_key, body, received_at, done) VALUES";
const ADD_TAIL: &str = " ON CONFLICT (channel_id, transport_key) DO NOTHING";
const STORED: &str = "SELECT id FROM journal WHERE workspace_id = $1 AND id IN";
/// In bytes, which both engines know without reading the body.
const SIZES: &str = "SELECT id, CAST(OCTET_LENGTH(body) AS BIGINT) FROM journal WHERE workspace_id = $1 AND channel_id = $2 AND NOT done ORDER BY id LIMIT $3";
const WAITING: &str = "SELECT id, transport_key, body, received_at FROM journal \
     WHERE workspace_id = $1 AND channel_id = $2 AND NOT done AND id <= $3 ORDER BY id LIMIT $4";
const FINISH: &str = "UPDATE journal SET done = TRUE FROM (VALUES";
const FINISH_TAIL: &str = ") AS v WHERE journal.id = v.column1 AND journal.workspace_id = v.column2";
const BACKLOG: &str = "SELECT COUNT(*), MIN(received_at) FROM journal WHERE workspace_id = $1 AND channel_id = $2 AND NOT done";
const SIZES_SINCE: &str = "SELECT id, CAST(OCTET_LENGTH(body) AS BIGINT) FROM journal \
     WHERE workspace_id = $1 AND channel_id = $2 AND received_at >= $3 AND id > $4 ORDER BY id LIMIT $5";
const SINCE: &str = "SELECT id, transport_key, body, received_at FROM journal \
     WHERE workspace_id = $1 AND channel_id = $2 AND received_at >= $3 AND id > $4 AND id <= $5 ORDER BY id";
/// Of a channel that was removed nothing is processed any more.
const PRUNE: &str = "DELETE FROM journal WHERE workspace_id = $1 AND channel_id = $2 AND id IN \
     (SELECT j.id FROM journal j WHERE j.workspace_id = $1 AND j.channel_id = $2 AND j.received_at < $3 \
       AND (j.done OR EXISTS (SELECT 1 FROM channels c WHERE c.id = $2 AND c.removed_at IS NOT NULL)) ORDER BY j.id LIMIT 5000)";

impl Store {
    /// Writes payloads down as they came; which of them (by place in `items`) are new. The others were processed when they first came.
    pub async fn journal(&self, tx: &mut Tx, channel: &Channel, items: &[(&str, &str)]) -> Result<BTreeSet<usize>> {
        let now = self.now();
        let ids: Vec<i64> = items.iter().map(|_| self.next_id()).collect();
        let mut values: Vec<Value<'_>> = Vec::with_capacity(items.len() * 7);
        let keys: Vec<Cow<'_, str>> = items.iter().map(|(key, _)| indexable(key)).collect();
        for (id, (key, (_, body))) in ids.iter().zip(keys.iter().zip(items)) {
            values.extend_from_slice(args![*id, channel.workspace, channel.id, key.as_ref(), *body, now, true]);
        }
        if tx.run_rows(ADD, 7, &values, ADD_TAIL).await? == items.len() as u64 {
            return Ok((0..items.len()).collect());
        }
        let stored = stored_of(tx, channel, STORED, &ids).await?;
        Ok(ids.iter().enumerate().filter(|(_, id)| stored.contains(id)).map(|(place, _)| place).collect())
    }

    /// Writes bodies of webhooks down, durably, to be processed by whoever syncs; how many were new. A body that is there already was
    /// delivered again.
    pub async fn accept(&self, arrivals: &[Arrival]) -> Result<u64> {
        let now = self.now();
        let mut rows: Vec<(i64, &Arrival)> = arrivals.iter().map(|arrival| (self.next_id(), arrival)).collect();
        // Two receivers of the same deliveries must not wait for each other's keys in opposite orders.
        rows.sort_by(|(_, a), (_, b)| (a.channel, &a.key).cmp(&(b.channel, &b.key)));
        let mut values: Vec<Value<'_>> = Vec::with_capacity(rows.len() * 7);
        for (id, arrival) in rows {
            values.extend_from_slice(args![id, arrival.workspace, arrival.channel, &arrival.key, &arrival.body, now, false]);
        }
        let mut tx = self.begin().await?;
        let new = tx.run_rows(ADD, 7, &values, ADD_TAIL).await?;
        if new > 0 {
            tx.hint(Hint::Journal);
        }
        self.commit(tx).await?;
        Ok(new)
    }

    /// The payloads of a channel that wait longest: up to so many, and no more of them than `bytes` hold, but at least one.
    pub async fn waiting_payloads(&self, channel: &Channel, rows: u32, bytes: u64) -> Result<Vec<Stored>> {
        let mut conn = self.read().await?;
        let sizes: Vec<(i64, i64)> = conn.rows(SIZES, args![channel.workspace, channel.id, i64::from(rows)]).await?;
        let Some(last) = within(&sizes, bytes) else { return Ok(Vec::new()) };
        let values = args![channel.workspace, channel.id, last, i64::from(rows)];
        Ok(conn.rows(WAITING, values).await?.into_iter().map(stored).collect())
    }

    /// Notes that payloads were processed, in the transaction that stores what they mean.
    pub async fn finish_payloads(&self, tx: &mut Tx, channel: &Channel, rows: &[i64]) -> Result<()> {
        let mut values: Vec<Value<'_>> = Vec::with_capacity(rows.len() * 2);
        for id in rows {
            values.extend_from_slice(args![*id, channel.workspace]);
        }
        tx.run_rows(FINISH, 2, &values, FINISH_TAIL).await.map(|_| ())
    }

    /// How much of what a channel brought waits to be processed.
    pub async fn backlog(&self, channel: &Channel) -> Result<Backlog> {
        let (waiting, oldest): (i64, Option<i64>) =
            self.read().await?.one("journal", BACKLOG, args![channel.workspace, channel.id]).await?;
        Ok(Backlog { waiting: waiting as u64, oldest: oldest.map(Timestamp) })
    }

    /// The payloads of a channel received since an instant, in the order they came, those after row `after`; the rest of the arguments as
    /// for [`Store::waiting_payloads`].
    pub async fn payloads_since(&self, channel: &Channel, since: Timestamp, after: i64, rows: u32, bytes: u64) -> Result<Vec<Stored>> {
        let mut conn = self.read().await?;
        let values = args![channel.workspace, channel.id, since, after, i64::from(rows)];
        let sizes: Vec<(i64, i64)> = conn.rows(SIZES_SINCE, values).await?;
        let Some(last) = within(&sizes, bytes) else { return Ok(Vec::new()) };
        Ok(conn.rows(SINCE, args![channel.workspace, channel.id, since, after, last]).await?.into_iter().map(stored).collect())
    }

    /// Forgets processed payloads (of a removed channel, all) received before an instant, a few thousand at a time; how many went.
    pub async fn prune_journal(&self, channel: &Channel, before: Timestamp) -> Result<u64> {
        let mut tx = self.begin().await?;
        let gone = tx.run(PRUNE, args![channel.workspace, channel.id, before]).await?;
        self.commit(tx).await?;
        Ok(gone)
    }
}

/// A payload's key as it is stored: one that is too long for an index (PostgreSQL's rows there end at 2,704 bytes) by its hash. A provider's id is
/// part of it, and one that no database takes must not stop everything behind it.
pub(super) fn indexable(key: &str) -> Cow<'_, str> {
    if key.len() <= LONGEST_KEY {
        return Cow::Borrowed(key);
    }
    Cow::Owned(format!("sha256:{}", hex(&Sha256::digest(key.as_bytes()))))
}

/// The last row of those that `bytes` hold, at least the first.
fn within(sizes: &[(i64, i64)], bytes: u64) -> Option<i64> {
    let mut sum = 0_u64;
    let fits = sizes.iter().take_while(|(_, size)| {
        sum += *size as u64;
        sum <= bytes
    });
    fits.last().or(sizes.first()).map(|(id, _)| *id)
}

fn stored((id, key, body, received_at): (i64, String, String, i64)) -> Stored {
    Stored { id, key, body, received_at: Timestamp(received_at) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_holds_what_fits_and_never_nothing() {
        let rows = [(1, 10), (2, 10), (3, 10)];
        let check = |bytes, want| assert_eq!(within(&rows, bytes), want, "{bytes}");
        check(5, Some(1));
        check(10, Some(1));
        check(25, Some(2));
        check(100, Some(3));
        assert_eq!(within(&[], 100), None);
    }
}
