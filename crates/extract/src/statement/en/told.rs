//! What the words of a statement tell beside themselves: who its source is, and what its content claims.

use std::ops::Range;
use std::sync::LazyLock;

use claimline_language::name::{Hint, hint};
use claimline_language::syntax::Role;
use claimline_language::tag::{Penn, Pos};
use claimline_language::{Class, WordMap, hash_of, rows, singular, word};
use claimline_model::{Modality, Polarity, SourceKind};

use super::Finder;
use super::source::Source;
use crate::claim::HEDGES;
use crate::statement::{Strength, Told, Who};

/// The longest phrase that a cell holds.
const MOST_TOKENS: usize = 30;

/// `noun <tab> kind`.
pub(super) const FILE: &str = include_str!("sources.tsv");

static SOURCES: LazyLock<WordMap<SourceKind>> = LazyLock::new(|| {
    let words = rows::<2>(FILE);
    words.filter_map(|[word, kind]| Some((word, kind.parse().ok()?))).collect()
});

impl Finder<'_> {
    /// Who a source is, as far as its own words tell.
    pub(super) fn who(&self, source: &Source) -> Who {
        let tree = self.tree;
        let mut head = source.head;
        // `the bank, which said`
        if matches!(tree.tag(head).penn, Penn::WP | Penn::WDT) {
            let verb = tree.head(head);
            let told_of = |verb: &usize| tree.role(*verb) == Role::Relative;
            head = verb.filter(told_of).and_then(|verb| tree.head(verb)).unwrap_or(head);
        }
        // `its director, Mary Roe`
        let tag = tree.tag(head);
        let mut kind = self.kind_of(head);
        if tag.pos == Pos::Noun {
            let name = tree.appositions(head).find(|at| tree.tag(*at).pos == Pos::Propn);
            head = name.unwrap_or(head);
        }
        if kind == SourceKind::Unknown {
            kind = self.kind_of(head);
        }
        let name = matches!(tree.tag(head).pos, Pos::Noun | Pos::Propn).then(|| {
            let mut words = tree.noun_phrase(head).words;
            while words.start < head && matches!(tree.tag(words.start).pos, Pos::Det | Pos::Punct) {
                words.start += 1;
            }
            self.first + words.start..self.first + words.end
        });
        Who { head: self.first + head, name, kind }
    }

    fn kind_of(&self, head: usize) -> SourceKind {
        let tag = self.tree.tag(head);
        let plural = matches!(tag.penn, Penn::NNS | Penn::NNPS);
        let known = SOURCES.get(self.hash(head)).or_else(|| {
            let one = plural.then(|| singular(self.text(head)))?;
            SOURCES.get(hash_of(&one))
        });
        match (known, tag.pos) {
            (Some(SourceKind::Person), _) if plural => SourceKind::Group,
            (Some(kind), Pos::Noun) => *kind,
            (_, Pos::Propn) if hint(self.hash(head)).has(Hint::COUNTRY) => SourceKind::Country,
            (_, Pos::Num) => SourceKind::Group,
            (_, Pos::Pron | Pos::Det) => {
                let one =
                    [word("he"), word("she"), word("i"), word("him"), word("her"), word("his"), word("my")];
                let none = [word("it"), word("its"), word("this"), word("that"), word("which"), word("who")];
                match self.hash(head) {
                    hash if one.contains(&hash) => SourceKind::Person,
                    hash if none.contains(&hash) => SourceKind::Unknown,
                    _ => SourceKind::Group,
                }
            }
            _ if plural => SourceKind::Group,
            _ => SourceKind::Unknown,
        }
    }

    /// What a content says, how sure it is, and whether it is denied. `cue` is the verb, noun or adjective
    /// that attributes it.
    pub(super) fn told(&self, content: &[Range<usize>], cue: &Range<usize>, strength: Strength) -> Told {
        let tree = self.tree;
        let here = self.first..self.first + self.len();
        let inside = |part: &Range<usize>| part.start.max(here.start)..part.end.min(here.end);
        let parts: Vec<_> = content.iter().map(inside).filter(|part| part.start < part.end).collect();
        let mut told = Told::default();
        let places = parts.iter().cloned().flatten().map(|place| place - self.first);
        let is_top = |at: &usize| {
            let head = tree.head(*at).map(|head| self.first + head);
            let above = head.is_none_or(|head| !parts.iter().any(|part| part.contains(&head)));
            above && tree.tag(*at).pos != Pos::Punct
        };
        let top = places.clone().filter(is_top).find(|at| tree.clause(*at).is_some());
        let clause = top.and_then(|top| tree.clause(top));
        let mut denied =
            (cue.start..cue.end).any(|at| self.is_negation(at)) != (strength == Strength::Denies);
        if let Some(clause) = &clause {
            denied = denied != clause.negated;
            let place = |words: Range<usize>| self.first + words.start..self.first + words.end;
            let noun = |head: usize| {
                let mut words = tree.noun_phrase(head).words;
                while words.start < head && tree.tag(words.start).pos == Pos::Det {
                    words.start += 1;
                }
                place(words)
            };
            told.subject = clause.subject.filter(|subject| !cue.contains(subject)).map(noun);
            let verb = clause.copula.unwrap_or(clause.predicate);
            told.predicate = Some(place(self.cue(verb, verb + 1)));
            let object = match clause.copula {
                Some(copula) if copula < clause.predicate => Some(copula + 1..clause.predicate + 1),
                _ => clause.object.map(|object| tree.extent(object)),
            };
            told.object =
                object.filter(|object| object.start < object.end && object.len() <= MOST_TOKENS).map(place);
        }
        told.polarity = if denied { Polarity::Negated } else { Polarity::Affirmed };
        told.modality = match strength {
            Strength::Plans | Strength::Wants => Modality::Planned,
            Strength::Seems | Strength::Asks => Modality::Possible,
            _ => Modality::Asserted,
        };
        let near = |at: usize| top.is_none_or(|top| at == top || tree.head(at) == Some(top));
        for at in places.filter(|at| near(*at)) {
            let hedge = HEDGES.get(self.hash(at)).filter(|_| tree.tag(at).pos != Pos::Noun);
            if let Some((modality, _)) = hedge {
                told.modality = *modality;
                told.hedge = Some(self.first + at);
                break;
            }
            if [word("will"), word("shall"), word("'ll")].contains(&self.hash(at)) {
                told.modality = Modality::Planned;
            }
        }
        // `if the bank says so`
        let verb = (cue.start..cue.end).rev().find(|at| self.is_verb(*at));
        let mark = verb.and_then(|verb| {
            tree.dependents(verb).find(|at| {
                *at < cue.start
                    && HEDGES
                        .get(self.hash(*at))
                        .is_some_and(|(modality, _)| *modality == Modality::Conditional)
            })
        });
        if let Some(mark) = mark {
            (told.modality, told.hedge) = (Modality::Conditional, Some(self.first + mark));
        }
        told
    }

    /// The outlet that a source passes on: `with reference to Euractiv`, `citing Euractiv`.
    pub(super) fn passed_on(&self, from: usize) -> Option<Range<usize>> {
        let passes = |at: usize| {
            let words = self.words.to(at);
            match words.hash(0) {
                h if h == const { word("citing") } || h == const { word("quoting") } => Some(at + 1),
                h if h == const { word("reference") } || h == const { word("referring") } => {
                    (words.hash(1) == const { word("to") }).then_some(at + 2)
                }
                _ => None,
            }
        };
        let start = (from..self.len().min(from + MOST_TOKENS)).find_map(passes)?;
        let source = self.source_from(start)?;
        (self.tree.tag(source.head).pos == Pos::Propn)
            .then(|| self.first + source.words.start..self.first + source.words.end)
    }

    /// Whether the sentence asks what it says.
    pub(super) fn is_question(&self) -> bool {
        let last = self.len().saturating_sub(1);
        self.text(last) == "?" && self.quote_at(last).is_none()
    }

    pub(super) fn is_negation(&self, at: usize) -> bool {
        self.words.to(at).class(0).has(Class::NEGATION)
    }
}
