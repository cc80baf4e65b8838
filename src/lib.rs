//! frontdesk: one terminal program for the people who answer a business's customers.
pub mod app;
pub mod channel;
pub mod config;
pub mod domain;
pub mod store;
pub mod sync;
pub mod ui;
