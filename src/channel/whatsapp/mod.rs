//! WhatsApp, through Meta's Cloud API (Graph): one business number, whose news come to a webhook and whose replies leave by HTTPS requests.
//!
//! `verify` knows who calls, `read` cuts a webhook's body into payloads, `map` reads one (with `words` and `chat`), `send` carries out orders
//! (`templates` those made from approved wordings), `fetch` brings files, `account` says who we are; all of them through `api`, which speaks
//! the protocol in the shapes of `wire`, and `errors`, which knows the codes.
//!
//! An app has one webhook address for all its numbers. Calls about another number than this channel's are taken in with 200, as Meta wants,
//! and set aside ([`Connector::concerns`]): nothing of them becomes a message here. Two numbers of one app need an address each, which Meta
//! calls an override of the callback URL.

mod account;
mod api;
mod chat;
mod errors;
mod fetch;
mod map;
mod read;
mod send;
mod templates;
mod verify;
mod wire;
mod words;

use std::path::Path;
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use self::api::Api;
use self::send::Sender;
use super::http::Base;
use super::{Account, Connector, FetchError, ReceiveError, Settings, SettingsError, Webhook};
use crate::domain::channel::{Capabilities, Field, Provider, Rate};
use crate::domain::inbound::{Batch, Item};
use crate::domain::outbound::{Accepted, Order, SendError};
use crate::domain::template::Template;
use crate::domain::time::{Clock, Span};

pub use self::map::map;

/// WhatsApp.
pub static PROVIDER: Provider = Provider { name: "whatsapp", title: "WhatsApp", letter: 'W', fields: &FIELDS, capabilities: &CAPABILITIES };

/// How Meta's calls are recognised and read.
pub const WEBHOOK: Webhook = Webhook { path: |_| String::new(), admit: verify::admit, greet: verify::greet, read: read::read };

const BASE: &str = "https://graph.facebook.com";
const VERSION: &str = "v23.0";

const FIELDS: [Field; 10] = [
    plain("phone-number-id", "Phone number ID", "in Meta's console under WhatsApp, API Setup; not the number itself", None),
    secret("token", "Access token", "of a system user, with whatsapp_business_messaging and whatsapp_business_management", None),
    secret("app-secret", "App secret", "in Meta's console under App settings, Basic: proves that calls are Meta's", None),
    secret("verify-token", "Verify token", "any word of your own, typed into Meta's console as well", None),
    plain("business-account", "Business account ID", "beside the phone number ID; needed for templates", Some("")),
    plain("api-base", "API address", "change it only for a Graph API of your own", Some(BASE)),
    plain("api-version", "API version", "of the Graph API", Some(VERSION)),
    plain("read-receipts", "Read receipts", "yes or no: customers see that a message was read", Some("yes")),
    plain("typing", "Typing", "yes or no: customers see that somebody types (shows that it was read, too)", Some("no")),
    secret("previous-app-secret", "Previous app secret", "while the app's secret is being changed", Some("")),
];

const fn plain(name: &'static str, title: &'static str, help: &'static str, default: Option<&'static str>) -> Field {
    Field { name, title, help, secret: false, default }
}

const fn secret(name: &'static str, title: &'static str, help: &'static str, default: Option<&'static str>) -> Field {
    Field { name, title, help, secret: true, default }
}

static CAPABILITIES: Capabilities = Capabilities {
    text_limit: 4096,
    caption_limit: 1024,
    upload_limit: send::DOCUMENT,
    file_types: &send::FILES,
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
    window: Some(chat::WINDOW),
    // One message in six seconds, and short bursts above it.
    pair_rate: Some(Rate { burst: 4, every: Span::secs(6) }),
    // Eighty a second.
    account_rate: Some(Rate { burst: 80, every: Span(12_500) }),
};

/// What Meta has to be asked to tell us.
const WEBHOOK_FIELDS: [&str; 6] =
    ["messages", "smb_message_echoes", "history", "user_preferences", "message_template_status_update", "account_update"];

/// One business number.
#[derive(Debug)]
struct WhatsApp {
    api: Api,
    sender: Sender,
    /// The business account's id; empty when not told.
    business: String,
    clock: Arc<dyn Clock>,
}

/// Makes a connector from the fields of [`PROVIDER`]. Does no I/O.
pub fn connect(settings: &Settings) -> Result<Arc<dyn Connector>, SettingsError> {
    let wrong = |field: &str, problem: &str| SettingsError { field: field.to_owned(), problem: problem.to_owned() };
    let value = |name: &str, default: &'static str| match settings.values.get(name).map(|value| value.trim()) {
        None | Some("") => default.to_owned(),
        Some(value) => value.to_owned(),
    };
    let number = value("phone-number-id", "");
    if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong("phone-number-id", "is the number's id in Meta's console, digits only: not the telephone number with its plus"));
    }
    let business = value("business-account", "");
    if !business.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong("business-account", "is the id of the WhatsApp business account, digits only"));
    }
    for (name, what) in [("app-secret", "Meta's console shows it under App settings, Basic"), ("verify-token", "any word of your own")] {
        if settings.secrets.get(name).is_none_or(|secret| secret.reveal().is_empty()) {
            return Err(wrong(name, &format!("is missing: {what}")));
        }
    }
    let token = settings.secrets.get("token").ok_or_else(|| wrong("token", "is missing: a system user of the business has one"))?;
    if token.reveal().is_empty() || !token.reveal().bytes().all(|b| b.is_ascii_graphic()) {
        return Err(wrong("token", "does not look like an access token: letters and digits in one line"));
    }
    let base = Base::parse(&value("api-base", BASE)).map_err(|problem| wrong("api-base", &problem))?;
    let version = value("api-version", VERSION);
    if !version.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.') {
        return Err(wrong("api-version", "looks like v23.0"));
    }
    let switch = |name: &str, default| match value(name, default).to_ascii_lowercase().as_str() {
        "yes" | "true" | "on" => Ok(true),
        "no" | "false" | "off" => Ok(false),
        _ => Err(wrong(name, "is yes or no")),
    };
    let (read_receipts, typing) = (switch("read-receipts", "yes")?, switch("typing", "no")?);
    if typing && !read_receipts {
        return Err(wrong("typing", "shows that a message was read, too: switch read-receipts on as well, or typing off"));
    }
    Ok(Arc::new(WhatsApp {
        api: Api::new(settings.http.clone(), base, &version, token.clone()),
        sender: Sender { number, read_receipts, typing },
        business,
        clock: Arc::clone(&settings.clock),
    }))
}

impl WhatsApp {
    async fn pulled(&self) -> Result<Option<Vec<Template>>, ReceiveError> {
        if self.business.is_empty() {
            return Ok(None);
        }
        templates::pull(&self.api, &self.business, self.clock.now()).await.map(Some).map_err(errors::trouble)
    }
}

impl Connector for WhatsApp {
    fn check(&self) -> BoxFuture<'_, Result<Account, ReceiveError>> {
        account::check(&self.api, &self.sender.number, &self.business).boxed()
    }

    fn receive<'a>(&'a self, _cursor: Option<&'a str>, _patience: Span) -> BoxFuture<'a, Result<Batch, ReceiveError>> {
        // Meta keeps nothing that could be asked for: what there is comes to the webhook.
        Box::pin(std::future::ready(Ok(Batch { caught_up: true, ..Batch::default() })))
    }

    fn send<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, Result<Accepted, SendError>> {
        send::send(&self.api, &self.sender, order).boxed()
    }

    fn templates(&self) -> BoxFuture<'_, Result<Option<Vec<Template>>, ReceiveError>> {
        self.pulled().boxed()
    }

    fn concerns(&self, item: &Item) -> bool {
        // What names no number is about the account, or cannot be read and must not be lost.
        wire::number(&item.body).is_none_or(|about| about == self.sender.number)
    }

    fn setup(&self, path: &str) -> Vec<String> {
        vec![
            format!(
                "in Meta's console, WhatsApp, Configuration, Callback URL: https://YOUR-HOST{path} (TLS with a real certificate, leading to `frontdesk serve`)"
            ),
            "in the same place, Verify token: the word in this channel's verify token".to_owned(),
            format!("in the same place, Webhook fields: subscribe to {}", WEBHOOK_FIELDS.join(", ")),
            format!("the app whose secret this channel has must be subscribed to the business account of number {}", self.sender.number),
        ]
    }

    fn fetch<'a>(&'a self, reference: &'a str, into: &'a Path, limit: u64) -> BoxFuture<'a, Result<(), FetchError>> {
        fetch::fetch(&self.api, &self.sender.number, reference, into, limit).boxed()
    }
}
