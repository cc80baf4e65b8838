//! Messages made from templates and places on the map: checked before they are queued, sent as what they are.

use frontdesk::domain::delivery::Delivery;
use frontdesk::domain::hint::Hint;
use frontdesk::domain::id::{ConversationId, MessageId};
use frontdesk::domain::message::Kind;
use frontdesk::domain::outbound::{Action, Order, Special, Spot};
use frontdesk::domain::template::{Category, Given, Status};
use frontdesk::domain::time::{Clock, Span};
use frontdesk::store::Result;
use frontdesk::store::channels::Standing;
use frontdesk::store::feeding::Manner;
use frontdesk::sync::compose::{self, Draft, TemplateDraft};
use frontdesk::sync::templates;

use crate::support::bench::{Bench, item, later, message, on_each_engine, telegram};
use crate::support::pushed::{DAY, Fake, PROVIDER, line, sends_until, template};

async fn customer(bench: &Bench) -> ConversationId {
    let mut hello = message("7", 1, "hi");
    hello.chat.window = Some(DAY);
    bench.ingest(vec![item("hello", vec![frontdesk::domain::inbound::Inbound::Message(Box::new(hello))])]).await;
    bench.list().await[0].id
}

fn draft(to: ConversationId, key: &str) -> Draft {
    Draft {
        client_key: key.to_owned(),
        conversation: to,
        text: String::new(),
        reply_to: None,
        files: Vec::new(),
        delay: None,
        at: None,
        template: None,
        spot: None,
    }
}

fn chosen(name: &str, values: &[(&str, &str)]) -> TemplateDraft {
    let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    TemplateDraft { name: name.to_owned(), language: String::new(), given: Given { values, ..Given::default() } }
}

async fn send(bench: &Bench, draft: &Draft) -> Result<MessageId> {
    compose::send_on(&bench.store, &PROVIDER, bench.workspace, bench.agent, draft).await
}

#[tokio::test]
async fn a_template_leaves_through_a_closed_window_with_its_words_as_the_customer_reads_them() {
    on_each_engine(|bench| async move {
        let to = customer(&bench).await;
        bench.store.put_templates(&bench.channel, &[template("court", Category::Utility)]).await.unwrap();
        bench.store.save_draft(bench.workspace, bench.agent, to, "reply", "half a thought").await.unwrap();
        later(&bench, Span::hours(25));
        let refused = send(&bench, &Draft { text: "free text".into(), ..draft(to, "a") }).await.unwrap_err().to_string();
        assert!(refused.contains("send a template (t)"), "{refused}");
        let message =
            send(&bench, &Draft { template: Some(chosen("court", &[("1", "Ana"), ("2", "4")])), ..draft(to, "b") }).await.unwrap();
        let row = &bench.list().await[0];
        assert_eq!((row.preview.as_str(), row.draft.as_deref()), ("Hello Ana, your court is 4", Some("half a thought")));
        let parts = bench.store.claimed_parts(&bench.channel, message).await.unwrap();
        let Some(Special::Template(filled)) = &parts[0].special else { panic!("{parts:?}") };
        assert_eq!((filled.name.as_str(), filled.language.as_str(), filled.values.len()), ("court", "en", 2));
    })
    .await;
}

#[tokio::test]
async fn what_the_provider_would_refuse_is_refused_here_with_the_reason() {
    on_each_engine(|bench| async move {
        let to = customer(&bench).await;
        let court = template("court", Category::Utility);
        let paused = frontdesk::domain::template::Template { status: Status::Paused, ..template("news", Category::Marketing) };
        let in_indonesian = frontdesk::domain::template::Template { language: "id".into(), ..court.clone() };
        bench.store.put_templates(&bench.channel, &[court, paused]).await.unwrap();
        let check = async |name: &str, values: &[(&str, &str)], want: &str| {
            let refused = send(&bench, &Draft { template: Some(chosen(name, values)), ..draft(to, "k") }).await.unwrap_err().to_string();
            assert!(refused.contains(want), "{refused}");
        };
        check("court", &[("1", "Ana")], "2 is missing").await;
        check("court", &[("1", "Ana"), ("2", "b"), ("3", "c")], "no place for 3").await;
        check("news", &[("1", "Ana"), ("2", "b")], "paused").await;
        check("curt", &[], "this channel has court, news").await;
        bench.store.put_templates(&bench.channel, &[template("court", Category::Utility), in_indonesian]).await.unwrap();
        check("court", &[("1", "Ana"), ("2", "b")], "in en, id").await;
        let telegram = telegram().provider;
        let on_telegram = Draft { template: Some(chosen("court", &[])), ..draft(to, "k") };
        let refused = compose::send_on(&bench.store, telegram, bench.workspace, bench.agent, &on_telegram).await.unwrap_err();
        assert!(refused.to_string().contains("has no templates"), "{refused}");
        assert_eq!(bench.thread(to).await.len(), 1, "nothing was queued");
    })
    .await;
}

#[tokio::test]
async fn a_template_that_the_provider_no_longer_has_is_disabled_and_comes_back_with_it() {
    on_each_engine(|bench| async move {
        let connector = Fake::new();
        connector.templates.lock().unwrap().extend([template("a", Category::Utility), template("b", Category::Utility)]);
        let pull = async || templates::pull(&bench.store, &bench.channel, connector.as_ref()).await.unwrap();
        let states = async || {
            let mut conn = bench.store.read().await.unwrap();
            let known = bench.store.templates(&mut conn, bench.workspace, bench.channel.id).await.unwrap();
            assert!(known.iter().all(|template| template.seen_at == bench.clock.now()));
            known.into_iter().map(|template| (template.name, template.status)).collect::<Vec<_>>()
        };
        assert_eq!(pull().await, Some(2));
        assert_eq!(states().await, [("a".into(), Status::Approved), ("b".into(), Status::Approved)]);
        let first = connector.templates.lock().unwrap().remove(0);
        later(&bench, Span::hours(6));
        pull().await;
        assert_eq!(states().await, [("a".into(), Status::Disabled), ("b".into(), Status::Approved)]);
        connector.templates.lock().unwrap().push(first);
        pull().await;
        assert_eq!(states().await, [("a".into(), Status::Approved), ("b".into(), Status::Approved)]);
        let other = bench.store.ensure_workspace("other").await.unwrap();
        let mut conn = bench.store.read().await.unwrap();
        assert!(bench.store.templates(&mut conn, other, bench.channel.id).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_place_on_the_map_is_a_message_of_its_own_kind_and_one_that_is_nowhere_is_refused() {
    on_each_engine(|bench| async move {
        let to = customer(&bench).await;
        let spot = Spot { latitude: -8.65, longitude: 115.13, name: "Harbour Courts".into(), address: "Jalan Pantai 1".into() };
        let message = send(&bench, &Draft { spot: Some(spot.clone()), ..draft(to, "a") }).await.unwrap();
        let thread = bench.thread(to).await;
        let shown = thread.iter().find(|m| m.id == message).unwrap();
        assert_eq!((shown.kind, shown.text.as_str()), (Kind::Location, "[location] Harbour Courts, Jalan Pantai 1 (-8.65, 115.13)"));
        let parts = bench.store.claimed_parts(&bench.channel, message).await.unwrap();
        assert_eq!(parts[0].special, Some(Special::Location(spot.clone())));
        let nowhere = Draft { spot: Some(Spot { latitude: 91.0, ..spot.clone() }), ..draft(to, "b") };
        assert!(send(&bench, &nowhere).await.unwrap_err().to_string().contains("no place on the map"));
        later(&bench, Span::hours(25));
        let late = Draft { spot: Some(spot), ..draft(to, "c") };
        assert!(send(&bench, &late).await.unwrap_err().to_string().contains("reply window closed"));
    })
    .await;
}

#[tokio::test]
async fn words_that_wait_behind_a_closed_window_fail_and_say_what_to_do_and_a_template_leaves() {
    on_each_engine(|bench| async move {
        let to = customer(&bench).await;
        bench.store.put_templates(&bench.channel, &[template("court", Category::Utility)]).await.unwrap();
        let words = send(&bench, &Draft { text: "free text".into(), ..draft(to, "a") }).await.unwrap();
        let court = Draft { template: Some(chosen("court", &[("1", "Ana"), ("2", "4")])), ..draft(to, "b") };
        let court = send(&bench, &court).await.unwrap();
        later(&bench, Span::hours(25));
        let connector = Fake::new();
        let line = line(&bench, &connector);
        let state = async |id| bench.thread(to).await.into_iter().find(|m| m.id == id).unwrap();
        sends_until(&line, async || state(court).await.delivery == Delivery::Sent).await;
        let failed = state(words).await;
        assert_eq!(failed.delivery, Delivery::Failed);
        assert_eq!(failed.reason, "the reply window is closed: send a template (t) or wait until they write");
        let orders = connector.orders();
        assert!(matches!(orders.as_slice(), [Order { action: Action::Template(_), .. }]), "{orders:?}");
    })
    .await;
}

#[tokio::test]
async fn m_05_a_template_to_one_person_counts_for_the_portfolios_limit_and_a_second_to_them_does_not() {
    on_each_engine(|bench| async move {
        let to = customer(&bench).await;
        let court = template("court", Category::Utility);
        bench.store.put_templates(&bench.channel, std::slice::from_ref(&court)).await.unwrap();
        let standing = Standing { expires_at: None, reach: Some(10), portfolio: "ours".into() };
        bench.store.set_standing(bench.workspace, bench.channel.id, &standing).await.unwrap();
        let room = async || {
            let mut conn = bench.store.read().await.unwrap();
            bench.store.forecast(&mut conn, &bench.channel, &court, &[], Manner::default()).await.unwrap().room
        };
        let sent = async |key: &str| {
            let draft = Draft { template: Some(chosen("court", &[("1", "Ana"), ("2", "4")])), delay: Some(Span::ZERO), ..draft(to, key) };
            let message = send(&bench, &draft).await.unwrap();
            let state = async || bench.thread(to).await.into_iter().find(|m| m.id == message).unwrap().delivery;
            sends_until(&line(&bench, &Fake::new()), async || state().await == Delivery::Sent).await;
            room().await
        };
        assert_eq!(sent("open").await, Some(10), "within their window it costs nothing");
        later(&bench, Span::hours(25));
        assert_eq!(sent("closed").await, Some(9));
        assert_eq!(sent("again").await, Some(9));
        later(&bench, Span::hours(25));
        assert_eq!(room().await, Some(10));
    })
    .await;
}

#[tokio::test]
async fn a_channels_templates_are_fetched_at_the_start_and_when_six_hours_have_passed() {
    on_each_engine(|bench| async move {
        let connector = Fake::new();
        connector.templates.lock().unwrap().push(template("a", Category::Utility));
        let names = async || {
            let mut conn = bench.store.read().await.unwrap();
            let known = bench.store.templates(&mut conn, bench.workspace, bench.channel.id).await.unwrap();
            known.into_iter().map(|template| template.name).collect::<Vec<_>>()
        };
        let line = line(&bench, &connector);
        let cancel = line.cancel.clone();
        let pulling = tokio::spawn(async move { templates::run(&line).await });
        let known = async |wanted: &[&str]| {
            let come_true = async {
                while names().await != wanted {
                    // What sleeps looks at the clock again when something is told.
                    bench.store.tell(Hint::Status);
                    tokio::task::yield_now().await;
                }
            };
            tokio::time::timeout(std::time::Duration::from_secs(20), come_true).await.expect("they were never fetched");
        };
        known(&["a"]).await;
        connector.templates.lock().unwrap().push(template("b", Category::Utility));
        later(&bench, Span::hours(6));
        known(&["a", "b"]).await;
        cancel.cancel();
        pulling.await.unwrap();
    })
    .await;
}
