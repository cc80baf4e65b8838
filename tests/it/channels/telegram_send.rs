//! Sending: what Telegram is asked, and what is believed of its answers. A wrong "not sent" would double a customer's message.

use std::path::PathBuf;

use frontdesk::domain::attachment::FileKind;
use frontdesk::domain::outbound::{Accepted, Action, Order, SendError};
use frontdesk::domain::time::{Span, Timestamp};
use serde_json::{Value, json};

use super::telegram::{TOKEN, bot, flood};
use super::{Fake, answer, nobody, ok, raw, refusal};

fn order(chat: &str, action: Action) -> Order {
    Order { chat: chat.to_owned(), aliases: Vec::new(), action, idempotency_key: "k".to_owned() }
}

fn text(text: &str) -> Action {
    Action::Text { text: text.to_owned(), reply_to: None }
}

#[tokio::test]
async fn every_action_becomes_its_method() {
    let check = async |chat: &str, action: Action, method: &str, params: Value| {
        let fake = Fake::start(|_| ok(&json!({ "message_id": 88, "date": 1_795_168_800 }))).await;
        let order = order(chat, action);
        let got = bot(&fake.base()).send(&order).await.unwrap();
        let makes_one = matches!(order.action, Action::Text { .. });
        assert_eq!(got.external_id.as_deref(), makes_one.then_some("88"));
        let calls = fake.calls();
        assert_eq!(calls.len(), 1);
        assert_eq!((calls[0].method(), calls[0].json()), (method, params));
    };
    let target = || "9".to_owned();
    check("77", text("<b>hi</b>"), "sendMessage", json!({ "chat_id": 77, "text": "<b>hi</b>" })).await;
    let reply = |to: &str| Action::Text { text: "hi".to_owned(), reply_to: Some(to.to_owned()) };
    let parameters = json!({ "message_id": 9, "allow_sending_without_reply": true });
    check("-100", reply("9"), "sendMessage", json!({ "chat_id": -100, "text": "hi", "reply_parameters": parameters })).await;
    check("77", reply("update:7:abc"), "sendMessage", json!({ "chat_id": 77, "text": "hi" })).await;
    check("biz:Bc:77", text("hi"), "sendMessage", json!({ "chat_id": 77, "business_connection_id": "Bc", "text": "hi" })).await;
    let edit = |caption| Action::Edit { target: "9".to_owned(), text: "new".to_owned(), caption };
    check("77", edit(false), "editMessageText", json!({ "chat_id": 77, "message_id": 9, "text": "new" })).await;
    check("77", edit(true), "editMessageCaption", json!({ "chat_id": 77, "message_id": 9, "caption": "new" })).await;
    check("77", Action::Delete { target: target() }, "deleteMessage", json!({ "chat_id": 77, "message_id": 9 })).await;
    check(
        "biz:Bc:77",
        Action::Delete { target: target() },
        "deleteBusinessMessages",
        json!({ "business_connection_id": "Bc", "message_ids": [9] }),
    )
    .await;
    let react = |emoji: Option<&str>| Action::React { target: "9".to_owned(), emoji: emoji.map(str::to_owned) };
    let thumb = json!([{ "type": "emoji", "emoji": "👍" }]);
    check("77", react(Some("👍")), "setMessageReaction", json!({ "chat_id": 77, "message_id": 9, "reaction": thumb })).await;
    check("77", react(None), "setMessageReaction", json!({ "chat_id": 77, "message_id": 9, "reaction": [] })).await;
    check("77", Action::Typing { answering: None }, "sendChatAction", json!({ "chat_id": 77, "action": "typing" })).await;
}

#[tokio::test]
async fn what_telegram_cannot_do_is_refused_before_it_is_asked() {
    let fake = Fake::start(|_| ok(&json!(true))).await;
    let orders = [
        order("mail:x", text("hi")),
        order("biz:Bc:77", Action::React { target: "9".to_owned(), emoji: None }),
        order("77", Action::Delete { target: "update:7:abc".to_owned() }),
    ];
    for order in orders {
        assert!(matches!(bot(&fake.base()).send(&order).await, Err(SendError::Refused(_))), "{order:?}");
    }
    assert!(fake.calls().is_empty());
}

#[tokio::test]
async fn an_accepted_text_has_the_providers_id_and_time() {
    let fake = Fake::start(|_| ok(&json!({ "message_id": 88, "date": 1_795_168_800 }))).await;
    let want = Accepted { external_id: Some("88".to_owned()), at: Some(Timestamp::from_secs(1_795_168_800)) };
    assert_eq!(bot(&fake.base()).send(&order("77", text("hi"))).await, Ok(want));
    let odd = Fake::start(|_| answer(200, r#"{"ok":true}"#)).await;
    assert_eq!(bot(&odd.base()).send(&order("77", text("hi"))).await, Ok(Accepted { external_id: None, at: None }));
}

#[tokio::test]
async fn a_file_goes_by_its_bytes_under_the_method_of_its_kind() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("stored");
    std::fs::write(&path, "the bytes").unwrap();
    let check = async |kind: FileKind, caption: &str, method: &str, field: &str| {
        let fake = Fake::start(|_| ok(&json!({ "message_id": 88, "date": 5 }))).await;
        let action = Action::File {
            kind,
            path: path.clone(),
            name: "a \"b\"\r\nX: y.jpg".to_owned(),
            mime: "image/jpeg".to_owned(),
            caption: caption.to_owned(),
            reply_to: Some("9".to_owned()),
        };
        let got = bot(&fake.base()).send(&order("biz:Bc:77", action)).await.unwrap();
        assert_eq!(got.external_id.as_deref(), Some("88"));
        let call = &fake.calls()[0];
        assert_eq!(call.method(), method);
        let has = |part: &str| assert!(call.body.contains(part), "{part} in {}", call.body);
        has(&format!("name=\"{field}\"; filename="));
        has("Content-Type: image/jpeg");
        has("the bytes");
        has("name=\"chat_id\"\r\n\r\n77\r\n");
        has("name=\"business_connection_id\"\r\n\r\nBc\r\n");
        has("\"message_id\":9");
        assert_eq!(call.body.contains("name=\"caption\""), !caption.is_empty());
        assert!(!call.body.contains("\nX: y"), "a name cannot add a header: {}", call.body);
    };
    check(FileKind::Photo, "look", "sendPhoto", "photo").await;
    check(FileKind::Video, "", "sendVideo", "video").await;
    check(FileKind::Animation, "", "sendAnimation", "animation").await;
    check(FileKind::Audio, "", "sendAudio", "audio").await;
    check(FileKind::Voice, "", "sendVoice", "voice").await;
    check(FileKind::Document, "", "sendDocument", "document").await;
    check(FileKind::VideoNote, "", "sendVideoNote", "video_note").await;
    check(FileKind::VideoNote, "look", "sendVideo", "video").await;
    check(FileKind::Sticker, "", "sendSticker", "sticker").await;
    check(FileKind::Sticker, "look", "sendDocument", "document").await;
}

#[tokio::test]
async fn a_large_photo_goes_as_a_document_and_a_huge_file_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("stored");
    let photo = |path: &PathBuf| Action::File {
        kind: FileKind::Photo,
        path: path.clone(),
        name: String::new(),
        mime: "no media type".to_owned(),
        caption: String::new(),
        reply_to: None,
    };
    let fake = Fake::start(|_| ok(&json!({ "message_id": 88 }))).await;
    let file = std::fs::File::create(&path).unwrap();
    file.set_len(10_000_001).unwrap();
    bot(&fake.base()).send(&order("77", photo(&path))).await.unwrap();
    assert_eq!(fake.calls()[0].method(), "sendDocument");
    file.set_len(50_000_001).unwrap();
    for path in [path, dir.path().join("missing")] {
        assert!(matches!(bot(&fake.base()).send(&order("77", photo(&path))).await, Err(SendError::Refused(_))));
    }
    assert_eq!(fake.calls().len(), 1);
}

#[tokio::test]
async fn each_refusal_has_its_own_consequence() {
    let edit = || Action::Edit { target: "9".to_owned(), text: "same".to_owned(), caption: false };
    let check =
        async |code: u16, description: &'static str, parameters: Value, action: Action, want: fn(&Result<Accepted, SendError>) -> bool| {
            let fake =
                Fake::start(
                    move |call| if call.method() == "getMe" { ok(&json!({ "id": 5 })) } else { refusal(code, description, &parameters) },
                )
                .await;
            let got = bot(&fake.base()).send(&order("-5", action)).await;
            assert!(want(&got), "{code} {description}: {got:?}");
        };
    check(429, "Too Many Requests", json!({ "retry_after": 3 }), text("x"), |got| {
        *got == Err(SendError::Wait { wait: Span::secs(3), account: false })
    })
    .await;
    check(400, "group upgraded", json!({ "migrate_to_chat_id": -100_777 }), text("x"), |got| {
        *got == Err(SendError::Moved { to: "-100777".to_owned() })
    })
    .await;
    check(403, "Forbidden: bot was blocked by the user", Value::Null, text("x"), |got| matches!(got, Err(SendError::Unreachable(_)))).await;
    check(400, "Bad Request: message is not modified: same", Value::Null, edit(), Result::is_ok).await;
    check(400, "Bad Request: message is not modified: same", Value::Null, text("x"), |got| matches!(got, Err(SendError::Refused(_)))).await;
    check(
        400,
        "Bad Request: chat not found",
        Value::Null,
        text("x"),
        |got| matches!(got, Err(SendError::Refused(why)) if why.contains("chat not found")),
    )
    .await;
    check(401, "Unauthorized", Value::Null, text("x"), |got| matches!(got, Err(SendError::Account(_)))).await;
    check(404, "Not Found: method not found", Value::Null, Action::Typing { answering: None }, |got| {
        matches!(got, Err(SendError::Refused(_)))
    })
    .await;
    check(413, "Request Entity Too Large", Value::Null, text("x"), |got| matches!(got, Err(SendError::Refused(_)))).await;
    check(500, "Internal Server Error", Value::Null, text("x"), |got| matches!(got, Err(SendError::Uncertain(_)))).await;
    check(502, "Bad Gateway", Value::Null, text("x"), |got| matches!(got, Err(SendError::Uncertain(_)))).await;
}

#[tokio::test]
async fn not_found_for_everything_is_a_wrong_token() {
    let fake = Fake::start(|_| refusal(404, "Not Found", &Value::Null)).await;
    assert!(matches!(bot(&fake.base()).send(&order("77", text("x"))).await, Err(SendError::Account(_))));
}

#[tokio::test]
async fn a_connection_that_was_never_made_sent_nothing() {
    let got = bot(&nobody().await).send(&order("77", text("x"))).await;
    assert!(matches!(got, Err(SendError::NotSent(_))), "{got:?}");
    // Something listens, but TLS with it fails.
    let plain = raw(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.replace("http://", "https://");
    let got = bot(&plain).send(&order("77", text("x"))).await;
    assert!(matches!(got, Err(SendError::NotSent(_))), "{got:?}");
}

#[tokio::test(start_paused = true)]
async fn no_usable_answer_to_a_request_that_left_is_uncertain() {
    let hang = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let flooding = Fake::start(|_| flood()).await;
    let garbage = Fake::start(|_| answer(200, "<html>all fine</html>")).await;
    let refusing = Fake::start(|_| answer(403, "<html>who are you</html>")).await;
    let bases = [
        format!("http://{}", hang.local_addr().unwrap()),
        flooding.base(),
        garbage.base(),
        refusing.base(),
        raw(b"").await,
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"ok\":true").await,
        raw(b"HTTP/1.1 200 OK\r\n").await,
    ];
    for base in bases {
        let got = bot(&base).send(&order("77", text("x"))).await;
        assert!(matches!(got, Err(SendError::Uncertain(_))), "{got:?}");
        assert!(!format!("{got:?}").contains("CANARY"), "{got:?}");
    }
}

#[tokio::test]
async fn a_server_that_echoes_the_token_does_not_get_it_shown() {
    for code in [400, 403, 409, 500] {
        let description = format!("\u{1b}[2J no such thing: /bot{TOKEN}/sendMessage {}", "x".repeat(5_000));
        let fake = Fake::start(move |_| refusal(code, &description, &Value::Null)).await;
        let bot = bot(&fake.base());
        let send = bot.send(&order("77", text("x"))).await.unwrap_err();
        let look = bot.receive(None, Span::ZERO).await.unwrap_err();
        let check = bot.check().await.unwrap_err();
        let fetch = bot.fetch("f", std::path::Path::new("/nowhere/x"), 100).await.unwrap_err();
        for shown in [format!("{send} {send:?}"), format!("{look} {look:?}"), format!("{check} {check:?}"), format!("{fetch} {fetch:?}")] {
            assert!(!shown.contains("CANARY") && !shown.contains('\u{1b}') && shown.len() < 1_200, "{shown}");
        }
    }
}
