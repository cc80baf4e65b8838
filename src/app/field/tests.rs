//! The field as people use it: keys, characters as they are seen, undo.

use super::*;
use crate::app::key;

fn type_in(field: &mut Field, keys: &str) {
    for key in key::parse(keys).unwrap() {
        field.key(key);
    }
}

#[track_caller]
fn check(text: &str, keys: &str, want: &str) {
    let mut field = Field::of(text);
    field.set_width(10);
    type_in(&mut field, keys);
    assert_eq!(field.text(), want, "{keys}");
}

#[test]
fn the_keys_of_readline_edit() {
    check("hello world", "ctrl-w", "hello ");
    check("hello world", "ctrl-a ctrl-k", "");
    check("hello", "ctrl-u", "");
    check("hello", "ctrl-u ctrl-y", "hello");
    check("hello", "ctrl-u x backspace ctrl-y", "hello");
    check("one", "enter t w o", "one\ntwo");
    check("ab", "left backspace", "b");
    check("see http://x.io/y", "ctrl-w", "see ");
    check("see http://x.io/y", "alt-backspace", "see http://x.io/");
    check("one two", "ctrl-a alt-d", " two");
    check("one two", "alt-b ctrl-d", "one wo");
    check("one\ntwo", "ctrl-a backspace", "onetwo");
    check("one\ntwo", "ctrl-home alt-f alt-f x", "one\nxtwo");
    check("one\ntwo", "alt-< x", "xone\ntwo");
}

#[test]
fn one_key_deletes_what_people_see_as_one_character() {
    check("cafe\u{301}", "backspace", "caf");
    check("a👨‍👩‍👧‍👦b", "left backspace", "ab");
    check("👍🏽", "backspace", "");
    check("👍🏽x", "ctrl-a delete", "x");
    check("返金", "left x", "返x金");
    check("नमस्ते", "backspace", "नम");
    check("cafe\u{301} x", "alt-b alt-b alt-d", " x");
    check("返金を", "ctrl-w", "");
}

#[test]
fn up_and_down_go_by_the_rows_people_see_and_keep_their_column() {
    // Rows of ten columns: "hello wide", " world", "x".
    check("hello wide\nworld", "up X", "helloX wide\nworld");
    check("aaaa bbbb cccc dddd", "up X", "aaaa bbbbX cccc dddd");
    check("abcdef\n\nabcdef", "up up X", "abcdefX\n\nabcdef");
    check("返金返金\nabc", "up X", "返X金返金\nabc");
    check("ab", "up X", "abX");
    check("aaaa bbbb cccc", "home X", "aaaa bbbb Xcccc");
    check("aaaa bbbb cccc", "ctrl-a end X", "aaaa bbbbX cccc");
}

#[test]
fn undo_takes_back_a_word_at_a_time_and_redo_brings_it_again() {
    check("", "o n e space t w o alt-z", "one ");
    check("", "o n e space t w o ctrl-_ ctrl-_", "");
    check("", "o n e space t w o alt-z alt-z alt-y alt-y", "one two");
    check("hello world", "ctrl-w alt-z", "hello world");
    check("kept", "alt-z", "kept");
    check("", "a enter b alt-z alt-z", "a");
    let mut field = Field::of("old");
    field.replace("new\nwords");
    type_in(&mut field, "alt-z");
    assert_eq!(field.text(), "old");
    type_in(&mut field, "alt-y");
    assert_eq!(field.text(), "new\nwords");
}

#[test]
fn the_cursor_is_found_again_by_its_place_in_the_text() {
    let mut field = Field::of("one\n返金\nthree");
    for place in 0..=12 {
        field.seek(place);
        assert_eq!(field.position(), place);
    }
    field.seek(99);
    assert_eq!(field.position(), 12);
}

#[test]
fn a_place_far_in_a_very_long_line_is_reached() {
    let mut field = Field::of(&"ab ".repeat(30_000));
    field.set_width(60);
    type_in(&mut field, "up X ctrl-a Y end Z");
    assert!(field.text().starts_with('Y') && field.text().contains('X') && field.text().contains('Z'));
    assert_eq!(field.text().len(), 90_003);
}

#[test]
fn what_was_pasted_is_kept_but_never_painted_as_it_is() {
    let field = Field::of("a\x1b[2J\u{202e}b\r\nc");
    assert_eq!(field.text(), "a\x1b[2J\u{202e}b\nc");
    let rows: Vec<String> = field.view(20).rows.iter().map(ToString::to_string).collect();
    assert_eq!(rows, ["a␛[2Jb", "c"]);
}

#[test]
fn a_paste_that_finds_no_room_says_so() {
    let mut field = Field::default();
    assert!(field.paste(&"x".repeat(FIELD_BYTES - 1)));
    assert!(!field.paste("much more"));
    assert!(field.text().len() <= FIELD_BYTES);
}

#[test]
fn the_cursor_stands_after_what_was_typed_last() {
    assert_eq!(Field::of("").view(10).cursor, (0, 0));
    assert_eq!(Field::of("返金").view(10).cursor, (0, 4));
    assert_eq!(Field::of("hello wide world").view(10).cursor, (1, 10));
    assert_eq!(Field::of("one\ntwo").view(10).cursor, (1, 3));
}

#[test]
fn rows_are_never_wider_than_asked() {
    let view = Field::of(&"返金 をお願いします。 ".repeat(20)).view(7);
    assert!(view.rows.iter().all(|row| row.width() <= 7));
    assert_eq!(view.rows.iter().map(Safe::as_str).collect::<String>(), "返金 をお願いします。 ".repeat(20));
}

#[test]
fn a_field_never_prints_its_content_in_a_debug_line() {
    assert!(!format!("{:?}", Field::of("123:token")).contains("token"));
}
