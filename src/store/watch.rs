//! Learning that something changed: the bus of hints within this process, and a watch for what other processes commit.
//!
//! The database is the only shared state; a hint says where to look again and carries nothing. The bus is bounded: a receiver that falls
//! behind is told so and takes it as [`Hint::Everything`]. On SQLite whoever has committed writes a byte into a file beside the database, and
//! the others watch that file (a watch on the write-ahead log wakes them before the commit is visible, and nothing wakes them after it); on
//! PostgreSQL they LISTEN. Neither polls.

use std::path::Path;
use std::sync::Arc;

use notify::Watcher;
use sqlx::postgres::PgListener;
use tokio::sync::{Notify, broadcast};
use tokio::task::JoinHandle;

use super::db::{Conn, Db, Tx, args};
use super::error::{Error, Result};
use super::open::Address;
use crate::domain::hint::Hint;
use crate::domain::id::{ConversationId, VenueId};

/// Hints waiting for one receiver; past that it is told it missed some.
const BUS: usize = 1_024;
/// The channel that PostgreSQL processes tell each other on.
const TOPIC: &str = "frontdesk_changes";

/// Everybody in this process who shows something.
#[derive(Clone, Debug)]
pub(super) struct Bus(broadcast::Sender<Hint>);

impl Bus {
    pub(super) fn new() -> Self {
        Self(broadcast::channel(BUS).0)
    }

    pub(super) fn subscribe(&self) -> broadcast::Receiver<Hint> {
        self.0.subscribe()
    }

    pub(super) fn tell(&self, hint: Hint) {
        // Nobody listening is fine.
        let _ = self.0.send(hint);
    }
}

/// Watching stops when this is dropped.
#[derive(Debug)]
pub struct Watch {
    task: JoinHandle<()>,
    _files: Option<notify::RecommendedWatcher>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Tells the other processes on the same server what this transaction changed; they hear it when it commits.
pub(super) async fn announce(tx: &mut Tx, node: i64) -> Result<()> {
    if !tx.is_postgres() {
        return Ok(());
    }
    let hints: Vec<Hint> = tx.hints.iter().copied().collect();
    let short = if hints.len() > 16 { vec![Hint::Everything] } else { hints };
    for hint in short {
        tx.run("SELECT pg_notify($1, $2)", args![TOPIC, &encode(node, hint)]).await?;
    }
    Ok(())
}

/// Starts passing other processes' changes to the bus.
pub(super) async fn watch(db: &Db, address: &Address, bus: Bus, node: i64) -> Result<Watch> {
    match (db, address) {
        (Db::Lite { .. }, Address::Sqlite(path)) => watch_sqlite(db.clone(), path, bus).await,
        (Db::Pg { pool, .. }, _) => {
            let mut listener = PgListener::connect_with(pool).await?;
            listener.listen(TOPIC).await?;
            let task = tokio::spawn(listen(listener, bus, node));
            Ok(Watch { task, _files: None })
        }
        (Db::Lite { .. }, Address::Postgres(_)) => Err(Error::Address("sqlite".to_owned())),
    }
}

/// The file whose change says that somebody has committed.
#[derive(Clone, Debug)]
pub(super) struct Bell(Arc<std::fs::File>);

impl Bell {
    /// Opens the file beside a SQLite database.
    pub(super) fn beside(database: &Path) -> Result<Self> {
        let path = bell_path(database);
        let mut options = std::fs::File::options();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let open = options.open(&path);
        open.map(|file| Self(Arc::new(file))).map_err(|cause| Error::File { what: format!("cannot open {}", path.display()), cause })
    }

    /// Wakes whoever watches. A failure delays other processes' screens, nothing else.
    pub(super) fn ring(&self) {
        use std::io::{Seek, Write};
        let mut file = &*self.0;
        if let Err(error) = file.rewind().and_then(|()| file.write_all(b"!")) {
            tracing::warn!(%error, "other programs were not told of a change");
        }
    }
}

fn bell_path(database: &Path) -> std::path::PathBuf {
    let mut name = database.file_name().unwrap_or_default().to_owned();
    name.push(".changed");
    database.with_file_name(name)
}

async fn watch_sqlite(db: Db, path: &Path, bus: Bus) -> Result<Watch> {
    let bell = bell_path(path);
    let bell = bell.file_name().unwrap_or_default().to_owned();
    let changed = Arc::new(Notify::new());
    let wake = Arc::clone(&changed);
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let on_event = move |event: notify::Result<notify::Event>| {
        let relevant = event.map_or(true, |event| event.kind.is_modify() && event.paths.iter().any(|path| path.file_name() == Some(&bell)));
        if relevant {
            wake.notify_one();
        }
    };
    let failed = |error: notify::Error| Error::File {
        what: "the database's folder cannot be watched for other programs' changes".to_owned(),
        cause: std::io::Error::other(error),
    };
    let mut files = notify::recommended_watcher(on_event).map_err(failed)?;
    files.watch(folder, notify::RecursiveMode::NonRecursive).map_err(failed)?;
    let mut seen = data_version(&mut db.writer().await?).await?;
    let task = tokio::spawn(async move {
        loop {
            changed.notified().await;
            // On the one connection this process writes with, the number changes only when somebody else committed.
            let now = match db.writer().await {
                Ok(mut conn) => data_version(&mut conn).await,
                Err(error) => Err(error),
            };
            match now {
                Ok(now) if now != seen => {
                    seen = now;
                    bus.tell(Hint::Everything);
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "cannot see whether another program changed the database"),
            }
        }
    });
    Ok(Watch { task, _files: Some(files) })
}

async fn data_version(conn: &mut Conn) -> Result<i64> {
    let (version,): (i64,) = conn.one("data version", "PRAGMA data_version", &[]).await?;
    Ok(version)
}

async fn listen(mut listener: PgListener, bus: Bus, node: i64) {
    loop {
        match listener.try_recv().await {
            Ok(Some(notification)) => {
                if let Some(hint) = decode(node, notification.payload()) {
                    bus.tell(hint);
                }
            }
            // The connection was lost and made again: anything may have been missed.
            Ok(None) => bus.tell(Hint::Everything),
            Err(error) => {
                tracing::warn!(%error, "lost the connection that tells of other programs' changes");
                bus.tell(Hint::Everything);
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            }
        }
    }
}

fn encode(node: i64, hint: Hint) -> String {
    match hint {
        Hint::Conversation(id) => format!("{node}:c{id}"),
        Hint::Status => format!("{node}:s"),
        Hint::Queue(id) => format!("{node}:q{id}"),
        Hint::Journal => format!("{node}:j"),
        Hint::Everything => format!("{node}:e"),
    }
}

/// The hint of another process; `None` for our own, which the bus has had already.
fn decode(node: i64, payload: &str) -> Option<Hint> {
    let (from, what) = payload.split_once(':')?;
    if from == node.to_string() {
        return None;
    }
    match (what.get(..1)?, what.get(1..)?) {
        ("c", id) => id.parse().ok().map(|id| Hint::Conversation(ConversationId(id))),
        ("q", id) => id.parse().ok().map(|id| Hint::Queue(VenueId(id))),
        ("s", "") => Some(Hint::Status),
        ("j", "") => Some(Hint::Journal),
        _ => Some(Hint::Everything),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_reaches_others_and_not_its_sender() {
        for hint in [Hint::Conversation(ConversationId(7)), Hint::Queue(VenueId(8)), Hint::Status, Hint::Journal, Hint::Everything] {
            assert_eq!(decode(2, &encode(1, hint)), Some(hint));
            assert_eq!(decode(1, &encode(1, hint)), None);
        }
    }
}
