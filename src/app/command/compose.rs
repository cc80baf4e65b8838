//! Commands of the composer.

use super::{Command, always_enabled};
use crate::app::effect::Mode;
use crate::app::focus::Context;

pub(super) const ROWS: &[Command] = &[
    Command {
        name: "compose.send",
        aliases: &[],
        context: Context::Compose,
        title: "Send",
        hint: "send",
        doc: "Sends what is typed: a reply to the customer after its undo delay, a note to colleagues at once.",
        keys: &["ctrl-x", "ctrl-enter"],
        argument: None,
        enabled: |app, cx| app.can_send(cx),
        run: |app, cx| app.send(cx),
    },
    Command {
        name: "compose.leave",
        aliases: &[],
        context: Context::Compose,
        title: "Leave, keep the draft",
        hint: "keep draft",
        doc: "Goes back to the thread; what is typed stays as a draft. Leaves an edited message as it was.",
        keys: &["esc"],
        argument: None,
        enabled: always_enabled,
        run: |app, cx| app.leave_composer(cx),
    },
    Command {
        name: "compose.note",
        aliases: &[],
        context: Context::Compose,
        title: "Write a note instead",
        hint: "note",
        doc: "Switches to the note, which only colleagues can read; the reply's draft stays.",
        keys: &["alt-p"],
        argument: None,
        enabled: |app, _| app.need_mode(Mode::Reply, "This is a note already"),
        run: |app, cx| app.compose(Mode::Note, cx),
    },
    Command {
        name: "compose.reply",
        aliases: &[],
        context: Context::Compose,
        title: "Write a reply instead",
        hint: "reply",
        doc: "Switches to the reply, which the customer gets; the note's draft stays.",
        keys: &["alt-l"],
        argument: None,
        enabled: |app, cx| app.need_mode(Mode::Note, "This is a reply already").and_then(|()| app.can_reply(cx)),
        run: |app, cx| app.compose(Mode::Reply, cx),
    },
];
