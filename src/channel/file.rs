//! Files on their way: a provider's bytes into a new file of ours, and a stored file into a form that is sent.

use std::path::Path;
use std::time::Duration;

use reqwest::Response;
use reqwest::multipart::Part;
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt as _;

use super::FetchError;
use super::http::{self, ClassifiedError};

/// The slowest transfer that is waited for, in bytes a second.
pub(super) const SLOWEST: u64 = 100_000;

/// What a provider said of a file before it sent it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Expected<'a> {
    /// Its size.
    pub size: Option<u64>,
    /// Its SHA-256 in hexadecimal; empty when not told.
    pub sha256: &'a str,
}

/// A new file that disappears again unless it is finished, also when the fetch is dropped half-way.
struct Partial<'a> {
    path: &'a Path,
    finished: bool,
}

impl Drop for Partial<'_> {
    fn drop(&mut self) {
        if !self.finished {
            // Nothing more can be done about a file that cannot be removed; the caller's next attempt names it.
            let _ = std::fs::remove_file(self.path);
        }
    }
}

/// How long a transfer of that many bytes may take.
pub(super) fn patience(bytes: u64) -> Duration {
    Duration::from_secs(60 + bytes / SLOWEST)
}

/// Writes an answer's body to `into` (a new file), stopping at `limit` bytes. `deadline` is the one the request was made with.
pub(super) async fn save(
    mut response: Response,
    deadline: Duration,
    into: &Path,
    limit: u64,
    expected: Expected<'_>,
) -> Result<(), FetchError> {
    if response.content_length().is_some_and(|length| length > limit) {
        return Err(FetchError::TooLarge);
    }
    let (mut out, mut partial) = create(into)?;
    let (mut taken, mut hash) = (0_u64, Sha256::new());
    while let Some(chunk) = http::next_chunk(&mut response, deadline).await.map_err(|error| unavailable(&error))? {
        taken += chunk.len() as u64;
        if taken > limit {
            return Err(FetchError::TooLarge);
        }
        hash.update(&chunk);
        out.write_all(&chunk).await.map_err(|error| unwritable(into, &error))?;
    }
    if let Some(size) = expected.size.filter(|size| *size != taken) {
        return Err(FetchError::Unavailable(format!("the file came incomplete ({taken} of {size} bytes)")));
    }
    if !expected.sha256.is_empty() && !expected.sha256.eq_ignore_ascii_case(&hex(&hash.finalize())) {
        return Err(FetchError::Unavailable("the file came damaged: its checksum is not the one the provider told".to_owned()));
    }
    out.sync_all().await.map_err(|error| unwritable(into, &error))?;
    partial.finished = true;
    Ok(())
}

/// Makes the new file. Without an await: one made on another thread would stay behind if the fetch were given up just then.
fn create(path: &Path) -> Result<(tokio::fs::File, Partial<'_>), FetchError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let out = options.open(path).map_err(|error| unwritable(path, &error))?;
    Ok((tokio::fs::File::from_std(out), Partial { path, finished: false }))
}

/// A fetch that got no answer.
pub(super) fn unavailable(error: &ClassifiedError) -> FetchError {
    FetchError::Unavailable(format!("the file could not be fetched: {error}"))
}

fn unwritable(path: &Path, error: &std::io::Error) -> FetchError {
    FetchError::Unavailable(format!("the file could not be written to {}: {error}", path.display()))
}

/// A stored file as a part of a form, read as it is sent, and its size. The error says what is wrong with the file.
pub(super) async fn part(path: &Path, name: &str, mime: &str) -> Result<(Part, u64), String> {
    let unreadable = |error: std::io::Error| format!("the file {name:?} cannot be read from our own store: {error}");
    let file = tokio::fs::File::open(path).await.map_err(unreadable)?;
    let size = file.metadata().await.map_err(unreadable)?.len();
    let part = Part::stream_with_length(reqwest::Body::from(file), size).file_name(file_name(name));
    let part = part.mime_str(media_type(mime)).map_err(|_| format!("{mime:?} is no media type"))?;
    Ok((part, size))
}

/// The name for a part's header. A line end in it would begin a header of its own: reqwest escapes quotes, but lets line ends through.
pub(super) fn file_name(told: &str) -> String {
    let name = told.replace(char::is_control, "_");
    if name.is_empty() { "file".to_owned() } else { name }
}

/// The media type, or the one for plain bytes when it has not the shape of one.
pub(super) fn media_type(told: &str) -> &str {
    let token = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "!#$&-^_.+".contains(c));
    let good = told.split_once('/').is_some_and(|(kind, sub)| token(kind) && token(sub));
    if good { told } else { "application/octet-stream" }
}

/// Bytes in lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}
