use std::fmt;
use std::ops::RangeInclusive;

use chacha20::ChaCha8Rng;
use chacha20::rand_core::Rng;
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
pub struct Sequence(ChaCha8Rng);

impl Sequence {
    pub(super) fn new(generator: ChaCha8Rng) -> Self {
        Self(generator)
    }
}

/// The copy goes on with the same words.
impl Clone for Sequence {
    fn clone(&self) -> Self {
        Self(ChaCha8Rng::deserialize_state(&self.0.serialize_state()))
    }
}

impl fmt::Debug for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(generator) = self;
        let (stream, place) = (generator.get_stream(), generator.get_word_pos());
        f.debug_struct("Sequence").field("stream", &stream).field("place", &place).finish()
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
