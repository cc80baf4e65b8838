//! frontdesk: one terminal program for the people who answer a business's customers.
//!
//! # From above
//!
//! Connectors bring what customers write into one database; a screen shows it and writes replies into the same database; a background task
//! carries the replies out. The parts meet nowhere else: the database is the only shared state, and everything that is said between tasks is
//! a hint that something in it has changed. So the program may be killed at any moment, run twice, or run without a screen, and what it
//! stored stays right.
//!
//! # The modules, in reading order
//!
//! * `domain`: pure rules and the words everything else is told in. Knows nothing of the others.
//! * `config`: settings, paths, secrets.
//! * `store`: the database, on SQLite or PostgreSQL; a file per aggregate.
//! * `channel`: connectors, a folder per provider, and the registry that lists them.
//! * `sync`: the background task: takes in what connectors bring, sends what waits, wakes what is due, says what changed.
//! * `app`: the screen as a state machine. What happens goes in as a message, what to do comes out as effects. Pure.
//! * `ui`: paints that state.
//! * `term`: a terminal: bytes in become keys, cells become bytes out.
//! * `session`: one agent at one terminal: the loop, and the driver that carries effects out.
//! * `server`: what others call us by: webhooks, whether we are well, figures.
//! * `simulator`: the providers' interfaces on loopback, with customers who write and answer.
//! * `cli`: the commands; the only place that puts the parts together.
//!
//! Which module may use which is a test: `tests/it/tidy.rs`.
//!
//! # What always holds
//!
//! * Commit before acknowledging: a provider's cursor moves only after what it covers is stored.
//! * Taking in is idempotent: a batch may be repeated, reordered, split or hold one bad item, and the stored result is the same.
//! * Sending is durable: a reply is a row before it is a request, and what may have arrived is never sent again by itself.
//! * `domain` and `app` touch no clock, file, socket or environment; `App::update` never awaits and never fails; painting does no I/O.
//! * Every queue is bounded. Nothing wakes an idle screen.
//! * A stranger's text is stored as it came and shown only as a [`domain::text::Safe`].
//! * Every row belongs to a workspace, and every query says which.

pub mod app;
pub mod channel;
pub mod cli;
pub mod config;
pub mod domain;
pub mod server;
pub mod session;
pub mod simulator;
pub mod store;
pub mod sync;
pub mod term;
pub mod ui;
