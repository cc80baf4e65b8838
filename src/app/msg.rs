//! What can happen to a screen: one closed list.

use super::effect::{Loaded, Wrote};
use crate::domain::hint::Hint;
use crate::domain::id::AgentId;
use crate::domain::picture::Pictured;
use crate::domain::time::Timestamp;
use chrono_tz::Tz;

/// One thing that happened.
#[derive(Clone, Debug)]
pub enum Msg {
    /// The person did something.
    Input(Input),
    /// Something that may be on the screen has changed.
    Changed(Hint),
    /// A read came back; a text says why it could not.
    Loaded {
        /// Of the effect.
        seq: u64,
        /// What came.
        result: Result<Loaded, String>,
    },
    /// A write came back; a text says what did not happen, why, and what to do.
    Wrote {
        /// Of the effect.
        ticket: u64,
        /// What came.
        result: Result<Wrote, String>,
    },
    /// The terminal told of its background, asked or because it has changed.
    Background {
        /// It is light.
        light: bool,
    },
    /// The terminal told how it takes pictures.
    Pictures(Pictured),
    /// The person's own editor was left: its text, or why there is none.
    Edited(Result<String, String>),
    /// The instant the app asked for in [`super::App::wake_at`] has come.
    Woke,
}

/// What a person's terminal sends, already decoded. Replies of the terminal to our own questions never become one of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A key.
    Key(Key),
    /// Text pasted as a whole; it never acts as keys.
    Paste(String),
    /// The end of what was pasted just now is missing: it was longer than is taken.
    PasteCut,
    /// The mouse.
    Mouse {
        /// What it did.
        act: MouseAct,
        /// Column, from 0.
        column: u16,
        /// Row, from 0.
        row: u16,
    },
    /// The terminal's new size.
    Resize {
        /// In columns.
        columns: u16,
        /// In rows.
        rows: u16,
    },
    /// The terminal's window gained or lost the focus.
    Focus(bool),
}

/// A key with what was held down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Which.
    pub code: Code,
    /// Control was held.
    pub ctrl: bool,
    /// Alt (Meta) was held.
    pub alt: bool,
    /// Shift was held and is not already in the character.
    pub shift: bool,
}

/// Which key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "keys are named on the keyboard")]
pub enum Code {
    Char(char),
    Enter,
    Esc,
    Tab,
    Backspace,
    Delete,
    Insert,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
    F(u8),
}

/// What the mouse did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MouseAct {
    /// The left button went down.
    Press,
    /// It moved while the left button was down.
    Drag,
    /// The left button came up.
    Release,
    /// The wheel, away from the person.
    WheelUp,
    /// The wheel, towards the person.
    WheelDown,
}

/// What one turn of [`super::App::update`] may know of the world.
#[derive(Clone, Debug)]
pub struct Cx {
    /// The present instant.
    pub now: Timestamp,
    /// The zone times are shown in.
    pub zone: Tz,
    /// Who sits at this screen.
    pub agent: AgentId,
    /// A number no other turn of any session has had.
    pub unique: i64,
}
