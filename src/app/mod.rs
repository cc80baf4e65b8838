//! The screen as a state machine: [`App::update`] takes what happened and returns what to do, [`crate::ui`] paints the result. Pure: no
//! clock, no I/O, no drawing; of the screen's crates it knows only the text field, which is state.

pub mod effect;
pub mod msg;

pub use effect::Effect;
pub use msg::{Cx, Msg};

use crate::domain::channel::Provider;

/// Everything one screen knows.
#[derive(Debug)]
pub struct App {
    setup: Setup,
    size: (u16, u16),
    dirty: bool,
}

/// What does not change while a screen lives.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The agent's name.
    pub agent_name: String,
    /// The providers a channel can be added for.
    pub providers: Vec<&'static Provider>,
    /// Whether the terminal is ours alone (then suspend works), or one of many of a server.
    pub local: bool,
}

impl App {
    /// A screen of `size` (columns, rows) that has loaded nothing yet.
    pub fn new(setup: Setup, size: (u16, u16)) -> Self {
        Self { setup, size, dirty: true }
    }

    /// The first things to do.
    pub fn start(&mut self, _cx: &Cx) -> Vec<Effect> {
        Vec::new()
    }

    /// One turn: what happened changes the state and may ask for effects. Never awaits, never fails.
    pub fn update(&mut self, msg: Msg, _cx: &Cx) -> Vec<Effect> {
        if let Msg::Input(msg::Input::Resize { columns, rows }) = msg {
            self.size = (columns, rows);
            self.dirty = true;
        }
        let _ = &self.setup;
        Vec::new()
    }

    /// When the screen next changes by itself (an age, a countdown, a toast), if nothing else happens.
    pub fn wake_at(&self) -> Option<crate::domain::time::Timestamp> {
        None
    }

    /// Whether the screen has to be painted since this was last asked.
    pub fn take_dirty(&mut self) -> bool {
        std::mem::take(&mut self.dirty)
    }

    /// The size of the screen in columns and rows.
    pub const fn size(&self) -> (u16, u16) {
        self.size
    }
}
