//! How long a search takes in the store, first page: a rare word, a common word, a beginning of two letters, the best of a common word, a
//! person. Over 20,000 made-up messages, or over the database that `FRONTDESK_BENCH_DATABASE` names (its file; nothing is changed in it but
//! its schema, when it is an older one).
//!
//! `cargo bench --bench search`

#[path = "ingest/corpus.rs"]
#[expect(dead_code, reason = "what only the other bench makes of a message")]
mod corpus;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use corpus::Corpus;
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use frontdesk::domain::id::{AgentId, WorkspaceId};
use frontdesk::domain::search::{Order, Query, words};
use frontdesk::domain::time::SystemClock;
use frontdesk::store::inbound::NewMessage;
use frontdesk::store::{Address, Store};

/// Messages of the small corpus.
const MESSAGES: usize = 20_000;
/// Hits of a page, and people above it, as the screen asks for them.
const PAGE: u32 = 50;
const PEOPLE: usize = 5;

struct Desk {
    store: Store,
    workspace: WorkspaceId,
    agent: AgentId,
    /// How often each word stands in a sample of the messages.
    counts: BTreeMap<String, usize>,
}

async fn open(path: PathBuf, fill: bool) -> Result<Desk, Box<dyn std::error::Error>> {
    let files = path.with_extension("files");
    let store = Store::open(Address::Sqlite(path), files, Arc::new(SystemClock), 1).await?;
    let workspace = store.ensure_workspace("main").await?;
    let agent = store.ensure_agent(workspace, "bench").await?;
    if fill {
        let channel = store.ensure_archive(workspace, "mail").await?;
        let messages = Corpus::new(7).take(MESSAGES);
        for batch in messages.chunks(1_000) {
            let batch: Vec<NewMessage<'_>> = batch.iter().map(|message| NewMessage { message, subject: "" }).collect();
            store.import(&channel, &batch).await?;
        }
    }
    let mut counts = BTreeMap::new();
    for row in store.export(workspace, 0, 20_000).await? {
        for word in words(&row.text) {
            *counts.entry(word.text).or_insert(0) += 1;
        }
    }
    Ok(Desk { store, workspace, agent, counts })
}

impl Desk {
    /// What the screen asks for at each key.
    async fn first_page(&self, query: &Query, order: Order) -> usize {
        let people = self.store.find_people(self.workspace, self.agent, query, PEOPLE).await.map_or(0, |people| people.len());
        people + self.store.find_messages(self.workspace, query, order, None, PAGE).await.map_or(0, |(hits, _)| hits.len())
    }

    fn word(&self, right: impl Fn(&str, usize) -> bool, most: bool) -> String {
        let found = self.counts.iter().filter(|(word, count)| word.len() > 3 && right(word, **count));
        let found = if most { found.max_by_key(|(_, count)| **count) } else { found.min_by_key(|(_, count)| **count) };
        found.map(|(word, _)| word.clone()).unwrap_or_default()
    }
}

fn search(criterion: &mut Criterion) {
    let Ok(runtime) = tokio::runtime::Runtime::new() else { return };
    let Ok(dir) = tempfile::tempdir() else { return };
    let given = std::env::var_os("FRONTDESK_BENCH_DATABASE").map(PathBuf::from);
    let path = given.clone().unwrap_or_else(|| dir.path().join("search.db"));
    let Ok(desk) = runtime.block_on(open(path, given.is_none())) else { return };
    let common = desk.word(|_, _| true, true);
    let rare = desk.word(|word, _| word.bytes().all(|byte| byte.is_ascii_alphabetic()), false);
    let begins: String = common.chars().take(2).collect();
    let cases = [
        ("rare word", format!("{rare} "), Order::Newest),
        ("common word", format!("{common} "), Order::Newest),
        ("two letters", begins, Order::Newest),
        ("two words", format!("{common} {rare}"), Order::Newest),
        ("common word, best first", format!("{common} "), Order::Best),
        ("person", "lind".to_owned(), Order::Newest),
        ("digits", "0812 345".to_owned(), Order::Newest),
    ];
    let mut group = criterion.benchmark_group("search");
    group.sample_size(20);
    for (name, typed, order) in cases {
        let query = Query::of(&typed);
        let found = runtime.block_on(desk.first_page(&query, order));
        group.bench_function(BenchmarkId::new(name, format!("{} ({found})", typed.trim())), |bench| {
            bench.iter(|| runtime.block_on(desk.first_page(&query, order)));
        });
    }
    group.finish();
}

criterion_group!(benches, search);
criterion_main!(benches);
