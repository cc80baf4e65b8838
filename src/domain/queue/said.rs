//! What is said about the queue, when a workspace has no wording of its own for it: in English and in Indonesian.

use super::look::{Place, Range};
use super::tell::Kind;
use crate::domain::wording::{self, Facts, Wording};

/// Something that is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// What a holder is told by itself.
    Notice(Kind),
    /// How a ticket stands, while it waits.
    Status,
    /// It is put aside.
    Aside,
    /// They are being served.
    Serving,
    /// Their ticket was given up, as they wished.
    GivenUp,
    /// They have none.
    NoTicket,
    /// There is none of that number, or it is somebody else's.
    NotTheirs,
    /// What there is to choose from follows.
    Choose,
    /// What they named is none; what there is follows.
    Unknown,
    /// Nobody is taken for that now.
    Closed,
    /// They have several tickets; which follow.
    WhichToGiveUp,
    /// They are told no more.
    Quiet,
    /// How to be told no more, behind what is said to somebody who wants no advertising.
    HowToStop,
}

/// A language that the built-in words are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tongue {
    /// English.
    English,
    /// Indonesian.
    Indonesian,
}

/// Countries whose people mostly read one language, by their calling code.
const COUNTRIES: [(&str, &str); 12] = [
    ("62", "id"),
    ("60", "ms"),
    ("44", "en"),
    ("61", "en"),
    ("49", "de"),
    ("33", "fr"),
    ("39", "it"),
    ("34", "es"),
    ("52", "es"),
    ("55", "pt"),
    ("81", "ja"),
    ("84", "vi"),
];

/// The language to write to somebody in: the ticket's, the contact's, their country's, the workspace's; the first that is known.
pub fn language<'a>(ticket: &'a str, contact: &'a str, phone: &str, workspace: &'a str) -> &'a str {
    let country = COUNTRIES.iter().find(|(code, _)| phone.len() > 7 && phone.starts_with(code)).map_or("", |(_, language)| *language);
    [ticket, contact, country, workspace].into_iter().find(|language| !language.trim().is_empty()).unwrap_or("en")
}

impl Tongue {
    /// The one that is read by whoever reads this language; English for most.
    pub fn of(language: &str) -> Self {
        match language.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase().as_str() {
            // Malay is near enough.
            "id" | "in" | "ms" | "jv" | "su" => Self::Indonesian,
            _ => Self::English,
        }
    }

    /// How long somebody waits.
    pub fn wait(self, range: Range) -> String {
        let minutes = match self {
            Self::English => "min",
            Self::Indonesian => "menit",
        };
        match (range.from, range.to) {
            (_, ..=0) if self == Self::English => "now".to_owned(),
            (_, ..=0) => "sekarang".to_owned(),
            (from, to) if from <= 0 || from == to => format!("{to} {minutes}"),
            (from, to) => format!("{from}-{to} {minutes}"),
        }
    }

    /// The word that takes a ticket, or gives one up.
    const fn word(self, said: Said) -> &'static str {
        match (self, said) {
            (Self::English, Said::WhichToGiveUp) => "CANCEL",
            (Self::English, _) => "QUEUE",
            (Self::Indonesian, Said::WhichToGiveUp) => "BATAL",
            (Self::Indonesian, _) => "ANTRI",
        }
    }
}

impl Said {
    /// The name of a workspace's own wording for it.
    pub const fn wording(self) -> &'static str {
        match self {
            Self::Notice(Kind::Created) => "ticketCreated",
            Self::Notice(Kind::Soon) => "soonYourTurn",
            Self::Notice(Kind::Next) => "youAreNext",
            Self::Notice(Kind::Turn) => "yourTurn",
            Self::Notice(Kind::Moved) => "ticketMoved",
            Self::Notice(Kind::Cancelled) => "ticketCancelled",
            Self::Status => "ticketStatus",
            Self::Aside => "ticketAside",
            Self::Serving => "ticketServing",
            Self::GivenUp => "ticketGivenUp",
            Self::NoTicket => "queueNoTicket",
            Self::NotTheirs => "queueNotYours",
            Self::Choose => "queueChoose",
            Self::Unknown => "queueUnknown",
            Self::Closed => "queueClosed",
            Self::WhichToGiveUp => "queueWhichToGiveUp",
            Self::Quiet => "queueQuiet",
            Self::HowToStop => "queueHowToStop",
        }
    }

    /// The built-in words.
    pub fn built_in(self, tongue: Tongue) -> Wording {
        let (english, indonesian) = self.words();
        let text = if tongue == Tongue::English { english } else { indonesian };
        Wording { name: self.wording().to_owned(), text: text.to_owned(), ..Wording::default() }
    }

    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Notice(Kind::Created) => (
                "Your number for {{serviceName}} is *{{ticketNumber}}*. You are number {{queuePosition}} of {{totalInQueue}}, estimated wait: \
                 {{estimatedWaitTime}}. We write to you when it is your turn.\nSTATUS tells how it stands, CANCEL gives up your place, STOP QUEUE ends \
                 these messages.",
                "Nomor antrean Anda untuk {{serviceName}}: *{{ticketNumber}}*. Posisi {{queuePosition}} dari {{totalInQueue}}, perkiraan tunggu: \
                 {{estimatedWaitTime}}. Kami kabari saat giliran Anda.\nKirim STATUS untuk melihat posisi, BATAL untuk membatalkan, STOP ANTRI agar \
                 tidak dikabari lagi.",
            ),
            Self::Notice(Kind::Soon) => (
                "{{ticketNumber}}: it is soon your turn. You are number {{queuePosition}}, estimated wait: {{estimatedWaitTime}}. Please stay near.",
                "{{ticketNumber}}: sebentar lagi giliran Anda. Posisi {{queuePosition}}, perkiraan tunggu: {{estimatedWaitTime}}. Mohon tetap di \
                 sekitar.",
            ),
            Self::Notice(Kind::Next) => {
                ("{{ticketNumber}}: you are next. Please be ready.", "{{ticketNumber}}: giliran berikutnya adalah Anda. Mohon bersiap.")
            }
            Self::Notice(Kind::Turn) => (
                "*{{ticketNumber}}*: it is your turn. Please come to counter {{counterName}}.",
                "*{{ticketNumber}}*: giliran Anda. Silakan ke loket {{counterName}}.",
            ),
            Self::Notice(Kind::Moved) => (
                "{{ticketNumber}} now waits for {{serviceName}}. You are number {{queuePosition}} of {{totalInQueue}}, estimated wait: \
                 {{estimatedWaitTime}}.",
                "{{ticketNumber}} dipindahkan ke {{serviceName}}. Posisi {{queuePosition}} dari {{totalInQueue}}, perkiraan tunggu: \
                 {{estimatedWaitTime}}.",
            ),
            Self::Notice(Kind::Cancelled) => (
                "{{ticketNumber}} for {{serviceName}} was cancelled. QUEUE takes a new number.",
                "{{ticketNumber}} untuk {{serviceName}} dibatalkan. Kirim ANTRI untuk nomor baru.",
            ),
            Self::Status => (
                "{{ticketNumber}} ({{serviceName}}): number {{queuePosition}} of {{totalInQueue}}, estimated wait: {{estimatedWaitTime}}. Now \
                 serving: {{currentlyServing}}.",
                "{{ticketNumber}} ({{serviceName}}): posisi {{queuePosition}} dari {{totalInQueue}}, perkiraan tunggu: {{estimatedWaitTime}}. Sedang \
                 dilayani: {{currentlyServing}}.",
            ),
            Self::Aside => (
                "{{ticketNumber}} ({{serviceName}}) is put aside. Please tell us at the counter when you are there.",
                "{{ticketNumber}} ({{serviceName}}) ditunda. Mohon beri tahu petugas loket saat Anda siap.",
            ),
            Self::Serving => (
                "{{ticketNumber}} is being served at counter {{counterName}}.",
                "{{ticketNumber}} sedang dilayani di loket {{counterName}}.",
            ),
            Self::GivenUp => (
                "{{ticketNumber}} is given up. QUEUE takes a new number.",
                "{{ticketNumber}} sudah dibatalkan. Kirim ANTRI untuk nomor baru.",
            ),
            Self::NoTicket => {
                ("You have no number now. QUEUE takes one.", "Anda belum punya nomor antrean. Kirim ANTRI untuk mengambil nomor.")
            }
            Self::NotTheirs => (
                "We cannot find that number, or it belongs to somebody else. Please look at your ticket, or ask at the counter.",
                "Nomor itu tidak ditemukan, atau milik orang lain. Mohon periksa tiket Anda, atau tanyakan di loket.",
            ),
            Self::Choose => ("What would you like to queue for? Send one of these:", "Mau antri untuk apa? Kirim salah satu:"),
            Self::Unknown => ("We do not have that. Send one of these:", "Layanan itu tidak ada. Kirim salah satu:"),
            Self::Closed => ("No numbers are given out for that now.", "Saat ini nomor untuk layanan itu tidak dibagikan."),
            Self::WhichToGiveUp => {
                ("Which number would you like to give up? Send one of these:", "Nomor mana yang dibatalkan? Kirim salah satu:")
            }
            Self::Quiet => (
                "We write no more about {{ticketNumber}}; please watch the display. It keeps its place.",
                "Kami tidak mengirim kabar lagi tentang {{ticketNumber}}; mohon perhatikan layar. Posisi Anda tetap.",
            ),
            Self::HowToStop => ("STOP QUEUE ends these messages too.", "Kirim STOP ANTRI agar pesan ini juga berhenti."),
        }
    }
}

/// What is known of a ticket, for the variables of a wording. Whose queue it is in is the venue: that is the name over the door.
pub fn facts(place: &Place, contact: &str, tongue: Tongue) -> Facts {
    let number = |n: i64| if n > 0 { n.to_string() } else { String::new() };
    let name = if place.ticket.name.is_empty() { contact } else { &place.ticket.name };
    Facts {
        organization_name: place.venue.clone(),
        contact_name: name.to_owned(),
        ticket_number: place.ticket.label.clone(),
        service_name: place.service.clone(),
        department_name: place.department.clone(),
        estimated_wait_time: place.estimate.map(|range| tongue.wait(range)).unwrap_or_default(),
        queue_position: place.position.map(number).unwrap_or_default(),
        total_in_queue: number(place.total),
        currently_serving: place.serving.clone(),
        counter_name: place.counter.clone(),
    }
}

/// What to send, a row each: the word, what is chosen (a service's prefix, a ticket's number), and what that is.
pub fn choices(said: Said, choices: &[(&str, &str)], tongue: Tongue) -> String {
    let row = |(name, key): &(&str, &str)| {
        let word = tongue.word(said);
        if name.is_empty() { format!("{word} {key}") } else { format!("{word} {key}: {}", wording::plain(name)) }
    };
    choices.iter().map(row).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::queue::words::{Ask, parse};

    const ALL: [Said; 18] = [
        Said::Notice(Kind::Created),
        Said::Notice(Kind::Soon),
        Said::Notice(Kind::Next),
        Said::Notice(Kind::Turn),
        Said::Notice(Kind::Moved),
        Said::Notice(Kind::Cancelled),
        Said::Status,
        Said::Aside,
        Said::Serving,
        Said::GivenUp,
        Said::NoTicket,
        Said::NotTheirs,
        Said::Choose,
        Said::Unknown,
        Said::Closed,
        Said::WhichToGiveUp,
        Said::Quiet,
        Said::HowToStop,
    ];

    #[test]
    fn every_built_in_wording_is_one_that_could_be_kept() {
        for said in ALL {
            for tongue in [Tongue::English, Tongue::Indonesian] {
                let mut wording = said.built_in(tongue);
                wording.language = "en".to_owned();
                assert!(wording.clone().checked().is_ok(), "{said:?}: {:?}", wording.checked());
            }
        }
    }

    #[test]
    fn e_04_while_no_counter_is_open_the_wait_is_said_to_be_unknown() {
        let said = Said::Status.built_in(Tongue::English).filled(&Facts::default()).1;
        assert!(said.contains("estimated wait: -.") && said.contains("Now serving: -."), "{said}");
        assert_eq!(Tongue::English.wait(Range { from: 0, to: 0 }), "now");
        assert_eq!(Tongue::Indonesian.wait(Range { from: 0, to: 5 }), "5 menit");
        assert_eq!(Tongue::English.wait(Range { from: 10, to: 15 }), "10-15 min");
    }

    #[test]
    fn t_15_somebody_is_written_to_in_the_language_that_is_known_of_them() {
        assert_eq!(language("en", "id", "6281234567890", "de"), "en");
        assert_eq!(language("", "fr", "6281234567890", "de"), "fr");
        assert_eq!(language("", "", "6281234567890", "de"), "id");
        assert_eq!(language("", "", "16505551234", "de"), "de");
        assert_eq!(language("", "", "", ""), "en");
        assert_eq!(["id", "id-ID", "ms", "en_US", "fr"].map(Tongue::of), {
            use Tongue::{English, Indonesian};
            [Indonesian, Indonesian, Indonesian, English, English]
        });
    }

    #[test]
    fn what_we_tell_people_to_send_is_understood() {
        for tongue in [Tongue::English, Tongue::Indonesian] {
            let row = choices(Said::Choose, &[("Service motor", "SER")], tongue);
            let (sent, _) = row.split_once(':').unwrap();
            assert_eq!(parse(sent), Some(Ask::Join { service: "ser".to_owned(), sure: true }));
            let row = choices(Said::WhichToGiveUp, &[("", "SER-051")], tongue);
            assert_eq!(parse(&row), Some(Ask::Cancel { label: Some("SER-051".to_owned()), sure: true }));
        }
        assert_eq!(parse("STOP QUEUE"), Some(Ask::Quiet));
        assert_eq!(parse("STOP ANTRI"), Some(Ask::Quiet));
    }
}
