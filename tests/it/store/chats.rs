//! Chats that the provider calls by several keys, and messages whose ids are unique in the whole account.

use frontdesk::domain::conversation::Status;
use frontdesk::domain::delivery::Delivery;
use frontdesk::domain::inbound::Chat;
use frontdesk::domain::search::Query;
use frontdesk::domain::time::Span;
use frontdesk::sync::compose::{self, Draft};

use crate::support::bench::{Bench, NOON, later, on_each_engine};
use crate::support::pushed::{DAY, Fact, Fake, PROVIDER, ingest, line, payload, said, sends_until};

async fn come(bench: &Bench, facts: &[Fact]) {
    ingest(bench, facts.iter().map(|fact| payload(std::slice::from_ref(fact))).collect()).await;
}

/// The texts of each conversation, the latest conversation first.
async fn texts(bench: &Bench) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for row in bench.list().await {
        all.push(bench.thread(row.id).await.into_iter().map(|m| m.text).collect());
    }
    all
}

/// How many addresses the customer of the latest conversation has.
async fn addresses(bench: &Bench) -> usize {
    let id = bench.list().await[0].id;
    bench.store.details(&mut bench.store.read().await.unwrap(), bench.workspace, id).await.unwrap().identities.len()
}

#[tokio::test]
async fn a_chat_is_found_by_any_of_its_keys_whichever_came_first() {
    let ways = [["ab", "b", "a"], ["b", "ab", "a"], ["a", "ab", "b"]];
    for way in ways {
        let bench = Bench::open(None).await;
        for (n, keys) in way.iter().enumerate() {
            let keys: Vec<&str> = if *keys == "ab" {
                vec!["user-a", "628-b"]
            } else if *keys == "a" {
                vec!["user-a"]
            } else {
                vec!["628-b"]
            };
            come(&bench, &[said(&keys, n as i64 + 1, &format!("t{n}"))]).await;
        }
        assert_eq!(texts(&bench).await, [["t0", "t1", "t2"]], "{way:?}");
    }
}

#[tokio::test]
async fn a_batch_in_which_two_chats_turn_out_to_be_one_makes_one_conversation() {
    on_each_engine(|bench| async move {
        come(&bench, &[said(&["user-a"], 1, "one"), said(&["628"], 2, "two"), said(&["user-a", "628"], 3, "three")]).await;
        assert_eq!(texts(&bench).await, [["one", "two", "three"]]);
        let found = bench.store.find_people(bench.workspace, bench.agent, &Query::of("628"), 10).await.unwrap();
        assert_eq!(found.len(), 1, "the number is found, though the chat goes by another key");
    })
    .await;
}

#[tokio::test]
async fn two_addresses_that_turn_out_to_be_one_persons_are_one_contact_with_both_threads() {
    on_each_engine(|bench| async move {
        come(&bench, &[said(&["user-a"], 1, "one")]).await;
        come(&bench, &[said(&["628"], 2, "two")]).await;
        assert_eq!(addresses(&bench).await, 1);
        come(&bench, &[said(&["user-a", "628"], 3, "three")]).await;
        assert_eq!(texts(&bench).await, [vec!["one", "three"], vec!["two"]]);
        assert_eq!(addresses(&bench).await, 2);
        come(&bench, &[said(&["user-a", "628"], 4, "four"), said(&["628"], 5, "five")]).await;
        assert_eq!(texts(&bench).await, [vec!["two", "five"], vec!["one", "three", "four"]]);
    })
    .await;
}

#[tokio::test]
async fn a_wish_of_somebody_with_two_addresses_holds_for_both() {
    on_each_engine(|bench| async move {
        let recipient = async |id| bench.store.recipient(&mut bench.store.read().await.unwrap(), bench.workspace, id).await.unwrap();
        come(&bench, &[said(&["628"], 1, "one")]).await;
        come(&bench, &[said(&["user-a"], 2, "stop")]).await;
        come(&bench, &[said(&["user-a", "628"], 3, "three")]).await;
        let ids: Vec<_> = bench.list().await.into_iter().map(|row| row.id).collect();
        assert_eq!(ids.len(), 2);
        for id in &ids {
            assert_eq!(recipient(*id).await.opted_out_at, Some(NOON.plus(Span::secs(2))), "what was said before they were known as one");
        }
        come(&bench, &[said(&["628"], 4, "start")]).await;
        for id in &ids {
            assert_eq!(recipient(*id).await.opted_out_at, None);
        }
        come(&bench, &[said(&["user-a"], 5, "stop")]).await;
        for id in &ids {
            assert_eq!(recipient(*id).await.opted_out_at, Some(NOON.plus(Span::secs(5))));
        }
    })
    .await;
}

#[tokio::test]
async fn a_number_that_was_given_to_somebody_else_brings_nobody_into_anothers_thread() {
    let (x, y, z) = (["user-x", "628"], ["user-y", "628"], ["user-x", "629"]);
    on_each_engine(|bench| async move {
        come(&bench, &[said(&x, 1, "one")]).await;
        come(&bench, &[said(&y, 2, "two")]).await;
        assert_eq!(texts(&bench).await, [["two"], ["one"]]);
        let chat = Chat { key: "628".into(), wide: true, window: Some(DAY), ..Chat::default() };
        assert_eq!(bench.store.begin_chat(&bench.channel, &chat).await.unwrap(), bench.list().await[0].id, "the number is theirs now");
        come(&bench, &[said(&z, 3, "three")]).await;
        come(&bench, &[said(&["628"], 4, "four")]).await;
        assert_eq!(texts(&bench).await, [vec!["two", "four"], vec!["one", "three"]]);
        assert_eq!(addresses(&bench).await, 1);
    })
    .await;
    // Nor into one of two threads of the one who had it.
    on_each_engine(|bench| async move {
        come(&bench, &[said(&["user-x"], 1, "one")]).await;
        come(&bench, &[said(&["628"], 2, "two")]).await;
        come(&bench, &[said(&x, 3, "three")]).await;
        come(&bench, &[said(&y, 4, "four")]).await;
        assert_eq!(texts(&bench).await, [vec!["four"], vec!["one", "three"], vec!["two"]]);
        assert_eq!(addresses(&bench).await, 1);
    })
    .await;
    // The same when all of it comes at once, before anybody is known or after.
    on_each_engine(|bench| async move {
        let both = || vec![payload(&[said(&x, 1, "one"), said(&y, 2, "two")]), payload(&[said(&z, 3, "three")])];
        ingest(&bench, both()).await;
        ingest(&bench, both()).await;
        assert_eq!(texts(&bench).await, [vec!["one", "three"], vec!["two"]]);
        assert_eq!(addresses(&bench).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_chat_we_begin_stands_nowhere_until_they_answer_by_whatever_key() {
    on_each_engine(|bench| async move {
        let chat = Chat { key: "6281".into(), handle: "+62 81".into(), wide: true, window: Some(DAY), ..Chat::default() };
        let begun = bench.store.begin_chat(&bench.channel, &chat).await.unwrap();
        assert_eq!(bench.store.begin_chat(&bench.channel, &chat).await.unwrap(), begun, "it is begun once");
        assert!(bench.list().await.is_empty());
        let draft = Draft {
            client_key: "k".into(),
            conversation: begun,
            text: "hello".into(),
            reply_to: None,
            files: Vec::new(),
            delay: None,
            at: None,
            template: None,
            spot: None,
        };
        let refused = compose::send_on(&bench.store, &PROVIDER, bench.workspace, bench.agent, &draft).await.unwrap_err().to_string();
        assert!(refused.contains("never written here") && refused.contains("send a template"), "{refused}");
        come(&bench, &[said(&["user-a", "6281"], 1, "who is this?")]).await;
        let rows = bench.list().await;
        assert_eq!((rows[0].id, rows[0].status, rows[0].name.as_str()), (begun, Status::Open, "Customer 6281"));
    })
    .await;
}

#[tokio::test]
async fn a_chat_that_only_we_began_is_taken_into_the_one_that_they_wrote_in() {
    on_each_engine(|bench| async move {
        come(&bench, &[said(&["user-a"], 1, "one")]).await;
        let chat = Chat { key: "6281".into(), wide: true, window: Some(DAY), ..Chat::default() };
        let begun = bench.store.begin_chat(&bench.channel, &chat).await.unwrap();
        come(&bench, &[said(&["user-a", "6281"], 2, "two")]).await;
        assert_eq!(texts(&bench).await, [["one", "two"]]);
        let again = bench.store.begin_chat(&bench.channel, &chat).await.unwrap();
        assert_eq!(again, bench.list().await[0].id);
        assert_ne!(again, begun);
    })
    .await;
}

#[tokio::test]
async fn what_names_no_chat_finds_its_message_and_its_quote_and_the_reply_goes_to_every_key() {
    on_each_engine(|bench| async move {
        // A receipt and a reaction are faster than the message and than the answer to our own request.
        come(&bench, &[Fact::Reacted { target: "m1".into(), emoji: "👍".into(), at: 5 }]).await;
        come(&bench, &[Fact::Receipt { target: "out-1".into(), state: "delivered".into(), at: 9 }]).await;
        come(&bench, &[said(&["user-a", "628"], 1, "is court 2 free?")]).await;
        let to = bench.list().await[0].id;
        let question = bench.thread(to).await.remove(0);
        later(&bench, Span::minutes(1));
        assert_eq!(question.reactions.len(), 1);
        let draft = Draft {
            client_key: "k".into(),
            conversation: to,
            text: "yes".into(),
            reply_to: Some(question.id),
            files: Vec::new(),
            delay: Some(Span::ZERO),
            at: None,
            template: None,
            spot: None,
        };
        compose::send_on(&bench.store, &PROVIDER, bench.workspace, bench.agent, &draft).await.unwrap();
        let connector = Fake::new();
        let line = line(&bench, &connector);
        sends_until(&line, async || bench.thread(to).await[1].delivery == Delivery::Delivered).await;
        let order = connector.orders().remove(0);
        assert_eq!((order.chat.as_str(), order.aliases.as_slice()), ("user-a", ["628".to_owned()].as_slice()));
        let reply = bench.thread(to).await.remove(1);
        assert_eq!(reply.quote.unwrap().id, Some(question.id));
        come(&bench, &[Fact::Receipt { target: "out-1".into(), state: "read".into(), at: 10 }]).await;
        assert_eq!(bench.thread(to).await[1].delivery, Delivery::Read);
    })
    .await;
}
