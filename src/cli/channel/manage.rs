//! `channel pause|resume|remove NAME`.

use clap::Args;

use crate::cli::context::Context;
use crate::cli::failure::{Exit, Failure, Told};
use crate::cli::output::Out;
use crate::domain::text::Safe;
use crate::store::channels::Channel;
use crate::sync::compose;

/// A channel, by its name.
#[derive(Args, Debug)]
pub struct Named {
    /// What the channel is called
    name: String,
}

impl Named {
    pub(super) async fn find(&self, cx: &Context) -> Result<Channel, Failure> {
        cx.store.channel_named(cx.workspace, &self.name).await.told(&format!("nothing was done with {:?}", self.name))
    }

    pub(super) async fn pause(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        let channel = self.find(cx).await?;
        cx.store.pause_channel(cx.workspace, Some(cx.agent), channel.id, true).await.told("the channel was not paused")?;
        say(out, &channel, "paused")
    }

    pub(super) async fn resume(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        let channel = self.find(cx).await?;
        cx.store.pause_channel(cx.workspace, Some(cx.agent), channel.id, false).await.told("the channel was not resumed")?;
        say(out, &channel, "resumed")
    }

    pub(super) async fn remove(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        let channel = self.find(cx).await?;
        let kept = cx.setup.paths.data_dir.join("secrets");
        compose::disconnect(&cx.store, cx.workspace, cx.agent, &channel, &kept).await.told("the channel was not removed")?;
        say(out, &channel, "removed")
    }
}

fn say(out: &mut Out, channel: &Channel, done: &str) -> Result<Exit, Failure> {
    let object = serde_json::json!({ "name": channel.name, "done": done });
    out.row(&object, || Safe::line(&format!("{} is {done}", channel.name)))?;
    Ok(Exit::Ok)
}
