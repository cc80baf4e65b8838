//! Connectors: one folder per provider, each a driver (`mod.rs`), the provider's shapes (`wire.rs`) and a pure translation between those
//! and the domain (`map.rs`). Adding a provider is one folder and one row of [`REGISTRY`].
//!
//! News come in one of two ways. A provider that can be asked is asked ([`Connector::receive`]); one that calls us says how its calls are
//! recognised and read ([`Webhook`]). Some do both. What a webhook brings is written down before it is read.
//!
//! [`push`] is none of them: it tells devices, and nobody answers.
//!
//! A connector keeps no state that matters: cursors, messages and retries are rows of the store, and `sync` decides when to call.

mod file;
pub mod http;
mod json;
pub mod push;
mod reach;
pub mod telegram;
pub mod ultramsg;
pub mod whatsapp;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::config::Secret;
use crate::domain::channel::Provider;
use crate::domain::inbound::{Batch, Item};
use crate::domain::outbound::{Accepted, Order, SendError};
use crate::domain::template::Template;
use crate::domain::time::{Clock, Span, Timestamp};

/// Every provider this build knows.
pub static REGISTRY: &[Registered] = &[
    Registered { provider: &telegram::PROVIDER, connect: telegram::connect, map: telegram::map, webhook: None },
    Registered { provider: &whatsapp::PROVIDER, connect: whatsapp::connect, map: whatsapp::map, webhook: Some(whatsapp::WEBHOOK) },
    Registered { provider: &ultramsg::PROVIDER, connect: ultramsg::connect, map: ultramsg::map, webhook: Some(ultramsg::WEBHOOK) },
];

/// One row of the [`REGISTRY`].
#[derive(Debug)]
pub struct Registered {
    /// What the rest of the program knows of it.
    pub provider: &'static Provider,
    /// Makes a connector from a channel's settings. Does no I/O.
    pub connect: fn(&Settings) -> Result<Arc<dyn Connector>, SettingsError>,
    /// Reads one stored payload again, as [`Connector::receive`] would have.
    pub map: fn(key: &str, body: &str) -> Item,
    /// How its webhooks are recognised and read; `None` when it has none.
    pub webhook: Option<Webhook>,
}

/// A provider that calls us. Every function is pure; whatever the request holds, it returns.
#[derive(Clone, Copy, Debug)]
pub struct Webhook {
    /// What stands after `/webhooks/{channel}` in the address to register, with its slash; empty when nothing does. May hold a secret.
    pub path: fn(&Settings) -> String,
    /// Whether the provider sent this, judged by the raw bytes, in constant time. Present and previous secrets count alike.
    pub admit: fn(&Settings, &Call<'_>) -> bool,
    /// The answer to the provider's question whether this address is ours; `None` refuses.
    pub greet: fn(&Settings, &Call<'_>) -> Option<String>,
    /// What one stored body says: an item for everything in it that can be stored by itself, each with a body that
    /// [`Registered::map`] reads alone. A body that cannot be read is one item that says why.
    pub read: fn(body: &str) -> Vec<Item>,
}

/// A request to a webhook.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The path after `/webhooks/{channel}`, with its slash; may be empty.
    pub path: &'a str,
    /// The query's values by name, decoded.
    pub query: &'a BTreeMap<String, String>,
    /// The headers' values by lower-case name.
    pub headers: &'a BTreeMap<String, String>,
    /// The body as it came.
    pub body: &'a [u8],
}

/// A channel's settings, as stored and as the secret's source gave them.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Values by [`crate::domain::channel::Field::name`], defaults filled in.
    pub values: BTreeMap<String, String>,
    /// Secrets by field name.
    pub secrets: BTreeMap<String, Secret>,
    /// The one HTTP client of the process.
    pub http: http::Client,
    /// The injected clock.
    pub clock: Arc<dyn Clock>,
}

/// Settings that cannot work, with the field's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct SettingsError {
    /// Which field.
    pub field: String,
    /// What is wrong with it and what to do.
    pub problem: String,
}

/// A connection to one account of a provider.
pub trait Connector: Send + Sync {
    /// Asks the provider who we are: proves address and credentials.
    fn check(&self) -> BoxFuture<'_, Result<Account, ReceiveError>>;

    /// Looks for news once, waiting at the provider up to `patience` if there is none, from the stored cursor on (`None` at the start).
    /// What it returns is committed before it is called again with the new cursor.
    fn receive<'a>(&'a self, cursor: Option<&'a str>, patience: Span) -> BoxFuture<'a, Result<Batch, ReceiveError>>;

    /// Carries out one order, once: no retries inside.
    fn send<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, Result<Accepted, SendError>>;

    /// The account's templates, all of them; `None` when the provider has no such thing.
    fn templates(&self) -> BoxFuture<'_, Result<Option<Vec<Template>>, ReceiveError>> {
        Box::pin(std::future::ready(Ok(None)))
    }

    /// Whether an item that came to this account's webhook is about this account: several may share one address. What is not is set
    /// aside, unstored.
    fn concerns(&self, _item: &Item) -> bool {
        true
    }

    /// What a person has to do at the provider so that its news come to us, a line each; `path` is the webhook's up to the channel's own
    /// secrets. Nothing for a provider that only has to be asked.
    fn setup(&self, _path: &str) -> Vec<String> {
        Vec::new()
    }

    /// Fetches a file into `into` (a new file), stopping at `limit` bytes.
    fn fetch<'a>(&'a self, reference: &'a str, into: &'a Path, limit: u64) -> BoxFuture<'a, Result<(), FetchError>>;
}

/// Who the provider says we are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// The provider's id of the account; two channels with the same one would fight over its messages.
    pub key: String,
    /// The name people see (`@my_shop_bot`).
    pub name: String,
    /// Something worth telling the agent (a setting that hides messages), else empty.
    pub advice: String,
    /// When the credentials end, if the provider tells and they do.
    pub expires_at: Option<Timestamp>,
    /// How many people the account (with all others of its portfolio) may begin to write to in 24 hours; `None` when not told or unlimited.
    pub reach: Option<u64>,
    /// What that limit is counted for: channels with the same one share it. Empty when the account stands alone.
    pub portfolio: String,
}

/// Why a look for news failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiveError {
    /// No usable answer: network, time-out, 5xx, garbage. Tried again with growing waits.
    #[error("{0}")]
    Unavailable(String),
    /// The provider asks to wait.
    #[error("the provider asks to wait {} s", .0.0 / 1_000_000)]
    Wait(Span),
    /// Another program reads the same account; tried again slowly, without fighting.
    #[error("{0}")]
    TakenElsewhere(String),
    /// Our credentials or settings are refused; a person has to act. Looked at again now and then.
    #[error("{0}")]
    NeedsAttention(String),
}

/// Why a file could not be fetched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// It is larger than the limit.
    #[error("larger than the limit")]
    TooLarge,
    /// Not now; tried again.
    #[error("{0}")]
    Unavailable(String),
    /// Never: the provider no longer has it.
    #[error("{0}")]
    Gone(String),
}

/// The row of that provider.
pub fn registered(name: &str) -> Option<&'static Registered> {
    REGISTRY.iter().find(|row| row.provider.name == name)
}

/// What the rest of the program knows of that provider.
pub fn provider(name: &str) -> Option<&'static Provider> {
    registered(name).map(|row| row.provider)
}
