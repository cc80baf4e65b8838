//! What is done by the clock: snoozed conversations come back at their time; old payloads, events whose message never came, and whom
//! a portfolio wrote to long ago are forgotten.

use std::time::Duration;

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use super::nap;
use crate::domain::hint::Hint;
use crate::domain::time::Span;
use crate::store::{Result, Store};

/// How often it tidies.
const ROUND: Duration = Duration::from_hours(1);
/// How long an event waits for its message: longer than any provider repeats one.
const ORPHANS: Span = Span::hours(24 * 8);
/// How long a payload that nobody could read is kept: long enough for a version to come that can, and for somebody to ask for it.
const UNREADABLE: Span = Span::hours(24 * 30);
/// How long it rests when the database cannot be asked.
const REST: Duration = Duration::from_secs(5);

/// Does what is due until cancelled, keeping raw payloads for `retention`.
pub async fn run(store: Store, retention: Span, cancel: CancellationToken) {
    tokio::select! {
        () = cancel.cancelled() => {}
        () = async { tokio::join!(tidy_on(&store, retention), wake_on(&store)); } => {}
    }
}

async fn tidy_on(store: &Store, retention: Span) {
    loop {
        if let Err(error) = tidy(store, retention).await {
            tracing::warn!(%error, "cannot tidy the journal");
        }
        tokio::time::sleep(ROUND).await;
    }
}

/// Sleeps until the next snoozed conversation is due, and looks again when one was snoozed, here or in another process.
async fn wake_on(store: &Store) {
    let mut hints = store.changes();
    loop {
        let sleep = match wake(store).await {
            Ok(sleep) => sleep,
            Err(error) => {
                tracing::warn!(%error, "cannot look for snoozed conversations that are due");
                Some(REST)
            }
        };
        tokio::select! {
            () = rung(&mut hints) => {}
            () = tokio::time::sleep(sleep.unwrap_or_default()), if sleep.is_some() => {}
        }
    }
}

/// Brings back what is due; how long until the next, if there is one.
async fn wake(store: &Store) -> Result<Option<Duration>> {
    store.wake().await?;
    Ok(store.next_wake().await?.map(|at| nap(at, store.now())))
}

/// Waits for a hint that may mean an earlier deadline; a customer's message never does.
async fn rung(hints: &mut Receiver<Hint>) {
    loop {
        match hints.recv().await {
            Ok(Hint::Status | Hint::Everything) | Err(RecvError::Lagged(_)) => return,
            Ok(Hint::Conversation(_) | Hint::Queue(_) | Hint::Journal) => {}
            // The store is going away; the cancel is on its way.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

async fn tidy(store: &Store, retention: Span) -> Result<()> {
    let now = store.now();
    for channel in store.all_channels().await? {
        while store.prune_journal(&channel, now.minus(retention)).await? > 0 {}
        store.prune_orphans(&channel, now.minus(ORPHANS)).await?;
        store.forget_reached(&channel).await?;
        let forgotten = store.prune_dead_letters(&channel, now.minus(UNREADABLE.max(retention))).await?;
        if forgotten > 0 {
            tracing::warn!(channel = %channel.id, forgotten, "payloads that nobody could read were kept for a month and are forgotten now");
        }
    }
    // Customers' words are kept no longer because the channel they came through is gone.
    for channel in store.removed_channels().await? {
        while store.prune_journal(&channel, now.minus(retention)).await? > 0 {}
        store.prune_orphans(&channel, now.minus(ORPHANS)).await?;
        store.prune_dead_letters(&channel, now.minus(retention)).await?;
    }
    Ok(())
}
