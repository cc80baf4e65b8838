//! The address that a provider is told to call, as far as we know it: the path behind whatever host and proxy stand before us.

use super::compose;
use super::supervisor::sources_of;
use crate::channel::{Settings, http, registered};
use crate::config::Secret;
use crate::store::channels::Channel;
use crate::store::{Error, Result, Store};

/// What stands for a secret where it is not to be read.
const HIDDEN: &str = "…";

/// The path to register; `None` for a provider that does not call. Reads the channel's secrets: some are part of it.
pub async fn path(store: &Store, http: &http::Client, channel: &Channel) -> Result<Option<String>> {
    let Some((row, webhook)) = registered(&channel.provider).and_then(|row| Some((row, row.webhook?))) else { return Ok(None) };
    let sources = sources_of(channel).map_err(Error::Refused)?;
    let settings = compose::settings(store, http, row, &channel.settings, &sources).await?;
    Ok(Some(full(channel, &(webhook.path)(&settings))))
}

/// The path without its secrets, for lists.
pub fn shape(store: &Store, http: &http::Client, channel: &Channel) -> Option<String> {
    let (row, webhook) = registered(&channel.provider).and_then(|row| Some((row, row.webhook?)))?;
    let hidden = row.provider.fields.iter().filter(|field| field.secret).map(|field| (field.name.to_owned(), Secret::new(HIDDEN)));
    let settings = Settings { values: channel.settings.clone(), secrets: hidden.collect(), http: http.clone(), clock: store.clock() };
    Some(full(channel, &(webhook.path)(&settings)))
}

fn full(channel: &Channel, rest: &str) -> String {
    format!("/webhooks/{}{rest}", channel.id.0)
}
