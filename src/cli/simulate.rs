//! `frontdesk simulate`: the simulated providers alone, and `frontdesk simulate say`: write there as a customer.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::config::Secret;
use crate::domain::text::Safe;
use crate::domain::time::Clock;
use crate::simulator::cast::{Cast, Home};
use crate::simulator::graph::{self, Graph};
use crate::simulator::life::{animate, animate_at};
use crate::simulator::push::{self, PushService};
use crate::simulator::ultramsg::{self, UltraMsg};
use crate::simulator::{self, Config, FaultRule, Homes, Limits, Simulator, scenes};

/// Whose accounts they are.
const BUSINESS: &str = "Harbour Courts";
/// The wait before a receiver is asked again.
const AGAIN: Duration = Duration::from_secs(1);

/// Run a provider's server of our own on this machine, with customers who write and answer, until Ctrl-C: Telegram's, one for WhatsApp, or a
/// push service with a device
#[derive(Args, Clone, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct SimulateArgs {
    #[command(subcommand)]
    command: Option<SimulateCommand>,
    #[command(flatten)]
    serve: ServeArgs,
}

/// What to do instead of running a server.
#[derive(Clone, Debug, Subcommand)]
pub enum SimulateCommand {
    /// Write as a customer to a simulator that is running.
    Say(SayArgs),
    /// Tell a simulator that is running where its webhooks go.
    Subscribe(SubscribeArgs),
}

/// How the server is set up.
#[derive(Args, Clone, Debug)]
pub struct ServeArgs {
    /// Whose server
    #[arg(long, value_name = "NAME", default_value = simulator::PLAYS, value_parser = [simulator::PLAYS, graph::PLAYS, ultramsg::PLAYS, push::PLAYS])]
    provider: String,
    /// Where webhooks go, for providers that have them; asked again until somebody answers there
    #[arg(long, value_name = "URL")]
    webhook: Option<String>,
    /// Where to listen; a loopback address, port 0 for any
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Decides everything left to chance
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// How many customers there are
    #[arg(long, value_name = "NUMBER", default_value_t = 12, value_parser = clap::value_parser!(u32).range(0..=10_000))]
    people: u32,
    /// How many times faster than life the customers are
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, value_parser = pace)]
    pace: f64,
    /// A bot's token (NUMBER:LETTERS); may be given several times; one is made when none is
    #[arg(long = "bot", value_name = "TOKEN")]
    bots: Vec<String>,
    /// Customers exist but write only when told to, with `say`
    #[arg(long)]
    quiet_people: bool,
    /// Refuse with 429 when messages are sent faster than about one a second to a chat
    #[arg(long)]
    rate_limits: bool,
    /// What goes wrong: METHOD:FAULT[=VALUE][:WHEN], as in sendMessage:drop-after:0.1 or getUpdates:delay=250:next=3; METHOD may be * or
    /// file, FAULT is drop-before, drop-after, delay=MS, error-before=CODE, error-after=CODE, too-many=SECONDS, garbage, hang, hang-after,
    /// close-mid-body, huge-body, duplicate, reorder, ignore-offset, at-once; may be given several times
    #[arg(long = "fault", value_name = "RULE")]
    faults: Vec<FaultRule>,
}

/// Where webhooks go.
#[derive(Args, Clone, Debug)]
pub struct SubscribeArgs {
    /// The address that `frontdesk simulate` printed
    #[arg(long, value_name = "URL")]
    to: String,
    /// The receiver's address: what `frontdesk serve` listens on, and the channel's webhook path
    #[arg(long, value_name = "URL")]
    webhook: String,
}

/// What to say, where and as whom.
#[derive(Args, Clone, Debug)]
pub struct SayArgs {
    /// The address that `frontdesk simulate` printed
    #[arg(long, value_name = "URL")]
    to: String,
    /// Who writes: a customer's first name, full name or @username; an unknown name makes a new customer
    #[arg(long = "as", value_name = "NAME")]
    name: String,
    /// To which bot, by the number its token begins with; the first when not given
    #[arg(long, value_name = "NUMBER")]
    bot: Option<i64>,
    /// The words
    #[arg(required = true, value_name = "TEXT")]
    text: Vec<String>,
}

/// Runs the command; what it has to tell goes to `out`, as one object of JSON if `json`.
pub async fn run(args: SimulateArgs, clock: Arc<dyn Clock>, json: bool, out: &mut (dyn Write + Send)) -> anyhow::Result<()> {
    match args.command {
        Some(SimulateCommand::Say(say)) => write_as(say, json, out).await,
        Some(SimulateCommand::Subscribe(wanted)) => subscribe(&wanted, out).await,
        None => {
            let until = async {
                // Without a signal handler the process ends by the signal itself, so waiting for ever is right.
                if tokio::signal::ctrl_c().await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            serve(args.serve, clock, json, out, until).await
        }
    }
}

/// What a simulator is started with.
struct Stage<'a> {
    args: ServeArgs,
    cast: Cast,
    clock: Arc<dyn Clock>,
    json: bool,
    out: &'a mut (dyn Write + Send),
}

/// Runs a simulator until `until` is done.
async fn serve(
    args: ServeArgs,
    clock: Arc<dyn Clock>,
    json: bool,
    out: &mut (dyn Write + Send),
    until: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let cast = Cast::new(args.seed, args.people as usize)?;
    let stage = Stage { args, cast, clock, json, out };
    match stage.args.provider.as_str() {
        graph::PLAYS => serve_graph(stage, until).await,
        ultramsg::PLAYS => serve_ultramsg(stage, until).await,
        push::PLAYS => serve_push(stage, until).await,
        _ => serve_telegram(stage, until).await,
    }
}

async fn serve_telegram(stage: Stage<'_>, until: impl Future<Output = ()>) -> anyhow::Result<()> {
    let Stage { args, cast, clock, json, out } = stage;
    ensure!(args.webhook.is_none(), "the simulator did not start: --webhook is for providers that call us, and {} is asked", args.provider);
    let mut config = Config::new(clock);
    config.listen = args.listen;
    config.seed = args.seed;
    config.limits = args.rate_limits.then(Limits::default);
    let sim = Simulator::start(config).await?;
    let mut bots = Vec::new();
    for token in &args.bots {
        let made = sim.add_bot_with_token(BUSINESS, &Secret::new(token.as_str()));
        bots.push(made.context("the simulator did not start: a bot's token is NUMBER:LETTERS, each with another number")?);
    }
    if bots.is_empty() {
        bots.push(sim.add_bot(BUSINESS));
    }
    for rule in args.faults {
        sim.fault(rule);
    }
    // These tokens open nothing but this simulator; whoever runs it needs them.
    let tokens: Vec<String> = bots.iter().filter_map(|bot| sim.token(*bot)).map(|token| token.reveal().to_owned()).collect();
    if json {
        writeln!(out, "{}", json!({"base_url": sim.base_url(), "tokens": tokens}))?;
    } else {
        writeln!(out, "{}\n{}", sim.base_url(), tokens.join("\n"))?;
    }
    out.flush()?;
    sim.add_people(&cast);
    let life = bots.first().filter(|_| !args.quiet_people).map(|bot| animate(&sim, *bot, cast, args.seed, args.pace));
    until.await;
    drop(life);
    sim.stop();
    Ok(())
}

async fn serve_graph(stage: Stage<'_>, until: impl Future<Output = ()>) -> anyhow::Result<()> {
    let Stage { args, cast, clock, json, out } = stage;
    let mut config = graph::Config::new(clock);
    config.listen = args.listen;
    config.seed = args.seed;
    config.rules.limits = args.rate_limits.then(graph::Limits::default);
    let sim = Graph::start(config).await?;
    let id = sim.add_number(BUSINESS);
    let number = sim.number(&id).context("the simulator did not start: it has no number")?;
    for template in scenes::templates() {
        sim.add_template(&number.business, template);
    }
    for rule in args.faults {
        sim.fault(rule);
    }
    let lines = [
        ("phone_number_id", number.id.as_str()),
        ("business_account", &number.business),
        ("token", number.token.reveal()),
        ("app_secret", number.app_secret.reveal()),
        ("verify_token", number.verify_token.reveal()),
    ];
    tell(&sim.base_url(), &lines, json, out)?;
    let cast = cast.all_at(Home::WhatsApp);
    let homes = Homes { telegram: None, whatsapp: Some((sim.clone(), id.clone())) };
    homes.add_people(&cast);
    let acting = async {
        if let Some(url) = &args.webhook {
            // Nobody may be listening yet: whoever starts both cannot start them at once.
            while sim.subscribe(&id, url).await.is_err() {
                tokio::time::sleep(AGAIN).await;
            }
        }
        let _life = (!args.quiet_people).then(|| animate_at(homes, cast, args.seed, args.pace));
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = until => {}
        () = acting => {}
    }
    sim.stop();
    Ok(())
}

async fn serve_ultramsg(stage: Stage<'_>, until: impl Future<Output = ()>) -> anyhow::Result<()> {
    let Stage { args, cast, clock, json, out } = stage;
    let mut config = ultramsg::Config::new(clock);
    config.listen = args.listen;
    config.seed = args.seed;
    let sim = UltraMsg::start(config).await?;
    for rule in args.faults {
        sim.fault(rule);
    }
    for persona in &cast.people {
        let person = persona.on_whatsapp();
        sim.add_person(ultramsg::Person { name: person.name, phone: person.phone, lid: String::new() });
    }
    sim.set_webhook(args.webhook.as_deref());
    tell(&sim.base_url(), &[("instance", &sim.instance()), ("token", sim.token().reveal())], json, out)?;
    until.await;
    sim.stop();
    Ok(())
}

async fn serve_push(stage: Stage<'_>, until: impl Future<Output = ()>) -> anyhow::Result<()> {
    let Stage { args, clock, json, out, .. } = stage;
    ensure!(args.webhook.is_none(), "the simulator did not start: --webhook is for providers that call us, and {} is asked", args.provider);
    let mut config = push::Config::new(clock);
    config.listen = args.listen;
    config.seed = args.seed;
    let service = PushService::start(config).await?;
    for rule in args.faults {
        service.fault(rule);
    }
    tell(&service.base_url(), &[("subscription", &service.subscribe(None))], json, out)?;
    until.await;
    service.stop();
    Ok(())
}

/// Prints the address and what a channel needs. These secrets open nothing but this simulator; whoever runs it needs them.
fn tell(base: &str, lines: &[(&str, &str)], json: bool, out: &mut (dyn Write + Send)) -> anyhow::Result<()> {
    if json {
        let mut object = json!({ "base_url": base });
        for (name, value) in lines {
            object[*name] = (*value).into();
        }
        writeln!(out, "{object}")?;
    } else {
        writeln!(out, "{base}")?;
        for (name, value) in lines {
            writeln!(out, "{} {value}", name.replace('_', "-"))?;
        }
    }
    Ok(out.flush()?)
}

async fn subscribe(args: &SubscribeArgs, out: &mut (dyn Write + Send)) -> anyhow::Result<()> {
    ask(&args.to, "subscribe", &json!({"url": args.webhook}), "nothing was registered").await?;
    writeln!(out, "registered")?;
    Ok(())
}

/// Asks a simulator that is running to do something.
async fn ask(to: &str, what: &str, body: &Value, not_done: &str) -> anyhow::Result<Value> {
    // Installed already in the whole program; then this changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let base = to.trim_end_matches('/');
    ensure!(base.starts_with("http://"), "{not_done}: --to needs the http:// address that `frontdesk simulate` printed");
    let client = reqwest::Client::builder().no_proxy().build().with_context(|| format!("{not_done}: no HTTP client"))?;
    let request = client.post(format!("{base}/_simulator/{what}")).json(body).send();
    let answer = request.await.with_context(|| format!("{not_done}: no simulator answers at {base}; is it running?"))?;
    let answer: Value =
        answer.json().await.with_context(|| format!("{not_done}: what answers at {base} is no simulator that can do this"))?;
    if let Some(error) = answer["error"].as_str() {
        bail!("{not_done}: {}", Safe::line(error));
    }
    Ok(answer)
}

async fn write_as(args: SayArgs, json: bool, out: &mut (dyn Write + Send)) -> anyhow::Result<()> {
    let body = json!({"as": args.name, "text": args.text.join(" "), "bot": args.bot});
    let answer = ask(&args.to, "say", &body, "nothing was written").await?;
    if json {
        writeln!(out, "{answer}")?;
    } else {
        let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        writeln!(out, "message {} in chat {}", plain(&answer["message_id"]), plain(&answer["chat"]))?;
    }
    Ok(())
}

/// A factor of speed above 0.
pub fn pace(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(pace) if pace.is_finite() && pace > 0.0 => Ok(pace),
        _ => Err("a number above 0 is needed: 2 is twice as fast as life".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::domain::push::Subscription;
    use crate::domain::time::SystemClock;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: SimulateArgs,
    }

    fn parse(words: &[&str]) -> Result<SimulateArgs, clap::Error> {
        Line::try_parse_from(std::iter::once(&"simulate").chain(words)).map(|line| line.args)
    }

    #[test]
    fn wrong_arguments_are_refused() {
        for words in [
            &["--pace", "0"][..],
            &["--pace", "inf"],
            &["--fault", "sendMessage:explode"],
            &["--listen", "nowhere"],
            &["--provider", "pigeon"],
            &["say", "--to", "http://127.0.0.1:1"],
        ] {
            assert!(parse(words).is_err(), "{words:?}");
        }
        assert!(parse(&["--fault", "sendMessage:drop-after:0.1", "--bot", "1:a", "--bot", "2:b"]).is_ok());
    }

    /// What a simulator so started printed, what is printed to those who say two words there and with --json again, and its ledger.
    async fn played(words: &[&str]) -> (String, String, Value) {
        let (mut ours, mut theirs) = (Vec::new(), Lines::default());
        let args = parse(words).unwrap();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let shown = theirs.clone();
        let talk = async {
            let base = shown.first().await;
            let say = parse(&["say", "--to", &base, "--as", "Nadia", "two", "words"]).unwrap();
            run(say.clone(), Arc::new(SystemClock), false, &mut ours).await.unwrap();
            run(say, Arc::new(SystemClock), true, &mut ours).await.unwrap();
            let ledger = reqwest::get(format!("{base}/_simulator/ledger")).await.unwrap().json::<Value>().await.unwrap();
            stop.send(()).unwrap();
            ledger
        };
        let until = async { stopped.await.unwrap() };
        let (served, ledger) = tokio::join!(serve(args.serve, Arc::new(SystemClock), false, &mut theirs, until), talk);
        served.unwrap();
        (theirs.text(), String::from_utf8(ours).unwrap(), ledger)
    }

    #[tokio::test]
    async fn a_simulator_prints_its_address_and_tokens_and_takes_what_is_said_to_it() {
        let (theirs, ours, ledger) = played(&["--quiet-people", "--people", "3", "--bot", "77:abc"]).await;
        assert_eq!(ledger["written"][0]["text"], "two words");
        assert!(theirs.ends_with("\n77:abc\n"), "{theirs}");
        assert!(ours.starts_with("message 1 in chat "), "{ours}");
        assert!(ours.lines().nth(1).unwrap().ends_with("\"message_id\":2}"), "{ours}");
    }

    #[tokio::test]
    async fn each_provider_says_what_a_channel_needs_and_takes_what_is_said_to_it() {
        for (provider, wanted) in [
            (graph::PLAYS, &["phone-number-id", "business-account", "token", "app-secret", "verify-token"][..]),
            (ultramsg::PLAYS, &["instance", "token"]),
        ] {
            let (theirs, ours, ledger) = played(&["--provider", provider, "--quiet-people", "--people", "3"]).await;
            assert_eq!(ledger["written"][0]["text"], "two words");
            let names: Vec<&str> = theirs.lines().skip(1).map(|line| line.split_once(' ').unwrap().0).collect();
            assert_eq!(names, wanted);
            assert!(ours.starts_with("message "), "{provider}");
        }
    }

    #[tokio::test]
    async fn the_push_service_prints_its_address_and_a_device_s_subscription() {
        let args = parse(&["--provider", push::PLAYS]).unwrap();
        let mut out = Vec::new();
        serve(args.serve, Arc::new(SystemClock), true, &mut out, std::future::ready(())).await.unwrap();
        let told: Value = serde_json::from_slice(&out).unwrap();
        let device = Subscription::parse(told["subscription"].as_str().unwrap()).unwrap();
        assert!(device.endpoint().starts_with(told["base_url"].as_str().unwrap()), "{told}");
    }

    #[tokio::test]
    async fn an_address_that_others_can_reach_is_refused() {
        let args = parse(&["--listen", "0.0.0.0:0"]).unwrap();
        let error = run(args, Arc::new(SystemClock), false, &mut Vec::new()).await.unwrap_err();
        assert!(error.to_string().contains("not a loopback address"), "{error}");
    }

    /// A writer that can be awaited.
    #[derive(Clone, Default)]
    struct Lines(Arc<std::sync::Mutex<Vec<u8>>>, Arc<tokio::sync::Notify>);

    impl Lines {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }

        async fn first(&self) -> String {
            loop {
                if let Some((line, _)) = self.text().split_once('\n') {
                    return line.to_owned();
                }
                self.1.notified().await;
            }
        }
    }

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            self.1.notify_one();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
}
