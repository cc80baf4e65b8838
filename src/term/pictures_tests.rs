//! The bytes of pictures, read as a terminal reads them.

use super::*;

use crate::term::{Caps, Links, Screen};

fn placed(number: u32, x: u16, y: u16) -> Placed {
    Placed { number, x, y, columns: 6, rows: 2, data: vec![7; 5000].into() }
}

/// A frame with a word in the first row and pictures over blanks of their own.
fn paint(screen: &mut Screen, word: &str, pictures: &[Placed]) -> String {
    let bytes = screen.paint(|frame| {
        let buffer = frame.buffer_mut();
        buffer.set_string(0, 0, word, ratatui::style::Style::new());
        for picture in pictures {
            let area = ratatui::layout::Rect::new(picture.x, picture.y, picture.columns, picture.rows);
            let [_, red, green, blue] = picture.number.to_be_bytes();
            let colour = ratatui::style::Color::Rgb(red, green, blue);
            buffer.set_style(area, ratatui::style::Style::new().underline_color(colour).add_modifier(ratatui::style::Modifier::HIDDEN));
        }
        (Links::new(), pictures.to_vec())
    });
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What kitty is told, each as its keys without the payload; the place of the cursor before a placement stands before it.
fn kitty(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut before = "";
    for part in text.split("\x1b_G").enumerate().map(|(n, part)| if n == 0 { ("", part) } else { part.split_once("\x1b\\").unwrap() }) {
        let (command, rest) = part;
        let keys = command.split(';').next().unwrap_or_default();
        if keys.starts_with("a=p") {
            found.push(format!("{} {keys}", before.rsplit("\x1b[").next().unwrap_or_default()));
        } else if !keys.is_empty() {
            found.push(keys.to_owned());
        }
        before = rest;
    }
    found
}

fn screen(way: Option<Way>) -> Screen {
    let mut screen = Screen::new(40, 12, Caps::default());
    if let Some(way) = way {
        screen.take_pictures(way);
    }
    screen
}

#[test]
fn kitty_gets_a_picture_once_and_then_only_its_place() {
    let mut screen = screen(Some(Way::Kitty));
    let first = paint(&mut screen, "a", &[placed(9, 3, 4)]);
    let want = ["a=t,f=100,t=d,i=9,q=2,m=1", "m=0,q=2", "5;4H a=p,i=9,p=1,c=6,r=2,C=1,q=2"];
    assert_eq!(kitty(&first), want);
    assert!(paint(&mut screen, "a", &[placed(9, 3, 4)]).is_empty());
    assert_eq!(kitty(&paint(&mut screen, "b", &[placed(9, 3, 4)])), Vec::<String>::new());
    assert_eq!(kitty(&paint(&mut screen, "b", &[placed(9, 3, 6)])), ["7;4H a=p,i=9,p=1,c=6,r=2,C=1,q=2"]);
    assert_eq!(kitty(&paint(&mut screen, "b", &[])), ["a=d,d=i,i=9,q=2"]);
    assert_eq!(kitty(&paint(&mut screen, "b", &[placed(9, 3, 4)])), ["5;4H a=p,i=9,p=1,c=6,r=2,C=1,q=2"]);
}

#[test]
fn a_terminal_that_was_lent_gets_every_picture_anew_and_a_resized_one_its_places() {
    let mut screen = screen(Some(Way::Kitty));
    paint(&mut screen, "a", &[placed(9, 3, 4)]);
    screen.resize(41, 12);
    assert_eq!(kitty(&paint(&mut screen, "a", &[placed(9, 3, 4)])), ["a=d,q=2", "5;4H a=p,i=9,p=1,c=6,r=2,C=1,q=2"]);
    screen.forget();
    assert!(kitty(&paint(&mut screen, "a", &[placed(9, 3, 4)])).contains(&"a=t,f=100,t=d,i=9,q=2,m=1".to_owned()));
}

#[test]
fn kitty_keeps_no_more_pictures_than_it_is_allowed() {
    let mut screen = screen(Some(Way::Kitty));
    for number in 1..=KEPT as u32 {
        paint(&mut screen, "a", &[placed(number, 0, 2)]);
    }
    let last = kitty(&paint(&mut screen, "a", &[placed(99, 0, 2)]));
    assert!(last.contains(&"a=d,d=I,i=1,q=2".to_owned()), "{last:?}");
}

#[test]
fn files_and_sixels_are_written_again_only_when_they_moved_and_text_leaves_them_alone() {
    for (way, start) in [(Way::Iterm, "\x1b]1337;File=inline=1;size=5000;width=6;height=2;"), (Way::Sixel, "\x07\x07\x07\x07")] {
        let mut screen = screen(Some(way));
        let sent = |text: &str| text.matches(start).count().min(1);
        assert_eq!(sent(&paint(&mut screen, "a", &[placed(9, 3, 4)])), 1);
        assert_eq!(sent(&paint(&mut screen, "b", &[placed(9, 3, 4)])), 0);
        assert_eq!(sent(&paint(&mut screen, "b", &[placed(9, 3, 5)])), 1);
        // The row it left is blanked, and not by erasing what is beside it in the next one.
        let gone = paint(&mut screen, "b", &[]);
        assert!(!gone.is_empty() && sent(&gone) == 0, "{gone:?}");
    }
}

#[test]
fn rows_are_not_scrolled_under_a_picture() {
    let rows = |from: usize| (from..from + 10).map(|n| format!("{n} {}", "words ".repeat(5))).collect::<Vec<_>>();
    for (pictures, scrolls) in [(vec![], true), (vec![placed(9, 34, 3)], false)] {
        let mut screen = screen(Some(Way::Iterm));
        let mut draw = |from: usize| {
            let bytes = screen.paint(|frame| {
                for (y, row) in rows(from).iter().enumerate() {
                    frame.buffer_mut().set_string(0, y as u16, row, ratatui::style::Style::new());
                }
                (Links::new(), pictures.clone())
            });
            String::from_utf8_lossy(&bytes).into_owned()
        };
        draw(0);
        assert_eq!(draw(1).contains("\x1b[r"), scrolls);
    }
}

#[test]
fn nothing_is_sent_to_a_terminal_that_did_not_say_it_takes_pictures() {
    let mut screen = screen(None);
    let bytes = paint(&mut screen, "a", &[placed(9, 3, 4)]);
    assert!(!bytes.contains("\x1b_G") && !bytes.contains("1337"), "{bytes:?}");
}
