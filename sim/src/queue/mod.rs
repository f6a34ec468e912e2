//! What is pending, in one total order that depends on identities only.
//!
//! Two things due at the same instant are ordered by what they are (a fault
//! before a start before news of a session before a message before a timer
//! before a command) and then by the nodes they concern, never by when they were put in. So an edit in one
//! place reshuffles nothing elsewhere. What is made for the current instant comes next.
//!
//! # The idea
//!
//! What is pending lies in a wheel of buckets of time, as on a desk calendar:
//! a push drops it into its day, a pop turns to the next day that is not
//! empty. Neither compares it with anything, so neither costs more when more
//! is pending. That is a calendar queue (Brown, "Calendar queues", 1988) on a
//! timing wheel (Varghese and Lauck, "Hashed and hierarchical timing wheels",
//! 1987). To be exact to the nanosecond with buckets that are wider, each
//! bucket keeps its smallest key in front, and is sorted when that is taken.
//!
//! - **Few entries** ([`small`]): up to 12 are in no order and no wheel.
//! - **The wheel** ([`wheel`], [`bitmap`]): sixteen or more buckets for each
//!   entry, so that nearly all hold one or none. A processor guesses wrong
//!   about each comparison in a heap; taking the only one of a bucket needs no
//!   guess. With half as many one push in four meets another entry, with
//!   twice as many they would take more memory than the entries themselves.
//! - **The bucket at hand** ([`opened`]): sorted if it held several; what is
//!   pushed into it now goes to a heap.
//! - **The far future**: what is due after more than one turn waits in a heap
//!   and is compared with the wheel, not moved into it.
//! - **Calibration** ([`calibration`]): the width of a bucket follows from what
//!   is pending whenever that has doubled, and from what passes through.
//! - **Slots** ([`slab`]): keys and payloads do not move, and their slots are
//!   used again: a steady state allocates nothing.
//!
//! The worst there can be is all at one instant or no shape that fits: then it
//! is a sort or a heap, no worse than n log n. Beside a bare binary heap of
//! times and numbers in the order of insertion, with as many pushes as pops
//! and delays of 1 to 10 ms, it is about 1.3 times as fast with 10 pending, as
//! fast with 16, 1.7 times with 1,024 and 1.8 with 65,536; with delays that are
//! all the same, which that heap need not sort, 0.5 to 0.9 times.

mod bitmap;
mod calibration;
mod key;
mod opened;
mod slab;
mod small;
#[cfg(test)]
mod tests;
mod wheel;

use rehearsal_machine::Time;

pub(crate) use key::{Key, MOST_COPIES, MOST_NODES};
use slab::Slab;
use small::Small;
use wheel::Wheel;

/// With this few pending, a wheel is given up again: half of what it takes to
/// begin one, so that a number that goes up and down by a few costs neither.
const FEW: usize = small::MOST / 2;

/// What is pending. Nothing may be pushed for a time before what was popped
/// last; for that very instant it may, and comes next.
pub(crate) struct Queue<T> {
    slab: Slab<T>,
    small: Small,
    wheel: Wheel,
    /// Whether what is pending is in the wheel, or else in `small`.
    turning: bool,
    /// When what was popped last was due.
    now: u64,
}

impl<T> Queue<T> {
    /// An empty queue, which allocates nothing until it is pushed to.
    pub(crate) fn new() -> Self {
        let (slab, small, wheel) = (Slab::new(), Small::new(), Wheel::new());
        Self { slab, small, wheel, turning: false, now: 0 }
    }

    #[expect(clippy::inline_always, reason = "key and payload are made where they stay this way")]
    #[inline(always)]
    pub(crate) fn push(&mut self, key: Key, payload: T) {
        debug_assert!(key.at().as_nanos() >= self.now, "what is due lies ahead");
        let slot = self.slab.insert(key, payload);
        self.put(slot, key);
    }

    #[inline]
    fn put(&mut self, slot: u32, key: Key) {
        if self.turning {
            self.wheel.push(&mut self.slab, slot, self.now);
        } else if self.small.is_full() {
            self.begin_wheel(slot);
        } else {
            self.small.push(slot, key.at().as_nanos());
        }
    }

    #[cfg(test)]
    pub(crate) fn pop(&mut self) -> Option<(Key, T)> {
        self.pop_until(u64::MAX)
    }

    /// Pops what comes next, if it is due before `until`.
    #[expect(clippy::inline_always, reason = "what is popped is not copied twice this way")]
    #[inline(always)]
    pub(crate) fn pop_before(&mut self, until: Time) -> Option<(Key, T)> {
        self.pop_until(until.as_nanos().checked_sub(1)?)
    }

    #[expect(clippy::inline_always, reason = "what is popped is not copied twice this way")]
    #[inline(always)]
    fn pop_until(&mut self, limit: u64) -> Option<(Key, T)> {
        let slot = if self.turning {
            self.wheel.pop(&mut self.slab, limit, self.now)?
        } else {
            self.small.pop(&self.slab, limit)?
        };
        let (key, payload) = self.slab.remove(slot);
        self.now = key.at().as_nanos();
        if self.turning && self.slab.len() <= FEW {
            self.end_wheel();
        }
        Some((key, payload))
    }

    /// The key of what probably comes next, if a look tells.
    #[inline]
    pub(crate) fn peek(&self) -> Option<&Key> {
        if self.turning { self.wheel.peek(&self.slab) } else { None }
    }

    /// Reads what a push for this instant will read; the value means nothing.
    #[inline]
    pub(crate) fn peek_at(&self, at: Time) -> u64 {
        if self.turning { self.wheel.peek_at(&self.slab, at.as_nanos()) } else { 0 }
    }

    /// When the next thing is due.
    #[cfg(test)]
    pub(crate) fn next_at(&self) -> Option<Time> {
        let at = if self.turning { self.wheel.next_at(&self.slab) } else { self.small.next_at() };
        at.map(Time::from_nanos)
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.slab.len()
    }

    /// All that is pending, in no order that means anything.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Key, &T)> {
        self.slab.iter()
    }

    /// The same, whose payloads can be exchanged.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&Key, &mut T)> {
        self.slab.iter_mut()
    }

    /// Makes it a new queue that keeps the memory of this one.
    pub(crate) fn clear(&mut self) {
        if self.turning {
            self.wheel.clear(&mut self.slab);
        }
        self.small.clear();
        self.slab.clear();
        self.turning = false;
        self.now = 0;
    }

    #[cold]
    fn begin_wheel(&mut self, slot: u32) {
        let mut chain = slot;
        for &slot in self.small.slots() {
            self.slab.link(slot, chain);
            chain = slot;
        }
        self.small.clear();
        self.turning = true;
        self.wheel.fill(&mut self.slab, chain, self.now);
    }

    #[cold]
    fn end_wheel(&mut self) {
        let chain = self.wheel.gather(&mut self.slab);
        for slot in self.slab.chain(chain) {
            self.small.push(slot, self.slab.at(slot));
        }
        self.turning = false;
    }
}
