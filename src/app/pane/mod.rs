//! The panes' own state, each without knowledge of the others.

pub mod composer;
pub mod item;
pub mod list;
pub mod queue;
pub mod thread;
