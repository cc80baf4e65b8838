//! One message as rows that may be painted. Made once when the message is read, not when a frame is drawn.

use chrono::{Datelike, NaiveDate};
use chrono_tz::Tz;

use super::thread::pictures::{Fate, Pictures};
use crate::domain::attachment::{Attachment, Stored, human_size};
use crate::domain::id::AttachmentId;
use crate::domain::link::{Url, links};
use crate::domain::message::{Direction, Gap, Kind, Message};
use crate::domain::text::Safe;
use crate::domain::time::{Span, Timestamp, day_title};

/// Columns left free to the right of a message's words, for its mark.
pub const MARGIN: usize = 10;
/// Columns to the left of a message's words.
pub const INDENT: usize = 3;
/// Messages of one author within this time stand under one head.
const GROUP: Span = Span::minutes(5);
/// A quote is shown on so many rows at most.
const QUOTE_ROWS: usize = 2;

/// A message in the thread.
#[derive(Clone, Debug)]
pub struct Item {
    /// The message itself.
    pub message: Message,
    /// Its author's name.
    pub author: Safe,
    /// Rows above it: separators.
    pub before: Vec<Line>,
    /// It has a row for author and time.
    pub head: bool,
    /// It came after what stands below it.
    pub late: bool,
    /// It is the first that nobody has read.
    pub new: bool,
    /// Its own rows.
    pub body: Vec<Line>,
    /// The links in its rows.
    pub links: Vec<RowLink>,
    /// It is shown ahead of the store's answer; this is the write's ticket.
    pub ticket: Option<u64>,
    /// What became of its files as pictures.
    pictures: Vec<(AttachmentId, Fate)>,
    width: usize,
}

/// A link, or the part of one that stands in one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowLink {
    /// Which row of the message's own.
    pub row: usize,
    /// Its first column of the row's text.
    pub from: usize,
    /// How many columns it takes.
    pub width: usize,
    /// Where it leads.
    pub url: Url,
}

/// One row of the thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// Nothing.
    Blank,
    /// A new day begins.
    Day(Safe),
    /// Messages may be missing here.
    Gap(Safe),
    /// From here on nobody has read; said so in a row of its own where there is no head to say it in.
    New,
    /// What the message answers.
    Quote(Safe),
    /// The author's words.
    Text(Safe),
    /// A file.
    File(Safe),
    /// A row left blank for the picture of the file above.
    Picture {
        /// Which file.
        file: AttachmentId,
        /// Which row of it, from 0.
        row: u16,
    },
    /// What people thought of it.
    Reactions(Safe),
    /// Why it did not (perhaps not) arrive.
    Reason(Safe),
    /// Something about the message.
    About(Safe),
}

impl Item {
    /// Makes the message's rows for a thread of `columns`.
    pub fn of(message: Message, columns: usize) -> Self {
        let author = Safe::line(&message.author);
        let mut item = Self {
            message,
            author,
            before: Vec::new(),
            head: true,
            late: false,
            new: false,
            body: Vec::new(),
            links: Vec::new(),
            ticket: None,
            pictures: Vec::new(),
            width: 0,
        };
        item.wrap(columns);
        item
    }

    /// Breaks its text for a thread of `columns`, unless that is done.
    pub fn wrap(&mut self, columns: usize) {
        let width = columns.saturating_sub(INDENT + MARGIN).max(10);
        if width == self.width {
            return;
        }
        self.width = width;
        self.fill();
    }

    /// Leaves room for its pictures as they are known now.
    pub fn make_room(&mut self, known: &Pictures) {
        let files = self.message.attachments.iter();
        let pictures: Vec<_> = files.filter_map(|file| Some((file.id, known.fate(file.id)?))).collect();
        if pictures != self.pictures {
            self.pictures = pictures;
            self.fill();
        }
    }

    fn fill(&mut self) {
        let text = Safe::block(self.message.text.trim_end());
        self.body = body(&self.message, &text, self.width, &self.pictures);
        self.links = row_links(&text, &self.body);
    }

    /// Decides what stands above it, from the message before it.
    pub fn follow(&mut self, before: Option<&Self>, new: bool, gaps: &[Gap], today: NaiveDate, zone: Tz) {
        let apart = before.is_some_and(|before| before.late != self.late);
        let before = before.map(|before| &before.message);
        self.before.clear();
        let date = self.message.at.date(zone);
        let new_day = before.is_none_or(|before| before.at.date(zone) != date);
        if new_day {
            self.before.push(Line::Blank);
            self.before.push(Line::Day(Safe::line(&day_title(date, today))));
        }
        let after = before.map_or(Timestamp(i64::MIN), |before| before.at);
        for gap in gaps.iter().filter(|gap| gap.from >= after && gap.from < self.message.at) {
            self.before.push(Line::Gap(gap_words(gap, zone)));
        }
        self.new = new;
        if new && self.message.direction == Direction::System {
            self.before.push(Line::New);
        }
        let same_author = before.is_some_and(|before| {
            before.direction == self.message.direction
                && before.author == self.message.author
                && !new
                && !apart
                && self.message.at.since(before.at) < GROUP
                && self.message.direction != Direction::System
        });
        self.head = self.message.direction != Direction::System && !(same_author && self.before.is_empty());
        if self.head && !new_day {
            self.before.insert(0, Line::Blank);
        }
    }

    /// How many rows it takes.
    pub fn height(&self) -> usize {
        self.before.len() + usize::from(self.head) + self.body.len()
    }
}

/// The words about a time in which messages may have been lost.
pub fn gap_words(gap: &Gap, zone: Tz) -> Safe {
    let at = |at: Timestamp| format!("{} {}", at.local(zone).format("%-d %b"), at.hhmm(zone));
    Safe::line(&format!("{} – {}: messages may be missing", at(gap.from), at(gap.lost_before)))
}

fn body(message: &Message, text: &Safe, width: usize, pictures: &[(AttachmentId, Fate)]) -> Vec<Line> {
    let mut out = Vec::new();
    if !message.forwarded_from.is_empty() {
        out.push(Line::About(Safe::line(&format!("forwarded from {}", message.forwarded_from)).fit(width)));
    }
    if let Some(quote) = &message.quote {
        let words = Safe::line(&format!("{}: {}", quote.author, quote.text));
        let rows = words.wrap(width.saturating_sub(2));
        let cut = rows.len() > QUOTE_ROWS;
        for (n, row) in rows.into_iter().take(QUOTE_ROWS).enumerate() {
            let row = if cut && n + 1 == QUOTE_ROWS { row.then(&Safe::lit(" …")).fit(width) } else { row };
            out.push(Line::Quote(row));
        }
    }
    if message.deleted_at.is_some() {
        out.push(Line::About(Safe::lit("deleted for the customer; it said:")));
    }
    if !text.as_str().is_empty() || message.attachments.is_empty() {
        out.extend(text.wrap(width).into_iter().map(Line::Text));
    }
    for file in &message.attachments {
        let fate = pictures.iter().find(|(id, _)| *id == file.id).map(|(_, fate)| *fate);
        out.push(Line::File(file_words(file, fate == Some(Fate::Broken)).fit(width)));
        if let Some(Fate::Shown { rows }) = fate {
            out.extend((0..rows).map(|row| Line::Picture { file: file.id, row }));
        }
    }
    if message.kind == Kind::Unsupported {
        out.push(Line::About(Safe::lit("a kind of message this version cannot show; it is kept").fit(width)));
    }
    if !message.reactions.is_empty() {
        let words: Vec<String> = message.reactions.iter().map(|reaction| format!("{} {}", reaction.emoji, reaction.actor)).collect();
        out.push(Line::Reactions(Safe::line(&words.join("  ")).fit(width)));
    }
    if !message.reason.is_empty() {
        out.extend(Safe::line(&message.reason).wrap(width).into_iter().take(3).map(Line::Reason));
    }
    out
}

/// Where the links of `text` stand in the rows it was broken into.
fn row_links(text: &Safe, body: &[Line]) -> Vec<RowLink> {
    let text = text.as_str();
    let links = links(text);
    let mut out = Vec::new();
    if links.is_empty() {
        return out;
    }
    let mut at = 0;
    for (row, line) in body.iter().enumerate() {
        let Line::Text(words) = line else { continue };
        let words = words.as_str();
        if !text[at..].starts_with(words) {
            break;
        }
        let end = at + words.len();
        for link in links.iter().filter(|link| link.at.start < end && at < link.at.end) {
            let (from, to) = (link.at.start.max(at), link.at.end.min(end));
            let columns = |from: usize, to: usize| Safe::line(&text[from..to]).width();
            out.push(RowLink { row, from: columns(at, from), width: columns(from, to), url: link.url.clone() });
        }
        // Blanks at the end of a row are not shown; a line feed ends it at most once.
        at = end + text[end..].len() - text[end..].trim_start_matches(' ').len();
        at += usize::from(text[at..].starts_with('\n'));
    }
    out
}

fn file_words(file: &Attachment, broken: bool) -> Safe {
    let mut words = vec![file.kind.title().to_owned()];
    if !file.name.is_empty() {
        words.push(file.name.clone());
    }
    if let Some(seconds) = file.seconds {
        words.push(format!("{}:{:02}", seconds / 60, seconds % 60));
    }
    if let Some(size) = file.size {
        words.push(human_size(size));
    }
    match file.stored {
        Stored::Here if broken => words.push("could not be shown".to_owned()),
        Stored::Here => {}
        Stored::Remote => words.push("not fetched yet".to_owned()),
        Stored::TooLarge => words.push("too large to fetch".to_owned()),
        Stored::Failed => words.push("could not be fetched".to_owned()),
    }
    Safe::line(&format!("[{}]", words.join(" · ")))
}

/// An instant as it is told beside another one: the hour, with the day where that is not the same.
pub fn hour_of(at: Timestamp, beside: Timestamp, zone: Tz) -> String {
    if at.date(zone) == beside.date(zone) { at.hhmm(zone) } else { format!("{} {}", at.local(zone).format("%-d %b"), at.hhmm(zone)) }
}

/// A day's number in words for the info panel: `Thu 19 Nov 14:05`, with the year when it is another one.
pub fn moment(at: Timestamp, now: Timestamp, zone: Tz) -> String {
    let local = at.local(zone);
    let year = if local.year() == now.local(zone).year() { String::new() } else { format!(" {}", local.year()) };
    format!("{}{year} {}", local.format("%a %-d %b"), at.hhmm(zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_found_in_every_row_it_was_broken_into() {
        let check = |text: &str, columns: usize, want: &[(usize, usize, usize)]| {
            let text = Safe::block(text);
            let rows: Vec<Line> = text.wrap(columns).into_iter().map(Line::Text).collect();
            let got: Vec<(usize, usize, usize)> = row_links(&text, &rows).iter().map(|link| (link.row, link.from, link.width)).collect();
            assert_eq!(got, want, "{text}");
        };
        check("see https://e.org/a now", 40, &[(0, 4, 15)]);
        check("see\n\n  https://e.org/a", 40, &[(2, 2, 15)]);
        check("返金 https://e.org/a", 40, &[(0, 5, 15)]);
        check("see https://example.org/abcdef", 20, &[(0, 4, 8), (1, 0, 18)]);
        check("a   \n   b https://e.org", 40, &[(1, 5, 13)]);
        check("one two three https://e.org four", 8, &[(2, 0, 8), (3, 0, 5)]);
        check("no link", 40, &[]);
    }
}
