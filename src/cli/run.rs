//! Plain `frontdesk`: the screen at this terminal, with the background task behind it. The only place that builds the whole.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::context::{Context, Setup as Settings};
use super::failure::{Exit, Failure};
use crate::app::{Keymap, Setup};
use crate::channel::REGISTRY;
use crate::config::Colors;
use crate::domain::id::IdSource;
use crate::session::{DeskDriver, Desktop, Devices, End, Pulse, Session, depth};
use crate::sync::Engine;
use crate::term::local::Local;
use crate::term::{Caps, Line, caps};
use crate::ui::look::{Depth, Look, theme_of_file};

/// The terminal this process was started at, taken over, and what is known of it.
pub(super) struct Seat {
    local: Local,
    line: Line,
    caps: Caps,
    look: Look,
    cancel: CancellationToken,
}

impl Seat {
    /// Takes the terminal over; it is given back by the [`Local`] of [`Seat::session`], or when this is dropped.
    pub(super) fn take(cx: &Context) -> Result<Self, Failure> {
        let mut look = look(cx)?;
        let cancel = CancellationToken::new();
        let (local, line) = Local::open(&cancel).map_err(|error| Failure::failed(error.to_string()))?;
        let caps = Caps { depth: colours(cx, local.caps()), pictures: local.caps().pictures && cx.setup.config.pictures, ..local.caps() };
        look.depth = depth(caps.depth);
        look.ascii |= !caps.unicode;
        Ok(Self { local, line, caps, look, cancel })
    }

    /// A session at it, and what gives the terminal back.
    pub(super) fn session<D>(self, cx: &Context, driver: D) -> (Local, Session<D>) {
        let session = Session {
            look: self.look,
            agent: cx.agent,
            zone: cx.zone,
            clock: cx.store.clock(),
            ids: Arc::new(IdSource::new(fastrand::u64(..))),
            caps: self.caps,
            size: self.local.size(),
            escape_pause: cx.setup.config.escape_timeout.duration(),
            line: self.line,
            driver,
            hints: cx.store.changes(),
            cancel: self.cancel,
            pulse: watch::Sender::new(Pulse::default()),
        };
        (self.local, session)
    }
}

/// Shows the desk until the agent leaves.
pub async fn run(cx: &Context) -> Result<Exit, Failure> {
    let keymap = keymap(&cx.setup)?;
    let options = cx.engine_options("screen")?;
    let seat = Seat::take(cx)?;
    let engine = Arc::new(Engine::start(cx.store.clone(), options.clone()));
    let tour = cx.setup.paths.data_dir.join(format!("tour-seen-{}", cx.agent));
    let driver = DeskDriver {
        store: cx.store.clone(),
        engine: Arc::clone(&engine),
        http: options.http,
        workspace: cx.workspace,
        agent: cx.agent,
        secrets: cx.setup.paths.data_dir.join("secrets"),
        tour: tour.clone(),
        desktop: Some(Desktop { downloads: cx.setup.paths.downloads.clone(), opener: opener(cx) }),
        undo_delay: cx.setup.config.undo_delay,
        home: cx.setup.env.get("HOME").map(PathBuf::from),
        devices: Devices(cx.setup.config.queue.clone()),
    };
    let setup = Setup {
        agent_name: cx.setup.config.agent(&cx.setup.env),
        providers: REGISTRY.iter().map(|row| row.provider).collect(),
        local: true,
        notify: cx.setup.config.notify,
        tour: !tour.exists(),
    };
    let (local, session) = seat.session(cx, driver);
    let end = local.hold(Box::pin(session.run(setup, keymap))).await;
    local.close();
    engine.stop().await;
    ended(end)
}

/// How the program ends when a session did.
pub(super) fn ended(end: End) -> Result<Exit, Failure> {
    match end {
        End::Quit | End::Cancelled | End::HungUp => Ok(Exit::Ok),
        End::Broke => Err(Failure::failed(
            "the screen stopped on an internal error; nothing that was sent or stored is lost. The log says more; start frontdesk again"
                .to_owned(),
        )),
    }
}

/// The bindings, with the agent's own laid over them.
pub(super) fn keymap(setup: &Settings) -> Result<Keymap, Failure> {
    let langmap = setup.config.langmap.clone();
    let Some(path) = &setup.config.keymap else { return Ok(Keymap::default().with_langmap(langmap)) };
    let usage = |text: String| Failure::new(Exit::Usage, text);
    let text =
        std::fs::read_to_string(path).map_err(|error| usage(format!("the key bindings in {} cannot be read: {error}", path.display())))?;
    let keymap = Keymap::with_overrides(&text).map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(|problem| format!("{}:{}: {}", path.display(), problem.line, problem.text)).collect();
        usage(format!("the key bindings cannot be used:\n{}", lines.join("\n")))
    })?;
    Ok(keymap.with_langmap(langmap))
}

/// The program that opens files and addresses as the person chose. On Linux it needs a desktop: without one it would start a browser for
/// terminals in the middle of the screen.
fn opener(cx: &Context) -> Option<OsString> {
    let has = |name| cx.setup.env.get(name).is_some_and(|value| !value.is_empty());
    match () {
        () if cfg!(target_os = "macos") => Some("open".into()),
        () if cfg!(windows) => Some("explorer.exe".into()),
        () if has("DISPLAY") || has("WAYLAND_DISPLAY") => Some("xdg-open".into()),
        () => None,
    }
}

/// How the screen is to look: the settings, and the themes in their folder.
fn look(cx: &Context) -> Result<Look, Failure> {
    let (config, usage) = (&cx.setup.config, |text: String| Failure::new(Exit::Usage, text));
    let mut look = Look::new(Depth::default(), config.ascii);
    look.chosen.clone_from(&config.theme);
    let folder = cx.setup.paths.config_file.with_file_name("themes");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.sort();
    let mut problems = Vec::new();
    for file in files {
        let Some(name) = theme_of_file(&file) else { continue };
        let text =
            std::fs::read_to_string(&file).map_err(|error| usage(format!("the theme in {} cannot be read: {error}", file.display())))?;
        if let Err(found) = look.add_theme(name, &text) {
            problems.extend(found.iter().map(|problem| format!("{}:{}: {}", file.display(), problem.line, problem.text)));
        }
    }
    if !problems.is_empty() {
        return Err(usage(format!("the themes cannot be used:\n{}", problems.join("\n"))));
    }
    match &look.chosen {
        Some(name) if !look.theme_names().contains(name) => Err(usage(format!(
            "there is no theme {name:?}: screen.theme is auto, {}, or a file {name}.toml in {}",
            look.theme_names().join(", "),
            folder.display()
        ))),
        _ => Ok(look),
    }
}

/// How many colours there are: what the terminal can do, unless the settings say otherwise.
const fn colours(cx: &Context, caps: Caps) -> caps::Depth {
    match cx.setup.config.colors {
        Colors::Auto => caps.depth,
        Colors::None => caps::Depth::None,
        Colors::Sixteen => caps::Depth::Sixteen,
        Colors::Indexed => caps::Depth::Indexed,
        Colors::True => caps::Depth::True,
    }
}
