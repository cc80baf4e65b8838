//! Bulk sends into the outbox, a few people at a time. A person's message, its order and the change of their row are one transaction, under a
//! key of their own: whatever is interrupted, each gets it once.

use std::collections::{BTreeMap, BTreeSet};

use super::Store;
use super::channels::Channel;
use super::db::{Conn, Tx, Value, args};
use super::error::{Error, Result};
use super::replies::NewReply;
use crate::domain::bulk::{AHEAD, Bulk, Fate, Forecast, Person, REACH, Standing};
use crate::domain::conversation::Status;
use crate::domain::hint::Hint;
use crate::domain::id::{AgentId, ConversationId};
use crate::domain::inbound::Chat;
use crate::domain::outbound::{OutFile, Part, Special};
use crate::domain::template::{Category, Filled, Media, Template};
use crate::domain::time::{Span, Timestamp};
use crate::domain::window::{self, Window};

/// What a channel's chats are like, for those that a bulk send begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Manner {
    /// How long after a customer's message one may write freely.
    pub window: Option<Span>,
    /// Message ids are unique in the whole account.
    pub wide: bool,
}

/// What a turn of feeding did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fed {
    /// How many went into the outbox.
    pub queued: usize,
    /// How many will not get it.
    pub settled: usize,
    /// The rest waits until then: the portfolio has begun to write to as many people as it may.
    pub until: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct Next {
    id: i64,
    chat_key: String,
    name: String,
    given: String,
}

#[derive(sqlx::FromRow)]
struct StandingRow {
    chat_key: String,
    reachable: bool,
    opted_out_at: Option<i64>,
    capped_at: Option<i64>,
    window_length: Option<i64>,
    last_inbound_at: Option<i64>,
    window_closed_at: Option<i64>,
}

/// What is known of somebody, and whether they have a chat on this channel.
#[derive(Clone, Copy, Default)]
struct Known {
    standing: Standing,
    here: bool,
}

/// Whom a portfolio may still begin to write to.
struct Reach {
    portfolio: String,
    /// How many more; `None` when there is no limit.
    room: Option<u64>,
}

/// The fence against whoever pauses it or calls it off meanwhile.
const TOUCH: &str =
    "UPDATE bulks SET waits_until = $3, updated_at = $4 WHERE workspace_id = $1 AND id = $2 AND state = 'running' RETURNING agent_id";
const QUEUED: &str = "SELECT COUNT(*) FROM bulk_recipients WHERE workspace_id = $1 AND bulk_id = $2 AND state = 'queued'";
const NEXT: &str = "SELECT id, chat_key, name, given FROM bulk_recipients WHERE workspace_id = $1 AND bulk_id = $2 AND state = 'waiting' ORDER BY id LIMIT $3";
/// Those who cost nothing of a limit that is used up: their window is open, or they were written to already.
const NEXT_FREE: &str = "SELECT r.id, r.chat_key, r.name, r.given FROM bulk_recipients r WHERE r.workspace_id = $1 AND r.bulk_id = $2 AND r.state = 'waiting' \
     AND (EXISTS (SELECT 1 FROM reached x WHERE x.workspace_id = $1 AND x.portfolio = $4 AND x.chat_key = r.chat_key AND x.at > $5) \
       OR EXISTS (SELECT 1 FROM identity_keys k JOIN conversations c ON c.identity_id = k.identity_id WHERE k.channel_id = $6 AND k.chat_key = r.chat_key \
         AND c.last_inbound_at > $7 AND (c.window_closed_at IS NULL OR c.window_closed_at < c.last_inbound_at))) ORDER BY r.id LIMIT $3";
const STANDINGS: &str = "SELECT k.chat_key, i.reachable, i.opted_out_at, i.capped_at, c.window_length, c.last_inbound_at, c.window_closed_at \
     FROM identity_keys k JOIN identities i ON i.id = k.identity_id JOIN conversations c ON c.id = \
       (SELECT x.id FROM conversations x WHERE x.identity_id = i.id ORDER BY x.id DESC LIMIT 1) \
     WHERE k.workspace_id = $1 AND k.channel_id = $2 AND k.chat_key IN";
const REACHED_OF: &str = "SELECT chat_key FROM reached WHERE workspace_id = $1 AND portfolio = $2 AND at > $3 AND chat_key IN";
/// Channels of one portfolio are fed at the same time, and each would take the whole of what is left: here they wait for each other.
const ALONE: &str = "UPDATE workspaces SET last_number = last_number WHERE id = $1";
const PORTFOLIO: &str = "SELECT portfolio, reach FROM channels WHERE workspace_id = $1 AND id = $2";
const REACHED: &str = "SELECT COUNT(*), MIN(at) FROM reached WHERE workspace_id = $1 AND portfolio = $2 AND at > $3";
const REACHES: &str = "INSERT INTO reached (workspace_id, portfolio, chat_key, at) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (workspace_id, portfolio, chat_key) DO UPDATE SET at = excluded.at";
const FORGET_REACHED: &str = "DELETE FROM reached WHERE workspace_id = $1 AND portfolio = $2 AND at <= $3";
const TAKEN: &str = "SELECT 1 FROM outbox WHERE workspace_id = $1 AND bulk_id = $2 AND conversation_id = $3 LIMIT 1";
const SETTLE: &str =
    "UPDATE bulk_recipients SET state = $3, reason = $4, updated_at = $5 WHERE workspace_id = $1 AND id = $2 AND state = 'waiting'";
const TAKE: &str = "UPDATE bulk_recipients SET state = 'queued', message_id = $3, updated_at = $4 WHERE workspace_id = $1 AND id = $2 AND state = 'waiting'";
/// The queries with a limit, for the test that asks the planner about them.
pub const LOOKS: [(&str, &str); 3] = [("next of a bulk", NEXT), ("next of a bulk that cost nothing", NEXT_FREE), ("taken", TAKEN)];

impl Store {
    /// What will happen to these people, if it were to begin now.
    pub async fn forecast(
        &self,
        conn: &mut Conn,
        channel: &Channel,
        template: &Template,
        people: &[Person],
        manner: Manner,
    ) -> Result<Forecast> {
        let now = self.now();
        let reach = self.reach(conn, channel, now).await?;
        let keys: Vec<&str> = people.iter().map(|person| person.key.as_str()).collect();
        let standings = self.standings(conn, channel, &reach.portfolio, &keys, manner).await?;
        let (mut forecast, mut skipped) = (Forecast { room: reach.room, ..Forecast::default() }, BTreeMap::new());
        for key in keys {
            let standing = standings.get(key).copied().unwrap_or_else(|| Known::of_stranger(manner)).standing;
            if let Some((_, why)) = standing.keeps(template.category == Category::Marketing, now) {
                *skipped.entry(why.to_owned()).or_default() += 1;
                continue;
            }
            forecast.will += 1;
            forecast.begins += u64::from(standing.uses_reach());
        }
        forecast.skipped = skipped.into_iter().collect();
        Ok(forecast)
    }

    /// Takes the next few people into the outbox, or notes that there is nobody left. `most` bounds how many.
    pub async fn feed(&self, channel: &Channel, bulk: &Bulk, most: usize, manner: Manner) -> Result<Fed> {
        let (workspace, now) = (channel.workspace, self.now());
        let mut tx = self.begin().await?;
        let held: Option<(Option<i64>,)> = tx.row(TOUCH, args![workspace, bulk.id, None::<Timestamp>, now]).await?;
        let Some((agent,)) = held else { return Ok(Fed::default()) };
        let (ahead,): (i64,) = tx.one("bulk send", QUEUED, args![workspace, bulk.id]).await?;
        let room = AHEAD.saturating_sub(ahead as usize).min(most) as i64;
        let mut reach = self.reach(&mut tx, channel, now).await?;
        if reach.room.is_some() {
            tx.run(ALONE, args![workspace]).await?;
            reach = self.reach(&mut tx, channel, now).await?;
        }
        let mut next: Vec<Next> = match reach.room {
            Some(0) => Vec::new(),
            _ => tx.rows(NEXT, args![workspace, bulk.id, room]).await?,
        };
        let (mut fed, mut blocked) = (Fed::default(), reach.room == Some(0));
        let feeder = Feeder { store: self, channel, bulk, agent: AgentId(agent.unwrap_or_default()), manner, now };
        loop {
            let keys: Vec<&str> = next.iter().map(|person| person.chat_key.as_str()).collect();
            let standings = self.standings(&mut tx, channel, &reach.portfolio, &keys, manner).await?;
            for person in &next {
                let known = standings.get(person.chat_key.as_str()).copied().unwrap_or_else(|| Known::of_stranger(manner));
                blocked |= !feeder.take(&mut tx, person, known, &mut reach, &mut fed).await?;
            }
            if !blocked || fed.queued as i64 >= room || fed.until.is_some() {
                break;
            }
            let (since, open) = (now.minus(REACH), manner.window.map_or(Timestamp(i64::MAX), |window| now.minus(window)));
            let left = room - fed.queued as i64;
            next = tx.rows(NEXT_FREE, args![workspace, bulk.id, left, &reach.portfolio, since, channel.id, open]).await?;
            let (_, first): (i64, Option<i64>) = tx.one("reach", REACHED, args![workspace, &reach.portfolio, since]).await?;
            // Whoever was reached first makes room first. With a limit of nobody, somebody has to look again some time.
            fed.until = Some(first.map_or(now, Timestamp).plus(REACH));
        }
        if fed.until.is_some() {
            tx.run(TOUCH, args![workspace, bulk.id, fed.until, now]).await?;
        }
        tx.hint(Hint::Status);
        self.commit(tx).await?;
        Ok(fed)
    }

    /// How many a portfolio may still begin to write to. Who was reached longer ago counts no more.
    async fn reach(&self, conn: &mut Conn, channel: &Channel, now: Timestamp) -> Result<Reach> {
        let (portfolio, limit): (String, Option<i64>) = conn.one("channel", PORTFOLIO, args![channel.workspace, channel.id]).await?;
        let portfolio = if portfolio.is_empty() { format!("channel {}", channel.id) } else { portfolio };
        let Some(limit) = limit else { return Ok(Reach { portfolio, room: None }) };
        let since = now.minus(REACH);
        let (used, _): (i64, Option<i64>) = conn.one("reach", REACHED, args![channel.workspace, &portfolio, since]).await?;
        Ok(Reach { portfolio, room: Some(limit.saturating_sub(used).max(0) as u64) })
    }

    /// What is known of people, by key; nothing of those who never wrote.
    async fn standings(
        &self,
        conn: &mut Conn,
        channel: &Channel,
        portfolio: &str,
        keys: &[&str],
        manner: Manner,
    ) -> Result<BTreeMap<String, Known>> {
        let now = self.now();
        let values: Vec<Value<'_>> = keys.iter().map(|key| Value::Text(key)).collect();
        let rows: Vec<StandingRow> = conn.rows_in(STANDINGS, args![channel.workspace, channel.id], &values, "").await?;
        let since = now.minus(REACH);
        let reached: Vec<(String,)> = conn.rows_in(REACHED_OF, args![channel.workspace, portfolio, since], &values, "").await?;
        let mut reached: BTreeSet<String> = reached.into_iter().map(|(key,)| key).collect();
        let mut known: BTreeMap<String, Known> = BTreeMap::new();
        for row in rows {
            let standing = Standing { reached: reached.remove(&row.chat_key), ..row.standing(manner, now) };
            known.insert(row.chat_key, Known { standing, here: true });
        }
        for key in reached {
            let stranger = Known::of_stranger(manner);
            known.insert(key, Known { standing: Standing { reached: true, ..stranger.standing }, here: false });
        }
        Ok(known)
    }

    /// Somebody was written to outside their window: they count for the portfolio's limit, whether or not they are on a list.
    pub(super) async fn note_reached(&self, tx: &mut Tx, channel: &Channel, chat: &str, now: Timestamp) -> Result<()> {
        let reach = self.reach(tx, channel, now).await?;
        tx.run(REACHES, args![channel.workspace, &reach.portfolio, chat, now]).await.map(|_| ())
    }

    /// Forgets whom a channel's portfolio reached long ago.
    pub async fn forget_reached(&self, channel: &Channel) -> Result<()> {
        let now = self.now();
        let mut tx = self.begin().await?;
        let reach = self.reach(&mut tx, channel, now).await?;
        tx.run(FORGET_REACHED, args![channel.workspace, &reach.portfolio, now.minus(REACH)]).await?;
        self.commit(tx).await
    }
}

impl Known {
    fn of_stranger(manner: Manner) -> Self {
        Self { standing: Standing { open: manner.window.is_none(), ..Standing::default() }, here: false }
    }
}

impl StandingRow {
    fn standing(&self, manner: Manner, now: Timestamp) -> Standing {
        let window = self.window_length.map(Span).or(manner.window);
        let at = |time: Option<i64>| time.map(Timestamp);
        let open = !matches!(window::policy(window, at(self.last_inbound_at), at(self.window_closed_at), now), Window::Closed(_));
        Standing { lost: !self.reachable, opted_out: self.opted_out_at.is_some(), capped_at: at(self.capped_at), open, reached: false }
    }
}

/// One turn of feeding.
struct Feeder<'a> {
    store: &'a Store,
    channel: &'a Channel,
    bulk: &'a Bulk,
    agent: AgentId,
    manner: Manner,
    now: Timestamp,
}

impl Feeder<'_> {
    /// Writes to somebody, or notes why not; `false` when they have to wait for the portfolio's limit.
    async fn take(&self, tx: &mut Tx, person: &Next, known: Known, reach: &mut Reach, fed: &mut Fed) -> Result<bool> {
        let standing = known.standing;
        let advertising = self.bulk.template.category == Category::Marketing;
        if let Some((fate, why)) = standing.keeps(advertising, self.now) {
            return self.settle(tx, person, (fate, why), fed).await.map(|()| true);
        }
        if standing.uses_reach() && reach.room == Some(0) {
            return Ok(false);
        }
        let conversation = self.place(tx, person, !known.here).await?;
        let workspace = self.channel.workspace;
        if tx.row::<(i32,)>(TAKEN, args![workspace, self.bulk.id, conversation]).await?.is_some() {
            let why = "on the list under another number as well";
            return self.settle(tx, person, (Fate::Skipped, why), fed).await.map(|()| true);
        }
        let filled: Filled = super::bulks::read(&person.given)?;
        let text = self.bulk.template.preview(&filled.values);
        let files: Vec<OutFile> = filled.media.iter().map(|media| file_of(self.store, media)).collect();
        let part = Part { text: text.clone(), file: (!files.is_empty()).then_some(0), special: Some(Special::Template(filled)) };
        let reply = NewReply {
            client_key: &format!("bulk:{}:{}", self.bulk.id, person.id),
            conversation,
            text: &text,
            reply_to: None,
            parts: &[part],
            files: &files,
            due_at: self.now,
            appointed: false,
            fallback: None,
            bulk: Some(self.bulk.id.0),
        };
        let message = self.store.put_reply(tx, workspace, Some(self.agent), &reply).await?;
        tx.run(TAKE, args![workspace, person.id, message, self.now]).await?;
        fed.queued += 1;
        if standing.uses_reach() {
            tx.run(REACHES, args![workspace, &reach.portfolio, &person.chat_key, self.now]).await?;
            reach.room = reach.room.map(|room| room.saturating_sub(1));
        }
        Ok(true)
    }

    /// Their conversation, begun when they never wrote.
    async fn place(&self, tx: &mut Tx, person: &Next, new: bool) -> Result<ConversationId> {
        let mut chat = Chat { key: person.chat_key.clone(), window: self.manner.window, wide: self.manner.wide, ..Chat::default() };
        if new {
            chat.handle = format!("+{}", person.chat_key);
            chat.name = if person.name.is_empty() { chat.handle.clone() } else { person.name.clone() };
        }
        // Somebody who never wrote is no work yet: their conversation opens when they answer.
        let places = self.store.places_as(tx, self.channel, &[&chat], Status::Resolved).await?;
        Ok(places.get(&chat.key).ok_or(Error::NotFound("conversation"))?.conversation)
    }

    async fn settle(&self, tx: &mut Tx, person: &Next, (fate, why): (Fate, &str), fed: &mut Fed) -> Result<()> {
        tx.run(SETTLE, args![self.channel.workspace, person.id, fate.name(), why, self.now]).await?;
        fed.settled += 1;
        Ok(())
    }
}

/// The file over the template's text, as the thread shows it.
fn file_of(store: &Store, media: &Media) -> OutFile {
    let size = store.blobs().path(&media.hash).and_then(|path| std::fs::metadata(path).ok()).map_or(0, |meta| meta.len());
    OutFile { kind: media.kind, name: media.name.clone(), mime: media.mime.clone(), hash: media.hash.clone(), size }
}
