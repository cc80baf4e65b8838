//! Many operators at once, on several stores over one database.

use std::collections::BTreeMap;
use std::sync::Arc;

use frontdesk::domain::queue::look::{Answer, Ask, Finish, Issue};
use frontdesk::domain::queue::{Act, CounterState, Place, Priority};
use frontdesk::domain::time::Span;
use frontdesk::store::Error;
use tokio::task::JoinSet;

use crate::support::bench::on_each_engine;
use crate::support::hall::{Hall, issue_at, there};

#[tokio::test]
async fn a_rush_is_worked_off_by_operators_of_two_processes_and_nobody_is_called_twice() {
    on_each_engine(|bench| async move {
        let hall = Arc::new(Hall::open(&bench, 4).await);
        let stores = [bench.store.clone(), bench.second().await];
        let mut people = JoinSet::new();
        for n in 0..4 {
            let (store, bench, hall) = (stores[n % 2].clone(), Arc::clone(&bench), Arc::clone(&hall));
            people.spawn(async move {
                for turn in 0..30 {
                    let service = Some([hall.ser, hall.che][(n + turn) % 2]);
                    issue_at(&store, &bench, Issue { service, ..Issue::default() }).await.unwrap();
                }
                Vec::new()
            });
        }
        for n in 0..4 {
            let (store, bench, counter) = (stores[n % 2].clone(), Arc::clone(&bench), hall.counters[n]);
            people.spawn(async move {
                let (mut called, mut idle) = (Vec::new(), 0);
                while idle < 200 {
                    let there = there(&store, &bench, counter).await;
                    let next = Ask::Next { counter, there, finish: Some(Finish::Serve) };
                    match store.queue_ask(bench.workspace, Some(bench.agent), &next).await.unwrap() {
                        Answer::Ticket(place) => called.push(place.ticket.label),
                        _ => idle += 1,
                    }
                }
                called
            });
        }
        let mut called = people.join_all().await.concat();
        called.extend(hall.line(hall.counters[0]).await);
        assert_eq!(called.len(), 120);
        called.sort();
        called.dedup();
        assert_eq!(called.len(), 120);
    })
    .await;
}

#[tokio::test]
async fn whatever_operators_do_at_once_no_counter_has_two_no_number_is_missing_and_no_call_begins_before_the_last_has_ended() {
    on_each_engine(|bench| async move {
        let hall = Arc::new(Hall::open(&bench, 3).await);
        let stores = [bench.store.clone(), bench.second().await, bench.second().await];
        let seed = fastrand::u64(..);
        let mut operators = JoinSet::new();
        for n in 0..6 {
            let (store, bench, hall) = (stores[n % 3].clone(), Arc::clone(&bench), Arc::clone(&hall));
            let mut chance = fastrand::Rng::with_seed(seed.wrapping_add(n as u64));
            operators.spawn(async move {
                for _ in 0..50 {
                    let ask = something(&mut chance, &hall).await;
                    bench.clock.advance(Span::secs(chance.i64(-1..4)));
                    match store.queue_ask(bench.workspace, Some(bench.agent), &ask).await {
                        Ok(_) | Err(Error::Ticket { .. } | Error::Refused(_)) => {}
                        Err(error) => panic!("{ask:?}: {error} (seed {seed})"),
                    }
                }
            });
        }
        operators.join_all().await;

        let numbers: Vec<(i64, i64, i64)> =
            hall.rows("SELECT issued_for, COUNT(*), MAX(number) FROM tickets WHERE workspace_id = $1 GROUP BY issued_for").await;
        assert!(numbers.iter().all(|(_, count, last)| count == last), "a gap (seed {seed})");
        let at: Vec<(i64,)> = hall.rows("SELECT counter_id FROM tickets WHERE workspace_id = $1 AND state IN ('called', 'serving')").await;
        let calls: Vec<(i64, i64, String)> =
            hall.rows("SELECT ticket_id, counter_id, outcome FROM calls WHERE workspace_id = $1 ORDER BY id").await;
        let mut open: BTreeMap<i64, i64> = BTreeMap::new();
        for (ticket, counter, _) in calls.iter().filter(|(_, _, outcome)| outcome.is_empty()) {
            assert_eq!(open.insert(*ticket, *counter), None, "called twice (seed {seed})");
        }
        let mut counters: Vec<i64> = at.into_iter().map(|(counter,)| counter).collect();
        let mut of_calls: Vec<i64> = open.into_values().collect();
        counters.sort_unstable();
        of_calls.sort_unstable();
        assert_eq!(counters, of_calls, "a call for each who is at a counter, and for nobody else (seed {seed})");
        counters.dedup();
        assert_eq!(counters.len(), of_calls.len(), "two at a counter (seed {seed})");
        let told: Vec<(i64, i64)> = hall
            .rows(
                "SELECT COUNT(*), (SELECT COUNT(*) FROM calls c WHERE c.workspace_id = $1) FROM events \
                 WHERE workspace_id = $1 AND kind = 'ticket.called'",
            )
            .await;
        assert_eq!(told[0].0, told[0].1, "every call is in the log (seed {seed})");
    })
    .await;
}

/// Any ask of an operator: a new ticket, the next one, or any act on any ticket there is.
async fn something(chance: &mut fastrand::Rng, hall: &Hall) -> Ask {
    let counter = hall.counters[chance.usize(..hall.counters.len())];
    let service = [hall.ser, hall.che, hall.tel][chance.usize(..3)];
    let finish = [None, Some(Finish::Serve), Some(Finish::Park), Some(Finish::NoShow)][chance.usize(..4)];
    match chance.u32(..10) {
        0..3 => Ask::Issue(Issue { service: Some(service), priority: Priority::ALL[chance.usize(..5)], ..Issue::default() }),
        3..5 => Ask::Next { counter, there: there(&hall.bench.store, &hall.bench, counter).await, finish },
        5 => Ask::Counter { counter, state: [CounterState::Open, CounterState::Open, CounterState::Closed][chance.usize(..3)] },
        _ => {
            let tickets: Vec<(i64, i64)> = hall.rows("SELECT id, version FROM tickets WHERE workspace_id = $1").await;
            let Some((id, version)) = chance.choice(&tickets) else {
                return Ask::Issue(Issue { service: Some(service), ..Issue::default() });
            };
            let acts = [
                Act::Call,
                Act::Recall,
                Act::Start,
                Act::Serve,
                Act::Park(None),
                Act::Return([Place::Arrival, Place::First, Place::Last][chance.usize(..3)]),
                Act::Transfer,
                Act::NoShow,
                Act::Reinstate,
                Act::Cancel,
                Act::Undo,
            ];
            let ticket = frontdesk::domain::id::TicketId(*id);
            let (act, version) = (acts[chance.usize(..acts.len())], chance.bool().then_some(*version));
            Ask::Act { ticket, version, act, counter: Some(counter), service: Some(service) }
        }
    }
}
