//! The one task that writes what came: whatever waits at the moment goes into one commit, and then everybody is answered.

use tokio::sync::{mpsc, oneshot};

use super::BATCH;
use super::body::Hold;
use crate::store::journal::Arrival;
use crate::store::{Result, Store};

/// A body that waits to be written.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) arrival: Arrival,
    /// Its room, taken until it is written.
    pub(super) hold: Hold,
    /// Told whether it is.
    pub(super) done: oneshot::Sender<bool>,
}

/// Writes until nobody can bring anything any more.
pub(super) async fn run(store: Store, mut queue: mpsc::Receiver<Entry>) {
    let mut waiting = Vec::with_capacity(BATCH);
    while queue.recv_many(&mut waiting, BATCH).await > 0 {
        let (mut arrivals, mut rest) = (Vec::with_capacity(waiting.len()), Vec::with_capacity(waiting.len()));
        for Entry { arrival, hold, done } in waiting.drain(..) {
            arrivals.push(arrival);
            rest.push((hold, done));
        }
        let written = write(&store, &arrivals).await;
        for ((_hold, done), written) in rest.into_iter().zip(written) {
            // Whoever asked may be gone; what they brought is there all the same.
            let _ = done.send(written);
        }
    }
}

/// Writes all in one commit, or, when something about one of them is wrong, each by itself; which are written.
async fn write(store: &Store, arrivals: &[Arrival]) -> Vec<bool> {
    match store.accept(arrivals).await {
        Ok(_) => vec![true; arrivals.len()],
        Err(error) if error.is_passing() || arrivals.len() < 2 => vec![told(Err(error)); arrivals.len()],
        Err(error) => {
            tracing::warn!(%error, "webhooks were refused together; writing them one by one");
            let mut written = Vec::with_capacity(arrivals.len());
            for arrival in arrivals {
                written.push(told(store.accept(std::slice::from_ref(arrival)).await));
            }
            written
        }
    }
}

fn told(written: Result<u64>) -> bool {
    written.inspect_err(|error| tracing::error!(%error, "a webhook could not be written down; the provider has to send it again")).is_ok()
}
