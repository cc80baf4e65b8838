//! The one lock that matters: only its holder receives and sends. On SQLite it is the operating system's lock on a file beside the
//! database, on PostgreSQL a session's advisory lock; both are let go the moment the holder dies, and kept while it is merely paused.

use std::fs::File;
use std::path::{Path, PathBuf};

use sqlx::PgConnection;

use super::Store;
use super::db::{Db, args};
use super::error::{Error, Result};
use super::open::Address;
use crate::domain::hint::Hint;
use crate::domain::time::Timestamp;

/// Any number; the same for every process that syncs this database.
const ADVISORY: &str = "7301942202";

/// Proof that this process is the one that syncs. Letting go of it hands over to the next.
#[derive(Debug)]
pub struct SyncLock {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    File {
        _file: File,
    },
    /// A connection of its own, not of the pool: dropping it ends the session, and with it the lock.
    Session(Box<PgConnection>),
}

impl SyncLock {
    /// Whether somebody else could end it: a database server may end the session that holds it.
    pub const fn can_be_lost(&self) -> bool {
        matches!(self.kind, Kind::Session(_))
    }

    /// Whether the lock is still ours.
    pub async fn is_held(&mut self) -> bool {
        match &mut self.kind {
            Kind::File { .. } => true,
            Kind::Session(session) => sqlx::query("SELECT 1").execute(&mut **session).await.is_ok(),
        }
    }
}

impl Store {
    /// Takes the lock if nobody has it.
    pub async fn try_sync_lock(&self) -> Result<Option<SyncLock>> {
        let kind = match (&self.db, &self.address) {
            (Db::Pg { pool, .. }, _) => {
                let mut session = pool.acquire().await?.detach();
                let sql = sqlx::AssertSqlSafe(format!("SELECT pg_try_advisory_lock({ADVISORY})"));
                let (taken,): (bool,) = sqlx::query_as(sql).fetch_one(&mut session).await?;
                if !taken {
                    return Ok(None);
                }
                Kind::Session(Box::new(session))
            }
            (Db::Lite { .. }, Address::Sqlite(path)) => {
                let file = lock_file(path)?;
                match file.try_lock() {
                    Ok(()) => Kind::File { _file: file },
                    Err(std::fs::TryLockError::WouldBlock) => return Ok(None),
                    Err(std::fs::TryLockError::Error(cause)) => return Err(unlockable(path, cause)),
                }
            }
            (Db::Lite { .. }, Address::Postgres(_)) => return Err(Error::Address("sqlite".to_owned())),
        };
        self.record_owner().await?;
        Ok(Some(SyncLock { kind }))
    }

    /// Waits until the lock is free and takes it. Nothing polls: the system or the server wakes us.
    pub async fn sync_lock(&self) -> Result<SyncLock> {
        let kind = match (&self.db, &self.address) {
            (Db::Pg { pool, .. }, _) => {
                let mut session = pool.acquire().await?.detach();
                // This wait may last for days; the limit is meant for statements that stand in each other's way.
                sqlx::query("SET lock_timeout = 0").execute(&mut session).await?;
                let sql = sqlx::AssertSqlSafe(format!("SELECT pg_advisory_lock({ADVISORY})"));
                sqlx::query(sql).execute(&mut session).await?;
                Kind::Session(Box::new(session))
            }
            (Db::Lite { .. }, Address::Sqlite(path)) => Kind::File { _file: wait_for(lock_file(path)?, path.clone()).await? },
            (Db::Lite { .. }, Address::Postgres(_)) => return Err(Error::Address("sqlite".to_owned())),
        };
        self.record_owner().await?;
        Ok(SyncLock { kind })
    }

    /// Who took the lock last, and when, for people to read.
    pub async fn sync_owner(&self) -> Result<Option<(String, Timestamp)>> {
        let row: Option<(String, i64)> = self.read().await?.row("SELECT owner, taken_at FROM leases WHERE name = 'sync'", &[]).await?;
        Ok(row.map(|(owner, at)| (owner, Timestamp(at))))
    }

    async fn record_owner(&self) -> Result<()> {
        const SQL: &str = "INSERT INTO leases (name, owner, taken_at) VALUES ('sync', $1, $2) \
             ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, taken_at = excluded.taken_at";
        let owner = format!("process {}", std::process::id());
        let mut tx = self.begin().await?;
        tx.run(SQL, args![&owner, self.now()]).await?;
        tx.hint(Hint::Status);
        self.commit(tx).await
    }
}

pub(super) fn lock_file(database: &Path) -> Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(lock_path(database)).map_err(|cause| unlockable(database, cause))
}

/// Beside the file itself: two programs that reach it by different links must meet at one lock.
fn lock_path(database: &Path) -> PathBuf {
    let database = database.canonicalize().unwrap_or_else(|_| database.to_owned());
    let mut name = database.file_name().unwrap_or_default().to_owned();
    name.push(".sync-lock");
    database.with_file_name(name)
}

fn unlockable(path: &Path, cause: std::io::Error) -> Error {
    Error::File { what: format!("cannot lock {} for syncing", lock_path(path).display()), cause }
}

/// Waits on a thread of its own: one that is still waiting must not keep the program from ending.
async fn wait_for(file: File, database: PathBuf) -> Result<File> {
    let (send, receive) = tokio::sync::oneshot::channel();
    let wait = move || {
        let locked = file.lock().map(|()| file);
        // Nobody waits any more: the lock goes with the file.
        let _ = send.send(locked);
    };
    std::thread::Builder::new().name("sync-lock".to_owned()).spawn(wait).map_err(|cause| unlockable(&database, cause))?;
    match receive.await {
        Ok(Ok(file)) => Ok(file),
        Ok(Err(cause)) => Err(unlockable(&database, cause)),
        Err(_) => Err(unlockable(&database, std::io::Error::other("the waiting thread ended"))),
    }
}
