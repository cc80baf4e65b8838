//! One template to many people, in the background: feeds bulk sends into the outbox, a few people ahead of what leaves, and stops one that goes
//! wrong. Whatever is interrupted goes on where it was: who was taken into the outbox is written down with the message itself.

use std::collections::BTreeMap;
use std::time::Duration;

use super::outbox::rung;
use super::{Line, nap};
use crate::domain::bulk::{AHEAD, Bulk, Counts, Fate};
use crate::domain::channel::Capabilities;
use crate::domain::id::BulkId;
use crate::domain::template::{Status, Template};
use crate::domain::time::{Span, Timestamp};
use crate::store::Result;
use crate::store::feeding::Manner;

/// Hints come in swarms while messages leave; so long it rests between two looks.
const BREATH: Duration = Duration::from_millis(20);
/// Nobody waits longer for a hint that was missed.
const LOOK: Span = Span::secs(5);
/// How often it looks for people whose reply window has opened while the others wait for the portfolio's limit.
const LOOK_AGAIN: Span = Span::secs(30);

/// What a provider's chats are like.
pub fn manner(capabilities: &Capabilities) -> Manner {
    Manner { window: capabilities.window, wide: capabilities.wide_ids }
}

/// Feeds until cancelled. A provider without templates has no bulk sends.
pub async fn run(line: &Line) {
    if !line.registered.provider.capabilities.templates {
        return;
    }
    let mut hints = line.store.changes();
    let mut looked = BTreeMap::new();
    loop {
        let next = match turn(line, &mut looked).await {
            Ok(next) => next,
            Err(error) => {
                tracing::warn!(channel = %line.channel.id, %error, "cannot go on with a bulk send; trying again");
                Some(line.store.now().plus(LOOK))
            }
        };
        let sleep = next.map(|at| nap(at, line.store.now()));
        tokio::select! {
            () = line.cancel.cancelled() => return,
            () = async { rung(&mut hints).await; tokio::time::sleep(BREATH).await } => {}
            () = tokio::time::sleep(sleep.unwrap_or_default()), if sleep.is_some() => {}
        }
    }
}

/// Looks after every bulk send of the channel that goes on; when to look again, if there is any.
async fn turn(line: &Line, looked: &mut BTreeMap<BulkId, Timestamp>) -> Result<Option<Timestamp>> {
    let running = line.store.live_bulks(&line.channel).await?;
    looked.retain(|id, _| running.iter().any(|bulk| bulk.id == *id));
    let share = (AHEAD / running.len().max(1)).max(1);
    let mut again = None;
    for bulk in &running {
        let mut conn = line.store.read().await?;
        let counts = line.store.bulk_counts(&mut conn, line.channel.workspace, bulk.id).await?;
        let templates = line.store.templates(&mut conn, line.channel.workspace, line.channel.id).await?;
        drop(conn);
        if let Some(reason) = bulk.exceeded(&counts).or_else(|| unusable(&bulk.template, &templates)) {
            tracing::warn!(channel = %line.channel.id, bulk = %bulk.id, %reason, "a bulk send was paused");
            line.store.pause_bulk(line.channel.workspace, None, bulk.id, &reason).await?;
        } else if counts.ahead() == 0 {
            line.store.finish_bulk(&line.channel, bulk).await?;
        } else {
            feed(line, bulk, &counts, share, looked).await?;
            again = Some(line.store.now().plus(LOOK));
        }
    }
    Ok(again)
}

/// Takes people into the outbox until enough are ahead.
async fn feed(line: &Line, bulk: &Bulk, counts: &Counts, share: usize, looked: &mut BTreeMap<BulkId, Timestamp>) -> Result<()> {
    let now = line.store.now();
    let limited = bulk.waits_until.is_some_and(|until| now < until);
    let rested = looked.get(&bulk.id).is_none_or(|last| now.since(*last) >= LOOK_AGAIN);
    // A few at a time cost fewer commits than one at a time.
    let room = counts.of(Fate::Queued) as usize * 2 <= share;
    if counts.of(Fate::Waiting) == 0 || !room || (limited && !rested) {
        return Ok(());
    }
    loop {
        let intake = line.intake.lock().await;
        let fed = line.store.feed(&line.channel, bulk, share, manner(line.registered.provider.capabilities)).await?;
        drop(intake);
        if let Some(until) = fed.until {
            looked.insert(bulk.id, now);
            tracing::debug!(bulk = %bulk.id, until = %until.rfc3339(), "the rest waits for the portfolio's limit");
        }
        if fed.queued > 0 || fed.settled == 0 || fed.until.is_some() {
            return Ok(());
        }
    }
}

/// Why a template that was approved when it began may not be sent any more.
fn unusable(template: &Template, known: &[Template]) -> Option<String> {
    let now = known.iter().find(|one| one.name == template.name && one.language == template.language)?;
    let why = if now.reason.is_empty() { String::new() } else { format!(": {}", now.reason) };
    (now.status != Status::Approved).then(|| format!("the template {} is {}{why}", template.name, now.status.words()))
}
