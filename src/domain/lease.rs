//! Who keeps the database in step with the channels, for people to read. What keeps two from it is a lock of the system's or the server's; this
//! is only what its holder says of itself.

use super::time::{Span, Timestamp, age};

/// How often the holder says that it is at work.
pub const BEAT: Span = Span::secs(10);
/// After so long without a word it is worth a look.
pub const SILENT: Span = Span::secs(30);

/// A program that may sync.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    /// What it was started as: `serve`, `sync`, or `a screen`.
    pub kind: String,
    /// The machine's name.
    pub host: String,
    /// Its number there.
    pub pid: u32,
}

/// The program that syncs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Which.
    pub program: Program,
    /// Since when.
    pub since: Timestamp,
    /// When it last said so.
    pub beat_at: Timestamp,
}

impl std::fmt::Display for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} on {} (process {})", self.kind, self.host, self.pid)
    }
}

impl Holder {
    /// Whether it has said nothing for so long that something is wrong with it.
    pub fn is_silent(&self, now: Timestamp) -> bool {
        now.since(self.beat_at) > SILENT
    }

    /// Who it is and how it does, with what to do when it does not.
    pub fn words(&self, now: Timestamp) -> String {
        let ago = now.since(self.beat_at).0.max(0) / 1_000_000;
        if self.is_silent(now) {
            let silent = age(self.beat_at, now, chrono_tz::Tz::UTC);
            return format!(
                "{} holds the lock and has said nothing for {silent}: it may be stopped or stuck; look after it, or end it",
                self.program
            );
        }
        format!("{} syncs; last beat {ago} s ago", self.program)
    }

    /// The same where there is little room.
    pub fn short(&self, now: Timestamp) -> String {
        let Program { kind, host, .. } = &self.program;
        if self.is_silent(now) {
            format!("{kind} on {host} silent for {}", age(self.beat_at, now, chrono_tz::Tz::UTC))
        } else {
            format!("{kind} on {host} syncs")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holder_is_told_by_its_name_and_one_that_says_nothing_as_that() {
        let at = Timestamp::from_secs(1_000_000);
        let program = Program { kind: "serve".to_owned(), host: "desk-1".to_owned(), pid: 42 };
        let holder = Holder { program, since: at, beat_at: at };
        let check = |later: i64, words: &str, short: &str| {
            let now = at.plus(Span::secs(later));
            assert_eq!((holder.words(now).as_str(), holder.short(now).as_str()), (words, short));
        };
        check(4, "serve on desk-1 (process 42) syncs; last beat 4 s ago", "serve on desk-1 syncs");
        check(30, "serve on desk-1 (process 42) syncs; last beat 30 s ago", "serve on desk-1 syncs");
        check(
            180,
            "serve on desk-1 (process 42) holds the lock and has said nothing for 3m: it may be stopped or stuck; look after it, or end it",
            "serve on desk-1 silent for 3m",
        );
        // A clock that was set back makes nobody stuck.
        check(-100, "serve on desk-1 (process 42) syncs; last beat 0 s ago", "serve on desk-1 syncs");
    }
}
