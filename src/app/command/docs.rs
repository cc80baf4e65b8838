//! Documents made from the command table.

use std::fmt::Write as _;

use super::all;
use crate::app::focus::Context;
use crate::app::key;

/// `assets/docs/commands.md`: every command with its keys.
pub fn commands_md() -> String {
    let mut out = String::from(
        "# Commands and keys\n\nMade from the command table (`src/app/command/`); a test compares. Keys can be changed in `keymap.toml`; \
         every command is also in the palette (`Ctrl-K`), by its title or its name, and on the command line (`:`), where \
         some take a word more (`:assign NAME`).\n",
    );
    for context in Context::ALL {
        let _ = write!(out, "\n## {}\n\n| keys | command | name | what it does |\n|---|---|---|---|\n", context.title());
        for command in all().filter(|command| command.context == context) {
            let keys: Vec<String> = command.keys.iter().filter_map(|text| key::parse(text).ok()).map(|keys| key::show(&keys)).collect();
            let keys = keys.iter().map(|keys| format!("`{keys}`")).collect::<Vec<_>>().join(", ");
            let mut names: Vec<String> = std::iter::once(command.name).chain(command.aliases.iter().copied()).map(str::to_owned).collect();
            if command.argument.is_some() {
                names.push(format!(":{}", command.usage()));
            }
            let names = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ").replace('|', "\\|");
            let _ = writeln!(out, "| {keys} | {} | {names} | {} |", command.title, command.doc);
        }
    }
    out
}

/// `assets/keymap.toml`: the default keys in the shape of the file that changes them.
pub fn keymap_toml() -> String {
    let mut out = String::from(
        "# The default keys, made from the command table; a test compares. Copy the lines to change into your own keymap.toml.\n\
         # A key is a character, a name (enter, esc, tab, space, pgdn …) or either with ctrl-, alt-, shift-; \"g i\" is two keys.\n\
         # An empty list leaves a command to the palette. Two meanings for one key in one place are refused, with the line.\n",
    );
    for context in Context::ALL {
        let _ = write!(out, "\n# {}.\n[{}]\n", context.title(), context.name());
        for command in all().filter(|command| command.context == context) {
            let keys: Vec<String> = command.keys.iter().map(|keys| format!("{keys:?}")).collect();
            let _ = writeln!(out, "{:<34} = [{}] # {}", format!("{:?}", command.name), keys.join(", "), command.title);
        }
    }
    out
}
