use std::ops::RangeInclusive;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;
use rehearsal_machine::Draw;

use super::Words;

/// Names a sequence of draws. Each has its own words, whatever is drawn from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    /// The options of a run, drawn before it begins.
    Options,
    /// The commands that owners give.
    Workload,
}

/// The number of the ChaCha stream from which a run's secret comes.
pub(super) const SECRET: u64 = 0;

impl Stream {
    /// Its number as a ChaCha stream; [`SECRET`] is none of them.
    pub(super) const fn number(self) -> u64 {
        match self {
            Self::Options => 1,
            Self::Workload => 2,
        }
    }
}

/// The words of one [`Stream`], in their order, from its first.
///
/// It takes about 320 bytes and, made and asked for its first word, 100 ns:
/// where it may never be needed, make it when it is.
#[derive(Clone, Debug)]
pub struct Sequence(ChaCha8Rng);

impl Sequence {
    pub(super) fn new(generator: ChaCha8Rng) -> Self {
        Self(generator)
    }
}

impl Words for Sequence {
    #[expect(
        clippy::inline_always,
        reason = "most of what a run does is this, and a call of it shows"
    )]
    #[inline(always)]
    fn word(&mut self) -> u64 {
        self.0.next_u64()
    }
}

impl Draw for Sequence {
    #[inline]
    fn draw(&mut self, range: RangeInclusive<u64>) -> u64 {
        self.uniform(range)
    }
}
