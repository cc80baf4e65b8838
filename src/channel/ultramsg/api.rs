//! Calling the gateway. The token is a parameter of every request, and errors come with HTTP 200.

use std::time::Duration;

use reqwest::{RequestBuilder, Url};
use serde_json::Value;

use super::wire::{self, some, text};
use crate::channel::ReceiveError;
use crate::channel::http::{Answer, Base, ClassifiedError, Client, Sent};
use crate::config::Secret;
use crate::domain::outbound::SendError;
use crate::domain::time::Span;

/// How long a small request may take.
pub(super) const SHORT: Duration = Duration::from_secs(30);
/// A thousand messages of a chat are the largest answer.
const LIMIT: usize = 32_000_000;
/// How much of the gateway's words is kept, in characters.
const WORDS: usize = 300;

/// One instance at one gateway.
#[derive(Clone, Debug)]
pub(super) struct Api {
    pub http: Client,
    pub base: Base,
    instance: String,
    token: Secret,
}

/// Why a call brought nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CallError {
    /// The gateway said no.
    Refused(String),
    /// It does not accept the token.
    Account(String),
    /// It does not know the instance, or what was asked for in it.
    Unknown,
    /// It asks to wait.
    Wait(Span),
    /// No usable answer.
    Broken(ClassifiedError),
}

impl Api {
    pub(super) fn new(http: Client, base: Base, instance: &str, token: Secret) -> Self {
        Self { http, base, instance: format!("instance{}", wire::instance(instance)), token }
    }

    fn url(&self, path: &str) -> Url {
        self.base.join(std::iter::once(self.instance.as_str()).chain(path.split('/')))
    }

    /// Asks for something.
    pub(super) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Value, CallError> {
        let request = self.http.get(self.url(path)).query(&[("token", self.token.reveal())]).query(query);
        self.exchange(request, SHORT).await
    }

    /// Sends a form.
    pub(super) async fn post(&self, path: &str, fields: &[(&str, &str)], deadline: Duration) -> Result<Value, CallError> {
        let mut form = vec![("token", self.token.reveal())];
        form.extend_from_slice(fields);
        self.exchange(self.http.post(self.url(path)).form(&form), deadline).await
    }

    async fn exchange(&self, request: RequestBuilder, deadline: Duration) -> Result<Value, CallError> {
        let answer = self.http.exchange(request, deadline, LIMIT).await.map_err(CallError::Broken)?;
        self.opened(&answer)
    }

    fn opened(&self, answer: &Answer) -> Result<Value, CallError> {
        let body: Option<Value> = serde_json::from_slice(&answer.body).ok();
        let told = body.as_ref().and_then(|body| some(body, "error")).map(wire::words);
        let refused = body.as_ref().is_some_and(|body| !body["sent"].is_null() && !wire::is(body, "sent"));
        match (answer.status, body) {
            (429, _) => Err(CallError::Wait(answer.retry_after.unwrap_or(Span::secs(30)))),
            (404, _) => Err(CallError::Unknown),
            (401 | 403, _) => Err(CallError::Account(refused_token())),
            (500.., _) => {
                // It may have queued the message before it got into trouble, whatever it says.
                let words =
                    told.filter(|words| !words.is_empty()).map_or_else(String::new, |words| format!(": {}", self.presentable(&words)));
                Err(broken(format!("the gateway is in trouble (HTTP {}{words})", answer.status)))
            }
            (_, Some(body)) if told.is_some() || refused => {
                let words = told.filter(|words| !words.is_empty()).unwrap_or_else(|| text(&body, "message").to_owned());
                let words = self.presentable(if words.is_empty() { "no reason was told" } else { &words });
                let about_token = some(&body, "error").is_some_and(is_about_token);
                Err(if about_token { CallError::Account(format!("{} ({words})", refused_token())) } else { CallError::Refused(words) })
            }
            (200..=299, Some(body)) => Ok(body),
            (400..=499, _) => Err(CallError::Refused(format!("HTTP {}", answer.status))),
            (status, _) => Err(broken(format!("the gateway's answer (HTTP {status}) cannot be read"))),
        }
    }

    /// The gateway's words fit for an error: on one line, not too long, and without our token should it echo it.
    fn presentable(&self, words: &str) -> String {
        let words = words.replace(self.token.reveal(), "[redacted]");
        words.chars().map(|c| if c.is_control() { ' ' } else { c }).take(WORDS).collect()
    }
}

/// Whether an error is about the token, of which its words and its name are the only marks. Others may speak of one, too.
fn is_about_token(error: &Value) -> bool {
    match error {
        Value::String(words) => {
            let words = words.trim().to_lowercase();
            ["wrong token", "invalid token", "token is"].into_iter().any(|begin| words.starts_with(begin))
        }
        Value::Array(many) => many.iter().any(is_about_token),
        Value::Object(named) => named.contains_key("token") || named.get("message").is_some_and(is_about_token),
        _ => false,
    }
}

/// An answer of no use to a request that was sent.
pub(super) fn broken(problem: String) -> CallError {
    CallError::Broken(ClassifiedError { sent: Sent::Perhaps, problem })
}

fn refused_token() -> String {
    "UltraMsg does not accept the token: copy it anew from the instance's page and put it in its place".to_owned()
}

fn unknown() -> String {
    "the gateway does not know this instance: check the channel's instance and api-base".to_owned()
}

/// What a failed look for news means.
pub(super) fn trouble(error: CallError) -> ReceiveError {
    match error {
        CallError::Refused(words) => ReceiveError::Unavailable(format!("the gateway refused: {words}")),
        CallError::Account(words) => ReceiveError::NeedsAttention(words),
        CallError::Unknown => ReceiveError::NeedsAttention(unknown()),
        CallError::Wait(wait) => ReceiveError::Wait(wait),
        CallError::Broken(error) => ReceiveError::Unavailable(format!("UltraMsg cannot be reached: {error}")),
    }
}

/// What became of a message whose sending was not answered with success.
pub(super) fn unsent(error: CallError) -> SendError {
    match error {
        CallError::Refused(words) => SendError::Refused(format!("the gateway refused it: {words}")),
        CallError::Account(words) => SendError::Account(words),
        CallError::Unknown => SendError::Account(unknown()),
        CallError::Wait(wait) => SendError::Wait { wait, account: true },
        CallError::Broken(error) => match error.sent {
            Sent::No => SendError::NotSent(format!("UltraMsg cannot be reached: {error}")),
            Sent::Perhaps => SendError::Uncertain(format!("{error}; the gateway may have taken it all the same")),
        },
    }
}
