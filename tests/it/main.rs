//! The one integration binary: everything that needs more than a module of its own.

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod pty;
