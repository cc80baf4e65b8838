//! The one integration binary: everything that needs more than a module of its own.

mod channels;
mod cli;
mod docs;
mod screens;
mod simulator;
mod store;
mod support;
mod tidy;
