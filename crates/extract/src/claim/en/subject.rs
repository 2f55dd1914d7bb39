//! What an amount is an amount of, up the tree from it.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use claimline_language::resolve::may_refer;
use claimline_language::syntax::Role;
use claimline_language::tag::{Penn, Pos};
use claimline_language::{Class, WordMap, lemma, rows, word};
use claimline_model::AmountKind;

use super::super::Sentence;
use super::MOST_STEPS;
use super::phrase::Phrase;
use crate::quantity::Amount;

/// How many amounts back is looked for what one is an amount of.
const MOST_EARLIER: usize = 4;

/// The longest participle clause that belongs to a subject.
const MOST_TOLD: usize = 6;

/// What takes an amount from or adds it to something, and by which preposition.
static TAKING: LazyLock<HashSet<(&str, &str)>> =
    LazyLock::new(|| rows::<2>(include_str!("taking.tsv")).map(|[verb, case]| (verb, case)).collect());

/// What an amount of money is of by what follows `for`: `paid $5 for the mill`.
static PAYING: LazyLock<HashSet<&str>> =
    LazyLock::new(|| rows::<1>(include_str!("paying.tsv")).map(|[verb]| verb).collect());

/// What an amount is told of, by the object of the verb and `at`.
static SETTING: LazyLock<HashSet<&str>> =
    LazyLock::new(|| rows::<1>(include_str!("setting.tsv")).map(|[verb]| verb).collect());

static JOINTS: LazyLock<WordMap<()>> =
    LazyLock::new(|| rows::<1>(include_str!("joints.tsv")).map(|[noun]| (noun, ())).collect());

/// What is said of an amount.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    /// What it is an amount of.
    pub(super) subject: Option<Phrase>,
    /// The head of the predicate.
    pub(super) predicate: Option<usize>,
}

impl Sentence<'_> {
    /// What the amount of that number is an amount of.
    pub(super) fn found(&self, which: usize) -> Found {
        self.found_near(which, MOST_EARLIER)
    }

    /// The same, by way of at most `earlier` amounts before it.
    fn found_near(&self, which: usize, earlier: usize) -> Found {
        let amount = &self.amounts[which];
        if let Some(name) = self.aged(amount) {
            return Found { subject: Some(name), predicate: None };
        }
        // `rose from 3 to 5`
        let changed = amount.group.filter(|first| *first < which);
        if let Some(first) = self.restated(which).or(changed).filter(|_| earlier > 0) {
            return self.found_near(first, earlier - 1);
        }
        let group = self.group(amount);
        if let Some(found) = self.told_beside(&group).or_else(|| self.participle(&group)) {
            return found;
        }
        if let Some(noun) = self.bracketed(which, &group) {
            return Found { subject: Some(noun), predicate: None };
        }
        if let Some(noun) = self.gapped(which) {
            return Found { subject: Some(noun), predicate: None };
        }
        if let Some(moved) = self.moved(amount, &group) {
            return moved;
        }
        let signed = matches!(self.words.to(amount.tokens.start).text(0), "+" | "-" | "\u{2212}");
        if (signed || !self.has_verb())
            && let Some(label) = self.label(group.start)
        {
            return Found { subject: Some(label), predicate: None };
        }
        if let Some(verb) = self.own_verb(which) {
            return Found { subject: self.own(amount, &group), predicate: Some(verb) };
        }
        let mut found = self.climb(which, &group);
        // `trade between the two ports` says nothing of the trade, and nothing before the first word has a number.
        let named = |before: &u64| [word("the"), word("these"), word("those")].contains(before);
        // `120 of its 600 branches`, `13 of 140 countries`
        let of_its = || {
            let its = usize::from(self.words.to(group.start).class(-1).has(Class::POSSESSIVE));
            let of = group
                .start
                .checked_sub(its + 1)
                .filter(|of| self.words.to(*of).hash(0) == const { word("of") });
            of.is_some_and(|of| its == 1 || of > 0 && self.is_amount(of - 1))
        };
        let own = amount.counted.is_some()
            && (group.start == 0 || named(&self.words.to(group.start).hash(-1)) || of_its())
            || amount.kind == Some(AmountKind::Count) && amount.of.is_some();
        if own {
            found.subject = self.own(amount, &group);
        }
        // `the price has doubled`
        let verb = amount.tokens.start;
        if found.predicate.is_none() && self.tree.tag(verb).pos == Pos::Verb {
            found.predicate = Some(verb);
            found.subject = found.subject.or_else(|| self.subject_of(verb, &group));
        }
        if found.subject.is_none() {
            found.subject = self.label(group.start).or_else(|| self.own(amount, &group));
        }
        match which.checked_sub(1) {
            // `rose to 5 from 3 a year before`
            Some(before) if found.subject.is_none() && earlier > 0 => {
                let counted = &self.amounts[before];
                // `one person was killed and six were hurt`, `of 2,000 adults 38% did`
                let same = self.tree.role(self.top(&group)) == Role::Subject && counted.counted.is_some();
                let subject = same.then(|| self.own(counted, &self.group(counted))).flatten();
                let before = self.found_near(before, earlier - 1);
                Found { subject: subject.or(before.subject), predicate: found.predicate.or(before.predicate) }
            }
            _ => found,
        }
    }

    /// The verb that the amount follows, with nothing but adverbs and prepositions between.
    fn verb_before(&self, group: &Range<usize>) -> Option<usize> {
        let tree = self.tree;
        let between = |at: &usize| matches!(tree.tag(*at).pos, Pos::Adv | Pos::Adp | Pos::Part);
        let last = (group.start.saturating_sub(4)..group.start).rev().find(|at| !between(at))?;
        (tree.tag(last).pos == Pos::Verb && (self.is_finite(last) || tree.role(last) == Role::Root))
            .then_some(last)
    }

    /// Whether there is a clause in the sentence at all; a list of figures has none.
    pub(super) fn has_verb(&self) -> bool {
        let root = |at| {
            let plain = || self.tree.clause(at).is_some_and(|clause| clause.subject.is_some());
            match self.tree.tag(at).penn {
                Penn::VBN => self.tree.role(at) == Role::Root,
                // `Archenland beat Calormen`
                Penn::VB => self.tree.role(at) == Role::Root && plain(),
                _ => false,
            }
        };
        (0..self.tree.words()).any(|at| self.is_finite(at) || root(at))
    }

    pub(super) fn is_finite(&self, at: usize) -> bool {
        matches!(self.tree.tag(at).penn, Penn::VBD | Penn::VBP | Penn::VBZ | Penn::MD)
    }

    /// The verb that has the amount for its subject, where it stands right behind and the verb before only
    /// reports it: `found 81% of exporters were glad`.
    fn own_verb(&self, which: usize) -> Option<usize> {
        let tree = self.tree;
        let ends = |amount: &Amount| {
            let group = self.group(amount);
            let whole = self.whole(amount, group.end);
            let counts = amount.counted.is_some() || whole.is_some();
            counts.then(|| whole.map_or(group.end, |whole| whole.end.max(group.end)))
        };
        let group = self.group(&self.amounts[which]);
        let mut end = ends(&self.amounts[which])?;
        // `81% of exporters and 70% of forwarders were`
        for next in &self.amounts[which + 1..] {
            if self.words.to(end).class(0).has(Class::COORDINATOR) && self.group(next).start == end + 1 {
                end = ends(next)?;
            }
        }
        if end >= tree.words() || !self.is_finite(end) {
            return None;
        }
        let verb =
            if tree.clause(end).is_some() { end } else { tree.head(end).filter(|verb| *verb > end)? };
        let governor = tree.head(self.top(&group)).filter(|head| *head < group.start)?;
        let reports = tree.tag(governor).pos == Pos::Verb && tree.role(governor) != Role::Relative;
        (reports
            && tree
                .clause(governor)
                .is_some_and(|clause| clause.subject != tree.clause(verb).and_then(|own| own.subject)))
        .then_some(verb)
    }

    /// The word of the group that hangs on something outside.
    pub(super) fn top(&self, group: &Range<usize>) -> usize {
        let outside = |at: &usize| self.tree.head(*at).is_none_or(|head| !group.contains(&head));
        let rank = |at: usize| match self.tree.role(at) {
            Role::Function => 0,
            Role::Name | Role::Adverb | Role::Beside => 1,
            Role::Modifier => 2,
            _ => 3,
        };
        group.clone().filter(outside).max_by_key(|at| (rank(*at), *at)).unwrap_or(group.start)
    }

    /// What governs the words of `group`, up the tree from them.
    fn climb(&self, which: usize, group: &Range<usize>) -> Found {
        let tree = self.tree;
        let amount = &self.amounts[which];
        let own = || self.own(amount, group);
        if let Some(thing) = self.worth(group) {
            return Found { subject: Some(thing), predicate: group.start.checked_sub(1) };
        }
        let mut at = self.top(group);
        if let Some(noun) = self.noun_of(group).or_else(|| self.shared_noun(which)) {
            if !self.is_sum(noun) {
                return self.owned(noun, self.measured(noun, group), amount, group);
            }
            at = noun;
        }
        if let Some(verb) = self.verb_before(group).filter(|_| tree.role(at) != Role::Subject) {
            let subject = self
                .acted_on(amount, verb, at, group)
                .or_else(|| self.subject_of(verb, group))
                .or_else(|| self.noun_beyond(verb, group))
                .or_else(own);
            return Found { subject, predicate: Some(verb) };
        }
        for _ in 0..MOST_STEPS {
            // `the price is 5 dollars`
            if let Some(clause) = tree.clause(at).filter(|clause| clause.copula.is_some()) {
                let verb = clause.copula.unwrap_or(at);
                let subject =
                    self.subject_of(at, group).or_else(|| self.noun_beyond(verb, group)).or_else(own);
                // `were in a stable condition`
                let nominal = group.contains(&at) || self.is_amount(at) || self.is_noun(at);
                return Found { subject, predicate: if nominal { clause.copula } else { Some(at) } };
            }
            let Some(head) = tree.head(at) else { break };
            // `a 7- or 8-inch screen`
            if group.contains(&head) {
                at = head;
                continue;
            }
            // Another amount stands for what it is of.
            if let Some(other) = self.other(head, group).filter(|other| !other.contains(&at)) {
                at = self.top(&other);
                continue;
            }
            let noun = self.is_noun(head);
            let phrase = || self.owned(head, self.thing(head, group), amount, group);
            match tree.role(at) {
                // `35 agreements` before `worth`, which is of them
                _ if at < head && self.is_worth(head) => at = head,
                Role::Subject => {
                    let subject = match group.contains(&at) {
                        true => own().or_else(|| self.named(group)),
                        // `a total of 81% of exporters and 70% of forwarders were glad`
                        false => own()
                            .filter(|_| self.is_sum(at) || self.other(at, group).is_some())
                            .or_else(|| Some(self.thing(at, group))),
                    };
                    // `are in a stable condition`
                    let copula = tree.clause(head).and_then(|clause| clause.copula).filter(|_| noun);
                    return Found { subject, predicate: copula.or(Some(head)) };
                }
                Role::Object
                | Role::Oblique
                | Role::Recipient
                | Role::Adverb
                | Role::Content
                | Role::Adverbial
                | Role::Beside
                | Role::Complement
                    if self.is_predicate(head) =>
                {
                    let subject = self
                        .acted_on(amount, head, at, group)
                        .or_else(|| self.subject_of(head, group))
                        .or_else(|| self.noun_beyond(head, group))
                        .or_else(own);
                    return Found { subject, predicate: Some(head) };
                }
                _ if self.is_time(head) => at = head,
                // `Archenland beat Calormen 3-1`: of whom the verb is said
                _ if amount.kind == Some(AmountKind::Score) && tree.role(head) == Role::Object => at = head,
                Role::Modifier | Role::Apposition if noun => return phrase(),
                Role::Complement if noun && !self.is_sum(head) && !self.is_price(amount, at) => {
                    return phrase();
                }
                _ => at = head,
            }
        }
        Found::default()
    }

    /// What the words of an amount are an amount of by themselves: `40% of exports`, `50 new schools of
    /// the town`.
    fn own(&self, amount: &Amount, group: &Range<usize>) -> Option<Phrase> {
        let Some(counted) = &amount.counted else {
            return self.whole(amount, group.end).map(|whole| self.bare(self.former(whole, group)));
        };
        let rest = self.told_end(group, self.phrase(counted.end - 1, group).end());
        // `seven tables and eight chairs`
        let next = self.amounts.iter().map(|next| self.group(next).start).find(|next| *next >= counted.end);
        let end = next.map_or(rest, |next| rest.min(next)).max(counted.end);
        Some(self.bare(counted.start..end))
    }

    /// Where the phrase of a count ends that ends at `end`, with a participle that tells of it: `students
    /// reading at Cair Paravel`.
    fn told_end(&self, group: &Range<usize>, end: usize) -> usize {
        let tree = self.tree;
        let tells = end < tree.words()
            && tree.role(end) == Role::Relative
            && tree.head(end).is_some_and(|noun| group.contains(&noun))
            && matches!(tree.tag(end).penn, Penn::VBG | Penn::VBN);
        let clause = if tells { tree.extent(end) } else { end..end };
        let free = clause
            .clone()
            .all(|at| !self.is_amount(at) && !self.is_time(at) && tree.tag(at).pos != Pos::Punct);
        if clause.start == end && free && clause.len() <= MOST_TOLD { clause.end } else { end }
    }

    /// The phrase of a noun, or of what a number that stands for it counts: `95,800 who live there`.
    fn thing(&self, at: usize, group: &Range<usize>) -> Phrase {
        let stands = |amount: &&Amount| amount.counted.is_none() && amount.tokens.contains(&at);
        let Some(amount) = self.amounts.iter().find(stands) else { return self.phrase(at, group) };
        Phrase::from(amount.counted_like.as_ref().unwrap_or(&amount.tokens).clone())
    }

    /// Whether a word is a noun, or must be one for the verb that follows it: `Acme shares rose`.
    pub(super) fn is_noun(&self, at: usize) -> bool {
        let tag = self.tree.tag(at);
        let before_verb = || at + 1 < self.tree.words() && at > 0 && self.is_finite(at + 1);
        matches!(tag.pos, Pos::Noun | Pos::Propn | Pos::Pron)
            || tag.pos == Pos::Verb && tag.penn == Penn::VBZ && before_verb()
    }

    /// Whether something is said of a subject by this word: a verb, an adjective, and a participle that
    /// has nothing of a noun around it: `accounting for 5 %`.
    fn is_predicate(&self, at: usize) -> bool {
        let bare = || {
            let modified = |at| matches!(self.tree.role(at), Role::Modifier | Role::Complement);
            let before = self.tree.dependents(at).take_while(|dependent| *dependent < at);
            self.words.to(at).class(0).has(Class::GERUND) && !before.into_iter().any(modified)
        };
        self.tree.clause(at).is_some() || self.tree.tag(at).pos == Pos::Adj || bare()
    }

    /// The group of the amount that has the word at `at`, other than `group`.
    pub(super) fn other(&self, at: usize, group: &Range<usize>) -> Option<Range<usize>> {
        let groups = self.amounts.iter().filter(|other| other.kind.is_some()).map(|other| self.group(other));
        groups.into_iter().find(|other| other != group && other.contains(&at))
    }

    pub(super) fn is_worth(&self, at: usize) -> bool {
        self.words.to(at).hash(0) == const { word("worth") }
    }

    /// What a verb's amount is of, where that is not its subject: what money is paid for (`paid $5 for the
    /// mill`, `bought the mill for $5`, `values the mill at $5`), and what is changed (`cut its price to $5`).
    fn acted_on(&self, amount: &Amount, verb: usize, at: usize, group: &Range<usize>) -> Option<Phrase> {
        let tree = self.tree;
        let case = |at: usize| tree.preposition(at).map(|case| self.words.to(case).hash(0));
        let is_for = |at: usize| case(at) == Some(const { word("for") });
        let money = amount.kind == Some(AmountKind::Money);
        let noun = |at: &usize| {
            matches!(tree.tag(*at).pos, Pos::Noun | Pos::Propn) && !self.is_time(*at) && !self.is_amount(*at)
        };
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
            if let Some(from) = tree.obliques(verb).into_iter().find(from).filter(noun) {
                return Some(self.phrase(from, group));
            }
        }
        match tree.role(at) {
            Role::Object if money => {
                let around = tree.obliques(verb).chain(tree.dependents(at));
                let paid = around.into_iter().find(|at| is_for(*at) && *at > group.end);
                let paid =
                    paid.filter(|_| PAYING.contains(&*lemma(self.words.to(verb).text(0), tree.tag(verb))));
                paid.filter(noun).map(|at| self.phrase(at, group))
            }
            Role::Oblique | Role::Complement
                if money && is_for(at)
                    || case(at) == Some(const { word("at") }) && (money || self.is_setting(verb))
                    || amount.role.is_some() && case(at).is_some() =>
            {
                let object = tree.clause(verb)?.object.filter(|object| *object < group.start);
                object.filter(noun).map(|at| self.phrase(at, group))
            }
            _ => None,
        }
    }

    /// Whether a verb says how much its object is, with `at`: `put the death toll at 47`.
    fn is_setting(&self, verb: usize) -> bool {
        SETTING.contains(&*lemma(self.words.to(verb).text(0), self.tree.tag(verb)))
    }

    /// Whether an amount is the price of something that its verb acts on.
    fn is_price(&self, amount: &Amount, at: usize) -> bool {
        let case = self.tree.preposition(at).map(|case| self.words.to(case).hash(0));
        amount.kind == Some(AmountKind::Money) && case == Some(const { word("for") })
    }

    pub(super) fn is_time(&self, at: usize) -> bool {
        self.times.iter().any(|time| time.tokens.contains(&at))
    }

    pub(super) fn is_amount(&self, at: usize) -> bool {
        self.amounts.iter().any(|amount| amount.tokens.contains(&at))
    }

    /// Whether a noun says of an amount only that it is one (`a total of 5`), or is part of a preposition (`in
    /// front of 5 fans`).
    fn is_sum(&self, noun: usize) -> bool {
        const SUMS: [u64; 12] = [
            word("total"),
            word("sum"),
            word("average"),
            word("amount"),
            word("maximum"),
            word("minimum"),
            word("record"),
            word("level"),
            word("close"),
            word("high"),
            word("low"),
            word("peak"),
        ];
        let here = self.words.to(noun);
        let joins = here.class(-1).has(Class::PREPOSITION) && here.hash(1) == const { word("of") };
        SUMS.contains(&here.hash(0)) || joins && JOINTS.get(here.hash(0)).is_some()
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
                return Some(self.phrase(noun, group));
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
        let shared = tree.head(subject) != Some(predicate);
        let apart = self.phrase(subject, group).end() <= noun
            && (subject..noun).all(|at| !matches!(tree.tag(at).pos, Pos::Verb | Pos::Aux | Pos::Punct));
        (!shared && !apart).then_some(subject)
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
    fn noun_beyond(&self, verb: usize, group: &Range<usize>) -> Option<Phrase> {
        let comma = |at: &usize| self.words.to(*at).text(0) == ",";
        let close = self.predicate(verb, verb).start.checked_sub(1).filter(comma)?;
        let noun = (0..close).rev().find(comma)?.checked_sub(1)?;
        let free = self.is_noun(noun) && !self.is_time(noun) && !self.is_amount(noun);
        free.then(|| self.phrase(noun, group))
    }

    /// Whether a number of nothing in particular is what a clause comes to: `rose to 45.88`, `a profit of 5
    /// million`, but not a page's.
    pub(crate) fn is_told(&self, which: usize) -> bool {
        let tree = self.tree;
        let amount = &self.amounts[which];
        let group = self.group(amount);
        let at = self.top(&group);
        let noun = tree.head(at).is_some_and(|head| self.is_noun(head));
        let of = tree.preposition(at).is_some_and(|case| self.words.to(case).hash(0) == const { word("of") });
        match tree.role(at) {
            Role::Object | Role::Oblique => true,
            Role::Complement => noun && of,
            // `and six were hurt`
            Role::Subject if group.contains(&at) && group.end < tree.words() && self.is_finite(group.end) => {
                true
            }
            // `25k cheaper`: a number that says its magnitude is no page's.
            _ => amount.tokens.len() > 1 || tree.clause(at).is_some_and(|clause| clause.copula.is_some()),
        }
    }

    /// The words of a subject that names nobody: a pronoun, or a noun such as `company` that has lost its
    /// `the`.
    pub(crate) fn unnamed(&self, subject: &Phrase) -> Option<Range<usize>> {
        let one = &subject.first;
        let bare = one.len() == 1 && subject.second.is_none();
        let pronoun = self.tree.tag(one.start).pos == Pos::Pron;
        let the = self.words.to(one.start).hash(-1) == const { word("the") };
        (bare && (pronoun || the) && may_refer(self.words.to(one.start).hash(0))).then(|| one.clone())
    }

    /// Who is meant by the subject of the clause of `predicate`: of a pronoun in what somebody says or does
    /// beside, the subject of the clause that it hangs on, where the two agree.
    fn meant(&self, subject: usize, predicate: usize, group: &Range<usize>) -> Phrase {
        let tree = self.tree;
        let written = self.phrase(subject, group);
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
