//! One terminal: a screen painted into bytes, bytes decoded into events, what the terminal can do, and (in [`local`] alone) the process's
//! own tty. Nothing else here touches the process: a terminal behind a network connection uses the same pieces.

pub mod caps;
pub mod input;
pub mod line;
#[cfg(unix)]
pub mod local;
pub mod modes;
pub mod pictures;
pub mod screen;

#[cfg(unix)]
pub mod editor;
mod encode;
mod frame;
mod pen;
mod split;

pub use caps::Caps;
pub use line::{Line, TermIn, TermOut};
pub use screen::{Drawn, Screen};

/// Where the links of a frame lead, by the numbers that its cells carry.
pub type Links = std::collections::BTreeMap<u32, std::sync::Arc<str>>;
