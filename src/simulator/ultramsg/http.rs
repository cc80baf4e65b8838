//! The server: which request is what, and what goes wrong with the answer. Refusals come with status 200, but for a wrong instance.

use axum::extract::{DefaultBodyLimit, FromRequest, Query, Request};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::{Value, json};

use super::send::Params;
use super::world::{Queued, State};
use crate::domain::time::Timestamp;
use crate::simulator::fault::Draw;
use crate::simulator::listener::Line;
use crate::simulator::shared::Shared;
use crate::simulator::spoil::{before, spoil};

/// The most a request may be: a file in base64, escaped for a form, and a little.
pub(super) const BODY_LIMIT: usize = 40 << 20;
/// The most messages one listing gives.
const LISTED: usize = 1_000;

type World = Shared<State>;

/// Any request but those of the control interface.
pub(super) async fn answer(world: &World, line: &Line, request: Request) -> Response {
    let path = request.uri().path().trim_matches('/').to_owned();
    if let Some(key) = path.strip_prefix("files/") {
        return download(world, line, key).await;
    }
    let (instance, path) = path.split_once('/').unwrap_or((&path, ""));
    let own = world.look(|state| format!("instance{}", state.instance));
    if instance != own {
        return (StatusCode::NOT_FOUND, axum::Json(json!({"error": "instance not found"}))).into_response();
    }
    let method = request.method().clone();
    let draw = draw(world, path);
    let Some(mut params) = read(request).await else { return StatusCode::BAD_REQUEST.into_response() };
    if let Some(response) = before(&draw, line, too_many).await {
        return response;
    }
    let answer = world.with(|state, now| {
        let token = params.remove("token").unwrap_or_default();
        let answer = if token == state.token.reveal() {
            carry_out(state, &method, path, &params, now)
        } else {
            json!({"error": "Wrong token. Please provide token as a GET parameter."})
        };
        let request = super::Request { path: path.to_owned(), params: json!(params), answer: answer.clone() };
        state.ledger.requests.push(request);
        answer
    });
    match draw.outcome {
        None => axum::Json(answer).into_response(),
        Some(fault) => spoil(fault, line, Bytes::from(answer.to_string())).await,
    }
}

async fn download(world: &World, line: &Line, key: &str) -> Response {
    let draw = draw(world, "file");
    if let Some(response) = before(&draw, line, too_many).await {
        return response;
    }
    let Some((mime, bytes)) = world.look(|state| state.files.get(key).cloned()) else { return StatusCode::NOT_FOUND.into_response() };
    match draw.outcome {
        None => ([(header::CONTENT_TYPE, mime)], bytes).into_response(),
        Some(fault) => spoil(fault, line, bytes).await,
    }
}

fn draw(world: &World, method: &str) -> Draw {
    world.with(|state, _| state.faults.draw(method))
}

fn too_many(wait: u32) -> Response {
    let error = axum::Json(json!({"error": "Too many requests"}));
    (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, wait.to_string())], error).into_response()
}

/// The parameters: of the query, a form, or JSON.
async fn read(request: Request) -> Option<Params> {
    let mut params: Params = Query::try_from_uri(request.uri()).map(|Query(query)| query).unwrap_or_default();
    let is_json = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).is_some_and(|kind| kind.contains("json"));
    let body = axum::body::to_bytes(request.into_body(), BODY_LIMIT).await.ok()?;
    if is_json {
        let Value::Object(fields) = serde_json::from_slice(&body).ok()? else { return None };
        for (name, value) in fields {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            params.insert(name, text);
        }
    } else if !body.is_empty() {
        params.extend(form(body).await?);
    }
    Some(params)
}

async fn form(body: Bytes) -> Option<Params> {
    let request = Request::builder().method(Method::POST).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let mut request = request.body(axum::body::Body::from(body)).ok()?;
    DefaultBodyLimit::max(BODY_LIMIT).apply(&mut request);
    axum::Form::<Params>::from_request(request, &()).await.ok().map(|axum::Form(form)| form)
}

fn carry_out(state: &mut State, method: &Method, path: &str, params: &Params, now: Timestamp) -> Value {
    match (method, path) {
        (&Method::POST, "messages/reaction") => state.react(params),
        (&Method::POST, "messages/clear") => clear(state, params),
        (&Method::POST, "chats/read") => state.read_chat(params),
        (&Method::POST, "instance/settings") => settings(state, params),
        (&Method::POST, _) => match path.strip_prefix("messages/") {
            Some(kind) => state.enqueue(kind, params, now),
            None => json!({"error": "path not found"}),
        },
        (_, "instance/status") => {
            let (status, substatus) = if state.connected { ("authenticated", "connected") } else { ("standby", "disconnected") };
            json!({"status": {"accountStatus": {"status": status, "substatus": substatus}}})
        }
        (_, "instance/me") => json!({"id": state.own_jid(), "name": "Harbour Courts", "is_business": false, "profile_picture": ""}),
        (_, "instance/settings") => settings_json(state),
        (_, "messages") => listing(state, params),
        (_, "chats") => chats(state),
        (_, "chats/messages") => chat_messages(state, params),
        (_, "contacts") => state
            .people
            .iter()
            .map(|customer| json!({"id": format!("{}@c.us", customer.person.phone), "name": customer.person.name}))
            .collect(),
        (_, "contacts/check") => match params.get("chatId").map(|chat| (chat, state.find(chat))) {
            Some((chat, Some(_))) => json!({"status": "valid", "chatId": chat}),
            Some((chat, None)) => json!({"status": "invalid", "chatId": chat}),
            None => json!({"error": [{"chatId": "is required"}]}),
        },
        _ => json!({"error": "path not found"}),
    }
}

fn clear(state: &mut State, params: &Params) -> Value {
    let status = params.get("status").map(String::as_str).unwrap_or_default();
    if !["queue", "sent", "unsent", "invalid", "expired"].contains(&status) {
        return json!({"error": [{"status": "is invalid"}]});
    }
    state.queue.retain(|_, queued| queued.status != status);
    json!({"success": "done"})
}

fn settings(state: &mut State, params: &Params) -> Value {
    if let Some(url) = params.get("webhook_url") {
        url.clone_into(&mut state.settings.webhook_url);
    }
    let wanted = &mut state.settings;
    for (name, switch) in [
        ("webhook_message_received", &mut wanted.received),
        ("webhook_message_create", &mut wanted.create),
        ("webhook_message_ack", &mut wanted.ack),
        ("webhook_message_reaction", &mut wanted.reaction),
    ] {
        if let Some(value) = params.get(name) {
            *switch = matches!(value.as_str(), "true" | "on" | "1");
        }
    }
    settings_json(state)
}

fn settings_json(state: &State) -> Value {
    let set = &state.settings;
    json!({
        "sendDelay": "1", "webhook_url": set.webhook_url, "webhook_message_received": set.received, "webhook_message_create": set.create,
        "webhook_message_ack": set.ack, "webhook_message_reaction": set.reaction, "webhook_message_download_media": true,
    })
}

/// `GET messages`: the queue, newest first, a page of it.
fn listing(state: &State, params: &Params) -> Value {
    let wanted = |name: &str| params.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let number = |name: &str, usual: usize| wanted(name).and_then(|value| value.parse().ok()).unwrap_or(usual).max(1);
    let (page, limit) = (number("page", 1), number("limit", 10).min(100));
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let fits = |id: u64, queued: &Queued| {
        wanted("status").is_none_or(|status| status == "all" || status == queued.status)
            && wanted("ack").is_none_or(|ack| ack == queued.ack)
            && wanted("referenceId").is_none_or(|reference| reference == queued.reference)
            && wanted("id").is_none_or(|wanted| wanted == id.to_string())
            && wanted("to").is_none_or(|to| digits(to) == digits(&queued.to))
    };
    let found: Vec<(&u64, &Queued)> = state.queue.iter().rev().filter(|(id, queued)| fits(**id, queued)).collect();
    let messages: Value = found
        .iter()
        .skip((page - 1) * limit)
        .take(limit)
        .map(|(id, queued)| {
            json!({
                "id": id, "referenceId": queued.reference, "from": state.own_jid(), "to": queued.to, "body": queued.text, "type": queued.kind,
                "priority": queued.priority, "status": queued.status, "ack": queued.ack, "created_at": queued.at.secs(),
                "sent_at": queued.sent_at.map(Timestamp::secs),
            })
        })
        .collect();
    json!({"total": found.len(), "pages": found.len().div_ceil(limit), "limit": limit, "page": page, "messages": messages})
}

fn chats(state: &State) -> Value {
    let mut chats: Vec<(i64, Value)> = Vec::new();
    for (place, customer) in state.people.iter().enumerate() {
        let who = super::Who(place);
        let Some(last) = state.messages.iter().rfind(|kept| kept.who == who) else { continue };
        let time = last.data["time"].as_i64().unwrap_or_default();
        let chat = json!({
            "id": state.jid(who), "name": customer.person.name, "isGroup": false, "isReadOnly": false, "archived": false, "pinned": false,
            "isMuted": false, "unread": 0, "last_time": time,
        });
        chats.push((time, chat));
    }
    chats.sort_by_key(|(time, _)| -time);
    chats.into_iter().map(|(_, chat)| chat).collect()
}

/// `GET chats/messages`: the newest so many of a chat, oldest first.
fn chat_messages(state: &State, params: &Params) -> Value {
    let Some(who) = params.get("chatId").and_then(|chat| state.find(chat)) else { return json!({"error": [{"chatId": "is invalid"}]}) };
    let limit = params.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or(100).min(LISTED);
    let all: Vec<&Value> = state.messages.iter().filter(|kept| kept.who == who).map(|kept| &kept.data).collect();
    json!(all[all.len().saturating_sub(limit)..])
}
