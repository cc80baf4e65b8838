//! What floats above the panes; the topmost takes the keys.

mod form;
mod palette;

pub use form::{Form, FormRow, FormRowKind};
pub use palette::{Palette, PaletteRow};

use super::focus::{Context, FIELD, FLOATING};
use crate::domain::id::MessageId;

/// Something that floats.
#[derive(Debug)]
pub enum Overlay {
    /// Commands by a few letters.
    Palette(Box<Palette>),
    /// The keys of a place.
    Help(Help),
    /// Contact, channel, message.
    Info(Info),
    /// The connected accounts.
    Channels(Channels),
    /// A few emoji.
    React(React),
    /// A channel's settings.
    Form(Box<Form>),
    /// A question whose answer cannot be undone.
    Confirm(Confirm),
}

/// The keys of a place.
#[derive(Clone, Copy, Debug)]
pub struct Help {
    /// The contexts whose keys are listed.
    pub chain: &'static [Context],
    /// The first row shown.
    pub top: usize,
}

/// Details in words.
#[derive(Clone, Copy, Debug, Default)]
pub struct Info {
    /// The first row shown.
    pub top: usize,
}

/// The list of channels.
#[derive(Clone, Copy, Debug, Default)]
pub struct Channels {
    /// The selected one.
    pub selected: usize,
}

/// The choice of a reaction.
#[derive(Clone, Copy, Debug)]
pub struct React {
    /// To what.
    pub message: MessageId,
    /// Which emoji is selected.
    pub selected: usize,
}

/// Whether to delete a message for the customer too.
#[derive(Clone, Copy, Debug)]
pub struct Confirm {
    /// Which.
    pub message: MessageId,
}

/// The reactions offered: all of them are among those Telegram lets bots give (core.telegram.org/bots/api#reactiontypeemoji).
pub const EMOJI: [&str; 8] = ["👍", "🙏", "🎉", "🔥", "👏", "😁", "🤔", "👎"];

impl Help {
    /// The keys of these contexts.
    pub const fn new(chain: &'static [Context]) -> Self {
        Self { chain, top: 0 }
    }
}

impl Overlay {
    /// The contexts whose keys work while it is on top.
    pub const fn chain(&self) -> &'static [Context] {
        match self {
            Self::Palette(_) | Self::Form(_) => FIELD,
            Self::Help(_) | Self::Info(_) => FLOATING,
            Self::Channels(_) => &[Context::Channels, Context::Browse, Context::Always],
            Self::React(_) => &[Context::React, Context::Browse, Context::Always],
            Self::Confirm(_) => &[Context::Confirm, Context::Always],
        }
    }

    /// The size it would like, in columns and rows, frame included.
    pub const fn size(&self) -> (u16, u16) {
        match self {
            Self::Palette(_) => (76, 20),
            Self::Help(_) => (76, 34),
            Self::Info(_) => (60, 30),
            Self::Channels(_) => (76, 18),
            Self::React(_) => (38, 5),
            Self::Form(_) => (72, 18),
            Self::Confirm(_) => (54, 5),
        }
    }
}
