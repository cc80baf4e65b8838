//! How a command ends when it did not do what was asked: a sentence for the person, a number for the script.

use crate::config::ConfigError;
use crate::domain::text::Safe;
use crate::store;

/// The numbers a command ends with; `--help` lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Ok,
    /// It did not work.
    Failed,
    /// The command line or the settings cannot be understood.
    Usage,
    /// Something that was named does not exist.
    NotFound,
    /// The database cannot be used.
    Database,
    /// Done as far as it goes, but something needs a person: replies that are uncertain or failed, lines that were refused.
    NeedsPerson,
    /// In the queue: it is refused as things are.
    Refused,
    /// In the queue: nobody is waiting.
    Nobody,
}

impl Exit {
    /// The number. What the commands of the queue end with is their own, and told by their help.
    pub const fn number(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::NotFound | Self::Refused => 3,
            Self::Database | Self::Nobody => 4,
            Self::NeedsPerson => 5,
        }
    }
}

/// The list of numbers, for `--help` and the manual page.
pub const EXIT_HELP: &str = "Exit codes:
  0  done
  1  it did not work; the sentence on stderr says why and what to do
  2  the command line or the settings cannot be understood
  3  something that was named does not exist
  4  the database cannot be used
  5  done, but something needs a person: uncertain or failed replies, refused lines";

/// Why a command did not do what was asked.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    /// The number to end with.
    pub exit: Exit,
    /// What did not happen, why, and what to do. Empty when the reader of our output went away, which is nobody's mistake.
    pub text: String,
}

impl Failure {
    /// A failure with that number and sentence.
    pub fn new(exit: Exit, text: impl Into<String>) -> Self {
        Self { exit, text: text.into() }
    }

    /// [`Exit::Failed`] with that sentence.
    pub fn failed(text: impl Into<String>) -> Self {
        Self::new(Exit::Failed, text)
    }

    /// The sentence as it may be shown.
    pub fn shown(&self) -> Safe {
        Safe::block(&self.text)
    }
}

/// Output that cannot be written. A closed pipe is silent: `frontdesk … | head` is not a failure.
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Self::new(Exit::Ok, ""),
            _ => Self::failed(format!("the output could not be written: {error}")),
        }
    }
}

/// The database's own sentences; the number says whether it is the database that cannot be used.
impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        use store::Error as E;
        let exit = match &error {
            E::NotFound(_) => Exit::NotFound,
            E::Address(_) => Exit::Usage,
            E::Duplicate | E::Refused(_) | E::Ticket { .. } | E::Stored { .. } | E::File { .. } => Exit::Failed,
            E::Full
            | E::TooLong
            | E::Folder { .. }
            | E::ReadOnly { .. }
            | E::Corrupt { .. }
            | E::Locked { .. }
            | E::Refusal(_)
            | E::Newer { .. }
            | E::Tampered(_)
            | E::OldSqlite(_)
            | E::Database(_) => Exit::Database,
        };
        Self::new(exit, error.to_string())
    }
}

/// Puts what did not happen before why.
pub trait Told<T> {
    /// `what` is a clause ("the channel was not added").
    fn told(self, what: &str) -> Result<T, Failure>;
}

impl<T, E: Into<Failure>> Told<T> for Result<T, E> {
    fn told(self, what: &str) -> Result<T, Failure> {
        self.map_err(|error| {
            let failure: Failure = error.into();
            Failure { text: format!("{what}: {}", failure.text), ..failure }
        })
    }
}

/// A chain of causes, the outermost first.
impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        match error.downcast::<std::io::Error>() {
            Ok(error) => error.into(),
            Err(error) => Self::failed(format!("{error:#}")),
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::new(Exit::Usage, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_went_away_is_no_failure() {
        let failure = Failure::from(std::io::Error::from(std::io::ErrorKind::BrokenPipe));
        assert_eq!(failure, Failure::new(Exit::Ok, ""));
        assert_eq!(Failure::from(std::io::Error::other("no space")).exit, Exit::Failed);
    }

    #[test]
    fn the_help_lists_every_number() {
        use Exit::{Database, Failed, NeedsPerson, NotFound, Ok, Usage};
        for exit in [Ok, Failed, Usage, NotFound, Database, NeedsPerson] {
            assert!(EXIT_HELP.lines().any(|line| line.starts_with(&format!("  {}  ", exit.number()))), "{exit:?}");
        }
    }
}
