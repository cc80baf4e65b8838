//! `export`: every message of the workspace, in the order it was stored, as JSON lines in the shape `import` reads, or as CSV for people.

use std::io::Write;

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::context::Context;
use super::failure::{Exit, Failure};
use super::output::Out;
use crate::domain::text::Safe;
use crate::domain::time::Timestamp;
use crate::store::transfer::Exported;

/// How many messages are read at once.
const PAGE: u32 = 1_000;

/// In which shape.
#[derive(Args, Debug)]
pub struct Export {
    /// jsonl can be imported again; csv is for spreadsheets
    #[arg(long, value_enum, default_value = "jsonl")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Jsonl,
    Csv,
}

/// A line of the export; the fields are those of `import`.
#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    conversation: &'a str,
    channel: &'a str,
    direction: &'a str,
    sender: &'a str,
    sender_name: &'a str,
    recipient: &'a str,
    timestamp: i64,
    subject: &'a str,
    text: &'a str,
    in_reply_to: Option<&'a str>,
}

const COLUMNS: [&str; 11] =
    ["id", "conversation", "channel", "direction", "sender", "sender_name", "recipient", "time", "subject", "text", "in_reply_to"];

impl Export {
    /// Writes everything.
    pub async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        if self.format == Format::Csv {
            record(out.raw(), &COLUMNS.map(str::to_owned))?;
        }
        let mut after = i64::MIN;
        loop {
            let page = cx.store.export(cx.workspace, after, PAGE).await?;
            for row in &page {
                let made_id = format!("frontdesk:{}", row.row_id);
                let line = line(row, &made_id);
                match self.format {
                    Format::Jsonl => out.object(&line)?,
                    Format::Csv => record(out.raw(), &cells(&line, Timestamp(row.at)))?,
                }
            }
            match page.last() {
                Some(last) => after = last.row_id,
                None => return Ok(Exit::Ok),
            }
        }
    }
}

fn line<'a>(row: &'a Exported, made_id: &'a str) -> Line<'a> {
    let customer = if row.handle.is_empty() { &row.chat_key } else { &row.handle };
    let ours = row.is_ours();
    let sender = if row.author_key.is_empty() && !ours { customer } else { &row.author_key };
    Line {
        id: row.external_id.as_deref().unwrap_or(made_id),
        conversation: &row.chat_key,
        channel: &row.channel,
        direction: &row.direction,
        sender,
        sender_name: &row.author,
        recipient: if ours { customer } else { &row.channel },
        timestamp: Timestamp(row.at).secs(),
        subject: &row.subject,
        text: &row.text,
        in_reply_to: row.reply_to.as_deref(),
    }
}

fn cells(line: &Line<'_>, at: Timestamp) -> [String; 11] {
    [
        cell(line.id),
        cell(line.conversation),
        cell(line.channel),
        cell(line.direction),
        cell(line.sender),
        cell(line.sender_name),
        cell(line.recipient),
        at.rfc3339(),
        cell(line.subject),
        cell(line.text),
        cell(line.in_reply_to.unwrap_or_default()),
    ]
}

/// A cell that neither commands a terminal nor is a formula: spreadsheets run what begins with `= + - @`, a tab or a carriage return, also
/// after blanks; a `'` before it makes it text.
fn cell(text: &str) -> String {
    let shown = Safe::block(text);
    if is_formula(text) { format!("'{shown}") } else { shown.to_string() }
}

/// A spreadsheet would run it.
pub(super) fn is_formula(text: &str) -> bool {
    text.starts_with(['\t', '\r', '\0']) || text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
}

fn record(writer: &mut dyn Write, cells: &[String]) -> std::io::Result<()> {
    let mut csv = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
    csv.write_record(cells).map_err(std::io::Error::other)?;
    writer.write_all(&csv.into_inner().map_err(|error| std::io::Error::other(error.to_string()))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_none_commands_a_terminal() {
        let check = |text: &str, want: &str| assert_eq!(cell(text), want, "{text:?}");
        check("=HYPERLINK(\"http://x\")", "'=HYPERLINK(\"http://x\")");
        check("+1", "'+1");
        check("-1", "'-1");
        check("@cmd", "'@cmd");
        check(" \t=1", "'     =1");
        check("\t=1", "'    =1");
        check("\r=1", "'␍=1");
        check("＝1", "'＝1");
        check("hello, = 1", "hello, = 1");
        check("a\nb", "a\nb");
        check("\x1b[2J", "␛[2J");
    }

    #[test]
    fn every_cell_is_quoted() {
        let mut written = Vec::new();
        record(&mut written, &["a".to_owned(), "say \"hi\", twice\nplease".to_owned()]).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), "\"a\",\"say \"\"hi\"\", twice\nplease\"\n");
    }
}
