//! Numbers for tests and for those who draw.

use std::ops::RangeInclusive;

use rehearsal::machine::Draw;

/// The next number of a sequence, which looks random: splitmix64 (Steele, Lea
/// and Flood 2014).
pub(crate) fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// Draws from such a sequence; that small ones are a little more frequent does
/// not matter here.
pub(crate) struct Chance(pub(crate) u64);

impl Draw for Chance {
    fn draw(&mut self, range: RangeInclusive<u64>) -> u64 {
        let span = (range.end() - range.start()).saturating_add(1);
        range.start() + random(&mut self.0) % span
    }
}
