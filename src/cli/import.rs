//! `import FILE.jsonl`: old messages from elsewhere, one object a line. Repeating it changes nothing: a message is known by its channel and id.
//!
//! One thread reads and parses, the other writes; at most two batches wait between them, so a million lines take no more memory than a
//! thousand.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Deserialize;
use tokio::sync::mpsc;

use super::context::Context;
use super::failure::{Exit, Failure, Told};
use super::output::Out;
use crate::domain::inbound::{Chat, InMessage};
use crate::domain::message::{Direction, Kind};
use crate::domain::text::Safe;
use crate::domain::time::Timestamp;
use crate::store::inbound::NewMessage;
use crate::store::transfer::Archives;

/// How many messages are written in one transaction.
const BATCH: usize = 1_000;
/// How many bytes of lines are held at most for one batch.
const BATCH_BYTES: usize = 8 << 20;
/// The longest line that is read.
const LINE: u64 = 64 << 20;
/// After so many lines the progress is told.
const STEP: u64 = 50_000;

/// Which file.
#[derive(Args, Debug)]
pub struct Import {
    /// A file with one JSON object a line; `-` reads standard input
    file: PathBuf,
}

/// A line as it stands in the file.
#[derive(Deserialize)]
struct Line {
    #[serde(deserialize_with = "text")]
    id: String,
    #[serde(deserialize_with = "text")]
    conversation: String,
    channel: String,
    direction: String,
    #[serde(default, deserialize_with = "perhaps")]
    sender: Option<String>,
    #[serde(default)]
    sender_name: Option<String>,
    #[serde(default, deserialize_with = "perhaps")]
    recipient: Option<String>,
    timestamp: serde_json::Number,
    #[serde(default)]
    subject: Option<String>,
    #[serde(default)]
    text: Option<String>,
    #[serde(default, deserialize_with = "perhaps")]
    in_reply_to: Option<String>,
}

/// A line that became a message, or why it did not.
struct Numbered {
    number: u64,
    result: Result<Old, String>,
}

struct Old {
    channel: String,
    subject: String,
    message: InMessage,
}

/// What an import did so far.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    lines: u64,
    stored: u64,
    refused: u64,
}

impl Import {
    /// Stores what is new; refused lines are told by their number and do not stop the rest.
    pub async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        let source = open(&self.file)?;
        let (sender, mut batches) = mpsc::channel(2);
        let reading = tokio::task::spawn_blocking(move || read_all(source, &sender));
        let (mut archives, mut tally) = (Archives::default(), Tally::default());
        while let Some(batch) = batches.recv().await {
            store(cx, out, &mut archives, &mut tally, batch)
                .await
                .told(&format!("the import stopped before line {}; what came before is stored, and it can be repeated", tally.lines + 1))?;
        }
        let read = reading.await.map_err(|error| std::io::Error::other(error.to_string())).and_then(|result| result);
        read.map_err(|error| Failure::failed(format!("{} was not read to its end: {error}", self.file.display())))?;
        let known = tally.lines - tally.stored - tally.refused;
        let object = serde_json::json!({ "lines": tally.lines, "stored": tally.stored, "known": known, "refused": tally.refused });
        let Tally { lines, stored, refused } = tally;
        out.row(&object, || Safe::line(&format!("{lines} lines: {stored} stored, {known} known already, {refused} refused")))?;
        Ok(if refused > 0 { Exit::NeedsPerson } else { Exit::Ok })
    }
}

fn open(file: &Path) -> Result<Box<dyn Read + Send>, Failure> {
    if file == Path::new("-") {
        return Ok(Box::new(std::io::stdin()));
    }
    let named = |error| Failure::new(Exit::NotFound, format!("nothing was imported: {} cannot be read: {error}", file.display()));
    Ok(Box::new(File::open(file).map_err(named)?))
}

async fn store(cx: &Context, out: &mut Out, archives: &mut Archives, tally: &mut Tally, batch: Vec<Numbered>) -> Result<(), Failure> {
    let mut channels: BTreeMap<&str, Vec<NewMessage<'_>>> = BTreeMap::new();
    let steps = tally.lines / STEP;
    for line in &batch {
        match &line.result {
            Ok(old) => channels.entry(&old.channel).or_default().push(NewMessage { message: &old.message, subject: &old.subject }),
            Err(reason) => {
                tally.refused += 1;
                if out.is_json() {
                    out.object(&serde_json::json!({ "line": line.number, "refused": reason }))?;
                } else {
                    out.warn(&Safe::line(&format!("line {} was refused: {reason}", line.number)));
                }
            }
        }
    }
    for (name, messages) in channels {
        let channel = archives.get(&cx.store, cx.workspace, name).await?;
        tally.stored += cx.store.import(&channel, &messages).await? as u64;
    }
    tally.lines += batch.len() as u64;
    if tally.lines / STEP > steps {
        out.warn(&Safe::line(&format!("{} lines so far, {} stored", tally.lines, tally.stored)));
    }
    Ok(())
}

/// Reads and parses to the end, or until nobody takes the batches any more. Blank lines count as lines but say nothing.
fn read_all(source: Box<dyn Read + Send>, sender: &mpsc::Sender<Vec<Numbered>>) -> std::io::Result<()> {
    let mut source = BufReader::with_capacity(1 << 20, source);
    let (mut line, mut number, mut batch, mut held) = (Vec::new(), 0, Vec::with_capacity(BATCH), 0);
    loop {
        line.clear();
        let read = source.by_ref().take(LINE).read_until(b'\n', &mut line)?;
        if read == 0 {
            break;
        }
        number += 1;
        let result = if read as u64 == LINE && !line.ends_with(b"\n") {
            skip_line(&mut source)?;
            Err("it is longer than 64 MB".to_owned())
        } else if line.trim_ascii().is_empty() {
            continue;
        } else {
            parse(&line)
        };
        held += read;
        batch.push(Numbered { number, result });
        if batch.len() >= BATCH || held >= BATCH_BYTES {
            held = 0;
            if sender.blocking_send(std::mem::replace(&mut batch, Vec::with_capacity(BATCH))).is_err() {
                return Ok(());
            }
        }
    }
    // Whether it was taken shows in what was stored.
    let _ = sender.blocking_send(batch);
    Ok(())
}

fn skip_line(source: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let buffer = source.fill_buf()?;
        let (skip, ended) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        source.consume(skip);
        if ended {
            return Ok(());
        }
    }
}

fn parse(line: &[u8]) -> Result<Old, String> {
    let line: Line = serde_json::from_slice(line).map_err(|error| describe(&error))?;
    let direction = match line.direction.as_str() {
        "in" => Direction::In,
        "out" => Direction::Out,
        other => return Err(format!("`direction` is {other:?}; it must be \"in\" or \"out\"")),
    };
    for (name, value) in [("id", &line.id), ("conversation", &line.conversation), ("channel", &line.channel)] {
        if value.trim().is_empty() {
            return Err(format!("`{name}` is empty"));
        }
    }
    let at = instant(&line.timestamp)?;
    let sender = line.sender.unwrap_or_default();
    let sender_name = line.sender_name.unwrap_or_default();
    // The customer's side names the conversation: who wrote what came in, to whom went what went out.
    let (handle, name) = if direction == Direction::In {
        (sender.clone(), if sender_name.is_empty() { sender.clone() } else { sender_name.clone() })
    } else {
        (line.recipient.unwrap_or_default(), String::new())
    };
    let message = InMessage {
        chat: Chat { key: line.conversation, name, handle, ..Chat::default() },
        external_id: line.id,
        direction,
        kind: Kind::Text,
        author: if sender_name.is_empty() { sender.clone() } else { sender_name },
        author_key: sender,
        text: line.text.unwrap_or_default(),
        at,
        seq: 0,
        edited_at: None,
        reply_to: line.in_reply_to.filter(|id| !id.is_empty()),
        quote: String::new(),
        forwarded_from: String::new(),
        album: String::new(),
        past: false,
        files: Vec::new(),
    };
    Ok(Old { channel: line.channel, subject: line.subject.unwrap_or_default(), message })
}

/// Unix seconds, with or without a fraction, within the years 0 to 9999.
fn instant(number: &serde_json::Number) -> Result<Timestamp, String> {
    let micros = match number.as_i64() {
        Some(secs) => secs.checked_mul(1_000_000),
        None => number.as_f64().map(|secs| (secs * 1e6).round() as i64),
    };
    let range = -62_167_219_200_000_000..253_402_300_800_000_000;
    micros.filter(|at| range.contains(at)).map(Timestamp).ok_or_else(|| format!("`timestamp` is {number}; it must be Unix seconds"))
}

/// The parser's words without its position, which would be within the line.
fn describe(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let words = text.rsplit_once(" at line ").map_or(text.as_str(), |(words, _)| words);
    match error.classify() {
        serde_json::error::Category::Data => words.to_owned(),
        _ => format!("it is not JSON: {words} (column {})", error.column()),
    }
}

/// An id may be written as a text or as a whole number.
#[derive(Deserialize)]
#[serde(untagged)]
enum Id {
    Text(String),
    Whole(i64),
}

impl From<Id> for String {
    fn from(id: Id) -> Self {
        match id {
            Id::Text(text) => text,
            Id::Whole(number) => number.to_string(),
        }
    }
}

fn text<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let id = Id::deserialize(deserializer).map_err(|_| serde::de::Error::custom("`id` and `conversation` must be texts"))?;
    Ok(id.into())
}

fn perhaps<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let id = Option::<Id>::deserialize(deserializer)
        .map_err(|_| serde::de::Error::custom("`sender`, `recipient` and `in_reply_to` must be texts"))?;
    Ok(id.map(Id::into))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(line: &str) -> String {
        parse(line.as_bytes()).err().unwrap_or_else(|| "taken".to_owned())
    }

    #[test]
    fn a_line_is_refused_with_what_is_wrong_with_it() {
        let check = |line: &str, want: &str| assert_eq!(refused(line), want, "{line}");
        let full = r#"{"id":"a","conversation":"c","channel":"mail","direction":"in","timestamp":1}"#;
        check(full, "taken");
        check(&full.replace("\"a\"", "17"), "taken");
        check(&full.replace(":1}", r#":1,"sender":5200000001,"recipient":null,"in_reply_to":16}"#), "taken");
        check(&full.replace(":1}", r#":1,"sender":[]}"#), "`sender`, `recipient` and `in_reply_to` must be texts");
        check("{", "it is not JSON: EOF while parsing an object (column 1)");
        check(r#"{"id":"a"}"#, "missing field `conversation`");
        check(&full.replace("\"in\"", "\"up\""), "`direction` is \"up\"; it must be \"in\" or \"out\"");
        check(&full.replace("\"c\"", "\" \""), "`conversation` is empty");
        check(&full.replace(":1}", ":99999999999999}"), "`timestamp` is 99999999999999; it must be Unix seconds");
        check(&full.replace("\"a\"", "null"), "`id` and `conversation` must be texts");
    }

    #[test]
    fn a_line_too_long_or_not_utf_8_does_not_hide_the_next() {
        let mut file = b"\"\xff\"\n\n".to_vec();
        file.extend(std::iter::repeat_n(b'x', LINE as usize + 10));
        file.extend_from_slice(b"\n{\"id\":\"a\",\"conversation\":\"c\",\"channel\":\"m\",\"direction\":\"in\",\"timestamp\":1}");
        let (sender, mut batches) = mpsc::channel(8);
        read_all(Box::new(std::io::Cursor::new(file)), &sender).unwrap();
        drop(sender);
        let mut lines = Vec::new();
        while let Some(batch) = batches.blocking_recv() {
            lines.extend(batch.into_iter().map(|line| (line.number, line.result.is_ok())));
        }
        assert_eq!(lines, [(1, false), (3, false), (4, true)]);
    }
}
