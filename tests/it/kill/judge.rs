//! Compares what the database says with what really happened.

use std::collections::BTreeMap;
use std::fmt;

use frontdesk::domain::delivery::Delivery;
use frontdesk::domain::message::{Direction, Message};
use frontdesk::simulator::{ChatKey, Simulator};

/// What was found.
#[derive(Debug, Default)]
pub struct Verdict {
    /// Customers' messages stored exactly once and in order.
    pub stored: usize,
    /// Replies shown as sent that arrived exactly once.
    pub sent: usize,
    /// Replies shown as uncertain that arrived.
    pub uncertain_arrived: usize,
    /// Replies shown as uncertain that did not.
    pub uncertain_lost: usize,
    /// Replies shown as failed that did not arrive.
    pub failed: usize,
    /// Everything that must not be.
    pub wrong: Vec<String>,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stored, sent, uncertain_arrived, uncertain_lost, failed, wrong } = self;
        write!(
            f,
            "{stored} customer messages stored once and in order; {sent} replies sent once, {} uncertain ({uncertain_arrived} had arrived), \
             {failed} failed; {} wrong",
            uncertain_arrived + uncertain_lost,
            wrong.len()
        )
    }
}

impl Verdict {
    /// Judges one chat: its thread against the ledger.
    pub fn judge(&mut self, sim: &Simulator, chat: ChatKey, thread: &[Message]) {
        let (said, got) = sim.ledger(|ledger| {
            let said: Vec<String> = ledger.said(chat).map(|written| written.text.clone()).collect();
            let mut got: BTreeMap<String, usize> = BTreeMap::new();
            for received in ledger.delivered(chat) {
                *got.entry(received.text.clone()).or_default() += 1;
            }
            (said, got)
        });
        let stored: Vec<&str> = thread.iter().filter(|m| m.direction == Direction::In).map(|m| m.text.as_str()).collect();
        if stored == said {
            self.stored += said.len();
        } else {
            self.wrong.push(format!("chat {}: the customer wrote {said:?} and stored is {stored:?}", chat.id));
        }
        for reply in thread.iter().filter(|m| m.direction == Direction::Out) {
            let arrived = got.get(&reply.text).copied().unwrap_or_default();
            match (reply.delivery, arrived) {
                (Delivery::Sent, 1) => self.sent += 1,
                (Delivery::Uncertain, 1) => self.uncertain_arrived += 1,
                (Delivery::Uncertain, 0) => self.uncertain_lost += 1,
                (Delivery::Failed, 0) => self.failed += 1,
                (state, times) => self.wrong.push(format!("{:?} is shown as {} and arrived {times} times", reply.text, state.name())),
            }
        }
        let known: Vec<&str> = thread.iter().map(|m| m.text.as_str()).collect();
        for text in got.keys().filter(|text| !known.contains(&text.as_str())) {
            self.wrong.push(format!("{text:?} arrived and is not in the thread"));
        }
    }
}
