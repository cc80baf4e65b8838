//! Many messages at once, in and out: import, export, and files that wait to be fetched.

use std::collections::BTreeMap;

use super::Store;
use super::channels::{Channel, NewChannel};
use super::db::args;
use super::error::{Error, Result};
use super::inbound::NewMessage;
use crate::domain::attachment::Stored;
use crate::domain::hint::Hint;
use crate::domain::id::{AttachmentId, ConversationId, WorkspaceId};
use crate::domain::message::Direction;
use crate::domain::time::{Span, Timestamp};

/// A message as it is exported.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Exported {
    /// Our id; where the next page goes on.
    pub row_id: i64,
    /// The provider's id, or one made of ours when the provider never gave one.
    pub external_id: Option<String>,
    /// The chat's key.
    pub chat_key: String,
    /// The channel's name.
    pub channel: String,
    /// `in` or `out`.
    pub direction: String,
    /// The author's provider id, or the agent's name.
    pub author_key: String,
    /// The author's name.
    pub author: String,
    /// The customer's address as people know it, or the chat's key.
    pub handle: String,
    /// The customer's name.
    pub contact: String,
    /// When it was written, in microseconds since 1970.
    pub at: i64,
    /// The subject line.
    pub subject: String,
    /// The words.
    pub text: String,
    /// The provider id of the message it answers.
    pub reply_to: Option<String>,
}

/// A file that waits to be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// Which.
    pub id: AttachmentId,
    /// What to ask the provider for.
    pub reference: String,
    /// The claimed size in bytes.
    pub size: Option<u64>,
    /// How often it was tried.
    pub attempt: i64,
    /// Where it shows.
    pub conversation: ConversationId,
}

const EXPORT: &str = "SELECT m.id AS row_id, COALESCE(m.external_id, (SELECT p.external_id FROM parts p WHERE p.message_id = m.id AND p.place = 0)) \
     AS external_id, CASE WHEN m.chat_key = '' THEN i.chat_key ELSE m.chat_key END AS chat_key, ch.name AS channel, m.direction, m.author_key, m.author, i.handle, p.name AS contact, m.at, m.subject, m.text, m.reply_to \
     FROM messages m JOIN conversations c ON c.id = m.conversation_id JOIN channels ch ON ch.id = m.channel_id \
     JOIN identities i ON i.id = c.identity_id JOIN contacts p ON p.id = c.contact_id \
     WHERE m.workspace_id = $1 AND m.id > $2 AND m.direction IN ('in', 'out') AND m.delivery <> 'canceled' ORDER BY m.id LIMIT $3";
const REMOTE: &str = "SELECT a.id, a.reference, a.size, a.attempt, m.conversation_id FROM attachments a JOIN messages m ON m.id = a.message_id \
     WHERE a.workspace_id = $1 AND a.channel_id = $2 AND a.stored = 'remote' AND a.next_try_at <= $3 ORDER BY a.next_try_at LIMIT $4";
const NEXT_REMOTE: &str = "SELECT MIN(next_try_at) FROM attachments WHERE workspace_id = $1 AND channel_id = $2 AND stored = 'remote'";
const SET_STORED: &str = "UPDATE attachments SET stored = $3, hash = $4, size = COALESCE($5, size) WHERE workspace_id = $1 AND id = $2";
const RETRY_REMOTE: &str = "UPDATE attachments SET attempt = attempt + 1, next_try_at = $3 WHERE workspace_id = $1 AND id = $2";

/// The queries of this file that look for work, for the test that asks the planner about them.
pub const LOOKS: [(&str, &str); 3] = [("export", EXPORT), ("remote files", REMOTE), ("next remote file", NEXT_REMOTE)];

impl Store {
    /// The channel of that name, made as an archive (never connected) when there is none: imported history has to live somewhere.
    pub async fn ensure_archive(&self, workspace: WorkspaceId, name: &str) -> Result<Channel> {
        match self.channel_named(workspace, name).await {
            Err(Error::NotFound(_)) => {}
            found => return found,
        }
        let new = NewChannel {
            provider: name.to_lowercase(),
            name: name.to_owned(),
            undo_delay: Span::ZERO,
            paused: true,
            ..NewChannel::default()
        };
        self.add_channel(workspace, None, &new).await?;
        self.channel_named(workspace, name).await
    }

    /// Stores old messages in one transaction; how many were new. Repeating it changes nothing.
    pub async fn import(&self, channel: &Channel, messages: &[NewMessage<'_>]) -> Result<usize> {
        // The newest chat of a key wins, but an address without a name must not rename anybody.
        let mut chats = BTreeMap::new();
        for new in messages {
            let chat = &new.message.chat;
            if !chat.name.is_empty() || !chats.contains_key(&chat.key) {
                chats.insert(chat.key.clone(), chat);
            }
        }
        let mut tx = self.begin().await?;
        let places = self.places(&mut tx, channel, &chats.into_values().collect::<Vec<_>>()).await?;
        let stored = self.add_messages(&mut tx, channel, messages, &places).await?.len();
        // One hint says it all; a screen would reload for each conversation otherwise.
        tx.hints.clear();
        tx.hint(Hint::Everything);
        self.commit(tx).await?;
        Ok(stored)
    }

    /// The next messages of an export, in the order we stored them, after our id `after`.
    pub async fn export(&self, workspace: WorkspaceId, after: i64, limit: u32) -> Result<Vec<Exported>> {
        self.read().await?.rows(EXPORT, args![workspace, after, i64::from(limit)]).await
    }

    /// Files of a channel that wait to be fetched and are due.
    pub async fn remote_files(&self, channel: &Channel, limit: u32) -> Result<Vec<Remote>> {
        type Row = (i64, String, Option<i64>, i64, i64);
        let values = args![channel.workspace, channel.id, self.now(), i64::from(limit)];
        let rows: Vec<Row> = self.read().await?.rows(REMOTE, values).await?;
        let remote = |(id, reference, size, attempt, conversation): Row| Remote {
            id: AttachmentId(id),
            reference,
            size: size.and_then(|n| u64::try_from(n).ok()),
            attempt,
            conversation: ConversationId(conversation),
        };
        Ok(rows.into_iter().map(remote).collect())
    }

    /// When the next file of a channel is due to be fetched.
    pub async fn next_remote(&self, channel: &Channel) -> Result<Option<Timestamp>> {
        let (at,): (Option<i64>,) = self.read().await?.one("files", NEXT_REMOTE, args![channel.workspace, channel.id]).await?;
        Ok(at.map(Timestamp))
    }

    /// A file is here, or never will be.
    pub async fn settle_file(&self, channel: &Channel, file: &Remote, stored: Stored, blob: Option<&super::blobs::Blob>) -> Result<()> {
        let mut tx = self.begin().await?;
        let (hash, size) = (blob.map(|blob| blob.hash.as_str()), blob.map(|blob| blob.size as i64));
        tx.run(SET_STORED, args![channel.workspace, file.id, stored.name(), hash, size]).await?;
        tx.hint(Hint::Conversation(file.conversation));
        self.commit(tx).await
    }

    /// A file could not be fetched now; it is tried again then.
    pub async fn retry_file(&self, channel: &Channel, file: &Remote, at: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.run(RETRY_REMOTE, args![channel.workspace, file.id, at]).await?;
        tx.hint(Hint::Conversation(file.conversation));
        self.commit(tx).await
    }
}

impl Exported {
    /// Whether one of us wrote it.
    pub fn is_ours(&self) -> bool {
        Direction::of(&self.direction) == Direction::Out
    }
}

/// Which channel a line of an import names, so that each is looked up once.
#[derive(Debug, Default)]
pub struct Archives(BTreeMap<String, Channel>);

impl Archives {
    /// The channel of that name.
    pub async fn get(&mut self, store: &Store, workspace: WorkspaceId, name: &str) -> Result<Channel> {
        if let Some(channel) = self.0.get(name) {
            return Ok(channel.clone());
        }
        let channel = store.ensure_archive(workspace, name).await?;
        self.0.insert(name.to_owned(), channel.clone());
        Ok(channel)
    }
}
