//! Looking for news at UltraMsg: nothing is passed over, whatever some of its answers are.

use frontdesk::channel::ReceiveError;
use frontdesk::domain::inbound::Batch;
use frontdesk::domain::time::Span;
use serde_json::{Value, json};

use super::ultramsg::{NOW, asked, gateway, ok, status};
use super::{Fake, answer};

/// What the gateway said when it was asked for the messages of a chat, and what came of it.
async fn look_at(cursor: &Value, chats: Value, messages: impl Fn(&str, usize) -> Value + Clone + Send + Sync + 'static) -> Batch {
    let fake = Fake::start(move |call| match call.path.strip_prefix("/instance1150/").unwrap() {
        "instance/status" => status("authenticated"),
        "chats" => ok(&chats),
        "chats/messages" => ok(&messages(&asked(call, "chatId").unwrap(), asked(call, "limit").unwrap().parse().unwrap())),
        _ => ok(&json!({ "messages": [] })),
    })
    .await;
    gateway(&fake.base()).receive(Some(&cursor.to_string()), Span::ZERO).await.unwrap()
}

fn said(n: usize, chat: &str, secs: i64) -> Value {
    json!({ "id": format!("false_{chat}_{n}"), "from": chat, "fromMe": false, "type": "chat", "body": "hi", "time": secs })
}

#[tokio::test]
async fn a_chat_that_shows_late_what_was_written_long_ago_is_not_passed_over() {
    let (noon, morning) = (NOW - 60, NOW - 9_000);
    let cursor = json!({ "begun": NOW - 900_000, "chats": { "1@c.us": noon, "2@c.us": NOW - 80_000 } });
    let chats = json!([{ "id": "1@c.us", "last_time": noon }, { "id": "2@c.us", "last_time": morning }, { "id": "3@c.us", "last_time": NOW - 80_000 }]);
    let batch = look_at(&cursor, chats, move |chat, _| match chat {
        "1@c.us" => json!([]),
        "2@c.us" => json!([said(1, chat, NOW - 95_000), said(2, chat, morning)]),
        _ => json!([said(3, chat, NOW - 80_000)]),
    })
    .await;
    let keys: Vec<&str> = batch.items.iter().map(|item| item.key.as_str()).collect();
    assert_eq!(keys, ["m:false_2@c.us_1", "m:false_2@c.us_2", "m:false_3@c.us_3"]);
    let reached: Value = serde_json::from_str(&batch.cursor.unwrap()).unwrap();
    assert_eq!(reached["chats"], json!({ "1@c.us": noon, "2@c.us": morning, "3@c.us": NOW - 80_000 }));
}

#[tokio::test]
async fn a_chat_with_more_news_than_a_page_is_asked_for_more() {
    let cursor = json!({ "begun": NOW - 900_000, "chats": { "1@c.us": NOW - 2_000 } });
    let all = |chat: &str, limit: usize| (0..900_i64).map(|n| said(n as usize, chat, NOW - n)).take(limit).collect::<Value>();
    let batch = look_at(&cursor, json!([{ "id": "1@c.us", "last_time": NOW }]), all).await;
    assert_eq!(batch.items.len(), 900);
}

#[tokio::test]
async fn a_chat_the_gateway_does_not_show_costs_no_other() {
    let chats = json!([
        { "id": "status@broadcast", "last_time": NOW - 10 },
        { "id": "0@lid", "last_time": NOW - 10 },
        { "id": "1@c.us", "last_time": NOW - 10 },
    ]);
    let fake = Fake::start(move |call| match call.path.strip_prefix("/instance1150/").unwrap() {
        "instance/status" => status("authenticated"),
        "chats" => ok(&chats),
        "chats/messages" => match asked(call, "chatId").unwrap().as_str() {
            "status@broadcast" => ok(&json!({ "error": "chatId is invalid" })),
            "0@lid" => answer(404, "{}"),
            chat => ok(&json!([said(1, chat, NOW - 10)])),
        },
        _ => ok(&json!({ "messages": [] })),
    })
    .await;
    let batch = gateway(&fake.base()).receive(None, Span::ZERO).await.unwrap();
    assert_eq!((batch.items.len(), batch.caught_up), (1, true));
    let reached: Value = serde_json::from_str(&batch.cursor.unwrap()).unwrap();
    assert_eq!(reached["chats"], json!({ "1@c.us": NOW - 10 }), "what was not shown is asked for again");
}

#[tokio::test]
async fn a_look_that_is_cut_short_keeps_what_it_has_and_says_so() {
    let check = async |bad: fn() -> axum::response::Response, want: fn(&ReceiveError) -> bool| {
        let chats = json!([{ "id": "1@c.us", "last_time": NOW - 10 }, { "id": "2@c.us", "last_time": NOW - 20 }]);
        let fake = Fake::start(move |call| match call.path.strip_prefix("/instance1150/").unwrap() {
            "instance/status" => status("authenticated"),
            "chats" => ok(&chats),
            "chats/messages" => match asked(call, "chatId").unwrap().as_str() {
                "2@c.us" => bad(),
                chat => ok(&json!([said(1, chat, NOW - 10)])),
            },
            _ => ok(&json!({ "messages": [] })),
        })
        .await;
        let gateway = gateway(&fake.base());
        let batch = gateway.receive(None, Span::ZERO).await.unwrap();
        assert_eq!((batch.items.len(), batch.caught_up), (1, false));
        let reached: Value = serde_json::from_str(&batch.cursor.unwrap()).unwrap();
        assert_eq!(reached["chats"], json!({ "1@c.us": NOW - 10 }));
        let error = gateway.receive(None, Span::ZERO).await.unwrap_err();
        assert!(want(&error), "{error:?}");
    };
    check(|| answer(429, "{}"), |error| matches!(error, ReceiveError::Wait(_))).await;
    check(|| answer(502, "<html>"), |error| matches!(error, ReceiveError::Unavailable(_))).await;
    check(|| ok(&json!({ "rows": [] })), |error| matches!(error, ReceiveError::Unavailable(why) if why.contains("no list of messages")))
        .await;
}

#[tokio::test]
async fn a_gateway_that_is_down_is_not_caught_up() {
    let fake = Fake::start(|call| if call.path.ends_with("/status") { status("authenticated") } else { answer(502, "<html>") }).await;
    let gateway = gateway(&fake.base());
    for _ in 0..3 {
        let got = gateway.receive(None, Span::ZERO).await;
        assert!(matches!(got, Err(ReceiveError::Unavailable(_))), "{got:?}");
    }
}
