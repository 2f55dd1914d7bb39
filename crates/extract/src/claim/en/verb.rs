//! What a verb tells of: its subject, or what it acts on.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use claimline_language::syntax::Role;
use claimline_language::tag::{Penn, Pos};
use claimline_language::{Class, lemma, rows, word};
use claimline_model::AmountKind;

use super::super::Sentence;
use super::MOST_STEPS;
use super::phrase::{MOST_TOKENS, Phrase};
use crate::quantity::Amount;

/// What takes an amount from or adds it to something, and by which preposition.
static TAKING: LazyLock<HashSet<(&str, &str)>> =
    LazyLock::new(|| rows::<2>(include_str!("taking.tsv")).map(|[verb, case]| (verb, case)).collect());

/// What an amount of money is of by what follows `for`: `paid $5 for the mill`.
static PAYING: LazyLock<HashSet<&str>> =
    LazyLock::new(|| rows::<1>(include_str!("paying.tsv")).map(|[verb]| verb).collect());

/// What an amount behind a preposition is told of, by the object of the verb.
static SETTING: LazyLock<HashSet<(&str, &str)>> =
    LazyLock::new(|| rows::<2>(include_str!("setting.tsv")).map(|[verb, case]| (verb, case)).collect());

/// The most words from `between` to the `and` that goes with it.
const MOST_BETWEEN: usize = 6;

impl Sentence<'_> {
    /// What a verb's amount is of, where that is not its subject: what money is paid for (`paid $5 for the
    /// mill`, `bought the mill for $5`, `values the mill at $5`), and what is changed (`cut its price to $5`).
    pub(super) fn acted_on(
        &self,
        amount: &Amount,
        verb: usize,
        at: usize,
        group: &Range<usize>,
    ) -> Option<Phrase> {
        let tree = self.tree;
        let case = |at: usize| tree.preposition(at).map(|case| self.words.to(case).hash(0));
        let is_for = |at: usize| case(at) == Some(const { word("for") });
        let money = amount.kind == Some(AmountKind::Money);
        let object = match tree.role(at) {
            Role::Object => true,
            // A length of time stands there as a time does.
            role => role == Role::Oblique && case(at).is_none(),
        };
        if object && amount.counted.is_none() {
            let lemma = lemma(self.words.to(verb).text(0), tree.tag(verb));
            let from = |at: &usize| {
                let case = tree.preposition(*at).map_or("", |case| self.words.to(case).text(0));
                *at > group.end && TAKING.contains(&(&*lemma, case))
            };
            if let Some(from) = tree.obliques(verb).into_iter().find(from).filter(|at| self.is_free(*at)) {
                return Some(self.phrase(from, group));
            }
        }
        // `kept inflation below 2%`, `limited it to no more than 5`
        let bound = amount.bound_tokens.as_ref().map(|bound| bound.start);
        let cases = [tree.preposition(at), group.start.checked_sub(1), bound];
        let sets = || cases.into_iter().flatten().any(|case| self.is_setting(verb, case));
        match tree.role(at) {
            Role::Object if money => {
                let around = tree.obliques(verb).chain(tree.dependents(at));
                let paid = around.into_iter().find(|at| is_for(*at) && *at > group.end);
                let paid =
                    paid.filter(|_| PAYING.contains(&*lemma(self.words.to(verb).text(0), tree.tag(verb))));
                paid.filter(|at| self.is_free(*at)).map(|at| self.phrase(at, group))
            }
            Role::Oblique | Role::Complement
                if money && (is_for(at) || case(at) == Some(const { word("at") }))
                    || sets()
                    || amount.role.is_some() && case(at).is_some() =>
            {
                self.object_of(verb, group).filter(|object| object.end() <= group.start)
            }
            _ => None,
        }
    }

    /// The object of a verb.
    pub(super) fn object_of(&self, verb: usize, group: &Range<usize>) -> Option<Phrase> {
        let object = self.tree.clause(verb)?.object?;
        let meant = if self.is_free(object) { Some(object) } else { self.object_before(verb, object) };
        meant.map(|at| self.phrase(at, group))
    }

    /// What a pronoun that is an object stands for: the object of the clause that its own hangs on, where the two
    /// agree: `improved the storage, doubling it`.
    fn object_before(&self, verb: usize, pronoun: usize) -> Option<usize> {
        let tree = self.tree;
        let plural = match self.words.to(pronoun).hash(0) {
            hash if hash == const { word("it") } => false,
            hash if hash == const { word("them") } => true,
            _ => return None,
        };
        let beside = matches!(tree.role(verb), Role::Adverbial | Role::Beside | Role::Conjunct);
        let above = tree.head(verb).filter(|_| beside)?;
        let object = tree.clause(above)?.object.filter(|object| *object < verb)?;
        let agrees = matches!(tree.tag(object).penn, Penn::NNS | Penn::NNPS) == plural;
        (self.is_free(object) && agrees).then_some(object)
    }

    /// Whether a verb says how much its object is, with that preposition: `put the death toll at 47`.
    fn is_setting(&self, verb: usize, case: usize) -> bool {
        let lemma = lemma(self.words.to(verb).text(0), self.tree.tag(verb));
        SETTING.contains(&(&*lemma, self.words.to(case).text(0)))
    }

    /// Whether an amount is the price of something that its verb acts on.
    pub(super) fn is_price(&self, amount: &Amount, at: usize) -> bool {
        let case = self.tree.preposition(at).map(|case| self.words.to(case).hash(0));
        amount.kind == Some(AmountKind::Money) && case == Some(const { word("for") })
    }

    /// The subject of a predicate; where it has none of its own, that of what it hangs on.
    pub(super) fn subject_of(&self, predicate: usize, group: &Range<usize>) -> Option<Phrase> {
        let tree = self.tree;
        let mut at = predicate;
        for _ in 0..MOST_STEPS {
            if let Some(subject) = self.tree_subject(at, group) {
                let relative = matches!(tree.tag(subject).penn, Penn::WDT | Penn::WP)
                    || self.words.to(subject).class(0).has(Class::RELATIVE)
                        && tree.role(at) == Role::Relative;
                if !relative {
                    return Some(self.meant(subject, at, group));
                }
                // `the task of soothing Narnia, which is`, `68 people and 95 who are`
                let near = (subject.saturating_sub(2)..subject).find(|at| match subject - at {
                    1 => self.is_amount(*at),
                    _ => tree.tag(*at).pos == Pos::Propn && self.words.to(*at).text(1) == ",",
                });
                let noun = match tree.role(at) {
                    Role::Relative => near.or(tree.head(at)),
                    // `shares, which were up`
                    _ => (subject.saturating_sub(2)..subject).rev().find(|noun| self.is_noun(*noun)),
                };
                return noun.map(|noun| self.thing(noun, group));
            }
            if let Some(noun) = self.noun_before(at, group) {
                return Some(self.outer(noun, group));
            }
            // `the market worth 2 billion is growing`
            let before = self.predicate(at, at).start.checked_sub(1);
            let amount = before.and_then(|at| self.amounts.iter().find(|amount| amount.tokens.contains(&at)));
            if let Some(thing) = amount.and_then(|amount| self.worth(&self.group(amount))) {
                return Some(thing);
            }
            let head = tree.head(at)?;
            let noun = self.is_noun(head) && !self.is_amount(head) && !self.is_time(head);
            match tree.role(at) {
                Role::Relative | Role::Modifier | Role::Complement | Role::Oblique
                    if noun && !group.contains(&head) =>
                {
                    return Some(self.phrase(head, group));
                }
                Role::Content => {
                    // `expects sales to reach 5`
                    let object = tree.clause(head).and_then(|clause| clause.object);
                    if let Some(object) = object.filter(|object| *object < at && !group.contains(object)) {
                        return Some(self.phrase(object, group));
                    }
                    at = head;
                }
                _ => at = head,
            }
        }
        None
    }

    /// The subject that a predicate has in the tree, unless the noun right before the verb is likelier: no
    /// verb or comma stands between the two.
    fn tree_subject(&self, predicate: usize, group: &Range<usize>) -> Option<usize> {
        let tree = self.tree;
        let subject = tree.clause(predicate)?.subject.filter(|subject| self.is_subject(*subject, group))?;
        let Some(noun) = self.noun_before(predicate, group).filter(|noun| subject < *noun) else {
            return Some(subject);
        };
        // What verbs share is too far away.
        if tree.head(subject) != Some(predicate) {
            return None;
        }
        let start = self.phrase(noun, group).start();
        // `ended the link between notes and bonds, bond issues fell`
        let comma = start > subject && tree.tag(start - 1).pos == Pos::Punct;
        let inside = !comma && tree.extent(subject).contains(&noun);
        let apart = self.phrase(subject, group).end() <= noun
            && (subject..noun).all(|at| !matches!(tree.tag(at).pos, Pos::Verb | Pos::Aux | Pos::Punct));
        // `Acme fell to 5 and Bolt fell`
        let joined = start > subject && self.words.to(start).class(-1).has(Class::COORDINATOR);
        (inside || !apart && !joined).then_some(subject)
    }

    /// Whether the subject of a clause is one: no time (`last year rising`), nothing behind a preposition.
    fn is_subject(&self, at: usize, group: &Range<usize>) -> bool {
        let amount = self.is_amount(at);
        let there = self.tree.tag(at).penn == Penn::EX;
        let verbal = matches!(self.tree.tag(at).pos, Pos::Verb | Pos::Aux | Pos::Adv | Pos::Adp | Pos::Sconj);
        !verbal
            && !there
            && !group.contains(&at)
            && (amount || !self.is_time(at))
            && self.tree.preposition(at).is_none_or(|case| self.is_absolute(case, at))
    }

    /// Whether `with` at `case` gives a participle its subject: `with exports making up $5 million`.
    fn is_absolute(&self, case: usize, noun: usize) -> bool {
        let verb = self.tree.head(noun).filter(|verb| noun < *verb);
        self.words.to(case).hash(0) == const { word("with") }
            && verb.is_some_and(|verb| self.tree.tag(verb).penn == Penn::VBG)
    }

    /// The noun right before a verb that stands without a subject in the tree: `the index fell`.
    fn noun_before(&self, verb: usize, group: &Range<usize>) -> Option<usize> {
        let tree = self.tree;
        let finite = matches!(tree.tag(verb).penn, Penn::VBD | Penn::VBZ | Penn::VBP)
            || tree.role(verb) == Role::Root
            || tree.dependents(verb).any(|at| at < verb && tree.tag(at).pos == Pos::Aux);
        let mut before = self.predicate(verb, verb).start.checked_sub(1)?;
        // `sales last year rose`
        if let Some(time) = self.times.iter().find(|time| time.tokens.contains(&before)) {
            before = time.tokens.start.checked_sub(1)?;
        }
        let no_noun = [Penn::WDT, Penn::WP, Penn::WPS, Penn::EX].contains(&tree.tag(before).penn);
        // `and nasdaq fell`, `the average American eats`: an adjective that has a capital, or nothing before it, is
        // a name.
        let alone = || {
            let opens = |at: usize| matches!(tree.tag(at).pos, Pos::Cconj | Pos::Punct);
            let adjective = tree.tag(before).pos == Pos::Adj;
            adjective && (self.words.to(before).capital(0) || before.checked_sub(1).is_none_or(opens))
        };
        let noun = finite && (self.is_noun(before) || alone()) && !no_noun;
        (noun && !group.contains(&before) && !self.is_time(before) && !self.is_amount(before))
            .then_some(before)
    }

    /// The noun before a verb, over what stands between commas: `the debt, excluding banks', was`.
    pub(super) fn noun_beyond(&self, verb: usize, group: &Range<usize>) -> Option<Phrase> {
        let comma = |at: &usize| self.words.to(*at).text(0) == ",";
        let close = self.predicate(verb, verb).start.checked_sub(1).filter(comma)?;
        let noun = (0..close).rev().find(comma)?.checked_sub(1)?;
        let free = self.is_noun(noun) && !self.is_time(noun) && !self.is_amount(noun);
        free.then(|| self.outer(noun, group))
    }

    /// The phrase of a noun with that which it belongs to by a preposition: `loans to small firms`. A sentence may
    /// begin with a noun that looks like a verb: `Demand for cars fell`.
    fn outer(&self, noun: usize, group: &Range<usize>) -> Phrase {
        let inner = self.phrase(noun, group);
        let tree = self.tree;
        // `after demand fell` opens a clause.
        let case =
            |at: usize| tree.tag(at).pos == Pos::Adp && !self.words.to(at).class(0).has(Class::SUBORDINATOR);
        let start = (0..inner.start()).rev().find(|at| tree.tag(*at).pos != Pos::Det);
        let joined = start.is_some_and(|at| case(at) || tree.tag(at).pos == Pos::Cconj);
        if !joined || inner.second.is_some() {
            return inner;
        }
        let between =
            |at: usize| (0..at).rev().take(MOST_BETWEEN).any(|at| self.words.to(at).text(0) == "between");
        let nominal = |at: &usize| {
            let free = !self.is_time(*at) && !self.is_amount(*at);
            free && match tree.tag(*at).pos {
                Pos::Noun | Pos::Propn | Pos::Adj | Pos::Det | Pos::Num | Pos::Adp => true,
                Pos::Cconj => between(*at),
                Pos::Part => tree.tag(*at).penn == Penn::POS,
                Pos::Pron => tree.tag(*at).penn == Penn::PRPS,
                // `margins on oil refined in Narnia`
                Pos::Verb if tree.tag(*at).penn == Penn::VBN => true,
                _ => *at == 0,
            }
        };
        let first = (0..inner.start()).rev().take(MOST_TOKENS).take_while(nominal).last();
        match first.filter(|first| !case(*first)) {
            Some(first) => self.bare(first..inner.first.end),
            None => inner,
        }
    }

    /// Who is meant by the subject of the clause of `predicate`: of a pronoun in what somebody says or does
    /// beside, the subject of the clause that it hangs on, where the two agree.
    fn meant(&self, subject: usize, predicate: usize, group: &Range<usize>) -> Phrase {
        let tree = self.tree;
        let written =
            if self.is_amount(subject) { self.thing(subject, group) } else { self.outer(subject, group) };
        let plural = match self.words.to(subject).hash(0) {
            hash if [word("it"), word("he"), word("she")].contains(&hash) => false,
            hash if hash == const { word("they") } => true,
            _ => return written,
        };
        let mut at = predicate;
        for _ in 0..MOST_STEPS {
            let above = match tree.role(at) {
                Role::Content | Role::Adverbial | Role::Beside | Role::Conjunct => tree.head(at),
                _ => None,
            };
            let Some(above) = above else { break };
            let named = tree.clause(above).and_then(|clause| clause.subject);
            if let Some(named) = named.filter(|named| *named < subject && self.is_subject(*named, group)) {
                // `Cair Paravel Mills said it`
                let agrees =
                    (tree.tag(named).penn == Penn::NNS) == plural || tree.tag(named).penn == Penn::NNPS;
                match tree.tag(named).pos {
                    Pos::Noun | Pos::Propn if agrees => return self.phrase(named, group),
                    Pos::Pron if self.words.to(named).hash(0) == self.words.to(subject).hash(0) => {}
                    _ => break,
                }
            }
            at = above;
        }
        written
    }
}
