//! What it takes to play a provider: how it is served, how it stops, and the control interface that programs in other processes use.
//!
//! `POST /_simulator/fault` `{"rule"}` or `{"clear": true}` · `GET /_simulator/ledger`; where people write, `POST /_simulator/say`
//! `{"as", "text", "bot"?, "number"?}` · `GET /_simulator/people`

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::fault::{FaultRule, Faults};
use super::listener::{Line, Listener};
use super::spoil::cut;

/// What the control interface answers.
pub(super) type Answer = Result<Json<Value>, Refusal>;
/// Why it did not do what was asked.
pub(super) type Refusal = (StatusCode, Json<Value>);

/// A provider that can be served.
pub(super) trait Provider: Send + Sync + Sized + 'static {
    /// The most a request's body may be.
    const BODY_LIMIT: usize;
    /// What really happened.
    type Ledger: Serialize;

    /// Cancelled when it stops.
    fn stop(&self) -> &CancellationToken;

    /// What its control interface has besides faults and the ledger.
    fn controls() -> Router<Arc<Self>>;

    /// Any request but those of the control interface.
    fn answer(&self, line: &Line, request: Request) -> impl Future<Output = Response> + Send;

    /// Changes what goes wrong.
    fn faults(&self, change: impl FnOnce(&mut Faults));

    /// Looks something up in the ledger.
    fn ledger<R>(&self, look: impl FnOnce(&Self::Ledger) -> R) -> R;
}

/// A provider whose customers write.
pub(super) trait Peopled: Provider {
    /// Writes as the person of that name; a new name makes a new person.
    fn say(&self, say: Say) -> Result<Value, Refusal>;

    /// Everybody there is.
    fn people(&self) -> Value;
}

/// What to write, as whom, and to which of the business's accounts; the first when none is named.
#[derive(Deserialize)]
pub(super) struct Say {
    #[serde(rename = "as")]
    pub(super) name: String,
    pub(super) text: String,
    pub(super) bot: Option<i64>,
    pub(super) number: Option<String>,
}

#[derive(Deserialize)]
struct Switch {
    rule: Option<String>,
    #[serde(default)]
    clear: bool,
}

/// A provider that is being served. It stops when the last handle drops this.
#[derive(Debug)]
pub(super) struct Running {
    address: SocketAddr,
    stop: CancellationToken,
}

impl Running {
    /// Serves from now on.
    pub(super) fn start<P: Provider>(listener: TcpListener, address: SocketAddr, provider: &Arc<P>) -> Arc<Self> {
        tokio::spawn(serve(Listener(listener), Arc::clone(provider)));
        Arc::new(Self { address, stop: provider.stop().clone() })
    }

    /// `http://127.0.0.1:PORT`.
    pub(super) fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn stop(&self) {
        self.stop.cancel();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Serves until the provider stops.
async fn serve<P: Provider>(listener: Listener, provider: Arc<P>) {
    let stop = provider.stop().clone();
    let controls = P::controls().route("/fault", post(fault::<P>)).route("/ledger", get(ledger::<P>));
    let router = Router::new()
        .nest("/_simulator", controls)
        .fallback(answer_or_stop::<P>)
        .layer(DefaultBodyLimit::max(P::BODY_LIMIT))
        .with_state(provider);
    let service = router.into_make_service_with_connect_info::<Line>();
    // An error here means the listener is gone; there is nobody left to tell but the clients, who see it.
    tokio::select! {
        _ = axum::serve(listener, service) => {}
        () = stop.cancelled() => {}
    }
}

async fn answer_or_stop<P: Provider>(State(provider): State<Arc<P>>, ConnectInfo(line): ConnectInfo<Line>, request: Request) -> Response {
    tokio::select! {
        biased;
        () = provider.stop().cancelled() => cut(&line),
        response = provider.answer(&line, request) => response,
    }
}

/// The part of the control interface that has to do with people.
pub(super) fn people_controls<P: Peopled>() -> Router<Arc<P>> {
    Router::new().route("/say", post(say::<P>)).route("/people", get(people::<P>))
}

async fn say<P: Peopled>(State(provider): State<Arc<P>>, Json(say): Json<Say>) -> Answer {
    let say = Say { name: say.name.trim().to_owned(), ..say };
    if say.name.is_empty() {
        return Err(refuse("nothing was written: \"as\" needs a name"));
    }
    provider.say(say).map(Json)
}

async fn people<P: Peopled>(State(provider): State<Arc<P>>) -> Answer {
    Ok(Json(provider.people()))
}

async fn fault<P: Provider>(State(provider): State<Arc<P>>, Json(switch): Json<Switch>) -> Answer {
    let rule = switch.rule.map(|rule| rule.parse::<FaultRule>()).transpose().map_err(|error| refuse(&error.to_string()))?;
    provider.faults(|faults| {
        if switch.clear {
            faults.clear();
        }
        if let Some(rule) = rule {
            faults.add(rule);
        }
    });
    Ok(done())
}

async fn ledger<P: Provider>(State(provider): State<Arc<P>>) -> Answer {
    provider.ledger(|ledger| serde_json::to_value(ledger)).map(Json).map_err(|error| refuse(&error.to_string()))
}

/// What is answered when there is nothing to tell.
pub(super) fn done() -> Json<Value> {
    Json(json!({"ok": true}))
}

pub(super) fn refuse(why: &str) -> Refusal {
    (StatusCode::BAD_REQUEST, Json(json!({"error": why})))
}
