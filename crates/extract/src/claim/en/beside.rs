//! What an amount is an amount of, told by the words right beside it.

use std::ops::Range;
use std::sync::LazyLock;

use claimline_language::syntax::Role;
use claimline_language::tag::{Penn, Pos};
use claimline_language::{Class, Kind, WordMap, rows, word};
use claimline_model::AmountKind;

use super::super::Sentence;
use super::phrase::Phrase;
use super::subject::Found;
use crate::number::is_numeral;
use crate::quantity::{Amount, phrase_end};

static TELLING: LazyLock<WordMap<()>> =
    LazyLock::new(|| rows::<1>(include_str!("telling.tsv")).map(|[word]| (word, ())).collect());

/// A verb that the tagger may take for a noun before money.
const COSTS: [u64; 2] = [word("cost"), word("costs")];

/// The most words that figures in brackets take up.
const MOST_IN_BRACKETS: usize = 40;

/// The most words behind an amount that still tell what it is of.
const MOST_BEHIND: usize = 8;

impl Sentence<'_> {
    /// What stands before `up` or `down` without a verb: `its shares down 11.9%`; or before a verb that the
    /// tagger takes for a noun: `if sales fall by 5%`, `the bridge cost $5`.
    pub(super) fn moved(&self, amount: &Amount, group: &Range<usize>) -> Option<Found> {
        let last = group.start.checked_sub(1)?;
        if let Some(found) = self.acting(amount, last) {
            return Some(found);
        }
        let (noun, predicate) = match self.words.to(last).text(0) {
            "up" | "down" => (last.checked_sub(1)?, None),
            // A noun is one where a verb stands before it: `raised the price by 10p`.
            by if amount.change.is_some()
                && (by == "by"
                    || matches!(by, "from" | "to") && self.words.to(last - 1).class(0).has(Class::PAST))
                && self.is_free(last.checked_sub(1)?)
                && !self.is_under_a_verb(last - 1) =>
            {
                (last.checked_sub(2)?, Some(last - 1))
            }
            _ if COSTS.contains(&self.words.to(last).hash(0))
                && amount.kind == Some(AmountKind::Money)
                && self.is_free(last) =>
            {
                let noun = last.checked_sub(1)?;
                // `took five years and cost $5 million`
                if self.tree.tag(noun).pos == Pos::Cconj {
                    let verb = (0..noun).rev().find(|at| self.is_finite(*at))?;
                    let subject = Some(self.subject_of(verb, group)?);
                    return Some(Found { subject, predicate: Some(last) });
                }
                // `wool cost $5`, where the tagger takes the noun for a verb
                if self.tree.tag(noun).pos == Pos::Verb {
                    let names = |at: &usize| self.is_compound(*at, group);
                    let start = (0..noun).rev().take_while(names).last().unwrap_or(noun);
                    return Some(Found { subject: Some(Phrase::from(start..last)), predicate: Some(last) });
                }
                (noun, Some(last))
            }
            _ => return None,
        };
        // `Output rose from 5`, where it is taken for an adjective
        let named = self.is_free(noun) || predicate.is_some() && self.tree.tag(noun).pos == Pos::Adj;
        let subject = named.then(|| self.phrase(noun, group))?;
        // The verb is no part of the noun's phrase.
        let subject = if predicate.is_some() { Phrase::from(subject.start()..noun + 1) } else { subject };
        Some(Found { subject: Some(subject), predicate })
    }

    /// What a verb changes that the tree takes for part of a noun: `the drug cut deaths by 5%`.
    fn acting(&self, amount: &Amount, last: usize) -> Option<Found> {
        let by = amount.change.is_some() && matches!(self.words.to(last).text(0), "by" | "to");
        let noun = last.checked_sub(1).filter(|noun| by && self.is_free(*noun))?;
        let compound =
            |at: &usize| matches!(self.tree.tag(*at).pos, Pos::Noun | Pos::Propn | Pos::Adj | Pos::Det);
        let start = (0..noun).rev().take_while(compound).last().unwrap_or(noun);
        let verb = start.checked_sub(1)?;
        let taken = self.is_finite(verb) && self.tree.role(verb) == Role::Modifier;
        taken.then(|| Found { subject: Some(self.bare(start..last)), predicate: Some(verb) })
    }

    /// Whether a finite verb stands before a word, with nothing between that parts clauses.
    fn is_under_a_verb(&self, at: usize) -> bool {
        let parts = Class::COORDINATOR | Class::SUBORDINATOR | Class::RELATIVE;
        let here =
            |at: &usize| !self.words.to(*at).class(0).has(parts) && self.tree.tag(*at).pos != Pos::Punct;
        (0..at).rev().take_while(here).any(|at| self.is_finite(at))
    }

    /// The noun that an amount has before `of`: `sales of 3 mln`.
    pub(super) fn noun_of(&self, group: &Range<usize>) -> Option<usize> {
        let of =
            group.start.checked_sub(1).filter(|of| self.words.to(*of).hash(0) == const { word("of") })?;
        let noun = of.checked_sub(1)?;
        self.is_free(noun).then_some(noun)
    }

    /// The noun that an amount shares with the one before: `a fine of $5 for Acme and $3 for Bolt`.
    pub(super) fn shared_noun(&self, which: usize) -> Option<usize> {
        let start = self.group(&self.amounts[which]).start;
        let joined =
            start.checked_sub(1).is_some_and(|at| self.words.to(at).class(0).has(Class::COORDINATOR));
        let before = self.group(&self.amounts[which.checked_sub(1)?]);
        let near = start.checked_sub(before.end).is_some_and(|between| between <= MOST_BEHIND);
        self.noun_of(&before).filter(|_| joined && near)
    }

    /// The phrase of a noun that an amount follows with `of`, and what follows the amount: `a rise of 5% in
    /// sales`, `an increase of 60 jobs or 1% for men`.
    pub(super) fn measured(&self, noun: usize, group: &Range<usize>) -> Phrase {
        let before = self.phrase(noun, &(noun + 1..noun + 1));
        let again = |end: usize| {
            let or = self.words.to(end).hash(0) == const { word("or") };
            or.then(|| self.other(end + 1, group)).flatten().map(|again| again.end)
        };
        let last = again(group.end).unwrap_or(group.end);
        let joins = [word("for"), word("in"), word("on")];
        let first = last + 1;
        if before.second.is_some() || !joins.contains(&self.words.to(last).hash(0)) {
            return before;
        }
        let end = phrase_end(&self.words.to(first)).min(self.tree.words()).min(first + MOST_BEHIND);
        let free = (first..end).all(|at| !self.is_time(at) && !self.is_amount(at));
        let second = (first < end && free).then_some(last..end);
        Phrase { second, ..before }
    }

    /// What figures in brackets are of: `Acme (15.3 points, 7.4 points)`.
    pub(super) fn bracketed(&self, which: usize, group: &Range<usize>) -> Option<Phrase> {
        let opens = |at: &usize| matches!(self.words.to(*at).text(0), "(" | "[");
        let open = (0..group.start).rev().take(MOST_IN_BRACKETS).find(opens)?;
        let before = self.amounts[..which].iter().rev();
        let figures = before.take_while(|amount| amount.tokens.start > open);
        let joins = |at: &usize| {
            matches!(self.tree.tag(*at).pos, Pos::Punct | Pos::Cconj | Pos::Sym)
                || figures.clone().any(|amount| self.group(amount).contains(at))
        };
        let noun = open
            .checked_sub(1)
            .filter(|noun| self.is_free(*noun) && self.tree.tag(*noun).pos == Pos::Propn)?;
        (open + 1..group.start).all(|at| joins(&at)).then(|| self.phrase(noun, group))
    }

    /// What stands right before an amount behind another, where the verb is not said again: `sales rose 5%
    /// and profit 3%`.
    pub(super) fn gapped(&self, which: usize) -> Option<Phrase> {
        let tree = self.tree;
        let before = self.group(&self.amounts[which.checked_sub(1)?]).end;
        let start = self.group(&self.amounts[which]).start;
        let joins = [word("by"), word("to"), word("at"), word("between")];
        let end = start - usize::from(start > before && joins.contains(&self.words.to(start).hash(-1)));
        let noun = end.checked_sub(1).filter(|noun| *noun > before && self.is_free(*noun))?;
        let here = self.words.to(noun);
        // `AU $5`; `and cost $5 million`, which is a verb
        if here.text(0).len() < 3 || COSTS.contains(&here.hash(0)) {
            return None;
        }
        let part = |at: &usize| {
            let nouns = |at: usize| matches!(tree.tag(at).pos, Pos::Noun | Pos::Propn);
            match tree.tag(*at).pos {
                Pos::Noun | Pos::Propn | Pos::Adj | Pos::Det | Pos::Num => !self.is_time(*at),
                Pos::Part => tree.tag(*at).penn == Penn::POS,
                Pos::Pron => tree.tag(*at).penn == Penn::PRPS,
                Pos::Cconj => *at > before && nouns(*at - 1) && nouns(*at + 1),
                _ => false,
            }
        };
        let first = (before..noun).rev().take_while(part).last().unwrap_or(noun);
        let parts = (before..first).all(|at| {
            matches!(tree.tag(at).pos, Pos::Cconj | Pos::Punct)
                || self.words.to(at).hash(0) == const { word("while") }
        });
        (before < first && parts && self.has_verb()).then(|| self.bare(first..end))
    }

    /// What stands before an amount in the phrase that it is the head of: `the Lantern Pro 16 inch is`.
    pub(super) fn named(&self, group: &Range<usize>) -> Option<Phrase> {
        let words = self.tree.noun_phrase(self.top(group)).words;
        let last = group.start.checked_sub(1).filter(|last| self.is_free(*last))?;
        (words.start <= last).then(|| self.bare(words.start..group.start))
    }

    /// Whether a word is a noun, and no part of a time or an amount.
    pub(super) fn is_free(&self, at: usize) -> bool {
        self.is_noun(at) && self.tree.tag(at).pos != Pos::Pron && !self.is_time(at) && !self.is_amount(at)
    }

    /// Who is of an age that stands beside the name: `Rahima Khatun, 52,`.
    pub(super) fn aged(&self, amount: &Amount) -> Option<Phrase> {
        let comma = amount.tokens.start.checked_sub(1)?;
        if amount.kind != Some(AmountKind::Age) || self.words.to(comma).text(0) != "," {
            return None;
        }
        let name =
            |at: &usize| self.words.to(*at).capital(0) && self.words.to(*at).kind(0) == Some(Kind::Word);
        let first = (0..comma).rev().take_while(name).last()?;
        Some(Phrase::from(first..comma))
    }

    /// The amount that this one says again, or is compared with: `12 inches (30 cm)`, `5 mln vs 3 mln`.
    pub(super) fn restated(&self, which: usize) -> Option<usize> {
        let earlier = which.checked_sub(1)?;
        let between = self.group(&self.amounts[earlier]).end..self.group(&self.amounts[which]).start;
        let joins =
            |at: usize| matches!(self.words.to(at).text(0), "(" | "[" | "vs" | "vs." | "versus" | "/" | "or");
        let only = between.len() == 1 || between.len() == 2 && self.words.to(between.start).text(0) == ",";
        let with = matches!(self.words.to(between.end).text(-1), "with" | "to" | "against");
        let compared = with && between.len() > 1 && self.words.to(between.end).text(-2) == "compared";
        (only && joins(between.end - 1) || compared).then_some(earlier)
    }

    /// What is told of the noun before a comma: `claims, ranging from 5 to 9 dollars`.
    pub(super) fn told_beside(&self, group: &Range<usize>) -> Option<Found> {
        let tells = |at: &usize| TELLING.get(self.words.to(*at).hash(0)).is_some();
        let at = (1..=2).filter_map(|back| group.start.checked_sub(back)).find(tells)?;
        let noun =
            at.checked_sub(2).filter(|noun| self.is_free(*noun) && self.words.to(*noun).text(1) == ",")?;
        Some(Found { subject: Some(self.phrase(noun, group)), predicate: Some(at) })
    }

    /// What a participle that the tree takes for a noun says of the noun before it: `with Kazakhstan alone
    /// accounting for 5 %`.
    pub(super) fn participle(&self, group: &Range<usize>) -> Option<Found> {
        let alone = |at: usize| usize::from(self.words.to(at).hash(-1) == const { word("alone") });
        let fits = |at: &usize| {
            let gerund = self.words.to(*at).class(0).has(Class::GERUND);
            let verb = self.tree.tag(*at).pos == Pos::Verb;
            // `people earning between 5 and 10 dollars`
            let close = || {
                verb && *at > 0
                    && self.is_free(*at - 1)
                    && self.tree.role(self.top(group)) != Role::Modifier
                    && self.tree.clause(*at).is_some_and(|clause| clause.subject.is_none())
            };
            gerund && (alone(*at) == 1 || self.is_participle(*at) && !verb || close())
        };
        let at = (1..=2).filter_map(|back| group.start.checked_sub(back)).find(fits)?;
        let noun = at.checked_sub(1 + alone(at)).filter(|noun| alone(at) == 1 || self.is_noun(*noun))?;
        let phrase = self.phrase(noun, group);
        let end = (noun + 1 + alone(at)).max(phrase.first.end.min(at));
        let subject = Phrase { first: phrase.first.start..end, ..phrase };
        Some(Found { subject: Some(subject), predicate: Some(at) })
    }

    /// What is worth an amount that follows that word.
    pub(super) fn worth(&self, group: &Range<usize>) -> Option<Phrase> {
        // `worth an estimated $90 million`
        let article = group.start.checked_sub(1).filter(|at| self.tree.tag(*at).pos == Pos::Det);
        let worth = article.unwrap_or(group.start).checked_sub(1).filter(|at| self.is_worth(*at))?;
        // `the fund, worth $3 billion`
        let comma = self.words.to(worth).text(-1) == ",";
        let noun = worth.checked_sub(1 + usize::from(comma)).filter(|noun| self.is_noun(*noun))?;
        let counts = |other: &&Amount| other.counted.as_ref().is_some_and(|counted| counted.end == noun + 1);
        let counted =
            self.amounts.iter().find(counts).map(|other| Phrase::from(other.tokens.start..noun + 1));
        Some(counted.unwrap_or_else(|| self.phrase(noun, group)))
    }

    /// Where there is no verb, the words before the amount: `Net profit 5 mln`, `sales of 3 mln`.
    pub(super) fn label(&self, start: usize) -> Option<Phrase> {
        let joins = Class::PREPOSITION | Class::COORDINATOR | Class::TO;
        let mut end = start;
        while end > 0 && self.words.to(end - 1).class(0).has(Class::PREPOSITION | Class::TO) {
            end -= 1;
        }
        let begins = |at: &usize| {
            let here = self.words.to(*at);
            let word = here.kind(0) == Some(Kind::Word)
                && !(here.class(0).has(joins) && here.hash(0) != const { word("of") })
                && self.tree.tag(*at).pos != Pos::Verb;
            // `Tashbaan 50 -1.3%`
            let number =
                here.kind(0) == Some(Kind::Number) && here.to(*at).capital(-1) && !self.is_amount(*at);
            word || number || here.hyphen(0)
        };
        let mut first = (end.saturating_sub(8)..end).rev().take_while(begins).last()?;
        // `70 percent of exporters and`: the words of another amount are no label.
        let before = self.words.to(first);
        if before.kind(-1) == Some(Kind::Number) || is_numeral(before.hash(-1)) {
            return None;
        }
        let opens = |at: usize| self.words.to(at).class(0).has(joins | Class::DETERMINER);
        while first < end && opens(first) {
            first += 1;
        }
        let named = |at: usize| {
            let number = self.tree.tag(at).pos == Pos::Num && !self.is_amount(at);
            self.is_noun(at) || number || self.words.to(at).capital(0)
        };
        (first < end && named(end - 1)).then(|| Phrase::from(first..end))
    }
}
