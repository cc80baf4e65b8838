//! `outbox …`: replies that have not arrived, and what to do with those that need a person.

use clap::{Args, Subcommand};

use super::context::{Context, message_id};
use super::failure::{Exit, Failure, Told};
use super::output::Out;
use crate::domain::id::MessageId;
use crate::domain::text::Safe;

/// The most that are listed.
const LISTED: u32 = 10_000;

/// What the objects of the list hold, for `--help`.
const FIELDS: &str = "With --json each order is one object: id (the reply's, as retry, mark-sent and discard take it), conversation, channel, to, \
    action (send, edit, delete, react), state (ready, sending, uncertain, failed), next_try_at, attempts, reason.";

/// What to do with the outbox.
#[derive(Debug, Subcommand)]
pub enum Outbox {
    /// List what waits, failed or is uncertain
    #[command(after_help = FIELDS)]
    List,
    /// Send a failed or uncertain reply again; an uncertain one may then arrive twice
    #[command(alias = "resend")]
    Retry(Which),
    /// Settle an uncertain reply: it arrived
    MarkSent(Which),
    /// Give a reply up; it stays in the thread as it is
    Discard(Which),
}

/// Which replies.
#[derive(Args, Debug)]
pub struct Which {
    /// The replies' ids, as `outbox list` prints them
    #[arg(required = true, value_name = "ID", value_parser = message_id)]
    ids: Vec<MessageId>,
}

impl Outbox {
    /// Does it.
    pub async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        match self {
            Self::List => list(cx, out).await,
            Self::Retry(which) => {
                for id in &which.ids {
                    cx.store.resend(cx.workspace, cx.agent, *id).await.told(&format!("reply {id} was not queued again"))?;
                    say(out, *id, "queued again")?;
                }
                Ok(Exit::Ok)
            }
            Self::MarkSent(which) => {
                for id in &which.ids {
                    cx.store.mark_sent(cx.workspace, cx.agent, *id).await.told(&format!("reply {id} was not marked as sent"))?;
                    say(out, *id, "marked as sent")?;
                }
                Ok(Exit::Ok)
            }
            Self::Discard(which) => {
                for id in &which.ids {
                    cx.store.discard(cx.workspace, cx.agent, *id).await.told(&format!("reply {id} was not discarded"))?;
                    say(out, *id, "discarded")?;
                }
                Ok(Exit::Ok)
            }
        }
    }
}

fn say(out: &mut Out, id: MessageId, done: &str) -> Result<(), Failure> {
    let object = serde_json::json!({ "id": id.to_string(), "done": done });
    Ok(out.row(&object, || Safe::line(&format!("reply {id} is {done}")))?)
}

async fn list(cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
    let waiting = cx.store.outbox(cx.workspace, LISTED).await?;
    if waiting.is_empty() {
        out.aside(&Safe::lit("Nothing waits: every reply has arrived at its provider."))?;
    }
    for one in waiting {
        let number = cx.number(one.conversation).await?;
        let object = serde_json::json!({
            "id": one.message.to_string(),
            "conversation": number,
            "channel": one.channel,
            "to": one.to,
            "action": one.action,
            "state": one.state,
            "next_try_at": one.next_try_at.rfc3339(),
            "attempts": one.attempt,
            "reason": (!one.reason.is_empty()).then_some(&one.reason),
        });
        out.row(&object, || {
            let when = if one.state == "ready" { format!(", next at {}", cx.local(one.next_try_at)) } else { String::new() };
            let reason = if one.reason.is_empty() { String::new() } else { format!(": {}", one.reason) };
            let (id, state, action, to, channel) = (one.message, &one.state, &one.action, &one.to, &one.channel);
            Safe::line(&format!("{id}  {action} in {number} to {to} on {channel}  {state}{when}{reason}"))
        })?;
    }
    Ok(Exit::Ok)
}
