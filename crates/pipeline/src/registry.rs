//! What stages there are.

use claimline_stage::Registration;

/// The registrations that pipelines choose from, in the order a reader should meet them.
#[derive(Clone)]
pub struct Registry(Vec<Registration>);

impl Registry {
    /// A registry of `registrations`.
    ///
    /// # Errors
    /// The name that two of them have.
    pub fn new(registrations: Vec<Registration>) -> Result<Self, String> {
        for (i, one) in registrations.iter().enumerate() {
            if registrations[..i].iter().any(|other| other.name == one.name) {
                return Err(one.name.clone());
            }
        }
        Ok(Self(registrations))
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
