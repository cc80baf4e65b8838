//! The form in which a ticket is taken at the desk.

use crate::app::field::Field;
use crate::domain::id::ServiceId;
use crate::domain::queue::Priority;
use crate::domain::queue::look::{Console, Issue};
use crate::domain::text::Safe;

/// The form's state.
#[derive(Debug)]
pub struct TicketForm {
    /// What it can be for.
    pub services: Vec<(ServiceId, Safe)>,
    /// The chosen one.
    pub service: usize,
    /// How urgent.
    pub priority: Priority,
    /// Phone number and name, in this order.
    pub lines: [Field; 2],
    /// Which row takes the keys.
    pub at: TicketRow,
    /// What is wrong.
    pub problem: Option<Safe>,
    /// The write that is being carried out.
    pub ticket: Option<u64>,
    /// The same for every try of this form: it makes one ticket.
    key: String,
}

/// A row of the form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TicketRow {
    /// For what: Space turns it.
    #[default]
    Service,
    /// How urgent: Space turns it.
    Priority,
    /// Where its holder can be told; may be empty.
    Phone,
    /// What they are called; may be empty.
    Name,
}

impl TicketRow {
    /// Every row, from the top.
    pub const ALL: [Self; 4] = [Self::Service, Self::Priority, Self::Phone, Self::Name];
}

impl TicketForm {
    /// A form for a ticket of one of the services that take somebody; `first` is chosen if it is one.
    pub fn new(console: &Console, first: Option<ServiceId>, unique: i64) -> Box<Self> {
        let closed = |service: &crate::domain::queue::Service| {
            console.departments.iter().any(|department| department.id == service.department && department.closed)
        };
        let open = console.lines.iter().map(|line| &line.service).filter(|service| !closed(service));
        let services: Vec<(ServiceId, Safe)> =
            open.map(|service| (service.id, Safe::line(&format!("{}  {}", service.prefix, service.name)))).collect();
        let service = first.and_then(|first| services.iter().position(|(id, _)| *id == first)).unwrap_or(0);
        Box::new(Self {
            services,
            service,
            priority: Priority::default(),
            lines: Default::default(),
            at: TicketRow::default(),
            problem: None,
            ticket: None,
            key: format!("desk-{unique}"),
        })
    }

    /// The field that takes the keys; none where nothing is typed.
    pub const fn field(&mut self) -> Option<&mut Field> {
        match self.at {
            TicketRow::Service | TicketRow::Priority => None,
            TicketRow::Phone => Some(&mut self.lines[0]),
            TicketRow::Name => Some(&mut self.lines[1]),
        }
    }

    /// Goes to the next row, or back to the one before.
    pub fn step(&mut self, down: bool) {
        let at = TicketRow::ALL.iter().position(|row| *row == self.at).unwrap_or(0);
        let to = if down { (at + 1).min(TicketRow::ALL.len() - 1) } else { at.saturating_sub(1) };
        self.at = TicketRow::ALL[to];
    }

    /// Goes to the next row, if there is one.
    pub fn advance(&mut self) -> bool {
        let last = self.at == TicketRow::Name;
        self.step(true);
        !last
    }

    /// Chooses the next service or priority, where one is chosen.
    pub fn turn(&mut self) -> bool {
        match self.at {
            TicketRow::Service => self.service = (self.service + 1) % self.services.len().max(1),
            TicketRow::Priority => {
                let at = Priority::ALL.iter().position(|priority| *priority == self.priority).unwrap_or(0);
                self.priority = Priority::ALL[(at + 1) % Priority::ALL.len()];
            }
            TicketRow::Phone | TicketRow::Name => return false,
        }
        true
    }

    /// What it asks for.
    pub fn issue(&self) -> Issue {
        Issue {
            service: self.services.get(self.service).map(|(id, _)| *id),
            priority: self.priority,
            phone: self.lines[0].text().trim().to_owned(),
            name: self.lines[1].text().trim().to_owned(),
            language: String::new(),
            key: self.key.clone(),
            source: "desk",
        }
    }
}
