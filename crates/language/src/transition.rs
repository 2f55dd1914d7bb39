//! How a tree is built, one decision at a time: the arc-hybrid system (Kuhlmann, Gómez-Rodríguez and
//! Satta 2011, <https://aclanthology.org/P11-1068/>).
//!
//! Words wait on a stack and in a buffer, whose last item is the root. Each word is shifted once and
//! given its head once, so a sentence of `n` words takes `2 n` decisions.

/// A decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// The buffer's first word goes onto the stack.
    Shift,
    /// The stack's top depends on the buffer's first word.
    Left,
    /// The stack's top depends on the word below it.
    Right,
}

impl Move {
    /// All of them, by number.
    pub const ALL: [Move; 3] = [Move::Shift, Move::Left, Move::Right];
}

/// A word of the tree that grows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Node {
    /// Its head's place; the number of words is the root.
    pub head: u32,
    /// The number of its label.
    pub label: u8,
    /// One more than the label of its leftmost dependent; 0 without.
    pub left: u8,
    /// One more than the label of its rightmost dependent on the right.
    pub right: u8,
}

/// What stands where.
#[derive(Clone, Debug, Default)]
pub struct State {
    stack: Vec<u32>,
    next: usize,
    nodes: Vec<Node>,
}

impl State {
    /// A sentence of `words` words, none of them decided.
    pub fn begin(&mut self, words: usize) {
        self.stack.clear();
        self.next = 0;
        self.nodes.clear();
        self.nodes.resize(words + 1, Node::default());
    }

    /// How many words there are.
    pub fn words(&self) -> usize {
        self.nodes.len() - 1
    }

    /// The words, and at last the root.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The word `depth` below the stack's top.
    pub fn stacked(&self, depth: usize) -> Option<usize> {
        let place = self.stack.len().checked_sub(depth + 1)?;
        self.stack.get(place).map(|word| *word as usize)
    }

    /// The words on the stack, the top last.
    pub fn stack(&self) -> &[u32] {
        &self.stack
    }

    /// The buffer's first item; the number of words is the root.
    pub fn next(&self) -> usize {
        self.next
    }

    /// Whether every word has its head.
    pub fn is_done(&self) -> bool {
        self.stack.is_empty() && self.next == self.words()
    }

    /// Whether `step` can be taken; the root takes one dependent only.
    pub fn allows(&self, step: Move) -> bool {
        let at_root = self.next == self.words();
        match step {
            Move::Shift => !at_root,
            Move::Left => !self.stack.is_empty() && (!at_root || self.stack.len() == 1),
            Move::Right => self.stack.len() > 1,
        }
    }

    /// Takes a step that is allowed; `label` is of the dependent, and of no matter to a shift.
    pub fn take(&mut self, step: Move, label: u8) {
        if step == Move::Shift {
            self.stack.push(self.next as u32);
            self.next += 1;
            return;
        }
        let Some(word) = self.stack.pop() else { return };
        let head = match (step, self.stack.last()) {
            (Move::Right, Some(below)) => *below,
            _ => self.next as u32,
        };
        let node = &mut self.nodes[word as usize];
        (node.head, node.label) = (head, label);
        let head = &mut self.nodes[head as usize];
        match step {
            Move::Right => head.right = label + 1,
            _ => head.left = label + 1,
        }
    }
}
