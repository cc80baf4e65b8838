//! The server: what a push must look like, and the control interface.
//!
//! `POST /_simulator/subscribe` `{"key"?}` · `POST /_simulator/unsubscribe` `{"endpoint"}` · `POST /_simulator/online` `{"endpoint", "online"}`

use std::sync::Arc;

use axum::extract::{Request, State as Extract};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use bytes::Bytes;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use super::vapid;
use super::world::{Message, State};
use super::{Ledger, Push};
use crate::domain::time::Timestamp;
use crate::simulator::fault::Faults;
use crate::simulator::listener::Line;
use crate::simulator::provider::{Answer, Provider, done, refuse};
use crate::simulator::shared::Shared;
use crate::simulator::spoil::{before, spoil};

/// The most a push may be, sealed.
const LARGEST: usize = 4_096;
/// How urgent a push may say it is.
const URGENCIES: [&str; 4] = ["very-low", "low", "normal", "high"];

type World = Shared<State>;

#[derive(Deserialize)]
struct Subscribe {
    key: Option<String>,
}

#[derive(Deserialize)]
struct Unsubscribe {
    endpoint: String,
}

#[derive(Deserialize)]
struct Online {
    endpoint: String,
    online: bool,
}

impl Provider for World {
    const BODY_LIMIT: usize = LARGEST;
    type Ledger = Ledger;

    fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    fn controls() -> Router<Arc<Self>> {
        Router::new().route("/subscribe", post(subscribe)).route("/unsubscribe", post(unsubscribe)).route("/online", post(set_online))
    }

    async fn answer(&self, line: &Line, request: Request) -> Response {
        let draw = self.with(|state, _| state.faults.draw("push"));
        let (head, body) = request.into_parts();
        if let Some(response) = before(&draw, line, too_many).await {
            return response;
        }
        // Longer ones come as nothing, which no push is: their refusal names the length.
        let body = axum::body::to_bytes(body, LARGEST).await.ok();
        let answer = self.with(|state, now| {
            let path = head.uri.path();
            let result = take(state, &head.method, path, &head.headers, body, now);
            let text = |name: &str| text(&head.headers, name).unwrap_or_default();
            let (status, refused) = match &result {
                Ok(_) => (StatusCode::CREATED, String::new()),
                Err((status, why)) => (*status, (*why).to_owned()),
            };
            let (ttl, urgency) = (text("ttl").parse().unwrap_or_default(), text("urgency").to_owned());
            state.ledger.pushes.push(Push { path: path.to_owned(), status: status.as_u16(), refused, ttl, urgency });
            result.map(|number| format!("{}/message/{number}", state.base))
        });
        match (draw.outcome, answer) {
            (None, Ok(place)) => (StatusCode::CREATED, [(header::LOCATION, place)]).into_response(),
            (None, Err(refusal)) => refusal.into_response(),
            (Some(fault), _) => spoil(fault, line, Bytes::new()).await,
        }
    }

    fn faults(&self, change: impl FnOnce(&mut Faults)) {
        self.with(|state, _| change(&mut state.faults));
    }

    fn ledger<R>(&self, look: impl FnOnce(&Ledger) -> R) -> R {
        self.look(|state| look(&state.ledger))
    }
}

/// Takes a push, and returns its message's number; or refuses it.
fn take(
    state: &mut State,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
    body: Option<Bytes>,
    now: Timestamp,
) -> Result<u64, (StatusCode, &'static str)> {
    let bad = |why: &'static str| (StatusCode::BAD_REQUEST, why);
    let subscription = path.strip_prefix("/push/").and_then(|token| Some((token, state.subscriptions.get(token)?)));
    let (token, subscription) = subscription.ok_or((StatusCode::NOT_FOUND, "there is no such subscription"))?;
    if *method != Method::POST {
        return Err((StatusCode::METHOD_NOT_ALLOWED, "messages are posted"));
    }
    if subscription.ended {
        return Err((StatusCode::GONE, "the subscription has ended"));
    }
    let authorization = text(headers, "authorization").ok_or((StatusCode::UNAUTHORIZED, "nobody signed"))?;
    let signer = vapid::signer(authorization, &state.base, now.secs()).map_err(|why| (StatusCode::FORBIDDEN, why))?;
    if subscription.server_key.as_deref().is_some_and(|own| own.trim_end_matches('=') != signer) {
        return Err((StatusCode::FORBIDDEN, "the subscription is another sender's"));
    }
    let body = body.ok_or((StatusCode::PAYLOAD_TOO_LARGE, "more than 4096 bytes"))?;
    let ttl = text(headers, "ttl").and_then(|ttl| ttl.parse().ok()).ok_or(bad("no TTL in seconds"))?;
    if text(headers, "content-encoding") != Some("aes128gcm") {
        return Err(bad("the content is not encoded as aes128gcm"));
    }
    if text(headers, "urgency").is_some_and(|urgency| !URGENCIES.contains(&urgency)) {
        return Err(bad("an unknown urgency"));
    }
    let topic = text(headers, "topic").unwrap_or_default();
    if topic.len() > 32 || !topic.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') {
        return Err(bad("a topic is at most 32 characters of base64url"));
    }
    Ok(state.take(token, Message { body, ttl, topic: topic.to_owned(), at: now }))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn too_many(wait: u32) -> Response {
    (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, wait.to_string())]).into_response()
}

async fn subscribe(Extract(world): Extract<Arc<World>>, Json(wanted): Json<Subscribe>) -> Answer {
    Ok(Json(world.with(|state, _| state.subscribe(wanted.key.as_deref()))))
}

async fn unsubscribe(Extract(world): Extract<Arc<World>>, Json(wanted): Json<Unsubscribe>) -> Answer {
    known(world.with(|state, _| state.unsubscribe(&wanted.endpoint)))
}

async fn set_online(Extract(world): Extract<Arc<World>>, Json(wanted): Json<Online>) -> Answer {
    known(world.with(|state, now| state.set_online(&wanted.endpoint, wanted.online, now)))
}

fn known(known: bool) -> Answer {
    if known { Ok(done()) } else { Err(refuse("there is no subscription at that address")) }
}
