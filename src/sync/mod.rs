//! The background task that keeps the database in step with the channels.
//!
//! Reading order: [`supervisor`] (one task per channel account, restarted with growing waits), [`receive`] (a provider's news, into
//! [`ingest`]), [`journal`] (what webhooks brought, into the same), [`outbox`] (replies out, each part at most once), [`media`] (files),
//! [`scheduler`] (what is done by the clock), [`queue`] (who waits is told), [`bulk`] (one template to many), [`templates`] (the provider's wordings), [`compose`] (what
//! screens and commands use to write), [`replay`] (stored payloads read again), [`webhook`] (the address to register), [`status`]. The bus of
//! hints lives in the store, because only a commit may ring it.

pub mod bulk;
pub mod compose;
pub mod ingest;
pub mod journal;
pub mod media;
pub mod outbox;
mod promotions;
pub mod queue;
pub mod receive;
pub mod replay;
pub mod scheduler;
pub mod status;
pub mod supervisor;
pub mod templates;
pub mod webhook;

pub use status::{EngineStatus, Progress, Role};
pub use supervisor::{Engine, Options};

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::channel::{Connector, Registered};
use crate::domain::channel::Capabilities;
use crate::domain::pace::Pace;
use crate::domain::time::{Span, Timestamp};
use crate::store::Store;
use crate::store::channels::Channel;

/// What the tasks of one channel share.
#[derive(Clone)]
pub struct Line {
    /// The database.
    pub store: Store,
    /// The account, as it was when the tasks started; a change of its settings restarts them.
    pub channel: Channel,
    /// The provider's row of the registry.
    pub registered: &'static Registered,
    /// The connection.
    pub connector: Arc<dyn Connector>,
    /// Where progress is reported.
    pub status: status::Reporter,
    /// What of the provider's rates is used up.
    pub pace: Arc<std::sync::Mutex<Pace>>,
    /// Rung when files may wait to be fetched.
    pub files: Arc<Notify>,
    /// Rung when it is worth asking whether the account works.
    pub look: Arc<Notify>,
    /// Held while news are stored: on PostgreSQL two tasks would make the same customer at once.
    pub intake: Arc<tokio::sync::Mutex<()>>,
    /// The largest file that is fetched, in bytes.
    pub download_limit: u64,
    /// Ends the tasks.
    pub cancel: CancellationToken,
}

impl Line {
    /// Says what came in, to whom it concerns.
    async fn took_in(&self, outcome: ingest::Outcome) {
        if outcome.dead > 0 {
            tracing::warn!(channel = %self.channel.id, count = outcome.dead, "payloads put aside as unreadable");
        }
        if outcome.files > 0 {
            self.files.notify_one();
        }
        self.status.came(outcome).await;
    }
}

/// The pace of an account of this provider, with nothing used up.
pub fn pace_of(capabilities: &Capabilities) -> Arc<std::sync::Mutex<Pace>> {
    Arc::new(std::sync::Mutex::new(Pace::new(capabilities.pair_rate, capabilities.account_rate)))
}

/// Nobody sleeps longer before looking at the clock again.
const LONGEST_NAP: Span = Span::secs(30);

/// How long to sleep before looking whether `until` has come. What sleeps counts no time while the machine is suspended and does not see that
/// its clock was set: who slept the whole way to tomorrow morning would come hours late.
fn nap(until: Timestamp, now: Timestamp) -> Duration {
    until.since(now).min(LONGEST_NAP).duration()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_sleeps_past_a_time_or_long_without_looking_at_the_clock() {
        let now = Timestamp::from_secs(1_000);
        assert_eq!(nap(now.plus(Span::secs(5)), now), Duration::from_secs(5));
        assert_eq!(nap(now.plus(Span::hours(15)), now), Duration::from_secs(30));
        assert_eq!(nap(now.minus(Span::secs(5)), now), Duration::ZERO);
    }
}
