//! One channel's news: ask, store, move on; and when the provider is in trouble, ask less often and say so.

use std::time::Duration;

use super::{Line, ingest};
use crate::channel::{Account, ReceiveError};
use crate::domain::channel::Health;
use crate::domain::delivery::backoff;
use crate::domain::inbound::Batch;
use crate::domain::message::Gap;
use crate::domain::time::{Span, Timestamp};
use crate::store;
use crate::store::channels::Standing;

/// How long the provider may let us wait for news; Telegram clamps to 50 s.
const PATIENCE: Span = Span::secs(50);
/// How often "still connected" is written down when nothing comes: gaps are known this exactly.
const TOUCH: Span = Span::minutes(10);
/// The longest wait between two tries at a provider in trouble, as a power of two of seconds.
const SLOWEST: u32 = 6;
/// How often a channel is looked at again that only a person can mend.
const ATTENTION: Span = Span::minutes(5);
/// How often a channel is looked at again that another program reads.
const TAKEN: Span = Span::secs(30);
/// How often a provider that only calls us is asked whether the account still works.
const CHECK: Span = Span::minutes(10);

/// Receives until cancelled.
pub async fn run(line: &Line) {
    if line.registered.provider.capabilities.polls { ask(line).await } else { look_after(line).await }
}

/// Asks for news again and again.
async fn ask(line: &Line) {
    let mut failures = 0;
    let mut seen_at = None;
    note_gap(line).await;
    // The first look does not wait: what is there comes at once, and the channel is known to be caught up.
    let mut patience = Span::ZERO;
    while !line.cancel.is_cancelled() {
        let wait = match once(line, patience, &mut seen_at).await {
            Ok(caught_up) => {
                failures = 0;
                if caught_up {
                    patience = PATIENCE;
                }
                continue;
            }
            Err(trouble) => trouble,
        };
        failures += 1;
        let pause = report(line, &wait, failures).await;
        tokio::select! {
            () = line.cancel.cancelled() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Nothing can be asked for: [`super::journal`] takes in what the provider brings. Whether the account works is asked now and then.
async fn look_after(line: &Line) {
    let mut failures = 0;
    while !line.cancel.is_cancelled() {
        let looked = tokio::select! {
            () = line.cancel.cancelled() => return,
            account = line.connector.check() => account,
        };
        let pause = match looked {
            Ok(account) => match line.store.set_standing(line.channel.workspace, line.channel.id, &standing(&account)).await {
                Ok(()) => {
                    failures = 0;
                    line.status.answered(true).await;
                    CHECK.duration()
                }
                Err(error) => {
                    failures += 1;
                    report(line, &Trouble::Store(error), failures).await
                }
            },
            Err(error) => {
                failures += 1;
                report(line, &Trouble::Provider(error), failures).await
            }
        };
        tokio::select! {
            () = line.cancel.cancelled() => {}
            () = line.look.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// What of an account is kept with its channel.
pub fn standing(account: &Account) -> Standing {
    Standing { expires_at: account.expires_at, reach: account.reach, portfolio: account.portfolio.clone() }
}

/// Why a look for news came to nothing.
enum Trouble {
    Provider(ReceiveError),
    Store(store::Error),
}

/// One look for news, stored; whether the provider had nothing more.
async fn once(line: &Line, patience: Span, seen_at: &mut Option<Timestamp>) -> Result<bool, Trouble> {
    let cursor = line.store.cursor(&line.channel).await.map_err(Trouble::Store)?;
    let cursor = cursor.map(|(value, _)| value).filter(|value| !value.is_empty());
    let news = tokio::select! {
        () = line.cancel.cancelled() => return Ok(false),
        news = line.connector.receive(cursor.as_deref(), patience) => news.map_err(Trouble::Provider)?,
    };
    store_news(line, cursor.as_deref(), &news, seen_at).await.map_err(Trouble::Store)?;
    line.status.answered(news.caught_up).await;
    Ok(news.caught_up)
}

/// Stores what came; not interrupted by a cancel, so that a batch is stored whole or asked for again.
async fn store_news(line: &Line, before: Option<&str>, news: &Batch, seen_at: &mut Option<Timestamp>) -> store::Result<()> {
    let now = line.store.now();
    // A look may get on without bringing anything: the next one is not to begin where this one did.
    let moved = news.cursor.is_some() && news.cursor.as_deref() != before;
    if news.items.is_empty() && !moved {
        if seen_at.is_none_or(|seen| now.since(seen) >= TOUCH) {
            line.store.touch_cursor(&line.channel).await?;
            *seen_at = Some(now);
        }
        return Ok(());
    }
    let outcome = {
        let _turn = line.intake.lock().await;
        ingest::ingest(&line.store, &line.channel, line.registered, news).await?
    };
    *seen_at = Some(now);
    line.took_in(outcome).await;
    Ok(())
}

/// Says what is wrong; how long to wait before the next try.
async fn report(line: &Line, trouble: &Trouble, failures: u32) -> Duration {
    let jitter = fastrand::f64();
    let growing = backoff(failures.min(SLOWEST), None, jitter);
    let (health, note, wait) = match trouble {
        Trouble::Provider(ReceiveError::Unavailable(note)) => (Health::Retrying, note.clone(), growing),
        Trouble::Provider(ReceiveError::Wait(span)) => {
            (Health::Retrying, format!("the provider asks to wait {} s", span.0 / 1_000_000), Span(span.0.max(Span::secs(1).0)))
        }
        Trouble::Provider(ReceiveError::TakenElsewhere(note)) => (Health::NeedsAttention, note.clone(), TAKEN),
        Trouble::Provider(ReceiveError::NeedsAttention(note)) => (Health::NeedsAttention, note.clone(), ATTENTION),
        Trouble::Store(error) => (Health::Retrying, ingest::explain(error), growing),
    };
    line.status.troubled(health, note).await;
    wait.duration()
}

/// A provider that throws messages away after a while may have done so while nobody asked: the thread says so.
async fn note_gap(line: &Line) {
    let Some(retention) = line.registered.provider.capabilities.retention else { return };
    let now = line.store.now();
    let noted = match line.store.cursor(&line.channel).await {
        Ok(Some((_, seen))) if now.since(seen) > retention => {
            let gap = Gap { from: seen, to: now, lost_before: now.minus(retention) };
            let added = line.store.add_gap(&line.channel, gap).await;
            // From now on we are back, even if nothing comes for a while.
            match added {
                Ok(()) => line.store.touch_cursor(&line.channel).await,
                failed => failed,
            }
        }
        Ok(_) => Ok(()),
        Err(error) => Err(error),
    };
    if let Err(error) = noted {
        tracing::warn!(channel = %line.channel.id, %error, "cannot note the time without a connection");
    }
}
