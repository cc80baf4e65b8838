//! What people can do: write, send, edit, react, press, block, move a group; each as the Bot API would report it.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::cast::Cast;
use super::ledger::Act;
use super::methods::reaction_json;
use super::world::{Author, Chat, RETENTION, Reach, State, business_connection};
use super::writing::{Content, Writing, fields};
use super::{ChatKey, ChatKind, Person, Simulator};
use crate::domain::time::Timestamp;

impl Simulator {
    /// Makes an account; an id that exists gets the new names.
    pub fn add_person(&self, person: Person) -> i64 {
        let id = person.id;
        self.world.with(|state, _| state.people.insert(id, person));
        id
    }

    /// Makes an account for everybody in a cast.
    pub fn add_people(&self, cast: &Cast) {
        for persona in &cast.people {
            self.add_person(persona.person.clone());
        }
    }

    /// A person's private chat with a bot. Until the person has written, the bot cannot.
    pub fn private_chat(&self, bot: i64, person: i64) -> ChatKey {
        self.open(ChatKey { bot, id: person, business: false }, ChatKind::Private, "", "", Reach::Unopened)
    }

    /// A person lets the bot answer for their business account.
    pub fn connect_business(&self, bot: i64, owner: i64) {
        self.world.with(|state, now| {
            if let Some(bot) = state.bots.get_mut(&bot) {
                bot.business_of = Some((owner, now));
            }
            let connection = state.business_json(bot, owner, now);
            state.offer(bot, "business_connection", &connection, now, now);
        });
    }

    /// A person's chat with the business that the bot answers for.
    pub fn business_chat(&self, bot: i64, person: i64) -> ChatKey {
        self.open(ChatKey { bot, id: person, business: true }, ChatKind::Private, "", "", Reach::Unopened)
    }

    /// A chat of many, which the bot is in. Only supergroups and channels have user names (may be empty).
    pub fn room(&self, bot: i64, kind: ChatKind, title: &str, username: &str) -> ChatKey {
        let serial = self.world.with(|state, _| state.serial());
        let id = if kind == ChatKind::Group { -4_000_000_000 - serial } else { -1_002_000_000_000 - serial };
        self.open(ChatKey { bot, id, business: false }, kind, title, username, Reach::Open)
    }

    fn open(&self, key: ChatKey, kind: ChatKind, title: &str, username: &str, reach: Reach) -> ChatKey {
        self.world.with(|state, _| state.chats.entry(key).or_insert_with(|| Chat::new(key, kind, title, username, reach)).key)
    }

    /// The person of a private chat writes. Returns the message's id.
    pub fn say(&self, chat: ChatKey, text: &str) -> i64 {
        self.write(chat, chat.id, text.into())
    }

    /// A person writes in a chat (in a channel nobody is named). Writing to a bot opens the chat, also one it was blocked from. Returns the
    /// message's id.
    pub fn write(&self, chat: ChatKey, from: i64, writing: Writing) -> i64 {
        self.world.with(|state, now| state.write(chat, from, writing, now))
    }

    /// Several files as one album. Returns the messages' ids.
    pub fn album(&self, chat: ChatKey, from: i64, items: Vec<Content>) -> Vec<i64> {
        self.world.with(|state, now| {
            let group: Value = format!("{}", 13_000_000_000_000_000 + state.serial()).into();
            let with_group = |content| Writing::fields(Map::from_iter([("media_group_id".to_owned(), group.clone())])).with(content);
            items.into_iter().map(with_group).map(|writing| state.write(chat, from, writing, now)).collect()
        })
    }

    /// The author gives a message new words (or its file a new caption). Nothing happens if there is no such message.
    pub fn edit(&self, chat: ChatKey, message: i64, text: &str) {
        self.world.with(|state, now| {
            let Some(stored) = state.stored_mut(chat, message).filter(|stored| !stored.by_bot) else { return };
            let field = if stored.json.get("text").is_some() { "text" } else { "caption" };
            stored.json[field] = text.into();
            stored.json["edit_date"] = now.secs().into();
            let json = stored.json.clone();
            let update = state.offer(chat.bot, state.update_kind(chat, true), &json, now, now);
            let from = json["from"]["id"].as_i64().unwrap_or(0);
            state.note_written(chat, Act::Edit, (message, from), text.to_owned(), now, update);
        });
    }

    /// A person's reactions to a message are now exactly these emoji.
    pub fn react(&self, chat: ChatKey, from: i64, message: i64, emoji: &[&str]) {
        self.world.with(|state, now| {
            let new: Vec<String> = emoji.iter().map(|&emoji| emoji.to_owned()).collect();
            let old = state.reactions.insert((chat, message, from), new.clone()).unwrap_or_default();
            let payload = json!({
                "chat": state.chat_json(chat), "message_id": message, "user": state.person_json(from), "date": now.secs(),
                "old_reaction": reaction_json(&old), "new_reaction": reaction_json(&new),
            });
            let update = state.offer(chat.bot, "message_reaction", &payload, now, now);
            state.note_written(chat, Act::Reaction, (message, from), new.concat(), now, update);
        });
    }

    /// A person presses a button with that data under a message of the bot's. Returns the callback query's id.
    pub fn press(&self, chat: ChatKey, from: i64, message: i64, data: &str) -> String {
        self.world.with(|state, now| {
            let id = format!("{}", 4_000_000_000_000_000_000_i64 + state.serial());
            state.buttons.insert(id.clone());
            let message_json = state.quoted(chat, message).unwrap_or(json!({
                "chat": state.chat_json(chat), "message_id": message, "date": 0,
            }));
            let payload = json!({
                "id": id, "from": state.person_json(from), "message": message_json, "chat_instance": chat.id.to_string(), "data": data,
            });
            let update = state.offer(chat.bot, "callback_query", &payload, now, now);
            state.note_written(chat, Act::Button, (message, from), data.to_owned(), now, update);
            id
        })
    }

    /// The person of a business chat deletes messages there. (Deletions elsewhere are never told to a bot.)
    pub fn delete_business_messages(&self, chat: ChatKey, messages: &[i64]) {
        self.world.with(|state, now| {
            for message in messages {
                if let Some(chat) = state.chats.get_mut(&chat) {
                    chat.messages.remove(message);
                }
            }
            let connection = business_connection(chat.bot);
            let payload = json!({"business_connection_id": connection, "chat": state.chat_json(chat), "message_ids": messages});
            state.offer(chat.bot, "deleted_business_messages", &payload, now, now);
        });
    }

    /// The person blocks the bot; in a room, somebody removes it.
    pub fn block(&self, chat: ChatKey) {
        self.world.with(|state, now| state.set_member(chat, false, now));
    }

    /// The person lets the bot write again; in a room, somebody adds it again.
    pub fn unblock(&self, chat: ChatKey) {
        self.world.with(|state, now| state.set_member(chat, true, now));
    }

    /// The person deletes the account: the bot is told nothing and can no longer write.
    pub fn deactivate(&self, chat: ChatKey) {
        self.world.with(|state, _| {
            if let Some(chat) = state.chats.get_mut(&chat) {
                chat.reach = Reach::Deactivated;
            }
        });
    }

    /// Somebody makes a group a supergroup: both get a service message, and the old id is dead. Returns the new chat.
    pub fn migrate(&self, group: ChatKey, from: i64) -> ChatKey {
        let title = self.world.look(|state| state.chats.get(&group).map(|chat| chat.title.clone()).unwrap_or_default());
        let new = self.room(group.bot, ChatKind::Supergroup, &title, "");
        self.world.with(|state, now| {
            let service = |field: &str, id: i64| Writing::fields(Map::from_iter([(field.to_owned(), id.into())]));
            state.write(group, from, service("migrate_to_chat_id", new.id), now);
            state.write(new, from, service("migrate_from_chat_id", group.id), now);
            if let Some(chat) = state.chats.get_mut(&group) {
                chat.reach = Reach::MovedTo(new.id);
            }
        });
        new
    }

    /// Queues any update of a kind, whatever the bot asked for: garbage, kinds this program does not know. Returns its `update_id`.
    pub fn inject(&self, bot: i64, kind: &str, payload: &Value) -> Option<i64> {
        self.inject_bytes(bot, |id| json!({"update_id": id, kind: payload}).to_string().into_bytes())
    }

    /// Queues an update of any bytes, even broken ones; they are put between commas as they are. Returns the `update_id` it was told.
    pub fn inject_bytes(&self, bot: i64, render: impl FnOnce(i64) -> Vec<u8>) -> Option<i64> {
        self.world.with(|state, now| state.inject(bot, now, render))
    }
}

impl Writing {
    fn with(self, content: Content) -> Self {
        Self { content, ..self }
    }
}

impl Chat {
    pub(super) fn new(key: ChatKey, kind: ChatKind, title: &str, username: &str, reach: Reach) -> Self {
        Self {
            key,
            kind,
            title: title.to_owned(),
            username: username.to_owned(),
            reach,
            messages: std::collections::BTreeMap::new(),
            last_message: 0,
            last_written: None,
        }
    }
}

impl State {
    /// The person with that first name, full name or user name, in any case.
    pub(super) fn person_named(&self, name: &str) -> Option<&Person> {
        let name = name.trim_start_matches('@').to_lowercase();
        let named = |known: &String| known.to_lowercase() == name;
        self.people.values().find(|person| [&person.first_name, &person.full_name(), &person.username].into_iter().any(named))
    }

    /// Queues an update of any bytes.
    pub(super) fn inject(&mut self, bot: i64, now: Timestamp, render: impl FnOnce(i64) -> Vec<u8>) -> Option<i64> {
        let until = now.plus(RETENTION);
        let bot = self.bots.get_mut(&bot)?;
        Some(bot.queue.push(now, until, &mut self.rng, |id| Bytes::from(render(id))))
    }

    /// A customer's message: into the chat, the queue and the ledger. Returns its id.
    pub(super) fn write(&mut self, key: ChatKey, from: i64, writing: Writing, now: Timestamp) -> i64 {
        if self.chats.get(&key).is_some_and(|chat| matches!(chat.reach, Reach::Blocked)) {
            self.set_member(key, true, now);
        }
        let at = writing.at.unwrap_or(now);
        let text = writing.words().to_owned();
        let serial = self.serial();
        let mut message = fields(writing.content, &mut self.files, key.bot, serial);
        if let Some(quoted) = writing.reply_to.and_then(|target| self.quoted(key, target)) {
            message.insert("reply_to_message".to_owned(), quoted);
        }
        if !writing.quote.is_empty() {
            message.insert("quote".to_owned(), json!({"text": writing.quote, "position": 0}));
        }
        if !writing.forwarded_from.is_empty() {
            let origin = json!({"type": "hidden_user", "date": at.secs() - 60, "sender_user_name": writing.forwarded_from});
            message.insert("forward_origin".to_owned(), origin);
        }
        message.extend(writing.extra);
        let channel = self.chats.get(&key).is_some_and(|chat| chat.kind == ChatKind::Channel);
        let (author, from) = if channel { (Author::Channel, 0) } else { (Author::Person(from), from) };
        let json = self.post(key, author, message, at);
        let id = json["message_id"].as_i64().unwrap_or(0);
        if let Some(chat) = self.chats.get_mut(&key).filter(|chat| chat.reach == Reach::Unopened) {
            chat.reach = Reach::Open;
        }
        let update = self.offer(key.bot, self.update_kind(key, false), &json, at, now);
        self.note_written(key, Act::Message, (id, from), text, now, update);
        id
    }

    /// The kind of update a message there makes.
    fn update_kind(&self, key: ChatKey, edited: bool) -> &'static str {
        let channel = self.chats.get(&key).is_some_and(|chat| chat.kind == ChatKind::Channel);
        match (key.business, channel, edited) {
            (true, _, false) => "business_message",
            (true, _, true) => "edited_business_message",
            (false, true, false) => "channel_post",
            (false, true, true) => "edited_channel_post",
            (false, false, false) => "message",
            (false, false, true) => "edited_message",
        }
    }

    fn set_member(&mut self, key: ChatKey, member: bool, now: Timestamp) {
        let Some(chat) = self.chats.get_mut(&key) else { return };
        let gone = if chat.kind == ChatKind::Private { Reach::Blocked } else { Reach::Removed };
        let wanted = if member { Reach::Open } else { gone };
        if chat.reach == wanted {
            return;
        }
        chat.reach = wanted;
        let status = |member: bool| if member { "member" } else { "kicked" };
        let bot = self.bot_json(key.bot);
        let payload = json!({
            "chat": self.chat_json(key), "from": self.person_json(key.id), "date": now.secs(),
            "old_chat_member": {"user": bot, "status": status(!member)},
            "new_chat_member": {"user": bot, "status": status(member)},
        });
        self.offer(key.bot, "my_chat_member", &payload, now, now);
    }
}
