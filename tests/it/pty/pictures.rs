//! A picture in the thread, at a terminal that says it takes kitty's graphics.

use super::Spawn;

const PHOTO: &[u8] = include_bytes!("../../../assets/demo/racket.jpg");

#[test]
fn a_photo_that_is_sent_stands_in_the_thread_of_a_terminal_that_takes_pictures() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("racket.jpg"), PHOTO).unwrap();
    let demo = Spawn::frontdesk(&["demo", "--people", "6", "--seed", "7"]).env("TMPDIR", dir.path()).env("HOME", dir.path());
    let mut desk = demo.size(120, 40).start();
    desk.wait("a conversation in the list", |screen| screen.lines().skip(2).any(|line| line.contains(" T ")));
    let asked = String::from_utf8_lossy(&desk.bytes()).contains("\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\");
    assert!(asked, "the terminal was not asked");
    desk.keys("\x1b_Gi=31;OK\x1b\\\x1b[6;20;10t\x1bP>|term 1.2\x1b\\\x1b[?62;22c");
    desk.keys("\r");
    desk.keys("r");
    desk.shows("reply to");
    desk.keys("Like this one?\x0f");
    desk.shows("attach a file");
    desk.keys("racket");
    desk.wait("the file in the folder", |screen| screen.matches("racket").count() > 1);
    desk.keys("\r");
    desk.shows("[racket.jpg");
    desk.keys("\x18");
    desk.wait("the reply in the thread", |screen| screen.contains("[photo · racket.jpg") && !screen.contains("reply to"));
    desk.wait_bytes("a picture and its place", |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let sent = text.find("\x1b_Ga=t,f=100,t=d,i=");
        let placed = text.rfind("\x1b_Ga=p,i=");
        sent.is_some_and(|sent| placed.is_some_and(|placed| sent < placed))
    });
    desk.keys("\x0bquit");
    desk.shows("> quit");
    desk.keys("\r");
    assert_eq!(desk.exit_code(), 0);
    assert!(desk.is_restored());
}
