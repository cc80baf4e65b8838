//! One agent at one terminal: the loop that turns input, finished work and hints into messages for the screen's state machine, paints what
//! became of it, and carries out what it asks for. Where the terminal is makes no difference: it is a [`Line`] of two bounded queues.

mod bulks;
mod channels;
mod convert;
mod desktop;
mod devices;
pub mod driver;
mod folder;
mod picture;
mod queue;
mod receipt;
mod run;
mod work;

use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;
use futures_util::future::BoxFuture;
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;

use crate::app::board::{Display, Setting};
use crate::app::effect::{Query, Write};
use crate::app::kiosk::Stand;
use crate::app::{App, Cx, Effect, Keymap, Msg, Setup, Themes};
use crate::domain::hint::Hint;
use crate::domain::id::{AgentId, IdSource};
use crate::domain::time::{Clock, Timestamp};
use crate::term::pictures::Placed;
use crate::term::{Caps, Line, Links};
use crate::ui::look::Look;

pub use convert::{depth, input, placed};
pub use desktop::Desktop;
pub use devices::Devices;
pub use driver::DeskDriver;
pub use queue::QueueDriver;

/// Carries out what a screen asks of the world.
pub trait Driver: Send + 'static {
    /// Reads; answers [`Msg::Loaded`] with the same `seq`.
    fn load(&self, seq: u64, query: Query) -> BoxFuture<'static, Msg>;
    /// Changes something; answers [`Msg::Wrote`] with the same `ticket`. Of each lane ([`Write::lane`]) it is called for
    /// one write at a time, in the order they were asked for.
    fn write(&self, ticket: u64, write: Write) -> BoxFuture<'static, Msg>;
}

/// Everything a session needs.
#[derive(Debug)]
pub struct Session<D> {
    /// How it looks.
    pub look: Look,
    /// Who sits there.
    pub agent: AgentId,
    /// The zone times are shown in.
    pub zone: Tz,
    /// The present.
    pub clock: Arc<dyn Clock>,
    /// Numbers no other turn of any session has.
    pub ids: Arc<IdSource>,
    /// What the terminal can do.
    pub caps: Caps,
    /// The terminal's first size in columns and rows.
    pub size: (u16, u16),
    /// After how much silence a lone ESC is the key; [`crate::term::input::ESCAPE_PAUSE`] unless configured.
    pub escape_pause: Duration,
    /// The terminal.
    pub line: Line,
    /// Carries out reads and writes.
    pub driver: D,
    /// What may have changed.
    pub hints: broadcast::Receiver<Hint>,
    /// Ends the session from outside.
    pub cancel: CancellationToken,
    /// Told after every turn of the loop; for tests, which wait for [`Pulse::idle`].
    pub pulse: watch::Sender<Pulse>,
}

/// What a session is at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pulse {
    /// Nothing waits to be read, nothing runs, nothing is to be painted.
    pub idle: bool,
    /// How often the loop woke.
    pub turns: u64,
    /// How many frames it painted.
    pub frames: u64,
}

/// How a session ended. The terminal is given back by whoever took it over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The agent left.
    Quit,
    /// The terminal is gone.
    HungUp,
    /// It was cancelled from outside.
    Cancelled,
    /// A fault of ours stopped it (a panic, which the panic hook has told). Other sessions go on.
    Broke,
}

impl<D: Driver> Session<D> {
    /// Runs the desk until the agent leaves, the terminal is gone or the session is cancelled. Writes asked for before that are carried out, for
    /// at most five seconds. `setup` is what the screen knows from the start, `keymap` what the keys do.
    pub async fn run(self, setup: Setup, keymap: Keymap) -> End {
        let themes = Themes { names: self.look.theme_names(), chosen: self.look.chosen.clone(), light: self.caps.light };
        let app = App::new(setup, self.size).with_keymap(keymap).with_themes(themes);
        let look = self.look.clone();
        run::run(self, Shown { screen: app, look }).await
    }

    /// The same for the public display of a queue.
    pub async fn run_board(self, setting: Setting) -> End {
        let (screen, look) = (Display::new(setting, self.size), self.look.clone());
        run::run(self, Shown { screen, look }).await
    }

    /// The same for a kiosk. `prints` says that there is a command that prints.
    pub async fn run_kiosk(self, setting: Setting, prints: bool) -> End {
        let (screen, look) = (Stand::new(setting, prints, self.size), self.look.clone());
        run::run(self, Shown { screen, look }).await
    }
}

/// The state machine and its painter as the loop sees them.
trait View {
    fn start(&mut self, cx: &Cx) -> Vec<Effect>;
    fn update(&mut self, msg: Msg, cx: &Cx) -> Vec<Effect>;
    fn wake_at(&self) -> Option<Timestamp>;
    fn take_dirty(&mut self) -> bool;
    fn draw(&self, cx: &Cx, frame: &mut ratatui::Frame<'_>) -> (Links, Vec<Placed>);
}

/// A screen and how it looks.
struct Shown<S> {
    screen: S,
    look: Look,
}

/// The turns of a state machine are its own; only how it is painted differs.
macro_rules! view {
    ($screen:ty, |$self:ident, $cx:ident, $frame:ident| $draw:expr) => {
        impl View for Shown<$screen> {
            fn start(&mut self, cx: &Cx) -> Vec<Effect> {
                self.screen.start(cx)
            }

            fn update(&mut self, msg: Msg, cx: &Cx) -> Vec<Effect> {
                self.screen.update(msg, cx)
            }

            fn wake_at(&self) -> Option<Timestamp> {
                self.screen.wake_at()
            }

            fn take_dirty(&mut self) -> bool {
                self.screen.take_dirty()
            }

            fn draw(&$self, $cx: &Cx, $frame: &mut ratatui::Frame<'_>) -> (Links, Vec<Placed>) {
                $draw
            }
        }
    };
}

view!(App, |self, cx, frame| {
    let (links, pictures) = crate::ui::draw_with_pictures(&self.screen, cx, &self.look, frame);
    (links, pictures.iter().map(placed).collect())
});

view!(Display, |self, cx, frame| {
    crate::ui::draw_board(&self.screen, cx, &self.look, frame);
    (Links::default(), Vec::new())
});

view!(Stand, |self, cx, frame| {
    crate::ui::draw_kiosk(&self.screen, cx, &self.look, frame);
    (Links::default(), Vec::new())
});

#[cfg(test)]
mod tests;
