//! Paints an [`App`]. Takes it by shared reference and does no I/O; every text it shows is a [`crate::domain::text::Safe`], and reaches the
//! screen's cells in one place (`canvas`).

mod big;
mod board;
mod bulk;
mod canned;
mod canvas;
mod channels;
mod code;
mod composer;
mod empty;
mod form;
mod header;
mod info;
mod kiosk;
mod list;
pub mod look;
mod marks;
mod overlay;
mod palette;
mod queue;
mod search;
mod status;
mod template;
mod theme;
mod theme_file;
mod thread;
mod tour;
mod versions;
mod wording;

use std::collections::BTreeMap;
use std::sync::Arc;

use ratatui::Frame;

use crate::app::board::Display;
use crate::app::kiosk::Stand;
use crate::app::{App, Cx};
pub use canvas::Stands;

use canvas::Canvas;
use look::Look;

/// Paints the whole screen. Answers where the links on it lead: a cell of a link carries its number as the colour of its underline.
pub fn draw(app: &App, cx: &Cx, look: &Look, frame: &mut Frame<'_>) -> BTreeMap<u32, Arc<str>> {
    draw_with_pictures(app, cx, look, frame).0
}

/// As [`draw`]; also answers the pictures, whose places are left blank.
pub fn draw_with_pictures(app: &App, cx: &Cx, look: &Look, frame: &mut Frame<'_>) -> (BTreeMap<u32, Arc<str>>, Vec<Stands>) {
    let mut canvas = Canvas::new(frame.buffer_mut(), look, look.theme(app.theme()));
    paint(app, cx, &mut canvas);
    let pictures = canvas.free_pictures();
    let (cursor, links) = (canvas.cursor, canvas.links);
    if let Some(cursor) = cursor {
        frame.set_cursor_position(cursor);
    }
    (links, pictures)
}

/// Paints the public display.
pub fn draw_board(display: &Display, cx: &Cx, look: &Look, frame: &mut Frame<'_>) {
    let mut canvas = Canvas::new(frame.buffer_mut(), look, look.theme(public_theme(look, display.light)));
    board::paint(display, cx, &mut canvas);
}

/// Paints a kiosk.
pub fn draw_kiosk(stand: &Stand, cx: &Cx, look: &Look, frame: &mut Frame<'_>) {
    let mut canvas = Canvas::new(frame.buffer_mut(), look, look.theme(public_theme(look, stand.light)));
    kiosk::paint(stand, cx, &mut canvas);
    if let Some(cursor) = canvas.cursor {
        frame.set_cursor_position(cursor);
    }
}

/// The theme of a screen that nobody chooses one at.
fn public_theme(look: &Look, light: bool) -> &str {
    look.chosen.as_deref().unwrap_or(if light { "light" } else { "dark" })
}

fn paint(app: &App, cx: &Cx, canvas: &mut Canvas<'_>) {
    let layout = app.layout();
    if layout.too_small {
        return empty::too_small(layout.whole, canvas);
    }
    header::paint(app, &layout, canvas);
    if !layout.list.is_empty() {
        header::tabs(app, &layout, canvas);
        list::paint(app, cx, &layout, canvas);
    }
    if !layout.thread.is_empty() {
        thread::paint(app, cx, &layout, canvas);
        composer::paint(app, cx, layout.compose, canvas);
    }
    if !layout.queue.is_empty() {
        queue::paint(app, cx, layout.queue, canvas);
    }
    if !layout.info.is_empty() {
        info::panel(app, cx, layout.info, canvas);
    }
    if !layout.tour.is_empty() {
        tour::paint(app, layout.tour, canvas);
    }
    status::paint(app, cx, &layout, canvas);
    status::hints(app, cx, layout.hints, canvas);
    if let Some(top) = app.overlays.last() {
        overlay::paint(app, cx, top, top.place(&layout), canvas);
    }
}
