//! What customers and providers want besides messages: no advertising, to be shown that we have read, templates kept up to date.

use frontdesk::domain::act::{Act, Step};
use frontdesk::domain::delivery::Delivery;
use frontdesk::domain::id::ConversationId;
use frontdesk::domain::inbound::Chat;
use frontdesk::domain::message::Direction;
use frontdesk::domain::outbound::{Action, SendError};
use frontdesk::domain::template::{Category, Given};
use frontdesk::domain::time::Span;
use frontdesk::domain::window::Window;
use frontdesk::store::Result;
use frontdesk::sync::compose::{self, Draft, TemplateDraft};
use frontdesk::sync::{Line, templates};

use crate::support::bench::{Bench, later, on_each_engine};
use crate::support::pushed::{DAY, Fact, Fake, PROVIDER, ingest, line, payload, said, sends_until, template};

async fn come(bench: &Bench, fact: Fact) {
    ingest(bench, vec![payload(&[fact])]).await;
}

async fn send(bench: &Bench, to: ConversationId, name: &str, text: &str) -> Result<frontdesk::domain::id::MessageId> {
    let values = vec![("1".to_owned(), "Ana".to_owned()), ("2".to_owned(), "4".to_owned())];
    let chosen = TemplateDraft { name: name.into(), language: String::new(), given: Given { values, ..Given::default() } };
    let draft = Draft {
        client_key: format!("{name}{text}"),
        conversation: to,
        text: text.into(),
        reply_to: None,
        files: Vec::new(),
        delay: Some(Span::ZERO),
        at: None,
        template: (!name.is_empty()).then_some(chosen),
        spot: None,
    };
    compose::send_on(&bench.store, &PROVIDER, bench.workspace, bench.agent, &draft).await
}

async fn with_templates(bench: &Bench) -> ConversationId {
    let both = [template("court", Category::Utility), template("news", Category::Marketing)];
    bench.store.put_templates(&bench.channel, &both).await.unwrap();
    come(bench, said(&["628"], 1, "is court 2 free?")).await;
    later(bench, Span::minutes(5));
    bench.list().await[0].id
}

#[tokio::test]
async fn t_14_whoever_writes_stop_gets_no_advertising_and_no_answer_by_itself_and_everything_else() {
    on_each_engine(|bench| async move {
        let to = with_templates(&bench).await;
        for stop in ["BERHENTI", "stop"] {
            come(&bench, said(&["628"], 2 + i64::from(stop == "stop"), stop)).await;
        }
        let thread = bench.thread(to).await;
        let lines = thread.iter().filter(|m| m.direction == Direction::System && m.text.contains("no advertising")).count();
        assert_eq!((lines, thread.len()), (2, 5), "a line in the thread, and no answer");
        let refused = send(&bench, to, "news", "").await.unwrap_err().to_string();
        assert!(refused.contains("wants no advertising"), "{refused}");
        send(&bench, to, "court", "").await.unwrap();
        send(&bench, to, "", "certainly").await.unwrap();
        come(&bench, said(&["628"], 10, "Mulai")).await;
        send(&bench, to, "news", "").await.unwrap();
        // What was said before that comes late.
        come(&bench, said(&["628"], 9, "stop")).await;
        let recipient = bench.store.recipient(&mut bench.store.read().await.unwrap(), bench.workspace, to).await.unwrap();
        assert_eq!(recipient.opted_out_at, None);
        come(&bench, Fact::Wish { chat: vec!["628".into()], wanted: false, at: 11 }).await;
        assert!(send(&bench, to, "news", "again").await.is_err());
    })
    .await;
}

#[tokio::test]
async fn the_wish_of_an_address_is_kept_when_its_thread_becomes_part_of_another() {
    on_each_engine(|bench| async move {
        let to = with_templates(&bench).await;
        come(&bench, said(&["629"], 20, "STOP")).await;
        let mut tx = bench.store.begin().await.unwrap();
        bench.store.move_chat(&mut tx, &bench.channel, "628", "629").await.unwrap();
        bench.store.commit(tx).await.unwrap();
        assert!(send(&bench, to, "news", "").await.unwrap_err().to_string().contains("wants no advertising"));
    })
    .await;
}

#[tokio::test]
async fn a_customer_whose_number_changes_keeps_what_the_provider_said_of_the_chat_and_what_asks_for_a_decision() {
    on_each_engine(|bench| async move {
        with_templates(&bench).await;
        come(&bench, said(&["629"], 20, "hello?")).await;
        later(&bench, Span::minutes(1));
        let young = bench.list().await[0].id;
        send(&bench, young, "", "certainly").await.unwrap();
        let connector = Fake::new();
        connector.refuses(SendError::WindowClosed("re-engagement message".into()));
        sends_until(&line(&bench, &connector), async || bench.list().await[0].mark == Some(Delivery::Failed)).await;
        // What tells that the number changed comes late.
        let mut tx = bench.store.begin().await.unwrap();
        bench.store.move_chat(&mut tx, &bench.channel, "628", "629").await.unwrap();
        bench.store.commit(tx).await.unwrap();
        let rows = bench.list().await;
        assert_eq!((rows.len(), rows[0].mark), (1, Some(Delivery::Failed)), "the reply still asks for a decision");
        assert!(matches!(rows[0].reply_window(bench.store.now()), Window::Closed(_)), "{rows:?}");
    })
    .await;
}

#[tokio::test]
async fn somebody_who_never_wrote_and_was_not_reached_can_be_sent_a_template_again() {
    on_each_engine(|bench| async move {
        with_templates(&bench).await;
        let chat = Chat { key: "6281".into(), wide: true, window: Some(DAY), ..Chat::default() };
        let to = bench.store.begin_chat(&bench.channel, &chat).await.unwrap();
        let connector = Fake::new();
        let (first, second) = (send(&bench, to, "court", "").await.unwrap(), send(&bench, to, "court", "2").await.unwrap());
        let state = async |id| bench.thread(to).await.into_iter().find(|m| m.id == id).unwrap().delivery;
        connector.refuses(SendError::Unreachable("not on WhatsApp".into()));
        sends_until(&line(&bench, &connector), async || state(first).await == Delivery::Failed && state(second).await == Delivery::Sent)
            .await;
        come(&bench, Fact::Failed { target: "out-2".into(), cause: "Unreachable".into(), at: 600 }).await;
        assert_eq!(state(second).await, Delivery::Failed);
        send(&bench, to, "court", "3").await.expect("neither says that nothing ever reaches them");
    })
    .await;
}

#[tokio::test]
async fn m_03_advertising_that_was_queued_before_they_said_stop_does_not_leave() {
    on_each_engine(|bench| async move {
        let to = with_templates(&bench).await;
        let news = send(&bench, to, "news", "").await.unwrap();
        let court = send(&bench, to, "court", "").await.unwrap();
        come(&bench, said(&["628"], 20, "STOP")).await;
        let connector = Fake::new();
        let find = async |id| bench.thread(to).await.into_iter().find(|m| m.id == id).unwrap();
        sends_until(&line(&bench, &connector), async || find(court).await.delivery == Delivery::Sent).await;
        let news = find(news).await;
        assert_eq!((news.delivery, news.reason.as_str()), (Delivery::Failed, "the customer wants no advertising"));
        assert_eq!(connector.orders().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn the_customer_is_shown_once_that_we_have_read_and_that_it_failed_is_shown_to_nobody() {
    on_each_engine(|bench| async move {
        let to = with_templates(&bench).await;
        let read = async || bench.store.act(bench.workspace, bench.agent, &[Step::new(to, Act::Unread(0))]).await.unwrap();
        read().await;
        assert!(bench.store.outbox(bench.workspace, 10).await.unwrap().is_empty(), "this channel does not want it");
        bench.store.set_reads(&bench.channel, true).await.unwrap();
        come(&bench, said(&["628"], 2, "hello?")).await;
        read().await;
        send(&bench, to, "", "certainly").await.unwrap();
        let connector = Fake::new();
        connector.refuses(SendError::Refused("no".into()));
        let base = line(&bench, &connector);
        sends_until(&base, async || bench.list().await[0].mark == Some(Delivery::Sent)).await;
        let actions: Vec<Action> = connector.orders().into_iter().map(|order| order.action).collect();
        let [Action::Read { target }, Action::Text { .. }] = actions.as_slice() else { panic!("{actions:?}") };
        assert_eq!(target, "m2");
        assert!(bench.store.outbox(bench.workspace, 10).await.unwrap().is_empty());
        // An answer says as well that we have read.
        come(&bench, said(&["628"], 3, "thanks")).await;
        send(&bench, to, "", "any time").await.unwrap();
        let line = Line { cancel: tokio_util::sync::CancellationToken::new(), ..base };
        sends_until(&line, async || connector.orders().len() == 4).await;
        assert!(matches!(&connector.orders()[2].action, Action::Read { target } if target == "m3"));
    })
    .await;
}

#[tokio::test]
async fn templates_are_fetched_at_the_start_when_the_provider_says_so_and_when_somebody_wants_them() {
    on_each_engine(|bench| async move {
        let connector = Fake::new();
        let line = line(&bench, &connector);
        let running = line.clone();
        let task = tokio::spawn(async move { templates::run(&running).await });
        let known = async || {
            let mut conn = bench.store.read().await.unwrap();
            bench.store.templates(&mut conn, bench.workspace, bench.channel.id).await.unwrap().len()
        };
        let fetched = async |want: usize| {
            let come_true = async {
                while bench.store.templates_at(&bench.channel).await.unwrap().is_none() || known().await != want {
                    tokio::task::yield_now().await;
                }
            };
            tokio::time::timeout(std::time::Duration::from_mins(1), come_true).await.expect("the templates did not come");
        };
        fetched(0).await;
        connector.templates.lock().unwrap().push(template("a", Category::Utility));
        come(&bench, Fact::TemplatesChanged).await;
        fetched(1).await;
        connector.templates.lock().unwrap().push(template("b", Category::Utility));
        compose::refresh_templates(&bench.store, bench.workspace, bench.channel.id).await.unwrap();
        fetched(2).await;
        line.cancel.cancel();
        task.await.unwrap();
    })
    .await;
}
