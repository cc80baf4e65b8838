//! The search: each keystroke an answer, hits opened where they stand and walked through.

use frontdesk::app::effect::{Effect, Found, Query};
use frontdesk::app::msg::{Input, MouseAct, Msg};
use frontdesk::domain::conversation::Summary;
use frontdesk::domain::id::{ConversationId, MessageId};
use frontdesk::domain::message::{Direction, Message};
use frontdesk::domain::search::{self, Hit, Order};
use insta::assert_snapshot;

use super::desk::{Desk, NOW, ago, check, long_talk, said};

const SMALL: (u16, u16) = (80, 24);
const WIDE: (u16, u16) = (120, 40);

impl Desk {
    /// What the store would find.
    pub fn hits(&self, typed: &str, order: Order, after: Option<MessageId>, limit: usize) -> Found {
        let query = search::Query::of(typed);
        let holds = |text: &str| typed.split_whitespace().all(|word| !search::Query::of(word).marks(text).is_empty());
        let mut found: Vec<&Message> = self.messages.iter().filter(|message| holds(&message.text)).collect();
        found.sort_by_key(|message| if order == Order::Best { message.key.id.0 } else { -message.key.id.0 });
        found.retain(|message| after.is_none_or(|after| message.id < after));
        let more = found.len() > limit;
        let hit = |message: &&Message| {
            let row = self.rows.iter().find(|row| row.id == message.conversation).expect("a known conversation");
            Hit {
                message: message.id,
                conversation: row.id,
                number: row.number,
                provider: row.provider.clone(),
                name: row.name.clone(),
                direction: message.direction,
                author: message.author.clone(),
                excerpt: query.excerpt(&message.text),
                at: message.at,
            }
        };
        let hits = found.iter().take(limit).map(hit).collect();
        let named = |row: &&Summary| after.is_none() && !query.people_marks(&format!("{} {}", row.name, row.handle)).is_empty();
        Found { people: self.rows.iter().filter(named).cloned().collect(), hits, more }
    }
}

#[test]
fn an_empty_search_says_what_can_be_typed() {
    assert_snapshot!(check(SMALL, "/", &[]).screen());
}

#[test]
fn people_stand_before_messages_and_the_words_are_marked() {
    let mut desk = Desk::open(SMALL);
    desk.messages.push(said(900, ConversationId(2), Direction::Out, "ayu", "Andi says:\n  court 2 is free", ago(5)));
    desk.keys("/ 'andi'");
    assert_snapshot!(desk.screen());
    let styled = |text: &str| {
        let (x, y) = desk.find(text).unwrap();
        desk.buffer()[(x, y)].modifier.contains(ratatui::style::Modifier::UNDERLINED)
    };
    assert!(styled("Andi Pratama") && styled("Andi says") && !styled("court 2 is free"));
}

#[test]
fn a_wide_screen_shows_more_of_each_message() {
    assert_snapshot!(check(WIDE, "/ 'lapangan'", &[]).screen());
}

#[test]
fn what_nothing_holds_says_so_and_says_what_finds_more() {
    check(SMALL, "/ 'xyzzy'", &[]).shows("Nothing holds all of these words.").shows("Fewer or shorter words find more.");
    check(SMALL, "/ 'xyzzy' ctrl-u", &[]).shows("Type words of a message").shows_no("Nothing holds");
}

#[test]
fn each_keystroke_asks_and_only_the_newest_answer_counts() {
    let mut desk = Desk::open(SMALL);
    desk.keys("/");
    let mut asked = Vec::new();
    for key in ["j", "a", "m"] {
        desk.key_now(key);
        let Effect::Load { seq, query } = desk.next_asked() else { panic!("a read is asked") };
        assert!(matches!(query, Query::Search { .. }), "{query:?}");
        asked.push((seq, query));
    }
    let (seq, query) = &asked[2];
    desk.turn(Msg::Loaded { seq: *seq, result: Ok(desk.read(query)) });
    desk.shows("2 jam ya");
    let (seq, query) = &asked[0];
    desk.turn(Msg::Loaded { seq: *seq, result: Ok(desk.read(query)) });
    desk.shows("2 jam ya");
    desk.keys("ctrl-a");
    assert!(desk.asked.is_empty(), "moving the cursor asks nothing");
}

#[test]
fn a_hit_opens_where_it_stands_with_its_words_marked() {
    let mut desk = Desk::open(SMALL);
    desk.messages = long_talk(500);
    desk.keys("/ 'line 7 ' enter");
    desk.shows("▌  line 7").shows("Hit 1 of 1").shows_no("line 499");
    let (x, y) = desk.find("line 7").unwrap();
    let marked = |x| desk.buffer()[(x, y)].modifier.contains(ratatui::style::Modifier::UNDERLINED);
    assert!(marked(x) && !marked(x + 4) && marked(x + 5));
}

#[test]
fn a_person_opens_their_conversation() {
    check(SMALL, "/ 'soren' enter", &[]).shows("Søren Lindqvist  @søren");
}

#[test]
fn hits_are_walked_through_until_the_search_ends() {
    let mut desk = Desk::open(SMALL);
    for n in 0..3 {
        desk.messages.push(said(900 + n, ConversationId(2 + n), Direction::In, "Somebody", &format!("parcel {n}"), NOW));
    }
    desk.keys("/ 'parcel' enter").shows("parcel 2").shows("Leila Haddad").shows("Hit 1 of 3");
    desk.keys("n").shows("parcel 1").shows("佐藤").shows("Hit 2 of 3");
    desk.keys("n n").shows("This is the last hit: / shows them all").shows("parcel 0");
    desk.keys("N").shows("parcel 1").shows("Hit 2 of 3");
    desk.keys("/").shows("parcel 0").shows("▌P 佐藤");
    desk.keys("enter esc").shows("parcel 1");
    desk.keys("esc").shows("All 8");
    desk.keys("n").shows_no("parcel 1").shows("▌● P");
}

#[test]
fn the_order_turns_and_is_said() {
    let desk = check(SMALL, "/ 'lapangan' tab", &[]);
    desk.shows("best first").shows("Messages, the best first");
    check(SMALL, "/ 'lapangan' tab tab", &[]).shows("Messages, the newest first");
}

#[test]
fn closing_leaves_everything_as_it_was() {
    check(SMALL, "j / 'andi' esc", &[]).shows("▌● P Søren").shows_no("search ─");
}

#[test]
fn further_hits_are_read_when_the_selection_comes_near_the_last() {
    let mut desk = Desk::open(SMALL);
    desk.messages = long_talk(120);
    desk.keys("/ 'line '").shows("line 119");
    for _ in 0..12 {
        desk.keys("pgdn");
    }
    desk.shows("line 0");
}

#[test]
fn a_click_opens_a_hit() {
    let mut desk = Desk::open(SMALL);
    desk.turn(Msg::Input(Input::Focus(false)));
    desk.keys("/ 'lapangan'");
    let (x, y) = desk.find("masih ada").unwrap();
    desk.mouse(MouseAct::Press, x, y);
    desk.shows("Hit 1 of 1").shows("Andi Pratama  @andi");
}
