//! What can go wrong with the database, as callers need to tell it apart and as a person needs to read it.

use std::path::PathBuf;

/// A store operation that did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A unique key is already taken.
    #[error("it exists already")]
    Duplicate,
    /// No such row in this workspace.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// The rules do not allow it now; the sentence says why and what to do.
    #[error("{0}")]
    Refused(String),
    /// The address of the database cannot be understood.
    #[error("{0:?} is not a database address: use sqlite:PATH or postgres://USER@HOST/NAME")]
    Address(String),
    /// The folder of the database cannot be written.
    #[error("the folder {path} cannot be written ({cause}): choose another with --database sqlite:PATH, or change its permissions")]
    Folder {
        /// Which folder.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// The file exists and cannot be opened for writing.
    #[error("the database {path} cannot be opened for writing ({cause}): check its owner and permissions")]
    ReadOnly {
        /// Which file.
        path: PathBuf,
        /// Why.
        cause: String,
    },
    /// The file is damaged, or not a database at all.
    #[error("{path} is damaged or not a frontdesk database ({cause}): put a backup in its place with `frontdesk restore FILE`")]
    Corrupt {
        /// Which file.
        path: PathBuf,
        /// What was found.
        cause: String,
    },
    /// Another program has held the file locked for longer than we wait.
    #[error("the database {path} is locked by another program: close what has it open, then try again")]
    Locked {
        /// Which file.
        path: PathBuf,
    },
    /// The server does not answer or does not let us in.
    #[error("the PostgreSQL server cannot be used ({0}): check that it runs, the address, the user and the password")]
    Refusal(String),
    /// The schema was made by a later version.
    #[error("this database was last used by a newer frontdesk (schema {found}, this one knows {known}): update frontdesk")]
    Newer {
        /// The schema's version.
        found: i64,
        /// The newest this build knows.
        known: i64,
    },
    /// A migration that was already applied reads differently in this build.
    #[error("the schema of this database was changed by something else (migration {0} does not match): restore a backup, or ask for help")]
    Tampered(i64),
    /// The SQLite inside is older than the first without the WAL-reset bug.
    #[error("the SQLite library in this build is {0}; 3.51.3 or later is needed to keep data safe")]
    OldSqlite(String),
    /// Stored bytes that do not make sense; a bug or a hand at the database.
    #[error("the stored {what} cannot be understood: {detail}")]
    Stored {
        /// What it should have been.
        what: &'static str,
        /// What it is.
        detail: String,
    },
    /// A file beside the database (attachment, backup) could not be read or written.
    #[error("{what}: {cause}")]
    File {
        /// What was tried.
        what: String,
        /// Why it failed.
        cause: std::io::Error,
    },
    /// Anything else the database said.
    #[error("the database refused: {0}")]
    Database(#[source] sqlx::Error),
}

/// The result of a store operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(inner) if inner.is_unique_violation() => Self::Duplicate,
            _ => Self::Database(error),
        }
    }
}

impl Error {
    /// Whether trying the same again later can help: the database was busy or out of reach.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Locked { .. }
            | Self::Refusal(_)
            | Self::Database(sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed) => true,
            Self::Database(sqlx::Error::Database(inner)) => {
                // SQLite: BUSY and its kin (5, 261, 517). PostgreSQL: serialization, deadlock, shutdown, too many connections.
                matches!(
                    inner.code().as_deref(),
                    Some("5" | "261" | "517" | "40001" | "40P01" | "55P03" | "57P01" | "57P03" | "53300" | "25P03")
                )
            }
            _ => false,
        }
    }
}
