//! Settings: `config.toml`, environment, command line, each problem reported with its line; paths; secrets that cannot be printed.

mod secret;

pub use secret::{Secret, SecretError, SecretSource};
