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
    /// A ticket is not in a state for what was to be done, or has changed since it was looked at.
    #[error("{label}: {why}")]
    Ticket {
        /// What is printed on it.
        label: String,
        /// What it is now.
        state: crate::domain::queue::State,
        /// Why nothing was done.
        why: String,
    },
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
    /// There is no room for what was to be written.
    #[error("the disk of the database is full: make room on it, then try again")]
    Full,
    /// Another program has held the file locked for longer than we wait; it may be one of ours that works through a new schema.
    #[error(
        "the database {path} is locked by another program, perhaps a frontdesk that brings it up to date: wait for it or close it, then try again"
    )]
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
    /// The server ended what took too long: a search, or what it was told to cancel.
    #[error("this took the server too long and was ended: in a search, add a word or type more of one")]
    TooLong,
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
            sqlx::Error::Database(inner) if matches!(inner.code().as_deref(), Some("13" | "53100")) => Self::Full,
            sqlx::Error::Database(inner) if inner.code().as_deref() == Some("57014") => Self::TooLong,
            _ => Self::Database(error),
        }
    }
}

impl Error {
    /// Whether the trouble is the database's and not the data's, so that the same may go well later: it was busy, full, out of reach.
    /// In doubt it is the database's: data that is given up for good must have been looked at by a database that works.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Full
            | Self::TooLong
            | Self::Locked { .. }
            | Self::Refusal(_)
            | Self::File { .. }
            | Self::ReadOnly { .. }
            | Self::Corrupt { .. } => true,
            Self::Database(sqlx::Error::Database(inner)) => inner.code().is_none_or(|code| !is_about_data(&code)),
            Self::Database(error) => !matches!(
                error,
                sqlx::Error::Encode(_) | sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. } | sqlx::Error::RowNotFound
            ),
            _ => false,
        }
    }
}

/// Whether an engine's code says that it will never take this statement with this data. SQLite: error, too big, constraint, mismatch, range
/// (<https://www.sqlite.org/rescode.html>); PostgreSQL: the classes of data, constraints, syntax and limits.
fn is_about_data(code: &str) -> bool {
    match code.parse::<i32>() {
        Ok(number) if code.len() < 5 => matches!(number & 0xff, 1 | 18 | 19 | 20 | 25),
        _ => matches!(code.get(..2), Some("21" | "22" | "23" | "42" | "44" | "54")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_engines_word_about_the_data_gives_it_up() {
        for data in ["1", "18", "19", "787", "2067", "20", "22021", "22P02", "23505", "42601", "54000"] {
            assert!(is_about_data(data), "{data}");
        }
        for passing in
            ["5", "261", "517", "8", "10", "522", "13", "14", "11", "40001", "40P01", "53100", "57014", "57P01", "25006", "08006"]
        {
            assert!(!is_about_data(passing), "{passing}");
        }
        assert!(Error::Database(sqlx::Error::PoolTimedOut).is_passing());
        assert!(!Error::Duplicate.is_passing());
    }
}
