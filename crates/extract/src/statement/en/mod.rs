//! English statements: which words attribute, and what around them is source and content.

mod direct;
mod extent;
mod lexicon;
mod noun;
mod source;
mod told;
mod verb;

use std::ops::Range;

use claimline_language::syntax::{Role, Tree};
use claimline_language::tag::{Penn, Pos, Tag};
use claimline_language::{Sentence, word};

use self::lexicon::{Cue, Frame, Kind, cues};
use super::{Quote, Statement, Strength};
use crate::cursor::{Cursor, is_dash};

/// The rules, in the order of the examples.
#[cfg(test)]
pub(crate) const RULES: &[&str] = &[
    "<source> says that <clause>",
    "<content>, <source> says",
    "<source> says, <quote>",
    "as <source> says, <content>",
    "according to <source>",
    "<source>: <content>",
    "<quote> - <source>",
    super::carried::RULE,
    "<source> plans to <verb>",
    "<source> proposes <gerund>",
    "<source> criticises <object>",
    "<source> calls <object> <phrase>",
    "<source> urges <object> to <verb>",
    "<source> talks about <phrase>",
    "<subject> is said to <verb>",
    "it is said that <clause>",
    "<subject> is criticised by <source>",
    "<subject> seems",
    "<adverb>",
    "<noun> that <clause>",
    "<noun> to <verb>",
    "<noun> of <phrase>",
    "<source> is <adjective> that <clause>",
    "<source> is <adjective> to <verb>",
    "<source> is <adjective> of <phrase>",
];

/// The rows of the lexicons that nothing is made of.
#[cfg(test)]
pub(crate) fn unknown_words() -> impl Iterator<Item = String> {
    use claimline_language::rows;
    use claimline_model::SourceKind;
    let cues = rows::<4>(lexicon::FILE).filter(|[_, kind, strength, frames]| {
        let known = lexicon::kind_named(kind).is_some() && Strength::named(strength).is_some();
        !known || frames.split(' ').any(|frame| lexicon::frame_named(frame).is_none())
    });
    let sources = rows::<2>(told::FILE).filter(|[_, kind]| kind.parse::<SourceKind>().is_err());
    cues.map(|row| format!("{row:?}")).chain(sources.map(|row| format!("{row:?}")))
}

/// What is known of a sentence by its words and tags alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outlook {
    /// It has no cue, and is not worth a tree.
    Nothing,
    /// Its only cue is a verb of saying, its source a few words beside it, and all the rest is what is said:
    /// `Sales rose, the bank said.` A tree would tell no more than its parts of speech do.
    Plain,
    /// It may have a statement.
    Open,
}

/// The most words of a source, and of what stands behind a verb at the end of its sentence, in a plain one.
const MOST_PLAIN: usize = 8;

/// What a sentence may state.
pub(crate) fn outlook(words: &Cursor<'_>, tags: &[Tag]) -> Outlook {
    if label(words).is_some() || is_dash(words.text(0)) {
        return Outlook::Open;
    }
    let mut outlook = Outlook::Nothing;
    for at in 0..words.tokens().len() {
        let here = words.to(at);
        if here.hash(0) == const { word("according") } {
            return Outlook::Open;
        }
        let known = cues(here.hash(0));
        if !known.iter().any(|cue| cue.may_stand(&here, tags)) {
            continue;
        }
        let says = known.iter().any(|cue| cue.has(Frame::Quote));
        let urges = known.iter().any(|cue| cue.with(Frame::ObjectInfinitive) == Some(Strength::Wants));
        outlook = match says.then(|| plain(words, tags, at)).flatten() {
            // What stands before is what is said.
            Some(Place::Last) => return Outlook::Plain,
            Some(Place::First) if outlook == Outlook::Nothing && !urges => Outlook::Plain,
            // What stands behind is, unless it is said besides: `and added that`, `, adding that`.
            _ if outlook == Outlook::Plain && !is_besides(words, tags, at) => Outlook::Plain,
            _ => Outlook::Open,
        };
    }
    outlook
}

/// Where a verb stands in a plain sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    First,
    Last,
}

/// Whether a cue is joined to one before it, and not a part of what that says.
fn is_besides(words: &Cursor<'_>, tags: &[Tag], at: usize) -> bool {
    let joins = |at: usize| tags[at].pos == Pos::Cconj || words.text(at as isize) == ",";
    tags[at].penn == Penn::VBG || (at.saturating_sub(2)..at).any(joins)
}

/// Where a verb of saying stands in its sentence, if its source is a few nominal words beside it.
fn plain(words: &Cursor<'_>, tags: &[Tag], verb: usize) -> Option<Place> {
    use Pos::{Adj, Adp, Adv, Det, Noun, Num, Pron, Propn};
    let nominal = |at: &usize| matches!(tags[*at].pos, Noun | Propn | Pron | Adj | Det | Num | Adp);
    let source = (0..verb).rev().take_while(nominal).count();
    let stops = |at: usize| matches!(words.text(at as isize), "," | "\"" | "\u{201D}");
    let behind = (verb + 1..tags.len() - 1).take_while(|at| nominal(at) || tags[*at].pos == Adv).count();
    let ends = verb + 1 + behind + 1 == tags.len() && behind <= MOST_PLAIN;
    let finite = matches!(tags[verb].penn, Penn::VBD | Penn::VBZ | Penn::VBP);
    let begins = source == verb && !matches!(tags[0].pos, Adp) && !ends;
    let few = source > 0 && source <= MOST_PLAIN;
    let last = ends
        && match source {
            0 => behind > 0 && verb > 0 && stops(verb - 1),
            _ => few && source < verb && stops(verb - source - 1),
        };
    match finite {
        true if last => Some(Place::Last),
        true if few && begins => Some(Place::First),
        _ => None,
    }
}

/// The most words of a name before a colon.
const MOST_LABEL: usize = 5;

/// The most words of a name and what it is, behind a quotation and a dash.
const MOST_SIGNED: usize = 12;

/// The place of a colon behind few words: `Roe: It rose.`
fn label(words: &Cursor<'_>) -> Option<usize> {
    (1..=MOST_LABEL).find(|at| words.text(*at as isize) == ":")
}

/// A sentence in its document, to look for statements in. Indices are of the sentence's tokens; they become
/// the document's by adding `first`.
#[derive(Clone, Copy)]
pub(crate) struct Finder<'s> {
    /// The words of the sentence.
    pub(crate) words: Cursor<'s>,
    /// How they hang together.
    pub(crate) tree: Tree<'s>,
    /// Whether that was told by parts of speech alone: then a clause goes on to the end of its sentence.
    pub(crate) flat: bool,
    /// The place in the document of its first token.
    pub(crate) first: usize,
    /// The quotations of the document, in order.
    pub(crate) quotes: &'s [Quote],
    /// The sentences behind this one.
    pub(crate) behind: &'s [Sentence],
    /// Where its paragraph begins and ends, in the document.
    pub(crate) paragraph: &'s Range<usize>,
}

/// A source, a cue and a content, in indices of the sentence.
struct Found {
    source: Option<source::Source>,
    cue: Range<usize>,
    /// In document indices.
    content: Vec<Range<usize>>,
    strength: Strength,
    rule: &'static str,
}

impl Finder<'_> {
    /// Appends the statements of the sentence.
    pub(crate) fn find(&self, found: &mut Vec<Statement>) {
        let before = found.len();
        found.extend(self.labelled().or_else(|| self.signed()));
        for at in 0..self.len() {
            if self.quote_at(at).is_some() {
                continue;
            }
            if let Some(statement) = self.according(at) {
                found.push(statement);
                continue;
            }
            let statement = cues(self.words.to(at).hash(0)).iter().find_map(|cue| {
                let behind = cue.rest.iter().enumerate();
                let fits = behind.into_iter().all(|(i, hash)| self.hash(at + 1 + i) == *hash);
                fits.then(|| self.statement(at, cue)).flatten()
            });
            found.extend(statement);
        }
        self.drop_nested(found, before);
    }

    /// Leaves out statements inside of another's content, but those that a verb of saying makes by itself:
    /// what somebody wants in what another says is a part of that.
    fn drop_nested(&self, found: &mut Vec<Statement>, before: usize) {
        let here = found.split_off(before);
        let holds = |outer: &Statement, inner: &Statement| {
            let cue = inner.cue.clone().unwrap_or_default();
            outer.content.iter().any(|part| part.start <= cue.start && cue.end <= part.end)
        };
        for (i, statement) in here.iter().enumerate() {
            let inside = here.iter().enumerate().any(|(j, other)| {
                // Of two that hold each other the first stands.
                i != j && holds(other, statement) && (j < i || !holds(statement, other))
            });
            if !inside || statement.nests {
                found.push(statement.clone());
            }
        }
    }

    fn statement(&self, at: usize, cue: &Cue) -> Option<Statement> {
        let found = match cue.kind {
            _ if !cue.is_tagged(self.tree.tag(at)) => return None,
            Kind::Verb => self.verb(at, cue)?,
            Kind::Noun => self.noun(at, cue)?,
            Kind::Adjective => self.adjective(at, cue)?,
            Kind::Adverb => self.adverb(at)?,
        };
        let content: Vec<_> = found.content.into_iter().filter(|part| !part.is_empty()).collect();
        if content.is_empty() {
            return None;
        }
        if self.is_question() && found.strength != Strength::Asks {
            return None;
        }
        let nests = cue.has(Frame::Quote)
            && found.strength == Strength::Says
            && matches!(found.rule, "<source> says that <clause>" | "<content>, <source> says");
        Some(self.made(found.source, found.cue, content, found.strength, nests, found.rule))
    }

    /// A statement of its parts: source and cue in the places of the sentence, content in the document's.
    fn made(
        &self,
        source: Option<source::Source>,
        cue: Range<usize>,
        content: Vec<Range<usize>>,
        strength: Strength,
        nests: bool,
        rule: &'static str,
    ) -> Statement {
        let place = |range: &Range<usize>| self.first + range.start..self.first + range.end;
        Statement {
            who: source.as_ref().map(|source| self.who(source)),
            passed_on: source.as_ref().and_then(|source| self.passed_on(source.words.end.max(cue.end))),
            source: source.map(|source| place(&source.words)),
            cue: Some(place(&cue)),
            told: self.told(&content, &cue, strength),
            content,
            strength,
            nests,
            rule,
        }
    }

    fn len(&self) -> usize {
        self.tree.words()
    }

    fn hash(&self, at: usize) -> u64 {
        self.words.to(at).hash(0)
    }

    fn text(&self, at: usize) -> &str {
        self.words.to(at).text(0)
    }

    /// The number of the quotation that a token stands in.
    fn quote_at(&self, at: usize) -> Option<usize> {
        let place = self.first + at;
        let number = self.quotes.partition_point(|quote| quote.tokens.end <= place);
        (self.quotes.get(number)?.tokens.start <= place).then_some(number)
    }

    /// Where the sentence ends without its stop.
    fn end(&self) -> usize {
        let mut end = self.len();
        while end > 0 && matches!(self.text(end - 1), "." | "!" | "?" | "\u{2026}" | ";" | ":") {
            end -= 1;
        }
        end
    }

    /// A range without the punctuation around it, but with all of a quotation that begins in it; in the
    /// places of the document.
    fn tidy(&self, range: Range<usize>) -> Range<usize> {
        let Range { mut start, mut end } = range;
        end = end.min(self.len());
        let loose =
            |at: usize| matches!(self.text(at), "," | ";" | ":" | "." | "-" | "--" | "\u{2013}" | "\u{2014}");
        while start < end && loose(start) {
            start += 1;
        }
        while start < end && loose(end - 1) {
            end -= 1;
        }
        if start >= end {
            return 0..0;
        }
        let (first, mut last) = (self.first + start, self.first + end);
        let quote = self.quote_at(end - 1).map(|number| &self.quotes[number]);
        if let Some(quote) = quote.filter(|quote| quote.tokens.start >= first) {
            last = quote.tokens.end;
        }
        first..last
    }

    /// The words of a cue: auxiliaries and adverbs before the verb.
    fn cue(&self, at: usize, end: usize) -> Range<usize> {
        let mut start = at;
        let helps = |at: usize| {
            let tag = self.tree.tag(at);
            matches!(tag.pos, Pos::Aux | Pos::Part | Pos::Adv) && tag.penn != Penn::POS
        };
        while start > 0 && helps(start - 1) {
            start -= 1;
        }
        while start < at && self.tree.tag(start).pos == Pos::Adv {
            start += 1;
        }
        start..end.max(at + 1)
    }

    /// `according to the bank`.
    fn according(&self, at: usize) -> Option<Statement> {
        if self.hash(at) != const { word("according") } || self.hash(at + 1) != const { word("to") } {
            return None;
        }
        let source = self.source_from(at + 2)?;
        let mut content = Vec::new();
        let end = self.end();
        // Behind it, unless it is all there is: `It rose, according to the bank.`
        let after = source.words.end;
        let before = self.tidy(self.opening(at)..at);
        if !before.is_empty() {
            content.push(before);
        }
        let goes_on = self.text(after) == "," || content.is_empty();
        if goes_on && after < end {
            let rest = self.tidy(after..end);
            if !rest.is_empty() {
                content.push(self.with_quote(rest));
            }
        }
        if content.is_empty() {
            return None;
        }
        let last = content.last().map(|range| range.end)?;
        self.go_on(last, &mut content);
        let cue = at..at + 2;
        Some(self.made(Some(source), cue, content, Strength::Says, true, "according to <source>"))
    }

    /// `Roe: It rose.` at the beginning of a paragraph.
    fn labelled(&self) -> Option<Statement> {
        let colon = label(&self.words).filter(|_| self.paragraph.start == self.first)?;
        let named = (0..colon).any(|at| self.tree.tag(at).pos == Pos::Propn);
        let nominal = |at: usize| {
            matches!(self.tree.tag(at).pos, Pos::Propn | Pos::Noun | Pos::Adj | Pos::Det | Pos::Num)
        };
        if !named || !(0..colon).all(nominal) || self.text(self.len() - 1) == ":" {
            return None;
        }
        let content = self.with_quote(self.tidy(colon + 1..self.end()));
        let source = source::Source { head: colon - 1, words: 0..colon };
        let mut content = vec![content];
        self.go_on(self.first + self.len(), &mut content);
        (!content[0].is_empty()).then(|| {
            self.made(Some(source), colon..colon + 1, content, Strength::Says, true, "<source>: <content>")
        })
    }

    /// `- Mary Roe` behind a quotation.
    fn signed(&self) -> Option<Statement> {
        let before = self.first.checked_sub(1)?;
        let number = self.quotes.partition_point(|quote| quote.tokens.end <= before);
        let quote = self.quotes.get(number).filter(|quote| quote.tokens.end == self.first)?;
        let words = 1..self.end();
        let named =
            words.clone().next().is_some_and(|at| at < self.len() && self.tree.tag(at).pos == Pos::Propn);
        let plain = |at: usize| !self.is_verb(at);
        if !is_dash(self.text(0)) || !named || words.len() > MOST_SIGNED || !words.clone().all(plain) {
            return None;
        }
        let last = words.clone().take_while(|at| self.tree.tag(*at).pos == Pos::Propn).last()?;
        let source = source::Source { head: last, words };
        Some(self.made(
            Some(source),
            0..1,
            vec![quote.tokens.clone()],
            Strength::Says,
            true,
            "<quote> - <source>",
        ))
    }

    /// Behind the word that joins the sentence to the one before: `But it rose`.
    fn opening(&self, limit: usize) -> usize {
        let joins = |at: usize| self.tree.tag(at).pos == Pos::Cconj || self.text(at) == ",";
        (0..limit).find(|at| !joins(*at)).unwrap_or(limit)
    }

    fn role_is(&self, at: usize, roles: &[Role]) -> bool {
        roles.contains(&self.tree.role(at))
    }
}
