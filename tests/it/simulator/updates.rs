//! getUpdates: confirming, waiting, retention, numbering, and who may read.

use frontdesk::domain::time::Span;
use frontdesk::simulator::{ChatKind, Writing};
use serde_json::json;
use tokio::time::{Duration, Instant};

use super::{NOW, Stage, ids, texts};

#[tokio::test]
async fn an_update_is_confirmed_only_by_a_higher_offset() {
    let stage = Stage::new().await;
    stage.sim.say(stage.chat, "one");
    stage.sim.say(stage.chat, "two");
    let first = stage.updates(0).await;
    assert_eq!(texts(&first), ["one", "two"]);
    assert_eq!(stage.updates(0).await, first, "reading confirms nothing");
    let offset = ids(&first)[0];
    assert_eq!(texts(&stage.updates(offset).await), ["one", "two"], "an offset confirms only what lies below it");
    assert_eq!(texts(&stage.updates(offset + 1).await), ["two"]);
    assert_eq!(texts(&stage.updates(0).await), ["two"], "what was confirmed is gone for good");
    assert_eq!(stage.sim.pending(stage.bot), 1);
}

#[tokio::test]
async fn update_ids_of_a_busy_bot_are_sequential() {
    let stage = Stage::new().await;
    for n in 0..5 {
        stage.sim.say(stage.chat, &format!("{n}"));
    }
    let ids = ids(&stage.updates(0).await);
    assert!(ids.windows(2).all(|pair| pair[1] == pair[0] + 1), "{ids:?}");
}

#[tokio::test]
async fn a_negative_offset_forgets_all_earlier_updates() {
    let stage = Stage::new().await;
    for text in ["one", "two", "three"] {
        stage.sim.say(stage.chat, text);
    }
    assert_eq!(texts(&stage.updates(-1).await), ["three"]);
    assert_eq!(texts(&stage.updates(0).await), ["three"]);
}

#[tokio::test]
async fn an_offset_far_above_the_queue_starts_at_its_head() {
    let stage = Stage::new().await;
    stage.sim.say(stage.chat, "one");
    let offset = ids(&stage.updates(0).await)[0] + 1_000;
    assert_eq!(texts(&stage.updates(offset).await), ["one"]);
}

#[tokio::test]
async fn a_batch_holds_at_most_a_hundred_and_as_many_as_asked_for() {
    let stage = Stage::new().await;
    for n in 0..120 {
        stage.sim.say(stage.chat, &format!("{n}"));
    }
    let count = async |limit: i64| stage.ok("getUpdates", json!({"limit": limit})).await.as_array().unwrap().len();
    assert_eq!(count(7).await, 7);
    assert_eq!(count(0).await, 1, "a limit below the range is raised");
    assert_eq!(count(1_000).await, 100, "a limit above the range is lowered");
    assert_eq!(stage.updates(0).await.len(), 100);
}

#[tokio::test]
async fn parameters_may_come_as_query_form_json_or_multipart() {
    let stage = Stage::new().await;
    stage.sim.say(stage.chat, "one");
    let offset = ids(&stage.updates(0).await)[0];
    let url = stage.url("getUpdates");
    let text = offset.to_string();
    let pairs = [("offset", text.as_str()), ("limit", "1")];
    let form = reqwest::multipart::Form::new().text("offset", text.clone()).text("limit", "1");
    let encoded = format!("offset={offset}&limit=1");
    let requests = [
        stage.http.get(&url).query(&pairs),
        stage.http.post(&url).header("content-type", "application/x-www-form-urlencoded").body(encoded),
        stage.http.post(&url).json(&json!({"offset": offset, "limit": 1})),
        stage.http.post(&url).multipart(form),
        stage.http.post(stage.url("GETUPDATES")).query(&pairs),
    ];
    for request in requests {
        let answer: serde_json::Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["result"][0]["message"]["text"], "one", "{answer}");
    }
}

#[tokio::test]
async fn a_waiting_getupdates_answers_as_soon_as_somebody_writes() {
    let stage = Stage::new().await;
    stage.sim.say(stage.chat, "one");
    let next = ids(&stage.updates(0).await)[0] + 1;
    let (answer, ()) = tokio::join!(stage.ok("getUpdates", json!({"offset": next, "timeout": 50})), async {
        stage.sim.all_confirmed(stage.bot).await;
        stage.sim.say(stage.chat, "two");
    });
    assert_eq!(answer[0]["message"]["text"], "two");
}

#[tokio::test(start_paused = true)]
async fn a_getupdates_waits_at_most_fifty_seconds() {
    let stage = Stage::new().await;
    let start = Instant::now();
    assert_eq!(stage.ok("getUpdates", json!({"timeout": 600})).await, json!([]));
    let waited = start.elapsed();
    assert!((Duration::from_secs(50)..Duration::from_secs(51)).contains(&waited), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn asking_for_the_same_offset_again_at_once_is_slowed_to_three_seconds_and_one_update() {
    let stage = Stage::with(|_| ()).await;
    let start = Instant::now();
    stage.updates(0).await;
    stage.updates(0).await;
    let waited = start.elapsed();
    assert!((Duration::from_secs(3)..Duration::from_secs(4)).contains(&waited), "{waited:?}");
    stage.sim.say(stage.chat, "one");
    stage.sim.say(stage.chat, "two");
    tokio::time::advance(Duration::from_secs(5)).await;
    assert_eq!(stage.updates(0).await.len(), 2);
    assert_eq!(stage.updates(0).await.len(), 1, "a retry in haste gets one update");
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(stage.updates(0).await.len(), 2);
}

#[tokio::test]
async fn a_second_getupdates_ends_the_first_with_409() {
    let stage = Stage::new().await;
    stage.sim.say(stage.chat, "one");
    let next = ids(&stage.updates(0).await)[0] + 1;
    let (first, second) = tokio::join!(stage.call("getUpdates", json!({"offset": next, "timeout": 50})), async {
        stage.sim.all_confirmed(stage.bot).await;
        stage.call("getUpdates", json!({"offset": next})).await
    });
    assert_eq!(first["error_code"], 409);
    assert!(first["description"].as_str().unwrap().contains("terminated by other getUpdates request"), "{first}");
    assert_eq!(second["ok"], true);
}

#[tokio::test(start_paused = true)]
async fn a_repeated_conflict_is_told_three_seconds_late() {
    let stage = Stage::with(|_| ()).await;
    stage.ok("setWebhook", json!({"url": "https://desk.example/hook"})).await;
    let start = Instant::now();
    assert_eq!(stage.refused("getUpdates", json!({})).await.0, 409);
    assert!(start.elapsed() < Duration::from_secs(1));
    assert_eq!(stage.refused("getUpdates", json!({})).await.0, 409);
    assert!(start.elapsed() >= Duration::from_secs(3));
}

#[tokio::test]
async fn a_webhook_shuts_getupdates_out_until_it_is_deleted_and_loses_nothing() {
    let stage = Stage::new().await;
    stage.sim.say(stage.chat, "one");
    let next = ids(&stage.updates(0).await)[0] + 1;
    let (waiting, ()) = tokio::join!(stage.refused("getUpdates", json!({"offset": next, "timeout": 50})), async {
        stage.sim.all_confirmed(stage.bot).await;
        stage.ok("setWebhook", json!({"url": "https://desk.example/hook", "secret_token": "s_3-c"})).await;
    });
    assert_eq!(waiting, (409, "Conflict: terminated by setWebhook request".to_owned()));
    stage.sim.say(stage.chat, "two");
    let (code, why) = stage.refused("getUpdates", json!({})).await;
    assert_eq!(code, 409);
    assert!(why.contains("can't use getUpdates method while webhook is active"), "{why}");
    let info = stage.ok("getWebhookInfo", json!({})).await;
    assert_eq!((&info["url"], &info["pending_update_count"]), (&json!("https://desk.example/hook"), &json!(1)));
    stage.ok("deleteWebhook", json!({})).await;
    assert_eq!(texts(&stage.updates(0).await), ["two"]);
    stage.ok("deleteWebhook", json!({"drop_pending_updates": true})).await;
    assert_eq!(stage.updates(0).await, Vec::<serde_json::Value>::new());
    assert_eq!(stage.refused("setWebhook", json!({"url": "http://desk.example"})).await.0, 400);
    assert_eq!(stage.refused("setWebhook", json!({"url": "https://desk.example", "secret_token": "no blanks"})).await.0, 400);
}

#[tokio::test]
async fn an_update_nobody_fetches_is_gone_after_a_day_and_the_ledger_says_so() {
    let stage = Stage::new().await;
    stage.sim.say(stage.chat, "one");
    stage.sim.advance(Span::hours(23));
    stage.sim.say(stage.chat, "two");
    assert_eq!(stage.updates(0).await.len(), 2);
    stage.sim.advance(Span::hours(1));
    assert_eq!(texts(&stage.updates(0).await), ["two"]);
    let expired: Vec<bool> = stage.sim.ledger(|ledger| ledger.written.iter().map(|written| written.expired).collect());
    assert_eq!(expired, [true, false]);
}

#[tokio::test]
async fn messages_older_than_a_day_are_never_delivered() {
    let stage = Stage::new().await;
    stage.sim.write(stage.chat, stage.chat.id, Writing::from("old").dated(NOW.minus(Span::hours(24))));
    stage.sim.write(stage.chat, stage.chat.id, Writing::from("new enough").dated(NOW.minus(Span::hours(23))));
    assert_eq!(texts(&stage.updates(0).await), ["new enough"]);
    let offered: Vec<bool> = stage.sim.ledger(|ledger| ledger.written.iter().map(|written| written.update_id.is_some()).collect());
    assert_eq!(offered, [false, true]);
}

#[tokio::test]
async fn after_a_quiet_week_update_ids_start_anew_at_random() {
    let stage = Stage::new().await;
    stage.sim.say(stage.chat, "one");
    let mut last = ids(&stage.updates(0).await)[0];
    let (mut lower, mut higher) = (0, 0);
    for _ in 0..12 {
        stage.sim.advance(Span::hours(7 * 24 - 1));
        stage.sim.say(stage.chat, "within the week");
        let near = ids(&stage.updates(0).await);
        assert_eq!(near, [last + 1], "less than a week of quiet changes nothing");
        stage.sim.advance(Span::hours(7 * 24));
        stage.sim.say(stage.chat, "after it");
        let new = ids(&stage.updates(0).await)[0];
        assert!((new - last).abs() > 2, "{last} {new}");
        if new < last {
            lower += 1;
        } else {
            higher += 1;
        }
        last = new;
    }
    assert!(lower > 0 && higher > 0, "{lower} lower, {higher} higher");
}

#[tokio::test]
async fn allowed_updates_are_kept_until_told_otherwise_and_leave_the_queue_alone() {
    let stage = Stage::new().await;
    let message = stage.sim.say(stage.chat, "hello");
    let react = |emoji: &str| stage.sim.react(stage.chat, stage.chat.id, message, &[emoji]);
    react("👍");
    assert_eq!(stage.updates(0).await.len(), 1, "reactions are not among the defaults");
    stage.ok("getUpdates", json!({"allowed_updates": ["message_reaction"]})).await;
    react("🔥");
    stage.sim.say(stage.chat, "not asked for");
    let kinds = stage.updates(0).await;
    assert_eq!(kinds.len(), 2, "what was queued before stays");
    assert_eq!(kinds[1]["message_reaction"]["new_reaction"][0]["emoji"], "🔥");
    assert_eq!(kinds[1]["message_reaction"]["old_reaction"][0]["emoji"], "👍");
    stage.ok("getUpdates", json!({"allowed_updates": []})).await;
    react("🎉");
    stage.sim.say(stage.chat, "asked for again");
    let kinds = stage.updates(0).await;
    assert_eq!(kinds.len(), 3, "an empty list is the defaults");
    assert_eq!(kinds[2]["message"]["text"], "asked for again");
}

#[tokio::test]
async fn private_chats_and_basic_groups_count_their_messages_together_and_supergroups_apart() {
    let stage = Stage::new().await;
    let group = stage.sim.room(stage.bot, ChatKind::Group, "Sunday league", "");
    let large = stage.sim.room(stage.bot, ChatKind::Supergroup, "All members", "members");
    let person = stage.chat.id;
    let numbers = [
        stage.sim.say(stage.chat, "a"),
        stage.sim.write(group, person, "b".into()),
        stage.sim.say(stage.chat, "c"),
        stage.sim.write(large, person, "d".into()),
        stage.send("e").await["message_id"].as_i64().unwrap(),
        stage.sim.write(large, person, "f".into()),
    ];
    assert_eq!(numbers, [1, 2, 3, 1, 4, 2]);
}

#[tokio::test]
async fn any_bytes_can_be_put_into_the_queue() {
    let stage = Stage::new().await;
    stage.sim.inject(stage.bot, "teleportation", &json!({"to": "mars"}));
    stage
        .sim
        .inject_bytes(stage.bot, |id| format!("{{\"update_id\":{id},\"message\":\"").into_bytes().into_iter().chain(*b"\xff\"}").collect());
    let body = stage.http.get(stage.url("getUpdates")).send().await.unwrap().bytes().await.unwrap();
    assert!(String::from_utf8_lossy(&body).contains("teleportation"));
    assert!(body.contains(&0xff));
}
