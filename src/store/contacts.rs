//! Customers: all their addresses, and what else was said with them.

use super::Store;
use super::db::{Conn, args};
use super::error::Result;
use crate::domain::contact::{Details, Earlier, Identity, Remark};
use crate::domain::conversation::Status;
use crate::domain::id::{ChannelId, ConversationId, WorkspaceId};
use crate::domain::time::Timestamp;

#[derive(sqlx::FromRow)]
struct IdentityRow {
    channel_id: i64,
    provider: String,
    handle: String,
    chat_key: String,
    reachable: bool,
}

#[derive(sqlx::FromRow)]
struct EarlierRow {
    id: i64,
    number: i64,
    status: String,
    last_at: i64,
    preview: String,
}

const IDENTITIES: &str = "SELECT i.channel_id, ch.provider, i.handle, i.chat_key, i.reachable FROM identities i \
     JOIN channels ch ON ch.id = i.channel_id \
     WHERE i.workspace_id = $1 AND i.contact_id = (SELECT c.contact_id FROM conversations c WHERE c.workspace_id = $1 AND c.id = $2) \
     ORDER BY i.id LIMIT 8";
const EARLIER: &str = "SELECT e.id, e.number, e.status, e.last_at, e.preview FROM conversations e \
     WHERE e.workspace_id = $1 AND e.contact_id = (SELECT c.contact_id FROM conversations c WHERE c.workspace_id = $1 AND c.id = $2) AND e.id <> $2 \
     AND e.status <> 'merged' ORDER BY e.last_at DESC, e.id DESC LIMIT 5";
const NOTES: &str = "SELECT m.author, m.text, m.at FROM messages m \
     WHERE m.workspace_id = $1 AND m.conversation_id = $2 AND m.direction = 'note' ORDER BY m.at DESC, m.seq DESC, m.id DESC LIMIT 3";

/// Queries with a limit, for the test that asks the planner about them.
pub const LOOKS: [(&str, &str); 3] = [("identities", IDENTITIES), ("earlier", EARLIER), ("notes", NOTES)];

impl Store {
    /// What is known about a conversation's customer beside its row.
    pub async fn details(&self, conn: &mut Conn, workspace: WorkspaceId, conversation: ConversationId) -> Result<Details> {
        let values = args![workspace, conversation];
        let identities: Vec<IdentityRow> = conn.rows(IDENTITIES, values).await?;
        let earlier: Vec<EarlierRow> = conn.rows(EARLIER, values).await?;
        let notes: Vec<(String, String, i64)> = conn.rows(NOTES, values).await?;
        let ticket = match self.open_ticket(conn, workspace, conversation).await? {
            Some(ticket) => Some(self.place(conn, workspace, ticket.id).await?),
            None => None,
        };
        Ok(Details {
            conversation,
            identities: identities
                .into_iter()
                .map(|row| Identity {
                    channel: ChannelId(row.channel_id),
                    provider: row.provider,
                    handle: if row.handle.is_empty() { row.chat_key } else { row.handle },
                    reachable: row.reachable,
                })
                .collect(),
            earlier: earlier
                .into_iter()
                .map(|row| Earlier {
                    id: ConversationId(row.id),
                    number: row.number,
                    status: Status::of(&row.status),
                    last_at: Timestamp(row.last_at),
                    preview: row.preview,
                })
                .collect(),
            notes: notes.into_iter().map(|(author, text, at)| Remark { author, text, at: Timestamp(at) }).collect(),
            ticket,
        })
    }
}
