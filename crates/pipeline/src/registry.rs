//! What stages there are.

use claimline_stage::{Door, Registration};

/// What a registration is, and so which list of a pipeline it belongs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Under `ingest:`.
    Source,
    /// Under `stages:`.
    Stage,
    /// Under `export:`.
    Sink,
}

impl Role {
    /// Every role, in the order of a pipeline.
    pub const ALL: [Role; 3] = [Role::Source, Role::Stage, Role::Sink];

    /// The role of a registration.
    pub fn of(registration: &Registration) -> Self {
        match registration.door {
            Door::Source(_) => Role::Source,
            Door::Stage(..) => Role::Stage,
            Door::Sink(_) => Role::Sink,
        }
    }

    /// The key of its list in a pipeline.
    pub fn list(self) -> &'static str {
        match self {
            Role::Source => "ingest",
            Role::Stage => "stages",
            Role::Sink => "export",
        }
    }

    /// What one is called, with its article.
    pub fn described(self) -> &'static str {
        match self {
            Role::Source => "a source",
            Role::Stage => "a stage",
            Role::Sink => "a sink",
        }
    }
}

/// The registrations that pipelines choose from, in the order a reader should meet them. A source and
/// a sink may share a name (`csv`); two of one role may not.
#[derive(Clone)]
pub struct Registry(Vec<Registration>);

impl Registry {
    /// A registry of `registrations`; where two of one role have a name, the first keeps it.
    pub fn new(registrations: Vec<Registration>) -> Self {
        let mut kept = Self(Vec::new());
        for one in registrations {
            if kept.get(Role::of(&one), &one.name).is_none() {
                kept.0.push(one);
            }
        }
        kept
    }

    /// The one of that role called `name`.
    pub fn get(&self, role: Role, name: &str) -> Option<&Registration> {
        self.named(name).find(|one| Role::of(one) == role)
    }

    /// All called `name`, whatever their role.
    pub fn named(&self, name: &str) -> impl Iterator<Item = &Registration> {
        self.iter().filter(move |one| one.name == name)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Registration> + Clone {
        self.0.iter()
    }
}
