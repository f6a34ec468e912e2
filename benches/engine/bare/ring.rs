use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::draws::Draws;
use crate::ring::{PATIENCE, PERIOD};

/// What is due, in the low bits of an entry's payload; above it, an arming's number.
const BEAT: u64 = 0;
const HEARTBEAT: u64 = 1;
const SUSPICION: u64 = 2;
const KIND_BITS: u32 = 2;

/// What a receipt does to the instant of suspicion.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rearm {
    /// Pushes it anew; the entry that it replaces is passed over when it is due.
    Push,
    /// Writes it down; the one entry moves on by itself when it is due.
    Write,
}

/// The ring of heartbeats in a binary heap.
pub(crate) struct Ring {
    rearm: Rearm,
    queue: BinaryHeap<Reverse<(u64, u64, u32, u64)>>,
    pushes: u64,
    nodes: Vec<Node>,
    draws: Draws,
}

#[derive(Clone, Copy, Default)]
struct Node {
    heard: u64,
    armings: u64,
    deadline: u64,
}

impl Ring {
    pub(crate) fn new(rearm: Rearm, nodes: u32) -> Self {
        let mut ring = Self {
            rearm,
            queue: BinaryHeap::new(),
            pushes: 0,
            nodes: vec![Node::default(); nodes as usize],
            draws: Draws::new(),
        };
        for node in 0..nodes {
            let first = u64::from(ring.draws.below(PERIOD.as_nanos() as u32));
            ring.push(first, node, BEAT);
        }
        ring
    }

    /// Lets so many timers and arrivals happen; entries that are passed over or
    /// moved on are none.
    pub(crate) fn go_on(&mut self, events: u64) {
        let mut left = events;
        while left > 0 {
            let Some(Reverse((now, _, node, payload))) = self.queue.pop() else { return };
            let place = node as usize;
            match payload & ((1 << KIND_BITS) - 1) {
                BEAT => {
                    let next = if place + 1 == self.nodes.len() { 0 } else { node + 1 };
                    let arrival = now + self.draws.delay();
                    self.push(arrival, next, HEARTBEAT);
                    self.push(now + PERIOD.as_nanos() as u64, node, BEAT);
                }
                HEARTBEAT => {
                    self.nodes[place].heard += 1;
                    self.put_off(node, now + PATIENCE.as_nanos() as u64);
                }
                _ if self.rearm == Rearm::Push => {
                    assert!(payload >> KIND_BITS != self.nodes[place].armings, "nobody fails");
                    continue;
                }
                _ => {
                    let deadline = self.nodes[place].deadline;
                    assert!(deadline > now, "nobody fails");
                    self.push(deadline, node, SUSPICION);
                    continue;
                }
            }
            left -= 1;
        }
    }

    /// How many heartbeats arrived.
    pub(crate) fn heard(&self) -> u64 {
        self.nodes.iter().map(|node| node.heard).sum()
    }

    fn put_off(&mut self, node: u32, deadline: u64) {
        let state = &mut self.nodes[node as usize];
        let is_queued = state.deadline > 0;
        state.armings += 1;
        state.deadline = deadline;
        let payload = state.armings << KIND_BITS | SUSPICION;
        if self.rearm == Rearm::Push || !is_queued {
            self.push(deadline, node, payload);
        }
    }

    fn push(&mut self, at: u64, node: u32, payload: u64) {
        self.queue.push(Reverse((at, self.pushes, node, payload)));
        self.pushes += 1;
    }
}
