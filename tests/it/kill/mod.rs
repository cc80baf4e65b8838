//! Nothing is lost and nothing is doubled, whatever happens to the process that syncs.
//!
//! Customers write and agents answer while the built program, `frontdesk sync`, is killed at random moments and now and then paused, against
//! a provider whose connections break before and after it has done what was asked. The simulator's ledger, which knows what really
//! happened, is the judge. `FRONTDESK_KILLS=1000 cargo test --test it kill:: -- --nocapture` is the long run.

mod judge;
mod rush;
mod world;

use judge::Verdict;
use world::World;

use crate::support::pg::pg;

/// How many kills each run has; 50 unless the environment says more.
fn kills() -> u32 {
    std::env::var("FRONTDESK_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(50)
}

async fn run(mut world: World, kills: u32, seed: u64) -> Verdict {
    let mut rng = fastrand::Rng::with_seed(seed);
    for round in 0..kills {
        world.round(&mut rng, round).await;
    }
    world.calm_down().await;
    let verdict = world.judge().await;
    eprintln!("{kills} kills, seed {seed}: {verdict}");
    verdict
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_kill_loses_or_doubles_a_message_on_sqlite() {
    let verdict = run(World::new(None, false).await, kills(), 11).await;
    assert!(verdict.wrong.is_empty(), "{:#?}", verdict.wrong);
    assert!(verdict.stored > 0 && verdict.sent > 0, "nothing happened: {verdict}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_kill_loses_or_doubles_a_message_on_postgresql() {
    let Some(database) = pg().await else { return };
    let verdict = run(World::new(Some(database), false).await, kills(), 12).await;
    assert!(verdict.wrong.is_empty(), "{:#?}", verdict.wrong);
    assert!(verdict.stored > 0 && verdict.sent > 0, "nothing happened: {verdict}");
}

/// The judge is worth something only if it condemns a desk that sends again whatever it is not sure of.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_naive_desk_that_sends_again_by_itself_is_condemned() {
    let verdict = run(World::new(None, true).await, 12, 13).await;
    assert!(verdict.wrong.iter().any(|wrong| wrong.contains("arrived 2 times")), "not one double was found: {verdict}");
}
