//! Replies that leave at a time somebody chose.

use frontdesk::domain::act::{Act, Step};
use frontdesk::domain::conversation::{Status, Tab};
use frontdesk::domain::delivery::Delivery;
use frontdesk::domain::id::{ConversationId, MessageId};
use frontdesk::domain::message::Direction;
use frontdesk::domain::time::{Clock, Span};
use frontdesk::sync::compose::{self, Draft};

use crate::support::bench::{Bench, later, on_each_engine, said};

async fn customer(bench: &Bench) -> ConversationId {
    bench.ingest(vec![said("7", 1, "hi")]).await;
    bench.list().await[0].id
}

/// A reply that leaves after so long, or with the undo delay.
async fn write(bench: &Bench, to: ConversationId, text: &str, after: Option<Span>) -> MessageId {
    let draft = Draft {
        client_key: text.into(),
        conversation: to,
        text: text.into(),
        reply_to: None,
        files: Vec::new(),
        delay: None,
        at: after.map(|span| bench.clock.now().plus(span)),
    };
    compose::reply(&bench.store, bench.workspace, bench.agent, &draft).await.unwrap()
}

/// Sends what is due as a provider would take it; which messages that was.
async fn send(bench: &Bench) -> Vec<MessageId> {
    let mut sent = Vec::new();
    for claim in bench.store.claim(&bench.channel, Span::minutes(15), 16).await.unwrap() {
        let id = format!("{}", claim.message);
        assert!(!bench.store.part_sent(&bench.channel, &claim, 0, Some(&id)).await.unwrap());
        sent.push(claim.message);
    }
    sent
}

#[tokio::test]
async fn a_reply_that_leaves_later_holds_up_no_other() {
    on_each_engine(|bench| async move {
        let to = customer(&bench).await;
        let tomorrow = write(&bench, to, "tomorrow", Some(Span::hours(20))).await;
        let now = write(&bench, to, "now", None).await;
        later(&bench, Span::secs(5));
        assert_eq!(send(&bench).await, [now]);
        assert_eq!(bench.store.next_due(&bench.channel).await.unwrap(), Some(bench.clock.now().plus(Span::hours(20)).minus(Span::secs(5))));
        later(&bench, Span::hours(20));
        assert_eq!(send(&bench).await, [tomorrow]);
    })
    .await;
}

#[tokio::test]
async fn the_customer_waits_until_it_has_left() {
    on_each_engine(|bench| async move {
        let to = customer(&bench).await;
        let message = write(&bench, to, "see you", Some(Span::hours(20))).await;
        let row = bench.list().await.remove(0);
        assert!(row.waiting_since.is_some() && row.preview == "hi" && row.mark.is_none(), "{row:?}");
        assert_eq!(row.scheduled, Some(bench.clock.now().plus(Span::hours(20))));
        let depth = bench.store.outbox_depth(&mut bench.store.read().await.unwrap(), bench.workspace).await.unwrap();
        assert_eq!(depth, (0, 0), "it is not on its way yet");
        later(&bench, Span::hours(20));
        assert_eq!(send(&bench).await, [message]);
        let row = bench.list().await.remove(0);
        assert!(row.waiting_since.is_none() && row.scheduled.is_none(), "{row:?}");
        assert_eq!((row.preview.as_str(), row.preview_direction, row.mark), ("see you", Direction::Out, Some(Delivery::Sent)));
    })
    .await;
}

/// What is snoozed or leaves later, in the list's order, and how many the tab says these are.
async fn later_ones(bench: &Bench) -> (Vec<ConversationId>, u64) {
    let mut conn = bench.store.read().await.unwrap();
    let (rows, _) = bench.store.list(&mut conn, bench.workspace, bench.agent, Tab::Snoozed, None, 10).await.unwrap();
    let counts = bench.store.counts(&mut conn, bench.workspace, bench.agent).await.unwrap();
    (rows.into_iter().map(|row| row.id).collect(), counts.snoozed)
}

#[tokio::test]
async fn conversations_with_a_reply_for_later_stand_among_the_snoozed_ones_by_their_time() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![said("7", 1, "hi"), said("8", 2, "ho"), said("9", 3, "hu")]).await;
        let ids: Vec<ConversationId> = bench.list().await.iter().map(|row| row.id).collect();
        let now = bench.clock.now();
        let snooze = Step { conversation: ids[1], act: Act::Status(Status::Snoozed, Some(now.plus(Span::hours(5)))), only_if: None };
        bench.store.act(bench.workspace, bench.agent, &[snooze]).await.unwrap();
        let first = write(&bench, ids[0], "a", Some(Span::hours(9))).await;
        write(&bench, ids[2], "b", Some(Span::hours(2))).await;
        assert_eq!(later_ones(&bench).await, (vec![ids[2], ids[1], ids[0]], 3));
        write(&bench, ids[0], "c", Some(Span::hours(1))).await;
        assert_eq!(later_ones(&bench).await, (vec![ids[0], ids[2], ids[1]], 3), "the next of its replies counts");
        bench.store.take_back(bench.workspace, bench.agent, first).await.unwrap();
        // One that is snoozed as well counts once, and comes up when it comes back.
        write(&bench, ids[1], "d", Some(Span::hours(1))).await;
        assert_eq!(later_ones(&bench).await, (vec![ids[0], ids[2], ids[1]], 3));
        later(&bench, Span::hours(3));
        send(&bench).await;
        assert_eq!(later_ones(&bench).await, (vec![ids[1]], 1), "what has left is no longer there");
    })
    .await;
}

#[tokio::test]
async fn it_is_taken_back_or_sent_now_while_it_waits() {
    on_each_engine(|bench| async move {
        let to = customer(&bench).await;
        let message = write(&bench, to, "a", Some(Span::hours(20))).await;
        let (_, text) = bench.store.take_back(bench.workspace, bench.agent, message).await.unwrap();
        assert_eq!((text.as_str(), bench.list().await[0].scheduled), ("a", None));
        assert_eq!(bench.list().await[0].preview, "hi");
        let message = write(&bench, to, "b", Some(Span::hours(20))).await;
        bench.store.send_now(bench.workspace, bench.agent, message).await.unwrap();
        assert_eq!(send(&bench).await, [message]);
        assert!(bench.list().await[0].waiting_since.is_none());
        assert!(bench.store.send_now(bench.workspace, bench.agent, message).await.is_err(), "it has left");
    })
    .await;
}
