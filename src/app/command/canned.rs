//! Commands of the forms in which canned replies and templates are written.

use super::{Command, always_enabled};
use crate::app::focus::Context;

pub(super) const ROWS: &[Command] = &[
    Command {
        name: "canned.keep",
        aliases: &[],
        context: Context::Canned,
        title: "Keep it",
        hint: "keep",
        doc: "Stores the canned reply or the template for everybody of the workspace.",
        keys: &["ctrl-x"],
        argument: None,
        enabled: always_enabled,
        run: |app, cx| app.keep_written(cx),
    },
    Command {
        name: "canned.field",
        aliases: &[],
        context: Context::Canned,
        title: "The next field",
        hint: "next field",
        doc: "Goes to the next field, and from the last one to the first.",
        keys: &["tab"],
        argument: None,
        enabled: always_enabled,
        run: |app, _| app.turn_written(),
    },
    Command {
        name: "canned.leave",
        aliases: &[],
        context: Context::Canned,
        title: "Leave the form",
        hint: "leave",
        doc: "Leaves the canned reply or the template as it was.",
        keys: &["esc"],
        argument: None,
        enabled: always_enabled,
        run: |app, cx| app.back(cx),
    },
];
