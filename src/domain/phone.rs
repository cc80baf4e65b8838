//! Telephone numbers: as people type them, as E.164 writes them, and the countries in which one telephone has two spellings.
//!
//! Brazil's mobile numbers got a 9 after the area code, Mexico's lost a 1 after the country code, Argentina's mobiles have a 9 after the
//! country code only when called from abroad. Providers tell either, sometimes both within an hour, so a chat is known under all of them.

/// The spellings of one number, in digits without a plus.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spellings {
    /// The one chats are known by.
    pub canonical: String,
    /// Others that reach the same telephone.
    pub others: Vec<String>,
}

/// The shortest and longest number of E.164, with its country code.
const SHORTEST: usize = 8;
const LONGEST: usize = 15;

/// All spellings of a number given with its country code. What is no digit is left out.
pub fn spellings(number: &str) -> Spellings {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let (canonical, other) = match (digits.get(..2), digits.len()) {
        (Some("55"), 12 | 13) => brazil(&digits),
        (Some("52"), 12 | 13) => mexico(&digits),
        (Some("54"), 12 | 13) => argentina(&digits),
        _ => (digits, None),
    };
    Spellings { canonical, others: other.into_iter().collect() }
}

/// Mobile numbers: an area code of two digits, a 9, eight digits. Without the 9 they begin with 6 to 9; with less they are landlines.
fn brazil(digits: &str) -> (String, Option<String>) {
    let (area, local) = digits.split_at(4);
    match (local.len(), local.as_bytes()) {
        (8, [b'6'..=b'9', ..]) => (format!("{area}9{local}"), Some(digits.to_owned())),
        (9, [b'9', b'6'..=b'9', ..]) => (digits.to_owned(), Some(format!("{area}{}", &local[1..]))),
        _ => (digits.to_owned(), None),
    }
}

/// Ten digits, before which a 1 used to stand for mobiles.
fn mexico(digits: &str) -> (String, Option<String>) {
    match (digits.strip_prefix("521"), digits.strip_prefix("52")) {
        (Some(local), _) if local.len() == 10 => (format!("52{local}"), Some(digits.to_owned())),
        (_, Some(local)) if local.len() == 10 => (digits.to_owned(), Some(format!("521{local}"))),
        _ => (digits.to_owned(), None),
    }
}

/// Ten digits, before which a 9 stands for mobiles.
fn argentina(digits: &str) -> (String, Option<String>) {
    match (digits.strip_prefix("549"), digits.strip_prefix("54")) {
        (Some(local), _) if local.len() == 10 => (digits.to_owned(), Some(format!("54{local}"))),
        (_, Some(local)) if local.len() == 10 => (format!("549{local}"), Some(digits.to_owned())),
        _ => (digits.to_owned(), None),
    }
}

/// A number as somebody typed it, in digits with its country code and without a plus; `None` when it cannot be one. `country` is the
/// calling code of numbers written without one (`62`); empty when there is none. Blanks, dots, dashes, slashes and brackets are decoration.
pub fn e164(typed: &str, country: &str) -> Option<String> {
    let typed = typed.trim();
    // A table that took the number for an amount: with its dot gone it would be somebody else's.
    if typed.rsplit_once('.').is_some_and(|(_, last)| last.len() < 2) || typed.contains(['e', 'E']) {
        return None;
    }
    // `+44 (0)20 …`: what is dialled within the country only.
    let trunk = typed.starts_with('+') || typed.starts_with("00");
    let typed = if trunk { typed.replacen("(0)", "", 1) } else { typed.to_owned() };
    let plain: String = typed.chars().filter(|c| !c.is_whitespace() && !"-–.()/\u{a0}\u{200e}\u{202a}\u{202c}".contains(*c)).collect();
    let (digits, international) = match (plain.strip_prefix('+'), plain.strip_prefix("00")) {
        (Some(rest), _) | (None, Some(rest)) => (rest, true),
        (None, None) => (plain.as_str(), false),
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let full = match digits.strip_prefix('0') {
        // No country code begins with 0.
        Some(_) if international => return None,
        Some(_) if country.is_empty() => return None,
        Some(national) => format!("{country}{national}"),
        // With the country code but no plus, or already in full.
        None if international || country.is_empty() || digits.starts_with(country) => digits.to_owned(),
        // National numbers without their 0 are short; a longer one is another country's.
        None if digits.len() <= 11 && country.len() + digits.len() <= LONGEST => format!("{country}{digits}"),
        None => digits.to_owned(),
    };
    (SHORTEST..=LONGEST).contains(&full.len()).then_some(full)
}

/// The calling codes of places where the zone tells the country, and numbers typed without the code begin with a 0: only these cannot be
/// mistaken for numbers in full.
const CODES: [(&str, &str); 17] = [
    ("Asia/Jakarta", "62"),
    ("Asia/Pontianak", "62"),
    ("Asia/Makassar", "62"),
    ("Asia/Jayapura", "62"),
    ("Asia/Kuala_Lumpur", "60"),
    ("Asia/Kuching", "60"),
    ("Asia/Manila", "63"),
    ("Asia/Bangkok", "66"),
    ("Asia/Ho_Chi_Minh", "84"),
    ("Asia/Tokyo", "81"),
    ("Asia/Seoul", "82"),
    ("Australia/Melbourne", "61"),
    ("Australia/Sydney", "61"),
    ("Europe/Amsterdam", "31"),
    ("Europe/Berlin", "49"),
    ("Europe/London", "44"),
    ("Europe/Paris", "33"),
];

/// The calling code of numbers typed without one where clocks show that zone's time (its IANA name); empty when there is no telling.
pub fn code_of_zone(zone: &str) -> &'static str {
    CODES.iter().find(|(known, _)| *known == zone).map_or("", |(_, code)| code)
}

/// What most people who have numbers of a country write in, by its calling code; the longest code that fits counts.
const LANGUAGES: [(&str, &str); 41] = [
    ("1", "en"),
    ("7", "ru"),
    ("20", "ar"),
    ("27", "en"),
    ("30", "el"),
    ("31", "nl"),
    ("33", "fr"),
    ("34", "es"),
    ("351", "pt_PT"),
    ("353", "en"),
    ("380", "uk"),
    ("39", "it"),
    ("40", "ro"),
    ("420", "cs"),
    ("43", "de"),
    ("44", "en"),
    ("45", "da"),
    ("46", "sv"),
    ("47", "nb"),
    ("48", "pl"),
    ("49", "de"),
    ("51", "es"),
    ("52", "es"),
    ("54", "es"),
    ("55", "pt_BR"),
    ("56", "es"),
    ("57", "es"),
    ("60", "ms"),
    ("61", "en"),
    ("62", "id"),
    ("63", "en"),
    ("64", "en"),
    ("65", "en"),
    ("66", "th"),
    ("81", "ja"),
    ("82", "ko"),
    ("84", "vi"),
    ("90", "tr"),
    ("91", "en"),
    ("966", "ar"),
    ("971", "ar"),
];

/// The language that somebody with this number (its country code first, no plus) most likely reads; empty when there is no telling. Only good
/// enough to put something first in a list.
pub fn likely_language(number: &str) -> &'static str {
    if number.len() < SHORTEST || !number.bytes().all(|b| b.is_ascii_digit()) {
        return "";
    }
    let fits = LANGUAGES.iter().filter(|(code, _)| number.starts_with(code));
    fits.max_by_key(|(code, _)| code.len()).map_or("", |(_, language)| language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_tells_the_likely_language_and_what_is_no_number_tells_none() {
        let check = |number: &str, want: &str| assert_eq!(likely_language(number), want, "{number}");
        check("6281234567890", "id");
        check("5511987654321", "pt_BR");
        check("351912345678", "pt_PT");
        check("33612345678", "fr");
        check("9991234567890", "");
        check("US.1349", "");
        check("62", "");
        check("", "");
    }

    #[test]
    fn a_telephone_with_two_spellings_is_known_by_one_of_them() {
        let check = |number: &str, canonical: &str, others: &[&str]| {
            let got = spellings(number);
            assert_eq!(
                (got.canonical.as_str(), got.others),
                (canonical, others.iter().map(|other| (*other).to_owned()).collect()),
                "{number}"
            );
            assert_eq!(spellings(canonical).canonical, canonical, "the canonical spelling of {number} is its own");
            for other in others {
                assert_eq!(spellings(other).canonical, canonical, "{other} is another spelling of {number}");
            }
        };
        // Brazil: with the 9, without it, a landline, and a mobile number that only looks short.
        check("5511987654321", "5511987654321", &["551187654321"]);
        check("551187654321", "5511987654321", &["551187654321"]);
        check("551133334444", "551133334444", &[]);
        check("5511933334444", "5511933334444", &[]);
        // Mexico.
        check("5215512345678", "525512345678", &["5215512345678"]);
        check("525512345678", "525512345678", &["5215512345678"]);
        check("52155123456", "52155123456", &[]);
        // Argentina.
        check("5491123456789", "5491123456789", &["541123456789"]);
        check("541123456789", "5491123456789", &["541123456789"]);
        // Everywhere else a number has one spelling.
        check("+62 812-3456-7890", "6281234567890", &[]);
        check("16505551234", "16505551234", &[]);
        check("", "", &[]);
    }

    #[test]
    fn s_05_a_typed_number_is_the_same_however_it_is_written() {
        assert_eq!(CODES.iter().filter(|(zone, _)| zone.parse::<chrono_tz::Tz>().is_err()).count(), 0);
        assert_eq!((code_of_zone("Asia/Jayapura"), code_of_zone("Asia/Singapore"), code_of_zone("UTC")), ("62", "", ""));
        let check = |typed: &str, country: &str, want: Option<&str>| assert_eq!(e164(typed, country).as_deref(), want, "{typed}");
        for typed in ["0812 3456 7890", "+62 812-3456-7890", "6281234567890", "0062 812 3456 7890", "(0812) 34567890", "81234567890"] {
            check(typed, "62", Some("6281234567890"));
        }
        check("+1 (650) 555-1234", "62", Some("16505551234"));
        check("0812 3456 7890", "", None);
        check("+16505551234", "", Some("16505551234"));
        check("+0812345678", "62", None);
        check("+44 (0)20 7946 0018", "62", Some("442079460018"));
        check("0812.3456.7890", "62", Some("6281234567890"));
        // What a table made of a number.
        for bad in ["6281234567890.0", "6.281234567890E12", "6.28E+12"] {
            check(bad, "62", None);
        }
        for bad in ["", "+", "0", "call me", "12", "+1234567890123456", "0812x345", "٠٨١٢٣٤٥٦٧٨"] {
            check(bad, "62", None);
        }
    }
}
