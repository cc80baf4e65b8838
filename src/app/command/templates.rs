//! Commands of the list of our own message templates, and of the bulk sends.

use super::Command;
use crate::app::focus::Context;

pub(super) const ROWS: &[Command] = &[
    Command {
        name: "templates.edit",
        aliases: &[],
        context: Context::Templates,
        title: "Change it",
        hint: "change",
        doc: "Opens the selected one of our own templates, to be changed; only owners and admins may.",
        keys: &["w"],
        argument: None,
        enabled: |app, _| app.can_edit_wording(),
        run: |app, _| app.edit_wording(),
    },
    Command {
        name: "templates.create",
        aliases: &[],
        context: Context::Templates,
        title: "Write another one",
        hint: "write",
        doc: "Opens the form for another template of our own; only owners and admins may.",
        keys: &["C"],
        argument: None,
        enabled: |app, _| app.can_write_wordings(),
        run: |app, _| app.write_wording(),
    },
    Command {
        name: "templates.remove",
        aliases: &[],
        context: Context::Templates,
        title: "Remove it",
        hint: "remove",
        doc: "Removes the selected one of our own templates; undo brings it back.",
        keys: &["x"],
        argument: None,
        enabled: |app, _| app.can_edit_wording(),
        run: |app, cx| app.remove_wording(cx),
    },
    Command {
        name: "templates.undo",
        aliases: &[],
        context: Context::Templates,
        title: "Undo",
        hint: "undo",
        doc: "Takes the last change to a template back.",
        keys: &["z"],
        argument: None,
        enabled: |app, cx| app.can_undo(cx),
        run: |app, cx| app.undo_last(cx),
    },
];

pub(super) const BULKS: &[Command] = &[
    Command {
        name: "bulks.hold",
        aliases: &[],
        context: Context::Bulks,
        title: "Pause or resume",
        hint: "pause or resume",
        doc: "Holds the selected bulk send back at once, or lets it go on.",
        keys: &["b"],
        argument: None,
        enabled: |app, _| app.need_living_bulk(),
        run: |app, _| app.hold_bulk(),
    },
    Command {
        name: "bulks.cancel",
        aliases: &[],
        context: Context::Bulks,
        title: "Call it off",
        hint: "call off",
        doc: "Calls the selected bulk send off after a yes: who has not been written to never is.",
        keys: &["x"],
        argument: None,
        enabled: |app, _| app.need_living_bulk(),
        run: |app, _| app.ask_cancel_bulk(),
    },
];
