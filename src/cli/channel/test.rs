//! `channel test NAME`: asks the provider whether the account still works, without touching what is stored.

use clap::Args;

use super::manage::Named;
use crate::channel::telegram::DELETE_WEBHOOK;
use crate::cli::context::Context;
use crate::cli::failure::{Exit, Failure, Told};
use crate::cli::output::Out;
use crate::domain::text::Safe;
use crate::sync::compose;
use crate::sync::supervisor::sources_of;

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
        let mut values = channel.settings.clone();
        if self.delete_webhook {
            values.insert(DELETE_WEBHOOK.to_owned(), "yes".to_owned());
        }
        let sources = sources_of(&channel).map_err(Failure::failed).told(&failed)?;
        super::warn_of_exposed(out, sources.values());
        let http = cx.http()?;
        let account = compose::test(&cx.store, &http, &channel.provider, &values, &sources).await.told(&failed)?;
        let object = serde_json::json!({ "name": channel.name, "account": account.name, "advice": account.advice });
        out.row(&object, || Safe::line(&format!("{} works; the provider knows it as {}", channel.name, account.name)))?;
        if !account.advice.is_empty() {
            out.aside(&Safe::line(&account.advice))?;
        }
        Ok(Exit::Ok)
    }
}
