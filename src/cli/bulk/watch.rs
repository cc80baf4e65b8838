//! Waits for a bulk send while it is carried out, here if nobody else does, and tells how far it is.

use std::io::IsTerminal as _;
use std::time::Duration;

use tokio::time::Instant;

use super::report;
use crate::cli::context::Context;
use crate::cli::failure::{Exit, Failure};
use crate::cli::output::Out;
use crate::cli::sync::Stop;
use crate::domain::bulk::{Counts, Fate, State, pace};
use crate::domain::channel::Health;
use crate::domain::id::BulkId;
use crate::domain::text::Safe;
use crate::domain::time::{Span, Timestamp};
use crate::sync::Engine;

/// How often the progress is told where no line can be painted over.
const LINES: Duration = Duration::from_secs(5);
/// How often it is looked at, and painted.
const LOOK: Duration = Duration::from_millis(250);
/// Nothing moved for so long, and the channel is in trouble: that is why.
const PATIENCE: Duration = Duration::from_secs(30);
/// How wide the bar is.
const BAR: u64 = 24;

/// Until it is done, stopped, or waits for tomorrow.
pub(super) async fn until_done(cx: &Context, out: &mut Out, id: BulkId) -> Result<Exit, Failure> {
    let mut stop = Stop::listen()?;
    let engine = Engine::start(cx.store.clone(), cx.engine_options("bulk")?);
    let paints = !out.is_json() && std::io::stderr().is_terminal();
    let (mut told, mut moved, mut before) = (Instant::now(), Instant::now(), None);
    let (mut first, mut stopped) = (None, false);
    let mut stuck = false;
    loop {
        let mut conn = cx.store.read().await?;
        let bulk = cx.store.bulk(&mut conn, cx.workspace, id).await?;
        let counts = cx.store.bulk_counts(&mut conn, cx.workspace, id).await?;
        drop(conn);
        let waits = bulk.waits_until.is_some() && counts.of(Fate::Queued) == 0;
        if bulk.state != State::Running || waits || stopped || stuck {
            break;
        }
        if before != Some(counts) {
            (before, moved) = (Some(counts), Instant::now());
        } else if moved.elapsed() > PATIENCE {
            let channels = cx.store.channels(cx.workspace).await?;
            let channel = channels.iter().find(|channel| channel.id == bulk.channel);
            stuck = channel.is_none_or(|channel| channel.paused || channel.health == Health::NeedsAttention);
        }
        let (since, done) = *first.get_or_insert((cx.store.now(), counts.total() - counts.ahead()));
        let line = progress(&counts, done, since, cx.store.now());
        if paints {
            out.over(&line);
        } else if told.elapsed() >= LINES {
            told = Instant::now();
            out.row(&report::object(cx, &bulk, &counts).await?, || line)?;
            out.flush()?;
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = stop.told() => stopped = true,
        }
    }
    // What is on its way is finished first.
    engine.stop().await;
    if paints {
        out.over(&Safe::lit(""));
    }
    let (bulk, counts) = report::tell(cx, out, id).await?;
    if stuck {
        out.warn(&Safe::lit("it waits until its channel works again: `frontdesk channel list` says what is wrong"));
    } else if bulk.state == State::Running {
        out.aside(&Safe::line(&format!("It goes on as soon as frontdesk syncs; `frontdesk bulk pause {id}` stops it.")))?;
    }
    let undecided = stuck || bulk.state == State::Paused || counts.errors() > 0;
    Ok(if undecided { Exit::NeedsPerson } else { Exit::Ok })
}

/// How far it is: a bar, how many, how fast, how long still.
fn progress(counts: &Counts, before: u64, since: Timestamp, now: Timestamp) -> Safe {
    let (total, ahead) = (counts.total(), counts.ahead());
    let done = total - ahead;
    let filled = (done * BAR).checked_div(total).unwrap_or(0) as usize;
    let bar = format!("{}{}", "#".repeat(filled), ".".repeat(BAR as usize - filled));
    let pace = pace(done.saturating_sub(before), ahead, now.since(since));
    let pace = pace.map(|(rate, left)| format!(", {rate:.0}/s, {} left", words(left))).unwrap_or_default();
    let errors = if counts.errors() > 0 { format!(", {} failed or uncertain", counts.errors()) } else { String::new() };
    Safe::line(&format!("[{bar}] {done} of {total}{pace}{errors}"))
}

/// A length of time in its two largest units.
pub(super) fn words(span: Span) -> String {
    let secs = span.0.div_euclid(1_000_000).max(1);
    match secs {
        0..60 => format!("{secs}s"),
        60..3_600 => format!("{}m {:02}s", secs / 60, secs % 60),
        3_600..86_400 => format!("{}h {:02}m", secs / 3_600, secs % 3_600 / 60),
        _ => format!("{}d {}h", secs / 86_400, secs % 86_400 / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_tells_how_many_how_fast_and_how_long_still() {
        let mut counts = Counts::default();
        counts.add(Fate::Sent, 1_200);
        counts.add(Fate::Waiting, 3_590);
        counts.add(Fate::Queued, 10);
        counts.add(Fate::Failed, 3);
        let shown = progress(&counts, 3, Timestamp(0), Timestamp(0).plus(Span::secs(20)));
        assert_eq!(shown.as_str(), "[######..................] 1203 of 4803, 60/s, 1m 00s left, 3 failed or uncertain");
        assert_eq!(words(Span::secs(90_000)), "1d 1h");
    }
}
