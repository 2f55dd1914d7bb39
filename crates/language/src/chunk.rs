//! Trees without a model, by parts of speech: noun phrases, the verbs between them, and prepositions that
//! hang on what is right before them. They look like the parser's ([`crate::parse`]), and cost a fiftieth.

use std::ops::Range;

use crate::parse::{Arc, Label};
use crate::tag::{Penn, Pos, Tag};
use crate::{Kind, Token, word};

/// Appends the arc of each token of a sentence.
pub fn chunk(tokens: &[Token], tags: &[Tag], arcs: &mut Vec<Arc>) {
    let from = arcs.len();
    arcs.extend(tokens.iter().map(|_| Arc { head: None, label: Label::Dep }));
    let mut chunker =
        Chunker { tokens, tags, arcs: &mut arcs[from..], verb: None, noun: None, waiting: None, main: None };
    let mut at = 0;
    while at < tokens.len().min(tags.len()) {
        at = chunker.take(at);
    }
    chunker.close();
}

struct Chunker<'s> {
    tokens: &'s [Token],
    tags: &'s [Tag],
    arcs: &'s mut [Arc],
    /// The predicate that takes what comes.
    verb: Option<usize>,
    /// The head of the noun phrase right before, if nothing stands between.
    noun: Option<usize>,
    /// A noun phrase that has no head yet: a subject, if a verb comes.
    waiting: Option<usize>,
    /// The one that waited before a relative clause came between: `the firm, which owns mills, grew`.
    main: Option<usize>,
}

impl Chunker<'_> {
    /// Hangs a word on another, unless that hangs on it.
    fn hang(&mut self, at: usize, head: usize, label: Label) {
        let mut above = Some(head);
        while let Some(place) = above {
            if place == at {
                return;
            }
            above = self.arcs[place].head.map(|head| head as usize);
        }
        self.arcs[at] = Arc { head: Some(head as u32), label };
    }

    /// Takes the phrase at `at`, and says where the next begins.
    fn take(&mut self, at: usize) -> usize {
        let preposition = matches!(self.tags[at].pos, Pos::Adp) || self.tags[at].penn == Penn::IN;
        if preposition {
            let phrase = self.noun_phrase(at + 1);
            if phrase.is_empty() {
                return self.particle(at);
            }
            return self.prepositional(at, phrase);
        }
        let phrase = self.noun_phrase(at);
        if !phrase.is_empty() {
            return self.nominal(phrase);
        }
        match self.tags[at].pos {
            Pos::Verb | Pos::Aux => self.verbal(at),
            Pos::Punct | Pos::Cconj | Pos::Sconj => {
                self.noun = self.noun.filter(|_| self.tags[at].pos == Pos::Cconj);
                self.lean(at)
            }
            Pos::Pron => {
                // A relative pronoun: the noun before it is what is told of.
                self.main = self.waiting.replace(at);
                self.noun = None;
                at + 1
            }
            _ => self.lean(at),
        }
    }

    /// A word that says nothing of its own hangs on the verb, or on the noun before.
    fn lean(&mut self, at: usize) -> usize {
        let label = match self.tags[at].pos {
            Pos::Punct => Label::Punct,
            Pos::Cconj => Label::Cc,
            Pos::Sconj => Label::Mark,
            Pos::Adv => Label::Advmod,
            _ => Label::Dep,
        };
        if let Some(head) = self.verb.or(self.noun).or(self.waiting) {
            self.hang(at, head, label);
        }
        at + 1
    }

    fn particle(&mut self, at: usize) -> usize {
        if let Some(verb) = self.verb {
            self.hang(at, verb, Label::Compound);
        }
        self.noun = None;
        at + 1
    }

    /// The longest noun phrase that begins at `start`; empty if there is none.
    fn noun_phrase(&self, start: usize) -> Range<usize> {
        let (mut at, mut end) = (start, start);
        while let Some(tag) = self.tags.get(at) {
            let hyphen = tag.penn == Penn::Hyphen
                || self.tokens[at].kind == Kind::Punctuation
                    && at > start
                    && at + 1 < self.tags.len()
                    && self.tokens[at].start == self.tokens[at - 1].end
                    && self.tokens[at].end == self.tokens[at + 1].start;
            let wh = matches!(tag.penn, Penn::WDT | Penn::WP | Penn::WPS);
            match tag.pos {
                Pos::Det if at == end && !wh && (at == start || self.tags[at - 1].pos == Pos::Det) => at += 1,
                Pos::Pron if at == start && !wh => {
                    at += 1;
                    if tag.penn != Penn::PRPS {
                        return start..at;
                    }
                }
                Pos::Adj | Pos::Adv if tag.pos == Pos::Adj || self.leads(at) => at += 1,
                Pos::Verb
                    if matches!(tag.penn, Penn::VBN | Penn::VBG)
                        && at > start
                        && end == start
                        && self.leads(at) =>
                {
                    at += 1
                }
                Pos::Noun | Pos::Propn | Pos::Num | Pos::Sym | Pos::X => {
                    at += 1;
                    end = at;
                }
                Pos::Part if tag.penn == Penn::POS && at == end && at > start => at += 1,
                _ if hyphen => at += 1,
                _ => break,
            }
        }
        start..end
    }

    /// Whether an adverb or a participle stands before a word of its own noun phrase.
    fn leads(&self, at: usize) -> bool {
        self.tags
            .get(at + 1)
            .is_some_and(|next| matches!(next.pos, Pos::Adj | Pos::Noun | Pos::Num | Pos::Propn | Pos::Sym))
    }

    /// Hangs the words of a noun phrase on its last noun, and says which that is.
    fn head(&mut self, phrase: &Range<usize>) -> usize {
        let money = phrase.clone().rev().find(|at| self.tags[*at].pos == Pos::Sym);
        let noun =
            phrase.clone().rev().find(|at| matches!(self.tags[*at].pos, Pos::Noun | Pos::Propn | Pos::Pron));
        let head = noun.or(money).unwrap_or(phrase.end - 1);
        for at in phrase.clone() {
            let label = match self.tags[at].pos {
                Pos::Det => Label::Det,
                Pos::Num => Label::Nummod,
                Pos::Adj | Pos::Verb => Label::Amod,
                Pos::Adv => Label::Advmod,
                Pos::Part => Label::Case,
                Pos::Punct => Label::Punct,
                _ => Label::Compound,
            };
            self.hang(at, head, label);
        }
        head
    }

    /// A preposition with its noun phrase: `of` hangs on the noun before, others on the verb, if there is
    /// one and no noun right before.
    fn prepositional(&mut self, case: usize, phrase: Range<usize>) -> usize {
        let head = self.head(&phrase);
        self.hang(case, head, Label::Case);
        match (self.noun, self.verb) {
            (Some(noun), None) => self.hang(head, noun, Label::Nmod),
            (Some(noun), _) if self.tokens[case].hash == const { word("of") } => {
                self.hang(head, noun, Label::Nmod)
            }
            (_, Some(verb)) => self.hang(head, verb, Label::Obl),
            (None, None) => {
                // Before the clause: it waits for a verb as what is no subject.
                self.arcs[head].label = Label::Obl;
                return phrase.end;
            }
        }
        self.noun = Some(head);
        phrase.end
    }

    /// A noun phrase by itself: an object behind a verb, else a subject to be.
    fn nominal(&mut self, phrase: Range<usize>) -> usize {
        let head = self.head(&phrase);
        let joined = phrase.start > 0 && self.tags[phrase.start - 1].pos == Pos::Cconj;
        let fresh = self.verb.is_some_and(|verb| {
            (verb + 1..phrase.start).all(|at| matches!(self.tags[at].pos, Pos::Adv | Pos::Part))
        });
        match (self.noun, self.verb) {
            (Some(noun), _) if joined => self.hang(head, noun, Label::Conj),
            (_, Some(verb)) if fresh && self.arcs[verb].label == Label::Cop => {
                // The noun behind a copula is the predicate: what hung on the copula hangs on it.
                self.raise(verb, head);
            }
            (_, Some(verb)) if fresh => self.hang(head, verb, Label::Obj),
            _ => self.waiting = Some(head),
        }
        self.noun = Some(head);
        phrase.end
    }

    /// Puts the predicate `head` in the place of the copula before it.
    fn raise(&mut self, copula: usize, head: usize) {
        self.arcs[head].head = self.arcs[copula].head;
        for arc in self.arcs.iter_mut().filter(|arc| arc.head == Some(copula as u32)) {
            arc.head = Some(head as u32);
        }
        self.arcs[head].label = Label::Dep;
        self.hang(copula, head, Label::Cop);
        self.verb = Some(head);
    }

    /// A verb with its auxiliaries.
    fn verbal(&mut self, start: usize) -> usize {
        let helps = |tag: &Tag| {
            matches!(tag.pos, Pos::Aux | Pos::Adv | Pos::Part | Pos::Verb) && tag.penn != Penn::POS
        };
        let run = self.tags[start..].iter().take_while(|tag| helps(tag)).count();
        let last = (start..start + run).rev().find(|at| matches!(self.tags[*at].pos, Pos::Verb | Pos::Aux));
        let verb = last.unwrap_or(start);
        let before = self.verb;
        for at in start..verb {
            let label = match self.tags[at].pos {
                Pos::Verb | Pos::Aux => Label::Aux,
                Pos::Part => Label::Mark,
                _ => Label::Advmod,
            };
            self.hang(at, verb, label);
        }
        // What has an object behind it is no passive: `the bank sold shares`.
        let acts = self.tags.get(verb + 1).is_some_and(|next| {
            use Pos::{Adj, Det, Noun, Num, Pron, Propn, Sym};
            matches!(next.pos, Adj | Det | Noun | Num | Pron | Propn | Sym)
        });
        let participle = self.tags[start].penn == Penn::VBG || self.tags[start].penn == Penn::VBN && !acts;
        let relative = self.waiting.filter(|at| matches!(self.tags[*at].penn, Penn::WDT | Penn::WP));
        let closed = start > 0 && self.tags[start - 1].pos == Pos::Punct;
        let subject = self.waiting.take().or_else(|| self.main.take_if(|_| closed));
        match (subject, self.noun, before) {
            (Some(subject), noun, _) if !participle => {
                self.hang(subject, verb, Label::Nsubj);
                let told = relative.and_then(|at| {
                    (0..at).rev().find(|noun| matches!(self.tags[*noun].pos, Pos::Noun | Pos::Propn))
                });
                if let Some(told) = told {
                    self.hang(verb, told, Label::Acl);
                } else if let Some(before) = before.filter(|_| noun.is_some()) {
                    self.hang(verb, before, Label::Parataxis);
                }
            }
            (subject, Some(noun), _) if participle && start > 0 && self.tags[start - 1].pos != Pos::Punct => {
                self.waiting = subject.filter(|subject| *subject == noun);
                self.hang(verb, noun, Label::Acl);
            }
            (subject, _, Some(before)) => {
                self.waiting = subject;
                let joined = start > 0 && self.tags[start - 1].pos == Pos::Cconj;
                self.hang(verb, before, if joined { Label::Conj } else { Label::Advcl });
            }
            (subject, ..) => {
                if let Some(subject) = subject {
                    self.hang(subject, verb, Label::Nsubj);
                }
            }
        }
        if self.tags[verb].pos == Pos::Aux && self.arcs[verb].head.is_none() {
            self.arcs[verb].label = Label::Cop;
        }
        self.verb = Some(verb);
        self.noun = None;
        verb + 1
    }

    /// Makes one tree of what is there: all that has no head yet hangs on the root.
    fn close(&mut self) {
        let loose = |arc: &Arc| arc.head.is_none();
        let verb = (0..self.arcs.len())
            .find(|at| loose(&self.arcs[*at]) && matches!(self.tags[*at].pos, Pos::Verb | Pos::Aux));
        let noun = || (0..self.arcs.len()).find(|at| loose(&self.arcs[*at]));
        let Some(root) = verb.or_else(noun) else { return };
        self.arcs[root].label = Label::Root;
        for at in 0..self.arcs.len() {
            if at != root && loose(&self.arcs[at]) {
                let label = self.arcs[at].label;
                self.hang(at, root, label);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::Tree;
    use crate::{Reading, tag};

    /// Shows each clause of a sentence as `subject < predicate > object`, by the heads alone.
    fn clauses(text: &str) -> Vec<String> {
        let mut reading = Reading::default();
        reading.read(text, 0..text.len());
        let tokens = reading.tokens();
        let (mut tags, mut arcs) = (Vec::new(), Vec::new());
        tag::tag(text, tokens, &mut tag::Forms::default(), &mut tags);
        chunk(tokens, &tags, &mut arcs);
        assert_eq!(arcs.iter().filter(|arc| arc.head.is_none()).count(), 1, "{text}: {arcs:?}");
        let tree = Tree::new(tokens, &tags, &arcs).unwrap();
        let shown = |at: Option<usize>| at.map_or("-", |at| tokens[at].text(text));
        let clause = |clause: crate::syntax::Clause| {
            format!(
                "{} < {} > {}",
                shown(clause.subject),
                shown(Some(clause.predicate)),
                shown(clause.object)
            )
        };
        tree.clauses().map(clause).collect()
    }

    #[test]
    fn verbs_have_the_nouns_around_them() {
        for (text, expected) in [
            ("The old bank sold its shares in May.", &["bank < sold > shares"][..]),
            ("The price of the shares was 5 dollars.", &["price < dollars > -"]),
            ("Prices rose and the bank sold shares.", &["Prices < rose > -", "bank < sold > shares"]),
            ("In 2019 the company bought a mill.", &["company < bought > mill"]),
            ("The firm, which owns 12 hotels, grew.", &["which < owns > hotels", "firm < grew > -"]),
        ] {
            assert_eq!(clauses(text), expected, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn every_sentence_is_a_tree(
            text in "(The|bank|which|that|,|of|in|sold|was|is|selling|to|and|it|5|\\$|prices|not|by|-|large| ){1,40}"
        ) {
            let mut reading = Reading::default();
            reading.read(&text, 0..text.len());
            for sentence in reading.sentences() {
                let tokens = &reading.tokens()[sentence.tokens.clone()];
                let (mut tags, mut arcs) = (Vec::new(), Vec::new());
                tag::tag(&text, tokens, &mut tag::Forms::default(), &mut tags);
                chunk(tokens, &tags, &mut arcs);
                assert_eq!(arcs.iter().filter(|arc| arc.head.is_none()).count(), 1, "{text}: {arcs:?}");
                for place in 0..arcs.len() {
                    let way = std::iter::successors(Some(place), |at| arcs[*at].head.map(|head| head as usize));
                    assert!(way.take(arcs.len() + 1).count() <= arcs.len(), "a circle at {place} of {text}");
                }
            }
        }
    }
}
