//! Fetching a customer's file in two steps: its id tells an address that lives for five minutes, the address gives the bytes. Both only
//! with the token, which is shown to nobody but Meta.

use std::path::Path;

use reqwest::Url;
use serde_json::Value;

use super::api::Api;
use super::errors;
use crate::channel::FetchError;
use crate::channel::file::{self, Expected};
use crate::channel::json::{text, written};

/// Addresses asked for before a file counts as unavailable for now: one may have ended just before it was used.
const TRIES: u32 = 2;

/// Fetches the file with that media id.
pub(super) async fn fetch(api: &Api, number: &str, reference: &str, into: &Path, limit: u64) -> Result<(), FetchError> {
    for _ in 0..TRIES {
        let found: Value = api.get(&[reference], &[("phone_number_id", number)]).await.map_err(errors::unfetched)?;
        let size = found["file_size"].as_u64().or_else(|| written(&found, "file_size").parse().ok());
        if size.is_some_and(|size| size > limit) {
            return Err(FetchError::TooLarge);
        }
        let url = Url::parse(text(&found, "url")).map_err(|_| FetchError::Gone("WhatsApp tells no address for this file".to_owned()))?;
        let deadline = file::patience(size.unwrap_or(limit).min(limit));
        let Some(response) = api.open(url, deadline).await.map_err(|error| file::unavailable(&error))? else {
            return Err(FetchError::Gone("the file is said to be at a server that is not Meta's, where our token must not go".to_owned()));
        };
        match response.status().as_u16() {
            200 => {
                let sha256 = written(&found, "sha256");
                // Some tell it in base64, which is not checked.
                let told = if sha256.len() == 64 { sha256.as_str() } else { "" };
                return file::save(response, deadline, into, limit, Expected { size, sha256: told }).await;
            }
            // The address has ended: another is asked for.
            401 | 403 | 404 | 410 => {}
            status => return Err(FetchError::Unavailable(format!("the file could not be fetched now (HTTP {status})"))),
        }
    }
    Err(FetchError::Unavailable("the file's address ended before it could be used".to_owned()))
}
