//! What goes wrong on purpose, and that the ledger tells what really happened.

use frontdesk::simulator::{Config, Fault, FaultRule, Simulator, StartError, When};
use serde_json::{Value, json};
use tokio::time::Duration;

use super::{Stage, ids, texts};

/// One sendMessage under a fault: whether the client got a usable answer, and what the ledger says was delivered and answered.
async fn under(fault: Fault) -> (Option<Value>, Vec<bool>) {
    let stage = Stage::new().await;
    stage.sim.say(stage.chat, "hi");
    stage.sim.fault(FaultRule::new("sendMessage", fault, When::Next(1)));
    let request = stage.try_call("sendMessage", json!({"chat_id": stage.chat.id, "text": "hello"}));
    let patience = Duration::from_secs(if matches!(fault, Fault::Hang | Fault::HangAfter) { 1 } else { 30 });
    let answer = tokio::time::timeout(patience, request).await.ok().and_then(Result::ok);
    let answered = stage.sim.ledger(|ledger| ledger.delivered(stage.chat).map(|received| received.answered).collect());
    stage.send("and again").await;
    (answer, answered)
}

#[tokio::test]
async fn a_fault_before_processing_delivers_nothing_and_one_after_it_delivers_unanswered() {
    for fault in [Fault::DropBefore, Fault::ErrorBefore(502)] {
        assert_eq!(under(fault).await, (None, vec![]), "{fault:?}");
    }
    for fault in [Fault::DropAfter, Fault::ErrorAfter(500), Fault::Garbage, Fault::CloseMidBody, Fault::HugeBody] {
        assert_eq!(under(fault).await, (None, vec![false]), "{fault:?}");
    }
    let (answer, delivered) = under(Fault::TooMany(7)).await;
    assert_eq!((answer.unwrap()["parameters"]["retry_after"].as_i64(), delivered), (Some(7), vec![]));
}

#[tokio::test]
async fn under_a_mix_of_faults_the_ledger_knows_what_every_client_was_told() {
    let stage = Stage::new().await;
    stage.sim.say(stage.chat, "hi");
    let mix = ["drop-before", "drop-after", "error-before=502", "error-after=500", "garbage", "close-mid-body"];
    for fault in mix {
        stage.sim.fault(format!("sendMessage:{fault}:0.12").parse().unwrap());
    }
    let mut told = Vec::new();
    for n in 0..120 {
        let answer = stage.try_call("sendMessage", json!({"chat_id": stage.chat.id, "text": n.to_string()})).await;
        told.push(answer.is_ok_and(|answer| answer["ok"] == true));
    }
    let delivered: Vec<(usize, bool)> =
        stage.sim.ledger(|ledger| ledger.delivered(stage.chat).map(|r| (r.text.parse().unwrap(), r.answered)).collect());
    assert!(delivered.windows(2).all(|pair| pair[0].0 < pair[1].0), "each once, in order");
    assert!(delivered.iter().all(|(n, answered)| *answered == told[*n]));
    let answered: Vec<usize> = delivered.iter().filter(|(_, answered)| *answered).map(|(n, _)| *n).collect();
    assert_eq!(answered, (0..120).filter(|n| told[*n]).collect::<Vec<_>>());
    let (reached, kept) = (delivered.len(), answered.len());
    assert!(kept < reached && reached < 120, "{kept} of {reached} of 120: some of each fault");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_hangs_answers_nothing_whether_it_delivered_or_not() {
    assert_eq!(under(Fault::Hang).await, (None, vec![]));
    assert_eq!(under(Fault::HangAfter).await, (None, vec![false]));
}

#[tokio::test(start_paused = true)]
async fn a_delay_holds_everything_back_and_loses_nothing() {
    let start = tokio::time::Instant::now();
    let (answer, delivered) = under(Fault::Delay(Duration::from_secs(20))).await;
    assert!(start.elapsed() >= Duration::from_secs(20));
    assert_eq!((answer.unwrap()["ok"].clone(), delivered), (json!(true), vec![true]));
}

#[tokio::test]
async fn a_batch_can_hold_every_update_twice_or_in_another_order() {
    let stage = Stage::new().await;
    for n in 0..20 {
        stage.sim.say(stage.chat, &format!("{n}"));
    }
    let plain = ids(&stage.updates(0).await);
    stage.sim.fault(FaultRule::new("getUpdates", Fault::Duplicate, When::Next(1)));
    let doubled = ids(&stage.updates(0).await);
    assert_eq!(doubled.len(), 40);
    assert!(doubled.chunks(2).zip(&plain).all(|(pair, id)| pair == [*id, *id]));
    stage.sim.fault(FaultRule::new("getUpdates", Fault::Reorder, When::Next(1)));
    let mut shuffled = ids(&stage.updates(0).await);
    assert_ne!(shuffled, plain);
    shuffled.sort_unstable();
    assert_eq!(shuffled, plain);
}

#[tokio::test(start_paused = true)]
async fn a_server_can_ignore_the_offset_and_answer_at_once_with_nothing() {
    let stage = Stage::new().await;
    stage.sim.say(stage.chat, "one");
    let next = ids(&stage.updates(0).await)[0] + 1;
    stage.sim.fault(FaultRule::new("getUpdates", Fault::IgnoreOffset, When::Next(1)));
    assert_eq!(texts(&stage.updates(next).await), ["one"], "redelivered");
    assert_eq!(stage.sim.pending(stage.bot), 1, "and not confirmed");
    stage.sim.fault(FaultRule::new("getUpdates", Fault::AtOnce, When::Always));
    let start = tokio::time::Instant::now();
    assert_eq!(stage.ok("getUpdates", json!({"offset": next, "timeout": 50})).await, json!([]));
    assert!(start.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn downloads_fail_by_the_name_file_and_every_method_by_a_star() {
    let stage = Stage::new().await;
    let id = stage.sim.say(stage.chat, "one");
    stage.sim.fault("*:error-before=503:next=1".parse().unwrap());
    let status = async |url: String| stage.http.get(url).send().await.unwrap().status().as_u16();
    assert_eq!(status(stage.url("getMe")).await, 503);
    assert_eq!(status(stage.url("getMe")).await, 200);
    stage.sim.fault("file:error-before=503".parse().unwrap());
    let token = stage.sim.token(stage.bot).unwrap();
    assert_eq!(status(format!("{}/file/bot{}/photos/{id}.jpg", stage.sim.base_url(), token.reveal())).await, 503);
    stage.sim.clear_faults();
    assert_eq!(status(format!("{}/file/bot{}/photos/{id}.jpg", stage.sim.base_url(), token.reveal())).await, 404);
}

#[tokio::test]
async fn two_simulators_with_one_seed_make_the_same_tokens_and_update_ids() {
    let run = async |seed: u64| {
        let stage = Stage::with(|config| config.seed = seed).await;
        stage.sim.say(stage.chat, "one");
        (stage.sim.token(stage.bot).unwrap().reveal().to_owned(), ids(&stage.updates(0).await))
    };
    assert_eq!(run(3).await, run(3).await);
    assert_ne!(run(3).await, run(4).await);
}

#[tokio::test]
async fn a_simulator_listens_on_loopback_only_and_stops_when_told() {
    let mut config = Config::new(std::sync::Arc::new(frontdesk::domain::time::SystemClock));
    config.listen = ([0, 0, 0, 0], 0).into();
    assert!(matches!(Simulator::start(config).await, Err(StartError::NotLoopback(_))));
    let stage = Stage::new().await;
    let (poll, ()) = tokio::join!(stage.try_call("getUpdates", json!({"timeout": 50})), async {
        stage.sim.wait_for(|ledger| ledger.calls.get("getupdates").copied()).await;
        stage.sim.stop();
    });
    assert!(poll.is_err());
}

#[tokio::test]
async fn other_programs_write_inject_and_break_things_over_http() {
    let stage = Stage::new().await;
    let control = format!("{}/_simulator", stage.sim.base_url());
    let post = async |path: &str, body: Value| {
        let answer = stage.http.post(format!("{control}/{path}")).json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    assert_eq!(post("say", json!({"as": "leila", "text": "hi"})).await.1["chat"], stage.chat.id);
    let newcomer = post("say", json!({"as": "Omar", "text": "hello"})).await.1;
    assert_eq!(post("say", json!({"as": "@omar", "text": "me again"})).await.1["chat"], newcomer["chat"]);
    assert_eq!(post("update", json!({"kind": "surprise", "payload": 1})).await.0, 200);
    assert_eq!(post("fault", json!({"rule": "getMe:error-before=500:next=1"})).await.0, 200);
    assert_eq!(post("fault", json!({"rule": "getMe:explode"})).await.0, 400);
    assert_eq!(stage.http.get(stage.url("getMe")).send().await.unwrap().status().as_u16(), 500);
    let updates = stage.updates(0).await;
    assert_eq!(updates.len(), 4);
    assert_eq!(updates[3]["surprise"], 1);
    let ledger: Value = stage.http.get(format!("{control}/ledger")).send().await.unwrap().json().await.unwrap();
    assert_eq!(ledger["written"].as_array().unwrap().len(), 3);
    assert_eq!((&ledger["written"][0]["text"], &ledger["written"][0]["chat"]), (&json!("hi"), &json!(stage.chat.id)));
}
