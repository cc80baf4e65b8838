//! What the public display, the kiosk and a printed ticket say to everybody, in each language there is: one row of words each.

use chrono::{Datelike, NaiveDate};
use chrono_tz::Tz;

use super::look::{Line, Range};

/// A language the public is spoken to in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tongue {
    /// English.
    #[default]
    English,
    /// Indonesian.
    Indonesian,
}

/// The words of a language. `{}` is where a number, a name or a ticket stands.
#[derive(Debug)]
#[expect(missing_docs, reason = "the English row says what each is for")]
pub struct Words {
    pub days: [&'static str; 7],
    pub months: [&'static str; 12],
    // The display.
    pub now_serving: &'static str,
    pub please_come: &'static str,
    pub counter: &'static str,
    pub ticket: &'static str,
    pub service: &'static str,
    pub called: &'static str,
    pub recalled: &'static str,
    pub previous: &'static str,
    pub next: &'static str,
    pub is_next: &'static str,
    pub priority: &'static str,
    pub nobody_called: &'static str,
    pub no_services: &'static str,
    pub by_message: &'static str,
    pub at_the_door: &'static str,
    pub lost_since: &'static str,
    pub connecting: &'static str,
    pub no_voice: &'static str,
    // Both.
    pub waiting: &'static str,
    pub minutes: &'static str,
    pub at_once: &'static str,
    pub counters_open: &'static str,
    pub counter_open: &'static str,
    pub no_counter: &'static str,
    pub closed: &'static str,
    // The kiosk.
    pub welcome: &'static str,
    pub closed_now: &'static str,
    pub more: &'static str,
    pub other_language: &'static str,
    pub chosen: &'static str,
    pub phone: &'static str,
    pub phone_help: &'static str,
    pub phone_wrong: &'static str,
    pub priority_help: &'static str,
    pub kinds: [(char, &'static str); 3],
    pub take: &'static str,
    pub back: &'static str,
    pub done: &'static str,
    pub by_itself: &'static str,
    pub moment: &'static str,
    pub yours: &'static str,
    pub yours_already: &'static str,
    pub position: &'static str,
    pub estimate: &'static str,
    pub serving_now: &'static str,
    pub link: &'static str,
    pub join: &'static str,
    pub printing: &'static str,
    pub printed: &'static str,
    pub no_paper: &'static str,
    pub keep: &'static str,
    pub sorry: &'static str,
    pub ask_staff: &'static str,
    pub again: &'static str,
    pub offline: &'static str,
    pub printer_mark: &'static str,
}

static ENGLISH: Words = Words {
    days: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    months: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    now_serving: "NOW SERVING",
    please_come: "PLEASE COME",
    counter: "COUNTER",
    ticket: "TICKET",
    service: "SERVICE",
    called: "CALLED",
    recalled: "recalled {}x",
    previous: "PREVIOUS CALLS",
    next: "NEXT IN LINE",
    is_next: "next",
    priority: "(priority)",
    nobody_called: "Nobody has been called yet. Calls appear here.",
    no_services: "Nothing is offered here yet.",
    by_message: "Take a ticket by WhatsApp: send QUEUE to {}",
    at_the_door: "Take a ticket at the entrance.",
    lost_since: "no connection since {}",
    connecting: "connecting…",
    no_voice: "no sound",
    waiting: "{} waiting",
    minutes: "~{} min",
    at_once: "now",
    counters_open: "{} counters open",
    counter_open: "1 counter open",
    no_counter: "no counter open",
    closed: "closed",
    welcome: "Welcome. Choose a service (press its number):",
    closed_now: "This service is closed now.",
    more: "more services",
    other_language: "Bahasa Indonesia",
    chosen: "You chose:",
    phone: "WhatsApp number (not needed):",
    phone_help: "[0-9] type   [Del] delete",
    phone_wrong: "This is no telephone number. Correct it, or leave it empty.",
    priority_help: "Priority ([*] next one):",
    kinds: [('E', "elderly"), ('D', "disability"), ('P', "pregnant")],
    take: "take a ticket",
    back: "back",
    done: "done",
    by_itself: "goes back by itself after 15 seconds",
    moment: "One moment…",
    yours: "YOUR TICKET",
    yours_already: "YOUR TICKET (you had it already)",
    position: "position {}",
    estimate: "wait {}",
    serving_now: "now serving {}",
    link: "Send QUEUE {ticket} to {number} by WhatsApp and we tell you when it is your turn.",
    join: "QUEUE",
    printing: "Your ticket is being printed…",
    printed: "Please take your ticket.",
    no_paper: "The printer does not work now: please remember or photograph this number. It is valid.",
    keep: "Please remember or photograph this number.",
    sorry: "Sorry, no ticket was issued.",
    ask_staff: "Please try again, or ask at a counter.",
    again: "try again",
    offline: "Sorry, this machine has no connection now. Please ask at a counter.",
    printer_mark: "printer!",
};

static INDONESIAN: Words = Words {
    days: ["Sen", "Sel", "Rab", "Kam", "Jum", "Sab", "Min"],
    months: ["Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"],
    now_serving: "SEDANG DILAYANI",
    please_come: "SILAKAN DATANG",
    counter: "LOKET",
    ticket: "TIKET",
    service: "LAYANAN",
    called: "PUKUL",
    recalled: "panggilan ulang {}x",
    previous: "PANGGILAN SEBELUMNYA",
    next: "BERIKUTNYA",
    is_next: "berikutnya",
    priority: "(prioritas)",
    nobody_called: "Belum ada panggilan. Panggilan tampil di sini.",
    no_services: "Belum ada layanan di sini.",
    by_message: "Ambil tiket lewat WhatsApp: kirim ANTRI ke {}",
    at_the_door: "Ambil tiket di pintu masuk.",
    lost_since: "tidak terhubung sejak {}",
    connecting: "menghubungkan…",
    no_voice: "tanpa suara",
    waiting: "{} menunggu",
    minutes: "~{} mnt",
    at_once: "sekarang",
    counters_open: "{} loket buka",
    counter_open: "1 loket buka",
    no_counter: "belum ada loket buka",
    closed: "tutup",
    welcome: "Selamat datang. Pilih layanan (tekan angka):",
    closed_now: "Layanan ini sedang tutup.",
    more: "layanan lain",
    other_language: "English",
    chosen: "Anda memilih:",
    phone: "Nomor WhatsApp (opsional):",
    phone_help: "[0-9] ketik   [Del] hapus",
    phone_wrong: "Ini bukan nomor telepon. Perbaiki, atau kosongkan.",
    priority_help: "Prioritas ([*] ganti):",
    kinds: [('L', "lansia"), ('D', "disabilitas"), ('H', "ibu hamil")],
    take: "ambil tiket",
    back: "batal",
    done: "selesai",
    by_itself: "kembali otomatis 15 detik",
    moment: "Sebentar…",
    yours: "TIKET ANDA",
    yours_already: "TIKET ANDA (sudah diambil)",
    position: "posisi {}",
    estimate: "perkiraan {}",
    serving_now: "sedang dilayani {}",
    link: "Kirim ANTRI {ticket} ke {number} lewat WhatsApp, kami beri tahu saat giliran Anda.",
    join: "ANTRI",
    printing: "Tiket sedang dicetak…",
    printed: "Silakan ambil tiket Anda.",
    no_paper: "Printer sedang tidak berfungsi: ingat atau foto nomor ini. Nomor tetap berlaku.",
    keep: "Ingat atau foto nomor ini.",
    sorry: "Maaf, tiket tidak dapat diambil.",
    ask_staff: "Silakan coba lagi, atau tanyakan di loket.",
    again: "coba lagi",
    offline: "Maaf, mesin ini sedang tidak terhubung. Silakan tanyakan di loket.",
    printer_mark: "printer!",
};

/// Zones where Indonesian is what people read.
const INDONESIA: [Tz; 5] = [Tz::Asia__Jakarta, Tz::Asia__Pontianak, Tz::Asia__Makassar, Tz::Asia__Ujung_Pandang, Tz::Asia__Jayapura];

impl Tongue {
    /// Every language, in the order they are turned through.
    pub const ALL: [Self; 2] = [Self::Indonesian, Self::English];

    /// As a ticket and the settings name it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Indonesian => "id",
        }
    }

    /// The language of that name.
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tongue| tongue.code() == code)
    }

    /// What is spoken at a place, by its zone.
    pub fn at(zone: Tz) -> Self {
        if INDONESIA.contains(&zone) { Self::Indonesian } else { Self::English }
    }

    /// The next one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::English => Self::Indonesian,
            Self::Indonesian => Self::English,
        }
    }

    /// Its words.
    pub fn words(self) -> &'static Words {
        match self {
            Self::English => &ENGLISH,
            Self::Indonesian => &INDONESIAN,
        }
    }
}

impl Words {
    /// `Fri 20 Nov`.
    pub fn date(&self, day: NaiveDate) -> String {
        let name = self.days.get(day.weekday().num_days_from_monday() as usize).unwrap_or(&"");
        let month = self.months.get(day.month0() as usize).unwrap_or(&"");
        format!("{name} {} {month}", day.day())
    }

    /// How long: `~15-20 min`, `now`; nothing while no counter is open.
    pub fn range(&self, range: Option<Range>) -> String {
        let Some(Range { from, to }) = range else { return String::new() };
        match (from, to) {
            (_, ..=0) => self.at_once.to_owned(),
            // The shortest range there is.
            (from, to) if from == to || to <= 5 => fill(self.minutes, &to.to_string()),
            (from, to) => fill(self.minutes, &format!("{from}-{to}")),
        }
    }

    /// How a line is doing: how many wait and how long that takes.
    pub fn line(&self, line: &Line) -> String {
        match (line.open, line.waiting) {
            (..=0, ..=0) => self.closed.to_owned(),
            (..=0, waiting) => format!("{} {}", fill(self.waiting, &waiting.to_string()), self.no_counter),
            (_, waiting) => format!("{} {}", fill(self.waiting, &waiting.to_string()), self.range(line.estimate)),
        }
    }

    /// How many counters serve a line.
    pub fn open(&self, counters: i64) -> String {
        match counters {
            ..=0 => String::new(),
            1 => self.counter_open.to_owned(),
            more => fill(self.counters_open, &more.to_string()),
        }
    }
}

/// A phrase with what stands for its `{}`.
pub fn fill(phrase: &str, with: &str) -> String {
    phrase.replacen("{}", with, 1)
}

/// How the holder of a ticket has us write to them.
pub fn link(words: &Words, ticket: &str, number: &str) -> String {
    words.link.replacen("{ticket}", ticket, 1).replacen("{number}", number, 1)
}

/// What a camera reads: an address that opens a conversation with us, with what joins (a ticket's holder, or a line) typed already. Nothing for a
/// number without its country's code, which only works at home.
pub fn address(words: &Words, ticket: Option<&str>, number: &str) -> Option<String> {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let told = ticket.map(|ticket| format!("%20{}", encoded(ticket))).unwrap_or_default();
    (digits.len() >= 8 && !digits.starts_with('0')).then(|| format!("https://wa.me/{digits}?text={}{told}", words.join))
}

/// What may stand in an address as it is, and the rest by its bytes.
fn encoded(text: &str) -> String {
    let one = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_as_a_range_and_never_as_nothing() {
        let check = |range: Option<(i64, i64)>, want: &str| {
            let range = range.map(|(from, to)| Range { from, to });
            assert_eq!(ENGLISH.range(range), want, "{range:?}");
        };
        check(Some((15, 20)), "~15-20 min");
        check(Some((0, 5)), "~5 min");
        check(Some((0, 20)), "~0-20 min");
        check(Some((10, 10)), "~10 min");
        check(Some((0, 0)), "now");
        check(None, "");
    }

    #[test]
    fn a_place_is_spoken_to_in_its_own_language() {
        for (zone, want) in [(Tz::Asia__Jakarta, "id"), (Tz::Asia__Jayapura, "id"), (Tz::Europe__Berlin, "en"), (Tz::UTC, "en")] {
            assert_eq!(Tongue::at(zone).code(), want, "{zone}");
        }
        for tongue in Tongue::ALL {
            assert_eq!(Tongue::of(tongue.code()), Some(tongue));
            assert_ne!(tongue.other(), tongue);
        }
    }

    #[test]
    fn an_address_to_scan_needs_a_number_that_works_everywhere() {
        let check = |ticket, number, want: Option<&str>| assert_eq!(address(&INDONESIAN, ticket, number).as_deref(), want, "{number}");
        check(Some("SER-051"), "+62 812-0000-1111", Some("https://wa.me/6281200001111?text=ANTRI%20SER-051"));
        check(Some("S&R 1"), "6281200001111", Some("https://wa.me/6281200001111?text=ANTRI%20S%26R%201"));
        check(None, "6281200001111", Some("https://wa.me/6281200001111?text=ANTRI"));
        check(None, "0812-0000-1111", None);
        check(None, "", None);
    }

    #[test]
    fn phrases_have_the_places_that_are_filled() {
        for tongue in Tongue::ALL {
            let words = tongue.words();
            for phrase in [words.recalled, words.by_message, words.lost_since, words.waiting, words.minutes, words.counters_open] {
                assert_eq!(phrase.matches("{}").count(), 1, "{phrase}");
            }
            for phrase in [words.position, words.estimate, words.serving_now] {
                assert_eq!(phrase.matches("{}").count(), 1, "{phrase}");
            }
            let told = link(words, "SER-051", "0812");
            assert!(told.contains("SER-051") && told.contains("0812") && !told.contains('{'), "{told}");
        }
    }
}
