//! How fast replies leave: as the provider's rates allow and as it says, and nobody waits for somebody else's turn.

use std::sync::{Arc, Mutex};

use frontdesk::domain::channel::Rate;
use frontdesk::domain::delivery::Delivery;
use frontdesk::domain::id::ConversationId;
use frontdesk::domain::outbound::{Action, SendError};
use frontdesk::domain::pace::Pace;
use frontdesk::domain::time::{Clock, Span};
use frontdesk::sync::Line;
use frontdesk::sync::compose::{self, Draft};

use crate::support::bench::{Bench, NOON, later, on_each_engine};
use crate::support::pushed::{Fake, PROVIDER, ingest, line, payload, said, sends_until};

async fn customer(bench: &Bench, key: &str) -> ConversationId {
    ingest(bench, vec![payload(&[said(&[key], key.parse().unwrap(), "hi")])]).await;
    bench.list().await.into_iter().find(|row| row.name.ends_with(key)).unwrap().id
}

async fn write(bench: &Bench, to: ConversationId, text: &str) {
    let draft = Draft {
        client_key: text.into(),
        conversation: to,
        text: text.into(),
        reply_to: None,
        files: Vec::new(),
        delay: Some(Span::ZERO),
        at: None,
        template: None,
        spot: None,
    };
    compose::send_on(&bench.store, &PROVIDER, bench.workspace, bench.agent, &draft).await.unwrap();
}

/// One message in six seconds to each customer.
fn slow(bench: &Bench, connector: &Arc<Fake>) -> Line {
    let mut line = line(bench, connector);
    line.pace = Arc::new(Mutex::new(Pace::new(Some(Rate { burst: 1, every: Span::secs(6) }), None)));
    line
}

/// The words that left, in order.
fn left(connector: &Fake) -> Vec<String> {
    let words = |action| match action {
        Action::Text { text, .. } => Some(text),
        _ => None,
    };
    connector.orders().into_iter().filter_map(|order| words(order.action)).collect()
}

#[tokio::test]
async fn a_customers_second_reply_waits_its_six_seconds_and_nobody_else_waits_for_it() {
    on_each_engine(|bench| async move {
        let (a, b) = (customer(&bench, "1").await, customer(&bench, "2").await);
        later(&bench, Span::minutes(1));
        for (to, text) in [(a, "a1"), (a, "a2"), (a, "a3"), (b, "b1")] {
            write(&bench, to, text).await;
        }
        let connector = Fake::new();
        let line = slow(&bench, &connector);
        let begun = bench.clock.now();
        sends_until(&line, async || {
            let waits = bench.store.next_due(&bench.channel).await.unwrap() == Some(begun.plus(Span::secs(6)));
            waits && left(&connector).len() == 2
        })
        .await;
        let mut first = left(&connector);
        first.sort();
        assert_eq!(first, ["a1", "b1"]);
        let line = Line { cancel: tokio_util::sync::CancellationToken::new(), ..line };
        bench.clock.advance(Span::secs(6));
        sends_until(&line, async || left(&connector).len() == 3).await;
        assert_eq!(left(&connector)[2], "a2");
    })
    .await;
}

#[tokio::test]
async fn a_chat_that_gets_too_much_rests_four_times_as_long_each_time_and_the_account_goes_on() {
    on_each_engine(|bench| async move {
        let (a, b) = (customer(&bench, "1").await, customer(&bench, "2").await);
        later(&bench, Span::minutes(1));
        write(&bench, a, &"x".repeat(5_000)).await;
        let connector = Fake::new();
        let mut waits = Vec::new();
        let line = line(&bench, &connector);
        for round in 0..3 {
            connector.refuses(SendError::Wait { wait: Span::ZERO, account: false });
            let line = Line { cancel: tokio_util::sync::CancellationToken::new(), ..line.clone() };
            let now = bench.clock.now();
            sends_until(&line, async || {
                connector.orders().len() == round + 1 && bench.store.next_due(&bench.channel).await.unwrap().is_some_and(|at| at > now)
            })
            .await;
            let due = bench.store.next_due(&bench.channel).await.unwrap().unwrap();
            waits.push(due.since(now).0 / 1_000_000);
            bench.clock.advance(due.since(now));
        }
        assert!((1..=2).contains(&waits[0]) && (4..=5).contains(&waits[1]) && (16..=20).contains(&waits[2]), "{waits:?}");
        write(&bench, b, "b1").await;
        let line = Line { cancel: tokio_util::sync::CancellationToken::new(), ..line };
        sends_until(&line, async || connector.orders().len() == 6).await;
        assert_eq!(bench.list().await.iter().filter(|row| row.mark == Some(Delivery::Sent)).count(), 2);
    })
    .await;
}

#[tokio::test]
async fn an_account_that_is_told_to_wait_sends_nothing_until_then() {
    on_each_engine(|bench| async move {
        let (a, b) = (customer(&bench, "1").await, customer(&bench, "2").await);
        later(&bench, Span::minutes(1));
        write(&bench, a, "a1").await;
        let connector = Fake::new();
        connector.refuses(SendError::Wait { wait: Span::minutes(5), account: true });
        let line = line(&bench, &connector);
        let now = bench.clock.now();
        let waits = async || bench.store.next_due(&bench.channel).await.unwrap() == Some(now.plus(Span::minutes(5)));
        sends_until(&line, waits).await;
        write(&bench, b, "b1").await;
        let line = Line { cancel: tokio_util::sync::CancellationToken::new(), ..line };
        // It looks at the outbox and leaves it as it is: the account rests.
        sends_until(&line, async || line.pace.lock().unwrap().room(now).is_err()).await;
        assert_eq!(left(&connector), ["a1"]);
        bench.clock.advance(Span::minutes(5));
        let line = Line { cancel: tokio_util::sync::CancellationToken::new(), ..line };
        sends_until(&line, async || left(&connector).len() == 3).await;
    })
    .await;
}

#[tokio::test]
async fn a_reply_that_is_refused_for_a_day_fails_and_lets_the_next_one_go() {
    for refusal in [
        SendError::Wait { wait: Span::secs(6), account: false },
        SendError::Wait { wait: Span::hours(1), account: true },
        SendError::Account("the token is not accepted".into()),
    ] {
        let refusal = &refusal;
        on_each_engine(|bench| async move {
            let a = customer(&bench, "1").await;
            later(&bench, Span::minutes(1));
            write(&bench, a, "a1").await;
            let connector = Fake::new();
            let line = line(&bench, &connector);
            let begun = bench.clock.now();
            // The customer's window is not what ends it: they go on writing.
            let failed = async || {
                ingest(&bench, vec![payload(&[said(&["1"], bench.clock.now().since(NOON).0 / 1_000_000, "are you there?")])]).await;
                let reply = bench.thread(a).await.into_iter().find(|message| message.text == "a1").unwrap();
                (reply.delivery == Delivery::Failed).then_some(reply.reason)
            };
            let mut reason = None;
            while reason.is_none() {
                connector.refuses(refusal.clone());
                let line = Line { cancel: tokio_util::sync::CancellationToken::new(), ..line.clone() };
                let tried = connector.orders().len();
                sends_until(&line, async || {
                    connector.orders().len() > tried && bench.thread(a).await.iter().all(|m| m.delivery != Delivery::Sending)
                })
                .await;
                if tried == 0 {
                    write(&bench, a, "a2").await;
                }
                reason = failed().await;
                assert!(bench.clock.now().since(begun) <= Span::hours(26), "it is tried for ever");
                if reason.is_none() {
                    let due = bench.store.next_due(&bench.channel).await.unwrap().unwrap();
                    // Nothing is learnt from trying every minute in between.
                    bench.clock.advance(due.since(bench.clock.now()).max(Span::minutes(50)));
                }
            }
            assert!(bench.clock.now().since(begun) >= Span::hours(24));
            assert!(reason.as_ref().unwrap().starts_with("not taken for 24 hours, and tried no more: "), "{reason:?}");
            bench.clock.advance(Span::hours(2));
            let line = Line { cancel: tokio_util::sync::CancellationToken::new(), ..line };
            sends_until(&line, async || left(&connector).last().is_some_and(|text| text == "a2")).await;
        })
        .await;
    }
}
