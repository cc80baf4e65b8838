//! What keeps the screen from starting, as the shell sees it: themes and keys that cannot be used, each problem with its file and line.

use crate::support::program::Program;

#[track_caller]
fn check(config: &str, files: &[(&str, &str)], exit: i32, want: &[&str]) {
    let program = Program::new();
    program.file("config.toml", config);
    std::fs::create_dir(program.dir().join("themes")).unwrap();
    for (name, content) in files {
        program.file(name, content);
    }
    let ran = program.run("--config config.toml");
    assert_eq!(ran.exit, exit, "{}", ran.stderr);
    for want in want {
        assert!(ran.stderr.contains(want), "{want:?} is not said:\n{}", ran.stderr);
    }
}

#[test]
fn every_problem_of_every_theme_is_told_with_its_file_and_line() {
    check(
        "",
        &[
            ("themes/mine.toml", "accent = { bold = true }\nacent = {}\nwarn = { color = \"red\" }\n"),
            ("themes/other.toml", "\ngood = 7\n"),
            ("themes/notes.txt", "no theme at all"),
        ],
        2,
        &[
            "mine.toml:2: acent is not a meaning; there are text,",
            "mine.toml:3: color is written \"#rrggbb\"",
            "other.toml:2: good needs a colour",
        ],
    );
}

#[test]
fn a_theme_that_does_not_exist_is_told_with_those_there_are() {
    check(
        "screen.theme = \"drak\"\n",
        &[("themes/mine.toml", "")],
        2,
        &["there is no theme \"drak\": screen.theme is auto, dark, light, mono, mine, or a file drak.toml in themes"],
    );
}

#[test]
fn good_themes_and_keys_let_the_screen_start_which_then_misses_its_terminal() {
    check(
        "screen.theme = \"mine\"\nscreen.keymap = \"keys.toml\"\nscreen.langmap = \"russian\"\n",
        &[("themes/mine.toml", "accent = { color = \"#ff8800\" }\n"), ("keys.toml", "[inbox]\n\"conversation.resolve\" = \"X\"\n")],
        1,
        &["standard input and output have to be a terminal"],
    );
}

#[test]
fn two_meanings_for_one_key_are_told_with_file_and_line() {
    check(
        "screen.keymap = \"keys.toml\"\n",
        &[("keys.toml", "[inbox]\n\n\"conversation.resolve\" = \"r\"\n")],
        2,
        &["keys.toml:3: r would mean both conversation.resolve and conversation.reply: give one of them another key"],
    );
}

#[test]
fn a_langmap_that_is_none_is_told_with_the_layouts_there_are() {
    check("screen.langmap = \"klingon\"\n", &[], 2, &["line 1: `screen.langmap` must be names of layouts (russian,", "not \"klingon\""]);
}
