//! What the screens of a queue show is true, of one moment, and the same for whoever looks.

use std::sync::Arc;

use chrono_tz::Tz;
use frontdesk::domain::id::{CounterId, DepartmentId, ServiceId, TicketId, VenueId};
use frontdesk::domain::queue::look::{Answer, Ask, Console, Finish, Issue, Line, Place, Range};
use frontdesk::domain::queue::report::Row;
use frontdesk::domain::queue::{Act, CounterState, Priority, State, number};
use frontdesk::domain::time::{Clock, Span};
use frontdesk::store::queue::setup::NewService;
use frontdesk::store::queue::{board, console, floor, lines, place, report};
use frontdesk::store::venues::NewVenue;
use frontdesk::store::{Error, Value};

use super::reading::plan;
use crate::support::bench::{Bench, on_each_engine};
use crate::support::hall::there;

/// A clinic with two departments, three services and three counters.
pub struct Clinic {
    bench: Arc<Bench>,
    pub venue: VenueId,
    pub care: DepartmentId,
    pub ser: ServiceId,
    pub cs: ServiceId,
    pub tel: ServiceId,
    /// Serve SER, SER and CS, TEL.
    pub counters: [CounterId; 3],
}

impl Clinic {
    pub async fn open(bench: Arc<Bench>) -> Self {
        let (store, workspace, agent) = (&bench.store, bench.workspace, bench.agent);
        let new = NewVenue { name: "Klinik Sehat", zone: Tz::Asia__Jakarta, day_starts: Span::ZERO };
        let venue = store.add_venue(workspace, agent, &new).await.unwrap().id;
        let care = store.add_department(workspace, agent, venue, "Care").await.unwrap().id;
        let cash = store.add_department(workspace, agent, venue, "Cash").await.unwrap().id;
        let mut services = Vec::new();
        for (department, name, prefix) in [(care, "Service", "SER"), (care, "Customer service", "CS"), (cash, "Teller", "TEL")] {
            let new = NewService { name, prefix: Some(prefix), expected: Some(Span::minutes(5)) };
            services.push(store.add_service(workspace, agent, department, &new).await.unwrap().id);
        }
        let (ser, cs, tel) = (services[0], services[1], services[2]);
        let mut counters = Vec::new();
        for (name, skills) in [("1", &[ser][..]), ("2", &[ser, cs]), ("3", &[tel])] {
            counters.push(store.add_counter(workspace, agent, venue, name, skills).await.unwrap().id);
        }
        Self { venue, care, ser, cs, tel, counters: counters.try_into().unwrap(), bench }
    }

    async fn ask(&self, ask: &Ask) -> Answer {
        self.bench.store.queue_ask(self.bench.workspace, Some(self.bench.agent), ask).await.unwrap()
    }

    pub async fn set(&self, counter: usize, state: CounterState) {
        self.ask(&Ask::Counter { counter: self.counters[counter], state }).await;
    }

    pub async fn issue(&self, service: ServiceId, priority: Priority) -> Place {
        let issue = Issue { service: Some(service), priority, source: "kiosk", ..Issue::default() };
        self.taken(&Ask::Issue(issue)).await
    }

    pub async fn next(&self, counter: usize) -> Place {
        let counter = self.counters[counter];
        let there = there(&self.bench.store, &self.bench, counter).await;
        self.taken(&Ask::Next { counter, there, finish: Some(Finish::Serve) }).await
    }

    pub async fn act(&self, ticket: TicketId, act: Act) -> Place {
        self.taken(&Ask::Act { ticket, version: None, act, counter: None, service: None }).await
    }

    async fn taken(&self, ask: &Ask) -> Place {
        match self.ask(ask).await {
            Answer::Ticket(place) => *place,
            other => panic!("{ask:?} gave {other:?}"),
        }
    }

    pub async fn console(&self) -> Console {
        let mut conn = self.bench.store.snapshot().await.unwrap();
        self.bench.store.console(&mut conn, self.bench.workspace, self.venue, None).await.unwrap()
    }

    async fn line(&self, service: ServiceId) -> Line {
        self.console().await.lines.into_iter().find(|line| line.service.id == service).unwrap()
    }

    async fn place(&self, ticket: TicketId) -> Place {
        let mut conn = self.bench.store.snapshot().await.unwrap();
        self.bench.store.place(&mut conn, self.bench.workspace, ticket).await.unwrap()
    }

    fn pass(&self, minutes: i64) {
        self.bench.clock.advance(Span::minutes(minutes));
    }

    /// Somebody comes, is called at once and served for so many minutes.
    async fn serve(&self, service: ServiceId, counter: usize, minutes: i64) {
        self.issue(service, Priority::Normal).await;
        let called = self.next(counter).await;
        self.pass(minutes);
        self.act(called.ticket.id, Act::Serve).await;
    }

    /// So many people who wait for a service since a while, two seconds apart.
    async fn crowd(&self, service: ServiceId, count: i64) {
        let (store, workspace) = (&self.bench.store, self.bench.workspace);
        let now = self.bench.clock.now();
        let today = number::business_day(now, Tz::Asia__Jakarta, Span::ZERO);
        let labels: Vec<String> = (0..count).map(|n| format!("C{service}-{n}")).collect();
        let mut values = Vec::new();
        for (n, label) in (0..count).zip(&labels) {
            let at = Value::from(now.minus(Span::secs(2 * (count - n))));
            let (id, service) = (Value::from(store.next_id()), Value::from(service));
            values.extend([
                id,
                workspace.into(),
                self.venue.into(),
                service,
                service,
                label.into(),
                today.into(),
                0.into(),
                (1_000 + n).into(),
            ]);
            values.extend(["waiting".into(), "normal".into(), 2.into(), at, at, at]);
        }
        let mut tx = store.begin().await.unwrap();
        tx.run_rows(CROWD, 15, &values, "").await.unwrap();
        store.commit(tx).await.unwrap();
    }
}

const CROWD: &str = "INSERT INTO tickets (id, workspace_id, venue_id, service_id, issued_for, label, day, epoch, number, state, priority, class, \
     arrived_at, order_at, since) VALUES";

const fn range(from: i64, to: i64) -> Range {
    Range { from, to }
}

#[tokio::test]
async fn e_02_whoever_comes_to_a_free_counter_is_called_now() {
    on_each_engine(|bench| async move {
        let clinic = Clinic::open(bench).await;
        clinic.set(2, CounterState::Open).await;
        let first = clinic.issue(clinic.tel, Priority::Normal).await;
        let place = clinic.place(first.ticket.id).await;
        assert_eq!((place.position, place.total, place.estimate), (Some(1), 1, Some(range(0, 0))));
        assert_eq!(clinic.line(clinic.tel).await.estimate, Some(range(5, 5)), "for who comes after them");
        clinic.next(2).await;
        let second = clinic.issue(clinic.tel, Priority::Normal).await;
        assert_eq!(clinic.place(second.ticket.id).await.estimate, Some(range(5, 5)));
    })
    .await;
}

#[tokio::test]
async fn e_04_while_no_counter_is_open_a_place_is_told_and_no_wait() {
    on_each_engine(|bench| async move {
        let clinic = Clinic::open(bench).await;
        let first = clinic.issue(clinic.tel, Priority::Normal).await;
        let told = async || {
            let place = clinic.place(first.ticket.id).await;
            assert_eq!(place.position, Some(1));
            assert_eq!(clinic.console().await.waiting[0].estimate, place.estimate);
            (place.estimate, clinic.line(clinic.tel).await.estimate)
        };
        assert_eq!(told().await, (None, None));
        clinic.set(2, CounterState::Open).await;
        assert_eq!(told().await, (Some(range(0, 0)), Some(range(5, 5))));
        clinic.set(2, CounterState::Break).await;
        assert_eq!(told().await, (None, None), "somebody at lunch serves nobody");
    })
    .await;
}

#[tokio::test]
async fn e_06_the_mean_follows_those_who_were_served_today_and_begins_anew_tomorrow() {
    on_each_engine(|bench| async move {
        let clinic = Clinic::open(bench).await;
        clinic.set(2, CounterState::Open).await;
        for _ in 0..5 {
            clinic.serve(clinic.tel, 2, 7).await;
        }
        assert_eq!(clinic.line(clinic.tel).await.mean, Span::minutes(6));
        assert_eq!(clinic.line(clinic.ser).await.mean, Span::minutes(5), "another service has its own");
        // E-07: left open.
        clinic.serve(clinic.tel, 2, 40).await;
        assert_eq!(clinic.line(clinic.tel).await.mean, Span::minutes(6));
        clinic.pass(24 * 60);
        assert_eq!(clinic.line(clinic.tel).await.mean, Span::minutes(5));
    })
    .await;
}

/// Checks that everybody in the list is told the same as the list says.
async fn agree(clinic: &Clinic) {
    let console = clinic.console().await;
    for waiter in &console.waiting {
        let place = clinic.place(waiter.ticket.id).await;
        let told = (place.position, place.estimate, place.version);
        assert_eq!(told, (waiter.position, waiter.estimate, console.version), "{}", waiter.ticket.label);
    }
}

#[tokio::test]
async fn e_11_a_customer_and_an_operator_are_told_the_same_place_of_the_same_version() {
    on_each_engine(|bench| async move {
        let clinic = Clinic::open(bench).await;
        let mut random = fastrand::Rng::with_seed(11);
        for _ in 0..40 {
            let service = random.choice([clinic.ser, clinic.cs, clinic.tel]).unwrap();
            clinic.issue(service, random.choice(Priority::ALL).unwrap()).await;
            clinic.pass(random.i64(0..3));
        }
        agree(&clinic).await;
        for counter in 0..3 {
            clinic.set(counter, CounterState::Open).await;
            for _ in 0..3 {
                clinic.next(counter).await;
            }
            agree(&clinic).await;
        }
        let waiting = clinic.console().await.waiting;
        clinic.act(waiting[3].ticket.id, Act::Park(None)).await;
        clinic.act(waiting[5].ticket.id, Act::Cancel).await;
        agree(&clinic).await;
        let after = clinic.console().await.waiting;
        assert_eq!(after.last().map(|last| (last.ticket.id, last.position, last.estimate)), Some((waiting[3].ticket.id, None, None)));
        assert_eq!(after.len(), waiting.len() - 1);
    })
    .await;
}

#[tokio::test]
async fn e_11_calling_the_next_one_calls_who_stands_first_of_what_the_counter_serves() {
    on_each_engine(|bench| async move {
        let clinic = Clinic::open(bench).await;
        let mut random = fastrand::Rng::with_seed(5);
        for counter in 0..3 {
            clinic.set(counter, CounterState::Open).await;
        }
        for _ in 0..30 {
            clinic.issue(random.choice([clinic.ser, clinic.cs]).unwrap(), random.choice(Priority::ALL).unwrap()).await;
            clinic.pass(1);
        }
        while let Some(first) = clinic.console().await.waiting.first() {
            // Counter 2 serves both lines, and so whoever is first of all.
            assert_eq!(first.position, Some(1));
            assert_eq!(clinic.next(1).await.ticket.id, first.ticket.id);
        }
    })
    .await;
}

#[tokio::test]
async fn a_very_long_line_is_counted_whole_and_listed_as_far_as_a_screen_goes() {
    on_each_engine(|bench| async move {
        let clinic = Clinic::open(bench).await;
        clinic.crowd(clinic.tel, 1_200).await;
        clinic.set(2, CounterState::Open).await;
        let last = clinic.issue(clinic.tel, Priority::Normal).await;
        let urgent = clinic.issue(clinic.tel, Priority::Urgent).await;
        let console = clinic.console().await;
        assert_eq!(console.waiting.len(), Console::MOST as usize);
        assert!(console.more);
        assert_eq!(console.waiting[0].ticket.id, urgent.ticket.id);
        let positions: Vec<i64> = console.waiting.iter().filter_map(|one| one.position).collect();
        assert!(positions.iter().copied().eq(1..=i64::from(Console::MOST)));
        assert_eq!(clinic.line(clinic.tel).await.waiting, 1_202);
        let place = clinic.place(last.ticket.id).await;
        assert_eq!((place.position, place.total), (Some(1_202), 1_202));
        agree_on(&clinic, &console, &[0, 1, 2, 250, 499]).await;
    })
    .await;
}

async fn agree_on(clinic: &Clinic, console: &Console, rows: &[usize]) {
    for &row in rows {
        let waiter = &console.waiting[row];
        let place = clinic.place(waiter.ticket.id).await;
        assert_eq!((place.position, place.estimate), (waiter.position, waiter.estimate), "row {row}");
    }
}

#[tokio::test]
async fn what_a_console_shows_is_of_one_moment_while_others_work() {
    on_each_engine(|bench| async move {
        let clinic = Arc::new(Clinic::open(bench).await);
        let people = 60;
        clinic.set(2, CounterState::Open).await;
        for _ in 0..people {
            clinic.issue(clinic.tel, Priority::Normal).await;
        }
        let operator = tokio::spawn({
            let clinic = Arc::clone(&clinic);
            async move {
                for _ in 0..people {
                    clinic.next(2).await;
                }
            }
        });
        let mut versions = Vec::new();
        loop {
            let over = operator.is_finished();
            let console = clinic.console().await;
            let line = console.lines.iter().find(|line| line.service.id == clinic.tel).unwrap();
            let at_counter = console.counters.iter().filter(|desk| desk.ticket.is_some()).count() as i64;
            // Whoever is called leaves the line, comes to the counter and is served by the next call: nobody is ever lost or seen twice.
            assert_eq!(line.waiting + at_counter + line.day.served, people);
            assert_eq!(line.waiting, console.waiting.len() as i64);
            versions.push(console.version);
            if over {
                break;
            }
        }
        operator.await.unwrap();
        assert!(versions.is_sorted() && versions.first() < versions.last());
    })
    .await;
}

#[tokio::test]
async fn the_display_knows_nobody() {
    on_each_engine(|bench| async move {
        let clinic = Clinic::open(bench).await;
        clinic.set(2, CounterState::Open).await;
        let issue = |phone: &str| Issue {
            service: Some(clinic.tel),
            phone: phone.into(),
            name: "Sri Rahayu".into(),
            source: "desk",
            ..Issue::default()
        };
        clinic.ask(&Ask::Issue(issue("+62 813 5550 1234"))).await;
        clinic.ask(&Ask::Issue(issue("+62 813 5550 1235"))).await;
        let called = clinic.next(2).await;
        assert_eq!(called.ticket.name, "Sri Rahayu");
        clinic.act(called.ticket.id, Act::Recall).await;
        let mut conn = clinic.bench.store.snapshot().await.unwrap();
        let board = clinic.bench.store.board(&mut conn, clinic.bench.workspace, clinic.venue, None).await.unwrap();
        let calls: Vec<_> = board.calls.iter().map(|call| (call.label.as_str(), call.counter.as_str(), call.recall, call.state)).collect();
        assert_eq!(calls, [("TEL-001", "3", 1, State::Called), ("TEL-001", "3", 0, State::Called)]);
        assert!(board.calls[0].id > board.calls[1].id);
        assert_eq!(board.next.iter().map(|next| (next.label.as_str(), next.position)).collect::<Vec<_>>(), [("TEL-002", 1)]);
        let all = format!("{board:?}");
        assert!(!all.contains("Sri") && !all.contains("5550"), "{all}");
    })
    .await;
}

#[tokio::test]
async fn a_display_of_a_department_shows_its_own_calls_and_lines_of_today() {
    on_each_engine(|bench| async move {
        let clinic = Clinic::open(bench).await;
        for counter in 0..3 {
            clinic.set(counter, CounterState::Open).await;
        }
        for service in [clinic.ser, clinic.tel, clinic.ser, clinic.cs, clinic.tel] {
            clinic.issue(service, Priority::Normal).await;
        }
        clinic.next(0).await;
        clinic.next(2).await;
        let board = async |department| {
            let mut conn = clinic.bench.store.snapshot().await.unwrap();
            let board = clinic.bench.store.board(&mut conn, clinic.bench.workspace, clinic.venue, department).await.unwrap();
            let labels = |of: Vec<&str>| of.join(" ");
            (
                labels(board.calls.iter().map(|call| call.label.as_str()).collect()),
                labels(board.next.iter().map(|next| next.label.as_str()).collect()),
                board.lines.len(),
            )
        };
        assert_eq!(board(None).await, ("TEL-001 SER-001".into(), "SER-002 TEL-002 CS-001".into(), 3));
        assert_eq!(board(Some(clinic.care)).await, ("SER-001".into(), "SER-002 CS-001".into(), 2));
        clinic.pass(24 * 60);
        assert_eq!(board(Some(clinic.care)).await.0, "", "yesterday's calls are over");
    })
    .await;
}

#[tokio::test]
async fn k_06_serving_is_measured_from_the_last_call_and_waiting_until_the_first() {
    on_each_engine(|bench| async move {
        let clinic = Clinic::open(bench).await;
        clinic.set(2, CounterState::Open).await;
        let first = clinic.issue(clinic.tel, Priority::Normal).await;
        clinic.pass(10);
        clinic.next(2).await;
        clinic.pass(3);
        clinic.act(first.ticket.id, Act::Recall).await;
        clinic.pass(4);
        clinic.act(first.ticket.id, Act::Serve).await;
        let console = clinic.console().await;
        let desk = console.counters.iter().find(|desk| desk.counter.id == clinic.counters[2]).unwrap();
        assert_eq!((desk.served, desk.mean, desk.longest), (1, Span::minutes(4), Span::minutes(4)));
        assert_eq!((console.day.wait, console.day.promised), (Span::minutes(10), Some(100)));
        assert_eq!((console.day.issued, console.day.served, console.day.no_shows), (1, 1, 0));
    })
    .await;
}

#[tokio::test]
async fn k_08_a_no_show_who_came_after_all_is_none() {
    on_each_engine(|bench| async move {
        let clinic = Clinic::open(bench).await;
        clinic.set(2, CounterState::Open).await;
        let first = clinic.issue(clinic.tel, Priority::Normal).await;
        clinic.pass(30);
        clinic.next(2).await;
        clinic.act(first.ticket.id, Act::NoShow).await;
        let day = clinic.line(clinic.tel).await.day;
        assert_eq!((day.no_shows, day.served, day.promised), (1, 0, Some(0)));
        clinic.act(first.ticket.id, Act::Reinstate).await;
        clinic.next(2).await;
        clinic.pass(5);
        clinic.act(first.ticket.id, Act::Serve).await;
        let day = clinic.line(clinic.tel).await.day;
        assert_eq!((day.no_shows, day.served, day.wait), (0, 1, Span::minutes(30)));
    })
    .await;
}

#[tokio::test]
async fn a_console_tells_the_longest_wait_who_works_where_and_what_happened() {
    on_each_engine(|bench| async move {
        let clinic = Clinic::open(bench).await;
        clinic.set(2, CounterState::Open).await;
        clinic.issue(clinic.tel, Priority::Normal).await;
        clinic.pass(25);
        let second = clinic.issue(clinic.tel, Priority::Elder).await;
        clinic.pass(2);
        clinic.next(2).await;
        let console = clinic.console().await;
        assert_eq!(console.day.longest, Span::minutes(27));
        let desk = console.counters.iter().find(|desk| desk.counter.id == clinic.counters[2]).unwrap();
        assert_eq!((desk.agent.as_str(), desk.ticket.as_ref().map(|ticket| ticket.id)), ("Ayu", Some(second.ticket.id)));
        let events: Vec<&str> = console.events.iter().map(|event| event.kind.as_str()).collect();
        assert_eq!(events[..2], ["ticket.called", "ticket.issued"]);
        assert_eq!(console.events[0].label, "TEL-002");
        assert_eq!(console.waiting[0].reach, "no phone");
    })
    .await;
}

#[tokio::test]
async fn a_kiosk_offers_every_service_and_marks_what_is_closed() {
    on_each_engine(|bench| async move {
        let clinic = Clinic::open(bench).await;
        let (store, workspace) = (&clinic.bench.store, clinic.bench.workspace);
        store.close_department(workspace, clinic.bench.agent, clinic.care, true).await.unwrap();
        let kiosk = store.kiosk(&mut store.snapshot().await.unwrap(), workspace, clinic.venue).await.unwrap();
        let offers: Vec<(&str, bool)> = kiosk.offers.iter().map(|offer| (offer.line.service.prefix.as_str(), offer.closed)).collect();
        assert_eq!(offers, [("CS", true), ("SER", true), ("TEL", false)]);
        assert_eq!(kiosk.number, "", "this workspace has no such account");
    })
    .await;
}

#[tokio::test]
async fn another_workspace_sees_nothing_of_a_venue() {
    on_each_engine(|bench| async move {
        let clinic = Clinic::open(bench).await;
        let ticket = clinic.issue(clinic.tel, Priority::Normal).await.ticket.id;
        let store = &clinic.bench.store;
        let other = store.ensure_workspace("other").await.unwrap();
        let mut conn = store.snapshot().await.unwrap();
        let missing = |result: Option<Error>| assert!(matches!(result, Some(Error::NotFound(_))));
        missing(store.console(&mut conn, other, clinic.venue, None).await.err());
        missing(store.board(&mut conn, other, clinic.venue, None).await.err());
        missing(store.kiosk(&mut conn, other, clinic.venue).await.err());
        missing(store.place(&mut conn, other, ticket).await.err());
        missing(store.queue_report(&mut conn, other, clinic.venue, 0, 1).await.err());
    })
    .await;
}

#[tokio::test]
async fn a_report_tells_each_service_of_each_day() {
    on_each_engine(|bench| async move {
        let clinic = Clinic::open(bench).await;
        clinic.set(2, CounterState::Open).await;
        for wait in [10, 30] {
            clinic.issue(clinic.tel, Priority::Normal).await;
            clinic.pass(wait);
            let called = clinic.next(2).await;
            clinic.pass(6);
            clinic.act(called.ticket.id, Act::Serve).await;
        }
        let today = number::business_day(clinic.bench.clock.now(), Tz::Asia__Jakarta, Span::ZERO);
        clinic.issue(clinic.ser, Priority::Normal).await;
        clinic.pass(24 * 60);
        clinic.set(0, CounterState::Open).await;
        clinic.issue(clinic.ser, Priority::Normal).await;
        let store = &clinic.bench.store;
        let mut conn = store.snapshot().await.unwrap();
        let report = store.queue_report(&mut conn, clinic.bench.workspace, clinic.venue, today, today + 40).await.unwrap();
        let lines: Vec<String> = report.days.iter().map(|row: &Row| row.cells()[2..].join(",")).collect();
        assert_eq!(report.days[0].day.as_deref(), Some(report.from.as_str()));
        assert_eq!(lines[0], "Service,SER,1,0,0,,,,,,,");
        assert!(lines[1].starts_with("Teller,TEL,2,2,0,1200,1800,360,360,50,"), "{}", lines[1]);
        assert_eq!(lines[2], "Service,SER,1,0,0,,,,,,,");
        assert_eq!(lines.len(), 3);
        assert_eq!(report.total.tickets, 4);
    })
    .await;
}

#[tokio::test]
async fn what_screens_read_is_found_by_an_index_however_many_tickets_there_were() {
    let bench = Bench::open(None).await;
    let looks = floor::LOOKS.iter().chain(&place::LOOKS).chain(&lines::LOOKS).chain(&console::LOOKS).chain(&board::LOOKS);
    for (name, sql) in looks.chain(&report::LOOKS) {
        let plan = plan(&bench, sql).await;
        // x is what the query itself has gathered.
        let scans = plan.lines().filter(|line| line.contains("SCAN") && !line.contains("INDEX") && *line != "SCAN x").count();
        assert_eq!(scans, 0, "{name} scans: {plan}");
        assert!(!plan.contains("TEMP B-TREE FOR ORDER BY"), "{name} sorts: {plan}");
        assert!(!plan.contains("(workspace_id=?)"), "{name} reads every row of the workspace: {plan}");
    }
    for keys in ["($6)", "($6, $7, $8, $9)"] {
        let plan = plan(&bench, &format!("{} {keys} GROUP BY t.service_id", floor::TALLIED)).await;
        assert!(plan.contains("tickets_line (service_id=? AND class=?)"), "it reads all tickets there ever were: {plan}");
    }
    for sql in console::BY_ID.iter().chain(&board::BY_ID) {
        let plan = plan(&bench, &format!("{sql} ($3, $4, $5, $6)")).await;
        assert!(plan.contains("INTEGER PRIMARY KEY"), "it reads every ticket of the workspace: {plan}");
    }
}
