//! Customers who act by themselves, under a paused clock.

use frontdesk::domain::time::Span;
use frontdesk::simulator::cast::Cast;
use frontdesk::simulator::history::generate;
use frontdesk::simulator::life::animate;
use frontdesk::simulator::{Act, ChatKey};
use serde_json::json;
use tokio::time::{Duration, timeout};

use super::{NOW, Stage};

/// Plays `lines` customers' acts, answering every customer message that waits, and returns what was written.
async fn play(seed: u64, pace: f64, lines: usize) -> Vec<(i64, Act, String)> {
    let stage = Stage::with(|config| config.seed = seed).await;
    let _life = animate(&stage.sim, stage.bot, Cast::new(seed, 7).unwrap(), seed, pace);
    for seen in 1..=lines {
        let chat: ChatKey = stage.sim.wait_for(|ledger| ledger.written.get(seen - 1).map(|written| written.chat)).await;
        stage.ok("sendMessage", json!({"chat_id": chat.id, "text": "Certainly."})).await;
    }
    stage.sim.ledger(|ledger| ledger.written.iter().take(lines).map(|w| (w.chat.id, w.act, w.text.clone())).collect())
}

#[tokio::test(start_paused = true)]
async fn customers_write_by_themselves_and_answer_what_an_agent_answers() {
    let written = play(4, 1.0, 60).await;
    let people: std::collections::BTreeSet<i64> = written.iter().map(|(person, ..)| *person).collect();
    assert_eq!(people.len(), 7, "everybody has something to say");
    for act in [Act::Message, Act::Reaction] {
        assert!(written.iter().any(|(_, done, _)| *done == act), "{act:?}");
    }
    assert!(people.iter().all(|person| written.iter().filter(|(by, ..)| by == person).count() > 2), "an answer brings them further");
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_plays_the_same_scenes() {
    let first = play(4, 1.0, 25).await;
    assert_eq!(play(4, 1.0, 25).await, first);
    assert_ne!(play(5, 1.0, 25).await, first);
}

#[tokio::test(start_paused = true)]
async fn a_customer_nobody_answers_asks_once_more_and_then_waits() {
    let stage = Stage::new().await;
    let _life = animate(&stage.sim, stage.bot, Cast::new(1, 1).unwrap(), 1, 1.0);
    let nudged =
        |ledger: &frontdesk::simulator::Ledger| ledger.written.last().is_some_and(|w| w.text == "Hello? Is anybody there?").then_some(());
    timeout(Duration::from_secs(1_000), stage.sim.wait_for(nudged)).await.unwrap();
    let count = stage.sim.ledger(|ledger| ledger.written.len());
    let more = |ledger: &frontdesk::simulator::Ledger| (ledger.written.len() > count).then_some(());
    assert!(timeout(Duration::from_secs(100_000), stage.sim.wait_for(more)).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_higher_pace_plays_the_same_in_less_time() {
    let time = async |pace: f64| {
        let start = tokio::time::Instant::now();
        play(4, pace, 12).await;
        start.elapsed().as_secs_f64()
    };
    let (slow, fast) = (time(1.0).await, time(10.0).await);
    assert!(slow / fast > 5.0, "{slow} {fast}");
}

#[tokio::test(start_paused = true)]
async fn customers_stop_when_their_life_is_dropped() {
    let stage = Stage::new().await;
    drop(animate(&stage.sim, stage.bot, Cast::new(1, 7).unwrap(), 1, 1.0));
    let any = |ledger: &frontdesk::simulator::Ledger| (!ledger.written.is_empty()).then_some(());
    assert!(timeout(Duration::from_secs(10_000), stage.sim.wait_for(any)).await.is_err());
}

#[tokio::test]
async fn a_preloaded_history_can_be_answered_and_new_messages_are_numbered_after_it() {
    let stage = Stage::new().await;
    let cast = Cast::new(3, 9).unwrap();
    stage.sim.add_people(&cast);
    let past = generate(&cast, stage.bot, "desk", 3, NOW, 4);
    stage.sim.preload(stage.bot, &past);
    assert_eq!(stage.sim.pending(stage.bot), 0, "the past makes no updates");
    let (last, person) = (past.last().unwrap(), cast.people[0].person.id);
    let chat = stage.sim.private_chat(stage.bot, person);
    assert_eq!(stage.sim.say(chat, "back again").to_string(), (last.id.parse::<i64>().unwrap() + 1).to_string());
    let old = past.iter().rfind(|line| line.conversation == person.to_string() && line.direction == "in").unwrap();
    let reply = json!({"message_id": old.id.parse::<i64>().unwrap()});
    let sent = stage.ok("sendMessage", json!({"chat_id": person, "text": "about that", "reply_parameters": reply})).await;
    assert_eq!(sent["reply_to_message"]["text"], old.text);
    let ours = past.iter().rfind(|line| line.conversation == person.to_string() && line.direction == "out").unwrap();
    assert!(ours.timestamp > NOW.minus(Span::hours(24 * 6)).secs());
    stage.ok("editMessageText", json!({"chat_id": person, "message_id": ours.id, "text": "corrected"})).await;
}
