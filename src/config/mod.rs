//! Settings: `config.toml`, environment, command line, each problem reported with its line; paths; secrets that cannot be printed.
//!
//! [`Config::load`] reads once at the start; nothing reads the environment later but [`SecretSource::read`]. Every setting is a row of one
//! table (`settings.rs`), which makes its place in the file, its environment variable and its check.

mod langmap;
mod paths;
mod program;
mod secret;
mod settings;
mod units;
mod zone;

pub use langmap::Langmap;
pub use paths::{Paths, PathsError};
pub use program::Program;
pub use secret::{Secret, SecretError, SecretSource};
pub use settings::{Colors, ConfigError, Problem};

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono_tz::Tz;

use crate::domain::queue::signs::Tongue;
use crate::domain::time::Span;

/// What can be set. The defaults are [`Config::default`]; `assets/config.toml` explains each one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The database (`sqlite:PATH` or `postgres://…`); without it a file in the data directory. May hold a password: never log it.
    pub database: Option<String>,
    /// The workspace to work in.
    pub workspace: String,
    /// The name colleagues see; without it the login name.
    pub agent: Option<String>,
    /// The zone times are shown in; without it the machine's (see [`Config::zone`]).
    pub zone: Option<Tz>,
    /// What is written to the log, as a `tracing` filter (`info`, `frontdesk::sync=debug`).
    pub log: String,
    /// How many colours to use.
    pub colors: Colors,
    /// Pictures are shown where the terminal can.
    pub pictures: bool,
    /// The theme; without one, the terminal's background decides.
    pub theme: Option<String>,
    /// Marks and lines in ASCII only.
    pub ascii: bool,
    /// How long a lone ESC byte may be the beginning of a longer key, 1 ms to 1 s.
    pub escape_timeout: Span,
    /// Which letters of another keyboard layout act as the Latin ones.
    pub langmap: Langmap,
    /// A file of key bindings that are laid over the built-in ones.
    pub keymap: Option<PathBuf>,
    /// When and how the person is called because a customer wrote.
    pub notify: Notify,
    /// How long a reply is held back, so that it can be undone, 0 to 10 min. A channel's own setting wins.
    pub undo_delay: Span,
    /// Where attachments are kept; without it beside the database.
    pub files_folder: Option<PathBuf>,
    /// The largest file that is fetched from a provider, in bytes.
    pub download_limit: u64,
    /// How long raw payloads of providers are kept, 1 to 3650 days.
    pub journal_keep: Span,
    /// Where `serve` listens.
    pub http: String,
    /// The largest body of a webhook, 64 KiB to 64 MiB.
    pub webhook_limit: u64,
    /// How the public display and the kiosk of a queue speak and print.
    pub queue: Queue,
}

/// How the public display and the kiosk of a queue speak and print.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    /// What says a call aloud.
    pub announce: Option<Program>,
    /// What takes a ticket on its standard input and prints it.
    pub print: Option<Program>,
    /// What that gets.
    pub print_format: PrintFormat,
    /// Whom push services turn to, `mailto:…` or `https://…`; nothing is pushed without.
    pub push_contact: Option<String>,
    /// Whether devices of this machine are pushed to as well, for trials.
    pub push_here: bool,
    /// The language the public is spoken to in; by the venue's zone without.
    pub language: Option<Tongue>,
}

/// How a ticket is given to what prints it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PrintFormat {
    /// Lines of text.
    #[default]
    Text,
    /// The commands that receipt printers understand.
    EscPos,
}

/// When and how the person is called because a customer wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub struct Notify {
    /// By the terminal's bell.
    pub bell: bool,
    /// By the desktop's notifications, where the terminal passes them on.
    pub desktop: bool,
    /// Only while another window has the focus.
    pub only_unfocused: bool,
    /// Only about the agent's own conversations.
    pub only_mine: bool,
}

impl Notify {
    /// Whether anything is done at all.
    pub const fn calls(self) -> bool {
        self.bell || self.desktop
    }
}

impl Default for Notify {
    fn default() -> Self {
        Self { bell: true, desktop: true, only_unfocused: true, only_mine: false }
    }
}

/// The environment the program was started in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Env(BTreeMap<String, String>);

impl Default for Config {
    fn default() -> Self {
        Self {
            database: None,
            workspace: "default".to_owned(),
            agent: None,
            zone: None,
            log: "info".to_owned(),
            colors: Colors::Auto,
            pictures: true,
            theme: None,
            ascii: false,
            escape_timeout: Span::millis(40),
            langmap: Langmap::default(),
            keymap: None,
            notify: Notify::default(),
            undo_delay: Span::secs(5),
            files_folder: None,
            download_limit: 20_000_000,
            journal_keep: Span::hours(24 * 30),
            http: "127.0.0.1:8787".to_owned(),
            webhook_limit: 3 << 20,
            queue: Queue::default(),
        }
    }
}

impl Config {
    /// Reads the file and lays the environment over it. A `path` that was asked for must exist; without one the usual place is looked at,
    /// and no file there means the defaults. Relative paths in the file are meant from the file's folder.
    pub fn load(path: Option<&Path>, paths: &Paths, env: &Env) -> Result<Self, ConfigError> {
        let file = path.unwrap_or(&paths.config_file);
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && path.is_none() => String::new(),
            Err(error) => return Err(ConfigError::Unreadable { file: file.to_owned(), cause: error.to_string() }),
        };
        Self::parse(&text, file, env)
    }

    /// From the file's text; `file` names it in problems and is where relative paths begin.
    pub fn parse(text: &str, file: &Path, env: &Env) -> Result<Self, ConfigError> {
        settings::read(text, file, env)
    }

    /// The zone times are shown in: the setting, else `TZ`, else where `/etc/localtime` points, else UTC.
    pub fn zone(&self, env: &Env) -> Tz {
        self.zone.or_else(|| zone::of_machine(env)).unwrap_or(Tz::UTC)
    }

    /// The name colleagues see: the setting, else the login name, else `agent`.
    pub fn agent(&self, env: &Env) -> String {
        let login = || ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|name| env.get(name)).map(str::to_owned);
        self.agent.clone().or_else(login).unwrap_or_else(|| "agent".to_owned())
    }

    /// The database to use: the setting, else the file in the data directory.
    pub fn database(&self, paths: &Paths) -> String {
        self.database.clone().unwrap_or_else(|| paths.default_database())
    }
}

impl Env {
    /// The process's own, as it is now. Variables that are not Unicode are left out.
    pub fn of_process() -> Self {
        Self(std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))).collect())
    }

    /// Exactly these.
    pub fn of<const N: usize>(vars: [(&str, &str); N]) -> Self {
        Self(vars.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// The value of that variable; an empty one counts as not set.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}
