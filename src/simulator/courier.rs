//! Webhooks on their way to whoever registered for them: in order or not, several in one request or not, once or twice, again and again
//! until they are taken.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::shared::Shared;

/// How long a receiver may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// The longest wait before what was not taken is posted again.
const LONGEST: Duration = Duration::from_secs(30);

/// How webhooks travel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Webhooks {
    /// How many events one request may carry, where the provider puts several into one.
    pub batch: usize,
    /// Each event waits a random time up to this, so that they arrive in another order than they happened.
    pub disorder: Duration,
    /// How often what was taken is posted once more, 0 to 1.
    pub duplicates: f64,
    /// Nothing leaves; it all waits until this is switched off.
    pub held: bool,
    /// The wait before what was not taken is posted again; twice as long each time, up to 30 s.
    pub retry: Duration,
}

/// One request to a receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) url: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Bytes,
    /// How often it was posted and not taken.
    pub(super) tries: u32,
    /// It was taken before.
    pub(super) repeated: bool,
}

/// Events that wait to be posted, and requests that wait to be posted again.
#[derive(Debug)]
pub(super) struct Bag<E> {
    fresh: BTreeMap<(Instant, u64), E>,
    calls: BTreeMap<(Instant, u64), Call>,
    flying: usize,
    serial: u64,
    pub(super) switches: Webhooks,
    pub(super) rng: fastrand::Rng,
}

/// What is to be done next.
enum Next<E> {
    Compose(Vec<E>),
    Post(Call),
    Wait(Option<Instant>),
}

/// A provider that posts.
pub(super) trait Posts: Send + 'static {
    /// Something to tell.
    type Event: Send;

    /// What waits.
    fn bag(&mut self) -> &mut Bag<Self::Event>;

    /// The requests that tell of these; none when nobody registered.
    fn compose(&mut self, events: Vec<Self::Event>) -> Vec<Call>;

    /// A request was answered with that status, or not at all.
    fn posted(&mut self, call: &Call, status: Option<u16>);
}

impl Default for Webhooks {
    fn default() -> Self {
        Self { batch: 1, disorder: Duration::ZERO, duplicates: 0.0, held: false, retry: Duration::from_millis(200) }
    }
}

impl<E> Bag<E> {
    pub(super) fn new(switches: Webhooks, seed: u64) -> Self {
        let rng = fastrand::Rng::with_seed(seed ^ 0x00c0_071e);
        Self { fresh: BTreeMap::new(), calls: BTreeMap::new(), flying: 0, serial: 0, switches, rng }
    }

    pub(super) fn push(&mut self, event: E) {
        let wait = self.switches.disorder.mul_f64(self.rng.f64());
        let key = self.key(wait);
        self.fresh.insert(key, event);
    }

    /// Whether everything was taken.
    pub(super) fn is_empty(&self) -> bool {
        self.fresh.is_empty() && self.calls.is_empty() && self.flying == 0
    }

    fn key(&mut self, wait: Duration) -> (Instant, u64) {
        self.serial += 1;
        (Instant::now() + wait, self.serial)
    }

    fn again(&mut self, call: Call, wait: Duration) {
        let key = self.key(wait);
        self.calls.insert(key, call);
    }

    fn next(&mut self) -> Next<E> {
        let now = Instant::now();
        if self.switches.held {
            return Next::Wait(None);
        }
        if self.calls.first_key_value().is_some_and(|((due, _), _)| *due <= now)
            && let Some((_, call)) = self.calls.pop_first()
        {
            self.flying += 1;
            return Next::Post(call);
        }
        let mut events = Vec::new();
        while events.len() < self.switches.batch.max(1) && self.fresh.first_key_value().is_some_and(|((due, _), _)| *due <= now) {
            events.extend(self.fresh.pop_first().map(|(_, event)| event));
        }
        if !events.is_empty() {
            return Next::Compose(events);
        }
        let soonest = [self.fresh.first_key_value().map(|(key, _)| key.0), self.calls.first_key_value().map(|(key, _)| key.0)];
        Next::Wait(soonest.into_iter().flatten().min())
    }

    fn landed(&mut self, mut call: Call, status: Option<u16>) {
        self.flying -= 1;
        if status == Some(200) {
            if !call.repeated && self.rng.f64() < self.switches.duplicates {
                call.repeated = true;
                self.again(call, Duration::ZERO);
            }
            return;
        }
        call.tries += 1;
        let wait = self.switches.retry.saturating_mul(1 << (call.tries - 1).min(16)).min(LONGEST);
        self.again(call, wait);
    }
}

/// Posts what there is to post until the provider stops.
pub(super) async fn deliver<S: Posts>(shared: Arc<Shared<S>>) {
    let stop = shared.stop.clone();
    tokio::select! {
        () = stop.cancelled() => {}
        () = post_all(&shared) => {}
    }
}

async fn post_all<S: Posts>(shared: &Shared<S>) {
    let Some(client) = client() else { return };
    let mut changes = shared.changes();
    loop {
        changes.borrow_and_update();
        let next = shared.quietly(|state, _| state.bag().next());
        match next {
            Next::Compose(events) => shared.with(|state, _| {
                for call in state.compose(events) {
                    state.bag().again(call, Duration::ZERO);
                }
            }),
            Next::Post(call) => {
                let status = post(&client, &call).await;
                shared.with(|state, _| {
                    state.posted(&call, status);
                    state.bag().landed(call, status);
                });
            }
            Next::Wait(until) => {
                tokio::select! {
                    _ = changes.changed() => {}
                    () = sleep_until(until) => {}
                }
            }
        }
    }
}

/// A client that goes nowhere but where it is told.
pub(super) fn client() -> Option<reqwest::Client> {
    // Installed already in the whole program; then this changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().ok()
}

async fn post(client: &reqwest::Client, call: &Call) -> Option<u16> {
    let mut request = client.post(&call.url).body(call.body.clone());
    for (name, value) in &call.headers {
        request = request.header(*name, value);
    }
    let answer = tokio::time::timeout(PATIENCE, request.send()).await.ok()?.ok()?;
    Some(answer.status().as_u16())
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
