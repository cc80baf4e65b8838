//! What screens and commands use to write: a reply checked against what its channel can do, an account connected only once its provider
//! has answered.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::receive::standing;
use super::templates;
use crate::channel::{Account, Connector, Registered, Settings, http, registered};
use crate::config::{Secret, SecretSource};
use crate::domain::attachment::FileKind;
use crate::domain::channel::Provider;
use crate::domain::id::{AgentId, ChannelId, ConversationId, MessageId, WorkspaceId};
use crate::domain::outbound::{OutFile, Part, Special, Spot, plan};
use crate::domain::template;
use crate::domain::time::{Span, Timestamp, age};
use crate::domain::window::{self, Window};
use crate::store::channels::{Channel, NewChannel};
use crate::store::replies::{NewReply, Recipient};
use crate::store::{Error, Result, Store};

/// How long a secret may take to be read.
const SECRET: Duration = Duration::from_secs(30);

/// A reply as an agent wrote it.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The same key twice is one reply.
    pub client_key: String,
    /// Where.
    pub conversation: ConversationId,
    /// The words.
    pub text: String,
    /// The message it answers.
    pub reply_to: Option<MessageId>,
    /// Files to send with it.
    pub files: Vec<PathBuf>,
    /// How long it is held back; the channel's undo delay when nothing else is said.
    pub delay: Option<Span>,
    /// When it is to leave, if that is not now.
    pub at: Option<Timestamp>,
    /// The template that is sent. It says its own words, so `text` is not sent and the draft stays; the first of `files` stands over them
    /// when it shows one.
    pub template: Option<TemplateDraft>,
    /// The place on the map that is sent, likewise.
    pub spot: Option<Spot>,
}

/// A template as an agent chose and filled it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TemplateDraft {
    /// Its name.
    pub name: String,
    /// Its language, as the provider spells it; empty when it has only one.
    pub language: String,
    /// What it is filled with.
    pub given: template::Given,
}

/// An account to connect.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// The provider's name.
    pub provider: String,
    /// What the workspace will call it.
    pub name: String,
    /// Settings by field name.
    pub values: BTreeMap<String, String>,
    /// Where each secret is, by field name.
    pub secrets: BTreeMap<String, SecretSource>,
    /// How long replies are held back.
    pub undo_delay: Span,
}

/// Queues what an agent wrote, or says why it cannot be sent and what can be done.
pub async fn send(store: &Store, workspace: WorkspaceId, agent: AgentId, draft: &Draft) -> Result<MessageId> {
    let to = store.recipient(&mut store.read().await?, workspace, draft.conversation).await?;
    let Some(registered) = registered(&to.provider).filter(|_| !to.archive) else {
        return Err(Error::Refused("This conversation is imported history: it has no channel to answer on.".to_owned()));
    };
    send_on(store, registered.provider, workspace, agent, draft).await
}

/// As [`send`], to a customer of this provider.
pub async fn send_on(store: &Store, provider: &Provider, workspace: WorkspaceId, agent: AgentId, draft: &Draft) -> Result<MessageId> {
    let to = store.recipient(&mut store.read().await?, workspace, draft.conversation).await?;
    check(&to)?;
    let content = match (&draft.template, &draft.spot) {
        (Some(chosen), _) => templates::content(store, provider, workspace, &to, chosen, &draft.files).await?,
        (None, Some(spot)) => {
            check_window(store, provider, &to)?;
            place(provider, spot)?
        }
        (None, None) => {
            check_window(store, provider, &to)?;
            words(store, provider, draft).await?
        }
    };
    let soon = store.now().plus(draft.delay.unwrap_or(to.undo_delay));
    let due_at = draft.at.map_or(soon, |at| at.max(soon));
    let reply = NewReply {
        client_key: &draft.client_key,
        conversation: draft.conversation,
        text: &content.text,
        reply_to: draft.reply_to,
        parts: &content.parts,
        files: &content.files,
        due_at,
        appointed: draft.at.is_some(),
        fallback: None,
        bulk: None,
    };
    store.queue_reply(workspace, agent, &reply).await
}

/// Lets a channel's templates be fetched from the provider now, by whichever process syncs; the screens hear of what it brings.
pub async fn refresh_templates(store: &Store, workspace: WorkspaceId, channel: ChannelId) -> Result<()> {
    store.want_templates(workspace, channel).await
}

/// What of a message is the same whoever wrote it: its words as a person reads them, its provider messages, its files.
pub(super) struct Content {
    pub(super) text: String,
    pub(super) parts: Vec<Part>,
    pub(super) files: Vec<OutFile>,
}

/// Whether a conversation can be written to at all.
fn check(to: &Recipient) -> Result<()> {
    let refuse = |why: &str| Err(Error::Refused(why.to_owned()));
    if !to.connected {
        return refuse("This conversation's channel was removed: connect it again to answer.");
    }
    if !to.reachable {
        return refuse("The provider cannot reach this customer (they may have blocked us, or left): nothing arrives until they write.");
    }
    Ok(())
}

/// Whether it can be written to freely.
fn check_window(store: &Store, provider: &Provider, to: &Recipient) -> Result<()> {
    let now = store.now();
    let why = match window::policy(to.window, to.last_inbound_at, to.window_closed_at, now) {
        Window::Closed(Some(since)) => format!("The reply window closed {} ago", age(since, now, chrono_tz::Tz::UTC)),
        Window::Closed(None) => "The customer has never written here".to_owned(),
        Window::Unlimited | Window::Open(_) => return Ok(()),
    };
    let remedy =
        if provider.capabilities.templates { "send a template (t) or wait until they write" } else { "the customer has to write first" };
    Err(Error::Refused(format!("{why}: {remedy}. The text is kept as a draft.")))
}

async fn words(store: &Store, provider: &Provider, draft: &Draft) -> Result<Content> {
    let mut files = Vec::with_capacity(draft.files.len());
    for path in &draft.files {
        files.push(take_in(store, path, provider).await?);
    }
    let parts = plan(&draft.text, files.len(), provider.capabilities);
    if parts.is_empty() {
        return Err(Error::Refused("There is nothing to send yet: write something first.".to_owned()));
    }
    Ok(Content { text: draft.text.clone(), parts, files })
}

fn place(provider: &Provider, spot: &Spot) -> Result<Content> {
    let refuse = |why: String| Err(Error::Refused(why));
    if !provider.capabilities.location {
        return refuse(format!("{} takes no places on the map from us: write the address, or a link to a map.", provider.title));
    }
    if !spot.is_on_earth() {
        return refuse("This is no place on the map: the latitude goes from -90 to 90, the longitude from -180 to 180.".to_owned());
    }
    let text = spot.words();
    let part = Part { text: text.clone(), special: Some(Special::Location(spot.clone())), ..Part::default() };
    Ok(Content { text, parts: vec![part], files: Vec::new() })
}

/// Takes a file into our own store, if the channel takes it.
pub async fn take_in(store: &Store, path: &Path, provider: &Provider) -> Result<OutFile> {
    let unreadable = |cause| Error::File { what: format!("{} cannot be read", path.display()), cause };
    let meta = tokio::fs::metadata(path).await.map_err(unreadable)?;
    if !meta.is_file() {
        return Err(Error::Refused(format!("{} is not a file.", path.display())));
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let (kind, mime) = FileKind::of_file_name(&name);
    provider.takes_file(&name, mime, meta.len()).map_err(|why| Error::Refused(format!("{why}.")))?;
    let blob = store.blobs().take_in(path, store.next_id()).await?;
    Ok(OutFile { kind, name, mime: mime.to_owned(), hash: blob.hash, size: blob.size })
}

/// Tries an account at its provider, then connects it.
pub async fn connect(
    store: &Store,
    http: &http::Client,
    workspace: WorkspaceId,
    agent: AgentId,
    new: &NewAccount,
) -> Result<(ChannelId, Account)> {
    if new.name.trim().is_empty() {
        return Err(Error::Refused("The channel needs a name.".to_owned()));
    }
    let account = test(store, http, &new.provider, &new.values, &new.secrets).await?;
    let row = NewChannel {
        provider: new.provider.clone(),
        name: new.name.trim().to_owned(),
        settings: new.values.clone(),
        secrets: new.secrets.iter().map(|(name, source)| (name.clone(), source.encode())).collect(),
        account_key: account.key.clone(),
        account_name: account.name.clone(),
        undo_delay: new.undo_delay,
        paused: false,
    };
    match store.add_channel(workspace, Some(agent), &row).await {
        Ok(id) => {
            store.set_standing(workspace, id, &standing(&account)).await?;
            Ok((id, account))
        }
        Err(Error::Duplicate) => Err(Error::Refused(format!(
            "The account {} or the name {:?} is connected already: see `frontdesk channel list`.",
            account.name, row.name
        ))),
        Err(error) => Err(error),
    }
}

/// Disconnects an account, and removes those of its secrets that were typed into a form of ours.
pub async fn disconnect(store: &Store, workspace: WorkspaceId, agent: AgentId, channel: &Channel, kept: &Path) -> Result<()> {
    store.remove_channel(workspace, Some(agent), channel.id).await?;
    let sources: Vec<_> = channel.secrets.values().filter_map(|encoded| SecretSource::decode(encoded).ok()).collect();
    forget_secrets(kept, sources.iter()).await;
    Ok(())
}

/// Asks the provider who we are with these settings.
pub async fn test(
    store: &Store,
    http: &http::Client,
    provider: &str,
    values: &BTreeMap<String, String>,
    sources: &BTreeMap<String, SecretSource>,
) -> Result<Account> {
    let Some(row) = registered(provider) else {
        return Err(Error::Refused(format!("{provider:?} is not a provider this frontdesk knows.")));
    };
    let connector = connector(store, http, row, values, sources).await?;
    connector.check().await.map_err(|error| Error::Refused(error.to_string()))
}

/// Makes a connector from stored settings, reading the secrets now.
pub async fn connector(
    store: &Store,
    http: &http::Client,
    row: &'static Registered,
    values: &BTreeMap<String, String>,
    sources: &BTreeMap<String, SecretSource>,
) -> Result<Arc<dyn Connector>> {
    let settings = settings(store, http, row, values, sources).await?;
    (row.connect)(&settings).map_err(|error| Error::Refused(error.to_string()))
}

/// A provider's settings with its defaults, reading the secrets now.
pub async fn settings(
    store: &Store,
    http: &http::Client,
    row: &Registered,
    values: &BTreeMap<String, String>,
    sources: &BTreeMap<String, SecretSource>,
) -> Result<Settings> {
    let mut settings = Settings { values: values.clone(), secrets: BTreeMap::new(), http: http.clone(), clock: store.clock() };
    for field in row.provider.fields {
        if let Some(default) = field.default {
            settings.values.entry(field.name.to_owned()).or_insert_with(|| default.to_owned());
        }
    }
    for (name, source) in sources {
        settings.secrets.insert(name.clone(), read_secret(source).await?);
    }
    Ok(settings)
}

/// Reads a secret on a thread of its own: a command that asks somebody, or a file on a drive that is gone, must not keep the program from
/// ending.
async fn read_secret(source: &SecretSource) -> Result<Secret> {
    let (send, receive) = tokio::sync::oneshot::channel();
    let source = source.clone();
    let read = move || {
        // Whoever waited for it may have given up.
        let _ = send.send(source.read());
    };
    let failed = |cause| Error::File { what: "the secret cannot be read".to_owned(), cause };
    std::thread::Builder::new().name("secret".to_owned()).spawn(read).map_err(failed)?;
    match tokio::time::timeout(SECRET, receive).await {
        Ok(Ok(read)) => read.map_err(|error| Error::Refused(error.to_string())),
        Ok(Err(_)) => Err(Error::Refused("the secret cannot be read: its reader ended".to_owned())),
        Err(_) => Err(Error::Refused(format!(
            "the secret was not there within {} s: its command or file must answer without asking anybody",
            SECRET.as_secs()
        ))),
    }
}

/// Keeps all the secrets that were typed into a form, by field name, or none of them. An empty one says that there is none.
pub async fn keep_secrets(
    folder: &Path,
    unique: impl Fn() -> i64,
    secrets: &BTreeMap<String, Secret>,
) -> Result<BTreeMap<String, SecretSource>> {
    let mut kept = BTreeMap::new();
    for (field, secret) in secrets.iter().filter(|(_, secret)| !secret.is_empty()) {
        match keep_secret(folder, unique(), secret).await {
            Ok(source) => kept.insert(field.clone(), source),
            Err(error) => {
                forget_secrets(folder, kept.values()).await;
                return Err(error);
            }
        };
    }
    Ok(kept)
}

/// Puts a secret that was typed in into a file of its own that only the owner can read, and tells where.
pub async fn keep_secret(folder: &Path, unique: i64, secret: &Secret) -> Result<SecretSource> {
    let path = folder.join(format!("{unique:x}.secret"));
    let (folder, target, value) = (folder.to_owned(), path.clone(), secret.clone());
    let write = move || -> std::io::Result<()> {
        use std::io::Write;
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder)?;
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&target)?;
        // Half a secret is of no use to anybody who should have it.
        file.write_all(value.reveal().as_bytes()).and_then(|()| file.sync_all()).inspect_err(|_| drop(std::fs::remove_file(&target)))
    };
    let failed = |cause| Error::File { what: format!("the secret cannot be kept in {}", path.display()), cause };
    tokio::task::spawn_blocking(write).await.map_err(|error| failed(std::io::Error::other(error)))?.map_err(failed)?;
    Ok(SecretSource::File(path))
}

/// Removes secrets that nothing uses (any more). A file that is not in the folder of those we keep is somebody's own, and stays.
pub async fn forget_secrets(kept: &Path, sources: impl Iterator<Item = &SecretSource>) {
    for source in sources {
        if let SecretSource::File(path) = source
            && path.starts_with(kept)
            && let Err(error) = tokio::fs::remove_file(path).await
        {
            tracing::warn!(%error, "a secret that is not needed could not be removed");
        }
    }
}
