//! Reading threads.

use std::collections::BTreeMap;

use super::Store;
use super::channels::gaps;
use super::db::{Conn, Value, args};
use super::error::{Error, Result};
use crate::domain::attachment::{Attachment, FileKind, Stored};
use crate::domain::delivery::Delivery;
use crate::domain::hint::Hint;
use crate::domain::id::{AgentId, AttachmentId, ChannelId, ConversationId, MessageId, WorkspaceId};
use crate::domain::message::{Direction, Gap, Kind, Message, Place, Quote, Reaction, ThreadKey};
use crate::domain::time::Timestamp;

/// A page of a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The messages, oldest first.
    pub messages: Vec<Message>,
    /// There are older ones.
    pub older: bool,
    /// There are newer ones.
    pub newer: bool,
    /// Times in which messages may have been lost, within what the page covers.
    pub gaps: Vec<Gap>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    channel_id: i64,
    chat_key: String,
    direction: String,
    kind: String,
    agent_id: Option<i64>,
    author: String,
    text: String,
    at: i64,
    seq: i64,
    received_at: i64,
    delivery: String,
    reason: String,
    due_at: Option<i64>,
    edited_at: Option<i64>,
    deleted_at: Option<i64>,
    reply_to: Option<String>,
    quote: String,
    forwarded_from: String,
    album: String,
    has_files: bool,
    has_reactions: bool,
    versions: i64,
    parts: i64,
    parts_sent: i64,
}

/// When a message got where, for `show` and the info panel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// The provider took it.
    pub sent_at: Option<Timestamp>,
    /// The customer's device has it.
    pub delivered_at: Option<Timestamp>,
    /// The customer has seen it.
    pub read_at: Option<Timestamp>,
    /// The customer has listened to it.
    pub played_at: Option<Timestamp>,
    /// It failed.
    pub failed_at: Option<Timestamp>,
    /// We stored it.
    pub received_at: Timestamp,
}

/// A page of a thread: rows, and of what is kept beside them how much there is, so that only what is there is asked for. Every statement
/// more is two more changes of thread.
macro_rules! page {
    ($tail:literal) => {
        concat!(
            "SELECT m.id, m.channel_id, m.chat_key, m.direction, m.kind, m.agent_id, m.author, m.text, m.at, m.seq, m.received_at, m.delivery, \
             m.reason, m.due_at, m.edited_at, m.deleted_at, m.reply_to, m.quote, m.forwarded_from, m.album, \
             EXISTS (SELECT 1 FROM attachments f WHERE f.workspace_id = $1 AND f.message_id = m.id) AS has_files, \
             EXISTS (SELECT 1 FROM reactions r WHERE r.workspace_id = $1 AND r.message_id = m.id) AS has_reactions, \
             (SELECT COUNT(*) FROM message_versions v WHERE v.workspace_id = $1 AND v.message_id = m.id) AS versions, \
             (SELECT COUNT(*) FROM parts p WHERE p.workspace_id = $1 AND p.message_id = m.id) AS parts, \
             (SELECT COUNT(*) FROM parts p WHERE p.workspace_id = $1 AND p.message_id = m.id \
             AND p.state IN ('sent', 'delivered', 'read', 'played')) AS parts_sent \
             FROM messages m WHERE m.workspace_id = $1 AND m.conversation_id = $2 AND m.delivery <> 'canceled' AND ",
            $tail
        )
    };
}

const BEFORE: &str = page!("(m.at, m.seq, m.id) < ($3, $4, $5) ORDER BY m.at DESC, m.seq DESC, m.id DESC LIMIT $6");
const AFTER: &str = page!("(m.at, m.seq, m.id) > ($3, $4, $5) ORDER BY m.at, m.seq, m.id LIMIT $6");
const KEY: &str = "SELECT at, seq FROM messages WHERE workspace_id = $1 AND conversation_id = $2 AND id = $3";
const FILES: &str =
    "SELECT message_id, id, kind, name, mime, size, seconds, stored, hash FROM attachments WHERE workspace_id = $1 AND message_id IN";
const ONE_FILE: &str =
    "SELECT message_id, id, kind, name, mime, size, seconds, stored, hash FROM attachments WHERE workspace_id = $1 AND id = $2";
const FILE_PLACE: &str =
    "SELECT m.conversation_id FROM attachments a JOIN messages m ON m.id = a.message_id WHERE a.workspace_id = $1 AND a.id = $2";
const FETCH_AGAIN: &str = "UPDATE attachments SET stored = 'remote', attempt = 0, next_try_at = 0 \
     WHERE workspace_id = $1 AND id = $2 AND stored IN ('remote', 'failed')";
const REACTIONS: &str = "SELECT message_id, actor, emoji FROM reactions WHERE workspace_id = $1 AND emoji <> '' AND message_id IN";
const QUOTED: &str =
    "SELECT external_id, id, author, text FROM messages WHERE workspace_id = $1 AND channel_id = $2 AND chat_key = $3 AND external_id IN";
const QUOTED_PARTS: &str = "SELECT p.external_id, m.id, m.author, m.text FROM parts p JOIN messages m ON m.id = p.message_id \
     WHERE p.workspace_id = $1 AND p.channel_id = $2 AND p.chat_key = $3 AND p.external_id IN";
const TIMES: &str =
    "SELECT sent_at, delivered_at, read_at, played_at, failed_at, received_at FROM messages WHERE workspace_id = $1 AND id = $2";
const PROVIDER_IDS: &str = "SELECT external_id FROM (SELECT external_id, -1 AS place FROM messages WHERE workspace_id = $1 AND id = $2 \
     UNION ALL SELECT external_id, place FROM parts WHERE workspace_id = $1 AND message_id = $2) AS ids WHERE external_id IS NOT NULL ORDER BY place";
const VERSION_TEXTS: &str = "SELECT version_at, text FROM message_versions WHERE workspace_id = $1 AND message_id = $2 ORDER BY version_at";

/// The thread's queries with their names, for the test that asks the planner about them.
pub const LISTS: [(&str, &str); 2] = [("thread before", BEFORE), ("thread after", AFTER)];

/// The beginnings of the queries for quoted messages, for the same test.
pub const QUOTES: [&str; 2] = [QUOTED, QUOTED_PARTS];

impl Store {
    /// At most `limit` messages of a thread, oldest first.
    pub async fn thread(
        &self,
        conn: &mut Conn,
        workspace: WorkspaceId,
        conversation: ConversationId,
        place: Place,
        limit: u32,
    ) -> Result<Page> {
        let of = (workspace, conversation);
        let (rows, older, newer) = match place {
            Place::Newest => {
                let (rows, older) = before(conn, of, ThreadKey::LAST, limit).await?;
                (rows, older, false)
            }
            Place::Before(key) => {
                let (rows, older) = before(conn, of, key, limit).await?;
                (rows, older, true)
            }
            Place::Oldest => {
                let (rows, newer) = after(conn, of, ThreadKey::FIRST, limit).await?;
                (rows, false, newer)
            }
            Place::After(key) => {
                let (rows, newer) = after(conn, of, key, limit).await?;
                (rows, true, newer)
            }
            Place::Around(message) => {
                let (at, seq): (i64, i64) = conn.one("message", KEY, args![workspace, conversation, message]).await?;
                let key = ThreadKey { at: Timestamp(at), seq, id: message };
                let (mut rows, older) = before(conn, of, ThreadKey { id: MessageId(message.0 + 1), ..key }, limit.div_ceil(2)).await?;
                let (below, newer) = after(conn, of, key, limit / 2).await?;
                rows.extend(below);
                (rows, older, newer)
            }
        };
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
            return Ok(Page { messages: Vec::new(), older, newer, gaps: Vec::new() });
        };
        let (channel, first, last) = (ChannelId(first.channel_id), Timestamp(first.at), Timestamp(last.at));
        let quotes = quotes(conn, workspace, channel, &rows).await?;
        let having = |has: fn(&Row) -> bool| rows.iter().filter(|row| has(row)).map(|row| Value::Int(row.id)).collect::<Vec<_>>();
        let (with_files, with_reactions) = (having(|row| row.has_files), having(|row| row.has_reactions));
        let mut messages: Vec<Message> = rows.into_iter().map(|row| row.message(conversation, &quotes)).collect();
        decorate(conn, workspace, &mut messages, &with_files, &with_reactions).await?;
        let mut gaps = gaps(conn, workspace, channel, if older { first } else { Timestamp(first.0 - 1) }).await?;
        match place {
            Place::Before(key) => gaps.retain(|gap| gap.to <= key.at),
            _ => gaps.retain(|gap| !newer || gap.from < last),
        }
        Ok(Page { messages, older, newer, gaps })
    }

    /// When a message got where.
    pub async fn times(&self, conn: &mut Conn, workspace: WorkspaceId, message: MessageId) -> Result<Times> {
        type Row = (Option<i64>, Option<i64>, Option<i64>, Option<i64>, Option<i64>, i64);
        let (sent, delivered, read, played, failed, received): Row = conn.one("message", TIMES, args![workspace, message]).await?;
        Ok(Times {
            sent_at: sent.map(Timestamp),
            delivered_at: delivered.map(Timestamp),
            read_at: read.map(Timestamp),
            played_at: played.map(Timestamp),
            failed_at: failed.map(Timestamp),
            received_at: Timestamp(received),
        })
    }

    /// The provider's ids of a message: one, or one for each part of a reply that was taken.
    pub async fn provider_ids(&self, conn: &mut Conn, workspace: WorkspaceId, message: MessageId) -> Result<Vec<String>> {
        let rows: Vec<(String,)> = conn.rows(PROVIDER_IDS, args![workspace, message]).await?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }

    /// A file by its id.
    pub async fn attachment(&self, conn: &mut Conn, workspace: WorkspaceId, file: AttachmentId) -> Result<Attachment> {
        let row: File = conn.one("file", ONE_FILE, args![workspace, file]).await?;
        Ok(attachment(row).1)
    }

    /// Lets a file be fetched again that could not be, or at once that waits; refused when it is here or too large.
    pub async fn fetch_again(&self, workspace: WorkspaceId, file: AttachmentId) -> Result<()> {
        let mut tx = self.begin().await?;
        let (conversation,): (i64,) = tx.one("file", FILE_PLACE, args![workspace, file]).await?;
        if tx.run(FETCH_AGAIN, args![workspace, file]).await? == 0 {
            return Err(Error::Refused("Not fetched: the file is here already, or too large to be fetched".to_owned()));
        }
        tx.hint(Hint::Conversation(ConversationId(conversation)));
        tx.hint(Hint::Status);
        self.commit(tx).await
    }

    /// What a message read before it was edited, oldest first.
    pub async fn versions(&self, conn: &mut Conn, workspace: WorkspaceId, message: MessageId) -> Result<Vec<(Timestamp, String)>> {
        let rows: Vec<(i64, String)> = conn.rows(VERSION_TEXTS, args![workspace, message]).await?;
        Ok(rows.into_iter().map(|(at, text)| (Timestamp(at), text)).collect())
    }
}

/// The last `limit` rows before `key`, oldest first, and whether there are more before them.
async fn before(conn: &mut Conn, of: (WorkspaceId, ConversationId), key: ThreadKey, limit: u32) -> Result<(Vec<Row>, bool)> {
    let values = args![of.0, of.1, key.at, key.seq, key.id, i64::from(limit) + 1];
    let mut rows: Vec<Row> = conn.rows(BEFORE, values).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    rows.reverse();
    Ok((rows, more))
}

/// The first `limit` rows after `key`, oldest first, and whether there are more after them.
async fn after(conn: &mut Conn, of: (WorkspaceId, ConversationId), key: ThreadKey, limit: u32) -> Result<(Vec<Row>, bool)> {
    let values = args![of.0, of.1, key.at, key.seq, key.id, i64::from(limit) + 1];
    let mut rows: Vec<Row> = conn.rows(AFTER, values).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    Ok((rows, more))
}

type Quotes = BTreeMap<(String, String), Quote>;

async fn quotes(conn: &mut Conn, workspace: WorkspaceId, channel: ChannelId, rows: &[Row]) -> Result<Quotes> {
    let mut wanted: BTreeMap<&str, Vec<Value<'_>>> = BTreeMap::new();
    for row in rows {
        let quoted = row.reply_to.as_deref().map(Value::Text);
        wanted.entry(&row.chat_key).or_default().extend(quoted);
    }
    let mut quotes = Quotes::new();
    // Chat by chat (nearly always one), because the index of provider ids begins with the chat: without it every message of the channel is read.
    for (chat, wanted) in wanted.into_iter().filter(|(_, wanted)| !wanted.is_empty()) {
        for sql in [QUOTED, QUOTED_PARTS] {
            let found: Vec<(String, i64, String, String)> = conn.rows_in(sql, args![workspace, channel, chat], &wanted, "").await?;
            for (external, id, author, text) in found {
                quotes.insert((chat.to_owned(), external), Quote { id: Some(MessageId(id)), author, text });
            }
        }
    }
    Ok(quotes)
}

/// A row of the attachments: the message, then the file.
type File = (i64, i64, String, String, String, Option<i64>, Option<i64>, String, Option<String>);

fn attachment((message, id, kind, name, mime, size, seconds, stored, hash): File) -> (i64, Attachment) {
    let file = Attachment {
        id: AttachmentId(id),
        kind: FileKind::of(&kind),
        name,
        mime,
        size: size.and_then(|n| u64::try_from(n).ok()),
        seconds: seconds.and_then(|n| u32::try_from(n).ok()),
        stored: Stored::of(&stored),
        hash,
    };
    (message, file)
}

/// Adds the files and the reactions of those that have any.
async fn decorate(
    conn: &mut Conn,
    workspace: WorkspaceId,
    messages: &mut [Message],
    with_files: &[Value<'_>],
    with_reactions: &[Value<'_>],
) -> Result<()> {
    let scope = args![workspace];
    let files: Vec<File> = conn.rows_in(FILES, scope, with_files, " ORDER BY message_id, place").await?;
    let reactions: Vec<(i64, String, String)> = conn.rows_in(REACTIONS, scope, with_reactions, " ORDER BY message_id, at, emoji").await?;
    let places: BTreeMap<i64, usize> = messages.iter().enumerate().map(|(place, message)| (message.id.0, place)).collect();
    let at = |id: i64| places.get(&id).copied().unwrap_or_default();
    for (message, file) in files.into_iter().map(attachment) {
        messages[at(message)].attachments.push(file);
    }
    for (message, actor, emoji) in reactions {
        messages[at(message)].reactions.push(Reaction { actor, emoji });
    }
    Ok(())
}

impl Row {
    fn message(self, conversation: ConversationId, quotes: &Quotes) -> Message {
        let quote = self.reply_to.map(|external| {
            let known = quotes.get(&(self.chat_key.clone(), external)).cloned();
            let mut quote = known.unwrap_or(Quote { id: None, author: String::new(), text: String::new() });
            if !self.quote.is_empty() {
                quote.text.clone_from(&self.quote);
            }
            quote
        });
        let quote = quote.or_else(|| (!self.quote.is_empty()).then(|| Quote { id: None, author: String::new(), text: self.quote.clone() }));
        Message {
            id: MessageId(self.id),
            conversation,
            direction: Direction::of(&self.direction),
            kind: Kind::of(&self.kind),
            author: self.author,
            agent: self.agent_id.map(AgentId),
            text: self.text,
            at: Timestamp(self.at),
            received_at: Timestamp(self.received_at),
            delivery: Delivery::of(&self.delivery),
            due_at: self.due_at.map(Timestamp),
            reason: self.reason,
            parts: (self.parts_sent as u32, self.parts as u32),
            edited_at: self.edited_at.map(Timestamp),
            versions: u32::try_from(self.versions).unwrap_or(u32::MAX),
            deleted_at: self.deleted_at.map(Timestamp),
            quote,
            forwarded_from: self.forwarded_from,
            album: self.album,
            reactions: Vec::new(),
            attachments: Vec::new(),
            key: ThreadKey { at: Timestamp(self.at), seq: self.seq, id: MessageId(self.id) },
        }
    }
}
