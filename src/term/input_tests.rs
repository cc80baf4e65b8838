//! What bytes become, whatever pieces they come in.

use super::*;

use proptest::prelude::*;

fn all(bytes: &[u8]) -> Vec<Event> {
    let mut decoder = Decoder::new(ESCAPE_PAUSE);
    let mut events = Vec::new();
    decoder.feed(bytes, &mut events);
    decoder.give_up(&mut events);
    events
}

fn char_key(c: char, ctrl: bool, alt: bool) -> Event {
    Event::Key(Key { code: Code::Char(c), ctrl, alt, shift: false })
}

#[test]
fn keys_are_what_terminals_send_for_them() {
    let check = |bytes: &[u8], want: &[Event]| assert_eq!(all(bytes), want, "{:?}", String::from_utf8_lossy(bytes));
    let shifted = |code| Event::Key(Key { code, ctrl: false, alt: false, shift: true });
    check(
        b"aB\r\t\x7f",
        &[char_key('a', false, false), char_key('B', false, false), key(Code::Enter), key(Code::Tab), key(Code::Backspace)],
    );
    check("é返🙂".as_bytes(), &[char_key('é', false, false), char_key('返', false, false), char_key('🙂', false, false)]);
    check(b"\x01\x0b\x00", &[char_key('a', true, false), char_key('k', true, false), char_key(' ', true, false)]);
    check(b"\x1b", &[key(Code::Esc)]);
    check(b"\x1b\x1b", &[key(Code::Esc), key(Code::Esc)]);
    check(b"\x1b\x1b[A", &[key(Code::Esc), key(Code::Up)]);
    check(b"\x1bx", &[char_key('x', false, true)]);
    check("\x1bß".as_bytes(), &[char_key('ß', false, true)]);
    check(b"\x1b[", &[char_key('[', false, true)]);
    check(b"\x1bO", &[char_key('O', false, true)]);
    check(b"\x1b]", &[char_key(']', false, true)]);
    check(
        b"\x1b[A\x1bOB\x1b[1;5C",
        &[key(Code::Up), key(Code::Down), Event::Key(Key { code: Code::Right, ctrl: true, alt: false, shift: false })],
    );
    check(b"\x1b[5~\x1b[3~\x1b[H\x1b[4~", &[key(Code::PageUp), key(Code::Delete), key(Code::Home), key(Code::End)]);
    check(b"\x1bOP\x1b[15~\x1b[[A", &[key(Code::F(1)), key(Code::F(5)), key(Code::F(1))]);
    check(b"\x1b[Z", &[shifted(Code::Tab)]);
    check(b"\x1b[97;2u\x1b[13;2u", &[char_key('A', false, false), shifted(Code::Enter)]);
}

#[test]
fn kittys_protocol_tells_apart_what_looked_alike() {
    let check = |bytes: &[u8], want: Event| assert_eq!(all(bytes), [want], "{:?}", String::from_utf8_lossy(bytes));
    let held = |code, ctrl, alt, shift| Event::Key(Key { code, ctrl, alt, shift });
    check(b"\x1b[27u", key(Code::Esc));
    check(b"\x1b[13;5u", held(Code::Enter, true, false, false));
    check(b"\x1b[9;2u", held(Code::Tab, false, false, true));
    check(b"\x1b[105;5u", char_key('i', true, false));
    check(b"\x1b[99:67;6u", char_key('C', true, false));
    check(b"\x1b[97;3u", char_key('a', false, true));
    check(b"\x1b[1095::120;5u", char_key('x', true, false));
    check(b"\x1b[1079::112;3u", char_key('p', false, true));
    check(b"\x1b[1095;5u", char_key('\u{447}', true, false));
}

#[test]
fn mouse_focus_and_paste_are_events_of_their_own() {
    let mouse = |act, column, row| Event::Mouse(Mouse { act, column, row });
    assert_eq!(
        all(b"\x1b[<0;5;3M\x1b[<32;6;3M\x1b[<0;6;3m\x1b[<64;1;1M\x1b[<65;200;60M\x1b[<2;1;1M"),
        [
            mouse(MouseAct::Press, 4, 2),
            mouse(MouseAct::Drag, 5, 2),
            mouse(MouseAct::Release, 5, 2),
            mouse(MouseAct::WheelUp, 0, 0),
            mouse(MouseAct::WheelDown, 199, 59),
        ]
    );
    assert_eq!(all(b"\x1b[I\x1b[O"), [Event::Focus(true), Event::Focus(false)]);
    let paste = |text: &str, cut| Event::Paste { text: text.to_owned(), cut };
    assert_eq!(all(b"\x1b[200~a\r\nb\rc\x1b[31m\x00\td\x1b[201~x"), [paste("a\nb\nc[31m\td", false), char_key('x', false, false)]);
    assert_eq!(all(b"\x1b[200~never ended"), [paste("never ended", true)]);
}

#[test]
fn what_the_terminal_answers_is_never_a_key() {
    let check = |bytes: &[u8], want: Reply| assert_eq!(all(bytes), [Event::Reply(want)], "{:?}", String::from_utf8_lossy(bytes));
    check(b"\x1b[?62;22c", Reply::Attributes { sixel: false });
    check(b"\x1b[?62;4;22c", Reply::Attributes { sixel: true });
    check(b"\x1b[?4c", Reply::Attributes { sixel: false });
    check(b"\x1b_Gi=31;OK\x1b\\", Reply::Graphics);
    check(b"\x1b_Gi=31;ENOTSUP:no\x1b\\", Reply::Other);
    check(b"\x1bP>|iTerm2 3.5.4\x1b\\", Reply::InlineFiles);
    check(b"\x1bP>|WezTerm 20240203\x1b\\", Reply::InlineFiles);
    check(b"\x1b[6;20;10t", Reply::CellSize(10, 20));
    check(b"\x1b[6;0;99999t", Reply::Other);
    check(b"\x1b[>41;354;0c", Reply::Other);
    check(b"\x1b[=0;1c", Reply::Other);
    check(b"\x1b[=c", Reply::Other);
    check(b"\x1b[=u", Reply::Other);
    check(b"\x1b[;x", Reply::Other);
    check(b"\x1b[!p", Reply::Other);
    check(b"\x1b[12;40R", Reply::Cursor(39, 11));
    check(b"\x1b]11;rgb:1e1e/2020/ffff\x1b\\", Reply::Background(0x1e, 0x20, 0xff));
    check(b"\x1b]11;rgb:1e1e/2020/ffff\x07", Reply::Background(0x1e, 0x20, 0xff));
    check(b"\x1b]52;c;c2VjcmV0\x1b\\", Reply::Other);
    check(b"\x1b]4;1;rgb:0/0/0\x07", Reply::Other);
    check(b"\x1bP1$r0m\x1b\\", Reply::Other);
    check(b"\x1bP>|term 1.2\x1b\\", Reply::Other);
    check(b"\x1b_Gi=1;OK\x1b\\", Reply::Other);
    check(b"\x1b[?2026;2$y", Reply::Other);
    check(b"\x1b[?997;1n", Reply::Light(false));
    check(b"\x1b[?997;2n", Reply::Light(true));
    check(b"\x1b[?0u", Reply::Keyboard);
    check(b"\x1b[?5u", Reply::Keyboard);
    check(b"\x1b[48;24;80;480;800t", Reply::Other);
}

#[test]
fn what_is_too_long_is_cut_or_dropped_and_typing_goes_on() {
    let mut bytes = b"\x1b[200~".to_vec();
    bytes.extend(std::iter::repeat_n(b'p', 3 * PASTE_BYTES));
    bytes.extend(b"\x1b[201~x");
    let events = all(&bytes);
    assert!(matches!(&events[..], [Event::Paste { text, cut: true }, Event::Key(_)] if text.len() == PASTE_BYTES));

    for (begin, end) in [(&b"\x1b]52;c;"[..], &b"\x07"[..]), (b"\x1bP", b"\x1b\\"), (b"\x1b[", b"m")] {
        let mut bytes = begin.to_vec();
        bytes.extend(std::iter::repeat_n(b'1', 10 * SEQUENCE_BYTES));
        bytes.extend(end);
        bytes.extend(b"x");
        assert_eq!(all(&bytes), [char_key('x', false, false)]);
    }
}

#[test]
fn only_what_could_be_a_key_is_waited_for_briefly() {
    let patience = |bytes: &[u8]| {
        let mut decoder = Decoder::new(ESCAPE_PAUSE);
        decoder.feed(bytes, &mut Vec::new());
        decoder.patience()
    };
    assert_eq!(patience(b"a"), None);
    assert_eq!(patience(b"\x1b"), Some(ESCAPE_PAUSE));
    assert_eq!(patience(b"\x1b["), Some(ESCAPE_PAUSE));
    assert!(patience(b"\x1b[1;").unwrap() > ESCAPE_PAUSE);
    assert!(patience(b"\x1b[200~text").unwrap() > ESCAPE_PAUSE);
}

/// Pieces of a stream; some are cut short or mean nothing.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        3 => proptest::collection::vec(any::<u8>(), 0..6),
        2 => "[a-zA-Z0-9 é返🙂]{1,6}".prop_map(String::into_bytes),
        4 => proptest::sample::select(vec![
            "\x1b", "\x1b[A", "\x1bOA", "\x1b[1;5D", "\x1b[<0;10;20M", "\x1b[<0;10;20m", "\x1b[M !!", "\x1b[200~pasted\r\ntext\x1b[201~", "\x1b[I",
            "\x1b[?62;22c", "\x1b]11;rgb:0/0/0\x07", "\x1bP1$r0m\x1b\\", "\x1b[12;40R", "\x1bx", "\x1b[15~", "\x1b[[B", "\x1b]0;title", "\x1b[200~open",
            "\x1b[31", "\x18", "\x1b\\",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn however_a_stream_is_split_it_gives_the_same_events(
        pieces in proptest::collection::vec(piece(), 1..12),
        cuts in proptest::collection::vec(1..7_usize, 1..40),
    ) {
        let stream = pieces.concat();
        let mut decoder = Decoder::new(ESCAPE_PAUSE);
        let (mut events, mut rest, mut cuts) = (Vec::new(), &stream[..], cuts.into_iter().cycle());
        while !rest.is_empty() {
            let (now, later) = rest.split_at(cuts.next().unwrap_or(1).min(rest.len()));
            decoder.feed(now, &mut events);
            rest = later;
        }
        decoder.give_up(&mut events);
        prop_assert_eq!(events, all(&stream));
    }

    #[test]
    fn no_sequence_becomes_a_typed_character(body in "[0-9;:<=>?!-/]{0,8}", end in "[@-Z^-ln-t_v-~]") {
        prop_assume!(!(body.is_empty() && end == "["));
        let sequence = format!("\x1b[{body}{end}");
        prop_assume!(sequence != "\x1b[M" && sequence != "\x1b[200~");
        for event in all(sequence.as_bytes()) {
            prop_assert!(!matches!(event, Event::Key(Key { code: Code::Char(_), .. })), "{sequence:?} is {event:?}");
        }
    }

    #[test]
    fn random_bytes_never_panic_and_never_leave_a_control_character(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        for event in all(&bytes) {
            match event {
                Event::Key(Key { code: Code::Char(c), .. }) => prop_assert!(!c.is_control()),
                Event::Paste { text, .. } => prop_assert!(text.chars().all(|c| !c.is_control() || c == '\n' || c == '\t')),
                _ => {}
            }
        }
    }
}
