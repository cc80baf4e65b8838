//! Acts on the selected message of the open thread.

use super::{Command, always_enabled};
use crate::app::effect::Write;
use crate::app::focus::Context;
use crate::app::motion::Motion;
use crate::app::overlay::{Confirm, Irrevocable, Overlay, React};

pub(super) const ROWS: &[Command] = &[
    Command {
        name: "message.resend",
        aliases: &["resend"],
        context: Context::Thread,
        title: "Send again, or now",
        hint: "send again",
        doc: "Sends a failed or uncertain reply again; asks first when it is uncertain, because the customer may get it twice. A reply that waits for its time leaves now.",
        keys: &["s"],
        argument: None,
        enabled: |app, _| app.need_stuck(false),
        run: |app, _| app.resend(),
    },
    Command {
        name: "message.mark_sent",
        aliases: &[],
        context: Context::Thread,
        title: "Mark as sent",
        hint: "it arrived",
        doc: "Settles an uncertain reply: it did arrive.",
        keys: &["S"],
        argument: None,
        enabled: |app, _| app.need_stuck(true),
        run: |app, _| app.on_message(|message| Write::MarkSent { message }),
    },
    Command {
        name: "message.quote",
        aliases: &["quote"],
        context: Context::Thread,
        title: "Reply to this message",
        hint: "",
        doc: "Opens the composer with a reply that quotes the selected message.",
        keys: &[">"],
        argument: None,
        enabled: |app, cx| app.can_quote(cx),
        run: |app, cx| app.quote(cx),
    },
    Command {
        name: "message.react",
        aliases: &["react"],
        context: Context::Thread,
        title: "React",
        hint: "",
        doc: "Offers a few emoji to react to the selected message with.",
        keys: &["+"],
        argument: None,
        enabled: |app, _| app.can_react(),
        run: |app, _| {
            if let Some(message) = app.selected_message().map(|message| message.id) {
                app.overlays.push(Overlay::React(React { message, selected: 0 }));
            }
        },
    },
    Command {
        name: "message.edit",
        aliases: &["edit"],
        context: Context::Thread,
        title: "Edit my message",
        hint: "",
        doc: "Puts a reply that was sent back into the composer, to change its words for the customer too.",
        keys: &["w"],
        argument: None,
        enabled: |app, _| app.can_edit(),
        run: |app, _| app.edit_sent(),
    },
    Command {
        name: "message.delete",
        aliases: &["delete"],
        context: Context::Thread,
        title: "Delete my message",
        hint: "",
        doc: "Deletes a reply that was sent, for the customer too; asks first, because it cannot be undone. A reply that has not left is taken back, and with no message selected a waiting draft is discarded.",
        keys: &["x"],
        argument: None,
        enabled: |app, _| app.can_delete(),
        run: |app, cx| {
            if app.can_discard().is_ok() {
                return app.discard_draft(cx);
            }
            if app.take_back_selected() {
                return;
            }
            if let Some(message) = app.selected_message().map(|message| message.id) {
                app.overlays.push(Overlay::Confirm(Confirm { act: Irrevocable::Delete(message) }));
            }
        },
    },
    Command {
        name: "message.files",
        aliases: &["files"],
        context: Context::Thread,
        title: "Files of this message",
        hint: "files",
        doc: "Opens or saves a file of the selected message or its album, copies its path, or fetches it again.",
        keys: &["d"],
        argument: None,
        enabled: |app, _| app.can_open_files(),
        run: |app, cx| app.open_files(cx),
    },
    Command {
        name: "message.links",
        aliases: &["links"],
        context: Context::Thread,
        title: "Links of this message",
        hint: "",
        doc: "Shows where a link of the selected message leads, and opens or copies it.",
        keys: &["O"],
        argument: None,
        enabled: |app, _| app.can_open_links(),
        run: |app, cx| app.open_links(cx),
    },
    Command {
        name: "message.versions",
        aliases: &["versions"],
        context: Context::Thread,
        title: "Earlier versions of this message",
        hint: "",
        doc: "Shows what an edited message read before, and what each edit changed.",
        keys: &["W"],
        argument: None,
        enabled: |app, _| app.can_show_versions(),
        run: |app, _| app.show_versions(),
    },
    Command {
        name: "thread.retrace",
        aliases: &[],
        context: Context::Thread,
        title: "Back from a quoted message",
        hint: "",
        doc: "Goes back to the message from which a quoted one was opened; Esc does so too.",
        keys: &["backspace", "' '"],
        argument: None,
        enabled: |app, _| app.can_retrace(),
        run: |app, _| app.retrace(),
    },
    Command {
        name: "thread.page_down",
        aliases: &[],
        context: Context::Thread,
        title: "Page down",
        hint: "",
        doc: "Moves down by half a screen or so.",
        keys: &["space"],
        argument: None,
        enabled: always_enabled,
        run: |app, _| app.motion(Motion::PageDown),
    },
];
