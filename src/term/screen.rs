//! A screen that is painted into bytes. It never asks the process's tty anything: its size is what it was told.
//!
//! ratatui draws every frame anew into a buffer; what the terminal shows is kept here, and [`super::encode`] finds the few bytes between
//! the two. ratatui's own comparison is not used (it knows nothing of styles kept across frames, of erasing or of moved rows); it is lazy,
//! so it is not even made.

use std::convert::Infallible;

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Rect, Size};
use ratatui::{Frame as Canvas, Terminal, TerminalOptions, Viewport};

use super::Links;
use super::caps::{Caps, Depth};
use super::encode::Writer;
use super::frame::{Frame, Source};
use super::pictures::{Pictures, Placed, Way};

/// The most columns a screen has, whatever its terminal claims: two buffers of every cell are kept.
pub const MAX_COLUMNS: u16 = 500;
/// The most rows a screen has.
pub const MAX_ROWS: u16 = 200;

/// Begins a frame that the terminal shows all at once (mode 2026; others ignore it).
const BEGIN: &[u8] = b"\x1b[?2026h";
/// Frames of at most so many bytes are not bracketed by them: they arrive in one piece anyway, and most are a typed character.
const AT_ONCE: usize = 48;
/// Ends it.
const END: &[u8] = b"\x1b[?2026l";

/// One terminal's screen.
#[derive(Debug)]
pub struct Screen {
    terminal: Terminal<Sink>,
    writer: Writer,
    /// What the terminal shows; unknown at the start and after it was lent to somebody else.
    shown: Option<Frame>,
    /// The cells `shown` was made from.
    source: Source,
    cursor: Option<Position>,
    depth: Depth,
    hyperlinks: bool,
    pictures: Pictures,
}

/// What drawing a frame answers: where its links lead and where its pictures stand, or nothing where it has none.
pub trait Drawn {
    /// The links and the pictures.
    fn parts(self) -> (Links, Vec<Placed>);
}

impl Drawn for () {
    fn parts(self) -> (Links, Vec<Placed>) {
        (Links::new(), Vec::new())
    }
}

impl Drawn for Links {
    fn parts(self) -> (Links, Vec<Placed>) {
        (self, Vec::new())
    }
}

impl Drawn for (Links, Vec<Placed>) {
    fn parts(self) -> Self {
        self
    }
}

impl Screen {
    /// A screen of `columns` and `rows`, brought into 1..=[`MAX_COLUMNS`] and 1..=[`MAX_ROWS`]. Its first frame erases what is there.
    pub fn new(columns: u16, rows: u16, caps: Caps) -> Self {
        let size = clamped(columns, rows);
        let viewport = Viewport::Fixed(Rect::from((Position::ORIGIN, size)));
        let sink = Sink { size, cursor: Position::ORIGIN, visible: false };
        let Ok(terminal) = Terminal::with_options(sink, TerminalOptions { viewport });
        Self {
            terminal,
            writer: Writer::new(caps.erase_with_colour),
            shown: None,
            source: Source::default(),
            cursor: None,
            depth: caps.depth,
            hyperlinks: caps.hyperlinks,
            pictures: Pictures::default(),
        }
    }

    /// Its size in columns and rows.
    pub fn size(&self) -> (u16, u16) {
        let size = self.terminal.backend().size;
        (size.width, size.height)
    }

    /// The terminal has another size now; the next frame paints everything.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        let size = clamped(columns, rows);
        self.terminal.backend_mut().size = size;
        let Ok(()) = self.terminal.resize(Rect::from((Position::ORIGIN, size)));
        self.shown = None;
    }

    /// The terminal takes pictures this way.
    pub fn take_pictures(&mut self, way: Way) {
        self.pictures.way = Some(way);
    }

    /// What the terminal shows is not known any more; the next frame erases and paints everything.
    pub fn forget(&mut self) {
        self.shown = None;
        self.pictures.forget();
    }

    /// Draws a frame and answers the bytes that bring it about; none when the terminal already shows it.
    pub fn paint<R: Drawn>(&mut self, draw: impl FnOnce(&mut Canvas<'_>) -> R) -> Vec<u8> {
        let depth = self.depth;
        let (mut links, mut pictures) = (Links::new(), Vec::new());
        let next = {
            let Ok(done) = self.terminal.draw(|canvas| (links, pictures) = draw(canvas).parts());
            Frame::of(done.buffer, depth, &mut self.source, self.shown.as_ref())
        };
        let sink = self.terminal.backend();
        let cursor = sink.visible.then_some(sink.cursor).filter(|at| at.x < next.columns() && at.y < next.rows());
        let known = self.shown.take().filter(|shown| shown.columns() == next.columns() && shown.rows() == next.rows());
        if known.as_ref() == Some(&next) && cursor == self.cursor && self.pictures.are(&pictures) {
            self.shown = known;
            return Vec::new();
        }
        let shown = known.unwrap_or_else(|| {
            self.writer.erase_everything();
            self.pictures.erased(&mut self.writer.out);
            self.cursor = None;
            Frame::empty(next.columns(), next.rows())
        });
        self.writer.links = if self.hyperlinks { links } else { Links::new() };
        self.writer.still = !self.pictures.rest(&pictures);
        self.writer.frame(&shown, &next);
        if !self.pictures.are(&pictures) {
            self.pictures.write(pictures, &mut self.writer.out);
            self.writer.lose_cursor();
        }
        if let Some(at) = cursor {
            self.writer.move_to(at.x, at.y);
        }
        match (self.cursor.is_some(), cursor.is_some()) {
            (false, true) => self.writer.out.extend_from_slice(b"\x1b[?25h"),
            (true, false) => self.writer.out.extend_from_slice(b"\x1b[?25l"),
            _ => {}
        }
        self.shown = Some(next);
        self.cursor = cursor;
        let mut out = std::mem::take(&mut self.writer.out);
        if out.len() > AT_ONCE {
            out.splice(0..0, BEGIN.iter().copied());
            out.extend_from_slice(END);
        }
        out
    }
}

fn clamped(columns: u16, rows: u16) -> Size {
    Size::new(columns.clamp(1, MAX_COLUMNS), rows.clamp(1, MAX_ROWS))
}

/// What ratatui needs to draw into its own buffer and to tell where the cursor belongs.
#[derive(Debug)]
struct Sink {
    size: Size,
    cursor: Position,
    visible: bool,
}

impl Backend for Sink {
    type Error = Infallible;

    fn draw<'a, I>(&mut self, _: I) -> Result<(), Infallible>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        Ok(())
    }

    fn hide_cursor(&mut self) -> Result<(), Infallible> {
        self.visible = false;
        Ok(())
    }

    fn show_cursor(&mut self) -> Result<(), Infallible> {
        self.visible = true;
        Ok(())
    }

    fn get_cursor_position(&mut self) -> Result<Position, Infallible> {
        Ok(self.cursor)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), Infallible> {
        self.cursor = position.into();
        Ok(())
    }

    fn clear(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn clear_region(&mut self, _: ClearType) -> Result<(), Infallible> {
        Ok(())
    }

    fn size(&self) -> Result<Size, Infallible> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> Result<WindowSize, Infallible> {
        Ok(WindowSize { columns_rows: self.size, pixels: Size::ZERO })
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

#[cfg(test)]
#[path = "screen_tests.rs"]
mod tests;
