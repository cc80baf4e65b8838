//! Fetching a customer's file: `getFile` tells a path, the bytes come from the same server. Never from anywhere else.

use std::path::Path;

use serde_json::{Value, json};

use super::api::{Api, CallError, SHORT, SMALL, Told};
use super::wire;
use crate::channel::FetchError;
use crate::channel::file::{self, Expected};

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
    let deadline = file::patience(size.unwrap_or(limit).min(limit));
    let response = api.http().open(request, deadline).await.map_err(|error| file::unavailable(&error))?;
    match response.status().as_u16() {
        200 => {}
        status @ (400 | 403 | 404 | 410) => return Err(FetchError::Gone(format!("Telegram no longer has this file (HTTP {status})"))),
        status => return Err(FetchError::Unavailable(format!("the file could not be fetched now (HTTP {status})"))),
    }
    file::save(response, deadline, into, limit, Expected { size, sha256: "" }).await
}

fn refused(error: CallError) -> FetchError {
    match error {
        CallError::Broken(error) => file::unavailable(&error),
        // 400 is "the file is too big for a bot" and "there is no such file" alike; only the words tell them apart, and either is final.
        CallError::Told(Told { code: 400, description, .. }) if description.contains("too big") => FetchError::TooLarge,
        CallError::Told(Told { code: 400, description, .. }) => FetchError::Gone(format!("Telegram has no such file: {description}")),
        CallError::Told(told) => FetchError::Unavailable(format!("Telegram answered with error {}: {}", told.code, told.description)),
    }
}
