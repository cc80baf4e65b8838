//! A ticket as it is printed.

use serde_json::{Value, json};

use crate::cli::context::Context;
use crate::cli::failure::{Exit, Failure};
use crate::cli::output::Out;
use crate::domain::queue::look::{Place, Range};
use crate::domain::queue::{Priority, Service, State, Ticket};
use crate::domain::text::Safe;
use crate::domain::time::Timestamp;

/// Tells of one ticket.
pub async fn show(cx: &Context, out: &mut Out, ticket: &Ticket) -> Result<Exit, Failure> {
    let place = cx.store.place(&mut cx.store.read().await?, cx.workspace, ticket.id).await?;
    tell(out, cx, &place)?;
    Ok(Exit::Ok)
}

/// Prints a ticket.
pub fn tell(out: &mut Out, cx: &Context, place: &Place) -> Result<(), Failure> {
    Ok(out.row(&object(place), || line(cx, place))?)
}

fn object(place: &Place) -> Value {
    let mut object = of_ticket(&place.ticket, place.position, place.estimate);
    object["service_name"] = json!(place.service);
    object["department"] = json!(place.department);
    object["counter"] = json!((!place.counter.is_empty()).then_some(&place.counter));
    object["total"] = json!(place.position.map(|_| place.total));
    object["now_serving"] = json!((!place.serving.is_empty()).then_some(&place.serving));
    object["known"] = json!(place.known);
    object
}

/// What a ticket says by itself.
pub fn of_ticket(ticket: &Ticket, position: Option<i64>, estimate: Option<Range>) -> Value {
    let time = |at: Option<Timestamp>| at.map(Timestamp::rfc3339);
    json!({
        "ticket": ticket.label,
        "state": ticket.state.name(),
        "service": prefix(ticket),
        "position": position,
        "estimate_from": estimate.map(|range| range.from),
        "estimate_to": estimate.map(|range| range.to),
        "estimate": estimate.map(|range| range.to_string()),
        "priority": ticket.priority.name(),
        "phone": (!ticket.phone.is_empty()).then_some(&ticket.phone),
        "name": (!ticket.name.is_empty()).then_some(&ticket.name),
        "arrived_at": ticket.arrived_at.rfc3339(),
        "called_at": time(ticket.called_at),
        "served_at": time(ticket.ended_at.filter(|_| ticket.state == State::Served)),
        "recalls": ticket.recalls,
        "parked_until": time(ticket.parked_until),
        "told": (!ticket.told.is_empty()).then_some(&ticket.told),
        "version": ticket.version,
    })
}

/// The prefix it was issued under.
fn prefix(ticket: &Ticket) -> &str {
    ticket.label.split('-').next().unwrap_or(&ticket.label)
}

fn line(cx: &Context, place: &Place) -> Safe {
    let ticket = &place.ticket;
    let mut words = vec![format!("{}  {}  {}", ticket.label, ticket.state.name(), place.service)];
    if !place.counter.is_empty() && matches!(ticket.state, State::Called | State::Serving) {
        words.push(format!("counter {}", place.counter));
    }
    if let Some(position) = place.position {
        words.push(format!("{position} of {}", place.total));
        words.push(place.estimate.map_or_else(|| "no counter open".to_owned(), |range| range.to_string()));
    }
    if ticket.priority != Priority::Normal {
        words.push(ticket.priority.name().to_owned());
    }
    if let Some(until) = ticket.parked_until.filter(|_| ticket.state == State::Parked) {
        words.push(format!("until {}", cx.local(until)));
    }
    if place.known {
        words.push("it was there already".to_owned());
    }
    Safe::line(&words.join("  "))
}

/// A row of somebody who waits.
pub fn row(ticket: &Ticket, service: Option<&Service>, position: Option<i64>, estimate: Option<Range>, now: Timestamp) -> Safe {
    let waited = now.since(ticket.arrived_at).0.max(0) / 60_000_000;
    let at = position.map_or_else(|| "-".to_owned(), |position| position.to_string());
    let estimate = if position.is_none() {
        ticket.state.name().to_owned()
    } else {
        estimate.map_or_else(|| "-".to_owned(), |range| range.to_string())
    };
    let name = Safe::line(&ticket.name).fit(24);
    Safe::line(&format!(
        "{at:>4} {:<9} {:<4} {waited:>4}m  {estimate:<14} {:<3}  {name}",
        ticket.label,
        service.map_or("", |service| service.prefix.as_str()),
        ticket.priority.short(),
    ))
}
