//! What other programs reach us by. [`http`]: providers' webhooks, health, figures.

pub mod http;
