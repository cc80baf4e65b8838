//! What customers and channels want besides messages: advertising or none, to be shown that we have read, templates fetched anew.

use super::Store;
use super::channels::Channel;
use super::db::{Conn, Tx, args};
use super::error::Result;
use super::events::Event;
use super::places::Place;
use crate::domain::hint::Hint;
use crate::domain::id::{AgentId, ChannelId, ConversationId, OutboxId, WorkspaceId};
use crate::domain::time::Timestamp;

/// Of two wishes of one instant, the one for peace counts. Whoever has several addresses on a channel wishes it for all of them.
const SET_WANTED: &str = "UPDATE identities SET opted_out_at = CASE WHEN $3 THEN NULL ELSE $4 END, opted_at = $4 \
     WHERE workspace_id = $1 AND channel_id = $5 AND contact_id = (SELECT x.contact_id FROM identities x WHERE x.id = $2) \
     AND (COALESCE(opted_at, -1) < $4 OR (opted_at = $4 AND NOT $3 AND opted_out_at IS NULL))";
const SET_READS: &str = "UPDATE channels SET reads = $3 WHERE workspace_id = $1 AND id = $2 AND reads <> $3";
/// An order for the customer's last message, unless they were shown already that it was read.
const QUEUE_READ: &str = "INSERT INTO outbox (id, workspace_id, channel_id, conversation_id, message_id, agent_id, action, state, due_at, next_try_at, created_at, updated_at) \
     SELECT CAST($3 AS BIGINT), c.workspace_id, c.channel_id, c.id, m.id, CAST($4 AS BIGINT), 'read', 'ready', \
       CAST($5 AS BIGINT), CAST($5 AS BIGINT), CAST($5 AS BIGINT), CAST($5 AS BIGINT) \
     FROM conversations c JOIN channels ch ON ch.id = c.channel_id JOIN messages m ON m.id = \
       (SELECT x.id FROM messages x WHERE x.conversation_id = c.id AND x.direction = 'in' AND x.external_id IS NOT NULL \
        ORDER BY x.at DESC, x.seq DESC, x.id DESC LIMIT 1) \
     WHERE c.workspace_id = $1 AND c.id = $2 AND ch.reads \
     AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.message_id = m.id AND o.action = 'read')";
const LAST_INBOUND: &str = "SELECT m.external_id FROM messages m WHERE m.workspace_id = $1 AND m.conversation_id = $2 AND m.direction = 'in' \
     AND m.external_id IS NOT NULL ORDER BY m.at DESC, m.seq DESC, m.id DESC LIMIT 1";
const TEMPLATES_AT: &str = "SELECT templates_at FROM channels WHERE workspace_id = $1 AND id = $2";
const WANT_TEMPLATES: &str = "UPDATE channels SET templates_at = NULL WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL";

/// Queries with a limit, for the test that asks the planner about them.
pub const LOOKS: [(&str, &str); 1] = [("last inbound", LAST_INBOUND)];

impl Store {
    /// A customer wants no advertising, or wants it again. The newest wish counts, in whatever order they come.
    pub async fn set_promotions(&self, tx: &mut Tx, channel: &Channel, place: &Place, wanted: bool, at: Timestamp) -> Result<()> {
        if tx.run(SET_WANTED, args![channel.workspace, place.identity, wanted, at, channel.id]).await? == 0 {
            return Ok(());
        }
        if !wanted {
            self.withdraw(tx, channel, place.identity).await?;
        }
        let kind = if wanted { "contact.opted_in" } else { "contact.opted_out" };
        let event = Event { kind, channel: Some(channel.id), conversation: Some(place.conversation), ..Event::default() };
        self.log(tx, channel.workspace, &[event]).await?;
        tx.hint(Hint::Conversation(place.conversation));
        Ok(())
    }

    /// Whether this channel's customers are shown that we have read.
    pub async fn set_reads(&self, channel: &Channel, reads: bool) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.run(SET_READS, args![channel.workspace, channel.id, reads]).await?;
        self.commit(tx).await
    }

    /// Somebody has read a conversation: the customer is to be shown that, if the channel wants it.
    pub(super) async fn queue_read(&self, tx: &mut Tx, workspace: WorkspaceId, agent: AgentId, conversation: ConversationId) -> Result<()> {
        let values = args![workspace, conversation, OutboxId(self.next_id()), agent, self.now()];
        if tx.run(QUEUE_READ, values).await? > 0 {
            tx.hint(Hint::Status);
        }
        Ok(())
    }

    /// The provider's id of the customer's last message.
    pub async fn last_inbound_id(&self, conn: &mut Conn, workspace: WorkspaceId, conversation: ConversationId) -> Result<Option<String>> {
        let row: Option<(String,)> = conn.row(LAST_INBOUND, args![workspace, conversation]).await?;
        Ok(row.map(|(id,)| id))
    }

    /// When a channel's templates were last fetched; `None` when they are to be fetched now.
    pub async fn templates_at(&self, channel: &Channel) -> Result<Option<Timestamp>> {
        let (at,): (Option<i64>,) = self.read().await?.one("channel", TEMPLATES_AT, args![channel.workspace, channel.id]).await?;
        Ok(at.map(Timestamp))
    }

    /// Lets a channel's templates be fetched now, by whichever process syncs.
    pub async fn want_templates(&self, workspace: WorkspaceId, channel: ChannelId) -> Result<()> {
        let mut tx = self.begin().await?;
        want_templates(&mut tx, workspace, channel).await?;
        self.commit(tx).await
    }
}

/// As [`Store::want_templates`], within a write.
pub(crate) async fn want_templates(tx: &mut Tx, workspace: WorkspaceId, channel: ChannelId) -> Result<()> {
    tx.run(WANT_TEMPLATES, args![workspace, channel]).await?;
    tx.hint(Hint::Status);
    Ok(())
}
