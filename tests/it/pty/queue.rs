//! The built display and kiosk at terminals of their own, on one database with an operator in a third process.

use std::sync::Arc;

use frontdesk::domain::time::{Clock as _, SystemClock};

use super::{Desk, Spawn};
use crate::support::bench::Bench;
use crate::support::hall::Hall;

/// A hall in a folder of its own, and programs that are started on it.
struct Place {
    hall: Hall,
}

impl Place {
    async fn open() -> Self {
        let bench = Arc::new(Bench::open(None).await);
        // The programs have the machine's clock; the operator's must not be far from it, or the day would be another one.
        bench.clock.advance(SystemClock.now().since(bench.clock.now()));
        Self { hall: Hall::open(&bench, 2).await }
    }

    fn start(&self, arguments: &[&str]) -> Desk {
        let home = self.hall.bench.dir.path();
        let database = format!("sqlite:{}", home.join("desk.db").display());
        let paper = home.join("paper").display().to_string();
        let heard = home.join("heard").display().to_string();
        let all: Vec<&str> = arguments.iter().copied().chain(["--database", &database, "--workspace", "main"]).collect();
        Spawn::frontdesk(&all)
            .env("HOME", home)
            .env("FRONTDESK_DATA_DIR", home.join("data"))
            .env("TZ", "UTC")
            .env("FRONTDESK_QUEUE_LANGUAGE", "en")
            .env("FRONTDESK_QUEUE_PRINT", format!("/bin/sh -c 'cat >> {paper}'"))
            .env("FRONTDESK_QUEUE_ANNOUNCE", format!("/bin/sh -c 'echo \"$0 $1\" >> {heard}' {{ticket}} {{counter}}"))
            .start()
    }

    fn file(&self, name: &str) -> String {
        std::fs::read_to_string(self.hall.bench.dir.path().join(name)).unwrap_or_default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_taken_at_a_kiosk_is_called_and_shown_on_the_display() {
    let place = Place::open().await;
    let mut board = place.start(&["board"]);
    board.shows("Nobody has been called yet");
    let mut kiosk = place.start(&["kiosk", "--venue", "clinic menteng"]);
    let offered = kiosk.shows("SERVICE");
    let tile = offered.lines().position(|line| line.contains("SERVICE")).unwrap_or_default();
    assert!(tile > 2, "{offered}");
    // The services stand by department and name: Cash has one, Clinic two.
    kiosk.keys("3");
    kiosk.shows("You chose: SERVICE");
    kiosk.keys("\r\r");
    kiosk.shows("Please take your ticket");
    assert!(place.file("paper").contains("S E R - 0 0 1"), "{}", place.file("paper"));
    board.shows("SER-001");
    place.hall.next(place.hall.counters[1]).await.unwrap();
    board.wait("the call in large letters", |screen| screen.contains("PLEASE COME") && !screen.contains("Nobody"));
    for (desk, keys) in [(&mut board, "q"), (&mut kiosk, "quit")] {
        desk.keys(keys);
        assert_eq!(desk.exit_code(), 0, "{}", desk.screen());
        assert!(desk.is_restored(), "{}", desk.screen());
    }
    assert_eq!(place.file("heard"), "SER-001 2\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kiosk_is_not_left_by_what_leaves_other_programs() {
    let place = Place::open().await;
    let mut kiosk = place.start(&["kiosk"]);
    kiosk.shows("Welcome");
    kiosk.keys("\x03\x1a\x1c\x11\x13\x04:q\r\x1b");
    kiosk.keys("\x1b[200~quit\x1b[201~");
    kiosk.keys("0");
    kiosk.shows("Selamat datang");
    kiosk.keys("quit");
    assert_eq!(kiosk.exit_code(), 0);
}

#[test]
fn without_a_venue_the_display_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    for command in ["board", "kiosk"] {
        let mut desk =
            Spawn::frontdesk(&[command]).env("HOME", dir.path()).env("FRONTDESK_DATA_DIR", dir.path().join("data")).size(200, 24).start();
        assert_eq!(desk.exit_code(), 3);
        let screen = desk.screen();
        assert!(screen.contains("there is no venue yet: `frontdesk venue add"), "{screen}");
    }
}
