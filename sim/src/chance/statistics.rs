//! What random words are asked, in integers: each test is a bound of six
//! standard deviations, which true chance passes in all but a few of a million cases.
//! A sequence can be too even as well as too uneven.

use super::Words;

/// Whether a sequence of words passes. Of a length that [`GROUP`] divides.
pub(super) type Test = fn(&[u64]) -> bool;

/// All of them, by name.
pub(super) const TESTS: [(&str, Test); 12] = [
    ("each bit is fair", |words| bits_are_fair(words.iter().copied())),
    ("each bit changes half the time", |words| bits_are_fair(neighbours(words, 1, |a, b| a ^ b))),
    ("high bytes are even", |words| are_even(256, words.iter().map(|word| word >> 56))),
    ("low bytes are even", |words| are_even(256, words.iter().map(|word| word & 0xff))),
    ("hundredths are even", |words| {
        are_even(100, words.iter().map(|&word| Once(word).uniform(0..=99)))
    }),
    ("neighbours' high bits are independent", |words| {
        are_even(256, neighbours(words, 1, |a, b| a >> 60 << 4 | b >> 60))
    }),
    ("neighbours' low bits are independent", |words| {
        are_even(256, neighbours(words, 1, |a, b| (a & 15) << 4 | (b & 15)))
    }),
    ("rows are independent", |words| {
        are_even(256, neighbours(words, ROW, |a, b| a >> 60 << 4 | b >> 60))
    }),
    ("differences are even", |words| {
        are_even(256, neighbours(words, 1, |a, b| b.wrapping_sub(a) >> 56))
    }),
    ("triples are independent", |words| {
        let triple = |three: &[u64]| three.iter().fold(0, |cell, word| cell << 4 | word >> 60);
        are_even(4_096, words.windows(3).map(triple))
    }),
    ("spacings of high halves repeat as often as chance has it", |words| {
        spacings_repeat_as_they_should(words, |word| word >> 32)
    }),
    ("spacings of low halves repeat as often as chance has it", |words| {
        spacings_repeat_as_they_should(words, |word| word & 0xffff_ffff)
    }),
];

/// The length of a row where words are walked in rows.
pub(super) const ROW: usize = 512;

/// How many birthdays are looked at together.
pub(super) const GROUP: usize = 4_096;

/// How far a fair coin, thrown this often, may be from its mean, doubled.
pub(super) fn fair_bound(throws: u64) -> u64 {
    6 * throws.isqrt()
}

/// Pearson's chi-squared test (1900): do the cells all get about as much?
pub(super) fn are_even(cells: u64, of: impl Iterator<Item = u64>) -> bool {
    let mut seen = vec![0_u64; cells as usize];
    of.for_each(|cell| seen[cell as usize] += 1);
    let total: u64 = seen.iter().sum();
    let squares: u64 = seen.iter().map(|count| count * count).sum();
    let freedom = cells - 1;
    // chi-squared = cells * squares / total - total; mean: freedom, variance: 2 * freedom.
    (cells * squares).abs_diff(total * (total + freedom)) <= total * 6 * (2 * freedom).isqrt()
}

fn bits_are_fair(words: impl Iterator<Item = u64>) -> bool {
    let (mut ones, mut total) = ([0_u64; 64], 0);
    for word in words {
        (0..64).for_each(|bit| ones[bit] += word >> bit & 1);
        total += 1;
    }
    ones.iter().all(|ones| (2 * ones).abs_diff(total) <= fair_bound(total))
}

fn neighbours(
    words: &[u64],
    distance: usize,
    with: fn(u64, u64) -> u64,
) -> impl Iterator<Item = u64> {
    words.iter().zip(&words[distance..]).map(move |(&a, &b)| with(a, b))
}

/// Birthday spacings (Marsaglia, 1985): of n birthdays in a year of d days,
/// n^3 / 4d of the gaps between them have a length that another has too.
fn spacings_repeat_as_they_should(words: &[u64], birthday: fn(u64) -> u64) -> bool {
    let repeats = words.chunks_exact(GROUP).map(|group| {
        let mut days: Vec<u64> = group.iter().map(|&word| birthday(word)).collect();
        days.sort_unstable();
        let mut gaps: Vec<u64> = days.windows(2).map(|two| two[1] - two[0]).collect();
        gaps.sort_unstable();
        gaps.windows(2).filter(|two| two[0] == two[1]).count() as u64
    });
    let expected = 4 * (words.len() / GROUP) as u64;
    repeats.sum::<u64>().abs_diff(expected) <= 6 * expected.isqrt()
}

/// One word to sample from, and others should it be refused.
struct Once(u64);

impl Words for Once {
    fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(1);
        self.0.wrapping_sub(1)
    }
}
