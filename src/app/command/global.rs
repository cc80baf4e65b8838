//! Commands of every pane.

use super::{Command, always_enabled};
use crate::app::effect::Effect;
use crate::app::focus::Context;
use crate::app::overlay::{Channels, Form, Help, Overlay, Palette};

pub(super) const ROWS: &[Command] = &[
    Command {
        name: "help",
        aliases: &["keys"],
        context: Context::Global,
        title: "Keys that work here",
        hint: "keys",
        doc: "Shows the keys of the focused pane.",
        keys: &["?"],
        enabled: always_enabled,
        run: |app, _| {
            let chain = app.focus.chain();
            app.overlays.push(Overlay::Help(Help::new(chain)));
        },
    },
    Command {
        name: "search",
        aliases: &["find"],
        context: Context::Global,
        title: "Search people and messages",
        hint: "search",
        doc: "Finds people by name, address or number, and messages by their words, over everything; in a search that is open already, shows what it found.",
        keys: &["/"],
        enabled: always_enabled,
        run: |app, _| app.open_search(),
    },
    Command {
        name: "palette",
        aliases: &[],
        context: Context::Global,
        title: "Command palette",
        hint: "",
        doc: "Finds a command by a few letters of its title or name, and runs it.",
        keys: &["ctrl-k", ":"],
        enabled: always_enabled,
        run: |app, cx| {
            let palette = Palette::new(app, cx);
            app.overlays.push(Overlay::Palette(palette));
        },
    },
    Command {
        name: "tab.next",
        aliases: &[],
        context: Context::Global,
        title: "Next tab",
        hint: "",
        doc: "Shows the next tab of the list: Mine, Unassigned, All, Unattended.",
        keys: &["tab"],
        enabled: always_enabled,
        run: |app, _| app.turn_tab(1),
    },
    Command {
        name: "tab.previous",
        aliases: &[],
        context: Context::Global,
        title: "Previous tab",
        hint: "",
        doc: "Shows the previous tab of the list.",
        keys: &["shift-tab"],
        enabled: always_enabled,
        run: |app, _| app.turn_tab(-1),
    },
    Command {
        name: "focus.left",
        aliases: &[],
        context: Context::Global,
        title: "Pane to the left",
        hint: "",
        doc: "Puts the focus into the list.",
        keys: &["left"],
        enabled: always_enabled,
        run: |app, cx| app.focus_list(cx),
    },
    Command {
        name: "focus.right",
        aliases: &[],
        context: Context::Global,
        title: "Pane to the right",
        hint: "",
        doc: "Puts the focus into the open thread.",
        keys: &["right"],
        enabled: |app, _| app.thread.as_ref().map(|_| ()).ok_or_else(|| "No conversation is open".to_owned()),
        run: |app, _| app.focus_thread(),
    },
    Command {
        name: "go.inbox",
        aliases: &["inbox"],
        context: Context::Global,
        title: "Go to the inbox",
        hint: "",
        doc: "Puts the focus into the list, on the tab of everything open.",
        keys: &["g i"],
        enabled: always_enabled,
        run: |app, cx| app.go_inbox(cx),
    },
    Command {
        name: "undo",
        aliases: &[],
        context: Context::Global,
        title: "Undo",
        hint: "",
        doc: "Takes back the last act: a reply still held back, resolve, reopen, assign.",
        keys: &["z"],
        enabled: |app, _| app.can_undo(),
        run: |app, cx| app.undo_last(cx),
    },
    Command {
        name: "channels",
        aliases: &[],
        context: Context::Global,
        title: "Channels and their health",
        hint: "",
        doc: "Lists the connected accounts, how they are doing and why; pauses, resumes and adds them.",
        keys: &[],
        enabled: always_enabled,
        run: |app, _| {
            app.overlays.push(Overlay::Channels(Channels::default()));
            app.load_status();
        },
    },
    Command {
        name: "channel.add",
        aliases: &[],
        context: Context::Global,
        title: "Add a channel",
        hint: "",
        doc: "Asks for an account's settings, tries them at the provider and connects it.",
        keys: &[],
        enabled: |app, _| {
            if app.setup.providers.is_empty() { Err("This program was built without any provider".to_owned()) } else { Ok(()) }
        },
        run: |app, _| {
            if let Some(form) = Form::new(&app.setup.providers) {
                app.overlays.push(Overlay::Form(form));
            }
        },
    },
    Command {
        name: "theme",
        aliases: &["colors", "colours"],
        context: Context::Global,
        title: "Choose a theme",
        hint: "",
        doc: "Paints the screen in another theme until you quit; the selected one is shown while you choose.",
        keys: &[],
        enabled: always_enabled,
        run: |app, _| app.ask_theme(),
    },
    Command {
        name: "app.quit",
        aliases: &["q", "quit"],
        context: Context::Global,
        title: "Quit",
        hint: "",
        doc: "Ends the session; drafts are kept, replies that wait are still sent.",
        keys: &[],
        enabled: always_enabled,
        run: |app, _| {
            app.save_drafts();
            app.effect(Effect::Quit);
        },
    },
    Command {
        name: "canned",
        aliases: &["macros"],
        context: Context::Global,
        title: "Canned replies",
        hint: "",
        doc: "Lists the canned replies, to write, change and remove them; `frontdesk canned` does the same from a shell.",
        keys: &[],
        enabled: always_enabled,
        run: |app, _| app.manage_canned(),
    },
];
