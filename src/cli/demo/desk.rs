//! A desk that is worked at by several, on a database that was empty.

use crate::cli::context::Context;
use crate::domain::act::{Act, MOST, Step};
use crate::domain::canned::Canned;
use crate::domain::conversation::{Priority, Status, Tab};
use crate::domain::id::AgentId;
use crate::domain::time::Span;
use crate::simulator::history::AGENTS;
use crate::store::Store;

/// Words that are ready.
const CANNED: [(&str, &str); 4] = [
    ("hours", "We are open every day from 7:00 to 23:00."),
    ("prices", "Hi {{first_name}}, a court is 24 an hour until noon and 32 after; rackets are free to borrow."),
    ("booked", "Done, {{first_name}}: court {{court}} is yours on {{day}}. See you then!"),
    ("thanks", "Thank you, {{first_name}}. Anything else, just write.\n{{agent}}, Harbour Courts"),
];

/// What is older than thirty hours was seen, and mostly resolved; some conversations are the agent's own or a
/// colleague's, some have labels, and there are words to answer with.
pub(super) async fn tidy(cx: &Context, store: &Store) -> crate::store::Result<()> {
    let mut colleagues = Vec::new();
    for name in AGENTS {
        colleagues.push((store.ensure_agent(cx.workspace, name).await?, name.to_owned()));
    }
    let canned: Vec<Canned> =
        CANNED.into_iter().map(|(shortcut, text)| Canned { shortcut: shortcut.to_owned(), text: text.to_owned() }).collect();
    store.change_canned(cx.workspace, cx.agent, None, &canned).await?;
    let mut conn = store.read().await?;
    let (rows, _) = store.list(&mut conn, cx.workspace, cx.agent, Tab::All, None, 10_000).await?;
    drop(conn);
    let then = store.now().minus(Span::hours(30));
    let mut steps = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        let old = row.last_at < then;
        if old {
            store.set_unread(cx.workspace, cx.agent, row.id, false).await?;
        }
        steps.extend(state_of(place, old, (cx.agent, &colleagues)).into_iter().map(|act| Step::new(row.id, act)));
    }
    for steps in steps.chunks(MOST) {
        store.act(cx.workspace, cx.agent, steps).await?;
    }
    Ok(())
}

/// What was decided about the conversation at this place of the list.
fn state_of(place: usize, old: bool, (me, colleagues): (AgentId, &[(AgentId, String)])) -> Vec<Act> {
    if old && !place.is_multiple_of(4) {
        return vec![Act::Status(Status::Resolved, None)];
    }
    let mut acts = Vec::new();
    match place % 4 {
        1 => acts.push(Act::Assign(Some((me, String::new())))),
        3 => acts.extend(colleagues.get(place / 4 % colleagues.len().max(1)).cloned().map(|agent| Act::Assign(Some(agent)))),
        _ => {}
    }
    if place % 5 == 2 {
        acts.push(Act::Label("regular".to_owned(), true));
    }
    if place % 7 == 4 {
        acts.push(Act::Priority(Priority::High));
    }
    acts
}
