//! A store of a test's own on each engine, with an agent at work and a channel to write on.

use std::fmt::Write as _;
use std::sync::Arc;

use frontdesk::channel::{REGISTRY, Registered};
use frontdesk::domain::id::{AgentId, ConversationId, WorkspaceId};
use frontdesk::domain::inbound::{Batch, Chat, InMessage, Inbound, Item};
use frontdesk::domain::message::{Direction, Kind, Message, Place};
use frontdesk::domain::time::{Clock, ManualClock, Span, Timestamp};
use frontdesk::store::channels::{Channel, NewChannel};
use frontdesk::store::{Address, Store};
use frontdesk::sync::ingest;

use super::pg::{PgDatabase, pg};

/// Noon on a Friday, when every test begins.
pub const NOON: Timestamp = Timestamp::from_secs(1_795_176_000);

/// An open store.
pub struct Bench {
    pub store: Store,
    pub workspace: WorkspaceId,
    pub agent: AgentId,
    pub channel: Channel,
    pub clock: Arc<ManualClock>,
    pub dir: tempfile::TempDir,
    _postgres: Option<PgDatabase>,
}

/// Runs a test on SQLite, and on PostgreSQL when there is a server. The bench is shared, so that its folder outlives the test's future.
pub async fn on_each_engine<F, T>(test: F)
where
    F: Fn(Arc<Bench>) -> T,
    T: Future<Output = ()>,
{
    test(Arc::new(Bench::open(None).await)).await;
    if let Some(database) = pg().await {
        test(Arc::new(Bench::open(Some(database)).await)).await;
    }
}

impl Bench {
    pub async fn open(postgres: Option<PgDatabase>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(NOON));
        let address = match &postgres {
            Some(database) => Address::Postgres(database.url()),
            None => Address::Sqlite(dir.path().join("desk.db")),
        };
        let store = Store::open(address, dir.path().join("files"), clock.clone(), fastrand::u64(..)).await.unwrap();
        let workspace = store.ensure_workspace("main").await.unwrap();
        let agent = store.ensure_agent(workspace, "Ayu").await.unwrap();
        let new = NewChannel {
            provider: "telegram".into(),
            name: "Shop".into(),
            undo_delay: Span::secs(5),
            account_key: "1".into(),
            ..NewChannel::default()
        };
        store.add_channel(workspace, Some(agent), &new).await.unwrap();
        let channel = store.channel_named(workspace, "shop").await.unwrap();
        Self { store, workspace, agent, channel, clock, dir, _postgres: postgres }
    }

    /// Another handle on the same database, as another process would have.
    pub async fn second(&self) -> Store {
        let address = self.store.address().clone();
        Store::open(address, self.dir.path().join("files"), self.clock.clone(), fastrand::u64(..)).await.unwrap()
    }

    /// Stores a batch as if the provider had sent it.
    pub async fn ingest(&self, items: Vec<Item>) -> ingest::Outcome {
        let batch = Batch { items, cursor: Some("1".into()), caught_up: true };
        ingest::ingest(&self.store, &self.channel, telegram(), &batch).await.unwrap()
    }

    /// The conversations, newest first, as the agent sees them.
    pub async fn list(&self) -> Vec<frontdesk::domain::conversation::Summary> {
        let tab = frontdesk::domain::conversation::Tab::All;
        self.store.list(&mut self.store.read().await.unwrap(), self.workspace, self.agent, tab, None, 1_000).await.unwrap().0
    }

    /// A conversation's messages, oldest first.
    pub async fn thread(&self, id: ConversationId) -> Vec<Message> {
        let mut conn = self.store.read().await.unwrap();
        self.store.thread(&mut conn, self.workspace, id, Place::Newest, 10_000).await.unwrap().messages
    }

    /// Everything a customer could notice, as text: for comparing two databases.
    pub async fn picture(&self) -> String {
        let mut picture = String::new();
        let mut rows = self.list().await;
        rows.sort_by(|a, b| a.name.cmp(&b.name).then(a.handle.cmp(&b.handle)));
        for row in rows {
            writeln!(picture, "# {} {} unread {} last {}", row.name, row.status.name(), row.unread, row.preview).unwrap();
            for m in self.thread(row.id).await {
                let versions = self.store.versions(&mut self.store.read().await.unwrap(), self.workspace, m.id).await.unwrap();
                let old: Vec<String> = versions.into_iter().map(|(at, text)| format!("{}:{text}", at.secs())).collect();
                let mut marks: Vec<String> = m.reactions.iter().map(|r| format!("{}{}", r.actor, r.emoji)).collect();
                marks.sort();
                let gone = if m.deleted_at.is_some() { " deleted" } else { "" };
                writeln!(picture, "{} {} {:?} {:?} {marks:?}{gone}", m.at.secs(), m.direction.name(), m.text, old).unwrap();
            }
        }
        picture
    }
}

/// The registry's row that tests play the provider of.
pub fn telegram() -> &'static Registered {
    REGISTRY.iter().find(|row| row.provider.name == "telegram").unwrap()
}

/// A message of a customer's chat.
pub fn message(chat: &str, id: i64, text: &str) -> InMessage {
    InMessage {
        chat: Chat { key: chat.into(), name: format!("Customer {chat}"), ..Chat::default() },
        external_id: id.to_string(),
        direction: Direction::In,
        kind: Kind::Text,
        author_key: chat.into(),
        author: format!("Customer {chat}"),
        text: text.into(),
        at: NOON.plus(Span::secs(id)),
        seq: id,
        edited_at: None,
        reply_to: None,
        quote: String::new(),
        forwarded_from: String::new(),
        album: String::new(),
        past: false,
        files: Vec::new(),
    }
}

/// A payload that means these facts.
pub fn item(key: &str, facts: Vec<Inbound>) -> Item {
    Item { key: key.into(), body: format!("{{\"{key}\":1}}"), events: Ok(facts) }
}

/// A payload with one message.
pub fn said(chat: &str, id: i64, text: &str) -> Item {
    item(&format!("{chat}/{id}"), vec![Inbound::Message(Box::new(message(chat, id, text)))])
}

/// The present of a bench's clock, moved on.
pub fn later(bench: &Bench, span: Span) -> Timestamp {
    bench.clock.advance(span);
    bench.clock.now()
}
