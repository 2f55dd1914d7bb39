//! Rows of mentions and claims, made of what was found in a sentence.

use std::ops::Range;

use claimline_language::Sentence;
use claimline_model::{Bound, ChangeRole, Claim, ClaimKind, Document, Mention, Offsets, Span, Str};
use smol_str::format_smolstr;

use crate::claim::{Clause, Phrase};
use crate::cursor::Cursor;
use crate::quantity::{Amount, head};
use crate::time::Time;

/// A claim of a document, with what is said of the document in each.
pub(crate) fn claim_of(document: &Document, kind: ClaimKind) -> Claim {
    Claim {
        doc_id: document.doc_id.clone(),
        published: document.published,
        title: document.title.clone(),
        publisher: document.publisher.clone(),
        url: document.url.clone(),
        kind,
        ..Claim::default()
    }
}

/// A time that claims are of: its mention's words, id and place.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    text: Str,
    mention_id: Str,
    span: Span,
}

impl Told {
    /// The time of a mention.
    pub(crate) fn of(mention: &Mention) -> Self {
        let span = Span::new(mention.char_start, mention.char_end);
        Self { text: mention.text.clone(), mention_id: mention.mention_id.clone(), span }
    }
}

/// Gives a claim a time.
pub(crate) fn tell_time(claim: &mut Claim, told: Told) {
    claim.time_text = Some(told.text);
    claim.time_mention = Some(told.mention_id);
    claim.time_spans = told.span.into();
}

/// Makes the rows of one sentence's amounts.
pub(crate) struct RowMaker<'a> {
    pub(crate) document: &'a Document,
    pub(crate) text: &'a str,
    pub(crate) offsets: &'a Offsets<'a>,
    pub(crate) sentence: &'a Sentence,
}

impl RowMaker<'_> {
    fn span(&self, cursor: &Cursor<'_>, tokens: &Range<usize>) -> Span {
        self.offsets.span(cursor.bytes(tokens.clone()))
    }

    fn words(&self, cursor: &Cursor<'_>, tokens: &Range<usize>) -> Str {
        Str::new(&self.text[cursor.bytes(tokens.clone())])
    }

    fn phrase(&self, cursor: &Cursor<'_>, phrase: &Phrase) -> Str {
        match &phrase.second {
            None => self.words(cursor, &phrase.first),
            Some(second) => {
                format_smolstr!("{} {}", self.words(cursor, &phrase.first), self.words(cursor, second))
            }
        }
    }

    pub(crate) fn mention(&self, cursor: &Cursor<'_>, amount: &Amount) -> Mention {
        let doc_id = &self.document.doc_id;
        let span = self.span(cursor, &amount.tokens);
        let mention = Mention {
            doc_id: doc_id.clone(),
            kind: amount.mention,
            char_start: span.start,
            char_end: span.end,
            text: self.words(cursor, &amount.tokens),
            value: Some(amount.value),
            value_high: amount.high,
            bound: Some(amount.bound),
            // The end of a change is none: `rose to 5`.
            change: amount.change.filter(|_| amount.role == Some(ChangeRole::By)),
            unit: amount.unit.map(|unit| Str::new_static(unit.name)),
            counted: amount
                .counted
                .as_ref()
                .or(amount.counted_like.as_ref())
                .map(|noun| Str::from(head(cursor, noun))),
            per: amount.per.as_ref().map(|per| per.name(cursor)),
            expr: amount.currency.map(Str::new_static),
            rule: Str::new_static(amount.rule),
            ..Mention::default()
        };
        Mention { mention_id: mention.made_id(), ..mention }
    }

    pub(crate) fn time(&self, cursor: &Cursor<'_>, time: &Time) -> Mention {
        let doc_id = &self.document.doc_id;
        let span = self.span(cursor, &time.tokens);
        let kind = time.expr.kind();
        let mention = Mention {
            doc_id: doc_id.clone(),
            kind,
            char_start: span.start,
            char_end: span.end,
            text: self.words(cursor, &time.tokens),
            value: time.amount.map(|(count, _)| count),
            unit: time.amount.map(|(_, unit)| Str::new_static(unit)),
            expr: Some(format_smolstr!("{}", time.expr)),
            tense: time.tense,
            rule: Str::new_static(time.rule),
            ..Mention::default()
        };
        Mention { mention_id: mention.made_id(), ..mention }
    }

    pub(crate) fn claim(
        &self,
        cursor: &Cursor<'_>,
        amount: &Amount,
        clause: &Clause,
        mention: &Mention,
        sentence: Str,
    ) -> Claim {
        let document = self.document;
        let words = |tokens: &Option<Range<usize>>| tokens.as_ref().map(|tokens| self.words(cursor, tokens));
        let spans = |tokens: &Option<Range<usize>>| {
            tokens.as_ref().map(|tokens| self.span(cursor, tokens).into()).unwrap_or_default()
        };
        let content = self.span(cursor, &clause.content);
        let amount_span = Span::new(mention.char_start, mention.char_end);
        let place = self.offsets.span(self.sentence.bytes.clone());
        let bounded = amount.bound != Bound::Exactly;
        let claim = Claim {
            sentence,
            char_start: place.start,
            char_end: place.end,
            content: Some(self.words(cursor, &clause.content)),
            subject: clause.subject.as_ref().map(|subject| self.phrase(cursor, subject)),
            predicate: words(&clause.predicate),
            object: words(&clause.object),
            of_whole: words(&clause.whole),
            place: words(&clause.place),
            amount_kind: amount.kind,
            amount_text: Some(mention.text.clone()),
            value: mention.value,
            value_high: mention.value_high,
            bound: mention.bound,
            bound_text: amount
                .bound_tokens
                .as_ref()
                .filter(|_| bounded)
                .map(|bound| self.words(cursor, bound)),
            change: amount.change,
            change_role: amount.role,
            unit: mention.unit.clone(),
            unit_code: amount.unit.map(|unit| Str::new_static(unit.code)),
            counted: mention.counted.clone(),
            per: mention.per.clone(),
            polarity: clause.polarity,
            modality: clause.modality,
            hedge: clause.hedge.map(|at| self.words(cursor, &(at..at + 1))),
            rule: mention.rule.clone(),
            amount_mention: Some(mention.mention_id.clone()),
            content_spans: content.into(),
            subject_spans: clause
                .subject
                .iter()
                .flat_map(Phrase::ranges)
                .map(|tokens| self.span(cursor, tokens))
                .collect(),
            predicate_spans: spans(&clause.predicate),
            object_spans: spans(&clause.object),
            amount_spans: amount_span.into(),
            ..claim_of(document, ClaimKind::Quantity)
        };
        Claim { claim_id: claim.made_id(), ..claim }
    }
}
