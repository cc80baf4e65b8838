//! `send`: writes a reply. It is stored before this returns; whoever syncs carries it out.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::context::Context;
use super::failure::{Exit, Failure, Told};
use super::output::Out;
use crate::domain::channel::Health;
use crate::domain::delivery::Delivery;
use crate::domain::id::{ConversationId, MessageId};
use crate::domain::message::{Message, Place};
use crate::domain::text::Safe;
use crate::domain::time::Span;
use crate::sync::Engine;
use crate::sync::compose::{self, Draft};

/// What the object holds, for `--help`.
const FIELDS: &str = "With --json the reply is one object: id, conversation, state (queued, sending, sent, uncertain, failed), reason. Without \
    --wait it is stored and leaves as soon as frontdesk syncs.";

/// What to send, and where.
#[derive(Args, Debug)]
#[command(after_help = FIELDS)]
pub struct Send {
    /// The conversation's number, as `conversations` prints it
    #[arg(long, value_name = "ID")]
    to: i64,
    /// The words
    #[arg(long, default_value = "", required_unless_present = "attach")]
    text: String,
    /// A file to send along; may be given several times
    #[arg(long, value_name = "FILE")]
    attach: Vec<PathBuf>,
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
        let conversation = cx.conversation(self.to).await.told(FAILED)?;
        let draft = Draft {
            client_key: self.key.clone().unwrap_or_else(|| format!("cli-{}", cx.store.next_id())),
            conversation,
            text: self.text.clone(),
            reply_to: None,
            files: self.attach.clone(),
            // A script that sends has decided: there is nothing to undo.
            delay: Some(Span::ZERO),
            at: None,
            template: None,
            spot: None,
        };
        let message = compose::send(&cx.store, cx.workspace, cx.agent, &draft).await.told(FAILED)?;
        let state = if self.wait { wait(cx, conversation, message).await? } else { find(cx, conversation, message).await? };
        let delivery = state.delivery;
        let object = serde_json::json!({
            "id": message.to_string(),
            "conversation": self.to,
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

/// Waits until the reply is settled, or its channel needs a person. Syncs meanwhile if no other process does.
async fn wait(cx: &Context, conversation: ConversationId, message: MessageId) -> Result<Message, Failure> {
    // The engine brings other processes' changes too, and says so once it listens.
    let mut changes = cx.store.changes();
    let mut stop = super::sync::Stop::listen()?;
    let engine = Engine::start(cx.store.clone(), cx.engine_options()?);
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
