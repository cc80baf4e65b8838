//! `search WORDS`: people and messages, over everything that was ever said.

use clap::Args;

use super::context::Context;
use super::failure::{Exit, Failure};
use super::output::Out;
use crate::domain::conversation::Summary;
use crate::domain::message::Direction;
use crate::domain::search::{Hit, Order, Query};
use crate::domain::text::Safe;
use crate::domain::time::age;

/// How many messages are looked for at once.
const PAGE: u32 = 200;
/// How many people are shown at most.
const PEOPLE: usize = 20;

/// What the objects hold, for `--help`.
const FIELDS: &str = "People come first, then messages, the newest first. The last word may be a beginning; case and accents do not count; \
    whatever stands between letters and digits only separates words.\n\n\
    With --json each is one object. found is \"person\": id (the number other commands take), name, handle, provider, status, last_at. found is \
    \"message\": id (of its conversation), message, name, provider, direction, author, excerpt, at. Times are UTC (RFC 3339).";

/// What to look for.
#[derive(Args, Debug)]
#[command(after_help = FIELDS)]
pub struct Search {
    /// The words; all of them must be there
    #[arg(required = true, value_name = "WORDS")]
    words: Vec<String>,
    /// Messages in which the words weigh most first, instead of the newest
    #[arg(long)]
    best: bool,
    /// At most so many messages
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
}

impl Search {
    /// Prints what was found.
    pub async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        let query = Query::of(&self.words.join(" "));
        if query.is_empty() {
            return Err(Failure::new(Exit::Usage, "nothing to look for: give at least one letter or digit"));
        }
        let people = cx.store.find_people(cx.workspace, cx.agent, &query, PEOPLE).await?;
        for row in &people {
            out.row(&person(row), || person_line(cx, row))?;
        }
        let order = if self.best { Order::Best } else { Order::Newest };
        let (mut left, mut after, mut nothing) = (self.limit, None, people.is_empty());
        while left > 0 {
            let limit = u32::try_from(left).map_or(PAGE, |left| left.min(PAGE));
            let (hits, more) = cx.store.find_messages(cx.workspace, &query, order, after, limit).await?;
            for hit in &hits {
                out.row(&message(hit), || message_line(cx, hit))?;
            }
            nothing &= hits.is_empty();
            left -= hits.len().min(left);
            after = hits.last().map(|hit| hit.message);
            if !more {
                break;
            }
        }
        if nothing {
            out.aside(&Safe::lit("Nothing holds all of these words. Fewer or shorter words find more."))?;
        }
        Ok(Exit::Ok)
    }
}

fn person(row: &Summary) -> serde_json::Value {
    serde_json::json!({
        "found": "person",
        "id": row.number,
        "name": row.name,
        "handle": row.handle,
        "provider": row.provider,
        "status": row.status.name(),
        "last_at": row.last_at.rfc3339(),
    })
}

fn message(hit: &Hit) -> serde_json::Value {
    serde_json::json!({
        "found": "message",
        "id": hit.number,
        "message": hit.message.0,
        "name": hit.name,
        "provider": hit.provider,
        "direction": hit.direction.name(),
        "author": hit.author,
        "excerpt": hit.excerpt,
        "at": hit.at.rfc3339(),
    })
}

fn person_line(cx: &Context, row: &Summary) -> Safe {
    line(row.number, &row.name, &age(row.last_at, cx.store.now(), cx.zone), &Safe::line(&row.handle))
}

fn message_line(cx: &Context, hit: &Hit) -> Safe {
    let whose = match hit.direction {
        Direction::Out => "you: ",
        Direction::Note => "note: ",
        Direction::In | Direction::System => "",
    };
    line(hit.number, &hit.name, &age(hit.at, cx.store.now(), cx.zone), &Safe::line(&format!("{whose}{}", hit.excerpt)).fit(90))
}

fn line(number: i64, name: &str, age: &str, words: &Safe) -> Safe {
    let name = Safe::line(name).fit(24);
    // Widths are counted in columns, which format! does not know of.
    let gap = " ".repeat(24_usize.saturating_sub(name.width()));
    Safe::line(&format!("{number:>5} {name}{gap} {age:>6}  {words}"))
}
