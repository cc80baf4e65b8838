//! Commands of the form of a canned reply.

use super::{Command, always_enabled};
use crate::app::focus::Context;

pub(super) const ROWS: &[Command] = &[
    Command {
        name: "canned.keep",
        aliases: &[],
        context: Context::Canned,
        title: "Keep the canned reply",
        hint: "keep",
        doc: "Stores the canned reply for everybody of the workspace.",
        keys: &["ctrl-x"],
        enabled: always_enabled,
        run: |app, cx| app.keep_canned(cx),
    },
    Command {
        name: "canned.field",
        aliases: &[],
        context: Context::Canned,
        title: "The other field",
        hint: "other field",
        doc: "Goes from the shortcut to the words and back.",
        keys: &["tab"],
        enabled: always_enabled,
        run: |app, _| app.turn_canned(),
    },
    Command {
        name: "canned.leave",
        aliases: &[],
        context: Context::Canned,
        title: "Leave the form",
        hint: "leave",
        doc: "Leaves the canned reply as it was.",
        keys: &["esc"],
        enabled: always_enabled,
        run: |app, cx| app.back(cx),
    },
];
