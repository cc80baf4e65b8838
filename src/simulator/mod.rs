//! The providers' side on loopback, each by its own rules, with customers who write and answer. For tests, which hold the program to the
//! ledgers, and for the demo.
//!
//! This folder's own files play Telegram's Bot API; [`graph`] plays WhatsApp's Cloud API, [`ultramsg`] a gateway to a linked phone, and [`push`]
//! a browser's push service. Reading order: `queue` (updates and their numbers), `world` (what the provider knows), `polling` (getUpdates),
//! `methods`, `send` and `change` (what a bot can do), `customers` (what people can do), `server`; then [`cast`] (who the people are),
//! [`history`] (what they said before) and [`life`] (what they do by themselves).
//!
//! What all providers stand on: `shared` (a locked state, a movable present), `provider` (serving, and the control interface), `listener`
//! (lines that can be cut), `fault` and `spoil` (what can go wrong), `courier` (webhooks on their way).
//!
//! It is written from the providers' rules, never bent to fit our connectors. What Telegram's part leaves out: marked-up text
//! (`parse_mode`), inline mode, payments, and delivery to webhooks.

pub mod cast;
mod change;
mod control;
mod courier;
mod customers;
mod fault;
mod files;
pub mod graph;
pub mod history;
mod ledger;
pub mod life;
mod limits;
mod listener;
mod methods;
mod polling;
mod provider;
pub mod push;
mod queue;
pub mod scenes;
mod seat;
mod send;
mod server;
mod shared;
mod spoil;
pub mod ultramsg;
mod wire;
mod world;
mod writing;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use serde::Serialize;

pub use courier::Webhooks;
pub use fault::{Fault, FaultError, FaultRule, When};
pub use files::Sample;
pub use ledger::{Act, Ledger, Parcel, Received, Written};
pub use limits::Limits;
pub use seat::Homes;
pub use writing::{Content, Writing};

use crate::config::Secret;
use crate::domain::time::{Clock, Span, Timestamp};
use provider::{Provider, Running};
use queue::Queue;
use world::{Bot, World};

/// The provider whose API it speaks.
pub const PLAYS: &str = "telegram";

/// How a simulator is set up.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen; a loopback address, port 0 for any.
    pub listen: SocketAddr,
    /// Dates of messages and the 24 hours of updates come from here; waiting goes by tokio's clock.
    pub clock: Arc<dyn Clock>,
    /// Decides everything that is left to chance.
    pub seed: u64,
    /// Whether readers that ask too often or quarrel are slowed down, as the real server does.
    pub throttle: bool,
    /// Rate limits; none when `None`.
    pub limits: Option<Limits>,
}

/// A running simulator. Clones are the same one; it stops when the last is dropped.
#[derive(Clone, Debug)]
pub struct Simulator {
    world: Arc<World>,
    running: Arc<Running>,
}

/// Why a simulator did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Its customers are made up and its tokens public: it must not face a network.
    #[error("the simulator did not start: {0} is not a loopback address; use 127.0.0.1 or [::1]")]
    NotLoopback(SocketAddr),
    /// The address cannot be listened on.
    #[error("the simulator did not start: it cannot listen on {address} ({cause}); choose another port, or 0 for any")]
    Listen {
        /// Which address.
        address: SocketAddr,
        /// Why.
        cause: std::io::Error,
    },
}

/// A chat as one bot sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ChatKey {
    /// The bot's user id.
    pub bot: i64,
    /// The provider's chat id; a private chat has its person's.
    #[serde(rename = "chat")]
    pub id: i64,
    /// The bot answers here for a business account.
    pub business: bool,
}

/// What sort of chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChatKind {
    /// With one person.
    Private,
    /// A small group, whose messages are numbered together with the bot's private chats.
    Group,
    /// A large group with numbers of its own.
    Supergroup,
    /// One writes, many read.
    Channel,
}

/// A person with an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// The account's id, above 0; ids of real people pass 32 bits.
    pub id: i64,
    /// The first name, never empty.
    pub first_name: String,
    /// The last name; may be empty.
    pub last_name: String,
    /// The name after the @; may be empty.
    pub username: String,
    /// The language of the person's app (`id`, `pt-br`); may be empty.
    pub language: String,
}

impl Config {
    /// Any port on 127.0.0.1, seed 1, slowing down hasty readers, no rate limits.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), clock, seed: 1, throttle: true, limits: None }
    }
}

impl ChatKind {
    /// As the Bot API spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Group => "group",
            Self::Supergroup => "supergroup",
            Self::Channel => "channel",
        }
    }
}

impl Person {
    /// First and last name.
    pub fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name).trim_end().to_owned()
    }
}

impl Simulator {
    /// Starts listening and answering.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let (listener, address) = shared::listen(config.listen).await?;
        let world = Arc::new(World::new(&config));
        Ok(Self { running: Running::start(listener, address, &world), world })
    }

    /// `http://127.0.0.1:PORT`, what a bot uses instead of the real server's address.
    pub fn base_url(&self) -> String {
        self.running.base_url()
    }

    /// Stops at once: open requests lose their connection, new ones are refused.
    pub fn stop(&self) {
        self.running.stop();
    }

    /// A new bot with a token drawn by the seed. Returns its user id.
    pub fn add_bot(&self, name: &str) -> i64 {
        let token = self.world.with(|state, _| {
            let key: String = std::iter::repeat_with(|| state.rng.alphanumeric()).take(33).collect();
            format!("{}:AA{key}", 7_000_000_000 + state.rng.i64(0..900_000_000))
        });
        self.add_bot_with_token(name, &Secret::new(token)).unwrap_or_default()
    }

    /// A new bot with that token (`NUMBER:LETTERS`; the number is its user id). `None` when the token is not of that form or taken.
    pub fn add_bot_with_token(&self, name: &str, token: &Secret) -> Option<i64> {
        let id: i64 = token.reveal().split_once(':').filter(|(_, key)| !key.is_empty())?.0.parse().ok().filter(|id| *id > 0)?;
        self.world.with(|state, _| {
            if state.bots.contains_key(&id) {
                return None;
            }
            let username: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>() + "_bot";
            let bot = Bot {
                id,
                token: token.clone(),
                name: name.to_owned(),
                username: username.to_ascii_lowercase(),
                queue: Queue::new(&mut state.rng),
                allowed: polling::Allowed::default(),
                webhook: None,
                polls: polling::Polls::default(),
                last_message: 0,
                business_of: None,
                last_business: 0,
            };
            state.bots.insert(id, bot);
            Some(id)
        })
    }

    /// That bot's token.
    pub fn token(&self, bot: i64) -> Option<Secret> {
        self.world.look(|state| state.bots.get(&bot).map(|bot| bot.token.clone()))
    }

    /// The simulator's present.
    pub fn now(&self) -> Timestamp {
        self.world.now()
    }

    /// Moves the present ahead of the clock: messages date from then, updates older than a day are gone.
    pub fn advance(&self, span: Span) {
        self.world.advance(span);
    }

    /// Switches a fault on.
    pub fn fault(&self, rule: FaultRule) {
        self.world.faults(|faults| faults.add(rule));
    }

    /// Switches all faults off. Requests that hang already go on hanging.
    pub fn clear_faults(&self) {
        self.world.faults(fault::Faults::clear);
    }

    /// Looks something up in the ledger.
    pub fn ledger<T>(&self, look: impl FnOnce(&Ledger) -> T) -> T {
        self.world.ledger(look)
    }

    /// Waits until the ledger has what `look` is looking for.
    pub async fn wait_for<T>(&self, mut look: impl FnMut(&Ledger) -> Option<T>) -> T {
        self.wait(|| self.ledger(&mut look)).await
    }

    /// How many updates the bot has not confirmed.
    pub fn pending(&self, bot: i64) -> usize {
        self.world.look_mut(|state| state.bots.get(&bot).map_or(0, |bot| bot.queue.len()))
    }

    /// Waits until the bot has confirmed every update.
    pub async fn all_confirmed(&self, bot: i64) {
        self.wait(|| (self.pending(bot) == 0).then_some(())).await;
    }

    /// Looks again whenever something may have changed, until something is found.
    async fn wait<T>(&self, mut look: impl FnMut() -> Option<T>) -> T {
        let mut changes = self.world.changes();
        loop {
            changes.borrow_and_update();
            if let Some(found) = look() {
                return found;
            }
            // Fails only when the world is gone, and this handle holds it.
            let _ = changes.changed().await;
        }
    }
}
