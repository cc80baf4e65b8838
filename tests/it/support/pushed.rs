//! A provider of the tests' own, as those that call us are: templates, a reply window, ids of messages that are unique in the whole account,
//! chats with several keys.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use frontdesk::channel::{Account, Connector, FetchError, ReceiveError, Registered};
use frontdesk::domain::channel::{Capabilities, Provider};
use frontdesk::domain::delivery::Delivery;
use frontdesk::domain::inbound::{Batch, Cause, Chat, Inbound, Item};
use frontdesk::domain::message::Direction;
use frontdesk::domain::outbound::{Accepted, Order, SendError};
use frontdesk::domain::template::{Category, Status, Template};
use frontdesk::domain::time::Span;
use frontdesk::sync::status::Reporter;
use frontdesk::sync::{EngineStatus, Line, ingest, outbox, pace_of};
use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::bench::{Bench, NOON, message};

/// How long one may write freely.
pub const DAY: Span = Span::hours(24);

static CAPABILITIES: Capabilities = Capabilities {
    text_limit: 4_096,
    caption_limit: 1_024,
    upload_limit: 16_000_000,
    file_types: &[],
    download_limit: 100_000_000,
    reply_to: true,
    react: true,
    typing: true,
    receipts: true,
    wide_ids: true,
    read_receipts: true,
    location: true,
    templates: true,
    window: Some(DAY),
    ..Capabilities::NONE
};

pub static PROVIDER: Provider = Provider { name: "pushed", title: "Pushed", letter: 'P', fields: &[], capabilities: &CAPABILITIES };

/// What its one template says is approved.
pub fn template(name: &str, category: Category) -> Template {
    Template {
        name: name.to_owned(),
        language: "en".to_owned(),
        category,
        status: Status::Approved,
        body: "Hello {{1}}, your court is {{2}}".to_owned(),
        ..Template::default()
    }
}

/// A connection that answers as a test says, and remembers what it was asked.
#[derive(Default)]
pub struct Fake {
    orders: Mutex<Vec<Order>>,
    refusals: Mutex<VecDeque<SendError>>,
    pub templates: Mutex<Vec<Template>>,
}

impl Fake {
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// The next answer; without one, every order is accepted.
    pub fn refuses(&self, error: SendError) {
        self.refusals.lock().unwrap().push_back(error);
    }

    pub fn orders(&self) -> Vec<Order> {
        self.orders.lock().unwrap().clone()
    }
}

impl Connector for Fake {
    fn check(&self) -> BoxFuture<'_, Result<Account, ReceiveError>> {
        Box::pin(std::future::ready(Ok(Account::default())))
    }

    fn receive<'a>(&'a self, _cursor: Option<&'a str>, _patience: Span) -> BoxFuture<'a, Result<Batch, ReceiveError>> {
        Box::pin(std::future::pending())
    }

    fn send<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, Result<Accepted, SendError>> {
        let mut orders = self.orders.lock().unwrap();
        orders.push(order.clone());
        let accepted = Ok(Accepted { external_id: Some(format!("out-{}", orders.len())), at: None });
        let refusal = self.refusals.lock().unwrap().pop_front();
        Box::pin(std::future::ready(refusal.map_or(accepted, Err)))
    }

    fn templates(&self) -> BoxFuture<'_, Result<Option<Vec<Template>>, ReceiveError>> {
        Box::pin(std::future::ready(Ok(Some(self.templates.lock().unwrap().clone()))))
    }

    fn fetch<'a>(&'a self, _reference: &'a str, _into: &'a Path, _limit: u64) -> BoxFuture<'a, Result<(), FetchError>> {
        Box::pin(std::future::ready(Err(FetchError::Gone("there are no files".to_owned()))))
    }
}

/// Its row of a registry.
static REGISTERED: Registered = Registered { provider: &PROVIDER, connect: |_| Ok(Fake::new()), map, webhook: None };

/// One fact as this provider writes it down. A chat is its keys, the first the one it goes by.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub enum Fact {
    Said { chat: Vec<String>, id: String, text: String, at: i64, edited: Option<i64> },
    Echo { chat: Vec<String>, id: String, text: String, at: i64 },
    Wish { chat: Vec<String>, wanted: bool, at: i64 },
    TemplatesChanged,
    Reacted { target: String, emoji: String, at: i64 },
    Deleted { target: String, at: i64 },
    Receipt { target: String, state: String, at: i64 },
    Named { target: String, key: String, state: String, at: i64 },
    Failed { target: String, cause: String, at: i64 },
}

/// A message of the customer with these keys, so many seconds after noon.
pub fn said(chat: &[&str], id: i64, text: &str) -> Fact {
    Fact::Said {
        chat: chat.iter().map(|key| (*key).to_owned()).collect(),
        id: format!("m{id}"),
        text: text.to_owned(),
        at: id,
        edited: None,
    }
}

const CAUSES: [Cause; 6] = [Cause::Other, Cause::WindowClosed, Cause::Capped, Cause::OptedOut, Cause::Unreachable, Cause::Account];

impl Fact {
    fn read(self) -> Inbound {
        let at = |seconds: i64| NOON.plus(Span::secs(seconds));
        match self {
            Self::Said { chat, id, text, at: wrote, edited } => {
                let named = format!("Customer {}", chat.last().unwrap());
                let mut said = message(&chat[0], wrote, &text);
                let handle = if chat[0].len() > 10 { format!("+{}", chat[0]) } else { String::new() };
                said.chat = Chat { aliases: chat[1..].to_vec(), wide: true, window: Some(DAY), name: named, handle, ..said.chat };
                (said.external_id, said.seq, said.edited_at) = (id, 0, edited.map(at));
                if edited.is_some() { Inbound::Edited(Box::new(said)) } else { Inbound::Message(Box::new(said)) }
            }
            Self::Echo { chat, id, text, at } => {
                let said = Self::Said { chat, id, text, at, edited: None };
                let Inbound::Message(mut echo) = said.read() else { unreachable!() };
                echo.direction = Direction::Out;
                Inbound::Message(echo)
            }
            Self::Wish { chat, wanted, at: when } => {
                let chat = Chat { key: chat[0].clone(), aliases: chat[1..].to_vec(), wide: true, window: Some(DAY), ..Chat::default() };
                Inbound::Promotions { chat: Box::new(chat), wanted, at: at(when) }
            }
            Self::TemplatesChanged => Inbound::TemplatesChanged { at: at(0) },
            Self::Reacted { target, emoji, at: when } => Inbound::Reacted {
                chat: String::new(),
                target,
                actor: "customer".to_owned(),
                actor_name: "Customer".to_owned(),
                emoji: (!emoji.is_empty()).then_some(emoji).into_iter().collect(),
                at: at(when),
            },
            Self::Deleted { target, at: when } => Inbound::Deleted { chat: String::new(), targets: vec![target], at: at(when) },
            Self::Failed { target, cause, at: when } => Inbound::Receipt {
                chat: String::new(),
                target,
                key: String::new(),
                state: Delivery::Failed,
                reason: format!("({cause})"),
                cause: CAUSES.into_iter().find(|known| format!("{known:?}") == cause).unwrap(),
                at: at(when),
            },
            Self::Receipt { target, state, at } => Self::Named { target, key: String::new(), state, at }.read(),
            Self::Named { target, key, state, at: when } => Inbound::Receipt {
                chat: String::new(),
                target,
                key,
                state: Delivery::of(&state),
                reason: String::new(),
                cause: Cause::Other,
                at: at(when),
            },
        }
    }
}

/// A payload with these facts.
pub fn payload(facts: &[Fact]) -> Item {
    let body = serde_json::to_string(facts).unwrap();
    // Nothing tells a payload that came before: each has a key of its own.
    map(&fastrand::u64(..).to_string(), &body)
}

fn map(key: &str, body: &str) -> Item {
    let facts: Result<Vec<Fact>, String> = serde_json::from_str(body).map_err(|error| error.to_string());
    let events = facts.map(|facts| facts.into_iter().map(Fact::read).collect());
    Item { key: key.to_owned(), body: body.to_owned(), events }
}

/// Stores a batch of payloads as if the provider had called with them.
pub async fn ingest(bench: &Bench, items: Vec<Item>) {
    let batch = Batch { items, cursor: None, caught_up: true };
    ingest::ingest(&bench.store, &bench.channel, &REGISTERED, &batch).await.unwrap();
}

/// What the tasks of the bench's channel share, with this connection.
pub fn line(bench: &Bench, connector: &Arc<Fake>) -> Line {
    let (status, _) = tokio::sync::watch::channel(EngineStatus::default());
    Line {
        store: bench.store.clone(),
        channel: bench.channel.clone(),
        registered: &REGISTERED,
        connector: connector.clone(),
        status: Reporter::new(bench.store.clone(), bench.channel.clone(), Arc::new(status)),
        pace: pace_of(&CAPABILITIES),
        files: Arc::default(),
        look: Arc::default(),
        intake: Arc::default(),
        download_limit: 0,
        cancel: CancellationToken::new(),
    }
}

/// Sends until a fact holds.
pub async fn sends_until(line: &Line, fact: impl AsyncFn() -> bool) {
    let running = line.clone();
    let task = tokio::spawn(async move { outbox::run(&running).await });
    let mut changes = line.store.changes();
    let come_true = async {
        while !fact().await {
            // A hint that was missed is no matter: it is looked again.
            let _ = tokio::time::timeout(Duration::from_millis(200), changes.recv()).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), come_true).await.expect("it never came true");
    line.cancel.cancel();
    task.await.unwrap();
}
