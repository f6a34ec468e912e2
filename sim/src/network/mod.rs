//! What happens to a message on its way.
//!
//! A message's fate is settled when it is sent, from its identity alone: the
//! link, its count on the link, and the run's secret. What other links carry,
//! and what other fault kinds are switched on, cannot change it. The only
//! thing decided later is whether the receiver is up when it arrives.
//!
//! [`Network`] is what a scenario says. `Traffic` is the network at work: chance,
//! the plan and the faults on messages have their say in the delays, and one
//! function makes a fate of them, with all that the link remembers.

mod calm;
mod cuts;
mod distribution;
mod fate;
mod links;
mod pipes;
mod session_pairs;
mod session_states;
mod sessions;
mod traffic;

use std::fmt;

use rehearsal_machine::NodeId;
use serde::{Deserialize, Serialize};

use crate::chance::{Chance, Keyed, Purpose, Words};
use crate::source::{Ratio, TimeSpan};

pub(crate) use calm::Calm;
pub(crate) use cuts::By;
pub(crate) use cuts::Cuts;
pub use distribution::{Distribution, Latency};
pub use fate::Lost;
pub(crate) use fate::{Copies, Delays, Fate};
pub(crate) use links::{Link, LinkCounts};
pub(crate) use pipes::Pipes;
pub(crate) use session_pairs::{SessionPairs, pair, pairs_of};
pub(crate) use session_states::SessionStates;
pub(crate) use sessions::Pair;
pub use sessions::{Between, Sessions};
pub use traffic::Happened;
pub(crate) use traffic::{Promise, Traffic, Wait};

/// The `network` of a scenario file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// How long a message takes.
    pub delay: Distribution,
    /// What every link adds to `delay`: rows by sender, columns by receiver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency: Option<Latency>,
    /// The share of messages that never arrive.
    #[serde(default)]
    pub loss: Ratio,
    /// The share of messages that arrive damaged: the receiver's decoder
    /// refuses them, and the machine never sees them.
    #[serde(default)]
    pub corrupt: Ratio,
    /// The share of messages that arrive twice, each time after a delay of its own.
    #[serde(default)]
    pub duplicate: Ratio,
    /// Holds some messages back, so that later ones overtake them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reorder: Option<Reorder>,
    /// How much a link carries in a time; without limit if absent. It is no
    /// disturbance, and stays in the calm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bandwidth: Option<Bandwidth>,
    /// On which links messages arrive in the order in which they were sent,
    /// the copies of a duplicate included.
    #[serde(default)]
    pub fifo: Fifo,
    /// Which nodes have sessions, whose messages are lost only when they end; none if
    /// absent. Chance then disturbs only the other links.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sessions: Option<Sessions>,
    /// The largest message that gets through, in bytes on the wire (its
    /// postcard form). It is no disturbance, and stays in the calm.
    #[serde(default = "default_max_message")]
    pub max_message: u64,
}

fn default_max_message() -> u64 {
    64 * 1_024
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

/// What each link carries: one message after the other, in the order in which
/// they were sent, each in the time its bytes take; its delay comes on top.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bandwidth {
    /// Bytes a second.
    pub rate: u64,
    /// How many bytes may wait or be on their way out, the message itself
    /// included; what finds no room is lost, reason `full`. Without limit if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<u64>,
}

/// Which links are FIFO.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fifo {
    /// None: messages may overtake each other.
    #[default]
    None,
    /// All of them.
    All,
    /// These, each from the first to the second.
    Links(Vec<(NodeId, NodeId)>),
}

impl Fifo {
    pub(crate) fn has(&self, link: Link) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Links(links) => links.contains(&(link.from, link.to)),
        }
    }
}

/// Messages take so long, and nothing disturbs them.
impl From<Distribution> for Network {
    fn from(delay: Distribution) -> Self {
        Self {
            delay,
            latency: None,
            loss: Ratio::NEVER,
            corrupt: Ratio::NEVER,
            duplicate: Ratio::NEVER,
            reorder: None,
            bandwidth: None,
            fifo: Fifo::None,
            sessions: None,
            max_message: default_max_message(),
        }
    }
}

#[inline]
fn happens(mut words: Keyed<'_>, ratio: Ratio) -> bool {
    words.happens(ratio.numerator(), ratio.denominator())
}

impl Network {
    /// What chance makes of a message, the laws and shares of this network
    /// being what they are; in the calm and on a session only the delay is left to it.
    #[inline]
    pub(crate) fn delays(
        &self,
        chance: &Chance,
        is_shielded: bool,
        link: Link,
        count: u32,
        happened: &mut Happened,
    ) -> Delays {
        let (from, to) = (link.from.number(), link.to.number());
        let key = |purpose| chance.keyed(purpose, from, to, u64::from(count));
        // A message to oneself crosses no network that could lose or double it.
        let disturbed = !is_shielded && from != to;
        if disturbed && happens(key(Purpose::Loss), self.loss) {
            happened.lost += 1;
            return Delays::Lost(Lost::Loss);
        }
        if disturbed && happens(key(Purpose::Corrupt), self.corrupt) {
            happened.corrupted += 1;
            return Delays::Lost(Lost::Corrupt);
        }
        let mut first = self.delay(chance, link, count);
        if !disturbed {
            return Delays::once(first);
        }
        if let Some(reorder) = self.reorder
            && happens(key(Purpose::Reorder), reorder.share)
        {
            happened.reordered += 1;
            let held_back = key(Purpose::ReorderDelay).uniform(0..=reorder.by.as_nanos());
            first = first.saturating_add(held_back);
        }
        let mut copies = Copies::NONE;
        if happens(key(Purpose::Duplicate), self.duplicate) {
            happened.duplicated += 1;
            let again = self.delay.sample(&mut key(Purpose::DuplicateDelay));
            copies.push(self.latency_of(link).saturating_add(again));
        }
        Delays::After { first, copies }
    }

    /// Does it do nothing to a message but delay it, whatever its size?
    pub(crate) fn is_undisturbed(&self) -> bool {
        self.loss.is_never()
            && self.corrupt.is_never()
            && self.duplicate.is_never()
            && self.reorder.is_none()
            && self.bandwidth.is_none()
            && self.fifo == Fifo::None
            && self.sessions.is_none()
    }

    /// How long a message takes that nothing disturbs, by chance.
    #[expect(
        clippy::inline_always,
        reason = "most of what a run does is this, and a call of it shows"
    )]
    #[inline(always)]
    pub(crate) fn delay(&self, chance: &Chance, link: Link, count: u32) -> u64 {
        let (from, to) = (link.from.number(), link.to.number());
        let mut words = chance.keyed(Purpose::Delay, from, to, u64::from(count));
        self.latency_of(link).saturating_add(self.delay.sample(&mut words))
    }

    /// The usual: delivered once, after the least delay of the law.
    pub(crate) fn usual(&self, link: Link) -> Delays {
        Delays::once(self.least(link))
    }

    /// The least delay of the law on this link, in nanoseconds.
    pub(crate) fn least(&self, link: Link) -> u64 {
        self.latency_of(link).saturating_add(self.delay.least())
    }

    /// The longest, in nanoseconds; what `reorder` holds back is not in it.
    pub(crate) fn most(&self, link: Link) -> u64 {
        self.latency_of(link).saturating_add(self.delay.most())
    }

    #[inline]
    fn latency_of(&self, link: Link) -> u64 {
        self.latency.as_ref().map_or(0, |latency| latency.of(link.from, link.to))
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
        if !self.corrupt.is_never() {
            write!(f, ", corrupt {}", self.corrupt)?;
        }
        if let Some(Reorder { share, by }) = self.reorder {
            write!(f, ", reorder {share} by {by}")?;
        }
        if let Some(Bandwidth { rate, queue }) = self.bandwidth {
            write!(f, ", {rate} bytes/s")?;
            queue.map_or(Ok(()), |queue| write!(f, ", room for {queue} bytes"))?;
        }
        match &self.fifo {
            Fifo::None => {}
            Fifo::All => f.write_str(", FIFO")?,
            Fifo::Links(links) => {
                f.write_str(", FIFO")?;
                links.iter().try_for_each(|(from, to)| write!(f, " {from}->{to}"))?;
            }
        }
        if let Some(sessions) = &self.sessions {
            write!(f, ", {sessions}")?;
        }
        if self.max_message != default_max_message() {
            write!(f, ", at most {} bytes", self.max_message)?;
        }
        Ok(())
    }
}
