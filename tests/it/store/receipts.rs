//! What the provider tells of our messages: states only rise, each keeps its time, and a failure says what it says about more than one message.

use frontdesk::domain::channel::Health;
use frontdesk::domain::delivery::Delivery;
use frontdesk::domain::id::{ConversationId, MessageId};
use frontdesk::domain::outbound::{Action, OutFile, Part, SendError};
use frontdesk::domain::template::{Category, Given, fill};
use frontdesk::domain::time::{Clock, Span, Timestamp};
use frontdesk::domain::window;
use frontdesk::store::messages::Times;
use frontdesk::store::replies::NewReply;

use crate::support::bench::{Bench, NOON, later, on_each_engine};
use crate::support::pushed::{Fact, Fake, ingest, line, payload, said, sends_until, template};

const CLOSED: &str = "the reply window is closed: send a template (t) or wait until they write";

async fn come(bench: &Bench, facts: &[Fact]) {
    ingest(bench, vec![payload(facts)]).await;
}

fn receipt(state: Delivery, at: i64) -> Fact {
    Fact::Receipt { target: "out-1".into(), state: state.name().into(), at }
}

fn failed(target: &str, cause: &str, at: i64) -> Fact {
    Fact::Failed { target: target.into(), cause: cause.into(), at }
}

/// A customer, and a reply to them that the provider takes as `out-1`; it may carry a template to fall back on.
async fn replied(bench: &Bench, connector: &std::sync::Arc<Fake>, fallback: bool) -> (ConversationId, MessageId) {
    let (to, message) = queued(bench, fallback).await;
    let settled = async || !matches!(delivery(bench, to, message).await, Delivery::Queued | Delivery::Sending);
    sends_until(&line(bench, connector), settled).await;
    (to, message)
}

/// A customer, and a reply to them that waits to be sent.
async fn queued(bench: &Bench, fallback: bool) -> (ConversationId, MessageId) {
    come(bench, &[said(&["628"], 1, "is court 2 free?")]).await;
    later(bench, Span::secs(5));
    let to = bench.list().await[0].id;
    bench.store.put_templates(&bench.channel, &[template("court", Category::Utility)]).await.unwrap();
    let values = vec![("1".to_owned(), "Ana".to_owned()), ("2".to_owned(), "2".to_owned())];
    let filled = fill(&template("court", Category::Utility), &Given { values, ..Given::default() }).unwrap();
    let parts = [Part { text: "it is".into(), ..Part::default() }];
    let files: [OutFile; 0] = [];
    let reply = NewReply {
        client_key: "k",
        conversation: to,
        text: "it is",
        reply_to: None,
        parts: &parts,
        files: &files,
        due_at: bench.clock.now(),
        appointed: false,
        fallback: fallback.then_some(&filled),
        bulk: None,
    };
    (to, bench.store.queue_reply(bench.workspace, bench.agent, &reply).await.unwrap())
}

async fn delivery(bench: &Bench, to: ConversationId, message: MessageId) -> Delivery {
    bench.thread(to).await.into_iter().find(|m| m.id == message).unwrap().delivery
}

async fn times(bench: &Bench, message: MessageId) -> Times {
    bench.store.times(&mut bench.store.read().await.unwrap(), bench.workspace, message).await.unwrap()
}

fn noon(seconds: i64) -> Timestamp {
    NOON.plus(Span::secs(seconds))
}

#[tokio::test]
async fn t_11_receipts_in_any_order_end_in_the_highest_state_and_each_keeps_its_first_time() {
    use Delivery::{Delivered, Played, Read, Sent};
    on_each_engine(|bench| async move {
        let (to, message) = replied(&bench, &Fake::new(), false).await;
        come(&bench, &[receipt(Sent, 4), receipt(Read, 12), receipt(Delivered, 11), receipt(Delivered, 10), receipt(Read, 13)]).await;
        assert_eq!(delivery(&bench, to, message).await, Read);
        come(&bench, &[receipt(Played, 20), receipt(Sent, 30), failed("out-1", "Other", 31)]).await;
        assert_eq!(delivery(&bench, to, message).await, Played);
        let got = times(&bench, message).await;
        assert_eq!(
            (got.sent_at, got.delivered_at, got.read_at, got.played_at),
            (Some(noon(4)), Some(noon(10)), Some(noon(12)), Some(noon(20)))
        );
        assert_eq!(bench.list().await[0].mark, Some(Played));
    })
    .await;
}

#[tokio::test]
async fn a_reply_that_was_taken_and_not_delivered_asks_for_a_decision_until_it_arrives_after_all() {
    on_each_engine(|bench| async move {
        let connector = Fake::new();
        let (to, message) = replied(&bench, &connector, false).await;
        come(&bench, &[failed("out-1", "Other", 10)]).await;
        let reply = bench.thread(to).await.into_iter().find(|m| m.id == message).unwrap();
        assert_eq!((reply.delivery, reply.reason.as_str()), (Delivery::Failed, "(Other)"));
        assert_eq!(bench.list().await[0].mark, Some(Delivery::Failed));
        come(&bench, &[receipt(Delivery::Delivered, 12)]).await;
        assert_eq!(bench.list().await[0].mark, Some(Delivery::Delivered));
        assert!(bench.store.outbox(bench.workspace, 10).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_reply_sent_again_sends_only_the_parts_that_failed() {
    on_each_engine(|bench| async move {
        let connector = Fake::new();
        come(&bench, &[said(&["628"], 1, "is court 2 free?")]).await;
        later(&bench, Span::secs(5));
        let to = bench.list().await[0].id;
        let parts = ["one", "two", "three"].map(|text| Part { text: text.into(), ..Part::default() });
        let reply = NewReply {
            client_key: "k",
            conversation: to,
            text: "one two three",
            reply_to: None,
            parts: &parts,
            files: &[],
            due_at: bench.clock.now(),
            appointed: false,
            fallback: None,
            bulk: None,
        };
        let message = bench.store.queue_reply(bench.workspace, bench.agent, &reply).await.unwrap();
        sends_until(&line(&bench, &connector), async || delivery(&bench, to, message).await == Delivery::Sent).await;
        let arrived = Fact::Receipt { target: "out-2".into(), state: "delivered".into(), at: 11 };
        come(&bench, &[failed("out-1", "Other", 10), arrived, failed("out-3", "Other", 12)]).await;
        bench.store.resend(bench.workspace, bench.agent, message).await.unwrap();
        sends_until(&line(&bench, &connector), async || delivery(&bench, to, message).await == Delivery::Sent).await;
        let said: Vec<String> = connector
            .orders()
            .into_iter()
            .map(|order| match order.action {
                Action::Text { text, .. } => text,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(said, ["one", "two", "three", "one", "three"]);
    })
    .await;
}

#[tokio::test]
async fn a_failure_that_was_told_before_its_message_was_known_is_taken_up_after_a_crash() {
    on_each_engine(|bench| async move {
        let connector = Fake::new();
        come(&bench, &[failed("out-9", "Other", 10)]).await;
        let (to, message) = queued(&bench, false).await;
        let claim = bench.store.claim(&bench.channel, Span::minutes(25), 1).await.unwrap().remove(0);
        let claim = frontdesk::store::outbox::Claim { scope: String::new(), ..claim };
        // The process stops here: the id is written down, and nobody has looked for what waited for it.
        assert!(!bench.store.part_sent(&bench.channel, &claim, 0, Some("out-9")).await.unwrap());
        assert_eq!(delivery(&bench, to, message).await, Delivery::Sent);
        sends_until(&line(&bench, &connector), async || delivery(&bench, to, message).await == Delivery::Failed).await;
    })
    .await;
}

#[tokio::test]
async fn a_failure_of_the_first_attempt_that_is_told_again_does_not_fail_the_second() {
    on_each_engine(|bench| async move {
        let connector = Fake::new();
        let (to, message) = replied(&bench, &connector, false).await;
        come(&bench, &[failed("out-1", "Other", 10)]).await;
        bench.store.resend(bench.workspace, bench.agent, message).await.unwrap();
        sends_until(&line(&bench, &connector), async || delivery(&bench, to, message).await == Delivery::Sent).await;
        come(&bench, &[failed("out-1", "Other", 10)]).await;
        assert_eq!(delivery(&bench, to, message).await, Delivery::Sent);
        come(&bench, &[Fact::Receipt { target: "out-2".into(), state: "read".into(), at: 20 }]).await;
        assert_eq!(delivery(&bench, to, message).await, Delivery::Read);
        let orders = connector.orders();
        let [first, second] = [0, 1].map(|n| orders[n].idempotency_key.rsplit_once('.').unwrap());
        assert_eq!((first.0, first.1 != second.1), (second.0, true), "each attempt has a name of its own at the provider");
    })
    .await;
}

#[tokio::test]
async fn t_12_a_window_that_the_provider_says_is_closed_is_closed_until_they_write_again() {
    on_each_engine(|bench| async move {
        let (to, message) = replied(&bench, &Fake::new(), false).await;
        come(&bench, &[failed("out-1", "WindowClosed", 10)]).await;
        let reply = bench.thread(to).await.into_iter().find(|m| m.id == message).unwrap();
        assert_eq!((reply.delivery, reply.reason.as_str()), (Delivery::Failed, CLOSED));
        let open = async || matches!(bench.list().await[0].reply_window(bench.clock.now()), window::Window::Open(_));
        assert!(!open().await);
        come(&bench, &[said(&["628"], 20, "hello?")]).await;
        assert!(open().await);
        // The old news again: they have written since.
        come(&bench, &[failed("out-1", "WindowClosed", 10)]).await;
        assert!(open().await);
    })
    .await;
}

#[tokio::test]
async fn a_window_that_was_closed_by_a_clock_ahead_of_the_providers_opens_when_they_write() {
    on_each_engine(|bench| async move {
        let (to, message) = queued(&bench, false).await;
        // Our clock is three minutes ahead.
        later(&bench, Span::minutes(3));
        let connector = Fake::new();
        connector.refuses(SendError::WindowClosed("re-engagement message".into()));
        sends_until(&line(&bench, &connector), async || delivery(&bench, to, message).await == Delivery::Failed).await;
        let open = async || matches!(bench.list().await[0].reply_window(bench.clock.now()), window::Window::Open(_));
        assert!(!open().await);
        come(&bench, &[said(&["628"], 60, "hello?")]).await;
        assert!(open().await);
    })
    .await;
}

async fn falls_back(told: impl AsyncFn(&Bench, &Fake), refused: Option<SendError>) {
    on_each_engine(|bench| {
        let (told, refused) = (&told, refused.clone());
        async move {
            let connector = Fake::new();
            if let Some(error) = refused {
                connector.refuses(error);
            }
            let (to, message) = replied(&bench, &connector, true).await;
            told(&bench, &connector).await;
            sends_until(&line(&bench, &connector), async || {
                connector.orders().len() == 2 && delivery(&bench, to, message).await == Delivery::Sent
            })
            .await;
            let orders = connector.orders();
            assert!(matches!((&orders[0].action, &orders[1].action), (Action::Text { .. }, Action::Template(_))), "{orders:?}");
            let reply = bench.thread(to).await.into_iter().find(|m| m.id == message).unwrap();
            assert_eq!(reply.text, "Hello Ana, your court is 2", "the thread shows what they got");
            // Once: what fails again stays failed.
            come(&bench, &[failed("out-1", "WindowClosed", 10), failed("out-2", "WindowClosed", 11)]).await;
            assert_eq!(delivery(&bench, to, message).await, Delivery::Failed);
            later(&bench, Span::minutes(1));
            assert!(bench.store.claim(&bench.channel, Span::minutes(1), 10).await.unwrap().is_empty());
        }
    })
    .await;
}

#[tokio::test]
async fn t_12_a_reply_with_a_template_is_sent_again_as_that_once_when_a_receipt_says_the_window_is_closed() {
    falls_back(async |bench, _| come(bench, &[failed("out-1", "WindowClosed", 10)]).await, None).await;
}

#[tokio::test]
async fn t_12_a_reply_with_a_template_is_sent_again_as_that_once_when_it_is_refused_for_the_window() {
    falls_back(async |_, _| {}, Some(SendError::WindowClosed("re-engagement message".into()))).await;
}

#[tokio::test]
async fn a_customer_who_cannot_be_reached_is_marked_unless_they_have_written_since() {
    on_each_engine(|bench| async move {
        replied(&bench, &Fake::new(), false).await;
        come(&bench, &[failed("out-1", "Unreachable", 10)]).await;
        assert!(bench.list().await[0].unreachable);
        come(&bench, &[said(&["628"], 20, "here I am")]).await;
        assert!(!bench.list().await[0].unreachable);
        come(&bench, &[failed("out-1", "Unreachable", 10)]).await;
        assert!(!bench.list().await[0].unreachable);
    })
    .await;
}

#[tokio::test]
async fn an_account_that_may_not_send_is_shown_as_that_until_something_arrives_again() {
    on_each_engine(|bench| async move {
        let connector = Fake::new();
        replied(&bench, &connector, false).await;
        let line = line(&bench, &connector);
        line.status.answered(true).await;
        let shown = async || {
            let channel = bench.store.all_channels().await.unwrap().remove(0);
            (channel.health, channel.note)
        };
        let trouble = || (Health::NeedsAttention, "(Account)".to_owned());
        come(&bench, &[failed("out-1", "Account", 10)]).await;
        assert_eq!(shown().await, trouble());
        later(&bench, Span::minutes(11));
        line.status.answered(true).await;
        assert_eq!(shown().await, trouble(), "that the provider answers says nothing against it");
        come(&bench, &[receipt(Delivery::Sent, 9)]).await;
        assert_eq!(shown().await, trouble(), "it was sent before");
        come(&bench, &[receipt(Delivery::Delivered, 60)]).await;
        assert_eq!(shown().await, (Health::Up, String::new()));
        later(&bench, Span::hours(1));
        come(&bench, &[failed("out-1", "Account", 70)]).await;
        assert_eq!(shown().await.0, Health::Up, "news of an hour ago tell nothing of now");
    })
    .await;
}

#[tokio::test]
async fn a_customer_who_gets_no_more_advertising_for_now_gets_none_for_a_day() {
    on_each_engine(|bench| async move {
        let (to, _) = replied(&bench, &Fake::new(), false).await;
        come(&bench, &[failed("out-1", "Capped", 10)]).await;
        let recipient = bench.store.recipient(&mut bench.store.read().await.unwrap(), bench.workspace, to).await.unwrap();
        assert_eq!(recipient.capped_at, Some(noon(10)));
        let news = template("news", Category::Marketing);
        let values = vec![("1".to_owned(), "Ana".to_owned()), ("2".to_owned(), "2".to_owned())];
        let given = Given { values, ..Given::default() };
        let try_it = || frontdesk::sync::templates::filled(&bench.store, &news, &recipient, &given);
        assert!(try_it().unwrap_err().to_string().contains("Try again tomorrow"));
        later(&bench, Span::hours(25));
        try_it().unwrap();
    })
    .await;
}

#[tokio::test]
async fn t_14_a_customer_who_told_only_the_provider_that_they_want_no_advertising_gets_none() {
    on_each_engine(|bench| async move {
        let connector = Fake::new();
        let (to, reply) = replied(&bench, &connector, false).await;
        let wants = async || {
            let recipient = bench.store.recipient(&mut bench.store.read().await.unwrap(), bench.workspace, to).await.unwrap();
            recipient.opted_out_at.is_none()
        };
        assert!(wants().await);
        for _ in 0..2 {
            come(&bench, &[failed("out-1", "OptedOut", 10)]).await;
            assert!(!wants().await);
            let thread = bench.thread(to).await;
            assert_eq!(thread.iter().filter(|line| line.text.starts_with("They want no advertising")).count(), 1);
            let refused = thread.iter().find(|message| message.id == reply).unwrap();
            assert_eq!((refused.delivery, refused.reason.as_str()), (Delivery::Failed, frontdesk::domain::optout::REASON));
        }
    })
    .await;
}

#[tokio::test]
async fn t_14_a_message_that_is_refused_at_once_for_the_customers_wish_notes_the_wish() {
    on_each_engine(|bench| async move {
        let connector = Fake::new();
        connector.refuses(frontdesk::domain::outbound::SendError::OptedOut("they want none".to_owned()));
        let (to, reply) = replied(&bench, &connector, false).await;
        let recipient = bench.store.recipient(&mut bench.store.read().await.unwrap(), bench.workspace, to).await.unwrap();
        assert!(recipient.opted_out_at.is_some());
        let thread = bench.thread(to).await;
        assert!(thread.iter().any(|line| line.text.starts_with("They want no advertising")));
        let refused = thread.iter().find(|message| message.id == reply).unwrap();
        assert_eq!((refused.delivery, refused.reason.as_str()), (Delivery::Failed, frontdesk::domain::optout::REASON));
    })
    .await;
}
