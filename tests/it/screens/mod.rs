//! What the screen shows and asks for.

pub mod desk;

mod about;
mod acts;
mod around;
mod attach;
mod board;
mod bulks;
mod bytes;
mod canned;
mod channels;
mod clinic;
mod compose;
mod details;
mod herald;
mod hostile;
mod kiosk;
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
mod random;
mod search;
mod setup;
mod states;
mod themes;
mod thread;
mod triage;
mod waking;
mod wordings;
