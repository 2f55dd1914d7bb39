//! Resolves what extraction left as written: currencies, dates and units, in the document's context.

mod convert;
mod currency;
mod dates;
mod explain;
mod rates;
mod units;

use std::path::Path;

use claimline_model::{Mention, Record};
use claimline_stage::tables::nearest;
use claimline_stage::{
    Batch, Context, Declared, OptionError, Order, Reason, Registration, Stage, StageError,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use convert::{Converter, OwnRates};
pub use currency::CurrencyOptions;
pub use dates::{DateMode, DateOrder, DatesOptions, Month, WeekStart};
use jiff::tz::TimeZone;
pub use units::{UnitSystem, UnitsOptions};

/// The options of `normalise`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NormaliseOptions {
    /// How amounts of money get their currency.
    pub currency: CurrencyOptions,
    /// How dates are read.
    pub dates: DatesOptions,
    /// What units of measure are converted to.
    pub units: UnitsOptions,
}

/// The stages of this crate.
pub fn registrations() -> Vec<Registration> {
    vec![Registration::stage(
        "normalise",
        "Resolves currencies to ISO codes and dates to days, in the document's context, and converts money and units.",
        "- normalise: { currency: { default: USD, to: EUR }, units: { to: metric } }",
        Order::Parallel,
        |options: NormaliseOptions, context: &Context| Normalise::new(options, &context.base),
    )
    .declaring(|options: NormaliseOptions, context| {
        let files = options.currency.rates.iter().map(|rates| context.base.join(rates)).collect();
        Ok(Declared { files, needs: &[Mention::TABLE], ..Declared::default() })
    })]
}

/// Fills the columns of mentions and claims that need the document to be told.
#[derive(Clone, Debug)]
pub struct Normalise {
    options: NormaliseOptions,
    converter: Option<Converter>,
    /// The zone of clock times that name none.
    zone: Option<TimeZone>,
}

impl Normalise {
    /// The stage with these options, in which relative paths start from `base`.
    ///
    /// # Errors
    /// If `currency.default` is not the code of a currency that shares its name with others, there are no
    /// rates of `currency.to`, `currency.rates` can't be read, or there is no zone
    /// of the name `dates.timezone`.
    pub fn new(options: NormaliseOptions, base: &Path) -> Result<Self, OptionError> {
        let CurrencyOptions { default, to, rates } = &options.currency;
        if let Some(code) = default.as_deref().filter(|code| !currency::is_known(code)) {
            let known = currency::codes().join(", ");
            let message = format!("no ambiguous name of money means {code:?}: one of {known} may");
            return Err(OptionError::new("/currency/default", message));
        }
        let own = match rates {
            None => OwnRates::default(),
            Some(_) if to.is_none() => {
                let message = "rates are for converting: `to` says to which currency";
                return Err(OptionError::new("/currency/rates", message));
            }
            Some(path) => OwnRates::read(&base.join(path))
                .map_err(|message| OptionError::new("/currency/rates", message))?,
        };
        let converter = match to {
            None => None,
            Some(code) if rates::is_known(code) || own.knows(code) => Some(Converter::new(code, own)),
            Some(code) => {
                let capitals = Some(code.to_uppercase()).filter(|code| rates::is_known(code));
                let near = capitals.unwrap_or_else(|| "EUR".to_owned());
                let message =
                    format!("there are no rates of {code:?}: it takes a code of ISO 4217, such as {near}");
                return Err(OptionError::new("/currency/to", message));
            }
        };
        let zone = match &options.dates.timezone {
            None => None,
            Some(name) => Some(TimeZone::get(name).map_err(|_| {
                let known: Vec<String> = jiff::tz::db().available().map(|zone| zone.to_string()).collect();
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                let near = nearest(name, &known).unwrap_or("Europe/Paris");
                let message =
                    format!("there is no time zone {name:?}: it takes a name of the IANA's, such as {near}");
                OptionError::new("/dates/timezone", message)
            })?),
        };
        Ok(Self { options, converter, zone })
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
            let zone = self.zone.as_ref();
            dates::resolve(document, mentions, claims, &self.options.dates, zone, &mut batch.problems);
            units::convert(claims, self.options.units);
            if let Some(converter) = &self.converter {
                converter.convert(document, claims);
            }
        }
        Ok(())
    }

    fn explain(&self, batch: &Batch, claim: usize) -> Vec<Reason> {
        batch.claims.get(claim).map_or_else(Vec::new, |claim| explain::reasons(&self.options, batch, claim))
    }
}
