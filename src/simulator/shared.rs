//! What every simulated provider stands on: one state behind one lock, held only for short, synchronous steps; a present that tests can move
//! ahead of the clock; a call to everybody who waits whenever something may have changed; and a loopback address to listen on.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::StartError;
use crate::domain::time::{Clock, Span, Timestamp};

/// A provider's state and what drives it.
#[derive(Debug)]
pub(super) struct Shared<S> {
    state: Mutex<S>,
    changed: watch::Sender<u64>,
    clock: Arc<dyn Clock>,
    /// Microseconds that tests moved ahead of the clock.
    ahead: AtomicI64,
    pub(super) stop: CancellationToken,
}

impl<S> Shared<S> {
    pub(super) fn new(state: S, clock: &Arc<dyn Clock>) -> Self {
        Self {
            state: Mutex::new(state),
            changed: watch::Sender::new(0),
            clock: Arc::clone(clock),
            ahead: AtomicI64::new(0),
            stop: CancellationToken::new(),
        }
    }

    /// The simulator's present: the injected clock, plus what [`Shared::advance`] added.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now().plus(Span(self.ahead.load(Ordering::SeqCst)))
    }

    pub(super) fn advance(&self, span: Span) {
        self.ahead.fetch_add(span.0, Ordering::SeqCst);
        self.wake();
    }

    /// Looks without waking anybody.
    pub(super) fn look<R>(&self, f: impl FnOnce(&S) -> R) -> R {
        f(&self.lock())
    }

    /// One step; then everybody who waits looks again.
    pub(super) fn with<R>(&self, f: impl FnOnce(&mut S, Timestamp) -> R) -> R {
        let result = self.quietly(f);
        self.wake();
        result
    }

    /// One step that wakes nobody.
    pub(super) fn quietly<R>(&self, f: impl FnOnce(&mut S, Timestamp) -> R) -> R {
        let now = self.now();
        f(&mut self.lock(), now)
    }

    /// Waits until `look` finds what it looks for.
    pub(super) async fn wait<R>(&self, mut look: impl FnMut(&S) -> Option<R>) -> R {
        let mut changes = self.changes();
        loop {
            changes.borrow_and_update();
            if let Some(found) = self.look(&mut look) {
                return found;
            }
            // Fails only when this is gone, and it is borrowed here.
            let _ = changes.changed().await;
        }
    }

    /// Everybody who waits looks again.
    pub(super) fn wake(&self) {
        self.changed.send_modify(|count| *count += 1);
    }

    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// A step that panicked left whole values behind (each is replaced at once), so the lock is used on.
    fn lock(&self) -> MutexGuard<'_, S> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Listens on a loopback address.
pub(super) async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    if !address.ip().is_loopback() {
        return Err(StartError::NotLoopback(address));
    }
    let failed = |cause| StartError::Listen { address, cause };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}
