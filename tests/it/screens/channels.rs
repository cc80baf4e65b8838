//! The pane of channels: how each is doing, and what can be done about it.

use frontdesk::app::Setup;
use frontdesk::app::effect::{ChannelAbout, Effect, Write};
use frontdesk::domain::channel::{Capabilities, Field, Provider};
use frontdesk::domain::id::ChannelId;
use frontdesk::domain::time::Span;

use super::desk::{Desk, NOW, PROVIDER, ago, setup};

const SMALL: (u16, u16) = (80, 24);

fn about(id: i64, webhook: Option<&str>) -> ChannelAbout {
    ChannelAbout {
        id: ChannelId(id),
        account: "@shop".to_owned(),
        values: [("api-base".to_owned(), "https://loft.example".to_owned())].into(),
        secrets: vec!["token".to_owned()],
        in_at: Some(ago(2)),
        out_at: None,
        incoming: 0,
        outgoing: 0,
        expires_at: None,
        webhook: webhook.map(str::to_owned),
    }
}

/// A desk with two channels of which everything is known, the second of them called by its provider, and keys.
fn with(keys: &str) -> Desk {
    let mut desk = Desk::open(SMALL);
    let end = NOW.plus(Span::hours(3 * 24));
    let called = ChannelAbout { incoming: 12, outgoing: 3, expires_at: Some(end), ..about(2, Some("/webhooks/2")) };
    desk.accounts = vec![about(1, None), called];
    desk.keys(&format!(": 'channels' enter {keys}"));
    desk
}

#[test]
fn a_channel_tells_its_health_what_came_and_went_and_what_waits() {
    with("").shows("came in   last today 14:28").shows("went out  nothing yet").shows_no("webhook");
    insta::assert_snapshot!("everything_about_a_channel_stands_below_the_list", with("j").screen());
}

#[test]
fn a_token_that_ends_soon_is_a_warning_and_one_that_ended_says_what_to_do() {
    with("j").shows("token     ends Mon 23 Nov");
    let mut desk = with("");
    desk.accounts[0].expires_at = Some(ago(60));
    desk.keys("esc : 'channels' enter").shows("ended").shows("put a new one into its settings");
}

#[test]
fn the_path_of_the_webhook_is_copied_where_there_is_one() {
    let copied = |desk: &Desk| desk.others.iter().any(|effect| matches!(effect, Effect::Copy(text) if text.as_str() == "/webhooks/2/k7"));
    assert!(copied(&with("j y")));
    with("y").shows("it calls no webhook");
}

#[test]
fn a_channel_is_tested_paused_and_resumed() {
    with("T").shows("It works: the provider knows it as @loft");
    let wrote = |keys: &str, wanted: fn(&Write) -> bool| assert!(with(keys).writes.iter().any(wanted), "{keys}");
    wrote("T", |write| matches!(write, Write::TestChannel { channel: ChannelId(1) }));
    wrote("j b", |write| matches!(write, Write::PauseChannel { channel: ChannelId(2) }));
}

#[test]
fn changing_the_settings_keeps_the_secrets_that_are_not_typed() {
    with("w").shows("settings of Shop").shows("as it is, unless you type another").shows("https://loft.example");
    let desk = with("w enter ctrl-u 'https://other.example' enter");
    let Some(Write::EditChannel { channel, values, secrets }) = desk.writes.last() else { panic!("{:?}", desk.writes) };
    assert_eq!((*channel, values["api-base"].as_str(), secrets.len()), (ChannelId(1), "https://other.example", 0));
    desk.shows("Connected as @loft");
    let typed = with("j enter 'new' enter enter");
    let changed =
        |write: &Write| matches!(write, Write::EditChannel { channel: ChannelId(2), secrets, .. } if secrets.contains_key("token"));
    assert!(typed.writes.iter().any(changed), "{:?}", typed.writes);
}

#[test]
fn a_form_that_is_longer_than_the_screen_says_where_one_is() {
    let form = |keys: &str, size| {
        let mut desk = Desk::open_with(Setup { providers: vec![&PIGEON, &PROVIDER], ..setup() }, size);
        desk.keys(&format!(": 'channels' enter C {keys}"));
        desk
    };
    form("", (80, 15)).shows("1 of 4");
    form("enter", (80, 15)).shows("2 of 4");
    form("", SMALL).shows_no("1 of 4");
}

#[test]
fn removing_a_channel_says_what_will_happen_and_asks() {
    insta::assert_snapshot!("removing_a_channel_says_what_will_happen", with("j x").screen());
    let removed = |keys: &str| with(keys).writes.iter().any(|write| matches!(write, Write::RemoveChannel { channel: ChannelId(2) }));
    assert!(removed("j x y"));
    assert!(!removed("j x esc") && !removed("j x n"));
    let mut early = Desk::open(SMALL);
    early.keys(": 'channels' enter x").shows("what waits to").shows_no("nothing waits");
}

/// A provider that calls us, whose secret may be changed while the one before it still counts.
static PIGEON: Provider = Provider {
    name: "pigeon",
    title: "Pigeon",
    letter: 'P',
    fields: &[
        Field { name: "token", title: "Token", help: "from the loft's keeper", secret: true, default: None },
        Field { name: "old-token", title: "Old token", help: "while it is changed", secret: true, default: Some("") },
    ],
    capabilities: &Capabilities { polls: false, ..*PROVIDER.capabilities },
};

/// The secrets that a form asks to be changed, after these keys in the settings of a channel that has both.
fn changed(keys: &str) -> Vec<(String, String)> {
    let mut desk = Desk::open_with(Setup { providers: vec![&PIGEON], ..setup() }, SMALL);
    desk.accounts = vec![ChannelAbout { secrets: vec!["token".to_owned(), "old-token".to_owned()], ..about(1, None) }];
    desk.keys(&format!(": 'channels' enter w {keys}"));
    let Some(Write::EditChannel { secrets, .. }) = desk.writes.last() else { panic!("{:?}", desk.writes) };
    secrets.iter().map(|(name, secret)| (name.clone(), secret.reveal().to_owned())).collect()
}

#[test]
fn a_secret_a_channel_can_do_without_is_not_made_up_and_can_be_taken_away() {
    assert_eq!(changed("enter enter"), []);
    assert_eq!(changed("enter '-' enter"), [("old-token".to_owned(), String::new())]);
    assert_eq!(changed("'-' enter enter"), [("token".to_owned(), "-".to_owned())], "one it needs cannot be taken away");
    let added = |keys: &str| {
        let mut desk = Desk::open_with(Setup { providers: vec![&PIGEON], ..setup() }, SMALL);
        desk.keys(&format!(": 'channels' enter C enter '1:token' enter {keys} enter"));
        desk.shows("Connected as @loft: now register its webhook");
        let Some(Write::AddChannel { secrets, .. }) = desk.writes.last() else { panic!("{:?}", desk.writes) };
        secrets.keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(added(""), ["token"]);
    assert_eq!(added("'-'"), ["token"]);
    assert_eq!(added("'0:token'"), ["old-token", "token"]);
}
