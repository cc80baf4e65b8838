//! Replies out. One lane per channel, several conversations at a time, the oldest order of each first. An order is `sending` in the database
//! before its request exists, and whatever comes back is written down before the next step: a crash between the two leaves a part
//! `uncertain`, shown to the agent, never sent again by itself.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinSet;

use super::{Line, ingest, nap, promotions};
use crate::domain::channel::Health;
use crate::domain::delivery::{Delivery, GIVE_UP, MAX_ATTEMPTS, backoff, given_up};
use crate::domain::hint::Hint;
use crate::domain::inbound::Chat;
use crate::domain::optout;
use crate::domain::outbound::{Accepted, Action, Order, PartKey, SendError, Special};
use crate::domain::pace::Pace;
use crate::domain::template::{Category, Filled};
use crate::domain::time::{Span, Timestamp};
use crate::domain::window::{self, Window};
use crate::store::Result;
use crate::store::outbox::{Claim, ClaimedPart, Ending};

/// How long a claim stands. More than twice the longest a connector may take for one request (ten minutes for 50 MB on a slow line).
const LEASE: Span = Span::minutes(25);
/// A request is not begun with less than this left of the lease.
const MARGIN: Span = Span::minutes(12);
/// A request that begins this long after its claim asks first whether the claim still stands: the process may have been paused.
const RECHECK: Span = Span::secs(2);
/// Conversations served at once.
const SLOTS: usize = 8;
/// How long the account rests when the provider refuses our credentials.
const ACCOUNT_REST: Span = Span::minutes(1);
/// How long a stop waits for requests that are on their way; what is not back by then becomes uncertain at the next start.
const FAREWELL: Duration = Duration::from_secs(10);

/// Sends until cancelled. Begins by settling what a dead process left.
pub async fn run(line: &Line) {
    let mut hints = line.store.changes();
    // Orders may be `sending` in the database without anybody who sends them: a dead process's, or ours when the answer to a claim was lost.
    let mut doubtful = true;
    rebase(line).await;
    let mut seen = line.store.now();
    let mut flying: JoinSet<()> = JoinSet::new();
    let mut claims: BTreeMap<tokio::task::Id, Claim> = BTreeMap::new();
    loop {
        while let Some(ended) = flying.try_join_next_with_id() {
            landed(line, &mut claims, ended).await;
        }
        if doubtful && flying.is_empty() {
            doubtful = !recover(line).await;
        }
        if line.store.now() < seen {
            rebase(line).await;
        }
        seen = line.store.now();
        let (next, pause) = match launch(line, &mut flying, &mut claims).await {
            Ok(next) => (next, None),
            Err(error) => {
                tracing::warn!(channel = %line.channel.id, %error, "cannot look for replies to send");
                doubtful = true;
                (None, Some(Duration::from_secs(1)))
            }
        };
        let sleep = pause.or_else(|| next.map(|at| nap(at, line.store.now())));
        tokio::select! {
            () = line.cancel.cancelled() => break,
            Some(ended) = flying.join_next_with_id(), if !flying.is_empty() => landed(line, &mut claims, ended).await,
            () = rung(&mut hints) => {}
            () = tokio::time::sleep(sleep.unwrap_or_default()), if sleep.is_some() => {}
        }
    }
    let wait = async { while flying.join_next().await.is_some() {} };
    if tokio::time::timeout(FAREWELL, wait).await.is_err() {
        tracing::warn!(channel = %line.channel.id, "stopped while replies were on their way; they will be shown as uncertain");
    }
}

/// Settles what nobody sends any more, and what came before its message and was not taken up; whether that worked.
async fn recover(line: &Line) -> bool {
    let adopted = final_or_again(ingest::adopt_late(&line.store, &line.channel, line.registered).await).is_ok();
    let recovered = line.store.recover(&line.channel).await;
    let proved = final_or_again(ingest::adopt_proofs(&line.store, &line.channel, line.registered).await).is_ok();
    match &recovered {
        Ok(0) => {}
        Ok(count) => {
            tracing::warn!(channel = %line.channel.id, count, "replies were being sent when frontdesk last stopped; now uncertain");
        }
        Err(error) => tracing::error!(channel = %line.channel.id, %error, "cannot settle what the last process left"),
    }
    recovered.is_ok() && adopted && proved
}

async fn rebase(line: &Line) {
    if let Err(error) = line.store.rebase(&line.channel).await {
        tracing::warn!(channel = %line.channel.id, %error, "the clock was set back, and replies may leave late");
    }
}

/// Waits for a hint that may mean work: the outbox as a whole changed, or anything.
pub(super) async fn rung(hints: &mut tokio::sync::broadcast::Receiver<Hint>) {
    loop {
        match hints.recv().await {
            Ok(Hint::Status | Hint::Everything) | Err(RecvError::Lagged(_)) => return,
            Ok(Hint::Conversation(_) | Hint::Queue(_) | Hint::Journal) => {}
            // The store is going away; the cancel is on its way.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

/// Starts what is due and has a free slot; when to look again.
async fn launch(line: &Line, flying: &mut JoinSet<()>, claims: &mut BTreeMap<tokio::task::Id, Claim>) -> Result<Option<Timestamp>> {
    loop {
        let free = SLOTS.saturating_sub(flying.len());
        if free == 0 {
            return Ok(None);
        }
        match line.store.next_due(&line.channel).await? {
            Some(at) if at <= line.store.now() => {}
            later => return Ok(later),
        }
        let free = match paced(line, |pace, now| pace.room(now)) {
            Ok(room) => free.min(room),
            Err(at) => return Ok(Some(at)),
        };
        let claimed = line.store.claim(&line.channel, LEASE, u32::try_from(free).unwrap_or(1)).await?;
        if claimed.is_empty() {
            return Ok(None);
        }
        for mut claim in claimed {
            if line.registered.provider.capabilities.wide_ids {
                claim.scope.clear();
            }
            let (line, order) = (line.clone(), claim.clone());
            let task = flying.spawn(async move { carry_out(&line, &order).await });
            claims.insert(task.id(), claim);
        }
    }
}

type Ended = std::result::Result<(tokio::task::Id, ()), tokio::task::JoinError>;

/// A task ended. One that panicked left its order `sending`: the request may have left.
async fn landed(line: &Line, claims: &mut BTreeMap<tokio::task::Id, Claim>, ended: Ended) {
    let id = match &ended {
        Ok((id, ())) => *id,
        Err(error) => error.id(),
    };
    let claim = claims.remove(&id);
    if let (Err(error), Some(claim)) = (ended, claim) {
        tracing::error!(channel = %line.channel.id, outbox = %claim.id, %error, "sending stopped on an internal error");
        let ending = if claim.action == "send" { Ending::Uncertain } else { Ending::Failed };
        settle(line, &claim, ending, "an internal error stopped the sending; it may have arrived").await;
    }
}

async fn carry_out(line: &Line, claim: &Claim) {
    let done = if claim.action == "send" { send(line, claim).await } else { change(line, claim).await };
    if let Err(error) = done {
        // Nothing has left for the provider: the order could not even be read.
        tracing::warn!(channel = %line.channel.id, outbox = %claim.id, %error, "cannot read a reply to send");
        end(line, claim, again_or_never(claim, line.store.now()), &error.to_string()).await;
    }
}

/// Sends a reply's parts in order.
async fn send(line: &Line, claim: &Claim) -> Result<()> {
    let closed = matches!(window::policy(claim.window, claim.last_inbound_at, claim.window_closed_at, line.store.now()), Window::Closed(_));
    let parts = line.store.claimed_parts(&line.channel, claim.message).await?;
    // Of a reply that is sent again, parts behind the first may have arrived long ago.
    let left = parts.iter().skip_while(|part| part.state != Delivery::Sending);
    for part in left.filter(|part| matches!(part.state, Delivery::Sending | Delivery::Queued)) {
        if claim.opted_out && is_marketing(part) {
            settle(line, claim, Ending::Failed, optout::REASON).await;
            return Ok(());
        }
        if closed && !matches!(part.special, Some(Special::Template(_))) {
            persist(|| line.store.ended_by_window(&line.channel, claim, None)).await;
            return Ok(());
        }
        if !may_begin(line, claim).await? {
            settle(line, claim, Ending::Later { at: line.store.now(), failed: false }, "").await;
            return Ok(());
        }
        if let Err(at) = take(line, claim) {
            settle(line, claim, Ending::Later { at, failed: false }, "").await;
            return Ok(());
        }
        let Some(order) = order_of(line, claim, part) else {
            settle(line, claim, Ending::Failed, "the file is no longer in frontdesk's own folder: attach it again").await;
            return Ok(());
        };
        match line.connector.send(&order).await {
            Ok(accepted) => {
                paced(line, |pace, _| pace.went(&claim.chat));
                if !record(line, claim, part, &accepted).await {
                    return Ok(());
                }
            }
            Err(error) => {
                refused(line, claim, error).await;
                return Ok(());
            }
        }
    }
    Ok(())
}

fn is_marketing(part: &ClaimedPart) -> bool {
    matches!(&part.special, Some(Special::Template(filled)) if filled.category == Category::Marketing)
}

fn paced<T>(line: &Line, with: impl FnOnce(&mut Pace, Timestamp) -> T) -> T {
    let now = line.store.now();
    with(&mut line.pace.lock().unwrap_or_else(std::sync::PoisonError::into_inner), now)
}

/// Uses up one message of what the provider's rates allow, or says when one may leave.
fn take(line: &Line, claim: &Claim) -> std::result::Result<(), Timestamp> {
    paced(line, |pace, now| pace.take(&claim.chat, now))
}

/// Whether the claim still stands, with enough of its lease left for a request.
async fn may_begin(line: &Line, claim: &Claim) -> Result<bool> {
    let now = line.store.now();
    if now.since(claim.claimed_at) < RECHECK {
        return Ok(true);
    }
    Ok(claim.lease_until.since(now) > MARGIN && line.store.still_ours(&line.channel, claim).await?)
}

fn order_of(line: &Line, claim: &Claim, part: &ClaimedPart) -> Option<Order> {
    let reply_to = (part.place == 0).then(|| claim.reply_to.clone()).flatten();
    let action = match (&part.special, &part.file) {
        (Some(Special::Template(filled)), _) => Action::Template(Box::new(with_media(line, filled)?)),
        (Some(Special::Location(spot)), _) => Action::Location(spot.clone()),
        (None, None) => Action::Text { text: part.text.clone(), reply_to },
        (None, Some(file)) => Action::File {
            kind: file.kind,
            path: line.store.blobs().path(&file.hash).filter(|path| path.exists())?,
            name: file.name.clone(),
            mime: file.mime.clone(),
            caption: part.text.clone(),
            reply_to,
        },
    };
    Some(Order {
        chat: claim.chat.clone(),
        aliases: claim.aliases.clone(),
        action,
        idempotency_key: key(line, claim, part.place).to_string(),
    })
}

/// What a part is called at the provider.
fn key(line: &Line, claim: &Claim, place: i64) -> PartKey {
    let repeats = line.registered.provider.capabilities.idempotent;
    PartKey { order: claim.id, place, attempt: (!repeats).then_some(claim.attempt) }
}

/// A template that can be sent: the file over its words is looked up.
fn with_media(line: &Line, filled: &Filled) -> Option<Filled> {
    let mut filled = filled.clone();
    if let Some(media) = &mut filled.media {
        media.path = Some(line.store.blobs().path(&media.hash).filter(|path| path.exists())?);
    }
    Some(filled)
}

/// Writes down that a part was taken, as long as it takes: forgetting it would mean asking the agent for nothing. Whether another follows.
async fn record(line: &Line, claim: &Claim, part: &ClaimedPart, accepted: &Accepted) -> bool {
    let external = accepted.external_id.as_deref();
    let more = persist(|| line.store.part_sent(&line.channel, claim, part.place, external)).await;
    line.status.left().await;
    if let Some(external) = external {
        // A reaction or a receipt may have been faster than the answer to our own request. Nothing tells of it again: the agent would be told
        // "sent" though the provider said "failed".
        let named = [(claim.scope.clone(), external.to_owned()), ingest::unnamed(key(line, claim, part.place))];
        persist(|| async { final_or_again(ingest::adopt_parts(&line.store, &line.channel, line.registered, &named).await) }).await;
    }
    more
}

/// What came before its message was applied, or never can be; an error when it is to be tried again.
fn final_or_again(adopted: Result<()>) -> Result<()> {
    match adopted {
        Err(error) if !error.is_passing() => {
            tracing::error!(%error, "cannot apply what came before its message");
            Ok(())
        }
        adopted => adopted,
    }
}

/// Tries a write until the database takes it.
async fn persist<T, F, W>(write: W) -> T
where
    W: Fn() -> F,
    F: Future<Output = Result<T>>,
{
    let mut wait = Duration::from_millis(100);
    loop {
        match write().await {
            Ok(value) => return value,
            Err(error) => tracing::error!(%error, "cannot write down what became of a reply; trying again"),
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(Duration::from_secs(10));
    }
}

async fn settle(line: &Line, claim: &Claim, ending: Ending, reason: &str) {
    persist(|| line.store.attempt_ended(&line.channel, claim, &ending, reason)).await;
}

/// The provider did not take it, or perhaps did.
async fn refused(line: &Line, claim: &Claim, error: SendError) {
    line.status.refused(&error);
    let now = line.store.now();
    let reason = error.to_string();
    let ending = match error {
        SendError::Wait { wait, account: true } => {
            let at = now.plus(wait);
            paced(line, |pace, _| pace.rest(at));
            Ending::Later { at, failed: false }
        }
        SendError::Wait { wait, account: false } => {
            let at = paced(line, |pace, now| pace.too_much(&claim.chat, wait, fastrand::f64(), now));
            Ending::Later { at, failed: false }
        }
        SendError::Moved { to } => {
            persist(|| moved(line, claim, &to)).await;
            // The second time it was no move, and asking without a pause would go on for ever.
            if claim.failures == 0 { Ending::Later { at: now, failed: true } } else { again_or_never(claim, now) }
        }
        // Where one may begin, whoever has never written stays somebody to whom a template can be sent: nothing of theirs would open it again.
        SendError::Unreachable(_) if claim.window.is_some() && claim.last_inbound_at.is_none() => Ending::Failed,
        SendError::Unreachable(_) => {
            persist(|| unreachable(line, claim)).await;
            Ending::Failed
        }
        SendError::WindowClosed(_) if claim.action == "send" => {
            // It is the window that their last message opened. Our own clock may be ahead of the provider's, and would close the next one as well.
            let of = claim.last_inbound_at.unwrap_or(now);
            persist(|| line.store.ended_by_window(&line.channel, claim, Some(of))).await;
            return;
        }
        SendError::Capped(_) if claim.action == "send" => {
            persist(|| line.store.ended_by_cap(&line.channel, claim, &reason)).await;
            return;
        }
        SendError::OptedOut(_) => {
            persist(|| opted_out(line, claim)).await;
            settle(line, claim, Ending::Failed, optout::REASON).await;
            return;
        }
        SendError::Refused(_) | SendError::WindowClosed(_) | SendError::Capped(_) => Ending::Failed,
        SendError::Account(_) => {
            line.status.troubled(Health::NeedsAttention, reason.clone()).await;
            Ending::Later { at: now.plus(ACCOUNT_REST), failed: false }
        }
        SendError::Uncertain(_) if claim.action == "send" => {
            settle(line, claim, Ending::Uncertain, &reason).await;
            // The provider may have told of it before the answer was given up.
            persist(|| async { final_or_again(ingest::adopt_proofs(&line.store, &line.channel, line.registered).await) }).await;
            return;
        }
        // Edits, deletions and reactions may be repeated.
        SendError::NotSent(_) | SendError::Uncertain(_) => again_or_never(claim, now),
    };
    end(line, claim, ending, &reason).await;
}

/// Writes down how an attempt ended. What would be tried again is given up when it has been refused for too long: the agent is asked, and what
/// was written after it may leave.
async fn end(line: &Line, claim: &Claim, ending: Ending, reason: &str) {
    if matches!(ending, Ending::Later { .. }) && given_up(claim.refused_since, line.store.now()) {
        let reason = format!("not taken for {} hours, and tried no more: {reason}", GIVE_UP.0 / Span::hours(1).0);
        settle(line, claim, Ending::Failed, &reason).await;
    } else {
        settle(line, claim, ending, reason).await;
    }
}

fn again_or_never(claim: &Claim, now: Timestamp) -> Ending {
    let failures = u32::try_from(claim.failures).unwrap_or(u32::MAX).saturating_add(1);
    if failures >= MAX_ATTEMPTS {
        return Ending::Failed;
    }
    Ending::Later { at: now.plus(backoff(failures, None, fastrand::f64())), failed: true }
}

async fn moved(line: &Line, claim: &Claim, to: &str) -> Result<()> {
    let mut tx = line.store.begin().await?;
    line.store.move_chat(&mut tx, &line.channel, &claim.chat, to).await?;
    line.store.commit(tx).await
}

async fn opted_out(line: &Line, claim: &Claim) -> Result<()> {
    let mut tx = line.store.begin().await?;
    let chat = Chat { wide: line.registered.provider.capabilities.wide_ids, window: claim.window, ..claim.chat_named() };
    promotions::refused(&line.store, &mut tx, &line.channel, &chat, line.store.now()).await?;
    line.store.commit(tx).await
}

async fn unreachable(line: &Line, claim: &Claim) -> Result<()> {
    let mut tx = line.store.begin().await?;
    if let Some(place) = line.store.find_place(&mut tx, &line.channel, &claim.chat_named()).await? {
        line.store.set_reachable(&mut tx, &line.channel, &place, false).await?;
    }
    line.store.commit(tx).await
}

/// Carries out an edit, a deletion or a reaction, or shows that something was read.
async fn change(line: &Line, claim: &Claim) -> Result<()> {
    let parts = line.store.claimed_parts(&line.channel, claim.message).await?;
    let mut targets: Vec<(String, bool)> =
        parts.into_iter().filter_map(|part| part.external_id.map(|id| (id, part.file.is_some()))).collect();
    if targets.is_empty() {
        targets.extend(line.store.external_id(&line.channel, claim.message).await?.map(|id| (id, false)));
    }
    if claim.action != "delete" {
        targets.truncate(1);
    }
    if targets.is_empty() && claim.action != "read" {
        settle(line, claim, Ending::Failed, "the provider has no such message").await;
        return Ok(());
    }
    if claim.action != "read"
        && let Err(at) = take(line, claim)
    {
        settle(line, claim, Ending::Later { at, failed: false }, "").await;
        return Ok(());
    }
    for (target, caption) in targets {
        let action = match claim.action.as_str() {
            "edit" => Action::Edit { target, text: claim.argument.clone(), caption },
            "delete" => Action::Delete { target },
            "read" => Action::Read { target },
            _ => Action::React { target, emoji: (!claim.argument.is_empty()).then(|| claim.argument.clone()) },
        };
        let order = Order { chat: claim.chat.clone(), aliases: claim.aliases.clone(), action, idempotency_key: claim.id.to_string() };
        if let Err(error) = line.connector.send(&order).await {
            if claim.action == "read" {
                // Nobody misses it, and nobody is to decide about it.
                tracing::debug!(channel = %line.channel.id, %error, "could not show that something was read");
                break;
            }
            refused(line, claim, error).await;
            return Ok(());
        }
    }
    persist(|| line.store.change_done(&line.channel, claim)).await;
    Ok(())
}
