//! `frontdesk board`: the public display of a queue, full screen, for weeks.

use clap::Args;

use super::context::Context;
use super::failure::{Exit, Failure};
use super::run::{Seat, ended};
use crate::app::board::Setting;
use crate::domain::id::{DepartmentId, VenueId};
use crate::domain::queue::Venue;
use crate::session::{Devices, QueueDriver};

/// Show who is called, who is next and how long it takes, for everybody to see: tickets and counters, no names
#[derive(Args, Debug, Default)]
#[command(after_help = "Keys: q or Esc leaves, Ctrl-L paints everything again. Everything else does nothing.
Calls are said aloud by the command that queue.announce names in config.toml.")]
pub struct BoardArgs {
    /// The venue; needed when there are several
    #[arg(long, value_name = "NAME")]
    venue: Option<String>,
    /// Only what this department calls
    #[arg(long, value_name = "NAME")]
    department: Option<String>,
}

impl BoardArgs {
    /// Shows it until somebody leaves.
    pub async fn run(self, cx: &Context) -> Result<Exit, Failure> {
        let venue = venue(cx, self.venue.as_deref()).await?;
        let department = match &self.department {
            Some(name) => Some(department(cx, venue.id, name).await?),
            None => None,
        };
        let queue = &cx.setup.config.queue;
        let setting = Setting { venue: venue.id, department, tongue: queue.language, speaks: queue.announce.is_some() };
        let (local, session) = Seat::take(cx)?.session(cx, driver(cx));
        let end = local.hold(Box::pin(session.run_board(setting))).await;
        local.close();
        ended(end)
    }
}

/// Nobody of ours sits at a display or a kiosk.
pub(super) fn driver(cx: &Context) -> QueueDriver {
    QueueDriver { store: cx.store.clone(), workspace: cx.workspace, agent: None, devices: Devices(cx.setup.config.queue.clone()) }
}

/// The venue of that name, or the only one.
pub(super) async fn venue(cx: &Context, name: Option<&str>) -> Result<Venue, Failure> {
    let mut conn = cx.store.read().await?;
    let mut venues = cx.store.venues(&mut conn, cx.workspace).await?;
    let all = venues.iter().map(|venue| venue.name.as_str()).collect::<Vec<_>>().join(", ");
    match name {
        Some(name) => {
            let wanted = name.to_lowercase();
            let found = venues.into_iter().find(|venue| venue.name.to_lowercase() == wanted);
            found.ok_or_else(|| Failure::new(Exit::NotFound, format!("there is no venue {name:?} here: there are {}", some(&all))))
        }
        None if venues.len() > 1 => Err(Failure::new(Exit::Usage, format!("there are several venues: say which with --venue ({all})"))),
        None => venues.pop().ok_or_else(|| {
            let how =
                "there is no venue yet: `frontdesk venue add --name NAME --zone ZONE` makes one, `department` and `service` what it offers";
            Failure::new(Exit::NotFound, how)
        }),
    }
}

async fn department(cx: &Context, venue: VenueId, name: &str) -> Result<DepartmentId, Failure> {
    let mut conn = cx.store.read().await?;
    let departments = cx.store.console(&mut conn, cx.workspace, venue, None).await?.departments;
    let wanted = name.to_lowercase();
    let all = departments.iter().map(|department| department.name.as_str()).collect::<Vec<_>>().join(", ");
    let found = departments.iter().find(|department| department.name.to_lowercase() == wanted).map(|department| department.id);
    found.ok_or_else(|| Failure::new(Exit::NotFound, format!("there is no department {name:?} there: there are {}", some(&all))))
}

fn some(names: &str) -> &str {
    if names.is_empty() { "none" } else { names }
}
