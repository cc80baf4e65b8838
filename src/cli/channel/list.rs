//! `channel list`: the accounts and how they are.

use crate::cli::context::Context;
use crate::cli::failure::{Exit, Failure};
use crate::cli::output::Out;
use crate::domain::channel::Health;
use crate::domain::text::Safe;
use crate::domain::time::{Timestamp, age};
use crate::sync::webhook;

/// What the objects hold, for `--help`.
pub(super) const FIELDS: &str = "With --json each channel is one object: name, provider, account, health (unknown, connecting, up, retrying, \
    attention, paused), note (what is wrong and what to do), paused, synced_at, id, in_at and out_at (when something last came in and left), \
    expires_at (when the credentials end, if the provider tells), waiting (what came in and is not processed yet), webhook (the path that the \
    provider calls, secrets left out; null for those that do not call).";

pub(super) async fn run(cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
    let channels = cx.store.channels(cx.workspace).await?;
    if channels.is_empty() {
        out.aside(&Safe::lit("No channel is connected. `frontdesk channel add --help` shows what can be."))?;
    }
    let http = cx.http()?;
    for channel in channels {
        let waiting = cx.store.backlog(&channel).await?.waiting;
        let webhook = webhook::shape(&cx.store, &http, &channel);
        let object = serde_json::json!({
            "id": channel.id.to_string(),
            "name": channel.name,
            "provider": channel.provider,
            "account": channel.account_name,
            "health": channel.health.name(),
            "note": channel.note,
            "paused": channel.paused,
            "synced_at": channel.synced_at.map(Timestamp::rfc3339),
            "in_at": channel.in_at.map(Timestamp::rfc3339),
            "out_at": channel.out_at.map(Timestamp::rfc3339),
            "expires_at": channel.standing.expires_at.map(Timestamp::rfc3339),
            "waiting": waiting,
            "webhook": webhook,
        });
        out.row(&object, || {
            let ago = |at: Option<Timestamp>| at.map_or_else(|| "never".to_owned(), |at| age(at, cx.store.now(), cx.zone));
            let (synced, came, left) = (ago(channel.synced_at), ago(channel.in_at), ago(channel.out_at));
            let health = if channel.paused { Health::Paused.name() } else { channel.health.name() };
            let (name, provider, account) = (&channel.name, &channel.provider, &channel.account_name);
            let note = if channel.note.is_empty() { String::new() } else { format!("  {}", channel.note) };
            let backlog = if waiting == 0 { String::new() } else { format!("  {waiting} wait to be processed") };
            let called = webhook.as_ref().map(|path| format!("  called at {path}")).unwrap_or_default();
            let since = format!("synced {synced}, in {came}, out {left}");
            Safe::line(&format!("{name:<16} {provider:<10} {account:<20} {health:<10} {since}{backlog}{called}{note}"))
        })?;
    }
    Ok(Exit::Ok)
}
