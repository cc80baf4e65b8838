//! How the engine is doing: for the status line, `sync --once` and the channel rows of the database.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::watch;

use super::ingest::Outcome;
use crate::domain::channel::Health;
use crate::domain::id::ChannelId;
use crate::domain::outbound::SendError;
use crate::domain::time::{Span, Timestamp};
use crate::store::Store;
use crate::store::channels::{Channel, Way};

/// How often a channel that goes on answering is written down again.
const REFRESH: Span = Span::minutes(5);
/// How exactly it is known when something last came in or left.
const PULSE: Span = Span::secs(10);

/// What this process's engine does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EngineStatus {
    /// Whether it is the one that syncs.
    pub role: Role,
    /// How far each channel is.
    pub channels: BTreeMap<ChannelId, Progress>,
}

/// Whether a process's engine is the one that syncs the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// Not known yet.
    #[default]
    Starting,
    /// It is.
    Active,
    /// Another process is; this one takes over when that ends.
    Standby,
}

/// How far one channel is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Everything the provider had was stored, at least once since the start.
    pub caught_up: bool,
    /// How it is doing.
    pub health: Health,
    /// Why, when it is not up.
    pub note: String,
    /// When the provider last answered.
    pub answered_at: Option<Timestamp>,
    /// What its webhooks had brought was processed, at least once since the start.
    pub drained: bool,
    /// When something last came in.
    pub in_at: Option<Timestamp>,
    /// When something last left.
    pub out_at: Option<Timestamp>,
    /// What happened since the start. A change of it alone is not told.
    pub tally: Tally,
}

/// What happened on a channel since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// New messages that were stored.
    pub came: u64,
    /// Payloads put aside as unreadable.
    pub dead: u64,
    /// Messages and parts of messages that the provider took.
    pub left: u64,
    /// What the provider did not take, or perhaps not, by reason.
    pub failures: BTreeMap<&'static str, u64>,
}

/// Reports for one channel: to the watch at once, to the database when it is worth a write.
#[derive(Clone, Debug)]
pub struct Reporter {
    store: Store,
    channel: Channel,
    status: Arc<watch::Sender<EngineStatus>>,
}

impl Reporter {
    /// A reporter for this channel.
    pub fn new(store: Store, channel: Channel, status: Arc<watch::Sender<EngineStatus>>) -> Self {
        Self { store, channel, status }
    }

    /// The first answer is awaited.
    pub async fn connecting(&self) {
        self.change(Health::Connecting, String::new(), None, false).await;
    }

    /// The provider answered; `caught_up` when it had nothing more.
    pub async fn answered(&self, caught_up: bool) {
        let now = self.store.now();
        self.change(Health::Up, String::new(), Some(now), caught_up).await;
    }

    /// The provider did not answer, or not with what we need.
    pub async fn troubled(&self, health: Health, note: String) {
        self.change(health, note, None, false).await;
    }

    /// Nothing that webhooks brought waits to be processed.
    pub fn drained(&self) {
        self.status.send_if_modified(|status| {
            let progress = status.channels.entry(self.channel.id).or_default();
            !std::mem::replace(&mut progress.drained, true)
        });
    }

    /// Something came in and is stored.
    pub async fn came(&self, outcome: Outcome) {
        self.count(|tally| {
            tally.came += outcome.messages as u64;
            tally.dead += outcome.dead as u64;
        });
        if outcome.new > 0 {
            self.pulse(|progress| &mut progress.in_at, Way::In).await;
        }
    }

    /// The provider did not take something, or perhaps not.
    pub fn refused(&self, error: &SendError) {
        let reason = match error {
            SendError::Wait { .. } => "wait",
            SendError::Moved { .. } => "moved",
            SendError::Unreachable(_) => "unreachable",
            SendError::Refused(_) => "refused",
            SendError::WindowClosed(_) => "window_closed",
            SendError::Capped(_) => "capped",
            SendError::OptedOut(_) => "opted_out",
            SendError::Account(_) => "account",
            SendError::Uncertain(_) => "uncertain",
            SendError::NotSent(_) => "not_sent",
        };
        self.count(|tally| *tally.failures.entry(reason).or_default() += 1);
    }

    fn count(&self, change: impl FnOnce(&mut Tally)) {
        self.status.send_if_modified(|status| {
            change(&mut status.channels.entry(self.channel.id).or_default().tally);
            false
        });
    }

    /// Something left.
    pub async fn left(&self) {
        self.count(|tally| tally.left += 1);
        self.pulse(|progress| &mut progress.out_at, Way::Out).await;
    }

    /// Writes down when it last happened, but not every time.
    async fn pulse(&self, at: fn(&mut Progress) -> &mut Option<Timestamp>, way: Way) {
        let now = self.store.now();
        let write = self.status.send_if_modified(|status| {
            let at = at(status.channels.entry(self.channel.id).or_default());
            let due = at.is_none_or(|at| now.since(at) >= PULSE);
            if due {
                *at = Some(now);
            }
            due
        });
        if write && let Err(error) = self.store.set_pulse(&self.channel, way, now).await {
            tracing::warn!(channel = %self.channel.id, %error, "cannot note when the channel last did something");
        }
    }

    async fn change(&self, health: Health, note: String, answered_at: Option<Timestamp>, caught_up: bool) {
        let mut write = false;
        self.status.send_modify(|status| {
            let progress = status.channels.entry(self.channel.id).or_default();
            let stale = match (progress.answered_at, answered_at) {
                (Some(before), Some(now)) => now.since(before) >= REFRESH,
                (None, Some(_)) => true,
                (_, None) => false,
            };
            write = stale || progress.health != health || progress.note != note;
            progress.health = health;
            progress.note.clone_from(&note);
            progress.caught_up |= caught_up;
            if write && answered_at.is_some() {
                progress.answered_at = answered_at;
            }
        });
        if !write {
            return;
        }
        if matches!(health, Health::Retrying | Health::NeedsAttention) {
            tracing::warn!(channel = %self.channel.id, health = health.name(), %note, "channel in trouble");
        }
        if let Err(error) = self.store.set_health(&self.channel, health, &note, answered_at).await {
            tracing::warn!(channel = %self.channel.id, %error, "cannot note how the channel is doing");
        }
    }
}
