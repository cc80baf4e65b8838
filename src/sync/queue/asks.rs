//! Answering what customers ask of the queue by message: what is done, the answer and the end of the question are one transaction, so that a
//! message makes one ticket and gets one answer, whatever is interrupted.

use super::Teller;
use super::say::Listener;
use super::tell::{parts, reply};
use crate::domain::id::TicketId;
use crate::domain::queue::look::{Answer, Ask as Wish, Issue, Place};
use crate::domain::queue::said::{Said, choices, language};
use crate::domain::queue::tell::{Kind, Notice, due};
use crate::domain::queue::words::{Ask, Choice, choose, parse};
use crate::domain::queue::{Act, State, Ticket};
use crate::domain::time::Span;
use crate::domain::wording::Kind as Manner;
use crate::store::queue::asks::{Asked, Offered};
use crate::store::{Error, Result, Tx};

/// Whoever asked longer ago is answered by people: perhaps they have gone home.
const PATIENCE: Span = Span::hours(1);
/// More services than these make a message that nobody reads.
const MOST: usize = 20;

/// What is answered.
enum Reply {
    /// Nothing: it is for people.
    Nothing,
    /// Nothing now: what was done is told by its notice.
    Told,
    /// These words.
    Words(Said),
    /// These words, with what to choose from.
    List(Said, Vec<(String, String)>),
    /// How tickets stand, or what became of one.
    Tickets(Vec<(Said, TicketId)>),
}

impl Teller {
    /// Answers what waits for it; whether there may be more.
    pub(super) async fn answer_asks(&self) -> Result<bool> {
        let mut conn = self.store.read().await?;
        let asks = self.store.queue_asks(&mut conn).await?;
        drop(conn);
        for ask in &asks {
            match self.answer(ask).await {
                Ok(()) => {}
                Err(error) if error.is_passing() => return Err(error),
                Err(error) => {
                    tracing::error!(message = %ask.message, %error, "a message that asks something of the queue cannot be answered; it is left to people");
                    let mut tx = self.store.begin().await?;
                    self.store.take_ask(&mut tx, ask).await?;
                    self.store.commit(tx).await?;
                }
            }
        }
        Ok(!asks.is_empty())
    }

    async fn answer(&self, ask: &Asked) -> Result<()> {
        let mut tx = self.store.begin().await?;
        if !self.store.take_ask(&mut tx, ask).await? {
            return Ok(());
        }
        let wish = parse(&ask.text).filter(|_| self.store.now().since(ask.at) <= PATIENCE);
        let reply = match wish {
            None => Reply::Nothing,
            Some(Ask::Join { service, sure }) => self.join(&mut tx, ask, &service, sure).await?,
            Some(Ask::Link(label)) => self.link(&mut tx, ask, &label).await?,
            Some(Ask::Status) => self.status(&mut tx, ask).await?,
            Some(Ask::Cancel { label, sure }) => self.cancel(&mut tx, ask, label.as_deref(), sure).await?,
            Some(Ask::Quiet) => self.quiet(&mut tx, ask).await?,
        };
        if !matches!(reply, Reply::Nothing) {
            self.store.answered_by_itself(&mut tx, ask).await?;
            self.reply(&mut tx, ask, reply).await?;
        }
        self.store.commit(tx).await
    }

    /// A ticket for somebody. What they named has to be one of the services; when that is all but certain they are told what there is.
    async fn join(&self, tx: &mut Tx, ask: &Asked, meant: &str, sure: bool) -> Result<Reply> {
        let all = self.store.offered(tx, ask.workspace).await?;
        let open: Vec<&Offered> = all.iter().filter(|one| !one.closed).collect();
        let rows = |list: &[&Offered]| list.iter().map(|one| (one.name.clone(), one.prefix.clone())).take(MOST).collect::<Vec<_>>();
        // Whoever names nothing means one of those that take somebody.
        let known: Vec<&Offered> = if meant.is_empty() { open.clone() } else { all.iter().collect() };
        let names: Vec<(&str, &str)> = known.iter().map(|one| (one.name.as_str(), one.prefix.as_str())).collect();
        let some = |places: Vec<usize>| places.into_iter().map(|at| known[at]).filter(|one| !one.closed).collect::<Vec<_>>();
        let one = match choose(meant, &names) {
            Choice::One(at) => known[at],
            _ if !sure => return Ok(Reply::Nothing),
            _ if open.is_empty() => return Ok(Reply::Words(Said::Closed)),
            Choice::Several(places) => match some(places)[..] {
                [] => return Ok(Reply::Words(Said::Closed)),
                [one] => one,
                ref several => return Ok(Reply::List(Said::Choose, rows(several))),
            },
            Choice::Near(places) if !some(places.clone()).is_empty() => return Ok(Reply::List(Said::Unknown, rows(&some(places)))),
            Choice::Near(_) | Choice::Nothing => return Ok(Reply::List(Said::Unknown, rows(&open))),
        };
        for ticket in self.store.open_tickets(tx, ask.workspace, ask.conversation).await? {
            let held = self.store.ticket(tx, ask.workspace, ticket).await?;
            if held.service == one.service || held.issued_for == one.service {
                self.store.can_be_told(tx, ask.workspace, ticket).await?;
                return self.standing(tx, ask, vec![ticket]).await;
            }
        }
        if one.closed {
            return Ok(Reply::Words(Said::Closed));
        }
        let party = self.store.party(tx, ask.workspace, ask.conversation).await?;
        let issue = Issue {
            service: Some(one.service),
            phone: if party.phone.is_empty() { String::new() } else { format!("+{}", party.phone) },
            name: party.name,
            key: format!("message:{}", ask.message),
            source: "message",
            ..Issue::default()
        };
        let place = match self.store.queue_ask_in(tx, ask.workspace, None, &Wish::Issue(issue)).await {
            Ok(Answer::Ticket(place)) => place,
            Ok(_) | Err(Error::Refused(_) | Error::Ticket { .. }) => return Ok(Reply::Words(Said::Closed)),
            Err(error) => return Err(error),
        };
        self.take_over(tx, ask, &place).await
    }

    /// To be told here of a ticket that was printed. It has to be nobody else's.
    async fn link(&self, tx: &mut Tx, ask: &Asked, label: &str) -> Result<Reply> {
        let ticket = match self.store.ticket_labelled(tx, ask.workspace, label).await {
            Ok(ticket) if ticket.state.is_open() => ticket,
            // Two people have this number: it is not known whose it is.
            Ok(_) | Err(Error::NotFound(_) | Error::Ticket { .. }) => return Ok(Reply::Words(Said::NotTheirs)),
            Err(error) => return Err(error),
        };
        let party = self.store.party(tx, ask.workspace, ask.conversation).await?;
        let theirs = match ticket.conversation {
            Some(conversation) => conversation == ask.conversation,
            None => ticket.phone.is_empty() || ticket.phone == party.phone,
        };
        if !theirs {
            return Ok(Reply::Words(Said::NotTheirs));
        }
        if ticket.conversation.is_none() && self.has_another(tx, ask, &ticket).await? {
            // One of each kind is enough: whoever guesses numbers takes nobody else's.
            return self.status(tx, ask).await;
        }
        let place = self.store.place(tx, ask.workspace, ticket.id).await?;
        self.take_over(tx, ask, &place).await
    }

    /// Whether they hold an open ticket for the same service.
    async fn has_another(&self, tx: &mut Tx, ask: &Asked, ticket: &Ticket) -> Result<bool> {
        for id in self.store.open_tickets(tx, ask.workspace, ask.conversation).await? {
            if self.store.ticket(tx, ask.workspace, id).await?.issued_for == ticket.issued_for {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A ticket is theirs from now on, and told of here.
    async fn take_over(&self, tx: &mut Tx, ask: &Asked, place: &Place) -> Result<Reply> {
        let ticket = &place.ticket;
        if ticket.conversation.is_none() {
            let party = self.store.party(tx, ask.workspace, ask.conversation).await?;
            let linked =
                self.store.link_ticket(tx, ask.workspace, ticket.id, &party.phone, Some(party.contact), Some(ask.conversation)).await;
            match linked {
                Ok(()) => {}
                // They have another one for the same.
                Err(Error::Ticket { .. }) => return self.status(tx, ask).await,
                Err(error) => return Err(error),
            }
        }
        self.store.can_be_told(tx, ask.workspace, ticket.id).await?;
        self.standing(tx, ask, vec![ticket.id]).await
    }

    async fn status(&self, tx: &mut Tx, ask: &Asked) -> Result<Reply> {
        let tickets = self.store.open_tickets(tx, ask.workspace, ask.conversation).await?;
        if tickets.is_empty() { Ok(Reply::Words(Said::NoTicket)) } else { self.standing(tx, ask, tickets).await }
    }

    /// How tickets stand. One of which they are told in a moment anyway is left to that.
    async fn standing(&self, tx: &mut Tx, ask: &Asked, tickets: Vec<TicketId>) -> Result<Reply> {
        let mut said = Vec::new();
        for id in tickets {
            let ticket = self.store.ticket(tx, ask.workspace, id).await?;
            let told: Vec<Notice> = self.store.told(tx, ask.workspace, id).await?.iter().map(|told| told.notice).collect();
            let about_to =
                |kind| due(&ticket, None, &crate::domain::queue::Rules::default(), &told).is_some_and(|notice| notice.kind == kind);
            match ticket.state {
                State::Waiting if about_to(Kind::Created) => {}
                State::Called if about_to(Kind::Turn) => {}
                State::Called => said.push((Said::Notice(Kind::Turn), id)),
                State::Serving => said.push((Said::Serving, id)),
                State::Parked => said.push((Said::Aside, id)),
                _ => said.push((Said::Status, id)),
            }
        }
        Ok(if said.is_empty() { Reply::Told } else { Reply::Tickets(said) })
    }

    /// To give a ticket up. A bare word of somebody who has none may be about something else, and is left to people.
    async fn cancel(&self, tx: &mut Tx, ask: &Asked, label: Option<&str>, sure: bool) -> Result<Reply> {
        let mut tickets = Vec::new();
        for id in self.store.open_tickets(tx, ask.workspace, ask.conversation).await? {
            tickets.push(self.store.ticket(tx, ask.workspace, id).await?);
        }
        if tickets.is_empty() {
            return Ok(if sure { Reply::Words(Said::NoTicket) } else { Reply::Nothing });
        }
        if let Some(label) = label {
            tickets.retain(|ticket| ticket.label == label);
        }
        let ticket = match &tickets[..] {
            [] => return Ok(Reply::Words(Said::NotTheirs)),
            [one] => one.clone(),
            several => {
                let rows = several.iter().map(|ticket| (String::new(), ticket.label.clone())).collect();
                return Ok(Reply::List(Said::WhichToGiveUp, rows));
            }
        };
        let act = Wish::Act { ticket: ticket.id, version: None, act: Act::Cancel, counter: None, service: None };
        match self.store.queue_ask_in(tx, ask.workspace, None, &act).await {
            Ok(_) => {}
            // They are at the counter.
            Err(Error::Refused(_) | Error::Ticket { .. }) => return Ok(Reply::Tickets(vec![(Said::Serving, ticket.id)])),
            Err(error) => return Err(error),
        }
        let telling = self.store.telling(tx, ask.workspace, ticket.id).await?;
        for told in telling.told.iter().filter(|told| told.queued) {
            self.store.unsay(tx, ask.workspace, told, false).await?;
        }
        // The answer says it.
        self.store.need_not_tell(tx, &telling, Notice { kind: Kind::Cancelled, occasion: 0 }).await?;
        Ok(Reply::Tickets(vec![(Said::GivenUp, ticket.id)]))
    }

    async fn quiet(&self, tx: &mut Tx, ask: &Asked) -> Result<Reply> {
        let tickets = self.store.open_tickets(tx, ask.workspace, ask.conversation).await?;
        if tickets.is_empty() {
            return Ok(Reply::Words(Said::NoTicket));
        }
        for ticket in &tickets {
            self.store.keep_quiet(tx, ask.workspace, *ticket).await?;
        }
        Ok(Reply::Tickets(tickets.into_iter().map(|ticket| (Said::Quiet, ticket)).collect()))
    }

    /// Queues the answer.
    async fn reply(&self, tx: &mut Tx, ask: &Asked, answer: Reply) -> Result<()> {
        let to = self.store.recipient(tx, ask.workspace, ask.conversation).await?;
        if !to.connected || to.archive || !to.reachable {
            return Ok(());
        }
        let party = self.store.party(tx, ask.workspace, ask.conversation).await?;
        let own = language("", &party.language, &party.phone, &party.own).to_owned();
        let mut listener = Listener { workspace: ask.workspace, party, language: own };
        let store = &self.store;
        let mut text = match answer {
            Reply::Nothing | Reply::Told => return Ok(()),
            Reply::Words(said) => listener.wording(store, tx, said, Manner::WhatsApp).await?.filled(&listener.facts(None)).1,
            Reply::List(said, rows) => {
                let head = listener.wording(store, tx, said, Manner::WhatsApp).await?.filled(&listener.facts(None)).1;
                let rows: Vec<(&str, &str)> = rows.iter().map(|(name, key)| (name.as_str(), key.as_str())).collect();
                format!("{head}\n{}", choices(said, &rows, listener.tongue()))
            }
            Reply::Tickets(tickets) => {
                let mut rows = Vec::new();
                for (said, id) in tickets {
                    let place = store.place(tx, ask.workspace, id).await?;
                    if !place.ticket.language.is_empty() {
                        listener.language.clone_from(&place.ticket.language);
                    }
                    rows.push(listener.wording(store, tx, said, Manner::WhatsApp).await?.filled(&listener.facts(Some(&place))).1);
                }
                rows.join("\n")
            }
        };
        listener.how_to_stop(store, tx, &to, &mut text).await?;
        let (key, made) = (format!("ask:{}", ask.message), parts(&text, &to));
        let reply = reply(&key, ask.conversation, &text, &made, None, store.now());
        store.put_reply(tx, ask.workspace, None, &reply).await.map(|_| ())
    }
}
