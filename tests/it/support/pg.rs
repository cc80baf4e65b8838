//! A PostgreSQL database of a test's own, when `FRONTDESK_TEST_PG` names a server where we may create databases.

use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// A fresh, empty database, dropped with this value.
#[derive(Debug)]
pub struct PgDatabase {
    server: String,
    name: String,
}

/// A fresh database, or `None` when no server was given; then the test passes on SQLite alone, and standard error says so once.
pub async fn pg() -> Option<PgDatabase> {
    static SAID: Once = Once::new();
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let Some(server) = std::env::var("FRONTDESK_TEST_PG").ok().filter(|server| !server.is_empty()) else {
        SAID.call_once(|| eprintln!("FRONTDESK_TEST_PG is not set: the store is tested on SQLite alone"));
        return None;
    };
    let name = format!("frontdesk_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    run(&server, &format!("CREATE DATABASE {name}")).await.expect("FRONTDESK_TEST_PG is set, so its server must let us create databases");
    Some(PgDatabase { server, name })
}

impl PgDatabase {
    /// Its address, as `--database` takes it.
    pub fn url(&self) -> String {
        let (base, options) =
            self.server.split_once('?').map_or((self.server.as_str(), String::new()), |(base, rest)| (base, format!("?{rest}")));
        let scheme_end = base.find("://").map_or(0, |at| at + 3);
        let server = base[scheme_end..].find('/').map_or(base, |at| &base[..scheme_end + at]);
        format!("{server}/{}{options}", self.name)
    }
}

impl Drop for PgDatabase {
    /// Drops the database, whoever is still connected to it. A server that is gone has dropped it with everything else.
    fn drop(&mut self) {
        let (server, sql) = (self.server.clone(), format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
        // The test's own runtime may be ending, or may be of one thread only: a thread with a runtime of its own always gets it done.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(run(&server, &sql)).map_err(std::io::Error::other)
        });
        let _ = dropping.join();
    }
}

async fn run(server: &str, sql: &str) -> sqlx::Result<()> {
    let mut connection = PgConnection::connect(server).await?;
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await?;
    connection.close().await
}

#[test]
fn the_databases_name_takes_the_place_of_the_servers() {
    let check = |server: &str, want: &str| {
        // Forgotten, so that no server is asked to drop it.
        let database = std::mem::ManuallyDrop::new(PgDatabase { server: server.into(), name: "x".into() });
        assert_eq!(database.url(), want);
    };
    check("postgres://me@localhost:5433/postgres", "postgres://me@localhost:5433/x");
    check("postgres://me@localhost:5433", "postgres://me@localhost:5433/x");
    check("postgres:///postgres?host=/tmp/pg&user=me", "postgres:///x?host=/tmp/pg&user=me");
}

#[tokio::test]
async fn each_test_has_a_database_of_its_own() {
    let (Some(one), Some(two)) = (pg().await, pg().await) else { return };
    for database in [&one, &two] {
        run(&database.url(), "CREATE TABLE only_here (id BIGINT PRIMARY KEY)").await.unwrap();
    }
    let gone = one.url();
    drop(one);
    assert!(PgConnection::connect(&gone).await.is_err(), "a dropped database is gone");
    run(&two.url(), "INSERT INTO only_here VALUES (1)").await.unwrap();
}
