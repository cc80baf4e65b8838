//! UltraMsg: its webhook's door, what its events mean, sending and asking, against a gateway played on loopback.

use std::collections::BTreeMap;
use std::sync::Arc;

use frontdesk::channel::http::Client;
use frontdesk::channel::ultramsg::{WEBHOOK, connect, map};
use frontdesk::channel::{self, Connector, FetchError, ReceiveError, Settings};
use frontdesk::config::Secret;
use frontdesk::domain::attachment::FileKind;
use frontdesk::domain::delivery::Delivery;
use frontdesk::domain::inbound::{InMessage, Inbound};
use frontdesk::domain::message::{Direction, Kind};
use frontdesk::domain::outbound::{Accepted, Action, Order, SendError, Spot};
use frontdesk::domain::time::{ManualClock, Span, Timestamp};
use serde_json::{Value, json};

use super::{Call, Fake, answer, nobody, raw};

const TOKEN: &str = "CANARYtoken9";
const SECRET: &str = "a-long-unguessable-word";
pub const NOW: i64 = 1_795_168_800;

fn settings(base: &str) -> Settings {
    let values = [("api-base", base), ("instance", "instance1150")];
    Settings {
        values: values.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        secrets: [("token", TOKEN), ("webhook-secret", SECRET)].map(|(name, value)| (name.to_owned(), Secret::new(value))).into(),
        http: Client::new().unwrap(),
        clock: Arc::new(ManualClock::at(Timestamp::from_secs(NOW))),
    }
}

pub fn gateway(base: &str) -> Arc<dyn Connector> {
    connect(&settings(base)).unwrap()
}

pub fn ok(body: &Value) -> axum::response::Response {
    answer(200, &body.to_string())
}

pub fn status(is: &str) -> axum::response::Response {
    ok(&json!({ "status": { "accountStatus": { "status": is, "substatus": "" } } }))
}

/// A gateway whose phone is connected and which takes everything.
fn taking(call: &Call) -> axum::response::Response {
    match call.path.strip_prefix("/instance1150/").unwrap() {
        "instance/status" => status("authenticated"),
        "instance/me" => ok(&json!({ "id": "6281234567890@c.us", "name": "Toko Ana" })),
        _ => ok(&json!({ "sent": "true", "message": "ok", "id": 44897 })),
    }
}

fn form(call: &Call) -> BTreeMap<String, String> {
    let url = reqwest::Url::parse(&format!("http://x/?{}", call.body)).unwrap();
    url.query_pairs().into_owned().collect()
}

pub fn asked(call: &Call, name: &str) -> Option<String> {
    let url = reqwest::Url::parse(&format!("http://x/?{}", call.query)).unwrap();
    url.query_pairs().into_owned().find(|(of, _)| of == name).map(|(_, value)| value)
}

#[test]
fn only_who_knows_the_secret_and_the_instance_is_admitted() {
    let settings = settings("http://127.0.0.1:1");
    assert_eq!((WEBHOOK.path)(&settings), format!("/{SECRET}"));
    let admitted = |path: &str, body: &str| {
        let (query, headers) = (BTreeMap::new(), BTreeMap::new());
        (WEBHOOK.admit)(&settings, &channel::Call { path, query: &query, headers: &headers, body: body.as_bytes() })
    };
    let path = format!("/{SECRET}");
    assert!(admitted(&path, r#"{"instanceId":"1150"}"#));
    assert!(admitted(&path, r#"{"instanceId":"instance1150"}"#));
    assert!(admitted(&path, r#"{"instanceId":1150}"#));
    assert!(admitted(&path, "{}") && admitted(&path, "not JSON"), "what cannot be read is kept for somebody to look at");
    assert!(!admitted(&path, r#"{"instanceId":"1151"}"#));
    for wrong in ["", "/", SECRET, "/a-long-unguessable-wor", "/a-long-unguessable-word/", "//a-long-unguessable-word"] {
        assert!(!admitted(wrong, "{}"), "{wrong}");
    }
    assert_eq!(
        (WEBHOOK.greet)(&settings, &channel::Call { path: &path, query: &BTreeMap::new(), headers: &BTreeMap::new(), body: b"" }),
        None
    );
}

#[test]
fn settings_that_cannot_work_are_refused_by_name() {
    let check = |change: fn(&mut Settings), field: &str| {
        let mut settings = settings("https://api.ultramsg.com");
        change(&mut settings);
        assert_eq!(connect(&settings).map(|_| ()).unwrap_err().field, field);
    };
    check(|settings| drop(settings.values.remove("instance")), "instance");
    check(|settings| drop(settings.values.insert("instance".to_owned(), "1150/../2".to_owned())), "instance");
    check(|settings| drop(settings.secrets.remove("token")), "token");
    check(|settings| drop(settings.secrets.remove("webhook-secret")), "webhook-secret");
    check(|settings| drop(settings.secrets.insert("webhook-secret".to_owned(), Secret::new("short"))), "webhook-secret");
    check(|settings| drop(settings.secrets.insert("webhook-secret".to_owned(), Secret::new("with/a/slash"))), "webhook-secret");
    check(|settings| drop(settings.values.insert("api-base".to_owned(), "ftp://x".to_owned())), "api-base");
}

fn event(kind: &str, reference: &str, data: &Value) -> String {
    let mut whole = json!({ "from": "10172127174@c.us", "to": "628111@c.us", "author": "", "pushname": "Ana", "ack": "", "type": "chat", "body": "",
        "media": "", "fromMe": false, "isForwarded": false, "quotedMsg": {}, "mentionedIds": [], "time": 1_650_002_663,
        "id": "false_10172127174@c.us_3EB0" });
    whole.as_object_mut().unwrap().extend(data.as_object().unwrap().clone());
    json!({ "event_type": kind, "instanceId": "1150", "id": "", "referenceId": reference, "data": whole }).to_string()
}

fn facts(body: &str) -> Vec<Inbound> {
    let items = (WEBHOOK.read)(body);
    let [item] = items.as_slice() else { panic!("{items:?}") };
    assert_eq!(map(&item.key, &item.body), *item, "an item reads the same when it is read again");
    item.events.clone().unwrap()
}

fn message(kind: &str, reference: &str, data: &Value) -> InMessage {
    match facts(&event(kind, reference, data)).as_slice() {
        [Inbound::Message(message)] => (**message).clone(),
        other => panic!("{data} became {other:?}"),
    }
}

#[test]
fn a_message_is_told_with_who_when_and_where() {
    let got = message(
        "message_received",
        "",
        &json!({ "body": "Halo", "isForwarded": "true", "quotedMsg": { "id": "true_1@c.us_A", "body": "Hi" } }),
    );
    assert_eq!((got.direction, got.text.as_str(), got.at), (Direction::In, "Halo", Timestamp::from_secs(1_650_002_663)));
    assert_eq!((got.chat.key.as_str(), got.chat.name.as_str(), got.chat.handle.as_str()), ("10172127174@c.us", "Ana", "+10172127174"));
    assert!(got.chat.wide && got.chat.window.is_none());
    assert_eq!((got.external_id.as_str(), got.author.as_str()), ("false_10172127174@c.us_3EB0", "Ana"));
    assert_eq!((got.reply_to.as_deref(), got.quote.as_str(), got.forwarded_from.as_str()), (Some("true_1@c.us_A"), "Hi", "another chat"));
    let older = json!({ "event_type": "message_received", "instanceId": "1150", "data": { "id": "false_55118765@c.us_1", "from": "551187654321@c.us", "type": "chat", "body": "oi", "time": 5 } });
    let facts = facts(&older.to_string());
    assert!(
        matches!(facts.as_slice(), [Inbound::Message(message)] if message.chat.aliases == ["5511987654321@c.us"] && message.author == "+551187654321"),
        "{facts:?}"
    );
}

#[test]
fn a_group_is_one_chat_with_many_authors() {
    let got = message(
        "message_received",
        "",
        &json!({ "from": "12036-1@g.us", "author": "62811:7@s.whatsapp.net", "pushname": "Budi", "body": "hi" }),
    );
    assert_eq!((got.chat.key.as_str(), got.chat.name.as_str()), ("12036-1@g.us", ""), "an author's name is not the group's");
    assert_eq!((got.author.as_str(), got.author_key.as_str()), ("Budi", "62811@c.us"));
    let hidden = message("message_received", "", &json!({ "from": "123@lid", "pushname": "", "body": "hi" }));
    assert_eq!((hidden.chat.key.as_str(), hidden.chat.handle.as_str()), ("123@lid", ""));
}

#[test]
fn every_type_reads_as_what_a_person_would_say_of_it() {
    let check = |data: Value, kind: Kind, text: &str| {
        let got = message("message_received", "", &data);
        assert_eq!((got.kind, got.text.as_str()), (kind, text), "{data}");
    };
    check(
        json!({ "type": "location", "location": { "latitude": -6.25, "longitude": "106.5", "description": "Court" } }),
        Kind::Location,
        "[location] -6.25, 106.5 Court",
    );
    check(json!({ "type": "location", "body": "/9j/4AAQ" }), Kind::Location, "[location] ?, ?");
    check(
        json!({ "type": "vcard", "body": "BEGIN:VCARD\nFN:Budi\nitem1.TEL;waid=62811:+62 811\nEND:VCARD" }),
        Kind::Contact,
        "[contact] Budi, +62 811",
    );
    check(json!({ "type": "poll_creation", "body": "Which day?" }), Kind::Unsupported, "[unsupported: poll_creation] Which day?");
    check(
        json!({ "type": "image", "body": "look" }),
        Kind::Unsupported,
        "[image] the gateway does not hand files over: switch on \"download media\" in its settings. look",
    );
    for (kind, want) in [
        ("image", FileKind::Photo),
        ("ptt", FileKind::Voice),
        ("audio", FileKind::Audio),
        ("video", FileKind::Video),
        ("sticker", FileKind::Sticker),
    ] {
        let got = message("message_received", "", &json!({ "type": kind, "body": "look", "media": "https://s3.example.com/x" }));
        assert_eq!(
            (got.kind, got.files[0].kind, got.files[0].reference.as_str(), got.text.as_str()),
            (Kind::File, want, "https://s3.example.com/x", "look")
        );
    }
    let slip = message("message_received", "", &json!({ "type": "document", "body": "slip.pdf", "media": "https://s3.example.com/x" }));
    assert_eq!((slip.files[0].name.as_str(), slip.text.as_str()), ("slip.pdf", ""));
}

#[test]
fn the_echo_of_a_reply_is_a_receipt_for_it_and_what_is_written_on_the_phone_a_message() {
    let own = json!({ "id": "true_10172127174@c.us_3EB1", "from": "628111@c.us", "to": "10172127174@c.us", "fromMe": true, "body": "hi" });
    let ours = facts(&event("message_create", "fd-7100.0.1", &own));
    assert!(
        matches!(ours.as_slice(), [Inbound::Receipt { target, state: Delivery::Sent, .. }] if target == "ref:fd-7100.0.1"),
        "a reply never stands there twice: {ours:?}"
    );
    let again = facts(&event("message_create", "fd-7100.0.2", &own));
    assert!(matches!(again.as_slice(), [Inbound::Receipt { target, .. }] if target == "ref:fd-7100.0.2"), "{again:?}");
    let old = facts(&event("message_create", "712345678901234567.0", &own));
    assert!(matches!(old.as_slice(), [Inbound::Receipt { target, .. }] if target == "ref:712345678901234567.0"), "{old:?}");
    for reference in ["", "another program's", "2024.17", "7100.0.1", "fd-", "fd-7100.x"] {
        let phone = message("message_create", reference, &own);
        assert_eq!((phone.external_id.as_str(), phone.author.as_str()), ("true_10172127174@c.us_3EB1", "on the phone"));
        assert_eq!((phone.direction, phone.chat.key.as_str()), (Direction::Out, "10172127174@c.us"));
        assert_eq!(phone.chat.name, "", "our own name is not the customer's");
    }
}

#[test]
fn an_acknowledgement_says_how_far_our_message_got() {
    let check = |reference: &str, ack: Value, want: Option<(&str, Delivery)>| {
        let facts = facts(&event("message_ack", reference, &json!({ "id": "true_10172127174@c.us_3EB1", "ack": ack, "fromMe": true })));
        let got = facts.first().map(|fact| match fact {
            Inbound::Receipt { chat, target, state, .. } if chat.is_empty() => (target.as_str(), *state),
            other => panic!("{other:?}"),
        });
        assert_eq!(got, want, "{ack}");
    };
    check("fd-7100.0.1", json!("server"), Some(("ref:fd-7100.0.1", Delivery::Sent)));
    check("fd-7100.0.1", json!("device"), Some(("ref:fd-7100.0.1", Delivery::Delivered)));
    check("fd-7100.0.1", json!("read"), Some(("ref:fd-7100.0.1", Delivery::Read)));
    check("fd-7100.0.1", json!("played"), Some(("ref:fd-7100.0.1", Delivery::Played)));
    check("", json!("read"), Some(("true_10172127174@c.us_3EB1", Delivery::Read)));
    check("fd-7100.0.1", json!("pending"), None);
    check("fd-7100.0.1", json!(""), None);
    check("fd-7100.0.1", json!(2), Some(("ref:fd-7100.0.1", Delivery::Delivered)));
}

#[test]
fn reactions_and_deletions_name_their_message() {
    let reaction = facts(&event("message_reaction", "", &json!({ "msgId": "false_1@c.us_A", "reaction": "👍" })));
    assert!(
        matches!(reaction.as_slice(), [Inbound::Reacted { target, emoji, actor, .. }] if target == "false_1@c.us_A" && emoji == &["👍"] && actor == "customer"),
        "{reaction:?}"
    );
    let taken = facts(&event("message_reaction", "", &json!({ "msgId": "false_1@c.us_A", "reaction": "" })));
    assert!(matches!(taken.as_slice(), [Inbound::Reacted { emoji, .. }] if emoji.is_empty()), "{taken:?}");
    let gone = facts(&event("message_received", "", &json!({ "type": "revoked", "id": "false_1@c.us_A" })));
    assert!(matches!(gone.as_slice(), [Inbound::Deleted { targets, .. }] if targets == &["false_1@c.us_A"]), "{gone:?}");
}

#[test]
fn what_cannot_be_read_is_one_item_that_says_why() {
    for body in [
        "",
        "{",
        "7",
        "null",
        "{}",
        r#"{"event_type":"message_received"}"#,
        r#"{"event_type":"holiday","data":{}}"#,
        r#"{"event_type":"message_received","data":{"id":"x"}}"#,
    ] {
        let items = (WEBHOOK.read)(body);
        assert!(items.len() == 1 && items[0].events.is_err() && !items[0].key.is_empty(), "{body}: {items:?}");
    }
    let several = format!("[{},7,{}]", event("message_received", "", &json!({})), event("message_ack", "1.0", &json!({ "ack": "read" })));
    let good = (WEBHOOK.read)(&several).iter().map(|item| item.events.is_ok()).collect::<Vec<_>>();
    assert_eq!(good, [true, false, true]);
}

fn order(action: Action) -> Order {
    Order { chat: "10172127174@c.us".to_owned(), aliases: Vec::new(), action, idempotency_key: "7100.0.1".to_owned() }
}

fn text(text: &str, reply_to: Option<&str>) -> Order {
    order(Action::Text { text: text.to_owned(), reply_to: reply_to.map(str::to_owned) })
}

#[tokio::test]
async fn every_action_becomes_its_method() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("stored");
    std::fs::write(&path, "the bytes").unwrap();
    let check = async |order: Order, method: &str, want: &[(&str, &str)]| {
        let fake = Fake::start(taking).await;
        let got = gateway(&fake.base()).send(&order).await;
        assert_eq!(got, Ok(Accepted { external_id: Some("ref:fd-7100.0.1".to_owned()), at: None }));
        let calls = fake.calls();
        assert_eq!(
            calls.iter().map(|call| call.path.as_str()).collect::<Vec<_>>(),
            ["/instance1150/instance/status", &format!("/instance1150/{method}")]
        );
        assert_eq!(asked(&calls[0], "token").as_deref(), Some(TOKEN));
        let mut whole = BTreeMap::from([("token", TOKEN), ("to", "10172127174@c.us"), ("referenceId", "fd-7100.0.1")]);
        whole.extend(want.iter().copied());
        let sent = form(&calls[1]);
        assert_eq!(sent.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<BTreeMap<_, _>>(), whole, "{order:?}");
    };
    check(text("a & b", None), "messages/chat", &[("body", "a & b")]).await;
    check(text("yes", Some("false_1@c.us_A")), "messages/chat", &[("body", "yes"), ("msgId", "false_1@c.us_A")]).await;
    check(text("yes", Some("ref:fd-7099.0.1")), "messages/chat", &[("body", "yes")]).await;
    let spot = Spot { latitude: -6.25, longitude: 106.5, name: "Court".to_owned(), address: String::new() };
    check(order(Action::Location(spot)), "messages/location", &[("address", "Court"), ("lat", "-6.25"), ("lng", "106.5")]).await;
    let file = |kind: FileKind, mime: &str, caption: &str| {
        order(Action::File {
            kind,
            path: path.clone(),
            name: "slip.pdf".to_owned(),
            mime: mime.to_owned(),
            caption: caption.to_owned(),
            reply_to: None,
        })
    };
    let bytes = "dGhlIGJ5dGVz";
    check(file(FileKind::Photo, "image/jpeg", "look"), "messages/image", &[("image", bytes), ("caption", "look")]).await;
    check(file(FileKind::Video, "video/mp4", ""), "messages/video", &[("video", bytes)]).await;
    check(file(FileKind::Audio, "audio/mpeg", ""), "messages/audio", &[("audio", bytes)]).await;
    check(file(FileKind::Voice, "audio/ogg", ""), "messages/voice", &[("audio", bytes)]).await;
    check(file(FileKind::Sticker, "image/webp", ""), "messages/sticker", &[("sticker", bytes)]).await;
    check(
        file(FileKind::Document, "application/pdf", "slip"),
        "messages/document",
        &[("document", bytes), ("filename", "slip.pdf"), ("caption", "slip")],
    )
    .await;
    check(
        file(FileKind::Audio, "audio/mpeg", "listen"),
        "messages/document",
        &[("document", bytes), ("filename", "slip.pdf"), ("caption", "listen")],
    )
    .await;
}

#[tokio::test]
async fn while_the_phone_is_off_nothing_is_queued_at_the_gateway() {
    let fake = Fake::start(|call| if call.path.ends_with("/status") { status("qr") } else { taking(call) }).await;
    let gateway = gateway(&fake.base());
    let waits = Err(SendError::Wait { wait: Span::secs(30), account: true });
    assert_eq!(gateway.send(&text("hi", None)).await, waits);
    assert!(matches!(gateway.receive(None, Span::ZERO).await, Err(ReceiveError::NeedsAttention(why)) if why.contains("not connected")));
    let account = gateway.check().await.unwrap();
    assert!(account.advice.contains("not connected to the gateway (qr)"), "{}", account.advice);
    assert!(fake.calls().iter().all(|call| !call.path.contains("messages")), "{:?}", fake.calls());
}

#[tokio::test]
async fn the_phone_is_looked_at_once_in_half_a_minute() {
    let fake = Fake::start(taking).await;
    let gateway = gateway(&fake.base());
    for _ in 0..3 {
        gateway.send(&text("hi", None)).await.unwrap();
    }
    assert_eq!(fake.calls().iter().filter(|call| call.path.ends_with("/status")).count(), 1);
}

#[tokio::test]
async fn the_account_is_told_by_its_phone() {
    let fake = Fake::start(taking).await;
    let account = gateway(&fake.base()).check().await.unwrap();
    assert_eq!((account.key.as_str(), account.name.as_str(), account.advice.as_str()), ("1150", "Toko Ana (+6281234567890)", ""));
    let unknown = Fake::start(|_| answer(404, "{}")).await;
    assert!(matches!(gateway(&unknown.base()).check().await, Err(ReceiveError::NeedsAttention(_))));
}

#[tokio::test]
async fn errors_hide_in_answers_that_look_well() {
    let check = async |code: u16, body: &'static str, want: fn(&SendError) -> bool| {
        let fake = Fake::start(move |call| if call.path.ends_with("/status") { status("authenticated") } else { answer(code, body) }).await;
        let error = gateway(&fake.base()).send(&text("hi", None)).await.unwrap_err();
        assert!(want(&error), "{body}: {error:?}");
        assert!(!error.to_string().contains(TOKEN), "{error}");
    };
    check(
        200,
        r#"{"error":"Parameter to is not valid"}"#,
        |error| matches!(error, SendError::Refused(why) if why.contains("to is not valid")),
    )
    .await;
    check(200, r#"{"error":{"to":"is required"}}"#, |error| matches!(error, SendError::Refused(why) if why.contains("to: is required")))
        .await;
    check(
        200,
        r#"{"error":[{"to":"is required"},"and more"]}"#,
        |error| matches!(error, SendError::Refused(why) if why.contains("and more")),
    )
    .await;
    check(
        200,
        r#"{"sent":"false","message":"no such number"}"#,
        |error| matches!(error, SendError::Refused(why) if why.contains("no such number")),
    )
    .await;
    check(200, r#"{"error":"Wrong token CANARYtoken9. Please provide token"}"#, |error| matches!(error, SendError::Account(_))).await;
    check(200, r#"{"error":[{"token":"is required"}]}"#, |error| matches!(error, SendError::Account(_))).await;
    check(200, r#"{"error":"Unexpected token < in JSON at position 0"}"#, |error| matches!(error, SendError::Refused(_))).await;
    check(200, r#"{"error":[{"body":"the token is wrong"}]}"#, |error| matches!(error, SendError::Refused(_))).await;
    check(404, "{}", |error| matches!(error, SendError::Account(_))).await;
    check(429, "{}", |error| matches!(error, SendError::Wait { account: true, .. })).await;
    check(200, "{}", |error| matches!(error, SendError::Uncertain(_))).await;
    check(200, "<html>", |error| matches!(error, SendError::Uncertain(_))).await;
    check(502, "<html>", |error| matches!(error, SendError::Uncertain(_))).await;
    // It may have been queued before the trouble began.
    check(500, r#"{"error":"internal error"}"#, |error| matches!(error, SendError::Uncertain(why) if why.contains("internal error"))).await;
    check(503, r#"{"sent":"false"}"#, |error| matches!(error, SendError::Uncertain(_))).await;
}

#[tokio::test]
async fn nothing_is_uncertain_before_the_message_left() {
    assert!(matches!(gateway(&nobody().await).send(&text("hi", None)).await, Err(SendError::NotSent(_))));
    assert!(matches!(gateway(&raw(b"").await).send(&text("hi", None)).await, Err(SendError::NotSent(_))), "only the phone was asked about");
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("stored");
    std::fs::File::create(&path).unwrap().set_len(7_400_001).unwrap();
    let (name, mime) = ("film.mp4".to_owned(), "video/mp4".to_owned());
    let large = order(Action::File { kind: FileKind::Video, path, name, mime, caption: String::new(), reply_to: None });
    let fake = Fake::start(taking).await;
    assert!(matches!(gateway(&fake.base()).send(&large).await, Err(SendError::Refused(_))));
    for action in [Action::Delete { target: "x".to_owned() }, Action::React { target: "ref:fd-7099.0.1".to_owned(), emoji: None }] {
        assert!(matches!(gateway(&fake.base()).send(&order(action)).await, Err(SendError::Refused(_))));
    }
}

/// A gateway with a few chats.
fn chats(call: &Call) -> axum::response::Response {
    let said = |id: &str, from: &str, own: bool, reference: &str, secs: i64| json!({ "id": id, "from": from, "to": "628111@c.us", "fromMe": own, "type": "chat", "body": id, "time": secs, "referenceId": reference, "pushname": "Ana" });
    match call.path.strip_prefix("/instance1150/").unwrap() {
        "instance/status" => status("authenticated"),
        "chats" => ok(&json!([
            { "id": "1017@c.us", "name": "Ana", "last_time": NOW - 60 },
            { "id": "12036-1@g.us", "name": "Family", "last_time": NOW - 50 },
            { "id": "1018@c.us", "name": "Old", "last_time": NOW - 90_000 },
        ])),
        "chats/messages" => match asked(call, "chatId").unwrap().as_str() {
            "1017@c.us" => ok(&json!([
                said("false_1017@c.us_A", "1017@c.us", false, "", NOW - 60),
                said("true_1017@c.us_B", "628111@c.us", true, "", NOW - 61),
                said("true_1017@c.us_C", "628111@c.us", true, "fd-7100.0.1", NOW - 62),
                said("false_1017@c.us_Z", "1017@c.us", false, "", NOW - 86_500),
            ])),
            "12036-1@g.us" => ok(&json!([said("false_12036-1@g.us_D", "12036-1@g.us", false, "", NOW - 50)])),
            other => panic!("{other} had no news"),
        },
        "messages" => match asked(call, "status").unwrap().as_str() {
            "sent" => ok(&json!({ "total": 2, "messages": [
                { "id": 1, "referenceId": "fd-7100.0.1", "status": "sent", "ack": "read" }, { "id": 2, "referenceId": "another program's", "ack": "read" } ] })),
            "invalid" => ok(&json!({ "messages": [{ "id": 3, "referenceId": "fd-7101.0.1", "ack": "" }] })),
            _ => ok(&json!({ "messages": [] })),
        },
        other => panic!("{other} was asked"),
    }
}

#[tokio::test]
async fn a_look_brings_what_is_new_in_every_chat_and_what_became_of_ours() {
    let fake = Fake::start(chats).await;
    let batch = gateway(&fake.base()).receive(None, Span::ZERO).await.unwrap();
    let keys: Vec<&str> = batch.items.iter().map(|item| item.key.as_str()).collect();
    assert_eq!(
        keys,
        ["m:false_1017@c.us_A", "m:true_1017@c.us_C", "m:false_12036-1@g.us_D", "q:fd-7100.0.1:sent:read", "q:fd-7101.0.1:invalid:"]
    );
    let cursor = json!({ "begun": NOW - 86_400, "chats": { "1017@c.us": NOW - 60, "12036-1@g.us": NOW - 50 } }).to_string();
    assert_eq!((batch.cursor, batch.caught_up), (Some(cursor.clone()), true));
    let facts: Vec<Inbound> = batch.items.iter().flat_map(|item| item.events.clone().unwrap()).collect();
    assert!(matches!(&facts[1], Inbound::Receipt { target, .. } if target == "ref:fd-7100.0.1"), "a reply does not stand there twice");
    assert!(matches!(&facts[2], Inbound::Message(message) if message.chat.name == "Family"));
    assert!(matches!(&facts[3], Inbound::Receipt { target, state: Delivery::Read, .. } if target == "ref:fd-7100.0.1"));
    assert!(matches!(&facts[4], Inbound::Receipt { target, state: Delivery::Failed, .. } if target == "ref:fd-7101.0.1"));
    for item in &batch.items {
        assert_eq!(map(&item.key, &item.body), *item);
    }
    // The next look goes back behind what is known: nothing is missed, and what comes again is known.
    let again = gateway(&fake.base()).receive(Some(&cursor), Span::ZERO).await.unwrap();
    assert_eq!((again.items.len(), again.cursor), (5, None));
    let earlier = gateway(&fake.base()).receive(Some(&(NOW - 50).to_string()), Span::ZERO).await.unwrap();
    assert_eq!(earlier.items.len(), 5, "cursors that held one time for all chats are read");
}

#[tokio::test(start_paused = true)]
async fn the_gateway_is_asked_twice_a_minute() {
    let fake = Fake::start(chats).await;
    let gateway = gateway(&fake.base());
    gateway.receive(None, Span::ZERO).await.unwrap();
    let before = fake.calls().len();
    let quiet = gateway.receive(None, Span::secs(10)).await.unwrap();
    assert!(quiet.items.is_empty() && quiet.caught_up);
    assert_eq!(fake.calls().len(), before);
    assert_eq!(gateway.receive(None, Span::secs(50)).await.unwrap().items.len(), 5);
}

#[tokio::test]
async fn files_come_from_storage_without_our_token_and_never_from_inside_somebodys_network() {
    let fake = Fake::start(|_| answer(200, "the bytes")).await;
    let dir = tempfile::tempdir().unwrap();
    let into = dir.path().join("file");
    gateway(&fake.base()).fetch(&format!("{}/media/x", fake.base()), &into, 100).await.unwrap();
    assert_eq!(std::fs::read_to_string(&into).unwrap(), "the bytes");
    assert!(fake.calls().iter().all(|call| !format!("{call:?}").contains(TOKEN)));
    let over = gateway(&fake.base()).fetch(&format!("{}/media/x", fake.base()), &dir.path().join("other"), 3).await;
    assert_eq!(over, Err(FetchError::TooLarge));
    for url in [
        "https://10.0.0.1/x",
        "https://[::1]/x",
        "http://s3.example.com/x",
        "https://printer.local/x",
        "https://localhost/x",
        "file:///etc/passwd",
        "",
        "base64",
    ] {
        let got = gateway("https://api.ultramsg.com").fetch(url, &dir.path().join("none"), 100).await;
        assert!(matches!(got, Err(FetchError::Gone(_))), "{url}: {got:?}");
    }
}

#[test]
fn what_the_instances_page_needs_is_said_and_no_secret_with_it() {
    let told = gateway("http://127.0.0.1:1").setup("/webhooks/42").join("\n");
    assert!(told.contains("https://YOUR-HOST/webhooks/42/") && told.contains("message ack"), "{told}");
    assert!(!told.contains(SECRET) && !told.contains(TOKEN), "{told}");
}

#[tokio::test]
async fn a_gateway_that_knows_no_reactions_does_not_pause_the_account() {
    let react = || order(Action::React { target: "false_1@c.us_A".to_owned(), emoji: Some("👍".to_owned()) });
    let older = Fake::start(|call| if call.path.ends_with("/status") { status("authenticated") } else { answer(404, "{}") }).await;
    assert!(matches!(gateway(&older.base()).send(&react()).await, Err(SendError::Refused(_))));
    let fake =
        Fake::start(|call| if call.path.ends_with("/status") { status("authenticated") } else { ok(&json!({ "success": "done" })) }).await;
    assert_eq!(gateway(&fake.base()).send(&react()).await, Ok(Accepted { external_id: None, at: None }));
    let sent = form(&fake.calls()[1]);
    assert_eq!((sent["msgId"].as_str(), sent["emoji"].as_str()), ("false_1@c.us_A", "👍"));
}
