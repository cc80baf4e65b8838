//! Carries out what a screen asks: reads and writes of the database, and the few things that need the engine.

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::desktop::Desktop;
use super::{Devices, Driver};
use crate::app::effect::{
    Found, Loaded, MessageTimes, Mode, Query, StatusPage, Syncing, TemplatePage, ThreadPage, WordingPage, Write, Wrote,
};
use crate::app::{Msg, NEWEST};
use crate::channel::http;
use crate::domain::attachment::Attachment;
use crate::domain::channel::ChannelStatus;
use crate::domain::conversation::Tab;
use crate::domain::id::{AgentId, AttachmentId, ConversationId, MessageId, WorkspaceId};
use crate::domain::phone;
use crate::domain::search::{self, Order};
use crate::domain::template::Given;
use crate::domain::time::Span;
use crate::domain::wording::Wording;
use crate::store::messages::Page;
use crate::store::replies::Change;
use crate::store::{Error, Result, Store};
use crate::sync::compose::{self, Draft, TemplateDraft};
use crate::sync::templates;
use crate::sync::{Engine, Role};

/// People that a search shows before the messages.
const PEOPLE: usize = 5;
/// People that the palette offers beside those on the list.
const NAMED: usize = 20;

/// The driver of one agent's session.
#[derive(Clone, Debug)]
pub struct DeskDriver {
    /// The database.
    pub store: Store,
    /// The background task of this process.
    pub engine: Arc<Engine>,
    /// The one HTTP client of the process, for trying a new channel.
    pub http: http::Client,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// Who sits at the screen.
    pub agent: AgentId,
    /// Where secrets that are typed in are kept.
    pub secrets: PathBuf,
    /// Where files are saved and links are opened; nothing at a terminal whose person sits elsewhere.
    pub desktop: Option<Desktop>,
    /// The file that says that this agent has seen the tour.
    pub tour: PathBuf,
    /// How long a new channel holds replies back.
    pub undo_delay: Span,
    /// Where paths of files to attach begin; none on a machine that is not the agent's own.
    pub home: Option<PathBuf>,
    /// What says calls and prints tickets.
    pub devices: Devices,
}

impl Driver for DeskDriver {
    fn load(&self, seq: u64, query: Query) -> BoxFuture<'static, Msg> {
        let desk = self.clone();
        async move { Msg::Loaded { seq, result: desk.read(query).await.map_err(|error| error.to_string()) } }.boxed()
    }

    fn write(&self, ticket: u64, write: Write) -> BoxFuture<'static, Msg> {
        let desk = self.clone();
        async move { Msg::Wrote { ticket, result: desk.change(write).await.map_err(|error| error.to_string()) } }.boxed()
    }
}

impl DeskDriver {
    async fn read(&self, query: Query) -> Result<Loaded> {
        let mut conn = self.store.read().await?;
        match query {
            Query::List { listing, page, limit } => {
                let (rows, more) = self.store.page(&mut conn, self.workspace, self.agent, &listing, page, limit).await?;
                let counts = self.store.counts(&mut conn, self.workspace, self.agent).await?;
                Ok(Loaded::List { rows, more, counts })
            }
            Query::Thread { conversation, place, limit } => {
                let summary = self.store.summary(&mut conn, self.workspace, self.agent, conversation).await?;
                let page = self.store.thread(&mut conn, self.workspace, conversation, place, limit).await?;
                let mut drafts = self.store.drafts(&mut conn, self.workspace, self.agent, conversation).await?;
                let [draft, note_draft] = [Mode::Reply, Mode::Note].map(|mode| drafts.remove(name_of(mode)).unwrap_or_default());
                let Page { messages, older, newer, gaps } = page;
                let page = ThreadPage { summary, messages, older, newer, gaps, draft, note_draft };
                Ok(Loaded::Thread(Box::new(page)))
            }
            Query::Status => {
                let (queued, uncertain) = self.store.outbox_depth(&mut conn, self.workspace).await?;
                drop(conn);
                let engine = self.engine.status().borrow().clone();
                let fresher = |channel: crate::store::channels::Channel| {
                    let answered = engine.channels.get(&channel.id).and_then(|progress| progress.answered_at);
                    let mut status = ChannelStatus::from(channel);
                    status.synced_at = status.synced_at.max(answered);
                    status
                };
                let channels = self.store.channels(self.workspace).await?.into_iter().map(fresher).collect();
                let syncing = match engine.role {
                    Role::Starting => Syncing::Unknown,
                    Role::Active => Syncing::Here,
                    Role::Standby => Syncing::Elsewhere,
                };
                let holder = if syncing == Syncing::Elsewhere { self.store.holder().await? } else { None };
                Ok(Loaded::Status(Box::new(StatusPage { channels, queued, uncertain, syncing, holder })))
            }
            Query::Search { typed, order, after, limit } => {
                drop(conn);
                self.search(&typed, order, after, limit).await
            }
            Query::People { typed } => {
                drop(conn);
                let query = search::Query::of(&typed);
                Ok(Loaded::People(self.store.find_people(self.workspace, self.agent, &query, NAMED).await?))
            }
            Query::Folder { typed } => {
                drop(conn);
                let home = self.home.clone().ok_or_else(|| Error::Refused("Files of this machine are not yours to attach.".to_owned()))?;
                super::folder::read(home, typed).await.map(Loaded::Folder)
            }
            Query::Canned => Ok(Loaded::Canned(self.store.canned(&mut conn, self.workspace).await?)),
            Query::Versions { message } => Ok(Loaded::Versions(self.store.versions(&mut conn, self.workspace, message).await?)),
            Query::Views => Ok(Loaded::Views(self.store.views(&mut conn, self.workspace).await?)),
            Query::Agents => Ok(Loaded::Agents(self.store.agents(&mut conn, self.workspace).await?)),
            Query::News => Ok(Loaded::News(self.store.list(&mut conn, self.workspace, self.agent, Tab::All, None, NEWEST).await?.0)),
            Query::Numbered(number) => {
                drop(conn);
                match self.store.conversation_numbered(self.workspace, number).await {
                    Err(Error::NotFound(_)) => Err(Error::Refused(format!("There is no conversation #{number}"))),
                    found => found.map(Loaded::Numbered),
                }
            }
            Query::Details { conversation } => {
                let details = self.store.details(&mut conn, self.workspace, conversation).await?;
                Ok(Loaded::Details(Box::new(details)))
            }
            Query::Picture { file, columns, terminal } => {
                drop(conn);
                // A file that is not here (any more) is no picture; the thread says so beside its name.
                let Ok((_, kept)) = self.kept(file).await else { return Ok(Loaded::Picture(None)) };
                let picture = super::picture::of_file(&kept, file, columns, terminal).await;
                Ok(Loaded::Picture(picture.map(Arc::new)))
            }
            Query::Templates { conversation } => {
                let to = self.store.recipient(&mut conn, self.workspace, conversation).await?;
                let templates = self.store.templates(&mut conn, self.workspace, to.channel).await?;
                let told = self.store.customer_language(&mut conn, self.workspace, conversation).await?;
                let own = self.store.language(&mut conn, self.workspace).await?;
                // Where the provider tells no language, the number's country tells the likeliest, and then there is our own.
                let guessed = [told.as_str(), phone::likely_language(&to.chat), own.as_str()].into_iter().find(|known| !known.is_empty());
                let language = guessed.unwrap_or_default().to_owned();
                let capped = to.capped_at.is_some_and(|at| self.store.now().since(at) < templates::CAPPED);
                let page = TemplatePage { conversation, templates, language, opted_out_at: to.opted_out_at, capped };
                Ok(Loaded::Templates(Box::new(page)))
            }
            Query::Times { message } => {
                let got = self.store.times(&mut conn, self.workspace, message).await?;
                let times = [
                    ("sent", got.sent_at),
                    ("delivered", got.delivered_at),
                    ("read", got.read_at),
                    ("played", got.played_at),
                    ("failed", got.failed_at),
                ];
                Ok(Loaded::Times(MessageTimes { message, times }))
            }
            Query::Wordings => {
                let own = self.store.wordings(&mut conn, self.workspace).await?;
                let may_edit = self.store.role(&mut conn, self.workspace, self.agent).await?.may_edit_wordings();
                let mut provider = Vec::new();
                for channel in self.store.channels(self.workspace).await? {
                    let templates = self.store.templates(&mut conn, self.workspace, channel.id).await?;
                    provider.extend(templates.into_iter().map(|template| (channel.name.clone(), template)));
                }
                Ok(Loaded::Wordings(Box::new(WordingPage { own, provider, may_edit })))
            }
            Query::Forecast { channel, name, language, conversations } => {
                drop(conn);
                self.forecast(channel, (&name, &language), conversations).await.map(Loaded::Forecast)
            }
            Query::Bulks => {
                drop(conn);
                self.bulks().await.map(Loaded::Bulks)
            }
            Query::Channels => {
                drop(conn);
                self.accounts().await.map(Loaded::Channels)
            }
            query @ (Query::Queue { .. } | Query::Board { .. } | Query::Kiosk { .. }) => {
                drop(conn);
                self.queue().read(query).await
            }
            Query::Labels => Ok(Loaded::Labels(self.store.labels(&mut conn, self.workspace).await?)),
        }
    }

    async fn search(&self, typed: &str, order: Order, after: Option<MessageId>, limit: u32) -> Result<Loaded> {
        let query = search::Query::of(typed);
        let people = async {
            match after {
                None => self.store.find_people(self.workspace, self.agent, &query, PEOPLE).await,
                Some(_) => Ok(Vec::new()),
            }
        };
        let messages = self.store.find_messages(self.workspace, &query, order, after, limit);
        let (people, (hits, more)) = tokio::try_join!(people, messages)?;
        Ok(Loaded::Found(Box::new(Found { people, hits, more })))
    }

    async fn change(&self, write: Write) -> Result<Wrote> {
        let (store, workspace, agent) = (&self.store, self.workspace, self.agent);
        match write {
            Write::Reply { client_key, conversation, text, reply_to, files, at } => {
                let draft = Draft { text, reply_to, files, at, ..nothing(client_key, conversation) };
                return compose::send(store, workspace, agent, &draft).await.map(Wrote::Message);
            }
            Write::Template { client_key, conversation, name, language, values, file, spot } => {
                let given = Given { values, spot, ..Given::default() };
                let template = Some(TemplateDraft { name, language, given });
                let draft = Draft { files: file.into_iter().collect(), template, ..nothing(client_key, conversation) };
                return compose::send(store, workspace, agent, &draft).await.map(Wrote::Message);
            }
            Write::Location { client_key, conversation, spot } => {
                let draft = Draft { spot: Some(spot), ..nothing(client_key, conversation) };
                return compose::send(store, workspace, agent, &draft).await.map(Wrote::Message);
            }
            Write::Wording { remove, keep } => {
                if let Some(wording) = &keep {
                    store.save_wording(workspace, agent, wording).await?;
                }
                let same = |a: &Wording, b: &Wording| {
                    a.kind == b.kind && a.language == b.language && a.name.to_lowercase() == b.name.to_lowercase()
                };
                if let Some(old) = remove.filter(|old| keep.as_ref().is_none_or(|new| !same(old, new))) {
                    store.remove_wording(workspace, agent, &old.name, &old.language, old.kind).await?;
                }
            }
            Write::StartBulk { channel, template, people } => {
                self.start_bulk(channel, &template, people).await?;
            }
            Write::PauseBulk { bulk } => store.pause_bulk(workspace, Some(agent), bulk, "paused by an agent").await?,
            Write::ResumeBulk { bulk } => store.resume_bulk(workspace, agent, bulk).await?,
            Write::CancelBulk { bulk } => store.cancel_bulk(workspace, agent, bulk).await?,
            Write::EditChannel { channel, values, secrets } => return self.edit_channel(channel, values, &secrets).await,
            Write::TestChannel { channel } => return self.test_channel(channel).await,
            Write::CopyWebhook { channel } => return self.webhook(channel).await,
            Write::RemoveChannel { channel } => {
                compose::disconnect(store, workspace, agent, &self.channel(channel).await?, &self.secrets).await?;
            }
            Write::Note { client_key, conversation, text } => {
                return store.add_note(workspace, agent, &client_key, conversation, &text).await.map(Wrote::Message);
            }
            Write::Act { steps } => {
                let acted = store.act(workspace, agent, &steps).await?;
                let count = acted.refused.len();
                return match acted.refused.into_iter().next() {
                    Some((_, why)) if steps.len() == 1 => Err(Error::Refused(why)),
                    first => Ok(Wrote::Acted { undo: acted.undo, kept: first.map(|(_, why)| (count, why)) }),
                };
            }
            Write::TakeBack { message } => {
                let (conversation, text) = store.take_back(workspace, agent, message).await?;
                return Ok(Wrote::TakenBack { conversation, text });
            }
            Write::SaveFile { file, open } => {
                let (attachment, kept) = self.kept(file).await?;
                let desktop = self.desktop()?;
                let path = desktop.save(&attachment, &kept).await?;
                if open {
                    desktop.open_file(&path).await?;
                }
                return Ok(Wrote::Saved { path: path.display().to_string(), opened: open });
            }
            Write::LocateFile { file } => {
                let (_, kept) = self.kept(file).await?;
                self.desktop()?;
                return Ok(Wrote::Located { path: kept.display().to_string() });
            }
            Write::OpenLink { url } => {
                self.desktop()?.open_link(&url).await?;
                return Ok(Wrote::Opened);
            }
            Write::FetchFile { file } => store.fetch_again(workspace, file).await?,
            Write::AddChannel { provider, name, values, secrets } => return self.add_channel(provider, name, values, &secrets).await,
            Write::SendNow { message } => store.send_now(workspace, agent, message).await?,
            Write::Resend { message } => store.resend(workspace, agent, message).await?,
            Write::MarkSent { message } => store.mark_sent(workspace, agent, message).await?,
            Write::EditSent { message, text } => store.queue_change(workspace, agent, message, Change::Edit(&text)).await?,
            Write::DeleteSent { message } => store.queue_change(workspace, agent, message, Change::Delete).await?,
            Write::React { message, emoji } => {
                store.queue_change(workspace, agent, message, Change::React(emoji.as_deref().unwrap_or_default())).await?;
            }
            Write::MarkRead { conversation } => store.set_unread(workspace, agent, conversation, false).await?,
            Write::SaveDraft { conversation, mode, text } => {
                store.save_draft(workspace, agent, conversation, name_of(mode), &text).await?;
            }
            Write::PutBack { conversation, mode, text } => {
                store.put_back(workspace, agent, conversation, name_of(mode), &text).await?;
            }
            Write::Canned { remove, keep } => store.exchange_canned(workspace, agent, remove.as_deref(), keep.as_ref()).await?,
            Write::EndTour => self.end_tour().await,
            Write::SaveView { view } => store.save_view(workspace, agent, &view).await?,
            Write::DropView { place } => store.drop_view(workspace, agent, place).await?,
            Write::Typing { conversation } => self.typing(conversation).await?,
            write @ (Write::Queue(_) | Write::Print(_) | Write::Announce(_)) => return self.queue().change(write).await,
            Write::PauseChannel { channel } => store.pause_channel(workspace, Some(agent), channel, true).await?,
            Write::ResumeChannel { channel } => store.pause_channel(workspace, Some(agent), channel, false).await?,
        }
        Ok(Wrote::Done)
    }

    fn queue(&self) -> super::QueueDriver {
        super::QueueDriver { store: self.store.clone(), workspace: self.workspace, agent: Some(self.agent), devices: self.devices.clone() }
    }

    fn desktop(&self) -> Result<&Desktop> {
        let elsewhere = || Error::Refused("Not done: files and links are opened only where frontdesk runs at your own terminal".to_owned());
        self.desktop.as_ref().ok_or_else(elsewhere)
    }

    /// A file that was fetched, and where it is kept.
    async fn kept(&self, file: AttachmentId) -> Result<(Attachment, PathBuf)> {
        let attachment = self.store.attachment(&mut self.store.read().await?, self.workspace, file).await?;
        let path = attachment.hash.as_deref().and_then(|hash| self.store.blobs().path(hash));
        let gone = || Error::Refused("Not done: the file is not here (any more); fetch it again".to_owned());
        Ok((attachment, path.filter(|path| path.is_file()).ok_or_else(gone)?))
    }

    /// A tour that comes again is no harm, so that it could not be noted is only worth a line in the log.
    async fn end_tour(&self) {
        if let Err(error) = tokio::fs::write(&self.tour, b"").await {
            tracing::warn!(%error, "it could not be noted that the tour was seen");
        }
    }

    async fn typing(&self, conversation: ConversationId) -> Result<()> {
        let mut conn = self.store.read().await?;
        let to = self.store.recipient(&mut conn, self.workspace, conversation).await?;
        let answering = self.store.last_inbound_id(&mut conn, self.workspace, conversation).await?;
        self.engine.typing(to.channel, to.chat, answering);
        Ok(())
    }
}

/// A reply of nothing yet.
const fn nothing(client_key: String, conversation: ConversationId) -> Draft {
    Draft {
        client_key,
        conversation,
        text: String::new(),
        reply_to: None,
        files: Vec::new(),
        delay: None,
        at: None,
        template: None,
        spot: None,
    }
}

/// The composer's two texts as the store names them.
const fn name_of(mode: Mode) -> &'static str {
    match mode {
        Mode::Reply => "reply",
        Mode::Note => "note",
    }
}
