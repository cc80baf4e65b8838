//! How long after its undo delay a reply leaves for the provider: from the instant it is due to its arrival at the simulator, by the
//! simulator's ledger. In between lie the waking, the claim (a commit at `synchronous=FULL`) and the request itself. The budget is 20 ms.
//!
//! `cargo bench --bench reply`. Not criterion's: it would measure the waiting, and the lateness is what counts.

use std::io::Write as _;
use std::sync::Arc;

use frontdesk::channel::http::Client;
use frontdesk::domain::conversation::{Summary, Tab};
use frontdesk::domain::id::{AgentId, WorkspaceId};
use frontdesk::domain::lease::Program;
use frontdesk::domain::outbound::Part;
use frontdesk::domain::time::{Clock, Span, SystemClock};
use frontdesk::simulator::{Config, Person, Simulator};
use frontdesk::store::channels::NewChannel;
use frontdesk::store::replies::NewReply;
use frontdesk::store::{Address, Store};
use frontdesk::sync::compose;
use frontdesk::sync::supervisor::{Engine, Options};

type Failure = Box<dyn std::error::Error>;

const REPLIES: usize = 60;
const DELAY: Span = Span::millis(100);

/// Waits until the customer's message is a conversation.
async fn first(store: &Store, workspace: WorkspaceId, agent: AgentId) -> Result<Summary, Failure> {
    let mut changes = store.changes();
    loop {
        let found = store.list(&mut store.read().await?, workspace, agent, Tab::All, None, 1).await?;
        if let Some(summary) = found.0.into_iter().next() {
            return Ok(summary);
        }
        changes.recv().await?;
    }
}

/// How late each reply arrived, in microseconds.
async fn measure(replies: usize) -> Result<Vec<i64>, Failure> {
    let dir = tempfile::tempdir()?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let mut config = Config::new(Arc::clone(&clock));
    config.throttle = false;
    let sim = Simulator::start(config).await?;
    let bot = sim.add_bot("Harbour Courts");
    let chat = sim.private_chat(bot, sim.add_person(Person { id: 5_200_000_001, first_name: "Leila".to_owned(), ..Person::default() }));
    let store = Store::open(Address::Sqlite(dir.path().join("frontdesk.db")), dir.path().join("files"), clock, 1).await?;
    let workspace = store.ensure_workspace("main").await?;
    let agent = store.ensure_agent(workspace, "Ayu").await?;
    let token = sim.token(bot).ok_or("the simulator knows no such bot")?;
    let secret = compose::keep_secret(&dir.path().join("secrets"), store.next_id(), &token).await?;
    let new = NewChannel {
        provider: "telegram".to_owned(),
        name: "Harbour Courts".to_owned(),
        settings: [("api-base".to_owned(), sim.base_url())].into(),
        secrets: [("token".to_owned(), secret.encode())].into(),
        account_key: bot.to_string(),
        undo_delay: DELAY,
        ..NewChannel::default()
    };
    store.add_channel(workspace, Some(agent), &new).await?;
    let options = Options {
        http: Client::new()?,
        download_limit: 1 << 20,
        journal_retention: Span::hours(24),
        program: Program::default(),
        push: None,
    };
    let engine = Engine::start(store.clone(), options);
    sim.say(chat, "Is court 2 free at six?");
    let conversation = first(&store, workspace, agent).await?.id;
    let mut late = Vec::with_capacity(replies);
    for n in 0..replies {
        let text = format!("It is, answer {n}");
        let parts = [Part { text: text.clone(), ..Part::default() }];
        let due_at = store.now().plus(DELAY);
        let reply = NewReply {
            client_key: &text,
            conversation,
            text: &text,
            reply_to: None,
            parts: &parts,
            files: &[],
            due_at,
            appointed: false,
            fallback: None,
            bulk: None,
        };
        store.queue_reply(workspace, agent, &reply).await?;
        let arrived = sim.wait_for(|ledger| ledger.delivered(chat).find(|received| received.text == text).map(|received| received.at));
        late.push(arrived.await.since(due_at).0);
    }
    engine.stop().await;
    sim.stop();
    store.close().await;
    Ok(late)
}

fn main() -> Result<(), Failure> {
    // `cargo test --benches` runs this with `--test`, to see that it works.
    let replies = if std::env::args().any(|argument| argument == "--test") { 1 } else { REPLIES };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut late = runtime.block_on(measure(replies))?;
    late.sort_unstable();
    let at = |percent: usize| late[(late.len() - 1) * percent / 100] as f64 / 1e3;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{replies} replies, ms after they were due: median {:.1}, 95 % {:.1}, latest {:.1}", at(50), at(95), at(100))?;
    Ok(())
}
