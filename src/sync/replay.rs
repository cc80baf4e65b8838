//! Reading stored payloads again: after a version that understands more, or when something went wrong. What is there stays as it is, because
//! taking in changes nothing that was taken in before.

use super::{ingest, journal};
use crate::channel::{Connector, Registered};
use crate::domain::inbound::Item;
use crate::domain::time::Timestamp;
use crate::store::channels::Channel;
use crate::store::dead_letters::DeadLetter;
use crate::store::journal::Stored;
use crate::store::{Result, Store};

/// Payloads read at a time, and their bytes, if it is more than one.
const ROWS: u32 = 250;
const BYTES: u64 = 1_000_000;

/// What reading again brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Payloads that were read.
    pub payloads: u64,
    /// Messages that were missing.
    pub messages: u64,
    /// Dead letters that can be read now.
    pub recovered: u64,
    /// What still cannot be read, and why.
    pub unreadable: Vec<String>,
}

/// Reads everything again that a channel brought since an instant: what was put aside first, then all in the order it came. The connector
/// is not asked for anything but which items are the account's.
pub async fn replay(
    store: &Store,
    channel: &Channel,
    registered: &Registered,
    connector: &dyn Connector,
    since: Timestamp,
) -> Result<Replayed> {
    let mut done = Replayed::default();
    let mut after = 0;
    loop {
        let letters = store.dead_letters_since(channel, since, after, ROWS).await?;
        let Some(last) = letters.last() else { break };
        after = last.id;
        for letter in letters {
            match revive(registered, &letter) {
                Some(mut items) => {
                    items.retain(|item| connector.concerns(item));
                    let outcome = ingest::ingest_journal(store, channel, registered, &items, &[]).await?;
                    done.messages += outcome.messages as u64;
                    // What the database refused again stays where it was: it is the only copy.
                    if outcome.dead > 0 {
                        done.unreadable.push(letter.error);
                        continue;
                    }
                    store.unbury(channel, letter.id).await?;
                    done.recovered += 1;
                }
                None => done.unreadable.push(letter.error),
            }
        }
    }
    let mut after = 0;
    loop {
        let payloads = store.payloads_since(channel, since, after, ROWS, BYTES).await?;
        let Some(last) = payloads.last() else { return Ok(done) };
        after = last.id;
        let items: Vec<Item> =
            payloads.iter().flat_map(|payload| read(registered, payload)).filter(|item| connector.concerns(item)).collect();
        let rows: Vec<i64> = payloads.iter().map(|payload| payload.id).collect();
        done.payloads += rows.len() as u64;
        done.messages += ingest::ingest_journal(store, channel, registered, &items, &rows).await?.messages as u64;
    }
}

/// What a stored payload says. The body of a webhook is known by its key: the hash of it.
fn read(registered: &Registered, payload: &Stored) -> Vec<Item> {
    match registered.webhook {
        Some(webhook) if is_digest(&payload.key) => journal::items_of(webhook, payload),
        _ => vec![(registered.map)(&payload.key, &payload.body).dated(payload.received_at)],
    }
}

fn is_digest(key: &str) -> bool {
    key.len() == 64 && key.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// What a dead letter says now, if it can be read: a single payload, or the whole body of a webhook that could not be taken apart.
fn revive(registered: &Registered, letter: &DeadLetter) -> Option<Vec<Item>> {
    let payload = Stored { id: letter.id, key: letter.key.clone(), body: letter.body.clone(), received_at: letter.at };
    let single = journal::guarded(&payload, |body| vec![(registered.map)(&payload.key, body)]);
    let whole = || registered.webhook.map(|webhook| journal::items_of(webhook, &payload)).unwrap_or_default();
    let readable = |items: &Vec<Item>| !items.is_empty() && items.iter().all(|item| item.events.is_ok());
    Some(single).filter(readable).or_else(|| Some(whole()).filter(readable))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhooks_body_is_known_by_its_key() {
        assert!(is_digest(&"0123456789abcdef".repeat(4)));
        assert!(!is_digest(&"0123456789abcdeF".repeat(4)));
        assert!(!is_digest("false_10172127174@c.us_3EB0C767D26A1D05F2A9"));
    }
}
