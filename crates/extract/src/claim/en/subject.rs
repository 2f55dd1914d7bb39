//! What an amount is an amount of, up the tree from it.

use std::ops::Range;
use std::sync::LazyLock;

use claimline_language::resolve::may_refer;
use claimline_language::syntax::Role;
use claimline_language::tag::{Penn, Pos};
use claimline_language::{Class, WordMap, rows, word};
use claimline_model::AmountKind;

use super::super::Sentence;
use super::MOST_STEPS;
use super::phrase::Phrase;
use crate::quantity::Amount;

/// How many amounts back is looked for what one is an amount of.
const MOST_EARLIER: usize = 4;

/// The longest participle clause that belongs to a subject.
const MOST_TOLD: usize = 6;

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
        // `the price has doubled`, `they doubled the price`
        let verb = amount.tokens.start;
        if self.tree.tag(verb).pos == Pos::Verb && self.tree.role(verb) != Role::Modifier {
            let subject = self.object_of(verb, &group).or_else(|| self.subject_of(verb, &group));
            return Found { subject, predicate: Some(verb) };
        }
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
        if found.subject.is_none() {
            found.subject = self.label(group.start).or_else(|| self.own(amount, &group));
        }
        // `$5 million, of which $2 million in shares`
        let former = found.subject.as_ref().is_some_and(|subject| {
            let relative = self.words.to(subject.start()).class(0).has(Class::RELATIVE);
            relative
                && subject.end() == subject.start() + 1
                && self.before_comma(subject.start()).is_some_and(|last| self.is_amount(last))
        });
        if former {
            found.subject = None;
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
        // `two pilgrims from Narnia also died`
        let told = self.own(&self.amounts[which], &group).map_or(end, |own| own.end().max(end));
        let adverb = |at: &usize| tree.tag(*at).pos == Pos::Adv;
        let end = [end, told].into_iter().map(|end| end + (end..tree.words()).take_while(adverb).count());
        let end = end.into_iter().find(|end| *end < tree.words() && self.is_finite(*end))?;
        let verb =
            if tree.clause(end).is_some() { end } else { tree.head(end).filter(|verb| *verb > end)? };
        let governor = tree.head(self.top(&group)).filter(|head| *head < group.start)?;
        let reports = tree.tag(governor).pos == Pos::Verb && tree.role(governor) != Role::Relative;
        // A verb right behind a noun, with nothing that joins it, shares no subject.
        let subject =
            tree.clause(verb).and_then(|own| own.subject).filter(|_| tree.role(verb) != Role::Conjunct);
        (reports && tree.clause(governor).is_some_and(|clause| clause.subject != subject)).then_some(verb)
    }

    /// The word of the group that hangs on something outside.
    pub(super) fn top(&self, group: &Range<usize>) -> usize {
        let outside = |at: &usize| self.tree.head(*at).is_none_or(|head| !group.contains(&head));
        let rank = |at: usize| match self.tree.role(at) {
            Role::Function => 0,
            // `a 7- or 8-inch screen`
            Role::Conjunct if self.tree.head(at).is_some_and(|head| self.is_amount(head)) => 1,
            Role::Name | Role::Adverb | Role::Beside => 1,
            Role::Modifier => 2,
            _ => 3,
        };
        // `to 50 cents a share`
        let cased = |at: usize| self.tree.preposition(at).is_some();
        group.clone().filter(outside).max_by_key(|at| (rank(*at), cased(*at), *at)).unwrap_or(group.start)
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
            // `at the age of 99`: of who is so old
            if !self.is_sum(noun) && amount.kind != Some(AmountKind::Age) {
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
                    // `was in Narnia for five months`
                    let copula = tree.clause(head).and_then(|clause| clause.copula).filter(|_| noun);
                    return Found { subject, predicate: copula.or(Some(head)) };
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
    pub(super) fn thing(&self, at: usize, group: &Range<usize>) -> Phrase {
        let stands = |amount: &&Amount| amount.counted.is_none() && amount.tokens.contains(&at);
        let Some(amount) = self.amounts.iter().find(stands) else { return self.phrase(at, group) };
        // `78% of the sum is paid in cash, up from 50%`
        let whole = || self.own(amount, &self.group(amount));
        let like = amount.counted_like.clone().map(Phrase::from);
        like.or_else(whole).unwrap_or_else(|| self.phrase(at, group))
    }

    /// Whether a word is a noun, or must be one for the verb that follows it: `Acme shares rose`.
    pub(super) fn is_noun(&self, at: usize) -> bool {
        let tag = self.tree.tag(at);
        let before_verb = || at + 1 < self.tree.words() && at > 0 && self.is_finite(at + 1);
        // `to a two-year high of 145 pence`
        let article = || self.tree.dependents(at).any(|at| self.tree.tag(at).pos == Pos::Det);
        matches!(tag.pos, Pos::Noun | Pos::Propn | Pos::Pron)
            || tag.pos == Pos::Verb && matches!(tag.penn, Penn::VBZ | Penn::VBG) && before_verb()
            || tag.pos == Pos::Adj && self.tree.role(at) == Role::Oblique && article()
    }

    /// Whether something is said of a subject by this word: a verb, an adjective, and a participle that
    /// has nothing of a noun around it: `accounting for 5 %`.
    fn is_predicate(&self, at: usize) -> bool {
        let bare = || {
            let modified = |at| matches!(self.tree.role(at), Role::Modifier | Role::Complement);
            let before = self.tree.dependents(at).take_while(|dependent| *dependent < at);
            self.words.to(at).class(0).has(Class::GERUND) && !before.into_iter().any(modified)
        };
        self.tree.clause(at).is_some() || self.tree.tag(at).pos == Pos::Adj && !self.is_noun(at) || bare()
    }

    /// The group of the amount that has the word at `at`, other than `group`.
    pub(super) fn other(&self, at: usize, group: &Range<usize>) -> Option<Range<usize>> {
        let groups = self.amounts.iter().filter(|other| other.kind.is_some()).map(|other| self.group(other));
        groups.into_iter().find(|other| other != group && other.contains(&at))
    }

    pub(super) fn is_worth(&self, at: usize) -> bool {
        self.words.to(at).hash(0) == const { word("worth") }
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
        // `fell to an annual rate of 5 million`, but not `to an interest rate of 5%`
        let rate = || {
            let named = |at: usize| matches!(self.tree.tag(at).pos, Pos::Noun | Pos::Propn);
            let plain = !self.tree.dependents(noun).any(|at| at < noun && named(at));
            here.hash(0) == const { word("rate") } && self.tree.role(noun) == Role::Oblique && plain
        };
        SUMS.contains(&here.hash(0)) || rate() || joins && JOINTS.get(here.hash(0)).is_some()
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
}
