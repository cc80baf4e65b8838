//! Speed of taking messages in.
fn main() {}
