//! Verbs that attribute: `said`, `plans to`, `was described as`.

use std::ops::Range;

use claimline_language::syntax::Role;
use claimline_language::tag::{Penn, Pos};
use claimline_language::word;

use super::lexicon::{Cue, Frame};
use super::{Finder, Found};

/// What a frame takes as content: its ranges, where the words of the cue end, and the rule.
type Taken = (Vec<Range<usize>>, usize, &'static str);

impl Finder<'_> {
    pub(super) fn verb(&self, at: usize, cue: &Cue) -> Option<Found> {
        let tree = self.tree;
        if tree.role(at) == Role::Modifier {
            return None;
        }
        let end = at + 1 + cue.rest.len();
        let clause = tree.clause(at)?;
        let mut subject = self.subject(at);
        if cue.has(Frame::Quote) && !subject.is_some_and(|(_, own)| own) {
            subject = self.before(at).map(|head| (head, true)).or(subject);
        }
        let participle = tree.tag(at).penn == Penn::VBN && tree.role(at) == Role::Relative;
        let words = self.cue(at, end);
        if clause.passive || participle {
            return self.passive(at, end, cue, subject.map(|(head, _)| head), words);
        }
        if let Some(found) = self.said(at, end, cue, subject, &words) {
            return Some(found);
        }
        let source = subject.map(|(head, _)| self.source(head, at));
        if let Some(strength) = cue.with(Frame::Bare) {
            let content = vec![self.tidy(source?.words), self.predicate(end, at)?];
            return Some(Found { source: None, cue: words, content, strength, rule: "<subject> seems" });
        }
        let taken = cue.frames.iter().find_map(|(frame, strength)| {
            self.active(at, end, cue, *frame)
                .filter(|taken| is_content(&taken.0))
                .map(|taken| (taken, *strength))
        });
        let ((content, reach, rule), strength) = taken?;
        Some(Found { source, cue: words.start..reach.max(words.end), content, strength, rule })
    }

    /// What an active verb takes in a frame.
    fn active(&self, at: usize, end: usize, cue: &Cue, frame: Frame) -> Option<Taken> {
        let tree = self.tree;
        let behind = || tree.dependents(at).filter(move |child| *child >= end);
        let object = behind().find(|child| self.role_is(*child, &[Role::Object, Role::Recipient]));
        let phrase = object.map(|object| tree.extent(object).start.max(end)..tree.extent(object).end);
        match frame {
            Frame::Clause => {
                let unparsed = || self.unparsed(end).filter(|_| cue.has(Frame::Quote));
                let content = self.finite(at, end, cue.has(Frame::Hearer)).or_else(unparsed)?;
                Some((vec![self.with_quote(content)], end, "<source> says that <clause>"))
            }
            Frame::Infinitive if self.is_infinitive(end) => {
                Some((vec![self.extent_from(end, at)], end, "<source> plans to <verb>"))
            }
            Frame::Gerund if self.tag_is(end, Penn::VBG) => {
                Some((vec![self.extent_from(end, at)], end, "<source> proposes <gerund>"))
            }
            Frame::ObjectInfinitive => {
                let Range { start, end: stop } = phrase?;
                let to = (stop.saturating_sub(1)..stop + 2).find(|at| self.is_infinitive(*at));
                let child = behind().find(|child| *child > start && self.has_to(*child));
                let inside = (start..stop).find(|at| self.is_infinitive(*at));
                let stop = match (child, to.or(inside)) {
                    (Some(child), _) => tree.extent(child).end,
                    (None, Some(to)) => tree.extent(self.top_of(to, at)).end,
                    (None, None) => return None,
                };
                Some((vec![self.part(start..stop)], end, "<source> urges <object> to <verb>"))
            }
            Frame::ObjectWith(preposition) => {
                let start = phrase?.start;
                let object = object?;
                let joined = |head| self.joined_by(head, object, preposition);
                let child = joined(at).or_else(|| joined(object))?;
                let stop = tree.extent(child).end;
                Some((vec![self.part(start..stop)], end, "<source> calls <object> <phrase>"))
            }
            Frame::ObjectBare => {
                let more = |child: &usize| self.role_is(*child, &[Role::Content, Role::Object]);
                let (start, stop) = match (&phrase, object) {
                    (Some(phrase), Some(object)) => {
                        let more = behind().filter(|child| *child > object).find(more);
                        (phrase.start, more.map_or(phrase.end, |child| tree.extent(child).end))
                    }
                    _ => (end, tree.extent(behind().find(more)?).end),
                };
                Some((vec![self.part(start..stop)], end, "<source> calls <object> <phrase>"))
            }
            Frame::With(preposition) if self.hash(end) == preposition && !self.is_infinitive(end) => {
                Some((vec![self.extent_from(end + 1, at)], end + 1, "<source> talks about <phrase>"))
            }
            Frame::Object => {
                let object = object.filter(|object| tree.tag(*object).penn != Penn::WP);
                let phrase = phrase.filter(|_| object.is_some())?;
                Some((vec![self.part(phrase)], end, "<source> criticises <object>"))
            }
            _ => None,
        }
    }

    fn passive(
        &self,
        at: usize,
        end: usize,
        cue: &Cue,
        subject: Option<usize>,
        words: Range<usize>,
    ) -> Option<Found> {
        let agent = self.agent(at);
        let subject = subject.map(|head| self.source(head, at).words);
        let expletive =
            |words: &Range<usize>| words.len() == 1 && self.hash(words.start) == const { word("it") };
        let of_it = subject.as_ref().is_some_and(expletive);
        // `was described by the union as a mistake`
        let behind = match &agent {
            Some(agent) if self.hash(end) == const { word("by") } => agent.words.end.max(end),
            _ => end,
        };
        let rest = || {
            let subject = subject.clone().into_iter().map(|words| self.tidy(words));
            subject.chain([self.extent_from(behind, at)]).collect()
        };
        let taken = |frame: Frame| -> Option<Taken> {
            let content = match frame {
                Frame::ObjectInfinitive if self.is_infinitive(behind) => rest(),
                Frame::ObjectWith(preposition) if self.hash(behind) == preposition => rest(),
                Frame::ObjectBare if self.is_nominal(behind) => rest(),
                Frame::Clause if of_it || cue.has(Frame::Hearer) => {
                    let clause = self.finite(at, end, false)?;
                    return Some((vec![self.with_quote(clause)], end, "it is said that <clause>"));
                }
                // `asked about the plan`
                Frame::With(preposition) if self.hash(end) == preposition && !self.is_infinitive(end) => {
                    let content = vec![self.extent_from(end + 1, at)];
                    return Some((content, end + 1, "<source> talks about <phrase>"));
                }
                Frame::Object if agent.is_some() => {
                    let content = vec![self.tidy(subject.clone()?)];
                    return Some((content, end, "<subject> is criticised by <source>"));
                }
                _ => return None,
            };
            Some((content, end, "<subject> is said to <verb>"))
        };
        let mut frames = cue.frames.iter();
        let taken = frames.find_map(|(frame, strength)| {
            taken(*frame).filter(|taken| is_content(&taken.0)).map(|taken| (taken, *strength))
        });
        let ((content, reach, rule), strength) = taken?;
        Some(Found { source: agent, cue: words.start..reach.max(words.end), content, strength, rule })
    }

    fn is_nominal(&self, at: usize) -> bool {
        at < self.len() && matches!(self.tree.tag(at).pos, Pos::Noun | Pos::Propn | Pos::Det | Pos::Adj)
    }

    /// What follows a verb that says how something looks.
    fn predicate(&self, end: usize, at: usize) -> Option<Range<usize>> {
        let fits = end < self.len()
            && (self.is_infinitive(end)
                || self.tree.tag(end).pos == Pos::Adj
                || self.hash(end) == const { word("like") });
        fits.then(|| self.extent_from(end, at)).filter(|content| !content.is_empty())
    }

    /// Content before a verb of saying, or quoted behind it.
    fn said(
        &self,
        at: usize,
        end: usize,
        cue: &Cue,
        subject: Option<(usize, bool)>,
        words: &Range<usize>,
    ) -> Option<Found> {
        let tree = self.tree;
        let strength = cue.with(Frame::Quote)?;
        let finite = tree.tag(at).penn != Penn::VBG && !self.has_to(at);
        let own = subject.filter(|(_, own)| *own).map(|(head, _)| self.source(head, at));
        let (mut group, mut behind, mut source) = (words.clone(), end, own.clone());
        match &own {
            Some(source) if source.head > at => behind = source.words.end.max(end),
            Some(source) if source.words.end <= at => group.start = group.start.min(source.words.start),
            Some(_) => {}
            None if finite && self.follows_content(&group) && !cue.has(Frame::Hearer) => {
                // `"It rose," said the bank`, where the tree has an object.
                let roles = [Role::Object, Role::Beside, Role::Oblique, Role::Content];
                let nominal =
                    |child: &usize| matches!(tree.tag(*child).pos, Pos::Noun | Pos::Propn | Pos::Pron);
                let next = tree.dependents(at).filter(|child| *child >= end && self.role_is(*child, &roles));
                if let Some(noun) = next.clone().find(nominal) {
                    let found = self.source(noun, at);
                    behind = found.words.end;
                    source = Some(found);
                }
            }
            None => {}
        }
        let inverted = source.as_ref().is_some_and(|source| source.head > at);
        if finite && source.is_some() {
            let takes = |child: usize| {
                let hears = cue.has(Frame::Hearer) && tree.role(child) == Role::Object;
                child >= behind && self.role_is(child, &[Role::Content, Role::Object]) && !hears
            };
            let complete = inverted || self.text(end) == "," || !tree.dependents(at).any(takes);
            let content = complete.then(|| self.fronted(&group, self.skip(behind))).flatten();
            if let Some(content) = content {
                let rule = "<content>, <source> says";
                return Some(Found { source, cue: words.clone(), content, strength, rule });
            }
        }
        if inverted && own.is_none() {
            return None;
        }
        if let Some(content) = self.as_reported(at, end) {
            let rule = "as <source> says, <content>";
            return Some(Found { source, cue: words.clone(), content, strength, rule });
        }
        let skip = self.skip(behind);
        let completed = |child: usize| (behind..skip).contains(&child) && tree.role(child) == Role::Content;
        let clear = matches!(self.text(skip), "," | ":") && !tree.dependents(at).any(completed);
        let content = self.quoted(behind).or_else(|| self.quoted(skip).filter(|_| clear))?;
        let source = source.or_else(|| subject.map(|(head, _)| self.source(head, at)));
        Some(Found { source, cue: words.clone(), content, strength, rule: "<source> says, <quote>" })
    }

    /// Behind what stands between a verb and the comma, colon or quotation after it.
    fn skip(&self, from: usize) -> usize {
        let stops = |at: &usize| matches!(self.text(*at), "," | ":") || self.quote_at(*at).is_some();
        (from..self.len().min(from + MOST_BETWEEN)).find(stops).unwrap_or(from)
    }

    /// The content that `as the bank reported` stands before or behind.
    fn as_reported(&self, at: usize, end: usize) -> Option<Vec<Range<usize>>> {
        let tree = self.tree;
        let is_as = |child: &usize| *child < at && self.hash(*child) == const { word("as") };
        let mark = tree.dependents(at).find(is_as)?;
        let takes = |child: usize| child >= end && self.role_is(child, &[Role::Content, Role::Object]);
        if tree.dependents(at).any(takes) {
            return None;
        }
        let stop = (end..self.end()).find(|at| self.text(*at) == ",");
        match stop {
            Some(stop) if self.opening(mark + 1) >= mark => Some(vec![self.part(stop..self.end())]),
            None if mark > 1 && self.text(mark - 1) == "," => Some(vec![self.tidy(self.opening(mark)..mark)]),
            _ => None,
        }
    }
}

/// Whether there are words in a content.
fn is_content(content: &[Range<usize>]) -> bool {
    content.last().is_some_and(|part| !part.is_empty())
}

/// The most words between a verb and what is quoted: whom it was said to, where and when.
const MOST_BETWEEN: usize = 25;
