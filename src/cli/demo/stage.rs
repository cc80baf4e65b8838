//! The simulated providers of the demo, who is there, what they said before today, and the door through which one of them calls us.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::{desk, wordings};
use crate::channel::registered;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::config::Secret;
use crate::domain::inbound::{Chat, InMessage};
use crate::domain::message::{Direction, Kind};
use crate::domain::time::{Span, SystemClock, Timestamp};
use crate::server::http;
use crate::simulator::cast::{Cast, Home, Persona};
use crate::simulator::graph::{self, Graph};
use crate::simulator::history::{PastMessage, generate, generate_on_whatsapp};
use crate::simulator::{self, Homes, Simulator, scenes};
use crate::store::channels::{Channel, NewChannel};
use crate::store::inbound::NewMessage;
use crate::store::transfer::Exported;
use crate::sync::status::EngineStatus;
use crate::sync::supervisor::sources_of;
use crate::sync::{compose, templates};

/// What the demo's channels are called.
const TELEGRAM: &str = "Harbour Courts";
const WHATSAPP: &str = "Harbour WhatsApp";
/// How many days of history there are.
const DAYS: u32 = 14;
/// Messages of history stored at once.
const BATCH: usize = 500;
/// How long customers on WhatsApp may be written to after they wrote.
const WINDOW: Span = Span::hours(24);

/// When somebody writes for a number.
const FIRST_ASK: Duration = Duration::from_secs(25);

/// The simulated providers and who is there.
pub(super) struct Stage {
    pub(super) homes: Homes,
    pub(super) cast: Cast,
    sim: Simulator,
    bot: i64,
    graph: Graph,
    number: String,
    /// Ends the door; and what stands in it.
    closed: CancellationToken,
    door: std::sync::Mutex<Option<JoinHandle<()>>>,
}

/// An account of ours at one of the providers.
struct Account {
    name: &'static str,
    /// What the provider calls it.
    known_as: String,
    provider: &'static str,
    key: String,
    settings: BTreeMap<String, String>,
    secrets: BTreeMap<&'static str, Secret>,
    home: Home,
}

fn broken(error: &dyn std::fmt::Display) -> Failure {
    Failure::failed(error.to_string())
}

impl Stage {
    pub(super) async fn raise(seed: u64, people: usize) -> Result<Self, Failure> {
        let mut config = simulator::Config::new(Arc::new(SystemClock));
        config.seed = seed;
        let sim = Simulator::start(config).await.map_err(|error| broken(&error))?;
        let mut config = graph::Config::new(Arc::new(SystemClock));
        config.seed = seed;
        let graph = Graph::start(config).await.map_err(|error| broken(&error))?;
        let cast = Cast::new(seed, people).map_err(|error| broken(&error))?.on_two_providers();
        let (bot, number) = (sim.add_bot(TELEGRAM), graph.add_number(TELEGRAM));
        graph.change_number(&number, |number| "TIER_2K".clone_into(&mut number.tier));
        for template in scenes::templates() {
            graph.add_template(&graph.number(&number).map(|number| number.business).unwrap_or_default(), template);
        }
        let homes = Homes { telegram: Some((sim.clone(), bot)), whatsapp: Some((graph.clone(), number.clone())) };
        homes.add_people(&cast);
        Ok(Self { homes, cast, sim, bot, graph, number, closed: CancellationToken::new(), door: std::sync::Mutex::default() })
    }

    /// A channel at each provider, and what was said before today; or those of last time, whose customers are met again.
    pub(super) async fn prepare(&self, cx: &Context, seed: u64, folder: &Path) -> Result<(), Failure> {
        let token = self.sim.token(self.bot).ok_or_else(|| broken(&"the simulated bot has no token"))?;
        let telegram = Account {
            name: TELEGRAM,
            known_as: TELEGRAM.to_owned(),
            provider: simulator::PLAYS,
            key: self.bot.to_string(),
            settings: [("api-base".to_owned(), self.sim.base_url())].into(),
            secrets: [("token", token)].into(),
            home: Home::Telegram,
        };
        let number = self.graph.number(&self.number).ok_or_else(|| broken(&"the simulated business has no number"))?;
        let settings =
            [("api-base", self.graph.base_url()), ("phone-number-id", number.id.clone()), ("business-account", number.business.clone())];
        let whatsapp = Account {
            name: WHATSAPP,
            known_as: format!("{TELEGRAM} (+{})", number.phone),
            provider: graph::PLAYS,
            key: number.id.clone(),
            settings: settings.map(|(field, value)| (field.to_owned(), value)).into(),
            secrets: [("token", number.token), ("app-secret", number.app_secret), ("verify-token", number.verify_token)].into(),
            home: Home::WhatsApp,
        };
        let (_, known) = self.channel(cx, &telegram, seed, folder).await?;
        let (channel, past) = self.channel(cx, &whatsapp, seed, folder).await?;
        if known.is_some() {
            desk::tidy(cx, &cx.store).await?;
            wordings::keep(cx).await?;
        }
        self.open_door(cx, &channel, &whatsapp).await?;
        if let Some(past) = past {
            scenes::open(&self.homes, &self.cast, &past);
        }
        Ok(())
    }

    /// The account's channel, and the history it was just given; `None` when it had one of its own.
    async fn channel(
        &self,
        cx: &Context,
        account: &Account,
        seed: u64,
        folder: &Path,
    ) -> Result<(Channel, Option<Vec<PastMessage>>), Failure> {
        let store = &cx.store;
        let mut secrets = BTreeMap::new();
        for (field, secret) in &account.secrets {
            let kept = compose::keep_secret(&folder.join("secrets"), store.next_id(), secret).await?;
            secrets.insert((*field).to_owned(), kept.encode());
        }
        if let Some(channel) = store.channels(cx.workspace).await?.into_iter().find(|channel| channel.name == account.name) {
            self.preload(account, &remembered(cx, &channel).await?);
            store.reconnect(Some(cx.agent), &channel, &account.settings, &secrets).await?;
            return Ok((store.channel_named(cx.workspace, account.name).await?, None));
        }
        let past = match account.home {
            Home::Telegram => generate(&self.cast.only(Home::Telegram), self.bot, account.name, seed, store.now(), DAYS),
            Home::WhatsApp => generate_on_whatsapp(&self.cast, &self.number, account.name, seed, store.now(), DAYS),
        };
        self.preload(account, &past);
        let new = NewChannel {
            provider: account.provider.to_owned(),
            name: account.name.to_owned(),
            settings: account.settings.clone(),
            secrets,
            account_key: account.key.clone(),
            account_name: account.known_as.clone(),
            undo_delay: cx.setup.config.undo_delay,
            paused: false,
        };
        store.add_channel(cx.workspace, Some(cx.agent), &new).await?;
        let channel = store.channel_named(cx.workspace, account.name).await?;
        let messages: Vec<InMessage> = past.iter().map(|line| self.old(account.home, line)).collect();
        for batch in messages.chunks(BATCH) {
            let batch: Vec<NewMessage<'_>> = batch.iter().map(|message| NewMessage { message, subject: "" }).collect();
            store.import(&channel, &batch).await?;
        }
        Ok((channel, Some(past)))
    }

    fn preload(&self, account: &Account, past: &[PastMessage]) {
        match account.home {
            Home::Telegram => self.sim.preload(self.bot, past),
            Home::WhatsApp => self.graph.preload(&self.number, past),
        }
    }

    /// Listens for what the provider has to tell, registers there, and fetches the templates.
    async fn open_door(&self, cx: &Context, channel: &Channel, account: &Account) -> Result<(), Failure> {
        let client = cx.http()?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let setup = http::Setup::new(cx.store.clone(), client.clone(), watch::Sender::new(EngineStatus::default()).subscribe());
        let serving = tokio::spawn(http::serve(listener, setup, self.closed.clone()));
        if let Ok(mut door) = self.door.lock() {
            *door = Some(serving);
        }
        let row = registered(account.provider).ok_or_else(|| broken(&"the demo's provider is not built in"))?;
        let sources = sources_of(channel).map_err(Failure::failed)?;
        let settings = compose::settings(&cx.store, &client, row, &channel.settings, &sources).await?;
        let path = row.webhook.map(|webhook| (webhook.path)(&settings)).unwrap_or_default();
        let url = format!("http://{address}/webhooks/{}{path}", channel.id);
        self.graph.subscribe(&self.number, &url).await.map_err(|error| broken(&format!("the demo's webhooks: {error}")))?;
        let connector = (row.connect)(&settings).map_err(|error| broken(&error))?;
        templates::pull(&cx.store, channel, &*connector).await?;
        Ok(())
    }

    /// In the first minute somebody writes for a number, as long as this is held.
    pub(super) fn somebody_asks_for_a_number(&self) -> AbortOnDropHandle<()> {
        let (homes, cast) = (self.homes.clone(), self.cast.clone());
        AbortOnDropHandle::new(tokio::spawn(async move {
            tokio::time::sleep(FIRST_ASK).await;
            scenes::ask_for_a_number(&homes, &cast);
        }))
    }

    /// The end: providers are gone, the door is shut.
    pub(super) async fn strike(&self) {
        self.sim.stop();
        self.graph.stop();
        self.closed.cancel();
        let door = self.door.lock().ok().and_then(|mut door| door.take());
        if let Some(door) = door {
            // That it broke matters to nobody any more.
            let _ = door.await;
        }
    }

    /// A line of history as the connector would have brought it.
    fn old(&self, home: Home, line: &PastMessage) -> InMessage {
        let ours = line.direction == "out";
        let persona = self.cast.people.iter().find(|persona| persona.home == home && persona.chat() == line.conversation);
        InMessage {
            chat: persona.map(chat_with).unwrap_or_default(),
            external_id: line.id.clone(),
            direction: if ours { Direction::Out } else { Direction::In },
            kind: Kind::Text,
            author_key: line.sender.clone(),
            author: line.sender_name.clone(),
            text: line.text.clone(),
            at: Timestamp::from_secs(line.timestamp),
            seq: if home == Home::Telegram { line.id.parse().unwrap_or_default() } else { 0 },
            edited_at: None,
            reply_to: Some(line.in_reply_to.clone()).filter(|id| !id.is_empty()),
            quote: String::new(),
            forwarded_from: String::new(),
            album: String::new(),
            past: false,
            files: Vec::new(),
        }
    }
}

/// The chat with somebody as the connector would have brought it.
fn chat_with(persona: &Persona) -> Chat {
    let at = |username: &str| if username.is_empty() { String::new() } else { format!("@{username}") };
    let chat = Chat { key: persona.chat(), name: persona.person.full_name(), ..Chat::default() };
    match persona.home {
        Home::Telegram => Chat { handle: at(&persona.person.username), language: persona.person.language.clone(), ..chat },
        Home::WhatsApp => {
            let person = persona.on_whatsapp();
            let known = !person.hides_phone;
            let handle = if known { format!("+{}", person.phone) } else { at(&person.username) };
            let aliases = Vec::from_iter(Some(person.phone).filter(|phone| known && *phone != chat.key));
            Chat { handle, aliases, wide: true, window: Some(WINDOW), ..chat }
        }
    }
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
    // Where ids are numbers they tell the order; elsewhere times do.
    said.sort_by_key(|line: &PastMessage| (line.id.parse::<i64>().unwrap_or_default(), line.timestamp));
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
