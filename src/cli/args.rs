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
    /// What to do; the screen without.
    #[command(subcommand)]
    pub command: Option<Command>,
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
    /// What works on an open database.
    #[command(flatten)]
    Desk(Desk),
    /// See it live: the screen over simulated customers, on a database that is gone afterwards
    Demo(super::demo::Demo),
    /// Run a provider's server of our own on this machine, with customers who write and answer
    Simulate(super::simulate::SimulateArgs),
    /// Put a backup in the place of the database
    Restore(super::backup::Restore),
    /// Look for what is wrong here, and say what to do
    Doctor,
    /// Show what this terminal sends for each key, and what it means
    Keys,
    /// Print a script that completes commands in your shell
    Completions(super::completions::Completions),
    /// Print the manual page
    Man,
}

/// The commands that work on an open database.
#[derive(Debug, Subcommand)]
pub enum Desk {
    /// Connect and look after accounts
    #[command(subcommand)]
    Channel(super::channel::Channel),
    /// Look after canned replies
    #[command(subcommand)]
    Canned(super::canned::Canned),
    /// Look after templates: the provider's and our own
    #[command(subcommand)]
    Template(super::template::Template),
    /// Send one template to many people
    Bulk(Box<super::bulk::Bulk>),
    /// Look after venues: the places with a queue
    #[command(subcommand)]
    Venue(super::place::venue::Venue),
    /// Look after a venue's departments
    #[command(subcommand)]
    Department(super::place::department::Department),
    /// Look after what people take numbers for
    #[command(subcommand)]
    Service(super::place::service::Service),
    /// Look after counters, and work at one
    #[command(subcommand)]
    Counter(super::place::counter::Counter),
    /// Issue tickets and call people
    #[command(subcommand, after_help = super::queue::CODES)]
    Queue(super::queue::Queue),
    /// Tell how things went
    #[command(subcommand)]
    Report(super::report::Report),
    /// List conversations, newest first
    Conversations(super::conversations::Conversations),
    /// Find people and messages by words
    Search(super::search::Search),
    /// Print a conversation's messages
    Show(super::show::Show),
    /// Queue a reply
    Send(super::send::Send),
    /// Look after replies that have not arrived
    #[command(subcommand)]
    Outbox(super::outbox::Outbox),
    /// Keep the database in step with the channels, without a screen
    Sync(super::sync::Sync),
    /// Listen for providers' webhooks, and keep the database in step, without a screen
    Serve(super::serve::Serve),
    /// Read again what providers sent: what is there stays as it is
    Replay(super::replay::Replay),
    /// Take in old messages from a file, one JSON object a line
    Import(super::import::Import),
    /// Write every message out
    Export(super::export::Export),
    /// Write everything into one file while everything goes on
    Backup(super::backup::Backup),
    /// The public display of a queue: who is called, who is next
    Board(super::board::BoardArgs),
    /// Let people take a ticket themselves
    Kiosk(super::kiosk::KioskArgs),
}
