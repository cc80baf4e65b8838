//! UltraMsg: a gateway that drives somebody's WhatsApp through WhatsApp Web. It is not Meta's and not approved by Meta, who may ban the
//! number; it has no templates and no reply window.
//!
//! What it can tell and what not: "sent" means queued at the gateway, also while the phone is off, so the phone is looked at before. What
//! became of a reply comes as acknowledgements that carry our reference (`map` says how messages are named). Its calls are not signed: a
//! secret in the address, and the instance's number inside, tell them from a stranger's. Where no call reaches us it is asked (`poll`); that
//! shows customers' messages and our replies, but not what was written on the phone itself.

mod api;
mod map;
mod poll;
mod send;
mod wire;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use reqwest::Url;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;

use self::api::{Api, CallError, trouble};
use self::wire::{some, text, written};
use super::file::{self, Expected, hex};
use super::http::Base;
use super::{Account, Call, Connector, FetchError, ReceiveError, Settings, SettingsError, Webhook};
use crate::domain::channel::{Capabilities, Field, Provider, Rate};
use crate::domain::inbound::{Batch, Item};
use crate::domain::outbound::{Accepted, Order, SendError};
use crate::domain::time::{Clock, Span};

pub use self::map::map;

/// UltraMsg.
pub static PROVIDER: Provider =
    Provider { name: "ultramsg", title: "UltraMsg (WhatsApp)", letter: 'U', fields: &FIELDS, capabilities: &CAPABILITIES };

/// How the gateway's calls are recognised and read.
pub const WEBHOOK: Webhook = Webhook { path, admit, greet: |_, _| None, read };

const BASE: &str = "https://api.ultramsg.com";

const FIELDS: [Field; 4] = [
    Field { name: "instance", title: "Instance", help: "its number, with or without the word instance", secret: false, default: None },
    Field { name: "token", title: "Token", help: "on the instance's page", secret: true, default: None },
    Field {
        name: "webhook-secret",
        title: "Webhook secret",
        help: "letters and digits of your own that nobody can guess: the end of the webhook's address",
        secret: true,
        default: None,
    },
    Field { name: "api-base", title: "API address", help: "change it only for another gateway", secret: false, default: Some(BASE) },
];

static CAPABILITIES: Capabilities = Capabilities {
    text_limit: 4096,
    caption_limit: 1024,
    upload_limit: send::UPLOAD,
    file_types: &[],
    download_limit: 100_000_000,
    reply_to: true,
    edit: false,
    delete: false,
    react: true,
    typing: false,
    receipts: true,
    idempotent: false,
    retention: None,
    polls: true,
    wide_ids: true,
    read_receipts: true,
    location: true,
    templates: false,
    window: None,
    // Not the gateway's limits but a person's pace: numbers that send faster are banned.
    pair_rate: Some(Rate { burst: 4, every: Span::secs(3) }),
    account_rate: Some(Rate { burst: 4, every: Span::secs(1) }),
};

/// How long what is known of the phone counts.
const KNOWN: std::time::Duration = std::time::Duration::from_secs(30);

/// One instance.
#[derive(Debug)]
struct UltraMsg {
    api: Api,
    instance: String,
    clock: Arc<dyn Clock>,
    /// When the phone was last known to be connected.
    connected: Mutex<Option<Instant>>,
    /// When the gateway was last asked for news.
    looked: Mutex<Option<Instant>>,
    /// What cut the last look short; told in place of the next one.
    short: Mutex<Option<ReceiveError>>,
}

/// Makes a connector from the fields of [`PROVIDER`]. Does no I/O.
pub fn connect(settings: &Settings) -> Result<Arc<dyn Connector>, SettingsError> {
    let wrong = |field: &str, problem: &str| SettingsError { field: field.to_owned(), problem: problem.to_owned() };
    let instance = wire::instance(settings.values.get("instance").map_or("", String::as_str));
    if instance.is_empty() || !instance.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong("instance", "is the instance's number, such as 1150"));
    }
    let token = settings.secrets.get("token").ok_or_else(|| wrong("token", "is missing: the instance's page shows it"))?;
    if token.reveal().is_empty() || !token.reveal().bytes().all(|b| b.is_ascii_graphic()) {
        return Err(wrong("token", "does not look like a token: letters and digits in one line"));
    }
    let secret = settings.secrets.get("webhook-secret").map_or("", |secret| secret.reveal());
    if secret.len() < 8 || !secret.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~".contains(&b)) {
        return Err(wrong("webhook-secret", "needs at least 8 letters and digits that nobody can guess, and nothing else but - _ . ~"));
    }
    let base = settings.values.get("api-base").map_or(BASE, String::as_str);
    let base = Base::parse(base).map_err(|problem| wrong("api-base", &problem))?;
    Ok(Arc::new(UltraMsg {
        api: Api::new(settings.http.clone(), base, instance, token.clone()),
        instance: instance.to_owned(),
        clock: Arc::clone(&settings.clock),
        connected: Mutex::default(),
        looked: Mutex::default(),
        short: Mutex::default(),
    }))
}

fn path(settings: &Settings) -> String {
    settings.secrets.get("webhook-secret").map_or_else(String::new, |secret| format!("/{}", secret.reveal()))
}

/// The secret in the address, and the instance's own number when the body names one.
fn admit(settings: &Settings, call: &Call<'_>) -> bool {
    let told = call.path.strip_prefix('/').unwrap_or_default();
    let known = settings.secrets.get("webhook-secret").is_some_and(|secret| secret.is(told));
    if !known {
        return false;
    }
    let ours = wire::instance(settings.values.get("instance").map_or("", String::as_str));
    // A body that cannot be read is taken in, so that somebody sees it.
    let body: Value = serde_json::from_slice(call.body).unwrap_or_default();
    let told = written(&body, "instanceId");
    told.is_empty() || wire::instance(&told) == ours
}

/// One event, or several in a list.
fn read(body: &str) -> Vec<Item> {
    match wire::value(body) {
        Ok(Value::Array(events)) => events.iter().map(|event| item(event, event.to_string())).collect(),
        Ok(event) => vec![item(&event, body.to_owned())],
        Err(error) => {
            let events = Err(format!("the webhook's body cannot be read as JSON: {error}"));
            vec![Item { key: format!("x:{}", short_hash(body)), body: body.to_owned(), events }]
        }
    }
}

fn item(event: &Value, body: String) -> Item {
    let id = written(&event["data"], "id");
    let key = match text(event, "event_type") {
        "message_received" | "message_create" if !id.is_empty() => format!("m:{id}"),
        _ => format!("u:{}", short_hash(&body)),
    };
    Item { key, events: map::facts(event), body }
}

fn short_hash(body: &str) -> String {
    hex(&Sha256::digest(body.as_bytes())[..8])
}

impl UltraMsg {
    /// What the gateway says of the phone: nothing when it is connected, else what it says.
    async fn trouble_of_phone(&self) -> Result<Option<String>, CallError> {
        let known = *self.connected.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_some_and(|at| at.elapsed() < KNOWN) {
            return Ok(None);
        }
        let told = self.api.get("instance/status", &[]).await?;
        let status = some(&told["status"], "accountStatus").unwrap_or(&told["status"]);
        let said =
            [text(status, "status"), status.as_str().unwrap_or_default()].into_iter().find(|said| !said.is_empty()).unwrap_or("unknown");
        if said == "authenticated" {
            *self.connected.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
            return Ok(None);
        }
        let more = text(status, "substatus");
        Ok(Some(if more.is_empty() { said.to_owned() } else { format!("{said}, {more}") }))
    }

    async fn account(&self) -> Result<Account, ReceiveError> {
        let trouble_of_phone = self.trouble_of_phone().await.map_err(trouble)?;
        // Whose phone it is can only be said while it is connected.
        let me = self.api.get("instance/me", &[]).await.unwrap_or_default();
        let phone = wire::address(text(&me, "id"));
        let phone = wire::phone(&phone).map(|phone| format!("+{phone}")).unwrap_or_default();
        let name = [text(&me, "name"), text(&me, "pushname"), phone.as_str()].into_iter().find(|name| !name.is_empty());
        let name = name.map_or_else(|| format!("instance{}", self.instance), str::to_owned);
        let name = if phone.is_empty() || name == phone { name } else { format!("{name} ({phone})") };
        let advice = trouble_of_phone.map(|said| not_connected(&said)).unwrap_or_default();
        Ok(Account { key: self.instance.clone(), name, advice, ..Account::default() })
    }

    async fn look(&self, cursor: Option<&str>, patience: Span) -> Result<Batch, ReceiveError> {
        if let Some(error) = self.short.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return Err(error);
        }
        let last = *self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last.map_or_else(Instant::now, |last| last + poll::PAUSE.duration());
        let patient = Instant::now() + patience.duration();
        if due > patient {
            tokio::time::sleep_until(patient).await;
            return Ok(Batch { caught_up: true, ..Batch::default() });
        }
        tokio::time::sleep_until(due).await;
        if let Some(said) = self.trouble_of_phone().await.map_err(trouble)? {
            return Err(ReceiveError::NeedsAttention(not_connected(&said)));
        }
        let began = Instant::now();
        let (batch, short) = poll::look(&self.api, cursor, self.clock.now()).await?;
        // Only what was seen to its end is known, so only then may one rest: whoever asks again after a failure is not to hear that all is well.
        *self.looked.lock().unwrap_or_else(PoisonError::into_inner) = short.is_none().then_some(began);
        *self.short.lock().unwrap_or_else(PoisonError::into_inner) = short;
        Ok(batch)
    }

    async fn carry_out(&self, order: &Order) -> Result<Accepted, SendError> {
        match self.trouble_of_phone().await {
            Ok(None) => send::send(&self.api, order).await,
            Ok(Some(_)) => Err(SendError::Wait { wait: Span::from_duration(KNOWN), account: true }),
            // Nothing of the message has left.
            Err(CallError::Broken(error)) => Err(SendError::NotSent(format!("UltraMsg cannot be reached: {error}"))),
            Err(other) => Err(match api::unsent(other) {
                SendError::Refused(words) => SendError::NotSent(words),
                other => other,
            }),
        }
    }

    /// Files are at addresses of the gateway's storage, which want no token and get none.
    async fn file(&self, reference: &str, into: &Path, limit: u64) -> Result<(), FetchError> {
        let gone = |why: &str| FetchError::Gone(format!("the file cannot be fetched: {why}"));
        let url = Url::parse(reference).map_err(|_| gone("the gateway tells no address for it"))?;
        let own = self.api.base.same_host(&url);
        let inside = |domain: &str| matches!(domain.rsplit('.').next(), Some("local" | "internal" | "localhost"));
        let named = url.domain().is_some_and(|domain| domain.contains('.') && !inside(domain));
        // An address inside somebody's network is none of a gateway's.
        if !(own || (url.scheme() == "https" && named && url.username().is_empty())) {
            return Err(gone("its address is not one of a gateway's storage"));
        }
        let deadline = file::patience(limit);
        let response = self.api.http.open(self.api.http.get(url), deadline).await.map_err(|error| file::unavailable(&error))?;
        match response.status().as_u16() {
            200 => file::save(response, deadline, into, limit, Expected::default()).await,
            status @ (400 | 401 | 403 | 404 | 410) => Err(gone(&format!("the gateway no longer has it (HTTP {status})"))),
            status => Err(FetchError::Unavailable(format!("the file could not be fetched now (HTTP {status})"))),
        }
    }
}

fn not_connected(said: &str) -> String {
    format!(
        "The phone is not connected to the gateway ({said}): replies wait here until it is. Open the instance's page and scan the code."
    )
}

impl Connector for UltraMsg {
    fn check(&self) -> BoxFuture<'_, Result<Account, ReceiveError>> {
        self.account().boxed()
    }

    fn receive<'a>(&'a self, cursor: Option<&'a str>, patience: Span) -> BoxFuture<'a, Result<Batch, ReceiveError>> {
        self.look(cursor, patience).boxed()
    }

    fn send<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, Result<Accepted, SendError>> {
        self.carry_out(order).boxed()
    }

    fn setup(&self, path: &str) -> Vec<String> {
        vec![
            format!(
                "on the page of instance{}, Settings, Webhook URL: https://YOUR-HOST{path}/ and then this channel's webhook secret",
                self.instance
            ),
            "in the same place, switch on: message received, message create, message ack, message reaction, download media".to_owned(),
        ]
    }

    fn fetch<'a>(&'a self, reference: &'a str, into: &'a Path, limit: u64) -> BoxFuture<'a, Result<(), FetchError>> {
        self.file(reference, into, limit).boxed()
    }
}
