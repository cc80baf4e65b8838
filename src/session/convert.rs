//! The terminal's types into the screen's.

use crate::app::msg::{Code, Input, Key, MouseAct, Msg};
use crate::term::{caps, input};
use crate::ui::look;

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

/// What the person did; nothing for what the terminal answered by itself.
pub(super) fn input(event: input::Event) -> Option<Input> {
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
