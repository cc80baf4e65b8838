//! Conversations that are put away and come back.

use frontdesk::domain::act::{Act, Step};
use frontdesk::domain::conversation::Status;
use frontdesk::domain::hint::Hint;
use frontdesk::domain::time::{Clock, Span};

use super::{NEVER, World, open};

#[tokio::test]
async fn a_customer_who_writes_brings_a_snoozed_conversation_back() {
    let world = World::new(NEVER).await;
    world.sim.say(world.chat, "is court 2 free?");
    let mut seat = world.sit();
    seat.shows("is court 2 free?").await;
    seat.press("bt").await;
    seat.shows("Inbox 0").await;
    world.sim.say(world.chat, "hello?");
    seat.shows("Inbox 1").await;
    seat.shows("hello?").await;
    let row = world.conversations().await.remove(0);
    assert_eq!((row.status, row.snoozed_until), (Status::Open, None));
}

#[tokio::test]
async fn a_snoozed_conversation_comes_back_at_its_time_whoever_snoozed_it() {
    let world = World::new(NEVER).await;
    let mut seat = world.sit_and_open("is court 2 free?").await;
    let id = world.conversations().await[0].id;
    // Another program puts it away; the one that holds the lock brings it back, by its own timer.
    let other = open(&world.dir, &world.clock).await;
    let until = world.clock.now().plus(Span::millis(400));
    let step = Step::new(id, Act::Status(Status::Snoozed, Some(until)));
    other.act(world.workspace, world.agent, &[step]).await.unwrap();
    seat.shows("Back from snooze").await;
    assert!(world.clock.now() >= until);
    assert_eq!(world.conversations().await[0].status, Status::Open);
}

#[tokio::test]
async fn what_fell_due_while_the_program_was_off_comes_back_when_it_starts() {
    let mut world = World::new(NEVER).await;
    world.sim.say(world.chat, "is court 2 free?");
    let mut seat = world.sit();
    seat.shows("is court 2 free?").await;
    seat.press("bh").await;
    seat.shows("Inbox 0").await;
    seat.leave().await;
    world.restart_after(Span::hours(2)).await;
    world.start_engine();
    let mut seat = world.sit();
    seat.shows("Inbox 1").await;
    assert!(seat.row("Leila").contains('●'), "{}", seat.screen());
}

#[tokio::test]
async fn a_clock_that_was_set_forward_is_noticed_with_the_next_hint() {
    let world = World::new(NEVER).await;
    world.sim.say(world.chat, "is court 2 free?");
    let mut seat = world.sit();
    seat.shows("is court 2 free?").await;
    seat.press("bh").await;
    seat.shows("Inbox 0").await;
    seat.idle().await;
    world.clock.by(Span::hours(1));
    world.store.tell(Hint::Status);
    seat.shows("Inbox 1").await;
}

#[tokio::test]
async fn what_a_spammer_writes_is_seen_once_it_is_brought_back() {
    let world = World::new(NEVER).await;
    world.sim.say(world.chat, "win a prize");
    let mut seat = world.sit();
    seat.shows("win a prize").await;
    seat.press("!").await;
    seat.shows("Inbox 0").await;
    seat.idle().await;
    world.sim.say(world.chat, "win another");
    seat.press("z").await;
    seat.shows("Inbox 1").await;
    seat.shows("win another").await;
}
