//! The channels that have webhooks, with what it takes to recognise their providers. Read when first asked for, and again when something
//! may have changed: no request waits for the database or a password manager twice. While secrets are read, calls that fit the ones known go
//! on, and nobody waits longer than a request may take.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

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
/// How soon secrets that could not be read are tried again. Reading may mean running a program: not for every request of a provider that calls again.
const RETRY: Span = Span::secs(1);

/// Every channel with a webhook.
#[derive(Debug)]
pub(super) struct Doors {
    store: Store,
    http: Client,
    providers: &'static [Registered],
    /// How long a request waits for secrets to be read.
    patience: Duration,
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
    known: Mutex<Known>,
    /// Held while its secrets are read.
    reading: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Debug, Default)]
struct Known {
    door: Option<Arc<Door>>,
    /// When secrets were last read, or could not be.
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
            patience: setup.limits.request,
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
        if let Some(door) = behind.door() {
            return Ok(door);
        }
        self.read(&behind, None).await?;
        behind.door().ok_or(Refusal::Secret)
    }

    /// The door again, if there is reason to think that it has another lock than the one that was tried.
    pub(super) async fn another(&self, id: i64, tried: &Arc<Door>) -> Result<Option<Arc<Door>>, Refusal> {
        let behind = self.behind(id).await?;
        let other = || behind.door().filter(|door| !Arc::ptr_eq(door, tried));
        if other().is_none() {
            self.read(&behind, Some(tried)).await?;
        }
        Ok(other())
    }

    /// Waits until the channel's secrets were read, unless that was just now or there is another door than this. Whoever comes while they are
    /// read waits for the same reading, which goes on when nobody waits any more.
    async fn read(&self, behind: &Arc<Behind>, tried: Option<&Arc<Door>>) -> Result<(), Refusal> {
        if let Ok(turn) = Arc::clone(&behind.reading).try_lock_owned() {
            if behind.is_recent(tried, self.store.now()) {
                return Ok(());
            }
            let (store, http, behind) = (self.store.clone(), self.http.clone(), Arc::clone(behind));
            tokio::spawn(async move {
                behind.open(&store, &http).await;
                drop(turn);
            });
        }
        match tokio::time::timeout(self.patience, behind.reading.lock()).await {
            Ok(_turn) => Ok(()),
            Err(_) => Err(Refusal::Secret),
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
            let new = || {
                let (known, reading) = (Mutex::default(), Arc::default());
                Arc::new(Behind { channel: channel.clone(), registered, webhook, known, reading })
            };
            rooms.insert(channel.id.0, same.cloned().unwrap_or_else(new));
        }
        *self.rooms.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(rooms);
        Ok(())
    }
}

impl Behind {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn door(&self) -> Option<Arc<Door>> {
        self.known().door.clone()
    }

    /// Whether reading the secrets now would tell nothing new to whoever tried this door.
    fn is_recent(&self, tried: Option<&Arc<Door>>, now: Timestamp) -> bool {
        let known = self.known();
        let same = match (&known.door, tried) {
            (Some(door), Some(tried)) => Arc::ptr_eq(door, tried),
            (door, _) => door.is_none(),
        };
        let rest = if known.door.is_some() { AGAIN } else { RETRY };
        !same || known.tried_at.is_some_and(|at| now.since(at) < rest)
    }

    /// Reads the channel's secrets. Those that were read before stay when they cannot be read now.
    async fn open(&self, store: &Store, http: &Client) {
        let channel = &self.channel;
        let settings = match sources_of(channel) {
            Ok(sources) => {
                let read = compose::settings(store, http, self.registered, &channel.settings, &sources).await;
                read.map_err(|error| error.to_string())
            }
            Err(problem) => Err(problem),
        };
        let mut known = self.known();
        known.tried_at = Some(store.now());
        match settings {
            Ok(settings) => {
                let door = Door { channel: channel.id, workspace: channel.workspace, webhook: self.webhook, settings };
                known.door = Some(Arc::new(door));
            }
            Err(problem) => tracing::warn!(channel = %channel.id, %problem, "calls to a webhook cannot be checked"),
        }
    }
}

/// Whether a door opened for one row is right for the other. Stopping and starting a channel has its secrets read again.
fn is_same(a: &Channel, b: &Channel) -> bool {
    a.provider == b.provider && a.settings == b.settings && a.secrets == b.secrets && a.paused == b.paused
}
