//! Looking for news with `getUpdates`, and what keeps a misbehaving server from spinning us.
//!
//! The cursor is the `offset` of the next call: the highest `update_id` of the batch plus one. It follows the batch, not a maximum over
//! time, because after a quiet week Telegram goes on at a random id, which may be lower. It is sent only after the batch is committed.

use std::collections::hash_map::DefaultHasher;
use std::fmt::Write as _;
use std::hash::{Hash, Hasher};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use super::api::{Api, CallError, SHORT, SMALL, Told};
use super::map::map;
use crate::channel::ReceiveError;
use crate::domain::inbound::{Batch, Item};
use crate::domain::time::{Span, Timestamp};

/// The server's own ceiling for a long poll, in seconds.
const LONGEST_POLL: i64 = 50;
/// How much longer than the poll we wait for its answer.
const GRACE: Duration = Duration::from_secs(15);
/// How long we wait at least: some servers let every call wait, whatever it asked for.
const SHORTEST_WAIT: Duration = Duration::from_secs(45);
/// How many updates are asked for at once; the server's own ceiling.
const PAGE: usize = 100;
/// The largest answer that is read: a hundred updates of the largest size Telegram makes are far below it.
const LIMIT: usize = 64_000_000;
/// Every kind the map has words for, but `chat_member`: groups tell the same with service messages. Given on every call, because the
/// server otherwise keeps what the last program asked for, and because its default leaves reactions out.
const ALLOWED: [&str; 13] = [
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "message_reaction",
    "message_reaction_count",
    "callback_query",
    "my_chat_member",
    "chat_join_request",
];
/// As many times the same batch may come again although it was confirmed, before the channel shows it as an error.
const REPEATS: u32 = 3;
/// The longest pause between two answers that came too soon: customers of a server that cannot let us wait are read this late.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// What the last answers looked like. Only for pacing: losing it costs nothing.
#[derive(Debug, Default)]
pub(super) struct Pace(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    /// The offset a call after the last batch must carry for it to count as confirmed.
    confirmed_by: Option<i32>,
    /// The last batch with anything in it.
    batch: u64,
    /// How often it came again although it was confirmed.
    repeats: u32,
    /// Answers in a row that came empty and too soon.
    hasty: u32,
    /// Do not ask before this.
    not_before: Option<Instant>,
}

impl Pace {
    fn not_before(&self) -> Option<Instant> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).not_before
    }

    /// Notes an answer; how often in a row it was the same batch although that was confirmed.
    fn note(&self, asked: Option<i32>, batch: &Batch, hasty: bool) -> u32 {
        let mut hasher = DefaultHasher::new();
        batch.items.iter().for_each(|item| item.key.hash(&mut hasher));
        let hash = hasher.finish();
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.hasty = if hasty { seen.hasty.saturating_add(1) } else { 0 };
        if !batch.items.is_empty() {
            let again = seen.batch == hash && asked == seen.confirmed_by;
            seen.repeats = if again { seen.repeats.saturating_add(1) } else { 0 };
            seen.batch = hash;
            seen.confirmed_by = batch.cursor.as_deref().and_then(|cursor| offset(Some(cursor))).or(asked);
        }
        let steps = seen.hasty.max(seen.repeats);
        let pause = Duration::from_millis(250).saturating_mul(1 << steps.min(5)).min(LONGEST_PAUSE);
        seen.not_before = (steps > 0).then(|| Instant::now() + pause);
        seen.repeats
    }
}

/// One look for news.
pub(super) async fn receive(
    api: &Api,
    pace: &Pace,
    cursor: Option<&str>,
    patience: Span,
    now: impl Fn() -> Timestamp,
) -> Result<Batch, ReceiveError> {
    if let Some(at) = pace.not_before() {
        tokio::time::sleep_until(at).await;
    }
    let asked = offset(cursor);
    let timeout = (patience.0 / 1_000_000).clamp(0, LONGEST_POLL);
    let mut params = json!({ "limit": PAGE, "timeout": timeout, "allowed_updates": ALLOWED });
    if let Some(offset) = asked {
        params["offset"] = offset.into();
    }
    let started = Instant::now();
    let deadline = (Duration::from_secs(timeout as u64) + GRACE).max(SHORTEST_WAIT);
    let result = match api.call("getUpdates", &params, deadline, LIMIT).await {
        Ok(result) => result,
        Err(error) => return Err(trouble(api, error).await),
    };
    let mut batch = batch(&result, now())?;
    let hasty = batch.items.is_empty() && timeout > 0 && started.elapsed() < Duration::from_secs(1);
    let repeats = pace.note(asked, &batch, hasty);
    if repeats >= REPEATS {
        return Err(ReceiveError::Unavailable(
            "the server repeats the same updates although they were confirmed: it ignores `offset`, so new ones may be stuck behind them"
                .to_owned(),
        ));
    }
    // Everything it has, again: there is nothing more, unless a full page hides it.
    batch.caught_up |= repeats > 0 && batch.items.len() < PAGE;
    Ok(batch)
}

/// The stored cursor as `offset`. Anything but a positive 32-bit number is as good as none: a negative offset would make the server
/// forget updates.
fn offset(cursor: Option<&str>) -> Option<i32> {
    cursor?.parse().ok().filter(|offset| *offset > 0)
}

fn batch(result: &RawValue, now: Timestamp) -> Result<Batch, ReceiveError> {
    let Ok(updates) = serde_json::from_str::<Vec<&RawValue>>(result.get()) else {
        return Err(ReceiveError::Unavailable("the answer to getUpdates holds no list of updates".to_owned()));
    };
    let next = updates.iter().filter_map(|update| update_id(update)).max().map(|id| (id + 1).to_string());
    let items: Vec<Item> = updates.iter().map(|update| item(update, now)).collect();
    // A short batch does not mean that there is no more: the server shortens them when it is asked too often.
    let caught_up = items.is_empty();
    Ok(Batch { items, cursor: next, caught_up })
}

fn item(update: &RawValue, now: Timestamp) -> Item {
    let body = update.get();
    let id = update_id(update).map(|id| id.to_string()).unwrap_or_default();
    map(&format!("{id}:{}", short_hash(body)), body).dated(now)
}

/// The update's id, when it is one that an `offset` (32 bits) can follow.
fn update_id(update: &RawValue) -> Option<i32> {
    #[derive(Deserialize)]
    struct Id {
        update_id: i32,
    }
    let id = serde_json::from_str::<Id>(update.get()).ok()?.update_id;
    (0..i32::MAX).contains(&id).then_some(id)
}

/// Tells payloads with the same id apart: sixteen hexadecimal digits of SHA-256.
fn short_hash(body: &str) -> String {
    Sha256::digest(body.as_bytes()).iter().take(8).fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What a failed look for news means.
async fn trouble(api: &Api, error: CallError) -> ReceiveError {
    match error {
        CallError::Told(told) if told.code == 409 => conflict(api).await,
        other => plain_trouble(other),
    }
}

/// What any failed call but a conflict means for the channel.
pub(super) fn plain_trouble(error: CallError) -> ReceiveError {
    let told = match error {
        CallError::Broken(error) => return ReceiveError::Unavailable(format!("Telegram cannot be reached: {error}")),
        CallError::Told(told) => told,
    };
    match told {
        Told { code: 401 | 404, genuine: true, .. } => ReceiveError::NeedsAttention(
            "Telegram does not accept the bot's token: get a new one from @BotFather and put it in its place".to_owned(),
        ),
        Told { code: 401 | 404, .. } => {
            ReceiveError::NeedsAttention("no Bot API answers at this address: check the channel's api-base and token".to_owned())
        }
        Told { code: 429, retry_after, .. } => ReceiveError::Wait(retry_after.unwrap_or(Span::secs(5))),
        Told { code, description, .. } => ReceiveError::Unavailable(format!("Telegram answered with error {code}: {description}")),
    }
}

/// Two programs, or a program and a webhook, want the same updates. The server says which only in words, so it is asked for its webhook.
async fn conflict(api: &Api) -> ReceiveError {
    match webhook(api).await {
        Ok(true) => ReceiveError::NeedsAttention(
            "a webhook is set for this bot, so its messages go there: remove it with `frontdesk channel test NAME --delete-webhook` (nothing is lost by that)"
                .to_owned(),
        ),
        Err(error @ (ReceiveError::Unavailable(_) | ReceiveError::Wait(_))) => error,
        // No webhook; a server that does not know the question has none either.
        Ok(false) | Err(_) => ReceiveError::TakenElsewhere(
            "another program receives this bot's messages: stop it, or give frontdesk a bot of its own".to_owned(),
        ),
    }
}

/// Whether a webhook is set.
pub(super) async fn webhook(api: &Api) -> Result<bool, ReceiveError> {
    let info = api.call("getWebhookInfo", &json!({}), SHORT, SMALL).await.map_err(plain_trouble)?;
    let info: serde_json::Value = serde_json::from_str(info.get()).unwrap_or_default();
    Ok(!super::wire::text(&info, "url").is_empty())
}

/// Removes the webhook; what waits is kept for us.
pub(super) async fn delete_webhook(api: &Api) -> Result<(), ReceiveError> {
    let params = json!({ "drop_pending_updates": false });
    api.call("deleteWebhook", &params, SHORT, SMALL).await.map(drop).map_err(plain_trouble)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inbound::Inbound;

    fn read(result: &str) -> Batch {
        batch(&RawValue::from_string(result.to_owned()).unwrap(), Timestamp::from_secs(77)).unwrap()
    }

    #[test]
    fn a_cursor_that_is_no_positive_32_bit_number_is_as_good_as_none() {
        assert_eq!(offset(Some("871")), Some(871));
        assert_eq!(offset(Some("2147483647")), Some(i32::MAX));
        for bad in [None, Some(""), Some("-3"), Some("0"), Some("2147483648"), Some("12x"), Some("99999999999999999999")] {
            assert_eq!(offset(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn the_cursor_is_one_above_the_highest_id_of_the_batch() {
        assert_eq!(read(r#"[{"update_id":5},{"update_id":9},{"update_id":7}]"#).cursor.as_deref(), Some("10"));
        assert_eq!(read("[]").cursor, None);
        assert!(read("[]").caught_up);
    }

    #[test]
    fn an_update_without_a_usable_id_is_kept_and_does_not_hold_the_cursor() {
        let batch = read(r#"[{"update_id":"x"},{"update_id":5},7,{"update_id":99999999999},{"update_id":-4},null]"#);
        assert_eq!(batch.items.len(), 6);
        assert_eq!(batch.cursor.as_deref(), Some("6"));
        assert!(batch.items[0].key.starts_with(':') && batch.items[1].key.starts_with("5:"));
        assert!(batch.items[2].events.is_err(), "a number is no update");
    }

    #[test]
    fn different_payloads_with_one_id_have_different_keys() {
        let batch = read(r#"[{"update_id":5,"a":1},{"update_id":5,"a":2},{"update_id":5,"a":1}]"#);
        assert_ne!(batch.items[0].key, batch.items[1].key);
        assert_eq!(batch.items[0].key, batch.items[2].key);
    }

    #[test]
    fn what_tells_no_time_has_the_time_of_receipt() {
        let batch =
            read(r#"[{"update_id":5,"deleted_business_messages":{"business_connection_id":"b","chat":{"id":1},"message_ids":[3]}}]"#);
        let events = batch.items[0].events.as_ref().unwrap();
        assert!(matches!(&events[..], [Inbound::Deleted { at, .. }] if *at == Timestamp::from_secs(77)), "{events:?}");
    }
}
