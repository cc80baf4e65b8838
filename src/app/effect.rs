//! What the screen asks of the world. [`super::App::update`] returns these as data; a session's driver carries them out and hands the
//! result back as a [`super::Msg`]. Nothing here awaits or fails.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::config::Secret;
use crate::domain::act::Step;
use crate::domain::bulk::Forecast;
use crate::domain::canned::Canned;
use crate::domain::channel::ChannelStatus;
use crate::domain::contact::Details;
use crate::domain::conversation::{Counts, Summary};
use crate::domain::id::{AgentId, AttachmentId, BulkId, ChannelId, ConversationId, MessageId};
use crate::domain::lease::Holder;
use crate::domain::link::Url;
use crate::domain::list::View;
use crate::domain::message::{Gap, Message};
use crate::domain::outbound::Spot;
use crate::domain::picture::Picture;
use crate::domain::queue::look::{Announcement, Answer, Ask, Board, Kiosk, Place};
use crate::domain::search::Hit;
use crate::domain::template::Template;
use crate::domain::text::Safe;
use crate::domain::time::Timestamp;
use crate::domain::wording::Wording;

pub use super::pages::{BulkPerson, BulkProgress, ChannelAbout, MessageTimes, QueuePage, TemplatePage, WordingPage};
pub use super::query::{Query, Slot};

/// One thing to do.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Read something. At most one read per [`Query::slot`] runs and one waits; a newer one replaces the one that waits, and an answer whose
    /// `seq` is not the newest the app asked for is dropped by the app.
    Load {
        /// Rises with every load of the app.
        seq: u64,
        /// What to read.
        query: Query,
    },
    /// Change something. Every write is carried out, those of a [`Lane`] in order, and answered with the same `ticket`.
    Write {
        /// Rises with every write of the app.
        ticket: u64,
        /// What to change.
        write: Write,
    },
    /// Put this on the terminal's clipboard (OSC 52).
    Copy(Safe),
    /// Call the person by the bell, by the desktop's notifications or both, as the terminal can. Never a customer's words.
    Call {
        /// What a notification says.
        text: Safe,
        /// Ring the bell.
        bell: bool,
        /// Show a notification.
        desktop: bool,
    },
    /// Do not begin these writes; one that has begun goes on. Each is answered as always.
    Cancel(Vec<u64>),
    /// The title of the terminal's window. Never a customer's words.
    Title(Safe),
    /// Forget what the terminal shows and paint everything.
    Redraw,
    /// Give the terminal back until the shell resumes us (local terminals only).
    Suspend,
    /// Give the terminal to the person's own editor with this text (local terminals only); answered with [`super::Msg::Edited`].
    Edit(String),
    /// End the session.
    Quit,
}

/// What was read.
#[derive(Clone, Debug)]
pub enum Loaded {
    /// For [`Query::List`].
    List {
        /// The rows, in the list's order.
        rows: Vec<Summary>,
        /// There are more beyond them, where the page was going to.
        more: bool,
        /// What each list holds.
        counts: Counts,
    },
    /// For [`Query::Thread`].
    Thread(Box<ThreadPage>),
    /// For [`Query::Search`].
    Found(Box<Found>),
    /// For [`Query::Status`].
    Status(Box<StatusPage>),
    /// For [`Query::Views`]: by number.
    Views(Vec<View>),
    /// For [`Query::Agents`]: by name.
    Agents(Vec<(AgentId, String)>),
    /// For [`Query::Canned`]: by shortcut.
    Canned(Vec<Canned>),
    /// For [`Query::Folder`].
    Folder(Folder),
    /// For [`Query::Numbered`].
    Numbered(ConversationId),
    /// For [`Query::News`].
    News(Vec<Summary>),
    /// For [`Query::Labels`]: their names, by name.
    Labels(Vec<String>),
    /// For [`Query::Details`].
    Details(Box<Details>),
    /// For [`Query::People`]: their newest conversations, who wrote last first.
    People(Vec<Summary>),
    /// For [`Query::Versions`]: when each version was written, and what it read; the oldest first.
    Versions(Vec<(Timestamp, String)>),
    /// For [`Query::Picture`]; nothing when the file is none that can be shown.
    Picture(Option<Arc<Picture>>),
    /// For [`Query::Templates`].
    Templates(Box<TemplatePage>),
    /// For [`Query::Channels`].
    Channels(Vec<ChannelAbout>),
    /// For [`Query::Times`].
    Times(MessageTimes),
    /// For [`Query::Wordings`].
    Wordings(Box<WordingPage>),
    /// For [`Query::Forecast`].
    Forecast(Forecast),
    /// For [`Query::Bulks`]: the newest first.
    Bulks(Vec<BulkProgress>),
    /// For [`Query::Queue`].
    Queue(Box<QueuePage>),
    /// For [`Query::Board`].
    Board(Box<Board>),
    /// For [`Query::Kiosk`].
    Kiosk(Box<Kiosk>),
}

/// A folder of the agent's own machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// As it was typed.
    pub typed: String,
    /// Where it is.
    pub path: PathBuf,
    /// What is in it: folders first, by name.
    pub entries: Vec<FolderEntry>,
}

/// One file or folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderEntry {
    /// Its name. Sanitise before showing.
    pub name: String,
    /// It is a folder.
    pub folder: bool,
    /// A file's size in bytes.
    pub size: u64,
}

/// A page of a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadPage {
    /// The conversation's row.
    pub summary: Summary,
    /// The messages, oldest first.
    pub messages: Vec<Message>,
    /// There are older ones.
    pub older: bool,
    /// There are newer ones.
    pub newer: bool,
    /// Times in which messages may have been lost, oldest first, within what the page covers.
    pub gaps: Vec<Gap>,
    /// This agent's unsent reply; empty when there is none.
    pub draft: String,
    /// This agent's unsent note; empty when there is none.
    pub note_draft: String,
}

/// People and messages that hold what was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The conversations of people, who wrote last first.
    pub people: Vec<Summary>,
    /// The messages.
    pub hits: Vec<Hit>,
    /// There are more messages after the last one.
    pub more: bool,
}

/// What the status line and the channel panel show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusPage {
    /// The workspace's channels, by name.
    pub channels: Vec<ChannelStatus>,
    /// Replies waiting to leave.
    pub queued: u64,
    /// Replies that need a person: uncertain ones.
    pub uncertain: u64,
    /// Who keeps the database in step with the channels.
    pub syncing: Syncing,
    /// What that process says of itself, when it is another.
    pub holder: Option<Holder>,
}

/// Who keeps the database in step with the channels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Syncing {
    /// Not known yet.
    #[default]
    Unknown,
    /// This process.
    Here,
    /// Another process holds the lock; this one takes over when it ends.
    Elsewhere,
}

/// Which text of the composer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// Goes to the customer.
    #[default]
    Reply,
    /// Stays with us.
    Note,
}

/// Something to change. Each is one transaction with its line in the event log.
#[derive(Clone, Debug)]
pub enum Write {
    /// Queue a reply; it leaves after the channel's undo delay. The same `client_key` twice is one reply. Clears the draft.
    Reply {
        /// Made when the composer was opened or last cleared.
        client_key: String,
        /// Where.
        conversation: ConversationId,
        /// The words.
        text: String,
        /// The message it answers.
        reply_to: Option<MessageId>,
        /// Files to send with it.
        files: Vec<PathBuf>,
        /// When it is to leave, if that is not now.
        at: Option<Timestamp>,
    },
    /// Queue a message made from a template; for the rest as [`Write::Reply`], but the draft stays.
    Template {
        /// The same for every try.
        client_key: String,
        /// Where.
        conversation: ConversationId,
        /// The template's name.
        name: String,
        /// Its language.
        language: String,
        /// Its values by label.
        values: Vec<(String, String)>,
        /// The file over its text.
        file: Option<PathBuf>,
        /// The place over its text.
        spot: Option<Spot>,
    },
    /// Queue a place on the map.
    Location {
        /// As for a reply.
        client_key: String,
        /// Where.
        conversation: ConversationId,
        /// Which place.
        spot: Spot,
    },
    /// Let a reply leave now that waits for its time.
    SendNow {
        /// Which.
        message: MessageId,
    },
    /// Add a note for colleagues. Clears the note's draft.
    Note {
        /// As for a reply.
        client_key: String,
        /// Where.
        conversation: ConversationId,
        /// The words.
        text: String,
    },
    /// Take a reply back that has not left; answered with its text, or refused when it has left.
    TakeBack {
        /// Which.
        message: MessageId,
    },
    /// Send an uncertain or failed reply (its parts that are not known to have arrived) again.
    Resend {
        /// Which.
        message: MessageId,
    },
    /// Settle an uncertain reply: it arrived.
    MarkSent {
        /// Which.
        message: MessageId,
    },
    /// Replace the words of a reply that was sent.
    EditSent {
        /// Which.
        message: MessageId,
        /// The new words.
        text: String,
    },
    /// Delete a reply that was sent, for the customer too.
    DeleteSent {
        /// Which.
        message: MessageId,
    },
    /// React to a message; `None` takes the reaction back.
    React {
        /// Which.
        message: MessageId,
        /// With what.
        emoji: Option<String>,
    },
    /// What an agent decides about conversations, at most [`crate::domain::act::MOST`] of them, together.
    Act {
        /// On each of them.
        steps: Vec<Step>,
    },
    /// Nothing in it is unread.
    MarkRead {
        /// Which.
        conversation: ConversationId,
    },
    /// Save a view under its number.
    SaveView {
        /// The view.
        view: View,
    },
    /// Forget the view under a number.
    DropView {
        /// Which.
        place: i64,
    },
    /// Keep what is typed; an empty text removes the draft.
    SaveDraft {
        /// Where.
        conversation: ConversationId,
        /// Which of the two texts.
        mode: Mode,
        /// The text.
        text: String,
    },
    /// Keep words that were not sent after all, before what the draft holds now; words it begins with already are not doubled.
    PutBack {
        /// Where.
        conversation: ConversationId,
        /// Which of the two texts.
        mode: Mode,
        /// The text.
        text: String,
    },
    /// Remove a canned reply, keep one, or both: then it has other words or another shortcut. One that is kept takes no other one's place.
    Canned {
        /// The shortcut of the one to remove.
        remove: Option<String>,
        /// The one to keep.
        keep: Option<Canned>,
    },
    /// This agent has seen the tour.
    EndTour,
    /// Show the customer that somebody is typing.
    Typing {
        /// Where.
        conversation: ConversationId,
    },
    /// Connect an account: its settings are tried at the provider first, and stored only when it answers.
    AddChannel {
        /// The provider's name.
        provider: &'static str,
        /// What to call it.
        name: String,
        /// Settings by field name.
        values: BTreeMap<String, String>,
        /// Secrets by field name; they are put in files of their own, readable by the owner alone.
        secrets: BTreeMap<String, Secret>,
    },
    /// Remove one of our own templates, keep one, or both.
    Wording {
        /// The one to remove; one that is kept under the same name, language and kind takes its place.
        remove: Option<Wording>,
        /// The one to keep.
        keep: Option<Wording>,
    },
    /// Begin to send a template to many.
    StartBulk {
        /// On which account.
        channel: ChannelId,
        /// The template.
        template: Box<Template>,
        /// Who gets it.
        people: Vec<BulkPerson>,
    },
    /// Hold a bulk send back.
    PauseBulk {
        /// Which.
        bulk: BulkId,
    },
    /// Let it go on.
    ResumeBulk {
        /// Which.
        bulk: BulkId,
    },
    /// Call it off.
    CancelBulk {
        /// Which.
        bulk: BulkId,
    },
    /// Give a channel other settings, tried at the provider first; what came in before stays.
    EditChannel {
        /// Which.
        channel: ChannelId,
        /// Its settings by field name.
        values: BTreeMap<String, String>,
        /// New secrets by field name; one that is not here stays as it is, and an empty one takes away what there was.
        secrets: BTreeMap<String, Secret>,
    },
    /// Ask the provider whether a channel still works.
    TestChannel {
        /// Which.
        channel: ChannelId,
    },
    /// Tell the whole path that a channel's provider has to call.
    CopyWebhook {
        /// Which.
        channel: ChannelId,
    },
    /// Disconnect a channel; its conversations stay.
    RemoveChannel {
        /// Which.
        channel: ChannelId,
    },
    /// Save a file that came with a message in the folder for downloads, and open it if asked.
    SaveFile {
        /// Which.
        file: AttachmentId,
        /// Also open it with the program the desktop has for it.
        open: bool,
    },
    /// Tell where a file that came with a message is kept.
    LocateFile {
        /// Which.
        file: AttachmentId,
    },
    /// Fetch a file from the provider, again if that failed.
    FetchFile {
        /// Which.
        file: AttachmentId,
    },
    /// Open an address with the program the desktop has for it.
    OpenLink {
        /// Which.
        url: Url,
    },
    /// Do something in a queue.
    Queue(Box<Ask>),
    /// Print a ticket by the command that was set for it. It is stored already: that it cannot be printed changes nothing else.
    Print(Box<Place>),
    /// Say a call aloud by the command that was set for it.
    Announce(Announcement),
    /// Stop a channel.
    PauseChannel {
        /// Which.
        channel: ChannelId,
    },
    /// Start it again.
    ResumeChannel {
        /// Which.
        channel: ChannelId,
    },
}

/// Which of the [`Write`]s wait for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// Those that only the database has to answer.
    Store,
    /// Those that may take long: a large file is copied, a program is started, a provider is asked.
    Elsewhere,
}

impl Write {
    /// Its lane.
    pub const fn lane(&self) -> Lane {
        match self {
            Self::SaveFile { .. }
            | Self::LocateFile { .. }
            | Self::OpenLink { .. }
            | Self::AddChannel { .. }
            | Self::EditChannel { .. }
            | Self::CopyWebhook { .. }
            | Self::Print(_)
            | Self::Announce(_)
            | Self::TestChannel { .. } => Lane::Elsewhere,
            _ => Lane::Store,
        }
    }
}

/// What a write answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrote {
    /// Done.
    Done,
    /// The acts were carried out, but for what was so already and what is as it was for a reason.
    Acted {
        /// What takes back what was changed. A colleague is without a name.
        undo: Vec<Step>,
        /// How many are as they were though they were to be changed, and why.
        kept: Option<(usize, String)>,
    },
    /// A reply or note was stored (again, if the same client key was used twice).
    Message(MessageId),
    /// The reply was taken back; here is its text, which the draft begins with now.
    TakenBack {
        /// Where it was.
        conversation: ConversationId,
        /// Its words.
        text: String,
    },
    /// A file was saved, or opened, under this name in the folder for downloads.
    Saved {
        /// Its whole path.
        path: String,
        /// It was opened too.
        opened: bool,
    },
    /// Here is a file.
    Located {
        /// Its whole path.
        path: String,
    },
    /// What became of what was asked of a queue.
    Queue(Answer),
    /// An address was handed to the desktop.
    Opened,
    /// Where a provider has to call us.
    Webhook {
        /// After our own address; may hold a secret.
        path: String,
    },
    /// A channel works.
    Works {
        /// The account's name at the provider.
        account: String,
        /// Something worth telling; may be empty.
        advice: String,
    },
    /// A channel was connected; here is the account's name at the provider.
    Channel {
        /// Which.
        id: ChannelId,
        /// The account's name.
        account: String,
    },
}
