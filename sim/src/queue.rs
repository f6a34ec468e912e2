//! What is pending, in one total order that depends on identities only.
//!
//! Two things due at the same instant are ordered by what they are (a fault
//! before a start before a message before a timer before a command) and then
//! by whom they concern, never by when they were put in. An edit here thereby
//! reshuffles nothing there. What is made for this very instant comes next.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rehearsal_protocol::{NodeId, Time};

/// When something is due, and its place among what is due then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    at: Time,
    /// Class, then destination, then source: 4 + 30 + 30 bits.
    rank: u64,
    /// What tells apart two of the same rank: a count, and the copy in the low bits.
    count: u64,
}

#[derive(Clone, Copy)]
enum Class {
    Fault,
    Start,
    Message,
    Timer,
    Command,
}

const NODE_BITS: u32 = 30;
const NODE_MASK: u32 = (1 << NODE_BITS) - 1;
const COPY_BITS: u32 = 8;

/// Nodes a world can have, so that two of them and a class fit into a rank.
pub(crate) const MOST_NODES: u32 = 1 << 20;
/// Copies of one message that can be told apart.
pub(crate) const MOST_COPIES: usize = 1 << COPY_BITS;

impl Key {
    pub(crate) fn at(&self) -> Time {
        self.at
    }

    /// The same thing, due then.
    pub(crate) fn moved_to(self, at: Time) -> Self {
        Self { at, ..self }
    }

    /// Calm comes before the faults of its instant.
    pub(crate) fn calm(at: Time) -> Self {
        Self::new(at, Class::Fault, 0, 0, 0)
    }

    pub(crate) fn fault(at: Time, place: usize) -> Self {
        Self::new(at, Class::Fault, 0, 0, place as u64 + 1)
    }

    /// What a fault of this place brings about later, for a node or for none.
    pub(crate) fn follows(at: Time, place: usize, node: Option<NodeId>) -> Self {
        let node = node.map_or(0, NodeId::number);
        Self::new(at, Class::Fault, node, 1, place as u64 + 1)
    }

    /// What waited for the end of a node's pause comes before what comes now.
    pub(crate) fn backlog(at: Time, node: NodeId) -> Self {
        Self::new(at, Class::Start, node.number(), 1, 0)
    }

    pub(crate) fn start(at: Time, node: NodeId) -> Self {
        Self::new(at, Class::Start, node.number(), 0, 0)
    }

    pub(crate) fn message(at: Time, from: NodeId, to: NodeId, count: u32, copy: u8) -> Self {
        let count = u64::from(count) << COPY_BITS | u64::from(copy);
        Self::new(at, Class::Message, to.number(), from.number(), count)
    }

    pub(crate) fn timer(at: Time, node: NodeId, arming: u64) -> Self {
        Self::new(at, Class::Timer, node.number(), 0, arming)
    }

    pub(crate) fn command(at: Time, node: NodeId, place: usize) -> Self {
        Self::new(at, Class::Command, node.number(), 0, place as u64)
    }

    /// Of a message, a deadline or a command: for whom.
    pub(crate) fn to(&self) -> NodeId {
        // Those keys are made of a node's number.
        NodeId::new((self.rank >> NODE_BITS) as u32 & NODE_MASK).expect("a node's key")
    }

    /// Of a message: by whom.
    pub(crate) fn from(&self) -> NodeId {
        NodeId::new(self.rank as u32 & NODE_MASK).expect("a message's key")
    }

    /// Of a message: its count on its link, and which copy it is.
    pub(crate) fn count_and_copy(&self) -> (u32, u8) {
        ((self.count >> COPY_BITS) as u32, self.count as u8)
    }

    /// Of a deadline: its node's arming.
    pub(crate) fn arming(&self) -> u64 {
        self.count
    }

    fn new(at: Time, class: Class, major: u32, minor: u32, count: u64) -> Self {
        let rank =
            (class as u64) << (2 * NODE_BITS) | u64::from(major) << NODE_BITS | u64::from(minor);
        Self { at, rank, count }
    }
}

/// A priority queue of small keys; the payloads stay where they are, in a slab
/// whose slots are used again, so a steady state allocates nothing.
pub(crate) struct Queue<T> {
    keys: BinaryHeap<Reverse<(Key, u32)>>,
    slots: Vec<Option<T>>,
    free: Vec<u32>,
}

impl<T> Queue<T> {
    pub(crate) fn new() -> Self {
        Self { keys: BinaryHeap::new(), slots: Vec::new(), free: Vec::new() }
    }

    pub(crate) fn push(&mut self, key: Key, payload: T) {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            // Four billion pending payloads would not fit in memory.
            u32::try_from(self.slots.len() - 1).expect("the queue is full")
        });
        self.slots[slot as usize] = Some(payload);
        self.keys.push(Reverse((key, slot)));
    }

    pub(crate) fn pop(&mut self) -> Option<(Key, T)> {
        let Reverse((key, slot)) = self.keys.pop()?;
        self.free.push(slot);
        // A key is pushed with its payload and popped once.
        let payload = self.slots[slot as usize].take().expect("a key has its payload");
        Some((key, payload))
    }

    pub(crate) fn pop_before(&mut self, until: Time) -> Option<(Key, T)> {
        if self.next_at()? < until { self.pop() } else { None }
    }

    pub(crate) fn clear(&mut self) {
        self.keys.clear();
        self.slots.clear();
        self.free.clear();
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Key, &T)> {
        self.keys
            .iter()
            .filter_map(|Reverse((key, slot))| Some((key, self.slots[*slot as usize].as_ref()?)))
    }

    /// When the next thing is due.
    pub(crate) fn next_at(&self) -> Option<Time> {
        self.keys.peek().map(|Reverse((key, _))| key.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(number: u32) -> NodeId {
        NodeId::new(number).expect("not zero")
    }

    #[test]
    fn a_tie_is_broken_by_class_then_identity_and_never_by_insertion() {
        let now = Time::from_millis(5);
        let order = [
            Key::command(Time::ZERO, node(9), 9),
            Key::calm(now),
            Key::fault(now, 0),
            Key::fault(now, 1),
            Key::start(now, node(1)),
            Key::start(now, node(2)),
            Key::message(now, node(3), node(1), 7, 0),
            Key::message(now, node(1), node(2), 1, 0),
            Key::message(now, node(1), node(2), 1, 1),
            Key::message(now, node(1), node(2), 2, 0),
            Key::message(now, node(3), node(2), 0, 0),
            Key::timer(now, node(1), 2),
            Key::timer(now, node(2), 1),
            Key::command(now, node(1), 5),
            Key::command(now, node(2), 3),
        ];
        // Steps that share no factor with the length: each goes through the keys in another order.
        assert_eq!(order.len(), 15);
        for step in [1, 2, 4, 7, 8, 11, 13, 14] {
            let mut queue = Queue::new();
            for turn in 0..order.len() {
                let place = turn * step % order.len();
                queue.push(order[place], place);
            }
            let popped: Vec<Key> = std::iter::from_fn(|| queue.pop()).map(|(key, _)| key).collect();
            assert_eq!(popped, order, "inserted with step {step}");
        }
    }

    #[test]
    fn slots_are_used_again() {
        let mut queue = Queue::new();
        for round in 0..1_000 {
            queue.push(Key::start(Time::from_millis(round), node(1)), round);
            queue.push(Key::start(Time::from_millis(round + 1), node(2)), round);
            assert!(queue.pop().is_some() && queue.pop().is_some());
        }
        assert_eq!(queue.slots.len(), 2);
    }
}
