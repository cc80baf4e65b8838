//! A push service, as browser makers run them (RFC 8030), and the browser at its other end: it makes subscriptions and opens what comes for
//! them (RFC 8291). Whoever pushes must sign (RFC 8292).
//!
//! Reading order: `world` (subscriptions, what waits, the ledger), `http` (what a push must look like), `vapid` (who signed it). What it
//! leaves out: receipts, deleting messages, and HTTP/2, by which browsers are told.

mod http;
mod vapid;
mod world;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use serde::Serialize;

use super::StartError;
use super::fault::{FaultRule, Faults};
use super::provider::{Provider, Running};
use super::shared::{self, Shared};
use crate::domain::time::{Clock, Span, Timestamp};
use world::State;

/// What it plays.
pub const PLAYS: &str = "push";

/// How a push service is set up.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen; a loopback address, port 0 for any.
    pub listen: SocketAddr,
    /// How long messages are kept and signatures hold goes by this; waiting goes by tokio's clock.
    pub clock: Arc<dyn Clock>,
    /// Decides everything that is left to chance.
    pub seed: u64,
}

/// What devices showed, and every push.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Ledger {
    /// What reached devices, in order.
    pub shown: Vec<Shown>,
    /// Every push, taken or refused, in order.
    pub pushes: Vec<Push>,
}

/// One message that reached a device.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    /// To which subscription, by its address.
    pub endpoint: String,
    /// What it says; `None` when the device could not open it, and so showed nothing.
    pub text: Option<String>,
    /// What it replaces or is replaced by while it waits; empty when by nothing.
    pub topic: String,
    /// When, in unix seconds.
    pub at: i64,
}

/// One push.
#[derive(Clone, Debug, Serialize)]
pub struct Push {
    /// The address after the host.
    pub path: String,
    /// The status it was answered with, whether or not the sender was given it.
    pub status: u16,
    /// Why it was refused; empty when it was taken.
    pub refused: String,
    /// How many seconds it may wait.
    pub ttl: u64,
    /// How urgent it is said to be; empty when nothing is said.
    pub urgency: String,
}

/// A running push service. Clones are the same one; it stops when the last is dropped.
#[derive(Clone, Debug)]
pub struct PushService {
    shared: Arc<Shared<State>>,
    running: Arc<Running>,
}

impl Config {
    /// Any port on 127.0.0.1, seed 1.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), clock, seed: 1 }
    }
}

impl PushService {
    /// Starts listening and answering.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let (listener, address) = shared::listen(config.listen).await?;
        let state = State::new(config.seed, format!("http://{address}"));
        let shared = Arc::new(Shared::new(state, &config.clock));
        Ok(Self { running: Running::start(listener, address, &shared), shared })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn base_url(&self) -> String {
        self.running.base_url()
    }

    /// Stops at once: open requests lose their connection, new ones are refused.
    pub fn stop(&self) {
        self.running.stop();
    }

    /// A new device with a subscription, as its `PushSubscription.toJSON()` gives it. With the public key that a page names
    /// (`applicationServerKey`, in base64url) nobody else may push to it.
    pub fn subscribe(&self, server_key: Option<&str>) -> String {
        self.shared.with(|state, _| state.subscribe(server_key)).to_string()
    }

    /// The subscription at that address ends: whoever allowed notices does so no longer.
    pub fn unsubscribe(&self, endpoint: &str) {
        self.shared.with(|state, _| state.unsubscribe(endpoint));
    }

    /// The device of the subscription at that address is switched on, and gets what waits for it; or it is switched off.
    pub fn set_online(&self, endpoint: &str, online: bool) {
        self.shared.with(|state, now| state.set_online(endpoint, online, now));
    }

    /// The service's present.
    pub fn now(&self) -> Timestamp {
        self.shared.now()
    }

    /// Moves the present ahead of the clock.
    pub fn advance(&self, span: Span) {
        self.shared.advance(span);
    }

    /// Switches a fault on. The one method is `push`.
    pub fn fault(&self, rule: FaultRule) {
        self.shared.faults(|faults| faults.add(rule));
    }

    /// Switches all faults off. Requests that hang already go on hanging.
    pub fn clear_faults(&self) {
        self.shared.faults(Faults::clear);
    }

    /// Looks something up in the ledger.
    pub fn ledger<T>(&self, look: impl FnOnce(&Ledger) -> T) -> T {
        self.shared.ledger(look)
    }

    /// Waits until the ledger has what `look` is looking for.
    pub async fn wait_for<T>(&self, mut look: impl FnMut(&Ledger) -> Option<T>) -> T {
        self.shared.wait(|state| look(&state.ledger)).await
    }
}
