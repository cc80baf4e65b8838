//! What the screen shows and asks for.

pub mod desk;

mod acts;
mod around;
mod compose;
mod details;
mod hostile;
mod line;
mod looks;
mod manners;
mod paging;
mod random;
mod themes;
mod triage;
mod waking;
