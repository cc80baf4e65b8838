//! `canned …`: the workspace's canned replies.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use serde::{Deserialize, Serialize};

use super::context::Context;
use super::export::is_formula;
use super::failure::{Exit, Failure, Told};
use super::output::Out;
use crate::domain::canned;
use crate::domain::text::Safe;

/// What to do with canned replies.
#[derive(Debug, Subcommand)]
pub enum Canned {
    /// List them
    #[command(after_help = "With --json each canned reply is one object: shortcut, text.")]
    List,
    /// Add one, or give one that exists other words
    #[command(after_help = BLANKS)]
    Add(Add),
    /// Remove one
    Remove(Remove),
    /// Add all of a file; those that exist get the file's words
    #[command(
        after_help = "A file that ends in .csv has the columns shortcut and text, as `canned export` writes them; any other is TOML with a [[canned]] table for \
                      each."
    )]
    Import(Import),
    /// Write all of them to standard output, for `import`
    #[command(
        after_help = "In a CSV file a ' stands before what a spreadsheet would run as a formula; `canned import` takes it away again."
    )]
    Export(Export),
}

const BLANKS: &str = "Blanks are filled in when it is used: {{name}}, {{first_name}}, {{agent}}, {{number}}, {{channel}}. Any other {{word}} is left to be \
     filled in by hand.";

/// A text and its shortcut.
#[derive(Args, Debug)]
pub struct Add {
    /// What is typed after / to find it
    shortcut: String,
    /// The words
    text: String,
}

/// Which one.
#[derive(Args, Debug)]
pub struct Remove {
    /// What is typed after / to find it
    shortcut: String,
}

/// Which file.
#[derive(Args, Debug)]
pub struct Import {
    /// A .toml or .csv file
    file: PathBuf,
}

/// In which form.
#[derive(Args, Debug)]
pub struct Export {
    /// The form of the file
    #[arg(long, value_enum, default_value_t = Form::Toml)]
    form: Form,
}

/// The forms of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A [[canned]] table for each
    Toml,
    /// The columns shortcut and text
    Csv,
}

/// A TOML file.
#[derive(Deserialize, Serialize)]
struct File {
    #[serde(default)]
    canned: Vec<canned::Canned>,
}

impl Canned {
    /// Does it.
    pub async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        match self {
            Self::List => list(cx, out).await,
            Self::Add(add) => add.run(cx, out).await,
            Self::Remove(remove) => remove.run(cx, out).await,
            Self::Import(import) => import.run(cx, out).await,
            Self::Export(export) => export.run(cx, out).await,
        }
    }
}

async fn list(cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
    let all = cx.store.canned(&mut cx.store.read().await?, cx.workspace).await?;
    if all.is_empty() {
        out.aside(&Safe::lit("There are no canned replies. `frontdesk canned add hello \"Hello {{first_name}}!\"` makes one."))?;
    }
    for canned in all {
        out.row(&canned, || Safe::line(&format!("{:<16} {}", format!("/{}", canned.shortcut), canned.text)).fit(120))?;
    }
    Ok(Exit::Ok)
}

impl Add {
    async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        let canned = canned::Canned::new(&self.shortcut, &self.text)
            .map_err(|why| Failure::failed(format!("the canned reply was not added: {why}")))?;
        let kept = std::slice::from_ref(&canned);
        cx.store.change_canned(cx.workspace, cx.agent, None, kept).await.told("the canned reply was not added")?;
        out.row(&canned, || Safe::line(&format!("/{} is kept", canned.shortcut)))?;
        Ok(Exit::Ok)
    }
}

impl Remove {
    async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        let shortcut = self.shortcut.trim_start_matches('/');
        cx.store.change_canned(cx.workspace, cx.agent, Some(shortcut), &[]).await.told(&format!("/{shortcut} was not removed"))?;
        out.row(&serde_json::json!({ "shortcut": shortcut, "done": "removed" }), || Safe::line(&format!("/{shortcut} is removed")))?;
        Ok(Exit::Ok)
    }
}

impl Import {
    async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        let problem = |why: String| Failure::failed(format!("nothing was imported from {}: {why}", self.file.display()));
        let text = tokio::fs::read_to_string(&self.file).await.map_err(|error| problem(error.to_string()))?;
        let read = if is_csv(&self.file) { read_csv(&text) } else { read_toml(&text) };
        let all = read.map_err(problem)?;
        cx.store.change_canned(cx.workspace, cx.agent, None, &all).await.told("nothing was imported")?;
        out.row(&serde_json::json!({ "imported": all.len() }), || Safe::line(&format!("{} canned replies are kept", all.len())))?;
        Ok(Exit::Ok)
    }
}

impl Export {
    async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        let canned = cx.store.canned(&mut cx.store.read().await?, cx.workspace).await?;
        let unwritten = |error: &dyn std::fmt::Display| Failure::failed(format!("nothing was exported: {error}"));
        match self.form {
            Form::Toml => {
                let text = toml::to_string_pretty(&File { canned }).map_err(|error| unwritten(&error))?;
                out.raw().write_all(text.as_bytes())?;
            }
            Form::Csv => {
                let mut writer = csv::Writer::from_writer(out.raw());
                for canned::Canned { shortcut, text } in canned {
                    writer.serialize(canned::Canned { shortcut: cell(shortcut), text: cell(text) }).map_err(|error| unwritten(&error))?;
                }
                writer.flush()?;
            }
        }
        Ok(Exit::Ok)
    }
}

fn is_csv(file: &Path) -> bool {
    file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"))
}

fn read_toml(text: &str) -> Result<Vec<canned::Canned>, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    file.canned.into_iter().enumerate().map(|(n, row)| checked(&row, n + 1)).collect()
}

fn read_csv(text: &str) -> Result<Vec<canned::Canned>, String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows = reader.deserialize::<canned::Canned>().enumerate().map(|(n, row)| {
        let canned::Canned { shortcut, text } = row.map_err(|error| error.to_string())?;
        checked(&canned::Canned { shortcut: uncell(shortcut), text: uncell(text) }, n + 1)
    });
    rows.collect()
}

/// A cell that is no formula to a spreadsheet: a `'` before it makes it text. One more stands before a text that begins so by itself, so that
/// [`uncell`] gives back every text as it was.
fn cell(text: String) -> String {
    if is_formula(text.trim_start_matches('\'')) { format!("'{text}") } else { text }
}

fn uncell(text: String) -> String {
    match text.strip_prefix('\'') {
        Some(rest) if is_formula(rest.trim_start_matches('\'')) => rest.to_owned(),
        _ => text,
    }
}

fn checked(row: &canned::Canned, number: usize) -> Result<canned::Canned, String> {
    canned::Canned::new(&row.shortcut, &row.text).map_err(|why| format!("the {number}. canned reply, {:?}: {why}", row.shortcut))
}
