//! The rows of statements, and what the claims inside of them take from them.

use std::collections::HashSet;
use std::ops::Range;

use claimline_language::Reading;
use claimline_language::name::NameKind;
use claimline_language::resolve::may_refer;
use claimline_model::{Claim, ClaimKind, Document, Offsets, SourceKind, Span, Speech, Str};
use smol_str::format_smolstr;

use super::{Quote, Statement, Strength};
use crate::meant::Unnamed;
use crate::rows::claim_of;

/// How many statements before a claim are looked at for the one it stands in.
const MOST_AROUND: usize = 64;

/// A document, and what is known of its words.
pub(crate) struct Rows<'a> {
    pub(crate) document: &'a Document,
    pub(crate) text: &'a str,
    pub(crate) reading: &'a Reading,
    pub(crate) offsets: &'a Offsets<'a>,
    pub(crate) quotes: &'a [Quote],
}

impl Rows<'_> {
    fn bytes(&self, range: &Range<usize>) -> Range<usize> {
        let tokens = self.reading.tokens();
        tokens[range.start].range().start..tokens[range.end - 1].range().end
    }

    fn words(&self, range: &Range<usize>) -> Str {
        Str::new(&self.text[self.bytes(range)])
    }

    fn span(&self, range: &Range<usize>) -> Span {
        self.offsets.span(self.bytes(range))
    }

    /// Adds a row for each statement, and notes whose names are wanted.
    pub(crate) fn add(&self, statements: &[Statement], claims: &mut Vec<Claim>, unnamed: &mut Unnamed) {
        let mut known = HashSet::new();
        for statement in statements {
            let claim = self.claim(statement);
            // Two cues of one content, `said, according to`, are one claim: the first.
            if !known.insert(claim.claim_id.clone()) {
                continue;
            }
            // Another noun is nobody's name, and is not looked for.
            let may_name = |head: usize| {
                let token = &self.reading.tokens()[head];
                may_refer(token.hash) || token.text(self.text).starts_with(char::is_uppercase)
            };
            if let Some(who) = statement.who.as_ref().filter(|who| may_name(who.head)) {
                unnamed.push_source(claims.len(), who.head);
            }
            claims.push(claim);
        }
    }

    fn claim(&self, statement: &Statement) -> Claim {
        let document = self.document;
        let Statement { source, who, cue, content, told, .. } = statement;
        let anchor = statement.place();
        let sentences = self.reading.sentences();
        let sentence = &sentences[sentences.partition_point(|sentence| sentence.tokens.end <= anchor)];
        let place = self.offsets.span(sentence.bytes.clone());
        let words = |range: &Option<Range<usize>>| range.as_ref().map(|range| self.words(range));
        let spans = |range: &Option<Range<usize>>| range.iter().map(|range| self.span(range)).collect();
        let parts: Vec<Str> = content.iter().map(|part| self.words(part)).collect();
        let name = who.as_ref().and_then(|who| words(&who.name));
        let claim = Claim {
            sentence: Str::new(&self.text[sentence.bytes.clone()]),
            char_start: place.start,
            char_end: place.end,
            source: words(source),
            source_kind: match (who, statement.strength) {
                (Some(who), _) => who.kind,
                (None, Strength::Seems) => SourceKind::Narrator,
                (None, _) => SourceKind::Unknown,
            },
            // The outlet waits here for the source's own name.
            source_chain: words(&statement.passed_on),
            source_name: name,
            cue: words(cue),
            speech: self.speech(statement),
            content: Some(parts.join(" ").into()),
            subject: words(&told.subject),
            predicate: words(&told.predicate),
            object: words(&told.object),
            polarity: told.polarity,
            modality: told.modality,
            hedge: told.hedge.map(|at| self.words(&(at..at + 1))),
            rule: Str::new_static(statement.rule),
            source_spans: spans(source),
            cue_spans: spans(cue),
            content_spans: content.iter().map(|part| self.span(part)).collect(),
            subject_spans: spans(&told.subject),
            predicate_spans: spans(&told.predicate),
            object_spans: spans(&told.object),
            ..claim_of(document, ClaimKind::Statement)
        };
        Claim { claim_id: claim.made_id(), ..claim }
    }

    /// Whether the words are the source's own.
    fn speech(&self, statement: &Statement) -> Speech {
        let (mut quoted, mut all) = (0, 0);
        for part in &statement.content {
            all += part.len();
            let first = self.quotes.partition_point(|quote| quote.tokens.end <= part.start);
            let inside = self.quotes[first..].iter().take_while(|quote| quote.tokens.start < part.end);
            quoted += inside
                .map(|quote| quote.tokens.end.min(part.end) - quote.tokens.start.max(part.start))
                .sum::<usize>();
        }
        match statement.strength {
            _ if quoted == all => Speech::Direct,
            _ if quoted > 0 => Speech::Mixed,
            Strength::Says | Strength::Denies | Strength::Asks | Strength::Judges => Speech::Indirect,
            _ => Speech::None,
        }
    }
}

/// The kind of a source, of whom a name was found.
pub(crate) fn kind_of_named(known: SourceKind, name: NameKind) -> SourceKind {
    match (known, name) {
        (SourceKind::Document | SourceKind::Group, _) => known,
        (_, NameKind::Person) => SourceKind::Person,
        (SourceKind::Organisation, _) | (_, NameKind::Organisation) => SourceKind::Organisation,
        (_, NameKind::Place) => SourceKind::Country,
    }
}

/// Tells each of a document's claims which statement it stands in, once the sources have their names:
/// an amount in what somebody says is that source's, any other the narrator's.
pub(crate) fn tell_parents(claims: &mut [Claim]) {
    for claim in claims.iter_mut() {
        if let Some(outlet) = claim.source_chain.take() {
            let name = claim.source_name.as_ref().or(claim.source.as_ref());
            claim.source_chain = name.map(|name| format_smolstr!("{name} > {outlet}"));
        }
    }
    let mut around: Vec<(Span, u32, usize)> = Vec::new();
    for (number, claim) in claims.iter().enumerate().filter(|(_, claim)| claim.kind == ClaimKind::Statement) {
        let length = claim.content_spans.iter().map(|span| span.end - span.start).sum();
        around.extend(claim.content_spans.iter().map(|span| (span, length, number)));
    }
    around.sort_unstable();
    // The outer before the inner, so that a chain is told from outside in.
    let mut order: Vec<usize> = (0..claims.len()).collect();
    let length = |claim: &Claim| -> u32 {
        let spans =
            if claim.kind == ClaimKind::Statement { &claim.content_spans } else { &claim.amount_spans };
        spans.iter().map(|span| span.end - span.start).sum()
    };
    order.sort_by_key(|number| std::cmp::Reverse(length(&claims[*number])));
    for number in order {
        let claim = &claims[number];
        let statement = claim.kind == ClaimKind::Statement;
        let place = match statement {
            true => claim.cue_spans.iter().next(),
            false => claim.amount_spans.iter().next(),
        };
        let Some(place) = place else { continue };
        let end = around.partition_point(|(span, ..)| span.start <= place.start);
        let holding = around[end.saturating_sub(MOST_AROUND)..end].iter();
        let parent = holding
            .filter(|(span, _, other)| place.end <= span.end && *other != number)
            .min_by_key(|(_, length, other)| (*length, *other))
            .map(|(.., other)| *other);
        let Some(parent) = parent.map(|parent| claims[parent].clone()) else {
            if !statement {
                claims[number].source_kind = SourceKind::Narrator;
            }
            continue;
        };
        let claim = &mut claims[number];
        claim.parent_id = Some(parent.claim_id);
        if !statement {
            claim.source = parent.source;
            claim.source_name = parent.source_name;
            claim.source_kind = parent.source_kind;
            claim.source_chain = parent.source_chain;
            claim.source_spans = parent.source_spans;
            claim.cue = parent.cue;
            claim.cue_spans = parent.cue_spans;
            claim.speech = parent.speech;
        } else if claim.source_chain.is_none()
            && matches!(parent.source_kind, SourceKind::Organisation | SourceKind::Document)
        {
            let outlet = parent.source_chain.or(parent.source_name);
            let name = claim.source_name.clone();
            claim.source_chain = outlet.zip(name).map(|(outlet, name)| format_smolstr!("{outlet} > {name}"));
        }
    }
}
