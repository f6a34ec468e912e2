use std::fmt;

use rehearsal_machine::NodeId;

/// How a run has broken a [`Guarantee`](super::Guarantee): the first violation that the
/// oracle saw.
///
/// Its text has a line for the violation, and below it one for each event of a
/// causal chain.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Breach<M> {
    /// An id was used for a second message.
    ReusedId {
        /// The id.
        message: M,
        /// The node that sent the first message.
        first: NodeId,
        /// The node that sent the second one; perhaps the same.
        second: NodeId,
    },
    /// A node delivered a message that was not sent to it, or not yet.
    Created {
        /// The node that delivered it.
        at: NodeId,
        /// The message.
        message: M,
        /// The node that had sent it, to others.
        sender: Option<NodeId>,
    },
    /// A node delivered a message twice.
    Duplicated {
        /// The node.
        at: NodeId,
        /// The message.
        message: M,
    },
    /// A node delivered a message before another one that precedes it, in the order of
    /// its sender or in causal order.
    Overtaken {
        /// The node.
        at: NodeId,
        /// The message that was delivered too early.
        message: M,
        /// The message that had to be delivered first. Of all candidates it is one with
        /// the fewest deliveries in the chain, and the latest of its sender.
        missing: M,
        /// Why it had to be first: from its send to the send of `message`, each event
        /// follows from the one before, either on the same node or as the
        /// delivery of a message.
        chain: Vec<ChainEvent<M>>,
    },
    /// Two nodes delivered two messages in different orders.
    Disagreement {
        /// The node whose delivery completed the violation, and the two messages in its
        /// order.
        one: (NodeId, [M; 2]),
        /// The other node, and the two messages in its order.
        other: (NodeId, [M; 2]),
    },
    /// A message has not been delivered.
    Undelivered {
        /// The message.
        message: M,
        /// The node that sent it.
        from: NodeId,
        /// A node that has not delivered it.
        to: NodeId,
        /// How many deliveries are missing in all.
        missing: u64,
    },
}

/// An event of a causal chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChainEvent<M> {
    /// A node sent a message.
    Sent {
        /// The node.
        by: NodeId,
        /// The message.
        message: M,
    },
    /// A node delivered a message.
    Delivered {
        /// The node.
        at: NodeId,
        /// The message.
        message: M,
    },
}

impl<M: fmt::Display> fmt::Display for Breach<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReusedId { message, first, second } if first == second => {
                write!(f, "{first} sends two messages {message}")
            }
            Self::ReusedId { message, first, second } => {
                write!(f, "{second} sends a message {message}, and so did {first}")
            }
            Self::Created { at, message, sender: None } => {
                write!(f, "{at} delivers {message}, which no node has sent")
            }
            Self::Created { at, message, sender: Some(sender) } => {
                write!(f, "{at} delivers {message}, which {sender} has not sent to {at}")
            }
            Self::Duplicated { at, message } => write!(f, "{at} delivers {message} again"),
            Self::Overtaken { at, message, missing, chain } => {
                write!(f, "{at} delivers {message} before {missing}")?;
                chain.iter().try_for_each(|event| write!(f, "\n{event}"))
            }
            Self::Disagreement { one, other } => {
                let (at, [earlier, later]) = one;
                write!(f, "{at} delivers {earlier} before {later}")?;
                let (at, [earlier, later]) = other;
                write!(f, "\n{at} delivers {earlier} before {later}")
            }
            Self::Undelivered { message, from, to, missing } => {
                write!(f, "{to} has not delivered {message} from {from}")?;
                match missing - 1 {
                    0 => Ok(()),
                    others => write!(f, ", and {others} more are missing"),
                }
            }
        }
    }
}

impl<M: fmt::Display> fmt::Display for ChainEvent<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sent { by, message } => write!(f, "{by} sends {message}"),
            Self::Delivered { at, message } => write!(f, "{at} delivers {message}"),
        }
    }
}
