//! Pictures in the thread: the rows they take, and when they are shown.

use std::sync::Arc;

use frontdesk::app::effect::{Effect, Query};
use frontdesk::app::msg::Msg;
use frontdesk::domain::attachment::{Attachment, FileKind, Stored};
use frontdesk::domain::id::AttachmentId;
use frontdesk::domain::picture::{Picture, Pictured, Way};
use frontdesk::ui;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::desk::{Desk, long_talk};

const WIDE: (u16, u16) = (120, 40);
const TERMINAL: Pictured = Pictured { way: Way::Kitty, cell: (10, 20) };

fn photo() -> Attachment {
    Attachment {
        id: AttachmentId(77),
        kind: FileKind::Photo,
        name: String::new(),
        mime: "image/jpeg".to_owned(),
        size: Some(9_200),
        seconds: None,
        stored: Stored::Here,
        hash: Some("ab".repeat(32)),
    }
}

/// A thread with a photo in its last message but one.
fn desk() -> Desk {
    let mut desk = Desk::open(WIDE);
    let last = desk.messages.iter().position(|message| message.text == "besok jam 7 malam masih ada lapangan?").unwrap();
    desk.messages[last].attachments.push(photo());
    desk.picture = Some(Arc::new(Picture { number: 5, columns: 20, rows: 6, data: vec![1].into() }));
    desk
}

/// Where pictures stand on the screen.
fn stand(desk: &Desk) -> Vec<(u16, u16)> {
    let (columns, rows) = desk.app.size();
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    let mut found = Vec::new();
    let draw = |frame: &mut ratatui::Frame<'_>| found = ui::draw_with_pictures(&desk.app, &desk.cx, &desk.look, frame).1;
    terminal.draw(draw).unwrap();
    found.iter().map(|stands| stands.at).collect()
}

#[test]
fn a_picture_takes_the_rows_below_its_files_line() {
    let mut desk = desk();
    desk.turn(Msg::Pictures(TERMINAL));
    desk.keys("enter");
    let (x, y) = desk.find("[photo").unwrap();
    assert_eq!(stand(&desk), [(x, y + 1)]);
    assert_eq!(desk.find("2 jam ya").unwrap().1, y + 7);
    // Messages are selected across it as across text.
    desk.keys("tab k").shows("2 jam ya");
    assert_eq!(stand(&desk).len(), 1);
}

#[test]
fn a_terminal_that_shows_no_pictures_is_as_it_was() {
    let mut desk = desk();
    desk.keys("enter").shows("[photo · 9.2 kB]");
    assert_eq!(desk.find("2 jam ya").unwrap().1, desk.find("[photo").unwrap().1 + 1);
    assert!(stand(&desk).is_empty());
}

#[test]
fn what_cannot_be_shown_says_so_and_is_not_asked_again() {
    let mut desk = desk();
    desk.picture = None;
    desk.turn(Msg::Pictures(TERMINAL));
    desk.keys("enter").shows("[photo · 9.2 kB · could not be shown]");
    desk.keys("tab k j");
    assert!(!desk.asked.iter().any(|effect| matches!(effect, Effect::Load { query: Query::Picture { .. }, .. })));
    assert!(stand(&desk).is_empty());
}

#[test]
fn only_pictures_wholly_in_view_and_under_no_overlay_are_shown() {
    let mut desk = desk();
    desk.turn(Msg::Pictures(TERMINAL));
    desk.keys("enter");
    assert_eq!(stand(&desk).len(), 1);
    desk.keys("?");
    assert!(stand(&desk).is_empty());
    desk.keys("esc");
    assert_eq!(stand(&desk).len(), 1);
}

#[test]
fn a_picture_that_is_scrolled_partly_away_leaves_blank_rows() {
    let mut desk = Desk::open(WIDE);
    desk.messages = long_talk(60);
    desk.messages[40].attachments.push(photo());
    desk.picture = Some(Arc::new(Picture { number: 5, columns: 20, rows: 6, data: vec![1].into() }));
    desk.turn(Msg::Pictures(TERMINAL));
    desk.keys("enter tab");
    let mut seen = Vec::new();
    for _ in 0..40 {
        desk.keys("k");
        let now = (desk.find("[photo").map(|at| at.1), stand(&desk).first().map(|at| at.1));
        if let (Some(line), Some(picture)) = now {
            assert_eq!(picture, line + 1);
        }
        seen.push((now.0.is_some(), now.1.is_some()));
    }
    assert!(seen.contains(&(true, true)) && seen.contains(&(true, false)), "{seen:?}");
}
