//! Holders of tickets are told what is due, once, by the first way there is; and what customers ask by message is done and answered once.

use std::sync::{Arc, Mutex};

use chrono_tz::Tz;
use frontdesk::domain::delivery::Delivery;
use frontdesk::domain::id::{ConversationId, CounterId, ServiceId, TicketId, VenueId};
use frontdesk::domain::outbound::{Action, SendError};
use frontdesk::domain::queue::look::{Answer, Ask, Finish, Issue, Place};
use frontdesk::domain::queue::{Act, CounterState, Place as Where, Rules};
use frontdesk::domain::template::Category;
use frontdesk::domain::time::Span;
use frontdesk::domain::wording::{StandIn, Wording};
use frontdesk::store::Store;
use frontdesk::store::queue::setup::NewService;
use frontdesk::store::venues::NewVenue;
use frontdesk::sync::queue::Teller;
use frontdesk::sync::queue::push::{Note, Push, Pushed};
use futures_util::future::BoxFuture;

use crate::support::bench::{Bench, on_each_engine};
use crate::support::hall::there;
use crate::support::pushed::{Fact, Fake, ingest, line, payload, said, sends_until, template};

/// A clinic whose customers write to the bench's channel.
pub struct Clinic {
    pub bench: Arc<Bench>,
    pub venue: VenueId,
    ser: ServiceId,
    tel: ServiceId,
    counters: Vec<CounterId>,
    teller: tokio::sync::Mutex<Teller>,
    browser: Arc<Browser>,
}

/// A browser that shows what it is pushed.
#[derive(Debug, Default)]
struct Browser {
    shown: Mutex<Vec<String>>,
    answers: Mutex<Vec<Pushed>>,
}

impl Push for Browser {
    fn push<'a>(&'a self, note: Note<'a>) -> BoxFuture<'a, Pushed> {
        self.shown.lock().unwrap().push(format!("{}: {}", note.title, note.body));
        let answer = self.answers.lock().unwrap().pop().unwrap_or(Pushed::Done);
        Box::pin(std::future::ready(answer))
    }
}

/// Ana's and Budi's telephones.
pub const ANA: &str = "6281234567890";
pub const BUDI: &str = "6281234567891";

impl Clinic {
    pub async fn open(bench: Arc<Bench>) -> Self {
        let (store, workspace, agent) = (bench.store.clone(), bench.workspace, bench.agent);
        store.set_language(workspace, agent, "en").await.unwrap();
        let new = NewVenue { name: "Klinik Sehat", zone: Tz::Asia__Jakarta, day_starts: Span::ZERO };
        let venue = store.add_venue(workspace, agent, &new).await.unwrap().id;
        let care = store.add_department(workspace, agent, venue, "Care").await.unwrap().id;
        let mut services = Vec::new();
        for (name, prefix) in [("Service motor", "SER"), ("Teller", "TEL")] {
            let new = NewService { name, prefix: Some(prefix), expected: Some(Span::minutes(5)) };
            services.push(store.add_service(workspace, agent, care, &new).await.unwrap().id);
        }
        let mut counters = Vec::new();
        for (name, service) in [("3", services[0]), ("4", services[1])] {
            counters.push(store.add_counter(workspace, agent, venue, name, &[service]).await.unwrap().id);
        }
        let browser = Arc::new(Browser::default());
        let teller = tokio::sync::Mutex::new(Teller::new(store, Some(browser.clone())));
        let clinic = Self { bench, venue, ser: services[0], tel: services[1], counters, teller, browser };
        for counter in clinic.counters.clone() {
            clinic.ask(&Ask::Counter { counter, state: CounterState::Open }).await;
        }
        clinic
    }

    pub async fn ask(&self, ask: &Ask) -> Answer {
        self.bench.store.queue_ask(self.bench.workspace, Some(self.bench.agent), ask).await.unwrap()
    }

    pub async fn taken(&self, ask: &Ask) -> Place {
        match self.ask(ask).await {
            Answer::Ticket(place) => *place,
            other => panic!("{ask:?} gave {other:?}"),
        }
    }

    /// A ticket from the kiosk.
    pub async fn issue(&self, phone: &str) -> TicketId {
        let phone = if phone.is_empty() { String::new() } else { format!("+{phone}") };
        let issue = Issue { service: Some(self.ser), phone, source: "kiosk", ..Issue::default() };
        self.taken(&Ask::Issue(issue)).await.ticket.id
    }

    pub async fn next(&self) -> Place {
        let counter = self.counters[0];
        let there = there(&self.bench.store, &self.bench, counter).await;
        self.taken(&Ask::Next { counter, there, finish: Some(Finish::Serve) }).await
    }

    pub async fn act(&self, ticket: TicketId, act: Act, service: Option<ServiceId>) -> Place {
        self.taken(&Ask::Act { ticket, version: None, act, counter: None, service }).await
    }

    pub async fn ticket(&self, ticket: TicketId) -> frontdesk::domain::queue::Ticket {
        self.bench.store.ticket(&mut self.bench.store.read().await.unwrap(), self.bench.workspace, ticket).await.unwrap()
    }

    /// A customer writes, so many seconds after noon.
    pub async fn say(&self, phone: &str, at: i64, text: &str) -> ConversationId {
        ingest(&self.bench, vec![payload(&[said(&[phone], at, text)])]).await;
        self.chat(phone).await.unwrap()
    }

    pub async fn chat(&self, phone: &str) -> Option<ConversationId> {
        let rows = self.bench.list().await;
        rows.into_iter().find(|row| row.handle == format!("+{phone}") || row.name == format!("Customer {phone}")).map(|row| row.id)
    }

    /// Lets so much time pass, whoever tells look at it, and leave what they say.
    pub async fn pass(&self, span: Span) {
        self.bench.clock.advance(span);
        self.look().await;
        self.send().await;
    }

    /// Whatever waits leaves.
    pub async fn send(&self) {
        let store = &self.bench.store;
        for claim in store.claim(&self.bench.channel, Span::minutes(25), 10).await.unwrap() {
            let id = format!("out-{}", claim.id);
            assert!(!store.part_sent(&self.bench.channel, &claim, 0, Some(&id)).await.unwrap());
        }
    }

    pub async fn look(&self) {
        self.teller.lock().await.look().await.unwrap();
    }

    /// What we said to somebody, without what was taken back, in a word each.
    pub async fn told(&self, phone: &str) -> Vec<String> {
        self.words(phone).await.iter().map(|text| word(text).to_owned()).collect()
    }

    pub async fn words(&self, phone: &str) -> Vec<String> {
        let Some(chat) = self.chat(phone).await else { return Vec::new() };
        let ours = |message: &frontdesk::domain::message::Message| {
            message.direction == frontdesk::domain::message::Direction::Out && message.delivery != Delivery::Canceled
        };
        self.bench.thread(chat).await.into_iter().filter(ours).map(|message| message.text).collect()
    }

    pub async fn wording(&self, name: &str, text: &str, template: Option<&str>) {
        let fills = vec![("1".to_owned(), "contactName".to_owned()), ("2".to_owned(), "ticketNumber".to_owned())];
        let stand_in = template.map(|template| StandIn { name: template.to_owned(), fills });
        let wording = Wording { name: name.into(), language: "en".into(), text: text.into(), stand_in, ..Wording::default() };
        self.bench.store.save_wording(self.bench.workspace, self.bench.agent, &wording.checked().unwrap()).await.unwrap();
    }
}

/// What a text is about.
fn word(text: &str) -> &'static str {
    let known = [
        ("Nomor antrean Anda", "created"),
        ("sebentar lagi", "soon"),
        ("giliran berikutnya", "next"),
        ("Silakan ke loket", "turn"),
        ("dipindahkan", "moved"),
        ("dibatalkan. Kirim ANTRI untuk nomor", "cancelled"),
        ("Sedang dilayani:", "status"),
        ("sedang dilayani di loket", "serving"),
        ("Mau antri untuk apa?", "choose"),
        ("Layanan itu tidak ada", "unknown"),
        ("belum punya nomor", "no ticket"),
        ("tidak ditemukan", "not theirs"),
        ("tidak mengirim kabar lagi", "quiet"),
        ("tidak dibagikan", "closed"),
        ("your court is", "template"),
    ];
    known.into_iter().find(|(part, _)| text.contains(part)).map_or("?", |(_, word)| word)
}

#[tokio::test]
async fn e_09_a_ticket_that_is_called_at_once_is_one_message() {
    on_each_engine(|bench| async move {
        let clinic = Clinic::open(bench.clone()).await;
        clinic.say(ANA, 1, "ANTRI SER").await;
        clinic.look().await;
        clinic.pass(Span::secs(2)).await;
        clinic.next().await;
        clinic.look().await;
        clinic.pass(Span::secs(20)).await;
        assert_eq!(clinic.told(ANA).await, ["turn"]);
    })
    .await;
}

#[tokio::test]
async fn e_08_a_place_is_told_once_though_it_comes_again() {
    on_each_engine(|bench| async move {
        let clinic = Clinic::open(bench.clone()).await;
        let first = [clinic.issue("").await, clinic.issue("").await, clinic.issue("").await];
        clinic.say(ANA, 1, "ANTRI SER").await;
        clinic.look().await;
        clinic.pass(Span::secs(10)).await;
        let called = clinic.next().await;
        assert_eq!(called.ticket.id, first[0]);
        for _ in 0..3 {
            clinic.pass(Span::secs(10)).await;
        }
        assert_eq!(clinic.told(ANA).await, ["created", "soon"]);
        clinic.act(called.ticket.id, Act::Return(Where::First), None).await;
        clinic.pass(Span::secs(10)).await;
        clinic.next().await;
        for _ in 0..3 {
            clinic.pass(Span::secs(10)).await;
        }
        assert_eq!(clinic.told(ANA).await, ["created", "soon"]);
    })
    .await;
}

#[tokio::test]
async fn e_10_two_who_give_up_at_once_are_one_message_to_whoever_is_next() {
    on_each_engine(|bench| async move {
        let clinic = Clinic::open(bench.clone()).await;
        let first = [clinic.issue("").await, clinic.issue("").await, clinic.issue("").await];
        clinic.say(ANA, 1, "ANTRI SER").await;
        clinic.look().await;
        clinic.pass(Span::secs(10)).await;
        clinic.act(first[0], Act::Cancel, None).await;
        clinic.look().await;
        clinic.pass(Span::secs(1)).await;
        clinic.act(first[1], Act::Cancel, None).await;
        clinic.act(first[2], Act::Cancel, None).await;
        clinic.look().await;
        clinic.pass(Span::secs(10)).await;
        clinic.pass(Span::secs(10)).await;
        assert_eq!(clinic.told(ANA).await, ["created", "next"]);
    })
    .await;
}

#[tokio::test]
async fn t_13_five_events_in_ten_seconds_are_at_most_a_message_in_six() {
    on_each_engine(|bench| async move {
        let clinic = Clinic::open(bench.clone()).await;
        clinic.say(ANA, 1, "ANTRI SER").await;
        clinic.look().await;
        clinic.pass(Span::secs(3)).await;
        let ticket = clinic.next().await.ticket.id;
        clinic.look().await;
        assert_eq!(clinic.told(ANA).await, ["created"], "three seconds before");
        clinic.pass(Span::secs(2)).await;
        clinic.act(ticket, Act::Recall, None).await;
        clinic.pass(Span::secs(2)).await;
        clinic.act(ticket, Act::Recall, None).await;
        clinic.look().await;
        clinic.pass(Span::secs(3)).await;
        assert_eq!(clinic.told(ANA).await, ["created", "turn"], "one of a call and two calls again");
        clinic.pass(Span::secs(30)).await;
        assert_eq!(clinic.told(ANA).await, ["created", "turn"]);
        clinic.act(ticket, Act::Recall, None).await;
        clinic.look().await;
        clinic.pass(Span::secs(30)).await;
        assert_eq!(clinic.told(ANA).await, ["created", "turn", "turn"], "k_06: each call again at most once");
    })
    .await;
}

#[tokio::test]
async fn t_08_whose_window_is_closed_is_told_by_template_then_by_push_then_by_the_display_alone() {
    on_each_engine(|bench| async move {
        let clinic = Clinic::open(bench.clone()).await;
        bench.store.put_templates(&bench.channel, &[template("court", Category::Utility)]).await.unwrap();
        clinic.wording("yourTurn", "Silakan ke loket {{counterName}}", Some("court")).await;
        clinic.say(ANA, 1, "hello").await;
        bench.clock.advance(Span::hours(25));
        let with_template = clinic.issue(ANA).await;
        clinic.next().await;
        clinic.look().await;
        assert_eq!(clinic.ticket(with_template).await.told, "template");
        assert_eq!(clinic.told(ANA).await, ["template"]);
        clinic.send().await;
        bench.store.put_templates(&bench.channel, &[]).await.unwrap();
        clinic.act(with_template, Act::Serve, None).await;
        let with_browser = clinic.issue(ANA).await;
        bench.store.set_push(bench.workspace, with_browser, "{}").await.unwrap();
        clinic.next().await;
        clinic.pass(Span::secs(10)).await;
        assert_eq!(clinic.ticket(with_browser).await.told, "push");
        assert_eq!(*clinic.browser.shown.lock().unwrap(), ["Klinik Sehat: SER-002: giliran Anda. Silakan ke loket 3."]);
        clinic.act(with_browser, Act::Serve, None).await;
        let alone = clinic.issue(ANA).await;
        clinic.next().await;
        clinic.pass(Span::secs(10)).await;
        assert_eq!(clinic.ticket(alone).await.told, "display");
        assert_eq!(clinic.told(ANA).await, ["template"]);
        let mut conn = bench.store.snapshot().await.unwrap();
        let console = bench.store.console(&mut conn, bench.workspace, clinic.venue, None).await.unwrap();
        assert!(console.events.iter().any(|event| event.kind == "notice.untold" && event.label == "SER-003"), "{:?}", console.events);
    })
    .await;
}

#[tokio::test]
async fn a_browser_that_takes_no_more_leaves_the_display() {
    on_each_engine(|bench| async move {
        let clinic = Clinic::open(bench.clone()).await;
        let ticket = clinic.issue("").await;
        bench.store.set_push(bench.workspace, ticket, "{}").await.unwrap();
        clinic.next().await;
        clinic.browser.answers.lock().unwrap().extend([Pushed::Gone, Pushed::Later(Some(Span::secs(20)))]);
        clinic.look().await;
        assert_eq!(clinic.ticket(ticket).await.told, "push");
        clinic.pass(Span::secs(10)).await;
        assert_eq!(clinic.browser.shown.lock().unwrap().len(), 1, "it asked to wait");
        clinic.pass(Span::secs(10)).await;
        assert_eq!(clinic.browser.shown.lock().unwrap().len(), 2);
        assert_eq!(clinic.ticket(ticket).await.told, "display");
    })
    .await;
}

#[tokio::test]
async fn t_12_a_window_that_the_provider_says_is_closed_makes_a_notice_a_template_once() {
    on_each_engine(|bench| async move {
        let clinic = Clinic::open(bench.clone()).await;
        bench.store.put_templates(&bench.channel, &[template("court", Category::Utility)]).await.unwrap();
        clinic.wording("yourTurn", "Silakan ke loket {{counterName}}", Some("court")).await;
        clinic.say(ANA, 1, "ANTRI SER").await;
        clinic.look().await;
        clinic.next().await;
        clinic.look().await;
        let connector = Fake::new();
        connector.refuses(SendError::WindowClosed("131047".to_owned()));
        let chat = clinic.chat(ANA).await.unwrap();
        let settled = async || bench.thread(chat).await.iter().any(|message| message.delivery == Delivery::Sent);
        sends_until(&line(&bench, &connector), settled).await;
        let kinds: Vec<bool> = connector.orders().iter().map(|order| matches!(order.action, Action::Template(_))).collect();
        assert_eq!(kinds, [false, true]);
        clinic.pass(Span::secs(30)).await;
        assert_eq!(clinic.told(ANA).await, ["template"]);
    })
    .await;
}

#[tokio::test]
async fn t_15_a_language_without_a_wording_of_ours_falls_back_to_the_workspaces() {
    on_each_engine(|bench| async move {
        let clinic = Clinic::open(bench.clone()).await;
        clinic.wording("ticketCreated", "Welcome, your number is {{ticketNumber}}", None).await;
        clinic.say(ANA, 1, "ANTRI SER").await;
        clinic.look().await;
        clinic.pass(Span::secs(3)).await;
        assert_eq!(clinic.words(ANA).await, ["Welcome, your number is SER-001"]);
    })
    .await;
}

#[tokio::test]
async fn a_ticket_that_is_moved_or_cancelled_by_staff_is_told_of() {
    on_each_engine(|bench| async move {
        let clinic = Clinic::open(bench.clone()).await;
        clinic.issue("").await;
        clinic.say(ANA, 1, "ANTRI SER").await;
        clinic.look().await;
        clinic.pass(Span::secs(10)).await;
        let chat = clinic.chat(ANA).await.unwrap();
        let ticket = bench.store.open_ticket(&mut bench.store.read().await.unwrap(), bench.workspace, chat).await.unwrap().unwrap().id;
        clinic.act(ticket, Act::Transfer, Some(clinic.tel)).await;
        clinic.pass(Span::secs(10)).await;
        clinic.act(ticket, Act::Cancel, None).await;
        clinic.pass(Span::secs(10)).await;
        clinic.pass(Span::secs(10)).await;
        assert_eq!(clinic.told(ANA).await, ["created", "moved", "cancelled"]);
        assert!(clinic.words(ANA).await[1].contains("Teller"));
    })
    .await;
}

#[tokio::test]
async fn a_notice_that_is_not_true_any_more_is_taken_back_while_it_waits_to_leave() {
    on_each_engine(|bench| async move {
        let clinic = Clinic::open(bench.clone()).await;
        clinic.say(ANA, 1, "ANTRI SER").await;
        clinic.look().await;
        let ticket = clinic.next().await.ticket.id;
        clinic.look().await;
        assert_eq!(clinic.told(ANA).await, ["turn"]);
        clinic.act(ticket, Act::Serve, None).await;
        clinic.look().await;
        assert_eq!(clinic.told(ANA).await, [""; 0]);
        assert!(bench.store.outbox(bench.workspace, 10).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn how_far_a_notice_got_is_written_down() {
    on_each_engine(|bench| async move {
        let clinic = Clinic::open(bench.clone()).await;
        let chat = clinic.say(ANA, 1, "ANTRI SER").await;
        clinic.look().await;
        clinic.next().await;
        clinic.look().await;
        let connector = Fake::new();
        let sent = async || bench.thread(chat).await.iter().any(|message| message.delivery == Delivery::Sent);
        sends_until(&line(&bench, &connector), sent).await;
        clinic.look().await;
        ingest(&bench, vec![payload(&[Fact::Receipt { target: "out-1".into(), state: "delivered".into(), at: 9 }])]).await;
        clinic.look().await;
        let mut conn = bench.store.snapshot().await.unwrap();
        let console = bench.store.console(&mut conn, bench.workspace, clinic.venue, None).await.unwrap();
        let notices: Vec<&str> =
            console.events.iter().rev().filter(|event| event.kind.starts_with("notice.")).map(|event| event.detail.as_str()).collect();
        assert_eq!(notices, ["turn text", "turn sent", "turn delivered"]);
    })
    .await;
}

#[tokio::test]
async fn two_who_tell_at_once_tell_and_answer_once() {
    on_each_engine(|bench| async move {
        let clinic = Clinic::open(bench.clone()).await;
        let second: Store = bench.second().await;
        let (mut one, mut other) = (Teller::new(bench.store.clone(), None), Teller::new(second, None));
        clinic.say(ANA, 1, "ANTRI SER").await;
        clinic.say(BUDI, 2, "ANTRI TEL").await;
        for _ in 0..3 {
            let (a, b) = tokio::join!(one.look(), other.look());
            a.unwrap();
            b.unwrap();
            clinic.send().await;
            bench.clock.advance(Span::secs(10));
        }
        clinic.next().await;
        for _ in 0..2 {
            let (a, b) = tokio::join!(one.look(), other.look());
            a.unwrap();
            b.unwrap();
        }
        assert_eq!((clinic.told(ANA).await, clinic.told(BUDI).await), (vec!["created".into(), "turn".into()], vec!["created".into()]));
    })
    .await;
}

#[tokio::test]
async fn a_venue_that_tells_of_no_place_before_the_first_says_nothing_of_the_third() {
    on_each_engine(|bench| async move {
        let clinic = Clinic::open(bench.clone()).await;
        bench.store.set_rules(bench.workspace, bench.agent, clinic.venue, &Rules { soon: 0, ..Rules::default() }).await.unwrap();
        let first = [clinic.issue("").await, clinic.issue("").await, clinic.issue("").await, clinic.issue("").await];
        clinic.say(ANA, 1, "ANTRI SER").await;
        clinic.look().await;
        clinic.pass(Span::secs(10)).await;
        for ticket in first {
            clinic.act(ticket, Act::Cancel, None).await;
            clinic.pass(Span::secs(10)).await;
        }
        clinic.pass(Span::secs(10)).await;
        assert_eq!(clinic.told(ANA).await, ["created", "next"]);
    })
    .await;
}

#[tokio::test]
async fn whoever_looks_for_something_to_tell_or_answer_runs_on_an_index() {
    use frontdesk::store::Value;
    use frontdesk::store::queue::{asks, notices};
    on_each_engine(|bench| async move {
        if matches!(bench.store.address(), frontdesk::store::Address::Postgres(_)) {
            return;
        }
        let mut conn = bench.store.read().await.unwrap();
        for (name, sql) in asks::LOOKS.iter().chain(&notices::LOOKS) {
            let explained: &'static str = Box::leak(format!("EXPLAIN QUERY PLAN {sql}").into_boxed_str());
            let values = vec![Value::Int(1); sql.matches('$').count()];
            let plan: Vec<(i64, i64, i64, String)> = conn.rows(explained, &values).await.unwrap();
            // What waits to be answered is read from its beginning, by its key.
            let scans = |step: &str| step.starts_with("SCAN") && step != "SCAN a" && !step.contains("USING");
            assert!(plan.iter().all(|(.., step)| !scans(step) && !step.contains("TEMP B-TREE")), "{name}: {plan:?}");
        }
    })
    .await;
}
