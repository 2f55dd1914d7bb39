//! The rows of the tables. A field's comment is its column's meaning in `docs/tables.md`.

use crate::record::record;
use crate::{
    AmountKind, BlockKind, Bound, Change, ChangeRole, ClaimKind, CurrencyBasis, Date, Decimal, FxBasis,
    MentionKind, Modality, Polarity, PublishedBasis, Severity, SourceKind, Spans, Speech, Str, Tense,
    TimeBasis, TimeGrain, TimeMod, Timestamp,
};

record! {
    /// One document that was found, with the text that every offset counts in.
    "documents" Document {
        /// The source's own id, else `d` and 16 characters made from the path, the member and the record's number.
        doc_id: Str,
        /// The file or address it was read from.
        source_uri: Str,
        /// The path inside an archive, or the record's number (from 1) inside a file of many.
        member: Option<Str>,
        /// The IANA media type of what was read.
        media_type: Str,
        /// The headline.
        title: Option<Str>,
        /// Who wrote it.
        author: Option<Str>,
        /// Who published it.
        publisher: Option<Str>,
        /// The day it was published.
        published: Option<Date>,
        /// Where `published` comes from.
        published_basis: PublishedBasis,
        /// The BCP 47 code of its language.
        language: Option<Str>,
        /// Its address.
        url: Option<Str>,
        /// The text: with a `clean` stage the kept blocks, joined by blank lines, else what came in.
        text: Str,
        /// The length of `text`.
        chars: u32 => "code points",
        /// The sentences in `text`.
        sentences: u32,
        /// The rows in `claims`.
        claims: u32,
        /// The `doc_id` of the first document with the same content; such a row has no text and no claims.
        duplicate_of: Option<Str>,
    }
}

record! {
    /// One block of a document, kept as text or dropped for a reason.
    "blocks" Block {
        /// The document.
        doc_id: Str,
        /// Its place in the document, from 0.
        ordinal: u32,
        /// What it is.
        block_kind: BlockKind,
        /// Its text.
        text: Str,
        /// Whether it is part of `documents.text`.
        kept: bool,
        /// Why it was dropped.
        reason: Option<Str>,
        /// Where it begins in `documents.text`; empty when dropped.
        char_start: Option<u32> => "code points",
        /// Where it ends, exclusive; empty when dropped.
        char_end: Option<u32> => "code points",
    }
}

record! {
    /// One expression in the text that has a value: an amount, a time, a name.
    "mentions" Mention {
        /// Made from the document, the kind and the place.
        mention_id: Str,
        /// The document.
        doc_id: Str,
        /// The claim that this amount makes, if it makes one.
        claim_id: Option<Str>,
        /// What it is.
        kind: MentionKind,
        /// Where it begins in `documents.text`.
        char_start: u32 => "code points",
        /// Where it ends, exclusive.
        char_end: u32 => "code points",
        /// The words themselves.
        text: Str,
        /// The number, scaled by its magnitude ("5 mln" is 5000000) and its minor unit ("19 cents" is 0.19); a percentage is 40, not 0.4.
        value: Option<Decimal>,
        /// The upper end of a range, whose lower end is `value`.
        value_high: Option<Decimal>,
        /// How the amount bounds what is meant.
        bound: Option<Bound>,
        /// The direction, where the amount is a change.
        change: Option<Change>,
        /// The unit, in singular English: kilometre, barrel, percent.
        unit: Option<Str>,
        /// The noun that is counted, in the singular and with its modifiers: agreement, job cut; people are people.
        counted: Option<Str>,
        /// What one of which the amount is for: share, year, barrel; or so many: 100000 people.
        per: Option<Str>,
        /// The ISO 4217 code of the currency.
        currency: Option<Str>,
        /// What is written, before the document's context resolves it; the grammar is in `docs/expressions.md`.
        expr: Option<Str>,
        /// The tense of its clause.
        tense: Option<Tense>,
        /// The TIMEX3 value.
        time_value: Option<Str>,
        /// The TIMEX3 modifier.
        time_mod: Option<TimeMod>,
        /// The first day.
        time_start: Option<Date>,
        /// The last day, inclusive.
        time_end: Option<Date>,
        /// The full name that a name stands for.
        name: Option<Str>,
        /// The rule that found it.
        rule: Str,
    }
}

record! {
    /// One thing that a text asserts.
    "claims" Claim {
        /// Made from the document, the kind, the place of the content and the amount, and the role in a change.
        claim_id: Str,
        /// The document.
        doc_id: Str,
        /// The document's publication day.
        published: Option<Date>,
        /// The document's headline.
        title: Option<Str>,
        /// The document's publisher.
        publisher: Option<Str>,
        /// The document's address.
        url: Option<Str>,
        /// Whether an amount is asserted or a statement reported.
        kind: ClaimKind,
        /// The statement that this claim stands in.
        parent_id: Option<Str>,
        /// The sentence.
        sentence: Str,
        /// Where the sentence begins in `documents.text`.
        char_start: u32 => "code points",
        /// Where it ends, exclusive.
        char_end: u32 => "code points",
        /// Who says so, as written.
        source: Option<Str>,
        /// Who says so, by full name, pronouns resolved.
        source_name: Option<Str>,
        /// What kind of source that is.
        source_kind: SourceKind,
        /// The outlets it came through, the nearest first: `UNN > Euractiv`.
        source_chain: Option<Str>,
        /// The words that attribute it: said, according to.
        cue: Option<Str>,
        /// How it is reported.
        speech: Speech,
        /// What is said, or the clause with the amount.
        content: Option<Str>,
        /// What the claim is about, without its article: who has so many, what is measured and whose it is, what has
        /// the price.
        subject: Option<Str>,
        /// Whom the subject stands for, by full name, where it is a pronoun or a noun such as `company`.
        subject_name: Option<Str>,
        /// What is said of it: the verb.
        predicate: Option<Str>,
        /// What the verb acts on.
        object: Option<Str>,
        /// The whole that a share is of, or what a sum or a measure is made of, without its article.
        of_whole: Option<Str>,
        /// Where.
        place: Option<Str>,
        /// What the amount is.
        amount_kind: Option<AmountKind>,
        /// The words of the amount.
        amount_text: Option<Str>,
        /// The number, scaled by its magnitude ("5 mln" is 5000000) and its minor unit ("19 cents" is 0.19); a percentage is 40, not 0.4.
        value: Option<Decimal>,
        /// The upper end of a range, whose lower end is `value`.
        value_high: Option<Decimal>,
        /// How the amount bounds what is claimed.
        bound: Option<Bound>,
        /// The words that say so: more than.
        bound_text: Option<Str>,
        /// The direction, where the amount is a change or its end.
        change: Option<Change>,
        /// Whether it is the difference, the beginning or the end of a change.
        change_role: Option<ChangeRole>,
        /// Shared by the rows of one change.
        change_group: Option<Str>,
        /// The claim whose amount this one restates in another currency or unit.
        same_as: Option<Str>,
        /// The unit, in singular English: kilometre, barrel, percent.
        unit: Option<Str>,
        /// The unit's UCUM code.
        unit_code: Option<Str>,
        /// The noun that is counted, in the singular and with its modifiers: agreement, job cut; people are people.
        counted: Option<Str>,
        /// What one of which the amount is for: share, year, barrel; or so many: 100000 people.
        per: Option<Str>,
        /// The value in `std_unit`.
        std_value: Option<Decimal>,
        /// The unit that the pipeline converts to.
        std_unit: Option<Str>,
        /// The ISO 4217 code of the currency.
        currency: Option<Str>,
        /// How the currency was told.
        currency_basis: Option<CurrencyBasis>,
        /// The value in `base_currency`: `value` x `fx_rate`.
        base_value: Option<Decimal>,
        /// The upper end of a range in `base_currency`.
        base_value_high: Option<Decimal>,
        /// The currency that the pipeline converts to.
        base_currency: Option<Str>,
        /// The exchange rate.
        fx_rate: Option<Decimal> => "base units per unit",
        /// The day of the rate.
        fx_date: Option<Date>,
        /// Which rate that is.
        fx_basis: Option<FxBasis>,
        /// Why `base_value` is empty.
        fx_reason: Option<Str>,
        /// The words of the time.
        time_text: Option<Str>,
        /// The TIMEX3 value.
        time_value: Option<Str>,
        /// The TIMEX3 modifier.
        time_mod: Option<TimeMod>,
        /// The finest part of the time that is stated.
        time_grain: Option<TimeGrain>,
        /// The first day; empty outside the years 1 to 9999.
        time_start: Option<Date>,
        /// The last day, inclusive; empty outside the years 1 to 9999.
        time_end: Option<Date>,
        /// The instant, only with a clock time in a known zone.
        time_at: Option<Timestamp> => "microseconds, UTC",
        /// How the time was told.
        time_basis: Option<TimeBasis>,
        /// Whether it is asserted or denied.
        polarity: Polarity,
        /// How sure the text is.
        modality: Modality,
        /// The words that make it less sure.
        hedge: Option<Str>,
        /// The rule that made the row.
        rule: Str,
        /// The mention of the amount.
        amount_mention: Option<Str>,
        /// The mention of the time.
        time_mention: Option<Str>,
        /// Where the source stands.
        source_spans: Spans => "code points",
        /// Where the cue stands.
        cue_spans: Spans => "code points",
        /// Where the content stands.
        content_spans: Spans => "code points",
        /// Where the subject stands.
        subject_spans: Spans => "code points",
        /// Where the predicate stands.
        predicate_spans: Spans => "code points",
        /// Where the object stands.
        object_spans: Spans => "code points",
        /// Where the amount stands.
        amount_spans: Spans => "code points",
        /// Where the time stands: in a sentence before, if it is inherited.
        time_spans: Spans => "code points",
    }
}

record! {
    /// One thing that went wrong, with its place and reason.
    "problems" Problem {
        /// The file or address.
        source_uri: Str,
        /// The path inside an archive, or the record's number (from 1) inside a file of many.
        member: Option<Str>,
        /// The document, if it got that far.
        doc_id: Option<Str>,
        /// The stage that found it.
        stage: Str,
        /// Whether the document is lost or only troubled.
        severity: Severity,
        /// What it is, for machines: `truncated`, `repeated_id`.
        code: Str,
        /// What it is, for people.
        message: Str,
        /// The line, byte or field.
        location: Option<Str>,
    }
}

impl Document {
    /// A problem of this document, that `stage` found.
    pub fn problem(&self, stage: &str, severity: Severity, code: &str, message: &str) -> Problem {
        Problem {
            source_uri: self.source_uri.clone(),
            member: self.member.clone(),
            doc_id: Some(self.doc_id.clone()),
            stage: stage.into(),
            severity,
            code: code.into(),
            message: message.into(),
            location: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Record, Value};

    fn columns_are_sound<R: Record>() {
        let names: Vec<_> = R::COLUMNS.iter().map(|c| c.name).collect();
        for (i, column) in R::COLUMNS.iter().enumerate() {
            assert!(!names[..i].contains(&column.name), "{} twice in {}", column.name, R::TABLE);
            assert!(
                column.meaning.trim().ends_with(['.', '`']),
                "{}.{} has no sentence",
                R::TABLE,
                column.name
            );
            let mut row = R::default();
            assert_eq!((column.set)(&mut row, Value::Null).is_ok(), column.nullable, "{}", column.name);
        }
    }

    #[test]
    fn every_column_has_a_meaning_and_guards_its_type() {
        columns_are_sound::<Document>();
        columns_are_sound::<Block>();
        columns_are_sound::<Mention>();
        columns_are_sound::<Claim>();
        columns_are_sound::<Problem>();
    }
}
