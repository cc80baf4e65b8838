//! The terminal's types into the screen's.

use crate::app::msg::{Code, Input, Key, MouseAct, Msg};
use crate::domain::picture;
use crate::term::{caps, input, pictures};
use crate::ui::{Stands, look};

/// How many colours the screen may use.
pub const fn depth(depth: caps::Depth) -> look::Depth {
    match depth {
        caps::Depth::None => look::Depth::None,
        caps::Depth::Sixteen => look::Depth::Sixteen,
        caps::Depth::Indexed => look::Depth::Indexed,
        caps::Depth::True => look::Depth::True,
    }
}

/// What the terminal told of its background.
pub(super) fn background(reply: input::Reply) -> Option<Msg> {
    let light = match reply {
        input::Reply::Light(light) => light,
        // The eye's brightness of it (ITU-R BT.601).
        input::Reply::Background(r, g, b) => 299 * u32::from(r) + 587 * u32::from(g) + 114 * u32::from(b) > 127_500,
        _ => return None,
    };
    Some(Msg::Background { light })
}

/// What is known of how the terminal takes pictures, answer by answer.
#[derive(Debug, Default)]
pub(super) struct Told {
    graphics: bool,
    files: bool,
    cell: Option<(u16, u16)>,
}

/// A cell's size where the terminal does not tell it; the ways that name columns and rows do not depend on it.
const USUAL_CELL: (u16, u16) = (10, 20);

impl Told {
    /// Takes an answer; with the last one it is known how pictures are taken, if they are.
    pub(super) fn take(&mut self, reply: input::Reply) -> Option<picture::Pictured> {
        match reply {
            input::Reply::Graphics => self.graphics = true,
            input::Reply::InlineFiles => self.files = true,
            input::Reply::CellSize(width, height) => self.cell = Some((width, height)),
            input::Reply::Attributes { sixel } => {
                let told = std::mem::take(self);
                let way = match () {
                    () if told.graphics => picture::Way::Kitty,
                    () if told.files => picture::Way::Iterm,
                    // Sixels are pixels: without the size of a cell nobody knows where they end.
                    () if sixel && told.cell.is_some() => picture::Way::Sixel,
                    () => return None,
                };
                return Some(picture::Pictured { way, cell: told.cell.unwrap_or(USUAL_CELL) });
            }
            _ => {}
        }
        None
    }
}

/// How the terminal's own part of us calls that.
pub(super) const fn way(way: picture::Way) -> pictures::Way {
    match way {
        picture::Way::Kitty => pictures::Way::Kitty,
        picture::Way::Iterm => pictures::Way::Iterm,
        picture::Way::Sixel => pictures::Way::Sixel,
    }
}

/// A painted picture as the terminal gets it.
pub fn placed(stands: &Stands) -> pictures::Placed {
    let Stands { picture, at: (x, y) } = stands;
    let data = std::sync::Arc::clone(&picture.data);
    pictures::Placed { number: picture.number, x: *x, y: *y, columns: picture.columns, rows: picture.rows, data }
}

/// What the person did; nothing for what the terminal answered by itself.
pub fn input(event: input::Event) -> Option<Input> {
    Some(match event {
        input::Event::Key(key) => Input::Key(Key { code: code(key.code), ctrl: key.ctrl, alt: key.alt, shift: key.shift }),
        input::Event::Paste { text, cut: _ } => Input::Paste(text),
        input::Event::Mouse(mouse) => Input::Mouse { act: act(mouse.act), column: mouse.column, row: mouse.row },
        input::Event::Focus(gained) => Input::Focus(gained),
        input::Event::Reply(_) => return None,
    })
}

const fn code(code: input::Code) -> Code {
    match code {
        input::Code::Char(c) => Code::Char(c),
        input::Code::Enter => Code::Enter,
        input::Code::Esc => Code::Esc,
        input::Code::Tab => Code::Tab,
        input::Code::Backspace => Code::Backspace,
        input::Code::Delete => Code::Delete,
        input::Code::Insert => Code::Insert,
        input::Code::Up => Code::Up,
        input::Code::Down => Code::Down,
        input::Code::Left => Code::Left,
        input::Code::Right => Code::Right,
        input::Code::Home => Code::Home,
        input::Code::End => Code::End,
        input::Code::PageUp => Code::PageUp,
        input::Code::PageDown => Code::PageDown,
        input::Code::F(n) => Code::F(n),
    }
}

const fn act(act: input::MouseAct) -> MouseAct {
    match act {
        input::MouseAct::Press => MouseAct::Press,
        input::MouseAct::Drag => MouseAct::Drag,
        input::MouseAct::Release => MouseAct::Release,
        input::MouseAct::WheelUp => MouseAct::WheelUp,
        input::MouseAct::WheelDown => MouseAct::WheelDown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use input::Reply;
    use picture::{Pictured, Way};

    #[test]
    fn the_best_way_that_a_terminal_tells_of_is_taken_with_the_last_answer() {
        let check = |replies: &[Reply], want: Option<Pictured>| {
            let mut told = Told::default();
            let mut answers = replies.iter().map(|reply| told.take(*reply)).collect::<Vec<_>>();
            assert_eq!(answers.pop().flatten(), want, "{replies:?}");
            assert!(answers.iter().all(Option::is_none), "{replies:?}");
        };
        let (cell, sixel, plain) = (Reply::CellSize(9, 18), Reply::Attributes { sixel: true }, Reply::Attributes { sixel: false });
        check(&[Reply::Graphics, cell, Reply::InlineFiles, sixel], Some(Pictured { way: Way::Kitty, cell: (9, 18) }));
        check(&[Reply::InlineFiles, sixel], Some(Pictured { way: Way::Iterm, cell: USUAL_CELL }));
        check(&[cell, sixel], Some(Pictured { way: Way::Sixel, cell: (9, 18) }));
        check(&[sixel], None);
        check(&[cell, plain], None);
    }
}
