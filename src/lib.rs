//! frontdesk: one terminal program for the people who answer a business's customers.
pub mod app;
pub mod cli;
pub mod config;
pub mod domain;
pub mod simulator;
pub mod ui;
