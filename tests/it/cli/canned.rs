//! `frontdesk canned`.

use serde_json::json;

use crate::support::program::Program;

#[test]
fn canned_replies_are_added_listed_and_removed() {
    let program = Program::new();
    assert!(program.ok("canned list").contains("There are no canned replies"));
    assert_eq!(program.ok("canned add /hello Halo!"), "/hello is kept\n");
    assert_eq!(program.json("canned list"), [json!({ "shortcut": "hello", "text": "Halo!" })]);
    assert_eq!(program.ok("canned remove HELLO"), "/HELLO is removed\n");
    let again = program.run("canned remove hello");
    assert!(again.exit != 0 && again.stderr.contains("/hello was not removed"), "{}", again.stderr);
    let wrong = program.run("canned add a/b x");
    assert!(wrong.exit == 1 && wrong.stderr.contains("one word without blanks and slashes"), "{}", wrong.stderr);
}

#[test]
fn what_is_exported_is_imported_as_it_was() {
    let rows = [json!({ "shortcut": "hello", "text": "Halo \"kak\",\n{{first_name}}" }), json!({ "shortcut": "返金", "text": "x" })];
    let program = Program::new();
    program.file(
        "a.toml",
        "[[canned]]\nshortcut = \"返金\"\ntext = \"x\"\n[[canned]]\nshortcut = \"hello\"\ntext = '''Halo \"kak\",\n{{first_name}}'''\n",
    );
    program.ok("canned import a.toml");
    assert_eq!(program.json("canned list"), rows);
    for (form, name) in [("toml", "b.toml"), ("csv", "b.csv")] {
        let written = program.ok(&format!("canned export --form {form}"));
        let other = Program::new();
        other.file(name, written);
        assert_eq!(other.ok(&format!("canned import {name}")), "2 canned replies are kept\n");
        assert_eq!(other.json("canned list"), rows, "{form}");
    }
}

#[test]
fn no_exported_cell_is_a_formula_and_each_is_imported_as_it_was() {
    let texts = ["=HYPERLINK(\"x\")", "  +62 813", "'=1", "'quoted'", "\t@all", "＝1"];
    let program = Program::new();
    for (n, text) in texts.iter().enumerate() {
        program.file(&format!("{n}.toml"), format!("[[canned]]\nshortcut = \"-{n}\"\ntext = '''{text}'''\n"));
        program.ok(&format!("canned import {n}.toml"));
    }
    let rows = program.json("canned list");
    let written = program.ok("canned export --form csv");
    let mut reader = csv::Reader::from_reader(written.as_bytes());
    for row in reader.records().map(Result::unwrap) {
        assert!(row[0].starts_with("'-") && row[1].starts_with('\''), "{row:?}");
    }
    let other = Program::new();
    other.file("a.csv", written);
    other.ok("canned import a.csv");
    assert_eq!(other.json("canned list"), rows);
}

#[test]
fn a_file_with_one_bad_row_changes_nothing_and_says_which() {
    let program = Program::new();
    program.file("bad.csv", "shortcut,text\nok,fine\nnot ok,x\n");
    let ran = program.run("canned import bad.csv");
    assert!(ran.exit == 1 && ran.stderr.contains("the 2. canned reply"), "{}", ran.stderr);
    assert_eq!(program.json("canned list").len(), 0);
}
