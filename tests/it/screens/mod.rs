//! What the screen shows and asks for.

pub mod desk;

mod acts;
mod around;
mod compose;
mod hostile;
mod line;
mod looks;
mod manners;
mod paging;
mod random;
mod themes;
mod waking;
