//! Several people and processes at one desk.

use std::time::Duration;

use frontdesk::domain::conversation::Status;
use frontdesk::domain::time::Span;

use super::{NEVER, World, open};

#[tokio::test]
async fn a_customer_writes_and_the_conversation_appears_unread() {
    let world = World::new(NEVER).await;
    let mut seat = world.sit();
    seat.shows("All done").await;
    world.sim.say(world.chat, "is court 2 free?");
    seat.shows("is court 2 free?").await;
    assert!(seat.row("Leila").contains('●'), "{}", seat.screen());
    assert!(seat.row("frontdesk").contains("Inbox 1"), "{}", seat.screen());
    // Reading it makes it read.
    seat.press("\r").await;
    seat.wait("no unread mark", |screen| !screen.contains('●')).await;
    seat.idle().await;
    assert_eq!(world.conversations().await[0].unread, 0);
}

#[tokio::test]
async fn a_message_is_found_as_it_is_typed_and_opened_where_it_stands() {
    let world = World::new(NEVER).await;
    world.sim.say(world.chat, "my Größe is wrong");
    let mut seat = world.sit();
    seat.shows("my Größe is wrong").await;
    seat.press("/").await;
    seat.shows("Type words").await;
    seat.press("grosse").await;
    seat.shows("Messages, the newest first").await;
    seat.press("\r").await;
    seat.shows("Hit 1 of 1").await;
    seat.press("/").await;
    seat.shows("> grosse").await;
    seat.press("\x15leil").await;
    seat.shows("People").await;
}

#[tokio::test]
async fn two_sessions_see_each_others_changes() {
    let world = World::new(NEVER).await;
    let mut one = world.sit_and_open("is court 2 free?").await;
    let mut other = world.sit();
    other.shows("is court 2 free?").await;
    other.press("\r").await;
    other.shows("Esc back").await;
    one.reply("From one.").await;
    other.wait("the other's reply", |screen| screen.contains("  From one.") && screen.contains('◷')).await;
    other.press("A").await;
    one.shows("assigned Ayu").await;
    one.press("e").await;
    other.shows("Inbox 0").await;
    one.press("z").await;
    other.shows("Inbox 1").await;
}

#[tokio::test]
async fn a_change_by_another_process_appears() {
    let world = World::new(NEVER).await;
    let mut seat = world.sit_and_open("is court 2 free?").await;
    let other = open(&world.dir, &world.clock).await;
    let id = world.conversations().await[0].id;
    other.add_note(world.workspace, world.agent, "elsewhere-1", id, "from elsewhere").await.unwrap();
    seat.shows("from elsewhere").await;
    other.set_status(world.workspace, world.agent, id, Status::Resolved).await.unwrap();
    seat.shows("Inbox 0").await;
}

#[tokio::test]
async fn a_paste_of_100_kb_is_in_the_composer_and_is_not_sent() {
    let world = World::new(Span::ZERO).await;
    let mut seat = world.sit_and_open("is court 2 free?").await;
    seat.press("r").await;
    seat.shows("reply to Leila").await;
    let text = "a long story\r\n".repeat(100_000 / 14);
    seat.bytes(format!("\x1b[200~{text}\x1b[201~").as_bytes()).await;
    seat.shows("needs 2").await;
    seat.press("\x1b[D").await;
    seat.idle().await;
    assert_eq!(world.delivered(), Vec::<String>::new());
}

#[tokio::test]
async fn an_idle_session_writes_no_bytes_and_does_not_wake() {
    let world = World::bare().await;
    let mut seat = world.sit();
    seat.shows("Welcome").await;
    world.engine.stop().await;
    let before = seat.idle().await;
    tokio::time::pause();
    tokio::time::sleep(Duration::from_hours(24)).await;
    assert_eq!(*seat.pulse.borrow(), before);
    assert!(seat.ends.output.is_empty());
}
