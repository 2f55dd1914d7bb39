//! Lets each document in once: an id that came before is a problem, content that came before is a
//! duplicate that skips the stages.

use std::collections::{HashMap, HashSet};

use claimline_model::{Document, Id, Problem, Severity, Str, id, id_text, parse_id};

/// What has been let in so far: 26 bytes a document and what a hash table takes beside; 10 for one
/// that brings its own id.
pub(super) struct Admission {
    ids: HashSet<Id>,
    contents: HashMap<u128, Id>,
    several_sources: bool,
    /// What is new since [`Admission::take_new`] was last called.
    new: Vec<u8>,
}

/// What an entry of [`Admission::take_new`] is: an id that must not come again, or a content with the
/// id of its document.
const ID: u8 = b'i';
const CONTENT: u8 = b'c';

/// What becomes of a document.
pub(super) enum Verdict {
    /// It is new.
    In,
    /// It has the content of the document of that id.
    Duplicate(Str),
    /// Its id came before.
    Refused(Box<Problem>),
}

/// The hash that two records of the same content share.
pub(super) fn hash(content: &[u8]) -> u128 {
    let mut head = [0; 16];
    head.copy_from_slice(&blake3::hash(content).as_bytes()[..16]);
    u128::from_le_bytes(head)
}

impl Admission {
    /// One source never gives two records the same place, so made ids need watching only where there
    /// are several.
    pub(super) fn new(several_sources: bool) -> Self {
        Self { ids: HashSet::new(), contents: HashMap::new(), several_sources, new: Vec::new() }
    }

    /// Decides on the next document, whose raw record has the hash `content`.
    ///
    /// An id that a source brings is trusted: two of its records are two documents. An id made from
    /// the place says nothing of the content, so there the content decides.
    pub(super) fn decide(
        &mut self,
        document: &Document,
        own_id: bool,
        content: u128,
        source: &str,
    ) -> Verdict {
        let made = parse_id(&document.doc_id).filter(|_| !own_id);
        let id =
            made.unwrap_or_else(|| parse_id(&id('d', &[document.doc_id.as_bytes()])).unwrap_or_default());
        if made.is_none() || self.several_sources {
            if !self.ids.insert(id) {
                return Verdict::Refused(Box::new(repeated(document, source)));
            }
            self.new.push(ID);
            self.new.extend(id);
        }
        match self.contents.get(&content) {
            _ if made.is_none() => Verdict::In,
            Some(first) => Verdict::Duplicate(id_text('d', first)),
            None => {
                self.contents.insert(content, id);
                self.new.push(CONTENT);
                self.new.extend(content.to_le_bytes());
                self.new.extend(id);
                Verdict::In
            }
        }
    }

    /// The ids and contents that are new since this was last called, for the journal.
    pub(super) fn take_new(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.new)
    }

    /// Takes back what [`Admission::take_new`] gave in a run that was killed.
    pub(super) fn recall(&mut self, mut seen: &[u8]) {
        while let Some((kind, rest)) = seen.split_first() {
            let Some((content, rest)) = (match *kind {
                CONTENT => rest.split_first_chunk().map(|(content, rest)| (Some(*content), rest)),
                _ => Some((None, rest)),
            }) else {
                break;
            };
            let Some((id, rest)) = rest.split_first_chunk::<10>() else { break };
            match content {
                Some(content) => {
                    self.contents.insert(u128::from_le_bytes(content), *id);
                }
                None => {
                    self.ids.insert(*id);
                }
            }
            seen = rest;
        }
    }
}

fn repeated(document: &Document, source: &str) -> Problem {
    let message = format!("the id {} came before; the first document keeps it", document.doc_id);
    document.problem(source, Severity::Error, "repeated_id", &message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(admission: &mut Admission, id: &str, own: bool, content: &str) -> String {
        let document = Document { doc_id: id.into(), ..Document::default() };
        match admission.decide(&document, own, hash(content.as_bytes()), "files") {
            Verdict::In => "in".to_owned(),
            Verdict::Duplicate(first) => format!("duplicate of {first}"),
            Verdict::Refused(problem) => problem.code.to_string(),
        }
    }

    #[test]
    fn content_decides_where_ids_are_made_and_ids_where_they_are_brought() {
        let (a, b) = (id('d', &[b"a.txt"]), id('d', &[b"b.txt"]));
        let mut admission = Admission::new(true);
        assert_eq!(decide(&mut admission, &a, false, "one"), "in");
        assert_eq!(decide(&mut admission, &b, false, "one"), format!("duplicate of {a}"));
        assert_eq!(decide(&mut admission, &b, false, "two"), "repeated_id");
        assert_eq!(decide(&mut admission, "7", true, "one"), "in");
        assert_eq!(decide(&mut admission, "8", true, "one"), "in");
        assert_eq!(decide(&mut admission, "7", true, "three"), "repeated_id");

        let mut resumed = Admission::new(true);
        resumed.recall(&admission.take_new());
        assert_eq!(decide(&mut resumed, "8", true, "one"), "repeated_id");
        assert_eq!(decide(&mut resumed, &b, false, "two"), "repeated_id");
        let c = id('d', &[b"c.txt"]);
        assert_eq!(decide(&mut resumed, &c, false, "one"), format!("duplicate of {a}"));
        assert_eq!(decide(&mut resumed, "9", true, "one"), "in");
        assert_eq!(resumed.take_new().len(), 2 * 11);
    }
}
