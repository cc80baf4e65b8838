//! Speed of painting.
fn main() {}
