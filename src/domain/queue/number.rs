//! What is printed on a ticket: a prefix of its service and a number that begins again with each business day of the venue.

use chrono::{Datelike, Duration, NaiveDate, TimeZone};
use chrono_tz::Tz;
use unicode_normalization::char::{decompose_compatible, is_combining_mark};

use crate::domain::time::{Span, Timestamp};

/// Numbers have at least so many digits; the thousandth ticket of a day has more, and none is ever used twice.
const DIGITS: usize = 3;
/// The shortest and the longest prefix.
const SHORTEST: usize = 2;
const LONGEST: usize = 4;
/// 1970-01-01, in the days that chrono counts.
const EPOCH: i32 = 719_163;

/// The text on a ticket: `SER-001`, and `SER-1000` after `SER-999`.
pub fn label(prefix: &str, number: i64) -> String {
    format!("{prefix}-{number:0DIGITS$}")
}

/// The prefix and the number of a label as somebody typed it: `ser-42`, `SER 042`, `SER042`; `None` when it cannot be one.
pub fn parse(text: &str) -> Option<(String, i64)> {
    let text = text.trim().to_uppercase();
    let (prefix, digits) = match text.split_once(|c: char| c.is_whitespace() || "-–—_.:#/".contains(c)) {
        Some((prefix, rest)) => (prefix, rest.trim_start_matches(|c: char| !c.is_alphanumeric())),
        None => text.split_at_checked(written_together(&text))?,
    };
    let fine = check_prefix(prefix).is_ok() && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.parse().ok().filter(|number| fine && *number > 0)?;
    Some((prefix.to_owned(), number))
}

/// Where the number begins when nothing stands between: after the letters, or after the digit that makes two of them a prefix (`SE2042`).
fn written_together(text: &str) -> usize {
    let letters = text.bytes().take_while(|byte| !byte.is_ascii_digit()).count();
    if letters < DIGITS && text.len() > letters + DIGITS { text.len() - DIGITS } else { letters }
}

/// A prefix as it is kept, or why it cannot be one.
pub fn check_prefix(typed: &str) -> Result<String, &'static str> {
    let prefix = typed.trim().to_uppercase();
    let fine = (SHORTEST..=LONGEST).contains(&prefix.len())
        && prefix.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && prefix.starts_with(|c: char| c.is_ascii_alphabetic());
    if fine { Ok(prefix) } else { Err("a prefix is two to four letters and digits and begins with a letter, like SER or SE2") }
}

/// A prefix for a service of that name which is not taken: its first three letters, else two of them and a number.
pub fn suggest(name: &str, taken: impl Fn(&str) -> bool) -> String {
    let plain: String = plain(name).trim_start_matches(|c: char| c.is_ascii_digit()).chars().take(DIGITS).collect();
    let stem = |length: usize| if plain.is_empty() { "Q" } else { &plain[..plain.len().min(length)] };
    let whole = Some(plain.clone()).filter(|plain| plain.len() >= SHORTEST);
    let numbered = (2..=99).map(|n| format!("{}{n}", stem(2)));
    // A thousand services whose names begin alike.
    let more = (100..=999).map(|n| format!("{}{n}", stem(1)));
    let fallback = format!("{}2", stem(2));
    whole.into_iter().chain(numbered).chain(more).find(|prefix| !taken(prefix)).unwrap_or(fallback)
}

/// The letters and digits of a name that are on every keyboard, in upper case: `Über` is `UBER`. A script without such letters has none.
fn plain(name: &str) -> String {
    let mut plain = String::new();
    for c in name.chars().flat_map(char::to_uppercase) {
        decompose_compatible(c, |part| {
            if !is_combining_mark(part) && part.is_ascii_alphanumeric() {
                plain.push(part);
            }
        });
    }
    plain
}

/// The venue's business day that an instant belongs to, in days since 1970-01-01. A day begins `day_starts` after local midnight, once.
pub fn business_day(at: Timestamp, zone: Tz, day_starts: Span) -> i64 {
    let local = at.local(zone).naive_local() - Duration::microseconds(day_starts.0);
    let day = i64::from(local.date().num_days_from_ce() - EPOCH);
    // Where the clocks are put back over the beginning of a day, its first hour is shown twice and is the new day's both times.
    if at >= begins(day + 1, zone, day_starts) {
        day + 1
    } else if at < begins(day, zone, day_starts) {
        day - 1
    } else {
        day
    }
}

/// The instant at which a business day begins.
pub fn begins(day: i64, zone: Tz, day_starts: Span) -> Timestamp {
    let date = i32::try_from(day).ok().and_then(|day| NaiveDate::from_num_days_from_ce_opt(day.saturating_add(EPOCH))).unwrap_or_default();
    let local = date.and_time(chrono::NaiveTime::MIN) + Duration::microseconds(day_starts.0);
    // Where the clocks were put forward over it, the first time after the gap.
    let there = |minutes| zone.from_local_datetime(&(local + Duration::minutes(minutes))).earliest();
    let at = (0..=12).find_map(|half| there(half * 15)).map_or_else(|| local.and_utc().timestamp_micros(), |at| at.timestamp_micros());
    Timestamp(at)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp(DateTime::parse_from_rfc3339(text).unwrap().timestamp_micros())
    }

    fn day(text: &str, zone: Tz, day_starts: Span) -> String {
        let day = business_day(at(text), zone, day_starts);
        NaiveDate::from_num_days_from_ce_opt(day as i32 + EPOCH).unwrap().to_string()
    }

    #[test]
    fn q_02_only_the_venues_zone_decides_what_day_a_ticket_belongs_to() {
        let check = |text: &str, zone, want: &str| assert_eq!(day(text, zone, Span::ZERO), want, "{text} {zone}");
        check("2026-11-20T16:59:59Z", Tz::Asia__Jakarta, "2026-11-20");
        check("2026-11-20T17:00:00Z", Tz::Asia__Jakarta, "2026-11-21");
        for text in ["2026-11-20T16:59:59Z", "2026-11-20T17:00:00Z"] {
            check(text, Tz::Asia__Makassar, "2026-11-21");
            check(text, Tz::UTC, "2026-11-20");
        }
    }

    #[test]
    fn q_03_an_hour_that_the_clocks_show_twice_is_one_day() {
        for text in ["2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z", "2026-11-02T04:59:59Z"] {
            assert_eq!(day(text, Tz::America__New_York, Span::ZERO), "2026-11-01", "{text}");
        }
        assert_eq!(day("2026-11-02T05:00:00Z", Tz::America__New_York, Span::ZERO), "2026-11-02");
    }

    #[test]
    fn q_04_a_night_clinics_ticket_belongs_to_the_day_before() {
        let starts = Span::hours(4);
        assert_eq!(day("2026-11-20T18:30:00Z", Tz::Asia__Jakarta, starts), "2026-11-20"); // 01:30
        assert_eq!(day("2026-11-20T20:59:59Z", Tz::Asia__Jakarta, starts), "2026-11-20");
        assert_eq!(day("2026-11-20T21:00:00Z", Tz::Asia__Jakarta, starts), "2026-11-21");
    }

    #[test]
    fn a_business_day_never_goes_back_and_begins_when_it_says() {
        let zones = [Tz::America__New_York, Tz::America__Havana, Tz::America__Sao_Paulo, Tz::Australia__Lord_Howe, Tz::Pacific__Apia];
        for zone in zones {
            for starts in [Span::ZERO, Span::minutes(30), Span::minutes(90), Span::hours(2), Span::hours(4)] {
                // From 2011, when Samoa left out a day, and 2018, when Brazil still changed its clocks at midnight.
                for from in ["2011-12-25T00:07:00Z", "2018-10-30T00:07:00Z", "2026-03-05T00:07:00Z", "2026-10-28T00:07:00Z"] {
                    let mut before = business_day(at(from), zone, starts);
                    for quarter in 1..14 * 96 {
                        let now = at(from).plus(Span::minutes(15 * quarter));
                        let day = business_day(now, zone, starts);
                        assert!(day >= before, "{zone} {starts:?} {}", now.rfc3339());
                        assert!(
                            begins(day, zone, starts) <= now && now < begins(day + 1, zone, starts),
                            "{zone} {starts:?} {}",
                            now.rfc3339()
                        );
                        before = day;
                    }
                }
            }
        }
    }

    #[test]
    fn q_08_the_thousandth_ticket_has_a_digit_more() {
        let labels: Vec<String> = [1, 42, 999, 1_000, 12_345].into_iter().map(|number| label("SER", number)).collect();
        assert_eq!(labels, ["SER-001", "SER-042", "SER-999", "SER-1000", "SER-12345"]);
    }

    #[test]
    fn a_label_is_the_same_however_it_is_typed() {
        for typed in ["SER-042", "ser-42", "SER 042", "SER042", " ser042 ", "Ser - 42", "SER#42"] {
            assert_eq!(parse(typed), Some(("SER".to_owned(), 42)), "{typed}");
        }
        assert_eq!(parse("SER1000"), Some(("SER".to_owned(), 1_000)));
        assert_eq!(parse("SE2-042"), Some(("SE2".to_owned(), 42)));
        assert_eq!(parse("SE2042"), Some(("SE2".to_owned(), 42)));
        assert_eq!(parse("CS007"), Some(("CS".to_owned(), 7)));
        for typed in ["", "SER", "042", "S-1", "SERVI-1", "SER-", "SER-0", "SER-x1", "SER-99999999999999999999", "Ü-1", "SER-1 2", "2X-1"]
        {
            assert_eq!(parse(typed), None, "{typed}");
        }
    }

    #[test]
    fn q_10_services_whose_names_begin_alike_get_prefixes_of_their_own() {
        let check = |name: &str, taken: &[&str], want: &str| {
            let got = suggest(name, |prefix| taken.contains(&prefix));
            assert_eq!(got, want, "{name}");
            assert_eq!(check_prefix(&got).as_deref(), Ok(want));
        };
        check("Servis AC", &[], "SER");
        check("Service motor", &["SER"], "SE2");
        check("Servis mobil", &["SER", "SE2"], "SE3");
        check("X", &[], "X2");
        check("24h Ärzte", &[], "HAR");
        check("Überweisung", &[], "UBE");
        check("Kasse", &[], "KAS");
        check("診療", &[], "Q2");
        check("Касса", &["Q2"], "Q3");
        check("C1", &[], "C1");
        for bad in ["S", "SERVI", "SÉR", "2SE", "", "S E"] {
            assert!(check_prefix(bad).is_err(), "{bad}");
        }
        assert_eq!(check_prefix(" ser ").as_deref(), Ok("SER"));
    }
}
