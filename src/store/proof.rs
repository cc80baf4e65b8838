//! Parts of replies of which nobody knows whether they arrived, and the provider tells of one under the name that we gave it.

use super::Store;
use super::channels::Channel;
use super::db::{Conn, Tx, args};
use super::error::Result;
use crate::domain::id::MessageId;
use crate::domain::outbound::PartKey;
use crate::domain::time::Timestamp;

/// What news of a part under our own name for it are worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// They prove that it was taken: it is sent now, and known by the provider's id.
    Taken,
    /// It is on its way, and its own answer may still come.
    Waits,
    /// Nothing: it is another attempt's, or another program's.
    Nothing,
}

/// An order that sends, and one of its parts.
#[derive(sqlx::FromRow)]
struct Row {
    message_id: i64,
    state: String,
    attempt: i64,
    part: String,
}

const PART: &str = "SELECT o.message_id, o.state, o.attempt, p.state AS part FROM outbox o JOIN parts p ON p.message_id = o.message_id \
     WHERE o.workspace_id = $1 AND o.channel_id = $2 AND o.id = $3 AND o.action = 'send' AND p.place = $4";
const NAME: &str = "UPDATE parts SET state = 'uncertain', external_id = $5, chat_key = $4 WHERE workspace_id = $1 AND message_id = $2 AND place = $3 \
     AND NOT EXISTS (SELECT 1 FROM parts q WHERE q.channel_id = $6 AND q.chat_key = $4 AND q.external_id = $5)";
const UNSETTLE: &str = "UPDATE outbox SET state = 'uncertain' WHERE workspace_id = $1 AND id = $2 AND state = 'ready'";
const WAITING: &str = "SELECT DISTINCT target FROM orphans WHERE workspace_id = $1 AND channel_id = $2 AND target LIKE $3";

impl Store {
    /// The provider tells of a part under the name that we gave it: if nobody knew whether it was taken, now we do. What follows it may leave.
    pub async fn prove(&self, tx: &mut Tx, channel: &Channel, key: PartKey, scope: &str, external: &str, at: Timestamp) -> Result<Proof> {
        let workspace = channel.workspace;
        let Some(row) = part(tx, channel, key).await? else { return Ok(Proof::Nothing) };
        match (row.state.as_str(), row.part.as_str()) {
            ("sending", "sending") => return Ok(Proof::Waits),
            // One that we thought had never reached the provider is not sent again either.
            ("uncertain", "uncertain") | ("ready", "queued") => {}
            _ => return Ok(Proof::Nothing),
        }
        let message = MessageId(row.message_id);
        if tx.run(NAME, args![workspace, message, key.place, scope, external, channel.id]).await? == 0 {
            return Ok(Proof::Nothing);
        }
        tx.run(UNSETTLE, args![workspace, key.order]).await?;
        self.settle_as_sent(tx, workspace, None, message, at).await?;
        Ok(Proof::Taken)
    }

    /// Whether a part is on its way at this moment.
    pub async fn is_leaving(&self, tx: &mut Tx, channel: &Channel, key: PartKey) -> Result<bool> {
        Ok(part(tx, channel, key).await?.is_some_and(|row| row.state == "sending"))
    }

    /// What events of a channel wait for that begins so.
    pub async fn waiting_for(&self, channel: &Channel, prefix: &str) -> Result<Vec<String>> {
        let like = format!("{prefix}%");
        let rows: Vec<(String,)> = self.read().await?.rows(WAITING, args![channel.workspace, channel.id, &like]).await?;
        Ok(rows.into_iter().map(|(target,)| target).collect())
    }
}

/// The part that a name of ours means, if it is the name of the newest attempt at it.
async fn part(conn: &mut Conn, channel: &Channel, key: PartKey) -> Result<Option<Row>> {
    let row: Option<Row> = conn.row(PART, args![channel.workspace, channel.id, key.order, key.place]).await?;
    Ok(row.filter(|row| key.attempt.is_none_or(|attempt| attempt == row.attempt)))
}
