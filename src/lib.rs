//! frontdesk: one terminal program for the people who answer a business's customers.
pub mod app;
pub mod config;
pub mod domain;
pub mod session;
pub mod term;
pub mod ui;
