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
mod lists;
mod looks;
mod manners;
mod paging;
mod random;
mod search;
mod themes;
mod triage;
mod waking;
