//! The house rules that a compiler does not hold: which module may use which, how long a file may be, what no file may say.
//!
//! Reads the sources as text. What is looked for is put together from pieces, so that this file does not find itself.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The longest a file may be.
const LINES: usize = 600;

/// Which modules of the crate a module may use, besides itself. `cli` builds the object graph and may use everything.
const ARROWS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("config", &["domain"]),
    ("store", &["domain"]),
    ("channel", &["domain", "config"]),
    // A channel's settings hold secrets and where they are, which are config's.
    ("sync", &["domain", "config", "store", "channel"]),
    ("app", &["domain", "config"]),
    ("ui", &["domain", "app"]),
    ("term", &[]),
    ("session", &["domain", "config", "app", "ui", "term", "store", "sync", "channel"]),
    ("server", &["domain", "config", "session", "sync", "store", "term", "channel"]),
    ("simulator", &["domain", "config"]),
];

/// What pure modules may not touch: the world.
const PURE: &[&str] = &["domain", "app"];
const WORLD: &[&str] =
    &["tokio::", "sqlx::", "reqwest::", "crossterm::", "ratatui::", "std::env", "std::fs", "std::net", "std::process", "std::thread"];

/// Words no source may hold, why, and the files where they are right.
fn banned() -> Vec<(String, &'static str, &'static [&'static str])> {
    let word = |pieces: &[&str]| pieces.concat();
    vec![
        (
            word(&["set_sym", "bol("]),
            "it sends raw bytes to the terminal: draw Safe text through widgets",
            &["src/term/frame.rs", "src/ui/canvas.rs"],
        ),
        (word(&["set_", "char("]), "it sends raw bytes to the terminal: draw Safe text through widgets", &[]),
        (word(&["std::time::", "Instant"]), "measuring and sleeping go through tokio's clock, which tests can pause", &[]),
        (word(&["System", "Time::now"]), "time comes from the injected Clock", &["src/domain/time.rs"]),
        (word(&["unbounded", "_channel"]), "every queue is bounded", &[]),
        (word(&["terminal::", "size("]), "one process serves many terminals", &["src/term/local.rs"]),
        (word(&["#[", "allow("]), "say expect, with a reason", &[]),
        (word(&["#[", "ignore"]), "a test that does not run proves nothing", &[]),
        (word(&["TO", "DO"]), "finish it or open an issue", &[]),
        (word(&["FIX", "ME"]), "finish it or open an issue", &[]),
        (word(&["/work", "/"]), "a path of one machine", &[]),
        (word(&["/root", "/"]), "a path of one machine", &[]),
        (word(&["/Us", "ers/"]), "a path of one machine", &[]),
    ]
}

struct Source {
    /// From the crate's root, with `/`.
    path: String,
    text: String,
}

impl Source {
    /// The module of the crate it belongs to; `None` for `main.rs`, `lib.rs`, tests and benches.
    fn module(&self) -> Option<&str> {
        let (module, _) = self.path.strip_prefix("src/")?.split_once('/')?;
        Some(module)
    }

    /// Its lines of code, with their numbers: no comments, and nothing from the tests at its end on.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate().map(|(at, line)| (at + 1, line));
        lines.take_while(|(_, line)| line.trim() != "#[cfg(test)]").filter(|(_, line)| !line.trim_start().starts_with("//"))
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    for dir in ["src", "tests", "benches"] {
        collect(&root().join(dir), &mut found);
    }
    assert!(found.len() > 20, "the sources were not found");
    found
}

fn collect(dir: &Path, found: &mut Vec<Source>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let name = path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
            found.push(Source { path: name, text: std::fs::read_to_string(&path).unwrap() });
        }
    }
}

/// The crate's modules a file names: `crate::x`, `crate::{x, y::z}`, and `super::…` that climbs to the top.
fn uses(source: &Source) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let depth = source.path.trim_end_matches("mod.rs").trim_end_matches('/').split('/').count() - 1;
    let climb = "super::".repeat(depth);
    for (number, line) in source.code() {
        for start in ["crate::", climb.as_str()] {
            for (at, _) in line.match_indices(start) {
                let before = line[..at].chars().next_back();
                let rest = &line[at + start.len()..];
                if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') || rest.starts_with("super::") {
                    continue;
                }
                found.extend(names(rest).into_iter().map(|name| (number, name)));
            }
        }
    }
    found
}

/// The first names of what follows `crate::`.
fn names(rest: &str) -> Vec<String> {
    let first = |text: &str| text.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let Some(group) = rest.strip_prefix('{') else { return vec![first(rest)] };
    let mut depth = 0;
    let parts = group.split(|c| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        depth == 0 && c == ','
    });
    parts.map(first).filter(|name| !name.is_empty()).collect()
}

fn holds(rule: &str, broken: &[String]) {
    let mut told = String::new();
    for line in broken {
        writeln!(told, "  {line}").unwrap();
    }
    assert!(broken.is_empty(), "{rule}:\n{told}");
}

#[test]
fn a_module_uses_only_what_stands_to_the_right_of_its_arrow() {
    let mut broken = Vec::new();
    for source in sources() {
        let Some(module) = source.module().filter(|module| *module != "cli") else { continue };
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == module) else {
            broken.push(format!("{}: the module {module} has no arrow", source.path));
            continue;
        };
        for (number, used) in uses(&source) {
            if used != module && !allowed.contains(&used.as_str()) && ARROWS.iter().any(|(name, _)| *name == used) || used == "cli" {
                broken.push(format!("{}:{number}: {module} may not use {used}", source.path));
            }
        }
    }
    holds("the walls between modules (lib.rs has the map)", &broken);
}

#[test]
fn a_use_is_seen_however_it_is_written() {
    let check = |path: &str, text: &str, want: &[&str]| {
        let found: Vec<String> = uses(&Source { path: path.into(), text: text.into() }).into_iter().map(|(_, name)| name).collect();
        assert_eq!(found, want, "{text}");
    };
    check("src/domain/text.rs", "use crate::store::Db;", &["store"]);
    check("src/domain/text.rs", "fn f(db: &crate::store::Db, c: crate::channel::X) {}", &["store", "channel"]);
    check("src/domain/text.rs", "use crate::{app::{msg, effect}, store};", &["app", "store"]);
    check("src/domain/text.rs", "use super::super::store::Db;", &["store"]);
    check("src/domain/text.rs", "use super::time::Span;", &[]);
    check("src/domain/mod.rs", "use super::store::Db;", &["store"]);
    check("src/domain/text.rs", "/// See [`crate::ui`].\n#[cfg(test)]\nuse crate::store;", &[]);
}

#[test]
fn pure_modules_do_not_touch_the_world() {
    let mut broken = Vec::new();
    for source in sources().iter().filter(|source| source.module().is_some_and(|module| PURE.contains(&module))) {
        for (number, line) in source.code() {
            let touched = WORLD.iter().filter(|word| line.contains(**word));
            broken.extend(touched.map(|word| format!("{}:{number}: {word}", source.path)));
        }
    }
    holds("domain and app are pure: the world comes in as arguments and goes out as effects", &broken);
}

#[test]
fn no_file_is_longer_than_it_can_be_read() {
    let long = sources().into_iter().map(|source| (source.text.lines().count(), source.path)).filter(|(lines, _)| *lines > LINES);
    holds("one file, one subject", &long.map(|(lines, path)| format!("{path}: {lines} lines")).collect::<Vec<_>>());
}

#[test]
fn every_file_says_what_it_is_for() {
    let bare = sources().into_iter().filter(|source| !source.text.starts_with("//! "));
    holds("a file begins with its subject (//!)", &bare.map(|source| source.path).collect::<Vec<_>>());
}

#[test]
fn no_file_says_what_no_file_may_say() {
    let mut broken = Vec::new();
    let banned = banned();
    for source in sources() {
        for (word, why, right) in &banned {
            if right.contains(&source.path.as_str()) {
                continue;
            }
            let lines = source.text.lines().enumerate().filter(|(_, line)| line.contains(word.as_str()));
            broken.extend(lines.map(|(at, _)| format!("{}:{}: {word} ({why})", source.path, at + 1)));
        }
    }
    holds("banned words", &broken);
}

#[test]
fn widgets_are_given_safe_text_by_the_helpers_alone() {
    let mut broken = Vec::new();
    for source in sources().iter().filter(|source| source.module() == Some("ui") && !source.path.ends_with("/look.rs")) {
        for (number, line) in source.code() {
            for call in ["Span::raw(", "Span::styled(", "Line::raw(", "Line::styled(", "Text::raw(", "Text::styled("] {
                let given = line.split(call).nth(1);
                if given.is_some_and(|given| !given.trim_start().starts_with('"')) {
                    broken.push(format!("{}:{number}: {call}", source.path));
                }
            }
        }
    }
    holds("text that is not a literal reaches a widget through ui/look.rs, which takes only Safe", &broken);
}

#[test]
fn a_provider_is_one_folder_and_nobody_else_knows_its_name() {
    let registry = std::fs::read_to_string(root().join("src/channel/mod.rs")).unwrap();
    let rows: Vec<&str> =
        registry.split("provider: &").skip(1).filter_map(|row| row.split_once("::PROVIDER")).map(|(name, _)| name).collect();
    assert!(!rows.is_empty(), "no provider was found in REGISTRY");
    let sources = sources();
    let mut broken = Vec::new();
    for name in rows {
        for file in ["mod.rs", "wire.rs", "map.rs"] {
            let path = format!("src/channel/{name}/{file}");
            if !sources.iter().any(|source| source.path == path) {
                broken.push(format!("{path} is missing"));
            }
        }
        let quoted = format!("\"{name}\"");
        for source in sources.iter().filter(|source| source.module().is_some_and(|module| !["channel", "simulator"].contains(&module))) {
            for (number, _) in source.code().filter(|(_, line)| line.contains(&quoted)) {
                broken.push(format!("{}:{number}: knows {quoted}", source.path));
            }
        }
    }
    holds("a connector is one folder and one row; what it cannot do is data in its Capabilities", &broken);
}

#[test]
fn the_map_in_lib_rs_names_every_module() {
    let map = std::fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let modules = map.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    let missing = modules.filter(|name| !map.lines().any(|line| line.starts_with(&format!("//! * `{name}`: "))));
    holds("lib.rs's header is the map", &missing.map(str::to_owned).collect::<Vec<_>>());
}

#[test]
fn there_is_one_tls_stack() {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let second = ["openssl", "openssl-sys", "native-tls", "aws-lc-rs", "aws-lc-sys"];
    let found = second.into_iter().filter(|name| lock.contains(&format!("name = \"{name}\"\n")));
    holds("rustls with ring, and nothing beside it", &found.map(str::to_owned).collect::<Vec<_>>());
}
