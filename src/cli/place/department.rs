//! `department …`: who looks after services.

use clap::{Args, Subcommand};
use serde_json::json;

use super::super::context::Context;
use super::super::failure::{Exit, Failure, Told};
use super::super::output::Out;
use super::venue;
use crate::domain::queue;
use crate::domain::text::Safe;

const FIELDS: &str = "With --json each department is one object: venue, name, closed.";

/// What to do with departments.
#[derive(Debug, Subcommand)]
pub enum Department {
    /// Add one
    #[command(after_help = FIELDS)]
    Add(Which),
    /// List those of a venue
    #[command(after_help = FIELDS)]
    List(At),
    /// Let it take people again
    Open(Which),
    /// Take nobody: no ticket is issued for it and none is moved to it
    Close(Which),
}

/// Where.
#[derive(Args, Debug)]
pub struct At {
    /// Which venue; the only one without
    #[arg(long, value_name = "NAME")]
    venue: Option<String>,
}

/// Which one.
#[derive(Args, Debug)]
pub struct Which {
    #[command(flatten)]
    at: At,
    /// What it is called
    #[arg(long, visible_alias = "department")]
    name: String,
}

impl Department {
    /// Does it.
    pub async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        match self {
            Self::Add(new) => {
                let venue = venue(cx, new.at.venue.as_deref()).await?;
                let added = cx.store.add_department(cx.workspace, cx.agent, venue.id, &new.name).await;
                show(out, &venue, &added.told("the department was not added")?)?;
            }
            Self::List(at) => {
                let venue = venue(cx, at.venue.as_deref()).await?;
                let all = cx.store.departments(&mut cx.store.read().await?, cx.workspace, venue.id).await?;
                if all.is_empty() {
                    out.aside(&Safe::lit("There is no department yet. `frontdesk department add --name Service` makes one."))?;
                }
                for department in all {
                    show(out, &venue, &department)?;
                }
            }
            Self::Open(which) => which.close(cx, out, false).await?,
            Self::Close(which) => which.close(cx, out, true).await?,
        }
        Ok(Exit::Ok)
    }
}

impl Which {
    async fn close(&self, cx: &Context, out: &mut Out, closed: bool) -> Result<(), Failure> {
        let venue = venue(cx, self.at.venue.as_deref()).await?;
        let found = super::department(cx, Some(&venue.name), &self.name).await?;
        cx.store.close_department(cx.workspace, cx.agent, found.id, closed).await.told("the department is as it was")?;
        show(out, &venue, &queue::Department { closed, ..found })
    }
}

fn show(out: &mut Out, venue: &queue::Venue, department: &queue::Department) -> Result<(), Failure> {
    let object = json!({ "venue": venue.name, "name": department.name, "closed": department.closed });
    let state = if department.closed { "  closed" } else { "" };
    Ok(out.row(&object, || Safe::line(&format!("{}  {}{state}", venue.name, department.name)))?)
}
