//! Calling the Graph API: addresses, the token's header, and what an error is, before anybody decides what it means.

use std::time::Duration;

use reqwest::header::AUTHORIZATION;
use reqwest::{RequestBuilder, Response, Url};
use serde_json::Value;

use crate::channel::http::{Answer, Base, ClassifiedError, Client, Sent};
use crate::channel::json::{some, text, whole};
use crate::config::Secret;
use crate::domain::time::Span;

/// How much of a server's words is kept, in characters.
const WORDS: usize = 300;
/// How long a small request may take.
pub(super) const SHORT: Duration = Duration::from_secs(30);
/// Answers are small; a page of templates is the largest.
pub(super) const LIMIT: usize = 4_000_000;

/// One account at one Graph API.
#[derive(Clone, Debug)]
pub(super) struct Api {
    http: Client,
    base: Base,
    version: String,
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
    /// The HTTP status.
    pub status: u16,
    /// Graph's `code`; `None` when the answer was no Graph API's.
    pub code: Option<i64>,
    /// Graph's `error_subcode`; 0 without one.
    pub subcode: i64,
    /// What it says, and in what detail; cut, on one line and without the token. For people, never to branch on.
    pub words: String,
    /// The `Retry-After` header.
    pub retry_after: Option<Span>,
}

impl Api {
    pub(super) fn new(http: Client, base: Base, version: &str, token: Secret) -> Self {
        Self { http, base, version: version.to_owned(), token }
    }

    /// The address of something below the version. A base that carries a version already keeps it.
    pub(super) fn url(&self, path: &[&str], query: &[(&str, &str)]) -> Url {
        let versioned = self.base.last_segment().is_some_and(is_version);
        let version = (!versioned).then_some(self.version.as_str());
        let mut url = self.base.join(version.into_iter().chain(path.iter().copied()));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// Reads an object's fields.
    pub(super) async fn get(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Value, CallError> {
        self.exchange(self.http.get(self.url(path, query)), SHORT).await
    }

    /// What Meta says of the token itself, which it wants to be told twice.
    pub(super) async fn about_token(&self) -> Result<Value, CallError> {
        self.get(&["debug_token"], &[("input_token", self.token.reveal())]).await
    }

    /// Sends JSON.
    pub(super) async fn post(&self, path: &[&str], body: &Value) -> Result<Value, CallError> {
        self.exchange(self.http.post(self.url(path, &[])).json(body), SHORT).await
    }

    /// A request for a body other than JSON; goes to [`Api::exchange`].
    pub(super) fn request(&self, path: &[&str]) -> RequestBuilder {
        self.http.post(self.url(path, &[]))
    }

    /// Sends a request with the token and reads the answer's JSON.
    pub(super) async fn exchange(&self, request: RequestBuilder, deadline: Duration) -> Result<Value, CallError> {
        let answer = self.http.exchange(self.authorized(request), deadline, LIMIT).await.map_err(CallError::Broken)?;
        self.opened(&answer)
    }

    /// Opens an address for its bytes, with the token if it is one that may see it. Redirects are not followed.
    pub(super) async fn open(&self, url: Url, deadline: Duration) -> Result<Option<Response>, ClassifiedError> {
        if !self.may_see_token(&url) {
            return Ok(None);
        }
        self.http.open(self.authorized(self.http.get(url)), deadline).await.map(Some)
    }

    /// The token goes to the API's own host, and for files to the host the provider keeps them at. Never elsewhere, whatever an answer says.
    fn may_see_token(&self, url: &Url) -> bool {
        let media =
            self.base.host() == Some("graph.facebook.com") && url.scheme() == "https" && url.host_str() == Some("lookaside.fbsbx.com");
        self.base.same_host(url) || media
    }

    fn authorized(&self, request: RequestBuilder) -> RequestBuilder {
        request.header(AUTHORIZATION, format!("Bearer {}", self.token.reveal()))
    }

    fn opened(&self, answer: &Answer) -> Result<Value, CallError> {
        let status = answer.status;
        let Ok(body) = serde_json::from_slice::<Value>(&answer.body) else { return Err(garbage(answer)) };
        if let Some(error) = some(&body, "error") {
            return Err(CallError::Told(Told {
                status,
                code: Some(code(error)),
                subcode: whole(error, "error_subcode").unwrap_or_default(),
                words: self.presentable(&words(error)),
                retry_after: answer.retry_after,
            }));
        }
        if (200..300).contains(&status) && body.is_object() { Ok(body) } else { Err(garbage(answer)) }
    }

    /// A server's words fit for an error: on one line, not too long, and without our token should it echo it.
    fn presentable(&self, words: &str) -> String {
        let words = words.replace(self.token.reveal(), "[token]");
        words.chars().map(|c| if c.is_control() { ' ' } else { c }).take(WORDS).collect()
    }
}

/// An error object's code, which some programs between Meta and us write as text; -1 without one.
pub(super) fn code(error: &Value) -> i64 {
    whole(error, "code").unwrap_or(-1)
}

/// What an error object says, the most telling words first. Its titles go away with time; the code and the details stay.
pub(super) fn words(error: &Value) -> String {
    let told = [text(&error["error_data"], "details"), text(error, "error_user_msg"), text(error, "message"), text(error, "title")];
    told.into_iter().find(|words| !words.trim().is_empty()).unwrap_or("no reason was told").trim().to_owned()
}

/// `v23.0` and the like.
fn is_version(segment: &str) -> bool {
    let digits = segment.strip_prefix('v').and_then(|rest| rest.split('.').next());
    digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// An answer that is not the Graph API's. Some statuses still prove that nothing was done; what a server did before any other is unknown.
fn garbage(answer: &Answer) -> CallError {
    let status = answer.status;
    match status {
        401 | 404 | 413 | 429 => CallError::Told(Told {
            status,
            code: None,
            subcode: 0,
            words: format!("HTTP {status}, from something that is no Graph API"),
            retry_after: answer.retry_after,
        }),
        300..=399 => broken(format!("the server wants to redirect us elsewhere (HTTP {status}), which is not followed")),
        _ => broken(format!("the answer (HTTP {status}) is not the Graph API's")),
    }
}

/// An answer of no use to a request that was sent.
pub(super) fn broken(problem: String) -> CallError {
    CallError::Broken(ClassifiedError { sent: Sent::Perhaps, problem })
}
