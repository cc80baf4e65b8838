//! `doctor`: looks at everything that commonly goes wrong and says what to do. It changes nothing but what opening a database changes.

use super::context::{Context, Setup};
use super::failure::{Exit, Failure};
use super::output::Out;
use crate::channel::registered;
use crate::domain::channel::Health;
use crate::domain::text::Safe;
use crate::domain::time::age;
use crate::store::channels::Channel;
use crate::sync::compose;
use crate::sync::supervisor::sources_of;

/// Collects what was found.
struct Findings<'a> {
    out: &'a mut Out,
    troubled: bool,
}

impl Findings<'_> {
    fn good(&mut self, what: &str, detail: &str) -> Result<(), Failure> {
        self.say(what, true, detail)
    }

    fn bad(&mut self, what: &str, detail: &str) -> Result<(), Failure> {
        self.troubled = true;
        self.say(what, false, detail)
    }

    fn say(&mut self, what: &str, ok: bool, detail: &str) -> Result<(), Failure> {
        let object = serde_json::json!({ "check": what, "ok": ok, "detail": detail });
        let mark = if ok { "ok" } else { "!!" };
        Ok(self.out.row(&object, || Safe::line(&format!("{mark}  {what}: {detail}")))?)
    }
}

/// Looks, and ends with [`Exit::NeedsPerson`] when something is wrong.
pub async fn run(setup: Setup, out: &mut Out) -> Result<Exit, Failure> {
    let found = Context::open(setup.clone(), out).await;
    let mut findings = Findings { out, troubled: false };
    let file = &setup.paths.config_file;
    let settings = if file.exists() { file.display().to_string() } else { format!("the defaults; {} would change them", file.display()) };
    findings.good("settings", &settings)?;
    findings.good("time zone", setup.config.zone(&setup.env).name())?;
    findings.good("logs", &setup.paths.log_dir.display().to_string())?;
    match found {
        Ok(cx) => {
            findings.good("database", &setup.address.to_string())?;
            findings.good("attachments", &setup.files().display().to_string())?;
            look_inside(&cx, &mut findings).await?;
        }
        Err(failure) => findings.bad("database", &failure.text)?,
    }
    Ok(if findings.troubled { Exit::NeedsPerson } else { Exit::Ok })
}

async fn look_inside(cx: &Context, findings: &mut Findings<'_>) -> Result<(), Failure> {
    let now = cx.store.now();
    let free = cx.store.try_sync_lock().await?.is_some();
    match cx.store.holder().await? {
        None if free => findings.good("sync", "nobody syncs at the moment: an open screen, `frontdesk serve` or `frontdesk sync` does")?,
        // It left its name behind: it did not end in order. Nothing is lost by that.
        Some(last) if free => {
            let (when, who) = (age(last.beat_at, now, cx.zone), last.program);
            findings.good("sync", &format!("nobody syncs at the moment; {who} last did, {when} ago, and was killed"))?;
        }
        None => findings.good("sync", "another process syncs, and has not said yet which")?,
        Some(holder) if holder.is_silent(now) => findings.bad("sync", &holder.words(now))?,
        Some(holder) => findings.good("sync", &holder.words(now))?,
    }
    let channels = cx.store.channels(cx.workspace).await?;
    if channels.is_empty() {
        findings.good("channels", "none is connected; `frontdesk channel add --help` shows what can be")?;
    }
    for channel in &channels {
        look_at(cx, channel, findings).await?;
    }
    if !cx.store.venues(&mut cx.store.read().await?, cx.workspace).await?.is_empty() {
        look_at_push(cx, findings)?;
    }
    let (waiting, undecided) = cx.store.outbox_depth(&mut cx.store.read().await?, cx.workspace).await?;
    match undecided {
        0 => findings.good("outbox", &format!("{waiting} replies wait to leave"))?,
        _ => findings.bad("outbox", &format!("{undecided} replies need a decision: `frontdesk outbox list`"))?,
    }
    match cx.store.dead_letters(cx.workspace, 1).await?.first() {
        None => findings.good("payloads", "all could be read"),
        Some(letter) => {
            let when = age(letter.at, cx.store.now(), cx.zone);
            findings.bad("payloads", &format!("some could not be read and are kept, the newest {when}: {}", letter.error))
        }
    }
}

/// Whether holders of tickets can be told on their devices. A key is not made by looking.
fn look_at_push(cx: &Context, findings: &mut Findings<'_>) -> Result<(), Failure> {
    let what = "push notices";
    if cx.setup.config.queue.push_contact.is_none() {
        return findings.good(what, "none leave: `queue.push_contact` in the settings names nobody whom push services may turn to");
    }
    if !cx.push_key_file().exists() {
        return findings.good(what, "there is no key yet: `frontdesk queue push-key` makes it and prints what a page needs");
    }
    match cx.pusher() {
        Ok(_) => findings.good(what, &format!("signed with {}", cx.push_key_file().display())),
        Err(problem) => findings.bad(what, &problem),
    }
}

async fn look_at(cx: &Context, channel: &Channel, findings: &mut Findings<'_>) -> Result<(), Failure> {
    let what = format!("channel {}", channel.name);
    if registered(&channel.provider).is_none() {
        return findings.good(&what, "an archive of imported messages");
    }
    let sources = match sources_of(channel) {
        Ok(sources) => sources,
        Err(problem) => return findings.bad(&what, &problem),
    };
    for source in sources.into_values() {
        if let Some(exposed) = source.exposed() {
            findings.bad(&what, &exposed)?;
        }
        // A file or a child process may block.
        let read = tokio::task::spawn_blocking(move || source.read().map(|_| ())).await;
        if let Ok(Err(problem)) = read {
            findings.bad(&what, &problem.to_string())?;
        }
    }
    advise(cx, channel, findings).await?;
    let synced = channel.synced_at.map_or_else(|| "never synced".to_owned(), |at| format!("synced {}", age(at, cx.store.now(), cx.zone)));
    match channel.health {
        Health::NeedsAttention | Health::Retrying => findings.bad(&what, &format!("{}; {synced}", channel.note)),
        Health::Paused => findings.good(&what, &format!("paused; {synced}")),
        Health::Unknown | Health::Connecting | Health::Up => findings.good(&what, &format!("{}; {synced}", channel.health.name())),
    }
}

/// What the provider's own console needs so that its news come here.
async fn advise(cx: &Context, channel: &Channel, findings: &mut Findings<'_>) -> Result<(), Failure> {
    let (Some(row), Ok(sources)) = (registered(&channel.provider), sources_of(channel)) else { return Ok(()) };
    let http = cx.http()?;
    match compose::connector(&cx.store, &http, row, &channel.settings, &sources).await {
        Ok(connector) => {
            for line in connector.setup(&format!("/webhooks/{}", channel.id)) {
                findings.good(&format!("channel {}, at the provider", channel.name), &line)?;
            }
            Ok(())
        }
        Err(problem) => findings.bad(&format!("channel {}", channel.name), &problem.to_string()),
    }
}
