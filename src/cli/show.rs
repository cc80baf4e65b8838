//! `show ID`: a conversation's messages, in order.

use clap::Args;

use super::context::Context;
use super::failure::{Exit, Failure};
use super::output::Out;
use crate::domain::attachment::{Attachment, human_size};
use crate::domain::conversation::Summary;
use crate::domain::id::ConversationId;
use crate::domain::message::{Direction, Message, Place};
use crate::domain::text::Safe;
use crate::domain::time::Timestamp;
use crate::store::messages::Times;

/// How many are read at once.
const PAGE: u32 = 500;

/// What the objects hold, for `--help`.
const FIELDS: &str = "With --json each message is one object: id, conversation, direction (in, out, note, system), author, text, state (received, \
    queued, sending, sent, delivered, read, played, uncertain, failed, canceled), reason, at, received_at, due_at, sent_at, delivered_at, read_at, \
    played_at, failed_at, edited_at, deleted_at, reply_to (id, author, text), forwarded_from, reactions (actor, emoji), attachments (id, kind, name, \
    mime, size, stored, sha256), provider_ids, versions (at, text). Times are UTC (RFC 3339); what there is not is null.";

/// Which conversation.
#[derive(Args, Debug)]
#[command(after_help = FIELDS)]
pub struct Show {
    /// The conversation's number, as `conversations` prints it
    id: i64,
    /// Only the newest so many messages
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

impl Show {
    /// Prints its messages, oldest first.
    pub async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        let id = cx.conversation(self.id).await?;
        let mut conn = cx.store.read().await?;
        let summary = cx.store.summary(&mut conn, cx.workspace, cx.agent, id).await?;
        drop(conn);
        out.aside(&heading(&summary))?;
        for message in self.messages(cx, id).await? {
            let mut conn = cx.store.read().await?;
            let times = cx.store.times(&mut conn, cx.workspace, message.id).await?;
            let mut object = object(&message, &times, summary.number);
            object["provider_ids"] = cx.store.provider_ids(&mut conn, cx.workspace, message.id).await?.into();
            object["versions"] = cx.store.versions(&mut conn, cx.workspace, message.id).await?.into_iter().map(version).collect();
            out.row(&object, || lines(cx, &message))?;
        }
        Ok(Exit::Ok)
    }

    /// A thread is read backwards in pages, as the screen does, and told forwards.
    async fn messages(&self, cx: &Context, id: ConversationId) -> Result<Vec<Message>, Failure> {
        let limit = self.limit.unwrap_or(usize::MAX);
        let (mut pages, mut count, mut place) = (Vec::new(), 0, Place::Newest);
        let mut conn = cx.store.read().await?;
        loop {
            let page = cx.store.thread(&mut conn, cx.workspace, id, place, PAGE).await?;
            place = page.messages.first().map_or(place, |message| Place::Before(message.key));
            count += page.messages.len();
            pages.push(page.messages);
            if !page.older || count >= limit {
                break;
            }
        }
        let messages: Vec<Message> = pages.into_iter().rev().flatten().collect();
        Ok(messages.into_iter().skip(count.saturating_sub(limit)).collect())
    }
}

fn heading(summary: &Summary) -> Safe {
    let handle = if summary.handle.is_empty() { String::new() } else { format!(" ({})", summary.handle) };
    let assigned = if summary.assignee_name.is_empty() { String::new() } else { format!(", assigned to {}", summary.assignee_name) };
    let (number, name, provider, status) = (summary.number, &summary.name, &summary.provider, summary.status.name());
    Safe::line(&format!("{number}: {name}{handle} on {provider}, {status}{assigned}"))
}

fn object(message: &Message, times: &Times, conversation: i64) -> serde_json::Value {
    let time = |at: Option<Timestamp>| at.map(Timestamp::rfc3339);
    let ours = message.direction == Direction::Out;
    serde_json::json!({
        // Larger than what many JSON readers keep exact, so it is text.
        "id": message.id.to_string(),
        "conversation": conversation,
        "direction": message.direction.name(),
        "author": message.author,
        "text": message.text,
        "state": message.delivery.name(),
        "reason": (!message.reason.is_empty()).then_some(&message.reason),
        "at": message.at.rfc3339(),
        "received_at": times.received_at.rfc3339(),
        "due_at": time(message.due_at).filter(|_| ours),
        "sent_at": time(times.sent_at),
        "delivered_at": time(times.delivered_at),
        "read_at": time(times.read_at),
        "played_at": time(times.played_at),
        "failed_at": time(times.failed_at),
        "edited_at": time(message.edited_at),
        "deleted_at": time(message.deleted_at),
        "reply_to": message.quote.as_ref().map(|quote| serde_json::json!({
            "id": quote.id.map(|id| id.to_string()), "author": quote.author, "text": quote.text,
        })),
        "forwarded_from": (!message.forwarded_from.is_empty()).then_some(&message.forwarded_from),
        "reactions": message.reactions.iter().map(|reaction| serde_json::json!({
            "actor": reaction.actor, "emoji": reaction.emoji,
        })).collect::<Vec<_>>(),
        "attachments": message.attachments.iter().map(file).collect::<Vec<_>>(),
    })
}

/// What a message read before it was edited, and since when.
fn version((at, text): (Timestamp, String)) -> serde_json::Value {
    serde_json::json!({ "at": at.rfc3339(), "text": text })
}

fn file(file: &Attachment) -> serde_json::Value {
    serde_json::json!({
        "id": file.id.to_string(),
        "kind": file.kind.name(),
        "name": file.name,
        "mime": file.mime,
        "size": file.size,
        "stored": file.stored.name(),
        "sha256": file.hash,
    })
}

/// A line of who, when and how far, then the words.
fn lines(cx: &Context, message: &Message) -> Safe {
    let mut head = vec![format!("{}  {}", cx.local(message.at), message.author)];
    match message.direction {
        Direction::Out => head.push(format!("[{}]", message.delivery.name())),
        Direction::Note => head.push("[note]".to_owned()),
        Direction::In | Direction::System => {}
    }
    for (told, word) in [(message.edited_at, "[edited]"), (message.deleted_at, "[deleted]")] {
        head.extend(told.map(|_| word.to_owned()));
    }
    if !message.reason.is_empty() {
        head.push(message.reason.clone());
    }
    // Each line is cleaned alone: no name may add a line of its own.
    let mut lines = vec![String::new(), Safe::line(&head.join("  ")).to_string()];
    lines.extend(Safe::block(&message.text).as_str().lines().map(|line| format!("    {line}")));
    for file in &message.attachments {
        let size = file.size.map_or_else(String::new, |size| format!(", {}", human_size(size)));
        lines.push(format!("    [{}] {}{size}", file.kind.title(), Safe::line(&file.name)));
    }
    Safe::block(&lines.join("\n"))
}
