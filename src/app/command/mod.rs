//! The one table of commands. Help, palette, hints on the last row, the keymap file and the documents are made from it; adding a command
//! is adding a row to the file of its context.

mod always;
mod argument;
mod browse;
mod canned;
mod compose;
pub mod docs;
mod floating;
mod global;
mod inbox;
mod line;
mod list;
mod queue;
mod search;
mod templates;
mod thread;
mod triage;
mod view;

use super::focus::Context;
use super::{App, Cx};

pub use argument::{Argument, Choice};

/// One command.
#[derive(Debug)]
pub struct Command {
    /// The name in the keymap file and the palette, `subject.verb`.
    pub name: &'static str,
    /// Other words the palette knows it by (`q` for `:q`).
    pub aliases: &'static [&'static str],
    /// Where its keys work.
    pub context: Context,
    /// What the palette and the help call it.
    pub title: &'static str,
    /// One word or two for the last row of the screen; empty keeps it off there.
    pub hint: &'static str,
    /// What it does, in a sentence.
    pub doc: &'static str,
    /// Its keys unless the keymap file changes them, the likeliest first.
    pub keys: &'static [&'static str],
    /// What may stand after its name on the command line.
    pub argument: Option<&'static Argument>,
    /// Whether it can run now; if not, why, as a sentence without a full stop.
    pub enabled: fn(&App, &Cx) -> Result<(), String>,
    /// Runs it.
    pub run: fn(&mut App, &Cx),
}

const TABLE: [&[Command]; 21] = [
    inbox::ROWS,
    inbox::LIST,
    triage::ROWS,
    thread::ROWS,
    compose::ROWS,
    queue::ROWS,
    global::ROWS,
    list::ROWS,
    view::ROWS,
    browse::ROWS,
    floating::FIELD,
    search::ROWS,
    canned::ROWS,
    line::ROWS,
    list::FILTER,
    floating::CHANNELS,
    templates::ROWS,
    templates::BULKS,
    floating::REACT,
    floating::CONFIRM,
    always::ROWS,
];

impl Command {
    /// The word people type for it on the command line: its name where that is one word, else its first alias.
    pub fn word(&self) -> &'static str {
        match self.aliases {
            [first, ..] if self.name.contains('.') => first,
            _ => self.name,
        }
    }

    /// The word with what may stand after it: `assign NAME`.
    pub fn usage(&self) -> String {
        self.argument.map_or_else(|| self.word().to_owned(), |argument| format!("{} {}", self.word(), argument.shown))
    }

    /// Somebody who types this word means this command.
    pub fn is_called(&self, word: &str) -> bool {
        self.name.eq_ignore_ascii_case(word) || self.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(word))
    }
}

/// Every command, context by context.
pub fn all() -> impl Iterator<Item = &'static Command> {
    TABLE.into_iter().flatten()
}

/// The command of that name.
pub fn find(name: &str) -> Option<&'static Command> {
    all().find(|command| command.name == name)
}

/// For commands that can always run.
#[expect(clippy::unnecessary_wraps, reason = "has the type of a row's `enabled`")]
fn always_enabled(_: &App, _: &Cx) -> Result<(), String> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_its_own_name_and_words_to_find_it_by() {
        let mut names: Vec<&str> = all().flat_map(|command| command.aliases.iter().copied().chain([command.name])).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        for command in all() {
            assert!(!command.title.is_empty() && command.doc.ends_with('.'), "{}", command.name);
        }
    }

    #[test]
    fn every_command_is_reached_by_a_key_or_by_the_palette() {
        for command in all() {
            let in_palette = matches!(
                command.context,
                Context::Inbox | Context::List | Context::Thread | Context::Queue | Context::Global | Context::Always
            );
            assert!(in_palette || !command.keys.is_empty(), "{}", command.name);
        }
    }
}
