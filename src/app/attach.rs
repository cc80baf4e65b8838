//! Files that go with a reply: found by their path, held until it is sent.

use std::path::PathBuf;

use super::effect::{Folder, FolderEntry, Mode};
use super::msg::{Code, Key};
use super::overlay::{Overlay, Picker, PickerRow, Purpose};
use super::{App, Cx};
use crate::domain::attachment::{Attachment, FileKind, Stored, human_size};
use crate::domain::id::AttachmentId;
use crate::domain::text::Safe;

/// Files of one reply, at most.
const FILES: usize = 10;
/// Where one begins to look.
const HOME: &str = "~/";

/// A file that goes with the reply that is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attached {
    /// Where it is.
    pub path: PathBuf,
    /// The name the customer sees.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
}

impl Attached {
    /// How it is shown before the store knows it.
    pub(super) fn ahead(&self, place: usize) -> Attachment {
        let (kind, mime) = FileKind::of_file_name(&self.name);
        Attachment {
            id: AttachmentId(-1 - place as i64),
            kind,
            name: self.name.clone(),
            mime: mime.to_owned(),
            size: Some(self.size),
            seconds: None,
            stored: Stored::Here,
            hash: None,
        }
    }
}

impl App {
    pub(crate) fn need_attach(&self) -> Result<(), String> {
        if !self.setup.local {
            return Err("Files are attached where frontdesk runs on your own machine".to_owned());
        }
        let composer = self.thread.as_ref().map(|thread| &thread.composer).ok_or("No conversation is open")?;
        if composer.is_editing() || composer.mode == Mode::Note {
            return Err("Files go with replies only".to_owned());
        }
        if composer.files.len() >= FILES {
            return Err(format!("A reply takes up to {FILES} files"));
        }
        Ok(())
    }

    /// Asks for a file's path.
    pub(crate) fn ask_attachment(&mut self) {
        let folder = self.folder.as_ref().map_or_else(|| HOME.to_owned(), |folder| folder.typed.clone());
        self.ask_attachment_in(&folder);
    }

    fn ask_attachment_in(&mut self, folder: &str) {
        let mut picker = Picker::new(Purpose::Attach, "attach a file", Vec::new(), "Nothing here begins so.");
        picker.field.paste(folder);
        self.overlays.push(Overlay::Picker(picker));
        self.load_folder(folder.to_owned());
    }

    /// The path that is typed changed: another folder is read, or the same one's entries are chosen anew.
    pub(super) fn look_for_file(&mut self) {
        let Some(Overlay::Picker(picker)) = self.overlays.last_mut() else { return };
        let typed = picker.field.text();
        let (folder, name) = split_path(&typed);
        match &self.folder {
            Some(known) if known.typed == folder => {
                picker.refill(entry_rows(&known.entries, name));
                picker.selected = 0;
            }
            _ => {
                picker.refill(Vec::new());
                let folder = folder.to_owned();
                self.load_folder(folder);
            }
        }
    }

    /// A folder was read.
    pub(super) fn know_folder(&mut self, folder: Folder) {
        self.folder = Some(folder);
        let asks = |overlay: &Overlay| matches!(overlay, Overlay::Picker(picker) if picker.purpose == Purpose::Attach);
        if self.overlays.last().is_some_and(asks) {
            self.look_for_file();
        }
    }

    /// Tab completes a path to the selected entry.
    pub(super) fn completes_path(&mut self, key: Key) -> bool {
        let Some(Overlay::Picker(picker)) = self.overlays.last_mut() else { return false };
        if picker.purpose != Purpose::Attach || key.code != Code::Tab {
            return false;
        }
        let entry = picker.row().and_then(|row| self.folder.as_ref()?.entries.get(usize::try_from(row.value).ok()?));
        if let Some(entry) = entry {
            let typed = picker.field.text();
            let (folder, _) = split_path(&typed);
            let end = if entry.folder { "/" } else { "" };
            picker.field.replace(&format!("{folder}{}{end}", entry.name));
            self.look_for_file();
        }
        true
    }

    /// An entry was chosen: a folder is looked into, a file goes with the reply.
    pub(super) fn attach(&mut self, row: &PickerRow, cx: &Cx) {
        let Some(folder) = &self.folder else { return };
        let Some(entry) = usize::try_from(row.value).ok().and_then(|at| folder.entries.get(at)) else { return };
        if entry.folder {
            let inside = format!("{}{}/", folder.typed, entry.name);
            return self.ask_attachment_in(&inside);
        }
        let file = Attached { path: folder.path.join(&entry.name), name: entry.name.clone(), size: entry.size };
        let provider = self.thread.as_ref().and_then(|thread| thread.summary.as_ref()).and_then(|summary| self.provider(&summary.provider));
        let (_, mime) = FileKind::of_file_name(&file.name);
        if let Some(Err(why)) = provider.map(|provider| provider.takes_file(&file.name, mime, file.size)) {
            return self.complain(&format!("Not attached: {why}"), cx);
        }
        if let Some(thread) = &mut self.thread
            && !thread.composer.files.contains(&file)
        {
            thread.composer.files.push(file);
        }
    }

    pub(crate) fn need_attached(&self) -> Result<(), String> {
        let any = self.thread.as_ref().is_some_and(|thread| !thread.composer.files.is_empty());
        if any { Ok(()) } else { Err("No file is attached".to_owned()) }
    }

    /// Takes the last file off again.
    pub(crate) fn detach(&mut self, cx: &Cx) {
        if let Some(file) = self.thread.as_mut().and_then(|thread| thread.composer.files.pop()) {
            self.say(&format!("{} is not attached any more", file.name), cx);
        }
    }
}

/// The folder that is typed, up to its last slash, and what is typed of a name in it.
fn split_path(typed: &str) -> (&str, &str) {
    typed.rfind('/').map_or(("", typed), |slash| typed.split_at(slash + 1))
}

/// The entries whose name begins with what is typed, then those that contain it. Hidden ones are shown to who types the dot.
fn entry_rows(entries: &[FolderEntry], typed: &str) -> Vec<PickerRow> {
    let typed = typed.to_lowercase();
    let row = |at: usize, entry: &FolderEntry| PickerRow {
        title: Safe::line(&format!("{}{}", entry.name, if entry.folder { "/" } else { "" })),
        detail: if entry.folder { Safe::default() } else { Safe::line(&human_size(entry.size)) },
        on: None,
        value: at as i64,
    };
    let mut rows: Vec<(bool, PickerRow)> = entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| !entry.name.starts_with('.') || typed.starts_with('.'))
        .filter_map(|(at, entry)| {
            let name = entry.name.to_lowercase();
            name.contains(&typed).then(|| (!name.starts_with(&typed), row(at, entry)))
        })
        .collect();
    rows.sort_by_key(|(later, _)| *later);
    rows.into_iter().map(|(_, row)| row).collect()
}
