//! Customers, agents, a provider with broken connections, and a process to kill.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use frontdesk::config::SecretSource;
use frontdesk::domain::delivery::Delivery;
use frontdesk::domain::id::{AgentId, WorkspaceId};
use frontdesk::domain::message::{Direction, Place};
use frontdesk::domain::time::{Span, SystemClock};
use frontdesk::simulator::{ChatKey, Config, Fault, FaultRule, Person, Simulator, When};
use frontdesk::store::channels::NewChannel;
use frontdesk::store::{Address, Store};
use frontdesk::sync::compose::{self, Draft};
use rustix::process::{Pid, Signal, kill_process};

use super::judge::Verdict;
use crate::support::pg::PgDatabase;

const CHATS: i64 = 6;

/// Everything one run needs; the database goes last.
pub struct World {
    store: Store,
    workspace: WorkspaceId,
    agent: AgentId,
    sim: Simulator,
    bot: i64,
    chats: Vec<ChatKey>,
    url: String,
    written: u32,
    /// Sends again whatever is uncertain, as a desk would that does not know the word.
    naive: bool,
    dir: tempfile::TempDir,
    _postgres: Option<PgDatabase>,
}

impl World {
    pub async fn new(postgres: Option<PgDatabase>, naive: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut config = Config::new(Arc::new(SystemClock));
        config.throttle = false;
        let sim = Simulator::start(config).await.unwrap();
        let bot = sim.add_bot("Desk");
        let chats = (1..=CHATS).map(|n| {
            let person = sim.add_person(Person { id: 5_000_000_000 + n, first_name: format!("Customer{n}"), ..Person::default() });
            sim.private_chat(bot, person)
        });
        let chats: Vec<ChatKey> = chats.collect();
        for chat in &chats {
            sim.say(*chat, "/start");
        }
        let url = postgres.as_ref().map_or_else(|| format!("sqlite:{}", dir.path().join("desk.db").display()), PgDatabase::url);
        let address: Address = url.parse().unwrap();
        let store = Store::open(address, dir.path().join("files"), Arc::new(SystemClock), fastrand::u64(..)).await.unwrap();
        let workspace = store.ensure_workspace("main").await.unwrap();
        let agent = store.ensure_agent(workspace, "Ayu").await.unwrap();
        let token = dir.path().join("token");
        std::fs::write(&token, sim.token(bot).unwrap().reveal()).unwrap();
        let new = NewChannel {
            provider: "telegram".into(),
            name: "Shop".into(),
            settings: [("api-base".to_owned(), sim.base_url())].into(),
            secrets: [("token".to_owned(), SecretSource::File(token).encode())].into(),
            account_key: bot.to_string(),
            undo_delay: Span::ZERO,
            ..NewChannel::default()
        };
        store.add_channel(workspace, Some(agent), &new).await.unwrap();
        let world = Self { store, workspace, agent, sim, bot, chats, url, written: 0, naive, dir, _postgres: postgres };
        world.break_things();
        world
    }

    fn break_things(&self) {
        let faults = [
            ("sendMessage", Fault::DropBefore, 0.04),
            ("sendMessage", Fault::DropAfter, 0.04),
            ("sendMessage", Fault::ErrorAfter(502), 0.03),
            ("sendMessage", Fault::ErrorBefore(502), 0.03),
            ("sendMessage", Fault::Garbage, 0.02),
            ("sendMessage", Fault::Delay(Duration::from_millis(15)), 0.5),
            ("getUpdates", Fault::DropBefore, 0.05),
            ("getUpdates", Fault::CloseMidBody, 0.05),
            ("getUpdates", Fault::Garbage, 0.03),
            ("getUpdates", Fault::Duplicate, 0.2),
            ("getUpdates", Fault::Reorder, 0.2),
        ];
        for (method, fault, chance) in faults {
            self.sim.fault(FaultRule::new(method, fault, When::Chance(chance)));
        }
    }

    fn start(&self) -> Child {
        Command::new(env!("CARGO_BIN_EXE_frontdesk"))
            .args(["sync", "--database", &self.url])
            .env_clear()
            .env("FRONTDESK_DATA_DIR", self.dir.path().join("data"))
            .env("HOME", self.dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the built program starts")
    }

    /// One life of the process: it syncs while customers write and agents answer, is perhaps paused, and is killed.
    pub async fn round(&mut self, rng: &mut fastrand::Rng, round: u32) {
        let calls = self.calls();
        let mut child = self.start();
        self.traffic(rng).await;
        self.sim.wait_for(|ledger| (ledger.calls.values().sum::<u64>() > calls).then_some(())).await;
        self.traffic(rng).await;
        tokio::time::sleep(Duration::from_millis(rng.u64(0..60))).await;
        if round % 7 == 3 {
            let id = Pid::from_child(&child);
            kill_process(id, Signal::STOP).unwrap();
            // Only customers: it may have been stopped in the middle of a write, and a writer would wait for it.
            self.customers_write(rng);
            tokio::time::sleep(Duration::from_millis(rng.u64(50..300))).await;
            kill_process(id, Signal::CONT).unwrap();
            tokio::time::sleep(Duration::from_millis(rng.u64(0..40))).await;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        if self.naive {
            self.resend_uncertain().await;
        }
    }

    fn calls(&self) -> u64 {
        self.sim.ledger(|ledger| ledger.calls.values().sum())
    }

    /// A few customers write, a few agents answer.
    async fn traffic(&mut self, rng: &mut fastrand::Rng) {
        self.customers_write(rng);
        let rows = self.rows().await;
        for _ in 0..rng.usize(2..8) {
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

    fn customers_write(&mut self, rng: &mut fastrand::Rng) {
        for _ in 0..rng.usize(2..8) {
            self.written += 1;
            self.sim.say(*rng.choice(&self.chats).unwrap(), &format!("question {}", self.written));
        }
    }

    async fn rows(&self) -> Vec<frontdesk::domain::conversation::Summary> {
        let tab = frontdesk::domain::conversation::Tab::All;
        let mut conn = self.store.read().await.unwrap();
        self.store.list(&mut conn, self.workspace, self.agent, tab, None, 100).await.unwrap().0
    }

    async fn thread(&self, id: frontdesk::domain::id::ConversationId) -> Vec<frontdesk::domain::message::Message> {
        let mut conn = self.store.read().await.unwrap();
        self.store.thread(&mut conn, self.workspace, id, Place::Newest, 100_000).await.unwrap().messages
    }

    /// Sends again what is uncertain, and what was being sent when the process died.
    async fn resend_uncertain(&self) {
        for channel in self.store.all_channels().await.unwrap() {
            self.store.recover(&channel).await.unwrap();
        }
        for row in self.rows().await {
            for reply in self.thread(row.id).await.into_iter().filter(|m| m.direction == Direction::Out) {
                if reply.delivery == Delivery::Uncertain {
                    self.store.resend(self.workspace, self.agent, reply.id).await.unwrap();
                }
            }
        }
    }

    /// The provider is well again, and a last process gets everything done that can be done.
    pub async fn calm_down(&mut self) {
        self.sim.clear_faults();
        let calls = self.calls();
        let mut child = self.start();
        self.sim.wait_for(|ledger| (ledger.calls.values().sum::<u64>() > calls).then_some(())).await;
        let settled = async {
            self.sim.all_confirmed(self.bot).await;
            let mut changes = self.store.changes();
            let _watch = self.store.watch().await.unwrap();
            while self.store.outbox_depth(&mut self.store.read().await.unwrap(), self.workspace).await.unwrap().0 > 0 {
                // Whatever is told, or missed, is a reason to look again.
                let _ = changes.recv().await;
            }
        };
        tokio::time::timeout(Duration::from_mins(5), settled).await.expect("the last process did not get everything done");
        kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
        let ended = child.wait().unwrap();
        assert!(ended.success(), "a graceful stop ends well, not with {ended}");
    }

    pub async fn judge(&self) -> Verdict {
        let mut verdict = Verdict::default();
        let rows = self.rows().await;
        for chat in &self.chats {
            let name = self.sim.ledger(|ledger| ledger.said(*chat).count());
            let customer = format!("Customer{}", chat.id - 5_000_000_000);
            match rows.iter().find(|row| row.name == customer) {
                Some(row) => verdict.judge(&self.sim, *chat, &self.thread(row.id).await),
                None => verdict.wrong.push(format!("{customer} wrote {name} messages and has no conversation")),
            }
        }
        verdict
    }
}
