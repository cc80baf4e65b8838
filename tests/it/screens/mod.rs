//! What the screen shows and asks for.

pub mod desk;

mod about;
mod acts;
mod around;
mod attach;
mod bulks;
mod bytes;
mod canned;
mod channels;
mod compose;
mod details;
mod herald;
mod hostile;
mod later;
mod layouts;
mod line;
mod listed;
mod lists;
mod looks;
mod manners;
mod newcomer;
mod paging;
mod pictures;
mod queue;
mod queue_looks;
mod queue_store;
mod random;
mod search;
mod setup;
mod states;
mod themes;
mod thread;
mod triage;
mod waking;
mod wordings;
