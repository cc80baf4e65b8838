//! Secrets: where they are kept, and a value that no log, error or debug print can show.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest as _, Sha256};

/// A secret's value. Prints as `[redacted]`.
#[derive(Clone)]
pub struct Secret(SecretString);

/// Where a secret is read from, each time a channel connects, so that a rotated one is picked up. This is what the database stores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// A file; its first line is the secret.
    File(PathBuf),
    /// An environment variable of the process that syncs.
    Env(String),
    /// A shell command whose first line of output is the secret.
    Command(String),
}

/// A secret that could not be read. Never holds the secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read.
    #[error("cannot read the secret from {path}: {cause}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// The variable is not set.
    #[error("the environment variable {0} is not set")]
    Env(String),
    /// The command failed; its output is not shown.
    #[error("the command for the secret failed: {0}")]
    Command(String),
    /// Nothing there.
    #[error("the secret is empty")]
    Empty,
    /// The stored description of where the secret is cannot be understood.
    #[error("unknown kind of secret source {0:?}")]
    Unknown(String),
}

impl Secret {
    /// Wraps a value that just came from outside.
    pub fn new(value: impl Into<String>) -> Self {
        Self(SecretString::from(value.into()))
    }

    /// The value, for the one place that sends it.
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }

    /// Nothing was given.
    pub fn is_empty(&self) -> bool {
        self.reveal().is_empty()
    }

    /// Whether somebody who calls knows it. How long that takes does not tell where they differ; an empty secret is known by nobody.
    pub fn is(&self, told: &str) -> bool {
        let (ours, theirs) = (Sha256::digest(self.reveal()), Sha256::digest(told));
        let differs = ours.iter().zip(theirs.iter()).fold(0, |differs, (a, b)| differs | (a ^ b));
        differs == 0 && !self.is_empty()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl SecretSource {
    /// As stored: `file:PATH`, `env:NAME` or `command:LINE`.
    pub fn encode(&self) -> String {
        match self {
            Self::File(path) => format!("file:{}", path.display()),
            Self::Env(name) => format!("env:{name}"),
            Self::Command(line) => format!("command:{line}"),
        }
    }

    /// From what [`SecretSource::encode`] made.
    pub fn decode(text: &str) -> Result<Self, SecretError> {
        match text.split_once(':') {
            Some(("file", path)) => Ok(Self::File(PathBuf::from(path))),
            Some(("env", name)) => Ok(Self::Env(name.to_owned())),
            Some(("command", line)) => Ok(Self::Command(line.to_owned())),
            _ => Err(SecretError::Unknown(text.split(':').next().unwrap_or_default().to_owned())),
        }
    }

    /// A warning when others on this machine can read the secret; `channel add` and `doctor` say it.
    #[cfg(unix)]
    pub fn exposed(&self) -> Option<String> {
        use std::os::unix::fs::PermissionsExt;
        let Self::File(path) = self else { return None };
        let meta = std::fs::metadata(path).ok()?;
        let open = meta.is_file() && meta.permissions().mode() & 0o077 != 0;
        open.then(|| format!("{} can be read by other users of this machine: run chmod 600 on it", path.display()))
    }

    /// A warning when others on this machine can read the secret; not looked at on this system.
    #[cfg(not(unix))]
    pub fn exposed(&self) -> Option<String> {
        None
    }

    /// Reads the secret. Blocks (a file, a child process): call it off the async threads.
    pub fn read(&self) -> Result<Secret, SecretError> {
        let text = match self {
            Self::File(path) => std::fs::read_to_string(path).map_err(|cause| SecretError::File { path: path.clone(), cause })?,
            Self::Env(name) => std::env::var(name).map_err(|_| SecretError::Env(name.clone()))?,
            Self::Command(line) => output_of(line)?,
        };
        match text.lines().next().map(str::trim) {
            Some(first) if !first.is_empty() => Ok(Secret::new(first)),
            _ => Err(SecretError::Empty),
        }
    }
}

fn output_of(line: &str) -> Result<String, SecretError> {
    let child = Command::new("sh").args(["-c", line]).stdin(Stdio::null()).stderr(Stdio::null()).output();
    let output = child.map_err(|cause| SecretError::Command(cause.to_string()))?;
    if !output.status.success() {
        return Err(SecretError::Command(output.status.to_string()));
    }
    String::from_utf8(output.stdout).map_err(|_| SecretError::Command("its output is not UTF-8".to_owned()))
}
