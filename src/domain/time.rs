//! Instants, spans and the injected clock. Instants are UTC microseconds since the Unix epoch; a zone is applied only to show them.

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use chrono_tz::Tz;

/// An instant, in microseconds since 1970-01-01 00:00:00 UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Timestamp(pub i64);

/// A length of elapsed time, in microseconds. May be negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(pub i64);

/// Where the time comes from. Real in the program, set by hand in tests.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// The machine's own clock. The only place in the crate that reads it.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

/// A clock that stands still until it is told to move.
#[derive(Debug, Default)]
pub struct ManualClock(std::sync::atomic::AtomicI64);

impl Timestamp {
    /// From whole seconds since the epoch, saturating at the ends of the range.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1_000_000))
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn secs(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// This instant moved by `span`, saturating.
    #[must_use]
    pub const fn plus(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// This instant moved back by `span`, saturating.
    #[must_use]
    pub const fn minus(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }

    /// How long after `earlier` this is; negative when it is before.
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// The local date and time in `zone`. Instants outside chrono's range (years ±262,000) become the epoch.
    pub fn local(self, zone: Tz) -> DateTime<Tz> {
        DateTime::<Utc>::from_timestamp_micros(self.0).unwrap_or_default().with_timezone(&zone)
    }

    /// The local calendar date in `zone`.
    pub fn date(self, zone: Tz) -> NaiveDate {
        self.local(zone).date_naive()
    }

    /// `14:05` in `zone`.
    pub fn hhmm(self, zone: Tz) -> String {
        let at = self.local(zone);
        format!("{:02}:{:02}", at.hour(), at.minute())
    }

    /// `2026-11-20T14:05:09Z`, for machines and exports.
    pub fn rfc3339(self) -> String {
        self.local(Tz::UTC).format("%Y-%m-%dT%H:%M:%SZ").to_string()
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// Whole milliseconds.
    pub const fn millis(n: i64) -> Self {
        Self(n.saturating_mul(1_000))
    }

    /// Whole seconds.
    pub const fn secs(n: i64) -> Self {
        Self(n.saturating_mul(1_000_000))
    }

    /// Whole minutes.
    pub const fn minutes(n: i64) -> Self {
        Self::secs(n.saturating_mul(60))
    }

    /// Whole hours of elapsed time.
    pub const fn hours(n: i64) -> Self {
        Self::minutes(n.saturating_mul(60))
    }

    /// As a standard duration; negative spans become zero.
    pub const fn duration(self) -> std::time::Duration {
        std::time::Duration::from_micros(if self.0 < 0 { 0 } else { self.0 as u64 })
    }

    /// From a standard duration, saturating.
    pub fn from_duration(duration: std::time::Duration) -> Self {
        Self(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX))
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one real clock; everything else is handed a Clock")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp(Span::from_duration(since).0)
    }
}

impl ManualClock {
    /// A clock standing at `at`.
    pub fn at(at: Timestamp) -> Self {
        Self(std::sync::atomic::AtomicI64::new(at.0))
    }

    /// Moves the clock by `span`.
    pub fn advance(&self, span: Span) {
        self.0.fetch_add(span.0, std::sync::atomic::Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(std::sync::atomic::Ordering::SeqCst))
    }
}

/// How old `at` is, as a list shows it: `now`, `5m`, `3h`, `2d`, then the date (`12 Mar`, `12 Mar 2024` in another year).
/// Instants in the future (a provider's clock ahead of ours) are `now`.
pub fn age(at: Timestamp, now: Timestamp, zone: Tz) -> String {
    let minutes = now.since(at).0 / 60_000_000;
    match minutes {
        i64::MIN..=0 => "now".to_owned(),
        1..60 => format!("{minutes}m"),
        60..1_440 => format!("{}h", minutes / 60),
        1_440..10_080 => format!("{}d", minutes / 1_440),
        _ if at.local(zone).year() == now.local(zone).year() => at.local(zone).format("%-d %b").to_string(),
        _ => at.local(zone).format("%-d %b %Y").to_string(),
    }
}

/// When the text of [`age`] next changes, for a screen that sleeps until then; `None` once it is a date.
pub fn age_changes_at(at: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let minutes = now.since(at).0.div_euclid(60_000_000).max(0);
    let next = match minutes {
        0..60 => minutes + 1,
        60..1_440 => (minutes / 60 + 1) * 60,
        1_440..10_080 => (minutes / 1_440 + 1) * 1_440,
        _ => return None,
    };
    Some(at.plus(Span::minutes(next)))
}

/// A day separator's words: `today`, `yesterday`, else `Thu 19 Nov`, with the year when it is not this one.
pub fn day_title(day: NaiveDate, today: NaiveDate) -> String {
    match today.signed_duration_since(day).num_days() {
        0 => "today".to_owned(),
        1 => "yesterday".to_owned(),
        _ if day.year() == today.year() => day.format("%a %-d %b").to_string(),
        _ => day.format("%a %-d %b %Y").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_795_168_800); // 2026-11-20 10:00:00 UTC

    #[test]
    fn an_age_is_one_short_word_and_then_a_date() {
        let check = |ago: Span, want: &str| assert_eq!(age(NOW.minus(ago), NOW, Tz::UTC), want);
        check(Span::secs(-90), "now");
        check(Span::secs(59), "now");
        check(Span::secs(60), "1m");
        check(Span::minutes(59), "59m");
        check(Span::hours(1), "1h");
        check(Span::hours(24), "1d");
        check(Span::hours(24 * 8), "12 Nov");
        check(Span::hours(24 * 400), "16 Oct 2025");
    }

    #[test]
    fn an_age_keeps_its_words_until_the_instant_it_says_it_changes() {
        for secs in [-5, 0, 30, 61, 3_599, 3_600, 7_000, 86_399, 86_400, 500_000, 604_799] {
            let at = NOW.minus(Span::secs(secs));
            let next = age_changes_at(at, NOW).unwrap();
            assert!(next > NOW, "{secs}");
            assert_eq!(age(at, Timestamp(next.0 - 1), Tz::UTC), age(at, NOW, Tz::UTC), "{secs}");
            assert_ne!(age(at, next, Tz::UTC), age(at, NOW, Tz::UTC), "{secs}");
        }
    }

    #[test]
    fn a_local_day_follows_the_zone() {
        let late = Timestamp::from_secs(1_795_168_800 + 10 * 3_600); // 20:00 UTC is already tomorrow in Jakarta
        assert_eq!(late.date(Tz::Asia__Jakarta).to_string(), "2026-11-21");
        assert_eq!(late.hhmm(Tz::Asia__Jakarta), "03:00");
    }
}
