//! Tickets and their numbers.

use std::collections::BTreeSet;

use frontdesk::domain::queue::look::Issue;
use frontdesk::domain::queue::{Act, Rules, State};
use frontdesk::domain::time::{Clock, Span};
use frontdesk::store::Error;
use frontdesk::store::queue::setup::NewService;
use frontdesk::store::venues::NewVenue;
use tokio::task::JoinSet;

use crate::support::bench::{Bench, later, on_each_engine};
use crate::support::hall::{Hall, agent_of_role, issue_at, refusal};

#[tokio::test]
async fn q_01_each_service_numbers_its_tickets_from_one() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 1).await;
        let mut labels = Vec::new();
        for service in [hall.ser, hall.ser, hall.tel, hall.ser, hall.che] {
            labels.push(hall.issue(service).await.label);
        }
        assert_eq!(labels, ["SER-001", "SER-002", "TEL-001", "SER-003", "CHE-001"]);
        assert_eq!(hall.log().await.last().unwrap(), "ticket.issued");
    })
    .await;
}

#[tokio::test]
async fn q_02_numbers_begin_again_with_the_venues_day() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 1).await;
        // Noon in UTC is 19:00 there.
        assert_eq!(hall.issue(hall.ser).await.label, "SER-001");
        later(&bench, Span::minutes(5 * 60 - 1));
        let last = hall.issue(hall.ser).await;
        later(&bench, Span::minutes(1));
        let first = hall.issue(hall.ser).await;
        assert_eq!((last.label.as_str(), first.label.as_str()), ("SER-002", "SER-001"));
        assert_eq!(first.day, last.day + 1);
    })
    .await;
}

#[tokio::test]
async fn q_04_a_night_clinic_goes_on_numbering_until_its_day_begins() {
    on_each_engine(|bench| async move {
        let (store, workspace, agent) = (&bench.store, bench.workspace, bench.agent);
        let new = NewVenue { name: "Night", zone: chrono_tz::Asia::Jakarta, day_starts: Span::hours(4) };
        let venue = store.add_venue(workspace, agent, &new).await.unwrap();
        let department = store.add_department(workspace, agent, venue.id, "Clinic").await.unwrap();
        let new = NewService { name: "Night", prefix: Some("nig"), expected: None };
        let service = store.add_service(workspace, agent, department.id, &new).await.unwrap();
        let mut labels = Vec::new();
        for hours in [0, 6, 2, 1] {
            later(&bench, Span::hours(hours));
            let issue = Issue { service: Some(service.id), ..Issue::default() };
            labels.push(issue_at(store, &bench, issue).await.unwrap().0.label);
        }
        assert_eq!(labels, ["NIG-001", "NIG-002", "NIG-003", "NIG-001"], "19:00, 01:00, 03:00, 04:00");
    })
    .await;
}

#[tokio::test]
async fn q_05_a_hundred_kiosks_at_once_get_one_to_a_hundred() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 1).await;
        let stores = [bench.store.clone(), bench.second().await, bench.second().await];
        let begun = tokio::time::Instant::now();
        let mut kiosks = JoinSet::new();
        for n in 0..100 {
            let (store, bench, service) = (stores[n % 3].clone(), std::sync::Arc::clone(&bench), hall.ser);
            let issue = Issue { service: Some(service), key: format!("press {n}"), source: "kiosk", ..Issue::default() };
            kiosks.spawn(async move { issue_at(&store, &bench, issue).await.unwrap().0 });
        }
        let mut tickets = kiosks.join_all().await;
        tickets.sort_by_key(|ticket| ticket.number);
        let numbers: Vec<i64> = tickets.iter().map(|ticket| ticket.number).collect();
        assert_eq!(numbers, (1..=100).collect::<Vec<_>>(), "in {:?}", begun.elapsed());
        assert!(tickets.is_sorted_by(|a, b| a.order_at < b.order_at), "who has a lower number stands before");
        assert_eq!(tickets[99].label, "SER-100");
    })
    .await;
}

#[tokio::test]
async fn q_06_a_ticket_that_is_not_stored_has_used_no_number() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 1).await;
        hall.issue(hall.ser).await;
        let issue = |key: &str| Issue { service: Some(hall.ser), key: key.to_owned(), ..Issue::default() };
        for n in 0..3 {
            let ask = frontdesk::domain::queue::look::Ask::Issue(issue(&format!("lost {n}")));
            let mut tx = bench.store.begin().await.unwrap();
            bench.store.queue_ask_in(&mut tx, bench.workspace, None, &ask).await.unwrap();
            drop(tx);
        }
        let (ticket, known) = hall.try_issue(issue("lost 1")).await.unwrap();
        assert_eq!((ticket.label.as_str(), known), ("SER-002", false));
    })
    .await;
}

#[tokio::test]
async fn q_07_a_cancelled_tickets_number_is_not_used_again() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 1).await;
        let (first, second) = (hall.issue(hall.ser).await, hall.issue(hall.ser).await);
        let gone = hall.act(&second, Act::Cancel).await.unwrap();
        assert_eq!(refusal(hall.act(&gone, Act::Cancel).await).0, State::Cancelled);
        assert_eq!(hall.issue(hall.ser).await.label, "SER-003");
        assert_eq!(hall.line(hall.counters[0]).await, [first.label.as_str(), "SER-003"]);
    })
    .await;
}

#[tokio::test]
async fn q_08_the_thousandth_ticket_has_four_digits_and_is_called_after_the_one_before() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 1).await;
        hall.issue(hall.ser).await;
        let mut tx = bench.store.begin().await.unwrap();
        tx.run("UPDATE ticket_numbers SET last = 998", &[]).await.unwrap();
        bench.store.commit(tx).await.unwrap();
        for want in ["SER-999", "SER-1000", "SER-1001"] {
            assert_eq!(hall.issue(hall.ser).await.label, want);
        }
        assert_eq!(hall.line(hall.counters[0]).await, ["SER-001", "SER-999", "SER-1000", "SER-1001"]);
        let mut conn = bench.store.read().await.unwrap();
        assert_eq!(bench.store.ticket_labelled(&mut conn, bench.workspace, "ser1000").await.unwrap().number, 1_000);
    })
    .await;
}

#[tokio::test]
async fn q_09_the_same_press_and_the_same_phone_get_the_same_ticket() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 1).await;
        hall.rules(Rules { country: "62".to_owned(), ..Rules::default() }).await;
        let issue = |key: &str, phone: &str| Issue { service: Some(hall.ser), key: key.into(), phone: phone.into(), ..Issue::default() };
        let (first, known) = hall.try_issue(issue("press", "")).await.unwrap();
        assert!(!known);
        let (again, known) = hall.try_issue(issue("press", "")).await.unwrap();
        assert_eq!((again, known), (first, true));
        // A key is that of one press.
        let other = Issue { service: Some(hall.tel), key: "press".into(), ..Issue::default() };
        assert!(matches!(hall.try_issue(other).await, Err(Error::Refused(_))));

        let (phone, known) = hall.try_issue(issue("", "0812 3456 7890")).await.unwrap();
        assert!(!known && phone.phone == "6281234567890");
        let (again, known) = hall.try_issue(issue("another", "+62 812-3456-7890")).await.unwrap();
        assert_eq!((again.id, known), (phone.id, true));
        // For something else it is another ticket, and after the first is over too.
        let other = Issue { service: Some(hall.tel), phone: "081234567890".into(), ..Issue::default() };
        assert!(!hall.try_issue(other).await.unwrap().1);
        hall.act(&phone, Act::Cancel).await.unwrap();
        let (new, known) = hall.try_issue(issue("", "081234567890")).await.unwrap();
        assert_eq!((new.label.as_str(), known), ("SER-003", false));
        let refused = hall.try_issue(issue("", "call me")).await.unwrap_err().to_string();
        assert!(refused.contains("no telephone number") && !refused.contains("call me"), "{refused}");
    })
    .await;
}

#[tokio::test]
async fn q_09_a_press_that_arrives_ten_times_at_once_is_one_ticket() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 1).await;
        let stores = [bench.store.clone(), bench.second().await];
        let mut presses = JoinSet::new();
        for n in 0..10 {
            let (store, bench, service) = (stores[n % 2].clone(), std::sync::Arc::clone(&bench), hall.ser);
            let issue = Issue { service: Some(service), key: "press".into(), phone: "+6281234567890".into(), ..Issue::default() };
            presses.spawn(async move { issue_at(&store, &bench, issue).await.unwrap() });
        }
        let tickets = presses.join_all().await;
        let ids: BTreeSet<_> = tickets.iter().map(|(ticket, _)| ticket.id).collect();
        assert_eq!((ids.len(), tickets.iter().filter(|(_, known)| !known).count()), (1, 1));
        assert_eq!(hall.issue(hall.ser).await.label, "SER-002");
    })
    .await;
}

#[tokio::test]
async fn q_10_a_prefix_is_one_services_and_renaming_changes_no_ticket() {
    on_each_engine(|bench| async move {
        let (store, workspace, agent) = (&bench.store, bench.workspace, bench.agent);
        let hall = Hall::open(&bench, 1).await;
        let ticket = hall.issue(hall.ser).await;
        let add = async |name, prefix| {
            let new = NewService { name, prefix, expected: None };
            store.add_service(workspace, agent, hall.clinic, &new).await.map(|service| service.prefix)
        };
        assert_eq!(add("Service motor", None).await.unwrap(), "SE2");
        let refused = add("Serving", Some("ser")).await.unwrap_err().to_string();
        assert_eq!(refused, "No service was added: Service has the prefix SER already; SE3 is free.");
        assert!(add("Serving", Some("toolong")).await.is_err());
        store.rename_service(workspace, agent, hall.ser, "Repair").await.unwrap();
        assert_eq!(hall.ticket(ticket.id).await, ticket);
        assert_eq!(hall.issue(hall.ser).await.label, "SER-002");
    })
    .await;
}

#[tokio::test]
async fn q_11_numbering_begins_again_only_when_nobody_has_a_ticket_of_today() {
    on_each_engine(|bench| async move {
        let (store, workspace, agent) = (&bench.store, bench.workspace, bench.agent);
        let hall = Hall::open(&bench, 1).await;
        let ticket = hall.issue(hall.ser).await;
        let refused = store.reset_numbers(workspace, agent, hall.ser).await.unwrap_err().to_string();
        assert!(refused.contains("SER-001 is still open"), "{refused}");
        assert_eq!(hall.issue(hall.ser).await.label, "SER-002");
        hall.line(hall.counters[0]).await;
        let served = hall.ticket(ticket.id).await;
        assert_eq!(served.state, State::Served);
        store.reset_numbers(workspace, agent, hall.ser).await.unwrap();
        let again = hall.issue(hall.ser).await;
        assert_eq!((again.label.as_str(), again.id == ticket.id), ("SER-001", false));
        let newest = store.ticket_labelled(&mut store.read().await.unwrap(), workspace, "SER-001").await.unwrap();
        assert_eq!(newest.id, again.id);
    })
    .await;
}

#[tokio::test]
async fn q_12_a_clock_that_is_set_back_reorders_nobody() {
    on_each_engine(|bench| async move {
        let hall = Hall::open(&bench, 1).await;
        let before = hall.issue(hall.ser).await;
        later(&bench, Span::hours(-2));
        // A process that is started now makes ids that are older than those there are.
        let restarted = bench.second().await;
        let issue = || Issue { service: Some(hall.ser), ..Issue::default() };
        let after = issue_at(&restarted, &bench, issue()).await.unwrap().0;
        let last = issue_at(&restarted, &bench, issue()).await.unwrap().0;
        assert!(after.id < before.id && before.order_at < after.order_at && after.order_at < last.order_at);
        assert_eq!(hall.line(hall.counters[0]).await, ["SER-001", "SER-002", "SER-003"]);
        // Nobody is there any more whom it could put behind: the clock counts again.
        let hour = bench.clock.now();
        assert_eq!(hall.issue(hall.ser).await.arrived_at, hour);
    })
    .await;
}

#[tokio::test]
async fn owners_and_admins_set_up_members_work_and_viewers_look() {
    on_each_engine(|bench| async move {
        let (store, workspace) = (&bench.store, bench.workspace);
        let hall = Hall::open(&bench, 1).await;
        let (member, viewer) = (agent_of_role(&bench, "Made", "member").await, agent_of_role(&bench, "Wayan", "viewer").await);
        let refused = store.add_department(workspace, member, hall.venue, "Lab").await.unwrap_err().to_string();
        assert_eq!(refused, "Only owners and admins set up venues, and you are a member: ask one of them.");
        let issue = frontdesk::domain::queue::look::Ask::Issue(Issue { service: Some(hall.ser), ..Issue::default() });
        store.queue_ask(workspace, Some(member), &issue).await.unwrap();
        assert!(matches!(store.queue_ask(workspace, Some(viewer), &issue).await, Err(Error::Refused(_))));
    })
    .await;
}

#[tokio::test]
async fn names_that_were_mistyped_are_answered_with_those_that_were_meant() {
    on_each_engine(|bench| async move {
        let (store, workspace) = (&bench.store, bench.workspace);
        let hall = Hall::open(&bench, 1).await;
        let mut conn = store.read().await.unwrap();
        let told = |error: Error| error.to_string();
        let venue = store.venue_named(&mut conn, workspace, "clinic mentang").await.map_err(told).unwrap_err();
        assert_eq!(venue, "There is no venue \"clinic mentang\": did you mean \"Clinic Menteng\"?");
        let service = store.service_named(&mut conn, workspace, hall.venue, "Servise").await.map_err(told).unwrap_err();
        assert_eq!(service, "There is no service \"Servise\": did you mean \"Service\"?");
        let counter = store.counter_named(&mut conn, workspace, hall.venue, "9").await.map_err(told).unwrap_err();
        assert_eq!(counter, "There is no counter \"9\": there are 1, Cash");
        assert_eq!(store.service_named(&mut conn, workspace, hall.venue, "tel").await.unwrap().id, hall.tel);
        assert_eq!(store.department_named(&mut conn, workspace, hall.venue, " CASH ").await.unwrap().id, hall.cash);
        assert_eq!(store.counter_named(&mut conn, workspace, hall.venue, "cash").await.unwrap().id, hall.counters[1]);
    })
    .await;
}

#[tokio::test]
async fn a_workspace_sees_nothing_of_anothers_queue() {
    let bench = std::sync::Arc::new(Bench::open(None).await);
    let hall = Hall::open(&bench, 1).await;
    let ticket = hall.issue(hall.ser).await;
    let other = bench.store.ensure_workspace("other").await.unwrap();
    let mut conn = bench.store.read().await.unwrap();
    assert!(bench.store.venues(&mut conn, other).await.unwrap().is_empty());
    assert!(bench.store.venue(&mut conn, other, hall.venue).await.is_err());
    assert!(bench.store.ticket(&mut conn, other, ticket.id).await.is_err());
    assert!(bench.store.ticket_labelled(&mut conn, other, &ticket.label).await.is_err());
    drop(conn);
    let act = frontdesk::domain::queue::look::Ask::Act { ticket: ticket.id, version: None, act: Act::Cancel, counter: None, service: None };
    assert!(bench.store.queue_ask(other, None, &act).await.is_err());
    let rows: Vec<(String,)> = hall.rows("SELECT state FROM tickets WHERE workspace_id = $1").await;
    assert_eq!(rows[0].0, "waiting");
}
