//! Which path does what.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use axum::body::Body;
use axum::extract::{Query, Request};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::oneshot;
use tokio::time::{Duration, Instant};

use super::doors::Door;
use super::figures::Refusal;
use super::writer::Entry;
use super::{Shared, body, figures};
use crate::channel::Call;
use crate::store::journal::Arrival;
use crate::sync::Role;

/// How long the database may take to say that it is there.
const READY: Duration = Duration::from_secs(2);

/// How long the database may take to write down what came. No provider waits longer for an answer.
const WRITTEN: Duration = Duration::from_secs(30);

/// Answers one request.
pub(super) async fn answer(shared: &Shared, request: Request) -> Response {
    let begun = Instant::now();
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    if let Some(rest) = path.strip_prefix("/webhooks/") {
        let answered = match split(rest) {
            Some((id, rest)) => webhook(shared, id, rest, &head.method, &head.uri, &head.headers, body).await,
            None => Err(Refusal::Unknown),
        };
        return match answered {
            Ok(Some(words)) => words.into_response(),
            Ok(None) => {
                shared.figures.took(begun.elapsed());
                StatusCode::OK.into_response()
            }
            Err(why) => refuse(shared, why),
        };
    }
    match path {
        "/healthz" | "/readyz" | "/metrics" if !matches!(head.method, Method::GET | Method::HEAD) => not_allowed(),
        "/healthz" => "alive\n".into_response(),
        "/readyz" => match ready(shared).await {
            Ok(()) => "ready\n".into_response(),
            Err(why) => (StatusCode::SERVICE_UNAVAILABLE, why).into_response(),
        },
        "/metrics" => metrics(shared).await,
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn metrics(shared: &Shared) -> Response {
    let engine = shared.setup.engine.borrow().clone();
    match figures::text(&shared.figures, &shared.setup.store, &engine).await {
        Ok(text) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response(),
        Err(error) => {
            tracing::warn!(%error, "the figures cannot be read");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response()
        }
    }
}

/// The channel's number and the path behind it, with its slash.
fn split(rest: &str) -> Option<(i64, &str)> {
    let (id, rest) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    // `parse` alone would also take a sign.
    id.bytes().all(|byte| byte.is_ascii_digit()).then(|| id.parse().ok()).flatten().map(|id| (id, rest))
}

/// A provider's call: `None` when what it brought is written down, words when it asked something.
async fn webhook(
    shared: &Shared,
    id: i64,
    path: &str,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: Body,
) -> Result<Option<String>, Refusal> {
    let door = shared.doors.door(id).await?;
    let query = Query::try_from_uri(uri).map(|Query(query)| query).unwrap_or_default();
    let named: BTreeMap<String, String> =
        headers.iter().map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())).collect();
    let call = |body| Call { path, query: &query, headers: &named, body };
    match *method {
        Method::GET => {
            let greet = |door: &Door| (door.webhook.greet)(&door.settings, &call(b""));
            if let Some(words) = greet(&door) {
                return Ok(Some(words));
            }
            let other = shared.doors.another(id, &door).await?;
            other.and_then(|door| greet(&door)).map(Some).ok_or(Refusal::Greeting)
        }
        Method::POST => {
            let limits = shared.setup.limits;
            let (bytes, hold) = body::read(&shared.room, headers, body, limits.body, limits.request).await?;
            let admits = |door: &Door| (door.webhook.admit)(&door.settings, &call(&bytes));
            if !admits(&door) && !shared.doors.another(id, &door).await?.is_some_and(|door| admits(&door)) {
                return Err(Refusal::Signature);
            }
            let (done, written) = oneshot::channel();
            let arrival = Arrival { channel: door.channel, workspace: door.workspace, key: key_of(&bytes), body: text_of(bytes) };
            shared.queue.try_send(Entry { arrival, hold, done }).map_err(|error| match error {
                TrySendError::Full(_) => Refusal::Full,
                TrySendError::Closed(_) => Refusal::Storage,
            })?;
            // The writer drops what it cannot tell only when it stops on an internal error. What is written later all the same, and called with again,
            // is known by its key.
            if tokio::time::timeout(WRITTEN, written).await.is_ok_and(|written| written.unwrap_or(false)) {
                Ok(None)
            } else {
                Err(Refusal::Storage)
            }
        }
        _ => Err(Refusal::Method),
    }
}

/// What tells a body that was delivered again: its SHA-256, in hexadecimal digits.
fn key_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut key, byte| {
        // Writing to a String cannot fail.
        let _ = write!(key, "{byte:02x}");
        key
    })
}

/// A body as text. What is not text is no JSON either, and is kept as well as text can.
fn text_of(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

fn refuse(shared: &Shared, why: Refusal) -> Response {
    shared.figures.refused(why);
    tracing::debug!(?why, "a call to a webhook was refused");
    if why == Refusal::Method {
        return not_allowed_on_webhooks();
    }
    let mut response = why.status().into_response();
    if why.status() == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

fn not_allowed_on_webhooks() -> Response {
    (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, POST")]).into_response()
}

fn not_allowed() -> Response {
    (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")]).into_response()
}

/// Whether the database answers and somebody processes what comes in; if not, which of the two.
async fn ready(shared: &Shared) -> Result<(), String> {
    let store = &shared.setup.store;
    let holder = match tokio::time::timeout(READY, store.holder()).await {
        Ok(Ok(holder)) => holder,
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready: the database does not answer");
            return Err("the database does not answer\n".to_owned());
        }
        Err(_) => return Err("the database does not answer in time\n".to_owned()),
    };
    let role = shared.setup.engine.borrow().role;
    match (role, holder) {
        // Whoever may ask is no agent: which machine it is stays here.
        (Role::Standby, Some(holder)) if holder.is_silent(store.now()) => {
            Err("another process holds the lock for syncing and does not say that it is at work\n".to_owned())
        }
        (Role::Active | Role::Standby, _) => Ok(()),
        (Role::Starting, _) => Err("nobody holds the lock for syncing yet\n".to_owned()),
    }
}
