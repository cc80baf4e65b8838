//! Customers of WhatsApp who act by themselves, under a paused clock.

use frontdesk::simulator::cast::{Cast, Home};
use frontdesk::simulator::graph::Ledger;
use frontdesk::simulator::history::generate_on_whatsapp;
use frontdesk::simulator::life::animate_at;
use frontdesk::simulator::{Act, Homes};
use serde_json::json;
use tokio::time::{Duration, timeout};

use super::{NOW, Stage, message};

/// Plays `lines` customers' acts, answering whatever they do, and returns what was done and by whom.
async fn play(seed: u64, lines: usize) -> Vec<(String, Act, String)> {
    let stage = Stage::with(|config| config.seed = seed).await;
    let homes = Homes { telegram: None, whatsapp: Some((stage.graph.clone(), stage.number.clone())) };
    let _life = animate_at(homes, Cast::new(seed, 7).unwrap().all_at(Home::WhatsApp), seed, 1.0);
    let mut done = Vec::new();
    for seen in 1..=lines {
        let wrote = stage.graph.wait_for(|ledger: &Ledger| ledger.written.get(seen - 1).cloned()).await;
        let person = stage.graph.person(wrote.who).unwrap();
        if wrote.act != Act::Read {
            let mut body = message("text", json!({"body": "Certainly."}));
            body["to"] = person.phone.clone().into();
            assert_eq!(stage.post(body).await.0, 200);
        }
        done.push((person.name, wrote.act, wrote.text));
    }
    done
}

#[tokio::test(start_paused = true)]
async fn customers_on_whatsapp_write_by_themselves_and_read_and_answer_what_an_agent_answers() {
    let done = play(4, 60).await;
    for act in [Act::Message, Act::Read] {
        let people: std::collections::BTreeSet<&str> =
            done.iter().filter(|(_, did, _)| *did == act).map(|(name, ..)| name.as_str()).collect();
        assert!(people.len() > 4, "{act:?} {people:?}");
    }
    assert_eq!(done, play(4, 60).await, "the same seed plays the same scenes");
}

#[tokio::test(start_paused = true)]
async fn the_silent_ones_say_nothing_but_read_what_is_written_to_them() {
    let stage = Stage::new().await;
    let cast = Cast::new(2, 4).unwrap().on_two_providers();
    let homes = Homes { telegram: None, whatsapp: Some((stage.graph.clone(), stage.number.clone())) };
    homes.add_people(&cast);
    let past = generate_on_whatsapp(&cast, &stage.number, "desk", 2, NOW, 5);
    stage.graph.preload(&stage.number, &past);
    // Both who live here say nothing by themselves; the second's window is open for two hours more.
    let _life = animate_at(homes, cast.clone(), 2, 1.0);
    let any = |ledger: &Ledger| ledger.written.first().cloned();
    assert!(timeout(Duration::from_secs(10_000), stage.graph.wait_for(any)).await.is_err());
    let open = cast.people[3].on_whatsapp();
    let mut body = message("text", json!({"body": "We have an answer."}));
    body["to"] = open.phone.into();
    stage.post(body).await;
    let read = timeout(Duration::from_secs(10_000), stage.graph.wait_for(any)).await.unwrap();
    assert_eq!(read.act, Act::Read);
    let closed = cast.people[1].on_whatsapp();
    let mut body = message("text", json!({"body": "Too late."}));
    body["to"] = closed.phone.into();
    stage.post(body).await;
    assert_eq!(stage.graph.ledger(|ledger| ledger.received.iter().filter(|got| got.text == "Too late.").count()), 0);
}
