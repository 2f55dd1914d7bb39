//! Mailboxes: many mails in one file, each behind a line `From SENDER DATE`
//! (<https://www.rfc-editor.org/rfc/rfc4155>).

use std::collections::VecDeque;
use std::io::{self, BufRead, Read};

use mail_parser::MessageParser;

use super::mail::{MAIL, attachments};
use super::text::separates;
use super::{Container, Limits, file_too_big};
use crate::input::trouble;
use crate::nest::{Budget, Kind, Member, Members};
use crate::records::Trouble;

/// A line that is longer is read in pieces.
const LINE: u64 = 64 << 10;

/// The mails of a mailbox, called by their `Message-ID`, which stays when others are deleted, else by their
/// number, and behind each its attachments.
pub(super) fn split(mut mailbox: Container, limits: &Limits) -> Result<Box<dyn Members>, Trouble> {
    let mut line = Vec::new();
    piece(&mut *mailbox.reader, &mut line).map_err(|error| trouble(&error))?;
    if !separates(&line) {
        return Err(("broken", "this is no mailbox: it does not begin with a line `From ...`".to_owned()));
    }
    Ok(Box::new(Mailbox {
        reader: mailbox.reader,
        limit: limits.bytes,
        number: 0,
        ended: false,
        attached: VecDeque::new(),
    }))
}

struct Mailbox {
    /// Behind the line that separates the next mail from the one before.
    reader: Box<dyn BufRead + Send>,
    limit: u64,
    number: u64,
    ended: bool,
    /// The attachments of the last mail.
    attached: VecDeque<Member>,
}

impl Members for Mailbox {
    fn next(&mut self, budget: &mut Budget) -> Option<Member> {
        if let Some(attachment) = self.attached.pop_front() {
            return Some(attachment);
        }
        if self.ended {
            return None;
        }
        self.number += 1;
        let number = self.number.to_string();
        let bytes = match self.mail() {
            Ok(Some(bytes)) => bytes,
            Ok(None) => {
                let bytes = Err(file_too_big(self.limit));
                return Some(Member { name: number, kind: Kind::File, bytes });
            }
            Err(error) => {
                self.ended = true;
                return Some(Member { name: number, kind: Kind::File, bytes: Err(trouble(&error)) });
            }
        };
        let mail = MessageParser::default().parse(&bytes);
        let id = mail.as_ref().and_then(|mail| mail.message_id()).map(str::trim).filter(|id| !id.is_empty());
        let name = id.map_or(number, str::to_owned);
        self.attached = attachments(mail.as_ref(), &name).into();
        drop(mail);
        Some(Member { name, kind: Kind::Document(MAIL), bytes: budget.read(&mut &bytes[..]) })
    }
}

impl Mailbox {
    /// The next mail, or nothing if it is longer than the limit.
    fn mail(&mut self) -> io::Result<Option<Vec<u8>>> {
        let (mut bytes, mut line) = (Vec::new(), Vec::new());
        let mut begins = true;
        let mut too_long = false;
        loop {
            line.clear();
            piece(&mut *self.reader, &mut line)?;
            if line.is_empty() {
                self.ended = true;
                break;
            }
            if begins && separates(&line) {
                break;
            }
            // Lines of a mail that look as if they separated mails are quoted.
            let marks = line.iter().take_while(|byte| **byte == b'>').count();
            let quoted = begins && marks > 0 && line[marks..].starts_with(b"From ");
            begins = line.ends_with(b"\n");
            too_long |= (bytes.len() + line.len()) as u64 > self.limit;
            if too_long {
                bytes = Vec::new();
            } else {
                bytes.extend_from_slice(&line[usize::from(quoted)..]);
            }
        }
        Ok((!too_long).then_some(bytes))
    }
}

/// Reads a line, or as much of it as may be held.
fn piece(reader: &mut dyn BufRead, line: &mut Vec<u8>) -> io::Result<()> {
    reader.take(LINE).read_until(b'\n', line).map(|_| ())
}
