//! The connected accounts: how each is doing, and what can be done about it.

use super::answers::Awaited;
use super::effect::{ChannelAbout, Query, Write};
use super::overlay::{Channels, Confirm, Form, Irrevocable, Overlay};
use super::{App, Cx};
use crate::domain::channel::{ChannelStatus, Health};

impl App {
    /// Shows the accounts.
    pub(crate) fn show_channels(&mut self) {
        self.overlays.push(Overlay::Channels(Channels::default()));
        self.load_status();
        self.refresh(Query::Channels);
    }

    /// Something about the accounts may have changed: what is shown of them is read again.
    pub(super) fn channels_changed(&mut self) {
        if self.overlays.iter().any(|overlay| matches!(overlay, Overlay::Channels(_))) {
            self.refresh(Query::Channels);
        }
    }

    /// Something about channels, templates or bulk sends may have changed: what is shown of them is read again.
    pub(super) fn accounts_changed(&mut self) {
        self.channels_changed();
        self.wordings_changed();
        self.bulks_changed();
    }

    /// The selected channel of the list of channels.
    pub(crate) fn selected_channel(&self) -> Option<&ChannelStatus> {
        match self.overlays.last() {
            Some(Overlay::Channels(channels)) => self.status.channels.get(channels.selected),
            _ => None,
        }
    }

    /// What is known about a channel beside its health, once it was read.
    pub(crate) fn about_channel(&self, status: &ChannelStatus) -> Option<&ChannelAbout> {
        self.accounts.iter().find(|about| about.id == status.id)
    }

    pub(crate) fn need_channel(&self) -> Result<(), String> {
        self.selected_channel().map(|_| ()).ok_or_else(|| "There is no channel yet".to_owned())
    }

    /// Pauses the selected channel, or starts it again.
    pub(crate) fn hold_channel(&mut self) {
        let Some(status) = self.selected_channel() else { return };
        let (channel, paused) = (status.id, status.health == Health::Paused);
        let write = if paused { Write::ResumeChannel { channel } } else { Write::PauseChannel { channel } };
        self.write(write, Awaited::Act);
    }

    /// Asks the provider whether the selected channel still works.
    pub(crate) fn test_channel(&mut self, cx: &Cx) {
        let Some(status) = self.selected_channel() else { return };
        let (channel, name) = (status.id, status.name.clone());
        self.write(Write::TestChannel { channel }, Awaited::Desktop);
        self.say(&format!("Asking the provider about {name} …"), cx);
    }

    pub(crate) fn can_edit_channel(&self) -> Result<(), String> {
        let status = self.selected_channel().ok_or("There is no channel yet")?;
        if self.provider(&status.provider).is_none() {
            return Err("This version does not know the channel's provider".to_owned());
        }
        self.about_channel(status).map(|_| ()).ok_or_else(|| "Its settings are still being read: try again in a moment".to_owned())
    }

    /// Shows the settings of the selected channel, to be changed.
    pub(crate) fn edit_channel(&mut self) {
        let Some(status) = self.selected_channel() else { return };
        let (Some(provider), Some(about)) = (self.provider(&status.provider), self.about_channel(status)) else { return };
        let form = Form::of(provider, status.id, &status.name, about);
        self.overlays.push(Overlay::Form(form));
    }

    /// Asks whether the selected channel is to be disconnected.
    pub(crate) fn ask_remove_channel(&mut self) {
        let Some(status) = self.selected_channel() else { return };
        let act = Irrevocable::RemoveChannel(status.id);
        self.overlays.push(Overlay::Confirm(Confirm { act }));
    }

    /// Where the selected channel's provider has to call us.
    fn webhook(&self) -> Option<&str> {
        self.about_channel(self.selected_channel()?)?.webhook.as_deref()
    }

    pub(crate) fn need_webhook(&self) -> Result<(), String> {
        self.need_channel()?;
        self.webhook().map(|_| ()).ok_or_else(|| "This channel's provider is asked for news: it calls no webhook".to_owned())
    }

    pub(crate) fn copy_webhook(&mut self) {
        if let Some(channel) = self.selected_channel().map(|status| status.id) {
            self.write(Write::CopyWebhook { channel }, Awaited::Desktop);
        }
    }
}
