//! `template …`: the provider's approved templates, and our own message templates.

mod edit;
mod list;
mod preview;
mod show;

use clap::{Args, Subcommand};

use super::context::Context;
use super::failure::{Exit, Failure, Told};
use super::output::Out;
use crate::channel::registered;
use crate::domain::template::{Given, Slot, Template as Approved};
use crate::domain::text::Safe;
use crate::domain::wording::{Kind, Wording};
use crate::store::channels::Channel;
use crate::sync::supervisor::sources_of;
use crate::sync::{compose, templates};

/// What to do with templates.
#[derive(Debug, Subcommand)]
pub enum Template {
    /// List the provider's templates and our own
    #[command(after_help = list::FIELDS)]
    List(list::List),
    /// Show one in all its languages
    #[command(after_help = list::FIELDS)]
    Show(show::Show),
    /// Write a message template of our own, or give one other words
    #[command(after_help = edit::VARIABLES)]
    Edit(Box<edit::Edit>),
    /// Show a message as the customer will read it
    Preview(preview::Preview),
    /// Ask the provider for its templates now
    Refresh(Refresh),
    /// Tell or choose the language for customers whose own is missing
    Language(Language),
}

/// Which channels.
#[derive(Args, Debug)]
pub struct Refresh {
    /// Only this channel
    #[arg(long, value_name = "NAME")]
    channel: Option<String>,
}

/// Which language.
#[derive(Args, Debug)]
pub struct Language {
    /// The language, like id, en or pt-BR; told without
    code: Option<String>,
}

/// One of the provider's, and where it may be used.
struct Found {
    channel: Channel,
    template: Approved,
}

impl Template {
    /// Does it.
    pub async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        match self {
            Self::List(list) => list.run(cx, out).await,
            Self::Show(show) => show.run(cx, out).await,
            Self::Edit(edit) => edit.run(cx, out).await,
            Self::Preview(preview) => preview.run(cx, out).await,
            Self::Refresh(refresh) => refresh.run(cx, out).await,
            Self::Language(language) => language.run(cx, out).await,
        }
    }
}

impl Refresh {
    async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        let http = cx.http()?;
        let mut asked = 0;
        for channel in channels(cx, self.channel.as_deref()).await? {
            let failed = format!("the templates of {} were not fetched", channel.name);
            let Some(row) = registered(&channel.provider) else { continue };
            asked += 1;
            let sources = sources_of(&channel).map_err(Failure::failed).told(&failed)?;
            let connector = compose::connector(&cx.store, &http, row, &channel.settings, &sources).await.told(&failed)?;
            let count = templates::pull(&cx.store, &channel, connector.as_ref()).await.told(&failed)?;
            let object = serde_json::json!({ "channel": channel.name, "templates": count });
            out.row(&object, || {
                let count = count.map_or_else(|| "none: the account's setting for them is empty".to_owned(), |count| count.to_string());
                Safe::line(&format!("{}: {count}", channel.name))
            })?;
        }
        if asked == 0 {
            out.aside(&Safe::lit("No channel has templates."))?;
        }
        Ok(Exit::Ok)
    }
}

impl Language {
    async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        if let Some(code) = &self.code {
            let word = Wording { name: "x".to_owned(), language: code.clone(), text: "x".to_owned(), ..Wording::default() };
            let failed = "the language was not chosen";
            let checked = word.checked().map_err(|problem| Failure::failed(problem.to_string())).told(failed)?;
            cx.store.set_language(cx.workspace, cx.agent, &checked.language).await.told(failed)?;
        }
        let language = cx.store.language(&mut cx.store.read().await?, cx.workspace).await?;
        out.row(&serde_json::json!({ "language": language }), || Safe::line(&language))?;
        Ok(Exit::Ok)
    }
}

/// The channels that have templates, or the named one.
async fn channels(cx: &Context, name: Option<&str>) -> Result<Vec<Channel>, Failure> {
    if let Some(name) = name {
        return Ok(vec![super::bulk::channel(cx, name).await?]);
    }
    let mut all = cx.store.channels(cx.workspace).await?;
    all.retain(|channel| registered(&channel.provider).is_some_and(|row| row.provider.capabilities.templates));
    Ok(all)
}

/// The provider's templates of these channels.
async fn approved(cx: &Context, channel: Option<&str>) -> Result<Vec<Found>, Failure> {
    let mut found = Vec::new();
    for channel in channels(cx, channel).await? {
        let all = cx.store.templates(&mut cx.store.read().await?, cx.workspace, channel.id).await?;
        found.extend(all.into_iter().map(|template| Found { channel: channel.clone(), template }));
    }
    Ok(found)
}

/// The values a template takes, by name.
fn values(template: &Approved) -> Vec<String> {
    template.slots().iter().map(Slot::label).collect()
}

/// `NAME=VALUE`.
pub fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| format!("{text:?} is no value: write NAME=VALUE"))?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

fn kind(text: &str) -> Result<Kind, String> {
    let all = || Kind::ALL.map(Kind::name).join(" or ");
    Kind::of(text).ok_or_else(|| format!("write {}", all()))
}

/// What was given on the command line.
pub fn given(params: &[(String, String)]) -> Given {
    Given { values: params.to_vec(), ..Given::default() }
}

fn nothing(name: &str) -> Failure {
    Failure::new(Exit::NotFound, format!("there is no template {name:?} here: `frontdesk template list` lists them"))
}

fn same_language(a: &str, b: &str) -> bool {
    a.replace('_', "-").eq_ignore_ascii_case(&b.replace('_', "-"))
}
