//! The log-normal law: a span is its median times `e^(spread · z)`, with z a
//! standard normal number, which is read from a table of its quantiles
//! (inversion; Devroye, "Non-Uniform Random Variate Generation", 1986, chapter
//! II). The upper half of the words gives those above 0, the lower half their
//! mirror image.

use super::halvings::Halvings;
use super::table::{self, POWER, QUANTILE};
use crate::source::Spread;

/// The span that belongs to this word, in nanoseconds rounded down: never
/// shorter for a greater word. z is within 6.2303 of 0.
#[inline]
pub(super) fn span(median: u64, spread: Spread, word: u64) -> u128 {
    let is_above = word >> 63 == 1;
    let z = quantile(if is_above { word } else { !word });
    // At most 6.2303 · 4 / ln 2, below 2^6, in units of 2^-48.
    let octaves = ((u128::from(z) * u128::from(spread.in_octaves())) >> 55) as i64;
    times_two_to(median, if is_above { octaves } else { -octaves })
}

/// The quantile of a word in the upper half, in units of 2⁻⁵⁵.
#[inline]
pub(super) fn quantile(word: u64) -> u64 {
    let Halvings { count, further } = Halvings::of(word);
    let entry = u64::from(count - 1) << 5 | further >> 58;
    table::between(&QUANTILE, entry as usize, (further >> 26) as u32)
}

/// The span times two to this power, which is in units of 2⁻⁴⁸ and between -37 and 37.
#[inline]
pub(super) fn times_two_to(span: u64, power: i64) -> u128 {
    let (whole, part) = (power >> 48, power.cast_unsigned() & ((1 << 48) - 1));
    let factor = (1 << 58) + table::between(&POWER, (part >> 40) as usize, (part >> 8) as u32);
    (u128::from(span) * u128::from(factor)) >> (58 - whole)
}
