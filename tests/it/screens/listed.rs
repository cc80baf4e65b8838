//! Lists as a store would answer them, over rows in memory.

use frontdesk::domain::conversation::{Counts, ListKey, Status, Summary, Tab};
use frontdesk::domain::list::{Listing, Page, Sort};
use frontdesk::domain::time::Timestamp;

use super::desk::ME;

/// A page of a list, and whether there are more rows beyond it.
pub fn page(all: &[Summary], listing: &Listing, page: Page, limit: usize) -> (Vec<Summary>, bool) {
    let mut rows: Vec<Summary> = all.iter().filter(|row| is_in(row, listing.tab) && passes(row, listing)).cloned().collect();
    for row in &mut rows {
        row.rank = rank(row, listing);
    }
    rows.sort_by_key(|row| std::cmp::Reverse((row.rank, row.id)));
    let place = |key: ListKey| (key.rank, key.id);
    let (mut page, mut up) = (page, false);
    if let Page::Unread { from, down } = page {
        let mut unread: Vec<ListKey> = rows.iter().filter(|row| row.unread > 0).map(Summary::key).collect();
        unread.retain(|key| if down { place(*key) < place(from) } else { place(*key) > place(from) });
        match if down { unread.first() } else { unread.last() } {
            Some(key) => page = Page::After(key.or_above()),
            None => rows.clear(),
        }
    }
    match page {
        Page::Top | Page::Unread { .. } => {}
        Page::End => up = true,
        Page::After(key) => rows.retain(|row| place(row.key()) < place(key)),
        Page::Before(key) => {
            up = true;
            rows.retain(|row| place(row.key()) > place(key));
        }
    }
    let more = rows.len() > limit;
    if up {
        rows.drain(..rows.len().saturating_sub(limit));
    } else {
        rows.truncate(limit);
    }
    (rows, more)
}

/// What each list holds.
pub fn counts(all: &[Summary]) -> Counts {
    let count = |tab| all.iter().filter(|row| is_in(row, tab)).count() as u64;
    let unread = |tab| all.iter().filter(|row| is_in(row, tab) && row.unread > 0).count() as u64;
    Counts {
        mine: count(Tab::Mine),
        unassigned: count(Tab::Unassigned),
        all: count(Tab::All),
        unattended: count(Tab::Unattended),
        unread: unread(Tab::All),
        unread_mine: unread(Tab::Mine),
        snoozed: count(Tab::Snoozed),
        resolved: count(Tab::Resolved),
        spam: count(Tab::Spam),
        drafts: count(Tab::Drafts),
    }
}

fn is_in(row: &Summary, tab: Tab) -> bool {
    let open = row.status == Status::Open;
    match tab {
        Tab::Mine => open && row.assignee == Some(ME),
        Tab::Unassigned => open && row.assignee.is_none(),
        Tab::All => open,
        Tab::Unattended => open && row.waiting_since.is_some(),
        Tab::Resolved => row.status == Status::Resolved,
        Tab::Snoozed => row.status == Status::Snoozed || row.scheduled.is_some(),
        Tab::Spam => row.status == Status::Spam,
        Tab::Drafts => row.draft.is_some(),
    }
}

/// As the store ranks.
fn rank(row: &Summary, listing: &Listing) -> i64 {
    let ranked = |at: Option<Timestamp>| at.map_or(row.last_at.0 - 9_000_000_000_000_000_000, |at| -at.0);
    match (listing.tab, listing.sort) {
        (Tab::Snoozed, _) => ranked(row.snoozed_until.or(row.scheduled)),
        (tab, Sort::Waiting) if tab.has_sort() => ranked(row.waiting_since),
        _ => row.last_at.0,
    }
}

/// The part of a filter that these tests use.
fn passes(row: &Summary, listing: &Listing) -> bool {
    let filter = &listing.filter;
    let named = filter.words.iter().all(|word| row.name.to_lowercase().contains(word));
    let labelled = filter.label.as_ref().is_none_or(|label| row.labels.iter().any(|name| name.to_lowercase().starts_with(label)));
    named && labelled && (!filter.unread || row.unread > 0)
}
