//! How a queue did: for each service and day, and for each hour of it. Waiting is measured until the first call and serving from the last one;
//! what was left open is no measure of how long serving takes.

use std::collections::BTreeMap;

use chrono::Timelike;
use chrono_tz::Tz;
use serde::Serialize;

use super::look::ErrorOfEstimates;
use super::{Service, Venue, estimate};
use crate::domain::id::ServiceId;
use crate::domain::time::{Span, Timestamp};

/// How a venue's queue did, over some days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Where.
    pub venue: String,
    /// The first day (`2026-11-20`).
    pub from: String,
    /// The last day.
    pub to: String,
    /// What was promised: to wait no longer than so many minutes.
    pub promise_minutes: i64,
    /// Each service over all days.
    pub services: Vec<Row>,
    /// Each service and day, by day; days without a ticket are left out.
    pub days: Vec<Row>,
    /// Each service and hour of the day in which its tickets were issued, over all days; by hour.
    pub hours: Vec<Row>,
    /// All services and days together.
    pub total: Figures,
}

/// The figures of a service at some time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The day; `None` for all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<String>,
    /// The hour of the day, where the venue is; `None` for all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hour: Option<u32>,
    /// Its name.
    pub service: String,
    /// What its numbers begin with.
    pub prefix: String,
    /// The figures.
    #[serde(flatten)]
    pub figures: Figures,
}

/// What is counted and measured. What nobody did has no mean: it is `None`, never 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Tickets that were issued.
    pub tickets: i64,
    /// People who were served.
    pub served: i64,
    /// People who did not come.
    pub no_shows: i64,
    /// The mean wait, in seconds.
    pub wait_mean: Option<i64>,
    /// Nine of ten waited no longer, in seconds.
    pub wait_p90: Option<i64>,
    /// The mean time of serving, in seconds.
    pub serving_mean: Option<i64>,
    /// Nine of ten were served no longer, in seconds.
    pub serving_p90: Option<i64>,
    /// Of a hundred people, how many waited no longer than was promised.
    pub promise_kept: Option<i64>,
    /// By how much the estimates were wrong, in the mean, in seconds.
    pub estimate_error_mean: Option<i64>,
    /// Nine of ten estimates were wrong by no more, in seconds.
    pub estimate_error_p90: Option<i64>,
}

/// A ticket that was issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Issued {
    /// For what.
    pub service: ServiceId,
    /// On which business day.
    pub day: i64,
    /// When.
    pub at: Timestamp,
}

/// A call that is over, or lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Called {
    /// For what.
    pub service: ServiceId,
    /// On which business day.
    pub day: i64,
    /// When its ticket was issued.
    pub arrived_at: Timestamp,
    /// How long it had waited in this line, when it was the first call there.
    pub waited: Option<Span>,
    /// What had been said about that.
    pub promised: Option<Span>,
    /// How long serving took, when somebody was served.
    pub took: Option<Span>,
    /// Nobody came.
    pub no_show: bool,
}

/// What figures are made of.
#[derive(Clone, Debug, Default)]
struct Facts {
    tickets: i64,
    served: i64,
    no_shows: i64,
    waits: Vec<Span>,
    kept: i64,
    took: Vec<Span>,
    errors: Vec<Span>,
}

impl Report {
    /// The report of what happened from one day to another, both included.
    pub fn of(venue: &Venue, services: &[Service], (from, to): (i64, i64), issued: &[Issued], called: &[Called]) -> Self {
        let promise = Span::minutes(venue.rules.promise_minutes);
        let mut total = Facts::default();
        let mut of_service: BTreeMap<ServiceId, Facts> = BTreeMap::new();
        let mut of_day: BTreeMap<(i64, ServiceId), Facts> = BTreeMap::new();
        let mut of_hour: BTreeMap<(u32, ServiceId), Facts> = BTreeMap::new();
        let mut add = |service: ServiceId, day: i64, arrived_at: Timestamp, add: &dyn Fn(&mut Facts)| {
            let hour = arrived_at.local(venue.zone).hour();
            for facts in [
                &mut total,
                of_service.entry(service).or_default(),
                of_day.entry((day, service)).or_default(),
                of_hour.entry((hour, service)).or_default(),
            ] {
                add(facts);
            }
        };
        for one in issued {
            add(one.service, one.day, one.at, &|facts| facts.tickets += 1);
        }
        for call in called {
            let expected = services.iter().find(|service| service.id == call.service).map_or(Span::ZERO, |service| service.expected);
            add(call.service, call.day, call.arrived_at, &|facts| facts.add(call, expected, promise));
        }
        let rows = |of: &mut dyn Iterator<Item = (Option<i64>, Option<u32>, ServiceId, Facts)>| -> Vec<Row> {
            let row = |(day, hour, id, facts): (Option<i64>, Option<u32>, ServiceId, Facts)| {
                let service = services.iter().find(|service| service.id == id)?;
                let (name, prefix) = (service.name.clone(), service.prefix.clone());
                Some(Row { day: day.map(date), hour, service: name, prefix, figures: facts.figures() })
            };
            let mut found: Vec<(Option<i64>, Option<u32>, usize, Row)> = of
                .filter_map(|one| {
                    let place = services.iter().position(|service| service.id == one.2)?;
                    Some((one.0, one.1, place, row(one)?))
                })
                .collect();
            found.sort_by_key(|(day, hour, place, _)| (*day, *hour, *place));
            found.into_iter().map(|(.., row)| row).collect()
        };
        Self {
            venue: venue.name.clone(),
            from: date(from),
            to: date(to),
            promise_minutes: venue.rules.promise_minutes,
            services: rows(&mut of_service.into_iter().map(|(id, facts)| (None, None, id, facts))),
            days: rows(&mut of_day.into_iter().map(|((day, id), facts)| (Some(day), None, id, facts))),
            hours: rows(&mut of_hour.into_iter().map(|((hour, id), facts)| (None, Some(hour), id, facts))),
            total: total.figures(),
        }
    }
}

impl Row {
    /// The names of [`Row::cells`].
    pub const COLUMNS: [&str; 14] = [
        "day",
        "hour",
        "service",
        "prefix",
        "tickets",
        "served",
        "no_shows",
        "wait_mean",
        "wait_p90",
        "serving_mean",
        "serving_p90",
        "promise_kept",
        "estimate_error_mean",
        "estimate_error_p90",
    ];

    /// As a line of a table; what there is not is empty. Names are as somebody typed them: a table that spreadsheets open escapes them.
    pub fn cells(&self) -> [String; 14] {
        let maybe = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
        let figures = &self.figures;
        [
            self.day.clone().unwrap_or_default(),
            maybe(self.hour.map(i64::from)),
            self.service.clone(),
            self.prefix.clone(),
            figures.tickets.to_string(),
            figures.served.to_string(),
            figures.no_shows.to_string(),
            maybe(figures.wait_mean),
            maybe(figures.wait_p90),
            maybe(figures.serving_mean),
            maybe(figures.serving_p90),
            maybe(figures.promise_kept),
            maybe(figures.estimate_error_mean),
            maybe(figures.estimate_error_p90),
        ]
    }
}

impl Facts {
    fn add(&mut self, call: &Called, expected: Span, promise: Span) {
        self.no_shows += i64::from(call.no_show);
        self.served += i64::from(call.took.is_some());
        self.took.extend(call.took.filter(|took| estimate::is_measure(*took, expected)));
        if let Some(waited) = call.waited {
            self.waits.push(waited);
            self.kept += i64::from(waited <= promise);
            self.errors.extend(call.promised.map(|promised| Span((promised.0 - waited.0).abs())));
        }
    }

    fn figures(mut self) -> Figures {
        let people = self.waits.len() as i64;
        Figures {
            tickets: self.tickets,
            served: self.served,
            no_shows: self.no_shows,
            wait_mean: mean(&self.waits),
            wait_p90: p90(&mut self.waits),
            serving_mean: mean(&self.took),
            serving_p90: p90(&mut self.took),
            promise_kept: (people > 0).then(|| self.kept * 100 / people),
            estimate_error_mean: mean(&self.errors),
            estimate_error_p90: p90(&mut self.errors),
        }
    }
}

/// By how much estimates were wrong.
pub fn error_of_estimates(mut of: Vec<Span>) -> Option<ErrorOfEstimates> {
    Some(ErrorOfEstimates { mean: mean_span(&of)?, p90: p90_span(&mut of)? })
}

fn mean(of: &[Span]) -> Option<i64> {
    mean_span(of).map(seconds)
}

fn mean_span(of: &[Span]) -> Option<Span> {
    let sum: i64 = of.iter().map(|span| span.0).sum();
    (!of.is_empty()).then(|| Span(sum / of.len() as i64))
}

fn p90(of: &mut [Span]) -> Option<i64> {
    p90_span(of).map(seconds)
}

/// The least of them that nine of ten are not above.
fn p90_span(of: &mut [Span]) -> Option<Span> {
    of.sort_unstable();
    let rank = (of.len() * 9).div_ceil(10);
    of.get(rank.checked_sub(1)?).copied()
}

/// To the nearest one.
const fn seconds(span: Span) -> i64 {
    (span.0 + 500_000).div_euclid(1_000_000)
}

/// `2026-11-20`, from days since 1970-01-01.
fn date(day: i64) -> String {
    Timestamp::from_secs(day.saturating_mul(86_400)).date(Tz::UTC).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{DepartmentId, VenueId};
    use crate::domain::queue::Rules;

    const DAY: i64 = 20_777;
    /// Ten in the morning in Jakarta.
    const TEN: Timestamp = Timestamp::from_secs(DAY * 86_400 + 3 * 3_600);

    fn venue() -> Venue {
        let zone = Tz::Asia__Jakarta;
        Venue { id: VenueId(1), name: "Klinik Sehat".into(), zone, day_starts: Span::ZERO, rules: Rules::default() }
    }

    fn service(id: i64, name: &str, prefix: &str) -> Service {
        let expected = Span::minutes(5);
        Service { id: ServiceId(id), department: DepartmentId(1), name: name.into(), prefix: prefix.into(), expected }
    }

    fn call(waited: i64, promised: i64, took: i64) -> Called {
        Called {
            service: ServiceId(1),
            day: DAY,
            arrived_at: TEN,
            waited: Some(Span::minutes(waited)),
            promised: Some(Span::minutes(promised)),
            took: Some(Span::minutes(took)),
            no_show: false,
        }
    }

    fn report(called: &[Called]) -> Report {
        let services = [service(2, "Teller", "TEL"), service(1, "Service", "SER")];
        let issued: Vec<Issued> = called.iter().map(|call| Issued { service: call.service, day: call.day, at: call.arrived_at }).collect();
        Report::of(&venue(), &services, (DAY, DAY + 1), &issued, called)
    }

    #[test]
    fn a_mean_is_of_all_and_nine_of_ten_are_not_above_the_ninetieth() {
        let calls: Vec<Called> = (1..=10).map(|n| call(n * 3, 15, n)).collect();
        let total = report(&calls).total;
        assert_eq!((total.tickets, total.served, total.no_shows), (10, 10, 0));
        assert_eq!((total.wait_mean, total.wait_p90), (Some(990), Some(27 * 60)));
        assert_eq!((total.serving_mean, total.serving_p90), (Some(330), Some(9 * 60)));
        assert_eq!(total.promise_kept, Some(60), "six of ten waited no longer than twenty minutes");
        // 12 9 6 3 0 3 6 9 12 15
        assert_eq!((total.estimate_error_mean, total.estimate_error_p90), (Some(450), Some(12 * 60)));
    }

    #[test]
    fn what_nobody_did_has_no_mean() {
        let report = report(&[]);
        assert_eq!(report.total, Figures::default());
        assert!(report.days.is_empty() && report.hours.is_empty());
        assert_eq!((report.from.as_str(), report.to.as_str()), ("2026-11-20", "2026-11-21"));
    }

    #[test]
    fn a_call_again_after_a_return_is_no_second_wait_and_what_was_left_open_is_no_measure() {
        let again = Called { waited: None, promised: None, ..call(0, 0, 6) };
        let open = Called { took: Some(Span::hours(3)), ..call(10, 10, 0) };
        let gone = Called { took: None, no_show: true, ..call(20, 20, 0) };
        let total = report(&[again, open, gone]).total;
        assert_eq!((total.served, total.no_shows), (2, 1));
        assert_eq!((total.wait_mean, total.serving_mean), (Some(900), Some(360)));
    }

    #[test]
    fn days_and_hours_are_those_of_the_venue_and_services_stand_in_their_order() {
        let later = TEN.plus(Span::hours(5));
        let calls =
            [call(5, 5, 5), Called { service: ServiceId(2), ..call(6, 5, 5) }, Called { day: DAY + 1, arrived_at: later, ..call(7, 5, 5) }];
        let report = report(&calls);
        let line = |row: &Row| {
            format!("{} {} {} {}", row.day.clone().unwrap_or_default(), row.hour.unwrap_or(99), row.prefix, row.figures.tickets)
        };
        assert_eq!(report.days.iter().map(line).collect::<Vec<_>>(), ["2026-11-20 99 TEL 1", "2026-11-20 99 SER 1", "2026-11-21 99 SER 1"]);
        assert_eq!(report.hours.iter().map(line).collect::<Vec<_>>(), [" 10 TEL 1", " 10 SER 1", " 15 SER 1"]);
        assert_eq!(report.services.iter().map(line).collect::<Vec<_>>(), [" 99 TEL 1", " 99 SER 2"]);
    }

    #[test]
    fn a_row_is_the_same_to_machines_and_in_a_table() {
        let report = report(&[call(5, 7, 5)]);
        let json = serde_json::to_value(&report.days[0]).unwrap();
        assert_eq!(json["day"], "2026-11-20");
        assert_eq!(json["wait_mean"], 300);
        assert_eq!(json["estimate_error_mean"], 120);
        assert!(json.get("hour").is_none());
        let cells = report.days[0].cells();
        for (name, cell) in Row::COLUMNS.iter().zip(&cells).filter(|(name, _)| **name != "hour") {
            let text = json[name].as_str().map_or_else(|| json[name].to_string(), str::to_owned);
            assert_eq!(&text, cell, "{name}");
        }
    }
}
