//! How the engine is doing: for the status line, `sync --once` and the channel rows of the database.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::watch;

use crate::domain::channel::Health;
use crate::domain::id::ChannelId;
use crate::domain::time::{Span, Timestamp};
use crate::store::Store;
use crate::store::channels::Channel;

/// How often a channel that goes on answering is written down again.
const REFRESH: Span = Span::minutes(5);

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
