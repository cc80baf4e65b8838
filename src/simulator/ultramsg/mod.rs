//! UltraMsg's gateway: WhatsApp through a linked phone. What is sent waits in the gateway's queue while the phone is away, and leaves when it
//! is back; every refusal but one comes with HTTP status 200; webhooks carry no signature.
//!
//! Reading order: `world` (what the gateway knows), `http` (which request is what), `send` (what goes into the queue and out of it), `people`
//! (what customers can do). What it leaves out: groups, contacts' pictures, the waits between messages.

mod control;
mod http;
mod people;
mod send;
mod world;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::StartError;
use super::courier::{self, Webhooks};
use super::fault::{FaultRule, Faults};
use super::graph::Posted;
use super::ledger::{Act, Parcel};
use super::provider::{Provider, Running};
use super::shared::{self, Shared};
use crate::config::Secret;
use crate::domain::time::{Clock, Span, Timestamp};
use world::State;

/// The provider whose API it speaks.
pub const PLAYS: &str = "ultramsg";

/// How a simulator is set up.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen; a loopback address, port 0 for any.
    pub listen: SocketAddr,
    /// Times of messages come from here; waiting goes by tokio's clock.
    pub clock: Arc<dyn Clock>,
    /// Decides everything that is left to chance.
    pub seed: u64,
    /// How webhooks travel; can be changed later. One request carries one event, always.
    pub webhooks: Webhooks,
}

/// Somebody with WhatsApp.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// The name others see.
    pub name: String,
    /// The number's digits.
    pub phone: String,
    /// The chat's id when it is not made of the number (`123@lid`); else empty.
    pub lid: String,
}

/// A person known to the simulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Who(usize);

/// Everything customers wrote, everything they received, every request and every webhook.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Ledger {
    /// What customers did, in order.
    pub written: Vec<Written>,
    /// What reached customers, in order.
    pub received: Vec<Received>,
    /// Every request to the gateway, in order, accepted or refused; tokens are left out.
    pub requests: Vec<Request>,
    /// Every attempt to post a webhook, in order.
    pub posted: Vec<Posted>,
}

/// One thing a customer did.
#[derive(Clone, Debug, Serialize)]
pub struct Written {
    /// Who.
    pub who: Who,
    /// What.
    pub act: Act,
    /// The message's id; of a reaction, the id of the message it is about.
    pub id: String,
    /// The words or the caption, or the emoji of a reaction.
    pub text: String,
}

/// One thing that reached a customer.
#[derive(Clone, Debug, Serialize)]
pub struct Received {
    /// Who got it.
    pub who: Who,
    /// What.
    pub act: Act,
    /// The message's id on WhatsApp.
    pub id: String,
    /// The gateway's number for it; 0 for what was not queued.
    pub queued: u64,
    /// What the sender called it (`referenceId`).
    pub reference: String,
    /// Its type (`chat`, `image` …).
    pub kind: String,
    /// The words or the caption, or the emoji of a reaction.
    pub text: String,
    /// The file that came with it, when it came as bytes.
    pub file: Option<Parcel>,
}

/// One request to the gateway.
#[derive(Clone, Debug, Serialize)]
pub struct Request {
    /// The path after the instance (`messages/chat`).
    pub path: String,
    /// The parameters, without the token.
    pub params: Value,
    /// The answer, whether or not the client was given it.
    pub answer: Value,
}

/// A running simulator. Clones are the same one; it stops when the last is dropped.
#[derive(Clone, Debug)]
pub struct UltraMsg {
    shared: Arc<Shared<State>>,
    running: Arc<Running>,
}

impl Config {
    /// Any port on 127.0.0.1, seed 1.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), clock, seed: 1, webhooks: Webhooks::default() }
    }
}

impl Ledger {
    /// The new messages that customer got, in order.
    pub fn delivered(&self, who: Who) -> impl Iterator<Item = &Received> {
        self.received.iter().filter(move |received| received.who == who && received.act == Act::Message)
    }
}

impl UltraMsg {
    /// Starts listening and answering, as one instance whose phone is there.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let (listener, address) = shared::listen(config.listen).await?;
        let shared = Arc::new(Shared::new(State::new(&config, format!("http://{address}")), &config.clock));
        tokio::spawn(courier::deliver(Arc::clone(&shared)));
        Ok(Self { running: Running::start(listener, address, &shared), shared })
    }

    /// `http://127.0.0.1:PORT`, what a client uses instead of the real server's address.
    pub fn base_url(&self) -> String {
        self.running.base_url()
    }

    /// The instance's number, as webhooks tell it; the dashboard and addresses put `instance` before it.
    pub fn instance(&self) -> String {
        self.shared.look(|state| state.instance.clone())
    }

    /// The instance's token.
    pub fn token(&self) -> Secret {
        self.shared.look(|state| state.token.clone())
    }

    /// The linked phone's number.
    pub fn phone(&self) -> String {
        self.shared.look(|state| state.phone.clone())
    }

    /// Where webhooks go, as an owner sets it on the dashboard; the address may hold a secret.
    pub fn set_webhook(&self, url: Option<&str>) {
        self.shared.with(|state, _| url.unwrap_or_default().clone_into(&mut state.settings.webhook_url));
    }

    /// The phone is linked and there, or it is away: then what is sent is queued, and leaves all at once when it is back.
    pub fn set_connected(&self, connected: bool) {
        self.shared.with(|state, now| {
            state.connected = connected;
            state.pump(now);
        });
    }

    /// Changes how webhooks travel.
    pub fn webhooks(&self, change: impl FnOnce(&mut Webhooks)) {
        self.shared.with(|state, _| change(&mut state.bag.switches));
    }

    /// Stops at once: open requests lose their connection, new ones are refused, no webhook leaves any more.
    pub fn stop(&self) {
        self.running.stop();
    }

    /// The simulator's present.
    pub fn now(&self) -> Timestamp {
        self.shared.now()
    }

    /// Moves the present ahead of the clock.
    pub fn advance(&self, span: Span) {
        self.shared.advance(span);
    }

    /// Switches a fault on. Methods are the paths after the instance (`messages/chat`), and `file`.
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

    /// Waits until every webhook was taken.
    pub async fn all_taken(&self) {
        self.shared.wait(|state| state.bag.is_empty().then_some(())).await;
    }
}
