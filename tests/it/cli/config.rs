//! Bad settings: each file with the exact words a person reads. Every mistake of a file is told at once, with its line.

use std::path::Path;

use frontdesk::config::{Config, Env, Paths};

fn check(file: &str, want: &str) {
    let told = Config::parse(file, Path::new("config.toml"), &Env::default()).expect_err(file).to_string();
    let want = format!("the settings in config.toml cannot be used; change these:\n{}", want.trim_end());
    assert_eq!(told, want, "for the file\n{file}");
}

#[test]
fn a_name_that_is_no_setting_is_told_with_those_there_are() {
    check(
        "workspace = \"north\"\n\nzoen = \"Asia/Jakarta\"\n",
        "  line 3: `zoen` is not a setting; there are database, workspace, agent, zone, log, screen, notify, sending, files, journal, server, queue",
    );
    check(
        "[screen]\nasci = true\n",
        "  line 2: `screen.asci` is not a setting; [screen] has colors, theme, pictures, ascii, escape_timeout, langmap, keymap",
    );
}

#[test]
fn a_section_that_does_not_exist_is_told_once() {
    check(
        "[colours]\na = 1\nb = 2\n",
        "  line 1: `colours` is not a setting; there are database, workspace, agent, zone, log, screen, notify, sending, files, journal, server, queue",
    );
}

#[test]
fn a_value_of_the_wrong_kind_is_told_with_what_is_wanted() {
    check("[screen]\nascii = \"yes\"\n", "  line 2: `screen.ascii` must be true or false, not \"yes\"");
    check("[sending]\nundo_delay = 5\n", "  line 2: `sending.undo_delay` must be a length of time from \"0 s\" to \"10 min\", not 5");
    check("[files]\ndownload_limit = \"big\"\n", "  line 2: `files.download_limit` must be a size (\"20 MB\"), not \"big\"");
    check("zone = \"Mars/Olympus\"\n", "  line 1: `zone` must be the IANA name of a time zone (\"Asia/Jakarta\"), not \"Mars/Olympus\"");
    check("agent = [\"Ayu\"]\n", "  line 1: `agent` must be your name (\"Ayu\"), not a list");
    check("screen = 3\n", "  line 1: `screen` is a section: write [screen] on a line of its own");
    check(
        "log = \"frontdesk=loud\"\n",
        "  line 1: `log` must be a log filter (\"info\", \"frontdesk::sync=debug\"), not \"frontdesk=loud\"",
    );
}

#[test]
fn all_mistakes_of_a_file_are_told_in_the_order_of_its_lines() {
    check(
        "workspace = \"\"\n[screen]\ncolors = \"lots\"\nascii = 1\n\n[journal]\nkeep = \"5 hours\"\n",
        "  line 1: `workspace` must be a workspace's name (\"default\"), not \"\"\n\
         \x20 line 3: `screen.colors` must be one of \"auto\", \"none\", \"16\", \"256\", \"truecolor\", not \"lots\"\n\
         \x20 line 4: `screen.ascii` must be true or false, not 1\n\
         \x20 line 7: `journal.keep` must be a length of time from \"1 day\" to \"3650 days\", not \"5 hours\"",
    );
}

#[test]
fn text_that_is_not_toml_does_not_hide_the_mistakes_around_it() {
    check(
        "workspace = \"north\nzoen = 1\n",
        "  line 1: invalid basic string, expected `\"`\n\
         \x20 line 2: `zoen` is not a setting; there are database, workspace, agent, zone, log, screen, notify, sending, files, journal, server, queue",
    );
}

#[test]
fn a_wrong_variable_of_the_environment_is_told_by_its_name() {
    let env = Env::of([("FRONTDESK_SCREEN_COLORS", "7")]);
    let told = Config::parse("", Path::new("config.toml"), &env).unwrap_err().to_string();
    assert_eq!(
        told,
        "the settings in config.toml cannot be used; change these:\n  the environment variable FRONTDESK_SCREEN_COLORS must be one of \
         \"auto\", \"none\", \"16\", \"256\", \"truecolor\", not \"7\""
    );
}

#[test]
fn a_file_that_was_asked_for_must_exist_and_the_usual_one_need_not() {
    let dir = tempfile::tempdir().unwrap();
    let paths = Paths::under(dir.path());
    assert_eq!(Config::load(None, &paths, &Env::default()), Ok(Config::default()));
    let told = Config::load(Some(&dir.path().join("mine.toml")), &paths, &Env::default()).unwrap_err().to_string();
    assert!(told.contains("mine.toml cannot be read") && told.ends_with("name another file with --config"), "{told}");
}
