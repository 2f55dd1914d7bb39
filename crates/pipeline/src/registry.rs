//! What stages there are.

use std::path::{Path, PathBuf};

use claimline_stage::{Registration, Role};

/// The registrations that pipelines choose from, in the order a reader should meet them. A source and
/// a sink may share a name (`csv`); two of one role may not.
#[derive(Clone)]
pub struct Registry {
    registrations: Vec<Registration>,
    host: Option<PathBuf>,
}

impl Registry {
    /// A registry of `registrations`; where two of one role have a name, the first keeps it.
    pub fn new(registrations: Vec<Registration>) -> Self {
        let mut kept = Self { registrations: Vec::new(), host: None };
        for one in registrations {
            if kept.get(Role::of(&one), &one.name).is_none() {
                kept.registrations.push(one);
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
        self.registrations.iter()
    }

    /// This registry with the program that serves a library in a process of its own, when it is started
    /// as `HOST plugin-host LIBRARY`.
    pub fn with_host(mut self, host: Option<PathBuf>) -> Self {
        self.host = host;
        self
    }

    /// That program.
    pub(crate) fn host(&self) -> Option<&Path> {
        self.host.as_deref()
    }
}
