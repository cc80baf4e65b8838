//! The arguments of `channel add`, made from what each provider says it needs: a new provider brings its own.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::builder::ValueParser;
use clap::{Arg, ArgGroup, ArgMatches, Command};

use crate::config::SecretSource;
use crate::domain::channel::{Field, Provider};

/// What was given for a new channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The provider's name.
    pub provider: &'static str,
    /// What to call the channel.
    pub name: String,
    /// Settings by field name, defaults filled in.
    pub values: BTreeMap<String, String>,
    /// Where each secret is, by field name.
    pub secrets: BTreeMap<String, SecretSource>,
}

/// Adds a subcommand per provider.
pub fn augment(command: Command, providers: impl Iterator<Item = &'static Provider>) -> Command {
    command.subcommand_required(true).subcommands(providers.map(subcommand))
}

/// What was given; `None` when the matches are of no provider's subcommand.
pub fn given(matches: &ArgMatches, mut providers: impl Iterator<Item = &'static Provider>) -> Option<Given> {
    let (name, matches) = matches.subcommand()?;
    let provider = providers.find(|provider| provider.name == name)?;
    let text = |id: &str| matches.get_one::<String>(id).cloned();
    let mut given = Given { provider: provider.name, name: text("name")?, values: BTreeMap::new(), secrets: BTreeMap::new() };
    for field in provider.fields {
        if field.secret {
            let file = || matches.get_one::<PathBuf>(&id(field, "file")).cloned().map(SecretSource::File);
            let variable = || text(&id(field, "env")).map(SecretSource::Env);
            let line = || text(&id(field, "command")).map(SecretSource::Command);
            given.secrets.extend(file().or_else(variable).or_else(line).map(|source| (field.name.to_owned(), source)));
        } else {
            given.values.extend(text(field.name).map(|value| (field.name.to_owned(), value)));
        }
    }
    Some(given)
}

fn subcommand(provider: &'static Provider) -> Command {
    let name = Arg::new("name").long("name").value_name("NAME").required(true).help("What to call it");
    let mut command = Command::new(provider.name).about(format!("Connect a {} account", provider.title)).arg(name);
    for field in provider.fields {
        command = if field.secret { secret(command, field) } else { command.arg(plain(field)) };
    }
    command
}

fn plain(field: &'static Field) -> Arg {
    let arg = Arg::new(field.name).long(field.name).value_name("VALUE").help(format!("{}: {}", field.title, field.help));
    match field.default {
        Some(default) => arg.default_value(default),
        None => arg.required(true),
    }
}

/// A secret is never an argument itself: arguments are visible to every user of the machine and stay in the shell's history.
fn secret(command: Command, field: &'static Field) -> Command {
    let ways = [
        ("file", "FILE", format!("{}: a file whose first line is the secret. {}", field.title, field.help)),
        ("env", "VARIABLE", format!("{}: an environment variable that holds it whenever frontdesk runs", field.title)),
        ("command", "LINE", format!("{}: a shell command that prints it (a password manager's)", field.title)),
    ];
    let group = ArgGroup::new(format!("{}-source", field.name)).required(field.default.is_none());
    let group = ways.iter().fold(group, |group, (way, ..)| group.arg(id(field, way)));
    let args = ways.map(|(way, value, help)| {
        let parser = if way == "file" { ValueParser::path_buf() } else { ValueParser::string() };
        Arg::new(id(field, way)).long(id(field, way)).value_name(value).value_parser(parser).help(help)
    });
    command.args(args).group(group)
}

fn id(field: &Field, way: &str) -> String {
    format!("{}-{way}", field.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::channel::Capabilities;

    static PIGEON: Provider = Provider {
        name: "pigeon",
        title: "Pigeon",
        letter: 'P',
        fields: &[
            Field { name: "token", title: "Token", help: "The keeper has it.", secret: true, default: None },
            Field { name: "api-base", title: "Address", help: "Of the loft.", secret: false, default: Some("https://loft.example") },
            Field { name: "loft", title: "Loft", help: "Which one.", secret: false, default: None },
        ],
        capabilities: &Capabilities { text_limit: 10, polls: true, ..Capabilities::NONE },
    };

    fn parse(line: &str) -> Result<Given, clap::error::ErrorKind> {
        let command = augment(Command::new("add"), [&PIGEON].into_iter());
        let matches = command.try_get_matches_from(line.split(' ')).map_err(|error| error.kind())?;
        Ok(given(&matches, [&PIGEON].into_iter()).expect("a provider's subcommand"))
    }

    #[test]
    fn a_provider_brings_its_own_arguments() {
        let given = parse("add pigeon --name Roof --token-env PIGEON_TOKEN --loft 3").unwrap();
        assert_eq!((given.provider, given.name.as_str()), ("pigeon", "Roof"));
        assert_eq!(given.secrets["token"], SecretSource::Env("PIGEON_TOKEN".into()));
        let values: Vec<_> = given.values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(values, [("api-base", "https://loft.example"), ("loft", "3")]);
    }

    #[test]
    fn a_secret_comes_from_exactly_one_place_and_never_from_the_line_itself() {
        use clap::error::ErrorKind::{ArgumentConflict, MissingRequiredArgument, UnknownArgument};
        let check = |rest: &str, want| assert_eq!(parse(&format!("add pigeon --name R --loft 3{rest}")).unwrap_err(), want, "{rest}");
        check("", MissingRequiredArgument);
        check(" --token-file a --token-env B", ArgumentConflict);
        check(" --token 12345:secret", UnknownArgument);
    }

    #[test]
    fn a_required_setting_is_asked_for() {
        assert_eq!(parse("add pigeon --name R --token-file a").unwrap_err(), clap::error::ErrorKind::MissingRequiredArgument);
    }
}
