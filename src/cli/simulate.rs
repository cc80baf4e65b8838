//! `frontdesk simulate`: the simulated providers alone, and `frontdesk simulate say`: write there as a customer.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::config::Secret;
use crate::domain::text::Safe;
use crate::domain::time::Clock;
use crate::simulator::cast::Cast;
use crate::simulator::life::animate;
use crate::simulator::{Config, FaultRule, Limits, Simulator};

/// Run a Telegram server of our own on this machine, with customers who write and answer, until Ctrl-C.
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
}

/// How the server is set up.
#[derive(Args, Clone, Debug)]
pub struct ServeArgs {
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

/// Runs a simulator until `until` is done.
async fn serve(
    args: ServeArgs,
    clock: Arc<dyn Clock>,
    json: bool,
    out: &mut (dyn Write + Send),
    until: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let mut config = Config::new(clock);
    config.listen = args.listen;
    config.seed = args.seed;
    config.limits = args.rate_limits.then(Limits::default);
    let cast = Cast::new(args.seed, args.people as usize)?;
    let sim = Simulator::start(config).await?;
    let mut bots = Vec::new();
    for token in &args.bots {
        let made = sim.add_bot_with_token("Harbour Courts", &Secret::new(token.as_str()));
        bots.push(made.context("the simulator did not start: a bot's token is NUMBER:LETTERS, each with another number")?);
    }
    if bots.is_empty() {
        bots.push(sim.add_bot("Harbour Courts"));
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

async fn write_as(args: SayArgs, json: bool, out: &mut (dyn Write + Send)) -> anyhow::Result<()> {
    // Installed already in the whole program; then this changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let base = args.to.trim_end_matches('/');
    ensure!(base.starts_with("http://"), "nothing was written: --to needs the http:// address that `frontdesk simulate` printed");
    let client = reqwest::Client::builder().no_proxy().build().context("nothing was written: no HTTP client")?;
    let body = json!({"as": args.name, "text": args.text.join(" "), "bot": args.bot});
    let request = client.post(format!("{base}/_simulator/say")).json(&body).send();
    let answer = request.await.with_context(|| format!("nothing was written: no simulator answers at {base}; is it running?"))?;
    let answer: Value = answer.json().await.with_context(|| format!("nothing was written: what answers at {base} is no simulator"))?;
    if let Some(error) = answer["error"].as_str() {
        bail!("nothing was written: {}", Safe::line(error));
    }
    if json {
        writeln!(out, "{answer}")?;
    } else {
        writeln!(out, "message {} in chat {}", answer["message_id"], answer["chat"])?;
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
            &["say", "--to", "http://127.0.0.1:1"],
        ] {
            assert!(parse(words).is_err(), "{words:?}");
        }
        assert!(parse(&["--fault", "sendMessage:drop-after:0.1", "--bot", "1:a", "--bot", "2:b"]).is_ok());
    }

    #[tokio::test]
    async fn a_simulator_prints_its_address_and_tokens_and_takes_what_is_said_to_it() {
        let (mut ours, mut theirs) = (Vec::new(), Lines::default());
        let args = parse(&["--quiet-people", "--people", "3", "--bot", "77:abc"]).unwrap();
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
        assert_eq!(ledger["written"][0]["text"], "two words");
        assert!(theirs.text().ends_with("\n77:abc\n"), "{}", theirs.text());
        let ours = String::from_utf8(ours).unwrap();
        assert!(ours.starts_with("message 1 in chat "), "{ours}");
        assert!(ours.lines().nth(1).unwrap().ends_with("\"message_id\":2}"), "{ours}");
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
