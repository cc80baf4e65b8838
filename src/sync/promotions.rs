//! Customers who want no advertising: noted from what they write or what the provider tells, and said in their thread.

use std::collections::BTreeMap;

use crate::domain::inbound::{Chat, InMessage};
use crate::domain::message::{Direction, Kind};
use crate::domain::optout;
use crate::domain::time::Timestamp;
use crate::store::channels::Channel;
use crate::store::inbound::NewMessage;
use crate::store::places::Place;
use crate::store::{Result, Store, Tx};

/// Looks for wishes among new messages. Nothing is answered.
pub(super) async fn note(
    store: &Store,
    tx: &mut Tx,
    channel: &Channel,
    messages: &[&InMessage],
    places: &BTreeMap<String, Place>,
) -> Result<()> {
    let mut lines = Vec::new();
    for message in messages.iter().filter(|message| message.direction == Direction::In && message.kind == Kind::Text) {
        let (Some(wanted), Some(place)) = (optout::wish(&message.text), places.get(&message.chat.key)) else { continue };
        store.set_promotions(tx, channel, place, wanted, message.at).await?;
        lines.push(line(&message.chat, format!("promotions:{}", message.external_id), wanted, (message.at, message.seq)));
    }
    say(store, tx, channel, &lines, places).await
}

/// The provider tells a wish. Somebody we never heard of may have one too: it counts from the first message on.
pub(super) async fn told(store: &Store, tx: &mut Tx, channel: &Channel, chat: &Chat, wanted: bool, at: Timestamp) -> Result<()> {
    let place = store.place_or_begin(tx, channel, chat).await?;
    store.set_promotions(tx, channel, &place, wanted, at).await?;
    let line = line(chat, format!("promotions:{}:{wanted}:{}", at.0, chat.key), wanted, (at, 0));
    say(store, tx, channel, &[line], &BTreeMap::from([(chat.key.clone(), place)])).await
}

/// The provider did not take a message because the customer wants no advertising, which they may have told nobody but the provider.
pub(super) async fn refused(store: &Store, tx: &mut Tx, channel: &Channel, chat: &Chat, at: Timestamp) -> Result<()> {
    let Some(place) = store.find_place(tx, channel, chat).await? else { return Ok(()) };
    if store.recipient(tx, channel.workspace, place.conversation).await?.opted_out_at.is_some() {
        return Ok(());
    }
    told(store, tx, channel, chat, false, at).await
}

async fn say(store: &Store, tx: &mut Tx, channel: &Channel, lines: &[InMessage], places: &BTreeMap<String, Place>) -> Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let new: Vec<NewMessage<'_>> = lines.iter().map(|message| NewMessage { message, subject: "" }).collect();
    store.add_messages(tx, channel, &new, places).await.map(|_| ())
}

/// What stands in the thread, under an id that the same wish always has.
fn line(chat: &Chat, external_id: String, wanted: bool, (at, seq): (Timestamp, i64)) -> InMessage {
    let text = if wanted {
        "They want advertising again"
    } else {
        "They want no advertising: marketing templates are not sent to them. What answers them or is about their own bookings still may be"
    };
    InMessage {
        chat: chat.clone(),
        external_id,
        direction: Direction::System,
        kind: Kind::Service,
        author_key: String::new(),
        author: String::new(),
        text: text.to_owned(),
        at,
        seq,
        edited_at: None,
        reply_to: None,
        quote: String::new(),
        forwarded_from: String::new(),
        album: String::new(),
        past: false,
        files: Vec::new(),
    }
}
