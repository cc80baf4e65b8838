//! How fast messages are taken in, against SQLite alone writing the same rows and the same full-text index in the same run.
//!
//! `cargo bench --bench ingest` prints a comparison first, then criterion's figures for single batches on a database that grows:
//!
//! * ingest: `sync::ingest::ingest`, the whole path (payload, identity, message, full-text index, event, conversation, cursor), in batches of
//!   100, as a provider gives them, and of 1,000;
//! * import: `frontdesk import FILE`, from the program's start to its end, lines parsed;
//! * raw: one prepared statement a row by `rusqlite`, in batches of 1,000 (see `raw.rs`), with payloads for ingest and without for import.
//!
//! Every run begins with an empty database. `FRONTDESK_BENCH_MESSAGES` changes how many messages a run stores (100,000). Speeds are medians
//! of three interleaved rounds, sizes those of the closed file. The target is half the speed of raw and 1.5 times its size.

mod corpus;
mod raw;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use criterion::{Criterion, Throughput};
use frontdesk::channel::{REGISTRY, Registered};
use frontdesk::domain::inbound::{Batch, InMessage, Inbound, Item};
use frontdesk::domain::time::{Span, SystemClock};
use frontdesk::store::channels::{Channel, NewChannel};
use frontdesk::store::{Address, Store};
use frontdesk::sync::ingest;
use tokio::runtime::Runtime;
use tokio::time::Instant;

use corpus::Corpus;
use raw::Raw;

type Failure = Box<dyn std::error::Error>;

const ROUNDS: usize = 3;

/// What a run took.
#[derive(Clone, Copy)]
struct Run {
    time: Duration,
    bytes: u64,
}

/// An empty database with a channel.
struct Desk {
    store: Store,
    channel: Channel,
    runtime: Runtime,
    dir: tempfile::TempDir,
}

impl Desk {
    fn new() -> Result<Self, Failure> {
        let dir = tempfile::tempdir()?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let (store, channel) = runtime.block_on(async {
            let address = Address::Sqlite(dir.path().join("frontdesk.db"));
            let store = Store::open(address, dir.path().join("files"), Arc::new(SystemClock), 1).await?;
            let workspace = store.ensure_workspace("main").await?;
            let new = NewChannel { provider: "telegram".into(), name: "Shop".into(), undo_delay: Span::secs(5), ..NewChannel::default() };
            store.add_channel(workspace, None, &new).await?;
            let channel = store.channel_named(workspace, "shop").await?;
            Ok::<_, frontdesk::store::Error>((store, channel))
        })?;
        Ok(Self { store, channel, runtime, dir })
    }

    fn ingest(&self, items: &[Item]) -> Result<(), Failure> {
        let batch = Batch { items: items.to_vec(), cursor: items.last().map(|item| item.key.clone()), caught_up: false };
        self.runtime.block_on(ingest::ingest(&self.store, &self.channel, telegram(), &batch))?;
        Ok(())
    }

    fn raw(&self, journal: bool) -> Result<Raw, Failure> {
        self.runtime.block_on(self.store.close());
        Ok(Raw::open(&self.dir.path().join("frontdesk.db"), self.channel.workspace, self.channel.id, journal)?)
    }

    fn done(self, time: Duration) -> Result<Run, Failure> {
        self.runtime.block_on(self.store.close());
        Ok(Run { time, bytes: size(&self.dir.path().join("frontdesk.db"))? })
    }
}

fn size(path: &Path) -> Result<u64, Failure> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    Ok(path.metadata()?.len() + Path::new(&log).metadata().map_or(0, |log| log.len()))
}

fn telegram() -> &'static Registered {
    &REGISTRY[0]
}

/// The message in a payload of the corpus, which never holds anything else.
fn payload(item: &Item) -> &InMessage {
    match item.events.as_deref() {
        Ok([Inbound::Message(message)]) => message,
        _ => unreachable!("the corpus makes messages only"),
    }
}

fn run_raw(items: &[Item], journal: bool) -> Result<Run, Failure> {
    let desk = Desk::new()?;
    let mut raw = desk.raw(journal)?;
    let start = Instant::now();
    for batch in items.chunks(1_000) {
        raw.store(batch)?;
    }
    let time = start.elapsed();
    drop(raw);
    desk.done(time)
}

fn run_ingest(items: &[Item], size: usize) -> Result<Run, Failure> {
    let desk = Desk::new()?;
    let start = Instant::now();
    for batch in items.chunks(size) {
        desk.ingest(batch)?;
    }
    let time = start.elapsed();
    desk.done(time)
}

fn run_import(file: &Path) -> Result<Run, Failure> {
    let dir = tempfile::tempdir()?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_frontdesk"));
    command.arg("import").arg(file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.env_clear().env("FRONTDESK_DATA_DIR", dir.path()).env("HOME", dir.path()).env("TZ", "UTC");
    let start = Instant::now();
    if !command.status()?.success() {
        return Err("the import failed".into());
    }
    Ok(Run { time: start.elapsed(), bytes: size(&dir.path().join("frontdesk.db"))? })
}

fn median(mut runs: Vec<Run>) -> Run {
    runs.sort_by_key(|run| run.time);
    runs[runs.len() / 2]
}

fn compare() -> Result<(), Failure> {
    let count = std::env::var("FRONTDESK_BENCH_MESSAGES").ok().map_or(Ok(100_000), |text| text.parse::<usize>())?;
    let messages = Corpus::new(7).take(count);
    let mut file = tempfile::NamedTempFile::new()?;
    for message in &messages {
        file.write_all(corpus::line(message).as_bytes())?;
    }
    file.flush()?;
    let items: Vec<Item> = messages.into_iter().map(corpus::item).collect();
    let mut runs: [Vec<Run>; 5] = Default::default();
    for _ in 0..ROUNDS {
        runs[0].push(run_raw(&items, true)?);
        runs[1].push(run_ingest(&items, 1_000)?);
        runs[2].push(run_ingest(&items, 100)?);
        runs[3].push(run_raw(&items, false)?);
        runs[4].push(run_import(file.path())?);
    }
    let [raw_ingest, thousand, hundred, raw_import, import] = runs.map(median);
    let mut out = std::io::stdout().lock();
    writeln!(out, "{count} messages, medians of {ROUNDS} rounds: messages/s (share of raw), database in MB (times raw)")?;
    let rows = [
        ("raw, with payloads", raw_ingest, raw_ingest),
        ("ingest, batches of 1,000", thousand, raw_ingest),
        ("ingest, batches of 100", hundred, raw_ingest),
        ("raw, without payloads", raw_import, raw_import),
        ("frontdesk import", import, raw_import),
    ];
    for (name, run, raw) in rows {
        let speed = |run: Run| count as f64 / run.time.as_secs_f64();
        let (share, times) = (speed(run) / speed(raw), run.bytes as f64 / raw.bytes as f64);
        writeln!(out, "{name:26} {:>7.0} /s ({share:.2})   {:>6.1} MB ({times:.2})", speed(run), run.bytes as f64 / 1e6)?;
    }
    Ok(())
}

/// Single batches, stored one after another on a database that grows.
fn batches(c: &mut Criterion) -> Result<(), Failure> {
    let mut group = c.benchmark_group("ingest");
    group.sample_size(10);
    for size in [100, 1_000] {
        let (desk, mut corpus) = (Desk::new()?, Corpus::new(7));
        group.throughput(Throughput::Elements(size as u64));
        group.bench_function(format!("a batch of {size}"), |b| {
            b.iter_custom(|times| {
                (0..times)
                    .map(|_| {
                        let items: Vec<Item> = corpus.take(size).into_iter().map(corpus::item).collect();
                        let start = Instant::now();
                        if let Err(error) = desk.ingest(&items) {
                            unreachable!("the corpus is stored without errors: {error}");
                        }
                        start.elapsed()
                    })
                    .sum()
            });
        });
    }
    group.finish();
    Ok(())
}

fn main() -> Result<(), Failure> {
    // `cargo test --benches` runs this with `--test`, to see that it works.
    if !std::env::args().any(|argument| argument == "--test") {
        compare()?;
    }
    let mut criterion = Criterion::default().configure_from_args();
    batches(&mut criterion)?;
    criterion.final_summary();
    Ok(())
}
