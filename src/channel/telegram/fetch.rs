//! Fetching a customer's file: `getFile` tells a path, the bytes come from the same server. Never from anywhere else.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

use super::api::{Api, CallError, SHORT, SMALL, Told};
use super::wire;
use crate::channel::FetchError;
use crate::channel::http;

/// The slowest transfer that is waited for, in bytes a second.
pub(super) const SLOWEST: u64 = 100_000;

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

/// Fetches the file with that `file_id`.
pub(super) async fn fetch(api: &Api, reference: &str, into: &Path, limit: u64) -> Result<(), FetchError> {
    let file = api.call("getFile", &json!({ "file_id": reference }), SHORT, SMALL).await.map_err(refused)?;
    let file: Value = serde_json::from_str(file.get()).unwrap_or_default();
    let size = file["file_size"].as_u64();
    if size.is_some_and(|size| size > limit) {
        return Err(FetchError::TooLarge);
    }
    // A server in local mode tells a path on its own disk; reading that would let it hand us any file of this machine.
    let request = api.file(wire::text(&file, "file_path"));
    let request =
        request.ok_or_else(|| FetchError::Gone("the server tells no path below its own address to fetch the file from".to_owned()))?;
    let deadline = Duration::from_secs(60 + size.unwrap_or(limit).min(limit) / SLOWEST);
    let mut response = api.http().open(request, deadline).await.map_err(|error| unavailable(&error))?;
    match response.status().as_u16() {
        200 => {}
        status @ (400 | 403 | 404 | 410) => return Err(FetchError::Gone(format!("Telegram no longer has this file (HTTP {status})"))),
        status => return Err(FetchError::Unavailable(format!("the file could not be fetched now (HTTP {status})"))),
    }
    if response.content_length().is_some_and(|length| length > limit) {
        return Err(FetchError::TooLarge);
    }
    let (mut out, mut partial) = create(into)?;
    let mut taken: u64 = 0;
    while let Some(chunk) = http::next_chunk(&mut response, deadline).await.map_err(|error| unavailable(&error))? {
        taken += chunk.len() as u64;
        if taken > limit {
            return Err(FetchError::TooLarge);
        }
        out.write_all(&chunk).await.map_err(|error| unwritable(into, &error))?;
    }
    if size.is_some_and(|size| size != taken) {
        return Err(FetchError::Unavailable(format!("the file came incomplete ({taken} of {} bytes)", size.unwrap_or_default())));
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

fn refused(error: CallError) -> FetchError {
    match error {
        CallError::Broken(error) => unavailable(&error),
        // 400 is "the file is too big for a bot" and "there is no such file" alike; only the words tell them apart, and either is final.
        CallError::Told(Told { code: 400, description, .. }) if description.contains("too big") => FetchError::TooLarge,
        CallError::Told(Told { code: 400, description, .. }) => FetchError::Gone(format!("Telegram has no such file: {description}")),
        CallError::Told(told) => FetchError::Unavailable(format!("Telegram answered with error {}: {}", told.code, told.description)),
    }
}

fn unavailable(error: &http::ClassifiedError) -> FetchError {
    FetchError::Unavailable(format!("the file could not be fetched: {error}"))
}

fn unwritable(path: &Path, error: &std::io::Error) -> FetchError {
    FetchError::Unavailable(format!("the file could not be written to {}: {error}", path.display()))
}
