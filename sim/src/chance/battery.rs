//! Is the mixer random enough, walked in every order that a run walks it?
//!
//! The same questions are put to mixers that are known to be weak, so that
//! nobody needs to take the questions on trust.

use std::ops::Range;

use super::mixer::{Key, Secret, multiply};
use super::statistics::{ROW, TESTS, fair_bound};
use super::{Chance, Seed};

type Mixer = fn(&Secret, Key) -> u64;

/// The key at each place of an order.
type Order = fn(u64) -> Key;

const LENGTH: u64 = 1 << 18;

/// Orders as structured as a run's are.
const ORDERS: [(&str, Order); 8] = [
    ("the messages of one link", |n| Key::new(1, 1, 2, n, 0)),
    ("the messages of one link, from far on", |n| Key::new(2, 1, 2, (1 << 32) - 1_000 + n, 0)),
    ("counts that differ in their high halves", |n| Key::new(2, 1, 2, n << 32, 0)),
    ("one message on every link", |n| {
        Key::new(2, (n / ROW as u64) as u32, (n % ROW as u64) as u32, 1, 0)
    }),
    ("one message from each of many nodes", |n| Key::new(2, n as u32, 1, 1, 0)),
    ("word after word of one key", |n| Key::new(2, 1, 2, 3, n as u32)),
    ("four words of each message", |n| Key::new(2, 1, 2, n / 4, (n % 4) as u32)),
    ("every purpose of each message", |n| Key::new(1 + (n % 8) as u8, 1, 2, n / 8, 0)),
];

fn mixer(secret: &Secret, key: Key) -> u64 {
    secret.word(key)
}

fn one_product(Secret([first, second, ..]): &Secret, key: Key) -> u64 {
    let (low, high) = multiply(key.link ^ first, (key.count ^ second).wrapping_add(key.draw));
    low ^ high
}

fn two_products_without_a_secret(_: &Secret, key: Key) -> u64 {
    Secret([0; 4]).word(key)
}

fn a_sum(Secret([first, second, third, fourth]): &Secret, key: Key) -> u64 {
    let link = (first | 1).wrapping_mul(key.link);
    let count = (second | 1).wrapping_mul(key.count);
    link.wrapping_add(count).wrapping_add((third | 1).wrapping_mul(key.draw)) ^ fourth
}

fn secret(seed: u64) -> Secret {
    Chance::new(Seed(seed)).secret
}

/// The tests that these words fail.
fn failed(words: &[u64]) -> Vec<&'static str> {
    TESTS.iter().filter(|(_, test)| !test(words)).map(|(name, _)| *name).collect()
}

/// What a mixer fails, as order and test.
fn failures(mixer: Mixer, length: u64) -> Vec<(&'static str, &'static str)> {
    let mut failures = Vec::new();
    for (seed, (order, key)) in (0..).zip(ORDERS) {
        let secret = secret(seed);
        let words: Vec<u64> = (0..length).map(|n| mixer(&secret, key(n))).collect();
        failures.extend(failed(&words).into_iter().map(|test| (order, test)));
    }
    failures
}

/// How many of 2,048 trials turn this output bit over when this input bit is
/// turned: input bits 0..64 are the link's, then 64 of the count, 40 of purpose
/// and index, and from 168 the secret's 256.
fn turned(mixer: Mixer) -> impl Iterator<Item = (u32, [u64; 64])> {
    let trials: Vec<_> = (0..TRIALS)
        .map(|n| {
            let (a, b) = (n as u32 % 16, n as u32 / 16 % 8);
            (secret(n), Key::new((n % 5) as u8, a, b, n, (n % 3) as u32))
        })
        .collect();
    (0..SECRET_BITS.end).map(move |input| {
        let mut turned = [0; 64];
        for (secret, key) in &trials {
            let (mut other, mut changed) = (*secret, *key);
            match input {
                0..64 => changed.link ^= 1 << input,
                64..128 => changed.count ^= 1 << (input - 64),
                128..168 => changed.draw ^= 1 << (input - 128),
                _ => other.0[(input - 168) as usize / 64] ^= 1 << ((input - 168) % 64),
            }
            let difference = mixer(secret, *key) ^ mixer(&other, changed);
            (0..64).for_each(|bit| turned[bit] += difference >> bit & 1);
        }
        (input, turned)
    })
}

const TRIALS: u64 = 2_048;
const SECRET_BITS: Range<u32> = 168..424;

/// The half of the secret that enters between the multiplications.
const LATE_BITS: Range<u32> = 296..424;

/// Whether every output bit turns over about half the time, whatever is turned.
/// A late bit of the secret goes through one multiplication only; where it is
/// near the end of its word it may be off by a tenth. That is of no weight: it
/// takes two secrets that differ in one bit, and ChaCha8 gives no such pair.
fn avalanches(mixer: Mixer) -> bool {
    turned(mixer).all(|(input, turned)| {
        let bound = if LATE_BITS.contains(&input) { TRIALS / 5 } else { fair_bound(TRIALS) };
        turned.iter().all(|turned| (2 * turned).abs_diff(TRIALS) <= bound)
    })
}

#[test]
fn the_mixer_passes_every_test_in_every_order() {
    assert_eq!(failures(mixer, LENGTH), []);
}

#[test]
fn consecutive_seeds_pass_every_test() {
    let key = Key::new(1, 1, 2, 1, 0);
    let words: Vec<u64> = (0..LENGTH / 2).map(|seed| secret(seed).word(key)).collect();
    assert_eq!(failed(&words), [""; 0]);
}

#[test]
fn every_bit_of_secret_and_key_moves_every_bit_of_the_word() {
    assert!(avalanches(mixer));
}

#[test]
fn no_two_of_a_million_structured_keys_share_a_word() {
    let secret = secret(0);
    let keys = ORDERS.iter().flat_map(|(_, order)| (0..LENGTH / 2).map(order));
    let mut keyed: Vec<_> =
        keys.map(|key| (secret.word(key), key.link, key.count, key.draw)).collect();
    keyed.sort_unstable();
    // Orders overlap: the same key twice is no collision.
    keyed.dedup();
    assert!(keyed.len() > 900_000);
    assert!(keyed.windows(2).all(|two| two[0].0 != two[1].0));
}

#[test]
fn a_factor_of_zero_does_not_forget_the_other() {
    let key = |link: u64, count| Key { link, count, draw: 0 };
    let Secret([first, second, ..]) = secret(0);
    let mut words: Vec<u64> = (0..10_000).map(|n| secret(0).word(key(first, n))).collect();
    words.extend((0..10_000).map(|n| secret(0).word(key(n, second))));
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), 20_000);
}

#[test]
fn weak_mixers_are_found_out_and_every_test_finds_one() {
    let weak: [Mixer; 3] = [one_product, two_products_without_a_secret, a_sum];
    let failures = weak.map(|mixer| failures(mixer, LENGTH / 8));
    for (mixer, failures) in weak.iter().zip(&failures) {
        assert!(!avalanches(*mixer));
        assert!(failures.len() > TESTS.len());
    }
    for (name, _) in TESTS {
        let found = failures.iter().flatten().any(|(_, test)| *test == name);
        assert!(found, "nothing fails \"{name}\"");
    }
}
