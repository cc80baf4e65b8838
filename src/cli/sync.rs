//! `sync`: keeps the database in step with the channels, without a screen.

use std::time::Duration;

use clap::Args;

use super::context::Context;
use super::failure::{Exit, Failure};
use super::output::Out;
use crate::channel::registered;
use crate::domain::channel::Health;
use crate::domain::text::Safe;
use crate::store::channels::Channel;
use crate::sync::{Engine, EngineStatus, Progress, Role};

/// Until when.
#[derive(Args, Debug)]
pub struct Sync {
    /// End when every channel is caught up, its files are here, and nothing that is due waits to leave
    #[arg(long)]
    once: bool,
    /// With --once: give up on channels that do not answer after so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60, requires = "once")]
    patience: u64,
}

/// How `--once` ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Everything is done.
    Done,
    /// Another process syncs this database.
    Elsewhere,
    /// Not everything was done in time.
    Late,
    /// Somebody ended us.
    Stopped,
}

impl Sync {
    /// Runs until it is done or told to stop (Ctrl-C, SIGTERM); what is on its way is finished first.
    pub async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        let mut stop = Stop::listen()?;
        let engine = Engine::start(cx.store.clone(), cx.engine_options("sync")?);
        let end = if self.once {
            let patience = Duration::from_secs(self.patience);
            tokio::select! {
                done = caught_up(cx, &engine) => done?,
                () = tokio::time::sleep(patience) => End::Late,
                () = stop.told() => End::Stopped,
            }
        } else {
            out.aside(&Safe::lit("Syncing; Ctrl-C ends it."))?;
            out.flush()?;
            stop.told().await;
            End::Stopped
        };
        let status = engine.status().borrow().clone();
        engine.stop().await;
        if self.once { report(cx, out, end, &status).await } else { Ok(Exit::Ok) }
    }
}

/// Waits until there is nothing left to do.
async fn caught_up(cx: &Context, engine: &Engine) -> Result<End, Failure> {
    let (mut status, mut changes) = (engine.status(), cx.store.changes());
    loop {
        let now = status.borrow_and_update().clone();
        match now.role {
            Role::Standby => return Ok(End::Elsewhere),
            Role::Active => {
                let channels = cx.store.all_channels().await?;
                let settled = channels.iter().all(|channel| settled(channel, &now));
                if settled && cx.store.due(cx.store.now()).await? == 0 && !files_wait(cx, &channels, &now).await? {
                    return Ok(End::Done);
                }
            }
            Role::Starting => {}
        }
        // Either is only a reason to look again; neither sender ends before we do.
        tokio::select! {
            _ = status.changed() => {}
            _ = changes.recv() => {}
        }
    }
}

/// Whether a channel that works has files to fetch now.
async fn files_wait(cx: &Context, channels: &[Channel], status: &EngineStatus) -> Result<bool, Failure> {
    for channel in channels.iter().filter(|channel| !channel.paused && status.channels.get(&channel.id).is_some_and(|at| at.caught_up)) {
        if !cx.store.remote_files(channel, 1).await?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a channel has nothing more to give for now: caught up and what its webhooks brought is processed, stopped, an archive, or of no
/// use until a person does something.
fn settled(channel: &Channel, status: &EngineStatus) -> bool {
    let Some(registered) = registered(&channel.provider).filter(|_| !channel.paused) else { return true };
    let drained = |at: &Progress| at.drained || registered.webhook.is_none();
    status.channels.get(&channel.id).is_some_and(|at| (at.caught_up && drained(at)) || at.health == Health::NeedsAttention)
}

async fn report(cx: &Context, out: &mut Out, end: End, status: &EngineStatus) -> Result<Exit, Failure> {
    if end == End::Elsewhere {
        let now = cx.store.now();
        let who = cx.store.holder().await?.map_or_else(|| "another process syncs".to_owned(), |holder| holder.words(now));
        return Err(Failure::failed(format!("nothing was synced here: {who}. End it first, or let it work")));
    }
    let mut troubled = false;
    for channel in cx.store.channels(cx.workspace).await? {
        let at = status.channels.get(&channel.id);
        let caught_up = at.is_some_and(|at| at.caught_up);
        let note = at.map_or("", |at| at.note.as_str());
        troubled |= !caught_up && !channel.paused;
        let object = serde_json::json!({ "channel": channel.name, "caught_up": caught_up, "paused": channel.paused, "note": note });
        out.row(&object, || {
            let state = match (channel.paused, caught_up) {
                (true, _) => "paused",
                (false, true) => "caught up",
                (false, false) => "not caught up",
            };
            let note = if note.is_empty() { String::new() } else { format!(": {note}") };
            Safe::line(&format!("{}: {state}{note}", channel.name))
        })?;
    }
    let (_, undecided) = cx.store.outbox_depth(&mut cx.store.read().await?, cx.workspace).await?;
    if undecided > 0 {
        out.warn(&Safe::line(&format!("{undecided} replies need a decision: `frontdesk outbox list`")));
    }
    match end {
        End::Late => Err(Failure::failed("not everything was synced in time: `frontdesk channel list` says which channel does not answer")),
        End::Stopped => Err(Failure::failed("not everything was synced: it was stopped")),
        End::Done | End::Elsewhere if troubled || undecided > 0 => Ok(Exit::NeedsPerson),
        End::Done | End::Elsewhere => Ok(Exit::Ok),
    }
}

/// Somebody who may end us in order. Listening begins at once, so that a signal at any later moment is not the end by itself.
#[cfg(unix)]
pub(super) struct Stop {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Stop {
    pub(super) fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Until somebody ends us.
    pub(super) async fn told(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Somebody who may end us in order.
#[cfg(not(unix))]
pub(super) struct Stop;

#[cfg(not(unix))]
impl Stop {
    pub(super) fn listen() -> std::io::Result<Self> {
        Ok(Self)
    }

    /// Until somebody ends us.
    pub(super) async fn told(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}
