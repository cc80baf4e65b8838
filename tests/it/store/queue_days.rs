//! What the end of a day does to those who still wait.

use frontdesk::domain::queue::{Act, Place, Rules, State};
use frontdesk::domain::time::{Clock, Span};

use crate::support::bench::{later, on_each_engine};
use crate::support::hall::Hall;

#[tokio::test]
async fn q_13_what_a_day_leaves_ends_with_it_or_is_kept_for_the_next() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 2).await;
        let served = hall.issue(hall.ser).await;
        let called = hall.next(hall.counters[0]).await.unwrap();
        hall.act(&called, Act::Start).await.unwrap();
        let mut left = vec![hall.issue(hall.ser).await, hall.issue(hall.ser).await, hall.issue(hall.tel).await];
        hall.act(&left[1], Act::Park(None)).await.unwrap();
        let midnight = bench.clock.now().plus(Span::hours(5));
        assert_eq!(bench.store.queue_due().await.unwrap(), Some(midnight));
        later(&bench, Span(5 * 3_600_000_000 - 1));
        bench.store.queue_due().await.unwrap();
        assert_eq!(hall.ticket(left[0].id).await.state, State::Waiting);
        later(&bench, Span(1));
        bench.store.queue_due().await.unwrap();
        for ticket in &left {
            let expired = hall.ticket(ticket.id).await;
            assert_eq!((expired.state, expired.ended_at), (State::Expired, Some(midnight)));
        }
        assert_eq!(hall.ticket(served.id).await.state, State::Serving, "who is being served is served to the end");

        hall.rules(Rules { carry: true, ..Rules::default() }).await;
        left = vec![hall.issue(hall.ser).await, hall.issue(hall.ser).await];
        bench.store.queue_due().await.unwrap();
        later(&bench, Span::hours(24));
        let next = bench.store.queue_due().await.unwrap();
        let kept = hall.ticket(left[0].id).await;
        assert_eq!((kept.state, kept.carried, kept.label.as_str()), (State::Waiting, true, "SER-001"));
        assert_eq!(next, None, "who was kept once is not looked at again");
        let new = hall.issue(hall.ser).await;
        assert_eq!((new.label.as_str(), new.carried), ("SER-001", false));
        assert_eq!(hall.next(hall.counters[1]).await.unwrap().id, kept.id);
    })
    .await;
}

#[tokio::test]
async fn q_13_whoever_is_handed_on_after_their_day_has_ended_keeps_their_ticket() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 4).await;
        later(&bench, Span::minutes(4 * 60 + 55));
        let mut served = Vec::new();
        for counter in &hall.counters[..4] {
            hall.issue(hall.ser).await;
            served.push(hall.next(*counter).await.unwrap());
        }
        for ticket in &mut served[..3] {
            *ticket = hall.act(ticket, Act::Start).await.unwrap();
        }
        served[3] = hall.act(&served[3], Act::NoShow).await.unwrap();
        later(&bench, Span::minutes(7));
        bench.store.queue_due().await.unwrap();
        let acts = [Act::Transfer, Act::Park(None), Act::Return(Place::Arrival), Act::Reinstate];
        for (ticket, act) in served.iter().zip(acts) {
            let service = (act == Act::Transfer).then_some(hall.tel);
            let kept = hall.act_to(ticket, act, None, service).await.unwrap();
            bench.store.queue_due().await.unwrap();
            let now = hall.ticket(ticket.id).await;
            assert_eq!((now.state, now.carried), (kept.state, true), "{act:?}");
        }
        // What is handed on within its day is of that day.
        let today = hall.issue(hall.che).await;
        assert!(!hall.act(&today, Act::Park(None)).await.unwrap().carried);
    })
    .await;
}

#[tokio::test]
async fn q_13_a_number_means_the_open_ticket_and_is_refused_when_two_days_have_one() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 2).await;
        hall.rules(Rules { carry: true, ..Rules::default() }).await;
        let labelled = async || bench.store.ticket_labelled(&mut bench.store.read().await.unwrap(), bench.workspace, "ser 1").await;
        let kept = hall.issue(hall.ser).await;
        later(&bench, Span::hours(24));
        bench.store.queue_due().await.unwrap();
        let new = hall.issue(hall.ser).await;
        assert_eq!(new.label, kept.label);
        let refused = labelled().await.unwrap_err().to_string();
        assert!(refused.contains("of an earlier day, is open too"), "{refused}");
        hall.act(&new, Act::Cancel).await.unwrap();
        assert_eq!(labelled().await.unwrap().id, kept.id, "who waits is meant, not who has gone");
        hall.act(&hall.ticket(kept.id).await, Act::Cancel).await.unwrap();
        assert_eq!(labelled().await.unwrap().id, new.id);
    })
    .await;
}
