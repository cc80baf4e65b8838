//! Storing what came in: many messages in a handful of statements, so that a thousand cost little more than one.
//!
//! Everything here may be repeated with the same result. The order of the calls is `sync::ingest`'s business.

use std::collections::{BTreeMap, BTreeSet};

use super::Store;
use super::channels::Channel;
use super::db::{Tx, Value, args};
use super::error::Result;
use super::events::Event;
use super::places::Place;
use super::words;
use crate::domain::attachment::{Stored, describe};
use crate::domain::conversation::Status;
use crate::domain::delivery::Delivery;
use crate::domain::hint::Hint;
use crate::domain::id::{AttachmentId, ConversationId, MessageId};
use crate::domain::inbound::{InFile, InMessage};
use crate::domain::message::Direction;
use crate::domain::search::indexed;
use crate::domain::time::Timestamp;

/// A message to store, with what only some sources have.
#[derive(Clone, Copy, Debug)]
pub struct NewMessage<'a> {
    /// The message.
    pub message: &'a InMessage,
    /// Its subject line; empty on channels without.
    pub subject: &'a str,
}

/// A message that was new.
#[derive(Clone, Copy, Debug)]
pub struct Fresh<'a> {
    /// Its id.
    pub id: MessageId,
    /// Where it is.
    pub conversation: ConversationId,
    /// The message.
    pub message: &'a InMessage,
}

const ADD_MESSAGES: &str = "INSERT INTO messages (id, workspace_id, conversation_id, channel_id, chat_key, external_id, direction, kind, author_key, \
     author, text, subject, at, seq, received_at, delivery, edited_at, reply_to, quote, forwarded_from, album) VALUES";
const ADD_MESSAGES_TAIL: &str = " ON CONFLICT (channel_id, chat_key, external_id) WHERE external_id IS NOT NULL DO NOTHING";
const STORED_MESSAGES: &str = "SELECT id FROM messages WHERE workspace_id = $1 AND id IN";
const ADD_FILES: &str =
    "INSERT INTO attachments (id, workspace_id, message_id, channel_id, place, kind, reference, name, mime, size, seconds, stored) VALUES";
const OWN_PARTS: &str = "SELECT external_id FROM parts WHERE workspace_id = $1 AND channel_id = $2 AND chat_key = $3 AND external_id IN";
/// The beginning of the query that looks for echoes of what we sent, for the test that asks the planner about it.
pub const ECHOES: &str = OWN_PARTS;
const ECHOED: &str = "SELECT conversation_id, MAX(at) FROM messages WHERE workspace_id = $1 AND at > $2 AND direction = 'out' \
     AND external_id IS NOT NULL AND conversation_id IN";
// VALUES names its columns column1, column2, … on both engines.
const ADVANCE: &str = "UPDATE conversations SET \
     preview = CASE WHEN v.column4 <> '' AND (v.column2 > last_at OR (v.column2 = last_at AND v.column3 >= last_seq)) THEN v.column4 ELSE preview END, \
     preview_direction = CASE WHEN v.column4 <> '' AND (v.column2 > last_at OR (v.column2 = last_at AND v.column3 >= last_seq)) THEN v.column5 \
       ELSE preview_direction END, \
     mark = CASE WHEN v.column4 <> '' AND (v.column2 > last_at OR (v.column2 = last_at AND v.column3 >= last_seq)) AND mark NOT IN ('uncertain', 'failed') \
       THEN v.column10 ELSE mark END, \
     last_seq = CASE WHEN v.column2 > last_at OR (v.column2 = last_at AND v.column3 > last_seq) THEN v.column3 ELSE last_seq END, \
     last_at = CASE WHEN v.column2 > last_at THEN v.column2 ELSE last_at END, \
     unread = CASE WHEN v.column7 >= COALESCE(last_inbound_at, -1) THEN v.column6 ELSE unread + v.column6 END, \
     waiting_since = CASE WHEN v.column7 >= COALESCE(last_inbound_at, -1) OR status = 'resolved' THEN v.column8 ELSE COALESCE(waiting_since, v.column8) END, \
     last_inbound_at = CASE WHEN COALESCE(last_inbound_at, -1) >= COALESCE(v.column9, -1) THEN last_inbound_at ELSE v.column9 END, \
     snoozed_until = CASE WHEN v.column12 = 1 AND status = 'snoozed' THEN NULL ELSE snoozed_until END, \
     active = CASE WHEN v.column12 = 1 AND status IN ('resolved', 'snoozed', 'pending') THEN TRUE ELSE active END, \
     status = CASE WHEN v.column12 = 1 AND status IN ('resolved', 'snoozed', 'pending') THEN 'open' ELSE status END \
     FROM (VALUES";
const ADVANCE_TAIL: &str = ") AS v WHERE conversations.id = v.column1 AND conversations.workspace_id = v.column11";

impl Store {
    /// Stores messages, with their files, their lines in the log, and their conversations' rows brought up to date. Those that were there
    /// already (the same provider id in the same chat or account, or an echo of a part we sent) are left as they are and not returned.
    pub async fn add_messages<'a>(
        &self,
        tx: &mut Tx,
        channel: &Channel,
        messages: &[NewMessage<'a>],
        places: &BTreeMap<String, Place>,
    ) -> Result<Vec<Fresh<'a>>> {
        let own = self.own_parts(tx, channel, messages).await?;
        let now = self.now();
        let mut candidates = Vec::with_capacity(messages.len());
        let mut subjects: BTreeMap<MessageId, &str> = BTreeMap::new();
        let mut values: Vec<Value<'_>> = Vec::with_capacity(messages.len() * 21);
        for NewMessage { message, subject } in messages {
            let Some(place) = places.get(&message.chat.key) else { continue };
            if !own.is_empty() && own.contains(&(message.chat.scope().to_owned(), message.external_id.clone())) {
                continue;
            }
            let fresh = Fresh { id: MessageId(self.next_id()), conversation: place.conversation, message };
            values.extend_from_slice(args![
                fresh.id,
                channel.workspace,
                place.conversation,
                channel.id,
                message.chat.scope(),
                &message.external_id,
                message.direction.name(),
                message.kind.name(),
                &message.author_key,
                &message.author,
                &message.text,
                *subject,
                message.at,
                message.seq,
                now,
                arrived(message.direction).name(),
                message.edited_at,
                message.reply_to.as_deref(),
                &message.quote,
                &message.forwarded_from,
                &message.album,
            ]);
            if !subject.is_empty() {
                subjects.insert(fresh.id, subject);
            }
            candidates.push(fresh);
        }
        if tx.run_rows(ADD_MESSAGES, 21, &values, ADD_MESSAGES_TAIL).await? < candidates.len() as u64 {
            let ids: Vec<i64> = candidates.iter().map(|fresh| fresh.id.0).collect();
            let stored = stored_of(tx, channel, STORED_MESSAGES, &ids).await?;
            candidates.retain(|fresh| stored.contains(&fresh.id.0));
        }
        self.add_files(tx, channel, &candidates).await?;
        let searched = |fresh: &Fresh<'_>| {
            let mut texts = vec![fresh.message.text.as_str(), subjects.get(&fresh.id).copied().unwrap_or_default()];
            texts.extend(fresh.message.files.iter().map(|file| file.name.as_str()));
            (fresh.id, indexed(&texts))
        };
        words::add_messages(tx, channel.workspace, &candidates.iter().map(searched).collect::<Vec<_>>()).await?;
        let answered = answered_elsewhere(tx, channel, &candidates).await?;
        let is_past = |fresh: &Fresh<'_>| {
            let answered = || answered.get(&fresh.conversation).is_some_and(|at| fresh.message.at < *at);
            fresh.message.direction == Direction::In && (fresh.message.past || answered())
        };
        self.advance(tx, channel, &candidates, &is_past).await?;
        let mut events: Vec<Event<'_>> = candidates.iter().map(|fresh| arrival(channel, fresh)).collect();
        events.extend(reopenings(channel, candidates.iter().filter(|fresh| !is_past(fresh)), places));
        self.log(tx, channel.workspace, &events).await?;
        Ok(candidates)
    }

    /// Provider ids, among these messages', of parts that we sent ourselves: the provider echoes them.
    async fn own_parts(&self, tx: &mut Tx, channel: &Channel, messages: &[NewMessage<'_>]) -> Result<BTreeSet<(String, String)>> {
        let mut echoes: BTreeMap<&str, Vec<Value<'_>>> = BTreeMap::new();
        for NewMessage { message, .. } in messages.iter().filter(|new| new.message.direction == Direction::Out) {
            echoes.entry(message.chat.scope()).or_default().push(Value::Text(&message.external_id));
        }
        let mut own = BTreeSet::new();
        // Chat by chat, because the unique index of provider ids has the chat before them: without it every part of the channel is read.
        for (chat, ids) in echoes {
            let found: Vec<(String,)> = tx.rows_in(OWN_PARTS, args![channel.workspace, channel.id, chat], &ids, "").await?;
            own.extend(found.into_iter().map(|(id,)| (chat.to_owned(), id)));
        }
        Ok(own)
    }

    async fn add_files(&self, tx: &mut Tx, channel: &Channel, messages: &[Fresh<'_>]) -> Result<()> {
        let mut values: Vec<Value<'_>> = Vec::new();
        for fresh in messages {
            for (place, file) in fresh.message.files.iter().enumerate() {
                values.extend(self.file_row(channel, fresh.id, place as i64, file));
            }
        }
        tx.run_rows(ADD_FILES, 12, &values, "").await?;
        Ok(())
    }

    /// Adds a file to a message that is there already.
    pub(super) async fn add_file(&self, tx: &mut Tx, channel: &Channel, message: MessageId, place: i64, file: &InFile) -> Result<()> {
        tx.run_rows(ADD_FILES, 12, &self.file_row(channel, message, place, file), "").await?;
        words::refresh_message(tx, channel.workspace, message).await
    }

    fn file_row<'a>(&self, channel: &Channel, message: MessageId, place: i64, file: &'a InFile) -> [Value<'a>; 12] {
        *args![
            AttachmentId(self.next_id()),
            channel.workspace,
            message,
            channel.id,
            place,
            file.kind.name(),
            &file.reference,
            &file.name,
            &file.mime,
            file.size.map(|size| size as i64),
            file.seconds.map(i64::from),
            Stored::Remote.name(),
        ]
    }

    /// Brings the conversations' rows up to date with new messages: last line, unread count, who waits, and open again.
    async fn advance(
        &self,
        tx: &mut Tx,
        channel: &Channel,
        messages: &[Fresh<'_>],
        is_past: &(dyn Fn(&Fresh<'_>) -> bool + Sync),
    ) -> Result<()> {
        let mut changes: BTreeMap<ConversationId, Advance> = BTreeMap::new();
        // Who waits for an answer is told by when things were written, not by when they came.
        let mut ordered: Vec<&Fresh<'_>> = messages.iter().collect();
        ordered.sort_by_key(|fresh| (fresh.message.at, fresh.message.seq));
        for fresh in ordered {
            changes.entry(fresh.conversation).or_default().take(fresh.message, is_past(fresh));
        }
        let mut values: Vec<Value<'_>> = Vec::with_capacity(changes.len() * 12);
        for (conversation, change) in &changes {
            tx.hint(Hint::Conversation(*conversation));
            values.extend_from_slice(args![
                *conversation,
                change.at,
                change.seq,
                &change.preview,
                change.direction.name(),
                change.unread,
                change.answered_at,
                change.waiting_since,
                change.inbound_at,
                change.mark,
                channel.workspace,
                i64::from(change.opens),
            ]);
        }
        tx.run_rows(ADVANCE, 12, &values, ADVANCE_TAIL).await?;
        Ok(())
    }
}

/// Which of these ids were stored. Asked only when a statement skipped some, which is rare: having every statement return its rows costs more.
pub(super) async fn stored_of(tx: &mut Tx, channel: &Channel, sql: &'static str, ids: &[i64]) -> Result<BTreeSet<i64>> {
    let ids: Vec<Value<'_>> = ids.iter().map(|id| Value::Int(*id)).collect();
    let stored: Vec<(i64,)> = tx.rows_in(sql, args![channel.workspace], &ids, "").await?;
    Ok(stored.into_iter().map(|(id,)| id).collect())
}

/// When we last wrote elsewhere (an echo), in conversations of new messages that may be older than that: whoever answered on the telephone has
/// seen what stood above. Replies of our own are no such proof: what comes late is not what they answered.
async fn answered_elsewhere(tx: &mut Tx, channel: &Channel, messages: &[Fresh<'_>]) -> Result<BTreeMap<ConversationId, Timestamp>> {
    let received = || messages.iter().filter(|fresh| fresh.message.direction == Direction::In);
    let Some(oldest) = received().map(|fresh| fresh.message.at).min() else { return Ok(BTreeMap::new()) };
    let ids: BTreeSet<i64> = received().map(|fresh| fresh.conversation.0).collect();
    let ids: Vec<Value<'_>> = ids.into_iter().map(Value::Int).collect();
    let rows: Vec<(i64, i64)> = tx.rows_in(ECHOED, args![channel.workspace, oldest], &ids, " GROUP BY conversation_id").await?;
    Ok(rows.into_iter().map(|(conversation, at)| (ConversationId(conversation), Timestamp(at))).collect())
}

/// What a run of new messages does to a conversation's row.
struct Advance {
    at: Timestamp,
    seq: i64,
    preview: String,
    direction: Direction,
    mark: &'static str,
    unread: i64,
    answered_at: Option<Timestamp>,
    waiting_since: Option<Timestamp>,
    inbound_at: Option<Timestamp>,
    opens: bool,
}

impl Default for Advance {
    fn default() -> Self {
        Self {
            at: Timestamp(0),
            seq: 0,
            preview: String::new(),
            direction: Direction::System,
            mark: "",
            unread: 0,
            answered_at: None,
            waiting_since: None,
            inbound_at: None,
            opens: false,
        }
    }
}

impl Advance {
    fn take(&mut self, message: &InMessage, is_past: bool) {
        let newest = (message.at, message.seq) >= (self.at, self.seq);
        if newest {
            (self.at, self.seq) = (message.at, message.seq);
        }
        match message.direction {
            Direction::In => {
                self.inbound_at = self.inbound_at.max(Some(message.at));
                if !is_past {
                    self.unread += 1;
                    self.opens = true;
                    self.waiting_since.get_or_insert(message.at);
                }
            }
            Direction::Out => (self.unread, self.answered_at, self.waiting_since) = (0, self.answered_at.max(Some(message.at)), None),
            Direction::Note | Direction::System => {}
        }
        let line = preview(message);
        if !line.is_empty() && (newest || self.preview.is_empty()) {
            self.preview = line;
            self.direction = message.direction;
            self.mark = if message.direction == Direction::Out { Delivery::Sent.name() } else { "" };
        }
    }
}

/// The conversations that these messages opened again, each once.
fn reopenings<'a, 'm>(
    channel: &Channel,
    messages: impl Iterator<Item = &'m Fresh<'m>>,
    places: &BTreeMap<String, Place>,
) -> Vec<Event<'a>> {
    let mut seen = BTreeSet::new();
    let from_customers = messages.filter(|fresh| fresh.message.direction == Direction::In);
    let closed = from_customers.filter_map(|fresh| Some((fresh.conversation, places.get(&fresh.message.chat.key)?.closed?)));
    closed
        .filter(|(conversation, _)| seen.insert(*conversation))
        .map(|(conversation, before)| Event {
            kind: "conversation.status",
            channel: Some(channel.id),
            conversation: Some(conversation),
            detail: match before {
                Status::Snoozed => "snoozed -> open",
                Status::Pending => "pending -> open",
                _ => "resolved -> open",
            },
            ..Event::default()
        })
        .collect()
}

const fn arrived(direction: Direction) -> Delivery {
    match direction {
        Direction::Out => Delivery::Sent,
        Direction::In | Direction::Note | Direction::System => Delivery::Received,
    }
}

fn arrival<'a>(channel: &Channel, fresh: &Fresh<'a>) -> Event<'a> {
    let kind = match fresh.message.direction {
        Direction::In => "message.in",
        Direction::Out => "message.echo",
        Direction::Note | Direction::System => "message.system",
    };
    Event { kind, channel: Some(channel.id), conversation: Some(fresh.conversation), message: Some(fresh.id), ..Event::default() }
}

/// The line a list shows of a message: its first words, or its files in words.
pub fn preview(message: &InMessage) -> String {
    let words = message.text.trim();
    if !words.is_empty() {
        return first_words(words);
    }
    message.files.first().map(|file| describe(file.kind, &file.name, file.seconds)).unwrap_or_default()
}

/// As much of a text as any list shows.
pub fn first_words(text: &str) -> String {
    text.chars().take(160).collect()
}
