//! `counter …`: where people are called to.

use clap::{Args, Subcommand};
use serde_json::json;

use super::super::context::Context;
use super::super::failure::{Exit, Failure, Told};
use super::super::output::Out;
use super::super::queue::{Codes, refused};
use super::venue;
use crate::domain::queue;
use crate::domain::queue::CounterState;
use crate::domain::queue::look::{Answer, Ask};
use crate::domain::text::Safe;

const FIELDS: &str = "With --json each counter is one object: counter, venue, state, services, version.";

/// What to do with counters.
#[derive(Debug, Subcommand)]
pub enum Counter {
    /// Add one
    #[command(after_help = FIELDS)]
    Add(Add),
    /// List those of a venue
    #[command(after_help = FIELDS)]
    List(At),
    /// Say what it serves from now on
    Serves(Serves),
    /// Begin to work there
    Open(Which),
    /// Leave it for a while
    Break(Which),
    /// Leave it; somebody who was called stands first in the line again
    Close(Which),
}

/// Where.
#[derive(Args, Debug)]
pub struct At {
    /// Which venue; the only one without
    #[arg(long, value_name = "NAME")]
    venue: Option<String>,
}

/// A new one.
#[derive(Args, Debug)]
pub struct Add {
    #[command(flatten)]
    at: At,
    /// What stands over it: 3, Window B
    #[arg(long)]
    name: String,
    /// What it serves, by prefixes: SER,CS
    #[arg(long, value_delimiter = ',', required = true)]
    services: Vec<String>,
}

/// What it serves.
#[derive(Args, Debug)]
pub struct Serves {
    #[command(flatten)]
    which: Which,
    /// By prefixes: SER,CS
    #[arg(long, value_delimiter = ',', required = true)]
    services: Vec<String>,
}

/// Which one.
#[derive(Args, Debug)]
pub struct Which {
    #[command(flatten)]
    at: At,
    /// What stands over it
    #[arg(long)]
    counter: String,
}

impl Counter {
    /// Does it.
    pub async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        match self {
            Self::Add(add) => {
                let venue = venue(cx, add.at.venue.as_deref()).await?;
                let services = super::services(cx, Some(&venue.name), &add.services).await?;
                let added = cx.store.add_counter(cx.workspace, cx.agent, venue.id, &add.name, &services).await;
                show(cx, out, &added.told("the counter was not added")?).await?;
            }
            Self::List(at) => {
                let venue = venue(cx, at.venue.as_deref()).await?;
                let all = cx.store.counters(&mut cx.store.read().await?, cx.workspace, venue.id).await?;
                if all.is_empty() {
                    out.aside(&Safe::lit("There is no counter yet. `frontdesk counter add --name 1 --services SER` makes one."))?;
                }
                for counter in all {
                    show(cx, out, &counter).await?;
                }
            }
            Self::Serves(serves) => {
                let found = serves.which.find(cx).await?;
                let services = super::services(cx, serves.which.at.venue.as_deref(), &serves.services).await?;
                cx.store.set_skills(cx.workspace, cx.agent, found.id, &services).await.told("the counter serves what it served")?;
                show(cx, out, &queue::Counter { services, ..found }).await?;
            }
            Self::Open(which) => return which.set(cx, out, CounterState::Open).await,
            Self::Break(which) => return which.set(cx, out, CounterState::Break).await,
            Self::Close(which) => return which.set(cx, out, CounterState::Closed).await,
        }
        Ok(Exit::Ok)
    }
}

impl Which {
    async fn find(&self, cx: &Context) -> Result<queue::Counter, Failure> {
        super::counter(cx, self.at.venue.as_deref(), &self.counter).await
    }

    async fn set(&self, cx: &Context, out: &mut Out, state: CounterState) -> Result<Exit, Failure> {
        let found = self.find(cx).await.codes()?;
        match cx.store.queue_ask(cx.workspace, Some(cx.agent), &Ask::Counter { counter: found.id, state }).await {
            Ok(Answer::Counter(counter)) => show(cx, out, &counter).await.map(|()| Exit::Ok),
            Ok(_) => Ok(Exit::Ok),
            Err(error) => refused(out, &format!("counter {} is as it was", found.name), error),
        }
    }
}

async fn show(cx: &Context, out: &mut Out, counter: &queue::Counter) -> Result<(), Failure> {
    let mut conn = cx.store.read().await?;
    let venues = cx.store.venues(&mut conn, cx.workspace).await?;
    let venue = venues.iter().find(|venue| venue.id == counter.venue).map_or("", |venue| &venue.name);
    let services = cx.store.services(&mut conn, cx.workspace, counter.venue).await?;
    let prefixes: Vec<&str> =
        services.iter().filter(|service| counter.services.contains(&service.id)).map(|service| service.prefix.as_str()).collect();
    let object = json!({
        "counter": counter.name,
        "venue": venue,
        "state": counter.state.name(),
        "services": prefixes,
        "version": counter.version,
    });
    Ok(out.row(&object, || Safe::line(&format!("{:<8} {:<7} {}", counter.name, counter.state.name(), prefixes.join(", "))))?)
}
