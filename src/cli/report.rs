//! `report …`: how things went, for whoever runs the place.

use chrono::NaiveDate;
use clap::{Args, Subcommand};

use super::context::Context;
use super::export::is_formula;
use super::failure::{Exit, Failure};
use super::output::Out;
use super::place;
use crate::domain::queue::number::business_day;
use crate::domain::queue::report::{Figures, Report as Told, Row};
use crate::domain::text::Safe;

/// How what went.
#[derive(Debug, Subcommand)]
pub enum Report {
    /// The walk-in queue: tickets, waits, serving, promises, by service, day and hour
    #[command(after_help = FIELDS)]
    Queue(Queue),
}

const FIELDS: &str = "With --json the report is one object: venue, from, to, promise_minutes, services, days, hours, total. Each figure is a number or null, when \
    there was nothing to measure: tickets, served, no_shows, wait_mean, wait_p90, serving_mean, serving_p90, estimate_error_mean, estimate_error_p90 (seconds), \
    promise_kept (of a hundred). With --csv there is a line for each service and day.";

/// Which days.
#[derive(Args, Debug)]
pub struct Queue {
    /// Which venue; the only one without
    #[arg(long, value_name = "NAME")]
    venue: Option<String>,
    /// From which business day on, like 2026-11-01; today without
    #[arg(long, value_name = "DATE")]
    from: Option<NaiveDate>,
    /// Up to which; today without
    #[arg(long, value_name = "DATE")]
    to: Option<NaiveDate>,
    /// Print a table for spreadsheets
    #[arg(long, conflicts_with = "json")]
    csv: bool,
}

impl Report {
    /// Tells it.
    pub async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        let Self::Queue(queue) = self;
        queue.run(cx, out).await
    }
}

impl Queue {
    async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        let venue = place::venue(cx, self.venue.as_deref()).await?;
        let today = business_day(cx.store.now(), venue.zone, venue.day_starts);
        // Business days are counted from 1970-01-01, which is the date that chrono begins with.
        let day = |date: Option<NaiveDate>| date.map(|date| date.signed_duration_since(NaiveDate::default()).num_days());
        let to = day(self.to).unwrap_or(today);
        let from = day(self.from).unwrap_or_else(|| to.min(today));
        if from > to {
            return Err(Failure::new(Exit::Usage, "nothing was counted: --from is after --to"));
        }
        let report = cx.store.queue_report(&mut cx.store.read().await?, cx.workspace, venue.id, from, to).await?;
        if self.csv {
            return csv(&report, out).map(|()| Exit::Ok);
        }
        if out.is_json() {
            out.object(&report)?;
            return Ok(Exit::Ok);
        }
        let days = if report.from == report.to { report.from.clone() } else { format!("{} to {}", report.from, report.to) };
        out.aside(&Safe::line(&format!("{}, {days}. A wait of {} minutes was promised.", report.venue, report.promise_minutes)))?;
        out.aside(&Safe::lit(HEAD))?;
        for row in &report.services {
            line(out, &format!("{:<5}{}", row.prefix, Safe::line(&row.service).fit(17)), &row.figures)?;
        }
        line(out, "all", &report.total)?;
        hours(out, &report)?;
        Ok(Exit::Ok)
    }
}

const HEAD: &str = "                       tickets served no-show  wait  p90  serving  p90  in time  estimate off by";

fn line(out: &mut Out, what: &str, figures: &Figures) -> Result<(), Failure> {
    let time = |seconds: Option<i64>| seconds.map_or_else(|| "-".to_owned(), |seconds| format!("{}:{:02}", seconds / 60, seconds % 60));
    let kept = figures.promise_kept.map_or_else(|| "-".to_owned(), |share| format!("{share}%"));
    out.aside(&Safe::line(&format!(
        "{what:<22} {:>7} {:>6} {:>7} {:>5} {:>5} {:>7} {:>5} {kept:>7} {:>8}",
        figures.tickets,
        figures.served,
        figures.no_shows,
        time(figures.wait_mean),
        time(figures.wait_p90),
        time(figures.serving_mean),
        time(figures.serving_p90),
        time(figures.estimate_error_mean),
    )))?;
    Ok(())
}

/// When they came, of all services together.
fn hours(out: &mut Out, report: &Told) -> Result<(), Failure> {
    let mut by_hour = std::collections::BTreeMap::new();
    for row in &report.hours {
        *by_hour.entry(row.hour.unwrap_or_default()).or_insert(0) += row.figures.tickets;
    }
    let most = by_hour.values().copied().max().unwrap_or(0).max(1);
    for (hour, tickets) in by_hour {
        let bar = "#".repeat(usize::try_from(tickets * 40 / most).unwrap_or_default());
        out.aside(&Safe::line(&format!("{hour:>5}:00 {tickets:>5}  {bar}")))?;
    }
    Ok(())
}

fn csv(report: &Told, out: &mut Out) -> Result<(), Failure> {
    let failed = |error: csv::Error| Failure::failed(format!("the report was not written: {error}"));
    let mut writer = csv::Writer::from_writer(out.raw());
    writer.write_record(Row::COLUMNS).map_err(failed)?;
    for row in &report.days {
        // What a spreadsheet would run as a formula is text with a ' before it.
        let escaped = row.cells().map(|cell| if is_formula(&cell) { format!("'{cell}") } else { cell });
        writer.write_record(escaped).map_err(failed)?;
    }
    writer.flush()?;
    Ok(())
}
