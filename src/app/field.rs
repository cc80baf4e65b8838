//! A text field: `tui-textarea` with the keys of readline, and its content as rows that may be painted.

use std::fmt;

use tui_textarea::{CursorMove, Input, Key as AreaKey, TextArea};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::msg::{Code, Key};
use crate::domain::text::Safe;

/// The longest text a field takes, in bytes; a longer paste is cut there.
pub const FIELD_BYTES: usize = 256 * 1024;

/// A text being typed. Its debug print shows no content: the field may hold a secret.
#[derive(Clone, Default)]
pub struct Field {
    area: TextArea<'static>,
}

/// A field's content, wrapped and safe to paint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// The rows, at least one.
    pub rows: Vec<Safe>,
    /// Row and column of the cursor.
    pub cursor: (usize, usize),
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Field").field("lines", &self.area.lines().len()).finish_non_exhaustive()
    }
}

impl Field {
    /// A field that holds `text`, with the cursor at its end.
    pub fn of(text: &str) -> Self {
        let mut field = Self::default();
        field.paste(text);
        field
    }

    /// What it holds.
    pub fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    /// Its first line.
    pub fn line(&self) -> &str {
        self.area.lines().first().map_or("", String::as_str)
    }

    /// Nothing but blanks.
    pub fn is_blank(&self) -> bool {
        self.area.lines().iter().all(|line| line.trim().is_empty())
    }

    /// Inserts text at the cursor as it is, but for carriage returns (line feeds) and NUL (dropped).
    pub fn paste(&mut self, text: &str) {
        let room = FIELD_BYTES.saturating_sub(self.bytes());
        let mut end = text.len().min(room);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let text = text[..end].replace("\r\n", "\n").replace('\r', "\n").replace('\0', "");
        if !text.is_empty() {
            self.area.insert_str(text);
        }
    }

    /// A key of the field: a character, or readline's editing keys. Says whether the text changed.
    pub fn key(&mut self, key: Key) -> bool {
        let area = &mut self.area;
        match (key.code, key.ctrl, key.alt) {
            (Code::Char(c), false, false) => {
                let room = FIELD_BYTES > self.bytes() && !c.is_control();
                if room {
                    self.area.insert_char(c);
                }
                room
            }
            (Code::Enter, false, _) | (Code::Char('j'), true, false) => {
                area.insert_newline();
                true
            }
            (Code::Char('u'), true, false) => area.delete_line_by_head(),
            (Code::Char('y'), true, false) => area.paste(),
            (Code::Home, ..) => {
                area.move_cursor(CursorMove::Head);
                false
            }
            (Code::End, ..) => {
                area.move_cursor(CursorMove::End);
                false
            }
            (code, ctrl, alt) => area_key(code, ctrl, alt).is_some_and(|input| area.input(input)),
        }
    }

    /// The content as rows of at most `width` columns, with the cursor's place in them.
    pub fn view(&self, width: usize) -> View {
        let width = width.max(2);
        let cursor = self.area.cursor();
        let mut view = View::default();
        for (at, line) in self.area.lines().iter().enumerate() {
            let shown = Safe::line(line);
            let before = (at == cursor.0).then(|| {
                let bytes = line.char_indices().nth(cursor.1).map_or(line.len(), |(byte, _)| byte);
                Safe::line(&line[..bytes]).as_str().len()
            });
            wrap(shown.as_str(), width, before, &mut view);
        }
        view
    }

    /// The content with every character hidden, for secrets.
    pub fn masked(&self) -> Safe {
        Safe::line(&"*".repeat(self.area.lines().iter().map(|line| line.chars().count()).sum::<usize>().min(40)))
    }

    fn bytes(&self) -> usize {
        self.area.lines().iter().map(|line| line.len() + 1).sum()
    }
}

/// Breaks one line at blanks where it can and notes where byte `cursor` of it came to stand.
fn wrap(text: &str, width: usize, cursor: Option<usize>, view: &mut View) {
    let mut start = 0;
    let mut used = 0;
    let mut blank = None;
    let mut cuts = Vec::new();
    for (at, cluster) in text.grapheme_indices(true) {
        let wide = cluster.width();
        if used + wide > width {
            let cut = blank.filter(|blank| *blank > start).unwrap_or(at);
            cuts.push(cut);
            used = text[cut..at].width();
            start = cut;
            blank = None;
        }
        used += wide;
        if cluster == " " {
            blank = Some(at + 1);
        }
    }
    cuts.push(text.len());
    let mut from = 0;
    let last = cuts.len() - 1;
    for (n, to) in cuts.into_iter().enumerate() {
        let row = &text[from..to];
        if let Some(at) = cursor.filter(|at| *at >= from && (*at < to || n == last)) {
            let column = text.get(from..at.min(to)).map_or(0, UnicodeWidthStr::width);
            view.cursor = (view.rows.len(), column.min(width));
        }
        view.rows.push(Safe::line(row));
        from = to;
    }
}

/// The keys of readline that the widget knows under the same name; nothing else reaches it.
fn area_key(code: Code, ctrl: bool, alt: bool) -> Option<Input> {
    let key = match (code, ctrl, alt) {
        (Code::Char(c @ ('a' | 'e' | 'f' | 'b' | 'p' | 'n' | 'd' | 'h' | 'k' | 'w')), true, false)
        | (Code::Char(c @ ('f' | 'b' | 'd')), false, true) => AreaKey::Char(c),
        (Code::Backspace, ..) => AreaKey::Backspace,
        (Code::Delete, ..) => AreaKey::Delete,
        (Code::Left, ..) => AreaKey::Left,
        (Code::Right, ..) => AreaKey::Right,
        (Code::Up, false, false) => AreaKey::Up,
        (Code::Down, false, false) => AreaKey::Down,
        _ => return None,
    };
    Some(Input {
        key,
        ctrl: ctrl || (alt && matches!(code, Code::Left | Code::Right)),
        alt: alt && !matches!(code, Code::Left | Code::Right),
        shift: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::key;

    fn type_in(field: &mut Field, keys: &str) {
        for key in key::parse(keys).unwrap() {
            field.key(key);
        }
    }

    #[test]
    fn the_keys_of_readline_edit() {
        let check = |text: &str, keys: &str, want: &str| {
            let mut field = Field::of(text);
            type_in(&mut field, keys);
            assert_eq!(field.text(), want, "{keys}");
        };
        check("hello world", "ctrl-w", "hello ");
        check("hello world", "ctrl-a ctrl-k", "");
        check("hello", "ctrl-u", "");
        check("hello", "ctrl-u ctrl-y", "hello");
        check("one", "enter t w o", "one\ntwo");
        check("ab", "left backspace", "b");
    }

    #[test]
    fn what_was_pasted_is_kept_but_never_painted_as_it_is() {
        let field = Field::of("a\x1b[2J\u{202e}b\r\nc");
        assert_eq!(field.text(), "a\x1b[2J\u{202e}b\nc");
        let rows: Vec<String> = field.view(20).rows.iter().map(ToString::to_string).collect();
        assert_eq!(rows, ["a␛[2Jb", "c"]);
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
}
