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
}

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
        Self { ids: HashSet::new(), contents: HashMap::new(), several_sources }
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
        if (made.is_none() || self.several_sources) && !self.ids.insert(id) {
            return Verdict::Refused(Box::new(repeated(document, source)));
        }
        match self.contents.get(&content) {
            _ if made.is_none() => Verdict::In,
            Some(first) => Verdict::Duplicate(id_text('d', first)),
            None => {
                self.contents.insert(content, id);
                Verdict::In
            }
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
    }
}
