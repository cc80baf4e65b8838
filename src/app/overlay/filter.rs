//! The line in which a filter is typed, or the name of a view that is saved. It stands in the row of tabs; the list answers while one types.

use crate::app::field::Field;

/// The line's state.
#[derive(Debug)]
pub struct FilterLine {
    /// What is typed.
    pub field: Field,
    /// What is typed is no filter but the name of the view of this number.
    pub names: Option<i64>,
}

impl FilterLine {
    /// A line that holds this text.
    pub fn of(text: &str) -> Box<Self> {
        Box::new(Self { field: Field::of(text), names: None })
    }

    /// A line for the name of the view of this number.
    pub fn naming(place: i64, name: &str) -> Box<Self> {
        Box::new(Self { field: Field::of(name), names: Some(place) })
    }
}
