//! What every command that works on the database has: the settings, the open store, the workspace, who is asking.

use std::io::Write as _;
use std::path::PathBuf;
use std::str::FromStr as _;
use std::sync::Arc;

use chrono_tz::Tz;

use super::args::Global;
use super::failure::{Exit, Failure};
use super::log::{self, Log};
use super::output::Out;
use crate::channel::http::{Client, Reach};
use crate::channel::push;
use crate::config::{Config, Env, Paths};
use crate::domain::id::{AgentId, ConversationId, MessageId, WorkspaceId};
use crate::domain::lease::Program;
use crate::domain::text::Safe;
use crate::domain::time::{SystemClock, Timestamp};
use crate::store::{Address, Store};
use crate::sync::Options;
use crate::sync::queue::push::Push;

/// Numbers below this are the workspace's own numbers of conversations, all others ids: an id holds the time it was made in its upper bits.
const FIRST_ID: i64 = 1 << 32;
/// From so many rows on a new schema takes long enough to be told, and is told again after as many.
const SLOW_ROWS: u64 = 50_000;

/// The settings, before a database is opened.
#[derive(Clone, Debug)]
pub struct Setup {
    /// What was set.
    pub config: Config,
    /// The environment the program was started in.
    pub env: Env,
    /// Where files are.
    pub paths: Paths,
    /// The database to use.
    pub address: Address,
    /// The workspace's name.
    pub workspace: String,
}

/// Everything a command works with.
#[derive(Debug)]
pub struct Context {
    /// The settings.
    pub setup: Setup,
    /// The open database.
    pub store: Store,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// Who is asking.
    pub agent: AgentId,
    /// The zone times are shown in.
    pub zone: Tz,
    _log: Option<Log>,
}

impl Setup {
    /// Reads settings and environment and lays the command line's options over them.
    pub fn read(global: &Global, env: Env) -> Result<Self, Failure> {
        let mut paths = Paths::find(&env).map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
        let config = Config::load(global.config.as_deref(), &paths, &env)?;
        if let Some(file) = &global.config {
            paths.config_file.clone_from(file);
        }
        let url = global.database.clone().unwrap_or_else(|| config.database(&paths));
        let address = Address::from_str(&url).map_err(Failure::from)?;
        let workspace = global.workspace.clone().unwrap_or_else(|| config.workspace.clone());
        Ok(Self { config, env, paths, address, workspace })
    }

    /// Where attachments are kept: the setting, else beside a SQLite file, else in the data directory.
    pub fn files(&self) -> PathBuf {
        match (&self.config.files_folder, &self.address) {
            (Some(folder), _) => folder.clone(),
            (None, Address::Sqlite(path)) => path.with_extension("files"),
            (None, Address::Postgres(_)) => self.paths.data_dir.join("files"),
        }
    }

    /// Begins to log. That it cannot is worth a warning, not a failure.
    pub fn start_log(&self, out: &mut Out) -> Option<Log> {
        log::start(&self.paths.log_dir, &self.config.log).map_err(|problem| out.warn(&Safe::block(&problem))).ok()
    }

    /// Opens the database.
    pub async fn open_store(&self) -> Result<Store, Failure> {
        let told = std::sync::atomic::AtomicU64::new(0);
        let tell = |done: u64, total: u64| {
            let before = told.load(std::sync::atomic::Ordering::Relaxed);
            if total >= SLOW_ROWS && (done >= before + SLOW_ROWS || done == total) {
                told.store(done, std::sync::atomic::Ordering::Relaxed);
                // Whoever started the program wonders why nothing appears; nobody is left to tell when it is gone.
                let _ = writeln!(std::io::stderr(), "frontdesk: bringing the database up to date, once: {done} of {total} rows");
            }
        };
        Ok(Store::open_telling(self.address.clone(), self.files(), Arc::new(SystemClock), fastrand::u64(..), &tell).await?)
    }
}

impl Context {
    /// Reads the settings, begins to log, and opens the database.
    pub async fn open(setup: Setup, out: &mut Out) -> Result<Self, Failure> {
        let store = setup.open_store().await?;
        let log = setup.start_log(out);
        let workspace = store.ensure_workspace(&setup.workspace).await?;
        let agent = store.ensure_agent(workspace, &setup.config.agent(&setup.env)).await?;
        let zone = setup.config.zone(&setup.env);
        Ok(Self { setup, store, workspace, agent, zone, _log: log })
    }

    /// The conversation somebody means by a number: the one the screen and `conversations` show, or an id.
    pub async fn conversation(&self, number: i64) -> Result<ConversationId, Failure> {
        let id = match number {
            FIRST_ID.. => ConversationId(number),
            _ => self.store.conversation_numbered(self.workspace, number).await.map_err(|error| no_conversation(number, error))?,
        };
        let mut conn = self.store.read().await?;
        self.store.summary(&mut conn, self.workspace, self.agent, id).await.map_err(|error| no_conversation(number, error))?;
        Ok(id)
    }

    /// The number people call a conversation by.
    pub async fn number(&self, id: ConversationId) -> Result<i64, Failure> {
        let mut conn = self.store.read().await?;
        Ok(self.store.summary(&mut conn, self.workspace, self.agent, id).await?.number)
    }

    /// The one HTTP client of the process.
    pub fn http(&self) -> Result<Client, Failure> {
        Client::new().map_err(|error| Failure::failed(error.to_string()))
    }

    /// What the background task is told; `kind` is what this process is, for others that find it syncing.
    pub fn engine_options(&self, kind: &str) -> Result<Options, Failure> {
        let http = self.http()?;
        let config = &self.setup.config;
        let program = Program { kind: kind.to_owned(), host: host(&self.setup.env), pid: std::process::id() };
        let push = self.pusher().unwrap_or_else(|problem| {
            // Whoever is called is still on the display; the desk works without.
            tracing::warn!(%problem, "no notice is pushed");
            None
        });
        let push = push.map(|sender| Arc::new(sender) as Arc<dyn Push>);
        Ok(Options { http, download_limit: config.download_limit, journal_retention: config.journal_keep, program, push })
    }

    /// The key that push notices are signed with; made the first time.
    pub fn push_key(&self) -> Result<push::Key, String> {
        let folder = &self.setup.paths.data_dir;
        let made = std::fs::create_dir_all(folder).map_err(|error| format!("{} cannot be made: {error}", folder.display()));
        made.and_then(|()| push::key(&self.push_key_file()).map_err(|error| error.to_string()))
    }

    /// Where that key is kept.
    pub fn push_key_file(&self) -> PathBuf {
        self.setup.paths.data_dir.join("push.key")
    }

    /// What pushes notices; `None` when nobody is named whom push services may turn to.
    pub fn pusher(&self) -> Result<Option<push::Sender>, String> {
        let queue = &self.setup.config.queue;
        let Some(contact) = &queue.push_contact else { return Ok(None) };
        let reach = if queue.push_here { Reach::AndThisMachine } else { Reach::Internet };
        let sender = push::Sender::new(self.push_key()?, contact, Arc::new(SystemClock), reach);
        sender.map(Some).map_err(|error| error.to_string())
    }

    /// An instant for people, in their zone.
    pub fn local(&self, at: Timestamp) -> String {
        at.local(self.zone).format("%Y-%m-%d %H:%M").to_string()
    }
}

/// The machine's name, for people.
fn host(env: &Env) -> String {
    #[cfg(unix)]
    let told = Some(rustix::system::uname().nodename().to_string_lossy().into_owned());
    #[cfg(not(unix))]
    let told: Option<String> = None;
    told.or_else(|| env.get("COMPUTERNAME").map(str::to_owned)).filter(|name| !name.is_empty()).unwrap_or_else(|| "this machine".to_owned())
}

fn no_conversation(number: i64, error: crate::store::Error) -> Failure {
    match error {
        crate::store::Error::NotFound(_) => {
            Failure::new(Exit::NotFound, format!("there is no conversation {number} here: `frontdesk conversations` lists them"))
        }
        other => other.into(),
    }
}

/// A message's id as it was printed.
pub fn message_id(text: &str) -> Result<MessageId, String> {
    text.parse().map(MessageId).map_err(|_| "a message's id is a number, as `show` and `outbox list` print it".to_owned())
}
