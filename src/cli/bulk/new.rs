//! `bulk --template …`: reads the list, tells what will happen, asks, begins, waits.

use std::io::IsTerminal as _;
use std::path::PathBuf;

use clap::Args;

use super::watch;
use crate::channel::registered;
use crate::cli::context::Context;
use crate::cli::failure::{Exit, Failure, Told};
use crate::cli::output::Out;
use crate::cli::send::spot;
use crate::cli::template::pair;
use crate::domain::bulk::{Forecast, Limit, List, read_list};
use crate::domain::channel::Provider;
use crate::domain::outbound::Spot;
use crate::domain::phone;
use crate::domain::template::{Given, Media, Status, Template};
use crate::domain::text::Safe;
use crate::domain::time::Span;
use crate::domain::wording::pick;
use crate::store::bulks::NewBulk;
use crate::store::channels::Channel;
use crate::sync::{bulk, compose};

/// What to send to whom.
#[derive(Args, Debug)]
#[group(multiple = true)]
pub(super) struct New {
    /// The approved template, by its name
    #[arg(long, value_name = "NAME")]
    template: String,
    /// In which language; the workspace's own without
    #[arg(long, value_name = "LANGUAGE", default_value = "")]
    language: String,
    /// The channel it goes out on; need not be told when only one has templates
    #[arg(long, value_name = "NAME")]
    channel: Option<String>,
    /// The list, a CSV file
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// What to call it; the template's name without
    #[arg(long, value_name = "LABEL")]
    name: Option<String>,
    /// A value that is the same for everybody; may be given several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    param: Vec<(String, String)>,
    /// The file over the text, when the template shows one
    #[arg(long, value_name = "FILE")]
    header_file: Option<PathBuf>,
    /// The place over the text, when the template shows one
    #[arg(long, value_name = "LAT,LONG[,NAME]", value_parser = spot, allow_hyphen_values = true)]
    location: Option<Spot>,
    /// The calling code of numbers on the list that have none, like 62
    #[arg(long, value_name = "CODE", default_value = "")]
    country: String,
    /// Pause it by itself when more than so many fail: a number, or a share like 10%
    #[arg(long, value_name = "N|P%", value_parser = Limit::parse, default_value = "10%")]
    max_errors: Limit,
    /// Tell what would happen, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Send without asking
    #[arg(long)]
    yes: bool,
    /// Begin it and do not wait: whoever syncs carries it out
    #[arg(long)]
    no_wait: bool,
}

const FAILED: &str = "nothing was sent";
/// How many of those left out for one reason are named.
const NAMED: usize = 3;

impl New {
    pub(super) async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        let (channel, provider) = self.channel(cx).await.told(FAILED)?;
        let template = self.template(cx, &channel).await.told(FAILED)?;
        let given = self.given(cx, provider, &template).await.told(FAILED)?;
        let list = self.list(&template, &given).told(FAILED)?;
        let manner = bulk::manner(provider.capabilities);
        let forecast = cx.store.forecast(&mut cx.store.read().await?, &channel, &template, &list.people, manner).await?;
        tell(out, &channel, provider, &template, &list, &forecast)?;
        if self.dry_run {
            return Ok(Exit::Ok);
        }
        self.need_new_name(cx).await.told(FAILED)?;
        if !self.yes && !confirmed(out).await? {
            out.aside(&Safe::lit("Nothing was sent."))?;
            return Ok(Exit::Ok);
        }
        let name = self.name.as_deref().unwrap_or(&self.template);
        let new =
            NewBulk { channel: channel.id, name, template: &template, limit: self.max_errors, people: &list.people, left: &list.left };
        let id = cx.store.start_bulk(cx.workspace, cx.agent, &new).await.told(FAILED)?;
        if self.no_wait {
            super::report::tell(cx, out, id).await?;
            out.aside(&Safe::lit("It leaves as soon as frontdesk syncs."))?;
            return Ok(Exit::Ok);
        }
        watch::until_done(cx, out, id).await
    }

    /// The same command given again would write to everybody again: whoever names a send means that one.
    async fn need_new_name(&self, cx: &Context) -> Result<(), Failure> {
        let Some(name) = &self.name else { return Ok(()) };
        match super::named(cx, name).await? {
            None => Ok(()),
            Some(_) => Err(Failure::failed(format!(
                "there is a bulk send {name:?} already: `frontdesk bulk show` tells how it is doing, `resume` goes on with it; \
                 to write to them again give it another --name"
            ))),
        }
    }

    async fn channel(&self, cx: &Context) -> Result<(Channel, &'static Provider), Failure> {
        let channel = if let Some(name) = &self.channel {
            super::channel(cx, name).await?
        } else {
            let mut all = cx.store.channels(cx.workspace).await?;
            all.retain(|channel| registered(&channel.provider).is_some_and(|row| row.provider.capabilities.templates));
            match all.len() {
                1 => all.remove(0),
                0 => return Err(Failure::failed("no channel here has templates")),
                _ => return Err(Failure::new(Exit::Usage, "several channels have templates: say which with --channel")),
            }
        };
        let row = registered(&channel.provider).ok_or_else(|| Failure::failed("this frontdesk does not know the channel's provider"))?;
        Ok((channel, row.provider))
    }

    async fn template(&self, cx: &Context, channel: &Channel) -> Result<Template, Failure> {
        let mut conn = cx.store.read().await?;
        let mut named = cx.store.templates(&mut conn, cx.workspace, channel.id).await?;
        named.retain(|template| template.name == self.template);
        let own = cx.store.language(&mut conn, cx.workspace).await?;
        let missing = || {
            let why =
                format!("{} has no template {:?} in this language: `frontdesk template list` lists them", channel.name, self.template);
            Failure::new(Exit::NotFound, why)
        };
        let (template, fallen) = match named.as_slice() {
            [one] if self.language.is_empty() => (one, false),
            several => pick(several, |one| &one.language, &self.language, &own).ok_or_else(missing)?,
        };
        // To many people nothing goes out in another language than was asked for.
        if fallen && !self.language.is_empty() {
            return Err(missing());
        }
        if template.status != Status::Approved {
            let reason = if template.reason.is_empty() { String::new() } else { format!(": {}", template.reason) };
            return Err(Failure::failed(format!("the template {} is {}{reason}", template.name, template.status.words())));
        }
        Ok(template.clone())
    }

    async fn given(&self, cx: &Context, provider: &Provider, template: &Template) -> Result<Given, Failure> {
        let mut given = Given { values: self.param.clone(), media: None, spot: self.location.clone() };
        if let Some(path) = &self.header_file {
            let file = compose::take_in(&cx.store, path, provider).await?;
            given.media = Some(Media { kind: file.kind, hash: file.hash, name: file.name, mime: file.mime, path: None });
        }
        if given.media.is_some() && !matches!(template.header, crate::domain::template::Header::File(_)) {
            return Err(Failure::failed(format!("the template {} shows no file over its text", template.name)));
        }
        Ok(given)
    }

    fn list(&self, template: &Template, given: &Given) -> Result<List, Failure> {
        let problem = |why: &dyn std::fmt::Display| Failure::failed(format!("{} cannot be read: {why}", self.to.display()));
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(&self.to).map_err(|error| problem(&error))?;
        let columns: Vec<String> = reader.headers().map_err(|error| problem(&error))?.iter().map(str::to_owned).collect();
        let mut lines = Vec::new();
        for row in reader.records() {
            lines.push(row.map_err(|error| problem(&error))?.iter().map(str::to_owned).collect());
        }
        let country = self.country.trim_start_matches('+');
        let dial = |typed: &str| phone::e164(typed, country).map(|number| phone::spellings(&number).canonical);
        read_list(&columns, lines, template, given, dial).map_err(Failure::failed)
    }
}

/// What will happen, in words.
fn tell(
    out: &mut Out,
    channel: &Channel,
    provider: &Provider,
    template: &Template,
    list: &List,
    forecast: &Forecast,
) -> Result<(), Failure> {
    let mut skipped: Vec<(String, u64, Vec<&str>)> = forecast.skipped.iter().map(|(why, n)| (why.clone(), *n, Vec::new())).collect();
    for left in &list.left {
        match skipped.iter_mut().find(|(why, ..)| *why == left.why) {
            Some((_, number, who)) => {
                *number += 1;
                who.push(&left.who);
            }
            None => skipped.push((left.why.clone(), 1, vec![&left.who])),
        }
    }
    let reasons: serde_json::Map<String, serde_json::Value> = skipped.iter().map(|(why, n, _)| (why.clone(), (*n).into())).collect();
    let waits = forecast.room.map(|room| forecast.begins.saturating_sub(room));
    let object = serde_json::json!({
        "channel": channel.name, "template": template.name, "language": template.language, "will": forecast.will, "skipped": reasons,
        "doubles": list.doubles, "begins": forecast.begins, "room": forecast.room, "later": waits, "unused_columns": list.unused,
    });
    out.row(&object, || {
        let (category, people) = (template.category.words(), if forecast.will == 1 { "person" } else { "people" });
        Safe::line(&format!("{} ({}, {category}) on {} to {} {people}", template.name, template.language, channel.name, forecast.will))
    })?;
    let mut aside = |line: String| out.aside(&Safe::line(&line));
    for (why, number, who) in skipped {
        let more = if who.len() > NAMED { ", …" } else { "" };
        let who = who.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
        let who = if who.is_empty() { who } else { format!(" ({who}{more})") };
        aside(format!("  {number} will not get it: {why}{who}"))?;
    }
    match list.doubles {
        0 => {}
        1 => aside("  1 line names somebody who is there already: each gets it once".to_owned())?,
        many => aside(format!("  {many} lines name somebody who is there already: each gets it once"))?,
    }
    if !list.unused.is_empty() {
        aside(format!("  columns that fill nothing: {}", list.unused.join(", ")))?;
    }
    if let (Some(room), Some(later @ 1..)) = (forecast.room, waits) {
        aside(format!("  only {room} of those who did not write within a day can be written to now; {later} wait for the next 24 hours"))?;
    }
    if let Some(rate) = provider.capabilities.account_rate {
        let all = Span(rate.every.0.saturating_mul(i64::try_from(forecast.will).unwrap_or(i64::MAX)));
        aside(format!("  it takes at least {}", watch::words(all)))?;
    }
    Ok(())
}

/// Asks at a terminal; a script has to say so beforehand.
async fn confirmed(out: &mut Out) -> Result<bool, Failure> {
    if out.is_json() || !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return Err(Failure::new(
            Exit::Usage,
            "nothing was sent: nobody can be asked here, so say --yes (or --dry-run to see what would happen)",
        ));
    }
    out.raw().write_all(b"Send it? y to send, anything else to leave it: ")?;
    out.flush()?;
    let read = || {
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer).map(|_| answer)
    };
    let answer = tokio::task::spawn_blocking(read).await.map_err(|error| Failure::failed(error.to_string()))??;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
