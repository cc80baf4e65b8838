//! The server: which request is what, who may ask, and what goes wrong with the answer.

use std::collections::BTreeMap;

use axum::extract::{FromRequest, Multipart, Query, Request};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::{Value, json};

use super::ledger::Request as Entry;
use super::send::Sending;
use super::world::State;
use crate::domain::time::Timestamp;
use crate::simulator::fault::Draw;
use crate::simulator::listener::Line;
use crate::simulator::shared::Shared;
use crate::simulator::spoil::{before, spoil};

/// The most an upload may be, and a little for the form around it.
pub(super) const BODY_LIMIT: usize = 101 << 20;

type World = Shared<State>;

/// A refusal, as Graph words it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ApiError {
    pub(super) status: u16,
    pub(super) code: i64,
    pub(super) subcode: Option<i64>,
    pub(super) message: String,
    pub(super) details: String,
}

/// An upload's form.
#[derive(Debug, Default)]
pub(super) struct Upload {
    pub(super) product: String,
    pub(super) kind: String,
    pub(super) mime: String,
    pub(super) bytes: Option<Bytes>,
}

/// One request, read.
#[derive(Debug)]
struct Asked {
    method: Method,
    /// The segments of the path, without the version.
    path: Vec<String>,
    query: BTreeMap<String, String>,
    token: Option<String>,
    body: Given,
}

#[derive(Debug)]
enum Given {
    Nothing,
    Json(Result<Value, String>),
    Form(Upload),
}

impl ApiError {
    pub(super) fn new(status: u16, code: i64, message: &str, details: &str) -> Self {
        Self { status, code, subcode: None, message: message.to_owned(), details: details.to_owned() }
    }

    /// A parameter is missing or wrong (code 100).
    pub(super) fn parameter(message: &str) -> Self {
        Self::new(400, 100, message, "")
    }

    /// A parameter within a message is missing.
    pub(super) fn missing(details: &str) -> Self {
        Self::coded(131_008, details)
    }

    /// A parameter within a message is wrong.
    pub(super) fn value(details: &str) -> Self {
        Self::coded(131_009, details)
    }

    /// Any other refusal of a message.
    pub(super) fn coded(code: i64, details: &str) -> Self {
        let status = if code == 132_001 { 404 } else { 400 };
        Self::new(status, code, &format!("(#{code}) {}", super::hook::title(code)), details)
    }

    /// There is no such thing, or the token does not reach it.
    pub(super) fn no_object(id: &str) -> Self {
        let message = format!(
            "Unsupported request. Object with ID '{id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation"
        );
        Self { subcode: Some(33), ..Self::new(400, 100, &message, "") }
    }

    fn token(message: &str) -> Self {
        Self::new(401, 190, message, "")
    }

    fn json(&self) -> Value {
        let mut error = json!({"message": self.message, "type": "OAuthException", "code": self.code, "fbtrace_id": "AYmZ7bS1mulated"});
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = subcode.into();
        }
        if !self.details.is_empty() {
            error["error_data"] = json!({"messaging_product": "whatsapp", "details": self.details});
        }
        json!({ "error": error })
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        (status, axum::Json(self.json())).into_response()
    }
}

/// Any request but those of the control interface.
pub(super) async fn answer(world: &World, line: &Line, request: Request) -> Response {
    let path = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    if request.uri().path().starts_with("/whatsapp_business/attachments") {
        let fetched = Fetched::of(&request);
        return download(world, line, fetched, path).await;
    }
    let asked = match Asked::read(request).await {
        Ok(asked) => asked,
        Err(error) => return error.into_response(),
    };
    let method = world.look(|state| asked.method(state));
    let draw = draw(world, method);
    if let Some(response) = before(&draw, line, too_many).await {
        return response;
    }
    let answers = draw.answers();
    let result = world.with(|state, now| {
        let result = asked.carry_out(state, answers, now);
        let body = match asked.body {
            Given::Json(Ok(body)) => body,
            Given::Form(form) => json!({"type": form.kind, "size": form.bytes.map_or(0, |bytes| bytes.len())}),
            _ => Value::Null,
        };
        note(state, method, &path, body, &result, now);
        result
    });
    if world.look(|state| state.rules.late_answers) && method == "messages" {
        world.wait(|state| state.bag.is_empty().then_some(())).await;
    }
    match draw.outcome {
        None => match result {
            Ok(value) => axum::Json(value).into_response(),
            Err(error) => error.into_response(),
        },
        Some(fault) => spoil(fault, line, Bytes::from(result.unwrap_or_else(|error| error.json()).to_string())).await,
    }
}

fn note(state: &mut State, method: &str, path: &str, body: Value, result: &Result<Value, ApiError>, at: Timestamp) {
    let (refused, answer) = match result {
        Ok(value) => (None, value.clone()),
        Err(error) => (Some(error.code), error.json()),
    };
    // A token in the address is as good as one in a header, and no less secret.
    let path = path.split("access_token=").next().unwrap_or_default().to_owned();
    state.ledger.requests.push(Entry { method: method.to_owned(), path, body, refused, answer, at });
}

fn draw(world: &World, method: &str) -> Draw {
    world.with(|state, _| {
        *state.ledger.calls.entry(method.to_owned()).or_default() += 1;
        state.faults.draw(method)
    })
}

fn too_many(wait: u32) -> Response {
    let error = ApiError::new(
        429,
        130_429,
        "(#130429) Rate limit hit",
        "Message failed to send because there were too many messages sent from this phone number in a short period of time.",
    );
    ([(header::RETRY_AFTER, wait.to_string())], error).into_response()
}

/// The bytes behind an address: only for who has a token, says what program it is, and comes in time.
async fn download(world: &World, line: &Line, fetched: Fetched, path: String) -> Response {
    let draw = draw(world, "file");
    if let Some(response) = before(&draw, line, too_many).await {
        return response;
    }
    let Fetched { query, token, named } = fetched;
    let part = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
    let found = world.with(|state, now| {
        let found = if !state.numbers.values().any(|number| Some(number.token.reveal()) == token.as_deref()) {
            Err(401)
        } else if named {
            state.fetch(part("mid"), part("ext"), part("hash"), now).ok_or(404)
        } else {
            Err(400)
        };
        let entry =
            found.as_ref().map(|media| json!({"size": media.bytes.len()})).map_err(|code| ApiError::new(*code, i64::from(*code), "", ""));
        note(state, "file", &path, Value::Null, &entry, now);
        found
    });
    let media = match found {
        Ok(media) => media,
        Err(code) => return StatusCode::from_u16(code).unwrap_or(StatusCode::NOT_FOUND).into_response(),
    };
    match draw.outcome {
        None => ([(header::CONTENT_TYPE, media.mime)], media.bytes).into_response(),
        Some(fault) => spoil(fault, line, media.bytes).await,
    }
}

/// What a download is judged by.
struct Fetched {
    query: BTreeMap<String, String>,
    token: Option<String>,
    /// It says what program it is.
    named: bool,
}

impl Fetched {
    fn of(request: &Request) -> Self {
        Self {
            query: Query::try_from_uri(request.uri()).map(|Query(query)| query).unwrap_or_default(),
            token: bearer(request.headers()),
            named: request.headers().get(header::USER_AGENT).is_some_and(|agent| !agent.is_empty()),
        }
    }
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ").map(str::to_owned)
}

impl Asked {
    async fn read(request: Request) -> Result<Self, ApiError> {
        let query = Query::<BTreeMap<String, String>>::try_from_uri(request.uri()).map(|Query(query)| query).unwrap_or_default();
        let token = bearer(request.headers()).or_else(|| query.get("access_token").cloned());
        let mut path: Vec<String> = request.uri().path().split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        if path.first().is_some_and(|first| is_version(first)) {
            path.remove(0);
        }
        let method = request.method().clone();
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
        let body = if kind.starts_with("multipart/form-data") {
            Given::Form(Upload::read(request).await.ok_or_else(|| ApiError::parameter("(#100) The form could not be read"))?)
        } else {
            let bytes = axum::body::to_bytes(request.into_body(), BODY_LIMIT).await;
            let bytes = bytes.map_err(|_| ApiError::parameter("(#100) The body could not be read"))?;
            if bytes.is_empty() { Given::Nothing } else { Given::Json(serde_json::from_slice(&bytes).map_err(|error| error.to_string())) }
        };
        Ok(Self { method, path, query, token, body })
    }

    fn edge(&self) -> &str {
        self.path.get(1).map(String::as_str).unwrap_or_default()
    }

    fn node(&self) -> &str {
        self.path.first().map(String::as_str).unwrap_or_default()
    }

    /// The request in the words of faults and ledger.
    fn method(&self, state: &State) -> &'static str {
        match (self.node(), self.edge()) {
            (_, "messages") => "messages",
            (_, "media") => "media",
            (_, "message_templates") => "templates",
            ("debug_token", _) => "debug-token",
            (id, "") if state.media.contains_key(id) => "media-url",
            (id, "") if state.numbers.contains_key(id) => "number",
            _ => "node",
        }
    }

    fn carry_out(&self, state: &mut State, answered: bool, now: Timestamp) -> Result<Value, ApiError> {
        let token =
            self.token.as_deref().ok_or_else(|| ApiError::new(401, 104, "An access token is required to request this resource.", ""))?;
        let own = |number: &super::Number| number.token.reveal() == token;
        let Some(known) = state.numbers.values().find(|number| own(number)).cloned() else {
            return Err(ApiError::token("Invalid OAuth access token - Cannot parse access token"));
        };
        if known.token_ends != 0 && known.token_ends <= now.secs() {
            let error = ApiError::token("Error validating access token: Session has expired.");
            return Err(ApiError { subcode: Some(463), ..error });
        }
        let (node, edge) = (self.node(), self.edge());
        if node == "debug_token" {
            return state.debug_token(self.query.get("input_token").map(String::as_str), now);
        }
        let number = state.numbers.get(node).filter(|number| own(number)).map(|number| number.id.clone());
        let business = state.numbers.values().any(|number| number.business == node && own(number));
        match (&self.method, edge) {
            (&Method::POST, "messages") => {
                let number = number.ok_or_else(|| ApiError::no_object(node))?;
                let body = self.json()?;
                super::send::take(state, &Sending { number: &number, body, answered, now })
            }
            (&Method::POST, "media") => {
                let number = number.ok_or_else(|| ApiError::no_object(node))?;
                match &self.body {
                    Given::Form(form) => state.upload(&number, form, now),
                    _ => Err(ApiError::parameter("(#100) The parameter file is required.")),
                }
            }
            (&Method::GET, "") if number.is_some() => state.number_node(node, self.query.get("fields").map(String::as_str)),
            (&Method::GET, "") if business => state.business_node(node, self.query.get("fields").map(String::as_str)),
            (&Method::GET, "message_templates") if business => state.list_templates(node, &self.query),
            (&Method::GET, "phone_numbers") if business => Ok(state.list_numbers(node)),
            (&Method::GET, "") => {
                let reachable = state.media.get(node).is_some_and(|media| state.numbers.get(&media.number).is_some_and(own));
                if !reachable {
                    return Err(ApiError::no_object(node));
                }
                state.address(node, self.query.get("phone_number_id").map(String::as_str), now)
            }
            (&Method::DELETE, "") if state.media.remove(node).is_some() => Ok(json!({"success": true})),
            _ => Err(ApiError::no_object(node)),
        }
    }

    fn json(&self) -> Result<&Value, ApiError> {
        match &self.body {
            Given::Json(Ok(body)) if body.is_object() => Ok(body),
            Given::Json(Err(problem)) => Err(ApiError::parameter(&format!("(#100) Invalid JSON: {problem}"))),
            _ => Err(ApiError::parameter("(#100) The parameter messaging_product is required.")),
        }
    }
}

impl Upload {
    async fn read(request: Request) -> Option<Self> {
        let mut upload = Self::default();
        let mut form = Multipart::from_request(request, &()).await.ok()?;
        while let Some(field) = form.next_field().await.ok()? {
            match field.name().unwrap_or_default() {
                "messaging_product" => upload.product = field.text().await.ok()?,
                "type" => upload.kind = field.text().await.ok()?,
                // Without a file name it is a field like any other, not a file.
                "file" if field.file_name().is_some() => {
                    field.content_type().unwrap_or_default().clone_into(&mut upload.mime);
                    upload.bytes = Some(field.bytes().await.ok()?);
                }
                _ => {}
            }
        }
        Some(upload)
    }
}

/// `v23.0`.
fn is_version(part: &str) -> bool {
    part.strip_prefix('v').and_then(|rest| rest.split_once('.')).is_some_and(|(major, minor)| {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits(major) && digits(minor)
    })
}
