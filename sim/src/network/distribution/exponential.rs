//! The exponential law: a span is its mean times `-ln(1 - u)`, with u uniform
//! from 0 to 1 (inversion; Devroye, "Non-Uniform Random Variate Generation",
//! 1986, chapter II). Each halving of `1 - u` adds ln 2; what is left is read
//! from a table.

use super::halvings::Halvings;
use super::table::{self, LOGARITHM};

/// The span that belongs to this word, in nanoseconds rounded down: never
/// shorter for a greater word, and up to 32 ln 2 = 22.2 times the mean.
#[inline]
pub(super) fn span(mean: u64, word: u64) -> u128 {
    const LN_2: u64 = (LOGARITHM[256] as u64) << 32;
    let Halvings { count, further } = Halvings::of(word);
    let rest = table::between(&LOGARITHM, (further >> 55) as usize, (further >> 23) as u32);
    // 32 ln 2 is below 2^5, in units of 2^-59.
    let means = u64::from(count) * LN_2 + rest;
    (u128::from(mean) * u128::from(means)) >> 59
}
