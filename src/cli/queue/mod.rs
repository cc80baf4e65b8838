//! `queue …`: tickets, and the people who hold them.

mod act;
mod list;
mod push;
mod ticket;

use clap::{Args, Subcommand};
use serde_json::json;

use super::context::Context;
use super::failure::{Exit, Failure, Told};
use super::output::Out;
use super::place;
use crate::domain::queue::Priority;
use crate::domain::queue::look::{Answer, Ask, Finish, Issue};
use crate::domain::text::Safe;
use crate::store::Error;

/// What every command here ends with, and prints.
pub const CODES: &str = "Exit codes: 0 done; 3 refused, or there is no such thing (the ticket's state is in the answer); 4 nobody is waiting; 2 the command \
    line cannot be understood; 1 anything else.";
const FIELDS: &str = "With --json a ticket is one object: ticket, state, service, service_name, department, counter, position, total, estimate_from, \
    estimate_to (minutes; null when nobody can tell), estimate, now_serving, priority, phone, name, arrived_at, called_at, recalls, parked_until, told, known \
    (it was there before it was asked for), version. Times are UTC (RFC 3339).";

/// What to do in the queue.
#[derive(Debug, Subcommand)]
pub enum Queue {
    /// Give somebody a number
    #[command(after_help = FIELDS)]
    Issue(New),
    /// Call the next one to a counter
    #[command(after_help = CODES)]
    Next(Next),
    /// Call one ticket to a counter, whoever is before it
    #[command(after_help = CODES)]
    Call(act::Call),
    /// Call it again
    Recall(act::Which),
    /// Its holder is there
    Start(act::Which),
    /// Its holder is done
    Serve(act::Which),
    /// Put it aside for a while
    Park(act::Park),
    /// Put it back into the line
    Return(act::Return),
    /// Put it into the line of another service; it keeps its number and its arrival
    Transfer(act::Transfer),
    /// Nobody came
    NoShow(act::Which),
    /// They came after all
    Reinstate(act::Which),
    /// Give it up
    Cancel(act::Which),
    /// The call was a mistake: within ten seconds it stands where it stood
    Undo(act::Which),
    /// Make it more or less urgent
    Priority(act::Prefer),
    /// Tell of one ticket
    #[command(after_help = FIELDS)]
    Show(act::Which),
    /// Who waits, in the order in which they are called
    #[command(after_help = FIELDS)]
    List(list::List),
    /// How the services are doing
    #[command(after_help = list::STATS)]
    Stats(list::Stats),
    /// Tell the holder of a ticket on a device
    Subscribe(push::Subscribe),
    /// The public key (VAPID) that a page subscribes devices with, as its applicationServerKey
    PushKey,
    /// Begin to number a service again; refused while it has open tickets
    Reset(Reset),
}

/// A ticket to be.
#[derive(Args, Debug)]
pub struct New {
    /// For what, by its prefix or name
    #[arg(long)]
    service: String,
    /// A phone number; the same phone gets the same ticket while it is open
    #[arg(long)]
    phone: Option<String>,
    /// What the holder is called
    #[arg(long)]
    name: Option<String>,
    /// How urgent: urgent, elder, disabled, pregnant, normal
    #[arg(long, value_name = "CLASS", default_value = "normal", value_parser = priority)]
    priority: Priority,
    /// The language the holder is told in, like id or en
    #[arg(long)]
    language: Option<String>,
    /// The same for every try of the same wish: it makes one ticket
    #[arg(long, value_name = "IDEMPOTENCY-KEY")]
    key: Option<String>,
    /// Which venue, when services of several have that name
    #[arg(long, value_name = "NAME")]
    venue: Option<String>,
    /// The subscription of the holder's browser, as PushSubscription.toJSON() gives it; - is standard input
    #[arg(long, value_name = "FILE")]
    push_file: Option<String>,
}

/// To which counter.
#[derive(Args, Debug)]
pub struct Next {
    /// To which counter
    #[arg(long)]
    counter: String,
    /// What becomes of the one who is still there
    #[arg(long, value_enum)]
    finish: Option<End>,
    /// Which venue, when counters of several have that name
    #[arg(long, value_name = "NAME")]
    venue: Option<String>,
}

/// What becomes of somebody who is still at a counter.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum End {
    /// Done
    Serve,
    /// Put aside
    Park,
    /// Nobody came
    NoShow,
}

/// Which service.
#[derive(Args, Debug)]
pub struct Reset {
    /// Which, by its prefix or name
    #[arg(long)]
    service: String,
}

impl Queue {
    /// Does it.
    pub async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        self.go(cx, out).await.codes()
    }

    async fn go(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        match self {
            Self::Issue(new) => new.run(cx, out).await,
            Self::Next(next) => next.run(cx, out).await,
            Self::List(list) => list.run(cx, out).await,
            Self::Stats(stats) => stats.run(cx, out).await,
            Self::Subscribe(subscribe) => subscribe.run(cx, out).await,
            Self::PushKey => push::key(cx, out),
            Self::Reset(reset) => {
                let found = place::service(cx, None, &reset.service).await?;
                match cx.store.reset_numbers(cx.workspace, cx.agent, found.id).await {
                    Ok(()) => {
                        let object = json!({ "service": found.prefix, "done": "reset" });
                        out.row(&object, || Safe::line(&format!("the next ticket is {}-001", found.prefix)))?;
                        Ok(Exit::Ok)
                    }
                    Err(error) => refused(out, "the numbers go on", error),
                }
            }
            Self::Show(which) => {
                let found = which.find(cx).await?;
                ticket::show(cx, out, &found).await
            }
            _ => act::run(self, cx, out).await,
        }
    }
}

impl New {
    async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        let device = self.push_file.as_deref().map(push::subscription).transpose()?;
        let service = place::service(cx, self.venue.as_deref(), &self.service).await?;
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let issue = Issue {
            service: Some(service.id),
            priority: self.priority,
            phone: text(&self.phone),
            name: text(&self.name),
            language: text(&self.language),
            key: text(&self.key),
            source: "desk",
        };
        let failed = "no ticket was issued";
        match (device, cx.store.queue_ask(cx.workspace, Some(cx.agent), &Ask::Issue(issue)).await) {
            (Some(device), Ok(answer @ Answer::Ticket(_))) => {
                if let Answer::Ticket(place) = &answer {
                    let what = format!("{} was issued, but the device is not told of it", place.ticket.label);
                    cx.store.set_push(cx.workspace, place.ticket.id, &device.json()).await.told(&what)?;
                }
                answered(cx, out, failed, Ok(answer))
            }
            (_, answer) => answered(cx, out, failed, answer),
        }
    }
}

impl Next {
    async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        let counter = place::counter(cx, self.venue.as_deref(), &self.counter).await?;
        let finish = self.finish.map(|end| match end {
            End::Serve => Finish::Serve,
            End::Park => Finish::Park,
            End::NoShow => Finish::NoShow,
        });
        let there = cx.store.at_counter(&mut cx.store.read().await?, cx.workspace, counter.id).await?;
        let there = there.map(|ticket| (ticket.id, ticket.version));
        ask(cx, out, "nobody was called", &Ask::Next { counter: counter.id, there, finish }).await
    }
}

/// Asks, and tells what came of it.
async fn ask(cx: &Context, out: &mut Out, failed: &str, ask: &Ask) -> Result<Exit, Failure> {
    answered(cx, out, failed, cx.store.queue_ask(cx.workspace, Some(cx.agent), ask).await)
}

/// Tells what came of it.
fn answered(cx: &Context, out: &mut Out, failed: &str, answer: Result<Answer, Error>) -> Result<Exit, Failure> {
    match answer {
        Ok(Answer::Ticket(place)) => ticket::tell(out, cx, &place).map(|()| Exit::Ok),
        Ok(Answer::Nobody) => {
            out.row(&json!({ "ticket": null, "waiting": 0 }), || Safe::lit("Nobody is waiting."))?;
            Ok(Exit::Nobody)
        }
        Ok(Answer::Busy(ticket)) => {
            let why = format!("{} is still there: end it with --finish serve, park or no-show", ticket.label);
            out.row(&json!({ "ticket": ticket.label, "state": ticket.state.name(), "refused": why }), Safe::default)?;
            Err(Failure::new(Exit::Refused, format!("{failed}: {why}")))
        }
        Ok(Answer::Counter(_)) => Ok(Exit::Ok),
        Err(error) => refused(out, failed, error),
    }
}

/// A refusal, with the state that the ticket is in for whoever reads JSON.
pub fn refused(out: &mut Out, failed: &str, error: Error) -> Result<Exit, Failure> {
    let exit = match &error {
        Error::Ticket { label, state, why } => {
            if out.is_json() {
                out.object(&json!({ "ticket": label, "state": state.name(), "refused": why }))?;
            }
            Exit::Refused
        }
        Error::Refused(_) | Error::NotFound(_) | Error::Duplicate => Exit::Refused,
        _ => Exit::Failed,
    };
    let told: Result<Exit, Failure> = Err(error).told(failed);
    told.map_err(|failure| Failure { exit, ..failure })
}

/// The numbers of these commands where they differ from everybody's.
pub trait Codes {
    /// What does not exist is a refusal here, and the database is like anything else that went wrong.
    #[must_use]
    fn codes(self) -> Self;
}

impl<T> Codes for Result<T, Failure> {
    fn codes(self) -> Self {
        self.map_err(|failure| {
            let exit = match failure.exit {
                Exit::NotFound => Exit::Refused,
                Exit::Database => Exit::Failed,
                other => other,
            };
            Failure { exit, ..failure }
        })
    }
}

/// A class as people write it, in either language of the desk.
fn priority(text: &str) -> Result<Priority, String> {
    let typed = text.trim().to_lowercase();
    Priority::ALL
        .into_iter()
        .find(|priority| *priority != Priority::Normal && priority.short().to_lowercase() == typed)
        .or_else(|| Priority::of(&typed))
        .or(match typed.as_str() {
            "elders" | "elderly" | "senior" | "lansia" => Some(Priority::Elder),
            "disability" | "disabilitas" => Some(Priority::Disabled),
            "hamil" => Some(Priority::Pregnant),
            "emergency" | "vip" | "darurat" => Some(Priority::Urgent),
            "none" | "-" => Some(Priority::Normal),
            _ => None,
        })
        .ok_or_else(|| {
            let known: Vec<&str> = Priority::ALL.into_iter().map(Priority::name).collect();
            format!("{text:?} is no class: there are {}", known.join(", "))
        })
}
