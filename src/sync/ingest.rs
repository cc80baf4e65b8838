//! A provider's news into the database: one transaction a batch, the same result whatever is repeated, reordered or split.
//!
//! Payloads that were asked for are journalled first; those seen before are skipped. (Webhooks' are in the journal already.) Then all messages of the batch are stored together, then everything
//! that refers to messages is applied in order. What refers to a message that has not come waits as an orphan. A payload that cannot be
//! read goes to the dead letters; one that the database will not take is tried alone, then goes there as well, so that it never stops the
//! ones behind it. The cursor moves in the same transaction.

use std::collections::{BTreeMap, BTreeSet};

use super::promotions;
use crate::channel::Registered;
use crate::domain::conversation::Status;
use crate::domain::delivery::Delivery;
use crate::domain::inbound::{Batch, Cause, Chat, InMessage, Inbound, Item};
use crate::domain::message::Direction;
use crate::domain::outbound::PartKey;
use crate::store::changes::Target;
use crate::store::channels::Channel;
use crate::store::inbound::NewMessage;
use crate::store::places::Place;
use crate::store::preferences::want_templates;
use crate::store::proof::Proof;
use crate::store::receipts::Receipt;
use crate::store::{Error, Result, Store, Tx};

/// What a batch brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Payloads that were new.
    pub new: usize,
    /// Payloads put aside as unreadable.
    pub dead: usize,
    /// Messages with files that may have to be fetched.
    pub files: usize,
    /// Messages that were not there before.
    pub messages: usize,
}

/// What stands before our own name for a part in place of the provider's id, among what events wait for.
const SENT_AS: &str = "sent as ";

/// Where items come from, and what says that they are stored.
#[derive(Clone, Copy)]
enum Origin<'a> {
    /// The provider was asked: each payload is journalled, those seen before are skipped, and the cursor moves.
    Asked { cursor: Option<&'a str> },
    /// Rows of the journal; they are done.
    Journal { rows: &'a [i64] },
}

/// Stores a batch and moves the cursor past it.
pub async fn ingest(store: &Store, channel: &Channel, registered: &Registered, batch: &Batch) -> Result<Outcome> {
    take_in(store, channel, registered, &batch.items, Origin::Asked { cursor: batch.cursor.as_deref() }).await
}

/// Stores what rows of the journal say, and notes that these are done. Nothing tells items that were stored before: storing them again
/// changes nothing.
pub async fn ingest_journal(store: &Store, channel: &Channel, registered: &Registered, items: &[Item], rows: &[i64]) -> Result<Outcome> {
    take_in(store, channel, registered, items, Origin::Journal { rows }).await
}

async fn take_in(store: &Store, channel: &Channel, registered: &Registered, items: &[Item], origin: Origin<'_>) -> Result<Outcome> {
    match store_items(store, channel, registered, items, origin).await {
        Ok(outcome) => Ok(outcome),
        Err(error) if error.is_passing() => Err(error),
        Err(error) => {
            tracing::warn!(channel = %channel.id, %error, "a batch was refused; storing its payloads one by one");
            one_by_one(store, channel, registered, items, origin).await
        }
    }
}

async fn one_by_one(store: &Store, channel: &Channel, registered: &Registered, items: &[Item], origin: Origin<'_>) -> Result<Outcome> {
    let mut total = Outcome::default();
    // What says that all are stored is written last.
    let alone = match origin {
        Origin::Asked { .. } => Origin::Asked { cursor: None },
        Origin::Journal { .. } => Origin::Journal { rows: &[] },
    };
    for item in items {
        let outcome = match store_items(store, channel, registered, std::slice::from_ref(item), alone).await {
            Ok(outcome) => outcome,
            Err(error) if error.is_passing() => return Err(error),
            Err(error) => {
                let unreadable = Item { events: Err(error.to_string()), ..item.clone() };
                store_items(store, channel, registered, &[unreadable], alone).await?
            }
        };
        total.new += outcome.new;
        total.dead += outcome.dead;
        total.files += outcome.files;
        total.messages += outcome.messages;
    }
    store_items(store, channel, registered, &[], origin).await?;
    Ok(total)
}

async fn store_items(store: &Store, channel: &Channel, registered: &Registered, items: &[Item], origin: Origin<'_>) -> Result<Outcome> {
    let mut tx = store.begin().await?;
    let new: Vec<&Item> = match origin {
        Origin::Asked { .. } => {
            let keys: Vec<(&str, &str)> = items.iter().map(|item| (item.key.as_str(), item.body.as_str())).collect();
            let new = store.journal(&mut tx, channel, &keys).await?;
            items.iter().enumerate().filter(|(place, _)| new.contains(place)).map(|(_, item)| item).collect()
        }
        Origin::Journal { .. } => items.iter().collect(),
    };
    let mut outcome = Outcome { new: new.len(), ..Outcome::default() };
    let mut events = Vec::new();
    for item in new {
        match &item.events {
            Ok(facts) => events.extend(facts.iter().map(|fact| (item, fact))),
            Err(error) => {
                outcome.dead += 1;
                store.bury(&mut tx, channel, &item.key, &item.body, error).await?;
            }
        }
    }
    let messages: Vec<&InMessage> = events.iter().filter_map(|(_, fact)| message_of(fact)).collect();
    let (files, fresh, places) = store_messages(store, &mut tx, channel, registered, &messages).await?;
    outcome.messages = fresh;
    let changed = |fact: &&Inbound| matches!(fact, Inbound::Edited(message) if !message.files.is_empty());
    outcome.files = files + events.iter().map(|(_, fact)| *fact).filter(changed).count();
    let mut lost: BTreeSet<&str> = places.iter().filter(|(_, place)| !place.reachable).map(|(chat, _)| chat.as_str()).collect();
    let mut orphans = Vec::new();
    for (item, fact) in events {
        match fact {
            // Whoever writes can be reached, whatever was said before.
            Inbound::Message(message) if message.direction == Direction::In && !message.past && lost.remove(message.chat.key.as_str()) => {
                if let Some(place) = store.find_place(&mut tx, channel, &message.chat).await? {
                    store.set_reachable(&mut tx, channel, &place, true).await?;
                }
            }
            Inbound::Reachable { chat, reachable: false, .. } => {
                lost.insert(&chat.key);
            }
            _ => {}
        }
        for (chat, target) in apply(store, &mut tx, channel, registered, fact).await? {
            store.add_orphan(&mut tx, channel, &chat, &target, &item.key, &item.body).await?;
            orphans.push((chat, target));
        }
    }
    match origin {
        Origin::Asked { cursor: Some(cursor) } => store.set_cursor(&mut tx, channel, cursor).await?,
        Origin::Asked { cursor: None } => {}
        Origin::Journal { rows } => store.finish_payloads(&mut tx, channel, rows).await?,
    }
    store.commit(tx).await?;
    if !orphans.is_empty() {
        // On PostgreSQL the answer to a request of ours may have been written down meanwhile, by a transaction that saw none of these wait.
        adopt_settled(store, channel, registered, &orphans).await?;
    }
    Ok(outcome)
}

async fn adopt_settled(store: &Store, channel: &Channel, registered: &Registered, waiting: &[(String, String)]) -> Result<()> {
    let mut tx = store.begin().await?;
    for (chat, target) in waiting {
        if store.find_target(&mut tx, channel, chat, target).await?.is_some() {
            adopt(store, &mut tx, channel, registered, &[(chat, target)]).await?;
        }
    }
    store.commit(tx).await
}

fn message_of(fact: &Inbound) -> Option<&InMessage> {
    match fact {
        Inbound::Message(message) => Some(message),
        _ => None,
    }
}

/// Stores messages together: how many of them have files, how many are new, and where their chats live. Events that waited for them are applied.
async fn store_messages(
    store: &Store,
    tx: &mut Tx,
    channel: &Channel,
    registered: &Registered,
    messages: &[&InMessage],
) -> Result<(usize, usize, BTreeMap<String, Place>)> {
    if messages.is_empty() {
        return Ok((0, 0, BTreeMap::new()));
    }
    let chats = |past: bool| messages.iter().filter(move |message| message.past == past).map(|message| &message.chat).collect::<Vec<_>>();
    let mut places = BTreeMap::new();
    // A chat of which only the past is told is nobody's work.
    for (chats, begun) in [(chats(false), Status::Open), (chats(true), Status::Resolved)] {
        if !chats.is_empty() {
            places.extend(store.places_as(tx, channel, &chats, begun).await?);
        }
    }
    let candidates: Vec<NewMessage<'_>> = messages.iter().map(|message| NewMessage { message, subject: "" }).collect();
    let fresh = store.add_messages(tx, channel, &candidates, &places).await?;
    if fresh.len() < messages.len() {
        // Some were there: an edit may have come first, and then this is the older wording.
        for message in messages.iter().filter(|message| !fresh.iter().any(|new| std::ptr::eq(new.message, **message))) {
            if let Some(target) = store.find_target(tx, channel, message.chat.scope(), &message.external_id).await?
                && target.part.is_none()
            {
                add_version(store, tx, channel, target, message).await?;
                store.set_written_at(tx, channel, target, message).await?;
            }
        }
    }
    if registered.provider.capabilities.templates {
        let new: Vec<&InMessage> = fresh.iter().map(|new| new.message).collect();
        promotions::note(store, tx, channel, &new, &places).await?;
    }
    store.note_asks(tx, channel.workspace, &fresh).await?;
    let stored: Vec<(&str, &str)> = fresh.iter().map(|new| (new.message.chat.scope(), new.message.external_id.as_str())).collect();
    adopt(store, tx, channel, registered, &stored).await?;
    Ok((messages.iter().filter(|message| !message.files.is_empty()).count(), fresh.len(), places))
}

/// Applies events that waited for these messages (chat and provider id). What else one of them waits for has a row of its own.
async fn adopt(store: &Store, tx: &mut Tx, channel: &Channel, registered: &Registered, messages: &[(&str, &str)]) -> Result<()> {
    for orphan in store.take_orphans(tx, channel, messages).await? {
        let Ok(facts) = (registered.map)(&orphan.key, &orphan.body).dated(store.now()).events else { continue };
        for fact in facts.iter().filter(|fact| message_of(fact).is_none()) {
            Box::pin(apply(store, tx, channel, registered, fact)).await?;
        }
    }
    Ok(())
}

/// What a message said, and which files it had, at one time of its life.
async fn add_version(store: &Store, tx: &mut Tx, channel: &Channel, target: Target, message: &InMessage) -> Result<()> {
    store.add_version(tx, channel, target, message).await?;
    store.add_edited_files(tx, channel, target, &message.files).await
}

/// Applies one fact that is not a new message; which messages it waits for (chat and provider id) that are not there.
async fn apply(store: &Store, tx: &mut Tx, channel: &Channel, registered: &Registered, fact: &Inbound) -> Result<Vec<(String, String)>> {
    match fact {
        Inbound::Message(_) => {}
        Inbound::Promotions { chat, wanted, at } => promotions::told(store, tx, channel, chat, *wanted, *at).await?,
        Inbound::TemplatesChanged { .. } => want_templates(tx, channel.workspace, channel.id).await?,
        Inbound::Edited(message) => match store.find_target(tx, channel, message.chat.scope(), &message.external_id).await? {
            Some(target) => add_version(store, tx, channel, target, message).await?,
            // The whole message comes with its edit: better late and marked than never.
            None => {
                Box::pin(store_messages(store, tx, channel, registered, &[message])).await?;
            }
        },
        Inbound::Reacted { chat, target, actor, actor_name, emoji, at } => match store.find_target(tx, channel, chat, target).await? {
            Some(found) => store.set_reactions(tx, channel, found, (actor, actor_name), emoji, *at).await?,
            None => return Ok(vec![(chat.clone(), target.clone())]),
        },
        Inbound::Deleted { chat, targets, at } => {
            let mut missing = Vec::new();
            for target in targets {
                match store.find_target(tx, channel, chat, target).await? {
                    Some(found) => store.set_deleted(tx, channel, found, *at).await?,
                    None => missing.push((chat.clone(), target.clone())),
                }
            }
            return Ok(missing);
        }
        Inbound::Receipt { chat, target, key, state, reason, cause, at } => {
            let mut found = store.find_target(tx, channel, chat, target).await?;
            let named = PartKey::parse(key).filter(|_| found.is_none());
            if let Some(named) = named {
                let proof = store.prove(tx, channel, named, chat, target, *at).await?;
                if proof == Proof::Waits {
                    return Ok(vec![(chat.clone(), target.clone()), unnamed(named)]);
                }
                if proof == Proof::Taken {
                    found = store.find_target(tx, channel, chat, target).await?;
                }
            }
            let Some(found) = found else { return Ok(vec![(chat.clone(), target.clone())]) };
            let receipt = Receipt { state: *state, reason, cause: *cause, at: *at };
            store.take_receipt(tx, channel, found, &receipt).await?;
            if *cause == Cause::OptedOut && *state == Delivery::Failed {
                let to = store.recipient(tx, channel.workspace, found.conversation).await?;
                let wide = registered.provider.capabilities.wide_ids;
                let chat = Chat { key: to.chat, wide, window: to.window, ..Chat::default() };
                promotions::refused(store, tx, channel, &chat, *at).await?;
            }
        }
        Inbound::Moved { from, to, .. } => store.move_chat(tx, channel, from, to).await?,
        Inbound::Reachable { chat, reachable, .. } => {
            if let Some(place) = store.find_place(tx, channel, chat).await? {
                store.set_reachable(tx, channel, &place, *reachable).await?;
            }
        }
    }
    Ok(Vec::new())
}

/// Applies the events that waited for provider ids we have only just learnt: each an id, in that chat, of a part we sent.
pub async fn adopt_parts(store: &Store, channel: &Channel, registered: &Registered, named: &[(String, String)]) -> Result<()> {
    let mut tx = store.begin().await?;
    let named: Vec<(&str, &str)> = named.iter().map(|(chat, id)| (chat.as_str(), id.as_str())).collect();
    adopt(store, &mut tx, channel, registered, &named).await?;
    store.commit(tx).await
}

/// Where news of a part of ours wait whose provider id we may never be told.
pub fn unnamed(key: PartKey) -> (String, String) {
    (String::new(), format!("{SENT_AS}{key}"))
}

/// What became of parts of which nobody knew: the provider told of them under the names that we gave them.
pub async fn adopt_proofs(store: &Store, channel: &Channel, registered: &Registered) -> Result<()> {
    let waiting = store.waiting_for(channel, SENT_AS).await?;
    if waiting.is_empty() {
        return Ok(());
    }
    let mut tx = store.begin().await?;
    for target in &waiting {
        let key = target.strip_prefix(SENT_AS).and_then(PartKey::parse);
        // While it is being sent its answer may still come, and says the same.
        if let Some(key) = key
            && !store.is_leaving(&mut tx, channel, key).await?
        {
            adopt(store, &mut tx, channel, registered, &[("", target)]).await?;
        }
    }
    store.commit(tx).await
}

/// Applies the events that wait for something that is there: a process may stop between writing an id down and looking for what waited for it.
pub async fn adopt_late(store: &Store, channel: &Channel, registered: &Registered) -> Result<()> {
    let late = store.late_orphans(channel).await?;
    if late.is_empty() { Ok(()) } else { adopt_settled(store, channel, registered, &late).await }
}

/// An error in words for a channel's note.
pub fn explain(error: &Error) -> String {
    format!("what came in could not be stored ({error}); it is asked for again")
}
