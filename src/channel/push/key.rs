//! The pair of keys that notices are signed with. Made once: every subscription is tied to the public one, so that another key could tell nobody.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use web_push_native::p256::ecdsa::signature::Signer as _;
use web_push_native::p256::ecdsa::{Signature, SigningKey};
use web_push_native::p256::elliptic_curve::rand_core::OsRng;

use crate::domain::time::{Span, Timestamp};

/// How long a signature holds; services take a day at most.
const HOLDS: Span = Span::hours(12);

/// The keys. Prints as `[redacted]`.
#[derive(Clone)]
pub struct Key(SigningKey);

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file can be neither read nor made.
    #[error("no notice can be pushed: the key {} can be neither read nor made ({cause}); check that the folder is yours to write", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// There is something else in the file.
    #[error(
        "no notice can be pushed: what {} holds is no key. Put the right one back; without it remove the file: a new key is made, and devices \
         must subscribe again",
        path.display()
    )]
    Damaged {
        /// Which file.
        path: PathBuf,
    },
}

/// The keys in that file, which is made when there is none, for its owner's eyes only.
pub fn key(path: &Path) -> Result<Key, KeyError> {
    let failed = |cause| KeyError::File { path: path.to_owned(), cause };
    match std::fs::read_to_string(path) {
        Ok(text) => read(&text).ok_or_else(|| KeyError::Damaged { path: path.to_owned() }),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(KeyError::Damaged { path: path.to_owned() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let made = make(path).map_err(failed)?;
            // Another process that made one at the same time was faster: its key is the one.
            made.map_or_else(|| key(path), Ok)
        }
        Err(error) => Err(failed(error)),
    }
}

fn read(text: &str) -> Option<Key> {
    let bytes = URL_SAFE_NO_PAD.decode(text.trim()).ok()?;
    SigningKey::from_slice(&bytes).ok().map(Key)
}

/// A new key in a new file, whole or not at all; `None` when there is a file meanwhile.
fn make(path: &Path) -> io::Result<Option<Key>> {
    let key = SigningKey::random(&mut OsRng);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    // A temporary file is its owner's alone from the beginning, and keeps that under its new name.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    writeln!(file, "{}", URL_SAFE_NO_PAD.encode(key.to_bytes()))?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(Some(Key(key))),
        Err(failed) if failed.error.kind() == io::ErrorKind::AlreadyExists => Ok(None),
        Err(failed) => Err(failed.error),
    }
}

impl Key {
    /// The public key in base64url, as pages and services read it.
    pub fn public(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.verifying_key().to_encoded_point(false).as_bytes())
    }

    /// The `Authorization` of a push to a service of that origin (`https://push.example.net`), by who can be reached at `contact`.
    pub fn signature(&self, origin: &str, contact: &str, now: Timestamp) -> String {
        let claims = json!({"aud": origin, "exp": now.plus(HOLDS).secs(), "sub": contact}).to_string();
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"ES256"}"#), URL_SAFE_NO_PAD.encode(claims));
        let signature: Signature = self.0.sign(signed.as_bytes());
        format!("vapid t={signed}.{}, k={}", URL_SAFE_NO_PAD.encode(signature.to_bytes()), self.public())
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_for_its_owner_alone_and_found_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("push.key");
        let made = key(&path).unwrap();
        assert_eq!(key(&path).unwrap().public(), made.public());
        assert_eq!(made.public().len(), 87);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "nothing else is left");
        assert!(!format!("{made:?}").contains(std::fs::read_to_string(&path).unwrap().trim()));
    }

    #[test]
    fn those_who_make_one_at_the_same_time_get_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("push.key");
        let keys: Vec<String> = std::thread::scope(|scope| {
            let makers: Vec<_> = (0..8).map(|_| scope.spawn(|| key(&path).unwrap().public())).collect();
            makers.into_iter().map(|maker| maker.join().unwrap()).collect()
        });
        assert!(keys.iter().all(|one| *one == keys[0]), "{keys:?}");
    }

    #[test]
    fn a_file_with_something_else_is_kept_and_told() {
        let dir = tempfile::tempdir().unwrap();
        for (name, bytes) in [("words", &b"no key\n"[..]), ("short", b"AAAA"), ("empty", b""), ("binary", b"\xff\xfe")] {
            let path = dir.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            assert!(matches!(key(&path), Err(KeyError::Damaged { .. })), "{name}");
            assert_eq!(std::fs::read(&path).unwrap(), bytes);
        }
        let nowhere = key(&dir.path().join("none/push.key")).unwrap_err().to_string();
        assert!(nowhere.contains("check that the folder"), "{nowhere}");
    }
}
