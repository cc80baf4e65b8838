//! The loudspeaker and the printer beside a queue: programs that were named in the settings. They are started with plain arguments, no shell
//! between; one that hangs is stopped; that one fails is told, and never holds anything else up.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::receipt::Receipt;
use crate::config::{PrintFormat, Queue};
use crate::domain::queue::look::{Announcement, Kiosk, Place};
use crate::domain::queue::signs::Tongue;
use crate::domain::text::Safe;
use crate::store::{Error, Result};

/// How long one call may be said.
const SAYING: Duration = Duration::from_secs(30);
/// How long one ticket may be printed.
const PRINTING: Duration = Duration::from_secs(20);

/// What stands beside a queue.
#[derive(Clone, Debug, Default)]
pub struct Devices(pub Queue);

impl Devices {
    /// Says a call, if anything is set that says it.
    pub(super) async fn say(&self, call: &Announcement) -> Result<()> {
        let Some(program) = &self.0.announce else { return Ok(()) };
        // What a counter and a service are called was typed by somebody: no character of it may mean anything to a program.
        let shown = |text: &str| Safe::line(text).as_str().trim_start_matches('-').to_owned();
        let (ticket, counter, service) = (shown(&call.label), shown(&call.counter), shown(&call.service));
        let recall = call.recall.to_string();
        let words = program.filled(&[("ticket", &ticket), ("counter", &counter), ("service", &service), ("recall", &recall)]);
        run(&words, None, SAYING).await.map_err(|why| refused("A call was not said", &why))
    }

    /// Prints a ticket, if anything is set that prints it.
    pub(super) async fn print(&self, place: &Place, kiosk: Option<&Kiosk>) -> Result<()> {
        let Some(program) = &self.0.print else { return Ok(()) };
        let usual = || self.0.language.or_else(|| kiosk.map(|kiosk| Tongue::at(kiosk.venue.zone))).unwrap_or_default();
        let tongue = Tongue::of(&place.ticket.language).unwrap_or_else(usual);
        let receipt = Receipt::of(place, kiosk, tongue);
        let bytes = match self.0.print_format {
            PrintFormat::Text => receipt.text(),
            PrintFormat::EscPos => receipt.escpos(),
        };
        let words = program.filled(&[("ticket", Safe::line(&place.ticket.label).as_str())]);
        run(&words, Some(bytes), PRINTING).await.map_err(|why| refused("A ticket was not printed", &why))
    }
}

/// One line in the log, and the same for whoever asked.
fn refused(what: &str, why: &str) -> Error {
    tracing::warn!("{what}: {why}");
    Error::Refused(format!("{what}: {why}"))
}

/// Runs a program until it ends; gives it what it reads.
async fn run(words: &[String], input: Option<Vec<u8>>, patience: Duration) -> std::result::Result<(), String> {
    let Some((program, arguments)) = words.split_first() else { return Err("no program is named".to_owned()) };
    let shown = Safe::line(program);
    let mut command = Command::new(program);
    command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
    #[cfg(unix)]
    command.process_group(0);
    let mut child = command.spawn().map_err(|cause| format!("{shown} cannot be started: {cause}"))?;
    #[cfg(unix)]
    let group = child.id().and_then(|id| rustix::process::Pid::from_raw(id.cast_signed()));
    let work = async {
        if let (Some(mut stdin), Some(input)) = (child.stdin.take(), input) {
            // Whoever does not read all of it may still end well, and says so by how it ends.
            let _ = stdin.write_all(&input).await;
            drop(stdin);
        }
        child.wait().await
    };
    match tokio::time::timeout(patience, work).await {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(format!("{shown} did not end well ({status})")),
        Ok(Err(cause)) => Err(format!("{shown} was lost: {cause}")),
        Err(_) => {
            // What it started goes with it.
            #[cfg(unix)]
            if let Some(group) = group {
                let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
            }
            Err(format!("{shown} did not end within {} seconds and was stopped", patience.as_secs()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &[&str]) -> Vec<String> {
        text.iter().map(|word| (*word).to_owned()).collect()
    }

    #[tokio::test]
    async fn a_program_gets_its_input_and_arguments_as_they_are() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("paper");
        let script = format!("cat > {0}; echo \"$1\" >> {0}", out.display());
        run(&words(&["/bin/sh", "-c", &script, "printer", "a; b $HOME"]), Some(b"SER-042\n".to_vec()), PRINTING).await.unwrap();
        assert_eq!(std::fs::read_to_string(out).unwrap(), "SER-042\na; b $HOME\n");
    }

    #[tokio::test]
    async fn a_program_that_is_missing_fails_or_hangs_is_told_of() {
        let told = |words: Vec<String>, input| async move { run(&words, input, Duration::from_millis(300)).await.unwrap_err() };
        assert!(told(words(&["/nonexistent/say-it"]), None).await.contains("cannot be started"));
        assert!(told(words(&["/bin/sh", "-c", "exit 3"]), Some(vec![b'x'; 1 << 20])).await.contains("did not end well"));
        assert!(told(words(&["/bin/sh", "-c", "sleep 60 & wait"]), None).await.contains("was stopped"));
    }
}
