//! One (or some) of many, found by a few letters.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::app::field::Field;
use crate::domain::canned;
use crate::domain::id::TicketId;
use crate::domain::text::Safe;

/// The picker's state.
#[derive(Debug)]
pub struct Picker {
    /// What the choice is for.
    pub purpose: Purpose,
    /// What is asked.
    pub title: Safe,
    /// What is typed.
    pub field: Field,
    /// The rows that match, the best first.
    pub rows: Vec<PickerRow>,
    /// The selected one.
    pub selected: usize,
    /// What is said where nothing matches.
    pub nothing: Safe,
    /// What is typed and no row is called may be made, in these words.
    pub creates: Option<&'static str>,
    all: Vec<PickerRow>,
}

/// One row to choose from.
#[derive(Clone, Debug)]
pub struct PickerRow {
    /// What it is called, and what the letters are looked for in.
    pub title: Safe,
    /// More about it, on the right; the letters are looked for here too.
    pub detail: Safe,
    /// Where several may be chosen: whether this one is. Enter turns it on or off and stays; Esc ends.
    pub on: Option<bool>,
    /// What choosing it means, to whoever asked.
    pub value: i64,
}

/// What the choice is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Who looks after the conversation.
    Assign,
    /// Which canned reply to insert.
    Canned {
        /// A slash was typed for it, which it replaces.
        typed: bool,
    },
    /// Which canned reply to change.
    ManageCanned,
    /// Whom a note is for.
    Mention,
    /// When a reply is to leave.
    SendAt,
    /// Which file goes with the reply.
    Attach,
    /// Which theme the screen is painted in.
    Theme,
    /// When it comes back.
    SnoozeUntil,
    /// What it is called.
    Labels,
    /// Until when a ticket is put aside.
    Park {
        /// Which.
        ticket: TicketId,
        /// What was seen of it.
        version: i64,
    },
}

impl Purpose {
    /// What is typed is a time, and the rows are what it may mean.
    pub const fn asks_time(self) -> bool {
        matches!(self, Self::SnoozeUntil | Self::Park { .. })
    }
}

/// As many letters of what is typed are looked for: the matcher counts its scores in sixteen bits, and nobody chooses by more.
const LETTERS: usize = 100;

/// The letters of what is typed that are looked for.
pub(super) fn looked_for(typed: &str) -> &str {
    typed.char_indices().nth(LETTERS).map_or(typed, |(end, _)| &typed[..end])
}

impl Picker {
    /// A picker over `rows`, nothing typed yet.
    pub fn new(purpose: Purpose, title: &str, rows: Vec<PickerRow>, nothing: &'static str) -> Box<Self> {
        Box::new(Self {
            purpose,
            title: Safe::line(title),
            field: Field::default(),
            rows: rows.clone(),
            selected: 0,
            nothing: Safe::lit(nothing),
            creates: None,
            all: rows,
        })
    }

    /// What is typed, without blanks around it.
    pub fn typed(&self) -> String {
        self.field.text().trim().to_owned()
    }

    /// The selected row.
    pub fn row(&self) -> Option<&PickerRow> {
        self.rows.get(self.selected)
    }

    /// Other rows to choose from; what is typed stays.
    pub fn refill(&mut self, rows: Vec<PickerRow>) {
        let kept = self.row().map(|row| row.value);
        self.all = rows;
        self.search();
        if let Some(at) = kept.and_then(|value| self.rows.iter().position(|row| row.value == value)) {
            self.selected = at;
        }
    }

    /// Rows made from what is typed, all of them shown; and what is said when there is none.
    pub fn offer(&mut self, rows: Vec<PickerRow>, nothing: &str) {
        self.nothing = Safe::line(nothing);
        self.rows.clone_from(&rows);
        self.all = rows;
        self.selected = 0;
    }

    /// A row of several was turned on or off. One that was made just now joins the others, and the next may be typed.
    pub fn turn(&mut self, row: &PickerRow, on: bool) {
        let same = |other: &&mut PickerRow| other.title == row.title && other.detail == row.detail;
        if let Some(known) = self.all.iter_mut().find(same) {
            known.on = Some(on);
        } else {
            self.all.insert(0, PickerRow { detail: Safe::default(), on: Some(on), ..row.clone() });
            self.field = Field::default();
        }
        let selected = self.selected;
        self.search();
        self.selected = selected.min(self.rows.len().saturating_sub(1));
    }

    /// Chooses the rows that match what is typed.
    pub fn search(&mut self) {
        let typed = self.typed();
        self.selected = 0;
        // Times and paths are made from what is typed, not looked for with it.
        if typed.is_empty() || matches!(self.purpose, Purpose::SendAt | Purpose::Attach) {
            self.rows.clone_from(&self.all);
            return;
        }
        let mut matcher = Matcher::new(Config::DEFAULT);
        let pattern = Pattern::parse(looked_for(&typed), CaseMatching::Ignore, Normalization::Smart);
        let mut buffer = Vec::new();
        let mut scored: Vec<(u32, &PickerRow)> = Vec::new();
        for row in &self.all {
            let text = format!("{} {}", row.title, row.detail);
            if let Some(score) = pattern.score(Utf32Str::new(&text, &mut buffer), &mut matcher) {
                scored.push((score, row));
            }
        }
        if matches!(self.purpose, Purpose::Canned { .. } | Purpose::ManageCanned) {
            // Shortcuts are known by heart: what begins so comes first, then what holds it; letters here and there come last.
            scored.sort_by_key(|(score, row)| {
                let rank = canned::rank(typed.trim_start_matches('/'), row.title.as_str(), row.detail.as_str());
                (rank.unwrap_or(u8::MAX), if rank == Some(0) { row.title.width() } else { 0 }, std::cmp::Reverse(*score))
            });
        } else {
            scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        }
        self.rows = scored.into_iter().map(|(_, row)| row.clone()).collect();
        let title = Safe::line(&typed);
        if let Some(words) = self.creates
            && !self.all.iter().any(|row| row.title.as_str().to_lowercase() == title.as_str().to_lowercase())
        {
            self.rows.push(PickerRow { title, detail: Safe::lit(words), on: Some(false), value: -1 });
        }
    }

    /// The size it would like, in columns and rows, frame included: as high as its rows where those are known beforehand.
    pub fn size(&self) -> (u16, u16) {
        let known = matches!(self.purpose, Purpose::Assign | Purpose::Mention | Purpose::Theme);
        (60, if known { (self.all.len() as u16).saturating_add(4).clamp(7, 16) } else { 16 })
    }

    /// Enter turns rows on and off instead of choosing one.
    pub fn turns(&self) -> bool {
        self.creates.is_some() || self.rows.iter().any(|row| row.on.is_some())
    }

    /// The first row shown when there is room for `room` rows.
    pub fn first_shown(&self, room: usize) -> usize {
        (self.selected + 1).saturating_sub(room.max(1))
    }
}
