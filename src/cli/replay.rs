//! `replay`: reads again what providers sent.

use clap::Args;

use super::context::Context;
use super::failure::{Exit, Failure, Told};
use super::output::Out;
use crate::channel::registered;
use crate::domain::past;
use crate::domain::text::Safe;
use crate::store::channels::Channel;
use crate::sync::compose;
use crate::sync::replay::{Replayed, replay};
use crate::sync::supervisor::sources_of;

/// What.
#[derive(Args, Debug)]
#[command(after_help = FIELDS)]
pub struct Replay {
    /// From when on: a date (2026-11-20), a date and time (2026-11-20 14:30), or how long ago (2h, 3d)
    #[arg(long, value_name = "WHEN")]
    since: String,
    /// Only this channel
    #[arg(long, value_name = "NAME")]
    channel: Option<String>,
}

/// What the objects hold, for `--help`.
const FIELDS: &str = "With --json one object for each channel: channel, payloads (how many were read), new_messages (that were missing), \
    recovered (dead letters that can be read now), unreadable (how many still cannot be).";

/// How many unreadable payloads are told of one by one.
const TOLD: usize = 20;

impl Replay {
    /// Reads everything since then again.
    pub async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        let now = cx.store.now();
        let since = past::parse(&self.since, now, cx.zone).ok_or_else(|| {
            let told = format!(
                "nothing was read again: {:?} is no time in the past; write a date (2026-11-20), a date and time (2026-11-20 14:30), or how long \
                 ago (2h, 3d)",
                self.since
            );
            Failure::new(Exit::Usage, told)
        })?;
        let channels = match &self.channel {
            Some(name) => vec![cx.store.channel_named(cx.workspace, name).await.told(&format!("nothing was read again of {name:?}"))?],
            None => cx.store.channels(cx.workspace).await?,
        };
        let http = cx.http()?;
        let mut exit = Exit::Ok;
        for channel in channels {
            let Some(registered) = registered(&channel.provider) else {
                out.aside(&Safe::line(&format!("{}: imported history, nothing to read again", channel.name)))?;
                continue;
            };
            let failed = format!("{} was not read again to the end", channel.name);
            let sources = sources_of(&channel).map_err(Failure::failed).told(&failed)?;
            let connector = compose::connector(&cx.store, &http, registered, &channel.settings, &sources).await.told(&failed)?;
            let done = replay(&cx.store, &channel, registered, &*connector, since).await.told(&failed)?;
            if !done.unreadable.is_empty() {
                exit = Exit::NeedsPerson;
            }
            tell(out, &channel, &done)?;
        }
        Ok(exit)
    }
}

fn tell(out: &mut Out, channel: &Channel, done: &Replayed) -> Result<(), Failure> {
    let object = serde_json::json!({
        "channel": channel.name,
        "payloads": done.payloads,
        "new_messages": done.messages,
        "recovered": done.recovered,
        "unreadable": done.unreadable.len(),
    });
    out.row(&object, || {
        let Replayed { payloads, messages, recovered, unreadable } = done;
        let (name, unreadable) = (&channel.name, unreadable.len());
        Safe::line(&format!(
            "{name}: {payloads} payloads read again, {messages} messages were missing, {recovered} dead letters recovered, {unreadable} \
             still unreadable"
        ))
    })?;
    for why in done.unreadable.iter().take(TOLD) {
        out.warn(&Safe::line(&format!("{}: a payload cannot be read: {why}", channel.name)));
    }
    if done.unreadable.len() > TOLD {
        out.warn(&Safe::line(&format!("{}: and {} more", channel.name, done.unreadable.len() - TOLD)));
    }
    Ok(())
}
