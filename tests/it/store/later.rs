//! Replies that leave at a time somebody chose.

use frontdesk::domain::act::{Act, Step};
use frontdesk::domain::conversation::{Status, Tab};
use frontdesk::domain::delivery::Delivery;
use frontdesk::domain::id::{ConversationId, MessageId};
use frontdesk::domain::message::Direction;
use frontdesk::domain::time::{Clock, Span};
use frontdesk::store::outbox::Ending;
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
        template: None,
        spot: None,
    };
    compose::send(&bench.store, bench.workspace, bench.agent, &draft).await.unwrap()
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

#[tokio::test]
async fn a_customer_whose_only_answer_is_taken_back_or_discarded_waits_as_before() {
    on_each_engine(|bench| async move {
        let to = customer(&bench).await;
        bench.ingest(vec![said("7", 2, "anybody?")]).await;
        let before = bench.list().await.remove(0);
        for discarded in [false, true] {
            let message = write(&bench, to, &format!("soon {discarded}"), None).await;
            assert_eq!(bench.list().await[0].waiting_since, None);
            if discarded {
                bench.store.discard(bench.workspace, bench.agent, message).await.unwrap();
            } else {
                bench.store.take_back(bench.workspace, bench.agent, message).await.unwrap();
            }
            let after = bench.list().await.remove(0);
            assert_eq!((after.waiting_since, after.preview.as_str()), (before.waiting_since, "anybody?"), "discarded: {discarded}");
            let sql = "SELECT first_reply_at FROM conversations WHERE id = $1";
            let (first,): (Option<i64>,) = bench.store.read().await.unwrap().one("conversation", sql, &[to.into()]).await.unwrap();
            assert_eq!(first, None, "nobody has answered");
        }
    })
    .await;
}

#[tokio::test]
async fn taking_back_a_second_answer_leaves_the_first_one_and_who_wrote_after_it_waits() {
    on_each_engine(|bench| async move {
        let to = customer(&bench).await;
        later(&bench, Span::minutes(5));
        write(&bench, to, "first", None).await;
        later(&bench, Span::minutes(5));
        send(&bench).await;
        let message = write(&bench, to, "second", None).await;
        bench.store.take_back(bench.workspace, bench.agent, message).await.unwrap();
        assert_eq!(bench.list().await[0].waiting_since, None, "the first one has answered");
        later(&bench, Span::minutes(5));
        bench.ingest(vec![said("7", 1_000, "and then?")]).await;
        let waiting = bench.list().await[0].waiting_since;
        assert!(waiting.is_some());
        let message = write(&bench, to, "third", None).await;
        bench.store.take_back(bench.workspace, bench.agent, message).await.unwrap();
        assert_eq!(bench.list().await[0].waiting_since, waiting);
    })
    .await;
}

#[tokio::test]
async fn one_that_is_settled_by_hand_has_answered_the_customer() {
    on_each_engine(|bench| async move {
        let to = customer(&bench).await;
        let message = write(&bench, to, "see you", Some(Span::hours(20))).await;
        later(&bench, Span::hours(20));
        let claim = bench.store.claim(&bench.channel, Span::minutes(15), 16).await.unwrap().remove(0);
        bench.store.attempt_ended(&bench.channel, &claim, &Ending::Uncertain, "the line broke").await.unwrap();
        assert!(bench.list().await[0].waiting_since.is_some());
        bench.store.mark_sent(bench.workspace, bench.agent, message).await.unwrap();
        let row = bench.list().await.remove(0);
        assert_eq!((row.waiting_since, row.preview.as_str(), row.mark), (None, "see you", Some(Delivery::Sent)));
        assert_eq!(row.last_at, bench.clock.now());
    })
    .await;
}

#[tokio::test]
async fn an_answered_customer_is_not_put_away_any_more() {
    on_each_engine(|bench| async move {
        let to = customer(&bench).await;
        let tomorrow = bench.clock.now().plus(Span::hours(20));
        let step = Step::new(to, Act::Status(Status::Snoozed, Some(tomorrow)));
        bench.store.act(bench.workspace, bench.agent, &[step]).await.unwrap();
        write(&bench, to, "yes", None).await;
        let row = bench.list().await.remove(0);
        assert_eq!((row.status, row.snoozed_until), (Status::Open, None));
    })
    .await;
}

#[tokio::test]
async fn a_chosen_time_stays_when_the_clock_is_set_back_and_what_leaves_now_follows_it() {
    on_each_engine(|bench| async move {
        let to = customer(&bench).await;
        write(&bench, to, "at half past", Some(Span::minutes(30))).await;
        let chosen = bench.clock.now().plus(Span::minutes(30));
        later(&bench, Span::minutes(-40));
        bench.store.rebase(&bench.channel).await.unwrap();
        assert_eq!(bench.store.next_due(&bench.channel).await.unwrap(), Some(chosen));
        let hurried = write(&bench, to, "at once", Some(Span::minutes(20))).await;
        bench.store.send_now(bench.workspace, bench.agent, hurried).await.unwrap();
        let now = later(&bench, Span::minutes(-40));
        bench.store.rebase(&bench.channel).await.unwrap();
        assert_eq!(bench.store.next_due(&bench.channel).await.unwrap(), Some(now));
    })
    .await;
}

#[tokio::test]
async fn one_that_was_tried_in_vain_is_on_its_way_like_any_other() {
    on_each_engine(|bench| async move {
        let to = customer(&bench).await;
        later(&bench, Span::minutes(1));
        write(&bench, to, "see you", Some(Span::hours(20))).await;
        let now = later(&bench, Span::hours(20));
        let claim = bench.store.claim(&bench.channel, Span::minutes(15), 16).await.unwrap().remove(0);
        let again = Ending::Later { at: now.plus(Span::minutes(2)), failed: true };
        bench.store.attempt_ended(&bench.channel, &claim, &again, "no answer").await.unwrap();
        let row = bench.list().await.remove(0);
        assert_eq!((row.scheduled, row.preview.as_str(), row.mark), (None, "see you", Some(Delivery::Queued)));
        assert!(row.waiting_since.is_some(), "it has not left");
        let depth = bench.store.outbox_depth(&mut bench.store.read().await.unwrap(), bench.workspace).await.unwrap();
        assert_eq!(depth, (1, 0));
    })
    .await;
}
