//! Search: what is found by which words, whatever wrote them, on both engines.

use frontdesk::domain::attachment::FileKind;
use frontdesk::domain::conversation::Status;
use frontdesk::domain::filter::Filter;
use frontdesk::domain::id::MessageId;
use frontdesk::domain::inbound::{InFile, Inbound};
use frontdesk::domain::list::{Listing, Page};
use frontdesk::domain::outbound::Part;
use frontdesk::domain::search::{Hit, Order, Query};
use frontdesk::domain::time::Span;
use frontdesk::store::replies::NewReply;

use crate::support::bench::{Bench, NOON, item, message, on_each_engine, said};

async fn hits(bench: &Bench, typed: &str) -> Vec<Hit> {
    bench.store.find_messages(bench.workspace, &Query::of(typed), Order::Newest, None, 50).await.unwrap().0
}

async fn names(bench: &Bench, typed: &str) -> Vec<String> {
    let people = bench.store.find_people(bench.workspace, bench.agent, &Query::of(typed), 10).await.unwrap();
    people.into_iter().map(|row| row.name).collect()
}

#[tokio::test]
async fn words_are_found_whatever_their_case_accents_and_script() {
    on_each_engine(|bench| async move {
        bench
            .ingest(vec![said("7", 1, "Where is order FD-4149785?"), said("8", 2, "Größe 返金をお願い refund"), said("9", 3, "refunds ٤٢")])
            .await;
        let cases = [
            ("fd-4149785", 1),
            ("FD 4149", 1),
            ("refund", 2),
            ("refund ", 1),
            ("order WHERE", 1),
            ("grosse", 1),
            ("返金", 1),
            ("お願", 1),
            ("金返", 0),
            ("返", 1),
            ("い", 1),
            ("42 ", 1),
            ("nothing here", 0),
        ];
        for (typed, count) in cases {
            assert_eq!(hits(&bench, typed).await.len(), count, "{typed}");
        }
    })
    .await;
}

#[tokio::test]
async fn whatever_is_typed_is_no_error_in_either_order() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![said("7", 1, "hi there")]).await;
        let hostile =
            ["\"", "c++", "a-b", "* OR", "NEAR(a b)", "x'y", ":*", "(", "\u{0}", "%", "&|!", "", "\\", "a:b", "{x}", "^hi", "- -", "'; --"];
        for typed in hostile.iter().map(|typed| (*typed).to_owned()).chain(hostile.iter().map(|typed| format!("hi {typed} the"))) {
            for order in [Order::Newest, Order::Best] {
                bench.store.find_messages(bench.workspace, &Query::of(&typed), order, None, 10).await.unwrap();
            }
            bench.store.find_people(bench.workspace, bench.agent, &Query::of(&typed), 10).await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn a_filter_that_is_a_whole_pasted_text_is_no_error() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![said("7", 1, "hi there")]).await;
        let pasted = Some("x_".repeat(30_000));
        let by_label = Filter { label: pasted.clone(), ..Filter::default() };
        let by_channel = Filter { channel: pasted, ..Filter::default() };
        for filter in [by_label, by_channel] {
            let listing = Listing { filter, ..Listing::default() };
            let mut conn = bench.store.read().await.unwrap();
            let (rows, _) = bench.store.page(&mut conn, bench.workspace, bench.agent, &listing, Page::Top, 10).await.unwrap();
            assert!(rows.is_empty());
        }
    })
    .await;
}

#[tokio::test]
async fn the_newest_come_first_and_pages_cover_every_hit_once() {
    on_each_engine(|bench| async move {
        bench.ingest((1..=25).map(|n| said(&format!("c{}", n % 3), n, &format!("parcel {n}"))).collect()).await;
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let (page, more) = bench.store.find_messages(bench.workspace, &Query::of("parcel"), Order::Newest, after, 10).await.unwrap();
            after = page.last().map(|hit| hit.message);
            seen.extend(page);
            if !more {
                break;
            }
        }
        let ids: Vec<MessageId> = seen.iter().map(|hit| hit.message).collect();
        assert!(ids.is_sorted_by(|a, b| a > b) && ids.len() == 25, "{ids:?}");
    })
    .await;
}

#[tokio::test]
async fn a_beginning_finds_the_same_whether_few_words_share_it_or_many() {
    on_each_engine(|bench| async move {
        // Around the count up to which words are looked for one by one.
        let beginnings = [("lone", 1), ("most", 64), ("over", 65), ("many", 90)];
        let mut texts = vec!["lon mos ove man low".to_owned(), "parcel alone".to_owned()];
        for n in 0..90 {
            texts.extend(beginnings.iter().filter(|(_, count)| n < *count).map(|(word, _)| format!("{word}{n:02} parcel")));
        }
        bench.ingest(texts.iter().zip(1..).map(|(text, n)| said("7", n, text)).collect()).await;
        for (beginning, count) in beginnings {
            for typed in [beginning.to_owned(), format!("parcel {beginning}"), format!("{beginning}0")] {
                let find = async |order| {
                    let found = bench.store.find_messages(bench.workspace, &Query::of(&typed), order, None, 200).await.unwrap().0;
                    found.into_iter().map(|hit| hit.message).collect::<Vec<_>>()
                };
                let (newest, mut best) = (find(Order::Newest).await, find(Order::Best).await);
                best.sort_by_key(|message| std::cmp::Reverse(*message));
                assert_eq!(newest, best, "{typed}");
                assert_eq!(newest.len(), if typed.ends_with('0') { count.min(10) } else { count }, "{typed}");
            }
            assert!(hits(&bench, &format!("{beginning}0 nobody")).await.is_empty());
        }
    })
    .await;
}

#[tokio::test]
async fn the_best_is_where_the_words_weigh_most() {
    on_each_engine(|bench| async move {
        let long = format!("refund {}", "and so on ".repeat(50));
        bench.ingest(vec![said("7", 1, "refund refund refund"), said("8", 2, &long)]).await;
        let (best, _) = bench.store.find_messages(bench.workspace, &Query::of("refund"), Order::Best, None, 10).await.unwrap();
        assert_eq!(best[0].excerpt, "refund refund refund");
        assert_eq!(hits(&bench, "refund").await[1].excerpt, "refund refund refund", "the older one stands last otherwise");
    })
    .await;
}

#[tokio::test]
async fn an_edited_message_is_found_by_its_new_words_alone() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![said("7", 1, "is court 2 free")]).await;
        let mut edit = message("7", 1, "is court 3 vacant");
        edit.edited_at = Some(NOON.plus(Span::secs(60)));
        bench.ingest(vec![item("edit", vec![Inbound::Edited(Box::new(edit))])]).await;
        assert_eq!((hits(&bench, "vacant").await.len(), hits(&bench, "free").await.len()), (1, 0));
    })
    .await;
}

#[tokio::test]
async fn a_file_is_found_by_its_name() {
    on_each_engine(|bench| async move {
        let mut with_file = message("7", 1, "here it is");
        with_file.files.push(InFile {
            kind: FileKind::Document,
            reference: "r".into(),
            name: "Invoice-2026.pdf".into(),
            mime: String::new(),
            size: None,
            seconds: None,
        });
        bench.ingest(vec![item("7/1", vec![Inbound::Message(Box::new(with_file))])]).await;
        let found = hits(&bench, "invoice 2026").await;
        assert_eq!(found.iter().map(|hit| hit.excerpt.as_str()).collect::<Vec<_>>(), ["Invoice-2026.pdf"]);
    })
    .await;
}

#[tokio::test]
async fn replies_and_notes_are_found_and_a_reply_taken_back_is_not() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![said("7", 1, "hello")]).await;
        let id = bench.list().await[0].id;
        bench.store.add_note(bench.workspace, bench.agent, "n1", id, "pays in doubloons").await.unwrap();
        let parts = [Part { text: "We ship tomorrow".into(), ..Part::default() }];
        let reply = NewReply {
            client_key: "r1",
            conversation: id,
            text: "We ship tomorrow",
            reply_to: None,
            parts: &parts,
            files: &[],
            due_at: NOON.plus(Span::secs(5)),
            appointed: false,
            fallback: None,
            bulk: None,
        };
        let sent = bench.store.queue_reply(bench.workspace, bench.agent, &reply).await.unwrap();
        assert_eq!((hits(&bench, "doubloons").await.len(), hits(&bench, "ship").await.len()), (1, 1));
        bench.store.take_back(bench.workspace, bench.agent, sent).await.unwrap();
        assert!(hits(&bench, "ship").await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn people_are_found_by_name_address_digits_and_number() {
    on_each_engine(|bench| async move {
        let mut first = message("101", 1, "hi");
        (first.chat.name, first.chat.handle) = ("Søren Lindqvist".into(), "soren@shop.example".into());
        let mut second = message("102", 2, "hi");
        (second.chat.name, second.chat.handle) = ("Andi".into(), "+62 812-3456-789".into());
        for (n, said) in [first, second].into_iter().enumerate() {
            bench.ingest(vec![item(&n.to_string(), vec![Inbound::Message(Box::new(said))])]).await;
        }
        for (typed, want) in [
            ("sor lin", "Søren Lindqvist"),
            ("shop.exam", "Søren Lindqvist"),
            ("0812 3456", "Andi"),
            ("+62812", "Andi"),
            ("6789", "Andi"),
            ("#2", "Andi"),
        ] {
            assert_eq!(names(&bench, typed).await, [want], "{typed}");
        }
        assert!(names(&bench, "nobody").await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn somebody_is_found_by_the_beginning_of_a_name_however_many_share_it() {
    on_each_engine(|bench| async move {
        for n in 0..80 {
            let mut said = message(&format!("c{n}"), n, "hi");
            said.chat.name = format!("Marina{n:02} Rossi");
            bench.ingest(vec![item(&n.to_string(), vec![Inbound::Message(Box::new(said))])]).await;
        }
        for (typed, first, count) in
            [("marin", "Marina79 Rossi", 10), ("marina0 ross", "Marina09 Rossi", 10), ("marina42", "Marina42 Rossi", 1)]
        {
            let found = names(&bench, typed).await;
            assert_eq!((found.first().map(String::as_str), found.len()), (Some(first), count), "{typed}");
        }
    })
    .await;
}

#[tokio::test]
async fn people_are_found_by_several_letters_of_a_script_without_blanks() {
    on_each_engine(|bench| async move {
        for (n, name) in ["김민수", "金返お", "民金수"].into_iter().enumerate() {
            let mut said = message(&format!("10{n}"), n as i64, "返金をお願い");
            said.chat.name = name.into();
            bench.ingest(vec![item(&n.to_string(), vec![Inbound::Message(Box::new(said))])]).await;
        }
        for (typed, want) in [
            ("김민수", vec!["김민수"]),
            ("민수", vec!["김민수"]),
            ("返金を", vec![]),
            ("金返お", vec!["金返お"]),
            ("김 민수", vec!["김민수"]),
            ("수민", vec![]),
        ] {
            assert_eq!(names(&bench, typed).await, want, "{typed}");
            let listing = Listing { filter: Filter::parse(typed), ..Listing::default() };
            let mut conn = bench.store.read().await.unwrap();
            let (rows, _) = bench.store.page(&mut conn, bench.workspace, bench.agent, &listing, Page::Top, 10).await.unwrap();
            assert_eq!(rows.into_iter().map(|row| row.name).collect::<Vec<_>>(), want, "{typed} as a filter");
        }
        assert_eq!(hits(&bench, "返金を").await.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn a_customer_with_a_new_name_or_key_is_found_by_it() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![said("7", 1, "hi")]).await;
        let mut renamed = message("7", 2, "hi again");
        (renamed.chat.name, renamed.chat.handle) = ("Leila Haddad".into(), "@leila".into());
        bench.ingest(vec![item("2", vec![Inbound::Message(Box::new(renamed))])]).await;
        assert_eq!(names(&bench, "hadd").await, ["Leila Haddad"]);
        assert!(names(&bench, "customer").await.is_empty());
        bench.ingest(vec![said("8", 3, "from the new place")]).await;
        bench.ingest(vec![item("4", vec![Inbound::Moved { from: "7".into(), to: "8".into(), at: NOON }])]).await;
        assert_eq!(names(&bench, "leila").await, ["Leila Haddad"]);
        assert!(names(&bench, "customer").await.is_empty(), "the absorbed address is nobody's any more");
    })
    .await;
}

#[tokio::test]
async fn a_resolved_conversation_is_found_like_any_other() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![said("7", 1, "parcel")]).await;
        let id = bench.list().await[0].id;
        bench.store.set_status(bench.workspace, bench.agent, id, Status::Resolved).await.unwrap();
        assert_eq!((hits(&bench, "parcel").await.len(), names(&bench, "customer").await.len()), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn a_database_from_before_the_index_is_searchable_once_it_is_opened() {
    on_each_engine(|bench| async move {
        bench.ingest((1..=30).map(|n| said(&format!("c{n}"), n, &format!("parcel {n}"))).collect()).await;
        let mut tx = bench.store.begin().await.unwrap();
        for sql in ["DROP TABLE message_words", "DROP TABLE identity_words", "DELETE FROM schema_versions WHERE version = 3"] {
            tx.run(sql, &[]).await.unwrap();
        }
        bench.store.commit(tx).await.unwrap();
        let again = bench.second().await;
        let found = again.find_messages(bench.workspace, &Query::of("parcel 1"), Order::Newest, None, 50).await.unwrap().0;
        assert_eq!(found.len(), 30);
        let people = again.find_people(bench.workspace, bench.agent, &Query::of("customer c3 "), 50).await.unwrap();
        assert_eq!(people.iter().filter(|row| row.name == "Customer c3").count(), 1);
    })
    .await;
}
