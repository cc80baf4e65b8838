//! Files beside the database, stored under the hash of their content: never under a name that a stranger chose, never twice.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tokio::io::AsyncReadExt;

use super::error::{Error, Result};
use super::open::make_private_folder;

/// The folder of files.
#[derive(Clone, Debug)]
pub struct Blobs {
    folder: PathBuf,
}

/// A file that is now in the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// The content's SHA-256, in lower-case hex.
    pub hash: String,
    /// Its length in bytes.
    pub size: u64,
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

impl Blobs {
    /// Files in this folder, which is made when the first comes.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Where a file of that hash is (whether or not it is there). `None` when the text is not a hash, so that no path can be built from it.
    pub fn path(&self, hash: &str) -> Option<PathBuf> {
        let valid = hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        valid.then(|| self.folder.join(&hash[..2]).join(hash))
    }

    /// Every file that is kept, with its hash.
    pub fn kept(&self) -> Result<Vec<(String, PathBuf)>> {
        let named = |cause| failed("the attachments' folder cannot be read", cause);
        let mut found = Vec::new();
        if !self.folder.exists() {
            return Ok(found);
        }
        for folder in std::fs::read_dir(&self.folder).map_err(named)? {
            let folder = folder.map_err(named)?.path();
            if !folder.is_dir() {
                continue;
            }
            for file in std::fs::read_dir(folder).map_err(named)? {
                let file = file.map_err(named)?.path();
                let hash = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
                if self.path(&hash).as_ref() == Some(&file) {
                    found.push((hash, file));
                }
            }
        }
        found.sort();
        Ok(found)
    }

    /// A new, empty place to write a file to before it is kept; nobody else writes there.
    pub fn scratch(&self, unique: i64) -> Result<PathBuf> {
        let folder = self.folder.join("incoming");
        make_private_folder(&folder).map_err(|cause| failed("the attachments' folder cannot be made", cause))?;
        Ok(folder.join(format!("{unique:x}")))
    }

    /// Keeps a file that lies in a [`Blobs::scratch`] place: it moves under its hash.
    pub async fn keep(&self, scratch: &Path) -> Result<Blob> {
        let blob = digest(scratch).await?;
        let Some(path) = self.path(&blob.hash) else {
            return Err(Error::Stored { what: "hash", detail: blob.hash });
        };
        if let Some(folder) = path.parent() {
            make_private_folder(folder).map_err(|cause| failed("the attachment cannot be stored", cause))?;
        }
        tokio::fs::rename(scratch, &path).await.map_err(|cause| failed("the attachment cannot be stored", cause))?;
        Ok(blob)
    }

    /// Copies an agent's own file in, so that what is sent is what the file was when they sent it.
    pub async fn take_in(&self, file: &Path, unique: i64) -> Result<Blob> {
        let scratch = self.scratch(unique)?;
        let named = |cause| failed(&format!("{} cannot be read", file.display()), cause);
        tokio::fs::copy(file, &scratch).await.map_err(named)?;
        restrict(&scratch).await?;
        let stored = tokio::fs::File::open(&scratch).await.map_err(named)?;
        stored.sync_all().await.map_err(named)?;
        self.keep(&scratch).await
    }
}

#[cfg(unix)]
async fn restrict(path: &Path) -> Result<()> {
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    tokio::fs::set_permissions(path, mode).await.map_err(|cause| failed("the attachment cannot be stored", cause))
}

#[cfg(not(unix))]
async fn restrict(_: &Path) -> Result<()> {
    Ok(())
}

async fn digest(path: &Path) -> Result<Blob> {
    let named = |cause| failed("the attachment cannot be read", cause);
    let mut file = tokio::fs::File::open(path).await.map_err(named)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    let mut size = 0;
    loop {
        let read = file.read(&mut buffer).await.map_err(named)?;
        if read == 0 {
            return Ok(Blob { hash: hex(&hasher.finalize()), size });
        }
        hasher.update(&buffer[..read]);
        size += read as u64;
    }
}

fn failed(what: &str, cause: std::io::Error) -> Error {
    Error::File { what: what.to_owned(), cause }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_hash_becomes_a_path() {
        let blobs = Blobs::new("files".into());
        assert!(blobs.path(&"a1".repeat(32)).is_some());
        for hostile in ["../../etc/passwd", "", &"A1".repeat(32), &"/".repeat(64)] {
            assert_eq!(blobs.path(hostile), None, "{hostile}");
        }
    }

    #[tokio::test]
    async fn the_same_content_is_stored_once_whatever_its_name() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = Blobs::new(dir.path().join("files"));
        std::fs::write(dir.path().join("a.txt"), b"hello").unwrap();
        std::fs::write(dir.path().join("b.txt"), b"hello").unwrap();
        let a = blobs.take_in(&dir.path().join("a.txt"), 1).await.unwrap();
        let b = blobs.take_in(&dir.path().join("b.txt"), 2).await.unwrap();
        assert_eq!(a, b);
        assert_eq!(a.hash, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
        assert_eq!(std::fs::read(blobs.path(&a.hash).unwrap()).unwrap(), b"hello");
    }
}
