//! In which words somebody is told something: the workspace's own wording in their language, else the built-in one; and the approved template
//! that stands in for it while their reply window is closed.

use crate::domain::id::WorkspaceId;
use crate::domain::outbound::{Part, Special};
use crate::domain::queue::look::Place;
use crate::domain::queue::said::{Said, Tongue, facts};
use crate::domain::template::{Filled, Status, Template};
use crate::domain::wording::{Facts, Kind, StandIn, Wording, pick};
use crate::store::queue::asks::Party;
use crate::store::replies::Recipient;
use crate::store::{Conn, Error, Result, Store};
use crate::sync::templates::filled;

/// Who is told, and in which language.
#[derive(Clone, Debug)]
pub(super) struct Listener {
    pub workspace: WorkspaceId,
    pub party: Party,
    pub language: String,
}

/// An approved template, filled.
#[derive(Clone, Debug)]
pub(super) struct StandsIn {
    pub text: String,
    pub filled: Filled,
}

impl Listener {
    /// What is known, for the variables of a wording.
    pub fn facts(&self, place: Option<&Place>) -> Facts {
        let name = &self.party.name;
        match place {
            Some(place) => facts(place, name, self.tongue()),
            None => Facts { organization_name: self.party.organization.clone(), contact_name: name.clone(), ..Facts::default() },
        }
    }

    /// The language of what is built in.
    pub fn tongue(&self) -> Tongue {
        Tongue::of(&self.language)
    }

    /// The wording to use.
    pub async fn wording(&self, store: &Store, conn: &mut Conn, said: Said, kind: Kind) -> Result<Wording> {
        match store.wording(conn, self.workspace, said.wording(), kind, &self.language).await {
            Ok(own) => Ok(own),
            Err(Error::NotFound(_)) => Ok(said.built_in(self.tongue())),
            Err(error) => Err(error),
        }
    }

    /// How to be told no more, for those who want no advertising: that alone does not end what is about their own ticket.
    pub async fn how_to_stop(&self, store: &Store, conn: &mut Conn, to: &Recipient, text: &mut String) -> Result<()> {
        let said = ["STOP ANTRI", "STOP QUEUE"].into_iter().any(|words| text.contains(words));
        if to.opted_out_at.is_some() && !said {
            let how = self.wording(store, conn, Said::HowToStop, Kind::WhatsApp).await?.filled(&self.facts(None)).1;
            text.push('\n');
            text.push_str(&how);
        }
        Ok(())
    }

    /// The template that may leave in the place of a wording on this channel, filled; `None` when there is none that can.
    pub async fn template(
        &self,
        store: &Store,
        conn: &mut Conn,
        to: &Recipient,
        wording: &Wording,
        facts: &Facts,
    ) -> Result<Option<StandsIn>> {
        let Some(stand_in) = &wording.stand_in else { return Ok(None) };
        let known = store.templates(conn, self.workspace, to.channel).await?;
        let usable: Vec<Template> =
            known.into_iter().filter(|known| known.name == stand_in.name && known.status == Status::Approved).collect();
        let Some((template, _)) = pick(&usable, |known| &known.language, &self.language, &wording.language) else {
            tracing::warn!(workspace = %self.workspace, template = stand_in.name, "no template of that name is approved, so nobody is told by it");
            return Ok(None);
        };
        Ok(self.fill(store, to, stand_in, template, facts))
    }

    fn fill(&self, store: &Store, to: &Recipient, stand_in: &StandIn, template: &Template, facts: &Facts) -> Option<StandsIn> {
        let checked = stand_in.check(template).map_err(|problem| problem.to_string());
        match checked.and_then(|()| filled(store, template, to, &stand_in.given(facts)).map_err(|error| error.to_string())) {
            Ok(filled) => Some(StandsIn { text: template.preview(&filled.values), filled }),
            Err(why) => {
                tracing::warn!(workspace = %self.workspace, template = template.name, %why, "a template cannot stand in for a wording");
                None
            }
        }
    }
}

impl StandsIn {
    /// The message it is.
    pub fn part(&self) -> Part {
        Part { text: self.text.clone(), file: None, special: Some(Special::Template(self.filled.clone())) }
    }
}
