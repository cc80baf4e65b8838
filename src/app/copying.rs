//! What goes to the terminal's clipboard: a message's words, a link in them, the numbers and addresses people pass on.

use super::effect::Effect;
use super::focus::Focus;
use super::overlay::{Menu, MenuChoice, MenuRow, Overlay};
use super::{App, Cx};
use crate::domain::text::Safe;

/// Columns of a text shown in the menu.
const SHOWN: usize = 26;

impl App {
    /// What can be copied here, each with its letter; the likeliest has the letter that opened the menu, so that `y y` copies it.
    pub(crate) fn copies(&self) -> Vec<(char, &'static str, Safe)> {
        let mut found = Vec::new();
        let mut offer = |letter, title, text: Safe| {
            if !text.as_str().trim().is_empty() {
                found.push((letter, title, text));
            }
        };
        let message = self.selected_message().filter(|_| self.focus == Focus::Thread);
        let subject = self.subject();
        if let Some(message) = message {
            offer('y', "the message", Safe::block(&message.text));
            offer('l', "its link", Safe::line(link(&message.text).unwrap_or_default()));
        }
        if let Some(subject) = subject {
            let letter = if message.is_some() { 'a' } else { 'y' };
            let address = if subject.handle.is_empty() { &subject.name } else { &subject.handle };
            offer(letter, "the customer's address", Safe::line(address));
            offer('n', "the conversation's number", Safe::line(&format!("#{}", subject.number)));
            offer('c', "the customer's name", Safe::line(&subject.name));
        }
        if let Some(message) = message.filter(|message| message.id.0 > 0) {
            offer('i', "the message's id", Safe::line(&message.id.to_string()));
        }
        found
    }

    /// Copies what there is, or asks which of several.
    pub(crate) fn copy(&mut self, cx: &Cx) {
        let mut found = self.copies();
        if let ([_], Some((_, _, text))) = (&found[..], found.first().cloned()) {
            return self.put_on_clipboard(text, cx);
        }
        let row = |(key, title, text): (char, &'static str, Safe)| MenuRow {
            key,
            title: Safe::lit(title),
            detail: Safe::line(text.as_str()).fit(SHOWN),
            choice: MenuChoice::Copy(text),
        };
        self.overlays.push(Overlay::Menu(Menu::new("copy", found.drain(..).map(row).collect())));
    }

    pub(super) fn put_on_clipboard(&mut self, text: Safe, cx: &Cx) {
        self.say("Copied", cx);
        self.effect(Effect::Copy(text));
    }
}

/// The first address of the web in a text, without what only ends the sentence.
fn link(text: &str) -> Option<&str> {
    let at = ["https://", "http://"].into_iter().filter_map(|scheme| text.find(scheme)).min()?;
    let word = text.get(at..)?.split(char::is_whitespace).next()?;
    Some(word.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '}', '>', '"', '\'']))
}

#[cfg(test)]
mod tests {
    use super::link;

    #[test]
    fn a_link_ends_before_what_ends_the_sentence() {
        assert_eq!(link("see (https://example.org/a?b=1)."), Some("https://example.org/a?b=1"));
        assert_eq!(link("http://x.example\nhttps://y.example"), Some("http://x.example"));
        assert_eq!(link("no link"), None);
    }
}
