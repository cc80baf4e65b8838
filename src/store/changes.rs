//! What a provider tells of messages we already have: edits, reactions, deletions; chats that moved or cannot be reached. What
//! comes before its message waits as an orphan.

use super::Store;
use super::channels::Channel;
use super::db::{Tx, Value, args};
use super::error::Result;
use super::events::Event;
use super::inbound::first_words;
use super::places::Place;
use super::standing::refresh_mark;
use crate::domain::hint::Hint;
use crate::domain::id::{ContactId, ConversationId, IdentityId, MessageId};
use crate::domain::inbound::{InFile, InMessage};
use crate::domain::time::Timestamp;

/// A message of ours or theirs that a provider id names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// The message.
    pub message: MessageId,
    /// Where it is.
    pub conversation: ConversationId,
    /// Which of our reply's parts, when it is one.
    pub part: Option<i64>,
}

/// An event that came before its message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orphan {
    /// Which.
    pub id: i64,
    /// The chat of the message it waited for.
    pub chat: String,
    /// The provider id of that message.
    pub target: String,
    /// The payload's key.
    pub key: String,
    /// The payload.
    pub body: String,
}

const FIND: &str = "SELECT id, conversation_id, CAST(-1 AS BIGINT) FROM messages \
     WHERE workspace_id = $1 AND channel_id = $2 AND chat_key = $3 AND external_id = $4 \
     UNION ALL SELECT p.message_id, m.conversation_id, p.place FROM parts p JOIN messages m ON m.id = p.message_id \
     WHERE p.workspace_id = $1 AND p.channel_id = $2 AND p.chat_key = $3 AND p.external_id = $4";
const CURRENT: &str = "SELECT text, COALESCE(edited_at, at), edited_at IS NOT NULL FROM messages WHERE workspace_id = $1 AND id = $2";
const FILES_OF: &str = "SELECT place, kind, name, size FROM attachments WHERE workspace_id = $1 AND message_id = $2";
const KEEP_VERSION: &str = "INSERT INTO message_versions (workspace_id, message_id, version_at, text) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (message_id, version_at) DO NOTHING";
const SET_TEXT: &str = "UPDATE messages SET text = $3, edited_at = $4 WHERE workspace_id = $1 AND id = $2";
const SET_WRITTEN: &str = "UPDATE messages SET at = $3, seq = $4 WHERE workspace_id = $1 AND id = $2 \
     AND direction = 'in' AND edited_at IS NOT NULL AND at > $3";
const SET_PREVIEW: &str = "UPDATE conversations SET preview = $4 WHERE workspace_id = $1 AND id = $2 AND last_at = \
     (SELECT m.at FROM messages m WHERE m.id = $3) AND last_seq = (SELECT m.seq FROM messages m WHERE m.id = $3)";
const CLEAR_REACTIONS: &str = "DELETE FROM reactions WHERE workspace_id = $1 AND message_id = $2 AND actor_key = $3";
const ADD_REACTION: &str = "INSERT INTO reactions (workspace_id, message_id, actor_key, emoji, actor, at) VALUES ($1, $2, $3, $4, $5, $6) \
     ON CONFLICT (message_id, actor_key, emoji) DO NOTHING";
const REACTIONS_OF: &str = "SELECT emoji, at FROM reactions WHERE workspace_id = $1 AND message_id = $2 AND actor_key = $3 ORDER BY emoji";
const SET_DELETED: &str =
    "UPDATE messages SET deleted_at = $3 WHERE workspace_id = $1 AND id = $2 AND (deleted_at IS NULL OR deleted_at > $3)";
/// What waits already, and comes again in another delivery or is read again, waits once.
const ADD_ORPHAN: &str = "INSERT INTO orphans (id, workspace_id, channel_id, chat_key, target, transport_key, body, created_at) \
     SELECT $1, $2, $3, $4, $5, $6, $7, $8 WHERE NOT EXISTS (SELECT 1 FROM orphans o \
       WHERE o.workspace_id = $2 AND o.channel_id = $3 AND o.target = $5 AND o.chat_key = $4 AND o.transport_key = $6)";
const ORPHANS: &str =
    "SELECT id, chat_key, target, transport_key, body FROM orphans WHERE workspace_id = $1 AND channel_id = $2 AND target IN";
const LATE_ORPHANS: &str = "SELECT DISTINCT o.chat_key, o.target FROM orphans o WHERE o.workspace_id = $1 AND o.channel_id = $2 AND (EXISTS \
       (SELECT 1 FROM parts p WHERE p.channel_id = o.channel_id AND p.chat_key = o.chat_key AND p.external_id = o.target) OR EXISTS \
       (SELECT 1 FROM messages m WHERE m.channel_id = o.channel_id AND m.chat_key = o.chat_key AND m.external_id = o.target))";
const DROP_ORPHAN: &str = "DELETE FROM orphans WHERE workspace_id = $1 AND id = $2";
const PRUNE_ORPHANS: &str = "DELETE FROM orphans WHERE workspace_id = $1 AND channel_id = $2 AND created_at < $3";
const SET_REACHABLE: &str = "UPDATE identities SET reachable = $3 WHERE workspace_id = $1 AND id = $2 AND reachable <> $3";
const KEY_OWNER: &str = "SELECT identity_id FROM identity_keys WHERE workspace_id = $1 AND channel_id = $2 AND chat_key = $3";
const ADD_KEY: &str = "INSERT INTO identity_keys (workspace_id, channel_id, chat_key, identity_id) VALUES ($1, $2, $3, $4)";
const MOVE_KEYS: &str = "UPDATE identity_keys SET identity_id = $3 WHERE workspace_id = $1 AND identity_id = $2";
const CONTACT_OF: &str = "SELECT contact_id FROM identities WHERE workspace_id = $1 AND id = $2";
const SET_KEY: &str = "UPDATE identities SET chat_key = $3 WHERE workspace_id = $1 AND id = $2";
/// What somebody wants is wanted under each of their addresses.
const TAKE_WISH: &str = "UPDATE identities SET opted_out_at = y.opted_out_at, opted_at = y.opted_at \
     FROM (SELECT x.opted_out_at, x.opted_at FROM identities x WHERE x.id = $3) AS y \
     WHERE identities.workspace_id = $1 AND identities.id = $2 AND COALESCE(y.opted_at, -1) > COALESCE(identities.opted_at, -1)";
const LATEST_CONVERSATION: &str = "SELECT id FROM conversations WHERE workspace_id = $1 AND identity_id = $2 ORDER BY id DESC LIMIT 1";
const MOVE_MESSAGES: &str = "UPDATE messages SET conversation_id = $3 WHERE workspace_id = $1 AND conversation_id = $2";
const MOVE_OUTBOX: &str = "UPDATE outbox SET conversation_id = $3 WHERE workspace_id = $1 AND conversation_id = $2";
/// What was begun in both is one text.
const MOVE_DRAFTS: &str = "INSERT INTO drafts (workspace_id, conversation_id, agent_id, mode, text, updated_at) \
     SELECT f.workspace_id, CAST($3 AS BIGINT), f.agent_id, f.mode, f.text, f.updated_at FROM drafts f WHERE f.workspace_id = $1 AND f.conversation_id = $2 \
     ON CONFLICT (conversation_id, agent_id, mode) DO UPDATE SET text = drafts.text || '\n' || excluded.text, \
     updated_at = CASE WHEN excluded.updated_at > drafts.updated_at THEN excluded.updated_at ELSE drafts.updated_at END";
const DROP_DRAFTS: &str = "DELETE FROM drafts WHERE workspace_id = $1 AND conversation_id = $2";
const MOVE_LABELS: &str = "INSERT INTO conversation_labels (workspace_id, conversation_id, label_id) \
     SELECT f.workspace_id, CAST($3 AS BIGINT), f.label_id FROM conversation_labels f WHERE f.workspace_id = $1 AND f.conversation_id = $2 \
     ON CONFLICT (conversation_id, label_id) DO NOTHING";
const DROP_LABELS: &str = "DELETE FROM conversation_labels WHERE workspace_id = $1 AND conversation_id = $2";
/// The provider's own limit goes along; whether they can be reached is what it was where they last wrote.
const CARRY: &str = "UPDATE identities SET \
     capped_at = CASE WHEN COALESCE(y.capped_at, -1) > COALESCE(identities.capped_at, -1) THEN y.capped_at ELSE identities.capped_at END, \
     reachable = y.reachable AND (identities.reachable OR (SELECT COALESCE(MAX(f.last_inbound_at), -1) FROM conversations f WHERE f.id = $5) \
       > (SELECT COALESCE(MAX(t.last_inbound_at), -1) FROM conversations t WHERE t.id = $4)) \
     FROM identities y WHERE y.id = $3 AND identities.workspace_id = $1 AND identities.id = $2";
const ABSORB: &str = "UPDATE conversations SET \
     unread = unread + (SELECT o.unread FROM conversations o WHERE o.id = $3), \
     waiting_since = COALESCE(waiting_since, (SELECT o.waiting_since FROM conversations o WHERE o.id = $3)), \
     last_inbound_at = (SELECT MAX(x.last_inbound_at) FROM conversations x WHERE x.id IN ($2, $3)), \
     window_closed_at = (SELECT MAX(x.window_closed_at) FROM conversations x WHERE x.id IN ($2, $3)), \
     preview = (SELECT x.preview FROM conversations x WHERE x.id IN ($2, $3) ORDER BY x.last_at DESC, x.id DESC LIMIT 1), \
     preview_direction = (SELECT x.preview_direction FROM conversations x WHERE x.id IN ($2, $3) ORDER BY x.last_at DESC, x.id DESC LIMIT 1), \
     last_seq = (SELECT x.last_seq FROM conversations x WHERE x.id IN ($2, $3) ORDER BY x.last_at DESC, x.id DESC LIMIT 1), \
     last_at = (SELECT MAX(x.last_at) FROM conversations x WHERE x.id IN ($2, $3)), \
     status = 'open', active = TRUE, snoozed_until = NULL \
     WHERE workspace_id = $1 AND id = $2";
/// An absorbed conversation holds nothing and is shown nowhere; its row stays for the log's sake.
const MERGED: &str =
    "UPDATE conversations SET status = 'merged', active = FALSE, unread = 0, waiting_since = NULL WHERE workspace_id = $1 AND id = $2";

impl Store {
    /// The message that a provider id names in a chat.
    pub async fn find_target(&self, tx: &mut Tx, channel: &Channel, chat: &str, external: &str) -> Result<Option<Target>> {
        let row: Option<(i64, i64, i64)> = tx.row(FIND, args![channel.workspace, channel.id, chat, external]).await?;
        Ok(row.map(|(message, conversation, part)| Target {
            message: MessageId(message),
            conversation: ConversationId(conversation),
            part: (part >= 0).then_some(part),
        }))
    }

    /// A message's text at one time of its life. Whatever the order and however often versions come, the newest is the text and the others
    /// are kept beside it, each under its own instant.
    pub async fn add_version(&self, tx: &mut Tx, channel: &Channel, target: Target, version: &InMessage) -> Result<()> {
        let at = version.edited_at.unwrap_or(version.at);
        self.put_version(tx, channel.workspace, target, &version.text, at, version.edited_at.is_some()).await
    }

    /// An edit that came before its message was taken for it, with its own time: now the message's is known.
    pub async fn set_written_at(&self, tx: &mut Tx, channel: &Channel, target: Target, message: &InMessage) -> Result<()> {
        if message.edited_at.is_none() {
            tx.run(SET_WRITTEN, args![channel.workspace, target.message, message.at, message.seq]).await?;
        }
        Ok(())
    }

    /// Files that came with an edit and that the message does not have; the ones before it stay. Providers name the same
    /// file differently each time, so a file is known by what it is.
    pub async fn add_edited_files(&self, tx: &mut Tx, channel: &Channel, target: Target, files: &[InFile]) -> Result<()> {
        type Row = (i64, String, String, Option<i64>);
        if files.is_empty() {
            return Ok(());
        }
        let known: Vec<Row> = tx.rows(FILES_OF, args![channel.workspace, target.message]).await?;
        let is_known = |file: &InFile| {
            known.iter().any(|(_, kind, name, size)| {
                kind == file.kind.name()
                    && *name == file.name
                    && (size.is_none() || file.size.is_none() || *size == file.size.map(|n| n as i64))
            })
        };
        let next = known.iter().map(|(place, ..)| place + 1).max().unwrap_or(0);
        for (n, file) in files.iter().filter(|file| !is_known(file)).enumerate() {
            self.add_file(tx, channel, target.message, next + n as i64, file).await?;
            tx.hint(Hint::Conversation(target.conversation));
        }
        Ok(())
    }

    /// As [`Store::add_version`], for any text and instant; `edit` is false for the text it was first sent with, which of two versions of one
    /// instant is always the older.
    pub(super) async fn put_version(
        &self,
        tx: &mut Tx,
        workspace: crate::domain::id::WorkspaceId,
        target: Target,
        text: &str,
        at: Timestamp,
        edit: bool,
    ) -> Result<()> {
        let (current, current_at, edited): (String, i64, bool) = tx.one("message", CURRENT, args![workspace, target.message]).await?;
        if current == text {
            return Ok(());
        }
        tx.hint(Hint::Conversation(target.conversation));
        let ties = at.0 == current_at;
        if at.0 < current_at || (ties && edited && !edit) || (ties && edited == edit && *text < *current) {
            return tx.run(KEEP_VERSION, args![workspace, target.message, at, text]).await.map(|_| ());
        }
        tx.run(KEEP_VERSION, args![workspace, target.message, current_at, &current]).await?;
        tx.run(SET_TEXT, args![workspace, target.message, text, at]).await?;
        super::words::refresh_message(tx, workspace, target.message).await?;
        tx.run(SET_PREVIEW, args![workspace, target.conversation, target.message, &first_words(text)]).await?;
        Ok(())
    }

    /// Somebody's reactions are now exactly these, unless something newer is known.
    pub async fn set_reactions(
        &self,
        tx: &mut Tx,
        channel: &Channel,
        target: Target,
        (actor_key, actor): (&str, &str),
        emoji: &[String],
        at: Timestamp,
    ) -> Result<()> {
        let known: Vec<(String, i64)> = tx.rows(REACTIONS_OF, args![channel.workspace, target.message, actor_key]).await?;
        // What was taken back stays as a row without an emoji, so that an older reaction that comes late does not stand again.
        let mut emoji: Vec<&str> = emoji.iter().map(String::as_str).filter(|one| !one.is_empty()).collect();
        emoji.sort_unstable();
        emoji.dedup();
        if emoji.is_empty() {
            emoji.push("");
        }
        if let Some(newest) = known.iter().map(|(_, at)| *at).max() {
            let standing: Vec<&str> = known.iter().map(|(one, _)| one.as_str()).collect();
            if newest > at.0 || (newest == at.0 && !outweighs(&emoji, &standing)) {
                return Ok(());
            }
        }
        tx.run(CLEAR_REACTIONS, args![channel.workspace, target.message, actor_key]).await?;
        for one in emoji {
            tx.run(ADD_REACTION, args![channel.workspace, target.message, actor_key, one, actor, at]).await?;
        }
        tx.hint(Hint::Conversation(target.conversation));
        Ok(())
    }

    /// A message is gone for everyone; we keep it, marked.
    pub async fn set_deleted(&self, tx: &mut Tx, channel: &Channel, target: Target, at: Timestamp) -> Result<()> {
        tx.run(SET_DELETED, args![channel.workspace, target.message, at]).await?;
        tx.hint(Hint::Conversation(target.conversation));
        Ok(())
    }

    /// Keeps an event until its message comes.
    pub async fn add_orphan(&self, tx: &mut Tx, channel: &Channel, chat: &str, target: &str, key: &str, body: &str) -> Result<()> {
        let values = args![self.next_id(), channel.workspace, channel.id, chat, target, key, body, self.now()];
        tx.run(ADD_ORPHAN, values).await.map(|_| ())
    }

    /// Takes out the events that waited for any of these messages (chat and provider id), oldest first.
    pub async fn take_orphans(&self, tx: &mut Tx, channel: &Channel, messages: &[(&str, &str)]) -> Result<Vec<Orphan>> {
        type Row = (i64, String, String, String, String);
        let keys: Vec<Value<'_>> = messages.iter().map(|(_, id)| Value::Text(id)).collect();
        let rows: Vec<Row> = tx.rows_in(ORPHANS, args![channel.workspace, channel.id], &keys, " ORDER BY id").await?;
        let orphan = |(id, chat, target, key, body): Row| Orphan { id, chat, target, key, body };
        let mut orphans: Vec<Orphan> = rows.into_iter().map(orphan).collect();
        // Ids of messages are only unique within a chat.
        orphans.retain(|orphan| messages.contains(&(orphan.chat.as_str(), orphan.target.as_str())));
        orphans.sort_by_key(|orphan| orphan.id);
        for orphan in &orphans {
            tx.run(DROP_ORPHAN, args![channel.workspace, orphan.id]).await?;
        }
        Ok(orphans)
    }

    /// What events wait for (chat and provider id) though it is there.
    pub async fn late_orphans(&self, channel: &Channel) -> Result<Vec<(String, String)>> {
        self.read().await?.rows(LATE_ORPHANS, args![channel.workspace, channel.id]).await
    }

    /// Forgets events whose message never came.
    pub async fn prune_orphans(&self, channel: &Channel, before: Timestamp) -> Result<u64> {
        let mut tx = self.begin().await?;
        let gone = tx.run(PRUNE_ORPHANS, args![channel.workspace, channel.id, before]).await?;
        self.commit(tx).await?;
        Ok(gone)
    }

    /// The customer can, or can no longer, be reached.
    pub async fn set_reachable(&self, tx: &mut Tx, channel: &Channel, place: &Place, reachable: bool) -> Result<()> {
        if tx.run(SET_REACHABLE, args![channel.workspace, place.identity, reachable]).await? == 0 {
            return Ok(());
        }
        let kind = if reachable { "contact.reachable" } else { "contact.unreachable" };
        let event = Event { kind, channel: Some(channel.id), conversation: Some(place.conversation), ..Event::default() };
        self.log(tx, channel.workspace, &[event]).await?;
        tx.hint(Hint::Conversation(place.conversation));
        Ok(())
    }

    /// A chat has a new key. Messages may have come under the new one already: then the two threads become one.
    pub async fn move_chat(&self, tx: &mut Tx, channel: &Channel, from: &str, to: &str) -> Result<()> {
        let old: Option<(i64,)> = tx.row(KEY_OWNER, args![channel.workspace, channel.id, from]).await?;
        let new: Option<(i64,)> = tx.row(KEY_OWNER, args![channel.workspace, channel.id, to]).await?;
        let Some((old,)) = old else { return Ok(()) };
        let old = IdentityId(old);
        match new {
            Some((new,)) if new == old.0 => return Ok(()),
            Some((new,)) => self.absorb(tx, channel, old, IdentityId(new)).await?,
            None => {
                tx.run(ADD_KEY, args![channel.workspace, channel.id, to, old]).await?;
            }
        }
        tx.run(SET_KEY, args![channel.workspace, old, to]).await?;
        if let Some((contact,)) = tx.row::<(i64,)>(CONTACT_OF, args![channel.workspace, old]).await? {
            super::words::refresh_contact(tx, channel.workspace, ContactId(contact)).await?;
        }
        if let Some((id,)) = tx.row::<(i64,)>(LATEST_CONVERSATION, args![channel.workspace, old]).await? {
            let conversation = Some(ConversationId(id));
            let event = Event { kind: "conversation.moved", channel: Some(channel.id), conversation, ..Event::default() };
            self.log(tx, channel.workspace, &[event]).await?;
            tx.hint(Hint::Everything);
        }
        Ok(())
    }

    /// Makes the thread of `young` part of the thread of `old`.
    pub(super) async fn absorb(&self, tx: &mut Tx, channel: &Channel, old: IdentityId, young: IdentityId) -> Result<()> {
        let workspace = channel.workspace;
        tx.run(TAKE_WISH, args![workspace, old, young]).await?;
        tx.run(MOVE_KEYS, args![workspace, young, old]).await?;
        super::words::forget_identity(tx, workspace, young).await?;
        let into: Option<(i64,)> = tx.row(LATEST_CONVERSATION, args![workspace, old]).await?;
        let from: Option<(i64,)> = tx.row(LATEST_CONVERSATION, args![workspace, young]).await?;
        let (Some((into,)), Some((from,))) = (into, from) else { return Ok(()) };
        tx.run(CARRY, args![workspace, old, young, into, from]).await?;
        tx.run(MOVE_MESSAGES, args![workspace, from, into]).await?;
        tx.run(MOVE_OUTBOX, args![workspace, from, into]).await?;
        for (copy, drop) in [(MOVE_DRAFTS, DROP_DRAFTS), (MOVE_LABELS, DROP_LABELS)] {
            tx.run(copy, args![workspace, from, into]).await?;
            tx.run(drop, args![workspace, from]).await?;
        }
        tx.run(ABSORB, args![workspace, into, from]).await?;
        tx.run(MERGED, args![workspace, from]).await?;
        refresh_mark(tx, workspace, ConversationId(into)).await
    }
}

/// Of two reactions of one instant, nobody knows which came last; whatever the order, one of them stands: a removal, else the one that sorts last.
fn outweighs(told: &[&str], standing: &[&str]) -> bool {
    let removes = |emoji: &[&str]| emoji == [""];
    (removes(told), told) > (removes(standing), standing)
}
