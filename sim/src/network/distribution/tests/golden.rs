//! Values that must never change: seeds are worth keeping only while they hold.

use super::*;

const WORD: u64 = 0x0123_4567_89ab_cdef;
const TOP: u64 = u64::MAX;
/// Before and at the median, and before and at the place where tails are cut.
const WORDS: [u64; 9] =
    [0, (1 << 32) - 1, WORD, (1 << 63) - 1, 1 << 63, !WORD, !(1 << 33), !(1 << 32), TOP];

fn of_one_word(law: Distribution) -> [u64; 9] {
    WORDS.map(|word| sample(law, &[word]))
}

#[test]
fn fixed_spans_take_no_word() {
    assert_eq!(sample(Distribution::Fixed(millis(10)), &[]), 10_000_000);
}

#[test]
fn uniform_spans_are_golden() {
    let law = Distribution::Uniform(millis(1), millis(20));
    let words = [1, WORD, 1 << 63, !WORD, TOP];
    let drawn = words.map(|word| sample(law, &[word]));
    assert_eq!(drawn, [1_000_000, 1_084_444, 10_500_000, 19_915_556, 20_000_000]);
    // A word that would favour a span is drawn again.
    assert_eq!(sample(law, &[0, WORD]), drawn[1]);
    assert_eq!(sample(Distribution::Uniform(millis(7), millis(7)), &[]), 7_000_000);
}

#[test]
fn exponential_spans_are_golden() {
    assert_eq!(
        of_one_word(exponential(millis(10))),
        [0, 0, 44_547, 6_931_471, 6_931_471, 54_161_015, 214_875_626, 221_807_098, 221_807_098]
    );
    assert_eq!(of_one_word(exponential(nanos(1))), [0, 0, 0, 0, 0, 5, 21, 22, 22]);
    assert_eq!(
        of_one_word(exponential(nanos(800_000_000_000_000_000))),
        [
            0,
            186_082_260,
            3_563_789_129_132_091,
            554_517_745_970_953_508,
            554_517_745_971_679_687,
            4_332_881_265_110_314_766,
            17_190_050_125_121_344_133,
            17_744_567_871_093_023_821,
            17_744_567_871_093_023_821
        ]
    );
}

#[test]
fn bimodal_spans_are_golden() {
    let words = [1, WORD, !WORD, TOP];
    let rare = words.map(|word| sample(bimodal(1, 1_000), &[WORD >> 8, word]));
    assert_eq!(rare, [100_000_000, 104_000_000, 996_000_000, 1_000_000_000]);
    let usual = words.map(|word| sample(bimodal(1, 1_000), &[WORD, word]));
    assert_eq!(usual, [1_000_000, 1_017_777, 4_982_223, 5_000_000]);
    // What is certain takes no word.
    assert_eq!(words.map(|word| sample(bimodal(0, 1), &[word])), usual);
    assert_eq!(words.map(|word| sample(bimodal(1, 1), &[word])), rare);
}

#[test]
fn log_normal_spans_are_golden() {
    assert_eq!(
        of_one_word(log_normal(millis(10), 1, 2)),
        [
            443_727,
            443_727,
            2_703_162,
            10_000_000,
            10_000_000,
            36_993_733,
            213_356_394,
            225_363_819,
            225_363_819
        ]
    );
    assert_eq!(
        of_one_word(log_normal(nanos(1), 4, 1)),
        [0, 0, 0, 1, 1, 35_077, 42_938_120_709, 66_538_118_209, 66_538_118_209]
    );
    assert_eq!(
        of_one_word(log_normal(nanos(1 << 63), 1, 4_000_000_000)),
        [
            9_223_372_022_506_489_296,
            9_223_372_022_506_489_296,
            9_223_372_030_827_450_272,
            9_223_372_036_854_775_808,
            9_223_372_036_854_775_808,
            9_223_372_042_892_637_792,
            9_223_372_050_985_818_272,
            9_223_372_051_236_182_848,
            9_223_372_051_236_182_848
        ]
    );
    assert_eq!(
        of_one_word(log_normal(nanos(500_000_000), 7, 3)),
        [
            242,
            242,
            1_116_108,
            500_000_000,
            500_000_000,
            223_992_866_831,
            797_006_601_923_968,
            1_029_029_452_701_761,
            1_029_029_452_701_761
        ]
    );
}

#[test]
fn the_extreme_words_give_the_extreme_spans() {
    let laws = [
        exponential(millis(10)),
        log_normal(millis(10), 1, 2),
        log_normal(millis(10), 4, 1),
        log_normal(nanos(1), 1, 1),
    ];
    for law in laws {
        assert_eq!((sample(law, &[0]), sample(law, &[TOP])), (law.least(), law.most()), "{law}");
    }
}
