//! English clauses: what hangs together with an amount, and what that says of it.

mod beside;
mod owner;
mod paired;
mod phrase;
mod subject;
mod verb;
mod when;

use std::ops::Range;
use std::sync::LazyLock;

use claimline_language::name::{Hint, hint};
use claimline_language::syntax::Role;
use claimline_language::tag::{Penn, Pos};
use claimline_language::{Class, WordMap, rows, word};
use claimline_model::{AmountKind, Modality, Polarity};

pub use self::phrase::Phrase;
pub(crate) use self::when::Dating;
use super::{Clause, Sentence};
use crate::cursor::Cursor;
use crate::quantity::{Amount, Per, phrase_end};
use crate::time;

/// Words that make a clause less sure, and what a noun of that form must stand before.
pub(crate) static HEDGES: LazyLock<WordMap<(Modality, &str)>> = LazyLock::new(|| {
    let words = rows::<3>(include_str!("hedges.tsv"));
    words.filter_map(|[word, modality, before]| Some((word, (modality.parse().ok()?, before)))).collect()
});

impl Sentence<'_> {
    /// The clause that asserts the amount of that number; none where nothing is said of it, as in a table.
    pub(crate) fn asserted(&self, which: usize) -> Option<Clause> {
        let amount = &self.amounts[which];
        let told = amount.kind.is_some() || amount.per.is_some() || self.is_told(which);
        let clause = told.then(|| self.clause(which))?;
        (clause.subject.is_some() || clause.predicate.is_some()).then_some(clause)
    }

    /// The clause around the amount of that number.
    pub(crate) fn clause(&self, which: usize) -> Clause {
        let amount = &self.amounts[which];
        let group = self.group(amount);
        // `tonnes of copper last year`
        let whole = self.whole(amount, group.end).map(|whole| time::without(self.times, whole));
        let end = whole.as_ref().map_or(group.end, |whole| self.bare(whole.clone()).end().max(group.end));
        let whole = whole.map(|whole| self.former(whole, &group));
        let mut found = self.found(which);
        found.subject = self.paired(which, &found).or(found.subject);
        let whole = whole.map(|whole| self.bare(whole).first);
        let mut clause = Clause { whole, ..Clause::default() };
        // Nothing may be left of one but its article.
        let says_something = |subject: &Phrase| !subject.first.is_empty();
        let subject = found.subject.filter(says_something).map(|subject| match subject.second {
            None => Phrase::from(self.former(subject.first, &group)),
            second => Phrase { second, ..subject },
        });
        let subject = subject.map(|subject| self.undated(subject));
        clause.subject = subject.filter(says_something).map(|subject| self.possessed(subject, &group));
        clause.predicate = found.predicate.map(|predicate| self.predicate(predicate, group.start));
        if let Some(predicate) = &clause.predicate {
            let from = match predicate.end <= group.start {
                true => predicate.end,
                // The bound is the verb: `exceeded 5 pct`.
                false if predicate.start < group.start => amount.tokens.start,
                false => end,
            };
            let article = |at: usize| self.tree.tag(at).pos == Pos::Det;
            let more = !(from..group.start).all(article) || end > amount.tokens.end;
            let closes = more && matches!(self.words.to(end).text(0), ")" | "]");
            let end = end
                + usize::from(closes && (from..end).any(|at| matches!(self.words.to(at).text(0), "(" | "[")));
            let begins = |at: &usize| self.tree.tag(*at).pos != Pos::Punct || *at >= group.start;
            let from = (from..end).find(begins).unwrap_or(end);
            clause.object = (more && from < end && end - from <= MOST_TOKENS).then_some(from..end);
        }
        let subject = clause.subject.as_ref().map(|subject| subject.start()..subject.end());
        let apart = |object: &Range<usize>| {
            subject.as_ref().is_none_or(|subject| subject.end <= object.start || object.end <= subject.start)
        };
        // What is priced stands in the object: `bought the mill for $5 million`.
        clause.object = clause.object.filter(|object| apart(object) || amount.counted.is_some());
        let parts = [subject.as_ref(), clause.predicate.as_ref(), clause.object.as_ref()];
        clause.content = parts
            .into_iter()
            .flatten()
            .fold(group.start..end, |all, part| all.start.min(part.start)..all.end.max(part.end));
        clause.place = self.place(&clause.content, &group);
        self.qualify(group.start, found.predicate, &mut clause);
        clause
    }

    /// A subject without a time before its article (`Tuesday the operator`) or behind it (`sales last year`).
    fn undated(&self, subject: Phrase) -> Phrase {
        let rest = time::without(self.times, subject.first.clone());
        let opens = matches!(self.tree.tag(rest.start).pos, Pos::Det | Pos::Pron | Pos::Punct);
        let start = if opens { rest.start } else { subject.first.start };
        match subject.second {
            None => self.bare(start..rest.end),
            second => Phrase { first: start..subject.first.end, second },
        }
    }

    /// The tokens of an amount with its bound, unless that is a verb, and with what is counted.
    fn group(&self, amount: &Amount) -> Range<usize> {
        // `an estimated $90 million` has none.
        let is_verb = |at: usize| {
            matches!(self.tree.tag(at).pos, Pos::Verb | Pos::Aux) && self.tree.role(at) != Role::Modifier
        };
        let bound = amount.bound_tokens.clone().filter(|bound| !bound.clone().any(is_verb));
        let parts = [&bound, &amount.counted];
        let all = parts
            .into_iter()
            .flatten()
            .fold(amount.tokens.clone(), |all, part| all.start.min(part.start)..all.end.max(part.end));
        let rest =
            |rest: &&Amount| rest.rest_of.is_some_and(|first| self.amounts[first].tokens == amount.tokens);
        let per = match &amount.per {
            Some(Per::Several { end, .. }) => *end,
            _ => 0,
        };
        let all = all.start..all.end.max(per);
        let end = self.amounts.iter().rfind(rest).map_or(all.end, |rest| rest.tokens.end.max(all.end));
        all.start..end.min(self.tree.words())
    }

    /// What the amount is a share or a sum of: `40% of trade`, `610 millimetres of rain`.
    fn whole(&self, amount: &Amount, end: usize) -> Option<Range<usize>> {
        if let Some(of) = &amount.of {
            // The end of it by its words may be a verb: `90% of the power comes from dams`.
            let verb = (of.start + 1..of.end.min(self.tree.words())).find(|at| self.is_finite(*at));
            return Some(of.start..verb.unwrap_or(of.end));
        }
        let end = self.unbracketed(end);
        let joins = self.words.to(end).hash(0);
        let measured = !matches!(amount.kind, Some(AmountKind::Age) | None);
        // `$5 million in fees`
        let kind = self.tree.tag((end + 1).min(self.tree.words() - 1));
        let made_of = amount.kind == Some(AmountKind::Money)
            && joins == const { word("in") }
            && matches!(kind.penn, Penn::NN | Penn::NNS | Penn::JJ)
            && self.times.iter().all(|time| !time.tokens.contains(&(end + 1)));
        let whole = end + 1..phrase_end(&self.words.to(end + 1));
        let holds = measured && (joins == const { word("of") } || made_of);
        (holds && whole.start < whole.end).then_some(whole)
    }

    /// What a relative pronoun stands for, in the phrase of an amount or before it: `450 beds, 30 of which`,
    /// `1,500 patients, of whom 60%`.
    fn former(&self, words: Range<usize>, group: &Range<usize>) -> Range<usize> {
        let here = self.words.to(words.start);
        // `78 migrants, 22 of them women`
        let them = here.hash(0) == const { word("them") } && group.start < words.start;
        let relative = words.len() == 1 && (here.class(0).has(Class::RELATIVE) || them);
        let noun = self.before_comma(words.start.min(group.start)).filter(|noun| self.is_noun(*noun));
        match noun.filter(|_| relative) {
            Some(noun) => self.phrase(noun, group).first,
            None => words,
        }
    }

    /// The word before the comma that stands before `at`, with or without a preposition between: `beds` of `450
    /// beds, of which`.
    fn before_comma(&self, at: usize) -> Option<usize> {
        let case = usize::from(self.words.to(at).class(-1).has(Class::PREPOSITION));
        let comma = at.checked_sub(1 + case).filter(|comma| self.words.to(*comma).text(0) == ",");
        comma.and_then(|comma| comma.checked_sub(1))
    }

    /// The end of an amount with what says it again in brackets: `8 miles (13 km) of tunnels`, for either.
    fn unbracketed(&self, end: usize) -> usize {
        let close = |at: &usize| self.words.to(*at).text(0) == ")";
        let again = |at: usize| {
            self.amounts.iter().find(|amount| amount.tokens.start == at && amount.same_as.is_some())
        };
        match self.words.to(end).text(0) {
            "(" => {
                again(end + 1).map(|amount| amount.tokens.end).filter(close).map_or(end, |close| close + 1)
            }
            ")" if self.amounts.iter().any(|amount| amount.tokens.end == end && amount.same_as.is_some()) => {
                end + 1
            }
            _ => end,
        }
    }

    /// Where it is so: a place that a word of the clause has with `in` or the like.
    fn place(&self, content: &Range<usize>, group: &Range<usize>) -> Option<Range<usize>> {
        let tree = self.tree;
        const WHERE: [u64; 8] = [
            word("in"),
            word("at"),
            word("across"),
            word("throughout"),
            word("within"),
            word("inside"),
            word("near"),
            word("outside"),
        ];
        let is_where = |at: &usize| {
            let hangs = || tree.head(*at).is_some_and(|head| content.contains(&head));
            let case = || tree.preposition(*at).map(|case| self.words.to(case).hash(0));
            tree.tag(*at).pos == Pos::Propn && hangs() && case().is_some_and(|case| WHERE.contains(&case))
        };
        let is_place = |words: &Range<usize>| {
            let known = Hint::COUNTRY | Hint::CITY | Hint::REGION | Hint::PLACE;
            words.clone().any(|at| hint(self.words.to(at).hash(0)).has(known))
        };
        let places = (0..tree.words()).filter(is_where);
        places.map(|at| self.phrase(at, group).first).find(is_place)
    }

    /// The words of a predicate: auxiliaries and adverbs before it, a particle or a preposition behind.
    fn predicate(&self, verb: usize, limit: usize) -> Range<usize> {
        let tree = self.tree;
        let mut start = verb;
        let helps = |at: usize| {
            let tag = tree.tag(at);
            matches!(tag.pos, Pos::Aux | Pos::Part | Pos::Adv) && tag.penn != Penn::POS
        };
        while start > 0 && helps(start - 1) {
            start -= 1;
        }
        // An adverb alone may belong to what is before it: `Kazakhstan alone`.
        while start < verb && tree.tag(start).pos == Pos::Adv {
            start += 1;
        }
        // `plans to produce`
        let infinitive = start < verb && tree.tag(start).penn == Penn::TO && start > 0;
        if infinitive && tree.head(verb) == Some(start - 1) && tree.tag(start - 1).pos == Pos::Verb {
            start = self.predicate(start - 1, start - 1).start;
        }
        let takes = |at: &usize| {
            let tag = tree.tag(*at);
            let adverb = tag.pos == Pos::Adv && PARTICLES.contains(&self.words.to(*at).hash(0));
            let joins = matches!(tag.pos, Pos::Adp | Pos::Part) && tag.penn != Penn::POS;
            let bound =
                |amount: &Amount| amount.bound_tokens.as_ref().is_some_and(|bound| bound.contains(at));
            (joins || adverb)
                && !self.amounts.iter().any(bound)
                && self.words.to(*at).hash(0) != const { word("between") }
        };
        let end = verb + 1;
        start..end + (end..limit.max(end)).take(2).take_while(takes).count()
    }

    /// Says whether the clause is denied, and how sure it is.
    fn qualify(&self, start: usize, verb: Option<usize>, clause: &mut Clause) {
        if let Some(verb) = &clause.predicate {
            let words = || (verb.start.saturating_sub(1)..verb.end).map(|at| self.words.to(at));
            if words().any(|at| at.class(0).has(Class::NEGATION)) {
                clause.polarity = Polarity::Negated;
            }
            let will = |at: &Cursor<'_>| matches!(at.text(0), "will" | "shall" | "'ll" | "would");
            // `will own 5% and receive $3`
            let shared = || {
                let last = verb.end - 1;
                let before = self.tree.head(last).filter(|_| self.tree.role(last) == Role::Conjunct);
                let helps = |before: usize| self.tree.dependents(before).any(|at| will(&self.words.to(at)));
                matches!(self.tree.tag(last).penn, Penn::VB | Penn::VBP) && before.is_some_and(helps)
            };
            if words().any(|at| will(&at)) || shared() {
                clause.modality = Modality::Planned;
            }
        }
        let hedge = |at: usize| {
            let (modality, before) = *HEDGES.get(self.words.to(at).hash(0))?;
            let noun = self.tree.tag(at).pos == Pos::Noun && !before.is_empty();
            // The month of May permits nothing.
            let says = !self.is_time(at) && (!noun || self.words.to(at).text(1) == before);
            says.then_some((at, modality))
        };
        // `5 million homes would be hit`
        let behind = clause.predicate.clone().filter(|verb| verb.start > start).unwrap_or_default();
        let inside = (clause.content.start..start).chain(behind).find_map(hedge);
        // `if`, at the verb of the clause or of the clauses that it hangs on, or at one that hangs on those:
        // `if approved, it would create 40 jobs`
        let above = || {
            let verbs = std::iter::successors(verb, |verb| match self.tree.role(*verb) {
                Role::Content | Role::Conjunct => self.tree.head(*verb),
                _ => None,
            });
            verbs.take(MOST_STEPS).find_map(|verb| {
                let with =
                    |head, role| self.tree.dependents(head).filter(move |at| self.tree.role(*at) == role);
                let beside = with(verb, Role::Adverbial).flat_map(|beside| with(beside, Role::Function));
                let marks = with(verb, Role::Function).chain(beside);
                marks.filter_map(hedge).find(|(_, modality)| *modality == Modality::Conditional)
            })
        };
        // `if sales`, whatever the tree hangs it on
        let before = || {
            let words = (clause.content.start.saturating_sub(2)..clause.content.start).rev();
            let mark = words.take_while(|at| matches!(self.tree.tag(*at).pos, Pos::Det | Pos::Sconj)).last();
            mark.and_then(hedge).filter(|(_, modality)| *modality == Modality::Conditional)
        };
        if let Some((at, modality)) = inside.or_else(before).or_else(above) {
            (clause.modality, clause.hedge) = (modality, Some(at));
        }
    }
}

/// Adverbs that are part of the verb before them: `set aside`.
const PARTICLES: [u64; 7] =
    [word("aside"), word("away"), word("back"), word("down"), word("off"), word("out"), word("up")];

/// The longest phrase that a cell holds.
const MOST_TOKENS: usize = 30;

/// How far up a tree is looked, so that a sentence of many amounts costs no square.
const MOST_STEPS: usize = 12;
