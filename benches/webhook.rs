//! How many signed webhooks are taken each second, and how soon they are answered: signature, journal, commit at `synchronous=FULL`. Then how
//! fast what was taken becomes messages. The load comes from this process, over loopback, on the same processors.
//!
//! `cargo bench --bench webhook`. Not criterion's: what counts are many at once, and the slowest of them.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use frontdesk::channel::http::Client;
use frontdesk::channel::registered;
use frontdesk::config::Secret;
use frontdesk::domain::id::WorkspaceId;
use frontdesk::domain::time::{Clock, SystemClock};
use frontdesk::server::http::{self, Setup};
use frontdesk::store::channels::{Channel, NewChannel};
use frontdesk::store::{Address, Store};
use frontdesk::sync::status::Reporter;
use frontdesk::sync::{EngineStatus, Line, compose, journal};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha2::Sha256;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

type Failure = Box<dyn std::error::Error + Send + Sync>;

const CONNECTIONS: u64 = 16;
const NUMBER: &str = "106540352242922";
const SECRET: &str = "0123456789abcdef0123456789abcdef";
/// How many customers the messages are of.
const CUSTOMERS: u64 = 500;
/// The rate at which waiting for an answer is measured.
const CALM: u64 = 1_000;

/// What calls.
#[derive(Clone)]
struct Load {
    address: SocketAddr,
    path: String,
    next: Arc<AtomicU64>,
}

impl Load {
    fn request(&self, n: u64) -> Result<String, Failure> {
        let customer = format!("62812{:08}", n % CUSTOMERS);
        let value = json!({
            "messaging_product": "whatsapp",
            "metadata": { "display_phone_number": "15550783881", "phone_number_id": NUMBER },
            "contacts": [{ "profile": { "name": format!("Customer {}", n % CUSTOMERS) }, "wa_id": customer }],
            "messages": [{
                "from": customer,
                "id": format!("wamid.HBgNNjI4MTIzNDU2Nzg5FQIAEhggRjVCN0Q4{n:012}"),
                "timestamp": "1795000000",
                "type": "text",
                "text": { "body": format!("Is court {} free tomorrow at {}? We are four people and would need rackets.", n % 9, n % 24) },
            }],
        });
        let change = json!({ "field": "messages", "value": value });
        let body =
            json!({ "object": "whatsapp_business_account", "entry": [{ "id": "102290129340398", "changes": [change] }] }).to_string();
        let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes())?;
        mac.update(body.as_bytes());
        let signature: Vec<String> = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let (path, length, signature) = (&self.path, body.len(), signature.concat());
        Ok(format!(
            "POST {path} HTTP/1.1\r\nhost: desk\r\nx-hub-signature-256: sha256={signature}\r\ncontent-length: {length}\r\n\r\n{body}"
        ))
    }

    /// Calls over one connection until the end, as fast as it is answered or once in each `pace`; how long each answer took.
    async fn call(self, end: Instant, pace: Option<Duration>) -> Result<Vec<Duration>, Failure> {
        let mut stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let (mut times, mut due) = (Vec::new(), Instant::now());
        while Instant::now() < end {
            let request = self.request(self.next.fetch_add(1, Ordering::Relaxed))?;
            if let Some(pace) = pace {
                tokio::time::sleep_until(due).await;
                due += pace;
            }
            // What waits behind a slow answer waits, too.
            let begun = pace.map_or_else(Instant::now, |pace| due - pace);
            stream.write_all(request.as_bytes()).await?;
            let mut head = Vec::with_capacity(128);
            let mut piece = [0; 256];
            while !head.ends_with(b"\r\n\r\n") {
                let read = stream.read(&mut piece).await?;
                if read == 0 {
                    return Err("the connection was closed".into());
                }
                head.extend_from_slice(&piece[..read]);
            }
            if !head.starts_with(b"HTTP/1.1 200") {
                return Err(String::from_utf8_lossy(&head).into_owned().into());
            }
            times.push(begun.elapsed());
        }
        Ok(times)
    }

    async fn run(&self, time: Duration, pace: Option<Duration>) -> Result<Vec<Duration>, Failure> {
        let end = Instant::now() + time;
        let callers: Vec<_> = (0..CONNECTIONS).map(|_| tokio::spawn(self.clone().call(end, pace))).collect();
        let mut times = Vec::new();
        for caller in callers {
            times.extend(caller.await??);
        }
        times.sort_unstable();
        Ok(times)
    }
}

async fn connect(store: &Store, workspace: WorkspaceId, dir: &Path) -> Result<Channel, Failure> {
    let mut secrets = std::collections::BTreeMap::new();
    for name in ["token", "app-secret", "verify-token"] {
        let source = compose::keep_secret(&dir.join("secrets"), store.next_id(), &Secret::new(SECRET)).await?;
        secrets.insert(name.to_owned(), source.encode());
    }
    let new = NewChannel {
        provider: "whatsapp".to_owned(),
        name: "Harbour Courts".to_owned(),
        settings: [("phone-number-id".to_owned(), NUMBER.to_owned())].into(),
        secrets,
        account_key: NUMBER.to_owned(),
        ..NewChannel::default()
    };
    store.add_channel(workspace, None, &new).await?;
    Ok(store.channel_named(workspace, &new.name).await?)
}

/// Makes messages of everything that waits; how long that took.
async fn process(store: &Store, channel: &Channel, http: &Client) -> Result<Duration, Failure> {
    let row = registered("whatsapp").ok_or("this build has no WhatsApp")?;
    let sources = frontdesk::sync::supervisor::sources_of(channel)?;
    let connector = compose::connector(store, http, row, &channel.settings, &sources).await?;
    let status = Arc::new(watch::Sender::new(EngineStatus::default()));
    let cancel = CancellationToken::new();
    let line = Line {
        store: store.clone(),
        channel: channel.clone(),
        registered: row,
        connector,
        status: Reporter::new(store.clone(), channel.clone(), Arc::clone(&status)),
        files: Arc::default(),
        look: Arc::default(),
        intake: Arc::default(),
        download_limit: 0,
        cancel: cancel.clone(),
    };
    let (begun, mut seen) = (Instant::now(), status.subscribe());
    let task = tokio::spawn(async move { journal::run(&line).await });
    seen.wait_for(|status| status.channels.get(&channel.id).is_some_and(|at| at.drained)).await?;
    let took = begun.elapsed();
    cancel.cancel();
    task.await?;
    Ok(took)
}

async fn measure(time: Duration) -> Result<(), Failure> {
    let dir = tempfile::tempdir()?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store = Store::open(Address::Sqlite(dir.path().join("frontdesk.db")), dir.path().join("files"), clock, 1).await?;
    let workspace = store.ensure_workspace("main").await?;
    let channel = connect(&store, workspace, dir.path()).await?;
    let http = Client::new()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let (address, cancel) = (listener.local_addr()?, CancellationToken::new());
    let engine = watch::Sender::new(EngineStatus::default());
    let setup = Setup::new(store.clone(), http.clone(), engine.subscribe());
    let served = tokio::spawn(http::serve(listener, setup, cancel.clone()));
    let load = Load { address, path: format!("/webhooks/{}", channel.id.0), next: Arc::default() };

    let fast = load.run(time, None).await?;
    tell("as fast as it answers", &fast, time)?;
    let waiting = store.backlog(&channel).await?.waiting;
    let took = process(&store, &channel, &http).await?;
    let each = waiting as f64 / took.as_secs_f64();
    writeln!(std::io::stdout().lock(), "from the journal: {waiting} messages in {:.1} s, {each:.0}/s", took.as_secs_f64())?;
    let pace = Duration::from_micros(1_000_000 * CONNECTIONS / CALM);
    let calm = load.run(time, Some(pace)).await?;
    tell("1,000 a second", &calm, time)?;

    cancel.cancel();
    served.await?;
    store.close().await;
    Ok(())
}

fn tell(what: &str, times: &[Duration], time: Duration) -> Result<(), Failure> {
    let at = |permille: usize| times.get(times.len().saturating_sub(1) * permille / 1_000).copied().unwrap_or_default().as_secs_f64() * 1e3;
    let rate = times.len() as f64 / time.as_secs_f64();
    writeln!(
        std::io::stdout().lock(),
        "{what}: {} accepted over {CONNECTIONS} connections, {rate:.0}/s; ms to the answer: median {:.2}, 99 % {:.2}, longest {:.2}",
        times.len(),
        at(500),
        at(990),
        at(1_000)
    )?;
    Ok(())
}

fn main() -> Result<(), Failure> {
    // `cargo test --benches` runs this with `--test`, to see that it works.
    let time = if std::env::args().any(|argument| argument == "--test") { Duration::from_millis(100) } else { Duration::from_secs(10) };
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(measure(time))
}
