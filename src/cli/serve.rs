//! `serve`: the background task and the listener for webhooks, without a screen.

use clap::Args;
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::context::Context;
use super::failure::{Exit, Failure};
use super::output::Out;
use super::sync::Stop;
use crate::channel::http::Client;
use crate::domain::text::Safe;
use crate::server::http::{self, Setup};
use crate::store::channels::Channel;
use crate::sync::{Engine, Role, webhook};

/// Where.
#[derive(Args, Debug)]
#[command(after_help = FIELDS)]
pub struct Serve {
    /// Where to listen; the setting server.http without
    #[arg(long, value_name = "ADDRESS")]
    http: Option<String>,
}

/// What is printed and answered, for `--help`.
const FIELDS: &str = "With --json one object when it listens: listening (address and port), webhooks (for each channel that calls: \
    channel, id, path; a secret in it is hidden). Besides the webhooks it answers GET /healthz (it lives), /readyz (the database answers and somebody syncs) and \
    /metrics (for Prometheus). Channels that are paused go on taking what comes: it is kept and processed when they are resumed.";

impl Serve {
    /// Serves until told to stop (Ctrl-C, SIGTERM); what is being asked is answered first.
    pub async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        let mut stop = Stop::listen()?;
        let address = self.http.as_ref().unwrap_or(&cx.setup.config.http);
        let listener = TcpListener::bind(address).await.map_err(|error| unbound(address, &error))?;
        let listening = listener.local_addr()?.to_string();
        let options = cx.engine_options("serve")?;
        let engine = Engine::start(cx.store.clone(), options.clone());
        let mut setup = Setup::new(cx.store.clone(), options.http.clone(), engine.status());
        setup.limits.body = usize::try_from(cx.setup.config.webhook_limit).unwrap_or(setup.limits.body);
        let cancel = CancellationToken::new();
        let mut served = tokio::spawn(http::serve(listener, setup, cancel.clone()));
        let told = announce(cx, &options.http, out, &listening).await;
        let mut status = engine.status();
        let mut role = Role::Starting;
        let broke = loop {
            if told.is_err() {
                break false;
            }
            tokio::select! {
                () = stop.told() => break false,
                _ = &mut served => break true,
                Ok(()) = status.changed() => {
                    let now = status.borrow_and_update().role;
                    if now != role && now == Role::Standby {
                        let who = cx.store.holder().await?.map_or_else(|| "another process".to_owned(), |holder| holder.program.to_string());
                        out.aside(&Safe::line(&format!("This database is synced by {who}: what comes in here is kept, and processed there.")))?;
                        out.flush()?;
                    }
                    role = now;
                }
            }
        };
        cancel.cancel();
        if !broke && let Err(error) = served.await {
            tracing::error!(%error, "the listener stopped on an internal error");
        }
        engine.stop().await;
        told?;
        if broke {
            return Err(Failure::failed(
                "the listener stopped on an internal error; what was answered is kept. The log says more; start it again",
            ));
        }
        Ok(Exit::Ok)
    }
}

fn unbound(address: &str, error: &std::io::Error) -> Failure {
    Failure::failed(match error.kind() {
        std::io::ErrorKind::AddrInUse => format!(
            "nothing was started: {address} is in use, perhaps by another `frontdesk serve`; end that, or choose another address with --http"
        ),
        _ => format!("nothing was started: {address} cannot be listened on ({error}); choose another address with --http"),
    })
}

/// Says where it listens and what to register.
async fn announce(cx: &Context, http: &Client, out: &mut Out, listening: &str) -> Result<(), Failure> {
    // A service's output is kept in logs: a path's secrets are hidden there, and `channel add` and the Channels pane show the whole of it.
    let channels = cx.store.all_channels().await?.into_iter();
    let paths: Vec<(Channel, String)> =
        channels.filter_map(|channel| webhook::shape(&cx.store, http, &channel).map(|path| (channel, path))).collect();
    if out.is_json() {
        let webhooks: Vec<_> =
            paths.iter().map(|(channel, path)| json!({ "channel": channel.name, "id": channel.id.to_string(), "path": path })).collect();
        out.object(&json!({ "listening": listening, "webhooks": webhooks }))?;
    } else {
        out.aside(&Safe::line(&format!("Listening on http://{listening}; Ctrl-C ends it.")))?;
        for (channel, path) in &paths {
            out.aside(&Safe::line(&format!("  {}: register {path} behind the address that the provider reaches", channel.name)))?;
        }
        if paths.is_empty() {
            out.aside(&Safe::lit("  No channel that calls is connected. `frontdesk channel add --help` shows what can be."))?;
        }
    }
    Ok(out.flush()?)
}
