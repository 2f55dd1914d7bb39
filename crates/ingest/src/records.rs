//! Files of many records, cut into records as they are read.

use std::io::{self, BufRead};
use std::mem;

use claimline_model::Severity;
use claimline_stage::{Found, Origin, Raw};

use crate::input::{Expansion, Input, trouble};
use crate::places::{Places, Step};

/// Cuts a file into records, holding no more of it than a limit.
pub(crate) trait Cut: Send {
    /// Begins a file.
    ///
    /// # Errors
    /// If its beginning can't be read, or says that it can't be cut.
    fn begin(&mut self, input: &mut dyn BufRead) -> Result<(), Trouble>;

    /// The next record.
    ///
    /// # Errors
    /// If reading fails.
    fn next(&mut self, input: &mut dyn BufRead) -> io::Result<Record>;

    /// What to say of a record past the limit.
    fn too_long(&self) -> Trouble;
}

/// A problem's code and its message.
pub(crate) type Trouble = (&'static str, String);

/// What a [`Cut`] comes upon.
pub(crate) enum Record {
    /// A record.
    Whole(Vec<u8>),
    /// One past the limit, passed over.
    TooLong,
    /// The end of the file.
    End,
}

/// The records of all files at some places, numbered from 1 in each.
pub(crate) struct Records<W, C> {
    stage: &'static str,
    walk: W,
    expansion: Expansion,
    cut: C,
    open: Option<Open>,
    /// Input bytes that no record stood for, told with the next one.
    owed: u64,
}

/// A file that is being read.
struct Open {
    origin: Origin,
    input: Input,
    /// Records so far.
    records: u64,
}

/// Reads all places.
pub(crate) fn read<'p>(
    stage: &'static str,
    places: &'p Places,
    expansion: Expansion,
    cut: impl Cut + 'p,
) -> Box<dyn Iterator<Item = Found> + Send + 'p> {
    Box::new(Records { stage, walk: places.walk(), expansion, cut, open: None, owed: 0 })
}

impl<W: Iterator<Item = Step>, C: Cut> Iterator for Records<W, C> {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        loop {
            let found = match self.open.take() {
                Some(open) => self.record(open),
                None => {
                    let step = self.walk.next()?;
                    self.begin(step)
                }
            };
            if found.is_some() {
                return found;
            }
        }
    }
}

impl<W, C: Cut> Records<W, C> {
    /// Opens what the walk came upon; nothing is found if that went well.
    fn begin(&mut self, step: Step) -> Option<Found> {
        let (origin, input) = match step {
            Step::File(origin, path) => (origin, Input::open(Some(&path), self.expansion)),
            Step::Stdin(origin) => (origin, Input::open(None, self.expansion)),
            Step::Lost(problem) => return Some(Found::Lost(problem)),
            Step::NoMatch(problem) => return Some(Found::Warning(problem)),
        };
        let mut input = match input {
            Ok(input) => input,
            Err(error) => return Some(self.lost(&origin, trouble(&error))),
        };
        if let Err(trouble) = self.cut.begin(&mut *input.reader) {
            self.owed += input.rest();
            return Some(self.lost(&origin, trouble));
        }
        self.open = Some(Open { origin, input, records: 0 });
        None
    }

    /// Reads on in a file; nothing is found if it has ended.
    fn record(&mut self, mut open: Open) -> Option<Found> {
        let next = self.cut.next(&mut *open.input.reader);
        open.records += 1;
        let origin = Origin { member: Some(open.records.to_string().into()), ..open.origin.clone() };
        self.owed += match next {
            Ok(Record::Whole(_) | Record::TooLong) => open.input.consumed(),
            Ok(Record::End) | Err(_) => open.input.rest(),
        };
        match next {
            Ok(Record::Whole(bytes)) => {
                self.open = Some(open);
                Some(Found::Raw(Raw { origin, bytes, consumed: mem::take(&mut self.owed), ..Raw::default() }))
            }
            Ok(Record::TooLong) => {
                self.open = Some(open);
                Some(self.lost(&origin, self.cut.too_long()))
            }
            Ok(Record::End) if open.records == 1 => {
                Some(self.lost(&open.origin, ("empty", "there is no record in it".to_owned())))
            }
            Ok(Record::End) => None,
            Err(error) => Some(self.lost(&origin, trouble(&error))),
        }
    }

    fn lost(&self, origin: &Origin, (code, message): Trouble) -> Found {
        Found::Lost(origin.problem(self.stage, Severity::Error, code, &message))
    }
}
