//! What happens to messages and conversations that are open.

use frontdesk::domain::time::Span;
use frontdesk::simulator::{Act, ChatKind};

use super::{NEVER, World, own_mark};

#[tokio::test]
async fn a_customers_edit_and_reaction_are_shown_where_they_belong() {
    let world = World::new(Span::ZERO).await;
    let said = world.sim.say(world.chat, "is court 2 fee?");
    let mut seat = world.sit();
    seat.shows("is court 2 fee?").await;
    seat.press("\r").await;
    seat.shows("Esc back").await;
    seat.reply("Yes.").await;
    seat.wait("a sent reply", |screen| own_mark(screen) == '✓').await;
    world.sim.edit(world.chat, said, "is court 2 free?");
    seat.wait("the new words", |screen| screen.contains("is court 2 free?") && screen.contains("edited")).await;
    assert!(!seat.screen().contains("fee?"), "{}", seat.screen());
    let reply = world.sim.ledger(|ledger| ledger.delivered(world.chat).next().unwrap().message_id);
    world.sim.react(world.chat, world.chat.id, reply, &["👍"]);
    seat.shows("👍 Leila").await;
}

#[tokio::test]
async fn a_sent_reply_is_changed_and_deleted_for_the_customer_too() {
    let world = World::new(Span::ZERO).await;
    let mut seat = world.sit_and_open("is court 2 free?").await;
    seat.reply("Yes, at 19").await;
    seat.wait("a sent reply", |screen| own_mark(screen) == '✓').await;
    seat.press("w").await;
    seat.shows("change the sent message").await;
    seat.press(":00.\x18").await;
    let edited =
        |act| move |ledger: &frontdesk::simulator::Ledger| ledger.received.iter().find(|got| got.act == act).map(|got| got.text.clone());
    assert_eq!(world.sim.wait_for(edited(Act::Edit)).await, "Yes, at 19:00.");
    seat.wait("the new words", |screen| screen.contains("Yes, at 19:00.") && screen.contains("edited")).await;
    seat.press("x").await;
    seat.shows("for the customer too?").await;
    assert!(seat.screen().contains("│ Yes, at 19:00."), "the question does not say which:\n{}", seat.screen());
    seat.press("y").await;
    world.sim.wait_for(edited(Act::Delete)).await;
    seat.wait("the deletion", |screen| screen.contains("deleted")).await;
}

#[tokio::test]
async fn our_reaction_reaches_the_customer_and_is_taken_back() {
    let world = World::new(Span::ZERO).await;
    let mut seat = world.sit_and_open("thanks!").await;
    seat.press("+").await;
    seat.shows("react").await;
    seat.press("l\r").await;
    let reactions = |count: usize| {
        move |ledger: &frontdesk::simulator::Ledger| {
            let all: Vec<String> = ledger.received.iter().filter(|got| got.act == Act::Reaction).map(|got| got.text.clone()).collect();
            (all.len() >= count).then_some(all)
        }
    };
    assert_eq!(world.sim.wait_for(reactions(1)).await, ["🙏"]);
    seat.shows("🙏 Ayu").await;
    seat.press("+").await;
    seat.shows("─ react ").await;
    seat.press("l\r").await;
    assert_eq!(world.sim.wait_for(reactions(2)).await, ["🙏", ""]);
    seat.wait("no reaction", |screen| !screen.contains("🙏")).await;
}

#[tokio::test]
async fn a_group_that_becomes_a_supergroup_stays_one_conversation() {
    let world = World::new(Span::ZERO).await;
    let group = world.sim.room(world.bot, ChatKind::Group, "Doubles", "");
    world.sim.write(group, world.chat.id, "who plays?".into());
    let mut seat = world.sit();
    seat.shows("who plays?").await;
    seat.press("\r").await;
    seat.shows("Esc back").await;
    let new = world.sim.migrate(group, world.chat.id);
    world.sim.write(new, world.chat.id, "still here?".into());
    seat.wait("the new message in the open thread", |screen| screen.contains("still here?")).await;
    assert_eq!(world.conversations().await.len(), 1);
    seat.press("r").await;
    seat.shows("reply to Doubles").await;
    seat.press("We are.\x18").await;
    let got = world.sim.wait_for(|ledger| ledger.delivered(new).next().map(|received| received.text.clone())).await;
    assert_eq!(got, "We are.");
}

#[tokio::test]
async fn a_gap_of_more_than_a_day_is_shown_in_the_thread() {
    let mut world = World::new(NEVER).await;
    let seat = world.sit_and_open("before").await;
    world.sim.all_confirmed(world.bot).await;
    seat.leave().await;
    world.restart_after(Span::hours(30)).await;
    world.sim.say(world.chat, "after");
    world.start_engine();
    let mut seat = world.sit();
    seat.shows("after").await;
    seat.press("\r").await;
    seat.shows("messages may be missing").await;
    let screen = seat.screen();
    let at = |text: &str| screen.find(text);
    let (before, gap, after) = (at("  before"), at("messages may be missing"), at("▌  after"));
    assert!(before.is_some() && before < gap && gap < after, "{screen}");
}
