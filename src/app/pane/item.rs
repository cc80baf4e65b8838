//! One message as rows that may be painted. Made once when the message is read, not when a frame is drawn.

use chrono::{Datelike, NaiveDate};
use chrono_tz::Tz;

use crate::domain::attachment::{Attachment, Stored, human_size};
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
    /// Its own rows.
    pub body: Vec<Line>,
    /// It is shown ahead of the store's answer; this is the write's ticket.
    pub ticket: Option<u64>,
    width: usize,
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
    /// From here on nobody has read.
    New,
    /// What the message answers.
    Quote(Safe),
    /// The author's words.
    Text(Safe),
    /// A file.
    File(Safe),
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
        let mut item = Self { message, author, before: Vec::new(), head: true, body: Vec::new(), ticket: None, width: 0 };
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
        self.body = body(&self.message, width);
    }

    /// Decides what stands above it, from the message before it.
    pub fn follow(&mut self, before: Option<&Message>, new: bool, gaps: &[Gap], today: NaiveDate, zone: Tz) {
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
        if new {
            self.before.push(Line::New);
        }
        let same_author = before.is_some_and(|before| {
            before.direction == self.message.direction
                && before.author == self.message.author
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

fn body(message: &Message, width: usize) -> Vec<Line> {
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
    let text = Safe::block(message.text.trim_end());
    if !text.as_str().is_empty() || message.attachments.is_empty() {
        out.extend(text.wrap(width).into_iter().map(Line::Text));
    }
    out.extend(message.attachments.iter().map(|file| Line::File(file_words(file).fit(width))));
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

fn file_words(file: &Attachment) -> Safe {
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
        Stored::Here => {}
        Stored::Remote => words.push("not fetched yet".to_owned()),
        Stored::TooLarge => words.push("too large to fetch".to_owned()),
        Stored::Failed => words.push("could not be fetched".to_owned()),
    }
    Safe::line(&format!("[{}]", words.join(" · ")))
}

/// A day's number in words for the info panel: `Thu 19 Nov 14:05`, with the year when it is another one.
pub fn moment(at: Timestamp, now: Timestamp, zone: Tz) -> String {
    let local = at.local(zone);
    let year = if local.year() == now.local(zone).year() { String::new() } else { format!(" {}", local.year()) };
    format!("{}{year} {}", local.format("%a %-d %b"), at.hhmm(zone))
}
