//! Where a customer of the cast sits: at one provider or another, doing the same things there.

use bytes::Bytes;
use tokio::sync::watch;

use super::cast::{Cast, Home, Persona, RACKET};
use super::files::Sample;
use super::graph::{self, Graph, Who};
use super::ledger::Act;
use super::writing::Content;
use super::{ChatKey, Simulator};
use crate::domain::attachment::FileKind;

/// The providers a cast lives on. Who lives on one that is not there does not act.
#[derive(Clone, Debug, Default)]
pub struct Homes {
    /// A bot, by its user id.
    pub telegram: Option<(Simulator, i64)>,
    /// A number, by phone number id.
    pub whatsapp: Option<(Graph, String)>,
}

/// A customer's place.
#[derive(Clone, Debug)]
pub(super) enum Seat {
    Bot(Simulator, ChatKey),
    Number(Graph, String, Who),
}

impl Homes {
    /// Makes an account for everybody where they live.
    pub fn add_people(&self, cast: &Cast) {
        for persona in &cast.people {
            self.seat(persona);
        }
    }

    /// The persona's place, made if it is not there.
    pub(super) fn seat(&self, persona: &Persona) -> Option<Seat> {
        match persona.home {
            Home::Telegram => {
                let (sim, bot) = self.telegram.as_ref()?;
                let chat = sim.private_chat(*bot, sim.add_person(persona.person.clone()));
                Some(Seat::Bot(sim.clone(), chat))
            }
            Home::WhatsApp => {
                let (graph, number) = self.whatsapp.as_ref()?;
                Some(Seat::Number(graph.clone(), number.clone(), graph.person_once(persona.on_whatsapp())))
            }
        }
    }

    /// What tells that something may have changed.
    pub(super) fn changes(&self) -> Vec<watch::Receiver<u64>> {
        let telegram = self.telegram.iter().map(|(sim, _)| sim.world.changes());
        telegram.chain(self.whatsapp.iter().map(|(graph, _)| graph.changes())).collect()
    }

    /// The messages agents wrote since so many, and how many there are now; by provider.
    pub(super) fn heard(&self, from: (usize, usize)) -> (Vec<(Heard, String)>, (usize, usize)) {
        let mut news = Vec::new();
        let mut upto = from;
        if let Some((sim, _)) = &self.telegram {
            upto.0 = sim.ledger(|ledger| {
                let new = ledger.received[from.0..].iter().filter(|received| received.act == Act::Message);
                news.extend(new.map(|received| (Heard::Chat(received.chat), received.message_id.to_string())));
                ledger.received.len()
            });
        }
        if let Some((graph, number)) = &self.whatsapp {
            upto.1 = graph.ledger(|ledger| {
                let new = ledger.received[from.1..].iter().filter(|received| received.act == Act::Message && received.number == *number);
                news.extend(new.map(|received| (Heard::Who(received.who), received.id.clone())));
                ledger.received.len()
            });
        }
        (news, upto)
    }
}

/// Who got a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    Chat(ChatKey),
    Who(Who),
}

impl Seat {
    pub(super) fn is(&self, heard: Heard) -> bool {
        match self {
            Self::Bot(_, chat) => heard == Heard::Chat(*chat),
            Self::Number(_, _, who) => heard == Heard::Who(*who),
        }
    }

    pub(super) fn say(&self, text: &str) -> String {
        match self {
            Self::Bot(sim, chat) => sim.say(*chat, text).to_string(),
            Self::Number(graph, number, who) => graph.say(number, *who, text),
        }
    }

    pub(super) fn file(&self, kind: FileKind, sample: Sample, caption: String) -> String {
        match self {
            Self::Bot(sim, chat) => sim.write(*chat, chat.id, Content::File(kind, sample, caption).into()).to_string(),
            Self::Number(graph, number, who) => graph.write(number, *who, graph::Content::File(kind, sample, caption).into()),
        }
    }

    /// So many photos; where there are no albums, one after the other.
    pub(super) fn album(&self, count: usize) -> Option<String> {
        match self {
            Self::Bot(sim, chat) => {
                let photos = (0..count).map(|_| Content::File(FileKind::Photo, photo(), String::new())).collect();
                sim.album(*chat, chat.id, photos).pop().map(|id| id.to_string())
            }
            Self::Number(..) => (0..count).fold(None, |_, _| Some(self.file(FileKind::Photo, photo(), String::new()))),
        }
    }

    pub(super) fn edit(&self, message: &str, text: &str) {
        match self {
            Self::Bot(sim, chat) => {
                if let Ok(message) = message.parse() {
                    sim.edit(*chat, message, text);
                }
            }
            Self::Number(graph, number, who) => {
                graph.edit(number, *who, message, text);
            }
        }
    }

    pub(super) fn react(&self, message: &str, emoji: &str) {
        match self {
            Self::Bot(sim, chat) => {
                if let Ok(message) = message.parse() {
                    sim.react(*chat, chat.id, message, &[emoji]);
                }
            }
            Self::Number(graph, number, who) => {
                graph.react(number, *who, message, Some(emoji));
            }
        }
    }

    pub(super) fn location(&self, latitude: f64, longitude: f64) -> String {
        match self {
            Self::Bot(sim, chat) => sim.write(*chat, chat.id, Content::Location(latitude, longitude).into()).to_string(),
            Self::Number(graph, number, who) => graph.write(number, *who, graph::Content::location(latitude, longitude, "", "").into()),
        }
    }

    /// Reads what was written to them, where the writer is told of it.
    pub(super) fn read(&self) {
        if let Self::Number(graph, number, who) = self {
            graph.read(number, *who);
        }
    }

    pub(super) const fn tells_of_reading(&self) -> bool {
        matches!(self, Self::Number(..))
    }
}

/// A photo of a damaged racket.
pub(super) fn photo() -> Sample {
    Sample { mime: "image/jpeg".to_owned(), bytes: Bytes::from_static(RACKET), ..Sample::default() }
}
