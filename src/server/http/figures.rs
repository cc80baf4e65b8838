//! What is counted, in the text form that Prometheus reads: calls taken, calls refused and why, how long an answer took; for each channel
//! how it is, what came in and left since the start of this process, what failed and why, and what waits.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::StatusCode;

use crate::domain::channel::Health;
use crate::domain::time::Timestamp;
use crate::store::channels::Channel;
use crate::store::depth::Queued;
use crate::store::journal::Backlog;
use crate::store::{Result, Store};
use crate::sync::status::Tally;
use crate::sync::{EngineStatus, Role};

/// Why a call was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The provider did not sign it.
    Signature,
    /// The question whether the address is ours has not the word we agreed on.
    Greeting,
    /// No such channel, or none with a webhook.
    Unknown,
    /// A method the path does not know.
    Method,
    /// The body is over the limit.
    TooLarge,
    /// The body did not come in time.
    Slow,
    /// The body did not come whole.
    Broken,
    /// Too much is waiting already.
    Full,
    /// The channel's secrets cannot be read.
    Secret,
    /// The database did not take it.
    Storage,
}

impl Refusal {
    const ALL: [Self; 10] = [
        Self::Signature,
        Self::Greeting,
        Self::Unknown,
        Self::Method,
        Self::TooLarge,
        Self::Slow,
        Self::Broken,
        Self::Full,
        Self::Secret,
        Self::Storage,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::Greeting => "verification",
            Self::Unknown => "unknown_channel",
            Self::Method => "method",
            Self::TooLarge => "too_large",
            Self::Slow => "too_slow",
            Self::Broken => "incomplete",
            Self::Full => "overload",
            Self::Secret => "secret",
            Self::Storage => "database",
        }
    }

    /// What the caller is told.
    pub(super) const fn status(self) -> StatusCode {
        match self {
            Self::Signature => StatusCode::UNAUTHORIZED,
            Self::Greeting => StatusCode::FORBIDDEN,
            Self::Unknown => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Slow => StatusCode::REQUEST_TIMEOUT,
            Self::Broken => StatusCode::BAD_REQUEST,
            Self::Full | Self::Secret | Self::Storage => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// Upper bounds of the classes of answering times, in microseconds.
const CLASSES: [u64; 12] = [500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000];

/// The counters.
#[derive(Debug, Default)]
pub(super) struct Figures {
    taken: AtomicU64,
    refused: [AtomicU64; Refusal::ALL.len()],
    classes: [AtomicU64; CLASSES.len()],
    micros: AtomicU64,
}

impl Figures {
    /// A call was taken, and answered after so long.
    pub(super) fn took(&self, after: Duration) {
        let micros = u64::try_from(after.as_micros()).unwrap_or(u64::MAX);
        self.taken.fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(micros, Ordering::Relaxed);
        if let Some(class) = CLASSES.iter().position(|bound| micros <= *bound) {
            self.classes[class].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// What is written about the listener itself.
    fn write(&self, out: &mut Text) {
        let taken = self.taken.load(Ordering::Relaxed);
        out.head("frontdesk_webhooks_total", "counter", "Calls to webhooks that were written down and answered with 200.");
        out.line("frontdesk_webhooks_total", &[], taken);
        out.head("frontdesk_webhooks_refused_total", "counter", "Calls to webhooks that were refused.");
        for why in Refusal::ALL {
            out.line("frontdesk_webhooks_refused_total", &[("reason", why.name())], self.refused[why as usize].load(Ordering::Relaxed));
        }
        out.head("frontdesk_webhook_seconds", "histogram", "From a call's head to the answer after the commit.");
        let mut sum = 0;
        for (bound, class) in CLASSES.iter().zip(&self.classes) {
            sum += class.load(Ordering::Relaxed);
            out.line("frontdesk_webhook_seconds_bucket", &[("le", &seconds(*bound))], sum);
        }
        out.line("frontdesk_webhook_seconds_bucket", &[("le", "+Inf")], taken.max(sum));
        out.line("frontdesk_webhook_seconds_sum", &[], seconds(self.micros.load(Ordering::Relaxed)));
        out.line("frontdesk_webhook_seconds_count", &[], taken.max(sum));
    }

    /// A call was not taken.
    pub(super) fn refused(&self, why: Refusal) {
        self.refused[why as usize].fetch_add(1, Ordering::Relaxed);
    }
}

/// What is known of one channel.
struct Known {
    id: String,
    channel: Channel,
    backlog: Backlog,
    queued: Queued,
    unreadable: u64,
    tally: Tally,
}

/// Everything there is to tell.
pub(super) async fn text(figures: &Figures, store: &Store, engine: &EngineStatus) -> Result<String> {
    let mut known = Vec::new();
    for channel in store.all_channels().await? {
        let backlog = store.backlog(&channel).await?;
        let queued = store.queued(&channel).await?;
        let unreadable = store.dead_letters_kept(&channel).await?;
        let tally = engine.channels.get(&channel.id).map(|at| at.tally.clone()).unwrap_or_default();
        known.push(Known { id: channel.id.0.to_string(), channel, backlog, queued, unreadable, tally });
    }
    let mut out = Text(String::new());
    out.head("frontdesk_syncing", "gauge", "1 in the process that holds the lock for syncing.");
    out.line("frontdesk_syncing", &[], u8::from(engine.role == Role::Active));
    figures.write(&mut out);
    of_channels(&mut out, &known, store.now());
    Ok(out.0)
}

fn of_channels(out: &mut Text, known: &[Known], now: Timestamp) {
    let age = |at: Option<Timestamp>| seconds(at.map_or(0, |at| now.since(at).0.max(0) as u64));
    out.each("frontdesk_channel_up", "gauge", "1 while the provider answers.", known, |at| u8::from(at.channel.health == Health::Up));
    out.each("frontdesk_messages_in_total", "counter", "New messages stored by this process.", known, |at| at.tally.came);
    out.each("frontdesk_messages_out_total", "counter", "Messages that this process handed to the provider.", known, |at| at.tally.left);
    out.each("frontdesk_unreadable_total", "counter", "Payloads that this process put aside as unreadable.", known, |at| at.tally.dead);
    out.each("frontdesk_unreadable_kept", "gauge", "Payloads that nobody could read and that are kept, for thirty days.", known, |at| {
        at.unreadable
    });
    out.head("frontdesk_send_failures_total", "counter", "Requests to send that the provider did not take, or perhaps not.");
    for at in known {
        for (reason, count) in &at.tally.failures {
            let labels = [at.names().as_slice(), &[("reason", *reason)]].concat();
            out.line("frontdesk_send_failures_total", &labels, count);
        }
    }
    out.each("frontdesk_journal_waiting", "gauge", "Calls that are written down and not processed yet.", known, |at| at.backlog.waiting);
    out.each("frontdesk_journal_age_seconds", "gauge", "Since the oldest of them came.", known, |at| age(at.backlog.oldest));
    out.each("frontdesk_outbox_waiting", "gauge", "Orders that could leave by now and have not.", known, |at| at.queued.due);
    out.each("frontdesk_outbox_age_seconds", "gauge", "Since the oldest of them was due.", known, |at| age(at.queued.oldest));
    out.each("frontdesk_outbox_undecided", "gauge", "Orders of which nobody knows whether they arrived.", known, |at| at.queued.uncertain);
}

impl Known {
    fn names(&self) -> [(&str, &str); 3] {
        [("channel", &self.id), ("provider", &self.channel.provider), ("name", &self.channel.name)]
    }
}

/// Microseconds as seconds, without a detour over floating numbers.
fn seconds(micros: u64) -> String {
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

/// The text being made.
struct Text(String);

impl Text {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn line(&mut self, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        self.0.push_str(name);
        for (place, (label, text)) in labels.iter().enumerate() {
            let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let _ = write!(self.0, "{}{label}=\"{text}\"", if place == 0 { '{' } else { ',' });
        }
        let _ = writeln!(self.0, "{} {value}", if labels.is_empty() { "" } else { "}" });
    }

    fn each<T: std::fmt::Display>(&mut self, name: &str, kind: &str, help: &str, known: &[Known], value: impl Fn(&Known) -> T) {
        self.head(name, kind, help);
        for at in known {
            self.line(name, &at.names(), value(at));
        }
    }
}
