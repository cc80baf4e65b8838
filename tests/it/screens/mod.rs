//! What the screen shows and asks for.

pub mod desk;

mod acts;
mod bytes;
mod compose;
mod hostile;
mod lists;
mod looks;
mod manners;
mod paging;
mod random;
mod themes;
mod waking;
