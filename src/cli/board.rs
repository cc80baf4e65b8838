//! `frontdesk board`: the public display of a queue, full screen, for weeks.

use clap::Args;

use super::context::Context;
use super::failure::{Exit, Failure};
use super::place;
use super::run::{Seat, ended};
use crate::app::board::Setting;
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
        let venue = place::venue(cx, self.venue.as_deref()).await?;
        let department = match &self.department {
            Some(name) => Some(place::department(cx, Some(&venue.name), name).await?.id),
            None => None,
        };
        let queue = &cx.setup.config.queue;
        let setting = Setting { venue: venue.id, department, tongue: queue.language, speaks: queue.announce.is_some() };
        // No sync engine runs here: what others change is heard directly.
        let _watch = cx.store.watch().await?;
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
