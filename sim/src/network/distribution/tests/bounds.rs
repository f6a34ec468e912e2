//! Whatever the parameters and the words: no panic, within the bounds, in order.

use proptest::prelude::*;

use super::*;

/// Any parameters, those included that [`Distribution::check`] refuses.
fn any_law() -> impl Strategy<Value = Distribution> {
    let range = || (any_span(), any_span()).prop_map(|(a, b)| (a.min(b), a.max(b)));
    prop_oneof![
        any_span().prop_map(Distribution::Fixed),
        range().prop_map(|(least, most)| Distribution::Uniform(least, most)),
        (range(), range(), any_fraction()).prop_map(|(usual, rare, (numerator, denominator))| {
            let share = Ratio::new(numerator.min(denominator), denominator).expect("it is one");
            Distribution::Bimodal { usual, rare, share }
        }),
        any_curve(),
    ]
}

/// Any of the laws that take exactly one word.
fn any_curve() -> impl Strategy<Value = Distribution> {
    prop_oneof![
        any_span().prop_map(Distribution::Exponential),
        (any_span(), any_fraction()).prop_map(|(median, (numerator, denominator))| {
            let most = denominator.saturating_mul(4);
            log_normal(median, numerator.clamp(1, most), denominator)
        }),
    ]
}

fn any_span() -> impl Strategy<Value = TimeSpan> {
    prop_oneof![0..100_u64, any::<u64>(), (0..64_u32).prop_map(|n| 1 << n)].prop_map(nanos)
}

fn any_fraction() -> impl Strategy<Value = (u32, u32)> {
    prop_oneof![(0..10_u32, 1..10_u32), (any::<u32>(), 1..=u32::MAX)]
}

/// A word, often one of those at which something begins or ends.
fn any_word() -> impl Strategy<Value = u64> {
    let edge = (0..64_u32, -2..=2_i64, any::<bool>()).prop_map(|(bit, by, flip)| {
        let word = (1_u64 << bit).wrapping_add_signed(by);
        if flip { !word } else { word }
    });
    prop_oneof![edge, any::<u64>()]
}

/// These words, then others: a sampler that refuses some finds one it takes.
struct Then<'a> {
    words: &'a [u64],
    other: u64,
}

impl Words for Then<'_> {
    fn word(&mut self) -> u64 {
        if let Some((first, rest)) = self.words.split_first() {
            self.words = rest;
            return *first;
        }
        // Weyl's sequence of the golden ratio: evenly spread.
        self.other = self.other.wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.other
    }
}

fn sampled(law: Distribution, words: &[u64]) -> u64 {
    law.sample(&mut Then { words, other: 0 })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_span_is_within_the_laws_bounds(law in any_law(), words in [any_word(), any_word()]) {
        let span = sampled(law, &words);
        prop_assert!((law.least()..=law.most()).contains(&span), "{law}: {span}");
    }

    #[test]
    fn a_greater_word_never_gives_a_shorter_span(
        law in any_curve(),
        one in any_word(),
        other in any_word(),
    ) {
        let (lesser, greater) = (one.min(other), one.max(other));
        let span = sample(law, &[lesser]);
        prop_assert!(span <= sample(law, &[greater]), "{law}");
        prop_assert!(span <= sample(law, &[lesser.saturating_add(1)]), "{law}");
    }

    #[test]
    fn a_law_that_is_accepted_has_bounds_in_order_and_none_of_its_spans_is_cut(law in any_law()) {
        prop_assume!(law.check().is_ok());
        prop_assert!(law.least() <= law.most());
        prop_assert!(law.longest() <= u64::MAX.into());
    }
}
