//! Sending: what leaves for WhatsApp, and what is believed of its answers. A wrong "not sent" would double a customer's message.

use std::path::{Path, PathBuf};

use frontdesk::domain::attachment::FileKind;
use frontdesk::domain::outbound::{Accepted, Action, Order, SendError, Spot};
use frontdesk::domain::template::{Category, Filled, Media, Slot, SlotPart};
use frontdesk::domain::time::Span;
use serde_json::{Value, json};

use super::whatsapp::{NUMBER, TOKEN, number, ok, refusal};
use super::{Call, Fake, answer, nobody, raw};

fn order(chat: &str, action: Action) -> Order {
    Order { chat: chat.to_owned(), aliases: Vec::new(), action, idempotency_key: "7.0".to_owned() }
}

fn text(text: &str) -> Action {
    Action::Text { text: text.to_owned(), reply_to: None }
}

/// Takes everything: files as M1, messages as wamid.OUT.
fn taking(call: &Call) -> axum::response::Response {
    if call.path.ends_with("/media") {
        return ok(&json!({ "id": "M1" }));
    }
    ok(&json!({ "messaging_product": "whatsapp", "contacts": [{ "input": "1", "wa_id": "1" }], "messages": [{ "id": "wamid.OUT" }] }))
}

/// What one order becomes.
async fn leaves(order: &Order, more: &[(&str, &str)]) -> (Option<Accepted>, Vec<Call>) {
    let fake = Fake::start(taking).await;
    let got = number(&fake.base(), more).send(order).await;
    (got.ok(), fake.calls())
}

async fn becomes(order: Order, want: Value) {
    let (accepted, calls) = leaves(&order, &[]).await;
    let last = calls.last().unwrap();
    assert_eq!(last.json(), want, "{order:?}");
    assert_eq!((last.verb.as_str(), last.path.as_str()), ("POST", format!("/v23.0/{NUMBER}/messages").as_str()));
    assert_eq!(last.authorization, format!("Bearer {TOKEN}"));
    let makes_one = !matches!(order.action, Action::React { .. } | Action::Read { .. } | Action::Typing { .. });
    assert_eq!(accepted.unwrap().external_id.as_deref(), makes_one.then_some("wamid.OUT"));
}

fn message(to: &str, kind: &str, content: &Value) -> Value {
    json!({
        "messaging_product": "whatsapp", "recipient_type": "individual", "to": to, "type": kind, kind: content,
        "biz_opaque_callback_data": "7.0",
    })
}

#[tokio::test]
async fn every_action_becomes_its_message() {
    let body = |text: &str| json!({ "body": text, "preview_url": false });
    becomes(order("16505551234", text("*hi*")), message("16505551234", "text", &body("*hi*"))).await;
    let reply = |to: &str| Action::Text { text: "hi".to_owned(), reply_to: Some(to.to_owned()) };
    let mut quoting = message("16505551234", "text", &body("hi"));
    quoting["context"] = json!({ "message_id": "wamid.IN" });
    becomes(order("16505551234", reply("wamid.IN")), quoting).await;
    becomes(order("16505551234", reply("u:system:abc")), message("16505551234", "text", &body("hi"))).await;
    let react = |emoji: Option<&str>| Action::React { target: "wamid.IN".to_owned(), emoji: emoji.map(str::to_owned) };
    becomes(
        order("16505551234", react(Some("👍"))),
        message("16505551234", "reaction", &json!({ "message_id": "wamid.IN", "emoji": "👍" })),
    )
    .await;
    becomes(order("16505551234", react(None)), message("16505551234", "reaction", &json!({ "message_id": "wamid.IN", "emoji": "" }))).await;
    let spot = Spot { latitude: -6.25, longitude: 106.5, name: "Court 3".to_owned(), address: String::new() };
    let place = json!({ "latitude": -6.25, "longitude": 106.5, "name": "Court 3" });
    becomes(order("16505551234", Action::Location(spot)), message("16505551234", "location", &place)).await;
    let read = json!({ "messaging_product": "whatsapp", "status": "read", "message_id": "wamid.IN" });
    becomes(order("16505551234", Action::Read { target: "wamid.IN".to_owned() }), read).await;
}

#[tokio::test]
async fn a_message_goes_to_the_number_when_one_is_known_and_else_to_metas_id() {
    let check = async |chat: &str, aliases: &[&str], want: Value| {
        let mut order = order(chat, text("hi"));
        order.aliases = aliases.iter().map(|alias| (*alias).to_owned()).collect();
        let (_, calls) = leaves(&order, &[]).await;
        let sent = calls[0].json();
        let to: serde_json::Map<_, _> =
            ["recipient_type", "to", "recipient"].into_iter().filter_map(|name| Some((name.to_owned(), sent.get(name)?.clone()))).collect();
        assert_eq!(Value::Object(to), want, "{chat} {aliases:?}");
    };
    let phone = |to: &str| json!({ "recipient_type": "individual", "to": to });
    check("6281234567890", &[], phone("6281234567890")).await;
    check("6281234567890", &["ID.1349", "6281300000000"], phone("6281234567890")).await;
    check("ID.1349", &["6281234567890"], phone("6281234567890")).await;
    check("BR.1349", &["5511987654321", "551187654321"], phone("5511987654321")).await;
    let bsuid = json!({ "recipient_type": "individual", "recipient": "ID.1349" });
    check("ID.1349", &[], bsuid.clone()).await;
    // They changed their number; which one is the new one is not known here.
    check("ID.1349", &["6281234567890", "6281300000000"], bsuid).await;
    check("ID.ENT.1349", &[], json!({ "recipient_type": "individual", "recipient": "ID.ENT.1349" })).await;
    check("Y2FwaV9ncm91cDox", &[], json!({ "recipient_type": "group", "to": "Y2FwaV9ncm91cDox" })).await;
}

#[tokio::test]
async fn reading_and_typing_are_shown_as_the_channel_says() {
    let read = || order("1650555123", Action::Read { target: "wamid.IN".to_owned() });
    let types = |answering: Option<&str>| order("1650555123", Action::Typing { answering: answering.map(str::to_owned) });
    let check = async |order: Order, more: &[(&str, &str)], want: Option<Value>| {
        let (accepted, calls) = leaves(&order, more).await;
        assert_eq!(accepted, Some(Accepted { external_id: None, at: None }));
        assert_eq!(calls.first().map(Call::json), want, "{order:?} {more:?}");
    };
    let shown = json!({ "messaging_product": "whatsapp", "status": "read", "message_id": "wamid.IN" });
    let mut typing = shown.clone();
    typing["typing_indicator"] = json!({ "type": "text" });
    check(read(), &[], Some(shown)).await;
    check(read(), &[("read-receipts", "no")], None).await;
    check(types(Some("wamid.IN")), &[], None).await;
    check(types(Some("wamid.IN")), &[("typing", "yes")], Some(typing)).await;
    check(types(None), &[("typing", "yes")], None).await;
}

#[tokio::test]
async fn what_whatsapp_cannot_do_is_refused_before_it_is_asked() {
    let orders = [
        order("1650555123", Action::Edit { target: "wamid.OUT".to_owned(), text: "x".to_owned(), caption: false }),
        order("1650555123", Action::Delete { target: "wamid.OUT".to_owned() }),
        order("1650555123", Action::React { target: "u:system:abc".to_owned(), emoji: None }),
        order("1650555123", Action::Read { target: String::new() }),
    ];
    for order in orders {
        let fake = Fake::start(taking).await;
        assert!(matches!(number(&fake.base(), &[]).send(&order).await, Err(SendError::Refused(_))), "{order:?}");
        assert!(fake.calls().is_empty());
    }
}

fn file(path: &Path, kind: FileKind, mime: &str, caption: &str) -> Action {
    Action::File {
        kind,
        path: path.to_owned(),
        name: "a \"b\"\r\nX: y.bin".to_owned(),
        mime: mime.to_owned(),
        caption: caption.to_owned(),
        reply_to: Some("wamid.IN".to_owned()),
    }
}

#[tokio::test]
async fn a_file_is_handed_over_and_then_sent_as_what_whatsapp_takes_it_for() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("stored");
    std::fs::write(&path, "the bytes").unwrap();
    let check = async |kind: FileKind, mime: &str, caption: &str, shape: &str, mut content: Value| {
        let (accepted, calls) = leaves(&order("16505551234", file(&path, kind, mime, caption)), &[]).await;
        assert_eq!(accepted.unwrap().external_id.as_deref(), Some("wamid.OUT"));
        assert_eq!(calls.len(), 2);
        let (upload, sent) = (&calls[0], calls[1].json());
        assert_eq!(upload.path, format!("/v23.0/{NUMBER}/media"));
        let has = |part: &str| assert!(upload.body.contains(part), "{part} in {}", upload.body);
        let plain = if mime == "text/csv" { "text/plain" } else { mime.split(';').next().unwrap() };
        has("name=\"messaging_product\"\r\n\r\nwhatsapp\r\n");
        has(&format!("name=\"type\"\r\n\r\n{plain}\r\n"));
        has("name=\"file\"; filename=");
        has(&format!("Content-Type: {plain}"));
        has("the bytes");
        assert!(!upload.body.contains("\nX: y"), "a name cannot add a header: {}", upload.body);
        content["id"] = "M1".into();
        if shape == "document" {
            content["filename"] = "a \"b\"__X: y.bin".into();
        }
        assert_eq!((sent["type"].as_str(), &sent[shape]), (Some(shape), &content));
        assert_eq!(sent["context"], json!({ "message_id": "wamid.IN" }));
    };
    check(FileKind::Photo, "image/jpeg", "look", "image", json!({ "caption": "look" })).await;
    check(FileKind::Photo, "image/webp", "", "document", json!({})).await;
    check(FileKind::Video, "video/mp4", "look", "video", json!({ "caption": "look" })).await;
    for name in ["a.docx", "b.XLSX", "c.pptx", "d.doc", "e.xls", "f.ppt", "g.csv", "h.log"] {
        let (kind, mime) = FileKind::of_file_name(name);
        check(kind, mime, "", "document", json!({})).await;
    }
    check(FileKind::Audio, "audio/mpeg", "", "audio", json!({})).await;
    check(FileKind::Voice, "audio/ogg; codecs=opus", "", "audio", json!({ "voice": true })).await;
    // Sound takes no words; as a document none are lost.
    check(FileKind::Audio, "audio/mpeg", "listen", "document", json!({ "caption": "listen" })).await;
    check(FileKind::Sticker, "image/webp", "", "sticker", json!({})).await;
    check(FileKind::Document, "application/pdf", "slip", "document", json!({ "caption": "slip" })).await;
}

#[tokio::test]
async fn a_file_that_cannot_be_handed_over_sent_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("stored");
    std::fs::write(&path, "the bytes").unwrap();
    let send = async |fake: &Fake, path: &Path| {
        number(&fake.base(), &[]).send(&order("16505551234", file(path, FileKind::Document, "application/pdf", ""))).await
    };
    let broken = Fake::start(|_| answer(502, "<html>")).await;
    assert!(matches!(send(&broken, &path).await, Err(SendError::NotSent(_))), "no message can have left");
    let silent = Fake::start(|_| ok(&json!({}))).await;
    assert!(matches!(send(&silent, &path).await, Err(SendError::NotSent(_))));
    let refusing = Fake::start(|_| refusal(400, 131_053, "not a PDF")).await;
    assert!(matches!(send(&refusing, &path).await, Err(SendError::Refused(why)) if why.contains("not a PDF")));
    assert_eq!((broken.calls().len(), silent.calls().len()), (1, 1));
    let fake = Fake::start(taking).await;
    std::fs::File::create(&path).unwrap().set_len(100_000_001).unwrap();
    for path in [path, dir.path().join("missing")] {
        assert!(matches!(send(&fake, &path).await, Err(SendError::Refused(_))));
    }
    assert!(fake.calls().is_empty());
}

#[tokio::test]
async fn what_whatsapp_takes_at_no_size_or_not_so_large_is_refused_in_words_before_it_is_handed_over() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("stored");
    let handle = std::fs::File::create(&path).unwrap();
    for (kind, mime, size, says) in [
        (FileKind::Photo, "image/png", 5_000_001, "is 5.0 MB, WhatsApp takes JPEG and PNG pictures up to 5.0 MB"),
        (FileKind::Video, "video/mp4", 16_000_001, "is 16 MB, WhatsApp takes MP4 and 3GP film up to 16 MB"),
        (FileKind::Sticker, "image/webp", 500_001, "is 500 kB, WhatsApp takes WebP stickers up to 500 kB"),
        (FileKind::Animation, "image/gif", 1, "of a type that WhatsApp does not take, only JPEG and PNG pictures, MP4"),
        (FileKind::Document, "application/zip", 1, "of a type that WhatsApp does not take"),
        (FileKind::Video, "video/quicktime", 1, "of a type that WhatsApp does not take"),
    ] {
        handle.set_len(size).unwrap();
        let fake = Fake::start(taking).await;
        let got = number(&fake.base(), &[]).send(&order("16505551234", file(&path, kind, mime, ""))).await;
        assert!(matches!(&got, Err(SendError::Refused(why)) if why.contains(says)), "{got:?}");
        assert!(fake.calls().is_empty());
    }
    handle.set_len(5_000_000).unwrap();
    let (_, calls) = leaves(&order("16505551234", file(&path, FileKind::Photo, "image/png", "")), &[]).await;
    assert_eq!(calls[1].json()["type"], "image");
}

fn value(part: SlotPart, name: &str, value: &str) -> (Slot, String) {
    (Slot { part, name: name.to_owned() }, value.to_owned())
}

fn filled(values: Vec<(Slot, String)>) -> Filled {
    Filled { name: "booking".to_owned(), language: "en_US".to_owned(), category: Category::Utility, values, media: None, spot: None }
}

#[tokio::test]
async fn a_filled_template_becomes_its_components() {
    let check = async |filled: Filled, components: Option<Value>| {
        let mut template = json!({ "name": "booking", "language": { "code": "en_US" } });
        if let Some(components) = components {
            template["components"] = components;
        }
        becomes(order("16505551234", Action::Template(Box::new(filled))), message("16505551234", "template", &template)).await;
    };
    let said = |text: &str| json!({ "type": "text", "text": text });
    check(filled(vec![]), None).await;
    check(
        filled(vec![
            value(SlotPart::Header, "1", "Ana"),
            value(SlotPart::Body, "1", "Friday"),
            value(SlotPart::Body, "2", "18:00"),
            value(SlotPart::Button(1), "1", "b/42"),
            value(SlotPart::Button(2), Slot::CODE, "SAVE10"),
        ]),
        Some(json!([
            { "type": "header", "parameters": [said("Ana")] },
            { "type": "body", "parameters": [said("Friday"), said("18:00")] },
            { "type": "button", "sub_type": "url", "index": "1", "parameters": [said("b/42")] },
            { "type": "button", "sub_type": "copy_code", "index": "2", "parameters": [{ "type": "coupon_code", "coupon_code": "SAVE10" }] },
        ])),
    )
    .await;
    let named = json!({ "type": "text", "text": "Ana", "parameter_name": "first_name" });
    check(filled(vec![value(SlotPart::Body, "first_name", "Ana")]), Some(json!([{ "type": "body", "parameters": [named] }]))).await;
    let spot = Spot { latitude: 1.5, longitude: 2.5, name: "Here".to_owned(), address: "There 1".to_owned() };
    let place = json!({ "latitude": 1.5, "longitude": 2.5, "name": "Here", "address": "There 1" });
    check(
        Filled { spot: Some(spot), ..filled(vec![]) },
        Some(json!([{ "type": "header", "parameters": [{ "type": "location", "location": place }] }])),
    )
    .await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("stored");
    std::fs::write(&path, "the bytes").unwrap();
    let media = |kind: FileKind, path: Option<PathBuf>| {
        Some(Media { kind, hash: "ab".to_owned(), name: "slip.pdf".to_owned(), mime: "application/pdf".to_owned(), path })
    };
    let header = |kind: &str, content: Value| Some(json!([{ "type": "header", "parameters": [{ "type": kind, kind: content }] }]));
    check(
        Filled { media: media(FileKind::Document, Some(path.clone())), ..filled(vec![]) },
        header("document", json!({ "id": "M1", "filename": "slip.pdf" })),
    )
    .await;
    check(Filled { media: media(FileKind::Photo, Some(path.clone())), ..filled(vec![]) }, header("image", json!({ "id": "M1" }))).await;
    check(Filled { media: media(FileKind::Video, Some(path)), ..filled(vec![]) }, header("video", json!({ "id": "M1" }))).await;
    let nowhere = Filled { media: media(FileKind::Photo, None), ..filled(vec![]) };
    let (accepted, calls) = leaves(&order("16505551234", Action::Template(Box::new(nowhere))), &[]).await;
    assert!(accepted.is_none() && calls.is_empty());
}

#[tokio::test]
async fn each_code_has_its_own_consequence() {
    let check = async |status: u16, code: i64, want: fn(&SendError) -> bool| {
        let fake = Fake::start(move |_| refusal(status, code, &format!("told in detail {TOKEN} \u{1b}[2J"))).await;
        let error = number(&fake.base(), &[]).send(&order("16505551234", text("x"))).await.unwrap_err();
        assert!(want(&error), "{code}: {error:?}");
        let words = error.to_string();
        assert!(!words.contains("CANARY") && !words.contains('\u{1b}'), "{words}");
        assert!(
            matches!(error, SendError::Wait { .. }) || (words.contains("told in detail") && words.contains(&code.to_string())),
            "{words}"
        );
    };
    for code in [1, 2, 131_000, 131_016, 131_057] {
        check(500, code, |error| matches!(error, SendError::NotSent(_))).await;
    }
    check(400, 131_056, |error| *error == SendError::Wait { wait: Span::secs(6), account: false }).await;
    for code in [130_429, 80_007, 4, 131_048] {
        check(429, code, |error| matches!(error, SendError::Wait { account: true, wait } if *wait > Span::ZERO)).await;
    }
    for code in [0, 3, 10, 190, 200, 299, 368, 131_005, 131_031, 131_042, 133_010] {
        check(401, code, |error| matches!(error, SendError::Account(_))).await;
    }
    check(400, 131_047, |error| matches!(error, SendError::WindowClosed(_))).await;
    check(400, 131_049, |error| matches!(error, SendError::Capped(_))).await;
    check(400, 131_050, |error| matches!(error, SendError::OptedOut(_))).await;
    check(400, 131_026, |error| matches!(error, SendError::Unreachable(_))).await;
    for code in [100, 131_008, 131_009, 131_021, 131_030, 131_051, 131_062, 132_000, 132_001, 132_012, 132_015, 132_016, 999_999] {
        check(400, code, |error| matches!(error, SendError::Refused(_))).await;
    }
    check(500, 777, |error| matches!(error, SendError::Uncertain(_))).await;
}

#[tokio::test]
async fn a_code_written_as_text_has_the_same_consequence() {
    for (code, want) in [("190", "Account("), ("131047", "WindowClosed("), ("131056", "Wait ")] {
        let fake = Fake::start(move |_| answer(400, &json!({ "error": { "code": code, "message": "no" } }).to_string())).await;
        let error = number(&fake.base(), &[]).send(&order("16505551234", text("x"))).await.unwrap_err();
        assert!(format!("{error:?}").starts_with(want), "{code}: {error:?}");
    }
}

#[tokio::test]
async fn a_wait_the_server_tells_is_kept() {
    let slow = Fake::start(|_| {
        let mut answer = refusal(429, 130_429, "slower");
        answer.headers_mut().insert("retry-after", "17".parse().unwrap());
        answer
    })
    .await;
    let got = number(&slow.base(), &[]).send(&order("16505551234", text("x"))).await;
    assert_eq!(got, Err(SendError::Wait { wait: Span::secs(17), account: true }));
}

#[tokio::test]
async fn a_connection_that_was_never_made_sent_nothing() {
    let got = number(&nobody().await, &[]).send(&order("16505551234", text("x"))).await;
    assert!(matches!(got, Err(SendError::NotSent(_))), "{got:?}");
}

#[tokio::test(start_paused = true)]
async fn no_usable_answer_to_a_message_that_left_is_uncertain() {
    let hang = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nameless = Fake::start(|_| ok(&json!({ "messaging_product": "whatsapp", "contacts": [], "messages": [] }))).await;
    let garbage = Fake::start(|_| answer(200, "<html>all fine</html>")).await;
    let troubled = Fake::start(|_| answer(503, "<html>later</html>")).await;
    let bases = [
        format!("http://{}", hang.local_addr().unwrap()),
        nameless.base(),
        garbage.base(),
        troubled.base(),
        raw(b"").await,
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"messages\":").await,
    ];
    for base in bases {
        let got = number(&base, &[]).send(&order("16505551234", text("x"))).await;
        assert!(matches!(got, Err(SendError::Uncertain(_))), "{got:?}");
        assert!(!format!("{got:?}").contains("CANARY"), "{got:?}");
    }
}
