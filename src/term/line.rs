//! The two bounded queues between a terminal, wherever it is, and its session.

use std::fmt::Debug;

use tokio::sync::mpsc;

/// Chunks of input that may wait for a session; then the terminal's reader stops reading, which the sender notices.
pub const INPUT_CHUNKS: usize = 64;

/// What comes from a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TermIn {
    /// Bytes as they came, split anywhere.
    Bytes(Vec<u8>),
    /// Its new size in columns and rows.
    Resize(u16, u16),
    /// It was given back to us (after a suspend, or by `fg`): what it shows is unknown.
    Resumed,
    /// The text as it came out of the editor, or why it did not; [`TermIn::Resumed`] came before.
    Edited(Result<String, String>),
}

/// What goes to a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TermOut {
    /// Bytes to write, in order.
    Bytes(Vec<u8>),
    /// Give the terminal back to the shell until it resumes us; answered with [`TermIn::Resumed`]. A terminal that belongs to no shell ignores it.
    Suspend,
    /// Give the terminal to the person's own editor with this text; answered with [`TermIn::Resumed`] and [`TermIn::Edited`]. Only a local
    /// terminal knows it.
    Edit(String),
    /// The terminal offered kitty's keyboard protocol: use it from now on, and put the keyboard back whenever the terminal is given back.
    Keyboard,
}

/// One terminal as its session sees it. When `input` ends, the terminal is gone.
#[derive(Debug)]
pub struct Line {
    /// Bytes and sizes, bounded by [`INPUT_CHUNKS`].
    pub input: mpsc::Receiver<TermIn>,
    /// One slot: it is free when the terminal has begun to write the last frame, so a slow one gets the newest state and never a backlog.
    pub output: mpsc::Sender<TermOut>,
    /// The way past the slot, where there is one.
    pub straight: Option<Box<dyn Straight>>,
}

/// A way past the slot: most terminals take a frame at once, and then nobody has to be woken to write it. Whoever uses it puts into the slot
/// nothing but what comes back.
pub trait Straight: Debug + Send {
    /// Writes what the terminal takes without waiting, unless something that was handed over before is still to be written. What comes back
    /// belongs into the slot, which must be free.
    fn offer(&mut self, out: TermOut) -> Option<TermOut>;
}

/// The terminal's ends of a [`Line`].
#[derive(Debug)]
pub struct LineEnds {
    /// Where the terminal puts what was typed.
    pub input: mpsc::Sender<TermIn>,
    /// Where it gets what to write.
    pub output: mpsc::Receiver<TermOut>,
}

/// Both ends of a new line.
pub fn line() -> (Line, LineEnds) {
    let (input_tx, input) = mpsc::channel(INPUT_CHUNKS);
    let (output, output_rx) = mpsc::channel(1);
    (Line { input, output, straight: None }, LineEnds { input: input_tx, output: output_rx })
}
