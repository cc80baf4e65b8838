//! The table of settings, and how a file and an environment are read by it.

use std::fmt;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::{Config, Env, Langmap, PrintFormat, Program, units};
use crate::domain::queue::signs::Tongue;
use crate::domain::time::Span;

/// How many colours to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Colors {
    /// What the terminal says it can, none under `NO_COLOR`.
    #[default]
    Auto,
    /// None: bold, dim, underline and reverse carry everything.
    None,
    /// The sixteen of the terminal's own palette.
    Sixteen,
    /// The xterm 256.
    Indexed,
    /// 24 bit.
    True,
}

/// One thing wrong with the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line in the file, from 1; `None` for an environment variable.
    pub line: Option<usize>,
    /// What is wrong, in words that name the setting.
    pub text: String,
}

/// The settings cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// The file cannot be read.
    Unreadable {
        /// Which.
        file: PathBuf,
        /// Why.
        cause: String,
    },
    /// Everything that is wrong with them, in the order of the file, then the environment.
    Wrong {
        /// The file that was read.
        file: PathBuf,
        /// The problems; at least one.
        problems: Vec<Problem>,
    },
}

/// One setting: its place in the file, what it takes, and how it is taken. Its environment variable is `FRONTDESK_` and the key in capitals,
/// with `_` for a dot.
struct Setting {
    key: &'static str,
    wanted: &'static str,
    set: fn(&mut Config, &Given<'_>) -> Option<()>,
}

/// A value somebody gave.
struct Given<'a> {
    value: Value<'a>,
    /// Where relative paths begin.
    dir: &'a Path,
}

enum Value<'a> {
    Toml(&'a DeValue<'a>),
    Env(&'a str),
}

const SETTINGS: &[Setting] = &[
    Setting {
        key: "database",
        wanted: "a database (\"sqlite:PATH\" or \"postgres://USER@HOST/NAME\")",
        set: |config, given| {
            let url = given.text()?;
            let known = ["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme));
            known.then(|| config.database = Some(url.to_owned()))
        },
    },
    Setting {
        key: "workspace",
        wanted: "a workspace's name (\"default\")",
        set: |config, given| given.name().map(|name| config.workspace = name),
    },
    Setting { key: "agent", wanted: "your name (\"Ayu\")", set: |config, given| given.name().map(|name| config.agent = Some(name)) },
    Setting {
        key: "zone",
        wanted: "the IANA name of a time zone (\"Asia/Jakarta\")",
        set: |config, given| given.text()?.parse().ok().map(|zone| config.zone = Some(zone)),
    },
    Setting {
        key: "log",
        wanted: "a log filter (\"info\", \"frontdesk::sync=debug\")",
        set: |config, given| {
            let filter = given.name()?;
            tracing_subscriber::EnvFilter::try_new(&filter).ok().map(|_| config.log = filter)
        },
    },
    Setting {
        key: "screen.colors",
        wanted: "one of \"auto\", \"none\", \"16\", \"256\", \"truecolor\"",
        set: |config, given| Colors::of(given.text()?).map(|colors| config.colors = colors),
    },
    Setting {
        key: "screen.theme",
        wanted: "a theme's name (\"auto\", \"dark\", \"light\", \"mono\")",
        set: |config, given| given.name().map(|name| config.theme = Some(name).filter(|name| name != "auto")),
    },
    Setting {
        key: "screen.pictures",
        wanted: "one of \"auto\", \"off\"",
        set: |config, given| {
            let wanted = match given.text()? {
                "auto" => true,
                "off" => false,
                _ => return None,
            };
            config.pictures = wanted;
            Some(())
        },
    },
    Setting { key: "screen.ascii", wanted: "true or false", set: |config, given| given.boolean().map(|ascii| config.ascii = ascii) },
    Setting {
        key: "screen.escape_timeout",
        wanted: "a length of time from \"1 ms\" to \"1 s\"",
        set: |config, given| given.span(Span::millis(1), Span::secs(1)).map(|span| config.escape_timeout = span),
    },
    Setting {
        key: "screen.langmap",
        wanted: "names of layouts (russian, ukrainian, greek, hebrew, arabic) and pairs of a letter and the Latin one on its key (\"greek йq\")",
        set: |config, given| Langmap::parse(given.text()?).map(|langmap| config.langmap = langmap),
    },
    Setting {
        key: "screen.keymap",
        wanted: "the path of a file",
        set: |config, given| given.name().map(|name| config.keymap = Some(given.dir.join(name))),
    },
    Setting { key: "notify.bell", wanted: "true or false", set: |config, given| given.boolean().map(|wanted| config.notify.bell = wanted) },
    Setting {
        key: "notify.desktop",
        wanted: "true or false",
        set: |config, given| given.boolean().map(|wanted| config.notify.desktop = wanted),
    },
    Setting {
        key: "notify.only_unfocused",
        wanted: "true or false",
        set: |config, given| given.boolean().map(|wanted| config.notify.only_unfocused = wanted),
    },
    Setting {
        key: "notify.only_mine",
        wanted: "true or false",
        set: |config, given| given.boolean().map(|wanted| config.notify.only_mine = wanted),
    },
    Setting {
        key: "sending.undo_delay",
        wanted: "a length of time from \"0 s\" to \"10 min\"",
        set: |config, given| given.span(Span::ZERO, Span::minutes(10)).map(|span| config.undo_delay = span),
    },
    Setting {
        key: "files.folder",
        wanted: "the path of a folder",
        set: |config, given| given.name().map(|name| config.files_folder = Some(given.dir.join(name))),
    },
    Setting {
        key: "files.download_limit",
        wanted: "a size (\"20 MB\")",
        set: |config, given| units::bytes(given.text()?).map(|bytes| config.download_limit = bytes),
    },
    Setting {
        key: "journal.keep",
        wanted: "a length of time from \"1 day\" to \"3650 days\"",
        set: |config, given| given.span(Span::hours(24), Span::hours(24 * 3_650)).map(|span| config.journal_keep = span),
    },
    Setting {
        key: "server.http",
        wanted: "an address and a port to listen on (\"127.0.0.1:8787\")",
        set: |config, given| {
            let address = given.name()?;
            let (_, port) = address.rsplit_once(':').filter(|(host, _)| !host.is_empty())?;
            port.parse::<u16>().ok().map(|_| config.http = address)
        },
    },
    Setting {
        key: "server.body_limit",
        wanted: "a size from \"64 KiB\" to \"64 MiB\"",
        set: |config, given| {
            let limit = units::bytes(given.text()?).filter(|bytes| (64 << 10..=64 << 20).contains(bytes))?;
            config.webhook_limit = limit;
            Some(())
        },
    },
    Setting {
        key: "queue.announce",
        wanted: "a program and its arguments, in which {ticket}, {counter}, {service} and {recall} may stand (\"say-it {ticket} {counter}\")",
        set: |config, given| {
            let names = ["ticket", "counter", "service", "recall"];
            Program::parse(given.text()?, &names).map(|program| config.queue.announce = Some(program))
        },
    },
    Setting {
        key: "queue.print",
        wanted: "a program and its arguments, in which {ticket} may stand (\"lp -d kiosk\")",
        set: |config, given| Program::parse(given.text()?, &["ticket"]).map(|program| config.queue.print = Some(program)),
    },
    Setting {
        key: "queue.print_format",
        wanted: "one of \"text\", \"escpos\"",
        set: |config, given| {
            config.queue.print_format = match given.text()? {
                "text" => PrintFormat::Text,
                "escpos" => PrintFormat::EscPos,
                _ => return None,
            };
            Some(())
        },
    },
    Setting {
        key: "queue.push_contact",
        wanted: "whom push services turn to (\"mailto:desk@example.org\" or \"https://example.org\")",
        set: |config, given| {
            let contact = given.name()?;
            let whom = ["mailto:", "https://"].into_iter().find_map(|scheme| contact.strip_prefix(scheme))?;
            let fine = !whom.is_empty() && whom.bytes().all(|byte| byte.is_ascii_graphic());
            fine.then(|| config.queue.push_contact = Some(contact))
        },
    },
    Setting {
        key: "queue.push_here",
        wanted: "true or false",
        set: |config, given| given.boolean().map(|here| config.queue.push_here = here),
    },
    Setting {
        key: "queue.language",
        wanted: "one of \"auto\", \"id\", \"en\"",
        set: |config, given| {
            config.queue.language = match given.text()? {
                "auto" => None,
                code => Some(Tongue::of(code)?),
            };
            Some(())
        },
    },
];

pub(super) fn read(text: &str, file: &Path, env: &Env) -> Result<Config, ConfigError> {
    let mut config = Config::default();
    let (table, errors) = DeTable::parse_recoverable(text);
    let line_of = |at: usize| 1 + text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count();
    let mut problems: Vec<Problem> = errors
        .iter()
        .map(|error| Problem { line: error.span().map(|span| line_of(span.start)), text: error.message().replace('\n', ", ") })
        .collect();
    let mut found = Vec::new();
    let dir = file.parent().unwrap_or(Path::new(""));
    apply(&mut config, table.get_ref(), "", dir, &mut |at, text| found.push(Problem { line: Some(line_of(at)), text }));
    // What the parser made of a broken line is a guess: only its own word about that line counts.
    found.retain(|problem| problems.iter().all(|told| told.line != problem.line));
    problems.extend(found);
    problems.sort_by_key(|problem| problem.line);
    problems.extend(apply_env(&mut config, env));
    if problems.is_empty() { Ok(config) } else { Err(ConfigError::Wrong { file: file.to_owned(), problems }) }
}

fn apply(config: &mut Config, table: &DeTable<'_>, above: &str, dir: &Path, wrong: &mut dyn FnMut(usize, String)) {
    for (name, value) in table {
        let at = name.span().start;
        let key = format!("{above}{}", name.get_ref());
        let inner = format!("{key}.");
        if let Some(setting) = SETTINGS.iter().find(|setting| setting.key == key) {
            let given = Given { value: Value::Toml(value.get_ref()), dir };
            if (setting.set)(config, &given).is_none() {
                wrong(at, format!("`{key}` must be {}{}", setting.wanted, given.contrast(setting)));
            }
        } else if !SETTINGS.iter().any(|setting| setting.key.starts_with(&inner)) {
            wrong(at, unknown(&key, above));
        } else if let DeValue::Table(table) = value.get_ref() {
            apply(config, table, &inner, dir, wrong);
        } else {
            wrong(at, format!("`{key}` is a section: write [{key}] on a line of its own"));
        }
    }
}

fn apply_env(config: &mut Config, env: &Env) -> Vec<Problem> {
    let mut problems = Vec::new();
    for setting in SETTINGS {
        let name = setting.variable();
        let Some(value) = env.get(&name) else { continue };
        let given = Given { value: Value::Env(value), dir: Path::new("") };
        if (setting.set)(config, &given).is_none() {
            let text = format!("the environment variable {name} must be {}{}", setting.wanted, given.contrast(setting));
            problems.push(Problem { line: None, text });
        }
    }
    problems
}

fn unknown(key: &str, above: &str) -> String {
    let mut known: Vec<&str> =
        SETTINGS.iter().filter_map(|setting| setting.key.strip_prefix(above)).map(|rest| rest.split('.').next().unwrap_or(rest)).collect();
    known.dedup();
    let place = if above.is_empty() { "there are".to_owned() } else { format!("[{}] has", above.trim_end_matches('.')) };
    format!("`{}` is not a setting; {place} {}", shortened(key), known.join(", "))
}

fn shortened(text: &str) -> String {
    let head: String = text.chars().take(40).collect();
    if head.len() < text.len() { head + "…" } else { head }
}

impl Setting {
    fn variable(&self) -> String {
        format!("FRONTDESK_{}", self.key.replace('.', "_").to_uppercase())
    }
}

impl Given<'_> {
    fn text(&self) -> Option<&str> {
        match self.value {
            Value::Toml(DeValue::String(text)) => Some(text.as_ref()),
            Value::Toml(_) => None,
            Value::Env(text) => Some(text),
        }
    }

    /// A text that is not blank.
    fn name(&self) -> Option<String> {
        self.text().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    fn boolean(&self) -> Option<bool> {
        match self.value {
            Value::Toml(DeValue::Boolean(value)) => Some(*value),
            Value::Env("true" | "1") => Some(true),
            Value::Env("false" | "0") => Some(false),
            _ => None,
        }
    }

    fn span(&self, least: Span, most: Span) -> Option<Span> {
        units::span(self.text()?).filter(|span| (least..=most).contains(span))
    }

    /// `, not "…"`; nothing for a database, whose URL may hold a password.
    fn contrast(&self, setting: &Setting) -> String {
        let shown = match &self.value {
            Value::Toml(DeValue::String(_)) | Value::Env(_) if setting.key == "database" => return String::new(),
            Value::Env(text) => format!("{:?}", shortened(text)),
            Value::Toml(DeValue::String(text)) => format!("{:?}", shortened(text)),
            Value::Toml(DeValue::Integer(number)) => number.to_string(),
            Value::Toml(DeValue::Float(number)) => number.to_string(),
            Value::Toml(DeValue::Boolean(value)) => value.to_string(),
            Value::Toml(DeValue::Datetime(value)) => value.to_string(),
            Value::Toml(DeValue::Array(_)) => "a list".to_owned(),
            Value::Toml(DeValue::Table(_)) => "a section".to_owned(),
        };
        format!(", not {shown}")
    }
}

impl Colors {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "auto" => Self::Auto,
            "none" => Self::None,
            "16" => Self::Sixteen,
            "256" => Self::Indexed,
            "truecolor" => Self::True,
            _ => return None,
        })
    }
}

impl std::error::Error for ConfigError {}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { file, cause } => {
                write!(f, "the settings in {} cannot be read: {cause}; name another file with --config", file.display())
            }
            Self::Wrong { file, problems } => {
                write!(f, "the settings in {} cannot be used; change these:", file.display())?;
                for problem in problems {
                    match problem.line {
                        Some(line) => write!(f, "\n  line {line}: {}", problem.text)?,
                        None => write!(f, "\n  {}", problem.text)?,
                    }
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Queue;

    const DEFAULTS: &str = include_str!("../../assets/config.toml");

    fn parse(text: &str, env: &Env) -> Result<Config, String> {
        read(text, Path::new("/etc/desk/config.toml"), env).map_err(|error| error.to_string())
    }

    /// Every line that sets something, with its comment sign taken away.
    fn uncommented() -> String {
        let setting = |line: &str| line.strip_prefix('#').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()));
        DEFAULTS.lines().map(|line| if setting(line) { &line[1..] } else { line }).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_documented_defaults_are_the_defaults() {
        assert_eq!(parse(DEFAULTS, &Env::default()), Ok(Config::default()));
        let told = parse(&uncommented(), &Env::default()).unwrap();
        // These have no default of their own; the file shows an example.
        let queue = Queue { announce: None, print: None, push_contact: None, ..told.queue.clone() };
        let plain = Config { database: None, agent: None, zone: None, keymap: None, files_folder: None, queue, ..told.clone() };
        assert_eq!(plain, Config::default());
        assert!(told.queue.announce.is_some() && told.queue.print.is_some() && told.queue.push_contact.is_some());
        assert!(
            told.database.is_some() && told.agent.is_some() && told.zone.is_some() && told.keymap.is_some() && told.files_folder.is_some()
        );
    }

    #[test]
    fn every_setting_is_documented_with_its_variable() {
        let text = uncommented();
        let table = DeTable::parse(&text).unwrap();
        for setting in SETTINGS {
            let mut value: Option<&DeValue<'_>> = None;
            for name in setting.key.split('.') {
                value = match value {
                    None => table.get_ref().get(name),
                    Some(DeValue::Table(table)) => table.get(name),
                    Some(_) => None,
                }
                .map(toml::Spanned::get_ref);
            }
            assert!(value.is_some(), "assets/config.toml does not show {}", setting.key);
            assert!(DEFAULTS.contains(&setting.variable()), "assets/config.toml does not name {}", setting.variable());
        }
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let env = Env::of([("FRONTDESK_SCREEN_ASCII", "1"), ("FRONTDESK_ZONE", "Asia/Makassar"), ("FRONTDESK_WORKSPACE", "")]);
        let config = parse("zone = \"Europe/Rome\"\nworkspace = \"north\"\n[screen]\nascii = false\n", &env).unwrap();
        assert_eq!((config.zone, config.ascii, config.workspace.as_str()), (Some(chrono_tz::Tz::Asia__Makassar), true, "north"));
    }

    #[test]
    fn a_relative_path_is_meant_from_the_files_folder() {
        let config = parse("screen.keymap = \"keys.toml\"", &Env::default()).unwrap();
        assert_eq!(config.keymap.as_deref(), Some(Path::new("/etc/desk/keys.toml")));
    }

    #[test]
    fn a_database_with_a_password_is_never_repeated() {
        let env = Env::of([("FRONTDESK_DATABASE", "mysql://me:hunter2@host/db")]);
        let told = parse("database = \"mysql://me:hunter2@host/db\"", &env).unwrap_err();
        assert!(!told.contains("hunter2"), "{told}");
    }

    #[test]
    fn the_layouts_that_are_known_are_named() {
        let wanted = SETTINGS.iter().find(|setting| setting.key == "screen.langmap").unwrap().wanted;
        assert!(wanted.contains(&format!("({})", Langmap::names().join(", "))), "{wanted}");
    }

    #[test]
    fn limits_are_part_of_the_setting() {
        let check = |text: &str, good: bool| assert_eq!(parse(text, &Env::default()).is_ok(), good, "{text}");
        check("sending.undo_delay = \"10 min\"", true);
        check("sending.undo_delay = \"601 s\"", false);
        check("screen.escape_timeout = \"1 s\"", true);
        check("screen.escape_timeout = \"0\"", false);
        check("journal.keep = \"23 h\"", false);
    }
}
