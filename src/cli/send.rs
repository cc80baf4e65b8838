//! `send`: writes a reply. It is stored before this returns; whoever syncs carries it out.

use std::path::PathBuf;

use clap::Args;

use super::context::Context;
use super::failure::{Exit, Failure, Told};
use super::output::Out;
use crate::channel::provider;
use crate::domain::attachment::{FileKind, human_size};
use crate::domain::channel::Capabilities;
use crate::domain::delivery::Delivery;
use crate::domain::id::{ConversationId, MessageId};
use crate::domain::message::Message;
use crate::domain::outbound::{OutFile, plan};
use crate::domain::text::Safe;
use crate::domain::window::{self, Window};
use crate::store::replies::{NewReply, Recipient};

/// What to send, and where.
#[derive(Args, Debug)]
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

const FAILED: &str = "the reply was not queued";

impl Send {
    /// Queues it, and waits if asked.
    pub async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        let conversation = cx.conversation(self.to).await.told(FAILED)?;
        let message = self.queue(cx, conversation).await.told(FAILED)?;
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
        Ok(if matches!(delivery, Delivery::Uncertain | Delivery::Failed) { Exit::NeedsPerson } else { Exit::Ok })
    }

    async fn queue(&self, cx: &Context, conversation: ConversationId) -> Result<MessageId, Failure> {
        let mut conn = cx.store.read().await?;
        let to = cx.store.recipient(&mut conn, cx.workspace, conversation).await?;
        drop(conn);
        let known = provider(&to.provider).filter(|_| to.connected);
        let known = known.ok_or_else(|| Failure::failed("the account it came in on is not connected (any more): connect it with `channel add`"))?;
        allowed(cx, &to)?;
        let mut files = Vec::new();
        for path in &self.attach {
            files.push(take_in(cx, path, known.capabilities).await?);
        }
        let parts = plan(&self.text, files.len(), known.capabilities);
        if parts.is_empty() {
            return Err(Failure::new(Exit::Usage, "there is nothing to send: give --text or --attach"));
        }
        let key = self.key.clone().unwrap_or_else(|| format!("cli-{}", cx.store.next_id()));
        // A script that sends has decided: no undo delay.
        let due_at = cx.store.now();
        let reply =
            NewReply { client_key: &key, conversation, text: &self.text, reply_to: None, parts: &parts, files: &files, due_at };
        Ok(cx.store.queue_reply(cx.workspace, cx.agent, &reply).await?)
    }
}

/// Whether the customer can be written to now.
fn allowed(cx: &Context, to: &Recipient) -> Result<(), Failure> {
    if !to.reachable {
        return Err(Failure::failed("the customer has blocked this account or left: nothing can be delivered until they write again"));
    }
    match window::policy(to.window, to.last_inbound_at, cx.store.now()) {
        Window::Unlimited | Window::Open(_) => Ok(()),
        Window::Closed(at) => {
            let since = at.map_or_else(String::new, |at| format!(" since {}", cx.local(at)));
            Err(Failure::failed(format!("the reply window is closed{since}: the customer has to write first")))
        }
    }
}

/// Copies a file into our store, so that what is sent is what it was now.
async fn take_in(cx: &Context, path: &std::path::Path, caps: &Capabilities) -> Result<OutFile, Failure> {
    let shown = path.display();
    let meta = std::fs::metadata(path).map_err(|error| Failure::failed(format!("{shown} cannot be read: {error}")))?;
    if !meta.is_file() {
        return Err(Failure::failed(format!("{shown} is not a file")));
    }
    if meta.len() > caps.upload_limit {
        let (size, limit) = (human_size(meta.len()), human_size(caps.upload_limit));
        return Err(Failure::failed(format!("{shown} is too large: {size}, and this channel takes {limit}")));
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let blob = cx.store.blobs().take_in(path, cx.store.next_id()).await?;
    let (kind, mime) = FileKind::of_file_name(&name);
    Ok(OutFile { kind, name, mime: mime.to_owned(), hash: blob.hash, size: blob.size })
}

/// Waits for the reply to be settled, by this process's hints and other processes'.
async fn wait(cx: &Context, conversation: ConversationId, message: MessageId) -> Result<Message, Failure> {
    let watch = cx.store.watch().await?;
    let mut changes = cx.store.changes();
    let settled = loop {
        let found = find(cx, conversation, message).await?;
        if !matches!(found.delivery, Delivery::Queued | Delivery::Sending) {
            break found;
        }
        // A hint that was missed is a reason to look as well; the sender cannot be gone while the store lives.
        let _ = changes.recv().await;
    };
    drop(watch);
    Ok(settled)
}

/// The message as it is now. It is one of the newest, unless the conversation goes on very fast.
async fn find(cx: &Context, conversation: ConversationId, message: MessageId) -> Result<Message, Failure> {
    let (mut conn, mut before) = (cx.store.read().await?, None);
    loop {
        let page = cx.store.thread(&mut conn, cx.workspace, conversation, before, 100).await?;
        before = page.messages.first().map(|message| message.key);
        if let Some(found) = page.messages.into_iter().find(|one| one.id == message) {
            return Ok(found);
        }
        if !page.more {
            return Err(Failure::new(Exit::NotFound, format!("the reply {message} is gone from its conversation")));
        }
    }
}
