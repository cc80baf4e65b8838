//! Commands that work everywhere, in text fields too.

use super::{Command, always_enabled};
use crate::app::effect::Effect;
use crate::app::focus::Context;

pub(super) const ROWS: &[Command] = &[
    Command {
        name: "app.interrupt",
        aliases: &[],
        context: Context::Always,
        title: "Quit (press twice)",
        hint: "",
        doc: "Quits when pressed twice within two seconds; drafts are kept.",
        keys: &["ctrl-c"],
        argument: None,
        enabled: always_enabled,
        run: |app, cx| app.interrupt(cx),
    },
    Command {
        name: "app.cancel",
        aliases: &["cancel"],
        context: Context::Always,
        title: "Call off what has not begun",
        hint: "",
        doc: "Calls off changes that still wait to be stored, as after an act on many conversations; what is stored stays.",
        keys: &["ctrl-g"],
        argument: None,
        enabled: |app, _| app.can_cancel(),
        run: |app, _| app.cancel_work(),
    },
    Command {
        name: "app.redraw",
        aliases: &["redraw"],
        context: Context::Always,
        title: "Redraw the screen",
        hint: "",
        doc: "Paints everything again, for when something else wrote on the terminal.",
        keys: &["ctrl-l"],
        argument: None,
        enabled: always_enabled,
        run: |app, _| app.effect(Effect::Redraw),
    },
    Command {
        name: "app.suspend",
        aliases: &["suspend"],
        context: Context::Always,
        title: "Suspend to the shell",
        hint: "",
        doc: "Gives the terminal back to the shell until `fg`; only on a terminal of one's own.",
        keys: &["ctrl-z"],
        argument: None,
        enabled: |app, _| if app.setup.local { Ok(()) } else { Err("There is no shell behind this terminal to go back to".to_owned()) },
        run: |app, _| {
            app.save_drafts();
            app.effect(Effect::Suspend);
        },
    },
];
