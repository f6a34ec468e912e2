//! Many spans of each law against its closed form. Words are keyed, so a test
//! that passes always passes; bounds are five standard errors, which chance
//! alone would exceed for one of a million other seeds.
#![expect(clippy::float_arithmetic, reason = "closed forms are compared with, nothing is drawn")]
#![expect(clippy::cast_precision_loss, reason = "spans here are below 2^53")]

use super::*;
use crate::chance::{Chance, Purpose, Seed};

const DRAWS: u32 = 250_000;
const ERRORS: f64 = 5.0;

/// What a distribution is known by: its moments, in nanoseconds, and its quantiles.
struct Form {
    mean: f64,
    deviation: f64,
    /// The fourth central moment over the deviation's fourth power.
    kurtosis: f64,
    quantile: fn(f64) -> f64,
}

fn drawn(law: Distribution) -> Vec<f64> {
    let chance = Chance::new(Seed(1));
    let spans = (0..DRAWS).map(|n| law.sample(&mut chance.keyed(Purpose::Delay, 1, 2, n.into())));
    spans.map(|span| span as f64).collect()
}

#[track_caller]
fn has_the_form(law: Distribution, form: &Form) {
    let (spans, draws) = (drawn(law), f64::from(DRAWS));
    let is_near = |what: &str, found: f64, expected: f64, error: f64| {
        let off = (found - expected) / error;
        assert!(off.abs() <= ERRORS, "{law}: {what} {found}, not {expected}, off by {off} errors");
    };
    let mean = spans.iter().sum::<f64>() / draws;
    is_near("mean", mean, form.mean, form.deviation / draws.sqrt());
    let variance = spans.iter().map(|span| (span - form.mean).powi(2)).sum::<f64>() / draws;
    let expected = form.deviation.powi(2);
    is_near("variance", variance, expected, expected * ((form.kurtosis - 1.0) / draws).sqrt());
    // How many lie below a quantile is binomial, whatever the law.
    for share in [0.01, 0.1, 0.5, 0.9, 0.99, 0.999] {
        let bound = (form.quantile)(share);
        let below = spans.iter().filter(|span| **span < bound).count() as f64 / draws;
        is_near(
            &format!("share below {bound}"),
            below,
            share,
            (share * (1.0 - share) / draws).sqrt(),
        );
    }
}

#[test]
fn uniform_spans_have_their_mean_deviation_and_quantiles() {
    let form = Form {
        mean: 3e6,
        deviation: 4e6 / 12_f64.sqrt(),
        kurtosis: 1.8,
        quantile: |share| share.mul_add(4e6, 1e6),
    };
    has_the_form(Distribution::Uniform(millis(1), millis(5)), &form);
    has_the_form(bimodal(0, 1), &form);
}

#[test]
fn exponential_spans_have_their_mean_deviation_and_quantiles() {
    let quantile = |share: f64| -10e6 * (-share).ln_1p();
    let form = Form { mean: 10e6, deviation: 10e6, kurtosis: 9.0, quantile };
    has_the_form(exponential(millis(10)), &form);
}

#[test]
fn bimodal_spans_have_their_mean_deviation_and_quantiles() {
    const SHARE: f64 = 1.0 / 50.0;
    let (usual, rare) = ((1e6, 5e6), (100e6, 1_000e6));
    let mixed = |of: &dyn Fn((f64, f64)) -> f64| (1.0 - SHARE) * of(usual) + SHARE * of(rare);
    let mean = mixed(&|(least, most)| f64::midpoint(least, most));
    // The integral of (x - mean)^n over a range, divided by its length.
    let moment = |n: i32| {
        mixed(&|(least, most)| {
            let power = |x: f64| (x - mean).powi(n + 1) / f64::from(n + 1);
            (power(most) - power(least)) / (most - least)
        })
    };
    let quantile = |share: f64| match share - (1.0 - SHARE) {
        beyond if beyond > 0.0 => (beyond / SHARE).mul_add(900e6, 100e6),
        _ => (share / (1.0 - SHARE)).mul_add(4e6, 1e6),
    };
    let kurtosis = moment(4) / moment(2).powi(2);
    let form = Form { mean, deviation: moment(2).sqrt(), kurtosis, quantile };
    has_the_form(bimodal(1, 50), &form);
}

#[test]
fn log_normal_spans_have_their_mean_deviation_and_quantiles() {
    let form = |spread: f64, quantile: fn(f64) -> f64| {
        // Of a log-normal law (Johnson, Kotz, Balakrishnan, 1994, chapter 14).
        let w = (spread * spread).exp();
        let mean = 10e6 * w.sqrt();
        let deviation = mean * (w - 1.0).sqrt();
        let kurtosis = w.powi(4) + 2.0 * w.powi(3) + 3.0 * w.powi(2) - 3.0;
        Form { mean, deviation, kurtosis, quantile }
    };
    has_the_form(log_normal(millis(10), 1, 4), &form(0.25, |share| 10e6 * (0.25 * z(share)).exp()));
    has_the_form(log_normal(millis(10), 1, 2), &form(0.5, |share| 10e6 * (0.5 * z(share)).exp()));
    has_the_form(log_normal(millis(10), 3, 2), &form(1.5, |share| 10e6 * (1.5 * z(share)).exp()));
}

/// The quantiles of the standard normal distribution that are asked for, as any table has them.
fn z(share: f64) -> f64 {
    let upper = [(0.5, 0.0), (0.9, 1.281_552), (0.99, 2.326_348), (0.999, 3.090_232)];
    let tail = share.max(1.0 - share);
    let (_, z) =
        upper.into_iter().find(|(known, _)| (known - tail).abs() < 1e-9).expect("a known one");
    if share < 0.5 { -z } else { z }
}
