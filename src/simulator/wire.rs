//! Requests and answers as the Bot API has them: parameters from the query, a form, JSON or multipart, and the envelope around the result.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::{Form, FromRequest, Multipart, Query, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use serde_json::{Map, Value, json};

/// The largest request: 50 MB of file and room for the rest.
pub(super) const BODY_LIMIT: usize = 51 * 1024 * 1024;

/// A call's parameters, wherever they came from.
#[derive(Debug, Default)]
pub(super) struct Params {
    values: BTreeMap<String, Value>,
    files: BTreeMap<String, Upload>,
}

/// A file of a multipart request.
#[derive(Clone, Debug)]
pub(super) struct Upload {
    pub(super) name: String,
    pub(super) mime: String,
    pub(super) bytes: Bytes,
}

/// A refusal, as the envelope shows it.
#[derive(Clone, Debug)]
pub(super) struct ApiError {
    pub(super) code: u16,
    pub(super) description: String,
    pub(super) retry_after: Option<u64>,
    pub(super) migrate_to: Option<i64>,
}

/// A result.
#[derive(Debug)]
pub(super) enum Reply {
    Json(Value),
    /// Already written as JSON, perhaps wrongly on purpose.
    Raw(Bytes),
}

impl ApiError {
    pub(super) fn new(code: u16, description: impl Into<String>) -> Self {
        Self { code, description: description.into(), retry_after: None, migrate_to: None }
    }

    pub(super) fn bad(description: &str) -> Self {
        Self::new(400, format!("Bad Request: {description}"))
    }

    pub(super) fn forbidden(description: &str) -> Self {
        Self::new(403, format!("Forbidden: {description}"))
    }

    pub(super) fn too_many(retry_after: u64) -> Self {
        let description = format!("Too Many Requests: retry after {retry_after}");
        Self { retry_after: Some(retry_after), ..Self::new(429, description) }
    }

    pub(super) fn moved(to: i64) -> Self {
        Self { migrate_to: Some(to), ..Self::bad("group chat was upgraded to a supergroup chat") }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut envelope = json!({"ok": false, "error_code": self.code, "description": self.description});
        let mut parameters = Map::new();
        if let Some(wait) = self.retry_after {
            parameters.insert("retry_after".to_owned(), wait.into());
        }
        if let Some(chat) = self.migrate_to {
            parameters.insert("migrate_to_chat_id".to_owned(), chat.into());
        }
        if !parameters.is_empty() {
            envelope["parameters"] = parameters.into();
        }
        let status = StatusCode::from_u16(self.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, [(header::CONTENT_TYPE, "application/json")], envelope.to_string()).into_response()
    }
}

impl Reply {
    /// The answer's body.
    pub(super) fn body(self) -> Bytes {
        let result = match self {
            Self::Json(value) => Bytes::from(value.to_string()),
            Self::Raw(bytes) => bytes,
        };
        let mut body = BytesMut::with_capacity(result.len() + 24);
        body.extend_from_slice(b"{\"ok\":true,\"result\":");
        body.extend_from_slice(&result);
        body.extend_from_slice(b"}");
        body.freeze()
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, "application/json")], Body::from(self.body())).into_response()
    }
}

impl Params {
    /// Reads a request's query and body.
    pub(super) async fn read(request: Request) -> Result<Self, ApiError> {
        let mut params = Self::default();
        if let Ok(Query(pairs)) = Query::<Vec<(String, String)>>::try_from_uri(request.uri()) {
            params.values.extend(pairs.into_iter().map(|(name, value)| (name, Value::String(value))));
        }
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if kind.starts_with("multipart/form-data") {
            params.read_multipart(request).await.ok_or_else(|| ApiError::new(413, "Request Entity Too Large"))?;
        } else if kind.starts_with("application/json") {
            let body = whole(request).await?;
            match serde_json::from_slice(&body) {
                Ok(Value::Object(map)) => params.values.extend(map),
                _ if body.is_empty() => {}
                _ => return Err(ApiError::bad("can't parse request: the JSON body is not an object")),
            }
        } else if kind.starts_with("application/x-www-form-urlencoded") {
            let form = Form::<Vec<(String, String)>>::from_request(request, &()).await;
            let Form(pairs) = form.map_err(|_| ApiError::bad("can't parse the form"))?;
            params.values.extend(pairs.into_iter().map(|(name, value)| (name, Value::String(value))));
        }
        Ok(params)
    }

    async fn read_multipart(&mut self, request: Request) -> Option<()> {
        let mut form = Multipart::from_request(request, &()).await.ok()?;
        while let Some(field) = form.next_field().await.ok()? {
            let name = field.name().unwrap_or_default().to_owned();
            match field.file_name().map(str::to_owned) {
                Some(file) => {
                    let mime = field.content_type().unwrap_or("application/octet-stream").to_owned();
                    self.files.insert(name, Upload { name: file, mime, bytes: field.bytes().await.ok()? });
                }
                None => {
                    self.values.insert(name, Value::String(field.text().await.ok()?));
                }
            }
        }
        Some(())
    }

    /// A whole number, given as one or as its digits.
    pub(super) fn int(&self, name: &str) -> Option<i64> {
        match self.values.get(name)? {
            Value::Number(number) => number.as_i64(),
            Value::String(digits) => digits.trim().parse().ok(),
            _ => None,
        }
    }

    pub(super) fn float(&self, name: &str) -> Option<f64> {
        match self.values.get(name)? {
            Value::Number(number) => number.as_f64(),
            Value::String(digits) => digits.trim().parse().ok(),
            _ => None,
        }
    }

    /// Words; empty when not given.
    pub(super) fn text(&self, name: &str) -> String {
        match self.values.get(name) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        }
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        matches!(self.text(name).to_ascii_lowercase().as_str(), "true" | "yes" | "1")
    }

    /// A structure, given as one or as its JSON text.
    pub(super) fn json(&self, name: &str) -> Option<Value> {
        match self.values.get(name)? {
            Value::String(text) => serde_json::from_str(text).ok(),
            other => Some(other.clone()),
        }
    }

    pub(super) fn given(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    pub(super) fn file(&self, name: &str) -> Option<&Upload> {
        self.files.get(name)
    }

    /// Everything, for the ledger; uploads are described.
    pub(super) fn describe(&self) -> Value {
        let mut all: Map<String, Value> = self.values.clone().into_iter().collect();
        for (field, file) in &self.files {
            all.insert(field.clone(), json!({"file_name": file.name, "mime_type": file.mime, "size": file.bytes.len()}));
        }
        Value::Object(all)
    }
}

async fn whole(request: Request) -> Result<Bytes, ApiError> {
    axum::body::to_bytes(request.into_body(), BODY_LIMIT).await.map_err(|_| ApiError::new(413, "Request Entity Too Large"))
}
