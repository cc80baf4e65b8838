//! The two engines behind one set of calls. Every query is one text with `$1` parameters, run as it stands on SQLite and on PostgreSQL; only
//! the two macros here know which one it is.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, FromRow, PgPool, Postgres, Sqlite, SqlitePool, Transaction};

use super::error::{Error, Result};
use crate::domain::id::{
    AgentId, AttachmentId, BulkId, ChannelId, ContactId, ConversationId, CounterId, DepartmentId, IdentityId, MessageId, OutboxId,
    ServiceId, TicketId, VenueId, WorkspaceId,
};
use crate::domain::time::{Span, Timestamp};

/// A pool of each engine's kind.
#[derive(Clone, Debug)]
pub(super) enum Db {
    /// SQLite: many readers, one writer. SQLite's own queue for writers is unfair, the pool's is not.
    Lite { read: SqlitePool, write: SqlitePool, search: SqlitePool },
    /// PostgreSQL; searches have connections of their own, on which the server ends what takes too long.
    Pg { pool: PgPool, search: PgPool },
}

/// A connection to read with, or the inside of a transaction.
#[derive(Debug)]
pub struct Conn(Inner);

#[derive(Debug)]
enum Inner {
    Lite(PoolConnection<Sqlite>),
    Pg(PoolConnection<Postgres>),
    LiteTx(Transaction<'static, Sqlite>),
    PgTx(Transaction<'static, Postgres>),
}

/// A write transaction; rolled back unless [`super::Store::commit`] takes it.
#[derive(Debug)]
pub struct Tx {
    conn: Conn,
    pub(super) hints: std::collections::BTreeSet<crate::domain::hint::Hint>,
}

/// A parameter. NUL is taken out of texts on the way: PostgreSQL refuses it, and no screen can show it.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    /// A 64-bit integer: ids, instants, counts.
    Int(i64),
    /// No integer.
    NoInt,
    /// Text.
    Text(&'a str),
    /// No text.
    NoText,
    /// Yes or no.
    Bool(bool),
}

/// A row type that reads from both engines.
pub trait Record: for<'r> FromRow<'r, sqlx::sqlite::SqliteRow> + for<'r> FromRow<'r, sqlx::postgres::PgRow> + Send + Unpin {}

impl<T> Record for T where T: for<'r> FromRow<'r, sqlx::sqlite::SqliteRow> + for<'r> FromRow<'r, sqlx::postgres::PgRow> + Send + Unpin {}

/// Parameters in order: `args![workspace, id, "text"]`.
macro_rules! args {
    ($($value:expr),* $(,)?) => { &[$($crate::store::db::Value::from($value)),*] };
}
pub(crate) use args;

macro_rules! values {
    ($($kind:ty),+) => {$(
        impl From<$kind> for Value<'_> {
            fn from(value: $kind) -> Self {
                Self::Int(value.0)
            }
        }
        impl From<Option<$kind>> for Value<'_> {
            fn from(value: Option<$kind>) -> Self {
                value.map_or(Self::NoInt, Self::from)
            }
        }
    )+};
}
values!(
    AgentId,
    AttachmentId,
    BulkId,
    ChannelId,
    ContactId,
    ConversationId,
    CounterId,
    DepartmentId,
    IdentityId,
    MessageId,
    OutboxId,
    ServiceId,
    TicketId,
    VenueId,
    WorkspaceId,
    Timestamp,
    Span
);

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<Option<i64>> for Value<'_> {
    fn from(value: Option<i64>) -> Self {
        value.map_or(Self::NoInt, Self::Int)
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(value: Option<&'a str>) -> Self {
        value.map_or(Self::NoText, Self::Text)
    }
}

/// Runs `$body` with `$conn` bound to whichever engine's connection this is, and `$sql` bound to a query with the parameters.
macro_rules! with {
    ($self:expr, $text:expr, $args:expr, |$query:ident, $conn:ident| $body:expr) => {
        match &mut $self.0 {
            Inner::Lite(c) => {
                let ($query, $conn) = (bind_all!(Sqlite, $text, $args), &mut **c);
                $body
            }
            Inner::LiteTx(c) => {
                let ($query, $conn) = (bind_all!(Sqlite, $text, $args), &mut **c);
                $body
            }
            Inner::Pg(c) => {
                let ($query, $conn) = (bind_all!(Postgres, $text, $args), &mut **c);
                $body
            }
            Inner::PgTx(c) => {
                let ($query, $conn) = (bind_all!(Postgres, $text, $args), &mut **c);
                $body
            }
        }
    };
}

macro_rules! bind_all {
    ($engine:ty, $text:expr, $args:expr) => {{
        let mut query = sqlx::query::<$engine>($text);
        for value in $args {
            query = match *value {
                Value::Int(n) => query.bind(n),
                Value::NoInt => query.bind(None::<i64>),
                Value::Text(text) if text.contains('\0') => query.bind(text.replace('\0', "")),
                Value::Text(text) => query.bind(text.to_owned()),
                Value::NoText => query.bind(None::<String>),
                Value::Bool(yes) => query.bind(yes),
            };
        }
        query
    }};
}

impl Conn {
    /// Runs a statement; how many rows it touched.
    pub async fn run(&mut self, sql: &'static str, args: &[Value<'_>]) -> Result<u64> {
        with!(self, sql, args, |query, conn| Ok(query.execute(conn).await?.rows_affected()))
    }

    /// All rows of a query.
    pub async fn rows<T: Record>(&mut self, sql: &'static str, args: &[Value<'_>]) -> Result<Vec<T>> {
        with!(self, sql, args, |query, conn| read_all(&query.fetch_all(conn).await?))
    }

    /// The first row of a query.
    pub async fn row<T: Record>(&mut self, sql: &'static str, args: &[Value<'_>]) -> Result<Option<T>> {
        with!(self, sql, args, |query, conn| query
            .fetch_optional(conn)
            .await?
            .map(|row| T::from_row(&row))
            .transpose()
            .map_err(Error::from))
    }

    /// The first row of a query that must have one.
    pub async fn one<T: Record>(&mut self, what: &'static str, sql: &'static str, args: &[Value<'_>]) -> Result<T> {
        self.row(sql, args).await?.ok_or(Error::NotFound(what))
    }

    /// Runs `head (…),(…) tail` for rows of `width` parameters each, several rows a statement; how many rows were touched. `head` and `tail`
    /// hold no parameters. The statements' sizes are few, so that each is prepared once.
    pub async fn run_rows(&mut self, head: &'static str, width: usize, args: &[Value<'_>], tail: &'static str) -> Result<u64> {
        let (mut touched, mut last) = (0, (0, Arc::<str>::from("")));
        for chunk in chunks(args, width, &ROWS) {
            let rows = chunk.len() / width;
            if last.0 != rows {
                last = (rows, rows_text(self.is_postgres(), head, width, rows, tail).into());
            }
            let sql = AssertSqlSafe(Arc::clone(&last.1));
            touched += with!(self, sql, chunk, |query, conn| query.execute(conn).await?.rows_affected());
        }
        Ok(touched)
    }

    /// Rows of a query that goes on as `head (keys) tail`, for any number of keys; `first` are the parameters before them, from `$1`.
    pub async fn rows_in<T: Record>(
        &mut self,
        head: &'static str,
        first: &[Value<'_>],
        keys: &[Value<'_>],
        tail: &'static str,
    ) -> Result<Vec<T>> {
        let mut all = Vec::new();
        for chunk in keys.chunks(KEYS[0]) {
            let width = KEYS.into_iter().rev().find(|width| *width >= chunk.len()).unwrap_or(KEYS[0]);
            let from = first.len() + 1;
            let list: Vec<String> = (from..from + width).map(|n| format!("${n}")).collect();
            let sql = AssertSqlSafe(format!("{head} ({}){tail}", list.join(",")));
            // The rest of the list is its last key again, which finds nothing more: one statement instead of one of each size.
            let args: Vec<Value<'_>> =
                first.iter().chain(chunk).chain(chunk.last().into_iter().cycle().take(width - chunk.len())).copied().collect();
            all.append(&mut with!(self, sql, &args, |query, conn| read_all::<_, T>(&query.fetch_all(conn).await?))?);
        }
        Ok(all)
    }

    /// Several statements of our own, without parameters.
    pub(super) async fn script(&mut self, sql: String) -> Result<()> {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql));
        match &mut self.0 {
            Inner::Lite(c) => sql.execute(&mut **c).await.map(|_| ())?,
            Inner::LiteTx(c) => sql.execute(&mut **c).await.map(|_| ())?,
            Inner::Pg(c) => sql.execute(&mut **c).await.map(|_| ())?,
            Inner::PgTx(c) => sql.execute(&mut **c).await.map(|_| ())?,
        }
        Ok(())
    }

    /// Which engine this is, for the few texts that must differ.
    pub const fn is_postgres(&self) -> bool {
        matches!(self.0, Inner::Pg(_) | Inner::PgTx(_))
    }
}

fn read_all<R, T>(rows: &[R]) -> Result<Vec<T>>
where
    R: sqlx::Row,
    T: for<'r> FromRow<'r, R>,
{
    rows.iter().map(|row| T::from_row(row).map_err(Error::from)).collect()
}

/// How many rows a statement writes. FTS5 flushes what it has gathered at the end of every statement that a trigger hands it rows from, so
/// few large statements are much cheaper than many; the widest row times the largest stays below SQLite's 32,766 parameters.
const ROWS: [usize; 10] = [1_000, 500, 250, 100, 50, 25, 10, 5, 2, 1];
/// How many keys a statement looks for, the most first; they are numbered on both engines.
const KEYS: [usize; 4] = [64, 16, 4, 1];

/// Cuts parameters into statements of these sizes, the largest first.
fn chunks<'v, 'a>(args: &'v [Value<'a>], width: usize, sizes: &[usize]) -> impl Iterator<Item = &'v [Value<'a>]> {
    let mut rest = args;
    std::iter::from_fn(move || {
        let rows = rest.len() / width;
        let take = sizes.iter().copied().find(|size| *size <= rows)?;
        let (chunk, tail) = rest.split_at(take * width);
        rest = tail;
        Some(chunk)
    })
}

/// The parameters are numbered for PostgreSQL only. SQLite counts bare question marks, but takes `$1` for a name, and sqlx asks it for every
/// parameter's name: SQLite then walks its list of names from the beginning, so that the cost grows with the square of their number.
fn rows_text(numbered: bool, head: &str, width: usize, rows: usize, tail: &str) -> String {
    use std::fmt::Write;
    let mut sql = String::with_capacity(head.len() + tail.len() + rows * width * if numbered { 6 } else { 3 });
    sql.push_str(head);
    for row in 0..rows {
        sql.push_str(if row == 0 { " (" } else { ",(" });
        for column in 0..width {
            sql.push_str(if column == 0 { "" } else { "," });
            if numbered {
                // Writing to a String cannot fail.
                let _ = write!(sql, "${}", row * width + column + 1);
            } else {
                sql.push('?');
            }
        }
        sql.push(')');
    }
    sql.push_str(tail);
    sql
}

impl Db {
    pub(super) async fn read(&self) -> Result<Conn> {
        Ok(Conn(match self {
            Self::Lite { read, .. } => Inner::Lite(read.acquire().await?),
            Self::Pg { pool, .. } => Inner::Pg(pool.acquire().await?),
        }))
    }

    /// A connection all of whose statements see what the first of them saw.
    pub(super) async fn snapshot(&self) -> Result<Conn> {
        const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        Ok(Conn(match self {
            Self::Lite { read, .. } => Inner::LiteTx(read.begin().await?),
            Self::Pg { pool, .. } => Inner::PgTx(pool.begin_with(BEGIN).await?),
        }))
    }

    /// A connection whose statement stops when it is dropped.
    pub(super) async fn search(&self) -> Result<Searching> {
        let stopped = Arc::new(AtomicBool::new(false));
        let inner = match self {
            Self::Lite { search, .. } => {
                let mut conn = search.acquire().await?;
                let seen = Arc::clone(&stopped);
                conn.lock_handle().await?.set_progress_handler(OPERATIONS, move || !seen.load(Ordering::Relaxed));
                Inner::Lite(conn)
            }
            Self::Pg { pool, search } => {
                let mut conn = search.acquire().await?;
                let (backend,): (i32,) = sqlx::query_as(BACKEND).fetch_one(&mut *conn).await?;
                return Ok(Searching { conn: Conn(Inner::Pg(conn)), stopped, server: Some((pool.clone(), backend)) });
            }
        };
        Ok(Searching { conn: Conn(inner), stopped, server: None })
    }

    /// The writer's connection outside a transaction, for pragmas.
    pub(super) async fn writer(&self) -> Result<Conn> {
        Ok(Conn(match self {
            Self::Lite { write, .. } => Inner::Lite(write.acquire().await?),
            Self::Pg { pool, .. } => Inner::Pg(pool.acquire().await?),
        }))
    }

    pub(super) async fn begin(&self) -> Result<Tx> {
        let inner = match self {
            Self::Lite { write, .. } => Inner::LiteTx(begin_lite(write).await?),
            Self::Pg { pool, .. } => Inner::PgTx(pool.begin().await?),
        };
        Ok(Tx { conn: Conn(inner), hints: std::collections::BTreeSet::new() })
    }
}

/// SQLite ends a transaction by itself when the disk is full or fails; sqlx does not learn of it and would refuse every later one on that
/// connection. Such a connection is thrown away.
async fn begin_lite(write: &SqlitePool) -> Result<Transaction<'static, Sqlite>> {
    const BEGIN: &str = "BEGIN IMMEDIATE";
    match write.begin_with(BEGIN).await {
        Err(sqlx::Error::InvalidSavePointStatement) => {
            drop(write.acquire().await?.detach());
            Ok(write.begin_with(BEGIN).await?)
        }
        begun => Ok(begun?),
    }
}

/// SQLite looks after so many of its operations (some tens of microseconds) whether anybody still waits.
const OPERATIONS: i32 = 1_000;
const BACKEND: &str = "SELECT pg_backend_pid()";
const CANCEL: &str = "SELECT pg_cancel_backend($1)";

/// A connection to search with. Either engine would finish a statement whose result nobody takes, and sqlx waits for it: dropping this before
/// it is finished interrupts SQLite, and tells PostgreSQL to cancel what the connection, which is given up, was asked.
#[derive(Debug)]
pub(super) struct Searching {
    conn: Conn,
    stopped: Arc<AtomicBool>,
    /// On PostgreSQL: how to reach the server, and which of its processes works for us.
    server: Option<(PgPool, i32)>,
}

impl Searching {
    /// The answer is there: the connection may be used again.
    pub(super) fn finish(mut self) {
        self.server = None;
    }
}

impl Drop for Searching {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        let Some((pool, backend)) = self.server.take() else { return };
        if let Inner::Pg(conn) = &mut self.conn.0 {
            conn.close_on_drop();
        }
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if let Err(error) = sqlx::query(CANCEL).bind(backend).execute(&pool).await {
                    tracing::debug!(%error, "a search that nobody waits for could not be cancelled");
                }
            });
        }
    }
}

impl Deref for Searching {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl DerefMut for Searching {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}

impl Tx {
    pub(super) async fn finish(self) -> Result<()> {
        match self.conn.0 {
            Inner::LiteTx(tx) => tx.commit().await?,
            Inner::PgTx(tx) => tx.commit().await?,
            Inner::Lite(_) | Inner::Pg(_) => {}
        }
        Ok(())
    }

    /// Says that this transaction changes something; told to the screens after the commit.
    pub fn hint(&mut self, hint: crate::domain::hint::Hint) {
        self.hints.insert(hint);
    }
}

impl Deref for Tx {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENDLESS: &str = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x > 0) SELECT COUNT(*) FROM n";
    const WORKS: &str = "SELECT CAST(pid AS BIGINT) FROM pg_stat_activity WHERE pid = $1 AND state = 'active'";

    #[tokio::test]
    async fn a_disk_that_was_full_is_written_again_once_it_has_room() {
        let dir = tempfile::tempdir().unwrap();
        let address = super::super::open::Address::Sqlite(dir.path().join("d.db"));
        let db = super::super::open::open(&address).await.unwrap();
        let mut tx = db.begin().await.unwrap();
        tx.script("CREATE TABLE t (x TEXT NOT NULL)".to_owned()).await.unwrap();
        tx.finish().await.unwrap();
        db.writer().await.unwrap().script("PRAGMA max_page_count = 4".to_owned()).await.unwrap();
        let fill = async || -> Result<()> {
            let mut tx = db.begin().await?;
            tx.run("INSERT INTO t VALUES ($1)", args![&"x".repeat(100_000)]).await?;
            tx.finish().await
        };
        assert!(matches!(fill().await, Err(Error::Full)));
        // A new connection has no such limit: this is the disk with room again.
        fill().await.unwrap();
    }

    #[tokio::test]
    async fn a_search_that_is_dropped_stops_and_holds_up_no_other() {
        let dir = tempfile::tempdir().unwrap();
        let mut addresses = vec![super::super::open::Address::Sqlite(dir.path().join("d.db"))];
        addresses.extend(std::env::var("FRONTDESK_TEST_PG").ok().and_then(|url| url.parse().ok()));
        for address in addresses {
            let db = super::super::open::open(&address).await.unwrap();
            let begun = tokio::time::Instant::now();
            let mut backends = Vec::new();
            // More than any pool has connections.
            for _ in 0..12 {
                let mut search = db.search().await.unwrap();
                backends.extend(search.server.as_ref().map(|(_, backend)| *backend));
                let endless = search.rows::<(i64,)>(ENDLESS, &[]);
                tokio::time::timeout(std::time::Duration::from_millis(20), endless).await.unwrap_err();
            }
            let mut search = db.search().await.unwrap();
            let (one,): (i64,) = search.one("row", "SELECT CAST(1 AS BIGINT)", &[]).await.unwrap();
            search.finish();
            assert_eq!(one, 1);
            // On the server none goes on, not even while nobody looks.
            let mut conn = db.read().await.unwrap();
            for backend in backends {
                while conn.row::<(i64,)>(WORKS, args![i64::from(backend)]).await.unwrap().is_some() {
                    assert!(begun.elapsed() < std::time::Duration::from_secs(10), "{backend} still counts");
                }
            }
            assert!(begun.elapsed() < std::time::Duration::from_secs(10), "{address}: {:?}", begun.elapsed());
        }
    }

    #[tokio::test]
    async fn the_server_ends_a_search_that_nobody_is_left_to_cancel() {
        let Some(url) = std::env::var("FRONTDESK_TEST_PG").ok() else { return };
        let db = super::super::open::open(&url.parse().unwrap()).await.unwrap();
        let mut search = db.search().await.unwrap();
        let (patience,): (String,) = search.one("setting", "SELECT current_setting('statement_timeout')", &[]).await.unwrap();
        assert_eq!(patience, "8s");
        search.script("SET statement_timeout = '10ms'".to_owned()).await.unwrap();
        let ended = search.rows::<(i64,)>(ENDLESS, &[]).await;
        assert!(matches!(ended, Err(Error::TooLong)), "{ended:?}");
        let (patience,): (String,) =
            db.read().await.unwrap().one("setting", "SELECT current_setting('statement_timeout')", &[]).await.unwrap();
        assert_eq!(patience, "0", "nothing else is hurried");
    }

    #[test]
    fn rows_are_cut_into_few_statement_sizes() {
        let args = vec![Value::Int(1); 3 * 87];
        let sizes: Vec<usize> = chunks(&args, 3, &ROWS).map(|chunk| chunk.len() / 3).collect();
        assert_eq!(sizes, [50, 25, 10, 2]);
    }

    #[test]
    fn parameters_are_numbered_across_rows_for_postgresql_alone() {
        let check = |numbered, want: &str| assert_eq!(rows_text(numbered, "INSERT INTO t VALUES", 2, 2, " RETURNING id"), want);
        check(true, "INSERT INTO t VALUES ($1,$2),($3,$4) RETURNING id");
        check(false, "INSERT INTO t VALUES (?,?),(?,?) RETURNING id");
    }
}
