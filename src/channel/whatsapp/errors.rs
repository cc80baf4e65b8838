//! What Meta's error codes mean: for the message at hand, and for more than it. The codes are what counts; titles go away with time.

use super::api::{CallError, Told};
use crate::channel::http::{ClassifiedError, Sent};
use crate::channel::{FetchError, ReceiveError};
use crate::domain::inbound::Cause;
use crate::domain::outbound::SendError;
use crate::domain::time::Span;

/// What a code says about the message that was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// Not now, for reasons of the server's own.
    Passing,
    /// Too much at once for one customer.
    Pair,
    /// Too much at once for the whole account, which had better rest so long.
    Pace(Span),
    /// The account may not send at all until a person has acted.
    Account,
    /// The reply window is closed.
    Window,
    /// The customer gets no more advertising for now.
    Capped,
    /// The customer wants no advertising from us.
    OptedOut,
    /// The customer cannot be reached.
    Unreachable,
    /// This message will never be taken.
    Never,
}

/// As often as one customer may be written to.
const PAIR: Span = Span::secs(6);

fn meaning(code: i64, subcode: i64) -> Meaning {
    match code {
        1 | 2 | 131_000 | 131_016 | 131_057 => Meaning::Passing,
        131_056 => Meaning::Pair,
        130_429 => Meaning::Pace(Span::secs(5)),
        4 | 80_007 => Meaning::Pace(Span::minutes(5)),
        // Customers complained; pressing on makes it worse.
        131_048 => Meaning::Pace(Span::minutes(30)),
        // Token and permissions, the payment, the account locked, the number not registered.
        0 | 3 | 10 | 190 | 200..=299 | 368 | 131_005 | 131_031 | 131_042 | 131_045 | 133_010 => Meaning::Account,
        // The number's id is nothing this token can see.
        100 if subcode == 33 => Meaning::Account,
        131_047 => Meaning::Window,
        131_049 => Meaning::Capped,
        131_050 => Meaning::OptedOut,
        131_026 => Meaning::Unreachable,
        _ => Meaning::Never,
    }
}

/// What follows from a failure for more than the one message.
pub(super) fn cause(code: i64) -> Cause {
    match meaning(code, 0) {
        Meaning::Window => Cause::WindowClosed,
        Meaning::Capped => Cause::Capped,
        Meaning::OptedOut => Cause::OptedOut,
        Meaning::Unreachable => Cause::Unreachable,
        Meaning::Account => Cause::Account,
        Meaning::Passing | Meaning::Pair | Meaning::Pace(_) | Meaning::Never => Cause::Other,
    }
}

/// Why something failed, in plain words, with the provider's own and the code to look it up by.
pub(super) fn explain(code: i64, details: &str) -> String {
    let ours = match code {
        0 | 190 => "Meta does not accept the access token: make a new one for the system user and put it in its place",
        3 | 10 | 200..=299 | 131_005 => "the access token lacks a permission: it needs whatsapp_business_messaging",
        4 | 80_007 | 130_429 => "too many messages at once for this account",
        368 | 131_031 => "Meta has locked the account: look into the WhatsApp Manager",
        131_000 | 131_016 | 1 | 2 => "WhatsApp has trouble of its own",
        131_021 => "this is the channel's own number",
        131_026 => {
            "WhatsApp could not deliver it to this number and does not tell why: it may not be on WhatsApp, or have an old app. \
             Check the number, or reach them another way"
        }
        131_030 => "the number is not on the test number's list of recipients: add it in Meta's console",
        131_042 => "Meta cannot charge the account: look into its payment settings",
        131_045 | 133_010 => "the business number is not registered with the Cloud API",
        131_047 => "the reply window is closed: more than 24 hours since the customer last wrote. Only a template may leave",
        131_048 => "WhatsApp has slowed this number down because customers blocked or reported it",
        131_049 => "WhatsApp lets this customer have no more advertising for now: not to be tried again within a day",
        131_050 => "the customer wants no advertising from this number",
        131_051 => "WhatsApp does not take this kind of message",
        131_052 => "WhatsApp could not fetch the customer's file",
        131_053 => "WhatsApp could not take the file",
        131_056 => "too many messages at once to this customer",
        131_057 => "the account is in maintenance",
        132_000 | 132_012 | 132_018 => "the template's values do not fit its places",
        132_001 => "there is no such template in this language, or it is not approved yet",
        132_005 => "the filled template is too long",
        132_007 => "the template breaks WhatsApp's policy",
        132_015 => "the template is paused because customers disliked it",
        132_016 => "the template is disabled for good",
        _ => "WhatsApp refused it",
    };
    format!("{ours} ({details}; code {code})")
}

/// What became of a message whose sending was not answered with success.
pub(super) fn unsent(error: CallError) -> SendError {
    match error {
        CallError::Broken(error) => broken(&error),
        CallError::Told(told) => refused(&told),
    }
}

fn refused(told: &Told) -> SendError {
    let Some(code) = told.code else { return no_graph(told) };
    let why = explain(code, &told.words);
    match meaning(code, told.subcode) {
        Meaning::Passing => told.retry_after.map_or(SendError::NotSent(why), |wait| SendError::Wait { wait, account: false }),
        Meaning::Pair => SendError::Wait { wait: told.retry_after.unwrap_or(PAIR), account: false },
        Meaning::Pace(rest) => SendError::Wait { wait: told.retry_after.unwrap_or(rest), account: true },
        Meaning::Account => SendError::Account(why),
        Meaning::Window => SendError::WindowClosed(why),
        Meaning::Capped => SendError::Capped(why),
        Meaning::OptedOut => SendError::OptedOut(why),
        Meaning::Unreachable => SendError::Unreachable(why),
        // A code we know nothing of, from a server in trouble: nobody knows what it did before.
        Meaning::Never if told.status >= 500 && code < 1_000 => SendError::Uncertain(why),
        Meaning::Never => SendError::Refused(why),
    }
}

/// Refused by something that is no Graph API.
fn no_graph(told: &Told) -> SendError {
    match told.status {
        429 => SendError::Wait { wait: told.retry_after.unwrap_or(Span::secs(5)), account: true },
        413 => SendError::Refused("the file is larger than the server takes".to_owned()),
        _ => SendError::Account("no Graph API answers at this address: check the channel's api-base and token".to_owned()),
    }
}

fn broken(error: &ClassifiedError) -> SendError {
    match error.sent {
        Sent::No => SendError::NotSent(format!("WhatsApp cannot be reached: {error}")),
        Sent::Perhaps => SendError::Uncertain(format!("{error}; WhatsApp may have sent it all the same")),
    }
}

/// What a failed upload means: no message left, whatever became of the file.
pub(super) fn not_uploaded(error: CallError) -> SendError {
    match unsent(error) {
        SendError::Uncertain(why) => SendError::NotSent(format!("the file could not be handed over: {why}")),
        other => other,
    }
}

/// What a failed look at the account means.
pub(super) fn trouble(error: CallError) -> ReceiveError {
    let told = match error {
        CallError::Broken(error) => return ReceiveError::Unavailable(format!("WhatsApp cannot be reached: {error}")),
        CallError::Told(told) => told,
    };
    match told.code {
        None if told.status == 429 => ReceiveError::Wait(told.retry_after.unwrap_or(Span::secs(5))),
        None => ReceiveError::NeedsAttention("no Graph API answers at this address: check the channel's api-base".to_owned()),
        Some(code) => match meaning(code, told.subcode) {
            Meaning::Pace(rest) => ReceiveError::Wait(told.retry_after.unwrap_or(rest)),
            Meaning::Account => ReceiveError::NeedsAttention(explain(code, &told.words)),
            Meaning::Never if code == 100 || code == 803 => {
                let details = &told.words;
                ReceiveError::NeedsAttention(format!("Meta does not know this id, or the token may not see it ({details}; code {code})"))
            }
            _ => ReceiveError::Unavailable(explain(code, &told.words)),
        },
    }
}

/// What a failed look for a file means.
pub(super) fn unfetched(error: CallError) -> FetchError {
    match error {
        CallError::Broken(error) => crate::channel::file::unavailable(&error),
        // The id is unknown or has expired.
        CallError::Told(Told { code: Some(100 | 131_052), words, .. }) => {
            FetchError::Gone(format!("WhatsApp no longer has this file: {words}"))
        }
        CallError::Told(told) => FetchError::Unavailable(format!("WhatsApp did not tell where the file is: {}", told.words)),
    }
}
