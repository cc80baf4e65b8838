//! The one lock that matters: only its holder receives and sends. On SQLite it is the operating system's lock on a file beside the
//! database, on PostgreSQL a session's advisory lock; both are let go the moment the holder dies, and kept while it is merely paused. Beside it
//! stands a row that says who the holder is and when it was last at work, for people: nothing is decided by it.

use std::fs::File;
use std::path::{Path, PathBuf};

use sqlx::PgConnection;

use super::Store;
use super::db::{Db, args};
use super::error::{Error, Result};
use super::open::Address;
use crate::domain::hint::Hint;
use crate::domain::lease::{Holder, Program};
use crate::domain::time::Timestamp;

/// Any number; the same for every process that syncs this database.
const ADVISORY: &str = "7301942202";

const HOLDER: &str = "SELECT program, host, pid, taken_at, beat_at FROM leases WHERE name = 'sync'";
const TAKE: &str = "INSERT INTO leases (name, owner, program, host, pid, taken_at, beat_at) VALUES ('sync', $1, $2, $3, $4, $5, $5) \
     ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, program = excluded.program, host = excluded.host, pid = excluded.pid, \
     taken_at = excluded.taken_at, beat_at = excluded.beat_at";
const BEAT: &str = "UPDATE leases SET beat_at = $4 WHERE name = 'sync' AND program = $1 AND host = $2 AND pid = $3";
const END: &str = "DELETE FROM leases WHERE name = 'sync' AND program = $1 AND host = $2 AND pid = $3";

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
        Ok(SyncLock { kind })
    }

    /// Who holds the lock, as it says itself; also one that was killed and took the lock no more. `None` when the last one ended in order.
    pub async fn holder(&self) -> Result<Option<Holder>> {
        let row: Option<(String, String, i64, i64, i64)> = self.read().await?.row(HOLDER, &[]).await?;
        Ok(row.map(|(kind, host, pid, since, beat_at)| Holder {
            program: Program { kind, host, pid: u32::try_from(pid).unwrap_or_default() },
            since: Timestamp(since),
            beat_at: Timestamp(beat_at),
        }))
    }

    /// Says who holds the lock from now on. For its holder.
    pub async fn take_lease(&self, who: &Program) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.run(TAKE, args![&who.to_string(), &who.kind, &who.host, i64::from(who.pid), self.now()]).await?;
        tx.hint(Hint::Status);
        self.commit(tx).await
    }

    /// Says that the holder is at work. Nobody is told: it changes nothing that has to be shown at once.
    pub async fn beat(&self, who: &Program) -> Result<()> {
        let mut tx = self.begin().await?;
        let known = tx.run(BEAT, args![&who.kind, &who.host, i64::from(who.pid), self.now()]).await? > 0;
        tx.finish().await?;
        // A backup that was put in place meanwhile has another's name, or none.
        if known { Ok(()) } else { self.take_lease(who).await }
    }

    /// The holder ends in order, and lets go of the lock after this.
    pub async fn end_lease(&self, who: &Program) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.run(END, args![&who.kind, &who.host, i64::from(who.pid)]).await?;
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
