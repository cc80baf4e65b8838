//! Where chats live: the address, the person and the thread behind each of the keys that a provider has for a chat.

use std::collections::{BTreeMap, BTreeSet};

use super::Store;
use super::channels::Channel;
use super::db::{Tx, Value, args};
use super::error::{Error, Result};
use super::events::Event;
use super::{name_key, words};
use crate::domain::conversation::Status;
use crate::domain::hint::Hint;
use crate::domain::id::{ContactId, ConversationId, IdentityId};
use crate::domain::inbound::Chat;
use crate::domain::search::indexed_person;
use crate::domain::time::Timestamp;

/// Where a chat lives in our database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The address.
    pub identity: IdentityId,
    /// The person or group.
    pub contact: ContactId,
    /// The thread that goes on.
    pub conversation: ConversationId,
    /// The customer can be reached, as far as is known.
    pub reachable: bool,
    /// What a message of the customer opens again.
    pub closed: Option<Status>,
}

#[derive(Clone, Debug, sqlx::FromRow)]
struct PlaceRow {
    chat_key: String,
    identity_id: i64,
    /// The key that its address goes by now.
    called: String,
    contact_id: i64,
    conversation_id: i64,
    name: String,
    handle: String,
    reachable: bool,
    window_length: Option<i64>,
    status: String,
}

impl PlaceRow {
    fn place(&self) -> Place {
        Place {
            identity: IdentityId(self.identity_id),
            contact: ContactId(self.contact_id),
            conversation: ConversationId(self.conversation_id),
            reachable: self.reachable,
            closed: Status::of(&self.status).filter(|status| status.reopens()),
        }
    }
}

/// Chats that are one, because they share a key or an address of ours.
#[derive(Debug, Default)]
struct Group<'a> {
    /// All their keys.
    keys: Vec<&'a str>,
    /// Those of them that somebody else had before.
    taken: BTreeSet<&'a str>,
    /// The key that it goes by.
    called: String,
    /// As they came.
    chats: Vec<&'a Chat>,
}

const PLACES: &str = "SELECT k.chat_key, k.identity_id, i.chat_key AS called, i.contact_id, c.id AS conversation_id, p.name, i.handle, i.reachable, c.window_length, c.status \
     FROM identity_keys k JOIN identities i ON i.id = k.identity_id JOIN contacts p ON p.id = i.contact_id \
     JOIN conversations c ON c.identity_id = i.id \
     AND c.id = (SELECT x.id FROM conversations x WHERE x.identity_id = i.id ORDER BY x.id DESC LIMIT 1) \
     WHERE k.workspace_id = $1 AND k.channel_id = $2 AND k.chat_key IN";
const ADD_CONTACTS: &str = "INSERT INTO contacts (id, workspace_id, name, name_key, language, created_at) VALUES";
const ADD_IDENTITIES: &str = "INSERT INTO identities (id, workspace_id, channel_id, contact_id, chat_key, handle, created_at) VALUES";
const ADD_KEYS: &str = "INSERT INTO identity_keys (workspace_id, channel_id, chat_key, identity_id) VALUES";
const ADD_CONVERSATIONS: &str = "INSERT INTO conversations (id, workspace_id, number, channel_id, identity_id, contact_id, status, active, window_length, last_at, created_at) VALUES";
const TAKE_NUMBERS: &str = "UPDATE workspaces SET last_number = last_number + $2 WHERE id = $1 RETURNING last_number";
const ADD_KEY: &str = "INSERT INTO identity_keys (workspace_id, channel_id, chat_key, identity_id) VALUES ($1, $2, $3, $4)";
const DROP_KEY: &str = "DELETE FROM identity_keys WHERE workspace_id = $1 AND channel_id = $2 AND chat_key = $3";
const SET_KEY: &str = "UPDATE identities SET chat_key = $3 WHERE workspace_id = $1 AND id = $2";
const SAID: &str = "SELECT 1 FROM messages WHERE workspace_id = $1 AND conversation_id = $2 LIMIT 1";
const GIVE_IDENTITY: &str = "UPDATE identities SET contact_id = $3 WHERE workspace_id = $1 AND id = $2";
const GIVE_CONVERSATIONS: &str = "UPDATE conversations SET contact_id = $3 WHERE workspace_id = $1 AND identity_id = $2";
/// Their addresses were told wishes and limits one by one; from now on the newest hold for all.
const LEVEL: &str = "UPDATE identities SET capped_at = (SELECT MAX(y.capped_at) FROM identities y WHERE y.channel_id = $2 AND y.contact_id = $3), \
     opted_at = (SELECT MAX(y.opted_at) FROM identities y WHERE y.channel_id = $2 AND y.contact_id = $3), \
     opted_out_at = (SELECT MAX(y.opted_out_at) FROM identities y WHERE y.channel_id = $2 AND y.contact_id = $3 \
       AND y.opted_at = (SELECT MAX(z.opted_at) FROM identities z WHERE z.channel_id = $2 AND z.contact_id = $3)) \
     WHERE workspace_id = $1 AND channel_id = $2 AND contact_id = $3";
const DROP_CONTACT: &str = "DELETE FROM contacts WHERE workspace_id = $1 AND id = $2 \
     AND NOT EXISTS (SELECT 1 FROM identities i WHERE i.contact_id = contacts.id)";
const RENAME: &str = "UPDATE contacts SET name = $3, name_key = $4 WHERE workspace_id = $1 AND id = $2";
const REHANDLE: &str = "UPDATE identities SET handle = $3 WHERE workspace_id = $1 AND id = $2";
const REWINDOW: &str = "UPDATE conversations SET window_length = $3 WHERE workspace_id = $1 AND id = $2";

/// Queries with a limit, for the test that asks the planner about them.
pub const LOOKS: [(&str, &str); 1] = [("said", SAID)];

impl Store {
    /// Where these chats live; new ones get a contact, an identity and a conversation. Names, handles and keys that are new are taken over. A
    /// chat whose keys belong to two identities shows that these are one person: then they become one contact.
    pub async fn places(&self, tx: &mut Tx, channel: &Channel, chats: &[&Chat]) -> Result<BTreeMap<String, Place>> {
        self.places_as(tx, channel, chats, Status::Open).await
    }

    /// Where a chat lives, by any of its keys, without making anything; `None` when we never heard of it.
    pub async fn find_place(&self, tx: &mut Tx, channel: &Channel, chat: &Chat) -> Result<Option<Place>> {
        let keys: Vec<Value<'_>> = chat.keys().map(Value::Text).collect();
        let rows: Vec<PlaceRow> = tx.rows_in(PLACES, args![channel.workspace, channel.id], &keys, "").await?;
        let named = rows.iter().find(|row| row.chat_key == chat.key);
        let best = named.or_else(|| rows.iter().filter(|row| binds(chat, &row.called)).min_by_key(|row| row.identity_id));
        Ok(best.map(PlaceRow::place))
    }

    /// The conversation with somebody whom we write to first, made when there is none. It stands nowhere until something is said in it.
    pub async fn begin_chat(&self, channel: &Channel, chat: &Chat) -> Result<ConversationId> {
        match self.try_begin_chat(channel, chat).await {
            // They wrote to us at this very moment.
            Err(Error::Duplicate) => self.try_begin_chat(channel, chat).await,
            begun => begun,
        }
    }

    async fn try_begin_chat(&self, channel: &Channel, chat: &Chat) -> Result<ConversationId> {
        let mut tx = self.begin().await?;
        let place = self.place_or_begin(&mut tx, channel, chat).await?;
        self.commit(tx).await?;
        Ok(place.conversation)
    }

    /// Where a chat lives; one that we never heard of is begun, and stands nowhere until something is said in it.
    pub async fn place_or_begin(&self, tx: &mut Tx, channel: &Channel, chat: &Chat) -> Result<Place> {
        if let Some(place) = self.find_place(tx, channel, chat).await? {
            return Ok(place);
        }
        let name = [&chat.name, &chat.handle, &chat.key].into_iter().find(|name| !name.is_empty()).cloned().unwrap_or_default();
        let named = Chat { name, ..chat.clone() };
        let places = self.places_as(tx, channel, &[&named], Status::Resolved).await?;
        let place = places.into_values().next().ok_or(Error::NotFound("chat"))?;
        let event =
            Event { kind: "conversation.begun", channel: Some(channel.id), conversation: Some(place.conversation), ..Event::default() };
        self.log(tx, channel.workspace, &[event]).await?;
        Ok(place)
    }

    /// As [`Store::places`]; new conversations begin with this status.
    pub async fn places_as(&self, tx: &mut Tx, channel: &Channel, chats: &[&Chat], begun: Status) -> Result<BTreeMap<String, Place>> {
        let keys: BTreeSet<&str> = chats.iter().flat_map(|chat| chat.keys()).collect();
        let keys: Vec<Value<'_>> = keys.into_iter().map(Value::Text).collect();
        let mut rows = known(tx, channel, &keys).await?;
        let groups = groups(chats, &rows);
        self.take_keys(tx, channel, &groups, &mut rows).await?;
        let mut united = false;
        for group in &groups {
            united |= self.unite(tx, channel, &owners(group, &rows), &group.called).await?;
        }
        if united {
            rows = known(tx, channel, &keys).await?;
        }
        let (mut places, mut new) = (BTreeMap::new(), Vec::new());
        for group in groups {
            let Some(eldest) = owners(&group, &rows).into_iter().next() else {
                new.push(group);
                continue;
            };
            self.add_keys(tx, channel, &group, &rows, &eldest).await?;
            let newest: BTreeMap<&str, &Chat> = group.chats.iter().map(|chat| (chat.key.as_str(), *chat)).collect();
            for (key, chat) in newest {
                let row = rows.get(key).unwrap_or(&eldest);
                self.refresh(tx, channel, row, chat).await?;
                places.insert(key.to_owned(), row.place());
            }
        }
        if !new.is_empty() {
            self.add_places(tx, channel, &new, begun, &mut places).await?;
        }
        Ok(places)
    }

    /// Several addresses turn out to be one person's: one contact from now on. Each keeps its thread, unless nothing was said in one. Whether
    /// anything changed. All go by the key that shows it from now on, so that none of them is found by a number alone once that is somebody else's.
    async fn unite(&self, tx: &mut Tx, channel: &Channel, owners: &[PlaceRow], called: &str) -> Result<bool> {
        let Some((mut kept, others)) = owners.split_first() else { return Ok(false) };
        let mut changed = false;
        for other in others.iter().filter(|other| other.contact_id != owners[0].contact_id) {
            changed = true;
            if !said(tx, channel, other).await? {
                self.absorb(tx, channel, IdentityId(kept.identity_id), IdentityId(other.identity_id)).await?;
            } else if !said(tx, channel, kept).await? {
                self.absorb(tx, channel, IdentityId(other.identity_id), IdentityId(kept.identity_id)).await?;
                kept = other;
            } else {
                tx.run(GIVE_IDENTITY, args![channel.workspace, other.identity_id, kept.contact_id]).await?;
                tx.run(GIVE_CONVERSATIONS, args![channel.workspace, other.identity_id, kept.contact_id]).await?;
                for one in [kept, other] {
                    tx.run(SET_KEY, args![channel.workspace, one.identity_id, called]).await?;
                }
                tx.run(LEVEL, args![channel.workspace, channel.id, kept.contact_id]).await?;
                tx.run(DROP_CONTACT, args![channel.workspace, other.contact_id]).await?;
            }
            let conversation = Some(ConversationId(other.conversation_id));
            let event = Event { kind: "contact.merged", channel: Some(channel.id), conversation, ..Event::default() };
            self.log(tx, channel.workspace, &[event]).await?;
            tx.hint(Hint::Everything);
        }
        if changed {
            words::refresh_contact(tx, channel.workspace, ContactId(kept.contact_id)).await?;
        }
        Ok(changed)
    }

    /// Keys that are somebody else's now, as a telephone number is that was given to another person, are nobody's from here on: whoever goes by
    /// them gets them like any new key.
    async fn take_keys(&self, tx: &mut Tx, channel: &Channel, groups: &[Group<'_>], rows: &mut BTreeMap<String, PlaceRow>) -> Result<()> {
        for group in groups {
            let own = group.keys.iter().filter(|key| !group.taken.contains(*key));
            let own: BTreeSet<i64> = own.filter_map(|key| Some(rows.get(*key)?.identity_id)).collect();
            for key in &group.taken {
                let Some(row) = rows.get(*key).filter(|row| !own.contains(&row.identity_id)) else { continue };
                tx.run(DROP_KEY, args![channel.workspace, channel.id, *key]).await?;
                words::refresh_contact(tx, channel.workspace, ContactId(row.contact_id)).await?;
                rows.remove(*key);
            }
        }
        Ok(())
    }

    /// Keys that nobody has yet are the eldest address's. It goes by the one that a chat is called by now.
    async fn add_keys(
        &self,
        tx: &mut Tx,
        channel: &Channel,
        group: &Group<'_>,
        rows: &BTreeMap<String, PlaceRow>,
        eldest: &PlaceRow,
    ) -> Result<()> {
        let unknown: Vec<&str> = group.keys.iter().copied().filter(|key| !rows.contains_key(*key)).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        for key in &unknown {
            tx.run(ADD_KEY, args![channel.workspace, channel.id, *key, eldest.identity_id]).await?;
        }
        if let Some(chat) = group.chats.iter().rev().find(|chat| unknown.contains(&chat.key.as_str())) {
            tx.run(SET_KEY, args![channel.workspace, eldest.identity_id, &chat.key]).await?;
        }
        words::refresh_contact(tx, channel.workspace, ContactId(eldest.contact_id)).await
    }

    async fn refresh(&self, tx: &mut Tx, channel: &Channel, row: &PlaceRow, chat: &Chat) -> Result<()> {
        let (renamed, rehandled) = (!chat.name.is_empty() && chat.name != row.name, !chat.handle.is_empty() && chat.handle != row.handle);
        if renamed {
            tx.run(RENAME, args![channel.workspace, row.contact_id, &chat.name, &name_key(&chat.name)]).await?;
            tx.hint(Hint::Conversation(ConversationId(row.conversation_id)));
        }
        if rehandled {
            tx.run(REHANDLE, args![channel.workspace, row.identity_id, &chat.handle]).await?;
        }
        if renamed || rehandled {
            words::refresh_contact(tx, channel.workspace, ContactId(row.contact_id)).await?;
        }
        if chat.window.map(|span| span.0) != row.window_length {
            tx.run(REWINDOW, args![channel.workspace, row.conversation_id, chat.window]).await?;
        }
        Ok(())
    }

    async fn add_places(
        &self,
        tx: &mut Tx,
        channel: &Channel,
        groups: &[Group<'_>],
        begun: Status,
        places: &mut BTreeMap<String, Place>,
    ) -> Result<()> {
        let now = self.now();
        let count = groups.len() as i64;
        let (last,): (i64,) = tx.one("workspace", TAKE_NUMBERS, args![channel.workspace, count]).await?;
        let chats: Vec<&Chat> = groups.iter().filter_map(Group::newest).collect();
        let names: Vec<String> = chats.iter().map(|chat| name_key(&chat.name)).collect();
        let made: Vec<Place> = chats
            .iter()
            .map(|_| Place {
                identity: IdentityId(self.next_id()),
                contact: ContactId(self.next_id()),
                conversation: ConversationId(self.next_id()),
                reachable: true,
                closed: Some(begun).filter(|status| status.reopens()),
            })
            .collect();
        let (mut contacts, mut identities, mut keys, mut conversations) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (n, ((chat, group), place)) in chats.iter().zip(groups).zip(&made).enumerate() {
            contacts.extend_from_slice(args![place.contact, channel.workspace, &chat.name, &names[n], &chat.language, now]);
            identities.extend_from_slice(args![place.identity, channel.workspace, channel.id, place.contact, &chat.key, &chat.handle, now]);
            for key in &group.keys {
                keys.extend_from_slice(args![channel.workspace, channel.id, *key, place.identity]);
            }
            conversations.extend_from_slice(args![
                place.conversation,
                channel.workspace,
                last - count + 1 + n as i64,
                channel.id,
                place.identity,
                place.contact,
                begun.name(),
                begun.is_active(),
                chat.window,
                Timestamp(0),
                now,
            ]);
        }
        tx.run_rows(ADD_CONTACTS, 6, &contacts, "").await?;
        tx.run_rows(ADD_IDENTITIES, 7, &identities, "").await?;
        tx.run_rows(ADD_KEYS, 4, &keys, "").await?;
        tx.run_rows(ADD_CONVERSATIONS, 11, &conversations, "").await?;
        let person = |((chat, group), place): ((&&Chat, &Group<'_>), &Place)| {
            let mut addresses = vec![chat.handle.as_str()];
            addresses.extend(&group.keys);
            (place.identity, indexed_person(&chat.name, &addresses))
        };
        words::add_identities(tx, channel.workspace, &chats.iter().zip(groups).zip(&made).map(person).collect::<Vec<_>>()).await?;
        for (group, place) in groups.iter().zip(made) {
            places.extend(group.chats.iter().map(|chat| (chat.key.clone(), place.clone())));
        }
        Ok(())
    }
}

impl<'a> Group<'a> {
    /// What they are called by now: a chat with several keys says more than one of them alone.
    fn newest(&self) -> Option<&'a Chat> {
        let most = self.chats.iter().map(|chat| chat.aliases.len()).max()?;
        self.chats.iter().rev().find(|chat| chat.aliases.len() == most).copied()
    }
}

/// The rows of these keys.
async fn known(tx: &mut Tx, channel: &Channel, keys: &[Value<'_>]) -> Result<BTreeMap<String, PlaceRow>> {
    let rows: Vec<PlaceRow> = tx.rows_in(PLACES, args![channel.workspace, channel.id], keys, "").await?;
    Ok(rows.into_iter().map(|row| (row.chat_key.clone(), row)).collect())
}

/// The addresses that have any of a group's keys, the eldest first.
fn owners(group: &Group<'_>, rows: &BTreeMap<String, PlaceRow>) -> Vec<PlaceRow> {
    let owners: BTreeMap<i64, &PlaceRow> = group.keys.iter().filter_map(|key| rows.get(*key)).map(|row| (row.identity_id, row)).collect();
    owners.into_values().cloned().collect()
}

/// Whether an alias of this chat says that it is the one that goes by `called`: when that is a key of this chat too. What goes by a key of its own
/// had the alias before: a telephone number is given to another person one day, and that must not bring them into the first one's thread.
fn binds(chat: &Chat, called: &str) -> bool {
    chat.keys().any(|key| key == called)
}

/// Puts together the chats that share a key, or whose keys one address of ours has.
fn groups<'a>(chats: &[&'a Chat], rows: &BTreeMap<String, PlaceRow>) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut of_key: BTreeMap<&'a str, usize> = BTreeMap::new();
    let mut of_owner: BTreeMap<i64, usize> = BTreeMap::new();
    for chat in chats {
        let called = |key: &str| match of_key.get(key) {
            Some(at) => Some(groups[*at].called.as_str()),
            None => rows.get(key).map(|row| row.called.as_str()),
        };
        let (own, taken): (Vec<&'a str>, Vec<&'a str>) =
            chat.keys().partition(|key| *key == chat.key || called(key).is_none_or(|called| binds(chat, called)));
        let owner = |key: &str| rows.get(key).map(|row| row.identity_id);
        let mut hits: BTreeSet<usize> = own.iter().filter_map(|key| of_key.get(key).copied()).collect();
        hits.extend(own.iter().filter(|key| !of_key.contains_key(*key)).filter_map(|key| of_owner.get(&owner(key)?).copied()));
        let mut hits = hits.into_iter();
        let home = hits.next().unwrap_or_else(|| {
            groups.push(Group::default());
            groups.len() - 1
        });
        for other in hits {
            let joined = std::mem::take(&mut groups[other]);
            for at in of_key.values_mut().chain(of_owner.values_mut()).filter(|at| **at == other) {
                *at = home;
            }
            groups[home].keys.extend(joined.keys);
            groups[home].taken.extend(joined.taken);
            groups[home].chats.extend(joined.chats);
        }
        groups[home].chats.push(chat);
        let known = rows.get(&chat.key).map(|row| &row.called).filter(|_| chat.aliases.is_empty());
        if !chat.aliases.is_empty() || groups[home].called.is_empty() {
            groups[home].called.clone_from(known.unwrap_or(&chat.key));
        }
        for key in own {
            if of_key.insert(key, home).is_none() {
                groups[home].keys.push(key);
            }
            of_owner.extend(owner(key).map(|owner| (owner, home)));
        }
        for key in taken {
            match of_key.insert(key, home) {
                Some(before) if before == home => continue,
                Some(before) => {
                    groups[before].keys.retain(|other| *other != key);
                    groups[before].taken.remove(key);
                }
                None => {}
            }
            groups[home].keys.push(key);
            groups[home].taken.insert(key);
        }
    }
    groups.retain(|group| !group.chats.is_empty());
    groups
}

async fn said(tx: &mut Tx, channel: &Channel, row: &PlaceRow) -> Result<bool> {
    Ok(tx.row::<(i32,)>(SAID, args![channel.workspace, row.conversation_id]).await?.is_some())
}
