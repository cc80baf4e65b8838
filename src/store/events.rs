//! The event log: append-only, one line for everything that happened. Audit, undo and reports come from it.

use super::Store;
use super::db::{Conn, Tx, Value, args};
use super::error::Result;
use crate::domain::id::{AgentId, ChannelId, ConversationId, MessageId, WorkspaceId};
use crate::domain::time::Timestamp;

/// One line of the log, before it has an id.
#[derive(Clone, Debug, Default)]
pub struct Event<'a> {
    /// What happened (`message.in`, `conversation.resolved`, …).
    pub kind: &'a str,
    /// Who did it, when it was one of us.
    pub agent: Option<AgentId>,
    /// On which channel.
    pub channel: Option<ChannelId>,
    /// In which conversation.
    pub conversation: Option<ConversationId>,
    /// To which message.
    pub message: Option<MessageId>,
    /// What else a reader needs, in a few words; never a customer's text.
    pub detail: &'a str,
}

/// A line of the log as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub kind: String,
    /// The agent's name, empty when it was nobody of ours.
    pub agent: String,
    /// What else.
    pub detail: String,
}

const HEAD: &str = "INSERT INTO events (id, workspace_id, at, kind, agent_id, channel_id, conversation_id, message_id, detail) VALUES";
const OF_CONVERSATION: &str = "SELECT e.at, e.kind, COALESCE(a.name, ''), e.detail FROM events e LEFT JOIN agents a ON a.id = e.agent_id \
     WHERE e.workspace_id = $1 AND e.conversation_id = $2 AND e.kind <> 'message.in' ORDER BY e.id DESC LIMIT $3";

impl Store {
    /// Writes lines into the log, as part of the change they tell of.
    pub async fn log(&self, tx: &mut Tx, workspace: WorkspaceId, events: &[Event<'_>]) -> Result<()> {
        let now = self.now();
        let mut values: Vec<Value<'_>> = Vec::with_capacity(events.len() * 9);
        for event in events {
            values.extend_from_slice(args![
                self.next_id(),
                workspace,
                now,
                event.kind,
                event.agent,
                event.channel,
                event.conversation,
                event.message,
                event.detail,
            ]);
        }
        tx.run_rows(HEAD, 9, &values, "").await?;
        Ok(())
    }

    /// What was done with a conversation, newest first; the customer's messages themselves are left out.
    pub async fn history(&self, conn: &mut Conn, workspace: WorkspaceId, conversation: ConversationId, limit: u32) -> Result<Vec<Logged>> {
        let rows: Vec<(i64, String, String, String)> = conn.rows(OF_CONVERSATION, args![workspace, conversation, i64::from(limit)]).await?;
        Ok(rows.into_iter().map(|(at, kind, agent, detail)| Logged { at: Timestamp(at), kind, agent, detail }).collect())
    }
}
