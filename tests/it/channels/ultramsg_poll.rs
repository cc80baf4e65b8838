//! Looking for news at UltraMsg: nothing is passed over, whatever some of its answers are.

use frontdesk::domain::inbound::Batch;
use frontdesk::domain::time::Span;
use serde_json::{Value, json};

use super::Fake;
use super::ultramsg::{NOW, asked, gateway, ok, status};

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
