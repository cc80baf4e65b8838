//! Who waits, and how the services are doing.

use clap::Args;
use serde_json::json;

use super::ticket;
use crate::cli::context::Context;
use crate::cli::failure::{Exit, Failure};
use crate::cli::output::Out;
use crate::cli::place;
use crate::domain::id::{ServiceId, VenueId};
use crate::domain::queue::look::{Console, Line};
use crate::domain::text::Safe;
use crate::domain::time::Span;

/// What `stats` prints, for `--help`.
pub const STATS: &str = "With --json each service is one object: service, name, waiting, parked, counters_open, counters_free, estimate_from, estimate_to, \
    estimate, issued, served, no_shows, wait_seconds, longest_seconds, promised_percent, mean_seconds.";

/// Whose.
#[derive(Args, Debug)]
pub struct List {
    /// Which venue; the only one without
    #[arg(long, value_name = "NAME")]
    venue: Option<String>,
    /// Only of this department
    #[arg(long, value_name = "NAME")]
    department: Option<String>,
    /// Only of this service, by its prefix or name
    #[arg(long)]
    service: Option<String>,
}

/// Whose.
#[derive(Args, Debug)]
pub struct Stats {
    /// Which venue; the only one without
    #[arg(long, value_name = "NAME")]
    venue: Option<String>,
}

impl List {
    /// Prints them: who is called or served first, then the line.
    pub async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        let console = console(cx, self.venue.as_deref(), self.department.as_deref()).await?;
        let only = match &self.service {
            Some(service) => Some(place::service(cx, Some(&console.venue.name), service).await?.id),
            None => None,
        };
        let services: Vec<ServiceId> = console.lines.iter().map(|line| line.service.id).collect();
        let wanted = |id: ServiceId| services.contains(&id) && only.is_none_or(|only| only == id);
        let service = |id: ServiceId| console.lines.iter().map(|line| &line.service).find(|service| service.id == id);
        let now = cx.store.now();
        let mut shown = 0;
        for desk in &console.counters {
            let Some(at) = desk.ticket.as_ref().filter(|ticket| wanted(ticket.service)) else { continue };
            let mut object = ticket::of_ticket(at, None, None);
            object["counter"] = json!(desk.counter.name);
            out.row(&object, || {
                Safe::line(&format!("{}  counter {}", ticket::row(at, service(at.service), None, None, now), desk.counter.name))
            })?;
            shown += 1;
        }
        for one in console.waiting.iter().filter(|one| wanted(one.ticket.service)) {
            let mut object = ticket::of_ticket(&one.ticket, one.position, one.estimate);
            object["counter"] = json!(null);
            object["reach"] = json!(one.reach);
            out.row(&object, || ticket::row(&one.ticket, service(one.ticket.service), one.position, one.estimate, now))?;
            shown += 1;
        }
        if shown == 0 {
            out.aside(&Safe::lit("Nobody is waiting. `frontdesk queue issue --service SER` gives a number."))?;
        }
        if console.more {
            out.warn(&Safe::line(&format!("only the first {} are shown", Console::MOST)));
        }
        Ok(Exit::Ok)
    }
}

impl Stats {
    /// Prints them.
    pub async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        let console = console(cx, self.venue.as_deref(), None).await?;
        for line in &console.lines {
            let object = json!({
                "service": line.service.prefix,
                "name": line.service.name,
                "waiting": line.waiting,
                "parked": line.parked,
                "counters_open": line.open,
                "counters_free": line.free,
                "estimate_from": line.estimate.map(|range| range.from),
                "estimate_to": line.estimate.map(|range| range.to),
                "estimate": line.estimate.map(|range| range.to_string()),
                "issued": line.day.issued,
                "served": line.day.served,
                "no_shows": line.day.no_shows,
                "wait_seconds": seconds(line.day.wait),
                "longest_seconds": seconds(line.day.longest),
                "promised_percent": line.day.promised,
                "mean_seconds": seconds(line.mean),
            });
            out.row(&object, || told(line))?;
        }
        if console.lines.is_empty() {
            out.aside(&Safe::lit("There is no service yet. `frontdesk service add --department D --name Service` makes one."))?;
        }
        Ok(Exit::Ok)
    }
}

async fn console(cx: &Context, venue: Option<&str>, department: Option<&str>) -> Result<Console, Failure> {
    let venue: VenueId = place::venue(cx, venue).await?.id;
    let department = match department {
        Some(name) => {
            let of = cx.store.departments(&mut cx.store.read().await?, cx.workspace, venue).await?;
            let key = crate::store::name_key(name);
            let found = of.into_iter().find(|department| crate::store::name_key(&department.name) == key);
            Some(found.ok_or_else(|| Failure::new(Exit::NotFound, format!("there is no department {name:?} at this venue")))?.id)
        }
        None => None,
    };
    Ok(cx.store.console(&mut cx.store.read().await?, cx.workspace, venue, department).await?)
}

fn told(line: &Line) -> Safe {
    let estimate = line.estimate.map_or_else(|| "no counter open".to_owned(), |range| range.to_string());
    let promised = line.day.promised.map_or_else(String::new, |share| format!("  {share}% in time"));
    Safe::line(&format!(
        "{:<5} {:<20} {:>4} waiting  {estimate:<15} {} of {} counters free  {} served  {} no-shows  wait {}m{promised}",
        line.service.prefix,
        Safe::line(&line.service.name).fit(20),
        line.waiting,
        line.free,
        line.open,
        line.day.served,
        line.day.no_shows,
        seconds(line.day.wait) / 60,
    ))
}

const fn seconds(span: Span) -> i64 {
    span.0 / 1_000_000
}
