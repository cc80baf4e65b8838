//! A provider that misbehaves: the channel shows it and recovers, and the screen never minds.

use frontdesk::config::{Secret, SecretSource};
use frontdesk::domain::time::Span;
use frontdesk::simulator::{Fault, FaultRule, When};
use frontdesk::sync::compose::{forget_secrets, keep_secrets};
use serde_json::json;

use super::{NEVER, World};

/// The provider answers so for a while.
async fn recovers_from(fault: Fault) {
    let world = World::new(NEVER).await;
    let mut seat = world.sit_and_open("first").await;
    seat.shows("✓ Shop").await;
    world.sim.fault(FaultRule::new("getUpdates", fault, When::Always));
    // Ends the look that is under way; the next one goes wrong.
    world.sim.say(world.chat, "second");
    seat.shows("Shop: trying again").await;
    seat.press("?").await;
    seat.shows("keys that work here").await;
    seat.press("\x1b").await;
    seat.wait("the help closed", |screen| !screen.contains("keys that work here")).await;
    seat.press(":channels\r").await;
    seat.shows("Telegram · trying again").await;
    // What floats would stand over the message.
    seat.press("\x1b").await;
    seat.wait("the channels closed", |screen| !screen.contains("Telegram · trying again")).await;
    world.sim.clear_faults();
    world.sim.say(world.chat, "third");
    seat.shows("third").await;
    seat.wait("a healthy channel", |screen| screen.contains("✓ Shop")).await;
    seat.wait("every message once", |screen| ["first", "second"].iter().all(|text| screen.matches(text).count() == 1)).await;
}

#[tokio::test]
async fn a_channel_recovers_from_garbage() {
    recovers_from(Fault::Garbage).await;
}

#[tokio::test]
async fn a_channel_recovers_from_answers_cut_in_the_middle() {
    recovers_from(Fault::CloseMidBody).await;
}

#[tokio::test]
async fn a_channel_recovers_from_an_answer_of_100_mb() {
    recovers_from(Fault::HugeBody).await;
}

#[tokio::test]
async fn a_channel_recovers_from_a_proxys_error_page() {
    recovers_from(Fault::ErrorBefore(502)).await;
}

#[tokio::test]
async fn a_channel_recovers_from_closed_connections() {
    recovers_from(Fault::DropBefore).await;
}

#[tokio::test]
async fn the_screen_works_while_the_provider_hangs() {
    let world = World::new(Span::ZERO).await;
    let mut seat = world.sit_and_open("first").await;
    world.sim.fault(FaultRule::new("*", Fault::Hang, When::Always));
    world.sim.say(world.chat, "second");
    seat.reply("Yes.").await;
    seat.wait("a reply on its way", |screen| super::own_mark(screen) == '↑').await;
    seat.press("c").await;
    seat.shows("NOTE").await;
    seat.press("asked twice\x18").await;
    seat.shows("note, only for colleagues").await;
    seat.press("e").await;
    seat.shows("All done").await;
}

#[tokio::test]
async fn one_bad_update_does_not_stop_the_ones_behind_it() {
    let world = World::new(NEVER).await;
    let mut seat = world.sit_and_open("first").await;
    world.sim.inject(world.bot, "message", &json!({"message_id": "no number", "chat": 7}));
    world.sim.inject(world.bot, "a_kind_of_tomorrow", &json!({"x": [1, 2, 3]}));
    world.sim.inject(world.bot, "message", &json!(null));
    world.sim.say(world.chat, "behind them");
    seat.shows("behind them").await;
    world.sim.all_confirmed(world.bot).await;
    seat.shows("✓ Shop").await;
}

#[tokio::test]
async fn a_channel_is_added_by_the_form_and_its_messages_come_in() {
    let world = World::bare().await;
    world.sim.say(world.chat, "is court 2 free?");
    let mut seat = world.sit();
    seat.shows("Welcome").await;
    seat.press("\r").await;
    seat.shows("Bot token").await;
    seat.press("\r\r").await;
    seat.press("4242:wrong\r").await;
    seat.press(&format!("{}\r", world.sim.base_url())).await;
    seat.shows("does not accept the bot's token").await;
    let token = world.sim.token(world.bot).unwrap();
    seat.press("\x1b[A\x15").await;
    seat.press(token.reveal()).await;
    assert!(!seat.screen().contains(token.reveal()), "the token is on the screen");
    seat.press("\r\r").await;
    seat.shows("Connected as").await;
    seat.shows("is court 2 free?").await;
    assert!(!seat.screen().contains(token.reveal()), "the token is on the screen");
}

/// The files of secrets that were typed into forms.
fn secrets(world: &World) -> Vec<std::path::PathBuf> {
    let folder = std::fs::read_dir(world.dir.path().join("secrets"));
    folder.map(|files| files.map(|file| file.unwrap().path()).collect()).unwrap_or_default()
}

#[tokio::test]
async fn a_typed_secret_goes_with_its_channel() {
    let world = World::bare().await;
    let mut seat = world.sit();
    seat.shows("Welcome").await;
    seat.press("\r").await;
    seat.shows("Bot token").await;
    let token = world.sim.token(world.bot).unwrap();
    seat.press(&format!("\r\r{}\r{}\r", token.reveal(), world.sim.base_url())).await;
    seat.shows("Connected as").await;
    assert_eq!(secrets(&world).len(), 1);
    seat.press(":channels\r").await;
    seat.shows("last answer").await;
    seat.press("x").await;
    seat.shows("removes it").await;
    seat.press("y").await;
    seat.shows("no channel yet").await;
    seat.idle().await;
    assert_eq!(secrets(&world), [] as [std::path::PathBuf; 0]);
}

#[tokio::test]
async fn secrets_are_kept_all_or_none_and_those_of_others_stay() {
    let dir = tempfile::tempdir().unwrap();
    let (ours, theirs) = (dir.path().join("secrets"), dir.path().join("token"));
    std::fs::write(&theirs, "1:token").unwrap();
    let typed = ["app", "old", "token"].map(|name| (name.to_owned(), Secret::new(if name == "old" { "" } else { name }))).into();
    // A second secret under the number of the first cannot be kept.
    keep_secrets(&ours, || 7, &typed).await.unwrap_err();
    assert_eq!(std::fs::read_dir(&ours).unwrap().count(), 0, "the first one is still there");
    let number = std::sync::atomic::AtomicI64::new(0);
    let next = || number.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let kept = keep_secrets(&ours, next, &typed).await.unwrap();
    assert_eq!(kept.keys().collect::<Vec<_>>(), ["app", "token"], "an empty one is none");
    let foreign = SecretSource::File(theirs.clone());
    forget_secrets(&ours, kept.values().chain([&foreign])).await;
    assert!(std::fs::read_dir(&ours).unwrap().count() == 0 && theirs.exists());
}
