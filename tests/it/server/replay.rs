//! Reading again what was stored: nothing changes that is there, what was missing comes, dead letters that can be read disappear.

use frontdesk::domain::inbound::Item;
use frontdesk::domain::time::{Span, Timestamp};
use frontdesk::store::journal::Arrival;
use frontdesk::sync::ingest::ingest_journal;
use frontdesk::sync::replay::{Replayed, replay};

use super::pigeon::{Loft, PIGEONS};
use super::{add, drain};
use crate::support::bench::{NOON, later, on_each_engine, said, telegram};

/// A key as the listener makes them: a hash of the body.
fn hash(n: u8) -> String {
    format!("{n:02x}").repeat(32)
}

#[tokio::test]
async fn webhooks_read_again_change_nothing_and_bring_what_was_missing() {
    on_each_engine(|bench| async move {
        let loft = add(&bench, "Loft", "coo").await;
        let arrival = |key, body: &str| Arrival { channel: loft.id, workspace: loft.workspace, key, body: body.into() };
        bench.store.accept(&[arrival(hash(1), "7/1/one\nrubbish\n7/2/two")]).await.unwrap();
        drain(&bench, &loft).await;
        later(&bench, Span::hours(5));
        // This one has not been processed yet.
        bench.store.accept(&[arrival(hash(2), "7/3/three")]).await.unwrap();
        let before = bench.picture().await;
        let recent = replay(&bench.store, &loft, &PIGEONS[0], &Loft, NOON.plus(Span::hours(1))).await.unwrap();
        assert_eq!(recent, Replayed { payloads: 1, messages: 1, ..Replayed::default() });
        assert_ne!(bench.picture().await, before);
        assert_eq!(bench.store.backlog(&loft).await.unwrap().waiting, 0);
        let before = bench.picture().await;
        for _ in 0..2 {
            let all = replay(&bench.store, &loft, &PIGEONS[0], &Loft, Timestamp(0)).await.unwrap();
            assert_eq!((all.payloads, all.messages, all.recovered, all.unreadable.len()), (2, 0, 0, 1));
            assert_eq!(bench.picture().await, before);
            assert_eq!(bench.store.dead_letters(bench.workspace, 10).await.unwrap().len(), 1, "put aside once");
        }
    })
    .await;
}

#[tokio::test]
async fn a_dead_letter_that_can_be_read_now_becomes_its_message() {
    on_each_engine(|bench| async move {
        let loft = add(&bench, "Loft", "coo").await;
        let dead = |body: &str| Item { key: body.into(), body: body.into(), events: Err("an older version".into()) };
        // One payload, a whole body, and one that nobody will ever read.
        let items = [dead("7/1/one"), dead("7/2/two\n7/3/three"), dead("rubbish")];
        ingest_journal(&bench.store, &loft, &PIGEONS[0], &items, &[]).await.unwrap();
        assert!(bench.list().await.is_empty());
        let done = replay(&bench.store, &loft, &PIGEONS[0], &Loft, Timestamp(0)).await.unwrap();
        assert_eq!((done.recovered, done.unreadable.as_slice()), (2, ["an older version".to_owned()].as_slice()));
        let thread: Vec<String> = bench.thread(bench.list().await[0].id).await.into_iter().map(|m| m.text).collect();
        assert_eq!(thread.len(), 2, "{thread:?}");
        let still: Vec<String> = bench.store.dead_letters(bench.workspace, 10).await.unwrap().into_iter().map(|dead| dead.body).collect();
        assert_eq!(still, ["rubbish"]);
    })
    .await;
}

#[tokio::test]
async fn polled_payloads_are_read_again_as_well() {
    on_each_engine(|bench| async move {
        let update = r#"{"update_id":5,"message":{"message_id":3,"date":1795000000,"text":"hello","chat":{"id":9,"type":"private","first_name":"Rina"}}}"#;
        let mut item = (telegram().map)("5", update);
        item.events = Ok(Vec::new());
        bench.ingest(vec![item, said("7", 1, "a")]).await;
        let done = replay(&bench.store, &bench.channel, telegram(), &Loft, Timestamp(0)).await.unwrap();
        assert_eq!((done.payloads, done.messages), (2, 1));
        let names: Vec<String> = bench.list().await.into_iter().map(|row| row.name).collect();
        assert!(names.contains(&"Rina".to_owned()), "{names:?}");
    })
    .await;
}
