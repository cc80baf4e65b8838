//! What the screens under test know from the start.

use frontdesk::app::Setup;
use frontdesk::config::Notify;

use super::desk::PROVIDER;

/// What these screens know from the start.
pub fn setup() -> Setup {
    Setup { agent_name: "ayu".to_owned(), providers: vec![&PROVIDER], local: true, notify: Notify::default(), tour: false }
}
