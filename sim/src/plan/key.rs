use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use rehearsal_machine::NodeId;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::fault::FaultName;

/// What a decision is about, named so that an edit elsewhere in the run does
/// not rename it.
///
/// | written | decides |
/// |---|---|
/// | `n2->n3:answer#1` | the fate of the first `answer` from n2 to n3 |
/// | `n3:timer(answer)#2` | the span of the second arming of n3's timer `answer` |
/// | `n3:draw#4` | the fourth number that n3 drew |
/// | `n3:command#2` | whether and when the second command to n3 comes |
/// | `fault(crash any node every exponential 2s)#3` | the third strike of this fault, called by its own words or by its `name` |
///
/// Counts start at 1. Timers and draws belong to an incarnation: `n3~2:draw#1`
/// is the first draw of n3's second life; the first life goes unsaid.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum DecisionKey {
    /// The fate of a message.
    Message(MessageKey),
    /// The span of a timer.
    Timer(TimerKey),
    /// A number that a machine drew.
    Draw {
        /// The node.
        node: NodeId,
        /// The node's incarnation, from 1.
        incarnation: u32,
        /// Which draw in that life.
        nth: u32,
    },
    /// Whether and when a command comes.
    Command {
        /// The node whose owner gives it.
        node: NodeId,
        /// Which of this node's commands, from 1: those of the scenario in their order,
        /// then those of the workload.
        nth: u32,
    },
    /// Whether and when a fault strikes, and which node.
    Fault {
        /// Which fault.
        fault: FaultName,
        /// Which strike of it.
        nth: u32,
    },
}

/// The one identity of a message: in plans, traces, stories and recordings.
/// Printed, it is `n2->n3:answer#1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MessageKey {
    /// The sender.
    pub from: NodeId,
    /// The recipient.
    pub to: NodeId,
    /// The kind of message.
    pub kind: Cow<'static, str>,
    /// Its number among this kind on this link, from 1.
    pub nth: u32,
}

/// The one identity of an armed timer. Printed, it is `n3:timer(answer)#2`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TimerKey {
    /// The node.
    pub node: NodeId,
    /// The node's incarnation, from 1.
    pub incarnation: u32,
    /// Its name.
    pub timer: String,
    /// Which arming of that name in that life.
    pub nth: u32,
}

impl fmt::Display for MessageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to, kind, nth } = self;
        write!(f, "{from}->{to}:{kind}#{nth}")
    }
}

impl fmt::Display for TimerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { node, incarnation, timer, nth } = self;
        write!(f, "{node}{}:timer({timer})#{nth}", Life(*incarnation))
    }
}

impl fmt::Display for DecisionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(key) => key.fmt(f),
            Self::Timer(key) => key.fmt(f),
            Self::Draw { node, incarnation, nth } => {
                write!(f, "{node}{}:draw#{nth}", Life(*incarnation))
            }
            Self::Command { node, nth } => write!(f, "{node}:command#{nth}"),
            Self::Fault { fault, nth } => write!(f, "{fault}#{nth}"),
        }
    }
}

struct Life(u32);

impl fmt::Display for Life {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 1 { Ok(()) } else { write!(f, "~{}", self.0) }
    }
}

/// The text is not a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAKey(String);

impl fmt::Display for NotAKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` names no decision: write `n2->n3:answer#1`, `n3:timer(answer)#2`, `n3:draw#4`, \
             `n3:command#2` or `fault(crash n3 at 1s)#1`",
            self.0
        )
    }
}

impl std::error::Error for NotAKey {}

impl FromStr for DecisionKey {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        parse(text).ok_or_else(|| NotAKey(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<DecisionKey> {
    let (rest, nth) = text.rsplit_once('#')?;
    let nth = count(nth)?;
    if let Some(fault) = FaultName::parse(rest) {
        return Some(DecisionKey::Fault { fault, nth });
    }
    let (who, what) = rest.split_once(':')?;
    if let Some((from, to)) = who.split_once("->") {
        let kind = Some(what).filter(|kind| !kind.is_empty())?.to_owned().into();
        let (from, to) = (node(from)?, node(to)?);
        return Some(DecisionKey::Message(MessageKey { from, to, kind, nth }));
    }
    let (node, incarnation) = match who.split_once('~') {
        Some((who, life)) => (node(who)?, count(life)?),
        None => (node(who)?, 1),
    };
    if what == "command" {
        return (incarnation == 1).then_some(DecisionKey::Command { node, nth });
    }
    if what == "draw" {
        return Some(DecisionKey::Draw { node, incarnation, nth });
    }
    let timer = what.strip_prefix("timer(")?.strip_suffix(')')?.to_owned();
    Some(DecisionKey::Timer(TimerKey { node, incarnation, timer, nth }))
}

fn node(text: &str) -> Option<NodeId> {
    NodeId::new(count(text.strip_prefix('n')?)?)
}

/// A count from 1, in the one way it is printed.
fn count(text: &str) -> Option<u32> {
    text.parse().ok().filter(|count: &u32| *count > 0 && count.to_string() == text)
}

impl Serialize for DecisionKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DecisionKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_is_written() {
        for text in [
            "n2->n3:answer#1",
            "n3:timer(answer)#2",
            "n3~2:timer(link(n4, resend))#7",
            "n3:draw#4",
            "n3:command#2",
            "n12~9:draw#4294967295",
            "faults[0]#1",
            "faults[12]#30",
            "fault(lose n4->n2 ack #1)#1",
            "fault(crash any node every exponential 2s)~2#30",
        ] {
            assert_eq!(text.parse::<DecisionKey>().map(|key| key.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn what_names_no_decision_is_refused() {
        for text in [
            "",
            "n2",
            "n2->n3:#1",
            "n0:draw#1",
            "n2:draw#0",
            "n2:draw#01",
            "n2:timer(x#1",
            "n2~0:draw#1",
            "n2:draw#+1",
            "n2~2:command#1",
            "faults[01]#1",
            "faults[1#1",
            "faults[1]#0",
            "fault(crash any)#0",
            "fault(crash any",
            "fault()#1",
        ] {
            assert_eq!(text.parse::<DecisionKey>(), Err(NotAKey(text.to_owned())));
        }
    }
}
