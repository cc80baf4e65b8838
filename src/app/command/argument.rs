//! What may stand after a command's name on the command line. The palette offers the same choices as rows of their own, so that `rio` finds
//! "Assign to rio" without knowing which command that is.

use super::always_enabled;
use crate::app::{App, Cx};
use crate::domain::act::{Act, same_label};
use crate::domain::conversation::{Priority, Status, Summary, Tab};
use crate::domain::when;

/// What a command takes.
#[derive(Debug)]
pub struct Argument {
    /// How help and documents write it.
    pub shown: &'static str,
    /// What the choices are, several of them: the palette's heading above them.
    pub choices_are: &'static str,
    /// Whether the command can run with one; if not, why, as a sentence without a full stop.
    pub enabled: fn(&App, &Cx) -> Result<(), String>,
    /// What can stand there now.
    pub choices: fn(&App, &Cx) -> Vec<Choice>,
    /// Runs the command with it; or says why not, as a sentence without a full stop.
    pub run: fn(&mut App, &Cx, &str) -> Result<(), String>,
}

/// One thing that can stand there.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// The word, as it is typed.
    pub word: String,
    /// What the palette calls it.
    pub title: String,
    /// More about it, found by its letters too.
    pub about: String,
}

impl Argument {
    /// It is a conversation, found by whose it is.
    pub fn is_of_people(&self) -> bool {
        std::ptr::eq(self, &raw const NUMBER)
    }
}

/// Who is to have the conversation.
pub(super) static ASSIGNEE: Argument = Argument {
    shown: "NAME",
    choices_are: "colleagues",
    enabled: |app, _| app.need_conversation(),
    choices: |app, cx| {
        let agent = |(id, name): &(_, String)| Choice {
            word: name.clone(),
            title: format!("Assign to {name}"),
            about: if *id == cx.agent { "you".to_owned() } else { String::new() },
        };
        let nobody = Choice { word: "nobody".to_owned(), title: "Assign to nobody".to_owned(), about: String::new() };
        app.memory.agents.iter().map(agent).chain([nobody]).collect()
    },
    run: |app, cx, word| {
        if word.eq_ignore_ascii_case("nobody") {
            app.act(Act::Assign(None), cx);
            return Ok(());
        }
        let me = word.eq_ignore_ascii_case("me");
        let found = one_of(&app.memory.agents, word, |(id, name)| if me && *id == cx.agent { "me" } else { name });
        let to = found.cloned().ok_or_else(|| format!("No colleague is called {word}"))?;
        app.act(Act::Assign(Some(to)), cx);
        Ok(())
    },
};

/// How soon somebody should look at it.
pub(super) static PRIORITY: Argument = Argument {
    shown: "none|low|medium|high|urgent",
    choices_are: "priorities",
    enabled: |app, _| app.need_conversation(),
    choices: |_, _| {
        let choice = |priority: &Priority| Choice {
            word: priority.name().to_owned(),
            title: format!("Priority {}", priority.name()),
            about: String::new(),
        };
        Priority::ALL.iter().rev().map(choice).collect()
    },
    run: |app, cx, word| {
        let priority = one_of(&Priority::ALL, word, |priority| priority.name());
        let priority = *priority.ok_or_else(|| format!("{word} is not a priority: urgent, high, medium, low or none"))?;
        app.act(Act::Priority(priority), cx);
        Ok(())
    },
};

/// Until when it is out of sight.
pub(super) static SNOOZE: Argument = Argument {
    shown: "WHEN",
    choices_are: "times to snooze until",
    enabled: |app, _| app.need_conversation(),
    choices: |_, cx| {
        let choice = |word: &str| Choice {
            word: word.to_owned(),
            title: format!("Snooze until {word}"),
            about: when::parse(word, cx.now, cx.zone).map(|at| when::words(at, cx.now, cx.zone)).unwrap_or_default(),
        };
        ["in 1h", "in 3h", "tomorrow", "monday", "in 2 weeks"].into_iter().map(choice).collect()
    },
    run: |app, cx, word| {
        let at = when::parse(word, cx.now, cx.zone).map_err(|refused| refused.words(cx.now, cx.zone))?;
        app.act(Act::Status(Status::Snoozed, Some(at)), cx);
        Ok(())
    },
};

/// A label to put on, or to take off where it is on.
pub(super) static LABEL: Argument = Argument {
    shown: "NAME",
    choices_are: "labels",
    enabled: |app, _| app.need_conversation(),
    choices: |app, _| {
        let choice = |name: &String| Choice { word: name.clone(), title: format!("Label {name}"), about: String::new() };
        app.memory.labels.iter().map(choice).collect()
    },
    run: |app, cx, word| {
        let name = app.memory.labels.iter().find(|label| same_label(label, word)).cloned().unwrap_or_else(|| word.to_owned());
        let on = app.subjects().iter().all(|one| one.labels.iter().any(|label| same_label(label, &name)));
        app.act(Act::Label(name, !on), cx);
        Ok(())
    },
};

/// One of the list's tabs.
pub(super) static TAB: Argument = Argument {
    shown: "NAME",
    choices_are: "tabs",
    enabled: always_enabled,
    choices: |app, _| {
        let choice = |tab: &Tab| Choice {
            word: tab.title().to_lowercase(),
            title: format!("Show {}", tab.title()),
            about: app.list.counts.of(*tab).to_string(),
        };
        Tab::ALL.iter().map(choice).collect()
    },
    run: |app, cx, word| {
        let tab = one_of(&Tab::ALL, word, |tab| tab.title()).ok_or_else(|| format!("There is no tab {word}"))?;
        app.focus_list(cx);
        app.show_tab(*tab);
        Ok(())
    },
};

/// What the list is to show.
pub(super) static FILTER: Argument = Argument {
    shown: "WORDS",
    choices_are: "filters",
    enabled: always_enabled,
    choices: |_, _| {
        let choice = |word: &str| Choice { word: word.to_owned(), title: format!("Only {word}"), about: String::new() };
        ["is:unread", "is:waiting", "is:failed"].into_iter().map(choice).collect()
    },
    run: |app, cx, words| {
        app.focus_list(cx);
        app.set_filter(words);
        Ok(())
    },
};

/// The number people call a conversation by, or the name or address of whom it is with.
pub(super) static NUMBER: Argument = Argument {
    shown: "NUMBER|NAME",
    choices_are: "conversations",
    enabled: always_enabled,
    choices: |app, _| {
        let choice = |summary: &Summary| {
            let handle = if summary.handle == summary.name { "" } else { &summary.handle };
            Choice {
                word: summary.number.to_string(),
                title: if summary.name.trim().is_empty() { summary.handle.clone() } else { summary.name.clone() },
                about: format!("{handle}  #{}", summary.number).trim_start().to_owned(),
            }
        };
        let listed = app.list.rows.iter().map(|row| &row.summary);
        let found = app.memory.people.iter().filter(|found| app.list.find(found.id).is_none());
        listed.chain(found).map(choice).collect()
    },
    run: |app, cx, word| {
        let digits = word.strip_prefix('#').unwrap_or(word);
        let number = digits.parse().map_err(|_| format!("Nobody is found by {word}: type a number, or the beginning of a name"))?;
        app.open_number(number, cx);
        Ok(())
    },
};

/// Whose queue.
pub(super) static VENUE: Argument = Argument {
    shown: "VENUE",
    choices_are: "venues",
    enabled: always_enabled,
    choices: |app, _| {
        let choice = |(_, name): &(_, String)| Choice { word: name.clone(), title: format!("Queue of {name}"), about: String::new() };
        app.queue.venues.iter().map(choice).collect()
    },
    run: |app, cx, word| {
        let found = one_of(&app.queue.venues, word, |(_, name)| name).map(|(id, _)| *id);
        app.go_venue(found.ok_or_else(|| format!("No venue is called {word}"))?, cx);
        Ok(())
    },
};

/// A place on the map.
pub(super) static PLACE: Argument = Argument {
    shown: "NORTH EAST [NAME]",
    choices_are: "places",
    enabled: |app, cx| app.can_send_location(cx),
    choices: |_, _| Vec::new(),
    run: |app, cx, words| app.send_location(words, cx),
};

/// What the screen is painted in.
pub(super) static THEME: Argument = Argument {
    shown: "NAME",
    choices_are: "themes",
    enabled: always_enabled,
    choices: |app, _| {
        let choice = |name: &str| Choice { word: name.to_owned(), title: format!("Theme {name}"), about: String::new() };
        app.theme_names().into_iter().map(choice).collect()
    },
    run: |app, cx, word| {
        let names = app.theme_names();
        let found = one_of(&names, word, |name| name).and_then(|found| names.iter().position(|name| name == found));
        let place = found.ok_or_else(|| format!("There is no theme {word}: {}", names.join(", ")))?;
        app.choose_theme(place as i64, cx);
        Ok(())
    },
};

/// The one that is called so, or the only one whose name begins so.
fn one_of<'a, T>(all: &'a [T], word: &str, name: impl Fn(&T) -> &str) -> Option<&'a T> {
    let word = word.to_lowercase();
    let begins = |one: &&T| name(one).to_lowercase().starts_with(&word);
    let exact = all.iter().find(|one| name(one).to_lowercase() == word);
    let mut found = all.iter().filter(begins);
    exact.or_else(|| found.next().filter(|_| found.next().is_none() && !word.is_empty()))
}
