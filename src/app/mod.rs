//! The screen as a state machine: [`App::update`] takes what happened and returns what to do, [`crate::ui`] paints the result. Pure: no
//! clock, no I/O, no drawing; of the screen's crates it knows only the text field, which is state.
//!
//! Reading order: [`msg`] and [`effect`] (the contract with the driver), [`command`] (the one table everything is made from), [`focus`] and
//! [`keymap`] (where keys go), [`mod@layout`], [`pane`] (list, thread, composer), [`overlay`]; then the turns of [`App`] by cause: `input`,
//! `answers`, `deadlines`; and by subject: `about` (what is meant), `conversation_acts`, `acts` (what is stored, undone and repeated), `choices`, [`marked`], `details`,
//! `message_acts`, `canned_acts`, `template_acts`, `wording_acts`, `bulk_acts`, `channel_acts`, `queue_acts`, `queue_choices`, `send_later`, [`attach`], `navigation`, `lists`, `views`, `finding` (palette and command line), [`search`].
//!
//! Beside it stand two smaller machines of the same make, for screens that the public sees: [`board`] and [`kiosk`].

mod about;
mod acts;
mod answers;
pub mod attach;
pub mod board;
mod bulk_acts;
mod canned_acts;
mod channel_acts;
mod choices;
pub mod command;
mod conversation_acts;
mod copying;
mod deadlines;
mod details;
pub mod effect;
pub mod field;
mod finding;
pub mod focus;
mod input;
pub mod key;
pub mod keymap;
pub mod kiosk;
pub mod layout;
mod lists;
mod loads;
pub mod marked;
mod message_acts;
mod motion;
pub mod msg;
mod navigation;
mod news;
pub mod overlay;
mod pages;
pub mod pane;
mod progress;
mod query;
mod queue_acts;
mod queue_choices;
pub(crate) mod reach;
pub mod search;
mod send_later;
mod template_acts;
mod themes;
mod thread_acts;
pub mod tour;
mod views;
mod wording_acts;

use std::collections::BTreeMap;

pub(crate) use deadlines::HELD_FAR;
pub use effect::Effect;
pub use keymap::Keymap;
pub use msg::{Cx, Msg};
pub use themes::Themes;

use crate::config::Notify;
use crate::domain::act::Act;
use crate::domain::canned::Canned;
use crate::domain::channel::{Capabilities, Provider};
use crate::domain::id::ConversationId;
use crate::domain::list::View;
use crate::domain::picture::Pictured;
use crate::domain::text::Safe;
use crate::domain::time::{Span, Timestamp};
use about::About;
use acts::Undo;
use answers::Awaited;
use command::Command;
use effect::{ChannelAbout, Folder, StatusPage, Write};
use finding::Memory;
use focus::{Context, Focus};
use layout::{Layout, Shape, layout};
use loads::Loads;
use marked::Marked;
pub use news::NEWEST;
use news::News;
use overlay::Overlay;
use pane::composer::Written;
use pane::list::List;
use pane::queue::Queue;
use pane::thread::Thread;
use progress::Busy;
use template_acts::Kept;
use tour::Tour;

/// Everything one screen knows.
#[derive(Debug)]
pub struct App {
    pub(crate) setup: Setup,
    pub(crate) keymap: Keymap,
    pub(crate) focus: Focus,
    pub(crate) list: List,
    pub(crate) marked: Marked,
    pub(crate) thread: Option<Thread>,
    pub(crate) overlays: Vec<Overlay>,
    /// What is asked above the panes is about these, whatever happens to the rows below.
    about: Option<About>,
    pub(crate) search: Option<search::Search>,
    pub(crate) status: StatusPage,
    /// What is known about the channels beside their health, while they are looked at.
    accounts: Vec<ChannelAbout>,
    /// The saved views by their numbers.
    pub(crate) views: Vec<View>,
    /// The status was read at least once.
    pub(crate) status_known: bool,
    /// When it was last asked whether another process that syncs is at work.
    pub(crate) holder_asked_at: Option<Timestamp>,
    pub(crate) toast: Option<Toast>,
    /// The keys typed so far of a command of several keys.
    pub(crate) chord: Vec<msg::Key>,
    pub(crate) info_hidden: bool,
    pub(crate) memory: Memory,
    pub(crate) tour: Option<Tour>,
    news: News,
    pub(crate) busy: Option<Busy>,
    pub(crate) problem: Option<Toast>,
    pub(crate) details: details::Shown,
    pub(crate) queue: Queue,
    themes: Themes,
    /// How the terminal takes pictures, once it has told.
    pictured: Option<Pictured>,
    size: (u16, u16),
    dirty: bool,
    wake: Option<Timestamp>,
    /// The terminal's window has the focus.
    window_focused: bool,
    loads: Loads,
    next_ticket: u64,
    awaited: BTreeMap<u64, Awaited>,
    undo: Vec<Undo>,
    /// What `.` does again.
    last_act: Option<Act>,
    written: Written,
    /// The folder that was looked into last, for a file to attach.
    folder: Option<Folder>,
    /// The workspace's canned replies, once they were asked for.
    canned: Option<Vec<Canned>>,
    out: Vec<Effect>,
    /// Letters act as commands again from then on: the composer was just left.
    swallow_until: Option<Timestamp>,
    quit_until: Option<Timestamp>,
    read_at: Option<Timestamp>,
    /// Templates were offered because this window closed then, while somebody wrote.
    offered: Option<(ConversationId, Timestamp)>,
    /// What was typed into the forms of templates.
    kept: Kept,
}

/// What does not change while a screen lives.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The agent's name.
    pub agent_name: String,
    /// The providers a channel can be added for.
    pub providers: Vec<&'static Provider>,
    /// When and how the person is called.
    pub notify: Notify,
    /// This agent has not seen the tour yet.
    pub tour: bool,
    /// Whether the terminal is ours alone (then suspend works), or one of many of a server.
    pub local: bool,
}

/// A word about what just happened, on the last row for a while.
#[derive(Clone, Debug)]
pub struct Toast {
    /// The word.
    pub text: Safe,
    /// Something did not happen.
    pub problem: bool,
    /// It is told for its whole time, whatever else is said and wherever the person goes.
    pub kept: bool,
    /// Until when it stands.
    pub until: Timestamp,
}

impl App {
    /// A screen of `size` (columns, rows) that has loaded nothing yet.
    pub fn new(setup: Setup, size: (u16, u16)) -> Self {
        Self {
            tour: setup.tour.then(Tour::default),
            setup,
            keymap: Keymap::default(),
            focus: Focus::default(),
            list: List::default(),
            marked: Marked::default(),
            thread: None,
            overlays: Vec::new(),
            about: None,
            search: None,
            status: StatusPage::default(),
            accounts: Vec::new(),
            views: Vec::new(),
            status_known: false,
            holder_asked_at: None,
            toast: None,
            chord: Vec::new(),
            info_hidden: false,
            memory: Memory::default(),
            news: News::default(),
            busy: None,
            problem: None,
            details: details::Shown::default(),
            queue: Queue::default(),
            themes: Themes::default(),
            pictured: None,
            size,
            dirty: true,
            wake: None,
            window_focused: true,
            loads: Loads::default(),
            next_ticket: 0,
            awaited: BTreeMap::new(),
            undo: Vec::new(),
            last_act: None,
            written: Written::default(),
            folder: None,
            canned: None,
            out: Vec::new(),
            swallow_until: None,
            quit_until: None,
            read_at: None,
            offered: None,
            kept: Kept::default(),
        }
    }

    /// The same screen with other keys.
    #[must_use]
    pub fn with_keymap(mut self, keymap: Keymap) -> Self {
        self.keymap = keymap;
        self
    }

    /// The first things to do.
    pub fn start(&mut self, cx: &Cx) -> Vec<Effect> {
        self.news.begin(cx.now);
        self.reload_list();
        self.load_status();
        self.load_views();
        self.settle(cx);
        std::mem::take(&mut self.out)
    }

    /// One turn: what happened changes the state and may ask for effects. Never awaits, never fails.
    pub fn update(&mut self, msg: Msg, cx: &Cx) -> Vec<Effect> {
        let visible = match msg {
            Msg::Input(input) => {
                self.input(input, cx);
                true
            }
            Msg::Changed(hint) => {
                self.changed(hint);
                false
            }
            Msg::Loaded { seq, result } => self.loaded(seq, result, cx),
            Msg::Wrote { ticket, result } => {
                self.wrote(ticket, result, cx);
                true
            }
            Msg::Background { light } => self.see_background(light),
            Msg::Pictures(pictured) => {
                self.pictured = Some(pictured);
                true
            }
            Msg::Edited(result) => {
                self.edited(result, cx);
                true
            }
            Msg::Woke => true,
        };
        self.dirty |= visible;
        self.keep_about();
        self.pass_deadlines(cx);
        self.settle(cx);
        std::mem::take(&mut self.out)
    }

    /// When the screen next changes by itself (an age, a countdown, a toast), if nothing else happens.
    pub const fn wake_at(&self) -> Option<Timestamp> {
        self.wake
    }

    /// Whether the screen has to be painted since this was last asked.
    pub fn take_dirty(&mut self) -> bool {
        std::mem::take(&mut self.dirty)
    }

    /// The size of the screen in columns and rows.
    pub const fn size(&self) -> (u16, u16) {
        self.size
    }

    /// Where everything stands now.
    pub(crate) fn layout(&self) -> Layout {
        let compose = self.composer_shown().map_or(0, |thread| thread.composer.rows().min(usize::from(u16::MAX)) as u16);
        layout(&self.shape(compose))
    }

    /// The contexts keys are looked up in now, the nearest first.
    pub(crate) fn chain(&self) -> &'static [Context] {
        self.overlays.last().map_or(self.focus.chain(), Overlay::chain)
    }

    /// Why a command cannot run now: it belongs to another place, or its own reason.
    pub(crate) fn refusal(&self, command: &Command, cx: &Cx) -> Option<String> {
        if let Some(why) = self.not_in_queue(command) {
            return Some(why);
        }
        if command.context == Context::Thread && self.focus != Focus::Thread {
            return Some("Only for a message of the open thread".to_owned());
        }
        (command.enabled)(self, cx).err()
    }

    /// What the open or selected conversation's channel can do.
    pub(crate) fn capabilities(&self, provider: &str) -> Option<&'static Capabilities> {
        self.provider(provider).map(|provider| provider.capabilities)
    }

    /// A provider by its name.
    pub(crate) fn provider(&self, name: &str) -> Option<&'static Provider> {
        self.setup.providers.iter().find(|provider| provider.name == name).copied()
    }

    /// The thread, when its composer is on the screen: while it is written in, and while a draft waits in it.
    pub(crate) fn composer_shown(&self) -> Option<&Thread> {
        self.thread.as_ref().filter(|thread| self.focus == Focus::Compose || !thread.composer.is_empty())
    }

    /// There is nothing yet: no channel, no conversation.
    pub(crate) fn is_first_run(&self) -> bool {
        self.status_known && self.status.channels.is_empty() && self.list.loaded && self.list.counts.all == 0 && self.list.rows.is_empty()
    }

    /// The panel on the right is on the screen or would be if it was not put away.
    pub(crate) const fn has_panel(&self) -> bool {
        self.size.0 >= layout::WITH_PANEL
    }

    fn shape(&self, compose: u16) -> Shape {
        Shape {
            size: self.size,
            in_list: self.focus == Focus::List,
            info_hidden: self.info_hidden,
            compose,
            in_queue: self.focus == Focus::Queue,
            // Its steps are the inbox's.
            tour: self.tour.is_some() && self.focus != Focus::Queue,
        }
    }

    fn effect(&mut self, effect: Effect) {
        self.out.push(effect);
    }

    fn write(&mut self, write: Write, awaited: Awaited) -> u64 {
        self.next_ticket += 1;
        self.begin_work(&awaited);
        self.awaited.insert(self.next_ticket, awaited);
        self.effect(Effect::Write { ticket: self.next_ticket, write });
        self.next_ticket
    }

    /// A word about what was done.
    fn say(&mut self, text: &str, cx: &Cx) {
        self.show_toast(Toast { text: Safe::line(text), problem: false, kept: false, until: cx.now.plus(Span::secs(4)) });
    }

    /// A key did nothing, and why.
    fn refuse(&mut self, text: &str, cx: &Cx) {
        self.show_toast(Toast { text: Safe::line(text), problem: true, kept: false, until: cx.now.plus(Span::secs(8)) });
    }

    /// Something that was asked for did not happen.
    fn complain(&mut self, text: &str, cx: &Cx) {
        self.show_toast(Toast { text: Safe::line(text), problem: true, kept: true, until: cx.now.plus(Span::secs(8)) });
    }

    fn show_toast(&mut self, toast: Toast) {
        let before = self.toast.replace(toast);
        self.keep_problem(before);
    }

    /// What went wrong goes one row up instead of away.
    fn keep_problem(&mut self, toast: Option<Toast>) {
        if let Some(toast) = toast.filter(|toast| toast.kept) {
            self.problem = Some(toast);
        }
    }

    /// Fits everything to the screen after a turn: what is wrapped, what is in view, when to wake.
    fn settle(&mut self, cx: &Cx) {
        self.time_work(cx);
        let width = usize::from(layout(&self.shape(0)).thread.w).saturating_sub(3);
        let focused = self.focus == Focus::Compose;
        let provider = self.thread.as_ref().and_then(|thread| thread.summary.as_ref()).map(|summary| summary.provider.as_str());
        let limit = provider.and_then(|name| self.capabilities(name)).map(|can| can.text_limit);
        if let Some(thread) = self.thread.as_mut().filter(|thread| focused || !thread.composer.is_empty()) {
            thread.composer.wrap(width, limit);
        }
        self.list.hold(self.thread.as_ref().map(|thread| thread.id));
        self.marked.follow(&self.list);
        let layout = self.layout();
        let today = cx.now.date(cx.zone);
        if !layout.list.is_empty() {
            self.list.resize(usize::from(layout.list.h / layout.row_height), layout.list.w < layout.whole.w);
        }
        if let Some(thread) = &mut self.thread {
            if !layout.thread.is_empty() {
                let size = (usize::from(layout.thread.w), usize::from(layout.thread.h));
                thread.resize(size, !layout.list.is_empty(), today, cx.zone);
            }
            thread.see_terminal(self.pictured);
            let (wanted, picture) = (thread.wanted(), thread.wanted_picture());
            self.load_more(wanted);
            self.load_picture(picture);
        }
        if !layout.queue.is_empty() {
            self.queue.resize(self.size, layout.queue);
        }
        self.follow_details();
        self.plan(cx);
    }
}
