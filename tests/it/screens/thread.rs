//! The open thread: what it looks like, and what it costs on the line.

use frontdesk::app::msg::Msg;
use frontdesk::domain::hint::Hint;
use frontdesk::domain::id::ConversationId;
use frontdesk::domain::message::{Direction, Message};
use frontdesk::domain::time::Span;
use frontdesk::term::{Caps, Screen};
use frontdesk::ui;

use super::desk::{Desk, ago, said};

const WIDE: (u16, u16) = (120, 40);
const HERE: ConversationId = ConversationId(1);

/// A thread as it is in practice: texts of one to three rows, two people, days in between.
fn busy(count: i64) -> Vec<Message> {
    let words = "kak, court 2 yang clay itu masih sewa per jam? besok jam 7 malam masih ada lapangan atau sudah penuh, terima kasih";
    let text = |n: i64| words.chars().skip((n * 7 % 40) as usize).take(20 + (n * 31 % 75) as usize).collect::<String>();
    let message = |n: i64| {
        let (direction, author) = if n % 3 == 0 { (Direction::Out, "ayu") } else { (Direction::In, "Andi Pratama") };
        said(1_000 + n, HERE, direction, author, &text(n), ago((count - n) * 4))
    };
    (0..count).map(message).collect()
}

/// A screen beside a desk, that tells how many bytes each change costs.
struct Meter {
    screen: Screen,
}

impl Meter {
    fn new(desk: &Desk) -> Self {
        let mut meter = Self { screen: Screen::new(desk.app.size().0, desk.app.size().1, Caps::default()) };
        meter.bytes(desk);
        meter
    }

    fn bytes(&mut self, desk: &Desk) -> usize {
        self.paint(desk).len()
    }

    fn paint(&mut self, desk: &Desk) -> String {
        String::from_utf8(self.screen.paint(|frame| ui::draw(&desk.app, &desk.cx, &desk.look, frame))).unwrap()
    }
}

#[test]
fn a_conversation_opens_in_1800_bytes_and_is_marked_as_read_in_few_more() {
    let mut desk = Desk::open(WIDE);
    desk.messages = busy(300);
    let mut meter = Meter::new(&desk);
    desk.keys("enter");
    let opened = meter.bytes(&desk);
    desk.wait(Span::secs(2));
    desk.answer_all();
    let read = meter.bytes(&desk);
    assert!(opened <= 1_800, "{opened} bytes");
    assert!(read <= 120, "{read} bytes");
}

#[test]
fn a_message_that_arrives_in_the_open_thread_costs_little_more_than_itself() {
    for size in [(80, 24), WIDE, (200, 60)] {
        let mut desk = Desk::open(size);
        desk.messages = busy(300);
        desk.keys("enter");
        desk.wait(Span::secs(2));
        desk.answer_all();
        let mut meter = Meter::new(&desk);
        let mut costs = Vec::new();
        for n in 0..8 {
            desk.wait(Span::secs(50));
            desk.answer_all();
            meter.bytes(&desk);
            let at = desk.cx.now;
            desk.messages.push(said(9_000 + n, HERE, Direction::In, "Andi Pratama", "besok jam 7 malam masih ada lapangan?", at));
            let row = desk.row(HERE);
            (row.last_at, row.unread, row.preview) = (at, 1, format!("besok jam {n} malam masih ada lapangan?"));
            desk.turn(Msg::Changed(Hint::Conversation(HERE)));
            desk.answer_all();
            costs.push(meter.bytes(&desk));
        }
        // Beside the list the terminal cannot scroll the thread: it leaves blank rows for what comes, and jumps when they are used up.
        costs.sort_unstable();
        let limit = if size.0 < 110 { 100 } else { 320 };
        assert!(costs[6] <= limit, "{size:?}: {costs:?}");
    }
}

#[test]
fn a_link_in_a_message_is_one_of_the_terminals_and_nothing_over_it_is() {
    let mut desk = Desk::open((80, 24));
    desk.messages[5].text = "see https://example.org/a?b=c and www.example.org".to_owned();
    let mut meter = Meter::new(&desk);
    desk.keys("enter");
    let painted = meter.paint(&desk);
    assert!(painted.contains("\x1b]8;;https://example.org/a?b=c\x1b\\"), "{painted:?}");
    assert!(painted.contains("\x1b]8;;https://www.example.org\x1b\\"), "{painted:?}");
    assert_eq!(painted.matches("\x1b]8;;\x1b\\").count(), 2, "{painted:?}");
    desk.keys("?");
    assert!(!meter.paint(&desk).contains("\x1b]8;;h"), "what floats above is no link");
    desk.keys("esc");
    let plain = Caps { hyperlinks: false, ..Caps::default() };
    let mut screen = Screen::new(80, 24, plain);
    let bytes = screen.paint(|frame| ui::draw(&desk.app, &desk.cx, &desk.look, frame));
    assert!(!String::from_utf8(bytes).unwrap().contains("\x1b]"), "a terminal that would print it is told none");
}

#[test]
fn a_message_that_came_late_says_when() {
    let mut desk = Desk::open((80, 24));
    desk.messages[4].received_at = ago(3).plus(Span::minutes(95));
    desk.keys("enter").shows("Andi Pratama  14:27  came 16:02").shows("Andi Pratama  14:28");
    desk.messages[4].received_at = ago(3).plus(Span::hours(20));
    desk.turn(Msg::Changed(Hint::Conversation(HERE)));
    desk.answer_all();
    desk.shows("14:27  came 21 Nov 10:27");
    // What came together is history, however old: nothing of it was missed.
    desk.messages.iter_mut().for_each(|message| message.received_at = ago(0));
    desk.turn(Msg::Changed(Hint::Conversation(HERE)));
    desk.answer_all();
    desk.shows_no("came");
}

#[test]
fn a_long_thread_leaves_room_for_what_comes_next_beside_the_list() {
    let mut desk = Desk::open((200, 60));
    desk.messages = busy(300);
    let newest = desk.messages.last_mut().unwrap();
    newest.text = "the form is at https://example.org/forms/court-2?lang=id".to_owned();
    desk.keys("enter");
    insta::assert_snapshot!(desk.screen());
}
