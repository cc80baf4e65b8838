//! `channel …`: the connected accounts.

mod add;
mod fields;
mod list;
mod manage;
mod test;

use clap::Subcommand;

use super::context::Context;
use super::failure::{Exit, Failure};
use super::output::Out;
use crate::config::SecretSource;
use crate::domain::text::Safe;

/// What to do with channels.
#[derive(Debug, Subcommand)]
pub enum Channel {
    /// Connect an account, after asking the provider whether it works
    Add(add::Add),
    /// List the accounts and how they are
    #[command(after_help = list::FIELDS)]
    List,
    /// Ask the provider whether an account still works
    Test(test::Test),
    /// Stop an account: nothing comes in, nothing goes out; what its provider calls us with is kept until it is resumed
    Pause(manage::Named),
    /// Start a stopped account again
    Resume(manage::Named),
    /// Disconnect an account; its conversations stay
    Remove(manage::Named),
}

impl Channel {
    /// Does it.
    pub async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        match self {
            Self::Add(add) => add.run(cx, out).await,
            Self::List => list::run(cx, out).await,
            Self::Test(test) => test.run(cx, out).await,
            Self::Pause(named) => named.pause(cx, out).await,
            Self::Resume(named) => named.resume(cx, out).await,
            Self::Remove(named) => named.remove(cx, out).await,
        }
    }
}

/// Says which secrets others on this machine could read too.
fn warn_of_exposed<'a>(out: &mut Out, sources: impl Iterator<Item = &'a SecretSource>) {
    for warning in sources.filter_map(SecretSource::exposed) {
        out.warn(&Safe::line(&warning));
    }
}
