//! README's pictures are what the screen would show now: the real one, painted over the made-up customers of the screen tests.
//! `FRONTDESK_BLESS=1 cargo test --test it docs` makes them anew.

use frontdesk::app::{App, Setup, Themes};
use frontdesk::channel::REGISTRY;
use frontdesk::ui::look::{Depth, Look};

use super::check;
use crate::screens::desk::{Desk, customers, talk};
use crate::support::svg::{Paper, svg};

const DARK: Paper = Paper { text: (0xd6, 0xd9, 0xdf), background: (0x1e, 0x1e, 0x1e) };
const LIGHT: Paper = Paper { text: (0x24, 0x29, 0x2f), background: (0xfa, 0xfa, 0xfa) };

/// One picture for each theme, of a desk of that size after these keys.
fn picture(name: &str, size: (u16, u16), keys: &str, title: &str) {
    for (theme, paper) in [("dark", DARK), ("light", LIGHT)] {
        let mut desk = Desk::empty(size);
        desk.look = Look::new(Depth::True, false);
        let themes = Themes { names: desk.look.theme_names(), chosen: Some(theme.to_owned()), light: false };
        let providers = REGISTRY.iter().map(|row| row.provider).collect();
        desk.app = App::new(
            Setup { agent_name: "ayu".to_owned(), providers, local: true, notify: frontdesk::config::Notify::default(), tour: false },
            size,
        )
        .with_themes(themes);
        desk.rows = customers();
        // The last of the customers is there for what he writes, which no reader of a README has to see.
        desk.rows.pop();
        desk.rows.iter_mut().for_each(|row| row.provider = "telegram".to_owned());
        desk.messages = talk();
        desk.status.channels.truncate(1);
        desk.status.queued = 0;
        desk.start();
        desk.keys(keys);
        check(&format!("assets/pictures/{name}-{theme}.svg"), &svg(&desk.buffer(), paper, title));
    }
}

#[test]
fn the_picture_of_the_inbox_is_what_the_screen_shows() {
    picture("inbox", (120, 34), "enter", "The list of conversations beside an open one");
}

#[test]
fn the_picture_of_a_note_is_what_the_screen_shows() {
    picture(
        "note",
        (120, 34),
        "enter r 'Bisa, court 2 jam 19.00 sampai 21.00' alt-p 'Pays cash: no deposit'",
        "A private note is written in a composer that cannot be mistaken for a reply's",
    );
}

#[test]
fn the_picture_of_a_small_terminal_is_what_the_screen_shows() {
    picture("small", (80, 24), "", "The list of conversations in 80 columns");
}

#[test]
fn the_picture_of_the_palette_is_what_the_screen_shows() {
    picture("palette", (100, 24), "ctrl-k 're'", "The palette finds every command by a few letters, with its keys and why it cannot run");
}
