//! Who is meant: short names, acronyms, pronouns and `the company` to the names they stand for, within
//! a document.
//!
//! One pass in the order of reading. A name joins the entity whose name it shortens; a pronoun or a
//! noun such as `the company` takes the entity that fits and was last spoken of, a subject before others
//! of its sentence (as in Lappin and Leass 1994, <https://aclanthology.org/J94-4002/>, with the two
//! weights that matter most).

use std::ops::Range;

use crate::name::{Hint, NameKind, hint};
use crate::tag::{Penn, Pos, Tag};
use crate::{Token, word};

/// A name in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its tokens' places in the document.
    pub tokens: Range<usize>,
    /// What it is the name of.
    pub kind: NameKind,
    /// The sentence it stands in.
    pub sentence: usize,
}

/// What a document speaks of under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// Its longest name.
    pub name: Range<usize>,
    /// What it is.
    pub kind: NameKind,
    /// Which pronouns it may have, where its names tell.
    gender: Option<Gender>,
    /// The title it was named with: the hash of `president`.
    title: Option<u64>,
    /// The sentence it was last spoken of in, and how high it stood there.
    last: (usize, u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gender {
    He,
    She,
}

/// Words of a document that stand for an entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The tokens' places in the document.
    pub tokens: Range<usize>,
    /// The number of the entity.
    pub entity: usize,
}

const HE: [u64; 4] = [word("he"), word("him"), word("his"), word("himself")];
const SHE: [u64; 4] = [word("she"), word("her"), word("hers"), word("herself")];
const IT: [u64; 3] = [word("it"), word("its"), word("itself")];
const THEY: [u64; 3] = [word("they"), word("them"), word("their")];
/// Nouns that an organisation is referred to by.
const ORGANISATIONS: [u64; 6] =
    [word("company"), word("firm"), word("bank"), word("group"), word("agency"), word("party")];
/// Nouns that a place is referred to by.
const PLACES: [u64; 5] = [word("country"), word("city"), word("town"), word("island"), word("nation")];

/// Whether the word of this hash is one that [`resolve`] may link to a name without being one: a pronoun, or
/// a noun behind `the`.
pub fn may_refer(hash: u64) -> bool {
    let lists: [&[u64]; 6] = [&HE, &SHE, &IT, &THEY, &ORGANISATIONS, &PLACES];
    lists.iter().any(|list| list.contains(&hash)) || hint(hash).has(Hint::TITLE)
}

/// How many sentences back a pronoun looks.
const REACH: usize = 3;
/// How many sentences back `the company` looks.
const NOUN_REACH: usize = 12;

/// What a document speaks of, and every mention of it in order. `sentence` tells the sentence of a
/// token, `is_subject` whether the phrase that a token ends is a subject.
pub fn resolve(
    text: &str,
    tokens: &[Token],
    tags: &[Tag],
    names: &[Named],
    sentence: impl Fn(usize) -> usize,
    is_subject: impl Fn(&Range<usize>) -> bool,
) -> (Vec<Entity>, Vec<Link>) {
    let document = Document { text, tokens, tags };
    let mut entities: Vec<Entity> = Vec::new();
    let mut links = Vec::new();
    let mut names = names.iter().peekable();
    let mut at = 0;
    while at < tokens.len().min(tags.len()) {
        let (mention, number) = match names.next_if(|name| name.tokens.start <= at) {
            Some(name) if name.tokens.start == at && !name.tokens.is_empty() => {
                (name.tokens.clone(), Some(document.named(name, &mut entities)))
            }
            Some(_) => continue,
            None => document.referring(at, sentence(at), &entities),
        };
        if let Some(entity) = number {
            let rank = if is_subject(&mention) { 2 } else { 1 };
            entities[entity].last = (sentence(at), rank);
            links.push(Link { tokens: mention.clone(), entity });
        }
        at = mention.end;
    }
    (entities, links)
}

struct Document<'d> {
    text: &'d str,
    tokens: &'d [Token],
    tags: &'d [Tag],
}

impl Document<'_> {
    /// The words of a name that tell it from others: neither titles nor determiners nor stops.
    fn core(&self, name: &Range<usize>) -> impl DoubleEndedIterator<Item = usize> + Clone + use<'_> {
        name.clone().filter(|at| {
            let title = hint(self.tokens[*at].hash) == Hint::TITLE;
            !title && matches!(self.tags[*at].pos, Pos::Propn | Pos::Noun | Pos::Adj | Pos::Num | Pos::X)
        })
    }

    fn hashes(&self, name: &Range<usize>) -> impl DoubleEndedIterator<Item = u64> + Clone + use<'_> {
        self.core(name).map(|at| self.tokens[at].hash)
    }

    fn title(&self, name: &Range<usize>) -> Option<u64> {
        name.clone().map(|at| self.tokens[at].hash).rfind(|hash| hint(*hash).has(Hint::TITLE))
    }

    fn gender(&self, name: &Range<usize>) -> Option<Gender> {
        name.clone().find_map(|at| match self.tokens[at].hash {
            hash if [word("mr"), word("king"), word("prince"), word("sir")].contains(&hash) => {
                Some(Gender::He)
            }
            hash if [
                word("mrs"),
                word("ms"),
                word("miss"),
                word("queen"),
                word("princess"),
                word("lady"),
            ]
            .contains(&hash) =>
            {
                Some(Gender::She)
            }
            hash if hint(hash) == Hint::HE => Some(Gender::He),
            hash if hint(hash) == Hint::SHE => Some(Gender::She),
            _ => None,
        })
    }

    /// The entity of a name: one that is known, or a new one.
    fn named(&self, name: &Named, entities: &mut Vec<Entity>) -> usize {
        let known = entities.iter().rposition(|entity| {
            let same_kind = entity.kind == name.kind;
            same_kind && self.is_short_for(&name.tokens, &entity.name)
                || self.is_acronym(&name.tokens, &entity.name)
        });
        let number = known.unwrap_or_else(|| {
            entities.push(Entity {
                name: name.tokens.clone(),
                kind: name.kind,
                gender: None,
                title: None,
                last: (name.sentence, 0),
            });
            entities.len() - 1
        });
        let entity = &mut entities[number];
        if self.core(&name.tokens).count() > self.core(&entity.name).count() {
            entity.name = name.tokens.clone();
        }
        entity.gender = entity.gender.or_else(|| self.gender(&name.tokens));
        entity.title = self.title(&name.tokens).or(entity.title);
        number
    }

    /// Whether either name has all words of the other in their order, and at an end of it.
    fn is_short_for(&self, a: &Range<usize>, b: &Range<usize>) -> bool {
        let (mut short, mut long) = (self.hashes(a), self.hashes(b));
        if short.clone().count() > long.clone().count() {
            (short, long) = (long, short);
        }
        let ends = short.clone().next() == long.clone().next()
            || short.clone().next_back() == long.clone().next_back();
        short.clone().next().is_some() && ends && short.all(|hash| long.any(|other| other == hash))
    }

    /// Whether one of the names is a word of the other's initials.
    fn is_acronym(&self, a: &Range<usize>, b: &Range<usize>) -> bool {
        let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
        let mut letters = self.core(short);
        let (Some(only), None) = (letters.next(), letters.next()) else { return false };
        let letters = self.tokens[only].text(self.text).chars().filter(|c| *c != '.');
        let initials = self.core(long).filter_map(|at| self.tokens[at].text(self.text).chars().next());
        letters.clone().count() > 1
            && letters.clone().all(char::is_uppercase)
            && letters.eq(initials.filter(|c| c.is_uppercase()))
    }

    /// The words at `at` that refer without a name, and the entity they refer to.
    fn referring(&self, at: usize, sentence: usize, entities: &[Entity]) -> (Range<usize>, Option<usize>) {
        let latest = |reach: usize, fits: &dyn Fn(&Entity) -> bool| {
            (0..entities.len())
                .filter(|i| fits(&entities[*i]) && sentence - entities[*i].last.0.min(sentence) <= reach)
                .max_by_key(|i| (entities[*i].last, *i))
        };
        let here = self.tokens[at].hash;
        let person = |gender: Gender| {
            latest(REACH, &|e| e.kind == NameKind::Person && e.gender.is_none_or(|known| known == gender))
        };
        if self.tags[at].pos == Pos::Pron {
            let entity = match here {
                h if HE.contains(&h) => person(Gender::He),
                h if SHE.contains(&h) => person(Gender::She),
                h if IT.contains(&h) => latest(REACH, &|e| e.kind != NameKind::Person),
                h if THEY.contains(&h) => latest(REACH, &|e| e.kind == NameKind::Organisation),
                _ => None,
            };
            return (at..at + 1, entity);
        }
        let noun = at + 1;
        let bare = here == const { word("the") }
            && self.tags.get(noun).is_some_and(|tag| tag.pos == Pos::Noun && tag.penn == Penn::NN)
            && self.tags.get(noun + 1).is_none_or(|tag| !matches!(tag.pos, Pos::Noun | Pos::Propn));
        if !bare {
            return (at..at + 1, None);
        }
        let noun_hash = self.tokens[noun].hash;
        let entity = match noun_hash {
            h if ORGANISATIONS.contains(&h) => latest(NOUN_REACH, &|e| e.kind == NameKind::Organisation),
            h if PLACES.contains(&h) => latest(NOUN_REACH, &|e| e.kind == NameKind::Place),
            h if hint(h).has(Hint::TITLE) => latest(usize::MAX, &|e| e.title == Some(h)),
            _ => None,
        };
        if entity.is_some() { (at..noun + 1, entity) } else { (at..at + 1, None) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Reading, tag};

    /// Reads a text whose names are between brackets with the letter of their kind, and shows which
    /// words stand for which name.
    fn check(marked: &str, expected: &[&str]) {
        let (mut text, mut marks) = (String::new(), Vec::new());
        for piece in marked.split_inclusive([']']) {
            match piece.split_once('[') {
                Some((before, name)) => {
                    text += before;
                    let (kind, name) = name.trim_end_matches(']').split_once(':').unwrap();
                    let kind = ["p", "o", "l"].iter().position(|k| *k == kind).unwrap();
                    marks.push((text.len()..text.len() + name.len(), NameKind::ALL[kind]));
                    text += name;
                }
                None => text += piece,
            }
        }
        let mut reading = Reading::default();
        reading.read(&text, 0..text.len());
        let tokens = reading.tokens();
        let (mut tags, mut forms) = (Vec::new(), tag::Forms::default());
        for sentence in reading.sentences() {
            tag::tag(&text, &tokens[sentence.tokens.clone()], &mut forms, &mut tags);
        }
        let sentence = |at: usize| reading.sentences().iter().position(|s| s.tokens.contains(&at)).unwrap();
        let names: Vec<_> = marks
            .into_iter()
            .map(|(bytes, kind)| {
                let start = tokens.iter().position(|t| t.range().start == bytes.start).unwrap();
                let end = tokens.iter().position(|t| t.range().end == bytes.end).unwrap() + 1;
                Named { tokens: start..end, kind, sentence: sentence(start) }
            })
            .collect();
        let first = |mention: &Range<usize>| {
            reading.sentences()[sentence(mention.start)].tokens.start == mention.start
        };
        let (entities, links) = resolve(&text, tokens, &tags, &names, sentence, first);
        let words = |range: &Range<usize>| {
            &text[tokens[range.start].range().start..tokens[range.end - 1].range().end]
        };
        let shown: Vec<_> = links
            .iter()
            .filter(|link| link.tokens != entities[link.entity].name)
            .map(|link| format!("{} = {}", words(&link.tokens), words(&entities[link.entity].name)))
            .collect();
        assert_eq!(shown, expected, "{marked}");
    }

    #[test]
    fn short_names_join_the_long_ones() {
        check("[p:Mary Roe] spoke. Then [p:Ms. Roe] left.", &["Ms. Roe = Mary Roe"]);
        check("[o:Acme Steel Corp] grew. [o:Acme] paid.", &["Acme = Acme Steel Corp"]);
        check("[p:John Roe] met [p:Jane Doe].", &[]);
    }

    #[test]
    fn acronyms_join_what_they_are_made_of() {
        check(
            "[o:International Monetary Fund] lent. [o:IMF] said so.",
            &["IMF = International Monetary Fund"],
        );
    }

    #[test]
    fn pronouns_take_the_last_that_fits() {
        check("[p:Mary Roe] met [p:John Doe]. She left.", &["She = Mary Roe"]);
        check("[o:Acme] bought a mill in [l:Ohio]. It paid cash.", &["It = Acme"]);
    }

    #[test]
    fn nouns_with_the_take_what_they_name() {
        check("[o:Acme] grew. Prices fell. The company paid.", &["The company = Acme"]);
        check(
            "[p:President Roe] spoke. Prices fell. The president left.",
            &["The president = President Roe"],
        );
    }
}
