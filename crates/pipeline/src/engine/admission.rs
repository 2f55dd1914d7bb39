//! Lets each document in once: an id that came before is a problem, content that came before is a
//! duplicate that skips the stages.

use std::collections::{BTreeMap, BTreeSet};

use claimline_model::{Document, Id, Problem, Severity, Str, id, id_text, parse_id};

use crate::run_folder::Seen;

/// What has been let in so far: some 40 bytes a document, 16 for one that brings its own id. Trees, since
/// they grow evenly; a hash table doubles.
pub(super) struct Admission {
    ids: BTreeSet<Id>,
    contents: BTreeMap<u128, Id>,
    several_sources: bool,
}

/// What becomes of a document.
pub(super) enum Verdict {
    /// It is new.
    In(Seen),
    /// It has the content of the document of that id.
    Duplicate(Seen, Str),
    /// Its id came before.
    Refused(Box<Problem>),
}

/// What tells a raw record from others.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    /// The hash that two records of the same content share.
    pub(super) content: u128,
    /// The hash of where it lay.
    pub(super) place: u64,
}

impl Mark {
    pub(super) fn new(content: &[u8], uri: &str, member: Option<&str>) -> Self {
        let mut place = blake3::Hasher::new();
        place.update(&(uri.len() as u64).to_le_bytes()).update(uri.as_bytes());
        place.update(member.unwrap_or_default().as_bytes());
        Self {
            content: u128::from_le_bytes(head(&blake3::hash(content))),
            place: u64::from_le_bytes(head(&place.finalize())),
        }
    }
}

fn head<const N: usize>(hash: &blake3::Hash) -> [u8; N] {
    let mut head = [0; N];
    head.copy_from_slice(&hash.as_bytes()[..N]);
    head
}

impl Admission {
    /// One source never gives two records the same place, so made ids need watching only where there
    /// are several.
    pub(super) fn new(several_sources: bool) -> Self {
        Self { ids: BTreeSet::new(), contents: BTreeMap::new(), several_sources }
    }

    /// Decides on the next document, whose raw record has that `mark`.
    ///
    /// An id that a source brings is trusted: two of its records are two documents. An id made from
    /// the place says nothing of the content, so there the content decides.
    pub(super) fn decide(&mut self, document: &Document, own_id: bool, mark: Mark, source: &str) -> Verdict {
        let made = parse_id(&document.doc_id).filter(|_| !own_id);
        let id =
            made.unwrap_or_else(|| parse_id(&id('d', &[document.doc_id.as_bytes()])).unwrap_or_default());
        let Mark { content, place } = mark;
        let first = self.contents.get(&content).copied().filter(|_| made.is_some());
        let seen = Seen {
            owns_id: made.is_none() || self.several_sources,
            owns_content: made.is_some() && first.is_none(),
            first,
            content,
            place,
            id,
            ..Seen::default()
        };
        if seen.owns_id && self.ids.contains(&id) {
            return Verdict::Refused(Box::new(repeated(document, source)));
        }
        self.recall(&seen);
        match first {
            Some(first) => Verdict::Duplicate(seen, id_text('d', &first)),
            None => Verdict::In(seen),
        }
    }

    /// Lets in what a run before has let in, if the same can be said of it today.
    pub(super) fn decide_as_before(&mut self, seen: &Seen) -> bool {
        let same = !(seen.owns_id && self.ids.contains(&seen.id))
            && match seen.first {
                Some(first) => self.contents.get(&seen.content) == Some(&first),
                None => !(seen.owns_content && self.contents.contains_key(&seen.content)),
            };
        if same {
            self.recall(seen);
        }
        same
    }

    /// Remembers what was let in, now or in a run that was killed.
    pub(super) fn recall(&mut self, seen: &Seen) {
        if seen.owns_id {
            self.ids.insert(seen.id);
        }
        if seen.owns_content {
            self.contents.insert(seen.content, seen.id);
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

    fn decide(admission: &mut Admission, id: &str, own: bool, content: &str) -> (String, Seen) {
        let document = Document { doc_id: id.into(), ..Document::default() };
        match admission.decide(&document, own, Mark::new(content.as_bytes(), id, None), "files") {
            Verdict::In(seen) => ("in".to_owned(), seen),
            Verdict::Duplicate(seen, first) => (format!("duplicate of {first}"), seen),
            Verdict::Refused(problem) => (problem.code.to_string(), Seen::default()),
        }
    }

    #[test]
    fn content_decides_where_ids_are_made_and_ids_where_they_are_brought() {
        let (a, b, c) = (id('d', &[b"a.txt"]), id('d', &[b"b.txt"]), id('d', &[b"c.txt"]));
        let of_a = format!("duplicate of {a}");
        let documents = [
            (&*a, false, "one", "in"),
            (&b, false, "one", &of_a),
            (&b, false, "two", "repeated_id"),
            ("7", true, "one", "in"),
            ("8", true, "one", "in"),
            ("7", true, "three", "repeated_id"),
        ];
        let (mut admission, mut resumed) = (Admission::new(true), Admission::new(true));
        let mut let_in = Vec::new();
        for (id, own, content, expected) in documents {
            let (verdict, seen) = decide(&mut admission, id, own, content);
            assert_eq!(verdict, expected);
            resumed.recall(&seen);
            let_in.push(seen);
        }
        assert_eq!(decide(&mut resumed, "8", true, "one").0, "repeated_id");
        assert_eq!(decide(&mut resumed, &b, false, "two").0, "repeated_id");
        assert_eq!(decide(&mut resumed, &c, false, "one").0, of_a);
        assert_eq!(decide(&mut resumed, "9", true, "one").0, "in");

        // The next day a.txt is gone, and with it what b.txt was a duplicate of.
        let mut next = Admission::new(true);
        assert!(!next.decide_as_before(&let_in[1]));
        assert_eq!(decide(&mut next, &b, false, "one").0, "in");
        assert!(next.decide_as_before(&let_in[3]));
        assert!(!next.decide_as_before(&let_in[3]));
        assert!(!next.decide_as_before(&let_in[0]));
    }
}
