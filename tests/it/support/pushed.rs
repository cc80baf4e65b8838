//! A provider of the tests' own, as those that call us are: templates, a reply window, ids of messages that are unique in the whole account,
//! chats with several keys.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use frontdesk::channel::{Account, Connector, FetchError, ReceiveError, Registered};
use frontdesk::domain::channel::{Capabilities, Provider};
use frontdesk::domain::inbound::{Batch, Item};
use frontdesk::domain::outbound::{Accepted, Order, SendError};
use frontdesk::domain::template::{Category, Status, Template};
use frontdesk::domain::time::Span;
use frontdesk::sync::status::Reporter;
use frontdesk::sync::{EngineStatus, Line, outbox};
use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::bench::Bench;

/// How long one may write freely.
pub const DAY: Span = Span::hours(24);

static CAPABILITIES: Capabilities = Capabilities {
    text_limit: 4_096,
    caption_limit: 1_024,
    upload_limit: 16_000_000,
    download_limit: 100_000_000,
    reply_to: true,
    edit: false,
    delete: false,
    react: true,
    typing: true,
    receipts: true,
    idempotent: false,
    retention: None,
    polls: false,
    wide_ids: true,
    read_receipts: true,
    location: true,
    templates: true,
    window: Some(DAY),
    pair_rate: None,
    account_rate: None,
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
    pub templates: Mutex<Vec<Template>>,
}

impl Fake {
    pub fn new() -> Arc<Self> {
        Arc::default()
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
        Box::pin(std::future::ready(accepted))
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

fn map(key: &str, body: &str) -> Item {
    Item { key: key.to_owned(), body: body.to_owned(), events: Err("no such payload".to_owned()) }
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
        files: Arc::default(),
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
