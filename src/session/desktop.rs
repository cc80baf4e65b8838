//! What a person's own computer does for a screen: keeps the files they save, and opens files and links with the programs they chose.

use std::ffi::{OsStr, OsString};
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::domain::attachment::Attachment;
use crate::domain::file_name::{file_name, is_program, other_name};
use crate::domain::link::Url;
use crate::store::{Error, Result};

/// Names that are tried before a file is not saved.
const NAMES: u32 = 1_000;
/// An opener that has not failed by then has handed on what it was given.
const HANDED_ON: Duration = Duration::from_millis(500);

/// The desktop of the person at a local terminal.
#[derive(Clone, Debug)]
pub struct Desktop {
    /// Where files are saved.
    pub downloads: PathBuf,
    /// The program that opens files and addresses; none where there is no desktop.
    pub opener: Option<OsString>,
}

impl Desktop {
    /// Saves a copy of a stored file under the name its sender gave it, made safe; never over another file. A copy that is there already
    /// is not made again.
    pub(super) async fn save(&self, attachment: &Attachment, kept: &Path) -> Result<PathBuf> {
        let name = file_name(&attachment.name, attachment.kind, &attachment.mime);
        let (kept, folder) = (kept.to_owned(), self.downloads.clone());
        let shown = folder.display().to_string();
        let saved = tokio::task::spawn_blocking(move || copy(&kept, &folder, &name)).await;
        let failed = |cause: &dyn std::fmt::Display| Error::Refused(format!("Not saved in {shown}: {cause}"));
        saved.map_err(|cause| failed(&cause))?.map_err(|cause| failed(&cause))
    }

    /// Opens a saved file with the program the desktop has for its kind. Programs are not run.
    pub(super) async fn open_file(&self, path: &Path) -> Result<()> {
        let mut start = Vec::new();
        let begins = File::open(path).and_then(|file| file.take(64).read_to_end(&mut start));
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if begins.is_err() || is_program(&name, &start) {
            let shown = path.display();
            return Err(Error::Refused(format!("Saved as {shown}, but not opened: it is a program, and it came from somebody else")));
        }
        self.open(path.as_os_str(), &format!("Saved as {}, but not opened", path.display())).await
    }

    /// Goes where a link leads.
    pub(super) async fn open_link(&self, url: &Url) -> Result<()> {
        self.open(OsStr::new(url.as_str()), "Not opened").await
    }

    /// Hands something to the opener, as an argument and never through a shell. Whatever that starts outlives the screen.
    async fn open(&self, what: &OsStr, sorry: &str) -> Result<()> {
        let failed = |why: &str| Error::Refused(format!("{sorry}: {why}"));
        let Some(opener) = &self.opener else { return Err(failed("there is no desktop here; copy it instead")) };
        let mut command = Command::new(opener);
        command.arg(what).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn().map_err(|cause| failed(&format!("{} cannot be started: {cause}", opener.display())))?;
        match tokio::time::timeout(HANDED_ON, child.wait()).await {
            Ok(Ok(status)) if !status.success() => Err(failed("no program on this computer opens it")),
            _ => Ok(()),
        }
    }
}

/// Copies `from` into `folder` under `name`, or another one where that is taken.
fn copy(from: &Path, folder: &Path, name: &str) -> io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    for n in 1..=NAMES {
        let path = folder.join(other_name(name, n));
        match private().open(&path) {
            Ok(mut to) => {
                let copied = File::open(from).and_then(|mut from| io::copy(&mut from, &mut to));
                if let Err(cause) = copied {
                    // Half a file helps nobody.
                    let _ = std::fs::remove_file(&path);
                    return Err(cause);
                }
                return Ok(path);
            }
            Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {
                if is_same(from, &path) {
                    return Ok(path);
                }
            }
            Err(cause) => return Err(cause),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "there are too many files of this name"))
}

/// A new file that nobody else can read; never an existing one, never where a link points.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Both are plain files of the same content.
fn is_same(a: &Path, b: &Path) -> bool {
    let plain = |path: &Path| std::fs::symlink_metadata(path).ok().filter(std::fs::Metadata::is_file).map(|file| file.len());
    let (Some(a_len), Some(b_len)) = (plain(a), plain(b)) else { return false };
    if a_len != b_len {
        return false;
    }
    let (Ok(a), Ok(b)) = (File::open(a), File::open(b)) else { return false };
    let (mut a, mut b) = (io::BufReader::new(a).bytes(), io::BufReader::new(b).bytes());
    loop {
        match (a.next(), b.next()) {
            (None, None) => return true,
            (Some(Ok(a)), Some(Ok(b))) if a == b => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::domain::attachment::{FileKind, Stored};
    use crate::domain::id::AttachmentId;

    fn file(name: &str) -> Attachment {
        Attachment {
            id: AttachmentId(1),
            kind: FileKind::Document,
            name: name.to_owned(),
            mime: String::new(),
            size: None,
            seconds: None,
            stored: Stored::Here,
            hash: None,
        }
    }

    fn desktop(dir: &Path, script: &str) -> Desktop {
        let opener = dir.join("opener");
        std::fs::write(&opener, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&opener, std::fs::Permissions::from_mode(0o700)).unwrap();
        Desktop { downloads: dir.join("downloads"), opener: Some(opener.into()) }
    }

    #[tokio::test]
    async fn a_file_is_saved_for_its_owner_alone_and_never_over_another() {
        let dir = tempfile::tempdir().unwrap();
        let desktop = desktop(dir.path(), "exit 0");
        let kept = |n: u32, content: &str| {
            let path = dir.path().join(n.to_string());
            std::fs::write(&path, content).unwrap();
            path
        };
        let save = async |content: &Path| desktop.save(&file("../invoice.pdf"), content).await.unwrap();
        let first = save(&kept(1, "one")).await;
        assert_eq!(first, desktop.downloads.join("invoice.pdf"));
        assert_eq!(std::fs::metadata(&first).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(save(&kept(2, "two")).await, desktop.downloads.join("invoice (2).pdf"));
        assert_eq!(save(&kept(1, "one")).await, first, "the same file is not saved twice");
        assert_eq!(std::fs::read_to_string(first).unwrap(), "one");
        std::os::unix::fs::symlink(dir.path().join("elsewhere"), desktop.downloads.join("link.txt")).unwrap();
        let saved = desktop.save(&file("link.txt"), &kept(1, "one")).await.unwrap();
        assert_eq!(saved, desktop.downloads.join("link (2).txt"), "a link that waits there is not followed");
        assert!(!dir.path().join("elsewhere").exists());
    }

    #[tokio::test]
    async fn a_file_is_handed_over_as_one_argument_and_a_program_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let told = dir.path().join("told");
        let desktop = desktop(dir.path(), &format!("printf '%s|%s' \"$#\" \"$1\" > '{}'", told.display()));
        let kept = dir.path().join("kept");
        std::fs::write(&kept, "%PDF").unwrap();
        let path = desktop.save(&file("a $(touch x); b.pdf"), &kept).await.unwrap();
        desktop.open_file(&path).await.unwrap();
        assert_eq!(std::fs::read_to_string(&told).unwrap(), format!("1|{}", path.display()));
        std::fs::remove_file(&told).unwrap();
        for name in ["setup.exe", "photo.jpg.desktop"] {
            let path = desktop.save(&file(name), &kept).await.unwrap();
            let refused = desktop.open_file(&path).await.unwrap_err().to_string();
            assert!(refused.contains("it is a program"), "{refused}");
        }
        assert!(!told.exists());
    }

    #[tokio::test]
    async fn an_opener_that_fails_or_is_not_there_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let url = Url::of("https://example.org").unwrap();
        let failing = desktop(dir.path(), "exit 3");
        assert!(failing.open_link(&url).await.unwrap_err().to_string().contains("no program on this computer opens it"));
        let none = Desktop { opener: None, ..failing.clone() };
        assert!(none.open_link(&url).await.unwrap_err().to_string().contains("there is no desktop here"));
        let missing = Desktop { opener: Some("/nowhere/opener".into()), ..failing };
        assert!(missing.open_link(&url).await.unwrap_err().to_string().contains("cannot be started"));
    }
}
