//! Who the customers are and what they talk about: made from `assets/demo` and a seed, the same for the same seed.

use serde::Deserialize;

use super::{Person, graph};
use crate::domain::text::Safe;

const PEOPLE: &str = include_str!("../../assets/demo/people.toml");
const DIALOGUES: &str = include_str!("../../assets/demo/dialogues.toml");
const HOSTILE: &str = include_str!("../../assets/demo/hostile.toml");
/// A photo of a damaged racket.
pub(super) const RACKET: &[u8] = include_bytes!("../../assets/demo/racket.jpg");

/// Everybody, and everything they may say.
#[derive(Clone, Debug)]
pub struct Cast {
    /// The customers.
    pub people: Vec<Persona>,
    dialogues: Vec<Dialogue>,
    manners: Vec<Manners>,
    hostile: Vec<String>,
}

/// A customer with habits.
#[derive(Clone, Debug)]
pub struct Persona {
    /// The account.
    pub person: Person,
    /// Characters typed in a second.
    pub typing: f64,
    /// Seconds until a new message is read.
    pub reading: f64,
    /// Whether this one sends terminal escapes and the like in the history.
    pub hostile: bool,
    /// Where they write.
    pub home: Home,
    /// They say nothing by themselves; they read, and answer what is written to them.
    pub silent: bool,
}

/// The provider a customer writes through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Home {
    /// Telegram.
    #[default]
    Telegram,
    /// WhatsApp.
    WhatsApp,
}

/// One line of a conversation.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Line {
    Says(String),
    Photo(String),
    /// So many photos.
    Album(usize),
    /// So many seconds.
    Voice(u32),
    /// A file of that name.
    File(String),
    /// Degrees north and east.
    Location(f64, f64),
    /// One with that emoji.
    Sticker(String),
    /// The customer's last text reads so now.
    Edits(String),
    /// To the agent's last message.
    Reacts(String),
    /// What an agent would say here.
    Agent(String),
}

#[derive(Clone, Debug)]
pub(super) struct Dialogue {
    pub(super) language: String,
    pub(super) lines: Vec<Line>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Manners {
    language: String,
    pub(super) nudge: String,
    pub(super) thanks: Vec<String>,
}

/// The demo's data is broken. Cannot happen to a build whose tests passed.
#[derive(Debug, thiserror::Error)]
#[error("the demo's customers cannot be made, its built-in data is broken: {0}; report this")]
pub struct CastError(String);

#[derive(Deserialize)]
struct PeopleFile {
    language: Vec<Names>,
}

#[derive(Deserialize)]
struct Names {
    code: String,
    first: Vec<String>,
    last: Vec<String>,
}

#[derive(Deserialize)]
struct DialogueFile {
    dialogue: Vec<RawDialogue>,
    manners: Vec<Manners>,
}

#[derive(Deserialize)]
struct RawDialogue {
    language: String,
    lines: String,
}

#[derive(Deserialize)]
struct HostileFile {
    lines: Vec<String>,
}

impl Cast {
    /// `count` people drawn by the seed, their languages taking turns.
    pub fn new(seed: u64, count: usize) -> Result<Self, CastError> {
        let broken = |error: toml::de::Error| CastError(error.message().to_owned());
        let names: PeopleFile = toml::from_str(PEOPLE).map_err(broken)?;
        let file: DialogueFile = toml::from_str(DIALOGUES).map_err(broken)?;
        let hostile: HostileFile = toml::from_str(HOSTILE).map_err(broken)?;
        let dialogues = file.dialogue.into_iter().map(read_dialogue).collect::<Result<Vec<_>, _>>()?;
        let mut rng = fastrand::Rng::with_seed(seed);
        let orders: Vec<Vec<usize>> = names
            .language
            .iter()
            .map(|names| {
                let mut order: Vec<usize> = (0..names.first.len() * names.last.len()).collect();
                rng.shuffle(&mut order);
                order
            })
            .collect();
        let mut people = Vec::with_capacity(count);
        for n in 0..count {
            let which = n % names.language.len();
            let (names, order) = (&names.language[which], &orders[which]);
            let pick = order[(n / orders.len()) % order.len()];
            let (first, last) = (&names.first[pick % names.first.len()], &names.last[pick / names.first.len()]);
            people.push(Persona {
                person: Person {
                    // Past 32 bits, as the ids of real accounts are, and spread so that they do not look counted.
                    id: 5_000_000_000 + n as i64 * 1_000 + rng.i64(0..1_000),
                    first_name: first.clone(),
                    last_name: last.clone(),
                    username: username(first, last, n),
                    language: names.code.clone(),
                },
                typing: 4.0 + rng.f64() * 6.0,
                reading: 1.0 + rng.f64() * 5.0,
                hostile: n % 9 == 5,
                home: Home::Telegram,
                silent: false,
            });
        }
        Ok(Self { people, dialogues, manners: file.manners, hostile: hostile.lines })
    }

    /// The same people, every other one of them on WhatsApp; the first two of those say nothing by themselves.
    #[must_use]
    pub fn on_two_providers(mut self) -> Self {
        for (place, persona) in self.people.iter_mut().skip(1).step_by(2).enumerate() {
            persona.home = Home::WhatsApp;
            persona.silent = place < 2;
        }
        self
    }

    /// The same people, all of them there.
    #[must_use]
    pub fn all_at(mut self, home: Home) -> Self {
        for persona in &mut self.people {
            persona.home = home;
        }
        self
    }

    /// Those of them who live there, with everything they may say.
    #[must_use]
    pub fn only(&self, home: Home) -> Self {
        let mut cast = self.clone();
        cast.people.retain(|persona| persona.home == home);
        cast
    }

    /// What people of that language talk about.
    pub(super) fn dialogues(&self, language: &str) -> Vec<&Dialogue> {
        self.dialogues.iter().filter(|dialogue| dialogue.language == language).collect()
    }

    pub(super) fn manners(&self, language: &str) -> Option<&Manners> {
        self.manners.iter().find(|manners| manners.language == language)
    }

    /// What hostile people send.
    pub(super) fn hostile_lines(&self) -> &[String] {
        &self.hostile
    }
}

impl Persona {
    /// Who they are on WhatsApp. Some have an id for the portfolio beside their number, some of those show nothing else.
    pub fn on_whatsapp(&self) -> graph::Person {
        let (country, prefix) = match self.person.language.as_str() {
            "id" => ("ID", "62812"),
            "es" => ("ES", "34612"),
            "de" => ("DE", "49151"),
            "ja" => ("JP", "8190"),
            "ar" => ("AE", "97150"),
            "ru" => ("KZ", "7701"),
            _ => ("GB", "447911"),
        };
        let sort = self.person.id / 1_000 % 6;
        let user_id = match sort {
            3 | 5 => format!("{country}.{}", 1_349_120_865_530_200_000 + self.person.id),
            _ => String::new(),
        };
        graph::Person {
            name: self.person.full_name(),
            phone: format!("{prefix}{:07}", self.person.id % 10_000_000),
            hides_phone: sort == 5,
            username: if user_id.is_empty() { String::new() } else { self.person.username.clone() },
            user_id,
        }
    }

    /// The key of the chat with them, where they live.
    pub fn chat(&self) -> String {
        match self.home {
            Home::Telegram => self.person.id.to_string(),
            Home::WhatsApp => {
                let person = self.on_whatsapp();
                if person.user_id.is_empty() { person.phone } else { person.user_id }
            }
        }
    }
}

/// Latin names make a user name; others have none, as many people have none.
fn username(first: &str, last: &str, n: usize) -> String {
    let name = format!("{first}_{last}").to_lowercase();
    if name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') { format!("{name}_{n}") } else { String::new() }
}

fn read_dialogue(raw: RawDialogue) -> Result<Dialogue, CastError> {
    let lines = raw.lines.lines().filter(|line| !line.trim().is_empty()).map(read_line).collect::<Result<_, _>>()?;
    Ok(Dialogue { language: raw.language, lines })
}

fn read_line(line: &str) -> Result<Line, CastError> {
    let broken = || CastError(format!("the line {:?} of a dialogue", Safe::line(line).as_str()));
    let (who, what) = line.split_once(": ").ok_or_else(broken)?;
    let text = what.to_owned();
    let line = match who {
        "c" => Line::Says(text),
        "a" => Line::Agent(text),
        "photo" => Line::Photo(text),
        "album" => Line::Album(what.parse().map_err(|_| broken())?),
        "voice" => Line::Voice(what.parse().map_err(|_| broken())?),
        "file" => Line::File(text),
        "location" => {
            let (latitude, longitude) = what.split_once(' ').ok_or_else(broken)?;
            Line::Location(latitude.parse().map_err(|_| broken())?, longitude.parse().map_err(|_| broken())?)
        }
        "sticker" => Line::Sticker(text),
        "edit" => Line::Edits(text),
        "react" => Line::Reacts(text),
        _ => return Err(broken()),
    };
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_people_and_another_seed_others() {
        let names = |seed| Cast::new(seed, 40).unwrap().people.into_iter().map(|persona| persona.person).collect::<Vec<_>>();
        assert_eq!(names(5), names(5));
        assert_ne!(names(5), names(6));
    }

    #[test]
    fn on_two_providers_people_keep_who_they_are_and_no_two_share_a_number() {
        let (one, two) = (Cast::new(4, 40).unwrap(), Cast::new(4, 40).unwrap().on_two_providers());
        let names = |cast: &Cast| cast.people.iter().map(|persona| persona.person.clone()).collect::<Vec<_>>();
        assert_eq!(names(&one), names(&two));
        let there: Vec<graph::Person> = two.only(Home::WhatsApp).people.iter().map(Persona::on_whatsapp).collect();
        assert_eq!(there.len(), 20);
        let mut phones: Vec<&str> = there.iter().map(|person| person.phone.as_str()).collect();
        phones.sort_unstable();
        phones.dedup();
        assert_eq!(phones.len(), 20);
        assert!(there.iter().any(|person| person.hides_phone) && there.iter().any(|person| person.user_id.is_empty()));
    }

    #[test]
    fn no_two_people_share_an_id_and_every_language_can_talk() {
        let cast = Cast::new(1, 1_000).unwrap();
        let mut ids: Vec<i64> = cast.people.iter().map(|persona| persona.person.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 1_000);
        for persona in &cast.people {
            let language = &persona.person.language;
            assert!(!cast.dialogues(language).is_empty() && cast.manners(language).is_some(), "{language}");
        }
        assert!(cast.dialogues.iter().all(|dialogue| !matches!(dialogue.lines[0], Line::Agent(_) | Line::Edits(_) | Line::Reacts(_))));
    }
}
