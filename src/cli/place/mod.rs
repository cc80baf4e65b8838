//! `venue`, `department`, `service`, `counter`: what a queue is made of, and how its things are found by the names people give them.

pub mod counter;
pub mod department;
pub mod service;
pub mod venue;

use chrono::NaiveTime;

use super::context::Context;
use super::failure::{Exit, Failure};
use crate::domain::id::ServiceId;
use crate::domain::queue::{Counter, Department, Service, Venue};
use crate::domain::time::Span;
use crate::store::name_key;

/// The venue of that name; the only one without a name.
pub async fn venue(cx: &Context, name: Option<&str>) -> Result<Venue, Failure> {
    let all = cx.store.venues(&mut cx.store.read().await?, cx.workspace).await?;
    let known = || names(all.iter().map(|venue| venue.name.as_str()));
    match name {
        Some(name) => {
            let found = all.iter().find(|venue| name_key(&venue.name) == name_key(name)).cloned();
            found.ok_or_else(|| missing(&format!("there is no venue {name:?}: {}", known())))
        }
        None if all.len() == 1 => Ok(all[0].clone()),
        None if all.is_empty() => Err(missing("there is no venue yet: `frontdesk venue add --name Clinic --zone Asia/Jakarta` makes one")),
        None => Err(Failure::new(Exit::Usage, format!("which venue? say --venue NAME: {}", known()))),
    }
}

/// The department of that name, at that venue when one is named.
pub async fn department(cx: &Context, at: Option<&str>, name: &str) -> Result<Department, Failure> {
    let mut found = Vec::new();
    let mut known = Vec::new();
    for place in some_venues(cx, at).await? {
        for department in cx.store.departments(&mut cx.store.read().await?, cx.workspace, place.id).await? {
            if name_key(&department.name) == name_key(name) {
                found.push(department);
            } else {
                known.push(department.name);
            }
        }
    }
    one(found, || format!("there is no department {name:?}: {}", names(known.iter().map(String::as_str))), "department", name)
}

/// The service of that prefix or name.
pub async fn service(cx: &Context, at: Option<&str>, typed: &str) -> Result<Service, Failure> {
    let mut found = Vec::new();
    let mut known = Vec::new();
    for place in some_venues(cx, at).await? {
        for service in cx.store.services(&mut cx.store.read().await?, cx.workspace, place.id).await? {
            if service.prefix.eq_ignore_ascii_case(typed) || name_key(&service.name) == name_key(typed) {
                found.push(service);
            } else {
                known.push(format!("{} ({})", service.prefix, service.name));
            }
        }
    }
    // Prefixes are unique, names need not be.
    if let Some(at) = found.iter().position(|service| service.prefix.eq_ignore_ascii_case(typed)) {
        return Ok(found.swap_remove(at));
    }
    one(found, || format!("there is no service {typed:?}: {}", names(known.iter().map(String::as_str))), "service", typed)
}

/// The counter of that name.
pub async fn counter(cx: &Context, at: Option<&str>, name: &str) -> Result<Counter, Failure> {
    let mut found = Vec::new();
    let mut known = Vec::new();
    for place in some_venues(cx, at).await? {
        for counter in cx.store.counters(&mut cx.store.read().await?, cx.workspace, place.id).await? {
            if name_key(&counter.name) == name_key(name) {
                found.push(counter);
            } else {
                known.push(counter.name);
            }
        }
    }
    one(found, || format!("there is no counter {name:?}: {}", names(known.iter().map(String::as_str))), "counter", name)
}

/// The services of a list like `SER,CS`.
pub async fn services(cx: &Context, at: Option<&str>, typed: &[String]) -> Result<Vec<ServiceId>, Failure> {
    let mut found = Vec::new();
    for one in typed.iter().map(|one| one.trim()).filter(|one| !one.is_empty()) {
        found.push(service(cx, at, one).await?.id);
    }
    Ok(found)
}

async fn some_venues(cx: &Context, name: Option<&str>) -> Result<Vec<Venue>, Failure> {
    match name {
        Some(_) => Ok(vec![venue(cx, name).await?]),
        None => Ok(cx.store.venues(&mut cx.store.read().await?, cx.workspace).await?),
    }
}

fn one<T>(mut found: Vec<T>, missing_text: impl FnOnce() -> String, what: &str, name: &str) -> Result<T, Failure> {
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(missing(&missing_text())),
        count => Err(Failure::new(Exit::Usage, format!("{count} of the venues have a {what} {name:?}: say --venue NAME"))),
    }
}

fn missing(text: &str) -> Failure {
    Failure::new(Exit::NotFound, text)
}

fn names<'a>(all: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<&str> = all.take(20).collect();
    if all.is_empty() { "there are none yet".to_owned() } else { format!("there are {}", all.join(", ")) }
}

/// A length of time in minutes (`5`, `5m`) or seconds (`90s`).
fn length(text: &str) -> Result<Span, String> {
    let wrong = || format!("{text:?} is no length of time: write 5m or 90s");
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let number: i64 = number.parse().map_err(|_| wrong())?;
    let span = match unit.trim() {
        "" | "m" | "min" => Span::minutes(number),
        "s" | "sec" => Span::secs(number),
        _ => return Err(wrong()),
    };
    if (Span::secs(1)..=Span::hours(24)).contains(&span) { Ok(span) } else { Err(wrong()) }
}

/// A time of day, like `04:00`, as what has passed of the day.
fn day_time(text: &str) -> Result<Span, String> {
    let time = NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| format!("{text:?} is no time of day: write it like 04:00"))?;
    Ok(Span::secs(i64::from(chrono::Timelike::num_seconds_from_midnight(&time))))
}
