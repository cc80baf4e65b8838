//! What is told beyond the screen: the title of the terminal's window, and that a customer wrote. Neither ever holds a word or the name of a
//! customer: both outlive the session in places we do not know.

use std::collections::BTreeMap;

use super::effect::{Effect, Query};
use super::{App, Cx};
use crate::domain::conversation::Summary;
use crate::domain::id::ChannelId;
use crate::domain::text::Safe;
use crate::domain::time::{Span, Timestamp};

/// A person is called at most so often.
const PAUSE: Span = Span::secs(5);
/// How many of the newest conversations are looked at for what is new.
pub const NEWEST: u32 = 20;

/// What was told, so that nothing is told twice.
#[derive(Debug, Default)]
pub(crate) struct News {
    /// When the screen began: what was written before is not news.
    began: Option<Timestamp>,
    /// The newest message of a customer on each channel that is known here.
    heard: BTreeMap<ChannelId, Timestamp>,
    called: Option<Timestamp>,
    title: Option<Safe>,
}

impl News {
    /// What was written before is not news. Providers tell whole seconds: what comes in the second that has begun looks older than it is.
    pub(super) fn begin(&mut self, now: Timestamp) {
        self.began = Some(Timestamp(now.0 - now.0.rem_euclid(1_000_000) - 1));
        self.heard.clear();
    }
}

impl App {
    /// Looks for messages of customers, if anybody wants to be called.
    pub(super) fn load_news(&mut self) {
        let notify = self.setup.notify;
        if notify.calls() && !(notify.only_unfocused && self.window_focused) {
            self.refresh(Query::News);
        }
    }

    /// The person looks elsewhere from now on: what was written before was there to be seen.
    pub(super) fn look_away(&mut self, cx: &Cx) {
        self.news.begin(cx.now);
        for summary in self.list.rows.iter().map(|row| &row.summary) {
            let Some(at) = summary.last_inbound_at else { continue };
            let heard = self.news.heard.entry(summary.channel).or_insert(at);
            *heard = at.max(*heard);
        }
    }

    /// The newest conversations: calls the person when a customer wrote something that is not being read.
    pub(super) fn tell_news(&mut self, newest: &[Summary], cx: &Cx) {
        let notify = self.setup.notify;
        let (mut providers, mut count) = (Vec::new(), 0_usize);
        let before = self.news.heard.clone();
        for summary in newest {
            let Some(at) = summary.last_inbound_at else { continue };
            let heard = before.get(&summary.channel).copied().max(self.news.began).unwrap_or(cx.now);
            let latest = self.news.heard.entry(summary.channel).or_insert(heard);
            *latest = (*latest).max(at);
            let mine = summary.assignee == Some(cx.agent);
            if at <= heard || summary.unread == 0 || (notify.only_mine && !mine) || self.is_being_read(summary) {
                continue;
            }
            count += 1;
            let title = self.provider(&summary.provider).map(|provider| provider.title);
            providers.extend(title.filter(|title| !providers.contains(title)));
        }
        let unwanted = self.window_focused && notify.only_unfocused;
        let too_soon = self.news.called.is_some_and(|called| cx.now < called.plus(PAUSE));
        if count == 0 || unwanted || too_soon {
            return;
        }
        self.news.called = Some(cx.now);
        let place = providers.join(", ");
        let text = if count == 1 { format!("New message: {place}") } else { format!("New messages in {count} conversations: {place}") };
        self.effect(Effect::Call { text: Safe::line(&text), bell: notify.bell, desktop: notify.desktop });
    }

    /// Somebody came to a line in which nobody was.
    pub(super) fn call_to_queue(&mut self, cx: &Cx) {
        let notify = self.setup.notify;
        let unwanted = (self.window_focused && notify.only_unfocused) || (notify.only_mine && self.queue.desk().is_none());
        let too_soon = self.news.called.is_some_and(|called| cx.now < called.plus(PAUSE));
        if !notify.calls() || unwanted || too_soon {
            return;
        }
        self.news.called = Some(cx.now);
        self.effect(Effect::Call { text: Safe::lit("Somebody waits in the queue"), bell: notify.bell, desktop: notify.desktop });
    }

    /// The title says how many customers wait for an answer; it is set when that changes.
    pub(super) fn tell_title(&mut self) {
        let waiting = self.list.counts.unattended;
        let title = Safe::line(&if waiting == 0 { "frontdesk".to_owned() } else { format!("frontdesk ({waiting})") });
        if self.news.title.as_ref() != Some(&title) {
            self.news.title = Some(title.clone());
            self.effect(Effect::Title(title));
        }
    }

    /// Somebody looks at it now: it is open and on the screen, in a window that has the focus.
    fn is_being_read(&self, summary: &Summary) -> bool {
        let open = self.thread.as_ref().is_some_and(|thread| thread.id == summary.id);
        open && self.window_focused && !self.layout().thread.is_empty()
    }
}
