//! `template list`.

use clap::Args;
use serde_json::{Value, json};

use super::Found;
use crate::cli::context::Context;
use crate::cli::failure::{Exit, Failure};
use crate::cli::output::Out;
use crate::domain::text::Safe;
use crate::domain::wording::Wording;

/// What the objects hold, for `--help`.
pub(super) const FIELDS: &str = "With --json the provider's templates are objects with channel, name, language, category, status, reason, values (the names that \
    --param takes) and text; our own are objects with name, language, kind, title, text, template (the approved one that stands in while the \
    reply window is closed) and map (which variable fills which of its values).";

/// Which templates.
#[derive(Args, Debug)]
pub struct List {
    /// Only this channel's
    #[arg(long, value_name = "NAME")]
    channel: Option<String>,
}

impl List {
    pub(super) async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        let approved = super::approved(cx, self.channel.as_deref()).await?;
        let own = if self.channel.is_some() { Vec::new() } else { cx.store.wordings(&mut cx.store.read().await?, cx.workspace).await? };
        if approved.is_empty() && own.is_empty() {
            out.aside(&Safe::lit(
                "There are no templates. `frontdesk template refresh` asks the provider; `frontdesk template edit` writes one of our own.",
            ))?;
        }
        for found in &approved {
            out.row(&object(found), || row(found))?;
        }
        for wording in &own {
            out.row(&own_object(wording), || own_row(wording))?;
        }
        Ok(Exit::Ok)
    }
}

pub(super) fn object(found: &Found) -> Value {
    let Found { channel, template } = found;
    json!({
        "channel": channel.name,
        "name": template.name,
        "language": template.language,
        "category": template.category.words(),
        "status": template.status.words(),
        "reason": (!template.reason.is_empty()).then_some(&template.reason),
        "values": super::values(template),
        "text": template.preview(&[]),
    })
}

pub(super) fn own_object(wording: &Wording) -> Value {
    let stand_in = wording.stand_in.as_ref();
    let map: Option<serde_json::Map<String, Value>> =
        stand_in.map(|one| one.fills.iter().map(|(slot, variable)| (slot.clone(), Value::from(variable.as_str()))).collect());
    json!({
        "name": wording.name,
        "language": wording.language,
        "kind": wording.kind.name(),
        "title": (!wording.title.is_empty()).then_some(&wording.title),
        "text": wording.text,
        "template": stand_in.map(|one| &one.name),
        "map": map,
    })
}

pub(super) fn row(found: &Found) -> Safe {
    let Found { channel, template } = found;
    let values = super::values(template).join(", ");
    let values = if values.is_empty() { String::new() } else { format!(" ({values})") };
    let reason = if template.reason.is_empty() { String::new() } else { format!(": {}", template.reason) };
    let status = format!("{}{reason}", template.status.words());
    let (name, language, category) = (&template.name, &template.language, template.category.words());
    Safe::line(&format!("{name:<24} {language:<6} {category:<14} {status:<10} on {}{values}", channel.name)).fit(160)
}

fn own_row(wording: &Wording) -> Safe {
    let stand_in = wording.stand_in.as_ref().map(|one| format!(" [or {}]", one.name)).unwrap_or_default();
    let title = if wording.title.is_empty() { String::new() } else { format!("{}: ", wording.title) };
    let (name, language, kind) = (&wording.name, &wording.language, format!("our {}", wording.kind.title()));
    Safe::line(&format!("{name:<24} {language:<6} {kind:<14} {title}{}{stand_in}", wording.text)).fit(160)
}
