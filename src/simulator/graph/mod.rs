//! WhatsApp's Cloud API: the Graph interface a business uses, the webhooks it is told by, and the customers at the other end.
//!
//! Reading order: `world` (what the provider knows), `http` (which request is what), `send` and `template` (what a message must look like),
//! `media`, `nodes` (what can be asked about numbers and accounts), `hook` (what webhooks look like), `people` (what customers can do).
//!
//! Written from the provider's documents. What it leaves out: groups, catalogues, flows' contents, calls, media behind links.

mod control;
mod hook;
mod http;
mod ledger;
mod media;
mod nodes;
mod people;
mod send;
mod template;
mod world;
mod writing;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use tokio::sync::watch;

pub use ledger::{Ledger, Posted, Received, Request, Written};
pub use writing::{Content, Writing};

use super::StartError;
use super::courier::{self, Webhooks};
use super::fault::{FaultRule, Faults};
use super::provider::{Provider, Running};
use super::shared::{self, Shared};
use crate::config::Secret;
use crate::domain::time::{Clock, Span, Timestamp};
use world::State;

/// The provider whose API it speaks.
pub const PLAYS: &str = "whatsapp";

/// How a simulator is set up.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen; a loopback address, port 0 for any.
    pub listen: SocketAddr,
    /// Times of messages, windows and media addresses come from here; waiting goes by tokio's clock.
    pub clock: Arc<dyn Clock>,
    /// Decides everything that is left to chance.
    pub seed: u64,
    /// How the provider behaves; can be changed later.
    pub rules: Rules,
    /// How webhooks travel; can be changed later.
    pub webhooks: Webhooks,
}

/// How the provider behaves where it is known to behave in several ways.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rules {
    /// When it refuses what only it can know: a closed window, a number without WhatsApp.
    pub refusal: Refusal,
    /// The answer to a send comes only after the webhooks about it were taken.
    pub late_answers: bool,
    /// A reaction taken back comes without its emoji; else with an empty one.
    pub bare_removals: bool,
    /// Rate limits; none when `None`.
    pub limits: Option<Limits>,
}

/// When a message that cannot be delivered is refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Refusal {
    /// It is accepted, and a status says later that it failed.
    #[default]
    Later,
    /// The answer is an error.
    AtOnce,
}

/// Rates, refilled by tokio's clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Seconds for each message to one person, in the long run.
    pub pair_every: f64,
    /// Messages to one person at once, before that counts.
    pub pair_burst: f64,
    /// Messages a second of one number, and as many at once.
    pub per_number: f64,
}

/// A business's phone number and what belongs to it.
#[derive(Clone, Debug)]
pub struct Number {
    /// The phone number id.
    pub id: String,
    /// The verified name.
    pub name: String,
    /// The number itself, digits alone.
    pub phone: String,
    /// The id of the WhatsApp Business Account.
    pub business: String,
    /// The id of the portfolio that owns the account, for which limits are counted.
    pub portfolio: String,
    /// The portfolio's limit (`TIER_250`, `TIER_2K`, `TIER_10K`, `TIER_100K`, `TIER_UNLIMITED`).
    pub tier: String,
    /// The access token.
    pub token: Secret,
    /// When the token ends, in unix seconds; 0 is never.
    pub token_ends: i64,
    /// What webhooks are signed with.
    pub app_secret: Secret,
    /// What a receiver must know to be registered.
    pub verify_token: Secret,
    /// Where webhooks go; nowhere when `None`.
    pub callback: Option<String>,
}

/// Somebody with WhatsApp.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// The profile's name.
    pub name: String,
    /// The WhatsApp id: the number's digits as WhatsApp has them.
    pub phone: String,
    /// The id for this portfolio (`US.1349…`); empty for who has none.
    pub user_id: String,
    /// The name after the @; may be empty.
    pub username: String,
    /// Businesses are not told the number.
    pub hides_phone: bool,
}

/// A person known to the simulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Who(usize);

/// A running simulator. Clones are the same one; it stops when the last is dropped.
#[derive(Clone, Debug)]
pub struct Graph {
    shared: Arc<Shared<State>>,
    running: Arc<Running>,
}

impl Config {
    /// Any port on 127.0.0.1, seed 1, no rate limits, failures told later.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self { listen, clock, seed: 1, rules: Rules::default(), webhooks: Webhooks::default() }
    }
}

impl Default for Limits {
    /// As documented: one message in 6 s to one person after bursts of 45, 80 a second from one number.
    fn default() -> Self {
        Self { pair_every: 6.0, pair_burst: 45.0, per_number: 80.0 }
    }
}

impl Graph {
    /// Starts listening and answering.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let (listener, address) = shared::listen(config.listen).await?;
        let base = format!("http://{address}");
        let shared = Arc::new(Shared::new(State::new(&config, base), &config.clock));
        tokio::spawn(courier::deliver(Arc::clone(&shared)));
        Ok(Self { running: Running::start(listener, address, &shared), shared })
    }

    /// `http://127.0.0.1:PORT`, what a business uses instead of the real server's address.
    pub fn base_url(&self) -> String {
        self.running.base_url()
    }

    /// Stops at once: open requests lose their connection, new ones are refused, no webhook leaves any more.
    pub fn stop(&self) {
        self.running.stop();
    }

    /// A new number of a new business, with ids and secrets drawn by the seed. Returns its phone number id.
    pub fn add_number(&self, name: &str) -> String {
        self.shared.with(|state, _| state.add_number(name))
    }

    /// What is known about a number.
    pub fn number(&self, id: &str) -> Option<Number> {
        self.shared.look(|state| state.numbers.get(id).cloned())
    }

    /// Changes a number: its tier, its secrets, the business it belongs to. Its id stays.
    pub fn change_number(&self, id: &str, change: impl FnOnce(&mut Number)) {
        self.shared.with(|state, _| {
            if let Some(number) = state.numbers.get_mut(id) {
                change(number);
                id.clone_into(&mut number.id);
            }
        });
    }

    /// Registers where the number's webhooks go, if whoever listens there knows the verify token and gives the challenge back.
    pub async fn subscribe(&self, number: &str, url: &str) -> Result<(), String> {
        control::subscribe(&self.shared, number, url).await
    }

    /// Adds a template to a business account, as the listing shows it (`name`, `language`, `status`, `category`, `components`).
    pub fn add_template(&self, business: &str, template: Value) {
        self.shared.with(|state, _| state.add_template(business, template));
    }

    /// Gives all templates of that name another status (`APPROVED`, `PAUSED`, `REJECTED`, `DISABLED`, `PENDING`).
    pub fn set_template_status(&self, business: &str, name: &str, status: &str) {
        self.shared.with(|state, _| state.set_template_status(business, name, status));
    }

    /// Changes how the provider behaves.
    pub fn rules(&self, change: impl FnOnce(&mut Rules)) {
        self.shared.with(|state, _| {
            change(&mut state.rules);
            state.limits_changed();
        });
    }

    /// Changes how webhooks travel.
    pub fn webhooks(&self, change: impl FnOnce(&mut Webhooks)) {
        self.shared.with(|state, _| change(&mut state.bag.switches));
    }

    /// The simulator's present.
    pub fn now(&self) -> Timestamp {
        self.shared.now()
    }

    /// Moves the present ahead of the clock: messages date from then, windows and media addresses end.
    pub fn advance(&self, span: Span) {
        self.shared.advance(span);
    }

    /// Switches a fault on. Methods are `messages`, `media` (uploads), `media-url`, `file` (downloads), `number`, `templates`, `debug-token`.
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

    /// What tells that something may have changed.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.shared.changes()
    }

    /// Waits until every webhook was taken.
    pub async fn all_taken(&self) {
        self.shared.wait(|state| state.bag.is_empty().then_some(())).await;
    }
}
