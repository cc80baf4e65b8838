//! The event log: append-only, one line for everything that happened. Audit, undo and reports come from it.

use super::Store;
use super::db::{Tx, Value, args};
use super::error::Result;
use crate::domain::id::{AgentId, ChannelId, ConversationId, MessageId, TicketId, VenueId, WorkspaceId};

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
    /// At which venue.
    pub venue: Option<VenueId>,
    /// To which ticket.
    pub ticket: Option<TicketId>,
    /// What else a reader needs, in a few words; never a customer's text.
    pub detail: &'a str,
}

const HEAD: &str = "INSERT INTO events (id, workspace_id, at, kind, agent_id, channel_id, conversation_id, message_id, venue_id, ticket_id, detail) \
     VALUES";

impl Store {
    /// Writes lines into the log, as part of the change they tell of.
    pub async fn log(&self, tx: &mut Tx, workspace: WorkspaceId, events: &[Event<'_>]) -> Result<()> {
        let now = self.now();
        let mut values: Vec<Value<'_>> = Vec::with_capacity(events.len() * 11);
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
                event.venue,
                event.ticket,
                event.detail,
            ]);
        }
        tx.run_rows(HEAD, 11, &values, "").await?;
        Ok(())
    }
}
