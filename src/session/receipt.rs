//! A ticket on paper: as lines of text, or as the commands that receipt printers understand.

use crate::domain::queue::look::{Kiosk, Place};
use crate::domain::queue::signs::{Tongue, address, fill, link};
use crate::domain::text::Safe;

/// The columns of a narrow roll of paper.
const COLUMNS: usize = 32;

/// What is on the paper. Nothing of the holder: paper is left lying about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Receipt {
    venue: Safe,
    label: Safe,
    /// Below the number, a row each.
    rows: Vec<Safe>,
    /// What a camera reads instead of somebody typing.
    code: Option<String>,
}

impl Receipt {
    pub(super) fn of(place: &Place, kiosk: Option<&Kiosk>, tongue: Tongue) -> Self {
        let words = tongue.words();
        let ticket = &place.ticket;
        let zone = kiosk.map(|kiosk| kiosk.venue.zone).unwrap_or_default();
        let came = format!("{}  {}", words.date(ticket.arrived_at.date(zone)), ticket.arrived_at.hhmm(zone));
        let range = words.range(place.estimate);
        let number = kiosk.map(|kiosk| kiosk.number.as_str()).filter(|number| !number.is_empty());
        let rows = [
            Some(place.service.clone()),
            place.position.map(|position| fill(words.position, &position.to_string())),
            (!range.is_empty()).then(|| fill(words.estimate, &range)),
            Some(came),
            number.map(|number| link(words, &ticket.label, number)),
        ];
        Self {
            venue: Safe::line(&kiosk.map(|kiosk| kiosk.venue.name.to_uppercase()).unwrap_or_default()),
            label: Safe::line(&ticket.label),
            rows: rows.into_iter().flatten().flat_map(|row| Safe::line(&row).wrap(COLUMNS)).collect(),
            code: number.and_then(|number| address(words, Some(&ticket.label), number)),
        }
    }

    /// Lines of text, the last one empty so that the paper can be torn.
    pub(super) fn text(&self) -> Vec<u8> {
        let mut out = String::new();
        let spaced: Vec<String> = self.label.as_str().chars().map(String::from).collect();
        let rows = [self.venue.clone(), Safe::lit(""), Safe::line(&spaced.join(" ")), Safe::lit("")];
        for row in rows.iter().chain(&self.rows) {
            let blank = COLUMNS.saturating_sub(row.width()) / 2;
            out.push_str(&" ".repeat(if row.is_empty() { 0 } else { blank }));
            out.push_str(row.as_str());
            out.push('\n');
        }
        out.push_str("\n\n");
        out.into_bytes()
    }

    /// ESC/POS: centred, the number four times as large, a code to scan, cut at the end.
    pub(super) fn escpos(&self) -> Vec<u8> {
        const RESET: &[u8] = b"\x1b@";
        const LATIN: &[u8] = b"\x1bt\x10";
        const CENTRED: &[u8] = b"\x1ba\x01";
        const LARGE: &[u8] = b"\x1d!\x33";
        const ORDINARY: &[u8] = b"\x1d!\x00";
        const FEED: &[u8] = b"\x1bd\x04";
        const CUT: &[u8] = b"\x1dV\x42\x00";
        let mut out = [RESET, LATIN, CENTRED].concat();
        let mut row = |style: &[u8], text: &Safe| {
            out.extend_from_slice(style);
            out.extend(text.as_str().chars().map(latin));
            out.push(b'\n');
        };
        row(ORDINARY, &self.venue);
        row(ORDINARY, &Safe::lit(""));
        row(LARGE, &self.label);
        row(ORDINARY, &Safe::lit(""));
        self.rows.iter().for_each(|text| row(ORDINARY, text));
        if let Some(code) = &self.code {
            out.extend(scanned(code));
        }
        [&out, FEED, CUT].concat()
    }
}

/// A character in the printer's Latin page. None of them is a command: what is shown holds no control character.
const fn latin(c: char) -> u8 {
    match c {
        ' '..='~' | '\u{a0}'..='\u{ff}' => c as u8,
        '–' | '—' => b'-',
        _ => b'?',
    }
}

/// The printer's own QR code: model 2, six dots a point, a quarter of it may be lost.
fn scanned(text: &str) -> Vec<u8> {
    let size = (text.len() + 3).min(usize::from(u16::MAX)) as u16;
    let [low, high] = size.to_le_bytes();
    let store = [b"\x1d(k".as_slice(), &[low, high], b"1P0", text.as_bytes()].concat();
    [b"\n\x1d(k\x04\x001A2\x00".as_slice(), b"\x1d(k\x03\x001C\x06", b"\x1d(k\x03\x001E1", &store, b"\x1d(k\x03\x001Q0"].concat()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::domain::id::{ServiceId, TicketId, VenueId};
    use crate::domain::queue::look::Range;
    use crate::domain::queue::{Priority, Rules, State, Ticket, Venue};
    use crate::domain::time::{Span, Timestamp};

    pub(in crate::session) fn place() -> Place {
        let at = Timestamp::from_secs(1_795_159_800);
        let ticket = Ticket {
            id: TicketId(51),
            venue: VenueId(1),
            service: ServiceId(1),
            issued_for: ServiceId(1),
            label: "SER-051".to_owned(),
            number: 51,
            day: 20_777,
            carried: false,
            state: State::Waiting,
            priority: Priority::Normal,
            arrived_at: at,
            order_at: at,
            first_called_at: None,
            called_at: None,
            recalls: 0,
            serving_at: None,
            ended_at: None,
            counter: None,
            parked_until: None,
            transfers: 0,
            phone: "628123".to_owned(),
            name: "Somebody".to_owned(),
            note: String::new(),
            language: "id".to_owned(),
            contact: None,
            conversation: None,
            told: String::new(),
            version: 0,
        };
        Place {
            venue: "Workshop".to_owned(),
            ticket,
            service: "Service motor\u{1b}@".to_owned(),
            department: "Workshop".to_owned(),
            position: Some(9),
            total: 9,
            estimate: Some(Range { from: 15, to: 20 }),
            serving: "SER-042".to_owned(),
            counter: String::new(),
            known: false,
            version: 1,
        }
    }

    fn kiosk(number: &str) -> Kiosk {
        let venue = Venue {
            id: VenueId(1),
            name: "Klinik Sehat".to_owned(),
            zone: chrono_tz::Tz::Asia__Jakarta,
            day_starts: Span::ZERO,
            rules: Rules::default(),
        };
        Kiosk { venue, offers: Vec::new(), number: number.to_owned() }
    }

    #[test]
    fn a_ticket_on_paper_tells_its_number_its_place_and_how_to_be_told() {
        let paper = String::from_utf8(Receipt::of(&place(), Some(&kiosk("+62 812 0000 1111")), Tongue::Indonesian).text()).unwrap();
        for said in ["KLINIK SEHAT", "S E R - 0 5 1", "posisi 9", "~15-20 mnt", "Jum 20 Nov  14:30", "ANTRI SER-051"] {
            assert!(paper.contains(said), "{said}:\n{paper}");
        }
        assert!(!paper.contains("628123") && !paper.contains("Somebody") && !paper.contains('\u{1b}'), "{paper}");
        assert!(paper.lines().all(|line| line.chars().count() <= COLUMNS), "{paper}");
    }

    #[test]
    fn a_receipt_printer_gets_its_commands_and_none_of_a_strangers() {
        let has = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
        let bytes = Receipt::of(&place(), Some(&kiosk("+62 812 0000 1111")), Tongue::Indonesian).escpos();
        assert!(bytes.starts_with(b"\x1b@") && bytes.ends_with(b"\x1dV\x42\x00"));
        assert!(has(&bytes, b"\x1d!\x33SER-051\n") && has(&bytes, b"https://wa.me/6281200001111?text=ANTRI%20SER-051"));
        assert_eq!(bytes.windows(2).filter(|pair| pair == b"\x1b@").count(), 1);
        // A number that only works at home is nothing to scan.
        assert!(!has(&Receipt::of(&place(), Some(&kiosk("0812-0000-1111")), Tongue::English).escpos(), b"wa.me"));
    }
}
