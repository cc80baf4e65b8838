//! Turns caused from outside: hints, rows that were read, writes that were carried out.

use super::effect::{Effect, Loaded, Mode, Query, Slot, Write, Wrote};
use super::focus::Focus;
use super::overlay::{CannedForm, Overlay, TemplateForm, WordingForm};
use super::pane::composer::Along;
use super::queue_acts::Asked;
use super::{App, Cx};
use crate::domain::hint::Hint;
use crate::domain::id::{ConversationId, MessageId};
use crate::domain::text::Safe;

/// What a write's answer means for the screen.
#[derive(Debug)]
pub enum Awaited {
    /// A reply or note that is shown ahead of the store.
    Text {
        /// Where.
        conversation: ConversationId,
        /// Which of the two.
        mode: Mode,
        /// Its words, to be put back if it fails.
        text: String,
        /// What goes with them.
        along: Along,
    },
    /// A sent message's new words.
    Edit {
        /// Where.
        conversation: ConversationId,
        /// Which message.
        message: MessageId,
        /// Its new words.
        text: String,
    },
    /// A template or a place; with the form it was written in, if it was one.
    Special {
        /// To be shown again if it fails.
        form: Option<Box<TemplateForm>>,
    },
    /// Something the screen shows already; a failure loads what is true.
    Act,
    /// A reply that is taken back.
    TakenBack {
        /// What went with it, if it was sent from this screen.
        along: Option<Along>,
        /// How many files it has.
        files: usize,
    },
    /// A draft: its failure is told, its success is expected.
    Draft(ConversationId, Mode),
    /// One of our own templates; with the form it was written in, if it was one.
    Wording(Option<Box<WordingForm>>),
    /// A bulk send that begins.
    Bulk,
    /// A canned reply; with the form it was written in, if it was one.
    Canned(Option<Box<CannedForm>>),
    /// Something elsewhere: a file saved, a link opened, a provider asked.
    Desktop,
    /// That somebody types: nobody waits for it.
    Nothing,
    /// A form's account.
    Channel,
    /// Something asked of the queue.
    Queue(Box<Asked>),
}

impl App {
    /// Something may have changed: what is on the screen is read again.
    pub(super) fn changed(&mut self, hint: Hint) {
        match hint {
            Hint::Conversation(id) => {
                self.reload_list();
                self.load_news();
                self.details_changed(Some(id));
                if self.thread.as_ref().is_some_and(|thread| thread.id == id) {
                    self.reload_thread();
                }
            }
            Hint::Status => {
                self.load_status();
                self.accounts_changed();
            }
            // Whoever syncs makes messages of it, and says so.
            Hint::Journal => {}
            Hint::Queue(venue) => {
                if self.queue.is_of(venue) {
                    self.load_queue();
                }
                self.line_moved(venue);
            }
            Hint::Everything => {
                self.reload_list();
                self.load_news();
                self.reload_thread();
                self.load_status();
                self.accounts_changed();
                self.load_views();
                self.load_queue();
                self.details_changed(None);
            }
        }
    }

    /// An answer came; says whether it changed anything.
    pub(super) fn loaded(&mut self, seq: u64, result: Result<Loaded, String>, cx: &Cx) -> bool {
        let Some((query, again)) = self.loads.answered(seq) else { return false };
        match (&query, result) {
            (Query::List { listing, page, .. }, Ok(Loaded::List { rows, more, counts })) if *listing == self.list.listing() => {
                self.listed(*page, rows, more, counts, cx);
            }
            (Query::Thread { conversation, place, .. }, Ok(Loaded::Thread(page))) => {
                let watched = self.is_watched(*conversation);
                let Some(thread) = self.thread.as_mut().filter(|thread| thread.id == *conversation && page.summary.id == *conversation)
                else {
                    return false;
                };
                thread.composer.restore(&page.draft, &page.note_draft, cx.now);
                thread.apply(*page, *place, watched);
            }
            (Query::Status, Ok(Loaded::Status(page))) => {
                self.status = *page;
                self.status_known = true;
            }
            (Query::Search { typed, order, after, .. }, Ok(Loaded::Found(found))) => return self.found(typed, *order, *after, *found),
            (Query::Folder { .. }, Ok(Loaded::Folder(folder))) => self.know_folder(folder),
            (Query::Canned, Ok(Loaded::Canned(all))) => self.know_canned(all, cx),
            (Query::Agents, Ok(Loaded::Agents(agents))) => {
                let picking = self.offer_agents(&agents, cx);
                self.memory.agents = agents;
                return self.refill_palette(cx) || picking;
            }
            (Query::People { .. }, Ok(Loaded::People(people))) => {
                self.memory.people = people;
                return self.refill_palette(cx);
            }
            (Query::News, Ok(Loaded::News(newest))) => {
                self.tell_news(&newest, cx);
                if again {
                    self.ask_again(&query);
                }
                return false;
            }
            (Query::Numbered(_), Ok(Loaded::Numbered(id))) => self.open_conversation(id, cx),
            (Query::Versions { message }, Ok(Loaded::Versions(earlier))) => return self.offer_versions(*message, &earlier),
            (Query::Picture { file, terminal, .. }, Ok(Loaded::Picture(picture))) => {
                let Some(thread) = self.thread.as_mut().filter(|_| self.pictured == Some(*terminal)) else { return false };
                thread.show_picture(*file, picture);
            }
            (Query::Views, Ok(Loaded::Views(views))) => self.views = views,
            (Query::Details { .. }, Ok(Loaded::Details(details))) => {
                if !self.take_details(*details) {
                    return false;
                }
            }
            (Query::Times { .. }, Ok(Loaded::Times(times))) => self.details.take_times(times),
            (Query::Wordings, Ok(Loaded::Wordings(page))) => return self.know_wordings(*page),
            (Query::Forecast { .. }, Ok(Loaded::Forecast(forecast))) => return self.know_forecast(forecast),
            (Query::Bulks, Ok(Loaded::Bulks(bulks))) => return self.know_bulks(bulks, cx),
            (Query::Queue { .. }, Ok(Loaded::Queue(page))) => self.know_queue(*page, cx),
            (Query::Queue { .. }, Err(problem)) if self.queue.console.is_none() => self.queue.problem = Some(Safe::line(&problem)),
            (Query::Channels, Ok(Loaded::Channels(accounts))) => self.accounts = accounts,
            (Query::Templates { .. }, Ok(Loaded::Templates(page))) => return self.know_templates(*page),
            (Query::Labels, Ok(Loaded::Labels(labels))) => {
                let picking = self.offer_labels(&labels);
                self.memory.labels = labels;
                return self.refill_palette(cx) || picking;
            }
            // A palette without an answer goes on with what it has: the rows of the list.
            (Query::People { .. }, Err(_)) | (_, Ok(_)) => return false,
            (Query::Search { after: None, .. }, Err(problem)) => self.not_found(&Safe::line(&problem)),
            (Query::List { page, .. }, Err(problem)) => {
                self.list.give_up(*page);
                if self.list.rows.is_empty() {
                    self.list.problem = Some(Safe::line(&problem));
                } else {
                    self.complain(&problem, cx);
                }
            }
            (Query::Thread { .. }, Err(problem)) => self.thread_unread(query.slot(), &problem, cx),
            (_, Err(problem)) => self.complain(&problem, cx),
        }
        if again {
            self.ask_again(&query);
        }
        true
    }

    /// A part of the open thread could not be read.
    fn thread_unread(&mut self, slot: Slot, problem: &str, cx: &Cx) {
        let Some(thread) = &mut self.thread else { return };
        let empty = thread.items.is_empty();
        let on_its_way = slot == Slot::Thread && thread.going.take().is_some();
        thread.stalled |= slot == Slot::MoreThread;
        if empty && !on_its_way {
            thread.problem = Some(Safe::line(problem));
            return;
        }
        self.complain(problem, cx);
        if empty {
            // What was to be shown is not there; the conversation is.
            self.reload_thread();
        }
    }

    /// A write was carried out or was not.
    pub(super) fn wrote(&mut self, ticket: u64, result: Result<Wrote, String>, cx: &Cx) {
        let Some(awaited) = self.awaited.remove(&ticket) else { return };
        self.end_work(&awaited);
        match (awaited, result) {
            (Awaited::Special { form }, Ok(Wrote::Message(id))) => {
                self.special_stored(form.as_deref());
                self.stored(ticket, id);
            }
            (Awaited::Special { form }, Err(problem)) => {
                self.not_stored(ticket);
                self.special_refused(form, &problem, cx);
            }
            (Awaited::Text { .. }, Ok(Wrote::Message(id))) => self.stored(ticket, id),
            (Awaited::Text { conversation, mode, text, along }, Err(problem)) => {
                self.not_stored(ticket);
                self.put_back(conversation, mode, &text, along, cx);
                self.complain(&problem, cx);
            }
            (Awaited::Edit { conversation, message, text }, Err(problem)) => {
                self.edit_again(conversation, message, &text, cx);
                self.complain(&problem, cx);
            }
            (Awaited::TakenBack { along, files }, Ok(Wrote::TakenBack { conversation, text })) => {
                self.taken_back(conversation, &text, along, files, cx);
                self.reload_thread();
                self.reload_list();
            }
            (Awaited::Channel, Ok(Wrote::Channel { account, .. })) => {
                let form = self.overlays.iter().find_map(|overlay| match overlay {
                    Overlay::Form(form) if form.ticket == Some(ticket) => Some(form),
                    _ => None,
                });
                let asked = form.and_then(|form| form.provider()).is_none_or(|provider| provider.capabilities.polls);
                // Nothing comes of itself from a provider that calls, until it knows where.
                let then = match form {
                    Some(form) if !asked && form.was.is_some() => "",
                    _ if !asked => ": now register its webhook (:channels, y)",
                    _ => ": messages come in from now on",
                };
                self.overlays.retain(|overlay| !matches!(overlay, Overlay::Form(form) if form.ticket == Some(ticket)));
                self.say(&format!("Connected as {account}{then}"), cx);
                self.load_status();
                self.channels_changed();
            }
            (Awaited::Channel, Err(problem)) => {
                let form = self.overlays.iter_mut().find_map(|overlay| match overlay {
                    Overlay::Form(form) if form.ticket == Some(ticket) => Some(form),
                    _ => None,
                });
                match form {
                    Some(form) => {
                        form.ticket = None;
                        form.problem = Some(Safe::line(&problem));
                    }
                    None => self.complain(&problem, cx),
                }
            }
            (Awaited::Desktop, Ok(Wrote::Saved { path, opened })) => {
                self.say(&if opened { format!("Opened {path}") } else { format!("Saved as {path}") }, cx);
            }
            (Awaited::Desktop, Ok(Wrote::Located { path })) => {
                self.effect(Effect::Copy(Safe::line(&path)));
                self.say(&format!("Copied {path}"), cx);
            }
            (Awaited::Desktop, Ok(Wrote::Webhook { path })) => {
                self.effect(Effect::Copy(Safe::line(&path)));
                self.say("Copied: it stands after your server's address in the provider's settings", cx);
            }
            (Awaited::Desktop, Ok(Wrote::Works { account, advice })) => {
                let advice = if advice.is_empty() { advice } else { format!(" · {advice}") };
                self.say(&format!("It works: the provider knows it as {account}{advice}"), cx);
            }
            (Awaited::Desktop, Ok(_)) => self.say("Opened", cx),
            (Awaited::Canned(Some(form)), Err(problem)) => self.not_kept(form, &problem, cx),
            (Awaited::Desktop | Awaited::Canned(None) | Awaited::Bulk, Err(problem)) => self.complain(&problem, cx),
            (Awaited::Wording(_), Ok(_)) => self.wordings_changed(),
            (Awaited::Wording(form), Err(problem)) => self.wording_refused(form, &problem, cx),
            (Awaited::Bulk, Ok(_)) => self.show_bulks(),
            (Awaited::Queue(asked), Ok(Wrote::Queue(answer))) => self.queue_answered(ticket, &asked, answer, cx),
            (Awaited::Queue(_), Err(problem)) => self.queue_refused(ticket, &problem, cx),
            (Awaited::Nothing, _) => {}
            (Awaited::Canned(_), Ok(_)) => self.load_canned(),
            (Awaited::Draft(conversation, mode), Ok(_)) => {
                if let Some(thread) = self.thread.as_mut().filter(|thread| thread.id == conversation) {
                    thread.composer.saved(mode);
                }
            }
            (Awaited::Draft(conversation, mode), Err(problem)) => {
                if let Some(thread) = self.thread.as_mut().filter(|thread| thread.id == conversation) {
                    thread.composer.save_failed(mode, cx.now);
                }
                self.complain(&problem, cx);
            }
            (_, Ok(Wrote::Acted { undo, kept })) => {
                self.settle_undo(ticket, undo);
                if let Some((count, why)) = kept {
                    self.complain(&format!("{count} left unchanged: {why}"), cx);
                }
                self.reload_list();
                self.reload_thread();
                self.load_status();
            }
            (_, Ok(_)) => {
                self.reload_list();
                self.reload_thread();
                self.load_status();
            }
            (Awaited::Act | Awaited::TakenBack { .. }, Err(problem)) => {
                self.settle_undo(ticket, Vec::new());
                self.complain(&problem, cx);
                self.reload_list();
                self.reload_thread();
            }
        }
    }

    /// What is shown ahead of the store has its name.
    fn stored(&mut self, ticket: u64, id: MessageId) {
        self.name_undo(ticket, id);
        if let Some(thread) = &mut self.thread {
            thread.name_ahead(ticket, id);
        }
        self.reload_thread();
        self.reload_list();
    }

    /// What is shown ahead of the store is not there.
    fn not_stored(&mut self, ticket: u64) {
        self.undo.retain(|undo| !undo.is_send(ticket));
        if let Some(thread) = &mut self.thread {
            thread.drop_ahead(ticket);
        }
        self.reload_thread();
    }

    /// A reply was taken back; the store keeps its words as the draft, before what was typed since.
    fn taken_back(&mut self, conversation: ConversationId, text: &str, along: Option<Along>, files: usize, cx: &Cx) {
        let open = self.thread.as_ref().is_some_and(|thread| thread.id == conversation);
        let lost = files > 0 && (!open || along.is_none());
        if open {
            self.put_back(conversation, Mode::Reply, text, along.unwrap_or_default(), cx);
        }
        let back = match (lost, open) {
            (true, _) => {
                return self.complain("Taken back as a draft: its files have to be attached again", cx);
            }
            (false, _) if text.trim().is_empty() && files == 0 => "Taken back: it was not sent",
            (false, true) if text.trim().is_empty() => "Taken back: it was not sent, and its files are in the composer again",
            (false, true) => "Taken back: it was not sent, and its words are in the composer again",
            (false, false) => "Taken back: it was not sent, and its words are the draft again",
        };
        self.say(back, cx);
    }

    /// Puts what was not sent back where it was written.
    pub(super) fn put_back(&mut self, conversation: ConversationId, mode: Mode, text: &str, along: Along, cx: &Cx) {
        let writing = self.focus == Focus::Compose;
        match self.thread.as_mut().filter(|thread| thread.id == conversation) {
            Some(thread) => {
                thread.composer.put_back(mode, text, cx.now);
                thread.composer.put_along(along);
                if !writing {
                    thread.composer.mode = mode;
                }
            }
            None => {
                self.write(Write::PutBack { conversation, mode, text: text.to_owned() }, Awaited::Draft(conversation, mode));
            }
        }
    }
}
