use rehearsal_protocol::NodeId;
use serde::{Deserialize, Serialize};
use std::fmt;

use crate::source::TimeSpan;

/// How a span of time is distributed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Law {
    /// Always this.
    Fixed(TimeSpan),
    /// Anything from the first to the second, each nanosecond as likely.
    Uniform(TimeSpan, TimeSpan),
}

impl Law {
    /// The shortest span it gives, in nanoseconds.
    #[must_use]
    pub fn least(&self) -> u64 {
        match self {
            Self::Fixed(span) | Self::Uniform(span, _) => span.as_nanos(),
        }
    }

    /// The longest span it gives, in nanoseconds.
    #[must_use]
    pub fn most(&self) -> u64 {
        match self {
            Self::Fixed(span) | Self::Uniform(_, span) => span.as_nanos(),
        }
    }

    /// A span, in nanoseconds, by a sampler of uniform numbers; not called
    /// where there is nothing to choose.
    pub(crate) fn sample(&self, uniform: impl FnOnce(std::ops::RangeInclusive<u64>) -> u64) -> u64 {
        match self {
            Self::Fixed(span) => span.as_nanos(),
            Self::Uniform(least, most) => uniform(least.as_nanos()..=most.as_nanos()),
        }
    }
}

impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(span) => write!(f, "{span}"),
            Self::Uniform(least, most) => write!(f, "{least}..{most}"),
        }
    }
}

/// A latency for every link: row by sender, column by receiver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Latency(pub Vec<Vec<TimeSpan>>);

impl Latency {
    /// The link's latency, in nanoseconds.
    pub(crate) fn of(&self, from: NodeId, to: NodeId) -> u64 {
        // The loader has checked that the matrix has a row and a column for every node.
        self.0[from.index()][to.index()].as_nanos()
    }

    /// The largest of all.
    pub(crate) fn most(&self) -> u64 {
        self.0.iter().flatten().map(|span| span.as_nanos()).max().unwrap_or(0)
    }
}
