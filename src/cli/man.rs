//! `man`: the manual page of every command, in roff, one after the other.

use clap::{Command, CommandFactory};

use super::args::Cli;
use super::failure::Failure;
use super::output::Out;

/// Prints the page (`frontdesk man | man -l -`).
pub fn run(out: &mut Out) -> Result<(), Failure> {
    let mut command = Cli::command();
    command.build();
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    for sub in command.get_subcommands() {
        describe(sub, &mut page)?;
    }
    Ok(out.raw().write_all(&page)?)
}

/// A section per command, with those below it.
fn describe(command: &Command, page: &mut Vec<u8>) -> std::io::Result<()> {
    let title = command.get_display_name().unwrap_or_else(|| command.get_name()).replace('-', " ").to_uppercase();
    page.extend_from_slice(format!(".SH \"COMMAND {}\"\n", title.replace('"', "")).as_bytes());
    let man = clap_mangen::Man::new(command.clone());
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    if command.get_arguments().next().is_some() {
        man.render_options_section(page)?;
    }
    command.get_subcommands().try_for_each(|sub| describe(sub, page))
}
