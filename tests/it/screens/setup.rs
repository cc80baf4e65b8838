//! What the screens under test know from the start.

use frontdesk::app::Setup;
use frontdesk::config::Notify;
use frontdesk::domain::id::ConversationId;
use frontdesk::domain::message::{Direction, Message};

use super::desk::{PROVIDER, ago, said};

/// What these screens know from the start.
pub fn setup() -> Setup {
    Setup { agent_name: "ayu".to_owned(), providers: vec![&PROVIDER], local: true, notify: Notify::default(), tour: false }
}

/// A thread of `count` messages with the first customer, a minute apart.
pub fn long_talk(count: i64) -> Vec<Message> {
    (0..count)
        .map(|n| {
            said(
                1_000 + n,
                ConversationId(1),
                if n % 3 == 0 { Direction::Out } else { Direction::In },
                "Andi",
                &format!("line {n}"),
                ago(count - n),
            )
        })
        .collect()
}
