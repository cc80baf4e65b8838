//! Bodies of whatsapp's webhook: whatever they hold, they are read to the end, and what can be stored alone reads the same alone.

#![no_main]

use frontdesk::channel::whatsapp::{WEBHOOK, map};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &str| {
    for item in (WEBHOOK.read)(body) {
        let again = map(&item.key, &item.body);
        if item.events.is_ok() {
            assert_eq!(again.events, item.events);
        }
    }
    map("k", body);
});
