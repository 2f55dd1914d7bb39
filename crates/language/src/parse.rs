//! Dependency trees, greedily: at each step the move with the highest score.

use std::sync::LazyLock;

use pulp::{Simd, WithSimd};

use crate::Token;
use crate::form::Form;
use crate::matrix::LANES;
use crate::network::{
    Codes, DEPENDENTS, DISTANCES, LABELS, Layout, Network, ROLES, STATE, WEIGHTS, distance,
};
use crate::tag::Tag;
use crate::transition::{Move, State};

names! {
    /// The label of a word in its tree, without subtypes:
    /// <https://universaldependencies.org/u/dep/>.
    Label {
        /// Clause that modifies a noun.
        Acl "acl",
        /// Adverbial clause.
        Advcl "advcl",
        /// Adverb.
        Advmod "advmod",
        /// Adjective before or behind a noun.
        Amod "amod",
        /// Apposition.
        Appos "appos",
        /// Auxiliary.
        Aux "aux",
        /// Preposition, or the possessive.
        Case "case",
        /// Coordinating conjunction.
        Cc "cc",
        /// Clause as object.
        Ccomp "ccomp",
        /// Noun before a noun.
        Compound "compound",
        /// Conjunct.
        Conj "conj",
        /// Copula.
        Cop "cop",
        /// Clause as subject.
        Csubj "csubj",
        /// Unspecified.
        Dep "dep",
        /// Determiner.
        Det "det",
        /// Interjection or filler.
        Discourse "discourse",
        /// Fronted or moved behind.
        Dislocated "dislocated",
        /// Expletive.
        Expl "expl",
        /// Later word of a fixed phrase.
        Fixed "fixed",
        /// Later word of a name.
        Flat "flat",
        /// Part of a word that went apart.
        Goeswith "goeswith",
        /// Indirect object.
        Iobj "iobj",
        /// Item of a list.
        List "list",
        /// Word that subordinates a clause.
        Mark "mark",
        /// Noun that modifies a noun.
        Nmod "nmod",
        /// Subject.
        Nsubj "nsubj",
        /// Number.
        Nummod "nummod",
        /// Object.
        Obj "obj",
        /// Oblique.
        Obl "obl",
        /// Word whose head was left out.
        Orphan "orphan",
        /// Beside the clause.
        Parataxis "parataxis",
        /// Punctuation.
        Punct "punct",
        /// Taken back by the speaker.
        Reparandum "reparandum",
        /// Root.
        Root "root",
        /// Person addressed.
        Vocative "vocative",
        /// Clause without a subject of its own.
        Xcomp "xcomp",
    }
}

/// A word in a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arc {
    /// The place of its head in the sentence; none of the root.
    pub head: Option<u32>,
    /// What it is to its head.
    pub label: Label,
}

static BYTES: &[u8] = include_bytes!("../models/parser.bin");

static NETWORK: LazyLock<Option<Network<'static>>> = LazyLock::new(|| Network::read(BYTES));

/// Buffers of the parser, to be used again.
#[derive(Clone, Debug, Default)]
pub struct Workspace {
    codes: Codes,
    state: State,
}

impl Workspace {
    /// The code of each word of the sentence that was last parsed: [`CODE`](crate::network::CODE) numbers a word.
    pub fn codes(&self) -> &[f32] {
        self.codes.words()
    }
}

/// Appends the arc of each token of a sentence, by the model that comes with the crate.
pub fn parse(text: &str, tokens: &[Token], tags: &[Tag], workspace: &mut Workspace, arcs: &mut Vec<Arc>) {
    match &*NETWORK {
        Some(network) => parse_with(network, text, tokens, tags, workspace, arcs),
        None => arcs.extend(tokens.iter().map(|_| Arc { head: None, label: Label::Root })),
    }
}

/// Appends the arc of each token of a sentence.
pub fn parse_with(
    network: &Network<'_>,
    text: &str,
    tokens: &[Token],
    tags: &[Tag],
    workspace: &mut Workspace,
    arcs: &mut Vec<Arc>,
) {
    let Workspace { codes, state } = workspace;
    network.encode(tokens.iter().zip(tags).map(|(token, tag)| (Form::of(text, token), *tag)), codes);
    state.begin(tokens.len());
    network.arch().dispatch(Decisions { network, codes, state });
    let root = tokens.len() as u32;
    arcs.extend(state.nodes()[..tokens.len()].iter().map(|node| Arc {
        head: (node.head != root).then_some(node.head),
        label: match node.head == root {
            true => Label::Root,
            false => Label::numbered(node.label).unwrap_or(Label::Dep),
        },
    }));
}

/// All decisions of a sentence.
struct Decisions<'a> {
    network: &'a Network<'a>,
    codes: &'a Codes,
    state: &'a mut State,
}

impl WithSimd for Decisions<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        while !self.state.is_done() {
            step(self.network, self.codes, self.state);
        }
    }
}

#[inline(always)]
fn step(network: &Network<'_>, codes: &Codes, state: &mut State) {
    let weights = network.matrix(0..WEIGHTS);
    let mut sum = [0f32; STATE];
    rows(state, |row| {
        let row = match row {
            Row::Word { word, role } => &codes.roles[(word * ROLES + role) * STATE..],
            Row::Weight(place) => &weights[place..],
        };
        if let Some(row) = row.first_chunk::<STATE>() {
            for (sum, value) in sum.iter_mut().zip(row) {
                *sum += value;
            }
        }
    });
    for value in &mut sum {
        *value = if *value > 0.0 { *value } else { 0.0 };
    }
    let moves = product::<LANES>(&sum, network.matrix(Layout::MOVE), network.matrix(Layout::MOVE_BIAS));
    let mut best: Option<(f32, Move)> = None;
    for (step, score) in Move::ALL.into_iter().zip(moves) {
        if state.allows(step) && best.is_none_or(|(highest, _)| score > highest) {
            best = Some((score, step));
        }
    }
    let Some((_, step)) = best else { return };
    let label = match step {
        Move::Shift => 0,
        Move::Left => label(&sum, network.matrix(Layout::LEFT), network.matrix(Layout::LEFT_BIAS)),
        Move::Right => label(&sum, network.matrix(Layout::RIGHT), network.matrix(Layout::RIGHT_BIAS)),
    };
    state.take(step, label);
}

#[inline(always)]
fn label(sum: &[f32; STATE], weights: &[f32], bias: &[f32]) -> u8 {
    let scores = product::<LABELS>(sum, weights, bias);
    let scores = &scores[..Label::ALL.len()];
    let highest = scores.iter().fold(f32::NEG_INFINITY, |a, b| if *b > a { *b } else { a });
    scores.iter().position(|score| *score == highest).unwrap_or(0) as u8
}

#[inline(always)]
fn product<const N: usize>(x: &[f32; STATE], weights: &[f32], bias: &[f32]) -> [f32; N] {
    let mut sums = [0f32; N];
    sums.copy_from_slice(bias);
    for (x, row) in x.iter().zip(weights.chunks_exact(N)) {
        for (sum, weight) in sums.iter_mut().zip(row) {
            *sum += x * weight;
        }
    }
    sums
}

/// A row of numbers that is a part of a state.
#[derive(Clone, Copy, Debug)]
pub enum Row {
    /// What a word adds in a role.
    Word {
        /// The place of the word.
        word: usize,
        /// Its role.
        role: usize,
    },
    /// Weights from here.
    Weight(usize),
}

/// The rows whose sum is the state.
#[inline(always)]
pub fn rows(state: &State, mut row: impl FnMut(Row)) {
    let nobody = state.words() + 1;
    let [top, below, deeper] = [0, 1, 2].map(|depth| state.stacked(depth).unwrap_or(nobody));
    let next = state.next();
    for (role, word) in [top, below, deeper, next].into_iter().enumerate() {
        row(match word {
            word if word == nobody => Row::Weight(Layout::NOBODY.start + role * STATE),
            word if word == state.words() => Row::Weight(Layout::ROOT.start + role * STATE),
            word => Row::Word { word, role },
        });
    }
    let node = |word: usize| state.nodes().get(word).copied().unwrap_or_default();
    let (of_top, of_below) = (node(top), node(below));
    let labels: [u8; DEPENDENTS] =
        [of_top.left, of_top.right, of_below.left, of_below.right, node(next).left];
    for (which, label) in labels.into_iter().enumerate() {
        row(Row::Weight(Layout::DEPENDENT.start + (which * LABELS + label as usize) * STATE));
    }
    let near = if top == nobody { 0 } else { distance(top, next) };
    let deep = if below == nobody { 0 } else { distance(below, top) };
    row(Row::Weight(Layout::DISTANCE.start + near * STATE));
    row(Row::Weight(Layout::DISTANCE.start + (DISTANCES + deep) * STATE));
    row(Row::Weight(Layout::STATE_BIAS.start));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reading;
    use crate::tag::{Forms, Pos, tag};

    fn analyse(text: &str) -> (Vec<Tag>, Vec<Arc>) {
        let mut reading = Reading::default();
        reading.read(text, 0..text.len());
        assert_eq!(reading.sentences().len(), 1, "{text}");
        let (mut tags, mut arcs) = (Vec::new(), Vec::new());
        tag(text, reading.tokens(), &mut Forms::default(), &mut tags);
        parse(text, reading.tokens(), &tags, &mut Workspace::default(), &mut arcs);
        (tags, arcs)
    }

    #[test]
    fn plain_words_have_their_plain_tags_and_arcs() {
        let (tags, arcs) = analyse("The company sold its shares in London.");
        let tags: Vec<_> = tags.iter().map(|tag| tag.pos).collect();
        use Pos::{Adp, Det, Noun, Pron, Propn, Punct, Verb};
        assert_eq!(tags, [Det, Noun, Verb, Pron, Noun, Adp, Propn, Punct]);
        let heads: Vec<_> = arcs.iter().map(|arc| arc.head).collect();
        let (noun, verb, shares, london) = (Some(1), Some(2), Some(4), Some(6));
        assert_eq!(heads[..4], [noun, verb, None, shares]);
        assert_eq!(heads[4..6], [verb, london]);
        assert_eq!(arcs[1].label, Label::Nsubj);
        assert_eq!(arcs[4].label, Label::Obj);
    }

    #[test]
    fn every_sentence_is_a_tree() {
        for text in [
            "Acme said it bought the mill, which its rivals had refused to sell, in Ohio for $44bn",
            "a , b ; c ( d ) e - f",
            "!",
            "word",
        ] {
            let (_, arcs) = analyse(text);
            assert_eq!(arcs.iter().filter(|arc| arc.head.is_none()).count(), 1, "{text}");
            for place in 0..arcs.len() {
                let way = std::iter::successors(Some(place), |at| arcs[*at].head.map(|head| head as usize));
                assert!(way.take(arcs.len() + 1).count() <= arcs.len(), "a circle at {place} of {text}");
            }
        }
    }
}
