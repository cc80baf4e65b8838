//! The composer: the reply and the note of one conversation, each with its draft, and the words of a sent message being changed.

use crate::app::attach::Attached;
use crate::app::effect::Mode;
use crate::app::field::{Field, View};
use crate::domain::id::MessageId;
use crate::domain::split;
use crate::domain::text::Safe;
use crate::domain::time::{Span, Timestamp};

/// A draft is stored when nobody has typed for so long,
const SAVE_AFTER: Span = Span::millis(700);
/// and while somebody types without a pause, so often.
const SAVE_AT_LATEST: Span = Span::secs(4);
/// A draft that could not be stored is tried again after so long.
const SAVE_AGAIN: Span = Span::secs(5);
/// Sent texts that can be brought back.
const WRITTEN: usize = 50;
/// The customer is shown that somebody types at most so often.
const TYPING_EVERY: Span = Span::secs(5);

/// The composer's state.
#[derive(Debug, Default)]
pub struct Composer {
    /// Which text is shown.
    pub mode: Mode,
    /// Since when this text is written; none while nothing is.
    pub since: Option<Timestamp>,
    edit: Option<Edit>,
    /// For how many columns and which limit the rows were made; none when the text has changed since.
    wrapped: Option<(usize, Option<usize>)>,
    /// The message the reply answers, and its first words.
    pub quote: Option<Quote>,
    /// Files that go with the reply.
    pub files: Vec<Attached>,
    /// The shown text's rows.
    pub view: View,
    /// The shown text against the channel's limit; none for notes.
    pub count: Option<Count>,
    reply: Draft,
    note: Draft,
    restored: bool,
    typing_at: Option<Timestamp>,
    recalled: Option<Recalled>,
}

/// A message that is answered, and its first words.
pub type Quote = (MessageId, Safe);

/// What goes with a reply besides its words.
#[derive(Clone, Debug, Default)]
pub struct Along {
    /// Files.
    pub files: Vec<Attached>,
    /// The message it answers.
    pub quote: Option<Quote>,
}

/// An earlier text that is shown instead of what was typed.
#[derive(Debug)]
struct Recalled {
    mode: Mode,
    /// How many texts back.
    back: usize,
    /// What was typed.
    typed: String,
}

/// What was sent from this screen, the newest last: brought back by the keys that go up.
#[derive(Debug, Default)]
pub struct Written {
    replies: Vec<String>,
    notes: Vec<String>,
}

/// The words of a sent message being changed.
#[derive(Debug)]
struct Edit {
    message: MessageId,
    field: Field,
}

/// A text that is kept.
#[derive(Debug, Default)]
struct Draft {
    field: Field,
    /// When it has to be stored, if it is not.
    save_at: Option<Timestamp>,
    /// The latest time for that, however long somebody types.
    save_by: Option<Timestamp>,
    /// The last try to store it failed.
    failed: bool,
    /// The key under which it is sent once.
    key: String,
    typed: bool,
}

/// How a text compares with what the channel takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// Its length in the provider's units.
    pub used: usize,
    /// The longest one message may be.
    pub limit: usize,
    /// How many messages it needs.
    pub messages: usize,
}

impl Composer {
    /// The text that is shown.
    pub fn field(&self) -> &Field {
        match (&self.edit, self.mode) {
            (Some(edit), _) => &edit.field,
            (None, Mode::Reply) => &self.reply.field,
            (None, Mode::Note) => &self.note.field,
        }
    }

    /// Nothing is written and no file attached.
    pub fn is_empty(&self) -> bool {
        self.field().is_blank() && (self.shows_note() || self.files.is_empty())
    }

    /// The rows it takes: the text's, and one for the files.
    pub fn rows(&self) -> usize {
        self.view.rows.len() + usize::from(self.shows_files())
    }

    /// The files are shown: they go with replies only.
    pub fn shows_files(&self) -> bool {
        !self.files.is_empty() && !self.shows_note()
    }

    /// A note is written, which only colleagues can read.
    pub fn is_note(&self) -> bool {
        self.mode == Mode::Note && !self.is_editing()
    }

    fn shows_note(&self) -> bool {
        self.mode == Mode::Note || self.edit.is_some()
    }

    /// The text of a mode.
    pub fn text(&self, mode: Mode) -> String {
        self.draft(mode).field.text()
    }

    /// A sent message's words are being changed, and are shown instead of the drafts.
    pub const fn is_editing(&self) -> bool {
        self.edit.is_some()
    }

    /// Shows a sent message's words to be changed.
    pub fn begin_edit(&mut self, message: MessageId, text: &str) {
        self.edit = Some(Edit { message, field: Field::of(text) });
        self.wrapped = None;
    }

    /// Shows the drafts again; gives the message and its new words.
    pub fn end_edit(&mut self) -> Option<(MessageId, String)> {
        self.wrapped = None;
        self.edit.take().map(|edit| (edit.message, edit.field.text()))
    }

    /// Changes the shown text; a draft is then due to be stored. Says whether it changed.
    pub fn change(&mut self, now: Timestamp, change: impl FnOnce(&mut Field) -> bool) -> bool {
        self.wrapped = None;
        if let Some(edit) = &mut self.edit {
            return change(&mut edit.field);
        }
        let mode = self.mode;
        let draft = self.draft_mut(mode);
        let changed = change(&mut draft.field);
        if changed {
            draft.typed = true;
            draft.save_soon(now);
            self.recalled = None;
        }
        changed
    }

    /// Shows the text that was sent before (or after) the one that is shown, when the cursor cannot go further up (or down); what was typed
    /// comes back after the last of them. Says whether anything was to be shown.
    pub fn recall(&mut self, older: bool, written: &Written, now: Timestamp) -> bool {
        let mode = self.mode;
        let texts = written.of(mode);
        let back = self.recalled.as_ref().filter(|recalled| recalled.mode == mode).map_or(0, |recalled| recalled.back);
        let to = if older { back + 1 } else { back.saturating_sub(1) };
        // Going up in a text of one's own does not put it away: only an empty field, or one that shows an earlier text, goes on to the next.
        if self.edit.is_some() || to == back || to > texts.len() || (back == 0 && !self.field().is_blank()) {
            return false;
        }
        let typed = self.recalled.take().filter(|recalled| recalled.mode == mode).map_or_else(|| self.field().text(), |kept| kept.typed);
        let text = if to == 0 { typed.clone() } else { texts.iter().rev().nth(to - 1).cloned().unwrap_or_default() };
        self.change(now, |field| {
            field.replace(&text);
            true
        });
        self.recalled = (to > 0).then_some(Recalled { mode, back: to, typed });
        true
    }

    /// The cursor cannot go further up (or down) in the shown text.
    pub fn is_at_edge(&self, up: bool) -> bool {
        self.field().is_at_edge(up)
    }

    /// A draft could not be stored: it is tried again.
    pub fn save_failed(&mut self, mode: Mode, now: Timestamp) {
        let draft = self.draft_mut(mode);
        draft.failed = true;
        draft.save_at = draft.save_at.or(Some(now.plus(SAVE_AGAIN)));
    }

    /// A draft was stored.
    pub fn saved(&mut self, mode: Mode) {
        self.draft_mut(mode).failed = false;
    }

    /// Empties a draft and gives its words.
    pub fn discard(&mut self, mode: Mode) -> String {
        self.wrapped = None;
        let draft = self.draft_mut(mode);
        let text = draft.field.text();
        *draft = Draft { typed: true, ..Draft::default() };
        text
    }

    /// Shows a mode and makes its key, if it has none yet.
    pub fn show(&mut self, mode: Mode, unique: i64, now: Timestamp) {
        self.since = self.since.or(Some(now));
        self.edit = None;
        self.wrapped = None;
        self.mode = mode;
        let draft = self.draft_mut(mode);
        if draft.key.is_empty() {
            draft.key = new_key(unique);
        }
    }

    /// Takes the shown text to send it: its key and its words. The field is empty then and has a new key.
    pub fn take(&mut self, unique: i64) -> (String, String) {
        let mode = self.mode;
        let draft = self.draft_mut(mode);
        let text = draft.field.text();
        let key = if draft.key.is_empty() { new_key(unique) } else { std::mem::take(&mut draft.key) };
        *draft = Draft { key: String::new(), typed: true, ..Draft::default() };
        self.wrapped = None;
        self.typing_at = None;
        self.recalled = None;
        self.since = None;
        (key, text)
    }

    /// What goes with the shown text, to send it.
    pub fn take_along(&mut self) -> Along {
        let quote = self.quote.take();
        Along { files: if self.shows_note() { Vec::new() } else { std::mem::take(&mut self.files) }, quote }
    }

    /// Puts back what went with a reply that was not sent, before what was chosen since.
    pub fn put_along(&mut self, along: Along) {
        self.files.retain(|file| !along.files.contains(file));
        self.files.splice(0..0, along.files);
        self.quote = self.quote.take().or(along.quote);
    }

    /// Puts a text back that was not sent, before what was typed since.
    pub fn put_back(&mut self, mode: Mode, text: &str, now: Timestamp) {
        if text.trim().is_empty() {
            return;
        }
        let draft = self.draft_mut(mode);
        let typed = draft.field.text();
        let text = if typed.trim().is_empty() { text.to_owned() } else { format!("{text}\n{typed}") };
        draft.field = Field::of(&text);
        draft.save_soon(now);
        self.wrapped = None;
    }

    /// Takes the stored drafts, the first time a thread is read. What was typed before they came stays, after them.
    pub fn restore(&mut self, reply: &str, note: &str, now: Timestamp) {
        if std::mem::replace(&mut self.restored, true) {
            return;
        }
        self.wrapped = None;
        for (mode, text) in [(Mode::Reply, reply), (Mode::Note, note)] {
            let draft = self.draft_mut(mode);
            if text.is_empty() {
                continue;
            }
            if draft.typed {
                self.put_back(mode, text, now);
            } else {
                draft.field = Field::of(text);
            }
        }
    }

    /// When a draft has to be stored next.
    pub fn save_at(&self) -> Option<Timestamp> {
        [self.reply.save_at, self.note.save_at].into_iter().flatten().min()
    }

    /// The drafts that are due to be stored by `until`; they count as stored.
    pub fn unsaved(&mut self, until: Timestamp) -> Vec<(Mode, String)> {
        let mut out = Vec::new();
        for mode in [Mode::Reply, Mode::Note] {
            let draft = self.draft_mut(mode);
            if draft.save_at.is_some_and(|at| at <= until) {
                (draft.save_at, draft.save_by) = (None, None);
                out.push((mode, draft.field.text()));
            }
        }
        out
    }

    /// Whether the shown draft could not be stored.
    pub fn is_unsaved(&self) -> bool {
        self.edit.is_none() && self.draft(self.mode).failed
    }

    /// Whether it is time to show the customer that somebody types.
    pub fn typing(&mut self, now: Timestamp) -> bool {
        let due = self.typing_at.is_none_or(|at| now.since(at) >= TYPING_EVERY);
        let due = due && self.mode == Mode::Reply && self.edit.is_none() && !self.reply.field.is_blank();
        if due {
            self.typing_at = Some(now);
        }
        due
    }

    fn measure(&self, limit: usize) -> Option<Count> {
        if self.mode == Mode::Note && self.edit.is_none() {
            return None;
        }
        let text = self.field().text();
        let used = split::units(&text);
        let messages = if used <= limit { 1 } else { split::split(&text, limit).len() };
        Some(Count { used, limit, messages })
    }

    /// Breaks the shown text into rows of `width` columns and holds it against the channel's limit, unless that is done.
    pub fn wrap(&mut self, width: usize, limit: Option<usize>) {
        if self.wrapped == Some((width, limit)) {
            return;
        }
        self.wrapped = Some((width, limit));
        let mode = self.mode;
        match &mut self.edit {
            Some(edit) => edit.field.set_width(width),
            None => self.draft_mut(mode).field.set_width(width),
        }
        self.view = self.field().view(width);
        self.count = limit.and_then(|limit| self.measure(limit));
    }

    fn draft(&self, mode: Mode) -> &Draft {
        match mode {
            Mode::Reply => &self.reply,
            Mode::Note => &self.note,
        }
    }

    fn draft_mut(&mut self, mode: Mode) -> &mut Draft {
        match mode {
            Mode::Reply => &mut self.reply,
            Mode::Note => &mut self.note,
        }
    }
}

impl Draft {
    fn save_soon(&mut self, now: Timestamp) {
        let latest = *self.save_by.get_or_insert(now.plus(SAVE_AT_LATEST));
        self.save_at = Some(now.plus(SAVE_AFTER).min(latest));
    }
}

impl Written {
    /// Keeps a text that was sent.
    pub fn add(&mut self, mode: Mode, text: &str) {
        let texts = match mode {
            Mode::Reply => &mut self.replies,
            Mode::Note => &mut self.notes,
        };
        texts.retain(|known| known != text);
        if texts.len() >= WRITTEN {
            texts.remove(0);
        }
        texts.push(text.to_owned());
    }

    fn of(&self, mode: Mode) -> &[String] {
        match mode {
            Mode::Reply => &self.replies,
            Mode::Note => &self.notes,
        }
    }
}

impl Count {
    /// It is worth saying: the text comes near what one message takes, or is longer.
    pub const fn matters(self) -> bool {
        self.used * 5 >= self.limit * 4
    }
}

/// A key that no other reply has.
pub fn new_key(unique: i64) -> String {
    format!("screen-{unique:x}")
}
