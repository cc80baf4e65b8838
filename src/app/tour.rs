//! The first-run tour: a strip that names five keys and `?`, and ticks each off when it was used. It teaches on the person's own work, asks for
//! nothing, and never comes back by itself.

use super::answers::Awaited;
use super::effect::Write;
use super::{App, Cx};

/// What the strip names, in its order.
pub const STEPS: [Step; 6] = [
    Step { word: "move", key: "move.down", by: &["move.down", "move.up", "move.top", "move.bottom", "move.page_down", "move.page_up"] },
    Step { word: "open", key: "open", by: &["open"] },
    Step { word: "reply", key: "conversation.reply", by: &["compose.send"] },
    Step { word: "resolve", key: "conversation.resolve", by: &["conversation.resolve"] },
    Step { word: "undo", key: "undo", by: &["undo"] },
    Step { word: "all keys", key: "help", by: &["help"] },
];

/// One thing to have done once.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// What the strip calls it.
    pub word: &'static str,
    /// The command whose key it shows.
    pub key: &'static str,
    /// The commands that tick it off.
    by: &'static [&'static str],
}

/// How far a person is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tour {
    /// Which of the steps were done.
    pub done: [bool; STEPS.len()],
}

impl Tour {
    /// The step to do next.
    pub fn next(&self) -> Option<usize> {
        self.done.iter().position(|done| !done)
    }
}

impl App {
    /// A command ran: the tour ticks it off, and ends with the last step.
    pub(super) fn tick_tour(&mut self, command: &str, cx: &Cx) {
        let Some(tour) = &mut self.tour else { return };
        for (done, step) in tour.done.iter_mut().zip(STEPS) {
            *done |= step.by.contains(&command);
        }
        if tour.next().is_none() {
            self.end_tour();
            let [palette, tour] = ["palette", "tour"].map(|name| self.keymap.first_key(name));
            self.say(&format!("That was the tour. {palette} finds everything else; {tour} shows this again"), cx);
        }
    }

    /// Begins the tour again.
    pub(crate) fn begin_tour(&mut self) {
        self.tour = Some(Tour::default());
    }

    /// Ends the tour for good.
    pub(crate) fn end_tour(&mut self) {
        self.tour = None;
        self.write(Write::EndTour, Awaited::Nothing);
    }
}
