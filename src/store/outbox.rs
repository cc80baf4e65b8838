//! Orders to providers: claimed with a lease, carried out one part at a time, and settled so that a crash at any instant leaves a part
//! either certainly unsent (`queued`), certainly settled, or visibly `uncertain`. A part is `sending` in the database before its request
//! exists.
//!
//! Every update of a claimed row names its attempt, so that a claim that was taken away changes nothing.

use super::Store;
use super::channels::Channel;
use super::db::{Conn, Tx, args};
use super::error::Result;
use super::events::Event;
use super::inbound::first_words;
use crate::domain::attachment::{FileKind, describe};
use crate::domain::delivery::Delivery;
use crate::domain::hint::Hint;
use crate::domain::id::{AgentId, ChannelId, ConversationId, MessageId, OutboxId, WorkspaceId};
use crate::domain::time::{Span, Timestamp};

/// An order that is ours to carry out until its lease ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Which order.
    pub id: OutboxId,
    /// Which attempt; the fence of every later update.
    pub attempt: i64,
    /// How often it could not be handed over.
    pub failures: i64,
    /// Where.
    pub conversation: ConversationId,
    /// The message it sends or changes.
    pub message: MessageId,
    /// `send`, `edit`, `delete` or `react`.
    pub action: String,
    /// The new words, or the emoji.
    pub argument: String,
    /// Who ordered it.
    pub agent: Option<AgentId>,
    /// The chat's key.
    pub chat: String,
    /// The provider id that the reply answers.
    pub reply_to: Option<String>,
    /// How long after the customer's last message one may write freely.
    pub window: Option<Span>,
    /// When the customer last wrote.
    pub last_inbound_at: Option<Timestamp>,
    /// When the provider itself said that the window is closed.
    pub window_closed_at: Option<Timestamp>,
    /// Somebody chose the time it leaves at: with it the customer is answered, not before.
    pub appointed: bool,
    /// When the claim was made.
    pub claimed_at: Timestamp,
    /// When the claim ends.
    pub lease_until: Timestamp,
}

/// One part of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedPart {
    /// Its place.
    pub place: i64,
    /// How far it got.
    pub state: Delivery,
    /// The words or the caption.
    pub text: String,
    /// The provider id once it was sent.
    pub external_id: Option<String>,
    /// Its file.
    pub file: Option<ClaimedFile>,
}

/// A file to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedFile {
    /// What sort.
    pub kind: FileKind,
    /// The name the customer sees.
    pub name: String,
    /// Its media type.
    pub mime: String,
    /// Its content hash in our store.
    pub hash: String,
}

/// How an attempt ended when the provider did not take it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Try again then; `failed` says whether the attempt counts against the limit.
    Later {
        /// When.
        at: Timestamp,
        /// It counts.
        failed: bool,
    },
    /// Never.
    Failed,
    /// It may have arrived.
    Uncertain,
}

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
    /// `send`, `edit`, `delete` or `react`.
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

#[derive(sqlx::FromRow)]
struct ClaimRow {
    id: i64,
    attempt: i64,
    failures: i64,
    conversation_id: i64,
    message_id: i64,
    agent_id: Option<i64>,
    action: String,
    argument: String,
    chat_key: String,
    reply_to: Option<String>,
    window_length: Option<i64>,
    last_inbound_at: Option<i64>,
    window_closed_at: Option<i64>,
    appointed: bool,
}

#[derive(sqlx::FromRow)]
struct PartRow {
    place: i64,
    state: String,
    text: String,
    external_id: Option<String>,
    kind: Option<String>,
    name: Option<String>,
    mime: Option<String>,
    hash: Option<String>,
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

const CLAIM: &str = "UPDATE outbox SET state = 'sending', attempt = attempt + 1, lease_until = $4, updated_at = $3 WHERE workspace_id = $1 AND state = 'ready' \
     AND id IN (SELECT o.id FROM outbox o WHERE o.workspace_id = $1 AND o.channel_id = $2 AND o.state = 'ready' AND o.next_try_at <= $3 \
       AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.conversation_id = o.conversation_id AND e.state IN ('ready', 'sending') \
         AND (e.due_at < o.due_at OR (e.due_at = o.due_at AND e.id < o.id))) \
       ORDER BY o.next_try_at, o.id LIMIT $5) RETURNING id";
const CLAIMED: &str = "SELECT o.id, o.attempt, o.failures, o.conversation_id, o.message_id, o.agent_id, o.action, o.argument, i.chat_key, m.reply_to, \
     c.window_length, c.last_inbound_at, c.window_closed_at, o.appointed FROM outbox o JOIN messages m ON m.id = o.message_id JOIN conversations c ON c.id = o.conversation_id \
     JOIN identities i ON i.id = c.identity_id WHERE o.workspace_id = $1 AND o.id IN";
const PARTS: &str = "SELECT p.place, p.state, p.text, p.external_id, a.kind, a.name, a.mime, a.hash FROM parts p \
     LEFT JOIN attachments a ON a.id = p.attachment_id WHERE p.workspace_id = $1 AND p.message_id = $2 ORDER BY p.place";
const AGENT_NAME: &str = "SELECT name FROM agents WHERE workspace_id = $1 AND id = $2";
const EXTERNAL: &str = "SELECT external_id FROM messages WHERE workspace_id = $1 AND id = $2";
/// One part at a time, also when this is repeated because nobody knows whether its commit arrived.
const START_FIRST: &str = "UPDATE parts SET state = 'sending' WHERE workspace_id = $1 AND message_id = $2 AND place = \
     (SELECT MIN(q.place) FROM parts q WHERE q.message_id = $2 AND q.state = 'queued') \
     AND NOT EXISTS (SELECT 1 FROM parts q WHERE q.message_id = $2 AND q.state = 'sending')";
const TO_SEND: &str = "SELECT 1 FROM parts WHERE workspace_id = $1 AND message_id = $2 AND state = 'sending' LIMIT 1";
const MESSAGE_SENDING: &str = "UPDATE messages SET delivery = 'sending' WHERE workspace_id = $1 AND id = $2";
const STILL_OURS: &str = "SELECT 1 FROM outbox WHERE workspace_id = $1 AND id = $2 AND attempt = $3 AND state = 'sending'";
/// The fence of what an order's parts go through: nobody else can take the order before this transaction ends.
const HOLD: &str = "UPDATE outbox SET updated_at = $4 WHERE workspace_id = $1 AND id = $2 AND attempt = $3 AND state = 'sending'";
/// A server that gives one id to two messages must not keep the second from being written down: it goes without.
const PART_SENT: &str = "UPDATE parts SET state = 'sent', chat_key = $5, settled_at = $6, external_id = CASE WHEN EXISTS \
       (SELECT 1 FROM parts q WHERE q.channel_id = $7 AND q.chat_key = $5 AND q.external_id = $4) THEN NULL ELSE $4 END \
     WHERE workspace_id = $1 AND message_id = $2 AND place = $3 AND state = 'sending'";
const PARTS_BACK: &str = "UPDATE parts SET state = $3 WHERE workspace_id = $1 AND message_id = $2 AND state = 'sending'";
const FAIL_PARTS: &str = "UPDATE parts SET state = 'failed' WHERE workspace_id = $1 AND message_id = $2 AND state IN ('sending', 'queued')";
const MESSAGE_SENT: &str =
    "UPDATE messages SET delivery = 'sent', reason = '', sent_at = $3, at = $3, due_at = NULL WHERE workspace_id = $1 AND id = $2";
const CONVERSATION_SENT: &str =
    "UPDATE conversations SET last_at = CASE WHEN last_at > $3 THEN last_at ELSE $3 END WHERE workspace_id = $1 AND id = $2";
const ANSWERED_LATE: &str =
    "UPDATE conversations SET waiting_since = NULL, first_reply_at = COALESCE(first_reply_at, $3) WHERE workspace_id = $1 AND id = $2";
const DONE: &str = "UPDATE outbox SET state = 'done', reason = '', lease_until = NULL, updated_at = $4 \
     WHERE workspace_id = $1 AND id = $2 AND attempt = $3 AND state = 'sending'";
const END: &str = "UPDATE outbox SET state = $4, reason = $5, next_try_at = $6, failures = failures + $7, lease_until = NULL, updated_at = $8 \
     WHERE workspace_id = $1 AND id = $2 AND attempt = $3 AND state = 'sending'";
const MESSAGE_STATE: &str = "UPDATE messages SET delivery = $3, reason = $4, failed_at = CASE WHEN $3 = 'failed' THEN $5 ELSE failed_at END \
     WHERE workspace_id = $1 AND id = $2";
const NEXT_DUE: &str = "SELECT o.next_try_at FROM outbox o WHERE o.workspace_id = $1 AND o.channel_id = $2 AND o.state = 'ready' \
     AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.conversation_id = o.conversation_id AND e.state IN ('ready', 'sending') \
       AND (e.due_at < o.due_at OR (e.due_at = o.due_at AND e.id < o.id))) ORDER BY o.next_try_at LIMIT 1";
const LEFT_SENDING: &str = "SELECT id, attempt, conversation_id, message_id, action, \
     (SELECT COUNT(*) FROM parts p WHERE p.message_id = outbox.message_id AND p.state = 'sending') FROM outbox \
     WHERE workspace_id = $1 AND channel_id = $2 AND state = 'sending'";
/// Only short waits (an undo delay, a retry): a time that somebody chose stays.
const REBASE: &str = concat!(
    "UPDATE outbox SET due_at = due_at - (updated_at - $3), next_try_at = next_try_at - (updated_at - $3), updated_at = $3 \
     WHERE workspace_id = $1 AND channel_id = $2 AND state = 'ready' AND updated_at > $3 AND next_try_at - updated_at <= $4 AND NOT (",
    appointed!("outbox"),
    ")"
);
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

/// Every query that looks for work, for the test that asks the planner about them.
pub const LOOKS: [(&str, &str); 3] = [("claim", CLAIM), ("next due", NEXT_DUE), ("list", LIST)];

impl Store {
    /// Claims up to `limit` orders of a channel that are due, the oldest of each conversation, until `lease` from now. The first unsent part of
    /// each is `sending` when this returns.
    pub async fn claim(&self, channel: &Channel, lease: Span, limit: u32) -> Result<Vec<Claim>> {
        let now = self.now();
        let lease_until = now.plus(lease);
        let mut tx = self.begin().await?;
        let values = args![channel.workspace, channel.id, now, lease_until, i64::from(limit)];
        let ids: Vec<(i64,)> = tx.rows(CLAIM, values).await?;
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<_> = ids.iter().map(|(id,)| super::db::Value::Int(*id)).collect();
        let mut rows: Vec<ClaimRow> = tx.rows_in(CLAIMED, args![channel.workspace], &keys, "").await?;
        rows.sort_by_key(|row| row.id);
        for row in &rows {
            if row.action == "send" {
                tx.run(START_FIRST, args![channel.workspace, row.message_id]).await?;
                tx.run(MESSAGE_SENDING, args![channel.workspace, row.message_id]).await?;
            }
            tx.hint(Hint::Conversation(ConversationId(row.conversation_id)));
        }
        self.commit(tx).await?;
        Ok(rows.into_iter().map(|row| row.claim(now, lease_until)).collect())
    }

    /// A reply's parts, in order.
    pub async fn claimed_parts(&self, channel: &Channel, message: MessageId) -> Result<Vec<ClaimedPart>> {
        let rows: Vec<PartRow> = self.read().await?.rows(PARTS, args![channel.workspace, message]).await?;
        Ok(rows.into_iter().map(PartRow::part).collect())
    }

    /// The provider id of a message that is one at the provider; `None` for a reply made of parts.
    pub async fn external_id(&self, channel: &Channel, message: MessageId) -> Result<Option<String>> {
        let row: Option<(Option<String>,)> = self.read().await?.row(EXTERNAL, args![channel.workspace, message]).await?;
        Ok(row.and_then(|(id,)| id))
    }

    /// Whether a claim still stands; asked again before a request that leaves long after the claim.
    pub async fn still_ours(&self, channel: &Channel, claim: &Claim) -> Result<bool> {
        let values = args![channel.workspace, claim.id, claim.attempt];
        Ok(self.read().await?.row::<(i32,)>(STILL_OURS, values).await?.is_some())
    }

    /// The provider took a part. The next one is `sending` when this returns; `false` when it was the last and the order is done, or when the
    /// claim was taken away meanwhile: then nothing changes. May be repeated.
    pub async fn part_sent(&self, channel: &Channel, claim: &Claim, place: i64, external: Option<&str>) -> Result<bool> {
        let now = self.now();
        let workspace = channel.workspace;
        let mut tx = self.begin().await?;
        if tx.run(HOLD, args![workspace, claim.id, claim.attempt, now]).await? == 0 {
            return Ok(false);
        }
        tx.run(PART_SENT, args![workspace, claim.message, place, external, &claim.chat, now, channel.id]).await?;
        tx.run(START_FIRST, args![workspace, claim.message]).await?;
        let more = tx.row::<(i32,)>(TO_SEND, args![workspace, claim.message]).await?.is_some();
        if !more && tx.run(DONE, args![workspace, claim.id, claim.attempt, now]).await? > 0 {
            tx.run(MESSAGE_SENT, args![workspace, claim.message, now]).await?;
            conversation_sent(&mut tx, workspace, claim.conversation, now).await?;
            if claim.appointed {
                answered_late(&mut tx, workspace, claim.conversation, now).await?;
            }
            refresh_mark(&mut tx, workspace, claim.conversation).await?;
            self.log(&mut tx, workspace, &[settled("reply.sent", channel, claim, "")]).await?;
            tx.hint(Hint::Status);
        }
        tx.hint(Hint::Conversation(claim.conversation));
        self.commit(tx).await?;
        Ok(more)
    }

    /// A change was carried out at the provider; now it is true here as well.
    pub async fn change_done(&self, channel: &Channel, claim: &Claim) -> Result<()> {
        let now = self.now();
        let workspace = channel.workspace;
        let mut tx = self.begin().await?;
        if tx.run(DONE, args![workspace, claim.id, claim.attempt, now]).await? > 0 {
            let target = super::changes::Target { message: claim.message, conversation: claim.conversation, part: None };
            match claim.action.as_str() {
                "edit" => self.put_version(&mut tx, workspace, target, &claim.argument, now, true).await?,
                "delete" => self.set_deleted(&mut tx, channel, target, now).await?,
                _ => {
                    let emoji: Vec<String> = (!claim.argument.is_empty()).then(|| claim.argument.clone()).into_iter().collect();
                    let who = agent_name(&mut tx, workspace, claim.agent).await?;
                    self.set_reactions(&mut tx, channel, target, ("us", &who), &emoji, now).await?;
                }
            }
            tx.hint(Hint::Status);
        }
        tx.hint(Hint::Conversation(claim.conversation));
        self.commit(tx).await
    }

    /// The attempt ended without the provider taking it.
    pub async fn attempt_ended(&self, channel: &Channel, claim: &Claim, ending: &Ending, reason: &str) -> Result<()> {
        let now = self.now();
        let workspace = channel.workspace;
        let (state, part, delivery, at, failed) = match ending {
            Ending::Later { at, failed } => ("ready", "queued", Delivery::Queued, *at, i64::from(*failed)),
            Ending::Failed => ("failed", "failed", Delivery::Failed, now, 1),
            Ending::Uncertain => ("uncertain", "uncertain", Delivery::Uncertain, now, 0),
        };
        let mut tx = self.begin().await?;
        if tx.run(END, args![workspace, claim.id, claim.attempt, state, reason, at, failed, now]).await? > 0 {
            if claim.action == "send" {
                tx.run(PARTS_BACK, args![workspace, claim.message, part]).await?;
                if *ending == Ending::Failed {
                    tx.run(FAIL_PARTS, args![workspace, claim.message]).await?;
                }
                tx.run(MESSAGE_STATE, args![workspace, claim.message, delivery.name(), reason, now]).await?;
            }
            if claim.appointed && state == "ready" {
                // It is on its way now, and stands there like any other.
                refresh_preview(&mut tx, workspace, claim.conversation).await?;
            }
            refresh_mark(&mut tx, workspace, claim.conversation).await?;
            if state != "ready" {
                let kind = if state == "failed" { "reply.failed" } else { "reply.uncertain" };
                self.log(&mut tx, workspace, &[settled(kind, channel, claim, reason)]).await?;
            }
            tx.hint(Hint::Status);
        }
        tx.hint(Hint::Conversation(claim.conversation));
        self.commit(tx).await
    }

    /// Settles what a process left behind that died while sending: what may have arrived is uncertain, what is harmless to repeat is ready
    /// again. Only the holder of the sync lock may call this. How many became uncertain.
    pub async fn recover(&self, channel: &Channel) -> Result<usize> {
        let rows: Vec<(i64, i64, i64, i64, String, i64)> =
            self.read().await?.rows(LEFT_SENDING, args![channel.workspace, channel.id]).await?;
        let mut uncertain = 0;
        for (id, attempt, conversation, message, action, sending) in rows {
            let row = ClaimRow {
                id,
                attempt,
                failures: 0,
                conversation_id: conversation,
                message_id: message,
                agent_id: None,
                action,
                argument: String::new(),
                chat_key: String::new(),
                reply_to: None,
                window_length: None,
                last_inbound_at: None,
                window_closed_at: None,
                appointed: false,
            };
            let claim = row.claim(self.now(), self.now());
            if claim.action == "send" && sending > 0 {
                uncertain += 1;
                let reason = "frontdesk was stopped while sending this; it may have arrived";
                self.attempt_ended(channel, &claim, &Ending::Uncertain, reason).await?;
            } else {
                let ending = Ending::Later { at: self.now(), failed: false };
                self.attempt_ended(channel, &claim, &ending, "").await?;
            }
        }
        Ok(uncertain)
    }

    /// After the clock was set back: orders that were written in what is now the future wait as long as they were meant to, not until that
    /// time comes again.
    pub async fn rebase(&self, channel: &Channel) -> Result<()> {
        let mut tx = self.begin().await?;
        if tx.run(REBASE, args![channel.workspace, channel.id, self.now(), Span::hours(1)]).await? > 0 {
            tx.hint(Hint::Status);
        }
        self.commit(tx).await
    }

    /// When the next order of a channel is due that waits for no earlier one of its conversation.
    pub async fn next_due(&self, channel: &Channel) -> Result<Option<Timestamp>> {
        let row: Option<(i64,)> = self.read().await?.row(NEXT_DUE, args![channel.workspace, channel.id]).await?;
        Ok(row.map(|(at,)| Timestamp(at)))
    }

    /// How many orders wait, and how many need a decision.
    pub async fn outbox_depth(&self, conn: &mut Conn, workspace: WorkspaceId) -> Result<(u64, u64)> {
        let (waiting, uncertain): (i64, i64) = conn.one("outbox", DEPTH, args![workspace]).await?;
        Ok((waiting as u64, uncertain as u64))
    }

    /// How many orders of connected channels, in any workspace, could leave by `now`.
    pub async fn due(&self, now: Timestamp) -> Result<u64> {
        let (due,): (i64,) = self.read().await?.one("outbox", DUE, args![now]).await?;
        Ok(due as u64)
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

impl ClaimRow {
    fn claim(self, claimed_at: Timestamp, lease_until: Timestamp) -> Claim {
        Claim {
            id: OutboxId(self.id),
            attempt: self.attempt,
            failures: self.failures,
            conversation: ConversationId(self.conversation_id),
            message: MessageId(self.message_id),
            action: self.action,
            argument: self.argument,
            agent: self.agent_id.map(AgentId),
            chat: self.chat_key,
            reply_to: self.reply_to,
            window: self.window_length.map(Span),
            last_inbound_at: self.last_inbound_at.map(Timestamp),
            window_closed_at: self.window_closed_at.map(Timestamp),
            appointed: self.appointed,
            claimed_at,
            lease_until,
        }
    }
}

impl PartRow {
    fn part(self) -> ClaimedPart {
        let file = match (self.kind, self.hash) {
            (Some(kind), Some(hash)) => Some(ClaimedFile {
                kind: FileKind::of(&kind),
                name: self.name.unwrap_or_default(),
                mime: self.mime.unwrap_or_default(),
                hash,
            }),
            _ => None,
        };
        ClaimedPart { place: self.place, state: Delivery::of(&self.state), text: self.text, external_id: self.external_id, file }
    }
}

fn settled<'a>(kind: &'a str, channel: &Channel, claim: &Claim, detail: &'a str) -> Event<'a> {
    Event {
        kind,
        agent: claim.agent,
        channel: Some(ChannelId(channel.id.0)),
        conversation: Some(claim.conversation),
        message: Some(claim.message),
        detail,
    }
}

/// Reactions stand under the name of whoever gave them, though the provider knows only the account.
async fn agent_name(tx: &mut Tx, workspace: WorkspaceId, agent: Option<AgentId>) -> Result<String> {
    let Some(agent) = agent else { return Ok(String::new()) };
    let row: Option<(String,)> = tx.row(AGENT_NAME, args![workspace, agent]).await?;
    Ok(row.map(|(name,)| name).unwrap_or_default())
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
