//! Who is meant by a pronoun, or by `the company`, that a claim is about.

use std::ops::Range;

use claimline_language::Reading;
use claimline_language::name::{agree, names};
use claimline_language::resolve::{Named, resolve};
use claimline_language::tag::{Forms, Pos, Tag, tag};

/// Claims whose subject names nobody, and buffers to be used again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unnamed {
    forms: Forms,
    tags: Vec<Tag>,
    /// The number of a claim, with the tokens of its subject in the document.
    claims: Vec<(usize, Range<usize>)>,
}

impl Unnamed {
    /// Forgets the claims of the document before.
    pub(crate) fn clear(&mut self) {
        self.claims.clear();
    }

    /// Notes a claim about the words at `tokens` of the document.
    pub(crate) fn push(&mut self, claim: usize, tokens: Range<usize>) {
        self.claims.push((claim, tokens));
    }

    /// Hands on each claim with the bytes of the name that its subject stands for. Only where there is
    /// such a claim are the sentences before it tagged and looked through for names.
    pub(crate) fn resolve(
        &mut self,
        text: &str,
        reading: &Reading,
        mut name: impl FnMut(usize, Range<usize>),
    ) {
        let Some((_, last)) = self.claims.last() else { return };
        let sentences = reading.sentences();
        let count = sentences.partition_point(|sentence| sentence.tokens.start <= last.start);
        let sentences = &sentences[..count];
        let tokens = &reading.tokens()[..sentences.last().map_or(0, |sentence| sentence.tokens.end)];
        self.tags.clear();
        let mut found = Vec::with_capacity(count);
        for sentence in sentences {
            tag(text, &tokens[sentence.tokens.clone()], &mut self.forms, &mut self.tags);
            let mut here = Vec::new();
            names(&self.forms, &self.tags[sentence.tokens.clone()], &mut here);
            found.push(here);
        }
        let tags = &self.tags;
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
        for (claim, subject) in &self.claims {
            let link = links
                .iter()
                .find(|link| link.tokens.end == subject.end && link.tokens.start <= subject.start);
            if let Some(link) = link {
                let words = &entities[link.entity].name;
                name(*claim, tokens[words.start].range().start..tokens[words.end - 1].range().end);
            }
        }
    }
}

#[cfg(test)]
mod tests {
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
        let mut found = Vec::new();
        unnamed.resolve(&text, &reading, |_, name| found.push(text[name].to_owned()));
        found
    }

    #[test]
    fn a_pronoun_and_the_company_stand_for_the_name_before() {
        let text = "Acme Steel Corp. grew in Ohio. It* has 40 mills. The company* sold three.";
        assert_eq!(meant(text), ["Acme Steel Corp.", "Acme Steel Corp."]);
        assert_eq!(meant("It* has 40 mills. The price* rose."), [""; 0]);
    }
}
