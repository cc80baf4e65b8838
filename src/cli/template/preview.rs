//! `template preview`.

use clap::Args;
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::failure::{Exit, Failure, Told};
use crate::cli::output::Out;
use crate::domain::template::{Slot, Template, fill};
use crate::domain::text::Safe;
use crate::domain::wording::{Facts, Kind, pick};
use crate::store::{Error, name_key};

/// Which template, and with what.
#[derive(Args, Debug)]
pub struct Preview {
    /// Its name
    name: String,
    /// In which language; the workspace's own without
    #[arg(long, value_name = "LANGUAGE", default_value = "")]
    language: String,
    /// Which of our own: whatsapp or push
    #[arg(long, value_name = "KIND", value_parser = super::kind, default_value_t, hide_default_value = true)]
    kind: Kind,
    /// Only this channel's
    #[arg(long, value_name = "NAME")]
    channel: Option<String>,
    /// A value, by the name of its place or variable; may be given several times. Our own are shown with samples for the others
    #[arg(long, value_name = "NAME=VALUE", value_parser = super::pair)]
    param: Vec<(String, String)>,
}

impl Preview {
    pub(super) async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        let mut conn = cx.store.read().await?;
        let known = cx.store.wordings(&mut conn, cx.workspace).await?;
        if self.channel.is_none() && known.iter().any(|one| name_key(&one.name) == name_key(&self.name)) {
            let found = cx.store.wording(&mut conn, cx.workspace, &self.name, self.kind, &self.language).await;
            let wording = match found {
                Err(Error::NotFound(_)) => {
                    let kind = self.kind.title();
                    return Err(Failure::new(Exit::NotFound, format!("{} is there, but not for {kind} in this language", self.name)));
                }
                found => found?,
            };
            let mut facts = Facts::sample();
            for (name, value) in &self.param {
                facts.set(name, value).map_err(|problem| Failure::failed(problem.to_string())).told("there is no preview")?;
            }
            let (title, text) = wording.filled(&facts);
            let object = json!({ "language": wording.language, "title": (!title.is_empty()).then_some(&title), "text": text });
            out.row(&object, || Safe::block(&if title.is_empty() { text.clone() } else { format!("{title}\n{text}") }))?;
            return Ok(Exit::Ok);
        }
        let own = cx.store.language(&mut conn, cx.workspace).await?;
        drop(conn);
        let mut named: Vec<Template> =
            super::approved(cx, self.channel.as_deref()).await?.into_iter().map(|found| found.template).collect();
        named.retain(|template| template.name == self.name);
        let (template, _) =
            pick(&named, |one| &one.language, &self.language, &own).or_else(|| only(&named)).ok_or_else(|| super::nothing(&self.name))?;
        self.show(template, out)
    }

    fn show(&self, template: &Template, out: &mut Out) -> Result<Exit, Failure> {
        let slots = template.slots();
        if let Some((name, _)) = self.param.iter().find(|(name, _)| !slots.iter().any(|slot| slot.label() == *name)) {
            let takes = super::values(template).join(", ");
            return Err(Failure::failed(format!("there is no preview: the template has no place for {name}: it takes {takes}")));
        }
        let value = |slot: &Slot| self.param.iter().find(|(name, _)| *name == slot.label()).map(|(_, value)| (slot.clone(), value.clone()));
        let values: Vec<(Slot, String)> = slots.iter().filter_map(value).collect();
        let text = template.preview(&values);
        let problem = fill(template, &super::given(&self.param)).err().map(|problem| problem.to_string());
        let object = json!({ "language": template.language, "text": text, "problem": problem });
        out.row(&object, || Safe::block(&text))?;
        if let Some(problem) = problem {
            out.warn(&Safe::line(&format!("it could not be sent like this: {problem}")));
        }
        Ok(Exit::Ok)
    }
}

/// Of one language there is nothing to choose.
fn only(named: &[Template]) -> Option<(&Template, bool)> {
    match named {
        [one] => Some((one, true)),
        _ => None,
    }
}
