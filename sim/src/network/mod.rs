//! What happens to a message on its way.
//!
//! A message's fate is settled when it is sent, from its identity alone: the
//! link, its count on the link, and the run's secret. What other links carry,
//! and what other fault kinds are switched on, cannot change it. The only
//! thing decided later is whether the receiver is up when it arrives.

mod law;
mod links;
mod partition;

use std::fmt;

use rehearsal_protocol::{NodeId, Time};
use serde::{Deserialize, Serialize};

use crate::chance::{Chance, Keyed, Purpose, Words};
use crate::source::{Ratio, TimeSpan};

pub use law::{Latency, Law};
pub(crate) use links::LinkCounts;
pub(crate) use partition::Partitions;

/// The `network` of a scenario file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// How long a message takes.
    pub delay: Law,
    /// What every link adds to `delay`: rows by sender, columns by receiver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency: Option<Latency>,
    /// The share of messages that never arrive.
    #[serde(default)]
    pub loss: Ratio,
    /// The share of messages that arrive twice, each time after a delay of its own.
    #[serde(default)]
    pub duplicate: Ratio,
    /// Holds some messages back, so that later ones overtake them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reorder: Option<Reorder>,
}

/// Holds some messages back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reorder {
    /// Which share of them.
    pub share: Ratio,
    /// By up to this long.
    pub by: TimeSpan,
}

/// Why a message did not reach its receiver's machine. Digests cover the
/// variants by their place: new ones go to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Lost {
    /// By chance, or because a fault or a plan said so.
    Loss,
    /// A partition stood between the two when it was sent.
    Partition,
    /// The receiver was down when it arrived, or there is no such node.
    Down,
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Loss => "loss",
            Self::Partition => "partition",
            Self::Down => "down",
        })
    }
}

/// What becomes of a message: lost, or how many nanoseconds after it was sent
/// each of its copies arrives; once it is on its way, the instants themselves.
/// Digests cover the variants by their place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum Fate {
    Lost(Lost),
    Arrives { first: u64, copies: Vec<u64> },
}

impl Fate {
    pub(crate) fn once(delay: u64) -> Self {
        Self::Arrives { first: delay, copies: Vec::new() }
    }

    /// What the calm leaves of a fate that a plan may have decided: the message
    /// arrives once, within its law's longest delay.
    pub(crate) fn calmed(self, network: &Network, from: NodeId, to: NodeId) -> Self {
        match self {
            Self::Lost(Lost::Loss) => network.usual(from, to),
            Self::Arrives { first, .. } => {
                let least = network.least(from, to);
                Self::once(first.clamp(least, least.saturating_add(network.spread())))
            }
            lost @ Self::Lost(_) => lost,
        }
    }

    /// The same fate with every copy's delay replaced.
    pub(crate) fn map_delays(self, map: impl Fn(u64) -> u64) -> Self {
        match self {
            Self::Lost(reason) => Self::Lost(reason),
            Self::Arrives { first, copies } => {
                Self::Arrives { first: map(first), copies: copies.into_iter().map(map).collect() }
            }
        }
    }
}

fn happens(mut words: Keyed<'_>, ratio: Ratio) -> bool {
    words.happens(ratio.numerator(), ratio.denominator())
}

impl Network {
    /// The fate that chance gives to a message, the laws and shares of this network being
    /// what they are; in the calm only the delay is left to it.
    pub(crate) fn fate(
        &self,
        chance: &Chance,
        calm: bool,
        (from, to): (NodeId, NodeId),
        count: u32,
    ) -> Fate {
        let key = |purpose| chance.keyed(purpose, from.number(), to.number(), u64::from(count));
        // A message to oneself crosses no network that could lose or double it.
        let disturbed = !calm && from != to;
        if disturbed && happens(key(Purpose::Loss), self.loss) {
            return Fate::Lost(Lost::Loss);
        }
        let latency = self.latency_of(from, to);
        let mut first = latency.saturating_add(self.delay.sample(&mut key(Purpose::Delay)));
        if !disturbed {
            return Fate::once(first);
        }
        if let Some(reorder) = self.reorder
            && happens(key(Purpose::Reorder), reorder.share)
        {
            let held_back = key(Purpose::ReorderDelay).uniform(0..=reorder.by.as_nanos());
            first = first.saturating_add(held_back);
        }
        let mut copies = Vec::new();
        if happens(key(Purpose::Duplicate), self.duplicate) {
            let again = self.delay.sample(&mut key(Purpose::DuplicateDelay));
            copies.push(latency.saturating_add(again));
        }
        Fate::Arrives { first, copies }
    }

    /// The usual fate: delivered once, after the least delay of the law.
    pub(crate) fn usual(&self, from: NodeId, to: NodeId) -> Fate {
        Fate::once(self.least(from, to))
    }

    /// The least delay of the law on this link.
    fn least(&self, from: NodeId, to: NodeId) -> u64 {
        self.latency_of(from, to).saturating_add(self.delay.least())
    }

    /// How much longer than that it can be.
    fn spread(&self) -> u64 {
        self.delay.most() - self.delay.least()
    }

    fn latency_of(&self, from: NodeId, to: NodeId) -> u64 {
        self.latency.as_ref().map_or(0, |latency| latency.of(from, to))
    }

    /// When a message sent before the calm arrives at the latest.
    pub(crate) fn latest_after_calm(&self, calm_at: Time) -> Time {
        let most = self.latency.as_ref().map_or(0, Latency::most).saturating_add(self.delay.most());
        calm_at + TimeSpan::from_nanos(most)
    }
}

/// In a few words, for the head of a trace: `delay 10ms, loss 30/100`.
impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.latency {
            Some(_) if self.delay.most() == 0 => f.write_str("delay by link")?,
            Some(_) => write!(f, "delay by link + {}", self.delay)?,
            None => write!(f, "delay {}", self.delay)?,
        }
        if !self.loss.is_never() {
            write!(f, ", loss {}", self.loss)?;
        }
        if !self.duplicate.is_never() {
            write!(f, ", duplicate {}", self.duplicate)?;
        }
        match self.reorder {
            Some(Reorder { share, by }) => write!(f, ", reorder {share} by {by}"),
            None => Ok(()),
        }
    }
}
