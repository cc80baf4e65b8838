//! Payloads nobody could read, kept whole so that a later version can.

use super::Store;
use super::channels::Channel;
use super::db::{Tx, args};
use super::error::Result;
use crate::domain::id::{ChannelId, WorkspaceId};
use crate::domain::time::Timestamp;

/// One unreadable payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// Which.
    pub id: i64,
    /// Where it came in.
    pub channel: ChannelId,
    /// As it came.
    pub body: String,
    /// Why it could not be read.
    pub error: String,
    /// When.
    pub at: Timestamp,
}

const ADD: &str =
    "INSERT INTO dead_letters (id, workspace_id, channel_id, transport_key, body, error, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
const LIST: &str = "SELECT id, channel_id, body, error, created_at FROM dead_letters WHERE workspace_id = $1 ORDER BY id DESC LIMIT $2";

impl Store {
    /// Puts a payload aside, in the transaction that moves the cursor past it.
    pub async fn bury(&self, tx: &mut Tx, channel: &Channel, key: &str, body: &str, error: &str) -> Result<()> {
        let values = args![self.next_id(), channel.workspace, channel.id, key, body, error, self.now()];
        tx.run(ADD, values).await.map(|_| ())
    }

    /// The newest unreadable payloads.
    pub async fn dead_letters(&self, workspace: WorkspaceId, limit: u32) -> Result<Vec<DeadLetter>> {
        let rows: Vec<(i64, i64, String, String, i64)> = self.read().await?.rows(LIST, args![workspace, i64::from(limit)]).await?;
        let letter = |(id, channel, body, error, at)| DeadLetter { id, channel: ChannelId(channel), body, error, at: Timestamp(at) };
        Ok(rows.into_iter().map(letter).collect())
    }
}
