//! What a tree says, in the words of grammar: noun phrases, clauses and what belongs to them. No other
//! room looks at labels.

use std::ops::Range;

use crate::parse::{Arc, Label};
use crate::tag::{Penn, Pos, Tag};
use crate::{Token, word};

/// A sentence with its tree. Words are told by their places in the sentence.
#[derive(Clone, Copy, Debug)]
pub struct Tree<'s> {
    tokens: &'s [Token],
    tags: &'s [Tag],
    arcs: &'s [Arc],
}

/// A noun or pronoun with what stands around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NounPhrase {
    /// Its head noun.
    pub head: usize,
    /// From its determiner to its head, or the end of its name.
    pub words: Range<usize>,
}

/// How a clause stands in its sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClauseKind {
    /// By itself, or joined to one that is: `It rose`.
    Main,
    /// What is said or thought: `he said that it rose`.
    Complement,
    /// When, why, although: `because it rose`.
    Adverbial,
    /// What is told of a noun: `shares that rose`, `shares rising fast`.
    Relative,
    /// The clause is the subject of another: `that it rose surprised them`.
    Subject,
}

/// What a word is to the word that it hangs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It hangs on none.
    Root,
    /// `sales rose`; a clause as subject too.
    Subject,
    /// `sold shares`.
    Object,
    /// `told them`.
    Recipient,
    /// `in May` and `last year` beside a verb.
    Oblique,
    /// `sales of oil`, `the bank's profit`.
    Complement,
    /// What stands before its noun: `net profit`, `two mills`, `oil price`.
    Modifier,
    /// `Mr Roe, the minister`.
    Apposition,
    /// `mills and ports`.
    Conjunct,
    /// The predicate of what is told of a noun: `shares that rose`.
    Relative,
    /// The predicate of a clause that says when or why.
    Adverbial,
    /// The predicate of what is said, or begun, or meant: `said it rose`, `began to rise`.
    Content,
    /// An adverb: `sharply`.
    Adverb,
    /// A clause or an item that stands beside its head.
    Beside,
    /// A later word of a name or of a fixed phrase.
    Name,
    /// What only joins or helps: prepositions, auxiliaries, punctuation.
    Function,
}

/// A predicate and its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clause {
    /// The verb; or the noun or adjective behind a copula.
    pub predicate: usize,
    /// How it stands in its sentence.
    pub kind: ClauseKind,
    /// The head of its subject. One of the same verb as the clause before it is taken over: `they came
    /// and saw`.
    pub subject: Option<usize>,
    /// The head of its object.
    pub object: Option<usize>,
    /// Who is given something: `told them`.
    pub recipient: Option<usize>,
    /// Whether the subject is what is done to: `was sold`.
    pub passive: bool,
    /// Who does it in a passive clause: `by the bank`.
    pub agent: Option<usize>,
    /// The form of be between subject and predicate.
    pub copula: Option<usize>,
    /// Its modal: `could`.
    pub modal: Option<usize>,
    /// Whether it is denied.
    pub negated: bool,
    /// The predicate of the clause that completes it: `said it rose`.
    pub complement: Option<usize>,
}

impl<'s> Tree<'s> {
    /// A tree of tokens, tags and arcs of one sentence; none if they are not as many of each.
    pub fn new(tokens: &'s [Token], tags: &'s [Tag], arcs: &'s [Arc]) -> Option<Self> {
        (tokens.len() == tags.len() && tags.len() == arcs.len()).then_some(Self { tokens, tags, arcs })
    }

    fn is(&self, place: usize, label: Label) -> bool {
        self.arcs[place].label == label
    }

    /// How many words the sentence has.
    pub fn words(&self) -> usize {
        self.arcs.len()
    }

    /// The tag of a word.
    pub fn tag(&self, place: usize) -> Tag {
        self.tags[place]
    }

    /// The word that a word hangs on; none of the root.
    pub fn head(&self, place: usize) -> Option<usize> {
        self.arcs[place].head.map(|head| head as usize)
    }

    /// What a word is to its head.
    pub fn role(&self, place: usize) -> Role {
        match self.arcs[place].label {
            Label::Root => Role::Root,
            Label::Nsubj | Label::Csubj => Role::Subject,
            Label::Obj => Role::Object,
            Label::Iobj => Role::Recipient,
            Label::Obl => Role::Oblique,
            Label::Nmod => Role::Complement,
            Label::Amod | Label::Compound | Label::Det | Label::Nummod => Role::Modifier,
            Label::Appos => Role::Apposition,
            Label::Conj => Role::Conjunct,
            Label::Acl => Role::Relative,
            Label::Advcl => Role::Adverbial,
            Label::Ccomp | Label::Xcomp => Role::Content,
            Label::Advmod => Role::Adverb,
            Label::Dep
            | Label::Discourse
            | Label::Dislocated
            | Label::List
            | Label::Orphan
            | Label::Parataxis
            | Label::Reparandum
            | Label::Vocative => Role::Beside,
            Label::Fixed | Label::Flat | Label::Goeswith => Role::Name,
            Label::Aux | Label::Case | Label::Cc | Label::Cop | Label::Expl | Label::Mark | Label::Punct => {
                Role::Function
            }
        }
    }

    /// The words that hang on `head`, in order.
    pub fn dependents(&self, head: usize) -> impl DoubleEndedIterator<Item = usize> + Clone + use<'s> {
        let arcs = self.arcs;
        (0..arcs.len()).filter(move |place| arcs[*place].head == Some(head as u32))
    }

    fn dependent(&self, head: usize, label: Label) -> Option<usize> {
        self.dependents(head).find(|place| self.is(*place, label))
    }

    /// The words that hang on `head`, itself too, from the first to the last.
    pub fn extent(&self, head: usize) -> Range<usize> {
        let mut extent = head..head + 1;
        let hangs = |mut place: usize| {
            // A tree has no longer way to its root than it has words.
            for _ in 0..self.words() {
                match self.arcs[place].head {
                    _ if place == head => return true,
                    Some(next) => place = next as usize,
                    None => return false,
                }
            }
            false
        };
        while extent.start > 0 && hangs(extent.start - 1) {
            extent.start -= 1;
        }
        while extent.end < self.words() && hangs(extent.end) {
            extent.end += 1;
        }
        extent
    }

    /// The noun phrases, in order.
    pub fn noun_phrases(&self) -> impl Iterator<Item = NounPhrase> {
        let tree = *self;
        (0..self.words()).filter_map(move |head| {
            let inside = matches!(tree.arcs[head].label, Label::Compound | Label::Flat | Label::Fixed);
            let noun = matches!(tree.tags[head].pos, Pos::Noun | Pos::Propn | Pos::Pron);
            (noun && !inside).then(|| tree.noun_phrase(head))
        })
    }

    /// The phrase around a noun, without what follows it.
    pub fn noun_phrase(&self, head: usize) -> NounPhrase {
        let before = |label| {
            use Label::{Advmod, Amod, Compound, Det, Nmod, Nummod};
            matches!(label, Det | Amod | Compound | Nummod | Nmod | Advmod)
        };
        let modifiers = self.dependents(head);
        let start = modifiers.clone().filter(|place| *place < head && before(self.arcs[*place].label));
        let start = start.map(|place| self.extent(place).start).min().unwrap_or(head);
        let name =
            |place: &usize| *place > head && matches!(self.arcs[*place].label, Label::Flat | Label::Compound);
        let end = modifiers.filter(name).map(|place| self.extent(place).end).max().unwrap_or(head + 1);
        NounPhrase { head, words: start..end }
    }

    /// The clauses, by the places of their predicates.
    pub fn clauses(&self) -> impl Iterator<Item = Clause> {
        let tree = *self;
        (0..self.words()).filter_map(move |predicate| tree.clause(predicate))
    }

    /// The clause of a predicate, if the word is one.
    pub fn clause(&self, predicate: usize) -> Option<Clause> {
        let Arc { label, head } = self.arcs[predicate];
        let Tag { pos, penn } = self.tags[predicate];
        let (mut subject, mut clausal, mut object, mut recipient) = (None, None, None, None);
        let (mut copula, mut modal, mut last_auxiliary) = (None, None, None);
        let (mut told, mut open, mut negated) = (None, None, false);
        for place in self.dependents(predicate) {
            negated |= is_negation(self.tokens[place].hash);
            let found = match self.arcs[place].label {
                Label::Nsubj => &mut subject,
                Label::Csubj => &mut clausal,
                Label::Obj => &mut object,
                Label::Iobj => &mut recipient,
                Label::Cop => &mut copula,
                Label::Ccomp => &mut told,
                Label::Xcomp => &mut open,
                Label::Aux => {
                    last_auxiliary = Some(place);
                    if self.tags[place].penn != Penn::MD {
                        continue;
                    }
                    &mut modal
                }
                _ => continue,
            };
            *found = match self.arcs[place].label {
                // Of two nouns before a verb, the nearer: `since the start of the season the home side has won`.
                Label::Nsubj if place < predicate && found.is_some() && self.opens(place) => Some(place),
                _ => found.or(Some(place)),
            };
        }
        let verb = pos == Pos::Verb && !matches!(label, Label::Amod | Label::Compound);
        // `The phone has 64 GB`, where the noun is taken for the predicate.
        if copula.is_none() && matches!(pos, Pos::Noun | Pos::Propn | Pos::Num) {
            copula = last_auxiliary.filter(|_| modal.is_none());
        }
        if !verb && copula.is_none() && subject.is_none() {
            return None;
        }
        let passive = penn == Penn::VBN
            && match last_auxiliary {
                Some(last) => is_be(self.tokens[last].hash),
                None => matches!(label, Label::Acl | Label::Advcl),
            };
        let shared = || {
            let before = head.filter(|_| label == Label::Conj)? as usize;
            self.dependent(before, Label::Nsubj)
        };
        let by = |place: &usize| {
            self.dependent(*place, Label::Case)
                .is_some_and(|case| self.tokens[case].hash == const { word("by") })
        };
        Some(Clause {
            predicate,
            kind: self.kind(predicate),
            subject: subject.or(clausal).or_else(shared),
            object,
            recipient,
            passive,
            agent: if passive { self.obliques(predicate).find(by) } else { None },
            copula,
            modal,
            negated,
            complement: told.or(open),
        })
    }

    /// Whether a noun begins a phrase of its own by what it is, or by its article.
    fn opens(&self, noun: usize) -> bool {
        matches!(self.tags[noun].pos, Pos::Propn | Pos::Pron) || self.dependent(noun, Label::Det).is_some()
    }

    fn kind(&self, predicate: usize) -> ClauseKind {
        match (self.arcs[predicate].label, self.arcs[predicate].head) {
            (Label::Ccomp | Label::Xcomp, _) => ClauseKind::Complement,
            (Label::Advcl, _) => ClauseKind::Adverbial,
            (Label::Acl, _) => ClauseKind::Relative,
            (Label::Csubj, _) => ClauseKind::Subject,
            // The head of a conjunct stands before it, so this ends.
            (Label::Conj, Some(head)) if (head as usize) < predicate => self.kind(head as usize),
            _ => ClauseKind::Main,
        }
    }

    /// The heads of what goes with a predicate by a preposition or as a time: `in May`, `last year`.
    pub fn obliques(&self, predicate: usize) -> impl Iterator<Item = usize> {
        let tree = *self;
        self.dependents(predicate).filter(move |place| tree.is(*place, Label::Obl))
    }

    /// The preposition of a noun.
    pub fn preposition(&self, noun: usize) -> Option<usize> {
        self.dependent(noun, Label::Case)
    }

    /// What is joined to a word by `and` or the like.
    pub fn conjuncts(&self, first: usize) -> impl Iterator<Item = usize> {
        let tree = *self;
        self.dependents(first).filter(move |place| tree.is(*place, Label::Conj))
    }

    /// What a noun is called besides: `Mr Roe, the minister`.
    pub fn appositions(&self, noun: usize) -> impl Iterator<Item = usize> {
        let tree = *self;
        self.dependents(noun).filter(move |place| tree.is(*place, Label::Appos))
    }
}

fn is_be(hash: u64) -> bool {
    const FORMS: [u64; 12] = [
        word("be"),
        word("am"),
        word("is"),
        word("are"),
        word("was"),
        word("were"),
        word("been"),
        word("being"),
        word("'s"),
        word("'re"),
        word("'m"),
        word("get"),
    ];
    FORMS.contains(&hash)
}

fn is_negation(hash: u64) -> bool {
    const FORMS: [u64; 4] = [word("not"), word("n't"), word("never"), word("hardly")];
    FORMS.contains(&hash)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Reading, parse, tag};

    /// Reads a sentence with the models, and shows each clause as `subject < predicate > object`, with
    /// what else it has in brackets.
    fn clauses(text: &str) -> Vec<String> {
        let mut reading = Reading::default();
        reading.read(text, 0..text.len());
        let tokens = reading.tokens();
        let (mut tags, mut arcs) = (Vec::new(), Vec::new());
        tag::tag(text, tokens, &mut tag::Forms::default(), &mut tags);
        parse::parse(text, tokens, &tags, &mut parse::Workspace::default(), &mut arcs);
        let tree = Tree::new(tokens, &tags, &arcs).unwrap();
        let phrase = |head: Option<usize>| {
            head.map_or("-".to_owned(), |head| {
                let words = tree.noun_phrase(head).words;
                text[tokens[words.start].start as usize..tokens[words.end - 1].end as usize].to_owned()
            })
        };
        tree.clauses()
            .map(|clause| {
                let predicate = tokens[clause.predicate].text(text);
                let mut shown =
                    format!("{} < {predicate} > {}", phrase(clause.subject), phrase(clause.object));
                if let Some(agent) = clause.agent {
                    shown += &format!(" (by {})", phrase(Some(agent)));
                }
                if let Some(modal) = clause.modal {
                    shown += &format!(" ({})", tokens[modal].text(text));
                }
                for (holds, note) in [
                    (clause.passive, " (passive)"),
                    (clause.negated, " (negated)"),
                    (clause.copula.is_some(), " (copula)"),
                    (clause.kind == ClauseKind::Relative, " (relative)"),
                    (clause.kind == ClauseKind::Complement, " (complement)"),
                    (clause.kind == ClauseKind::Adverbial, " (adverbial)"),
                ] {
                    if holds {
                        shown += note;
                    }
                }
                shown
            })
            .collect()
    }

    #[test]
    fn clauses_tell_who_does_what() {
        for (text, expected) in [
            ("The bank sold its shares.", &["The bank < sold > its shares"][..]),
            ("The shares were sold by the bank.", &["The shares < sold > - (by the bank) (passive)"]),
            ("The company did not raise prices.", &["The company < raise > prices (negated)"]),
            ("Prices could fall.", &["Prices < fall > - (could)"]),
            ("The minister is a lawyer.", &["The minister < lawyer > - (copula)"]),
            (
                "The minister said that prices rose.",
                &["The minister < said > -", "prices < rose > - (complement)"],
            ),
            ("They came and bought it.", &["They < came > -", "They < bought > it"]),
            (
                "Prices fell because demand was weak.",
                &["Prices < fell > -", "demand < weak > - (copula) (adverbial)"],
            ),
        ] {
            assert_eq!(clauses(text), expected, "{text}");
        }
    }
}
