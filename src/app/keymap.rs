//! Which keys run which commands: the table's own, changed by the keymap file. Every problem of the file is reported with its line.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::command::{self, Command};
use super::focus::{CHAINS, Context, Focus};
use super::key;
use super::msg::{Code, Key};
use crate::config::Langmap;

/// The keys of every command.
#[derive(Clone, Debug)]
pub struct Keymap {
    keys: BTreeMap<&'static str, Vec<Vec<Key>>>,
    binds: BTreeMap<Context, BTreeMap<Vec<Key>, &'static Command>>,
    langmap: Langmap,
}

/// Something wrong in the keymap file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {text}")]
pub struct Problem {
    /// Its line, from 1.
    pub line: usize,
    /// What is wrong and what to do.
    pub text: String,
}

/// What some keys mean.
#[derive(Clone, Copy, Debug)]
pub enum Found {
    /// A command.
    Command(&'static Command),
    /// The beginning of longer keys.
    Begun,
    /// Nothing.
    Nothing,
}

impl Default for Keymap {
    fn default() -> Self {
        let keys = command::all().map(|command| (command.name, default_keys(command))).collect();
        Self::of(keys)
    }
}

impl Keymap {
    /// The default keys with the changes of a keymap file: a table per context, a line per command, `"name" = "key"` or
    /// `"name" = ["key", "key"]`; an empty list leaves the command to the palette.
    pub fn with_overrides(text: &str) -> Result<Self, Vec<Problem>> {
        let line_of = |at: usize| text.get(..at).map_or(1, |before| before.matches('\n').count() + 1);
        let table = match DeTable::parse(text) {
            Ok(table) => table.into_inner(),
            Err(error) => {
                let line = error.span().map_or(1, |span| line_of(span.start));
                return Err(vec![Problem { line, text: error.message().to_owned() }]);
            }
        };
        let mut keys: BTreeMap<&'static str, Vec<Vec<Key>>> = command::all().map(|command| (command.name, default_keys(command))).collect();
        let mut lines = BTreeMap::new();
        let mut problems = Vec::new();
        for (context, rows) in &table {
            let line = line_of(context.span().start);
            let known = Context::ALL.into_iter().find(|known| known.name() == context.get_ref().as_ref());
            let (Some(known), DeValue::Table(rows)) = (known, rows.get_ref()) else {
                let names: Vec<_> = Context::ALL.iter().map(|context| context.name()).collect();
                problems.push(Problem { line, text: format!("[{}] is not one of the tables: {}", context.get_ref(), names.join(", ")) });
                continue;
            };
            for (name, value) in rows {
                let line = line_of(name.span().start);
                match read_row(known, name.get_ref(), value) {
                    Ok((command, chords)) => {
                        lines.insert(command.name, line);
                        keys.insert(command.name, chords);
                    }
                    Err(text) => problems.push(Problem { line, text }),
                }
            }
        }
        for clash in clashes(&keys) {
            let line = clash.names.iter().filter_map(|name| lines.get(name)).max().copied().unwrap_or(1);
            problems.push(Problem { line, text: clash.to_string() });
        }
        problems.sort_by_key(|problem| problem.line);
        if problems.is_empty() { Ok(Self::of(keys)) } else { Err(problems) }
    }

    /// The same keys, found by the letters of other keyboard layouts, too.
    #[must_use]
    pub fn with_langmap(mut self, langmap: Langmap) -> Self {
        self.langmap = langmap;
        self
    }

    /// The key that the Latin layout has in the place of this one, where that is to be looked up: letters that are typed as text stay.
    #[must_use]
    pub fn latin(&self, key: Key, typing: bool) -> Key {
        match key.code {
            Code::Char(c) if !typing || key.ctrl || key.alt => Key { code: Code::Char(self.langmap.latin(c).unwrap_or(c)), ..key },
            _ => key,
        }
    }

    /// What these keys mean in the first of the contexts that knows them.
    pub fn find(&self, chain: &[Context], keys: &[Key]) -> Found {
        for context in chain {
            let Some(binds) = self.binds.get(context) else { continue };
            if let Some(command) = binds.get(keys) {
                return Found::Command(command);
            }
            if binds.range(keys.to_vec()..).next().is_some_and(|(longer, _)| longer.starts_with(keys)) {
                return Found::Begun;
            }
        }
        Found::Nothing
    }

    /// What one key means while this pane has the focus, in a few words.
    pub fn means(&self, focus: Focus, key: Key) -> String {
        let typing = focus == Focus::Compose;
        match self.find(focus.chain(), &[self.latin(key, typing)]) {
            Found::Command(command) => command.title.to_owned(),
            Found::Begun => format!("begins {} …", key::show(&[self.latin(key, typing)])),
            Found::Nothing if typing && types_text(&[key]) => "types it".to_owned(),
            Found::Nothing if typing => "edits the text, if anything".to_owned(),
            Found::Nothing => "nothing".to_owned(),
        }
    }

    /// The keys of a command as the screen writes them, the likeliest first; empty when it has none.
    pub fn keys_of(&self, name: &str) -> Vec<String> {
        self.keys.get(name).map(|chords| chords.iter().map(|chord| key::show(chord)).collect()).unwrap_or_default()
    }

    /// Its first key, or its name for the palette.
    pub fn first_key(&self, name: &str) -> String {
        self.keys.get(name).and_then(|chords| chords.first()).map_or_else(|| format!(":{name}"), |chord| key::show(chord))
    }

    fn of(keys: BTreeMap<&'static str, Vec<Vec<Key>>>) -> Self {
        let mut binds: BTreeMap<Context, BTreeMap<Vec<Key>, &'static Command>> = BTreeMap::new();
        for command in command::all() {
            for chord in keys.get(command.name).into_iter().flatten() {
                binds.entry(command.context).or_default().insert(chord.clone(), command);
            }
        }
        Self { keys, binds, langmap: Langmap::default() }
    }
}

/// Two commands that want the same keys in one place, or keys that hide longer ones.
#[derive(Clone, Debug)]
struct Clash {
    names: [&'static str; 2],
    keys: [Vec<Key>; 2],
}

impl std::fmt::Display for Clash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [a, b] = self.names;
        let [mine, other] = [key::show(&self.keys[0]), key::show(&self.keys[1])];
        if mine == other {
            write!(f, "{mine} would mean both {a} and {b}: give one of them another key")
        } else {
            write!(f, "{mine} ({a}) would hide {other} ({b}): give one of them another key")
        }
    }
}

fn clashes(keys: &BTreeMap<&'static str, Vec<Vec<Key>>>) -> Vec<Clash> {
    let mut out: Vec<Clash> = Vec::new();
    for chain in CHAINS {
        let mut bound: Vec<(&Vec<Key>, &'static str)> = Vec::new();
        for command in command::all().filter(|command| chain.contains(&command.context)) {
            for chord in keys.get(command.name).into_iter().flatten() {
                for (other, name) in &bound {
                    let (short, long) = if chord.len() <= other.len() { (chord, *other) } else { (*other, chord) };
                    if *name != command.name && long.starts_with(short) {
                        let names = if chord.len() <= other.len() { [command.name, *name] } else { [*name, command.name] };
                        if !out.iter().any(|clash| clash.names == names) {
                            out.push(Clash { names, keys: [short.clone(), long.clone()] });
                        }
                    }
                }
                bound.push((chord, command.name));
            }
        }
    }
    out
}

fn read_row(context: Context, name: &str, value: &Spanned<DeValue<'_>>) -> Result<(&'static Command, Vec<Vec<Key>>), String> {
    let command = command::find(name).ok_or_else(|| format!("there is no command {name:?}: `?` in the program lists them"))?;
    if command.context != context {
        return Err(format!("{name} belongs into the table [{}]", command.context.name()));
    }
    let words: Vec<&str> = match value.get_ref() {
        DeValue::String(word) => vec![word.as_ref()],
        DeValue::Array(words) => words.iter().filter_map(|word| word.get_ref().as_str()).collect(),
        _ => return Err(format!("{name} needs a key (\"e\") or a list of keys ([\"e\", \"ctrl-e\"])")),
    };
    let chords = words.into_iter().map(key::parse).collect::<Result<Vec<_>, _>>()?;
    if let Some(chord) = chords.iter().find(|chord| {
        matches!(context, Context::Compose | Context::Field | Context::Canned | Context::Line | Context::Always) && types_text(chord)
    }) {
        return Err(format!("{} is typed as text there: use a key with Ctrl or Alt", key::show(chord)));
    }
    Ok((command, chords))
}

/// A key that a text field takes for itself.
fn types_text(chord: &[Key]) -> bool {
    chord.first().is_some_and(|key| matches!(key.code, Code::Char(_)) && !key.ctrl && !key.alt)
}

fn default_keys(command: &Command) -> Vec<Vec<Key>> {
    // The table's own keys are literals that a test reads through the same parser.
    command.keys.iter().filter_map(|text| key::parse(text).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_default_key_means_two_things_in_one_place() {
        let keys = command::all().map(|command| (command.name, default_keys(command))).collect();
        let found: Vec<String> = clashes(&keys).iter().map(ToString::to_string).collect();
        assert_eq!(found, Vec::<String>::new());
    }

    #[test]
    fn every_default_key_parses_and_every_terminal_can_send_it() {
        for command in command::all() {
            for (n, text) in command.keys.iter().enumerate() {
                let chord = key::parse(text).unwrap();
                let typed_there =
                    matches!(command.context, Context::Compose | Context::Field | Context::Canned | Context::Line | Context::Always);
                assert!(!(typed_there && types_text(&chord)), "{}: {text} is typed as text", command.name);
                for key in chord {
                    let held = key.ctrl || key.alt;
                    let sendable = match key.code {
                        // Flow control, the prefixes of tmux and screen, and the letters that are Tab, Enter, Backspace and Esc.
                        Code::Char(c) if key.ctrl => !"sqabijmh[\\0123456789".contains(c),
                        // Needs AltGr on many keyboards: never the only key.
                        Code::Char(c) => n > 0 || !"#[]{}\\|@~".contains(c),
                        Code::F(_) => false,
                        // Only terminals of the kitty protocol tell these apart: never the only key.
                        Code::Enter => n > 0 || (!held && !key.shift),
                        _ => !held,
                    };
                    assert!(sendable, "{}: {text}", command.name);
                }
            }
        }
    }

    #[test]
    fn the_keymap_file_changes_keys() {
        let map = Keymap::with_overrides("[inbox]\n\"conversation.resolve\" = [\"ctrl-e\", \"X\"]\n").unwrap();
        assert_eq!(map.keys_of("conversation.resolve"), ["Ctrl-E", "X"]);
        let chain = crate::app::focus::Focus::List.chain();
        assert!(matches!(map.find(chain, &key::parse("X").unwrap()), Found::Command(c) if c.name == "conversation.resolve"));
        assert!(matches!(map.find(chain, &key::parse("e").unwrap()), Found::Nothing));
        assert!(matches!(map.find(chain, &key::parse("g").unwrap()), Found::Begun));
    }

    #[test]
    fn every_problem_of_the_keymap_file_is_reported_with_its_line() {
        let check = |text: &str, want: &[&str]| {
            let got: Vec<String> = Keymap::with_overrides(text).unwrap_err().iter().map(ToString::to_string).collect();
            assert_eq!(got, want);
        };
        check(
            "[inbox]\n\"conversation.resolve\" = \"r\"\n\n[thread]\n\"message.fly\" = \"x\"\n\"message.react\" = \"hyper-x\"\n",
            &[
                "line 2: r would mean both conversation.resolve and conversation.reply: give one of them another key",
                "line 5: there is no command \"message.fly\": `?` in the program lists them",
                "line 6: \"hyper-x\" is not a key",
            ],
        );
        check("[global]\n\"conversation.resolve\" = \"r\"\n", &["line 2: conversation.resolve belongs into the table [inbox]"]);
        check("[compose]\n\"compose.send\" = \"s\"\n", &["line 2: s is typed as text there: use a key with Ctrl or Alt"]);
        check("[inbox]\nundo\n", &["line 2: key with no value, expected `=`"]);
        let told = Keymap::with_overrides("[inbox]\n\"conversation.note\" = \"g\"\n").unwrap_err();
        assert!(told.iter().all(|told| told.line == 2 && told.text.starts_with("g (conversation.note) would hide g ")), "{told:?}");
        assert!(told.iter().any(|told| told.text.contains("g g (move.top)")), "{told:?}");
    }
}
