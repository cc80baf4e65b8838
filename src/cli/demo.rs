//! `demo`: a living desk. The simulated provider and the real program against it, on a database of its own that is gone afterwards.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::context::{Context, Setup};
use super::failure::{Exit, Failure};
use super::output::Out;
use super::run;
use crate::config::{Secret, SecretSource};
use crate::domain::conversation::{Status, Tab};
use crate::domain::inbound::{Chat, InMessage};
use crate::domain::message::{Direction, Kind};
use crate::domain::time::{Span, SystemClock, Timestamp};
use crate::simulator::cast::Cast;
use crate::simulator::history::{PastMessage, generate};
use crate::simulator::life::animate;
use crate::simulator::{Config, Simulator};
use crate::store::channels::{Channel, NewChannel};
use crate::store::inbound::NewMessage;
use crate::store::{Address, Store};
use crate::sync::compose;

/// What the demo's channel is called.
const CHANNEL: &str = "Harbour Courts";
/// How many days of history there are.
const DAYS: u32 = 14;
/// Messages of history stored at once.
const BATCH: usize = 500;

/// How the demo is set up.
#[derive(Args, Debug)]
pub struct Demo {
    /// How many customers there are
    #[arg(long, value_name = "NUMBER", default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    people: u32,
    /// Decides who they are and what they say
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// How many times faster than life they are
    #[arg(long, value_name = "FACTOR", default_value_t = 2.0, value_parser = super::simulate::pace)]
    pace: f64,
    /// Keep the database in this folder, and go on with it next time
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

impl Demo {
    /// Shows the desk until the agent leaves.
    pub async fn run(&self, mut setup: Setup, out: &mut Out) -> Result<Exit, Failure> {
        let temporary = tempfile::Builder::new().prefix("frontdesk-demo-").tempdir()?;
        let folder = self.keep.as_deref().unwrap_or(temporary.path());
        setup.address = Address::Sqlite(folder.join("demo.db"));
        setup.config.files_folder = Some(folder.join("files"));
        setup.paths.data_dir = folder.to_owned();
        setup.paths.log_dir = folder.join("logs");
        let cx = Context::open(setup, out).await?;
        let stage = Stage::raise(self, folder).await?;
        let prepared = prepare(&cx, &stage, self, folder).await;
        let done = match prepared {
            Ok(()) => {
                let life = animate(&stage.sim, stage.bot, stage.cast.clone(), self.seed, self.pace);
                let done = run::run(&cx).await;
                drop(life);
                done
            }
            Err(error) => Err(error.into()),
        };
        stage.sim.stop();
        cx.store.close().await;
        done
    }
}

/// The simulated provider and who is there.
struct Stage {
    sim: Simulator,
    bot: i64,
    token: Secret,
    cast: Cast,
}

impl Stage {
    async fn raise(demo: &Demo, folder: &Path) -> Result<Self, Failure> {
        let broken = |error: &dyn std::fmt::Display| Failure::failed(error.to_string());
        let mut config = Config::new(Arc::new(SystemClock));
        config.seed = demo.seed;
        let sim = Simulator::start(config).await.map_err(|error| broken(&error))?;
        let cast = Cast::new(demo.seed, demo.people as usize).map_err(|error| broken(&error))?;
        let bot = sim.add_bot(CHANNEL);
        let token = sim.token(bot).ok_or_else(|| broken(&format!("the simulator in {} has no bot", folder.display())))?;
        sim.add_people(&cast);
        Ok(Self { sim, bot, token, cast })
    }
}

/// A channel at the simulator, and what was said before today.
async fn prepare(cx: &Context, stage: &Stage, demo: &Demo, folder: &Path) -> crate::store::Result<()> {
    let store = &cx.store;
    let past = generate(&stage.cast, stage.bot, CHANNEL, demo.seed, store.now(), DAYS);
    stage.sim.preload(stage.bot, &past);
    for channel in store.channels(cx.workspace).await? {
        // A kept database met another simulator last time.
        store.remove_channel(cx.workspace, Some(cx.agent), channel.id).await?;
    }
    let secret = compose::keep_secret(&folder.join("secrets"), store.next_id(), &stage.token).await?;
    let channel = add_channel(cx, stage, &secret).await?;
    let messages: Vec<InMessage> = past.iter().map(|line| old(stage, line)).collect();
    for batch in messages.chunks(BATCH) {
        let batch: Vec<NewMessage<'_>> = batch.iter().map(|message| NewMessage { message, subject: "" }).collect();
        store.import(&channel, &batch).await?;
    }
    tidy(cx, store).await
}

async fn add_channel(cx: &Context, stage: &Stage, secret: &SecretSource) -> crate::store::Result<Channel> {
    let new = NewChannel {
        provider: "telegram".to_owned(),
        name: CHANNEL.to_owned(),
        settings: [("api-base".to_owned(), stage.sim.base_url())].into(),
        secrets: [("token".to_owned(), secret.encode())].into(),
        account_key: stage.bot.to_string(),
        account_name: CHANNEL.to_owned(),
        undo_delay: cx.setup.config.undo_delay,
        paused: false,
    };
    cx.store.add_channel(cx.workspace, Some(cx.agent), &new).await?;
    cx.store.channel_named(cx.workspace, CHANNEL).await
}

/// A line of history as the connector would have brought it.
fn old(stage: &Stage, line: &PastMessage) -> InMessage {
    let ours = line.direction == "out";
    let person = stage.cast.people.iter().find(|persona| persona.person.id.to_string() == line.conversation);
    let (name, handle) = person.map(|persona| (persona.person.full_name(), persona.person.username.clone())).unwrap_or_default();
    InMessage {
        chat: Chat {
            key: line.conversation.clone(),
            name,
            handle: if handle.is_empty() { handle } else { format!("@{handle}") },
            language: person.map(|persona| persona.person.language.clone()).unwrap_or_default(),
            window: None,
        },
        external_id: line.id.clone(),
        direction: if ours { Direction::Out } else { Direction::In },
        kind: Kind::Text,
        author_key: line.sender.clone(),
        author: line.sender_name.clone(),
        text: line.text.clone(),
        at: Timestamp::from_secs(line.timestamp),
        seq: line.id.parse().unwrap_or_default(),
        edited_at: None,
        reply_to: Some(line.in_reply_to.clone()).filter(|id| !id.is_empty()),
        quote: String::new(),
        forwarded_from: String::new(),
        album: String::new(),
        files: Vec::new(),
    }
}

/// A desk that is worked at: what is older than three days, or was answered more than a day ago, is resolved; only the last hours' messages
/// are unread; a few conversations are the agent's own.
async fn tidy(cx: &Context, store: &Store) -> crate::store::Result<()> {
    let mut conn = store.read().await?;
    let (rows, _) = store.list(&mut conn, cx.workspace, cx.agent, Tab::All, None, 10_000).await?;
    drop(conn);
    let ago = |hours| store.now().minus(Span::hours(hours));
    for (place, row) in rows.iter().enumerate() {
        if row.last_at < ago(12) {
            store.set_unread(cx.workspace, cx.agent, row.id, false).await?;
        }
        if row.last_at < ago(72) || (row.waiting_since.is_none() && row.last_at < ago(24)) {
            store.set_status(cx.workspace, cx.agent, row.id, Status::Resolved).await?;
        } else if place % 4 == 1 {
            store.assign(cx.workspace, cx.agent, row.id, Some(cx.agent)).await?;
        }
    }
    Ok(())
}
