//! What holders of tickets were told, each thing once.
//!
//! What leaves is a reply like any other, in the same transaction as its notice. Whoever tells holds the venue: what is told is true of the
//! queue as it is then.

use super::super::Store;
use super::super::db::{Conn, Tx, Value, args};
use super::super::error::Result;
use super::super::venues::{Held, Of};
use crate::domain::hint::Hint;
use crate::domain::id::{ConversationId, MessageId, TicketId, VenueId, WorkspaceId};
use crate::domain::queue::Rules;
use crate::domain::queue::look::Place;
use crate::domain::queue::tell::{Kind, Notice};
use crate::domain::time::{Span, Timestamp};

/// A notice as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its row.
    pub id: i64,
    /// What.
    pub notice: Notice,
    /// It waits to leave.
    pub queued: bool,
    /// The message that says it.
    pub message: Option<MessageId>,
}

/// A ticket whose holder is told something, while its venue is held.
#[derive(Debug)]
pub struct Telling {
    held: Held,
    /// The ticket as it is now.
    pub place: Place,
    /// What was told of it, or need not be.
    pub told: Vec<Told>,
    /// Where the holder's browser takes push messages.
    pub push: Option<String>,
    /// They want to hear no more of it.
    pub quiet: bool,
}

/// A push notice that is to leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToPush {
    /// The notice's row.
    pub id: i64,
    /// Whose.
    pub workspace: WorkspaceId,
    /// Of which ticket.
    pub ticket: TicketId,
}

/// What a notice has become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was handed over.
    Sent,
    /// It arrived.
    Delivered,
    /// It did not, and will not.
    Failed,
    /// It was not needed any more.
    Dropped,
}

impl Fate {
    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Dropped => "dropped",
        }
    }
}

#[derive(sqlx::FromRow)]
struct ToldRow {
    id: i64,
    kind: String,
    occasion: i64,
    state: String,
    message_id: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct Moved {
    id: i64,
    workspace_id: i64,
    ticket_id: i64,
    delivery: String,
}

const VENUES: &str = "SELECT workspace_id, id FROM venues ORDER BY id";
const WORKSPACE_OF: &str = "SELECT workspace_id FROM venues WHERE id = $1";
/// Of whom something may be told that was not: who can be reached by some way, is new, called, moved or cancelled, or has a notice that waits.
const HOLDERS: &str = "SELECT t.id FROM tickets t WHERE t.workspace_id = $1 AND t.venue_id = $2 AND t.state IN ('waiting', 'called', 'serving', 'parked') \
     AND NOT t.quiet AND (t.conversation_id IS NOT NULL OR t.phone <> '' OR t.push IS NOT NULL) \
     AND ((t.state = 'waiting' AND NOT EXISTS (SELECT 1 FROM notices n WHERE n.ticket_id = t.id AND n.kind = 'created' AND n.occasion = 0)) \
       OR (t.state = 'waiting' AND t.transfers > 0 AND NOT EXISTS (SELECT 1 FROM notices n WHERE n.ticket_id = t.id AND n.kind = 'moved' AND n.occasion = t.transfers)) \
       OR (t.state = 'called' AND NOT EXISTS (SELECT 1 FROM notices n WHERE n.ticket_id = t.id AND n.kind = 'turn' AND n.occasion = t.called_at))) \
     UNION SELECT t.id FROM tickets t WHERE t.workspace_id = $1 AND t.venue_id = $2 AND t.state = 'cancelled' AND t.ended_at > $3 \
     AND NOT t.quiet AND (t.conversation_id IS NOT NULL OR t.phone <> '' OR t.push IS NOT NULL) \
     AND NOT EXISTS (SELECT 1 FROM notices n WHERE n.ticket_id = t.id AND n.kind = 'cancelled' AND n.occasion = 0) \
     UNION SELECT t.id FROM notices q JOIN tickets t ON t.id = q.ticket_id WHERE t.workspace_id = $1 AND t.venue_id = $2 \
     AND q.state = 'queued' AND q.state IN ('queued', 'sent')";
/// Those of the first in line to whom it was not said yet, or is not any more.
const REACHABLE: &str = "SELECT t.id FROM tickets t WHERE t.workspace_id = $1 AND NOT t.quiet \
     AND (t.conversation_id IS NOT NULL OR t.phone <> '' OR t.push IS NOT NULL) AND t.id IN";
const TOLD: &str = "SELECT id, kind, occasion, state, message_id FROM notices WHERE workspace_id = $1 AND ticket_id = $2 ORDER BY id";
const WAYS: &str = "SELECT push, quiet FROM tickets WHERE workspace_id = $1 AND id = $2";
const LAST_TOLD: &str = "SELECT MAX(n.at) FROM tickets t JOIN notices n ON n.ticket_id = t.id \
     WHERE t.workspace_id = $1 AND t.conversation_id = $2 AND n.message_id IS NOT NULL AND n.state <> 'dropped'";
const ADD: &str = "INSERT INTO notices (id, workspace_id, ticket_id, kind, occasion, route, state, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
     ON CONFLICT (ticket_id, kind, occasion) DO NOTHING";
const SAID_BY: &str = "UPDATE notices SET message_id = $3 WHERE workspace_id = $1 AND id = $2";
const SET_STATE: &str = "UPDATE notices SET state = $3 WHERE workspace_id = $1 AND id = $2 AND state IN ('queued', 'sent')";
const SET_ROUTE: &str = "UPDATE notices SET route = $3, state = $4, message_id = NULL WHERE workspace_id = $1 AND id = $2";
const FORGET: &str = "DELETE FROM notices WHERE workspace_id = $1 AND id = $2";
const FORGET_UNTOLD: &str = "DELETE FROM notices WHERE workspace_id = $1 AND ticket_id = $2 AND state = 'untold'";
const SET_TOLD: &str = "UPDATE tickets SET told = $3 WHERE workspace_id = $1 AND id = $2";
const SET_QUIET: &str = "UPDATE tickets SET quiet = $3 WHERE workspace_id = $1 AND id = $2";
const DROP_PUSH: &str = "UPDATE tickets SET push = NULL WHERE workspace_id = $1 AND id = $2";
const TO_PUSH: &str = "SELECT id, workspace_id, ticket_id FROM notices WHERE route = 'push' AND state = 'queued' \
     AND state IN ('queued', 'sent') ORDER BY at LIMIT 100";

/// What a message says of its notice, when that is not written down yet.
macro_rules! moved {
    ($where:literal) => {
        concat!(
            "SELECT n.id, n.workspace_id, n.ticket_id, m.delivery FROM notices n JOIN messages m ON m.id = n.message_id WHERE ",
            $where,
            " AND n.state IN ('queued', 'sent') AND ((n.state = 'queued' AND m.delivery NOT IN ('queued', 'sending')) \
             OR (n.state = 'sent' AND m.delivery NOT IN ('sent', 'uncertain')))"
        )
    };
}
const MOVED_OF: &str = moved!("n.ticket_id IN (SELECT t.id FROM tickets t WHERE t.conversation_id = $1)");
const MOVED: &str = moved!("n.at > $1");

/// The queries with a limit, for the test that asks the planner about them.
pub const LOOKS: [(&str, &str); 1] = [("notices to push", TO_PUSH)];

/// A ticket that was cancelled longer ago is told of no more.
const NEWS: Span = Span::minutes(10);
/// What became of a message longer ago is looked up no more.
const FOLLOWED: Span = Span::hours(1);

impl Store {
    /// Every venue of every workspace.
    pub async fn all_venues(&self, conn: &mut Conn) -> Result<Vec<(WorkspaceId, VenueId)>> {
        let rows: Vec<(i64, i64)> = conn.rows(VENUES, &[]).await?;
        Ok(rows.into_iter().map(|(workspace, venue)| (WorkspaceId(workspace), VenueId(venue))).collect())
    }

    /// Whose a venue is; `None` when it is gone.
    pub async fn workspace_of(&self, conn: &mut Conn, venue: VenueId) -> Result<Option<WorkspaceId>> {
        Ok(conn.row::<(i64,)>(WORKSPACE_OF, args![venue]).await?.map(|(workspace,)| WorkspaceId(workspace)))
    }

    /// Tickets of whose holders something may be told, or may not be said any more, with the place of those who stand at the head of a line.
    pub async fn holders(
        &self,
        conn: &mut Conn,
        workspace: WorkspaceId,
        venue: VenueId,
        rules: &Rules,
    ) -> Result<Vec<(TicketId, Option<i64>)>> {
        let lines = self.lines(conn, workspace, venue, None).await?;
        let spots = lines.waiting(self, conn, workspace).await?;
        let heads: Vec<(TicketId, i64)> = spots.into_iter().map(|spot| (spot.ticket, spot.position)).collect();
        let place = |id: TicketId| heads.iter().find(|(head, _)| *head == id).map(|(_, place)| *place);
        let since = self.now().minus(NEWS);
        let mut all: Vec<(i64,)> = conn.rows(HOLDERS, args![workspace, venue, since]).await?;
        let first = heads.iter().filter(|(_, place)| *place <= rules.soon.max(1));
        let first: Vec<Value<'_>> = first.map(|(id, _)| Value::Int(id.0)).collect();
        if !first.is_empty() {
            all.extend(conn.rows_in::<(i64,)>(REACHABLE, args![workspace], &first, "").await?);
        }
        all.sort_unstable();
        all.dedup();
        Ok(all.into_iter().map(|(id,)| (TicketId(id), place(TicketId(id)))).collect())
    }

    /// What the holder of a ticket was told, or need not be.
    pub async fn told(&self, conn: &mut Conn, workspace: WorkspaceId, ticket: TicketId) -> Result<Vec<Told>> {
        let rows: Vec<ToldRow> = conn.rows(TOLD, args![workspace, ticket]).await?;
        let told = |row: ToldRow| {
            let notice = Notice { kind: Kind::of(&row.kind)?, occasion: row.occasion };
            Some(Told { id: row.id, notice, queued: row.state == "queued", message: row.message_id.map(MessageId) })
        };
        Ok(rows.into_iter().filter_map(told).collect())
    }

    /// Holds a ticket's venue to tell its holder something.
    pub async fn telling(&self, tx: &mut Tx, workspace: WorkspaceId, ticket: TicketId) -> Result<Telling> {
        let held = self.hold(tx, workspace, None, Of::Ticket(ticket)).await?;
        let (push, quiet): (Option<String>, bool) = tx.one("ticket", WAYS, args![workspace, ticket]).await?;
        let place = self.place(tx, workspace, ticket).await?;
        let told = self.told(tx, workspace, ticket).await?;
        Ok(Telling { held, place, told, push, quiet })
    }

    /// When somebody was last written to about a ticket.
    pub async fn last_told(&self, conn: &mut Conn, workspace: WorkspaceId, conversation: ConversationId) -> Result<Option<Timestamp>> {
        let (at,): (Option<i64>,) = conn.one("notice", LAST_TOLD, args![workspace, conversation]).await?;
        Ok(at.map(Timestamp))
    }

    /// Writes down that something is told by this way (`domain::notice::Route` in a word), with what need not be told any more. `None` when it
    /// was told before; else the notice's row.
    pub async fn note_told(&self, tx: &mut Tx, telling: &Telling, notice: Notice, route: &str) -> Result<Option<i64>> {
        let state = if route == "display" { "untold" } else { "queued" };
        let Some(id) = self.add_notice(tx, telling, notice, route, state).await? else { return Ok(None) };
        let Telling { held, place, .. } = telling;
        for covered in notice.covers(&place.ticket, place.position, &held.venue.rules) {
            self.add_notice(tx, telling, covered, "", Fate::Dropped.name()).await?;
        }
        tx.run(SET_TOLD, args![held.workspace, place.ticket.id, route]).await?;
        let detail = format!("{} {route}", notice.kind.name());
        let untold = state == "untold";
        // Whoever has no chat and no browser is a matter of the display until they are called.
        if !untold || matches!(notice.kind, Kind::Turn | Kind::Cancelled) {
            let kind = if untold { "notice.untold" } else { "notice.queued" };
            self.log(tx, held.workspace, &[held.event(kind, Some(place.ticket.id), &detail)]).await?;
        }
        if let Some(conversation) = place.ticket.conversation {
            tx.hint(Hint::Conversation(conversation));
        }
        self.touch(tx, held).await?;
        Ok(Some(id))
    }

    /// Something need not be told: it was said otherwise.
    pub async fn need_not_tell(&self, tx: &mut Tx, telling: &Telling, notice: Notice) -> Result<()> {
        self.add_notice(tx, telling, notice, "", Fate::Dropped.name()).await.map(|_| ())
    }

    async fn add_notice(&self, tx: &mut Tx, telling: &Telling, notice: Notice, route: &str, state: &str) -> Result<Option<i64>> {
        let (held, id) = (&telling.held, self.next_id());
        let values = args![id, held.workspace, telling.place.ticket.id, notice.kind.name(), notice.occasion, route, state, held.now];
        Ok((tx.run(ADD, values).await? > 0).then_some(id))
    }

    /// The message that says it.
    pub async fn said_by(&self, tx: &mut Tx, workspace: WorkspaceId, notice: i64, message: MessageId) -> Result<()> {
        tx.run(SAID_BY, args![workspace, notice, message]).await.map(|_| ())
    }

    /// A notice that waits need not be said any more: it is taken back when it has not left. What may become true again is forgotten, so that it
    /// can be said then.
    pub async fn unsay(&self, tx: &mut Tx, workspace: WorkspaceId, told: &Told, again: bool) -> Result<bool> {
        if let Some(message) = told.message
            && !self.call_back(tx, workspace, message).await?
        {
            return Ok(false);
        }
        if again {
            tx.run(FORGET, args![workspace, told.id]).await?;
        } else {
            tx.run(SET_STATE, args![workspace, told.id, Fate::Dropped.name()]).await?;
        }
        Ok(true)
    }

    /// Somebody can be reached now: what could not be told may be told after all, and is wanted.
    pub async fn can_be_told(&self, tx: &mut Tx, workspace: WorkspaceId, ticket: TicketId) -> Result<()> {
        tx.run(FORGET_UNTOLD, args![workspace, ticket]).await?;
        tx.run(SET_QUIET, args![workspace, ticket, false]).await.map(|_| ())
    }

    /// Its holder wants to hear no more of it.
    pub async fn keep_quiet(&self, tx: &mut Tx, workspace: WorkspaceId, ticket: TicketId) -> Result<()> {
        tx.run(SET_QUIET, args![workspace, ticket, true]).await?;
        for told in self.told(tx, workspace, ticket).await?.iter().filter(|told| told.queued) {
            self.unsay(tx, workspace, told, false).await?;
        }
        Ok(())
    }

    /// Writes down what became of the messages that say notices: of a conversation's, or of all. What did not arrive is told by the holder's
    /// browser when they have one, else the display is all there is.
    pub async fn follow_notices(&self, conversation: Option<ConversationId>) -> Result<()> {
        let mut conn = self.read().await?;
        let moved: Vec<Moved> = match conversation {
            Some(conversation) => conn.rows(MOVED_OF, args![conversation]).await?,
            None => conn.rows(MOVED, args![self.now().minus(FOLLOWED)]).await?,
        };
        drop(conn);
        for row in moved {
            let fate = match row.delivery.as_str() {
                "failed" => Fate::Failed,
                "canceled" => Fate::Dropped,
                "sent" | "uncertain" => Fate::Sent,
                _ => Fate::Delivered,
            };
            self.settle_notice(WorkspaceId(row.workspace_id), TicketId(row.ticket_id), row.id, fate).await?;
        }
        Ok(())
    }

    /// Writes down what became of a notice.
    pub async fn settle_notice(&self, workspace: WorkspaceId, ticket: TicketId, id: i64, fate: Fate) -> Result<()> {
        let mut tx = self.begin().await?;
        let telling = self.telling(&mut tx, workspace, ticket).await?;
        let Telling { held, place, told, push, .. } = &telling;
        let Some(told) = told.iter().find(|told| told.id == id) else { return Ok(()) };
        if tx.run(SET_STATE, args![workspace, id, fate.name()]).await? == 0 {
            return Ok(());
        }
        if fate == Fate::Failed {
            let past = told.notice.is_past(&place.ticket, place.position, &held.venue.rules);
            // What failed as a push notice is not tried as one again.
            let push = told.message.is_some() && push.is_some() && !past;
            if push {
                tx.run(SET_ROUTE, args![workspace, id, "push", "queued"]).await?;
            }
            tx.run(SET_TOLD, args![workspace, ticket, if push { "push" } else { "display" }]).await?;
        }
        let detail = format!("{} {}", told.notice.kind.name(), fate.name());
        let kind = if fate == Fate::Failed { "notice.untold" } else { "notice.sent" };
        if fate != Fate::Dropped {
            self.log(&mut tx, workspace, &[held.event(kind, Some(ticket), &detail)]).await?;
        }
        self.touch(&mut tx, held).await?;
        self.commit(tx).await
    }

    /// Notices that are to be pushed, in every workspace, the oldest first.
    pub async fn to_push(&self, conn: &mut Conn) -> Result<Vec<ToPush>> {
        let rows: Vec<(i64, i64, i64)> = conn.rows(TO_PUSH, &[]).await?;
        let row = |(id, workspace, ticket)| ToPush { id, workspace: WorkspaceId(workspace), ticket: TicketId(ticket) };
        Ok(rows.into_iter().map(row).collect())
    }

    /// A notice that was written down as pushed was certainly not: it waits again.
    pub async fn push_again(&self, workspace: WorkspaceId, id: i64) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.run(SET_ROUTE, args![workspace, id, "push", "queued"]).await?;
        self.commit(tx).await
    }

    /// A browser takes no push messages any more.
    pub async fn drop_push(&self, workspace: WorkspaceId, ticket: TicketId) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.run(DROP_PUSH, args![workspace, ticket]).await?;
        self.commit(tx).await
    }
}
