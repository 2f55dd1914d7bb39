//! How the values of a claim came about.

use claimline_model::{Claim, CurrencyBasis, Document, FxBasis, Mention, Offsets, Span, TimeBasis};
use claimline_stage::{Batch, Reason};

use crate::convert::when;
use crate::currency::{self, Cue};
use crate::dates::{self, DateOrder};
use crate::rates::When;
use crate::{NormaliseOptions, units};

/// What was resolved and converted of a claim, and by what.
pub(crate) fn reasons(options: &NormaliseOptions, batch: &Batch, claim: &Claim) -> Vec<Reason> {
    let Some(at) = batch.documents.iter().position(|document| document.doc_id == claim.doc_id) else {
        return Vec::new();
    };
    let (document, run) = (&batch.documents[at], batch.mentions.runs(&batch.documents)[at].clone());
    let told = Told { options, document, mentions: &batch.mentions[run], claim };
    [told.time(), told.currency(), told.conversion(), told.unit()].into_iter().flatten().collect()
}

struct Told<'a> {
    options: &'a NormaliseOptions,
    document: &'a Document,
    mentions: &'a [Mention],
    claim: &'a Claim,
}

impl Told<'_> {
    fn mention(&self, id: Option<&str>) -> Option<usize> {
        self.mentions.iter().position(|mention| Some(&*mention.mention_id) == id)
    }

    fn time(&self) -> Option<Reason> {
        let claim = self.claim;
        let days = match (claim.time_start, claim.time_end) {
            (Some(start), Some(end)) if start == end => start.to_string(),
            (Some(start), Some(end)) => format!("{start} to {end}"),
            _ => String::new(),
        };
        let value = claim.time_value.as_deref().unwrap_or_default();
        let is = match (value, &*days) {
            ("", "") => return None,
            (value, days) if value == days || days.is_empty() => value.to_owned(),
            (value, days) => format!("{value}: {days}"),
        };
        let publication = self.publication();
        let Some(at) = self.mention(claim.time_mention.as_deref()) else {
            let why = format!("No time is told for it, so it is of {publication}.");
            return Some(Reason { of: "time", is, why, ..Reason::default() });
        };
        let mention = &self.mentions[at];
        let place = Span::new(mention.char_start, mention.char_end);
        let mut why = format!("`{}` at {place}", mention.text);
        if claim.time_basis == Some(TimeBasis::Inherited) {
            why += ", in a sentence before,";
        }
        if let Some(resolved) = dates::resolved(self.document, self.mentions, at, &self.options.dates) {
            why += &format!(" says {}", resolved.expr);
            if mention.expr.as_deref() != Some(resolved.expr.to_string().as_str()) {
                why += ", with the year of the time right behind it";
            }
            why += &match (&resolved.from, resolved.from_publication) {
                (Some(_), true) => format!(". It is counted from {publication}"),
                (Some(from), false) if resolved.narrative => {
                    format!(". The text tells a history: it is counted from {from}, the time named last")
                }
                (Some(from), false) => format!(". It is counted from {from}, which was named before"),
                (None, _) if claim.time_basis == Some(TimeBasis::Explicit) => {
                    " and names its own year".to_owned()
                }
                (None, _) => String::new(),
            };
            if let Some(tense) = mention.tense.filter(|_| resolved.is_open) {
                why += &format!(", in a clause of the {}", tense.as_str());
            }
            if let Some(order) = resolved.order {
                let order = match order {
                    DateOrder::Dmy => "day, month, year",
                    DateOrder::Mdy | DateOrder::Auto => "month, day, year",
                    DateOrder::Ymd => "year, month, day",
                };
                why += &match self.options.dates.order {
                    DateOrder::Auto => {
                        format!(
                            ". The numbers are read as {order}: as the document's first date that has one reading, else month first"
                        )
                    }
                    _ => format!(". The numbers are read as {order}: `dates.order`"),
                };
            }
        }
        Some(Reason { of: "time", is, why: why + ".", ..Reason::default() })
    }

    /// The day of publication, and what told it.
    fn publication(&self) -> String {
        match self.document.published {
            Some(day) => {
                format!("{day}, the day of publication ({})", self.document.published_basis.as_str())
            }
            None => "the day of publication, which is not known".to_owned(),
        }
    }

    fn currency(&self) -> Option<Reason> {
        let at = self.mention(self.claim.amount_mention.as_deref())?;
        let default = self.options.currency.default.as_deref();
        let told = currency::told(self.document, self.mentions, at, default)?;
        let mention = &self.mentions[at];
        let expr = mention.expr.as_deref().unwrap_or_default();
        let shared = format!("`{}` says no more than {expr}, which several currencies go by", mention.text);
        let offsets = Offsets::new(&self.document.text);
        let cue = match &told.cue {
            Some(Cue::Mention(at)) => {
                let other = &self.mentions[*at];
                format!("`{}` at {}", other.text, Span::new(other.char_start, other.char_end))
            }
            Some(Cue::Words(bytes)) => {
                format!("`{}` at {}", &self.document.text[bytes.clone()], offsets.span(bytes.clone()))
            }
            Some(Cue::Publisher) => {
                let told = self.document.publisher.as_deref().or(self.document.url.as_deref());
                format!("the publisher, {}", told.unwrap_or_default())
            }
            None => String::new(),
        };
        let why = match told.basis {
            CurrencyBasis::Explicit => format!("`{}` names it and no other.", mention.text),
            CurrencyBasis::Adjective => format!("`{}` has an adjective that tells it.", mention.text),
            CurrencyBasis::Document => format!("{shared}; an earlier amount tells it: {cue}."),
            CurrencyBasis::Dateline if told.cue == Some(Cue::Publisher) => {
                format!("{shared}; the country of {cue} tells it.")
            }
            CurrencyBasis::Dateline => format!("{shared}; the dateline tells it: {cue}."),
            CurrencyBasis::Country => {
                format!("{shared}; the only country of one that the text names tells it: {cue}.")
            }
            CurrencyBasis::Option => format!(
                "{shared}; nothing in the document tells it, so it is the pipeline's `currency.default`."
            ),
            CurrencyBasis::Assumed => format!(
                "{shared}; nothing tells it, so it is the commonest of the name. `currency.default` would be asked first."
            ),
        };
        Some(Reason { of: "currency", is: told.code.to_string(), why, ..Reason::default() })
    }

    fn conversion(&self) -> Option<Reason> {
        let claim = self.claim;
        let base = claim.base_currency.as_deref()?;
        let reason = |is, why| Some(Reason { of: "base_value", is, why, ..Reason::default() });
        if let Some(why) = &claim.fx_reason {
            return reason("empty".to_owned(), format!("It can't be converted to {base}: {why}."));
        }
        let (value, from) = (claim.value?, claim.currency.as_deref()?);
        let is = format!("{} {base}", claim.base_value?);
        let (Some(rate), Some(day), Some(basis)) = (claim.fx_rate, claim.fx_date, claim.fx_basis) else {
            return reason(is, format!("It is in {base} as written."));
        };
        let source = match basis {
            FxBasis::Day => format!("the reference rate of the European Central Bank of {day}"),
            FxBasis::PreviousDay => {
                format!("the reference rate of the European Central Bank of {day}, the last before")
            }
            FxBasis::Month => {
                format!("the mean of the month, {} (IMF, FRED, OECD)", day.strftime("%Y-%m"))
            }
            FxBasis::Year => format!("the mean of the year, {} (IMF, FRED, OECD)", day.strftime("%Y")),
            FxBasis::User => {
                let file = self.options.currency.rates.as_deref().unwrap_or("".as_ref()).display();
                format!("the rate from {day} on in {file}")
            }
        };
        let published = self.document.published;
        let time = match when(claim, published) {
            Some(When::Day(day)) if Some(day) == published && claim.time_start != published => {
                format!(
                    "The rate is that of {}, since its own time is no day or is not over by then",
                    self.publication()
                )
            }
            Some(when) => format!("The rate is that of its time, {when}"),
            None => String::new(),
        };
        reason(is, format!("{value} {from} x {rate}: {source}. {time}."))
    }

    fn unit(&self) -> Option<Reason> {
        let claim = self.claim;
        let (value, unit) = (claim.value?, claim.unit.as_deref()?);
        let is = format!("{} {}", claim.std_value?, claim.std_unit.as_deref()?);
        let factor = units::factor(unit)?;
        Some(Reason { of: "std_value", is, why: format!("{value} {unit} {factor}."), ..Reason::default() })
    }
}
