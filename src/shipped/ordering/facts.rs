use rehearsal_machine::NodeId;
use rehearsal_protocol::ordering::MessageId;
use rehearsal_protocol::ordering::group::Member;
use rehearsal_sim::order::{Guarantee, Oracle};
use rehearsal_sim::{Answer, Question, Violation};
use serde::Deserialize;

/// The properties of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
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
    /// Every node is up, holds nothing back and waits for no acknowledgement.
    AtRest,
}

type Memory = Oracle<MessageId>;
type View<'a> = rehearsal_sim::View<'a, Member, Memory>;

pub(super) fn holds(fact: Fact, question: Question<'_, Member, Memory>) -> Answer {
    let guarantee = match fact {
        Fact::UniqueIds => Guarantee::UniqueIds,
        Fact::NoCreation => Guarantee::NoCreation,
        Fact::NoDuplication => Guarantee::NoDuplication,
        Fact::Fifo => Guarantee::Fifo,
        Fact::Causal => Guarantee::Causal,
        Fact::Total => Guarantee::Total,
        Fact::AllDelivered => Guarantee::AllDelivered,
        Fact::AtRest => return question.of_every_node(at_rest),
    };
    question.of_world(|view| view.memory().holds(guarantee, view))
}

fn at_rest(view: &View<'_>, node: NodeId) -> Result<(), Violation> {
    let Some(member) = view.machine(node) else {
        return Err(view.violation("a node is down", || format!("{node} is down")));
    };
    let multicast = member.multicast();
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
    match multicast.awaited().next() {
        Some(peer) => Err(view.violation("a packet is not acknowledged", || {
            format!("{node} waits for an acknowledgement of {peer}")
        })),
        None => Ok(()),
    }
}
