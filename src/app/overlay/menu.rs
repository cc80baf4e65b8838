//! A few choices, each with its letter: what to do is known, only which is asked.

use crate::app::thread_acts::{FileAct, Held};
use crate::domain::canned::Canned;
use crate::domain::conversation::Priority;
use crate::domain::id::{AttachmentId, CounterId, TicketId};
use crate::domain::link::Url;
use crate::domain::queue::look::Ask;
use crate::domain::text::Safe;
use crate::domain::time::Timestamp;

/// The menu's state.
#[derive(Debug)]
pub struct Menu {
    /// What is asked.
    pub title: Safe,
    /// The choices.
    pub rows: Vec<MenuRow>,
    /// The selected one.
    pub selected: usize,
}

/// One choice.
#[derive(Clone, Debug)]
pub struct MenuRow {
    /// The letter that takes it at once.
    pub key: char,
    /// What it is called.
    pub title: Safe,
    /// More about it, on the right.
    pub detail: Safe,
    /// What it means.
    pub choice: MenuChoice,
}

/// What a choice means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MenuChoice {
    /// Show the view of this number.
    ShowView(i64),
    /// Save what is shown under this number.
    SaveView(i64),
    /// Forget the view of this number.
    DeleteView(i64),
    /// How soon somebody should look at the conversation.
    Priority(Priority),
    /// When a reply is to leave.
    SendAt(Timestamp),
    /// A reply is to leave at a time that is typed.
    SendAtTyped,
    /// Other words or another shortcut for a canned reply.
    EditCanned(Canned),
    /// A canned reply is not needed any more.
    RemoveCanned(Canned),
    /// What goes to the clipboard.
    Copy(Safe),
    /// Out of sight until then; without a time until the customer writes.
    Snooze(Option<Timestamp>),
    /// Out of sight until a time that is asked for next.
    SnoozeUntil,
    /// Something a message holds.
    Held(Held),
    /// What to do with a file.
    File(AttachmentId, FileAct),
    /// Go where a link leads.
    OpenLink(Url),
    /// Copy where it leads.
    CopyLink(Url),
    /// Ask this of the queue.
    Queue(Box<Ask>),
    /// Put a ticket aside until a time that is asked for next; with the version that was seen.
    ParkUntil(TicketId, i64),
    /// What a counter is to be is asked next.
    Counter(CounterId),
}

impl Menu {
    /// A menu with its first row selected.
    pub fn new(title: &str, rows: Vec<MenuRow>) -> Box<Self> {
        Box::new(Self { title: Safe::line(title), rows, selected: 0 })
    }

    /// The size it would like, in columns and rows, frame included.
    pub fn size(&self) -> (u16, u16) {
        let row = |row: &MenuRow| row.title.width() + row.detail.width() + 9;
        let width = self.rows.iter().map(row).chain([self.title.width() + 6]).max().unwrap_or(0);
        (width.clamp(46, 76) as u16, self.rows.len() as u16 + 2)
    }

    /// What the letter means here.
    pub fn letter(&self, key: char) -> Option<MenuChoice> {
        self.rows.iter().find(|row| row.key == key).map(|row| row.choice.clone())
    }

    /// What the selected row means.
    pub fn chosen(&self) -> Option<MenuChoice> {
        self.rows.get(self.selected).map(|row| row.choice.clone())
    }
}
