//! Telegram, through the Bot API 10.1: a bot's chats, over plain HTTPS requests, at Telegram's own server or any other that speaks the same.
//!
//! `receive` looks for news, `map` reads it (with `message`, `words`, `rich`, `service`, `entities`, `chat`), `send` carries out orders, `fetch`
//! brings files; all of them through `api`, which speaks the protocol, in the shapes of `wire`.

mod api;
mod chat;
mod entities;
mod fetch;
mod map;
mod message;
mod receive;
mod rich;
mod send;
mod service;
mod wire;
mod words;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use self::api::{Api, SHORT, SMALL};
use super::http::Base;
use super::{Account, Connector, FetchError, ReceiveError, Settings, SettingsError};
use crate::domain::channel::{Capabilities, Field, Provider};
use crate::domain::inbound::Batch;
use crate::domain::outbound::{Accepted, Order, SendError};
use crate::domain::time::{Clock, Span};

pub use self::map::map;
pub use self::send::send_deadline;

/// A setting no form asks for: `yes` removes a webhook that keeps the bot's messages from us, once. `channel test --delete-webhook` sets
/// it for its own connection.
pub const DELETE_WEBHOOK: &str = "delete-webhook";

/// Telegram.
pub static PROVIDER: Provider = Provider { name: "telegram", title: "Telegram", letter: 'T', fields: &FIELDS, capabilities: &CAPABILITIES };

const FIELDS: [Field; 2] = [
    Field {
        name: "token",
        title: "Bot token",
        help: "from @BotFather in Telegram: send it /newbot or /token",
        secret: true,
        default: None,
    },
    Field {
        name: "api-base",
        title: "API address",
        help: "change it only for a Bot API server of your own",
        secret: false,
        default: Some("https://api.telegram.org"),
    },
];

static CAPABILITIES: Capabilities = Capabilities {
    text_limit: 4096,
    caption_limit: 1024,
    upload_limit: 50_000_000,
    file_types: &[],
    download_limit: 20_000_000,
    reply_to: true,
    edit: true,
    delete: true,
    react: true,
    typing: true,
    receipts: false,
    idempotent: false,
    retention: Some(Span::hours(24)),
    polls: true,
    wide_ids: false,
    read_receipts: false,
    location: false,
    templates: false,
    window: None,
    pair_rate: None,
    account_rate: None,
};

/// One bot.
#[derive(Debug)]
struct Telegram {
    api: Api,
    clock: Arc<dyn Clock>,
    pace: receive::Pace,
    delete_webhook: AtomicBool,
}

/// Makes a connector from the fields of [`PROVIDER`]. Does no I/O.
pub fn connect(settings: &Settings) -> Result<Arc<dyn Connector>, SettingsError> {
    let wrong = |field: &str, problem: &str| SettingsError { field: field.to_owned(), problem: problem.to_owned() };
    let token = settings.secrets.get("token").ok_or_else(|| wrong("token", "is missing: @BotFather gives it"))?;
    let shown = token.reveal();
    // Servers of other makers have tokens of other shapes; only what could not stand in an address is refused.
    if shown.is_empty() || !shown.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '/' | '\\' | '?' | '#' | '%')) {
        return Err(wrong("token", "does not look like a bot's token, such as 123456:ABC-DEF from @BotFather"));
    }
    let base = settings.values.get("api-base").map_or("https://api.telegram.org", String::as_str);
    let base = Base::parse(base).map_err(|problem| wrong("api-base", &problem))?;
    let delete_webhook = settings.values.get(DELETE_WEBHOOK).is_some_and(|value| value == "yes");
    Ok(Arc::new(Telegram {
        api: Api::new(settings.http.clone(), base, token.clone()),
        clock: Arc::clone(&settings.clock),
        pace: receive::Pace::default(),
        delete_webhook: AtomicBool::new(delete_webhook),
    }))
}

impl Telegram {
    /// Removes the webhook if the settings ask for it and it has not been done.
    async fn remove_webhook(&self) -> Result<(), ReceiveError> {
        if self.delete_webhook.load(Ordering::Relaxed) {
            receive::delete_webhook(&self.api).await?;
            self.delete_webhook.store(false, Ordering::Relaxed);
        }
        Ok(())
    }

    async fn account(&self) -> Result<Account, ReceiveError> {
        let me = self.api.call("getMe", &json!({}), SHORT, SMALL).await.map_err(receive::plain_trouble)?;
        let me: Value = serde_json::from_str(me.get()).unwrap_or_default();
        let Some(id) = me["id"].as_i64() else {
            return Err(ReceiveError::Unavailable("the server does not say which bot this is".to_owned()));
        };
        self.remove_webhook().await?;
        let name = match wire::text(&me, "username") {
            "" => wire::name(&me),
            username => format!("@{username}"),
        };
        // A server that does not know webhooks has none.
        let webhook = receive::webhook(&self.api).await.unwrap_or(false);
        Ok(Account { key: id.to_string(), name, advice: advice(&me, webhook).to_owned(), ..Account::default() })
    }
}

fn advice(me: &Value, webhook: bool) -> &'static str {
    if webhook {
        "A webhook is set for this bot, so its messages go there. Remove it with `frontdesk channel test NAME --delete-webhook`; nothing is lost by that."
    } else if me["can_join_groups"] == true && me["can_read_all_group_messages"] == false {
        "In groups the bot sees only commands and answers to its own messages. To see everything, send @BotFather /setprivacy and choose Disable."
    } else {
        ""
    }
}

impl Connector for Telegram {
    fn check(&self) -> BoxFuture<'_, Result<Account, ReceiveError>> {
        self.account().boxed()
    }

    fn receive<'a>(&'a self, cursor: Option<&'a str>, patience: Span) -> BoxFuture<'a, Result<Batch, ReceiveError>> {
        async move {
            self.remove_webhook().await?;
            receive::receive(&self.api, &self.pace, cursor, patience, || self.clock.now()).await
        }
        .boxed()
    }

    fn send<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, Result<Accepted, SendError>> {
        send::send(&self.api, order).boxed()
    }

    fn fetch<'a>(&'a self, reference: &'a str, into: &'a Path, limit: u64) -> BoxFuture<'a, Result<(), FetchError>> {
        fetch::fetch(&self.api, reference, into, limit).boxed()
    }
}
