//! The rules, by the kind of word that they begin with. Of all that match, the longest counts, of
//! equally long ones the first.

use claimline_model::TimeExpr;

use super::{Word, clocks, days, lengths, relative, years};
use crate::cursor::Cursor;

/// What reads one kind of time.
pub(in crate::time) struct Rule {
    /// What it matches, as the table's `rule` column has it.
    pub(in crate::time) name: &'static str,
    pub(super) read: fn(&mut Cursor<'_>) -> Option<TimeExpr>,
}

macro_rules! rules {
    ($($group:ident { $($name:literal $read:path,)+ })+) => {
        $(pub(super) const $group: &[Rule] = &[$(Rule { name: $name, read: $read }),+];)+
        /// All rules.
        #[cfg(test)]
        pub(in crate::time) const ALL: &[&[Rule]] = &[$($group),+];
    };
}

rules! {
    MONTH {
        "<month> <day>" days::month_day,
        "<month> <day>, <year>" days::month_day_year,
        "<month> <year>" days::month_year,
        "<month>" days::month_alone,
    }
    WEEKDAY {
        "<weekday>" days::weekday,
        "<weekday>, <date>" days::weekday_date,
        "<weekday> <parts of day>" days::weekday_parts,
    }
    WEEKDAYS {
        "<weekdays>" days::weekdays,
    }
    NUMBER {
        "<year>-<month>-<day>" days::iso_date,
        "<number>/<number>/<number>" days::numeric_date,
        "<yyyymmdd>" days::packed_date,
        "the <day>" days::day_alone,
        "<year> <quarter>" years::year_quarter,
        "<year> quarter" years::year_period,
        "<day> <month>" days::day_month,
        "<day> <month> <year>" days::day_month_year,
        "<clock>" clocks::clock_time,
        "<year>" years::year_alone,
        "<year>/<year>" years::year_pair,
        "<year>-<year>" years::second_year,
        "<month>/<year>" days::numeric_month,
        "<year> BC" years::year_before_christ,
        "<decade>" years::decade_digits,
        "the <tens>s" years::decade_tens,
        "<ordinal> <quarter>" years::ordinal_quarter,
        "<ordinal> and <ordinal> <quarter>" years::shared_quarter,
        "<ordinal> century" years::century,
        "first <length>" lengths::first_length,
        "<length>" lengths::plain_length,
        "<number> and <length>" lengths::shared_unit,
        "<length> ago" lengths::length_ago,
        "<number> times a <unit>" lengths::times_a_unit,
    }
    NUMERAL {
        "<clock>" clocks::clock_time,
        "nineteen <decade>" years::decade_in_words,
        "<day> <month>" days::day_month,
        "<day> <month> <year>" days::day_month_year,
        "<ordinal> <quarter>" years::ordinal_quarter,
        "<ordinal> and <ordinal> <quarter>" years::shared_quarter,
        "<ordinal> century" years::century,
        "first <length>" lengths::first_length,
        "one day" lengths::one_day,
        "<length>" lengths::plain_length,
        "<number> and <length>" lengths::shared_unit,
        "<length> ago" lengths::length_ago,
        "<year in words>" years::year_in_words,
        "<number> times a <unit>" lengths::times_a_unit,
    }
    QUOTE {
        "'<decade>" years::short_decade,
        "'<year>" years::short_year,
    }
    UNIT {
        "<clock>" clocks::clock_time,
        "<ordinal> century" years::century,
        "<ordinal> <quarter>" years::ordinal_quarter,
        "<ordinal> and <ordinal> <quarter>" years::shared_quarter,
        "the <unit>" relative::the_unit,
        "the week of <date>" days::week_of,
        "year-ago" relative::unit_ago,
        "year-end" years::year_end,
        "year <year>" years::named_year,
        "<units>" lengths::vague_units,
        "<units> ago" lengths::vague_units_ago,
        "week-long" lengths::unit_long,
    }
    SEASON {
        "<season>" years::season,
    }
    PART {
        "the <part of day>" clocks::the_part,
        "<part of day> of <day>" clocks::part_of,
    }
    OVERNIGHT {
        "overnight" clocks::overnight,
    }
    AT {
        "at night" clocks::at_part,
    }
    HOUR {
        "<clock>" clocks::clock_time,
    }
    DAY {
        "yesterday" relative::near_day,
    }
    TONIGHT {
        "tonight" clocks::tonight,
    }
    VAGUE {
        "now" relative::vague,
    }
    REFER {
        "last <unit>" relative::refer_to_unit,
        "current" relative::current,
        "final <quarter>" years::final_part,
        "last <weekday>" relative::refer_to_field,
        "last <holiday>" relative::refer_to_named,
        "this <part of day>" clocks::refer_to_part,
        "past <length>" lengths::past_length,
        "past <unit>" lengths::past_unit,
        "same <day> <month>" relative::same_period,
    }
    COUPLE {
        "<length>" lengths::plain_length,
        "<length> ago" lengths::length_ago,
    }
    FEW {
        "<length>" lengths::plain_length,
        "<length> ago" lengths::length_ago,
    }
    EVERY {
        "every <unit>" lengths::every,
    }
    TIMES {
        "twice a <unit>" lengths::twice_a_unit,
    }
    DAILY {
        "daily" lengths::daily,
    }
    EDGE {
        "early <date>" relative::early,
    }
    WHOLE {
        "the full <unit>" lengths::whole_unit,
    }
    FINAL {
        "final <quarter>" years::final_part,
    }
    BOUND {
        "some <units>" lengths::some_units,
    }
    ARTICLE {
        "<length>" lengths::plain_length,
        "<clock>" clocks::clock_time,
        "a <unit>" lengths::a_unit,
        "a <unit> ago" lengths::a_unit_ago,
    }
    DECADE {
        "the eighties" years::decade_word,
    }
    QUARTER {
        "Q<number>" years::quarter,
        "H<number>" years::half,
    }
    FISCAL {
        "fiscal <year>" years::fiscal_year,
    }
    FISCAL_NAME {
        "FY<year>" years::fiscal_year_name,
    }
    HOLIDAY {
        "<holiday>" days::holiday,
    }
}

/// The rules that may begin with a word.
pub(super) fn of(word: Word) -> &'static [Rule] {
    match word {
        Word::Month { .. } => MONTH,
        Word::Weekday { .. } => WEEKDAY,
        Word::Weekdays(_) | Word::Parts(_) => WEEKDAYS,
        Word::Unit { .. } => UNIT,
        Word::Season { .. } => SEASON,
        Word::Part(_) => PART,
        Word::Hour(_) => HOUR,
        Word::Day(_) => DAY,
        Word::Tonight => TONIGHT,
        Word::Vague(_) => VAGUE,
        Word::Refer(_) => REFER,
        Word::Few => FEW,
        Word::Couple => COUPLE,
        Word::Every => EVERY,
        Word::Times(_) => TIMES,
        Word::Daily { .. } => DAILY,
        Word::Edge { .. } => EDGE,
        Word::Article => ARTICLE,
        Word::Decade(_) => DECADE,
        Word::Quarter(_) | Word::Half(_) => QUARTER,
        Word::Fiscal => FISCAL,
        Word::Holiday(_) => HOLIDAY,
        Word::Overnight => OVERNIGHT,
        Word::At(_) => AT,
        Word::Whole => WHOLE,
        Word::Final => FINAL,
        Word::Bound(_) => BOUND,
        Word::Zone(_) | Word::Meridiem(_) | Word::Era | Word::Fortnight | Word::Award => &[],
    }
}

/// The longest that any rule of `groups` reads at the cursor, and the cursor behind it.
pub(super) fn longest<'t>(at: &Cursor<'t>, groups: &[&[Rule]]) -> Option<(Cursor<'t>, TimeExpr)> {
    let read = |rule: &Rule| {
        let mut ahead = *at;
        let expr = (rule.read)(&mut ahead)?;
        Some((ahead, expr))
    };
    groups
        .iter()
        .copied()
        .flatten()
        .filter_map(read)
        .reduce(|best, next| if next.0.at() > best.0.at() { next } else { best })
}
