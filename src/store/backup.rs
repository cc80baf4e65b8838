//! Copies of a SQLite database that hold everything, attachments too, in one file; and putting one back.
//!
//! A backup is a frontdesk database with one table more: the pieces of the attachments, by hash. It is written under another name and
//! renamed when it is complete and on the disk, so that a half one is never mistaken for a backup.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{Connection, SqliteConnection};

use super::blobs::Blobs;
use super::error::{Error, Result};
use super::lock::lock_file;
use super::open::{explain_sqlite, make_private_folder};
use super::{Address, Store};
use crate::domain::time::Timestamp;

/// How much of an attachment is one row.
const PIECE: usize = 4 << 20;

const TABLE: &str = "CREATE TABLE backup_files (hash TEXT NOT NULL, place BIGINT NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (hash, place))";
const ADD: &str = "INSERT INTO backup_files (hash, place, bytes) VALUES ($1, $2, $3)";
const HASHES: &str = "SELECT hash, COUNT(*) FROM backup_files GROUP BY hash ORDER BY hash";
const PIECE_OF: &str = "SELECT bytes FROM backup_files WHERE hash = $1 AND place = $2";
/// What waited to be sent when the backup was made may have been sent since: a person decides.
const DOUBT: [&str; 4] = [
    "UPDATE parts SET state = 'uncertain' WHERE state IN ('queued', 'sending') AND message_id IN \
       (SELECT o.message_id FROM outbox o WHERE o.action = 'send' AND o.state IN ('ready', 'sending'))",
    "UPDATE messages SET delivery = 'uncertain', reason = 'a backup was restored: it may have been sent since the backup was made' WHERE id IN \
       (SELECT o.message_id FROM outbox o WHERE o.action = 'send' AND o.state IN ('ready', 'sending'))",
    "UPDATE conversations SET mark = 'uncertain' WHERE id IN \
       (SELECT o.conversation_id FROM outbox o WHERE o.action = 'send' AND o.state IN ('ready', 'sending'))",
    "UPDATE outbox SET state = 'uncertain', lease_until = NULL, reason = 'a backup was restored: it may have been sent since the backup was made' \
       WHERE action = 'send' AND state IN ('ready', 'sending')",
];
const LOOK: &str = "SELECT COUNT(*) FROM sqlite_schema WHERE name IN ('workspaces', 'backup_files')";

impl Store {
    /// Writes a consistent copy into a new file while everything goes on. PostgreSQL has tools of its own for this.
    pub async fn backup(&self, into: &Path) -> Result<()> {
        let Address::Sqlite(path) = &self.address else {
            let words = "PostgreSQL is backed up with its own tools: use pg_dump for the data, and copy the folder of attachments";
            return Err(Error::Refused(words.to_owned()));
        };
        if into.exists() {
            return Err(Error::Refused(format!("{} exists already: choose a new name", into.display())));
        }
        let half = beside(into, ".partial");
        private_file(&half)?;
        let done = self.write_backup(path, &half).await.and_then(|()| settle(&half, into));
        if done.is_err() {
            // What is left of it is of no use to anybody.
            let _ = std::fs::remove_file(&half);
        }
        done
    }

    async fn write_backup(&self, path: &Path, half: &Path) -> Result<()> {
        let mut source = connect(path).await?;
        sqlx::query("VACUUM INTO $1").bind(half.to_string_lossy()).execute(&mut source).await?;
        source.close().await?;
        let mut copy = connect(half).await?;
        sqlx::query(TABLE).execute(&mut copy).await?;
        for (hash, file) in self.blobs.kept()? {
            let mut tx = copy.begin().await?;
            let mut content = File::open(&file).map_err(|cause| unreadable(&file, cause))?;
            let mut piece = vec![0; PIECE];
            for place in 0.. {
                let read = fill(&mut content, &mut piece).map_err(|cause| unreadable(&file, cause))?;
                if read == 0 && place > 0 {
                    break;
                }
                sqlx::query(ADD).bind(&hash).bind(place).bind(&piece[..read]).execute(&mut *tx).await?;
                if read < PIECE {
                    break;
                }
            }
            tx.commit().await?;
        }
        Ok(copy.close().await?)
    }
}

/// Puts a backup in the place of the database at `path`, and its attachments among `blobs`. A database that is there already is kept beside
/// it under a name with the time; without `replace` it stops this. Where the old one went is the answer.
pub async fn restore(from: &Path, path: &Path, blobs: &Blobs, replace: bool, now: Timestamp) -> Result<Option<PathBuf>> {
    check(from).await?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        make_private_folder(folder).map_err(|cause| Error::Folder { path: folder.to_owned(), cause })?;
    }
    let lock = lock_file(path)?;
    if lock.try_lock().is_err() {
        return Err(Error::Refused("a frontdesk works on this database: end it first".to_owned()));
    }
    if path.exists() && !replace {
        let words = format!("{} exists already: --replace puts the backup in its place and keeps it under another name", path.display());
        return Err(Error::Refused(words));
    }
    let half = beside(path, ".partial");
    private_file(&half)?;
    std::fs::copy(from, &half).map_err(|cause| unreadable(from, cause))?;
    if let Err(error) = unpack(&half, blobs).await {
        // The backup itself is untouched.
        let _ = std::fs::remove_file(&half);
        return Err(error);
    }
    let kept = path.exists().then(|| beside(path, &format!(".replaced-{}", now.secs())));
    if let Some(kept) = &kept {
        // The log belongs to its file: without it the last commits would be lost, and beside another file it would do harm.
        for ending in ["", "-wal", "-shm"] {
            let (old, new) = (beside(path, ending), beside(kept, ending));
            if old.exists() {
                std::fs::rename(&old, &new).map_err(|cause| failed("the database that is there cannot be moved aside", cause))?;
            }
        }
    }
    settle(&half, path)?;
    Ok(kept)
}

/// Whether the file is a sound backup.
async fn check(from: &Path) -> Result<()> {
    if !from.is_file() {
        return Err(Error::File { what: format!("{} cannot be read", from.display()), cause: std::io::ErrorKind::NotFound.into() });
    }
    let damaged = |cause: String| Error::Refused(format!("{} is not a sound backup ({cause}): use another one", from.display()));
    let mut backup = SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(from).read_only(true).immutable(true))
        .await
        .map_err(|error| damaged(error.to_string()))?;
    let look = sqlx::query_as::<_, (i64,)>(LOOK).fetch_one(&mut backup).await.map_err(|error| damaged(error.to_string()))?;
    if look.0 != 2 {
        return Err(damaged("it was not made by `frontdesk backup`".to_owned()));
    }
    let sound: (String,) =
        sqlx::query_as("PRAGMA integrity_check(1)").fetch_one(&mut backup).await.map_err(|error| damaged(error.to_string()))?;
    if sound.0 != "ok" {
        return Err(damaged(sound.0));
    }
    Ok(backup.close().await?)
}

/// Takes the attachments out of a copy of the backup.
async fn unpack(half: &Path, blobs: &Blobs) -> Result<()> {
    let mut copy = connect(half).await?;
    let hashes: Vec<(String, i64)> = sqlx::query_as(HASHES).fetch_all(&mut copy).await?;
    for (number, (hash, pieces)) in hashes.into_iter().enumerate() {
        let scratch = blobs.scratch(number as i64)?;
        let mut content = Vec::new();
        for place in 0..pieces {
            let (mut piece,): (Vec<u8>,) = sqlx::query_as(PIECE_OF).bind(&hash).bind(place).fetch_one(&mut copy).await?;
            content.append(&mut piece);
        }
        private_file(&scratch)?;
        std::fs::write(&scratch, &content).map_err(|cause| failed("an attachment cannot be written", cause))?;
        // It goes where its content says, whatever the backup calls it.
        blobs.keep(&scratch).await?;
    }
    for statement in DOUBT {
        sqlx::query(statement).execute(&mut copy).await?;
    }
    sqlx::query("DROP TABLE backup_files").execute(&mut copy).await?;
    sqlx::query("VACUUM").execute(&mut copy).await?;
    Ok(copy.close().await?)
}

async fn connect(path: &Path) -> Result<SqliteConnection> {
    let options = SqliteConnectOptions::new().filename(path).busy_timeout(super::open::BUSY);
    // A copy is one file with no log beside it; a live database stays in the mode it is in.
    let copy = path.extension().is_some_and(|ending| ending == "partial");
    let options = if copy { options.journal_mode(SqliteJournalMode::Delete) } else { options };
    SqliteConnection::connect_with(&options).await.map_err(|error| explain_sqlite(path, error))
}

/// Makes it durable, then gives it its name.
fn settle(half: &Path, into: &Path) -> Result<()> {
    let written = |cause| failed(&format!("{} cannot be written", into.display()), cause);
    File::options().write(true).open(half).and_then(|file| file.sync_all()).map_err(written)?;
    std::fs::rename(half, into).map_err(written)?;
    let folder = into.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    #[cfg(unix)]
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(written)?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

/// An empty file that only the owner can read, in the place of whatever is left of an earlier try.
fn private_file(path: &Path) -> Result<()> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(|_| ()).map_err(|cause| failed(&format!("{} cannot be written", path.display()), cause))
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    path.with_file_name(name)
}

/// Reads until the buffer is full or the file ends.
fn fill(file: &mut File, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

fn unreadable(path: &Path, cause: std::io::Error) -> Error {
    failed(&format!("{} cannot be read", path.display()), cause)
}

fn failed(what: &str, cause: std::io::Error) -> Error {
    Error::File { what: what.to_owned(), cause }
}
