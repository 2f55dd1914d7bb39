//! The tense of the clause around a time, by the words that show one.

use std::ops::Range;

use claimline_language::{Class, Kind, word};
use claimline_model::time::{Base, Field, Place, When};
use claimline_model::{Tense, TimeExpr};

use crate::cursor::Cursor;

/// What tells of things to come.
const WILL: [u64; 9] = [
    word("will"),
    word("'ll"),
    word("wo"),
    word("shall"),
    word("would"),
    word("should"),
    word("may"),
    word("might"),
    word("must"),
];
/// What does before `to` or `for`.
const INTENDED: [u64; 17] = [
    word("set"),
    word("plan"),
    word("plans"),
    word("planned"),
    word("planning"),
    word("going"),
    word("supposed"),
    word("ready"),
    word("poised"),
    word("intends"),
    word("intend"),
    word("hopes"),
    word("hope"),
    word("hoping"),
    word("aims"),
    word("aim"),
    word("wants"),
];
/// What does whatever follows.
const AWAITED: [u64; 7] = [
    word("scheduled"),
    word("slated"),
    word("due"),
    word("expected"),
    word("expects"),
    word("expect"),
    word("upcoming"),
];
const IS: [u64; 3] = [word("is"), word("are"), word("'re")];
/// What a present behind it is still to come of.
const AWAITING: [u64; 4] = [word("when"), word("until"), word("once"), word("unless")];
/// What does before an article: `plans a vote`.
const PLAN: [u64; 4] = [word("plan"), word("plans"), word("planned"), word("planning")];
/// What puts off to a time behind `until`.
const PUT_OFF: [u64; 12] = [
    word("postpone"),
    word("postponed"),
    word("extend"),
    word("extended"),
    word("delay"),
    word("delayed"),
    word("adjourned"),
    word("give"),
    word("gave"),
    word("given"),
    word("have"),
    word("has"),
];

/// The tense of the clause that holds the time at `tokens`, by the nearest word before it that shows
/// one, else the nearest behind; not past a quotation mark.
pub(in crate::time) fn tense(sentence: &Cursor<'_>, tokens: &Range<usize>, expr: &TimeExpr) -> Option<Tense> {
    // `Wednesday's ruling` is known, whatever the clause is about.
    let next = sentence.to(tokens.end);
    if matches!(next.text(0), "'s" | "\u{2019}s") {
        return None;
    }
    // `the June agreement` is not what its clause tells.
    let noun = next.kind(0) == Some(Kind::Word) && !next.class(0).has(Class::CLOSED.or(Class::PAST));
    if noun && sentence.to(tokens.start).class(-1).has(Class::DETERMINER) {
        return None;
    }
    // `a court Thursday refused to order it`
    if is_participle(&next) {
        return Some(Tense::Past);
    }
    let ends = |at: &usize| matches!(sentence.to(*at).text(0), "\"" | "``" | "\u{201C}" | "\u{201D}" | ";");
    let before = || (0..tokens.start).rev().take_while(|at| !ends(at));
    let behind = (tokens.end..sentence.tokens().len()).take_while(|at| !ends(at));
    // `an agreement to buy it in January`: a day is rather that of the agreement.
    let coarse = matches!(expr.when, When::Place(Place { base: Base::Open, field: Some(field), .. })
        if matches!(field, Field::Month(_) | Field::Season(_) | Field::Half(_)));
    let shown = before().chain(behind).find_map(|at| shown(&sentence.to(at), coarse));
    // `when the case is heard in May` has not been yet.
    let awaited = shown == Some(Tense::Present)
        && before()
            .take_while(|at| sentence.to(*at).text(0) != ",")
            .any(|at| AWAITING.contains(&sentence.to(at).hash(0)));
    let shown = if awaited { Some(Tense::Future) } else { shown };
    let start = sentence.to(tokens.start);
    let limit = (-2..0).map(|at| start.hash(at)).find(|hash| is_limit(*hash));
    let put_off = || before().any(|at| PUT_OFF.contains(&sentence.to(at).hash(0)));
    // A limit that has not been kept yet: `it has loans through January`, `as soon as Tuesday`.
    let open = match limit {
        Some(hash) if hash == const { word("by") } => shown != Some(Tense::Past),
        Some(_) => shown != Some(Tense::Past) || put_off(),
        None => {
            const SOON: [u64; 2] = [word("soon"), word("early")];
            let (first, middle, last) = (start.hash(-3), start.hash(-2), start.hash(-1));
            first == const { word("as") } && SOON.contains(&middle) && last == const { word("as") }
        }
    };
    if open { Some(Tense::Future) } else { shown }
}

fn is_limit(hash: u64) -> bool {
    const LIMITS: [u64; 4] = [word("by"), word("until"), word("till"), word("through")];
    LIMITS.contains(&hash)
}

/// The tense that the word at the cursor shows; `coarse` where an infinitive is enough.
fn shown(at: &Cursor<'_>, coarse: bool) -> Option<Tense> {
    const ARTICLES: [u64; 3] = [word("a"), word("an"), word("the")];
    const FOR: [u64; 2] = [word("to"), word("for")];
    const PRESENT: [u64; 5] = [word("is"), word("are"), word("has"), word("have"), word("'re")];
    const PAST: [u64; 4] = [word("was"), word("were"), word("had"), word("did")];
    if at.kind(0) != Some(Kind::Word) {
        return None;
    }
    let hash = at.hash(0);
    // The month of May is none of the verbs.
    let will = WILL.contains(&hash) && (hash != const { word("may") } || !at.capital(0));
    if AWAITED.contains(&hash) {
        // `it had been due to expire`
        let passed = [at.hash(-1), at.hash(-2)].contains(&word("had"));
        Some(if passed { Tense::Past } else { Tense::Future })
    } else if will
        || INTENDED.contains(&hash) && FOR.contains(&at.hash(1))
        || PLAN.contains(&hash) && ARTICLES.contains(&at.hash(1))
        || IS.contains(&hash) && at.hash(1) == const { word("to") }
    {
        Some(Tense::Future)
    } else if PRESENT.contains(&hash) {
        Some(Tense::Present)
    } else if PAST.contains(&hash) {
        Some(Tense::Past)
    } else if is_participle(at) {
        // `on a still unspecified date`
        (!is_attribute(at)).then(|| of_participle(at))
    } else if coarse && hash == const { word("to") } && at.class(1).has(Class::VERB) {
        Some(Tense::Future)
    } else {
        None
    }
}

/// Whether the word here may be a verb's past or its participle.
fn is_participle(at: &Cursor<'_>) -> bool {
    let text = at.text(0);
    let regular = text.len() > 4 && text.ends_with("ed") && !text.ends_with("eed") && !at.capital(0);
    let other = [word("hundred"), word("united"), word("sacred")].contains(&at.hash(0));
    at.class(0).has(Class::PAST) && !at.class(0).has(Class::PREPOSITION) || regular && !other
}

/// Whether the participle here stands before a noun, with an article in front.
fn is_attribute(at: &Cursor<'_>) -> bool {
    let noun = at.kind(1) == Some(Kind::Word) && at.class(1).is_empty();
    let before = if at.class(-1).has(Class::ADVERB) { -2 } else { -1 };
    noun && at.class(before).has(Class::DETERMINER.or(Class::POSSESSIVE))
}

/// The tense of the verb group that ends with the participle here: `will be named`, `is to be held`.
fn of_participle(at: &Cursor<'_>) -> Tense {
    const BE: [u64; 4] = [word("be"), word("been"), word("being"), word("have")];
    let mut first = -1;
    let mut be = false;
    // An adverb may stand between: `will also be largely written off`.
    while first > -6 {
        let class = at.class(first);
        let linked = BE.contains(&at.hash(first));
        if !linked && !class.has(Class::ADVERB | Class::NEGATION) && !at.text(first).ends_with("ly") {
            break;
        }
        be |= linked;
        first -= 1;
    }
    let hash = at.hash(first);
    if WILL.contains(&hash) || be && hash == const { word("to") } {
        Tense::Future
    } else if IS.contains(&hash) {
        Tense::Present
    } else {
        Tense::Past
    }
}
