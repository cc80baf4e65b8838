//! The one integration binary: everything that needs more than a module of its own.

mod docs;
mod screens;
