//! Orders of message delivery, decided by an oracle that knows no protocol.
//!
//! An ordering protocol numbers its messages, holds some of them back, and releases them
//! later. The [`Oracle`] sees none of that. It reads two kinds of events, "node p
//! sends message m to these nodes" and "node p delivers m", and decides from them
//! alone which [`Guarantee`]s the run has kept: the deliveries, not the
//! protocol's own clocks, define what happened before what (Lamport, Time, clocks,
//! and the ordering of events, 1978).
//!
//! The events may come in any order in which nothing precedes its cause, such as the
//! order of a trace. The oracle knows the first violation of each guarantee at the
//! event that makes it, as a [`Breach`] that tells the two messages and the causal
//! chain between them:
//!
//! ```
//! use rehearsal_machine::NodeId;
//! use rehearsal_sim::order::{Guarantee, Oracle};
//!
//! let [n1, n2, n3] = [0, 1, 2].map(NodeId::from_index);
//! let mut oracle = Oracle::default();
//! oracle.sent(n1, &"question", [n2, n3]);
//! oracle.delivered(n2, &"question");
//! oracle.sent(n2, &"answer", [n1, n3]);
//! oracle.delivered(n3, &"answer");
//!
//! assert!(oracle.keeps(Guarantee::Fifo));
//! assert_eq!(
//!     oracle.breach(Guarantee::Causal).unwrap().to_string(),
//!     "n3 delivers answer before question
//! n1 sends question
//! n2 delivers question
//! n2 sends answer"
//! );
//! ```
//!
//! # In a protocol
//!
//! The oracle is the protocol's [`Memory`](crate::Protocol::Memory), or a part of it,
//! and a [`Guarantee`] can be its property. It is fed by
//! [`observe`](Oracle::observe) and asked by [`holds`](Oracle::holds). Joined
//! recordings of real nodes are judged by the same two methods.
//!
//! # Crashes
//!
//! A crash can fall between an output and the save that belongs to it, so no node can
//! tell its owner of an event exactly once. The oracle asks for at least once, in this
//! form:
//!
//! - Save a message, then output that it is sent. After a restart, output this again
//!   for each message that may still be sent. The same message from the same node in a
//!   later life to the same destinations is no new event.
//! - Output a delivery, then save it in the same step. A delivery whose step was the
//!   node's last one before a crash may come once more; any other second delivery is a
//!   duplicate.
//!
//! If a protocol could give one number to two messages, the oracle's id must
//! include more than the number, such as the content.
//!
//! # How it works
//!
//! Each node has a vector clock that counts events of each node (Fidge 1988, Mattern
//! 1989), made from sends and deliveries. For each pair of nodes the oracle keeps the
//! messages under way in the order of their sends. A message that the clock of a
//! delivered message covers, and that is the oldest one under way from its sender to
//! this receiver, should have been delivered before.
//!
//! With n nodes, E events and M messages that some destination has not delivered:
//!
//! - a send to d destinations takes O(d log d + log E), a delivery O(n + log E);
//! - memory is O(n² + E + n M). A message's id stays, to notice duplicates; its
//!   clock is dropped when its last destination has delivered it. Messages that a node
//!   sends between two deliveries share one clock.
//! - the chain of a breach is searched once, in O(E).

mod breach;
mod chain;
mod guarantee;
mod node;
mod oracle;

pub use breach::{Breach, ChainEvent};
pub use guarantee::Guarantee;
pub use oracle::Oracle;
