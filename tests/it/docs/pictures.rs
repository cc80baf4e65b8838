//! README's pictures are what the screen would show now: the real one, painted over the made-up customers of the screen tests.
//! `FRONTDESK_BLESS=1 cargo test --test it docs` makes them anew.

use chrono_tz::Tz;
use frontdesk::app::board::{Display, Setting};
use frontdesk::app::effect::{Effect, Loaded, Query, QueuePage};
use frontdesk::app::kiosk::Stand;
use frontdesk::app::msg::Msg;
use frontdesk::app::{App, Cx, Setup, Themes};
use frontdesk::channel::REGISTRY;
use frontdesk::domain::queue::signs::Tongue;
use frontdesk::ui;
use frontdesk::ui::look::{Depth, Look};
use ratatui::backend::TestBackend;
use ratatui::{Frame, Terminal};

use super::check;
use crate::screens::clinic::{CLINIC, board, kiosk};
use crate::screens::desk::{Desk, ME, NOW, customers, talk};
use crate::screens::queue_store::clinic;
use crate::support::svg::{Paper, svg};

const DARK: Paper = Paper { text: (0xd6, 0xd9, 0xdf), background: (0x1e, 0x1e, 0x1e) };
const LIGHT: Paper = Paper { text: (0x24, 0x29, 0x2f), background: (0xfa, 0xfa, 0xfa) };

const THEMES: [(&str, Paper); 2] = [("dark", DARK), ("light", LIGHT)];

/// One picture for each theme, of a desk of that size after these keys.
fn picture(name: &str, size: (u16, u16), keys: &str, title: &str) {
    picture_of(name, size, (None, keys), title);
}

/// The same, of a desk in whose venue this is going on.
fn picture_of(name: &str, size: (u16, u16), (queue, keys): (Option<QueuePage>, &str), title: &str) {
    for (theme, paper) in THEMES {
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
        if let Some(queue) = &queue {
            desk.queue = queue.clone();
        }
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

#[test]
fn the_picture_of_the_queue_is_what_the_screen_shows() {
    picture_of("queue", (120, 34), (Some(clinic()), "g q"), "An operator's counter: who is called, and the line behind");
}

/// One picture for each theme of what the public sees, which has no desk around it.
fn public(name: &str, (columns, rows): (u16, u16), title: &str, draw: impl Fn(&Cx, &Look, &mut Frame<'_>)) {
    let cx = Cx { now: NOW, zone: Tz::Asia__Jakarta, agent: ME, unique: 1 };
    for (theme, paper) in THEMES {
        let mut look = Look::new(Depth::True, false);
        look.chosen = Some(theme.to_owned());
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        terminal.draw(|frame| draw(&cx, &look, frame)).unwrap();
        check(&format!("assets/pictures/{name}-{theme}.svg"), &svg(terminal.backend().buffer(), paper, title));
    }
}

const fn at_the_clinic() -> Setting {
    Setting { venue: CLINIC, department: None, tongue: Some(Tongue::English), speaks: false }
}

/// What the clinic's database answers.
fn answers(effects: Vec<Effect>) -> impl Iterator<Item = Msg> {
    effects.into_iter().filter_map(|effect| {
        let Effect::Load { seq, query } = effect else { return None };
        let answer = match query {
            Query::Board { .. } => Loaded::Board(Box::new(board())),
            _ => Loaded::Kiosk(Box::new(kiosk(4))),
        };
        Some(Msg::Loaded { seq, result: Ok(answer) })
    })
}

#[test]
fn the_picture_of_the_public_display_is_what_it_shows() {
    public("board", (100, 30), "The public display: who is called to which counter, and who is next", |cx, look, frame| {
        let mut display = Display::new(at_the_clinic(), (100, 30));
        for msg in answers(display.start(cx)) {
            display.update(msg, cx);
        }
        ui::draw_board(&display, cx, look, frame);
    });
}

#[test]
fn the_picture_of_the_kiosk_is_what_it_shows() {
    public("kiosk", (80, 24), "The kiosk: what one can take a number for", |cx, look, frame| {
        let mut stand = Stand::new(at_the_clinic(), true, (80, 24));
        for msg in answers(stand.start(cx)) {
            stand.update(msg, cx);
        }
        ui::draw_kiosk(&stand, cx, look, frame);
    });
}
