//! Conversations as lists show them, and what an agent does with one.

use std::collections::BTreeMap;

use super::Store;
use super::db::{Conn, Tx, Value, args};
use super::error::{Error, Result};
use super::events::Event;
use crate::domain::conversation::{Priority, Status, Summary};
use crate::domain::delivery::Delivery;
use crate::domain::hint::Hint;
use crate::domain::id::{AgentId, ChannelId, ConversationId, WorkspaceId};
use crate::domain::message::Direction;
use crate::domain::time::{Span, Timestamp};

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: i64,
    number: i64,
    channel_id: i64,
    provider: String,
    name: String,
    handle: String,
    reachable: bool,
    status: String,
    assignee_id: Option<i64>,
    assignee_name: String,
    unread: i64,
    preview: String,
    preview_direction: String,
    mark: String,
    draft: Option<String>,
    last_at: i64,
    rank: i64,
    waiting_since: Option<i64>,
    last_inbound_at: Option<i64>,
    window_closed_at: Option<i64>,
    window_length: Option<i64>,
    priority: i64,
    snoozed_until: Option<i64>,
    scheduled: Option<i64>,
    labels: Option<String>,
}

/// A row of a list and everything it is made of: what ranks it, where its draft comes from, which rows. `$1` is the workspace, `$2` the agent
/// whose drafts are meant. Rows that are looked up `by id` hide the workspace from SQLite's planner behind a plus: from four ids on it would
/// rather read every conversation of the workspace.
macro_rules! summaries {
    ($rank:literal, $drafts:literal, $which:literal) => {
        summaries!(with "c.workspace_id", $rank, $drafts, $which)
    };
    (by id, $rank:literal, $drafts:literal, $which:literal) => {
        summaries!(with "+c.workspace_id", $rank, $drafts, $which)
    };
    (with $workspace:literal, $rank:literal, $drafts:literal, $which:literal) => {
        concat!(
            "SELECT c.id, c.number, c.channel_id, ch.provider, p.name, i.handle, i.reachable, c.status, c.assignee_id, \
             COALESCE(a.name, '') AS assignee_name, c.unread, c.preview, c.preview_direction, c.mark, d.text AS draft, c.last_at, ",
            $rank,
            " AS rank, c.waiting_since, c.last_inbound_at, c.window_length, c.window_closed_at, c.priority, c.snoozed_until, (SELECT string_agg(l.name, '\n') FROM \
             conversation_labels cl JOIN labels l ON l.id = cl.label_id WHERE cl.conversation_id = c.id) AS labels, \
             c.scheduled_at AS scheduled \
             FROM conversations c JOIN channels ch ON ch.id = c.channel_id JOIN identities i ON i.id = c.identity_id \
             JOIN contacts p ON p.id = c.contact_id LEFT JOIN agents a ON a.id = c.assignee_id ",
            $drafts,
            " WHERE ",
            $workspace,
            " = $1 AND ",
            $which
        )
    };
}
pub(super) use summaries;

const ONE: &str =
    summaries!("c.last_at", "LEFT JOIN drafts d ON d.conversation_id = c.id AND d.agent_id = $2 AND d.mode = 'reply'", "c.id = $3");
const SEVERAL: &str =
    summaries!(by id, "c.last_at", "LEFT JOIN drafts d ON d.conversation_id = c.id AND d.agent_id = $2 AND d.mode = 'reply'", "c.id IN");

/// The beginnings of the queries that several ids follow, for the test that asks the planner about them.
pub const BY_ID: [&str; 1] = [SEVERAL];

const SET_UNREAD: &str = "UPDATE conversations SET unread = $3 WHERE workspace_id = $1 AND id = $2 AND unread <> $3";
const SAVE_DRAFT: &str = "INSERT INTO drafts (workspace_id, conversation_id, agent_id, mode, text, updated_at) VALUES ($1, $2, $3, $4, $5, $6) \
     ON CONFLICT (conversation_id, agent_id, mode) DO UPDATE SET text = excluded.text, updated_at = excluded.updated_at";
const DROP_DRAFT: &str = "DELETE FROM drafts WHERE workspace_id = $1 AND conversation_id = $2 AND agent_id = $3 AND mode = $4";
const DRAFT: &str = "SELECT text FROM drafts WHERE workspace_id = $1 AND conversation_id = $2 AND agent_id = $3 AND mode = $4";
const DRAFTS: &str = "SELECT mode, text FROM drafts WHERE workspace_id = $1 AND conversation_id = $2 AND agent_id = $3";
const BY_NUMBER: &str = "SELECT id FROM conversations WHERE workspace_id = $1 AND number = $2";

impl Row {
    pub(super) fn summary(self) -> Result<Summary> {
        let mut labels: Vec<String> = self.labels.iter().flat_map(|names| names.split('\n')).map(str::to_owned).collect();
        labels.sort_by_key(|name| super::name_key(name));
        Ok(Summary {
            id: ConversationId(self.id),
            number: self.number,
            channel: ChannelId(self.channel_id),
            provider: self.provider,
            name: self.name,
            handle: self.handle,
            status: Status::of(&self.status).ok_or(Error::Stored { what: "status", detail: self.status })?,
            assignee: self.assignee_id.map(AgentId),
            assignee_name: self.assignee_name,
            unread: u32::try_from(self.unread).unwrap_or(0),
            preview: self.preview,
            preview_direction: Direction::of(&self.preview_direction),
            mark: (!self.mark.is_empty()).then(|| Delivery::of(&self.mark)),
            draft: self.draft,
            last_at: Timestamp(self.last_at),
            rank: self.rank,
            waiting_since: self.waiting_since.map(Timestamp),
            last_inbound_at: self.last_inbound_at.map(Timestamp),
            window_closed_at: self.window_closed_at.map(Timestamp),
            window: self.window_length.map(Span),
            unreachable: !self.reachable,
            priority: Priority::of_rank(self.priority),
            labels,
            snoozed_until: self.snoozed_until.map(Timestamp),
            scheduled: self.scheduled.map(Timestamp),
        })
    }
}

impl Store {
    /// One conversation's row.
    pub async fn summary(&self, conn: &mut Conn, workspace: WorkspaceId, agent: AgentId, id: ConversationId) -> Result<Summary> {
        conn.one::<Row>("conversation", ONE, args![workspace, agent, id]).await?.summary()
    }

    /// The rows of these conversations, in any order.
    pub async fn summaries(&self, conn: &mut Conn, workspace: WorkspaceId, agent: AgentId, ids: &[ConversationId]) -> Result<Vec<Summary>> {
        let keys: Vec<Value<'_>> = ids.iter().map(|id| Value::from(*id)).collect();
        let rows: Vec<Row> = conn.rows_in(SEVERAL, args![workspace, agent], &keys, "").await?;
        rows.into_iter().map(Row::summary).collect()
    }

    /// The conversation that people call by this number.
    pub async fn conversation_numbered(&self, workspace: WorkspaceId, number: i64) -> Result<ConversationId> {
        let (id,): (i64,) = self.read().await?.one("conversation", BY_NUMBER, args![workspace, number]).await?;
        Ok(ConversationId(id))
    }

    /// Everything in it was seen, or its last message is to be seen again.
    pub async fn set_unread(&self, workspace: WorkspaceId, agent: AgentId, id: ConversationId, unread: bool) -> Result<()> {
        let mut tx = self.begin().await?;
        if tx.run(SET_UNREAD, args![workspace, id, i64::from(unread)]).await? > 0 {
            let kind = if unread { "conversation.unread" } else { "conversation.read" };
            self.log(&mut tx, workspace, &[act(kind, agent, id)]).await?;
            tx.hint(Hint::Conversation(id));
        }
        self.commit(tx).await
    }

    /// Keeps what is typed (`mode` is `reply` or `note`); an empty text forgets it.
    pub async fn save_draft(&self, workspace: WorkspaceId, agent: AgentId, id: ConversationId, mode: &str, text: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        self.put_draft(&mut tx, workspace, agent, id, mode, text).await?;
        self.commit(tx).await
    }

    /// Puts words back before what the draft holds now. Words it begins with already are not doubled: what could not be sent may still be it.
    pub async fn put_back(&self, workspace: WorkspaceId, agent: AgentId, id: ConversationId, mode: &str, text: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        let draft = self.draft(&mut tx, workspace, agent, id, mode).await?;
        if text.trim().is_empty() || draft.starts_with(text) {
            return Ok(());
        }
        let kept = if draft.is_empty() { text.to_owned() } else { format!("{text}\n{draft}") };
        self.put_draft(&mut tx, workspace, agent, id, mode, &kept).await?;
        self.commit(tx).await
    }

    /// As [`Store::save_draft`], within a transaction.
    pub(super) async fn put_draft(
        &self,
        tx: &mut Tx,
        workspace: WorkspaceId,
        agent: AgentId,
        id: ConversationId,
        mode: &str,
        text: &str,
    ) -> Result<()> {
        if text.trim().is_empty() {
            tx.run(DROP_DRAFT, args![workspace, id, agent, mode]).await?;
        } else {
            tx.run(SAVE_DRAFT, args![workspace, id, agent, mode, text, self.now()]).await?;
        }
        tx.hint(Hint::Conversation(id));
        Ok(())
    }

    /// What was typed; empty when nothing is.
    pub async fn draft(&self, conn: &mut Conn, workspace: WorkspaceId, agent: AgentId, id: ConversationId, mode: &str) -> Result<String> {
        let row: Option<(String,)> = conn.row(DRAFT, args![workspace, id, agent, mode]).await?;
        Ok(row.map(|(text,)| text).unwrap_or_default())
    }

    /// All that was typed in a conversation, by mode.
    pub async fn drafts(
        &self,
        conn: &mut Conn,
        workspace: WorkspaceId,
        agent: AgentId,
        id: ConversationId,
    ) -> Result<BTreeMap<String, String>> {
        let rows: Vec<(String, String)> = conn.rows(DRAFTS, args![workspace, id, agent]).await?;
        Ok(rows.into_iter().collect())
    }
}

fn act(kind: &str, agent: AgentId, conversation: ConversationId) -> Event<'_> {
    Event { kind, agent: Some(agent), conversation: Some(conversation), ..Event::default() }
}
