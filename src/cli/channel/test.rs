//! `channel test NAME`: asks the provider whether the account still works, without touching what is stored.

use clap::Args;

use super::manage::Named;
use crate::channel::telegram::DELETE_WEBHOOK;
use crate::cli::context::Context;
use crate::cli::failure::{Exit, Failure, Told};
use crate::cli::output::Out;
use crate::config::SecretSource;
use crate::domain::text::Safe;

/// Which account.
#[derive(Args, Debug)]
pub struct Test {
    #[command(flatten)]
    named: Named,
    /// Remove a webhook that keeps the account's messages from us (Telegram)
    #[arg(long)]
    delete_webhook: bool,
}

impl Test {
    pub(super) async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        let channel = self.named.find(cx).await?;
        let failed = format!("{} does not work", channel.name);
        let mut values = channel.settings;
        if self.delete_webhook {
            values.insert(DELETE_WEBHOOK.to_owned(), "yes".to_owned());
        }
        let decode = |(field, text): (String, String)| SecretSource::decode(&text).map(|source| (field, source));
        let secrets = channel.secrets.into_iter().map(decode).collect::<Result<_, _>>();
        let secrets = secrets.map_err(|error| Failure::failed(error.to_string())).told(&failed)?;
        let connector = super::connector(cx, out, &channel.provider, values, secrets).await.told(&failed)?;
        let account = connector.check().await.map_err(|error| Failure::failed(error.to_string())).told(&failed)?;
        let object = serde_json::json!({ "name": channel.name, "account": account.name, "advice": account.advice });
        out.row(&object, || Safe::line(&format!("{} works; the provider knows it as {}", channel.name, account.name)))?;
        if !account.advice.is_empty() {
            out.aside(&Safe::line(&account.advice))?;
        }
        Ok(Exit::Ok)
    }
}
