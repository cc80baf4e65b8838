//! `channel list`: the accounts and how they are.

use crate::cli::context::Context;
use crate::cli::failure::{Exit, Failure};
use crate::cli::output::Out;
use crate::domain::channel::Health;
use crate::domain::text::Safe;
use crate::domain::time::{Timestamp, age};

/// What the objects hold, for `--help`.
pub(super) const FIELDS: &str = "With --json each channel is one object: name, provider, account, health (unknown, connecting, up, retrying, \
    attention, paused), note (what is wrong and what to do), paused, synced_at.";

pub(super) async fn run(cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
    let channels = cx.store.channels(cx.workspace).await?;
    if channels.is_empty() {
        out.aside(&Safe::lit("No channel is connected. `frontdesk channel add --help` shows what can be."))?;
    }
    for channel in channels {
        let object = serde_json::json!({
            "name": channel.name,
            "provider": channel.provider,
            "account": channel.account_name,
            "health": channel.health.name(),
            "note": channel.note,
            "paused": channel.paused,
            "synced_at": channel.synced_at.map(Timestamp::rfc3339),
        });
        out.row(&object, || {
            let synced = channel.synced_at.map_or_else(|| "never".to_owned(), |at| age(at, cx.store.now(), cx.zone));
            let health = if channel.paused { Health::Paused.name() } else { channel.health.name() };
            let (name, provider, account) = (&channel.name, &channel.provider, &channel.account_name);
            let note = if channel.note.is_empty() { String::new() } else { format!("  {}", channel.note) };
            Safe::line(&format!("{name:<16} {provider:<10} {account:<20} {health:<10} synced {synced}{note}"))
        })?;
    }
    Ok(Exit::Ok)
}
