//! Connectors against providers played by small servers on loopback.

mod push;
mod telegram;
mod telegram_map;
mod telegram_send;
mod ultramsg;
mod ultramsg_gateway;
mod ultramsg_poll;
mod whatsapp;
mod whatsapp_batches;
mod whatsapp_graph;
mod whatsapp_map;
mod whatsapp_send;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::{IntoResponse, Response};
use axum::{Router, extract::DefaultBodyLimit};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A request as the provider saw it.
#[derive(Clone, Debug)]
pub struct Call {
    pub verb: String,
    pub path: String,
    pub query: String,
    pub authorization: String,
    pub body: String,
}

impl Call {
    /// The method: the path's last segment.
    pub fn method(&self) -> &str {
        self.path.rsplit('/').next().unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// A provider that answers every request with what the closure makes of it, and remembers them.
pub struct Fake {
    pub address: SocketAddr,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Fake {
    pub async fn start(answer: impl Fn(&Call) -> Response + Clone + Send + Sync + 'static) -> Self {
        let calls: Arc<Mutex<Vec<Call>>> = Arc::default();
        let seen = Arc::clone(&calls);
        let handler = move |verb: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
            let authorization = headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
            let call = Call {
                verb: verb.to_string(),
                path: uri.path().to_owned(),
                query: uri.query().unwrap_or_default().to_owned(),
                authorization: authorization.unwrap_or_default(),
                body: String::from_utf8_lossy(&body).into_owned(),
            };
            seen.lock().unwrap().push(call.clone());
            let answer = answer(&call);
            async move { answer }
        };
        let app = Router::new().fallback(handler).layer(DefaultBodyLimit::disable());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, calls }
    }

    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }
}

/// `{"ok":true}` with that result.
pub fn ok(result: &Value) -> Response {
    axum::Json(json!({ "ok": true, "result": result })).into_response()
}

/// An answer with that status and body, as it is.
pub fn answer(status: u16, body: &str) -> Response {
    (axum::http::StatusCode::from_u16(status).unwrap(), body.to_owned()).into_response()
}

/// A refusal of the Bot API.
pub fn refusal(code: u16, description: &str, parameters: &Value) -> Response {
    let body = json!({ "ok": false, "error_code": code, "description": description, "parameters": parameters });
    answer(code, &body.to_string())
}

/// A server that reads the beginning of each request, writes these bytes, and closes; with nothing to write it resets the connection.
pub async fn raw(bytes: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut buffer = [0; 1024];
            let _ = socket.read(&mut buffer).await;
            if bytes.is_empty() {
                let _ = socket.set_zero_linger();
            }
            let _ = socket.write_all(bytes).await;
        }
    });
    base
}

/// An address where nothing listens.
pub async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}
