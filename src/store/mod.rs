//! The database: the only shared state. SQLite in one file by default, PostgreSQL for a team on several hosts; one schema, one text per query.
//!
//! Reading order: [`open`] and [`migrate`], [`db`] (the two engines behind one set of calls), then a file per aggregate. Reads take a
//! [`Conn`], writes a [`Tx`]; whoever changes something that a screen may show leaves a hint in the transaction, and [`Store::commit`]
//! tells it to everybody after the commit, never before. Every query names the workspace.
//!
//! Portable rules: ids and instants are BIGINT and made by us; explicit columns; upserts by ON CONFLICT; names compare by a `*_key` column
//! lower-cased in Rust; a page is asked for by key, never by OFFSET; an engine's own words stand only in migrations, `search.rs` and
//! `words.rs`, and where the engines truly differ.

pub mod accounts;
pub mod acts;
pub mod backup;
pub mod blobs;
pub mod bulks;
pub mod canned;
pub mod changes;
pub mod channels;
pub mod contacts;
pub mod conversations;
mod db;
pub mod dead_letters;
pub mod depth;
pub mod error;
pub mod events;
pub mod feeding;
pub mod inbound;
pub mod journal;
pub mod lists;
pub mod lock;
pub mod messages;
pub mod migrate;
pub mod open;
pub mod outbox;
pub mod places;
pub mod preferences;
pub mod proof;
pub mod queue;
pub mod receipts;
pub mod replies;
pub mod search;
pub mod standing;
pub mod templates;
pub mod transfer;
pub mod venues;
pub mod views;
pub mod watch;
pub mod wordings;
mod words;
pub mod workspaces;

use std::sync::Arc;

use tokio::sync::broadcast;

pub use blobs::Blobs;
pub use db::{Conn, Record, Tx, Value};
pub use error::{Error, Result};
pub use open::Address;

use crate::domain::hint::Hint;
use crate::domain::id::IdSource;
use crate::domain::time::{Clock, Timestamp};

/// The open database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    db: db::Db,
    address: Address,
    bus: watch::Bus,
    bell: Option<watch::Bell>,
    blobs: Blobs,
    ids: Arc<IdSource>,
    clock: Arc<dyn Clock>,
    node: i64,
}

impl Store {
    /// Opens the database, brings its schema up to date, and keeps files in `files`. `node` is drawn at random for each process.
    pub async fn open(address: Address, files: std::path::PathBuf, clock: Arc<dyn Clock>, node: u64) -> Result<Self> {
        Self::open_telling(address, files, clock, node, &|_, _| ()).await
    }

    /// As [`Store::open`]; `tell` hears how many of how many rows are done when a new schema has to work through them.
    pub async fn open_telling(
        address: Address,
        files: std::path::PathBuf,
        clock: Arc<dyn Clock>,
        node: u64,
        tell: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Self> {
        let db = open::open(&address).await?;
        migrate::migrate(&db, clock.now(), tell).await.map_err(|error| match (&address, error) {
            (Address::Sqlite(path), Error::Database(inner)) => open::explain_sqlite(path, inner),
            (_, error) => error,
        })?;
        let bell = match &address {
            Address::Sqlite(path) => Some(watch::Bell::beside(path)?),
            Address::Postgres(_) => None,
        };
        let ids = Arc::new(IdSource::new(node));
        let node = (node & 0x7fff_ffff_ffff_ffff) as i64;
        Ok(Self { db, address, bus: watch::Bus::new(), bell, blobs: Blobs::new(files), ids, clock, node })
    }

    /// Where the data is.
    pub const fn address(&self) -> &Address {
        &self.address
    }

    /// The files beside the database.
    pub const fn blobs(&self) -> &Blobs {
        &self.blobs
    }

    /// The present instant.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The clock itself, for those who keep it.
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// A new id.
    pub fn next_id(&self) -> i64 {
        self.ids.next(self.clock.now())
    }

    /// A connection to read with.
    pub async fn read(&self) -> Result<Conn> {
        self.db.read().await
    }

    /// A connection to read with whose statements all see the same moment, however long they take together. Drop it soon: while it lives,
    /// neither engine can clear away what was true then.
    pub async fn snapshot(&self) -> Result<Conn> {
        self.db.snapshot().await
    }

    /// Begins a write. On SQLite it waits for its turn first, so that nothing that was read in it can be stale.
    pub async fn begin(&self) -> Result<Tx> {
        self.db.begin().await
    }

    /// Makes the write durable, then tells everybody what it changed.
    pub async fn commit(&self, mut tx: Tx) -> Result<()> {
        watch::announce(&mut tx, self.node).await?;
        let hints = std::mem::take(&mut tx.hints);
        tx.finish().await?;
        if let Some(bell) = &self.bell {
            bell.ring();
        }
        for hint in hints {
            self.bus.tell(hint);
        }
        Ok(())
    }

    /// Hints from now on: of this process, and of others while a [`Store::watch`] lives.
    pub fn changes(&self) -> broadcast::Receiver<Hint> {
        self.bus.subscribe()
    }

    /// Tells this process's screens something that is not in the database.
    pub fn tell(&self, hint: Hint) {
        self.bus.tell(hint);
    }

    /// Starts listening to what other processes commit, until the watch is dropped.
    pub async fn watch(&self) -> Result<watch::Watch> {
        watch::watch(&self.db, &self.address, self.bus.clone(), self.node).await
    }

    /// Closes the pools; on SQLite this folds the log into the file.
    pub async fn close(&self) {
        match &self.db {
            db::Db::Lite { read, write, search } => {
                search.close().await;
                read.close().await;
                write.close().await;
            }
            db::Db::Pg { pool, search } => {
                search.close().await;
                pool.close().await;
            }
        }
    }
}

/// A name as it is compared: trimmed and in lower case by Unicode's rules (the engines disagree about `É`).
pub fn name_key(name: &str) -> String {
    name.trim().to_lowercase()
}
