//! Numbers and decisions from random words, in integers only.

use std::ops::RangeInclusive;

/// A source of random words, and what can be drawn from them.
///
/// How many words a draw takes is as frozen as its value, since it moves what
/// is drawn after it: one for each attempt of [`Words::uniform`] and
/// [`Words::happens`], and none where the outcome is certain beforehand.
pub trait Words {
    /// The next word: 64 independent, fair bits.
    fn word(&mut self) -> u64;

    /// A number from this range, each with exactly the same probability; its
    /// start, without taking a word, if the range is empty or holds one number.
    ///
    /// Takes one word, and another one with a probability of less than
    /// length / 2^64. The method is Lemire's ("Fast Random Integer Generation
    /// in an Interval", 2019): the high half of a product is the number, the
    /// low half tells when to try again.
    #[expect(
        clippy::inline_always,
        reason = "a key that is asked once stays in registers this way"
    )]
    #[inline(always)]
    fn uniform(&mut self, range: RangeInclusive<u64>) -> u64 {
        let (start, end) = range.into_inner();
        if start >= end {
            return start;
        }
        match (end - start).checked_add(1) {
            None => self.word(),
            Some(length) => start + self.below(length),
        }
    }

    /// Whether something of this probability happens: exactly `numerator` out
    /// of `denominator` times.
    ///
    /// Takes no word where that is certain: never for `0/n`, `0/0` included,
    /// and always for `n/n` and whatever is above.
    #[inline]
    fn happens(&mut self, numerator: u32, denominator: u32) -> bool {
        if numerator == 0 {
            return false;
        }
        numerator >= denominator || self.below(denominator.into()) < numerator.into()
    }

    /// A number below `length`, which is not 0.
    #[doc(hidden)]
    #[inline]
    fn below(&mut self, length: u64) -> u64 {
        loop {
            if let Some(number) = scaled(self.word(), length) {
                return number;
            }
        }
    }
}

/// The number below `length`, which is not 0, that a word gives; none if the
/// word is one of the 2^64 mod `length` that are too many.
#[inline]
pub(super) fn scaled(word: u64, length: u64) -> Option<u64> {
    let product = u128::from(word) * u128::from(length);
    let (low, high) = (product as u64, (product >> 64) as u64);
    // The division is needed only where the low half is this small, that is, rarely.
    (low >= length || is_even_share(low, length)).then_some(high)
}

#[cold]
fn is_even_share(low: u64, length: u64) -> bool {
    low >= length.wrapping_neg() % length
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives these words, then panics: a sampler that takes one too many is found out.
    struct Given<'a>(&'a [u64]);

    impl Words for Given<'_> {
        fn word(&mut self) -> u64 {
            let (first, rest) = self.0.split_first().expect("no more words were to be taken");
            self.0 = rest;
            *first
        }
    }

    const WORD: u64 = 0x0123_4567_89ab_cdef;

    #[test]
    fn uniform_numbers_are_golden() {
        let top = u64::MAX;
        let drawn = [0..=1, 0..=9, 10..=1_000_000, 1..=top, top - 1..=top, 0..=top]
            .map(|range| Given(&[WORD]).uniform(range));
        assert_eq!(drawn, [0, 0, 4_454, 0x0123_4567_89ab_cdef, top - 1, WORD]);
        let drawn = [0..=1, 0..=9, 10..=1_000_000, 1..=top, top - 1..=top, 0..=top]
            .map(|range| Given(&[!WORD]).uniform(range));
        assert_eq!(drawn, [1, 9, 995_556, !WORD, top, !WORD]);
    }

    #[test]
    fn a_certain_number_takes_no_word() {
        assert_eq!(Given(&[]).uniform(7..=7), 7);
        #[expect(clippy::reversed_empty_ranges, reason = "an empty range is what is tested")]
        let empty = 7..=3;
        assert_eq!(Given(&[]).uniform(empty), 7);
        assert_eq!(Given(&[]).uniform(u64::MAX..=u64::MAX), u64::MAX);
    }

    #[test]
    fn a_word_that_would_favour_a_number_is_drawn_again() {
        // 2^64 mod 3 = 1: of all words only 0 is one too many.
        let mut words = Given(&[0, 0, 1]);
        assert_eq!(words.uniform(0..=2), 0);
        assert!(words.0.is_empty());
        // 2^64 mod (2^63 + 1) = 2^63 - 1: nearly every other word is refused.
        let mut words = Given(&[0, 2, u64::MAX]);
        assert_eq!(words.uniform(0..=1 << 63), 1 << 63);
        assert!(words.0.is_empty());
    }

    #[test]
    fn a_power_of_two_refuses_no_word() {
        for length in [2, 1 << 32, 1 << 63] {
            assert_eq!(Given(&[0]).uniform(0..=length - 1), 0);
            assert_eq!(Given(&[u64::MAX]).uniform(0..=length - 1), length - 1);
        }
    }

    #[test]
    fn what_is_certain_takes_no_word() {
        for (numerator, denominator) in [(0, 1), (0, 0), (0, u32::MAX)] {
            assert!(!Given(&[]).happens(numerator, denominator));
        }
        for (numerator, denominator) in [(1, 1), (u32::MAX, u32::MAX), (2, 1), (1, 0)] {
            assert!(Given(&[]).happens(numerator, denominator));
        }
    }

    #[test]
    fn what_may_happen_does_so_for_exactly_its_share_of_the_words() {
        // Words spread evenly, one of each hundredth: no outcome but the exact one fits.
        let hundredth = u64::MAX / 100;
        let words: Vec<u64> = (0..100).map(|n| n * hundredth + hundredth / 2).collect();
        for numerator in 1..100 {
            let happened = words.iter().filter(|&&word| Given(&[word]).happens(numerator, 100));
            assert_eq!(happened.count(), numerator as usize);
        }
    }
}
