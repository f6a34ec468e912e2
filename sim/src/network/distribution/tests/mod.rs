mod bounds;
mod golden;
mod reading;
mod statistics;
mod tables;

use super::Distribution;
use crate::chance::Words;
use crate::source::{Ratio, Spread, TimeSpan};

/// Gives these words, then panics: a law that takes one too many is found out.
struct Given<'a>(&'a [u64]);

impl Words for Given<'_> {
    fn word(&mut self) -> u64 {
        let (first, rest) = self.0.split_first().expect("no more words were to be taken");
        self.0 = rest;
        *first
    }
}

/// What the law makes of these words, all of which it must take.
#[track_caller]
fn sample(law: Distribution, words: &[u64]) -> u64 {
    let mut words = Given(words);
    let span = law.sample(&mut words);
    assert!(words.0.is_empty(), "{law} left {:?}", words.0);
    span
}

const fn nanos(nanos: u64) -> TimeSpan {
    TimeSpan::from_nanos(nanos)
}

const fn millis(millis: u64) -> TimeSpan {
    nanos(millis * 1_000_000)
}

fn exponential(mean: TimeSpan) -> Distribution {
    Distribution::Exponential(mean)
}

fn bimodal(numerator: u32, denominator: u32) -> Distribution {
    let share = Ratio::new(numerator, denominator).expect("it is one");
    Distribution::Bimodal {
        usual: (millis(1), millis(5)),
        rare: (millis(100), millis(1_000)),
        share,
    }
}

fn log_normal(median: TimeSpan, numerator: u32, denominator: u32) -> Distribution {
    let spread = Spread::new(numerator, denominator).expect("it is one");
    Distribution::LogNormal { median, spread }
}
