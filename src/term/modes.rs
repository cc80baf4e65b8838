//! The sequences that take a terminal over and give it back, and what is sent besides frames: questions, title, bell, notification and
//! clipboard.
//! Numbers are xterm's private modes ("XTerm Control Sequences", DEC Private Mode Set).

use super::caps::Notification;

/// The window's title kept (`CSI 22 ; 2 t`), alternate screen (1049), bracketed paste (2004), focus reports (1004), reports of a changed
/// background (2031); then a clear screen and a hidden cursor, which is what a fresh [`super::Screen`] takes for granted.
pub const ENTER: &str = "\x1b[22;2t\x1b[?1049h\x1b[?2004h\x1b[?1004h\x1b[?2031h\x1b[?25l\x1b[m\x1b[H\x1b[2J";

/// Mouse presses and drags (1002) in SGR coordinates (1006), where the terminal can be asked for them.
pub const MOUSE: &str = "\x1b[?1002h\x1b[?1006h";

/// Undoes [`ENTER`] and [`MOUSE`], after ending a frame that may have been cut short (2026), its link (OSC 8), the scroll region and the style.
pub const LEAVE: &str =
    "\x1b[?2026l\x1b]8;;\x1b\\\x1b[r\x1b[m\x1b[?2031l\x1b[?1004l\x1b[?1006l\x1b[?1002l\x1b[?2004l\x1b[?25h\x1b[?1049l\x1b[23;2t";

/// Ends a sequence of whatever kind that was cut in the middle (ST): inside a string it closes it, inside any other the ESC drops it, and by
/// itself it does nothing.
pub const CUT: &str = "\x1b\\";

/// Bracketed paste and focus reports alone, for a program that writes line after line where the shell was.
pub const ENTER_LINES: &str = "\x1b[?2004h\x1b[?1004h";

/// Undoes [`ENTER_LINES`] and [`MOUSE`].
pub const LEAVE_LINES: &str = "\x1b[m\x1b[?1004l\x1b[?1006l\x1b[?1002l\x1b[?2004l";

/// What is the background's colour (OSC 11), and does it know the kitty keyboard protocol? Nobody waits for the answers; a terminal that
/// gives none is taken as the environment describes it.
pub const ASK: &[u8] = b"\x1b]11;?\x1b\\\x1b[?u";

/// How does it take pictures? Kitty's graphics, the size of a cell in pixels (`CSI 16 t`), its name (XTVERSION), and at last what everything
/// answers: DA1, which tells of sixels and that nothing more will come.
pub const ASK_PICTURES: &[u8] = b"\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[16t\x1b[>q\x1b[c";

/// Kitty's keyboard protocol: keys that look alike are told apart (1), and come with the letter of the Latin layout (4).
pub const KEYBOARD_ON: &str = "\x1b[>5u";

/// Puts the keyboard back as [`KEYBOARD_ON`] found it.
pub const KEYBOARD_OFF: &str = "\x1b[<u";

/// OSC 2: the title of the window. The one it had is kept by [`ENTER`] and put back by [`LEAVE`].
pub fn title(text: &str) -> Vec<u8> {
    format!("\x1b]2;{text}\x1b\\").into_bytes()
}

/// A notification of the desktop, in the way the terminal understands it; nothing where it understands none.
pub fn notification(way: Notification, text: &str) -> Option<Vec<u8>> {
    match way {
        Notification::None => None,
        Notification::Osc9 => Some(format!("\x1b]9;{text}\x1b\\").into_bytes()),
        // A semicolon would end the text.
        Notification::Osc777 => Some(format!("\x1b]777;notify;frontdesk;{}\x1b\\", text.replace(';', ",")).into_bytes()),
    }
}

/// The bell.
pub const BELL: &[u8] = b"\x07";

/// The most text put on a clipboard, in bytes; many terminals drop longer OSC sequences whole.
pub const COPY_BYTES: usize = 72 * 1024;

/// OSC 52: puts `text` on the terminal's clipboard. `None` when it is longer than [`COPY_BYTES`], of which terminals would keep nothing.
pub fn copy(text: &str) -> Option<Vec<u8>> {
    if text.len() > COPY_BYTES {
        return None;
    }
    let mut out = b"\x1b]52;c;".to_vec();
    base64(text.as_bytes(), &mut out);
    out.extend_from_slice(b"\x1b\\");
    Some(out)
}

/// RFC 4648 §4, with padding.
pub(super) fn base64(bytes: &[u8], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for chunk in bytes.chunks(3) {
        let three = [chunk[0], chunk.get(1).copied().unwrap_or(0), chunk.get(2).copied().unwrap_or(0)];
        let bits = u32::from(three[0]) << 16 | u32::from(three[1]) << 8 | u32::from(three[2]);
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place)) as usize & 63];
            out.push(if place <= chunk.len() { digit } else { b'=' });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copied_text_is_base64_as_rfc_4648_has_it() {
        let check = |text: &str, want: &str| {
            let mut out = Vec::new();
            base64(text.as_bytes(), &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), want);
        };
        check("", "");
        check("f", "Zg==");
        check("fo", "Zm8=");
        check("foo", "Zm9v");
        check("foob", "Zm9vYg==");
        check("fooba", "Zm9vYmE=");
        check("foobar", "Zm9vYmFy");
        check("\u{fffd}~\u{10ffff}", "77+9fvSPv78=");
        assert_eq!(copy("foo").unwrap(), b"\x1b]52;c;Zm9v\x1b\\");
        assert_eq!(copy(&"x".repeat(COPY_BYTES + 1)), None);
    }

    #[test]
    fn notifications_go_as_each_terminal_takes_them() {
        assert_eq!(notification(Notification::Osc9, "New; message").unwrap(), b"\x1b]9;New; message\x1b\\");
        assert_eq!(notification(Notification::Osc777, "New; message").unwrap(), b"\x1b]777;notify;frontdesk;New, message\x1b\\");
        assert_eq!(notification(Notification::None, "New message"), None);
        assert!(ENTER.contains("\x1b[22;2t") && LEAVE.contains("\x1b[23;2t"));
    }

    #[test]
    fn leaving_undoes_every_mode_that_entering_sets() {
        let numbers = |text: &str, end: char| -> Vec<String> {
            let mut found: Vec<String> = text
                .split("\x1b[?")
                .skip(1)
                .filter_map(|part| part.split_once(end).filter(|(n, _)| n.chars().all(|c| c.is_ascii_digit())).map(|(n, _)| n.to_owned()))
                .collect();
            found.sort();
            found
        };
        let mut set = numbers(&format!("{ENTER}{MOUSE}"), 'h');
        assert!(!set.is_empty());
        assert_eq!(numbers(LEAVE_LINES, 'l'), numbers(&format!("{ENTER_LINES}{MOUSE}"), 'h'));
        set.push("2026".to_owned());
        set.sort();
        assert_eq!(numbers(LEAVE, 'l'), set);
        assert!(LEAVE.contains("\x1b[?25h"));
        assert!(LEAVE.contains("\x1b]8;;\x1b\\"), "a link of a frame that was cut short is closed");
    }
}
