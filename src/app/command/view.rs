//! Saved views.

use super::Command;
use super::always_enabled;
use crate::app::focus::Context;
use crate::app::overlay::MenuChoice;

/// The command that shows the view of one number.
macro_rules! show {
    ($place:literal, $key:literal) => {
        Command {
            name: concat!("view.", $key),
            aliases: &[],
            context: Context::Global,
            title: concat!("Saved view ", $key),
            hint: "",
            doc: concat!("Shows the tab, order and filter that were saved under ", $key, "."),
            keys: &[$key],
            enabled: |app, _| app.need_view($place),
            run: |app, cx| app.show_view($place, cx),
        }
    };
}

pub(super) const ROWS: &[Command] = &[
    Command {
        name: "view.save",
        aliases: &["save"],
        context: Context::Global,
        title: "Save this view",
        hint: "",
        doc: "Saves the shown tab, its order and filter under a number and a name, for everybody in the workspace.",
        keys: &[],
        enabled: always_enabled,
        run: |app, _| app.ask_view_place(),
    },
    Command {
        name: "view.open",
        aliases: &["views"],
        context: Context::Global,
        title: "Saved views",
        hint: "",
        doc: "Lists what was saved, to be shown by its number.",
        keys: &[],
        enabled: |app, _| app.need_views(),
        run: |app, _| app.ask_view("saved views", MenuChoice::ShowView),
    },
    Command {
        name: "view.delete",
        aliases: &[],
        context: Context::Global,
        title: "Delete a saved view",
        hint: "",
        doc: "Asks which saved view to forget; undo brings it back.",
        keys: &[],
        enabled: |app, _| app.need_views(),
        run: |app, _| app.ask_view("delete the view", MenuChoice::DeleteView),
    },
    show!(1, "1"),
    show!(2, "2"),
    show!(3, "3"),
    show!(4, "4"),
    show!(5, "5"),
    show!(6, "6"),
    show!(7, "7"),
    show!(8, "8"),
    show!(9, "9"),
];
