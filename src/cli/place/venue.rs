//! `venue …`: the places, and how their queues are run.

use chrono_tz::Tz;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::super::context::Context;
use super::super::failure::{Exit, Failure, Told};
use super::super::output::Out;
use super::day_time;
use crate::domain::phone;
use crate::domain::queue;
use crate::domain::queue::Rules;
use crate::domain::text::Safe;
use crate::domain::time::Span;
use crate::store::venues::NewVenue;

const FIELDS: &str = "With --json each venue is one object: name, zone, day_starts, rules.";

/// What to do with venues.
#[derive(Debug, Subcommand)]
pub enum Venue {
    /// Add one
    #[command(after_help = FIELDS)]
    Add(Add),
    /// List them
    #[command(after_help = FIELDS)]
    List,
    /// Tell how its queue is run, or change it
    #[command(after_help = RULES)]
    Rules(Change),
}

const RULES: &str = "Rules:
  recalls=3             how often somebody may be called again
  streak=3              after so many urgent people in a row comes one who is not; 0 for never
  promote_minutes=45    whoever waits longer counts as one class more urgent; 0 for never
  reinstate_minutes=15  how long a no-show can be taken back
  next_ends=false       calling the next one ends serving the present one, without asking
  transfer=arrival      where a transferred ticket stands: arrival, first or last
  carry=false           tickets that nobody called are kept for the next day
  soon=3                at which place somebody is told that it is soon; 0 for never
  promise_minutes=20    the wait that was promised, for the figures
  country=62            the calling code of phone numbers typed without one";

/// A new one.
#[derive(Args, Debug)]
pub struct Add {
    /// What it is called
    #[arg(long)]
    name: String,
    /// Its time zone, like Asia/Jakarta
    #[arg(long)]
    zone: Tz,
    /// When a business day begins; later than midnight for a night clinic
    #[arg(long, value_name = "HH:MM", default_value = "00:00", value_parser = day_time)]
    day_starts: Span,
    /// The calling code of phone numbers typed without one, like 62; the zone's country's without, where that is certain
    #[arg(long, value_name = "CODE", value_parser = calling_code)]
    country: Option<String>,
}

/// Which one, and what.
#[derive(Args, Debug)]
pub struct Change {
    /// Which; the only one without
    #[arg(long, value_name = "NAME")]
    venue: Option<String>,
    /// What to change, like soon=2; told without
    #[arg(value_name = "RULE=VALUE")]
    rules: Vec<String>,
}

impl Venue {
    /// Does it.
    pub async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        match self {
            Self::Add(add) => {
                let new = NewVenue { name: &add.name, zone: add.zone, day_starts: add.day_starts };
                let mut venue = cx.store.add_venue(cx.workspace, cx.agent, &new).await.told("the venue was not added")?;
                let country = add.country.as_deref().unwrap_or_else(|| phone::code_of_zone(add.zone.name()));
                if venue.rules.country != country {
                    country.clone_into(&mut venue.rules.country);
                    let what = "the venue was added, but without the calling code of its phone numbers";
                    cx.store.set_rules(cx.workspace, cx.agent, venue.id, &venue.rules).await.told(what)?;
                }
                out.row(&object(&venue), || line(&venue))?;
            }
            Self::List => {
                let all = cx.store.venues(&mut cx.store.read().await?, cx.workspace).await?;
                if all.is_empty() {
                    out.aside(&Safe::lit("There is no venue yet. `frontdesk venue add --name Clinic --zone Asia/Jakarta` makes one."))?;
                }
                for venue in all {
                    out.row(&object(&venue), || line(&venue))?;
                }
            }
            Self::Rules(change) => {
                let mut venue = super::venue(cx, change.venue.as_deref()).await?;
                if !change.rules.is_empty() {
                    let changed = changed(&venue.rules, &change.rules);
                    venue.rules = changed.map_err(|why| Failure::new(Exit::Usage, format!("no rule was changed: {why}")))?;
                    cx.store.set_rules(cx.workspace, cx.agent, venue.id, &venue.rules).await.told("no rule was changed")?;
                }
                let rules = json!(venue.rules);
                out.row(&object(&venue), || Safe::block(&told(&rules)))?;
            }
        }
        Ok(Exit::Ok)
    }
}

/// The rules with `changes` laid over them. What is typed is a number, yes or no, or a word.
fn changed(rules: &Rules, changes: &[String]) -> Result<Rules, String> {
    let mut all = json!(rules);
    for change in changes {
        let (name, value) = change.split_once('=').ok_or_else(|| format!("{change:?} is no RULE=VALUE"))?;
        let place = all.get_mut(name).ok_or_else(|| format!("there is no rule {name:?}"))?;
        // A calling code is a word, though it looks like a number.
        let typed = match name {
            "country" => Value::from(calling_code(value)?),
            _ => serde_json::from_str(value).unwrap_or_else(|_| Value::from(value)),
        };
        if std::mem::discriminant(place) != std::mem::discriminant(&typed) || typed.as_i64().is_some_and(|n| !(0..=1_440).contains(&n)) {
            return Err(format!("{name} cannot be {value:?}: it is {place} now"));
        }
        *place = typed;
    }
    serde_json::from_value(all).map_err(|error| error.to_string())
}

/// A calling code as it is typed; empty for none.
fn calling_code(typed: &str) -> Result<String, String> {
    let digits = typed.trim().trim_start_matches('+');
    let known = digits.len() <= 3 && digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    known.then(|| digits.to_owned()).ok_or_else(|| format!("{typed:?} is no calling code, like 62"))
}

fn told(rules: &Value) -> String {
    let lines = rules.as_object().into_iter().flatten().map(|(name, value)| format!("{name}={}", value.to_string().trim_matches('"')));
    lines.collect::<Vec<_>>().join("\n")
}

fn object(venue: &queue::Venue) -> Value {
    json!({ "name": venue.name, "zone": venue.zone.name(), "day_starts": clock(venue.day_starts), "rules": venue.rules })
}

fn line(venue: &queue::Venue) -> Safe {
    let starts = if venue.day_starts == Span::secs(0) { String::new() } else { format!("  days begin at {}", clock(venue.day_starts)) };
    Safe::line(&format!("{}  {}{starts}", venue.name, venue.zone.name()))
}

fn clock(span: Span) -> String {
    let minutes = span.0 / 60_000_000;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_takes_only_what_it_is_made_of() {
        let change = |text: &str| changed(&Rules::default(), &[text.to_owned()]);
        assert_eq!(change("soon=2").map(|rules| rules.soon), Ok(2));
        assert_eq!(change("carry=true").map(|rules| rules.carry), Ok(true));
        assert_eq!(change("transfer=last").map(|rules| rules.transfer), Ok(queue::Place::Last));
        assert_eq!(change("country=+62").map(|rules| rules.country), Ok("62".to_owned()));
        assert_eq!(change("country=").map(|rules| rules.country), Ok(String::new()));
        for wrong in [
            "country=ID",
            "country=062",
            "country=12345",
            "soon",
            "soon=many",
            "soon=-1",
            "soon=9999",
            "son=2",
            "carry=3",
            "transfer=middle",
            "transfer=1",
        ] {
            assert!(change(wrong).is_err(), "{wrong}");
        }
    }
}
