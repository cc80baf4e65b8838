<<<<<<< HEAD
//! The command line: one file per command. A command writes its results to the [`output::Out`] it is given and fails with a
//! [`failure::Failure`]; nothing else prints.

pub mod args;
pub mod completions;
pub mod failure;
pub mod fields;
pub mod log;
pub mod man;
pub mod output;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};
use failure::{Exit, Failure};
use output::Out;

/// Reads the process's arguments, does what they say, and tells how it went.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut out = Out::new(Box::new(std::io::stdout()), cli.global.json);
    let done = run(cli, &mut out).and_then(|exit| {
        out.flush()?;
        Ok(exit)
    });
    let exit = done.unwrap_or_else(|failure| {
        if !failure.text.is_empty() {
            // Nobody is left to tell when stderr is gone too.
            let _ = writeln!(std::io::stderr(), "frontdesk: {}", failure.shown());
        }
        failure.exit
    });
    ExitCode::from(exit as u8)
}

fn run(cli: Cli, out: &mut Out) -> Result<Exit, Failure> {
    match cli.command {
        Command::Completions(completions) => completions.run(out)?,
        Command::Man => man::run(out)?,
    }
    Ok(Exit::Ok)
}
=======
//! The command line: one file per command.

pub mod simulate;
>>>>>>> sim
