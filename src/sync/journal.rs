//! What webhooks brought, from the journal into the database. Whoever accepted it, this process or another, has written it down and
//! answered; only the holder of the lock for syncing processes it, in the order it came, and so nothing that was answered is lost.

use std::panic::catch_unwind;
use std::time::Duration;

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::{Line, ingest};
use crate::channel::Webhook;
use crate::domain::channel::Health;
use crate::domain::delivery::backoff;
use crate::domain::hint::Hint;
use crate::domain::inbound::Item;
use crate::store::Result;
use crate::store::journal::Stored;

/// Payloads processed in one transaction: enough to make the commit cheap, few enough that whoever else writes does not notice the wait.
const ROWS: u32 = 250;
/// Bytes of payloads processed in one transaction, if it is more than one.
const BYTES: u64 = 1_000_000;
/// The longest wait between two tries, as a power of two of seconds.
const SLOWEST: u32 = 5;

/// Processes a channel's payloads until cancelled.
pub async fn run(line: &Line) {
    let Some(webhook) = line.registered.webhook else { return };
    let mut hints = line.store.changes();
    let mut failures = 0;
    while !line.cancel.is_cancelled() {
        let done = once(line, webhook).await;
        if done.is_ok() && std::mem::take(&mut failures) > 0 {
            // The channel was said to be in trouble; it may not be any more.
            line.look.notify_one();
        }
        let wait = match done {
            Ok(0) => {
                line.status.drained();
                None
            }
            Ok(_) => continue,
            Err(error) => {
                failures += 1;
                tracing::warn!(channel = %line.channel.id, %error, "what webhooks brought could not be processed; trying again");
                line.status
                    .troubled(Health::Retrying, format!("what came in could not be stored ({error}); it is kept and tried again"))
                    .await;
                Some(backoff(failures.min(SLOWEST), None, fastrand::f64()).duration())
            }
        };
        tokio::select! {
            () = line.cancel.cancelled() => {}
            () = rung(&mut hints), if wait.is_none() => {}
            () = tokio::time::sleep(wait.unwrap_or(Duration::ZERO)), if wait.is_some() => {}
        }
    }
}

/// Processes the payloads that wait longest; how many there were. Not interrupted by a cancel: a batch is a transaction.
async fn once(line: &Line, webhook: Webhook) -> Result<usize> {
    let payloads = line.store.waiting_payloads(&line.channel, ROWS, BYTES).await?;
    if payloads.is_empty() {
        return Ok(0);
    }
    let items: Vec<Item> =
        payloads.iter().flat_map(|payload| items_of(webhook, payload)).filter(|item| line.connector.concerns(item)).collect();
    let rows: Vec<i64> = payloads.iter().map(|payload| payload.id).collect();
    let outcome = {
        let _turn = line.intake.lock().await;
        ingest::ingest_journal(&line.store, &line.channel, line.registered, &items, &rows).await?
    };
    line.took_in(outcome).await;
    Ok(rows.len())
}

/// What one stored body says.
pub(super) fn items_of(webhook: Webhook, payload: &Stored) -> Vec<Item> {
    guarded(payload, webhook.read)
}

/// A reader that breaks on a payload makes it a dead letter: it would break again, and nothing behind it would come.
pub(super) fn guarded(payload: &Stored, read: impl Fn(&str) -> Vec<Item> + std::panic::RefUnwindSafe) -> Vec<Item> {
    let items = catch_unwind(|| read(&payload.body)).unwrap_or_else(|_| {
        let events = Err("reading it ended in an internal error".to_owned());
        vec![Item { key: payload.key.clone(), body: payload.body.clone(), events }]
    });
    items.into_iter().map(|item| item.dated(payload.received_at)).collect()
}

/// Waits until payloads may have come.
async fn rung(hints: &mut Receiver<Hint>) {
    loop {
        match hints.recv().await {
            Ok(Hint::Journal | Hint::Everything) | Err(RecvError::Lagged(_)) => return,
            Ok(Hint::Conversation(_) | Hint::Status | Hint::Queue(_)) => {}
            // The store is going away; the cancel is on its way.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
