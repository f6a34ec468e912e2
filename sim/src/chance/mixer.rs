//! The mixer behind keyed draws: a secret and a key in, one word out.
//!
//! Two widening multiplications, as the short-key path of wyhash (Wang Yi,
//! 2019) and rapidhash (Nicolas De Carli, 2024) has them, with two changes:
//!
//! - A product forgets one factor where the other is zero. Each factor is
//!   therefore xored back onto the half of the product it feeds ("protected"
//!   mode of wyhash): a link whose number happens to meet the secret's still
//!   gives every count a word of its own.
//! - Purpose and index are no third factor, but enter both multiplications:
//!   the first one spread over all 64 bits, the second one unchanged. The
//!   several draws of one message are thus as far apart as two messages are.
//!
//! Each secret word enters before the last multiplication, so every output
//! bit depends on every bit of secret and key. It is not a cipher, and need not be:
//! nobody who could gain by guessing the next word sees them.

/// The secret of a run, expanded from its seed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Secret(pub(super) [u64; 4]);

/// What one word is drawn for, packed so that different draws have different keys.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) link: u64,
    pub(super) count: u64,
    pub(super) draw: u64,
}

/// The fractional part of the golden ratio in 64 bits, as in splitmix64
/// (Steele, Lea and Flood, 2014): small multiples of it are far apart.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

impl Key {
    #[inline]
    pub(super) const fn new(purpose: u8, a: u32, b: u32, count: u64, index: u32) -> Self {
        Self {
            link: (a as u64) << 32 | b as u64,
            count,
            draw: (purpose as u64) << 32 | index as u64,
        }
    }
}

impl Secret {
    /// The word of this key.
    #[inline]
    pub(super) const fn word(&self, key: Key) -> u64 {
        let Self([first, second, third, fourth]) = *self;
        let link = key.link ^ first ^ key.draw.wrapping_mul(GOLDEN);
        let count = key.count ^ second;
        let (low, high) = multiply(link, count);
        let (low, high) = multiply(low ^ count ^ third ^ key.draw, high ^ link ^ fourth);
        low ^ high
    }
}

/// The low and the high half of the full product.
#[inline]
pub(super) const fn multiply(a: u64, b: u64) -> (u64, u64) {
    let product = a as u128 * b as u128;
    (product as u64, (product >> 64) as u64)
}
