//! The walk-in queue by the command line, as a script drives it.

use serde_json::{Value, json};

use crate::support::program::Program;

/// A clinic with two services, three counters of which one serves both, all closed.
fn clinic() -> Program {
    let program = Program::new();
    program.ok("venue add --name Clinic --zone Asia/Jakarta");
    program.ok("department add --venue Clinic --name Front");
    program.ok("service add --department Front --name Service --prefix SER");
    program.ok("service add --department Front --name Teller --prefix TEL");
    program.ok("counter add --venue Clinic --name 1 --services SER");
    program.ok("counter add --venue Clinic --name 2 --services TEL");
    program.ok("counter add --venue Clinic --name 3 --services SER,TEL");
    program
}

/// What a command prints, and the number it ends with.
fn said(program: &Program, arguments: &str) -> (i32, Value) {
    let ran = program.run(&format!("--json {arguments}"));
    let object = ran.stdout.lines().next_back().map_or(Value::Null, |line| serde_json::from_str(line).expect(line));
    (ran.exit, object)
}

/// Those fields of an object, joined.
fn fields(object: &Value, names: &str) -> String {
    let of = |name| match &object[name] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    names.split(' ').map(of).collect::<Vec<_>>().join(" ")
}

#[test]
fn q_01_each_service_numbers_by_itself_and_people_are_called_in_their_order() {
    let program = clinic();
    for (service, want) in [("SER", "SER-001"), ("SER", "SER-002"), ("TEL", "TEL-001")] {
        let (exit, ticket) = said(&program, &format!("queue issue --service {service}"));
        assert_eq!((exit, fields(&ticket, "ticket state")), (0, format!("{want} waiting")));
    }
    program.ok("counter open --counter 3");
    let (exit, ticket) = said(&program, "queue next --counter 3");
    assert_eq!((exit, fields(&ticket, "ticket state counter")), (0, "SER-001 called 3".to_owned()));
    let (exit, ticket) = said(&program, "queue next --counter 3");
    assert_eq!((exit, fields(&ticket, "ticket state")), (3, "SER-001 called".to_owned()), "somebody is still there");
    let (exit, ticket) = said(&program, "queue next --counter 3 --finish serve");
    assert_eq!((exit, fields(&ticket, "ticket state")), (0, "SER-002 called".to_owned()));
    assert_eq!(fields(&said(&program, "queue show --ticket ser-1").1, "ticket state"), "SER-001 served");
    assert_eq!(said(&program, "queue next --counter 3 --finish no-show").1["ticket"], "TEL-001");
    let (exit, nobody) = said(&program, "queue next --counter 3 --finish serve");
    assert_eq!((exit, &nobody["ticket"]), (4, &Value::Null));
    let stats = program.json("queue stats --venue Clinic");
    assert_eq!(fields(&stats[0], "service issued served no_shows waiting"), "SER 2 1 1 0");
}

#[test]
fn a_phone_number_is_taken_as_it_is_dialled_at_home_where_the_zone_or_an_option_tells_the_country() {
    let program = clinic();
    assert_eq!(said(&program, "queue issue --service SER --phone 0812-3456-7890").1["phone"], "6281234567890");
    let added = |arguments: &str| said(&program, &format!("venue add {arguments}")).1["rules"]["country"].clone();
    assert_eq!(added("--name Branch --zone Asia/Singapore --country +65"), "65");
    assert_eq!(added("--name Sea --zone UTC"), "");
    assert_eq!(said(&program, "venue rules --venue Sea country=62").1["rules"]["country"], "62");
    assert_eq!(program.run("venue add --name None --zone UTC --country ID").exit, 2);
}

#[test]
fn k_17_what_cannot_be_done_ends_with_three_and_tells_the_present_state() {
    let program = clinic();
    program.ok("queue issue --service SER");
    let check = |arguments: &str, exit: i32, state: &str| {
        let (ended, object) = said(&program, arguments);
        assert_eq!((ended, fields(&object, "ticket state")), (exit, format!("SER-001 {state}")), "{arguments}");
    };
    check("queue serve --ticket SER-001", 3, "waiting");
    check("queue recall --ticket SER-001", 3, "waiting");
    program.ok("counter open --counter 1");
    check("queue call --ticket SER-001 --counter 1", 0, "called");
    check("queue call --ticket SER-001 --counter 1", 3, "called");
    check("queue recall --ticket SER-001", 0, "called");
    check("queue recall --ticket SER-001 --version 0", 3, "called");
    check("queue park --ticket SER-001 --minutes 10", 0, "parked");
    check("queue return --ticket SER-001 --first", 0, "waiting");
    check("queue transfer --ticket SER-001 --to TEL", 0, "waiting");
    check("queue cancel --ticket SER-001", 0, "cancelled");
    check("queue cancel --ticket SER-001", 3, "cancelled");
    let person = program.run("queue serve --ticket SER-001");
    assert!(person.stderr.contains("SER-001") && person.stderr.contains("was cancelled"), "{}", person.stderr);
}

#[test]
fn q_09_the_same_key_and_the_same_phone_are_one_ticket() {
    let program = clinic();
    let issue = |rest: &str| fields(&said(&program, &format!("queue issue --service SER {rest}")).1, "ticket known");
    assert_eq!(issue("--key press-1"), "SER-001 false");
    assert_eq!(issue("--key press-1"), "SER-001 true");
    assert_eq!(issue("--phone +6281234567890"), "SER-002 false");
    assert_eq!(issue("--phone 62-812-3456-7890 --key press-2"), "SER-002 true");
}

#[test]
fn what_is_not_there_is_told_with_what_there_is() {
    let program = clinic();
    let check = |arguments: &str, exit: i32, words: &[&str]| {
        let ran = program.run(arguments);
        assert!(ran.exit == exit && words.iter().all(|word| ran.stderr.contains(word)), "{arguments}: {} {}", ran.exit, ran.stderr);
    };
    check("queue issue --service SRE", 3, &["SER (Service)", "TEL (Teller)"]);
    check("queue next --counter 9", 3, &["there are 1, 2, 3"]);
    check("queue serve --ticket SER-099", 3, &["SER-099", "queue list"]);
    check("queue issue --service SER --priority elderly-ish", 2, &["urgent, elder, disabled, pregnant, normal"]);
    check("queue next --counter 1", 3, &["counter 1", "closed"]);
    check("venue add --name Clinic --zone Asia/Jakarta", 1, &["was not added", "Clinic"]);
    check("venue add --name Other --zone Asia/Jakatra", 2, &["Asia/Jakatra"]);
    check("service add --department Front --name Express --prefix SER", 1, &["SER"]);
    check("department add --venue Clinik --name X", 3, &["there are Clinic"]);
}

#[test]
fn a_queue_is_listed_in_the_order_of_its_calls() {
    let program = clinic();
    for (name, class) in [("Rudi", "normal"), ("Sari", "lansia"), ("Tina", "normal")] {
        program.ok(&format!("queue issue --service SER --name {name} --priority {class}"));
    }
    let rows = program.json("queue list");
    let seen: Vec<String> = rows.iter().map(|row| fields(row, "ticket name position priority estimate")).collect();
    assert_eq!(seen, ["SER-002 Sari 1 elder null", "SER-001 Rudi 2 normal null", "SER-003 Tina 3 normal null"], "no counter is open");
    program.ok("counter open --counter 1");
    let rows = program.json("queue list --service SER");
    assert_eq!(fields(&rows[0], "ticket estimate_from"), "SER-002 0");
    assert!(program.json("queue list --service TEL").is_empty());
    program.ok("queue priority --ticket SER-003 --priority urgent");
    assert_eq!(program.json("queue list")[0]["ticket"], "SER-003");
}

#[test]
fn a_venues_rules_are_told_and_changed_one_by_one() {
    let program = clinic();
    assert!(program.ok("venue rules").contains("recalls=3"));
    assert_eq!(program.json("venue rules recalls=1 carry=true")[0]["rules"]["recalls"], json!(1));
    assert!(program.ok("venue rules --venue clinic").contains("carry=true"));
    let wrong = program.run("venue rules recalls=often");
    assert!(wrong.exit == 2 && wrong.stderr.contains("recalls cannot be"), "{}", wrong.stderr);
}

#[test]
fn a_report_counts_what_was_done_and_leaves_out_what_nobody_measured() {
    let program = clinic();
    program.ok("counter open --counter 1");
    for _ in 0..3 {
        program.ok("queue issue --service SER");
    }
    program.ok("queue next --counter 1");
    program.ok("queue next --counter 1 --finish serve");
    program.ok("queue no-show --ticket SER-002");
    let report = &program.json("report queue")[0];
    assert_eq!(fields(&report["total"], "tickets served no_shows promise_kept"), "3 1 1 100");
    assert_eq!(report["services"].as_array().map(Vec::len), Some(1), "nobody came for the other one");
    assert_eq!(fields(&report["hours"][0], "prefix tickets serving_p90"), "SER 3 null", "serving took too short a time to be a measure");
    let csv = program.ok("report queue --csv");
    assert!(csv.lines().nth(1).is_some_and(|line| line.contains(",,Service,SER,3,1,1,")), "{csv}");
    assert!(program.ok("report queue").contains("A wait of 20 minutes was promised."));
    let wrong = program.run("report queue --from 2026-11-02 --to 2026-11-01");
    assert!(wrong.exit == 2 && wrong.stderr.contains("--from is after --to"), "{}", wrong.stderr);
}
