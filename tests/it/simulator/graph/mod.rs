//! WhatsApp's simulated provider held to the Graph interface's rules, over HTTP as a business and its receiver see it.

mod life;
mod messages;
mod webhooks;

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use frontdesk::domain::time::ManualClock;
use frontdesk::simulator::graph::{Config, Graph, Person, Who};
use serde_json::{Value, json};

use super::NOW;

/// A simulator with one number and one customer who has not written yet.
struct Stage {
    graph: Graph,
    number: String,
    who: Who,
    http: reqwest::Client,
}

impl Stage {
    async fn new() -> Self {
        Self::with(|_| ()).await
    }

    async fn with(set: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::new(Arc::new(ManualClock::at(NOW)));
        set(&mut config);
        let graph = Graph::start(config).await.unwrap();
        let number = graph.add_number("Harbour Courts");
        let who = graph.add_person(person("Leila", "628123456789"));
        // Another test may have installed it already; either will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().user_agent("desk/1").build().unwrap();
        Self { graph, number, who, http }
    }

    fn url(&self, path: &str) -> String {
        format!("{}/v23.0/{path}", self.graph.base_url())
    }

    fn token(&self) -> String {
        self.graph.number(&self.number).unwrap().token.reveal().to_owned()
    }

    fn business(&self) -> String {
        self.graph.number(&self.number).unwrap().business
    }

    /// Asks to send that, and gives back status and answer.
    async fn post(&self, body: Value) -> (u16, Value) {
        let url = self.url(&format!("{}/messages", self.number));
        let answer = self.http.post(url).bearer_auth(self.token()).json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// Sends something of that type to the customer; the message's id comes back.
    async fn send(&self, kind: &str, content: Value) -> String {
        let (status, answer) = self.post(message(kind, content)).await;
        assert_eq!(status, 200, "{answer}");
        answer["messages"][0]["id"].as_str().unwrap().to_owned()
    }

    async fn text(&self, text: &str) -> String {
        self.send("text", json!({"body": text})).await
    }

    /// Sends what must be refused; the error's code comes back.
    async fn refused(&self, body: Value) -> i64 {
        let (status, answer) = self.post(body).await;
        assert!(status >= 400, "{answer}");
        answer["error"]["code"].as_i64().unwrap()
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        let answer = self.http.get(self.url(path)).bearer_auth(self.token()).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// The texts the customer has got.
    fn delivered(&self) -> Vec<String> {
        self.graph.ledger(|ledger| ledger.delivered(self.who).map(|received| received.text.clone()).collect())
    }
}

fn person(name: &str, phone: &str) -> Person {
    Person { name: name.to_owned(), phone: phone.to_owned(), ..Person::default() }
}

fn message(kind: &str, content: Value) -> Value {
    let mut body = json!({"messaging_product": "whatsapp", "recipient_type": "individual", "to": "628123456789", "type": kind});
    body[kind] = content;
    body
}

/// One webhook as it came: its headers and its bytes.
#[derive(Clone)]
struct Came {
    signature: String,
    body: Bytes,
}

/// A receiver that keeps what comes, and refuses the first so many.
#[derive(Clone, Default)]
struct Receiver(Arc<Mutex<Inside>>);

#[derive(Default)]
struct Inside {
    came: Vec<Came>,
    refuse: usize,
    verify: String,
}

impl Receiver {
    /// A receiver that is registered for the stage's number.
    async fn of(stage: &Stage) -> Self {
        let receiver = Self::default();
        receiver.0.lock().unwrap().verify = stage.graph.number(&stage.number).unwrap().verify_token.reveal().to_owned();
        stage.graph.subscribe(&stage.number, &receiver.listen().await).await.unwrap();
        receiver
    }

    async fn listen(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let router = Router::new().route("/hook", get(greet).post(take)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        url
    }

    fn refuse(&self, count: usize) {
        self.0.lock().unwrap().refuse = count;
    }

    fn came(&self) -> Vec<Came> {
        self.0.lock().unwrap().came.clone()
    }

    fn bodies(&self) -> Vec<Value> {
        self.came().iter().map(|came| serde_json::from_slice(&came.body).unwrap()).collect()
    }

    /// Everything in the lists of that name, in order of arrival.
    fn items(&self, list: &str) -> Vec<Value> {
        let values = self.bodies().into_iter().flat_map(|body| values(&body));
        values.flat_map(|value| value[list].as_array().cloned().unwrap_or_default()).collect()
    }

    fn statuses(&self) -> Vec<String> {
        self.items("statuses").iter().map(|status| status["status"].as_str().unwrap().to_owned()).collect()
    }
}

/// The values of all changes of all entries.
fn values(body: &Value) -> Vec<Value> {
    let entries = body["entry"].as_array().unwrap().iter();
    entries.flat_map(|entry| entry["changes"].as_array().unwrap().iter().map(|change| change["value"].clone())).collect()
}

async fn greet(State(receiver): State<Receiver>, Query(query): Query<std::collections::BTreeMap<String, String>>) -> (StatusCode, String) {
    if query["hub.mode"] == "subscribe" && query["hub.verify_token"] == receiver.0.lock().unwrap().verify {
        (StatusCode::OK, query["hub.challenge"].clone())
    } else {
        (StatusCode::FORBIDDEN, String::new())
    }
}

async fn take(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let mut inside = receiver.0.lock().unwrap();
    if inside.refuse > 0 {
        inside.refuse -= 1;
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    let signature = headers["x-hub-signature-256"].to_str().unwrap().to_owned();
    inside.came.push(Came { signature, body });
    StatusCode::OK
}
