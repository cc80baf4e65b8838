//! What the screen of channels shows beside their health: when something last came and went, and what waits.

use super::Store;
use super::db::{Conn, args};
use super::error::Result;
use crate::domain::id::{ChannelId, ConversationId, WorkspaceId};
use crate::domain::time::Timestamp;

/// How a channel is getting on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pulse {
    /// Which channel.
    pub channel: ChannelId,
    /// When something last came in.
    pub in_at: Option<Timestamp>,
    /// When something last left.
    pub out_at: Option<Timestamp>,
    /// When the credentials end, if the provider tells and they do.
    pub expires_at: Option<Timestamp>,
    /// What came in and is not read yet.
    pub incoming: u64,
    /// Replies and changes that wait to leave.
    pub outgoing: u64,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    in_at: Option<i64>,
    out_at: Option<i64>,
    expires_at: Option<i64>,
    incoming: i64,
    outgoing: i64,
}

const PULSES: &str = "SELECT ch.id, ch.in_at, ch.out_at, ch.expires_at, \
     (SELECT COUNT(*) FROM journal j WHERE j.workspace_id = $1 AND j.channel_id = ch.id AND NOT j.done) AS incoming, \
     (SELECT COUNT(*) FROM outbox o WHERE o.workspace_id = $1 AND o.channel_id = ch.id AND o.state IN ('ready', 'sending')) AS outgoing \
     FROM channels ch WHERE ch.workspace_id = $1 AND ch.removed_at IS NULL";
const ACCOUNT_KEY: &str = "SELECT account_key FROM channels WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL";
const LANGUAGE: &str =
    "SELECT p.language FROM conversations c JOIN contacts p ON p.id = c.contact_id WHERE c.workspace_id = $1 AND c.id = $2";

impl Store {
    /// How a workspace's channels are getting on.
    pub async fn pulses(&self, conn: &mut Conn, workspace: WorkspaceId) -> Result<Vec<Pulse>> {
        let rows: Vec<Row> = conn.rows(PULSES, args![workspace]).await?;
        let pulse = |row: Row| Pulse {
            channel: ChannelId(row.id),
            in_at: row.in_at.map(Timestamp),
            out_at: row.out_at.map(Timestamp),
            expires_at: row.expires_at.map(Timestamp),
            incoming: row.incoming as u64,
            outgoing: row.outgoing as u64,
        };
        Ok(rows.into_iter().map(pulse).collect())
    }

    /// The id that a channel's provider knows its account by.
    pub async fn account_key(&self, conn: &mut Conn, workspace: WorkspaceId, channel: ChannelId) -> Result<String> {
        let (key,): (String,) = conn.one("channel", ACCOUNT_KEY, args![workspace, channel]).await?;
        Ok(key)
    }

    /// The language of a conversation's customer; empty when nobody knows.
    pub async fn customer_language(&self, conn: &mut Conn, workspace: WorkspaceId, conversation: ConversationId) -> Result<String> {
        let row: Option<(String,)> = conn.row(LANGUAGE, args![workspace, conversation]).await?;
        Ok(row.map(|(language,)| language).unwrap_or_default())
    }
}
