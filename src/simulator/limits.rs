//! Rate limits: so many messages a second to one chat and to all, with a small burst, then 429.

use std::collections::HashMap;

use tokio::time::Instant;

/// Rates. The real ones are not published; these are the numbers the provider's FAQ suggests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Messages a second to one chat, in the long run.
    pub per_chat: f64,
    /// Messages to one chat at once, before that rate counts.
    pub burst: f64,
    /// Messages a second to all chats of a bot together, and as many at once.
    pub overall: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { per_chat: 1.0, burst: 3.0, overall: 30.0 }
    }
}

/// What is left, by chat (bot, chat) and by bot (bot, 0).
#[derive(Debug)]
pub(super) struct Buckets {
    limits: Limits,
    left: HashMap<(i64, i64), Bucket>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Buckets {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, left: HashMap::new() }
    }

    /// Takes one message's room, or says how many whole seconds to wait.
    pub(super) fn take(&mut self, bot: i64, chat: i64) -> Result<(), u64> {
        let now = Instant::now();
        let Limits { per_chat, burst, overall } = self.limits;
        let all = self.look((bot, 0), overall, overall, now);
        let one = self.look((bot, chat), per_chat, burst, now);
        let short = (((1.0 - all.tokens) / overall).max((1.0 - one.tokens) / per_chat)).max(0.0);
        if short > 0.0 {
            return Err(short.ceil() as u64);
        }
        self.left.insert((bot, 0), Bucket { tokens: all.tokens - 1.0, at: now });
        self.left.insert((bot, chat), Bucket { tokens: one.tokens - 1.0, at: now });
        Ok(())
    }

    fn look(&self, key: (i64, i64), rate: f64, most: f64, now: Instant) -> Bucket {
        let tokens = match self.left.get(&key) {
            Some(bucket) => (bucket.tokens + now.duration_since(bucket.at).as_secs_f64() * rate).min(most),
            None => most,
        };
        Bucket { tokens, at: now }
    }
}
