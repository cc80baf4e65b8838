//! What was said in the past days, for a desk that does not start empty: in the shape `frontdesk import` reads, and for the simulator itself,
//! so that both sides know the same messages by the same ids.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, json};

use super::cast::{Cast, Home, Line, Persona};
use super::world::{Author, Reach};
use super::{ChatKey, Simulator};
use crate::domain::time::{Span, Timestamp};

/// How many conversations the longest thread is made of.
const LONG_THREAD: usize = 45;
/// Who wrote within so many seconds may still wait for an answer.
const RECENT: i64 = 16 * 3_600;

/// One past message, one line of an import file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PastMessage {
    /// The provider's id, unique within the whole history.
    pub id: String,
    /// The chat's key: for a private chat the person's id.
    pub conversation: String,
    /// The channel's name.
    pub channel: String,
    /// `in` from the customer, `out` from an agent.
    pub direction: &'static str,
    /// The author's id.
    pub sender: String,
    /// The author's name.
    pub sender_name: String,
    /// Who it was for: the customer's or the bot's id.
    pub recipient: String,
    /// Unix seconds.
    pub timestamp: i64,
    /// Always empty here.
    pub subject: &'static str,
    /// The words, or what a person would say of a message without any.
    pub text: String,
    /// The id of the message it answers, or empty.
    pub in_reply_to: String,
}

/// What everybody said in the `days` before `until`, oldest first, numbered from 1 as a bot's private chats are.
pub fn generate(cast: &Cast, bot: i64, channel: &str, seed: u64, until: Timestamp, days: u32) -> Vec<PastMessage> {
    let mut rng = fastrand::Rng::with_seed(seed ^ 0x0041_5704);
    let mut said = Vec::new();
    for (place, persona) in cast.people.iter().enumerate() {
        past_of(cast, persona, place, &mut rng, until, days.max(1), &mut said);
    }
    said.sort_by_key(|said| said.at);
    let mut last_in = BTreeMap::new();
    let lines = said.iter().enumerate().map(|(place, said)| {
        let (person, own) = (said.persona.person.id.to_string(), bot.to_string());
        let agent = AGENTS[(said.persona.person.id % AGENTS.len() as i64) as usize].to_owned();
        let (direction, sender, sender_name, recipient) =
            if said.outward { ("out", own, agent, person.clone()) } else { ("in", person.clone(), said.persona.person.full_name(), own) };
        let id = (place + 1).to_string();
        // Now and then an agent answers a message by name.
        let in_reply_to = if said.outward && place % 4 == 0 { last_in.get(&person).cloned().unwrap_or_default() } else { String::new() };
        if !said.outward {
            last_in.insert(person.clone(), id.clone());
        }
        PastMessage {
            id,
            conversation: if said.outward { recipient.clone() } else { sender.clone() },
            channel: channel.to_owned(),
            direction,
            sender,
            sender_name,
            recipient,
            timestamp: said.at.secs(),
            subject: "",
            text: said.text.clone(),
            in_reply_to,
        }
    });
    lines.collect()
}

/// What those on WhatsApp said, by that provider's ids and keys. Of those who say nothing by themselves, one was last heard of 26 hours ago,
/// longer than they may be written to freely, and one 22 hours ago.
pub fn generate_on_whatsapp(cast: &Cast, number: &str, channel: &str, seed: u64, until: Timestamp, days: u32) -> Vec<PastMessage> {
    let cast = cast.only(Home::WhatsApp);
    let mut past = generate(&cast, 0, channel, seed ^ 0x77a, until, days);
    let silent = cast.people.iter().filter(|persona| persona.silent);
    for (persona, hours) in silent.zip(SILENT_SINCE) {
        let (id, last) = (persona.person.id.to_string(), until.minus(Span::hours(hours)).secs());
        past.retain(|line| line.conversation != id || line.timestamp < last);
        let mut said = cast.dialogues(&persona.person.language).into_iter().flat_map(|dialogue| &dialogue.lines);
        let words = said.find_map(|line| if let Line::Says(text) = line { Some(text.clone()) } else { None }).unwrap_or_default();
        past.push(PastMessage {
            id: format!("silent-{id}"),
            conversation: id.clone(),
            channel: channel.to_owned(),
            direction: "in",
            sender: id,
            sender_name: persona.person.full_name(),
            recipient: number.to_owned(),
            timestamp: last,
            subject: "",
            text: words,
            in_reply_to: String::new(),
        });
    }
    past.sort_by_key(|line| line.timestamp);
    let keys: BTreeMap<String, String> = cast.people.iter().map(|persona| (persona.person.id.to_string(), persona.chat())).collect();
    let ids: BTreeMap<String, String> =
        past.iter().enumerate().map(|(at, line)| (line.id.clone(), format!("wamid.PAST{at:06}="))).collect();
    let key = |id: &str| keys.get(id).cloned().unwrap_or_else(|| number.to_owned());
    for line in &mut past {
        line.id = ids.get(&line.id).cloned().unwrap_or_default();
        line.in_reply_to = ids.get(&line.in_reply_to).cloned().unwrap_or_default();
        (line.conversation, line.sender, line.recipient) = (key(&line.conversation), key(&line.sender), key(&line.recipient));
    }
    past
}

/// How many hours ago those who say nothing by themselves were last heard of.
const SILENT_SINCE: [i64; 2] = [26, 22];

/// Those who answered.
pub const AGENTS: [&str; 3] = ["Maya", "Arif", "Noor"];

struct Said<'a> {
    persona: &'a Persona,
    outward: bool,
    text: String,
    at: Timestamp,
}

fn past_of<'a>(
    cast: &Cast,
    persona: &'a Persona,
    place: usize,
    rng: &mut fastrand::Rng,
    until: Timestamp,
    days: u32,
    said: &mut Vec<Said<'a>>,
) {
    let dialogues = cast.dialogues(&persona.person.language);
    if dialogues.is_empty() {
        return;
    }
    let many = if place == 0 { LONG_THREAD } else { rng.usize(1..=4) };
    let mut starts: Vec<i64> = (0..many).map(|_| rng.i64(3_600..i64::from(days) * 86_400 + 3_600)).collect();
    starts.sort_unstable_by(|a, b| b.cmp(a));
    let first = rng.usize(0..dialogues.len());
    let mut at = Timestamp(i64::MIN);
    if persona.hostile {
        // Long ago: it is there to be scrolled to, not the first thing anybody sees.
        at = until.minus(Span::secs(i64::from(days) * 86_400 + 4 * 3_600));
        for text in cast.hostile_lines() {
            at = at.plus(Span::secs(rng.i64(8..400)));
            said.push(Said { persona, outward: false, text: text.clone(), at });
        }
    }
    for (turn, ago) in starts.into_iter().enumerate() {
        // Conversations of one person do not overlap.
        at = at.max(until.minus(Span::secs(ago)));
        // Most of those who wrote lately still wait for their first answer.
        let waits = turn + 1 == many && ago < RECENT && !place.is_multiple_of(4);
        for line in &dialogues[(first + turn) % dialogues.len()].lines {
            let (outward, text) = match line {
                Line::Agent(_) if waits => break,
                Line::Agent(text) => (true, text.clone()),
                Line::Says(text) => (false, text.clone()),
                Line::Photo(text) => (false, format!("[photo] {text}")),
                Line::Album(_) => (false, "[photo]".to_owned()),
                Line::Voice(seconds) => (false, format!("[voice] {seconds} s")),
                Line::File(name) => (false, format!("[file] {name}")),
                Line::Location(latitude, longitude) => (false, format!("[location] {latitude}, {longitude}")),
                Line::Sticker(emoji) => (false, format!("[sticker] {emoji}")),
                Line::Edits(_) | Line::Reacts(_) => continue,
            };
            at = at.plus(Span::secs(rng.i64(8..400)));
            said.push(Said { persona, outward, text, at: at.min(until) });
        }
    }
}

impl Simulator {
    /// Puts past messages into the bot's private chats, so that they can be answered, reacted to and edited, and new ones are numbered
    /// after them. No updates are made of them, and the ledger does not hold them. Call it when the people are there and before anybody
    /// writes.
    pub fn preload(&self, bot: i64, past: &[PastMessage]) {
        for message in past {
            let (Ok(id), Ok(person)) = (message.id.parse::<i64>(), message.conversation.parse::<i64>()) else { continue };
            let key: ChatKey = self.private_chat(bot, person);
            self.world.with(|state, _| {
                if let Some(bot) = state.bots.get_mut(&bot) {
                    bot.last_message = id - 1;
                }
                if let Some(chat) = state.chats.get_mut(&key) {
                    chat.reach = Reach::Open;
                }
                let author = if message.direction == "out" { Author::Bot } else { Author::Person(person) };
                let mut fields = Map::from_iter([("text".to_owned(), json!(message.text))]);
                if let Some(answered) = message.in_reply_to.parse().ok().and_then(|target| state.quoted(key, target)) {
                    fields.insert("reply_to_message".to_owned(), answered);
                }
                state.post(key, author, fields, Timestamp::from_secs(message.timestamp));
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_795_168_800);

    fn past(seed: u64) -> Vec<PastMessage> {
        generate(&Cast::new(seed, 20).unwrap(), 7, "desk", seed, NOW, 5)
    }

    #[test]
    fn a_history_is_the_same_for_the_same_seed_and_another_for_another() {
        assert_eq!(past(2), past(2));
        assert_ne!(past(2), past(3));
    }

    #[test]
    fn a_history_is_in_order_lies_in_the_past_and_its_ids_are_unique() {
        let past = past(2);
        assert!(past.windows(2).all(|pair| pair[0].timestamp <= pair[1].timestamp));
        assert!(past.iter().all(|line| line.timestamp <= NOW.secs() && line.timestamp >= NOW.secs() - 6 * 86_400));
        assert!(past.iter().enumerate().all(|(place, line)| line.id == (place + 1).to_string()));
        let answers: Vec<_> = past.iter().filter(|line| !line.in_reply_to.is_empty()).collect();
        assert!(!answers.is_empty());
        for answer in answers {
            let asked = past.iter().find(|line| line.id == answer.in_reply_to).unwrap();
            assert_eq!((&asked.conversation, asked.direction, answer.direction), (&answer.conversation, "in", "out"));
            assert!(asked.timestamp <= answer.timestamp);
        }
    }

    #[test]
    fn on_whatsapp_one_window_has_closed_and_one_closes_in_two_hours() {
        let cast = Cast::new(2, 20).unwrap().on_two_providers();
        let past = generate_on_whatsapp(&cast, "15550001111", "desk", 2, NOW, 5);
        let last = |persona: &Persona| {
            let key = persona.chat();
            past.iter().rfind(|line| line.conversation == key && line.direction == "in").map(|line| NOW.secs() - line.timestamp)
        };
        let silent: Vec<Option<i64>> = cast.people.iter().filter(|persona| persona.silent).map(last).collect();
        assert_eq!(silent, [Some(26 * 3_600), Some(22 * 3_600)]);
        let mut ids: Vec<&str> = past.iter().map(|line| line.id.as_str()).collect();
        ids.dedup();
        assert_eq!(ids.len(), past.len());
        assert!(past.iter().all(|line| line.id.starts_with("wamid.") && line.conversation != "15550001111"));
    }

    #[test]
    fn a_history_has_a_long_thread_many_scripts_and_hostile_lines() {
        let past = past(2);
        let longest = past.iter().filter(|line| line.conversation == past_first(&past)).count();
        assert!(longest > 150, "{longest}");
        let any = |range: std::ops::RangeInclusive<char>| past.iter().any(|line| line.text.chars().any(|c| range.contains(&c)));
        assert!(any('\u{4e00}'..='\u{9fff}') && any('\u{600}'..='\u{6ff}') && any('а'..='я') && any('\u{1f300}'..='\u{1faff}'));
        assert!(any('\u{1b}'..='\u{1b}') && any('\u{202e}'..='\u{202e}') && any('\u{200b}'..='\u{200b}'));
    }

    #[test]
    fn a_history_ends_in_plain_words_of_which_some_wait_for_an_answer_and_some_have_one() {
        let past = past(2);
        let mut last = BTreeMap::new();
        for line in &past {
            last.insert(line.conversation.as_str(), line);
        }
        assert!(last.values().all(|line| !line.text.contains('\u{1b}') && !line.text.starts_with('=')));
        let asked = |line: &&&PastMessage| {
            line.direction == "in"
                && !past.iter().any(|other| {
                    other.conversation == line.conversation && other.direction == "out" && line.timestamp - other.timestamp < 3_600
                })
        };
        let waiting = last.values().filter(asked).count();
        assert!((1..last.len()).contains(&waiting), "{waiting} of {}", last.len());
    }

    /// The conversation with the most lines.
    fn past_first(past: &[PastMessage]) -> String {
        let mut counts = BTreeMap::<&str, usize>::new();
        for line in past {
            *counts.entry(&line.conversation).or_default() += 1;
        }
        counts.into_iter().max_by_key(|(_, count)| *count).unwrap().0.to_owned()
    }
}
