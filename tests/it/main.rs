//! The one integration binary: everything that needs more than a module of its own.

mod cli;
mod simulator;
mod support;
mod tidy;
