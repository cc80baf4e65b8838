//! What several test files need: private databases and the built program.

pub mod bench;
pub mod hall;
pub mod pg;
pub mod program;
pub mod pushed;
pub mod svg;
