//! How our replies stand: what waits or needs a decision, and what a conversation's row shows of it.

use super::Store;
use super::db::{Conn, Tx, args};
use super::error::Result;
use super::inbound::first_words;
use crate::domain::attachment::{FileKind, describe};
use crate::domain::id::{ConversationId, MessageId, OutboxId, WorkspaceId};
use crate::domain::time::Timestamp;

/// An order as `outbox list` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Which.
    pub id: OutboxId,
    /// The message.
    pub message: MessageId,
    /// Where.
    pub conversation: ConversationId,
    /// The channel's name.
    pub channel: String,
    /// The customer's name.
    pub to: String,
    /// `send`, `edit`, `delete`, `react` or `read`.
    pub action: String,
    /// `ready`, `sending`, `uncertain` or `failed`.
    pub state: String,
    /// When it may leave, or is tried next.
    pub next_try_at: Timestamp,
    /// How often it was tried.
    pub attempt: i64,
    /// What went wrong last.
    pub reason: String,
}

/// An order that waits for the time somebody chose: not once tried, nor told to leave at once, which sets its time to that of the change.
macro_rules! appointed {
    ($order:literal) => {
        concat!(
            $order,
            ".appointed AND ",
            $order,
            ".state = 'ready' AND ",
            $order,
            ".attempt = 0 AND ",
            $order,
            ".next_try_at > ",
            $order,
            ".updated_at"
        )
    };
}
pub(super) use appointed;

const LIST: &str = "SELECT o.id, o.message_id, o.conversation_id, ch.name, p.name, o.action, o.state, o.next_try_at, o.attempt, o.reason \
     FROM outbox o JOIN channels ch ON ch.id = o.channel_id JOIN conversations c ON c.id = o.conversation_id JOIN contacts p ON p.id = c.contact_id \
     WHERE o.workspace_id = $1 AND o.state IN ('ready', 'sending', 'uncertain', 'failed') ORDER BY o.id LIMIT $2";
const DEPTH: &str = concat!(
    "SELECT (SELECT COUNT(*) FROM outbox o WHERE o.workspace_id = $1 AND o.state IN ('ready', 'sending') AND NOT (",
    appointed!("o"),
    ")), (SELECT COUNT(*) FROM outbox WHERE workspace_id = $1 AND state = 'uncertain')"
);
/// What waits behind an earlier order of its conversation cannot leave before that one is due.
const DUE: &str = "SELECT COUNT(*) FROM outbox o JOIN channels ch ON ch.id = o.channel_id WHERE o.state IN ('ready', 'sending') AND o.next_try_at <= $1 \
     AND NOT ch.paused AND ch.removed_at IS NULL \
     AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.conversation_id = o.conversation_id AND e.state = 'ready' AND e.next_try_at > $1 \
       AND (e.due_at < o.due_at OR (e.due_at = o.due_at AND e.id < o.id)))";
const CONVERSATION_SENT: &str =
    "UPDATE conversations SET last_at = CASE WHEN last_at > $3 THEN last_at ELSE $3 END WHERE workspace_id = $1 AND id = $2";
const ANSWERED_LATE: &str =
    "UPDATE conversations SET waiting_since = NULL, first_reply_at = COALESCE(first_reply_at, $3) WHERE workspace_id = $1 AND id = $2";
const REFRESH_MARK: &str = concat!(
    "UPDATE conversations SET mark = COALESCE( \
     (SELECT o.state FROM outbox o WHERE o.conversation_id = $2 AND o.state IN ('uncertain', 'failed') ORDER BY o.state DESC, o.id DESC LIMIT 1), \
     CASE WHEN preview_direction = 'out' THEN (SELECT m.delivery FROM messages m WHERE m.conversation_id = $2 AND m.direction = 'out' \
       AND m.delivery <> 'canceled' AND NOT EXISTS (SELECT 1 FROM outbox w WHERE w.message_id = m.id AND ",
    appointed!("w"),
    ") ORDER BY m.at DESC, m.seq DESC, m.id DESC LIMIT 1) END, '') WHERE workspace_id = $1 AND id = $2"
);
const LAST_MESSAGE: &str = concat!(
    "SELECT m.text, m.direction, m.at, m.seq, a.kind, a.name, a.seconds FROM messages m \
     LEFT JOIN attachments a ON a.message_id = m.id AND a.place = 0 \
     WHERE m.workspace_id = $1 AND m.conversation_id = $2 AND m.delivery <> 'canceled' AND m.direction <> 'note' \
     AND NOT EXISTS (SELECT 1 FROM outbox w WHERE w.message_id = m.id AND ",
    appointed!("w"),
    ") ORDER BY m.at DESC, m.seq DESC, m.id DESC LIMIT 1"
);
const SET_LAST: &str =
    "UPDATE conversations SET preview = $3, preview_direction = $4, last_at = $5, last_seq = $6 WHERE workspace_id = $1 AND id = $2";
/// Nobody was answered after all: who wrote since the last reply that counts (or since the conversation was resolved) waits again. Rows are
/// taken in the order they came in, as they were when they set what is set again here. A reply for a chosen time counts once it has left, what
/// everybody got and what left by itself never.
const UNANSWERED: &str = "UPDATE conversations SET \
     waiting_since = (SELECT MIN(m.at) FROM messages m WHERE m.conversation_id = $2 AND m.direction = 'in' \
       AND m.id > COALESCE((SELECT MAX(a.id) FROM messages a WHERE a.conversation_id = $2 AND a.direction = 'out' AND a.delivery <> 'canceled' \
         AND NOT EXISTS (SELECT 1 FROM outbox w WHERE w.message_id = a.id AND w.action = 'send' AND (w.bulk_id IS NOT NULL OR w.agent_id IS NULL \
           OR (w.appointed AND w.state <> 'done')))), 0) \
       AND m.id > COALESCE((SELECT MAX(e.id) FROM events e WHERE e.conversation_id = $2 AND e.kind = 'conversation.status' \
         AND e.kind <> 'message.in' AND e.detail LIKE '%-> resolved'), 0)), \
     first_reply_at = CASE WHEN EXISTS (SELECT 1 FROM messages a WHERE a.conversation_id = $2 AND a.direction = 'out' AND a.agent_id IS NOT NULL \
       AND a.delivery <> 'canceled' AND NOT EXISTS (SELECT 1 FROM outbox w WHERE w.message_id = a.id AND w.action = 'send' \
         AND (w.bulk_id IS NOT NULL OR w.agent_id IS NULL OR (w.appointed \
         AND w.state <> 'done')))) THEN first_reply_at END \
     WHERE workspace_id = $1 AND id = $2";

/// Every query with a limit, for the test that asks the planner about them.
pub const LOOKS: [(&str, &str); 1] = [("list", LIST)];

impl Store {
    /// How many orders wait, and how many need a decision.
    pub async fn outbox_depth(&self, conn: &mut Conn, workspace: WorkspaceId) -> Result<(u64, u64)> {
        let (waiting, uncertain): (i64, i64) = conn.one("outbox", DEPTH, args![workspace]).await?;
        Ok((waiting as u64, uncertain as u64))
    }

    /// How many orders of connected channels, and people of bulk sends, in any workspace, could leave by `now`.
    pub async fn due(&self, now: Timestamp) -> Result<u64> {
        let mut conn = self.read().await?;
        let (due,): (i64,) = conn.one("outbox", DUE, args![now]).await?;
        Ok(due as u64 + self.bulks_due(&mut conn, now).await?)
    }

    /// The orders that wait or need a decision, oldest first.
    pub async fn outbox(&self, workspace: WorkspaceId, limit: u32) -> Result<Vec<Waiting>> {
        type Row = (i64, i64, i64, String, String, String, String, i64, i64, String);
        let rows: Vec<Row> = self.read().await?.rows(LIST, args![workspace, i64::from(limit)]).await?;
        let waiting = |(id, message, conversation, channel, to, action, state, next, attempt, reason): Row| Waiting {
            id: OutboxId(id),
            message: MessageId(message),
            conversation: ConversationId(conversation),
            channel,
            to,
            action,
            state,
            next_try_at: Timestamp(next),
            attempt,
            reason,
        };
        Ok(rows.into_iter().map(waiting).collect())
    }
}

/// The conversation's row shows what most needs a person: a reply that is uncertain or failed, else how far our last words got.
pub(super) async fn refresh_mark(tx: &mut Tx, workspace: WorkspaceId, conversation: ConversationId) -> Result<()> {
    tx.run(REFRESH_MARK, args![workspace, conversation]).await.map(|_| ())
}

/// A reply of ours reached the provider: its conversation stands where its time puts it.
pub(super) async fn conversation_sent(tx: &mut Tx, workspace: WorkspaceId, conversation: ConversationId, at: Timestamp) -> Result<()> {
    tx.run(CONVERSATION_SENT, args![workspace, conversation, at]).await.map(|_| ())
}

/// A reply that left at the time somebody chose has answered the customer, now and not before.
pub(super) async fn answered_late(tx: &mut Tx, workspace: WorkspaceId, conversation: ConversationId, at: Timestamp) -> Result<()> {
    tx.run(ANSWERED_LATE, args![workspace, conversation, at]).await?;
    refresh_preview(tx, workspace, conversation).await
}

/// A reply will not leave: the conversation's row is as if it had never been written. One for a chosen time had changed nothing yet.
pub(super) async fn unanswered(tx: &mut Tx, workspace: WorkspaceId, conversation: ConversationId, appointed: bool) -> Result<()> {
    if !appointed {
        tx.run(UNANSWERED, args![workspace, conversation]).await?;
    }
    refresh_preview(tx, workspace, conversation).await
}

/// The conversation's row shows its last message again, after one was taken back.
pub(super) async fn refresh_preview(tx: &mut Tx, workspace: WorkspaceId, conversation: ConversationId) -> Result<()> {
    type Last = (String, String, i64, i64, Option<String>, Option<String>, Option<i64>);
    let last: Option<Last> = tx.row(LAST_MESSAGE, args![workspace, conversation]).await?;
    let Some((text, direction, at, seq, kind, name, seconds)) = last else { return Ok(()) };
    let line = match kind {
        Some(kind) if text.trim().is_empty() => {
            describe(FileKind::of(&kind), &name.unwrap_or_default(), seconds.and_then(|n| u32::try_from(n).ok()))
        }
        _ => first_words(text.trim()),
    };
    tx.run(SET_LAST, args![workspace, conversation, &line, &direction, at, seq]).await.map(|_| ())
}
