//! The simulated push service held to the standards, over HTTP as senders see it.

use std::sync::Arc;

use frontdesk::channel::push::{Key, key};
use frontdesk::domain::time::ManualClock;
use frontdesk::simulator::push::{Config, PushService};
use reqwest::header::{HeaderMap, HeaderName};
use serde_json::{Value, json};

use super::NOW;

/// A service and a device that takes pushes of any sender.
struct Stage {
    service: PushService,
    endpoint: String,
    key: Key,
    http: reqwest::Client,
}

impl Stage {
    async fn new() -> Self {
        let service = PushService::start(Config::new(Arc::new(ManualClock::at(NOW)))).await.unwrap();
        let subscription: Value = serde_json::from_str(&service.subscribe(None)).unwrap();
        let endpoint = subscription["endpoint"].as_str().unwrap().to_owned();
        let key = key(&tempfile::tempdir().unwrap().path().join("push.key")).unwrap();
        // Another test may have installed it already; either will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self { service, endpoint, key, http: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    /// The headers of a push as it should be.
    fn good(&self) -> HeaderMap {
        let signature = self.key.signature(&self.service.base_url(), "mailto:desk@example.org", NOW);
        let all =
            [("ttl", "60"), ("urgency", "normal"), ("topic", "a-b_C9"), ("content-encoding", "aes128gcm"), ("authorization", &signature)];
        all.into_iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    /// The status a push is answered with, and why it was refused.
    async fn push(&self, headers: HeaderMap, body: Vec<u8>) -> (u16, String) {
        let answer = self.http.post(&self.endpoint).headers(headers).body(body).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    async fn control(&self, what: &str, body: Value) -> Value {
        let url = format!("{}/_simulator/{what}", self.service.base_url());
        self.http.post(url).json(&body).send().await.unwrap().json().await.unwrap()
    }
}

#[tokio::test]
async fn a_push_that_lacks_something_is_refused_by_the_status_of_its_kind() {
    let stage = Stage::new().await;
    let check = async |header: &'static str, value: Option<&str>, want: (u16, &str)| {
        let mut headers = stage.good();
        headers.remove(header);
        if let Some(value) = value {
            headers.insert(header, value.parse().unwrap());
        }
        let (status, why) = stage.push(headers, vec![0; 100]).await;
        assert!(status == want.0 && why.contains(want.1), "{header}: {value:?}: {status} {why}");
    };
    check("ttl", None, (400, "no TTL")).await;
    check("ttl", Some("soon"), (400, "no TTL")).await;
    check("ttl", Some("-1"), (400, "no TTL")).await;
    check("content-encoding", None, (400, "aes128gcm")).await;
    check("content-encoding", Some("aesgcm"), (400, "aes128gcm")).await;
    check("urgency", Some("now"), (400, "urgency")).await;
    check("topic", Some("no spaces"), (400, "topic")).await;
    check("topic", Some(&"x".repeat(33)), (400, "topic")).await;
    check("authorization", None, (401, "nobody signed")).await;
    check("authorization", Some("Bearer abc"), (403, "no vapid")).await;
    let elsewhere = stage.key.signature("http://127.0.0.1", "mailto:desk@example.org", NOW);
    check("authorization", Some(&elsewhere), (403, "another service")).await;
    let nobody = stage.key.signature(&stage.service.base_url(), "", NOW);
    check("authorization", Some(&nobody), (403, "nobody to turn to")).await;
    let (topic, urgency) = (("topic", None), ("urgency", None));
    for (header, value) in [topic, urgency] {
        check(header, value, (201, "")).await;
    }
}

#[tokio::test]
async fn a_push_has_at_most_4096_bytes() {
    let stage = Stage::new().await;
    assert_eq!(stage.push(stage.good(), vec![0; 4_096]).await.0, 201);
    assert_eq!(stage.push(stage.good(), vec![0; 4_097]).await.0, 413);
}

#[tokio::test]
async fn what_is_taken_has_an_address_and_what_the_device_cannot_open_is_not_shown() {
    let stage = Stage::new().await;
    let answer = stage.http.post(&stage.endpoint).headers(stage.good()).body(vec![7; 200]).send().await.unwrap();
    let place = answer.headers()["location"].to_str().unwrap();
    assert!(place.starts_with(&format!("{}/message/", stage.service.base_url())), "{place}");
    let shown = stage.service.ledger(|ledger| ledger.shown[0].clone());
    assert_eq!((shown.text, shown.topic.as_str()), (None, "a-b_C9"));
}

#[tokio::test]
async fn other_processes_subscribe_end_and_look_by_the_control_interface() {
    let stage = Stage::new().await;
    let made = stage.control("subscribe", json!({})).await;
    assert!(made["endpoint"].as_str().unwrap().contains("/push/") && made["keys"]["auth"].is_string(), "{made}");
    assert_eq!(stage.control("unsubscribe", json!({"endpoint": stage.endpoint})).await, json!({"ok": true}));
    assert_eq!(stage.push(stage.good(), vec![0; 100]).await.0, 410);
    let unknown = stage.control("unsubscribe", json!({"endpoint": "http://127.0.0.1/push/x"})).await;
    assert!(unknown["error"].as_str().unwrap().contains("no subscription"), "{unknown}");
    stage.control("fault", json!({"rule": "push:too-many=9"})).await;
    let refused = stage.http.post(&stage.endpoint).headers(stage.good()).send().await.unwrap();
    assert_eq!((refused.status().as_u16(), refused.headers()["retry-after"].to_str().unwrap()), (429, "9"));
    let ledger = stage.http.get(format!("{}/_simulator/ledger", stage.service.base_url())).send().await.unwrap();
    let ledger: Value = ledger.json().await.unwrap();
    assert_eq!(ledger["pushes"][0]["status"], 410, "{ledger}");
}

#[tokio::test]
async fn the_same_seed_makes_the_same_subscriptions() {
    let (one, other) = (Stage::new().await, Stage::new().await);
    let keys = |stage: &Stage| serde_json::from_str::<Value>(&stage.service.subscribe(None)).unwrap()["keys"].clone();
    assert_eq!(keys(&one), keys(&other));
    assert_ne!(keys(&one), keys(&one));
}
