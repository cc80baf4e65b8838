//! The palette and the command line: commands, and what may stand after them, by a few letters.

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::picker::looked_for;
use crate::app::command::{self, Argument, Command};
use crate::app::field::Field;
use crate::app::focus::{Context, Focus};
use crate::app::{App, Cx};
use crate::domain::text::Safe;

/// What a title that begins with what is typed is worth: more than letters found anywhere.
const BEGINS: u32 = 1_000_000;
/// Rows of one section shown at most.
const SECTION: usize = 40;
/// Rows for what the selected command does.
pub const DOC_ROWS: usize = 2;
const COMMANDS: &str = "commands";
const NOT_NOW: &str = "Not now";

/// Palette or command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaletteKind {
    /// Everything, by letters found anywhere in it.
    Find,
    /// A command by its name, and then what may stand after it.
    Line,
    /// The keys of a place, its contexts one after the other.
    Keys(&'static [Context]),
}

/// The palette's state.
#[derive(Debug)]
pub struct Palette {
    /// Which of the two.
    pub kind: PaletteKind,
    /// What is typed.
    pub field: Field,
    /// What matches, the best first, section by section.
    pub rows: Vec<PaletteRow>,
    /// The selected one.
    pub selected: usize,
    /// Why the line could not run.
    pub problem: Option<Safe>,
    all: Vec<PaletteRow>,
    /// The line of the history that is shown, and what was typed before.
    history: Option<(usize, String)>,
    /// The line holds the selected completion.
    completed: bool,
}

/// One thing to run.
#[derive(Clone, Debug)]
pub struct PaletteRow {
    /// The heading it stands under.
    pub section: &'static str,
    /// What it is called.
    pub title: Safe,
    /// More about it; its letters count too.
    pub about: Safe,
    /// Its keys, as the screen writes them.
    pub keys: String,
    /// Why it cannot run now.
    pub refusal: Option<String>,
    /// What it runs.
    pub found: Found,
}

/// A command, perhaps with what stands after it.
#[derive(Clone, Debug)]
pub struct Found {
    /// The command.
    pub command: &'static Command,
    /// What stands after it.
    pub word: Option<String>,
}

/// A line of the palette as it is painted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaletteLine {
    /// A section's name and how many rows match in it.
    Heading(&'static str, usize),
    /// A row, by its place among [`Palette::rows`].
    Row(usize),
}

impl Palette {
    /// A palette or command line that holds `text`.
    pub fn new(kind: PaletteKind, text: &str, app: &App, cx: &Cx) -> Box<Self> {
        let mut palette = Self {
            kind,
            field: Field::of(text),
            rows: Vec::new(),
            selected: 0,
            problem: None,
            all: Vec::new(),
            history: None,
            completed: false,
        };
        palette.refill(app, cx);
        Box::new(palette)
    }

    /// Reads again what there is to offer; what is typed and, where it still matches, the selected row stay.
    pub fn refill(&mut self, app: &App, cx: &Cx) {
        let (selected, touched) = (self.selected, self.selected > 0 || self.completed);
        self.all = match self.kind {
            PaletteKind::Keys(chain) => keys_of(chain, app, cx),
            PaletteKind::Find | PaletteKind::Line => offered(app, cx),
        };
        if !self.completed {
            self.search();
        }
        if touched {
            self.selected = selected.min(self.rows.len().saturating_sub(1));
        }
    }

    /// What is typed has changed.
    pub fn edited(&mut self) {
        self.problem = None;
        self.history = None;
        self.completed = false;
        self.search();
    }

    /// The words by which people are looked for in the store: whatever is typed into the palette, a name on the command line.
    pub fn looks_for(&self) -> Option<&str> {
        let words = match self.kind {
            PaletteKind::Find => self.field.first_line().trim(),
            PaletteKind::Line => self.typed_command().filter(|(command, _)| command.argument.is_some_and(Argument::is_of_people))?.1,
            PaletteKind::Keys(_) => return None,
        };
        // One letter begins every other name.
        words.chars().nth(1).map(|_| words)
    }

    /// The selected row.
    pub fn row(&self) -> Option<&PaletteRow> {
        self.rows.get(self.selected)
    }

    /// The line holds the selected completion as Tab put it there, or only its beginning is typed and the arrows went to it.
    pub const fn is_completed(&self) -> bool {
        self.completed || self.selected > 0
    }

    /// The command whose name is typed in full, and what stands after it.
    pub fn typed_command(&self) -> Option<(&'static Command, &str)> {
        let line = self.field.first_line();
        let (word, rest) = line.trim_start().split_once(char::is_whitespace).unwrap_or((line.trim(), ""));
        let command = command::all().find(|command| is_listed(command) && command.is_called(word))?;
        Some((command, rest.trim()))
    }

    /// The rows with a heading above each section; the command line has no headings.
    pub fn lines(&self) -> Vec<PaletteLine> {
        let mut lines = Vec::new();
        let mut section = "";
        for (at, row) in self.rows.iter().enumerate() {
            if row.section != section && self.kind != PaletteKind::Line {
                section = row.section;
                let count = self.rows.iter().filter(|other| other.section == section).count();
                lines.push(PaletteLine::Heading(section, count));
            }
            lines.push(PaletteLine::Row(at));
        }
        lines
    }

    /// How many lines there is room for in `height` rows, frame included.
    pub fn room(&self, height: u16) -> usize {
        // The frame and the typed line; among keys also what the selected command does.
        let taken = if matches!(self.kind, PaletteKind::Keys(_)) { 4 + DOC_ROWS + 1 } else { 4 };
        usize::from(height).saturating_sub(taken)
    }

    /// The lines that are seen where there is room for `room` of them.
    pub fn seen(&self, room: usize) -> Vec<PaletteLine> {
        let lines = self.lines();
        let at = lines.iter().position(|line| *line == PaletteLine::Row(self.selected)).unwrap_or(0);
        let first = (at + 1).saturating_sub(room.max(1));
        lines.into_iter().skip(first).take(room).collect()
    }

    /// Selects the row that is seen as line `at` of `room`; there may be none.
    pub fn select_at(&mut self, at: usize, room: usize) -> bool {
        match self.seen(room).get(at) {
            Some(PaletteLine::Row(row)) => {
                self.selected = *row;
                true
            }
            _ => false,
        }
    }

    /// Tab: puts the selected completion into the line; again, the next one. A command that takes more is taken for good, so that this is
    /// offered next.
    pub fn complete(&mut self, forward: bool) {
        let count = self.rows.len();
        if count == 0 {
            return;
        }
        if self.completed {
            self.selected = if forward { (self.selected + 1) % count } else { (self.selected + count - 1) % count };
        }
        let Some(Found { command, word }) = self.row().map(|row| row.found.clone()) else { return };
        let line = match (&word, command.argument) {
            (Some(word), _) => format!("{} {word}", command.word()),
            (None, Some(_)) => format!("{} ", command.word()),
            (None, None) => command.word().to_owned(),
        };
        self.field = Field::of(&line);
        self.problem = None;
        self.history = None;
        if word.is_none() && command.argument.is_some() {
            self.edited();
        } else {
            self.completed = true;
        }
    }

    /// Up: the row above, and from the first one on the lines that ran before and begin with what is typed.
    pub fn earlier(&mut self, lines: &[String]) {
        if self.selected > 0 && self.history.is_none() {
            self.selected -= 1;
            return;
        }
        let (from, typed) = self.history.clone().unwrap_or_else(|| (lines.len(), self.field.text()));
        let found = lines.iter().take(from).rposition(|line| line.starts_with(&typed));
        if let Some((at, line)) = found.and_then(|at| Some((at, lines.get(at)?))) {
            self.show_line(line);
            self.history = Some((at, typed));
        }
    }

    /// Down: the line after the shown one, at last what was typed; else the row below.
    pub fn later(&mut self, lines: &[String]) {
        let Some((at, typed)) = self.history.clone() else {
            self.selected = (self.selected + 1).min(self.rows.len().saturating_sub(1));
            return;
        };
        match lines.iter().enumerate().skip(at + 1).find(|(_, line)| line.starts_with(&typed)) {
            Some((at, line)) => {
                self.show_line(line);
                self.history = Some((at, typed));
            }
            None => self.show_line(&typed),
        }
    }

    fn show_line(&mut self, line: &str) {
        self.field = Field::of(line);
        self.edited();
    }

    fn search(&mut self) {
        self.selected = 0;
        let typed = self.field.text();
        self.rows = match (self.kind, self.typed_command()) {
            (PaletteKind::Line, Some((command, word)))
                if command.argument.is_some() && typed.trim_start().contains(char::is_whitespace) =>
            {
                let of = |row: &&PaletteRow| row.found.word.is_some() && row.found.command.name == command.name;
                ranked(self.all.iter().filter(of), word, AtomKind::Fuzzy)
            }
            (PaletteKind::Keys(_), _) if typed.trim().is_empty() => self.all.clone(),
            (PaletteKind::Keys(_), _) => ranked(self.all.iter(), typed.trim(), AtomKind::Substring),
            // Enter runs the first row: letters strewn over a title are not enough for that.
            (PaletteKind::Line, _) => {
                let plain = self.all.iter().filter(|row| row.found.word.is_none() && row.section == COMMANDS);
                ranked(plain, typed.trim(), AtomKind::Substring)
            }
            (PaletteKind::Find, _) if typed.trim().is_empty() => {
                let mut rows: Vec<PaletteRow> = self.all.iter().filter(|row| row.found.word.is_none()).cloned().collect();
                let lately: Vec<&str> = rows.iter().filter(|row| row.section != COMMANDS).map(|row| row.found.command.name).collect();
                rows.retain(|row| row.section != COMMANDS || !lately.contains(&row.found.command.name));
                rows
            }
            (PaletteKind::Find, _) => {
                let once = self.all.iter().filter(|row| row.found.word.is_some() || row.section == COMMANDS);
                // A letter or two stand strewn over nearly every title.
                let letters = if typed.trim().chars().count() < 3 { AtomKind::Substring } else { AtomKind::Fuzzy };
                let together = ranked(once.clone(), typed.trim(), AtomKind::Substring);
                // Strewn letters count only where nothing has them together: else every longer title would be found beside the one meant.
                if together.is_empty() { ranked(once, typed.trim(), letters) } else { together }
            }
        };
    }
}

/// Everything there is: what was used lately, the commands of the panes (those that cannot run now last, with the reason), and what may stand
/// after them.
fn offered(app: &App, cx: &Cx) -> Vec<PaletteRow> {
    let plain = |command: &'static Command, section| PaletteRow {
        section,
        title: Safe::lit(command.title),
        about: Safe::default(),
        keys: app.keymap.keys_of(command.name).join("  "),
        refusal: app.refusal(command, cx),
        found: Found { command, word: None },
    };
    // What is done in the queue is looked for in the queue.
    let is_here = |command: &Command| command.context != Context::Queue || app.focus == Focus::Queue;
    let mut commands: Vec<PaletteRow> =
        command::all().filter(|command| is_listed(command) && is_here(command)).map(|command| plain(command, COMMANDS)).collect();
    commands.sort_by_key(|row| row.refusal.is_some());
    let mut rows: Vec<PaletteRow> = app.memory.lately.iter().map(|command| plain(command, "used lately")).collect();
    rows.extend(commands);
    for command in command::all() {
        let Some(argument) = command.argument else { continue };
        let refusal = (argument.enabled)(app, cx).err();
        rows.extend((argument.choices)(app, cx).into_iter().map(|choice| PaletteRow {
            section: argument.choices_are,
            title: Safe::line(&choice.title),
            about: Safe::line(&choice.about),
            keys: String::new(),
            refusal: refusal.clone(),
            found: Found { command, word: Some(choice.word) },
        }));
    }
    rows
}

/// For each context of a place the commands that have keys there; last those that cannot run now, with the reason.
fn keys_of(chain: &[Context], app: &App, cx: &Cx) -> Vec<PaletteRow> {
    let mut rows = Vec::new();
    for context in chain {
        for command in command::all().filter(|command| command.context == *context) {
            let keys = app.keymap.keys_of(command.name).join("  ");
            if !keys.is_empty() {
                let (title, refusal) = (Safe::lit(command.title), app.refusal(command, cx));
                let found = Found { command, word: None };
                let section = if refusal.is_none() { context.title() } else { NOT_NOW };
                rows.push(PaletteRow { section, title, about: Safe::default(), keys, refusal, found });
            }
        }
    }
    rows.sort_by_key(|row| row.section == NOT_NOW);
    rows
}

/// The commands one may look for: those of the panes, and whatever takes an argument.
fn is_listed(command: &Command) -> bool {
    let of_panes = matches!(command.context, Context::Inbox | Context::Thread | Context::Queue | Context::Global | Context::Always);
    (of_panes || command.argument.is_some()) && !matches!(command.name, "palette" | "line")
}

/// The rows that match, in sections that stand in the order of their best rows. A name typed in full comes first, then what begins with the
/// letters, then letters found anywhere.
fn ranked<'a>(rows: impl Iterator<Item = &'a PaletteRow>, typed: &str, letters: AtomKind) -> Vec<PaletteRow> {
    let mut matcher = Matcher::new(Config::DEFAULT);
    let pattern = Pattern::new(looked_for(typed), CaseMatching::Ignore, Normalization::Smart, letters);
    let mut buffer = Vec::new();
    let mut sections: Vec<(&'static str, Vec<(u32, &PaletteRow)>)> = Vec::new();
    for row in rows {
        let Some(score) = score(row, typed, &pattern, &mut matcher, &mut buffer) else { continue };
        match sections.iter_mut().find(|(section, _)| *section == row.section) {
            Some((_, scored)) => scored.push((score, row)),
            None => sections.push((row.section, vec![(score, row)])),
        }
    }
    for (_, scored) in &mut sections {
        scored.sort_by_key(|(score, row)| (std::cmp::Reverse(*score), row.refusal.is_some()));
        scored.truncate(SECTION);
    }
    sections.sort_by_key(|(_, scored)| std::cmp::Reverse(scored.first().map(|(score, _)| *score)));
    sections.into_iter().flat_map(|(_, scored)| scored).map(|(_, row)| row.clone()).collect()
}

fn score(row: &PaletteRow, typed: &str, pattern: &Pattern, matcher: &mut Matcher, buffer: &mut Vec<char>) -> Option<u32> {
    let command = row.found.command;
    let (text, called) = match &row.found.word {
        Some(word) => (format!("{} {} {word}", row.title, row.about), word.eq_ignore_ascii_case(typed)),
        None => (format!("{} {} {} {}", row.title, command.name, command.aliases.join(" "), row.keys), command.is_called(typed)),
    };
    if called {
        return Some(u32::MAX);
    }
    let score = pattern.score(Utf32Str::new(&text, buffer), matcher)?;
    let word_begins = match &row.found.word {
        Some(word) => begins_with(word, typed),
        None => begins_with(command.name, typed) || command.aliases.iter().any(|alias| begins_with(alias, typed)),
    };
    let first = row.refusal.is_none() && (begins_with(row.title.as_str(), typed) || word_begins);
    Some(if first { score + BEGINS } else { score })
}

/// Letters are the first ones of a title, in any case.
fn begins_with(title: &str, letters: &str) -> bool {
    !letters.is_empty() && title.get(..letters.len()).is_some_and(|start| start.eq_ignore_ascii_case(letters))
}
