//! Looking for news and fetching files, against a Bot API that behaves and several that do not.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use frontdesk::channel::http::Client;
use frontdesk::channel::telegram::{DELETE_WEBHOOK, connect};
use frontdesk::channel::{Connector, FetchError, ReceiveError, Settings};
use frontdesk::config::Secret;
use frontdesk::domain::inbound::Inbound;
use frontdesk::domain::time::{ManualClock, Span, Timestamp};
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{Call, Fake, answer, nobody, ok, raw, refusal};

pub const TOKEN: &str = "4242:CANARY-token_never_shown";

pub fn bot(base: &str) -> Arc<dyn Connector> {
    bot_with(base, &[])
}

fn bot_with(base: &str, more: &[(&str, &str)]) -> Arc<dyn Connector> {
    connect(&settings(base, more)).unwrap()
}

fn settings(base: &str, more: &[(&str, &str)]) -> Settings {
    let mut values = BTreeMap::from([("api-base".to_owned(), base.to_owned())]);
    values.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    Settings {
        values,
        secrets: BTreeMap::from([("token".to_owned(), Secret::new(TOKEN))]),
        http: Client::new().unwrap(),
        clock: Arc::new(ManualClock::at(Timestamp::from_secs(1_795_168_800))),
    }
}

fn update(id: i64, text: &str) -> Value {
    let chat = json!({ "id": 77, "type": "private", "first_name": "Leila" });
    json!({ "update_id": id, "message": { "message_id": id, "date": 5, "chat": chat, "from": chat, "text": text } })
}

fn texts(items: &[frontdesk::domain::inbound::Item]) -> Vec<String> {
    let events = items.iter().filter_map(|item| item.events.as_ref().ok()).flatten();
    let text = |event: &Inbound| if let Inbound::Message(message) = event { message.text.clone() } else { String::new() };
    events.map(text).collect()
}

const NONE: Span = Span::ZERO;

#[tokio::test]
async fn a_look_sends_the_cursor_as_offset_and_the_wanted_kinds() {
    let fake = Fake::start(|_| ok(&json!([update(8, "hi"), update(6, "ho")]))).await;
    let bot = bot(&fake.base());
    let batch = bot.receive(Some("5"), Span::secs(300)).await.unwrap();
    assert_eq!((batch.cursor.as_deref(), batch.caught_up), (Some("9"), false));
    assert_eq!(texts(&batch.items), ["hi", "ho"]);
    let call = &fake.calls()[0];
    assert_eq!(call.path, format!("/bot{TOKEN}/getUpdates"));
    let params = call.json();
    assert_eq!((&params["offset"], &params["limit"], &params["timeout"]), (&json!(5), &json!(100), &json!(50)));
    let kinds = params["allowed_updates"].as_array().unwrap();
    assert!(["message", "message_reaction", "message_reaction_count", "my_chat_member"].iter().all(|kind| kinds.contains(&json!(kind))));
}

#[tokio::test]
async fn without_a_usable_cursor_no_offset_is_sent() {
    let fake = Fake::start(|_| ok(&json!([]))).await;
    let bot = bot(&fake.base());
    for cursor in [None, Some("-7"), Some("garbage"), Some("4294967296")] {
        assert!(bot.receive(cursor, NONE).await.unwrap().caught_up);
    }
    assert!(fake.calls().iter().all(|call| call.json().get("offset").is_none()));
}

#[tokio::test]
async fn a_lower_id_after_a_quiet_week_moves_the_cursor_down() {
    let fake = Fake::start(|_| ok(&json!([update(12, "back again")]))).await;
    let batch = bot(&fake.base()).receive(Some("900000001"), NONE).await.unwrap();
    assert_eq!(batch.cursor.as_deref(), Some("13"));
}

#[tokio::test]
async fn one_bad_update_costs_none_of_its_neighbours() {
    let bodies: [&'static [u8]; 5] = [
        br#"{"update_id":2,"message":{"message_id":"not a number"}}"#,
        br#"{"update_id":2,"message":"\ud800"}"#,
        b"\"\xff\xfe\"",
        b"{\"update_id\":2,\"message\":{\"text\":\"\x1b[2J\"}}",
        br#"{"telepathy":[1,2,3]}"#,
    ];
    for bad in bodies {
        let mut body = br#"{"ok":true,"result":["#.to_vec();
        body.extend_from_slice(update(1, "before").to_string().as_bytes());
        body.push(b',');
        body.extend_from_slice(bad);
        body.push(b',');
        body.extend_from_slice(update(3, "after \u{fffd}").to_string().as_bytes());
        body.extend_from_slice(b"]}");
        let fake = Fake::start(move |_| body.clone().into_response()).await;
        let batch = bot(&fake.base()).receive(None, NONE).await.unwrap();
        assert_eq!((batch.items.len(), batch.cursor.as_deref()), (3, Some("4")));
        assert_eq!(texts(&batch.items), ["before", "after \u{fffd}"]);
    }
}

#[tokio::test]
async fn invalid_utf8_in_a_text_is_replaced_and_the_rest_kept() {
    let mut body = br#"{"ok":true,"result":["#.to_vec();
    let good = update(1, "caf@").to_string().into_bytes();
    body.extend(good.into_iter().map(|byte| if byte == b'@' { 0xe9 } else { byte }));
    body.extend_from_slice(b"]}");
    let fake = Fake::start(move |_| body.clone().into_response()).await;
    let batch = bot(&fake.base()).receive(None, NONE).await.unwrap();
    assert_eq!(texts(&batch.items), ["caf\u{fffd}"]);
    assert!(batch.items[0].body.contains("caf\u{fffd}"));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_ignores_the_offset_is_slowed_down_then_reported_until_it_moves() {
    let stuck = Arc::new(AtomicUsize::new(1));
    let count = Arc::clone(&stuck);
    let fake = Fake::start(move |_| ok(&(1..=count.load(Ordering::Relaxed)).map(|id| update(id as i64, "same")).collect())).await;
    let bot = bot(&fake.base());
    let started = Instant::now();
    let mut cursor = None;
    let mut looks = 0;
    let error = loop {
        match bot.receive(cursor.as_deref(), Span::secs(30)).await {
            Ok(batch) => cursor = batch.cursor,
            Err(error) => break error,
        }
        looks += 1;
        assert!(looks < 10, "it spins");
    };
    assert!(matches!(&error, ReceiveError::Unavailable(note) if note.contains("repeats")), "{error:?}");
    assert!(started.elapsed().as_millis() >= 1_500, "{:?}", started.elapsed());
    stuck.store(2, Ordering::Relaxed);
    let batch = bot.receive(cursor.as_deref(), Span::secs(30)).await.unwrap();
    assert_eq!(batch.items.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_same_batch_again_after_a_commit_that_failed_is_no_fault() {
    let fake = Fake::start(|_| ok(&json!([update(8, "hi")]))).await;
    let bot = bot(&fake.base());
    let started = Instant::now();
    for _ in 0..6 {
        assert!(bot.receive(Some("8"), Span::secs(30)).await.is_ok());
    }
    assert!(started.elapsed().as_secs() < 1, "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_server_that_answers_at_once_though_asked_to_wait_is_slowed_down() {
    let fake = Fake::start(|_| ok(&json!([]))).await;
    let bot = bot(&fake.base());
    let mut waits = Vec::new();
    for _ in 0..8 {
        let started = Instant::now();
        bot.receive(None, Span::secs(30)).await.unwrap();
        waits.push(started.elapsed().as_millis());
    }
    assert!(waits[0] < 200, "the first look waits for nothing: {waits:?}");
    assert!(waits[1] >= 400 && waits[7] >= 900 && waits[7] < 1_500, "{waits:?}");
}

#[tokio::test]
async fn each_refusal_means_what_the_supervisor_must_do() {
    type Same = fn(&ReceiveError) -> bool;
    let attention: Same = |error| matches!(error, ReceiveError::NeedsAttention(_));
    let unavailable: Same = |error| matches!(error, ReceiveError::Unavailable(_));
    let cases: [(u16, String, Same); 11] = [
        (401, json!({ "ok": false, "error_code": 401, "description": "Unauthorized" }).to_string(), attention),
        (404, json!({ "ok": false, "error_code": 404, "description": "Not Found" }).to_string(), attention),
        (404, "<html>nothing here</html>".to_owned(), attention),
        (
            429,
            json!({ "ok": false, "error_code": 429, "description": "Too Many Requests", "parameters": { "retry_after": 7 } }).to_string(),
            |error| *error == ReceiveError::Wait(Span::secs(7)),
        ),
        (429, "slow down".to_owned(), |error| *error == ReceiveError::Wait(Span::secs(5))),
        (500, json!({ "ok": false, "error_code": 500, "description": "Internal Server Error: restart" }).to_string(), unavailable),
        (502, "<html>Bad Gateway</html>".to_owned(), unavailable),
        (200, "{\"ok\":true,\"result\":".to_owned(), unavailable),
        (200, json!({ "ok": true, "result": { "not": "a list" } }).to_string(), unavailable),
        (200, String::new(), unavailable),
        (301, String::new(), unavailable),
    ];
    for (status, body, want) in cases {
        let sent = body.clone();
        let fake = Fake::start(move |_| answer(status, &sent)).await;
        let error = bot(&fake.base()).receive(None, NONE).await.unwrap_err();
        assert!(want(&error), "{status} {body}: {error:?}");
    }
}

fn conflict(webhook: &'static str) -> impl Fn(&Call) -> Response + Clone + Send + Sync + 'static {
    move |call| match call.method() {
        "getUpdates" => refusal(409, "Conflict: words that may change", &Value::Null),
        "getWebhookInfo" => ok(&json!({ "url": webhook, "pending_update_count": 3 })),
        _ => ok(&json!(true)),
    }
}

#[tokio::test]
async fn a_conflict_is_a_webhook_or_another_program() {
    let fake = Fake::start(conflict("https://example.org/hook")).await;
    let error = bot(&fake.base()).receive(None, NONE).await.unwrap_err();
    assert!(matches!(&error, ReceiveError::NeedsAttention(note) if note.contains("--delete-webhook")), "{error:?}");
    let fake = Fake::start(conflict("")).await;
    let error = bot(&fake.base()).receive(None, NONE).await.unwrap_err();
    assert!(matches!(error, ReceiveError::TakenElsewhere(_)), "{error:?}");
}

#[tokio::test]
async fn a_webhook_is_removed_once_when_asked_and_nothing_is_dropped() {
    let fake =
        Fake::start(|call| ok(&if call.method() == "getMe" { json!({ "id": 5, "username": "court_bot" }) } else { json!([]) })).await;
    let bot = bot_with(&fake.base(), &[(DELETE_WEBHOOK, "yes")]);
    bot.check().await.unwrap();
    bot.receive(None, NONE).await.unwrap();
    let calls = fake.calls();
    let deletions: Vec<&Call> = calls.iter().filter(|call| call.method() == "deleteWebhook").collect();
    assert_eq!(deletions.len(), 1);
    assert_eq!(deletions[0].json(), json!({ "drop_pending_updates": false }));
}

#[tokio::test]
async fn a_check_tells_who_we_are_and_what_hides_messages() {
    let check = async |webhook: &'static str, reads_all: bool, want: &str| {
        let me = json!({ "id": 5, "is_bot": true, "first_name": "Court", "username": "court_bot", "can_join_groups": true, "can_read_all_group_messages": reads_all });
        let fake = Fake::start(move |call| ok(&if call.method() == "getMe" { me.clone() } else { json!({ "url": webhook }) })).await;
        let account = bot(&fake.base()).check().await.unwrap();
        assert_eq!((account.key.as_str(), account.name.as_str()), ("5", "@court_bot"));
        assert!(account.advice.contains(want) && account.advice.is_empty() == want.is_empty(), "{}", account.advice);
    };
    check("", true, "").await;
    check("", false, "/setprivacy").await;
    check("https://example.org", true, "--delete-webhook").await;
}

#[tokio::test]
async fn a_base_with_a_path_and_a_slash_works() {
    for tail in ["", "/", "/telegram", "/telegram/"] {
        let fake = Fake::start(|_| ok(&json!([]))).await;
        bot(&format!("{}{tail}", fake.base())).receive(None, NONE).await.unwrap();
        assert_eq!(fake.calls()[0].path, format!("{}/bot{TOKEN}/getUpdates", tail.trim_end_matches('/')));
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let trap = Fake::start(|_| ok(&json!([]))).await;
    let to = trap.base();
    let fake = Fake::start(move |_| axum::response::Redirect::temporary(&to).into_response()).await;
    assert!(matches!(bot(&fake.base()).receive(None, NONE).await, Err(ReceiveError::Unavailable(_))));
    assert!(trap.calls().is_empty());
}

#[test]
fn settings_that_cannot_work_name_the_field() {
    let problem = |base: &str, token: Option<&str>| {
        let mut settings = settings(base, &[]);
        settings.secrets = token.map(|token| ("token".to_owned(), Secret::new(token))).into_iter().collect();
        connect(&settings).err().map(|error| error.field)
    };
    assert_eq!(problem("http://example.org", Some(TOKEN)).as_deref(), Some("api-base"));
    assert_eq!(problem("https://example.org", None).as_deref(), Some("token"));
    for bad in ["", "1:a b", "1:a/../b", "1:a?x"] {
        assert_eq!(problem("https://example.org", Some(bad)).as_deref(), Some("token"), "{bad}");
    }
    assert_eq!(problem("https://example.org", Some(TOKEN)), None);
}

/// A hundred megabytes of nothing, without saying so ahead.
pub fn flood() -> Response {
    let chunk = Bytes::from(vec![b' '; 1_000_000]);
    Body::from_stream(stream::iter((0..100).map(move |_| Ok::<_, std::io::Error>(chunk.clone())))).into_response()
}

#[tokio::test(start_paused = true)]
async fn a_server_that_hangs_floods_or_breaks_off_is_unavailable() {
    let hang = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let flooding = Fake::start(|_| flood()).await;
    let bases = [
        format!("http://{}", hang.local_addr().unwrap()),
        flooding.base(),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n{").await,
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"ok\":true").await,
        raw(b"\x00\x01\x02 this is no HTTP").await,
        raw(b"").await,
        nobody().await,
    ];
    for base in bases {
        let error = bot(&base).receive(None, Span::secs(30)).await.unwrap_err();
        assert!(matches!(error, ReceiveError::Unavailable(_)), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("CANARY"), "{error:?}");
    }
}

fn files(path: &'static str, size: Option<u64>, body: &'static str) -> impl Fn(&Call) -> Response + Clone + Send + Sync + 'static {
    move |call| match call.method() {
        "getFile" => ok(&json!({ "file_id": "f", "file_path": path, "file_size": size })),
        "a.jpg" => answer(200, body),
        "flood.jpg" => flood(),
        _ => answer(404, "gone"),
    }
}

#[tokio::test]
async fn a_file_is_written_whole_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let check = async |path: &'static str, size: Option<u64>, want: Result<(), fn(&FetchError) -> bool>| {
        let fake = Fake::start(files(path, size, "picture")).await;
        let into = dir.path().join("new");
        let got = bot(&fake.base()).fetch("f", &into, 5_000_000).await;
        match want {
            Ok(()) => {
                assert_eq!(got, Ok(()), "{path}");
                assert_eq!(std::fs::read(&into).unwrap(), b"picture");
                std::fs::remove_file(&into).unwrap();
                assert_eq!(fake.calls()[1].path, format!("/file/bot{TOKEN}/{path}"));
            }
            Err(same) => {
                assert!(got.as_ref().is_err_and(same), "{path}: {got:?}");
                assert!(!into.exists(), "{path} left a partial file");
            }
        }
    };
    check("photos/a.jpg", Some(7), Ok(())).await;
    check("photos/a.jpg", None, Ok(())).await;
    check("photos/a.jpg", Some(5_000_001), Err(|error| *error == FetchError::TooLarge)).await;
    check("photos/flood.jpg", None, Err(|error| *error == FetchError::TooLarge)).await;
    check("photos/a.jpg", Some(8), Err(|error| matches!(error, FetchError::Unavailable(_)))).await;
    check("photos/none.jpg", None, Err(|error| matches!(error, FetchError::Gone(_)))).await;
    for hostile in ["../../../getMe", "/etc/passwd", "", "a//b", "photos/.."] {
        check(hostile, None, Err(|error| matches!(error, FetchError::Gone(_)))).await;
    }
}

#[tokio::test]
async fn a_file_that_is_already_there_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let into = dir.path().join("mine");
    std::fs::write(&into, "mine").unwrap();
    let fake = Fake::start(files("photos/a.jpg", None, "picture")).await;
    assert!(matches!(bot(&fake.base()).fetch("f", &into, 100).await, Err(FetchError::Unavailable(_))));
    assert_eq!(std::fs::read(&into).unwrap(), b"mine");
}

#[tokio::test]
async fn a_fetch_that_is_given_up_leaves_nothing_behind() {
    let fake = Fake::start(|call| match call.method() {
        "getFile" => ok(&json!({ "file_path": "photos/slow.jpg" })),
        _ => Body::from_stream(stream::iter([Ok::<_, std::io::Error>("half")]).chain(stream::pending())).into_response(),
    })
    .await;
    let dir = tempfile::tempdir().unwrap();
    let into = dir.path().join("new");
    let bot = bot(&fake.base());
    tokio::select! {
        got = bot.fetch("f", &into, 100) => panic!("{got:?}"),
        () = async { while !into.exists() { tokio::task::yield_now().await } } => {}
    }
    assert!(!into.exists());
}

#[tokio::test]
async fn what_telegram_says_of_a_file_it_will_not_give_is_final() {
    let check = async |description: &'static str, want: fn(&FetchError) -> bool| {
        let fake = Fake::start(move |_| refusal(400, description, &Value::Null)).await;
        let error = bot(&fake.base()).fetch("f", std::path::Path::new("/nowhere/x"), 100).await.unwrap_err();
        assert!(want(&error), "{error:?}");
    };
    check("Bad Request: file is too big", |error| *error == FetchError::TooLarge).await;
    check("Bad Request: invalid file_id", |error| matches!(error, FetchError::Gone(_))).await;
}
