//! `channel …`: the connected accounts.

mod add;
mod fields;
mod list;
mod manage;
mod test;

use std::collections::BTreeMap;
use std::sync::Arc;

use clap::Subcommand;

use super::context::Context;
use super::failure::{Exit, Failure};
use super::output::Out;
use crate::channel::http::Client;
use crate::channel::{Connector, Settings, registered};
use crate::config::SecretSource;
use crate::domain::text::Safe;

/// What to do with channels.
#[derive(Debug, Subcommand)]
pub enum Channel {
    /// Connect an account, after asking the provider whether it works
    Add(add::Add),
    /// List the accounts and how they are
    List,
    /// Ask the provider whether an account still works
    Test(test::Test),
    /// Stop an account: nothing comes in, nothing goes out
    Pause(manage::Named),
    /// Start a stopped account again
    Resume(manage::Named),
    /// Disconnect an account; its conversations stay
    Remove(manage::Named),
}

impl Channel {
    /// Does it.
    pub async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        match self {
            Self::Add(add) => add.run(cx, out).await,
            Self::List => list::run(cx, out).await,
            Self::Test(test) => test.run(cx, out).await,
            Self::Pause(named) => named.pause(cx, out).await,
            Self::Resume(named) => named.resume(cx, out).await,
            Self::Remove(named) => named.remove(cx, out).await,
        }
    }
}

/// A connector for these settings, its secrets read from where they are. Others who could read them too are worth a warning.
async fn connector(
    cx: &Context,
    out: &mut Out,
    provider: &str,
    values: BTreeMap<String, String>,
    sources: BTreeMap<String, SecretSource>,
) -> Result<Arc<dyn Connector>, Failure> {
    let known = registered(provider)
        .ok_or_else(|| Failure::failed(format!("this frontdesk does not know the provider {provider:?}: an archive cannot be connected")))?;
    let mut secrets = BTreeMap::new();
    for (field, source) in sources {
        if let Some(warning) = source.exposed() {
            out.warn(&Safe::line(&warning));
        }
        // A file or a child process may block.
        let read = tokio::task::spawn_blocking(move || source.read()).await;
        let read = read.map_err(|error| Failure::failed(format!("the secret could not be read: {error}")))?;
        secrets.insert(field, read.map_err(|error| Failure::failed(error.to_string()))?);
    }
    let http = Client::new().map_err(|error| Failure::failed(error.to_string()))?;
    let settings = Settings { values, secrets, http, clock: cx.store.clock() };
    (known.connect)(&settings).map_err(|error| Failure::new(Exit::Usage, error.to_string()))
}
