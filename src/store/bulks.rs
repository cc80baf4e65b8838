//! Bulk sends: begun, looked at, paused, resumed, called off. Feeding them into the outbox is `feeding.rs`.
//!
//! What becomes of a person's message is written into their row by the database itself (a trigger on `messages.delivery`), in the same
//! transaction, whoever changes it: the counts are always right.

use super::Store;
use super::channels::Channel;
use super::db::{Conn, Tx, Value, args};
use super::error::{Error, Result};
use super::events::Event;
use super::standing::{refresh_mark, refresh_preview};
use crate::domain::bulk::{Bulk, Counts, Fate, Left, Limit, Person, State};
use crate::domain::hint::Hint;
use crate::domain::id::{AgentId, BulkId, ChannelId, ConversationId, IdentityId, MessageId, OutboxId, WorkspaceId};
use crate::domain::optout;
use crate::domain::template::{Category, Template, fill};
use crate::domain::time::Timestamp;

/// A bulk send to begin.
#[derive(Clone, Copy, Debug)]
pub struct NewBulk<'a> {
    /// The account it goes out on.
    pub channel: ChannelId,
    /// What somebody calls it.
    pub name: &'a str,
    /// The template.
    pub template: &'a Template,
    /// When it pauses by itself.
    pub limit: Limit,
    /// Who gets it. Somebody who stands there twice gets it once; who was not there when it began never does.
    pub people: &'a [Person],
    /// Who is on the list and does not get it.
    pub left: &'a [Left],
}

/// One person of a bulk send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Their place; later ones are larger.
    pub id: i64,
    /// The chat's key.
    pub key: String,
    /// Their name; may be empty.
    pub name: String,
    /// What became of them.
    pub fate: Fate,
    /// Why, when it went wrong.
    pub reason: String,
    /// Their message, once there is one.
    pub message: Option<MessageId>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    channel_id: i64,
    name: String,
    template: String,
    state: String,
    reason: String,
    waits_until: Option<i64>,
    most_errors: i64,
    forgiven_errors: i64,
    forgiven_tried: i64,
    created_at: i64,
    updated_at: i64,
}

/// A person's fate. The provider may say only after it took a message that it spares somebody.
macro_rules! fate {
    () => {
        "CASE WHEN r.state = 'failed' AND EXISTS (SELECT 1 FROM messages m JOIN conversations c ON c.id = m.conversation_id \
           JOIN identities i ON i.id = c.identity_id WHERE m.id = r.message_id AND i.capped_at > m.received_at - 3600000000) THEN 'capped' ELSE r.state END"
    };
}
macro_rules! bulk {
    ($tail:literal) => {
        concat!(
            "SELECT id, channel_id, name, template, state, reason, waits_until, most_errors, forgiven_errors, forgiven_tried, created_at, updated_at \
             FROM bulks WHERE workspace_id = $1 AND ",
            $tail
        )
    };
}

const LIST: &str = bulk!("id < $2 ORDER BY id DESC LIMIT $3");
const ONE: &str = bulk!("id = $2");
const LIVE: &str = bulk!("channel_id = $2 AND state = 'running' ORDER BY id");
const COUNTS: &str = "SELECT state, COUNT(*) FROM bulk_recipients WHERE workspace_id = $1 AND bulk_id = $2 GROUP BY state";
const SPARED: &str = concat!(
    "SELECT COUNT(*) FROM bulk_recipients r WHERE r.workspace_id = $1 AND r.bulk_id = $2 AND r.state = 'failed' AND ",
    fate!(),
    " = 'capped'"
);
const UNWANTED: &str = "SELECT COUNT(*) FROM bulk_recipients WHERE workspace_id = $1 AND bulk_id = $2 AND state = 'failed' AND reason = $3";
/// In every workspace: who syncs the database looks after all of them.
const DUE: &str = "SELECT COUNT(*) FROM bulk_recipients r JOIN bulks b ON b.id = r.bulk_id JOIN channels ch ON ch.id = b.channel_id \
     WHERE b.state = 'running' AND r.state = 'waiting' AND (b.waits_until IS NULL OR b.waits_until <= $1) AND NOT ch.paused AND ch.removed_at IS NULL";
const PEOPLE: &str = concat!(
    "SELECT r.id, r.chat_key, r.name, ",
    fate!(),
    ", r.reason, r.message_id FROM bulk_recipients r WHERE r.workspace_id = $1 AND r.bulk_id = $2 AND r.id > $3 ORDER BY r.id LIMIT $4"
);
const ADD: &str = "INSERT INTO bulks (id, workspace_id, channel_id, agent_id, name, template, state, most_errors, created_at, updated_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)";
const ADD_PEOPLE: &str = "INSERT INTO bulk_recipients (id, workspace_id, bulk_id, chat_key, name, given, state, reason, updated_at) VALUES";
const ONCE: &str = " ON CONFLICT (bulk_id, chat_key) DO NOTHING";
const SET_STATE: &str =
    "UPDATE bulks SET state = $3, reason = $4, waits_until = NULL, updated_at = $5 WHERE workspace_id = $1 AND id = $2 AND state = $6";
const FORGIVE: &str = "UPDATE bulks SET forgiven_errors = $3, forgiven_tried = $4 WHERE workspace_id = $1 AND id = $2";
const HOLD: &str = "UPDATE outbox SET state = 'held', updated_at = $3 WHERE workspace_id = $1 AND bulk_id = $2 AND state = 'ready' \
     RETURNING conversation_id";
const LET_GO: &str = "UPDATE outbox SET state = 'ready', next_try_at = $3, updated_at = $3 WHERE workspace_id = $1 AND bulk_id = $2 AND state = 'held' \
     RETURNING conversation_id";
const CALL_BACK: &str = "UPDATE outbox SET state = 'canceled', updated_at = $3 WHERE workspace_id = $1 AND bulk_id = $2 AND state IN ('ready', 'held') \
     RETURNING message_id, conversation_id";
const CALL_BACK_OF: &str = "UPDATE outbox SET state = 'canceled', updated_at = $3 WHERE workspace_id = $1 AND state IN ('ready', 'held') AND bulk_id = $2 \
     AND conversation_id IN (SELECT c.id FROM conversations c JOIN identities i ON i.id = $4 \
       WHERE c.contact_id = i.contact_id AND c.channel_id = i.channel_id) RETURNING message_id, conversation_id";
/// The bulk send of an order that is ready again, when that is not running.
const STOPPED: &str = "SELECT b.id, b.state FROM outbox o JOIN bulks b ON b.id = o.bulk_id WHERE o.workspace_id = $1 AND o.id = $2 \
     AND o.state = 'ready' AND b.state <> 'running'";
const CANCEL_MESSAGE: &str = "UPDATE messages SET delivery = 'canceled', due_at = NULL WHERE workspace_id = $1 AND id = $2";
const SKIP_MESSAGE: &str =
    "UPDATE bulk_recipients SET state = 'skipped', reason = $3, updated_at = $4 WHERE workspace_id = $1 AND message_id = $2";
const SKIP_WAITING: &str = "UPDATE bulk_recipients SET state = 'skipped', reason = $3, updated_at = $4 WHERE workspace_id = $1 AND bulk_id = $2 AND state = 'waiting'";
const ALIVE: &str = "SELECT id, template FROM bulks WHERE workspace_id = $1 AND channel_id = $2 AND state IN ('running', 'paused')";

/// The queries with a limit, for the test that asks the planner about them.
pub const LOOKS: [(&str, &str); 2] = [("bulks", LIST), ("people of a bulk", PEOPLE)];

/// Why nothing is sent to those who were waiting when it was called off.
const CALLED_OFF: &str = "called off";

impl Row {
    fn bulk(self) -> Result<Bulk> {
        let template = read(&self.template)?;
        Ok(Bulk {
            id: BulkId(self.id),
            channel: ChannelId(self.channel_id),
            name: self.name,
            template,
            state: State::of(&self.state),
            reason: self.reason,
            waits_until: self.waits_until.map(Timestamp),
            limit: Limit::decode(self.most_errors),
            created_at: Timestamp(self.created_at),
            updated_at: Timestamp(self.updated_at),
            forgiven: (self.forgiven_errors as u64, self.forgiven_tried as u64),
        })
    }
}

pub(super) fn read<T: serde::de::DeserializeOwned>(json: &str) -> Result<T> {
    serde_json::from_str(json).map_err(|error| Error::Stored { what: "bulk send", detail: error.to_string() })
}

fn write<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::Stored { what: "bulk send", detail: error.to_string() })
}

impl Store {
    /// Begins a bulk send. Whose values do not fit the template is skipped, with the reason; the others wait for their turn.
    pub async fn start_bulk(&self, workspace: WorkspaceId, agent: AgentId, new: &NewBulk<'_>) -> Result<BulkId> {
        let (id, now) = (BulkId(self.next_id()), self.now());
        let template = write(new.template)?;
        let mut rows: Vec<(&str, &str, String, Fate, String)> = Vec::with_capacity(new.people.len() + new.left.len());
        for person in new.people {
            rows.push(match fill(new.template, &person.given) {
                Ok(filled) => (&person.key, &person.name, write(&filled)?, Fate::Waiting, String::new()),
                Err(problem) => (&person.key, &person.name, String::new(), Fate::Skipped, problem.to_string()),
            });
        }
        rows.extend(new.left.iter().map(|left| (left.who.as_str(), "", String::new(), Fate::Skipped, left.why.clone())));
        if new.people.is_empty() {
            return Err(Error::Refused("Nobody on the list can get it: nothing was begun.".to_owned()));
        }
        let mut tx = self.begin().await?;
        let limit = new.limit.encode();
        tx.run(ADD, args![id, workspace, new.channel, agent, new.name, &template, State::Running.name(), limit, now]).await?;
        let mut values: Vec<Value<'_>> = Vec::with_capacity(rows.len() * 9);
        for (key, name, given, fate, reason) in &rows {
            values.extend_from_slice(args![self.next_id(), workspace, id, *key, *name, given, fate.name(), reason, now]);
        }
        tx.run_rows(ADD_PEOPLE, 9, &values, ONCE).await?;
        self.note(&mut tx, workspace, Some(agent), new.channel, ("bulk.started", new.name)).await?;
        tx.hint(Hint::Status);
        self.commit(tx).await?;
        Ok(id)
    }

    /// The newest bulk sends before an id, newest first.
    pub async fn bulks(&self, conn: &mut Conn, workspace: WorkspaceId, before: Option<BulkId>, limit: u32) -> Result<Vec<Bulk>> {
        let before = before.unwrap_or(BulkId(i64::MAX));
        let rows: Vec<Row> = conn.rows(LIST, args![workspace, before, i64::from(limit)]).await?;
        rows.into_iter().map(Row::bulk).collect()
    }

    /// One bulk send.
    pub async fn bulk(&self, conn: &mut Conn, workspace: WorkspaceId, id: BulkId) -> Result<Bulk> {
        conn.one::<Row>("bulk send", ONE, args![workspace, id]).await?.bulk()
    }

    /// The bulk sends of a channel that go on.
    pub async fn live_bulks(&self, channel: &Channel) -> Result<Vec<Bulk>> {
        let rows: Vec<Row> = self.read().await?.rows(LIVE, args![channel.workspace, channel.id]).await?;
        rows.into_iter().map(Row::bulk).collect()
    }

    /// How many are how far.
    pub async fn bulk_counts(&self, conn: &mut Conn, workspace: WorkspaceId, id: BulkId) -> Result<Counts> {
        let rows: Vec<(String, i64)> = conn.rows(COUNTS, args![workspace, id]).await?;
        let (spared,): (i64,) = conn.one("bulk send", SPARED, args![workspace, id]).await?;
        let (unwanted,): (i64,) = conn.one("bulk send", UNWANTED, args![workspace, id, optout::REASON]).await?;
        let mut counts = Counts::default();
        for (state, number) in rows {
            let fate = Fate::of(&state);
            let others = if fate == Fate::Failed { (spared as u64, unwanted as u64) } else { (0, 0) };
            counts.add(fate, (number as u64).saturating_sub(others.0 + others.1));
            counts.add(Fate::Capped, others.0);
            counts.add(Fate::Skipped, others.1);
        }
        Ok(counts)
    }

    /// How many people of any bulk send could be written to by `now`.
    pub(super) async fn bulks_due(&self, conn: &mut Conn, now: Timestamp) -> Result<u64> {
        let (due,): (i64,) = conn.one("bulk sends", DUE, args![now]).await?;
        Ok(due as u64)
    }

    /// Its people, in the order of the list, after one of them.
    pub async fn bulk_people(&self, conn: &mut Conn, workspace: WorkspaceId, id: BulkId, after: i64, limit: u32) -> Result<Vec<Recipient>> {
        type Row = (i64, String, String, String, String, Option<i64>);
        let rows: Vec<Row> = conn.rows(PEOPLE, args![workspace, id, after, i64::from(limit)]).await?;
        // Who unsubscribed while their message was about to leave.
        let fate_of = |fate: &str, reason: &str| if fate == "failed" && reason == optout::REASON { Fate::Skipped } else { Fate::of(fate) };
        let person = |(id, key, name, fate, reason, message): Row| Recipient {
            id,
            key,
            name,
            fate: fate_of(&fate, &reason),
            reason,
            message: message.map(MessageId),
        };
        Ok(rows.into_iter().map(person).collect())
    }

    /// Stops it for now: what waits in the outbox is held back at once, what is on its way arrives. `agent` is `None` when it stops by itself.
    pub async fn pause_bulk(&self, workspace: WorkspaceId, agent: Option<AgentId>, id: BulkId, reason: &str) -> Result<()> {
        let now = self.now();
        let mut tx = self.begin().await?;
        let bulk = self.change_state(&mut tx, workspace, id, (State::Running, State::Paused), reason).await?;
        let held: Vec<(i64,)> = tx.rows(HOLD, args![workspace, id, now]).await?;
        show(&mut tx, held);
        self.note(&mut tx, workspace, agent, bulk.channel, ("bulk.paused", &bulk.name)).await?;
        self.commit(tx).await
    }

    /// Lets it go on. Errors that were made count no more.
    pub async fn resume_bulk(&self, workspace: WorkspaceId, agent: AgentId, id: BulkId) -> Result<()> {
        let now = self.now();
        let mut tx = self.begin().await?;
        let bulk = self.change_state(&mut tx, workspace, id, (State::Paused, State::Running), "").await?;
        let counts = self.bulk_counts(&mut tx, workspace, id).await?;
        tx.run(FORGIVE, args![workspace, id, counts.errors() as i64, counts.tried() as i64]).await?;
        let ready: Vec<(i64,)> = tx.rows(LET_GO, args![workspace, id, now]).await?;
        show(&mut tx, ready);
        self.note(&mut tx, workspace, Some(agent), bulk.channel, ("bulk.resumed", &bulk.name)).await?;
        self.commit(tx).await
    }

    /// Calls it off: who has not been written to never is. What is on its way arrives.
    pub async fn cancel_bulk(&self, workspace: WorkspaceId, agent: AgentId, id: BulkId) -> Result<()> {
        let now = self.now();
        let mut tx = self.begin().await?;
        let before = self.bulk(&mut tx, workspace, id).await?.state;
        if before.is_over() {
            return Err(Error::Refused(format!("Nothing was called off: this bulk send is {} already.", before.name())));
        }
        let bulk = self.change_state(&mut tx, workspace, id, (before, State::Canceled), "").await?;
        let back: Vec<(i64, i64)> = tx.rows(CALL_BACK, args![workspace, id, now]).await?;
        self.called_back(&mut tx, workspace, back, CALLED_OFF).await?;
        tx.run(SKIP_WAITING, args![workspace, id, CALLED_OFF, now]).await?;
        self.note(&mut tx, workspace, Some(agent), bulk.channel, ("bulk.canceled", &bulk.name)).await?;
        self.commit(tx).await
    }

    /// An order came back to the outbox. If its bulk send was stopped meanwhile, it waits with the others, or never leaves.
    pub(super) async fn rejoin_bulk(&self, tx: &mut Tx, workspace: WorkspaceId, order: OutboxId) -> Result<()> {
        let Some((id, state)) = tx.row::<(i64, String)>(STOPPED, args![workspace, order]).await? else { return Ok(()) };
        let now = self.now();
        if State::of(&state) == State::Paused {
            let held: Vec<(i64,)> = tx.rows(HOLD, args![workspace, id, now]).await?;
            show(tx, held);
            return Ok(());
        }
        let back: Vec<(i64, i64)> = tx.rows(CALL_BACK, args![workspace, id, now]).await?;
        self.called_back(tx, workspace, back, CALLED_OFF).await
    }

    /// Somebody wants no advertising any more: what of it waits for them in the outbox is called back, in the transaction that notes it.
    pub async fn withdraw(&self, tx: &mut Tx, channel: &Channel, identity: IdentityId) -> Result<()> {
        let workspace = channel.workspace;
        let rows: Vec<(i64, String)> = tx.rows(ALIVE, args![workspace, channel.id]).await?;
        for (id, template) in rows {
            if read::<Template>(&template)?.category == Category::Marketing {
                let back: Vec<(i64, i64)> = tx.rows(CALL_BACK_OF, args![workspace, id, self.now(), identity]).await?;
                self.called_back(tx, workspace, back, "unsubscribed").await?;
            }
        }
        Ok(())
    }

    /// Nobody is left to write to, and nothing is on its way.
    pub async fn finish_bulk(&self, channel: &Channel, bulk: &Bulk) -> Result<()> {
        let workspace = channel.workspace;
        let mut tx = self.begin().await?;
        self.change_state(&mut tx, workspace, bulk.id, (State::Running, State::Done), "").await?;
        self.note(&mut tx, workspace, None, bulk.channel, ("bulk.done", &bulk.name)).await?;
        self.commit(tx).await
    }

    /// The first thing every change does: whoever holds the row comes before the others.
    async fn change_state(
        &self,
        tx: &mut Tx,
        workspace: WorkspaceId,
        id: BulkId,
        (from, to): (State, State),
        reason: &str,
    ) -> Result<Bulk> {
        if tx.run(SET_STATE, args![workspace, id, to.name(), reason, self.now(), from.name()]).await? == 0 {
            let now = self.bulk(tx, workspace, id).await?;
            return Err(Error::Refused(format!("Nothing was changed: this bulk send is {}.", now.state.name())));
        }
        tx.hint(Hint::Status);
        self.bulk(tx, workspace, id).await
    }

    /// Messages that never leave: their conversations are as if they had not been written.
    async fn called_back(&self, tx: &mut Tx, workspace: WorkspaceId, back: Vec<(i64, i64)>, why: &str) -> Result<()> {
        for (message, conversation) in back {
            let conversation = ConversationId(conversation);
            tx.run(CANCEL_MESSAGE, args![workspace, message]).await?;
            tx.run(SKIP_MESSAGE, args![workspace, message, why, self.now()]).await?;
            refresh_preview(tx, workspace, conversation).await?;
            refresh_mark(tx, workspace, conversation).await?;
            tx.hint(Hint::Conversation(conversation));
            tx.hint(Hint::Status);
        }
        Ok(())
    }

    async fn note(
        &self,
        tx: &mut Tx,
        workspace: WorkspaceId,
        agent: Option<AgentId>,
        channel: ChannelId,
        (kind, detail): (&str, &str),
    ) -> Result<()> {
        self.log(tx, workspace, &[Event { kind, agent, channel: Some(channel), detail, ..Event::default() }]).await
    }
}

fn show(tx: &mut Tx, conversations: Vec<(i64,)>) {
    for (conversation,) in conversations {
        tx.hint(Hint::Conversation(ConversationId(conversation)));
    }
}
