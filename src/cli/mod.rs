//! The command line: one file per command. A command writes its results to the [`output::Out`] it is given and fails with a
//! [`failure::Failure`]; nothing else prints.

pub mod args;
pub mod backup;
pub mod board;
pub mod bulk;
pub mod canned;
pub mod channel;
pub mod completions;
pub mod context;
pub mod conversations;
pub mod demo;
pub mod doctor;
pub mod export;
pub mod failure;
pub mod import;
pub mod keys;
pub mod kiosk;
pub mod log;
pub mod man;
pub mod outbox;
pub mod output;
pub mod place;
pub mod queue;
pub mod replay;
pub mod report;
pub mod run;
pub mod search;
pub mod send;
pub mod serve;
pub mod show;
pub mod simulate;
pub mod sync;
pub mod template;

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;

use crate::config::Env;
use crate::domain::time::SystemClock;
use args::{Cli, Command, Desk};
use context::{Context, Setup};
use failure::{Exit, Failure};
use output::Out;

/// Reads the process's arguments, does what they say, and tells how it went.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut out = Out::new(Box::new(std::io::stdout()), Box::new(std::io::stderr()), cli.global.json);
    let done = run(cli, &mut out).and_then(|exit| {
        out.flush()?;
        Ok(exit)
    });
    let exit = done.unwrap_or_else(|failure| {
        if !failure.text.is_empty() {
            out.warn(&failure.shown());
        }
        failure.exit
    });
    ExitCode::from(exit.number())
}

fn run(cli: Cli, out: &mut Out) -> Result<Exit, Failure> {
    let setup = || Setup::read(&cli.global, Env::of_process());
    let Some(command) = cli.command else { return block_on(screen(setup()?, out)) };
    match command {
        Command::Demo(demo) => block_on(demo.run(setup()?, out)),
        Command::Completions(completions) => completions.run(out).map(|()| Exit::Ok),
        Command::Keys => block_on(async { keys::run(&setup()?).await }),
        Command::Man => man::run(out).map(|()| Exit::Ok),
        Command::Simulate(args) => {
            block_on(async { Ok(simulate::run(args, Arc::new(SystemClock), cli.global.json, out.raw()).await.map(|()| Exit::Ok)?) })
        }
        Command::Doctor => block_on(doctor::run(setup()?, out)),
        Command::Restore(restore) => block_on(restore.run(&setup()?, out)),
        Command::Desk(desk) => block_on(on_database(desk, setup()?, out)),
    }
}

fn block_on(work: impl Future<Output = Result<Exit, Failure>>) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Runtime::new();
    runtime.map_err(|error| Failure::failed(format!("nothing was done: no threads can be started: {error}")))?.block_on(work)
}

async fn screen(setup: Setup, out: &mut Out) -> Result<Exit, Failure> {
    let cx = Context::open(setup, out).await?;
    let done = Box::pin(run::run(&cx)).await;
    cx.store.close().await;
    done
}

async fn on_database(desk: Desk, setup: Setup, out: &mut Out) -> Result<Exit, Failure> {
    let cx = Context::open(setup, out).await?;
    let done = match desk {
        Desk::Canned(canned) => canned.run(&cx, out).await,
        Desk::Template(template) => template.run(&cx, out).await,
        Desk::Bulk(bulk) => bulk.run(&cx, out).await,
        Desk::Channel(channel) => channel.run(&cx, out).await,
        Desk::Venue(venue) => venue.run(&cx, out).await,
        Desk::Department(department) => department.run(&cx, out).await,
        Desk::Service(service) => service.run(&cx, out).await,
        Desk::Counter(counter) => counter.run(&cx, out).await,
        Desk::Queue(queue) => queue.run(&cx, out).await,
        Desk::Report(report) => report.run(&cx, out).await,
        Desk::Conversations(conversations) => conversations.run(&cx, out).await,
        Desk::Search(search) => search.run(&cx, out).await,
        Desk::Show(show) => show.run(&cx, out).await,
        Desk::Send(send) => send.run(&cx, out).await,
        Desk::Outbox(outbox) => outbox.run(&cx, out).await,
        Desk::Sync(sync) => sync.run(&cx, out).await,
        Desk::Serve(serve) => serve.run(&cx, out).await,
        Desk::Replay(replay) => replay.run(&cx, out).await,
        Desk::Import(import) => import.run(&cx, out).await,
        Desk::Export(export) => export.run(&cx, out).await,
        Desk::Backup(backup) => backup.run(&cx, out).await,
        Desk::Board(board) => board.run(&cx).await,
        Desk::Kiosk(kiosk) => kiosk.run(&cx).await,
    };
    cx.store.close().await;
    done
}
