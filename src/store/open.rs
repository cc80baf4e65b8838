//! Opening a database: from its address to a pool that is known to be sound, or one sentence that says what to do.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tokio::time::{Instant, sleep};

use super::db::Db;
use super::error::{Error, Result};

/// Where the data is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A file of our own.
    Sqlite(PathBuf),
    /// A server shared by a team; the address as given, which may hold a password and is never printed.
    Postgres(String),
}

/// How long a writer waits for another process: 32 writing processes were seen to wait 4.8 s, so five would be too tight.
pub(super) const BUSY: Duration = Duration::from_secs(15);
/// What PostgreSQL is told: a process that was paused in the middle of a write must not hold up everybody else for ever.
const PATIENCE: [(&str, &str); 2] = [("idle_in_transaction_session_timeout", "15s"), ("lock_timeout", "30s")];
/// The server ends a search by itself when nobody is left to cancel it, as after a process that was killed.
const SEARCH_PATIENCE: (&str, &str) = ("statement_timeout", "8s");
/// The first SQLite without the WAL-reset bug.
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);

impl FromStr for Address {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if !path.is_empty() {
                return Ok(Self::Sqlite(PathBuf::from(path)));
            }
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        Err(Error::Address(text.split(':').next().unwrap_or_default().to_owned()))
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => match PgConnectOptions::from_str(url) {
                Ok(o) => write!(f, "postgres://{}@{}:{}/{}", o.get_username(), o.get_host(), o.get_port(), o.get_database().unwrap_or("")),
                Err(_) => f.write_str("postgres://…"),
            },
        }
    }
}

/// Opens the pools. The schema is not looked at.
pub(super) async fn open(address: &Address) -> Result<Db> {
    match address {
        Address::Sqlite(path) => open_sqlite(path).await,
        Address::Postgres(url) => open_postgres(url).await,
    }
}

async fn open_sqlite(path: &Path) -> Result<Db> {
    prepare_file(path)?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Wal)
        // NORMAL lost acknowledged commits in a simulated power cut, FULL none.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .statement_cache_capacity(256)
        // A page of a list and a bit: its rows wait for nobody.
        .row_buffer_size(256)
        .pragma("temp_store", "memory")
        // 16 MB of log: under load the same pages change again and again, and each is copied to the file once instead of four times.
        .pragma("wal_autocheckpoint", "4000")
        .pragma("journal_size_limit", "67108864");
    let options = sqlx::ConnectOptions::disable_statement_logging(options);
    let explain = |error: sqlx::Error| explain_sqlite(path, error);
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .acquire_timeout(Duration::from_mins(1));
    let patience = Instant::now() + BUSY;
    let write = loop {
        match writer.clone().connect_with(options.clone().pragma("cache_size", "-8192")).await.map_err(explain) {
            // Who turns a new file to WAL while somebody else does is refused at once, whatever the busy time-out.
            Err(Error::Locked { .. }) if Instant::now() < patience => sleep(Duration::from_millis(50)).await,
            other => break other?,
        }
    };
    let read = SqlitePoolOptions::new()
        .max_connections(readers())
        .idle_timeout(Some(Duration::from_mins(10)))
        .max_lifetime(None)
        .test_before_acquire(false)
        .connect_lazy_with(options.clone().pragma("cache_size", "-512").pragma("query_only", "on"));
    // Searches have connections of their own: one that is being interrupted holds up none of the other reads.
    let search = SqlitePoolOptions::new()
        .max_connections(2)
        .idle_timeout(Some(Duration::from_mins(1)))
        .max_lifetime(None)
        .test_before_acquire(false)
        .after_connect(|conn, _| {
            Box::pin(async move {
                let prepare = format!("{}; PRAGMA query_only = on", super::search::TERMS);
                sqlx::raw_sql(sqlx::AssertSqlSafe(prepare)).execute(conn).await.map(drop)
            })
        })
        .connect_lazy_with(options.pragma("cache_size", "-512"));
    let found: (String,) = sqlx::query_as("SELECT sqlite_version()").fetch_one(&write).await.map_err(explain)?;
    if version(&found.0) < OLDEST_SQLITE {
        return Err(Error::OldSqlite(found.0));
    }
    // Reading the schema is what finds out that a file is not a database.
    sqlx::query("SELECT count(*) FROM sqlite_schema").execute(&write).await.map_err(explain)?;
    Ok(Db::Lite { read, write, search })
}

/// As many as work at once. Each has a cache and prepared statements of its own, and the pool takes them in turn: one more than needed makes
/// every one of them colder.
fn readers() -> u32 {
    std::thread::available_parallelism().map_or(2, |processors| processors.get().clamp(2, 4) as u32)
}

fn version(text: &str) -> (u32, u32, u32) {
    let mut numbers = text.split('.').map(|part| part.parse().unwrap_or(0));
    let mut next = || numbers.next().unwrap_or(0);
    (next(), next(), next())
}

/// Makes the folder (0700) and the file (0600) when they are missing: SQLite would give the file, its log and its index the umask's mode.
fn prepare_file(path: &Path) -> Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if !folder.exists() {
        make_private_folder(folder).map_err(|cause| Error::Folder { path: folder.to_owned(), cause })?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(cause) if path.exists() => Err(Error::ReadOnly { path: path.to_owned(), cause: cause.to_string() }),
        Err(cause) => Err(Error::Folder { path: folder.to_owned(), cause }),
    }
}

/// Makes a folder and its parents, readable by the owner alone.
pub(super) fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Turns SQLite's words into a sentence that says what to do. Codes: <https://www.sqlite.org/rescode.html>.
pub(super) fn explain_sqlite(path: &Path, error: sqlx::Error) -> Error {
    let path = path.to_owned();
    let code = match &error {
        sqlx::Error::Database(inner) => inner.code().and_then(|code| code.parse::<i32>().ok()),
        _ => None,
    };
    match code.map(|code| code & 0xff) {
        Some(5 | 6) => Error::Locked { path },
        Some(8 | 14) => Error::ReadOnly { path, cause: error.to_string() },
        Some(11 | 26) => Error::Corrupt { path, cause: error.to_string() },
        _ => Error::Database(error),
    }
}

async fn open_postgres(url: &str) -> Result<Db> {
    let options = PgConnectOptions::from_str(url).map_err(|_| Error::Address("postgres".to_owned()))?;
    let options = sqlx::ConnectOptions::disable_statement_logging(options.application_name("frontdesk").options(PATIENCE));
    // A pool would go on trying for its whole waiting time; one connection says at once what is wrong.
    let refusal = |error: sqlx::Error| Error::Refusal(plain(&error));
    let first = tokio::time::timeout(Duration::from_secs(20), sqlx::PgConnection::connect_with(&options)).await;
    first.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map_err(refusal)?.close().await.map_err(refusal)?;
    let pool = PgPoolOptions::new().max_connections(8).acquire_timeout(Duration::from_secs(20));
    let pool = pool.connect_with(options.clone()).await.map_err(refusal)?;
    let search =
        PgPoolOptions::new().max_connections(3).idle_timeout(Some(Duration::from_mins(1))).acquire_timeout(Duration::from_secs(20));
    let search = search.connect_lazy_with(options.options([SEARCH_PATIENCE]));
    Ok(Db::Pg { pool, search })
}

/// The server's own words, without sqlx's wrapping.
fn plain(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(inner) => inner.message().to_owned(),
        sqlx::Error::Io(inner) => inner.to_string(),
        sqlx::Error::PoolTimedOut => "no answer in time".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_file_or_a_server() {
        assert_eq!("sqlite:a/b.db".parse::<Address>().unwrap(), Address::Sqlite("a/b.db".into()));
        assert_eq!("sqlite:///x/b.db".parse::<Address>().unwrap(), Address::Sqlite("/x/b.db".into()));
        assert!("mysql://x".parse::<Address>().is_err());
        assert!("sqlite:".parse::<Address>().is_err());
    }

    #[test]
    fn a_printed_address_never_holds_the_password() {
        let address: Address = "postgres://desk:hunter2@db.example:5433/desk".parse().unwrap();
        assert_eq!(address.to_string(), "postgres://desk@db.example:5433/desk");
    }

    #[test]
    fn versions_compare_by_number() {
        assert!(version("3.51.3") >= OLDEST_SQLITE);
        assert!(version("3.9.0") < OLDEST_SQLITE);
    }
}
