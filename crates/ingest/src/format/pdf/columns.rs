//! The lines of a page in the order in which they are read: where text stands in columns, one column after the
//! other.
//!
//! A page goes into bands at the lines that cross a gutter, as titles do. A band has columns where the text on
//! both sides of the gutter is prose, drawn row by row or a column at a time. Everything else, tables above all,
//! stays in the order in which it is drawn.

use std::collections::HashMap;

use super::lines::{GUTTER, Gap, Line, Page};
use super::paragraphs::APART;

/// A column has so many lines at least, and so many of a page's begin where one does: one in ten.
const LINES: usize = 3;
const SHARE: usize = 10;
/// Lines that begin nearer than this to one another begin at the same place, in units of the page.
const SAME: f64 = 1.0;
/// White of so much of a character's size over the whole width parts bands.
const WHITE: f64 = 2.5;
/// What is between gaps has so many bytes on average in prose, and two of five begin with a small letter; the
/// cells of a table are short, and begin with capitals and figures.
const LONG: usize = 16;
/// The rows of one column are not so many times further apart than the other's: terms beside what explains them
/// are.
const SPARSE: f64 = 1.5;
/// How often what was parted is parted again: three columns are two and one, and each band may have its own.
const DEPTH: usize = 4;

/// The lines of a page as they are read. Those of a column say so, and are split from those beside them.
pub(super) fn in_reading_order(page: Page) -> Page {
    let mut columns = Vec::new();
    read(page, DEPTH, &mut columns);
    let numbered = columns.into_iter().enumerate();
    numbered.flat_map(|(column, lines)| lines.into_iter().map(move |line| Line { column, ..line })).collect()
}

fn read(lines: Page, depth: usize, out: &mut Vec<Page>) {
    let found = if depth == 0 { None } else { starts(&lines).find_map(|start| parted(&lines, start)) };
    match found {
        Some(parts) => parts.into_iter().for_each(|part| read(part, depth - 1, out)),
        None => out.push(lines),
    }
}

/// Where a column may begin, as many lines do, and its size; those of most lines first.
fn starts(lines: &[Line]) -> impl Iterator<Item = (f64, f64)> {
    let mut places: HashMap<i64, (usize, f64, f64)> = HashMap::new();
    let mut all = 0;
    for line in lines {
        for start in std::iter::once(line.start).chain(line.gaps.iter().map(|gap| gap.end)) {
            let (times, first, size) = places.entry(start.round() as i64).or_insert((0, start, line.size));
            (*times, *first, *size) = (*times + 1, first.min(start), size.min(line.size));
            all += 1;
        }
    }
    let mut places: Vec<_> = places.into_values().collect();
    places.retain(|(times, ..)| *times >= LINES && times * SHARE >= all);
    places.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.total_cmp(&b.1)));
    places.into_iter().map(|(_, start, size)| (start, size))
}

/// The sides of a gutter.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Left,
    Right,
    /// On both, with this of its own gaps between.
    Both(usize),
    Across,
}

/// Where a line stands to the gutter from `start` to `end`.
fn side(line: &Line, start: f64, end: f64) -> Side {
    if line.ink <= start {
        Side::Left
    } else if line.start >= end {
        Side::Right
    } else {
        let gap = line.gaps.iter().position(|gap| gap.start <= start && gap.end >= end);
        gap.map_or(Side::Across, Side::Both)
    }
}

/// The parts of lines with columns, if a column of this start and size makes any: the columns, and what is
/// between.
fn parted(lines: &[Line], (start, size): (f64, f64)) -> Option<Vec<Page>> {
    let sides: Vec<Side> = lines.iter().map(|line| side(line, start - GUTTER * size, start - SAME)).collect();
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by(|a, b| lines[*b].y.total_cmp(&lines[*a].y));
    let bands = order.chunk_by(|a, b| {
        let [across, below] = [a, b].map(|i| sides[*i] == Side::Across);
        across == below && (across || lines[*a].y - lines[*b].y <= WHITE * size)
    });

    let mut parts = Vec::new();
    let mut between: Vec<usize> = Vec::new();
    for band in bands {
        let mut band = band.to_vec();
        band.sort_unstable();
        match columns(lines, &sides, &band) {
            Some(columns) => {
                parts.extend(drawn(lines, &mut between));
                parts.extend(columns);
            }
            None => between.extend(band),
        }
    }
    if parts.is_empty() {
        return None;
    }
    parts.extend(drawn(lines, &mut between));
    Some(parts)
}

/// These lines, in the order in which they are drawn.
fn drawn(lines: &[Line], which: &mut Vec<usize>) -> Option<Page> {
    which.sort_unstable();
    let page: Page = which.drain(..).map(|i| lines[i].clone()).collect();
    (!page.is_empty()).then_some(page)
}

/// The two sides of a band, if each is a column.
fn columns(lines: &[Line], sides: &[Side], band: &[usize]) -> Option<[Page; 2]> {
    let [mut left, mut right] = [Page::new(), Page::new()];
    // Whether the pen goes back to the left, and whether it goes up.
    let (mut back, mut up) = (false, false);
    let mut above = f64::INFINITY;
    for i in band {
        let line = &lines[*i];
        up |= line.y > above + line.size / 2.0;
        above = line.y;
        back |= !right.is_empty() && sides[*i] != Side::Right;
        match sides[*i] {
            Side::Left => left.push(line.clone()),
            Side::Right => right.push(line.clone()),
            Side::Both(gap) => {
                let [before, behind] = split(line, gap);
                left.push(before);
                right.push(behind);
            }
            Side::Across => return None,
        }
    }
    // Cells of more than one line are drawn one after the other, up and back.
    if up && back {
        return None;
    }
    let rows = [rows(&left), rows(&right)];
    let columns = rows.iter().all(|rows| rows.len() >= LINES)
        && lie_free(&rows[0], &rows[1])
        && is_prose(&left)
        && is_prose(&right);
    columns.then_some([left, right])
}

/// What stands before and behind one of a line's gaps.
fn split(line: &Line, gap: usize) -> [Line; 2] {
    let Gap { start, end, at, sizes } = line.gaps[gap];
    let (before, behind) = line.text.split_at(at);
    let gaps = line.gaps[gap + 1..].iter().map(|gap| Gap { at: gap.at - at, ..gap.clone() });
    let part = |text: &str, size| Line { text: text.trim_end().to_owned(), size, ..line.clone() };
    [
        Line { end: start, ink: start, gaps: line.gaps[..gap].to_vec(), ..part(before, sizes[0]) },
        Line { start: end, gaps: gaps.collect(), ..part(behind, sizes[1]) },
    ]
}

/// The heights of the rows in which lines stand, from above.
fn rows(lines: &[Line]) -> Vec<f64> {
    let mut lines: Vec<&Line> = lines.iter().collect();
    lines.sort_by(|a, b| b.y.total_cmp(&a.y));
    lines.dedup_by(|below, above| above.y - below.y < below.size / 2.0);
    lines.into_iter().map(|line| line.y).collect()
}

/// Whether rows lie as in columns: as dense in one as in the other, and not set apart at the same heights, as the
/// rows of a table are.
fn lie_free(left: &[f64], right: &[f64]) -> bool {
    let pitch = |rows: &[f64]| (rows[0] - rows[rows.len() - 1]) / (rows.len() - 1) as f64;
    let apart = |rows: &[f64]| -> Vec<i64> {
        let pairs = rows.windows(2).map(|pair| (pair[0] - pair[1], pair[1].round() as i64));
        let mut gaps: Vec<f64> = pairs.clone().map(|(gap, _)| gap).collect();
        gaps.sort_by(f64::total_cmp);
        let usual = gaps[gaps.len() / 2];
        pairs.filter(|(gap, _)| *gap > APART * usual).map(|(_, height)| height).collect()
    };
    let (left_pitch, right_pitch, left, right) = (pitch(left), pitch(right), apart(left), apart(right));
    let dense = left_pitch.max(right_pitch) <= SPARSE * left_pitch.min(right_pitch);
    dense && (left.len() < 2 || left != right)
}

fn is_prose(lines: &[Line]) -> bool {
    let (mut stretches, mut bytes, mut small) = (0, 0, 0);
    for line in lines {
        let mut from = 0;
        for to in line.gaps.iter().map(|gap| gap.at).chain([line.text.len()]) {
            let text = &line.text[from..to];
            let first = text.chars().find(|c| c.is_alphanumeric());
            small += usize::from(first.is_some_and(char::is_lowercase));
            bytes += text.len();
            stretches += 1;
            from = to;
        }
    }
    bytes >= LONG * stretches && 5 * small >= 2 * stretches
}
