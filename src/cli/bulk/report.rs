//! A bulk send in words and as an object.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::output::Out;
use crate::domain::bulk::{Bulk, Counts, Fate, State};
use crate::domain::id::BulkId;
use crate::domain::text::Safe;
use crate::domain::time::Timestamp;

/// How many people are read at once.
const PAGE: u32 = 1_000;
/// How many people that need a decision are named.
const NAMED: usize = 20;

/// How it is doing, with the reasons of what went wrong.
pub(super) async fn tell(cx: &Context, out: &mut Out, id: BulkId) -> Result<(Bulk, Counts), Failure> {
    let mut conn = cx.store.read().await?;
    let bulk = cx.store.bulk(&mut conn, cx.workspace, id).await?;
    let counts = cx.store.bulk_counts(&mut conn, cx.workspace, id).await?;
    drop(conn);
    out.row(&object(cx, &bulk, &counts).await?, || line(&bulk, &counts))?;
    if !bulk.reason.is_empty() {
        out.aside(&Safe::line(&format!("  {}: {}", bulk.state.name(), bulk.reason)))?;
    }
    if let Some(until) = bulk.waits_until.filter(|_| bulk.state == State::Running) {
        let local = cx.local(until);
        out.aside(&Safe::line(&format!("  the rest waits until {local}: the account may begin with no more people in 24 hours")))?;
    }
    if !out.is_json() && counts.total() > counts.arrived() + counts.ahead() {
        reasons(cx, out, id).await?;
    }
    Ok((bulk, counts))
}

/// What went wrong, by reason, and whom somebody has to decide about.
async fn reasons(cx: &Context, out: &mut Out, id: BulkId) -> Result<(), Failure> {
    let (mut reasons, mut uncertain): (BTreeMap<(Fate, String), u64>, Vec<String>) = (BTreeMap::new(), Vec::new());
    let mut after = 0;
    loop {
        let page = cx.store.bulk_people(&mut cx.store.read().await?, cx.workspace, id, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.id;
        for person in page.into_iter().filter(|person| matches!(person.fate, Fate::Failed | Fate::Skipped | Fate::Capped | Fate::Uncertain))
        {
            if person.fate == Fate::Uncertain && uncertain.len() < NAMED {
                let message = person.message.map(|id| format!(" (reply {id})")).unwrap_or_default();
                uncertain.push(format!("{}{message}", person.key));
            }
            *reasons.entry((person.fate, person.reason)).or_default() += 1;
        }
    }
    for ((fate, reason), number) in reasons {
        let reason = if reason.is_empty() { String::new() } else { format!(": {reason}") };
        out.aside(&Safe::line(&format!("  {number} {}{reason}", fate.name())))?;
    }
    if !uncertain.is_empty() {
        let who = uncertain.join(", ");
        out.aside(&Safe::line(&format!("  may have arrived, decide with `frontdesk outbox`: {who}")))?;
    }
    Ok(())
}

/// Everybody with what became of them.
pub(super) async fn people(cx: &Context, out: &mut Out, id: BulkId) -> Result<(), Failure> {
    let mut after = 0;
    loop {
        let page = cx.store.bulk_people(&mut cx.store.read().await?, cx.workspace, id, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.id;
        for person in page {
            let object = json!({
                "number": person.key,
                "name": (!person.name.is_empty()).then_some(&person.name),
                "state": person.fate.name(),
                "reason": (!person.reason.is_empty()).then_some(&person.reason),
                "message": person.message.map(|id| id.to_string()),
            });
            out.row(&object, || Safe::line(&format!("{:<16} {:<10} {} {}", person.key, person.fate.name(), person.name, person.reason)))?;
        }
    }
}

/// The object that `--help` tells of.
pub(super) async fn object(cx: &Context, bulk: &Bulk, counts: &Counts) -> Result<Value, Failure> {
    let channels = cx.store.channels(cx.workspace).await?;
    let channel = channels.iter().find(|channel| channel.id == bulk.channel).map(|channel| channel.name.as_str());
    let numbers: serde_json::Map<String, Value> =
        Fate::ALL.into_iter().map(|fate| (fate.name().to_owned(), Value::from(counts.of(fate)))).collect();
    Ok(json!({
        "id": bulk.id.to_string(),
        "name": bulk.name,
        "channel": channel,
        "template": bulk.template.name,
        "language": bulk.template.language,
        "state": bulk.state.name(),
        "reason": (!bulk.reason.is_empty()).then_some(&bulk.reason),
        "waits_until": bulk.waits_until.map(Timestamp::rfc3339),
        "limit": bulk.limit.to_string(),
        "counts": numbers,
        "total": counts.total(),
    }))
}

/// One line: the name, the state, the numbers that are not nought.
pub(super) fn line(bulk: &Bulk, counts: &Counts) -> Safe {
    let numbers: Vec<String> =
        Fate::ALL.into_iter().filter(|fate| counts.of(*fate) > 0).map(|fate| format!("{} {}", counts.of(fate), fate.name())).collect();
    let (name, state) = (&bulk.name, bulk.state.name());
    Safe::line(&format!("{}  {name}: {state}, {} people: {}", bulk.id, counts.total(), numbers.join(", ")))
}
