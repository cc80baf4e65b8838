//! What holds for every command: help, exit codes, where things are printed.

use crate::support::program::{Program, finish};

#[test]
fn help_lists_the_exit_codes_and_the_global_options() {
    let help = Program::new().ok("--help");
    for word in ["--database", "--config", "--workspace", "--json", "Exit codes:", "FRONTDESK_DATABASE"] {
        assert!(help.contains(word), "{word} is not in\n{help}");
    }
}

#[test]
fn help_never_shows_the_database_that_is_set() {
    let program = Program::new();
    let ran = finish(program.command("--help").env("FRONTDESK_DATABASE", "postgres://me:hunter2@host/db"));
    assert!(!ran.stdout.contains("hunter2"), "{}", ran.stdout);
}

#[test]
fn a_line_that_cannot_be_understood_ends_with_2_and_says_so_on_stderr() {
    let ran = Program::new().run("frobnicate");
    assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("frobnicate"), "{}", ran.stderr);
}

#[test]
fn every_shell_gets_its_completions() {
    let program = Program::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = program.ok(&format!("completions {shell}"));
        assert!(script.contains("completions") && script.contains("workspace"), "{shell}:\n{script}");
    }
}

#[test]
fn the_manual_page_describes_every_command_and_ends_each_with_its_options() {
    let program = Program::new();
    let page = program.ok("man");
    assert!(page.contains(".TH frontdesk"), "{page}");
    let help = program.ok("--help");
    let commands = help.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("a list of commands");
    for command in commands.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next()).filter(|name| !name.is_empty()) {
        assert!(page.contains(&format!(".SH \"COMMAND FRONTDESK {}\"", command.to_uppercase())), "{command} is not in the manual");
    }
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_not_an_error() {
    let program = Program::new();
    let mut command = program.command("completions bash");
    let mut child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), String::from_utf8_lossy(&ended.stderr).as_ref()), (Some(0), ""));
}
