//! Working with a channel from the command line, against the simulated provider.

use std::sync::Arc;

use frontdesk::domain::time::SystemClock;
use frontdesk::simulator::{ChatKey, Config, Fault, FaultRule, Ledger, Person, Simulator, When};
use serde_json::json;

use crate::support::program::{Program, Ran};

/// A simulated provider with one customer, and a program that knows where its token is.
struct Desk {
    sim: Simulator,
    chat: ChatKey,
    token: String,
    program: Program,
}

impl Desk {
    async fn new() -> Self {
        let mut config = Config::new(Arc::new(SystemClock));
        config.throttle = false;
        let sim = Simulator::start(config).await.unwrap();
        let bot = sim.add_bot("Shop");
        let leila = Person { id: 5_200_000_001, first_name: "Leila".to_owned(), ..Person::default() };
        let chat = sim.private_chat(bot, sim.add_person(leila));
        let token = sim.token(bot).unwrap().reveal().to_owned();
        let program = Program::new();
        let path = program.file("token", &token);
        #[cfg(unix)]
        std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        Self { sim, chat, token, program }
    }

    /// With the channel connected and the customer's first words stored.
    async fn connected(words: &str) -> Self {
        let desk = Self::new().await;
        assert_eq!(desk.add().exit, 0);
        desk.sim.say(desk.chat, words);
        desk.program.ok("sync --once");
        desk
    }

    fn add(&self) -> Ran {
        self.program.run(&format!("channel add telegram --name Shop --token-file token --api-base {}", self.sim.base_url()))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_is_connected_only_when_the_provider_knows_us() {
    let desk = Desk::new().await;
    desk.program.file("token", "123:AAwrong");
    let ran = desk.add();
    assert_eq!(ran.exit, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("the channel was not added: ") && !ran.stderr.contains("AAwrong"), "{}", ran.stderr);
    assert_eq!(desk.program.json("channel list"), [] as [serde_json::Value; 0]);

    desk.program.file("token", &desk.token);
    assert_eq!(desk.add().stdout, "Shop is connected as @shop_bot\n");
    let again = desk.add();
    assert_eq!(again.exit, 1);
    assert!(again.stderr.contains("connected already"), "{}", again.stderr);
    assert!(desk.program.ok("channel test Shop").starts_with("Shop works"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_customer_writes_is_listed_and_a_reply_reaches_them_once() {
    let desk = Desk::connected("Is court 2 free?").await;
    let list = desk.program.json("conversations");
    assert_eq!((&list[0]["name"], &list[0]["last"], &list[0]["unread"]), (&json!("Leila"), &json!("Is court 2 free?"), &json!(1)));

    let sent = desk.program.json("send --to 1 --text Yes");
    assert_eq!(sent[0]["state"], "queued");
    assert_eq!(desk.program.json("outbox list")[0]["id"], sent[0]["id"]);
    desk.program.ok("sync --once");
    desk.program.ok("sync --once");
    assert_eq!(desk.sim.ledger(|ledger| ledger.delivered(desk.chat).map(|got| got.text.clone()).collect::<Vec<_>>()), ["Yes"]);
    assert_eq!(desk.program.json("outbox list"), [] as [serde_json::Value; 0]);
    let reply = desk.program.json("show 1").pop().unwrap();
    assert_eq!((&reply["id"], &reply["direction"], &reply["state"]), (&sent[0]["id"], &json!("out"), &json!("sent")));
    assert!(reply["sent_at"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn help_names_every_field_of_the_objects() {
    let desk = Desk::connected("Is court 2 free?").await;
    for (help, command) in [
        ("conversations --help", "conversations"),
        ("show --help", "show 1"),
        ("send --help", "send --to 1 --text Yes"),
        ("outbox list --help", "outbox list"),
        ("channel list --help", "channel list"),
    ] {
        let help = desk.program.ok(help);
        let objects = desk.program.json(command);
        for field in objects[0].as_object().unwrap().keys() {
            let named = help.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| word == field);
            assert!(named, "{command}: {field} is not in\n{help}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_waited_in_a_backup_is_not_sent_again_by_itself() {
    let desk = Desk::connected("Is court 2 free?").await;
    desk.program.ok("send --to 1 --text Yes");
    desk.program.ok("backup kept");
    desk.program.ok("sync --once");
    desk.program.ok("restore kept --replace");
    assert_eq!(desk.program.run("sync --once").exit, 5, "somebody has to decide");
    assert_eq!(desk.program.json("outbox list")[0]["state"], "uncertain");
    assert_eq!(desk.sim.ledger(|ledger| ledger.delivered(desk.chat).count()), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn send_can_wait_until_the_provider_has_it() {
    let desk = Desk::connected("Hello").await;
    desk.program.file("slip.pdf", "%PDF-1.4");
    let sent = desk.program.json("send --to 1 --text Here --attach slip.pdf --wait");
    assert_eq!(sent[0]["state"], "sent");
    let file = desk.sim.ledger(|ledger| ledger.delivered(desk.chat).next().and_then(|got| got.file.clone())).expect("a file arrived");
    assert_eq!((file.name.as_str(), file.bytes.as_ref()), ("slip.pdf", b"%PDF-1.4".as_slice()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_is_one_reply() {
    let desk = Desk::connected("Hello").await;
    let one = desk.program.json("send --to 1 --text Hi --key job-17");
    let two = desk.program.json("send --to 1 --text Hi --key job-17");
    assert_eq!(one[0]["id"], two[0]["id"]);
    assert_eq!(desk.program.json("outbox list").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_may_have_arrived_waits_for_a_person() {
    let desk = Desk::connected("Hello").await;
    desk.sim.fault(FaultRule::new("sendMessage", Fault::DropAfter, When::Next(1)));
    let ran = desk.program.run("--json send --to 1 --text Once --wait");
    assert_eq!(ran.exit, 5, "{}", ran.stderr);
    let sent: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(sent["state"], "uncertain");
    let once = desk.program.run("sync --once");
    assert_eq!(once.exit, 5, "{}", once.stderr);
    assert!(once.stderr.contains("1 replies need a decision"), "{}", once.stderr);
    assert_eq!(desk.program.run("doctor").exit, 5);

    desk.program.ok(&format!("outbox mark-sent {}", sent["id"].as_str().unwrap()));
    desk.program.ok("sync --once");
    assert_eq!(desk.sim.ledger(|ledger| ledger.delivered(desk.chat).count()), 1, "never twice");
    desk.program.ok("doctor");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_channel_takes_nothing_in_until_it_is_resumed() {
    let desk = Desk::connected("Hello").await;
    desk.program.ok("channel pause Shop");
    desk.sim.say(desk.chat, "Anybody there?");
    desk.program.ok("sync --once");
    assert_eq!(desk.program.json("show 1").len(), 1);
    desk.program.ok("channel resume Shop");
    desk.program.ok("sync --once");
    assert_eq!(desk.program.json("show 1").len(), 2);
    desk.program.ok("channel remove Shop");
    assert_eq!(desk.program.run("channel test Shop").exit, 3);
    assert_eq!(desk.program.run("send --to 1 --text Hi").exit, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_is_in_nothing_that_is_printed_or_kept() {
    let desk = Desk::connected("Hello").await;
    desk.sim.fault(FaultRule::new("getUpdates", Fault::ErrorBefore(502), When::Next(2)));
    let mut command = desk.program.command("sync --once");
    let synced = crate::support::program::finish(command.env("FRONTDESK_LOG", "trace"));
    let mut said = vec![synced.stdout, synced.stderr];
    for arguments in ["doctor", "--json channel list", "channel test Shop", "export"] {
        let ran = desk.program.run(arguments);
        said.extend([ran.stdout, ran.stderr]);
    }
    let key = desk.token.split_once(':').unwrap().1;
    assert!(said.iter().all(|text| !text.contains(key)), "{said:?}");
    let kept = files_under(&desk.program.dir().join("data"));
    assert!(kept.iter().any(|path| path.to_string_lossy().ends_with(".log")), "there is a log: {kept:?}");
    for path in kept {
        let bytes = std::fs::read(&path).unwrap();
        assert!(!bytes.windows(key.len()).any(|window| window == key.as_bytes()), "{}", path.display());
    }
}

fn files_under(dir: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files_under(&path)) } else { found.push(path) }
    }
    found
}

#[test]
fn the_simulator_runs_alone_and_is_a_provider_by_its_address() {
    use std::io::{BufRead, BufReader};
    let program = Program::new();
    let token = "7000000001:AAsimulated";
    program.file("token", token);
    let mut command = program.command(&format!("simulate --quiet-people --bot {token}"));
    let mut server = Killed(command.stdout(std::process::Stdio::piped()).spawn().unwrap());
    let lines = BufReader::new(server.0.stdout.take().unwrap()).lines();
    let address = lines.map_while(Result::ok).find_map(|line| Some(line.split_once("http://")?.1.split_whitespace().next()?.to_owned()));
    let address = address.expect("the simulator says where it listens");
    program.ok(&format!("channel add telegram --name Sim --token-file token --api-base http://{address}"));
    program.ok("sync --once");
}

/// A process that ends with the test.
struct Killed(std::process::Child);

impl Drop for Killed {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn syncing_once_gives_up_on_a_provider_that_does_not_answer() {
    let desk = Desk::connected("Hello").await;
    desk.sim.stop();
    let ran = desk.program.run("sync --once --patience 1");
    assert_eq!(ran.exit, 1);
    assert!(ran.stdout.starts_with("Shop: not caught up: "), "{}", ran.stdout);
    assert!(ran.stderr.contains("not everything was synced in time"), "{}", ran.stderr);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn one_process_syncs_and_ends_in_order_when_told() {
    use rustix::process::{Pid, Signal, kill_process};
    let desk = Desk::connected("Hello").await;
    let calls = |ledger: &Ledger| ledger.calls.values().sum::<u64>();
    let asked = desk.sim.ledger(calls);
    let mut first = Killed(desk.program.command("sync").stdout(std::process::Stdio::null()).spawn().unwrap());
    let working = desk.sim.wait_for(|ledger| (calls(ledger) > asked).then_some(()));
    tokio::time::timeout(std::time::Duration::from_secs(50), working).await.expect("the first process asks the provider");

    let second = desk.program.run("sync --once");
    assert_eq!(second.exit, 1);
    let holder = format!("(process {}) syncs; last beat", first.0.id());
    assert!(second.stderr.contains("nothing was synced here: sync on ") && second.stderr.contains(&holder), "{}", second.stderr);
    assert_eq!(desk.program.json("send --to 1 --text Hi --wait")[0]["state"], "sent", "the other process sends it");

    kill_process(Pid::from_child(&first.0), Signal::TERM).unwrap();
    assert_eq!(first.0.wait().unwrap().code(), Some(0));
    desk.program.ok("sync --once");
}
