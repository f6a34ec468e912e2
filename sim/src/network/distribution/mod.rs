//! How long a message is on its way, or an owner waits for the next command.
//!
//! A law is a distribution of spans in whole nanoseconds. It is sampled by
//! inversion: a random word is taken as the share of spans that are shorter,
//! and the law says which span that is. So a greater word never gives a shorter
//! span, and the greatest word gives the longest: a bound, without which nobody
//! could say when the last message sent before the calm has arrived. Tails
//! without an end are cut where one word in 2^32 is further out, at 22.2 means
//! or 6.23 standard deviations. That takes less than 10⁻⁹ from the mean, from
//! that of the widest log-normal law 0.8%. Spans are rounded down. [`table`] says
//! how the functions are computed in integers, and how closely.
//!
//! What a law gives for its words, and how many it takes, is frozen.

mod exponential;
mod halvings;
mod latency;
mod log_normal;
mod table;

#[cfg(test)]
mod tests;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::chance::Words;
use crate::source::{Ratio, Reason, Spread, TimeSpan};

pub use latency::Latency;

/// How a span of time is distributed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub enum Distribution {
    /// Always this. Takes no word.
    Fixed(TimeSpan),
    /// Anything from the first to the second, each nanosecond as likely. Takes one word, and
    /// another one with a probability of less than length / 2^64; none where the two are alike.
    Uniform(TimeSpan, TimeSpan),
    /// With this mean: short spans are the likeliest, and one in a hundred is longer than 4.6
    /// means. As the gap of a workload it makes commands come independently of each other.
    /// From 0 to 22.2 means. Takes one word.
    Exponential(TimeSpan),
    /// As [`Uniform`](Self::Uniform) in one of two ranges. Takes a word for which, unless that
    /// is certain, then what that range takes.
    Bimodal {
        /// The range of most spans.
        usual: (TimeSpan, TimeSpan),
        /// The range of the others.
        rare: (TimeSpan, TimeSpan),
        /// How many are the others.
        share: Ratio,
    },
    /// As what is the product of many independent causes: half of all spans are shorter than the
    /// median, and the longer ones reach far. From the median times e to the power of -6.2303
    /// spreads to that of 6.2303 spreads. Takes one word.
    LogNormal {
        /// The span in the middle.
        median: TimeSpan,
        /// The standard deviation of the span's natural logarithm.
        spread: Spread,
    },
}

impl Distribution {
    /// The shortest span it gives, in nanoseconds.
    #[must_use]
    pub fn least(&self) -> u64 {
        match *self {
            Self::Fixed(span) | Self::Uniform(span, _) => span.as_nanos(),
            Self::Bimodal { usual: (least, _), share, .. } if share.is_never() => least.as_nanos(),
            Self::Bimodal { rare: (least, _), share, .. } if share.is_always() => least.as_nanos(),
            Self::Bimodal { usual, rare, .. } => usual.0.min(rare.0).as_nanos(),
            Self::Exponential(mean) => within_time(exponential::span(mean.as_nanos(), 0)),
            Self::LogNormal { median, spread } => {
                within_time(log_normal::span(median.as_nanos(), spread, 0))
            }
        }
    }

    /// The longest span it gives, in nanoseconds.
    #[must_use]
    pub fn most(&self) -> u64 {
        match *self {
            Self::Fixed(span) | Self::Uniform(_, span) => span.as_nanos(),
            Self::Bimodal { usual: (_, most), share, .. } if share.is_never() => most.as_nanos(),
            Self::Bimodal { rare: (_, most), share, .. } if share.is_always() => most.as_nanos(),
            Self::Bimodal { usual, rare, .. } => usual.1.max(rare.1).as_nanos(),
            Self::Exponential(_) | Self::LogNormal { .. } => within_time(self.longest()),
        }
    }

    /// A span, in nanoseconds.
    #[inline]
    pub(crate) fn sample(&self, words: &mut impl Words) -> u64 {
        match *self {
            Self::Fixed(span) => span.as_nanos(),
            Self::Uniform(least, most) => words.uniform(least.as_nanos()..=most.as_nanos()),
            _ => self.sample_of_shape(words),
        }
    }

    /// Apart from the two plain laws, so that these are short enough to become part of the
    /// engine's loop.
    #[inline(never)]
    fn sample_of_shape(&self, words: &mut impl Words) -> u64 {
        match *self {
            Self::Fixed(span) | Self::Uniform(span, _) => span.as_nanos(),
            Self::Exponential(mean) => {
                within_time(exponential::span(mean.as_nanos(), words.word()))
            }
            Self::Bimodal { usual, rare, share } => {
                let is_rare = words.happens(share.numerator(), share.denominator());
                let (least, most) = if is_rare { rare } else { usual };
                words.uniform(least.as_nanos()..=most.as_nanos())
            }
            Self::LogNormal { median, spread } => {
                within_time(log_normal::span(median.as_nanos(), spread, words.word()))
            }
        }
    }

    /// Whether it can be used, of what its types do not refuse.
    pub(crate) fn check(&self) -> Result<(), Reason> {
        match self {
            Self::Fixed(_) => Ok(()),
            Self::Uniform(least, most) => is_range(*least, *most),
            Self::Bimodal { usual, rare, share: _ } => {
                for (name, (least, most)) in [("usual", usual), ("rare", rare)] {
                    is_range(*least, *most)
                        .map_err(|reason| reason.field("Bimodal").field(name))?;
                }
                Ok(())
            }
            Self::Exponential(mean) => {
                let field = |reason: Reason| reason.field("Exponential");
                is_some_time(*mean, "mean").map_err(field)?;
                let help = "its longest span is 22.2 means: give one of at most 26 years";
                self.ends_in_time(help).map_err(field)
            }
            Self::LogNormal { median, spread: _ } => {
                let field = |reason: Reason| reason.field("LogNormal").field("median");
                is_some_time(*median, "median").map_err(field)?;
                let help = "its longest span is the median times e to the power of 6.23 spreads: \
                            make one of the two smaller";
                self.ends_in_time(help).map_err(field)
            }
        }
    }

    /// The span of the greatest word, which may be more than time has room for.
    fn longest(&self) -> u128 {
        match *self {
            Self::Exponential(mean) => exponential::span(mean.as_nanos(), u64::MAX),
            Self::LogNormal { median, spread } => {
                log_normal::span(median.as_nanos(), spread, u64::MAX)
            }
            Self::Fixed(_) | Self::Uniform(..) | Self::Bimodal { .. } => self.most().into(),
        }
    }

    fn ends_in_time(&self, help: &str) -> Result<(), Reason> {
        if self.longest() <= u64::MAX.into() {
            return Ok(());
        }
        Err(Reason::new("this can take longer than 584 years").help(help))
    }
}

/// No law that passed [`Distribution::check`] gives more than fits.
#[inline]
fn within_time(span: u128) -> u64 {
    u64::try_from(span).unwrap_or(u64::MAX)
}

fn is_range(least: TimeSpan, most: TimeSpan) -> Result<(), Reason> {
    if least <= most {
        return Ok(());
    }
    Err(Reason::new(format!("the range is empty: {least} is more than {most}"))
        .help("write the shorter span first"))
}

fn is_some_time(span: TimeSpan, what: &str) -> Result<(), Reason> {
    if span > TimeSpan::ZERO {
        return Ok(());
    }
    Err(Reason::new(format!("a {what} of no time leaves nothing to chance"))
        .help("for no delay at all write `Fixed(\"0ms\")`"))
}

/// In a few words, for the head of a trace: `1ms..5ms or 1/1000 100ms..1s`.
impl fmt::Display for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(span) => write!(f, "{span}"),
            Self::Uniform(least, most) => write!(f, "{least}..{most}"),
            Self::Exponential(mean) => write!(f, "exponential {mean}"),
            Self::Bimodal { usual, rare, share } => {
                write!(f, "{}..{} or {share} {}..{}", usual.0, usual.1, rare.0, rare.1)
            }
            Self::LogNormal { median, spread } => write!(f, "log-normal {median}, spread {spread}"),
        }
    }
}
