//! Updates of Telegram: whatever they hold, they are read to the end.

#![no_main]

use frontdesk::channel::telegram::map;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|update: &str| {
    map("k", update);
});
