//! Connectors: one folder per provider, each a driver (`mod.rs`), the provider's shapes (`wire.rs`) and a pure translation between those
//! and the domain (`map.rs`). Adding a provider is one folder and one row of [`REGISTRY`].
//!
//! A connector keeps no state that matters: cursors, messages and retries are rows of the store, and `sync` decides when to call.

pub mod http;
pub mod telegram;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::config::Secret;
use crate::domain::channel::Provider;
use crate::domain::inbound::{Batch, Item};
use crate::domain::outbound::{Accepted, Order, SendError};
use crate::domain::time::{Clock, Span};

/// Every provider this build knows.
pub static REGISTRY: &[Registered] = &[Registered { provider: &telegram::PROVIDER, connect: telegram::connect, map: telegram::map }];

/// One row of the [`REGISTRY`].
#[derive(Debug)]
pub struct Registered {
    /// What the rest of the program knows of it.
    pub provider: &'static Provider,
    /// Makes a connector from a channel's settings. Does no I/O.
    pub connect: fn(&Settings) -> Result<Arc<dyn Connector>, SettingsError>,
    /// Reads one stored payload again, as [`Connector::receive`] would have.
    pub map: fn(key: &str, body: &str) -> Item,
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

    /// Fetches a file into `into` (a new file), stopping at `limit` bytes.
    fn fetch<'a>(&'a self, reference: &'a str, into: &'a Path, limit: u64) -> BoxFuture<'a, Result<(), FetchError>>;
}

/// Who the provider says we are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The provider's id of the account; two channels with the same one would fight over its messages.
    pub key: String,
    /// The name people see (`@my_shop_bot`).
    pub name: String,
    /// Something worth telling the agent (a setting that hides messages), else empty.
    pub advice: String,
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
