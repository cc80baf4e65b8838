//! The one integration binary: everything that needs more than a module of its own.
//!
//! `cfg(test)` always holds here; it tells clippy that helpers may unwrap, too.

#[cfg(test)]
mod channels;
#[cfg(test)]
mod cli;
#[cfg(test)]
mod docs;
#[cfg(test)]
mod flows;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod pty;
#[cfg(test)]
mod screens;
#[cfg(test)]
mod server;
#[cfg(test)]
mod simulator;
#[cfg(test)]
mod store;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tidy;
