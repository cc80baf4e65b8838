//! The other side of the comparison: the same rows into the same tables, indexes and full-text index by SQLite alone. No layer between, one
//! prepared statement for each table and batch, rows ready in memory, known chats remembered instead of asked for, no foreign keys checked,
//! one commit for each batch at `synchronous=FULL`, and the same index of words, without the one over people.

use std::collections::HashMap;
use std::path::Path;

use frontdesk::domain::id::{ChannelId, WorkspaceId};
use frontdesk::domain::inbound::Item;
use frontdesk::domain::message::Direction;
use frontdesk::domain::search::indexed;
use frontdesk::store::inbound::preview;
use rusqlite::{Connection, Result, params};

use super::payload;

/// An open database, and what a loop may remember.
pub struct Raw {
    connection: Connection,
    workspace: i64,
    channel: i64,
    journal: bool,
    next_id: i64,
    chats: HashMap<String, i64>,
}

impl Raw {
    /// Opens a database whose schema is there. `journal` says whether payloads are stored as well, as ingest does and import does not.
    pub fn open(path: &Path, workspace: WorkspaceId, channel: ChannelId, journal: bool) -> Result<Self> {
        let connection = Connection::open(path)?;
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -32768; \
             PRAGMA wal_autocheckpoint = 4000; PRAGMA temp_store = memory; PRAGMA foreign_keys = OFF;",
        )?;
        Ok(Self { connection, workspace: workspace.0, channel: channel.0, journal, next_id: 1 << 60, chats: HashMap::new() })
    }

    /// Stores a batch in one transaction.
    pub fn store(&mut self, items: &[Item]) -> Result<()> {
        let (workspace, channel, now) = (self.workspace, self.channel, 1_795_176_000_000_000_i64);
        let mut next_id = self.next_id;
        let mut id = || {
            next_id += 1 << 11;
            next_id
        };
        let tx = self.connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        {
            let mut journal = tx.prepare(
                "INSERT INTO journal (id, workspace_id, channel_id, transport_key, body, received_at) VALUES (?,?,?,?,?,?) \
                 ON CONFLICT DO NOTHING",
            )?;
            let mut contact = tx.prepare("INSERT INTO contacts (id, workspace_id, name, name_key, created_at) VALUES (?,?,?,?,?)")?;
            let mut identity = tx.prepare(
                "INSERT INTO identities (id, workspace_id, channel_id, contact_id, chat_key, handle, created_at) VALUES (?,?,?,?,?,?,?)",
            )?;
            let mut key = tx.prepare("INSERT INTO identity_keys (workspace_id, channel_id, chat_key, identity_id) VALUES (?,?,?,?)")?;
            let mut conversation = tx.prepare(
                "INSERT INTO conversations (id, workspace_id, number, channel_id, identity_id, contact_id, status, active, last_at, \
                 created_at) VALUES (?,?,?,?,?,?,'open',1,0,?)",
            )?;
            let mut message = tx.prepare(
                "INSERT INTO messages (id, workspace_id, conversation_id, channel_id, chat_key, external_id, direction, kind, author_key, \
                 author, text, at, seq, received_at, delivery) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            )?;
            let mut words = tx.prepare("INSERT INTO message_words (rowid, words) VALUES (?,?)")?;
            let mut event = tx.prepare(
                "INSERT INTO events (id, workspace_id, at, kind, channel_id, conversation_id, message_id) VALUES (?,?,?,?,?,?,?)",
            )?;
            let mut advance = tx.prepare(
                "UPDATE conversations SET preview = ?, preview_direction = ?, last_at = ?, last_seq = ?, unread = unread + ?, \
                 waiting_since = ? WHERE id = ?",
            )?;
            let mut touched = HashMap::new();
            for item in items {
                let new = payload(item);
                if self.journal {
                    journal.execute(params![id(), workspace, channel, item.key, item.body, now])?;
                }
                let place = if let Some(place) = self.chats.get(&new.chat.key) {
                    *place
                } else {
                    let (person, address, place) = (id(), id(), id());
                    contact.execute(params![person, workspace, new.chat.name, new.chat.name.to_lowercase(), now])?;
                    identity.execute(params![address, workspace, channel, person, new.chat.key, new.chat.handle, now])?;
                    key.execute(params![workspace, channel, new.chat.key, address])?;
                    let number = self.chats.len() as i64 + 1;
                    conversation.execute(params![place, workspace, number, channel, address, person, now])?;
                    self.chats.insert(new.chat.key.clone(), place);
                    place
                };
                let (message_id, ours) = (id(), new.direction == Direction::Out);
                message.execute(params![
                    message_id,
                    workspace,
                    place,
                    channel,
                    new.chat.key,
                    new.external_id,
                    new.direction.name(),
                    new.kind.name(),
                    new.author_key,
                    new.author,
                    new.text,
                    new.at.0,
                    new.seq,
                    now,
                    if ours { "sent" } else { "received" },
                ])?;
                words.execute(params![message_id, indexed(&[&new.text])])?;
                event.execute(params![
                    id(),
                    workspace,
                    now,
                    if ours { "message.echo" } else { "message.in" },
                    channel,
                    place,
                    message_id
                ])?;
                touched.insert(place, new);
            }
            for (place, newest) in &touched {
                let waits = (newest.direction == Direction::In).then_some(newest.at.0);
                let (words, unread) = (preview(newest), i64::from(waits.is_some()));
                advance.execute(params![words, newest.direction.name(), newest.at.0, newest.seq, unread, waits, place])?;
            }
        }
        tx.commit()?;
        self.next_id = next_id;
        Ok(())
    }
}
