//! Logarithm, power and normal quantile in integers: the same on every machine,
//! which no floating-point library promises.
//!
//! Each function is tabulated at even steps and taken to be straight between
//! them, in integers that lose nothing: what comes out is exactly on the line,
//! so it grows where the table does. The logarithm need only be known over one
//! octave, `-ln(1 - x)` for x up to a half, since each halving more adds ln 2;
//! the power likewise, since the whole part of its exponent is a shift. The
//! normal quantile has no such law, so its table has 32 steps for each halving
//! of the tail, fine where it is steep. The entries were computed with 50
//! decimal digits and rounded to the nearest; a test recomputes every one in
//! another way. Straight lines lie above these three curves, by at most (and
//! this, too, is a test):
//!
//! | table | entries | greatest error |
//! |---|---|---|
//! | [`LOGARITHM`] | 257 | 2 · 10⁻⁶ |
//! | [`POWER`] | 257 | 10⁻⁶ of the power |
//! | [`QUANTILE`] | 993 | 5.1 · 10⁻⁵ |
//!
//! So an exponential span is longer by at most 2 · 10⁻⁶ means than it should
//! be, and a log-normal one is off by a share of at most 5.1 · 10⁻⁵ times its
//! spread, and 10⁻⁶.

mod logarithm;
mod power;
mod quantile;

pub(super) use logarithm::LOGARITHM;
pub(super) use power::POWER;
pub(super) use quantile::QUANTILE;

/// What lies `along / 2^32` of the way from this entry to the next, in units of
/// 2⁻³² of the table's.
#[inline]
pub(super) fn between(table: &[u32], entry: usize, along: u32) -> u64 {
    let (low, high) = (u64::from(table[entry]), u64::from(table[entry + 1]));
    // Every table grows, and its entries are below 2^28.
    (low << 32) + (high - low) * u64::from(along)
}
