use super::draws::Draws;
use crate::walk::{Walks, neighbour};

/// Buckets of 1,024 ns, a little more than the longest delay around.
const BUCKET_BITS: u32 = 10;
const BUCKETS: usize = 16_384;
const WORDS: usize = BUCKETS / 64;
const NONE: u32 = u32::MAX;

/// Walking messages in a wheel of buckets, chained through one slab; a message
/// that is sent on keeps its slot. Inside a bucket there is no order at all.
pub(crate) struct Wheel {
    walks: Walks,
    slots: Vec<Slot>,
    heads: Vec<u32>,
    /// A bit for each bucket that holds something, and one for each word of those.
    full: [u64; WORDS],
    full_words: [u64; WORDS / 64],
    /// The bucket at hand, and what is left of it.
    bucket: usize,
    rest: u32,
    sums: Vec<u64>,
    draws: Draws,
}

#[derive(Clone, Copy)]
struct Slot {
    at: u64,
    hops: u64,
    to: u32,
    next: u32,
}

impl Wheel {
    pub(crate) fn new(walks: Walks, nodes: u32) -> Self {
        let mut wheel = Self {
            walks,
            slots: vec![Slot { at: 0, hops: walks.hops, to: 0, next: NONE }; nodes as usize],
            heads: vec![NONE; BUCKETS],
            full: [0; WORDS],
            full_words: [0; WORDS / 64],
            bucket: 0,
            rest: NONE,
            sums: vec![0; nodes as usize],
            draws: Draws::new(),
        };
        for node in 0..nodes {
            wheel.send(node, node, 0, walks.hops);
        }
        wheel
    }

    /// Delivers so many messages; there are always some.
    pub(crate) fn deliver(&mut self, count: u64) {
        for _ in 0..count {
            if self.rest == NONE {
                self.turn();
            }
            let slot = self.rest;
            let Slot { at, hops, to, next } = self.slots[slot as usize];
            self.rest = next;
            let sum = &mut self.sums[to as usize];
            *sum = sum.wrapping_add(hops);
            self.send(slot, to, at, hops - 1);
        }
    }

    /// What the deliveries came to.
    pub(crate) fn sum(&self) -> u64 {
        self.sums.iter().fold(0, |sum, next| sum.wrapping_add(*next))
    }

    fn send(&mut self, slot: u32, from: u32, now: u64, hops: u64) {
        let Walks { neighbours, .. } = self.walks;
        let which = self.draws.below(neighbours);
        let to = neighbour(from, which, self.sums.len() as u32, neighbours);
        let at = now + self.draws.delay();
        let bucket = (at >> BUCKET_BITS) as usize % BUCKETS;
        self.slots[slot as usize] = Slot { at, hops, to, next: self.heads[bucket] };
        self.heads[bucket] = slot;
        self.full[bucket / 64] |= 1 << (bucket % 64);
        self.full_words[bucket / 4_096] |= 1 << (bucket / 64 % 64);
    }

    /// Takes the next bucket that holds something.
    fn turn(&mut self) {
        let word = self.bucket / 64;
        let here = self.full[word] & (!0 << (self.bucket % 64));
        let word = if here == 0 { self.next_word(word + 1) } else { word };
        // Behind the bucket at hand is only what comes a turn later; there the word is whole.
        let bits = if here == 0 { self.full[word] } else { here };
        self.bucket = word * 64 + bits.trailing_zeros() as usize;
        self.full[word] &= !(1 << (self.bucket % 64));
        if self.full[word] == 0 {
            self.full_words[word / 64] &= !(1 << (word % 64));
        }
        self.rest = std::mem::replace(&mut self.heads[self.bucket], NONE);
    }

    /// The next word with a bit, from this one on, around the wheel.
    fn next_word(&self, from: usize) -> usize {
        let from = from % WORDS;
        let mut part = from / 64;
        let mut bits = self.full_words[part] & (!0 << (from % 64));
        while bits == 0 {
            part = (part + 1) % self.full_words.len();
            bits = self.full_words[part];
        }
        part * 64 + bits.trailing_zeros() as usize
    }
}
