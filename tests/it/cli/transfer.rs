//! `import` and `export`, and what `conversations` and `show` make of it.

use serde_json::{Value, json};

use crate::support::program::Program;

/// A line of an import file.
fn line(id: &str, direction: &str, at: i64, text: &str) -> Value {
    let ours = direction == "out";
    json!({
        "id": id, "conversation": "case-7", "channel": "email", "direction": direction,
        "sender": if ours { "desk@shop.example" } else { "leila@mail.example" }, "sender_name": if ours { "Dana" } else { "Leila Haddad" },
        "recipient": if ours { "leila@mail.example" } else { "desk@shop.example" }, "timestamp": at,
        "subject": "Court 2", "text": text, "in_reply_to": null,
    })
}

fn file_of(lines: &[Value]) -> String {
    lines.iter().map(|line| line.to_string() + "\n").collect()
}

#[test]
fn what_is_exported_is_what_was_imported() {
    let program = Program::new();
    let hostile = "=1+1 \u{202e}\u{9b}31m\x1b]52;c;eA==\x07 返金 👍🏽\n\ttail";
    let lines =
        [line("a", "in", 1_700_000_000, hostile), line("b", "out", 1_700_000_060, "On its way"), line("c", "in", 1_700_000_120, "")];
    program.file("old.jsonl", file_of(&lines));
    assert_eq!(program.json("import old.jsonl"), [json!({"lines": 3, "stored": 3, "known": 0, "refused": 0})]);
    assert_eq!(
        program.json("export --format jsonl"),
        lines.map(|mut line| {
            // What came in on a channel was meant for it.
            if line["direction"] == "in" {
                line["recipient"] = json!("email");
            }
            line
        })
    );
}

#[test]
fn importing_again_changes_nothing() {
    let program = Program::new();
    program.file("old.jsonl", file_of(&[line("a", "in", 1_700_000_000, "hello"), line("b", "out", 1_700_000_060, "hi")]));
    program.ok("import old.jsonl");
    let before = program.ok("--json show 1");
    assert_eq!(program.json("import old.jsonl"), [json!({"lines": 2, "stored": 0, "known": 2, "refused": 0})]);
    std::fs::write(program.dir().join("again.jsonl"), program.ok("export")).unwrap();
    assert_eq!(program.json("import again.jsonl"), [json!({"lines": 2, "stored": 0, "known": 2, "refused": 0})]);
    assert_eq!(program.ok("--json show 1"), before);
}

#[test]
fn a_refused_line_is_told_by_its_number_and_does_not_stop_the_rest() {
    let program = Program::new();
    let mut file = file_of(&[line("a", "in", 1_700_000_000, "first")]).into_bytes();
    file.extend_from_slice(b"{\"id\": \"b\"}\n\n\"\xff\xfe\"\n");
    file.extend_from_slice(file_of(&[line("e", "in", 1_700_000_300, "last")]).as_bytes());
    program.file("mixed.jsonl", file);
    let ran = program.run("import mixed.jsonl");
    assert_eq!(ran.exit, 5, "{}", ran.stderr);
    assert_eq!(ran.stdout, "4 lines: 2 stored, 0 known already, 2 refused\n");
    assert!(ran.stderr.contains("line 2 was refused: missing field `conversation`"), "{}", ran.stderr);
    assert!(ran.stderr.contains("line 4 was refused: it is not JSON"), "{}", ran.stderr);
    assert_eq!(program.json("show 1").len(), 2);
}

#[test]
fn a_file_that_is_not_there_is_not_found() {
    let ran = Program::new().run("import nowhere.jsonl");
    assert_eq!(ran.exit, 3);
    assert!(ran.stderr.starts_with("frontdesk: nothing was imported: nowhere.jsonl cannot be read"), "{}", ran.stderr);
}

#[test]
fn conversations_and_show_tell_what_was_said_in_order() {
    let program = Program::new();
    program.file("old.jsonl", file_of(&[line("b", "out", 1_700_000_060, "Of course"), line("a", "in", 1_700_000_000, "Is court 2 free?")]));
    program.ok("import old.jsonl");
    let list = program.json("conversations");
    assert_eq!(list.len(), 1);
    assert_eq!((&list[0]["id"], &list[0]["name"], &list[0]["channel"]), (&json!(1), &json!("Leila Haddad"), &json!("email")));
    let told: Vec<_> =
        program.json("show 1").iter().map(|message| (message["author"].clone(), message["text"].clone(), message["at"].clone())).collect();
    assert_eq!(
        told,
        [
            (json!("Leila Haddad"), json!("Is court 2 free?"), json!("2023-11-14T22:13:20Z")),
            (json!("Dana"), json!("Of course"), json!("2023-11-14T22:14:20Z")),
        ]
    );
    let shown = program.ok("show 1");
    assert!(shown.starts_with("1: Leila Haddad (leila@mail.example) on email, "), "{shown}");
    assert!(shown.contains("2023-11-14 22:13  Leila Haddad\n    Is court 2 free?"), "{shown}");
}

#[test]
fn nothing_a_stranger_wrote_reaches_the_terminal_as_a_command() {
    let program = Program::new();
    let mut hostile = line("a", "in", 1_700_000_000, "\x1b[2J\x1b]0;owned\x07\u{9b}5n\u{202e}x\r\nforged");
    hostile["sender_name"] = json!("Eve\x1b[31m\nDana");
    hostile["conversation"] = json!("\x1b]52;c;eA==\x07");
    program.file("old.jsonl", file_of(&[hostile]));
    program.ok("import old.jsonl");
    for arguments in ["conversations", "show 1", "export --format csv", "export", "--json conversations", "--json show 1", "channel list"] {
        let shown = program.ok(arguments);
        let obeyed = shown.chars().find(|c| c.is_control() && *c != '\n' || *c == '\u{202e}');
        assert_eq!(obeyed, None, "frontdesk {arguments}:\n{shown}");
    }
    assert!(!program.ok("show 1").lines().any(|line| line.starts_with("Dana")), "a name adds no line of its own");
}

#[test]
fn a_csv_cell_is_never_a_formula() {
    let program = Program::new();
    program.file("old.jsonl", file_of(&[line("=cmd()", "in", 1_700_000_000, "@SUM(A1)")]));
    program.ok("import old.jsonl");
    let csv = program.ok("export --format csv");
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    assert_eq!(reader.headers().unwrap().iter().next(), Some("id"));
    let record = reader.records().next().unwrap().unwrap();
    assert_eq!((&record[0], &record[9]), ("'=cmd()", "'@SUM(A1)"));
}

#[test]
fn workspaces_do_not_see_each_other() {
    let program = Program::new();
    program.file("old.jsonl", file_of(&[line("a", "in", 1_700_000_000, "hello")]));
    program.ok("--workspace north import old.jsonl");
    assert_eq!(program.ok("--workspace south export"), "");
    assert_eq!(program.run("--workspace south show 1").exit, 3);
    assert_eq!(program.json("--workspace north conversations").len(), 1);
}

#[test]
fn a_search_prints_people_first_and_then_the_messages_that_hold_the_words() {
    let program = Program::new();
    program.file("old.jsonl", file_of(&[line("a", "in", 1_700_000_000, "my Parcel is lost"), line("b", "in", 1_700_000_001, "any news?")]));
    program.ok("import old.jsonl");
    let found = program.json("search LOST parc");
    assert_eq!((found.len(), found[0]["found"].as_str(), found[0]["excerpt"].as_str()), (1, Some("message"), Some("my Parcel is lost")));
    assert_eq!(program.json("search --best parcel").len(), 1);
    assert_eq!(program.json("search 1")[0]["found"], "person");
    assert_eq!(program.ok("search racket"), "Nothing holds all of these words. Fewer or shorter words find more.\n");
    assert_eq!(program.run("search ---").exit, 2);
    assert_eq!(program.run("search -- --").exit, 2);
}
