//! What agents decide about conversations: many at once in one transaction, an event each; and what a clock decides about snoozed ones.
//! Every act may be repeated with the same result.

use std::collections::BTreeMap;

use super::Store;
use super::db::{Conn, Tx, Value, args};
use super::error::{Error, Result};
use super::events::Event;
use super::name_key;
use crate::domain::act::{Act, LABEL_CHARS, MOST, Step};
use crate::domain::conversation::{Priority, Status};
use crate::domain::hint::Hint;
use crate::domain::id::{AgentId, ConversationId, WorkspaceId};
use crate::domain::time::Timestamp;

/// What became of acts on many conversations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acted {
    /// How many were changed; the others were as wanted already.
    pub changed: usize,
    /// Those left as they are, each with the reason.
    pub refused: Vec<(ConversationId, String)>,
    /// What takes the changes back: only what was changed, to what it was in the store. A colleague is without a name.
    pub undo: Vec<Step>,
}

#[derive(sqlx::FromRow)]
struct State {
    id: i64,
    identity_id: i64,
    status: String,
    assignee_id: Option<i64>,
    priority: i64,
    snoozed_until: Option<i64>,
    unread: i64,
}

const STATES: &str =
    "SELECT id, identity_id, status, assignee_id, priority, snoozed_until, unread FROM conversations WHERE +workspace_id = $1 AND id IN";
const OTHER_LIVING: &str = "SELECT id FROM conversations WHERE workspace_id = $1 AND identity_id = $2 AND id <> $3 \
     AND status IN ('open', 'pending', 'snoozed') LIMIT 1";
const SET_STATUS: &str = "UPDATE conversations SET status = $3, active = $4, snoozed_until = $5 WHERE workspace_id = $1 AND id = $2";
const SET_ASSIGNEE: &str = "UPDATE conversations SET assignee_id = $3 WHERE workspace_id = $1 AND id = $2";
const SET_PRIORITY: &str = "UPDATE conversations SET priority = $3 WHERE workspace_id = $1 AND id = $2";
const SET_UNREAD: &str = "UPDATE conversations SET unread = $3 WHERE workspace_id = $1 AND id = $2";
const LABELS: &str = "SELECT name FROM labels WHERE workspace_id = $1 ORDER BY name_key";
const FIND_LABEL: &str = "SELECT id FROM labels WHERE workspace_id = $1 AND name_key = $2";
const ADD_LABEL: &str = "INSERT INTO labels (id, workspace_id, name, name_key, created_at) VALUES ($1, $2, $3, $4, $5) \
     ON CONFLICT (workspace_id, name_key) DO NOTHING";
const PUT_LABEL: &str = "INSERT INTO conversation_labels (workspace_id, conversation_id, label_id) VALUES ($1, $2, $3) \
     ON CONFLICT (conversation_id, label_id) DO NOTHING";
const TAKE_LABEL: &str = "DELETE FROM conversation_labels WHERE workspace_id = $1 AND conversation_id = $2 AND label_id = $3";
const NEXT_WAKE: &str =
    "SELECT snoozed_until FROM conversations WHERE status = 'snoozed' AND snoozed_until IS NOT NULL ORDER BY snoozed_until LIMIT 1";
const DUE: &str = "SELECT c.workspace_id, c.id, c.channel_id, i.chat_key FROM conversations c JOIN identities i ON i.id = c.identity_id \
     WHERE c.status = 'snoozed' AND c.snoozed_until IS NOT NULL AND c.snoozed_until <= $1 ORDER BY c.snoozed_until LIMIT 200";
const WAKE: &str = "UPDATE conversations SET status = 'open', active = TRUE, snoozed_until = NULL, \
     unread = CASE WHEN unread = 0 THEN 1 ELSE unread END, last_at = CASE WHEN last_at < $3 THEN $3 ELSE last_at END \
     WHERE workspace_id = $1 AND id = $2 AND status = 'snoozed' AND snoozed_until <= $3";
const SAY: &str = "INSERT INTO messages (id, workspace_id, conversation_id, channel_id, chat_key, direction, kind, text, at, received_at, delivery) \
     VALUES ($1, $2, $3, $4, $5, 'system', 'service', $6, $7, $7, 'received')";

/// Queries with a limit, for the test that asks the planner about them.
pub const LOOKS: [(&str, &str); 3] = [("next wake", NEXT_WAKE), ("due", DUE), ("other living", OTHER_LIVING)];

/// The beginnings of the queries that several ids follow, for the same test. The plus hides the workspace from SQLite's planner, which would
/// rather read every conversation of it.
pub const BY_ID: [&str; 1] = [STATES];

/// Why one is not opened again.
const NEWER: &str = "This customer has a newer open conversation: answer there.";
/// What stands in the thread of a conversation that came back by the clock.
const BACK: &str = "Back from snooze";

impl Store {
    /// Carries out acts on at most [`MOST`] conversations, together. What is so already stays; what the rules do not allow is left as it is,
    /// with the reason.
    pub async fn act(&self, workspace: WorkspaceId, agent: AgentId, steps: &[Step]) -> Result<Acted> {
        if steps.len() > MOST {
            return Err(Error::Refused(format!("Nothing was changed: at most {MOST} conversations can be changed at once")));
        }
        let mut tx = self.begin().await?;
        let ids: Vec<Value<'_>> = steps.iter().map(|step| Value::from(step.conversation)).collect();
        let rows: Vec<State> = tx.rows_in(STATES, args![workspace], &ids, "").await?;
        let states: BTreeMap<i64, State> = rows.into_iter().map(|state| (state.id, state)).collect();
        let mut acted = Acted::default();
        let mut log: Vec<(&'static str, ConversationId, String)> = Vec::new();
        let mut labels = BTreeMap::new();
        for step in steps {
            let state = states.get(&step.conversation.0).ok_or(Error::NotFound("conversation"))?;
            if let Act::Label(name, _) = &step.act
                && !labels.contains_key(name.as_str())
            {
                // Taking off a label makes none.
                let label = if steps.iter().any(|step| matches!(&step.act, Act::Label(other, true) if other == name)) {
                    Some(self.ensure_label(&mut tx, workspace, name).await?)
                } else {
                    tx.row::<(i64,)>(FIND_LABEL, args![workspace, &name_key(name)]).await?.map(|(id,)| id)
                };
                labels.insert(name.as_str(), label);
            }
            match self.step(&mut tx, (workspace, agent), state, step, &labels).await? {
                Done::Changed(kind, detail) => {
                    tx.hint(Hint::Conversation(step.conversation));
                    if matches!(step.act, Act::Status(Status::Snoozed, Some(_))) {
                        // Whoever waits for the next one to come back has to look again.
                        tx.hint(Hint::Status);
                    }
                    log.push((kind, step.conversation, detail));
                    acted.undo.push(Step {
                        conversation: step.conversation,
                        act: state.before(&step.act),
                        only_if: Some(step.act.clone()),
                    });
                    acted.changed += 1;
                }
                Done::Already => {}
                Done::Refused(why) => acted.refused.push((step.conversation, why)),
            }
        }
        let events: Vec<Event<'_>> = log
            .iter()
            .map(|(kind, id, detail)| Event { kind, agent: Some(agent), conversation: Some(*id), detail, ..Event::default() })
            .collect();
        self.log(&mut tx, workspace, &events).await?;
        self.commit(tx).await?;
        Ok(acted)
    }

    /// Resolves, reopens and the like.
    pub async fn set_status(&self, workspace: WorkspaceId, agent: AgentId, id: ConversationId, status: Status) -> Result<()> {
        self.act_on_one(workspace, agent, id, Act::Status(status, None)).await
    }

    /// Gives it to somebody, or to nobody.
    pub async fn assign(&self, workspace: WorkspaceId, agent: AgentId, id: ConversationId, to: Option<AgentId>) -> Result<()> {
        self.act_on_one(workspace, agent, id, Act::Assign(to.map(|agent| (agent, String::new())))).await
    }

    /// The names of the workspace's labels, by name.
    pub async fn labels(&self, conn: &mut Conn, workspace: WorkspaceId) -> Result<Vec<String>> {
        let rows: Vec<(String,)> = conn.rows(LABELS, args![workspace]).await?;
        Ok(rows.into_iter().map(|(name,)| name).collect())
    }

    /// When the next snoozed conversation of any workspace comes back.
    pub async fn next_wake(&self) -> Result<Option<Timestamp>> {
        let row: Option<(i64,)> = self.read().await?.row(NEXT_WAKE, &[]).await?;
        Ok(row.map(|(at,)| Timestamp(at)))
    }

    /// Brings back the snoozed conversations whose time has come, unread and on top with a line that says so; how many.
    pub async fn wake(&self) -> Result<usize> {
        let mut woken = 0;
        loop {
            let now = self.now();
            // Whoever looks in vain, as most do, takes no turn of the only writer.
            if self.next_wake().await?.is_none_or(|at| at > now) {
                return Ok(woken);
            }
            let mut tx = self.begin().await?;
            let due: Vec<(i64, i64, i64, String)> = tx.rows(DUE, args![now]).await?;
            if due.is_empty() {
                return Ok(woken);
            }
            for (workspace, id, channel, chat) in due {
                let (workspace, id) = (WorkspaceId(workspace), ConversationId(id));
                if tx.run(WAKE, args![workspace, id, now]).await? == 0 {
                    continue;
                }
                tx.run(SAY, args![self.next_id(), workspace, id, channel, &chat, BACK, now]).await?;
                let event = Event { kind: "conversation.status", conversation: Some(id), detail: "snoozed -> open", ..Event::default() };
                self.log(&mut tx, workspace, &[event]).await?;
                tx.hint(Hint::Conversation(id));
                woken += 1;
            }
            self.commit(tx).await?;
        }
    }

    async fn act_on_one(&self, workspace: WorkspaceId, agent: AgentId, id: ConversationId, act: Act) -> Result<()> {
        let acted = self.act(workspace, agent, &[Step::new(id, act)]).await?;
        acted.refused.into_iter().next().map_or(Ok(()), |(_, why)| Err(Error::Refused(why)))
    }

    async fn step(
        &self,
        tx: &mut Tx,
        (workspace, agent): (WorkspaceId, AgentId),
        state: &State,
        step: &Step,
        labels: &BTreeMap<&str, Option<i64>>,
    ) -> Result<Done> {
        let id = step.conversation;
        if state.status == "merged" {
            return Ok(Done::Refused("This conversation was merged into another one: open that one.".to_owned()));
        }
        // A label's own rows tell whether it is on.
        if let Act::Label(name, on) = &step.act {
            let Some(label) = labels.get(name.as_str()).copied().flatten() else { return Ok(Done::Already) };
            let touched = tx.run(if *on { PUT_LABEL } else { TAKE_LABEL }, args![workspace, id, label]).await?;
            let detail = format!("{} {name}", if *on { "+" } else { "-" });
            return Ok(if touched > 0 { Done::Changed("conversation.label", detail) } else { Done::Already });
        }
        if state.is(&step.act) {
            return Ok(Done::Already);
        }
        if step.only_if.as_ref().is_some_and(|act| !state.is(act)) {
            return Ok(Done::Refused("It was changed again since.".to_owned()));
        }
        match &step.act {
            Act::Status(status, until) => {
                if status.is_living() && !Status::of(&state.status).is_some_and(Status::is_living) {
                    let other: Option<(i64,)> = tx.row(OTHER_LIVING, args![workspace, state.identity_id, id]).await?;
                    if other.is_some() {
                        return Ok(Done::Refused(NEWER.to_owned()));
                    }
                }
                // The customer may have written between the look and this: PostgreSQL then refuses the second living one, and all with it.
                let refused = |error| if matches!(error, Error::Duplicate) { Error::Refused(NEWER.to_owned()) } else { error };
                tx.run(SET_STATUS, args![workspace, id, status.name(), status.is_active(), *until]).await.map_err(refused)?;
                let when = until.map(|at| format!(" until {}", at.rfc3339())).unwrap_or_default();
                Ok(Done::Changed("conversation.status", format!("{} -> {}{when}", state.status, status.name())))
            }
            Act::Assign(to) => {
                let to = to.as_ref().map(|(agent, _)| *agent);
                tx.run(SET_ASSIGNEE, args![workspace, id, to]).await?;
                let name = |id: Option<i64>| id.map_or_else(|| "nobody".to_owned(), |id| id.to_string());
                Ok(Done::Changed("conversation.assigned", format!("{} -> {}", name(state.assignee_id), name(to.map(|agent| agent.0)))))
            }
            Act::Priority(priority) => {
                tx.run(SET_PRIORITY, args![workspace, id, priority.rank()]).await?;
                let before = Priority::of_rank(state.priority);
                Ok(Done::Changed("conversation.priority", format!("{} -> {}", before.name(), priority.name())))
            }
            Act::Unread(count) => {
                tx.run(SET_UNREAD, args![workspace, id, i64::from(*count)]).await?;
                if *count == 0 {
                    self.queue_read(tx, workspace, agent, id).await?;
                }
                let kind = if *count > 0 { "conversation.unread" } else { "conversation.read" };
                Ok(Done::Changed(kind, String::new()))
            }
            Act::Label(..) => Ok(Done::Already),
        }
    }

    /// The label of that name, made when it is new.
    async fn ensure_label(&self, tx: &mut Tx, workspace: WorkspaceId, name: &str) -> Result<i64> {
        let (name, key) = (name.trim(), name_key(name));
        if name.is_empty() || name.chars().count() > LABEL_CHARS || name.contains('\n') {
            return Err(Error::Refused(format!("No label: its name must be one line of 1 to {LABEL_CHARS} characters.")));
        }
        if let Some((id,)) = tx.row::<(i64,)>(FIND_LABEL, args![workspace, &key]).await? {
            return Ok(id);
        }
        tx.run(ADD_LABEL, args![self.next_id(), workspace, name, &key, self.now()]).await?;
        let (id,): (i64,) = tx.one("label", FIND_LABEL, args![workspace, &key]).await?;
        Ok(id)
    }
}

/// What became of one step: the event's kind and detail, nothing, or the reason.
enum Done {
    Changed(&'static str, String),
    Already,
    Refused(String),
}

impl State {
    /// What makes it again what it is, after this act has changed it.
    fn before(&self, act: &Act) -> Act {
        match act {
            Act::Status(..) => Act::Status(Status::of(&self.status).unwrap_or_default(), self.snoozed_until.map(Timestamp)),
            Act::Assign(_) => Act::Assign(self.assignee_id.map(|agent| (AgentId(agent), String::new()))),
            Act::Priority(_) => Act::Priority(Priority::of_rank(self.priority)),
            Act::Unread(_) => Act::Unread(u32::try_from(self.unread).unwrap_or_default()),
            Act::Label(name, on) => Act::Label(name.clone(), !on),
        }
    }

    /// Whether an act would change nothing; a label is not known here.
    fn is(&self, act: &Act) -> bool {
        match act {
            Act::Status(status, until) => self.status == status.name() && self.snoozed_until == until.map(|at| at.0),
            Act::Assign(to) => self.assignee_id == to.as_ref().map(|(agent, _)| agent.0),
            Act::Priority(priority) => self.priority == priority.rank(),
            Act::Unread(count) => self.unread == i64::from(*count),
            Act::Label(..) => false,
        }
    }
}
