//! What holders of tickets may write to us: `ANTRI` (or `QUEUE`) with what they come for, `ANTRI SER-051` for a ticket that was printed,
//! `STATUS`, `BATAL` (or `CANCEL`), and `STOP ANTRI`.
//!
//! Case, diacritics, punctuation and polite words ("halo, mau antri servis dong") do not count. A sentence that merely holds one of the words
//! is none: before it may stand only polite words, and behind `STATUS`, `BATAL` and `STOP` only those, a word for the queue, or a ticket's
//! number. What could still be ordinary talk is not `sure`: it is taken only when it names a service that there is, or when whoever writes
//! has an open ticket ("saya mau batal" of somebody without one is left to people: it may be about a booking).

use crate::domain::near::distance;
use crate::domain::search::{Word, words};

/// What a message asks of the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// A ticket.
    Join {
        /// For what, as it is compared; empty when they did not say.
        service: String,
        /// It is no ordinary talk, whatever it names.
        sure: bool,
    },
    /// To be told here of a ticket that they hold.
    Link(String),
    /// How their ticket stands.
    Status,
    /// To give it up.
    Cancel {
        /// Which, when they said so.
        label: Option<String>,
        /// It is about the queue for certain.
        sure: bool,
    },
    /// To be told no more of it.
    Quiet,
}

/// What somebody means of what there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// This one.
    One(usize),
    /// Several would do, or they did not say.
    Several(Vec<usize>),
    /// None, but these are spelt alike.
    Near(Vec<usize>),
    /// None.
    Nothing,
}

/// A longer message is told to people.
const LONGEST: usize = 120;
/// At most so many are suggested.
const SUGGESTED: usize = 3;

const JOIN: [&str; 3] = ["antri", "antre", "queue"];
const STATUS: &str = "status";
const CANCEL: [&str; 3] = ["batal", "batalkan", "cancel"];
const STOP: [&str; 2] = ["stop", "berhenti"];
/// Words for the queue and what one holds there.
const QUEUE: [&str; 9] = ["antri", "antre", "antrian", "antrean", "queue", "ticket", "tiket", "nomor", "number"];
/// Words that are said for politeness or by grammar.
const POLITE: &[&str] = &[
    "a",
    "abang",
    "admin",
    "aja",
    "aku",
    "ambil",
    "an",
    "assalamualaikum",
    "bang",
    "bapak",
    "bu",
    "buat",
    "can",
    "cek",
    "check",
    "could",
    "deh",
    "di",
    "dong",
    "for",
    "get",
    "gue",
    "hai",
    "halo",
    "hello",
    "hey",
    "hi",
    "i",
    "ibu",
    "ikut",
    "in",
    "ingin",
    "join",
    "ka",
    "kak",
    "kakak",
    "ke",
    "like",
    "malam",
    "mas",
    "mau",
    "mbak",
    "me",
    "min",
    "minta",
    "mohon",
    "my",
    "nih",
    "pagi",
    "pak",
    "permisi",
    "please",
    "pls",
    "saja",
    "saya",
    "selamat",
    "siang",
    "sih",
    "sore",
    "take",
    "the",
    "to",
    "tolong",
    "untuk",
    "utk",
    "want",
    "would",
    "ya",
    "yang",
    "yg",
];

/// What a message asks of the queue; `None` for everything else.
pub fn parse(text: &str) -> Option<Ask> {
    if text.len() > LONGEST {
        return None;
    }
    let words = words(text);
    let at = words.iter().position(|word| !is(POLITE, word))?;
    let (key, mut rest) = (&words[at], &words[at + 1..]);
    let question = text.contains('?');
    if is(&JOIN, key) {
        if let Some((label, after)) = label(text, rest)
            && after.iter().all(|word| is(POLITE, word))
        {
            return Some(Ask::Link(label));
        }
        let meant: Vec<&str> = rest.iter().map(|word| word.text.as_str()).filter(|word| !POLITE.contains(word)).collect();
        let shouted = text[key.from..key.to].chars().all(|c| !c.is_lowercase());
        let sure = !question && (shouted || meant.len() <= 1);
        return Some(Ask::Join { service: meant.join(" "), sure });
    }
    let plain = |rest: &[Word]| rest.iter().all(|word| is(POLITE, word) || is(&QUEUE, word));
    let of_queue = |rest: &[Word]| rest.iter().any(|word| is(&QUEUE, word));
    if STOP.contains(&key.text.as_str()) {
        return (plain(rest) && of_queue(rest)).then_some(Ask::Quiet);
    }
    let about = of_queue(rest);
    while rest.first().is_some_and(|word| is(&QUEUE, word) || is(POLITE, word)) {
        rest = &rest[1..];
    }
    let named = label(text, rest);
    let rest = named.as_ref().map_or(rest, |(_, after)| *after);
    if !plain(rest) {
        return None;
    }
    if key.text == STATUS {
        return Some(Ask::Status);
    }
    let label = named.map(|(label, _)| label);
    is(&CANCEL, key).then(|| Ask::Cancel { sure: about || label.is_some(), label })
}

/// Which of these services (name and prefix) is meant by words as [`parse`] gives them.
pub fn choose(meant: &str, services: &[(&str, &str)]) -> Choice {
    let plain = |text: &str| words(text).into_iter().map(|word| word.text).collect::<Vec<_>>();
    let meant = plain(meant);
    if meant.is_empty() {
        return match services.len() {
            0 => Choice::Nothing,
            1 => Choice::One(0),
            all => Choice::Several((0..all).collect()),
        };
    }
    let whole = meant.join(" ");
    let names: Vec<Vec<String>> = services.iter().map(|(name, _)| plain(name)).collect();
    let prefix = |at: &usize| meant.first().is_some_and(|first| services[*at].1.eq_ignore_ascii_case(first));
    let exact = (0..services.len()).find(|at| (meant.len() == 1 && prefix(at)) || names[*at].join(" ") == whole);
    if let Some(at) = exact.or_else(|| (0..services.len()).find(prefix)) {
        return Choice::One(at);
    }
    // Every word begins one of the name's.
    let begins = |name: &[String]| meant.iter().all(|word| name.iter().any(|part| part.starts_with(word.as_str())));
    let some: Vec<usize> = (0..services.len()).filter(|at| begins(&names[*at])).collect();
    match some[..] {
        [] => {}
        [one] => return Choice::One(one),
        _ => return Choice::Several(some),
    }
    let far = |at: usize| {
        let name = names[at].join(" ");
        let of_name = (distance(&whole, &name), name.chars().count());
        let of_prefix = (distance(&whole, &services[at].1.to_lowercase()), services[at].1.len());
        // A third of the letters may be wrong; further off it is a guess.
        let near = |(far, length): (usize, usize)| (far <= length / 3).then_some(far);
        let word = |word: &String| names[at].iter().filter_map(|part| near((distance(word, part), part.chars().count()))).min();
        let of_words = meant.iter().map(word).sum::<Option<usize>>();
        near(of_name).into_iter().chain(near(of_prefix)).chain(of_words).min()
    };
    let mut near: Vec<(usize, usize)> = (0..services.len()).filter_map(|at| Some((far(at)?, at))).collect();
    near.sort_unstable();
    if near.is_empty() { Choice::Nothing } else { Choice::Near(near.into_iter().take(SUGGESTED).map(|(_, at)| at).collect()) }
}

/// The number of a ticket that the words begin with (`SER-051`, `ser 051`, `SER051`), as it is printed, and the words after it.
fn label<'a>(text: &str, words: &'a [Word]) -> Option<(String, &'a [Word])> {
    let first = words.iter().position(|word| !is(POLITE, word) && !is(&QUEUE, word))?;
    let (head, after) = words[first..].split_first()?;
    let digits = |word: &str| (1..=6).contains(&word.len()) && word.bytes().all(|c| c.is_ascii_digit());
    if let Some((number, after)) = after.split_first().filter(|(number, _)| digits(&number.text)) {
        let between = text.get(head.to..number.from).unwrap_or_default().trim();
        // "antri jam 10" is no ticket.
        let joined = matches!(between, "-" | "‐" | "‑" | "–" | "—") || (between.is_empty() && number.text.len() >= 3);
        return (joined && is_prefix(&head.text)).then(|| (printed(&head.text, &number.text), after));
    }
    let split = head.text.find(|c: char| c.is_ascii_digit())?;
    let (prefix, number) = head.text.split_at_checked(split)?;
    (is_prefix(prefix) && digits(number) && number.len() >= 3).then(|| (printed(prefix, number), after))
}

fn is_prefix(word: &str) -> bool {
    (2..=4).contains(&word.len()) && word.bytes().all(|c| c.is_ascii_alphanumeric()) && !word.starts_with(|c: char| c.is_ascii_digit())
}

/// As it stands on the ticket, however many noughts were typed.
fn printed(prefix: &str, number: &str) -> String {
    format!("{}-{:0>3}", prefix.to_ascii_uppercase(), number.trim_start_matches('0'))
}

fn is(known: &[&str], word: &Word) -> bool {
    known.contains(&word.text.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn join(service: &str, sure: bool) -> Ask {
        Ask::Join { service: service.to_owned(), sure }
    }

    fn cancel(label: Option<&str>, sure: bool) -> Ask {
        Ask::Cancel { label: label.map(str::to_owned), sure }
    }

    #[test]
    fn a_ticket_is_asked_for_in_any_case_with_any_politeness() {
        for text in ["ANTRI", "antri", " Antri! ", "*ANTRI*", "Ántri.", "queue", "halo kak, mau antri dong", "Saya mau ambil antri ya"] {
            assert_eq!(parse(text), Some(join("", true)), "{text:?}");
        }
        for text in ["antri servis", "ANTRI: servis!", "antri dong Servis ya kak", "I would like to queue for the sérvis please"] {
            assert_eq!(parse(text), Some(join("servis", true)), "{text:?}");
        }
        assert_eq!(parse("ANTRI servis motor"), Some(join("servis motor", true)));
        assert_eq!(parse("antri dong servis motor"), Some(join("servis motor", false)));
    }

    #[test]
    fn a_printed_ticket_is_named_however_its_number_is_typed() {
        for text in ["ANTRI SER-051", "antri ser-51", "antri SER 051", "Antri ser051!", "antri tiket SER–051 ya", "QUEUE ser - 051"] {
            assert_eq!(parse(text), Some(Ask::Link("SER-051".to_owned())), "{text:?}");
        }
        assert_eq!(parse("ANTRI SE2-1000"), Some(Ask::Link("SE2-1000".to_owned())));
        assert_eq!(parse("ANTRI SER-000"), Some(Ask::Link("SER-000".to_owned())));
        assert_eq!(parse("antri jam 10"), Some(join("jam 10", false)));
        assert_eq!(parse("ANTRI SER-051 untuk ibu saya hari ini"), Some(join("ser 051 hari ini", true)));
    }

    #[test]
    fn status_and_giving_up_are_taken_alone_or_with_words_of_the_queue() {
        for text in ["STATUS", "status?", "cek status antrian saya", "status SER-051", "Status tiket saya ya"] {
            assert_eq!(parse(text), Some(Ask::Status), "{text:?}");
        }
        assert_eq!(parse("BATAL"), Some(cancel(None, false)));
        assert_eq!(parse("saya mau batal dong"), Some(cancel(None, false)));
        assert_eq!(parse("Cancel my ticket please"), Some(cancel(None, true)));
        assert_eq!(parse("batal antri"), Some(cancel(None, true)));
        assert_eq!(parse("batal SER-051"), Some(cancel(Some("SER-051"), true)));
        assert_eq!(parse("batalkan nomor ser 051 ya"), Some(cancel(Some("SER-051"), true)));
    }

    #[test]
    fn t_14_what_stops_advertising_does_not_stop_the_queue_which_has_words_of_its_own() {
        for text in ["STOP ANTRI", "stop queue", "berhenti antrian ya", "Stop antri!"] {
            assert_eq!(parse(text), Some(Ask::Quiet), "{text:?}");
            assert_eq!(crate::domain::optout::wish(text), None, "{text:?}");
        }
        for text in ["STOP", "BERHENTI", "stop promo"] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn an_ordinary_sentence_is_left_to_people() {
        for text in [
            "apakah antri panjang hari ini?",
            "tadi saya antri lama sekali",
            "there is a long queue",
            "status pesanan saya bagaimana",
            "batal booking lapangan jam 7",
            "jangan batal ya",
            "saya mau batalin pesanan",
            "don't cancel",
            "what is the status of my order",
            "stop by at six",
            "",
            "?",
            "👍",
            &"antri ".repeat(40),
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
        // These are taken only when they name a service there is.
        for text in ["antri panjang ya kak hari ini", "Antri SER?", "queue moves so slowly"] {
            assert!(matches!(parse(text), Some(Ask::Join { sure: false, .. })), "{text:?}");
        }
    }

    #[test]
    fn a_service_is_found_by_its_prefix_its_name_or_a_part_of_it_and_near_misses_are_suggested() {
        let services = [("Service motor", "SER"), ("Teller", "TEL"), ("Customer service", "CS"), ("Ambil obat", "OBT")];
        let check = |meant: &str, want: Choice| assert_eq!(choose(meant, &services), want, "{meant}");
        check("ser", Choice::One(0));
        check("SER", Choice::One(0));
        check("teller", Choice::One(1));
        check("tel", Choice::One(1));
        check("cs", Choice::One(2));
        check("motor", Choice::One(0));
        check("obat", Choice::One(3));
        check("ser 051 hari ini", Choice::One(0));
        check("service", Choice::Several(vec![0, 2]));
        check("", Choice::Several(vec![0, 1, 2, 3]));
        check("servis motor", Choice::Near(vec![0]));
        check("teler", Choice::Near(vec![1]));
        check("servis", Choice::Near(vec![0, 2]));
        check("panjang", Choice::Nothing);
        assert_eq!(choose("", &services[..1]), Choice::One(0));
        assert_eq!(choose("", &[]), Choice::Nothing);
    }
}
