//! A desk for screen tests: made-up customers, a clock that stands still, keys written as text, and answers given by hand.

use std::collections::VecDeque;

use chrono_tz::Tz;
use frontdesk::app::effect::{
    BulkProgress, ChannelAbout, Effect, Loaded, MessageTimes, Query, QueuePage, StatusPage, Syncing, TemplatePage, ThreadPage, WordingPage,
    Write, Wrote,
};
use frontdesk::app::msg::{Input, MouseAct, Msg};
use frontdesk::app::{App, Cx, Setup, key};
use frontdesk::domain::bulk::Forecast;
use frontdesk::domain::canned::Canned;
use frontdesk::domain::channel::{Capabilities, ChannelStatus, Field, Health, Provider};
use frontdesk::domain::contact::Details;
use frontdesk::domain::conversation::{Priority, Status, Summary};
use frontdesk::domain::delivery::Delivery;
use frontdesk::domain::id::{AgentId, ChannelId, ConversationId, MessageId};
use frontdesk::domain::list::View;
use frontdesk::domain::message::{Direction, Gap, Message, Place, ThreadKey};
use frontdesk::domain::picture::Picture;
use frontdesk::domain::time::{Span, Timestamp};
use frontdesk::ui;
use frontdesk::ui::look::{Depth, Look};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

use super::listed;
pub use super::setup::{long_talk, setup};

/// Fri 20 Nov 2026, 14:30 in Jakarta.
pub const NOW: Timestamp = Timestamp::from_secs(1_795_159_800);
pub const ME: AgentId = AgentId(7);

static CAPABILITIES: Capabilities = Capabilities {
    text_limit: 4096,
    caption_limit: 1024,
    upload_limit: 50_000_000,
    file_types: &[],
    download_limit: 20_000_000,
    reply_to: true,
    edit: true,
    delete: true,
    react: true,
    typing: true,
    polls: true,
    ..Capabilities::NONE
};

pub static PROVIDER: Provider = Provider {
    name: "pigeon",
    title: "Pigeon",
    letter: 'P',
    fields: &[
        Field { name: "token", title: "Token", help: "from the loft's keeper", secret: true, default: None },
        Field {
            name: "api-base",
            title: "Address",
            help: "leave it unless told otherwise",
            secret: false,
            default: Some("https://loft.example"),
        },
    ],
    capabilities: &CAPABILITIES,
};

/// A screen, the store as it would answer, and what was asked of it.
pub struct Desk {
    pub app: App,
    pub cx: Cx,
    pub look: Look,
    pub rows: Vec<Summary>,
    /// Conversations that are in no list, and are found by the beginning of their customer's name.
    pub elsewhere: Vec<Summary>,
    pub messages: Vec<Message>,
    pub gaps: Vec<Gap>,
    /// What an edited message read before.
    pub versions: Vec<(Timestamp, String)>,
    pub status: StatusPage,
    /// The canned replies in the store.
    pub canned: Vec<Canned>,
    pub views: Vec<View>,
    /// What is known about any customer.
    pub details: Details,
    /// What any file is as a picture.
    pub picture: Option<std::sync::Arc<Picture>>,
    /// When any message got where.
    pub times: [(&'static str, Option<Timestamp>); 5],
    /// Our own templates and the providers'.
    pub wordings: WordingPage,
    /// What the store says of a bulk send before it begins.
    pub forecast: Forecast,
    /// The bulk sends.
    pub bulks: Vec<BulkProgress>,
    /// What is known of the channels beside their health.
    pub accounts: Vec<ChannelAbout>,
    /// The walk-in queue; there is no venue at first.
    pub queue: QueuePage,
    /// The templates of every channel, and what is known of any customer.
    pub templates: TemplatePage,
    /// The reply's draft in the store.
    pub draft: String,
    /// Everything the app asked for and nobody has answered, in order.
    pub asked: VecDeque<Effect>,
    /// Every write so far.
    pub writes: Vec<Write>,
    /// Every title and call so far.
    pub told: Vec<Effect>,
    /// Every other effect so far.
    pub others: Vec<Effect>,
}

impl Desk {
    /// A desk with eight conversations, all read in.
    pub fn open(size: (u16, u16)) -> Self {
        Self::open_with(setup(), size)
    }

    /// The same for another setup.
    pub fn open_with(setup: Setup, size: (u16, u16)) -> Self {
        let mut desk = Self::empty_with(setup, size);
        desk.rows = customers();
        desk.messages = talk();
        desk.start();
        desk
    }

    /// A desk with a channel and no conversation, not started.
    pub fn empty(size: (u16, u16)) -> Self {
        Self::empty_with(setup(), size)
    }

    fn empty_with(setup: Setup, size: (u16, u16)) -> Self {
        let channel = |id, name: &str, health, note: &str| ChannelStatus {
            id: ChannelId(id),
            provider: "pigeon".to_owned(),
            name: name.to_owned(),
            health,
            note: note.to_owned(),
            synced_at: Some(ago(2)),
        };
        Self {
            app: App::new(setup, size),
            cx: Cx { now: NOW, zone: Tz::Asia__Jakarta, agent: ME, unique: 1 },
            look: Look::new(Depth::Sixteen, false),
            rows: Vec::new(),
            elsewhere: Vec::new(),
            messages: Vec::new(),
            gaps: Vec::new(),
            versions: Vec::new(),
            status: StatusPage {
                channels: vec![
                    channel(1, "Shop", Health::Up, "@shop"),
                    channel(2, "Arena", Health::NeedsAttention, "The loft refuses the token: put the new one into its file"),
                ],
                queued: 1,
                uncertain: 0,
                syncing: Syncing::Here,
                holder: None,
            },
            canned: Vec::new(),
            views: Vec::new(),
            details: Details {
                conversation: ConversationId(0),
                identities: Vec::new(),
                earlier: Vec::new(),
                notes: Vec::new(),
                ticket: None,
            },
            picture: None,
            times: [("sent", None), ("delivered", None), ("read", None), ("played", None), ("failed", None)],
            wordings: WordingPage::default(),
            forecast: Forecast::default(),
            bulks: Vec::new(),
            accounts: Vec::new(),
            queue: QueuePage { venues: Vec::new(), console: None },
            templates: TemplatePage {
                conversation: ConversationId(0),
                templates: Vec::new(),
                language: String::new(),
                opted_out_at: None,
                capped: false,
            },
            draft: String::new(),
            asked: VecDeque::new(),
            writes: Vec::new(),
            told: Vec::new(),
            others: Vec::new(),
        }
    }

    pub fn start(&mut self) {
        let effects = self.app.start(&self.cx);
        self.take(effects);
        self.answer_all();
    }

    /// One turn.
    pub fn turn(&mut self, msg: Msg) {
        self.cx.unique += 1;
        let effects = self.app.update(msg, &self.cx);
        self.take(effects);
    }

    /// Keys with blanks between them, each 200 ms after the one before, every question answered in between.
    /// `'some words'` is typed letter by letter.
    pub fn keys(&mut self, text: &str) -> &mut Self {
        for (n, part) in text.split('\'').enumerate() {
            if n % 2 == 1 {
                for letter in part.chars() {
                    let word = if letter == ' ' { "space".to_owned() } else { letter.to_string() };
                    self.press(&word);
                }
            } else {
                for word in part.split_whitespace() {
                    self.press(word);
                }
            }
        }
        self
    }

    fn press(&mut self, word: &str) {
        self.wait(Span::millis(200));
        self.key_now(word);
        self.answer_all();
    }

    /// A key without any time between.
    pub fn key_now(&mut self, word: &str) {
        for key in key::parse(word).unwrap() {
            self.turn(Msg::Input(Input::Key(key)));
        }
    }

    pub fn mouse(&mut self, act: MouseAct, column: u16, row: u16) {
        self.turn(Msg::Input(Input::Mouse { act, column, row }));
        self.answer_all();
    }

    /// Time passes; the app is woken whenever it asked to be.
    pub fn wait(&mut self, span: Span) {
        let until = self.cx.now.plus(span);
        while let Some(at) = self.app.wake_at().filter(|at| *at <= until) {
            assert!(at > self.cx.now, "asks to be woken in the past");
            self.cx.now = at;
            self.turn(Msg::Woke);
        }
        self.cx.now = until;
    }

    fn take(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match &effect {
                Effect::Load { .. } => self.asked.push_back(effect),
                Effect::Write { write, .. } => {
                    self.writes.push(write.clone());
                    self.asked.push_back(effect);
                }
                Effect::Title(_) | Effect::Call { .. } => self.told.push(effect),
                _ => self.others.push(effect),
            }
        }
    }

    /// Answers everything that is asked, as a store would.
    pub fn answer_all(&mut self) {
        for _ in 0..50 {
            let Some(effect) = self.asked.pop_front() else { return };
            let msg = match effect {
                Effect::Load { seq, query } => Msg::Loaded { seq, result: Ok(self.read(&query)) },
                Effect::Write { ticket, write } => Msg::Wrote { ticket, result: Ok(self.carry_out(write)) },
                _ => continue,
            };
            self.turn(msg);
        }
        panic!("the app asks without end: {:?}", self.asked);
    }

    /// Takes what is asked next without answering.
    pub fn next_asked(&mut self) -> Effect {
        self.asked.pop_front().expect("nothing is asked")
    }

    pub fn read(&self, query: &Query) -> Loaded {
        match query {
            Query::List { listing, page, limit } => {
                let (rows, more) = listed::page(&self.rows, listing, *page, *limit as usize);
                Loaded::List { rows, more, counts: listed::counts(&self.rows) }
            }
            Query::Thread { conversation, place, limit } => {
                let summary = self.rows.iter().find(|row| row.id == *conversation).cloned().expect("a known conversation");
                let mut messages: Vec<Message> =
                    self.messages.iter().filter(|message| message.conversation == *conversation).cloned().collect();
                messages.sort_by_key(|message| message.key);
                let limit = *limit as usize;
                let at = |key: ThreadKey| messages.partition_point(|message| message.key < key);
                let (from, to) = match *place {
                    Place::Newest => (messages.len().saturating_sub(limit), messages.len()),
                    Place::Oldest => (0, limit.min(messages.len())),
                    Place::Before(key) => (at(key).saturating_sub(limit), at(key)),
                    Place::After(key) => {
                        let from = messages.partition_point(|message| message.key <= key);
                        (from, (from + limit).min(messages.len()))
                    }
                    Place::Around(id) => {
                        let at = messages.iter().position(|message| message.id == id).expect("a known message");
                        ((at + 1).saturating_sub(limit.div_ceil(2)), (at + 1 + limit / 2).min(messages.len()))
                    }
                };
                let (older, newer) = (from > 0, to < messages.len());
                let messages = messages[from..to].to_vec();
                let draft = self.draft.clone();
                Loaded::Thread(Box::new(ThreadPage {
                    summary,
                    messages,
                    older,
                    newer,
                    gaps: self.gaps.clone(),
                    draft,
                    note_draft: String::new(),
                }))
            }
            Query::Search { typed, order, after, limit } => Loaded::Found(Box::new(self.hits(typed, *order, *after, *limit as usize))),
            Query::People { typed } => Loaded::People(self.elsewhere.iter().filter(|row| row.name.starts_with(typed)).cloned().collect()),
            Query::Status => Loaded::Status(Box::new(self.status.clone())),
            Query::Folder { typed } => Loaded::Folder(super::attach::folder(typed)),
            Query::Canned => Loaded::Canned(self.canned.clone()),
            Query::News => Loaded::News(self.rows.clone()),
            Query::Numbered(number) => Loaded::Numbered(ConversationId(*number)),
            Query::Details { conversation } => {
                let details = self.details.clone();
                Loaded::Details(Box::new(Details { conversation: *conversation, ..details }))
            }
            Query::Templates { conversation } => {
                Loaded::Templates(Box::new(TemplatePage { conversation: *conversation, ..self.templates.clone() }))
            }
            Query::Times { message } => Loaded::Times(MessageTimes { message: *message, times: self.times }),
            Query::Wordings => Loaded::Wordings(Box::new(self.wordings.clone())),
            Query::Forecast { .. } => Loaded::Forecast(self.forecast.clone()),
            Query::Bulks => Loaded::Bulks(self.bulks.clone()),
            Query::Channels => Loaded::Channels(self.accounts.clone()),
            Query::Queue { .. } => Loaded::Queue(Box::new(self.queue.clone())),
            Query::Board { .. } | Query::Kiosk { .. } => panic!("no screen of a public place"),
            Query::Labels => Loaded::Labels(vec!["refund".to_owned(), "vip".to_owned()]),
            Query::Versions { .. } => Loaded::Versions(self.versions.clone()),
            Query::Picture { .. } => Loaded::Picture(self.picture.clone()),
            Query::Views => Loaded::Views(self.views.clone()),
            Query::Agents => Loaded::Agents(vec![(ME, "ayu".to_owned()), (AgentId(8), "rio".to_owned())]),
        }
    }

    fn carry_out(&mut self, write: Write) -> Wrote {
        match write {
            Write::Template { conversation, name, .. } => self.carry_out(Write::Reply {
                client_key: String::new(),
                conversation,
                text: format!("[{name}]"),
                reply_to: None,
                files: Vec::new(),
                at: None,
            }),
            Write::Reply { conversation, text, at, .. } => {
                let mut message = said(5_000 + self.messages.len() as i64, conversation, Direction::Out, "ayu", &text, self.cx.now);
                message.delivery = Delivery::Queued;
                message.due_at = at.or(Some(self.cx.now.plus(Span::secs(5))));
                let id = message.id;
                self.messages.push(message);
                Wrote::Message(id)
            }
            Write::Note { conversation, text, .. } => {
                let message = said(5_000 + self.messages.len() as i64, conversation, Direction::Note, "ayu", &text, self.cx.now);
                let id = message.id;
                self.messages.push(message);
                Wrote::Message(id)
            }
            Write::TakeBack { message } => {
                let at = self.messages.iter().position(|stored| stored.id == message).expect("a known message");
                let message = self.messages.remove(at);
                Wrote::TakenBack { conversation: message.conversation, text: message.text }
            }
            Write::Canned { remove, keep } => {
                self.canned.retain(|canned| Some(&canned.shortcut) != remove.as_ref());
                self.canned.extend(keep);
                self.canned.sort_by(|a, b| a.shortcut.cmp(&b.shortcut));
                Wrote::Done
            }
            Write::Act { steps } => {
                for step in steps {
                    step.act.apply(self.row(step.conversation));
                }
                Wrote::Done
            }
            Write::MarkRead { conversation } => {
                self.row(conversation).unread = 0;
                Wrote::Done
            }
            Write::SaveView { view } => {
                self.views.retain(|old| old.place != view.place);
                self.views.push(view);
                Wrote::Done
            }
            Write::DropView { place } => {
                self.views.retain(|view| view.place != place);
                Wrote::Done
            }
            Write::Wording { remove, keep } => {
                self.wordings.own.retain(|wording| Some(wording) != remove.as_ref());
                self.wordings.own.extend(keep);
                Wrote::Done
            }
            Write::Queue(ask) => Wrote::Queue(super::queue_store::ask(&mut self.queue, &ask, self.cx.now)),
            Write::CopyWebhook { channel } => Wrote::Webhook { path: format!("/webhooks/{channel}/k7") },
            Write::TestChannel { .. } => Wrote::Works { account: "@loft".to_owned(), advice: String::new() },
            Write::EditChannel { channel, .. } => Wrote::Channel { id: channel, account: "@loft".to_owned() },
            Write::AddChannel { .. } => Wrote::Channel { id: ChannelId(9), account: "@loft".to_owned() },
            _ => Wrote::Done,
        }
    }

    pub fn row(&mut self, id: ConversationId) -> &mut Summary {
        self.rows.iter_mut().find(|row| row.id == id).expect("a known conversation")
    }

    /// The screen's cells.
    pub fn buffer(&self) -> Buffer {
        let (columns, rows) = self.app.size();
        let mut terminal = Terminal::new(TestBackend::new(columns.max(1), rows.max(1))).unwrap();
        terminal.draw(|frame| drop(ui::draw(&self.app, &self.cx, &self.look, frame))).unwrap();
        terminal.backend().buffer().clone()
    }

    /// The screen's text, without the blanks at the ends of rows.
    pub fn screen(&self) -> String {
        let buffer = self.buffer();
        let row = |y| {
            let mut text = String::new();
            let mut x = 0;
            while x < buffer.area.width {
                let symbol = buffer[(x, y)].symbol();
                text.push_str(symbol);
                x += unicode_width::UnicodeWidthStr::width(symbol).max(1) as u16;
            }
            text.trim_end().to_owned()
        };
        (0..buffer.area.height).map(row).collect::<Vec<_>>().join("\n")
    }

    /// Where on the screen a text stands first.
    pub fn find(&self, text: &str) -> Option<(u16, u16)> {
        let screen = self.screen();
        let (y, row) = screen.lines().enumerate().find(|(_, row)| row.contains(text))?;
        let x = unicode_width::UnicodeWidthStr::width(&row[..row.find(text)?]);
        Some((x as u16, y as u16))
    }

    #[track_caller]
    pub fn shows(&self, text: &str) -> &Self {
        let screen = self.screen();
        assert!(screen.contains(text), "{text:?} is not on the screen:\n{screen}");
        self
    }

    #[track_caller]
    pub fn shows_no(&self, text: &str) -> &Self {
        let screen = self.screen();
        assert!(!screen.contains(text), "{text:?} is on the screen:\n{screen}");
        self
    }
}

/// The one check most tests are made of: a desk of that size, keys, and what is asked of the store then.
#[track_caller]
pub fn check(size: (u16, u16), keys: &str, want: &[&str]) -> Desk {
    let mut desk = Desk::open(size);
    // The window is not looked at, so that nothing becomes read by the way.
    desk.turn(Msg::Input(Input::Focus(false)));
    desk.keys(keys);
    let got: Vec<String> = desk.writes.iter().map(|write| format!("{write:?}")).collect();
    assert_eq!(got.len(), want.len(), "{got:#?}");
    for (got, want) in got.iter().zip(want) {
        assert!(got.contains(want), "{got} is not {want}");
    }
    desk
}

pub fn ago(minutes: i64) -> Timestamp {
    NOW.minus(Span::minutes(minutes))
}

pub fn customer(id: i64, name: &str, preview: &str, minutes: i64) -> Summary {
    Summary {
        id: ConversationId(id),
        number: id,
        channel: ChannelId(1),
        provider: "pigeon".to_owned(),
        name: name.to_owned(),
        handle: format!("@{}", name.split(' ').next().unwrap_or_default().to_lowercase()),
        status: Status::Open,
        assignee: None,
        assignee_name: String::new(),
        unread: 0,
        preview: preview.to_owned(),
        preview_direction: Direction::In,
        mark: None,
        draft: None,
        last_at: ago(minutes),
        rank: ago(minutes).0,
        waiting_since: None,
        last_inbound_at: Some(ago(minutes)),
        window: None,
        window_closed_at: None,
        unreachable: false,
        priority: Priority::None,
        labels: Vec::new(),
        snoozed_until: None,
        scheduled: None,
    }
}

pub fn customers() -> Vec<Summary> {
    let mut rows = vec![
        customer(1, "Andi Pratama", "besok jam 7 malam masih ada lapangan?", 2),
        customer(2, "Søren Lindqvist", "The tracking page still says \"in transit\" since Monday", 14),
        customer(3, "佐藤 花子", "返金をお願いします。注文番号は 88213 です", 51),
        customer(4, "Leila Haddad", "I have booked court 2 for you, Saturday at seven", 70),
        customer(5, "+62 813 1111 2222", "[voice 0:42]", 125),
        customer(6, "Chiara Rossi", "Re: Invoice 2026-118: the amount is wrong", 240),
        customer(7, "سلمى حداد", "شكرا جزيلا", 60 * 24 * 3),
        customer(8, "Eve\u{1b}[2J\u{202e}live", "hi\u{7}\n\u{9b}31mred", 60 * 24 * 400),
    ];
    for at in [0, 1, 2] {
        rows[at].unread = 2;
        rows[at].waiting_since = Some(rows[at].last_at);
    }
    rows[0].window = Some(Span::hours(3));
    rows[0].assignee = Some(ME);
    rows[0].assignee_name.push_str("ayu");
    rows[2].window = Some(Span::minutes(40));
    rows[3].preview_direction = Direction::Out;
    rows[3].mark = Some(Delivery::Delivered);
    rows[4].unreachable = true;
    rows[5].mark = Some(Delivery::Uncertain);
    rows[6].draft = Some("Dear Ms Haddad, the replacement".to_owned());
    rows
}

pub fn said(id: i64, conversation: ConversationId, direction: Direction, author: &str, text: &str, at: Timestamp) -> Message {
    let (agent, delivery) = match direction {
        Direction::Out => (Some(ME), Delivery::Sent),
        Direction::Note => (Some(ME), Delivery::Received),
        Direction::In | Direction::System => (None, Delivery::Received),
    };
    Message { author: author.to_owned(), agent, delivery, ..Message::words(MessageId(id), conversation, direction, text, at) }
}

/// What was said with the first customer.
pub fn talk() -> Vec<Message> {
    let here = ConversationId(1);
    let day = 60 * 24;
    let mut talk = vec![
        said(101, here, Direction::In, "Andi Pratama", "kak, court 2 yang clay itu masih sewa per jam?", ago(day + 28)),
        said(102, here, Direction::Out, "ayu", "Masih, Rp 100.000 per jam, 17–21 Rp 150.000.", ago(day + 25)),
        said(103, here, Direction::In, "Andi Pratama", "👍", ago(day + 24)),
        said(104, here, Direction::Note, "rio", "regular, pays cash", ago(day + 20)),
        said(105, here, Direction::In, "Andi Pratama", "besok jam 7 malam masih ada lapangan?", ago(3)),
        said(106, here, Direction::In, "Andi Pratama", "2 jam ya", ago(2)),
    ];
    talk[1].delivery = Delivery::Read;
    for n in 2..9 {
        talk.push(said(100 * n, ConversationId(n), Direction::In, "Somebody", "hello", ago(60)));
    }
    talk
}
