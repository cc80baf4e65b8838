//! The command line and the settings, as a person meets them.

mod bulk;
mod canned;
mod config;
mod desk;
mod frame;
mod keeping;
mod push;
mod queue;
mod screen;
mod transfer;
mod whatsapp;
