//! The channels that have webhooks, with what it takes to recognise their providers. Read when first asked for, and again when something
//! may have changed: no request waits for the database or a password manager twice.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::Setup;
use super::figures::Refusal;
use crate::channel::http::Client;
use crate::channel::{Registered, Settings, Webhook};
use crate::domain::id::{ChannelId, WorkspaceId};
use crate::domain::time::{Span, Timestamp};
use crate::store::channels::Channel;
use crate::store::{Result, Store};
use crate::sync::compose;
use crate::sync::supervisor::sources_of;

/// How soon secrets are read again because a signature did not fit them: a changed one is taken up without a restart, and whoever guesses
/// does not keep us reading.
const AGAIN: Span = Span::secs(30);

/// Every channel with a webhook.
#[derive(Debug)]
pub(super) struct Doors {
    store: Store,
    http: Client,
    providers: &'static [Registered],
    rooms: Mutex<Arc<BTreeMap<i64, Arc<Behind>>>>,
    /// How often somebody said that channels may have changed, and which of these times the rooms were read after.
    doubts: AtomicU64,
    settled: AtomicU64,
    /// Held while the channels are read.
    reading: tokio::sync::Mutex<()>,
}

/// A channel, and its door once it was needed.
#[derive(Debug)]
struct Behind {
    channel: Channel,
    registered: &'static Registered,
    webhook: Webhook,
    /// Held while its secrets are read.
    door: tokio::sync::Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    door: Option<Arc<Door>>,
    tried_at: Option<Timestamp>,
}

/// What it takes to recognise a provider's calls.
#[derive(Debug)]
pub(super) struct Door {
    pub(super) channel: ChannelId,
    pub(super) workspace: WorkspaceId,
    pub(super) webhook: Webhook,
    pub(super) settings: Settings,
}

impl Doors {
    pub(super) fn new(setup: &Setup) -> Self {
        Self {
            store: setup.store.clone(),
            http: setup.http.clone(),
            providers: setup.providers,
            rooms: Mutex::default(),
            doubts: AtomicU64::new(1),
            settled: AtomicU64::new(0),
            reading: tokio::sync::Mutex::default(),
        }
    }

    /// Channels may have changed.
    pub(super) fn doubt(&self) {
        self.doubts.fetch_add(1, Ordering::AcqRel);
    }

    /// The door of that channel.
    pub(super) async fn door(&self, id: i64) -> Result<Arc<Door>, Refusal> {
        let behind = self.behind(id).await?;
        let mut known = behind.door.lock().await;
        match &known.door {
            Some(door) => Ok(Arc::clone(door)),
            None => self.open(&behind, &mut known).await.ok_or(Refusal::Secret),
        }
    }

    /// The door again, if there is reason to think that it has another lock than the one that was tried.
    pub(super) async fn another(&self, id: i64, tried: &Arc<Door>) -> Option<Arc<Door>> {
        let behind = self.behind(id).await.ok()?;
        let mut known = behind.door.lock().await;
        match &known.door {
            Some(door) if !Arc::ptr_eq(door, tried) => Some(Arc::clone(door)),
            _ if known.tried_at.is_some_and(|at| self.store.now().since(at) < AGAIN) => None,
            _ => self.open(&behind, &mut known).await,
        }
    }

    async fn behind(&self, id: i64) -> Result<Arc<Behind>, Refusal> {
        if self.is_in_doubt() {
            let _turn = self.reading.lock().await;
            let doubts = self.doubts.load(Ordering::Acquire);
            // Whoever had the turn before may have read them.
            if self.is_in_doubt() {
                self.look().await.map_err(|error| {
                    tracing::warn!(%error, "the channels cannot be read");
                    Refusal::Storage
                })?;
                self.settled.store(doubts, Ordering::Release);
            }
        }
        let rooms = Arc::clone(&self.rooms.lock().unwrap_or_else(PoisonError::into_inner));
        rooms.get(&id).cloned().ok_or(Refusal::Unknown)
    }

    fn is_in_doubt(&self) -> bool {
        self.settled.load(Ordering::Acquire) < self.doubts.load(Ordering::Acquire)
    }

    /// Reads the channels; those that are as they were keep their doors.
    async fn look(&self) -> Result<()> {
        let before = Arc::clone(&self.rooms.lock().unwrap_or_else(PoisonError::into_inner));
        let mut rooms = BTreeMap::new();
        for channel in self.store.all_channels().await? {
            let Some(registered) = self.providers.iter().find(|row| row.provider.name == channel.provider) else { continue };
            let Some(webhook) = registered.webhook else { continue };
            let same = before.get(&channel.id.0).filter(|behind| is_same(&behind.channel, &channel));
            let new = || Arc::new(Behind { channel: channel.clone(), registered, webhook, door: tokio::sync::Mutex::default() });
            rooms.insert(channel.id.0, same.cloned().unwrap_or_else(new));
        }
        *self.rooms.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(rooms);
        Ok(())
    }

    /// Reads a channel's secrets. Those that were read before stay when they cannot be read now.
    async fn open(&self, behind: &Behind, known: &mut Known) -> Option<Arc<Door>> {
        let channel = &behind.channel;
        let now = self.store.now();
        // Reading may mean running a program: not for every request of a provider that tries again.
        if known.door.is_none() && known.tried_at.is_some_and(|at| now.since(at) < Span::secs(1)) {
            return None;
        }
        known.tried_at = Some(now);
        let settings = match sources_of(channel) {
            Ok(sources) => {
                let read = compose::settings(&self.store, &self.http, behind.registered, &channel.settings, &sources).await;
                read.map_err(|error| error.to_string())
            }
            Err(problem) => Err(problem),
        };
        match settings {
            Ok(settings) => {
                let door = Door { channel: channel.id, workspace: channel.workspace, webhook: behind.webhook, settings };
                Some(Arc::clone(known.door.insert(Arc::new(door))))
            }
            Err(problem) => {
                tracing::warn!(channel = %channel.id, %problem, "calls to a webhook cannot be checked");
                None
            }
        }
    }
}

/// Whether a door opened for one row is right for the other. Stopping and starting a channel has its secrets read again.
fn is_same(a: &Channel, b: &Channel) -> bool {
    a.provider == b.provider && a.settings == b.settings && a.secrets == b.secrets && a.paused == b.paused
}
