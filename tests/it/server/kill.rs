//! Nothing that was answered with 200 is lost or doubled, whatever happens to the process, and no reply is either.
//!
//! Customers call over several connections, faster than one would think, and others write through the simulated provider and are answered,
//! while the built program, `frontdesk serve`, is killed at random moments. What we were answered, and the simulator's ledger, are the
//! judges. `FRONTDESK_KILLS=100 cargo test --test it server::kill -- --nocapture` is the long run.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use frontdesk::config::SecretSource;
use frontdesk::domain::conversation::Tab;
use frontdesk::domain::delivery::Delivery;
use frontdesk::domain::id::{AgentId, WorkspaceId};
use frontdesk::domain::message::{Direction, Message, Place};
use frontdesk::domain::time::{Span, SystemClock};
use frontdesk::simulator::graph::{Config, Graph, Person, Who};
use frontdesk::store::channels::{Channel, NewChannel};
use frontdesk::store::{Address, Store};
use frontdesk::sync::compose::{self, Draft};
use rustix::process::{Pid, Signal, kill_process};

use super::meta::{Caller, PROVIDER};
use crate::support::pg::{PgDatabase, pg};

/// Connections that call at once.
const CALLERS: u64 = 8;
/// Customers behind them.
const CUSTOMERS: u64 = 5;
/// People at the simulated provider, who are answered.
const PEOPLE: u64 = 12;

/// How many kills each run has; 10 unless the environment says more.
fn kills() -> u32 {
    std::env::var("FRONTDESK_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(10)
}

/// Calls that were begun, and those that were answered with 200.
#[derive(Default)]
struct Calls {
    next: AtomicU64,
    owed: Mutex<BTreeSet<u64>>,
    taken: Mutex<BTreeSet<u64>>,
}

impl Calls {
    /// What to call with next: first what was not answered, as a provider does.
    fn take(&self) -> u64 {
        self.owed.lock().unwrap().pop_first().unwrap_or_else(|| self.next.fetch_add(1, Ordering::Relaxed))
    }

    async fn once(&self, caller: &Caller, stream: &mut Option<tokio::net::TcpStream>, n: u64) -> bool {
        let body = caller.text(&format!("6281000{:04}", n % CUSTOMERS), &format!("wamid.call{n}"), &format!("event {n}"));
        let taken = caller.call(stream, &body).await == Some(200);
        let place = if taken { &self.taken } else { &self.owed };
        place.lock().unwrap().insert(n);
        taken
    }
}

struct World {
    store: Store,
    workspace: WorkspaceId,
    agent: AgentId,
    channel: Channel,
    graph: Graph,
    number: String,
    people: Vec<Who>,
    calls: Arc<Calls>,
    caller: Caller,
    written: u64,
    url: String,
    dir: tempfile::TempDir,
    _postgres: Option<PgDatabase>,
}

impl World {
    async fn new(postgres: Option<PgDatabase>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let graph = Graph::start(Config::new(Arc::new(SystemClock))).await.unwrap();
        let number = graph.add_number("Harbour Courts");
        let known = graph.number(&number).unwrap();
        let person = |n| Person { name: format!("Person {n}"), phone: format!("6282000{n:04}"), ..Person::default() };
        let people = (0..PEOPLE).map(|n| graph.add_person(person(n))).collect();
        let url = postgres.as_ref().map_or_else(|| format!("sqlite:{}", dir.path().join("desk.db").display()), PgDatabase::url);
        let address: Address = url.parse().unwrap();
        let store = Store::open(address, dir.path().join("files"), Arc::new(SystemClock), fastrand::u64(..)).await.unwrap();
        let workspace = store.ensure_workspace("default").await.unwrap();
        let agent = store.ensure_agent(workspace, "Ayu").await.unwrap();
        let secrets = [("token", &known.token), ("app-secret", &known.app_secret), ("verify-token", &known.verify_token)];
        let secrets = secrets.map(|(name, secret)| {
            let file = dir.path().join(name);
            std::fs::write(&file, secret.reveal()).unwrap();
            (name.to_owned(), SecretSource::File(file).encode())
        });
        let new = NewChannel {
            provider: PROVIDER.into(),
            name: "Shop".into(),
            settings: [("phone-number-id".to_owned(), number.clone()), ("api-base".to_owned(), graph.base_url())].into(),
            secrets: secrets.into(),
            account_key: number.clone(),
            undo_delay: Span::ZERO,
            ..NewChannel::default()
        };
        store.add_channel(workspace, Some(agent), &new).await.unwrap();
        let channel = store.channel_named(workspace, "Shop").await.unwrap();
        // A port that is free now; the program gives it back each time it dies.
        let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let path = format!("/webhooks/{}", channel.id.0);
        let caller = Caller { address, path, number: number.clone(), secret: known.app_secret };
        Self {
            store,
            workspace,
            agent,
            channel,
            graph,
            number,
            people,
            calls: Arc::default(),
            caller,
            written: 0,
            url,
            dir,
            _postgres: postgres,
        }
    }

    fn start(&self) -> Child {
        let address: SocketAddr = self.caller.address;
        let mut child = Command::new(env!("CARGO_BIN_EXE_frontdesk"))
            .args(["serve", "--json", "--http", &address.to_string(), "--database", &self.url])
            .env_clear()
            .env("FRONTDESK_DATA_DIR", self.dir.path().join("data"))
            .env("HOME", self.dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the built program starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("listening"), "it does not listen: {line:?}");
        child
    }

    /// One life of the process: it is called and answers customers, and is killed.
    async fn round(&mut self, rng: &mut fastrand::Rng, round: u32) {
        let mut child = self.start();
        if round == 0 {
            let url = format!("http://{}{}", self.caller.address, self.caller.path);
            self.graph.subscribe(&self.number, &url).await.unwrap();
        }
        let mut callers = tokio::task::JoinSet::new();
        for _ in 0..CALLERS {
            let (calls, caller) = (Arc::clone(&self.calls), self.caller.clone());
            callers.spawn(async move {
                let mut stream = None;
                // Until it dies.
                while calls.once(&caller, &mut stream, calls.take()).await {}
            });
        }
        self.people_write(rng);
        self.agents_answer(rng).await;
        tokio::time::sleep(Duration::from_millis(rng.u64(5..400))).await;
        kill_process(Pid::from_child(&child), Signal::KILL).unwrap();
        child.wait().unwrap();
        callers.join_all().await;
    }

    fn people_write(&mut self, rng: &mut fastrand::Rng) {
        for _ in 0..4 {
            self.written += 1;
            self.graph.say(&self.number, *rng.choice(&self.people).unwrap(), &format!("question {}", self.written));
        }
    }

    async fn agents_answer(&mut self, rng: &mut fastrand::Rng) {
        let rows: Vec<_> = self.rows().await.into_iter().filter(|row| row.name.starts_with("Person")).collect();
        for _ in 0..4 {
            let Some(row) = rng.choice(&rows) else { return };
            self.written += 1;
            let text = format!("answer {}", self.written);
            let draft = Draft {
                client_key: text.clone(),
                conversation: row.id,
                text,
                reply_to: None,
                files: Vec::new(),
                delay: Some(Span::ZERO),
                at: None,
                template: None,
                spot: None,
            };
            compose::send(&self.store, self.workspace, self.agent, &draft).await.unwrap();
        }
    }

    async fn rows(&self) -> Vec<frontdesk::domain::conversation::Summary> {
        let mut conn = self.store.read().await.unwrap();
        self.store.list(&mut conn, self.workspace, self.agent, Tab::All, None, 100).await.unwrap().0
    }

    /// A last process gets everything done that can be done.
    async fn calm_down(&mut self) {
        let mut child = self.start();
        let mut stream = None;
        while let Some(n) = { self.calls.owed.lock().unwrap().pop_first() } {
            assert!(self.calls.once(&self.caller, &mut stream, n).await, "call {n} is not taken by a process that nobody kills");
        }
        let settled = async {
            self.graph.all_taken().await;
            let mut changes = self.store.changes();
            let _watch = self.store.watch().await.unwrap();
            while self.store.backlog(&self.channel).await.unwrap().waiting > 0
                || self.store.outbox_depth(&mut self.store.read().await.unwrap(), self.workspace).await.unwrap().0 > 0
            {
                // Whatever is told, or missed, is a reason to look again.
                let _ = changes.recv().await;
            }
        };
        tokio::time::timeout(Duration::from_mins(10), settled).await.expect("the last process did not get everything done");
        kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
        let ended = child.wait().unwrap();
        assert!(ended.success(), "a graceful stop ends well, not with {ended}");
    }

    async fn messages(&self) -> Vec<(String, Message)> {
        let mut all = Vec::new();
        for row in self.rows().await {
            let mut conn = self.store.read().await.unwrap();
            let thread = self.store.thread(&mut conn, self.workspace, row.id, Place::Newest, 1_000_000).await.unwrap().messages;
            all.extend(thread.into_iter().map(|message| (row.name.clone(), message)));
        }
        all
    }

    /// How many events and replies were right, and everything that was not.
    async fn judge(&self) -> (usize, usize, Vec<String>) {
        let mut wrong = Vec::new();
        let mut stored: BTreeMap<String, usize> = BTreeMap::new();
        let (mut replies, mut sent) = (0, 0);
        let mut got: BTreeMap<String, usize> = BTreeMap::new();
        let mut expected: BTreeSet<String> = self.calls.taken.lock().unwrap().iter().map(|n| format!("event {n}")).collect();
        self.graph.ledger(|ledger| {
            for who in &self.people {
                expected.extend(ledger.said(*who).map(|written| written.text.clone()));
                for received in ledger.delivered(*who) {
                    *got.entry(received.text.clone()).or_default() += 1;
                }
            }
        });
        for (name, message) in self.messages().await {
            if message.direction == Direction::In {
                *stored.entry(message.text).or_default() += 1;
                continue;
            }
            replies += 1;
            let arrived = got.remove(&message.text).unwrap_or_default();
            match (message.delivery, arrived) {
                (Delivery::Sent | Delivery::Delivered | Delivery::Read, 1) => sent += 1,
                (Delivery::Uncertain, 0 | 1) | (Delivery::Failed, 0) => {}
                (state, times) => {
                    wrong.push(format!("{:?} to {name} is shown as {} and arrived {times} times", message.text, state.name()));
                }
            }
        }
        wrong.extend(got.keys().map(|text| format!("{text:?} arrived and is in no thread")));
        for text in &expected {
            match stored.remove(text) {
                Some(1) => {}
                times => wrong.push(format!("{text:?} was answered 200 and is stored {} times", times.unwrap_or_default())),
            }
        }
        wrong.extend(stored.keys().map(|text| format!("{text:?} is stored and was never sent to the end")));
        eprintln!("{replies} replies, {sent} of them surely sent once");
        (expected.len(), replies, wrong)
    }
}

async fn run(mut world: World, seed: u64) {
    let kills = kills();
    let mut rng = fastrand::Rng::with_seed(seed);
    for round in 0..kills {
        world.round(&mut rng, round).await;
    }
    world.calm_down().await;
    let (events, replies, wrong) = world.judge().await;
    eprintln!("{kills} kills, seed {seed}: {events} events answered with 200 and stored once, {replies} replies; {} wrong", wrong.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(events > usize::try_from(kills).unwrap() && replies > 0, "nothing happened");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_kill_loses_or_doubles_a_webhook_or_a_reply_on_sqlite() {
    run(World::new(None).await, 21).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_kill_loses_or_doubles_a_webhook_or_a_reply_on_postgresql() {
    let Some(database) = pg().await else { return };
    run(World::new(Some(database)).await, 22).await;
}
