//! What is done by the clock: old payloads and events whose message never came are forgotten.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::domain::time::Span;
use crate::store::{Result, Store};

/// How often it looks.
const ROUND: Duration = Duration::from_hours(1);
/// How long an event waits for its message: longer than any provider repeats one.
const ORPHANS: Span = Span::hours(24 * 8);

/// Tidies until cancelled, keeping raw payloads for `retention`.
pub async fn run(store: Store, retention: Span, cancel: CancellationToken) {
    loop {
        if let Err(error) = tidy(&store, retention).await {
            tracing::warn!(%error, "cannot tidy the journal");
        }
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(ROUND) => {}
        }
    }
}

async fn tidy(store: &Store, retention: Span) -> Result<()> {
    let now = store.now();
    for channel in store.all_channels().await? {
        while store.prune_journal(&channel, now.minus(retention)).await? > 0 {}
        store.prune_orphans(&channel, now.minus(ORPHANS)).await?;
    }
    Ok(())
}
