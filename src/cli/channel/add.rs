//! `channel add PROVIDER`: connects an account. It is stored only when the provider says who we are.

use clap::{ArgMatches, Args, Command, FromArgMatches};

use super::fields::{self, Given};
use crate::channel::REGISTRY;
use crate::cli::context::Context;
use crate::cli::failure::{Exit, Failure, Told};
use crate::cli::output::Out;
use crate::config::SecretSource;
use crate::domain::channel::Provider;
use crate::domain::text::Safe;
use crate::sync::compose::{self, NewAccount};
use crate::sync::webhook;

/// What was given for the new channel; the arguments are the provider's fields.
#[derive(Debug)]
pub struct Add(Given);

const FAILED: &str = "the channel was not added";

impl Add {
    /// Tries the account, then stores it.
    pub(super) async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        let mut given = self.0.clone();
        for source in given.secrets.values_mut() {
            anchor(source).told(FAILED)?;
        }
        super::warn_of_exposed(out, given.secrets.values());
        let new = NewAccount {
            provider: given.provider.to_owned(),
            name: given.name,
            values: given.values,
            secrets: given.secrets,
            undo_delay: cx.setup.config.undo_delay,
        };
        let http = cx.http()?;
        let (id, account) = compose::connect(&cx.store, &http, cx.workspace, cx.agent, &new).await.told(FAILED)?;
        let channel = cx.store.channel_named(cx.workspace, &new.name).await?;
        let webhook = webhook::path(&cx.store, &http, &channel).await?;
        let object = serde_json::json!({
            "id": id.to_string(),
            "name": new.name,
            "provider": new.provider,
            "account": account.name,
            "webhook": webhook,
            "advice": account.advice,
        });
        out.row(&object, || Safe::line(&format!("{} is connected as {}", new.name, account.name)))?;
        if let Some(path) = webhook {
            let told = format!("Register {path} with the provider, behind the address it reaches `frontdesk serve` at.");
            out.aside(&Safe::line(&told))?;
        }
        if !account.advice.is_empty() {
            out.aside(&Safe::line(&account.advice))?;
        }
        Ok(Exit::Ok)
    }
}

/// What is stored must still be found from another folder.
fn anchor(source: &mut SecretSource) -> Result<(), Failure> {
    if let SecretSource::File(path) = source {
        *path = std::path::absolute(&*path).map_err(|error| Failure::failed(format!("{} cannot be found: {error}", path.display())))?;
    }
    Ok(())
}

fn providers() -> impl Iterator<Item = &'static Provider> {
    REGISTRY.iter().map(|row| row.provider)
}

impl Args for Add {
    fn augment_args(command: Command) -> Command {
        fields::augment(command, providers())
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Add {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        fields::given(matches, providers()).map(Self).ok_or_else(|| clap::Error::new(clap::error::ErrorKind::MissingSubcommand))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
