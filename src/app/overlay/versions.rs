//! What a message read before it was edited, and what each edit changed.

use similar::{ChangeTag, TextDiff};

use crate::domain::id::MessageId;
use crate::domain::text::Safe;
use crate::domain::time::Timestamp;

/// The most of a version that is compared, in bytes; a longer one is shown as it stands.
const COMPARED: usize = 16 * 1024;

/// The overlay's state.
#[derive(Debug)]
pub struct Versions {
    /// Of which message.
    pub message: MessageId,
    /// What it reads now, and since when.
    now: (String, Timestamp),
    /// When each version was written and what it read, the oldest first; the present one is the last. Nothing until it was read.
    pub versions: Vec<(Timestamp, Safe)>,
    /// When it was deleted for the customer.
    pub deleted_at: Option<Timestamp>,
    /// The first row shown.
    pub top: usize,
}

impl Versions {
    /// The versions of a message that reads `text` since `since` now; the earlier ones are still to be read.
    pub fn new(message: MessageId, text: &str, since: Timestamp, deleted_at: Option<Timestamp>) -> Box<Self> {
        Box::new(Self { message, now: (text.to_owned(), since), versions: Vec::new(), deleted_at, top: 0 })
    }

    /// The earlier versions are here.
    pub fn fill(&mut self, earlier: &[(Timestamp, String)]) {
        let (text, since) = &self.now;
        let all: Vec<(Timestamp, &str)> = earlier.iter().map(|(at, text)| (*at, text.as_str())).chain([(*since, text.as_str())]).collect();
        let changed = |n: usize| n.checked_sub(1).map_or_else(|| Safe::block(all[n].1), |before| changes(all[before].1, all[n].1));
        self.versions = (0..all.len()).map(|n| (all[n].0, changed(n))).collect();
    }
}

/// The new text with what was taken out between `[-` and `-]` and what was put in between `{+` and `+}`, word by word.
fn changes(old: &str, new: &str) -> Safe {
    if old.len() + new.len() > COMPARED {
        return Safe::block(new);
    }
    let mut out = String::new();
    let mut open = ChangeTag::Equal;
    let mark = |out: &mut String, from: ChangeTag, to: ChangeTag| {
        if from == to {
            return;
        }
        let blanks = out.len() - out.trim_end().len();
        let rest = out.split_off(out.len() - blanks);
        out.push_str(match from {
            ChangeTag::Delete => "-]",
            ChangeTag::Insert => "+}",
            ChangeTag::Equal => "",
        });
        out.push_str(&rest);
        out.push_str(match to {
            ChangeTag::Delete => "[-",
            ChangeTag::Insert => "{+",
            ChangeTag::Equal => "",
        });
    };
    for change in TextDiff::from_words(old, new).iter_all_changes() {
        mark(&mut out, open, change.tag());
        open = change.tag();
        out.push_str(change.value());
    }
    mark(&mut out, open, ChangeTag::Equal);
    Safe::block(&out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_is_marked_word_by_word() {
        let check = |old: &str, new: &str, want: &str| assert_eq!(changes(old, new).as_str(), want);
        check("court 2 at seven", "court 3 at seven", "court [-2-]{+3+} at seven");
        check("court 2", "court 2 please", "court 2{+ please+}");
        check("same", "same", "same");
        check("", "new", "{+new+}");
        check("all gone", "", "[-all gone-]");
    }
}
