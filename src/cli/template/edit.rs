//! `template edit`: a message template of our own, from the command line, a file, or the person's own editor.

use std::io::IsTerminal as _;
use std::path::PathBuf;

use clap::Args;

use super::list;
use crate::cli::context::Context;
use crate::cli::failure::{Exit, Failure, Told};
use crate::cli::output::Out;
use crate::domain::text::Safe;
use crate::domain::wording::{Facts, Kind, StandIn, Wording};
use crate::store::name_key;
use crate::term::editor;

/// What may stand in a text, for `--help`.
pub(super) const VARIABLES: &str = "Variables: {{organizationName}}, {{contactName}}, {{ticketNumber}}, {{serviceName}}, {{departmentName}}, {{estimatedWaitTime}}, \
    {{queuePosition}}, {{totalInQueue}}, {{currentlyServing}}, {{counterName}}. What is not known when it is sent is a dash. Without --text and --file the text is \
    edited in the program that VISUAL or EDITOR names.";

/// What it is called and what it says.
#[derive(Args, Debug)]
pub struct Edit {
    /// Its name
    name: String,
    /// In which language: id, en, pt-BR
    #[arg(long, value_name = "LANGUAGE")]
    language: String,
    /// What for: whatsapp or push
    #[arg(long, value_name = "KIND", value_parser = super::kind, default_value_t, hide_default_value = true)]
    kind: Kind,
    /// The words
    #[arg(long)]
    text: Option<String>,
    /// A file with the words; - reads standard input
    #[arg(long, value_name = "FILE", conflicts_with = "text")]
    file: Option<PathBuf>,
    /// The title of a push notice
    #[arg(long)]
    title: Option<String>,
    /// The approved template that leaves in its place while the reply window is closed
    #[arg(long, value_name = "NAME", requires = "map")]
    template: Option<String>,
    /// Which variable fills which of that template's values; may be given several times
    #[arg(long, value_name = "VALUE=VARIABLE", value_parser = super::pair, requires = "template")]
    map: Vec<(String, String)>,
    /// Remove it
    #[arg(long, conflicts_with_all = ["text", "file", "title", "template", "map"])]
    delete: bool,
}

impl Edit {
    pub(super) async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        if self.delete {
            let failed = format!("{} was not removed", self.name);
            cx.store.remove_wording(cx.workspace, cx.agent, &self.name, &self.language, self.kind).await.told(&failed)?;
            let object = serde_json::json!({ "name": self.name, "language": self.language, "kind": self.kind.name(), "done": "removed" });
            out.row(&object, || Safe::line(&format!("{} is removed", self.name)))?;
            return Ok(Exit::Ok);
        }
        let failed = format!("{} was not kept", self.name);
        let known = cx.store.wordings(&mut cx.store.read().await?, cx.workspace).await?;
        let same = |one: &&Wording| {
            name_key(&one.name) == name_key(&self.name) && super::same_language(&one.language, &self.language) && one.kind == self.kind
        };
        let before = known.iter().find(same);
        let wording = Wording {
            name: self.name.clone(),
            language: before.map_or_else(|| self.language.clone(), |one| one.language.clone()),
            kind: self.kind,
            title: self.title.clone().or_else(|| before.map(|one| one.title.clone())).unwrap_or_default(),
            text: self.words(before.map_or("", |one| &one.text)).told(&failed)?,
            stand_in: match &self.template {
                Some(name) => Some(StandIn { name: name.clone(), fills: self.map.clone() }),
                None => before.and_then(|one| one.stand_in.clone()),
            },
        };
        let wording = wording.checked().map_err(|problem| Failure::failed(problem.to_string())).told(&failed)?;
        if let Some(stand_in) = &wording.stand_in {
            check(cx, stand_in).await.told(&failed)?;
        }
        cx.store.save_wording(cx.workspace, cx.agent, &wording).await.told(&failed)?;
        out.row(&list::own_object(&wording), || {
            let (title, text) = wording.filled(&Facts::sample());
            let shown = if title.is_empty() { text } else { format!("{title}\n{text}") };
            Safe::block(&format!("{} is kept. With samples it reads:\n\n{shown}", wording.name))
        })?;
        Ok(Exit::Ok)
    }

    fn words(&self, before: &str) -> Result<String, Failure> {
        let failed = |what: String| Failure::failed(what);
        match (&self.text, &self.file) {
            (Some(text), _) => Ok(text.clone()),
            (None, Some(file)) if file.as_os_str() == "-" => {
                std::io::read_to_string(std::io::stdin()).map_err(|error| failed(format!("standard input cannot be read: {error}")))
            }
            (None, Some(file)) => {
                std::fs::read_to_string(file).map_err(|error| failed(format!("{} cannot be read: {error}", file.display())))
            }
            (None, None) if self.template.is_some() && !before.is_empty() => Ok(before.to_owned()),
            (None, None) if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() => editor::edit(before).map_err(failed),
            (None, None) => Err(failed("there is no text: give it with --text or --file".to_owned())),
        }
    }
}

/// Whether the approved template is known, and exactly its places are filled, in every language it has.
async fn check(cx: &Context, stand_in: &StandIn) -> Result<(), Failure> {
    let mut found = super::approved(cx, None).await?;
    found.retain(|one| one.template.name == stand_in.name);
    if found.is_empty() {
        let why = format!("there is no approved template {:?}: `frontdesk template refresh` asks the provider", stand_in.name);
        return Err(Failure::new(Exit::NotFound, why));
    }
    for one in found {
        stand_in.check(&one.template).map_err(|problem| Failure::failed(format!("{problem} (in {})", one.template.language)))?;
    }
    Ok(())
}
