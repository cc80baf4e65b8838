//! Times in the past as people write them: a date, a date and time, how long ago.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone};
use chrono_tz::Tz;

use super::time::{Span, Timestamp};

/// The instant that `text` means; `None` when it means none, or one to come. A time that the zone's clocks showed twice is the first.
pub fn parse(text: &str, now: Timestamp, zone: Tz) -> Option<Timestamp> {
    let text = text.trim();
    let at = ago(text, now).or_else(|| exact(text)).or_else(|| local(text, zone))?;
    (at <= now).then_some(at)
}

fn ago(text: &str, now: Timestamp) -> Option<Timestamp> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let number: i64 = text[..digits].parse().ok()?;
    let unit = match text[digits..].trim_start().trim_end_matches(" ago") {
        "s" | "sec" => Span::secs(1),
        "m" | "min" => Span::minutes(1),
        "h" | "hour" | "hours" => Span::hours(1),
        "d" | "day" | "days" => Span::hours(24),
        "w" | "week" | "weeks" => Span::hours(24 * 7),
        _ => return None,
    };
    number.checked_mul(unit.0).map(|span| now.minus(Span(span)))
}

fn exact(text: &str) -> Option<Timestamp> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| Timestamp(at.timestamp_micros()))
}

fn local(text: &str, zone: Tz) -> Option<Timestamp> {
    let midnight = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0);
    let timed = ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"]
        .into_iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    let local = timed.or_else(midnight)?;
    // Where the clocks were put forward, the first time after the gap.
    let there = |minutes| zone.from_local_datetime(&(local + chrono::Duration::minutes(minutes))).earliest();
    [0, 60, 120].into_iter().find_map(there).map(|at| Timestamp(at.timestamp_micros()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fri 20 Nov 2026, 14:30 in Jakarta.
    const NOW: Timestamp = Timestamp::from_secs(1_795_159_800);

    #[test]
    fn a_time_in_the_past_is_understood_however_it_is_written() {
        let check = |text: &str, before: Option<i64>| {
            let got = parse(text, NOW, chrono_tz::Asia::Jakarta).map(|at| NOW.since(at).0 / 60_000_000);
            assert_eq!(got, before, "{text}");
        };
        check("2h", Some(120));
        check("3d", Some(3 * 24 * 60));
        check("90 min ago", Some(90));
        check("2026-11-20", Some(14 * 60 + 30));
        check("2026-11-20 14:00", Some(30));
        check("2026-11-20T14:00:00", Some(30));
        check("2026-11-20T07:00:00Z", Some(30));
        check("2026-11-20T15:00:00+08:00", Some(30));
        check("2026-11-20 15:00", None);
        check("2026-02-30", None);
        check("yesterday", None);
        check("99999999999999999d", None);
        check("", None);
        check("2", None);
        check("2 ü", None);
    }

    #[test]
    fn a_time_that_the_clocks_left_out_is_the_next_there_was() {
        let zone = chrono_tz::Europe::Berlin;
        let gap = parse("2026-03-29 02:30", NOW, zone).unwrap();
        assert_eq!(gap.local(zone).format("%H:%M").to_string(), "03:30");
    }
}
