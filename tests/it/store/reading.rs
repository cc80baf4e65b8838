//! Lists, threads and hints.

use std::time::Duration;

use frontdesk::domain::act::{Act, Step};
use frontdesk::domain::conversation::{Priority, Status, Summary, Tab};
use frontdesk::domain::filter::Filter;
use frontdesk::domain::hint::Hint;
use frontdesk::domain::list::{Listing, Page, Sort, View};
use frontdesk::domain::message::{Gap, Place};
use frontdesk::domain::search::{Order, Query};
use frontdesk::domain::time::Span;
use frontdesk::store::{
    acts, bulks, canned, contacts, conversations, feeding, inbound, lists, messages, outbox, places, preferences, queue, search, standing,
    transfer, venues, wordings,
};

use crate::support::bench::{Bench, NOON, on_each_engine, said};

#[tokio::test]
async fn pages_of_a_list_cover_every_conversation_once() {
    on_each_engine(|bench| async move {
        bench.ingest((1..=53).map(|n| said(&format!("c{n}"), n % 5, "x")).collect()).await;
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let mut conn = bench.store.read().await.unwrap();
            let (rows, more) = bench.store.list(&mut conn, bench.workspace, bench.agent, Tab::All, after, 10).await.unwrap();
            after = rows.last().map(frontdesk::domain::conversation::Summary::key);
            seen.extend(rows.iter().map(|row| row.id));
            if !more {
                break;
            }
        }
        let count = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!((count, seen.len()), (53, 53));
    })
    .await;
}

#[tokio::test]
async fn each_tab_holds_what_its_count_says() {
    on_each_engine(|bench| async move {
        bench.ingest((1..=9).map(|n| said(&format!("c{n}"), n, "x")).collect()).await;
        let rows = bench.list().await;
        for row in &rows[..4] {
            bench.store.assign(bench.workspace, bench.agent, row.id, Some(bench.agent)).await.unwrap();
        }
        bench.store.set_status(bench.workspace, bench.agent, rows[8].id, Status::Resolved).await.unwrap();
        let mut conn = bench.store.read().await.unwrap();
        let counts = bench.store.counts(&mut conn, bench.workspace, bench.agent).await.unwrap();
        for tab in Tab::ALL {
            let (rows, _) = bench.store.list(&mut conn, bench.workspace, bench.agent, tab, None, 100).await.unwrap();
            assert_eq!(counts.of(tab), rows.len() as u64, "{}", tab.title());
        }
    })
    .await;
}

#[tokio::test]
async fn every_list_reads_the_same_rows_down_and_up_in_either_order() {
    on_each_engine(|bench| async move {
        bench.ingest((1..=40).map(|n| said(&format!("c{n}"), n % 7, "x")).collect()).await;
        for (n, row) in bench.list().await.iter().enumerate() {
            let (store, workspace, agent) = (&bench.store, bench.workspace, bench.agent);
            match n % 8 {
                0 => store.assign(workspace, agent, row.id, Some(agent)).await.unwrap(),
                1 => store.set_status(workspace, agent, row.id, Status::Resolved).await.unwrap(),
                2 => store.set_status(workspace, agent, row.id, Status::Snoozed).await.unwrap(),
                3 => store.set_status(workspace, agent, row.id, Status::Spam).await.unwrap(),
                4 => store.save_draft(workspace, agent, row.id, "note", "call back").await.unwrap(),
                5 => {
                    store.save_draft(workspace, agent, row.id, "note", "call back").await.unwrap();
                    store.save_draft(workspace, agent, row.id, "reply", "Dear").await.unwrap();
                }
                _ => {
                    store.add_note(workspace, agent, &format!("k{n}"), row.id, "x").await.unwrap();
                }
            }
        }
        let mut conn = bench.store.read().await.unwrap();
        let counts = bench.store.counts(&mut conn, bench.workspace, bench.agent).await.unwrap();
        for (tab, sort) in Tab::ALL.into_iter().flat_map(|tab| [(tab, Sort::Latest), (tab, Sort::Waiting)]) {
            let listing = Listing { tab, sort, ..Listing::default() };
            let (mut down, mut page) = (Vec::new(), Page::Top);
            loop {
                let (rows, more) = bench.store.page(&mut conn, bench.workspace, bench.agent, &listing, page, 3).await.unwrap();
                down.extend(rows.iter().map(Summary::key));
                let Some(last) = rows.last().filter(|_| more) else { break };
                page = Page::After(last.key());
            }
            let (mut up, mut page) = (Vec::new(), Page::End);
            loop {
                let (mut rows, more) = bench.store.page(&mut conn, bench.workspace, bench.agent, &listing, page, 3).await.unwrap();
                rows.extend(std::mem::take(&mut up));
                up = rows;
                if !more {
                    break;
                }
                page = Page::Before(up[0].key());
            }
            let up: Vec<_> = up.iter().map(Summary::key).collect();
            assert_eq!(down, up, "{tab:?} {sort:?}");
            assert!(down.is_sorted_by(|a, b| (a.rank, a.id) > (b.rank, b.id)), "{tab:?} {sort:?}");
            assert_eq!(down.len() as u64, counts.of(tab), "{tab:?} {sort:?}");
            assert!(!down.is_empty(), "{tab:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_filter_finds_by_name_address_number_and_marks_whatever_is_typed() {
    on_each_engine(|bench| async move {
        bench.ingest((1..=9).map(|n| said(&format!("c{n}"), n, "x")).collect()).await;
        let rows = bench.list().await;
        let (store, workspace, agent) = (&bench.store, bench.workspace, bench.agent);
        store.assign(workspace, agent, rows[0].id, Some(agent)).await.unwrap();
        store.act(workspace, agent, &[Step::new(rows[1].id, Act::Priority(Priority::High))]).await.unwrap();
        store.set_unread(workspace, agent, rows[2].id, false).await.unwrap();
        let mut conn = store.read().await.unwrap();
        for (typed, found) in [
            ("", 9),
            ("customer C3", 1),
            ("#4", 1),
            ("is:unread", 8),
            ("is:waiting", 9),
            ("is:failed", 0),
            ("assignee:me", 1),
            ("assignee:ay", 1),
            ("assignee:nobody", 8),
            ("priority:high", 1),
            ("priority:none", 8),
            ("channel:shop", 9),
            ("channel:tele", 9),
            ("channel:mail", 0),
            ("label:vip", 0),
            ("%", 0),
            ("_", 0),
            ("\\", 0),
            ("' OR 1=1 --", 0),
            ("is:unread customer c3", 1),
            ("is:unread c3 nobody", 0),
        ] {
            let listing = Listing { filter: Filter::parse(typed), ..Listing::default() };
            let (rows, _) = store.page(&mut conn, workspace, agent, &listing, Page::Top, 100).await.unwrap();
            assert_eq!(rows.len(), found, "{typed}");
        }
        let from = rows[2].key();
        for (down, want) in [(true, rows[3].id), (false, rows[1].id)] {
            let listing = Listing::default();
            let (found, _) = store.page(&mut conn, workspace, agent, &listing, Page::Unread { from, down }, 100).await.unwrap();
            assert_eq!(found[0].id, want);
        }
    })
    .await;
}

#[tokio::test]
async fn a_filter_word_without_letters_or_digits_is_found_in_names_as_it_stands() {
    on_each_engine(|bench| async move {
        bench.ingest(["--", "a (( b", "plain"].iter().zip(1..).map(|(chat, n)| said(chat, n, "x")).collect()).await;
        let mut conn = bench.store.read().await.unwrap();
        for (typed, found) in [("--", 1), ("((", 1), ("!!", 0), ("-", 1)] {
            let listing = Listing { filter: Filter::parse(typed), ..Listing::default() };
            let (rows, _) = bench.store.page(&mut conn, bench.workspace, bench.agent, &listing, Page::Top, 100).await.unwrap();
            assert_eq!(rows.len(), found, "{typed}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_saved_view_is_there_for_the_workspace_until_it_is_dropped() {
    on_each_engine(|bench| async move {
        let (store, workspace, agent) = (&bench.store, bench.workspace, bench.agent);
        let vips = View { place: 2, name: "VIPs".into(), tab: Tab::Mine, sort: Sort::Waiting, filter: "label:vip".into() };
        let others = View { place: 2, name: "Others".into(), tab: Tab::Spam, sort: Sort::Latest, filter: String::new() };
        let other = store.ensure_workspace("other").await.unwrap();
        for view in [&vips, &others] {
            store.save_view(workspace, agent, view).await.unwrap();
            let mut conn = store.read().await.unwrap();
            assert_eq!(store.views(&mut conn, workspace).await.unwrap(), std::slice::from_ref(view));
            assert_eq!(store.views(&mut conn, other).await.unwrap(), []);
        }
        store.drop_view(workspace, agent, 2).await.unwrap();
        assert_eq!(store.views(&mut store.read().await.unwrap(), workspace).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn an_older_page_of_a_thread_ends_where_the_newer_begins() {
    on_each_engine(|bench| async move {
        bench.ingest((1..=25).map(|n| said("7", n, &format!("m{n}"))).collect()).await;
        let id = bench.list().await[0].id;
        let mut conn = bench.store.read().await.unwrap();
        let newest = bench.store.thread(&mut conn, bench.workspace, id, Place::Newest, 10).await.unwrap();
        let older = bench.store.thread(&mut conn, bench.workspace, id, Place::Before(newest.messages[0].key), 10).await.unwrap();
        assert_eq!((newest.messages[0].text.as_str(), older.messages[9].text.as_str()), ("m16", "m15"));
        assert!(newest.older && older.older);
    })
    .await;
}

#[tokio::test]
async fn a_thread_is_read_from_its_beginning_from_its_end_and_around_a_message() {
    on_each_engine(|bench| async move {
        bench.ingest((1..=25).map(|n| said("7", n, &format!("m{n}"))).collect()).await;
        let id = bench.list().await[0].id;
        let all = bench.thread(id).await;
        let mut conn = bench.store.read().await.unwrap();
        let mut check = async |place, want: (&str, &str), older, newer| {
            let page = bench.store.thread(&mut conn, bench.workspace, id, place, 10).await.unwrap();
            let got = (page.messages.first().unwrap().text.as_str(), page.messages.last().unwrap().text.as_str());
            assert_eq!((got, page.older, page.newer), (want, older, newer), "{place:?}");
        };
        check(Place::Newest, ("m16", "m25"), true, false).await;
        check(Place::Oldest, ("m1", "m10"), false, true).await;
        check(Place::After(all[9].key), ("m11", "m20"), true, true).await;
        check(Place::After(all[19].key), ("m21", "m25"), true, false).await;
        check(Place::Before(all[5].key), ("m1", "m5"), false, true).await;
        check(Place::Around(all[11].id), ("m8", "m17"), true, true).await;
        check(Place::Around(all[0].id), ("m1", "m6"), false, true).await;
        check(Place::Around(all[24].id), ("m21", "m25"), true, false).await;
        let elsewhere = Place::Around(frontdesk::domain::id::MessageId(1));
        assert!(bench.store.thread(&mut conn, bench.workspace, id, elsewhere, 10).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_gap_shows_in_the_page_that_covers_it() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![said("7", 1, "before"), said("7", 500, "after")]).await;
        let gap = Gap { from: NOON.plus(Span::secs(10)), to: NOON.plus(Span::secs(400)), lost_before: NOON.plus(Span::secs(300)) };
        bench.store.add_gap(&bench.channel, gap).await.unwrap();
        let id = bench.list().await[0].id;
        let mut conn = bench.store.read().await.unwrap();
        assert_eq!(bench.store.thread(&mut conn, bench.workspace, id, Place::Newest, 10).await.unwrap().gaps, [gap]);
    })
    .await;
}

#[tokio::test]
async fn one_workspace_never_sees_anothers_conversation() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![said("7", 1, "secret")]).await;
        let id = bench.list().await[0].id;
        let other = bench.store.ensure_workspace("other").await.unwrap();
        let spy = bench.store.ensure_agent(other, "Spy").await.unwrap();
        let mut conn = bench.store.read().await.unwrap();
        assert!(bench.store.list(&mut conn, other, spy, Tab::All, None, 10).await.unwrap().0.is_empty());
        assert!(bench.store.summary(&mut conn, other, spy, id).await.is_err());
        assert!(bench.store.thread(&mut conn, other, id, Place::Newest, 10).await.unwrap().messages.is_empty());
        assert!(bench.store.find_messages(other, &Query::of("secret"), Order::Newest, None, 10).await.unwrap().0.is_empty());
        assert!(bench.store.find_people(other, spy, &Query::of("customer"), 10).await.unwrap().is_empty());
        assert!(bench.store.recipient(&mut conn, other, id).await.is_err());
        assert!(bench.store.set_status(other, spy, id, Status::Resolved).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_draft_outlives_the_program() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![said("7", 1, "hi")]).await;
        let id = bench.list().await[0].id;
        bench.store.save_draft(bench.workspace, bench.agent, id, "reply", "Dear Leila,").await.unwrap();
        let again = bench.second().await;
        let mut conn = again.read().await.unwrap();
        assert_eq!(again.draft(&mut conn, bench.workspace, bench.agent, id, "reply").await.unwrap(), "Dear Leila,");
    })
    .await;
}

#[tokio::test]
async fn what_another_process_commits_rings_here() {
    on_each_engine(|bench| async move {
        let _watch = bench.store.watch().await.unwrap();
        let other = bench.second().await;
        let mut hints = bench.store.changes();
        other.ensure_agent(bench.workspace, "Rio").await.unwrap();
        let mut tx = other.begin().await.unwrap();
        tx.hint(Hint::Status);
        other.commit(tx).await.unwrap();
        let hint = tokio::time::timeout(Duration::from_secs(10), hints.recv()).await.expect("no hint came").unwrap();
        assert!(matches!(hint, Hint::Status | Hint::Everything), "{hint:?}");
    })
    .await;
}

#[tokio::test]
async fn only_one_process_syncs_and_the_next_takes_over_when_it_ends() {
    on_each_engine(|bench| async move {
        let other = bench.second().await;
        let lock = bench.store.try_sync_lock().await.unwrap().expect("the first gets it");
        assert!(other.try_sync_lock().await.unwrap().is_none());
        let waiting = tokio::spawn({
            let other = other.clone();
            async move { other.sync_lock().await.map(|_| ()) }
        });
        drop(lock);
        tokio::time::timeout(Duration::from_secs(10), waiting).await.expect("nobody took over").unwrap().unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_event_log_cannot_be_rewritten() {
    on_each_engine(|bench| async move {
        bench.ingest(vec![said("7", 1, "hi")]).await;
        for sql in ["UPDATE events SET kind = 'x'", "DELETE FROM events"] {
            let mut tx = bench.store.begin().await.unwrap();
            assert!(tx.run(sql, &[]).await.is_err(), "{sql}");
        }
    })
    .await;
}

/// The planner's own words about a query, with its parameters unbound.
pub(super) async fn plan(bench: &Bench, sql: &str) -> String {
    let address = bench.store.address().to_string();
    let path = address.strip_prefix("sqlite:").unwrap().to_owned();
    let pool = sqlx::SqlitePool::connect(&format!("sqlite:{path}")).await.unwrap();
    let sql = format!("EXPLAIN QUERY PLAN {sql}");
    let rows: Vec<(i64, i64, i64, String)> = sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(&pool).await.unwrap();
    rows.into_iter().map(|row| row.3 + "\n").collect()
}

#[tokio::test]
async fn a_quoted_or_echoed_message_is_looked_up_by_its_whole_key() {
    let bench = Bench::open(None).await;
    for sql in messages::QUOTES.into_iter().chain([inbound::ECHOES]) {
        let plan = plan(&bench, &format!("{sql} ('1', '2')")).await;
        assert!(plan.contains("chat_key=? AND external_id=?"), "it reads everything of the channel or the chat: {plan}");
    }
}

#[tokio::test]
async fn conversations_are_looked_up_by_their_ids_however_many_there_are() {
    let bench = Bench::open(None).await;
    for sql in lists::BY_ID.iter().chain(&conversations::BY_ID).chain(&acts::BY_ID) {
        for keys in ["($3)", "($3, $4, $5, $6)", "($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)"] {
            let plan = plan(&bench, &format!("{sql} {keys}")).await;
            let by_id = |line: &str| line.starts_with("SEARCH c") && line.contains("INTEGER PRIMARY KEY");
            assert!(plan.lines().any(by_id), "it reads every conversation of the workspace: {plan}{sql} {keys}");
        }
    }
}

#[tokio::test]
async fn every_query_with_a_limit_runs_on_an_index() {
    let bench = Bench::open(None).await;
    bench.ingest(vec![said("7", 1, "hi")]).await;
    let queries = lists::LISTS
        .iter()
        .chain(&messages::LISTS)
        .chain(&outbox::LOOKS)
        .chain(&standing::LOOKS)
        .chain(&places::LOOKS)
        .chain(&preferences::LOOKS)
        .chain(&transfer::LOOKS)
        .chain(&search::LISTS)
        .chain(&canned::LOOKS)
        .chain(&acts::LOOKS)
        .chain(&contacts::LOOKS)
        .chain(&wordings::LOOKS)
        .chain(&bulks::LOOKS)
        .chain(&feeding::LOOKS)
        .chain(&venues::LOOKS)
        .chain(&queue::setup::LOOKS)
        .chain(&queue::tickets::LOOKS)
        .chain(&queue::call::LOOKS)
        .chain(&queue::acts::LOOKS)
        .chain(&queue::day::LOOKS);
    for (name, sql) in queries {
        let plan = plan(&bench, sql).await;
        let scans: Vec<&str> =
            plan.lines().filter(|line| line.contains("SCAN") && !line.contains("INDEX") && !line.contains("CONSTANT")).collect();
        assert!(scans.is_empty(), "{name} scans: {plan}");
        assert!(*name != "counts" || !plan.contains("conversations"), "{name} counts what is kept: {plan}");
        assert!(*name != "counts" || plan.contains("INDEX scheduled_elsewhere"), "{name} counts the few on their own index: {plan}");
        assert!(!name.starts_with("snoozed") || plan.contains("conversations_later"), "{name} walks its index: {plan}");
        assert!(
            !plan.contains("TEMP B-TREE FOR ORDER BY") || name.contains("remote") || name.contains("few") || *name == "claim",
            "{name} sorts: {plan}"
        );
        assert!(
            !name.contains("line") || plan.matches("INDEX tickets_line").count() == plan.matches("SEARCH w").count().max(1),
            "{name} reads its line: {plan}"
        );
    }
}
