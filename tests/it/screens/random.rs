//! Whatever is typed, clicked, resized or answered in whatever order, neither update nor draw panics.

use frontdesk::app::effect::{Effect, Wrote};
use frontdesk::app::msg::{Code, Input, Key, MouseAct, Msg};
use frontdesk::domain::hint::Hint;
use frontdesk::domain::id::{ConversationId, MessageId, VenueId};
use frontdesk::domain::time::Span;
use proptest::prelude::*;

use super::desk::{Desk, long_talk};

#[derive(Clone, Debug)]
enum Step {
    Key(Key),
    Paste(String),
    Mouse(MouseAct, u16, u16),
    Resize(u16, u16),
    Focus(bool),
    Hint(Hint),
    /// Answers the question at this place among those that wait, well or badly.
    Answer(usize, bool),
    Wait(i64),
}

fn key() -> impl Strategy<Value = Key> {
    let codes = prop_oneof![
        8 => prop::sample::select("jkgGtTeErcuUnNzAiy+>wxsS?:q JKbC1/\\é返hlaoXMOBE".chars().collect::<Vec<_>>()).prop_map(Code::Char),
        4 => prop::sample::select(vec![Code::Enter, Code::Esc, Code::Tab, Code::Up, Code::Down, Code::Left, Code::Right, Code::PageUp, Code::PageDown, Code::Home, Code::End, Code::Backspace, Code::Delete]),
        1 => any::<char>().prop_map(Code::Char),
        2 => prop::sample::select("kxdutcplnwayebvV*.!".chars().collect::<Vec<_>>()).prop_map(Code::Char),
    ];
    (codes, prop::bool::weighted(0.15), prop::bool::weighted(0.05), prop::bool::weighted(0.05)).prop_map(|(code, ctrl, alt, shift)| Key {
        code,
        ctrl,
        alt,
        shift,
    })
}

fn step() -> impl Strategy<Value = Step> {
    let act = prop::sample::select(vec![MouseAct::Press, MouseAct::Drag, MouseAct::Release, MouseAct::WheelUp, MouseAct::WheelDown]);
    let hint = prop_oneof![
        Just(Hint::Everything),
        Just(Hint::Status),
        Just(Hint::Queue(VenueId(1))),
        (1_i64..9).prop_map(|n| Hint::Conversation(ConversationId(n)))
    ];
    prop_oneof![
        20 => key().prop_map(Step::Key),
        1 => any::<String>().prop_map(Step::Paste),
        4 => (act, 0_u16..170, 0_u16..50).prop_map(|(act, x, y)| Step::Mouse(act, x, y)),
        2 => (1_u16..300, 1_u16..100).prop_map(|(w, h)| Step::Resize(w, h)),
        1 => any::<bool>().prop_map(Step::Focus),
        2 => hint.prop_map(Step::Hint),
        10 => (any::<usize>(), prop::bool::weighted(0.9)).prop_map(|(at, well)| Step::Answer(at, well)),
        3 => (0_i64..3_000_000).prop_map(Step::Wait),
    ]
}

fn take(desk: &mut Desk, step: Step) {
    match step {
        Step::Key(key) => desk.turn(Msg::Input(Input::Key(key))),
        Step::Paste(text) => desk.turn(Msg::Input(Input::Paste(text))),
        Step::Mouse(act, column, row) => desk.turn(Msg::Input(Input::Mouse { act, column, row })),
        Step::Resize(columns, rows) => desk.turn(Msg::Input(Input::Resize { columns, rows })),
        Step::Focus(focused) => desk.turn(Msg::Input(Input::Focus(focused))),
        Step::Hint(hint) => desk.turn(Msg::Changed(hint)),
        Step::Wait(micros) => desk.wait(Span(micros)),
        Step::Answer(at, well) => {
            if desk.asked.is_empty() {
                return;
            }
            let at = at % desk.asked.len();
            match desk.asked.remove(at) {
                Some(Effect::Load { seq, query }) => {
                    let result = if well { Ok(desk.read(&query)) } else { Err("It could not be read".to_owned()) };
                    desk.turn(Msg::Loaded { seq, result });
                }
                Some(Effect::Write { ticket, .. }) => {
                    let result = if well { Ok(Wrote::Message(MessageId(106))) } else { Err("It could not be written".to_owned()) };
                    desk.turn(Msg::Wrote { ticket, result });
                }
                _ => {}
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn nothing_makes_the_screen_panic(steps in prop::collection::vec(step(), 1..120), size in (1_u16..300, 1_u16..100)) {
        let mut desk = super::herald::wrote(size, Span::minutes(24 * 60 - 1));
        desk.messages = long_talk(150);
        desk.queue = super::queue_store::clinic();
        for step in steps {
            take(&mut desk, step);
            desk.buffer();
        }
    }
}
