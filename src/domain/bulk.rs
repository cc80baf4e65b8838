//! One template to many people: who gets it, what becomes of each, and when it is better to stop.

use super::id::{BulkId, ChannelId};
use super::template::{Given, Template, fill, one_line};
use super::time::{Span, Timestamp};

/// How many messages of a bulk send wait in the outbox at most, so that agents' replies never wait behind more.
pub const AHEAD: usize = 20;
/// The span in which a portfolio may begin to write to so many people.
pub const REACH: Span = Span::hours(24);
/// How long the provider's own limit on advertising to somebody is respected.
pub const CAPPED: Span = Span::hours(24);
/// More errors than anybody lets happen.
const MOST_ERRORS: u32 = 1_000_000_000;
/// A share of failures means something only from so many on.
const SAMPLE: u64 = 20;

/// How a bulk send is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum State {
    /// People get it, one after the other.
    Running,
    /// Nobody gets it until somebody resumes it.
    #[default]
    Paused,
    /// Everybody was written to.
    Done,
    /// Called off.
    Canceled,
}

/// What became of one person of a bulk send.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    /// Their turn has not come.
    #[default]
    Waiting,
    /// Their message is in the outbox.
    Queued,
    /// The provider took it.
    Sent,
    /// Their device has it.
    Delivered,
    /// They have seen it.
    Read,
    /// It failed; the reason is kept.
    Failed,
    /// Nothing is sent to them; the reason is kept.
    Skipped,
    /// The provider lets them have no more advertising for now.
    Capped,
    /// It may have arrived: somebody has to decide.
    Uncertain,
}

/// How many are how far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([u64; 9]);

/// One bulk send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bulk {
    /// Which.
    pub id: BulkId,
    /// The account it goes out on.
    pub channel: ChannelId,
    /// What somebody calls it.
    pub name: String,
    /// The template, as it was when it began.
    pub template: Template,
    /// How it is doing.
    pub state: State,
    /// Why it is paused; may be empty.
    pub reason: String,
    /// Until when it waits, because its portfolio has begun to write to as many people as it may.
    pub waits_until: Option<Timestamp>,
    /// When it pauses by itself.
    pub limit: Limit,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Errors and attempts when it was last resumed: what came before counts no more.
    pub forgiven: (u64, u64),
}

/// How many failures are too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// More than so many.
    Count(u32),
    /// More than this share in a hundred of those tried.
    Percent(u8),
}

/// Somebody who is to get it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Person {
    /// The chat's key: the telephone number in digits, in the one spelling chats are known by.
    pub key: String,
    /// Their name; may be empty.
    pub name: String,
    /// The values of the template's places.
    pub given: Given,
}

/// Somebody on the list who will not get it, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// As the list has them: the number, or the line when there is none.
    pub who: String,
    /// Why.
    pub why: String,
}

/// A list, read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct List {
    /// Who can get it, each once.
    pub people: Vec<Person>,
    /// Who cannot.
    pub left: Vec<Left>,
    /// How many lines named somebody who was there already.
    pub doubles: u64,
    /// Columns that fill no place of the template.
    pub unused: Vec<String>,
}

/// What will happen to a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forecast {
    /// How many will get it.
    pub will: u64,
    /// How many of them are written to outside their reply window, which counts against the portfolio's limit.
    pub begins: u64,
    /// How many of those may still be begun in these 24 hours; `None` when there is no limit.
    pub room: Option<u64>,
    /// How many will not, by reason.
    pub skipped: Vec<(String, u64)>,
}

/// What is known of somebody when their turn comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// They cannot be reached.
    pub lost: bool,
    /// They want no advertising.
    pub opted_out: bool,
    /// When the provider last refused advertising to them.
    pub capped_at: Option<Timestamp>,
    /// Their reply window is open.
    pub open: bool,
    /// They were written to outside it within [`REACH`].
    pub reached: bool,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Running, Self::Paused, Self::Done, Self::Canceled];

    /// The name in the database and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::Canceled => "canceled",
        }
    }

    /// The state of that name; an unknown one is [`State::Paused`], which sends nothing.
    pub fn of(name: &str) -> Self {
        Self::ALL.into_iter().find(|state| state.name() == name).unwrap_or_default()
    }

    /// Whether nothing more will happen.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Canceled)
    }
}

impl Fate {
    /// Every fate, in the order a report tells them.
    pub const ALL: [Self; 9] =
        [Self::Waiting, Self::Queued, Self::Sent, Self::Delivered, Self::Read, Self::Failed, Self::Skipped, Self::Capped, Self::Uncertain];

    /// The name in the database and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Capped => "capped",
            Self::Uncertain => "uncertain",
        }
    }

    /// The fate of that name; an unknown one is [`Fate::Uncertain`], which asks a person.
    pub fn of(name: &str) -> Self {
        Self::ALL.into_iter().find(|fate| fate.name() == name).unwrap_or(Self::Uncertain)
    }
}

impl Counts {
    /// Adds so many.
    pub fn add(&mut self, fate: Fate, number: u64) {
        self.0[fate as usize] += number;
    }

    /// How many have this fate.
    pub const fn of(&self, fate: Fate) -> u64 {
        self.0[fate as usize]
    }

    /// How many there are.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// How many the provider took, whatever came after.
    pub const fn arrived(&self) -> u64 {
        self.of(Fate::Sent) + self.of(Fate::Delivered) + self.of(Fate::Read)
    }

    /// How many went wrong in a way that may go on. That the provider spares somebody is none of them.
    pub const fn errors(&self) -> u64 {
        self.of(Fate::Failed) + self.of(Fate::Uncertain)
    }

    /// How many were tried.
    pub const fn tried(&self) -> u64 {
        self.arrived() + self.errors() + self.of(Fate::Capped)
    }

    /// How many still have something ahead of them.
    pub const fn ahead(&self) -> u64 {
        self.of(Fate::Waiting) + self.of(Fate::Queued)
    }
}

impl Limit {
    /// From `5` or `10%`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no number of errors: write 5, or 10%");
        match text.trim().strip_suffix('%') {
            Some(share) => share.trim().parse().ok().filter(|share| *share <= 100).map(Self::Percent).ok_or_else(wrong),
            None => text.trim().parse().ok().filter(|count| *count <= MOST_ERRORS).map(Self::Count).ok_or_else(wrong),
        }
    }

    /// As one number: a share is negative, and one more than it is, so that none and 0 % differ.
    pub fn encode(self) -> i64 {
        match self {
            Self::Count(count) => i64::from(count),
            Self::Percent(share) => -1 - i64::from(share),
        }
    }

    /// From that number.
    pub fn decode(number: i64) -> Self {
        match u32::try_from(number) {
            Ok(count) => Self::Count(count),
            Err(_) => Self::Percent(u8::try_from(-1 - number).unwrap_or(100)),
        }
    }

    /// Why it is better to stop, when it is.
    pub fn exceeded(self, errors: u64, tried: u64) -> Option<String> {
        let tell = |limit: &str| {
            format!("{errors} of {tried} failed or are uncertain, more than the limit of {limit}: look at why, then resume it")
        };
        match self {
            Self::Count(count) => (errors > u64::from(count)).then(|| tell(&count.to_string())),
            Self::Percent(share) => {
                let over = tried >= SAMPLE && errors * 100 > tried * u64::from(share);
                over.then(|| tell(&format!("{share} %")))
            }
        }
    }
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Percent(share) => write!(f, "{share}%"),
        }
    }
}

impl Bulk {
    /// Why it is better to stop, when it is.
    pub fn exceeded(&self, counts: &Counts) -> Option<String> {
        let (errors, tried) = self.forgiven;
        self.limit.exceeded(counts.errors().saturating_sub(errors), counts.tried().saturating_sub(tried))
    }
}

impl Standing {
    /// What keeps somebody from getting it now, for good.
    pub fn keeps(&self, advertising: bool, now: Timestamp) -> Option<(Fate, &'static str)> {
        if self.lost {
            Some((Fate::Skipped, "cannot be reached"))
        } else if advertising && self.opted_out {
            Some((Fate::Skipped, "unsubscribed"))
        } else if advertising && self.capped_at.is_some_and(|at| now.since(at) < CAPPED) {
            Some((Fate::Capped, "the provider lets them have no more advertising for now"))
        } else {
            None
        }
    }

    /// Whether writing to them uses up some of the portfolio's limit.
    pub const fn uses_reach(&self) -> bool {
        !self.open && !self.reached
    }
}

/// Reads a list: the first line names the columns. `number` or `phone` says who, `name` what they are called, every other column fills the place of
/// the template that has its name; `common` fills what no column does. `dial` makes the one spelling of a number.
pub fn read_list(
    columns: &[String],
    lines: impl IntoIterator<Item = Vec<String>>,
    template: &Template,
    common: &Given,
    dial: impl Fn(&str) -> Option<String>,
) -> Result<List, String> {
    let plain: Vec<String> = columns.iter().map(|name| name.trim().trim_start_matches('\u{feff}').to_lowercase()).collect();
    let number = ["number", "phone"].iter().find_map(|name| plain.iter().position(|column| column == name));
    let Some(number) = number else { return Err("the list has no column number or phone: its first line names the columns".to_owned()) };
    let named = plain.iter().position(|column| column == "name");
    let slots: Vec<String> = template.slots().iter().map(super::template::Slot::label).collect();
    let fills = |column: &str| slots.iter().find(|slot| slot.to_lowercase() == column);
    let places: Vec<(usize, &String)> = plain.iter().enumerate().filter_map(|(at, column)| Some((at, fills(column)?))).collect();
    let filled = |slot: &String| places.iter().any(|(_, place)| *place == slot) || common.values.iter().any(|(name, _)| name == slot);
    if let Some(slot) = slots.iter().find(|slot| !filled(slot)) {
        let all = slots.join(", ");
        return Err(format!(
            "nothing fills {slot} of the template {}: it needs a column for each of {all}, or --param {slot}=…",
            template.name
        ));
    }
    if let Some((name, _)) = common.values.iter().find(|(name, _)| !slots.contains(name)) {
        return Err(format!("the template {} has no place for {name}", template.name));
    }
    let mut list = List::default();
    for (at, column) in columns.iter().enumerate() {
        if at != number && Some(at) != named && fills(&plain[at]).is_none() {
            list.unused.push(column.trim().to_owned());
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    for (line, cells) in lines.into_iter().enumerate() {
        let cell = |at: usize| cells.get(at).map(|cell| cell.trim()).unwrap_or_default();
        // Spreadsheets are kept from reading a number as a formula by a ' before it.
        let typed = cell(number).trim_start_matches('\'');
        let mut leave = |who: &str, why: String| {
            let who = if who.is_empty() { format!("line {}", line + 2) } else { who.to_owned() };
            list.left.push(Left { who, why });
        };
        let Some(key) = dial(typed) else {
            let why = if typed.is_empty() { "no number" } else { "not a telephone number" };
            leave(typed, why.to_owned());
            continue;
        };
        let own = places.iter().map(|(at, slot)| ((*slot).clone(), one_line(cell(*at)))).filter(|(_, value)| !value.is_empty());
        let mut values: Vec<(String, String)> = own.collect();
        for (slot, value) in &common.values {
            if !values.iter().any(|(name, _)| name == slot) {
                values.push((slot.clone(), value.clone()));
            }
        }
        let given = Given { values, ..common.clone() };
        if seen.contains(&key) {
            list.doubles += 1;
            continue;
        }
        if let Err(problem) = fill(template, &given) {
            leave(typed, problem.to_string());
            continue;
        }
        seen.insert(key.clone());
        list.people.push(Person { key, name: named.map(|at| one_line(cell(at))).unwrap_or_default(), given });
    }
    Ok(list)
}

/// How many more in a second, and how long until all have it, from what was done since it was first looked at.
pub fn pace(done: u64, left: u64, since: Span) -> Option<(f64, Span)> {
    if done == 0 || since.0 <= 0 {
        return None;
    }
    let rate = done as f64 / (since.0 as f64 / 1e6);
    Some((rate, Span((left as f64 / rate * 1e6).min(i64::MAX as f64 / 2.0) as i64)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::template::Status;

    fn template() -> Template {
        let body = "Hi {{first_name}}, {{offer}} until {{day}}".to_owned();
        Template { name: "offer".into(), language: "en".into(), status: Status::Approved, body, ..Template::default() }
    }

    fn read(text: &str, common: &[(&str, &str)]) -> Result<List, String> {
        let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
        let columns = lines.next().unwrap();
        let values = common.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let dial = |typed: &str| {
            let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
            let full = digits.strip_prefix('0').map(|rest| format!("62{rest}")).unwrap_or(digits);
            (full.len() > 7).then_some(full)
        };
        read_list(&columns, lines, &template(), &Given { values, ..Given::default() }, dial)
    }

    #[test]
    fn s_05_and_m_02_one_number_in_three_spellings_is_one_person() {
        let list =
            read("Phone,Name,First_Name,offer\n0812345678,Ana B,Ana,tea\n+62812345678,Ana,A,x\n62812345678,,A,y\n", &[("day", "Friday")]);
        let list = list.unwrap();
        assert_eq!((list.people.len(), list.doubles), (1, 2));
        let ana = &list.people[0];
        assert_eq!((ana.key.as_str(), ana.name.as_str()), ("62812345678", "Ana B"));
        assert_eq!(ana.given.values.len(), 3, "the column's values and the common one");
    }

    #[test]
    fn who_cannot_get_it_is_told_with_the_reason_and_stops_nobody() {
        let list =
            read("number,first_name,offer,day,town\n12,A,b,c,d\n0812345678,,b,c,d\n'0812345679,Ana\t X,b,c,d\n,A,b,c,d\n", &[]).unwrap();
        assert_eq!(list.people.len(), 1);
        assert!(list.people[0].given.values.contains(&("first_name".into(), "Ana X".into())), "values are made fit");
        let left: Vec<String> = list.left.iter().map(|left| format!("{}: {}", left.who, left.why)).collect();
        assert_eq!(left[0], "12: not a telephone number");
        assert!(left[1].starts_with("0812345678: the template needs 3 values and got 2: first_name is missing"), "{}", left[1]);
        assert_eq!(left[2], "line 5: no number");
        assert_eq!(list.unused, ["town"]);
    }

    #[test]
    fn a_list_without_a_column_that_is_needed_is_refused_whole() {
        assert!(read("name,offer\nA,b\n", &[]).unwrap_err().contains("no column number or phone"));
        assert!(read("phone,first_name\n1,b\n", &[("day", "x")]).unwrap_err().contains("nothing fills offer"));
        assert!(read("phone,first_name,offer,day\n1,b,c,d\n", &[("dya", "x")]).unwrap_err().contains("no place for dya"));
    }

    #[test]
    fn m_13_too_many_errors_are_a_number_or_a_share_of_enough_attempts() {
        let check = |limit: &str, errors, tried, stops: bool| {
            let limit = Limit::parse(limit).unwrap();
            assert_eq!(limit.exceeded(errors, tried).is_some(), stops, "{limit} {errors}/{tried}");
            assert_eq!(Limit::decode(limit.encode()), limit);
        };
        check("5", 5, 10, false);
        check("5", 6, 10, true);
        check("0", 1, 1, true);
        check("10%", 3, 19, false);
        check("10%", 2, 20, false);
        check("10%", 3, 20, true);
        check("0%", 1, 20, true);
        for wrong in ["", "x", "101%", "-1", "%"] {
            assert!(Limit::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_keeps_somebody_from_advertising_keeps_nobody_from_news_of_their_order() {
        let now = Timestamp::from_secs(1_000_000);
        let check = |standing: Standing, advertising: Option<Fate>, other: Option<Fate>| {
            assert_eq!(standing.keeps(true, now).map(|(fate, _)| fate), advertising);
            assert_eq!(standing.keeps(false, now).map(|(fate, _)| fate), other);
        };
        check(Standing::default(), None, None);
        check(Standing { lost: true, ..Standing::default() }, Some(Fate::Skipped), Some(Fate::Skipped));
        check(Standing { opted_out: true, ..Standing::default() }, Some(Fate::Skipped), None);
        let capped = |ago| Standing { capped_at: Some(now.minus(ago)), ..Standing::default() };
        check(capped(Span::hours(23)), Some(Fate::Capped), None);
        check(capped(Span::hours(24)), None, None);
    }

    #[test]
    fn every_state_has_a_name_of_its_own_and_a_pace_an_end() {
        assert!(State::ALL.into_iter().all(|state| State::of(state.name()) == state));
        assert!(Fate::ALL.into_iter().all(|fate| Fate::of(fate.name()) == fate));
        let mut counts = Counts::default();
        for (n, fate) in Fate::ALL.into_iter().enumerate() {
            counts.add(fate, n as u64 + 1);
        }
        assert_eq!((counts.total(), counts.of(Fate::Read), counts.ahead(), counts.errors()), (45, 5, 3, 15));
        assert_eq!(pace(20, 40, Span::secs(10)), Some((2.0, Span::secs(20))));
        assert_eq!(pace(0, 40, Span::secs(10)), None);
    }
}
