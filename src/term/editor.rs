//! The person's own editor, which has the tty while it runs.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::Command;

/// The editor where the environment names none.
const USUAL: &str = "vi";
/// The longest text that is taken back, in bytes; more than any field takes, and whoever puts it there says that it is cut.
const LONGEST: u64 = 1024 * 1024;

/// Lets the person change `text` in the program that VISUAL or EDITOR names, in a file that only they can read and that is gone afterwards.
pub fn edit(text: &str) -> Result<String, String> {
    let failed = |what: &str, why: &dyn std::fmt::Display| format!("Nothing was changed: {what} ({why})");
    let mut file = tempfile::Builder::new()
        .prefix("frontdesk-")
        .suffix(".txt")
        .tempfile()
        .map_err(|error| failed("no file could be made for the editor", &error))?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.flush())
        .map_err(|error| failed("the text could not be given to the editor", &error))?;
    let named = ["VISUAL", "EDITOR"].into_iter().filter_map(std::env::var_os).find(|name| !name.is_empty());
    let editor = named.unwrap_or_else(|| OsString::from(USUAL));
    // The variable may hold options too, as in `code --wait`: a shell takes it apart.
    let mut script = editor.clone();
    script.push(" \"$@\"");
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(script).arg(&editor).arg(file.path());
    let status = command.status().map_err(|error| failed("the editor could not be started", &error))?;
    if !status.success() {
        let why = status.code().map_or_else(|| format!("signal {}", status.signal().unwrap_or(0)), |code| format!("it ended with {code}"));
        return Err(failed(&format!("{} did not end well", editor.display()), &why));
    }
    let mut bytes = Vec::new();
    // By its name: many editors put a new file in the place of the old one.
    let read = std::fs::File::open(file.path()).and_then(|file| file.take(LONGEST).read_to_end(&mut bytes));
    read.map_err(|error| failed("the edited text could not be read", &error))?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(text.strip_suffix('\n').unwrap_or(&text).to_owned())
}
