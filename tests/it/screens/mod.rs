//! What the screen shows and asks for.

pub mod desk;

mod acts;
mod compose;
mod details;
mod hostile;
mod looks;
mod manners;
mod paging;
mod random;
mod themes;
mod thread;
mod triage;
mod waking;
