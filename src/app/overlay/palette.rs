//! The palette and command line: commands by a few letters of their title or name.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::app::command::{self, Command};
use crate::app::field::Field;
use crate::app::focus::Context;
use crate::app::{App, Cx};

/// What a title that begins with what is typed is worth: more than letters found anywhere.
const BEGINS: u32 = 1_000_000;

/// The palette's state.
#[derive(Debug)]
pub struct Palette {
    /// What is typed.
    pub field: Field,
    /// The commands that match, the best first.
    pub rows: Vec<PaletteRow>,
    /// The selected one.
    pub selected: usize,
    all: Vec<PaletteRow>,
}

/// One command of the palette.
#[derive(Clone, Debug)]
pub struct PaletteRow {
    /// The command.
    pub command: &'static Command,
    /// Its keys, as the screen writes them.
    pub keys: String,
    /// Why it cannot run now.
    pub refusal: Option<String>,
}

impl Palette {
    /// Every command of the panes; those that cannot run now stand last, with the reason.
    pub fn new(app: &App, cx: &Cx) -> Box<Self> {
        let listed = |context| matches!(context, Context::Inbox | Context::List | Context::Thread | Context::Global | Context::Always);
        let mut all: Vec<PaletteRow> = command::all()
            .filter(|command| listed(command.context) && command.name != "palette")
            .map(|command| PaletteRow { command, keys: app.keymap.keys_of(command.name).join("  "), refusal: app.refusal(command, cx) })
            .collect();
        all.sort_by_key(|row| row.refusal.is_some());
        Box::new(Self { field: Field::default(), rows: all.clone(), selected: 0, all })
    }

    /// Chooses the rows that match what is typed: a name or alias typed in full comes first.
    pub fn search(&mut self) {
        let typed = self.field.text();
        let typed = typed.trim();
        self.selected = 0;
        let mut matcher = Matcher::new(Config::DEFAULT);
        let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
        let mut scored: Vec<(u32, &PaletteRow)> = self
            .all
            .iter()
            .filter_map(|row| {
                let named = |name: &&str| name.eq_ignore_ascii_case(typed);
                if named(&row.command.name) || row.command.aliases.iter().any(named) {
                    return Some((u32::MAX, row));
                }
                let mut buffer = Vec::new();
                let text = format!("{} {} {}", row.command.title, row.command.name, row.command.aliases.join(" "));
                let score = pattern.score(Utf32Str::new(&text, &mut buffer), &mut matcher)?;
                let first = row.refusal.is_none() && begins_with(row.command.title, typed);
                Some((if first { score + BEGINS } else { score }, row))
            })
            .collect();
        scored.sort_by_key(|(score, row)| (std::cmp::Reverse(*score), row.refusal.is_some()));
        self.rows = scored.into_iter().map(|(_, row)| row.clone()).collect();
    }
}

/// Letters are the first ones of a title, in any case.
fn begins_with(title: &str, letters: &str) -> bool {
    !letters.is_empty() && title.get(..letters.len()).is_some_and(|start| start.eq_ignore_ascii_case(letters))
}

impl Palette {
    /// The first row shown when the palette has `height` rows, its frame and the typed line included.
    pub fn first_shown(&self, height: usize) -> usize {
        let room = height.saturating_sub(4).max(1);
        (self.selected + 1).saturating_sub(room)
    }
}
