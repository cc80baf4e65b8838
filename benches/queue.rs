//! A queue under load: a hundred kiosks that issue at once, the next one called with 10,000 waiting, and what the screens of such a queue read.
//! On SQLite, and on PostgreSQL too when `FRONTDESK_TEST_PG` names a server where databases may be created.
//!
//! `cargo bench --bench queue`. Not criterion's: what counts are many at once, and the slowest of them.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use frontdesk::domain::id::{AgentId, CounterId, ServiceId, VenueId, WorkspaceId};
use frontdesk::domain::queue::look::{Answer, Ask, Finish, Issue};
use frontdesk::domain::queue::{CounterState, Priority, number};
use frontdesk::domain::time::{Span, SystemClock};
use frontdesk::store::queue::setup::NewService;
use frontdesk::store::venues::NewVenue;
use frontdesk::store::{Address, Store, Value};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tokio::time::Instant;

type Failure = Box<dyn std::error::Error + Send + Sync>;

const KIOSKS: i64 = 100;
const SERVICES: i64 = 4;
const ZONE: chrono_tz::Tz = chrono_tz::Tz::Asia__Jakarta;
const CROWD: &str = "INSERT INTO tickets (id, workspace_id, venue_id, service_id, issued_for, label, day, epoch, number, state, priority, class, \
     arrived_at, order_at, since) VALUES";

/// How much is done.
#[derive(Clone, Copy)]
struct Size {
    waiting: i64,
    rounds: usize,
}

struct Hall {
    store: Store,
    workspace: WorkspaceId,
    agent: AgentId,
    venue: VenueId,
    services: Vec<ServiceId>,
    counter: CounterId,
}

impl Hall {
    async fn open(store: Store) -> Result<Self, Failure> {
        let workspace = store.ensure_workspace("main").await?;
        let agent = store.ensure_agent(workspace, "Ayu").await?;
        let new = NewVenue { name: "Klinik Sehat", zone: ZONE, day_starts: Span::ZERO };
        let venue = store.add_venue(workspace, agent, &new).await?.id;
        let department = store.add_department(workspace, agent, venue, "Care").await?.id;
        let mut services = Vec::new();
        for n in 0..SERVICES {
            let new = NewService { name: &format!("Service {n}"), prefix: None, expected: None };
            services.push(store.add_service(workspace, agent, department, &new).await?.id);
        }
        let mut counters = Vec::new();
        for n in 0..6 {
            let counter = store.add_counter(workspace, agent, venue, &n.to_string(), &services).await?.id;
            store.queue_ask(workspace, Some(agent), &Ask::Counter { counter, state: CounterState::Open }).await?;
            counters.push(counter);
        }
        Ok(Self { store, workspace, agent, venue, services, counter: counters[0] })
    }

    /// Each kiosk issues one ticket; how long all of them took together.
    async fn kiosks(&self) -> Result<Duration, Failure> {
        let begun = Instant::now();
        let presses: Vec<_> = (0..KIOSKS)
            .map(|n| {
                let (store, workspace, service) = (self.store.clone(), self.workspace, self.services[0]);
                let issue = Issue { service: Some(service), key: format!("press-{n}"), source: "kiosk", ..Issue::default() };
                tokio::spawn(async move { store.queue_ask(workspace, None, &Ask::Issue(issue)).await })
            })
            .collect();
        let mut numbers = Vec::new();
        for press in presses {
            if let Answer::Ticket(place) = press.await?? {
                numbers.push(place.ticket.number);
            }
        }
        numbers.sort_unstable();
        if !numbers.iter().copied().eq(1..=KIOSKS) {
            return Err(format!("numbers are missing or doubled: {numbers:?}").into());
        }
        Ok(begun.elapsed())
    }

    /// Lets so many people wait, of whom one in ten is urgent.
    async fn crowd(&self, waiting: i64) -> Result<(), Failure> {
        let now = self.store.now();
        let today = number::business_day(now, ZONE, Span::ZERO);
        let labels: Vec<String> = (0..waiting).map(|n| format!("X-{n}")).collect();
        let mut values = Vec::new();
        for (n, label) in (0..waiting).zip(&labels) {
            let priority = if n % 10 == 0 { Priority::Elder } else { Priority::Normal };
            let at = Value::from(now.minus(Span::millis(200 * (waiting - n))));
            let service = Value::from(self.services[(n % SERVICES) as usize]);
            values.extend([self.store.next_id().into(), self.workspace.into(), self.venue.into(), service, service, label.into()]);
            let number = Value::from(1_000 + n);
            values.extend([today.into(), 0.into(), number, "waiting".into(), priority.name().into(), priority.class().into()]);
            values.extend([at, at, at]);
        }
        let mut tx = self.store.begin().await?;
        tx.run_rows(CROWD, 15, &values, "").await?;
        Ok(self.store.commit(tx).await?)
    }

    async fn next(&self) -> Result<(), Failure> {
        let there = self.store.at_counter(&mut self.store.read().await?, self.workspace, self.counter).await?;
        let there = there.map(|ticket| (ticket.id, ticket.version));
        let ask = Ask::Next { counter: self.counter, there, finish: Some(Finish::Serve) };
        match self.store.queue_ask(self.workspace, Some(self.agent), &ask).await? {
            Answer::Ticket(_) => Ok(()),
            other => Err(format!("nobody was called: {other:?}").into()),
        }
    }

    async fn console(&self) -> Result<(), Failure> {
        let mut conn = self.store.snapshot().await?;
        self.store.console(&mut conn, self.workspace, self.venue, None).await?;
        Ok(())
    }

    async fn board(&self) -> Result<(), Failure> {
        let mut conn = self.store.snapshot().await?;
        self.store.board(&mut conn, self.workspace, self.venue, None).await?;
        Ok(())
    }

    /// A ticket more, with its place.
    async fn issue(&self) -> Result<(), Failure> {
        let issue = Issue { service: Some(self.services[1]), source: "kiosk", ..Issue::default() };
        self.store.queue_ask(self.workspace, None, &Ask::Issue(issue)).await?;
        Ok(())
    }

    async fn measure(&self, engine: &str, size: Size) -> Result<(), Failure> {
        let took = self.kiosks().await?;
        say(&format!("{engine}: {KIOSKS} kiosks at once, each a ticket and its place: {:.0} ms", took.as_secs_f64() * 1e3))?;
        self.crowd(size.waiting).await?;
        let waiting = size.waiting + KIOSKS;
        tell(&format!("{engine}, {waiting} waiting: call the next"), size.rounds, async || self.next().await).await?;
        tell(&format!("{engine}, {waiting} waiting: issue"), size.rounds, async || self.issue().await).await?;
        tell(&format!("{engine}, {waiting} waiting: read the console"), size.rounds, async || self.console().await).await?;
        tell(&format!("{engine}, {waiting} waiting: read the display"), size.rounds, async || self.board().await).await
    }
}

async fn tell(what: &str, rounds: usize, act: impl AsyncFn() -> Result<(), Failure>) -> Result<(), Failure> {
    let mut times = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        let begun = Instant::now();
        act().await?;
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    let at = |permille: usize| times[(times.len() - 1) * permille / 1_000].as_secs_f64() * 1e3;
    say(&format!("{what}: ms at the half {:.1}, 99 % {:.1}, at most {:.1}", at(500), at(990), at(1_000)))
}

fn say(line: &str) -> Result<(), Failure> {
    Ok(writeln!(std::io::stdout().lock(), "{line}")?)
}

async fn on(address: Address, engine: &str, size: Size) -> Result<(), Failure> {
    let dir = tempfile::tempdir()?;
    let address = if let Address::Sqlite(_) = address { Address::Sqlite(dir.path().join("frontdesk.db")) } else { address };
    let store = Store::open(address, dir.path().join("files"), Arc::new(SystemClock), 1).await?;
    Hall::open(store.clone()).await?.measure(engine, size).await?;
    store.close().await;
    Ok(())
}

async fn run(size: Size) -> Result<(), Failure> {
    on(Address::Sqlite("".into()), "SQLite", size).await?;
    let Some(server) = std::env::var("FRONTDESK_TEST_PG").ok().filter(|server| !server.is_empty()) else { return Ok(()) };
    let name = format!("frontdesk_bench_{}", std::process::id());
    let mut connection = PgConnection::connect(&server).await?;
    sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut connection).await?;
    let (base, _) = server.rsplit_once('/').ok_or("FRONTDESK_TEST_PG names no database")?;
    let outcome = on(format!("{base}/{name}").parse()?, "PostgreSQL", size).await;
    sqlx::raw_sql(AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"))).execute(&mut connection).await?;
    outcome
}

fn main() -> Result<(), Failure> {
    // `cargo test --benches` runs this with `--test`, to see that it works.
    let testing = std::env::args().any(|argument| argument == "--test");
    let size = if testing { Size { waiting: 500, rounds: 5 } } else { Size { waiting: 10_000, rounds: 300 } };
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(run(size))
}
