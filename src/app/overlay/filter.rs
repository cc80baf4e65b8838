//! The line in which a filter is typed. It stands in the row of tabs; the list answers while one types.

use crate::app::field::Field;

/// The line's state.
#[derive(Debug)]
pub struct FilterLine {
    /// What is typed.
    pub field: Field,
}

impl FilterLine {
    /// A line that holds this text.
    pub fn of(text: &str) -> Box<Self> {
        Box::new(Self { field: Field::of(text) })
    }
}
