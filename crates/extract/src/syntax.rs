//! How much grammar is read of a sentence, and the buffers to read it in.

use claimline_language::chunk::chunk;
use claimline_language::parse::{Arc, Workspace, parse};
use claimline_language::syntax::Tree;
use claimline_language::tag::{Forms, Tag, tag};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::cursor::Cursor;

/// How much grammar is read of a sentence that claims something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Syntax {
    /// A tree, by the parser's model: subjects, objects and what hangs on them.
    #[default]
    Tree,
    /// Noun phrases and verbs, by parts of speech alone: faster, and often wrong in long sentences.
    Chunks,
}

/// Reads how the words of a sentence hang together, in buffers to be used again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Syntactician {
    forms: Forms,
    workspace: Workspace,
    arcs: Vec<Arc>,
    /// How many tokens were parsed.
    pub(crate) parsed: u64,
}

impl Syntactician {
    /// Appends the tag of each token of a sentence.
    pub(crate) fn tag(&mut self, words: &Cursor<'_>, tags: &mut Vec<Tag>) {
        tag(words.source(), words.tokens(), &mut self.forms, tags);
    }

    /// The tree of a sentence that has these tags.
    pub(crate) fn tree<'s>(
        &'s mut self,
        words: &Cursor<'s>,
        tags: &'s [Tag],
        syntax: Syntax,
    ) -> Option<Tree<'s>> {
        let (text, tokens) = (words.source(), words.tokens());
        self.arcs.clear();
        match syntax {
            Syntax::Tree => {
                self.parsed += tokens.len() as u64;
                parse(text, tokens, tags, &mut self.workspace, &mut self.arcs);
            }
            Syntax::Chunks => chunk(tokens, tags, &mut self.arcs),
        }
        Tree::new(tokens, tags, &self.arcs)
    }
}
