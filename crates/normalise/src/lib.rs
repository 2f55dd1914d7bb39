//! Resolves what extraction left as written: currencies and dates, in the document's context.

mod currency;
mod dates;

use claimline_stage::{Batch, OptionError, Order, Registration, Stage, StageError};
use schemars::JsonSchema;
use serde::Deserialize;

pub use currency::CurrencyOptions;
pub use dates::{DateOrder, DatesOptions};

/// The options of `normalise`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NormaliseOptions {
    /// How amounts of money get their currency.
    pub currency: CurrencyOptions,
    /// How dates are read.
    pub dates: DatesOptions,
}

/// The stages of this crate.
pub fn registrations() -> Vec<Registration> {
    vec![Registration::stage(
        "normalise",
        "Resolves currencies to ISO codes and dates to days, in the document's context.",
        "- normalise: { currency: { default: USD } }",
        Order::Parallel,
        |options: NormaliseOptions, _| Normalise::new(options),
    )]
}

/// Fills the columns of mentions and claims that need the document to be told.
#[derive(Clone, Debug)]
pub struct Normalise {
    options: NormaliseOptions,
}

impl Normalise {
    /// The stage with these options.
    ///
    /// # Errors
    /// If `currency.default` is not the code of a currency that shares its name with others.
    pub fn new(options: NormaliseOptions) -> Result<Self, OptionError> {
        if let Some(code) = options.currency.default.as_deref().filter(|code| !currency::is_known(code)) {
            let known = currency::codes().join(", ");
            let message = format!("no ambiguous name of money means {code:?}: one of {known} may");
            return Err(OptionError::new("/currency/default", message));
        }
        Ok(Self { options })
    }
}

impl Stage for Normalise {
    fn process(&mut self, batch: &mut Batch) -> Result<(), StageError> {
        let mentions = batch.mentions.runs(&batch.documents);
        let claims = batch.claims.runs(&batch.documents);
        let default = self.options.currency.default.as_deref();
        for ((document, mentions), claims) in batch.documents.iter().zip(mentions).zip(claims) {
            let (mentions, claims) = (&mut batch.mentions[mentions], &mut batch.claims[claims]);
            currency::resolve(document, mentions, claims, default);
            dates::resolve(document, mentions, claims, self.options.dates, &mut batch.problems);
        }
        Ok(())
    }
}
