//! The built program, run as a person would, in a folder of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A folder with the program's data, and nothing of the machine's user in its environment.
#[derive(Debug)]
pub struct Program {
    dir: TempDir,
}

/// What a run of the program left.
#[derive(Debug)]
pub struct Ran {
    /// The number it ended with.
    pub exit: i32,
    /// Its results.
    pub stdout: String,
    /// Its complaints.
    pub stderr: String,
}

impl Program {
    /// A new, empty folder.
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a temporary folder") }
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The program with these arguments, not yet started; the words are split at blanks.
    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_frontdesk"));
        command.args(arguments.split_whitespace()).stdin(Stdio::null()).current_dir(self.dir());
        command.env_clear().env("FRONTDESK_DATA_DIR", self.dir().join("data")).env("HOME", self.dir()).env("TZ", "UTC");
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &str) -> Ran {
        finish(&mut self.command(arguments))
    }

    /// Runs it and expects it to succeed; gives its results.
    pub fn ok(&self, arguments: &str) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.exit, 0, "frontdesk {arguments}: {}{}", ran.stdout, ran.stderr);
        ran.stdout
    }

    /// Runs it with `--json` and expects it to succeed; gives its objects.
    pub fn json(&self, arguments: &str) -> Vec<serde_json::Value> {
        self.ok(&format!("--json {arguments}")).lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    }

    /// Writes a file in the folder.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.dir().join(name);
        std::fs::write(&path, content).expect("a file in our own folder");
        path
    }
}

/// Runs a prepared command to its end.
pub fn finish(command: &mut Command) -> Ran {
    let output = command.output().expect("the built program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program writes UTF-8");
    Ran { exit: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
}
