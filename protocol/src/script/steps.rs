use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;
use core::{fmt, iter};

use super::{MessageRecord, Number};
use rehearsal_machine::NodeId;

/// Every node's own steps, one node after the other in one flat list.
#[derive(Clone)]
pub(super) struct Steps {
    /// Where each node's steps start; one more, which is where the last ones end.
    starts: Box<[usize]>,
    numbers: Box<[Number]>,
    /// The nodes whose steps are no longer in script order.
    reordered: BTreeSet<NodeId>,
}

/// However they came into their order.
impl PartialEq for Steps {
    fn eq(&self, other: &Self) -> bool {
        self.starts == other.starts && self.numbers == other.numbers
    }
}

impl Eq for Steps {}

/// Why an order cannot stand in for a node's projection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReorderError {
    /// The order leaves out this step of the node.
    Missing {
        /// Whose order it is.
        node: NodeId,
        /// The lowest number left out.
        number: Number,
    },
    /// The order has a message that the node neither sends nor receives.
    NotOwn {
        /// Whose order it is.
        node: NodeId,
        /// The lowest such number.
        number: Number,
    },
    /// No user of the script is this node.
    Stranger {
        /// The node asked for.
        node: NodeId,
    },
    /// The order has a step more than once.
    Twice {
        /// Whose order it is.
        node: NodeId,
        /// The lowest number repeated.
        number: Number,
    },
}

impl Steps {
    /// The steps of this many users, in script order; linear in the messages.
    pub(super) fn new(users: usize, messages: &[MessageRecord]) -> Self {
        let mut starts = vec![0; users + 1];
        for message in messages {
            for node in parties(message) {
                starts[node.index() + 1] += 1;
            }
        }
        let mut total = 0;
        for start in &mut starts {
            total += *start;
            *start = total;
        }
        let mut free = starts.clone();
        let mut numbers = vec![Number::FIRST; total];
        for (index, message) in messages.iter().enumerate() {
            for node in parties(message) {
                let place = &mut free[node.index()];
                numbers[*place] = Number::from_index(index);
                *place += 1;
            }
        }
        Self { starts: starts.into(), numbers: numbers.into(), reordered: BTreeSet::new() }
    }

    pub(super) fn of(&self, node: NodeId) -> &[Number] {
        match self.starts.get(node.index()..).unwrap_or(&[]) {
            [start, end, ..] => &self.numbers[*start..*end],
            _ => &[],
        }
    }

    /// Where among its own steps a node has this one, counted from 0.
    pub(super) fn place(&self, node: NodeId, number: Number) -> Option<usize> {
        let own = self.of(node);
        if self.reordered.contains(&node) {
            return own.iter().position(|step| *step == number);
        }
        own.binary_search(&number).ok()
    }

    pub(super) fn reorder(&mut self, node: NodeId, order: &[Number]) -> Result<(), ReorderError> {
        let Some([start, end, ..]) = self.starts.get(node.index()..) else {
            return Err(ReorderError::Stranger { node });
        };
        let own = &mut self.numbers[*start..*end];
        check_permutation(node, own, order)?;
        own.copy_from_slice(order);
        self.reordered.insert(node);
        Ok(())
    }
}

/// The nodes that have this message among their steps.
fn parties(message: &MessageRecord) -> impl Iterator<Item = NodeId> + use<> {
    iter::once(message.from).chain((message.to != message.from).then_some(message.to))
}

fn check_permutation(node: NodeId, own: &[Number], order: &[Number]) -> Result<(), ReorderError> {
    let own = sorted(own);
    let order = sorted(order);
    if let Some(pair) = order.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(ReorderError::Twice { node, number: pair[0] });
    }
    let is_in = |list: &[Number], number| list.binary_search(&number).is_ok();
    if let Some(&number) = order.iter().find(|&&number| !is_in(&own, number)) {
        return Err(ReorderError::NotOwn { node, number });
    }
    if let Some(&number) = own.iter().find(|&&number| !is_in(&order, number)) {
        return Err(ReorderError::Missing { node, number });
    }
    Ok(())
}

fn sorted(numbers: &[Number]) -> Vec<Number> {
    let mut numbers = numbers.to_vec();
    numbers.sort_unstable();
    numbers
}

impl fmt::Display for ReorderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { node, number } => {
                write!(f, "message {number} is missing in the order of {node}")
            }
            Self::NotOwn { node, number } => {
                write!(f, "{node} neither sends nor receives message {number}")
            }
            Self::Stranger { node } => write!(f, "the script has no user {node}"),
            Self::Twice { node, number } => {
                write!(f, "message {number} is more than once in the order of {node}")
            }
        }
    }
}

impl core::error::Error for ReorderError {}
