//! Whether a message says that its author wants no advertising, or wants it again. Only the word alone counts: who writes "stop by at six"
//! wants a court.

/// Why a message made from a marketing template does not leave.
pub const REASON: &str = "the customer wants no advertising";

/// The words that end advertising, in lower case. Words that also cancel a booking ("cancel", "batal") are none of them.
const NO: &[&str] = &[
    "stop",
    "stopall",
    "stop all",
    "stop promo",
    "stop promosi",
    "unsubscribe",
    "opt out",
    "opt-out",
    "optout",
    "berhenti",
    "berhenti langganan",
    "berhenti promo",
    "stopp",
    "abmelden",
    "arret",
    "arrêt",
    "baja",
    "alto",
    "sair",
    "parar",
];
/// The words that let it begin again.
const YES: &[&str] = &["start", "unstop", "subscribe", "opt in", "opt-in", "mulai", "mulai lagi", "langganan", "anmelden", "alta"];

/// What a message of a customer wants: `Some(false)` no advertising any more, `Some(true)` advertising again, `None` something else.
pub fn wish(text: &str) -> Option<bool> {
    // A longer text is none of the words, whatever it holds.
    if text.len() > 64 {
        return None;
    }
    let bare = text.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let words = bare.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.as_str() {
        no if NO.contains(&no) => Some(false),
        yes if YES.contains(&yes) => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t_14_only_the_word_alone_ends_advertising_whatever_its_case_and_dots() {
        for no in ["STOP", "stop", " Stop! ", "BERHENTI", "berhenti.", "Unsubscribe", "*STOP*", "stop\n", "Stop  promosi"] {
            assert_eq!(wish(no), Some(false), "{no:?}");
        }
        for yes in ["START", "Mulai", " mulai lagi "] {
            assert_eq!(wish(yes), Some(true), "{yes:?}");
        }
        for other in ["stop by at six?", "please stop", "cancel", "batal", "", "!!!", "don't stop", &"stop ".repeat(1_000)] {
            assert_eq!(wish(other), None, "{other:?}");
        }
    }
}
