//! The log: a file a day in the data directory, seven kept, never the screen. Every line is sanitised, so that reading it with `cat` is safe.

use std::io::{self, Write};
use std::path::Path;

use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;

use crate::domain::text::Safe;

/// How many days are kept.
const DAYS: usize = 7;
/// How many lines may wait for the disk; when it does not keep up, further ones are dropped, so that logging never holds up the work.
const WAITING: usize = 16_384;

/// Writes lines until it is dropped; dropping waits for what has not reached the disk.
#[derive(Debug)]
pub struct Log {
    _worker: WorkerGuard,
}

/// Begins to log into `dir`, which is made for the owner alone. `filter` is a valid `tracing` filter (the settings have checked it).
pub fn start(dir: &Path, filter: &str) -> Result<Log, String> {
    let told = |cause: &dyn std::fmt::Display| format!("nothing will be logged: {} cannot be written ({cause})", dir.display());
    make_private(dir).map_err(|error| told(&error))?;
    let file = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("frontdesk")
        .filename_suffix("log")
        .max_log_files(DAYS)
        .build(dir)
        .map_err(|error| told(&error))?;
    let (writer, worker) = NonBlockingBuilder::default().buffered_lines_limit(WAITING).lossy(true).finish(Clean(file));
    let filter = EnvFilter::try_new(filter).map_err(|error| told(&error))?;
    // A second start in one process (tests) keeps the first log.
    let _ = tracing_subscriber::fmt().with_ansi(false).with_env_filter(filter).with_writer(writer).try_init();
    Ok(Log { _worker: worker })
}

/// Makes the folder and what is above it, readable by the owner alone where it is new.
fn make_private(dir: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Sanitises what passes: each call is one event, and comes out as one line.
struct Clean<W>(W);

impl<W: Write> Write for Clean<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let line = Safe::line(text.trim_end_matches('\n'));
        self.0.write_all(format!("{line}\n").as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_that_commands_no_terminal() {
        let mut kept = Clean(Vec::new());
        kept.write_all(b"INFO sent to \x1b[2J\r\nERROR forged line \xff\n").unwrap();
        assert_eq!(String::from_utf8(kept.0).unwrap(), "INFO sent to ␛[2J␤ERROR forged line \u{fffd}\n");
    }
}
