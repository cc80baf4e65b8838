//! A rush: operators in processes of their own call people out of one line at the same moment, while more people come and one operator is
//! killed again and again in the middle of what they do.

use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono_tz::Tz;
use frontdesk::domain::id::{AgentId, ServiceId, WorkspaceId};
use frontdesk::domain::queue::look::{Ask, Issue};
use frontdesk::domain::queue::{CounterState, State};
use frontdesk::domain::time::{Span, SystemClock};
use frontdesk::store::queue::setup::NewService;
use frontdesk::store::venues::NewVenue;
use frontdesk::store::{Address, Store};

use crate::support::pg::{PgDatabase, pg};
use crate::support::program::{Program, finish};

/// How many come for each of the two services.
const EACH: i64 = 250;
/// How many of those are there before the counters open.
const EARLY: i64 = 100;
/// What `queue next` ends with when nobody waits.
const NOBODY: i32 = 4;

struct Hall {
    program: Program,
    url: String,
    store: Store,
    workspace: WorkspaceId,
    agent: AgentId,
    services: Vec<ServiceId>,
}

impl Hall {
    /// Two services and three counters that serve both.
    async fn new(postgres: Option<&PgDatabase>) -> Self {
        let program = Program::new();
        let url = postgres.map_or_else(|| format!("sqlite:{}", program.dir().join("hall.db").display()), PgDatabase::url);
        let address: Address = url.parse().unwrap();
        let store = Store::open(address, program.dir().join("files"), Arc::new(SystemClock), fastrand::u64(..)).await.unwrap();
        let workspace = store.ensure_workspace("default").await.unwrap();
        let agent = store.ensure_agent(workspace, "agent").await.unwrap();
        let hall = NewVenue { name: "Hall", zone: Tz::Asia__Jakarta, day_starts: Span::ZERO };
        let venue = store.add_venue(workspace, agent, &hall).await.unwrap().id;
        let department = store.add_department(workspace, agent, venue, "Front").await.unwrap().id;
        let mut services = Vec::new();
        for (name, prefix) in [("Service", "SER"), ("Teller", "TEL")] {
            let new = NewService { name, prefix: Some(prefix), expected: None };
            services.push(store.add_service(workspace, agent, department, &new).await.unwrap().id);
        }
        for name in ["1", "2", "3"] {
            let counter = store.add_counter(workspace, agent, venue, name, &services).await.unwrap().id;
            store.queue_ask(workspace, Some(agent), &Ask::Counter { counter, state: CounterState::Open }).await.unwrap();
        }
        Self { program, url, store, workspace, agent, services }
    }

    async fn issue(&self, each: i64) {
        for _ in 0..each {
            for service in &self.services {
                let issue = Issue { service: Some(*service), source: "kiosk", ..Issue::default() };
                self.store.queue_ask(self.workspace, Some(self.agent), &Ask::Issue(issue)).await.unwrap();
            }
        }
    }

    fn command(&self, counter: &str) -> std::process::Command {
        self.program.command(&format!("--json --database {} queue next --counter {counter} --finish serve", self.url))
    }

    /// An operator's whole shift; whom they called.
    fn operate(&self, counter: &str, all_here: &AtomicBool) -> Vec<String> {
        let mut called = Vec::new();
        loop {
            let nobody_else_comes = all_here.load(Ordering::SeqCst);
            let ran = finish(&mut self.command(counter));
            match ran.exit {
                0 => {
                    let ticket: serde_json::Value = serde_json::from_str(ran.stdout.trim()).expect(&ran.stdout);
                    called.push(ticket["ticket"].as_str().unwrap().to_owned());
                }
                NOBODY if nobody_else_comes => return called,
                NOBODY => {}
                _ => panic!("counter {counter}: {} {}", ran.exit, ran.stderr),
            }
        }
    }

    /// An operator who is killed at any moment of a command, and begins the next as if nothing were; how often.
    fn die(&self, counter: &str, over: &AtomicBool) -> u32 {
        let mut kills = 0;
        while !over.load(Ordering::SeqCst) {
            let mut child = self.command(counter).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            std::thread::sleep(Duration::from_millis(fastrand::u64(5..120)));
            kills += u32::from(child.try_wait().unwrap().is_none());
            child.kill().unwrap();
            child.wait().unwrap();
        }
        kills
    }
}

async fn rush(postgres: Option<&PgDatabase>) {
    let hall = Arc::new(Hall::new(postgres).await);
    hall.issue(EARLY).await;
    let (all_here, over) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let operators = ["1", "2"].map(|counter| {
        let (hall, all_here) = (Arc::clone(&hall), Arc::clone(&all_here));
        tokio::task::spawn_blocking(move || hall.operate(counter, &all_here))
    });
    let victim = tokio::task::spawn_blocking({
        let (hall, over) = (Arc::clone(&hall), Arc::clone(&over));
        move || hall.die("3", &over)
    });
    hall.issue(EACH - EARLY).await;
    all_here.store(true, Ordering::SeqCst);
    let mut seen = Vec::new();
    for operator in operators {
        seen.extend(operator.await.unwrap());
    }
    over.store(true, Ordering::SeqCst);
    let kills = victim.await.unwrap();
    // Whoever stood at the counter of the one who was killed is not forgotten.
    seen.extend(hall.operate("3", &all_here));
    seen.extend(hall.operate("1", &all_here));

    let count = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), count, "somebody was called by two operators");
    let mut conn = hall.store.read().await.unwrap();
    let mut wrong = Vec::new();
    for label in ["SER", "TEL"].into_iter().flat_map(|prefix| (1..=EACH).map(move |number| format!("{prefix}-{number:03}"))) {
        let ticket = hall.store.ticket_labelled(&mut conn, hall.workspace, &label).await.unwrap();
        // It was changed twice: called, then served.
        if (ticket.state, ticket.version, ticket.recalls) != (State::Served, 2, 0) || ticket.first_called_at != ticket.called_at {
            wrong.push((label, ticket.state, ticket.version));
        }
    }
    let after = format!("SER-{}", EACH + 1);
    assert!(hall.store.ticket_labelled(&mut conn, hall.workspace, &after).await.is_err(), "there are more tickets than people");
    eprintln!("{} tickets, 3 operators, {kills} kills: {} called once, {} wrong", EACH * 2, EACH * 2 - wrong.len() as i64, wrong.len());
    assert!(wrong.is_empty(), "{wrong:?}");
    drop(conn);
    hall.store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rush_calls_everybody_once_whoever_of_the_operators_is_killed_on_sqlite() {
    rush(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rush_calls_everybody_once_whoever_of_the_operators_is_killed_on_postgresql() {
    let Some(database) = pg().await else { return };
    rush(Some(&database)).await;
}
