//! Backup, restore, doctor, and databases that cannot be used.

use crate::support::program::Program;

const OLD: &str =
    r#"{"id":"a","conversation":"c","channel":"email","direction":"in","sender":"l@x.example","timestamp":1700000000,"text":"hello"}"#;

#[test]
fn a_backup_brings_everything_back() {
    let program = Program::new();
    program.file("old.jsonl", OLD);
    program.ok("import old.jsonl");
    let content = "the attachment";
    let hash = frontdesk_hash(content);
    let files = program.dir().join("data/frontdesk.files");
    std::fs::create_dir_all(files.join(&hash[..2])).unwrap();
    std::fs::write(files.join(&hash[..2]).join(&hash), content).unwrap();
    let before = program.ok("export");
    program.ok("backup kept.db");

    std::fs::remove_dir_all(program.dir().join("data")).unwrap();
    program.ok("restore kept.db");
    assert_eq!(program.ok("export"), before);
    assert_eq!(std::fs::read_to_string(files.join(&hash[..2]).join(&hash)).unwrap(), content);
}

fn frontdesk_hash(content: &str) -> String {
    use sha2::Digest;
    frontdesk::store::blobs::hex(&sha2::Sha256::digest(content))
}

#[test]
fn neither_backup_nor_restore_overwrites_anything() {
    let program = Program::new();
    program.file("old.jsonl", OLD);
    program.ok("import old.jsonl");
    program.ok("backup kept.db");
    let again = program.run("backup kept.db");
    assert_eq!(again.exit, 1);
    assert!(again.stderr.contains("kept.db exists already"), "{}", again.stderr);

    let refused = program.run("restore kept.db");
    assert_eq!(refused.exit, 1);
    assert!(refused.stderr.contains("--replace"), "{}", refused.stderr);
    let restored = program.json("restore kept.db --replace");
    let aside = restored[0]["kept"].as_str().expect("the old one is kept");
    assert_eq!(program.ok(&format!("--database sqlite:{aside} export")), program.ok("export"));
}

#[test]
fn what_is_not_a_backup_is_refused_before_anything_is_touched() {
    let program = Program::new();
    program.file("not.db", "not a database at all, but long enough to be looked at as one".repeat(100));
    let ran = program.run("restore not.db");
    assert_eq!(ran.exit, 1);
    assert!(ran.stderr.contains("not.db is not a sound backup"), "{}", ran.stderr);
    assert!(!program.dir().join("data/frontdesk.db").exists());
}

#[cfg(unix)]
#[test]
fn a_backup_can_be_read_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let program = Program::new();
    program.ok("backup kept.db");
    assert_eq!(std::fs::metadata(program.dir().join("kept.db")).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_database_that_cannot_be_used_is_one_sentence_and_4() {
    let program = Program::new();
    program.file("broken.db", "garbage ".repeat(1_000));
    let check = |url: &str, want: &str| {
        let ran = program.run(&format!("--database {url} conversations"));
        assert_eq!((ran.exit, ran.stdout.as_str()), (4, ""), "{url}: {}", ran.stderr);
        assert!(ran.stderr.contains(want), "{url}: {}", ran.stderr);
        assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    };
    check("sqlite:broken.db", "damaged or not a frontdesk database");
    check("postgres://nobody:hunter2@127.0.0.1:1/none", "PostgreSQL");
    let ran = program.run("--database mysql://me:hunter2@host/db conversations");
    assert_eq!(ran.exit, 2, "{}", ran.stderr);
    assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
}

#[test]
fn bad_settings_stop_every_command_with_2_and_their_lines() {
    let program = Program::new();
    program.file("mine.toml", "zone = \"Mars\"\n[screen]\nascii = 3\n");
    let ran = program.run("--config mine.toml conversations");
    assert_eq!(ran.exit, 2);
    assert!(ran.stderr.contains("\n  line 1: `zone`") && ran.stderr.contains("\n  line 3: `screen.ascii`"), "{}", ran.stderr);
    assert!(!program.dir().join("data").exists(), "nothing was made");
}

#[test]
fn doctor_names_what_is_wrong_without_stopping_at_it() {
    let program = Program::new();
    let well = program.json("doctor");
    assert!(well.iter().all(|check| check["ok"] == true), "{well:?}");
    program.file("broken.db", "garbage ".repeat(1_000));
    let ran = program.run("--database sqlite:broken.db doctor");
    assert_eq!(ran.exit, 5, "{}", ran.stderr);
    assert!(ran.stdout.contains("!!  database: ") && ran.stdout.contains("ok  settings: "), "{}", ran.stdout);
}

#[tokio::test]
async fn the_same_commands_work_on_postgres() {
    let Some(database) = crate::support::pg::pg().await else { return };
    let program = Program::new();
    program.file("old.jsonl", OLD);
    let url = database.url();
    program.ok(&format!("--database {url} import old.jsonl"));
    assert_eq!(program.json(&format!("--database {url} show 1")).len(), 1);
    let ran = program.run(&format!("--database {url} backup kept.db"));
    assert_eq!(ran.exit, 1);
    assert!(ran.stderr.contains("pg_dump"), "{}", ran.stderr);
}
