//! Orders to providers: claimed with a lease, carried out one part at a time, and settled so that a crash at any instant leaves a part
//! either certainly unsent (`queued`), certainly settled, or visibly `uncertain`. A part is `sending` in the database before its request
//! exists.
//!
//! Every update of a claimed row names its attempt, so that a claim that was taken away changes nothing.

use super::Store;
use super::channels::Channel;
use super::db::{Tx, Value, args};
use super::error::{Error, Result};
use super::events::Event;
use super::standing::{answered_late, appointed, conversation_sent, refresh_mark, refresh_preview};
use crate::domain::attachment::FileKind;
use crate::domain::delivery::Delivery;
use crate::domain::hint::Hint;
use crate::domain::id::{AgentId, ChannelId, ConversationId, MessageId, OutboxId, WorkspaceId};
use crate::domain::inbound::Chat;
use crate::domain::outbound::Special;
use crate::domain::time::{Span, Timestamp};
use crate::domain::window::{self, Window};

/// An order that is ours to carry out until its lease ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Which order.
    pub id: OutboxId,
    /// Which attempt; the fence of every later update.
    pub attempt: i64,
    /// How often it could not be handed over.
    pub failures: i64,
    /// Since when it has been refused each time.
    pub refused_since: Option<Timestamp>,
    /// Where.
    pub conversation: ConversationId,
    /// The message it sends or changes.
    pub message: MessageId,
    /// `send`, `edit`, `delete`, `react` or `read`.
    pub action: String,
    /// The new words, or the emoji.
    pub argument: String,
    /// Who ordered it.
    pub agent: Option<AgentId>,
    /// The chat's key.
    pub chat: String,
    /// Its other keys.
    pub aliases: Vec<String>,
    /// What the provider's ids of its messages are unique within ([`Chat::scope`]): its key as claimed; whoever sends knows better.
    pub scope: String,
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
    /// The customer wants no advertising.
    pub opted_out: bool,
    /// When the claim was made.
    pub claimed_at: Timestamp,
    /// When the claim ends.
    pub lease_until: Timestamp,
}

/// One part of a reply.
#[derive(Clone, Debug, PartialEq)]
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
    /// What it is besides.
    pub special: Option<Special>,
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

#[derive(sqlx::FromRow)]
struct ClaimRow {
    id: i64,
    attempt: i64,
    failures: i64,
    refused_at: Option<i64>,
    conversation_id: i64,
    message_id: i64,
    agent_id: Option<i64>,
    action: String,
    argument: String,
    identity_id: i64,
    chat_key: String,
    reply_to: Option<String>,
    window_length: Option<i64>,
    last_inbound_at: Option<i64>,
    window_closed_at: Option<i64>,
    appointed: bool,
    opted_out: bool,
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
    special: Option<String>,
}

const CLAIM: &str = "UPDATE outbox SET state = 'sending', attempt = attempt + 1, lease_until = $4, updated_at = $3 WHERE workspace_id = $1 AND state = 'ready' \
     AND id IN (SELECT o.id FROM outbox o WHERE o.workspace_id = $1 AND o.channel_id = $2 AND o.state = 'ready' AND o.next_try_at <= $3 \
       AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.conversation_id = o.conversation_id AND e.state IN ('ready', 'sending') \
         AND (e.due_at < o.due_at OR (e.due_at = o.due_at AND e.id < o.id))) \
       ORDER BY o.next_try_at, o.id LIMIT $5) RETURNING id";
const CLAIMED: &str = "SELECT o.id, o.attempt, o.failures, o.refused_at, o.conversation_id, o.message_id, o.agent_id, o.action, o.argument, i.id AS identity_id, i.chat_key, m.reply_to, \
     c.window_length, c.last_inbound_at, c.window_closed_at, o.appointed, i.opted_out_at IS NOT NULL AS opted_out FROM outbox o JOIN messages m ON m.id = o.message_id JOIN conversations c ON c.id = o.conversation_id \
     JOIN identities i ON i.id = c.identity_id WHERE o.workspace_id = $1 AND o.id IN";
const KEYS: &str = "SELECT identity_id, chat_key FROM identity_keys WHERE workspace_id = $1 AND identity_id IN";
const PARTS: &str = "SELECT p.place, p.state, p.text, p.external_id, a.kind, a.name, a.mime, a.hash, p.special FROM parts p \
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
const MESSAGE_SENT: &str = "UPDATE messages SET delivery = CASE WHEN $4 THEN 'failed' ELSE 'sent' END, reason = CASE WHEN $4 THEN reason ELSE '' END, \
     sent_at = COALESCE(sent_at, $3), at = $3, due_at = NULL WHERE workspace_id = $1 AND id = $2";
const DONE: &str = "UPDATE outbox SET state = 'done', reason = '', lease_until = NULL, updated_at = $4 \
     WHERE workspace_id = $1 AND id = $2 AND attempt = $3 AND state = 'sending'";
const SENT: &str = "UPDATE outbox SET state = $5, lease_until = NULL, updated_at = $4 \
     WHERE workspace_id = $1 AND id = $2 AND attempt = $3 AND state = 'sending'";
const ANY_FAILED: &str = "SELECT 1 FROM parts WHERE workspace_id = $1 AND message_id = $2 AND state = 'failed' LIMIT 1";
/// Waiting for our own pace is no refusal, and ends none.
const END: &str = "UPDATE outbox SET state = $4, reason = $5, next_try_at = $6, failures = failures + $7, lease_until = NULL, updated_at = $8, \
     refused_at = CASE WHEN $4 <> 'ready' THEN NULL WHEN $5 = '' THEN refused_at ELSE COALESCE(refused_at, $8) END \
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
/// Every query that looks for work, for the test that asks the planner about them.
pub const LOOKS: [(&str, &str); 2] = [("claim", CLAIM), ("next due", NEXT_DUE)];

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
        let keys: Vec<_> = ids.iter().map(|(id,)| Value::Int(*id)).collect();
        let mut rows: Vec<ClaimRow> = tx.rows_in(CLAIMED, args![channel.workspace], &keys, "").await?;
        rows.sort_by_key(|row| row.id);
        let identities: Vec<Value<'_>> = rows.iter().map(|row| Value::Int(row.identity_id)).collect();
        let keys: Vec<(i64, String)> = tx.rows_in(KEYS, args![channel.workspace], &identities, " ORDER BY chat_key").await?;
        for row in &rows {
            if row.action == "send" {
                tx.run(START_FIRST, args![channel.workspace, row.message_id]).await?;
                tx.run(MESSAGE_SENDING, args![channel.workspace, row.message_id]).await?;
            }
            tx.hint(Hint::Conversation(ConversationId(row.conversation_id)));
        }
        self.commit(tx).await?;
        let claim = |row: ClaimRow| {
            let other = |(identity, key): &(i64, String)| *identity == row.identity_id && *key != row.chat_key;
            let aliases = keys.iter().filter(|key| other(key)).map(|(_, key)| key.clone()).collect();
            row.claim(aliases, now, lease_until)
        };
        Ok(rows.into_iter().map(claim).collect())
    }

    /// A reply's parts, in order.
    pub async fn claimed_parts(&self, channel: &Channel, message: MessageId) -> Result<Vec<ClaimedPart>> {
        let rows: Vec<PartRow> = self.read().await?.rows(PARTS, args![channel.workspace, message]).await?;
        rows.into_iter().map(PartRow::part).collect()
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
        tx.run(PART_SENT, args![workspace, claim.message, place, external, &claim.scope, now, channel.id]).await?;
        if matches!(window::policy(claim.window, claim.last_inbound_at, claim.window_closed_at, now), Window::Closed(_)) {
            self.note_reached(&mut tx, channel, &claim.chat, now).await?;
        }
        tx.run(START_FIRST, args![workspace, claim.message]).await?;
        let more = tx.row::<(i32,)>(TO_SEND, args![workspace, claim.message]).await?.is_some();
        // The provider may have told meanwhile that an earlier part did not arrive.
        let failed = tx.row::<(i32,)>(ANY_FAILED, args![workspace, claim.message]).await?.is_some();
        let ended = if failed { "failed" } else { "done" };
        if !more && tx.run(SENT, args![workspace, claim.id, claim.attempt, now, ended]).await? > 0 {
            tx.run(MESSAGE_SENT, args![workspace, claim.message, now, failed]).await?;
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
                "read" => {}
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
        let mut tx = self.begin().await?;
        self.end_attempt(&mut tx, channel, claim, ending, reason).await?;
        self.commit(tx).await
    }

    /// As [`Store::attempt_ended`]; whether the claim still stood.
    pub(super) async fn end_attempt(&self, tx: &mut Tx, channel: &Channel, claim: &Claim, ending: &Ending, reason: &str) -> Result<bool> {
        let now = self.now();
        let workspace = channel.workspace;
        let (state, part, delivery, at, failed) = match ending {
            Ending::Later { at, failed } => ("ready", "queued", Delivery::Queued, *at, i64::from(*failed)),
            Ending::Failed => ("failed", "failed", Delivery::Failed, now, 1),
            Ending::Uncertain => ("uncertain", "uncertain", Delivery::Uncertain, now, 0),
        };
        let ours = tx.run(END, args![workspace, claim.id, claim.attempt, state, reason, at, failed, now]).await? > 0;
        if ours {
            if claim.action == "send" {
                tx.run(PARTS_BACK, args![workspace, claim.message, part]).await?;
                if *ending == Ending::Failed {
                    tx.run(FAIL_PARTS, args![workspace, claim.message]).await?;
                }
                tx.run(MESSAGE_STATE, args![workspace, claim.message, delivery.name(), reason, now]).await?;
            }
            if claim.appointed && state == "ready" {
                // It is on its way now, and stands there like any other.
                refresh_preview(tx, workspace, claim.conversation).await?;
            }
            if state == "ready" {
                self.rejoin_bulk(tx, workspace, claim.id).await?;
            }
            refresh_mark(tx, workspace, claim.conversation).await?;
            if state != "ready" {
                let kind = if state == "failed" { "reply.failed" } else { "reply.uncertain" };
                self.log(tx, workspace, &[settled(kind, channel, claim, reason)]).await?;
            }
            tx.hint(Hint::Status);
        }
        tx.hint(Hint::Conversation(claim.conversation));
        Ok(ours)
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
                refused_at: None,
                conversation_id: conversation,
                message_id: message,
                agent_id: None,
                action,
                argument: String::new(),
                identity_id: 0,
                chat_key: String::new(),
                reply_to: None,
                window_length: None,
                last_inbound_at: None,
                window_closed_at: None,
                appointed: false,
                opted_out: false,
            };
            let claim = row.claim(Vec::new(), self.now(), self.now());
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
}

impl Claim {
    /// The chat by all its keys.
    pub fn chat_named(&self) -> Chat {
        Chat { key: self.chat.clone(), aliases: self.aliases.clone(), ..Chat::default() }
    }
}

impl ClaimRow {
    fn claim(self, aliases: Vec<String>, claimed_at: Timestamp, lease_until: Timestamp) -> Claim {
        Claim {
            id: OutboxId(self.id),
            attempt: self.attempt,
            failures: self.failures,
            refused_since: self.refused_at.map(Timestamp),
            conversation: ConversationId(self.conversation_id),
            message: MessageId(self.message_id),
            action: self.action,
            argument: self.argument,
            agent: self.agent_id.map(AgentId),
            scope: self.chat_key.clone(),
            chat: self.chat_key,
            aliases,
            reply_to: self.reply_to,
            window: self.window_length.map(Span),
            last_inbound_at: self.last_inbound_at.map(Timestamp),
            window_closed_at: self.window_closed_at.map(Timestamp),
            appointed: self.appointed,
            opted_out: self.opted_out,
            claimed_at,
            lease_until,
        }
    }
}

impl PartRow {
    fn part(self) -> Result<ClaimedPart> {
        let file = match (self.kind, self.hash) {
            (Some(kind), Some(hash)) => Some(ClaimedFile {
                kind: FileKind::of(&kind),
                name: self.name.unwrap_or_default(),
                mime: self.mime.unwrap_or_default(),
                hash,
            }),
            _ => None,
        };
        let unreadable = |error: serde_json::Error| Error::Stored { what: "part of a reply", detail: error.to_string() };
        let special = self.special.as_deref().map(serde_json::from_str).transpose().map_err(unreadable)?;
        Ok(ClaimedPart {
            place: self.place,
            state: Delivery::of(&self.state),
            text: self.text,
            external_id: self.external_id,
            file,
            special,
        })
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
        ..Event::default()
    }
}

/// Reactions stand under the name of whoever gave them, though the provider knows only the account.
async fn agent_name(tx: &mut Tx, workspace: WorkspaceId, agent: Option<AgentId>) -> Result<String> {
    let Some(agent) = agent else { return Ok(String::new()) };
    let row: Option<(String,)> = tx.row(AGENT_NAME, args![workspace, agent]).await?;
    Ok(row.map(|(name,)| name).unwrap_or_default())
}
