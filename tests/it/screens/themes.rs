//! Which theme the screen is painted in.

use frontdesk::app::Themes;
use frontdesk::app::msg::Msg;
use frontdesk::ui::look::{Depth, Look};
use ratatui::style::Color;

use super::desk::Desk;

/// A desk on a terminal of 24 bits, and the colour of the word that says whose program it is.
fn desk(chosen: Option<&str>) -> Desk {
    let mut desk = Desk::open((120, 40));
    desk.look = Look::new(Depth::True, false);
    let themes = Themes { names: desk.look.theme_names(), chosen: chosen.map(str::to_owned), light: false };
    desk.app = std::mem::replace(&mut desk.app, Desk::empty((1, 1)).app).with_themes(themes);
    desk
}

fn colour(desk: &Desk) -> Color {
    desk.buffer()[desk.find("frontdesk").unwrap()].fg
}

const ON_DARK: Color = Color::Rgb(0x5f, 0xc9, 0xd6);
const ON_LIGHT: Color = Color::Rgb(0x00, 0x68, 0x7a);

#[test]
fn a_theme_that_was_not_chosen_follows_the_terminals_background() {
    let mut desk = desk(None);
    assert_eq!(colour(&desk), ON_DARK);
    desk.app.take_dirty();
    desk.turn(Msg::Background { light: true });
    assert!(desk.app.take_dirty());
    assert_eq!(colour(&desk), ON_LIGHT);
    desk.turn(Msg::Background { light: true });
    assert!(!desk.app.take_dirty(), "nothing has changed");
    desk.turn(Msg::Background { light: false });
    assert_eq!(colour(&desk), ON_DARK);
}

#[test]
fn a_chosen_theme_stays_whatever_the_terminal_says() {
    let mut desk = desk(Some("light"));
    desk.app.take_dirty();
    desk.turn(Msg::Background { light: false });
    assert!(!desk.app.take_dirty());
    assert_eq!(colour(&desk), ON_LIGHT);
}

#[test]
fn a_theme_is_seen_while_it_is_chosen_and_left_as_it_was_by_escape() {
    let mut desk = desk(None);
    desk.keys(": 'theme' enter").shows("as the terminal's").shows("auto");
    desk.keys("'light'");
    assert_eq!(colour(&desk), ON_LIGHT);
    desk.keys("esc");
    assert_eq!(colour(&desk), ON_DARK);
    desk.keys(": 'theme' enter 'light' enter").shows("screen.theme = \"light\"");
    assert_eq!(colour(&desk), ON_LIGHT);
    desk.keys(": 'theme' enter 'auto' enter").shows("screen.theme = \"auto\"");
    assert_eq!(colour(&desk), ON_DARK);
}

#[test]
fn a_theme_of_ones_own_is_laid_over_the_dark_one() {
    let mut desk = desk(Some("mine"));
    desk.look.add_theme("mine", "accent = { color = \"#010203\" }\n").unwrap();
    let cell = desk.buffer()[desk.find("frontdesk").unwrap()].clone();
    assert_eq!(cell.fg, ON_DARK, "the selected meaning is not the one that was changed");
    let (x, y) = desk.find("●").unwrap();
    assert_eq!(desk.buffer()[(x, y)].fg, Color::Rgb(1, 2, 3));
    let problems = desk.look.add_theme("other", "acent = {}\n").unwrap_err();
    assert!(problems[0].to_string().starts_with("line 1: acent is not a meaning"), "{problems:?}");
}
