//! What the screen shows and asks for.

pub mod desk;

mod acts;
mod attach;
mod bytes;
mod canned;
mod compose;
mod details;
mod hostile;
mod later;
mod listed;
mod lists;
mod looks;
mod manners;
mod paging;
mod random;
mod themes;
mod triage;
mod waking;
