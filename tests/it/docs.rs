//! Documents made from the code are what the code would make now.

mod pictures;

use std::path::Path;

use frontdesk::app::Keymap;
use frontdesk::app::command::docs;

fn check(path: &str, made: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("FRONTDESK_BLESS").is_some() {
        std::fs::write(&file, made).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == made, "{path} is out of date: run `FRONTDESK_BLESS=1 cargo test docs`");
}

#[test]
fn the_list_of_commands_is_made_from_the_table() {
    check("assets/docs/commands.md", &docs::commands_md());
}

#[test]
fn the_keymap_file_is_made_from_the_table_and_changes_nothing() {
    check("assets/keymap.toml", &docs::keymap_toml());
    let read = Keymap::with_overrides(&docs::keymap_toml()).unwrap();
    let before = Keymap::default();
    for command in frontdesk::app::command::all() {
        assert_eq!(read.keys_of(command.name), before.keys_of(command.name), "{}", command.name);
    }
}
