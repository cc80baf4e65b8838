//! Bulk sends: what will happen before one begins, and how each goes on.

use crate::app::effect::BulkProgress;
use crate::domain::bulk::{Fate, Forecast};
use crate::domain::id::{BulkId, ChannelId};
use crate::domain::template::Template;
use crate::domain::time::{Span, Timestamp};

use crate::app::effect::BulkPerson;

/// What is asked before a bulk send begins.
#[derive(Debug)]
pub struct BulkAsk {
    /// The account it goes out on.
    pub channel: ChannelId,
    /// The template.
    pub template: Template,
    /// Who is to get it.
    pub people: Vec<BulkPerson>,
    /// Who does not, by reason, as far as the screen knows.
    pub left: Vec<(String, u64)>,
    /// What the store says will happen; nothing until it was asked.
    pub forecast: Option<Forecast>,
    /// Why it could not be begun.
    pub problem: Option<String>,
}

/// The list of bulk sends.
#[derive(Debug, Default)]
pub struct BulkList {
    /// The newest first; nothing until they were read.
    pub bulks: Option<Vec<BulkProgress>>,
    /// The selected one.
    pub selected: usize,
    /// How many were tried when each was first seen here, and when: its rate is counted from then.
    seen: Vec<(BulkId, u64, Timestamp)>,
}

impl BulkAsk {
    /// Who does not get it, by reason.
    pub fn skipped(&self) -> Vec<(String, u64)> {
        let told = self.forecast.iter().flat_map(|forecast| forecast.skipped.iter().cloned());
        self.left.iter().cloned().chain(told).collect()
    }
}

impl BulkList {
    /// They were read (again).
    pub fn take(&mut self, bulks: Vec<BulkProgress>, now: Timestamp) {
        for one in &bulks {
            if !self.seen.iter().any(|(id, ..)| *id == one.bulk.id) {
                self.seen.push((one.bulk.id, one.done(), now));
            }
        }
        self.selected = self.selected.min(bulks.len().saturating_sub(1));
        self.bulks = Some(bulks);
    }

    /// The selected one.
    pub fn chosen(&self) -> Option<&BulkProgress> {
        self.bulks.as_ref()?.get(self.selected)
    }

    /// How many leave in a minute, and how long the rest takes at that rate; nothing while too little was seen.
    pub fn pace(&self, one: &BulkProgress, now: Timestamp) -> Option<(u64, Span)> {
        let (_, done, at) = self.seen.iter().find(|(id, ..)| *id == one.bulk.id)?;
        let (more, took) = (one.done().checked_sub(*done).filter(|more| *more > 0)?, now.since(*at).0);
        if took < 1_000_000 {
            return None;
        }
        let each = took / more as i64;
        Some(((60_000_000 / each.max(1)) as u64, Span(each.saturating_mul(one.counts.ahead() as i64))))
    }
}

impl BulkProgress {
    /// How many have nothing ahead of them any more.
    pub fn done(&self) -> u64 {
        self.counts.total() - self.counts.ahead()
    }

    /// How many of each fate that somebody has.
    pub fn fates(&self) -> impl Iterator<Item = (Fate, u64)> {
        Fate::ALL.into_iter().map(|fate| (fate, self.counts.of(fate))).filter(|(_, count)| *count > 0)
    }
}
