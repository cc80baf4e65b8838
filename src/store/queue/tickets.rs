//! Tickets: reading one, keeping one that was changed, and what is known of who holds it.

use super::super::Store;
use super::super::db::{Conn, Tx, args};
use super::super::error::{Error, Result};
use super::super::venues::{Held, Of};
use crate::domain::hint::Hint;
use crate::domain::id::{ContactId, ConversationId, CounterId, ServiceId, TicketId, VenueId, WorkspaceId};
use crate::domain::queue::{Priority, State, Ticket, number};
use crate::domain::time::{Span, Timestamp};

/// A ticket with what only the store needs to know of it.
#[derive(Clone, Debug)]
pub(super) struct One {
    pub ticket: Ticket,
    /// Since when it waits in its present line.
    pub since: Timestamp,
    /// How long it was said to take when it was issued.
    pub promised: Option<Span>,
}

#[derive(sqlx::FromRow)]
pub(super) struct TicketRow {
    id: i64,
    venue_id: i64,
    service_id: i64,
    issued_for: i64,
    label: String,
    number: i64,
    day: i64,
    carried: bool,
    state: String,
    priority: String,
    arrived_at: i64,
    order_at: i64,
    since: i64,
    promised: Option<i64>,
    first_called_at: Option<i64>,
    called_at: Option<i64>,
    recalls: i64,
    serving_at: Option<i64>,
    ended_at: Option<i64>,
    counter_id: Option<i64>,
    parked_until: Option<i64>,
    transfers: i64,
    phone: String,
    name: String,
    note: String,
    language: String,
    contact_id: Option<i64>,
    conversation_id: Option<i64>,
    told: String,
    version: i64,
}

/// Every ticket of a workspace that fits the rest of the query; `$1` is the workspace. When they are looked up `by id` a plus hides the
/// workspace from SQLite's planner, which would rather read every ticket of it.
macro_rules! tickets {
    (by id, $tail:expr) => {
        tickets!(with "+workspace_id", $tail)
    };
    (with $workspace:literal, $tail:expr) => {
        concat!(
            "SELECT id, venue_id, service_id, issued_for, label, number, day, carried, state, priority, arrived_at, order_at, since, promised, \
             first_called_at, called_at, recalls, serving_at, ended_at, counter_id, parked_until, transfers, phone, name, note, language, \
             contact_id, conversation_id, told, version FROM tickets WHERE ",
            $workspace,
            " = $1 AND ",
            $tail
        )
    };
    ($tail:expr) => {
        tickets!(with "workspace_id", $tail)
    };
}
pub(super) use tickets;

const ONE: &str = tickets!("id = $2");
const LABELLED: &str = tickets!("label = $2 ORDER BY id DESC LIMIT 1");
const OPEN_LABELLED: &str = tickets!("label = $2 AND state IN ('waiting', 'called', 'serving', 'parked') ORDER BY id DESC LIMIT 2");
const OPEN_OF_CONVERSATION: &str =
    tickets!("conversation_id = $2 AND state IN ('waiting', 'called', 'serving', 'parked') ORDER BY id DESC LIMIT 1");
const SAVE: &str = "UPDATE tickets SET version = version + 1, service_id = $4, state = $5, priority = $6, class = $7, order_at = $8, since = $9, \
     first_called_at = $10, called_at = $11, recalls = $12, serving_at = $13, ended_at = $14, counter_id = $15, parked_until = $16, \
     transfers = $17, carried = $18 WHERE workspace_id = $1 AND id = $2 AND version = $3";
const LINK: &str = "UPDATE tickets SET phone = $3, contact_id = $4, conversation_id = $5 WHERE workspace_id = $1 AND id = $2";
const PUSH: &str = "UPDATE tickets SET push = $3 WHERE workspace_id = $1 AND id = $2";
pub(super) const OPEN_OF_PHONE: &str = tickets!(
    "phone = $2 AND phone <> '' AND (issued_for = $3 OR service_id = $3) AND state IN ('waiting', 'called', 'serving', 'parked') \
     ORDER BY id DESC LIMIT 1"
);

/// The queries with a limit, for the test that asks the planner about them.
pub const LOOKS: [(&str, &str); 4] = [
    ("labelled", LABELLED),
    ("open ones of a label", OPEN_LABELLED),
    ("open ticket of a conversation", OPEN_OF_CONVERSATION),
    ("open ticket of a phone, of which there are few", OPEN_OF_PHONE),
];

impl TicketRow {
    pub(super) fn one(self) -> Result<One> {
        let stored = |detail: &str| Error::Stored { what: "ticket", detail: detail.to_owned() };
        let at = |at: Option<i64>| at.map(Timestamp);
        let ticket = Ticket {
            id: TicketId(self.id),
            venue: VenueId(self.venue_id),
            service: ServiceId(self.service_id),
            issued_for: ServiceId(self.issued_for),
            label: self.label,
            number: self.number,
            day: self.day,
            carried: self.carried,
            state: State::of(&self.state).ok_or_else(|| stored(&self.state))?,
            priority: Priority::of(&self.priority).ok_or_else(|| stored(&self.priority))?,
            arrived_at: Timestamp(self.arrived_at),
            order_at: Timestamp(self.order_at),
            first_called_at: at(self.first_called_at),
            called_at: at(self.called_at),
            recalls: self.recalls,
            serving_at: at(self.serving_at),
            ended_at: at(self.ended_at),
            counter: self.counter_id.map(CounterId),
            parked_until: at(self.parked_until),
            transfers: self.transfers,
            phone: self.phone,
            name: self.name,
            note: self.note,
            language: self.language,
            contact: self.contact_id.map(ContactId),
            conversation: self.conversation_id.map(ConversationId),
            told: self.told,
            version: self.version,
        };
        Ok(One { ticket, since: Timestamp(self.since), promised: self.promised.map(Span) })
    }

    pub(super) fn ticket(self) -> Result<Ticket> {
        Ok(self.one()?.ticket)
    }
}

impl Store {
    /// A ticket.
    pub async fn ticket(&self, conn: &mut Conn, workspace: WorkspaceId, id: TicketId) -> Result<Ticket> {
        Ok(self.ticket_in(conn, workspace, id).await?.ticket)
    }

    pub(super) async fn ticket_in(&self, conn: &mut Conn, workspace: WorkspaceId, id: TicketId) -> Result<One> {
        conn.one::<TicketRow>("ticket", ONE, args![workspace, id]).await?.one()
    }

    /// The ticket of a label, however it is typed: `SER-042`, `ser 42`. The open one, else the newest; refused when two are open, one of them
    /// kept from an earlier day: nobody acts on the wrong person.
    pub async fn ticket_labelled(&self, conn: &mut Conn, workspace: WorkspaceId, label: &str) -> Result<Ticket> {
        let label = number::parse(label).map_or_else(|| label.trim().to_uppercase(), |(prefix, number)| number::label(&prefix, number));
        let mut open: Vec<TicketRow> = conn.rows(OPEN_LABELLED, args![workspace, &label]).await?;
        if open.len() > 1 {
            let ticket = open.swap_remove(0).ticket()?;
            return Err(refused(
                &ticket,
                "another ticket of this number, of an earlier day, is open too: choose the right one on the desk's queue screen",
            ));
        }
        if let Some(row) = open.pop() {
            return row.ticket();
        }
        match conn.row::<TicketRow>(LABELLED, args![workspace, &label]).await? {
            Some(row) => row.ticket(),
            None => Err(Error::NotFound("ticket")),
        }
    }

    /// The newest open ticket of who writes in a conversation.
    pub async fn open_ticket(&self, conn: &mut Conn, workspace: WorkspaceId, conversation: ConversationId) -> Result<Option<Ticket>> {
        let row: Option<TicketRow> = conn.row(OPEN_OF_CONVERSATION, args![workspace, conversation]).await?;
        row.map(TicketRow::ticket).transpose()
    }

    /// Says who holds a ticket: their phone, and where we know them. Acts by those who saw it before stay good. Refused when the phone has
    /// another open ticket for the same service.
    pub async fn link_ticket(
        &self,
        tx: &mut Tx,
        workspace: WorkspaceId,
        id: TicketId,
        phone: &str,
        contact: Option<ContactId>,
        conversation: Option<ConversationId>,
    ) -> Result<()> {
        let held = self.hold(tx, workspace, None, Of::Ticket(id)).await?;
        let ticket = self.ticket(tx, workspace, id).await?;
        let other: Option<TicketRow> = tx.row(OPEN_OF_PHONE, args![workspace, phone, ticket.issued_for]).await?;
        if let Some(other) = other.map(TicketRow::ticket).transpose()?.filter(|other| other.id != id && ticket.state.is_open()) {
            let why = format!("its holder has {} for the same already", other.label);
            return Err(Error::Ticket { label: ticket.label, state: ticket.state, why });
        }
        tx.run(LINK, args![workspace, id, phone, contact.map(|id| id.0), conversation.map(|id| id.0)]).await?;
        for conversation in [ticket.conversation, conversation].into_iter().flatten() {
            tx.hint(Hint::Conversation(conversation));
        }
        self.touch(tx, &held).await
    }

    /// Keeps where the holder's browser takes push messages (`domain::push::Subscription`, as JSON).
    pub async fn set_push(&self, workspace: WorkspaceId, id: TicketId, subscription: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        let held = self.hold(&mut tx, workspace, None, Of::Ticket(id)).await?;
        tx.run(PUSH, args![workspace, id, subscription]).await?;
        self.touch(&mut tx, &held).await?;
        self.commit(tx).await
    }

    /// Keeps a ticket that was changed, with its line in the log. Nothing is kept when it is not the one that was read.
    pub(super) async fn save(&self, tx: &mut Tx, held: &Held, one: &mut One, kind: &str, detail: &str) -> Result<()> {
        let ticket = &mut one.ticket;
        let values = args![
            held.workspace,
            ticket.id,
            ticket.version,
            ticket.service,
            ticket.state.name(),
            ticket.priority.name(),
            ticket.priority.class(),
            ticket.order_at,
            one.since,
            ticket.first_called_at.map(|at| at.0),
            ticket.called_at.map(|at| at.0),
            ticket.recalls,
            ticket.serving_at.map(|at| at.0),
            ticket.ended_at.map(|at| at.0),
            ticket.counter.map(|id| id.0),
            ticket.parked_until.map(|at| at.0),
            ticket.transfers,
            ticket.carried,
        ];
        if tx.run(SAVE, values).await? == 0 {
            return Err(changed(ticket));
        }
        ticket.version += 1;
        if let Some(conversation) = ticket.conversation {
            tx.hint(Hint::Conversation(conversation));
        }
        self.log(tx, held.workspace, &[held.event(kind, Some(ticket.id), detail)]).await
    }
}

/// Why nothing was done to a ticket.
pub(super) fn refused(ticket: &Ticket, why: impl Into<String>) -> Error {
    Error::Ticket { label: ticket.label.clone(), state: ticket.state, why: why.into() }
}

/// Somebody else was faster.
pub(super) fn changed(ticket: &Ticket) -> Error {
    refused(ticket, format!("it has changed since: it is {} now", ticket.state.name()))
}
