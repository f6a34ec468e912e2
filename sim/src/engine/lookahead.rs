//! Messages of the short way that have been sent, and whose arrival is not
//! known yet.
//!
//! A message takes the network's least delay at least. So long nothing that
//! happens can depend on when exactly it arrives, and finding that out can be
//! put off, to be done for several at once: in a large world it means a look
//! at memory that nobody has looked at for long, and a processor that has many
//! such looks to take waits for all of them together. (What lies between now
//! and the first possible effect is the *lookahead* of parallel simulators:
//! Chandy and Misra, "Distributed simulation", 1979.)

use rehearsal_machine::{Machine, Time};

use crate::network::Link;
use crate::source::TimeSpan;

/// The messages that wait, in the order in which they were sent.
pub(super) struct Lookahead<M: Machine> {
    pub(super) sent: Vec<Sent<M>>,
    /// How long a message takes at least; nothing, if they are not to wait.
    least: TimeSpan,
}

pub(super) struct Sent<M: Machine> {
    /// When it was sent; then, when it arrives.
    pub(super) at: Time,
    pub(super) link: Link,
    /// Which it is on its link, once that is known.
    pub(super) count: u32,
    pub(super) message: M::Message,
}

/// Worlds of fewer nodes fit into a processor's caches: there is nothing to wait for.
const FEWEST_NODES: usize = 512;
/// So many wait at most: about as many reads as a processor has under way.
const MOST: usize = 16;

impl<M: Machine> Lookahead<M> {
    /// For so many nodes, whose messages take `least` at least.
    pub(super) fn new(nodes: usize, least: u64) -> Self {
        let least = if nodes < FEWEST_NODES { 0 } else { least };
        Self { sent: Vec::new(), least: TimeSpan::from_nanos(least) }
    }

    pub(super) fn clear(&mut self) {
        self.sent.clear();
    }

    #[inline]
    pub(super) fn is_open(&self) -> bool {
        self.least != TimeSpan::ZERO
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.sent.is_empty()
    }

    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.sent.len() >= MOST
    }

    /// What is due before this cannot be one of the messages that wait.
    #[inline]
    pub(super) fn horizon(&self) -> Time {
        self.sent.first().map_or(Time::MAX, |first| first.at + self.least)
    }

    #[inline]
    pub(super) fn put_off(&mut self, at: Time, link: Link, message: M::Message) {
        self.sent.push(Sent { at, link, count: 0, message });
    }
}
