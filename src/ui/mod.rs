//! Paints an [`App`]. Takes it by shared reference and does no I/O; every text it shows is a [`crate::domain::text::Safe`].

pub mod look;

use ratatui::Frame;

use crate::app::{App, Cx};
use look::Look;

/// Paints the whole screen.
pub fn draw(_app: &App, _cx: &Cx, _look: &Look, _frame: &mut Frame<'_>) {}
