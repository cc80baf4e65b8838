//! How much of a channel waits to leave.

use super::Store;
use super::channels::Channel;
use super::db::args;
use super::error::Result;
use crate::domain::time::Timestamp;

/// What of a channel's outbox is worth watching.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Queued {
    /// Orders that could leave by now and have not.
    pub due: u64,
    /// Since when the oldest of them could.
    pub oldest: Option<Timestamp>,
    /// Orders of which nobody knows whether they arrived.
    pub uncertain: u64,
}

/// The list of states is the one of the index `outbox_open`.
const QUEUED: &str = "SELECT COUNT(CASE WHEN state IN ('ready', 'sending') AND next_try_at <= $3 THEN 1 END), \
     MIN(CASE WHEN state IN ('ready', 'sending') AND next_try_at <= $3 THEN due_at END), COUNT(CASE WHEN state = 'uncertain' THEN 1 END) \
     FROM outbox WHERE workspace_id = $1 AND channel_id = $2 AND state IN ('ready', 'sending', 'uncertain', 'failed')";

impl Store {
    /// What of a channel's outbox waits.
    pub async fn queued(&self, channel: &Channel) -> Result<Queued> {
        let values = args![channel.workspace, channel.id, self.now()];
        let (due, oldest, uncertain): (i64, Option<i64>, i64) = self.read().await?.one("outbox", QUEUED, values).await?;
        Ok(Queued { due: due as u64, oldest: oldest.map(Timestamp), uncertain: uncertain as u64 })
    }
}
