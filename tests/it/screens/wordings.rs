//! Our own message templates: read by everybody, written by who may, seen with sample data while they are written.

use frontdesk::app::effect::{WordingPage, Write};
use frontdesk::domain::template::{Category, Status, Template};
use frontdesk::domain::wording::{Kind, StandIn, Wording};

use super::desk::Desk;

const SMALL: (u16, u16) = (80, 24);

fn wording(name: &str, language: &str, kind: Kind, text: &str) -> Wording {
    Wording { name: name.to_owned(), language: language.to_owned(), kind, text: text.to_owned(), ..Wording::default() }
}

/// A desk with two templates of its own and one of a provider, the list open, and keys.
fn with(may_edit: bool, keys: &str) -> Desk {
    let mut desk = Desk::open(SMALL);
    let stand_in = Some(StandIn { name: "your_turn".to_owned(), fills: Vec::new() });
    let own = vec![
        Wording { stand_in, ..wording("called", "id", Kind::WhatsApp, "{{contactName}}, giliran {{ticketNumber}}.") },
        Wording { title: "Next".to_owned(), ..wording("called", "en", Kind::Push, "{{ticketNumber}}, please come") },
    ];
    let theirs = Template {
        name: "autumn_offer".to_owned(),
        language: "en".to_owned(),
        category: Category::Marketing,
        status: Status::Rejected,
        reason: "it promises too much".to_owned(),
        body: "Half price until {{1}}.".to_owned(),
        ..Template::default()
    };
    desk.wordings = WordingPage { own, provider: vec![("Shop".to_owned(), theirs)], may_edit };
    desk.keys(&format!(": 'templates' enter {keys}"));
    desk
}

fn kept(desk: &Desk) -> Option<&Wording> {
    desk.writes.iter().rev().find_map(|write| match write {
        Write::Wording { keep, .. } => keep.as_ref(),
        _ => None,
    })
}

#[test]
fn our_own_templates_stand_above_the_providers_with_a_preview() {
    insta::assert_snapshot!("our_own_templates_are_seen_with_sample_data", with(true, "").screen());
    with(true, "").shows("Leila, giliran SER-051.").shows("while the window is closed: the template your_turn");
    with(true, "j").shows("Next").shows("SER-051, please come");
    with(true, "j j").shows("autumn_offer · rejected: it promises too much").shows("Half price until {{1}}.");
}

#[test]
fn a_template_is_written_and_changed_by_who_may() {
    let desk = with(true, "enter end '!' ctrl-x");
    desk.shows("called is kept");
    assert_eq!(kept(&desk).unwrap().text, "{{contactName}}, giliran {{ticketNumber}}.!");
    assert!(kept(&desk).unwrap().stand_in.is_some(), "what stands in for it is kept with it");
}

#[test]
fn a_push_notice_has_a_title_and_space_turns_the_kind() {
    let desk = with(true, "C 'ready' tab 'en' tab space tab 'Ready' tab 'Come in' ctrl-x");
    let kept = kept(&desk).expect("it is kept");
    assert_eq!((kept.kind, kept.title.as_str(), kept.text.as_str()), (Kind::Push, "Ready", "Come in"));
}

#[test]
fn t_02_a_variable_that_does_not_exist_is_refused_with_the_one_that_was_meant() {
    let desk = with(true, "C 'ready' tab 'en' tab tab 'No {{ticketNumer}}' ctrl-x");
    desk.shows("{{ticketNumer}} is no variable: did you mean {{ticketNumber}}?");
    assert!(kept(&desk).is_none());
    insta::assert_snapshot!("an_unknown_variable_is_told_where_it_was_typed", desk.screen());
}

#[test]
fn a_template_takes_no_other_ones_place() {
    with(true, "C 'called' tab 'id' tab tab 'x' ctrl-x").shows("there is a called in id already");
}

#[test]
fn members_read_and_are_told_why_they_cannot_write() {
    for keys in ["C", "w", "x", "enter"] {
        let desk = with(false, keys);
        desk.shows("Only owners and admins change what everybody says").shows("Leila, giliran SER-051.");
        assert!(kept(&desk).is_none());
    }
    with(true, "j j w").shows("The provider's templates are changed in its own console");
}

#[test]
fn a_removed_template_comes_back_by_undo() {
    let mut desk = with(true, "x");
    assert_eq!(desk.wordings.own.len(), 1);
    desk.keys("z").shows("Undone: the template is as it was");
    assert_eq!(desk.wordings.own.len(), 2);
}
