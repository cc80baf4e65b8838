//! Commands of what floats above the panes.

use super::{Command, always_enabled};
use crate::app::focus::Context;
use crate::app::motion::Motion;

pub(super) const FIELD: &[Command] = &[
    Command {
        name: "field.accept",
        aliases: &[],
        context: Context::Field,
        title: "Accept",
        hint: "accept",
        doc: "Runs the selected row of the palette; in a form goes to the next field, and from the last one on carries the form out.",
        keys: &["enter"],
        argument: None,
        enabled: always_enabled,
        run: |app, cx| app.accept(cx),
    },
    Command {
        name: "field.next",
        aliases: &[],
        context: Context::Field,
        title: "Next",
        hint: "next",
        doc: "Goes to the next row or field.",
        keys: &["down", "tab", "ctrl-n"],
        argument: None,
        enabled: always_enabled,
        run: |app, _| app.motion(Motion::Down),
    },
    Command {
        name: "field.previous",
        aliases: &[],
        context: Context::Field,
        title: "Previous",
        hint: "",
        doc: "Goes to the previous row or field.",
        keys: &["up", "shift-tab", "ctrl-p"],
        argument: None,
        enabled: always_enabled,
        run: |app, _| app.motion(Motion::Up),
    },
    Command {
        name: "field.close",
        aliases: &[],
        context: Context::Field,
        title: "Close",
        hint: "close",
        doc: "Closes the palette or form without doing anything.",
        keys: &["esc"],
        argument: None,
        enabled: always_enabled,
        run: |app, cx| app.back(cx),
    },
];

pub(super) const CHANNELS: &[Command] = &[
    Command {
        name: "channels.hold",
        aliases: &[],
        context: Context::Channels,
        title: "Pause or resume",
        hint: "pause or resume",
        doc: "Stops fetching and sending on the selected channel, or starts it again.",
        keys: &["b"],
        argument: None,
        enabled: |app, _| app.selected_channel().map(|_| ()).ok_or_else(|| "There is no channel yet".to_owned()),
        run: |app, _| app.hold_channel(),
    },
    Command {
        name: "channels.create",
        aliases: &[],
        context: Context::Channels,
        title: "Add a channel",
        hint: "add",
        doc: "Opens the form for another account.",
        keys: &["C"],
        argument: None,
        enabled: |app, cx| app.enabled("channel.add", cx),
        run: |app, cx| app.run("channel.add", cx),
    },
];

pub(super) const REACT: &[Command] = &[
    Command {
        name: "react.right",
        aliases: &[],
        context: Context::React,
        title: "Next emoji",
        hint: "",
        doc: "Moves right.",
        keys: &["l", "right"],
        argument: None,
        enabled: always_enabled,
        run: |app, _| app.motion(Motion::Down),
    },
    Command {
        name: "react.left",
        aliases: &[],
        context: Context::React,
        title: "Previous emoji",
        hint: "",
        doc: "Moves left.",
        keys: &["h", "left"],
        argument: None,
        enabled: always_enabled,
        run: |app, _| app.motion(Motion::Up),
    },
];

pub(super) const CONFIRM: &[Command] = &[Command {
    name: "confirm.yes",
    aliases: &[],
    context: Context::Confirm,
    title: "Yes",
    hint: "yes",
    doc: "Does what was asked; every other key does not.",
    keys: &["y"],
    argument: None,
    enabled: always_enabled,
    run: |app, cx| app.confirm(cx),
}];
