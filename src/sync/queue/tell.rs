//! Telling holders what is due: by which way, in which words, each thing once. The notice, what it makes needless, and the message that says it
//! are one transaction, in which the venue is held.

use std::collections::BTreeMap;

use super::Teller;
use super::push::{Note, Pushed};
use super::say::{Listener, StandsIn};
use crate::channel::registered;
use crate::domain::channel::Capabilities;
use crate::domain::id::{ConversationId, TicketId, VenueId, WorkspaceId};
use crate::domain::notice::{PACE, Route, Ways, route};
use crate::domain::outbound::{Part, plan};
use crate::domain::queue::said::{Said, language};
use crate::domain::queue::tell::{Notice, SETTLING, due};
use crate::domain::queue::{Rules, Ticket};
use crate::domain::time::{Span, Timestamp};
use crate::domain::window;
use crate::domain::wording::Kind as Manner;
use crate::store::queue::notices::{Fate, Telling, ToPush, Told};
use crate::store::replies::{NewReply, Recipient};
use crate::store::{Result, Tx};

/// How long a push notice waits for a device that is switched off.
const TTL: Span = Span::minutes(15);
/// How long it rests before a push notice that was not taken is tried again.
const REST: Span = Span::secs(30);

/// Somebody's chat with us.
struct Chat {
    id: ConversationId,
    to: Recipient,
}

impl Teller {
    /// Tells what is due at a venue; when to look again.
    pub(super) async fn tell_venue(&mut self, workspace: WorkspaceId, id: VenueId) -> Result<Option<Timestamp>> {
        let mut conn = self.store.read().await?;
        let venue = self.store.venue(&mut conn, workspace, id).await?;
        let holders = self.store.holders(&mut conn, workspace, id, &venue.rules).await?;
        let before = self.since.remove(&id).unwrap_or_default();
        let (mut since, mut next, now) = (BTreeMap::new(), None, self.store.now());
        let mut wait = |at: Timestamp| next = Some(next.map_or(at, |next: Timestamp| next.min(at)));
        for (id, position) in holders {
            let ticket = self.store.ticket(&mut conn, workspace, id).await?;
            let told = self.store.told(&mut conn, workspace, id).await?;
            let said: Vec<Notice> = told.iter().map(|told| told.notice).collect();
            let due = due(&ticket, position, &venue.rules, &said);
            let past = told.iter().any(|told| told.queued && told.notice.is_past(&ticket, position, &venue.rules));
            if let Some(notice) = due.filter(|notice| notice.kind.settles()) {
                let begun = begun(&ticket, notice, before.get(&id).copied(), now);
                if now < begun.plus(SETTLING) {
                    since.insert(id, begun);
                    wait(begun.plus(SETTLING));
                    if !past {
                        continue;
                    }
                }
            }
            if due.is_none() && !past {
                continue;
            }
            let settled = !since.contains_key(&id);
            if let Some(at) = self.tell(workspace, id, &venue.rules, settled).await? {
                wait(at);
            }
        }
        self.since.insert(id, since);
        Ok(next)
    }

    /// Tells the holder of a ticket what is due, unless `settled` says that it is too early; when to look again, when they were written to a
    /// moment ago.
    async fn tell(&self, workspace: WorkspaceId, id: TicketId, rules: &Rules, settled: bool) -> Result<Option<Timestamp>> {
        let mut tx = self.store.begin().await?;
        let mut telling = self.store.telling(&mut tx, workspace, id).await?;
        let notice = {
            let said: Vec<Notice> = telling.told.iter().map(|told| told.notice).collect();
            due(&telling.place.ticket, telling.place.position, rules, &said).filter(|_| settled && !telling.quiet)
        };
        let mut changed = false;
        for told in telling.told.iter().filter(|told| told.queued) {
            changed |= self.unsay(&mut tx, workspace, &telling, told, rules, notice.is_some()).await?;
        }
        let again = match notice {
            Some(notice) => self.say(&mut tx, workspace, &mut telling, notice).await?,
            None => None,
        };
        if changed || (notice.is_some() && again.is_none()) {
            self.store.commit(tx).await?;
        }
        Ok(again)
    }

    /// Takes a notice back that waits to leave and is not true any more, or is followed by a better one.
    async fn unsay(
        &self,
        tx: &mut Tx,
        workspace: WorkspaceId,
        telling: &Telling,
        told: &Told,
        rules: &Rules,
        followed: bool,
    ) -> Result<bool> {
        let past = told.notice.is_past(&telling.place.ticket, telling.place.position, rules);
        if !past && !followed {
            return Ok(false);
        }
        self.store.unsay(tx, workspace, told, past && !followed && told.notice.comes_back()).await
    }

    /// Says it; when to do so, when it is too early for one more message.
    async fn say(&self, tx: &mut Tx, workspace: WorkspaceId, telling: &mut Telling, notice: Notice) -> Result<Option<Timestamp>> {
        let (store, now) = (&self.store, self.store.now());
        let chat = self.chat(tx, workspace, telling).await?;
        if let Some(chat) = &chat
            && let Some(last) = store.last_told(tx, workspace, chat.id).await?
        {
            // A clock that was set back makes nobody wait longer.
            let next = last.plus(PACE).min(now.plus(PACE));
            if now < next && last <= now {
                return Ok(Some(next));
            }
        }
        let listener = self.listener(tx, workspace, telling, chat.as_ref()).await?;
        let facts = listener.facts(Some(&telling.place));
        let wording = listener.wording(store, tx, Said::Notice(notice.kind), Manner::WhatsApp).await?;
        let stands_in = match &chat {
            Some(chat) => listener.template(store, tx, &chat.to, &wording, &facts).await?,
            None => None,
        };
        let ways = Ways {
            window: chat.as_ref().map(|Chat { to, .. }| window::policy(to.window, to.last_inbound_at, to.window_closed_at, now)),
            template: stands_in.is_some(),
            push: telling.push.is_some() && self.push.is_some(),
        };
        let way = route(ways);
        let Some(row) = store.note_told(tx, telling, notice, way.name()).await? else { return Ok(None) };
        let Some(chat) = chat.filter(|_| matches!(way, Route::Text | Route::Template)) else { return Ok(None) };
        let (text, parts) = if let (Some(stands_in), Route::Template) = (&stands_in, way) {
            (stands_in.text.clone(), vec![stands_in.part()])
        } else {
            let mut text = wording.filled(&facts).1;
            listener.how_to_stop(store, tx, &chat.to, &mut text).await?;
            let parts = parts(&text, &chat.to);
            (text, parts)
        };
        let fallback = stands_in.as_ref().filter(|_| way == Route::Text).map(|StandsIn { filled, .. }| filled);
        let key = format!("notice:{row}");
        let reply = reply(&key, chat.id, &text, &parts, fallback, now);
        let message = store.put_reply(tx, workspace, None, &reply).await?;
        store.said_by(tx, workspace, row, message).await?;
        Ok(None)
    }

    /// The chat in which the holder can be written to. A number that was typed leads to the chat of whoever has it, if they ever wrote.
    async fn chat(&self, tx: &mut Tx, workspace: WorkspaceId, telling: &mut Telling) -> Result<Option<Chat>> {
        let ticket = &mut telling.place.ticket;
        if ticket.conversation.is_none()
            && !ticket.phone.is_empty()
            && let Some((conversation, contact)) = self.store.chat_of_phone(tx, workspace, &ticket.phone).await?
        {
            self.store.link_ticket(tx, workspace, ticket.id, &ticket.phone, Some(contact), Some(conversation)).await?;
            (ticket.conversation, ticket.contact) = (Some(conversation), Some(contact));
        }
        let Some(id) = ticket.conversation else { return Ok(None) };
        let to = self.store.recipient(tx, workspace, id).await?;
        Ok((to.connected && !to.archive && to.reachable).then_some(Chat { id, to }))
    }

    async fn listener(&self, tx: &mut Tx, workspace: WorkspaceId, telling: &Telling, chat: Option<&Chat>) -> Result<Listener> {
        let party = match chat {
            Some(chat) => self.store.party(tx, workspace, chat.id).await?,
            None => self.store.nobody(tx, workspace).await?,
        };
        let ticket = &telling.place.ticket;
        let phone = if party.phone.is_empty() { &ticket.phone } else { &party.phone };
        let language = language(&ticket.language, &party.language, phone, &party.own).to_owned();
        Ok(Listener { workspace, party, language })
    }

    /// Pushes what is to be pushed; when to try again what was not taken.
    pub(super) async fn push_all(&mut self) -> Result<Option<Timestamp>> {
        let mut conn = self.store.read().await?;
        let all = self.store.to_push(&mut conn).await?;
        drop(conn);
        let (mut next, now) = (None, self.store.now());
        self.resting.retain(|id, _| all.iter().any(|one| one.id == *id));
        for one in &all {
            let rests = self.resting.get(&one.id).copied().filter(|until| now < *until);
            let again = match rests {
                Some(until) => Some(until),
                None => self.push_one(one).await?.map(|rest| now.plus(rest)),
            };
            if let Some(at) = again {
                self.resting.insert(one.id, at);
                next = Some(next.map_or(at, |next: Timestamp| next.min(at)));
            }
        }
        Ok(next)
    }

    /// Pushes one notice, or drops it when it is not true any more; how long to rest before it is tried again.
    async fn push_one(&self, one: &ToPush) -> Result<Option<Span>> {
        let ToPush { id, workspace, ticket } = *one;
        let mut tx = self.store.begin().await?;
        let mut telling = self.store.telling(&mut tx, workspace, ticket).await?;
        let rules = self.store.venue(&mut tx, workspace, telling.place.ticket.venue).await?.rules;
        let notice = telling.told.iter().find(|told| told.id == id).map(|told| told.notice);
        let place = &telling.place;
        let current = notice.filter(|notice| !notice.is_past(&place.ticket, place.position, &rules) && !telling.quiet);
        let (Some(notice), Some(to), Some(push)) = (current, telling.push.clone(), &self.push) else {
            drop(tx);
            let fate = if current.is_some() { Fate::Failed } else { Fate::Dropped };
            return self.store.settle_notice(workspace, ticket, id, fate).await.map(|()| None);
        };
        let chat = self.chat(&mut tx, workspace, &mut telling).await?;
        let listener = self.listener(&mut tx, workspace, &telling, chat.as_ref()).await?;
        let wording = listener.wording(&self.store, &mut tx, Said::Notice(notice.kind), Manner::Push).await?;
        let (title, body) = wording.filled(&listener.facts(Some(&telling.place)));
        drop(tx);
        let title = if title.is_empty() { telling.place.venue.clone() } else { title };
        let topic = format!("ticket-{ticket}");
        // Nothing is bold on a lock screen.
        let body = body.replace('*', "");
        // Written down before it leaves: whatever happens meanwhile, nobody is told twice.
        self.store.settle_notice(workspace, ticket, id, Fate::Sent).await?;
        match push.push(Note { to: &to, title: &title, body: &body, ttl: TTL, topic: &topic }).await {
            Pushed::Done => return Ok(None),
            Pushed::Later(wait) => {
                self.store.push_again(workspace, id).await?;
                return Ok(Some(wait.unwrap_or(REST)));
            }
            Pushed::Gone => self.store.drop_push(workspace, ticket).await?,
            Pushed::Refused => {}
        }
        self.store.settle_notice(workspace, ticket, id, Fate::Failed).await.map(|()| None)
    }
}

/// Since when something that settles has been true: of a ticket since it was taken, of a place since it was seen first.
fn begun(ticket: &Ticket, notice: Notice, seen: Option<Timestamp>, now: Timestamp) -> Timestamp {
    match notice.kind {
        crate::domain::queue::tell::Kind::Created => ticket.arrived_at.min(now),
        _ => seen.unwrap_or(now).min(now),
    }
}

/// The messages that a text makes.
pub(super) fn parts(text: &str, to: &Recipient) -> Vec<Part> {
    let capabilities = registered(&to.provider).map_or(&Capabilities::NONE, |registered| registered.provider.capabilities);
    plan(text, 0, capabilities)
}

/// A reply that leaves at once.
pub(super) fn reply<'a>(
    client_key: &'a str,
    conversation: ConversationId,
    text: &'a str,
    parts: &'a [Part],
    fallback: Option<&'a crate::domain::template::Filled>,
    due_at: Timestamp,
) -> NewReply<'a> {
    NewReply { client_key, conversation, text, reply_to: None, parts, files: &[], due_at, appointed: false, fallback, bulk: None }
}
