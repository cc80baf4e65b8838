//! `frontdesk keys` at a real pty.

use super::Spawn;

fn start(langmap: &str) -> super::Desk {
    let keys = Spawn::frontdesk(&["keys"]).env("FRONTDESK_DATA_DIR", "/nonexistent").env("FRONTDESK_SCREEN_LANGMAP", langmap);
    let desk = keys.size(120, 30).start();
    desk.shows("Ctrl-C twice");
    desk
}

#[test]
fn keys_are_shown_with_their_bytes_their_names_and_what_they_mean() {
    let mut desk = start("russian");
    assert!(desk.screen().contains("256 colours, Unicode"), "{}", desk.screen());
    desk.keys("j");
    desk.shows("6a                            j               Next row or message · Next row or message · types it");
    desk.keys("\x1b[A");
    desk.shows("1b 5b 41                      Up              Previous row or message");
    desk.keys("\x18");
    desk.shows("18                            Ctrl-X          nothing · nothing · Send");
    desk.keys("g");
    desk.shows("begins g … · begins g … · types it");
    desk.keys("о");
    desk.shows("d0 be                         о (as j)        Next row or message · Next row or message · types it");
    desk.keys("\x1b");
    desk.shows("1b                            Esc             Back");
    desk.keys("\x1b[200~one\ntwo\x1b[201~");
    desk.shows("7 characters, as text");
    desk.keys("\x1b[<0;5;3M");
    desk.shows("press at column 4, row 2");
    desk.keys("\x1b]11;rgb:ffff/ffff/ffff\x07");
    desk.shows("the background is #ffffff");
    desk.keys("\x1b[?0u");
    desk.shows("kitty's keyboard protocol");
    desk.keys("\x1b[1095::120;5u");
    desk.shows("Ctrl-X          nothing · nothing · Send");
    desk.keys("\x03");
    desk.shows("Quit (press twice)");
    assert!(!desk.is_restored());
    desk.keys("x\x03\x03");
    assert_eq!(desk.exit_code(), 0);
    assert!(desk.is_restored(), "{}", desk.screen());
    let bytes = String::from_utf8_lossy(&desk.bytes()).into_owned();
    assert_eq!((bytes.matches("\x1b[>5u").count(), bytes.matches("\x1b[<u").count()), (1, 1));
    assert!(!bytes.contains("\x1b[?1049h"), "the shell's screen is kept");
}
