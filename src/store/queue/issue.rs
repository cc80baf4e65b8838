//! Issuing a ticket: its number is taken in the same transaction that stores it, so that a ticket that is not stored has used none.

use super::super::Store;
use super::super::db::{Tx, args};
use super::super::error::{Error, Result};
use super::super::venues::{Held, Of};
use super::tickets::{OPEN_OF_PHONE, TicketRow, tickets};
use crate::domain::id::{AgentId, TicketId, WorkspaceId};
use crate::domain::phone;
use crate::domain::queue::look::{Answer, Issue};
use crate::domain::queue::{Ticket, number};
use crate::domain::time::Span;

const OF_KEY: &str = tickets!("request_key = $2");
const TAKE_NUMBER: &str = "INSERT INTO ticket_numbers (workspace_id, service_id, day, last) VALUES ($1, $2, $3, 1) \
     ON CONFLICT (service_id, day) DO UPDATE SET last = ticket_numbers.last + 1 RETURNING epoch, last";
const ADD: &str = "INSERT INTO tickets (id, workspace_id, venue_id, service_id, issued_for, label, day, epoch, number, state, priority, class, \
     arrived_at, order_at, since, phone, name, language, request_key, source) \
     VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, 'waiting', $9, $10, $11, $11, $11, $12, $13, $14, $15, $16)";
const PROMISE: &str = "UPDATE tickets SET promised = $3 WHERE workspace_id = $1 AND id = $2";

/// More of a name is no name.
const NAME_CHARS: usize = 100;

impl Store {
    /// Gives out a ticket, or the one that the same press, or the same phone, got before.
    pub(super) async fn issue(&self, tx: &mut Tx, workspace: WorkspaceId, agent: Option<AgentId>, issue: &Issue) -> Result<Answer> {
        let Some(service) = issue.service else {
            return Err(Error::Refused("No ticket was issued: say what it is for.".to_owned()));
        };
        let mut held = self.hold(tx, workspace, agent, Of::Service(service)).await?;
        let service = self.service(tx, workspace, service).await?;
        let phone = telephone(&issue.phone, &held)?;
        if !issue.key.is_empty()
            && let Some(ticket) = tx.row::<TicketRow>(OF_KEY, args![workspace, &issue.key]).await?.map(TicketRow::ticket).transpose()?
        {
            if ticket.issued_for != service.id {
                let why =
                    format!("No ticket was issued: the key is that of {}, which is for something else. Take another key.", ticket.label);
                return Err(Error::Refused(why));
            }
            return self.answer(tx, workspace, ticket.id, true).await;
        }
        if !phone.is_empty()
            && let Some(row) = tx.row::<TicketRow>(OPEN_OF_PHONE, args![workspace, &phone, service.id]).await?
        {
            return self.answer(tx, workspace, row.ticket()?.id, true).await;
        }
        let department = self.department(tx, workspace, service.department).await?;
        if department.closed {
            return Err(Error::Refused(format!("No ticket was issued: {} is closed, so {} takes nobody.", department.name, service.name)));
        }
        let arrived = self.arrival(tx, &mut held).await?;
        let day = number::business_day(arrived, held.venue.zone, held.venue.day_starts);
        let (epoch, number): (i64, i64) = tx.one("number", TAKE_NUMBER, args![workspace, service.id, day]).await?;
        let id = TicketId(self.next_id());
        let name: String = issue.name.trim().chars().take(NAME_CHARS).collect();
        let label = number::label(&service.prefix, number);
        let values = args![
            id,
            workspace,
            held.venue.id,
            service.id,
            &label,
            day,
            epoch,
            number,
            issue.priority.name(),
            issue.priority.class(),
            arrived,
            &phone,
            &name,
            issue.language.trim(),
            Some(issue.key.as_str()).filter(|key| !key.is_empty()),
            issue.source,
        ];
        tx.run(ADD, values).await?;
        self.log(tx, workspace, &[held.event("ticket.issued", Some(id), issue.source)]).await?;
        self.touch(tx, &held).await?;
        let place = self.place(tx, workspace, id).await?;
        if let Some(range) = place.estimate {
            // The middle of what was said.
            tx.run(PROMISE, args![workspace, id, Span::secs((range.from + range.to) * 30)]).await?;
        }
        Ok(Answer::Ticket(Box::new(place)))
    }

    /// The open ticket that a phone has for what `ticket` was issued for, besides it.
    pub(super) async fn other_of_phone(&self, tx: &mut Tx, workspace: WorkspaceId, ticket: &Ticket) -> Result<Option<Ticket>> {
        let row: Option<TicketRow> = tx.row(OPEN_OF_PHONE, args![workspace, &ticket.phone, ticket.issued_for]).await?;
        Ok(row.map(TicketRow::ticket).transpose()?.filter(|other| other.id != ticket.id))
    }
}

/// A telephone number as chats are known by it; empty when none was given.
fn telephone(typed: &str, held: &Held) -> Result<String> {
    if typed.trim().is_empty() {
        return Ok(String::new());
    }
    let number = phone::e164(typed, &held.venue.rules.country).ok_or_else(|| {
        let why =
            "No ticket was issued: that is no telephone number with its country code, like +62 812 345 678. Leave it out, or correct it.";
        Error::Refused(why.to_owned())
    })?;
    Ok(phone::spellings(&number).canonical)
}
