//! What somebody who answers may do.

/// What an agent is in the workspace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Role {
    /// It is theirs.
    Owner,
    /// They look after it.
    Admin,
    /// They answer.
    Member,
    /// They look on.
    #[default]
    Viewer,
}

impl Role {
    /// Every role, the one that may do most first.
    pub const ALL: [Self; 4] = [Self::Owner, Self::Admin, Self::Member, Self::Viewer];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Member => "member",
            Self::Viewer => "viewer",
        }
    }

    /// The role of that name; an unknown one may do least.
    pub fn of(name: &str) -> Self {
        Self::ALL.into_iter().find(|role| role.name() == name).unwrap_or_default()
    }

    /// Whether they may set up venues, services and counters.
    pub const fn may_set_up(self) -> bool {
        matches!(self, Self::Owner | Self::Admin)
    }

    /// Whether they may call people and issue tickets.
    pub const fn may_work(self) -> bool {
        !matches!(self, Self::Viewer)
    }

    /// Whether they may change what the whole workspace says to its customers.
    pub const fn may_edit_wordings(self) -> bool {
        matches!(self, Self::Owner | Self::Admin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_and_admins_edit_what_everybody_says_and_an_unknown_role_does_not() {
        let may: Vec<bool> = Role::ALL.into_iter().map(Role::may_edit_wordings).collect();
        assert_eq!(may, [true, true, false, false]);
        assert!(Role::ALL.into_iter().all(|role| Role::of(role.name()) == role));
        assert!(!Role::of("emperor").may_edit_wordings());
    }
}
