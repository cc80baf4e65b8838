//! The index of words: kept right by whoever writes a text, a name, an address or the name of a file, in the same transaction.
//!
//! One table a subject on both engines, fed with the same normalised words ([`crate::domain::search`]): FTS5 without content on SQLite,
//! a `tsvector` on PostgreSQL.

use std::collections::BTreeMap;

use super::db::{Conn, Tx, Value, args};
use super::error::Result;
use crate::domain::id::{ContactId, IdentityId, MessageId, WorkspaceId};
use crate::domain::search::{indexed, indexed_person};

/// How an engine writes a row of an index.
struct Index {
    head: &'static str,
    width: usize,
    tail: &'static str,
    drop: &'static str,
}

const MESSAGES: [Index; 2] = [
    Index {
        head: "INSERT INTO message_words (rowid, words) VALUES",
        width: 2,
        tail: "",
        drop: "DELETE FROM message_words WHERE rowid = $2 AND $1 = $1",
    },
    Index {
        head: "INSERT INTO message_words (id, workspace_id, words) SELECT column1, column3, CAST(column2 AS tsvector) FROM (VALUES",
        width: 3,
        tail: ") AS v",
        drop: "DELETE FROM message_words WHERE workspace_id = $1 AND id = $2",
    },
];
const IDENTITIES: [Index; 2] = [
    Index {
        head: "INSERT INTO identity_words (rowid, words) VALUES",
        width: 2,
        tail: "",
        drop: "DELETE FROM identity_words WHERE rowid = $2 AND $1 = $1",
    },
    Index {
        head: "INSERT INTO identity_words (id, workspace_id, words) SELECT column1, column3, CAST(column2 AS tsvector) FROM (VALUES",
        width: 3,
        tail: ") AS v",
        drop: "DELETE FROM identity_words WHERE workspace_id = $1 AND id = $2",
    },
];

const MESSAGE: &str = "SELECT text, subject FROM messages WHERE workspace_id = $1 AND id = $2";
const FILES: &str = "SELECT name FROM attachments WHERE workspace_id = $1 AND message_id = $2 AND name <> '' ORDER BY place";
/// An identity that another one absorbed has no key any more, and nothing of its own to be found.
const IDENTITIES_OF: &str = "SELECT i.id, p.name, i.handle, k.chat_key FROM identities i JOIN contacts p ON p.id = i.contact_id \
     JOIN identity_keys k ON k.identity_id = i.id WHERE i.workspace_id = $1 AND i.contact_id = $2 ORDER BY i.id, k.chat_key";
const COUNT: &str = "SELECT (SELECT COUNT(*) FROM messages) + (SELECT COUNT(*) FROM identities)";
const ALL_MESSAGES: &str = "SELECT id, workspace_id, text, subject FROM messages WHERE id > $1 ORDER BY id LIMIT $2";
const ALL_FILES: &str = "SELECT message_id, name FROM attachments WHERE name <> '' AND message_id IN";
const ALL_IDENTITIES: &str = "SELECT i.id, i.workspace_id, p.name, i.handle, i.chat_key FROM identities i JOIN contacts p ON p.id = i.contact_id \
     WHERE i.id > $1 AND EXISTS (SELECT 1 FROM identity_keys k WHERE k.identity_id = i.id) ORDER BY i.id LIMIT $2";
/// Rows of a batch when everything is indexed anew.
const BATCH: usize = 4_000;

/// Makes new messages searchable: each with its words, as [`indexed`] makes them.
pub(super) async fn add_messages(tx: &mut Tx, workspace: WorkspaceId, rows: &[(MessageId, String)]) -> Result<()> {
    let rows = rows.iter().map(|(id, words)| (id.0, workspace.0, words.as_str()));
    add(tx, &MESSAGES, rows).await
}

/// A message's text or files have changed.
pub(super) async fn refresh_message(tx: &mut Tx, workspace: WorkspaceId, message: MessageId) -> Result<()> {
    let index = &MESSAGES[usize::from(tx.is_postgres())];
    tx.run(index.drop, args![workspace, message]).await?;
    let Some((text, subject)) = tx.row::<(String, String)>(MESSAGE, args![workspace, message]).await? else { return Ok(()) };
    let files: Vec<(String,)> = tx.rows(FILES, args![workspace, message]).await?;
    let mut texts = vec![text.as_str(), subject.as_str()];
    texts.extend(files.iter().map(|(name,)| name.as_str()));
    add_messages(tx, workspace, &[(message, indexed(&texts))]).await
}

/// Makes new identities searchable: each with its words, as [`indexed_person`] makes them.
pub(super) async fn add_identities(tx: &mut Tx, workspace: WorkspaceId, rows: &[(IdentityId, String)]) -> Result<()> {
    let rows = rows.iter().map(|(id, words)| (id.0, workspace.0, words.as_str()));
    add(tx, &IDENTITIES, rows).await
}

/// A contact's name, addresses or identities have changed.
pub(super) async fn refresh_contact(tx: &mut Tx, workspace: WorkspaceId, contact: ContactId) -> Result<()> {
    let found: Vec<(i64, String, String, String)> = tx.rows(IDENTITIES_OF, args![workspace, contact]).await?;
    let mut rows = Vec::with_capacity(found.len());
    for of_one in found.chunk_by(|a, b| a.0 == b.0) {
        let (id, name, handle, _) = &of_one[0];
        forget_identity(tx, workspace, IdentityId(*id)).await?;
        let mut addresses = vec![handle.as_str()];
        addresses.extend(of_one.iter().map(|(.., key)| key.as_str()));
        rows.push((IdentityId(*id), indexed_person(name, &addresses)));
    }
    add_identities(tx, workspace, &rows).await
}

/// Nothing is found by an identity any more.
pub(super) async fn forget_identity(tx: &mut Tx, workspace: WorkspaceId, identity: IdentityId) -> Result<()> {
    let index = &IDENTITIES[usize::from(tx.is_postgres())];
    tx.run(index.drop, args![workspace, identity]).await.map(|_| ())
}

/// Indexes everything that is there; `tell` hears how many of how many rows are done.
pub(super) async fn fill(tx: &mut Tx, tell: &(dyn Fn(u64, u64) + Sync)) -> Result<()> {
    let (total,): (i64,) = tx.one("count", COUNT, &[]).await?;
    let (mut done, mut last) = (0, i64::MIN);
    loop {
        let rows: Vec<(i64, i64, String, String)> = tx.rows(ALL_MESSAGES, args![last, BATCH as i64]).await?;
        let Some(newest) = rows.last().map(|row| row.0) else { break };
        let ids: Vec<Value<'_>> = rows.iter().map(|row| Value::Int(row.0)).collect();
        let mut files: BTreeMap<i64, Vec<String>> = BTreeMap::new();
        for (message, name) in tx.rows_in::<(i64, String)>(ALL_FILES, &[], &ids, "").await? {
            files.entry(message).or_default().push(name);
        }
        let made: Vec<(i64, i64, String)> = rows
            .iter()
            .map(|(id, workspace, text, subject)| {
                let names = files.get(id).into_iter().flatten().map(String::as_str);
                let texts: Vec<&str> = [text.as_str(), subject.as_str()].into_iter().chain(names).collect();
                (*id, *workspace, indexed(&texts))
            })
            .collect();
        add(tx, &MESSAGES, made.iter().map(|(id, workspace, words)| (*id, *workspace, words.as_str()))).await?;
        (done, last) = (done + rows.len() as u64, newest);
        tell(done, total as u64);
    }
    last = i64::MIN;
    loop {
        let rows: Vec<(i64, i64, String, String, String)> = tx.rows(ALL_IDENTITIES, args![last, BATCH as i64]).await?;
        let Some(newest) = rows.last().map(|row| row.0) else { break };
        let person = |(id, workspace, name, handle, key): &(i64, i64, String, String, String)| {
            (*id, *workspace, indexed_person(name, &[handle, key]))
        };
        let made: Vec<(i64, i64, String)> = rows.iter().map(person).collect();
        add(tx, &IDENTITIES, made.iter().map(|(id, workspace, words)| (*id, *workspace, words.as_str()))).await?;
        (done, last) = (done + rows.len() as u64, newest);
        tell(done, total as u64);
    }
    if !tx.is_postgres() {
        // One segment each: what was added in many pieces is looked up as fast as it ever will be.
        tx.run("INSERT INTO message_words (message_words) VALUES ('optimize')", &[]).await?;
        tx.run("INSERT INTO identity_words (identity_words) VALUES ('optimize')", &[]).await?;
    }
    Ok(())
}

async fn add<'a>(conn: &mut Conn, index: &[Index; 2], rows: impl Iterator<Item = (i64, i64, &'a str)>) -> Result<()> {
    let postgres = conn.is_postgres();
    let index = &index[usize::from(postgres)];
    let vectors: Vec<(i64, i64, std::borrow::Cow<'a, str>)> = rows
        .filter(|(.., words)| !words.is_empty())
        .map(|(id, workspace, words)| (id, workspace, if postgres { vector(words).into() } else { words.into() }))
        .collect();
    let mut values: Vec<Value<'_>> = Vec::with_capacity(vectors.len() * index.width);
    for (id, workspace, words) in &vectors {
        let row = args![*id, words.as_ref(), *workspace];
        values.extend_from_slice(&row[..index.width]);
    }
    conn.run_rows(index.head, index.width, &values, index.tail).await.map(|_| ())
}

/// The words as PostgreSQL writes a `tsvector`, each with its place.
fn vector(words: &str) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(words.len() * 2);
    for (n, word) in words.split(' ').enumerate() {
        // Writing to a String cannot fail.
        let _ = write!(out, "'{word}':{} ", n + 1);
    }
    out
}
