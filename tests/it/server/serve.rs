//! The built program as somebody would run it: `serve`, alone and beside others, and `replay`.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::time::Duration;

use frontdesk::domain::time::SystemClock;
use frontdesk::simulator::graph::{Config, Graph, Person, Who};
use frontdesk::simulator::ultramsg::UltraMsg;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::ask;
use super::meta::{Caller, PROVIDER};
use crate::support::program::Program;

/// A number at the simulated provider, connected, and the program's folder.
struct Shop {
    program: Program,
    graph: Graph,
    number: String,
    who: Who,
    id: String,
    path: String,
}

/// A running `serve`; killed when dropped.
struct Serving {
    child: Child,
    listening: String,
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Serving {
    fn begin(program: &Program, address: &str) -> (Self, Value) {
        let mut command = program.command(&format!("--json serve --http {address}"));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told: Value = serde_json::from_str(&line).expect(&line);
        (Self { listening: told["listening"].as_str().unwrap().to_owned(), child }, told)
    }

    /// Ends it in order; the number it ended with.
    fn end(mut self) -> i32 {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        self.child.wait().unwrap().code().unwrap_or(-1)
    }
}

impl Shop {
    async fn open() -> Self {
        let graph = Graph::start(Config::new(Arc::new(SystemClock))).await.unwrap();
        let number = graph.add_number("Harbour Courts");
        let who = graph.add_person(Person { name: "Leila".into(), phone: "628123456789".into(), ..Person::default() });
        let program = Program::new();
        let known = graph.number(&number).unwrap();
        for (name, secret) in [("token", &known.token), ("app", &known.app_secret), ("verify", &known.verify_token)] {
            program.file(name, secret.reveal());
        }
        let secrets = "--token-file token --app-secret-file app --verify-token-file verify";
        let base = graph.base_url();
        let added =
            program.json(&format!("channel add {PROVIDER} --name Shop --phone-number-id {number} {secrets} --api-base {base}")).remove(0);
        let text = |name: &str| added[name].as_str().unwrap_or_else(|| panic!("{name} in {added}")).to_owned();
        let (id, path) = (text("id"), text("webhook"));
        assert_eq!(path, format!("/webhooks/{id}"));
        Self { program, graph, number, who, id, path }
    }

    fn serve(&self) -> Serving {
        let (serving, told) = Serving::begin(&self.program, "127.0.0.1:0");
        assert_eq!(told["webhooks"], serde_json::json!([{ "channel": "Shop", "id": self.id, "path": self.path }]));
        serving
    }

    fn url(&self, serving: &Serving) -> String {
        format!("http://{}{}", serving.listening, self.path)
    }

    fn caller(&self, serving: &Serving) -> Caller {
        let secret = self.graph.number(&self.number).unwrap().app_secret;
        Caller { address: serving.listening.parse().unwrap(), path: self.path.clone(), number: self.number.clone(), secret }
    }

    /// What customers wrote, as the command line shows it, once there are so many messages.
    async fn texts(&self, many: usize) -> Vec<String> {
        let mut texts = Vec::new();
        for _ in 0..400 {
            texts = Vec::new();
            for row in self.program.json("conversations") {
                let shown = self.program.json(&format!("show {}", row["id"]));
                texts.extend(shown.iter().filter_map(|message| message["text"].as_str().map(str::to_owned)));
            }
            if texts.len() >= many {
                return texts;
            }
            // The program itself is asked again: nothing of it can be heard from here.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{many} messages did not come, only {texts:?}");
    }

    fn channel(&self) -> Value {
        self.program.json("channel list").remove(0)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn serve_takes_what_the_provider_calls_with_and_ends_in_order() {
    let shop = Shop::open().await;
    let serving = shop.serve();
    shop.graph.subscribe(&shop.number, &shop.url(&serving)).await.unwrap();
    shop.graph.say(&shop.number, shop.who, "is court 2 free?");
    assert_eq!(shop.texts(1).await, ["is court 2 free?"]);
    let channel = shop.channel();
    assert_eq!((channel["webhook"].as_str(), channel["waiting"].as_i64()), (Some(shop.path.as_str()), Some(0)));
    assert!(channel["in_at"].is_string(), "{channel}");
    let address = serving.listening.parse().unwrap();
    assert_eq!(ask(address, "GET", "/readyz", "", b"").await.status, 200);
    let figures = ask(address, "GET", "/metrics", "", b"").await.body;
    for name in ["frontdesk_messages_in_total", "frontdesk_channel_up"] {
        let line = figures.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        assert!(line.contains("provider=\"whatsapp\"") && line.ends_with(" 1"), "{name}: {line}");
    }
    shop.graph.all_taken().await;
    assert_eq!(serving.end(), 0);
    let again = shop.serve();
    assert_eq!(again.end(), 0, "nothing is left behind that stops the next");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_in_a_path_is_not_told_where_logs_are_made_of() {
    let program = Program::new();
    let sim = UltraMsg::start(frontdesk::simulator::ultramsg::Config::new(Arc::new(SystemClock))).await.unwrap();
    program.file("token", sim.token().reveal());
    program.file("path", "unguessable-words");
    let (instance, base) = (sim.instance(), sim.base_url());
    let secrets = "--token-file token --webhook-secret-file path";
    let added =
        program.json(&format!("channel add ultramsg --name Gate --instance {instance} {secrets} --api-base {base}")).remove(0).to_string();
    assert!(added.contains("unguessable-words"), "whoever adds it is told the whole path: {added}");
    let (serving, told) = Serving::begin(&program, "127.0.0.1:0");
    let told = told["webhooks"][0].to_string();
    assert!(told.contains("Gate") && told.contains("/webhooks/") && !told.contains("unguessable"), "{told}");
    assert_eq!(serving.end(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_in_use_is_said_in_one_line() {
    let program = Program::new();
    let (serving, told) = Serving::begin(&program, "127.0.0.1:0");
    assert_eq!(told["webhooks"], serde_json::json!([]));
    let ran = program.run(&format!("serve --http {}", serving.listening));
    assert_eq!(ran.exit, 1);
    assert!(ran.stderr.contains("is in use") && ran.stderr.contains("--http") && ran.stderr.lines().count() == 1, "{}", ran.stderr);
    assert_eq!(serving.end(), 0);
    assert_eq!(program.run("serve --http nonsense").exit, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beside_another_that_syncs_it_takes_what_comes_and_takes_over_when_that_ends() {
    let shop = Shop::open().await;
    let mut holder = shop.program.command("sync").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while shop.channel()["health"] != "up" {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let serving = shop.serve();
    let (caller, mut stream) = (shop.caller(&serving), None);
    assert_eq!(caller.call(&mut stream, &caller.text("628123456789", "wamid.1", "one")).await, Some(200));
    assert_eq!(shop.texts(1).await, ["one"], "the other one processes it");
    holder.kill().unwrap();
    holder.wait().unwrap();
    assert_eq!(caller.call(&mut stream, &caller.text("628123456789", "wamid.2", "two")).await, Some(200));
    assert_eq!(shop.texts(2).await, ["one", "two"]);
    assert_eq!(serving.end(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_while_paused_is_kept_and_one_look_later_is_processed() {
    let shop = Shop::open().await;
    shop.program.ok("channel pause Shop");
    let serving = shop.serve();
    let (caller, mut stream) = (shop.caller(&serving), None);
    for n in 0..5 {
        assert_eq!(caller.call(&mut stream, &caller.text("628123456789", &format!("wamid.{n}"), &format!("text {n}"))).await, Some(200));
    }
    assert_eq!(shop.channel()["waiting"], 5);
    assert_eq!(serving.end(), 0);
    shop.program.ok("channel resume Shop");
    assert_eq!(shop.program.run("sync --once").exit, 0);
    assert_eq!(shop.texts(5).await.len(), 5);
    assert_eq!(shop.channel()["waiting"], 0);
    // Reading it all again changes nothing, and says so.
    let done = shop.program.json("replay --since 1h").remove(0);
    assert_eq!((done["payloads"].as_i64(), done["new_messages"].as_i64(), done["unreadable"].as_i64()), (Some(5), Some(0), Some(0)));
    assert_eq!(shop.program.run("replay --since 1h --channel Shop").exit, 0);
    assert_eq!(shop.texts(5).await.len(), 5);
    let ran = shop.program.run("replay --since tomorrow");
    assert!(ran.exit == 2 && ran.stderr.contains("no time in the past"), "{}", ran.stderr);
    assert_eq!(shop.program.run("replay --since 1h --channel Nobody").exit, 3);
}
