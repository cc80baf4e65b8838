//! `demo`: a living desk. The simulated providers and the real program against them, on a database of its own that is gone afterwards.

mod desk;
mod stage;
mod wordings;

use std::path::PathBuf;

use clap::Args;

use super::context::{Context, Setup};
use super::failure::{Exit, Failure};
use super::output::Out;
use super::run;
use crate::simulator::life::animate_at;
use crate::store::Address;
use stage::Stage;

/// How the demo is set up.
#[derive(Args, Debug)]
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
        let done = match stage.prepare(&cx, self.seed, folder).await {
            Ok(()) => {
                let life = animate_at(stage.homes.clone(), stage.cast.clone(), self.seed, self.pace);
                let done = run::run(&cx).await;
                drop(life);
                done
            }
            Err(error) => Err(error),
        };
        stage.strike().await;
        cx.store.close().await;
        done
    }
}
