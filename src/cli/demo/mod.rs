//! `demo`: a living desk. The simulated providers and the real program against them, on a database of its own that is gone afterwards.

mod clinic;
mod desk;
mod shift;
mod stage;
mod wordings;

use std::path::{Path, PathBuf};

use clap::Args;

use super::board::BoardArgs;
use super::context::{Context, Setup};
use super::failure::{Exit, Failure};
use super::kiosk::KioskArgs;
use super::output::Out;
use super::run;
use crate::simulator::life::animate_at;
use crate::store::Address;
use shift::Shift;
use stage::Stage;

/// How the demo is set up.
#[derive(Args, Debug)]
#[command(after_help = "Several screens on one demo: `frontdesk demo --keep DIR` in one terminal, and in others
`frontdesk --database sqlite:DIR/demo.db board`, or kiosk, or nothing for a second desk.")]
pub struct Demo {
    /// How many customers there are
    #[arg(long, value_name = "NUMBER", default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    people: u32,
    /// Decides who they are and what they say
    #[arg(long, value_name = "NUMBER", default_value_t = 2)]
    seed: u64,
    /// How many times faster than life they are
    #[arg(long, value_name = "FACTOR", default_value_t = 2.0, value_parser = super::simulate::pace)]
    pace: f64,
    /// Keep the database in this folder, and go on with it next time
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Show the clinic's public display instead of the desk
    #[arg(long, conflicts_with = "kiosk")]
    board: bool,
    /// Show the kiosk at the clinic's door instead of the desk
    #[arg(long)]
    kiosk: bool,
}

impl Demo {
    /// Shows the desk until the agent leaves.
    pub async fn run(&self, mut setup: Setup, out: &mut Out) -> Result<Exit, Failure> {
        let temporary = tempfile::Builder::new().prefix("frontdesk-demo-").tempdir()?;
        let folder = self.keep.as_deref().unwrap_or(temporary.path());
        setup.address = Address::Sqlite(folder.join("demo.db"));
        setup.config.files_folder = Some(folder.join("files"));
        setup.paths.data_dir = folder.to_owned();
        setup.paths.log_dir = folder.join("logs");
        let cx = Context::open(setup, out).await?;
        let stage = Stage::raise(self.seed, self.people as usize).await?;
        let done = match self.prepare(&cx, &stage, folder).await {
            Ok(shift) => {
                let life = animate_at(stage.homes.clone(), stage.cast.clone(), self.seed, self.pace);
                let clinic = clinic::work(shift, cx.store.clone());
                let asks = stage.somebody_asks_for_a_number();
                let done = self.show(&cx).await;
                drop((life, clinic, asks));
                done
            }
            Err(error) => Err(error),
        };
        stage.strike().await;
        cx.store.close().await;
        done
    }
    async fn prepare(&self, cx: &Context, stage: &Stage, folder: &Path) -> Result<Shift, Failure> {
        stage.prepare(cx, self.seed, folder).await?;
        Ok(clinic::open(cx, self.seed, self.pace).await?)
    }

    async fn show(&self, cx: &Context) -> Result<Exit, Failure> {
        match (self.board, self.kiosk) {
            (true, _) => BoardArgs::default().run(cx).await,
            (_, true) => KioskArgs::default().run(cx).await,
            _ => run::run(cx).await,
        }
    }
}
