//! Those who act on what they saw a moment ago.

use frontdesk::domain::queue::look::{Answer, Ask, Finish};
use frontdesk::domain::queue::{Act, Rules, State};
use frontdesk::domain::time::{Clock, Span};

use crate::support::bench::on_each_engine;
use crate::support::hall::{Hall, there};

#[tokio::test]
async fn k_11_an_answer_about_who_was_at_a_counter_ends_nobody_who_was_called_there_since() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 1).await;
        let counter = hall.counters[0];
        for _ in 0..4 {
            hall.issue(hall.ser).await;
        }
        hall.next(counter).await.unwrap();
        let seen = there(&bench.store, &bench, counter).await;
        let second = hall.next_after(counter, Some(Finish::Serve)).await.unwrap();
        for (there, finish) in [(seen, Finish::NoShow), (seen, Finish::Serve), (None, Finish::Park)] {
            let Answer::Busy(present) = hall.ask(&Ask::Next { counter, there, finish: Some(finish) }).await.unwrap() else {
                panic!("{finish:?} ended somebody whom nobody saw")
            };
            assert_eq!((present.id, present.state), (second.id, State::Called));
        }
        let seen = there(&bench.store, &bench, counter).await;
        hall.act(&second, Act::Start).await.unwrap();
        let changed = hall.ask(&Ask::Next { counter, there: seen, finish: Some(Finish::Serve) }).await.unwrap();
        assert!(matches!(changed, Answer::Busy(present) if present.state == State::Serving));
    })
    .await;
}

#[tokio::test]
async fn k_11_a_double_press_does_not_end_who_was_called_by_the_first_where_calling_ends_the_present_one() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 1).await;
        hall.rules(Rules { next_ends: true, ..Rules::default() }).await;
        let counter = hall.counters[0];
        for _ in 0..3 {
            hall.issue(hall.ser).await;
        }
        let first = hall.next(counter).await.unwrap();
        let press = Ask::Next { counter, there: there(&bench.store, &bench, counter).await, finish: None };
        let Answer::Ticket(second) = hall.ask(&press).await.unwrap() else { panic!("nobody was called") };
        assert_eq!(hall.ticket(first.id).await.state, State::Served);
        let again = hall.ask(&press).await.unwrap();
        assert!(matches!(again, Answer::Busy(present) if present.id == second.ticket.id), "the second press ended somebody");
    })
    .await;
}

#[tokio::test]
async fn somebody_who_was_put_aside_and_called_by_mistake_is_put_aside_again_until_the_same_time() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 1).await;
        let until = bench.clock.now().plus(Span::minutes(20));
        for until in [Some(until), None] {
            let parked = hall.issue(hall.ser).await;
            let parked = hall.act(&parked, Act::Park(until)).await.unwrap();
            let called = hall.act_to(&parked, Act::Call, Some(hall.counters[0]), None).await.unwrap();
            assert_eq!((called.state, called.parked_until), (State::Called, None));
            let back = hall.act(&called, Act::Undo).await.unwrap();
            assert_eq!((back.state, back.parked_until, back.counter), (State::Parked, until, None));
        }
        assert_eq!(hall.next(hall.counters[0]).await, None, "somebody who is away was called");
    })
    .await;
}

#[tokio::test]
async fn a_call_again_by_a_clock_that_was_set_back_is_withdrawn_with_its_call() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 1).await;
        hall.issue(hall.ser).await;
        bench.clock.advance(Span::secs(30));
        let called = hall.next(hall.counters[0]).await.unwrap();
        let back = hall.act(&called, Act::Undo).await.unwrap();
        let called = hall.act_to(&back, Act::Call, Some(hall.counters[0]), None).await.unwrap();
        bench.clock.advance(Span::secs(-5));
        let again = hall.act(&called, Act::Recall).await.unwrap();
        hall.act(&again, Act::Undo).await.unwrap();
        let left: Vec<(i64,)> = hall.rows("SELECT id FROM announcements WHERE workspace_id = $1 AND NOT withdrawn").await;
        assert_eq!(left, [], "the display still calls somebody who was sent back");
    })
    .await;
}
