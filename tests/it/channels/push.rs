//! Push notices, to the simulated push service and the devices behind it.

use std::sync::Arc;

use axum::response::IntoResponse as _;
use frontdesk::channel::http::Reach;
use frontdesk::channel::push::{Key, PushError, Sender, SenderError, key};
use frontdesk::domain::push::Subscription;
use frontdesk::domain::time::{ManualClock, Span, Timestamp};
use frontdesk::simulator::push::{Config, PushService, Shown};
use serde_json::{Value, json};

use super::{Fake, answer, nobody, raw};

/// 2026-11-20 10:00:00 UTC.
const NOW: Timestamp = Timestamp::from_secs(1_795_168_800);
const CONTACT: &str = "mailto:desk@example.org";
const HOUR: Span = Span::hours(1);

/// A service, one device with a subscription that only we may push to, and a sender.
struct Stage {
    service: PushService,
    device: Subscription,
    sender: Sender,
}

fn keys() -> Key {
    let dir = tempfile::tempdir().unwrap();
    key(&dir.path().join("push.key")).unwrap()
}

fn sender(key: Key, reach: Reach) -> Sender {
    Sender::new(key, CONTACT, Arc::new(ManualClock::at(NOW)), reach).unwrap()
}

impl Stage {
    async fn new() -> Self {
        let service = PushService::start(Config::new(Arc::new(ManualClock::at(NOW)))).await.unwrap();
        let sender = sender(keys(), Reach::AndThisMachine);
        let device = Subscription::parse(&service.subscribe(Some(&sender.public_key()))).unwrap();
        Self { service, device, sender }
    }

    async fn push(&self, body: &str, topic: &str) -> Result<(), PushError> {
        self.sender.push(&self.device, "Harbour Courts", body, HOUR, topic).await
    }

    /// Pushes while that goes wrong.
    async fn push_with(&self, fault: &str) -> Result<(), PushError> {
        self.service.clear_faults();
        self.service.fault(fault.parse().unwrap());
        self.push("yes", "").await
    }

    fn shown(&self) -> Vec<Shown> {
        self.service.ledger(|ledger| ledger.shown.clone())
    }

    fn bodies(&self) -> Vec<String> {
        let read = |shown: Shown| serde_json::from_str::<Value>(&shown.text.unwrap()).unwrap()["body"].as_str().unwrap().to_owned();
        self.shown().into_iter().map(read).collect()
    }

    /// The device's keys at another address.
    fn at(&self, endpoint: &str) -> Subscription {
        let mut form: Value = serde_json::from_str(&self.device.json()).unwrap();
        form["endpoint"] = endpoint.into();
        Subscription::parse(&form.to_string()).unwrap()
    }
}

#[tokio::test]
async fn a_notice_reaches_the_device_sealed_and_signed() {
    let stage = Stage::new().await;
    stage.push("SER-051, come to counter 3 · silakan ke loket 3", "ticket 51").await.unwrap();
    let shown = stage.shown().remove(0);
    let text: Value = serde_json::from_str(shown.text.as_deref().unwrap()).unwrap();
    assert_eq!(text, json!({"title": "Harbour Courts", "body": "SER-051, come to counter 3 · silakan ke loket 3"}));
    assert_eq!((shown.endpoint.as_str(), shown.topic.len()), (stage.device.endpoint(), 32));
    let push = stage.service.ledger(|ledger| ledger.pushes[0].clone());
    assert_eq!((push.status, push.ttl, push.urgency.as_str()), (201, 3_600, "high"));
}

#[tokio::test]
async fn a_subscription_that_ended_or_never_was_is_gone() {
    let stage = Stage::new().await;
    let never = stage.at(&format!("{}/push/never", stage.service.base_url()));
    assert_eq!(stage.sender.push(&never, "t", "b", HOUR, "").await, Err(PushError::Gone));
    stage.service.unsubscribe(stage.device.endpoint());
    assert_eq!(stage.push("too late", "").await, Err(PushError::Gone));
    assert!(stage.shown().is_empty());
}

#[tokio::test]
async fn who_is_told_to_wait_waits_as_long_as_told_and_a_server_in_trouble_leaves_doubt() {
    let stage = Stage::new().await;
    let later = stage.push_with("push:too-many=30").await.unwrap_err();
    assert!(matches!(&later, PushError::Later { wait: Some(wait), .. } if *wait == Span::secs(30)), "{later}");
    let later = stage.push_with("push:error-before=503").await.unwrap_err();
    assert!(matches!(later, PushError::Later { wait: None, .. }), "{later}");
    assert!(stage.shown().is_empty());
    for doubtful in ["push:error-after=500", "push:error-after=504", "push:drop-after", "push:drop-before"] {
        let error = stage.push_with(doubtful).await.unwrap_err();
        assert!(matches!(error, PushError::Uncertain(_)), "{doubtful}: {error}");
    }
    assert_eq!(stage.shown().len(), 3, "what was told as uncertain may have arrived");
}

#[tokio::test]
async fn where_nobody_listens_the_notice_has_not_left() {
    let stage = Stage::new().await;
    let error = stage.sender.push(&stage.at(&format!("{}/push/x", nobody().await)), "t", "b", HOUR, "").await.unwrap_err();
    assert!(matches!(error, PushError::Later { wait: None, .. }), "{error}");
    let error = stage.sender.push(&stage.at(&format!("{}/push/x", raw(b"").await)), "t", "b", HOUR, "").await.unwrap_err();
    assert!(matches!(error, PushError::Uncertain(_)), "{error}");
}

#[tokio::test]
async fn another_key_than_the_one_subscribed_with_is_refused_in_the_services_words_without_the_address() {
    let stage = Stage::new().await;
    let other = sender(keys(), Reach::AndThisMachine);
    let error = other.push(&stage.device, "t", "b", HOUR, "").await.unwrap_err();
    assert_eq!(error, PushError::Refused("the push service answers HTTP 403: the subscription is another sender's".into()));
    let fake = Fake::start(|call| answer(400, &format!("\u{1b}[2Jno\nsuch {} \u{202e}", call.path))).await;
    let error = stage.sender.push(&stage.at(&format!("{}/push/secret", fake.base())), "t", "b", HOUR, "").await.unwrap_err();
    let PushError::Refused(why) = error else { panic!("{error}") };
    assert!(why.contains("such /push/…") && !why.contains("secret") && !why.contains(['\u{1b}', '\u{202e}']), "{why:?}");
}

#[tokio::test]
async fn the_longest_notice_a_service_takes_arrives_and_longer_ones_lose_their_end() {
    let stage = Stage::new().await;
    stage.push(&"長".repeat(4_096), "").await.unwrap();
    let body = stage.bodies().remove(0);
    assert!(body.ends_with("長…") && body.len() > 3_900, "{}", body.len());
}

#[tokio::test]
async fn while_a_device_is_off_news_of_one_thing_replace_older_news_of_it_and_old_ones_lapse() {
    let stage = Stage::new().await;
    stage.service.set_online(stage.device.endpoint(), false);
    stage.push("you are third", "ticket 51").await.unwrap();
    stage.push("court 2 is free", "booking 7").await.unwrap();
    stage.push("you are next", "ticket 51").await.unwrap();
    stage.service.set_online(stage.device.endpoint(), true);
    assert_eq!(stage.bodies(), ["court 2 is free", "you are next"]);
    stage.service.set_online(stage.device.endpoint(), false);
    stage.push("your turn", "ticket 51").await.unwrap();
    stage.service.advance(Span::hours(2));
    stage.service.set_online(stage.device.endpoint(), true);
    assert_eq!(stage.shown().len(), 2);
}

#[tokio::test]
async fn nothing_is_pushed_into_the_network_nor_where_a_redirect_points() {
    let stage = Stage::new().await;
    let strict = sender(keys(), Reach::Internet);
    for inside in ["https://10.0.0.8/push/x", "https://169.254.169.254/latest", "https://[fd00::1]/x", "https://2130706433/x"] {
        let error = strict.push(&stage.at(inside), "t", "b", HOUR, "").await.unwrap_err();
        assert!(matches!(&error, PushError::Refused(why) if why.contains("inside a network")), "{inside}: {error}");
    }
    assert!(matches!(strict.push(&stage.device, "t", "b", HOUR, "").await, Err(PushError::Refused(_))));
    let named = stage.device.endpoint().replace("127.0.0.1", "localhost");
    let error = strict.push(&stage.at(&named), "t", "b", HOUR, "").await.unwrap_err();
    assert!(matches!(&error, PushError::Later { why, .. } if why.contains("leads into a network")), "{error}");
    assert!(stage.service.ledger(|ledger| ledger.pushes.is_empty()), "the service was never asked");
    let target = stage.device.endpoint().to_owned();
    let fake = Fake::start(move |_| (axum::http::StatusCode::TEMPORARY_REDIRECT, [("location", target.clone())]).into_response()).await;
    let error = stage.sender.push(&stage.at(&format!("{}/push/x", fake.base())), "t", "b", HOUR, "").await.unwrap_err();
    assert!(matches!(error, PushError::Refused(_)), "{error}");
    assert!(stage.shown().is_empty());
}

#[tokio::test]
async fn a_key_that_is_no_point_of_the_curve_is_refused_before_anything_leaves() {
    let stage = Stage::new().await;
    let mut form: Value = serde_json::from_str(&stage.device.json()).unwrap();
    form["keys"]["p256dh"] = format!("BA{}", "A".repeat(85)).into();
    let broken = Subscription::parse(&form.to_string()).unwrap();
    let error = stage.sender.push(&broken, "t", "b", HOUR, "").await.unwrap_err();
    assert!(matches!(&error, PushError::Refused(why) if why.contains("no point")), "{error}");
    assert!(stage.service.ledger(|ledger| ledger.pushes.is_empty()));
}

#[test]
fn a_sender_must_say_whom_to_turn_to() {
    for nobody in ["", "desk@example.org", "mailto:", "https://", "http://example.org", "mailto:a b", "mailto:a\r\nX: y"] {
        let error = Sender::new(keys(), nobody, Arc::new(ManualClock::at(NOW)), Reach::Internet).unwrap_err();
        assert_eq!(error, SenderError::Contact(nobody.to_owned()));
    }
}
