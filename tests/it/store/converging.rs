//! Whatever is repeated, reordered or split on its way: what is stored is the same.

use std::fmt::Write as _;

use frontdesk::domain::delivery::Delivery;
use frontdesk::domain::message::Direction;

use crate::support::bench::{Bench, on_each_engine};
use crate::support::pushed::{Fact, Fake, ingest, line, payload, said};

fn edited(id: i64, text: &str, at: i64) -> Fact {
    Fact::Said { chat: vec!["user-a".into(), "628".into()], id: format!("m{id}"), text: text.into(), at, edited: Some(at) }
}

fn reacted(target: &str, emoji: &str, at: i64) -> Fact {
    Fact::Reacted { target: target.into(), emoji: emoji.into(), at }
}

fn told(state: Delivery, at: i64) -> Fact {
    Fact::Receipt { target: "e1".into(), state: state.name().into(), at }
}

/// Two customers, one of them under two keys, and everything that can happen to their messages.
fn story() -> Vec<Fact> {
    let ours = |id: &str, text: &str, at| Fact::Echo { chat: vec!["628".into()], id: id.into(), text: text.into(), at };
    vec![
        said(&["user-a", "628"], 1, "is court 2 free?"),
        said(&["628"], 3, "hello?"),
        said(&["user-a", "628"], 4, "STOP"),
        said(&["user-a", "628"], 30, "START"),
        said(&["user-a", "628"], 50, "stop"),
        said(&["999"], 6, "somebody else"),
        Fact::Wish { chat: vec!["999".into()], wanted: false, at: 8 },
        edited(1, "is court 3 free?", 20),
        edited(1, "is court 4 free?", 25),
        reacted("m3", "👍", 10),
        reacted("m3", "🔥", 12),
        reacted("m3", "", 14),
        reacted("m6", "👍", 11),
        reacted("m6", "", 11),
        reacted("e1", "🔥", 60),
        Fact::Deleted { target: "m3".into(), at: 40 },
        Fact::Deleted { target: "m3".into(), at: 42 },
        ours("e1", "it is", 7),
        told(Delivery::Sent, 7),
        told(Delivery::Delivered, 9),
        told(Delivery::Read, 13),
        told(Delivery::Read, 15),
        Fact::Failed { target: "e1".into(), cause: "WindowClosed".into(), at: 8 },
    ]
}

/// Everything that is stored of it.
async fn picture(bench: &Bench) -> String {
    let mut picture = bench.picture().await;
    let mut rows = bench.list().await;
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    for row in rows {
        let mut conn = bench.store.read().await.unwrap();
        let to = bench.store.recipient(&mut conn, bench.workspace, row.id).await.unwrap();
        writeln!(picture, "{} {:?} {:?} {:?}", row.name, to.opted_out_at, row.last_inbound_at, row.window_closed_at).unwrap();
        for message in bench.thread(row.id).await {
            let times = bench.store.times(&mut conn, bench.workspace, message.id).await.unwrap();
            let times = (message.direction == Direction::Out).then_some((times.sent_at, times.delivered_at, times.read_at));
            writeln!(picture, "{} {:?} {} {:?}", message.at.secs(), message.delivery, message.reason, times).unwrap();
        }
    }
    picture
}

#[tokio::test]
async fn the_stored_result_is_the_same_whatever_is_repeated_reordered_or_split() {
    let bench = Bench::open(None).await;
    ingest(&bench, story().iter().map(|fact| payload(std::slice::from_ref(fact))).collect()).await;
    let straight = picture(&bench).await;
    assert!(straight.contains("is court 4 free?") && straight.contains("Read") && straight.contains("deleted"), "{straight}");
    // Each wish has its line.
    assert_eq!(straight.matches("system \"They want no advertising").count(), 3, "{straight}");
    for seed in 0..30 {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut facts = story();
        let again: Vec<Fact> = facts.iter().filter(|_| random.bool()).cloned().collect();
        facts.extend(again);
        random.shuffle(&mut facts);
        let bench = Bench::open(None).await;
        while !facts.is_empty() {
            let mut batch = Vec::new();
            for _ in 0..random.usize(1..6) {
                let many = random.usize(1..4).min(facts.len());
                batch.push(payload(&facts.drain(..many).collect::<Vec<_>>()));
            }
            ingest(&bench, batch).await;
        }
        let shuffled = picture(&bench).await;
        // How much is unread depends on whether we have answered since; so does what the list shows.
        let bare = |text: &str| text.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n");
        assert_eq!(bare(&shuffled), bare(&straight), "seed {seed}");
    }
}

#[tokio::test]
async fn a_reaction_that_was_taken_back_does_not_stand_again_when_it_comes_late() {
    on_each_engine(|bench| async move {
        ingest(&bench, vec![payload(&[said(&["628"], 1, "hi"), reacted("m1", "", 9)])]).await;
        ingest(&bench, vec![payload(&[reacted("m1", "👍", 8)])]).await;
        let id = bench.list().await[0].id;
        assert!(bench.thread(id).await[0].reactions.is_empty());
        ingest(&bench, vec![payload(&[reacted("m1", "🔥", 10)])]).await;
        assert_eq!(bench.thread(id).await[0].reactions.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn t_10_a_webhook_that_is_delivered_twice_is_one_message() {
    on_each_engine(|bench| async move {
        let body = [said(&["user-a", "628"], 1, "ANTRI SER-051")];
        for _ in 0..2 {
            ingest(&bench, vec![payload(&body)]).await;
        }
        ingest(&bench, vec![payload(&body), payload(&body)]).await;
        let rows = bench.list().await;
        assert_eq!((rows.len(), rows[0].unread), (1, 1));
        assert_eq!(bench.thread(rows[0].id).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_waits_for_its_message_waits_once_however_often_it_is_read() {
    on_each_engine(|bench| async move {
        let line = line(&bench, &Fake::new());
        let item = payload(&[Fact::Receipt { target: "another-programs".into(), state: "read".into(), at: 10 }]);
        for _ in 0..3 {
            let items = std::slice::from_ref(&item);
            frontdesk::sync::ingest::ingest_journal(&bench.store, &bench.channel, line.registered, items, &[]).await.unwrap();
        }
        let mut tx = bench.store.begin().await.unwrap();
        assert_eq!(bench.store.take_orphans(&mut tx, &bench.channel, &[("", "another-programs")]).await.unwrap().len(), 1);
    })
    .await;
}
