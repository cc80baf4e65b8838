//! Replies on their way out.

use frontdesk::domain::time::Span;
use frontdesk::simulator::{Fault, FaultRule, When};

use super::{NEVER, World, own_mark};

#[tokio::test]
async fn a_reply_reaches_the_customer_exactly_once_and_its_mark_changes_from_held_to_sent() {
    let world = World::new(Span::secs(1)).await;
    let mut seat = world.sit_and_open("is court 2 free?").await;
    seat.reply("Yes, from 19:00.").await;
    seat.wait("a held reply", |screen| screen.contains('◷') || own_mark(screen) == '✓').await;
    seat.wait("a sent reply", |screen| own_mark(screen) == '✓').await;
    assert_eq!(world.delivered(), ["Yes, from 19:00."]);
    // Whatever is done next, it stays one.
    seat.reply("And until 21:00.").await;
    world.sim.wait_for(|ledger| (ledger.delivered(world.chat).count() > 1).then_some(())).await;
    seat.wait("both sent", |screen| screen.lines().filter(|row| row.ends_with('✓')).count() == 2).await;
    assert_eq!(world.delivered(), ["Yes, from 19:00.", "And until 21:00."]);
}

#[tokio::test]
async fn a_reply_held_back_is_taken_back_with_z_and_its_words_are_in_the_composer() {
    let world = World::new(NEVER).await;
    let mut seat = world.sit_and_open("is court 2 free?").await;
    seat.reply("No, sorry.").await;
    seat.wait("a held reply", |screen| screen.contains('◷')).await;
    seat.press("z").await;
    seat.shows("Taken back").await;
    seat.wait("the words in the composer", |screen| screen.contains("▏No, sorry.") && !screen.contains('◷')).await;
    assert_eq!(world.store.outbox_depth(&mut world.store.read().await.unwrap(), world.workspace).await.unwrap(), (0, 0));
    assert_eq!(world.delivered(), Vec::<String>::new());
    // They can be changed and sent.
    seat.press("r").await;
    seat.shows("Ctrl-X send").await;
    seat.press("\x15Yes!\x18").await;
    seat.wait("a held reply", |screen| screen.contains('◷') && screen.contains("Yes!")).await;
}

#[tokio::test]
async fn a_draft_survives_a_restart() {
    let mut world = World::new(NEVER).await;
    let mut seat = world.sit_and_open("is court 2 free?").await;
    seat.press("r").await;
    seat.shows("reply to Leila").await;
    seat.bytes("Let me look".as_bytes()).await;
    seat.shows("Let me look").await;
    seat.leave().await;
    world.restart_after(Span::secs(5)).await;
    world.start_engine();
    let mut seat = world.sit();
    seat.shows("draft: Let me look").await;
    seat.press("\r").await;
    seat.shows("▏Let me look").await;
    assert_eq!(world.delivered(), Vec::<String>::new());
}

#[tokio::test]
async fn a_reply_waiting_when_the_program_ends_leaves_after_the_next_start() {
    let mut world = World::new(Span::hours(2)).await;
    let mut seat = world.sit_and_open("is court 2 free?").await;
    seat.reply("Yes.").await;
    seat.wait("a held reply", |screen| screen.contains('◷')).await;
    seat.leave().await;
    world.restart_after(Span::hours(3)).await;
    assert_eq!(world.delivered(), Vec::<String>::new());
    world.start_engine();
    world.sim.wait_for(|ledger| ledger.delivered(world.chat).next().map(|_| ())).await;
    let mut seat = world.sit();
    seat.shows("you: Yes.").await;
    assert_eq!(world.delivered(), ["Yes."]);
}

/// Sends a reply that arrives, but whose answer is lost.
async fn uncertain(world: &World) -> super::Seat {
    let mut seat = world.sit_and_open("is court 2 free?").await;
    world.sim.fault(FaultRule::new("sendMessage", Fault::DropAfter, When::Next(1)));
    seat.reply("Yes.").await;
    seat.shows("1 uncertain").await;
    seat.wait("the mark", |screen| own_mark(screen) == '?').await;
    seat
}

#[tokio::test]
async fn an_uncertain_reply_is_settled_as_sent() {
    let world = World::new(Span::ZERO).await;
    let mut seat = uncertain(&world).await;
    seat.press("S").await;
    seat.wait("a sent reply", |screen| own_mark(screen) == '✓' && !screen.contains("uncertain")).await;
    assert_eq!(world.delivered(), ["Yes."]);
}

#[tokio::test]
async fn an_uncertain_reply_is_sent_again_only_after_a_yes() {
    let world = World::new(Span::ZERO).await;
    let mut seat = uncertain(&world).await;
    seat.press("s").await;
    seat.shows("may get it twice").await;
    seat.press("n").await;
    seat.wait("the question gone", |screen| !screen.contains("may get it twice")).await;
    assert_eq!(seat.own_mark(), '?');
    seat.press("s").await;
    seat.shows("may get it twice").await;
    seat.press("y").await;
    seat.wait("a sent reply", |screen| own_mark(screen) == '✓' && !screen.contains("uncertain")).await;
    assert_eq!(world.delivered(), ["Yes.", "Yes."]);
}

#[tokio::test]
async fn a_reply_to_a_deleted_account_fails_with_its_reason() {
    let world = World::new(Span::ZERO).await;
    let mut seat = world.sit_and_open("is court 2 free?").await;
    world.sim.deactivate(world.chat);
    seat.reply("Yes.").await;
    seat.wait("a failed reply", |screen| own_mark(screen) == '✗').await;
    seat.wait("the reason", |screen| screen.contains("deactivated")).await;
    assert_eq!(world.delivered(), Vec::<String>::new());
}

#[tokio::test]
async fn a_customer_who_blocked_us_is_not_replied_to() {
    let world = World::new(Span::ZERO).await;
    let mut seat = world.sit_and_open("stop writing to me").await;
    world.sim.block(world.chat);
    seat.shows("unreachable").await;
    seat.press("r").await;
    seat.shows("The provider cannot reach this customer").await;
    assert!(!seat.screen().contains("reply to Leila"), "{}", seat.screen());
}
