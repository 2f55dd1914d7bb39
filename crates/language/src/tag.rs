//! Parts of speech: an averaged perceptron that goes through a sentence once, from left to right
//! (Collins 2002, <https://aclanthology.org/W02-1001/>).

use std::sync::LazyLock;

use pulp::{Arch, Simd, WithSimd};

use crate::Token;
use crate::form::Form;
use crate::linear::{CLASSES, Linear, Scores, best, both, key};
use crate::memo::Memo;

names! {
    /// The universal part of speech: <https://universaldependencies.org/u/pos/>.
    Pos {
        /// Adjective.
        Adj "ADJ",
        /// Preposition or postposition.
        Adp "ADP",
        /// Adverb.
        Adv "ADV",
        /// Auxiliary: be, have, do beside a verb, modals, the copula.
        Aux "AUX",
        /// Coordinating conjunction.
        Cconj "CCONJ",
        /// Determiner.
        Det "DET",
        /// Interjection.
        Intj "INTJ",
        /// Common noun.
        Noun "NOUN",
        /// Numeral.
        Num "NUM",
        /// Particle: the infinitive's to, not, the possessive.
        Part "PART",
        /// Pronoun.
        Pron "PRON",
        /// Proper noun.
        Propn "PROPN",
        /// Punctuation.
        Punct "PUNCT",
        /// Subordinating conjunction.
        Sconj "SCONJ",
        /// Symbol.
        Sym "SYM",
        /// Verb.
        Verb "VERB",
        /// Other.
        X "X",
    }
}

names! {
    /// The finer part of speech of the Penn treebank, which tells number and tense:
    /// <https://catalog.ldc.upenn.edu/docs/LDC95T7/cl93.html>, with the additions of UD English.
    Penn {
        /// Coordinating conjunction.
        CC "CC",
        /// Cardinal number.
        CD "CD",
        /// Determiner.
        DT "DT",
        /// Existential there.
        EX "EX",
        /// Foreign word.
        FW "FW",
        /// Preposition or subordinating conjunction.
        IN "IN",
        /// Adjective.
        JJ "JJ",
        /// Comparative adjective.
        JJR "JJR",
        /// Superlative adjective.
        JJS "JJS",
        /// List item marker.
        LS "LS",
        /// Modal.
        MD "MD",
        /// Singular noun.
        NN "NN",
        /// Singular proper noun.
        NNP "NNP",
        /// Plural proper noun.
        NNPS "NNPS",
        /// Plural noun.
        NNS "NNS",
        /// Predeterminer.
        PDT "PDT",
        /// Possessive ending.
        POS "POS",
        /// Personal pronoun.
        PRP "PRP",
        /// Possessive pronoun.
        PRPS "PRP$",
        /// Adverb.
        RB "RB",
        /// Comparative adverb.
        RBR "RBR",
        /// Superlative adverb.
        RBS "RBS",
        /// Particle of a verb.
        RP "RP",
        /// Symbol.
        SYM "SYM",
        /// The infinitive's to.
        TO "TO",
        /// Interjection.
        UH "UH",
        /// Plain form.
        VB "VB",
        /// Past.
        VBD "VBD",
        /// Gerund or present participle.
        VBG "VBG",
        /// Past participle.
        VBN "VBN",
        /// Present, not third person singular.
        VBP "VBP",
        /// Present, third person singular.
        VBZ "VBZ",
        /// Wh-determiner.
        WDT "WDT",
        /// Wh-pronoun.
        WP "WP",
        /// Possessive wh-pronoun.
        WPS "WP$",
        /// Wh-adverb.
        WRB "WRB",
        /// Sentence-final punctuation.
        Stop ".",
        /// Comma.
        Comma ",",
        /// Colon, dash, ellipsis.
        Colon ":",
        /// Opening bracket.
        Open "-LRB-",
        /// Closing bracket.
        Close "-RRB-",
        /// Opening quotation mark.
        OpenQuote "``",
        /// Closing quotation mark.
        CloseQuote "''",
        /// Hyphen inside a word.
        Hyphen "HYPH",
        /// Other punctuation: a row of signs, a bullet.
        Ornament "NFP",
        /// Currency.
        Currency "$",
        /// Part of a word that went apart.
        GW "GW",
        /// Address: of the web, of mail.
        Address "ADD",
        /// Affix.
        AFX "AFX",
    }
}

/// The part of speech of a token, coarse and fine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tag {
    /// The universal one.
    pub pos: Pos,
    /// The finer one.
    pub penn: Penn,
}

impl Default for Tag {
    fn default() -> Self {
        Self { pos: Pos::X, penn: Penn::FW }
    }
}

/// More tags than there are.
pub const MOST_TAGS: usize = CLASSES;

/// What the tagger knows of a word that it saw in training: the tags it had, as numbers of
/// [`Tagger::tags`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Which of the sets of tags that words share; 0 of a word that is not known.
    pub tags: u8,
    /// The only tag, plus one, of a word that is common and never has another.
    pub only: u8,
    /// The class of words that raw text uses alike; 0 of a word that has none.
    pub cluster: u8,
}

/// A model that tags: its tags, its words, its weights.
#[derive(Clone, Copy, Debug)]
pub struct Tagger<'m> {
    /// Pairs of a [`Pos`] and a [`Penn`].
    tags: &'m [u8],
    words: Linear<'m>,
    weights: Linear<'m>,
    /// The number of the tag of a noun in the plural.
    plural: Option<usize>,
    arch: Arch,
}

static BYTES: &[u8] = include_bytes!("../models/tagger.bin");

static TAGGER: LazyLock<Option<Tagger<'static>>> = LazyLock::new(|| Tagger::read(BYTES));

/// The tokens of a sentence as the tagger sees them; buffers to be used again.
#[derive(Clone, Debug, Default)]
pub struct Forms {
    forms: Vec<(Form, Known)>,
    words: Memo<Word, 8192>,
    /// What shapes, and what tags add to the scores of the token among them.
    common: Memo<Scores, 2048>,
    /// What the words around it add to the scores of each token, and to those outside the sentence.
    scores: Vec<Scores>,
}

/// What the tagger knows of a word: it is asked for once, as long as the word is common.
#[derive(Clone, Debug)]
struct Word {
    known: Known,
    /// What it adds to the scores of the token before the one before it, of that, of its own, and of the one
    /// behind it.
    scores: [Scores; 4],
}

/// Tags the tokens of a sentence with the model that comes with the crate.
pub fn tag(text: &str, tokens: &[Token], forms: &mut Forms, tags: &mut Vec<Tag>) {
    match &*TAGGER {
        Some(tagger) => tagger.tag(text, tokens, forms, tags),
        None => tags.extend(tokens.iter().map(|_| Tag::default())),
    }
}

/// Fills `forms` with the tokens of a sentence that was tagged before.
pub fn fill(text: &str, tokens: &[Token], forms: &mut Forms) {
    match &*TAGGER {
        Some(tagger) => tagger.fill(text, tokens, forms),
        None => forms.fill(text, tokens, |_| Known::default()),
    }
}

impl<'m> Tagger<'m> {
    /// Reads a model; none if `bytes` are not one.
    pub fn read(bytes: &'m [u8]) -> Option<Self> {
        let (&count, rest) = bytes.split_first()?;
        let (tags, rest) = rest.split_at_checked(count as usize * 2)?;
        let (words, rest) = Linear::read(rest)?;
        let (weights, _) = Linear::read(rest)?;
        let nouns = [Pos::Noun as u8, Penn::NNS as u8];
        let plural = tags.chunks_exact(2).position(|tag| tag == nouns);
        Some(Self { tags, words, weights, plural, arch: Arch::new() })
    }

    /// Writes a model.
    pub fn write(tags: &[Tag], words: &[(u64, Known)], weights: &[(u64, Vec<(u8, i8)>)]) -> Vec<u8> {
        let mut out = vec![tags.len() as u8];
        out.extend(tags.iter().flat_map(|tag| [tag.pos as u8, tag.penn as u8]));
        let words: Vec<_> = words
            .iter()
            .map(|(word, known)| (key(0, *word), vec![(known.tags, known.only as i8), (known.cluster, 0)]))
            .collect();
        Linear::write(&words, &mut out);
        Linear::write(weights, &mut out);
        out
    }

    fn known(&self, word: u64) -> Known {
        match self.words.row(key(0, word)) {
            [tags, only, cluster, _] => Known { tags: *tags, only: *only, cluster: *cluster },
            _ => Known::default(),
        }
    }

    fn tag_of(&self, number: usize) -> Tag {
        match self.tags.get(number * 2..number * 2 + 2) {
            Some([pos, penn]) => Tag {
                pos: Pos::numbered(*pos).unwrap_or(Pos::X),
                penn: Penn::numbered(*penn).unwrap_or(Penn::FW),
            },
            _ => Tag::default(),
        }
    }

    /// Fills `forms` with a sentence.
    pub fn fill(&self, text: &str, tokens: &[Token], forms: &mut Forms) {
        forms.fill(text, tokens, |word| self.known(word));
    }

    #[cold]
    #[inline(never)]
    fn word(&self, form: &Form) -> Word {
        let known = self.known(form.word);
        let Alone { two_before, before, own, behind } = Alone::of(form, known);
        let none = [0; CLASSES];
        let scores = [
            self.weights.add(&two_before, none),
            self.weights.add(&before, none),
            self.weights.add(&own, none),
            self.weights.add(&behind, none),
        ];
        Word { known, scores }
    }

    /// Fills `forms` with a sentence, and with the scores of its tokens as far as single words give them.
    #[inline(always)]
    fn weigh(&self, text: &str, tokens: &[Token], forms: &mut Forms) {
        let Forms { forms, words, scores, .. } = forms;
        let outside = std::iter::repeat_n(Form::default(), 2);
        let inside = tokens.iter().map(|token| Form::of(text, token));
        forms.clear();
        scores.clear();
        scores.resize(tokens.len() + 4, [0; CLASSES]);
        for (at, form) in outside.clone().chain(inside).chain(outside).enumerate() {
            let word = words.get(form.hash(), || self.word(&form));
            forms.push((form, word.known));
            for (offset, added) in word.scores.iter().enumerate() {
                let Some(scores) = (at + offset).checked_sub(2).and_then(|at| scores.get_mut(at)) else {
                    continue;
                };
                scores.iter_mut().zip(added).for_each(|(score, added)| *score += added);
            }
        }
    }

    /// The scores of the tags of a token.
    #[inline(always)]
    fn scores(&self, forms: &mut Forms, at: usize, before: u64, two_before: u64) -> Scores {
        let Together { shapes, tags, rare } = forms.together(at, before, two_before);
        let mut scores = forms.scores[at + 2];
        for features in [shapes, tags] {
            let added = forms.common.get(both(features[0], features[1]), || self.pair(&features));
            scores.iter_mut().zip(added).for_each(|(score, added)| *score += added);
        }
        self.weights.add(&rare, scores)
    }

    #[cold]
    #[inline(never)]
    fn pair(&self, features: &[u64; 2]) -> Scores {
        self.weights.add(features, [0; CLASSES])
    }

    /// Appends the tag of each token of a sentence. `forms` serve one tagger only, whose sums they keep.
    pub fn tag(&self, text: &str, tokens: &[Token], forms: &mut Forms, tags: &mut Vec<Tag>) {
        let first = tags.len();
        self.arch.dispatch(Tagging { tagger: self, text, tokens, forms, tags });
        let ends = tokens.last().is_some_and(|last| matches!(last.text(text), "." | "!" | "?"));
        let tags = &mut tags[first..];
        if ends && !tags.iter().any(|tag| is_finite(*tag)) {
            self.find_verb(forms, tags);
        }
    }

    /// Makes the likeliest word the finite verb of a sentence that ends in a full stop and has none, if one is
    /// likely enough: `The deal values the company at $12 billion.`
    #[cold]
    #[inline(never)]
    fn find_verb(&self, forms: &mut Forms, tags: &mut [Tag]) {
        let number =
            |tag: Tag| self.tags.chunks_exact(2).position(|of| of == [tag.pos as u8, tag.penn as u8]);
        let before = |tags: &[Tag], at: usize, back: usize| {
            at.checked_sub(back).and_then(|at| number(tags[at])).map_or(START, |number| number as u64)
        };
        let verbs = [Penn::VBD, Penn::VBZ, Penn::VBP].map(|penn| number(Tag { pos: Pos::Verb, penn }));
        let mut likeliest = None;
        for at in 1..tags.len() {
            if forms.known(at).only > 0 || !may_act(&tags[at - 1..=at]) {
                continue;
            }
            let scores = self.scores(forms, at, before(tags, at, 1), before(tags, at, 2));
            let chosen = number(tags[at]).map_or(0, |chosen| scores[chosen]);
            // `The mill plans to close.`
            let wants = tags.get(at + 1).is_some_and(|to| to.penn == Penn::TO);
            let more = if wants { -LEAST } else { 0 };
            for verb in verbs.into_iter().flatten() {
                likeliest =
                    likeliest.max(Some((scores[verb].saturating_sub(chosen).saturating_add(more), at, verb)));
            }
        }
        let Some((margin, at, verb)) = likeliest else { return };
        if margin >= LEAST {
            tags[at] = self.tag_of(verb);
        }
    }
}

/// The least by which a verb's score may differ from that of the tag it replaces, which is the higher. Below it
/// the development parts of the treebanks lose: they have many headings and fragments with a full stop.
const LEAST: i16 = -60;

fn is_finite(tag: Tag) -> bool {
    matches!(tag.penn, Penn::VBD | Penn::VBZ | Penn::VBP | Penn::MD)
}

/// Whether the second of two words may be a verb whose subject ends with the first.
fn may_act(pair: &[Tag]) -> bool {
    let [subject, verb] = pair else { return false };
    let open = matches!(verb.penn, Penn::NN | Penn::NNS | Penn::VB | Penn::VBN | Penn::JJ);
    open && matches!(subject.pos, Pos::Noun | Pos::Propn | Pos::Pron | Pos::Num | Pos::Adv | Pos::Punct)
}

/// All decisions of a sentence.
struct Tagging<'a, 'm> {
    tagger: &'a Tagger<'m>,
    text: &'a str,
    tokens: &'a [Token],
    forms: &'a mut Forms,
    tags: &'a mut Vec<Tag>,
}

impl WithSimd for Tagging<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { tagger, text, tokens, forms, tags } = self;
        tagger.weigh(text, tokens, forms);
        let first = tags.len();
        let (mut before, mut two_before) = (START, START);
        for at in 0..tokens.len() {
            let only = forms.known(at).only;
            let mut tag = match only {
                0 => best(&tagger.scores(forms, at, before, two_before)),
                only => only as usize - 1,
            };
            if between_noun_and_verb(&tags[first..], tagger.tag_of(tag))
                && forms.known(at - 1).only == 0
                && let Some(plural) = tagger.plural
                && let Some(again) = tagger.past_behind(forms, at, plural as u64, two_before)
            {
                (before, tag) = (plural as u64, again);
                tags[first + at - 1] = tagger.tag_of(plural);
            }
            two_before = before;
            before = tag as u64;
            tags.push(tagger.tag_of(tag));
        }
    }
}

impl Tagger<'_> {
    /// The tag of the token at `at` behind the tag `before`, if that makes it a verb in the past.
    #[cold]
    #[inline(never)]
    fn past_behind(&self, forms: &mut Forms, at: usize, before: u64, two_before: u64) -> Option<usize> {
        let tag = match forms.known(at).only {
            0 => best(&self.scores(forms, at, before, two_before)),
            only => only as usize - 1,
        };
        matches!(self.tag_of(tag).penn, Penn::VBD | Penn::MD).then_some(tag)
    }
}

/// Whether the last of `tags` is a verb in the present, between a noun and a verb in the past: it is a noun
/// then, `Acme shares fell`.
fn between_noun_and_verb(tags: &[Tag], next: Tag) -> bool {
    let [.., noun, verb] = tags else { return false };
    verb.penn == Penn::VBZ
        && verb.pos == Pos::Verb
        && matches!(noun.pos, Pos::Noun | Pos::Propn | Pos::Adj | Pos::Num)
        && matches!(next.penn, Penn::VBD | Penn::VBN | Penn::MD)
}

/// The tag before a sentence's first.
pub const START: u64 = MOST_TAGS as u64;

impl Forms {
    /// Reads the tokens of a sentence; `known` is what the model knows of a word.
    pub fn fill(&mut self, text: &str, tokens: &[Token], known: impl Fn(u64) -> Known) {
        self.forms.clear();
        self.forms.extend([<(Form, Known)>::default(); 2]);
        self.forms.extend(tokens.iter().map(|token| {
            let form = Form::of(text, token);
            (form, known(form.word))
        }));
        self.forms.extend([<(Form, Known)>::default(); 2]);
    }

    /// The token at `at` between the two before and the two behind it.
    pub fn window(&self, at: usize) -> Option<&[(Form, Known); 5]> {
        self.forms.get(at..)?.first_chunk()
    }

    /// The token at `at`, or nothing where that is outside the sentence.
    pub(crate) fn form(&self, at: isize) -> &(Form, Known) {
        usize::try_from(at + 2).ok().and_then(|at| self.forms.get(at)).unwrap_or(&self.forms[0])
    }

    /// What is known of the token at `at`.
    pub fn known(&self, at: usize) -> Known {
        self.forms[at + 2].1
    }

    /// The features of the token at `at`, after the tags `before` and `two_before`.
    pub fn features(&self, at: usize, before: u64, two_before: u64) -> Vec<u64> {
        let alone = |offset: isize| {
            let (form, known) = self.form(at as isize + offset);
            Alone::of(form, *known)
        };
        let mut features = alone(0).own.to_vec();
        features.extend(alone(-1).behind);
        features.extend(alone(1).before);
        features.extend(alone(2).two_before);
        let Together { shapes, tags, rare } = self.together(at, before, two_before);
        features.extend(shapes.into_iter().chain(tags).chain(rare));
        features
    }

    /// The features of the token at `at` that hang on more than one word, or on tags.
    #[inline(always)]
    fn together(&self, at: usize, before: u64, two_before: u64) -> Together {
        let Some([_, (wp, kp), (w, k), (wn, kn), _]) = self.window(at) else { return Together::default() };
        let (tags, tags_next) = (u64::from(k.tags), u64::from(kn.tags));
        let shape = u64::from(w.shape);
        Together {
            shapes: [key(6, shape | u64::from(wp.shape) << 16), key(7, shape | u64::from(wn.shape) << 16)],
            tags: [key(15, before), key(16, before | two_before << 8)],
            rare: [
                key(11, both(w.word, wn.word)),
                key(12, both(wp.word, wn.word)),
                key(13, both(wn.suffix(3), tags)),
                key(17, before | tags << 8 | tags_next << 16),
                key(18, both(w.suffix(3), before)),
                key(21, u64::from(k.cluster) | u64::from(kp.cluster) << 8 | before << 16),
            ],
        }
    }
}

/// The features that hang on more than one word, or on tags.
#[derive(Default)]
struct Together {
    /// On the shapes of the words.
    shapes: [u64; 2],
    /// On the tags before.
    tags: [u64; 2],
    /// On what hardly ever comes again.
    rare: [u64; 6],
}

/// The features that hang on one word alone, by the token that has them.
struct Alone {
    /// The one before the one before it.
    two_before: [u64; 1],
    /// The one before it.
    before: [u64; 2],
    /// Its own.
    own: [u64; 7],
    /// The one behind it.
    behind: [u64; 1],
}

impl Alone {
    fn of(word: &Form, known: Known) -> Self {
        let cluster = u64::from(known.cluster);
        Self {
            two_before: [key(10, word.word)],
            before: [key(9, word.word), key(20, cluster)],
            own: [
                key(1, word.word),
                key(2, word.suffix(4)),
                key(3, word.suffix(3)),
                key(4, both(word.prefix(2), word.suffix(2))),
                key(5, word.prefix(3)),
                key(14, u64::from(word.class)),
                key(19, cluster),
            ],
            behind: [key(8, word.word)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reading;

    /// The finer tags of a sentence, beside its words.
    fn tagged(text: &str) -> String {
        let mut reading = Reading::default();
        reading.read(text, 0..text.len());
        let (mut forms, mut tags) = (Forms::default(), Vec::new());
        tag(text, reading.tokens(), &mut forms, &mut tags);
        let words = reading.tokens().iter().zip(&tags);
        words.map(|(token, tag)| format!("{}/{} ", token.text(text), tag.penn.name())).collect()
    }

    #[test]
    fn a_sentence_without_a_finite_verb_is_given_the_likeliest() {
        for (text, verb) in [
            ("The deal values the company at $12 billion.", "values/VBZ"),
            ("The mill emits 300,000 tonnes of soot a year.", "emits/VBZ"),
            ("The bridge cost $5 million.", "cost/VBD"),
            ("The co-op plans to invest.", "plans/VBZ"),
        ] {
            assert!(tagged(text).contains(verb), "{}", tagged(text));
        }
        // Headings and fragments have none.
        for text in
            ["A rise of 5 percent in sales.", "Three dead in a fire at the mill.", "Net profit of the mill"]
        {
            assert!(
                !["VBD", "VBZ", "VBP"].iter().any(|verb| tagged(text).contains(verb)),
                "{}",
                tagged(text)
            );
        }
    }
}
