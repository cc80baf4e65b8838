//! `bulk …`: one template to many people. It is stored before anything leaves; whoever syncs carries it out, this command too while it waits.

mod new;
mod report;
mod watch;

use clap::{Args, Subcommand};

use super::context::Context;
use super::failure::{Exit, Failure, Told};
use super::output::Out;
use crate::channel::registered;
use crate::domain::bulk::Bulk as Sending;
use crate::domain::id::BulkId;
use crate::domain::text::Safe;
use crate::store::channels::Channel;
use crate::store::{Error, name_key};

const LIST: &str = "The list is a CSV file whose first line names the columns: number or phone, name, and one for each value of the template, by the value's name (as \
    `template show` tells them). One number in several spellings is one person and gets one message.\n\nSend advertising only to people who asked for it. Whoever \
    wrote STOP gets none, whatever the list says.\n\nWith --json the send is one object: id, name, channel, template, language, state, reason, waits_until, limit, \
    counts (waiting, queued, sent, delivered, read, failed, skipped, capped, uncertain), total.";

/// What to send to whom, or what to do with one that was begun.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true, after_help = LIST)]
pub struct Bulk {
    #[command(subcommand)]
    act: Option<Act>,
    #[command(flatten)]
    new: Option<new::New>,
}

/// What to do with one that was begun.
#[derive(Debug, Subcommand)]
enum Act {
    /// List them, newest first
    List(List),
    /// Tell how one is doing, and what became of its people
    Show(Show),
    /// Stop one for now: nothing more of it leaves
    Pause(Which),
    /// Let one that is paused go on; errors that were made count no more
    Resume(Which),
    /// Call one off: who has not got it never will
    Cancel(Which),
}

/// How many.
#[derive(Args, Debug)]
struct List {
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: u32,
}

/// Which one.
#[derive(Args, Debug)]
struct Which {
    /// Its id or its name
    bulk: String,
}

/// Which one, and how much of it.
#[derive(Args, Debug)]
struct Show {
    #[command(flatten)]
    which: Which,
    /// Every person with what became of them
    #[arg(long)]
    people: bool,
}

impl Bulk {
    /// Does it.
    pub async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        match (&self.act, &self.new) {
            (Some(act), _) => act.run(cx, out).await,
            (None, Some(new)) => new.run(cx, out).await,
            (None, None) => Err(Failure::new(Exit::Usage, "nothing was sent: say --template and --to, or see `frontdesk bulk --help`")),
        }
    }
}

impl Act {
    async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        match self {
            Self::List(list) => return list.run(cx, out).await,
            Self::Show(show) => {
                let bulk = show.which.find(cx).await?;
                report::tell(cx, out, bulk.id).await?;
                if show.people {
                    report::people(cx, out, bulk.id).await?;
                }
            }
            Self::Pause(which) => {
                let bulk = which.find(cx).await?;
                cx.store.pause_bulk(cx.workspace, Some(cx.agent), bulk.id, "").await.told("it was not paused")?;
                report::tell(cx, out, bulk.id).await?;
            }
            Self::Resume(which) => {
                let bulk = which.find(cx).await?;
                cx.store.resume_bulk(cx.workspace, cx.agent, bulk.id).await.told("it was not resumed")?;
                report::tell(cx, out, bulk.id).await?;
                out.aside(&Safe::lit("It goes on as soon as frontdesk syncs."))?;
            }
            Self::Cancel(which) => {
                let bulk = which.find(cx).await?;
                cx.store.cancel_bulk(cx.workspace, cx.agent, bulk.id).await.told("it was not called off")?;
                report::tell(cx, out, bulk.id).await?;
            }
        }
        Ok(Exit::Ok)
    }
}

impl List {
    async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        let mut conn = cx.store.read().await?;
        let bulks = cx.store.bulks(&mut conn, cx.workspace, None, self.limit).await?;
        if bulks.is_empty() {
            out.aside(&Safe::lit("Nothing was sent to many people yet. `frontdesk bulk --help` says how."))?;
        }
        for bulk in bulks {
            let counts = cx.store.bulk_counts(&mut conn, cx.workspace, bulk.id).await?;
            out.row(&report::object(cx, &bulk, &counts).await?, || report::line(&bulk, &counts))?;
        }
        Ok(Exit::Ok)
    }
}

impl Which {
    async fn find(&self, cx: &Context) -> Result<Sending, Failure> {
        let mut conn = cx.store.read().await?;
        let gone = || Failure::new(Exit::NotFound, format!("there is no bulk send {:?} here: `frontdesk bulk list` lists them", self.bulk));
        if let Ok(id) = self.bulk.parse() {
            match cx.store.bulk(&mut conn, cx.workspace, BulkId(id)).await {
                Err(Error::NotFound(_)) => {}
                found => return Ok(found?),
            }
        }
        named(cx, &self.bulk).await?.ok_or_else(gone)
    }
}

/// The bulk send of that name; of several the newest is meant.
async fn named(cx: &Context, name: &str) -> Result<Option<Sending>, Failure> {
    let all = cx.store.bulks(&mut cx.store.read().await?, cx.workspace, None, 1_000).await?;
    Ok(all.into_iter().find(|bulk| name_key(&bulk.name) == name_key(name)))
}

/// The channel of that name, if it has templates.
pub(super) async fn channel(cx: &Context, name: &str) -> Result<Channel, Failure> {
    let channel = match cx.store.channel_named(cx.workspace, name).await {
        Err(Error::NotFound(_)) => {
            return Err(Failure::new(Exit::NotFound, format!("there is no channel {name:?} here: `frontdesk channel list` lists them")));
        }
        found => found?,
    };
    match registered(&channel.provider) {
        Some(row) if row.provider.capabilities.templates => Ok(channel),
        _ => Err(Failure::failed(format!("{} has no templates: its provider knows none", channel.name))),
    }
}
