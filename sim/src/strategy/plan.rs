//! A list of mishaps that shrinks further than proptest's own lists do. Those
//! try to leave elements out only once, before the elements shrink; but a
//! fault that was needed beside a heavy one often is not beside a light one.

use proptest::prelude::*;
use proptest::strategy::{NewTree, Union, ValueTree};
use proptest::test_runner::TestRunner;

use super::nodes::FaultStrategy;
use crate::fault::Fault;

/// Up to so many mishaps, as one flat list of faults.
#[derive(Clone, Debug)]
pub(super) struct Mishaps {
    pub(super) of: Union<FaultStrategy>,
    pub(super) most: usize,
}

impl Strategy for Mishaps {
    type Tree = Tree;
    type Value = Vec<Fault>;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let count = (0..=self.most).new_tree(runner)?.current();
        let mishap = |_| {
            let of: Box<dyn ValueTree<Value = Vec<Fault>>> = Box::new(self.of.new_tree(runner)?);
            Ok(Part { is_in: true, of })
        };
        let parts = (0..count).map(mishap).collect::<Result<_, Reason>>()?;
        Ok(Tree { parts, next: Next::LeaveOut(0), tried: None, has_shrunk: false })
    }
}

type Reason = proptest::test_runner::Reason;

/// Leaves out what it can, one by one, then shrinks what is left, and begins
/// again, until nothing shrinks any more.
pub(super) struct Tree {
    parts: Vec<Part>,
    next: Next,
    /// What was tried last, and may have to be taken back.
    tried: Option<Next>,
    has_shrunk: bool,
}

struct Part {
    is_in: bool,
    of: Box<dyn ValueTree<Value = Vec<Fault>>>,
}

#[derive(Clone, Copy)]
enum Next {
    LeaveOut(usize),
    Shrink(usize),
}

impl ValueTree for Tree {
    type Value = Vec<Fault>;

    fn current(&self) -> Vec<Fault> {
        self.parts.iter().filter(|part| part.is_in).flat_map(|part| part.of.current()).collect()
    }

    fn simplify(&mut self) -> bool {
        loop {
            let next = self.next;
            match next {
                Next::LeaveOut(place) => match self.parts.get_mut(place) {
                    Some(part) => {
                        self.next = Next::LeaveOut(place + 1);
                        if std::mem::replace(&mut part.is_in, false) {
                            self.tried = Some(next);
                            return true;
                        }
                    }
                    None => self.next = Next::Shrink(0),
                },
                Next::Shrink(place) => match self.parts.get_mut(place) {
                    Some(part) => {
                        if part.is_in && part.of.simplify() {
                            self.has_shrunk = true;
                            self.tried = Some(next);
                            return true;
                        }
                        self.next = Next::Shrink(place + 1);
                    }
                    // A part that cannot shrink any more never can again: this ends.
                    None if std::mem::take(&mut self.has_shrunk) => {
                        self.next = Next::LeaveOut(0);
                    }
                    None => return false,
                },
            }
        }
    }

    fn complicate(&mut self) -> bool {
        match self.tried {
            Some(Next::LeaveOut(place)) => {
                self.parts[place].is_in = true;
                self.tried = None;
                true
            }
            Some(Next::Shrink(place)) => {
                let goes_back = self.parts[place].of.complicate();
                if !goes_back {
                    self.tried = None;
                }
                goes_back
            }
            None => false,
        }
    }
}
