//! What the screen shows and asks for.

pub mod desk;

mod acts;
mod around;
mod bytes;
mod compose;
mod details;
mod hostile;
mod line;
mod lists;
mod looks;
mod manners;
mod paging;
mod random;
mod setup;
mod themes;
mod triage;
mod waking;
