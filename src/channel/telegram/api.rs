//! Calling methods of the Bot API: addresses, the envelope, and what an error is, before anybody decides what it means.

use std::time::Duration;

use reqwest::{RequestBuilder, Url};
use serde_json::Value;
use serde_json::value::RawValue;

use super::wire::Envelope;
use crate::channel::http::{Answer, Base, ClassifiedError, Client, Sent};
use crate::config::Secret;
use crate::domain::time::Span;

/// The longest wait a server may ask for; more is a mistake, and a person would rather see the error again.
const LONGEST_WAIT: i64 = 24 * 3_600;
/// How much of a server's description is kept, in characters.
const DESCRIPTION: usize = 300;
/// Answers that are not updates are small.
pub(super) const SMALL: usize = 1_000_000;
/// How long a small method may take.
pub(super) const SHORT: Duration = Duration::from_secs(30);

/// One bot at one server.
#[derive(Clone, Debug)]
pub(super) struct Api {
    http: Client,
    base: Base,
    token: Secret,
}

/// Why a call brought nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CallError {
    /// The server answered that it did not do it.
    Told(Told),
    /// No usable answer.
    Broken(ClassifiedError),
}

/// A server's refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    /// The Bot API's `error_code`, else the HTTP status.
    pub code: i64,
    /// The server's words, cut, on one line and without the token; for people, never to branch on.
    pub description: String,
    /// `parameters.retry_after`, or the HTTP header.
    pub retry_after: Option<Span>,
    /// `parameters.migrate_to_chat_id`.
    pub migrate_to: Option<i64>,
    /// The answer was a Bot API's, not some other server's.
    pub genuine: bool,
}

impl Api {
    pub(super) fn new(http: Client, base: Base, token: Secret) -> Self {
        Self { http, base, token }
    }

    /// Calls a method with JSON parameters.
    pub(super) async fn call(&self, method: &str, params: &Value, deadline: Duration, limit: usize) -> Result<Box<RawValue>, CallError> {
        self.exchange(self.request(method).json(params), deadline, limit).await
    }

    /// A request to a method, for a body other than JSON; goes to [`Api::exchange`].
    pub(super) fn request(&self, method: &str) -> RequestBuilder {
        self.http.post(self.base.join([self.bot().as_str(), method]))
    }

    /// Sends a request and opens the envelope.
    pub(super) async fn exchange(&self, request: RequestBuilder, deadline: Duration, limit: usize) -> Result<Box<RawValue>, CallError> {
        let answer = self.http.exchange(request, deadline, limit).await.map_err(CallError::Broken)?;
        self.opened(&answer)
    }

    /// A request for a file's bytes; `None` when the path would lead elsewhere.
    pub(super) fn file(&self, path: &str) -> Option<RequestBuilder> {
        let parts: Vec<&str> = path.split('/').collect();
        if parts.iter().any(|part| matches!(*part, "" | "." | "..")) {
            return None;
        }
        let bot = self.bot();
        let url: Url = self.base.join(["file", bot.as_str()].into_iter().chain(parts));
        Some(self.http.get(url))
    }

    /// The client, to read a file's bytes as they come.
    pub(super) fn http(&self) -> &Client {
        &self.http
    }

    fn bot(&self) -> String {
        format!("bot{}", self.token.reveal())
    }

    fn opened(&self, answer: &Answer) -> Result<Box<RawValue>, CallError> {
        let Some(envelope) = envelope(&answer.body) else { return Err(garbage(answer)) };
        if envelope.ok {
            return Ok(envelope.result.unwrap_or_else(|| RawValue::NULL.to_owned()));
        }
        let parameters = envelope.parameters.unwrap_or_default();
        let wait = parameters.retry_after.map(|secs| Span::secs(secs.clamp(1, LONGEST_WAIT)));
        Err(CallError::Told(Told {
            code: envelope.error_code.unwrap_or(answer.status.into()),
            description: self.presentable(&envelope.description.unwrap_or_default()),
            retry_after: wait.or(answer.retry_after),
            migrate_to: parameters.migrate_to_chat_id,
            genuine: true,
        }))
    }

    /// A server's words fit for an error: on one line, not too long, and without our token should it echo the address.
    fn presentable(&self, words: &str) -> String {
        let words = words.replace(self.token.reveal(), "[token]");
        words.chars().map(|c| if c.is_control() { ' ' } else { c }).take(DESCRIPTION).collect()
    }
}

/// Reads the envelope. Bytes that are no UTF-8 become U+FFFD, and raw control characters, which JSON forbids inside strings, become blanks:
/// one of either in one update must not cost all the others of the batch.
fn envelope(body: &[u8]) -> Option<Envelope> {
    let text = String::from_utf8_lossy(body);
    serde_json::from_str(&text).or_else(|_| serde_json::from_str(&text.replace(|c: char| c < ' ', " "))).ok()
}

/// An answer that is not the Bot API's. Some statuses still prove that nothing was done; what a server did before any other is unknown.
fn garbage(answer: &Answer) -> CallError {
    let status = answer.status;
    match status {
        401 | 404 | 413 | 429 => CallError::Told(Told {
            code: status.into(),
            description: format!("HTTP {status}, from something that is no Bot API"),
            retry_after: answer.retry_after,
            migrate_to: None,
            genuine: false,
        }),
        300..=399 => broken(format!("the server wants to redirect us elsewhere (HTTP {status}), which is not followed")),
        _ => broken(format!("the answer (HTTP {status}) is not the Bot API's")),
    }
}

/// An answer of no use to a request that was sent.
pub(super) fn broken(problem: String) -> CallError {
    CallError::Broken(ClassifiedError { sent: Sent::Perhaps, problem })
}
