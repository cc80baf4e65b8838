//! The pictures of the open thread: how many rows each takes once it is known, and the few that are at hand to be painted.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Thread;
use crate::app::effect::Query;
use crate::app::pane::item::{INDENT, MARGIN};
use crate::domain::id::AttachmentId;
use crate::domain::picture::{Picture, Pictured, may_be_one};

/// The most pictures at hand; of the others only the size is kept.
const MOST: usize = 16;
/// The most columns a picture takes.
const COLUMNS: usize = 60;
/// Fewer columns than that are not worth a picture.
const FEWEST: usize = 8;

/// What became of a file that may be a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It takes so many rows.
    Shown {
        /// How many.
        rows: u16,
    },
    /// It could not be read as one.
    Broken,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Pictures {
    /// What the terminal told; without it there are none.
    terminal: Option<Pictured>,
    fates: BTreeMap<AttachmentId, Fate>,
    /// The one that was read last stands at the end.
    at_hand: Vec<(AttachmentId, Arc<Picture>)>,
}

impl Pictures {
    /// What became of a file, if that is known.
    pub fn fate(&self, file: AttachmentId) -> Option<Fate> {
        self.fates.get(&file).copied()
    }

    /// The picture of a file, if it is at hand.
    pub fn at_hand(&self, file: AttachmentId) -> Option<&Arc<Picture>> {
        self.at_hand.iter().find(|(known, _)| *known == file).map(|(_, picture)| picture)
    }

    fn take(&mut self, file: AttachmentId, picture: Option<Arc<Picture>>) {
        let fate = picture.as_ref().map_or(Fate::Broken, |picture| Fate::Shown { rows: picture.rows });
        self.fates.insert(file, fate);
        self.at_hand.retain(|(known, _)| *known != file);
        self.at_hand.extend(picture.map(|picture| (file, picture)));
        let surplus = self.at_hand.len().saturating_sub(MOST);
        self.at_hand.drain(..surplus);
    }
}

impl Thread {
    /// What the terminal can show is known, or has changed.
    pub fn see_terminal(&mut self, terminal: Option<Pictured>) {
        if self.pictures.terminal != terminal {
            self.pictures = Pictures { terminal, ..Pictures::default() };
            self.rearrange();
        }
    }

    /// A file was read: it is a picture, or none that can be shown.
    pub fn show_picture(&mut self, file: AttachmentId, picture: Option<Arc<Picture>>) {
        self.pictures.take(file, picture);
        self.rearrange();
    }

    /// The lowest picture on the screen that is not at hand.
    pub fn wanted_picture(&self) -> Option<Query> {
        let terminal = self.pictures.terminal?;
        let columns = self.width.saturating_sub(INDENT + MARGIN).min(COLUMNS);
        if columns < FEWEST || self.items.is_empty() {
            return None;
        }
        let on_screen = self.items.get(self.first_visible()..=self.last_visible())?.iter().rev();
        let mut files = on_screen.flat_map(|item| item.message.attachments.iter().rev());
        let file = files.find(|file| {
            let lacking = match self.pictures.fate(file.id) {
                None => true,
                Some(Fate::Shown { .. }) => self.pictures.at_hand(file.id).is_none_or(|picture| usize::from(picture.columns) > columns),
                Some(Fate::Broken) => false,
            };
            lacking && may_be_one(file)
        })?;
        Some(Query::Picture { file: file.id, columns: columns as u16, terminal })
    }

    fn rearrange(&mut self) {
        let anchor = self.anchor();
        self.arrange();
        self.restore(anchor);
    }
}
