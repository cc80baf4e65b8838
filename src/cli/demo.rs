//! `demo`: a living desk. The simulated provider and the real program against it, on a database of its own that is gone afterwards.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::context::{Context, Setup};
use super::failure::{Exit, Failure};
use super::output::Out;
use super::run;
use crate::config::Secret;
use crate::domain::act::{Act, MOST, Step};
use crate::domain::canned::Canned;
use crate::domain::conversation::{Priority, Status, Tab};
use crate::domain::id::AgentId;
use crate::domain::inbound::{Chat, InMessage};
use crate::domain::message::{Direction, Kind};
use crate::domain::time::{Span, SystemClock, Timestamp};
use crate::simulator::cast::Cast;
use crate::simulator::history::{AGENTS, PastMessage, generate};
use crate::simulator::life::animate;
use crate::simulator::{Config, PLAYS, Simulator};
use crate::store::channels::{Channel, NewChannel};
use crate::store::inbound::NewMessage;
use crate::store::transfer::Exported;
use crate::store::{Address, Store};
use crate::sync::compose;

/// What the demo's channel is called.
const CHANNEL: &str = "Harbour Courts";
/// How many days of history there are.
const DAYS: u32 = 14;
/// Words that are ready.
const CANNED: [(&str, &str); 4] = [
    ("hours", "We are open every day from 7:00 to 23:00."),
    ("prices", "Hi {{first_name}}, a court is 24 an hour until noon and 32 after; rackets are free to borrow."),
    ("booked", "Done, {{first_name}}: court {{court}} is yours on {{day}}. See you then!"),
    ("thanks", "Thank you, {{first_name}}. Anything else, just write.\n{{agent}}, Harbour Courts"),
];
/// Messages of history stored at once.
const BATCH: usize = 500;

/// How the demo is set up.
#[derive(Args, Debug)]
pub struct Demo {
    /// How many customers there are
    #[arg(long, value_name = "NUMBER", default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    people: u32,
    /// Decides who they are and what they say
    #[arg(long, value_name = "NUMBER", default_value_t = 2)]
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

/// A channel at the simulator, and what was said before today; or the one of last time, whose customers are met again.
async fn prepare(cx: &Context, stage: &Stage, demo: &Demo, folder: &Path) -> crate::store::Result<()> {
    let store = &cx.store;
    let secret = compose::keep_secret(&folder.join("secrets"), store.next_id(), &stage.token).await?;
    let settings = [("api-base".to_owned(), stage.sim.base_url())].into();
    let secrets = [("token".to_owned(), secret.encode())].into();
    if let Some(channel) = store.channels(cx.workspace).await?.into_iter().find(|channel| channel.name == CHANNEL) {
        stage.sim.preload(stage.bot, &remembered(cx, &channel).await?);
        return store.reconnect(Some(cx.agent), &channel, &settings, &secrets).await;
    }
    let past = generate(&stage.cast, stage.bot, CHANNEL, demo.seed, store.now(), DAYS);
    stage.sim.preload(stage.bot, &past);
    let channel = add_channel(cx, stage, settings, secrets).await?;
    let messages: Vec<InMessage> = past.iter().map(|line| old(stage, line)).collect();
    for batch in messages.chunks(BATCH) {
        let batch: Vec<NewMessage<'_>> = batch.iter().map(|message| NewMessage { message, subject: "" }).collect();
        store.import(&channel, &batch).await?;
    }
    tidy(cx, store).await
}

/// What was said at the desk so far, for a provider that has forgotten it.
async fn remembered(cx: &Context, channel: &Channel) -> crate::store::Result<Vec<PastMessage>> {
    let mut said = Vec::new();
    let mut after = 0;
    loop {
        let page = cx.store.export(cx.workspace, after, BATCH as u32).await?;
        let Some(last) = page.last() else { break };
        after = last.row_id;
        said.extend(page.into_iter().filter(|row| row.channel == channel.name).filter_map(past));
    }
    said.sort_by_key(|line: &PastMessage| line.id.parse::<i64>().unwrap_or_default());
    Ok(said)
}

/// A stored message as the provider knew it; nothing for what it never had.
fn past(row: Exported) -> Option<PastMessage> {
    let ours = row.is_ours();
    Some(PastMessage {
        id: row.external_id?,
        conversation: row.chat_key,
        channel: row.channel,
        direction: if ours { "out" } else { "in" },
        sender: row.author_key,
        sender_name: row.author,
        recipient: String::new(),
        timestamp: Timestamp(row.at).secs(),
        subject: "",
        text: row.text,
        in_reply_to: row.reply_to.unwrap_or_default(),
    })
}

async fn add_channel(
    cx: &Context,
    stage: &Stage,
    settings: BTreeMap<String, String>,
    secrets: BTreeMap<String, String>,
) -> crate::store::Result<Channel> {
    let new = NewChannel {
        provider: PLAYS.to_owned(),
        name: CHANNEL.to_owned(),
        settings,
        secrets,
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
            ..Chat::default()
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

/// A desk that is worked at by several: what is older than a day was seen, and mostly resolved; some conversations are the agent's own or a
/// colleague's, some have labels, and there are words to answer with.
async fn tidy(cx: &Context, store: &Store) -> crate::store::Result<()> {
    let mut colleagues = Vec::new();
    for name in AGENTS {
        colleagues.push((store.ensure_agent(cx.workspace, name).await?, name.to_owned()));
    }
    let canned: Vec<Canned> =
        CANNED.into_iter().map(|(shortcut, text)| Canned { shortcut: shortcut.to_owned(), text: text.to_owned() }).collect();
    store.change_canned(cx.workspace, cx.agent, None, &canned).await?;
    let mut conn = store.read().await?;
    let (rows, _) = store.list(&mut conn, cx.workspace, cx.agent, Tab::All, None, 10_000).await?;
    drop(conn);
    let day_ago = store.now().minus(Span::hours(24));
    let mut steps = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        let old = row.last_at < day_ago;
        if old {
            store.set_unread(cx.workspace, cx.agent, row.id, false).await?;
        }
        steps.extend(state_of(place, old, (cx.agent, &colleagues)).into_iter().map(|act| Step::new(row.id, act)));
    }
    for steps in steps.chunks(MOST) {
        store.act(cx.workspace, cx.agent, steps).await?;
    }
    Ok(())
}

/// What was decided about the conversation at this place of the list.
fn state_of(place: usize, old: bool, (me, colleagues): (AgentId, &[(AgentId, String)])) -> Vec<Act> {
    if old && !place.is_multiple_of(4) {
        return vec![Act::Status(Status::Resolved, None)];
    }
    let mut acts = Vec::new();
    match place % 4 {
        1 => acts.push(Act::Assign(Some((me, String::new())))),
        3 => acts.extend(colleagues.get(place / 4 % colleagues.len().max(1)).cloned().map(|agent| Act::Assign(Some(agent)))),
        _ => {}
    }
    if place % 5 == 2 {
        acts.push(Act::Label("regular".to_owned(), true));
    }
    if place % 7 == 4 {
        acts.push(Act::Priority(Priority::High));
    }
    acts
}
