//! `send`: writes a reply. It is stored before this returns; whoever syncs carries it out.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::context::Context;
use super::failure::{Exit, Failure, Told};
use super::output::Out;
use crate::channel::registered;
use crate::domain::channel::Health;
use crate::domain::delivery::Delivery;
use crate::domain::id::{ConversationId, MessageId};
use crate::domain::inbound::Chat;
use crate::domain::message::{Message, Place};
use crate::domain::outbound::Spot;
use crate::domain::phone;
use crate::domain::template::Given;
use crate::domain::text::Safe;
use crate::domain::time::Span;
use crate::domain::wording::pick;
use crate::sync::Engine;
use crate::sync::compose::{self, Draft, TemplateDraft};

/// What the object holds, for `--help`.
const FIELDS: &str = "With --json the reply is one object: id, conversation, state (queued, sending, sent, uncertain, failed), reason. Without \
    --wait it is stored and leaves as soon as frontdesk syncs.";

/// What to send, and where.
#[derive(Args, Debug)]
#[command(after_help = FIELDS, group = clap::ArgGroup::new("what").args(["text", "attach", "template", "location"]).required(true).multiple(true))]
pub struct Send {
    /// The conversation's number, as `conversations` prints it; with --channel a telephone number, also of somebody who never wrote
    #[arg(long, value_name = "ID|NUMBER", allow_hyphen_values = true)]
    to: String,
    /// The channel to write to a telephone number on
    #[arg(long, value_name = "NAME")]
    channel: Option<String>,
    /// The words
    #[arg(long, conflicts_with_all = ["template", "location"])]
    text: Option<String>,
    /// A file to send along; may be given several times
    #[arg(long, value_name = "FILE", conflicts_with_all = ["template", "location"])]
    attach: Vec<PathBuf>,
    /// An approved template, by its name; it may leave while the reply window is closed
    #[arg(long, value_name = "NAME")]
    template: Option<String>,
    /// The template's language; the workspace's own without
    #[arg(long, value_name = "LANGUAGE", default_value = "", requires = "template", hide_default_value = true)]
    language: String,
    /// A value of the template, by the name `template show` tells; may be given several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = super::template::pair, requires = "template")]
    param: Vec<(String, String)>,
    /// The file over the template's text
    #[arg(long, value_name = "FILE", requires = "template")]
    header_file: Option<PathBuf>,
    /// A place on the map: by itself, or over the template's text
    #[arg(long, value_name = "LAT,LONG[,NAME]", value_parser = spot, allow_hyphen_values = true)]
    location: Option<Spot>,
    /// A key of your own: the same one again sends nothing and gives the first reply
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// Wait until the provider has taken it, or a person is needed
    #[arg(long)]
    wait: bool,
}

/// How long a reply may wait untried before a channel's trouble is believed to be why.
const PATIENCE: Duration = Duration::from_secs(5);

const FAILED: &str = "the reply was not queued";

impl Send {
    /// Queues it, and waits if asked.
    pub async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        let conversation = self.conversation(cx).await.told(FAILED)?;
        let template = self.template(cx, conversation).await.told(FAILED)?;
        let draft = Draft {
            client_key: self.key.clone().unwrap_or_else(|| format!("cli-{}", cx.store.next_id())),
            conversation,
            text: self.text.clone().unwrap_or_default(),
            reply_to: None,
            files: self.attach.iter().chain(&self.header_file).cloned().collect(),
            // A script that sends has decided: there is nothing to undo.
            delay: Some(Span::ZERO),
            at: None,
            spot: self.location.clone().filter(|_| template.is_none()),
            template,
        };
        let message = compose::send(&cx.store, cx.workspace, cx.agent, &draft).await.told(FAILED)?;
        let state = if self.wait { wait(cx, conversation, message).await? } else { find(cx, conversation, message).await? };
        let delivery = state.delivery;
        let number = cx.number(conversation).await?;
        let object = serde_json::json!({
            "id": message.to_string(),
            "conversation": number,
            "state": delivery.name(),
            "reason": (!state.reason.is_empty()).then_some(&state.reason),
        });
        out.row(&object, || {
            let reason = if state.reason.is_empty() { String::new() } else { format!(": {}", state.reason) };
            Safe::line(&format!("reply {message} is {}{reason}", delivery.name()))
        })?;
        let stuck = self.wait && matches!(delivery, Delivery::Queued | Delivery::Sending);
        if stuck {
            out.warn(&Safe::lit("the reply waits until its channel works again: `frontdesk channel list` says what is wrong"));
        }
        let undecided = matches!(delivery, Delivery::Uncertain | Delivery::Failed);
        Ok(if stuck || undecided { Exit::NeedsPerson } else { Exit::Ok })
    }
}

impl Send {
    /// Where: a conversation we have, or one with a telephone number, begun when there is none.
    async fn conversation(&self, cx: &Context) -> Result<ConversationId, Failure> {
        let Some(name) = &self.channel else {
            let number =
                || self.to.trim().parse().map_err(|_| self.to_is_wrong("a conversation's number, or --channel with a telephone number"));
            return cx.conversation(number()?).await;
        };
        let channel = super::bulk::channel(cx, name).await?;
        let typed =
            phone::e164(&self.to, "").ok_or_else(|| self.to_is_wrong("a telephone number with its country code, like +62 812 345 678"))?;
        let spellings = phone::spellings(&typed);
        let caps = registered(&channel.provider).map(|row| row.provider.capabilities);
        let chat = Chat {
            handle: format!("+{}", spellings.canonical),
            key: spellings.canonical,
            aliases: spellings.others,
            wide: caps.is_some_and(|caps| caps.wide_ids),
            window: caps.and_then(|caps| caps.window),
            ..Chat::default()
        };
        Ok(cx.store.begin_chat(&channel, &chat).await?)
    }

    fn to_is_wrong(&self, what: &str) -> Failure {
        Failure::new(Exit::Usage, format!("--to {:?} has to be {what}", self.to))
    }

    /// The template in the language that was asked for, else in the workspace's own.
    async fn template(&self, cx: &Context, conversation: ConversationId) -> Result<Option<TemplateDraft>, Failure> {
        let Some(name) = self.template.clone() else { return Ok(None) };
        let mut language = self.language.clone();
        if language.is_empty() {
            let mut conn = cx.store.read().await?;
            let channel = cx.store.recipient(&mut conn, cx.workspace, conversation).await?.channel;
            let own = cx.store.language(&mut conn, cx.workspace).await?;
            let mut named = cx.store.templates(&mut conn, cx.workspace, channel).await?;
            named.retain(|template| template.name == name);
            if let (2.., Some((found, _))) = (named.len(), pick(&named, |one| &one.language, &own, &own)) {
                language.clone_from(&found.language);
            }
        }
        let given = Given { spot: self.location.clone(), ..super::template::given(&self.param) };
        Ok(Some(TemplateDraft { name, language, given }))
    }
}

/// `LAT,LONG` or `LAT,LONG,NAME`.
pub fn spot(text: &str) -> Result<Spot, String> {
    let wrong = || format!("{text:?} is no place: write LATITUDE,LONGITUDE, like -6.2,106.8");
    let mut parts = text.splitn(3, ',');
    let mut degrees = || parts.next().and_then(|part| part.trim().parse::<f64>().ok()).ok_or_else(wrong);
    let (latitude, longitude) = (degrees()?, degrees()?);
    let name = parts.next().map(|name| name.trim().to_owned()).unwrap_or_default();
    let spot = Spot { latitude, longitude, name, address: String::new() };
    if spot.is_on_earth() { Ok(spot) } else { Err(wrong()) }
}

/// Waits until the reply is settled, or its channel needs a person. Syncs meanwhile if no other process does.
async fn wait(cx: &Context, conversation: ConversationId, message: MessageId) -> Result<Message, Failure> {
    // The engine brings other processes' changes too, and says so once it listens.
    let mut changes = cx.store.changes();
    let mut stop = super::sync::Stop::listen()?;
    let engine = Engine::start(cx.store.clone(), cx.engine_options("send")?);
    let (mut patient, patience) = (true, tokio::time::Instant::now() + PATIENCE);
    loop {
        let found = find(cx, conversation, message).await?;
        let tried = !found.reason.is_empty();
        match found.delivery {
            Delivery::Sending => {}
            Delivery::Queued if !stuck(cx, conversation, tried || !patient).await? => {}
            _ => break,
        }
        tokio::select! {
            // A hint that was missed is a reason to look as well; the sender cannot be gone while the store lives.
            _ = changes.recv() => {}
            () = tokio::time::sleep_until(patience), if patient => patient = false,
            () = stop.told() => break,
        }
    }
    // What is on its way is finished first.
    engine.stop().await;
    find(cx, conversation, message).await
}

/// Whether nothing leaves on the conversation's channel until a person does something. What the channel's row says may be old news, or
/// about receiving only: it counts when the reply was tried, or not even that happened for a while.
async fn stuck(cx: &Context, conversation: ConversationId, told: bool) -> Result<bool, Failure> {
    let mut conn = cx.store.read().await?;
    let to = cx.store.recipient(&mut conn, cx.workspace, conversation).await?;
    drop(conn);
    let channels = cx.store.channels(cx.workspace).await?;
    let channel = channels.into_iter().find(|channel| channel.id == to.channel);
    Ok(channel.is_none_or(|channel| channel.paused || (told && channel.health == Health::NeedsAttention)))
}

/// The message as it is now. It is one of the newest, unless the conversation goes on very fast.
async fn find(cx: &Context, conversation: ConversationId, message: MessageId) -> Result<Message, Failure> {
    let (mut conn, mut place) = (cx.store.read().await?, Place::Newest);
    loop {
        let page = cx.store.thread(&mut conn, cx.workspace, conversation, place, 100).await?;
        place = page.messages.first().map_or(place, |message| Place::Before(message.key));
        if let Some(found) = page.messages.into_iter().find(|one| one.id == message) {
            return Ok(found);
        }
        if !page.older {
            return Err(Failure::new(Exit::NotFound, format!("the reply {message} is gone from its conversation")));
        }
    }
}
