//! The clinic whose queue the demo shows: four departments and six counters, a morning that was worked through, people who go on coming,
//! operators at five counters. The sixth is for whoever looks at the demo.

use std::sync::Arc;

use chrono::Timelike as _;
use tokio_util::task::AbortOnDropHandle;

use super::shift::{Post, Shift, Trade};
use crate::cli::context::Context;
use crate::domain::conversation::{Summary, Tab};
use crate::domain::id::{AgentId, ServiceId, VenueId};
use crate::domain::queue::look::{Answer, Ask, Issue};
use crate::domain::queue::{Act, CounterState, Priority, Rules};
use crate::domain::time::{Clock as _, ManualClock, Span};
use crate::domain::window::Window;
use crate::simulator::graph;
use crate::store::queue::setup::NewService;
use crate::store::venues::NewVenue;
use crate::store::{Error, Result, Store};

const NAME: &str = "Klinik Sehat Senayan";
const ZONE: chrono_tz::Tz = chrono_tz::Tz::Asia__Jakarta;
/// How long it has been open.
const MORNING: Span = Span::hours(3);
/// So many hours before now its business day began: what time it is where the demo runs, it is neither early nor late in the clinic.
const INTO_THE_DAY: u32 = 6;

/// A service and its department.
struct Offer {
    department: &'static str,
    name: &'static str,
    prefix: &'static str,
    comes: f64,
    takes: f64,
    crowd: i64,
    /// The place in [`OFFERS`] of what some are sent on to.
    then: Option<usize>,
}

const OFFERS: [Offer; 4] = [
    Offer { department: "Registration", name: "Registration", prefix: "REG", comes: 160.0, takes: 150.0, crowd: 6, then: Some(1) },
    Offer { department: "General clinic", name: "Doctor", prefix: "DOC", comes: 270.0, takes: 480.0, crowd: 7, then: Some(3) },
    Offer { department: "Laboratory", name: "Laboratory", prefix: "LAB", comes: 330.0, takes: 270.0, crowd: 3, then: None },
    Offer { department: "Pharmacy", name: "Pharmacy", prefix: "PHA", comes: 220.0, takes: 180.0, crowd: 5, then: None },
];

/// What each counter serves, as places in [`OFFERS`], and who works there.
const COUNTERS: [(&str, &[usize], Option<&str>); 6] = [
    ("1", &[0], Some("Maya")),
    ("2", &[0, 3], None),
    ("3", &[1], Some("Arif")),
    ("4", &[1], Some("Noor")),
    ("5", &[2], Some("Bima")),
    ("6", &[3], Some("Citra")),
];

/// The clinic as it is now, set up and with a morning behind it when it was not there; and its shift, which goes on from here.
pub(super) async fn open(cx: &Context, seed: u64, pace: f64) -> Result<Shift> {
    let mut conn = cx.store.read().await?;
    let known = cx.store.venues(&mut conn, cx.workspace).await?.into_iter().find(|venue| venue.name == NAME);
    drop(conn);
    let now = cx.store.now();
    if let Some(venue) = known {
        let there = who_is_there(cx, venue.id).await?;
        return Ok(Shift::new((cx.workspace, venue.id), there, (seed, pace), now));
    }
    let clock = Arc::new(ManualClock::at(now.minus(MORNING)));
    let past = Store::open(cx.setup.address.clone(), cx.setup.files(), clock.clone(), fastrand::u64(..)).await?;
    let venue = set_up(cx, &past).await?;
    let there = who_is_there(cx, venue).await?;
    let shift = Shift::new((cx.workspace, venue), there.clone(), (seed, pace), past.now());
    let shift = morning(cx, (&past, &clock), shift, &there).await?;
    past.close().await;
    Ok(shift)
}

/// The clinic goes on as long as this is held.
pub(super) fn work(mut shift: Shift, store: Store) -> AbortOnDropHandle<()> {
    AbortOnDropHandle::new(tokio::spawn(async move {
        while let Some(at) = shift.next_at() {
            tokio::time::sleep(at.since(store.now()).max(Span::ZERO).duration()).await;
            if let Err(error) = step(&mut shift, &store).await {
                tracing::debug!(%error, "somebody in the demo's clinic could not do what they wanted");
            }
        }
    }))
}

async fn step(shift: &mut Shift, store: &Store) -> Result<()> {
    let mut tx = store.begin().await?;
    shift.step(store, &mut tx).await?;
    store.commit(tx).await
}

async fn set_up(cx: &Context, store: &Store) -> Result<VenueId> {
    let (workspace, agent) = (cx.workspace, cx.agent);
    let hour = cx.store.now().local(ZONE).hour();
    let day_starts = Span::hours(i64::from((hour + 24 - INTO_THE_DAY) % 24));
    let venue = store.add_venue(workspace, agent, &NewVenue { name: NAME, zone: ZONE, day_starts }).await?.id;
    store.set_rules(workspace, agent, venue, &Rules { country: "62".to_owned(), ..Rules::default() }).await?;
    let mut services = Vec::new();
    for offer in OFFERS {
        let department = store.add_department(workspace, agent, venue, offer.department).await?;
        let expected = Some(Span::secs(offer.takes as i64));
        let new = NewService { name: offer.name, prefix: Some(offer.prefix), expected };
        services.push(store.add_service(workspace, agent, department.id, &new).await?.id);
    }
    for (name, skills, _) in COUNTERS {
        let skills: Vec<ServiceId> = skills.iter().map(|place| services[*place]).collect();
        store.add_counter(workspace, agent, venue, name, &skills).await?;
    }
    Ok(venue)
}

/// What people come for, and who works at which counter.
async fn who_is_there(cx: &Context, venue: VenueId) -> Result<(Vec<Trade>, Vec<Post>)> {
    let mut conn = cx.store.read().await?;
    let services = cx.store.services(&mut conn, cx.workspace, venue).await?;
    let counters = cx.store.counters(&mut conn, cx.workspace, venue).await?;
    drop(conn);
    let of = |place: usize| {
        let found = services.iter().find(|service| service.prefix == OFFERS[place].prefix);
        found.map(|service| service.id).ok_or(Error::NotFound("service"))
    };
    let mut trades = Vec::new();
    for (place, Offer { comes, takes, crowd, then, .. }) in OFFERS.into_iter().enumerate() {
        trades.push(Trade { service: of(place)?, comes, takes, crowd, then: then.map(of).transpose()? });
    }
    let mut posts = Vec::new();
    for (name, _, operator) in COUNTERS {
        let (Some(operator), Some(counter)) = (operator, counters.iter().find(|counter| counter.name == name)) else { continue };
        posts.push(Post { counter: counter.id, agent: cx.store.ensure_agent(cx.workspace, operator).await? });
    }
    Ok((trades, posts))
}

/// Plays the hours before now, by a clock of their own and in one transaction: whatever was said of waiting then is true now.
async fn morning(
    cx: &Context,
    (store, clock): (&Store, &ManualClock),
    mut shift: Shift,
    (trades, posts): &(Vec<Trade>, Vec<Post>),
) -> Result<Shift> {
    let now = cx.store.now();
    let mut tx = store.begin().await?;
    for post in posts {
        let ask = Ask::Counter { counter: post.counter, state: CounterState::Open };
        store.queue_ask_in(&mut tx, cx.workspace, Some(post.agent), &ask).await?;
    }
    while let Some(at) = shift.next_at().filter(|at| *at < now) {
        clock.advance(at.since(clock.now()).max(Span::ZERO));
        match shift.step(store, &mut tx).await {
            // Whoever is refused here tries again later, as they do afterwards.
            Ok(()) | Err(Error::Ticket { .. } | Error::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    clock.advance(now.since(clock.now()).max(Span::ZERO));
    let mut conn = cx.store.read().await?;
    let (rows, _) = cx.store.list(&mut conn, cx.workspace, cx.agent, Tab::All, None, 1_000).await?;
    drop(conn);
    for (holder, trade) in holders(&rows, store).into_iter().zip([&trades[1], &trades[3]]) {
        let issue = Issue { service: Some(trade.service), name: holder.name.clone(), source: "desk", ..Issue::default() };
        if let Answer::Ticket(place) = store.queue_ask_in(&mut tx, cx.workspace, Some(cx.agent), &Ask::Issue(issue)).await? {
            let phone = holder.handle.trim_start_matches('+');
            store.link_ticket(&mut tx, cx.workspace, place.ticket.id, phone, None, Some(holder.id)).await?;
        }
    }
    elder_and_parked(store, &mut tx, (cx, cx.agent), trades).await?;
    store.commit(tx).await?;
    Ok(shift)
}

/// Somebody on WhatsApp who may be written to freely, and somebody who may not.
fn holders<'a>(rows: &'a [Summary], store: &Store) -> Vec<&'a Summary> {
    let now = store.now();
    let on_whatsapp = || rows.iter().filter(|row| row.provider == graph::PLAYS && row.handle.starts_with('+') && !row.unreachable);
    let open = on_whatsapp().find(|row| matches!(row.reply_window(now), Window::Open(_)));
    let closed = on_whatsapp().find(|row| matches!(row.reply_window(now), Window::Closed(_)));
    open.into_iter().chain(closed).collect()
}

/// Somebody old has just come, and somebody is at the cash machine.
async fn elder_and_parked(store: &Store, tx: &mut crate::store::Tx, (cx, agent): (&Context, AgentId), trades: &[Trade]) -> Result<()> {
    for (trade, priority) in [(&trades[0], Priority::Elder), (&trades[3], Priority::Normal)] {
        let issue = Issue { service: Some(trade.service), priority, source: "kiosk", ..Issue::default() };
        let Answer::Ticket(place) = store.queue_ask_in(tx, cx.workspace, None, &Ask::Issue(issue)).await? else { continue };
        if priority == Priority::Normal {
            let until = store.now().plus(Span::minutes(12));
            let act = Act::Park(Some(until));
            let park = Ask::Act { ticket: place.ticket.id, version: None, act, counter: None, service: None };
            store.queue_ask_in(tx, cx.workspace, Some(agent), &park).await?;
        }
    }
    Ok(())
}
