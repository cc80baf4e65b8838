//! One task per channel account, while this process holds the sync lock. A channel that is added, changed, paused or removed (by this
//! process or another) is started or stopped; one that stops on an internal error is started again with growing waits.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::compose::connector;
use super::queue::{self, push::Push};
use super::status::{EngineStatus, Reporter, Role};
use super::{Line, bulk, journal, media, outbox, pace_of, receive, scheduler, templates};
use crate::channel::{Connector, Registered, http, registered};
use crate::config::SecretSource;
use crate::domain::channel::Health;
use crate::domain::delivery::backoff;
use crate::domain::hint::Hint;
use crate::domain::id::ChannelId;
use crate::domain::lease::{BEAT, Program};
use crate::domain::outbound::{Action, Order};
use crate::domain::time::Span;
use crate::store::channels::Channel;
use crate::store::lock::SyncLock;
use crate::store::{Result, Store};

/// What the engine needs to know beside the database.
#[derive(Clone, Debug)]
pub struct Options {
    /// The one HTTP client of the process.
    pub http: http::Client,
    /// The largest file that is fetched, in bytes.
    pub download_limit: u64,
    /// How long raw payloads are kept.
    pub journal_retention: Span,
    /// Who this process is, for those that find it syncing.
    pub program: Program,
    /// What carries push notices; without it nobody gets any.
    pub push: Option<Arc<dyn Push>>,
}

/// The running engine: it syncs when it may, and listens to what other processes change. Dropping it stops it without waiting; [`Engine::stop`] waits.
#[derive(Debug)]
pub struct Engine {
    status: watch::Receiver<EngineStatus>,
    connectors: Connectors,
    cancel: CancellationToken,
    task: tokio::sync::Mutex<Option<JoinHandle<()>>>,
}

/// The live connections, for what needs no outbox (showing that somebody types).
#[derive(Clone, Default)]
struct Connectors(Arc<std::sync::Mutex<BTreeMap<ChannelId, Live>>>);

/// A live connection.
#[derive(Clone)]
struct Live {
    connector: Arc<dyn Connector>,
    typing: Typing,
}

/// Whether customers of a channel see that somebody types.
#[derive(Clone, Copy)]
enum Typing {
    /// They do; the channel has no choice.
    Always,
    /// They do, because the channel chose so.
    Chosen,
    /// They do not.
    Never,
}

impl Typing {
    fn of(channel: &Channel, registered: &Registered) -> Self {
        match channel.settings.get("typing").map(String::as_str) {
            _ if registered.provider.fields.iter().all(|field| field.name != "typing") => Self::Always,
            Some("yes" | "true" | "on") => Self::Chosen,
            _ => Self::Never,
        }
    }
}

/// A running channel and the settings it was started with.
struct Running {
    channel: Channel,
    cancel: CancellationToken,
    task: JoinHandle<()>,
}

/// How long a stop waits for the channels to end: the outbox gives its requests ten seconds.
const FAREWELL: Duration = Duration::from_secs(12);
/// How often a lock that a server keeps for us is looked after.
const LOCK_CHECK: Duration = Duration::from_secs(20);

impl Engine {
    /// Starts the engine: at once if no other process syncs this database, else as soon as that one ends.
    pub fn start(store: Store, options: Options) -> Self {
        let (sender, status) = watch::channel(EngineStatus::default());
        let cancel = CancellationToken::new();
        let connectors = Connectors::default();
        let work = Work { store, options, status: Arc::new(sender), connectors: connectors.clone(), cancel: cancel.clone() };
        let task = tokio::sync::Mutex::new(Some(tokio::spawn(work.run())));
        Self { status, connectors, cancel, task }
    }

    /// How it is doing.
    pub fn status(&self) -> watch::Receiver<EngineStatus> {
        self.status.clone()
    }

    /// Shows a customer that somebody types, if this process has the connection. Never waits, never fails visibly.
    /// Where a channel can choose, it does only when it chose to, and `answering` (the provider's id of the customer's last message) is told.
    pub fn typing(&self, channel: ChannelId, chat: String, answering: Option<String>) {
        let Some(Live { connector, typing }) = self.connectors.get(channel) else { return };
        let answering = match typing {
            Typing::Always => None,
            Typing::Chosen => answering,
            Typing::Never => return,
        };
        tokio::spawn(async move {
            let order = Order { chat, aliases: Vec::new(), action: Action::Typing { answering }, idempotency_key: String::new() };
            if let Err(error) = connector.send(&order).await {
                tracing::debug!(%channel, %error, "could not show that somebody types");
            }
        });
    }

    /// Stops: no new requests, those on their way get ten seconds, then the lock is let go.
    pub async fn stop(&self) {
        self.cancel.cancel();
        if let Some(task) = self.task.lock().await.take() {
            // The task was cancelled or panicked; either way it has ended.
            let _ = task.await;
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

impl Connectors {
    fn get(&self, channel: ChannelId) -> Option<Live> {
        self.lock().get(&channel).cloned()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<ChannelId, Live>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Connectors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.lock().keys()).finish()
    }
}

#[derive(Clone)]
struct Work {
    store: Store,
    options: Options,
    status: Arc<watch::Sender<EngineStatus>>,
    connectors: Connectors,
    cancel: CancellationToken,
}

impl Work {
    async fn run(self) {
        // Replies that another process queues have to be heard of, and its screens' changes shown on ours.
        let watch = self.store.watch().await;
        if let Err(error) = &watch {
            tracing::error!(%error, "changes made by other programs will be seen late");
        }
        let mut failures = 0;
        while !self.cancel.is_cancelled() {
            match self.lock().await {
                Ok(Some(lock)) => {
                    failures = 0;
                    self.become_role(Role::Active);
                    self.sync(lock).await;
                }
                Ok(None) => return,
                Err(error) => {
                    failures += 1;
                    tracing::error!(%error, "cannot take the lock for syncing; trying again");
                    self.pause(backoff(failures, None, fastrand::f64()).duration()).await;
                }
            }
        }
    }

    /// The lock, at once or when its holder ends; `None` when we are told to stop first.
    async fn lock(&self) -> Result<Option<SyncLock>> {
        if let Some(lock) = self.store.try_sync_lock().await? {
            return Ok(Some(lock));
        }
        self.become_role(Role::Standby);
        tokio::select! {
            () = self.cancel.cancelled() => Ok(None),
            lock = self.store.sync_lock() => lock.map(Some),
        }
    }

    fn become_role(&self, role: Role) {
        self.status.send_modify(|status| status.role = role);
        self.store.tell(Hint::Status);
    }

    async fn pause(&self, wait: Duration) {
        tokio::select! {
            () = self.cancel.cancelled() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }

    /// Runs the channels until told to stop or the lock is lost.
    async fn sync(&self, mut lock: SyncLock) {
        let beat = tokio::spawn(self.clone().beat());
        let tidy = tokio::spawn(scheduler::run(self.store.clone(), self.options.journal_retention, self.cancel.child_token()));
        let queue = tokio::spawn(queue::run(self.store.clone(), self.options.push.clone(), self.cancel.child_token()));
        let mut hints = self.store.changes();
        let mut running: BTreeMap<ChannelId, Running> = BTreeMap::new();
        let mut stale = true;
        loop {
            if stale {
                stale = match self.reconcile(&mut running).await {
                    Ok(()) => false,
                    Err(error) => {
                        tracing::warn!(%error, "cannot read the channels; trying again");
                        self.pause(Duration::from_secs(1)).await;
                        !self.cancel.is_cancelled()
                    }
                };
                if stale {
                    continue;
                }
            }
            tokio::select! {
                () = self.cancel.cancelled() => break,
                hint = hints.recv() => match hint {
                    Ok(Hint::Status | Hint::Everything) | Err(RecvError::Lagged(_)) => stale = true,
                    Ok(Hint::Conversation(_) | Hint::Queue(_) | Hint::Journal) => {}
                    Err(RecvError::Closed) => break,
                },
                () = tokio::time::sleep(LOCK_CHECK), if lock.can_be_lost() => {
                    if !lock.is_held().await {
                        tracing::error!("the database server ended the session that held the lock for syncing; starting over");
                        break;
                    }
                }
            }
        }
        tidy.abort();
        queue.abort();
        stop_all(running).await;
        self.connectors.lock().clear();
        beat.abort();
        // Cancelled, and perhaps in the middle of a write that is undone then.
        let _ = beat.await;
        if let Err(error) = self.store.end_lease(&self.options.program).await {
            tracing::warn!(%error, "cannot note that this process syncs no more");
        }
    }

    /// Says who syncs, again and again until stopped.
    async fn beat(self) {
        let mut told = self.store.take_lease(&self.options.program).await;
        loop {
            if let Err(error) = told {
                tracing::warn!(%error, "cannot note that this process syncs");
            }
            tokio::time::sleep(BEAT.duration()).await;
            told = self.store.beat(&self.options.program).await;
        }
    }

    /// Starts and stops channels so that exactly the connected ones run, with their present settings.
    async fn reconcile(&self, running: &mut BTreeMap<ChannelId, Running>) -> Result<()> {
        let wanted: BTreeMap<ChannelId, Channel> =
            self.store.all_channels().await?.into_iter().filter(|channel| !channel.paused).map(|channel| (channel.id, channel)).collect();
        let gone: Vec<ChannelId> = running
            .iter()
            .filter(|(id, now)| wanted.get(id).is_none_or(|channel| !same_connection(channel, &now.channel)))
            .map(|(id, _)| *id)
            .collect();
        let gone: BTreeMap<ChannelId, Running> = gone.into_iter().filter_map(|id| running.remove(&id).map(|task| (id, task))).collect();
        for id in gone.keys() {
            self.connectors.lock().remove(id);
            self.status.send_modify(|status| {
                status.channels.remove(id);
            });
        }
        stop_all(gone).await;
        for (id, channel) in wanted {
            if running.contains_key(&id) {
                continue;
            }
            if let Some(registered) = registered(&channel.provider) {
                self.status.send_modify(|status| {
                    status.channels.insert(id, super::Progress::default());
                });
                let cancel = self.cancel.child_token();
                let task = tokio::spawn(self.clone().keep_running(channel.clone(), registered, cancel.clone()));
                running.insert(id, Running { channel, cancel, task });
            }
        }
        Ok(())
    }

    /// Runs a channel, again and again if it stops by itself.
    async fn keep_running(self, channel: Channel, registered: &'static Registered, cancel: CancellationToken) {
        let reporter = Reporter::new(self.store.clone(), channel.clone(), Arc::clone(&self.status));
        let mut failures = 0;
        while !cancel.is_cancelled() {
            let connected = tokio::select! {
                () = cancel.cancelled() => return,
                connected = self.connect(&channel, registered) => connected,
            };
            let note = match connected {
                Ok(connector) => {
                    reporter.connecting().await;
                    self.connectors
                        .lock()
                        .insert(channel.id, Live { connector: Arc::clone(&connector), typing: Typing::of(&channel, registered) });
                    let reads = registered.provider.capabilities.read_receipts
                        && channel.settings.get("read-receipts").is_none_or(|set| wanted(set));
                    if let Err(error) = self.store.set_reads(&channel, reads).await {
                        tracing::warn!(channel = %channel.id, %error, "cannot note whether customers are shown that we have read");
                    }
                    let line = Line {
                        store: self.store.clone(),
                        channel: channel.clone(),
                        registered,
                        connector,
                        status: reporter.clone(),
                        pace: pace_of(registered.provider.capabilities),
                        files: Arc::new(Notify::new()),
                        look: Arc::new(Notify::new()),
                        intake: Arc::default(),
                        download_limit: self.options.download_limit.min(registered.provider.capabilities.download_limit),
                        cancel: cancel.child_token(),
                    };
                    // A task of its own: a panic ends it, not the engine.
                    match tokio::spawn(run_line(line)).await {
                        Ok(()) => return,
                        Err(error) => {
                            tracing::error!(channel = %channel.id, %error, "a channel stopped on an internal error; starting it again");
                            reporter.troubled(Health::Retrying, "stopped on an internal error; starting again".to_owned()).await;
                            None
                        }
                    }
                }
                Err(note) => Some(note),
            };
            if let Some(note) = note {
                reporter.troubled(Health::NeedsAttention, note).await;
            }
            failures += 1;
            let wait = backoff(failures.min(8), None, fastrand::f64());
            tokio::select! {
                () = cancel.cancelled() => {}
                () = tokio::time::sleep(wait.duration()) => {}
            }
        }
    }

    async fn connect(&self, channel: &Channel, registered: &'static Registered) -> std::result::Result<Arc<dyn Connector>, String> {
        let sources = sources_of(channel)?;
        connector(&self.store, &self.options.http, registered, &channel.settings, &sources).await.map_err(|error| error.to_string())
    }
}

/// Whether a setting says yes; what it cannot be is yes as well.
fn wanted(setting: &str) -> bool {
    !matches!(setting.trim().to_ascii_lowercase().as_str(), "no" | "false" | "off")
}

/// Whether a running channel need not be started again for this row.
fn same_connection(a: &Channel, b: &Channel) -> bool {
    a.settings == b.settings && a.secrets == b.secrets && a.provider == b.provider && a.undo_delay == b.undo_delay
}

/// Where a channel's secrets are.
pub fn sources_of(channel: &Channel) -> std::result::Result<BTreeMap<String, SecretSource>, String> {
    let decode = |(name, source): (&String, &String)| SecretSource::decode(source).map(|source| (name.clone(), source));
    channel.secrets.iter().map(decode).collect::<std::result::Result<_, _>>().map_err(|error| error.to_string())
}

async fn run_line(line: Line) {
    tokio::join!(receive::run(&line), journal::run(&line), outbox::run(&line), bulk::run(&line), media::run(&line), templates::run(&line));
}

/// Ends channels and waits for them, all at once.
async fn stop_all(running: BTreeMap<ChannelId, Running>) {
    for channel in running.values() {
        channel.cancel.cancel();
    }
    for (id, channel) in running {
        if tokio::time::timeout(FAREWELL, channel.task).await.is_err() {
            tracing::warn!(channel = %id, "a channel did not stop in time");
        }
    }
}
