//! UltraMsg's simulated gateway held to its rules, over HTTP as a client and a receiver see it.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::Uri;
use axum::routing::any;
use bytes::Bytes;
use frontdesk::domain::attachment::FileKind;
use frontdesk::domain::time::ManualClock;
use frontdesk::simulator::ultramsg::{Config, Person, UltraMsg, Who};
use frontdesk::simulator::{Fault, FaultRule, Sample, When};
use serde_json::{Value, json};

use super::NOW;

/// A gateway with one customer, and everything its webhooks brought.
struct Stage {
    sim: UltraMsg,
    who: Who,
    http: reqwest::Client,
    came: Came,
}

type Came = Arc<Mutex<Vec<(String, Value)>>>;

impl Stage {
    async fn new() -> Self {
        let sim = UltraMsg::start(Config::new(Arc::new(ManualClock::at(NOW)))).await.unwrap();
        let who = sim.add_person(Person { name: "Leila".to_owned(), phone: "628123456789".to_owned(), lid: String::new() });
        // Another test may have installed it already; either will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let came = Came::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        sim.set_webhook(Some(&format!("http://{}/hook/s3cret", listener.local_addr().unwrap())));
        let router = Router::new().fallback(any(take)).with_state(Arc::clone(&came));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { sim, who, http, came }
    }

    fn url(&self, path: &str) -> String {
        format!("{}/instance{}/{path}", self.sim.base_url(), self.sim.instance())
    }

    /// Posts a form; the answer comes back, whose status is always 200.
    async fn post(&self, path: &str, params: &[(&str, &str)]) -> Value {
        let token = self.sim.token();
        let mut params = params.to_vec();
        params.push(("token", token.reveal()));
        let body: Value = params.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect::<serde_json::Map<_, _>>().into();
        let answer = self.http.post(self.url(path)).json(&body).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200);
        answer.json().await.unwrap()
    }

    async fn get(&self, path: &str) -> Value {
        let glue = if path.contains('?') { '&' } else { '?' };
        let url = self.url(&format!("{path}{glue}token={}", self.sim.token().reveal()));
        self.http.get(url).send().await.unwrap().json().await.unwrap()
    }

    async fn send(&self, text: &str) -> u64 {
        let answer = self.post("messages/chat", &[("to", "+628123456789"), ("body", text), ("referenceId", "r-1")]).await;
        assert_eq!((&answer["sent"], &answer["message"]), (&json!("true"), &json!("ok")), "sent is a string");
        answer["id"].as_u64().unwrap()
    }

    fn delivered(&self) -> Vec<String> {
        self.sim.ledger(|ledger| ledger.delivered(self.who).map(|received| received.text.clone()).collect())
    }

    /// The events of that type, in order.
    async fn events(&self, kind: &str) -> Vec<Value> {
        self.sim.all_taken().await;
        self.came.lock().unwrap().iter().map(|(_, event)| event.clone()).filter(|event| event["event_type"] == kind).collect()
    }
}

async fn take(State(came): State<Came>, uri: Uri, body: Bytes) {
    came.lock().unwrap().push((uri.path().to_owned(), serde_json::from_slice(&body).unwrap()));
}

#[tokio::test]
async fn a_wrong_instance_is_404_and_every_other_refusal_has_status_200() {
    let stage = Stage::new().await;
    let elsewhere = format!("{}/instance7/messages/chat", stage.sim.base_url());
    assert_eq!(stage.http.post(elsewhere).send().await.unwrap().status().as_u16(), 404);
    let answer = stage.http.get(stage.url("instance/status?token=wrong")).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    assert!(answer.json::<Value>().await.unwrap()["error"].is_string(), "an error may be a string");
    for params in [
        &[("body", "x")][..],
        &[("to", "628123456789")],
        &[("to", "me"), ("body", "x")],
        &[("to", "628123456789"), ("body", &"x".repeat(4_097))],
    ] {
        assert!(stage.post("messages/chat", params).await["error"].is_array(), "or a list");
    }
    assert!(stage.delivered().is_empty());
}

#[tokio::test]
async fn an_id_is_the_gateway_s_number_and_the_reference_comes_back_with_whatsapp_s_own() {
    let stage = Stage::new().await;
    let id = stage.send("hello").await;
    assert_eq!(stage.delivered(), ["hello"]);
    let created = stage.events("message_create").await.remove(0);
    assert_eq!((&created["referenceId"], &created["id"]), (&json!("r-1"), &json!(id.to_string())));
    let data = &created["data"];
    assert_eq!((&data["fromMe"], &data["to"]), (&json!(true), &json!("628123456789@c.us")));
    assert!(data["id"].as_str().unwrap().starts_with("true_628123456789@c.us_"));
    stage.sim.read(stage.who);
    let acks: Vec<Value> = stage.events("message_ack").await.iter().map(|event| event["data"]["ack"].clone()).collect();
    assert_eq!(acks, ["server", "device", "read"]);
}

#[tokio::test]
async fn what_is_sent_while_the_phone_is_away_is_queued_and_leaves_all_at_once_when_it_is_back() {
    let stage = Stage::new().await;
    stage.sim.set_connected(false);
    assert_ne!(stage.get("instance/status").await["status"]["accountStatus"]["status"], "authenticated");
    for n in 0..3 {
        stage.send(&format!("line {n}")).await;
    }
    assert!(stage.delivered().is_empty(), "sent is queued, no more");
    let queued = stage.get("messages?status=queue&limit=2").await;
    assert_eq!((&queued["total"], queued["messages"].as_array().unwrap().len()), (&json!(3), 2));
    stage.post("messages/chat", &[("to", "628123456789@c.us"), ("body", "urgent"), ("priority", "0")]).await;
    stage.sim.set_connected(true);
    assert_eq!(stage.delivered(), ["urgent", "line 0", "line 1", "line 2"]);
    assert_eq!(stage.get("instance/status").await["status"]["accountStatus"]["status"], "authenticated");
    assert_eq!(stage.get("messages?status=queue").await["total"], 0);
    assert_eq!(stage.get("messages?referenceId=r-1&ack=device").await["total"], 3);
}

#[tokio::test]
async fn a_message_to_a_number_without_whatsapp_becomes_invalid() {
    let stage = Stage::new().await;
    let answer = stage.post("messages/chat", &[("to", "4915112345678"), ("body", "x")]).await;
    assert_eq!(answer["sent"], "true");
    assert_eq!(stage.get("messages?status=invalid").await["total"], 1);
    assert_eq!(stage.get("contacts/check?chatId=4915112345678@c.us").await["status"], "invalid");
}

#[tokio::test]
async fn every_kind_is_sent_by_its_own_path() {
    let stage = Stage::new().await;
    for (kind, params) in [
        ("image", &[("image", "https://example.com/a.jpg"), ("caption", "court")][..]),
        ("document", &[("document", "data:application/pdf;base64,aGk="), ("filename", "plan.pdf")]),
        ("audio", &[("audio", "https://example.com/a.mp3")]),
        ("voice", &[("audio", "https://example.com/a.ogg")]),
        ("video", &[("video", "https://example.com/a.mp4")]),
        ("sticker", &[("sticker", "https://example.com/a.webp")]),
        ("location", &[("address", "Court"), ("lat", "-6.2"), ("lng", "106.8")]),
        ("contact", &[("contact", "628111@c.us")]),
        ("vcard", &[("vcard", "BEGIN:VCARD")]),
        ("link", &[("link", "https://example.com")]),
    ] {
        let mut params = params.to_vec();
        assert!(stage.post(&format!("messages/{kind}"), &params[..0]).await["error"].is_array(), "{kind}");
        params.push(("to", "628123456789"));
        assert_eq!(stage.post(&format!("messages/{kind}"), &params).await["sent"], "true", "{kind}");
    }
    assert!(!stage.post("messages/hologram", &[("to", "628123456789")]).await["error"].is_null());
    let bytes = stage.sim.ledger(|ledger| ledger.received[1].file.clone().unwrap().bytes);
    assert_eq!(&bytes[..], b"hi");
}

#[tokio::test]
async fn a_webhook_goes_to_the_address_as_registered_and_says_instance_without_prefix() {
    let stage = Stage::new().await;
    let id = stage.sim.say(stage.who, "hi");
    let event = stage.events("message_received").await.remove(0);
    assert_eq!(stage.came.lock().unwrap()[0].0, "/hook/s3cret");
    assert_eq!(event["instanceId"], json!(stage.sim.instance()));
    let data = &event["data"];
    assert_eq!((&data["id"], &data["type"], &data["body"]), (&json!(id), &json!("chat"), &json!("hi")));
    assert!(id.starts_with("false_628123456789@c.us_"));
    assert_eq!((&data["pushname"], &data["fromMe"], &data["time"]), (&json!("Leila"), &json!(false), &json!(NOW.secs())));
}

#[tokio::test]
async fn chats_and_their_messages_can_be_asked_for() {
    let stage = Stage::new().await;
    for n in 0..5 {
        stage.sim.say(stage.who, &format!("line {n}"));
    }
    stage.send("answer").await;
    let chats = stage.get("chats").await;
    assert_eq!(chats[0]["id"], "628123456789@c.us");
    let messages = stage.get("chats/messages?chatId=628123456789@c.us&limit=3").await;
    let bodies: Vec<&str> = messages.as_array().unwrap().iter().map(|message| message["body"].as_str().unwrap()).collect();
    assert_eq!(bodies, ["line 3", "line 4", "answer"]);
    assert!(stage.get("chats/messages?chatId=1@c.us").await["error"].is_array());
}

#[tokio::test]
async fn a_file_is_fetched_from_the_address_a_webhook_gives() {
    let stage = Stage::new().await;
    let sample = Sample { mime: "audio/ogg".to_owned(), bytes: Bytes::from_static(b"hm"), ..Sample::default() };
    stage.sim.send_file(stage.who, FileKind::Voice, sample, "");
    let event = stage.events("message_received").await.remove(0);
    assert_eq!(event["data"]["type"], "ptt");
    let answer = stage.http.get(event["data"]["media"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(&answer.bytes().await.unwrap()[..], b"hm");
}

#[tokio::test]
async fn a_form_is_read_like_json() {
    let stage = Stage::new().await;
    let body = format!("token={}&to=%2B628123456789&body=two+words+%26+more", stage.sim.token().reveal());
    let request = stage.http.post(stage.url("messages/chat")).header("content-type", "application/x-www-form-urlencoded").body(body);
    assert_eq!(request.send().await.unwrap().json::<Value>().await.unwrap()["sent"], "true");
    assert_eq!(stage.delivered(), ["two words & more"]);
}

#[tokio::test]
async fn a_fault_after_the_act_leaves_the_message_with_the_customer() {
    let stage = Stage::new().await;
    stage.sim.fault(FaultRule::new("messages/chat", Fault::DropAfter, When::Next(1)));
    let body = json!({"token": stage.sim.token().reveal(), "to": "628123456789", "body": "once"});
    assert!(stage.http.post(stage.url("messages/chat")).json(&body).send().await.is_err());
    assert_eq!(stage.delivered(), ["once"]);
    let requests = stage.sim.ledger(|ledger| serde_json::to_string(&ledger.requests).unwrap());
    assert!(!requests.contains(stage.sim.token().reveal()), "a token is nobody's to read in a ledger");
}
