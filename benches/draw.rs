//! How long a frame of a full inbox takes: 120 columns, 40 rows, an open thread, the composer in use. The budget is 1 ms.

use std::hint::black_box;

use chrono_tz::Tz;
use criterion::{Criterion, criterion_group, criterion_main};
use frontdesk::app::effect::{Effect, Loaded, Query, ThreadPage};
use frontdesk::app::msg::{Code, Input, Key, Msg};
use frontdesk::app::{App, Cx, Setup};
use frontdesk::config::Notify;
use frontdesk::domain::conversation::{Counts, Priority, Status, Summary};
use frontdesk::domain::delivery::Delivery;
use frontdesk::domain::id::{AgentId, ChannelId, ConversationId, MessageId};
use frontdesk::domain::message::{Direction, Message};
use frontdesk::domain::time::{Span, Timestamp};
use frontdesk::ui;
use frontdesk::ui::look::{Depth, Look};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

const NOW: Timestamp = Timestamp::from_secs(1_795_159_800);
const WORDS: &str = "The tracking page still says \"in transit\", 返金をお願いします 🙏 and nobody answers the phone";

fn summary(n: i64) -> Summary {
    Summary {
        id: ConversationId(n),
        number: n,
        channel: ChannelId(1),
        provider: "pigeon".to_owned(),
        name: format!("Søren Lindqvist {n}"),
        handle: "@soren".to_owned(),
        status: Status::Open,
        assignee: None,
        assignee_name: String::new(),
        unread: (n % 3) as u32,
        preview: WORDS.to_owned(),
        preview_direction: Direction::In,
        mark: None,
        draft: None,
        last_at: NOW.minus(Span::minutes(n)),
        rank: NOW.minus(Span::minutes(n)).0,
        waiting_since: None,
        last_inbound_at: None,
        window: None,
        window_closed_at: None,
        unreachable: false,
        priority: Priority::None,
        labels: Vec::new(),
        snoozed_until: None,
        scheduled: None,
    }
}

fn message(n: i64) -> Message {
    let (direction, delivery) = if n % 2 == 0 { (Direction::In, Delivery::Received) } else { (Direction::Out, Delivery::Read) };
    let (text, at) = (WORDS.repeat(1 + (n % 4) as usize), NOW.minus(Span::minutes(1_000 - n)));
    let bare = Message::words(MessageId(n), ConversationId(1), direction, &text, at);
    Message { author: "Søren Lindqvist".to_owned(), delivery, ..bare }
}

fn answer(effect: Effect) -> Option<Msg> {
    let Effect::Load { seq, query } = effect else { return None };
    let loaded = match query {
        Query::List { limit, .. } => Loaded::List {
            rows: (1..=i64::from(limit)).map(summary).collect(),
            more: true,
            counts: Counts { mine: 3, unassigned: 500, all: 200_000, unattended: 17, ..Counts::default() },
        },
        Query::Thread { limit, .. } => Loaded::Thread(Box::new(ThreadPage {
            summary: summary(1),
            messages: (1..=i64::from(limit)).map(message).collect(),
            older: false,
            newer: false,
            gaps: Vec::new(),
            draft: WORDS.repeat(4),
            note_draft: String::new(),
        })),
        Query::Search { .. } => Loaded::Found(Box::default()),
        Query::Status => Loaded::Status(Box::default()),
        _ => return None,
    };
    Some(Msg::Loaded { seq, result: Ok(loaded) })
}

fn full_inbox() -> (App, Cx) {
    let cx = Cx { now: NOW, zone: Tz::UTC, agent: AgentId(1), unique: 1 };
    let mut app = App::new(
        Setup { agent_name: "ayu".to_owned(), providers: Vec::new(), local: true, notify: Notify::default(), tour: false },
        (120, 40),
    );
    let mut asked = app.start(&cx);
    let enter = Msg::Input(Input::Key(Key { code: Code::Enter, ctrl: false, alt: false, shift: false }));
    let mut keys = vec![enter];
    loop {
        let msg = asked.pop().and_then(answer).or_else(|| if asked.is_empty() { keys.pop() } else { None });
        match msg {
            Some(msg) => asked.extend(app.update(msg, &cx)),
            None if asked.is_empty() => return (app, cx),
            None => {}
        }
    }
}

fn draw(c: &mut Criterion) {
    let (app, cx) = full_inbox();
    let look = Look::new(Depth::True, false);
    let Ok(mut terminal) = Terminal::new(TestBackend::new(120, 40));
    c.bench_function("a frame of 120x40", |b| {
        b.iter(|| {
            let Ok(frame) = terminal.draw(|frame| drop(ui::draw(black_box(&app), &cx, &look, frame)));
            black_box(frame.count);
        });
    });
}

criterion_group!(benches, draw);
criterion_main!(benches);
