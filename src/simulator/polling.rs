//! getUpdates and the webhook methods: who may read a bot's queue, how long they wait, and who is thrown out.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::fault::Draw;
use super::wire::{ApiError, Params, Reply};
use super::world::{Bot, State, World};

/// The longest a getUpdates waits, in seconds (the server's LONG_POLL_MAX_TIMEOUT).
const LONGEST_WAIT: i64 = 50;
/// Asking for the same offset again sooner than this makes the server wait as long.
const PATIENCE: Duration = Duration::from_secs(3);
/// Sooner than this, and it also gives one update only.
const HASTE: Duration = Duration::from_millis(500);
/// Kinds that a bot gets only when it names them.
const ON_REQUEST: [&str; 3] = ["chat_member", "message_reaction", "message_reaction_count"];

const WEBHOOK_ACTIVE: &str = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";
const OTHER_READER: &str = "terminated by other getUpdates request; make sure that only one bot instance is running";
const WEBHOOK_SET: &str = "terminated by setWebhook request";

/// The kinds of updates a bot asked for; kept until it says otherwise. `None` is the default set.
#[derive(Debug, Default)]
pub(super) struct Allowed(Option<BTreeSet<String>>);

/// Who reads a bot's queue.
#[derive(Debug, Default)]
pub(super) struct Polls {
    /// Counts readers; one that finds it changed has been replaced.
    reader: u64,
    /// The last change came from setWebhook.
    by_webhook: bool,
    last_offset: Option<i64>,
    last_start: Option<Instant>,
    /// Until then a conflict is told late.
    quiet_until: Option<Instant>,
}

impl Allowed {
    pub(super) fn takes(&self, kind: &str) -> bool {
        match &self.0 {
            None => !ON_REQUEST.contains(&kind),
            Some(kinds) => kinds.contains(kind),
        }
    }

    /// Takes over the parameter `allowed_updates`; without it, or unreadable, the earlier setting stays.
    fn update(&mut self, params: &Params) {
        let Some(Value::Array(kinds)) = params.json("allowed_updates") else { return };
        let kinds: BTreeSet<String> = kinds.iter().filter_map(|kind| kind.as_str().map(str::to_owned)).collect();
        self.0 = (!kinds.is_empty()).then_some(kinds);
    }
}

struct Turn {
    reader: u64,
    offset: i64,
    limit: usize,
    until: Instant,
}

/// The method getUpdates.
pub(super) async fn get_updates(world: &World, bot: i64, params: &Params, draw: &Draw) -> Result<Reply, ApiError> {
    let mut changes = world.changes();
    let started = world.with(|state, _| state.bots.get_mut(&bot).map(|bot| begin(bot, params, world.throttle)));
    let mut turn = match started {
        Some(Ok(turn)) => turn,
        Some(Err(text)) => return Err(conflict(world, bot, text).await),
        None => return Err(ApiError::new(401, "Unauthorized")),
    };
    if draw.at_once {
        turn.until = Instant::now();
    }
    loop {
        changes.borrow_and_update();
        let mut confirmed = 0;
        let found = world.look_mut(|state| {
            let Some(bot) = state.bots.get_mut(&bot) else { return Ok(Vec::new()) };
            if bot.polls.reader != turn.reader {
                return Err(if bot.polls.by_webhook { WEBHOOK_SET } else { OTHER_READER });
            }
            let before = bot.queue.len();
            let found = if draw.ignore_offset { bot.queue.peek(turn.limit) } else { bot.queue.read(turn.offset, turn.limit) };
            confirmed = before - bot.queue.len();
            Ok(found)
        });
        if confirmed > 0 {
            world.wake();
        }
        // A negative offset forgets once; from then on the rest of the queue is read from its head.
        turn.offset = turn.offset.max(0);
        match found {
            Err(text) => return Err(conflict(world, bot, text).await),
            Ok(updates) if !updates.is_empty() || Instant::now() >= turn.until => {
                return Ok(Reply::Raw(world.look_mut(|state| render(state, updates, draw))));
            }
            Ok(_) => {}
        }
        tokio::select! {
            _ = changes.changed() => {}
            () = tokio::time::sleep_until(turn.until) => {}
        }
    }
}

/// Makes this call the bot's reader; whoever waits is thrown out.
fn begin(bot: &mut Bot, params: &Params, throttle: bool) -> Result<Turn, &'static str> {
    if bot.webhook.is_some() {
        return Err(WEBHOOK_ACTIVE);
    }
    bot.allowed.update(params);
    let now = Instant::now();
    let offset = params.int("offset").unwrap_or(0);
    let mut limit = params.int("limit").unwrap_or(100).clamp(1, 100) as usize;
    let mut wait = Duration::from_secs(params.int("timeout").unwrap_or(0).clamp(0, LONGEST_WAIT) as u64);
    let since = bot.polls.last_start.map(|start| now.duration_since(start));
    if let Some(since) = since.filter(|_| throttle && bot.polls.last_offset == Some(offset)) {
        if since < PATIENCE && wait < PATIENCE {
            wait = PATIENCE;
        }
        if since < HASTE {
            limit = 1;
        }
    }
    bot.polls.last_offset = Some(offset);
    bot.polls.last_start = Some(now);
    bot.polls.reader += 1;
    bot.polls.by_webhook = false;
    Ok(Turn { reader: bot.polls.reader, offset, limit, until: now + wait })
}

/// A 409; the second within three seconds is told three seconds late.
async fn conflict(world: &World, bot: i64, text: &str) -> ApiError {
    let now = Instant::now();
    let late = world.throttle
        && world.look_mut(|state| match state.bots.get_mut(&bot) {
            Some(bot) if bot.polls.quiet_until.is_none_or(|until| now >= until) => {
                bot.polls.quiet_until = Some(now + PATIENCE);
                false
            }
            _ => true,
        });
    if late {
        tokio::time::sleep(PATIENCE).await;
    }
    ApiError::new(409, format!("Conflict: {text}"))
}

fn render(state: &mut State, mut updates: Vec<Bytes>, draw: &Draw) -> Bytes {
    if draw.duplicate {
        updates = updates.into_iter().flat_map(|update| [update.clone(), update]).collect();
    }
    if draw.reorder {
        state.faults.shuffle(&mut updates);
    }
    let mut list = BytesMut::from(&b"["[..]);
    for (place, update) in updates.iter().enumerate() {
        if place > 0 {
            list.extend_from_slice(b",");
        }
        list.extend_from_slice(update);
    }
    list.extend_from_slice(b"]");
    list.freeze()
}

/// The method setWebhook. The address is kept and shown and stops getUpdates; nothing is delivered to it.
pub(super) fn set_webhook(bot: &mut Bot, params: &Params) -> Result<Value, ApiError> {
    let url = params.text("url");
    if url.is_empty() {
        return Ok(delete_webhook(bot, params));
    }
    if !url.starts_with("https://") {
        return Err(ApiError::bad("bad webhook: An HTTPS URL must be provided for webhook"));
    }
    let secret = params.text("secret_token");
    if secret.len() > 256 || !secret.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') {
        return Err(ApiError::bad("secret token contains illegal characters"));
    }
    bot.allowed.update(params);
    drop_pending(bot, params);
    bot.webhook = Some(url);
    bot.polls.reader += 1;
    bot.polls.by_webhook = true;
    Ok(true.into())
}

/// The method deleteWebhook.
pub(super) fn delete_webhook(bot: &mut Bot, params: &Params) -> Value {
    drop_pending(bot, params);
    bot.webhook = None;
    true.into()
}

/// The method getWebhookInfo.
pub(super) fn webhook_info(bot: &Bot) -> Value {
    let mut info = json!({
        "url": bot.webhook.as_deref().unwrap_or_default(),
        "has_custom_certificate": false,
        "pending_update_count": bot.queue.len(),
    });
    if let Some(kinds) = &bot.allowed.0 {
        info["allowed_updates"] = kinds.iter().cloned().collect();
    }
    info
}

fn drop_pending(bot: &mut Bot, params: &Params) {
    if params.flag("drop_pending_updates") {
        bot.queue.clear();
    }
}
