//! Fault switches: what goes wrong, for which method, how often. Drawn from a generator of their own, so that the same seed goes wrong at
//! the same calls whatever else happens.

use std::str::FromStr;
use std::time::Duration;

/// One switch: `METHOD:FAULT[=VALUE][:WHEN]`, as in `sendMessage:drop-after:0.1`, `getUpdates:delay=250:next=3`, `*:error-before=502`.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultRule {
    /// The method, in any case; `*` is every method, `file` is a download.
    pub method: String,
    /// What goes wrong.
    pub fault: Fault,
    /// How often.
    pub when: When,
}

/// What goes wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// `drop-before`: the connection is closed, nothing was done.
    DropBefore,
    /// `drop-after`: done, then the connection is closed without an answer.
    DropAfter,
    /// `delay=MS`: everything happens that many milliseconds later.
    Delay(Duration),
    /// `error-before=CODE`: that HTTP status with a page of HTML (a proxy's answer), nothing was done.
    ErrorBefore(u16),
    /// `error-after=CODE`: the same, but it was done.
    ErrorAfter(u16),
    /// `too-many=SECONDS`: 429 with that `retry_after`, nothing was done.
    TooMany(u32),
    /// `garbage`: done, then status 200 with a body that is no JSON.
    Garbage,
    /// `hang`: no answer, ever; nothing was done.
    Hang,
    /// `hang-after`: done, and no answer, ever.
    HangAfter,
    /// `close-mid-body`: done, then half the answer and the connection is closed.
    CloseMidBody,
    /// `huge-body`: done, then an answer of 100 MB.
    HugeBody,
    /// `duplicate`: getUpdates gives every update twice in one batch.
    Duplicate,
    /// `reorder`: getUpdates gives a batch in random order.
    Reorder,
    /// `ignore-offset`: getUpdates confirms nothing and starts at the oldest update.
    IgnoreOffset,
    /// `at-once`: getUpdates does not wait though it has nothing.
    AtOnce,
}

/// How often a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum When {
    /// Every time.
    Always,
    /// With this probability, 0 to 1.
    Chance(f64),
    /// The next so many calls.
    Next(u32),
}

/// What was drawn for one call.
#[derive(Clone, Debug, Default)]
pub(super) struct Draw {
    pub(super) delay: Duration,
    /// The one thing that goes wrong with the answer.
    pub(super) outcome: Option<Fault>,
    pub(super) duplicate: bool,
    pub(super) reorder: bool,
    pub(super) ignore_offset: bool,
    pub(super) at_once: bool,
}

/// The switches that are on.
#[derive(Debug)]
pub(super) struct Faults {
    rules: Vec<FaultRule>,
    rng: fastrand::Rng,
}

/// A switch that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the fault {text:?} was not set: {problem}; write METHOD:FAULT[=VALUE][:WHEN], for example sendMessage:drop-after:0.1")]
pub struct FaultError {
    text: String,
    problem: String,
}

impl FaultRule {
    /// The switch for one method.
    pub fn new(method: &str, fault: Fault, when: When) -> Self {
        Self { method: method.to_owned(), fault, when }
    }
}

impl FromStr for FaultRule {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let wrong = |problem: String| FaultError { text: text.to_owned(), problem };
        let mut parts = text.splitn(3, ':');
        let (Some(method), Some(fault)) = (parts.next().filter(|method| !method.is_empty()), parts.next()) else {
            return Err(wrong("a method and a fault are needed".to_owned()));
        };
        let fault = parse_fault(fault).map_err(&wrong)?;
        let when = parts.next().map_or(Ok(When::Always), parse_when).map_err(&wrong)?;
        Ok(Self { method: method.to_owned(), fault, when })
    }
}

fn parse_fault(text: &str) -> Result<Fault, String> {
    let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
    let number =
        |what: &str| value.and_then(|value| value.parse::<u32>().ok()).ok_or_else(|| format!("{name} needs {what}, as in {name}=500"));
    let status = || match number("an HTTP status")? {
        code @ 400..=599 => Ok(code as u16),
        code => Err(format!("{code} is no HTTP error status")),
    };
    let fault = match name {
        "drop-before" => Fault::DropBefore,
        "drop-after" => Fault::DropAfter,
        "delay" => Fault::Delay(Duration::from_millis(number("milliseconds")?.into())),
        "error-before" => Fault::ErrorBefore(status()?),
        "error-after" => Fault::ErrorAfter(status()?),
        "too-many" => Fault::TooMany(number("seconds")?),
        "garbage" => Fault::Garbage,
        "hang" => Fault::Hang,
        "hang-after" => Fault::HangAfter,
        "close-mid-body" => Fault::CloseMidBody,
        "huge-body" => Fault::HugeBody,
        "duplicate" => Fault::Duplicate,
        "reorder" => Fault::Reorder,
        "ignore-offset" => Fault::IgnoreOffset,
        "at-once" => Fault::AtOnce,
        _ => return Err(format!("there is no fault {name:?}")),
    };
    Ok(fault)
}

fn parse_when(text: &str) -> Result<When, String> {
    if let Some(count) = text.strip_prefix("next=") {
        return count.parse().map(When::Next).map_err(|_| format!("{count:?} is no number of calls"));
    }
    match text.parse::<f64>() {
        Ok(chance) if (0.0..=1.0).contains(&chance) => Ok(When::Chance(chance)),
        _ => Err(format!("{text:?} is neither a probability from 0 to 1 nor next=N")),
    }
}

impl Faults {
    pub(super) fn new(seed: u64) -> Self {
        Self { rules: Vec::new(), rng: fastrand::Rng::with_seed(seed ^ 0x000f_a017) }
    }

    pub(super) fn add(&mut self, rule: FaultRule) {
        self.rules.push(rule);
    }

    pub(super) fn clear(&mut self) {
        self.rules.clear();
    }

    /// What goes wrong with a call of `method` (any case). Of several faults of the answer the first rule wins; delays add up.
    pub(super) fn draw(&mut self, method: &str) -> Draw {
        let mut draw = Draw::default();
        for rule in &mut self.rules {
            if rule.method != "*" && !rule.method.eq_ignore_ascii_case(method) {
                continue;
            }
            let strikes = match &mut rule.when {
                When::Always => true,
                When::Chance(chance) => self.rng.f64() < *chance,
                When::Next(left) => {
                    let strikes = *left > 0;
                    *left = left.saturating_sub(1);
                    strikes
                }
            };
            if strikes {
                draw.take(rule.fault);
            }
        }
        self.rules.retain(|rule| rule.when != When::Next(0));
        draw
    }

    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        self.rng.shuffle(items);
    }
}

impl Draw {
    fn take(&mut self, fault: Fault) {
        match fault {
            Fault::Delay(delay) => self.delay += delay,
            Fault::Duplicate => self.duplicate = true,
            Fault::Reorder => self.reorder = true,
            Fault::IgnoreOffset => self.ignore_offset = true,
            Fault::AtOnce => self.at_once = true,
            other => self.outcome = self.outcome.or(Some(other)),
        }
    }

    /// Whether the bot will get the true answer.
    pub(super) fn answers(&self) -> bool {
        self.outcome.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_switch_is_read_from_its_text_or_refused_with_what_is_wrong() {
        let read = |text: &str| text.parse::<FaultRule>();
        assert_eq!(read("sendMessage:drop-after:0.1"), Ok(FaultRule::new("sendMessage", Fault::DropAfter, When::Chance(0.1))));
        assert_eq!(
            read("getUpdates:delay=250:next=3"),
            Ok(FaultRule::new("getUpdates", Fault::Delay(Duration::from_millis(250)), When::Next(3)))
        );
        assert_eq!(read("*:error-before=502"), Ok(FaultRule::new("*", Fault::ErrorBefore(502), When::Always)));
        for wrong in ["", "sendMessage", "sendMessage:explode", "a:delay", "a:garbage:2", "a:garbage:next=x", "a:error-after=200"] {
            assert!(read(wrong).unwrap_err().to_string().contains("METHOD:FAULT"), "{wrong}");
        }
    }

    #[test]
    fn the_next_n_calls_fail_and_then_no_more() {
        let mut faults = Faults::new(1);
        faults.add(FaultRule::new("sendMessage", Fault::Garbage, When::Next(2)));
        let struck: Vec<bool> = (0..4).map(|_| faults.draw("sendmessage").outcome.is_some()).collect();
        assert_eq!(struck, [true, true, false, false]);
    }

    #[test]
    fn the_same_seed_strikes_at_the_same_calls() {
        let struck = |seed| {
            let mut faults = Faults::new(seed);
            faults.add(FaultRule::new("*", Fault::Hang, When::Chance(0.5)));
            (0..64).map(|_| faults.draw("getMe").answers()).collect::<Vec<bool>>()
        };
        assert_eq!(struck(7), struck(7));
        assert_ne!(struck(7), struck(8));
    }
}
