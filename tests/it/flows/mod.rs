//! The program as its people use it: an agent at a terminal, the real screen, database, background task and connector, and customers at the
//! simulated provider. Bytes go in, a terminal emulator shows what comes out; every wait is for a fact.

mod desk;
mod provider;
mod replies;
mod threads;
mod triage;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use frontdesk::app::{Keymap, Setup};
use frontdesk::channel::REGISTRY;
use frontdesk::channel::http::Client;
use frontdesk::config::Notify;
use frontdesk::config::SecretSource;
use frontdesk::domain::conversation::{Summary, Tab};
use frontdesk::domain::id::{AgentId, IdSource, WorkspaceId};
use frontdesk::domain::lease::Program;
use frontdesk::domain::time::{Clock, Span, SystemClock, Timestamp};
use frontdesk::session::{DeskDriver, Devices, End, Pulse, Session};
use frontdesk::simulator::{ChatKey, Config, Person, Simulator};
use frontdesk::store::channels::NewChannel;
use frontdesk::store::{Address, Store};
use frontdesk::sync::{Engine, Options};
use frontdesk::term::line::{LineEnds, line};
use frontdesk::term::{Caps, TermIn, TermOut};
use frontdesk::ui::look::{Depth, Look};
use tempfile::TempDir;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// How long a fact may take to become true; a machine that is busy with other tests is slow.
const PATIENCE: Duration = Duration::from_mins(1);
/// Longer than any test: such a reply never leaves by itself.
const NEVER: Span = Span::hours(1);
const SIZE: (u16, u16) = (120, 40);

/// The real time, and as much more as a test wants to have passed.
#[derive(Debug, Default)]
pub struct Ahead(AtomicI64);

impl Ahead {
    fn by(&self, span: Span) {
        self.0.fetch_add(span.0, Ordering::SeqCst);
    }
}

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus(Span(self.0.load(Ordering::SeqCst)))
    }
}

/// A provider with one customer, a database, and the background task.
pub struct World {
    sim: Simulator,
    bot: i64,
    /// Leila's chat.
    chat: ChatKey,
    store: Store,
    workspace: WorkspaceId,
    agent: AgentId,
    engine: Arc<Engine>,
    options: Options,
    clock: Arc<Ahead>,
    dir: TempDir,
}

impl World {
    /// With a channel whose replies are held back for `delay`.
    async fn new(delay: Span) -> Self {
        let world = Self::bare().await;
        let token = world.dir.path().join("token");
        std::fs::write(&token, world.sim.token(world.bot).unwrap().reveal()).unwrap();
        let channel = NewChannel {
            provider: "telegram".to_owned(),
            name: "Shop".to_owned(),
            settings: [("api-base".to_owned(), world.sim.base_url())].into(),
            secrets: [("token".to_owned(), SecretSource::File(token).encode())].into(),
            account_key: world.bot.to_string(),
            undo_delay: delay,
            ..NewChannel::default()
        };
        world.store.add_channel(world.workspace, Some(world.agent), &channel).await.unwrap();
        world
    }

    /// Without any channel.
    async fn bare() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(Ahead::default());
        let mut config = Config::new(clock.clone());
        config.throttle = false;
        let sim = Simulator::start(config).await.unwrap();
        let bot = sim.add_bot("Harbour Courts");
        let leila = Person { id: 5_200_000_001, first_name: "Leila".to_owned(), language: "en".to_owned(), ..Person::default() };
        let chat = sim.private_chat(bot, sim.add_person(leila));
        let store = open(&dir, &clock).await;
        let workspace = store.ensure_workspace("main").await.unwrap();
        let agent = store.ensure_agent(workspace, "Ayu").await.unwrap();
        let options = Options {
            http: Client::new().unwrap(),
            download_limit: 20_000_000,
            journal_retention: Span::hours(24),
            program: Program::default(),
            push: None,
        };
        let engine = Arc::new(Engine::start(store.clone(), options.clone()));
        Self { sim, bot, chat, store, workspace, agent, engine, options, clock, dir }
    }

    /// Ayu sits down at a terminal.
    fn sit(&self) -> Seat {
        let (line, ends) = line();
        let (pulse_tx, pulse) = watch::channel(Pulse::default());
        let setup = Setup {
            agent_name: "Ayu".to_owned(),
            providers: REGISTRY.iter().map(|row| row.provider).collect(),
            local: true,
            notify: Notify::default(),
            tour: false,
        };
        let session = Session {
            look: Look::new(Depth::Sixteen, false),
            agent: self.agent,
            zone: chrono_tz::Tz::UTC,
            clock: self.clock.clone(),
            ids: Arc::new(IdSource::new(fastrand::u64(..))),
            caps: Caps::default(),
            size: SIZE,
            escape_pause: frontdesk::term::input::ESCAPE_PAUSE,
            line,
            driver: DeskDriver {
                store: self.store.clone(),
                engine: Arc::clone(&self.engine),
                http: self.options.http.clone(),
                workspace: self.workspace,
                agent: self.agent,
                tour: std::path::PathBuf::from("/nonexistent/tour-seen"),
                secrets: self.dir.path().join("secrets"),
                desktop: None,
                undo_delay: NEVER,
                home: Some(self.dir.path().to_owned()),
                devices: Devices::default(),
            },
            hints: self.store.changes(),
            cancel: CancellationToken::new(),
            pulse: pulse_tx,
        };
        let terminal = vt100::Parser::new(SIZE.1.try_into().unwrap(), SIZE.0.try_into().unwrap(), 0);
        Seat { ends, terminal, pulse, done: tokio::spawn(session.run(setup, Keymap::default())), clock: self.clock.clone() }
    }

    /// Ayu sits down and opens the conversation that just came in.
    async fn sit_and_open(&self, said: &str) -> Seat {
        self.sim.say(self.chat, said);
        let mut seat = self.sit();
        seat.shows(said).await;
        seat.press("\r").await;
        seat.shows("Esc back").await;
        // The day over its messages: they have been read, and can be acted on.
        seat.shows(" today ").await;
        seat
    }

    /// The program ends and is started again, after so long.
    async fn restart_after(&mut self, pause: Span) {
        self.engine.stop().await;
        self.store.close().await;
        self.clock.by(pause);
        self.store = open(&self.dir, &self.clock).await;
    }

    fn start_engine(&mut self) {
        self.engine = Arc::new(Engine::start(self.store.clone(), self.options.clone()));
    }

    /// What has reached Leila.
    fn delivered(&self) -> Vec<String> {
        self.sim.ledger(|ledger| ledger.delivered(self.chat).map(|received| received.text.clone()).collect())
    }

    async fn conversations(&self) -> Vec<Summary> {
        let mut conn = self.store.read().await.unwrap();
        self.store.list(&mut conn, self.workspace, self.agent, Tab::All, None, 100).await.unwrap().0
    }
}

/// The database as a process of its own opens it.
async fn open(dir: &TempDir, clock: &Arc<Ahead>) -> Store {
    let address = Address::Sqlite(dir.path().join("desk.db"));
    Store::open(address, dir.path().join("files"), clock.clone(), fastrand::u64(..)).await.unwrap()
}

/// An agent at a terminal of 120×40.
pub struct Seat {
    ends: LineEnds,
    terminal: vt100::Parser,
    pulse: watch::Receiver<Pulse>,
    done: tokio::task::JoinHandle<End>,
    clock: Arc<Ahead>,
}

impl Seat {
    /// Types, after a moment's thought: letters right after the composer was left are taken for the text's.
    async fn press(&self, keys: &str) {
        self.clock.by(Span::millis(200));
        self.bytes(keys.as_bytes()).await;
    }

    async fn bytes(&self, bytes: &[u8]) {
        self.ends.input.send(TermIn::Bytes(bytes.to_vec())).await.unwrap();
    }

    /// Writes a reply and sends it.
    async fn reply(&mut self, text: &str) {
        self.press("r").await;
        self.shows("reply to Leila on Telegram").await;
        self.bytes(text.as_bytes()).await;
        self.wait("the typed text", |screen| screen.contains(text)).await;
        self.press("\x18").await;
        self.wait("the composer gone", |screen| !screen.contains("reply to Leila on Telegram")).await;
    }

    fn screen(&self) -> String {
        self.terminal.screen().contents()
    }

    /// The row of the screen that has this.
    fn row(&self, text: &str) -> String {
        let screen = self.screen();
        screen.lines().find(|row| row.contains(text)).unwrap_or_default().to_owned()
    }

    /// The mark beside the newest of Ayu's own messages.
    fn own_mark(&self) -> char {
        own_mark(&self.screen())
    }

    async fn shows(&mut self, text: &str) {
        self.wait(text, |screen| screen.contains(text)).await;
    }

    async fn wait(&mut self, what: &str, wanted: impl Fn(&str) -> bool) {
        let found = async {
            while !wanted(&self.terminal.screen().contents()) {
                match self.ends.output.recv().await {
                    Some(TermOut::Bytes(bytes)) => self.terminal.process(&bytes),
                    other => panic!("the session gave {other:?}"),
                }
            }
        };
        let late = tokio::time::timeout(PATIENCE, found).await.is_err();
        assert!(!late, "no sign of {what:?} on the screen:\n{}", self.screen());
    }

    /// Waits until everything was read, done and painted.
    async fn idle(&mut self) -> Pulse {
        loop {
            tokio::select! { biased;
                Some(out) = self.ends.output.recv() => if let TermOut::Bytes(bytes) = out { self.terminal.process(&bytes) },
                pulse = self.pulse.wait_for(|pulse| pulse.idle) => return *pulse.unwrap(),
            }
        }
    }

    /// Leaves; what was asked for before is carried out.
    async fn leave(mut self) {
        self.press("\x03\x03").await;
        while self.ends.output.recv().await.is_some() {}
        assert_eq!(self.done.await.unwrap(), End::Quit);
    }
}

/// The last sign of the row that heads the newest message of ours.
fn own_mark(screen: &str) -> char {
    let mut heads = screen.lines().filter(|row| row.contains("Ayu  "));
    heads.next_back().and_then(|row| row.trim_end().chars().last()).unwrap_or(' ')
}
