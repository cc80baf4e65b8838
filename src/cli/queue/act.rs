//! What is done to a ticket.

use clap::Args;

use super::{Queue, ask, priority};
use crate::cli::context::Context;
use crate::cli::failure::{Exit, Failure};
use crate::cli::output::Out;
use crate::cli::place;
use crate::domain::id::{CounterId, ServiceId};
use crate::domain::queue;
use crate::domain::queue::look::Ask;
use crate::domain::queue::{Act, CounterState, Priority, Ticket};
use crate::domain::time::Span;
use crate::domain::when;

/// Which ticket.
#[derive(Args, Debug)]
pub struct Which {
    /// What is printed on it: SER-001
    #[arg(long)]
    ticket: String,
    /// Refuse when it has changed since it was at this version; since it was looked up without
    #[arg(long, value_name = "N")]
    version: Option<i64>,
}

/// To which counter.
#[derive(Args, Debug)]
pub struct Call {
    #[command(flatten)]
    which: Which,
    /// To which counter; the one you opened without
    #[arg(long)]
    counter: Option<String>,
}

/// For how long.
#[derive(Args, Debug)]
pub struct Park {
    #[command(flatten)]
    which: Which,
    /// For so many minutes; until somebody calls it without
    #[arg(long, value_name = "N", conflicts_with = "until", value_parser = clap::value_parser!(i64).range(1..=1_440))]
    minutes: Option<i64>,
    /// Until then, like 14:40
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
}

/// Where in the line.
#[derive(Args, Debug)]
pub struct Return {
    #[command(flatten)]
    which: Which,
    /// Before everybody of its class
    #[arg(long, conflicts_with = "last")]
    first: bool,
    /// After everybody of its class
    #[arg(long)]
    last: bool,
}

/// To which service.
#[derive(Args, Debug)]
pub struct Transfer {
    #[command(flatten)]
    which: Which,
    /// To which service, by its prefix or name
    #[arg(long, visible_alias = "to")]
    service: String,
}

/// How urgent.
#[derive(Args, Debug)]
pub struct Prefer {
    #[command(flatten)]
    which: Which,
    /// How urgent: urgent, elder, disabled, pregnant, normal
    #[arg(long, value_name = "CLASS", value_parser = priority)]
    priority: Priority,
}

/// Does what `queue` says to one ticket.
pub async fn run(queue: &Queue, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
    match queue {
        Queue::Call(call) => {
            let ticket = call.which.find(cx).await?;
            let counter = match &call.counter {
                Some(name) => place::counter(cx, None, name).await?.id,
                None => mine(cx, &ticket).await?,
            };
            call.which.act(cx, out, (&ticket, Act::Call), Some(counter), None).await
        }
        Queue::Park(park) => {
            let until = match (&park.until, park.minutes) {
                (Some(text), _) => Some(when::parse(text, cx.store.now(), cx.zone).map_err(|_| not_parked(text))?),
                (None, Some(minutes)) => Some(cx.store.now().plus(Span::minutes(minutes))),
                (None, None) => None,
            };
            park.which.just(cx, out, Act::Park(until)).await
        }
        Queue::Return(back) => {
            let place = match (back.first, back.last) {
                (true, _) => queue::Place::First,
                (_, true) => queue::Place::Last,
                _ => queue::Place::Arrival,
            };
            back.which.just(cx, out, Act::Return(place)).await
        }
        Queue::Transfer(transfer) => {
            let ticket = transfer.which.find(cx).await?;
            let service = place::service(cx, None, &transfer.service).await?;
            transfer.which.act(cx, out, (&ticket, Act::Transfer), None, Some(service.id)).await
        }
        Queue::Priority(prefer) => {
            let ticket = prefer.which.find(cx).await?;
            let asked =
                Ask::Prefer { ticket: ticket.id, version: prefer.which.version.or(Some(ticket.version)), priority: prefer.priority };
            ask(cx, out, &format!("{} is as urgent as it was", ticket.label), &asked).await
        }
        Queue::Recall(which) => which.just(cx, out, Act::Recall).await,
        Queue::Start(which) => which.just(cx, out, Act::Start).await,
        Queue::Serve(which) => which.just(cx, out, Act::Serve).await,
        Queue::NoShow(which) => which.just(cx, out, Act::NoShow).await,
        Queue::Reinstate(which) => which.just(cx, out, Act::Reinstate).await,
        Queue::Cancel(which) => which.just(cx, out, Act::Cancel).await,
        Queue::Undo(which) => which.just(cx, out, Act::Undo).await,
        Queue::Issue(_)
        | Queue::Next(_)
        | Queue::Show(_)
        | Queue::List(_)
        | Queue::Stats(_)
        | Queue::Subscribe(_)
        | Queue::PushKey
        | Queue::Reset(_) => Ok(Exit::Ok),
    }
}

impl Which {
    /// The newest ticket of that number.
    pub async fn find(&self, cx: &Context) -> Result<Ticket, Failure> {
        let missing = |error| match error {
            crate::store::Error::NotFound(_) => {
                Failure::new(Exit::Refused, format!("there is no ticket {:?}: `frontdesk queue list` shows who waits", self.ticket))
            }
            other => Failure::from(other),
        };
        cx.store.ticket_labelled(&mut cx.store.read().await?, cx.workspace, &self.ticket).await.map_err(missing)
    }

    async fn just(&self, cx: &Context, out: &mut Out, act: Act) -> Result<Exit, Failure> {
        let ticket = self.find(cx).await?;
        self.act(cx, out, (&ticket, act), None, None).await
    }

    async fn act(
        &self,
        cx: &Context,
        out: &mut Out,
        (ticket, act): (&Ticket, Act),
        counter: Option<CounterId>,
        service: Option<ServiceId>,
    ) -> Result<Exit, Failure> {
        let asked = Ask::Act { ticket: ticket.id, version: self.version.or(Some(ticket.version)), act, counter, service };
        ask(cx, out, &format!("{}: nothing was done", act.name()), &asked).await
    }
}

/// The counter where this agent works.
async fn mine(cx: &Context, ticket: &Ticket) -> Result<CounterId, Failure> {
    let counters = cx.store.counters(&mut cx.store.read().await?, cx.workspace, ticket.venue).await?;
    let mine = counters.into_iter().find(|counter| counter.agent == Some(cx.agent) && counter.state != CounterState::Closed);
    let none = || Failure::new(Exit::Usage, "to which counter? say --counter NAME, or open yours with `frontdesk counter open`");
    mine.map(|counter| counter.id).ok_or_else(none)
}

fn not_parked(text: &str) -> Failure {
    Failure::new(Exit::Usage, format!("the ticket was not parked: {text:?} is no time to come: write it like 14:40 or in 20m"))
}
