//! The store on both engines: what came in, what goes out, what lists show, and what happens to a database that is not well.

mod accounts;
mod acts;
mod bulks;
mod canned;
mod chats;
mod contacts;
mod converging;
mod inbound;
mod later;
mod lease;
mod looks;
mod manners;
mod opening;
mod outbox;
mod proofs;
mod queue_asked;
mod queue_look;
mod queue_numbers;
mod queue_tell;
mod rates;
mod reading;
mod receipts;
mod searching;
mod tallies;
mod templates;
mod wordings;
