//! Times as people type them (`9`, `tomorrow 14:30`, `fri`, `24 nov 10:00`, `in 3h`), read relative to a present instant in a zone, and the
//! words they are shown in. Whatever is read lies in the future: a time of day that has passed means tomorrow's, a weekday the next one, a
//! date without its year the next such date.

use chrono::{DateTime, Datelike, Days, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Weekday};
use chrono_tz::Tz;

use super::time::{Span, Timestamp, day_title};

/// The time of day that is meant by a day alone.
pub const MORNING: NaiveTime = time(9, 0);
/// Other times of day that are offered for a day alone.
const OFFERED: [NaiveTime; 2] = [time(13, 0), time(17, 0)];
/// What is offered before anything is typed.
const USUAL: [&str; 5] = ["in 1h", "in 3h", "tomorrow", "monday", "in 2 weeks"];
/// Nothing is put off for longer: more is a slip of the finger.
const LONGEST: Span = Span::hours(24 * 366 * 5);
/// No clock change is longer, in minutes: Samoa left out a whole day.
const LONGEST_GAP: i64 = 25 * 60;

/// Why a text means no time to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Nothing was typed.
    Empty,
    /// It is no time we can read.
    Unread,
    /// There is no such day: `30 feb`.
    NoSuchDay,
    /// It has passed.
    Past(Timestamp),
    /// It is years away.
    TooFar,
    /// The clocks skip it; this is the same time after they did.
    Gap(Timestamp),
}

/// A day as it was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Day {
    Today,
    Tomorrow,
    Weekday(Weekday),
    /// The next one.
    Date(u32, u32),
    Exact(NaiveDate),
}

/// A time as it was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Typed {
    /// From now: elapsed time and calendar days.
    After(Span, u64),
    /// A day, a time of day, or both.
    At(Option<Day>, Option<NaiveTime>),
}

const DAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Mon),
    ("tuesday", Weekday::Tue),
    ("wednesday", Weekday::Wed),
    ("thursday", Weekday::Thu),
    ("friday", Weekday::Fri),
    ("saturday", Weekday::Sat),
    ("sunday", Weekday::Sun),
];
const MONTHS: [&str; 12] =
    ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];

/// The instant that `text` means.
pub fn parse(text: &str, now: Timestamp, zone: Tz) -> Result<Timestamp, Refused> {
    let words = words_of(text);
    if words.is_empty() {
        return Err(Refused::Empty);
    }
    let typed = read(&words)?;
    let at = match typed {
        Typed::After(span, days) => {
            if span.0 > LONGEST.0 || days > 366 * 5 {
                return Err(Refused::TooFar);
            }
            let there = if days == 0 {
                now
            } else {
                let local = now.local(zone).naive_local();
                instant(local.checked_add_days(Days::new(days)).ok_or(Refused::TooFar)?, now, zone)?
            };
            there.plus(span)
        }
        Typed::At(day, time) => place(day, time, now, zone)?,
    };
    if at <= now {
        return Err(Refused::Past(at));
    }
    if at.since(now) > LONGEST { Err(Refused::TooFar) } else { Ok(at) }
}

/// Times that `text` may become, the likeliest first: what it means as it stands, the words it begins, and for a day alone more times of it.
pub fn suggest(text: &str, now: Timestamp, zone: Tz) -> Vec<Timestamp> {
    let typed = text.trim();
    let mut texts: Vec<String> = Vec::new();
    if typed.is_empty() {
        texts.extend(USUAL.map(str::to_owned));
    } else {
        texts.push(typed.to_owned());
        let (before, last) = typed.rsplit_once(char::is_whitespace).unwrap_or(("", typed));
        let last = last.to_lowercase();
        let known = ["tomorrow", "today"].into_iter().chain(DAYS.map(|(name, _)| name)).chain(MONTHS);
        texts.extend(
            known.filter(|word| !last.is_empty() && word.starts_with(&last) && *word != last).map(|word| format!("{before} {word}")),
        );
    }
    let mut found: Vec<Timestamp> = Vec::new();
    for text in &texts {
        let words = words_of(text);
        let more: &[NaiveTime] = match read(&words) {
            Ok(Typed::At(Some(_), None)) => &OFFERED,
            _ => &[],
        };
        found.extend(parse(text, now, zone));
        if !typed.is_empty() {
            found.extend(more.iter().filter_map(|time| parse(&format!("{text} {}", time.format("%H:%M")), now, zone).ok()));
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|at| seen.insert(*at));
    found
}

/// `today 14:30`, `tomorrow 09:00`, `Mon 23 Nov 09:00`, with the year when it is not this one.
pub fn words(at: Timestamp, now: Timestamp, zone: Tz) -> String {
    let (day, today) = (at.date(zone), now.date(zone));
    let title = if today.succ_opt() == Some(day) { "tomorrow".to_owned() } else { day_title(day, today) };
    format!("{title} {}", at.hhmm(zone))
}

/// How long until `at`, roughly: `in 40 min`, `in 18 h`, `in 3 days`.
pub fn distance(at: Timestamp, now: Timestamp) -> String {
    let minutes = at.since(now).0.max(0) / 60_000_000;
    match minutes {
        0..120 => format!("in {minutes} min"),
        120..2_880 => format!("in {} h", minutes / 60),
        _ => format!("in {} days", minutes / 1_440),
    }
}

/// This time of day, `days` from today. A time of day the clocks skip is the one after it.
pub fn at_time(days: u64, time: NaiveTime, now: Timestamp, zone: Tz) -> Timestamp {
    let day = now.date(zone).checked_add_days(Days::new(days)).unwrap_or_else(|| now.date(zone));
    match instant(day.and_time(time), now, zone) {
        Ok(at) | Err(Refused::Gap(at)) => at,
        Err(_) => now,
    }
}

/// The next Monday's morning, never today's.
pub fn next_monday(now: Timestamp, zone: Tz) -> Timestamp {
    let days = 7 - now.date(zone).weekday().num_days_from_monday();
    at_time(u64::from(days), MORNING, now, zone)
}

impl Refused {
    /// What to tell whoever typed it.
    pub fn words(self, now: Timestamp, zone: Tz) -> String {
        match self {
            Self::Empty => "Type a time: 14:30, tomorrow 9, fri, 24 nov 10:00, in 3h".to_owned(),
            Self::Unread => "Not a time that can be read: try 14:30, tomorrow 9, fri, 24 nov 10:00, in 3h".to_owned(),
            Self::NoSuchDay => "There is no such day".to_owned(),
            Self::Past(at) => format!("That was {}: it has passed", words(at, now, zone)),
            Self::TooFar => "That is more than five years away".to_owned(),
            Self::Gap(at) => format!("The clocks skip that time: try {}", words(at, now, zone)),
        }
    }
}

const fn time(hour: u32, minute: u32) -> NaiveTime {
    match NaiveTime::from_hms_opt(hour, minute, 0) {
        Some(time) => time,
        None => NaiveTime::MIN,
    }
}

/// Lower-cased words without those that only join others; letters and digits that were typed together stay together.
fn words_of(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty());
    words.filter(|word| !matches!(*word, "at" | "on" | "the" | "next")).take(12).map(str::to_owned).collect()
}

fn read(words: &[String]) -> Result<Typed, Refused> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (said_in, rest) = match words.as_slice() {
        ["in", rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    if let Some((span, days)) = distance_of(rest) {
        return Ok(Typed::After(span, days));
    }
    if said_in {
        return Err(Refused::Unread);
    }
    let (day, after) = day_of(rest)?;
    if after.is_empty() {
        return Ok(Typed::At(day, None));
    }
    if let Some(time) = time_of(after) {
        return Ok(Typed::At(day, Some(time)));
    }
    // The time may stand first: `9:00 tomorrow`, `9 am fri`.
    for n in 1..=rest.len().min(2) {
        let (front, back) = rest.split_at(n);
        if let (Some(time), Ok((Some(day), []))) = (time_of(front), day_of(back)) {
            return Ok(Typed::At(Some(day), Some(time)));
        }
    }
    Err(Refused::Unread)
}

/// `3h`, `90 min`, `1h30m`, `2 days`: elapsed time, and calendar days.
fn distance_of(words: &[&str]) -> Option<(Span, u64)> {
    let joined: String = words.concat();
    let (mut span, mut days, mut rest) = (Span::ZERO, 0, joined.as_str());
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, after) = rest.split_at(digits);
        let number: u32 = number.parse().ok()?;
        let letters = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        match unit {
            "m" | "min" | "mins" | "minute" | "minutes" => span = Span(span.0.saturating_add(Span::minutes(i64::from(number)).0)),
            "h" | "hr" | "hrs" | "hour" | "hours" => span = Span(span.0.saturating_add(Span::hours(i64::from(number)).0)),
            "d" | "day" | "days" => days += u64::from(number),
            "w" | "wk" | "week" | "weeks" => days += u64::from(number) * 7,
            _ => return None,
        }
        rest = after;
    }
    Some((span, days))
}

/// The day that words begin with, and the words after it.
fn day_of<'a>(words: &'a [&'a str]) -> Result<(Option<Day>, &'a [&'a str]), Refused> {
    let [first, rest @ ..] = words else { return Ok((None, words)) };
    match *first {
        "today" => return Ok((Some(Day::Today), rest)),
        "tomorrow" | "tmr" | "tmrw" | "tom" => return Ok((Some(Day::Tomorrow), rest)),
        _ => {}
    }
    if let Some((_, day)) = DAYS.iter().find(|(name, _)| first.len() >= 3 && name.starts_with(first)) {
        // `mon 23 nov`: the date says more than its weekday.
        return match day_of(rest)? {
            (Some(date @ (Day::Date(..) | Day::Exact(_))), rest) => Ok((Some(date), rest)),
            _ => Ok((Some(Day::Weekday(*day)), rest)),
        };
    }
    if let Some(date) = iso(first) {
        return Ok((Some(Day::Exact(date?)), rest));
    }
    let [second, rest @ ..] = rest else { return Ok((None, words)) };
    let day_first = day_number(first).zip(month_of(second));
    let Some((day, month)) = day_first.or_else(|| day_number(second).zip(month_of(first))) else { return Ok((None, words)) };
    if let [year, rest @ ..] = rest
        && let Some(year) = year_of(year)
    {
        let date = NaiveDate::from_ymd_opt(year, month, day).ok_or(Refused::NoSuchDay)?;
        return Ok((Some(Day::Exact(date)), rest));
    }
    // A leap year has every day there is.
    NaiveDate::from_ymd_opt(2024, month, day).ok_or(Refused::NoSuchDay)?;
    Ok((Some(Day::Date(month, day)), rest))
}

/// `2026-11-24`, which need not exist.
fn iso(word: &str) -> Option<Result<NaiveDate, Refused>> {
    let mut parts = word.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(year_of(year)?, month.parse().ok()?, day.parse().ok()?);
    Some(date.ok_or(Refused::NoSuchDay))
}

fn year_of(word: &str) -> Option<i32> {
    (word.len() == 4).then(|| word.parse().ok())?
}

/// `24`, `24th`, `24.`
fn day_number(word: &str) -> Option<u32> {
    let digits = ["st", "nd", "rd", "th", "."].into_iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word);
    digits.parse().ok().filter(|day| (1..=31).contains(day))
}

fn month_of(word: &str) -> Option<u32> {
    let at = MONTHS.iter().position(|name| word.len() >= 3 && name.starts_with(word))?;
    Some(at as u32 + 1)
}

/// `9`, `14:30`, `9am`, `9:15 pm`, `noon`.
fn time_of(words: &[&str]) -> Option<NaiveTime> {
    let joined = words.concat();
    if joined == "noon" {
        return Some(time(12, 0));
    }
    let (clock, half) = match (joined.strip_suffix("am"), joined.strip_suffix("pm")) {
        (Some(clock), _) => (clock, Some(0)),
        (_, Some(clock)) => (clock, Some(12)),
        _ => (joined.as_str(), None),
    };
    if words.len() > 1 && half.is_none() {
        return None;
    }
    let (hour, minute) = clock.split_once(':').unwrap_or((clock, "00"));
    if hour.is_empty() || hour.len() > 2 || minute.len() != 2 {
        return None;
    }
    let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
    let hour = match half {
        Some(half) if (1..=12).contains(&hour) => hour % 12 + half,
        Some(_) => return None,
        None => hour,
    };
    NaiveTime::from_hms_opt(hour, minute, 0)
}

/// The first instant after now that a day and a time of day mean.
fn place(day: Option<Day>, time: Option<NaiveTime>, now: Timestamp, zone: Tz) -> Result<Timestamp, Refused> {
    let today = now.date(zone);
    let time_of_day = time.unwrap_or(MORNING);
    let on = |date: NaiveDate| instant(date.and_time(time_of_day), now, zone);
    let later = |days: u64| today.checked_add_days(Days::new(days)).ok_or(Refused::TooFar);
    match day {
        Some(Day::Today) => on(today),
        Some(Day::Tomorrow) => on(later(1)?),
        Some(Day::Exact(date)) => on(date),
        None => first_after(now, [Ok(today), later(1)], on),
        Some(Day::Weekday(day)) => {
            let ahead = (day.num_days_from_monday() + 7 - today.weekday().num_days_from_monday()) % 7;
            first_after(now, [later(u64::from(ahead)), later(u64::from(ahead) + 7)], on)
        }
        Some(Day::Date(month, day)) => {
            // The 29th of February may be years away.
            let years = (0..9).filter_map(|ahead| NaiveDate::from_ymd_opt(today.year() + ahead, month, day)).map(Ok);
            first_after(now, years, on)
        }
    }
}

fn first_after(
    now: Timestamp,
    days: impl IntoIterator<Item = Result<NaiveDate, Refused>>,
    on: impl Fn(NaiveDate) -> Result<Timestamp, Refused>,
) -> Result<Timestamp, Refused> {
    let mut last = Err(Refused::Unread);
    for day in days {
        last = on(day?);
        match last {
            Ok(at) if at <= now => {}
            _ => return last,
        }
    }
    last
}

/// The instant of a local time. In an overlap it is the first one that is to come; in a gap it is refused with the time after it.
fn instant(local: NaiveDateTime, now: Timestamp, zone: Tz) -> Result<Timestamp, Refused> {
    let stamp = |at: DateTime<Tz>| Timestamp(at.timestamp_micros());
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) => Ok(stamp(at)),
        LocalResult::Ambiguous(first, second) => Ok(if stamp(first) > now { stamp(first) } else { stamp(second) }),
        LocalResult::None => {
            let before = |minutes: i64| zone.from_local_datetime(&(local - chrono::Duration::minutes(minutes))).latest();
            // As far after the gap as the time typed is after its begin: 02:30 becomes 03:30.
            let found = (1..=LONGEST_GAP).find_map(|minutes| before(minutes).map(|at| stamp(at).plus(Span::minutes(minutes))));
            found.map_or(Err(Refused::NoSuchDay), |at| Err(Refused::Gap(at)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fri 20 Nov 2026, 14:30 in Jakarta.
    const NOW: Timestamp = Timestamp::from_secs(1_795_159_800);
    const ZONE: Tz = Tz::Asia__Jakarta;

    fn local(text: &str, now: Timestamp, zone: Tz) -> Result<String, Refused> {
        parse(text, now, zone).map(|at| at.local(zone).format("%a %Y-%m-%d %H:%M").to_string())
    }

    #[test]
    fn what_people_type_means_the_next_such_time() {
        let check = |text: &str, want: &str| assert_eq!(local(text, NOW, ZONE).as_deref(), Ok(want), "{text:?}");
        check("9", "Sat 2026-11-21 09:00");
        check("16", "Fri 2026-11-20 16:00");
        check("14:30", "Sat 2026-11-21 14:30");
        check("14:31", "Fri 2026-11-20 14:31");
        check("9pm", "Fri 2026-11-20 21:00");
        check("12 am", "Sat 2026-11-21 00:00");
        check("noon", "Sat 2026-11-21 12:00");
        check("tomorrow 9", "Sat 2026-11-21 09:00");
        check(" Tomorrow, at 17:15 ", "Sat 2026-11-21 17:15");
        check("9:15 tomorrow", "Sat 2026-11-21 09:15");
        check("9 am mon", "Mon 2026-11-23 09:00");
        check("fri 14:00", "Fri 2026-11-27 14:00");
        check("fri 18:00", "Fri 2026-11-20 18:00");
        check("friday", "Fri 2026-11-27 09:00");
        check("monday", "Mon 2026-11-23 09:00");
        check("next tue", "Tue 2026-11-24 09:00");
        check("24 nov 10:00", "Tue 2026-11-24 10:00");
        check("nov 24th", "Tue 2026-11-24 09:00");
        check("tue 24 nov 10:00", "Tue 2026-11-24 10:00");
        check("3 feb", "Wed 2027-02-03 09:00");
        check("3 feb 2028 7pm", "Thu 2028-02-03 19:00");
        check("29 feb", "Tue 2028-02-29 09:00");
        check("2026-11-24 09:00", "Tue 2026-11-24 09:00");
        check("in 3h", "Fri 2026-11-20 17:30");
        check("1h30m", "Fri 2026-11-20 16:00");
        check("90 min", "Fri 2026-11-20 16:00");
        check("2d", "Sun 2026-11-22 14:30");
        check("in 2 weeks", "Fri 2026-12-04 14:30");
    }

    #[test]
    fn what_is_no_time_to_come_is_refused_with_the_reason() {
        let check = |text: &str, want: Refused| assert_eq!(parse(text, NOW, ZONE), Err(want), "{text:?}");
        check("", Refused::Empty);
        check(" , ", Refused::Empty);
        for text in [
            "soon",
            "25:00",
            "9:5",
            "in",
            "in tomorrow",
            "99",
            "9 9",
            "-3h",
            "tomorrow tomorrow",
            "13pm",
            "0am",
            "٣h",
            "2026-11",
            "99999999999h",
        ] {
            check(text, Refused::Unread);
        }
        check("30 feb", Refused::NoSuchDay);
        check("2027-02-29", Refused::NoSuchDay);
        check("31 nov", Refused::NoSuchDay);
        check("99999h", Refused::TooFar);
        check("4000000000 weeks", Refused::TooFar);
        check("2099-01-01", Refused::TooFar);
        check("0h", Refused::Past(NOW));
        check("today 9", Refused::Past(NOW.minus(Span::minutes(330))));
        check("2026-11-19 14:30", Refused::Past(NOW.minus(Span::hours(24))));
    }

    #[test]
    fn a_time_the_clocks_skip_is_refused_with_the_one_after_it_and_a_doubled_one_is_the_first_to_come() {
        let zone = Tz::Europe__Berlin;
        let before = Timestamp::from_secs(1_774_566_000); // Fri 27 Mar 2026, 00:00 in Berlin
        let Err(Refused::Gap(at)) = parse("29 mar 2:30", before, zone) else { panic!("02:30 does not exist") };
        assert_eq!(at.local(zone).format("%d %H:%M").to_string(), "29 03:30");
        assert_eq!(Refused::Gap(at).words(before, zone), "The clocks skip that time: try Sun 29 Mar 03:30");
        assert_eq!(local("in 2 days", before.plus(Span::minutes(60)), zone).as_deref(), Ok("Sun 2026-03-29 01:00"));
        // 25 Oct 2026 has 02:30 twice.
        let summer = Timestamp::from_secs(1_792_888_200); // 02:30, the first time
        assert_eq!(parse("2:30", summer.minus(Span::hours(1)), zone), Ok(summer));
        assert_eq!(parse("today 2:30", summer, zone), Ok(summer.plus(Span::hours(1))));
    }

    #[test]
    fn shown_times_read_back_as_themselves() {
        let check = |at: Timestamp, want: &str| {
            assert_eq!(words(at, NOW, ZONE), want);
            assert_eq!(parse(want, NOW, ZONE), Ok(at));
        };
        check(NOW.plus(Span::hours(1)), "today 15:30");
        check(at_time(1, MORNING, NOW, ZONE), "tomorrow 09:00");
        check(next_monday(NOW, ZONE), "Mon 23 Nov 09:00");
        check(NOW.plus(Span::hours(24 * 60)), "Tue 19 Jan 2027 14:30");
        assert_eq!(distance(NOW.plus(Span::minutes(119)), NOW), "in 119 min");
        assert_eq!(distance(NOW.plus(Span::hours(47)), NOW), "in 47 h");
        assert_eq!(distance(NOW.plus(Span::hours(49)), NOW), "in 2 days");
    }

    #[test]
    fn what_is_typed_is_completed() {
        let check = |text: &str, want: &[&str]| {
            let got: Vec<String> = suggest(text, NOW, ZONE).into_iter().map(|at| words(at, NOW, ZONE)).collect();
            assert_eq!(got, want, "{text:?}");
        };
        check("", &["today 15:30", "today 17:30", "tomorrow 09:00", "Mon 23 Nov 09:00", "Fri 4 Dec 14:30"]);
        check("mo", &["Mon 23 Nov 09:00", "Mon 23 Nov 13:00", "Mon 23 Nov 17:00"]);
        check("to", &["tomorrow 09:00", "tomorrow 13:00", "tomorrow 17:00", "today 17:00"]);
        check("tom 10", &["tomorrow 10:00"]);
        check("24 n", &["Tue 24 Nov 09:00", "Tue 24 Nov 13:00", "Tue 24 Nov 17:00"]);
        check("xyz", &[]);
    }
}
