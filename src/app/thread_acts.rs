//! What the messages of a thread hold: files, links, quoted messages, earlier versions; and what can be done with each.

use super::answers::Awaited;
use super::effect::{Effect, Query, Write};
use super::overlay::{Menu, MenuChoice, MenuRow, Overlay, Versions};
use super::{App, Cx};
use crate::domain::attachment::{Attachment, Stored};
use crate::domain::id::{AttachmentId, MessageId};
use crate::domain::link::{Link, Url, links};
use crate::domain::message::Message;
use crate::domain::text::Safe;
use crate::domain::time::Timestamp;

/// Steps back from quoted messages that are remembered.
const TRAIL: usize = 20;
/// The letters of a menu's rows; those that move the selection are left out.
const LETTERS: &str = "123456789abcdefhilmnoprstuvwxyz";

/// Something a message holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// A file.
    File(AttachmentId),
    /// A link in its words.
    Link(Url),
    /// The message it quotes.
    Quoted(MessageId),
    /// What it read before it was edited.
    Versions,
}

/// What is done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileAct {
    /// Save it and open it.
    Open,
    /// Save it.
    Save,
    /// Copy the path of where it is kept.
    CopyPath,
    /// Fetch it from the provider.
    Fetch,
}

impl App {
    /// What Enter on the selected message could open.
    fn held(&self) -> Result<Vec<(Held, Safe, Safe)>, String> {
        let message = self.selected_message().ok_or("No message is selected")?;
        let mut held: Vec<(Held, Safe, Safe)> = message.attachments.iter().map(of_file).collect();
        held.extend(links_of(message).into_iter().map(|link| of_link(&link.url)));
        if let Some(quote) = &message.quote {
            match quote.id {
                Some(id) => held.push((Held::Quoted(id), Safe::lit("the quoted message"), Safe::line(&quote.author))),
                None if held.is_empty() => return Err("The quoted message is not stored here".to_owned()),
                None => {}
            }
        }
        if message.versions > 0 {
            held.push((Held::Versions, Safe::lit("earlier versions"), Safe::line(&message.versions.to_string())));
        }
        if held.is_empty() {
            return Err(format!("There is nothing to open here: {} replies", self.keymap.first_key("conversation.reply")));
        }
        Ok(held)
    }

    pub(super) fn can_open_message(&self) -> Result<(), String> {
        self.held().map(|_| ())
    }

    /// Enter on a message: opens what it holds, or asks what of it.
    pub(super) fn open_held(&mut self, cx: &Cx) {
        if let Ok(held) = self.held() {
            self.one_of("open", held, cx);
        }
    }

    pub(crate) fn can_open_files(&self) -> Result<(), String> {
        let message = self.selected_message().ok_or("No message is selected")?;
        if message.attachments.is_empty() { Err("This message has no file".to_owned()) } else { Ok(()) }
    }

    pub(crate) fn open_files(&mut self, cx: &Cx) {
        let files = self.selected_message().map(|message| message.attachments.iter().map(of_file).collect()).unwrap_or_default();
        self.one_of("files", files, cx);
    }

    pub(crate) fn can_open_links(&self) -> Result<(), String> {
        let message = self.selected_message().ok_or("No message is selected")?;
        if links_of(message).is_empty() { Err("This message has no link".to_owned()) } else { Ok(()) }
    }

    pub(crate) fn open_links(&mut self, cx: &Cx) {
        let links = self.selected_message().map(links_of).unwrap_or_default();
        self.one_of("links", links.iter().map(|link| of_link(&link.url)).collect(), cx);
    }

    /// Goes on with the only one, or asks which.
    fn one_of(&mut self, title: &str, mut held: Vec<(Held, Safe, Safe)>, cx: &Cx) {
        if held.len() == 1 {
            if let Some((only, ..)) = held.pop() {
                self.open_one(&only, cx);
            }
            return;
        }
        // What is asked about stays the same message, whatever comes in meanwhile.
        if let Some(thread) = &mut self.thread {
            thread.selected = thread.current().map(|item| item.message.id);
        }
        let row = |(key, (held, title, detail))| MenuRow { key, title, detail, choice: MenuChoice::Held(held) };
        self.overlays.push(Overlay::Menu(Menu::new(title, LETTERS.chars().zip(held).map(row).collect())));
    }

    /// Opens one thing of a message.
    pub(crate) fn open_one(&mut self, held: &Held, cx: &Cx) {
        match held {
            Held::File(id) => self.ask_file(*id, cx),
            Held::Link(url) => self.ask_link(url, cx),
            Held::Quoted(to) => self.follow_quote(*to, cx),
            Held::Versions => self.show_versions(),
        }
    }

    /// Asks what to do with a file; what cannot be done is said.
    fn ask_file(&mut self, id: AttachmentId, cx: &Cx) {
        let Some(file) = self.selected_message().and_then(|message| message.attachments.iter().find(|file| file.id == id)) else { return };
        let (_, title, _) = of_file(file);
        let acts: &[(char, FileAct, &'static str)] = match (file.stored, self.setup.local) {
            (Stored::Here, true) => &[
                ('o', FileAct::Open, "open it, saved among your downloads"),
                ('s', FileAct::Save, "save it among your downloads"),
                ('y', FileAct::CopyPath, "copy the path of where it is kept"),
            ],
            (Stored::Here, false) => {
                return self.complain("Files are saved and opened only where frontdesk runs at your own terminal, not over a server", cx);
            }
            (Stored::TooLarge, _) => return self.complain("This file is too large to be fetched; ask for it in smaller parts", cx),
            (Stored::Failed, _) => &[('f', FileAct::Fetch, "try again to fetch it")],
            (Stored::Remote, _) => &[('f', FileAct::Fetch, "it is not here yet; fetch it now")],
        };
        if let Some(thread) = &mut self.thread {
            thread.selected = thread.current().map(|item| item.message.id);
        }
        let row = |(key, act, words): &(char, FileAct, &'static str)| MenuRow {
            key: *key,
            title: Safe::lit(words),
            detail: Safe::default(),
            choice: MenuChoice::File(id, *act),
        };
        let rows = acts.iter().map(row).collect();
        self.overlays.push(Overlay::Menu(Menu::new(title.as_str(), rows)));
    }

    pub(crate) fn act_on_file(&mut self, file: AttachmentId, act: FileAct, cx: &Cx) {
        let write = match act {
            FileAct::Open => Write::SaveFile { file, open: true },
            FileAct::Save => Write::SaveFile { file, open: false },
            FileAct::CopyPath => Write::LocateFile { file },
            FileAct::Fetch => {
                self.write(Write::FetchFile { file }, Awaited::Act);
                return self.say("Fetching it", cx);
            }
        };
        self.write(write, Awaited::Desktop);
    }

    /// Shows where a link leads before anybody goes there. Over a server it can only be copied.
    fn ask_link(&mut self, url: &Url, cx: &Cx) {
        if !self.setup.local {
            return self.copy_link(url, cx);
        }
        let row = |key, words, detail: &str, choice| MenuRow { key, title: Safe::lit(words), detail: Safe::line(detail), choice };
        let rows = vec![
            row('o', "open", url.host(), MenuChoice::OpenLink(url.clone())),
            row('y', "copy", url.as_str(), MenuChoice::CopyLink(url.clone())),
        ];
        self.overlays.push(Overlay::Menu(Menu::new("link", rows)));
    }

    pub(crate) fn open_link(&mut self, url: &Url) {
        self.write(Write::OpenLink { url: url.clone() }, Awaited::Desktop);
    }

    pub(crate) fn copy_link(&mut self, url: &Url, cx: &Cx) {
        self.effect(Effect::Copy(Safe::line(url.as_str())));
        self.say(&format!("Copied the link to {}", url.host()), cx);
    }

    /// Goes to the quoted message; the way back is remembered.
    fn follow_quote(&mut self, to: MessageId, cx: &Cx) {
        let Some(from) = self.selected_message().map(|message| message.id) else { return };
        let Some(thread) = &mut self.thread else { return };
        if thread.trail.len() >= TRAIL {
            thread.trail.remove(0);
        }
        thread.trail.push(from);
        let conversation = thread.id;
        self.open_message(conversation, to, cx);
    }

    pub(crate) fn can_retrace(&self) -> Result<(), String> {
        let gone = self.thread.as_ref().is_some_and(|thread| !thread.trail.is_empty());
        if gone { Ok(()) } else { Err("No quoted message was gone to".to_owned()) }
    }

    /// Goes back to the message from which the last quoted one was gone to.
    pub(crate) fn retrace(&mut self) {
        if let Some(thread) = &mut self.thread
            && let Some(from) = thread.trail.pop()
        {
            thread.go_to(from);
        }
    }

    pub(crate) fn can_show_versions(&self) -> Result<(), String> {
        match self.selected_message() {
            Some(message) if message.versions > 0 => Ok(()),
            Some(_) => Err("This message was not edited since it came here".to_owned()),
            None => Err("No message is selected".to_owned()),
        }
    }

    pub(crate) fn show_versions(&mut self) {
        let Some(message) = self.selected_message() else { return };
        let (id, since) = (message.id, message.edited_at.unwrap_or(message.at));
        let versions = Versions::new(id, &message.text, since, message.deleted_at);
        self.overlays.push(Overlay::Versions(versions));
        self.load_versions(Query::Versions { message: id });
    }

    /// The earlier versions are known: the overlay that asked shows them.
    pub(super) fn offer_versions(&mut self, of: MessageId, earlier: &[(Timestamp, String)]) -> bool {
        let Some(Overlay::Versions(versions)) =
            self.overlays.last_mut().filter(|overlay| matches!(overlay, Overlay::Versions(of_message) if of_message.message == of))
        else {
            return false;
        };
        versions.fill(earlier);
        true
    }
}

/// The links in a message's words, as they are shown.
fn links_of(message: &Message) -> Vec<Link> {
    let mut links = links(Safe::block(&message.text).as_str());
    let mut seen = std::collections::BTreeSet::new();
    links.retain(|link| seen.insert(link.url.as_str().to_owned()));
    links
}

fn of_link(url: &Url) -> (Held, Safe, Safe) {
    (Held::Link(url.clone()), Safe::line(url.host()), Safe::line(url.as_str()))
}

fn of_file(file: &Attachment) -> (Held, Safe, Safe) {
    let title = if file.name.is_empty() { Safe::lit(file.kind.title()) } else { Safe::line(&file.name) };
    let detail = match (file.stored, file.size) {
        (Stored::Here, Some(size)) => Safe::line(&crate::domain::attachment::human_size(size)),
        (Stored::Here, None) => Safe::default(),
        (Stored::Remote, _) => Safe::lit("not fetched yet"),
        (Stored::TooLarge, _) => Safe::lit("too large to fetch"),
        (Stored::Failed, _) => Safe::lit("could not be fetched"),
    };
    (Held::File(file.id), title, detail)
}
