//! Payloads nobody could read, kept whole so that a later version can.

use super::Store;
use super::channels::Channel;
use super::db::{Tx, args};
use super::error::Result;
use super::journal::indexable;
use crate::domain::id::{ChannelId, WorkspaceId};
use crate::domain::time::Timestamp;

/// One unreadable payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// Which.
    pub id: i64,
    /// Where it came in.
    pub channel: ChannelId,
    /// What tells it from others of its channel.
    pub key: String,
    /// As it came.
    pub body: String,
    /// Why it could not be read.
    pub error: String,
    /// When.
    pub at: Timestamp,
}

/// What was put aside before is not put aside twice.
const ADD: &str = "INSERT INTO dead_letters (id, workspace_id, channel_id, transport_key, body, error, created_at) \
     SELECT $1, $2, $3, $4, $5, $6, $7 WHERE NOT EXISTS (SELECT 1 FROM dead_letters \
       WHERE workspace_id = $2 AND channel_id = $3 AND transport_key = $4 AND body = $5)";
const LIST: &str =
    "SELECT id, channel_id, transport_key, body, error, created_at FROM dead_letters WHERE workspace_id = $1 ORDER BY id DESC LIMIT $2";
const SINCE: &str = "SELECT id, channel_id, transport_key, body, error, created_at FROM dead_letters \
     WHERE workspace_id = $1 AND channel_id = $2 AND created_at >= $3 AND id > $4 ORDER BY id LIMIT $5";
const REMOVE: &str = "DELETE FROM dead_letters WHERE workspace_id = $1 AND channel_id = $2 AND id = $3";

const PRUNE: &str = "DELETE FROM dead_letters WHERE workspace_id = $1 AND channel_id = $2 AND created_at < $3";
const KEPT: &str = "SELECT COUNT(*) FROM dead_letters WHERE workspace_id = $1 AND channel_id = $2";

type Row = (i64, i64, String, String, String, i64);

impl Store {
    /// Puts a payload aside, in the transaction that moves the cursor past it.
    pub async fn bury(&self, tx: &mut Tx, channel: &Channel, key: &str, body: &str, error: &str) -> Result<()> {
        let key = indexable(key);
        let values = args![self.next_id(), channel.workspace, channel.id, key.as_ref(), body, error, self.now()];
        tx.run(ADD, values).await.map(|_| ())
    }

    /// The newest unreadable payloads.
    pub async fn dead_letters(&self, workspace: WorkspaceId, limit: u32) -> Result<Vec<DeadLetter>> {
        let rows: Vec<Row> = self.read().await?.rows(LIST, args![workspace, i64::from(limit)]).await?;
        Ok(rows.into_iter().map(letter).collect())
    }

    /// The unreadable payloads of a channel put aside since an instant, oldest first, those after row `after`.
    pub async fn dead_letters_since(&self, channel: &Channel, since: Timestamp, after: i64, limit: u32) -> Result<Vec<DeadLetter>> {
        let values = args![channel.workspace, channel.id, since, after, i64::from(limit)];
        let rows: Vec<Row> = self.read().await?.rows(SINCE, values).await?;
        Ok(rows.into_iter().map(letter).collect())
    }

    /// How many unreadable payloads of a channel are kept.
    pub async fn dead_letters_kept(&self, channel: &Channel) -> Result<u64> {
        let (kept,): (i64,) = self.read().await?.one("payloads", KEPT, args![channel.workspace, channel.id]).await?;
        Ok(kept as u64)
    }

    /// Forgets unreadable payloads put aside before an instant.
    pub async fn prune_dead_letters(&self, channel: &Channel, before: Timestamp) -> Result<u64> {
        let mut tx = self.begin().await?;
        let gone = tx.run(PRUNE, args![channel.workspace, channel.id, before]).await?;
        self.commit(tx).await?;
        Ok(gone)
    }

    /// Forgets a payload that could be read at last.
    pub async fn unbury(&self, channel: &Channel, id: i64) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.run(REMOVE, args![channel.workspace, channel.id, id]).await?;
        self.commit(tx).await
    }
}

fn letter((id, channel, key, body, error, at): Row) -> DeadLetter {
    DeadLetter { id, channel: ChannelId(channel), key, body, error, at: Timestamp(at) }
}
