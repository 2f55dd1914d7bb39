//! Who is meant by a pronoun, a short name or `the company` that a claim is about, or that says so.

use std::ops::Range;

use claimline_language::name::{NameKind, agree, names};
use claimline_language::resolve::{Entity, Link, Named, resolve};
use claimline_language::tag::{Forms, Pos, Tag, fill};
use claimline_language::{Reading, Token};

/// Whose name is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Wanted {
    /// That of a subject which names nobody, by its tokens in the document.
    Subject(Range<usize>),
    /// That of a source, by its head.
    Source(usize),
}

impl Wanted {
    fn start(&self) -> usize {
        match self {
            Self::Subject(words) => words.start,
            Self::Source(head) => *head,
        }
    }

    /// The link that tells the name. A name that stands beside a role is the source's: `its director, Mary Roe`.
    fn link<'l>(&self, links: &'l [Link]) -> Option<&'l Link> {
        match self {
            Self::Subject(words) => {
                let number = links.partition_point(|link| link.tokens.end < words.end);
                links
                    .get(number)
                    .filter(|link| link.tokens.end == words.end && link.tokens.start <= words.start)
            }
            Self::Source(head) => {
                let number = links.partition_point(|link| link.tokens.end <= *head);
                links.get(number).filter(|link| link.tokens.start <= *head)
            }
        }
    }

    /// The person whose last name a source is, where no name was seen there.
    fn surname<'e>(&self, tokens: &[Token], tags: &[Tag], entities: &'e [Entity]) -> Option<&'e Entity> {
        let Self::Source(head) = *self else { return None };
        let last = |entity: &&Entity| {
            entity.kind == NameKind::Person && tokens[entity.name.end - 1].hash == tokens[head].hash
        };
        (tags[head].pos == Pos::Propn).then(|| entities.iter().find(last)).flatten()
    }
}

/// Whom a claim means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Meant {
    /// By its subject: the bytes of the name.
    Subject(Range<usize>),
    /// By its source: the bytes of the name, and what it is the name of.
    Source(Range<usize>, NameKind),
}

/// Claims whose subject or source is to be named, and buffers to be used again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unnamed {
    forms: Forms,
    /// The number of a claim, with what is wanted.
    claims: Vec<(usize, Wanted)>,
}

impl Unnamed {
    /// Forgets the claims of the document before.
    pub(crate) fn clear(&mut self) {
        self.claims.clear();
    }

    /// Notes a claim about the words at `tokens` of the document.
    pub(crate) fn push(&mut self, claim: usize, tokens: Range<usize>) {
        self.claims.push((claim, Wanted::Subject(tokens)));
    }

    /// Notes a claim whose source has its head at `head` of the document.
    pub(crate) fn push_source(&mut self, claim: usize, head: usize) {
        self.claims.push((claim, Wanted::Source(head)));
    }

    /// Hands on each claim with the name that its subject or its source stands for. Only where there is
    /// such a claim are the sentences before it looked through for names; `tags` are the document's.
    pub(crate) fn resolve(
        &mut self,
        text: &str,
        reading: &Reading,
        tags: &[Tag],
        mut name: impl FnMut(usize, Meant),
    ) {
        let Some(last) = self.claims.iter().map(|(_, wanted)| wanted.start()).max() else { return };
        let sentences = reading.sentences();
        let count = sentences.partition_point(|sentence| sentence.tokens.start <= last);
        let sentences = &sentences[..count];
        let tokens = &reading.tokens()[..sentences.last().map_or(0, |sentence| sentence.tokens.end)];
        let mut found = Vec::with_capacity(count);
        for sentence in sentences {
            let mut here = Vec::new();
            // Nearly every name has a proper noun.
            if tags[sentence.tokens.clone()].iter().any(|tag| tag.pos == Pos::Propn) {
                fill(text, &tokens[sentence.tokens.clone()], &mut self.forms);
                names(&self.forms, &tags[sentence.tokens.clone()], &mut here);
            }
            found.push(here);
        }
        let mut agreeing: Vec<_> = sentences
            .iter()
            .zip(found)
            .map(|(sentence, names)| {
                (&tokens[sentence.tokens.clone()], &tags[sentence.tokens.clone()], names)
            })
            .collect();
        agree(&mut agreeing);
        let named: Vec<Named> = sentences
            .iter()
            .zip(&agreeing)
            .enumerate()
            .flat_map(|(number, (sentence, (.., names)))| {
                let first = sentence.tokens.start;
                names.iter().map(move |name| Named {
                    tokens: first + name.start as usize..first + name.end as usize,
                    kind: name.kind,
                    sentence: number,
                })
            })
            .collect();
        let sentence = |at: usize| sentences.partition_point(|sentence| sentence.tokens.end <= at);
        // A verb right behind: a subject, as far as can be told without a tree.
        let is_subject = |mention: &Range<usize>| {
            tags.get(mention.end).is_some_and(|tag| matches!(tag.pos, Pos::Verb | Pos::Aux))
        };
        let (entities, links) = resolve(text, tokens, tags, &named, sentence, is_subject);
        for (claim, wanted) in &self.claims {
            let entity = match wanted.link(&links) {
                Some(link) => &entities[link.entity],
                None => match wanted.surname(tokens, tags, &entities) {
                    Some(entity) => entity,
                    None => continue,
                },
            };
            let mut words = entity.name.clone();
            while words.len() > 1 && tags[words.start].pos == Pos::Det {
                words.start += 1;
            }
            let bytes = tokens[words.start].range().start..tokens[words.end - 1].range().end;
            name(
                *claim,
                match wanted {
                    Wanted::Subject(_) => Meant::Subject(bytes),
                    Wanted::Source(_) => Meant::Source(bytes, entity.kind),
                },
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use claimline_language::tag::tag;

    use super::*;

    /// The names that the words marked with an asterisk behind them stand for.
    fn meant(marked: &str) -> Vec<String> {
        let text = marked.replace('*', "");
        let mut reading = Reading::default();
        reading.read(&text, 0..text.len());
        let mut unnamed = Unnamed::default();
        for (number, (at, _)) in marked.match_indices('*').enumerate() {
            let end = at - number;
            let token = reading.tokens().iter().position(|token| token.range().end == end).unwrap();
            unnamed.push(number, token..token + 1);
        }
        let (mut tags, mut found) = (Vec::new(), Vec::new());
        for sentence in reading.sentences() {
            tag(&text, &reading.tokens()[sentence.tokens.clone()], &mut Forms::default(), &mut tags);
        }
        unnamed.resolve(&text, &reading, &tags, |_, meant| match meant {
            Meant::Subject(name) | Meant::Source(name, _) => found.push(text[name].to_owned()),
        });
        found
    }

    #[test]
    fn a_pronoun_and_the_company_stand_for_the_name_before() {
        let text = "Acme Steel Corp. grew in Ohio. It* has 40 mills. The company* sold three.";
        assert_eq!(meant(text), ["Acme Steel Corp.", "Acme Steel Corp."]);
        assert_eq!(meant("It* has 40 mills. The price* rose."), [""; 0]);
    }
}
