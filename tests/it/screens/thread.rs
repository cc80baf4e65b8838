//! The open thread: what it looks like, and what it costs on the line.

use frontdesk::app::msg::{Input, Msg};
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

/// What forty messages of one to three rows cost that a customer writes one after the other, a minute apart, in the third conversation of the list.
fn arrivals(size: (u16, u16)) -> Vec<usize> {
    let here = ConversationId(3);
    let mut desk = Desk::open(size);
    desk.row(here).window = Some(Span::hours(24));
    desk.messages = busy(300);
    desk.messages.iter_mut().for_each(|message| message.conversation = here);
    let texts: Vec<String> = busy(40).into_iter().map(|message| message.text).collect();
    desk.turn(Msg::Changed(Hint::Conversation(here)));
    desk.keys("j j enter");
    desk.wait(Span::secs(30));
    desk.answer_all();
    let mut meter = Meter::new(&desk);
    let mut arrive = |(n, text): (usize, &String)| {
        desk.wait(Span::minutes(1));
        desk.answer_all();
        meter.bytes(&desk);
        let at = desk.cx.now;
        desk.messages.push(said(9_000 + n as i64, here, Direction::In, "Andi Pratama", text, at));
        let row = desk.row(here);
        (row.last_at, row.last_inbound_at, row.unread) = (at, Some(at), 1);
        row.preview.clone_from(text);
        desk.turn(Msg::Changed(Hint::Conversation(here)));
        desk.answer_all();
        meter.bytes(&desk)
    };
    texts.iter().enumerate().map(&mut arrive).collect()
}

#[test]
fn messages_that_arrive_in_the_open_thread_cost_at_most_200_bytes_each_over_forty_of_them() {
    // Beside the list the terminal cannot scroll the thread: it leaves blank rows for what comes, and jumps when they are used up. The widest
    // screen has the panel as well, whose times go on with every message.
    for (size, mean, dearest) in [((80, 24), 200, 260), (WIDE, 200, 1_100), ((200, 60), 250, 1_900)] {
        let costs = arrivals(size);
        let sum: usize = costs.iter().sum();
        assert!(sum <= mean * costs.len(), "{size:?}: {} bytes a message, {costs:?}", sum / costs.len());
        assert!(costs.iter().all(|bytes| *bytes <= dearest), "{size:?}: {costs:?}");
        let jumps = costs.iter().filter(|bytes| **bytes > 260).count();
        assert!(jumps <= 3, "{size:?}: {costs:?}");
    }
}

#[test]
fn the_row_of_the_open_conversation_stays_where_it_is_until_another_one_is_opened() {
    let write = |desk: &mut Desk, id: i64| {
        let at = desk.cx.now;
        let row = desk.row(ConversationId(id));
        (row.last_at, row.last_inbound_at, row.unread) = (at, Some(at), 1);
        row.preview = "is anybody there?".to_owned();
        desk.turn(Msg::Changed(Hint::Conversation(ConversationId(id))));
        desk.answer_all();
    };
    let order = |desk: &Desk| {
        let screen = desk.screen();
        let row = |name: &str| screen.lines().position(|line| line.split('│').next().is_some_and(|line| line.contains(name))).unwrap();
        (row("Andi Pratama"), row("Søren"), row("Leila"))
    };
    let mut desk = Desk::open(WIDE);
    desk.messages.iter_mut().for_each(|message| message.conversation = ConversationId(4));
    desk.keys("j j j enter");
    desk.wait(Span::secs(2));
    let before = order(&desk);
    write(&mut desk, 4);
    assert_eq!(order(&desk), before);
    desk.shows_no("is anybody there?");
    // Back in the list it is still the selected row, and still there.
    desk.keys("esc");
    assert_eq!(order(&desk), before);
    desk.keys("k k enter");
    let (first, second, risen) = order(&desk);
    assert!(risen < first && first < second, "{}", desk.screen());
    desk.shows("is anybody there?");
}

#[test]
fn what_comes_while_its_end_is_watched_is_marked_nowhere_and_what_comes_behind_ones_back_is() {
    let mut desk = Desk::open(WIDE);
    desk.keys("enter");
    desk.wait(Span::secs(2));
    desk.answer_all();
    desk.shows_no("● P Andi");
    let arrive = |desk: &mut Desk, n: i64| {
        let at = desk.cx.now;
        desk.messages.push(said(9_000 + n, HERE, Direction::In, "Andi Pratama", &format!("line {n}"), at));
        (desk.row(HERE).last_at, desk.row(HERE).unread) = (at, 1);
        desk.turn(Msg::Changed(Hint::Conversation(HERE)));
        desk.answer_all();
    };
    let lines = |desk: &Desk| desk.screen().matches("new ──").count();
    let before = lines(&desk);
    arrive(&mut desk, 1);
    desk.shows("line 1").shows_no("● P Andi");
    assert_eq!(lines(&desk), before, "no line above it");
    desk.wait(Span::secs(2));
    desk.answer_all();
    desk.turn(Msg::Input(Input::Focus(false)));
    arrive(&mut desk, 2);
    desk.shows("● P Andi").shows("new ──");
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
