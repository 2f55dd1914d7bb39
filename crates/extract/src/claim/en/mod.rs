//! English clauses by their words: verbs from the lexicon, phrases between marks of punctuation.

use std::ops::Range;
use std::sync::LazyLock;

use claimline_language::{Class, Kind, WordMap, rows, word};
use claimline_model::{AmountKind, Modality, Polarity};

use super::Clause;
use crate::cursor::Cursor;
use crate::number::is_numeral;
use crate::quantity::{Amount, is_plural, phrase_end};
use crate::time::{self, Time};

/// The furthest that a verb is looked for, so that a sentence of many amounts costs no square.
const REACH: usize = 40;

static HEDGES: LazyLock<WordMap<Modality>> = LazyLock::new(|| {
    let words = rows::<2>(include_str!("hedges.tsv"));
    words.filter_map(|[word, modality]| Some((word, modality.parse().ok()?))).collect()
});

/// The clause around `amount` in the sentence whose first token the cursor is at; `times` are the
/// sentence's.
pub(crate) fn clause(sentence: &Cursor<'_>, amount: &Amount, times: &[Time]) -> Clause {
    let start = amount
        .bound_tokens
        .as_ref()
        .map_or(amount.tokens.start, |bound| bound.start.min(amount.tokens.start));
    let end = [&amount.counted, &amount.of, &amount.bound_tokens]
        .into_iter()
        .flatten()
        .map(|range| range.end)
        .fold(amount.tokens.end, usize::max);
    // `610 millimetres of rain`
    let of = (sentence.to(end).hash(0) == const { word("of") })
        .then(|| end + 1..phrase_end(&sentence.to(end + 1)));
    let of = of.filter(|of| of.start < of.end);
    let end = of.as_ref().map_or(end, |of| of.end);
    let mut clause = Clause::default();
    // The bound may be the verb itself: `exceeded 5 pct`.
    let bound =
        amount.bound_tokens.as_ref().filter(|bound| bound.start == start && is_verb(&sentence.to(start)));
    let verb = if bound.is_some() { Some(start) } else { verb_before(sentence, start) };
    // `He said about 300 cases are pending`: the amount has a verb of its own.
    let own = |verb: &usize| {
        let stated = sentence.to(*verb).class(0).has(Class::PAST | Class::THIRD) && *verb + 1 == start;
        stated && sentence.to(end).class(0).has(Class::AUXILIARY | Class::MODAL)
    };
    let counted = amount.counted.clone().or_else(|| amount.of.clone()).or(of);
    if let Some(name) = named(sentence, amount) {
        clause.subject = Some(name);
    } else if let Some(verb) = verb.filter(|verb| !own(verb)) {
        let verb = group(sentence, verb);
        clause.subject = subject(sentence, verb.start, 3);
        let predicate = with_particle(sentence, verb.end, start);
        clause.predicate = Some(verb.start..predicate);
        let from = if bound.is_some() { predicate.max(amount.tokens.start) } else { predicate };
        let more = from < start || end > amount.tokens.end;
        clause.object = (more && from < end).then_some(from..end);
    } else if let Some(verb) = verb_at(sentence, end) {
        clause.subject = Some(counted.clone().unwrap_or(start..end));
        clause.predicate = Some(verb..whole_group(sentence, verb));
    } else {
        clause.subject = label(sentence, start).or(counted.clone());
    }
    if clause.subject.as_ref().is_some_and(|s| sentence.to(s.start).hash(0) == const { word("there") }) {
        clause.subject = counted;
    }
    clause.subject = clause.subject.map(|subject| time::without(times, subject));
    let parts = [&clause.subject, &clause.predicate, &clause.object];
    clause.content = parts
        .into_iter()
        .flatten()
        .fold(start..end, |all, part| all.start.min(part.start)..all.end.max(part.end));
    qualify(sentence, start, &mut clause);
    clause
}

/// Who is of an age that stands beside the name: `Rahima Khatun, 52,`.
fn named(sentence: &Cursor<'_>, amount: &Amount) -> Option<Range<usize>> {
    let comma = amount.tokens.start.checked_sub(1)?;
    if amount.kind != Some(AmountKind::Age) || sentence.to(comma).text(0) != "," {
        return None;
    }
    let name = |at: &usize| sentence.to(*at).capital(0) && sentence.to(*at).kind(0) == Some(Kind::Word);
    let first = (0..comma).rev().take_while(name).last()?;
    Some(first..comma)
}

/// Says whether the clause is denied, and how sure it is.
fn qualify(sentence: &Cursor<'_>, start: usize, clause: &mut Clause) {
    if let Some(verb) = &clause.predicate {
        let words = || (verb.start.saturating_sub(1)..verb.end).map(|at| sentence.to(at));
        if words().any(|at| at.class(0).has(Class::NEGATION)) {
            clause.polarity = Polarity::Negated;
        }
        if words().any(|at| matches!(at.text(0), "will" | "shall" | "'ll")) {
            clause.modality = Modality::Planned;
        }
    }
    let hedge = (clause.content.start..start)
        .find_map(|at| HEDGES.get(sentence.to(at).hash(0)).map(|modality| (at, *modality)));
    if let Some((at, modality)) = hedge {
        (clause.modality, clause.hedge) = (modality, Some(at));
    }
}

/// Where a segment of the sentence ends, seen from within.
fn is_break(at: &Cursor<'_>) -> bool {
    match at.kind(0) {
        Some(Kind::Punctuation) => {
            !at.hyphen(0) && !matches!(at.text(0), "'" | "\u{2019}" | "\"" | "\u{201C}" | "\u{201D}" | ".")
        }
        _ => false,
    }
}

/// The verb nearest before `start`: in the segment of the amount, else in the one before a comma.
fn verb_before(sentence: &Cursor<'_>, start: usize) -> Option<usize> {
    let mut commas = 0;
    for at in (start.saturating_sub(REACH)..start).rev() {
        let here = sentence.to(at);
        if is_break(&here) {
            commas += 1;
            let labelled = at + 1 < start && matches!(sentence.to(start).text(-1), "of" | "at" | "with");
            if here.text(0) != "," || commas > 2 || labelled {
                return None;
            }
        }
        if is_verb(&here) || here.hash(0) == const { word("worth") } {
            return Some(at);
        }
    }
    None
}

/// The verb that begins right at `end`, adverbs passed over.
fn verb_at(sentence: &Cursor<'_>, end: usize) -> Option<usize> {
    let at = (end..end + 2).find(|at| !sentence.to(*at).class(0).has(Class::ADVERB))?;
    let here = sentence.to(at);
    let plain = here.class(0).has(Class::VERB) && here.kind(1) != Some(Kind::Number);
    (is_verb(&here) || plain).then_some(at)
}

/// Whether the word at the cursor is a verb here, by its forms and its neighbours.
fn is_verb(at: &Cursor<'_>) -> bool {
    let class = at.class(0);
    let before = at.class(-1);
    // `the increased sales`, but `this led to`
    let stands = at.class(1).has(Class::PREPOSITION | Class::TO | Class::DETERMINER)
        && matches!(at.text(-1), "this" | "This" | "that" | "That" | "These" | "these" | "all" | "All");
    let named = before.has(Class::DETERMINER | Class::POSSESSIVE) && !before.has(Class::RELATIVE);
    // Whatever it is, a modal makes a verb of it: `can live with`.
    if class.is_empty() && at.class(-1).has(Class::MODAL) && at.kind(0) == Some(Kind::Word) {
        return true;
    }
    let nominal = named && !stands || at.hash(-1) == const { word("'s") };
    if class.has(Class::AUXILIARY | Class::MODAL) {
        return at.hash(0) != const { word("'s") };
    }
    let name = at.capital(0) && at.at() > 0 && at.kind(-1) == Some(Kind::Word);
    if at.hyphen(-1) || at.hyphen(1) || nominal || name {
        return false;
    }
    let next = at.class(1);
    if class.has(Class::PAST | Class::PARTICIPLE)
        || class.is_empty() && at.text(0).ends_with("ed") && !at.capital(0)
    {
        let modifies = is_noun(&at.to(at.at() + 1)) && is_bare_end(at);
        return !modifies && !before.has(Class::PREPOSITION);
    }
    if class.has(Class::GERUND) {
        let object = next.has(Class::CLOSED) || at.kind(1) != Some(Kind::Word) || is_plural(at.text(1));
        return object;
    }
    if class.has(Class::THIRD) {
        let noun = before.has(Class::PREPOSITION)
            || at.kind(-1) == Some(Kind::Number)
            || at.hash(1) == const { word("of") }
            || before.has(Class::GERUND)
            || next.has(Class::COORDINATOR);
        return !noun
            && !next.has(Class::AUXILIARY | Class::MODAL | Class::PAST)
            && at.kind(-1) == Some(Kind::Word)
            && !is_plural(at.text(-1));
    }
    if class.has(Class::VERB) {
        // `did not pay`
        let leader = (1..4).find(|back| !at.class(-back).has(Class::ADVERB | Class::NEGATION));
        let leader = leader.map_or(Class::default(), |back| at.class(-back));
        let led = leader.has(Class::TO | Class::MODAL | Class::AUXILIARY | Class::PRONOUN)
            && at.hash(-1) != const { word("one") };
        return led
            || is_plural(at.text(-1)) && at.kind(-1) == Some(Kind::Word) && !is_noun(&at.to(at.at() + 1));
    }
    false
}

fn is_noun(at: &Cursor<'_>) -> bool {
    at.kind(0) == Some(Kind::Word) && !at.class(0).has(Class::CLOSED)
}

/// Whether a participle stands where a modifier does: behind nothing, or behind a joining word.
fn is_bare_end(at: &Cursor<'_>) -> bool {
    at.at() == 0 || at.class(-1).has(Class::COORDINATOR) || at.kind(-1) == Some(Kind::Number)
}

/// The verb group around the verb at `verb`: auxiliaries and adverbs before it.
fn group(sentence: &Cursor<'_>, verb: usize) -> Range<usize> {
    let helps = Class::AUXILIARY | Class::MODAL | Class::ADVERB | Class::NEGATION | Class::TO;
    let mut start = verb;
    while start > 0 && sentence.to(start - 1).class(0).has(helps) {
        start -= 1;
    }
    // An adverb alone before the verb may belong to what is before it: `Kazakhstan alone`.
    while start < verb
        && !sentence.to(start).class(0).has(Class::AUXILIARY | Class::MODAL | Class::NEGATION | Class::TO)
    {
        start += 1;
    }
    // `plans to produce`
    let infinitive = sentence.to(start).class(0).has(Class::TO) && start > 0 && start < verb;
    let governor = sentence.to(start.saturating_sub(1));
    if infinitive && governor.class(0).has(Class::FINITE | Class::PARTICIPLE | Class::GERUND) {
        let nominal = governor.class(-1).has(Class::DETERMINER | Class::POSSESSIVE | Class::PREPOSITION);
        start = if nominal { start } else { group(sentence, start - 1).start };
    }
    start..verb + 1
}

/// Where the verb group that begins at `verb` ends: `have died`, `are not pending`.
fn whole_group(sentence: &Cursor<'_>, verb: usize) -> usize {
    let helps = Class::AUXILIARY | Class::MODAL | Class::NEGATION | Class::ADVERB;
    let mut end = verb + 1;
    while sentence.to(end - 1).class(0).has(helps) && sentence.to(end).class(0).has(helps) {
        end += 1;
    }
    let main = Class::PARTICIPLE | Class::PAST | Class::GERUND | Class::VERB;
    let here = sentence.to(end);
    let follows = here.class(0).has(main) || here.class(0).is_empty() && here.text(0).ends_with("ed");
    end + usize::from(sentence.to(end - 1).class(0).has(helps) && follows)
}

/// The end of the predicate: behind a preposition or a particle that follows the verb.
fn with_particle(sentence: &Cursor<'_>, end: usize, limit: usize) -> usize {
    let takes = |at: &usize| {
        let here = sentence.to(*at);
        here.class(0).has(Class::PREPOSITION | Class::TO) && here.hash(0) != const { word("between") }
    };
    // `went up by`
    end + (end..limit).take(2).take_while(takes).count()
}

/// What stands before a verb group: a noun phrase with all that hangs on it. Behind a relative, a
/// comma or a joining word, it is what the verb before that has.
fn subject(sentence: &Cursor<'_>, verb: usize, depth: usize) -> Option<Range<usize>> {
    let depth = depth.checked_sub(1)?;
    let last = sentence.to(verb.checked_sub(1)?);
    if is_break(&last) || last.class(0).has(Class::COORDINATOR) {
        let end = verb - 1;
        let earlier = (end.saturating_sub(REACH)..end).rev().find(|at| is_verb(&sentence.to(*at)));
        return match earlier {
            Some(earlier) => subject(sentence, group(sentence, earlier).start, depth),
            None => phrase_before(sentence, end),
        };
    }
    if last.class(0).has(Class::RELATIVE) {
        let end = (0..verb)
            .rev()
            .find(|at| !sentence.to(*at).class(0).has(Class::RELATIVE) && !is_break(&sentence.to(*at)))?
            + 1;
        return phrase_before(sentence, end);
    }
    phrase_before(sentence, verb)
}

fn phrase_before(sentence: &Cursor<'_>, end: usize) -> Option<Range<usize>> {
    let stops = Class::SUBORDINATOR | Class::RELATIVE;
    let mut start = end;
    while start > end.saturating_sub(REACH) {
        let at = sentence.to(start - 1);
        let clause = at.class(0).has(stops) && !at.class(0).has(Class::PREPOSITION | Class::DETERMINER);
        let that = at.hash(0) == const { word("that") } && start < end;
        if is_break(&at) || clause || that || is_verb(&at) || at.text(0).starts_with(['"', '\u{201C}']) {
            break;
        }
        start -= 1;
    }
    // `the bank also`, but `Kazakhstan alone`
    let mut end = end;
    while end > start + 1
        && sentence.to(end - 1).class(0).has(Class::ADVERB)
        && sentence.to(end).text(-1) != "alone"
    {
        end -= 1;
    }
    // `In 2019 they`: a subject pronoun is a subject alone.
    if start < end
        && matches!(
            sentence.to(end - 1).text(0),
            "he" | "she" | "it" | "they" | "we" | "I" | "He" | "She" | "It" | "They" | "We"
        )
    {
        return Some(end - 1..end);
    }
    // `with Kazakhstan alone`, `and sales`, `But trade`
    let leads = |at: usize| {
        let class = sentence.to(at).class(0);
        class.has(Class::COORDINATOR)
            || class.has(Class::PREPOSITION) && !class.has(Class::DETERMINER | Class::ADVERB)
    };
    let fronted = start < end && sentence.to(start).class(0).has(Class::PREPOSITION);
    while start < end && leads(start) {
        start += 1;
    }
    let opens = |at: usize| sentence.to(at).class(0).has(Class::DETERMINER | Class::POSSESSIVE);
    if fronted {
        // `Under the new tariff a container`: the next phrase that no preposition holds is the subject.
        let free =
            |at: &usize| opens(*at) && !sentence.to(*at).class(-1).has(Class::PREPOSITION) && !opens(*at - 1);
        start = (start + 1..end).find(free).unwrap_or(start);
    }
    // An article or a number alone is none.
    let headless = start + 1 == end
        && (matches!(sentence.to(start).text(0), "the" | "The" | "a" | "A" | "an" | "An")
            || sentence.to(start).kind(0) != Some(Kind::Word));
    (start < end && !headless).then_some(start..end)
}

/// Where there is no verb, the words before the amount: `Net profit 5 mln`, `sales of 3 mln`.
fn label(sentence: &Cursor<'_>, start: usize) -> Option<Range<usize>> {
    let joins = Class::PREPOSITION | Class::COORDINATOR | Class::TO;
    let mut end = start;
    // `Net 5 mln vs 3 mln`: what is compared has the label of what it is compared with.
    while end > 0 && matches!(sentence.to(end).text(-1), "vs" | "vs." | "versus") {
        let number = |at: &usize| {
            let here = sentence.to(*at);
            here.kind(0) == Some(Kind::Number) || is_numeral(here.hash(0))
        };
        end = (end.saturating_sub(8)..end).rev().find(number)?;
        while end > 0 && number(&(end - 1)) {
            end -= 1;
        }
    }
    while end > 0 && sentence.to(end - 1).class(0).has(joins) {
        end -= 1;
    }
    let begins = |at: &usize| {
        let here = sentence.to(*at);
        here.kind(0) == Some(Kind::Word)
            && !(here.class(0).has(joins) && here.hash(0) != const { word("of") })
            || here.hyphen(0)
    };
    let mut first = (end.saturating_sub(8)..end).rev().take_while(begins).last()?;
    // `70 percent of exporters and`: the words of another amount are no label.
    let before = sentence.to(first);
    if before.kind(-1) == Some(Kind::Number) || is_numeral(before.hash(-1)) {
        return None;
    }
    while first < end && sentence.to(first).class(0).has(joins) {
        first += 1;
    }
    (first < end).then_some(first..end)
}
