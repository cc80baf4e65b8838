//! Who is called next, and what is done to whom was called.

use frontdesk::domain::id::CounterId;
use frontdesk::domain::queue::look::{Answer, Ask, Finish, Issue};
use frontdesk::domain::queue::{Act, CounterState, Place, Priority, Rules, State, Ticket};
use frontdesk::domain::time::{Clock, Span};
use frontdesk::store::{Error, Value};
use tokio::task::JoinSet;

use crate::support::bench::{later, on_each_engine};
use crate::support::hall::{Hall, refusal};

async fn preferred(hall: &Hall, priority: Priority) -> Ticket {
    hall.try_issue(Issue { service: Some(hall.ser), priority, ..Issue::default() }).await.unwrap().0
}

/// Calls a chosen ticket to a counter.
async fn call(hall: &Hall, ticket: &Ticket, counter: CounterId) -> Ticket {
    hall.act_to(ticket, Act::Call, Some(counter), None).await.unwrap()
}

#[tokio::test]
async fn k_01_ten_operators_who_press_at_once_get_ten_people_the_urgent_one_first() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 10).await;
        for n in 1..=50 {
            preferred(&hall, if n == 21 { Priority::Elder } else { Priority::Normal }).await;
        }
        let stores = [bench.store.clone(), bench.second().await, bench.second().await];
        let mut operators = JoinSet::new();
        for n in 0..10 {
            let (store, counter, bench) = (stores[n % 3].clone(), hall.counters[n], std::sync::Arc::clone(&bench));
            operators.spawn(async move {
                match store.queue_ask(bench.workspace, Some(bench.agent), &Ask::Next { counter, there: None, finish: None }).await.unwrap()
                {
                    Answer::Ticket(place) => place.ticket.number,
                    other => panic!("{other:?}"),
                }
            });
        }
        let mut called = operators.join_all().await;
        called.sort_unstable();
        assert_eq!(called, [1, 2, 3, 4, 5, 6, 7, 8, 9, 21]);
        let said: Vec<(i64,)> = hall
            .rows("SELECT t.number FROM announcements a JOIN tickets t ON t.id = a.ticket_id WHERE a.workspace_id = $1 ORDER BY a.id")
            .await;
        assert_eq!(said.into_iter().map(|(number,)| number).collect::<Vec<_>>(), [21, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    })
    .await;
}

#[tokio::test]
async fn k_02_of_ten_operators_who_press_for_three_people_seven_hear_that_nobody_waits() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 10).await;
        for _ in 0..3 {
            hall.issue(hall.ser).await;
        }
        let stores = [bench.store.clone(), bench.second().await];
        let mut operators = JoinSet::new();
        for n in 0..10 {
            let (store, counter, bench) = (stores[n % 2].clone(), hall.counters[n], std::sync::Arc::clone(&bench));
            operators.spawn(async move {
                store.queue_ask(bench.workspace, Some(bench.agent), &Ask::Next { counter, there: None, finish: None }).await.unwrap()
            });
        }
        let answers = operators.join_all().await;
        assert_eq!(answers.iter().filter(|answer| **answer == Answer::Nobody).count(), 7);
        assert_eq!(answers.iter().filter(|answer| matches!(answer, Answer::Ticket(_))).count(), 3);
    })
    .await;
}

#[tokio::test]
async fn k_03_whoever_still_has_somebody_is_asked_what_becomes_of_them() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 1).await;
        let counter = hall.counters[0];
        for _ in 0..5 {
            hall.issue(hall.ser).await;
        }
        let first = hall.next_after(counter, None).await.unwrap();
        for _ in 0..2 {
            let Answer::Busy(present) = hall.ask(&Ask::Next { counter, there: None, finish: None }).await.unwrap() else {
                panic!("nobody was asked")
            };
            assert_eq!(present.id, first.id);
        }
        let second = hall.next_after(counter, Some(Finish::Park)).await.unwrap();
        let third = hall.next_after(counter, Some(Finish::NoShow)).await.unwrap();
        let fourth = hall.next_after(counter, Some(Finish::Serve)).await.unwrap();
        let mut states = Vec::new();
        for ticket in [&first, &second, &third, &fourth] {
            states.push(hall.ticket(ticket.id).await.state);
        }
        assert_eq!(states, [State::Parked, State::NoShow, State::Served, State::Called]);
        // A setting makes the next one end the present one.
        hall.rules(Rules { next_ends: true, ..Rules::default() }).await;
        let fifth = hall.next_after(counter, None).await.unwrap();
        assert_eq!((fifth.number, hall.ticket(fourth.id).await.state), (5, State::Served));
        // A chosen one does not come before the present one has gone either.
        let ask = Ask::Act { ticket: first.id, version: None, act: Act::Call, counter: Some(counter), service: None };
        assert!(matches!(hall.ask(&ask).await.unwrap(), Answer::Busy(_)));
    })
    .await;
}

#[tokio::test]
async fn k_04_a_counter_calls_the_best_of_all_its_lines() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 1).await;
        for service in [hall.che, hall.ser, hall.ser, hall.tel, hall.che, hall.ser] {
            hall.issue(service).await;
        }
        assert_eq!(hall.line(hall.counters[0]).await, ["CHE-001", "SER-001", "SER-002", "CHE-002", "SER-003"]);
        assert_eq!(hall.line(hall.counters[1]).await, ["TEL-001"]);
    })
    .await;
}

#[tokio::test]
async fn k_05_after_three_urgent_people_comes_one_who_is_not() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 2).await;
        hall.issue(hall.ser).await;
        hall.issue(hall.che).await;
        for _ in 0..8 {
            preferred(&hall, Priority::Elder).await;
        }
        let mut line = Vec::new();
        // Whichever counter calls, and whichever line somebody is of: it is one row of urgent people.
        for n in 0..10 {
            line.push(hall.next(hall.counters[n % 2]).await.unwrap());
        }
        let ordinary: Vec<usize> = (0..10).filter(|&n| line[n].priority == Priority::Normal).collect();
        assert_eq!(ordinary, [3, 7]);
    })
    .await;
}

#[tokio::test]
async fn k_05_whoever_waits_three_quarters_of_an_hour_counts_as_one_class_more_urgent() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 1).await;
        hall.rules(Rules { streak: 0, ..Rules::default() }).await;
        let long = hall.issue(hall.ser).await;
        later(&bench, Span::minutes(46));
        let elder = preferred(&hall, Priority::Elder).await;
        assert_eq!(hall.line(hall.counters[0]).await, [long.label, elder.label]);
    })
    .await;
}

#[tokio::test]
async fn k_06_and_k_07_somebody_is_called_again_three_times_and_no_more() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 1).await;
        hall.issue(hall.ser).await;
        let mut ticket = hall.next(hall.counters[0]).await.unwrap();
        let first = bench.clock.now();
        for n in 1..=3 {
            let now = later(&bench, Span::secs(30));
            ticket = hall.act(&ticket, Act::Recall).await.unwrap();
            assert_eq!((ticket.recalls, ticket.first_called_at, ticket.called_at), (n, Some(first), Some(now)));
        }
        let (state, why) = refusal(hall.act(&ticket, Act::Recall).await);
        assert_eq!(state, State::Called);
        assert_eq!(why, "it was called again 3 times: make it a no-show, or put it back into the line");
        let said: Vec<(i64, i64)> = hall.rows("SELECT recall, id FROM announcements WHERE workspace_id = $1 ORDER BY id").await;
        assert_eq!(said.iter().map(|(recall, _)| *recall).collect::<Vec<_>>(), [0, 1, 2, 3]);
        let calls: Vec<(i64, i64, i64)> = hall.rows("SELECT recalls, called_at, last_called_at FROM calls WHERE workspace_id = $1").await;
        assert_eq!(calls, [(3, first.0, bench.clock.now().0)]);
        // Called for another time, they may be called again as often.
        let back = hall.act(&ticket, Act::Return(Place::First)).await.unwrap();
        let ticket = call(&hall, &back, hall.counters[0]).await;
        assert_eq!((ticket.recalls, ticket.first_called_at), (0, Some(first)));
    })
    .await;
}

#[tokio::test]
async fn k_08_a_no_show_who_comes_after_all_stands_behind_whom_is_called_now() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 2).await;
        for _ in 0..4 {
            hall.issue(hall.ser).await;
        }
        let first = hall.next(hall.counters[0]).await.unwrap();
        let gone = hall.act(&first, Act::NoShow).await.unwrap();
        assert!(gone.ended_at.is_some());
        let second = hall.next(hall.counters[0]).await.unwrap();
        let now = later(&bench, Span::minutes(15));
        let back = hall.act(&gone, Act::Reinstate).await.unwrap();
        assert_eq!((back.state, back.arrived_at, back.ended_at, back.counter), (State::Waiting, first.arrived_at, None, None));
        assert!(back.order_at > second.order_at);
        let called = hall.next(hall.counters[1]).await.unwrap();
        assert_eq!((called.id, called.called_at), (first.id, Some(now)), "nobody else came before");
        // The present one goes back to where it stood: before.
        let again = hall.act(&hall.ticket(second.id).await, Act::Return(Place::Arrival)).await.unwrap();
        let third = hall.act(&called, Act::Return(Place::Arrival)).await.unwrap();
        assert!(third.order_at < again.order_at);

        let late = hall.next(hall.counters[0]).await.unwrap();
        let late = hall.act(&late, Act::NoShow).await.unwrap();
        later(&bench, Span(15 * 60_000_000 + 1));
        let (state, why) = refusal(hall.act(&late, Act::Reinstate).await);
        assert_eq!((state, why.as_str()), (State::NoShow, "it was a no-show more than 15 minutes ago: issue a new ticket"));
    })
    .await;
}

#[tokio::test]
async fn k_08_a_no_show_who_has_taken_another_ticket_is_not_reinstated() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 1).await;
        let issue = || Issue { service: Some(hall.ser), phone: "+6281234567890".into(), ..Issue::default() };
        hall.try_issue(issue()).await.unwrap();
        let called = hall.next(hall.counters[0]).await.unwrap();
        let gone = hall.act(&called, Act::NoShow).await.unwrap();
        assert_eq!(hall.try_issue(issue()).await.unwrap().0.label, "SER-002");
        let (_, why) = refusal(hall.act(&gone, Act::Reinstate).await);
        assert_eq!(why, "it was not reinstated: its holder has taken SER-002 since");
    })
    .await;
}

#[tokio::test]
async fn k_09_somebody_goes_back_before_the_first_or_after_the_last_and_keeps_when_they_came() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 1).await;
        for _ in 0..4 {
            hall.issue(hall.ser).await;
        }
        let first = hall.next(hall.counters[0]).await.unwrap();
        let last = hall.act(&first, Act::Return(Place::Last)).await.unwrap();
        assert_eq!((last.state, last.arrived_at, last.counter), (State::Waiting, first.arrived_at, None));
        let after = hall.issue(hall.ser).await;
        let second = hall.next(hall.counters[0]).await.unwrap();
        hall.act(&second, Act::Return(Place::First)).await.unwrap();
        let fourth = hall.rows::<(i64,)>("SELECT id FROM tickets WHERE workspace_id = $1 AND number = 4").await[0].0;
        let fourth = hall.ticket(frontdesk::domain::id::TicketId(fourth)).await;
        let fourth = call(&hall, &fourth, hall.counters[0]).await;
        let fourth = hall.act(&fourth, Act::Return(Place::First)).await.unwrap();
        assert_eq!(hall.line(hall.counters[0]).await, ["SER-004", "SER-002", "SER-003", "SER-001", after.label.as_str()]);
        assert!(hall.ticket(fourth.id).await.arrived_at == fourth.arrived_at);
    })
    .await;
}

#[tokio::test]
async fn k_09_who_is_put_last_does_not_come_first_for_having_waited_long() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 1).await;
        hall.issue(hall.ser).await;
        later(&bench, Span::minutes(50));
        hall.issue(hall.ser).await;
        let first = hall.next(hall.counters[0]).await.unwrap();
        hall.act(&first, Act::Return(Place::Last)).await.unwrap();
        assert_eq!(hall.line(hall.counters[0]).await, ["SER-002", "SER-001"]);
    })
    .await;
}

#[tokio::test]
async fn k_10_a_transferred_ticket_keeps_its_number_and_when_it_came() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 1).await;
        let ticket = hall.issue(hall.tel).await;
        later(&bench, Span::minutes(21));
        hall.issue(hall.ser).await;
        let elder = preferred(&hall, Priority::Elder).await;
        let cash = hall.counters[1];
        let called = hall.next(cash).await.unwrap();
        let now = later(&bench, Span::minutes(2));
        let moved = hall.act_to(&called, Act::Transfer, None, Some(hall.ser)).await.unwrap();
        assert_eq!((moved.label.as_str(), moved.service, moved.issued_for, moved.transfers), ("TEL-001", hall.ser, hall.tel, 1));
        assert_eq!((moved.state, moved.arrived_at, moved.order_at), (State::Waiting, ticket.arrived_at, ticket.arrived_at));
        later(&bench, Span::minutes(3));
        assert_eq!(hall.line(hall.counters[0]).await, [elder.label.as_str(), "TEL-001", "SER-001"]);
        // A second transaction: each line counts what was waited in it.
        let calls: Vec<(String, i64, Option<i64>)> = hall
            .rows("SELECT outcome, waited, ended_at FROM calls WHERE workspace_id = $1 AND ticket_id IN (SELECT id FROM tickets WHERE transfers > 0) ORDER BY called_at")
            .await;
        assert_eq!(calls[0], ("transfer".to_owned(), Span::minutes(21).0, Some(now.0)));
        assert_eq!(calls[1].1, Span::minutes(3).0);
    })
    .await;
}

#[tokio::test]
async fn k_10_a_venue_may_put_whoever_is_transferred_last() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 1).await;
        hall.rules(Rules { transfer: Place::Last, ..Rules::default() }).await;
        let ticket = hall.issue(hall.tel).await;
        hall.issue(hall.ser).await;
        hall.act_to(&ticket, Act::Transfer, None, Some(hall.ser)).await.unwrap();
        assert_eq!(hall.line(hall.counters[0]).await, ["SER-001", "TEL-001"]);
        let other = hall.issue(hall.ser).await;
        let (_, why) = refusal(hall.act_to(&other, Act::Transfer, None, Some(hall.ser)).await);
        assert_eq!(why, "it was not transferred: it is in that line already");
    })
    .await;
}

#[tokio::test]
async fn k_11_of_a_transfer_and_a_call_at_once_one_wins_and_the_other_sees_a_stale_ticket() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 1).await;
        let other = bench.second().await;
        for round in 1..=10 {
            let ticket = hall.issue(hall.ser).await;
            let (id, version) = (ticket.id, Some(ticket.version));
            let call = Ask::Act { ticket: id, version, act: Act::Call, counter: Some(hall.counters[0]), service: None };
            let transfer = Ask::Act { ticket: id, version, act: Act::Transfer, counter: None, service: Some(hall.tel) };
            let (workspace, agent) = (bench.workspace, Some(bench.agent));
            let (called, moved) =
                tokio::join!(bench.store.queue_ask(workspace, agent, &call), other.queue_ask(workspace, agent, &transfer));
            assert_eq!([&called, &moved].iter().filter(|result| result.is_ok()).count(), 1, "round {round}: {called:?} {moved:?}");
            let won = called.is_ok();
            let (state, why) = refusal(called.and(moved));
            assert_eq!(state, if won { State::Called } else { State::Waiting });
            assert!(why.starts_with("it has changed since"), "{why}");
            if won {
                hall.act(&hall.ticket(id).await, Act::Serve).await.unwrap();
            }
        }
    })
    .await;
}

#[tokio::test]
async fn k_12_nobody_is_sent_to_a_closed_department_and_nobody_gets_a_ticket_for_it() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 1).await;
        let (waits, ticket) = (hall.issue(hall.tel).await, hall.issue(hall.ser).await);
        bench.store.close_department(bench.workspace, bench.agent, hall.cash, true).await.unwrap();
        let (state, why) = refusal(hall.act_to(&ticket, Act::Transfer, None, Some(hall.tel)).await);
        assert_eq!((state, why.as_str()), (State::Waiting, "it was not transferred: Cash is closed, so Teller takes nobody"));
        let refused = hall.try_issue(Issue { service: Some(hall.tel), ..Issue::default() }).await.unwrap_err();
        assert_eq!(refused.to_string(), "No ticket was issued: Cash is closed, so Teller takes nobody.");
        assert_eq!(hall.next(hall.counters[1]).await.unwrap().id, waits.id, "who waits is still called");
        bench.store.close_department(bench.workspace, bench.agent, hall.cash, false).await.unwrap();
        assert_eq!(hall.issue(hall.tel).await.label, "TEL-002");
    })
    .await;
}

#[tokio::test]
async fn k_13_whoever_is_put_aside_until_a_time_is_back_then_where_they_came() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 1).await;
        let ticket = hall.issue(hall.ser).await;
        hall.issue(hall.ser).await;
        let until = bench.clock.now().plus(Span::minutes(40));
        let aside = hall.act(&ticket, Act::Park(Some(until))).await.unwrap();
        assert_eq!((aside.state, aside.parked_until), (State::Parked, Some(until)));
        assert_eq!(bench.store.queue_due().await.unwrap(), Some(until));
        let before = hall.next(hall.counters[0]).await.unwrap();
        assert_eq!(before.label, "SER-002");
        later(&bench, Span(40 * 60_000_000 - 1));
        bench.store.queue_due().await.unwrap();
        assert_eq!(hall.ticket(ticket.id).await.state, State::Parked);
        later(&bench, Span(1));
        hall.issue(hall.ser).await;
        bench.store.queue_due().await.unwrap();
        let back = hall.ticket(ticket.id).await;
        assert_eq!((back.state, back.order_at, back.parked_until), (State::Waiting, ticket.arrived_at, None));
        assert_eq!(hall.next(hall.counters[0]).await.unwrap().id, ticket.id);
        // Without a time they are aside until somebody calls them.
        let aside = hall.act(&hall.ticket(ticket.id).await, Act::Park(None)).await.unwrap();
        later(&bench, Span::hours(2));
        bench.store.queue_due().await.unwrap();
        assert_eq!(hall.ticket(ticket.id).await.state, State::Parked);
        let (_, why) = refusal(hall.act(&call(&hall, &aside, hall.counters[0]).await, Act::Park(Some(until))).await);
        assert_eq!(why, "it was not parked: the time until which it should be is over");
    })
    .await;
}

#[tokio::test]
async fn k_14_a_customer_who_gives_up_while_being_called_frees_the_counter() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 1).await;
        hall.issue(hall.ser).await;
        hall.issue(hall.ser).await;
        let called = hall.next(hall.counters[0]).await.unwrap();
        let cancel = Ask::Act { ticket: called.id, version: None, act: Act::Cancel, counter: None, service: None };
        bench.store.queue_ask(bench.workspace, None, &cancel).await.unwrap();
        assert_eq!(hall.log().await.last().unwrap(), "ticket.cancelled by the customer, counter 1");
        // Whoever stands there and does not know it yet is told.
        let (state, why) = refusal(hall.act(&called, Act::Serve).await);
        assert_eq!((state, why.as_str()), (State::Cancelled, "it has changed since: it is cancelled now"));
        assert_eq!(hall.next_after(hall.counters[0], None).await.unwrap().label, "SER-002");
        let calls: Vec<(String,)> = hall.rows("SELECT outcome FROM calls WHERE workspace_id = $1 ORDER BY id").await;
        assert_eq!(calls[0].0, "cancel");
    })
    .await;
}

#[tokio::test]
async fn k_15_a_counter_that_closes_puts_whom_it_called_first_and_lets_nobody_go_unserved() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 2).await;
        for _ in 0..3 {
            hall.issue(hall.ser).await;
        }
        let called = hall.next(hall.counters[0]).await.unwrap();
        let closed = hall.set(hall.counters[0], CounterState::Closed).await.unwrap();
        assert_eq!((closed.state, closed.agent), (CounterState::Closed, None));
        assert_eq!(hall.ticket(called.id).await.state, State::Waiting);
        assert_eq!(hall.next(hall.counters[1]).await.unwrap().id, called.id);
        let refused = hall.ask(&Ask::Next { counter: hall.counters[0], there: None, finish: None }).await.unwrap_err().to_string();
        assert_eq!(refused, "Nobody was called: counter 1 is closed. Open it first.");

        hall.act(&hall.ticket(called.id).await, Act::Start).await.unwrap();
        for state in [CounterState::Closed, CounterState::Break] {
            let (state, why) = refusal(hall.set(hall.counters[1], state).await);
            assert_eq!((state, why.as_str()), (State::Serving, "it is being served at counter 2: serve, park or transfer it first"));
        }
        hall.act(&hall.ticket(called.id).await, Act::Serve).await.unwrap();
        let away = hall.set(hall.counters[1], CounterState::Break).await.unwrap();
        assert_eq!((away.state, away.agent), (CounterState::Break, Some(bench.agent)));
        assert_eq!(hall.log().await.last().unwrap(), "counter.break 2");
    })
    .await;
}

#[tokio::test]
async fn k_16_two_calls_in_one_second_are_two_announcements_in_order_whatever_the_clocks_say() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 2).await;
        hall.issue(hall.ser).await;
        hall.issue(hall.ser).await;
        hall.next(hall.counters[0]).await.unwrap();
        // The other host's clock is a second behind.
        later(&bench, Span::secs(-1));
        hall.next(hall.counters[1]).await.unwrap();
        let said: Vec<(i64, String)> = hall
            .rows("SELECT a.id, t.label FROM announcements a JOIN tickets t ON t.id = a.ticket_id WHERE a.workspace_id = $1 ORDER BY a.id")
            .await;
        assert_eq!(said.iter().map(|(_, label)| label.as_str()).collect::<Vec<_>>(), ["SER-001", "SER-002"]);
        assert!(said[0].0 < said[1].0);
    })
    .await;
}

#[tokio::test]
async fn k_17_what_cannot_be_done_is_refused_with_the_present_state() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 1).await;
        let ticket = hall.issue(hall.ser).await;
        let (state, why) = refusal(hall.act(&ticket, Act::Serve).await);
        assert_eq!((state, why.as_str()), (State::Waiting, "a ticket that is waiting cannot be served"));
        let called = hall.next(hall.counters[0]).await.unwrap();
        let served = hall.act(&called, Act::Serve).await.unwrap();
        assert_eq!(served.serving_at, called.called_at, "who was not said to be there was there when called");
        let (state, _) = refusal(hall.act_to(&served, Act::Call, Some(hall.counters[0]), None).await);
        assert_eq!(state, State::Served);
        let nothing: Vec<(i64,)> = hall.rows("SELECT COUNT(*) FROM calls WHERE workspace_id = $1").await;
        assert_eq!(nothing[0].0, 1);
    })
    .await;
}

#[tokio::test]
async fn a_call_is_taken_back_within_ten_seconds_and_leaves_no_trace_but_in_the_log() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 1).await;
        for _ in 0..3 {
            preferred(&hall, Priority::Elder).await;
        }
        let ordinary = hall.issue(hall.ser).await;
        for _ in 0..3 {
            hall.next(hall.counters[0]).await.unwrap();
        }
        preferred(&hall, Priority::Elder).await;
        let called = hall.next(hall.counters[0]).await.unwrap();
        assert_eq!(called.id, ordinary.id);
        later(&bench, Span::secs(10));
        let back = hall.act(&called, Act::Undo).await.unwrap();
        assert_eq!((back.order_at, back.called_at, back.first_called_at, back.counter), (ordinary.order_at, None, None, None));
        let withdrawn: Vec<(bool,)> = hall.rows("SELECT withdrawn FROM announcements WHERE workspace_id = $1 ORDER BY id").await;
        assert_eq!(withdrawn, [(false,), (false,), (false,), (true,)]);
        assert_eq!(hall.log().await.last().unwrap(), "ticket.undone 1");
        // It is still the turn of one who is not urgent.
        let again = hall.next(hall.counters[0]).await.unwrap();
        assert_eq!(again.id, ordinary.id);
        later(&bench, Span::secs(11));
        let (_, why) = refusal(hall.act(&again, Act::Undo).await);
        assert_eq!(why, "it was called more than ten seconds ago: put it back into the line instead");
    })
    .await;
}

#[tokio::test]
async fn a_chosen_ticket_is_called_to_where_whoever_calls_works() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 1).await;
        hall.set(hall.counters[1], CounterState::Closed).await.unwrap();
        let ticket = hall.issue(hall.ser).await;
        assert_eq!(hall.act(&ticket, Act::Call).await.unwrap().counter, Some(hall.counters[0]));
        hall.set(hall.counters[0], CounterState::Closed).await.unwrap();
        let (_, why) = refusal(hall.act(&hall.ticket(ticket.id).await, Act::Call).await);
        assert_eq!(why, "nobody was called: you work at no counter, so say to which");
    })
    .await;
}

#[tokio::test]
async fn what_was_said_to_whoever_came_is_kept_with_the_call_that_ended_their_wait() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 1).await;
        for _ in 0..3 {
            hall.issue(hall.ser).await;
        }
        hall.set(hall.counters[1], CounterState::Closed).await.unwrap();
        hall.issue(hall.tel).await;
        let third = Issue { service: Some(hall.ser), ..Issue::default() };
        let Answer::Ticket(said) = hall.ask(&Ask::Issue(third)).await.unwrap() else { panic!("no ticket") };
        let range = said.estimate.expect("a counter is open");
        assert_eq!(said.position, Some(4));
        hall.line(hall.counters[0]).await;
        hall.set(hall.counters[1], CounterState::Open).await.unwrap();
        hall.next(hall.counters[1]).await.unwrap();
        let calls: Vec<(String, Option<i64>)> = hall
            .rows("SELECT t.label, c.promised FROM calls c JOIN tickets t ON t.id = c.ticket_id WHERE c.workspace_id = $1 ORDER BY c.id")
            .await;
        let middle = Span::secs((range.from + range.to) * 30).0;
        assert_eq!(calls[3], ("SER-004".to_owned(), Some(middle)));
        assert_eq!(calls[4], ("TEL-001".to_owned(), None), "nothing is said while no counter is open");
    })
    .await;
}

#[tokio::test]
async fn another_priority_is_another_place_in_the_line_and_only_who_waits_gets_one() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 1).await;
        hall.issue(hall.ser).await;
        let ticket = hall.issue(hall.ser).await;
        let prefer = |ticket: &Ticket| Ask::Prefer { ticket: ticket.id, version: Some(ticket.version), priority: Priority::Urgent };
        hall.ask(&prefer(&ticket)).await.unwrap();
        assert!(matches!(hall.ask(&prefer(&ticket)).await, Err(Error::Ticket { .. })), "it was seen before");
        assert_eq!(hall.line(hall.counters[0]).await, ["SER-002", "SER-001"]);
        assert_eq!(refusal(hall.ask(&prefer(&hall.ticket(ticket.id).await)).await).0, State::Served);
    })
    .await;
}

#[tokio::test]
async fn a_holder_is_linked_to_a_ticket_without_making_what_operators_see_stale() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 1).await;
        let ticket = hall.issue(hall.ser).await;
        let link = async |id, phone: &str| {
            let mut tx = bench.store.begin().await.unwrap();
            bench.store.link_ticket(&mut tx, bench.workspace, id, phone, None, None).await?;
            bench.store.commit(tx).await
        };
        link(ticket.id, "6281234567890").await.unwrap();
        assert_eq!(hall.ticket(ticket.id).await.phone, "6281234567890");
        let other = hall.issue(hall.ser).await;
        assert_eq!(refusal(link(other.id, "6281234567890").await).1, "its holder has SER-001 for the same already");
        bench.store.set_push(bench.workspace, ticket.id, "{}").await.unwrap();
        hall.act(&ticket, Act::Cancel).await.unwrap();
        link(other.id, "6281234567890").await.unwrap();
        let count = "SELECT COUNT(*) FROM tickets WHERE workspace_id = $1 AND push = '{}'";
        assert_eq!(hall.rows::<(i64,)>(count).await[0].0, 1);
    })
    .await;
}

#[tokio::test]
async fn the_database_itself_has_one_person_at_a_counter_and_one_call_of_a_ticket() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 1).await;
        let (_, other) = (hall.issue(hall.ser).await, hall.issue(hall.ser).await);
        hall.next(hall.counters[0]).await.unwrap();
        let mut tx = bench.store.begin().await.unwrap();
        let two = "UPDATE tickets SET state = 'called', counter_id = $2 WHERE id = $1";
        assert!(matches!(tx.run(two, &[Value::from(other.id), Value::from(hall.counters[0])]).await, Err(Error::Duplicate)));
        drop(tx);
        let mut tx = bench.store.begin().await.unwrap();
        let twice = "INSERT INTO calls (id, workspace_id, venue_id, ticket_id, service_id, counter_id, day, class, waited, called_at, last_called_at) \
             SELECT id + 1, workspace_id, venue_id, ticket_id, service_id, counter_id, day, class, waited, called_at, last_called_at FROM calls";
        assert!(matches!(tx.run(twice, &[]).await, Err(Error::Duplicate)));
    })
    .await;
}
