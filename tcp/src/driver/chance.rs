use std::ops::RangeInclusive;
use std::time::Duration;

use rand::RngExt as _;
use rand_chacha::ChaCha12Rng;
use rehearsal_machine::{Draw, nanos};

use crate::random::generator;

/// The randomness of a real node: a generator seeded by the operating system.
pub(super) struct Chance(ChaCha12Rng);

impl Chance {
    pub(super) fn new() -> Self {
        Self(generator())
    }

    /// A uniform span from this range; of an empty range its start.
    pub(super) fn span(&mut self, range: &RangeInclusive<Duration>) -> Duration {
        Duration::from_nanos(self.draw(nanos(*range.start())..=nanos(*range.end())))
    }
}

impl Draw for Chance {
    fn draw(&mut self, range: RangeInclusive<u64>) -> u64 {
        if range.is_empty() { *range.start() } else { self.0.random_range(range) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_a_range_is_drawn_and_no_other() {
        let mut chance = Chance::new();
        let mut drawn = [0_u32; 5];
        for _ in 0..1_000 {
            drawn[chance.draw(1..=3) as usize] += 1;
        }
        assert!(drawn[1..=3].iter().all(|times| *times > 200), "{drawn:?}");
        assert_eq!((drawn[0], drawn[4]), (0, 0));
        assert_eq!(chance.draw(u64::MAX..=u64::MAX), u64::MAX);
    }

    #[test]
    #[expect(clippy::reversed_empty_ranges, reason = "a machine may name an empty range")]
    fn an_empty_range_yields_its_start() {
        assert_eq!(Chance::new().draw(3..=2), 3);
    }
}
