//! `keys`: what this terminal sends for a key, how it is read, and what it means in each place. For terminals, multiplexers and keyboards that
//! do not do what one expects.

use std::fmt::Write as _;

use tokio::time::{Duration, timeout};
use tokio_util::sync::CancellationToken;

use super::context::Setup;
use super::failure::{Exit, Failure};
use super::run::keymap;
use crate::app::focus::Focus;
use crate::app::msg::{Code, Input, Key, MouseAct};
use crate::app::{Keymap, key};
use crate::domain::text::Safe;
use crate::session;
use crate::term::input::{Decoder, Event, Reply};
use crate::term::local::Local;
use crate::term::{Caps, Line, TermIn, TermOut, caps, modes};

/// Columns for the bytes of a key, blanks included, and for its name.
const BYTES: usize = 30;
const NAME: usize = 16;
/// More bytes of one event than this are counted instead of shown.
const SHOWN: usize = 24;
/// Ctrl-C pressed twice ends it.
const END: Key = Key { code: Code::Char('c'), ctrl: true, alt: false, shift: false };

/// Shows keys until Ctrl-C is pressed twice.
pub async fn run(setup: &Setup) -> Result<Exit, Failure> {
    let keymap = keymap(setup)?;
    let cancel = CancellationToken::new();
    let (local, line) = Local::open_lines(&cancel).map_err(|error| Failure::failed(error.to_string()))?;
    let decoder = Decoder::new(setup.config.escape_timeout.duration());
    let caps = Caps { pictures: local.caps().pictures && setup.config.pictures, ..local.caps() };
    let watch = Watch { line, decoder, keymap, held: Vec::new(), ending: false };
    let done = local.hold(watch.run(caps, cancel)).await;
    local.close();
    done.map_err(|Gone| Failure::failed("the terminal went away".to_owned()))
}

/// The terminal takes nothing any more.
struct Gone;

struct Watch {
    line: Line,
    decoder: Decoder,
    keymap: Keymap,
    /// The bytes that no event was made of yet.
    held: Vec<u8>,
    /// Ctrl-C was the last key.
    ending: bool,
}

impl Watch {
    async fn run(mut self, caps: Caps, cancel: CancellationToken) -> Result<Exit, Gone> {
        self.say(&about(caps)).await?;
        self.say("Press keys to see what arrives; Ctrl-C twice ends this.").await?;
        self.say(&format!("{:BYTES$}{:NAME$}in the list · in the thread · in the composer", "bytes", "key")).await?;
        if caps.answers {
            self.send(TermOut::Bytes(modes::ASK.to_vec())).await?;
        }
        if caps.pictures {
            self.send(TermOut::Bytes(modes::ASK_PICTURES.to_vec())).await?;
        }
        loop {
            let patience = self.decoder.patience().unwrap_or(Duration::from_hours(24));
            let input = tokio::select! {
                input = timeout(patience, self.line.input.recv()) => input,
                () = cancel.cancelled() => return Ok(Exit::Ok),
            };
            let mut events = Vec::new();
            match input {
                Ok(None) => return Ok(Exit::Ok),
                Ok(Some(TermIn::Bytes(bytes))) => {
                    // One by one, so that each event is shown with its own bytes.
                    for byte in bytes {
                        self.held.push(byte);
                        self.decoder.feed(&[byte], &mut events);
                        if self.tell(&mut events).await? {
                            return Ok(Exit::Ok);
                        }
                    }
                }
                Ok(Some(TermIn::Resize(columns, rows))) => self.say(&format!("the terminal has {columns} columns and {rows} rows")).await?,
                Ok(Some(TermIn::Resumed | TermIn::Edited(_))) => {}
                Err(_) => {
                    self.decoder.give_up(&mut events);
                    if self.tell(&mut events).await? {
                        return Ok(Exit::Ok);
                    }
                }
            }
        }
    }

    /// Shows the events that the bytes so far are; whether that is the end.
    async fn tell(&mut self, events: &mut Vec<Event>) -> Result<bool, Gone> {
        for event in events.drain(..) {
            if event == Event::Reply(Reply::Keyboard) {
                self.send(TermOut::Keyboard).await?;
            }
            let bytes = std::mem::take(&mut self.held);
            let row = format!("{:BYTES$}{}", shown(&bytes), explain(&self.keymap, &event));
            self.say(row.trim_end()).await?;
            let interrupt = matches!(session::input(event), Some(Input::Key(pressed)) if key::normal(pressed) == END);
            if interrupt && self.ending {
                return Ok(true);
            }
            self.ending = interrupt;
        }
        Ok(false)
    }

    async fn say(&self, line: &str) -> Result<(), Gone> {
        self.send(TermOut::Bytes(format!("{}\r\n", Safe::line(line)).into_bytes())).await
    }

    async fn send(&self, out: TermOut) -> Result<(), Gone> {
        self.line.output.send(out).await.map_err(|_| Gone)
    }
}

/// What the environment says of the terminal.
fn about(caps: Caps) -> String {
    let colours = match caps.depth {
        caps::Depth::None => "no colours",
        caps::Depth::Sixteen => "16 colours",
        caps::Depth::Indexed => "256 colours",
        caps::Depth::True => "24-bit colours",
    };
    let words = [
        (true, colours),
        (caps.unicode, "Unicode"),
        (!caps.unicode, "ASCII only"),
        (!caps.erase_with_colour, "erasing takes no colour"),
        (!caps.clipboard, "no clipboard"),
        (!caps.answers, "not asked about itself"),
        (!caps.mouse, "no mouse"),
    ];
    let words: Vec<&str> = words.into_iter().filter(|(holds, _)| *holds).map(|(_, words)| words).collect();
    format!("By its environment this terminal has: {}.", words.join(", "))
}

/// The bytes, in hexadecimal.
fn shown(bytes: &[u8]) -> String {
    if bytes.len() > SHOWN {
        return format!("{} bytes ", bytes.len());
    }
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x} ");
        text
    })
}

/// What an event is called, and what it means.
fn explain(keymap: &Keymap, event: &Event) -> String {
    if let Event::Reply(reply) = event {
        return match reply {
            Reply::Background(r, g, b) => format!("answer: the background is #{r:02x}{g:02x}{b:02x}"),
            Reply::Light(true) => "answer: the background is light".to_owned(),
            Reply::Light(false) => "answer: the background is dark".to_owned(),
            Reply::Keyboard => "answer: it knows kitty's keyboard protocol, which is used from now on".to_owned(),
            Reply::Graphics => "answer: it takes kitty's pictures".to_owned(),
            Reply::InlineFiles => "answer: it takes iTerm2's pictures".to_owned(),
            Reply::Attributes { sixel: true } => "answer: it takes sixels".to_owned(),
            Reply::CellSize(width, height) => format!("answer: a cell has {width} by {height} pixels"),
            Reply::Attributes { .. } | Reply::Cursor(..) | Reply::Other => "an answer of the terminal, no key".to_owned(),
        };
    }
    match session::input(event.clone()) {
        Some(Input::Key(pressed)) => {
            let pressed = key::normal(pressed);
            let latin = keymap.latin(pressed, false);
            let mut name = key::show(&[pressed]);
            if latin != pressed {
                let _ = write!(name, " (as {})", key::show(&[latin]));
            }
            let places = [Focus::List, Focus::Thread, Focus::Compose, Focus::Queue].map(|focus| keymap.means(focus, pressed));
            format!("{name:NAME$}{}", places.join(" · "))
        }
        Some(Input::Paste(text)) => format!("{:NAME$}{} characters, as text", "paste", text.chars().count()),
        Some(Input::Mouse { act, column, row }) => {
            let act = match act {
                MouseAct::Press => "press",
                MouseAct::Drag => "drag",
                MouseAct::Release => "release",
                MouseAct::WheelUp => "wheel up",
                MouseAct::WheelDown => "wheel down",
            };
            format!("{:NAME$}{act} at column {column}, row {row}", "mouse")
        }
        Some(Input::Focus(true)) => format!("{:NAME$}gained", "focus"),
        Some(Input::Focus(false)) => format!("{:NAME$}lost", "focus"),
        Some(Input::PasteCut) => format!("{:NAME$}cut: it was too long, or its end never came", "paste"),
        Some(Input::Resize { .. }) | None => String::new(),
    }
}
