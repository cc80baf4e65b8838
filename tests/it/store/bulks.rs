//! One template to many people: each once, whatever happens meanwhile.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use frontdesk::channel::{Account, Connector, FetchError, ReceiveError};
use frontdesk::domain::bulk::{Counts, Fate, Left, Limit, Person, State};
use frontdesk::domain::id::{BulkId, ConversationId};
use frontdesk::domain::inbound::{Batch, Chat};
use frontdesk::domain::outbound::{Accepted, Action, Order, SendError};
use frontdesk::domain::template::{Category, Given, Status, Template};
use frontdesk::domain::time::{Clock, Span};
use frontdesk::store::Value;
use frontdesk::store::bulks::NewBulk;
use frontdesk::store::channels::{Channel, NewChannel};
use frontdesk::sync::{Line, bulk, outbox};
use futures_util::future::BoxFuture;
use tokio::task::JoinSet;

use crate::support::bench::{Bench, on_each_engine, said};
use crate::support::pushed::{self, Fake, template};

/// What a provider answers to a message for somebody.
type Answer = fn(&str) -> Option<SendError>;

/// A provider that counts what reaches whom.
struct Counting {
    answer: Answer,
    got: Mutex<BTreeMap<String, Vec<String>>>,
}

impl Counting {
    fn new(answer: Answer) -> Arc<Self> {
        Arc::new(Self { answer, got: Mutex::default() })
    }

    fn take(&self, order: &Order) -> Accepted {
        let Action::Template(filled) = &order.action else { panic!("only templates leave here: {order:?}") };
        let mut got = self.got.lock().unwrap();
        got.entry(order.chat.clone()).or_default().push(filled.values[0].1.clone());
        Accepted { external_id: Some(order.idempotency_key.clone()), at: None }
    }

    /// How many messages reached how many people.
    fn reached(&self) -> (usize, usize) {
        let got = self.got.lock().unwrap();
        (got.values().map(Vec::len).sum(), got.len())
    }

    fn names(&self) -> Vec<String> {
        self.got.lock().unwrap().keys().cloned().collect()
    }
}

impl Connector for Counting {
    fn check(&self) -> BoxFuture<'_, Result<Account, ReceiveError>> {
        Box::pin(std::future::ready(Ok(Account::default())))
    }

    fn receive<'a>(&'a self, _cursor: Option<&'a str>, _patience: Span) -> BoxFuture<'a, Result<Batch, ReceiveError>> {
        Box::pin(std::future::pending())
    }

    fn send<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, Result<Accepted, SendError>> {
        let answer = (self.answer)(&order.chat).map_or_else(|| Ok(self.take(order)), Err);
        Box::pin(async move {
            tokio::task::yield_now().await;
            answer
        })
    }

    fn fetch<'a>(&'a self, _reference: &'a str, _into: &'a Path, _limit: u64) -> BoxFuture<'a, Result<(), FetchError>> {
        Box::pin(std::future::ready(Err(FetchError::Gone("there are no files".to_owned()))))
    }
}

fn offer() -> Template {
    template("offer", Category::Marketing)
}

fn person(n: u32) -> Person {
    let values = vec![("1".to_owned(), format!("Customer {n}")), ("2".to_owned(), "free".to_owned())];
    Person { key: format!("62812{n:06}"), name: format!("Customer {n}"), given: Given { values, ..Given::default() } }
}

fn people(number: u32) -> Vec<Person> {
    (0..number).map(person).collect()
}

async fn start(bench: &Bench, channel: &Channel, template: &Template, people: &[Person], limit: Limit) -> BulkId {
    let new = NewBulk { channel: channel.id, name: "Friday", template, limit, people, left: &[] };
    bench.store.start_bulk(bench.workspace, bench.agent, &new).await.unwrap()
}

async fn begun(bench: &Bench, number: u32) -> BulkId {
    start(bench, &bench.channel, &offer(), &people(number), Limit::Percent(10)).await
}

async fn counts(bench: &Bench, id: BulkId) -> Counts {
    bench.store.bulk_counts(&mut bench.store.read().await.unwrap(), bench.workspace, id).await.unwrap()
}

async fn state(bench: &Bench, id: BulkId) -> (State, String) {
    let bulk = bench.store.bulk(&mut bench.store.read().await.unwrap(), bench.workspace, id).await.unwrap();
    (bulk.state, bulk.reason)
}

fn line(bench: &Bench, channel: &Channel, connector: Arc<dyn Connector>) -> Line {
    Line { connector, channel: channel.clone(), ..pushed::line(bench, &Fake::new()) }
}

/// What a process runs for a channel; ends with the set.
fn run(line: &Line) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    let (one, two) = (line.clone(), line.clone());
    tasks.spawn(async move { outbox::run(&one).await });
    tasks.spawn(async move { bulk::run(&two).await });
    tasks
}

/// Waits until a fact holds; told by whatever changes.
async fn until(bench: &Bench, what: &str, fact: impl AsyncFn() -> bool) {
    let mut changes = bench.store.changes();
    let come_true = async {
        while !fact().await {
            // A hint that was missed is no matter: it is looked again.
            let _ = tokio::time::timeout(Duration::from_millis(100), changes.recv()).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(4), come_true).await.unwrap_or_else(|_| panic!("it never came true: {what}"));
}

async fn runs_until(bench: &Bench, line: &Line, what: &str, fact: impl AsyncFn() -> bool) {
    let mut tasks = run(line);
    until(bench, what, fact).await;
    line.cancel.cancel();
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
}

async fn runs_to_its_end(bench: &Bench, line: &Line, id: BulkId) {
    runs_until(bench, line, "done", async || state(bench, id).await.0 == State::Done).await;
}

async fn sql(bench: &Bench, sql: &'static str, values: &[Value<'_>]) {
    let mut tx = bench.store.begin().await.unwrap();
    tx.run(sql, values).await.unwrap();
    bench.store.commit(tx).await.unwrap();
}

/// Half is sent, the process dies in the middle of its work, another goes on.
async fn dies_and_goes_on(bench: &Bench, number: u32, dies_at: usize) {
    let id = begun(bench, number).await;
    let provider = Counting::new(|_| None);
    let mut tasks = run(&line(bench, &bench.channel, provider.clone()));
    until(bench, "enough were sent", async || provider.reached().0 >= dies_at).await;
    tasks.abort_all();
    while tasks.join_next().await.is_some() {}
    runs_to_its_end(bench, &line(bench, &bench.channel, provider.clone()), id).await;
    nobody_twice_and_nobody_forgotten(bench, id, &provider, number).await;
    let uncertain = counts(bench, id).await.of(Fate::Uncertain);
    assert!(uncertain <= 8, "only what was on its way, not {uncertain}");
}

/// Everybody got it once. Of those on their way when a process died nobody knows it: they are uncertain, and never tried again.
async fn nobody_twice_and_nobody_forgotten(bench: &Bench, id: BulkId, provider: &Counting, number: u32) {
    let (messages, people) = provider.reached();
    assert_eq!(messages, people, "nobody twice");
    let rows = bench.store.bulk_people(&mut bench.store.read().await.unwrap(), bench.workspace, id, 0, 20_000).await.unwrap();
    assert_eq!(rows.len(), number as usize);
    let reached: std::collections::BTreeSet<String> = provider.names().into_iter().collect();
    for row in rows {
        match row.fate {
            Fate::Sent => assert!(reached.contains(&row.key), "{} was said to have it", row.key),
            Fate::Uncertain => {}
            other => panic!("{} is {}", row.key, other.name()),
        }
    }
}

#[tokio::test]
async fn m_01_ten_thousand_get_it_once_though_the_process_dies_at_four_thousand() {
    dies_and_goes_on(&Bench::open(None).await, 10_000, 4_000).await;
}

#[tokio::test]
async fn m_01_a_process_that_dies_again_and_again_doubles_and_forgets_nobody() {
    on_each_engine(|bench| async move {
        let id = begun(&bench, 200).await;
        let provider = Counting::new(|_| None);
        let mut round = 0;
        while provider.reached().0 < 120 {
            round += 1;
            let mut tasks = run(&line(&bench, &bench.channel, provider.clone()));
            let enough = provider.reached().0 + 3 * round % 17 + 1;
            until(&bench, "some more were sent", async || provider.reached().0 >= enough.min(120)).await;
            tasks.abort_all();
            while tasks.join_next().await.is_some() {}
            // Whoever decides that what is uncertain arrived is right here; so many would pause it.
            sql(&bench, "UPDATE bulks SET most_errors = 1000000", &[]).await;
        }
        runs_to_its_end(&bench, &line(&bench, &bench.channel, provider.clone()), id).await;
        nobody_twice_and_nobody_forgotten(&bench, id, &provider, 200).await;
    })
    .await;
}

#[tokio::test]
async fn m_02_somebody_on_the_list_three_times_gets_one_message() {
    on_each_engine(|bench| async move {
        let list = [person(1), person(2), person(1), person(1)];
        let id = start(&bench, &bench.channel, &offer(), &list, Limit::Count(0)).await;
        let provider = Counting::new(|_| None);
        runs_to_its_end(&bench, &line(&bench, &bench.channel, provider.clone()), id).await;
        assert_eq!(provider.reached(), (2, 2));
    })
    .await;
}

#[tokio::test]
async fn m_02_two_numbers_of_one_person_are_one_person() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![said(&person(1).key, 1, "hi")]).await;
        let other = "INSERT INTO identity_keys (workspace_id, channel_id, chat_key, identity_id) SELECT workspace_id, channel_id, $1, identity_id FROM identity_keys";
        sql(&bench, other, &[Value::Text(&person(2).key)]).await;
        let id = begun(&bench, 3).await;
        let provider = Counting::new(|_| None);
        runs_to_its_end(&bench, &line(&bench, &bench.channel, provider.clone()), id).await;
        assert_eq!(provider.reached(), (2, 2));
        let people = bench.store.bulk_people(&mut bench.store.read().await.unwrap(), bench.workspace, id, 0, 10).await.unwrap();
        assert_eq!((people[2].fate, people[2].reason.as_str()), (Fate::Skipped, "on the list under another number as well"));
    })
    .await;
}

#[tokio::test]
async fn m_03_who_unsubscribes_before_their_turn_is_skipped_also_from_the_outbox() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![said(&person(0).key, 1, "hi"), said(&person(30).key, 2, "hi")]).await;
        let id = begun(&bench, 40).await;
        let running = &bench.store.live_bulks(&bench.channel).await.unwrap()[0];
        let manner = bulk::manner(pushed::PROVIDER.capabilities);
        assert_eq!(bench.store.feed(&bench.channel, running, 20, manner).await.unwrap().queued, 20);
        // The first waits in the outbox, the other has not been taken there.
        let mut tx = bench.store.begin().await.unwrap();
        for number in [0, 30] {
            let place = bench
                .store
                .find_place(&mut tx, &bench.channel, &Chat { key: person(number).key, ..Chat::default() })
                .await
                .unwrap()
                .unwrap();
            let values = [Value::Int(bench.clock.now().0), Value::Int(place.identity.0)];
            tx.run("UPDATE identities SET opted_out_at = $1 WHERE id = $2", &values).await.unwrap();
            bench.store.withdraw(&mut tx, &bench.channel, place.identity).await.unwrap();
        }
        bench.store.commit(tx).await.unwrap();
        let provider = Counting::new(|_| None);
        runs_to_its_end(&bench, &line(&bench, &bench.channel, provider.clone()), id).await;
        assert_eq!(provider.reached(), (38, 38));
        let skipped = bench.store.bulk_people(&mut bench.store.read().await.unwrap(), bench.workspace, id, 0, 100).await.unwrap();
        let skipped: Vec<(String, String)> =
            skipped.into_iter().filter(|one| one.fate == Fate::Skipped).map(|one| (one.key, one.reason)).collect();
        assert_eq!(skipped, [0, 30].map(|n| (person(n).key, "unsubscribed".to_owned())));
    })
    .await;
}

#[tokio::test]
async fn m_03_news_of_an_order_still_reach_who_wants_no_advertising() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![said(&person(0).key, 1, "hi")]).await;
        sql(&bench, "UPDATE identities SET opted_out_at = $1", &[Value::Int(bench.clock.now().0)]).await;
        let id = start(&bench, &bench.channel, &template("order", Category::Utility), &people(1), Limit::Count(0)).await;
        let provider = Counting::new(|_| None);
        runs_to_its_end(&bench, &line(&bench, &bench.channel, provider.clone()), id).await;
        assert_eq!(provider.reached(), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn m_04_who_comes_after_it_began_is_not_written_to() {
    on_each_engine(|bench| async move {
        let id = begun(&bench, 2).await;
        bench.ingest(vec![said(&person(3).key, 1, "hi")]).await;
        let provider = Counting::new(|_| None);
        runs_to_its_end(&bench, &line(&bench, &bench.channel, provider.clone()), id).await;
        assert_eq!(provider.names(), [person(0).key, person(1).key]);
    })
    .await;
}

#[tokio::test]
async fn m_05_a_portfolio_begins_with_so_many_in_any_24_hours_over_all_its_numbers() {
    on_each_engine(|bench| async move {
        for name in ["Second", "Third"] {
            let new = NewChannel { provider: "telegram".into(), name: name.into(), account_key: name.into(), ..NewChannel::default() };
            bench.store.add_channel(bench.workspace, None, &new).await.unwrap();
        }
        sql(&bench, "UPDATE channels SET reach = 25, portfolio = 'ours'", &[]).await;
        let channels = bench.store.channels(bench.workspace).await.unwrap();
        // Six wrote to the first number within the day: they cost nothing.
        let open: Vec<_> = (14..20).map(|n| said(&person(n).key, 1, "hi")).collect();
        bench.ingest(open).await;
        sql(&bench, "UPDATE conversations SET window_length = $1", &[Value::Int(pushed::DAY.0)]).await;
        let provider = Counting::new(|_| None);
        let mut lines = Vec::new();
        let mut ids = Vec::new();
        for (n, channel) in channels.iter().enumerate() {
            let list: Vec<Person> =
                (0..20).map(|m| person(m + if channel.id == bench.channel.id { 0 } else { 100 * (n as u32 + 1) })).collect();
            ids.push(start(&bench, channel, &offer(), &list, Limit::Count(0)).await);
            lines.push(line(&bench, channel, provider.clone()));
        }
        let stopped = async || {
            let mut conn = bench.store.read().await.unwrap();
            for id in &ids {
                let bulk = bench.store.bulk(&mut conn, bench.workspace, *id).await.unwrap();
                let counts = bench.store.bulk_counts(&mut conn, bench.workspace, *id).await.unwrap();
                let waits = bulk.waits_until.is_some() && counts.of(Fate::Queued) == 0;
                if !waits && bulk.state == State::Running {
                    return false;
                }
            }
            true
        };
        for (day, want) in [(0, 25 + 6), (1, 50 + 6), (2, 60)] {
            bench.clock.advance(Span::hours(24 * i64::from(day > 0)));
            // Each day as a process of its own.
            let lines: Vec<Line> =
                lines.iter().map(|one| Line { cancel: tokio_util::sync::CancellationToken::new(), ..one.clone() }).collect();
            let mut tasks: Vec<JoinSet<()>> = lines.iter().map(run).collect();
            until(&bench, "as many as may be", async || provider.reached().0 >= want && stopped().await).await;
            assert_eq!(provider.reached(), (want, want), "day {day}");
            for tasks in &mut tasks {
                tasks.shutdown().await;
            }
            let due = bench.store.bulk(&mut bench.store.read().await.unwrap(), bench.workspace, ids[1]).await.unwrap().waits_until;
            assert!(day == 2 || due.is_none_or(|until| until.since(bench.clock.now()) == Span::hours(24)), "it says until when: {due:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn m_12_whom_the_provider_spares_is_marked_and_the_others_get_it() {
    on_each_engine(|bench| async move {
        bench.ingest((0..3).map(|n| said(&person(n).key, 1, "hi")).collect()).await;
        let hours_ago = |hours| Value::Int(bench.clock.now().minus(Span::hours(hours)).0);
        let capped = "UPDATE identities SET capped_at = $1 WHERE chat_key = $2";
        sql(&bench, capped, &[hours_ago(23), Value::Text(&person(0).key)]).await;
        sql(&bench, capped, &[hours_ago(24), Value::Text(&person(1).key)]).await;
        let id = begun(&bench, 30).await;
        let provider = Counting::new(|_| None);
        runs_to_its_end(&bench, &line(&bench, &bench.channel, provider.clone()), id).await;
        assert_eq!(provider.reached(), (29, 29), "who was spared longer ago is tried again");
        let counts = counts(&bench, id).await;
        assert_eq!((counts.of(Fate::Sent), counts.of(Fate::Capped), counts.of(Fate::Failed)), (29, 1, 0));
    })
    .await;
}

#[tokio::test]
async fn m_12_a_refusal_of_advertising_is_no_error_and_the_campaign_goes_on() {
    on_each_engine(|bench| async move {
        let id = start(&bench, &bench.channel, &offer(), &people(30), Limit::Count(0)).await;
        let provider = Counting::new(|chat| chat.ends_with('5').then(|| SendError::Capped("no more for now".to_owned())));
        runs_to_its_end(&bench, &line(&bench, &bench.channel, provider.clone()), id).await;
        let counts = counts(&bench, id).await;
        assert_eq!((counts.of(Fate::Sent), counts.of(Fate::Capped), counts.errors()), (27, 3, 0));
        // The next one within the day does not even try them.
        let next = begun(&bench, 30).await;
        let provider = Counting::new(|chat| chat.ends_with('5').then(|| panic!("{chat} was tried again")));
        runs_to_its_end(&bench, &line(&bench, &bench.channel, provider.clone()), next).await;
        assert_eq!(self::counts(&bench, next).await.of(Fate::Capped), 3);
    })
    .await;
}

#[tokio::test]
async fn m_13_too_many_errors_pause_it_with_the_reason_and_hold_back_what_waits() {
    on_each_engine(|bench| async move {
        let id = start(&bench, &bench.channel, &offer(), &people(100), Limit::Count(5)).await;
        let provider = Counting::new(|_| Some(SendError::Refused("no such template".to_owned())));
        let one = line(&bench, &bench.channel, provider.clone());
        runs_until(&bench, &one, "paused", async || state(&bench, id).await.0 == State::Paused).await;
        let (_, reason) = state(&bench, id).await;
        assert!(reason.contains("more than the limit of 5"), "{reason}");
        let failed = counts(&bench, id).await;
        assert!((6..=28).contains(&failed.of(Fate::Failed)), "{failed:?}");
        assert!(bench.store.claim(&bench.channel, Span::minutes(20), 100).await.unwrap().is_empty(), "nothing of it leaves");
        // Somebody looked at why: what failed before counts no more.
        bench.store.resume_bulk(bench.workspace, bench.agent, id).await.unwrap();
        let healthy = Counting::new(|_| None);
        runs_to_its_end(&bench, &line(&bench, &bench.channel, healthy.clone()), id).await;
        assert_eq!(healthy.reached().0 as u64, 100 - failed.of(Fate::Failed));
    })
    .await;
}

#[tokio::test]
async fn m_13_a_template_that_the_provider_paused_pauses_it_before_anything_fails() {
    on_each_engine(|bench| async move {
        let paused = Template { status: Status::Paused, reason: "low quality".to_owned(), ..offer() };
        bench.store.put_templates(&bench.channel, &[paused]).await.unwrap();
        let id = begun(&bench, 10).await;
        let provider = Counting::new(|_| None);
        let one = line(&bench, &bench.channel, provider.clone());
        runs_until(&bench, &one, "paused", async || state(&bench, id).await.0 == State::Paused).await;
        assert_eq!(state(&bench, id).await.1, "the template offer is paused: low quality");
        assert_eq!(provider.reached(), (0, 0));
    })
    .await;
}

#[tokio::test]
async fn what_may_have_arrived_is_never_sent_again_by_itself() {
    on_each_engine(|bench| async move {
        let id = start(&bench, &bench.channel, &offer(), &people(20), Limit::Count(100)).await;
        let provider = Counting::new(|chat| chat.ends_with('7').then(|| SendError::Uncertain("no answer".to_owned())));
        runs_to_its_end(&bench, &line(&bench, &bench.channel, provider.clone()), id).await;
        let counts = counts(&bench, id).await;
        assert_eq!((counts.of(Fate::Sent), counts.of(Fate::Uncertain)), (18, 2));
        let people = bench.store.bulk_people(&mut bench.store.read().await.unwrap(), bench.workspace, id, 0, 100).await.unwrap();
        let uncertain = people.iter().find(|one| one.fate == Fate::Uncertain).unwrap();
        assert_eq!(uncertain.reason, "no answer");
        // An agent decides; the row follows.
        bench.store.mark_sent(bench.workspace, bench.agent, uncertain.message.unwrap()).await.unwrap();
        assert_eq!(self::counts(&bench, id).await.of(Fate::Sent), 19);
    })
    .await;
}

#[tokio::test]
async fn a_pause_and_a_call_off_take_effect_at_once() {
    on_each_engine(|bench| async move {
        let id = begun(&bench, 50).await;
        let running = &bench.store.live_bulks(&bench.channel).await.unwrap()[0];
        let manner = bulk::manner(pushed::PROVIDER.capabilities);
        assert_eq!(bench.store.feed(&bench.channel, running, 100, manner).await.unwrap().queued, 20, "never more than a few ahead");
        assert_eq!(bench.store.feed(&bench.channel, running, 100, manner).await.unwrap().queued, 0);
        let leaves = async || bench.store.claim(&bench.channel, Span::minutes(20), 1).await.unwrap().len();
        bench.store.pause_bulk(bench.workspace, Some(bench.agent), id, "lunch").await.unwrap();
        assert_eq!(leaves().await, 0);
        assert_eq!(
            bench.store.feed(&bench.channel, running, 100, manner).await.unwrap().queued,
            0,
            "a feed that was under way is too late"
        );
        assert!(bench.store.pause_bulk(bench.workspace, Some(bench.agent), id, "").await.is_err(), "it is paused already");
        bench.store.resume_bulk(bench.workspace, bench.agent, id).await.unwrap();
        assert_eq!(leaves().await, 1);
        bench.store.cancel_bulk(bench.workspace, bench.agent, id).await.unwrap();
        assert_eq!(leaves().await, 0);
        let counts = counts(&bench, id).await;
        assert_eq!((counts.of(Fate::Queued), counts.of(Fate::Skipped)), (1, 49), "what is on its way arrives");
        assert!(bench.store.resume_bulk(bench.workspace, bench.agent, id).await.is_err());
        assert!(bench.store.cancel_bulk(bench.workspace, bench.agent, id).await.unwrap_err().to_string().contains("is canceled already"));
        let sql = "SELECT kind FROM events WHERE kind LIKE 'bulk.%' ORDER BY id";
        let log: Vec<(String,)> = bench.store.read().await.unwrap().rows(sql, &[]).await.unwrap();
        assert_eq!(
            log.into_iter().map(|(kind,)| kind).collect::<Vec<_>>(),
            ["bulk.started", "bulk.paused", "bulk.resumed", "bulk.canceled"]
        );
    })
    .await;
}

#[tokio::test]
async fn a_bulk_send_answers_nobody_and_fills_no_inbox() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![said(&person(0).key, 1, "when do you open?")]).await;
        let id = begun(&bench, 3).await;
        let provider = Counting::new(|_| None);
        runs_to_its_end(&bench, &line(&bench, &bench.channel, provider.clone()), id).await;
        let list = bench.list().await;
        assert_eq!(list.len(), 1, "who never wrote is no work yet: {list:?}");
        assert_eq!((list[0].unread, list[0].waiting_since.is_some()), (1, true), "who waits for an answer still does");
        bench.ingest(vec![said(&person(1).key, 5, "yes please")]).await;
        let list = bench.list().await;
        assert_eq!(list.len(), 2, "an answer opens it");
        assert!(list.iter().any(|row| row.name == "Customer 62812000001" || row.name == "Customer 1"), "{list:?}");
    })
    .await;
}

#[tokio::test]
async fn an_agents_reply_waits_behind_no_paused_bulk_send() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![said(&person(0).key, 1, "hi")]).await;
        let to: ConversationId = bench.list().await[0].id;
        let id = begun(&bench, 1).await;
        let running = &bench.store.live_bulks(&bench.channel).await.unwrap()[0];
        bench.store.feed(&bench.channel, running, 20, bulk::manner(pushed::PROVIDER.capabilities)).await.unwrap();
        bench.store.pause_bulk(bench.workspace, Some(bench.agent), id, "").await.unwrap();
        let draft = frontdesk::sync::compose::Draft {
            client_key: "k".into(),
            conversation: to,
            text: "hello".into(),
            reply_to: None,
            files: Vec::new(),
            delay: Some(Span::ZERO),
            at: None,
            template: None,
            spot: None,
        };
        let reply = frontdesk::sync::compose::send(&bench.store, bench.workspace, bench.agent, &draft).await.unwrap();
        let claims = bench.store.claim(&bench.channel, Span::minutes(20), 10).await.unwrap();
        assert_eq!(claims.iter().map(|claim| claim.message).collect::<Vec<_>>(), [reply]);
    })
    .await;
}

#[tokio::test]
async fn what_will_happen_is_known_before_it_begins() {
    on_each_engine(|bench| async move {
        bench.ingest((0..4).map(|n| said(&person(n).key, 1, "hi")).collect()).await;
        sql(&bench, "UPDATE conversations SET window_length = $1", &[Value::Int(pushed::DAY.0)]).await;
        let now = Value::Int(bench.clock.now().0);
        sql(&bench, "UPDATE identities SET opted_out_at = $1 WHERE chat_key = $2", &[now, Value::Text(&person(0).key)]).await;
        sql(&bench, "UPDATE identities SET reachable = $1 WHERE chat_key = $2", &[Value::Bool(false), Value::Text(&person(1).key)]).await;
        sql(&bench, "UPDATE channels SET reach = 250", &[]).await;
        let manner = bulk::manner(pushed::PROVIDER.capabilities);
        let mut conn = bench.store.read().await.unwrap();
        let told = bench.store.forecast(&mut conn, &bench.channel, &offer(), &people(10), manner).await.unwrap();
        assert_eq!((told.will, told.begins, told.room), (8, 6, Some(250)));
        assert_eq!(told.skipped, [("cannot be reached".to_owned(), 1), ("unsubscribed".to_owned(), 1)]);
    })
    .await;
}

#[tokio::test]
async fn who_is_left_out_stands_in_the_report_and_a_list_of_nobody_is_refused() {
    on_each_engine(|bench| async move {
        let left = [Left { who: "call me".to_owned(), why: "not a telephone number".to_owned() }];
        let people = [person(1), Person { given: Given::default(), ..person(2) }];
        let new =
            NewBulk { channel: bench.channel.id, name: "x", template: &offer(), limit: Limit::Count(0), people: &people, left: &left };
        let id = bench.store.start_bulk(bench.workspace, bench.agent, &new).await.unwrap();
        let rows = bench.store.bulk_people(&mut bench.store.read().await.unwrap(), bench.workspace, id, 0, 10).await.unwrap();
        assert_eq!(rows.iter().map(|row| row.fate).collect::<Vec<_>>(), [Fate::Waiting, Fate::Skipped, Fate::Skipped]);
        assert_eq!((rows[2].key.as_str(), rows[2].reason.as_str()), ("call me", "not a telephone number"));
        let none = NewBulk { people: &[], ..new };
        assert!(bench.store.start_bulk(bench.workspace, bench.agent, &none).await.unwrap_err().to_string().contains("nothing was begun"));
        let mut conn = bench.store.read().await.unwrap();
        assert_eq!(bench.store.bulks(&mut conn, bench.workspace, None, 10).await.unwrap().len(), 1);
    })
    .await;
}
