//! What customers ask of the queue by message is done and answered once, and what may be about something else is left to people.

use frontdesk::domain::id::TicketId;
use frontdesk::domain::queue::{Act, State};
use frontdesk::domain::time::Span;

use super::queue_tell::{ANA, BUDI, Clinic};
use crate::support::bench::on_each_engine;

#[tokio::test]
async fn a_message_takes_a_ticket_and_its_holder_is_told_until_it_is_their_turn() {
    on_each_engine(|bench| async move {
        let clinic = Clinic::open(bench.clone()).await;
        let first: Vec<TicketId> = [clinic.issue("").await, clinic.issue("").await, clinic.issue("").await, clinic.issue("").await].into();
        let chat = clinic.say(ANA, 1, "Halo, mau antri servis dong").await;
        clinic.look().await;
        assert_eq!(clinic.told(ANA).await, ["unknown"], "what is nearly a service is suggested");
        assert!(clinic.words(ANA).await[0].ends_with("ANTRI SER: Service motor"), "{:?}", clinic.words(ANA).await);
        clinic.say(ANA, 2, "ANTRI SER").await;
        clinic.look().await;
        clinic.pass(Span::secs(4)).await;
        let ticket =
            clinic.bench.store.open_ticket(&mut clinic.bench.store.read().await.unwrap(), bench.workspace, chat).await.unwrap().unwrap();
        assert_eq!((ticket.label.as_str(), ticket.phone.as_str(), ticket.name.as_str()), ("SER-005", ANA, "Customer 6281234567890"));
        let said = clinic.words(ANA).await;
        assert!(said[1].contains("*SER-005*") && said[1].contains("Posisi 5 dari 5"), "{said:?}");
        for _ in 0..2 {
            clinic.next().await;
            clinic.pass(Span::secs(10)).await;
        }
        clinic.pass(Span::secs(10)).await;
        clinic.act(first[2], Act::Cancel, None).await;
        clinic.act(first[3], Act::Cancel, None).await;
        clinic.pass(Span::secs(10)).await;
        clinic.pass(Span::secs(10)).await;
        clinic.next().await;
        clinic.pass(Span::secs(10)).await;
        assert_eq!(clinic.told(ANA).await, ["unknown", "created", "soon", "next", "turn"]);
        assert!(clinic.words(ANA).await[4].contains("loket 3"));
        let row = &bench.list().await[0];
        assert_eq!((row.unread, row.waiting_since), (0, None), "nobody has to answer what was answered");
    })
    .await;
}

#[tokio::test]
async fn t_10_a_webhook_that_is_delivered_twice_makes_one_ticket() {
    on_each_engine(|bench| async move {
        let clinic = Clinic::open(bench.clone()).await;
        clinic.say(ANA, 1, "ANTRI SER").await;
        clinic.say(ANA, 1, "ANTRI SER").await;
        clinic.look().await;
        clinic.say(ANA, 1, "ANTRI SER").await;
        clinic.pass(Span::secs(3)).await;
        clinic.pass(Span::secs(10)).await;
        assert_eq!(clinic.told(ANA).await, ["created"]);
        let issued = clinic.issue("").await;
        assert_eq!(clinic.ticket(issued).await.label, "SER-002");
    })
    .await;
}

#[tokio::test]
async fn q_09_whoever_asks_again_is_told_the_same_number() {
    on_each_engine(|bench| async move {
        let clinic = Clinic::open(bench.clone()).await;
        clinic.say(ANA, 1, "ANTRI SER").await;
        clinic.say(ANA, 2, "antri ser").await;
        clinic.look().await;
        clinic.pass(Span::secs(3)).await;
        assert_eq!(clinic.told(ANA).await, ["created"], "both are answered by what they are told");
        clinic.say(ANA, 20, "antri motor").await;
        clinic.look().await;
        assert_eq!(clinic.told(ANA).await, ["created", "status"]);
        assert!(clinic.words(ANA).await[1].contains("SER-001"));
    })
    .await;
}

#[tokio::test]
async fn t_09_whoever_never_wrote_gets_nothing_until_they_link_their_ticket() {
    on_each_engine(|bench| async move {
        let clinic = Clinic::open(bench.clone()).await;
        let ticket = clinic.issue(ANA).await;
        clinic.pass(Span::secs(10)).await;
        assert_eq!((clinic.chat(ANA).await, clinic.ticket(ticket).await.told.as_str()), (None, "display"));
        clinic.say(BUDI, 11, "ANTRI SER-001").await;
        clinic.look().await;
        assert_eq!(clinic.told(BUDI).await, ["not theirs"], "it is another's number");
        let chat = clinic.say(ANA, 12, "antri ser-1").await;
        clinic.look().await;
        assert_eq!(clinic.told(ANA).await, ["created"]);
        let held = clinic.ticket(ticket).await;
        assert_eq!((held.conversation, held.told.as_str()), (Some(chat), "text"));
        clinic.say(BUDI, 13, "ANTRI SER-009").await;
        clinic.look().await;
        assert_eq!(clinic.told(BUDI).await, ["not theirs", "not theirs"]);
    })
    .await;
}

#[tokio::test]
async fn whoever_guesses_numbers_links_no_second_ticket_for_the_same() {
    on_each_engine(|bench| async move {
        let clinic = Clinic::open(bench.clone()).await;
        let printed = [clinic.issue("").await, clinic.issue("").await];
        let chat = clinic.say(BUDI, 1, "ANTRI SER-001").await;
        clinic.look().await;
        clinic.say(BUDI, 2, "ANTRI SER-002").await;
        clinic.say(BUDI, 3, "BATAL SER-002").await;
        clinic.look().await;
        assert_eq!(clinic.ticket(printed[0]).await.conversation, Some(chat));
        let other = clinic.ticket(printed[1]).await;
        assert!(other.conversation.is_none() && other.state == frontdesk::domain::queue::State::Waiting, "{other:?}");
    })
    .await;
}

#[tokio::test]
async fn t_14_stop_ends_advertising_and_stop_antri_ends_what_is_about_the_ticket() {
    on_each_engine(|bench| async move {
        let clinic = Clinic::open(bench.clone()).await;
        clinic.issue("").await;
        clinic.issue("").await;
        clinic.say(ANA, 1, "STOP").await;
        clinic.say(ANA, 2, "ANTRI SER").await;
        clinic.look().await;
        clinic.pass(Span::secs(10)).await;
        clinic.act(clinic.next().await.ticket.id, Act::Serve, None).await;
        clinic.act(clinic.next().await.ticket.id, Act::Serve, None).await;
        clinic.pass(Span::secs(10)).await;
        clinic.pass(Span::secs(10)).await;
        assert_eq!(clinic.told(ANA).await, ["created", "next"]);
        assert!(clinic.words(ANA).await.iter().all(|text| text.contains("STOP ANTRI")), "{:?}", clinic.words(ANA).await);
        clinic.say(ANA, 40, "stop antri").await;
        clinic.look().await;
        let ticket = clinic.next().await.ticket.id;
        clinic.pass(Span::secs(10)).await;
        assert_eq!(clinic.told(ANA).await, ["created", "next", "quiet"]);
        assert_eq!(clinic.ticket(ticket).await.state, State::Called, "it keeps its place");
    })
    .await;
}

#[tokio::test]
async fn k_14_whoever_gives_up_while_they_are_called_frees_the_counter() {
    on_each_engine(|bench| async move {
        let clinic = Clinic::open(bench.clone()).await;
        clinic.say(ANA, 1, "ANTRI SER").await;
        clinic.look().await;
        clinic.pass(Span::secs(3)).await;
        let ticket = clinic.next().await.ticket.id;
        clinic.say(ANA, 5, "Saya mau batal").await;
        clinic.look().await;
        clinic.pass(Span::secs(30)).await;
        assert_eq!(clinic.told(ANA).await, ["created", "cancelled"], "neither called nor cancelled again");
        assert_eq!(clinic.ticket(ticket).await.state, State::Cancelled);
        let mut conn = bench.store.snapshot().await.unwrap();
        let console = bench.store.console(&mut conn, bench.workspace, clinic.venue, None).await.unwrap();
        assert!(console.counters[0].ticket.is_none(), "the next can be called");
        assert!(console.events.iter().any(|event| event.kind == "ticket.cancelled"));
    })
    .await;
}

#[tokio::test]
async fn a_word_that_may_be_about_something_else_is_left_to_people() {
    on_each_engine(|bench| async move {
        let clinic = Clinic::open(bench.clone()).await;
        clinic.say(ANA, 1, "batal").await;
        clinic.say(ANA, 2, "antri panjang ya hari ini kak").await;
        clinic.look().await;
        assert_eq!(clinic.told(ANA).await, [""; 0]);
        assert_eq!(bench.list().await[0].unread, 2);
        for (at, text, want) in [
            (3, "STATUS", "no ticket"),
            (4, "batal antri", "no ticket"),
            (5, "ANTRI", "choose"),
            (6, "ANTRI GIGI", "unknown"),
            (7, "stop antri", "no ticket"),
        ] {
            clinic.say(ANA, at, text).await;
            clinic.look().await;
            assert_eq!(clinic.told(ANA).await.last().unwrap(), want, "{text}");
        }
        assert!(clinic.words(ANA).await[2].ends_with("ANTRI SER: Service motor\nANTRI TEL: Teller"), "{:?}", clinic.words(ANA).await);
        assert_eq!(bench.list().await[0].unread, 2, "what was answered waits for nobody");
    })
    .await;
}
