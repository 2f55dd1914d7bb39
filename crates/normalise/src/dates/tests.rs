use claimline_model::{Claim, Date, Document, Mention, MentionKind, Problem, Tense, TimeBasis, TimeGrain};

use proptest::prelude::*;
use saphyr::{LoadableYamlNode, Yaml};

use super::{DateMode, DateOrder, DatesOptions, Month, WeekStart, resolve};

/// A Monday.
const PUBLISHED: &str = "2025-06-23";

/// Resolves the times of one document, in their order.
fn resolved(published: Option<&str>, order: DateOrder, times: &[(&str, Option<Tense>)]) -> Vec<Mention> {
    let document = Document { published: published.map(|day| day.parse().unwrap()), ..Document::default() };
    let mut mentions: Vec<_> = times
        .iter()
        .enumerate()
        .map(|(i, (expr, tense))| Mention {
            mention_id: format!("m{i}").into(),
            kind: MentionKind::Date,
            expr: Some((*expr).into()),
            tense: *tense,
            ..Mention::default()
        })
        .collect();
    let mut problems = Vec::new();
    let options = DatesOptions { order, ..DatesOptions::default() };
    resolve(&document, &mut mentions, &mut [], &options, None, &mut problems);
    assert_eq!(problems, [], "{times:?}");
    mentions
}

/// Checks lines of `expression -> value first..last`; the days may be left out, and words after `;`
/// are the tense.
#[track_caller]
fn check(published: Option<&str>, order: DateOrder, lines: &[&str]) {
    for line in lines {
        let (written, expected) = line.split_once(" -> ").unwrap();
        let times: Vec<_> = written
            .split(", ")
            .map(|time| match time.split_once("; ") {
                Some((expr, tense)) => (expr, Some(tense.parse().unwrap())),
                None => (time, None),
            })
            .collect();
        let last = resolved(published, order, &times).pop().unwrap();
        let days = match (last.time_start, last.time_end) {
            (Some(first), Some(last)) if first == last => format!(" {first}"),
            (Some(first), Some(last)) => format!(" {first}..{last}"),
            _ => String::new(),
        };
        let found = format!("{}{days}", last.time_value.unwrap());
        assert_eq!(found, expected, "{written}");
    }
}

#[test]
fn absolute_times_are_what_they_say() {
    let lines = [
        "1987-02-26 -> 1987-02-26 1987-02-26",
        "1987-02 -> 1987-02 1987-02-01..1987-02-28",
        "1987 -> 1987 1987-01-01..1987-12-31",
        "1987-Q1 -> 1987-Q1 1987-01-01..1987-03-31",
        "2024-H2 -> 2024-H2 2024-07-01..2024-12-31",
        "1987-WI -> 1987-WI 1987-12-01..1988-02-29",
        "198X -> 198 1980-01-01..1989-12-31",
        "18XX -> 18 1800-01-01..1899-12-31",
        "1986/1987 -> 1986/1987 1986-01-01..1987-12-31",
        "BC0044 -> BC0044",
        "1987-02-30 -> 1987-02-30",
        "1987-06-17TMO -> 1987-06-17TMO 1987-06-17",
    ];
    check(Some(PUBLISHED), DateOrder::Auto, &lines);
    check(None, DateOrder::Auto, &lines);
}

#[test]
fn relative_times_count_from_the_publication() {
    check(
        Some(PUBLISHED),
        DateOrder::Auto,
        &[
            "doc:D+0 -> 2025-06-23 2025-06-23",
            "doc:D-1 TNI -> 2025-06-22TNI 2025-06-22",
            "doc:W-1 -> 2025-W25 2025-06-16..2025-06-22",
            "doc:W+1 WXX-5 -> 2025-07-04 2025-07-04",
            "doc:M-1 -> 2025-05 2025-05-01..2025-05-31",
            "doc:Q-1 -> 2025-Q1 2025-01-01..2025-03-31",
            "doc:Y-1 -> 2024 2024-01-01..2024-12-31",
            "doc:Y-1 Q3 -> 2024-Q3 2024-07-01..2024-09-30",
            "doc-P2Y -> 2023 2023-01-01..2023-12-31",
            "doc-P18M -> 2023-12 2023-12-01..2023-12-31",
            "doc-P2.5Y -> 2022-12 2022-12-01..2022-12-31",
            "doc-P10D -> 2025-06-13 2025-06-13",
            "doc+P3W -> 2025-W29 2025-07-14..2025-07-20",
            "doc-PXY -> PAST_REF",
            "PRESENT_REF -> PRESENT_REF 2025-06-23",
            "FUTURE_REF -> FUTURE_REF",
            "past P5Y -> P5Y 2020-06-23..2025-06-23",
            "next P2W -> P2W 2025-06-23..2025-07-07",
        ],
    );
}

#[test]
fn a_bare_weekday_is_the_latest_unless_it_is_to_come() {
    check(
        Some(PUBLISHED),
        DateOrder::Auto,
        &[
            "XXXX-WXX-1 -> 2025-06-23 2025-06-23",
            "XXXX-WXX-2 -> 2025-06-17 2025-06-17",
            "XXXX-WXX-2; future -> 2025-06-24 2025-06-24",
            "last XXXX-WXX-1 -> 2025-06-16 2025-06-16",
            "next XXXX-WXX-5 -> 2025-06-27 2025-06-27",
            "XXXX-WXX-WE -> 2025-W25-WE 2025-06-21..2025-06-22",
        ],
    );
}

#[test]
fn a_day_without_its_year_is_the_nearest_unless_the_tense_says_otherwise() {
    check(
        Some(PUBLISHED),
        DateOrder::Auto,
        &[
            "XXXX-06-17 -> 2025-06-17 2025-06-17",
            "XXXX-07-17 -> 2025-07-17 2025-07-17",
            "XXXX-01-05 -> 2025-01-05 2025-01-05",
            "XXXX-01-05; future -> 2026-01-05 2026-01-05",
            "XXXX-11-30; past -> 2024-11-30 2024-11-30",
            "last XXXX-12-25 -> 2024-12-25 2024-12-25",
        ],
    );
    check(Some("2025-01-03"), DateOrder::Auto, &["XXXX-12-30 -> 2024-12-30 2024-12-30"]);
}

#[test]
fn a_bare_month_quarter_or_season_is_the_latest() {
    check(
        Some(PUBLISHED),
        DateOrder::Auto,
        &[
            "XXXX-06 -> 2025-06 2025-06-01..2025-06-30",
            "XXXX-08 -> 2024-08 2024-08-01..2024-08-31",
            "XXXX-08; future -> 2025-08 2025-08-01..2025-08-31",
            "last XXXX-06 -> 2024-06 2024-06-01..2024-06-30",
            "XXXX-Q2 -> 2025-Q2 2025-04-01..2025-06-30",
            "XXXX-Q3 -> 2024-Q3 2024-07-01..2024-09-30",
            "last XXXX-WI -> 2024-WI 2024-12-01..2025-02-28",
        ],
    );
}

#[test]
fn a_year_earlier_is_that_of_the_quarter_last_named() {
    check(
        Some(PUBLISHED),
        DateOrder::Auto,
        &[
            "ref-P1Y -> 2024 2024-01-01..2024-12-31",
            "XXXX-Q1, ref-P1Y -> 2024-Q1 2024-01-01..2024-03-31",
            "XXXX-Q1, doc-P1Y -> 2024-Q1 2024-01-01..2024-03-31",
            "XXXX-Q1, ref:Q-4 -> 2024-Q1 2024-01-01..2024-03-31",
            "1987-03-05, ref+P2D -> 1987-03-07 1987-03-07",
            "1987-03-05, ref:D+1 -> 1987-03-06 1987-03-06",
            "1987-03-05, ref:Y+0 -> 1987 1987-01-01..1987-12-31",
        ],
    );
}

#[test]
fn what_a_quarter_is_compared_with_is_not_the_one_spoken_of() {
    check(
        Some(PUBLISHED),
        DateOrder::Auto,
        &["XXXX-Q1, 2024-QX, ref:Q+0 -> 2025-Q1 2025-01-01..2025-03-31", "ref+PT1H -> PT1H"],
    );
}

#[test]
fn a_period_that_ends_on_a_day_is_the_calendars_that_holds_most_of_it() {
    check(
        Some(PUBLISHED),
        DateOrder::Auto,
        &[
            "XXXX-03-06+WXX -> 2025-W10 2025-03-03..2025-03-09",
            "1987-02-22+WXX -> 1987-W08 1987-02-16..1987-02-22",
        ],
    );
    let first = |exprs: &[(&str, Option<Tense>)]| {
        let mentions = resolved(Some(PUBLISHED), DateOrder::Auto, exprs);
        mentions[0].time_value.clone().unwrap().to_string()
    };
    assert_eq!(first(&[("ref:Q+0", None), ("last XXXX-09-30", Some(Tense::Past))]), "2024-Q3");
    assert_eq!(first(&[("ref:Q+0", None), ("last XXXX-07-31", Some(Tense::Past))]), "2024-Q2");
    assert_eq!(first(&[("ref:W+0", None), ("1987-02-22", None)]), "1987-W08");
}

/// The dates as almanacs have them: Saudi Arabia's for the Islamic ones, the first evening's day after for
/// the Jewish ones.
#[test]
fn holidays_of_the_moon_are_computed() {
    check(
        Some(PUBLISHED),
        DateOrder::Auto,
        &[
            "2024-CHINESE-01-01 -> 2024-02-10 2024-02-10",
            "2023-CHINESE-01-01 -> 2023-01-22 2023-01-22",
            "2023-CHINESE-08-15 -> 2023-09-29 2023-09-29",
            "2024-HEBREW-07-15 -> 2024-04-23 2024-04-23",
            "2023-HEBREW-01-01 -> 2023-09-16 2023-09-16",
            "2023-HEBREW-01-10 -> 2023-09-25 2023-09-25",
            "2024-HEBREW-03-25 -> 2024-12-26 2024-12-26",
            "2024-HEBREW-06-14 -> 2024-03-24 2024-03-24",
            "2024-HIJRI-10-01 -> 2024-04-10 2024-04-10",
            "2024-HIJRI-12-10 -> 2024-06-16 2024-06-16",
            "2024-HIJRI-09 -> 2024-03-11/2024-04-09 2024-03-11..2024-04-09",
            "XXXX-HIJRI-10-01 -> 2025-03-30 2025-03-30",
            "last XXXX-CHINESE-01-01 -> 2025-01-29 2025-01-29",
        ],
    );
    check(None, DateOrder::Auto, &["XXXX-HIJRI-10-01 -> XXXX-HIJRI-10-01"]);
}

#[test]
fn the_order_of_numbers_is_the_options_or_the_documents() {
    check(Some(PUBLISHED), DateOrder::Dmy, &["5/6/2024 -> 2024-06-05 2024-06-05"]);
    check(Some(PUBLISHED), DateOrder::Mdy, &["5/6/2024 -> 2024-05-06 2024-05-06"]);
    check(Some(PUBLISHED), DateOrder::Ymd, &["24/6/5 -> 2024-06-05 2024-06-05"]);
    check(
        Some(PUBLISHED),
        DateOrder::Auto,
        &[
            "5/6/24 -> 2024-05-06 2024-05-06",
            "25/12/2024, 5/6/2024 -> 2024-06-05 2024-06-05",
            "5/6/87 -> 1987-05-06 1987-05-06",
            "5/6 -> 2025-05-06 2025-05-06",
        ],
    );
}

#[test]
fn without_a_publication_date_the_unknown_stays_unknown() {
    check(
        None,
        DateOrder::Auto,
        &[
            "XXXX-06-17 -> XXXX-06-17",
            "XXXX-WXX-2 -> XXXX-WXX-2",
            "doc:D-1 -> XXXX-XX-XX",
            "doc:Y-1 -> XXXX",
            "doc:Y-1 Q3 -> XXXX-Q3",
            "doc-P2M -> XXXX-XX",
            "XXXXT10:30 -> XXXX-XX-XXT10:30",
            "past P5Y -> P5Y",
            "PRESENT_REF -> PRESENT_REF",
            "each XXXX-WXX-2 -> XXXX-WXX-2",
            "each P1D -> P1D",
        ],
    );
}

#[test]
fn a_history_takes_the_year_from_the_time_before() {
    let years = ["1914", "1915", "1916", "1917", "1918", "1919", "1920", "1921"];
    let history = |last: &str| format!("{}, {last}", years.join(", "));
    let lines = [
        "1916-06-05, XXXX-07 -> 1916-07 1916-07-01..1916-07-31",
        "1916-06-05, XXXX-07-04 -> 1916-07-04 1916-07-04",
    ];
    let lines: Vec<_> = lines.iter().map(|line| history(line)).collect();
    check(Some(PUBLISHED), DateOrder::Auto, &lines.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn claims_take_the_time_of_their_mention_else_the_publication_date() {
    let day: Date = PUBLISHED.parse().unwrap();
    let document = Document { published: Some(day), ..Document::default() };
    let mention = |id: &str, expr: &str| Mention {
        mention_id: id.into(),
        kind: MentionKind::Time,
        expr: Some(expr.into()),
        ..Mention::default()
    };
    let mut mentions = [mention("m1", "2025-06-17T18:00+05:00")];
    let dated = Claim { time_mention: Some("m1".into()), ..Claim::default() };
    let inheriting = Claim { time_basis: Some(TimeBasis::Inherited), ..dated.clone() };
    let mut claims = [dated, Claim::default(), inheriting];
    let mut problems = Vec::new();
    resolve(&document, &mut mentions, &mut claims, &DatesOptions::default(), None, &mut problems);
    let [told, untold, inherited] = claims;
    assert_eq!(told.time_value.as_deref(), Some("2025-06-17T18:00+05"));
    assert_eq!(told.time_grain, Some(TimeGrain::Minute));
    assert_eq!(told.time_at, Some("2025-06-17T13:00:00Z".parse().unwrap()));
    assert_eq!(told.time_basis, Some(TimeBasis::Explicit));
    assert_eq!((untold.time_start, untold.time_end), (Some(day), Some(day)));
    assert_eq!(untold.time_basis, Some(TimeBasis::Published));
    assert_eq!(inherited.time_value, told.time_value);
    assert_eq!(inherited.time_basis, Some(TimeBasis::Inherited));
}

#[test]
fn what_is_no_expression_is_a_warning_and_keeps_its_row() {
    let document = Document::default();
    let mut mentions =
        [Mention { kind: MentionKind::Date, expr: Some("soon-ish".into()), ..Mention::default() }];
    let mut problems: Vec<Problem> = Vec::new();
    resolve(&document, &mut mentions, &mut [], &DatesOptions::default(), None, &mut problems);
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].code, "bad_expression");
    assert_eq!(mentions[0].time_value, None);
}

/// The last of a document's times, resolved with these options.
fn with_options(options: &DatesOptions, exprs: &[&str]) -> Mention {
    let document = Document { published: Some("2025-06-22".parse().unwrap()), ..Document::default() };
    let mention = |expr: &&str| Mention {
        kind: MentionKind::Date,
        mention_id: (*expr).into(),
        expr: Some((*expr).into()),
        ..Mention::default()
    };
    let mut mentions: Vec<_> = exprs.iter().map(mention).collect();
    let claim =
        Claim { time_mention: mentions.last().map(|last| last.mention_id.clone()), ..Claim::default() };
    let mut claims = [claim];
    let zone = options.timezone.as_deref().map(|name| jiff::tz::TimeZone::get(name).unwrap());
    resolve(&document, &mut mentions, &mut claims, options, zone.as_ref(), &mut Vec::new());
    let at = claims[0].time_at.map(|at| at.to_string().into());
    Mention { name: at, ..mentions.pop().unwrap() }
}

#[test]
fn options_choose_the_mode_the_zone_and_the_first_day_of_a_week() {
    let value = |options: DatesOptions, exprs: &[&str]| with_options(&options, exprs).time_value.unwrap();
    let mode = |mode| DatesOptions { mode, ..DatesOptions::default() };
    assert_eq!(value(mode(DateMode::News), &["1916-06-05", "XXXX-05"]), "2025-05");
    assert_eq!(value(mode(DateMode::Narrative), &["1916-06-05", "XXXX-05"]), "1916-05");

    // A Sunday.
    let sunday = DatesOptions { week_start: WeekStart::Sunday, ..DatesOptions::default() };
    let week = with_options(&sunday, &["doc:W+0"]);
    assert_eq!(week.time_value.as_deref(), Some("2025-W26"));
    assert_eq!(week.time_start, Some("2025-06-22".parse().unwrap()));
    assert_eq!(value(DatesOptions::default(), &["doc:W+0"]), "2025-W25");

    let paris = DatesOptions { timezone: Some("Europe/Paris".to_owned()), ..DatesOptions::default() };
    assert_eq!(with_options(&paris, &["2025-06-17T18:00"]).name.as_deref(), Some("2025-06-17T16:00:00Z"));
    assert_eq!(with_options(&DatesOptions::default(), &["2025-06-17T18:00"]).name, None);
}

#[test]
fn every_example_of_a_time_has_its_value() {
    let examples = include_str!("../../../extract/src/time/en/examples.yaml");
    let yaml = &Yaml::load_from_str(examples).unwrap()[0];
    let reference = yaml["reference"].as_str().unwrap();
    let mut wrong = Vec::new();
    for key in yaml["found"].as_mapping().unwrap().keys() {
        let (exprs, values) = key.as_str().unwrap().split_once(" -> ").unwrap();
        let times: Vec<_> = exprs.split(" | ").map(|expr| (expr, None)).collect();
        let found: Vec<_> = resolved(Some(reference), DateOrder::Auto, &times)
            .into_iter()
            .map(|mention| mention.time_value.unwrap().to_string())
            .collect();
        if found.join(" | ") != values {
            wrong.push(format!("{exprs} -> {}, not {values}", found.join(" | ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

proptest! {
    #[test]
    fn no_expression_panics(
        place in "(last |next |this )?(XXXX|[0-9]{4}|BC9999|99[0-9]X|99XX|[0-9]{1,3}/[0-9]{1,3}(/[0-9]{1,5})?)\
                  (-(02-29|12|Q4|H2|WI|W53|WXX-7|WXX-WE|XX-31))?(T24:00Z|TMO|T23:59:60-14)?",
        relative in "(doc|ref)(:(D|W|WE|M|Q|Y|DE|CE)[+-][0-9]{1,5}|[+-]P(T?[0-9.]{1,11})(D|W|M|Q|Y|DE|CE|H|S))( WXX-5| Q3| 06)?",
        day in prop::sample::select(vec![None, Some("0001-01-01"), Some("9999-12-31"), Some("2024-02-29")]),
    ) {
        let document = Document { published: day.map(|day| day.parse().unwrap()), ..Document::default() };
        let mention = |expr: &str| Mention { kind: MentionKind::Date, expr: Some(expr.into()), ..Mention::default() };
        let mut mentions = [mention(&place), mention(&relative), mention(&place)];
        resolve(&document, &mut mentions, &mut [], &DatesOptions::default(), None, &mut Vec::new());
        for mention in &mentions {
            prop_assert!(mention.time_start <= mention.time_end, "{mention:?}");
        }
    }
}

/// What `exprs` come to, each with its days, where fiscal years begin in `month`.
fn fiscal(month: Month, exprs: &[&str]) -> Vec<String> {
    let options = DatesOptions { fiscal_year_start: month, ..DatesOptions::default() };
    let told = |last: usize| {
        let time = with_options(&options, &exprs[..=last]);
        let days = (time.time_start.unwrap(), time.time_end.unwrap());
        format!("{} {}..{}", time.time_value.unwrap(), days.0, days.1)
    };
    (0..exprs.len()).map(told).collect()
}

#[test]
fn fiscal_years_begin_when_the_option_says_and_are_named_after_their_end() {
    // The text is of June 22, 2025.
    assert_eq!(fiscal(Month::October, &["fiscal 1990"]), ["1990 1989-10-01..1990-09-30"]);
    assert_eq!(fiscal(Month::October, &["fiscal 2019-Q3"]), ["2019-Q3 2019-04-01..2019-06-30"]);
    assert_eq!(fiscal(Month::October, &["fiscal XXXX-Q1"]), ["2025-Q1 2024-10-01..2024-12-31"]);
    assert_eq!(fiscal(Month::April, &["fiscal 2019"]), ["2019 2018-04-01..2019-03-31"]);
    assert_eq!(fiscal(Month::April, &["fiscal XXXX-Q1"]), ["2026-Q1 2025-04-01..2025-06-30"]);
    assert_eq!(fiscal(Month::February, &["fiscal 2024-H2"]), ["2024-H2 2023-08-01..2024-01-31"]);
    assert_eq!(fiscal(Month::October, &["fiscal doc:Y-1"]), ["2024 2023-10-01..2024-09-30"]);
    assert_eq!(fiscal(Month::January, &["fiscal 1990"]), ["1990 1990-01-01..1990-12-31"]);
    // What is not said to be fiscal is the calendar's, but for what a fiscal quarter is compared with.
    assert_eq!(fiscal(Month::October, &["1990-Q1"]), ["1990-Q1 1990-01-01..1990-03-31"]);
    let compared = fiscal(Month::October, &["fiscal XXXX-Q1", "ref-P1Y"]);
    assert_eq!(compared[1], "2024-Q1 2023-10-01..2023-12-31");
}
