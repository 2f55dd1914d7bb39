//! What stages there are.

use claimline_stage::Registration;

/// The registrations that pipelines choose from, in the order a reader should meet them.
#[derive(Clone)]
pub struct Registry(Vec<Registration>);

impl Registry {
    /// A registry of `registrations`; where two have a name, the first keeps it.
    pub fn new(registrations: Vec<Registration>) -> Self {
        let mut kept: Vec<Registration> = Vec::new();
        for one in registrations {
            if kept.iter().all(|other| other.name != one.name) {
                kept.push(one);
            }
        }
        Self(kept)
    }

    /// The one called `name`.
    pub fn get(&self, name: &str) -> Option<&Registration> {
        self.0.iter().find(|registration| registration.name == name)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Registration> + Clone {
        self.0.iter()
    }
}
