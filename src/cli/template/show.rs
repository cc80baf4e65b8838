//! `template show`.

use clap::Args;

use super::list;
use crate::cli::context::Context;
use crate::cli::failure::{Exit, Failure};
use crate::cli::output::Out;
use crate::domain::text::Safe;
use crate::store::name_key;

/// Which template.
#[derive(Args, Debug)]
pub struct Show {
    /// Its name
    name: String,
    /// Only in this language
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<String>,
    /// Only this channel's
    #[arg(long, value_name = "NAME")]
    channel: Option<String>,
}

impl Show {
    pub(super) async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        let wanted = |language: &str| self.language.as_ref().is_none_or(|one| super::same_language(one, language));
        let mut shown = false;
        for found in super::approved(cx, self.channel.as_deref()).await? {
            if found.template.name == self.name && wanted(&found.template.language) {
                shown = true;
                out.row(&list::object(&found), || Safe::block(&format!("{}\n{}\n", list::row(&found), found.template.preview(&[]))))?;
            }
        }
        let own = if self.channel.is_some() { Vec::new() } else { cx.store.wordings(&mut cx.store.read().await?, cx.workspace).await? };
        for wording in own.iter().filter(|one| name_key(&one.name) == name_key(&self.name) && wanted(&one.language)) {
            shown = true;
            out.row(&list::own_object(wording), || {
                let head = format!("{} {} {}", wording.name, wording.language, wording.kind.title());
                let stand_in = wording.stand_in.as_ref().map(|one| {
                    let map: Vec<String> = one.fills.iter().map(|(slot, variable)| format!("{slot}={variable}")).collect();
                    format!("or the template {} with {}", one.name, map.join(", "))
                });
                let lines = [head, wording.title.clone(), wording.text.clone(), stand_in.unwrap_or_default()];
                let text: String = lines.into_iter().filter(|line| !line.is_empty()).map(|line| line + "\n").collect();
                Safe::block(&text)
            })?;
        }
        if shown { Ok(Exit::Ok) } else { Err(super::nothing(&self.name)) }
    }
}
