use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::draws::Draws;
use crate::walk::{Walks, neighbour};

/// The time, the number of the push, the recipient, the content.
type Entry = Reverse<(u64, u64, u32, u64)>;

/// Walking messages in a binary heap; ties are broken by insertion.
pub(crate) struct Heap {
    walks: Walks,
    queue: BinaryHeap<Entry>,
    pushes: u64,
    sums: Vec<u64>,
    draws: Draws,
}

impl Heap {
    pub(crate) fn new(walks: Walks, nodes: u32) -> Self {
        let queue = BinaryHeap::with_capacity(nodes as usize);
        let sums = vec![0; nodes as usize];
        let mut heap = Self { walks, queue, pushes: 0, sums, draws: Draws::new() };
        for node in 0..nodes {
            heap.send(0, node, walks.hops);
        }
        heap
    }

    /// Delivers so many messages, or all there are; tells how many.
    pub(crate) fn deliver(&mut self, most: u64) -> u64 {
        for delivered in 0..most {
            let Some(Reverse((now, _, node, hops))) = self.queue.pop() else { return delivered };
            let sum = &mut self.sums[node as usize];
            *sum = sum.wrapping_add(hops);
            if hops > 0 {
                self.send(now, node, hops - 1);
            }
        }
        most
    }

    /// What the deliveries came to.
    pub(crate) fn sum(&self) -> u64 {
        self.sums.iter().fold(0, |sum, next| sum.wrapping_add(*next))
    }

    fn send(&mut self, now: u64, from: u32, hops: u64) {
        let Walks { neighbours, .. } = self.walks;
        let which = self.draws.below(neighbours);
        let to = neighbour(from, which, self.sums.len() as u32, neighbours);
        self.queue.push(Reverse((now + self.draws.delay(), self.pushes, to, hops)));
        self.pushes += 1;
    }
}
