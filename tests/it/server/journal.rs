//! From the journal to messages: in order, once, whoever accepted them, whatever is broken.

use std::sync::Arc;
use std::time::Duration;

use frontdesk::domain::time::{Span, Timestamp};
use frontdesk::store::channels::Channel;
use frontdesk::store::journal::Arrival;
use frontdesk::sync::{EngineStatus, journal as process, scheduler};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{add, drain, line};
use crate::support::bench::{Bench, later, on_each_engine};

fn arrival(channel: &Channel, key: &str, body: &str) -> Arrival {
    Arrival { channel: channel.id, workspace: channel.workspace, key: key.into(), body: body.into() }
}

async fn texts(bench: &Bench) -> Vec<String> {
    let mut texts = Vec::new();
    for row in bench.list().await {
        texts.extend(bench.thread(row.id).await.into_iter().map(|m| m.text));
    }
    texts
}

#[tokio::test]
async fn what_waits_becomes_messages_in_the_order_it_came() {
    on_each_engine(|bench| async move {
        let loft = add(&bench, "Loft", "coo").await;
        bench.store.accept(&[arrival(&loft, "b", "7/1/one\n7/2/two"), arrival(&loft, "a", "7/3/three")]).await.unwrap();
        bench.store.accept(&[arrival(&loft, "c", "7/4/four")]).await.unwrap();
        drain(&bench, &loft).await;
        assert_eq!(texts(&bench).await, ["one", "two", "three", "four"]);
        assert_eq!(bench.store.backlog(&loft).await.unwrap().waiting, 0);
    })
    .await;
}

#[tokio::test]
async fn a_body_delivered_again_is_processed_once_and_so_is_a_message_in_two_bodies() {
    on_each_engine(|bench| async move {
        let loft = add(&bench, "Loft", "coo").await;
        assert_eq!(bench.store.accept(&[arrival(&loft, "a", "7/1/one"), arrival(&loft, "a", "7/1/one")]).await.unwrap(), 1);
        drain(&bench, &loft).await;
        assert_eq!(bench.store.accept(&[arrival(&loft, "a", "7/1/one"), arrival(&loft, "b", "7/1/one\n7/2/two")]).await.unwrap(), 1);
        drain(&bench, &loft).await;
        assert_eq!(texts(&bench).await, ["one", "two"]);
        assert_eq!(bench.list().await[0].unread, 2);
    })
    .await;
}

#[tokio::test]
async fn one_bad_line_is_put_aside_and_a_reader_that_breaks_stops_nothing() {
    on_each_engine(|bench| async move {
        let loft = add(&bench, "Loft", "coo").await;
        let bodies = ["7/1/one\nrubbish\n7/2/two", "7/3/break the reader", "7/4/four"];
        for (n, body) in bodies.iter().enumerate() {
            bench.store.accept(&[arrival(&loft, &n.to_string(), body)]).await.unwrap();
        }
        drain(&bench, &loft).await;
        assert_eq!(texts(&bench).await, ["one", "two", "four"]);
        let dead: Vec<String> = bench.store.dead_letters(bench.workspace, 10).await.unwrap().into_iter().map(|dead| dead.body).collect();
        assert_eq!(dead, [bodies[1], "rubbish"]);
    })
    .await;
}

#[tokio::test]
async fn an_id_that_no_index_takes_stops_nothing_behind_it() {
    on_each_engine(|bench| async move {
        let loft = add(&bench, "Loft", "coo").await;
        let endless: String = std::iter::repeat_with(fastrand::alphanumeric).take(20_000).collect();
        for (key, body) in [("a", format!("{endless}\n7/1/one")), ("b", format!("{endless}\n7/2/two"))] {
            bench.store.accept(&[arrival(&loft, key, &body)]).await.unwrap();
        }
        tokio::time::timeout(Duration::from_secs(30), drain(&bench, &loft)).await.expect("the journal is worked off");
        assert_eq!(texts(&bench).await, ["one", "two"]);
        let dead = bench.store.dead_letters(bench.workspace, 10).await.unwrap();
        assert_eq!(dead.iter().map(|dead| dead.body.as_str()).collect::<Vec<_>>(), [endless.as_str()], "it is put aside once");
        // On the way of what is asked for as well; there, what came before is known by it.
        let mut tx = bench.store.begin().await.unwrap();
        assert_eq!(bench.store.journal(&mut tx, &loft, &[(&endless, "{}")]).await.unwrap().len(), 1);
        assert_eq!(bench.store.journal(&mut tx, &loft, &[(&endless, "{}")]).await.unwrap().len(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_large_backlog_is_worked_off_in_several_turns() {
    on_each_engine(|bench| async move {
        let loft = add(&bench, "Loft", "coo").await;
        let arrivals: Vec<Arrival> = (0..1_200).map(|n| arrival(&loft, &format!("k{n}"), &format!("{}/{n}/text {n}", n % 7))).collect();
        let large = arrival(&loft, "large", &format!("9/1/{}", "x".repeat(2_500_000)));
        bench.store.accept(&[large]).await.unwrap();
        bench.store.accept(&arrivals).await.unwrap();
        assert_eq!(bench.store.waiting_payloads(&loft, 250, 1_000_000).await.unwrap().len(), 1, "a large one goes alone");
        drain(&bench, &loft).await;
        assert_eq!(texts(&bench).await.len(), 1_201);
    })
    .await;
}

#[tokio::test]
async fn a_batch_is_measured_in_bytes_and_not_in_letters() {
    on_each_engine(|bench| async move {
        let loft = add(&bench, "Loft", "coo").await;
        let three: Vec<Arrival> = (0..3).map(|n| arrival(&loft, &format!("k{n}"), &format!("7/{n}/{}", "й".repeat(600)))).collect();
        bench.store.accept(&three).await.unwrap();
        assert_eq!(bench.store.waiting_payloads(&loft, 250, 2_000).await.unwrap().len(), 1);
        assert_eq!(bench.store.payloads_since(&loft, Timestamp(0), 0, 250, 2_500).await.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn what_another_process_accepts_is_heard_of() {
    on_each_engine(|bench| async move {
        let loft = add(&bench, "Loft", "coo").await;
        let other = bench.second().await;
        let _watch = bench.store.watch().await.unwrap();
        let (status, cancel) = (Arc::new(watch::Sender::new(EngineStatus::default())), CancellationToken::new());
        let line = line(&bench.store, &loft, &status, &cancel);
        let (mut seen, mut changes) = (status.subscribe(), bench.store.changes());
        let task = tokio::spawn(async move { process::run(&line).await });
        seen.wait_for(|status| status.channels.get(&loft.id).is_some_and(|at| at.drained)).await.unwrap();
        other.accept(&[arrival(&loft, "a", "7/1/one")]).await.unwrap();
        while texts(&bench).await.is_empty() {
            let _ = changes.recv().await;
        }
        cancel.cancel();
        task.await.unwrap();
        let channel = bench.store.channel_named(bench.workspace, "Loft").await.unwrap();
        assert_eq!(channel.in_at, Some(bench.store.now()), "the channel's row says when something last came in");
    })
    .await;
}

#[tokio::test]
async fn what_waits_is_never_tidied_away() {
    on_each_engine(|bench| async move {
        let loft = add(&bench, "Loft", "coo").await;
        bench.store.accept(&[arrival(&loft, "a", "7/1/one")]).await.unwrap();
        let oldest = bench.store.backlog(&loft).await.unwrap().oldest;
        assert_eq!(oldest, Some(bench.store.now()));
        let now = later(&bench, Span::hours(24 * 400));
        assert_eq!(bench.store.prune_journal(&loft, now).await.unwrap(), 0);
        drain(&bench, &loft).await;
        assert_eq!(bench.store.prune_journal(&loft, now).await.unwrap(), 1);
        assert!(bench.store.payloads_since(&loft, Timestamp(0), 0, 10, 1_000).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_payload_that_nobody_can_read_is_kept_for_a_month_and_no_longer() {
    on_each_engine(|bench| async move {
        let loft = add(&bench, "Loft", "coo").await;
        bench.store.accept(&[arrival(&loft, "a", "rubbish")]).await.unwrap();
        drain(&bench, &loft).await;
        let tidied = async |kept: u64| {
            let cancel = CancellationToken::new();
            let tidying = tokio::spawn(scheduler::run(bench.store.clone(), Span::hours(24), cancel.clone()));
            let come_true = async {
                while !bench.store.payloads_since(&loft, Timestamp(0), 0, 10, 1_000).await.unwrap().is_empty()
                    || bench.store.dead_letters_kept(&loft).await.unwrap() != kept
                {
                    tokio::task::yield_now().await;
                }
            };
            tokio::time::timeout(Duration::from_secs(20), come_true).await.expect("it never came true");
            cancel.cancel();
            tidying.await.unwrap();
        };
        later(&bench, Span::hours(24 * 29));
        tidied(1).await;
        later(&bench, Span::hours(24 * 2));
        tidied(0).await;
    })
    .await;
}

#[tokio::test]
async fn what_came_through_a_removed_channel_is_kept_no_longer_than_the_rest() {
    on_each_engine(|bench| async move {
        let loft = add(&bench, "Loft", "coo").await;
        bench.store.accept(&[arrival(&loft, "a", "rubbish")]).await.unwrap();
        drain(&bench, &loft).await;
        bench.store.accept(&[arrival(&loft, "b", "7/1/one")]).await.unwrap();
        bench.store.remove_channel(bench.workspace, Some(bench.agent), loft.id).await.unwrap();
        let kept = async || {
            let raw = bench.store.payloads_since(&loft, Timestamp(0), 0, 10, 1_000).await.unwrap().len();
            (raw, bench.store.dead_letters(bench.workspace, 10).await.unwrap().len())
        };
        assert_eq!(kept().await, (2, 1));
        later(&bench, Span::hours(25));
        let cancel = CancellationToken::new();
        let tidying = tokio::spawn(scheduler::run(bench.store.clone(), Span::hours(24), cancel.clone()));
        // There is nothing to hear of it: it is looked again.
        for _ in 0..500 {
            if kept().await == (0, 0) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        cancel.cancel();
        tidying.await.unwrap();
        assert_eq!(kept().await, (0, 0));
    })
    .await;
}
