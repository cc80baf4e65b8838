//! Push notices: the key a page subscribes with, and whose ticket a subscription is for.

use std::io::Read as _;

use clap::Args;
use serde_json::json;

use super::{act, ticket};
use crate::cli::context::Context;
use crate::cli::failure::{Exit, Failure, Told};
use crate::cli::output::Out;
use crate::domain::push::Subscription;
use crate::domain::text::Safe;
use crate::store::Error;

/// More than any subscription has, in bytes.
const LARGEST: u64 = 16_384;

/// Which ticket, and which device.
#[derive(Args, Debug)]
pub struct Subscribe {
    #[command(flatten)]
    which: act::Which,
    /// The subscription of the holder's browser, as PushSubscription.toJSON() gives it; - is standard input
    #[arg(long, value_name = "FILE")]
    push_file: String,
}

impl Subscribe {
    /// Does it.
    pub async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        const FAILED: &str = "the device is not told of this ticket";
        let device = subscription(&self.push_file)?;
        let found = self.which.find(cx).await?;
        if !found.state.is_open() {
            let (label, why) = (found.label, "its day is over".to_owned());
            return super::refused(out, FAILED, Error::Ticket { label, state: found.state, why });
        }
        cx.store.set_push(cx.workspace, found.id, &device.json()).await.told(FAILED)?;
        ticket::show(cx, out, &found).await
    }
}

/// A subscription from a file.
pub fn subscription(file: &str) -> Result<Subscription, Failure> {
    let wrong = |why: String| Failure::new(Exit::Usage, why);
    let mut text = String::new();
    let read = match file {
        "-" => std::io::stdin().take(LARGEST).read_to_string(&mut text),
        path => std::fs::File::open(path).and_then(|file| file.take(LARGEST).read_to_string(&mut text)),
    };
    read.map_err(|error| wrong(format!("the subscription in {file} cannot be read: {error}")))?;
    Subscription::parse(&text).map_err(|problem| wrong(problem.to_string()))
}

/// Prints the public key.
pub fn key(cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
    let key = cx.push_key().map_err(Failure::failed)?.public();
    out.row(&json!({ "push_key": key }), || Safe::line(&key))?;
    if cx.setup.config.queue.push_contact.is_none() {
        out.warn(&Safe::lit("No notice is pushed yet: `queue.push_contact` in the settings names nobody whom push services may turn to."));
    }
    Ok(Exit::Ok)
}
