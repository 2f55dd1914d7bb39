//! Content that stands before its cue, around it, or in quotation marks.

use std::ops::Range;

use claimline_language::tag::{Penn, Pos};

use super::Finder;

impl Finder<'_> {
    /// Whether a comma or the end of a quotation stands before a group of source and cue.
    pub(super) fn follows_content(&self, group: &Range<usize>) -> bool {
        group.start > 0 && (self.text(group.start - 1) == "," || self.closing(group.start).is_some())
    }

    /// The quotation that ends right before `at`.
    fn closing(&self, at: usize) -> Option<&super::Quote> {
        let quote = &self.quotes[self.quote_at(at.checked_sub(1)?)?];
        (quote.tokens.end == self.first + at).then_some(quote)
    }

    /// What is said before a group of source and cue, `"It rose," he said`, and goes on behind it.
    pub(super) fn fronted(&self, group: &Range<usize>, behind: usize) -> Option<Vec<Range<usize>>> {
        if !self.follows_content(group) {
            return None;
        }
        let before = group.start - 1;
        let quote = self.closing(group.start);
        let closes = quote.is_some();
        let mut start = self.opening(group.start);
        if !closes && (start >= before || self.is_adjunct(start..before) && self.text(behind) != ",") {
            return None;
        }
        // From where the quotation begins, if that is before the sentence.
        let mut first = self.first + start;
        if let Some(quote) = quote.filter(|quote| closes && quote.tokens.start < first) {
            first = quote.tokens.start;
        } else if let Some(quote) = quote.filter(|_| closes) {
            // What stands before a quotation that is a sentence by itself is no part of it.
            let opens = quote.tokens.start - self.first;
            if opens > start && matches!(self.text(opens - 1), ":" | ",") {
                start = opens;
                first = self.first + start;
            }
        }
        let end = if closes { self.first + group.start } else { self.first + before };
        let front = first..end;
        let mut content = vec![front];
        // It goes on behind the cue.
        if self.text(behind) == "," && behind + 1 < self.end() {
            let next = behind + 1;
            let opens =
                self.quote_at(next).filter(|number| self.quotes[*number].tokens.start == self.first + next);
            let goes_on = !closes && self.goes_on(next);
            if opens.is_some() || goes_on {
                let rest = self.with_quote(self.tidy(next..self.end()));
                content.push(rest);
            }
        }
        let last = self.first + self.len();
        self.go_on(content.last().map_or(last, |range| range.end.max(last)), &mut content);
        Some(content)
    }

    /// Whether what follows an attribution in the middle of a clause is the rest of that clause, not a participle
    /// or an apposition that belongs to the attribution.
    fn goes_on(&self, next: usize) -> bool {
        let tag = self.tree.tag(next);
        self.is_finite(next)
            || !matches!(tag.penn, Penn::VBG | Penn::VBN | Penn::WP | Penn::WDT | Penn::CC)
                && !matches!(tag.pos, Pos::Sconj)
                && (next..self.end()).any(|at| self.is_finite(at))
    }

    /// Whether words before a clause only say when, where or why: `in May`, `when it rose`.
    fn is_adjunct(&self, words: Range<usize>) -> bool {
        let opens = matches!(self.tree.tag(words.start).pos, Pos::Sconj | Pos::Adp);
        !words.clone().any(|at| self.is_finite(at)) || opens && !words.clone().any(|at| self.text(at) == ",")
    }

    /// A range that ends in a quotation, to that quotation's end.
    pub(super) fn with_quote(&self, range: Range<usize>) -> Range<usize> {
        if range.is_empty() {
            return range;
        }
        let number = self.quotes.partition_point(|quote| quote.tokens.end < range.end);
        match self.quotes.get(number) {
            Some(quote) if quote.tokens.start < range.end && quote.tokens.start >= range.start => {
                range.start..range.end.max(quote.tokens.end)
            }
            _ => range,
        }
    }

    /// The sentences behind `from` that are nothing but a quotation, within the paragraph: they are what
    /// the same source goes on to say.
    pub(super) fn go_on(&self, from: usize, content: &mut Vec<Range<usize>>) {
        // Only after a quotation.
        let ends_quoted = content.iter().any(|part| {
            let number = self.quotes.partition_point(|quote| quote.tokens.end < part.end);
            self.quotes.get(number).is_some_and(|quote| quote.tokens.end == part.end)
        });
        if !ends_quoted {
            return;
        }
        let mut from = from;
        for sentence in self.behind {
            if sentence.tokens.start < from {
                continue;
            }
            if sentence.tokens.start >= self.paragraph.end {
                return;
            }
            let Some(quote) = self.quotes.iter().find(|quote| quote.tokens.start == sentence.tokens.start)
            else {
                return;
            };
            let ends = |sentence: &claimline_language::Sentence| sentence.tokens.end == quote.tokens.end;
            if !self.behind.iter().any(ends) {
                return;
            }
            content.push(quote.tokens.clone());
            from = quote.tokens.end;
        }
    }

    /// The quotation that begins at `at`, or behind a comma or a colon there; and all that follows of it.
    pub(super) fn quoted(&self, at: usize) -> Option<Vec<Range<usize>>> {
        let stop = matches!(self.text(at), "," | ":");
        let start = if stop { at + 1 } else { at };
        if start >= self.len() {
            // `He said:` before a paragraph that is a quotation.
            let next = self.behind.first()?;
            let quote = self.quotes.iter().find(|quote| quote.tokens.start == next.tokens.start)?;
            return (self.text(at) == ":").then(|| vec![quote.tokens.clone()]);
        }
        let number = self.quote_at(start)?;
        let quote = &self.quotes[number];
        if quote.tokens.start != self.first + start {
            return None;
        }
        // A word in quotation marks is a part of what is said otherwise.
        if !stop && quote.tokens.end < self.first + self.end() {
            return None;
        }
        let mut content = vec![quote.tokens.clone()];
        if quote.tokens.end < self.first + self.end() && !self.ends_clause(quote.tokens.end - self.first) {
            content[0].end = self.first + self.end();
        }
        let last = self.first + self.len();
        self.go_on(quote.tokens.end.max(last), &mut content);
        Some(content)
    }

    /// Whether a clause ends before `at`: a stop, or a word that begins another.
    fn ends_clause(&self, at: usize) -> bool {
        let stop = matches!(self.text(at.saturating_sub(2)), "." | "," | "?" | "!");
        stop || matches!(self.tree.tag(at).pos, Pos::Cconj | Pos::Punct)
    }
}
