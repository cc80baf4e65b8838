//! The schema's history: a numbered list, each step in one transaction with a checksum of its text, so that a database always knows which
//! program it belongs to.

use sha2::{Digest, Sha256};

use super::db::{Db, args};
use super::error::{Error, Result};
use crate::domain::time::Timestamp;

struct Migration {
    version: i64,
    shared: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

/// Every step, in order. A step that was released is never changed.
const ALL: &[Migration] = &[
    Migration {
        version: 1,
        shared: include_str!("../../assets/migrations/0001_core.sql"),
        sqlite: include_str!("../../assets/migrations/0001_core.sqlite.sql"),
        postgres: include_str!("../../assets/migrations/0001_core.postgres.sql"),
    },
    Migration { version: 2, shared: include_str!("../../assets/migrations/0002_triage.sql"), sqlite: "", postgres: "" },
    Migration {
        version: 3,
        shared: include_str!("../../assets/migrations/0003_search.sql"),
        sqlite: include_str!("../../assets/migrations/0003_search.sqlite.sql"),
        postgres: include_str!("../../assets/migrations/0003_search.postgres.sql"),
    },
    Migration { version: 4, shared: include_str!("../../assets/migrations/0004_contacts.sql"), sqlite: "", postgres: "" },
    Migration {
        version: 5,
        shared: include_str!("../../assets/migrations/0005_lists.sql"),
        sqlite: include_str!("../../assets/migrations/0005_lists.sqlite.sql"),
        postgres: include_str!("../../assets/migrations/0005_lists.postgres.sql"),
    },
    Migration { version: 6, shared: include_str!("../../assets/migrations/0006_compose.sql"), sqlite: "", postgres: "" },
    Migration { version: 7, shared: include_str!("../../assets/migrations/0007_filters.sql"), sqlite: "", postgres: "" },
    Migration {
        version: 8,
        shared: include_str!("../../assets/migrations/0008_scheduled.sql"),
        sqlite: include_str!("../../assets/migrations/0008_scheduled.sqlite.sql"),
        postgres: include_str!("../../assets/migrations/0008_scheduled.postgres.sql"),
    },
    Migration {
        version: 9,
        shared: include_str!("../../assets/migrations/0009_push.sql"),
        sqlite: include_str!("../../assets/migrations/0009_push.sqlite.sql"),
        postgres: include_str!("../../assets/migrations/0009_push.postgres.sql"),
    },
    Migration { version: 10, shared: include_str!("../../assets/migrations/0010_queue.sql"), sqlite: "", postgres: "" },
    Migration { version: 12, shared: include_str!("../../assets/migrations/0012_giving_up.sql"), sqlite: "", postgres: "" },
    Migration { version: 13, shared: include_str!("../../assets/migrations/0013_notices.sql"), sqlite: "", postgres: "" },
];

/// The step after whose text the program indexes the words of all rows that are there.
const WORDS: i64 = 3;

const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS schema_versions (version BIGINT PRIMARY KEY, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)";
const APPLIED: &str = "SELECT version, checksum FROM schema_versions ORDER BY version";
const RECORD: &str = "INSERT INTO schema_versions (version, checksum, applied_at) VALUES ($1, $2, $3)";

/// The newest schema this build knows.
pub const fn newest() -> i64 {
    ALL[ALL.len() - 1].version
}

/// Brings the schema up to date. Two processes at once wait for each other: on PostgreSQL as long as it takes, on SQLite as long as for any write. `tell` hears how many of how many rows are done.
pub(super) async fn migrate(db: &Db, now: Timestamp, tell: &(dyn Fn(u64, u64) + Sync)) -> Result<()> {
    let mut tx = db.begin().await?;
    let postgres = tx.is_postgres();
    if postgres {
        // Working through a million rows takes longer than anybody waits for a lock otherwise.
        tx.script("SET LOCAL lock_timeout = 0".to_owned()).await?;
        // Any number; the same for everybody who migrates this database.
        tx.script("SELECT pg_advisory_xact_lock(7301942201)".to_owned()).await?;
        tx.script("SET LOCAL lock_timeout TO DEFAULT".to_owned()).await?;
        tx.script("SET LOCAL client_min_messages = warning".to_owned()).await?;
    }
    tx.script(TABLE.to_owned()).await?;
    let applied: Vec<(i64, String)> = tx.rows(APPLIED, &[]).await?;
    if let Some((found, _)) = applied.iter().find(|(version, _)| *version > newest()) {
        return Err(Error::Newer { found: *found, known: newest() });
    }
    for migration in ALL {
        let checksum = checksum(migration);
        match applied.iter().find(|(version, _)| *version == migration.version) {
            Some((_, stored)) if *stored == checksum => {}
            Some(_) => return Err(Error::Tampered(migration.version)),
            None => {
                tx.script(text(migration, postgres)).await?;
                if migration.version == WORDS {
                    super::words::fill(&mut tx, tell).await?;
                }
                tx.run(RECORD, args![migration.version, &checksum, now]).await?;
            }
        }
    }
    tx.finish().await
}

fn text(migration: &Migration, postgres: bool) -> String {
    if postgres {
        format!("{}\n{}", migration.shared, migration.postgres)
    } else {
        // Only INTEGER PRIMARY KEY makes the id the row's own place in the table.
        format!("{}\n{}", migration.shared.replace("id BIGINT PRIMARY KEY", "id INTEGER PRIMARY KEY"), migration.sqlite)
    }
}

fn checksum(migration: &Migration) -> String {
    let mut hasher = Sha256::new();
    for text in [migration.shared, migration.sqlite, migration.postgres] {
        hasher.update(text.as_bytes());
    }
    super::blobs::hex(&hasher.finalize())
}
