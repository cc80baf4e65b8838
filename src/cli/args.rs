//! What may stand on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::failure::EXIT_HELP;

/// One inbox over every channel, in the terminal.
#[derive(Debug, Parser)]
#[command(name = "frontdesk", version, about, after_help = EXIT_HELP, disable_help_subcommand = true, max_term_width = 100)]
pub struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Args, Clone, Debug)]
pub struct Global {
    /// Where everything is kept: sqlite:PATH or postgres://USER@HOST/NAME
    #[arg(long, global = true, value_name = "URL", env = "FRONTDESK_DATABASE", hide_env_values = true)]
    pub database: Option<String>,
    /// The settings to use instead of the usual file
    #[arg(long, global = true, value_name = "FILE", env = "FRONTDESK_CONFIG")]
    pub config: Option<PathBuf>,
    /// The workspace to work in
    #[arg(long, global = true, value_name = "NAME", env = "FRONTDESK_WORKSPACE")]
    pub workspace: Option<String>,
    /// Print results for machines: one JSON object a line
    #[arg(long, global = true)]
    pub json: bool,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print a script that completes commands in your shell
    Completions(super::completions::Completions),
    /// Print the manual page
    Man,
}
