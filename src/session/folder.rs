//! Folders of the agent's own machine, read for whoever looks for a file to attach.

use std::path::{Path, PathBuf};

use crate::app::effect::{Folder, FolderEntry};
use crate::store::{Error, Result};

/// Entries read of one folder, at most.
const ENTRIES: usize = 5_000;

/// The entries of the folder that `typed` names: folders first, then files, by name. `~/` and paths that begin nowhere are taken from `home`.
pub(super) async fn read(home: PathBuf, typed: String) -> Result<Folder> {
    let path = resolved(&home, &typed);
    let shown = path.clone();
    let failed = move |cause| Error::File { what: format!("{} cannot be looked into", shown.display()), cause };
    let folder = path.clone();
    let read = tokio::task::spawn_blocking(move || entries(&folder)).await;
    let mut entries = read.map_err(std::io::Error::other).and_then(|read| read).map_err(failed)?;
    entries.sort_by_cached_key(|entry| (!entry.folder, entry.name.to_lowercase(), entry.name.clone()));
    Ok(Folder { typed, path, entries })
}

fn resolved(home: &Path, typed: &str) -> PathBuf {
    match typed.strip_prefix("~/") {
        Some(rest) => home.join(rest),
        None if typed == "~" => home.to_owned(),
        None => home.join(typed),
    }
}

fn entries(folder: &Path) -> std::io::Result<Vec<FolderEntry>> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder)?.take(ENTRIES) {
        let entry = entry?;
        // A name that is no text cannot be shown and typed; what a link points to counts, and a broken one is left out.
        let (Ok(name), Ok(meta)) = (entry.file_name().into_string(), std::fs::metadata(entry.path())) else { continue };
        if meta.is_dir() || meta.is_file() {
            out.push(FolderEntry { name, folder: meta.is_dir(), size: meta.len() });
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_folder_is_read_with_folders_first_and_its_tilde_is_the_home() {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(home.path().join("docs/old")).unwrap();
        std::fs::write(home.path().join("docs/b.pdf"), [0; 1_200]).unwrap();
        std::fs::write(home.path().join("docs/A.txt"), "x").unwrap();
        for typed in ["~/docs/", "docs/", home.path().join("docs").to_str().unwrap()] {
            let folder = read(home.path().to_owned(), typed.to_owned()).await.unwrap();
            let names: Vec<_> = folder.entries.iter().map(|entry| (entry.name.as_str(), entry.size)).collect();
            assert_eq!((names[0].0, &names[1..]), ("old", &[("A.txt", 1), ("b.pdf", 1_200)][..]), "{typed}");
        }
        assert!(read(home.path().to_owned(), "~/nowhere/".to_owned()).await.is_err());
    }
}
