use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

/// Delays of 1 to 10 ms, in nanoseconds.
const LEAST: u64 = 1_000_000;
const SPAN: u32 = 9_000_001;

/// One sequential stream for everything. ChaCha8 again, a word for each number.
pub(super) struct Draws(ChaCha8Rng);

impl Draws {
    pub(super) fn new() -> Self {
        Self(ChaCha8Rng::seed_from_u64(1))
    }

    /// A number below `bound`, by one multiplication (Lemire 2019) and without
    /// his rejection: the bias is below one in a hundred.
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        ((u64::from(self.0.next_u32()) * u64::from(bound)) >> 32) as u32
    }

    pub(super) fn delay(&mut self) -> u64 {
        LEAST + u64::from(self.below(SPAN))
    }
}
