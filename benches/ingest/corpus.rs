//! Messages of a made-up desk, the same for the same seed: some sixty words each, from a vocabulary with a long tail, about four messages a
//! conversation, conversations interleaved the way an inbox receives them.

use frontdesk::domain::inbound::{Chat, InMessage, Inbound, Item};
use frontdesk::domain::message::{Direction, Kind};
use frontdesk::domain::time::Timestamp;

/// How many different words there are.
const VOCABULARY: usize = 60_000;
/// When the first message was written.
const FIRST: i64 = 1_704_103_200;

/// Makes messages one after another.
pub struct Corpus {
    random: fastrand::Rng,
    words: Vec<String>,
    made: i64,
}

impl Corpus {
    /// The corpus of that seed, from its first message on.
    pub fn new(seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let words = (0..VOCABULARY).map(|rank| word(&mut random, rank)).collect();
        Self { random, words, made: 0 }
    }

    /// The next messages.
    pub fn take(&mut self, count: usize) -> Vec<InMessage> {
        (0..count).map(|_| self.message()).collect()
    }

    fn message(&mut self) -> InMessage {
        self.made += 1;
        // A quarter of the messages begins a conversation; the others go on with one of the last two hundred.
        let newest = self.made / 4;
        let chat = if self.made % 4 == 1 { newest } else { (newest - self.random.i64(0..200)).max(0) };
        let direction = if self.random.f32() < 0.6 { Direction::In } else { Direction::Out };
        let (customer, name) = (format!("customer{chat}@mail.example"), format!("Søren Lindqvist {chat}"));
        let author = if direction == Direction::In { name.clone() } else { "Dana Whitfield".to_owned() };
        InMessage {
            chat: Chat { key: chat.to_string(), name, handle: customer.clone(), ..Chat::default() },
            external_id: format!("{}.{:08x}@frontdesk.example", self.made, self.random.u32(..)),
            direction,
            kind: Kind::Text,
            author_key: if direction == Direction::In { customer } else { "support@frontdesk.example".to_owned() },
            author,
            text: self.text(),
            at: Timestamp::from_secs(FIRST + self.made * 60),
            seq: self.made,
            edited_at: None,
            reply_to: None,
            quote: String::new(),
            forwarded_from: String::new(),
            album: String::new(),
            past: false,
            files: Vec::new(),
        }
    }

    fn text(&mut self) -> String {
        let mut text = String::new();
        for place in 0..self.random.usize(20..100) {
            if place > 0 {
                text.push(' ');
            }
            // The word of rank r comes about 1/r as often as the commonest.
            let rank = (VOCABULARY as f64).powf(self.random.f64()) as usize - 1;
            text.push_str(&self.words[rank.min(VOCABULARY - 1)]);
        }
        if self.random.f32() < 0.12 {
            text.push_str(" 🙏");
        }
        text
    }
}

fn word(random: &mut fastrand::Rng, rank: usize) -> String {
    let syllables = if rank < 200 { 1 } else { random.usize(2..5) };
    let syllable = |random: &mut fastrand::Rng| {
        let pick = |from: &str, random: &mut fastrand::Rng| from.chars().nth(random.usize(..from.chars().count())).unwrap_or('a');
        [pick("bcdfghklmnprstvz", random), pick("aeiouäé", random), pick("nrstlk", random)]
    };
    (0..syllables).flat_map(|_| syllable(random)).collect()
}

/// A message as a provider's payload that was read.
pub fn item(message: InMessage) -> Item {
    let body = serde_json::json!({
        "update_id": message.seq,
        "message": {
            "message_id": message.seq,
            "from": { "id": message.author_key, "is_bot": false, "first_name": message.author, "language_code": "en" },
            "chat": { "id": message.chat.key, "first_name": message.chat.name, "type": "private" },
            "date": message.at.secs(),
            "text": message.text,
        },
    });
    Item { key: message.seq.to_string(), body: body.to_string(), events: Ok(vec![Inbound::Message(Box::new(message))]) }
}

/// A message as a line of an import.
pub fn line(message: &InMessage) -> String {
    let ours = message.direction == Direction::Out;
    let line = serde_json::json!({
        "id": message.external_id,
        "conversation": message.chat.key,
        "channel": "email",
        "direction": message.direction.name(),
        "sender": message.author_key,
        "sender_name": message.author,
        "recipient": if ours { &message.chat.handle } else { "support@frontdesk.example" },
        "timestamp": message.at.secs(),
        "subject": "",
        "text": message.text,
        "in_reply_to": null,
    });
    format!("{line}\n")
}
