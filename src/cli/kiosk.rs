//! `frontdesk kiosk`: people take their own ticket.

use clap::Args;

use super::board::driver;
use super::context::Context;
use super::failure::{Exit, Failure};
use super::place;
use super::run::{Seat, ended};
use crate::app::board::Setting;

/// Let people take a ticket themselves: by number keys, a finger or a mouse
#[derive(Args, Debug, Default)]
#[command(after_help = "To leave, type the word quit: no key that a customer may press leaves, and there is no command line.
Tickets are printed by the command that queue.print names in config.toml, after they are stored.")]
pub struct KioskArgs {
    /// The venue; needed when there are several
    #[arg(long, value_name = "NAME")]
    venue: Option<String>,
}

impl KioskArgs {
    /// Runs it until staff leave.
    pub async fn run(self, cx: &Context) -> Result<Exit, Failure> {
        let venue = place::venue(cx, self.venue.as_deref()).await?;
        let queue = &cx.setup.config.queue;
        let setting = Setting { venue: venue.id, department: None, tongue: queue.language, speaks: false };
        let _watch = cx.store.watch().await?;
        let (local, session) = Seat::take(cx)?.session(cx, driver(cx));
        let end = local.hold(Box::pin(session.run_kiosk(setting, queue.print.is_some()))).await;
        local.close();
        ended(end)
    }
}
