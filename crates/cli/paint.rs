//! Text for a terminal: its colours, which are taken out again where they are not wanted, and its width.

use std::iter::Peekable;
use std::ops::Range;
use std::slice::Iter;

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::report;

/// What is as it should be.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// What is not.
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
/// What stands beside the matter.
pub(crate) const DIM: Style = Style::new().dimmed();

/// What a list or a part of a page is called.
pub(crate) const HEAD: Style = Style::new().bold();
/// Who says it.
pub(crate) const SOURCE: Style = AnsiColor::Magenta.on_default();
/// What it is about.
pub(crate) const SUBJECT: Style = AnsiColor::Cyan.on_default();
/// How much.
pub(crate) const AMOUNT: Style = AnsiColor::Green.on_default().bold();
/// When.
pub(crate) const TIME: Style = AnsiColor::Yellow.on_default();
/// The words that say that somebody says it.
pub(crate) const CUE: Style = AnsiColor::Blue.on_default();
/// The verb.
pub(crate) const PREDICATE: Style = AnsiColor::Blue.on_default().bold();
/// What the verb acts on.
pub(crate) const OBJECT: Style = AnsiColor::Cyan.on_default().underline();
/// What is said.
pub(crate) const CONTENT: Style = Style::new().italic();

/// Whether there are colours.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set; elsewhere if CLICOLOR_FORCE is
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Color {
    /// Sets what both standard output and standard error go by.
    pub(crate) fn set(self) {
        let choice = match self {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
    }
}

/// Text that a terminal may be given, without what would steer it.
pub(crate) fn plain(text: &str) -> String {
    report::printable(text)
}

/// The same, in a style.
pub(crate) fn styled(text: &str, style: Style) -> String {
    format!("{style}{}{style:#}", plain(text))
}

/// How many cells of a terminal a text takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// A text, filled up with spaces to so many cells.
pub(crate) fn padded(text: &str, cells: usize) -> String {
    format!("{text}{}", " ".repeat(cells.saturating_sub(width(text))))
}

/// Whether standard output is to have colours.
pub(crate) fn colours() -> bool {
    anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never
}

/// How many cells wide a line may be: what COLUMNS says, else as the terminal is, elsewhere 80.
pub(crate) fn terminal_width() -> usize {
    /// Narrower, words would have no room.
    const LEAST: usize = 40;
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    columns.or_else(terminal).unwrap_or(80).max(LEAST)
}

/// A line across the page that begins with a name.
pub(crate) fn headline(name: &str, width: usize) -> String {
    let line = "─".repeat(width.saturating_sub(name.width() + 4));
    format!("\n{}\n", styled(&format!("── {name} {line}"), HEAD))
}

/// Rows with their cells below each other, two spaces in. Where a line would be wider than `width`, the
/// widest columns are cut.
pub(crate) fn table(rows: &[Vec<String>], width: usize) -> String {
    const GAP: usize = 2;
    let one_line = |cell: &String| plain(&cell.split_whitespace().collect::<Vec<_>>().join(" "));
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(one_line).collect()).collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widest = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max();
    let mut widths: Vec<usize> = (0..columns).map(|column| widest(column).unwrap_or(0)).collect();
    let room = width.saturating_sub(GAP * (columns + 1));
    while widths.iter().sum::<usize>() > room {
        match widths.iter_mut().max() {
            Some(widest) if *widest > 1 => *widest -= 1,
            _ => break,
        }
    }
    let mut text = String::new();
    for row in &rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| padded(&cut(cell, *width), *width));
        let line = cells.map(|cell| format!("{:GAP$}{cell}", "")).collect::<String>();
        text += &format!("{}\n", line.trim_end());
    }
    text
}

/// A text of at most so many cells, with a sign where the rest is left out.
fn cut(text: &str, cells: usize) -> String {
    if text.width() <= cells {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        if kept.width() + c.width().unwrap_or(0) + 1 > cells {
            break;
        }
        kept.push(c);
    }
    kept + "…"
}

/// A part of a text that is to stand out.
pub(crate) struct Marked {
    /// Its bytes.
    pub(crate) at: Range<usize>,
    /// What it is, which is written out where there are no colours.
    pub(crate) name: &'static str,
    /// Its colours.
    pub(crate) style: Style,
}

/// A text in lines of at most `width` cells, with its marked parts in their colours or in brackets. They are
/// in order, and each lies in the one before or behind it.
pub(crate) fn marked(text: &str, marks: &[Marked], width: usize) -> String {
    let mut letters: Vec<(char, Style)> = Vec::new();
    spell(text, 0..text.len(), &mut marks.iter().peekable(), Style::new(), &mut letters);

    let mut page = String::new();
    let mut line: Vec<(char, Style)> = Vec::new();
    let cells = |letters: &[(char, Style)]| letters.iter().filter_map(|(c, _)| c.width()).sum::<usize>();
    for word in letters.split(|(c, _)| c.is_whitespace()).filter(|word| !word.is_empty()) {
        if !line.is_empty() && cells(&line) + 1 + cells(word) > width {
            page += &painted(&line);
            line.clear();
        }
        if let Some((_, style)) = line.last().copied() {
            // A mark goes on over its own spaces only.
            line.push((' ', if style == word[0].1 { style } else { Style::new() }));
        }
        line.extend_from_slice(word);
    }
    page + &painted(&line)
}

/// The same of a text without marks, `indent` cells in.
pub(crate) fn indented(text: &str, width: usize, indent: usize) -> String {
    let lines = marked(text, &[], width.saturating_sub(indent));
    lines.lines().map(|line| format!("{:indent$}{line}\n", "")).collect()
}

/// Adds the letters of `text` at `bytes`, which are in a style, with the marks that lie there.
fn spell(
    text: &str,
    bytes: Range<usize>,
    marks: &mut Peekable<Iter<Marked>>,
    style: Style,
    letters: &mut Vec<(char, Style)>,
) {
    let colours = colours();
    let add = |letters: &mut Vec<(char, Style)>, text: &str| {
        letters.extend(plain(text).chars().map(|c| (c, style)));
    };
    let mut done = bytes.start;
    while let Some(mark) = marks.next_if(|mark| mark.at.start < bytes.end) {
        add(letters, &text[done..mark.at.start]);
        if colours {
            spell(text, mark.at.clone(), marks, mark.style, letters);
        } else {
            add(letters, &format!("[{}: ", mark.name));
            spell(text, mark.at.clone(), marks, style, letters);
            add(letters, "]");
        }
        done = mark.at.end;
    }
    add(letters, &text[done..bytes.end]);
}

fn painted(line: &[(char, Style)]) -> String {
    let runs = line.chunk_by(|(_, one), (_, other)| one == other).map(|run| {
        let (style, text) = (run[0].1, run.iter().map(|(c, _)| *c).collect::<String>());
        format!("{style}{text}{style:#}")
    });
    runs.collect::<String>() + "\n"
}
