//! Results, on stdout: for people one sanitised line, with `--json` one object a line.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter};

use crate::domain::text::Safe;

/// Where a command's results go.
pub struct Out {
    writer: Box<dyn Write + Send>,
    complaints: Box<dyn Write + Send>,
    json: bool,
}

impl Out {
    /// Results into `writer`, as JSON or for people; what goes wrong beside them into `complaints`.
    pub fn new(writer: Box<dyn Write + Send>, complaints: Box<dyn Write + Send>, json: bool) -> Self {
        Self { writer: Box::new(io::BufWriter::new(writer)), complaints, json }
    }

    /// Whether machines read it.
    pub const fn is_json(&self) -> bool {
        self.json
    }

    /// A result: the object with `--json`, else the line.
    pub fn row(&mut self, object: &impl Serialize, line: impl FnOnce() -> Safe) -> io::Result<()> {
        if self.json { self.object(object) } else { writeln!(self.writer, "{}", line()) }
    }

    /// A line for people that machines do not get (a heading, a hint).
    pub fn aside(&mut self, line: &Safe) -> io::Result<()> {
        if self.json { Ok(()) } else { writeln!(self.writer, "{line}") }
    }

    /// One object, as one line of JSON, whatever the mode.
    pub fn object(&mut self, object: &impl Serialize) -> io::Result<()> {
        let mut serializer = serde_json::Serializer::with_formatter(&mut self.writer, Harmless(CompactFormatter));
        object.serialize(&mut serializer).map_err(io::Error::from)?;
        self.writer.write_all(b"\n")
    }

    /// Something the person should know beside the results, on standard error.
    pub fn warn(&mut self, text: &Safe) {
        // Nobody is left to tell when it is gone.
        let _ = writeln!(self.complaints, "frontdesk: {text}");
    }

    /// How far something long is, on one line of the terminal that the next such line takes the place of; empty takes it away.
    pub fn over(&mut self, line: &Safe) {
        // Nobody is left to tell when it is gone.
        let _ = write!(self.complaints, "\r{line}\x1b[K").and_then(|()| self.complaints.flush());
    }

    /// Bytes as they are: a document that is made elsewhere (a completion script, CSV).
    pub fn raw(&mut self) -> &mut (dyn Write + Send) {
        &mut self.writer
    }

    /// Gives everything to the reader.
    pub fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl std::fmt::Debug for Out {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Out").field("json", &self.json).finish_non_exhaustive()
    }
}

/// JSON whose strings say the same but hold no character that a terminal could obey or that hides in a line: those are written as `\u` escapes.
struct Harmless(CompactFormatter);

impl Formatter for Harmless {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        if Safe::line(fragment).as_str() == fragment {
            return self.0.write_string_fragment(writer, fragment);
        }
        let mut alone = [0; 4];
        for c in fragment.chars() {
            let text = c.encode_utf8(&mut alone);
            if Safe::line(text).as_str() == text {
                writer.write_all(text.as_bytes())?;
            } else {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn written(json: bool, act: impl FnOnce(&mut Out)) -> String {
        let kept = Kept::default();
        let mut out = Out::new(Box::new(kept.clone()), Box::new(io::sink()), json);
        act(&mut out);
        out.flush().unwrap();
        let bytes = kept.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn json_keeps_every_character_and_commands_no_terminal() {
        let hostile = "a\u{9b}31m\x1b]52;c;x\x07 \u{202e}gpj.exe \u{7f} e\u{301} 返金 👍🏽 \u{e0041}\u{10ffff}\n\"\\";
        let line = written(true, |out| out.object(&hostile).unwrap());
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), hostile);
        let shown = line.trim_end();
        assert_eq!(Safe::line(shown).as_str(), shown, "nothing in it needs cleaning");
        assert!(shown.contains("返金"), "plain words stay readable");
    }

    #[test]
    fn people_get_lines_and_machines_objects() {
        let act = |out: &mut Out| {
            out.aside(&Safe::lit("two rows")).unwrap();
            out.row(&1, || Safe::lit("one")).unwrap();
        };
        assert_eq!(written(false, act), "two rows\none\n");
        assert_eq!(written(true, act), "1\n");
    }
}
