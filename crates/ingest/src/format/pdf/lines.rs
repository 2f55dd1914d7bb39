//! Lines of text from characters at places.

use std::collections::HashMap;

use pdf_extract::{MediaBox, OutputDev, OutputError, Transform};

/// A page with its lines, in the order in which they are drawn.
pub(super) type Page = Vec<Line>;

/// Characters beside one another. Lengths are in units of the page, 72 an inch.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Line {
    /// Its text; a tab stands for a gap as wide as those between columns.
    pub(super) text: String,
    pub(super) start: f64,
    pub(super) end: f64,
    /// The height of its base line, from the bottom of the page.
    pub(super) y: f64,
    /// Of its characters.
    pub(super) size: f64,
    /// Where its last character that is no blank ends.
    pub(super) ink: f64,
    /// Gaps in it that may be a gutter's, from the left.
    pub(super) gaps: Vec<Gap>,
    /// Which of the columns of its page it stands in; 0 for all lines of a page that has one.
    pub(super) column: usize,
}

/// A gap in a line.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Gap {
    pub(super) start: f64,
    pub(super) end: f64,
    /// Where the text behind it begins, in bytes of the line's.
    pub(super) at: usize,
    /// Of the characters before it and behind it, as far as the next gaps.
    pub(super) sizes: [f64; 2],
}

/// A gap of so much of a character's size parts words, and one of so much the columns of a table.
const WORD: f64 = 0.13;
const COLUMN: f64 = 1.6;
/// No gutter between columns of text is narrower than so much of a character's size.
pub(super) const GUTTER: f64 = 0.8;
/// Characters whose heights differ by less than this much of their size stand in one line: indices do.
const SAME_LINE: f64 = 0.5;
/// No document has so many characters, or shapes.
const MOST: u64 = 20_000_000;

/// Collects lines while the library reads pages.
#[derive(Default)]
pub(super) struct Reading {
    pub(super) pages: Vec<Page>,
    /// The page that is being read.
    pub(super) page: Option<u32>,
    line: Line,
    /// How many characters of each size are in the line, in tenths of a unit, and how many behind its last gap.
    sizes: HashMap<i64, u32>,
    stretch: HashMap<i64, u32>,
    drawn: u64,
}

impl Reading {
    /// Whether there was more than is read.
    pub(super) fn is_over(&self) -> bool {
        self.drawn > MOST
    }

    /// Forgets the page that is being read.
    pub(super) fn give_up_page(&mut self) {
        self.line = Line::default();
        self.sizes.clear();
        self.stretch.clear();
        if self.page.take().is_some()
            && let Some(page) = self.pages.last_mut()
        {
            page.clear();
        }
    }

    fn end_of_stretch(&mut self) -> f64 {
        let size = usual(&self.stretch);
        if let Some(gap) = self.line.gaps.last_mut() {
            gap.sizes[1] = size;
        }
        for (size, count) in self.stretch.drain() {
            *self.sizes.entry(size).or_default() += count;
        }
        size
    }

    fn end_of_line(&mut self) {
        self.end_of_stretch();
        let mut line = std::mem::take(&mut self.line);
        line.size = usual(&self.sizes);
        self.sizes.clear();
        line.text.truncate(line.text.trim_end().len());
        if let Some(page) = self.pages.last_mut().filter(|_| !line.text.trim().is_empty()) {
            page.push(line);
        }
    }

    fn count(&mut self) -> Result<(), OutputError> {
        self.drawn += 1;
        if self.is_over() { Err(OutputError::IoError(std::io::Error::other("too much"))) } else { Ok(()) }
    }
}

/// The size of most characters, in units.
fn usual(sizes: &HashMap<i64, u32>) -> f64 {
    let most = sizes.iter().max_by_key(|(size, count)| (**count, **size));
    most.map_or(0.0, |(size, _)| *size as f64 / 10.0)
}

impl OutputDev for Reading {
    fn begin_page(
        &mut self,
        page: u32,
        _: &MediaBox,
        _: Option<(f64, f64, f64, f64)>,
    ) -> Result<(), OutputError> {
        self.page = Some(page);
        self.pages.push(Page::new());
        Ok(())
    }

    fn end_page(&mut self) -> Result<(), OutputError> {
        self.end_of_line();
        self.page = None;
        Ok(())
    }

    fn output_character(
        &mut self,
        place: &Transform,
        width: f64,
        _: f64,
        font_size: f64,
        text: &str,
    ) -> Result<(), OutputError> {
        self.count()?;
        // Along the line and across it, whichever way it runs.
        let along = place.m11.hypot(place.m12);
        let (dx, dy) = if along > 0.0 { (place.m11 / along, place.m12 / along) } else { (1.0, 0.0) };
        let (x, y) = (place.m31 * dx + place.m32 * dy, place.m32 * dx - place.m31 * dy);
        let size = font_size.abs() * place.m21.hypot(place.m22);
        if ![x, y, size, along].iter().all(|length| length.is_finite()) || size == 0.0 {
            return Ok(());
        }
        let end = x + width * font_size.abs() * along;
        let line = &mut self.line;
        if !line.text.is_empty() {
            let reference = size.max(line.size);
            let gap = x - line.end;
            if (y - line.y).abs() > SAME_LINE * reference || gap < -2.0 * reference {
                self.end_of_line();
            } else if gap > COLUMN * reference {
                line.text.truncate(line.text.trim_end_matches(' ').len());
                line.text.push('\t');
            } else if gap > WORD * reference && !line.text.ends_with([' ', '\t']) && !text.starts_with(' ') {
                line.text.push(' ');
            }
            let start = self.line.ink;
            if x - start > GUTTER * size.min(self.line.size)
                && !self.line.text.is_empty()
                && !text.trim().is_empty()
            {
                let sizes = [self.end_of_stretch(), size];
                self.line.gaps.push(Gap { start, end: x, at: self.line.text.len(), sizes });
            }
        }
        let line = &mut self.line;
        if line.text.is_empty() {
            if text.trim().is_empty() {
                return Ok(());
            }
            *line = Line { start: x, y, ..Line::default() };
        }
        // Blanks that are drawn move on like any character.
        line.text.push_str(text);
        line.end = end.max(line.end.min(x + size));
        if !text.trim().is_empty() {
            line.ink = line.end;
        }
        line.size = line.size.max(size);
        *self.stretch.entry((size * 10.0).round() as i64).or_default() += 1;
        Ok(())
    }

    fn begin_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_line(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn stroke(
        &mut self,
        _: &Transform,
        _: &pdf_extract::ColorSpace,
        _: &[f64],
        _: &pdf_extract::Path,
    ) -> Result<(), OutputError> {
        self.count()
    }

    fn fill(
        &mut self,
        _: &Transform,
        _: &pdf_extract::ColorSpace,
        _: &[f64],
        _: &pdf_extract::Path,
    ) -> Result<(), OutputError> {
        self.count()
    }
}
