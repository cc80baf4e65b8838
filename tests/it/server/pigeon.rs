//! A provider of the tests' own that calls us: its bodies are lines, its signature is a word.

use std::path::Path;
use std::sync::Arc;

use frontdesk::channel::{Account, Call, Connector, FetchError, ReceiveError, Registered, Settings, SettingsError, Webhook};
use frontdesk::domain::channel::{Capabilities, Field, Provider};
use frontdesk::domain::inbound::{Batch, Inbound, Item};
use frontdesk::domain::outbound::{Accepted, Order, SendError};
use frontdesk::domain::time::Span;
use futures_util::future::BoxFuture;

use crate::support::bench::message;

/// Its row; nothing else knows it.
pub static PIGEONS: &[Registered] = &[Registered { provider: &PIGEON, connect, map, webhook: Some(Webhook { path, admit, greet, read }) }];

static PIGEON: Provider = Provider {
    name: "pigeon",
    title: "Pigeon",
    letter: 'P',
    fields: &[Field { name: "word", title: "Word", help: "The keeper has it.", secret: true, default: None }],
    capabilities: &Capabilities { text_limit: 10, ..Capabilities::NONE },
};

fn path(_: &Settings) -> String {
    String::new()
}

fn admit(settings: &Settings, call: &Call<'_>) -> bool {
    settings.secrets.get("word").is_some_and(|word| call.headers.get("x-word").is_some_and(|said| said == word.reveal()))
}

fn greet(settings: &Settings, call: &Call<'_>) -> Option<String> {
    let word = settings.secrets.get("word")?;
    (call.query.get("word")? == word.reveal()).then(|| call.query.get("say").cloned().unwrap_or_default())
}

/// Each line is `chat/number/words`.
fn read(body: &str) -> Vec<Item> {
    body.lines().map(|line| map("", line)).collect()
}

fn map(_: &str, line: &str) -> Item {
    assert!(!line.contains("break the reader"), "it breaks");
    let mut words = line.splitn(3, '/');
    let parsed = (|| Some((words.next()?, words.next()?.parse::<i64>().ok()?, words.next()?)))();
    let events = match parsed {
        Some((chat, id, text)) => Ok(vec![Inbound::Message(Box::new(message(chat, id, text)))]),
        None => Err("not a line of a pigeon".to_owned()),
    };
    Item { key: format!("line {line}"), body: line.to_owned(), events }
}

#[expect(clippy::unnecessary_wraps, reason = "the registry's type")]
fn connect(_: &Settings) -> Result<Arc<dyn Connector>, SettingsError> {
    Ok(Arc::new(Loft))
}

/// Its connection: always there, takes nothing.
pub struct Loft;

impl Connector for Loft {
    fn check(&self) -> BoxFuture<'_, Result<Account, ReceiveError>> {
        let account = Account { key: "loft".into(), reach: Some(250), portfolio: "lofts".into(), ..Account::default() };
        Box::pin(std::future::ready(Ok(account)))
    }

    fn receive<'a>(&'a self, _: Option<&'a str>, _: Span) -> BoxFuture<'a, Result<Batch, ReceiveError>> {
        Box::pin(std::future::ready(Err(ReceiveError::NeedsAttention("it was asked for news".into()))))
    }

    fn send<'a>(&'a self, _: &'a Order) -> BoxFuture<'a, Result<Accepted, SendError>> {
        Box::pin(std::future::ready(Err(SendError::Refused("pigeons take nothing".into()))))
    }

    fn fetch<'a>(&'a self, _: &'a str, _: &'a Path, _: u64) -> BoxFuture<'a, Result<(), FetchError>> {
        Box::pin(std::future::ready(Err(FetchError::Gone("pigeons bring no files".into()))))
    }
}
