//! `service …`: what people take numbers for.

use clap::{Args, Subcommand};
use serde_json::json;

use super::super::context::Context;
use super::super::failure::{Exit, Failure, Told};
use super::super::output::Out;
use super::{length, venue};
use crate::domain::queue;
use crate::domain::text::Safe;
use crate::domain::time::Span;
use crate::store::queue::setup::NewService;

const FIELDS: &str = "With --json each service is one object: prefix, name, department, expected_seconds.";

/// What to do with services.
#[derive(Debug, Subcommand)]
pub enum Service {
    /// Add one
    #[command(after_help = FIELDS)]
    Add(Add),
    /// List those of a venue
    #[command(after_help = FIELDS)]
    List(At),
    /// Give one another name; its tickets keep their numbers
    Rename(Rename),
}

/// Where.
#[derive(Args, Debug)]
pub struct At {
    /// Which venue; the only one without
    #[arg(long, value_name = "NAME")]
    venue: Option<String>,
}

/// A new one.
#[derive(Args, Debug)]
pub struct Add {
    #[command(flatten)]
    at: At,
    /// Which department looks after it
    #[arg(long, value_name = "NAME")]
    department: String,
    /// What it is called
    #[arg(long)]
    name: String,
    /// What its numbers begin with, two to four letters and digits; made from the name without
    #[arg(long)]
    prefix: Option<String>,
    /// How long serving somebody takes, until there is a history: 5m, 90s
    #[arg(long, value_name = "TIME", value_parser = length)]
    expected: Option<Span>,
}

/// Another name.
#[derive(Args, Debug)]
pub struct Rename {
    /// Which, by its prefix or name
    #[arg(long)]
    service: String,
    /// What it is called from now on
    #[arg(long)]
    name: String,
}

impl Service {
    /// Does it.
    pub async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        match self {
            Self::Add(add) => {
                let department = super::department(cx, add.at.venue.as_deref(), &add.department).await?;
                let new = NewService { name: &add.name, prefix: add.prefix.as_deref(), expected: add.expected };
                let added = cx.store.add_service(cx.workspace, cx.agent, department.id, &new).await;
                show(out, &added.told("the service was not added")?, &department.name)?;
            }
            Self::List(at) => {
                let venue = venue(cx, at.venue.as_deref()).await?;
                let mut conn = cx.store.read().await?;
                let departments = cx.store.departments(&mut conn, cx.workspace, venue.id).await?;
                let all = cx.store.services(&mut conn, cx.workspace, venue.id).await?;
                if all.is_empty() {
                    out.aside(&Safe::lit("There is no service yet. `frontdesk service add --department D --name Service` makes one."))?;
                }
                for service in all {
                    let of = departments.iter().find(|department| department.id == service.department);
                    show(out, &service, of.map_or("", |of| &of.name))?;
                }
            }
            Self::Rename(rename) => {
                let found = super::service(cx, None, &rename.service).await?;
                cx.store.rename_service(cx.workspace, cx.agent, found.id, &rename.name).await.told("the service keeps its name")?;
                out.row(&json!({ "prefix": found.prefix, "name": rename.name }), || {
                    Safe::line(&format!("{} is {} now", found.prefix, rename.name))
                })?;
            }
        }
        Ok(Exit::Ok)
    }
}

fn show(out: &mut Out, service: &queue::Service, department: &str) -> Result<(), Failure> {
    let seconds = service.expected.0 / 1_000_000;
    let object = json!({ "prefix": service.prefix, "name": service.name, "department": department, "expected_seconds": seconds });
    Ok(out.row(&object, || {
        Safe::line(&format!("{:<5} {}  ({department}, about {}:{:02} each)", service.prefix, service.name, seconds / 60, seconds % 60))
    })?)
}
