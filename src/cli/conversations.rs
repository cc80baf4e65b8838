//! `conversations`: the list, newest first.

use std::collections::BTreeMap;

use clap::{Args, ValueEnum};

use super::context::Context;
use super::failure::{Exit, Failure};
use super::output::Out;
use crate::domain::conversation::{Summary, Tab};
use crate::domain::delivery::Delivery;
use crate::domain::id::ChannelId;
use crate::domain::message::Direction;
use crate::domain::text::Safe;
use crate::domain::time::{Timestamp, age};

/// How many are read at once.
const PAGE: u32 = 200;

/// What the objects hold, for `--help`.
const FIELDS: &str = "With --json each conversation is one object: id (the number other commands take), name, handle, channel, provider, \
    status, assignee, unread, last, last_direction, last_state, last_at, waiting_since, draft, reachable. Times are UTC (RFC 3339); what \
    there is not is null.";

/// Which conversations.
#[derive(Args, Debug)]
#[command(after_help = FIELDS)]
pub struct Conversations {
    /// Which of the inbox's lists
    #[arg(long, value_enum, default_value = "all")]
    tab: Which,
    /// At most so many; all without
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

/// The inbox's lists.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Which {
    /// Open and assigned to me
    Mine,
    /// Open and assigned to nobody
    Unassigned,
    /// Everything open
    All,
    /// Open, and the customer waits for an answer
    Unattended,
    /// Out of sight until a time or a message, the next to come back first
    Snoozed,
    /// In which I have begun to write
    Drafts,
    /// Done
    Resolved,
    /// Unwanted
    Spam,
}

impl Conversations {
    /// Prints them.
    pub async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        let channels = cx.store.channels(cx.workspace).await?;
        let names: BTreeMap<ChannelId, String> = channels.into_iter().map(|channel| (channel.id, channel.name)).collect();
        let (mut left, mut after) = (self.limit.unwrap_or(usize::MAX), None);
        let mut conn = cx.store.read().await?;
        while left > 0 {
            let (rows, more) = cx.store.list(&mut conn, cx.workspace, cx.agent, self.tab.tab(), after, PAGE).await?;
            for row in rows.iter().take(left) {
                let channel = names.get(&row.channel).map_or("", String::as_str);
                out.row(&object(row, channel), || line(cx, row, channel))?;
            }
            left = left.saturating_sub(rows.len());
            after = rows.last().map(Summary::key);
            if !more {
                break;
            }
        }
        if after.is_none() && self.limit != Some(0) {
            out.aside(&Safe::lit(
                "No conversation here. New ones appear when customers write; `frontdesk channel list` shows the channels.",
            ))?;
        }
        Ok(Exit::Ok)
    }
}

impl Which {
    const fn tab(self) -> Tab {
        match self {
            Self::Mine => Tab::Mine,
            Self::Unassigned => Tab::Unassigned,
            Self::All => Tab::All,
            Self::Unattended => Tab::Unattended,
            Self::Snoozed => Tab::Snoozed,
            Self::Drafts => Tab::Drafts,
            Self::Resolved => Tab::Resolved,
            Self::Spam => Tab::Spam,
        }
    }
}

fn object(row: &Summary, channel: &str) -> serde_json::Value {
    serde_json::json!({
        "id": row.number,
        "name": row.name,
        "handle": row.handle,
        "channel": channel,
        "provider": row.provider,
        "status": row.status.name(),
        "assignee": (!row.assignee_name.is_empty()).then_some(&row.assignee_name),
        "unread": row.unread,
        "last": row.preview,
        "last_direction": row.preview_direction.name(),
        "last_state": row.mark.map(Delivery::name),
        "last_at": row.last_at.rfc3339(),
        "waiting_since": row.waiting_since.map(Timestamp::rfc3339),
        "draft": row.draft,
        "reachable": !row.unreachable,
    })
}

fn line(cx: &Context, row: &Summary, channel: &str) -> Safe {
    let unread = if row.unread > 0 { row.unread.to_string() } else { String::new() };
    let (name, whose) = (Safe::line(&row.name).fit(24), if row.preview_direction == Direction::Out { "you: " } else { "" });
    // Widths are counted in columns, which format! does not know of.
    let gap = " ".repeat(24_usize.saturating_sub(name.width()));
    let last = Safe::line(&row.preview).fit(60);
    let when = age(row.last_at, cx.store.now(), cx.zone);
    Safe::line(&format!("{:>5} {unread:>3} {name}{gap} {:<12} {when:>6}  {whose}{last}", row.number, Safe::line(channel).fit(12)))
}
