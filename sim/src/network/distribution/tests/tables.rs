//! Every entry of every table computed again, in floating point and by other
//! formulas than it was made with; and how far the lines between the entries
//! are from the curves.
#![expect(clippy::float_arithmetic, reason = "an independent computation of what is tabulated")]
#![expect(clippy::cast_precision_loss, reason = "words have more bits than are compared")]

use super::super::halvings::Halvings;
use super::super::log_normal::{quantile, times_two_to};
use super::super::table::{LOGARITHM, POWER, QUANTILE};
use super::super::{exponential, table};

/// 2 to this power.
fn two_to(power: i32) -> f64 {
    2_f64.powi(power)
}

#[track_caller]
fn is_within_one(table: &[u32], expected: impl Fn(f64) -> f64) {
    for (place, &entry) in table.iter().enumerate() {
        let expected = expected(place as f64);
        assert!((f64::from(entry) - expected).abs() <= 1.0, "[{place}]: {entry}, not {expected}");
    }
}

#[test]
fn every_logarithm_is_right() {
    assert_eq!(LOGARITHM.len(), 257);
    // -ln(1 - x) = 2 artanh(x / (2 - x)), which is a sum of odd powers.
    is_within_one(&LOGARITHM, |place| {
        let x = place / 512.0;
        let y = x / (2.0 - x);
        let sum: f64 = (0..40).rev().map(|n| y.powi(2 * n + 1) / f64::from(2 * n + 1)).sum();
        2.0 * sum * two_to(27)
    });
}

#[test]
fn every_power_is_right() {
    assert_eq!(POWER.len(), 257);
    is_within_one(&POWER, |place| (place / 256.0).exp2().mul_add(two_to(26), -two_to(26)));
}

#[test]
fn every_quantile_is_right() {
    assert_eq!(QUANTILE.len(), 31 * 32 + 1);
    for (place, &entry) in (0..).zip(&QUANTILE) {
        let probability = two_to(-(place / 32 + 1)) * (1.0 - f64::from(place % 32) / 64.0);
        // Tails shrink as z grows: the quantile is within one unit if its tail is between those
        // of the neighbouring units.
        let tail = |z: f64| tail(z / two_to(23));
        let (before, after) = (tail(f64::from(entry) - 1.0), tail(f64::from(entry) + 1.0));
        let is_right = before >= probability && probability >= after;
        assert!(is_right, "[{place}]: {entry}, with {before}, {probability}, {after}");
    }
}

/// How likely a standard normal number exceeds z: below 3 by the series of odd powers (Laplace,
/// 1805), above by the continued fraction (Laplace, 1805).
fn tail(z: f64) -> f64 {
    if z < 3.0 {
        let (mut term, mut sum) = (z, 0.0);
        for odd in (3..200).step_by(2) {
            sum += term;
            term *= z * z / f64::from(odd);
        }
        density(z).mul_add(-sum, 0.5)
    } else {
        density(z) / (1..300).rev().fold(z, |fraction, n| z + f64::from(n) / fraction)
    }
}

fn density(z: f64) -> f64 {
    (-z * z / 2.0).exp() / std::f64::consts::TAU.sqrt()
}

/// Words all over, and at and about every entry: 2^16 even ones, and in each of the last halvings
/// 2^9 that are.
fn words() -> impl Iterator<Item = u64> {
    let even = (0..1 << 16).map(|n| n << 48 | n << 32 | n);
    let tails = (1..Halvings::MOST)
        .flat_map(|count| (0..512).map(move |n| !(u64::MAX >> count) | n << 55 >> (count + 1)));
    even.chain(tails).filter(|word| word.leading_ones() < Halvings::MOST)
}

/// How likely a greater word is.
fn left_over(word: u64) -> f64 {
    (!word) as f64 / two_to(64)
}

/// The greatest of all, which must be this one when rounded up to its digits.
#[track_caller]
fn greatest_is(errors: impl Iterator<Item = f64>, stated: f64) {
    let (mut least, mut most) = (0_f64, 0_f64);
    for error in errors {
        (least, most) = (least.min(error), most.max(error));
    }
    assert!(most <= stated && most > 0.9 * stated, "greatest error {most}, stated {stated}");
    // Straight lines lie above these curves, except where entries are rounded.
    assert!(least > -0.01 * stated, "least error {least}");
}

#[test]
fn the_logarithm_is_as_close_as_stated() {
    const MEAN: u64 = 1 << 50;
    let errors = words()
        .map(|word| exponential::span(MEAN, word) as f64 / MEAN as f64 + left_over(word).ln());
    greatest_is(errors, 2e-6);
}

#[test]
fn the_power_is_as_close_as_stated() {
    const SPAN: u64 = 1 << 50;
    let powers = (-37 << 12..37 << 12).map(|power: i64| power << 36);
    let errors = powers.map(|power| {
        let exact = (power as f64 / two_to(48)).exp2() * SPAN as f64;
        // What is rounded down to few nanoseconds tells nothing of the curve.
        if exact < two_to(40) { 0.0 } else { times_two_to(SPAN, power) as f64 / exact - 1.0 }
    });
    greatest_is(errors, 0.95e-6);
}

#[test]
fn the_quantile_is_as_close_as_stated() {
    let upper = words().filter(|word| word >> 63 == 1);
    let errors = upper.map(|word| {
        let z = quantile(word) as f64 / two_to(55);
        // One step of Newton's from z: the quantile is where the tail is what is left over.
        (left_over(word) - tail(z)) / density(z)
    });
    greatest_is(errors, 5.1e-5);
}

#[test]
fn what_is_between_two_entries_is_on_the_line() {
    for table in [&LOGARITHM[..], &POWER, &QUANTILE] {
        for entry in 0..table.len() - 1 {
            let at = |along| table::between(table, entry, along);
            let (low, high) = (u64::from(table[entry]) << 32, u64::from(table[entry + 1]) << 32);
            assert!(low < high && high < 1 << 60, "[{entry}]");
            assert_eq!((at(0), at(1 << 31)), (low, u64::midpoint(low, high)));
            assert!(at(u32::MAX) < high && high - at(u32::MAX) < 1 << 28);
        }
    }
}
