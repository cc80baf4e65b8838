//! Replies that leave at a time somebody chose.

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
