use std::collections::BTreeSet;
use std::fmt;

use rehearsal_machine::{Machine, NodeId};
use rehearsal_protocol::ordering::group::{Member, Output, Text};
use rehearsal_protocol::ordering::multicast::{self, Event, Multicast};
use rehearsal_sim::order::Guarantee;
use rehearsal_sim::{Answer, Question, Violation};
use serde::Deserialize;

use super::Memory;

/// The properties of a group.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub enum Fact {
    /// No two messages have the same name.
    UniqueIds,
    /// A node delivers only messages that were sent to it before.
    NoCreation,
    /// A node delivers no message twice.
    NoDuplication,
    /// A node delivers the messages of one sender in the order of sending.
    Fifo,
    /// A node delivers a message after all messages to it that were sent causally before.
    Causal,
    /// Any two nodes deliver their common messages in the same order.
    Total,
    /// Every node has delivered all messages that were sent to it.
    AllDelivered,
    /// This node has delivered messages with these texts, in this order, and no others.
    Delivered {
        /// The node.
        by: NodeId,
        /// What the messages say.
        texts: Vec<Text>,
    },
    /// Every node is up and holds nothing back, its own messages have a place in the order, and it
    /// waits for no acknowledgement.
    AtRest,
}

/// As a file has it.
impl fmt::Debug for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UniqueIds => "UniqueIds",
            Self::NoCreation => "NoCreation",
            Self::NoDuplication => "NoDuplication",
            Self::Fifo => "Fifo",
            Self::Causal => "Causal",
            Self::Total => "Total",
            Self::AllDelivered => "AllDelivered",
            Self::AtRest => "AtRest",
            Self::Delivered { by, texts } => {
                return write!(f, "Delivered(by: {}, texts: {texts:?})", by.number());
            }
        })
    }
}

type View<'a> = rehearsal_sim::View<'a, Member, Memory>;

pub(super) fn holds(fact: &Fact, question: Question<'_, Member, Memory>) -> Answer {
    let guarantee = match fact {
        Fact::UniqueIds => Guarantee::UniqueIds,
        Fact::NoCreation => Guarantee::NoCreation,
        Fact::NoDuplication => Guarantee::NoDuplication,
        Fact::Fifo => Guarantee::Fifo,
        Fact::Causal => Guarantee::Causal,
        Fact::Total => Guarantee::Total,
        Fact::AllDelivered => Guarantee::AllDelivered,
        Fact::Delivered { by, texts } => {
            return question.of_world(|view| delivered(view, *by, texts));
        }
        Fact::AtRest => return question.of_every_node(at_rest),
    };
    question.of_world(|view| view.memory().oracle.holds(guarantee, view))
}

fn delivered(view: &View<'_>, node: NodeId, texts: &[Text]) -> Result<(), Violation> {
    if node.index() >= view.nodes().len() {
        return Err(view.violation("there is no such node", || format!("there is no {node}")));
    }
    let mut known = BTreeSet::new();
    let outputs = view.outputs(node).iter().filter_map(|output| match output {
        Output::Multicast(
            multicast::Output::Happened(Event::Delivered { message, content })
            | multicast::Output::Recalled(Event::Delivered { message, content }),
        ) => Some((message, content)),
        _ => None,
    });
    let shown: Vec<_> =
        outputs.filter(|(message, _)| known.insert(*message)).map(|(_, text)| text).collect();
    if shown.iter().copied().eq(texts) {
        return Ok(());
    }
    Err(view.violation("a node has delivered other messages", || {
        format!("{node} has delivered {shown:?}, not {texts:?}")
    }))
}

fn at_rest(view: &View<'_>, node: NodeId) -> Result<(), Violation> {
    match view.machine(node) {
        Some(member) => rests(view, node, member.multicast()),
        None => Err(view.violation("a node is down", || format!("{node} is down"))),
    }
}

/// Does this multicast of the node hold nothing back and wait for no acknowledgement?
pub(crate) fn rests<M: Machine, S, T: Clone>(
    view: &rehearsal_sim::View<'_, M, S>,
    node: NodeId,
    multicast: &Multicast<T>,
) -> Result<(), Violation> {
    let (held, unordered) = (multicast.algorithm().held(), multicast.algorithm().unordered());
    if held > 0 {
        return Err(view
            .violation("a message is held back", || format!("{node} holds back {held} messages")));
    }
    if unordered > 0 {
        return Err(view.violation("a message has no place in the order", || {
            format!("{node} waits for the place of {unordered} messages")
        }));
    }
    if multicast.is_idle() {
        return Ok(());
    }
    match multicast.awaited().next() {
        Some(peer) => Err(view.violation("a packet is not acknowledged", || {
            format!("{node} waits for an acknowledgement of {peer}")
        })),
        None => Err(view.violation("a node has another group's disk", || {
            format!("{node} has the disk of another discipline, or of another number of nodes")
        })),
    }
}
