//! What an agent writes: replies and notes, taken back, sent again, edited, deleted. Each is one transaction with its line in the log; what
//! has to reach the provider becomes an outbox row in the same transaction.

use super::Store;
use super::db::{Conn, Tx, Value, args};
use super::error::{Error, Result};
use super::events::Event;
use super::inbound::first_words;
use super::standing::{answered_late, conversation_sent, refresh_mark, refresh_preview, unanswered};
use super::words;
use crate::domain::attachment::{Stored, describe};
use crate::domain::hint::Hint;
use crate::domain::id::{AgentId, AttachmentId, ChannelId, ConversationId, MessageId, OutboxId, WorkspaceId};
use crate::domain::message::Kind;
use crate::domain::outbound::{OutFile, Part, Special};
use crate::domain::template::Filled;
use crate::domain::time::{Span, Timestamp};

/// A reply, planned into parts.
#[derive(Clone, Debug)]
pub struct NewReply<'a> {
    /// The same key twice is one reply.
    pub client_key: &'a str,
    /// Where.
    pub conversation: ConversationId,
    /// The words.
    pub text: &'a str,
    /// The message it answers.
    pub reply_to: Option<MessageId>,
    /// Its provider messages; at least one.
    pub parts: &'a [Part],
    /// Its files, already in our store.
    pub files: &'a [OutFile],
    /// When it may leave.
    pub due_at: Timestamp,
    /// Somebody chose that time: until it has come, the customer is not answered.
    pub appointed: bool,
    /// What leaves instead, once, when the reply window turns out to be closed.
    pub fallback: Option<&'a Filled>,
    /// The bulk send it is of: then it answers nobody, and the draft stays.
    pub bulk: Option<i64>,
}

/// What has to be known of a conversation to write to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// The account it goes out on.
    pub channel: ChannelId,
    /// The provider's name.
    pub provider: String,
    /// The chat's key.
    pub chat: String,
    /// The account is connected.
    pub connected: bool,
    /// There never was an account: the history was imported.
    pub archive: bool,
    /// The customer can be reached.
    pub reachable: bool,
    /// How long after the customer's last message one may write freely.
    pub window: Option<Span>,
    /// When the customer last wrote.
    pub last_inbound_at: Option<Timestamp>,
    /// When the provider itself said that the window is closed.
    pub window_closed_at: Option<Timestamp>,
    /// How long the channel holds a reply back.
    pub undo_delay: Span,
    /// When they said that they want no advertising.
    pub opted_out_at: Option<Timestamp>,
    /// When the provider said that they get no more advertising for now.
    pub capped_at: Option<Timestamp>,
}

/// A change to a message that is at the provider already. All are harmless when repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change<'a> {
    /// New words.
    Edit(&'a str),
    /// Gone for everyone.
    Delete,
    /// A reaction; empty takes it back.
    React(&'a str),
}

/// A reply that waits, and of which nothing has left.
#[derive(sqlx::FromRow)]
struct Held {
    id: i64,
    conversation_id: i64,
    text: String,
    appointed: bool,
}

/// An order that somebody has to decide about.
#[derive(sqlx::FromRow)]
struct Unsettled {
    id: i64,
    conversation_id: i64,
    action: String,
    appointed: bool,
}

#[derive(sqlx::FromRow)]
struct RecipientRow {
    channel_id: i64,
    provider: String,
    chat_key: String,
    archive: bool,
    removed_at: Option<i64>,
    reachable: bool,
    window_length: Option<i64>,
    last_inbound_at: Option<i64>,
    window_closed_at: Option<i64>,
    undo_delay: i64,
    opted_out_at: Option<i64>,
    capped_at: Option<i64>,
}

const RECIPIENT: &str = "SELECT c.channel_id, ch.provider, i.chat_key, ch.account_key = '' AS archive, ch.removed_at, i.reachable, c.window_length, c.last_inbound_at, c.window_closed_at, ch.undo_delay, i.opted_out_at, i.capped_at \
     FROM conversations c JOIN channels ch ON ch.id = c.channel_id JOIN identities i ON i.id = c.identity_id WHERE c.workspace_id = $1 AND c.id = $2";
const BY_CLIENT_KEY: &str = "SELECT id FROM messages WHERE workspace_id = $1 AND client_key = $2";
const AGENT_NAME: &str = "SELECT name FROM agents WHERE workspace_id = $1 AND id = $2";
const EXTERNAL_OF: &str = "SELECT COALESCE(m.external_id, (SELECT p.external_id FROM parts p WHERE p.message_id = m.id AND p.external_id IS NOT NULL \
     ORDER BY p.place LIMIT 1)), m.text, CASE WHEN m.external_id IS NOT NULL THEN m.chat_key ELSE \
     (SELECT p.chat_key FROM parts p WHERE p.message_id = m.id AND p.external_id IS NOT NULL ORDER BY p.place LIMIT 1) END FROM messages m WHERE m.workspace_id = $1 AND m.id = $2 AND m.conversation_id = $3";
const ADD_MESSAGE: &str = "INSERT INTO messages (id, workspace_id, conversation_id, channel_id, chat_key, client_key, direction, kind, agent_id, author, \
     text, at, received_at, delivery, due_at, reply_to, quote) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13, $14, $15, $16)";
const ADD_FILES: &str =
    "INSERT INTO attachments (id, workspace_id, message_id, channel_id, place, kind, name, mime, size, stored, hash) VALUES";
const ADD_PARTS: &str =
    "INSERT INTO parts (workspace_id, message_id, place, channel_id, chat_key, text, attachment_id, state, special) VALUES";
const ADD_OUTBOX: &str = "INSERT INTO outbox (id, workspace_id, channel_id, conversation_id, message_id, agent_id, action, argument, state, due_at, \
     next_try_at, created_at, updated_at, appointed, fallback, bulk_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'ready', $9, $9, $10, $10, $11, $12, $13)";
const ANSWERED: &str = "UPDATE conversations SET preview = $3, preview_direction = 'out', mark = 'queued', last_seq = 0, \
     last_at = CASE WHEN last_at > $4 THEN last_at ELSE $4 END, waiting_since = NULL, snoozed_until = NULL, unread = 0, first_reply_at = COALESCE(first_reply_at, $4), \
     active = CASE WHEN status IN ('resolved', 'snoozed') THEN TRUE ELSE active END, \
     status = CASE WHEN status IN ('resolved', 'snoozed') THEN 'open' ELSE status END WHERE workspace_id = $1 AND id = $2";
/// What everybody gets is no answer: whoever waits goes on waiting, and nothing comes back into sight.
const WRITTEN_TO: &str = "UPDATE conversations SET preview = $3, preview_direction = 'out', mark = 'queued', last_seq = 0, \
     last_at = CASE WHEN last_at > $4 THEN last_at ELSE $4 END WHERE workspace_id = $1 AND id = $2";
const HELD: &str = "SELECT o.id, o.conversation_id, m.text, o.appointed FROM outbox o JOIN messages m ON m.id = o.message_id \
     WHERE o.workspace_id = $1 AND o.message_id = $2 AND o.action = 'send' AND o.state IN ('ready', 'held') \
     AND NOT EXISTS (SELECT 1 FROM parts p WHERE p.message_id = o.message_id AND p.state <> 'queued')";
const SEND_NOW: &str =
    "UPDATE outbox SET due_at = $3, next_try_at = $3, updated_at = $3 WHERE workspace_id = $1 AND id = $2 AND state = 'ready'";
const DUE_NOW: &str = "UPDATE messages SET due_at = $3 WHERE workspace_id = $1 AND id = $2";
const CANCEL: &str =
    "UPDATE outbox SET state = 'canceled', updated_at = $3 WHERE workspace_id = $1 AND id = $2 AND state IN ('ready', 'held')";
const CANCEL_MESSAGE: &str = "UPDATE messages SET delivery = 'canceled', due_at = NULL WHERE workspace_id = $1 AND id = $2";
/// The reply itself before what was to be done to it afterwards.
const UNSETTLED: &str = "SELECT id, conversation_id, action, appointed FROM outbox WHERE workspace_id = $1 AND message_id = $2 \
     AND state IN ('uncertain', 'failed') ORDER BY CASE WHEN action = 'send' THEN 0 ELSE 1 END, id LIMIT 1";
const REQUEUE_PARTS: &str = "UPDATE parts SET state = 'queued', external_id = NULL WHERE workspace_id = $1 AND message_id = $2 AND state IN ('uncertain', 'failed')";
const REQUEUE: &str =
    "UPDATE outbox SET state = 'ready', failures = 0, reason = '', next_try_at = $3, updated_at = $3 WHERE workspace_id = $1 AND id = $2";
const REQUEUE_MESSAGE: &str =
    "UPDATE messages SET delivery = 'queued', reason = '', failed_at = NULL, sent_at = NULL WHERE workspace_id = $1 AND id = $2";
const SETTLE_PARTS: &str =
    "UPDATE parts SET state = 'sent', settled_at = $3 WHERE workspace_id = $1 AND message_id = $2 AND state = 'uncertain'";
const QUEUED_PARTS: &str = "SELECT COUNT(*) FROM parts WHERE workspace_id = $1 AND message_id = $2 AND state = 'queued'";
const FINISH: &str = "UPDATE outbox SET state = $3, reason = '', updated_at = $4 WHERE workspace_id = $1 AND id = $2";
const SENT_MESSAGE: &str =
    "UPDATE messages SET delivery = 'sent', reason = '', sent_at = COALESCE(sent_at, $3) WHERE workspace_id = $1 AND id = $2";
/// It stands where it left: at the time that was chosen, not where it was written.
const LEFT_AS_CHOSEN: &str = "UPDATE messages SET at = CASE WHEN due_at < $3 THEN due_at ELSE $3 END, due_at = NULL \
     WHERE workspace_id = $1 AND id = $2 AND due_at IS NOT NULL";
/// A reply of which some parts arrived and the others never will.
const CUT_SHORT: &str = "UPDATE messages SET delivery = 'failed', reason = 'its last parts were discarded', failed_at = $3, due_at = NULL \
     WHERE workspace_id = $1 AND id = $2 AND delivery = 'queued'";
const OWN_SENT: &str = "SELECT m.conversation_id, m.channel_id, (SELECT COUNT(*) FROM parts p WHERE p.message_id = m.id AND p.external_id IS NOT NULL) \
     FROM messages m WHERE m.workspace_id = $1 AND m.id = $2";
const SPECIAL: &str = "SELECT place FROM parts WHERE workspace_id = $1 AND message_id = $2 AND special IS NOT NULL LIMIT 1";
const DISCARD: &str = "UPDATE outbox SET state = 'discarded', updated_at = $3 WHERE workspace_id = $1 AND message_id = $2 AND state IN ('uncertain', 'failed', 'ready', 'held')";

/// Under what name stands what nobody of us wrote.
const AUTOMATIC: &str = "Automatic reply";

/// The provider id of a quoted message, its words, and the key the id stands under.
type Quoted = (Option<String>, String, Option<String>);

/// When an order may leave, and what belongs to it besides.
struct Lane {
    due_at: Timestamp,
    appointed: bool,
    fallback: Option<String>,
    bulk: Option<i64>,
}

impl Lane {
    const fn at(due_at: Timestamp) -> Self {
        Self { due_at, appointed: false, fallback: None, bulk: None }
    }

    fn of(reply: &NewReply<'_>) -> Result<Self> {
        let fallback = reply.fallback.map(json).transpose()?;
        Ok(Self { due_at: reply.due_at, appointed: reply.appointed, fallback, bulk: reply.bulk })
    }
}

impl NewReply<'_> {
    fn kind(&self) -> Kind {
        match self.parts.first().and_then(|part| part.special.as_ref()) {
            Some(Special::Location(_)) => Kind::Location,
            _ if self.files.is_empty() => Kind::Text,
            _ => Kind::File,
        }
    }

    /// What says its own words leaves those that were begun alone.
    fn keeps_draft(&self) -> bool {
        self.bulk.is_some() || self.parts.iter().all(|part| part.special.is_some())
    }
}

impl Store {
    /// What has to be known to write to a conversation.
    pub async fn recipient(&self, conn: &mut Conn, workspace: WorkspaceId, conversation: ConversationId) -> Result<Recipient> {
        let row: RecipientRow = conn.one("conversation", RECIPIENT, args![workspace, conversation]).await?;
        Ok(Recipient {
            channel: ChannelId(row.channel_id),
            provider: row.provider,
            chat: row.chat_key,
            connected: row.removed_at.is_none(),
            archive: row.archive,
            reachable: row.reachable,
            window: row.window_length.map(Span),
            last_inbound_at: row.last_inbound_at.map(Timestamp),
            window_closed_at: row.window_closed_at.map(Timestamp),
            undo_delay: Span(row.undo_delay),
            opted_out_at: row.opted_out_at.map(Timestamp),
            capped_at: row.capped_at.map(Timestamp),
        })
    }

    /// Queues a reply; the same client key again gives the same message and queues nothing. The draft is cleared with it.
    pub async fn queue_reply(&self, workspace: WorkspaceId, agent: AgentId, reply: &NewReply<'_>) -> Result<MessageId> {
        let mut tx = self.begin().await?;
        let id = self.put_reply(&mut tx, workspace, Some(agent), reply).await?;
        self.commit(tx).await?;
        Ok(id)
    }

    /// As [`Store::queue_reply`], as part of a larger change. What nobody of us wrote is automatic: it answers nobody.
    pub async fn put_reply(&self, tx: &mut Tx, workspace: WorkspaceId, agent: Option<AgentId>, reply: &NewReply<'_>) -> Result<MessageId> {
        let now = self.now();
        if let Some((id,)) = tx.row::<(i64,)>(BY_CLIENT_KEY, args![workspace, reply.client_key]).await? {
            return Ok(MessageId(id));
        }
        let to = self.recipient(tx, workspace, reply.conversation).await?;
        let author = match agent {
            Some(agent) => tx.one::<(String,)>("agent", AGENT_NAME, args![workspace, agent]).await?.0,
            None => AUTOMATIC.to_owned(),
        };
        let (reply_to, quote, scope) = match reply.reply_to {
            Some(target) => tx.row::<Quoted>(EXTERNAL_OF, args![workspace, target, reply.conversation]).await?.unwrap_or_default(),
            None => Quoted::default(),
        };
        let id = MessageId(self.next_id());
        let quote = first_words(&quote);
        let values = args![
            id,
            workspace,
            reply.conversation,
            to.channel,
            // The message it answers is looked for under the same key.
            scope.as_ref().unwrap_or(&to.chat),
            reply.client_key,
            "out",
            reply.kind().name(),
            agent,
            &author,
            reply.text,
            now,
            "queued",
            reply.due_at,
            reply_to.as_deref(),
            &quote,
        ];
        tx.run(ADD_MESSAGE, values).await?;
        self.add_parts(tx, workspace, id, &to, reply).await?;
        words::refresh_message(tx, workspace, id).await?;
        if let Some(agent) = agent.filter(|_| reply.bulk.is_none() && !reply.appointed) {
            self.queue_read(tx, workspace, agent, reply.conversation).await?;
        }
        let of = (to.channel, reply.conversation, id);
        self.enqueue(tx, workspace, agent, of, ("send", ""), &Lane::of(reply)?).await?;
        if let Some(agent) = agent.filter(|_| !reply.keeps_draft()) {
            self.put_draft(tx, workspace, agent, reply.conversation, "reply", "").await?;
        }
        let kind = if reply.appointed { "reply.scheduled" } else { "reply.queued" };
        self.log(tx, workspace, &[act(kind, agent, reply.conversation, id)]).await?;
        hint_outbox(tx, reply.conversation);
        if reply.appointed {
            return Ok(id);
        }
        let line = if reply.text.trim().is_empty() {
            reply.files.first().map(|file| describe(file.kind, &file.name, None)).unwrap_or_default()
        } else {
            first_words(reply.text)
        };
        let row = if reply.bulk.is_some() || agent.is_none() { WRITTEN_TO } else { ANSWERED };
        tx.run(row, args![workspace, reply.conversation, &line, now]).await?;
        refresh_mark(tx, workspace, reply.conversation).await?;
        Ok(id)
    }

    async fn add_parts(&self, tx: &mut Tx, workspace: WorkspaceId, message: MessageId, to: &Recipient, reply: &NewReply<'_>) -> Result<()> {
        let files: Vec<AttachmentId> = reply.files.iter().map(|_| AttachmentId(self.next_id())).collect();
        let mut values: Vec<Value<'_>> = Vec::new();
        for (place, (id, file)) in files.iter().zip(reply.files).enumerate() {
            values.extend_from_slice(args![
                *id,
                workspace,
                message,
                to.channel,
                place as i64,
                file.kind.name(),
                &file.name,
                &file.mime,
                file.size as i64,
                Stored::Here.name(),
                &file.hash,
            ]);
        }
        tx.run_rows(ADD_FILES, 11, &values, "").await?;
        let special: Vec<Option<String>> =
            reply.parts.iter().map(|part| part.special.as_ref().map(json).transpose()).collect::<Result<_>>()?;
        let mut values: Vec<Value<'_>> = Vec::new();
        for (place, part) in reply.parts.iter().enumerate() {
            let file = part.file.and_then(|place| files.get(place).copied());
            let special = special[place].as_deref();
            values.extend_from_slice(args![workspace, message, place as i64, to.channel, &to.chat, &part.text, file, "queued", special]);
        }
        tx.run_rows(ADD_PARTS, 9, &values, "").await?;
        Ok(())
    }

    async fn enqueue(
        &self,
        tx: &mut Tx,
        workspace: WorkspaceId,
        agent: Option<AgentId>,
        (channel, conversation, message): (ChannelId, ConversationId, MessageId),
        (action, argument): (&str, &str),
        lane: &Lane,
    ) -> Result<()> {
        let id = OutboxId(self.next_id());
        let values = args![
            id,
            workspace,
            channel,
            conversation,
            message,
            agent,
            action,
            argument,
            lane.due_at,
            self.now(),
            lane.appointed,
            lane.fallback.as_deref(),
            lane.bulk,
        ];
        tx.run(ADD_OUTBOX, values).await.map(|_| ())
    }

    /// Adds a note that only we can read.
    pub async fn add_note(
        &self,
        workspace: WorkspaceId,
        agent: AgentId,
        client_key: &str,
        conversation: ConversationId,
        text: &str,
    ) -> Result<MessageId> {
        let now = self.now();
        let mut tx = self.begin().await?;
        if let Some((id,)) = tx.row::<(i64,)>(BY_CLIENT_KEY, args![workspace, client_key]).await? {
            return Ok(MessageId(id));
        }
        let to = self.recipient(&mut tx, workspace, conversation).await?;
        let (author,): (String,) = tx.one("agent", AGENT_NAME, args![workspace, agent]).await?;
        let id = MessageId(self.next_id());
        let values = args![
            id,
            workspace,
            conversation,
            to.channel,
            &to.chat,
            client_key,
            "note",
            "text",
            agent,
            &author,
            text,
            now,
            "received",
            None::<Timestamp>,
            None::<&str>,
            ""
        ];
        tx.run(ADD_MESSAGE, values).await?;
        words::refresh_message(&mut tx, workspace, id).await?;
        self.put_draft(&mut tx, workspace, agent, conversation, "note", "").await?;
        self.log(&mut tx, workspace, &[act("note.added", agent, conversation, id)]).await?;
        self.commit(tx).await?;
        Ok(id)
    }

    /// Takes back a reply of which nothing has left; its text, which is answered, stands before the draft. Refused when it is too late.
    pub async fn take_back(&self, workspace: WorkspaceId, agent: AgentId, message: MessageId) -> Result<(ConversationId, String)> {
        let mut tx = self.begin().await?;
        let held: Option<Held> = tx.row(HELD, args![workspace, message]).await?;
        let Some(Held { id, conversation_id, text, appointed }) = held else {
            return Err(Error::Refused("Too late to take it back: the reply has left already.".to_owned()));
        };
        let conversation = ConversationId(conversation_id);
        if tx.run(CANCEL, args![workspace, id, self.now()]).await? == 0 {
            return Err(Error::Refused("Too late to take it back: the reply is leaving now.".to_owned()));
        }
        tx.run(CANCEL_MESSAGE, args![workspace, message]).await?;
        // A template's or a place's words are nobody's to go on writing.
        let text = if tx.row::<(i64,)>(SPECIAL, args![workspace, message]).await?.is_some() { String::new() } else { text };
        if !text.is_empty() {
            let draft = self.draft(&mut tx, workspace, agent, conversation, "reply").await?;
            let kept = if draft.is_empty() { text.clone() } else { format!("{text}\n{draft}") };
            self.put_draft(&mut tx, workspace, agent, conversation, "reply", &kept).await?;
        }
        unanswered(&mut tx, workspace, conversation, appointed).await?;
        refresh_mark(&mut tx, workspace, conversation).await?;
        self.log(&mut tx, workspace, &[act("reply.taken_back", agent, conversation, message)]).await?;
        tx.hint(Hint::Status);
        self.commit(tx).await?;
        Ok((conversation, text))
    }

    /// Takes back an automatic reply that need not be said any more; whether that was not too late.
    pub async fn call_back(&self, tx: &mut Tx, workspace: WorkspaceId, message: MessageId) -> Result<bool> {
        let held: Option<Held> = tx.row(HELD, args![workspace, message]).await?;
        let Some(Held { id, conversation_id, .. }) = held else { return Ok(false) };
        if tx.run(CANCEL, args![workspace, id, self.now()]).await? == 0 {
            return Ok(false);
        }
        let conversation = ConversationId(conversation_id);
        tx.run(CANCEL_MESSAGE, args![workspace, message]).await?;
        refresh_preview(tx, workspace, conversation).await?;
        refresh_mark(tx, workspace, conversation).await?;
        self.log(tx, workspace, &[act("reply.taken_back", None::<AgentId>, conversation, message)]).await?;
        hint_outbox(tx, conversation);
        Ok(true)
    }

    /// Lets a reply that waits for its time leave now. Refused when it has left.
    pub async fn send_now(&self, workspace: WorkspaceId, agent: AgentId, message: MessageId) -> Result<()> {
        let now = self.now();
        let mut tx = self.begin().await?;
        let gone = || Error::Refused("It does not wait any more: it has left, or it was taken back.".to_owned());
        let held: Held = tx.row(HELD, args![workspace, message]).await?.ok_or_else(gone)?;
        let conversation = ConversationId(held.conversation_id);
        if tx.run(SEND_NOW, args![workspace, held.id, now]).await? == 0 {
            return Err(gone());
        }
        tx.run(DUE_NOW, args![workspace, message, now]).await?;
        self.log(&mut tx, workspace, &[act("reply.sent_now", agent, conversation, message)]).await?;
        hint_outbox(&mut tx, conversation);
        self.commit(tx).await
    }

    /// Sends an uncertain or failed reply again: the parts that are not known to have arrived. A change to a message (an edit, a deletion, a
    /// reaction) that failed is tried again.
    pub async fn resend(&self, workspace: WorkspaceId, agent: AgentId, message: MessageId) -> Result<()> {
        let mut tx = self.begin().await?;
        let order = unsettled(&mut tx, workspace, message).await?;
        let conversation = ConversationId(order.conversation_id);
        tx.run(REQUEUE, args![workspace, order.id, self.now()]).await?;
        if order.action == "send" {
            tx.run(REQUEUE_PARTS, args![workspace, message]).await?;
            tx.run(REQUEUE_MESSAGE, args![workspace, message]).await?;
        }
        refresh_mark(&mut tx, workspace, conversation).await?;
        self.log(&mut tx, workspace, &[act("reply.resent", agent, conversation, message)]).await?;
        hint_outbox(&mut tx, conversation);
        self.commit(tx).await
    }

    /// Settles an uncertain reply as arrived. Parts that were never tried go on.
    pub async fn mark_sent(&self, workspace: WorkspaceId, agent: AgentId, message: MessageId) -> Result<()> {
        let mut tx = self.begin().await?;
        self.settle_as_sent(&mut tx, workspace, Some(agent), message, self.now()).await?;
        self.commit(tx).await
    }

    /// As [`Store::mark_sent`], because an agent says so or the provider told of it.
    pub(super) async fn settle_as_sent(
        &self,
        tx: &mut Tx,
        workspace: WorkspaceId,
        agent: Option<AgentId>,
        message: MessageId,
        at: Timestamp,
    ) -> Result<()> {
        let now = self.now();
        let order = unsettled(tx, workspace, message).await?;
        let conversation = ConversationId(order.conversation_id);
        if tx.run(SETTLE_PARTS, args![workspace, message, at]).await? == 0 {
            return Err(Error::Refused("It failed for certain: send it again, or discard it.".to_owned()));
        }
        let (left,): (i64,) = tx.one("parts", QUEUED_PARTS, args![workspace, message]).await?;
        if left > 0 {
            tx.run(REQUEUE, args![workspace, order.id, now]).await?;
            tx.run(REQUEUE_MESSAGE, args![workspace, message]).await?;
        } else {
            tx.run(FINISH, args![workspace, order.id, "done", now]).await?;
            tx.run(SENT_MESSAGE, args![workspace, message, at]).await?;
            conversation_sent(tx, workspace, conversation, at).await?;
            if order.appointed {
                tx.run(LEFT_AS_CHOSEN, args![workspace, message, at]).await?;
                answered_late(tx, workspace, conversation, at).await?;
            }
        }
        refresh_mark(tx, workspace, conversation).await?;
        let kind = if agent.is_some() { "reply.marked_sent" } else { "reply.proved_sent" };
        self.log(tx, workspace, &[Event { kind, agent, conversation: Some(conversation), message: Some(message), ..Event::default() }])
            .await?;
        hint_outbox(tx, conversation);
        Ok(())
    }

    /// Gives up on a reply that waits, failed or is uncertain, and on changes to it. It stays in the thread, as it is.
    pub async fn discard(&self, workspace: WorkspaceId, agent: AgentId, message: MessageId) -> Result<()> {
        let mut tx = self.begin().await?;
        let row: Option<(i64, i64, i64)> = tx.row(OWN_SENT, args![workspace, message]).await?;
        let Some((conversation, _, _)) = row else { return Err(Error::NotFound("message")) };
        let conversation = ConversationId(conversation);
        let held: Option<Held> = tx.row(HELD, args![workspace, message]).await?;
        if tx.run(DISCARD, args![workspace, message, self.now()]).await? == 0 {
            return Err(Error::Refused("Nothing to discard: the reply was sent, or is being sent.".to_owned()));
        }
        if let Some(held) = held {
            tx.run(CANCEL_MESSAGE, args![workspace, message]).await?;
            unanswered(&mut tx, workspace, conversation, held.appointed).await?;
        } else {
            tx.run(CUT_SHORT, args![workspace, message, self.now()]).await?;
        }
        refresh_mark(&mut tx, workspace, conversation).await?;
        self.log(&mut tx, workspace, &[act("reply.discarded", agent, conversation, message)]).await?;
        hint_outbox(&mut tx, conversation);
        self.commit(tx).await
    }

    /// Queues a change to a message at the provider; ours for edits and deletions, anybody's for reactions.
    pub async fn queue_change(&self, workspace: WorkspaceId, agent: AgentId, message: MessageId, change: Change<'_>) -> Result<()> {
        let now = self.now();
        let mut tx = self.begin().await?;
        let row: Option<(i64, i64, i64)> = tx.row(OWN_SENT, args![workspace, message]).await?;
        let Some((conversation, channel, sent_parts)) = row else { return Err(Error::NotFound("message")) };
        let (action, argument) = match change {
            Change::Edit(text) => ("edit", text),
            Change::Delete => ("delete", ""),
            Change::React(emoji) => ("react", emoji),
        };
        if action != "react" && sent_parts == 0 {
            return Err(Error::Refused("Only a reply that the provider has taken can be changed there.".to_owned()));
        }
        if action == "edit" && sent_parts > 1 {
            return Err(Error::Refused("This reply went out as several messages and cannot be edited as one.".to_owned()));
        }
        let conversation = ConversationId(conversation);
        self.enqueue(&mut tx, workspace, Some(agent), (ChannelId(channel), conversation, message), (action, argument), &Lane::at(now))
            .await?;
        let kind = format!("reply.{action}");
        self.log(&mut tx, workspace, &[act(&kind, agent, conversation, message)]).await?;
        hint_outbox(&mut tx, conversation);
        self.commit(tx).await
    }
}

pub(super) fn json<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::Stored { what: "part of a reply", detail: error.to_string() })
}

async fn unsettled(tx: &mut Tx, workspace: WorkspaceId, message: MessageId) -> Result<Unsettled> {
    let row: Option<Unsettled> = tx.row(UNSETTLED, args![workspace, message]).await?;
    row.ok_or_else(|| Error::Refused("Nothing to decide: this reply is neither uncertain nor failed.".to_owned()))
}

fn hint_outbox(tx: &mut Tx, conversation: ConversationId) {
    tx.hint(Hint::Conversation(conversation));
    tx.hint(Hint::Status);
}

fn act(kind: &str, agent: impl Into<Option<AgentId>>, conversation: ConversationId, message: MessageId) -> Event<'_> {
    Event { kind, agent: agent.into(), conversation: Some(conversation), message: Some(message), ..Event::default() }
}
