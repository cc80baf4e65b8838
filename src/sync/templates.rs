//! The provider's wordings: fetched from it, and made into messages.

use std::path::PathBuf;

use super::compose::{Content, TemplateDraft, take_in};
use super::outbox::rung;
use super::{Line, nap};
use crate::channel::Connector;
use crate::domain::channel::Provider;
use crate::domain::id::WorkspaceId;
use crate::domain::outbound::{OutFile, Part, Special};
use crate::domain::template::{Category, Filled, Given, Header, Media, Template, fill};
use crate::domain::time::{Span, Timestamp};
use crate::store::channels::Channel;
use crate::store::replies::Recipient;
use crate::store::{Error, Result, Store};

/// How long the provider's own limit on advertising is respected.
pub const CAPPED: Span = Span::hours(24);

/// How often templates are fetched when nothing says that they changed.
const EVERY: Span = Span::hours(6);
/// How soon again when they could not be fetched.
const AGAIN: Span = Span::minutes(10);

/// Fetches a channel's templates at the start, now and then, and when somebody wants them, until cancelled.
pub async fn run(line: &Line) {
    if !line.registered.provider.capabilities.templates {
        return;
    }
    let mut hints = line.store.changes();
    // What was fetched before this start may be of another account.
    let (mut first, mut again) = (true, Timestamp(0));
    loop {
        let now = line.store.now();
        let due = match line.store.templates_at(&line.channel).await {
            Ok(Some(at)) if !first => at.plus(EVERY),
            Ok(_) => now,
            Err(error) => {
                tracing::warn!(channel = %line.channel.id, %error, "cannot look when templates were last fetched");
                now.plus(AGAIN)
            }
        };
        let due = due.max(again);
        if due <= now {
            again = match pull(&line.store, &line.channel, line.connector.as_ref()).await {
                Ok(None) => return,
                Ok(Some(_)) => {
                    first = false;
                    Timestamp(0)
                }
                Err(error) => {
                    tracing::warn!(channel = %line.channel.id, %error, "the templates stay as they were");
                    now.plus(AGAIN)
                }
            };
            continue;
        }
        tokio::select! {
            () = line.cancel.cancelled() => return,
            () = rung(&mut hints) => {}
            () = tokio::time::sleep(nap(due, now)) => {}
        }
    }
}

/// Asks the provider for a channel's templates and writes them down; how many there are, `None` when it has no such thing.
pub async fn pull(store: &Store, channel: &Channel, connector: &dyn Connector) -> Result<Option<usize>> {
    let told = connector.templates().await.map_err(|error| Error::Refused(format!("The templates could not be fetched: {error}.")))?;
    let Some(templates) = told else { return Ok(None) };
    store.put_templates(channel, &templates).await?;
    Ok(Some(templates.len()))
}

/// The message that a template becomes, checked before the provider does.
pub(super) async fn content(
    store: &Store,
    provider: &Provider,
    workspace: WorkspaceId,
    to: &Recipient,
    chosen: &TemplateDraft,
    files: &[PathBuf],
) -> Result<Content> {
    if !provider.capabilities.templates {
        return Err(Error::Refused(format!("{} has no templates: write a reply.", provider.title)));
    }
    let known = store.templates(&mut store.read().await?, workspace, to.channel).await?;
    let template = find(&known, &chosen.name, &chosen.language)?;
    let mut given = chosen.given.clone();
    let mut shown = Vec::new();
    if let Header::File(_) = template.header {
        if let (None, Some(path)) = (&given.media, files.first()) {
            let file = take_in(store, path, provider).await?;
            let OutFile { kind, name, mime, hash, .. } = file;
            given.media = Some(Media { kind, hash, name, mime, path: None });
        }
        shown.extend(given.media.as_ref().map(|media| file_of(store, media)).transpose()?);
    }
    let filled = filled(store, template, to, &given)?;
    let text = template.preview(&filled.values);
    let file = (!shown.is_empty()).then_some(0);
    let part = Part { text: text.clone(), file, special: Some(Special::Template(filled)) };
    Ok(Content { text, parts: vec![part], files: shown })
}

/// A template with its values for somebody, unless they want or get none like it.
pub fn filled(store: &Store, template: &Template, to: &Recipient, given: &Given) -> Result<Filled> {
    let filled = fill(template, given).map_err(|problem| Error::Refused(format!("Not sent: {problem}.")))?;
    if filled.category == Category::Marketing {
        if to.opted_out_at.is_some() {
            return Err(Error::Refused(format!(
                "Not sent: the customer wants no advertising, and {} is a marketing template. A utility template may still be sent.",
                filled.name
            )));
        }
        if to.capped_at.is_some_and(|at| store.now().since(at) < CAPPED) {
            return Err(Error::Refused(
                "Not sent: the provider lets this customer have no more advertising for now. Try again tomorrow.".to_owned(),
            ));
        }
    }
    Ok(filled)
}

/// The template of that name and language; without a language, the only one of that name.
pub fn find<'a>(known: &'a [Template], name: &str, language: &str) -> Result<&'a Template> {
    let found: Vec<&Template> = known.iter().filter(|template| template.name == name).collect();
    let all = |of: &mut dyn Iterator<Item = &str>| of.collect::<Vec<_>>().join(", ");
    match found.as_slice() {
        [] if known.is_empty() => Err(Error::Refused(format!("There is no template {name:?}: this channel has none (yet)."))),
        [] => {
            let mut names: Vec<&str> = known.iter().map(|template| template.name.as_str()).collect();
            names.dedup();
            Err(Error::Refused(format!("There is no template {name:?}: this channel has {}.", all(&mut names.into_iter()))))
        }
        [only] if language.is_empty() => Ok(only),
        several => several.iter().find(|template| template.language == language).copied().ok_or_else(|| {
            let languages = all(&mut several.iter().map(|template| template.language.as_str()));
            Error::Refused(format!("Say in which language: the template {name} is there in {languages}."))
        }),
    }
}

/// A file that is in our store already, as the thread shows it.
fn file_of(store: &Store, media: &Media) -> Result<OutFile> {
    let gone = || Error::Refused(format!("{} is not in frontdesk's own folder (any more): attach it again.", media.name));
    let path = store.blobs().path(&media.hash).ok_or_else(gone)?;
    let size = std::fs::metadata(path).map_err(|_| gone())?.len();
    Ok(OutFile { kind: media.kind, name: media.name.clone(), mime: media.mime.clone(), hash: media.hash.clone(), size })
}
