//! Replies of which nobody knows whether they arrived, until the provider tells of them under the name that we gave them.

use std::sync::Arc;

use frontdesk::domain::delivery::Delivery;
use frontdesk::domain::id::{ConversationId, MessageId};
use frontdesk::domain::outbound::SendError;
use frontdesk::domain::time::Span;
use frontdesk::sync::Line;
use frontdesk::sync::compose::{self, Draft};
use tokio_util::sync::CancellationToken;

use crate::support::bench::{Bench, later, on_each_engine};
use crate::support::pushed::{Fact, Fake, PROVIDER, ingest, line, payload, said, sends_until};

/// A customer, and a reply of that many parts to them that waits to be sent.
async fn written(bench: &Bench, parts: usize) -> (ConversationId, MessageId) {
    ingest(bench, vec![payload(&[said(&["628"], 1, "is court 2 free?")])]).await;
    later(bench, Span::secs(5));
    let to = bench.list().await[0].id;
    let draft = Draft {
        client_key: "k".into(),
        conversation: to,
        text: "it is".repeat((parts * 4_096 - 2_048) / 5),
        reply_to: None,
        files: Vec::new(),
        delay: Some(Span::ZERO),
        at: None,
        template: None,
        spot: None,
    };
    (to, compose::send_on(&bench.store, &PROVIDER, bench.workspace, bench.agent, &draft).await.unwrap())
}

async fn state(bench: &Bench, (to, message): (ConversationId, MessageId)) -> Delivery {
    bench.thread(to).await.into_iter().find(|m| m.id == message).unwrap().delivery
}

async fn told(bench: &Bench, target: &str, key: &str, state: Delivery) {
    let fact = Fact::Named { target: target.into(), key: key.into(), state: state.name().into(), at: 7 };
    ingest(bench, vec![payload(&[fact])]).await;
}

/// Sends until the reply is in one of these states; what it was called.
async fn sent_until(bench: &Bench, connector: &Arc<Fake>, reply: (ConversationId, MessageId), wanted: Delivery) -> String {
    let line = Line { cancel: CancellationToken::new(), ..line(bench, connector) };
    sends_until(&line, async || state(bench, reply).await == wanted).await;
    connector.orders().last().map(|order| order.idempotency_key.clone()).unwrap_or_default()
}

#[tokio::test]
async fn an_uncertain_reply_is_sent_when_the_provider_tells_of_it_by_our_own_name_and_never_leaves_again() {
    on_each_engine(|bench| async move {
        let reply = written(&bench, 1).await;
        let connector = Fake::new();
        connector.refuses(SendError::Uncertain("no answer".to_owned()));
        let key = sent_until(&bench, &connector, reply, Delivery::Uncertain).await;
        told(&bench, "wamid.other", "712345678901234567.0.1", Delivery::Sent).await;
        assert_eq!(state(&bench, reply).await, Delivery::Uncertain, "another's name proves nothing");
        for _ in 0..2 {
            told(&bench, "wamid.1", &key, Delivery::Sent).await;
            assert_eq!(state(&bench, reply).await, Delivery::Sent);
        }
        assert_eq!(bench.list().await[0].mark, Some(Delivery::Sent));
        // From now on it is known by the provider's id.
        ingest(&bench, vec![payload(&[Fact::Receipt { target: "wamid.1".into(), state: "read".into(), at: 9 }])]).await;
        assert_eq!(state(&bench, reply).await, Delivery::Read);
        assert_eq!(bench.store.next_due(&bench.channel).await.unwrap(), None);
        assert_eq!((connector.orders().len(), bench.thread(reply.0).await.len()), (1, 2));
    })
    .await;
}

#[tokio::test]
async fn what_the_provider_tells_before_its_answer_is_given_up_is_not_lost() {
    on_each_engine(|bench| async move {
        let reply = written(&bench, 1).await;
        let claim = bench.store.claim(&bench.channel, Span::minutes(5), 1).await.unwrap().remove(0);
        told(&bench, "wamid.1", &format!("{}.0.{}", claim.id, claim.attempt), Delivery::Delivered).await;
        assert_eq!(state(&bench, reply).await, Delivery::Sending, "its own answer may still come");
        // The process dies; the next one settles what it left.
        let connector = Fake::new();
        sent_until(&bench, &connector, reply, Delivery::Delivered).await;
        assert!(connector.orders().is_empty());
    })
    .await;
}

#[tokio::test]
async fn the_parts_behind_one_that_was_proved_leave() {
    on_each_engine(|bench| async move {
        let reply = written(&bench, 3).await;
        let connector = Fake::new();
        connector.refuses(SendError::Uncertain("no answer".to_owned()));
        let key = sent_until(&bench, &connector, reply, Delivery::Uncertain).await;
        told(&bench, "wamid.1", &key, Delivery::Sent).await;
        sent_until(&bench, &connector, reply, Delivery::Sent).await;
        assert_eq!(connector.orders().len(), 3, "the first is not sent again");
    })
    .await;
}

#[tokio::test]
async fn news_of_an_attempt_before_the_agent_sent_it_again_prove_nothing_of_the_next() {
    on_each_engine(|bench| async move {
        let reply = written(&bench, 1).await;
        let connector = Fake::new();
        let no_answer = || connector.refuses(SendError::Uncertain("no answer".to_owned()));
        no_answer();
        let first = sent_until(&bench, &connector, reply, Delivery::Uncertain).await;
        bench.store.resend(bench.workspace, bench.agent, reply.1).await.unwrap();
        no_answer();
        let second = sent_until(&bench, &connector, reply, Delivery::Uncertain).await;
        told(&bench, "wamid.1", &first, Delivery::Read).await;
        assert_eq!(state(&bench, reply).await, Delivery::Uncertain);
        told(&bench, "wamid.2", &second, Delivery::Read).await;
        assert_eq!(state(&bench, reply).await, Delivery::Read);
    })
    .await;
}

#[tokio::test]
async fn an_uncertain_reply_that_the_provider_could_not_deliver_has_failed() {
    on_each_engine(|bench| async move {
        let reply = written(&bench, 1).await;
        let connector = Fake::new();
        connector.refuses(SendError::Uncertain("no answer".to_owned()));
        let key = sent_until(&bench, &connector, reply, Delivery::Uncertain).await;
        told(&bench, "wamid.1", &key, Delivery::Failed).await;
        assert_eq!(state(&bench, reply).await, Delivery::Failed);
    })
    .await;
}
