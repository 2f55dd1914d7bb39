//! The models that come with the crate do not allocate once their buffers have grown. This test counts
//! the allocations of its whole process, so it stands alone in it.

use std::alloc::System;

use claimline_language::Reading;
use claimline_language::name::{Name, names, names_in_tree};
use claimline_language::parse::{Arc, Workspace, parse};
use claimline_language::tag::{Forms, Tag, tag};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const TEXT: &str = "Acme Corp. said on Tuesday it bought the mill in Ohio for $44bn, which its rivals had \
    refused to sell. Ms. Roe, the company's president, didn't say who paid.\n\nThe shares rose.";

#[derive(Default)]
struct Buffers {
    reading: Reading,
    forms: Forms,
    workspace: Workspace,
    tags: Vec<Tag>,
    names: Vec<Name>,
    arcs: Vec<Arc>,
}

fn analyse(text: &str, buffers: &mut Buffers) {
    let Buffers { reading, forms, workspace, tags, names: found, arcs } = buffers;
    reading.clear();
    tags.clear();
    found.clear();
    arcs.clear();
    reading.read(text, 0..text.len());
    for sentence in reading.sentences() {
        let tokens = &reading.tokens()[sentence.tokens.clone()];
        let first = tags.len();
        tag(text, tokens, forms, tags);
        names(forms, &tags[first..], found);
        let parsed = arcs.len();
        parse(text, tokens, &tags[first..], workspace, arcs);
        names_in_tree(forms, &tags[first..], &arcs[parsed..], workspace, found);
    }
}

#[test]
fn a_text_is_analysed_without_allocating_once_the_buffers_have_grown() {
    let mut buffers = Buffers::default();
    analyse(TEXT, &mut buffers);
    let before = (buffers.tags.clone(), buffers.names.clone(), buffers.arcs.clone());
    let region = Region::new(ALLOCATOR);
    analyse(TEXT, &mut buffers);
    let change = region.change();
    assert_eq!((change.allocations, change.reallocations), (0, 0));
    assert_eq!((buffers.tags, buffers.names, buffers.arcs), before);
}
